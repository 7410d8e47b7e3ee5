static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/first_ordinal");

fn main() {}
