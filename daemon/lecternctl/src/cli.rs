//! What `lecternctl` understands.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::account::Choice;
use crate::doctor::Where;
use crate::place::Place;
use crate::repair::Repaired;
use crate::report::Report;
use crate::timetable::TimetableAction;

/// The command line of the classroom box.
///
/// Exit codes: 0 fine, 1 the answer is no, 2 wrong use, 3 the daemon cannot be
/// reached.
#[derive(Debug, Parser)]
#[command(name = "lecternctl", version, max_term_width = 80)]
pub(crate) struct Cli {
    /// The daemon's control socket.
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "LECTERN_SOCKET",
        default_value = "/run/lectern/control.sock"
    )]
    pub(crate) socket: PathBuf,
    /// Answer as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// How the box is: lesson, sources, broadcast, disk, faults.
    Status,
    /// What is wrong, since when, and what to do; and what was wrong.
    Faults {
        /// So many past ones, the newest first.
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(..=500))]
        past: u16,
    },
    /// What is wrong with the box, why, and what to do; also when its daemon is
    /// down. Takes ten seconds at most and needs no network.
    ///
    /// Looks at the configuration, the daemon, disks, keys, devices, the clock,
    /// cable, address, route and names, and at everybody the box speaks to;
    /// changes nothing. Codes: docs/reference/doctor.md. Exit code 1 when
    /// something is to be done, 3 only where nothing could be looked at.
    Doctor(Where),
    /// Everything that somebody far away needs to find out what is wrong, in one
    /// file without passwords, keys, sound and recordings, and without pictures
    /// unless they are asked for.
    Bundle {
        /// The file to write, such as /tmp/box.tar.gz; in a folder, one with a
        /// name of its own.
        #[arg(value_name = "OUT")]
        out: PathBuf,
        /// Also a still picture of each source, as it is now: shows who is in the
        /// room. Never while the shutter is closed. For an administrator.
        #[arg(long)]
        with_pictures: bool,
        #[command(flatten)]
        place: Where,
    },
    /// A fault was repaired: the box looks again, and notes who did it once it
    /// sees that the fault is over.
    Repaired(Repaired),
    /// What time it is on the box, who says so, and whether lessons begin by it.
    Clock {
        #[command(subcommand)]
        action: Option<ClockAction>,
    },
    /// Who the box is: its number, and the public key its recordings are signed with.
    Identity,
    /// Begin a lesson now.
    Start {
        /// What the lesson is called.
        #[arg(long, value_name = "T")]
        title: Option<String>,
        /// End it by itself after so many minutes.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=720))]
        minutes: Option<u32>,
    },
    /// End the running lesson.
    Stop,
    /// End the running lesson later; never into the next planned one.
    Prolong {
        /// So many minutes later.
        #[arg(value_name = "MIN", value_parser = clap::value_parser!(u32).range(1..=60))]
        minutes: u32,
    },
    /// Picture and sound off at once, in the record and in the broadcast.
    Shutter {
        /// `on`: nothing is seen or heard until the lesson ends; `off`: again.
        position: Position,
        /// Until the end of the day.
        #[arg(long)]
        today: bool,
    },
    /// The lessons on this box; or what became of planned ones, beside those.
    Lessons(Choice),
    /// What was planned, recorded and live: lessons, hours, gaps, causes.
    Report(Report),
    /// One lesson.
    Lesson {
        #[command(subcommand)]
        action: LessonAction,
    },
    /// The timetable of the box, or a timetable file.
    Timetable {
        #[command(subcommand)]
        action: TimetableAction,
    },
    /// The room on the box's disk; or reading the disk of a dead box.
    Spool {
        #[command(subcommand)]
        action: Option<SpoolAction>,
    },
}

/// Where the shutter is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Position {
    /// Closed.
    On,
    /// Open.
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockAction {
    /// Tell the box what time it is. Only where no time server does.
    Set {
        /// The time with its offset, such as 2026-09-07T08:00:00+08:00.
        time: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpoolAction {
    /// Write every lesson in a spool's folder into an archive. Needs no
    /// daemon, changes nothing in the folder.
    Recover {
        /// The spool's folder, on a mounted disk or a copy.
        dir: PathBuf,
        /// The file with the private recovery key.
        #[arg(long, value_name = "FILE", required_unless_present = "device_key")]
        key: Option<PathBuf>,
        /// The box's own `device.key`, where that was saved.
        #[arg(long, value_name = "FILE", conflicts_with = "key")]
        device_key: Option<PathBuf>,
        /// The folder to write to.
        #[arg(long)]
        out: PathBuf,
        /// The asset number of the box that recorded; the disk does not tell it.
        #[arg(long, value_name = "ID", default_value = "recovered")]
        device: String,
    },
    /// Make a pair of recovery keys: the private half into a new file, the
    /// public one onto the screen, for the box's configuration.
    RecoveryKey {
        /// The file; it must not exist.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LessonAction {
    /// What it consists of.
    Show {
        /// The lesson's id, as `lecternctl lessons` lists it.
        id: String,
    },
    /// Write it as MP4, without encoding it again.
    Export {
        /// The lesson's id, or the URL of its folder in an archive.
        lesson: String,
        /// The folder to write to; made when it is missing.
        #[arg(default_value = ".")]
        out: PathBuf,
        /// Which track; a source's own has the source's name.
        #[arg(long, value_name = "NAME", default_value = lectern_archive::playlist::MAIN_TRACK)]
        track: String,
        #[command(flatten)]
        place: Box<Place>,
    },
    /// Delete it for good, here and in every archive. From anybody but an
    /// administrator it is a request.
    Delete {
        /// The lesson's id.
        id: String,
        /// Why; kept with what stays of the lesson.
        #[arg(long, value_name = "R")]
        reason: String,
        /// Also when it was asked for less than seven days ago.
        #[arg(long)]
        now: bool,
    },
    /// Take note of what is missing (已知晓): its fault goes.
    Acknowledge {
        /// The lessons' ids.
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// Everything there is, power cuts included.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Take a request to delete it back, or refuse it.
    Keep {
        /// The lesson's id.
        id: String,
    },
    /// Keep it whatever anybody asks, until it is released.
    Hold {
        /// The lesson's id.
        id: String,
        /// Why.
        #[arg(long, value_name = "R")]
        reason: String,
    },
    /// End a hold.
    Release {
        /// The lesson's id.
        id: String,
    },
    /// Prove that nothing is missing, here and in every archive; or in an
    /// archive alone, by the URL of the lesson's folder.
    Verify {
        /// The lesson's id, or a URL (file:///…, https://…, s3://…, ftps://…).
        lesson: String,
        /// The public key that an archive's lesson must be signed with: 64 hex
        /// digits, or a file that holds them (see `lecternctl identity`).
        #[arg(long, value_name = "PUB")]
        key: Option<String>,
        #[command(flatten)]
        place: Box<Place>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn too_wide(command: &mut clap::Command) -> Vec<String> {
        let help = command.render_long_help().to_string();
        let lines = help.lines().filter(|line| line.chars().count() > 80);
        let mut found: Vec<_> = lines.map(|line| format!("{}: {line}", command.get_name())).collect();
        found.extend(command.get_subcommands_mut().flat_map(too_wide));
        found
    }

    #[test]
    fn help_fits_a_serial_console() {
        let mut command = Cli::command();
        command.build();
        assert_eq!(too_wide(&mut command), [""; 0]);
    }
}
