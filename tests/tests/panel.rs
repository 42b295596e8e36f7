//! The front panel of a box: buttons are pressed with files, and what lights show
//! is read in others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lectern_api::manifest::{GapReason, Trigger};
use lectern_tests::classroom_box::built;
use lectern_tests::timetable::{Day, soon};
use lectern_tests::wait::throughout;
use lectern_tests::{ClassroomBox, Setup, eventually};

const LIMIT: Duration = Duration::from_secs(30);
const LIGHTS: [&str; 4] = ["recording", "live", "fault", "shutter"];
const BUTTONS: [&str; 2] = ["lesson", "shutter"];

/// The panel of a box: where its lights are read and its buttons are held.
struct Panel {
    folder: tempfile::TempDir,
}

impl Panel {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("it is there and writable") }
    }

    fn light_file(&self, light: &str) -> PathBuf {
        self.folder.path().join(light)
    }

    fn finger(&self, button: &str) -> PathBuf {
        self.folder.path().join(format!("finger-{button}"))
    }

    fn setup(&self, setup: Setup) -> Setup {
        let mut machine = String::new();
        for light in LIGHTS {
            let path = self.light_file(light);
            machine += &format!("\n[[start.lights]]\nname = \"lectern:{light}\"\nshown_in = {path:?}\n");
        }
        for button in BUTTONS {
            let path = self.finger(button);
            machine += &format!("\n[[start.keys]]\nname = \"{button}-key\"\nheld_while = {path:?}\n");
        }
        let mut table = String::from("\n[panel]\n");
        for light in LIGHTS {
            table += &format!("{light}_light = \"lectern:{light}\"\n");
        }
        for button in BUTTONS {
            table += &format!("{button}_button = \"{button}-key\"\n");
        }
        setup.machine(&machine).tables(&table)
    }

    /// All that a light has shown.
    fn shown(&self, light: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.light_file(light)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn is(&self, light: &str, word: &str) -> bool {
        self.shown(light).last().is_some_and(|last| last == word)
    }

    #[track_caller]
    fn wait(&self, light: &str, word: &str) {
        let what = format!("the light {light} is {word}");
        eventually(&what, LIMIT, || self.is(light, word).then_some(()));
    }

    #[track_caller]
    fn all_dark(&self) {
        for light in LIGHTS {
            assert!(self.is(light, "off"), "{light}: {:?}", self.shown(light));
        }
    }

    /// Holds a button until `done` has come of it.
    #[track_caller]
    fn hold(&self, button: &str, what: &str, done: impl FnMut() -> Option<()>) {
        put(&self.finger(button));
        eventually(what, LIMIT, done);
        std::fs::remove_file(self.finger(button)).expect("it is there and writable");
    }

    /// Presses a button, and lets it go once it is felt.
    #[track_caller]
    fn press(&self, button: &str) {
        let finger = self.finger(button);
        self.hold(button, "the press is felt", || {
            std::fs::read_to_string(&finger).is_ok_and(|text| text == "felt").then_some(())
        });
    }

    /// How often the light for faults has come on: three times for a no.
    fn times_on(&self) -> usize {
        self.shown("fault").iter().filter(|word| *word == "on").count()
    }
}

fn put(path: &Path) {
    std::fs::write(path, "").expect("it is there and writable");
}

fn running(lectern: &ClassroomBox) -> Option<()> {
    lectern.status().lesson.map(|_| ())
}

/// Proves that a lesson is begun, hidden and ended by buttons alone, that the light
/// for recording shines only on evidence, never behind the shutter, and that it does
/// not outlive a daemon that was killed.
#[test]
fn buttons_begin_hide_and_end_a_lesson_and_the_light_shines_only_for_what_is_durable() {
    let panel = Panel::new();
    let mut lectern = ClassroomBox::switch_on(panel.setup(Setup::test_room()));
    for light in LIGHTS {
        panel.wait(light, "off");
    }

    // Nothing runs that a long press could end: the light for faults says no.
    panel.hold("lesson", "it is refused", || (panel.times_on() >= 3).then_some(()));
    panel.wait("fault", "off");
    assert_eq!(lectern.status().lesson, None);

    panel.press("lesson");
    eventually("a lesson runs", LIMIT, || running(&lectern));
    eventually("the light shines", LIMIT, || panel.is("recording", "on").then_some(()));
    let lesson = lectern.status().lesson.expect("a lesson runs");
    assert!(lesson.fragments > 0, "it shines and nothing is durable: {lesson:?}");
    assert_eq!(lesson.trigger, Trigger::Button);
    assert_eq!(panel.shown("recording")[..3], ["off", "blink", "on"], "it says that nothing was durable yet");

    panel.press("shutter");
    panel.wait("shutter", "on");
    assert!(panel.is("recording", "off"), "{:?}", panel.shown("recording"));
    assert!(lectern.status().shutter.is_some());
    throughout("dark behind the shutter", Duration::from_secs(3), || panel.is("recording", "off"));
    panel.press("shutter");
    panel.wait("shutter", "off");
    panel.wait("recording", "on");

    // Held it means today: the end of the lesson does not open it.
    panel.hold("shutter", "the shutter is closed", || lectern.status().shutter.map(|_| ()));
    panel.wait("shutter", "on");
    panel.press("lesson");
    eventually("the lesson has ended", LIMIT, || lectern.status().lesson.is_none().then_some(()));
    assert!(lectern.status().shutter.is_some(), "it stays closed today");
    let manifest = lectern.wait_complete(&lesson.id);
    assert!(manifest.gaps.iter().any(|gap| gap.reason == GapReason::Shutter), "{:?}", manifest.gaps);
    panel.press("shutter");
    panel.wait("shutter", "off");

    panel.press("lesson");
    panel.wait("recording", "on");
    lectern.kill();
    assert!(!panel.is("recording", "off"), "a daemon that was killed puts nothing out");
    // As the unit's ExecStopPost= does, even where the settings have become unreadable.
    let config = lectern.path("lectern.toml");
    let mut text = std::fs::read_to_string(&config).unwrap();
    text.push_str("\n[[archive]\n");
    std::fs::write(&config, text).unwrap();
    let ended = Command::new(built("lecternd")).arg("lights-off").arg("--config").arg(config).status();
    assert!(ended.unwrap().success());
    panel.all_dark();
}

/// Proves that a short press does not end a lesson of the timetable, and says so;
/// that a held one does, once and for all; and that lights go out with the daemon.
#[test]
fn a_lesson_of_the_timetable_is_ended_only_by_who_holds_the_button() {
    let panel = Panel::new();
    let mut lectern = ClassroomBox::prepare(panel.setup(Setup::test_room().timetable()));
    let day = Day::today().lesson("语文", soon(2), 600);
    std::fs::write(lectern.path("timetable.toml"), day.text()).unwrap();
    lectern.launch();
    panel.wait("recording", "on");
    let lesson = lectern.status().lesson.expect("a lesson runs");
    assert_eq!(lesson.trigger, Trigger::Timetable);
    panel.press("lesson");
    eventually("the press is refused", LIMIT, || (panel.times_on() >= 3).then_some(()));
    assert_eq!(lectern.status().lesson.map(|lesson| lesson.id), Some(lesson.id.clone()));

    lectern.terminate();
    panel.all_dark();
    lectern.launch();
    panel.wait("recording", "on");
    panel.hold("lesson", "the lesson has ended", || lectern.status().lesson.is_none().then_some(()));
    panel.wait("recording", "off");
    lectern.wait_complete(&lesson.id);
    assert_eq!(lectern.status().lesson, None, "who has ended it has ended it");
}
