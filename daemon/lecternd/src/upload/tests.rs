//! The real uploader with a real spool, against a server that notes everything.

mod cost;
mod deletions;
mod lanes;
mod losses;
mod room;
mod shelf;
mod troubles;
