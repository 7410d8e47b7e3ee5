static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/edited_kind");

fn main() {}
