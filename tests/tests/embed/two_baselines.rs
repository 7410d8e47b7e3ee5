static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/two_baselines");

fn main() {}
