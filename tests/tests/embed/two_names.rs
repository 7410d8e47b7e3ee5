static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/two_names");

fn main() {}
