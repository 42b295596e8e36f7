//! One event: when it begins and ends, how it repeats, what it says.

use std::collections::HashMap;

use icalendar::parser::{Parameter, Property};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use lectern_api::messages::import as words;

use super::Block;
use crate::mistake::{Mistake, Place, Wrong};

/// An event that takes hours, not days.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) line: usize,
    pub(super) uid: Option<String>,
    /// In the event's own zone.
    pub(super) begin: DateTime,
    pub(super) long: SignedDuration,
    pub(super) zone: TimeZone,
    /// The rule and its line.
    pub(super) rule: Option<(usize, String)>,
    /// In the event's own zone; a whole day where only a date is given.
    pub(super) except: Vec<Stamp>,
    pub(super) also: Vec<Stamp>,
    /// Which instance of a rule this replaces.
    pub(super) replaces: Option<Stamp>,
    pub(super) cancelled: bool,
    pub(super) summary: Option<String>,
    pub(super) location: Option<String>,
    pub(super) teacher: Option<String>,
    pub(super) class: Option<String>,
}

/// A point in time, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    Day(Date),
    At(DateTime),
}

impl Stamp {
    pub(super) fn is(&self, moment: DateTime) -> bool {
        match self {
            Self::Day(date) => *date == moment.date(),
            Self::At(at) => *at == moment,
        }
    }
}

pub(super) struct Reader<'r> {
    pub(super) school: &'r TimeZone,
    /// By the names that the file gives them.
    pub(super) zones: &'r HashMap<String, TimeZone>,
}

impl Reader<'_> {
    /// Nothing when the event takes whole days.
    pub(super) fn event(&self, block: &Block) -> Result<Option<Event>, Box<Mistake>> {
        let Some((line, property)) = block.property("DTSTART") else {
            let wrong = (words::lacks("DTSTART"), words::lacks_remedy("DTSTART"));
            return Err(Mistake::boxed(Place::line(block.line), "DTSTART", wrong));
        };
        let zone = self.zone_of(line, "DTSTART", property)?;
        let zone = zone.unwrap_or_else(|| self.school.clone());
        let begin = match self.stamp(line, "DTSTART", property, property.val.as_str(), &zone)? {
            Stamp::At(begin) => begin,
            Stamp::Day(_) => return Ok(None),
        };
        let long = self.long(block, begin, &zone)?;
        let Some(long) = long else { return Ok(None) };
        let list = |name: &'static str| -> Result<Vec<Stamp>, Box<Mistake>> {
            let mut out = Vec::new();
            for (line, property) in block.all(name) {
                for value in property.val.as_str().split(',') {
                    // Of a period, RDATE's third form, only the beginning.
                    let value = value.split('/').next().unwrap_or(value);
                    out.push(self.stamp(line, name, property, value, &zone)?);
                }
            }
            Ok(out)
        };
        let (except, also) = (list("EXDATE")?, list("RDATE")?);
        let replaces = match block.property("RECURRENCE-ID") {
            Some((line, property)) => {
                Some(self.stamp(line, "RECURRENCE-ID", property, property.val.as_str(), &zone)?)
            }
            None => None,
        };
        let description = block.property("DESCRIPTION").map_or("", |(_, property)| property.val.as_str());
        let organizer = block.property("ORGANIZER").and_then(|(_, property)| parameter(property, "CN"));
        Ok(Some(Event {
            line: block.line,
            uid: block.text("UID"),
            begin,
            long,
            rule: block.property("RRULE").map(|(line, rule)| (line, rule.val.to_string())),
            except,
            also,
            replaces,
            cancelled: block.text("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")),
            summary: block.text("SUMMARY"),
            location: block.text("LOCATION"),
            teacher: labelled(description, &["教师", "老师", "任课教师", "授课教师", "teacher"])
                .or(organizer),
            class: labelled(description, &["班级", "教学班", "上课班级", "class"]),
            zone,
        }))
    }

    fn long(
        &self,
        block: &Block,
        begin: DateTime,
        zone: &TimeZone,
    ) -> Result<Option<SignedDuration>, Box<Mistake>> {
        if let Some((line, property)) = block.property("DTEND") {
            // An end in another zone than the beginning is a journey.
            return Ok(match self.stamp(line, "DTEND", property, property.val.as_str(), zone)? {
                Stamp::Day(_) => None,
                Stamp::At(end) => Some(begin.duration_until(end)),
            });
        }
        let Some((line, property)) = block.property("DURATION") else {
            let wrong = (words::lacks("DTEND"), words::lacks_remedy("DTEND"));
            return Err(Mistake::boxed(Place::line(block.line), "DTEND", wrong));
        };
        let span: Result<SignedDuration, _> = property.val.as_str().parse();
        let days: Result<jiff::Span, _> = property.val.as_str().parse();
        match (span, days) {
            (Ok(long), _) => Ok(Some(long)),
            (Err(_), Ok(days)) if days.get_days() > 0 || days.get_weeks() > 0 => Ok(None),
            _ => {
                let wrong = (words::bad_duration(property.val.as_str()), words::bad_duration_remedy());
                Err(Mistake::boxed(Place::line(line), "DURATION", wrong))
            }
        }
    }

    /// A value in the given zone, whatever zone it is written in.
    fn stamp(
        &self,
        line: usize,
        name: &'static str,
        property: &Property<'_>,
        value: &str,
        zone: &TimeZone,
    ) -> Result<Stamp, Box<Mistake>> {
        let wrong = |wrong: Wrong| Mistake::boxed(Place::line(line), name, wrong);
        let shown: String = value.chars().take(30).collect();
        let bad = || wrong((words::bad_stamp(&shown), words::bad_stamp_remedy()));
        let value = value.trim();
        let own = match value.strip_suffix(['Z', 'z']) {
            Some(_) => Some(TimeZone::UTC),
            None => self.zone_of(line, name, property)?,
        };
        let digits = value.trim_end_matches(['Z', 'z']);
        if digits.len() == 8 && own != Some(TimeZone::UTC) {
            return Date::strptime("%Y%m%d", digits).map(Stamp::Day).map_err(|_| bad());
        }
        let at = DateTime::strptime("%Y%m%dT%H%M%S", digits).map_err(|_| bad())?;
        match own {
            Some(own) if own != *zone => {
                let moment = own.to_ambiguous_timestamp(at).compatible().map_err(|_| bad())?;
                Ok(Stamp::At(zone.to_datetime(moment)))
            }
            _ => Ok(Stamp::At(at)),
        }
    }

    /// The zone that a property names; none for floating times, UTC for `Z`.
    fn zone_of(
        &self,
        line: usize,
        name: &'static str,
        property: &Property<'_>,
    ) -> Result<Option<TimeZone>, Box<Mistake>> {
        if property.val.as_str().trim().ends_with(['Z', 'z']) {
            return Ok(Some(TimeZone::UTC));
        }
        let Some(id) = parameter(property, "TZID") else { return Ok(None) };
        let named = self.zones.get(&id).cloned().or_else(|| zone_by_name(&id));
        match named {
            Some(zone) => Ok(Some(zone)),
            None => {
                let wrong = (words::bad_zone(&id), words::bad_zone_remedy());
                Err(Mistake::boxed(Place::line(line), name, wrong))
            }
        }
    }
}

/// An IANA name, also behind a prefix (`/freeassociation.sourceforge.net/…`),
/// or what Outlook calls it.
fn zone_by_name(id: &str) -> Option<TimeZone> {
    let bare = id.trim_matches(['"', '/']);
    let parts: Vec<&str> = bare.rsplitn(3, '/').collect();
    let tail = if parts.len() == 3 { format!("{}/{}", parts[1], parts[0]) } else { bare.to_owned() };
    let windows = match bare {
        "China Standard Time" | "中国标准时间" | "Beijing" => "Asia/Shanghai",
        "Taipei Standard Time" => "Asia/Taipei",
        "W. Europe Standard Time" => "Europe/Berlin",
        "Eastern Standard Time" => "America/New_York",
        _ => bare,
    };
    [windows, &tail].into_iter().find_map(|name| TimeZone::get(name).ok())
}

fn parameter(property: &Property<'_>, key: &str) -> Option<String> {
    let named = |p: &&Parameter<'_>| p.key.as_str().eq_ignore_ascii_case(key);
    let value = property.params.iter().find(named)?.val.as_ref()?.as_str();
    Some(value.trim_matches('"').trim().to_owned()).filter(|value| !value.is_empty())
}

/// `教师：李梅` in a description, until the end of the line or a comma.
fn labelled(description: &str, labels: &[&str]) -> Option<String> {
    description.split(['\n', '\r', ';', '；', ',', '，']).find_map(|line| {
        let (label, value) = line.split_once([':', '：'])?;
        let label = label.trim().to_lowercase();
        let value = value.trim();
        (labels.contains(&label.as_str()) && !value.is_empty()).then(|| value.to_owned())
    })
}

/// A property that outlives the line it was read from.
pub(super) fn owned(property: Property<'_>) -> Property<'static> {
    let params = property.params.into_iter();
    Property {
        name: property.name.into_owned(),
        val: property.val.into_owned(),
        params: params
            .map(|p| Parameter { key: p.key.into_owned(), val: p.val.map(|v| v.into_owned()) })
            .collect(),
    }
}
