//! The ledger: what a lesson has so far, in parts that are written once.
//!
//! While a lesson is open its manifest lists nothing; rewriting that with every
//! fragment would cost 22 % of a 45-minute lesson's bytes. Instead a part is put
//! for every [`FRAGMENTS_PER_PART`] fragments, after they arrived, in JSON lines:
//!
//! ```text
//! {"part":{"version":1,"part":2,"up_to":[{"track":"program","seq":300}]}}
//! {"run":{"run":1,"track":"program","init":…,"anchors":[…]}}
//! {"fragment":{"track":"program","seq":151,"run":1,"path":…,"sha256":…}}
//! {"gap":{"track":"program","from_90k":…,"to_90k":…,"reason":"not_running"}}
//! ```
//!
//! The first line says how far the part reaches, so that a box that was
//! restarted goes on from the newest part alone. A run is repeated in each part
//! that needs it, with the anchors known by then; the later one counts. What is
//! behind the last whole part is in no part: the closed manifest lists all of
//! it, and parts are not read any more then.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use lectern_api::Name;
use lectern_api::manifest::{FragmentEntry, Gap, Manifest, Run, Track};
use serde::{Deserialize, Serialize};

use crate::layout;
use crate::limits::{MAX_LEDGER_BYTES, MAX_PART_BYTES};
use crate::store::{Store, StoreError};
use crate::verify::Problem;

/// Five minutes of fragments of 2 s.
pub const FRAGMENTS_PER_PART: u64 = 150;

/// The version of this format; a reader passes a part of a higher one over.
pub const LEDGER_VERSION: u32 = 1;

/// Parts that are read at most: a month of one lesson.
const MOST_PARTS: u32 = 9_999;

/// The first line of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`LEDGER_VERSION`].
    pub version: u32,
    /// Counts from 1 within the lesson.
    pub part: u32,
    /// How far each track is listed, in this part and the ones before it.
    pub up_to: Vec<Reach>,
}

/// How far a track is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The track.
    pub track: Name,
    /// Its last fragment that is listed.
    pub seq: u64,
}

/// A fragment and its track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The track.
    pub track: Name,
    /// The fragment.
    #[serde(flatten)]
    pub fragment: FragmentEntry,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What follows.
    Part(Head),
    /// A run that a fragment of this part needs.
    Run(Run),
    /// A fragment that is in the archive.
    Fragment(Listed),
    /// A gap in front of such a fragment.
    Gap(Gap),
}

/// The text of a part.
///
/// # Errors
/// What serde said; lines of this version's making always work.
pub fn render(lines: &[Line]) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(256 * lines.len());
    for line in lines {
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// The lines of a part.
///
/// # Errors
/// The number of the first line that cannot be understood, and why.
pub fn parse(text: &[u8]) -> Result<Vec<Line>, String> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let parsed = (1..).zip(lines).map(|(number, line)| {
        serde_json::from_slice(line).map_err(|error| format!("line {number}: {error}"))
    });
    let lines: Vec<Line> = parsed.collect::<Result<_, String>>()?;
    match lines.first() {
        Some(Line::Part(head)) if head.version <= LEDGER_VERSION => Ok(lines),
        Some(Line::Part(head)) => Err(format!("version {} is not known; update this program", head.version)),
        _ => Err("it does not begin with a head".to_owned()),
    }
}

/// The newest part's head and how many parts there are; nothing when there is
/// none. For a box that goes on after a restart.
///
/// # Errors
/// [`StoreError`]; a part that cannot be understood counts as none.
pub async fn newest(lesson: &Store) -> Result<Option<Head>, StoreError> {
    let mut last = 0;
    while last < MOST_PARTS && lesson.size(&layout::ledger_part(last + 1)).await?.is_some() {
        last += 1;
    }
    if last == 0 {
        return Ok(None);
    }
    let text = lesson.get_at_most(&layout::ledger_part(last), MAX_PART_BYTES).await?.unwrap_or_default();
    let head = parse(&text).ok().and_then(|lines| match lines.into_iter().next() {
        Some(Line::Part(head)) => Some(head),
        _ => None,
    });
    Ok(head)
}

/// Adds what the parts list to the manifest of an open lesson.
///
/// # Errors
/// [`StoreError`] when the store stops answering. What is wrong with a single
/// part is among the problems that are given back.
pub async fn complete(lesson: &Store, manifest: &mut Manifest) -> Result<Vec<Problem>, StoreError> {
    let (mut problems, mut bytes, mut listing) = (Vec::new(), 0, Completion::of(manifest));
    for number in 1..=MOST_PARTS {
        let path = layout::ledger_part(number);
        let text = match lesson.get_patiently(&path, MAX_PART_BYTES).await {
            Ok(Some(text)) => text,
            Ok(None) => break,
            Err(error) if error.is_about_one_file() => {
                problems.push(Problem::Unreadable { path, why: error.to_string() });
                continue;
            }
            Err(error) => return Err(error),
        };
        bytes += text.len() as u64;
        if bytes > MAX_LEDGER_BYTES {
            let why = "the parts are larger together than a lesson's can be".to_owned();
            problems.push(Problem::LedgerDamaged { path, why });
            break;
        }
        match parse(&text) {
            Ok(lines) => lines.into_iter().for_each(|line| listing.add(line)),
            Err(why) => problems.push(Problem::LedgerDamaged { path, why }),
        }
    }
    Ok(problems)
}

/// A manifest that grows by lines, and where in it what stands.
struct Completion<'a> {
    manifest: &'a mut Manifest,
    runs: HashMap<(Name, u32), usize>,
    tracks: HashMap<Name, usize>,
    gaps: HashSet<Gap>,
}

impl<'a> Completion<'a> {
    fn of(manifest: &'a mut Manifest) -> Self {
        let runs = (0..).zip(&manifest.runs).map(|(at, run)| ((run.track.clone(), run.run), at)).collect();
        let tracks = (0..).zip(&manifest.tracks).map(|(at, track)| (track.name.clone(), at)).collect();
        let gaps = manifest.gaps.iter().cloned().collect();
        Self { manifest, runs, tracks, gaps }
    }

    fn add(&mut self, line: Line) {
        let Manifest { runs, tracks, gaps, .. } = &mut *self.manifest;
        match line {
            Line::Part(_) => {}
            Line::Run(run) => match self.runs.entry((run.track.clone(), run.run)) {
                Entry::Occupied(known) => runs[*known.get()] = run,
                Entry::Vacant(place) => {
                    place.insert(runs.len());
                    runs.push(run);
                }
            },
            Line::Fragment(Listed { track, fragment }) => {
                let at = *self.tracks.entry(track).or_insert_with_key(|name| {
                    tracks.push(Track { name: name.clone(), fragments: Vec::new() });
                    tracks.len() - 1
                });
                let fragments = &mut tracks[at].fragments;
                // A part may be written again, reaching further, after a crash.
                if fragments.last() != Some(&fragment) {
                    fragments.push(fragment);
                }
            }
            Line::Gap(gap) => {
                if self.gaps.insert(gap.clone()) {
                    gaps.push(gap);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
