//! The ledger's parts, each put once, behind the fragments it lists.

use lectern_api::{LessonId, Name, Ticks};
use lectern_archive::ledger::{self, FRAGMENTS_PER_PART, Head, LEDGER_VERSION, Line, Listed, Reach};
use lectern_archive::{Store, StoreError, layout};
use lectern_spool::{Spool, SpoolError};

use super::compose::{listed, run};
use super::error::UploadError;
use super::journey::Journey;
use super::lane::Lane;
use crate::off_thread::OffThread as _;

impl Lane<'_> {
    /// Puts the parts that are due by what was acknowledged.
    pub(super) async fn write_ledger(
        &self,
        store: &Store,
        id: &LessonId,
        journey: &mut Journey,
    ) -> Result<(), UploadError> {
        let (mut part, mut up_to) = match journey.ledger.take() {
            Some(known) => known,
            None => match ledger::newest(store).await {
                Ok(Some(head)) => (head.part + 1, head.up_to),
                Ok(None) => (1, Vec::new()),
                // Nobody may look, so nobody knows which part is next. The closed
                // manifest will have everything.
                Err(StoreError::Refused { .. } | StoreError::Rejected { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            },
        };
        loop {
            let (archive, lesson, before) = (self.up.name.clone(), id.clone(), up_to.clone());
            let lines =
                self.up.spool.off_thread(move |spool| next_part(spool, &archive, &lesson, part, &before));
            let Some(lines) = lines.await? else { break };
            if let Some(Line::Part(head)) = lines.first() {
                up_to.clone_from(&head.up_to);
            }
            let text = ledger::render(&lines).map_err(|error| UploadError::Json(id.clone(), error))?;
            store.put(&layout::ledger_part(part), text).await?;
            part += 1;
        }
        journey.ledger = Some((part, up_to));
        Ok(())
    }
}

/// The lines of the next part; nothing before a track has enough for one.
fn next_part(
    spool: &Spool,
    archive: &Name,
    lesson: &LessonId,
    part: u32,
    before: &[Reach],
) -> Result<Option<Vec<Line>>, SpoolError> {
    let mut tracks = Vec::new();
    for track in spool.tracks(lesson)? {
        let reached = before.iter().find(|reach| reach.track == track.name).map_or(0, |reach| reach.seq);
        let there = spool.acknowledged(archive, lesson, &track.name)?;
        tracks.push((track.name, reached, there.clamp(reached, reached + FRAGMENTS_PER_PART)));
    }
    if !tracks.iter().any(|(_, reached, to)| to - reached == FRAGMENTS_PER_PART) {
        return Ok(None);
    }
    let (runs, gaps) = (spool.runs(lesson)?, spool.gaps(lesson)?);
    let up_to = tracks.iter().map(|(track, _, to)| Reach { track: track.clone(), seq: *to }).collect();
    let mut lines = vec![Line::Part(Head { version: LEDGER_VERSION, part, up_to })];
    for (track, reached, to) in tracks {
        // One before, for where its time ends.
        let mut fragments = listed(spool, lesson, &track, reached.max(1), to)?;
        let from = match fragments.first() {
            Some(first) if first.seq <= reached => {
                let first = fragments.remove(0);
                first.pts_90k + first.duration_90k
            }
            _ => Ticks(0),
        };
        let Some(end) = fragments.last().map(|last| last.pts_90k + last.duration_90k) else { continue };
        let needed = |number: u32| fragments.iter().any(|fragment| fragment.run == number);
        let runs = runs.iter().filter(|run| run.track == track && needed(run.run));
        lines.extend(runs.map(|record| Line::Run(run(record.clone()))));
        let within = gaps.iter().filter(|gap| gap.track == track && gap.to_90k > from && gap.from_90k < end);
        lines.extend(within.map(|gap| Line::Gap(gap.clone())));
        let listed = fragments.into_iter().map(|fragment| Listed { track: track.clone(), fragment });
        lines.extend(listed.map(Line::Fragment));
    }
    Ok(Some(lines))
}
