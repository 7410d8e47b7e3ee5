static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/batch");

fn main() {}
