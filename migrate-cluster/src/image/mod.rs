//! A cluster in one file: made once, and unpacked into memory faster than `initdb` could create it again.
//!
//! What costs time is the number of files, not their bytes. So the file is read in a few large pieces, each content
//! once (a fresh cluster has three databases of the same 300 files), and the zeros at a file's end are not written.

mod index;
mod pack;
mod unpack;

pub(crate) use pack::pack;
pub(crate) use unpack::Image;
