static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/psql");

fn main() {}
