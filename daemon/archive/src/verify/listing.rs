//! Whether the playlist shows exactly what the manifest lists. Pure.

use std::collections::HashMap;

use lectern_api::Ticks;
use lectern_api::manifest::ManifestState;
use m3u8_rs::MediaSegment;

use super::{Findings, Problem};
use crate::playlist::Listing;
use crate::verify::ONE_FRAME_90K;

/// How far a duration may be off, in microseconds: the reader's 32-bit floats
/// and other writers' milliseconds.
const TOLERANCE_US: u64 = 1_000;

/// Compares the playlist's bytes with what it should list.
pub(super) fn check(bytes: &[u8], expected: &Listing<'_>, findings: &mut Findings) {
    let playlist = match m3u8_rs::parse_media_playlist_res(bytes) {
        Ok(playlist) => playlist,
        Err(error) => {
            let why = error.to_string().chars().take(120).collect();
            return findings.add(Problem::PlaylistDamaged { why });
        }
    };
    if expected.state == ManifestState::Closed && !playlist.end_list {
        findings.add(Problem::PlaylistOpen);
    }
    let (gaps, media): (Vec<&MediaSegment>, Vec<&MediaSegment>) =
        playlist.segments.iter().partition(|segment| is_gap(segment));

    let listed_90k = gaps.iter().fold(Ticks(0), |sum, gap| sum + Ticks(micros(gap) * 9 / 100));
    let manifest_90k = (expected.gaps.iter().filter(|gap| gap.track == *expected.track && !gap.is_partial()))
        .fold(Ticks(0), |sum, gap| sum + (gap.to_90k - gap.from_90k));
    if listed_90k.abs_diff(manifest_90k) > ONE_FRAME_90K {
        findings.add(Problem::PlaylistGaps { listed_90k, manifest_90k });
    }
    if same_files(&media, expected, findings) {
        same_order(&playlist.segments, expected, findings);
    }
}

fn is_gap(segment: &MediaSegment) -> bool {
    segment.unknown_tags.iter().any(|tag| tag.tag == "X-GAP")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, NaN is 0")]
fn micros(segment: &MediaSegment) -> u64 {
    // A day at most, so that sums of nonsense stay far from overflow.
    ((f64::from(segment.duration) * 1e6).round() as u64).min(86_400_000_000)
}

/// Each file as often as it should be.
fn same_files(media: &[&MediaSegment], expected: &Listing<'_>, findings: &mut Findings) -> bool {
    let mut count: HashMap<&str, i64> = HashMap::new();
    for fragment in expected.fragments {
        *count.entry(&fragment.path).or_default() += 1;
    }
    let mut same = true;
    for segment in media {
        let left = count.entry(&segment.uri).or_default();
        *left -= 1;
        if *left < 0 {
            same = false;
            findings.add(Problem::PlaylistExtra { path: segment.uri.chars().take(200).collect() });
        }
    }
    for fragment in expected.fragments {
        if count.get_mut(fragment.path.as_str()).is_some_and(|left| std::mem::take(left) > 0) {
            same = false;
            findings.add(Problem::PlaylistLacks { path: fragment.path.clone() });
        }
    }
    same
}

/// The same files: now order, init segment and duration of each.
fn same_order(segments: &[MediaSegment], expected: &Listing<'_>, findings: &mut Findings) {
    let runs = expected.runs.iter().filter(|run| run.track == *expected.track);
    let inits: HashMap<u32, &str> = runs.map(|run| (run.run, run.init.as_str())).collect();
    let mut map = None;
    let mut fragments = expected.fragments.iter();
    for segment in segments {
        map = segment.map.as_ref().map(|map| map.uri.as_str()).or(map);
        if is_gap(segment) {
            continue;
        }
        let Some(fragment) = fragments.next() else { return };
        let path = || fragment.path.clone();
        if segment.uri != fragment.path {
            return findings.add(Problem::PlaylistOrder { path: path() });
        }
        if inits.get(&fragment.run).is_some_and(|init| map != Some(*init)) {
            findings.add(Problem::PlaylistMap { path: path() });
        }
        let duration_us = fragment.duration_90k.as_nanos() / 1_000;
        if micros(segment).abs_diff(duration_us) > TOLERANCE_US {
            findings.add(Problem::PlaylistDuration { path: path() });
        }
    }
}
