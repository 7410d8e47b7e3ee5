static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!("embed/first_ordinal");

fn main() {}
