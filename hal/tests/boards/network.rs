use lectern_hal::sensors::network::{Interface, Kind};

use crate::board::Board;

fn interface(board: &Board, name: &str) -> Interface {
    board.sample().network.interfaces.into_iter().find(|interface| interface.name == name).unwrap()
}

#[test]
fn a_cable_without_a_link_has_no_speed() {
    let eth0 = interface(&Board::new("raspberry-pi-4"), "eth0");
    assert_eq!((eth0.is_up, eth0.carrier, eth0.megabits), (Some(true), Some(false), None));
    assert_eq!(eth0.mac.as_deref(), Some("dc:a6:32:0f:1e:2d"));
    assert_eq!((eth0.kind, eth0.driver.as_deref()), (Kind::Wired, Some("bcmgenet")));
}

#[test]
fn an_interface_that_is_off_says_nothing_of_its_cable() {
    let board = Board::new("rk3568-box");
    let eth0 = interface(&board, "eth0");
    assert_eq!((eth0.is_up, eth0.carrier, eth0.megabits, eth0.counters), (Some(false), None, None, None));
    assert_eq!(board.sample().troubles, []);
}

#[test]
fn wi_fi_tells_how_well_it_hears_and_what_it_loses() {
    let wlan0 = interface(&Board::new("raspberry-pi-4"), "wlan0");
    assert_eq!((wlan0.kind, wlan0.signal.unwrap().dbm, wlan0.megabits), (Kind::Wireless, -67, None));
    let counters = wlan0.counters.unwrap();
    assert_eq!((counters.sent_bytes, counters.send_errors, counters.send_drops), (410_880_122, 12, 40));
}

#[test]
fn a_mobile_stick_is_told_from_what_may_be_one() {
    let board = Board::new("rk3568-box");
    assert_eq!(interface(&board, "wwan0").kind, Kind::Mobile);
    assert_eq!(interface(&board, "wwan0").mac, None);
    assert_eq!(interface(&board, "usb0").kind, Kind::UsbLink);
    let modems = board.sample().network.modems;
    assert_eq!(modems.iter().map(|modem| &*modem.name).collect::<Vec<_>>(), ["wwan0"]);
}

#[test]
fn a_bad_cable_shows_in_speed_changes_and_errors() {
    let board = Board::new("intel-n100");
    let cable = interface(&board, "enp1s0");
    assert_eq!((cable.megabits, cable.carrier_changes), (Some(100), Some(214)));
    assert_eq!(cable.counters.unwrap().receive_errors, 5012);
    assert_eq!(interface(&board, "docker0").kind, Kind::Virtual);
}
