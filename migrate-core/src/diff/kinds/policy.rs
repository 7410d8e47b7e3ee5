use crate::catalog::{Oid, Policy, role};
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::definitions::{CommentTarget, DefinitionMatch, note_sql, probe};
use crate::diff::planner::Planner;
use crate::diff::question::{Interruption, Question};
use crate::facts::PolicyFact;
use crate::text::quote;

/// The expressions of a policy, as one text.
const PRINTED: &str = "pg_catalog.concat_ws(pg_catalog.chr(10), \
    coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ''), \
    coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), ''))";

impl Planner {
    pub(crate) fn policy(&mut self, fact: &PolicyFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        let known = self.table_at(oid)?.policies.get(&fact.policy).cloned();
        if !fact.present {
            return match known {
                Some(_) => self.drop_policy(oid, &fact.policy),
                None => Ok(()),
            };
        }
        let on = self.table_at(oid)?.name.quoted();
        let source = source(fact, &on);
        let Some(known) = known else { return self.create_policy(oid, fact, source, None) };
        let same = known.permissive != fact.restrictive
            && known.command == fact.command
            && known.roles == roles(fact)
            && known.using.is_some() == fact.using.is_some()
            && known.check.is_some() == fact.check.is_some();
        let held = match same {
            true => self.same_expressions(oid, fact, &known)?,
            false => DefinitionMatch::Different,
        };
        match held {
            DefinitionMatch::Recorded => Ok(()),
            DefinitionMatch::Same => self.note_policy(oid, fact, known.comment.as_deref()),
            DefinitionMatch::Different => {
                self.drop_policy(oid, &fact.policy)?;
                self.create_policy(oid, fact, source, known.comment.as_deref())
            }
        }
    }

    fn same_expressions(
        &mut self,
        oid: Oid,
        fact: &PolicyFact,
        known: &Policy,
    ) -> Result<DefinitionMatch, Interruption> {
        let table = self.table_at(oid)?.name.clone();
        let probe = probe(&table.schema);
        let setup = vec![format!("CREATE TABLE {probe} (LIKE {})", table.quoted()), source(fact, &probe)];
        let query = format!(
            "SELECT {PRINTED} FROM pg_catalog.pg_policy AS p WHERE p.polrelid = {}::pg_catalog.regclass",
            quote::literal(&probe)
        );
        let printed = printed(known);
        let question = Question::Printed { setup, query };
        // Inside a subquery, columns are printed with the name of their table.
        let like = |answer: &str| answer.replace("migrate_probe.", &format!("{}.", table.name)) == printed;
        self.match_definition(&noted(fact), &printed, known.comment.as_deref(), question, like)
    }

    fn create_policy(
        &mut self,
        oid: Oid,
        fact: &PolicyFact,
        source: String,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        let object = format!("{}.{}", self.object_name(oid), fact.policy);
        self.push(ChangeAction::Create, object, source, &[ChangeHazard::Locks]);
        self.note_policy(oid, fact, comment)?;
        let policy = Policy {
            permissive: !fact.restrictive,
            command: fact.command.clone(),
            roles: roles(fact),
            using: fact.using.clone(),
            check: fact.check.clone(),
            comment: None,
        };
        self.table_at_mut(oid)?.policies.insert(fact.policy.clone(), policy);
        Ok(())
    }

    fn drop_policy(&mut self, oid: Oid, name: &str) -> Result<(), Interruption> {
        let on = self.table_at(oid)?.name.quoted();
        let sql = format!("DROP POLICY {} ON {on}", quote::identifier(name));
        let object = format!("{}.{name}", self.object_name(oid));
        self.push(ChangeAction::Drop, object, sql, &[ChangeHazard::Locks]);
        self.table_at_mut(oid)?.policies.remove(name);
        Ok(())
    }

    fn note_policy(
        &mut self,
        oid: Oid,
        fact: &PolicyFact,
        comment: Option<&str>,
    ) -> Result<(), Interruption> {
        if self.is_verifying() {
            return Ok(());
        }
        let table = self.table_at(oid)?.name.quoted();
        let printing = format!(
            "(SELECT {PRINTED} FROM pg_catalog.pg_policy AS p \
             WHERE p.polname = {} AND p.polrelid = {}::pg_catalog.regclass)",
            quote::literal(&fact.policy),
            quote::literal(&table)
        );
        let on = CommentTarget::Named(format!("POLICY {} ON {table}", quote::identifier(&fact.policy)));
        let object = format!("{}.{}", self.object_name(oid), fact.policy);
        let sql = note_sql(&on, &noted(fact), &printing, comment);
        self.push(ChangeAction::Comment, object, sql, &[]);
        Ok(())
    }
}

fn source(fact: &PolicyFact, on: &str) -> String {
    let kind = if fact.restrictive { "RESTRICTIVE" } else { "PERMISSIVE" };
    let to: Vec<String> = fact.to.iter().map(|to| role(if to == "public" { "" } else { to })).collect();
    let mut sql = format!(
        "CREATE POLICY {} ON {on} AS {kind} FOR {} TO {}",
        quote::identifier(&fact.policy),
        fact.command,
        to.join(", ")
    );
    for (word, expression) in [("USING", &fact.using), ("WITH CHECK", &fact.check)] {
        if let Some(expression) = expression {
            sql.push_str(&format!(" {word} ({expression})"));
        }
    }
    sql
}

/// The roles as the catalog has them.
fn roles(fact: &PolicyFact) -> Vec<String> {
    let mut roles = fact.to.clone();
    roles.sort();
    roles.dedup();
    // PUBLIC says it all.
    if roles.iter().any(|role| role == "public") { vec!["public".to_owned()] } else { roles }
}

fn noted(fact: &PolicyFact) -> String {
    format!("{}\n{}", fact.using.as_deref().unwrap_or_default(), fact.check.as_deref().unwrap_or_default())
}

fn printed(policy: &Policy) -> String {
    let text = |expression: &Option<String>| expression.clone().unwrap_or_default();
    format!("{}\n{}", text(&policy.using), text(&policy.check))
}
