static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/manifest_documents");

fn main() {}
