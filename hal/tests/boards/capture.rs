use lectern_hal::capture::{Devices, Usb};

use crate::board::Board;

#[test]
fn a_camera_is_known_by_its_maker_and_its_port() {
    let devices = Devices::read(Board::new("raspberry-pi-4").root());
    let [camera] = devices.cameras.as_slice() else { panic!("{:?}", devices.cameras) };
    assert_eq!((camera.name.as_str(), camera.label.as_deref()), ("video0", Some("HD Pro Webcam C920")));
    assert_eq!(camera.driver.as_deref(), Some("uvcvideo"));
    let port = Usb {
        port: "1-1.3".to_owned(),
        model: Some("046d:082d".to_owned()),
        serial: Some("9A1B2C3D".to_owned()),
        megabits: Some(480),
    };
    assert_eq!(camera.usb.as_ref(), Some(&port));
    assert_eq!(camera.node().to_str(), Some("/dev/video0"));
}

#[test]
fn a_sound_card_is_known_by_its_maker_and_its_inputs() {
    let devices = Devices::read(Board::new("raspberry-pi-4").root());
    let [screen, camera] = devices.sound_cards.as_slice() else { panic!("{:?}", devices.sound_cards) };
    assert!(screen.inputs.is_empty() && screen.usb.is_none());
    assert_eq!(screen.label.as_deref(), Some("vc4-hdmi-0"));
    assert_eq!((camera.id.as_deref(), camera.label.as_deref()), (Some("C920"), Some("HD Pro Webcam C920")));
    assert_eq!(camera.inputs, ["hw:1,0"]);
    assert_eq!(camera.usb, devices.cameras[0].usb, "microphone and picture of one camera");
}

#[test]
fn a_camera_that_is_pulled_out_and_put_elsewhere_has_gone_and_come() {
    let board = Board::new("raspberry-pi-4");
    let before = Devices::read(board.root());
    let node = board.root().join("sys/class/video4linux/video0");
    std::fs::remove_dir_all(&node).unwrap();
    let without = Devices::read(board.root());
    assert_eq!(without.since(&before).went, ["video0"]);
    assert!(without.since(&before).came.is_empty());
    for line in [
        "sys/devices/usb1/1-1/1-1.4/idVendor = 046d",
        "sys/class/video4linux/video0/name = HD Pro Webcam C920",
        "sys/class/video4linux/video0/dev = 81:0",
        "sys/class/video4linux/video0/device -> ../../../devices/usb1/1-1/1-1.4",
    ] {
        board.add(line);
    }
    let elsewhere = Devices::read(board.root());
    assert_eq!(elsewhere.since(&before).came, ["video0"]);
    assert_eq!(elsewhere.since(&before).went, ["video0"]);
    assert_eq!(elsewhere.since(&elsewhere), Default::default());
}

#[test]
fn boards_without_cameras_have_none() {
    for board in ["rk3568-box", "intel-n100", "virtual-machine"] {
        assert_eq!(Devices::read(Board::new(board).root()), Devices::default(), "{board}");
    }
}
