//! Since when a picture stands still, and whether that means anything.
//!
//! The noise of a sensor never repeats: in a picture of a room in which nobody moves, points differ from
//! one picture to the next. A strong encoder takes the noise away: x264 at a high quantiser repeats a
//! noisy room bit for bit until the next keyframe. So a standing picture proves a freeze at once only
//! where noise was seen all over the picture before; elsewhere it must stand for longer than keyframes
//! are apart.

use std::time::Duration;

/// Parts of the picture's width, and of its height, that must have noise of their own.
const PARTS: usize = 4;
/// Of those 16 fields so many must change from picture to picture: a lamp or a window may be too bright
/// for noise, and whoever moves in a picture without noise moves in few of them.
const LEAST_NOISY_FIELDS: u32 = 12;
/// For so long there must have been noise all over.
const NOISE_PROVEN: Duration = Duration::from_secs(10);
/// A picture that stands for so long, and is not frozen, has no noise.
const NO_NOISE: Duration = Duration::from_millis(500);

/// How long a picture must stand still before it is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Where there was noise all over before.
    pub noisy: Duration,
    /// Where there was none.
    pub quiet: Duration,
}

/// What the pictures so far say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// They are one picture since then.
    Frozen(Duration),
    /// They differed.
    Moving,
    /// Too few to tell.
    Unknown,
}

/// Compares pictures.
#[derive(Debug, Clone, Default)]
pub struct Stillness {
    newest: Vec<u8>,
    /// Since when the newest picture has been shown.
    since: Duration,
    has_changed: bool,
    /// Since when every picture has differed from the one before, all over.
    noisy_since: Option<Duration>,
}

impl Stillness {
    /// Takes the points of the picture at the running time `now`, `row` points to a row.
    pub fn look(&mut self, points: &[u8], row: usize, now: Duration, patience: Patience) -> Stand {
        let is_comparable = !points.is_empty() && self.newest.len() == points.len();
        if is_comparable && self.newest == points {
            return match self.is_frozen(now, patience) {
                true => Stand::Frozen(self.since),
                false if self.has_changed => Stand::Moving,
                false => Stand::Unknown,
            };
        }
        let stood = now.saturating_sub(self.since);
        let is_noisy = is_comparable && changed_fields(&self.newest, points, row) >= LEAST_NOISY_FIELDS;
        if !is_noisy || stood >= NO_NOISE && !self.is_frozen(now, patience) {
            self.noisy_since = None;
        }
        if is_noisy {
            self.noisy_since.get_or_insert(now);
        }
        self.newest.clear();
        self.newest.extend_from_slice(points);
        self.since = now;
        self.has_changed = is_comparable;
        if is_comparable { Stand::Moving } else { Stand::Unknown }
    }

    fn is_frozen(&self, now: Duration, patience: Patience) -> bool {
        let is_noise_proven =
            self.noisy_since.is_some_and(|noisy| self.since.saturating_sub(noisy) >= NOISE_PROVEN);
        let needed = if is_noise_proven { patience.noisy } else { patience.quiet };
        now.saturating_sub(self.since) >= needed
    }

    /// Forgets what was seen.
    pub fn begin_anew(&mut self) {
        *self = Self { newest: std::mem::take(&mut self.newest), ..Self::default() };
        self.newest.clear();
    }
}

/// Fields of the picture in which at least one point is another.
fn changed_fields(before: &[u8], now: &[u8], row: usize) -> u32 {
    let row = row.max(1);
    let rows = now.len().div_ceil(row);
    let part = row.div_ceil(PARTS);
    let mut changed = [[false; PARTS]; PARTS];
    for (line, (before, now)) in before.chunks(row).zip(now.chunks(row)).enumerate() {
        let fields = &mut changed[line * PARTS / rows.max(1)];
        for (field, (before, now)) in fields.iter_mut().zip(before.chunks(part).zip(now.chunks(part))) {
            *field |= before != now;
        }
    }
    changed.iter().flatten().map(|field| u32::from(*field)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: usize = 32;
    const PATIENCE: Patience =
        Patience { noisy: Duration::from_millis(1500), quiet: Duration::from_secs(12) };

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A picture of which every point is another than in the one before.
    fn noise(n: u64) -> Vec<u8> {
        vec![u8::try_from(n % 250).unwrap(); 36 * ROW]
    }

    /// After so many milliseconds of noise, a picture every 80 ms.
    fn after_noise(stillness: &mut Stillness, millis: u64) -> u64 {
        (0..=millis / 80).for_each(|n| {
            stillness.look(&noise(n), ROW, at(n * 80), PATIENCE);
        });
        millis / 80 * 80
    }

    /// When `picture`, shown from `from` on, is frozen.
    fn frozen_after(stillness: &mut Stillness, picture: &[u8], from: u64) -> Option<u64> {
        (0..400)
            .map(|n| from + n * 80)
            .find(|now| matches!(stillness.look(picture, ROW, at(*now), PATIENCE), Stand::Frozen(_)))
            .map(|now| now - from)
    }

    #[test]
    fn where_noise_was_a_standing_picture_is_frozen_at_once_and_elsewhere_after_keyframes() {
        let mut stillness = Stillness::default();
        let end = after_noise(&mut stillness, 12_000);
        assert_eq!(frozen_after(&mut stillness, &noise(200), end + 80), Some(1520));
        let mut stillness = Stillness::default();
        let end = after_noise(&mut stillness, 8_000);
        assert_eq!(frozen_after(&mut stillness, &noise(200), end + 80), Some(12_000));
    }

    #[test]
    fn what_moves_in_a_corner_of_a_picture_without_noise_proves_no_noise() {
        let mut stillness = Stillness::default();
        let mut picture = noise(0);
        for n in 0..200_u64 {
            let moving = u8::try_from(n).unwrap();
            picture.chunks_mut(ROW).take(18).for_each(|row| row[..16].fill(moving));
            stillness.look(&picture, ROW, at(n * 80), PATIENCE);
        }
        assert_eq!(frozen_after(&mut stillness, &picture, 200 * 80), Some(11_920));
    }

    #[test]
    fn a_picture_that_jumps_with_each_keyframe_is_not_frozen() {
        let mut stillness = Stillness::default();
        for n in 0..1000_u64 {
            let stand = stillness.look(&noise(n / 100), ROW, at(n * 80), PATIENCE);
            assert!(!matches!(stand, Stand::Frozen(_)), "{n}");
        }
    }

    #[test]
    fn a_picture_of_few_points_or_none_is_compared_without_a_panic() {
        for (points, row) in [(0, 0), (1, 1), (5, 2), (37, 5), (36, 1)] {
            let mut stillness = Stillness::default();
            for n in 0..4_u8 {
                stillness.look(&vec![n; points], row, at(u64::from(n) * 80), PATIENCE);
            }
        }
    }
}
