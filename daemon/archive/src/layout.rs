//! Where each file of a lesson lies.
//!
//! ```text
//! <device>/<local date>/<lesson>/      lesson_folder
//!   manifest.json                      MANIFEST
//!   index.m3u8                         PLAYLIST
//!   ledger/0001.jsonl                  ledger_part
//!   <track>/<run>/init.mp4             init
//!   <track>/00000001.m4s               fragment
//! ```
//!
//! Every path is relative, joined by `/`, and made of the alphabet of
//! [`lectern_api::Name`], so that it means the same on a disk, in a URL and as
//! an object's key.

use lectern_api::{DeviceId, LessonId, Name};

/// The manifest, relative to a lesson's folder.
pub const MANIFEST: &str = "manifest.json";

/// The HLS playlist, relative to a lesson's folder.
pub const PLAYLIST: &str = "index.m3u8";

/// What happened in a lesson, relative to its folder.
pub const EVENTS: &str = "events.jsonl";

/// The longest path that [`is_legal`] lets pass, in bytes.
pub const MAX_PATH_BYTES: usize = 512;

/// The folder of a lesson, relative to the store: `<device>/<local date>/<lesson>`.
#[must_use]
pub fn lesson_folder(device: &DeviceId, date: jiff::civil::Date, lesson: &LessonId) -> String {
    format!("{device}/{date}/{lesson}")
}

/// The init segment of a run, relative to the lesson's folder.
#[must_use]
pub fn init(track: &Name, run: u32) -> String {
    format!("{track}/{run}/init.mp4")
}

/// The fragment `seq` (from 1) of a track, relative to the lesson's folder.
/// Eight digits keep a folder sorted by name; a longer number simply has more.
#[must_use]
pub fn fragment(track: &Name, seq: u64) -> String {
    format!("{track}/{seq:08}.m4s")
}

/// What a path below a lesson's folder names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    /// [`MANIFEST`].
    Manifest,
    /// [`PLAYLIST`].
    Playlist,
    /// [`init`].
    Init {
        /// The track.
        track: Name,
        /// The run.
        run: u32,
    },
    /// [`fragment`].
    Fragment {
        /// The track.
        track: Name,
        /// Counts from 1.
        seq: u64,
    },
}

impl File {
    /// Reads a path; `None` when no file of a lesson is called so.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        match path {
            MANIFEST => return Some(Self::Manifest),
            PLAYLIST => return Some(Self::Playlist),
            _ => {}
        }
        let (track, rest) = path.split_once('/')?;
        let track = Name::new(track).ok()?;
        let file = if let Some(run) = rest.strip_suffix("/init.mp4") {
            Self::Init { run: run.parse().ok()?, track }
        } else {
            Self::Fragment { seq: rest.strip_suffix(".m4s")?.parse().ok()?, track }
        };
        // Only as it would be written: no sign, no zeros too few or too many.
        (file.path() == path).then_some(file)
    }

    /// The path, relative to the lesson's folder.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Manifest => MANIFEST.to_owned(),
            Self::Playlist => PLAYLIST.to_owned(),
            Self::Init { track, run } => init(track, *run),
            Self::Fragment { track, seq } => fragment(track, *seq),
        }
    }
}

/// The ledger's part `part` (from 1), relative to the lesson's folder.
#[must_use]
pub fn ledger_part(part: u32) -> String {
    format!("ledger/{part:04}.jsonl")
}

/// Whether the file at this path is written more than once in a lesson's life.
/// All others are written once and never change, so that an equal length tells
/// of them that an upload arrived.
#[must_use]
pub fn is_rewritten(path: &str) -> bool {
    !matches!(path.rsplit_once('.'), Some((_, "m4s" | "mp4"))) && !path.starts_with("ledger/")
}

/// Whether a path stays inside the folder it is relative to, on any store: not
/// empty, no part empty or beginning with a dot, nothing but
/// `A–Z a–z 0–9 . _ -` between the slashes.
#[must_use]
pub fn is_legal(path: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(legal);
    path.len() <= MAX_PATH_BYTES && path.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_file_only_as_it_would_be_written() {
        let track = Name::new("program").unwrap();
        let files = [
            File::Manifest,
            File::Playlist,
            File::Init { track: track.clone(), run: 3 },
            File::Fragment { track: track.clone(), seq: 7 },
            File::Fragment { track, seq: 1_234_567_890 },
        ];
        for file in files {
            assert_eq!(File::parse(&file.path()), Some(file));
        }
        for odd in [
            "",
            "program/7.m4s",
            "program/+0000007.m4s",
            "program/../x.m4s",
            "../1/init.mp4",
            "program/01/init.mp4",
        ] {
            assert_eq!(File::parse(odd), None, "{odd}");
        }
    }

    fn track() -> Name {
        Name::new("program").unwrap()
    }

    #[test]
    fn paths_are_those_of_the_contract() {
        let folder = lesson_folder(
            &DeviceId::new("LB-2026-000317").unwrap(),
            jiff::civil::date(2026, 3, 2),
            &LessonId::new("2026-03-02.1").unwrap(),
        );
        assert_eq!(folder, "LB-2026-000317/2026-03-02/2026-03-02.1");
        assert_eq!(init(&track(), 2), "program/2/init.mp4");
        assert_eq!(fragment(&track(), 7), "program/00000007.m4s");
        assert_eq!(fragment(&track(), 123_456_789), "program/123456789.m4s");
        assert_eq!(ledger_part(1), "ledger/0001.jsonl");
        for path in [folder, init(&track(), 1), fragment(&track(), 1), ledger_part(9)] {
            assert!(is_legal(&path), "{path}");
        }
    }

    #[test]
    fn a_path_that_could_leave_its_folder_is_not_legal() {
        for bad in
            ["", "/", "/etc/passwd", "..", "a/../b", "a//b", "a/", "./a", "a\\b", "a b", "课/1", "a%2e"]
        {
            assert!(!is_legal(bad), "{bad:?}");
        }
        assert!(!is_legal(&"x".repeat(MAX_PATH_BYTES + 1)));
    }

    #[test]
    fn only_manifest_and_playlist_are_written_twice() {
        assert!(is_rewritten(MANIFEST) && is_rewritten(PLAYLIST));
        let once = [init(&track(), 1), fragment(&track(), 1), ledger_part(1)];
        assert!(once.iter().all(|path| !is_rewritten(path)));
    }
}
