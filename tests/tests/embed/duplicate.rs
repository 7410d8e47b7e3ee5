static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/duplicate");

fn main() {}
