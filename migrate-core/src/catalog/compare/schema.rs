use super::comparison::{Comparison, FixPhase, object, pairs};
use crate::catalog::acl::parse_role;
use crate::catalog::ddl::{alter_default, default_grant, take_default_grant};
use crate::text::quote;

impl Comparison<'_> {
    pub(super) fn schemas(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.namespaces, &self.after.catalog.namespaces) {
            let (object, named) = (object("schema", name), format!("SCHEMA {}", quote::identifier(name)));
            let drop = format!("DROP {named}");
            let both = self.both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| {
                ddl.create_schema(name, it)
            });
            let Some((before, after)) = both else { continue };
            self.owner(&object, &named, (&before.owner, &after.owner));
            let grants = self.before.schema_grants(name, before);
            self.grants(&object, &grants, (&before.grants, &after.grants));
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(super) fn extensions(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.extensions, &self.after.catalog.extensions) {
            let (object, named) =
                (object("extension", name), format!("EXTENSION {}", quote::identifier(name)));
            let drop = format!("DROP {named}");
            let both = self
                .both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| ddl.extension(name, it));
            let Some((before, after)) = both else { continue };
            self.aspect(&object, "version", (&before.version, &after.version), || {
                vec![format!("ALTER {named} UPDATE TO {}", quote::literal(&before.version))]
            });
            self.aspect(&object, "schema", (&before.schema, &after.schema), || {
                vec![format!("ALTER {named} SET SCHEMA {}", quote::identifier(&before.schema))]
            });
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(super) fn default_grants(&mut self) {
        let pairs = pairs(&self.before.catalog.default_grants, &self.after.catalog.default_grants);
        for (grant, (before, after)) in pairs {
            let place = grant.schema.as_ref().map(|schema| format!(" in {schema}")).unwrap_or_default();
            let object = object("default privileges", format!("{} of {}{place}", grant.objects, grant.role));
            let (before, after) = (before.cloned(), after.cloned());
            self.aspect(&object, "privileges", (&before, &after), || {
                let given = after.iter().flatten().filter_map(|item| parse_role(item));
                let mut fix: Vec<String> = given
                    .map(|role| {
                        format!("{} REVOKE ALL ON {} FROM {role}", alter_default(grant), grant.objects)
                    })
                    .collect();
                match &before {
                    Some(before) => fix.extend(default_grant(grant, before)),
                    None => fix.extend(take_default_grant(grant).into_iter().map(|take| {
                        take.replacen(" REVOKE ALL ON ", " GRANT ALL ON ", 1).replacen(" FROM ", " TO ", 1)
                    })),
                }
                fix
            });
        }
    }

    pub(super) fn others(&mut self) {
        let (before, after) = (&self.before.catalog.others, &self.after.catalog.others);
        let (missing, added): (Vec<_>, Vec<_>) =
            (before.difference(after).collect(), after.difference(before).collect());
        for (kind, name) in missing {
            self.missing(object(kind, name), Vec::new());
        }
        for (kind, name) in added {
            self.unneeded(object(kind, name), format!("DROP {} {name}", kind.to_uppercase()));
        }
    }
}
