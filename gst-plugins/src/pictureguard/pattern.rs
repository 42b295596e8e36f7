//! The pictures that devices send instead of a signal: colour bars, and one blue all over.
//!
//! Only their upper part is sought for bars: SMPTE's have other fields below. Bars are known by the order
//! of their colours, which all standards share (yellow, cyan, green, magenta, red, blue); white before
//! and black behind them, and the grey edges of the bars of high definition, may be there or not.

use super::picture::{Colour, Picture};

/// What is shown instead of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Colour bars.
    Bars,
    /// One saturated blue, with little on it.
    Blue,
}

impl Pattern {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Blue => "blue",
        }
    }
}

/// Points of a line.
const COLUMNS: usize = 96;
/// Lines that are looked at for one colour.
const LINES: usize = 12;
/// The lines among them, from the top, on which bars are sought: those in the upper half.
const BAR_LINES: usize = 6;
/// Lines that must show bars: words may stand on the others.
const LEAST_BAR_LINES: usize = 4;
/// Values this far apart are one colour: a codec lies between.
const NEAR: i16 = 8;
/// A narrower stretch of one colour is an edge between two bars, not a bar.
const LEAST_WIDTH: usize = 5;
/// By so many points bars may differ in width.
const WIDTH_SLACK: usize = 2;
/// The least part of the picture that is the one blue; on the rest there may be words.
const LEAST_BLUE_SHARE: f64 = 0.9;
/// Saturation of blue, of 127.
const LEAST_BLUE: i16 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hue {
    Yellow,
    Cyan,
    Green,
    Magenta,
    Red,
    Blue,
}

const ORDER: [Hue; 6] = [Hue::Yellow, Hue::Cyan, Hue::Green, Hue::Magenta, Hue::Red, Hue::Blue];

impl Hue {
    /// The hue of a colour of bars of 75 or 100 %, in the matrix of BT.601 or BT.709.
    fn of(colour: Colour) -> Option<Self> {
        match (colour.blue, colour.red) {
            (..=-40, -30..=30) => Some(Self::Yellow),
            (5.., ..=-40) => Some(Self::Cyan),
            (..=-31, ..=-31) => Some(Self::Green),
            (31.., 31..) => Some(Self::Magenta),
            (..=-5, 40..) => Some(Self::Red),
            (40.., -30..=30) => Some(Self::Blue),
            _ => None,
        }
    }
}

/// The pattern that a picture is; nothing when it is another picture or has no colours.
pub fn of(picture: &Picture<'_>) -> Option<Pattern> {
    let lines: Vec<Vec<Colour>> = (0..LINES)
        .map(|line| picture.colours((line as f64 + 0.5) / LINES as f64, COLUMNS))
        .collect::<Option<_>>()?;
    if lines.iter().take(BAR_LINES).filter(|line| is_bars(line)).count() >= LEAST_BAR_LINES {
        return Some(Pattern::Bars);
    }
    is_blue(&lines.concat()).then_some(Pattern::Blue)
}

fn is_near(one: Colour, other: Colour) -> bool {
    (i16::from(one.luma) - i16::from(other.luma)).abs() <= NEAR
        && (one.blue - other.blue).abs() <= NEAR
        && (one.red - other.red).abs() <= NEAR
}

fn is_bars(line: &[Colour]) -> bool {
    let bars: Vec<(Option<Hue>, usize)> = line
        .chunk_by(|one, other| is_near(*one, *other))
        .filter(|bar| bar.len() >= LEAST_WIDTH)
        .map(|bar| (Hue::of(bar[bar.len() / 2]), bar.len()))
        .collect();
    bars.windows(ORDER.len()).any(|bars| {
        let (least, most) =
            bars.iter().fold((COLUMNS, 0), |(least, most), (_, width)| (least.min(*width), most.max(*width)));
        bars.iter().map(|(hue, _)| *hue).eq(ORDER.map(Some)) && most - least <= WIDTH_SLACK
    })
}

fn is_blue(points: &[Colour]) -> bool {
    let Some(ground) = median(points) else { return false };
    if ground.blue < LEAST_BLUE || Hue::of(ground) != Some(Hue::Blue) {
        return false;
    }
    let alike = points.iter().filter(|point| is_near(**point, ground)).count();
    alike as f64 >= LEAST_BLUE_SHARE * points.len() as f64
}

fn median(points: &[Colour]) -> Option<Colour> {
    fn middle<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
        let mut values: Vec<T> = values.collect();
        let at = values.len() / 2;
        (at < values.len()).then(|| *values.select_nth_unstable(at).1)
    }
    Some(Colour {
        luma: middle(points.iter().map(|point| point.luma))?,
        blue: middle(points.iter().map(|point| point.blue))?,
        red: middle(points.iter().map(|point| point.red))?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::scenes::{Film, Painting};
    use super::*;

    /// Eight bars of `part` (0..=1) of full saturation, as red, green and blue from 0 to 1.
    fn bars(part: f64) -> Vec<[f64; 3]> {
        [[1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0]]
            .iter()
            .map(|bar| bar.map(|on| f64::from(on) * part))
            .collect()
    }

    fn pattern_of(painting: &Painting) -> Option<Pattern> {
        of(&painting.picture())
    }

    #[test]
    fn bars_of_seven_and_eight_of_75_and_100_percent_in_both_matrices_are_bars() {
        for matrix in [Painting::BT601, Painting::BT709] {
            for part in [0.75, 1.0] {
                let all = bars(part);
                for shown in [&all[..], &all[..7], &all[1..7]] {
                    for (width, height) in [(1920, 1080), (721, 577), (160, 121)] {
                        let painting = Painting::columns(width, height, matrix, shown);
                        assert_eq!(pattern_of(&painting), Some(Pattern::Bars), "{part} {width}");
                    }
                }
            }
        }
    }

    #[test]
    fn bars_between_grey_edges_and_with_words_on_them_are_bars() {
        let grey = [[0.4; 3]];
        let mut shown: Vec<[f64; 3]> = Vec::new();
        // The seven bars of RP 219 have twelfths of the width, with an eighth of grey at each side.
        for bar in grey
            .iter()
            .cycle()
            .take(3)
            .chain(bars(0.75)[..7].iter().flat_map(|bar| [bar; 2]))
            .chain(grey.iter().cycle().take(3))
        {
            shown.push(*bar);
        }
        let mut painting = Painting::columns(1280, 720, Painting::BT709, &shown);
        assert_eq!(pattern_of(&painting), Some(Pattern::Bars));
        painting.rectangle((400, 250), (880, 330), [1.0; 3]);
        assert_eq!(pattern_of(&painting), Some(Pattern::Bars));
    }

    #[test]
    fn a_blue_screen_with_a_few_words_is_no_signal_in_any_blue_that_devices_send() {
        for matrix in [Painting::BT601, Painting::BT709] {
            for blue in [[0.0, 0.0, 1.0], [0.0, 0.0, 0.75], [0.05, 0.05, 0.7], [0.0, 0.0, 0.6]] {
                let mut painting = Painting::columns(1280, 720, matrix, &[blue]);
                assert_eq!(pattern_of(&painting), Some(Pattern::Blue), "{blue:?}");
                painting.rectangle((500, 330), (780, 390), [1.0; 3]);
                assert_eq!(pattern_of(&painting), Some(Pattern::Blue), "{blue:?}");
            }
        }
    }

    #[test]
    fn slides_and_other_colours_are_a_signal() {
        let one = |colour| Painting::columns(1280, 720, Painting::BT709, &[colour]);
        for colour in [
            [0.0; 3],
            [1.0; 3],
            [0.5; 3],
            [0.0, 0.44, 0.75],
            [0.0, 0.47, 0.84],
            [0.1, 0.6, 0.2],
            [0.8, 0.1, 0.1],
        ] {
            assert_eq!(pattern_of(&one(colour)), None, "{colour:?}");
        }
        let mut slide = one([0.0, 0.0, 0.8]);
        for line in 0..6 {
            slide.rectangle((150, 100 + line * 90), (1000, 130 + line * 90), [1.0; 3]);
        }
        assert_eq!(pattern_of(&slide), None, "a blue slide full of words");
        // A chart of six columns in other colours, and bars in another order.
        let mut mixed = bars(1.0);
        mixed.swap(2, 4);
        assert_eq!(pattern_of(&Painting::columns(1280, 720, Painting::BT709, &mixed)), None);
        // The right colours, but of unequal widths.
        let all = bars(1.0);
        let uneven: Vec<_> =
            all.iter().zip([1, 3, 1, 2, 1, 3, 1, 1]).flat_map(|(bar, n)| vec![*bar; n]).collect();
        assert_eq!(pattern_of(&Painting::columns(1280, 720, Painting::BT709, &uneven)), None);
    }

    #[test]
    fn without_colours_nothing_is_a_pattern() {
        let mut film = Film::new(1, 2.0);
        assert_eq!(of(&film.picture(&film.room())), None);
        film.width = 0;
        assert_eq!(of(&film.picture(&[])), None);
    }
}
