//! Reading a segment from its frames alone.

use std::io;

use crate::disk::{DiskFile, read_all};
use crate::frame::{ALIGN_BYTES, HEADER_BYTES, Header, Kind};

const CHUNK_BYTES: usize = 256 << 10;
/// Larger facts are not written; a larger length is damage.
const MAX_FACT_BYTES: u32 = 64 << 20;

/// A frame whose header is right.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) header: Header,
    pub(crate) offset: u64,
    /// Whether the payload is right, as far as it was looked at.
    pub(crate) sound: bool,
    /// The payload, as stored, of a frame that is not media, when sound.
    pub(crate) fact: Vec<u8>,
}

/// What a segment holds.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) frames: Vec<Found>,
    /// Behind the last frame that counts.
    pub(crate) end: u64,
    /// Frames at the end that were never acknowledged.
    pub(crate) torn: u64,
    /// Whether media was ever written here, sound or not. Without it nothing in
    /// the file was acknowledged: its creation was cut short.
    pub(crate) has_media: bool,
    /// Whether the file begins with something that we never write.
    pub(crate) is_foreign: bool,
}

/// How far payloads are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Every payload.
    All,
    /// Facts, and the last media frame: the only one that can be torn. The
    /// others are checked when they are read.
    Last,
}

/// The crc of a payload, read in pieces.
fn payload_crc(file: &dyn DiskFile, found: &Header, offset: u64) -> io::Result<u32> {
    let mut hash = vec![0; found.hash_bytes()];
    let mut at = offset + HEADER_BYTES as u64;
    read_all(file, &mut hash, at)?;
    at += hash.len() as u64;
    let (mut left, mut crc) = (found.payload_bytes as usize, 0);
    let mut buffer = vec![0; CHUNK_BYTES.min(left)];
    while left > 0 {
        let piece = &mut buffer[..left.min(CHUNK_BYTES)];
        read_all(file, piece, at)?;
        crc = crc32c::crc32c_append(crc, piece);
        at += piece.len() as u64;
        left -= piece.len();
    }
    Ok(crc32c::crc32c_append(crc, &hash))
}

fn read_fact(file: &dyn DiskFile, header: &Header, offset: u64) -> Option<Vec<u8>> {
    if header.payload_bytes > MAX_FACT_BYTES {
        return None;
    }
    let mut fact = vec![0; header.stored_bytes()];
    read_all(file, &mut fact, offset + HEADER_BYTES as u64).ok()?;
    (header.crc_of(&fact) == header.payload_crc).then_some(fact)
}

/// The version of a segment that only newer programs know.
pub(crate) fn newer_version(file: &dyn DiskFile) -> Option<u16> {
    let mut head = [0; HEADER_BYTES];
    read_all(file, &mut head, 0).ok()?;
    Header::newer_version(&head)
}

/// Whether the segment was let go.
pub(crate) fn is_released(file: &dyn DiskFile, epoch: u64) -> bool {
    let mut head = [0; HEADER_BYTES];
    let read = read_all(file, &mut head, 0);
    read.is_ok() && Header::decode(&head, epoch).is_some_and(|header| header.kind == Kind::Released)
}

/// The payload of one frame as stored, when it is there and right.
pub(crate) fn payload(file: &dyn DiskFile, epoch: u64, offset: u64) -> io::Result<Option<(Header, Vec<u8>)>> {
    let mut head = [0; HEADER_BYTES];
    match read_all(file, &mut head, offset) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let Some(header) = Header::decode(&head, epoch) else { return Ok(None) };
    // The length is not trusted beyond the file.
    if offset + (HEADER_BYTES + header.stored_bytes()) as u64 > file.size()?.bytes {
        return Ok(None);
    }
    let mut payload = vec![0; header.stored_bytes()];
    read_all(file, &mut payload, offset + HEADER_BYTES as u64)?;
    Ok((header.crc_of(&payload) == header.payload_crc).then_some((header, payload)))
}

/// Every frame of the segment. A place that cannot be read counts as damaged.
pub(crate) fn segment(file: &dyn DiskFile, epoch: u64, check: Check) -> io::Result<Scan> {
    let bytes = file.size()?.bytes;
    let mut scan = Scan::default();
    let mut is_sealed = false;
    let mut offset = 0;
    let mut head = [0; HEADER_BYTES];
    while offset + HEADER_BYTES as u64 <= bytes {
        let readable = read_all(file, &mut head, offset).is_ok();
        scan.is_foreign |= offset == 0 && (!readable || !Header::may_begin_with(&head));
        let header = readable.then(|| Header::decode(&head, epoch)).flatten();
        let Some(header) = header.filter(|h| offset + h.frame_bytes() <= bytes.next_multiple_of(ALIGN_BYTES))
        else {
            offset += ALIGN_BYTES;
            continue;
        };
        scan.has_media |= header.kind == Kind::Media;
        if header.kind == Kind::Footer && read_fact(file, &header, offset).is_some() {
            is_sealed = true;
            break;
        }
        let fact = (header.kind != Kind::Media).then(|| read_fact(file, &header, offset));
        let sound = match (&fact, check) {
            (Some(fact), _) => fact.is_some(),
            (None, Check::Last) => true,
            (None, Check::All) => payload_crc(file, &header, offset).ok() == Some(header.payload_crc),
        };
        // A payload that is not right may hide frames written over it later.
        let step = if sound { header.frame_bytes() } else { ALIGN_BYTES };
        let fact = fact.flatten().unwrap_or_default();
        scan.frames.push(Found { header, offset, sound, fact });
        offset += step;
    }
    if check == Check::Last
        && let Some(last) = scan.frames.last_mut().filter(|last| last.header.kind == Kind::Media)
    {
        last.sound = payload_crc(file, &last.header, last.offset).ok() == Some(last.header.payload_crc);
    }
    // Behind a footer nothing is torn: its frames were acknowledged.
    while !is_sealed && scan.frames.last().is_some_and(|last| !last.sound) {
        scan.frames.pop();
        scan.torn += 1;
    }
    scan.end = scan.frames.last().map_or(0, |last| last.offset + last.header.frame_bytes());
    Ok(scan)
}
