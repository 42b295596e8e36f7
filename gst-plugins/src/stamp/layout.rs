//! Where the stamp lies in a picture.
//!
//! All measures are fractions of a rectangle, so the same numbers hold at every size of the picture.
//! The stamp's rectangle is 25 units wide and 3 high. A black border of half a unit keeps the picture
//! away from the cells; inside it lie 20 × 2 cells of 1 × 1 unit, half a unit of black, and the flash
//! patch of 3.5 × 2 units.

use super::code::{COLUMNS, ROWS};

/// Units of the stamp from its left to its right edge.
const WIDTH_UNITS: f64 = COLUMNS as f64 + 5.0;
/// Units of the stamp from top to bottom.
const HEIGHT_UNITS: f64 = ROWS as f64 + 1.0;
const BORDER_UNITS: f64 = 0.5;
const PATCH_UNITS: f64 = 3.5;

/// A rectangle in fractions of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge, 0..=1.
    pub x: f64,
    /// Top edge, 0..=1.
    pub y: f64,
    /// Width, 0..=1.
    pub width: f64,
    /// Height, 0..=1.
    pub height: f64,
}

/// A rectangle in pixels, the far edges excluded; never empty when made by [`Area::pixels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pixels {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// One past the last column.
    pub right: usize,
    /// One past the last row.
    pub bottom: usize,
}

impl Area {
    /// The whole picture.
    pub const WHOLE: Self = Self { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
    /// For a picture that is shown in full: a strip in the upper left corner.
    pub const STRIP: Self = Self { x: 0.01, y: 0.01, width: 0.48, height: 0.06 };
    /// For a picture that will be shown at a quarter of its width: a band over the whole upper edge.
    pub const WIDE: Self = Self { x: 0.02, y: 0.02, width: 0.96, height: 0.2 };

    /// `self`, given in fractions of `outer`, in fractions of what `outer` is given in.
    pub fn within(self, outer: Self) -> Self {
        Self {
            x: outer.x + self.x * outer.width,
            y: outer.y + self.y * outer.height,
            width: self.width * outer.width,
            height: self.height * outer.height,
        }
    }

    /// The nearest pixels in a picture of `width` × `height`, at least one, clamped to the picture.
    /// Nothing when the picture or the area is empty.
    pub fn pixels(self, width: usize, height: usize) -> Option<Pixels> {
        let span = |start: f64, length: f64, size: usize| {
            if size == 0 || length <= 0.0 {
                return None;
            }
            let scale = size as f64;
            let first = (start * scale).round().max(0.0) as usize;
            let last = ((start + length) * scale).round().max(0.0) as usize;
            if last > first && first < size {
                return Some((first, last.min(size)));
            }
            let middle = (((start + length / 2.0) * scale).max(0.0) as usize).min(size - 1);
            Some((middle, middle + 1))
        };
        let (left, right) = span(self.x, self.width, width)?;
        let (top, bottom) = span(self.y, self.height, height)?;
        Some(Pixels { left, top, right, bottom })
    }

    /// The inner part of the area, `share` (0..=1) of its width and height.
    pub fn core(self, share: f64) -> Self {
        let (width, height) = (self.width * share, self.height * share);
        Self {
            x: self.x + (self.width - width) / 2.0,
            y: self.y + (self.height - height) / 2.0,
            width,
            height,
        }
    }

    fn units(self, x: f64, y: f64, width: f64, height: f64) -> Self {
        Self {
            x: x / WIDTH_UNITS,
            y: y / HEIGHT_UNITS,
            width: width / WIDTH_UNITS,
            height: height / HEIGHT_UNITS,
        }
        .within(self)
    }

    /// The place of cell `index` of the stamp that fills this area.
    pub fn cell(self, index: usize) -> Self {
        let (row, column) = (index / COLUMNS, index % COLUMNS);
        self.units(BORDER_UNITS + column as f64, BORDER_UNITS + row as f64, 1.0, 1.0)
    }

    /// The place of the flash patch of the stamp that fills this area.
    pub fn patch(self) -> Self {
        self.units(2.0 * BORDER_UNITS + COLUMNS as f64, BORDER_UNITS, PATCH_UNITS, ROWS as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::CELLS;
    use super::*;

    #[test]
    fn cells_are_separate_and_inside_the_area_at_every_useful_size() {
        for (width, height) in [(1280, 720), (640, 360), (322, 182)] {
            let outer = Area::STRIP.pixels(width, height).unwrap();
            let mut taken = vec![false; width * height];
            for area in (0..CELLS).map(|cell| Area::STRIP.cell(cell)).chain([Area::STRIP.patch()]) {
                let area = area.pixels(width, height).unwrap();
                assert!(area.left > outer.left && area.right < outer.right);
                assert!(area.top >= outer.top && area.bottom <= outer.bottom);
                for y in area.top..area.bottom {
                    for x in area.left..area.right {
                        assert!(!std::mem::replace(&mut taken[y * width + x], true));
                    }
                }
            }
        }
    }

    #[test]
    fn a_stamp_inside_a_small_picture_is_found_by_two_rectangles() {
        let small = Area { x: 0.75, y: 0.75, width: 0.25, height: 0.25 };
        let nested = Area { x: 0.5, y: 0.5, width: 0.5, height: 0.4 }.within(small);
        assert_eq!(nested, Area { x: 0.875, y: 0.875, width: 0.125, height: 0.1 });
    }

    #[test]
    fn an_area_smaller_than_a_pixel_is_one_pixel_and_none_leaves_the_picture() {
        let tiny = Area { x: 0.999, y: 0.999, width: 0.0001, height: 0.0001 };
        assert_eq!(tiny.pixels(100, 50), Some(Pixels { left: 99, top: 49, right: 100, bottom: 50 }));
        let over = Area { x: 0.9, y: 0.9, width: 0.5, height: 0.5 };
        assert_eq!(over.pixels(100, 50), Some(Pixels { left: 90, top: 45, right: 100, bottom: 50 }));
        assert_eq!(Area::WHOLE.pixels(0, 50), None);
        assert_eq!(Area { width: 0.0, ..Area::WHOLE }.pixels(10, 10), None);
    }
}
