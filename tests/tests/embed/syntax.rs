static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/syntax");

fn main() {}
