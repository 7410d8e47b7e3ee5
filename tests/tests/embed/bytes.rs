static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/bytes");

fn main() {}
