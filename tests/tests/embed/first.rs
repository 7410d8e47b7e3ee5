static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/first");

fn main() {}
