static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!(migrations);

fn main() {}
