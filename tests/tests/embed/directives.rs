static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/directives");

fn main() {}
