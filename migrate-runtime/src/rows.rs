use migrate_core::catalog::{Catalog, Oid};
use migrate_core::facts::Data;
use migrate_core::{Error, Place, Result};
use tokio_postgres::Client;
pub struct Load<'a> {
    pub client: &'a Client,
    pub catalog: &'a Catalog,
    pub table: Oid,
    pub fact: &'a Data,
    pub place: &'a Place,
    pub mode: Mode,
    pub known_empty: bool,
    pub progress: &'a (dyn Fn(usize, usize) + Send + Sync),
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Deploy,
    Verify,
}
#[derive(Debug, Default)]
pub struct Loaded {
    pub inserted: usize,
    pub updated: usize,
    pub deleted: usize,
    pub differences: Vec<Error>,
    pub proven: bool,
}
impl Load<'_> {
    pub async fn run(self) -> Result<Loaded> {
        Ok(Loaded::default())
    }
}
