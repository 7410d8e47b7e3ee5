static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/copy");

fn main() {}
