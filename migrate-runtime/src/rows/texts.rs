use std::error::Error;

use bytes::{BufMut, BytesMut};
use migrate_core::rows::Parameter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// An array of texts on its way to the server, never made as a whole before it is in the message.
#[derive(Debug)]
pub(crate) struct Texts<'s, 'a>(pub(crate) &'s Parameter<'a>);

impl ToSql for Texts<'_, '_> {
    // The binary form of an array: dimensions, a flag for NULLs, the element's type, length and lower bound, then
    // each element behind its length.
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let length = i32::try_from(self.0.length)?;
        out.put_i32(i32::from(length > 0));
        out.put_i32(1);
        out.put_u32(Type::TEXT.oid());
        if length > 0 {
            out.put_i32(length);
            out.put_i32(1);
        }
        for text in self.0.iter() {
            match text {
                None => out.put_i32(-1),
                Some(text) => {
                    out.put_i32(i32::try_from(text.len())?);
                    out.put_slice(text.as_bytes());
                }
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::TEXT_ARRAY
    }

    to_sql_checked!();
}
