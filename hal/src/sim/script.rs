//! What happens on a simulated machine, as a text.
//!
//! ```toml
//! repeat_after_s = 3600            # from the start again, if wanted
//!
//! [start.sensors.thermal]          # what is there, in the form of a sample;
//! zones = [{ name = "cpu", millidegrees = 45_000, limit_millidegrees = 85_000 }]
//!
//! [start.sensors.network]          # what is not named is absent
//! interfaces = [{ name = "eth0", kind = "wired", carrier = true, megabits = 1000 }]
//!
//! [start.devices]
//! cameras = [{ name = "video0", label = "HD Pro Webcam C920" }]
//!
//! [start]                          # lights and buttons; the files are optional
//! lights = [{ name = "lectern:red:recording", shown_in = "/tmp/red" }]
//! keys = [{ name = "gpio-keys", held_while = "/tmp/finger" }]
//!
//! [[event]]                        # from second 30 on
//! second = 30
//! at = "sensors.power.undervoltage"
//! value = true
//!
//! [[event]]                        # from what it is to 92 °C, in two minutes
//! second = 60
//! at = "sensors.thermal.zones.cpu.millidegrees"
//! drift_to = 92_000
//! over_s = 120
//!
//! [[event]]                        # a loose plug, for a minute; the last value stays
//! second = 200
//! at = "sensors.network.interfaces.eth0.carrier"
//! flap = [false, true]
//! every_s = 2
//! for_s = 60
//!
//! [[event]]                        # pulled out
//! second = 300
//! at = "devices.cameras.video0"
//! absent = true
//!
//! [[event]]                        # as it was at the start
//! second = 330
//! at = "devices.cameras.video0"
//! back = true
//!
//! [[event]]                        # absent, and noted among the troubles
//! second = 400
//! at = "sensors.thermal.zones.cpu.millidegrees"
//! fails = "Input/output error"
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::place::Place;
use super::world::World;

/// A script that has been read and can be played.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) start: Value,
    pub(super) events: Vec<Event>,
    pub(super) repeat_after: Option<Duration>,
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) second: Duration,
    pub(super) at: String,
    pub(super) place: Place,
    pub(super) change: Change,
}

/// What happens to a place.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Value(Value),
    Drift { to: f64, over: Duration },
    Flap { values: Vec<Value>, every: Duration, until: Option<Duration> },
    Absent,
    Fails(String),
    Back,
}

/// Why a script cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("the simulation {path} cannot be read: {source}. Check the path and the rights.")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// It is not TOML, or says things that no machine has.
    #[error("the simulation is not understood: {0}")]
    Form(#[from] toml::de::Error),
    /// An event wants nothing, several things, or a part of one.
    #[error(
        "the event at second {second} for {at}: {cause}. Give one of value, drift_to with over_s, flap with every_s, absent, fails, back."
    )]
    Event {
        /// When.
        second: f64,
        /// Where.
        at: String,
        /// What is wrong.
        cause: String,
    },
    /// An event is about something that is not there at the start.
    #[error(
        "the event at second {second} is about {at}, and {cause}. Name it under [start], and let it be absent from second 0 if it comes later."
    )]
    Place {
        /// When.
        second: f64,
        /// Where.
        at: String,
        /// What is missing.
        cause: String,
    },
    /// It begins anew after no time.
    #[error("repeat_after_s is {seconds}, which is no time. Give seconds above 0, or leave it out.")]
    Round {
        /// What stands there.
        seconds: f64,
    },
    /// A value is not of the kind that belongs there.
    #[error("at second {second} the machine is impossible: {cause}. Look at the events until then.")]
    Value {
        /// When.
        second: f64,
        /// What does not fit.
        cause: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    start: World,
    #[serde(default, rename = "event")]
    events: Vec<EventText>,
    repeat_after_s: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventText {
    second: f64,
    at: String,
    value: Option<Value>,
    drift_to: Option<f64>,
    over_s: Option<f64>,
    flap: Option<Vec<Value>>,
    every_s: Option<f64>,
    for_s: Option<f64>,
    #[serde(default)]
    absent: bool,
    #[serde(default)]
    back: bool,
    fails: Option<String>,
}

impl Script {
    /// Reads a script and plays it through once, so that what does not fit shows now.
    ///
    /// # Errors
    /// When anything in it cannot be; the text says where and what to do.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let text: Text = toml::from_str(text)?;
        let start = serde_json::to_value(&text.start)
            .map_err(|error| ScriptError::Value { second: 0.0, cause: error.to_string() })?;
        let mut events: Vec<Event> =
            text.events.into_iter().map(|event| event.checked(&start)).collect::<Result<_, _>>()?;
        // Of two at the same second the later one in the text counts.
        events.sort_by_key(|event| event.second);
        let round = |seconds: f64| {
            let round = Duration::try_from_secs_f64(seconds).ok().filter(|round| !round.is_zero());
            round.ok_or(ScriptError::Round { seconds })
        };
        let script = Self { start, events, repeat_after: text.repeat_after_s.map(round).transpose()? };
        script.rehearse()?;
        Ok(script)
    }

    /// Reads a script from a file.
    ///
    /// # Errors
    /// As [`Script::parse`], or when the file cannot be read.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ScriptError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    fn rehearse(&self) -> Result<(), ScriptError> {
        let start = Duration::ZERO;
        self.try_world(start).map_err(|cause| ScriptError::Value { second: 0.0, cause })?;
        for event in &self.events {
            let moments = match &event.change {
                Change::Flap { values, every, .. } => {
                    (0_u32..).zip(values).map(|(turn, _)| every.saturating_mul(turn)).collect()
                }
                Change::Drift { over, .. } => vec![Duration::ZERO, *over / 2, *over],
                _ => vec![Duration::ZERO],
            };
            for moment in moments {
                let at = event.second.saturating_add(moment);
                self.try_world(at).map_err(|cause| ScriptError::Value { second: at.as_secs_f64(), cause })?;
            }
        }
        Ok(())
    }
}

impl EventText {
    fn checked(self, start: &Value) -> Result<Event, ScriptError> {
        let (second, at) = (self.second, self.at.clone());
        let wrong = |cause: &str| ScriptError::Event { second, at: at.clone(), cause: cause.to_owned() };
        let time = |seconds: Option<f64>| seconds.map(Duration::try_from_secs_f64).transpose();
        let moment =
            time(Some(second)).ok().flatten().ok_or_else(|| wrong("no machine lives at that second"))?;
        let (over, every, lasting) = match (time(self.over_s), time(self.every_s), time(self.for_s)) {
            (Ok(over), Ok(every), Ok(lasting)) => (over, every, lasting),
            _ => return Err(wrong("a time is negative or too long")),
        };
        let mut changes = Vec::new();
        changes.extend(self.value.map(Change::Value));
        if let Some(to) = self.drift_to {
            changes.push(Change::Drift {
                to,
                over: over.ok_or_else(|| wrong("drift_to stands without over_s"))?,
            });
        } else if over.is_some() {
            return Err(wrong("over_s stands without drift_to"));
        }
        if let Some(values) = self.flap {
            let every = every.filter(|every| !every.is_zero() && !values.is_empty());
            let every = every.ok_or_else(|| wrong("flap needs values and every_s above 0"))?;
            changes.push(Change::Flap {
                values,
                every,
                until: lasting.map(|lasting| moment.saturating_add(lasting)),
            });
        } else if every.is_some() || lasting.is_some() {
            return Err(wrong("every_s or for_s stands without flap"));
        }
        changes.extend(self.absent.then_some(Change::Absent));
        changes.extend(self.back.then_some(Change::Back));
        changes.extend(self.fails.map(Change::Fails));
        let change = changes.pop().ok_or_else(|| wrong("it says nothing"))?;
        if !changes.is_empty() {
            return Err(wrong("it says several things"));
        }
        let place = Place::find(start, &self.at).map_err(|cause| ScriptError::Place {
            second,
            at: at.clone(),
            cause,
        })?;
        Ok(Event { second: moment, at: self.at, place, change })
    }
}
