static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/lint_manifest");

fn main() {}
