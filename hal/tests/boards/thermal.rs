use crate::board::Board;

fn zone(board: &Board, name: &str) -> lectern_hal::sensors::thermal::Zone {
    let sample = board.sample();
    sample.thermal.zones.into_iter().find(|zone| zone.name == name).unwrap()
}

#[test]
fn a_zone_that_is_switched_off_has_no_temperature_and_is_no_trouble() {
    let board = Board::new("rk3568-box");
    assert_eq!(zone(&board, "gpu-thermal").millidegrees, None);
    assert_eq!(board.sample().troubles, []);
}

#[test]
fn a_processor_that_is_slowed_by_heat_is_told_from_a_fan_that_turns() {
    let (hot, cool) = (Board::new("rk3568-box").sample(), Board::new("raspberry-pi-4").sample());
    assert_eq!(hot.thermal.is_slowed(), Some(true));
    assert_eq!(hot.thermal.clocks[0].allowed_kilohertz, Some(1_416_000));
    assert_eq!(cool.thermal.coolers[0].state, Some(2));
    assert_eq!(cool.thermal.is_slowed(), None, "nothing there slows down, so nobody can tell");
}

#[test]
fn the_first_limit_counts_and_the_critical_one_is_kept_apart() {
    let zone = zone(&Board::new("rk3568-box"), "soc-thermal");
    assert_eq!((zone.limit_millidegrees, zone.critical_millidegrees), (Some(75_000), Some(115_000)));
    assert_eq!(zone.margin_millidegrees(), Some(-13_333));
}

#[test]
fn what_a_firmware_makes_up_is_not_believed() {
    let board = Board::new("intel-n100");
    assert_eq!(zone(&board, "acpitz@1").millidegrees, None, "absolute zero");
    assert_eq!(zone(&board, "x86_pkg_temp").limit_millidegrees, None, "a trip that nobody has set");
    assert_eq!(zone(&board, "iwlwifi_1").millidegrees, None);
    let sample = board.sample();
    assert_eq!(sample.thermal.is_slowed(), Some(false), "neither the firmware's offset nor an idle clamp");
    let chip = |name: &str| sample.thermal.chips.iter().find(|chip| chip.name == name);
    assert_eq!(chip("nct6798:AUXTIN1").unwrap().millidegrees, None, "127 °C is an open input");
    assert_eq!(sample.troubles, []);
}

#[test]
fn chips_and_fans_are_told_once() {
    let sample = Board::new("intel-n100").sample();
    let names: Vec<_> = sample.thermal.chips.iter().map(|chip| &*chip.name).collect();
    assert_eq!(
        names,
        ["nvme:Composite", "coretemp:Package id 0", "nct6798:AUXTIN1"],
        "no zone a second time"
    );
    assert_eq!(sample.thermal.chips[0].critical_millidegrees, Some(84_850));
    assert_eq!((sample.thermal.slowed_times, sample.thermal.slowed_ms), (Some(412), Some(93_111)));
    let pi = Board::new("raspberry-pi-4").sample();
    assert_eq!(pi.thermal.fans[0].turns_per_minute, Some(2310));
    assert!(pi.thermal.chips.is_empty());
}

#[test]
fn a_sensor_that_answers_nonsense_is_noted_and_the_others_are_read() {
    let board = Board::new("raspberry-pi-4");
    board.set("sys/class/thermal/thermal_zone0/temp", "warm");
    let sample = board.sample();
    assert_eq!(sample.thermal.zones[0].millidegrees, None);
    assert_eq!(sample.thermal.zones[0].critical_millidegrees, Some(110_000));
    let [trouble] = sample.troubles.as_slice() else { panic!("{:?}", sample.troubles) };
    assert_eq!(trouble.place, "sys/class/thermal/thermal_zone0/temp");
    assert_eq!(trouble.cause, "\"warm\" is no number that fits");
}
