//! Finding boxes in a buffer, to change a number in place: everything else of
//! a file stays as it was recorded, byte for byte.

use mp4_atom::{Decode as _, FourCC, Header};

/// The buffer is not made of boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no well-formed MP4")]
pub(super) struct Malformed;

/// Where a box lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) kind: FourCC,
    /// First byte of its header.
    pub(super) begin: usize,
    /// First byte of its content.
    pub(super) body: usize,
    /// First byte behind it.
    pub(super) end: usize,
}

/// The boxes that fill `bytes[begin..end]`, to the last byte.
pub(super) fn within(bytes: &[u8], begin: usize, end: usize) -> Result<Vec<At>, Malformed> {
    let (mut found, mut at) = (Vec::new(), begin);
    while at < end {
        let area = bytes.get(at..end).ok_or(Malformed)?;
        let mut rest = area;
        let header = Header::decode(&mut rest).map_err(|_| Malformed)?;
        let body = end - rest.len();
        let next = match header.size {
            Some(size) => body.checked_add(size).ok_or(Malformed)?,
            None => end,
        };
        if next > end {
            return Err(Malformed);
        }
        found.push(At { kind: header.kind, begin: at, body, end: next });
        at = next;
    }
    Ok(found)
}

/// The first box of a kind inside another.
pub(super) fn child(bytes: &[u8], parent: At, kind: &[u8; 4]) -> Result<At, Malformed> {
    let kind = FourCC::new(kind);
    within(bytes, parent.body, parent.end)?.into_iter().find(|found| found.kind == kind).ok_or(Malformed)
}

/// Reads a big-endian number of four bytes.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Malformed> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or(Malformed)?;
    Ok(u32::from_be_bytes(*four))
}

/// Reads a big-endian number of eight bytes.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Malformed> {
    let eight = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()).ok_or(Malformed)?;
    Ok(u64::from_be_bytes(*eight))
}

/// Overwrites bytes in place.
pub(super) fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) -> Result<(), Malformed> {
    let area = at.checked_add(with.len()).and_then(|end| bytes.get_mut(at..end)).ok_or(Malformed)?;
    area.copy_from_slice(with);
    Ok(())
}
