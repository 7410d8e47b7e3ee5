//! One connection: its two streams of bytes, and what of them answers what.

use std::collections::{HashMap, VecDeque};

use crate::Counts;
use crate::durability::Durability;
use crate::frames::{Frames, Message, START};
use crate::statements::{Effect, effects, locks};

const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;
const CANCEL_REQUEST: u32 = 80_877_102;

/// What one client and the server said so far.
pub(crate) struct Connection {
    counts: Counts,
    from_client: Frames,
    from_server: Frames,
    phase: Phase,
    /// The client has sent something that is not wholly answered.
    in_flight: bool,
    /// ReadyForQuery messages that are due.
    due: u64,
    /// A Flush was sent: any answer may be what the client waits for.
    flushed: bool,
    /// What each due ReadyForQuery ends; the last may still be growing.
    units: VecDeque<Unit>,
    /// Prepared statements, and the portals bound to them.
    prepared: HashMap<Vec<u8>, Vec<Effect>>,
    portals: HashMap<Vec<u8>, Vec<Effect>>,
    durability: Durability,
}

#[derive(PartialEq, Eq)]
enum Phase {
    Starting,
    /// One byte from the server is due.
    Encryption,
    Connecting,
    Ready,
    /// Encrypted or cancelling: nothing more can be read.
    Opaque,
}

/// Statements up to one ReadyForQuery.
#[derive(Default)]
struct Unit {
    effects: VecDeque<Effect>,
    closed: bool,
}

impl Connection {
    pub(crate) fn new() -> Connection {
        Connection {
            counts: Counts { connections: 1, ..Counts::default() },
            from_client: Frames::default(),
            from_server: Frames::default(),
            phase: Phase::Starting,
            in_flight: false,
            due: 0,
            flushed: false,
            units: VecDeque::new(),
            prepared: HashMap::new(),
            portals: HashMap::new(),
            durability: Durability::new(true),
        }
    }

    /// What was said, once it is over.
    pub(crate) fn into_counts(self) -> Counts {
        self.counts
    }

    /// Bytes that the client sent.
    pub(crate) fn client(&mut self, bytes: &[u8]) {
        self.from_client.push(bytes);
        loop {
            let message = match self.phase {
                Phase::Starting | Phase::Encryption => self.from_client.next_untyped(),
                Phase::Connecting | Phase::Ready => self.from_client.next(),
                Phase::Opaque => None,
            };
            let Some(message) = message else { break };
            self.client_message(&message);
        }
    }

    /// Bytes that the client is about to get.
    pub(crate) fn server(&mut self, bytes: &[u8]) {
        self.counts.bytes += bytes.len() as u64;
        if self.phase != Phase::Ready {
            self.counts.bytes_connecting += bytes.len() as u64;
        }
        self.from_server.push(bytes);
        if self.phase == Phase::Encryption
            && let Some(answer) = self.from_server.next_byte()
        {
            self.in_flight = false;
            self.phase = if answer == b'N' { Phase::Starting } else { Phase::Opaque };
        }
        while self.phase != Phase::Opaque
            && let Some(message) = self.from_server.next()
        {
            self.server_message(&message);
        }
    }

    fn client_message(&mut self, message: &Message) {
        *self.counts.sent.entry(message.kind.into()).or_default() += 1;
        if message.kind == b'X' {
            return;
        }
        if !self.in_flight {
            self.counts.round_trips += 1;
            (self.in_flight, self.flushed) = (true, false);
        }
        match message.kind {
            START => self.start(&message.body),
            b'Q' => {
                self.due += 1;
                self.counts.locks += locks(text(&message.body));
                let effects = effects(text(&message.body)).into();
                self.units.push_back(Unit { effects, closed: true });
            }
            b'P' => {
                let (name, rest) = c_string(&message.body);
                self.counts.locks += locks(text(rest));
                self.prepared.insert(name.to_vec(), effects(text(rest)));
            }
            b'B' => {
                let (portal, rest) = c_string(&message.body);
                let effects = self.prepared.get(c_string(rest).0).cloned().unwrap_or_default();
                self.portals.insert(portal.to_vec(), effects);
            }
            b'E' => {
                let effects = self.portals.get(c_string(&message.body).0).cloned().unwrap_or_default();
                // The server answers every Execute, so an empty statement takes a place too.
                self.open_unit().effects.push_back(effects.first().copied().unwrap_or(Effect::None));
            }
            b'S' => {
                self.due += 1;
                self.open_unit().closed = true;
            }
            b'H' => self.flushed = true,
            _ => {}
        }
    }

    /// The unit that the next Sync will end.
    fn open_unit(&mut self) -> &mut Unit {
        if self.units.back().is_none_or(|unit| unit.closed) {
            self.units.push_back(Unit::default());
        }
        let last = self.units.len() - 1;
        &mut self.units[last]
    }

    fn start(&mut self, body: &[u8]) {
        let code = body.first_chunk().map(|code| u32::from_be_bytes(*code));
        self.phase = match code {
            Some(SSL_REQUEST | GSS_REQUEST) => Phase::Encryption,
            Some(CANCEL_REQUEST) => Phase::Opaque,
            _ => {
                self.due += 1;
                self.units.push_back(Unit { effects: VecDeque::new(), closed: true });
                let options = String::from_utf8_lossy(body).replace('\0', " ");
                let off = ["synchronous_commit=off", "synchronous_commit off"]
                    .iter()
                    .any(|off| options.contains(off));
                self.durability = Durability::new(!off);
                Phase::Connecting
            }
        };
    }

    fn server_message(&mut self, message: &Message) {
        *self.counts.received.entry(message.kind.into()).or_default() += 1;
        match message.kind {
            b'Z' => self.ready(message.body.first() == Some(&b'I')),
            // A COPY waits for the client, and so does a question for its password.
            b'G' | b'W' => self.in_flight = false,
            b'R' if self.phase == Phase::Connecting && !authenticated(&message.body) => {
                self.in_flight = false
            }
            // The server sends an error at once, ahead of the ReadyForQuery that a client need not wait for.
            b'E' if self.due <= 1 => self.in_flight = false,
            b'C' => self.complete(c_string(&message.body).0 == b"COMMIT"),
            b'I' | b's' => self.advance(),
            _ => {}
        }
        if self.flushed && self.due == 0 {
            self.in_flight = false;
        }
    }

    fn ready(&mut self, idle: bool) {
        self.phase = Phase::Ready;
        self.due = self.due.saturating_sub(1);
        self.units.pop_front();
        if self.due == 0 {
            self.in_flight = false;
        }
        if idle {
            self.durability.idle();
        }
    }

    fn complete(&mut self, commit: bool) {
        if commit {
            self.counts.commits += 1;
            self.counts.synchronous_commits += u64::from(self.durability.on());
        }
        self.advance();
    }

    /// Past the statement that the server has just answered.
    fn advance(&mut self) {
        if let Some(effect) = self.units.front_mut().and_then(|unit| unit.effects.pop_front()) {
            self.durability.apply(effect);
        }
    }
}

/// AuthenticationOk, or the last word of SASL, which nothing answers.
fn authenticated(body: &[u8]) -> bool {
    matches!(body.first_chunk().map(|code| u32::from_be_bytes(*code)), Some(0 | 12))
}

fn c_string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(c_string(bytes).0).unwrap_or_default()
}
