//! A camera that turns and zooms on paper only, and speaks VISCA.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::Duration;

use crate::ptz::link::{Kind, Link};

/// What it looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// Steps to the right of the middle.
    pub pan: i32,
    /// Steps above the middle.
    pub tilt: i32,
    /// As VISCA counts it, 0 to 0x4000.
    pub zoom: u16,
}

/// A camera by its messages. Each command that turns or zooms moves it by as many
/// steps as its speed, at once: it has no time.
#[derive(Debug, Clone, Default)]
pub struct VirtualCamera {
    /// Whether it is awake; asleep it does nothing else than wake up.
    pub is_awake: bool,
    /// Whether it turns or zooms now.
    pub is_moving: bool,
    /// What it looks at.
    pub view: View,
    /// What it remembers.
    pub presets: BTreeMap<u8, View>,
    /// Whether it leaves out that it has accepted, against the manuals.
    pub is_terse: bool,
    /// How many messages it does not hear from now on.
    pub deaf_for: u32,
    said: VecDeque<Vec<u8>>,
}

const SYNTAX: u8 = 0x02;
const NOT_NOW: u8 = 0x41;
const FARTHEST: u16 = 0x4000;

impl VirtualCamera {
    /// A camera that is awake and looks straight on.
    #[must_use]
    pub fn new() -> Self {
        Self { is_awake: true, ..Self::default() }
    }

    /// What it says to a message; nothing to what is not for it.
    pub fn hear(&mut self, message: &[u8]) -> Vec<Vec<u8>> {
        if self.deaf_for > 0 {
            self.deaf_for -= 1;
            return Vec::new();
        }
        let [to @ 0x81..=0x87, kind, body @ .., 0xff] = message else { return Vec::new() };
        let from = 0x80 + 0x10 * (to & 0x07);
        let reply = |bytes: &[u8]| [&[from], bytes, &[0xff]].concat();
        let refuse = |reason: u8| vec![reply(&[0x60, reason])];
        match *kind {
            0x09 => match self.answer(body) {
                Some(answer) => vec![reply(&[&[0x50], &*answer].concat())],
                None => refuse(SYNTAX),
            },
            0x01 => match self.obey(body) {
                Ok(()) if self.is_terse => vec![reply(&[0x51])],
                Ok(()) => vec![reply(&[0x41]), reply(&[0x51])],
                Err(reason) => refuse(reason),
            },
            _ => refuse(SYNTAX),
        }
    }

    fn answer(&self, body: &[u8]) -> Option<Vec<u8>> {
        match body {
            [0x04, 0x00] => Some(vec![if self.is_awake { 2 } else { 3 }]),
            [0x04, 0x47] => Some([12, 8, 4, 0].map(|shift| (self.view.zoom >> shift) as u8 & 0x0f).to_vec()),
            _ => None,
        }
    }

    fn obey(&mut self, body: &[u8]) -> Result<(), u8> {
        if let [0x04, 0x00, on @ 2..=3] = body {
            self.is_awake = *on == 2;
            return Ok(());
        }
        if !self.is_awake {
            return Err(NOT_NOW);
        }
        match body {
            [0x06, 0x04] => (self.view.pan, self.view.tilt) = (0, 0),
            [0x04, 0x3f, 0x01, preset @ 0..=0x7f] => {
                self.presets.insert(*preset, self.view);
            }
            [0x04, 0x3f, 0x02, preset @ 0..=0x7f] => {
                self.view = *self.presets.get(preset).ok_or(NOT_NOW)?;
            }
            [0x06, 0x01, pan @ 1..=0x18, tilt @ 1..=0x14, to_side @ 1..=3, upwards @ 1..=3] => {
                self.view.pan += [-1, 1, 0][usize::from(to_side - 1)] * i32::from(*pan);
                self.view.tilt += [1, -1, 0][usize::from(upwards - 1)] * i32::from(*tilt);
                self.is_moving = (*to_side, *upwards) != (3, 3);
            }
            [0x04, 0x07, 0x00] => self.is_moving = false,
            [0x04, 0x07, closer @ 0x20..=0x27] => {
                self.view.zoom = (self.view.zoom + u16::from(closer & 7) + 1).min(FARTHEST);
                self.is_moving = true;
            }
            [0x04, 0x07, wider @ 0x30..=0x37] => {
                self.view.zoom = self.view.zoom.saturating_sub(u16::from(wider & 7) + 1);
                self.is_moving = true;
            }
            [0x04, 0x47, nibbles @ ..] if nibbles.len() == 4 && nibbles.iter().all(|nibble| *nibble < 16) => {
                let zoom = nibbles.iter().fold(0, |zoom, nibble| zoom << 4 | u16::from(*nibble));
                self.view.zoom = zoom.min(FARTHEST);
            }
            _ => return Err(SYNTAX),
        }
        Ok(())
    }
}

/// Without any line between.
impl Link for VirtualCamera {
    fn send(&mut self, _kind: Kind, message: &[u8], _again: bool) -> io::Result<()> {
        let replies = self.hear(message);
        self.said.extend(replies);
        Ok(())
    }

    fn receive(&mut self, _limit: Duration) -> io::Result<Option<Vec<u8>>> {
        Ok(self.said.pop_front())
    }
}
