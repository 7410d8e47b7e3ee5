static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/several");

fn main() {}
