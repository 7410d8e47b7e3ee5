static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!("embed/outside_direct");

fn main() {}
