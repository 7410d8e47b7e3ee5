static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/gap");

fn main() {}
