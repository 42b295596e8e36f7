//! What became of each planned lesson: recorded, live, and if not, why not.
//!
//! ```text
//! RoomPlan ─▶ due ─▶ PlannedLesson ─┐
//! spool ────▶ Media, gaps ──────────┼─▶ account ─▶ Account ─▶ corrected (upward only)
//! journal ──▶ history ─▶ stretches ─┘                 ├─▶ report
//!                └─▶ Off ─▶ habit ─▶ attention ◀──────┘
//! ```
//!
//! Everything is arithmetic on stretches of time: nothing here reads a clock, a
//! disk or a database. The rules stand in `docs/design/accounts.md`.

pub mod account;
pub mod attention;
pub mod correction;
pub mod due;
pub mod evidence;
pub mod habit;
pub mod history;
pub mod report;
pub mod span;
mod words;

pub use account::{account, not_owed};
pub use attention::{Concern, attention};
pub use correction::corrected;
pub use due::{Due, due, planned_lesson};
pub use evidence::{Evidence, Media, Stretch, cause_of_gap};
pub use habit::{Habit, Power};
pub use history::{Entry, Happening, History, Off, history};
pub use span::{Span, Spans};
