static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/misnamed");

fn main() {}
