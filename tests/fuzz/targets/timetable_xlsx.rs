//! Any spreadsheet has an answer: any bytes of a packed one, and any parts of
//! one that unpacks.

#![no_main]

use lectern_fuzz::importers::answer;
use lectern_fuzz::spreadsheet::packed;
use lectern_timetable::import::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") {
        answer(bytes, Some(Form::Table));
    } else {
        answer(&packed(bytes), Some(Form::Table));
    }
});
