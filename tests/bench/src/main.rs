//! Measures `lecternd` whole, against other programs that do the same work in
//! the same run. One JSON object per result on standard output, progress on
//! standard error; a peer that did not do its work is an error, not a result.

mod bell;
mod camera;
mod comparison;
mod daemon;
mod far;
mod footprint;
mod line;
mod part;
mod peers;
mod pictureguard;
mod proc;
mod programs;
mod ready;
mod receiver;
mod room;
mod spool;
mod starts;
mod upload;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use lectern_api::SystemClock;

/// Measures lecternd, whole, against its peers.
#[derive(Debug, Parser)]
#[command(name = "bench", args_conflicts_with_subcommands = true)]
struct Cli {
    /// How often each program is measured, in turn.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long each program is measured, after a warm-up of 5 s.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(5..=600))]
    seconds: u32,
    /// How often a start is measured.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    starts: u32,
    /// Only these results; without, all of them but the table.
    #[arg(long, value_name = "NAME")]
    only: Vec<Name>,
    #[command(subcommand)]
    scene: Option<Scene>,
}

#[derive(Debug, Subcommand)]
enum Scene {
    /// Shows the test room's board on an X display until it is ended.
    #[command(hide = true)]
    Board { display: String },
    /// What the figures of the spool need a process of its own for.
    #[command(hide = true, subcommand)]
    Spool(spool::child::Task),
    /// Serves S3 from a folder until it is ended.
    #[command(hide = true)]
    S3 { folder: std::path::PathBuf, port: u16 },
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Name {
    /// Cores used, against gst-launch-1.0 and ffmpeg.
    Cpu,
    /// Largest resident memory, against gst-launch-1.0 and ffmpeg.
    PeakRss,
    /// The same, less that of the bare pipeline.
    MemoryBeyondPipeline,
    /// From the order to the first picture at a receiver, sources running.
    StartToFirstPictureWarm,
    /// The same with sources that must be opened first.
    StartToFirstPictureCold,
    /// From the planned second to the first frame, to the socket, against a
    /// peer that looks at the clock.
    Bell,
    /// From the process's start to READY.
    Ready,
    /// How long an append takes, against a plain one.
    SpoolPutP50,
    /// Fragments a second on a disk with slow flushes, against plain appends.
    SpoolRateSlowFlush,
    /// The same when segments are used again.
    SpoolRateSlowFlushRecycled,
    /// Bytes to the device for each byte of a fragment.
    SpoolWriteAmplification,
    /// Room on the disk for what is held.
    SpoolSpace,
    /// Size of the index, and what an idle spool does to the disk.
    SpoolIndexBytes,
    /// Peak of memory while 10 000 fragments are written, and 1 M opened.
    SpoolMemory,
    /// Opening 200 000 fragments.
    SpoolOpen,
    /// Making the index anew for 50 GB of sealed segments.
    SpoolRebuildFooters,
    /// The same when none is sealed.
    SpoolRebuildHeaders,
    /// Bringing a lesson to an S3 server, against curl.
    UploadS3,
    /// What goes to a store beside the media.
    BytesBesideMedia,
    /// Memory over an hour without the store, and what arrives after it.
    OutageHour,
    /// Processor time of watching a 1080p30 picture, against videoanalyse.
    Pictureguard,
    /// Who uses what inside lecternd; a table, only when asked for.
    Who,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A file or a process could not be had.
    #[error("{what}: {cause}")]
    Io { what: String, cause: std::io::Error },
    /// GStreamer inside the bench.
    #[error("GStreamer: {0}; run `make deps`")]
    Gst(String),
    /// The spool inside the bench.
    #[error(transparent)]
    Spool(#[from] lectern_spool::SpoolError),
    /// A program ended, or did not do its work.
    #[error("{program}: {what}; it said:\n{log}")]
    Idle { program: String, what: String, log: String },
}

impl BenchError {
    /// For `map_err`: says what was tried.
    pub(crate) fn io(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |cause| Self::Io { what: what.to_string(), cause }
    }

    /// For `map_err`: whatever GStreamer said.
    pub(crate) fn gst(error: impl std::fmt::Display) -> Self {
        Self::Gst(error.to_string())
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.scene {
        Some(Scene::Board { display }) => room::show_board(display),
        Some(Scene::Spool(task)) => spool::child::carry_out(task),
        Some(Scene::S3 { folder, port }) => upload::server::serve(folder, *port),
        None => measure(&cli),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            line::progress(&error);
            ExitCode::FAILURE
        }
    }
}

fn measure(cli: &Cli) -> Result<(), BenchError> {
    gst::init().map_err(BenchError::gst)?;
    gstlectern::plugin_register_static().map_err(BenchError::gst)?;
    let clock = SystemClock::new();
    let asked = |name: Name| cli.only.contains(&name) || cli.only.is_empty() && name != Name::Who;
    let folder = tempfile::tempdir().map_err(BenchError::io("a folder for the bench"))?;
    let folder = folder.path();
    if asked(Name::Ready) {
        ready::measure(folder, clock, cli.starts)?;
    }
    for (name, warm) in [(Name::StartToFirstPictureWarm, true), (Name::StartToFirstPictureCold, false)] {
        if asked(name) {
            starts::measure(folder, clock, cli.starts, warm)?;
        }
    }
    if asked(Name::Bell) {
        bell::measure(folder, clock, cli.starts)?;
    }
    if asked(Name::Cpu) || asked(Name::PeakRss) || asked(Name::MemoryBeyondPipeline) {
        programs::measure(folder, clock, cli.rounds, cli.seconds, &asked)?;
    }
    for name in Name::value_variants() {
        if asked(*name) {
            spool::measure(*name, folder, clock)?;
            upload::measure(*name, folder, clock)?;
        }
    }
    if asked(Name::Pictureguard) {
        pictureguard::measure(cli.rounds)?;
    }
    if asked(Name::Who) {
        footprint::measure(folder, clock, cli.seconds)?;
    }
    Ok(())
}
