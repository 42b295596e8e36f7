use std::fs;
use std::io::Write;
use std::time::Duration;

use lectern_hal::button::{Button, InputKey, Key, Press, Wanted};
use lectern_hal::indicator::{Indicator, IndicatorError, Led, Light, names};
use lectern_hal::watchdog::{Device, Watchdog};

use crate::board::Board;

fn text(board: &Board, place: &str) -> String {
    fs::read_to_string(board.root().join(place)).unwrap()
}

#[test]
fn a_light_shines_as_bright_as_it_can_and_no_longer_what_its_maker_wanted() {
    let board = Board::new("raspberry-pi-4");
    assert_eq!(names(board.root()), ["ACT", "PWR"]);
    let mut light = Led::open(board.root(), "ACT").unwrap();
    light.show(Light::On).unwrap();
    assert_eq!(text(&board, "sys/class/leds/ACT/trigger"), "none");
    assert_eq!(text(&board, "sys/class/leds/ACT/brightness"), "255");
    light.show(Light::Off).unwrap();
    assert_eq!(text(&board, "sys/class/leds/ACT/brightness"), "0");
    assert!(Led::open(board.root(), "recording").is_none());
    assert!(Led::open(board.root(), "../leds/ACT").is_none());
}

#[test]
fn the_kernel_makes_a_light_blink() {
    let board = Board::new("rk3568-box");
    let mut light = Led::open(board.root(), "work").unwrap();
    light.show(Light::Blink { on: Duration::from_millis(100), off: Duration::from_millis(900) }).unwrap();
    assert_eq!(text(&board, "sys/class/leds/work/trigger"), "timer");
    assert_eq!(text(&board, "sys/class/leds/work/delay_on"), "100");
    assert_eq!(text(&board, "sys/class/leds/work/delay_off"), "900");
}

#[test]
fn a_light_that_is_told_again_to_blink_goes_on_as_it_blinks() {
    let board = Board::new("rk3568-box");
    let place = "sys/class/leds/work/trigger";
    // As the kernel has it then; a file would keep what is written into it.
    board.set(place, "none [timer] mmc0");
    let half = Duration::from_millis(500);
    let mut light = Led::open(board.root(), "work").unwrap();
    for _ in 0..2 {
        light.show(Light::Blink { on: half, off: half }).unwrap();
        assert_eq!(text(&board, place).trim(), "none [timer] mmc0", "it is not chosen anew");
        assert_eq!(text(&board, "sys/class/leds/work/delay_on"), "500");
    }
    light.show(Light::Off).unwrap();
    assert_eq!(text(&board, place), "none");
}

#[test]
fn a_light_that_cannot_blink_or_is_gone_says_what_to_do() {
    let board = Board::new("rk3568-box");
    board.set("sys/class/leds/work/trigger", "[none] mmc0");
    let mut light = Led::open(board.root(), "work").unwrap();
    let blink = Light::Blink { on: Duration::from_secs(1), off: Duration::from_secs(1) };
    let error = light.show(blink).unwrap_err();
    assert!(matches!(error, IndicatorError::NoTimer { .. }) && error.to_string().contains("ledtrig-timer"));
    fs::remove_dir_all(board.root().join("sys/class/leds/work")).unwrap();
    let error = light.show(Light::On).unwrap_err();
    assert!(error.to_string().contains("leds/work/brightness"), "{error}");
}

/// A key's event as the kernel writes it.
fn event(kind: u16, code: u16, value: i32) -> Vec<u8> {
    let mut event = vec![0; size_of::<libc::input_event>() - 8];
    event.extend(kind.to_ne_bytes());
    event.extend(code.to_ne_bytes());
    event.extend(value.to_ne_bytes());
    event
}

/// A board with a key whose device is a pipe, and the end that presses it.
fn with_key() -> (Board, fs::File) {
    let board = Board::new("rk3568-box");
    board.add("sys/class/input/event0/device/name = rk805 pwrkey");
    board.add("sys/class/input/event2/device/name = gpio-keys");
    board.add("dev/input/");
    let pipe = board.root().join("dev/input/event2");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let finger = fs::File::options().read(true).write(true).open(pipe).unwrap();
    (board, finger)
}

const RECORD: u16 = 167;
const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_key_goes_down_and_up_and_others_do_not_count() {
    let (board, mut finger) = with_key();
    let wanted = Wanted { device: "gpio-keys".to_owned(), code: Some(RECORD) };
    let mut key = InputKey::open(board.root(), &wanted).unwrap().unwrap();
    assert_eq!(key.change(Duration::ZERO).unwrap(), None);
    // Another key, ours held with the kernel's repetitions, and the marks between.
    let events =
        [(1, 30, 1), (1, RECORD, 1), (0, 0, 0), (1, RECORD, 2), (1, RECORD, 2), (1, RECORD, 0), (0, 0, 0)];
    for (kind, code, value) in events {
        finger.write_all(&event(kind, code, value)).unwrap();
    }
    assert_eq!(key.change(SOON).unwrap(), Some(true));
    assert_eq!(key.change(SOON).unwrap(), Some(false));
    assert_eq!(key.change(Duration::ZERO).unwrap(), None);
    let nobody = Wanted { device: "doorbell".to_owned(), code: None };
    assert!(InputKey::open(board.root(), &nobody).unwrap().is_none());
}

#[test]
fn a_press_is_told_and_a_key_that_is_gone_is_an_error() {
    let (board, mut finger) = with_key();
    let wanted = Wanted { device: "gpio-keys".to_owned(), code: None };
    let key = InputKey::open(board.root(), &wanted).unwrap().unwrap();
    // Each look at the clock is a second later.
    let seconds = std::cell::Cell::new(0);
    let now = || Duration::from_secs(seconds.replace(seconds.get() + 1));
    let mut button = Button::new(Box::new(key), Duration::from_secs(60), now);
    for value in [1, 0, 1] {
        finger.write_all(&event(1, RECORD, value)).unwrap();
    }
    assert_eq!(button.wait(SOON).unwrap(), Some(Press::Short));
    drop(finger);
    // The pipe has no other end any more, as a device that was pulled out.
    assert!((0..10).any(|_| button.wait(SOON).is_err()));
}

#[test]
fn a_watchdog_is_fed_and_let_go_with_the_magic_letter() {
    let board = Board::new("rk3568-box");
    assert!(Device::open(board.root(), "watchdog0").unwrap().is_none());
    board.add("dev/watchdog0 =");
    board.add("dev/watchdog1/");
    fs::write(board.root().join("dev/watchdog0"), "").unwrap();
    let mut watchdog = Device::open(board.root(), "watchdog0").unwrap().unwrap();
    watchdog.feed().unwrap();
    watchdog.feed().unwrap();
    assert_eq!(text(&board, "dev/watchdog0"), "\0\0");
    Box::new(watchdog).disarm().unwrap();
    assert_eq!(text(&board, "dev/watchdog0"), "\0\0V");
    let error = Device::open(board.root(), "watchdog1").unwrap_err();
    assert!(error.to_string().contains("dev/watchdog1"), "{error}");
}

#[test]
fn a_watchdog_that_is_dropped_counts_on() {
    let board = Board::new("rk3568-box");
    board.add("dev/watchdog0 =");
    fs::write(board.root().join("dev/watchdog0"), "").unwrap();
    let mut watchdog = Device::open(board.root(), "watchdog0").unwrap().unwrap();
    watchdog.feed().unwrap();
    drop(watchdog);
    assert_eq!(text(&board, "dev/watchdog0"), "\0");
}
