use embed_migrate_core::facts::Value;

use super::STUDY;
use super::bench::Bench;
use super::given::{cells, number, text, values};

const ALL: &str = "CREATE TYPE status AS ENUM ('in-process', 'done'); CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%'); CREATE TABLE everything (code text PRIMARY KEY, flag boolean, \
                   small int2, amount numeric(12,2), ratio float8, born date, at time, seen timestamp, zoned timestamptz, doc jsonb, status status, \
                   ident uuid, span interval, mail email, short varchar(3))";

#[tokio::test]
async fn every_bad_value_is_reported_at_once_with_its_place() {
    let bench = Bench::new(ALL).await;
    let fields = [
        "code", "flag", "small", "amount", "ratio", "born", "at", "seen", "zoned", "doc", "status", "ident",
        "short",
    ];
    let row = [
        "a",
        "yes",
        "40000",
        "1.005",
        "inf",
        "2021-03-28 00:00:00",
        "25:00",
        "yesterday",
        "2021-03-28 00:00",
        "{a: 1}",
        "open",
        "x",
        "long",
    ];
    let error = bench.deploy(&cells("everything", &fields, &[&row])).await.unwrap_err();
    let said: Vec<&str> = error.iter().map(embed_migrate_core::Error::message).collect();
    let expect = [
        "`flag` takes `true` or `false`, not `yes`",
        "`small` takes an integer from -32768 to 32767, not `40000`",
        "`amount` takes a number of at most 10 digits before the point and 2 after it, not `1.005`",
        "`ratio` takes a number, neither NaN nor infinite, not `inf`",
        "`born` takes a date like `2021-03-28`, without a time, not `2021-03-28 00:00:00`",
        "`at` takes a time like `07:30:15`; there is no such day or time, not `25:00`",
        "`seen` takes a date and time like `2021-03-28 07:30:15`, not `yesterday`",
        "`zoned` takes a date and time with its offset like `2021-03-28 07:30:15+02:00`, not `2021-03-28 00:00`",
        "`doc` takes JSON, not `{a: 1}`",
        "`status` takes one of `in-process`, `done`, not `open`",
        "`ident` takes a UUID like `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`, not `x`",
        "`short` takes text of at most 3 characters, not `long`",
    ];
    assert_eq!(said, expect);
    assert!(
        error.iter().all(|error| {
            error.place().is_some_and(|place| (place.path(), place.line()) == ("rows.csv", 2))
        })
    );
}

#[tokio::test]
async fn a_thousand_bad_values_are_counted() {
    let bench = Bench::new(STUDY).await;
    let rows: Vec<Vec<Value>> = (0..1000).map(|n| vec![text(&n.to_string()), number("1")]).collect();
    let error = bench.deploy(&values("study", &["code", "title"], rows)).await.unwrap_err();
    assert_eq!(error.iter().count(), 20);
    assert_eq!(error.iter().last().unwrap().notes(), ["and 980 more like these"]);
    assert_eq!(error.advice(), Some("quote it: '1'"));
}

#[tokio::test]
async fn what_the_server_refuses_is_blamed_on_its_row() {
    let bench = Bench::new(ALL).await;
    let said =
        bench.refused(&cells("everything", &["code", "span"], &[&["a", "1 day"], &["b", "soon"]])).await;
    assert!(said.contains("invalid input syntax for type interval: \"soon\""), "{said}");
    assert!(said.contains("rows.csv:3:1"), "{said}");
    // By COPY, which says its line.
    let rows: Vec<String> = (0..2000).map(|n| format!("c{n}")).collect();
    let rows: Vec<[&str; 2]> =
        rows.iter().map(|code| [code.as_str(), if code == "c1500" { "none" } else { "a@b" }]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
    let said = bench.refused(&cells("everything", &["code", "mail"], &rows)).await;
    assert!(
        said.contains("value for domain public.email violates check constraint \"email_check\"")
            || said.contains("email_check"),
        "{said}"
    );
    assert!(said.contains("rows.csv:1502:1"), "{said}");
}

#[tokio::test]
async fn fields_that_the_table_does_not_have_are_refused() {
    let bench = Bench::new(
        "CREATE TABLE study (id int4 GENERATED ALWAYS AS IDENTITY, code text PRIMARY KEY, number int4 GENERATED ALWAYS AS IDENTITY, bare_id int4)",
    )
    .await;
    let error = bench
        .deploy(&cells("study", &["codes", "number", "bare", "title"], &[&["a", "1", "2", "b"]]))
        .await
        .unwrap_err();
    let said: Vec<&str> = error.iter().map(embed_migrate_core::Error::message).collect();
    let expect = [
        "`study` has no column or link `codes`",
        "`number` of `study` is a column whose values the server makes",
        "`study` has no column or link `bare`",
        "`study` has no column or link `title`",
        "the rows do not give `code`, which belongs to the identity of `study`",
    ];
    assert_eq!(said, expect);
}

#[tokio::test]
async fn rows_without_identity_are_refused() {
    let bench = Bench::new(STUDY).await;
    let error = bench
        .deploy(&cells("study", &["code", "title"], &[&["", "a"], &["b", "b"], &["", "c"]]))
        .await
        .unwrap_err();
    assert_eq!(error.iter().count(), 2);
    assert_eq!(error.message(), "a row gives no `code`, which belongs to the identity of `study`");
    let error = bench.deploy(&cells("study", &["title"], &[&["a"], &["b"]])).await.unwrap_err();
    assert_eq!(
        error.to_string().lines().next(),
        Some("the rows do not give `code`, which belongs to the identity of `study`")
    );
    assert_eq!(error.iter().count(), 1);
    // `data: {}` has no rows that could be meant.
    let error = embed_migrate_core::facts::parse("deploy.yaml", "data: {}\nof: study").unwrap_err();
    assert_eq!(error.message(), "the row gives no fields");
}

#[tokio::test]
async fn rows_with_one_identity_complete_each_other_or_are_refused() {
    let bench = Bench::new("CREATE TABLE price (code numeric PRIMARY KEY, title text, size int4)").await;
    let rows = [&["1.10", "a", ""][..], &["1.1", "", "2"], &["11e-1", "a", "02"]];
    assert_eq!(bench.deploy(&cells("price", &["code", "title", "size"], &rows)).await.unwrap().inserted, 1);
    assert_eq!(bench.all("SELECT * FROM price").await, "1.10|a|2");
    let said =
        bench.refused(&cells("price", &["code", "title"], &[&["1", "a"], &["2", "b"], &["1", "c"]])).await;
    assert!(
        said.starts_with("two rows with the identity `1` give `title` two values: `a` and `c`\n"),
        "{said}"
    );
    assert!(said.contains("rows.csv:4:3") && said.contains("note: the first is at rows.csv:2"), "{said}");
}

#[tokio::test]
async fn required_columns_that_new_rows_leave_out_are_named() {
    let bench = Bench::new(
        "CREATE TABLE study (code text PRIMARY KEY, title text NOT NULL, size int4 NOT NULL DEFAULT 1)",
    )
    .await;
    bench.client.batch_execute("INSERT INTO study VALUES ('a', 'A')").await.unwrap();
    // An old row has its title.
    bench.deploy(&cells("study", &["code"], &[&["a"]])).await.unwrap();
    let error = bench
        .deploy(&cells("study", &["code", "title"], &[&["a", ""], &["b", ""], &["c", "C"]]))
        .await
        .unwrap_err();
    assert_eq!(error.message(), "a new row of `study` gives no `title`, which is required");
    assert_eq!((error.iter().count(), error.place().unwrap().line()), (1, 3));
    let null = values("study", &["code", "title", "size"], vec![vec![text("d"), text("D"), Value::Null]]);
    assert!(bench.refused(&null).await.contains("gives no `size`"));
}

#[tokio::test]
async fn a_transaction_that_may_not_write_is_reported_as_such() {
    let bench = Bench::new(STUDY).await;
    bench.client.batch_execute("SET default_transaction_read_only = on").await.unwrap();
    let said = bench.refused(&cells("study", &["code"], &[&["a"]])).await;
    assert!(
        said.contains("help: a standby or read-only session can verify facts, not deploy them"),
        "{said}"
    );
}
