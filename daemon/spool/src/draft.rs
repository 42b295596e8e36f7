//! Frames on their way to the disk, and encrypted payloads on their way back.
//!
//! The pages behind a frame's first go to the disk while the hash of the
//! payload is still being taken; the first page, with the header, waits for it.
//! Nothing depends on their order: what is there after a power cut, the
//! header's checksums tell.

use std::path::Path;

use lectern_api::{Name, Ticks};

use crate::SpoolError;
use crate::cipher::{Sealer, Sealing, Secret, TAG_BYTES, random};
use crate::disk::{DiskFile, write_all};
use crate::error::io_error;
use crate::footer::entry_bytes;
use crate::frame::{
    ALIGN_BYTES, HASH_BYTES, HEADER_BYTES, Header, Kind, MAX_PAYLOAD_BYTES, Sealed, SealedHash, frame_bytes,
};
use crate::wrapped::LessonKey;

const PAGE: usize = ALIGN_BYTES as usize;
/// What is encrypted before it is written; bounds the memory of a writer.
const PIECE_BYTES: usize = 1 << 20;
/// Less is on the disk before a hash is through, and costs it a request more.
const WORTH_A_HEAD_START: usize = 128 << 10;

/// A frame to write.
#[derive(Debug, Clone)]
pub(crate) struct Draft<'a> {
    pub(crate) kind: Kind,
    pub(crate) track: Option<&'a Name>,
    pub(crate) run: u32,
    pub(crate) seq: u64,
    pub(crate) pts_90k: Ticks,
    pub(crate) duration_90k: Ticks,
    pub(crate) payload: &'a [u8],
}

/// Where a frame goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a dyn DiskFile,
    pub(crate) path: &'a Path,
    pub(crate) epoch: u64,
    pub(crate) offset: u64,
}

impl Place<'_> {
    fn write(&self, bytes: &[u8], at: usize) -> Result<(), SpoolError> {
        let written = write_all(self.file, bytes, self.offset + at as u64);
        written.map_err(|e| io_error("writing", self.path, e))
    }
}

/// Payload bytes become bytes as stored.
enum Pass {
    Plain,
    Sealed(Sealer),
}

impl Pass {
    fn take(&mut self, plain: &[u8], stored: &mut [u8]) -> Result<(), SpoolError> {
        match self {
            Self::Plain => stored.copy_from_slice(plain),
            Self::Sealed(sealer) => sealer.add(plain, stored)?,
        }
        Ok(())
    }
}

impl<'a> Draft<'a> {
    /// A frame that carries a fact and no media.
    pub(crate) fn fact(kind: Kind, track: Option<&'a Name>, run: u32, payload: &'a [u8]) -> Self {
        Self { kind, track, run, seq: 0, pts_90k: Ticks(0), duration_90k: Ticks(0), payload }
    }

    /// Facts are stored plain.
    fn is_sealed(&self) -> bool {
        matches!(self.kind, Kind::Media | Kind::Init)
    }

    /// What it takes in the file.
    pub(crate) fn bytes(&self) -> u64 {
        let hash = if self.is_sealed() { HASH_BYTES } else { 0 };
        frame_bytes(hash + self.payload.len())
    }

    /// What it takes in the file, and of that file's footer.
    pub(crate) fn takes(&self) -> (u64, usize) {
        (self.bytes(), entry_bytes(self.kind, self.payload.len()))
    }

    /// Writes the frame; nothing is durable yet. `buffer` is memory to use
    /// again, nothing else.
    pub(crate) fn write(
        &self,
        place: Place<'_>,
        key: &LessonKey,
        buffer: &mut Vec<u8>,
    ) -> Result<Header, SpoolError> {
        let mut header = self.header(place.epoch)?;
        let mut pass = Pass::Plain;
        if self.is_sealed() {
            let nonce = random()?;
            let (sealing, hash) = (Sealing { nonce, tag: [0; TAG_BYTES] }, SealedHash::Behind);
            header.sealed = Some(Sealed { key: key.id, sealing, hash });
            pass = Pass::Sealed(key.secret.sealer(nonce, &header.aad())?);
        }
        let hash_at = HEADER_BYTES;
        let begin = hash_at + header.hash_bytes();
        let (head, mut rest) = self.payload.split_at(self.payload.len().min(PAGE - begin));
        let mut first = [0; PAGE];
        pass.take(head, &mut first[begin..begin + head.len()])?;
        let mut crc = crc32c::crc32c(&first[begin..begin + head.len()]);
        let mut at = PAGE;
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(PIECE_BYTES));
            buffer.resize(piece.len().next_multiple_of(PAGE), 0);
            let (stored, padding) = buffer.split_at_mut(piece.len());
            pass.take(piece, stored)?;
            crc = crc32c::crc32c_append(crc, stored);
            // Whole pages, or a file of the pool has to be read to be written.
            padding.fill(0);
            place.write(buffer, at)?;
            if self.payload.len() >= WORTH_A_HEAD_START {
                place.file.write_back(place.offset + at as u64, buffer.len() as u64);
            }
            at += buffer.len();
            rest = behind;
        }
        header.sha256 = openssl::sha::sha256(self.payload);
        header.payload_crc = crc;
        if let (Pass::Sealed(mut sealer), Some(sealed)) = (pass, &mut header.sealed) {
            sealer.add(&header.sha256, &mut first[hash_at..begin])?;
            sealed.sealing.tag = sealer.finish()?;
            header.payload_crc = crc32c::crc32c_append(crc, &first[hash_at..begin]);
        }
        first[..HEADER_BYTES].copy_from_slice(&header.encode());
        place.write(&first, 0)?;
        Ok(header)
    }

    /// Without hash and checksum.
    fn header(&self, epoch: u64) -> Result<Header, SpoolError> {
        let length = u32::try_from(self.payload.len()).ok().filter(|n| *n as usize <= MAX_PAYLOAD_BYTES);
        let too_large =
            || SpoolError::Invalid(format!("a payload of {} bytes is above 1 GiB", self.payload.len()));
        Ok(Header {
            kind: self.kind,
            epoch,
            seq: self.seq,
            pts_90k: self.pts_90k,
            duration_90k: self.duration_90k,
            payload_bytes: length.ok_or_else(too_large)?,
            run: self.run,
            payload_crc: 0,
            sha256: [0; HASH_BYTES],
            track: self.track.cloned(),
            sealed: None,
        })
    }
}

/// The plain payload of a frame that is encrypted; `None` when it, its header
/// and the key do not belong together.
pub(crate) fn open(secret: &Secret, header: &Header, mut stored: Vec<u8>) -> Option<Vec<u8>> {
    let sealed = header.sealed.as_ref()?;
    let hash_bytes = header.hash_bytes();
    let (hash, payload) = stored.split_at_mut_checked(hash_bytes)?;
    secret.open(&sealed.sealing, &header.aad(), &mut [payload, hash])?;
    // The tag covers the one that was encrypted, this the one that is believed.
    if sealed.hash == SealedHash::Behind && *hash != header.sha256 {
        return None;
    }
    stored.drain(..hash_bytes);
    Some(stored)
}
