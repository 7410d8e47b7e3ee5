#!/usr/bin/env python3
"""Writes the pairs and histories of public projects as plain files, for the program beside it.

usage: extract.py OUT FORMAT=CLONE...

    sqldef, pgschema, apgdiff, migra, pg-schema-diff, pgquarrel, pg-delta, pg-toolbelt
        become OUT/pairs/FORMAT/CASE/{old,new}.sql, some with {old,new}.rows.sql
    NAME:up-directories, NAME:up-files, NAME:goose, NAME:plain
        become OUT/histories/NAME/NUMBER.sql, of a directory of migrations

Needs PyYAML for sqldef. Nothing that is fetched is kept in the repository.
"""
import re
import sys
from pathlib import Path

import yaml


def write(out, case, old, new):
    directory = out / re.sub(r"[^A-Za-z0-9_.-]+", "_", case)
    while directory.exists():
        directory = directory.with_name(directory.name + "_")
    directory.mkdir(parents=True)
    (directory / "old.sql").write_text(old or "")
    (directory / "new.sql").write_text(new or "")
    return directory


def sqldef(clone, out):
    for file in sorted(clone.glob("cmd/psqldef/tests_*.yml")):
        topic = file.stem.removeprefix("tests_")
        for name, test in yaml.safe_load(file.read_text()).items():
            if "desired" in test:
                write(out, f"{topic}.{name}", test.get("current"), test["desired"])


def pgschema(clone, out):
    for old in sorted(clone.glob("testdata/diff/*/*/old.sql")):
        new = old.with_name("new.sql")
        setup = old.with_name("setup.sql")
        before = setup.read_text() if setup.exists() else ""
        write(out, f"{old.parent.parent.name}.{old.parent.name}", before + old.read_text(), before + new.read_text())


def apgdiff(clone, out):
    for old in sorted(clone.glob("src/test/resources/**/*_original.sql")):
        new = old.with_name(old.name.replace("_original.sql", "_new.sql"))
        if new.exists():
            write(out, old.name.removesuffix("_original.sql"), old.read_text(), new.read_text())


def migra(clone, out):
    for old in sorted(clone.glob("tests/FIXTURES/*/a.sql")):
        write(out, old.parent.name, old.read_text(), old.with_name("b.sql").read_text())


GO_STRING = r'`[^`]*`|"(?:[^"\\]|\\.)*"'


def go_strings(text):
    found = re.findall(GO_STRING, text)
    return [it[1:-1] if it[0] == "`" else it[1:-1].encode().decode("unicode_escape") for it in found]


def go_list(text, field):
    found = re.search(field + r":\s*\[\]string\{((?:" + GO_STRING + r"|[^{}`\"])*)\}", text)
    return go_strings(found.group(1)) if found else None


def pg_schema_diff(clone, out):
    for file in sorted(clone.glob("internal/migration_acceptance_tests/*_cases_test.go")):
        topic = file.name.removesuffix("_cases_test.go")
        parts = re.split(r'\n\t\tname:\s*("(?:[^"\\]|\\.)*"),', file.read_text())
        for name, body in zip(parts[1::2], parts[2::2]):
            old, new = go_list(body, "oldSchemaDDL"), go_list(body, "newSchemaDDL")
            if old is not None or new is not None:
                text = lambda ddl: "".join(f"{it.rstrip().removesuffix(';')}\n;\n" for it in ddl or [] if it.strip())
                write(out, f"{topic}.{name[1:-1]}", text(old), text(new))


def pgquarrel(clone, out):
    for old in sorted(clone.glob("test/to-*.sql")):
        topic = old.stem.removeprefix("to-")
        new = old.with_name(f"from-{topic}.sql")
        if new.exists():
            write(out, topic, old.read_text(), new.read_text())


def pg_delta(clone, out):
    """Its tests say what both sides have, and what only one of them has, as texts of TypeScript."""
    for file in sorted(clone.glob("tests/integration/*.test.ts")):
        topic = file.name.removesuffix(".test.ts")
        parts = re.split(r"\n\s*test\w*(?:\.\w+)*\(\s*[\"'`]([^\"'`]*)[\"'`],", file.read_text())
        for name, body in zip(parts[1::2], parts[2::2]):
            setup = re.search(r"initialSetup:\s*(?:dedent)?`([^`]*)`", body)
            change = re.search(r"testSql:\s*(?:dedent)?`([^`]*)`", body)
            if change and "${" not in change.group(1) + (setup.group(1) if setup else ""):
                before = setup.group(1) if setup else ""
                write(out, f"{topic}.{name}", before, f"{before}\n;\n{change.group(1)}")


def pg_toolbelt(clone, out):
    for old in sorted(clone.glob("packages/pg-delta/corpus/*/a.sql")):
        case = write(out, old.parent.name, old.read_text(), old.with_name("b.sql").read_text())
        for name, rows in [("seed.sql", "old.rows.sql"), ("seed-b.sql", "new.rows.sql")]:
            if old.with_name(name).exists():
                (case / rows).write_text(old.with_name(name).read_text())


PAIRS = {
    "sqldef": sqldef,
    "pgschema": pgschema,
    "apgdiff": apgdiff,
    "migra": migra,
    "pg-schema-diff": pg_schema_diff,
    "pgquarrel": pgquarrel,
    "pg-delta": pg_delta,
    "pg-toolbelt": pg_toolbelt,
}


def goose_up(text):
    up = text.partition("-- +goose Up")[2] or text
    return up.partition("-- +goose Down")[0]


HISTORIES = {
    "up-directories": lambda clone: [(it.parent.name, it.read_text()) for it in sorted(clone.glob("*/up.sql"))],
    "up-files": lambda clone: [(it.stem, it.read_text()) for it in sorted(clone.glob("*.up.sql"))],
    "goose": lambda clone: [(it.stem, goose_up(it.read_text())) for it in sorted(clone.glob("*.sql"))],
    "plain": lambda clone: [(it.stem, it.read_text()) for it in sorted(clone.glob("*.sql"))],
}

# What one project's own runner puts in.
NAMESPACE = re.compile(r'\{\{ *index \.Options "Namespace" *\}\}')


def history(steps, out):
    out.mkdir(parents=True)
    for number, (name, text) in enumerate(steps, 1):
        (out / f"{number:04}_{name}.sql").write_text(NAMESPACE.sub("auth", text))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    out = Path(sys.argv[1])
    for argument in sys.argv[2:]:
        format, _, clone = argument.partition("=")
        name, _, layout = format.partition(":")
        if layout:
            history(HISTORIES[layout](Path(clone)), out / "histories" / name)
        else:
            PAIRS[format](Path(clone), out / "pairs" / format)


main()
