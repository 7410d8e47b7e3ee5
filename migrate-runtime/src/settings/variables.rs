use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use tokio_postgres::config::ChannelBinding;

use super::settings::{RootCertificates, Settings};

impl Settings {
    /// The variables with which libpq's programs, such as `pg_dump`, connect to the same database in the same way.
    /// They are meant for that program's environment: the password is among them.
    ///
    /// ```
    /// use embed_migrate_runtime::Settings;
    ///
    /// let settings = Settings::parse("postgresql://ann:secret@db.example/demo", &|_| None)?;
    /// let variables = settings.variables();
    /// assert!(variables.contains(&("PGHOST", "db.example".into())));
    /// assert!(variables.contains(&("PGPASSWORD", "secret".into())));
    /// # Ok::<(), embed_migrate_core::Error>(())
    /// ```
    #[doc(hidden)]
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let joined = |parts: Vec<String>| OsString::from(parts.join(","));
        let hosts = self.endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
        let ports = self.endpoints.iter().map(|endpoint| endpoint.port.to_string()).collect();
        let address = |of: &Option<std::net::IpAddr>| of.map(|of| of.to_string()).unwrap_or_default();
        let addresses: Vec<String> =
            self.endpoints.iter().map(|endpoint| address(&endpoint.address)).collect();
        let has_addresses = addresses.iter().any(|address| !address.is_empty());
        let seconds = self.timeout.map_or(0, |timeout| timeout.as_secs().max(1));
        let mut variables = vec![
            ("PGHOST", joined(hosts)),
            ("PGPORT", joined(ports)),
            ("PGUSER", self.user().into()),
            ("PGDATABASE", self.database().into()),
            ("PGCONNECT_TIMEOUT", seconds.to_string().into()),
            ("PGSSLMODE", self.ssl.mode.to_string().into()),
            ("PGTARGETSESSIONATTRS", self.target.as_str().into()),
            ("PGCHANNELBINDING", self.binding().into()),
        ];
        let roots = match &self.ssl.roots {
            RootCertificates::Unset => None,
            RootCertificates::File(path) => Some(path.clone().into()),
            RootCertificates::System => Some("system".into()),
        };
        let file = |path: &Option<std::path::PathBuf>| path.clone().map(OsString::from);
        let password = self.password.as_ref().map(|(password, _)| OsString::from_vec(password.clone()));
        let optional = [
            ("PGHOSTADDR", has_addresses.then(|| joined(addresses))),
            ("PGPASSWORD", password),
            ("PGPASSFILE", self.passfile.as_ref().map(|(path, _)| path.clone().into())),
            ("PGSSLROOTCERT", roots),
            ("PGSSLCERT", file(&self.ssl.certificate)),
            ("PGSSLKEY", file(&self.ssl.key)),
            ("PGSSLNEGOTIATION", self.ssl.direct.then(|| "direct".into())),
            ("PGOPTIONS", self.base.get_options().map(OsString::from)),
            ("PGAPPNAME", self.base.get_application_name().map(OsString::from)),
        ];
        variables.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        variables
    }

    fn binding(&self) -> &'static str {
        match self.base.get_channel_binding() {
            ChannelBinding::Disable => "disable",
            ChannelBinding::Require => "require",
            _ => "prefer",
        }
    }
}
