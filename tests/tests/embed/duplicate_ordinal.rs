static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/duplicate_ordinal");

fn main() {}
