//! Configurations with mistakes of every kind, as people make them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lectern_tests::classroom_box::built;
use lectern_tests::folder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A configuration that is fine, with one of everything.
const GOOD: &str = r#"[device]
id = "LB-2026-000317"
place = "张村小学 三年级二班"
time_zone = "Asia/Shanghai"
language = "zh-CN"

[[source]]
name = "board"
role = "board"
uri = "test:board"

[[source]]
name = "mic"
role = "mic"
uri = "test:mic"

[program]
width = 640
height = 360
fps = 25
bitrate_kbps = 1000
standby = false

[[live]]
name = "platform"
url = "srt://127.0.0.1:7001"

[[archive]]
name = "folder"
url = "file:///srv/lessons"

[spool]
path = "/var/lib/lectern/spool"
quota = "20GiB"

[control]
socket = "/run/lectern/control.sock"

[trigger]
signal = "board"
"#;

/// What somebody wrote in place of what: one line each, so that the mistake's
/// line is known.
const MISTAKES: [(&str, &str); 62] = [
    (r#"signal = "board""#, r#"signal = "projector""#),
    (r#"signal = "board""#, r#"signal = "mic""#),
    (r#"id = "LB-2026-000317""#, r#"id = """#),
    (r#"id = "LB-2026-000317""#, r#"id = "教室一""#),
    (r#"id = "LB-2026-000317""#, r#"id = "../../etc""#),
    (r#"id = "LB-2026-000317""#, "id = 317"),
    (r#"id = "LB-2026-000317""#, r#"id = "LB-2026-000317"#),
    (r#"id = "LB-2026-000317""#, "id = LB-2026-000317"),
    (r#"id = "LB-2026-000317""#, "id ="),
    (r#"id = "LB-2026-000317""#, r#"id : "LB-2026-000317""#),
    (r#"id = "LB-2026-000317""#, r#"identity = "LB-2026-000317""#),
    (r#"id = "LB-2026-000317""#, "id = “LB-2026-000317”"),
    (r#"place = "张村小学 三年级二班""#, "place = 3"),
    (r#"place = "张村小学 三年级二班""#, "place = [\"a\", \"b\"]"),
    (r#"place = "张村小学 三年级二班""#, r#"id = "twice""#),
    (r#"time_zone = "Asia/Shanghai""#, r#"time_zone = "Asia/Peking""#),
    (r#"time_zone = "Asia/Shanghai""#, r#"time_zone = "+8""#),
    (r#"time_zone = "Asia/Shanghai""#, "time_zone = 8"),
    (r#"language = "zh-CN""#, r#"language = "tlh""#),
    (r#"language = "zh-CN""#, "language = true"),
    (r#"language = "zh-CN""#, r#"langauge = "zh-CN""#),
    (r#"role = "board""#, r#"role = "blackboard""#),
    (r#"role = "board""#, r#"role = "Board ""#),
    (r#"role = "board""#, "role = 1"),
    (r#"name = "board""#, r#"name = """#),
    (r#"name = "board""#, r#"name = "黑板""#),
    (r#"name = "board""#, r#"name = "a/b""#),
    (r#"name = "mic""#, r#"name = "board""#),
    (r#"uri = "test:board""#, r#"uri = "test:blackboard""#),
    (r#"uri = "test:board""#, r#"uri = "test:mic""#),
    (r#"uri = "test:board""#, r#"uri = "/dev/video0""#),
    (r#"uri = "test:board""#, r#"uri = "v4l2:video0""#),
    (r#"uri = "test:board""#, r#"uri = "rtsp://""#),
    (r#"uri = "test:board""#, r#"uri = "rtsp://[::1""#),
    (r#"uri = "test:board""#, r#"uri = "ftp://camera/stream""#),
    (r#"uri = "test:board""#, r#"uri = "x11:0""#),
    (r#"uri = "test:board""#, r#"uri = """#),
    (r#"uri = "test:mic""#, r#"uri = "alsa:""#),
    ("width = 640", "width = 641"),
    ("width = 640", "width = 0"),
    ("width = 640", "width = -640"),
    ("width = 640", "width = 99999999999999999999"),
    ("width = 640", r#"width = "640""#),
    ("width = 640", "widht = 640"),
    ("height = 360", "height = 100000"),
    ("fps = 25", "fps = 0"),
    ("fps = 25", "fps = 25.0"),
    ("fps = 25", "fps = 1e9"),
    ("bitrate_kbps = 1000", "bitrate_kbps = 1"),
    ("bitrate_kbps = 1000", "bitrate_kpbs = 1000"),
    ("standby = false", "standby = no"),
    (r#"url = "srt://127.0.0.1:7001""#, r#"url = "srt://127.0.0.1""#),
    (r#"url = "srt://127.0.0.1:7001""#, r#"url = "srt://127.0.0.1:70001""#),
    (r#"url = "srt://127.0.0.1:7001""#, r#"url = "http://127.0.0.1:7001""#),
    (r#"url = "srt://127.0.0.1:7001""#, r#"url = "rtmp://""#),
    (r#"url = "file:///srv/lessons""#, r#"url = "file://srv/lessons""#),
    (r#"url = "file:///srv/lessons""#, r#"url = "/srv/lessons""#),
    (r#"path = "/var/lib/lectern/spool""#, r#"path = "spool""#),
    (r#"quota = "20GiB""#, "quota = 20"),
    (r#"quota = "20GiB""#, r#"quota = "1KiB""#),
    (r#"quota = "20GiB""#, r#"quota = "99999999999TiB""#),
    (r#"socket = "/run/lectern/control.sock""#, r#"socket = "control.sock""#),
];

fn lecternd(arguments: &[&str], config: &Path, language: &str) -> Output {
    let mut command = Command::new(built("lecternd"));
    command.args(arguments).arg("--config").arg(config);
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", language);
    command.output().expect("lecternd can be run")
}

/// Everything that was said, and that it was no panic.
#[track_caller]
fn said(output: &Output, about: &str) -> String {
    let text =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    assert!(!text.contains("panicked"), "{about}\n{text}");
    text
}

fn written(folder: &tempfile::TempDir, text: &[u8]) -> PathBuf {
    let path = folder.path().join("lectern.toml");
    std::fs::write(&path, text).expect("the configuration can be written");
    path
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Proves that the configuration which the others spoil is a good one.
#[test]
fn the_configuration_that_is_spoilt_here_is_fine_itself() {
    let folder = folder::temporary("config");
    let config = written(&folder, GOOD.as_bytes());
    let output = lecternd(&["check"], &config, "en_US.UTF-8");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output, "good"));
}

/// Proves that no mistake gets past the check, that the daemon refuses to run
/// with it, and that the person is told the line, in the language that the
/// machine is set to, instead of a panic.
#[test]
fn every_mistake_is_refused_with_its_line_in_the_readers_language() {
    let folder = folder::temporary("config");
    let mut failures = Vec::new();
    for (right, wrong) in MISTAKES {
        let line = 1 + GOOD.lines().position(|line| line == right).expect(right);
        let config = written(&folder, GOOD.replacen(right, wrong, 1).as_bytes());
        for (arguments, language) in [(["check"], "zh_CN.UTF-8"), (["check"], "C"), (["run"], "en_US.UTF-8")]
        {
            let about = format!("{arguments:?} in {language}: {wrong}");
            let output = lecternd(&arguments, &config, language);
            let text = said(&output, &about);
            let own_words: String = text.lines().filter(|line| !line.contains(" | ")).collect();
            let quotes_chinese = is_chinese(wrong);
            let right_language = is_chinese(&own_words) == (language == "zh_CN.UTF-8");
            let fine = output.status.code() == Some(2)
                && text.contains(&format!("lectern.toml:{line}:"))
                && (quotes_chinese || right_language);
            if !fine {
                failures.push(format!("{about}: {:?}, expected line {line}\n{text}", output.status.code()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Proves that the check shows what was changed from afar merged with the file,
/// each value with its file and line, without secrets, and a mistake there as
/// any other.
#[test]
fn the_check_shows_both_files_merged_and_where_each_value_came_from() {
    let folder = folder::temporary("config");
    let here = folder.path().join("spool").display().to_string();
    let good =
        GOOD.replace("/var/lib/lectern/spool", &here).replace(":7001", ":7001?passphrase=geheim-geheim");
    let config = written(&folder, good.as_bytes());
    let local = folder.path().join("local.toml");
    std::fs::write(&local, "[program]\nfps = 20\n").expect("local.toml can be written");
    let output = lecternd(&["check"], &config, "en_US.UTF-8");
    let text = said(&output, "both");
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains(&format!("program.fps = 20  # {}:2", local.display())), "{text}");
    assert!(text.contains(&format!("program.width = 640  # {}:18", config.display())), "{text}");
    assert!(text.contains("live.platform.url") && !text.contains("geheim"), "{text}");
    std::fs::write(&local, "[program]\nfps = 1\n").expect("local.toml can be written");
    let output = lecternd(&["check"], &config, "zh_CN.UTF-8");
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output, "wrong").contains(&format!("{}:2:", local.display())));
}

/// Proves that what is no configuration at all is refused like one with a
/// mistake.
#[test]
fn what_is_no_configuration_is_refused_without_a_panic() {
    let folder = folder::temporary("config");
    let long = "x".repeat(1 << 20);
    let deep = format!("a = {}", "[".repeat(20_000));
    let texts: [&[u8]; 12] = [
        b"",
        b"\n\n\n",
        b"\xff\xfe\x00\x01",
        b"[device]\nid = \"\xc3\x28\"\n",
        b"{\"device\": {\"id\": \"a\"}}",
        b"device:\n  id: a\n",
        b"<device id='a'/>",
        b"[device\n",
        b"device = []\nsource = 3\nlive = [1, {}]\n",
        b"\x00\x00\x00\x00",
        long.as_bytes(),
        deep.as_bytes(),
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let config = written(&folder, text);
        for arguments in [["check"], ["run"]] {
            let about = format!("text {number}");
            let output = lecternd(&arguments, &config, "C");
            let text = said(&output, &about);
            assert_eq!(output.status.code(), Some(2), "{about}\n{text:.400}");
            assert!(text.contains("lectern.toml:"), "{about}\n{text:.400}");
        }
    }
    for path in [folder.path().join("nowhere.toml"), folder.path().to_owned()] {
        for arguments in [["check"], ["run"]] {
            let output = lecternd(&arguments, &path, "C");
            let text = said(&output, "not a file");
            assert_eq!(output.status.code(), Some(2), "{}\n{text}", path.display());
            assert!(text.contains(&path.display().to_string()), "{text}");
        }
    }
}

/// One thing that fingers and editors do to a text.
#[derive(Debug, Clone)]
enum Slip {
    Delete(prop::sample::Index, usize),
    Insert(prop::sample::Index, String),
    Overwrite(prop::sample::Index, u8),
    DoubleLine(prop::sample::Index),
    SwapLines(prop::sample::Index, prop::sample::Index),
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), 1..20_usize).prop_map(|(at, count)| Slip::Delete(at, count)),
        (at(), "[\\[\\]\"'={},.#\n张0-9a-z:/-]{1,6}").prop_map(|(at, text)| Slip::Insert(at, text)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Slip::Overwrite(at, byte)),
        at().prop_map(Slip::DoubleLine),
        (at(), at()).prop_map(|(a, b)| Slip::SwapLines(a, b)),
    ]
}

fn slipped(mut text: Vec<u8>, slip: &Slip) -> Vec<u8> {
    if text.is_empty() {
        return text;
    }
    let lines = |text: &[u8]| text.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    match slip {
        Slip::Delete(at, count) => {
            let at = at.index(text.len());
            text.drain(at..(at + count).min(text.len()));
        }
        Slip::Insert(at, what) => {
            let at = at.index(text.len());
            text.splice(at..at, what.bytes());
        }
        Slip::Overwrite(at, byte) => {
            let at = at.index(text.len());
            text[at] = *byte;
        }
        Slip::DoubleLine(at) => {
            let mut lines = lines(&text);
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
            text = lines.join(&b'\n');
        }
        Slip::SwapLines(a, b) => {
            let mut lines = lines(&text);
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            text = lines.join(&b'\n');
        }
    }
    text
}

/// Proves that no slip of the finger ends in anything but a report: the answer
/// is "fine" or "mistakes", never a panic, in bounded time.
#[test]
fn random_slips_in_a_good_configuration_never_end_in_a_panic() {
    let folder = folder::temporary("config");
    let config = Config { cases: 192, failure_persistence: None, ..Config::default() };
    let slips = prop::collection::vec(slip(), 1..5);
    TestRunner::new(config)
        .run(&slips, |slips| {
            let text = slips.iter().fold(GOOD.as_bytes().to_vec(), slipped);
            let config = written(&folder, &text);
            let output = lecternd(&["check"], &config, "C");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            prop_assert!(!said.contains("panicked"), "{said}");
            let code = output.status.code();
            prop_assert!(matches!(code, Some(0 | 2)), "{code:?}: {said}");
            prop_assert!(code == Some(0) || said.contains("lectern.toml:"), "no line: {said}");
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
