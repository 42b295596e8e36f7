//! The HLS playlist of a lesson (RFC 8216, fMP4 segments), as a pure function
//! of what the manifest knows.
//!
//! It lists exactly the fragments it is given. While a lesson is open it only
//! ever grows at the end, as the type `EVENT` demands: a gap is therefore
//! listed when a fragment behind it is, or when the lesson is closed.

mod budget;

use std::fmt::Write as _;

use lectern_api::manifest::{FragmentEntry, Gap, Manifest, ManifestState, Run};
use lectern_api::{Name, Ticks};

pub use self::budget::{AT_LEAST_BETWEEN, Budget, SHARE_PER_MILLE};

/// `EXT-X-TARGETDURATION`, in seconds. It may never change while a playlist
/// grows, and a fragment is about 2 s, so it is fixed at twice that.
pub const TARGET_DURATION_S: u64 = 4;

/// Gap segments that are written at most: 24 h of them. A longer gap can only
/// come from a damaged manifest, and must not fill the memory.
pub const MAX_GAP_SEGMENTS: u64 = 24 * 3_600 / TARGET_DURATION_S;

/// The track that a playlist shows when there are several.
pub const MAIN_TRACK: &str = "program";

/// What a playlist is made of: one track, as far as it was uploaded.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// Closed adds `EXT-X-ENDLIST`.
    pub state: ManifestState,
    /// The track; runs and gaps of other tracks are passed over.
    pub track: &'a Name,
    /// Every run known so far.
    pub runs: &'a [Run],
    /// The fragments to list, in order of time.
    pub fragments: &'a [FragmentEntry],
    /// Every gap known so far, in any order.
    pub gaps: &'a [Gap],
}

impl<'a> Listing<'a> {
    /// All that a manifest holds of its main track: [`MAIN_TRACK`], or else the
    /// first one. `None` when it has no track yet.
    #[must_use]
    pub fn of(manifest: &'a Manifest) -> Option<Self> {
        let main = |name: &Name| name.as_str() == MAIN_TRACK;
        let track =
            manifest.tracks.iter().find(|track| main(&track.name)).or_else(|| manifest.tracks.first())?;
        Some(Self {
            state: manifest.state,
            track: &track.name,
            runs: &manifest.runs,
            fragments: &track.fragments,
            gaps: &manifest.gaps,
        })
    }
}

/// The text of the playlist.
#[must_use]
pub fn render(listing: &Listing<'_>) -> String {
    let mut text = String::with_capacity(256 + 64 * listing.fragments.len());
    let closed = listing.state == ManifestState::Closed;
    text.push_str("#EXTM3U\n#EXT-X-VERSION:7\n");
    let _ = writeln!(text, "#EXT-X-TARGETDURATION:{TARGET_DURATION_S}");
    text.push_str("#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n");

    let mut gaps: Vec<&Gap> =
        listing.gaps.iter().filter(|gap| gap.track == *listing.track && !gap.is_partial()).collect();
    gaps.sort_by_key(|gap| gap.from_90k);
    let mut gaps = gaps.into_iter().peekable();
    let mut writer = Writer { listing, text, run: None, dated: None };

    for fragment in listing.fragments {
        while let Some(gap) = gaps.next_if(|gap| gap.from_90k < fragment.pts_90k + fragment.duration_90k) {
            writer.gap(gap, fragment.run);
        }
        writer.fragment(fragment);
    }
    if closed {
        let last = listing.fragments.last().map_or(1, |fragment| fragment.run);
        gaps.for_each(|gap| writer.gap(gap, last));
        writer.text.push_str("#EXT-X-ENDLIST\n");
    }
    writer.text
}

/// The text so far, the run whose init segment is in force, and the run whose
/// wall time was last written.
struct Writer<'a> {
    listing: &'a Listing<'a>,
    text: String,
    run: Option<u32>,
    dated: Option<u32>,
}

impl<'a> Writer<'a> {
    fn find(&self, run: u32) -> Option<&'a Run> {
        self.listing.runs.iter().find(|known| known.run == run && known.track == *self.listing.track)
    }

    fn fragment(&mut self, fragment: &FragmentEntry) {
        if self.run != Some(fragment.run) {
            if self.run.is_some() {
                self.text.push_str("#EXT-X-DISCONTINUITY\n");
            }
            self.map(fragment.run);
        }
        if self.dated != Some(fragment.run) {
            self.dated = Some(fragment.run);
            if let Some(utc) = self.find(fragment.run).and_then(|run| wall_time(run, fragment.pts_90k)) {
                let _ = writeln!(self.text, "#EXT-X-PROGRAM-DATE-TIME:{utc:.3}");
            }
        }
        self.segment(fragment.duration_90k, &fragment.path);
    }

    /// Puts the init segment of `run` in force.
    fn map(&mut self, run: u32) {
        if let Some(known) = self.find(run) {
            let _ = writeln!(self.text, "#EXT-X-MAP:URI=\"{}\"", known.init);
        }
        self.run = Some(run);
    }

    /// A stretch without media, in segments that no player may load. A player
    /// that does not know `EXT-X-GAP` loads them all the same: their address is
    /// the init segment in force, which is there and holds no media.
    fn gap(&mut self, gap: &Gap, next_run: u32) {
        let length = gap.to_90k - gap.from_90k;
        let longest = Ticks::PER_SECOND * TARGET_DURATION_S;
        let pieces = length.0.div_ceil(longest).min(MAX_GAP_SEGMENTS);
        if self.run.is_none() {
            self.map(next_run);
        }
        let address = self.run.and_then(|run| self.find(run)).map_or("init.mp4", |run| &run.init);
        let (mut done, total) = (0, length.0.min(pieces * longest));
        for piece in 1..=pieces {
            let end =
                u64::try_from(u128::from(total) * u128::from(piece) / u128::from(pieces)).unwrap_or(total);
            self.text.push_str("#EXT-X-GAP\n");
            self.segment(Ticks(end - done), address);
            done = end;
        }
    }

    fn segment(&mut self, duration: Ticks, address: &str) {
        let micros = (u128::from(duration.0) * 100 + 4) / 9;
        let _ = writeln!(self.text, "#EXTINF:{}.{:06},\n{address}", micros / 1_000_000, micros % 1_000_000);
    }
}

/// The wall time of a point on the time line, by the last anchor before it, or
/// else the first one after it.
fn wall_time(run: &Run, pts: Ticks) -> Option<jiff::Timestamp> {
    let before =
        run.anchors.iter().filter(|anchor| anchor.pts_90k <= pts).max_by_key(|anchor| anchor.pts_90k);
    let anchor = before.or_else(|| run.anchors.iter().min_by_key(|anchor| anchor.pts_90k))?;
    let distance = jiff::SignedDuration::try_from(pts.abs_diff(anchor.pts_90k).as_duration()).ok()?;
    let utc = if pts >= anchor.pts_90k {
        anchor.utc.checked_add(distance)
    } else {
        anchor.utc.checked_sub(distance)
    };
    utc.ok()
}

#[cfg(test)]
mod tests;
