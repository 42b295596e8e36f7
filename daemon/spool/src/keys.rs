//! Keyspaces, keys and values of the index. Numbers in keys are big endian, so
//! that their order is the order of the numbers.

use lectern_api::manifest::GapReason;
use lectern_api::{Name, Ticks};
use lectern_store::Keyspace;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::SpoolError;
use crate::fragment::{FragmentState, StoredFragment};
use crate::frame::Header;

/// lesson → [`crate::facts::LessonFacts`]
pub(crate) const LESSONS: Keyspace = Keyspace::new("lessons");
/// lesson, track → [`crate::facts::TrackFacts`]
pub(crate) const TRACKS: Keyspace = Keyspace::new("tracks");
/// lesson, track, sequence → [`Entry`]
pub(crate) const FRAGMENTS: Keyspace = Keyspace::new("fragments");
/// lesson, run → [`RunFacts`]
pub(crate) const RUNS: Keyspace = Keyspace::new("runs");
/// lesson, run, pts → `Anchor`
pub(crate) const ANCHORS: Keyspace = Keyspace::new("anchors");
/// lesson, track, from, to → `GapReason`
pub(crate) const GAPS: Keyspace = Keyspace::new("gaps");
/// epoch → [`crate::facts::SegmentFacts`]
pub(crate) const SEGMENTS: Keyspace = Keyspace::new("segments");
/// lesson, track, archive → [`crate::facts::Cursor`]
pub(crate) const CURSORS: Keyspace = Keyspace::new("cursors");
/// lesson, track, sequence, archive → nothing: acknowledged ahead of the cursor
pub(crate) const AHEAD: Keyspace = Keyspace::new("ahead");

/// [`UNDER_WAY`] → nothing, while a rebuild is not finished
pub(crate) const REBUILD: Keyspace = Keyspace::new("rebuild");

pub(crate) const ALL: [Keyspace; 10] =
    [LESSONS, TRACKS, FRAGMENTS, RUNS, ANCHORS, GAPS, SEGMENTS, CURSORS, AHEAD, REBUILD];

pub(crate) const UNDER_WAY: &[u8] = b"under way";

/// The number of a lesson within this spool.
pub(crate) type LessonNo = u32;
/// The number of a track within its lesson.
pub(crate) type TrackNo = u16;

pub(crate) fn lesson(no: LessonNo) -> Vec<u8> {
    no.to_be_bytes().to_vec()
}

pub(crate) fn track(no: LessonNo, track: TrackNo) -> Vec<u8> {
    [lesson(no).as_slice(), &track.to_be_bytes()].concat()
}

pub(crate) fn fragment(no: LessonNo, in_track: TrackNo, seq: u64) -> Vec<u8> {
    [track(no, in_track).as_slice(), &seq.to_be_bytes()].concat()
}

pub(crate) fn run(no: LessonNo, run: u32) -> Vec<u8> {
    [lesson(no).as_slice(), &run.to_be_bytes()].concat()
}

pub(crate) fn anchor(no: LessonNo, in_run: u32, pts: Ticks) -> Vec<u8> {
    [run(no, in_run).as_slice(), &pts.0.to_be_bytes()].concat()
}

pub(crate) fn gap(no: LessonNo, in_track: TrackNo, from: Ticks, to: Ticks) -> Vec<u8> {
    [track(no, in_track).as_slice(), &from.0.to_be_bytes(), &to.0.to_be_bytes()].concat()
}

pub(crate) fn cursor(no: LessonNo, in_track: TrackNo, archive: &Name) -> Vec<u8> {
    [track(no, in_track).as_slice(), archive.as_str().as_bytes()].concat()
}

pub(crate) fn ahead(no: LessonNo, in_track: TrackNo, seq: u64, archive: &Name) -> Vec<u8> {
    [fragment(no, in_track, seq).as_slice(), archive.as_str().as_bytes()].concat()
}

/// Reads numbers off the front of a key or value.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    /// The next `N` bytes, when there are as many.
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// The rest, as a name.
    pub(crate) fn name(&self) -> Option<Name> {
        Name::new(std::str::from_utf8(self.0).ok()?).ok()
    }
}

pub(crate) fn unreadable(keyspace: Keyspace, cause: impl ToString) -> SpoolError {
    SpoolError::Entry { keyspace: keyspace.name(), cause: cause.to_string() }
}

/// Values that are not written once per fragment are JSON.
pub(crate) fn from_json<T: DeserializeOwned>(keyspace: Keyspace, value: &[u8]) -> Result<T, SpoolError> {
    serde_json::from_slice(value).map_err(|e| unreadable(keyspace, e))
}

/// Our own types have string keys and finite numbers: they always encode.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// A gap's value.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct GapFacts {
    pub(crate) reason: GapReason,
}

/// A run's value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunFacts {
    pub(crate) track: TrackNo,
    pub(crate) codecs: String,
    pub(crate) init_sha256: String,
    pub(crate) init_bytes: u32,
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

/// A fragment's value, 74 bytes: version 1, state, run u32, pts u64, duration
/// u64, bytes u32, segment u64, offset u64, sha256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) damaged: bool,
    pub(crate) run: u32,
    pub(crate) pts_90k: Ticks,
    pub(crate) duration_90k: Ticks,
    pub(crate) bytes: u32,
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) sha256: [u8; 32],
}

impl Entry {
    const VERSION: u8 = 1;

    /// The entry of a frame that lies at an offset.
    pub(crate) fn of(header: &Header, offset: u64) -> Self {
        Self {
            damaged: false,
            run: header.run,
            pts_90k: header.pts_90k,
            duration_90k: header.duration_90k,
            bytes: header.payload_bytes,
            segment: header.epoch,
            offset,
            sha256: header.sha256,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(74);
        out.extend([Self::VERSION, u8::from(self.damaged)]);
        out.extend(self.run.to_be_bytes());
        out.extend(self.pts_90k.0.to_be_bytes());
        out.extend(self.duration_90k.0.to_be_bytes());
        out.extend(self.bytes.to_be_bytes());
        out.extend(self.segment.to_be_bytes());
        out.extend(self.offset.to_be_bytes());
        out.extend(self.sha256);
        out
    }

    pub(crate) fn decode(value: &[u8]) -> Result<Self, SpoolError> {
        let read = || {
            let mut reader = Reader(value);
            let [version, state] = reader.take()?;
            let entry = Self {
                damaged: state != 0,
                run: reader.u32()?,
                pts_90k: Ticks(reader.u64()?),
                duration_90k: Ticks(reader.u64()?),
                bytes: reader.u32()?,
                segment: reader.u64()?,
                offset: reader.u64()?,
                sha256: reader.take()?,
            };
            (version == Self::VERSION && reader.0.is_empty()).then_some(entry)
        };
        read().ok_or_else(|| unreadable(FRAGMENTS, format!("{} bytes of another version", value.len())))
    }

    pub(crate) fn end_90k(&self) -> Ticks {
        self.pts_90k + self.duration_90k
    }

    pub(crate) fn stored(&self, seq: u64, removed: bool) -> StoredFragment {
        let state = match (self.damaged, removed) {
            (true, _) => FragmentState::Damaged,
            (false, true) => FragmentState::Removed,
            (false, false) => FragmentState::Held,
        };
        StoredFragment {
            seq,
            run: self.run,
            pts_90k: self.pts_90k,
            duration_90k: self.duration_90k,
            bytes: u64::from(self.bytes),
            sha256: hex(&self.sha256),
            state,
        }
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|d| char::from_digit(d.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_back_as_it_was_written() {
        let entry = Entry {
            damaged: true,
            run: 2,
            pts_90k: Ticks(1 << 40),
            duration_90k: Ticks(180_000),
            bytes: u32::MAX,
            segment: 7,
            offset: 4096,
            sha256: [0xa5; 32],
        };
        assert_eq!(Entry::decode(&entry.encode()).unwrap(), entry);
        assert!(Entry::decode(&entry.encode()[1..]).is_err());
        assert_eq!(hex(&[0x0f, 0xa0]), "0fa0");
    }
}
