static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/manifest_keys");

fn main() {}
