static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!("embed/duplicate_ordinal");

fn main() {}
