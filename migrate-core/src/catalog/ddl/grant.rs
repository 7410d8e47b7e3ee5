use crate::catalog::acl::{AclItem, privilege, role};
use crate::text::quote;

/// The object and owner of privileges, as needed to write them as SQL.
pub(in crate::catalog) struct Grants<'a> {
    /// The object as GRANT names it: `TABLE "public"."study"`.
    pub(in crate::catalog) on: String,
    pub(in crate::catalog) column: Option<&'a str>,
    pub(in crate::catalog) owner: &'a str,
    /// The default privileges of the owner and of everybody, as letters of `aclitem`.
    pub(in crate::catalog) defaults: (&'a str, &'a str),
}

impl Grants<'_> {
    /// The statements that give these privileges to a new object, or, if `anew`, to one with any privileges.
    pub(in crate::catalog) fn statements(&self, grants: Option<&Vec<String>>, anew: bool) -> Vec<String> {
        let (all, public) = self.defaults;
        let defaults = [AclItem::of(self.owner, all, self.owner), AclItem::of("", public, self.owner)];
        let defaults: Vec<AclItem> =
            defaults.into_iter().filter(|item| !item.letters.is_empty() && self.column.is_none()).collect();
        if grants.is_none() && !anew {
            return Vec::new();
        }
        let wanted: Vec<AclItem> = match grants {
            Some(grants) => grants.iter().filter_map(|grant| AclItem::parse(grant)).collect(),
            None => defaults.clone(),
        };
        let kept = |item: &AclItem| !anew && defaults.contains(item);
        let mut statements: Vec<String> = defaults
            .iter()
            .filter(|item| anew || !wanted.contains(item))
            .map(|item| format!("REVOKE ALL{} ON {} FROM {}", self.columns(), self.on, role(&item.to)))
            .collect();
        for item in self.in_grant_order(&wanted).into_iter().filter(|item| !kept(item)) {
            statements.extend(self.grant(item));
        }
        statements
    }

    /// Sorted so that a role has a privilege before it grants it to others.
    fn in_grant_order<'i>(&self, items: &'i [AclItem]) -> Vec<&'i AclItem> {
        let (mut order, mut rest): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.by == self.owner);
        while !rest.is_empty() {
            let (next, later): (Vec<_>, Vec<_>) =
                rest.iter().partition(|item| order.iter().any(|before: &&AclItem| before.to == item.by));
            match next.is_empty() {
                // They have it for another reason, such as membership in a role.
                true => {
                    order.append(&mut rest);
                    break;
                }
                false => {
                    order.extend(next);
                    rest = later;
                }
            }
        }
        order
    }

    /// The statements that change the privileges that an object has now into these.
    pub(in crate::catalog) fn fix(
        &self,
        grants: Option<&Vec<String>>,
        now: Option<&Vec<String>>,
    ) -> Vec<String> {
        let held = now.into_iter().flatten().filter_map(|grant| AclItem::parse(grant));
        let others = held.filter(|item| item.to != self.owner && !item.to.is_empty());
        let mut statements: Vec<String> = others
            .map(|item| {
                format!("REVOKE ALL{} ON {} FROM {} CASCADE", self.columns(), self.on, role(&item.to))
            })
            .collect();
        statements.push(format!("REVOKE ALL{} ON {} FROM PUBLIC", self.columns(), self.on));
        statements.extend(self.statements(grants, true));
        statements.dedup();
        statements
    }

    /// The statements that change some privileges into others, for the roles whose privileges differ.
    pub(in crate::catalog) fn change(&self, from: &[String], to: &[String]) -> Vec<String> {
        let parse = |grants: &[String]| -> Vec<AclItem> {
            grants.iter().filter_map(|grant| AclItem::parse(grant)).collect()
        };
        let (from, to) = (parse(from), parse(to));
        let of = |items: &[AclItem], role: &str| -> Vec<AclItem> {
            items.iter().filter(|item| item.to == role).cloned().collect()
        };
        let differs = |item: &&AclItem| of(&from, &item.to) != of(&to, &item.to);
        let mut held: Vec<&str> = from.iter().filter(differs).map(|item| item.to.as_str()).collect();
        held.dedup();
        let revoke = held
            .iter()
            .map(|held| format!("REVOKE ALL{} ON {} FROM {}", self.columns(), self.on, role(held)));
        let mut statements: Vec<String> = revoke.collect();
        let given: Vec<AclItem> = to.iter().filter(differs).cloned().collect();
        for item in self.in_grant_order(&given) {
            statements.extend(self.grant(item));
        }
        statements
    }

    fn grant(&self, item: &AclItem) -> Vec<String> {
        let mut statements = Vec::new();
        for (passed_on, clause) in [(false, ""), (true, " WITH GRANT OPTION")] {
            let names: Vec<String> = item
                .letters
                .iter()
                .filter(|(_, may)| *may == passed_on)
                .filter_map(|(letter, _)| privilege(*letter))
                .map(|name| format!("{name}{}", self.columns()))
                .collect();
            if !names.is_empty() {
                let names = names.join(", ");
                statements.push(format!("GRANT {names} ON {} TO {}{clause}", self.on, role(&item.to)));
            }
        }
        // The grantor is a part of the privilege. Only that role can grant it, and GRANTED BY accepts only the current
        // role.
        if item.by != self.owner && !statements.is_empty() {
            statements.insert(0, format!("SET SESSION AUTHORIZATION {}", quote::identifier(&item.by)));
            statements.push("RESET SESSION AUTHORIZATION".to_owned());
        }
        statements
    }

    fn columns(&self) -> String {
        self.column.map(|column| format!(" ({})", quote::identifier(column))).unwrap_or_default()
    }
}
