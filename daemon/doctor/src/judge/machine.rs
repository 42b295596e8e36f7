//! Disks, keys, devices, clock, power and heat.

use jiff::Timestamp;
use lectern_api::Verdict;
use lectern_api::doctor::Check;
use lectern_api::messages::doctor as words;
use lectern_hal::sensors::storage::{Place, Wear};

use super::{Turn as _, check, late, local_time, plan, size};
use crate::facts::{Facts, FolderState, SecretState};

/// Less, and the next fragment may be refused: the ballast and a segment.
const NO_ROOM_BYTES: u64 = 256 << 20;
/// Less, and a lesson or two fill it.
const LITTLE_ROOM_BYTES: u64 = 1 << 30;
/// What a disk of flash lasts for is reached at 100.
const WORN_PERCENT: u8 = 90;
/// No box was built before.
const EARLIEST: &str = "2025-01-01T00:00:00Z";
const LITTLE_MEMORY_BYTES: u64 = 64 << 20;

pub(super) fn disks(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    match &facts.sample {
        None => checks.push(late("disk.room", "")),
        Some(sample) => {
            let mut seen = Vec::new();
            for place in &sample.storage.places {
                // One file system is told once.
                let same = (place.total_bytes, place.available_bytes, place.device.clone());
                if !seen.contains(&same) {
                    checks.push(room(place, facts));
                    seen.push(same);
                }
            }
            let worn = sample.storage.disks.iter().filter_map(|disk| {
                let Wear { used_percent, .. } = disk.wear.as_ref()?;
                let (name, percent) = (&disk.name, (*used_percent)?);
                let say = |text| check("disk.health", name.as_str(), text);
                Some(if percent >= WORN_PERCENT {
                    say(words::disk_worn(name, percent)).warn(words::disk_worn_hint())
                } else {
                    say(words::disk_fine(name, percent))
                })
            });
            let before = checks.len();
            checks.extend(worn);
            if checks.len() == before {
                checks.push(check("disk.health", "", words::disk_mute()).skip());
            }
        }
    }
    checks.extend(facts.folders.iter().map(|folder| {
        let path = folder.path.display();
        let code = if folder.is_store { "store.folder" } else { "disk.folder" };
        let say = |text| check(code, folder.unit.as_str(), text);
        match &folder.state {
            None => say(words::no_answer_in_time()).fail(words::segments_unread_hint()),
            Some(FolderState::Fine) => say(words::folder_fine(path)),
            Some(FolderState::Missing) if folder.is_store => {
                say(words::store_missing(path)).fail(words::store_missing_hint())
            }
            Some(FolderState::Missing) => say(words::not_yet(path)).skip(),
            Some(FolderState::Closed(cause)) => {
                say(words::not_writable(path, cause)).fail(words::not_writable_hint())
            }
        }
    }));
    let say = |text| check("spool.segments", "", text);
    checks.extend(facts.segments.as_ref().map(|found| match &found.unread {
        None => say(words::segments_fine(found.readable)),
        Some((count, file, cause)) => {
            say(words::segments_unread(count, file, cause)).fail(words::segments_unread_hint())
        }
    }));
    checks
}

fn room(place: &Place, facts: &Facts) -> Check {
    let path = match (place.name.as_str(), plan(facts)) {
        ("spool", Some(plan)) => plan.spool.display().to_string(),
        ("facts", Some(plan)) => plan.facts.display().to_string(),
        _ => "/".to_owned(),
    };
    let say = |text| check("disk.room", place.name.as_str(), text);
    let Some(free) = place.available_bytes else {
        return say(words::no_answer_in_time()).skip();
    };
    if place.read_only == Some(true) {
        // A system that is read-only is meant to be.
        let found = say(words::read_only(&path));
        return if place.name == "system" { found.skip() } else { found.fail(words::read_only_hint()) };
    }
    match place.available_files {
        Some(0) => say(words::room_files(&path)).fail(words::room_hint()),
        _ if free < NO_ROOM_BYTES => say(words::room_little(&path, size(free))).fail(words::room_hint()),
        _ if free < LITTLE_ROOM_BYTES => say(words::room_little(&path, size(free))).warn(words::room_hint()),
        _ => say(words::room_fine(&path, size(free))),
    }
}

pub(super) fn secrets(facts: &Facts) -> Vec<Check> {
    const CODE: &str = "keys.files";
    let mut checks = Vec::new();
    let is_new = facts.segments.is_none();
    for file in &facts.secrets {
        if file.is_key && facts.keys_by_systemd {
            continue;
        }
        let path = file.path.display();
        let unit = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let code = if file.is_key { CODE } else { "credentials.files" };
        let say = |text| check(code, unit.as_str(), text);
        checks.extend(match &file.state {
            SecretState::Fine => None,
            SecretState::Missing if file.is_key && is_new => Some(say(words::not_yet(path)).skip()),
            SecretState::Missing if file.is_key => {
                Some(say(words::key_missing_file(path)).fail(words::key_missing_hint()))
            }
            SecretState::Missing => Some(say(words::key_missing_file(path)).fail(words::credentials_hint())),
            SecretState::Exposed(mode) => {
                Some(say(words::key_exposed(&path, format!("{mode:o}"))).warn(words::key_exposed_hint(&path)))
            }
            SecretState::Damaged => Some(say(words::key_damaged(path)).fail(words::key_missing_hint())),
            SecretState::Unread(cause) => Some(say(words::credentials_unread(path, cause)).skip()),
        });
    }
    if facts.keys_by_systemd {
        checks.push(check(CODE, "", words::keys_by_systemd()));
    } else if !checks.iter().any(|found| found.code == CODE)
        && let Some(folder) = facts.secrets.iter().find(|file| file.is_key).and_then(|f| f.path.parent())
    {
        checks.push(check(CODE, "", words::keys_fine(folder.display())));
    }
    checks
}

/// The devices that sources name.
pub(super) fn sources(facts: &Facts) -> Vec<Check> {
    const CODE: &str = "source.device";
    let Some(plan) = plan(facts) else {
        return vec![check(CODE, "", words::needs_configuration()).skip()];
    };
    let checks = plan.sources.iter().map(|source| {
        let say = |text| check(CODE, source.name.as_str(), text);
        let (scheme, rest) = source.url.split_once(':').unwrap_or((source.url.as_str(), ""));
        match scheme {
            "v4l2" | "file" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                match facts.nodes.iter().find(|(unit, node, _)| *unit == source.name && node.ends_with(path))
                {
                    None => late(CODE, &source.name),
                    Some((.., false)) => {
                        say(words::device_missing(path)).fail(words::device_missing_hint(there(facts)))
                    }
                    Some(_) => say(words::device_there(path, label(facts, path))),
                }
            }
            "alsa" => match &facts.devices {
                None => late(CODE, &source.name),
                Some(devices) if rest.starts_with("hw:") || rest.starts_with("plughw:") => {
                    let card = rest.split_once(':').map_or("", |(_, card)| card);
                    let found = devices.sound_cards.iter().find(|found| is_card(found, card));
                    match found {
                        Some(found) => {
                            say(words::device_there(rest, found.label.as_deref().unwrap_or(&found.name)))
                        }
                        None => {
                            say(words::device_missing(rest)).fail(words::device_missing_hint(there(facts)))
                        }
                    }
                }
                Some(_) => say(words::device_by_server()).skip(),
            },
            "test" => say(words::device_test()),
            "auto" => say(words::device_auto()).skip(),
            "rtsp" | "rtsps" => say(words::device_by_network()).skip(),
            _ => say(words::device_by_server()).skip(),
        }
    });
    checks.collect()
}

/// `0,0`, `C920`, `CARD=C920,DEV=0`.
fn is_card(card: &lectern_hal::capture::SoundCard, wanted: &str) -> bool {
    let wanted = wanted.strip_prefix("CARD=").unwrap_or(wanted);
    let wanted = wanted.split(',').next().unwrap_or(wanted);
    card.name.strip_prefix("card") == Some(wanted) || card.id.as_deref() == Some(wanted)
}

fn label(facts: &Facts, node: &str) -> String {
    let cameras = facts.devices.iter().flat_map(|devices| &devices.cameras);
    let named = cameras.filter(|camera| camera.node().as_os_str() == node);
    named.filter_map(|camera| camera.label.clone()).next().unwrap_or_else(|| "…".to_owned())
}

/// What is plugged in, for whoever looks for the right name.
fn there(facts: &Facts) -> String {
    let Some(devices) = &facts.devices else { return "?".to_owned() };
    let cameras = devices.cameras.iter().map(|camera| {
        let label = camera.label.as_deref().unwrap_or_default();
        format!("{} {label}", camera.node().display()).trim_end().to_owned()
    });
    let cards = devices.sound_cards.iter().flat_map(|card| card.inputs.iter()).cloned();
    let all: Vec<String> = cameras.chain(cards).collect();
    if all.is_empty() { "—".to_owned() } else { all.join(", ") }
}

pub(super) fn clock(facts: &Facts) -> Check {
    let at = local_time(facts);
    let say = |text| check("clock.time", "", text);
    if let Some(status) = facts.daemon.status()
        && let Some(verdict) = status.clock.verdict
    {
        let is_told = status.faults.iter().any(|fault| fault.code == "clock.unsynced");
        return match verdict {
            Verdict::Believed => say(words::clock_believed(at)),
            _ if is_told => say(words::because_of("clock.unsynced")).skip(),
            Verdict::Unsure => say(words::clock_alone(at)).warn(words::clock_alone_hint()),
            Verdict::Unknown => say(words::clock_wrong(at)).fail(words::clock_wrong_hint()),
        };
    }
    if EARLIEST.parse().is_ok_and(|earliest: Timestamp| facts.at < earliest) {
        return say(words::clock_wrong(at)).fail(words::clock_wrong_hint());
    }
    if facts.synced {
        say(words::clock_fine(at))
    } else {
        say(words::clock_alone(at)).warn(words::clock_alone_hint())
    }
}

/// Power, heat and memory, as far as somebody tells.
pub(super) fn body(facts: &Facts) -> Vec<Check> {
    let Some(sample) = &facts.sample else { return vec![late("machine.heat", "")] };
    let mut checks = Vec::new();
    checks.extend(sample.power.undervoltage.map(|is_weak| {
        let say = |text| check("machine.power", "", text);
        if is_weak {
            say(words::power_weak()).fail(words::power_weak_hint())
        } else {
            say(words::power_fine())
        }
    }));
    if let Some(zone) = sample.thermal.hottest()
        && let Some(millidegrees) = zone.millidegrees
    {
        let (name, degrees) = (zone.name.as_str(), millidegrees / 1000);
        let say = |text| check("machine.heat", name, text);
        let is_hot = zone.margin_millidegrees().is_some_and(|margin| margin <= 0);
        checks.push(if is_hot {
            say(words::heat_high(name, degrees)).warn(words::heat_hint())
        } else {
            say(words::heat_fine(name, degrees))
        });
    }
    checks.extend(sample.memory.available_bytes.map(|free| {
        let say = |text| check("machine.memory", "", text);
        if free < LITTLE_MEMORY_BYTES {
            say(words::memory_low(size(free))).warn(words::memory_hint())
        } else {
            say(words::memory_fine(size(free)))
        }
    }));
    checks
}
