//! The scene `camera`: a teacher moves before a blackboard, seen by a camera with a little noise.

use super::canvas::{self, Canvas, Capsule, Colour, Point, Shape};
use super::handwriting;

const WALL: Colour = Colour { y: 176, u: 120, v: 134 };
const FRAME: Colour = Colour { y: 112, u: 104, v: 148 };
const GREEN: Colour = Colour { y: 66, u: 118, v: 112 };
const CHALK: u8 = 205;
const DESK: Colour = Colour { y: 128, u: 100, v: 150 };
const DESK_EDGE: Colour = Colour { y: 92, u: 106, v: 148 };
const BOOK: Colour = Colour { y: 96, u: 112, v: 182 };
const SKIN: Colour = Colour { y: 182, u: 108, v: 152 };
const LIPS: Colour = Colour { y: 104, u: 116, v: 170 };
const HAIR: Colour = Colour { y: 34, u: 126, v: 130 };
const SHIRT: Colour = Colour { y: 92, u: 160, v: 108 };
const SLEEVE: Colour = Colour { y: 87, u: 160, v: 108 };
const COLLAR: Colour = Colour { y: 222, u: 128, v: 128 };
const POINTER: Colour = Colour { y: 206, u: 96, v: 142 };

/// Where the desk begins, from the top.
const DESK_TOP: f32 = 0.9;

/// The teacher and the pointer never leave this part of the picture.
const REACH: (Point, Point) = ((0.42, 0.15), (1.78, 1.02));

/// Greatest change that noise makes. Luma stays between 16 and 235 whatever is painted here.
const NOISE: i32 = 4;
/// Each line takes its noise from a strip of this length beyond its own, at a place of its own.
const NOISE_EXTRA: usize = 1024;
/// The nanoseconds for which one picture of noise stands: noise depends on the time alone.
const NOISE_NS: u64 = 1_000_000;

/// The room without the teacher, and the picture that goes out.
pub(crate) struct Camera {
    empty: Canvas,
    canvas: Canvas,
    noise: Vec<u8>,
    /// Left edge and height of the part of the picture in which places are given, in pixels.
    left: f32,
    top: f32,
    height: f32,
}

fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// A triangular spread around zero, as bytes to be added with wrapping.
fn noise_strip(length: usize) -> Vec<u8> {
    let mut state = 7;
    (0..length)
        .map(|_| {
            let random = next_random(&mut state);
            let half = |bits: u64| (bits % (NOISE as u64 + 1)) as i32;
            (half(random) - half(random >> 32)) as u8
        })
        .collect()
}

impl Camera {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let (w, h) = (width as f32, height as f32);
        let scale = h.min(w * 9.0 / 16.0);
        let mut camera = Self {
            empty: Canvas::new(width, height, WALL),
            canvas: Canvas::new(width, height, WALL),
            noise: noise_strip(width + NOISE_EXTRA),
            left: (w - scale * 16.0 / 9.0) / 2.0,
            top: (h - scale) / 2.0,
            height: scale,
        };
        camera.furnish();
        camera
    }

    /// A place (0..=1.78 across, 0..=1 down) in pixels.
    fn place(&self, (x, y): Point) -> Point {
        (self.left + x * self.height, self.top + y * self.height)
    }

    fn rectangle(&self, from: Point, to: Point) -> Shape {
        Shape::Rectangle(self.place(from), self.place(to))
    }

    fn furnish(&mut self) {
        let far = 20.0;
        let shapes = [
            (self.rectangle((0.12, 0.2), (1.3, 0.78)), FRAME),
            (self.rectangle((0.145, 0.225), (1.275, 0.755)), GREEN),
            (self.rectangle((0.11, 0.775), (1.31, 0.795)), FRAME),
            (self.rectangle((0.3, 0.76), (0.36, 0.775)), COLLAR),
            (self.rectangle((-far, DESK_TOP), (far, 1.0 + far)), DESK_EDGE),
            (self.rectangle((-far, DESK_TOP + 0.015), (far, 1.0 + far)), DESK),
        ];
        for (shape, colour) in shapes {
            self.empty.paint(&shape, colour);
        }
        for (x, y, length, radius, colour) in
            [(0.98, 0.893, 0.12, 0.009, BOOK), (0.985, 0.876, 0.105, 0.008, COLLAR)]
        {
            let (from, to) = (self.place((x, y)), self.place((x + length, y)));
            let radius = radius * self.height;
            let book = Capsule { from, to, from_radius: radius, to_radius: radius };
            self.empty.paint(&Shape::Capsule(book), colour);
        }
        let (middle, top) = self.place((0.58, 0.24));
        for piece in handwriting::sum(middle, top, 0.5 * self.height).pieces {
            self.empty.luma().chalk(&piece.line, GREEN.y, CHALK);
        }
        self.canvas = self.empty.clone();
    }

    fn paint(&mut self, shape: Shape, colour: Colour) {
        self.canvas.paint(&shape, colour);
    }

    fn limb(&mut self, from: Point, to: Point, from_radius: f32, to_radius: f32, colour: Colour) {
        let line = Capsule {
            from: self.place(from),
            to: self.place(to),
            from_radius: from_radius * self.height,
            to_radius: to_radius * self.height,
        };
        self.paint(Shape::Capsule(line), colour);
    }

    fn round(&mut self, centre: Point, a: f32, b: f32, colour: Colour) {
        let shape = Shape::Ellipse(self.place(centre), a * self.height, b * self.height);
        self.paint(shape, colour);
    }

    /// Writes the picture at `time_ns` into planes with lines of `strides` bytes. The same time gives
    /// the same picture.
    pub(crate) fn paint_at(&mut self, time_ns: u64, planes: [&mut [u8]; 3], strides: [usize; 3]) {
        let (from, to) = (self.place(REACH.0), self.place(REACH.1));
        self.canvas.restore(&self.empty, from, to);
        // The movements repeat after a minute, so that they stay exact for ever.
        self.teacher((time_ns % 60_000_000_000) as f32 / 1e9);
        let (from, to) = (self.place((REACH.0.0, DESK_TOP)), self.place(REACH.1));
        self.canvas.restore(&self.empty, from, to);

        let [luma, chroma @ ..] = planes;
        let noise = &self.noise;
        let mut state = time_ns / NOISE_NS;
        canvas::each_line(&self.canvas.planes[0], luma, strides[0], |line, to| {
            let start = (next_random(&mut state) % NOISE_EXTRA as u64) as usize;
            for ((to, value), noise) in to.iter_mut().zip(line).zip(&noise[start..]) {
                *to = value.wrapping_add(*noise);
            }
        });
        for (index, to) in (1..).zip(chroma) {
            let plane = &self.canvas.planes[index];
            canvas::each_line(plane, to, strides[index], |line, to| to.copy_from_slice(line));
        }
    }

    fn teacher(&mut self, t: f32) {
        use std::f32::consts::TAU;
        let wave = |period: f32, phase: f32| (TAU * (t / period + phase)).sin();
        let x = 1.36 + 0.1 * wave(12.0, 0.0) + 0.008 * wave(3.0, 0.0);
        let nod = 0.006 * wave(2.0, 0.2);
        let turn = 0.012 * wave(6.0, 0.1) - 0.006;
        let (head_x, head_y) = (x + turn, 0.36 + nod);

        // The far arm, on the desk.
        self.limb((x + 0.1, 0.56), (x + 0.15, 0.72), 0.038, 0.034, SLEEVE);
        self.limb((x + 0.15, 0.72), (x + 0.09, 0.87), 0.032, 0.026, SLEEVE);
        self.round((x + 0.085, 0.885), 0.028, 0.024, SKIN);

        // Body, neck, collar.
        self.limb((x, 0.6), (x, 1.0), 0.115, 0.13, SHIRT);
        self.limb((x - 0.085, 0.56), (x + 0.085, 0.56), 0.05, 0.05, SHIRT);
        self.limb((x + turn * 0.5, 0.44), (x, 0.51), 0.034, 0.036, SKIN);
        self.limb((x - 0.045, 0.5), (x - 0.002, 0.55), 0.014, 0.01, COLLAR);
        self.limb((x + 0.045, 0.5), (x + 0.002, 0.55), 0.014, 0.01, COLLAR);
        for button in [0.62, 0.7, 0.78] {
            self.round((x, button), 0.007, 0.007, COLLAR);
        }
        self.head((head_x, head_y), turn, t);

        // The arm with the pointer moves along the writing.
        let lift = 0.18 + 0.22 * wave(7.5, 0.0) + 0.05 * wave(1.7, 0.0);
        let shoulder = (x - 0.105, 0.565);
        let elbow = (shoulder.0 - 0.13 * (0.5 - lift).cos(), shoulder.1 + 0.13 * (0.5 - lift).sin());
        let hand = (elbow.0 - 0.12 * (0.5 + lift).cos(), elbow.1 - 0.12 * (0.5 + lift).sin());
        let reach = 0.4;
        let angle = 0.25 + 0.6 * lift;
        let tip = (hand.0 - reach * angle.cos(), hand.1 - reach * angle.sin());
        self.limb(hand, tip, 0.007, 0.003, POINTER);
        self.limb(shoulder, elbow, 0.042, 0.036, SLEEVE);
        self.limb(elbow, hand, 0.034, 0.026, SLEEVE);
        self.round(hand, 0.028, 0.026, SKIN);
    }

    fn head(&mut self, (x, y): Point, turn: f32, t: f32) {
        self.round((x, y - 0.028), 0.091, 0.092, HAIR);
        self.round((x - 0.078, y + 0.012), 0.014, 0.02, SKIN);
        self.round((x + 0.078, y + 0.012), 0.014, 0.02, SKIN);
        self.round((x, y + 0.012), 0.076, 0.094, SKIN);
        // The fringe.
        self.limb((x - 0.05, y - 0.062), (x + 0.03, y - 0.078), 0.024, 0.026, HAIR);
        self.limb((x + 0.03, y - 0.078), (x + 0.056, y - 0.05), 0.024, 0.016, HAIR);
        let look = turn * 0.8;
        let blink = (t % 3.7) < 0.12;
        for side in [-1.0, 1.0] {
            let eye = (x + side * 0.03 + look, y + 0.008);
            self.round(eye, 0.0085, if blink { 0.002 } else { 0.0105 }, HAIR);
            let brow = (eye.0, eye.1 - 0.027);
            for end in [-0.015, 0.015] {
                self.limb((brow.0 + end, brow.1 + 0.005), brow, 0.0025, 0.0032, HAIR);
            }
        }
        let shade = Colour { y: SKIN.y - 22, ..SKIN };
        self.limb((x + look, y + 0.022), (x + look - 0.004, y + 0.036), 0.003, 0.005, shade);
        // The mouth opens and closes as fast as one speaks, with pauses.
        let speaks = (t * 0.23).fract() < 0.75;
        let open = if speaks { 0.004 + 0.008 * (t * 13.0).sin().abs() } else { 0.002 };
        let mouth = (x + look, y + 0.066);
        self.round(mouth, 0.015, open, LIPS);
        for side in [-1.0, 1.0] {
            self.limb((mouth.0 + side * 0.024, mouth.1 - 0.009), mouth, 0.003, 0.004, LIPS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(camera: &mut Camera, time_ns: u64) -> Vec<u8> {
        let [y, u, v] = camera.canvas.planes.clone().map(|plane| (plane.width, plane.data));
        let (mut luma, mut blue, mut red) = (y.1, u.1, v.1);
        camera.paint_at(time_ns, [&mut luma, &mut blue, &mut red], [y.0, u.0, v.0]);
        luma
    }

    #[test]
    fn the_same_time_gives_the_same_picture_and_another_time_another() {
        let (mut one, mut two) = (Camera::new(320, 180), Camera::new(320, 180));
        luma(&mut two, 3_000_000_000);
        let first = luma(&mut one, 40_000_000);
        assert_eq!(first, luma(&mut two, 40_000_000));
        let later = luma(&mut one, 80_000_000);
        let changed = first.iter().zip(&later).filter(|(a, b)| a != b).count();
        assert!(changed > first.len() / 2);
    }

    #[test]
    fn the_teacher_leaves_no_trace() {
        let mut camera = Camera::new(320, 180);
        (0..600).for_each(|tenth| {
            luma(&mut camera, tenth * 100_000_000);
        });
        let (from, to) = (camera.place(REACH.0), camera.place(REACH.1));
        camera.canvas.restore(&camera.empty, from, to);
        assert!(camera.canvas.planes[0].data == camera.empty.planes[0].data);
    }

    #[test]
    fn luma_never_wraps_over_the_ends_of_its_range() {
        for (width, height) in [(320, 180), (321, 243), (64, 200)] {
            let mut camera = Camera::new(width, height);
            for second in 0..12 {
                let picture = luma(&mut camera, second * 5_000_000_000);
                assert!(picture.iter().all(|value| (16..=235).contains(value)));
            }
        }
    }
}
