//! Pictures for the tests: a classroom with a sensor's noise, and pictures painted in colours.

use super::picture::{Component, Components, Depth, Picture, Range};

fn plane(data: &[u8], width: usize, halve: u32) -> Component<'_> {
    Component { data, stride: width, step: 1, halve_width: halve, halve_height: halve, depth: Depth::Byte }
}

/// A small camera's grey pictures, and its noise.
pub(crate) struct Film {
    pub(crate) width: usize,
    pub(crate) height: usize,
    random: u64,
    /// Samples of the noise, drawn once: drawing them for each point of an hour takes too long.
    noise: Vec<i8>,
}

impl Film {
    /// Noise of so many steps (standard deviation).
    pub(crate) fn new(seed: u64, sigma: f64) -> Self {
        let mut film = Self { width: 320, height: 180, random: seed, noise: Vec::new() };
        film.noise = (0..1 << 16)
            .map(|_| {
                // Twelve even numbers make one of a normal spread.
                let sum: f64 = (0..12).map(|_| (film.next() >> 11) as f64 / (1_u64 << 53) as f64).sum();
                ((sum - 6.0) * sigma).round().clamp(-127.0, 127.0) as i8
            })
            .collect();
        film
    }

    /// SplitMix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ self.random >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// A wall that the light falls on from one side, a dark board with writing, a desk.
    pub(crate) fn room(&self) -> Vec<u8> {
        self.room_from(0.0)
    }

    /// The same, seen from so many points further right.
    pub(crate) fn room_from(&self, shift: f64) -> Vec<u8> {
        let mut room = Vec::with_capacity(self.width * self.height);
        for y in 0..self.height {
            for x in 0..self.width {
                let across = x as f64 + shift;
                let is_board = (40.0..250.0).contains(&across) && (30..120).contains(&y);
                let is_chalk = is_board && (across * 0.7).sin() > 0.8 && y % 24 < 12;
                room.push(match (is_chalk, is_board, y > 150) {
                    (true, ..) => 190,
                    (_, true, _) => 62,
                    (.., true) => 120,
                    _ => (170.0 - across * 0.15) as u8,
                });
            }
        }
        room
    }

    /// Puts a teacher at `x` into a room: without an edge of hair too fine for the camera.
    pub(crate) fn teacher(&self, room: &mut [u8], x: f64) {
        for y in 60..self.height {
            let half = if y < 85 { 9.0 } else { 20.0 };
            let brightness = if y < 85 { 180 } else { 90 };
            for (at, point) in room[y * self.width..][..self.width].iter_mut().enumerate() {
                if (at as f64 - x).abs() < half {
                    *point = brightness;
                }
            }
        }
    }

    /// What the sensor makes of it.
    pub(crate) fn noisy(&mut self, picture: &[u8]) -> Vec<u8> {
        let mut noisy = Vec::with_capacity(picture.len());
        for points in picture.chunks(4) {
            let mut random = self.next();
            for point in points {
                noisy.push(point.saturating_add_signed(self.noise[random as usize & 0xFFFF]));
                random >>= 16;
            }
        }
        noisy
    }

    pub(crate) fn picture<'a>(&self, data: &'a [u8]) -> Picture<'a> {
        Picture {
            width: self.width,
            height: self.height,
            range: Range::LIMITED,
            components: Components::Grey(plane(data, self.width, 0)),
        }
    }
}

/// A picture of flat colours, with chroma at half the size.
pub(crate) struct Painting {
    width: usize,
    height: usize,
    /// What red and blue weigh in the brightness.
    matrix: (f64, f64),
    planes: [Vec<u8>; 3],
}

impl Painting {
    pub(crate) const BT601: (f64, f64) = (0.299, 0.114);
    pub(crate) const BT709: (f64, f64) = (0.2126, 0.0722);

    /// Columns of equal width from left to right, each of one red, green and blue (0 to 1).
    pub(crate) fn columns(width: usize, height: usize, matrix: (f64, f64), colours: &[[f64; 3]]) -> Self {
        let half = width.div_ceil(2) * height.div_ceil(2);
        let planes = [vec![0; width * height], vec![0; half], vec![0; half]];
        let mut painting = Self { width, height, matrix, planes };
        for (index, colour) in colours.iter().enumerate() {
            let edge = |index: usize| index * width / colours.len();
            painting.rectangle((edge(index), 0), (edge(index + 1), height), *colour);
        }
        painting
    }

    /// Paints between two corners.
    pub(crate) fn rectangle(&mut self, from: (usize, usize), to: (usize, usize), [r, g, b]: [f64; 3]) {
        let (red, blue) = self.matrix;
        let luma = red * r + (1.0 - red - blue) * g + blue * b;
        let values = [
            16.0 + 219.0 * luma,
            128.0 + 112.0 * (b - luma) / (1.0 - blue),
            128.0 + 112.0 * (r - luma) / (1.0 - red),
        ];
        let width = self.width;
        for (index, (plane, value)) in self.planes.iter_mut().zip(values).enumerate() {
            let halve = index.min(1);
            let stride = if halve == 1 { width.div_ceil(2) } else { width };
            for y in from.1 >> halve..to.1.div_ceil(1 << halve) {
                plane[y * stride..][from.0 >> halve..to.0.div_ceil(1 << halve)].fill(value.round() as u8);
            }
        }
    }

    pub(crate) fn picture(&self) -> Picture<'_> {
        let [luma, blue, red] = &self.planes;
        let half = self.width.div_ceil(2);
        Picture {
            width: self.width,
            height: self.height,
            range: Range::LIMITED,
            components: Components::Luma([
                plane(luma, self.width, 0),
                plane(blue, half, 1),
                plane(red, half, 1),
            ]),
        }
    }
}
