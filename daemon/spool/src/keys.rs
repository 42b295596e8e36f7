//! Keyspaces, keys and values of the index. Numbers in keys are big endian, so
//! that their order is the order of the numbers.

use lectern_api::manifest::GapReason;
use lectern_api::{Name, Ticks};
use lectern_store::Keyspace;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::SpoolError;

/// lesson → [`crate::facts::LessonFacts`]
pub(crate) const LESSONS: Keyspace = Keyspace::new("lessons");
/// lesson, track → [`crate::facts::TrackFacts`]
pub(crate) const TRACKS: Keyspace = Keyspace::new("tracks");
/// lesson, track, sequence, each as a [`number`] → [`crate::entry::Entry`]
pub(crate) const FRAGMENTS: Keyspace = Keyspace::new("fragments.2");
/// The same with numbers of fixed length, as it was written once.
pub(crate) const LONG_FRAGMENTS: Keyspace = Keyspace::new("fragments");
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

pub(crate) const ALL: [Keyspace; 11] =
    [LESSONS, TRACKS, FRAGMENTS, LONG_FRAGMENTS, RUNS, ANCHORS, GAPS, SEGMENTS, CURSORS, AHEAD, REBUILD];

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

/// A number of any size: how many bytes it has, then those, so that short
/// numbers take little and the order is still that of the numbers.
fn number(key: &mut Vec<u8>, number: u64) {
    let bytes = number.to_be_bytes();
    let skipped = number.leading_zeros() / 8;
    key.push((u64::BITS / 8 - skipped) as u8);
    key.extend(&bytes[skipped as usize..]);
}

/// What the keys of a lesson's fragments begin with.
pub(crate) fn fragments_of(no: LessonNo) -> Vec<u8> {
    let mut key = Vec::with_capacity(8);
    number(&mut key, no.into());
    key
}

/// The same for one track.
pub(crate) fn fragments_in(no: LessonNo, track: TrackNo) -> Vec<u8> {
    let mut key = fragments_of(no);
    number(&mut key, track.into());
    key
}

pub(crate) fn fragment(no: LessonNo, track: TrackNo, seq: u64) -> Vec<u8> {
    let mut key = fragments_in(no, track);
    number(&mut key, seq);
    key
}

/// Whose fragment it is that has this key.
pub(crate) fn fragment_of(key: &[u8]) -> Option<(LessonNo, TrackNo, u64)> {
    let mut reader = Reader(key);
    let no = reader.number()?.try_into().ok()?;
    let track = reader.number()?.try_into().ok()?;
    let seq = reader.number()?;
    reader.0.is_empty().then_some((no, track, seq))
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
    [track(no, in_track).as_slice(), &seq.to_be_bytes(), archive.as_str().as_bytes()].concat()
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

    fn number(&mut self) -> Option<u64> {
        let [length] = self.take()?;
        let (digits, rest) = self.0.split_at_checked(length.into())?;
        self.0 = rest;
        let is_shortest = length <= 8 && digits.first() != Some(&0);
        is_shortest.then(|| digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_fragments_are_in_the_order_of_their_numbers() {
        let numbers = [0, 1, 2, 254, 255, 256, 65_535, 65_536, 1 << 40, u64::MAX];
        let mut keys = Vec::new();
        for no in [0, 1, 255, 256, u32::MAX] {
            for track in [0, 1, 255, 256, u16::MAX] {
                for seq in numbers {
                    let key = fragment(no, track, seq);
                    assert!(key.starts_with(&fragments_of(no)) && key.starts_with(&fragments_in(no, track)));
                    assert_eq!(fragment_of(&key), Some((no, track, seq)));
                    assert_eq!(fragment_of(&key[..key.len() - usize::from(seq > 0)]).is_some(), seq == 0);
                    keys.push(key);
                }
            }
        }
        assert!(keys.is_sorted());
        // A prefix is that of its own lesson only.
        assert!(!fragment(256, 0, 1).starts_with(&fragments_of(1)));
        assert_eq!(fragment_of(&[1, 0, 1, 0, 1, 1]), None, "a number has one form");
    }
}
