//! From lines to what must be there.

use super::{Fragment, Lesson, Mark, Model, Op, Run};

impl Model {
    /// Takes in one line.
    pub fn take_in(&mut self, mark: Mark) {
        match mark {
            Mark::Opening => {}
            Mark::Opened => self.born = true,
            Mark::Adopted(model) => *self = *model,
            Mark::Begin(op) => {
                if matches!(op, Op::Spoil(_)) {
                    // Destroyed in part is destroyed. What was pending stays so.
                    self.index_lost = true;
                    return;
                }
                if let Op::Append { seed, .. } | Op::BeginRun { seed, .. } | Op::Apply(seed) = op {
                    self.seeds = self.seeds.max(seed + 1);
                }
                self.pending = Some(op);
            }
            Mark::Done(removed) => {
                if let Some(op) = self.pending.take() {
                    self.done(op, &removed);
                }
            }
            Mark::Failed(_) => {
                if let Some(op) = self.pending.take() {
                    self.attempted(op);
                }
            }
        }
    }

    /// A lesson that was begun, or would be by what is pending.
    fn lesson(&mut self, number: usize) -> &mut Lesson {
        self.lessons.entry(number).or_default()
    }

    /// Everything noted so far is durable.
    fn commit(&mut self) {
        self.facts.commit();
        for lesson in self.lessons.values_mut() {
            lesson.gaps.append(&mut lesson.maybe_gaps);
            for track in lesson.tracks.values_mut() {
                track.archived.0 = track.archived.1;
            }
        }
    }

    fn done(&mut self, op: Op, removed: &[usize]) {
        match op {
            Op::BeginLesson(number) => {
                self.lesson(number);
                self.commit();
            }
            Op::BeginRun { lesson, track, seed, bytes } => {
                let lesson = self.lesson(lesson);
                lesson.tracks.entry(track.clone()).or_default();
                lesson.runs.push(Run { track, seed, bytes });
                lesson.maybe_runs.clear();
            }
            Op::Append { lesson, track, run, seed, bytes, pts_90k, duration_90k } => {
                let track = self.lesson(lesson).tracks.entry(track).or_default();
                track.fragments.push(Fragment { run, seed, bytes, pts_90k, duration_90k });
                track.maybe.clear();
            }
            Op::End(number) => {
                self.lesson(number).closed = true;
                self.commit();
            }
            Op::Finish(number) => {
                self.lesson(number).finished = true;
                self.commit();
            }
            Op::MakeRoom | Op::Delete(_) => {
                for number in removed {
                    self.lesson(*number).removed = true;
                }
            }
            Op::Commit => self.commit(),
            Op::Gap { .. } | Op::Acknowledge { .. } | Op::Apply(_) => self.attempted(op),
            Op::Spoil(_) => {}
        }
    }

    /// What may be there from now on.
    pub(crate) fn attempted(&mut self, op: Op) {
        match op {
            Op::BeginRun { lesson, track, seed, bytes } => {
                self.lesson(lesson).maybe_runs.push(Run { track, seed, bytes });
            }
            Op::Append { lesson, track, run, seed, bytes, pts_90k, duration_90k } => {
                let track = self.lesson(lesson).tracks.entry(track).or_default();
                track.maybe.push(Fragment { run, seed, bytes, pts_90k, duration_90k });
            }
            Op::Apply(seed) => self.facts.applied.push(seed),
            Op::Gap { lesson, gap } => self.lesson(lesson).maybe_gaps.push(gap),
            Op::Acknowledge { lesson, track, seq } => {
                let track = self.lesson(lesson).tracks.entry(track).or_default();
                track.archived.1 = track.archived.1.max(seq);
            }
            Op::BeginLesson(_)
            | Op::End(_)
            | Op::Finish(_)
            | Op::Delete(_)
            | Op::MakeRoom
            | Op::Commit
            | Op::Spoil(_) => {}
        }
    }

    /// Folds lines into what must be there, and what may.
    #[must_use]
    pub fn fold<'a>(mut self, lines: impl IntoIterator<Item = &'a str>) -> Self {
        for line in lines {
            self.take_in(Mark::parse(line));
        }
        self
    }
}
