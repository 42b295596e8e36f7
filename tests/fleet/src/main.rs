//! Measures thousands of boxes at one broker. One JSON object per result on
//! standard output, progress on standard error. Start it by `make fleet`, which
//! gives it a namespace of the network.

mod bench;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lectern_fleet::day::Day;
use lectern_fleet::line::progress;
use lectern_fleet::squad::{self, Roster};

/// Measures thousands of boxes at one broker.
#[derive(Debug, Parser)]
#[command(name = "fleet")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Boxes connect, live, lose their broker and come back.
    Storm(bench::Plan),
    /// What one box sends and receives in a day: 96 boxes live a quarter of an
    /// hour each.
    Money {
        /// Which day.
        #[arg(long, value_enum)]
        day: Day,
    },
    /// Holds boxes for another process.
    #[command(hide = true)]
    Squad(Roster),
}

fn main() -> ExitCode {
    let result = match Cli::parse().what {
        What::Storm(plan) => bench::storm(&plan),
        What::Money { day } => bench::money(day),
        What::Squad(roster) => squad::serve(&roster),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress(&error);
            ExitCode::FAILURE
        }
    }
}
