//! What the spool has of a stretch of time, by the wall clock.

use jiff::{SignedDuration, Timestamp};
use lectern_account::{Media, Span, Spans, Stretch, cause_of_gap};
use lectern_api::Name;
use lectern_api::Ticks;
use lectern_api::manifest::{Anchor, Gap};
use lectern_spool::{LessonRecord, RunRecord, Spool, SpoolError};

/// A longer lesson is not cut out of a day: one that nobody ended.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Media and gaps of every recording that touches a stretch.
pub(super) fn recorded(
    spool: &Spool,
    track: &Name,
    during: Span,
) -> Result<(Vec<Media>, Vec<Stretch>), SpoolError> {
    let (mut media, mut stretches) = (Vec::new(), Vec::new());
    for record in spool.lessons() {
        if !touches(&record, &during) {
            continue;
        }
        let id = &record.info.id;
        let mut runs = spool.runs(id)?;
        runs.retain(|run| run.track == *track && !run.anchors.is_empty());
        let mut gaps = spool.gaps(id)?;
        gaps.retain(|gap| gap.track == *track);
        let line = Timeline::new(&runs, record.info.since);
        let end = spool.timeline_end(id, track)?;
        stretches.extend(gaps.iter().filter_map(|gap| line.stretch(gap)));
        let found = line.media(end, &gaps);
        media.extend(found.iter().map(|span| Media { recording: id.clone(), span: *span }));
    }
    Ok((media, stretches))
}

fn touches(record: &LessonRecord, during: &Span) -> bool {
    let since = record.info.since;
    let until = record.info.until.or_else(|| since.checked_add(LONGEST).ok());
    since < during.until && until.is_none_or(|until| during.from < until)
}

/// The time line of a recording, against the wall clock.
struct Timeline {
    /// Where each run begins on it, and what the clock said at a point of it.
    runs: Vec<(Ticks, Anchor)>,
    since: Timestamp,
}

impl Timeline {
    fn new(runs: &[RunRecord], since: Timestamp) -> Self {
        let anchored = runs.iter().filter_map(|run| {
            let begin = run.anchors.first()?.pts_90k;
            // The newest one of a clock that knew is the best there is.
            let best = run.anchors.iter().rev().find(|anchor| anchor.synced).or(run.anchors.last())?;
            Some((begin, best.clone()))
        });
        Self { runs: anchored.collect(), since }
    }

    /// When a point of a run was captured.
    fn at(&self, run: usize, point: Ticks) -> Option<Timestamp> {
        let Some((_, anchor)) = self.runs.get(run) else { return later(self.since, point) };
        if point >= anchor.pts_90k {
            later(anchor.utc, point - anchor.pts_90k)
        } else {
            let before = SignedDuration::try_from((anchor.pts_90k - point).as_duration()).ok()?;
            anchor.utc.checked_sub(before).ok()
        }
    }

    /// The run that a point lies in; before the first one, the first.
    fn run_of(&self, point: Ticks) -> usize {
        self.runs.iter().rposition(|(begin, _)| *begin <= point).unwrap_or(0)
    }

    /// Until the next run begins the gap belongs to the one before; its end, to
    /// the one that begins there.
    fn stretch(&self, gap: &Gap) -> Option<Stretch> {
        let cause = cause_of_gap(gap.reason)?;
        let from = self.at(self.run_of(gap.from_90k), gap.from_90k)?;
        let until = self.at(self.run_of(gap.to_90k), gap.to_90k)?;
        Some(Stretch { span: Span::new(from, until)?, cause })
    }

    /// Everything between the begin of the first run and the end that is not in
    /// a gap.
    fn media(&self, end: Ticks, gaps: &[Gap]) -> Vec<Span> {
        let holes: Vec<&Gap> = gaps.iter().filter(|gap| cause_of_gap(gap.reason).is_some()).collect();
        let mut spans = Vec::new();
        for (number, (begin, _)) in self.runs.iter().enumerate() {
            let next = self.runs.get(number + 1).map_or(end, |(begin, _)| *begin);
            let span = |from: Ticks, until: Ticks| Span::new(self.at(number, from)?, self.at(number, until)?);
            let Some(whole) = span(*begin, next) else { continue };
            let holes: Spans = holes
                .iter()
                .filter(|gap| gap.from_90k < next && *begin < gap.to_90k)
                .filter_map(|gap| span(gap.from_90k.max(*begin), gap.to_90k.min(next)))
                .collect();
            spans.extend(Spans::from(whole).minus(&holes).iter().copied());
        }
        spans
    }
}

fn later(at: Timestamp, by: Ticks) -> Option<Timestamp> {
    at.checked_add(SignedDuration::try_from(by.as_duration()).ok()?).ok()
}
