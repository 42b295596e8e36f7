//! A button on the box: pressed, or held.
//!
//! Buttons come as keys of the kernel's input devices: on a GPIO by its driver
//! `gpio-keys`, which also removes the bounce, and by USB. Source: the kernel's
//! `input.rst` and `event-codes.rst`.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::tree::Tree;

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Pressed and let go.
    Short,
    /// Held; told while it is still held, so that people see that it worked.
    Long,
}

/// One key, as it goes down and up.
pub trait Key: Send {
    /// The next change within `limit`: true is down. Blocks its thread.
    ///
    /// # Errors
    /// When the key is gone, such as a USB button that was pulled out.
    fn change(&mut self, limit: Duration) -> io::Result<Option<bool>>;
}

/// Tells short from long; pure.
#[derive(Debug, Clone)]
pub struct Presses {
    long: Duration,
    since: Option<Duration>,
}

impl Presses {
    /// What is held for `long` is a long press.
    #[must_use]
    pub fn new(long: Duration) -> Self {
        Self { long, since: None }
    }

    /// When a press that goes on becomes a long one.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.since.map(|since| since.saturating_add(self.long))
    }

    /// What it means that the key has changed, or has not, until `now`.
    pub fn step(&mut self, now: Duration, change: Option<bool>) -> Option<Press> {
        // Who was late to look still sees that it was held.
        let is_long = self.due().is_some_and(|due| now >= due);
        match change {
            Some(true) => self.since = Some(now),
            Some(false) | None if is_long => {
                self.since = None;
                return Some(Press::Long);
            }
            Some(false) => return self.since.take().map(|_| Press::Short),
            None => {}
        }
        None
    }
}

/// A key with its presses.
pub struct Button<Now> {
    key: Box<dyn Key>,
    presses: Presses,
    now: Now,
}

impl<Now: Fn() -> Duration> Button<Now> {
    /// `now` is a monotonic clock.
    pub fn new(key: Box<dyn Key>, long: Duration, now: Now) -> Self {
        Self { key, presses: Presses::new(long), now }
    }

    /// The next press within `limit`. Blocks its thread.
    ///
    /// # Errors
    /// When the key is gone.
    pub fn wait(&mut self, limit: Duration) -> io::Result<Option<Press>> {
        let end = (self.now)().saturating_add(limit);
        loop {
            let until = self.presses.due().map_or(end, |due| due.min(end));
            let change = self.key.change(until.saturating_sub((self.now)()))?;
            let now = (self.now)();
            let press = self.presses.step(now, change);
            if press.is_some() || now >= end {
                return Ok(press);
            }
        }
    }
}

/// Which key is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The input device's name, such as `gpio-keys`.
    pub device: String,
    /// The key's number in `input-event-codes.h`, such as 167 for `KEY_RECORD`;
    /// without it every key of the device counts.
    pub code: Option<u16>,
}

/// A key of the kernel.
#[derive(Debug)]
pub struct InputKey {
    events: File,
    code: Option<u16>,
    changes: VecDeque<bool>,
}

/// The kernel's `input_event`: a time, whose size depends on the machine, then
/// type, code and value in 2, 2 and 4 bytes.
const EVENT_BYTES: usize = size_of::<libc::input_event>();
const TYPE_OF_KEYS: u16 = 1;

impl InputKey {
    /// Opens the key, if there is a device of that name.
    ///
    /// # Errors
    /// When it is there and cannot be opened.
    pub fn open(root: &Path, wanted: &Wanted) -> io::Result<Option<Self>> {
        let tree = Tree::new(root);
        let is_wanted = |name: &String| {
            let device = tree.text(&format!("sys/class/input/{name}/device/name"));
            name.starts_with("event") && device.as_deref() == Some(&*wanted.device)
        };
        let Some(name) = tree.names("sys/class/input").into_iter().find(is_wanted) else { return Ok(None) };
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        let flags = i32::try_from(flags).map_err(io::Error::other)?;
        let node = root.join("dev/input").join(name);
        let events = File::options().read(true).custom_flags(flags).open(node)?;
        Ok(Some(Self { events, code: wanted.code, changes: VecDeque::new() }))
    }

    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; 64 * EVENT_BYTES];
        let length = match self.events.read(&mut bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        let events = bytes[..length].chunks_exact(EVENT_BYTES);
        self.changes.extend(events.filter_map(|event| change(event, self.code)));
        Ok(())
    }
}

/// What an event says about the key: 1 is down, 0 is up, 2 is a repetition.
fn change(event: &[u8], code: Option<u16>) -> Option<bool> {
    let [kind_low, kind_high, code_low, code_high, value @ ..] = event.last_chunk::<8>()?;
    let is_ours = u16::from_ne_bytes([*kind_low, *kind_high]) == TYPE_OF_KEYS
        && code.is_none_or(|code| code == u16::from_ne_bytes([*code_low, *code_high]));
    match i32::from_ne_bytes(*value) {
        0 if is_ours => Some(false),
        1 if is_ours => Some(true),
        _ => None,
    }
}

impl Key for InputKey {
    fn change(&mut self, limit: Duration) -> io::Result<Option<bool>> {
        if self.changes.is_empty() {
            let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&self.events, PollFlags::IN)], Some(&limit)) {
                Ok(0) | Err(Errno::INTR) => return Ok(None),
                Ok(_) => self.read()?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.changes.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3);

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_press_is_short_until_it_is_held_long_enough() {
        let mut presses = Presses::new(LONG);
        assert_eq!(presses.step(at(0), Some(true)), None);
        assert_eq!(presses.step(at(2999), Some(false)), Some(Press::Short));
        assert_eq!(presses.due(), None);
        assert_eq!(presses.step(at(5000), Some(true)), None);
        assert_eq!(presses.step(at(7999), None), None);
        assert_eq!(presses.step(at(8000), None), Some(Press::Long));
        assert_eq!(presses.step(at(9000), Some(false)), None, "letting go of a long press is nothing more");
    }

    #[test]
    fn who_looks_late_still_sees_that_it_was_held() {
        let mut presses = Presses::new(LONG);
        presses.step(at(0), Some(true));
        assert_eq!(presses.step(at(3500), Some(false)), Some(Press::Long));
        assert_eq!(presses.step(at(3600), Some(false)), None);
    }

    /// A key that goes down at once and never up, with the time that it makes pass.
    struct Held {
        is_down: bool,
        now: std::sync::Arc<std::sync::Mutex<Duration>>,
    }

    impl Key for Held {
        fn change(&mut self, limit: Duration) -> io::Result<Option<bool>> {
            if !self.is_down {
                self.is_down = true;
                return Ok(Some(true));
            }
            *self.now.lock().unwrap() += limit;
            Ok(None)
        }
    }

    #[test]
    fn a_held_button_is_told_when_it_is_due_and_not_at_the_end_of_waiting() {
        let now = std::sync::Arc::new(std::sync::Mutex::new(at(0)));
        let key = Held { is_down: false, now: now.clone() };
        let clock = now.clone();
        let mut button = Button::new(Box::new(key), LONG, move || *clock.lock().unwrap());
        assert_eq!(button.wait(at(2000)).unwrap(), None);
        assert_eq!(button.wait(at(60_000)).unwrap(), Some(Press::Long));
        assert_eq!(*now.lock().unwrap(), LONG);
        assert_eq!(button.wait(at(1000)).unwrap(), None);
        assert_eq!(*now.lock().unwrap(), at(4000));
    }
}
