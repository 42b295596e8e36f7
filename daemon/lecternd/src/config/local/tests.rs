use lectern_api::Language;

use super::super::setting::SETTINGS;
use super::*;

const BOX: &str = "[device]\nid='LB-1'\nplace='张村小学'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n\
    [[live]]\nname='platform'\nurl='srt://h:1?passphrase=geheim-geheim'\n";

/// A box with both files; the folder, and `lectern.toml`.
fn room(local: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lectern.toml");
    let spool = folder.path().join("spool");
    std::fs::write(&path, format!("{BOX}[spool]\npath={spool:?}\n")).unwrap();
    std::fs::write(folder.path().join("local.toml"), local).unwrap();
    (folder, path)
}

fn report(error: ConfigError) -> String {
    match error {
        ConfigError::Mistaken(mistakes) => mistakes.render(Language::En) + &mistakes.render(Language::ZhCn),
        unreadable => unreadable.to_string(),
    }
}

#[test]
fn each_value_counts_from_the_later_file_and_says_which_that_is() {
    let local = "\u{feff}# by a page\n[device]\nplace = '李村小学'\n[program]\nfps = 20\n";
    let (_folder, path) = room(local.as_bytes());
    let config = Config::load(&path).unwrap();
    assert_eq!((config.device.place.as_str(), config.device.id.as_str()), ("李村小学", "LB-1"));
    assert_eq!((config.program.fps, config.program.width), (20, 1280));
    let origin = |text: &str| {
        let found = config.origins.iter().find(|origin| origin.text.starts_with(text)).unwrap();
        let place = config.files.place(found.at);
        (place.path.file_name().unwrap().to_str().unwrap().to_owned(), place.line)
    };
    assert_eq!(origin("device.place = '李村小学'"), ("local.toml".to_owned(), 3));
    assert_eq!(origin("program.fps = 20"), ("local.toml".to_owned(), 5));
    assert_eq!(origin("device.id = 'LB-1'"), ("lectern.toml".to_owned(), 2));
    let shown = format!("{:?} {:?}", config.origins, config.files);
    assert!(shown.contains("live.platform.url") && !shown.contains("geheim"), "{shown}");
}

#[test]
fn every_mistake_of_the_second_file_has_its_own_line_and_keeps_nobody_from_recording() {
    let local = "[device]\nid = 'LB-2'\nplace = 3\n[[live]]\nname = 'nobody'\nurl = 'srt://h:1'\n[[live]]\n\
                 url = 'x'\n[mqtt]\nurl = 'mqtt://thief'\n[projector]\nx = 1\n[program\nfps = 25\n";
    let (folder, path) = room(local.as_bytes());
    let told = report(Config::load(&path).unwrap_err());
    for line in [2, 3, 4, 7, 10, 12, 13] {
        assert!(told.contains(&format!("local.toml:{line}:")), "no mistake in line {line}\n{told}");
    }
    assert!(!told.contains("lectern.toml:"), "{told}");
    let (config, set_aside) = Config::load_to_run(&path).unwrap();
    assert_eq!((config.device.place.as_str(), config.device.id.as_str()), ("张村小学", "LB-1"));
    assert!(set_aside.unwrap().done.is_ok());
    assert_eq!(std::fs::read_to_string(folder.path().join("local.toml.damaged-1")).unwrap(), local);
    assert!(Config::load_to_run(&path).unwrap().1.is_none(), "the next start has nothing to say");
}

#[test]
fn bytes_of_any_kind_in_the_second_file_keep_nobody_from_recording() {
    for local in [&b"\xff\xfe\x00"[..], b"[[[", b"live = 3\ndevice = []\narchive = [1]\n", &[0; 4096]] {
        let (_folder, path) = room(local);
        assert!(Config::load(&path).is_err(), "{local:?}");
        let (config, set_aside) = Config::load_to_run(&path).unwrap();
        assert!(config.device.place == "张村小学" && set_aside.is_some());
    }
}

#[test]
fn a_default_that_the_table_of_settings_names_is_the_one_that_counts() {
    let whole = format!(
        "{BOX}[[archive]]\nname='a'\nurl='file:///srv'\n[mqtt]\nurl='mqtt://h'\n[timetable]\nurl='https://h/t'\n"
    );
    let before = Config::parse(Path::new("lectern.toml"), &whole).unwrap();
    let mut local = Table::new();
    for row in &SETTINGS {
        if let Some(default) = row.default {
            let name = row.is_of_many().then_some(if row.table == "live" { "platform" } else { "a" });
            change(&mut local, row.table, name, row.key, Some(default.parse().unwrap()));
        }
    }
    let after = before.with_local(Path::new("local.toml"), text(&local).unwrap()).unwrap();
    let told = |config: &Config| {
        let Config { device, program, archives, spool, timetable, mqtt, .. } = config;
        format!("{device:?} {program:?} {archives:?} {spool:?} {timetable:?} {mqtt:?}")
    };
    assert_eq!(told(&before), told(&after));
}
