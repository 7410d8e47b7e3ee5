static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/facts_edited");

fn main() {}
