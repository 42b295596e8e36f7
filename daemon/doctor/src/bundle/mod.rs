//! Everything that somebody far away needs to find out what is wrong, in one
//! file: `.tar.gz`, a folder with a manifest.
//!
//! Nothing is written that was not redacted: a part goes from its collector
//! through the [`Redactor`](crate::Redactor) into memory, and only the finished file onto the
//! disk. There are no sounds and no recordings in it, and pictures only for who
//! asks for them. What could not be had stands in the manifest with its reason.

mod collect;
mod pack;
mod pictures;

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout, timeout_at};

use crate::gather::Places;
use crate::plan::Plan;

/// All collectors together.
const ALL: Duration = Duration::from_secs(30);
/// One collector; an examination takes ten seconds at most.
const EACH: Duration = Duration::from_secs(15);
/// What stands in a bundle, before it is compressed.
pub const MOST_BYTES: usize = 20_000_000;
/// One part of it: the newest of a long log.
const MOST_OF_ONE: usize = 4_000_000;

/// A finished bundle.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What is in it.
    pub manifest: Manifest,
    /// The file.
    pub bytes: Vec<u8>,
    /// What to call it.
    pub name: String,
}

/// Whether a bundle shows the room. Nobody is shown who was not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// It does not.
    None,
    /// One still picture of each source, as far as the box hands it out.
    OfEachSource,
}

impl Pictures {
    fn never(self) -> Vec<String> {
        let pictures = (self == Self::None).then_some("pictures");
        let others = ["sound", "recordings", "passwords and keys"];
        pictures.into_iter().chain(others).map(str::to_owned).collect()
    }
}

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// The asset number, where it is known.
    pub device: Option<String>,
    /// When, by the machine's clock.
    pub made: Timestamp,
    /// How long it took.
    pub took_ms: u64,
    /// What is in it.
    pub files: Vec<Part>,
    /// What should be and is not.
    pub missing: Vec<Missing>,
    /// Whether pictures of the room were asked for; the files below `pictures/`
    /// are those that could be had.
    #[serde(default)]
    pub with_pictures: bool,
    /// What is never in one.
    pub never: Vec<String>,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Below the bundle's folder.
    pub path: String,
    /// Its length.
    pub bytes: usize,
    /// Of these bytes, 64 hex digits.
    pub sha256: String,
    /// Whether only its end is here.
    pub cut: bool,
}

/// A part that could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// What it would be called.
    pub path: String,
    /// Why, English.
    pub why: String,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It cannot be put together.
    #[error("the bundle cannot be put together: {0}; try again")]
    Pack(io::Error),
    /// What is secret on this box cannot be read, so that nothing may leave it.
    #[error("the disk does not answer: it is not known what is secret on this box, and nothing is written")]
    Secrets,
    /// It cannot be written.
    #[error("{path} cannot be written: {cause}; choose a folder with room that this user may write to")]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
}

impl Bundle {
    /// Collects, in 30 s at most, without writing anything anywhere.
    ///
    /// # Errors
    /// [`BundleError::Pack`].
    pub async fn collect(
        places: &Places,
        now: impl Fn() -> Timestamp,
        pictures: Pictures,
    ) -> Result<Self, BundleError> {
        let (begun, made) = (Instant::now(), now());
        let config = places.config.clone();
        let plan = crate::gather::blocking(move || Plan::load(&config)).await;
        let plan = plan.and_then(Result::ok).unwrap_or_else(|| Plan::of(""));
        let redactor = crate::gather::redactor(EACH, places, &plan).await.ok_or(BundleError::Secrets)?;
        let collected = run(collect::collectors(places, &plan, made), begun + ALL);
        let ((texts, mut missing), (shots, unseen)) =
            tokio::join!(collected, pictures::collect(&places.socket, pictures));
        missing.extend(unseen);
        let mut parts = Vec::new();
        let mut room = MOST_BYTES;
        for (path, text) in texts {
            let (text, cut) = pack::newest(redactor.redact(&text), MOST_OF_ONE.min(room));
            room = room.saturating_sub(text.len());
            parts.push((path.to_owned(), text.into_bytes(), cut));
        }
        parts.extend(shots.into_iter().map(|(path, jpeg)| (path, jpeg, false)));
        let device = plan.device.map(|device| redactor.redact(&device));
        let manifest = Manifest {
            format: 1,
            device: device.clone(),
            made,
            took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            files: parts.iter().map(|(path, bytes, cut)| pack::part(path, bytes, *cut)).collect(),
            missing: missing
                .into_iter()
                .map(|missing| Missing { why: redactor.redact(&missing.why), ..missing })
                .collect(),
            with_pictures: pictures == Pictures::OfEachSource,
            never: pictures.never(),
        };
        let stem = name(device.as_deref(), made);
        let bytes = pack::tar(&stem, &manifest, &parts, made).map_err(BundleError::Pack)?;
        Ok(Self { manifest, bytes, name: format!("{stem}.tar.gz") })
    }

    /// Writes it, readable for its owner alone: under another name first, so that
    /// a file of that name is a whole bundle. A folder gets one with a name of its
    /// own. Gives the file's path.
    ///
    /// # Errors
    /// [`BundleError::Write`]; nothing is left behind then.
    pub fn write(&self, out: &Path) -> Result<PathBuf, BundleError> {
        let path = if out.is_dir() { out.join(&self.name) } else { out.to_owned() };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let part = path.with_file_name(format!(".{name}.part-{}", std::process::id()));
        let write = || {
            let mut file =
                std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
            file.write_all(&self.bytes)?;
            file.sync_all()?;
            std::fs::rename(&part, &path)
        };
        match write() {
            Ok(()) => Ok(path),
            Err(cause) => {
                if cause.kind() != io::ErrorKind::AlreadyExists {
                    let _ = std::fs::remove_file(&part);
                }
                Err(BundleError::Write { path, cause })
            }
        }
    }
}

/// Runs all collectors at once; what has come when the time is over counts.
async fn run(
    collectors: Vec<collect::Collector<'_>>,
    until: Instant,
) -> (Vec<(&'static str, String)>, Vec<Missing>) {
    let mut waiting: Vec<&'static str> = collectors.iter().map(|collector| collector.path).collect();
    let order = waiting.clone();
    let running = collectors.into_iter().map(|collector| async move {
        let collected = timeout(EACH, collector.work).await;
        (collector.path, collected.unwrap_or_else(|_| Err(late(EACH))))
    });
    let mut running: FuturesUnordered<_> = running.collect();
    let (mut texts, mut missing) = (Vec::new(), Vec::new());
    while let Ok(Some((path, collected))) = timeout_at(until, running.next()).await {
        waiting.retain(|other| *other != path);
        match collected {
            Ok(text) => texts.push((path, text)),
            Err(why) => missing.push(Missing { path: path.to_owned(), why }),
        }
    }
    missing.extend(waiting.into_iter().map(|path| Missing { path: path.to_owned(), why: late(ALL) }));
    let place = |path: &str| order.iter().position(|other| *other == path);
    texts.sort_by_key(|(path, _)| place(path));
    missing.sort_by_key(|missing| place(&missing.path));
    (texts, missing)
}

fn late(limit: Duration) -> String {
    format!("no answer within {} s", limit.as_secs())
}

/// `lectern-LB-1-20260302T000410Z`.
fn name(device: Option<&str>, made: Timestamp) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let device: String = device.unwrap_or("box").chars().filter(is_plain).collect();
    format!("lectern-{device}-{}", made.strftime("%Y%m%dT%H%M%SZ"))
}

#[cfg(test)]
mod tests;
