//! From tables to a [`Config`].

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use lectern_account::Power;
use lectern_api::command::is_title;
use lectern_api::{Bytes, DeviceId, Kbps, Language, Name, messages, status::Role};
use toml::de::{DeTable, DeValue};

use super::files::Place;
use super::reader::{Reader, Wrong, boolean, text, whole, wrong_type};
use super::{
    Archive, Clock, Config, Control, Device, Facts, Files, Keys, Live, LiveUrl, Mistake, Program, Source,
    SourceUri, Spool, Tables,
};
use super::{archive, hardware, mqtt, origin, overlay, panel, robot, timetable, trigger};

/// Tables of the contract that a later version acts on: refusing them would
/// make one configuration for a mixed fleet impossible.
const NOT_YET: [&str; 1] = ["http"];
const TABLES: [&str; 16] = [
    "device",
    "source",
    "program",
    "live",
    "archive",
    "spool",
    "keys",
    "facts",
    "timetable",
    "mqtt",
    "clock",
    "control",
    "trigger",
    "robot",
    "hardware",
    "panel",
];

pub(super) fn decode(files: &Files) -> Result<Config, Vec<Mistake>> {
    let behind = files.local_behind_main();
    let (mut unreadable, mut mistakes) = (Vec::new(), Vec::new());
    let mut root = parse(files.main(), 0, &mut unreadable);
    let over = parse(&behind, files.behind_main(), &mut unreadable);
    overlay::lay(&mut root, over, &mut mistakes);
    let root = &root;
    let mut notices = Vec::new();
    for (key, _) in root {
        let name: &str = key.get_ref();
        if NOT_YET.contains(&name) {
            let cause = messages::config_table_later(name);
            notices.push(Mistake { span: key.span(), cause, remedy: messages::config_table_later_remedy() });
        }
    }
    let mut top = Reader::new("", root, 0..0, &mut mistakes);
    for table in TABLES.iter().chain(&NOT_YET) {
        top.optional(table, |_| Ok(()));
    }
    top.finish();

    let device = device(root, &mut mistakes);
    let sources = list(root, "source", "[[source]]", &mut mistakes, source);
    let program = single(root, "program", "[program]", &mut mistakes, program);
    let live = list(root, "live", "[[live]]", &mut mistakes, live);
    let archives = list(root, "archive", "[[archive]]", &mut mistakes, |table| archive::read(table, name));
    let archives = archives.into_iter().map(|(span, (archive, words))| {
        notices.extend(words);
        (span, archive)
    });
    let archives: Vec<_> = archives.collect();
    let spool = single(root, "spool", "[spool]", &mut mistakes, spool);
    let keys = single(root, "keys", "[keys]", &mut mistakes, keys);
    let facts = single(root, "facts", "[facts]", &mut mistakes, |table| table.optional("path", absolute));
    let clock = single(root, "clock", "[clock]", &mut mistakes, |table| table.optional("rtc", rtc));
    let timetable = single(root, "timetable", "[timetable]", &mut mistakes, timetable::read);
    let timetable = timetable.map(|(timetable, words)| {
        notices.extend(words);
        timetable
    });
    let mqtt = single(root, "mqtt", "[mqtt]", &mut mistakes, mqtt::read).map(|(mqtt, words)| {
        notices.extend(words);
        mqtt
    });
    let robot = single(root, "robot", "[robot]", &mut mistakes, robot::read);
    let hardware = single(root, "hardware", "[hardware]", &mut mistakes, hardware::read);
    let hardware = hardware.map(|(hardware, words)| {
        notices.extend(words);
        hardware
    });
    let hardware = hardware.unwrap_or_default();
    let panel = single(root, "panel", "[panel]", &mut mistakes, |table| Some(panel::read(table)));
    let panel = panel.unwrap_or_default().resolve(&hardware, &mut notices);
    let control = single(root, "control", "[control]", &mut mistakes, control);
    let trigger = single(root, "trigger", "[trigger]", &mut mistakes, |table| Some(trigger::read(table)));
    let written =
        root.get("source").and_then(|value| value.get_ref().as_array()).map_or(0, |array| array.len());
    let is_whole = sources.len() == written;
    let trigger = trigger.unwrap_or_default().resolve(&sources, is_whole, &mut mistakes);
    if !root.contains_key("source") {
        mistakes.push(Mistake {
            span: 0..0,
            cause: messages::config_no_source(),
            remedy: messages::config_no_source_remedy(),
        });
    }
    unique(&sources, &live, &archives, &mut mistakes);
    let mut mistakes = without_consequences(files, unreadable, mistakes);
    mistakes.sort_by_key(|m| m.span.start);
    notices.sort_by_key(|notice| notice.span.start);
    let spool = spool.unwrap_or_else(default_spool);
    match device {
        Some(device) if mistakes.is_empty() => Ok(Config {
            facts: facts.map_or_else(|| beside(&spool), |path| Facts { path }),
            device,
            sources: sources.into_iter().map(|(_, s)| s).collect(),
            program: program.unwrap_or(DEFAULT_PROGRAM),
            live: live.into_iter().map(|(_, l)| l).collect(),
            archives: archives.into_iter().map(|(_, a)| a).collect(),
            spool,
            keys: keys.unwrap_or_else(default_keys),
            clock: Clock { rtc: clock.unwrap_or_else(|| Name::new("rtc0").ok()) },
            timetable: timetable.unwrap_or_default(),
            mqtt,
            control: control.unwrap_or_else(default_control),
            trigger,
            robot,
            hardware,
            panel,
            notices,
            tables: Tables::of(root),
            origins: origin::origins(root, files),
            files: files.clone(),
        }),
        _ => Err(mistakes),
    }
}

/// A text as far as it is TOML, and what is not; `begin` is where it begins.
fn parse<'i>(text: &'i str, begin: usize, unreadable: &mut Vec<(usize, String)>) -> DeTable<'i> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let said = errors.iter().map(|error| {
        let at = error.span().map_or(begin, |span| span.start);
        (at, error.message().to_owned())
    });
    unreadable.extend(said);
    root.into_inner()
}

/// What the parser says of a line that it cannot read, once; what else is wrong
/// with it follows from that.
fn without_consequences(
    files: &Files,
    unreadable: Vec<(usize, String)>,
    mut mistakes: Vec<Mistake>,
) -> Vec<Mistake> {
    let mut lines = HashSet::new();
    let line = |at| {
        let Place { line, is_local, .. } = files.place(at);
        (is_local, line)
    };
    let first: Vec<_> = unreadable.into_iter().filter(|(at, _)| lines.insert(line(*at))).collect();
    mistakes.retain(|mistake| !lines.contains(&line(mistake.span.start)));
    mistakes.extend(first.into_iter().map(|(at, said)| Mistake {
        span: at..at,
        cause: messages::toml::syntax(&said),
        remedy: messages::toml::syntax_remedy(files.place(at).source),
    }));
    mistakes
}

const DEFAULT_PROGRAM: Program = Program {
    width: 1280,
    height: 720,
    fps: 25,
    record_rate: Kbps(2500),
    live_rate: Kbps(1500),
    standby: false,
};

fn default_spool() -> Spool {
    Spool {
        path: PathBuf::from("/var/lib/lectern/spool"),
        quota: Bytes(20 << 30),
        keep_days: None,
        discard_unarchived: false,
    }
}

fn default_keys() -> Keys {
    Keys { path: PathBuf::from("/var/lib/lectern/keys"), recovery: None }
}

/// Where nothing is said: a folder beside the spool's.
fn beside(spool: &Spool) -> Facts {
    Facts { path: spool.path.with_file_name("facts") }
}

/// A clock chip's name; nothing for `none`.
fn rtc(value: &DeValue<'_>) -> Result<Option<Name>, Wrong> {
    let name = text(value)?;
    let wrong = |_| (messages::config_rtc(&name), messages::config_rtc_remedy());
    if name == "none" { Ok(None) } else { Name::new(&name).map(Some).map_err(wrong) }
}

fn default_control() -> Control {
    Control { socket: PathBuf::from("/run/lectern/control.sock") }
}

/// Reads `[name]`, when it is there.
fn single<T>(
    root: &DeTable<'_>,
    name: &str,
    heading: &'static str,
    mistakes: &mut Vec<Mistake>,
    read: impl FnOnce(&mut Reader<'_, '_>) -> Option<T>,
) -> Option<T> {
    let value = root.get(name)?;
    let Some(table) = value.get_ref().as_table() else {
        let (cause, remedy) = wrong_type(value.get_ref(), heading);
        mistakes.push(Mistake { span: value.span(), cause, remedy });
        return None;
    };
    let mut reader = Reader::new(heading, table, value.span(), mistakes);
    let read = read(&mut reader);
    reader.finish();
    read
}

/// Reads every `[[name]]`, each with the place of its name.
fn list<T>(
    root: &DeTable<'_>,
    name: &str,
    heading: &'static str,
    mistakes: &mut Vec<Mistake>,
    read: impl Fn(&mut Reader<'_, '_>) -> Option<(Range<usize>, T)>,
) -> Vec<(Range<usize>, T)> {
    let Some(value) = root.get(name) else { return Vec::new() };
    let Some(array) = value.get_ref().as_array() else {
        let (cause, remedy) = wrong_type(value.get_ref(), heading);
        mistakes.push(Mistake { span: value.span(), cause, remedy });
        return Vec::new();
    };
    let mut out = Vec::new();
    for element in array {
        let Some(table) = element.get_ref().as_table() else {
            let (cause, remedy) = wrong_type(element.get_ref(), heading);
            mistakes.push(Mistake { span: element.span(), cause, remedy });
            continue;
        };
        let mut reader = Reader::new(heading, table, element.span(), mistakes);
        out.extend(read(&mut reader));
        reader.finish();
    }
    out
}

fn device(root: &DeTable<'_>, mistakes: &mut Vec<Mistake>) -> Option<Device> {
    if !root.contains_key("device") {
        mistakes.push(Mistake {
            span: 0..0,
            cause: messages::config_no_device(),
            remedy: messages::config_no_device_remedy(),
        });
    }
    single(root, "device", "[device]", mistakes, |table| {
        let id = table.required("id", |v| {
            let id = text(v)?;
            DeviceId::new(&id).map_err(|_| (messages::config_id(&id), messages::config_id_remedy()))
        });
        let place = table.optional("place", |v| {
            let wrong = || (messages::config_place(), messages::config_place_remedy());
            // It stands in each registration, and on every screen of the district.
            text(v).and_then(|place| if is_title(&place) { Ok(place) } else { Err(wrong()) })
        });
        let place = place.unwrap_or_default();
        let time_zone = table.optional("time_zone", time_zone);
        let language = table.optional("language", |v| {
            let tag = text(v)?;
            let unknown = || (messages::config_language(&tag), messages::config_language_remedy());
            Language::from_tag(&tag).ok_or_else(unknown)
        });
        let power = table.optional("power", |v| {
            let word = text(v)?;
            let unknown =
                || (messages::account::config_power(&word), messages::account::config_power_remedy());
            Power::from_word(&word).ok_or_else(unknown)
        });
        let time_zone = time_zone.or_else(|| jiff::tz::TimeZone::get("Asia/Shanghai").ok());
        Some(Device {
            id: id?.into_inner(),
            place,
            time_zone: time_zone.unwrap_or(jiff::tz::TimeZone::UTC),
            language: language.unwrap_or_default(),
            power: power.unwrap_or_default(),
        })
    })
}

fn time_zone(value: &DeValue<'_>) -> Result<jiff::tz::TimeZone, Wrong> {
    let name = text(value)?;
    jiff::tz::TimeZone::get(&name)
        .map_err(|_| (messages::config_time_zone(&name), messages::config_time_zone_remedy()))
}

fn name(value: &DeValue<'_>) -> Result<Name, Wrong> {
    let name = text(value)?;
    Name::new(&name).map_err(|_| (messages::config_id(&name), messages::config_id_remedy()))
}

fn source(table: &mut Reader<'_, '_>) -> Option<(Range<usize>, Source)> {
    let name = table.required("name", name);
    let role = table.required("role", |v| {
        let role = text(v)?;
        match role.as_str() {
            "board" => Ok(Role::Board),
            "camera" => Ok(Role::Camera),
            "mic" => Ok(Role::Mic),
            "line" => Ok(Role::Line),
            _ => Err((messages::config_role(&role), messages::config_role_remedy())),
        }
    });
    let uri = table.required("uri", |v| SourceUri::parse(&text(v)?));
    let (name, role, uri) = (name?, role?, uri?);
    if !uri.get_ref().serves(*role.get_ref()) {
        let cause = if role.get_ref().is_video() {
            messages::config_role_no_picture()
        } else {
            messages::config_role_no_sound()
        };
        table.mistake(uri.span(), (cause, messages::config_role_mismatch_remedy()));
    }
    let span = name.span();
    Some((span, Source { name: name.into_inner(), role: role.into_inner(), uri: uri.into_inner() }))
}

fn program(table: &mut Reader<'_, '_>) -> Option<Program> {
    let even = |low, high| {
        move |value: &DeValue<'_>| {
            let number = whole(low, high)(value)?;
            let odd = || (messages::config_odd(number), messages::config_odd_remedy(number + 1));
            if number % 2 == 0 { Ok(number) } else { Err(odd()) }
        }
    };
    let d = DEFAULT_PROGRAM;
    let record_rate = table.optional("bitrate_kbps", whole(200, 20_000)).map_or(d.record_rate, Kbps);
    let live_rate = table.optional("live_bitrate_kbps", whole(200, 20_000)).map(Kbps);
    Some(Program {
        width: table.optional("width", even(320, 3840)).unwrap_or(d.width),
        height: table.optional("height", even(180, 2160)).unwrap_or(d.height),
        fps: table.optional("fps", whole(5, 60)).unwrap_or(d.fps),
        record_rate,
        live_rate: live_rate.unwrap_or_else(|| record_rate.min(d.live_rate)),
        standby: table.optional("standby", boolean).unwrap_or(d.standby),
    })
}

fn live(table: &mut Reader<'_, '_>) -> Option<(Range<usize>, Live)> {
    let name = table.required("name", name);
    let url = table.required("url", |v| LiveUrl::parse(&text(v)?));
    let (name, url) = (name?, url?);
    Some((name.span(), Live { name: name.into_inner(), url: url.into_inner() }))
}

fn spool(table: &mut Reader<'_, '_>) -> Option<Spool> {
    let d = default_spool();
    Some(Spool {
        path: table.optional("path", absolute).unwrap_or(d.path),
        quota: table.optional("quota", size).unwrap_or(d.quota),
        keep_days: table.optional("keep_days", whole(1, 36_500)),
        discard_unarchived: table.optional("discard_unarchived", boolean).unwrap_or(d.discard_unarchived),
    })
}

fn keys(table: &mut Reader<'_, '_>) -> Option<Keys> {
    let recovery = table.optional("recovery", |v| {
        let written = text(v)?;
        written.parse().map_err(|_| (messages::config_recovery(), messages::config_recovery_remedy()))
    });
    let path = table.optional("path", absolute);
    Some(Keys { path: path.unwrap_or_else(|| default_keys().path), recovery })
}

fn control(table: &mut Reader<'_, '_>) -> Option<Control> {
    let d = default_control();
    Some(Control { socket: table.optional("socket", absolute).unwrap_or(d.socket) })
}

pub(super) fn absolute(value: &DeValue<'_>) -> Result<PathBuf, Wrong> {
    let path = PathBuf::from(text(value)?);
    let relative = || (messages::config_relative(path.display()), messages::config_relative_remedy());
    if path.is_absolute() { Ok(path) } else { Err(relative()) }
}

/// `20GiB`, `500 MiB`, `64MB`: at least 256 MiB, or a lesson does not fit.
fn size(value: &DeValue<'_>) -> Result<Bytes, Wrong> {
    let written = text(value)?;
    let wrong = || (messages::config_size(&written), messages::config_size_remedy());
    let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = match written[digits.len()..].trim() {
        "MB" => 1_000_000_u64,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return Err(wrong()),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(wrong)?;
    if bytes < 256 << 20 {
        return Err((messages::config_size_small(&written), messages::config_size_remedy()));
    }
    Ok(Bytes(bytes))
}

/// Names are unique within their kind: they are topics and folders.
fn unique(
    sources: &[(Range<usize>, Source)],
    live: &[(Range<usize>, Live)],
    archives: &[(Range<usize>, Archive)],
    mistakes: &mut Vec<Mistake>,
) {
    let kinds: [Vec<(&Range<usize>, &Name)>; 3] = [
        sources.iter().map(|(span, s)| (span, &s.name)).collect(),
        live.iter().map(|(span, l)| (span, &l.name)).collect(),
        archives.iter().map(|(span, a)| (span, &a.name)).collect(),
    ];
    for names in kinds {
        for (i, (span, name)) in names.iter().enumerate() {
            if names[..i].iter().any(|(_, earlier)| earlier == name) {
                mistakes.push(Mistake {
                    span: (*span).clone(),
                    cause: messages::config_name_twice(name),
                    remedy: messages::config_name_twice_remedy(),
                });
            }
        }
    }
}
