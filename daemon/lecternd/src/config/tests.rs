use super::*;

const WHOLE: &str = r#"
[device]
id = "LB-2026-000317"
place = "张村小学 三年级二班"
[[source]]
name = "board"
role = "board"
uri = "test:board"
[[live]]
name = "platform"
url = "srt://[::1]:7001?latency=50"
[[archive]]
name = "district"
url = "file:///srv/lessons"
[spool]
path = "/var/lib/lectern/spool"
quota = "20GiB"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("lectern.toml"), text)
}

fn mistakes(text: &str) -> String {
    match parse(text) {
        Err(ConfigError::Mistaken(mistakes)) => mistakes.render(Language::En),
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_contracts_example_is_accepted() {
    let config = parse(WHOLE).unwrap();
    assert_eq!(config.device.place, "张村小学 三年级二班");
    assert_eq!(config.program.fps, 25);
    assert_eq!(config.spool.quota, Bytes(20 << 30));
}

#[test]
fn device_and_one_source_are_enough() {
    let minimal = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n";
    assert!(parse(minimal).is_ok());
    assert!(parse(&format!("\u{feff}{minimal}")).is_ok(), "a byte order mark is no mistake");
}

#[test]
fn a_place_is_what_a_screen_can_show() {
    for place in ["课".repeat(121), "三年级\u{202e}二班".to_owned()] {
        let report = mistakes(&WHOLE.replace("张村小学 三年级二班", &place));
        assert!(report.contains("lectern.toml:4") && report.contains("120 characters"), "{report}");
    }
}

#[test]
fn every_mistake_is_reported_at_once_with_its_line() {
    let text = "[device]\nplace = 3\n[[source]]\nname = \"张\"\nrole = \"cam\"\nuri = \"ftp://x\"\n\
                [program]\nwidth = 641\nbitrate_kpbs = 1\n[[live]]\nname='a'\nurl='srt://host'\n[tracing]\n";
    let report = mistakes(text);
    for line in ["1:", "2:", "4:", "5:", "6:", "8:", "9:", "12:", "13:"] {
        assert!(report.contains(&format!("lectern.toml:{line}")), "no mistake in line {line}\n{report}");
    }
    assert!(report.contains("did you mean `bitrate_kbps`?"), "{report}");
}

#[test]
fn several_syntax_errors_do_not_hide_each_other() {
    let report = mistakes("[device]\nid = \nplace = = 3\n[[source]\n");
    for line in ["2:", "3:", "4:"] {
        assert!(report.contains(&format!("lectern.toml:{line}")), "{line}\n{report}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_one_mistake_with_its_remedy() {
    let report = mistakes(&format!("{WHOLE}[program]\nwidth = 08\nstandby = “true”\nfps：25\n"));
    for (mark, ascii) in [('：', '='), ('“', '"')] {
        assert!(report.contains(&format!("`{mark}` is Chinese punctuation; write `{ascii}`")), "{report}");
    }
    assert!(report.contains("unexpected leading zero") && !report.contains("is out of range"), "{report}");
    assert_eq!(report.matches("lectern.toml:").count(), 3, "{report}");
}

#[test]
fn a_name_may_stand_once_in_each_kind() {
    let twice = format!("{WHOLE}[[source]]\nname='board'\nrole='mic'\nuri='test:mic'\n");
    assert!(mistakes(&twice).contains("used twice"));
    let other_kind = format!("{WHOLE}[[source]]\nname='platform'\nrole='mic'\nuri='test:mic'\n");
    assert!(parse(&other_kind).is_ok());
}

#[test]
fn a_microphone_is_no_camera() {
    let text = "[device]\nid='a'\n[[source]]\nname='b'\nrole='camera'\nuri='pulse:'\n";
    assert!(mistakes(text).contains("has no picture"));
}

#[test]
fn tables_of_a_later_version_are_accepted_with_a_word() {
    let config = parse(&format!("{WHOLE}[http]\nlisten='[::]:8443'\n")).unwrap();
    assert_eq!(config.notices.len(), 1);
}

#[test]
fn the_keys_in_a_live_url_are_never_shown() {
    let config =
        parse(&WHOLE.replace("srt://[::1]:7001?latency=50", "rtmp://u:p@h/app/s?txSecret=abc")).unwrap();
    let shown = format!("{:?}", config.live);
    assert!(!shown.contains("abc") && !shown.contains("app/s") && shown.contains('h'), "{shown}");
}

#[test]
fn nonsense_of_every_kind_is_a_report_and_never_a_panic() {
    let pieces = [
        "[device]",
        "id = 'x'",
        "[[source]]",
        "uri = 'x11:'",
        "= = =",
        "\"",
        "[",
        "张",
        "\u{0}",
        "[a.b]",
        "source = 3",
        "device = []",
        "live = [1, {}]",
        "[spool]\nquota = '99999999999TiB'",
        "fps = 1e9",
        "uri = 'rtsp://['",
    ];
    // Every ordered pair and triple of pieces.
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let _ = parse(&[a, b, c].join("\n"));
            }
        }
    }
}

#[test]
fn a_mistake_in_a_url_does_not_show_its_key() {
    let report = mistakes(&WHOLE.replace(
        "srt://[::1]:7001?latency=50",
        "rtpm://publisher:hunter2@live.example.cn/app/room?txSecret=abcdef",
    ));
    for secret in ["hunter2", "publisher", "abcdef", "room?"] {
        assert!(!report.contains(secret), "{secret} in {report}");
    }
    assert!(report.contains("rtpm://live.example.cn/…"), "{report}");
}

#[test]
fn a_refusal_that_repeats_the_stream_key_is_shown_without_it() {
    let url = LiveUrl::parse("rtmp://live.example.cn/app/room317?txSecret=abcdef").unwrap();
    let said =
        "publish denied: room317?txSecret=abcdef at rtmp://live.example.cn/app/room317?txSecret=abcdef";
    let shown = url.hidden_in(said);
    assert!(!shown.contains("abcdef") && !shown.contains("room317"), "{shown}");
}

#[test]
fn a_display_is_found_in_both_ways_to_write_it() {
    for (text, display) in [("x11:::0", ":0"), ("x11::0", ":0"), ("x11:host:1.0", "host:1.0")] {
        assert_eq!(SourceUri::parse(text).ok(), Some(SourceUri::X11(display.to_owned())), "{text}");
    }
}

#[test]
fn a_recovery_key_is_64_hex_digits() {
    let minimal = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n";
    let keys =
        parse(&format!("{minimal}[keys]\nrecovery = '{}'\npath = '/k'\n", "0A".repeat(32))).unwrap().keys;
    assert_eq!((keys.recovery, keys.path), ("0a".repeat(32).parse().ok(), PathBuf::from("/k")));
    for bad in ["", "12", &"g".repeat(64)] {
        let report = mistakes(&format!("{minimal}[keys]\nrecovery = '{bad}'\n"));
        assert!(report.contains("lectern.toml:8:"), "{report}");
    }
}

#[test]
fn the_hours_of_an_archive_are_checked_one_by_one() {
    let archive = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n\
                   [[archive]]\nname='c'\nurl='file:///c'\n";
    let good =
        parse(&format!("{archive}hours = ['12:00-13:30', '18:00-06:00']\npace_kbps = 2000\n")).unwrap();
    assert_eq!((good.archives[0].hours.stretches.len(), good.archives[0].pace), (2, Some(Kbps(2_000))));
    assert!(good.archives[0].hours.fresh_outside);
    for bad in ["'18:00'", "['18:00-18:00']", "['18:00-06:00', '25:00-26:00']", "[18]"] {
        let report = mistakes(&format!("{archive}hours = {bad}\n"));
        assert!(report.contains("lectern.toml:10:"), "{report}");
    }
}

#[test]
fn a_trigger_names_a_source_of_its_kind() {
    let room = "[device]\nid='a'\n[[source]]\nname='hdmi'\nrole='board'\nuri='auto'\n\
                [[source]]\nname='desk'\nrole='mic'\nuri='auto'\n[trigger]\n";
    assert_eq!(parse(room).unwrap().trigger, Trigger::default(), "off unless somebody wants it");
    let trigger = parse(&format!("{room}signal = 'hdmi'\nsound = 'desk'\n")).unwrap().trigger;
    assert_eq!(trigger.signal.unwrap().as_str(), "hdmi");
    assert_eq!(trigger.sound.unwrap().as_str(), "desk");
    for (line, cause, remedy) in [
        ("signal = 'board'", "there is no source `board`", "hdmi"),
        ("sound = 'mic'", "there is no source `mic`", "desk"),
        ("signal = 'desk'", "has no picture", "role board or camera"),
        ("sound = 'hdmi'", "has no sound", "role mic or line"),
        ("singal = 'hdmi'", "no key `singal`", "did you mean `signal`?"),
        ("sound = true", "true or false cannot stand here", ""),
    ] {
        let report = mistakes(&format!("{room}{line}\n"));
        assert!(report.contains("lectern.toml:12:"), "{report}");
        assert!(report.contains(cause) && report.contains(remedy), "{report}");
    }
    let mistaken = room.replace("'board'", "'bord'") + "signal = 'hdmi'\n";
    let report = mistakes(&mistaken);
    assert!(report.contains("no role `bord`") && !report.contains("no source"), "{report}");
}

#[test]
fn what_may_leave_the_box_is_nothing_by_default_and_is_checked() {
    let with = |keys: &str| format!("{WHOLE}{keys}\n");
    let by_default = parse(WHOLE).unwrap().spool;
    assert_eq!((by_default.keep_days, by_default.discard_unarchived), (None, false));
    for days in [1, 36_500] {
        let spool = parse(&with(&format!("keep_days = {days}\ndiscard_unarchived = true"))).unwrap().spool;
        assert_eq!((spool.keep_days, spool.discard_unarchived), (Some(days), true));
    }
    for wrong in [
        "keep_days = 0",
        "keep_days = 36501",
        "keep_days = -1",
        "keep_days = \"30\"",
        "discard_unarchived = 1",
    ] {
        let report = mistakes(&with(wrong));
        assert!(report.contains("lectern.toml:18:"), "{wrong}\n{report}");
    }
    let report = mistakes(&with("keep_day = 30"));
    assert!(report.contains("did you mean `keep_days`?"), "{report}");
}
