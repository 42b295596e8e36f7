use lectern_api::manifest::{Anchor, GapReason};

use super::*;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn run(run: u32, at_90k: u64, utc: &str) -> Run {
    Run {
        run,
        track: name("program"),
        init: format!("program/{run}/init.mp4"),
        init_sha256: String::new(),
        init_bytes: 0,
        codecs: String::new(),
        anchors: vec![Anchor {
            pts_90k: Ticks(at_90k),
            utc: utc.parse().unwrap(),
            synced: true,
            uncertainty_ms: None,
        }],
    }
}

fn fragment(seq: u64, run: u32, pts: u64, duration: u64) -> FragmentEntry {
    FragmentEntry {
        seq,
        run,
        path: format!("program/{seq:08}.m4s"),
        pts_90k: Ticks(pts),
        duration_90k: Ticks(duration),
        bytes: 1,
        sha256: String::new(),
    }
}

fn gap(track: &str, from: u64, to: u64) -> Gap {
    let (from_90k, to_90k) = (Ticks(from), Ticks(to));
    Gap { track: name(track), from_90k, to_90k, reason: GapReason::NotRunning }
}

/// 1.5 s late, 2 fragments, 10 s of nothing, a run whose anchor lies 1 s in.
fn text(state: ManifestState, fragments: usize) -> String {
    let runs = [run(1, 135_000, "2026-03-02T00:00:01.5Z"), run(2, 1_485_000, "2026-03-02T00:00:16.25Z")];
    let all = [
        fragment(1, 1, 135_000, 180_000),
        fragment(2, 1, 315_000, 180_030),
        fragment(3, 2, 1_395_030, 179_970),
        fragment(4, 2, 1_575_000, 90_001),
    ];
    let gaps = [gap("program", 495_030, 1_395_030), gap("camera", 0, 9_000_000), gap("program", 0, 135_000)];
    let track = name("program");
    render(&Listing { state, track: &track, runs: &runs, fragments: &all[..fragments], gaps: &gaps })
}

#[test]
fn the_text_of_a_closed_lesson_is_this() {
    let expected = r#"#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="program/1/init.mp4"
#EXT-X-GAP
#EXTINF:1.500000,
program/1/init.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-03-02T00:00:01.500Z
#EXTINF:2.000000,
program/00000001.m4s
#EXTINF:2.000333,
program/00000002.m4s
#EXT-X-GAP
#EXTINF:3.333333,
program/1/init.mp4
#EXT-X-GAP
#EXTINF:3.333333,
program/1/init.mp4
#EXT-X-GAP
#EXTINF:3.333333,
program/1/init.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="program/2/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-02T00:00:15.250Z
#EXTINF:1.999667,
program/00000003.m4s
#EXTINF:1.000011,
program/00000004.m4s
#EXT-X-ENDLIST
"#;
    assert_eq!(text(ManifestState::Closed, 4), expected);
}

#[test]
fn an_open_playlist_only_ever_grows_at_its_end() {
    let steps: Vec<String> = (0..=4).map(|fragments| text(ManifestState::Open, fragments)).collect();
    for pair in steps.windows(2) {
        assert!(pair[1].starts_with(&pair[0]), "{}\n---\n{}", pair[0], pair[1]);
    }
    assert!(text(ManifestState::Closed, 4).starts_with(&steps[4]));
    assert!(!steps[2].contains("EXT-X-GAP\n#EXTINF:3"), "a gap without media behind it waits");
}

#[test]
fn a_reader_finds_what_was_written() {
    let text = text(ManifestState::Closed, 4);
    let playlist = m3u8_rs::parse_media_playlist_res(text.as_bytes()).unwrap();
    assert_eq!((playlist.version, playlist.target_duration), (Some(7), TARGET_DURATION_S));
    assert!(playlist.end_list && playlist.independent_segments);
    assert_eq!(playlist.playlist_type, Some(m3u8_rs::MediaPlaylistType::Event));
    let is_gap = |s: &&m3u8_rs::MediaSegment| s.unknown_tags.iter().any(|tag| tag.tag == "X-GAP");
    let (gaps, media): (Vec<_>, Vec<_>) = playlist.segments.iter().partition(is_gap);
    assert_eq!((gaps.len(), media.len()), (4, 4));
    assert!(playlist.segments.iter().all(|s| s.duration <= 4.0));
    let third = media[2];
    assert!(third.discontinuity);
    assert_eq!(third.map.as_ref().unwrap().uri, "program/2/init.mp4");
    assert_eq!(third.program_date_time.unwrap().timestamp_millis() % 60_000, 15_250);
}

#[test]
fn a_lesson_that_is_all_gap_still_has_a_playlist() {
    let track = name("program");
    let gaps = [gap("program", 0, 90_000)];
    let listing =
        Listing { state: ManifestState::Closed, track: &track, runs: &[], fragments: &[], gaps: &gaps };
    let text = render(&listing);
    assert!(text.contains("#EXT-X-GAP\n#EXTINF:1.000000,\ninit.mp4\n#EXT-X-ENDLIST\n"), "{text}");
}
