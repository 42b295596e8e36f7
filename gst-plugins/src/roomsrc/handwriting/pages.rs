//! The pages of the lesson: which line stands where, and when each stroke is made.

use super::pen::{self, Hand, Placing};
use super::strokes;
use crate::roomsrc::canvas::Capsule;

/// A page is written for at most this time.
const WRITING_NS: u64 = 20_000_000_000;
/// Then it stands for this time before it is wiped.
const HOLD_NS: u64 = 3_000_000_000;
/// From one page to the next.
pub(crate) const PAGE_NS: u64 = WRITING_NS + HOLD_NS;

/// Heights of the board that the hand writes in a second.
const SPEED: f32 = 0.55;
/// Seconds from the end of a stroke to the beginning of the next.
const LIFT_S: f32 = 0.16;
/// Radius of the chalk for a grid of size 1.
const CHALK: f32 = 0.026;

/// A line of text; places and sizes in heights of the board.
struct Line {
    text: &'static str,
    /// Middle of the line.
    centre: f32,
    /// Upper edge of the grid.
    top: f32,
    size: f32,
}

const fn line(text: &'static str, centre: f32, top: f32, size: f32) -> Line {
    Line { text, centre, top, size }
}

const LESSON: &[&[Line]] = &[
    &[
        line("山村咏怀", 0.0, 0.11, 0.19),
        line("一去二三里", 0.0, 0.38, 0.24),
        line("烟村四五家", 0.0, 0.69, 0.24),
    ],
    &[line("亭台六七座", 0.0, 0.17, 0.28), line("八九十枝花", 0.0, 0.58, 0.28)],
    &[line("Good morning,", 0.0, 0.16, 0.25), line("class!", 0.0, 0.53, 0.25)],
    &[
        line("2 + 3 = 5", 0.0, 0.08, 0.28),
        line("10 - 4 = 6", 0.0, 0.36, 0.28),
        line("y = x²", 0.0, 0.64, 0.28),
    ],
];

/// A piece of a stroke with the time at which the chalk makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) line: Capsule,
    pub(crate) from_ns: u64,
    pub(crate) to_ns: u64,
}

/// All pieces of a page in writing order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) pieces: Vec<Piece>,
}

/// Where the board lies in the picture: the middle of its upper edge, and its height, in pixels.
#[derive(Debug, Clone, Copy)]
struct Board {
    middle: f32,
    top: f32,
    height: f32,
}

impl Page {
    fn write(lines: &[Line], board: Board) -> Self {
        let mut pieces: Vec<(Capsule, f32, f32)> = Vec::new();
        let mut now = 0.0;
        for line in lines {
            let size = line.size * board.height;
            let glyphs = || line.text.chars().filter_map(strokes::glyph);
            let hand =
                if line.text.is_ascii() || line.text.contains('²') { Hand::Print } else { Hand::Brush };
            let gap = match hand {
                Hand::Brush => 14.0,
                Hand::Print => 10.0,
            };
            let width: f32 = glyphs().map(|glyph| f32::from(glyph.width) + gap).sum::<f32>() - gap;
            let mut x = board.middle + line.centre * board.height - width * size / 200.0;
            for glyph in glyphs() {
                let placing = Placing { origin: (x, board.top + line.top * board.height), size };
                for stroke in glyph.strokes {
                    for piece in pen::lines(stroke, placing, hand, CHALK * size) {
                        let (dx, dy) = (piece.to.0 - piece.from.0, piece.to.1 - piece.from.1);
                        let until = now + dx.hypot(dy) / board.height / SPEED;
                        pieces.push((piece, now, until));
                        now = until;
                    }
                    now += LIFT_S;
                }
                x += (f32::from(glyph.width) + gap) * size / 100.0;
            }
        }
        let hurry = (WRITING_NS as f64 / 1e9 / f64::from(now.max(1.0))).min(1.0);
        let ns = |seconds: f32| (f64::from(seconds) * hurry * 1e9) as u64;
        let timed = |(line, from, to)| Piece { line, from_ns: ns(from), to_ns: ns(to) };
        Self { pieces: pieces.into_iter().map(timed).collect() }
    }
}

/// The pages of the lesson for a board that fills a picture of `width` × `height` pixels.
pub(crate) fn pages(width: usize, height: usize) -> Vec<Page> {
    let (width, height) = (width as f32, height as f32);
    let board_height = height.min(width * 9.0 / 16.0);
    let board = Board { middle: width / 2.0, top: (height - board_height) / 2.0, height: board_height };
    LESSON.iter().map(|lines| Page::write(lines, board)).collect()
}

/// A sum that stands on the board behind the teacher; places in pixels.
pub(crate) fn sum(middle: f32, top: f32, height: f32) -> Page {
    let lines = [line("2 + 3 = 5", 0.0, 0.0, 0.4), line("y = x²", 0.0, 0.5, 0.4)];
    Page::write(&lines, Board { middle, top, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_the_lesson_can_be_written() {
        for character in LESSON.iter().copied().flatten().flat_map(|line| line.text.chars()) {
            assert!(strokes::glyph(character).is_some(), "{character}");
        }
    }

    #[test]
    fn every_page_is_written_in_order_within_its_time_and_inside_the_picture() {
        for (width, height) in [(1280, 720), (640, 480), (320, 180)] {
            let pages = pages(width, height);
            assert!(pages.len() >= 4);
            for page in pages {
                let last = page.pieces.last().unwrap();
                assert!((5_000_000_000..=WRITING_NS + 1_000_000).contains(&last.to_ns), "{}", last.to_ns);
                for two in page.pieces.windows(2) {
                    assert!(two[0].to_ns <= two[1].from_ns && two[1].from_ns <= two[1].to_ns);
                }
                for Piece { line, .. } in &page.pieces {
                    for (x, y) in [line.from, line.to] {
                        assert!((0.0..width as f32).contains(&x) && (0.0..height as f32).contains(&y));
                    }
                }
            }
        }
    }
}
