static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/deep");

fn main() {}
