//! The proof that an archived lesson is complete, from the archive alone.
//!
//! One fragment is in memory at a time. What is checked: every listed file is
//! there with its length and SHA-256; numbers have no holes and no doubles;
//! paths are legal; the time line is covered by media or by gaps, to
//! [`ONE_FRAME_90K`]; the playlist lists what the manifest lists; the lesson
//! is closed, and signed by the box that recorded it. A lesson that was never
//! closed is checked as far as its ledger goes.

mod listing;
mod problem;
mod text;
mod timeline;

use std::collections::HashSet;

use lectern_api::manifest::{MANIFEST_VERSION, Manifest, ManifestState};
use lectern_api::{Bytes, Text, Ticks, messages};
use sha2::{Digest as _, Sha256};

use crate::limits::{MAX_MANIFEST_BYTES, MAX_PLAYLIST_BYTES, MAX_RUNS, MAX_TRACKS};
use crate::playlist::Listing;
use crate::signature::{self, PublicKey, Standing};
use crate::store::{MAX_FILE_BYTES, Store, StoreError};
use crate::{layout, ledger};

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
    #[error("{}", messages::verify_no_manifest(place))]
    NoManifest {
        /// Where it was looked for.
        place: String,
    },
    /// The manifest cannot be understood.
    #[error("{}", messages::verify_manifest(place, why))]
    Manifest {
        /// Where it lies.
        place: String,
        /// What the reader said.
        why: String,
    },
}

impl VerifyError {
    /// For people.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::NoManifest { place } => messages::verify_no_manifest(place),
            Self::Manifest { place, why } => messages::verify_manifest(place, why),
        }
    }
}

/// A lesson as an archive tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it consists of: of an open lesson, what its ledger lists so far.
    pub manifest: Manifest,
    /// What the manifest's signature is worth.
    pub standing: Standing,
    /// What is wrong with the ledger.
    pub problems: Vec<Problem>,
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

/// Reads the manifest of the lesson whose folder `lesson` is, and the ledger of
/// one that was never closed.
///
/// # Errors
/// [`VerifyError`] when there is none, or none that can be understood.
pub async fn read_manifest(lesson: &Store) -> Result<Manifest, VerifyError> {
    Ok(read_lesson(lesson).await?.manifest)
}

/// As [`read_manifest`], with its signature checked.
///
/// # Errors
/// [`VerifyError`] when there is none, or none that can be understood.
pub async fn read_lesson(lesson: &Store) -> Result<Found, VerifyError> {
    let place = || lesson.describe().to_owned();
    let Some(bytes) = lesson.get_at_most(layout::MANIFEST, MAX_MANIFEST_BYTES).await? else {
        return Err(VerifyError::NoManifest { place: place() });
    };
    let damaged = |error: serde_json::Error| VerifyError::Manifest { place: place(), why: error.to_string() };
    let json: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
    let standing = signature::check(&json);
    let mut manifest: Manifest = serde_json::from_value(json).map_err(damaged)?;
    let mut problems = Vec::new();
    if manifest.state == ManifestState::Open {
        problems = ledger::complete(lesson, &mut manifest).await?;
    }
    Ok(Found { manifest, standing, problems })
}

/// Checks a lesson and whose word its manifest is: `expected` is the key that
/// it should be signed with, when it is known from elsewhere.
///
/// # Errors
/// As [`verify`].
pub async fn verify_found(
    lesson: &Store,
    found: &Found,
    expected: Option<PublicKey>,
    progress: impl FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut report = verify(lesson, &found.manifest, progress).await?;
    let mut problems = found.problems.clone();
    match (found.standing, expected) {
        // While a lesson is open there is nothing yet to sign.
        (Standing::Missing, _) if found.manifest.state == ManifestState::Open => {}
        (Standing::Missing, _) => problems.push(Problem::Unsigned),
        (Standing::Broken, _) => problems.push(Problem::Altered),
        (Standing::Valid(found), Some(expected)) if found != expected => {
            problems.push(Problem::OtherKey { found, expected });
        }
        (Standing::Valid(found), expected) => {
            (report.signed_by, report.compared) = (Some(found), expected.is_some());
        }
    }
    problems.append(&mut report.problems);
    report.problems = problems;
    Ok(report)
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
        signed_by: None,
        compared: false,
        problems: Vec::new(),
        omitted: 0,
    };
    if manifest.version > MANIFEST_VERSION {
        report.problems.push(Problem::Version { found: manifest.version });
        return Ok(report);
    }
    if let (ManifestState::Deleted, Some(deletion)) = (manifest.state, manifest.deletion.clone()) {
        report.problems.push(Problem::Deleted { deletion });
        return Ok(report);
    }
    for (what, listed, limit) in
        [("tracks", manifest.tracks.len(), MAX_TRACKS), ("runs", manifest.runs.len(), MAX_RUNS)]
    {
        if listed > limit {
            report.problems.push(Problem::Absurd { what, listed, limit });
            return Ok(report);
        }
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
        } else if let Some(content) = read(lesson, path, bytes, &mut findings).await? {
            report.bytes.0 += content.len() as u64;
            compare(path, &content, bytes, sha256, &mut findings);
        }
    }
    progress(Progress { done: total - 1, total });
    if let Some(listing) = &listing
        && let Some(content) = read(lesson, layout::PLAYLIST, MAX_PLAYLIST_BYTES, &mut findings).await?
    {
        listing::check(&content, listing, &mut findings);
    }
    progress(Progress { done: total, total });
    (report.problems, report.omitted) = (findings.problems, findings.omitted);
    Ok(report)
}

/// A file's content, when it has not more bytes than it may; what is wrong with this one file is a finding, what is
/// wrong with the store ends the check, after a second try.
async fn read(
    lesson: &Store,
    path: &str,
    limit: u64,
    findings: &mut Findings,
) -> Result<Option<Vec<u8>>, StoreError> {
    match lesson.get_patiently(path, limit).await {
        Ok(Some(content)) => return Ok(Some(content)),
        Err(StoreError::TooLarge { bytes, .. }) if bytes > limit && limit < MAX_FILE_BYTES => {
            findings.add(Problem::Length { path: path.to_owned(), listed: limit, found: bytes });
        }
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
