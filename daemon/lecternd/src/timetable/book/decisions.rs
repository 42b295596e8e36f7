//! What people decide about the book.

use jiff::Timestamp;
use lectern_api::Text;
use lectern_api::messages::book as words;
use lectern_api::timetable::MakeupAnswer;
use lectern_timetable::Timetable;

use super::super::compose::{self, follows_of};
use super::super::record::{Answer, Record};
use super::Book;

impl Book {
    /// A person wants a version that is to come at once.
    ///
    /// # Errors
    /// For people: nothing is to come, or something else.
    pub(crate) fn confirm(&mut self, which: Option<u32>, by: &str, now: Timestamp) -> Result<u32, Text> {
        let to_come = self.record.to_come();
        let listed = || to_come.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let number = match (which, to_come.as_slice()) {
            (_, []) => return Err(words::nothing_pending()),
            (None, [number]) => *number,
            // Nobody is to confirm what they have not seen.
            (None, _) => return Err(words::several_pending(listed())),
            (Some(asked), _) if to_come.contains(&asked) => asked,
            (Some(asked), _) => return Err(words::other_pending(asked, listed())),
        };
        self.put_in_force(number, now);
        self.confirmed(number, by);
        Ok(number)
    }

    /// A person goes back to a version that is kept, at once; what was to come
    /// is withdrawn.
    ///
    /// # Errors
    /// For people: there is no such version, or it is in force.
    pub(crate) fn roll_back(&mut self, number: u32, by: &str, now: Timestamp) -> Result<(), Text> {
        if self.version(number).is_none() {
            let known: Vec<String> = self.record.versions.iter().map(|v| v.number.to_string()).collect();
            return Err(words::no_version(number, known.join(", ")));
        }
        let Record { week, dates, coming, waiting, .. } = &mut self.record;
        let withdrawn = coming.take().is_some() | !std::mem::take(waiting).is_empty();
        if (*week, *dates) != (Some(number), Some(number)) {
            self.put_in_force(number, now);
        } else if !withdrawn {
            return Err(words::version_in_force(number));
        }
        self.confirmed(number, by);
        Ok(())
    }

    fn confirmed(&mut self, number: u32, by: &str) {
        if let Some(version) = self.record.versions.iter_mut().find(|version| version.number == number) {
            version.confirmed_by = Some(by.to_owned());
        }
    }

    /// A person says whose lessons a make-up day has.
    ///
    /// # Errors
    /// For people: there is no such day, or no such lessons.
    pub(crate) fn answer(&mut self, said: MakeupAnswer) -> Result<(), Text> {
        let in_force = self.in_force().ok_or_else(words::no_timetable)?;
        let Some(day) = in_force.makeups.iter().find(|makeup| makeup.date == said.date) else {
            let days: Vec<String> = in_force.makeups.iter().map(|makeup| makeup.date.to_string()).collect();
            return Err(words::not_makeup(said.date, days.join(", ")));
        };
        // What the file says, not what somebody answered before.
        let dates = self.record.dates.and_then(|number| self.timetable(number)).unwrap_or(&in_force);
        let of_file = dates.makeups.iter().find(|makeup| makeup.date == day.date).and_then(|m| m.follows);
        let mut tried = Timetable::clone(&in_force);
        for makeup in tried.makeups.iter_mut().filter(|makeup| makeup.date == said.date) {
            makeup.follows = Some(follows_of(said.follows));
        }
        compose::sound(&tried).map_err(|cause| words::bad_follows(&cause.en, &cause.zh))?;
        let over = of_file.map(compose::said);
        self.record.answers.insert(said.date, Answer { said, over });
        Ok(())
    }
}
