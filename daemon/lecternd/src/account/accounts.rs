//! The accounts: settled in order, corrected upward, told.
//!
//! Settling a stretch writes the account of each of its lessons, and then how
//! far it went. After a power cut between any two of these the stretch is gone
//! through again: an account that is there is only looked at for media that it
//! did not know of.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lectern_account::due::{GRACE, lessons};
use lectern_account::{
    Concern, Due, Evidence, History, Media, Power, Span, account, attention, corrected, due, history,
    not_owed,
};
use lectern_api::account::{Account, AccountStatus, Acknowledged};
use lectern_api::{Clock, LessonId, Name};
use lectern_spool::{Spool, SpoolError};
use lectern_timetable::RoomPlan;

use super::ledger::{Ledger, Reach};
use super::live::LiveLog;
use super::recorded::recorded;
use crate::facts::{Facts, FactsError};
use crate::journal::Journal;

/// Why the accounts cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// The database of facts refuses.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// The spool refuses.
    #[error("what is recorded is not known: {0}")]
    Spool(#[from] SpoolError),
}

/// Asked for the plan in force; nothing while there is none.
pub(crate) type PlanInForce = Box<dyn Fn() -> Option<RoomPlan> + Send + Sync>;

/// What accounts are made from.
pub(crate) struct Sources {
    pub(crate) facts: Arc<Facts>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) spool: Arc<Spool>,
    /// The track that a lesson is recorded on.
    pub(crate) track: Name,
    pub(crate) plan: PlanInForce,
    pub(crate) power: Power,
    pub(crate) clock: Arc<dyn Clock>,
    /// Of the box.
    pub(crate) time_zone: TimeZone,
}

/// The accounts. Every call blocks on the disk.
pub(crate) struct Accounts {
    sources: Sources,
    ledger: Ledger,
    pub(super) live: Mutex<LiveLog>,
    /// An account is read, changed and written by one at a time.
    writing: Mutex<()>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

/// Media that turn up later than this belong to no term that anybody asks for.
const CORRECTED: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Faults are told of lessons that began in this time.
const TOLD: SignedDuration = SignedDuration::from_hours(60 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Of a box without a timetable so much is reported.
const RECENT: i32 = 140;

impl Accounts {
    pub(crate) fn new(sources: Sources) -> Self {
        let ledger = Ledger::new(Arc::clone(&sources.facts));
        let live = ledger.live().unwrap_or_else(|error| {
            tracing::error!(%error, "what of today was live is not known any more");
            Vec::new()
        });
        let live = Mutex::new(LiveLog::restored(live));
        Self { sources, ledger, live, writing: Mutex::default() }
    }

    /// Whether accounts are kept yet.
    pub(super) fn has_begun(&self) -> Result<bool, AccountError> {
        Ok(self.ledger.reach()?.is_some())
    }

    /// Settles what is over. Nothing is decided while nobody knows the time or
    /// no timetable is there: both may only be late. How many lessons it was.
    pub(crate) fn settle(&self) -> Result<usize, AccountError> {
        let Some(plan) = (self.sources.plan)().filter(|_| self.sources.clock.trust().verdict.rings()) else {
            return Ok(0);
        };
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.sources.clock.utc();
        let Some(reach) = self.ledger.reach()? else {
            self.ledger.put_reach(&Reach::begun(now))?;
            return Ok(0);
        };
        let until = now.checked_sub(GRACE).unwrap_or(now);
        // A clock that was set back settles nothing twice.
        let Some(stretch) = Span::new(reach.settled_until, until) else { return Ok(0) };
        let mut due = due(&plan, stretch);
        due.retain(|due| reach.since <= due.lesson.begin);
        let count = due.len();
        if let Some(around) = around(&due) {
            let evidence = self.evidence(around, &self.history()?)?;
            let zone = zone_of(&plan);
            for due in due {
                self.settle_one(due, &evidence, &zone, now)?;
            }
        }
        self.ledger.put_reach(&Reach { settled_until: until, ..reach })?;
        Ok(count)
    }

    fn settle_one(
        &self,
        due: Due,
        evidence: &Evidence,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        match self.ledger.get(&due.lesson) {
            Ok(None) => {}
            Ok(Some(known)) => return self.correct_one(&known, &evidence.media, zone).map(drop),
            // Of a newer version, most often: its word stands, and the others are settled.
            Err(error @ FactsError::Unreadable { .. }) => {
                tracing::warn!(%error, "an account is left as it is");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        let account = Account { settled: Some(now), ..made(due, evidence, zone, now) };
        let Account { lesson, outcome, reason, .. } = &account;
        tracing::info!(lesson = %lesson.id, title = lesson.title(), ?outcome, %reason, "settled");
        Ok(self.ledger.put(&account)?)
    }

    /// Settles as a power cut would leave it: so many accounts, and not how far.
    #[cfg(test)]
    pub(super) fn settle_some(&self, count: usize) -> Result<(), AccountError> {
        let (plan, reach) = ((self.sources.plan)(), self.ledger.reach()?);
        let (Some(plan), Some(reach)) = (plan, reach) else { return Ok(()) };
        let now = self.sources.clock.utc();
        let due = Span::new(reach.settled_until, now).map_or_else(Vec::new, |stretch| due(&plan, stretch));
        let Some(around) = around(&due) else { return Ok(()) };
        let evidence = self.evidence(around, &self.history()?)?;
        due.into_iter().take(count).try_for_each(|due| self.settle_one(due, &evidence, &zone_of(&plan), now))
    }

    /// Looks whether media have turned up that settled accounts lack. How many
    /// accounts it changed.
    pub(crate) fn correct(&self) -> Result<usize, AccountError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.sources.clock.utc();
        let Some(stretch) = Span::new(now.checked_sub(CORRECTED).unwrap_or(now), now) else { return Ok(0) };
        let mut accounts = self.ledger.scan(Some(stretch))?;
        accounts.retain(|account| !account.missing.is_empty());
        let (Some(first), Some(last)) = (accounts.first(), accounts.last()) else { return Ok(0) };
        let around = Span { from: first.lesson.begin, until: last.lesson.end };
        let (media, _) = recorded(&self.sources.spool, &self.sources.track, around)?;
        let mut count = 0;
        for account in &accounts {
            count += usize::from(self.correct_one(account, &media, &self.zone())?);
        }
        Ok(count)
    }

    fn correct_one(&self, known: &Account, media: &[Media], zone: &TimeZone) -> Result<bool, AccountError> {
        let Some(better) = corrected(known, media, zone) else { return Ok(false) };
        let (was_s, is_s) = (known.recorded_s, better.recorded_s);
        tracing::info!(lesson = %better.lesson.id, was_s, is_s, "more of a settled lesson was found");
        self.ledger.put(&better)?;
        Ok(true)
    }

    /// The accounts of lessons from one date to another, both included, by
    /// time: settled, running, to come.
    pub(crate) fn of_days(&self, from: Date, to: Date) -> Result<Vec<Account>, AccountError> {
        let zone = self.zone();
        let now = self.sources.clock.utc();
        let start = |date: Date| zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok();
        let during = start(from).zip(to.tomorrow().ok().and_then(start));
        let Some(during) = during.and_then(|(from, until)| Span::new(from, until)) else {
            return Ok(Vec::new());
        };
        let mut accounts = self.ledger.scan(Some(during))?;
        if let Some(plan) = (self.sources.plan)() {
            // A box that has just got its timetable owes what is to come.
            let reach = self.ledger.reach()?.unwrap_or_else(|| Reach::begun(now));
            let mut open = lessons(&plan, from, to);
            open.retain(|due| reach.settled_until < due.lesson.end && reach.since <= due.lesson.begin);
            if let Some(around) = around(&open) {
                let evidence = self.evidence(around, &self.history()?)?;
                let zone = zone_of(&plan);
                let is_known = |due: &Due| {
                    accounts
                        .iter()
                        .any(|a| (&a.lesson.id, a.lesson.begin) == (&due.lesson.id, due.lesson.begin))
                };
                open.retain(|due| !is_known(due));
                accounts.extend(open.into_iter().map(|due| made(due, &evidence, &zone, now)));
            }
        }
        accounts.sort_by(|a, b| (a.lesson.begin, &a.lesson.id).cmp(&(b.lesson.begin, &b.lesson.id)));
        Ok(accounts)
    }

    /// The first and the last date of what a report is about when nobody says.
    pub(crate) fn term(&self) -> (Date, Date) {
        let today = self.sources.clock.utc().to_zoned(self.zone()).date();
        let recent = || (today.saturating_sub(jiff::Span::new().days(RECENT)), today);
        (self.sources.plan)().map_or_else(recent, |plan| plan.school().span())
    }

    /// Since when the box keeps accounts.
    pub(crate) fn since(&self) -> Result<Option<Timestamp>, AccountError> {
        Ok(self.ledger.reach()?.map(|reach| reach.since))
    }

    /// Somebody takes note of what is missing: of one lesson, by its id, or of
    /// everything, power cuts included. The lessons that it was about.
    pub(crate) fn acknowledge(
        &self,
        lesson: Option<&LessonId>,
        by: &str,
    ) -> Result<Vec<LessonId>, AccountError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.sources.clock.utc();
        let mut noted = Vec::new();
        let is_meant = |account: &Account| match lesson {
            Some(lesson) => account.lesson.id == *lesson,
            None => !account.missing.is_empty() && account.acknowledged.is_none(),
        };
        for account in self.ledger.scan(None)?.into_iter().filter(is_meant) {
            noted.push(account.lesson.id.clone());
            if account.acknowledged.is_none() {
                let acknowledged = Some(Acknowledged { at: now, by: by.to_owned() });
                self.ledger.put(&Account { acknowledged, ..account })?;
            }
        }
        if let Some(reach) = self.ledger.reach()?.filter(|_| lesson.is_none()) {
            self.ledger.put_reach(&Reach { noted_until: Some(now), ..reach })?;
        }
        Ok(noted)
    }

    /// What somebody should take note of.
    pub(crate) fn status(&self) -> Result<AccountStatus, AccountError> {
        let now = self.sources.clock.utc();
        let zone = self.zone();
        let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let accounts = self.of_days(date(now.checked_sub(TOLD).unwrap_or(now)), date(now))?;
        let noted = self.ledger.reach()?.and_then(|reach| reach.noted_until);
        let history = self.history()?;
        let power = self.sources.power;
        Ok(attention(&Concern { accounts: &accounts, history: &history, power, noted, zone: &zone, now }))
    }

    pub(super) fn keep_live(&self) -> Result<(), AccountError> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner).stretches().to_vec();
        Ok(self.ledger.put_live(&live)?)
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.sources.clock
    }

    /// The school's, where there is one: the box's may be set wrong.
    fn zone(&self) -> TimeZone {
        let of_plan = (self.sources.plan)().as_ref().map(zone_of);
        of_plan.unwrap_or_else(|| self.sources.time_zone.clone())
    }

    fn history(&self) -> Result<History, AccountError> {
        Ok(history(&self.sources.journal.diary()?, self.sources.clock.utc()))
    }

    fn evidence(&self, around: Span, history: &History) -> Result<Evidence, AccountError> {
        let (media, mut stretches) = recorded(&self.sources.spool, &self.sources.track, around)?;
        stretches.extend(history.stretches.iter().filter(|stretch| stretch.span.and(&around).is_some()));
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner).spans();
        Ok(Evidence { media, stretches, live })
    }
}

/// From the first begin to the last end, and a day before: a recording that was
/// begun by hand may go on into it.
fn around(due: &[Due]) -> Option<Span> {
    let from = due.iter().map(|due| due.lesson.begin).min()?;
    let until = due.iter().map(|due| due.lesson.end).max()?;
    Span::new(from.checked_sub(DAY).unwrap_or(from), until)
}

fn zone_of(plan: &RoomPlan) -> TimeZone {
    plan.school().timetable().time_zone.clone()
}

fn made(due: Due, evidence: &Evidence, zone: &TimeZone, now: Timestamp) -> Account {
    match due.not_owed {
        Some(why) => not_owed(due.lesson, &why, evidence),
        None => account(due.lesson, evidence, zone, now),
    }
}
