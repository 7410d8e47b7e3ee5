use super::comment::comments;
use super::grant::Grants;
use super::script::DdlScript;
use crate::catalog::database::{ForeignDataWrapper, ForeignServer, SERVER, WRAPPER};
use crate::catalog::ddl::relation::option_list;
use crate::text::quote;

impl DdlScript<'_> {
    /// An object that the catalog keeps by kind and name.
    pub(in crate::catalog) fn named(&self, kind: &str, name: &str) -> Vec<String> {
        let catalog = self.catalog;
        match kind {
            WRAPPER => catalog.wrappers.get(name).map(|it| self.wrapper(name, it)),
            SERVER => catalog.servers.get(name).map(|it| self.server(name, it)),
            kind => {
                let object = catalog.objects.get(&(kind.to_owned(), name.to_owned()));
                object.map(|it| self.generic(kind, name, it))
            }
        }
        .unwrap_or_default()
    }

    pub(in crate::catalog) fn wrapper(&self, name: &str, wrapper: &ForeignDataWrapper) -> Vec<String> {
        let object = format!("FOREIGN DATA WRAPPER {}", quote::identifier(name));
        let mut text = format!("CREATE {object}");
        for (word, function) in [("HANDLER", &wrapper.handler), ("VALIDATOR", &wrapper.validator)] {
            if let Some(function) = function {
                text.push_str(&format!(" {word} {function}"));
            }
        }
        text.push_str(&options(&wrapper.options));
        let mut statements = vec![text];
        if self.access {
            statements.push(self.owner(&object, &wrapper.owner));
            statements.extend(wrapper_grants(name, wrapper).statements(wrapper.grants.as_ref(), false));
        }
        statements.extend(comments(&object, wrapper.comment.as_ref()));
        statements
    }

    pub(in crate::catalog) fn server(&self, name: &str, server: &ForeignServer) -> Vec<String> {
        let object = format!("SERVER {}", quote::identifier(name));
        let mut text = format!("CREATE {object}");
        for (word, value) in [("TYPE", &server.kind), ("VERSION", &server.version)] {
            if let Some(value) = value {
                text.push_str(&format!(" {word} {}", quote::literal(value)));
            }
        }
        let wrapper = quote::identifier(&server.wrapper);
        text.push_str(&format!(" FOREIGN DATA WRAPPER {wrapper}{}", options(&server.options)));
        let mut statements = vec![text];
        if self.access {
            statements.push(self.owner(&object, &server.owner));
            statements.extend(server_grants(name, server).statements(server.grants.as_ref(), false));
        }
        statements.extend(comments(&object, server.comment.as_ref()));
        statements
    }
}

fn options(options: &[String]) -> String {
    if options.is_empty() { String::new() } else { format!(" OPTIONS ({})", option_list(options)) }
}

pub(in crate::catalog) fn wrapper_grants<'w>(name: &str, wrapper: &'w ForeignDataWrapper) -> Grants<'w> {
    let on = format!("FOREIGN DATA WRAPPER {}", quote::identifier(name));
    Grants { on, column: None, owner: &wrapper.owner, defaults: ("U", "") }
}

pub(in crate::catalog) fn server_grants<'s>(name: &str, server: &'s ForeignServer) -> Grants<'s> {
    let on = format!("FOREIGN SERVER {}", quote::identifier(name));
    Grants { on, column: None, owner: &server.owner, defaults: ("U", "") }
}
