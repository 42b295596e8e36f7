//! A test room whose sources suffer what they are told, as somebody who
//! practises does it: by a file for each.

use jiff::Timestamp;
use lectern_api::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::Setup;

/// The room's three sources and their files.
#[derive(Debug)]
pub struct Practice {
    folder: TempDir,
}

/// What the sources are called, and what they are.
const SOURCES: [&str; 3] = ["board", "camera", "mic"];

impl Practice {
    /// A room without a fault.
    #[must_use]
    pub fn begin() -> Self {
        Self { folder: crate::folder::temporary("practice") }
    }

    /// A box in this room.
    #[must_use]
    pub fn setup(&self) -> Setup {
        SOURCES.into_iter().fold(Setup::bare(), |setup, name| {
            let file = self.folder.path().join(name);
            setup.source(name, name, &format!("test:{name}?faults={}", file.display()))
        })
    }

    /// Lets a source suffer from now on, or recover when `what` is empty; answers
    /// when that was.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn suffers(&self, source: &str, what: &str) -> Timestamp {
        assert!(SOURCES.contains(&source), "there is no {source}");
        // Renamed into its place: it is never read half written.
        let new = self.folder.path().join(format!("{source}.new"));
        std::fs::write(&new, what).expect("the file can be written");
        std::fs::rename(&new, self.folder.path().join(source)).expect("and renamed");
        SystemClock::new().utc()
    }
}
