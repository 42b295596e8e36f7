//! Opening: what the index says and what the segments hold are brought
//! together. Segments that were sealed are trusted until they are read; those
//! in use at the end, and those the index does not know, are scanned.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lectern_api::Ticks;
use lectern_store::Opened;
use tracing::{error, info, warn};

use crate::SpoolError;
use crate::decisions::Decisions;
use crate::disk::{Disk, DiskFile};
use crate::entry::Entry;
use crate::error::io_error;
use crate::facts::{Facts, SegmentFacts};
use crate::footer::{self, Footer};
use crate::frame::Kind;
use crate::index::{Changes, Index};
use crate::keys::{self, LessonNo, Reader, TrackNo};
use crate::marking::mark_damaged;
use crate::rebuild::Rebuild;
use crate::release;
use crate::report::OpenReport;
use crate::scan::{self, Check, Scan};
use crate::segment::epoch_of;
use crate::tombstone::{bury_what_is_gone, repeat_wishes};

/// A rebuild keeps about so many changes in memory.
const COMMIT_CHANGES: usize = 2 << 10;

/// The state of recovery.
pub(crate) struct Recovery<'a> {
    pub(crate) index: &'a Index,
    pub(crate) facts: Facts,
    pub(crate) report: OpenReport,
    disk: &'a dyn Disk,
    folder: &'a Path,
    /// By segment: its lesson, and the offsets of media frames that are sound.
    sound: BTreeMap<u64, (LessonNo, BTreeSet<u64>)>,
    /// Segments of lessons that are gone; whatever is in them.
    gone: BTreeSet<u64>,
}

pub(crate) fn recover(
    disk: &dyn Disk,
    folder: &Path,
    index: &Index,
    opened: Opened,
    decisions: &Decisions,
) -> Result<(Facts, OpenReport), SpoolError> {
    let segments = segment_files(folder)?;
    let mut report = OpenReport::new(opened);
    let was_cut_short = index.get(keys::REBUILD, keys::UNDER_WAY)?.is_some();
    let is_new = !matches!(report.index, Opened::Existing { .. });
    report.rebuilt = was_cut_short || (is_new && !segments.is_empty());
    shorten_keys(index)?;
    let mut facts = Facts::load(index)?;
    let buried = bury_what_is_gone(&mut facts, index, decisions)?;
    let gone = decisions.gone.values().flat_map(|(_, tombstone)| tombstone.segments.iter().copied());
    let (gone, sound) = (gone.collect(), BTreeMap::new());
    let mut recovery = Recovery { index, facts, report, disk, folder, sound, gone };
    recovery.stage(buried);
    recovery.note_rebuild(true);
    let mut rebuild = Rebuild::default();
    for (epoch, path) in &segments {
        recovery.facts.last_epoch = recovery.facts.last_epoch.max(*epoch);
        if let Err(error) = recovery.take_in(*epoch, path, &mut rebuild) {
            error!("the segment {} cannot be read: {error}", path.display());
            recovery.report.unreadable_segments.push(path.clone());
        }
    }
    rebuild.index_fragments(&mut recovery)?;
    let known: Vec<(u64, LessonNo)> = recovery.facts.segments.iter().map(|(e, s)| (*e, s.lesson)).collect();
    for (epoch, lesson) in known {
        if !segments.contains_key(&epoch) {
            recovery.note_missing(epoch, lesson);
        }
    }
    recovery.mark_what_is_gone()?;
    if recovery.report.rebuilt {
        recovery.close_all_but_newest();
    }
    recovery.note_rebuild(false);
    repeat_wishes(&mut recovery.facts, decisions);
    index.commit()?;
    recovery.tell();
    Ok((recovery.facts, recovery.report))
}

/// Entries that were written with long keys get short ones, some at a time.
/// Cut short, it goes on with the next opening, before anybody asks for them.
fn shorten_keys(index: &Index) -> Result<(), SpoolError> {
    loop {
        let long = index.scan(keys::LONG_FRAGMENTS, b"", b"", COMMIT_CHANGES)?;
        if long.is_empty() {
            return Ok(());
        }
        let mut changes = Changes::default();
        for (key, value) in long {
            let mut reader = Reader(&key);
            let (Some(no), Some(track), Some(seq)) = (reader.u32(), reader.u16(), reader.u64()) else {
                return Err(keys::unreadable(keys::LONG_FRAGMENTS, "a key of another length"));
            };
            changes.put(keys::FRAGMENTS, keys::fragment(no, track, seq), Entry::decode(&value)?.encode());
            changes.delete(keys::LONG_FRAGMENTS, key);
        }
        index.stage(changes, 0, Duration::ZERO);
        index.commit()?;
    }
}

/// Refuses a folder that a newer version of this program has written to, before
/// anything in it is touched.
pub(crate) fn refuse_newer(disk: &dyn Disk, folder: &Path) -> Result<(), SpoolError> {
    for (_, path) in segment_files(folder)? {
        // What cannot be read is told later.
        let Ok(file) = disk.open(&path) else { continue };
        if let Some(version) = scan::newer_version(file.as_ref()) {
            return Err(SpoolError::Newer { path, version });
        }
    }
    Ok(())
}

/// Segment files by epoch; other files in the folder are none of ours.
fn segment_files(folder: &Path) -> Result<BTreeMap<u64, PathBuf>, SpoolError> {
    let entries = fs::read_dir(folder).map_err(|e| io_error("listing", folder, e))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|e| io_error("listing", folder, e))?.path();
        if let Some(epoch) = epoch_of(&path) {
            files.insert(epoch, path);
        }
    }
    Ok(files)
}

impl Recovery<'_> {
    /// Nothing of recovery waits for a commit: it ends with one.
    pub(crate) fn stage(&self, changes: Changes) {
        self.index.stage(changes, 0, Duration::ZERO);
    }

    /// Where the media of a track ends, by its newest indexed fragment.
    pub(crate) fn media_end(&self, at: (LessonNo, TrackNo), last: u64) -> Result<Ticks, SpoolError> {
        let value = self.index.get(keys::FRAGMENTS, &keys::fragment(at.0, at.1, last))?;
        Ok(value.map(|value| Entry::decode(&value)).transpose()?.map_or(Ticks(0), |entry| entry.end_90k()))
    }

    fn take_in(&mut self, epoch: u64, path: &Path, rebuild: &mut Rebuild) -> Result<(), SpoolError> {
        let file = self.disk.open(path).map_err(|e| io_error("opening", path, e))?;
        let size = file.size().map_err(|e| io_error("looking at", path, e))?;
        self.facts.allocated.insert(epoch, size.allocated_bytes);
        if self.gone.contains(&epoch) {
            self.doom(epoch);
            return Ok(());
        }
        let known = self.facts.segments.get(&epoch).copied();
        if known.is_none() && scan::is_released(file.as_ref(), epoch) {
            return self.discard(epoch, path);
        }
        if known.is_some_and(|segment| segment.sealed) {
            return Ok(());
        }
        let check = if known.is_none() && self.report.rebuilt { Check::Last } else { Check::All };
        let summed = if known.is_none() { footer::read(file.as_ref(), epoch).ok().flatten() } else { None };
        let is_ended = summed.is_some();
        let scan = match summed {
            Some(scan) => scan,
            None => scan::segment(file.as_ref(), epoch, check).map_err(|e| io_error("reading", path, e))?,
        };
        let lesson = rebuild.take_in(self, epoch, &scan, known.map(|segment| segment.lesson))?;
        let Some(lesson) = lesson else {
            let is_unfinished = !scan.has_media && !scan.is_foreign;
            return if is_unfinished { self.discard(epoch, path) } else { self.set_aside(epoch, path) };
        };
        if self.facts.lessons.get(&lesson).is_some_and(|lesson| lesson.facts.removed) {
            self.doom(epoch);
            return Ok(());
        }
        // Where the index does not know the segment, no entry points to it yet.
        if known.is_some() {
            let media = scan.frames.iter().filter(|f| f.sound).map(|f| f.offset).collect();
            self.sound.insert(epoch, (lesson, media));
        }
        self.facts.segments.insert(epoch, SegmentFacts { lesson, sealed: true });
        let mut changes = Changes::default();
        self.facts.save_segment(epoch, &mut changes);
        self.stage(changes);
        if !is_ended {
            self.end(epoch, path, file.as_ref(), &scan);
        }
        self.report.torn_frames += scan.torn;
        let is_closed = self.facts.lessons.get(&lesson).is_some_and(|lesson| lesson.facts.closed);
        if self.report.rebuilt && is_closed {
            rebuild.index_lesson(self, lesson)?;
            if self.index.backlog().0 > COMMIT_CHANGES {
                self.index.commit()?;
            }
        }
        Ok(())
    }

    /// A rebuild commits now and then; should it not come to its end, the next
    /// opening goes on with it.
    fn note_rebuild(&self, is_under_way: bool) {
        let mut changes = Changes::default();
        match is_under_way {
            true if self.report.rebuilt => {
                changes.put(keys::REBUILD, keys::UNDER_WAY.to_vec(), Vec::new());
            }
            true => {}
            false => changes.delete(keys::REBUILD, keys::UNDER_WAY.to_vec()),
        }
        self.stage(changes);
    }

    /// Ends the file as sealing would have. Nothing depends on it.
    fn end(&mut self, epoch: u64, path: &Path, file: &dyn DiskFile, scan: &Scan) {
        let end = || {
            let size = file.size()?.bytes;
            // Segments of version 1 have no key; they stay as they are.
            if scan.frames.iter().any(|found| found.header.kind == Kind::Key) {
                Footer::of(scan).write(file, epoch, scan.end, size)?;
            } else {
                file.truncate(scan.end)?;
            }
            file.sync_all()?;
            file.size()
        };
        match end() {
            Ok(size) => {
                self.facts.allocated.insert(epoch, size.allocated_bytes);
            }
            Err(error) => warn!("ending {} failed: {error}", path.display()),
        }
    }

    /// A file whose removal was cut short: finished when recovery is through.
    fn doom(&mut self, epoch: u64) {
        self.facts.doomed.insert(epoch);
        self.report.leftover_segments += 1;
    }

    /// A file whose creation was cut short.
    fn discard(&mut self, epoch: u64, path: &Path) -> Result<(), SpoolError> {
        release::wipe(self.disk, path, epoch).map_err(|e| io_error("wiping", path, e))?;
        self.disk.remove(path).map_err(|e| io_error("removing", path, e))?;
        self.facts.allocated.remove(&epoch);
        self.report.leftover_segments += 1;
        Ok(())
    }

    fn set_aside(&mut self, epoch: u64, path: &Path) -> Result<(), SpoolError> {
        let aside = path.with_extension("damaged");
        fs::rename(path, &aside).map_err(|e| io_error("setting aside", path, e))?;
        error!("the segment {epoch} names no lesson; it was set aside as {}", aside.display());
        self.report.unreadable_segments.push(aside);
        Ok(())
    }

    fn note_missing(&mut self, epoch: u64, lesson: LessonNo) {
        self.report.missing_segments.push(self.folder.join(crate::segment::file_name(epoch)));
        self.sound.insert(epoch, (lesson, BTreeSet::new()));
        // Told once: its fragments are marked, so it need not be known any more.
        self.facts.segments.remove(&epoch);
        let mut changes = Changes::default();
        changes.delete(keys::SEGMENTS, epoch.to_be_bytes().to_vec());
        self.stage(changes);
    }

    /// Index entries whose frame was looked for and not found become gaps.
    fn mark_what_is_gone(&mut self) -> Result<(), SpoolError> {
        let lessons: BTreeSet<LessonNo> = self.sound.values().map(|(lesson, _)| *lesson).collect();
        for no in lessons {
            let mut gone: BTreeMap<TrackNo, Vec<(u64, Entry)>> = BTreeMap::new();
            for (key, value) in self.index.scan(keys::FRAGMENTS, &keys::fragments_of(no), b"", usize::MAX)? {
                let entry = Entry::decode(&value)?;
                let looked = self.sound.get(&entry.segment);
                let missing = looked.is_some_and(|(_, offsets)| !offsets.contains(&entry.offset));
                if let Some((_, track, seq)) = keys::fragment_of(&key).filter(|_| missing && !entry.damaged) {
                    gone.entry(track).or_default().push((seq, entry));
                }
            }
            for (track, fragments) in gone {
                let mut changes = Changes::default();
                let gaps = mark_damaged(&mut self.facts, self.index, (no, track), fragments, &mut changes)?;
                self.stage(changes);
                if let Some(lesson) = self.facts.lessons.get(&no) {
                    let id = &lesson.facts.info.id;
                    self.report.damaged.extend(gaps.into_iter().map(|gap| (id.clone(), gap)));
                }
            }
        }
        Ok(())
    }

    /// A lesson's end is in its last segment as a rule; where it is not, a
    /// newer lesson proves it.
    fn close_all_but_newest(&mut self) {
        let open = self.facts.lessons.iter().filter(|(_, lesson)| !lesson.facts.closed);
        let mut open: Vec<_> = open.map(|(no, lesson)| (lesson.facts.info.since, *no)).collect();
        open.sort();
        open.pop();
        let mut changes = Changes::default();
        for (since, no) in open {
            let Some(lesson) = self.facts.lessons.get_mut(&no) else { continue };
            let end = lesson.tracks.iter().map(|track| track.end_90k).max().unwrap_or_default();
            lesson.facts.closed = true;
            lesson.facts.info.until = Some(since.saturating_add(end.as_duration()).unwrap_or(since));
            self.report.closed_by_rebuild.push(lesson.facts.info.id.clone());
            self.facts.save_lesson(no, &mut changes);
        }
        self.stage(changes);
    }

    fn tell(&self) {
        let report = &self.report;
        if report.rebuilt {
            warn!(
                "the index was rebuilt from the segments: {} lessons, {} fragments",
                report.recovered_lessons.len(),
                report.recovered_fragments
            );
        } else if report.recovered_fragments > 0 {
            info!("{} fragments were durable and not yet indexed; they are now", report.recovered_fragments);
        }
        for (lesson, gap) in &report.damaged {
            error!("lesson {lesson}, track {}: {} to {} is damaged", gap.track, gap.from_90k.0, gap.to_90k.0);
        }
        for path in &report.missing_segments {
            error!("the segment {} is missing", path.display());
        }
    }
}
