//! What is written on the board, and when each piece of it appears.

mod latin;
mod pages;
mod pen;
pub(crate) mod strokes;

pub(crate) use pages::{PAGE_NS, Page, Piece, pages, sum};
