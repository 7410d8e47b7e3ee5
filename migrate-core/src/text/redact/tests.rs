use super::*;

#[test]
fn passwords_are_hidden() {
    for (text, shown) in [
        (
            "CREATE ROLE a LOGIN PASSWORD 'x' VALID UNTIL '2030-01-01'",
            "CREATE ROLE a LOGIN PASSWORD '***' VALID UNTIL '2030-01-01'",
        ),
        (
            "alter user a with encrypted\npassword\t'it''s' ;",
            "alter user a with encrypted\npassword\t'***' ;",
        ),
        ("ALTER ROLE a PASSWORD E'a\\tb'", "ALTER ROLE a PASSWORD E'***'"),
        ("ALTER ROLE a PASSWORD U&'a'", "ALTER ROLE a PASSWORD U&'***'"),
        ("ALTER ROLE a PASSWORD $$x'y$$;", "ALTER ROLE a PASSWORD $$***$$;"),
        ("ALTER ROLE a PASSWORD $p$x$p$", "ALTER ROLE a PASSWORD $p$***$p$"),
        ("ALTER ROLE a PASSWORD /* ! */ 'x' -- y", "ALTER ROLE a PASSWORD /* ! */ '***' -- y"),
        ("ALTER ROLE a PASSWORD -- y\n 'x'", "ALTER ROLE a PASSWORD -- y\n '***'"),
        ("ALTER ROLE a PASSWORD 'cut of", "ALTER ROLE a PASSWORD '***"),
        (
            "DO $$ BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''x'''; END $$",
            "DO $$ BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''***'''; END $$",
        ),
        (
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password 'x')",
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password '***')",
        ),
        (
            "ALTER USER MAPPING FOR a SERVER s OPTIONS (SET \"password\" 'x')",
            "ALTER USER MAPPING FOR a SERVER s OPTIONS (SET \"password\" '***')",
        ),
        (
            "CREATE SUBSCRIPTION s CONNECTION 'host=h password=x dbname=d' PUBLICATION p",
            "CREATE SUBSCRIPTION s CONNECTION 'host=h password=*** dbname=d' PUBLICATION p",
        ),
        ("CONNECTION 'host=h password=''a b'' dbname=d'", "CONNECTION 'host=h password=''***'' dbname=d'"),
        (
            "CONNECTION 'postgresql://u:x@h/d?sslpassword=y'",
            "CONNECTION 'postgresql://u:***@h/d?sslpassword=***'",
        ),
        ("CONNECTION 'host=h password=a b dbname=d'", "CONNECTION 'host=h password=*** dbname=d'"),
        (
            "CONNECTION 'host=h password=a b c' PUBLICATION p",
            "CONNECTION 'host=h password=***' PUBLICATION p",
        ),
        ("host=h password=a and more prose", "host=h password=*** and more prose"),
        (
            "SELECT dblink_connect('c', 'user=u password = x')",
            "SELECT dblink_connect('c', 'user=u password = ***')",
        ),
        ("SELECT set_config('app.password', 'x', false)", "SELECT set_config('app.password', '***', false)"),
        (
            "ALTER DATABASE d SET \"app.jwt_secret\" TO 'x'",
            "ALTER DATABASE d SET \"app.jwt_secret\" TO '***'",
        ),
        ("SET app.secret_key = 'x'", "SET app.secret_key = '***'"),
        ("SELECT set_password('ann', 'x'), 'y'", "SELECT set_password('***', '***'), 'y'"),
        ("SELECT f(password => 'x')", "SELECT f(password => '***')"),
        (
            "UPDATE account SET password = 'x' WHERE name = 'ann'",
            "UPDATE account SET password = '***' WHERE name = 'ann'",
        ),
        ("Server=h;User Id=u;Password=x;Database=d", "Server=h;User Id=u;Password=***;Database=d"),
        (
            "host=127.0.0.1;port=5432;password=hunter2;dbname=d",
            "host=127.0.0.1;port=5432;password=***;dbname=d",
        ),
        ("postgresql://u:a/b@c@h:5432/d", "postgresql://u:***@h:5432/d"),
        (
            "unexpected argument 'postgresql://u@h/d?password=a&b=c' found",
            "unexpected argument 'postgresql://u@h/d?password=***' found",
        ),
        ("{\"user\": \"u\", \"password\": \"x\"}", "{\"user\": \"u\", \"password\": \"***\"}"),
        (
            "SQL statement \"ALTER ROLE a PASSWORD 'x'\"\nPL/pgSQL function",
            "SQL statement \"ALTER ROLE a PASSWORD '***'\"\nPL/pgSQL function",
        ),
        ("größe 'ß' PASSWORD 'ß'", "größe 'ß' PASSWORD '***'"),
        ("CONNECTION 'host=h password=$3cret dbname=d'", "CONNECTION 'host=h password=*** dbname=d'"),
        ("host=h password=x(y user=u", "host=h password=*** user=u"),
        ("host=h password=,a&b;c) user=u", "host=h password=*** user=u"),
        ("host=h password='it\\'s x' user=u", "host=h password='***' user=u"),
        ("Uid=u;Pwd=x;Database=d", "Uid=u;Pwd=***;Database=d"),
        ("ALTER ROLE a PASSWORD E'hun\\'ter2';", "ALTER ROLE a PASSWORD E'***';"),
        ("ALTER ROLE a PASSWORD 'hun'\n  'ter2';", "ALTER ROLE a PASSWORD '***'\n  '***';"),
        ("ALTER ROLE a PASSWORD ',x'", "ALTER ROLE a PASSWORD '***'"),
        ("ALTER ROLE a PASSWORD ')x'", "ALTER ROLE a PASSWORD '***'"),
        ("ALTER ROLE a PASSWORD '||x'", "ALTER ROLE a PASSWORD '***'"),
        ("SET app.secret TO\n'x'", "SET app.secret TO\n'***'"),
        ("SET app.secret TO'x'", "SET app.secret TO'***'"),
        ("postgresql://ann:hun'ter2@db/d", "postgresql://ann:***@db/d"),
        ("CONNECTION 'postgresql://u:a''b@h/d' x", "CONNECTION 'postgresql://u:***@h/d' x"),
        ("postgresql://ann:hunt", "postgresql://ann:***"),
        ("pgsql://ann:hunt", "pgsql://ann:***"),
        ("pgsql://ann:hunter2@h:5432/d", "pgsql://ann:***@h:5432/d"),
        ("pgsql:d?password=hunter2", "pgsql:d?password=***"),
    ] {
        assert_eq!(redact(text), shown);
        assert_eq!(redact(shown), shown, "what is hidden stays as it is");
    }
}

#[test]
fn what_is_no_password_is_shown() {
    for text in [
        "",
        "password authentication failed for user `ann`",
        "set `PGPASSWORD`, or put a line `host:port:database:user:password` into `~/.pgpass`",
        "write `postgresql://user:password@host:5432/database?sslmode=verify-full`",
        "CREATE TABLE account (password text NOT NULL DEFAULT 'none', kind text CHECK (kind IN ('a', 'b')))",
        "CREATE TABLE account (secret text, name text DEFAULT 'x')",
        "SET password_encryption = 'scram-sha-256'",
        "COMMENT ON COLUMN account.password IS 'hashed'",
        "UPDATE account SET password = crypt(password, gen_salt('bf'))",
        "ALTER ROLE a PASSWORD NULL",
        "ALTER ROLE a PASSWORD ''",
        "postgresql://h:5432/d?application_name=a",
        "postgresql://[::1]:5432/d and postgresql://a:1,b:2/d",
        "see https://example.org/a::b",
        "GRANT SELECT (password) ON account TO 'x'",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn a_statement_that_puts_a_password_together_shows_no_literal() {
    for (sql, shown) in [
        (
            "DO $$ BEGIN EXECUTE format('ALTER ROLE %I PASSWORD %L', 'a', 'x'); END $$",
            "DO $$ BEGIN EXECUTE format('***', '***', '***'); END $$",
        ),
        (
            "DO $$ DECLARE p text := 'x'; BEGIN EXECUTE 'ALTER ROLE a PASSWORD ' || quote_literal(p); END $$",
            "DO $$ DECLARE p text := '***'; BEGIN EXECUTE '***' || quote_literal(p); END $$",
        ),
        (
            "INSERT INTO account (password, name) VALUES ('x', 'a')",
            "INSERT INTO account (password, name) VALUES ('***', '***')",
        ),
        (
            "INSERT INTO account (name, \"password\") VALUES ('a', 'x')",
            "INSERT INTO account (name, \"password\") VALUES ('***', '***')",
        ),
    ] {
        assert_eq!(redact_statement(sql), shown);
    }
    let table = "CREATE TABLE account (name text DEFAULT 'a', password text)";
    assert_eq!(redact_statement(table), table);
}

#[test]
fn the_columns_of_a_masked_line_stay() {
    assert_eq!(mask("", "ALTER ROLE a PASSWORD 'größe';"), "ALTER ROLE a PASSWORD '*****';");
    assert_eq!(mask("ALTER ROLE a PASSWORD\n", "  'x y'; SELECT 'z'"), "  '***'; SELECT 'z'");
}

#[test]
fn what_a_server_says_of_a_statement_does_not_tell_its_password() {
    let says = |sql: &str, text: &str| redact_from(sql, text).into_owned();
    let near = "syntax error at or near \"'hunter2'\"";
    assert_eq!(says("ALTER ROLE a SET PASSWORD 'hunter2'", near), "syntax error at or near \"'***'\"");
    assert_eq!(says("SELECT 1", near), near);
}
