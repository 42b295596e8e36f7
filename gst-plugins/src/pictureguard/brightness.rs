//! How bright a picture is: black, too dark, too bright.

use super::picture::Range;

/// How many of the points have each brightness.
#[derive(Debug, Clone)]
pub struct Brightness {
    counts: [u32; 256],
    points: u32,
    range: Range,
}

impl Brightness {
    /// Counts the points of a picture.
    pub fn of(points: &[u8], range: Range) -> Self {
        let mut counts = [0; 256];
        for point in points {
            counts[usize::from(*point)] += 1;
        }
        Self { counts, points: counts.iter().sum(), range }
    }

    /// The mean from 0 (black) to 1 (white); 0 without points.
    pub fn mean(&self) -> f64 {
        if self.points == 0 {
            return 0.0;
        }
        let sum: f64 =
            (0..=u8::MAX).zip(self.counts).map(|(value, count)| f64::from(value) * f64::from(count)).sum();
        self.range.brightness(sum / f64::from(self.points)).clamp(0.0, 1.0)
    }

    /// The share of points, 0..=1, that are at least so bright (0 is black, 1 is white); 0 without points.
    pub fn share_from(&self, level: f64) -> f64 {
        let first = usize::from(self.range.value(level));
        let bright: u32 = self.counts[first..].iter().sum();
        f64::from(bright) / f64::from(self.points.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_and_white_are_zero_and_one_in_both_ranges() {
        for (range, black, white) in [(Range::LIMITED, 16, 235), (Range::FULL, 0, 255)] {
            let brightness = Brightness::of(&[black, black, white, white], range);
            assert!((brightness.mean() - 0.5).abs() < 1e-9);
            assert!((brightness.share_from(1.0) - 0.5).abs() < 1e-9);
            assert!((brightness.share_from(0.0) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_picture_without_points_has_no_brightness_and_no_share() {
        let brightness = Brightness::of(&[], Range::LIMITED);
        assert_eq!((brightness.mean(), brightness.share_from(0.0)), (0.0, 0.0));
    }
}
