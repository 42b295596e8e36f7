//! Real media for lessons that are put straight into a spool, by ffmpeg.

use std::path::Path;

use lectern_api::Ticks;

use crate::process;

/// What one run of a track recorded.
#[derive(Debug, Clone)]
pub struct Footage {
    /// The init segment.
    pub init: Vec<u8>,
    /// Its fragments of [`Footage::FRAGMENT`], decode times from 0.
    pub fragments: Vec<Vec<u8>>,
}

impl Footage {
    /// The length of a fragment.
    pub const FRAGMENT: Ticks = Ticks(2 * Ticks::PER_SECOND);

    /// A test picture of `size` (`320x180`), with a tone or without a sound.
    ///
    /// # Panics
    /// When ffmpeg is not installed or fails.
    #[must_use]
    pub fn record(size: &str, with_sound: bool, fragments: usize) -> Self {
        let folder = crate::folder::temporary("footage");
        let seconds = (fragments * 2).to_string();
        let picture = format!("testsrc2=size={size}:rate=25");
        let mut ffmpeg = process::command("ffmpeg", "ffmpeg");
        ffmpeg.current_dir(folder.path()).args(["-v", "error", "-f", "lavfi", "-i", &picture]);
        if with_sound {
            ffmpeg.args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "aac"]);
        }
        ffmpeg.args(["-t", &seconds, "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "50"]);
        ffmpeg.args(["-sc_threshold", "0", "-muxdelay", "0", "-f", "hls", "-hls_time", "2"]);
        ffmpeg.args(["-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_segment_filename"]);
        let output = ffmpeg.args(["%d.m4s", "list.m3u8"]).output().expect("ffmpeg runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |name: String| std::fs::read(folder.path().join(name)).expect("ffmpeg wrote it");
        let fragments = (0..fragments).map(|number| read(format!("{number}.m4s"))).collect();
        Self { init: read("init.mp4".to_owned()), fragments }
    }
}

/// What ffprobe says of a file: its streams (`h264,320,180`, `aac`) and its
/// length in seconds.
///
/// # Panics
/// When ffprobe is not installed, or the file cannot be played to its end.
#[must_use]
#[track_caller]
pub fn probe(file: &Path) -> (Vec<String>, f64) {
    let ask = |arguments: &[&str]| {
        let mut ffprobe = process::command("ffprobe", "ffmpeg");
        let output = ffprobe.args(["-v", "error", "-of", "csv=p=0"]).args(arguments).arg(file).output();
        let output = output.expect("ffprobe runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{}: {errors}", file.display());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let streams = ask(&["-show_entries", "stream=codec_name,width,height", "-count_packets"]);
    let length = ask(&["-show_entries", "format=duration"]);
    let streams = streams.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
    (streams, length.trim().parse().expect("a length in seconds"))
}
