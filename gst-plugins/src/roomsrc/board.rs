//! The scene `board`: chalk on a dark green board, stroke by stroke, page by page.

use super::canvas::{Canvas, Capsule, Colour};
use super::handwriting::{PAGE_NS, Page, Piece, pages};

const GREEN: Colour = Colour { y: 62, u: 118, v: 112 };
const CHALK: u8 = 228;

/// The board as it stands, and how far the hand has come. Only what is new is drawn.
pub(crate) struct Board {
    canvas: Canvas,
    pages: Vec<Page>,
    /// Pages since time zero, including those of earlier rounds.
    page: u64,
    /// Pieces of the page that are drawn completely.
    drawn: usize,
    /// Time of the picture on the canvas.
    at_ns: u64,
}

impl Board {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self {
            canvas: Canvas::new(width, height, GREEN),
            pages: pages(width, height),
            page: 0,
            drawn: 0,
            at_ns: 0,
        }
    }

    /// The picture at `time_ns`. The same time gives the same picture, whatever came before (edges of
    /// strokes may differ by a shade that nobody sees).
    pub(crate) fn at(&mut self, time_ns: u64) -> &Canvas {
        let page = time_ns / PAGE_NS;
        if page != self.page || time_ns < self.at_ns {
            self.canvas.luma().data.fill(GREEN.y);
            (self.page, self.drawn) = (page, 0);
        }
        self.at_ns = time_ns;
        let now = time_ns % PAGE_NS;
        let index = usize::try_from(page % self.pages.len().max(1) as u64).unwrap_or_default();
        let pieces = self.pages.get(index).map_or(&[][..], |page| &page.pieces);
        for piece in &pieces[self.drawn.min(pieces.len())..] {
            if piece.from_ns > now {
                break;
            }
            self.canvas.luma().chalk(&begun(piece, now), GREEN.y, CHALK);
            if piece.to_ns > now {
                break;
            }
            self.drawn += 1;
        }
        &self.canvas
    }
}

/// The part of the piece that is made at `now`.
fn begun(piece: &Piece, now: u64) -> Capsule {
    let line = piece.line;
    if now >= piece.to_ns {
        return line;
    }
    let part = (now - piece.from_ns) as f32 / (piece.to_ns - piece.from_ns).max(1) as f32;
    let between = |a: f32, b: f32| a + (b - a) * part;
    Capsule {
        to: (between(line.from.0, line.to.0), between(line.from.1, line.to.1)),
        to_radius: between(line.from_radius, line.to_radius),
        ..line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn ink(board: &mut Board, time_ns: u64) -> usize {
        board.at(time_ns).planes[0].data.iter().filter(|value| **value > 200).count()
    }

    #[test]
    fn ink_grows_is_held_and_is_wiped() {
        let mut board = Board::new(320, 180);
        let early = ink(&mut board, 2 * SECOND);
        let late = ink(&mut board, 15 * SECOND);
        let full = ink(&mut board, 20 * SECOND + 1_000_000);
        assert!(early > 0 && early < late && late < full, "{early} {late} {full}");
        assert_eq!(ink(&mut board, PAGE_NS - 1), full);
        assert!(ink(&mut board, PAGE_NS) < early);
    }

    #[test]
    fn a_picture_depends_on_the_time_and_not_on_the_pictures_before() {
        let time = PAGE_NS + 11 * SECOND;
        let mut jumped = Board::new(320, 180);
        let mut walked = Board::new(320, 180);
        for frame in 0..=(time / 40_000_000) {
            walked.at(frame * 40_000_000);
        }
        let walked = walked.at(time).planes[0].data.clone();
        jumped.at(5 * PAGE_NS);
        let jumped = &jumped.at(time).planes[0].data;
        assert!(jumped.iter().zip(&walked).all(|(a, b)| a.abs_diff(*b) <= 8));
    }

    #[test]
    fn the_pages_differ_and_come_again() {
        let mut board = Board::new(320, 180);
        let mut full = |page: u64| board.at((page + 1) * PAGE_NS - 1).planes[0].data.clone();
        let pages: Vec<_> = (0..5).map(&mut full).collect();
        assert!(pages[0] != pages[1] && pages[1] != pages[2] && pages[2] != pages[3]);
        assert!(pages[0] == pages[4]);
    }
}
