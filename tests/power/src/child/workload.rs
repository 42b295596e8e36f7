//! What a box does to its spool, at random and as fast as the disk allows.

use std::io;

use fastrand::Rng;
use lectern_api::manifest::{Anchor, Gap, GapReason};
use lectern_api::{Name, Ticks};
use lectern_spool::{NewFragment, Retention, Spool, SpoolError};

use super::marks::Marks;
use crate::model::{Lesson, Mark, Model, Op, archive, id, info, name, payload};

/// A gap, or how far two seconds of media reach.
const TWO_SECONDS: Ticks = Ticks(2 * Ticks::PER_SECOND);
const INIT_BYTES: usize = 1200;

/// Chooses and does operations.
pub(crate) struct Workload<'a> {
    pub(crate) spool: &'a Spool,
    pub(crate) marks: &'a mut Marks,
    pub(crate) model: Model,
    pub(crate) rng: Rng,
}

impl Workload<'_> {
    /// Does so many operations.
    ///
    /// # Errors
    /// An error of the spool that no want of room explains, or of the marks.
    pub(crate) fn run(&mut self, operations: usize) -> io::Result<()> {
        for _ in 0..operations {
            for op in self.choose() {
                self.mark(Mark::Begin(op.clone()))?;
                let mark = match self.apply(&op) {
                    Ok(removed) => Mark::Done(removed),
                    Err(error) if error.is_full() => Mark::Failed(error.to_string()),
                    Err(error) => return Err(io::Error::other(format!("{op:?}: {error}"))),
                };
                self.mark(mark)?;
            }
        }
        Ok(())
    }

    fn mark(&mut self, mark: Mark) -> io::Result<()> {
        self.marks.write(&mark)?;
        self.model.take_in(mark);
        Ok(())
    }

    fn open_lesson(&self) -> Option<(usize, &Lesson)> {
        self.model.lessons.iter().map(|(no, lesson)| (*no, lesson)).rfind(|(_, lesson)| !lesson.closed)
    }

    /// A seed that no payload had.
    fn seed(&self) -> u64 {
        self.model.seeds
    }

    fn choose(&mut self) -> Vec<Op> {
        let next = self.model.lessons.keys().last().map_or(1, |number| number + 1);
        let Some((number, lesson)) = self.open_lesson().map(|(no, lesson)| (no, lesson.clone())) else {
            return vec![Op::BeginLesson(next)];
        };
        if lesson.runs.is_empty() {
            return vec![self.begin_run(number)];
        }
        // Nearly full: what a box does then.
        let is_tight = self.spool.usage().is_ok_and(|usage| usage.free_bytes.0 < 6 << 20);
        let choice = if is_tight { self.rng.u32(80..100) } else { self.rng.u32(..100) };
        match choice {
            0..56 => vec![self.append(number, &lesson)],
            56..62 => vec![self.gap(number, &lesson)],
            62..72 => self.acknowledge(),
            72..76 => vec![Op::Commit],
            76..80 => vec![self.begin_run(number)],
            80..86 => vec![Op::End(number)],
            86..93 => self.finish(),
            93..95 => self.delete(),
            _ => vec![Op::MakeRoom],
        }
    }

    fn begin_run(&mut self, lesson: usize) -> Op {
        let track = name(if self.rng.u8(..3) == 0 { "camera-1" } else { "program" });
        let bytes = self.rng.usize(1..=INIT_BYTES);
        Op::BeginRun { lesson, track, seed: self.seed(), bytes }
    }

    fn end_of(&self, lesson: usize, track: &Name) -> Ticks {
        self.spool.timeline_end(&id(lesson), track).unwrap_or_default()
    }

    fn append(&mut self, number: usize, lesson: &Lesson) -> Op {
        let nth = self.rng.usize(..lesson.runs.len());
        // The newest run of a track takes its fragments.
        let track = lesson.runs[nth].track.clone();
        let run = lesson.runs.iter().rposition(|run| run.track == track).unwrap_or(nth) as u32 + 1;
        let bytes = if self.rng.u8(..4) == 0 {
            self.rng.usize(1..1 << 20)
        } else {
            self.rng.usize(64 << 10..320 << 10)
        };
        let pts_90k = self.end_of(number, &track);
        Op::Append {
            lesson: number,
            track,
            run,
            seed: self.seed(),
            bytes,
            pts_90k,
            duration_90k: TWO_SECONDS,
        }
    }

    fn gap(&mut self, number: usize, lesson: &Lesson) -> Op {
        let track = lesson.runs[self.rng.usize(..lesson.runs.len())].track.clone();
        let from_90k = self.end_of(number, &track);
        let to_90k = from_90k + Ticks(self.rng.u64(1..5 * Ticks::PER_SECOND));
        Op::Gap { lesson: number, gap: Gap { track, from_90k, to_90k, reason: GapReason::PipelineRestarted } }
    }

    /// The archive takes some more of the oldest lesson that it lacks.
    fn acknowledge(&mut self) -> Vec<Op> {
        let most = self.rng.usize(1..8);
        let lacking =
            self.model.lessons.iter().filter(|(_, lesson)| !lesson.removed).find_map(|(no, lesson)| {
                let of_track = lesson.tracks.iter().flat_map(|(name, track)| {
                    let from = track.archived.1 + 1;
                    (from..=track.fragments.len() as u64).map(move |seq| (name.clone(), seq))
                });
                let ops: Vec<Op> = of_track
                    .take(most)
                    .map(|(track, seq)| Op::Acknowledge { lesson: *no, track, seq })
                    .collect();
                (!ops.is_empty()).then_some(ops)
            });
        lacking.unwrap_or_default()
    }

    /// The archive takes the oldest lesson that ended, whole.
    fn finish(&mut self) -> Vec<Op> {
        let unfinished = self.model.lessons.iter().find(|(_, l)| l.closed && !l.finished && !l.removed);
        let Some((number, lesson)) = unfinished else { return Vec::new() };
        let mut ops = Vec::new();
        for (name, track) in &lesson.tracks {
            for seq in track.archived.1 + 1..=track.fragments.len() as u64 {
                ops.push(Op::Acknowledge { lesson: *number, track: name.clone(), seq });
            }
        }
        ops.push(Op::Finish(*number));
        ops
    }

    /// Somebody has a lesson that ended deleted.
    fn delete(&mut self) -> Vec<Op> {
        let ended = self.model.lessons.iter().filter(|(_, lesson)| lesson.closed && !lesson.removed);
        let ended: Vec<usize> = ended.map(|(number, _)| *number).collect();
        self.rng.choice(ended).map(Op::Delete).into_iter().collect()
    }

    fn apply(&self, op: &Op) -> Result<Vec<usize>, SpoolError> {
        let spool = self.spool;
        match op {
            Op::BeginLesson(number) => spool.begin_lesson(&info(*number))?,
            Op::BeginRun { lesson, track, seed, bytes } => {
                let pts_90k = self.end_of(*lesson, track);
                let anchor = Anchor { pts_90k, utc: info(*lesson).since, synced: true, uncertainty_ms: None };
                spool.begin_run(&id(*lesson), track, &payload(*seed, *bytes), "avc1", anchor)?;
            }
            Op::Append { lesson, track, run, seed, bytes, pts_90k, duration_90k } => {
                spool.append(NewFragment {
                    lesson: &id(*lesson),
                    track,
                    run: *run,
                    pts_90k: *pts_90k,
                    duration_90k: *duration_90k,
                    payload: &payload(*seed, *bytes),
                })?;
            }
            Op::Gap { lesson, gap } => spool.record_gap(&id(*lesson), gap)?,
            Op::Acknowledge { lesson, track, seq } => {
                spool.acknowledge(&archive(), &id(*lesson), track, *seq)?;
            }
            Op::End(number) => spool.end_lesson(&id(*number), info(*number + 1).since)?,
            Op::Finish(number) => spool.finish_archive(&archive(), &id(*number))?,
            Op::MakeRoom => {
                let made =
                    spool.make_room(&Retention { archives: vec![archive()], ..Retention::default() })?;
                let numbers = self.model.lessons.keys().filter(|number| made.lessons.contains(&id(**number)));
                return Ok(numbers.copied().collect());
            }
            Op::Delete(number) => {
                spool.delete(&id(*number), "tester", "a wish", true, &[archive()])?;
                return Ok(vec![*number]);
            }
            Op::Commit => spool.commit()?,
            Op::Apply(_) | Op::Spoil(_) => {}
        }
        Ok(Vec::new())
    }
}
