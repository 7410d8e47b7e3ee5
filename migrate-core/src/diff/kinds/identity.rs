use crate::catalog::{ConstraintKind, Oid, ReferentialAction};
use crate::diff::change::ChangeHazard;
use crate::diff::counts::counted;
use crate::diff::definitions::Comment;
use crate::diff::edit::{columns, key};
use crate::diff::name_index::SURROGATE_COLUMN;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::{IdentityFact, KeyPart, RowKey, Value, mangle};
use crate::text::quote;

/// A member of a table's identity: its column, and the table that it links to, if it is a link.
pub(crate) struct IdentityColumn {
    pub(crate) number: i16,
    pub(crate) target: Option<Oid>,
}

impl Planner {
    pub(crate) fn identity(&mut self, fact: &IdentityFact) -> Result<(), Interruption> {
        let oid = self.require_table(&fact.of)?;
        let mut numbers = Vec::new();
        for member in &fact.members {
            let number = self.member(oid, &member.label).map_err(|stop| match stop {
                Interruption::Fail(error) => Interruption::Fail(Box::new(error.at(member.place.clone()))),
                stop => stop,
            })?;
            if !self.column_at(oid, number)?.required {
                let message = format!("`{}` is part of the identity and not required", member.label);
                let error = self.problem(ErrorKind::Format, message).at(member.place.clone());
                return Err(error.help("leave `required: false` out of its fact").into());
            }
            numbers.push(number);
        }
        self.refuse_loop(oid, &numbers, &mut Vec::new())?;
        self.keep_primary(oid, fact, &numbers)?;
        for number in &numbers {
            self.keep_member_action(oid, *number)?;
        }
        let generators = fact.members.iter().map(|member| member.generator);
        let members: Vec<_> = numbers.into_iter().zip(generators).collect();
        self.keep_generator(oid, &fact.of.label, &members)
    }

    /// The column of a field: of a column or a link.
    fn member(&self, oid: Oid, label: &str) -> Result<i16, Interruption> {
        if let Some(number) = self.field(oid, label)? {
            return Ok(number);
        }
        let table = &self.table_at(oid)?.name.name;
        let message = format!("table `{table}` has no column or link `{label}`");
        Err(self.problem(ErrorKind::Missing, message).help("declare it before the identity").into())
    }

    /// The column with a label: of a column or a link.
    pub(crate) fn field(&self, oid: Oid, label: &str) -> Result<Option<i16>, Interruption> {
        if let Some(number) = self.column_named(oid, &mangle(&[label], None))? {
            return Ok(Some(number));
        }
        let link = self.column_named(oid, &mangle(&[label], Some("id")))?;
        Ok(link.filter(|number| self.is_link(oid, *number)))
    }

    /// Refuses an identity that depends on itself.
    fn refuse_loop(
        &self,
        oid: Oid,
        numbers: &[i16],
        path: &mut Vec<(Oid, String)>,
    ) -> Result<(), Interruption> {
        for number in numbers {
            let Some(target) = self.target(oid, *number) else { continue };
            path.push((oid, self.link_label(oid, *number)?));
            if path.iter().any(|(seen, _)| *seen == target) {
                let steps: Vec<&str> = path.iter().map(|(_, label)| label.as_str()).collect();
                let message =
                    format!("the identity of table `{}` depends on itself", self.table_at(target)?.name.name);
                return Err(self
                    .problem(ErrorKind::Format, message)
                    .note(format!("through {}", steps.join(".")))
                    .help("take one of these links out of the identity")
                    .into());
            }
            let members: Vec<i16> = self.parts(target)?.iter().map(|part| part.number).collect();
            self.refuse_loop(target, &members, path)?;
            path.pop();
        }
        Ok(())
    }

    /// The table that a column links to.
    pub(crate) fn target(&self, oid: Oid, number: i16) -> Option<Oid> {
        match &self.link_constraint(oid, number)?.1.kind {
            ConstraintKind::Foreign(reference) => Some(reference.table),
            _ => None,
        }
    }

    /// The members of a table's identity.
    pub(crate) fn parts(&self, oid: Oid) -> Result<Vec<IdentityColumn>, Interruption> {
        let primary = self.primary(oid)?.map(|(_, columns)| columns).unwrap_or_default();
        Ok(primary
            .into_iter()
            .map(|number| IdentityColumn { number, target: self.target(oid, number) })
            .collect())
    }

    /// The primary key: its name and columns.
    pub(crate) fn primary(&self, oid: Oid) -> Result<Option<(String, Vec<i16>)>, Interruption> {
        let mut constraints = self.table_at(oid)?.constraints.iter();
        let primary = constraints.find(|(_, constraint)| constraint.kind == ConstraintKind::Primary);
        Ok(primary.map(|(name, constraint)| (name.clone(), constraint.columns.clone())))
    }

    pub(crate) fn is_in_identity(&self, oid: Oid, number: i16) -> Result<bool, Interruption> {
        Ok(self.primary(oid)?.is_some_and(|(_, columns)| columns.contains(&number)))
    }

    fn keep_primary(&mut self, oid: Oid, fact: &IdentityFact, numbers: &[i16]) -> Result<(), Interruption> {
        let known = self.primary(oid)?;
        let deferrable = known.as_ref().and_then(|(name, _)| self.table_at(oid).ok()?.constraints.get(name));
        let deferrable = deferrable.map(|known| known.deferrable).unwrap_or_default();
        let same = known.as_ref().is_some_and(|(_, columns)| columns == numbers);
        if same && deferrable == fact.deferrable.flags() {
            return Ok(());
        }
        let name = mangle(&[&fact.of.label], Some("pk"));
        if let Some((old, columns)) = known {
            self.drop_generator(oid)?;
            if columns
                .iter()
                .any(|number| self.column_name(oid, *number).is_ok_and(|name| name == SURROGATE_COLUMN))
            {
                self.keep_id_unique(oid, &fact.of.label)?;
            }
            self.drop_constraint(oid, &old)?;
            for number in columns.iter().filter(|number| !numbers.contains(number)) {
                self.keep_member_action(oid, *number)?;
            }
        }
        let names =
            numbers.iter().map(|number| self.column_name(oid, *number)).collect::<Result<Vec<_>, _>>()?;
        let definition = format!("PRIMARY KEY {}{}", columns(&names), fact.deferrable.sql());
        let mut primary = key(ConstraintKind::Primary, numbers.to_vec(), definition);
        primary.deferrable = fact.deferrable.flags();
        self.add_constraint(oid, &name, primary, &[ChangeHazard::Locks, ChangeHazard::Scans])
    }

    /// Keeps the surrogate key unique if it was the primary key.
    fn keep_id_unique(&mut self, oid: Oid, label: &str) -> Result<(), Interruption> {
        let Some(number) = self.column_named(oid, SURROGATE_COLUMN)? else { return Ok(()) };
        let unique =
            self.table_at(oid)?.constraints.values().any(|constraint| {
                constraint.kind == ConstraintKind::Unique && constraint.columns == [number]
            });
        if unique {
            return Ok(());
        }
        let constraint = key(
            ConstraintKind::Unique,
            vec![number],
            format!("UNIQUE ({})", quote::identifier(SURROGATE_COLUMN)),
        );
        self.add_constraint(
            oid,
            &mangle(&[label], Some("uk")),
            constraint,
            &[ChangeHazard::Locks, ChangeHazard::Scans],
        )
    }

    /// Changes ON DELETE of a link that joins or leaves the identity, unless a fact sets it.
    fn keep_member_action(&mut self, oid: Oid, number: i16) -> Result<(), Interruption> {
        let Some(target) = self.target(oid, number) else { return Ok(()) };
        let own = (self.table_at(oid)?.name.clone(), self.link_label(oid, number)?);
        if self.outline.actions.contains(&own) {
            return Ok(());
        }
        let inside = self.is_in_identity(oid, number)?;
        let Some((name, constraint)) = self.link_constraint(oid, number) else { return Ok(()) };
        let (name, action) = match &constraint.kind {
            ConstraintKind::Foreign(reference) => (name.clone(), reference.on_delete),
            _ => return Ok(()),
        };
        match (inside, action) {
            (true, ReferentialAction::SetDefault) => {
                self.set_on_delete(oid, number, &name, target, ReferentialAction::Cascade)
            }
            (false, ReferentialAction::Cascade) => {
                self.set_on_delete(oid, number, &name, target, ReferentialAction::SetDefault)
            }
            _ => Ok(()),
        }
    }

    /// Drops the identity if a column belongs to it: the remaining columns need not be unique.
    pub(crate) fn leave_identity(&mut self, oid: Oid, number: i16) -> Result<(), Interruption> {
        let Some((name, columns)) = self.primary(oid)?.filter(|(_, columns)| columns.contains(&number))
        else {
            return Ok(());
        };
        self.drop_generator(oid)?;
        self.drop_constraint(oid, &name)?;
        for number in columns {
            self.keep_member_action(oid, number)?;
        }
        Ok(())
    }

    /// ` JOIN … WHERE …`: selects the row of a table, under an alias, that has this identity.
    pub(crate) fn identity_condition(
        &self,
        oid: Oid,
        value: &Value,
        alias: &str,
    ) -> Result<String, Interruption> {
        let key = RowKey::of(value).map_err(|error| {
            let place = self.problem(ErrorKind::Format, "").place().cloned();
            match place {
                Some(place) => error.at(place),
                None => error,
            }
        })?;
        let (mut joins, mut conditions) = (String::new(), Vec::new());
        self.match_key(oid, &key, alias, &mut joins, &mut conditions)?;
        Ok(format!("{joins} WHERE {}", conditions.join(" AND ")))
    }

    fn match_key(
        &self,
        oid: Oid,
        key: &RowKey,
        alias: &str,
        joins: &mut String,
        conditions: &mut Vec<String>,
    ) -> Result<(), Interruption> {
        let parts = self.parts(oid)?;
        let own = [KeyPart::Row(key.clone())];
        // If the only member is a link to a table whose identity has several members, those may be given directly.
        let only_link = parts.len() == 1 && parts.first().is_some_and(|part| part.target.is_some());
        let given = if only_link && key.parts.len() > 1 { &own[..] } else { key.parts.as_slice() };
        let table = &self.table_at(oid)?.name.name;
        if parts.is_empty() {
            let message = format!("table `{table}` has no identity by which a row could be named");
            return Err(self.problem(ErrorKind::Missing, message).help("give it an `identity` fact").into());
        }
        if parts.len() != given.len() {
            let message = format!(
                "the identity of a row of `{table}` has {}, not {}",
                counted(parts.len() as u64, "member"),
                given.len()
            );
            return Err(self.problem(ErrorKind::Format, message).into());
        }
        for (at, (part, given)) in parts.iter().zip(given).enumerate() {
            let column = format!("{alias}.{}", quote::identifier(&self.column_name(oid, part.number)?));
            let Some(target) = part.target else {
                let KeyPart::Value(text) = given else {
                    let message =
                        format!("`{}` of `{table}` is not a link", self.column_name(oid, part.number)?);
                    return Err(self.problem(ErrorKind::Format, message).into());
                };
                conditions.push(format!(
                    "{column}::pg_catalog.text OPERATOR(pg_catalog.=) {}",
                    quote::literal(text)
                ));
                continue;
            };
            let inner = match given {
                KeyPart::Row(row) => row.clone(),
                KeyPart::Value(_) => RowKey { parts: vec![given.clone()] },
            };
            let next = format!("{alias}_{at}");
            let name = self.table_at(target)?.name.quoted();
            joins.push_str(&format!(" JOIN {name} AS {next} ON {next}.id OPERATOR(pg_catalog.=) {column}"));
            self.match_key(target, &inner, &next, joins, conditions)?;
        }
        Ok(())
    }

    /// The generators that the comment of a primary key lists, for a database that another program created.
    pub(crate) fn noted_generators(&self, oid: Oid, name: &str) -> Result<Vec<String>, Interruption> {
        let comment =
            self.table_at(oid)?.constraints.get(name).and_then(|constraint| constraint.comment.clone());
        Ok(Comment::parse(comment.as_deref()).list("generators"))
    }
}
