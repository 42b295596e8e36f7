//! What the record hands over, gathered by lesson and played.

use std::path::Path;
use std::sync::Arc;

use lectern_api::Ticks;
use lectern_api::manifest::GapReason;
use lectern_tests::Readings;
use lectern_tests::readings::Container;

use crate::capture::writer::{Recorded, RunHead};

/// One run: its head and where each fragment lies.
pub(super) struct Run {
    pub(super) head: Arc<RunHead>,
    pub(super) fragments: Vec<(Ticks, Ticks)>,
    media: Vec<u8>,
}

/// A lesson's record.
pub(super) struct Tape {
    pub(super) lesson: String,
    pub(super) runs: Vec<Run>,
    /// What the lanes say is missing, up to a position.
    pub(super) missing: Vec<(Ticks, GapReason)>,
    pub(super) ended: bool,
}

impl Run {
    /// Decodes it.
    pub(super) fn read(&self, folder: &Path) -> Readings {
        let file = folder.join(format!("{}-{}.mp4", self.head.info.id, self.head.at.0));
        std::fs::write(&file, [self.head.init.as_slice(), &self.media].concat()).unwrap();
        Readings::decode(&file, Container::Mp4)
    }

    /// Where it ends.
    pub(super) fn end(&self) -> Ticks {
        self.fragments.last().map_or(self.head.at, |(pts, duration)| *pts + *duration)
    }
}

/// Adds what came to the tape of its lesson.
pub(super) fn put(tapes: &mut Vec<Tape>, recorded: Recorded) {
    match recorded {
        Recorded::Fragment { run: head, pts, duration, payload } => {
            let tape = tape(tapes, head.info.id.as_str());
            assert!(!tape.ended, "a fragment behind the end");
            if tape.runs.last().is_none_or(|run| !Arc::ptr_eq(&run.head, &head)) {
                tape.runs.push(Run { head, fragments: Vec::new(), media: Vec::new() });
            }
            let run = tape.runs.last_mut().unwrap();
            run.fragments.push((pts, duration));
            run.media.extend(payload);
        }
        Recorded::Missing { lesson, until, reason } => {
            tape(tapes, lesson.as_str()).missing.push((until, reason));
        }
        Recorded::End { lesson } => tape(tapes, lesson.as_str()).ended = true,
        other => panic!("not expected on a healthy box: {other:?}"),
    }
}

fn tape<'a>(tapes: &'a mut Vec<Tape>, lesson: &str) -> &'a mut Tape {
    let index = tapes.iter().position(|tape| tape.lesson == lesson).unwrap_or_else(|| {
        let (lesson, runs, missing) = (lesson.to_owned(), Vec::new(), Vec::new());
        tapes.push(Tape { lesson, runs, missing, ended: false });
        tapes.len() - 1
    });
    &mut tapes[index]
}
