//! The properties of the element, by their names.

use std::time::Duration;

use gst::glib;
use gst::prelude::*;

use super::limits::Limits;

/// Name, blurb and field.
type Row<T> = (&'static str, &'static str, fn(&mut Limits) -> &mut T);

const CHECKS: [Row<bool>; 4] = [
    ("check-black", "Look for black pictures", |limits| &mut limits.check_black),
    ("check-frozen", "Look for frozen pictures; a slide stands still too", |limits| &mut limits.check_frozen),
    ("check-no-signal", "Look for colour bars and blue screens", |limits| &mut limits.check_no_signal),
    ("check-exposure", "Look for pictures too dark or too bright", |limits| &mut limits.check_exposure),
];

const TIMES: [Row<Duration>; 7] = [
    ("black-time", "Milliseconds that a picture is black before it is said", |limits| &mut limits.black_time),
    ("frozen-time", "Milliseconds that a picture with noise stands still before it is said", |limits| {
        &mut limits.frozen_time
    }),
    (
        "frozen-quiet-time",
        "The same for a picture without noise: longer than keyframes are apart",
        |limits| &mut limits.frozen_quiet_time,
    ),
    ("no-signal-time", "Milliseconds that there is no signal before it is said", |limits| {
        &mut limits.no_signal_time
    }),
    ("exposure-time", "Milliseconds that a picture is too dark or too bright before it is said", |limits| {
        &mut limits.exposure_time
    }),
    ("clear-time", "Milliseconds that a condition is over before it is said", |limits| {
        &mut limits.clear_time
    }),
    ("interval", "Milliseconds between pictures that are looked at; 0 is every picture", |limits| {
        &mut limits.interval
    }),
];

const LEVELS: [Row<f64>; 4] = [
    (
        "black-level",
        "A picture with next to nothing this bright is black (0 is black, 1 is white)",
        |limits| &mut limits.black_level,
    ),
    ("dark-level", "A picture with little this bright is too dark (0 is black, 1 is white)", |limits| {
        &mut limits.dark_level
    }),
    ("bright-level", "What is this bright has lost its drawing (0 is black, 1 is white)", |limits| {
        &mut limits.bright_level
    }),
    ("bright-share", "A picture with this share of it so bright is too bright", |limits| {
        &mut limits.bright_share
    }),
];

const LONGEST_MS: u32 = 3_600_000;

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

fn field<T>(rows: &[Row<T>], limits: &mut Limits, name: &str) -> Option<T>
where
    T: Copy,
{
    rows.iter().find(|(known, ..)| *known == name).map(|(.., field)| *field(limits))
}

/// All of them can be changed while pictures pass, and hold from the next picture on.
pub(super) fn specs() -> impl Iterator<Item = glib::ParamSpec> {
    let checks = CHECKS.iter().map(|(name, blurb, field)| {
        let default = *field(&mut Limits::default());
        glib::ParamSpecBoolean::builder(name).blurb(blurb).default_value(default).mutable_playing().build()
    });
    let times = TIMES.iter().map(|(name, blurb, field)| {
        glib::ParamSpecUInt::builder(name)
            .blurb(blurb)
            .maximum(LONGEST_MS)
            .default_value(millis(*field(&mut Limits::default())))
            .mutable_playing()
            .build()
    });
    let levels = LEVELS.iter().map(|(name, blurb, field)| {
        glib::ParamSpecDouble::builder(name)
            .blurb(blurb)
            .minimum(0.0)
            .maximum(1.0)
            .default_value(*field(&mut Limits::default()))
            .mutable_playing()
            .build()
    });
    checks.chain(times).chain(levels)
}

pub(super) fn set(limits: &mut Limits, name: &str, value: &glib::Value) {
    if let (Some((.., field)), Ok(value)) = (CHECKS.iter().find(|row| row.0 == name), value.get()) {
        *field(limits) = value;
    }
    if let (Some((.., field)), Ok(value)) = (TIMES.iter().find(|row| row.0 == name), value.get::<u32>()) {
        *field(limits) = Duration::from_millis(value.into());
    }
    if let (Some((.., field)), Ok(value)) = (LEVELS.iter().find(|row| row.0 == name), value.get()) {
        *field(limits) = value;
    }
}

pub(super) fn get(limits: &Limits, name: &str) -> Option<glib::Value> {
    let mut limits = *limits;
    field(&CHECKS, &mut limits, name)
        .map(|value| value.to_value())
        .or_else(|| field(&TIMES, &mut limits, name).map(|value| millis(value).to_value()))
        .or_else(|| field(&LEVELS, &mut limits, name).map(|value| value.to_value()))
}
