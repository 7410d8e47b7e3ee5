static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/transaction");

fn main() {}
