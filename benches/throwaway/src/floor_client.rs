//! The least client that can be: a startup, and simple queries.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use harness::Result;

/// A connection.
pub(crate) struct FloorClient(UnixStream);

impl FloorClient {
    /// Connects as `postgres`, by trust.
    pub(crate) fn connect(socket: &Path, database: &str) -> Result<FloorClient> {
        let mut stream = UnixStream::connect(socket.join(".s.PGSQL.5432"))?;
        let body = format!("user\0postgres\0database\0{database}\0\0");
        let mut message = Vec::new();
        message.extend_from_slice(&(body.len() as u32 + 8).to_be_bytes());
        message.extend_from_slice(&196_608_u32.to_be_bytes());
        message.extend_from_slice(body.as_bytes());
        stream.write_all(&message)?;
        let mut wire = FloorClient(stream);
        wire.ready()?;
        Ok(wire)
    }

    /// Runs statements, and reads past what they give.
    pub(crate) fn run(&mut self, sql: &str) -> Result<()> {
        let mut message = vec![b'Q'];
        message.extend_from_slice(&(sql.len() as u32 + 5).to_be_bytes());
        message.extend_from_slice(sql.as_bytes());
        message.push(0);
        self.0.write_all(&message)?;
        self.ready()
    }

    fn ready(&mut self) -> Result<()> {
        let (mut error, mut body) = (None, Vec::new());
        loop {
            let mut head = [0; 5];
            self.0.read_exact(&mut head)?;
            let [kind, length @ ..] = head;
            body.resize(u32::from_be_bytes(length) as usize - 4, 0);
            self.0.read_exact(&mut body)?;
            match kind {
                b'E' => error = Some(String::from_utf8_lossy(&body).replace('\0', " ")),
                b'Z' => return error.map_or(Ok(()), |error| Err(error.into())),
                _ => {}
            }
            // A client that is refused at the startup gets no other message.
            if let (b'E', Some(error)) = (kind, error.as_ref())
                && error.contains("57P03")
            {
                return Err(error.clone().into());
            }
        }
    }
}
