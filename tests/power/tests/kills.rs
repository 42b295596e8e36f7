//! `kill -9`, again and again.

use std::path::Path;

use lectern_api::{Clock as _, SystemClock};
use lectern_power::kills::Kills;
use lectern_power::run::{number, seed};

/// One spool takes so many kills; then another one begins.
const KILLS_OF_ONE: usize = 40;

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let (seed, wanted) = (seed(), number("LECTERN_KILLS", 10));
    let clock = SystemClock::new();
    let mut total = std::collections::BTreeMap::new();
    for seed in seed.. {
        let mut kills = Kills::new(Path::new(env!("CARGO_BIN_EXE_power-child")), seed).unwrap();
        let left = wanted - total.values().sum::<usize>();
        while kills.count() < left.min(KILLS_OF_ONE) {
            if let Err(ending) = kills.kill_one().unwrap() {
                panic!("LECTERN_SEED={seed}: after {:?}: {ending:?}", kills.during);
            }
        }
        for (during, count) in kills.during {
            *total.entry(during).or_default() += count;
        }
        if total.values().sum::<usize>() >= wanted {
            break;
        }
    }
    eprintln!("{wanted} kills in {:?}: {total:?}", clock.monotonic());
}
