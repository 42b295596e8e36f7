//! The values that stand behind keys.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use lectern_api::{messages, messages::timetable as words};
use toml::de::DeValue;

use crate::hours::{Hours, Slot};
use crate::mistake::Wrong;
use crate::model::{Follows, Season};
use crate::weeks::Weeks;

/// The longest text of a name, in characters.
const LONGEST: usize = 120;

/// A text of one line that is not empty.
pub(super) fn text(value: &DeValue<'_>) -> Result<String, Wrong> {
    let text = any_text(value)?;
    if text.trim().is_empty() {
        return Err((messages::config_empty(), messages::config_empty_remedy()));
    }
    Ok(text)
}

/// A text of one line.
pub(super) fn any_text(value: &DeValue<'_>) -> Result<String, Wrong> {
    let text = value.as_str().ok_or_else(|| wrong_type(value, "\"text\""))?;
    let shown: String = text.chars().filter(|c| !c.is_control()).take(20).collect();
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err((words::bad_text(shown), words::bad_text_remedy(LONGEST)));
    }
    Ok(text.to_owned())
}

/// A whole number between two bounds.
pub(super) fn whole(low: u8, high: u8) -> impl Fn(&DeValue<'_>) -> Result<u8, Wrong> {
    move |value| {
        let integer = value.as_integer().ok_or_else(|| wrong_type(value, low))?;
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        number
            .and_then(|n| u8::try_from(n).ok())
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| (messages::config_range(integer), messages::config_range_remedy(low, high)))
    }
}

/// `[1, 2, 3]`, grades.
pub(super) fn grades(value: &DeValue<'_>) -> Result<Vec<u8>, Wrong> {
    let array = value.as_array().ok_or_else(|| wrong_type(value, "[1, 2, 3]"))?;
    let mut grades = array.iter().map(|v| whole(1, 12)(v.get_ref())).collect::<Result<Vec<u8>, _>>()?;
    grades.sort_unstable();
    grades.dedup();
    Ok(grades)
}

/// `["301", "302"]`
pub(super) fn texts(value: &DeValue<'_>) -> Result<Vec<String>, Wrong> {
    let array = value.as_array().ok_or_else(|| wrong_type(value, "[\"301\", \"302\"]"))?;
    array.iter().map(|v| text(v.get_ref())).collect()
}

/// `2026-09-01`, bare or quoted.
pub(super) fn date(value: &DeValue<'_>) -> Result<Date, Wrong> {
    let moment = moment(value)?;
    match moment {
        Moment::Date(date) => Ok(date),
        Moment::DateTime(_) => Err(bad_date(&moment.written())),
    }
}

/// A day or a minute.
pub(super) enum Moment {
    Date(Date),
    DateTime(DateTime),
}

impl Moment {
    fn written(&self) -> String {
        match self {
            Self::Date(date) => date.to_string(),
            Self::DateTime(moment) => moment.to_string(),
        }
    }
}

fn bad_date(found: &str) -> Wrong {
    (words::bad_date(found), words::bad_date_remedy())
}

/// `2026-09-01` or `2026-09-01T14:00`, local time.
pub(super) fn moment(value: &DeValue<'_>) -> Result<Moment, Wrong> {
    let written = match value {
        DeValue::Datetime(found) => found.to_string(),
        _ => value.as_str().ok_or_else(|| wrong_type(value, "2026-09-01"))?.to_owned(),
    };
    let zoned = written.get(10..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
    if zoned {
        return Err((words::zoned_time(&written), words::zoned_time_remedy()));
    }
    let date = || written.parse().ok().map(Moment::Date);
    let minute = || written.parse().ok().map(Moment::DateTime);
    let found = if written.len() <= 10 { date() } else { minute() };
    found.ok_or_else(|| bad_date(&written.chars().take(20).collect::<String>()))
}

/// `3`, `"3-4"`
pub(super) fn periods(value: &DeValue<'_>) -> Result<Slot, Wrong> {
    if value.as_integer().is_some() {
        return whole(0, crate::MAX_PERIOD)(value).map(Slot::period);
    }
    let text = text(value)?;
    Slot::parse_periods(&text)
        .ok_or_else(|| (words::bad_period(&text), words::bad_period_remedy(crate::MAX_PERIOD)))
}

/// `"08:20-09:00"`
pub(super) fn hours(value: &DeValue<'_>) -> Result<Hours, Wrong> {
    let text = text(value)?;
    Hours::parse(&text).ok_or_else(|| (words::bad_hours(&text), words::bad_hours_remedy()))
}

/// `"odd"`, `"1-8,10"`
pub(super) fn weeks(value: &DeValue<'_>) -> Result<Weeks, Wrong> {
    let text = text(value)?;
    Weeks::parse(&text).ok_or_else(|| (words::bad_weeks(&text), words::bad_weeks_remedy()))
}

/// `"10-01..04-30"`
pub(super) fn season(value: &DeValue<'_>) -> Result<Season, Wrong> {
    let text = text(value)?;
    Season::parse(&text).ok_or_else(|| (words::bad_season(&text), words::bad_season_remedy()))
}

/// `3`, `2026-10-08` or `"none"`
pub(super) fn follows(value: &DeValue<'_>) -> Result<Follows, Wrong> {
    if value.as_integer().is_some() {
        return whole(1, 7)(value).map(Follows::Weekday);
    }
    if value.as_str() == Some("none") {
        return Ok(Follows::Nothing);
    }
    let bad = |_| (words::bad_follows(), words::bad_follows_remedy());
    date(value).map(Follows::Date).map_err(bad)
}

/// An IANA name.
pub(super) fn time_zone(value: &DeValue<'_>) -> Result<TimeZone, Wrong> {
    let name = text(value)?;
    let zone = TimeZone::get(&name).ok().filter(|zone| zone.iana_name().is_some());
    zone.ok_or_else(|| (messages::config_time_zone(&name), messages::config_time_zone_remedy()))
}

/// A table or array where something else stands.
pub(super) fn wrong_type(value: &DeValue<'_>, example: impl std::fmt::Display) -> Wrong {
    (messages::toml::wrong_type(value.type_str()), messages::toml::wrong_type_remedy(example))
}
