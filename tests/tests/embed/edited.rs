static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/edited");

fn main() {}
