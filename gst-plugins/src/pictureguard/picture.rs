//! Where the values of a picture lie in memory, and which of them are looked at.
//!
//! A picture is looked at in 36 rows of 32 cells. Of each cell eight neighbouring pixels are read: they
//! lie in one line of the processor's cache, so that eight cost what one costs.

/// Rows of cells.
const ROWS: usize = 36;
/// Cells in a row, fewer in a narrow picture.
const CELLS: usize = 32;
/// Neighbouring pixels that are read of a cell.
const RUN: usize = 8;

/// How one value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// One byte.
    Byte,
    /// Two bytes, the lower first; shifted right by so many bits, eight bits are left.
    Word(u32),
}

/// One component of a picture: its brightness, or one of its colours.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    /// The bytes from the first value on. What lies beyond their end reads as zero.
    pub data: &'a [u8],
    /// Bytes from line to line.
    pub stride: usize,
    /// Bytes from value to value.
    pub step: usize,
    /// How often the width is halved for this component.
    pub halve_width: u32,
    /// How often the height is halved for this component.
    pub halve_height: u32,
    /// How a value is stored.
    pub depth: Depth,
}

/// What there is of a picture.
#[derive(Debug, Clone, Copy)]
pub enum Components<'a> {
    /// Brightness alone.
    Grey(Component<'a>),
    /// Brightness, blue difference, red difference.
    Luma([Component<'a>; 3]),
    /// Red, green, blue.
    Rgb([Component<'a>; 3]),
}

/// The values that mean black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Black, of 256 steps.
    pub black: u8,
    /// White, of 256 steps.
    pub white: u8,
}

impl Range {
    /// Television's: 16..=235.
    pub const LIMITED: Self = Self { black: 16, white: 235 };
    /// All of a byte.
    pub const FULL: Self = Self { black: 0, white: 255 };

    /// A brightness from 0 (black) to 1 (white) as a stored value.
    pub fn value(self, brightness: f64) -> u8 {
        let span = f64::from(self.white) - f64::from(self.black);
        (f64::from(self.black) + brightness * span).round().clamp(0.0, 255.0) as u8
    }

    /// A stored value as a brightness: 0 is black and 1 is white, which noise may exceed.
    pub fn brightness(self, value: f64) -> f64 {
        let span = (f64::from(self.white) - f64::from(self.black)).max(1.0);
        (value - f64::from(self.black)) / span
    }
}

/// A picture in memory.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// What black and white are.
    pub range: Range,
    /// Its values.
    pub components: Components<'a>,
}

/// A point's brightness as stored, and its colour differences around zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Brightness.
    pub luma: u8,
    /// Blue difference, −128..=127.
    pub blue: i16,
    /// Red difference, −128..=127.
    pub red: i16,
}

impl Component<'_> {
    /// Index of the first byte of the value of pixel (`x`, `y`).
    fn index(&self, x: usize, y: usize) -> usize {
        (y >> self.halve_height) * self.stride + (x >> self.halve_width) * self.step
    }

    fn value(&self, x: usize, y: usize) -> u8 {
        let at = self.index(x, y);
        match self.depth {
            Depth::Byte => self.data.get(at).copied().unwrap_or_default(),
            Depth::Word(shift) => {
                let word =
                    self.data.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
                word.checked_shr(shift).unwrap_or_default() as u8
            }
        }
    }
}

/// The BT.601 brightness of red, green and blue: near enough for the other standards too.
fn brightness_of(red: u8, green: u8, blue: u8) -> u8 {
    ((77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) >> 8) as u8
}

impl Picture<'_> {
    /// Reads the brightness at the points that are looked at into `points`, always the same ones of
    /// pictures of one size, row by row; answers how many are in a row. None of an empty picture.
    pub fn sample(&self, points: &mut Vec<u8>) -> usize {
        points.clear();
        let run = RUN.min(self.width);
        if run == 0 || self.height == 0 {
            return 0;
        }
        let cells = CELLS.min(self.width / run);
        for row in 0..ROWS {
            let y = middle(row, ROWS, self.height);
            for cell in 0..cells {
                let x = middle(cell, cells, self.width).saturating_sub(run / 2).min(self.width - run);
                self.read_run(x, y, run, points);
            }
        }
        cells * run
    }

    fn read_run(&self, x: usize, y: usize, run: usize, points: &mut Vec<u8>) {
        match &self.components {
            Components::Grey(luma) | Components::Luma([luma, ..]) => {
                let at = luma.index(x, y);
                match luma.data.get(at..at + run) {
                    Some(bytes) if luma.step == 1 && luma.depth == Depth::Byte => points.extend(bytes),
                    _ => points.extend((x..x + run).map(|x| luma.value(x, y))),
                }
            }
            Components::Rgb([red, green, blue]) => points.extend(
                (x..x + run).map(|x| brightness_of(red.value(x, y), green.value(x, y), blue.value(x, y))),
            ),
        }
    }

    /// The colours of `many` points spread evenly over the line at `part` (0..=1) of the height; nothing
    /// of a picture without colours.
    pub fn colours(&self, part: f64, many: usize) -> Option<Vec<Colour>> {
        let last = self.height.checked_sub(1).filter(|_| self.width > 0)?;
        let y = ((part * self.height as f64) as usize).min(last);
        (0..many).map(|index| self.colour(middle(index, many, self.width), y)).collect()
    }

    fn colour(&self, x: usize, y: usize) -> Option<Colour> {
        match self.components {
            Components::Grey(_) => None,
            Components::Luma([luma, blue, red]) => Some(Colour {
                luma: luma.value(x, y),
                blue: i16::from(blue.value(x, y)) - 128,
                red: i16::from(red.value(x, y)) - 128,
            }),
            Components::Rgb([red, green, blue]) => {
                Some(Colour::of(red.value(x, y), green.value(x, y), blue.value(x, y)))
            }
        }
    }
}

impl Colour {
    /// The same in brightness and differences, as BT.601 has them.
    fn of(red: u8, green: u8, blue: u8) -> Self {
        let luma = brightness_of(red, green, blue);
        let scaled = |value: u8, part: i32| ((i32::from(value) - i32::from(luma)) * part / 256) as i16;
        // The greatest difference of blue is 1 − 0.114 of white, that of red 1 − 0.299.
        Self { luma, blue: scaled(blue, 144), red: scaled(red, 183) }
    }
}

/// The middle of part `index` of `many` equal parts of `length`.
fn middle(index: usize, many: usize, length: usize) -> usize {
    (2 * index + 1) * length / (2 * many)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(data: &[u8], stride: usize, step: usize) -> Component<'_> {
        Component { data, stride, step, halve_width: 0, halve_height: 0, depth: Depth::Byte }
    }

    fn sampled(width: usize, height: usize, components: Components<'_>) -> (Vec<u8>, usize) {
        let mut points = vec![1];
        let row = Picture { width, height, range: Range::FULL, components }.sample(&mut points);
        (points, row)
    }

    #[test]
    fn every_way_to_store_a_brightness_gives_the_same_points() {
        let value = |x: usize, y: usize| ((x * 3 + y * 5) % 251) as u8;
        let (width, height) = (333, 77);
        let all = || (0..height).flat_map(|y| (0..width).map(move |x| value(x, y)));
        let plain: Vec<u8> = all().collect();
        let expected = sampled(width, height, Components::Grey(component(&plain, width, 1)));
        assert_eq!((expected.0.len(), expected.1), (36 * 256, 256));
        let packed: Vec<u8> = all().flat_map(|value| [value, 7]).collect();
        assert_eq!(sampled(width, height, Components::Grey(component(&packed, 2 * width, 2))), expected);
        let words: Vec<u8> = all().flat_map(|value| (u16::from(value) << 2 | 3).to_le_bytes()).collect();
        let words = Component { depth: Depth::Word(2), ..component(&words, 2 * width, 2) };
        assert_eq!(sampled(width, height, Components::Grey(words)), expected);
        let grey = [component(&plain, width, 1); 3];
        assert_eq!(sampled(width, height, Components::Rgb(grey)), expected);
    }

    #[test]
    fn padding_beside_the_lines_is_never_read() {
        let stride = 100;
        let data: Vec<u8> = (0..stride * 50).map(|at| if at % stride < 70 { 60 } else { 255 }).collect();
        let (points, _) = sampled(70, 50, Components::Grey(component(&data, stride, 1)));
        assert!(!points.is_empty() && points.iter().all(|point| *point == 60));
    }

    #[test]
    fn a_picture_of_any_size_and_data_that_end_early_are_read_without_a_panic() {
        for (width, height) in
            [(0_usize, 0_usize), (0, 9), (9, 0), (1, 1), (3, 2), (8, 1), (9, 500), (500, 3)]
        {
            for missing in [0, 1, 5, width] {
                let data = vec![9; (width * height).saturating_sub(missing)];
                let luma = Component { halve_width: 1, halve_height: 1, ..component(&data, width, 1) };
                let components = Components::Luma([component(&data, width, 1), luma, luma]);
                let (points, row) = sampled(width, height, components);
                assert_eq!(points.len(), 36 * row, "{width}x{height}");
                let picture = Picture { width, height, range: Range::FULL, components };
                assert_eq!(picture.colours(1.0, 5).is_some(), width * height > 0, "{width}x{height}");
            }
        }
    }

    #[test]
    fn red_green_and_blue_have_the_differences_of_their_luma() {
        assert_eq!(Colour::of(255, 255, 255), Colour { luma: 255, blue: 0, red: 0 });
        let blue = Colour::of(0, 0, 255);
        assert!((120..=127).contains(&blue.blue) && (-25..0).contains(&blue.red), "{blue:?}");
        let red = Colour::of(255, 0, 0);
        assert!((120..=127).contains(&red.red) && (-50..0).contains(&red.blue), "{red:?}");
    }
}
