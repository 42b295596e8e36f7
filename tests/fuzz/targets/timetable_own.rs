//! Any bytes taken for a timetable in the own form have an answer.

#![no_main]

use lectern_fuzz::importers::answer;
use lectern_timetable::import::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| answer(bytes, Some(Form::Own)));
