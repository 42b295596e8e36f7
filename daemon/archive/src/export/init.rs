//! Init segments: whether two of them mean the same to a decoder, and the one
//! that begins an exported file.

use lectern_api::Ticks;
use mp4_atom::{Codec, Decode as _, FourCC, Mehd, Moov, Trak, Trex};

use super::boxes::{self, Malformed};
use crate::verify::ONE_FRAME_90K;

/// An init segment that was understood.
#[derive(Debug, Clone)]
pub(super) struct Init {
    bytes: Vec<u8>,
    movie_timescale: u32,
    tracks: Vec<TrackSetup>,
}

/// What a decoder and a time line need to know of a track. Creation times,
/// bit rates and names may differ from run to run and are not here.
#[derive(Debug, Clone, PartialEq)]
struct TrackSetup {
    id: u32,
    handler: FourCC,
    timescale: u32,
    codecs: Vec<Codec>,
    defaults: Option<Trex>,
    /// What its edit list shifts it by, in ticks.
    shift_90k: i128,
}

impl Init {
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let moov = find_moov(&bytes)?;
        let parsed = Moov::decode(&mut &bytes[moov.begin..moov.end]).map_err(|_| Malformed)?;
        let movie_timescale = parsed.mvhd.timescale;
        let defaults = |id| {
            let all = parsed.mvex.as_ref().map_or(&[][..], |mvex| &mvex.trex[..]);
            all.iter().find(|trex| trex.track_id == id).cloned()
        };
        let setup = |trak: &Trak| TrackSetup {
            id: trak.tkhd.track_id,
            handler: trak.mdia.hdlr.handler,
            timescale: trak.mdia.mdhd.timescale,
            codecs: trak.mdia.minf.stbl.stsd.codecs.iter().cloned().map(without_bit_rates).collect(),
            defaults: defaults(trak.tkhd.track_id),
            shift_90k: shift(trak, movie_timescale),
        };
        let tracks: Vec<TrackSetup> = parsed.trak.iter().map(setup).collect();
        if movie_timescale == 0 || tracks.is_empty() || tracks.iter().any(|track| track.timescale == 0) {
            return Err(Malformed);
        }
        Ok(Self { bytes, movie_timescale, tracks })
    }

    /// Whether fragments made for the other can be decoded, and stay in step,
    /// behind this one.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let near = i128::from(ONE_FRAME_90K.0);
        let same = |(ours, theirs): (&TrackSetup, &TrackSetup)| {
            let off = (ours.shift_90k - theirs.shift_90k).abs();
            off <= near && *ours == TrackSetup { shift_90k: ours.shift_90k, ..theirs.clone() }
        };
        self.tracks.len() == other.tracks.len() && self.tracks.iter().zip(&other.tracks).all(same)
    }

    /// Ticks per second of a track's time line.
    pub(super) fn timescale(&self, track: u32) -> Option<u32> {
        self.tracks.iter().find(|known| known.id == track).map(|known| known.timescale)
    }

    /// The bytes that begin a file of so much media: as recorded, plus the
    /// duration (`mehd`), without which a player only knows the first fragment.
    pub(super) fn with_duration(&self, duration: Ticks) -> Result<Vec<u8>, Malformed> {
        use mp4_atom::Encode as _;
        let scaled =
            u128::from(duration.0) * u128::from(self.movie_timescale) / u128::from(Ticks::PER_SECOND);
        let mut mehd = Vec::new();
        let fragment_duration = u64::try_from(scaled).unwrap_or(u64::MAX);
        Mehd { fragment_duration }.encode(&mut mehd).map_err(|_| Malformed)?;

        let moov = find_moov(&self.bytes)?;
        let mvex = boxes::child(&self.bytes, moov, b"mvex")?;
        let old =
            boxes::child(&self.bytes, mvex, b"mehd").map_or(mvex.body..mvex.body, |at| at.begin..at.end);
        let mut bytes = self.bytes.clone();
        for parent in [moov, mvex] {
            let size = parent.end - parent.begin + mehd.len() - old.len();
            let size = u32::try_from(size).map_err(|_| Malformed)?;
            if parent.body - parent.begin != 8 {
                return Err(Malformed);
            }
            boxes::overwrite(&mut bytes, parent.begin, &size.to_be_bytes())?;
        }
        bytes.splice(old, mehd);
        Ok(bytes)
    }
}

fn find_moov(bytes: &[u8]) -> Result<boxes::At, Malformed> {
    let kind = FourCC::new(b"moov");
    boxes::within(bytes, 0, bytes.len())?.into_iter().find(|found| found.kind == kind).ok_or(Malformed)
}

/// A measured or averaged bit rate is no configuration.
fn without_bit_rates(mut codec: Codec) -> Codec {
    match &mut codec {
        Codec::Avc1(entry) => entry.btrt = None,
        Codec::Avc3(entry) => entry.btrt = None,
        Codec::Hvc1(entry) => entry.btrt = None,
        Codec::Hev1(entry) => entry.btrt = None,
        Codec::Opus(entry) => entry.btrt = None,
        Codec::Mp4a(entry) => {
            entry.btrt = None;
            let config = &mut entry.esds.es_desc.dec_config;
            (config.max_bitrate, config.avg_bitrate) = (0, 0);
        }
        _ => {}
    }
    codec
}

/// Empty edits put a track later, media that is cut off puts it earlier.
fn shift(trak: &Trak, movie_timescale: u32) -> i128 {
    let ticks =
        |value: u64, scale: u32| i128::from(value) * i128::from(Ticks::PER_SECOND) / i128::from(scale.max(1));
    let edits = trak.edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let mut shift = 0;
    for edit in edits.map_or(&[][..], |list| &list.entries[..]) {
        match edit.media_time {
            None => shift += ticks(edit.segment_duration, movie_timescale),
            Some(cut) => return shift - ticks(cut, trak.mdia.mdhd.timescale),
        }
    }
    shift
}
