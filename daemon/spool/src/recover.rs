//! Lessons out of the folder of a spool whose device is dead: a disk in
//! another machine, or a copy of it.
//!
//! Nothing is written and no index is needed: the segments tell everything.
//! What an archive has acknowledged, they do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use lectern_api::manifest::{Anchor, Gap, GapReason, LessonInfo};
use lectern_api::{LessonId, Name, Ticks};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::SpoolError;
use crate::append::RunFrame;
use crate::cipher::Secret;
use crate::decisions::{Decision, What};
use crate::draft;
use crate::entry::Entry;
use crate::error::io_error;
use crate::footer;
use crate::fragment::{FragmentState, StoredFragment};
use crate::frame::{Header, KEY_AT, Kind};
use crate::keyring::{DeviceKey, RecoveryPrivateKey};
use crate::lesson::RunRecord;
use crate::rebuild::{TOLERANCE, can_miss};
use crate::scan::{self, Check, Found, Scan};
use crate::segment::epoch_of;
use crate::wrapped::{KeyId, WrappedKey};

/// What opens the lessons' keys.
#[derive(Debug, Clone)]
pub enum Key {
    /// The private half of the recovery key that the spool was configured with.
    Recovery(RecoveryPrivateKey),
    /// The dead device's own key.
    Device(DeviceKey),
}

impl Key {
    /// `None` when the key was not wrapped for this one.
    fn open(&self, wrapped: &WrappedKey) -> Option<Secret> {
        match self {
            Self::Recovery(key) => wrapped.recover(key),
            Self::Device(key) => wrapped.open(key),
        }
    }
}

/// Why something cannot be recovered.
#[derive(Debug, thiserror::Error)]
pub enum Loss {
    /// The segment cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The segment.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The segment names no lesson that could be read.
    #[error("{0} names no lesson; its head is damaged")]
    Nameless(PathBuf),
    /// The segment is of a newer version.
    #[error("{path} has format {version}, which this version does not know; install a newer one")]
    Newer {
        /// The segment.
        path: PathBuf,
        /// Its format.
        version: u16,
    },
    /// The lesson's key was not wrapped for the key given.
    #[error("it was encrypted for another recovery key, or for none")]
    OtherKey,
    /// No segment holds the lesson's key any more.
    #[error("the key of its lesson is on no segment; it was damaged, or the lesson was deleted")]
    NoKey,
    /// A frame has a number that its lesson cannot have reached.
    #[error("lesson {lesson}, track {track}: a frame has the impossible number {seq}; it is passed over")]
    Foreign {
        /// The lesson.
        lesson: LessonId,
        /// The track.
        track: Name,
        /// The number.
        seq: u64,
    },
    /// The bytes are not what was written.
    #[error("it is damaged on the disk")]
    Damaged,
}

/// Where a frame lies.
type Place = (u64, u64);

/// A lesson as its segments tell it.
#[derive(Debug)]
pub struct RecoverableLesson {
    /// What it is; `until` is set when a segment says how it ended.
    pub info: LessonInfo,
    /// Its runs, in order.
    pub runs: Vec<RunRecord>,
    /// By track: the fragments that are there, in order, with numbers missing
    /// where no segment has them.
    pub tracks: BTreeMap<Name, Vec<StoredFragment>>,
    /// The gaps that were recorded, and those where fragments are missing.
    pub gaps: Vec<Gap>,
    places: BTreeMap<(Name, u64), Place>,
    inits: BTreeMap<u32, Vec<Place>>,
}

/// The segments of a spool, read only.
#[derive(Debug)]
pub struct Medium {
    folder: PathBuf,
    key: Key,
    wrapped: BTreeMap<KeyId, Vec<WrappedKey>>,
    /// The lessons, the oldest first.
    pub lessons: Vec<RecoverableLesson>,
    /// Segments that gave nothing, and frames whose number cannot be true.
    pub losses: Vec<Loss>,
}

/// What is gathered of a lesson while segments are read.
#[derive(Default)]
struct Gathered {
    info: Option<LessonInfo>,
    until: Option<jiff::Timestamp>,
    codecs: BTreeMap<u32, String>,
    anchors: BTreeMap<u32, BTreeMap<Ticks, Anchor>>,
    inits: BTreeMap<u32, (Header, Vec<Place>)>,
    media: BTreeMap<(Name, u64), (Header, Place)>,
    gaps: BTreeMap<(Name, Ticks, Ticks), GapReason>,
}

fn parse<T: DeserializeOwned>(found: &Found) -> Option<T> {
    serde_json::from_slice(&found.fact).ok()
}

impl Gathered {
    /// Later segments overrule earlier ones, as they do when an index is rebuilt.
    fn take_in(&mut self, epoch: u64, scan: Scan) {
        for found in scan.frames.into_iter().filter(|found| found.sound) {
            let (place, run) = ((epoch, found.offset), found.header.run);
            match found.header.kind {
                Kind::Lesson => {
                    let info = parse::<LessonInfo>(&found);
                    self.until = info.as_ref().and_then(|info| info.until).or(self.until);
                    self.info = self.info.take().or(info);
                }
                Kind::Run => self.codecs.extend(parse::<RunFrame>(&found).map(|frame| (run, frame.codecs))),
                Kind::Anchor => {
                    let anchor = parse::<Anchor>(&found).map(|anchor| (anchor.pts_90k, anchor));
                    self.anchors.entry(run).or_default().extend(anchor);
                }
                Kind::Gap => {
                    let gap = parse::<Gap>(&found);
                    self.gaps.extend(gap.map(|gap| ((gap.track, gap.from_90k, gap.to_90k), gap.reason)));
                }
                Kind::Init => {
                    let known = self.inits.entry(run).or_insert_with(|| (found.header.clone(), Vec::new()));
                    if known.0.sha256 != found.header.sha256 {
                        *known = (found.header, Vec::new());
                    }
                    known.1.push(place);
                }
                Kind::Media => {
                    if let Some(track) = found.header.track.clone() {
                        self.media.insert((track, found.header.seq), (found.header, place));
                    }
                }
                Kind::Key | Kind::Footer | Kind::Released => {}
            }
        }
    }

    fn finish(self, losses: &mut Vec<Loss>) -> Option<RecoverableLesson> {
        let info = LessonInfo { until: self.until, ..self.info? };
        let (mut codecs, mut anchors) = (self.codecs, self.anchors);
        let runs = self.inits.iter().filter_map(|(run, (header, _))| {
            Some(RunRecord {
                run: *run,
                track: header.track.clone()?,
                codecs: codecs.remove(run).unwrap_or_default(),
                init_sha256: HEXLOWER.encode(&header.sha256),
                init_bytes: u64::from(header.payload_bytes),
                anchors: anchors.remove(run).unwrap_or_default().into_values().collect(),
            })
        });
        let runs = runs.collect();
        let mut tracks: BTreeMap<Name, Vec<StoredFragment>> = BTreeMap::new();
        let mut places = BTreeMap::new();
        for ((track, seq), (header, place)) in self.media {
            let newest = tracks.get(&track).and_then(|fragments| fragments.last());
            let (last, end) = newest.map_or((0, Ticks(0)), |f| (f.seq, f.pts_90k + f.duration_90k));
            let missing = seq.saturating_sub(last).saturating_sub(1);
            if seq == 0 || !can_miss(missing, header.pts_90k - end) {
                losses.push(Loss::Foreign { lesson: info.id.clone(), track, seq });
                continue;
            }
            let stored = Entry::of(&header, place.1).stored(seq, false);
            tracks.entry(track.clone()).or_default().push(stored);
            places.insert((track, seq), place);
        }
        let gaps = self.gaps.into_iter();
        let gaps = gaps.map(|((track, from_90k, to_90k), reason)| Gap { track, from_90k, to_90k, reason });
        let mut lesson = RecoverableLesson {
            info,
            runs,
            tracks,
            gaps: gaps.collect(),
            places,
            inits: self.inits.into_iter().map(|(run, (_, places))| (run, places)).collect(),
        };
        lesson.mend_gaps();
        Some(lesson)
    }
}

impl RecoverableLesson {
    /// Takes a fragment out that cannot be recovered, so that a gap stands in
    /// its place; call [`mend_gaps`](Self::mend_gaps) after the last.
    pub fn drop_fragment(&mut self, track: &Name, seq: u64) {
        let Some(fragment) = self.tracks.get_mut(track) else { return };
        let Some(at) = fragment.iter().position(|f| f.seq == seq && f.state == FragmentState::Held) else {
            return;
        };
        let lost = fragment.remove(at);
        let (from_90k, to_90k) = (lost.pts_90k, lost.pts_90k + lost.duration_90k);
        self.gaps.push(Gap { track: track.clone(), from_90k, to_90k, reason: GapReason::Damaged });
    }

    /// Joins damaged stretches, and adds those that no segment explains.
    pub fn mend_gaps(&mut self) {
        for (track, fragments) in &self.tracks {
            let mut reached = Ticks(0);
            for fragment in fragments {
                let mut covers: Vec<&Gap> =
                    self.gaps.iter().filter(|gap| gap.track == *track && !gap.is_partial()).collect();
                covers.sort_by_key(|gap| gap.from_90k);
                for gap in covers {
                    if gap.from_90k <= reached + TOLERANCE {
                        reached = reached.max(gap.to_90k);
                    }
                }
                if reached + TOLERANCE < fragment.pts_90k && fragment.seq > 1 {
                    let (from_90k, to_90k) = (reached, fragment.pts_90k);
                    let reason = GapReason::Damaged;
                    self.gaps.push(Gap { track: track.clone(), from_90k, to_90k, reason });
                }
                reached = reached.max(fragment.pts_90k + fragment.duration_90k);
            }
        }
        self.gaps.sort_by(|a, b| (&a.track, a.from_90k).cmp(&(&b.track, b.from_90k)));
        self.gaps.dedup_by(|next, last| {
            let joins = next.track == last.track
                && next.reason == GapReason::Damaged
                && last.reason == GapReason::Damaged
                && next.from_90k <= last.to_90k;
            if joins {
                last.to_90k = last.to_90k.max(next.to_90k);
            }
            joins
        });
    }
}

/// Segments of lessons that were deleted or made way; the box may have died
/// before it let them go.
fn gone_segments(dir: &Path) -> BTreeSet<u64> {
    let journal = fs::read(dir.join("decisions.jsonl")).unwrap_or_default();
    let lines = journal.split(|byte| *byte == b'\n');
    let decisions = lines.filter_map(|line| serde_json::from_slice::<Decision>(line).ok());
    let gone = decisions.filter_map(|decision| match decision.what {
        What::Gone(tombstone) => Some(tombstone.segments),
        _ => None,
    });
    gone.flatten().collect()
}

impl Medium {
    /// Reads what the segments below a spool's folder say of themselves.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the folder cannot be listed. A segment that
    /// cannot be read is among the [`losses`](Self::losses).
    pub fn open(dir: impl AsRef<Path>, key: Key) -> Result<Self, SpoolError> {
        let folder = dir.as_ref().join("segments");
        let mut medium =
            Self { folder, key, wrapped: BTreeMap::new(), lessons: Vec::new(), losses: Vec::new() };
        let mut gathered: BTreeMap<LessonId, Gathered> = BTreeMap::new();
        let gone = gone_segments(dir.as_ref());
        for (epoch, path) in medium.segments()?.into_iter().filter(|(epoch, _)| !gone.contains(epoch)) {
            match medium.survey(epoch, &path) {
                Err(loss) => medium.losses.push(loss),
                Ok(None) => {}
                Ok(Some(scan)) => {
                    let info = scan.frames.iter().find(|f| f.sound && f.header.kind == Kind::Lesson);
                    match info.and_then(parse::<LessonInfo>) {
                        Some(info) => gathered.entry(info.id).or_default().take_in(epoch, scan),
                        None if scan.has_media => medium.losses.push(Loss::Nameless(path)),
                        None => {}
                    }
                }
            }
        }
        for gathered in gathered.into_values() {
            medium.lessons.extend(gathered.finish(&mut medium.losses));
        }
        medium.lessons.sort_by_key(|lesson| lesson.info.since);
        Ok(medium)
    }

    fn segments(&self) -> Result<BTreeMap<u64, PathBuf>, SpoolError> {
        let listing = |e| io_error("listing", &self.folder, e);
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.folder).map_err(listing)? {
            let path = entry.map_err(listing)?.path();
            if let Some(epoch) = epoch_of(&path) {
                files.insert(epoch, path);
            }
        }
        Ok(files)
    }

    /// What a segment says; nothing when it was let go.
    fn survey(&mut self, epoch: u64, path: &Path) -> Result<Option<Scan>, Loss> {
        let failed = |source| Loss::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        if let Some(version) = scan::newer_version(&file) {
            return Err(Loss::Newer { path: path.to_owned(), version });
        }
        if scan::is_released(&file, epoch) {
            return Ok(None);
        }
        if let Ok(Some((header, payload))) = scan::payload(&file, epoch, KEY_AT)
            && header.kind == Kind::Key
            && let Some(wrapped) = WrappedKey::decode(&payload)
        {
            let known = self.wrapped.entry(wrapped.id).or_default();
            if !known.contains(&wrapped) {
                known.push(wrapped);
            }
        }
        match footer::read(&file, epoch) {
            Ok(Some(scan)) => Ok(Some(scan)),
            _ => scan::segment(&file, epoch, Check::All).map(Some).map_err(failed),
        }
    }

    fn load(&self, (epoch, offset): Place, is_it: impl Fn(&Header) -> bool) -> Result<Vec<u8>, Loss> {
        let path = self.folder.join(crate::segment::file_name(epoch));
        let failed = |source| Loss::Io { path: path.clone(), source };
        let file = File::open(&path).map_err(failed)?;
        let loaded = scan::payload(&file, epoch, offset).map_err(failed)?;
        let (header, stored) = loaded.filter(|(header, _)| is_it(header)).ok_or(Loss::Damaged)?;
        let plain = match &header.sealed {
            None => stored,
            Some(sealed) => {
                let wrapped = self.wrapped.get(&sealed.key).ok_or(Loss::NoKey)?;
                let secret =
                    wrapped.iter().find_map(|wrapped| self.key.open(wrapped)).ok_or(Loss::OtherKey)?;
                draft::open(&secret, &header, stored).ok_or(Loss::Damaged)?
            }
        };
        let is_whole = Sha256::digest(&plain).as_slice() == header.sha256;
        if is_whole { Ok(plain) } else { Err(Loss::Damaged) }
    }

    /// The bytes of a fragment, decrypted and compared with their hash.
    ///
    /// # Errors
    /// [`Loss`] says why they cannot be had.
    pub fn read(&self, lesson: &RecoverableLesson, track: &Name, seq: u64) -> Result<Vec<u8>, Loss> {
        let place = lesson.places.get(&(track.clone(), seq)).ok_or(Loss::Damaged)?;
        self.load(*place, |header| header.kind == Kind::Media && header.seq == seq)
    }

    /// The init segment of a run, from any segment that has it whole.
    ///
    /// # Errors
    /// [`Loss`] of the last copy.
    pub fn read_init(&self, lesson: &RecoverableLesson, run: u32) -> Result<Vec<u8>, Loss> {
        let mut last = Loss::Damaged;
        for place in lesson.inits.get(&run).into_iter().flatten() {
            match self.load(*place, |header| header.kind == Kind::Init && header.run == run) {
                Ok(init) => return Ok(init),
                Err(loss) => last = loss,
            }
        }
        Err(last)
    }

    /// Numbers of a track's fragments, up to its highest, that no segment has.
    #[must_use]
    pub fn missing(lesson: &RecoverableLesson, track: &Name) -> Vec<u64> {
        let held: BTreeSet<u64> = lesson.tracks.get(track).into_iter().flatten().map(|f| f.seq).collect();
        let last = held.last().copied().unwrap_or(0);
        (1..=last).filter(|seq| !held.contains(seq)).collect()
    }
}
