static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!(migrations);

fn main() {}
