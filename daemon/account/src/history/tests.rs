use super::*;

fn at(text: &str) -> Timestamp {
    format!("2026-03-02T{text}Z").parse().unwrap()
}

fn entry(when: &str, what: Happening) -> Entry {
    Entry { at: Some(at(when)), knew: true, what }
}

fn started(clean: bool, last_alive: Option<&str>) -> Happening {
    Happening::Started { same_boot: false, clean, last_alive: last_alive.map(at) }
}

fn stretches(journal: &[Entry]) -> Vec<(String, String, Cause)> {
    let time = |at: Timestamp| at.strftime("%H:%M").to_string();
    let read = history(journal, at("23:00:00"));
    read.stretches.iter().map(|s| (time(s.span.from), time(s.span.until), s.cause)).collect()
}

fn stretch(from: &str, until: &str, cause: Cause) -> (String, String, Cause) {
    (from.to_owned(), until.to_owned(), cause)
}

#[test]
fn how_the_recorder_ended_says_why_it_was_off() {
    let same_boot = Happening::Started { same_boot: true, clean: false, last_alive: Some(at("12:00:00")) };
    let journal = [
        entry("06:00:00", started(true, None)),
        entry("08:00:00", Happening::Stopped),
        entry("09:00:00", started(true, Some("08:00:00"))),
        entry("10:05:00", started(false, Some("10:00:00"))),
        entry("12:10:00", same_boot),
    ];
    assert_eq!(
        stretches(&journal),
        [
            stretch("08:00", "09:00", Cause::SwitchedOff),
            stretch("10:00", "10:05", Cause::PowerLost),
            stretch("12:00", "12:10", Cause::SoftwareDown),
        ]
    );
}

#[test]
fn a_start_whose_time_was_learned_later_is_off_until_then_and_without_the_time_after() {
    let journal = [
        entry("06:00:00", started(true, None)),
        Entry { at: Some(at("09:00:00")), knew: false, what: started(false, Some("08:00:00")) },
        entry("09:30:00", Happening::ClockKnown),
    ];
    assert_eq!(
        stretches(&journal),
        [stretch("08:00", "09:00", Cause::PowerLost), stretch("09:00", "09:30", Cause::ClockUnknown)]
    );
}

#[test]
fn a_start_that_was_never_dated_is_somewhere_between_its_neighbours() {
    let undated = Entry { at: None, knew: false, what: started(false, Some("08:00:00")) };
    let before = entry("06:00:00", started(true, None));
    let journal = [before.clone(), undated.clone(), entry("12:00:00", started(false, None))];
    assert_eq!(stretches(&journal), [stretch("08:00", "12:00", Cause::OffOrClockUnknown)]);
    let read = history(&journal, at("23:00:00"));
    assert!(read.off[0].is_power_cut() && read.off[0].ran_unknown);
    assert_eq!(stretches(&[before, undated]), [stretch("08:00", "23:00", Cause::OffOrClockUnknown)]);
}

#[test]
fn what_a_person_wanted_goes_on_over_a_power_cut_and_a_failed_pipeline_does_not() {
    let journal = [
        entry("06:00:00", started(true, None)),
        entry("07:00:00", Happening::Began { cause: Cause::Shutter, until: Some(at("11:00:00")) }),
        entry("08:00:00", Happening::Began { cause: Cause::PipelineDown, until: None }),
        entry("09:00:00", started(false, Some("08:30:00"))),
    ];
    assert_eq!(
        stretches(&journal),
        [
            stretch("08:00", "08:30", Cause::PipelineDown),
            stretch("08:30", "09:00", Cause::PowerLost),
            stretch("07:00", "11:00", Cause::Shutter),
        ]
    );
}

#[test]
fn a_clock_that_leapt_ahead_skips_what_it_leapt_over() {
    let jump = Happening::ClockJumped { from: at("08:00:00"), to: at("09:00:00") };
    let back = Happening::ClockJumped { from: at("10:00:00"), to: at("09:30:00") };
    let journal = [
        entry("06:00:00", started(true, None)),
        entry("09:00:00", jump),
        entry("09:30:00", back),
        entry("09:40:00", Happening::Stopped),
        entry("09:50:00", started(true, None)),
    ];
    // Set back, the box ran until 9:40 by its own word, and until 9:00 before.
    assert_eq!(
        stretches(&journal),
        [stretch("08:00", "09:00", Cause::ClockUnknown), stretch("09:40", "09:50", Cause::SwitchedOff)]
    );
}

#[test]
fn a_clock_that_knew_nothing_skips_no_more_than_the_time_since_its_start() {
    let jump = Happening::ClockJumped { from: Timestamp::UNIX_EPOCH, to: at("09:30:00") };
    let journal = [
        entry("06:00:00", started(true, None)),
        entry("08:00:00", Happening::Stopped),
        Entry { at: Some(at("09:00:00")), knew: false, what: started(true, None) },
        entry("09:30:00", jump),
        entry("09:30:00", Happening::ClockKnown),
    ];
    let unknown = stretch("09:00", "09:30", Cause::ClockUnknown);
    assert_eq!(
        stretches(&journal),
        [stretch("08:00", "09:00", Cause::SwitchedOff), unknown.clone(), unknown]
    );
}
