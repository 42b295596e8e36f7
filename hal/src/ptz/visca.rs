//! VISCA's messages, as bytes; pure.
//!
//! A message is `8x … ff` to the camera with address x, and `y0 … ff` from it,
//! y being 8 + x; 3 to 16 bytes, `ff` only at the end. `8x 01` tells, `8x 09` asks.
//! An accepted command is answered by `y0 4s ff` at once and by `y0 5s ff` when it is
//! done, s being one of two sockets; a question by `y0 50 … ff`; a refusal is
//! `y0 6s reason ff`. Source: Sony's VISCA command lists (EVI-D70, BRC-H900, SRG).

use super::{Answer, Command, Inquiry, Refusal};

/// Ends a message.
pub const END: u8 = 0xff;
/// No message is longer.
pub const LONGEST_BYTES: usize = 16;

const FASTEST_PAN: u8 = 0x18;
const FASTEST_TILT: u8 = 0x14;
const FASTEST_ZOOM: u8 = 7;

/// The message of a command to the camera with `address`, 1 to 7; over a network
/// it is always 1.
#[must_use]
pub fn command(address: u8, command: Command) -> Vec<u8> {
    let body: &[u8] = match command {
        Command::Power(on) => &[0x04, 0x00, if on { 2 } else { 3 }],
        Command::Home => &[0x06, 0x04],
        Command::Store(preset) => &[0x04, 0x3f, 0x01, preset.min(0x7f)],
        Command::Recall(preset) => &[0x04, 0x3f, 0x02, preset.min(0x7f)],
        Command::Turn { pan_percent, tilt_percent } => &[
            0x06,
            0x01,
            speed(pan_percent, 1, FASTEST_PAN),
            speed(tilt_percent, 1, FASTEST_TILT),
            direction(pan_percent, 0x02, 0x01),
            direction(tilt_percent, 0x01, 0x02),
        ],
        Command::Zoom { percent: 0 } => &[0x04, 0x07, 0x00],
        Command::Zoom { percent } => {
            &[0x04, 0x07, speed(percent, 0, FASTEST_ZOOM) | if percent > 0 { 0x20 } else { 0x30 }]
        }
        Command::ZoomTo(position) => {
            let [p, q, r, s] = nibbles(position);
            &[0x04, 0x47, p, q, r, s]
        }
    };
    message(address, 0x01, body)
}

/// The message of a question.
#[must_use]
pub fn inquiry(address: u8, inquiry: Inquiry) -> Vec<u8> {
    let body = match inquiry {
        Inquiry::Power => [0x04, 0x00],
        Inquiry::Zoom => [0x04, 0x47],
    };
    message(address, 0x09, &body)
}

fn message(address: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    [&[0x80 | address.clamp(1, 7), kind], body, &[END]].concat()
}

/// A share of the greatest speed, as one of the camera's steps.
fn speed(percent: i8, slowest: u8, fastest: u8) -> u8 {
    let share = u16::from(percent.unsigned_abs().min(100));
    let steps = u16::from(fastest - slowest) * share;
    slowest + u8::try_from(steps.div_ceil(100)).unwrap_or(fastest - slowest)
}

fn direction(percent: i8, positive: u8, negative: u8) -> u8 {
    match percent.signum() {
        1 => positive,
        -1 => negative,
        _ => 0x03,
    }
}

fn nibbles(position: u16) -> [u8; 4] {
    [12, 8, 4, 0].map(|shift| (position >> shift) as u8 & 0x0f)
}

/// What a camera says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It will, in that socket.
    Accepted(u8),
    /// It has, in that socket; an answer to a question comes with bytes, in socket 0.
    Done(u8, Vec<u8>),
    /// It will not, or what it had accepted in that socket has ended so.
    Refused(u8, Refusal),
}

/// Reads a message; nothing when it is none from a camera, such as one that other
/// cameras on the line are called with.
#[must_use]
pub fn reply(message: &[u8]) -> Option<Reply> {
    let [from, kind, body @ .., END] = message else { return None };
    if !matches!(from, 0x90..=0xf0) || from & 0x0f != 0 {
        return None;
    }
    let socket = kind & 0x0f;
    match (kind >> 4, body) {
        (4, []) => Some(Reply::Accepted(socket)),
        (5, body) => Some(Reply::Done(socket, body.to_vec())),
        (6, [reason]) => Some(Reply::Refused(socket, refusal(*reason))),
        _ => None,
    }
}

fn refusal(reason: u8) -> Refusal {
    match reason {
        0x01 => Refusal::Length,
        0x02 => Refusal::Syntax,
        0x03 => Refusal::Busy,
        0x04 => Refusal::Cancelled,
        0x05 => Refusal::NoSocket,
        0x41 => Refusal::NotNow,
        other => Refusal::Other(other),
    }
}

/// Reads the bytes of an answer.
#[must_use]
pub fn answer(inquiry: Inquiry, body: &[u8]) -> Option<Answer> {
    match (inquiry, body) {
        (Inquiry::Power, [2]) => Some(Answer::Power(true)),
        // 4 is a camera that has switched itself off for an inner fault.
        (Inquiry::Power, [3 | 4]) => Some(Answer::Power(false)),
        (Inquiry::Zoom, [p, q, r, s]) if [p, q, r, s].iter().all(|nibble| **nibble < 16) => Some(
            Answer::Zoom([p, q, r, s].iter().fold(0, |position, nibble| position << 4 | u16::from(**nibble))),
        ),
        _ => None,
    }
}

/// Cuts a stream of bytes into messages.
#[derive(Debug, Default)]
pub struct Splitter {
    bytes: Vec<u8>,
}

impl Splitter {
    /// Takes bytes as they come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message. What is too long or too short to be one is skipped.
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        loop {
            let Some(end) = self.bytes.iter().position(|byte| *byte == END) else {
                // Noise without an end must not grow for ever.
                let excess = self.bytes.len().saturating_sub(LONGEST_BYTES);
                self.bytes.drain(..excess);
                return None;
            };
            let message: Vec<u8> = self.bytes.drain(..=end).collect();
            if (3..=LONGEST_BYTES).contains(&message.len()) {
                return Some(message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the byte tables of the makers' manuals.
    #[test]
    fn commands_are_the_bytes_of_the_manual() {
        let turn = |pan_percent, tilt_percent| Command::Turn { pan_percent, tilt_percent };
        let table: [(Command, &[u8]); 14] = [
            (Command::Power(true), &[0x81, 0x01, 0x04, 0x00, 0x02, 0xff]),
            (Command::Power(false), &[0x81, 0x01, 0x04, 0x00, 0x03, 0xff]),
            (Command::Home, &[0x81, 0x01, 0x06, 0x04, 0xff]),
            (Command::Store(5), &[0x81, 0x01, 0x04, 0x3f, 0x01, 0x05, 0xff]),
            (Command::Recall(5), &[0x81, 0x01, 0x04, 0x3f, 0x02, 0x05, 0xff]),
            (Command::Recall(255), &[0x81, 0x01, 0x04, 0x3f, 0x02, 0x7f, 0xff]),
            (turn(100, 100), &[0x81, 0x01, 0x06, 0x01, 0x18, 0x14, 0x02, 0x01, 0xff]),
            (turn(-1, -128), &[0x81, 0x01, 0x06, 0x01, 0x02, 0x14, 0x01, 0x02, 0xff]),
            (turn(0, 0), &[0x81, 0x01, 0x06, 0x01, 0x01, 0x01, 0x03, 0x03, 0xff]),
            (Command::Zoom { percent: 100 }, &[0x81, 0x01, 0x04, 0x07, 0x27, 0xff]),
            (Command::Zoom { percent: -1 }, &[0x81, 0x01, 0x04, 0x07, 0x31, 0xff]),
            (Command::Zoom { percent: 0 }, &[0x81, 0x01, 0x04, 0x07, 0x00, 0xff]),
            (Command::ZoomTo(0x4000), &[0x81, 0x01, 0x04, 0x47, 0x04, 0x00, 0x00, 0x00, 0xff]),
            (Command::ZoomTo(0x1a2b), &[0x81, 0x01, 0x04, 0x47, 0x01, 0x0a, 0x02, 0x0b, 0xff]),
        ];
        for (told, bytes) in table {
            assert_eq!(command(1, told), bytes, "{told:?}");
        }
        assert_eq!(inquiry(2, Inquiry::Power), [0x82, 0x09, 0x04, 0x00, 0xff]);
        assert_eq!(inquiry(0, Inquiry::Zoom), [0x81, 0x09, 0x04, 0x47, 0xff]);
    }

    #[test]
    fn replies_are_read_and_what_is_none_is_not() {
        assert_eq!(reply(&[0x90, 0x41, 0xff]), Some(Reply::Accepted(1)));
        assert_eq!(reply(&[0xa0, 0x52, 0xff]), Some(Reply::Done(2, vec![])));
        assert_eq!(reply(&[0x90, 0x50, 0x02, 0xff]), Some(Reply::Done(0, vec![2])));
        assert_eq!(reply(&[0x90, 0x60, 0x02, 0xff]), Some(Reply::Refused(0, Refusal::Syntax)));
        assert_eq!(reply(&[0x90, 0x61, 0x41, 0xff]), Some(Reply::Refused(1, Refusal::NotNow)));
        assert_eq!(reply(&[0x90, 0x60, 0x77, 0xff]), Some(Reply::Refused(0, Refusal::Other(0x77))));
        let nothing: [&[u8]; 6] = [
            &[],
            &[0xff],
            &[0x88, 0x30, 0x02, 0xff],
            &[0x81, 0x01, 0x06, 0x04, 0xff],
            &[0x90, 0x60, 0xff],
            &[0x90, 0x41],
        ];
        for bytes in nothing {
            assert_eq!(reply(bytes), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn answers_are_read_only_where_they_fit_the_question() {
        assert_eq!(answer(Inquiry::Power, &[2]), Some(Answer::Power(true)));
        assert_eq!(answer(Inquiry::Power, &[3]), Some(Answer::Power(false)));
        assert_eq!(answer(Inquiry::Zoom, &[4, 0, 0, 0]), Some(Answer::Zoom(0x4000)));
        assert_eq!(answer(Inquiry::Zoom, &[2]), None);
        assert_eq!(answer(Inquiry::Zoom, &[4, 0, 0x10, 0]), None);
        assert_eq!(answer(Inquiry::Power, &[9]), None);
    }

    #[test]
    fn a_stream_is_cut_at_the_ends_of_messages_and_noise_is_skipped() {
        let mut splitter = Splitter::default();
        splitter.push(&[0x90, 0x41]);
        assert_eq!(splitter.next_message(), None);
        splitter.push(&[0xff, 0xff, 0x90, 0x51, 0xff, 0x90]);
        assert_eq!(splitter.next_message(), Some(vec![0x90, 0x41, 0xff]));
        assert_eq!(splitter.next_message(), Some(vec![0x90, 0x51, 0xff]), "an empty one lay between");
        assert_eq!(splitter.next_message(), None);
        for _ in 0..1000 {
            splitter.push(&[0x55; 64]);
            assert_eq!(splitter.next_message(), None);
        }
        splitter.push(&[0xff, 0x90, 0x41, 0xff]);
        assert_eq!(splitter.next_message(), Some(vec![0x90, 0x41, 0xff]));
    }
}
