static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/manifest_duplicate_key");

fn main() {}
