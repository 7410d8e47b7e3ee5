static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/concurrent");

fn main() {}
