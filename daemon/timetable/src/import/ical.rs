//! iCalendar, RFC 5545: each event is a lesson, each rule its weeks.
//!
//! Times are followed in the event's own zone and then read in the school's;
//! floating ones are the school's. Changed instances (RECURRENCE-ID) become
//! dated changes.

mod event;
mod lessons;
mod rules;

use std::collections::HashMap;

use icalendar::parser::Property;
use jiff::tz::TimeZone;
use lectern_api::messages::import as words;

use super::{Found, Options, frame};
use crate::mistake::{Mistake, Mistakes, Place};

/// The most events of a file: 120 classes, 60 lessons, each week by itself
/// would be more than a file of the greatest size holds.
const MOST_EVENTS: usize = 60_000;

/// The most that all rules together come to: every lesson in every week.
const MOST_BEGINNINGS: usize = 400_000;

/// A line after unfolding, with the number of its first line in the file.
struct Line {
    number: usize,
    text: String,
}

/// A component's properties, each with its line.
struct Block {
    line: usize,
    properties: Vec<(usize, Property<'static>)>,
}

impl Block {
    fn property(&self, name: &str) -> Option<(usize, &Property<'static>)> {
        let named =
            |(_, property): &&(usize, Property<'_>)| property.name.as_str().eq_ignore_ascii_case(name);
        self.properties.iter().find(named).map(|(line, property)| (*line, property))
    }

    fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = (usize, &'b Property<'static>)> {
        let named = move |(_, p): &&(usize, Property<'_>)| p.name.as_str().eq_ignore_ascii_case(name);
        self.properties.iter().filter(named).map(|(line, property)| (*line, property))
    }

    fn text(&self, name: &str) -> Option<String> {
        let (_, property) = self.property(name)?;
        Some(super::names::tidy(property.val.as_str())).filter(|text| !text.is_empty())
    }
}

pub(super) fn read(text: &str, options: &Options) -> Result<Found, Mistakes> {
    let mut mistakes = Vec::new();
    let (blocks, zones) = blocks(text, &mut mistakes);
    if blocks.iter().filter(|block| block.property("RRULE").is_some()).count() > crate::MAX_LESSONS {
        return Err(Mistakes::of_file((words::many_events(crate::MAX_LESSONS), words::many_events_remedy())));
    }
    let mut found =
        Found { timetable: frame_of(options, &blocks, &zones)?, lessons: Vec::new(), ignored: Vec::new() };
    let school = found.timetable.time_zone.clone();
    let reader = event::Reader { school: &school, zones: &zones };
    let mut events = Vec::new();
    for block in &blocks {
        match reader.event(block) {
            Ok(Some(event)) => events.push(event),
            Ok(None) => {
                found.ignored.push(super::Ignored::new(Place::line(block.line), words::ignored_all_day()));
            }
            Err(mistake) => mistakes.push(*mistake),
        }
    }
    if mistakes.is_empty() {
        lessons::collect(&events, options, &mut found, &mut mistakes);
    }
    if mistakes.is_empty() { Ok(found) } else { Err(Mistakes::sorted(mistakes)) }
}

/// Without a base and a term, the term is from the first to the last event.
fn frame_of(
    options: &Options,
    blocks: &[Block],
    zones: &HashMap<String, TimeZone>,
) -> Result<crate::Timetable, Mistakes> {
    if options.base.is_some() || options.term.is_some() {
        return frame(options);
    }
    let empty = crate::Timetable::new(crate::Term {
        name: String::new(),
        monday: jiff::civil::date(2026, 1, 5),
        end: jiff::civil::date(2026, 1, 11),
    });
    let reader = event::Reader { school: &empty.time_zone, zones };
    let events: Vec<_> = blocks.iter().filter_map(|block| reader.event(block).ok().flatten()).collect();
    let endless =
        |event: &&event::Event| event.rule.as_ref().is_some_and(|(_, rule)| rules::is_endless(rule));
    if let Some(event) = events.iter().find(endless) {
        let wrong = (words::endless_rule(), words::no_term_remedy());
        return Err(Mistakes(vec![Mistake::new(Place::line(event.line), "RRULE", wrong)]));
    }
    let dates =
        |event: &event::Event| rules::dates(event, &empty.time_zone, event.begin.date()).unwrap_or_default();
    let dates = events.iter().flat_map(dates);
    let dates = dates.take(MOST_BEGINNINGS);
    let (first, last) = dates.fold((None, None), |(first, last), at: jiff::civil::DateTime| {
        let date = at.date();
        (Some(first.map_or(date, |f: jiff::civil::Date| f.min(date))), last.max(Some(date)))
    });
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Mistakes::of_file((words::no_lessons(), words::no_lessons_remedy())));
    };
    let back = i64::from(crate::model::weekday_of(first)) - 1;
    let monday = first.saturating_sub(jiff::Span::new().days(back));
    let term = crate::Term { name: String::new(), monday, end: last };
    frame(&Options { term: Some(term), ..options.clone() })
}

/// Content lines, unfolded.
fn lines(text: &str) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        match (line.strip_prefix([' ', '\t']), out.last_mut()) {
            (Some(rest), Some(last)) => last.text.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => out.push(Line { number: number + 1, text: line.to_owned() }),
        }
    }
    out
}

/// Every VEVENT, and the zones that VTIMEZONEs tell the IANA name of.
fn blocks(text: &str, mistakes: &mut Vec<Mistake>) -> (Vec<Block>, HashMap<String, TimeZone>) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut zones = HashMap::new();
    let mut zone_id: Option<String> = None;
    let mut open: Vec<String> = Vec::new();
    for line in lines(text.trim_start_matches('\u{feff}')) {
        let upper = line.text.get(..6).unwrap_or_default().to_ascii_uppercase();
        if upper == "BEGIN:" {
            let name = line.text[6..].trim().to_ascii_uppercase();
            if name == "VEVENT" {
                if blocks.len() >= MOST_EVENTS {
                    let wrong = (words::many_events(MOST_EVENTS), words::many_events_remedy());
                    mistakes.push(Mistake::new(Place::line(line.number), "VEVENT", wrong));
                    break;
                }
                blocks.push(Block { line: line.number, properties: Vec::new() });
            }
            open.push(name);
            continue;
        }
        if upper.starts_with("END:") {
            open.pop();
            continue;
        }
        let inside = open.last().map(String::as_str);
        if !matches!(inside, Some("VEVENT" | "VTIMEZONE")) {
            continue;
        }
        let Ok(property) = Property::try_from(line.text.as_str()) else {
            let wrong = (words::bad_content_line(), words::bad_content_line_remedy());
            mistakes.push(Mistake::new(Place::line(line.number), "", wrong));
            continue;
        };
        let property = event::owned(property);
        match (inside, blocks.last_mut()) {
            (Some("VEVENT"), Some(block)) => block.properties.push((line.number, property)),
            _ => match property.name.as_str().to_ascii_uppercase().as_str() {
                "TZID" => zone_id = Some(property.val.to_string()),
                "X-LIC-LOCATION" => {
                    let zone = TimeZone::get(property.val.as_str());
                    zones.extend(zone_id.clone().zip(zone.ok()));
                }
                _ => {}
            },
        }
    }
    (blocks, zones)
}
