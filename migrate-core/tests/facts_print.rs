//! Facts print themselves as YAML that reads as the same facts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../src/cases.rs"]
mod cases;

use embed_migrate_core::Place;
use embed_migrate_core::facts::{
    self, AliasFact, CheckFact, Claim, ColumnDefault, ColumnFact, DataFact, DataRows, DeclaredType,
    Deferrable, ExtensionFact, Fact, FunctionFact, Generator, GrantFact, GrantTarget, IdentityFact,
    IdentityMember, IncludeFact, IndexFact, KeyFact, LinkFact, OnDelete, PolicyFact, RowSecurity, SchemaFact,
    SourceText, SqlFact, SurrogateKey, TableFact, TableName, TriggerEvent, TriggerFact, TriggerTiming, Value,
    ViewFact,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use cases::cases;

/// What YAML might take for something else, or break apart.
const TEXTS: [&str; 30] = [
    "yes", "no", "null", "~", "true", "1", "1.10", "1e2", "0x1f", ".inf", "a: b", "a #b", "- a", "---",
    "...", "[a]", "{a}", "&a", "*a", "!a", "|", "> x", "'", "\"", " a ", "a\nb", "a\nb\n", "a\n\n",
    "\ta\n b", "%A \\n",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&TEXTS[..]).prop_map(str::to_owned),
        "[a-z ]{1,12}",
        "\\PC{1,8}",
        vec(
            select(vec![
                'a',
                ' ',
                '\n',
                '\t',
                '\r',
                '"',
                ':',
                '#',
                '\u{85}',
                '\u{2028}',
                '\u{feff}',
                '\u{7f}',
                '\u{10ffff}',
                'é'
            ]),
            1..9
        )
        .prop_map(String::from_iter),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    text().prop_filter("not empty", |text| !text.trim().is_empty())
}

fn long() -> impl Strategy<Value = SourceText> {
    expression().prop_map(|text| SourceText { text, place: Place::file(""), path: None, lines: false })
}

fn statement() -> impl Strategy<Value = SourceText> {
    long().prop_map(|text| SourceText { text: format!("SELECT {}", text.text), ..text })
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![select(vec!["no", "true", "id", "table"]).prop_map(str::to_owned), "[a-zé_][a-z0-9_]{0,5}"]
}

fn table_name() -> impl Strategy<Value = TableName> {
    (of(label()), label()).prop_map(|(schema, label)| TableName { schema, label })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![label(), select(vec!["uuid-ossp", "a b", "1", "x:y"]).prop_map(str::to_owned)]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9]{1,20}",
        "[0-9]{1,3}\\.[0-9]{0,20}",
        select(vec!["Infinity", "-Infinity", "NaN", "1.e2", "007"]).prop_map(str::to_owned)
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::Number),
        text().prop_map(Value::Text),
        Just(Value::Text(String::new())),
    ];
    scalar.prop_recursive(4, 24, 4, |value| {
        prop_oneof![
            vec(value.clone(), 0..4).prop_map(Value::List),
            vec((text(), value), 0..4).prop_map(|entries| {
                let mut map: Vec<(String, Value)> = Vec::new();
                for (key, value) in entries {
                    if map.iter().all(|(other, _)| *other != key) {
                        map.push((key, value));
                    }
                }
                Value::Map(map)
            }),
        ]
    })
}

fn typed() -> impl Strategy<Value = (DeclaredType, Option<ColumnDefault>)> {
    let sql =
        of(text().prop_filter("not empty", |text| !text.trim().is_empty()).prop_map(ColumnDefault::Sql));
    let json =
        value().prop_filter("no expression", |value| !matches!(value, Value::Map(map) if map.len() == 1));
    prop_oneof![
        (
            Just(DeclaredType::Boolean),
            of(any::<bool>().prop_map(|truth| ColumnDefault::Value(Value::Bool(truth))))
        ),
        (
            Just(DeclaredType::Integer),
            of(any::<i64>().prop_map(|n| ColumnDefault::Value(Value::Number(n.to_string()))))
        ),
        (Just(DeclaredType::Decimal), of(number().prop_map(|n| ColumnDefault::Value(Value::Number(n))))),
        (Just(DeclaredType::Text), of(text().prop_map(|text| ColumnDefault::Value(Value::Text(text))))),
        (Just(DeclaredType::Date), of(Just(ColumnDefault::Today))),
        (Just(DeclaredType::Datetime), of(Just(ColumnDefault::Now))),
        (Just(DeclaredType::Json), of(json.prop_map(ColumnDefault::Value))),
        (
            Just(DeclaredType::Enum(vec!["a".into(), "not-known".into(), "no".into()])),
            of(Just(ColumnDefault::Value("no".into())))
        ),
        (
            select(vec!["numeric(12,2)", "text[]", "timestamptz", "app.\"Mood\"", "varchar(3)"])
                .prop_map(|sql| DeclaredType::Sql(sql.into())),
            sql
        ),
        (
            select(vec![DeclaredType::Int4, DeclaredType::Float, DeclaredType::Time, DeclaredType::JsonJson]),
            Just(None)
        ),
    ]
}

fn column(of_table: TableName, before: Vec<String>, label: String) -> impl Strategy<Value = Claim> {
    let clauses =
        (typed(), vec(self::label(), 0..3), any::<[bool; 4]>(), of(text()), vec(self::label(), 0..3));
    clauses.prop_map(
        move |((kind, default), was, [required, unique, present, irreversible], title, named)| {
            let of = of_table.clone();
            let label = label.clone();
            if !present {
                return Claim::Column(ColumnFact {
                    of,
                    label,
                    kind: None,
                    collation: None,
                    generated: None,
                    default: None,
                    was: vec![],
                    required: true,
                    unique: false,
                    title: None,
                    after: vec![],
                    present,
                    irreversible,
                });
            }
            let after = after(&before, named);
            Claim::Column(ColumnFact {
                of,
                label,
                kind: Some(kind),
                collation: None,
                generated: None,
                default,
                was,
                required,
                unique,
                title,
                after,
                present,
                irreversible: false,
            })
        },
    )
}

fn after(before: &[String], named: Vec<String>) -> Vec<String> {
    let mut after = before.to_vec();
    for label in named {
        if !after.contains(&label) {
            after.push(label);
        }
    }
    after
}

fn link(of_table: TableName, before: Vec<String>, label: String) -> impl Strategy<Value = Claim> {
    let key = prop_oneof![
        Just(Value::Text("(a.'b.c').1".into())),
        Just(Value::Number("1.10".into())),
        Just(Value::List(vec![Value::List(vec!["a".into()]), "y2".into()])),
    ];
    let action = select(vec![
        OnDelete::Cascade,
        OnDelete::Restrict,
        OnDelete::NoAction,
        OnDelete::SetNull,
        OnDelete::SetDefault,
    ]);
    let clauses = (
        of(table_name()),
        of(key),
        vec(self::label(), 0..2),
        any::<bool>(),
        of(text()),
        of(action),
        vec(self::label(), 0..2),
    );
    clauses.prop_map(move |(to, default, was, unique, title, on_delete, named)| {
        let to = to.unwrap_or(TableName { schema: None, label: label.clone() });
        // A schema that isn't named is that of the link's own table.
        let to = TableName { schema: to.schema.or(of_table.schema.clone()), ..to };
        Claim::Link(LinkFact {
            of: of_table.clone(),
            label: label.clone(),
            to,
            was,
            default,
            required: false,
            unique,
            title,
            after: after(&before, named),
            on_delete,
            deferrable: if unique { Deferrable::Deferred } else { Deferrable::No },
            present: true,
            irreversible: false,
        })
    })
}

fn rows() -> impl Strategy<Value = DataRows> {
    let cell = prop_oneof![Just(None), value().prop_map(Some)];
    let list = vec((value(), cell), 0..4).prop_map(|rows| {
        let rows: Vec<_> = rows.into_iter().map(|(a, b)| vec![Some(a), b]).collect();
        // A field that no row gives is none.
        let some = rows.iter().any(|row| row[1].is_some());
        let fields = if rows.is_empty() { vec![] } else { vec!["a".to_owned(), "no".to_owned()] };
        match some || rows.is_empty() {
            true => DataRows::list(fields, rows).unwrap(),
            false => {
                DataRows::list(vec!["a".into()], rows.into_iter().map(|row| row[..1].to_vec()).collect())
                    .unwrap()
            }
        }
    });
    let cell = || text().prop_map(|text| format!("\"{}\"", text.replace('"', "\"\"")));
    let csv = vec((cell(), cell()), 0..4).prop_map(|rows| {
        let rows: String = rows.iter().map(|(a, b)| format!("\n{a},{b}")).collect();
        DataRows::csv("", format!("a,b{rows}")).unwrap()
    });
    prop_oneof![list, csv]
}

/// Facts about a table, other than columns and links.
fn about(of_table: TableName) -> impl Strategy<Value = Claim> {
    let t = move || Just(of_table.clone());
    let generator = of(select(vec![Generator::Offset, Generator::Random, Generator::Uuid]));
    let member = |(n, generator): (usize, Option<Generator>)| IdentityMember {
        label: format!("m{n}"),
        generator,
        place: Place::file(""),
    };
    let event = prop_oneof![
        Just(TriggerEvent::Insert),
        Just(TriggerEvent::Delete),
        vec(label(), 0..3).prop_map(TriggerEvent::Update)
    ];
    prop_oneof![
        (t(), vec(generator, 1..4)).prop_map(move |(of, generators)| {
            Claim::Identity(IdentityFact {
                of,
                members: generators.into_iter().enumerate().map(member).collect(),
                deferrable: Deferrable::No,
            })
        }),
        (t(), rows(), any::<bool>()).prop_map(|(of, rows, present)| Claim::Data(DataFact {
            of,
            rows,
            present
        })),
        (t(), label(), vec(label(), 0..3), text()).prop_map(|(of, label, parameters, expression)| {
            Claim::Alias(AliasFact {
                of,
                label,
                parameters,
                expression: Some(expression),
                sql: None,
                present: true,
            })
        }),
        (t(), label(), of(text())).prop_map(|(of, label, sql)| {
            let present = sql.is_some();
            Claim::Alias(AliasFact { of, label, parameters: vec![], expression: None, sql, present })
        }),
        (t(), name(), vec(expression(), 1..3), of(expression()), any::<bool>(), vec(label(), 0..3)).prop_map(
            |(of, index, on, filter, unique, include)| {
                let with = if unique { vec![("fillfactor".to_owned(), "70".to_owned())] } else { vec![] };
                Claim::Index(IndexFact {
                    index,
                    of,
                    on,
                    using: Some("gin".into()),
                    filter,
                    unique,
                    nulls_equal: unique,
                    include,
                    with,
                    was: vec!["i".into()],
                    present: true,
                })
            }
        ),
        (t(), name(), vec(label(), 1..3), vec(label(), 0..3), any::<bool>()).prop_map(
            |(of, key, on, include, nulls_equal)| {
                let deferrable = if nulls_equal { Deferrable::Immediate } else { Deferrable::No };
                Claim::Key(KeyFact { key, of, on, include, nulls_equal, deferrable, present: true })
            }
        ),
        (t(), name(), of(expression()), any::<bool>()).prop_map(|(of, policy, using, restrictive)| {
            let (command, to) = ("ALL".to_owned(), vec!["public".to_owned()]);
            Claim::Policy(PolicyFact {
                policy,
                of,
                restrictive,
                command,
                to,
                using,
                check: None,
                present: true,
            })
        }),
        (t(), name(), of(expression())).prop_map(|(of, check, that)| {
            let present = that.is_some();
            Claim::Check(CheckFact { check, of, that, present })
        }),
        (t(), name(), vec(event, 1..3), any::<bool>(), of(expression())).prop_map(
            |(of, trigger, events, each_row, when)| {
                Claim::Trigger(TriggerFact {
                    trigger,
                    of,
                    timing: TriggerTiming::After,
                    events,
                    each_row,
                    when,
                    execute: "f('a, b')".into(),
                    present: true,
                })
            }
        ),
        (t(), any::<bool>()).prop_map(|(table, present)| {
            Claim::Grant(GrantFact {
                privileges: vec!["SELECT".into()],
                on: GrantTarget::Table(table),
                to: vec!["public".into(), "a.b".into()],
                present,
            })
        }),
    ]
}

fn table() -> impl Strategy<Value = Claim> {
    let clauses = (
        vec(table_name(), 0..3),
        any::<[bool; 4]>(),
        of(text()),
        of(select(vec![SurrogateKey::Bigint, SurrogateKey::Integer, SurrogateKey::Uuid, SurrogateKey::None])),
    );
    (table_name(), clauses, vec(any::<(bool, bool)>(), 0..4))
        .prop_flat_map(|(name, clauses, kinds)| {
            let mut with: Vec<BoxedStrategy<Claim>> = Vec::new();
            let mut before: Vec<String> = Vec::new();
            for (index, (field, link)) in kinds.into_iter().enumerate() {
                let label = format!("f{index}");
                with.push(match (field, link) {
                    (true, true) => self::link(name.clone(), before.clone(), label.clone()).boxed(),
                    // Only those that are to be there are come after.
                    (true, false) => column(name.clone(), before.clone(), label.clone())
                        .prop_filter(
                            "present",
                            |claim| matches!(claim, Claim::Column(column) if column.present),
                        )
                        .boxed(),
                    _ => about(name.clone()).boxed(),
                });
                if field {
                    before.push(label);
                }
            }
            (Just(name), Just(clauses), with)
        })
        .prop_map(|(table, (was, [present, reliable, reorder, irreversible], title, id), with)| {
            Claim::Table(match present {
                true => TableFact {
                    table,
                    was,
                    present,
                    reliable,
                    title,
                    id,
                    row_security: reorder.then_some(RowSecurity::Forced),
                    partition_by: (id == Some(SurrogateKey::None)).then(|| "range (a)".to_owned()),
                    reorder,
                    irreversible: false,
                    with: with.into_iter().map(fact).collect(),
                },
                false => TableFact {
                    table,
                    was: vec![],
                    present,
                    reliable: true,
                    title: None,
                    id: None,
                    row_security: None,
                    partition_by: None,
                    reorder: false,
                    irreversible,
                    with: vec![],
                },
            })
        })
}

fn claim() -> impl Strategy<Value = Claim> {
    let object = prop_oneof![
        label().prop_map(GrantTarget::Schema),
        table_name().prop_map(GrantTarget::Table),
        Just(GrantTarget::Function {
            schema: Some("a".into()),
            name: "f".into(),
            arguments: "x int, VARIADIC text[]".into()
        }),
        Just(GrantTarget::Database),
        of(label()).prop_map(|schema| GrantTarget::Default {
            objects: "TABLES".into(),
            schema,
            role: Some("r".into())
        }),
    ];
    prop_oneof![
        table(),
        table_name().prop_flat_map(|of| column(of, vec![], "code".into())),
        table_name().prop_flat_map(|of| link(of, vec![], "parent".into())),
        table_name().prop_flat_map(about),
        (statement(), of(statement())).prop_map(|(sql, unless)| Claim::Sql(SqlFact { sql, unless })),
        Just(Claim::Include(IncludeFact { path: "audit:/deploy.yaml".into(), facts: None })),
        (name(), any::<bool>()).prop_map(|(schema, present)| Claim::Schema(SchemaFact { schema, present })),
        (name(), of(name())).prop_map(|(extension, schema)| Claim::Extension(ExtensionFact {
            extension,
            version: Some("1.10".into()),
            schema,
            present: true
        })),
        (table_name(), long(), any::<bool>()).prop_map(|(view, query, materialized)| Claim::View(ViewFact {
            view,
            query: Some(query),
            materialized,
            rebuild: materialized,
            present: true
        })),
        (of(label()), name(), long()).prop_map(|(schema, name, body)| Claim::Function(FunctionFact {
            schema,
            name,
            arguments: "x text DEFAULT ')'".into(),
            body: Some(body),
            present: true
        })),
        object.prop_map(|on| Claim::Grant(GrantFact {
            privileges: vec!["ALL".into()],
            on,
            to: vec!["r".into()],
            present: true
        })),
    ]
}

fn fact(claim: Claim) -> Fact {
    Fact { claim, place: Place::file("") }
}

fn read(yaml: &str) -> Result<Vec<Fact>, TestCaseError> {
    facts::parse("printed.yaml", yaml)
        .map_err(|error| TestCaseError::fail(format!("{error}\n{yaml}\n{yaml:?}")))
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn a_fact_that_is_printed_reads_as_the_same_fact(claim in claim()) {
        let facts = vec![fact(claim)];
        prop_assume!(facts::clashes(&facts, None).is_empty());
        let yaml = facts[0].to_string();
        prop_assert_eq!(read(&yaml)?, facts, "{}\n{:?}", &yaml, &yaml);
    }

    #[test]
    fn a_list_of_facts_too(claims in vec(claim(), 0..4)) {
        let facts: Vec<Fact> = claims.into_iter().map(fact).collect();
        prop_assume!(facts::clashes(&facts, None).is_empty());
        let yaml = facts::print(&facts);
        prop_assert_eq!(read(&yaml)?, facts, "{}\n{:?}", &yaml, &yaml);
    }
}

#[test]
fn lines_at_the_end_of_a_text_are_kept() {
    let facts = facts::parse("", "{view: no, as: \"a\\n\\n\"}").unwrap();
    let Claim::View(view) = &facts[0].claim else { panic!("{facts:?}") };
    assert_eq!(view.query.as_ref().unwrap().text, "a\n\n");
    assert_eq!(facts::parse("", &facts[0].to_string()).unwrap(), facts);
}

#[test]
fn a_printed_fact_is_pleasant_to_read() {
    let yaml = "\
table: app.study
title: Studies
with:
  - column: code
    type: text
  - column: status
    type: [draft, done]
    default: draft
  - link: site
    required: false
    on_delete: set null
  - identity:
      - site
      - code: offset
  - data: |
      code,status
      fos,done
  - check: study_code_check
    that: code <> ''";
    let yaml = yaml.replace("code <> ''", "\"code <> ''\"");
    assert_eq!(facts::parse("", &yaml).unwrap()[0].to_string(), yaml);
}
