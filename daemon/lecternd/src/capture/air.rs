//! The one who decides about lessons tells here what is on the air; whoever
//! records, broadcasts or watches looks.

use lectern_api::manifest::{GapReason, LessonInfo};
use lectern_api::{LessonId, Ticks};
use tokio::sync::watch;

pub(crate) use super::schedule::Origin;
use super::schedule::Schedule;
use super::shutter::Shutter;
use super::time::ClockPoint;

/// What the one who decides about lessons tells those who record and broadcast.
#[derive(Debug)]
pub(crate) struct AirDesk {
    schedule: watch::Sender<Schedule>,
    shutter: watch::Sender<Shutter>,
}

impl AirDesk {
    /// Nothing is on the air yet.
    pub(crate) fn new(schedule: watch::Sender<Schedule>, shutter: watch::Sender<Shutter>) -> Self {
        Self { schedule, shutter }
    }

    /// A lesson goes on the air at `begin`, which may lie in the future: two
    /// seconds suffice to make everything ready. It may begin at the end of
    /// another, which is told before or after. `origin` is known of a lesson
    /// that goes on; `gap` is why there may be a gap before the first run. A
    /// lesson that is put on again is what the newest call says.
    pub(crate) fn put_on(&self, info: LessonInfo, begin: ClockPoint, origin: Option<Origin>, gap: GapReason) {
        let now = ClockPoint::now();
        self.schedule.send_modify(|schedule| schedule.put_on(info, begin, origin, gap, now));
    }

    /// A lesson leaves the air at `end`, which may lie in the future; gives where
    /// its time line ends. A lesson that has not begun by then leaves nothing.
    /// Asking again moves an end that has not come yet.
    pub(crate) fn take_off(&self, lesson: &LessonId, end: ClockPoint) -> Option<Ticks> {
        let (now, mut position) = (ClockPoint::now(), None);
        self.schedule.send_modify(|schedule| position = schedule.take_off(lesson, end, now));
        position
    }

    /// The privacy shutter closes or opens, at once: nothing of the room that is
    /// captured while it is closed is recorded or broadcast, in this lesson and
    /// in all that follow.
    pub(crate) fn shutter(&self, closed: bool) {
        let now = ClockPoint::now();
        self.shutter.send_if_modified(|shutter| shutter.turn(closed, now));
    }
}
