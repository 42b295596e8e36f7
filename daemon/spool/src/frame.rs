//! The format of a segment file, version 3.
//!
//! A segment is named `segments/<epoch, 16 hex digits>.seg`; epochs rise and
//! are never used twice. It holds frames of **one lesson** only, from offset 0,
//! each on a multiple of [`ALIGN_BYTES`], so that an acknowledged frame never
//! shares a page with a later write. The rest of the file, to its allocated
//! length, is unused; readers must not expect zeros there.
//!
//! A frame is a header of [`HEADER_BYTES`] and, right behind it, the payload as
//! stored, padded with zeros to a whole page. Integers are little endian:
//!
//! | at | bytes | field |
//! |---|---|---|
//! | 0 | 4 | magic `LFRM` |
//! | 4 | 2 | format version, 3 |
//! | 6 | 1 | kind, see [`Kind`] |
//! | 7 | 1 | cipher: 0 = plain, 1 = AES-256-GCM as of version 2, 2 = AES-256-GCM; a reader refuses any other |
//! | 8 | 8 | epoch of the segment |
//! | 16 | 8 | sequence number within the lesson and track; 0 unless media |
//! | 24 | 8 | begin on the lesson's time line, 1/90 000 s |
//! | 32 | 8 | duration, 1/90 000 s |
//! | 40 | 4 | length of the plain payload in bytes |
//! | 44 | 4 | run; 0 when it does not belong to one |
//! | 48 | 4 | crc32c of the payload as stored; of an encrypted one, the hash last |
//! | 52 | 32 | SHA-256 of the plain payload |
//! | 84 | 64 | name of the track, zero-padded; empty when it does not belong to one |
//! | 148 | 12 | nonce, random; zero when plain |
//! | 160 | 16 | GCM's tag; zero when plain |
//! | 176 | 8 | id of the lesson's key; zero when plain |
//! | 184 | 4 | reserved, zero |
//! | 188 | 4 | crc32c of bytes 0–187 |
//!
//! The first frame is of kind `lesson` and takes one page; the second, at
//! [`KEY_AT`], is of kind `key` and takes one page too. Frames of kind `run` and
//! `init` for the current run of every track follow, so that a segment can be
//! played by itself. When a track has two media frames with one sequence number, the one
//! in the higher epoch counts: the other was written by an append that failed.
//!
//! A frame counts when its magic, version, epoch, header crc and payload crc are
//! right; none of it needs a key. Behind a frame that does not count, a reader looks for the next header
//! at every multiple of [`ALIGN_BYTES`].
//!
//! Media and init segments are encrypted, each under a nonce of its own: an
//! append that failed leaves its place to another frame, so nothing that
//! derives from the place could serve. The message is the payload and, behind
//! it, the payload's SHA-256; stored are first the 32 bytes of the encrypted
//! hash, then the encrypted payload. So the tag covers the hash in the header,
//! which must be the one that comes out, and the hash can be taken while the
//! payload is on its way to the disk: only the frame's first page waits for it.
//! The additional data is bytes 4–47, 84–147 and 176–183 of the header. Facts
//! are plain. The key is the lesson's;
//! it stands, wrapped, in the `key` frames of the lesson's segments and nowhere
//! else, so that overwriting these pages takes the lesson from everybody:
//!
//! | at | bytes | field of a `key` frame's payload |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | 1 when wrapped for a recovery key too |
//! | 2 | 8 | id of the lesson's key, big endian |
//! | 10 | 8 | name of the device's key: SHA-256 of `lectern device key` and the key |
//! | 18 | 28 | nonce and tag |
//! | 46 | 32 | the key, AES-256-GCM under the device's key |
//! | 78 | 8 | name of the recovery key: SHA-256 of `lectern recovery key` and the public key |
//! | 86 | 32 | HPKE's encapsulated key (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM) |
//! | 118 | 48 | the key, sealed by HPKE with info `lectern-spool recovery 1` |
//!
//! The additional data of both is `lectern-spool key 1` and the id, little
//! endian. A segment that was let go begins with a frame of kind `released`,
//! and its second page is zero.
//!
//! A sealed segment ends with a frame of kind `footer` and a trailer in a page
//! of its own, the file's last. The footer holds, for each frame in order: its
//! offset (8, big endian), 1 when it was sound (1), its header, and, for sound
//! frames of kinds `lesson`, `run`, `anchor` and `gap`, its payload. The
//! trailer:
//!
//! | at | bytes | field |
//! |---|---|---|
//! | 0 | 4 | magic `LFTR` |
//! | 4 | 4 | reserved, zero |
//! | 8 | 8 | epoch |
//! | 16 | 8 | offset of the footer |
//! | 24 | 4 | crc32c of bytes 0–23 |
//!
//! A segment without either is read header by header.
//!
//! Version 1 has neither footers, `key` frames nor ciphers. In version 2 the
//! message is the payload alone, and the additional data has the hash as well,
//! between the other parts. Both are read, and no more written. Every later version keeps the magic, the version, the epoch and the
//! header's crc in their places, so that an older reader can tell it from
//! damage, and refuses the whole folder.

use lectern_api::{Name, Ticks};

use crate::cipher::{NONCE_BYTES, Sealing, TAG_BYTES};
use crate::wrapped::KeyId;

/// Every frame begins on a multiple of this.
pub const ALIGN_BYTES: u64 = 4096;
/// Size of a frame's header.
pub const HEADER_BYTES: usize = 192;
/// The largest payload.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 30;

const MAGIC: &[u8; 4] = b"LFRM";
/// Where the `key` frame of a segment lies.
pub const KEY_AT: u64 = ALIGN_BYTES;

const VERSION: u16 = 3;
/// Whose additional data has the hash.
const VERSION_2: u16 = 2;
const OLDEST: u16 = 1;
const PLAIN: u8 = 0;
const AES_256_GCM_2: u8 = 1;
const AES_256_GCM: u8 = 2;
/// What an encrypted hash takes before its payload.
pub(crate) const HASH_BYTES: usize = 32;
const NONCE_AT: usize = 148;
const TAG_AT: usize = NONCE_AT + NONCE_BYTES;
const KEY_ID_AT: usize = TAG_AT + TAG_BYTES;
const CRC_AT: usize = 188;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A media fragment.
    Media = 1,
    /// The init segment of a run.
    Init = 2,
    /// `LessonInfo` as JSON; with `until` it closes the lesson.
    Lesson = 3,
    /// `{"codecs": …}` of a run, before its init segment.
    Run = 4,
    /// `Anchor` of a run as JSON.
    Anchor = 5,
    /// `Gap` as JSON.
    Gap = 6,
    /// The lesson's key, wrapped.
    Key = 7,
    /// Every header of a sealed segment, and its facts.
    Footer = 8,
    /// Nothing: the segment was let go.
    Released = 9,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        use Kind::{Anchor, Footer, Gap, Init, Key, Lesson, Media, Released, Run};
        [Media, Init, Lesson, Run, Anchor, Gap, Key, Footer, Released]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// How a payload is encrypted, and with which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) key: KeyId,
    pub(crate) sealing: Sealing,
    pub(crate) hash: SealedHash,
}

/// Where the tag covers the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealedHash {
    /// In the additional data, as of version 2.
    Before,
    /// In the message, behind the payload.
    Behind,
}

/// The header of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What the frame holds.
    pub kind: Kind,
    /// The segment it belongs to.
    pub epoch: u64,
    /// Sequence number; 0 unless media.
    pub seq: u64,
    /// Begin on the lesson's time line.
    pub pts_90k: Ticks,
    /// Length on the time line.
    pub duration_90k: Ticks,
    /// Length of the plain payload in bytes.
    pub payload_bytes: u32,
    /// The run, or 0.
    pub run: u32,
    /// crc32c of the payload as stored, of an encrypted hash last.
    pub payload_crc: u32,
    /// SHA-256 of the plain payload.
    pub sha256: [u8; 32],
    /// The track, when it belongs to one.
    pub track: Option<Name>,
    /// How the payload is encrypted.
    pub(crate) sealed: Option<Sealed>,
}

impl Header {
    /// The header of a segment that was let go.
    pub(crate) fn released(epoch: u64) -> Self {
        Self::bare(Kind::Released, epoch)
    }

    /// The header of a footer; its payload stays below 1 GiB as its segment does.
    pub(crate) fn of_footer(epoch: u64, payload: &[u8]) -> Self {
        Self {
            payload_bytes: u32::try_from(payload.len()).unwrap_or(u32::MAX),
            payload_crc: crc32c::crc32c(payload),
            ..Self::bare(Kind::Footer, epoch)
        }
    }

    /// One that says nothing but its kind.
    fn bare(kind: Kind, epoch: u64) -> Self {
        Self {
            kind,
            epoch,
            seq: 0,
            pts_90k: Ticks(0),
            duration_90k: Ticks(0),
            payload_bytes: 0,
            run: 0,
            payload_crc: 0,
            sha256: [0; 32],
            track: None,
            sealed: None,
        }
    }

    /// As it is written.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[..4].copy_from_slice(MAGIC);
        let (version, cipher) = match self.sealed.as_ref().map(|sealed| sealed.hash) {
            None => (VERSION, PLAIN),
            Some(SealedHash::Before) => (VERSION_2, AES_256_GCM_2),
            Some(SealedHash::Behind) => (VERSION, AES_256_GCM),
        };
        out[4..6].copy_from_slice(&version.to_le_bytes());
        out[6] = self.kind as u8;
        out[7] = cipher;
        out[8..16].copy_from_slice(&self.epoch.to_le_bytes());
        out[16..24].copy_from_slice(&self.seq.to_le_bytes());
        out[24..32].copy_from_slice(&self.pts_90k.0.to_le_bytes());
        out[32..40].copy_from_slice(&self.duration_90k.0.to_le_bytes());
        out[40..44].copy_from_slice(&self.payload_bytes.to_le_bytes());
        out[44..48].copy_from_slice(&self.run.to_le_bytes());
        out[48..52].copy_from_slice(&self.payload_crc.to_le_bytes());
        out[52..84].copy_from_slice(&self.sha256);
        let name = self.track.as_ref().map_or("", Name::as_str).as_bytes();
        out[84..84 + name.len()].copy_from_slice(name);
        if let Some(Sealed { key, sealing, .. }) = &self.sealed {
            out[NONCE_AT..TAG_AT].copy_from_slice(&sealing.nonce);
            out[TAG_AT..KEY_ID_AT].copy_from_slice(&sealing.tag);
            out[KEY_ID_AT..KEY_ID_AT + 8].copy_from_slice(&key.to_le_bytes());
        }
        let crc = crc32c::crc32c(&out[..CRC_AT]);
        out[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads a header that must belong to the given segment; `None` when it is
    /// torn, damaged, of another segment, or of a version or cipher that this
    /// reader does not know.
    #[must_use]
    pub fn decode(bytes: &[u8; HEADER_BYTES], epoch: u64) -> Option<Self> {
        let short = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let long = |at: usize| u64::from(short(at + 4)) << 32 | u64::from(short(at));
        let version = Self::version(bytes)?;
        if !(OLDEST..=VERSION).contains(&version) || long(8) != epoch {
            return None;
        }
        let hash = match (bytes[7], version) {
            (PLAIN, _) => None,
            (AES_256_GCM_2, VERSION_2) => Some(SealedHash::Before),
            (AES_256_GCM, VERSION) => Some(SealedHash::Behind),
            _ => return None,
        };
        let sealed = hash.map(|hash| {
            let (mut nonce, mut tag) = ([0; NONCE_BYTES], [0; TAG_BYTES]);
            nonce.copy_from_slice(&bytes[NONCE_AT..TAG_AT]);
            tag.copy_from_slice(&bytes[TAG_AT..KEY_ID_AT]);
            Sealed { key: long(KEY_ID_AT), sealing: Sealing { nonce, tag }, hash }
        });
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(&bytes[52..84]);
        let name = &bytes[84..148];
        let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let track = match length {
            0 => None,
            _ => Some(Name::new(std::str::from_utf8(&name[..length]).ok()?).ok()?),
        };
        Some(Self {
            kind: Kind::from_byte(bytes[6])?,
            epoch,
            seq: long(16),
            pts_90k: Ticks(long(24)),
            duration_90k: Ticks(long(32)),
            payload_bytes: short(40),
            run: short(44),
            payload_crc: short(48),
            sha256,
            track,
            sealed,
        })
    }

    /// The version that a header names, when it is whole.
    fn version(bytes: &[u8; HEADER_BYTES]) -> Option<u16> {
        let crc = u32::from_le_bytes(*bytes.last_chunk()?);
        let is_whole = &bytes[..4] == MAGIC && crc == crc32c::crc32c(&bytes[..CRC_AT]);
        is_whole.then(|| u16::from_le_bytes([bytes[4], bytes[5]]))
    }

    /// The version of a whole header that this reader does not know yet.
    #[must_use]
    pub fn newer_version(bytes: &[u8; HEADER_BYTES]) -> Option<u16> {
        Self::version(bytes).filter(|version| *version > VERSION)
    }

    /// The additional data of the payload's encryption: everything that says
    /// what it is.
    pub(crate) fn aad(&self) -> Vec<u8> {
        let bytes = self.encode();
        let is_hash_in = self.sealed.as_ref().is_some_and(|sealed| sealed.hash == SealedHash::Before);
        let hash = if is_hash_in { &bytes[52..84] } else { &[] };
        [&bytes[4..48], hash, &bytes[84..NONCE_AT], &bytes[KEY_ID_AT..KEY_ID_AT + 8]].concat()
    }

    /// Whether these bytes may be a header, whole or torn, or the place where
    /// none was written yet.
    #[must_use]
    pub fn may_begin_with(bytes: &[u8; HEADER_BYTES]) -> bool {
        bytes[..4] == *MAGIC || bytes[..4] == [0; 4]
    }

    /// What the hash takes that is stored before the payload.
    pub(crate) fn hash_bytes(&self) -> usize {
        let is_there = self.sealed.as_ref().is_some_and(|sealed| sealed.hash == SealedHash::Behind);
        if is_there { HASH_BYTES } else { 0 }
    }

    /// The checksum of a payload as it is stored behind such a header.
    pub(crate) fn crc_of(&self, stored: &[u8]) -> u32 {
        let (hash, payload) = stored.split_at(self.hash_bytes().min(stored.len()));
        crc32c::crc32c_append(crc32c::crc32c(payload), hash)
    }

    /// Length of the payload as it is stored.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.hash_bytes() + self.payload_bytes as usize
    }

    /// What the frame takes in the file, with the padding behind it.
    #[must_use]
    pub fn frame_bytes(&self) -> u64 {
        frame_bytes(self.stored_bytes())
    }
}

/// What a frame takes in the file whose payload is stored in so many bytes.
#[must_use]
pub fn frame_bytes(stored_bytes: usize) -> u64 {
    (HEADER_BYTES as u64 + stored_bytes as u64).next_multiple_of(ALIGN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(hash: SealedHash) -> Sealed {
        Sealed { key: u64::MAX, sealing: Sealing { nonce: [1; 12], tag: [2; 16] }, hash }
    }

    fn header() -> Header {
        Header {
            kind: Kind::Media,
            epoch: 7,
            seq: 1 << 40,
            pts_90k: Ticks(180_000),
            duration_90k: Ticks(u64::MAX),
            payload_bytes: 600 << 10,
            run: 3,
            payload_crc: 0xdead_beef,
            sha256: [9; 32],
            track: Some(Name::new("x".repeat(64)).unwrap()),
            sealed: Some(sealed(SealedHash::Behind)),
        }
    }

    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let short = Some(Name::new("program").unwrap());
        let of_version_2 = Some(sealed(SealedHash::Before));
        for (track, sealed) in [(header().track, header().sealed), (None, None), (short, of_version_2)] {
            let written = Header { track, sealed, ..header() };
            assert_eq!(Header::decode(&written.encode(), 7), Some(written));
        }
    }

    #[test]
    fn a_header_with_any_bit_changed_is_refused() {
        let bytes = header().encode();
        for bit in 0..HEADER_BYTES * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&changed, 7), None, "bit {bit}");
        }
    }

    #[test]
    fn a_frame_of_another_segment_is_refused() {
        assert_eq!(Header::decode(&header().encode(), 8), None);
    }
}
