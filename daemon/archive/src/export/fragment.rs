//! A fragment on its way into a file: numbered on, moved on the time line when
//! the file begins later, everything else as recorded.

use lectern_api::Ticks;
use mp4_atom::FourCC;

use super::boxes::{self, At, Malformed};
use super::init::Init;

/// `tfhd` says where its data lies by an offset from the file's begin, which
/// moves; the record's muxers count from the fragment instead.
const BASE_DATA_OFFSET: u32 = 0x00_0001;

/// Makes a fragment fit behind `init` in a file whose begin is at `base` of the
/// lesson's time line. `sequence` is the last `mfhd` number given and goes on.
/// What only concerned the single fragment (`styp`, `sidx`) is left out.
pub(super) fn fit(
    mut bytes: Vec<u8>,
    init: &Init,
    base: Ticks,
    sequence: &mut u32,
) -> Result<Vec<u8>, Malformed> {
    let all = boxes::within(&bytes, 0, bytes.len())?;
    let is = |at: &At, kind: &[u8; 4]| at.kind == FourCC::new(kind);
    if !all.iter().any(|at| is(at, b"moof")) || !all.iter().any(|at| is(at, b"mdat")) {
        return Err(Malformed);
    }
    let mut next = *sequence;
    for moof in all.iter().filter(|at| is(at, b"moof")) {
        next = next.wrapping_add(1);
        let mfhd = boxes::child(&bytes, *moof, b"mfhd")?;
        boxes::overwrite(&mut bytes, mfhd.body + 4, &next.to_be_bytes())?;
        for traf in boxes::within(&bytes, moof.body, moof.end)?.iter().filter(|at| is(at, b"traf")) {
            shift(&mut bytes, *traf, init, base)?;
        }
    }
    *sequence = next;
    // From the back, so that positions in front stay true.
    for at in all.iter().rev().filter(|at| is(at, b"styp") || is(at, b"sidx")) {
        bytes.drain(at.begin..at.end);
    }
    Ok(bytes)
}

/// Moves a track's decode time to a file that begins at `base`.
fn shift(bytes: &mut [u8], traf: At, init: &Init, base: Ticks) -> Result<(), Malformed> {
    let tfhd = boxes::child(bytes, traf, b"tfhd")?;
    if boxes::u32_at(bytes, tfhd.body)? & BASE_DATA_OFFSET != 0 {
        return Err(Malformed);
    }
    let timescale = init.timescale(boxes::u32_at(bytes, tfhd.body + 4)?).ok_or(Malformed)?;
    let off = u128::from(base.0) * u128::from(timescale) / u128::from(Ticks::PER_SECOND);
    let off = u64::try_from(off).map_err(|_| Malformed)?;
    let tfdt = boxes::child(bytes, traf, b"tfdt")?;
    // Sound may begin a little before the picture that the base is taken from.
    if boxes::u32_at(bytes, tfdt.body)? >> 24 == 0 {
        let time = boxes::u32_at(bytes, tfdt.body + 4)?;
        let time = u32::try_from(u64::from(time).saturating_sub(off)).map_err(|_| Malformed)?;
        boxes::overwrite(bytes, tfdt.body + 4, &time.to_be_bytes())
    } else {
        let time = boxes::u64_at(bytes, tfdt.body + 4)?.saturating_sub(off);
        boxes::overwrite(bytes, tfdt.body + 4, &time.to_be_bytes())
    }
}
