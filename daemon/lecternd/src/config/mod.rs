//! `lectern.toml`, and `local.toml` over it: what may stand there, and every
//! mistake at once.

mod archive;
mod decode;
mod files;
mod hardware;
pub(crate) mod local;
mod mistake;
mod mqtt;
mod origin;
mod overlay;
pub(crate) mod panel;
mod reader;
mod robot;
pub(crate) mod setting;
pub(crate) mod standing;
mod tables;
mod timetable;
mod trigger;
mod uri;

use std::path::{Path, PathBuf};

use lectern_account::Power;
use lectern_api::{Bytes, DeviceId, Kbps, Language, Name, status::Role};

use lectern_spool::RecoveryPublicKey;

use crate::robot::Address;
pub(crate) use archive::Archive;
pub(crate) use files::Files;
pub(crate) use hardware::Hardware;
pub(crate) use mistake::{Mistake, Mistakes, render};
pub(crate) use mqtt::Mqtt;
pub(crate) use origin::Origin;
pub(crate) use panel::Panel;
pub(crate) use tables::Tables;
pub(crate) use timetable::{Timetable, TimetableUrl};
pub(crate) use trigger::Trigger;

pub(crate) use uri::{LiveUrl, SourceUri, TestSource, Transport};

/// A configuration without mistakes.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) device: Device,
    pub(crate) sources: Vec<Source>,
    pub(crate) program: Program,
    pub(crate) live: Vec<Live>,
    pub(crate) archives: Vec<Archive>,
    pub(crate) spool: Spool,
    pub(crate) keys: Keys,
    pub(crate) facts: Facts,
    pub(crate) clock: Clock,
    pub(crate) timetable: Timetable,
    /// Nobody hears of the box without one.
    pub(crate) mqtt: Option<Mqtt>,
    pub(crate) control: Control,
    pub(crate) trigger: Trigger,
    /// No group hears of the box without one.
    pub(crate) robot: Option<Address>,
    pub(crate) hardware: Hardware,
    pub(crate) panel: Panel,
    /// What was accepted but deserves a word, in the order of the files.
    pub(crate) notices: Vec<Mistake>,
    /// All of it as it was written.
    pub(crate) tables: Tables,
    /// Which file each value came from.
    pub(crate) origins: Vec<Origin>,
    /// The files.
    pub(crate) files: Files,
}

/// Which box this is.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) place: String,
    pub(crate) time_zone: jiff::tz::TimeZone,
    pub(crate) language: Language,
    /// When its mains are off.
    pub(crate) power: Power,
}

/// One camera, board or sound source.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) name: Name,
    pub(crate) role: Role,
    pub(crate) uri: SourceUri,
}

/// The mixed picture and sound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    /// Pixels, even.
    pub(crate) width: u32,
    /// Pixels, even.
    pub(crate) height: u32,
    /// Frames per second.
    pub(crate) fps: u32,
    /// Of the recording's picture.
    pub(crate) record_rate: Kbps,
    /// Of the broadcast's picture.
    pub(crate) live_rate: Kbps,
    /// Whether sources and mixer stay warm between lessons.
    pub(crate) standby: bool,
}

/// One live target.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) name: Name,
    pub(crate) url: LiveUrl,
}

/// The buffer on this disk.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    pub(crate) path: PathBuf,
    pub(crate) quota: Bytes,
    /// Lessons that ended longer ago are let go when every archive has them.
    pub(crate) keep_days: Option<u32>,
    /// Whether a full disk may cost the oldest lesson that no archive has.
    pub(crate) discard_unarchived: bool,
}

/// The keys of the box.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// The folder they lie in, when systemd gives none.
    pub(crate) path: PathBuf,
    /// The X25519 public key that the keys of lessons are wrapped to as well.
    pub(crate) recovery: Option<RecoveryPublicKey>,
}

/// What the box knows beyond its recordings.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The folder of the database.
    pub(crate) path: PathBuf,
}

/// What tells the time without a network.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// The clock chip that runs on a battery, by its name in `/sys/class/rtc`.
    pub(crate) rtc: Option<Name>,
}

/// The control socket.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(crate) socket: PathBuf,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {path}: {cause}; check the path and its permissions")]
    Unreadable { path: PathBuf, cause: std::io::Error },
    /// The file was read and has mistakes.
    #[error("{} has mistakes", .0.path().display())]
    Mistaken(Mistakes),
}

impl Config {
    /// Reads and checks `lectern.toml` alone.
    fn load_main(path: &Path) -> Result<Self, ConfigError> {
        let bytes =
            std::fs::read(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        match String::from_utf8(bytes) {
            Ok(text) => Self::decode(Files::new((path.to_owned(), text), None)),
            Err(error) => Err(ConfigError::Mistaken(Mistakes::not_utf8(path, &error))),
        }
    }

    /// Checks a text; `path` is only for the messages.
    #[cfg(test)]
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        Self::decode(Files::single(path, text))
    }

    fn decode(files: Files) -> Result<Self, ConfigError> {
        decode::decode(&files).map_err(|list| ConfigError::Mistaken(Mistakes { files, list }))
    }
}

#[cfg(test)]
mod tests;
