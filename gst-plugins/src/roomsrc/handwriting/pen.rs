//! From the points of a stroke to what the chalk leaves on the board: curves, and a width that grows
//! and thins as the hand presses.

use super::strokes::Stroke;
use crate::roomsrc::canvas::{Capsule, Point};

/// Straight pieces that stand for one curved one.
const PIECES: usize = 6;

/// How the chalk is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// As with a brush: points swell, falling strokes thin out.
    Brush,
    /// Nearly even, with rounder bends.
    Print,
}

impl Hand {
    /// A turn sharper than this (cosine of the angle) is a corner and is not rounded.
    fn corner_cosine(self) -> f32 {
        match self {
            Self::Brush => 0.6,
            Self::Print => 0.1,
        }
    }

    /// Whether the pen turns sharply at the middle one of three points.
    fn is_corner(self, before: Point, at: Point, after: Point) -> bool {
        let (a, b) = (minus(at, before), minus(after, at));
        (a.0 * b.0 + a.1 * b.1) < self.corner_cosine() * length(a) * length(b)
    }
}

/// Where a stroke's grid lies on the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placing {
    /// Upper left corner of the grid in pixels.
    pub(crate) origin: Point,
    /// Pixels of a whole grid of 100.
    pub(crate) size: f32,
}

fn minus(a: Point, b: Point) -> Point {
    (a.0 - b.0, a.1 - b.1)
}

fn length(a: Point) -> f32 {
    a.0.hypot(a.1)
}

/// The points of a stroke with its gentle bends rounded: a cubic curve through the points, whose
/// direction in each of them is that from the point before to the point after.
pub(crate) fn curve(points: &[Point], hand: Hand) -> Vec<Point> {
    let closed = points.len() > 3 && points.first() == points.last();
    let neighbours = |index: usize| {
        let before = match index {
            0 if closed => points.len() - 2,
            0 => return None,
            _ => index - 1,
        };
        let after = if closed && index + 1 == points.len() { 1 } else { index + 1 };
        let (before, after) = (*points.get(before)?, *points.get(after)?);
        (!hand.is_corner(before, points[index], after)).then_some((before, after))
    };
    // Direction at a point, as long as the piece of the curve it is for.
    let tangent = |index: usize, piece: Point| match neighbours(index) {
        Some((before, after)) => {
            let way = length(minus(points[index], before)) + length(minus(after, points[index]));
            let (dx, dy) = minus(after, before);
            let scale = length(piece) / way.max(f32::EPSILON);
            (dx * scale, dy * scale)
        }
        None => piece,
    };
    let mut path = Vec::with_capacity(points.len() * PIECES);
    path.extend(points.first());
    for index in 1..points.len() {
        let (from, to) = (points[index - 1], points[index]);
        let piece = minus(to, from);
        let (out, into) = (tangent(index - 1, piece), tangent(index, piece));
        if out == piece && into == piece {
            path.push(to);
            continue;
        }
        for step in 1..=PIECES {
            let t = step as f32 / PIECES as f32;
            let (t2, t3) = (t * t, t * t * t);
            let blend = |from: f32, out: f32, to: f32, into: f32| {
                (2.0 * t3 - 3.0 * t2 + 1.0) * from
                    + (t3 - 2.0 * t2 + t) * out
                    + (3.0 * t2 - 2.0 * t3) * to
                    + (t3 - t2) * into
            };
            path.push((blend(from.0, out.0, to.0, into.0), blend(from.1, out.1, to.1, into.1)));
        }
    }
    path
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Dot,
    /// 撇: falls to the left and thins out.
    FallLeft,
    /// 捺: falls to the right, swells and ends in a point.
    FallRight,
    /// Ends in a hook.
    Hook,
    Straight,
}

fn kind(points: &[Point]) -> Kind {
    let [first, .., last] = points else { return Kind::Straight };
    let (dx, dy) = minus(*last, *first);
    let corners = points.windows(3).any(|three| Hand::Brush.is_corner(three[0], three[1], three[2]));
    if corners {
        let [.., before, end] = points else { return Kind::Straight };
        let (x, y) = minus(*end, *before);
        let hook = length((x, y)) < 24.0 && (y < 0.0 || -x > 0.4 * y);
        let falls = x < 0.0 && y > 5.0 && points.len() > 3;
        return match (hook, falls) {
            (true, _) => Kind::Hook,
            (false, true) => Kind::FallLeft,
            (false, false) => Kind::Straight,
        };
    }
    let whole = length((dx, dy));
    let short_dot = whole < 28.0 && dx.abs() > 0.17 * dy;
    let long_dot = whole < 60.0 && dx > 0.5 * dy;
    if points.len() == 2 && dy > 6.0 && (short_dot || long_dot) {
        return Kind::Dot;
    }
    if points.len() > 2 && dy > 14.0 {
        if dx < -6.0 {
            return Kind::FallLeft;
        }
        if dx > 20.0 {
            return Kind::FallRight;
        }
    }
    Kind::Straight
}

/// Width at `part` (0..=1) of a stroke, relative to the normal one.
fn pressure(kind: Kind, part: f32) -> f32 {
    match kind {
        Kind::Dot => 0.65 + 0.6 * part,
        Kind::FallLeft => 1.15 - 0.8 * part * part,
        Kind::FallRight if part < 0.8 => 0.75 + 0.75 * part,
        Kind::FallRight => 1.35 - 4.5 * (part - 0.8),
        Kind::Hook if part < 0.88 => 1.08 - 0.1 * part,
        Kind::Hook => 0.99 - 5.0 * (part - 0.88),
        Kind::Straight => 1.1 - 0.35 * part * (1.0 - part) * 2.0,
    }
}

/// The pieces of line that draw `stroke` with a normal radius of `radius` pixels.
pub(crate) fn lines(stroke: Stroke, placing: Placing, hand: Hand, radius: f32) -> Vec<Capsule> {
    let grid: Vec<Point> = stroke.iter().map(|(x, y)| (f32::from(*x), f32::from(*y))).collect();
    let kind = match hand {
        Hand::Brush => kind(&grid),
        Hand::Print => Kind::Straight,
    };
    let scale = placing.size / 100.0;
    let path: Vec<Point> = curve(&grid, hand)
        .into_iter()
        .map(|(x, y)| (placing.origin.0 + x * scale, placing.origin.1 + y * scale))
        .collect();
    let whole: f32 = path.windows(2).map(|two| length(minus(two[1], two[0]))).sum();
    let mut gone = 0.0;
    let mut lines = Vec::with_capacity(path.len());
    for two in path.windows(2) {
        let piece = length(minus(two[1], two[0]));
        // Long straight pieces are cut so that the width can change within them.
        let cuts = (piece / (placing.size / 12.0).max(2.0)).ceil().max(1.0) as usize;
        for cut in 0..cuts {
            let at = |part: f32| {
                let (dx, dy) = minus(two[1], two[0]);
                (two[0].0 + dx * part, two[0].1 + dy * part)
            };
            let (from, to) = (cut as f32 / cuts as f32, (cut + 1) as f32 / cuts as f32);
            let width = |part: f32| radius * pressure(kind, ((gone + part * piece) / whole).clamp(0.0, 1.0));
            lines.push(Capsule {
                from: at(from),
                to: at(to),
                from_radius: width(from),
                to_radius: width(to),
            });
        }
        gone += piece;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sharp_turn_stays_and_a_gentle_bend_is_rounded() {
        let corner = [(0.0, 0.0), (50.0, 0.0), (50.0, 50.0)];
        assert_eq!(curve(&corner, Hand::Brush), corner);
        let bend = curve(&[(0.0, 0.0), (50.0, 10.0), (90.0, 40.0)], Hand::Brush);
        assert_eq!(bend.len(), 1 + 2 * PIECES);
        assert!(bend.contains(&(50.0, 10.0)));
    }

    #[test]
    fn a_closed_bend_has_no_corner_where_it_closes() {
        let ring =
            [(50.0, 0.0), (10.0, 25.0), (10.0, 75.0), (50.0, 100.0), (90.0, 75.0), (90.0, 25.0), (50.0, 0.0)];
        let path = curve(&ring, Hand::Print);
        let (second, last_but_one) = (path[1], path[path.len() - 2]);
        assert!((second.1 - last_but_one.1).abs() < 0.01 && second.1 < 5.0);
    }

    #[test]
    fn falling_strokes_thin_out_and_dots_swell() {
        let placing = Placing { origin: (0.0, 0.0), size: 100.0 };
        let ends = |stroke: Stroke| {
            let lines = lines(stroke, placing, Hand::Brush, 3.0);
            (lines[0].from_radius, lines[lines.len() - 1].to_radius)
        };
        let (from, to) = ends(&[(38, 25), (35, 44), (26, 65), (6, 90)]);
        assert!(to < from / 2.0);
        let (from, to) = ends(&[(44, 5), (56, 19)]);
        assert!(to > from * 1.5);
    }
}
