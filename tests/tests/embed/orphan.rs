static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/orphan");

fn main() {}
