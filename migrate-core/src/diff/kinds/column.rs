use crate::catalog::{self, Generation, Oid, QualifiedName, RowPresence};
use crate::diff::change::ChangeHazard;
use crate::diff::columns::{EnumChange, FieldFact};
use crate::diff::planner::Planner;
use crate::diff::question::{Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{CollationName, ColumnFact, DeclaredType, mangle, sql_type};

impl Planner {
    pub(crate) fn column(&mut self, fact: &ColumnFact) -> Result<(), Interruption> {
        let Some(oid) = self.table_of_field(&fact.of, fact.present)? else { return Ok(()) };
        let name = mangle(&[&fact.label], None);
        let link = self.column_named(oid, &mangle(&[&fact.label], Some("id")))?;
        if link.is_some_and(|number| self.is_link(oid, number)) {
            return Err(self.label_clash(&fact.of, "link", &fact.label));
        }
        if !fact.present {
            return match self.column_named(oid, &name)? {
                Some(number) => self.drop_field(oid, number, fact.irreversible),
                None => Ok(()),
            };
        }
        let Some(kind) = &fact.kind else {
            return Err(self
                .problem(ErrorKind::Format, format!("column `{}` has no type", fact.label))
                .into());
        };
        let number = match self.column_named(oid, &name)? {
            Some(number) => Some(number),
            None => self.former_column(oid, fact, &name)?,
        };
        let number = match number {
            None => self.create_column(oid, fact, kind, name)?,
            Some(number) => {
                self.keep_column(oid, number, fact, kind)?;
                number
            }
        };
        let field =
            FieldFact { of: &fact.of, label: &fact.label, unique: fact.unique, title: fact.title.as_deref() };
        self.keep_unique(oid, number, &field)?;
        self.keep_title(oid, number, &field)?;
        self.keep_order(oid, number, &fact.after)
    }

    fn former_column(
        &mut self,
        oid: Oid,
        fact: &ColumnFact,
        name: &str,
    ) -> Result<Option<i16>, Interruption> {
        for label in &fact.was {
            if let Some(number) = self.column_named(oid, &mangle(&[label], None))? {
                self.require_created(oid)?;
                self.rename_column(oid, number, name)?;
                self.rename_enum(oid, number, &fact.of.label, &fact.label)?;
                self.rename_unique(oid, &fact.of.label, label, &fact.label)?;
                self.rename_in_generator(oid)?;
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn create_column(
        &mut self,
        oid: Oid,
        fact: &ColumnFact,
        kind: &DeclaredType,
        name: String,
    ) -> Result<i16, Interruption> {
        let enum_type = self.enum_name(oid, &fact.of.label, &fact.label)?;
        let default =
            fact.default.as_ref().map(|default| self.default_sql(kind, &enum_type.quoted(), default));
        let default = default.transpose()?.filter(|sql| sql != "NULL");
        if fact.required
            && default.is_none()
            && fact.generated.is_none()
            && self.table_at(oid)?.rows == RowPresence::Perhaps
        {
            self.refuse_missing_values(oid, &fact.label)?;
        }
        let (kind, type_oid) = match kind {
            DeclaredType::Enum(labels) => (enum_type.quoted(), self.create_enum(oid, enum_type, labels)?),
            kind => (sql_type::sql_name(kind), 0),
        };
        let column = catalog::Column {
            name,
            kind,
            type_oid,
            required: fact.required,
            collation: fact.collation.as_ref().map(CollationName::sql),
            generation: fact.generated.as_ref().map(|_| Generation::Stored),
            default: fact.generated.clone().or(default),
            ..catalog::Column::default()
        };
        let hazards = match fact.generated {
            Some(_) => &[ChangeHazard::Locks, ChangeHazard::Rewrites][..],
            None => &[ChangeHazard::Locks][..],
        };
        self.add_column(oid, column, hazards)
    }

    fn keep_column(
        &mut self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        kind: &DeclaredType,
    ) -> Result<(), Interruption> {
        if self.keep_generated(oid, number, fact, kind)? {
            return self.keep_required(oid, number, fact.required, &fact.label);
        }
        // Asked before any change, so that it can be asked together with the questions of other facts.
        if fact.required && !self.column_at(oid, number)?.required {
            self.refuse_nulls(oid, number, &fact.label)?;
        }
        self.keep_type(oid, number, fact, kind)?;
        self.keep_required(oid, number, fact.required, &fact.label)?;
        self.keep_default(oid, number, fact, kind)
    }

    fn keep_type(
        &mut self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        kind: &DeclaredType,
    ) -> Result<(), Interruption> {
        let column = self.column_at(oid, number)?;
        match (kind, self.labels(column.type_oid)) {
            (DeclaredType::Enum(labels), Some(known)) if *labels == known => Ok(()),
            (DeclaredType::Enum(labels), Some(known)) => {
                self.alter_enum(&EnumChange { oid, number, fact, known: &known, labels })
            }
            (DeclaredType::Enum(_), None) => self.convert(oid, number, fact, kind),
            (kind, _) => {
                let wanted = sql_type::printed(kind).unwrap_or_default();
                match sql_type::same(&column.kind, &wanted) && self.same_collation(oid, number, fact)? {
                    true => Ok(()),
                    false => self.convert(oid, number, fact, kind),
                }
            }
        }
    }

    fn keep_default(
        &mut self,
        oid: Oid,
        number: i16,
        fact: &ColumnFact,
        kind: &DeclaredType,
    ) -> Result<(), Interruption> {
        let column = self.column_at(oid, number)?;
        let type_sql = self.type_sql(column);
        let wanted = fact.default.as_ref().map(|default| self.default_sql(kind, &type_sql, default));
        let wanted = wanted.transpose()?.filter(|sql| sql != "NULL");
        let holds = self.same_default(
            kind,
            &type_sql,
            column.default.as_deref(),
            wanted.as_deref(),
            fact.default.as_ref(),
        )?;
        match holds || column.generation.is_some() {
            true => Ok(()),
            false => self.set_default(oid, number, wanted),
        }
    }

    /// The question that comparing the default of an existing column will ask.
    pub(crate) fn default_question(&self, fact: &ColumnFact) -> Option<Question> {
        let oid = self.find(&self.name(&fact.of))?;
        let number = self.column_named(oid, &mangle(&[&fact.label], None)).ok()??;
        let column = self.column_at(oid, number).ok()?;
        let (kind, default) = (fact.kind.as_ref()?, fact.default.as_ref()?);
        let type_sql = self.type_sql(column);
        let wanted = self.default_sql(kind, &type_sql, default).ok()?;
        let printed = column.default.as_deref();
        match self.same_default(kind, &type_sql, printed, Some(&wanted), Some(default)) {
            Err(Interruption::Ask(question)) => Some(question),
            _ => None,
        }
    }

    /// Whether a column alone has a foreign key.
    pub(crate) fn is_link(&self, oid: Oid, number: i16) -> bool {
        self.link_constraint(oid, number).is_some()
    }

    /// The name of the enum type of a column.
    pub(crate) fn enum_name(
        &self,
        oid: Oid,
        table: &str,
        label: &str,
    ) -> Result<QualifiedName, Interruption> {
        let schema = self.table_at(oid)?.name.schema.clone();
        Ok(QualifiedName { schema, name: mangle(&[table, label], Some("enum")) })
    }
}
