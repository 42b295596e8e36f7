//! Pictures in three planes (I420) and soft-edged shapes on them.

use std::ops::Range;

/// Side of the blocks in which large shapes are painted: more than the distance from the middle to a
/// corner, with room for an edge of one pixel.
const BLOCK: usize = 4;

/// A colour as luma and chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour {
    pub(crate) y: u8,
    pub(crate) u: u8,
    pub(crate) v: u8,
}

/// One plane of a picture, lines without gaps.
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

/// A point in pixels of the luma plane.
pub(crate) type Point = (f32, f32);

/// A straight line with round ends of different radius.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Capsule {
    pub(crate) from: Point,
    pub(crate) to: Point,
    pub(crate) from_radius: f32,
    pub(crate) to_radius: f32,
}

impl Capsule {
    /// Distance of a point from the edge, negative inside.
    fn distance(&self) -> impl Fn(Point) -> f32 + use<> {
        let Self { from, to, from_radius, to_radius } = *self;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx * dx + dy * dy;
        let part = if length > 0.0 { 1.0 / length } else { 0.0 };
        move |(x, y)| {
            let (px, py) = (x - from.0, y - from.1);
            let along = ((px * dx + py * dy) * part).clamp(0.0, 1.0);
            let radius = from_radius + (to_radius - from_radius) * along;
            let (ex, ey) = (px - dx * along, py - dy * along);
            (ex * ex + ey * ey).sqrt() - radius
        }
    }

    fn bounds(&self) -> (Point, Point) {
        let radius = self.from_radius.max(self.to_radius) + 1.0;
        (
            (self.from.0.min(self.to.0) - radius, self.from.1.min(self.to.1) - radius),
            (self.from.0.max(self.to.0) + radius, self.from.1.max(self.to.1) + radius),
        )
    }
}

/// A shape that can be painted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Capsule(Capsule),
    /// Centre and the two half axes.
    Ellipse(Point, f32, f32),
    /// Upper left and lower right corner.
    Rectangle(Point, Point),
}

impl Shape {
    fn bounds(&self) -> (Point, Point) {
        match self {
            Self::Capsule(capsule) => capsule.bounds(),
            Self::Ellipse((x, y), a, b) => ((x - a - 1.0, y - b - 1.0), (x + a + 1.0, y + b + 1.0)),
            Self::Rectangle(from, to) => ((from.0 - 1.0, from.1 - 1.0), (to.0 + 1.0, to.1 + 1.0)),
        }
    }
}

impl Plane {
    pub(crate) fn new(width: usize, height: usize, value: u8) -> Self {
        Self { width, height, data: vec![value; width * height] }
    }

    /// Draws chalk: never darker than what is there, so that strokes may overlap and be drawn again.
    pub(crate) fn chalk(&mut self, line: &Capsule, ground: u8, chalk: u8) {
        let contrast = f32::from(chalk) - f32::from(ground);
        let (from, to) = line.bounds();
        let limit = |value: f32, most: usize| (value.max(0.0) as usize).min(most);
        let (left, top) = (limit(from.0, self.width), limit(from.1, self.height));
        let (right, bottom) = (limit(to.0 + 1.0, self.width), limit(to.1 + 1.0, self.height));
        let distance = line.distance();
        for y in top..bottom {
            let row = &mut self.data[y * self.width + left..y * self.width + right.max(left)];
            for (x, value) in row.iter_mut().enumerate() {
                let edge = distance(((left + x) as f32 + 0.5, y as f32 + 0.5));
                let cover = (0.5 - edge).clamp(0.0, 1.0);
                *value = (*value).max(ground.saturating_add((cover * contrast) as u8));
            }
        }
    }

    fn paint(&mut self, shape: &Shape, colour: u8, scale: f32) {
        let bounds = shape.bounds();
        match *shape {
            Shape::Capsule(capsule) => self.paint_inside(bounds, capsule.distance(), colour, scale),
            Shape::Ellipse(centre, a, b) => {
                let (part_a, part_b, least) = (1.0 / a, 1.0 / b, a.min(b));
                let distance = move |point: Point| {
                    let (x, y) = ((point.0 - centre.0) * part_a, (point.1 - centre.1) * part_b);
                    ((x * x + y * y).sqrt() - 1.0) * least
                };
                self.paint_inside(bounds, distance, colour, scale);
            }
            Shape::Rectangle(from, to) => {
                let distance = move |point: Point| {
                    let horizontal = (from.0 - point.0).max(point.0 - to.0);
                    let vertical = (from.1 - point.1).max(point.1 - to.1);
                    horizontal.max(vertical)
                };
                self.paint_inside(bounds, distance, colour, scale);
            }
        }
    }

    /// Paints blocks that lie wholly in a shape at once, and looks at single pixels only at its edge.
    fn paint_inside(
        &mut self,
        (from, to): (Point, Point),
        distance: impl Fn(Point) -> f32,
        colour: u8,
        scale: f32,
    ) {
        let part = 1.0 / scale;
        let new = f32::from(colour);
        let limit = |value: f32, most: usize| ((value / scale).max(0.0) as usize).min(most);
        let (left, top) = (limit(from.0, self.width), limit(from.1, self.height));
        let (right, bottom) = (limit(to.0 + scale, self.width), limit(to.1 + scale, self.height));
        for y in (top..bottom).step_by(BLOCK) {
            for x in (left..right).step_by(BLOCK) {
                let (end_x, end_y) = ((x + BLOCK).min(right), (y + BLOCK).min(bottom));
                let middle = ((x + BLOCK / 2) as f32 * scale, (y + BLOCK / 2) as f32 * scale);
                let around = distance(middle) * part;
                if around > BLOCK as f32 {
                    continue;
                }
                for row in y..end_y {
                    let line = &mut self.data[row * self.width + x..row * self.width + end_x];
                    if around < -(BLOCK as f32) {
                        line.fill(colour);
                        continue;
                    }
                    for (column, value) in line.iter_mut().enumerate() {
                        let middle = ((x + column) as f32 + 0.5, row as f32 + 0.5);
                        let edge = distance((middle.0 * scale, middle.1 * scale)) * part;
                        let cover = (0.5 - edge).clamp(0.0, 1.0);
                        let old = f32::from(*value);
                        *value = (old + (new - old) * cover + 0.5) as u8;
                    }
                }
            }
        }
    }

    /// Copies `columns` of `rows` from a plane of the same size.
    fn restore(&mut self, from: &Self, columns: Range<usize>, rows: Range<usize>) {
        let (left, right) = (columns.start.min(self.width), columns.end.min(self.width));
        for row in rows.start..rows.end.min(self.height) {
            let line = row * self.width + left..row * self.width + right.max(left);
            self.data[line.clone()].copy_from_slice(&from.data[line]);
        }
    }
}

/// Hands the lines of a plane and those of its copy, which are `stride` bytes apart, to `copy`.
pub(crate) fn each_line(from: &Plane, to: &mut [u8], stride: usize, mut copy: impl FnMut(&[u8], &mut [u8])) {
    for (line, to) in from.data.chunks_exact(from.width.max(1)).zip(to.chunks_mut(stride.max(1))) {
        let bytes = line.len().min(to.len());
        copy(&line[..bytes], &mut to[..bytes]);
    }
}

/// A picture in I420.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    pub(crate) planes: [Plane; 3],
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize, ground: Colour) -> Self {
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        Self {
            planes: [
                Plane::new(width, height, ground.y),
                Plane::new(half_width, half_height, ground.u),
                Plane::new(half_width, half_height, ground.v),
            ],
        }
    }

    pub(crate) fn luma(&mut self) -> &mut Plane {
        &mut self.planes[0]
    }

    pub(crate) fn paint(&mut self, shape: &Shape, colour: Colour) {
        let [y, u, v] = &mut self.planes;
        y.paint(shape, colour.y, 1.0);
        u.paint(shape, colour.u, 2.0);
        v.paint(shape, colour.v, 2.0);
    }

    /// Copies the pixels between two corners from a picture of the same size.
    pub(crate) fn restore(&mut self, from: &Self, upper_left: Point, lower_right: Point) {
        let pixel = |value: f32, halve: usize| (value.max(0.0) as usize) >> halve;
        for (index, (plane, from)) in self.planes.iter_mut().zip(&from.planes).enumerate() {
            let halve = index.min(1);
            let columns = pixel(upper_left.0, halve)..pixel(lower_right.0, halve) + 1;
            let rows = pixel(upper_left.1, halve)..pixel(lower_right.1, halve) + 1;
            plane.restore(from, columns, rows);
        }
    }

    /// Copies the picture into planes with lines of `strides` bytes.
    pub(crate) fn copy_to(&self, planes: [&mut [u8]; 3], strides: [usize; 3]) {
        for ((from, to), stride) in self.planes.iter().zip(planes).zip(strides) {
            each_line(from, to, stride, |line, to| to.copy_from_slice(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(from: Point, to: Point, radius: f32) -> Capsule {
        Capsule { from, to, from_radius: radius, to_radius: radius }
    }

    #[test]
    fn a_line_has_soft_edges_and_round_ends() {
        let mut plane = Plane::new(40, 20, 60);
        let line = even((10.0, 10.0), (30.0, 10.0), 3.0);
        plane.chalk(&line, 60, 220);
        let at = |x: usize, y: usize| plane.data[y * 40 + x];
        assert_eq!((at(20, 10), at(20, 15), at(5, 10), at(35, 10)), (220, 60, 60, 60));
        assert_eq!(at(7, 7), 60);
        assert!((61..220).contains(&at(32, 8)));
    }

    #[test]
    fn drawing_the_same_chalk_again_changes_nothing() {
        let mut plane = Plane::new(40, 20, 60);
        let line = even((5.5, 4.2), (30.0, 15.0), 2.3);
        plane.chalk(&line, 60, 220);
        let once = plane.data.clone();
        plane.chalk(&line, 60, 220);
        assert_eq!(plane.data, once);
    }

    #[test]
    fn painting_in_blocks_leaves_no_seams() {
        let line = Capsule { from: (30.3, 35.1), to: (70.2, 50.9), from_radius: 22.0, to_radius: 15.5 };
        let mut plane = Plane::new(100, 80, 0);
        plane.paint(&Shape::Capsule(line), 200, 1.0);
        let distance = line.distance();
        for y in 0..80 {
            for x in 0..100 {
                let edge = distance((x as f32 + 0.5, y as f32 + 0.5));
                let expected = (200.0 * (0.5 - edge).clamp(0.0, 1.0) + 0.5) as u8;
                assert_eq!(plane.data[y * 100 + x], expected, "{x},{y}");
            }
        }
    }

    #[test]
    fn shapes_over_the_edge_are_clipped() {
        let ground = Colour { y: 50, u: 128, v: 128 };
        let mut canvas = Canvas::new(31, 17, ground);
        let colour = Colour { y: 200, u: 90, v: 160 };
        canvas.paint(&Shape::Ellipse((0.0, 0.0), 60.0, 40.0), colour);
        canvas.paint(&Shape::Rectangle((-5.0, 8.0), (90.0, 90.0)), ground);
        assert_eq!(canvas.planes[0].data[0], 200);
        assert_eq!(canvas.planes[1].data[0], 90);
        assert_eq!(canvas.planes[0].data[16 * 31 + 30], 50);
    }

    #[test]
    fn copying_leaves_the_gaps_between_lines_alone() {
        let canvas = Canvas::new(4, 2, Colour { y: 1, u: 2, v: 3 });
        let (mut y, mut u, mut v) = ([9; 12], [9; 4], [9; 4]);
        canvas.copy_to([&mut y, &mut u, &mut v], [6, 4, 4]);
        assert_eq!(y, [1, 1, 1, 1, 9, 9, 1, 1, 1, 1, 9, 9]);
        assert_eq!((u, v), ([2, 2, 9, 9], [3, 3, 9, 9]));
    }
}
