//! Where messages begin and end in a stream of bytes (manual, "Message Formats").

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its type, or [`START`].
    pub(crate) kind: u8,
    /// What follows the length.
    pub(crate) body: Vec<u8>,
}

/// The kind of the messages that have no type: those before a connection starts.
pub(crate) const START: u8 = b'*';

/// Bytes that are not a whole message yet.
#[derive(Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
}

impl Frames {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message without a type, if it is whole.
    pub(crate) fn next_untyped(&mut self) -> Option<Message> {
        self.take(0).map(|body| Message { kind: START, body })
    }

    /// The next message with a type, if it is whole.
    pub(crate) fn next(&mut self) -> Option<Message> {
        let kind = *self.bytes.first()?;
        self.take(1).map(|body| Message { kind, body })
    }

    /// The next byte alone: the answer to a request for encryption.
    pub(crate) fn next_byte(&mut self) -> Option<u8> {
        (!self.bytes.is_empty()).then(|| self.bytes.remove(0))
    }

    /// The body of the message whose length is at `offset`. The length counts itself.
    fn take(&mut self, offset: usize) -> Option<Vec<u8>> {
        let length = self.bytes.get(offset..offset + 4)?;
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        let body = self.bytes.get(offset + 4..offset + length)?.to_vec();
        self.bytes.drain(..offset + length);
        Some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_out_when_its_last_byte_is_in() {
        let mut frames = Frames::default();
        let bytes = b"Q\0\0\0\x06A\0Z\0\0\0\x05I";
        for (n, byte) in bytes.iter().enumerate() {
            frames.push(&[*byte]);
            let message = frames.next();
            match n {
                6 => assert_eq!(message, Some(Message { kind: b'Q', body: b"A\0".to_vec() })),
                12 => assert_eq!(message, Some(Message { kind: b'Z', body: b"I".to_vec() })),
                _ => assert_eq!(message, None),
            }
        }
    }
}
