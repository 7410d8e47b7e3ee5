use embed_migrate_core::{Error, ErrorKind, escape_controls};

/// Something by which an untrusted role could have code run with our rights.
pub(crate) struct UntrustedObject<'a> {
    /// `owns`, or the right that a role has.
    pub(crate) what: &'a str,
    /// The kind of object, as the server calls it.
    pub(crate) kind: &'a str,
    /// The object as SQL names it.
    pub(crate) name: &'a str,
    pub(crate) role: &'a str,
}

impl UntrustedObject<'_> {
    pub(crate) fn refusal(&self) -> Error {
        let [kind, name, role] = [self.kind, self.name, self.role].map(escape_controls);
        let everybody = self.role == "PUBLIC";
        let who = if everybody { "everybody".to_owned() } else { format!("`{role}`") };
        let message = match self.what {
            "TRIGGER" => format!("{who} may make triggers on the {kind} `{name}`"),
            "CREATE" => format!("{who} may create in the {kind} `{name}`"),
            _ => format!("the {kind} `{name}` belongs to {who}"),
        };
        let trust = match everybody {
            true => String::new(),
            false => {
                ", or trust the role (`RunOptions::trust`, `--trust`, `trust` in bundle.yaml)".to_owned()
            }
        };
        let help = match self.what {
            "TRIGGER" => format!("`REVOKE TRIGGER ON {name} FROM {role}`{trust}"),
            "CREATE" => format!("`REVOKE CREATE ON SCHEMA {name} FROM {role}`{trust}"),
            _ => format!(
                "drop it, give it to a role that is trusted (`ALTER {} {name} OWNER TO …`){trust}",
                kind.to_uppercase()
            ),
        };
        Error::new(ErrorKind::Permission, format!("{message}, which is not a trusted role"))
            .note("their code would run with the rights of this boot; it was not used")
            .help(help)
    }
}
