use std::error::Error;

use bytes::{BufMut, BytesMut};
use embed_migrate_core::rows::{ArrayParameter, WireType, days};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

type Failed = Box<dyn Error + Sync + Send>;

/// An array on its way to the server, never made as a whole before it is in the message.
#[derive(Debug)]
pub(crate) struct Array<'s, 'a>(pub(crate) &'s ArrayParameter<'a>);

impl Array<'_, '_> {
    pub(crate) fn kind(&self) -> Type {
        match self.0.wire {
            WireType::Text => Type::TEXT_ARRAY,
            WireType::Int2 => Type::INT2_ARRAY,
            WireType::Int4 => Type::INT4_ARRAY,
            WireType::Int8 => Type::INT8_ARRAY,
            WireType::Bool => Type::BOOL_ARRAY,
            WireType::Date => Type::DATE_ARRAY,
        }
    }

    fn element(&self) -> Type {
        match self.0.wire {
            WireType::Text => Type::TEXT,
            WireType::Int2 => Type::INT2,
            WireType::Int4 => Type::INT4,
            WireType::Int8 => Type::INT8,
            WireType::Bool => Type::BOOL,
            WireType::Date => Type::DATE,
        }
    }

    /// An element, behind its length.
    fn put(&self, text: &str, out: &mut BytesMut) -> Result<(), Failed> {
        match self.0.wire {
            WireType::Text => {
                out.put_i32(i32::try_from(text.len())?);
                out.put_slice(text.as_bytes());
            }
            WireType::Int2 => {
                out.put_i32(2);
                out.put_i16(text.parse()?);
            }
            WireType::Int4 => {
                out.put_i32(4);
                out.put_i32(text.parse()?);
            }
            WireType::Int8 => {
                out.put_i32(8);
                out.put_i64(text.parse()?);
            }
            WireType::Bool => {
                out.put_i32(1);
                out.put_u8(u8::from(text.starts_with('t')));
            }
            WireType::Date => {
                out.put_i32(4);
                out.put_i32(days(text).ok_or("no date")?);
            }
        }
        Ok(())
    }
}

impl ToSql for Array<'_, '_> {
    // The binary form of an array: dimensions, a flag for NULLs, the element's type, length and lower bound, then
    // each element behind its length.
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        let length = i32::try_from(self.0.length)?;
        out.put_i32(i32::from(length > 0));
        out.put_i32(1);
        out.put_u32(self.element().oid());
        if length > 0 {
            out.put_i32(length);
            out.put_i32(1);
        }
        for text in self.0.iter() {
            match text {
                None => out.put_i32(-1),
                Some(text) => self.put(text, out)?,
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
