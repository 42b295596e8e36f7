//! What goes to a store beside the media.

use std::path::Path;
use std::time::Duration;

use lectern_api::SystemClock;

use super::backlog::Backlog;
use super::server::S3Server;
use crate::BenchError;
use crate::line::{Line, progress, round};

const TARGET_PERCENT: f64 = 1.0;
/// 45 minutes of two seconds at 2.5 Mbit/s and its sound.
const FRAGMENTS: u64 = 1350;
const FRAGMENT_BYTES: usize = 656_000;
const LIMIT: Duration = Duration::from_secs(300);

/// Counts at the server what the daemon puts of a lesson that waited.
pub(crate) fn measure(folder: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let folder = folder.join("beside");
    let backlog = Backlog::record(&folder, FRAGMENTS, FRAGMENT_BYTES)?;
    let server = S3Server::start(&folder.join("server"), 0)?;
    let mut daemon = backlog.open(server.port, clock)?;
    backlog.wait(&mut daemon, clock, LIMIT, |_| Ok(()))?;
    drop(daemon);
    let puts = server.puts()?;
    let sum = |ends: &[&str]| -> u64 {
        let wanted = puts.iter().filter(|put| ends.iter().any(|end| put.path.ends_with(end)));
        wanted.map(|put| put.bytes).sum()
    };
    let (all, media) = (puts.iter().map(|put| put.bytes).sum::<u64>(), sum(&[".m4s"]));
    let percent = (all - media) as f64 / backlog.media_bytes() as f64 * 100.0;
    progress(format_args!("bytes_beside_media: {percent:.3} %, {} requests", puts.len()));
    let line = Line {
        name: "bytes_beside_media",
        value: round(percent),
        unit: "% of the media",
        target: Some(TARGET_PERCENT),
        met: Some(percent <= TARGET_PERCENT && media == backlog.media_bytes()),
        details: serde_json::json!({
            "lesson": "45 min, recorded before, brought at once",
            "media_bytes": media, "media_recorded_bytes": backlog.media_bytes(), "puts": puts.len(),
            "ledger_bytes": sum(&[".jsonl"]), "playlist_bytes": sum(&[".m3u8"]),
            "manifest_bytes": sum(&["manifest.json"]), "init_bytes": sum(&[".mp4"]),
        }),
        ..Line::default()
    };
    line.print();
    drop(server);
    std::fs::remove_dir_all(&folder).map_err(BenchError::io(folder.display()))
}
