//! The body of the function that generates missing values of a new row's identity.

use crate::catalog::Oid;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::error::ErrorKind;
use crate::facts::Generator;
use crate::text::quote;

/// The number of a member's column, and its generator.
pub(crate) type GeneratedMember = (i16, Option<Generator>);

/// The first line in the body of our functions.
pub(crate) const MARK: &str = "-- made by migrate for the identity's generators";

impl Planner {
    /// The function's body.
    pub(crate) fn generator_source(
        &self,
        oid: Oid,
        members: &[GeneratedMember],
    ) -> Result<String, Interruption> {
        let table = self.table_at(oid)?.name.quoted();
        let mut body = format!("\n{MARK}\nBEGIN\n");
        let mut preceding: Vec<String> = Vec::new();
        for (number, generator) in members {
            let column = self.column_at(oid, *number)?;
            let name = quote::identifier(&column.name);
            if let Some(generator) = generator {
                let value = self.generated(&table, &column.kind, &name, *generator, &preceding)?;
                body.push_str(&format!("    -- member {number}: {}\n", word(*generator)));
                body.push_str(&format!("    IF NEW.{name} IS NULL THEN\n{value}    END IF;\n"));
            }
            preceding.push(format!("t.{name} OPERATOR(pg_catalog.=) NEW.{name}"));
        }
        body.push_str("    RETURN NEW;\nEND\n");
        Ok(body)
    }

    /// The statements that generate the value of a new row. `preceding` are the conditions on the members before this
    /// one.
    fn generated(
        &self,
        table: &str,
        kind: &str,
        name: &str,
        generator: Generator,
        preceding: &[String],
    ) -> Result<String, Interruption> {
        let integer = matches!(kind, "bigint" | "integer" | "smallint");
        let within = |also: &str| {
            let mut conditions = preceding.to_vec();
            if !also.is_empty() {
                conditions.push(also.to_owned());
            }
            if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
        };
        let unique = |value: &str| {
            format!(
                "        LOOP\n            NEW.{name} := {value};\n            EXIT WHEN NOT EXISTS \
                 (SELECT FROM {table} AS t WHERE t.{name} OPERATOR(pg_catalog.=) NEW.{name});\n        END LOOP;\n"
            )
        };
        match generator {
            Generator::Offset if integer => Ok(format!(
                "        NEW.{name} := (SELECT coalesce(pg_catalog.max(t.{name}), 0) OPERATOR(pg_catalog.+) 1 \
                 FROM {table} AS t{});\n",
                within("")
            )),
            // From 1000 on the number has more digits: `lpad` would cut a text that is longer than its width.
            Generator::Offset if kind == "text" => {
                let digits = format!("t.{name} OPERATOR(pg_catalog.~) '^[0-9]{{3,18}}$'");
                Ok(format!(
                    "        NEW.{name} := (SELECT pg_catalog.lpad(n::pg_catalog.text, \
                     greatest(3, pg_catalog.length(n::pg_catalog.text)), '0') FROM (SELECT \
                     coalesce(pg_catalog.max(t.{name}::pg_catalog.int8), 0) OPERATOR(pg_catalog.+) 1 AS n FROM {table} AS t{}) AS next);\n",
                    within(&digits)
                ))
            }
            Generator::Random if integer => Ok(unique(
                "pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) 999999999)::pg_catalog.int4 \
                 OPERATOR(pg_catalog.+) 1",
            )),
            Generator::Random if kind == "text" => {
                let letter = "pg_catalog.substr('ABCDEFGHJKLMNPQRTUVWXYZ', \
                              pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) 23)::pg_catalog.int4 \
                              OPERATOR(pg_catalog.+) 1, 1)";
                let digits = |width: u32| {
                    format!(
                        "pg_catalog.lpad(pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) {})::pg_catalog.int4::pg_catalog.text, {width}, '0')",
                        10_u32.pow(width)
                    )
                };
                Ok(unique(&format!("pg_catalog.concat({letter}, {}, {letter}, {})", digits(2), digits(4))))
            }
            Generator::Uuid if kind == "text" => {
                Ok(format!("        NEW.{name} := pg_catalog.gen_random_uuid()::pg_catalog.text;\n"))
            }
            Generator::Uuid if kind == "uuid" => {
                Ok(format!("        NEW.{name} := pg_catalog.gen_random_uuid();\n"))
            }
            generator => {
                let message = format!("generator `{}` makes no values of type `{kind}`", word(generator));
                Err(self
                    .problem(ErrorKind::Format, message)
                    .help("`offset` and `random` fill columns of type integer and text, `uuid` of type text and uuid")
                    .into())
            }
        }
    }
}

/// Its word or value in facts.
pub(crate) fn word(generator: Generator) -> &'static str {
    match generator {
        Generator::Offset => "offset",
        Generator::Random => "random",
        Generator::Uuid => "uuid",
    }
}

/// The generator that our function's body records for a member.
pub(crate) fn mentioned(source: &str, number: i16) -> Option<Generator> {
    let line = source.lines().find_map(|line| line.trim().strip_prefix(&format!("-- member {number}: ")))?;
    match line {
        "offset" => Some(Generator::Offset),
        "random" => Some(Generator::Random),
        "uuid" => Some(Generator::Uuid),
        _ => None,
    }
}
