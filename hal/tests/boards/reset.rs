use lectern_hal::sensors::reset::Cause;

use crate::board::Board;

#[test]
fn a_watchdog_that_bit_is_remembered() {
    let board = Board::new("rk3568-box");
    let reset = board.sample().reset;
    assert_eq!(reset.cause(), Some(Cause::Watchdog));
    assert_eq!((reset.watchdogs[0].active, reset.watchdogs[0].unstoppable), (Some(false), Some(true)));
    // What took the power away explains the bite, too.
    board.set("sys/class/watchdog/watchdog0/bootstatus", "48");
    assert_eq!(board.sample().reset.cause(), Some(Cause::PowerUnder));
}

#[test]
fn a_chip_that_remembers_nothing_is_no_answer() {
    let reset = Board::new("raspberry-pi-4").sample().reset;
    assert_eq!(reset.cause(), None);
    assert_eq!(reset.watchdogs[0].timeout_s, Some(15));
    assert_eq!(reset.boot_id.as_deref(), Some("5e6a3d0e-20f4-4f7b-9c2d-3c1f0a9b7711"));
    assert_eq!(reset.crash_records, Some(Vec::new()), "there is room for records and none is there");
}

#[test]
fn what_the_kernel_wrote_when_it_died_is_found_also_where_systemd_has_moved_it() {
    let reset = Board::new("rk3568-box").sample().reset;
    assert_eq!(reset.crash_records.unwrap(), ["1772409600", "console-ramoops-0"]);
    assert_eq!(Board::new("intel-n100").sample().reset.crash_records, None);
}
