//! Segment files: making them, writing frames into them, sealing them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lectern_api::Name;
use lectern_api::manifest::LessonInfo;

use crate::SpoolError;
use crate::disk::{Disk, DiskFile, write_all};
use crate::draft::{Draft, Place};
use crate::error::io_error;
use crate::footer::Footer;
use crate::frame::{ALIGN_BYTES, HEADER_BYTES, Header, Kind};
use crate::keys::{LessonNo, to_json};
use crate::wrapped::LessonKey;

/// A segment that is being filled.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) epoch: u64,
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: PathBuf,
    key: LessonKey,
    footer: Footer,
    /// Memory for what is being written.
    buffer: Vec<u8>,
    /// Where the next frame goes.
    pub(crate) used: u64,
    pub(crate) size: u64,
    /// Whether a fragment in it was acknowledged.
    pub(crate) holds_media: bool,
}

/// What must stand at the head of every segment of a lesson.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) lesson: Vec<u8>,
    pub(crate) key: LessonKey,
    /// The current run of each track: its number, its facts and its init segment.
    pub(crate) runs: BTreeMap<Name, (u32, Vec<u8>, Vec<u8>)>,
}

impl Head {
    pub(crate) fn of(info: &LessonInfo, key: LessonKey) -> Self {
        Self { lesson: to_json(info), key, runs: BTreeMap::new() }
    }

    pub(crate) fn drafts(&self) -> impl Iterator<Item = Draft<'_>> {
        let runs = self.runs.iter().flat_map(|(track, (run, facts, init))| {
            [
                Draft::fact(Kind::Run, Some(track), *run, facts),
                Draft::fact(Kind::Init, Some(track), *run, init),
            ]
        });
        let first = [
            Draft::fact(Kind::Lesson, None, 0, &self.lesson),
            Draft::fact(Kind::Key, None, 0, &self.key.wrapped),
        ];
        first.into_iter().chain(runs)
    }

    /// Where the init segment of a track lies in a segment with this head.
    pub(crate) fn init_offset(&self, track: &Name) -> u64 {
        let before = self.drafts().take_while(|draft| draft.kind != Kind::Init || draft.track != Some(track));
        before.map(|draft| draft.bytes()).sum()
    }

    /// The size of a segment with this head, such frames, the end of the lesson
    /// and a footer.
    pub(crate) fn segment_bytes(&self, (bytes, entries): (u64, usize)) -> u64 {
        let (head, in_footer) = self.drafts().fold((0, entries), |(bytes, entries), draft| {
            let (more, entry) = draft.takes();
            (bytes + more, entries + entry)
        });
        head + bytes + ALIGN_BYTES + Footer::default().reserve_bytes(in_footer)
    }
}

/// The lessons being written.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    pub(crate) open: BTreeMap<LessonNo, Writer>,
}

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) head: Head,
    pub(crate) segment: Option<Segment>,
    /// Segments given up since the last append that succeeded.
    pub(crate) given_up: u32,
}

pub(crate) fn file_name(epoch: u64) -> String {
    format!("{epoch:016x}.seg")
}

pub(crate) fn epoch_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_suffix(".seg")?;
    (name.len() == 16).then(|| u64::from_str_radix(name, 16).ok())?
}

impl Segment {
    /// Allocated, with its head written, and durable by name and content.
    /// A file that cannot be finished is removed again.
    pub(crate) fn create(
        disk: &dyn Disk,
        folder: &Path,
        epoch: u64,
        size: u64,
        head: &Head,
    ) -> Result<Self, SpoolError> {
        let path = folder.join(file_name(epoch));
        let file = disk.create(&path, size).map_err(|e| io_error("allocating", &path, e))?;
        Self::over(disk, folder, epoch, file, size, head)
    }

    /// The same in a file that was a segment before and already has its new
    /// name. Frames of its former epochs are refused by their headers.
    pub(crate) fn over(
        disk: &dyn Disk,
        folder: &Path,
        epoch: u64,
        file: Arc<dyn DiskFile>,
        size: u64,
        head: &Head,
    ) -> Result<Self, SpoolError> {
        let path = folder.join(file_name(epoch));
        let key = head.key.clone();
        let (footer, buffer) = (Footer::default(), Vec::new());
        let mut segment = Self { epoch, file, path, key, footer, buffer, used: 0, size, holds_media: false };
        match segment.begin(disk, folder, head) {
            Ok(()) => Ok(segment),
            Err(error) => {
                // Nothing in it was acknowledged; should it stay, opening finds no lesson in it.
                if let Err(e) = disk.remove(&segment.path) {
                    tracing::warn!("removing the unfinished {} failed: {e}", segment.path.display());
                }
                Err(error)
            }
        }
    }

    fn begin(&mut self, disk: &dyn Disk, folder: &Path, head: &Head) -> Result<(), SpoolError> {
        for draft in head.drafts() {
            self.write(&draft)?;
        }
        self.file.sync_all().map_err(|e| io_error("syncing", &self.path, e))?;
        disk.sync_folder(folder).map_err(|e| io_error("syncing", folder, e))
    }

    /// Whether there is room for frames of so many bytes whose entries in the
    /// footer take `entries`, with the end of the lesson and the footer behind.
    pub(crate) fn fits(&self, (bytes, entries): (u64, usize)) -> bool {
        self.used + bytes + ALIGN_BYTES + self.footer.reserve_bytes(entries) <= self.size
    }

    /// Writes a frame; not durable before [`sync`](Self::sync). A frame that
    /// fails is made void as far as the disk allows.
    pub(crate) fn write(&mut self, draft: &Draft<'_>) -> Result<(Header, u64), SpoolError> {
        let offset = self.used;
        let place = Place { file: self.file.as_ref(), path: &self.path, epoch: self.epoch, offset };
        let written = draft.write(place, &self.key, &mut self.buffer);
        let header = written.inspect_err(|_| self.void(offset))?;
        self.footer.add(offset, &header, true, draft.payload);
        self.used += header.frame_bytes();
        Ok((header, offset))
    }

    /// `fdatasync`: the durability acknowledgement.
    pub(crate) fn sync(&self) -> Result<(), SpoolError> {
        self.file.sync_data().map_err(|e| io_error("syncing", &self.path, e))
    }

    /// Takes back what was written from an offset on and was not acknowledged.
    pub(crate) fn void(&mut self, offset: u64) {
        self.used = offset;
        self.footer.void(offset);
        let voided = write_all(self.file.as_ref(), &[0; HEADER_BYTES], offset);
        if let Err(error) = voided.and_then(|()| self.file.sync_data()) {
            tracing::warn!(
                "the unacknowledged frame at {offset} of {} stays readable: {error}",
                self.path.display()
            );
        }
    }

    /// Ends the file: footer and trailer, and what is not used given back. The
    /// frames are complete before, so an error costs room and time only. A file
    /// that is almost full keeps its size: once it is let go, another segment
    /// can be written over it.
    pub(crate) fn seal(self) -> u64 {
        let end = || -> io::Result<u64> {
            self.footer.write(self.file.as_ref(), self.epoch, self.used, self.size)?;
            self.file.sync_all()?;
            Ok(self.file.size()?.allocated_bytes)
        };
        end().unwrap_or_else(|error| {
            tracing::warn!("ending {} failed: {error}", self.path.display());
            self.size
        })
    }

    /// Ends a file on a place that cannot be written. It keeps its blocks, so
    /// that no other file gets them, and loses its last page, so that it is
    /// never used again.
    pub(crate) fn give_up(self) -> u64 {
        let cut = self.file.truncate(self.size - ALIGN_BYTES).and_then(|()| self.file.sync_all());
        if let Err(error) = cut {
            tracing::warn!("giving {} up failed: {error}", self.path.display());
        }
        self.size
    }
}
