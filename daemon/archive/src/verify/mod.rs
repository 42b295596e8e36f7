//! The proof that an archived lesson is complete, from the archive alone.
//!
//! One fragment is in memory at a time. What is checked: every listed file is
//! there with its length and SHA-256; numbers have no holes and no doubles;
//! paths are legal; the time line is covered by media or by gaps, to
//! [`ONE_FRAME_90K`]; the playlist lists what the manifest lists; the lesson
//! is closed.

mod listing;
mod problem;
mod timeline;

use std::collections::HashSet;

use lectern_api::manifest::{MANIFEST_VERSION, Manifest, ManifestState};
use lectern_api::{Bytes, Ticks};
use sha2::{Digest as _, Sha256};

use crate::layout;
use crate::playlist::Listing;
use crate::store::{Store, StoreError};

pub use self::problem::{Problem, Report};
pub use self::timeline::{MAX_LOST_90K, ONE_FRAME_90K};

/// Problems that a report lists; more are only counted.
pub const MAX_PROBLEMS: usize = 1_000;

/// Why a lesson could not be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The store does not answer, so nothing can be said about the lesson.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no manifest.
    #[error("{place} holds no lesson: it has no manifest.json; check the address")]
    NoManifest {
        /// Where it was looked for.
        place: String,
    },
    /// The manifest cannot be understood.
    #[error("manifest.json at {place} is damaged: {why}; read it from another store")]
    Manifest {
        /// Where it lies.
        place: String,
        /// What the reader said.
        why: String,
    },
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files done.
    pub done: u64,
    /// Files in all.
    pub total: u64,
}

/// Problems so far, bounded.
#[derive(Debug, Default)]
struct Findings {
    problems: Vec<Problem>,
    omitted: u64,
}

impl Findings {
    fn add(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.omitted += 1;
        }
    }
}

/// Reads the manifest of the lesson whose folder `lesson` is.
///
/// # Errors
/// [`VerifyError`] when there is none, or none that can be understood.
pub async fn read_manifest(lesson: &Store) -> Result<Manifest, VerifyError> {
    let place = || lesson.describe().to_owned();
    let Some(bytes) = lesson.get(layout::MANIFEST).await? else {
        return Err(VerifyError::NoManifest { place: place() });
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| VerifyError::Manifest { place: place(), why: error.to_string() })
}

/// Checks the lesson whose folder `lesson` is against a manifest, read from
/// there or kept elsewhere.
///
/// # Errors
/// [`VerifyError::Store`] when the store stops answering: then nothing is
/// proven, neither good nor bad.
pub async fn verify(
    lesson: &Store,
    manifest: &Manifest,
    mut progress: impl FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut findings = Findings::default();
    let listing = Listing::of(manifest);
    let mut report = Report {
        lesson: manifest.lesson.id.clone(),
        fragments: manifest.tracks.iter().map(|track| track.fragments.len() as u64).sum(),
        bytes: Bytes(0),
        recorded: listing.map_or(Ticks(0), |list| sum(list.fragments.iter().map(|f| f.duration_90k))),
        gaps: listing.map_or(Ticks(0), |list| {
            sum(list.gaps.iter().filter(|gap| gap.track == *list.track).map(|gap| gap.to_90k - gap.from_90k))
        }),
        problems: Vec::new(),
        omitted: 0,
    };
    if manifest.version > MANIFEST_VERSION {
        report.problems.push(Problem::Version { found: manifest.version });
        return Ok(report);
    }
    if manifest.state == ManifestState::Open {
        findings.add(Problem::Open);
    }
    timeline::check(manifest, &mut findings);

    let inits = manifest.runs.iter().map(|run| (&run.init, run.init_bytes, &run.init_sha256));
    let media = manifest.tracks.iter().flat_map(|track| &track.fragments);
    let files = inits.chain(media.map(|fragment| (&fragment.path, fragment.bytes, &fragment.sha256)));
    let total = manifest.runs.len() as u64 + report.fragments + 1;
    let mut paths = HashSet::new();
    for (done, (path, bytes, sha256)) in (0..).zip(files) {
        progress(Progress { done, total });
        if !layout::is_legal(path) {
            findings.add(Problem::PathIllegal { path: path.chars().take(200).collect() });
        } else if !paths.insert(path) {
            findings.add(Problem::PathTwice { path: path.clone() });
        } else if let Some(content) = read(lesson, path, &mut findings).await? {
            report.bytes.0 += content.len() as u64;
            compare(path, &content, bytes, sha256, &mut findings);
        }
    }
    progress(Progress { done: total - 1, total });
    if let Some(listing) = &listing
        && let Some(content) = read(lesson, layout::PLAYLIST, &mut findings).await?
    {
        listing::check(&content, listing, &mut findings);
    }
    progress(Progress { done: total, total });
    (report.problems, report.omitted) = (findings.problems, findings.omitted);
    Ok(report)
}

/// A file's content; what is wrong with this one file is a finding, what is
/// wrong with the store ends the check, after a second try.
async fn read(lesson: &Store, path: &str, findings: &mut Findings) -> Result<Option<Vec<u8>>, StoreError> {
    match lesson.get_patiently(path).await {
        Ok(Some(content)) => return Ok(Some(content)),
        Ok(None) => findings.add(Problem::Missing { path: path.to_owned() }),
        Err(error) if error.is_about_one_file() => {
            findings.add(Problem::Unreadable { path: path.to_owned(), why: error.to_string() });
        }
        Err(error) => return Err(error),
    }
    Ok(None)
}

fn compare(path: &str, content: &[u8], listed: u64, sha256: &str, findings: &mut Findings) {
    let path = path.to_owned();
    let found = content.len() as u64;
    if found != listed {
        findings.add(Problem::Length { path, listed, found });
    } else if sha256_hex(content) != sha256 {
        findings.add(Problem::Hash { path });
    }
}

/// SHA-256 in lower-case hex, as a manifest writes it.
#[must_use]
pub fn sha256_hex(content: &[u8]) -> String {
    format!("{:x}", Sha256::digest(content))
}

fn sum(ticks: impl Iterator<Item = Ticks>) -> Ticks {
    ticks.fold(Ticks(0), |sum, next| sum + next)
}
