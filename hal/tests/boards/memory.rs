use crate::board::Board;

#[test]
fn memory_counts_in_bytes_and_pressure_is_absent_where_it_is_not_measured() {
    let memory = Board::new("raspberry-pi-4").sample().memory;
    assert_eq!((memory.total_bytes, memory.available_bytes), (Some(3_885_396 << 10), Some(3_291_204 << 10)));
    assert_eq!(memory.swap_free_bytes, Some(102_396 << 10));
    assert_eq!((memory.memory_pressure, memory.processor_pressure), (None, None));
}

#[test]
fn pressure_tells_who_waits_for_what() {
    let sample = Board::new("rk3568-box").sample();
    let memory = sample.memory.memory_pressure.unwrap();
    assert_eq!((memory.some_percent_10s, memory.full_percent_10s), (12.5, 3.25));
    assert_eq!(memory.some_micros, 9_012_331);
    assert_eq!(sample.memory.processor_pressure.unwrap().some_percent_60s, 22.1);
    assert_eq!(sample.memory.disk_pressure.unwrap().full_percent_60s, 11.0);
    assert_eq!(sample.memory.total_bytes, None, "this board's list has no meminfo");
}

#[test]
fn pressure_that_cannot_be_read_is_noted() {
    let board = Board::new("rk3568-box");
    board.set("proc/pressure/io", "some avg10=much");
    let sample = board.sample();
    assert_eq!(sample.memory.disk_pressure, None);
    assert_eq!(sample.troubles[0].place, "proc/pressure/io");
}
