static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("embed/outside_std");

fn main() {}
