//! Lessons: which one runs, and what is done about it. The rule of precedence
//! among those who may begin and end one:
//!
//! 1. A suspension or an exam ends everything, at once, and lets nobody begin.
//! 2. The shutter takes picture and sound away, whatever runs.
//! 3. A person's order counts over the timetable: who ends a planned lesson has
//!    ended it, who begins one early has begun it.
//! 4. The timetable counts over lessons that stand in none: at the bell such a
//!    lesson ends, and the planned one begins with the next frame.
//! 5. A signal or sound begins a lesson only when nothing else does: no lesson
//!    runs, none is planned for now or for the next five minutes, nothing forbids
//!    it, and the hour is known. It does so once: whatever ended that lesson, or
//!    ran in its place, it must go away before it can begin another.

pub(crate) mod actor;
pub(crate) mod agenda;
mod bell;
pub(crate) mod machine;
mod resume;
pub(crate) mod shutter;
