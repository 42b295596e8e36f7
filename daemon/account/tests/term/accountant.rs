//! The box: it settles what it finds over, from what it has in its hands.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lectern_account::due::GRACE;
use lectern_account::{Evidence, Media, Span, Stretch, account, corrected, due, history, not_owed};
use lectern_api::LessonId;
use lectern_api::account::{Account, Cause};

use crate::school::{term, zone};
use crate::world::World;

#[derive(Debug, Default)]
pub(crate) struct Accountant {
    pub(crate) accounts: BTreeMap<(Timestamp, LessonId), Account>,
    settled_until: Option<Timestamp>,
    /// Its journal is lost again and again.
    forgets: bool,
    looks: u64,
}

impl Accountant {
    pub(crate) fn without_journal() -> Self {
        Self { forgets: true, ..Self::default() }
    }

    /// One look at what is over.
    pub(crate) fn look(&mut self, world: &World, now: Timestamp) {
        self.looks += 1;
        let from = self.settled_until.unwrap_or(term().from);
        let until = now - SignedDuration::try_from(GRACE).unwrap();
        let Some(stretch) = Span::new(from, until) else { return };
        let over = due(world.plan_at(now), stretch);
        if !over.is_empty() {
            let around = Span { from: over[0].lesson.begin, until };
            let evidence = self.evidence(world, around, now);
            for due in over {
                let key = (due.lesson.begin, due.lesson.id.clone());
                let account = match due.not_owed {
                    Some(why) => not_owed(due.lesson, &why, &evidence),
                    None => account(due.lesson, &evidence, &zone(), now),
                };
                let account = Account { settled: Some(now), ..account };
                let again = corrected(&account, &evidence.media, &zone());
                assert_eq!(again, None, "settled with what there is, it is not to be corrected");
                assert!(self.accounts.insert(key, account).is_none(), "settled twice");
            }
        }
        // A power cut before this is written: the next look does it again.
        if self.looks.is_multiple_of(5) && !self.accounts.is_empty() {
            let done = self.settled_until;
            self.accounts.retain(|_, account| done.is_some_and(|done| account.lesson.end <= done));
        } else {
            self.settled_until = Some(until);
        }
    }

    /// What lies in the spool, and what the journal says.
    fn evidence(&self, world: &World, around: Span, now: Timestamp) -> Evidence {
        let recording = LessonId::new("recording").unwrap();
        let able = world.able().within(&around);
        let media = able.iter().map(|span| Media { recording: recording.clone(), span: *span }).collect();
        let mut stretches: Vec<Stretch> = Vec::new();
        let gaps = world.troubles.iter().filter(|trouble| !trouble.in_journal || self.forgets);
        stretches.extend(gaps.map(|trouble| Stretch { span: trouble.span, cause: trouble.cause }));
        if self.forgets {
            stretches.retain(|stretch| stretch.cause == Cause::DiskRefused);
        } else {
            stretches.extend(history(&world.journal(now), now).stretches);
        }
        stretches.retain(|stretch| stretch.span.and(&around).is_some());
        Evidence { media, stretches, ..Evidence::default() }
    }
}
