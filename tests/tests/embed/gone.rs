static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/gone");

fn main() {}
