//! The timetable of a school: its own form, importers for the forms that
//! schools keep it in, and the pure answer to "what is planned when, and if
//! nothing, why not".
//!
//! ```text
//! file ─▶ import ─▶ Timetable ─▶ check ─▶ Plan ─▶ for_room ─▶ state_at(now), why(date, slot)
//!                      │
//!                      └─▶ own::write
//! ```
//!
//! Nothing here reads a clock, a file or a network: bytes and points in time
//! are handed in. The rules of the form stand in `docs/reference/timetable.md`.

pub mod check;
pub mod compare;
pub mod hours;
pub mod import;
pub mod mistake;
pub mod model;
pub mod overrides;
pub mod own;
pub mod plan;
pub mod weeks;

pub use compare::{Doubt, compare};
pub use hours::{Hours, Slot};
pub use mistake::{Mistake, Mistakes, Place};
pub use model::{Bell, Class, Follows, Holiday, Lesson, Makeup, MonthDay, Season, Term, Timetable};
pub use overrides::{Cancel, Exam, Extra, Move, Overrides, Pick, Stretch, Substitute, Suspend, Swap};
pub use plan::{Margins, Occurrence, Plan, RoomPlan, State};
pub use weeks::Weeks;

/// The most that is read of one file, in bytes. A school of 60 classes in the
/// longest of the forms (iCalendar, an event per lesson and week) takes 3 MB.
pub const MAX_BYTES: usize = 8 << 20;
/// The most lessons of one timetable: 120 classes with 60 lessons a week.
pub const MAX_LESSONS: usize = 8_000;
/// The most dated overrides of one kind.
pub const MAX_OVERRIDES: usize = 4_000;
/// The longest term, in weeks.
pub const MAX_WEEKS: u8 = 60;
/// The highest number of a period. Numbers begin at 0 (早读).
pub const MAX_PERIOD: u8 = 24;
