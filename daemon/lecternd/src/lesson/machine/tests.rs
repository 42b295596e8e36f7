mod bell;
mod by_hand;
mod by_itself;
mod shutter;
mod term;
mod world;

use super::*;

/// A Wednesday in term, 14:13:20 in Shanghai.
const BEGIN: i64 = 1_772_000_000;

/// So many seconds after [`BEGIN`], with an empty agenda.
fn at(second: i64) -> Now {
    let utc = Timestamp::from_second(BEGIN + second).unwrap();
    Now {
        utc,
        monotonic: Duration::from_secs(u64::try_from(second).unwrap()),
        agenda: Some(Agenda::default()),
        is_sure: true,
        midnight: utc + jiff::SignedDuration::from_hours(9),
    }
}

fn id(name: &str) -> LessonId {
    LessonId::new(name).unwrap()
}

fn a_lesson(name: &str, second: i64, minutes: Option<u32>) -> LessonInfo {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let id = LessonId::new(name).unwrap_or_else(|_| id("by-hand"));
    info(id, Some(name.to_owned()), minutes, Trigger::Hand, at(second).utc, &zone)
}

fn start(state: State, name: &str, second: i64, minutes: Option<u32>) -> (State, Vec<Effect>) {
    step(state, Event::Start { info: a_lesson(name, second, minutes) }, &at(second))
}

/// The end of a lesson whose record drained.
fn closes(name: &str, second: i64) -> Effect {
    Effect::Close { lesson: id(name), until: at(second).utc, at: None, gap: GapReason::PipelineRestarted }
}

fn leaves(name: &str, second: u64) -> Effect {
    Effect::TakeOffAir { lesson: id(name), at: Duration::from_secs(second) }
}
