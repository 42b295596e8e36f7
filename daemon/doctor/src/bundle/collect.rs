//! What goes into a bundle, the cheapest first.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use lectern_hal::{Hardware as _, Linux};
use regex::Regex;

use crate::gather::run::{Said, said};
use crate::gather::{Places, blocking};
use crate::plan::Plan;
use crate::socket;

/// One part: what it is called, and how it is had, or why not.
pub(super) struct Collector<'c> {
    pub(super) path: &'static str,
    pub(super) work: Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'c>>,
}

/// Other programs.
const PROGRAM: Duration = Duration::from_secs(10);
/// A log is read from its end.
const LOG_BYTES: u64 = 6_000_000;
const LOG_LINES: &str = "20000";
/// What of the kernel's log has to do with a box that does not work.
const KERNEL: &str = r"(?i)usb|uvc|video|snd|mmc|nvme|ata\d|scsi|ext4|i/o error|oom|out of memory|watchdog|thermal|voltage|link (?:is )?(?:up|down)|lecternd|segfault|panic";

pub(super) fn collectors<'c>(places: &'c Places, plan: &'c Plan, at: Timestamp) -> Vec<Collector<'c>> {
    let part = |path, work: Pin<Box<dyn Future<Output = _> + Send + 'c>>| Collector { path, work };
    let api = |path: &'static str, of: &'static str| part(path, Box::pin(answer(&places.socket, of)));
    let text = |path: &'static str, of: PathBuf| part(path, Box::pin(file(of)));
    vec![
        text("lectern.toml", places.config.clone()),
        text("local.toml", plan.local()),
        part("versions.txt", Box::pin(versions(&places.root))),
        part("disks.txt", Box::pin(disks(&places.root, plan))),
        part("hardware.json", Box::pin(hardware(&places.root))),
        api("status.json", "api/v1/status"),
        api("faults.json", "api/v1/faults?past=500"),
        api("repairs.json", "api/v1/faults/repairs"),
        api("timetable.json", "api/v1/timetable"),
        api("clock.json", "api/v1/clock"),
        api("spool.json", "api/v1/spool"),
        api("metrics.txt", "metrics"),
        part("log.txt", Box::pin(log(places))),
        part("kernel.txt", Box::pin(kernel())),
        part("doctor.json", Box::pin(doctor(places, at))),
    ]
}

async fn answer(socket: &Path, path: &str) -> Result<String, String> {
    let bytes = socket::get(socket, path).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => "lecternd does not answer".to_owned(),
        io::ErrorKind::PermissionDenied => "lecternd: this user may not ask it".to_owned(),
        _ => format!("lecternd: {error}"),
    })?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // For whoever reads it, and for whatever compares it line by line.
    let json: Result<serde_json::Value, _> = serde_json::from_str(&text);
    Ok(json.ok().and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or(text))
}

async fn file(path: PathBuf) -> Result<String, String> {
    let read = blocking(move || std::fs::read(path)).await.ok_or("the disk does not answer")?;
    read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is none".to_owned(),
        _ => error.to_string(),
    })
}

async fn doctor(places: &Places, at: Timestamp) -> Result<String, String> {
    let found = crate::examine(places, move || at).await;
    serde_json::to_string_pretty(&found).map_err(|error| error.to_string())
}

async fn versions(root: &Path) -> Result<String, String> {
    let daemon = said(&crate::gather::program(), &["--version"], PROGRAM, 1000).await;
    let daemon = daemon.map_or_else(|error| error.to_string(), |said| said.text.trim().to_owned());
    let own = env!("CARGO_PKG_VERSION");
    let (kernel, system) = (root.join("proc/version"), root.join("etc/os-release"));
    let system = file(system).await.unwrap_or_else(|error| error);
    let kernel = file(kernel).await.unwrap_or_else(|error| error);
    Ok(format!("this program {own}\nthe daemon's {daemon}\n{kernel}\n{system}\n"))
}

/// What is mounted where, and what lies in the spool, by name and size.
async fn disks(root: &Path, plan: &Plan) -> Result<String, String> {
    let (root, spool) = (root.to_owned(), plan.spool.clone());
    let look = move || {
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let mut text = format!("{}\n{}\n", read("proc/mounts"), read("proc/partitions"));
        list(&spool, &mut text, 2);
        text
    };
    blocking(look).await.ok_or_else(|| "a disk does not answer".to_owned())
}

fn list(folder: &Path, out: &mut String, depth: usize) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort_unstable();
    for path in paths {
        let bytes = path.metadata().map(|found| found.len()).unwrap_or_default();
        out.push_str(&format!("{bytes:>12} {}\n", path.display()));
        if depth > 0 && path.is_dir() {
            list(&path, out, depth - 1);
        }
    }
}

async fn hardware(root: &Path) -> Result<String, String> {
    let root = root.to_owned();
    let look = move || {
        let machine = Linux::new(&root);
        serde_json::json!({ "sensors": machine.sample(), "devices": machine.devices() })
    };
    let found = blocking(look).await.ok_or("the sensors do not answer")?;
    serde_json::to_string_pretty(&found).map_err(|error| error.to_string())
}

/// The daemon's own log: of a file where one is named, else of the journal.
async fn log(places: &Places) -> Result<String, String> {
    if let Some(path) = places.log.clone() {
        let lines = blocking(move || crate::gather::tail(&path, LOG_BYTES)).await;
        let lines = lines.ok_or("the disk does not answer")?.map_err(|error| error.to_string())?;
        return Ok(lines.join("\n") + "\n");
    }
    let unit = ["--unit", "lecternd.service", "--lines", LOG_LINES, "--no-pager", "--quiet"];
    let asked: Vec<&str> = unit.into_iter().chain(["--output", "short-iso-precise"]).collect();
    program("journalctl", &asked).await
}

/// The kernel's log, as far as it is about what a box needs.
async fn kernel() -> Result<String, String> {
    let journal = ["--dmesg", "--lines", LOG_LINES, "--no-pager", "--quiet", "--output", "short-iso-precise"];
    let text = match program("journalctl", &journal).await {
        Ok(text) => text,
        Err(_) => program("dmesg", &[]).await?,
    };
    let wanted = Regex::new(KERNEL).map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.lines().filter(|line| wanted.is_match(line)).collect();
    Ok(lines.join("\n") + "\n")
}

async fn program(name: &str, arguments: &[&str]) -> Result<String, String> {
    match said(name, arguments, PROGRAM, LOG_BYTES).await {
        Ok(Said { code: Some(0), text }) if !text.trim().is_empty() => Ok(text),
        Ok(Said { code: Some(0), .. }) => Err(format!("{name} has nothing to say")),
        Ok(Said { code, .. }) => Err(format!("{name} ended with {code:?}")),
        Err(error) => Err(error.to_string()),
    }
}
