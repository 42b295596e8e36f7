use std::path::Path;

use lectern_hal::capture::Devices;
use lectern_hal::{Hardware, Linux, Sample};

use crate::board::Board;

#[test]
fn a_machine_without_anything_is_absent_not_zero_and_no_trouble() {
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(Linux::new(nowhere.path()).sample(), Sample::default());
}

#[test]
fn a_virtual_machine_has_no_feelings() {
    let sample = Board::new("virtual-machine").sample();
    assert_eq!(sample.troubles, []);
    assert!(sample.thermal.zones.is_empty() && sample.thermal.chips.is_empty());
    assert_eq!(sample.thermal.is_slowed(), None, "its processor has no step to slow down by");
    assert_eq!(sample.power, Default::default());
    assert_eq!(sample.uptime_ms, Some(25_026_460));
    let eth0 = &sample.network.interfaces[0];
    assert_eq!((eth0.carrier, eth0.megabits), (Some(true), None));
}

#[test]
fn a_sample_survives_being_written_down() {
    for board in ["raspberry-pi-4", "rk3568-box", "intel-n100", "virtual-machine"] {
        let sample = Board::new(board).sample();
        let text = serde_json::to_string(&sample).unwrap();
        assert_eq!(serde_json::from_str::<Sample>(&text).unwrap(), sample, "{board}");
    }
}

#[test]
fn nonsense_in_any_file_is_survived_and_spoils_nothing_else() {
    let nonsense: [&[u8]; 9] = [
        b"",
        b"\n",
        b"-1",
        b"99999999999999999999",
        b"0x",
        b" : [ ]: - ",
        b"some full",
        b"\xff\0\xc3(",
        b"\xe4\xbd\xa0\xe5\xa5\xbd",
    ];
    for name in ["raspberry-pi-4", "rk3568-box", "intel-n100", "virtual-machine"] {
        let board = Board::new(name);
        let files = board.files();
        assert!(files.len() > 10, "{name}");
        // Each file once with one of them, and all files at once with each.
        for (file, bytes) in files.iter().zip(nonsense.iter().cycle()) {
            let before = std::fs::read(file).unwrap();
            std::fs::write(file, bytes).unwrap();
            let (sample, devices) = (board.sample(), Devices::read(board.root()));
            assert!(sample.troubles.len() <= 2, "{}: {:?}", file.display(), sample.troubles);
            assert!(devices.cameras.len() <= 3, "{devices:?}");
            std::fs::write(file, before).unwrap();
        }
        for bytes in nonsense {
            files.iter().for_each(|file| std::fs::write(file, bytes).unwrap());
            let (sample, _devices) = (board.sample(), Devices::read(board.root()));
            assert!(sample.thermal.zones.iter().all(|zone| zone.millidegrees.is_none_or(|now| now == -1)));
        }
    }
}

/// What it costs on this machine, printed: `cargo test -p lectern-hal --release
/// --test boards -- --nocapture costs`. On a loaded machine time proves little,
/// so the bound is wide.
#[test]
fn a_sample_of_this_machine_costs_next_to_nothing() {
    let machine = Linux::new(Path::new("/")).watching("root", Path::new("/"));
    let _warm = machine.sample();
    #[expect(clippy::disallowed_methods, reason = "the cost itself is measured")]
    let began = std::time::Instant::now();
    let samples = 100;
    for _ in 0..samples {
        assert_eq!(machine.sample().troubles, []);
    }
    let each = began.elapsed() / samples;
    println!("a sample costs {each:?}");
    assert!(each < std::time::Duration::from_millis(50), "{each:?}");
}
