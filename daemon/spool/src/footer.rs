//! The footer of a sealed segment: every header and every small fact once more
//! in one place, so that a rebuild reads one stretch of each file.
//!
//! It is a hint with checksums: what it says of a fragment is compared with the
//! fragment's own frame whenever that is read.

use std::io;

use crate::disk::{DiskFile, read_all, write_all};
use crate::frame::{ALIGN_BYTES, HEADER_BYTES, Header, Kind, frame_bytes};
use crate::keys::Reader;
use crate::scan::{self, Found, Scan};

/// Offset and soundness before each header.
const PLACE_BYTES: usize = 9;
/// What closing the lesson may add: a `lesson` frame of one page.
const CLOSING_BYTES: usize = PLACE_BYTES + ALIGN_BYTES as usize;
const TRAILER_MAGIC: &[u8; 4] = b"LFTR";
const TRAILER_BYTES: usize = 28;
const TRAILER_CRC_AT: usize = 24;

/// What a segment's footer will say, while the segment is filled.
#[derive(Debug, Default)]
pub(crate) struct Footer {
    /// By offset: the frame's entry.
    entries: Vec<(u64, Vec<u8>)>,
    payload_bytes: usize,
}

/// Facts that are small and needed to rebuild. Init segments are neither, and
/// the key stands in its own page only.
fn is_repeated(kind: Kind) -> bool {
    matches!(kind, Kind::Lesson | Kind::Run | Kind::Anchor | Kind::Gap)
}

/// What an entry of such a frame takes.
pub(crate) fn entry_bytes(kind: Kind, payload_bytes: usize) -> usize {
    PLACE_BYTES + HEADER_BYTES + if is_repeated(kind) { payload_bytes } else { 0 }
}

impl Footer {
    /// The frames that a scan found.
    pub(crate) fn of(scan: &Scan) -> Self {
        let mut footer = Self::default();
        for found in &scan.frames {
            footer.add(found.offset, &found.header, found.sound, &found.fact);
        }
        footer
    }

    pub(crate) fn add(&mut self, offset: u64, header: &Header, sound: bool, fact: &[u8]) {
        let mut entry = Vec::with_capacity(entry_bytes(header.kind, fact.len()));
        entry.extend(offset.to_be_bytes());
        entry.push(u8::from(sound));
        entry.extend(header.encode());
        // A damaged fact is shorter than its header says.
        if is_repeated(header.kind) && sound {
            entry.extend(fact);
        }
        self.payload_bytes += entry.len();
        self.entries.push((offset, entry));
    }

    /// Frames from an offset on do not count.
    pub(crate) fn void(&mut self, from: u64) {
        self.entries.retain(|(offset, _)| *offset < from);
        self.payload_bytes = self.entries.iter().map(|(_, entry)| entry.len()).sum();
    }

    /// What it takes in the file, with its trailer, once `more` bytes of entries
    /// and the end of the lesson were added.
    pub(crate) fn reserve_bytes(&self, more: usize) -> u64 {
        frame_bytes(self.payload_bytes + more + CLOSING_BYTES) + ALIGN_BYTES
    }

    /// Writes footer and trailer behind the last frame and cuts the file to
    /// size, or leaves its `size` when little is unused. Nothing is synced yet.
    pub(crate) fn write(&self, file: &dyn DiskFile, epoch: u64, used: u64, size: u64) -> io::Result<()> {
        let payload: Vec<u8> = self.entries.iter().flat_map(|(_, entry)| entry).copied().collect();
        let header = Header::of_footer(epoch, &payload);
        let behind = used + header.frame_bytes() + ALIGN_BYTES;
        let is_cut = behind > size || is_worth_cutting(behind, size);
        let end = if is_cut { behind } else { size };
        write_all(file, &payload, used + HEADER_BYTES as u64)?;
        write_all(file, &header.encode(), used)?;
        write_all(file, &trailer(epoch, used), end - ALIGN_BYTES)?;
        // The trailer's page is a whole one, so that the file ends on a page.
        if is_cut { file.truncate(end) } else { Ok(()) }
    }
}

/// Whether the unused end of a file is worth giving back: more than a quarter,
/// which a segment that ended for want of room does not have.
fn is_worth_cutting(used: u64, size: u64) -> bool {
    size.saturating_sub(used) > size / 4
}

fn trailer(epoch: u64, footer_at: u64) -> [u8; TRAILER_BYTES] {
    let mut out = [0; TRAILER_BYTES];
    out[..4].copy_from_slice(TRAILER_MAGIC);
    out[8..16].copy_from_slice(&epoch.to_le_bytes());
    out[16..24].copy_from_slice(&footer_at.to_le_bytes());
    let crc = crc32c::crc32c(&out[..TRAILER_CRC_AT]);
    out[TRAILER_CRC_AT..].copy_from_slice(&crc.to_le_bytes());
    out
}

/// What a sealed segment's footer says; `None` when there is none that is whole.
pub(crate) fn read(file: &dyn DiskFile, epoch: u64) -> io::Result<Option<Scan>> {
    let Some(at) = file.size()?.bytes.checked_sub(ALIGN_BYTES) else { return Ok(None) };
    let mut found = [0; TRAILER_BYTES];
    read_all(file, &mut found, at)?;
    let mut footer_at = [0; 8];
    footer_at.copy_from_slice(&found[16..24]);
    let footer_at = u64::from_le_bytes(footer_at);
    if found != trailer(epoch, footer_at) || footer_at >= at {
        return Ok(None);
    }
    let footer = scan::payload(file, epoch, footer_at)?.filter(|(header, _)| header.kind == Kind::Footer);
    Ok(footer.and_then(|(_, payload)| parse(&payload, epoch, footer_at)))
}

fn parse(payload: &[u8], epoch: u64, end: u64) -> Option<Scan> {
    let mut scan = Scan { end, ..Scan::default() };
    let mut reader = Reader(payload);
    while !reader.0.is_empty() {
        let offset = reader.u64()?;
        let [sound] = reader.take()?;
        let header = Header::decode(&reader.take()?, epoch)?;
        let sound = sound != 0;
        let repeated = if is_repeated(header.kind) && sound { header.payload_bytes as usize } else { 0 };
        let (fact, rest) = reader.0.split_at_checked(repeated)?;
        reader.0 = rest;
        scan.has_media |= header.kind == Kind::Media;
        scan.frames.push(Found { header, offset, sound, fact: fact.to_vec() });
    }
    Some(scan)
}
