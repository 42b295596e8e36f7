//! What a check found, in words.

use std::fmt;

use jiff::tz::TimeZone;
use lectern_api::{Text, Ticks, messages as m};

use super::Problem;

impl Problem {
    /// For people; dates are UTC.
    #[must_use]
    pub fn text(&self) -> Text {
        self.text_in(&TimeZone::UTC)
    }

    /// For people somewhere; only a deletion's date depends on it.
    #[must_use]
    pub fn text_in(&self, zone: &TimeZone) -> Text {
        match self {
            Self::Version { found } => m::problem_version(found),
            Self::Absurd { what, listed, limit } => m::problem_absurd(what, listed, limit),
            Self::Deleted { deletion } => {
                let at = deletion.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M");
                m::problem_deleted(at, &deletion.by, &deletion.reason)
            }
            Self::Unsigned => m::problem_unsigned(),
            Self::Altered => m::problem_altered(),
            Self::OtherKey { found, expected } => m::problem_other_key(found, expected),
            Self::LedgerDamaged { path, why } => m::problem_ledger(path, why),
            Self::Open => m::problem_open(),
            Self::Nothing => m::problem_nothing(),
            Self::TrackTwice { track } => m::problem_track_twice(track),
            Self::RunTwice { track, run } => m::problem_run_twice(track, run),
            Self::RunUnknown { track, seq, run } => m::problem_run_unknown(track, seq, run),
            Self::RunBackwards { track, seq, run } => m::problem_run_backwards(track, seq, run),
            Self::SequenceHole { track, first, count } => m::problem_sequence_hole(track, first, count),
            Self::SequenceDouble { track, seq } => m::problem_sequence_double(track, seq),
            Self::PathIllegal { path } => m::problem_path_illegal(format_args!("{path:?}")),
            Self::PathTwice { path } => m::problem_path_twice(path),
            Self::Missing { path } => m::problem_missing(path),
            Self::Unreadable { path, why } => m::problem_unreadable(path, why),
            Self::Length { path, listed, found } => m::problem_length(path, listed, found),
            Self::Hash { path } => m::problem_hash(path),
            Self::NoDuration { track, seq } => m::problem_no_duration(track, seq),
            Self::TimeHole { track, from_90k, to_90k } => {
                m::problem_time_hole(track, at(*from_90k), at(*to_90k))
            }
            Self::TimeLost { track, lost_90k } => m::problem_time_lost(track, seconds(*lost_90k)),
            Self::TimeOverlap { track, seq, by_90k } => {
                m::problem_time_overlap(track, seq, format_args!("{:.3}", by_90k.as_secs_f64()))
            }
            Self::GapBackwards { track, from_90k, to_90k } => {
                m::problem_gap_backwards(track, at(*from_90k), at(*to_90k))
            }
            Self::GapsOverlap { track, from_90k } => m::problem_gaps_overlap(track, at(*from_90k)),
            Self::GapOverMedia { track, from_90k, seq } => {
                m::problem_gap_over_media(track, at(*from_90k), seq)
            }
            Self::GapWithoutTrack { track } => m::problem_gap_without_track(track),
            Self::PlaylistDamaged { why } => m::problem_playlist_damaged(why),
            Self::PlaylistOpen => m::problem_playlist_open(),
            Self::PlaylistLacks { path } => m::problem_playlist_lacks(path),
            Self::PlaylistExtra { path } => m::problem_playlist_extra(format_args!("{path:?}")),
            Self::PlaylistOrder { path } => m::problem_playlist_order(path),
            Self::PlaylistMap { path } => m::problem_playlist_map(path),
            Self::PlaylistDuration { path } => m::problem_playlist_duration(path),
            Self::PlaylistGaps { listed_90k, manifest_90k } => {
                m::problem_playlist_gaps(seconds(*listed_90k), seconds(*manifest_90k))
            }
        }
    }
}

impl fmt::Display for Problem {
    /// English: the language of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Problem {}

/// `mm:ss.t` on the lesson's time line.
fn at(ticks: Ticks) -> String {
    let tenths = ticks.0 / (Ticks::PER_SECOND / 10);
    format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

fn seconds(ticks: Ticks) -> String {
    format!("{:.1}", ticks.as_secs_f64())
}
