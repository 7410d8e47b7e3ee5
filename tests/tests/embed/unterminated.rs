static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/unterminated");

fn main() {}
