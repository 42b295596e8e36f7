//! What a script's machine is like at a moment; pure.

use std::time::Duration;

use serde_json::{Number, Value};

use super::place::prune;
use super::script::{Change, Event, Script};
use super::world::World;
use crate::tree::Trouble;

impl Script {
    /// The machine as it is `now`, counted from the start.
    #[must_use]
    pub fn world(&self, now: Duration) -> World {
        // A script has been rehearsed; what still failed would be absent.
        self.try_world(now).unwrap_or_default()
    }

    pub(super) fn try_world(&self, now: Duration) -> Result<World, String> {
        let moment = match self.repeat_after {
            Some(round) => Duration::from_nanos((now.as_nanos() % round.as_nanos()).try_into().unwrap_or(0)),
            None => now,
        };
        let mut state = self.start.clone();
        let mut troubles = Vec::new();
        let past = || self.events.iter().take_while(|event| event.second <= moment);
        for (index, event) in past().enumerate() {
            let is_replaced = past().skip(index + 1).any(|later| later.place == event.place);
            match &event.change {
                // What it was before is where a later drift begins.
                Change::Absent | Change::Fails(_) if is_replaced => {}
                Change::Absent => event.place.set(&mut state, Value::Null),
                Change::Fails(cause) => {
                    event.place.set(&mut state, Value::Null);
                    troubles.push(Trouble { place: event.at.clone(), cause: cause.clone() });
                }
                Change::Back => {
                    let before = event.place.get(&self.start).cloned().unwrap_or(Value::Null);
                    event.place.set(&mut state, before);
                }
                _ => {
                    // What is below something absent stays absent with it.
                    let Some(before) = event.place.get(&state).cloned() else { continue };
                    // A later event of the same place begins with what this one was then.
                    let next = past().skip(index + 1).find(|later| later.place == event.place);
                    let until = next.map_or(moment, |later| later.second);
                    event.place.set(&mut state, value(event, &before, until)?);
                }
            }
        }
        prune(&mut state);
        let mut world: World = serde_json::from_value(state).map_err(|error| error.to_string())?;
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        world.sensors.uptime_ms = Some(world.sensors.uptime_ms.unwrap_or(0).saturating_add(millis));
        world.sensors.troubles.extend(troubles);
        Ok(world)
    }
}

fn value(event: &Event, before: &Value, now: Duration) -> Result<Value, String> {
    let passed = now.saturating_sub(event.second);
    match &event.change {
        Change::Value(value) => Ok(value.clone()),
        Change::Drift { to, over } => {
            let from =
                before.as_f64().ok_or_else(|| format!("{} is no number that could drift", event.at))?;
            let share =
                if over.is_zero() { 1.0 } else { (passed.as_secs_f64() / over.as_secs_f64()).min(1.0) };
            let reached = from + (to - from) * share;
            let whole = Number::from_i128(reached.round() as i128).filter(|_| !before.is_f64());
            whole.or_else(|| Number::from_f64(reached)).map(Value::Number).ok_or_else(|| format!("{reached}"))
        }
        Change::Flap { values, every, until } => {
            let last = values.last().filter(|_| until.is_some_and(|until| now >= until));
            let turn = (passed.as_nanos() / every.as_nanos().max(1)) % values.len().max(1) as u128;
            let value = last.or_else(|| values.get(usize::try_from(turn).unwrap_or(0)));
            Ok(value.cloned().unwrap_or(Value::Null))
        }
        Change::Absent | Change::Fails(_) | Change::Back => Ok(before.clone()),
    }
}
