//! Any bytes taken for a list of holidays have an answer.

#![no_main]

use lectern_fuzz::importers::answer;
use lectern_timetable::import::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| answer(bytes, Some(Form::Holidays)));
