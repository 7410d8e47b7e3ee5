static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/manifest_syntax");

fn main() {}
