static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/lint_allow");

fn main() {}
