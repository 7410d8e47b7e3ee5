static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/unlocked");

fn main() {}
