//! How long the daemon takes to bring a lesson to an S3 server, beside `curl`
//! that puts the same files there, one after the other.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use sha2::{Digest as _, Sha256};

use super::backlog::Backlog;
use super::server::{BUCKET, KEY, S3Server, SECRET};
use crate::BenchError;
use crate::line::{Line, median, progress, round, spread};
use crate::spool::lesson::{FRAGMENT_BYTES, Payload};

const TARGET: f64 = 1.0;
const FRAGMENTS: u64 = 1200;
const ROUNDS: u32 = 3;
const LIMIT: Duration = Duration::from_secs(120);

/// Alternates; both get a server of their own, over an empty folder. The
/// daemon's time runs from READY until its lesson is whole, with manifest,
/// ledger and playlist, and includes reading and decrypting it.
pub(crate) fn measure(folder: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let files = folder.join("s3-files");
    let config = write_files(&files)?;
    let [mut ours, mut curls] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let curl = curl(&folder.join(format!("s3-curl-{round}")), &config, clock)?;
        let own = lecternd(&folder.join(format!("s3-lecternd-{round}")), clock)?;
        progress(format_args!("upload_s3: lecternd {own:.2} s, curl {curl:.2} s"));
        ours.push(own);
        curls.push(curl);
    }
    let ratios: Vec<f64> = curls.iter().zip(&ours).map(|(curl, own)| curl / own).collect();
    let ratio = median(&ratios);
    let line = Line {
        name: "upload_s3",
        value: round(median(&ours)),
        unit: "s",
        peer: Some("curl"),
        peer_value: Some(round(median(&curls))),
        ratio: Some(round(ratio)),
        target: Some(TARGET),
        met: Some(ratio >= TARGET),
        details: serde_json::json!({
            "target_is": "least", "ratio_is": "curl's time to lecternd's", "ratio_spread": spread(&ratios),
            "fragments": FRAGMENTS, "fragment_bytes": FRAGMENT_BYTES, "rounds": ROUNDS,
        }),
    };
    line.print();
    std::fs::remove_dir_all(&files).map_err(BenchError::io(files.display()))
}

fn lecternd(folder: &Path, clock: SystemClock) -> Result<f64, BenchError> {
    let backlog = Backlog::record(folder, FRAGMENTS, FRAGMENT_BYTES)?;
    let server = S3Server::start(&folder.join("server"), 0)?;
    let mut daemon = backlog.open(server.port, clock)?;
    let begun = clock.monotonic();
    backlog.wait(&mut daemon, clock, LIMIT, |_| Ok(()))?;
    let seconds = (clock.monotonic() - begun).as_secs_f64();
    let differing = backlog.differing(&server.bucket())?;
    if differing > 0 {
        return Err(daemon.part.idle(format!("{differing} fragments differ at the server")));
    }
    drop((daemon, server));
    std::fs::remove_dir_all(folder).map_err(BenchError::io(folder.display()))?;
    Ok(seconds)
}

/// The same fragments as files, and what curl is to do with them; `PORT` stands
/// for the server's. Their hashes are computed before, as curl would not.
fn write_files(folder: &Path) -> Result<String, BenchError> {
    std::fs::create_dir_all(folder).map_err(BenchError::io(folder.display()))?;
    let mut payload = Payload::of(FRAGMENT_BYTES);
    let mut config = String::new();
    for number in 0..FRAGMENTS {
        let path = folder.join(format!("{number:08}.m4s"));
        let bytes = payload.next(number);
        std::fs::write(&path, bytes).map_err(BenchError::io(path.display()))?;
        // An empty operation at the end would be an error.
        let next = if number > 0 { "next\n" } else { "" };
        let _ = write!(
            config,
            "{next}upload-file = {path:?}\nurl = \"http://127.0.0.1:PORT/{BUCKET}/curl/{number:08}.m4s\"\n\
             header = \"x-amz-content-sha256: {:x}\"\n\
             aws-sigv4 = \"aws:amz:us-east-1:s3\"\nuser = \"{KEY}:{SECRET}\"\nnoproxy = \"*\"\nfail\n\
             silent\nshow-error\noutput = /dev/null\n",
            Sha256::digest(bytes),
        );
    }
    Ok(config)
}

fn curl(folder: &Path, config: &str, clock: SystemClock) -> Result<f64, BenchError> {
    let server = S3Server::start(&folder.join("server"), 0)?;
    let path = folder.join("curl.config");
    std::fs::write(&path, config.replace("PORT", &server.port.to_string()))
        .map_err(BenchError::io(path.display()))?;
    let begun = clock.monotonic();
    let output = Command::new("curl").arg("--config").arg(&path).output().map_err(BenchError::io("curl"))?;
    let seconds = (clock.monotonic() - begun).as_secs_f64();
    let put = server.puts()?.len() as u64;
    if !output.status.success() || put != FRAGMENTS {
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let what = format!("put {put} of {FRAGMENTS} files, {}", output.status);
        return Err(BenchError::Idle { program: "curl".to_owned(), what, log });
    }
    drop(server);
    std::fs::remove_dir_all(folder).map_err(BenchError::io(folder.display()))?;
    Ok(seconds)
}
