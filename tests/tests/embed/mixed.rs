static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/mixed");

fn main() {}
