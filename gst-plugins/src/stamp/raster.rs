//! Writing a stamp into the bytes of a picture and reading it back, for every packed or planar format
//! with 8 bits per component.

use super::code::{self, CELLS, Code, Unreadable};
use super::layout::{Area, Pixels};

/// The share of a cell, in width and height, that is averaged: its edges are blurred by scaling.
const SAMPLED_SHARE: f64 = 0.5;

/// Where the bytes of one component (Y, U, V, R, G, B, or alpha) lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// Index of the plane.
    pub plane: usize,
    /// Bytes from the start of a line to the first value.
    pub offset: usize,
    /// Bytes from one value to the next.
    pub step: usize,
    /// How often the width is halved for this component.
    pub halve_width: u32,
    /// How often the height is halved for this component.
    pub halve_height: u32,
}

/// What the components of a format mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Luma first, then chroma: brightness is component 0, black is 16 and white is 235.
    Luma,
    /// Red, green, blue: brightness is read from green, black is 0 and white is 255.
    Rgb,
}

/// How a picture lies in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// What the components mean.
    pub colours: Colours,
    /// The colour components in order; a fourth one is alpha.
    pub components: Vec<Component>,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Bytes per line of each plane.
    pub strides: [usize; 4],
}

#[derive(Clone, Copy)]
enum Shade {
    Black,
    White,
}

impl From<bool> for Shade {
    fn from(white: bool) -> Self {
        if white { Self::White } else { Self::Black }
    }
}

impl Format {
    fn value(&self, component: usize, shade: Shade) -> u8 {
        match (self.colours, component, shade) {
            (_, 3, _) | (Colours::Rgb, _, Shade::White) => 255,
            (Colours::Rgb, _, Shade::Black) => 0,
            (Colours::Luma, 0, Shade::Black) => 16,
            (Colours::Luma, 0, Shade::White) => 235,
            (Colours::Luma, ..) => 128,
        }
    }

    fn fill(&self, planes: &mut [&mut [u8]; 4], area: Pixels, component: usize, value: u8) {
        let Some(place) = self.components.get(component) else { return };
        let (wide, high) = (1usize << place.halve_width, 1usize << place.halve_height);
        let stride = self.strides[place.plane];
        for y in area.top / high..area.bottom.div_ceil(high) {
            let line = y * stride + place.offset;
            let first = line + area.left / wide * place.step;
            let last = line + area.right.div_ceil(wide) * place.step;
            let end = last.min(planes[place.plane].len());
            let Some(bytes) = planes[place.plane].get_mut(first..end) else { return };
            if place.step == 1 {
                bytes.fill(value);
            } else {
                bytes.iter_mut().step_by(place.step).for_each(|byte| *byte = value);
            }
        }
    }

    /// Fills the brightness of `area`: luma only, or red, green and blue.
    fn shade(&self, planes: &mut [&mut [u8]; 4], area: Area, shade: Shade) {
        let Some(area) = area.pixels(self.width, self.height) else { return };
        let components = match self.colours {
            Colours::Luma => 1,
            Colours::Rgb => 3,
        };
        for component in 0..components {
            self.fill(planes, area, component, self.value(component, shade));
        }
    }

    /// Writes `code` into `area` of the picture.
    pub fn write(&self, planes: &mut [&mut [u8]; 4], area: Area, code: Code) {
        let Some(ground) = area.pixels(self.width, self.height) else { return };
        for component in 0..self.components.len() {
            self.fill(planes, ground, component, self.value(component, Shade::Black));
        }
        for (index, white) in code::encode(code).into_iter().enumerate() {
            if white {
                self.shade(planes, area.cell(index), Shade::White);
            }
        }
        self.shade(planes, area.patch(), Shade::from(code.flash));
    }

    fn brightness(&self, planes: &[&[u8]; 4], area: Area) -> f32 {
        let component = match self.colours {
            Colours::Luma => 0,
            Colours::Rgb => 1,
        };
        let (Some(place), Some(area)) =
            (self.components.get(component), area.core(SAMPLED_SHARE).pixels(self.width, self.height))
        else {
            return 0.0;
        };
        let (mut sum, mut count) = (0u32, 0u32);
        for y in area.top..area.bottom {
            let line = y * self.strides[place.plane] + place.offset;
            for x in area.left..area.right {
                let byte = planes[place.plane].get(line + x * place.step).copied().unwrap_or_default();
                sum += u32::from(byte);
                count += 1;
            }
        }
        if count == 0 { 0.0 } else { sum as f32 / count as f32 }
    }

    /// Reads the stamp that fills `area` of the picture.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when there is no stamp or it is damaged.
    pub fn read(&self, planes: &[&[u8]; 4], area: Area) -> Result<Code, Unreadable> {
        let mut levels = [0.0; CELLS];
        for (index, level) in levels.iter_mut().enumerate() {
            *level = self.brightness(planes, area.cell(index));
        }
        code::decode(&levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: usize, height: usize) -> Format {
        let luma = Component { plane: 0, offset: 0, step: 1, halve_width: 0, halve_height: 0 };
        Format {
            colours: Colours::Luma,
            components: vec![luma],
            width,
            height,
            strides: [width + 3, 0, 0, 0],
        }
    }

    fn stamped(format: &Format, area: Area, code: Code) -> Vec<u8> {
        let mut luma: Vec<u8> = (0..format.strides[0] * format.height).map(|i| (i * 7 % 251) as u8).collect();
        format.write(&mut [&mut luma, &mut [], &mut [], &mut []], area, code);
        luma
    }

    #[test]
    fn a_stamp_is_read_at_any_odd_size() {
        let code = Code { number: 0x005A_A5C3, flash: true };
        for (width, height) in [(640, 360), (641, 361), (333, 187), (1920, 1080), (176, 144)] {
            let format = gray(width, height);
            let luma = stamped(&format, Area::STRIP, code);
            assert_eq!(format.read(&[&luma, &[], &[], &[]], Area::STRIP), Ok(code), "{width}x{height}");
        }
    }

    #[test]
    fn a_picture_too_small_for_its_stamp_is_unreadable_and_harms_nothing() {
        let format = gray(8, 4);
        let luma = stamped(&format, Area::STRIP, Code { number: 77, flash: false });
        assert!(format.read(&[&luma, &[], &[], &[]], Area::STRIP).is_err());
    }

    #[test]
    fn nothing_outside_the_area_is_touched() {
        let format = gray(640, 360);
        let plain: Vec<u8> = (0..format.strides[0] * 360).map(|i| (i * 7 % 251) as u8).collect();
        let luma = stamped(&format, Area::STRIP, Code { number: 1, flash: true });
        let area = Area::STRIP.pixels(640, 360).unwrap();
        for (index, (was, is)) in plain.iter().zip(&luma).enumerate() {
            let (x, y) = (index % format.strides[0], index / format.strides[0]);
            let inside = (area.left..area.right).contains(&x) && (area.top..area.bottom).contains(&y);
            assert!(inside || was == is, "{x},{y}");
        }
    }
}
