//! Exports of real media, judged by ffprobe and GStreamer.

use std::fs;
use std::path::Path;
use std::process::Command;

use lectern_api::Ticks;
use lectern_api::manifest::Manifest;
use lectern_archive::export::{Exported, Files, Flaw, Single, export, stem};
use lectern_archive::layout;
use lectern_archive::verify::verify;

use crate::lesson::{SECOND, close, entry, gap, manifest, program, run, store, track};

/// One run to record: when it begins, how long it is and how it looks.
struct Take {
    at_s: u64,
    fragments: u64,
    size: &'static str,
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.trim().is_empty(), "{command:?}: {text}{errors}");
    text
}

/// Fragments of 2 s whose decode time begins at 0, and their init segment.
fn record_with_ffmpeg(folder: &Path, take: &Take) -> (Vec<u8>, Vec<Vec<u8>>) {
    let seconds = (take.fragments * 2).to_string();
    let picture = format!("testsrc2=size={}:rate=25", take.size);
    output(
        program("ffmpeg", "ffmpeg")
            .current_dir(folder)
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", &picture])
            .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", &seconds])
            .args(["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "50", "-sc_threshold", "0"])
            .args(["-c:a", "aac", "-muxdelay", "0", "-f", "hls", "-hls_time", "2", "-hls_list_size", "0"])
            .args(["-hls_segment_type", "fmp4", "-hls_segment_filename", "%03d.m4s", "list.m3u8"]),
    );
    let read = |number: u64| fs::read(folder.join(format!("{number:03}.m4s"))).unwrap();
    (fs::read(folder.join("init.mp4")).unwrap(), (0..take.fragments).map(read).collect())
}

/// The same by GStreamer, picture only: `ftyp moov`, then `moof mdat` each.
fn record_with_gstreamer(folder: &Path, take: &Take) -> (Vec<u8>, Vec<Vec<u8>>) {
    let file = folder.join("whole.mp4");
    let frames = take.fragments * 50;
    let (width, height) = take.size.split_once('x').unwrap();
    let line = format!(
        "-q videotestsrc num-buffers={frames} ! video/x-raw,width={width},height={height},framerate=25/1 \
         ! x264enc key-int-max=50 bframes=0 speed-preset=ultrafast tune=zerolatency \
         ! mp4mux fragment-duration=2000 streamable=true ! filesink location={}",
        file.display()
    );
    output(
        program("gst-launch-1.0", "gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly")
            .args(line.split_whitespace()),
    );
    let whole = fs::read(&file).unwrap();
    let (mut init, mut fragments) = (Vec::new(), Vec::new());
    for (kind, at, end) in boxes(&whole, 0, whole.len()) {
        match &kind {
            b"ftyp" | b"moov" => init.extend_from_slice(&whole[at..end]),
            b"moof" => fragments.push(whole[at..end].to_vec()),
            b"mdat" => fragments.last_mut().unwrap().extend_from_slice(&whole[at..end]),
            _ => {}
        }
    }
    (init, fragments)
}

fn boxes(bytes: &[u8], mut at: usize, end: usize) -> Vec<([u8; 4], usize, usize)> {
    let mut found = Vec::new();
    while at + 8 <= end {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert!(size >= 8, "a box of {size} bytes at {at}");
        found.push((bytes[at + 4..at + 8].try_into().unwrap(), at, at + size));
        at += size;
    }
    found
}

/// Every box of a kind along a path of kinds, as begin and end.
fn find(bytes: &[u8], begin: usize, end: usize, path: &[&[u8; 4]]) -> Vec<(usize, usize)> {
    let Some((first, rest)) = path.split_first() else { return vec![(begin, end)] };
    let inside = boxes(bytes, begin, end).into_iter().filter(|(kind, ..)| kind == *first);
    inside
        .flat_map(
            |(_, at, end)| {
                if rest.is_empty() { vec![(at, end)] } else { find(bytes, at + 8, end, rest) }
            },
        )
        .collect()
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Moves a fragment to `at_s` of the lesson, as the record's muxer does.
fn place(fragment: &mut [u8], init: &[u8], at_s: u64) {
    for (traf, end) in find(fragment, 0, fragment.len(), &[b"moof", b"traf"]) {
        let tfhd = find(fragment, traf + 8, end, &[b"tfhd"])[0].0;
        let id = number(fragment, tfhd + 12);
        let traks = find(init, 0, init.len(), &[b"moov", b"trak"]);
        let trak =
            traks.iter().find(|(at, end)| number(init, find(init, at + 8, *end, &[b"tkhd"])[0].0 + 20) == id);
        let &(at, trak_end) = trak.unwrap();
        let scale = u64::from(number(init, find(init, at + 8, trak_end, &[b"mdia", b"mdhd"])[0].0 + 20));
        let tfdt = find(fragment, traf + 8, end, &[b"tfdt"])[0].0;
        let value = tfdt + 12;
        if fragment[tfdt + 8] == 0 {
            let time = u64::from(number(fragment, value)) + at_s * scale;
            fragment[value..value + 4].copy_from_slice(&u32::try_from(time).unwrap().to_be_bytes());
        } else {
            let time = u64::from_be_bytes(fragment[value..value + 8].try_into().unwrap()) + at_s * scale;
            fragment[value..value + 8].copy_from_slice(&time.to_be_bytes());
        }
    }
}

type Recorder = fn(&Path, &Take) -> (Vec<u8>, Vec<Vec<u8>>);

/// Records takes one after the other into an archive, with gaps in between.
async fn archive(folder: &Path, record: Recorder, takes: &[Take]) -> Manifest {
    let (mut runs, mut fragments, mut gaps, mut end_s) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let place_of = store(folder);
    for (number, take) in (1..).zip(takes) {
        let scratch = tempfile::tempdir().unwrap();
        let (init, media) = record(scratch.path(), take);
        if take.at_s > end_s {
            gaps.push(gap(end_s, take.at_s));
        }
        for (n, mut bytes) in (0..).zip(media) {
            place(&mut bytes, &init, take.at_s);
            let entry = entry(fragments.len() as u64 + 1, number, take.at_s + 2 * n, &bytes);
            place_of.put(&entry.path, bytes).await.unwrap();
            fragments.push(entry);
        }
        end_s = take.at_s + 2 * take.fragments;
        runs.push(run(number, take.at_s, &init));
        place_of.put(&layout::init(&track(), number), init).await.unwrap();
    }
    let manifest = manifest(runs, fragments, gaps);
    close(&place_of, &manifest).await;
    manifest
}

async fn export_files(
    lesson: &Path,
    manifest: &Manifest,
    to: &Path,
    max: u64,
) -> (Exported, Vec<std::path::PathBuf>) {
    let mut files = Files::new(to, &stem(&manifest.lesson), max);
    let exported = export(&store(lesson), manifest, &track(), &mut files, |_| {}).await.unwrap();
    assert_eq!(fs::read_dir(to).unwrap().filter(|e| e.as_ref().unwrap().path().ends_with(".mp4")).count(), 0);
    (exported, files.finish().unwrap())
}

/// Start and duration in seconds, as ffprobe sees them, and the picture's frames.
fn probe(file: &Path) -> (f64, f64, usize) {
    let probe = || program("ffprobe", "ffmpeg");
    let times = output(
        probe()
            .args(["-v", "error", "-show_entries", "format=start_time,duration", "-of", "csv=p=0"])
            .arg(file),
    );
    let mut times = times.trim().split(',').map(|value| value.parse().unwrap());
    let packets = output(
        probe()
            .args([
                "-v",
                "error",
                "-select_streams",
                "v",
                "-show_entries",
                "packet=pts_time",
                "-of",
                "csv=p=0",
            ])
            .arg(file),
    );
    (times.next().unwrap(), times.next().unwrap(), packets.lines().count())
}

/// Decodes everything; any complaint of the decoder fails the test.
fn decode(file: &Path) {
    // Timestamps are passed through, or the gap would be filled with copies.
    let mut ffmpeg = program("ffmpeg", "ffmpeg");
    output(ffmpeg.args(["-v", "warning", "-i"]).arg(file).args([
        "-fps_mode",
        "passthrough",
        "-f",
        "null",
        "-",
    ]));
}

/// The duration as GStreamer's players are told it, in seconds.
fn discover(file: &Path) -> f64 {
    let text =
        output(program("gst-discoverer-1.0", "gstreamer1.0-plugins-base-apps gstreamer1.0-libav").arg(file));
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Duration: ")).unwrap().to_owned();
    line.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap())
}

#[tokio::test]
async fn a_lesson_of_two_runs_becomes_one_file_that_plays_over_the_gap() {
    let (lesson, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes =
        [Take { at_s: 0, fragments: 4, size: "320x180" }, Take { at_s: 20, fragments: 3, size: "320x180" }];
    let manifest = archive(lesson.path(), record_with_ffmpeg, &takes).await;
    assert_eq!(verify(&store(lesson.path()), &manifest, |_| {}).await.unwrap().problems, []);

    let (exported, files) = export_files(lesson.path(), &manifest, to.path(), u64::MAX).await;
    assert_eq!(exported.flaws, []);
    assert_eq!(exported.parts.len(), 1);
    assert_eq!(exported.parts[0].duration_90k, Ticks(26 * SECOND));
    assert_eq!(files, [to.path().join("2026-03-02 语文.mp4")]);
    assert_eq!(fs::metadata(&files[0]).unwrap().len(), exported.parts[0].bytes.0);

    let (start, duration, frames) = probe(&files[0]);
    assert!(start.abs() < 0.1 && (duration - 26.0).abs() < 0.1, "{start} {duration}");
    assert_eq!(frames, 7 * 50);
    assert!((discover(&files[0]) - 26.0).abs() < 0.1, "{}", discover(&files[0]));
    decode(&files[0]);
    let bytes = fs::read(&files[0]).unwrap();
    let numbers = find(&bytes, 0, bytes.len(), &[b"moof", b"mfhd"]);
    let numbers: Vec<u32> = numbers.into_iter().map(|(at, _)| number(&bytes, at + 12)).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);

    // Again: the first file stays.
    let (_, again) = export_files(lesson.path(), &manifest, to.path(), u64::MAX).await;
    assert_eq!(again, [to.path().join("2026-03-02 语文 (2).mp4")]);
    assert_eq!(fs::read(&again[0]).unwrap(), bytes);
}

#[tokio::test]
async fn media_of_gstreamer_exports_as_well() {
    let (lesson, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes =
        [Take { at_s: 0, fragments: 2, size: "320x180" }, Take { at_s: 10, fragments: 2, size: "320x180" }];
    let manifest = archive(lesson.path(), record_with_gstreamer, &takes).await;
    let (exported, files) = export_files(lesson.path(), &manifest, to.path(), u64::MAX).await;
    assert_eq!((exported.parts.len(), exported.flaws.len()), (1, 0), "{exported:?}");
    let (_, duration, frames) = probe(&files[0]);
    assert!((duration - 14.0).abs() < 0.1, "{duration}");
    assert_eq!(frames, 200);
    assert!((discover(&files[0]) - 14.0).abs() < 0.1, "{}", discover(&files[0]));
    decode(&files[0]);
}

#[tokio::test]
async fn a_run_of_another_picture_size_begins_a_new_part_at_zero() {
    let (lesson, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes =
        [Take { at_s: 0, fragments: 2, size: "320x180" }, Take { at_s: 60, fragments: 2, size: "160x90" }];
    let manifest = archive(lesson.path(), record_with_ffmpeg, &takes).await;
    let (exported, files) = export_files(lesson.path(), &manifest, to.path(), u64::MAX).await;
    assert_eq!(files[1], to.path().join("2026-03-02 语文.part2.mp4"));
    assert_eq!(exported.parts[1].begin_90k, Ticks(60 * SECOND));
    for file in &files {
        let (start, duration, frames) = probe(file);
        assert!(start.abs() < 0.1 && (duration - 4.0).abs() < 0.1, "{start} {duration}");
        assert_eq!(frames, 100);
        decode(file);
    }
    let single = export(&store(lesson.path()), &manifest, &track(), &mut Single(Vec::new()), |_| {}).await;
    assert!(single.unwrap_err().to_string().contains("into a folder"));
}

#[tokio::test]
async fn what_is_missing_or_damaged_is_in_the_result_and_the_rest_plays() {
    let (lesson, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes = [Take { at_s: 0, fragments: 5, size: "320x180" }];
    let manifest = archive(lesson.path(), record_with_ffmpeg, &takes).await;
    let path = |seq| layout::fragment(&track(), seq);
    fs::remove_file(lesson.path().join(path(2))).unwrap();
    let third = lesson.path().join(path(3));
    let bytes = fs::read(&third).unwrap();
    fs::write(&third, &bytes[..bytes.len() / 2]).unwrap();
    let fourth = lesson.path().join(path(4));
    let mut bytes = fs::read(&fourth).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&fourth, bytes).unwrap();

    let (exported, files) = export_files(lesson.path(), &manifest, to.path(), u64::MAX).await;
    let duration_90k = Ticks(2 * SECOND);
    let expected = [
        Flaw::Missing { path: path(2), duration_90k },
        Flaw::Unusable { path: path(3), duration_90k },
        Flaw::Damaged { path: path(4) },
    ];
    assert_eq!(exported.flaws, expected);
    let (_, duration, frames) = probe(&files[0]);
    assert!((duration - 10.0).abs() < 0.1 && frames == 150, "{duration} {frames}");

    // Without its init segment nothing of a run can be played.
    fs::remove_file(lesson.path().join("program/1/init.mp4")).unwrap();
    let nothing = export(&store(lesson.path()), &manifest, &track(), &mut Single(Vec::new()), |_| {}).await;
    assert!(nothing.is_err());
}

#[tokio::test]
async fn a_part_stays_below_the_largest_file_of_the_disk() {
    let (lesson, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes = [Take { at_s: 0, fragments: 5, size: "320x180" }];
    let manifest = archive(lesson.path(), record_with_ffmpeg, &takes).await;
    let largest = 500_000;
    let (exported, files) = export_files(lesson.path(), &manifest, to.path(), largest).await;
    assert!(files.len() > 1);
    let mut frames = 0;
    for (file, part) in files.iter().zip(&exported.parts) {
        assert!(fs::metadata(file).unwrap().len() <= largest);
        let (start, duration, own_frames) = probe(file);
        let expected = part.duration_90k.as_secs_f64();
        assert!(start.abs() < 0.1 && (duration - expected).abs() < 0.1, "{start} {duration} {expected}");
        assert!((discover(file) - expected).abs() < 0.1);
        frames += own_frames;
    }
    assert_eq!(frames, 250);
}
