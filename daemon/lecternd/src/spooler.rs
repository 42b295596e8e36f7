//! What is handed over becomes durable here, on a thread of its own: the disk
//! may take its time, nobody else must. One queue for all facts of a lesson
//! keeps them in order: its beginning, its fragments, its end.

use std::sync::Arc;

use lectern_api::manifest::{Gap, GapReason, LessonInfo};
use lectern_api::{LessonId, Name, Ticks};
use lectern_spool::{NewFragment, Retention, RoomMade, Spool, SpoolError, StoredFragment};
use tokio::sync::{mpsc, watch};

use crate::capture::time::ClockPoint;
use crate::capture::writer::{Recorded, RunHead};
use crate::lesson::actor::Request;
use crate::off_thread::OffThread as _;

/// The track that holds the mixed picture and sound.
pub(crate) const PROGRAM: &str = "program";

/// What has become durable, for whoever waits for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Counts everything that was taken from the queue, and decisions about lessons.
    pub(crate) changes: u64,
    /// When the newest fragment became durable.
    pub(crate) newest: Option<ClockPoint>,
}

/// The spool's writer.
#[derive(Debug)]
pub(crate) struct Spooler {
    spool: Arc<Spool>,
    recorded: mpsc::Receiver<Recorded>,
    lesson: mpsc::Sender<Request>,
    progress: watch::Sender<Progress>,
    /// What may be let go.
    retention: Retention,
    track: Name,
    /// A lesson whose beginning the disk has not taken yet.
    unbegun: Option<LessonInfo>,
    /// The runs that are being written: at a bell the last fragments of one
    /// lesson may come among the first of the next.
    runs: Vec<(Arc<RunHead>, u32)>,
    /// Gaps that could not be written down yet.
    unwritten: Vec<(LessonId, Gap)>,
}

/// The first and the last frame of a lesson may lie so far from its bells: the
/// mixer's latency and two frames at 10 fps.
const SEAM: Ticks = Ticks(Ticks::PER_SECOND / 2);

impl Spooler {
    pub(crate) fn new(
        spool: Arc<Spool>,
        recorded: mpsc::Receiver<Recorded>,
        lesson: mpsc::Sender<Request>,
        progress: watch::Sender<Progress>,
        retention: Retention,
    ) -> Result<Self, lectern_api::IdError> {
        let track = Name::new(PROGRAM)?;
        let unwritten = Vec::new();
        Ok(Self {
            spool,
            recorded,
            lesson,
            progress,
            retention,
            track,
            unbegun: None,
            runs: Vec::new(),
            unwritten,
        })
    }

    /// Writes until everybody who hands over is gone for good.
    pub(crate) fn run(&mut self) {
        while let Some(recorded) = self.recorded.blocking_recv() {
            let durable = self.take(recorded).then(ClockPoint::now);
            self.progress.send_modify(|progress| {
                progress.changes += 1;
                progress.newest = durable.or(progress.newest);
            });
        }
    }

    /// Whether a fragment became durable.
    fn take(&mut self, recorded: Recorded) -> bool {
        self.begin_lesson();
        self.write_gaps();
        match recorded {
            Recorded::Begin(info) => {
                self.unbegun = Some(info);
                self.begin_lesson();
            }
            Recorded::Fragment { run, pts, duration, payload } => {
                return self.fragment(&run, pts, duration, &payload);
            }
            Recorded::Gap { lesson, from, to, reason } => self.gap(&lesson, from, to, reason),
            Recorded::Missing { lesson, until, reason } => self.missing(&lesson, until, reason),
            Recorded::End { lesson } => self.tell(Request::Drained { lesson }),
            Recorded::Close { lesson, at, until, gap } => self.close(lesson, at, until, gap),
        }
        false
    }

    /// A lesson is durable before its first fragment. A disk that refuses is
    /// asked again with everything that comes.
    fn begin_lesson(&mut self) {
        let Some(info) = &self.unbegun else { return };
        let begun = self.with_room(|spool| spool.begin_lesson(info));
        match begun {
            Ok(()) => self.unbegun = None,
            Err(error) => tracing::error!(lesson = %info.id, %error, "the lesson is not on the disk yet"),
        }
    }

    fn fragment(&mut self, head: &Arc<RunHead>, pts: Ticks, duration: Ticks, payload: &[u8]) -> bool {
        let lesson = &head.info.id;
        let stored = self.begin_run(head).and_then(|run| self.append(lesson, run, pts, duration, payload));
        match stored {
            Ok(stored) => {
                tracing::debug!(%lesson, seq = stored.seq, bytes = stored.bytes, "fragment is durable");
                true
            }
            Err(error) => {
                tracing::error!(%lesson, %error, "a fragment is lost");
                self.gap(lesson, pts, pts + duration, GapReason::SpoolRefused);
                false
            }
        }
    }

    /// The number of the fragment's run, which is begun when it is new. The
    /// time between the last media and it is a gap.
    fn begin_run(&mut self, head: &Arc<RunHead>) -> Result<u32, SpoolError> {
        if let Some((_, number)) = self.runs.iter().find(|(known, _)| Arc::ptr_eq(known, head)) {
            return Ok(*number);
        }
        let lesson = &head.info.id;
        self.runs.retain(|(known, _)| known.info.id != *lesson);
        self.runs.truncate(1);
        if self.spool.lesson(lesson).is_none() {
            tracing::warn!(%lesson, "a lesson begins with its first fragment: nobody had begun it");
            self.with_room(|spool| spool.begin_lesson(&head.info))?;
        }
        self.missing(lesson, head.at, head.gap);
        let number = self.with_room(|spool| {
            spool.begin_run(lesson, &self.track, &head.init, &head.codecs, head.anchor.clone())
        })?;
        self.runs.insert(0, (Arc::clone(head), number));
        Ok(number)
    }

    /// What lies between the end of the time line and `until` is a gap.
    fn missing(&mut self, lesson: &LessonId, until: Ticks, reason: GapReason) {
        match self.spool.timeline_end(lesson, &self.track) {
            Ok(end) => self.gap(lesson, end, until, reason),
            Err(error) => tracing::error!(%lesson, %error, "the time line's end is unknown"),
        }
    }

    fn append(
        &self,
        lesson: &LessonId,
        run: u32,
        pts_90k: Ticks,
        duration_90k: Ticks,
        payload: &[u8],
    ) -> Result<StoredFragment, SpoolError> {
        let fragment = NewFragment { lesson, track: &self.track, run, pts_90k, duration_90k, payload };
        self.with_room(|spool| spool.append(fragment))
    }

    /// Tries a second time: on a full disk after room was made; after an error
    /// of the disk at once, since the spool goes on in another file then.
    fn with_room<T>(&self, write: impl Fn(&Spool) -> Result<T, SpoolError>) -> Result<T, SpoolError> {
        match write(&self.spool) {
            Err(error) if error.is_full() || matches!(error, SpoolError::Io { .. }) => {
                tracing::warn!(%error, "trying once more");
                let _ = make_room(&self.spool, &self.retention);
                write(&self.spool)
            }
            written => written,
        }
    }

    /// Everything of the lesson has been taken from the queue by now.
    fn close(&mut self, lesson: LessonId, at: Ticks, until: jiff::Timestamp, gap: GapReason) {
        match self.spool.timeline_end(&lesson, &self.track) {
            Ok(end) if at > end + SEAM || end == Ticks(0) => self.gap(&lesson, end, at, gap),
            Ok(_) => {}
            Err(error) => tracing::error!(%lesson, %error, "the time line's end is unknown"),
        }
        if let Err(error) = self.with_room(|spool| spool.end_lesson(&lesson, until)) {
            tracing::error!(%lesson, %error, "the lesson could not be closed");
        }
        self.tell(Request::Closed { lesson });
    }

    fn tell(&self, request: Request) {
        // The actor drains its queue at all times, so this waits for moments.
        let _ = self.lesson.blocking_send(request);
    }

    fn gap(&mut self, lesson: &LessonId, from_90k: Ticks, to_90k: Ticks, reason: GapReason) {
        if to_90k <= from_90k {
            return;
        }
        tracing::warn!(%lesson, ?reason, seconds = (to_90k - from_90k).as_secs_f64(), "gap in the record");
        match self.unwritten.last_mut() {
            // A full disk refuses many in a row: one gap.
            Some((of, last)) if of == lesson && last.reason == reason && last.to_90k == from_90k => {
                last.to_90k = to_90k;
            }
            _ => {
                let gap = Gap { track: self.track.clone(), from_90k, to_90k, reason };
                self.unwritten.push((lesson.clone(), gap));
            }
        }
        self.write_gaps();
    }

    /// A gap is as much a fact as a fragment: what the disk does not take now
    /// is tried again with the next thing.
    fn write_gaps(&mut self) {
        let spool = &self.spool;
        self.unwritten.retain(|(lesson, gap)| match spool.record_gap(lesson, gap) {
            Ok(()) => false,
            Err(
                error @ (SpoolError::LessonClosed(_) | SpoolError::UnknownLesson(_) | SpoolError::Invalid(_)),
            ) => {
                tracing::error!(%lesson, ?gap, %error, "a gap can not be written down any more");
                false
            }
            Err(error) => {
                tracing::error!(%lesson, %error, "a gap could not be written down yet");
                true
            }
        });
    }
}

/// Lets go what may go. By age only while the clock can be trusted: one that
/// leapt ahead would take every lesson for old.
pub(crate) fn make_room(spool: &Spool, retention: &Retention) -> Result<RoomMade, SpoolError> {
    let keep_days = retention.keep_days.filter(|_| spool.clock().trust().is_networked());
    let made = spool.make_room(&Retention { keep_days, ..retention.clone() });
    match &made {
        Ok(made) if made.lessons.is_empty() && made.discarded.is_empty() => {}
        Ok(made) => tracing::info!(?made, "lessons were let go"),
        Err(error) => tracing::error!(%error, "no room could be made in the spool"),
    }
    made
}

/// Commits the index when it is due, keeps room, and tidies up a little, also while nothing is
/// recorded: the next bell must not find a full disk that could have been
/// emptied.
pub(crate) async fn keep_house(spool: Arc<Spool>, retention: Retention) -> Result<(), SpoolError> {
    let mut tick = tokio::time::interval(HOUSEKEEPING_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let retention = retention.clone();
        spool
            .off_thread(move |spool| {
                // On a full disk the index cannot be committed; what makes room
                // is asked all the same.
                let committed = spool.commit_if_due().map(drop);
                let _ = make_room(spool, &retention);
                committed.and_then(|()| spool.tidy().map(drop))
            })
            .await?;
    }
}

const HOUSEKEEPING_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

#[cfg(test)]
mod tests;
