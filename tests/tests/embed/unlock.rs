static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/unlock");

fn main() {}
