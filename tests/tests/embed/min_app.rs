static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/min_app");

fn main() {}
