//! `lecternctl clock`: what time it is on the box.

use jiff::tz::TimeZone;
use lectern_api::command::SetClock;
use lectern_api::status::ClockStatus;
use lectern_api::{Language, Text, Verdict, messages};

use crate::Failure;
use crate::box_api::BoxApi;
use crate::cli::ClockAction;
use crate::screen::Screen;
use crate::show::Page;

pub(crate) async fn run(api: &BoxApi, action: Option<ClockAction>, screen: &Screen) -> Result<bool, Failure> {
    let clock = match action {
        None => api.clock().await?,
        Some(ClockAction::Set { time }) => {
            let wrong = |_| Failure::WrongUse(messages::clock_bad_time(&time));
            api.set_clock(&SetClock { utc: time.parse().map_err(wrong)? }).await?
        }
    };
    let zone = api.time_zone().await;
    screen.answer(&clock, |language| words(&clock, &zone, language));
    Ok(true)
}

/// The line of the status.
pub(crate) fn line(clock: &ClockStatus, zone: &TimeZone, language: Language) -> Option<Text> {
    let verdict = match clock.verdict? {
        Verdict::Believed => messages::verdict_believed(),
        Verdict::Unsure => messages::verdict_unsure(),
        Verdict::Unknown => messages::verdict_unknown(),
    };
    let source = messages::time_source(clock.source);
    let words = |text: &Text| text.in_language(language).to_owned();
    Some(messages::status_clock(local(clock.utc?, zone), words(&verdict), words(&source)))
}

fn words(clock: &ClockStatus, zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    if let Some(line) = line(clock, zone, language) {
        page.line(&line);
    }
    if let Some(ms) = clock.uncertainty_ms {
        page.line(&messages::clock_within(tenths(ms)));
    }
    if clock.correction_ms.unsigned_abs() >= 2_000 {
        page.line(&messages::clock_corrected(tenths(clock.correction_ms.unsigned_abs())));
    }
    if let Some(at) = clock.jumped_at {
        page.line(&messages::clock_jumped(local(at, zone)));
    }
    page.text
}

/// Seconds, rounded up to tenths.
fn tenths(ms: u64) -> String {
    let tenths = ms.div_ceil(100);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn local(utc: jiff::Timestamp, zone: &TimeZone) -> String {
    utc.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
