static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/facts_contradict");

fn main() {}
