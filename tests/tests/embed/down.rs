static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/down");

fn main() {}
