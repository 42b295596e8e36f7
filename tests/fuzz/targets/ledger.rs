//! Any part of a ledger: what is understood is written as it was read.

#![no_main]

use lectern_archive::ledger;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(lines) = ledger::parse(bytes) else { return };
    let written = ledger::render(&lines).expect("what was read can be written");
    let again = ledger::parse(&written).expect("what was written can be read");
    assert_eq!(ledger::render(&again).expect("again"), written);
});
