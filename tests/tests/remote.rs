//! What a district asks of a box from afar.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::time::Duration;

use lectern_api::manifest::Trigger;
use lectern_api::mqtt::{Answer, CommandState};
use lectern_api::{Clock as _, SystemClock};
use lectern_tests::broker::Memory;
use lectern_tests::setup::DEVICE;
use lectern_tests::{Broker, ClassroomBox, Ear, Setup, eventually};

/// Each connection waits up to half a minute, so that boxes do not come
/// together.
const LIMIT: Duration = Duration::from_secs(90);

/// Somebody at the district, with a client of their own.
struct District {
    ear: Ear,
}

impl District {
    fn topic(kind: &str, id: &str) -> String {
        format!("te/device/{DEVICE}///cmd/{kind}/{id}")
    }

    fn asks(&self, kind: &str, id: &str, minutes: i64, body: &str) {
        let until = SystemClock::new().utc() + jiff::SignedDuration::from_mins(minutes);
        let payload = format!(r#"{{"status":"init","valid_until":"{until}"{body}}}"#);
        self.ear.say(&Self::topic(kind, id), &payload, true);
    }

    fn answered(&self, kind: &str, id: &str) -> Answer {
        eventually(&format!("an answer to {kind}/{id}"), LIMIT, || {
            let answer: Answer = serde_json::from_value(self.ear.newest(&Self::topic(kind, id))?).ok()?;
            (answer.status >= CommandState::Successful).then_some(answer)
        })
    }

    /// Asks, expects success, gives what came of it.
    fn has_done(&self, kind: &str, id: &str, body: &str) -> Answer {
        self.asks(kind, id, 5, body);
        let answer = self.answered(kind, id);
        assert_eq!(answer.status, CommandState::Successful, "{kind}/{id}: {answer:?}");
        answer
    }

    /// Asks, expects a refusal in both languages, gives its code.
    fn is_refused(&self, kind: &str, id: &str, body: &str) -> String {
        self.asks(kind, id, 5, body);
        self.refused(kind, id)
    }

    fn refused(&self, kind: &str, id: &str) -> String {
        let answer = self.answered(kind, id);
        assert_eq!(answer.status, CommandState::Failed, "{kind}/{id}: {answer:?}");
        assert!(answer.reason.is_some() && answer.reason_zh.is_some(), "{answer:?}");
        answer.code.unwrap_or_default()
    }

    /// The states that a command went through, as everybody saw them.
    fn states(&self, kind: &str, id: &str) -> Vec<String> {
        let topic = Self::topic(kind, id);
        let said = self.ear.said().into_iter().filter(|said| said.topic == topic);
        said.filter_map(|said| said.payload["status"].as_str().map(str::to_owned)).collect()
    }
}

/// Proves that a district sets a key, reads it back, has the log tell more and
/// the daemon begin anew; that it is answered once by each id, also over the
/// restart; and that what is malformed, late, unknown, not allowed or in the
/// middle of a lesson is refused and changes nothing.
#[test]
fn a_district_sets_a_key_and_has_the_box_begin_anew_but_not_in_a_lesson() {
    let server = Broker::start(Memory::Lost);
    let district = District { ear: Ear::at(server.plain_port(), "district") };
    let setup = Setup::test_room().broker(&format!("mqtt://127.0.0.1:{}", server.plain_port())).commands(&[
        "start",
        "stop",
        "config_get",
        "config_set",
        "log_level",
        "restart",
    ]);
    let lectern = ClassroomBox::switch_on(setup);
    let pid = lectern.pid();
    let restarts = || lectern.log().matches("shutting down").count();

    // Nothing of this is done.
    let local = lectern.path("local.toml");
    assert_eq!(district.is_refused("config_set", "1", r#","settings":{"program.fps":"1000"}"#), "invalid");
    assert_eq!(
        district.is_refused("config_set", "2", r#","settings":{"mqtt.url":"\"mqtt://h\""}"#),
        "unknown_key"
    );
    assert_eq!(
        district.is_refused("config_set", "3", r#","settings":{"timetable.before_s":"600"}"#),
        "forbidden"
    );
    assert_eq!(district.is_refused("config_get", "1", r#","keys":["mqtt.url"]"#), "unknown_key");
    assert_eq!(district.is_refused("log_level", "1", r#","level":"loud""#), "malformed");
    assert_eq!(district.is_refused("reboot", "1", ""), "forbidden");
    assert_eq!(district.is_refused("fly", "1", ""), "unknown");
    district.asks("restart", "late", -5, "");
    assert_eq!(district.refused("restart", "late"), "late");
    assert!(!local.exists() && restarts() == 0);

    let place = r#","settings":{"device.place":"\"李村小学 四年级一班\""}"#;
    assert_eq!(district.has_done("config_set", "4", place).result["waits"], "[device]");
    let told = district.has_done("config_get", "2", r#","keys":["device.place","program.fps"]"#).result;
    assert_eq!(
        (told["device.place"].as_str(), told["program.fps"].as_str()),
        ("\"李村小学 四年级一班\"", "25")
    );
    assert_eq!(lectern.status().device.place, "教室 Classroom", "it waits for the restart");
    district.has_done("log_level", "2", r#","level":"trace","minutes":10"#);
    eventually("the log says so", LIMIT, || {
        lectern.log().contains("the log tells more or less for a while").then_some(())
    });

    let lesson = district.has_done("start", "1", "").lesson;
    assert_eq!(
        lectern.status().lesson.map(|now| (Some(now.id), now.trigger)),
        Some((lesson.clone(), Trigger::Remote))
    );
    assert_eq!(district.is_refused("restart", "1", ""), "lesson_running");
    district.has_done("stop", "1", "");
    let manifest = lectern.manifest(&lesson.expect("a lesson was begun"));
    assert_eq!(manifest.lesson.trigger, Trigger::Remote);

    district.has_done("restart", "2", "");
    assert_eq!(lectern.pid(), pid, "nobody had to start it");
    assert_eq!(restarts(), 1);
    assert_eq!(lectern.status().device.place, "李村小学 四年级一班");
    let states = district.states("restart", "2");
    assert_eq!(states.first().map(String::as_str), Some("init"));
    assert!(
        states.contains(&"executing".to_owned()) && states.ends_with(&["successful".to_owned()]),
        "{states:?}"
    );
    // The same id again is the same answer, and no second restart.
    district.asks("restart", "2", 5, "");
    eventually("the same answer", LIMIT, || {
        let states = district.states("restart", "2");
        let last = states.iter().rposition(|state| state == "init")?;
        (states[last + 1..] == ["successful"]).then_some(())
    });
    assert_eq!(restarts(), 1);
    assert_eq!(std::fs::read_to_string(&local).map(|text| text.contains("李村小学")).ok(), Some(true));
}

/// Proves that a reboot is asked of the privileged helper, is refused where there
/// is none, and has succeeded once the box is back.
#[test]
fn a_district_reboots_a_box_that_has_a_helper() {
    let server = Broker::start(Memory::Lost);
    let district = District { ear: Ear::at(server.plain_port(), "district") };
    let setup = Setup::test_room().broker(&format!("mqtt://127.0.0.1:{}", server.plain_port()));
    let mut lectern = ClassroomBox::switch_on(setup.commands(&["reboot"]));
    assert_eq!(district.is_refused("reboot", "1", ""), "no_helper");

    let helper = UnixListener::bind(lectern.path("helper.sock")).expect("a socket beside the box's own");
    let machine = std::thread::spawn(move || {
        let (mut stream, _) = helper.accept().expect("the box asks");
        let mut asked = String::new();
        BufReader::new(&stream).read_line(&mut asked).expect("a line");
        stream.write_all(b"{\"outcome\":\"done\"}\n").expect("it hears the answer");
        asked
    });
    district.asks("reboot", "2", 5, "");
    assert_eq!(machine.join().expect("a helper").trim(), r#"{"verb":"reboot"}"#);
    lectern.kill();
    lectern.launch();
    assert_eq!(district.answered("reboot", "2").status, CommandState::Successful);
}

/// Proves that settings from afar that cannot be used are a fault, which says
/// where they went and ends when there are good ones, or none at a start.
#[test]
fn settings_that_cannot_be_used_are_a_fault_until_there_are_good_ones_or_none() {
    let mut lectern = ClassroomBox::prepare(Setup::test_room());
    let local = lectern.path("local.toml");
    std::fs::write(&local, "[program]\nfps = 'many'\n").expect("the folder is writable");
    lectern.launch();
    let fault = lectern.wait_fault("config.rejected");
    assert_eq!(fault.unit, "local.toml");
    for (text, line) in [(&fault.text.en, "line 2"), (&fault.text.zh, "第 2 行")] {
        assert!(text.contains("local.toml.damaged-1") && text.contains(line), "{text}");
    }
    let is_over = || lectern.status().faults.iter().all(|fault| fault.code != "config.rejected");
    std::fs::write(&local, "[program]\nfps = 20\n").expect("the folder is writable");
    eventually("good settings end it", LIMIT, || is_over().then_some(()));

    std::fs::write(&local, "[[[").expect("the folder is writable");
    lectern.wait_fault("config.rejected");
    lectern.kill();
    std::fs::remove_file(&local).expect("it is there");
    lectern.launch();
    let is_over = || lectern.status().faults.iter().all(|fault| fault.code != "config.rejected");
    eventually("a start without them ends it", LIMIT, || is_over().then_some(()));
}
