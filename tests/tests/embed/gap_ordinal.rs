static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/gap_ordinal");

fn main() {}
