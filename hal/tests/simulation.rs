//! A machine that is played by a script.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lectern_hal::button::{Button, Press, Wanted};
use lectern_hal::indicator::Light;
use lectern_hal::sensors::storage::smart::{Smart, SmartError};
use lectern_hal::sim::{Script, ScriptError, Simulated};
use lectern_hal::{Hardware, Sample};

fn script() -> Script {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/simulations/bad-day.toml");
    Script::load(&path).unwrap()
}

fn at(seconds: f64) -> Sample {
    script().world(Duration::from_secs_f64(seconds)).sensors
}

/// A machine whose time the test sets, in milliseconds.
fn machine() -> (Arc<dyn Hardware>, Simulated, Arc<AtomicU64>) {
    let time = Arc::new(AtomicU64::new(0));
    let clock = time.clone();
    let machine = Simulated::new(script(), move || Duration::from_millis(clock.load(Ordering::SeqCst)));
    (Arc::new(machine.clone()), machine, time)
}

#[test]
fn a_value_holds_until_the_next_event_of_its_place() {
    let undervoltage = |seconds| at(seconds).power.undervoltage;
    assert_eq!(undervoltage(0.0), Some(false));
    assert_eq!(undervoltage(29.9), Some(false));
    assert_eq!((undervoltage(30.0), undervoltage(39.9)), (Some(true), Some(true)));
    assert_eq!((undervoltage(40.0), undervoltage(599.0)), (Some(false), Some(false)));
}

#[test]
fn a_drift_goes_evenly_and_the_next_one_begins_where_it_was() {
    let degrees = |seconds| at(seconds).thermal.zones[0].millidegrees;
    assert_eq!((degrees(60.0), degrees(85.0)), (Some(45_000), Some(57_500)));
    // At 110 s it was on its way through 70 °C.
    assert_eq!((degrees(110.0), degrees(115.0), degrees(120.0)), (Some(70_000), Some(60_000), Some(50_000)));
    assert_eq!(degrees(500.0), Some(50_000));
    assert_eq!(at(150.0).thermal.is_slowed(), Some(true));
    assert_eq!(at(245.0).memory.memory_pressure.unwrap().some_percent_10s, 30.0);
}

#[test]
fn a_flapping_plug_ends_as_it_should() {
    let carrier = |seconds| at(seconds).network.interfaces[0].carrier;
    let seen: Vec<_> = [199.0, 200.0, 201.9, 202.0, 204.0, 258.0, 260.0, 261.0, 262.0].map(carrier).into();
    let (up, down) = (Some(true), Some(false));
    assert_eq!(seen, [up, down, down, up, down, up, up, up, up]);
    assert_eq!(at(204.0).network.interfaces[1].carrier, up, "the other one is left alone");
}

#[test]
fn a_slow_disk_shows_in_its_counters() {
    let counters = |seconds| at(seconds).storage.disks[0].counters.unwrap();
    let activity = counters(250.0).since(&counters(240.0), Duration::from_secs(10)).unwrap();
    assert_eq!(activity.write_wait_micros, Some(1_000_000));
}

#[test]
fn what_fails_is_absent_and_noted_and_what_is_absent_is_not() {
    let sample = at(400.0);
    assert_eq!(sample.storage.disks[0].wear, None);
    assert_eq!(sample.troubles[0].place, "sensors.storage.disks.mmcblk0.wear");
    assert_eq!(sample.troubles[0].cause, "Input/output error");
    assert_eq!(at(399.0).troubles, []);
    let world = script().world(Duration::from_secs(300));
    assert!(world.devices.cameras.is_empty() && world.sensors.troubles.is_empty());
    assert_eq!(script().world(Duration::from_secs(330)).devices.cameras.len(), 1);
}

#[test]
fn a_script_begins_again_and_the_machine_goes_on_running() {
    assert_eq!(at(635.0).power.undervoltage, Some(true));
    assert_eq!(at(635.0).uptime_ms, Some(635_000));
    assert_eq!(at(1000.0).troubles.len(), 1);
}

#[test]
fn a_camera_that_is_pulled_out_is_heard_by_who_listens() {
    let (hardware, _, time) = machine();
    let before = hardware.devices();
    let mut hotplug = hardware.hotplug().unwrap();
    assert!(!hotplug.wait(Duration::ZERO).unwrap());
    time.store(300_000, Ordering::SeqCst);
    assert!(hotplug.wait(Duration::from_secs(20)).unwrap());
    assert_eq!(hardware.devices().since(&before).went, ["video0"]);
    assert!(!hotplug.wait(Duration::ZERO).unwrap(), "it is told once");
    time.store(330_000, Ordering::SeqCst);
    assert!(hotplug.wait(Duration::ZERO).unwrap());
}

#[test]
fn somebody_who_waits_is_woken_by_the_script() {
    let (hardware, _, time) = machine();
    let mut hotplug = hardware.hotplug().unwrap();
    let waiting = std::thread::spawn(move || hotplug.wait(Duration::from_secs(60)).unwrap());
    time.store(300_000, Ordering::SeqCst);
    assert!(waiting.join().unwrap());
}

#[test]
fn a_finger_in_the_script_presses_the_button() {
    let (hardware, _, time) = machine();
    let wanted = Wanted { device: "gpio-keys".to_owned(), code: None };
    let key = hardware.key(&wanted).unwrap().unwrap();
    let clock = time.clone();
    let now = move || Duration::from_millis(clock.load(Ordering::SeqCst));
    let mut button = Button::new(key, Duration::from_secs(3), now);
    time.store(350_000, Ordering::SeqCst);
    assert_eq!(button.wait(Duration::ZERO).unwrap(), None, "down");
    time.store(351_000, Ordering::SeqCst);
    assert_eq!(button.wait(Duration::ZERO).unwrap(), Some(Press::Short));
    let doorbell = Wanted { device: "doorbell".to_owned(), code: None };
    assert!(hardware.key(&doorbell).unwrap().is_none());
}

#[test]
fn who_practises_holds_a_key_with_a_file_and_reads_what_a_light_shows_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let [finger, lamp] = ["finger", "lamp"].map(|name| folder.path().join(name));
    let text = format!(
        "[start]\nkeys = [{{ name = 'bell', held_while = {finger:?} }}]\n\
         lights = [{{ name = 'red', shown_in = {lamp:?} }}]\n"
    );
    let machine = || Simulated::new(Script::parse(&text).unwrap(), || Duration::ZERO);
    let before = machine();
    let mut key = before.key(&Wanted { device: "bell".to_owned(), code: None }).unwrap().unwrap();
    assert_eq!(key.change(Duration::ZERO).unwrap(), None);
    std::fs::write(&finger, "").unwrap();
    assert_eq!(key.change(Duration::ZERO).unwrap(), Some(true));
    assert_eq!(key.change(Duration::ZERO).unwrap(), None, "it is told once");
    assert_eq!(std::fs::read_to_string(&finger).unwrap(), "felt");
    std::fs::remove_file(&finger).unwrap();
    assert_eq!(key.change(Duration::ZERO).unwrap(), Some(false));
    assert!(!finger.exists());

    let half = Duration::from_millis(500);
    let mut light = before.indicator("red").unwrap();
    for shows in [Light::On, Light::On, Light::Blink { on: half, off: half }] {
        light.show(shows).unwrap();
    }
    // Another program on the same machine.
    machine().indicator("red").unwrap().show(Light::Off).unwrap();
    assert_eq!(std::fs::read_to_string(&lamp).unwrap(), "on\nblink\noff\n");
}

#[test]
fn lights_and_watchdogs_tell_what_was_done_to_them() {
    let (hardware, machine, _) = machine();
    hardware.indicator("recording").unwrap().show(Light::On).unwrap();
    assert!(hardware.indicator("disco").is_none());
    let mut watchdog = hardware.watchdog("watchdog0").unwrap().unwrap();
    watchdog.feed().unwrap();
    watchdog.feed().unwrap();
    assert_eq!(machine.shown().lights["recording"], Light::On);
    assert_eq!(machine.shown().watchdogs["watchdog0"], 2);
    watchdog.disarm().unwrap();
    assert!(machine.shown().watchdogs.is_empty());
    assert!(hardware.watchdog("watchdog7").unwrap().is_none());
}

#[test]
fn a_disk_that_answers_smart_grows_bad_blocks() {
    let (_, machine, time) = machine();
    assert_eq!(machine.health("sda").unwrap().pending_blocks, Some(0));
    time.store(450_000, Ordering::SeqCst);
    assert_eq!(machine.health("sda").unwrap().pending_blocks, Some(12));
    assert!(matches!(machine.health("mmcblk0"), Err(SmartError::Unsupported { .. })));
}

#[test]
fn an_empty_script_is_a_machine_without_anything() {
    let sample = Script::parse("").unwrap().world(Duration::from_secs(5)).sensors;
    assert_eq!(sample, Sample { uptime_ms: Some(5000), ..Sample::default() });
}

#[test]
fn a_script_that_cannot_be_played_says_where_and_what_to_do() {
    let zone =
        "[start.sensors.thermal]\nzones = [{ name = \"cpu\", millidegrees = 1 }]\n[[event]]\nsecond = 3\n";
    let refused = |event: &str| Script::parse(&format!("{zone}{event}")).unwrap_err();
    let says = |event: &str, words: &[&str]| {
        let error = refused(event).to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{event}: {error}");
    };
    let cpu = "at = \"sensors.thermal.zones.cpu.millidegrees\"\n";
    says("at = \"sensors.thermal.zones.gpu\"\nvalue = 1", &["second 3", "no gpu, only cpu", "[start]"]);
    says("at = \"sensors.heat\"\nvalue = 1", &["no heat", "thermal"]);
    says(&format!("{cpu}value = \"hot\""), &["second 3", "impossible", "hot"]);
    says(&format!("{cpu}flap = [1, \"hot\"]\nevery_s = 4"), &["second 7", "hot"]);
    says(&format!("{cpu}value = 1\nabsent = true"), &["several things"]);
    says(cpu, &["it says nothing"]);
    says(&format!("{cpu}drift_to = 5"), &["without over_s"]);
    says(&format!("{cpu}flap = []\nevery_s = 1"), &["flap needs values"]);
    says(&format!("{cpu}value = 1\nover_s = 3"), &["without drift_to"]);
    says("at = \"sensors.power.undervoltage\"\ndrift_to = 5\nover_s = 1", &["no number"]);
    assert!(matches!(refused("at = \"x\"\nvalu = 1"), ScriptError::Form(_)));
    for (text, word) in [
        ("[start.sensors.thermal]\nzone = []", "zone"),
        ("[[event]]\nsecond = -1\nat = \"sensors\"\nvalue = 1", "no machine lives"),
        ("repeat_after_s = 0", "no time"),
        ("start = ", "line 1"),
    ] {
        let error = Script::parse(text).unwrap_err().to_string();
        assert!(error.contains(word), "{text}: {error}");
    }
    let nowhere = Script::load(Path::new("/nowhere/day.toml")).unwrap_err().to_string();
    assert!(nowhere.contains("/nowhere/day.toml"), "{nowhere}");
    let for_ever = format!("{cpu}flap = [1, 2]\nevery_s = 1e19\nfor_s = 1e19");
    let script = Script::parse(&format!("{zone}{for_ever}").replace("second = 3", "second = 1e19")).unwrap();
    assert_eq!(script.world(Duration::MAX).sensors.thermal.zones[0].millidegrees, Some(2));
}
