use super::*;
use lectern_api::Language;

const BOX: &str = "[device]\nid='LB-1'\nplace='张村小学'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n\
    [[live]]\nname='platform'\nurl='srt://h:1?passphrase=geheim-geheim'\n\
    [[archive]]\nname='district.1'\nurl='file:///srv'\npace_kbps=900\n\
    [mqtt]\nurl='mqtt://h'\ncredentials='file:/k'\n";

struct Room {
    folder: tempfile::TempDir,
    settings: Settings,
}

fn room(more: &str) -> Room {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("state/spool");
    let file = folder.path().join("lectern.toml");
    std::fs::write(&file, format!("{BOX}{more}\n[spool]\npath={spool:?}\n")).unwrap();
    let config = Config::load(&file).unwrap();
    let allowed = config.mqtt.as_ref().unwrap().settings.clone();
    Room { settings: Settings::new(&config, allowed), folder }
}

impl Room {
    fn local(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("state/local.toml")).ok()
    }

    fn get(&self, key: &str) -> Result<String, String> {
        let told = self.settings.get(&[key.to_owned()]);
        told.map(|mut told| told.remove(key).unwrap()).map_err(|refusal| refusal.code)
    }

    fn set(&self, settings: &[(&str, &str)]) -> Result<String, Refusal> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        self.settings.set(&settings.collect()).map(|mut told| told.remove("waits").unwrap())
    }
}

#[test]
fn what_is_changed_counts_over_the_file_until_it_is_taken_back() {
    let room = room("");
    let get = |key| room.get(key).unwrap();
    assert_eq!((get("device.place"), get("program.fps")), ("\"张村小学\"".into(), "25".into()));
    assert_eq!((get("archive.district.1.pace_kbps"), get("timetable.room")), ("900".into(), String::new()));
    let waits = room.set(&[
        ("device.place", "\"李村小学\""),
        ("program.fps", "20"),
        ("archive.district.1.hours", "[\"18:00-06:00\"]"),
    ]);
    assert_eq!(waits.unwrap(), "[[archive]], [device], [program]");
    assert_eq!((get("device.place"), get("program.fps")), ("\"李村小学\"".into(), "20".into()));
    assert_eq!(get("archive.district.1.hours"), "[\"18:00-06:00\"]");
    assert_eq!(get("archive.district.1.pace_kbps"), "900", "the rest of the store is as it was");
    assert_eq!(room.set(&[("device.place", ""), ("archive.district.1.hours", "")]).unwrap(), "[program]");
    assert_eq!(get("device.place"), "\"张村小学\"");
    assert_eq!(room.set(&[("program.fps", "")]).unwrap(), "");
    assert!(!room.local().unwrap().contains('['), "nothing is left: {:?}", room.local());
}

#[test]
fn whatever_is_wrong_nothing_is_written_and_every_mistake_is_told() {
    let room = room("");
    for (key, value, code) in [
        ("program.bitrate_kbps", "fast", "malformed"),
        ("program.bitrate_kbps", "2", "invalid"),
        ("mqtt.url", "\"mqtt://thief\"", "unknown_key"),
        ("mqtt.credentials", "\"file:/k\"", "unknown_key"),
        ("archive.nobody.pace_kbps", "900", "unknown_key"),
        ("device.place.now", "1", "unknown_key"),
        ("live.url", "\"srt://thief:1\"", "unknown_key"),
        ("live.platform.url", "\"srt://thief:1\"", "forbidden"),
        ("timetable.before_s", "600", "forbidden"),
    ] {
        let refusal = room.set(&[("program.fps", "20"), (key, value)]).unwrap_err();
        assert_eq!(refusal.code, code, "{key}: {}", refusal.text.en);
        assert!(refusal.text.zh.contains(key) || code == "invalid", "{key}: {}", refusal.text.zh);
    }
    let both = room.set(&[("program.fps", "1000"), ("device.language", "\"xx\"")]).unwrap_err();
    let text = both.text.in_language(Language::En);
    assert!(text.contains("`fps`") && text.contains("`language`"), "{text}");
    assert_eq!(room.local(), None);
    let meant = room.set(&[("device.plac", "\"x\"")]).unwrap_err();
    assert!(meant.text.en.contains("did you mean `device.place`?"), "{}", meant.text.en);
}

#[test]
fn a_secret_is_never_told_and_set_only_where_the_file_allows_that_key() {
    let closed = room("");
    for key in ["live.platform.url", "mqtt.url", "mqtt.credentials", "source.b.uri", "archive.district.1.url"]
    {
        let code = closed.get(key).unwrap_err();
        assert!(["secret", "unknown_key"].contains(&code.as_str()), "{key}: {code}");
    }
    let open = room("settings=['live.url']\n");
    let new = "\"srt://new:1?passphrase=geheim-geheim\"";
    assert_eq!(open.set(&[("live.platform.url", new)]).unwrap(), "[[live]]");
    assert_eq!(open.get("live.platform.url").unwrap_err(), "secret");
    assert_eq!(open.set(&[("device.place", "\"x\"")]).unwrap_err().code, "forbidden");
    let bad = open.set(&[("live.platform.url", "\"ftp://geheim:geheim@h\"")]).unwrap_err();
    assert_eq!(bad.code, "invalid");
    assert!(!bad.text.en.contains("geheim") && !bad.text.zh.contains("geheim"), "{}", bad.text.en);
}
