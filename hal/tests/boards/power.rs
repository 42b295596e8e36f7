use lectern_hal::sensors::power::Kind;

use crate::board::Board;

#[test]
fn a_raspberry_pi_tells_when_its_voltage_is_too_low() {
    let board = Board::new("raspberry-pi-4");
    assert_eq!(board.sample().power.undervoltage, Some(true));
    board.set("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0");
    assert_eq!(board.sample().power.undervoltage, Some(false));
    for other in ["rk3568-box", "intel-n100", "virtual-machine"] {
        assert_eq!(Board::new(other).sample().power.undervoltage, None, "{other} cannot tell");
    }
}

#[test]
fn a_power_chip_that_plays_a_battery_is_not_believed() {
    let sample = Board::new("rk3568-box").sample();
    let [supply] = sample.power.supplies.as_slice() else { panic!("{:?}", sample.power) };
    assert_eq!((supply.kind, supply.online, supply.microvolts), (Kind::Mains, Some(true), None));
    assert_eq!(sample.power.has_mains(), Some(true));
}

#[test]
fn the_battery_of_a_mouse_is_not_the_boxs() {
    let sample = Board::new("intel-n100").sample();
    assert!(sample.power.supplies.is_empty());
    assert_eq!(sample.power.has_mains(), None);
}

#[test]
fn a_box_that_lives_from_its_battery_has_lost_the_mains() {
    let board = Board::new("virtual-machine");
    for line in [
        "sys/class/power_supply/ACAD/type = Mains",
        "sys/class/power_supply/ACAD/online = 0",
        "sys/class/power_supply/BAT0/type = Battery",
        "sys/class/power_supply/BAT0/present = 1",
        "sys/class/power_supply/BAT0/capacity = 81",
        "sys/class/power_supply/BAT0/voltage_now = 11801000",
    ] {
        board.add(line);
    }
    let power = board.sample().power;
    assert_eq!(power.has_mains(), Some(false));
    assert_eq!(
        (power.supplies[1].charge_percent, power.supplies[1].microvolts),
        (Some(81), Some(11_801_000))
    );
}
