use std::time::Duration;

use lectern_hal::sensors::storage::{Reserve, Wear};
use lectern_hal::{Hardware, Linux};

use crate::board::Board;

fn disk(board: &Board, name: &str) -> lectern_hal::sensors::storage::Disk {
    board.sample().storage.disks.into_iter().find(|disk| disk.name == name).unwrap()
}

#[test]
fn only_what_can_break_or_fill_is_a_disk() {
    let names = |board: &str| -> Vec<String> {
        Board::new(board).sample().storage.disks.into_iter().map(|disk| disk.name).collect()
    };
    assert_eq!(names("raspberry-pi-4"), ["mmcblk0"]);
    assert_eq!(names("rk3568-box"), ["mmcblk0"], "neither its boot part, nor memory, nor an empty reader");
    assert_eq!(names("intel-n100"), ["nvme0n1", "sda"]);
    assert_eq!(names("virtual-machine"), ["vda"]);
}

#[test]
fn an_emmc_tells_its_age_and_a_card_does_not() {
    let board = Board::new("rk3568-box");
    let wear = Wear { used_percent: Some(100), reserve: Some(Reserve::Low) };
    assert_eq!(disk(&board, "mmcblk0").wear, Some(wear), "the worse of both kinds of cells");
    board.set("sys/block/mmcblk0/device/life_time", "0x00 0x00");
    board.set("sys/block/mmcblk0/device/pre_eol_info", "0x00");
    assert_eq!(disk(&board, "mmcblk0").wear, None, "a chip that does not say");
    board.set("sys/block/mmcblk0/device/life_time", "0x0b 0x01");
    assert_eq!(disk(&board, "mmcblk0").wear, Some(Wear { used_percent: Some(110), reserve: None }));
    assert_eq!(disk(&Board::new("raspberry-pi-4"), "mmcblk0").wear, None);
}

#[test]
fn a_slow_disk_shows_between_two_samples() {
    let board = Board::new("rk3568-box");
    let before = disk(&board, "mmcblk0").counters.unwrap();
    board.set("sys/block/mmcblk0/stat", "9012 311 700120 8800 40122 2011 3201920 2211160 0 301020 2220000");
    let activity = disk(&board, "mmcblk0").counters.unwrap().since(&before, Duration::from_secs(1)).unwrap();
    assert_eq!(activity.write_wait_micros, Some(500_000));
    assert_eq!((activity.read_wait_micros, activity.busy_permille), (None, 900));
    assert_eq!(activity.written_bytes, 800 * 512);
}

#[test]
fn the_room_of_a_folder_is_what_the_file_system_says() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Linux::new(std::path::Path::new("/"))
        .watching("spool", folder.path())
        .watching("archive", &folder.path().join("not-mounted"));
    let places = machine.sample().storage.places;
    let [spool] = places.as_slice() else { panic!("{places:?}") };
    assert_eq!((spool.name.as_str(), spool.read_only), ("spool", Some(false)));
    let (total, available) = (spool.total_bytes.unwrap(), spool.available_bytes.unwrap());
    assert!(available > 0 && available <= total, "{places:?}");
}
