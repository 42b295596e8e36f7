//! The words of the stamp: which cell is black and which is white.
//!
//! Forty cells, read row by row: 7 cells of a fixed start pattern, 24 bits of the frame number, the
//! flash bit, and 8 bits of CRC (polynomial 0x2F, start value 0xFF) over the number and the flash bit.
//! White is 1; numbers are written with the highest bit first.
//!
//! The start pattern holds white and black cells, so a reader learns from it what white and black
//! became on the way (limited range, washed-out scaling, a dim camera).

/// Columns of cells in a stamp.
pub const COLUMNS: usize = 20;
/// Rows of cells in a stamp.
pub const ROWS: usize = 2;
/// All cells of a stamp.
pub const CELLS: usize = COLUMNS * ROWS;
/// Frame numbers count modulo this.
pub const NUMBERS: u32 = 1 << NUMBER_BITS;

const START: [bool; 7] = [true, false, true, false, false, true, true];
const NUMBER_BITS: usize = 24;
const FLASH_CELL: usize = START.len() + NUMBER_BITS;
const CHECK_CELL: usize = FLASH_CELL + 1;
const CHECK_BITS: usize = CELLS - CHECK_CELL;

/// The least difference of brightness (0..=255) between the white and the black cells of the start
/// pattern that is still believed.
pub const LEAST_CONTRAST: f32 = 40.0;

/// What a stamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Number of the frame, modulo [`NUMBERS`].
    pub number: u32,
    /// Whether this frame belongs to the flash at the start of a second.
    pub flash: bool,
}

/// Why cells could not be read as a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// White and black of the start pattern are too close (the picture is blank, or has no stamp).
    LowContrast,
    /// The cells do not begin with the start pattern (the picture has no stamp here).
    NoStart,
    /// The start pattern is there but the CRC is wrong (damaged picture, or two pictures blended).
    BadCheck,
}

/// The cells of `code`, `true` is white. Bits of the number above 24 are dropped.
pub fn encode(code: Code) -> [bool; CELLS] {
    let mut cells = [false; CELLS];
    cells[..START.len()].copy_from_slice(&START);
    for (bit, cell) in cells[START.len()..FLASH_CELL].iter_mut().enumerate() {
        *cell = code.number >> (NUMBER_BITS - 1 - bit) & 1 == 1;
    }
    cells[FLASH_CELL] = code.flash;
    let check = check(&cells[START.len()..CHECK_CELL]);
    for (bit, cell) in cells[CHECK_CELL..].iter_mut().enumerate() {
        *cell = check >> (CHECK_BITS - 1 - bit) & 1 == 1;
    }
    cells
}

/// Reads the brightness of the forty cells (0 is black, 255 is white).
///
/// # Errors
///
/// [`Unreadable`] says which of the three tests failed.
pub fn decode(levels: &[f32; CELLS]) -> Result<Code, Unreadable> {
    let mean = |white: bool| {
        let (sum, count) = START
            .iter()
            .zip(levels)
            .filter(|(cell, _)| **cell == white)
            .fold((0.0, 0.0_f32), |(sum, count), (_, level)| (sum + level, count + 1.0));
        sum / count
    };
    let (white, black) = (mean(true), mean(false));
    if white - black < LEAST_CONTRAST {
        return Err(Unreadable::LowContrast);
    }
    let threshold = (white + black) / 2.0;
    let cells = levels.map(|level| level > threshold);
    if cells[..START.len()] != START {
        return Err(Unreadable::NoStart);
    }
    let expected = check(&cells[START.len()..CHECK_CELL]);
    if bits(&cells[CHECK_CELL..]) != u32::from(expected) {
        return Err(Unreadable::BadCheck);
    }
    Ok(Code { number: bits(&cells[START.len()..FLASH_CELL]), flash: cells[FLASH_CELL] })
}

fn bits(cells: &[bool]) -> u32 {
    cells.iter().fold(0, |value, cell| value << 1 | u32::from(*cell))
}

fn check(cells: &[bool]) -> u8 {
    cells.iter().fold(0xFF, |crc: u8, cell| {
        let carry = (crc >> 7 == 1) != *cell;
        if carry { crc << 1 ^ 0x2F } else { crc << 1 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(cells: [bool; CELLS], black: f32, white: f32) -> [f32; CELLS] {
        cells.map(|cell| if cell { white } else { black })
    }

    #[test]
    fn every_bit_of_the_number_and_the_flash_come_back() {
        for number in (0..24).map(|bit| 1 << bit).chain([0, 1_234_567, NUMBERS - 1]) {
            for flash in [false, true] {
                let code = Code { number, flash };
                assert_eq!(decode(&levels(encode(code), 16.0, 235.0)), Ok(code));
            }
        }
    }

    #[test]
    fn a_number_beyond_24_bits_wraps() {
        let cells = encode(Code { number: NUMBERS + 5, flash: false });
        assert_eq!(decode(&levels(cells, 0.0, 255.0)), Ok(Code { number: 5, flash: false }));
    }

    #[test]
    fn a_washed_out_stamp_is_read_by_its_own_black_and_white() {
        let code = Code { number: 0x00AB_CDEF, flash: true };
        assert_eq!(decode(&levels(encode(code), 150.0, 205.0)), Ok(code));
    }

    #[test]
    fn one_or_two_wrong_cells_are_never_believed() {
        let cells = encode(Code { number: 0x0012_3456, flash: false });
        for first in 0..CELLS {
            for second in first..CELLS {
                let mut damaged = cells;
                damaged[first] = !damaged[first];
                if second != first {
                    damaged[second] = !damaged[second];
                }
                assert!(decode(&levels(damaged, 16.0, 235.0)).is_err(), "{first} {second}");
            }
        }
    }

    #[test]
    fn blank_pictures_have_no_contrast_and_no_start() {
        assert_eq!(decode(&[16.0; CELLS]), Err(Unreadable::LowContrast));
        assert_eq!(decode(&[235.0; CELLS]), Err(Unreadable::LowContrast));
        let inverted = encode(Code { number: 1, flash: false }).map(|cell| !cell);
        assert_eq!(decode(&levels(inverted, 16.0, 235.0)), Err(Unreadable::LowContrast));
        let mut almost = levels(encode(Code { number: 1, flash: false }), 16.0, 235.0);
        almost[1] = 200.0;
        assert_eq!(decode(&almost), Err(Unreadable::NoStart));
    }
}
