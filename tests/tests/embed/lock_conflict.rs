static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/lock_conflict");

fn main() {}
