//! The power goes, again and again.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use lectern_api::{Clock as _, SystemClock};
use lectern_power::chain::{Chain, Loss, Phase};
use lectern_power::child::Work;
use lectern_power::disk::{DISK_BYTES, Flushes, Mounted};
use lectern_power::run::{number, seed};

const CHILD: &str = env!("CARGO_BIN_EXE_power-child");
/// Links of one chain; the first one has no cut before it.
const LINKS: usize = 13;

/// What came of some power cuts.
#[derive(Debug, Default)]
struct Outcome {
    phases: BTreeMap<Phase, usize>,
    losses: Vec<(u64, Loss)>,
}

impl Outcome {
    fn cuts(&self) -> usize {
        self.phases.values().sum::<usize>() + self.losses.len()
    }
}

/// Cuts the power so many times. Each chain has a seed of its own.
fn cut(work: Work, flushes: Flushes, cuts: usize, links: usize) -> io::Result<Outcome> {
    let empty = Mounted::empty_disk(DISK_BYTES)?;
    let mut outcome = Outcome::default();
    let clock = SystemClock::new();
    for seed in seed().. {
        if outcome.cuts() >= cuts {
            break;
        }
        let mut chain = Chain::new(Path::new(CHILD), work, &empty, seed, flushes)?;
        for _ in 0..links.min(cuts + 1) {
            match chain.link()? {
                Ok(None) => {}
                Ok(Some(phase)) => *outcome.phases.entry(phase).or_default() += 1,
                Err(loss) => {
                    eprintln!("LECTERN_SEED={seed}: {loss:#?}");
                    outcome.losses.push((seed, loss));
                    break;
                }
            }
        }
    }
    let elapsed = clock.monotonic();
    eprintln!("{} cuts of {work:?} in {elapsed:?}, {:?}", outcome.cuts(), outcome.phases);
    Ok(outcome)
}

fn assert_nothing_lost(outcome: &Outcome) {
    let seeds: Vec<u64> = outcome.losses.iter().map(|(seed, _)| *seed).collect();
    assert!(seeds.is_empty(), "lost or untrue after a power cut, each LECTERN_SEED: {seeds:?}");
}

#[test]
fn what_was_acknowledged_survives_every_power_cut() {
    let outcome = cut(Work::Spool, Flushes::Kept, number("LECTERN_CUTS", 12), LINKS).unwrap();
    assert_nothing_lost(&outcome);
    // A few cuts may all lie elsewhere by chance.
    if outcome.cuts() < 100 {
        return;
    }
    let phases = |wanted: &[Phase]| -> usize { wanted.iter().filter_map(|p| outcome.phases.get(p)).sum() };
    let opening = phases(&[Phase::Opening, Phase::Rebuilding]);
    assert!(opening * 5 >= outcome.cuts(), "only {opening} cuts lie while the spool was opened");
}

#[test]
fn the_store_keeps_whole_batches_through_every_power_cut() {
    assert_nothing_lost(&cut(Work::Store, Flushes::Kept, number("LECTERN_STORE_CUTS", 4), LINKS).unwrap());
}

/// The control: on a disk that says yes to every flush and does nothing, the
/// same test finds losses. Were there none, it could not fail at all.
#[test]
fn a_disk_that_ignores_flushes_is_found_out() {
    for work in [Work::Spool, Work::Store] {
        let (mut passed, mut found) = (0, 0);
        // A few cuts may all lie where little was written.
        for _ in 0..4 {
            let outcome = cut(work, Flushes::Ignored, 6, 3).unwrap();
            // Where the spool was cut at its first opening, nothing could be lost.
            passed += outcome.phases.get(&Phase::Working).copied().unwrap_or(0);
            found += outcome.losses.len();
            eprintln!("{found} of {} cuts of a lying disk were found out", found + passed);
            if found * 3 > passed {
                break;
            }
        }
        assert!(found * 3 > passed, "only {found} lying disks were found out, {passed} were not");
    }
}
