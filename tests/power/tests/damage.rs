//! Files of the spool, damaged in every way.

use std::collections::BTreeMap;
use std::path::Path;

use fastrand::Rng;
use lectern_api::{Clock as _, SystemClock};
use lectern_power::damage::{Change, Specimen, Target};
use lectern_power::run::{number, seed};

/// Damages of one spool; then another one is written.
const DAMAGES_OF_ONE: usize = 24;

fn damage(target: Target, wanted: usize) -> std::io::Result<()> {
    let clock = SystemClock::new();
    let mut done: BTreeMap<Change, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    for seed in (seed()..).take(wanted.div_ceil(DAMAGES_OF_ONE)) {
        let specimen = Specimen::new(Path::new(env!("CARGO_BIN_EXE_power-child")), seed)?;
        let mut rng = Rng::with_seed(seed);
        for change in Change::all(target).iter().cycle().take(DAMAGES_OF_ONE.min(wanted)) {
            let (said, ending) = specimen.damage(&mut rng, target, *change)?;
            *done.entry(*change).or_default() += 1;
            if !ending.is_good() {
                eprintln!("LECTERN_SEED={seed}: {said}: {:?}\n{}", ending.code, ending.said);
                failed.push((seed, said));
            }
        }
    }
    eprintln!("{target:?}, {} in {:?}: {done:?}", done.values().sum::<usize>(), clock.monotonic());
    assert!(failed.is_empty(), "{} of {wanted} damages ended badly: {failed:#?}", failed.len());
    Ok(())
}

#[test]
fn no_damage_of_the_index_loses_media_or_hides_a_loss() {
    damage(Target::Index, number("LECTERN_DAMAGES", 12)).unwrap();
}

#[test]
fn damage_of_a_segment_costs_what_it_touched_and_is_told() {
    damage(Target::Segment, number("LECTERN_DAMAGES", 10)).unwrap();
}
