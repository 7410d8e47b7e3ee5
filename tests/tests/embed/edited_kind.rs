static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!("embed/edited_kind");

fn main() {}
