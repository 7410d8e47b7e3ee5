static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/first_after_baseline");

fn main() {}
