//! A box with a lesson that is recorded but not archived, and the real daemon
//! that brings it to a store.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use lectern_spool::Options;

use super::server::{BUCKET, KEY, SECRET};
use crate::BenchError;
use crate::daemon::{Daemon, Setup};
use crate::spool::lesson::{self, KEY_BYTES, Lesson, Payload};

const ARCHIVE: &str = "district";
const LOOK: Duration = Duration::from_millis(50);

/// The folder of such a box.
#[derive(Debug)]
pub(crate) struct Backlog {
    folder: PathBuf,
    pub(crate) fragments: u64,
    pub(crate) fragment_bytes: usize,
}

impl Backlog {
    /// Records one lesson, straight into the spool.
    pub(crate) fn record(folder: &Path, fragments: u64, fragment_bytes: usize) -> Result<Self, BenchError> {
        let (spool, _) = lesson::open(&folder.join("spool"), Options::default())?;
        let mut lesson = Lesson::begin(&spool, "backlog")?;
        let mut payload = Payload::of(fragment_bytes);
        for number in 0..fragments {
            lesson.append(payload.next(number))?;
        }
        lesson.end()?;
        drop(spool);
        let keys = folder.join("keys");
        std::fs::create_dir_all(&keys).map_err(BenchError::io(keys.display()))?;
        write_private(&keys.join("device.key"), &KEY_BYTES)?;
        let text = format!("access_key_id = \"{KEY}\"\nsecret_access_key = \"{SECRET}\"\n");
        write_private(&folder.join("s3.toml"), text.as_bytes())?;
        Ok(Self { folder: folder.to_owned(), fragments, fragment_bytes })
    }

    pub(crate) fn media_bytes(&self) -> u64 {
        self.fragments * self.fragment_bytes as u64
    }

    /// Starts the daemon with one archive: a server at this port.
    pub(crate) fn open(&self, port: u16, clock: SystemClock) -> Result<Daemon, BenchError> {
        let keys = self.folder.join("s3.toml");
        let archive = format!(
            "[[archive]]\nname = \"{ARCHIVE}\"\nurl = \"s3://{BUCKET}/village\"\nstyle = \"path\"\n\
             endpoint = \"http://127.0.0.1:{port}\"\nproxy = \"none\"\ncredentials = \"file:{}\"\n",
            keys.display()
        );
        let setup = Setup { archive: Some(archive), ..Setup::test_room(None, false) };
        Daemon::start(&setup, &self.folder, clock)
    }

    /// Waits until the archive has everything, manifest and all; looks in with
    /// `each`.
    pub(crate) fn wait(
        &self,
        daemon: &mut Daemon,
        clock: SystemClock,
        limit: Duration,
        mut each: impl FnMut(&Daemon) -> Result<(), BenchError>,
    ) -> Result<(), BenchError> {
        let until = clock.monotonic() + limit;
        while !is_archived(&daemon.get("/api/v1/lessons")?) {
            daemon.part.must_run()?;
            if clock.monotonic() > until {
                return Err(daemon.part.idle(format!("did not archive its lesson in {limit:?}")));
            }
            each(daemon)?;
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Compares each file in the bucket with what was recorded; gives how many
    /// differ or are missing.
    pub(crate) fn differing(&self, bucket: &Path) -> Result<u64, BenchError> {
        let Some(track) = folder_named("program", bucket) else { return Ok(self.fragments) };
        let mut payload = Payload::of(self.fragment_bytes);
        let differs = |number: &u64| {
            let found = std::fs::read(track.join(format!("{:08}.m4s", number + 1)));
            !found.is_ok_and(|found| found == payload.next(*number))
        };
        Ok((0..self.fragments).filter(differs).count() as u64)
    }
}

fn is_archived(lessons: &serde_json::Value) -> bool {
    let list = lessons.as_array();
    let has = |lesson: &serde_json::Value| {
        lesson["archived"].as_array().is_some_and(|names| names.iter().any(|name| name == ARCHIVE))
    };
    list.is_some_and(|list| !list.is_empty() && list.iter().all(has))
}

/// The first folder of that name below another.
fn folder_named(name: &str, below: &Path) -> Option<PathBuf> {
    let folders =
        std::fs::read_dir(below).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    let here = folders.iter().find(|path| path.file_name().is_some_and(|found| found == name)).cloned();
    here.or_else(|| folders.iter().find_map(|folder| folder_named(name, folder)))
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BenchError> {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(BenchError::io(path.display()))
}
