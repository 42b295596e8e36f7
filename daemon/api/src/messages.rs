//! Every sentence that a person reads, in both languages, in one place.
//!
//! A message is a function of its facts, so a sentence without its fact does
//! not compile, and neither does a sentence in one language only. Chinese is
//! written for a school, not translated back from English: what happened to
//! the lesson first, then one thing to do.

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) { en: $en:literal, zh: $zh:literal })*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name($($arg: impl Display),*) -> Text {
                Text { en: format!($en), zh: format!($zh) }
            }
        )*
    };
}

pub mod account;
mod archive;
pub mod book;
mod check;
mod clock;
mod command;
mod configuration;
mod deletion;
pub mod doctor;
mod fault;
mod gap;
pub mod hardware;
pub mod import;
mod keys;
mod lesson;
pub mod local;
pub mod mqtt;
pub mod panel;
mod repair;
pub mod robot;
mod slate;
mod source;
mod stores;
mod terminal;
pub mod timetable;
pub mod toml;

pub use archive::*;
pub use check::*;
pub use clock::*;
pub use command::*;
pub use configuration::*;
pub use deletion::*;
pub use fault::*;
pub use gap::*;
pub use keys::*;
pub use lesson::*;
pub use repair::*;
pub use slate::*;
pub use source::*;
pub use stores::*;
pub use terminal::*;
