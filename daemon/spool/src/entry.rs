//! What the index says of a fragment. It is written once per fragment and kept
//! as long as its lesson: every byte of it counts.

use data_encoding::HEXLOWER;
use lectern_api::Ticks;

use crate::SpoolError;
use crate::fragment::{FragmentState, StoredFragment};
use crate::frame::{ALIGN_BYTES, Header};
use crate::keys::{FRAGMENTS, Reader, unreadable};

/// A fragment's value: version 2, plus 128 when damaged; run, pts, duration,
/// bytes, segment and the offset's page, each in 7 bits a byte, the lowest
/// first, all but the last byte with 128 added; sha256.
///
/// Version 1 was 74 bytes long: version, state, run u32, pts u64, duration u64,
/// bytes u32, segment u64, offset u64, big endian; sha256.
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

const VERSION: u8 = 2;
const LONG_VERSION: u8 = 1;
/// Added to the version.
const DAMAGED: u8 = 128;
const MORE: u8 = 128;

impl Entry {
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
        let mut out = Vec::with_capacity(64);
        out.push(VERSION + if self.damaged { DAMAGED } else { 0 });
        let numbers = [self.run.into(), self.pts_90k.0, self.duration_90k.0, self.bytes.into()];
        for number in numbers.into_iter().chain([self.segment, self.offset / ALIGN_BYTES]) {
            let mut left = number;
            while left >= MORE.into() {
                out.push(left as u8 | MORE);
                left >>= 7;
            }
            out.push(left as u8);
        }
        out.extend(self.sha256);
        out
    }

    pub(crate) fn decode(value: &[u8]) -> Result<Self, SpoolError> {
        let read = || {
            let mut reader = Reader(value);
            let [version] = reader.take()?;
            let entry = match version {
                LONG_VERSION => Self::long(&mut reader)?,
                _ if version & !DAMAGED == VERSION => Self {
                    damaged: version & DAMAGED != 0,
                    run: short_number(&mut reader)?.try_into().ok()?,
                    pts_90k: Ticks(short_number(&mut reader)?),
                    duration_90k: Ticks(short_number(&mut reader)?),
                    bytes: short_number(&mut reader)?.try_into().ok()?,
                    segment: short_number(&mut reader)?,
                    offset: short_number(&mut reader)?.checked_mul(ALIGN_BYTES)?,
                    sha256: reader.take()?,
                },
                _ => return None,
            };
            reader.0.is_empty().then_some(entry)
        };
        read().ok_or_else(|| unreadable(FRAGMENTS, format!("{} bytes of another version", value.len())))
    }

    fn long(reader: &mut Reader<'_>) -> Option<Self> {
        let [state] = reader.take()?;
        Some(Self {
            damaged: state != 0,
            run: reader.u32()?,
            pts_90k: Ticks(reader.u64()?),
            duration_90k: Ticks(reader.u64()?),
            bytes: reader.u32()?,
            segment: reader.u64()?,
            offset: reader.u64()?,
            sha256: reader.take()?,
        })
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
            sha256: HEXLOWER.encode(&self.sha256),
            state,
        }
    }
}

fn short_number(reader: &mut Reader<'_>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let [byte] = reader.take()?;
        let digits = u64::from(byte & !MORE);
        let placed = digits << shift;
        // The tenth byte has room for one bit.
        if placed >> shift != digits {
            return None;
        }
        number |= placed;
        if byte & MORE == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            damaged: true,
            run: 2,
            pts_90k: Ticks(1 << 40),
            duration_90k: Ticks(180_000),
            bytes: u32::MAX,
            segment: 7,
            offset: 4096,
            sha256: [0xa5; 32],
        }
    }

    #[test]
    fn an_entry_reads_back_as_it_was_written() {
        let largest = Entry {
            run: u32::MAX,
            pts_90k: Ticks(u64::MAX),
            duration_90k: Ticks(u64::MAX),
            segment: u64::MAX,
            offset: u64::MAX / ALIGN_BYTES * ALIGN_BYTES,
            ..entry()
        };
        let none =
            Entry { damaged: false, run: 0, pts_90k: Ticks(0), bytes: 0, segment: 0, offset: 0, ..entry() };
        for entry in [entry(), largest, none] {
            let value = entry.encode();
            assert_eq!(Entry::decode(&value).unwrap(), entry);
            for cut in 0..value.len() {
                assert!(Entry::decode(&value[..cut]).is_err(), "{cut} bytes of {entry:?}");
            }
            assert!(Entry::decode(&[value.as_slice(), &[0]].concat()).is_err());
        }
        assert!(Entry::decode(&[3; 60]).is_err());
        assert!(Entry::decode(&[&[VERSION], [0xff; 59].as_slice()].concat()).is_err());
    }

    #[test]
    fn two_seconds_of_a_lesson_take_less_than_50_bytes() {
        let (pts_90k, duration_90k) = (Ticks(45 * 60 * Ticks::PER_SECOND), Ticks(2 * Ticks::PER_SECOND));
        let usual =
            Entry { pts_90k, duration_90k, bytes: 600 << 10, segment: 9000, offset: 31 << 20, ..entry() };
        assert!(usual.encode().len() < 50, "{}", usual.encode().len());
    }

    #[test]
    fn an_entry_of_version_1_is_read() {
        let known = entry();
        let mut value = vec![LONG_VERSION, 1];
        value.extend(known.run.to_be_bytes());
        value.extend(known.pts_90k.0.to_be_bytes());
        value.extend(known.duration_90k.0.to_be_bytes());
        value.extend(known.bytes.to_be_bytes());
        value.extend(known.segment.to_be_bytes());
        value.extend(known.offset.to_be_bytes());
        value.extend(known.sha256);
        assert_eq!(value.len(), 74);
        assert_eq!(Entry::decode(&value).unwrap(), known);
        assert!(Entry::decode(&value[1..]).is_err());
    }
}
