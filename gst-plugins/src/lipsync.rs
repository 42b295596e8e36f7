//! How far picture and sound are apart, from the flashes and beeps that arrived.
//!
//! Sender: `lecternstamp` flashes and `lecternbeep` beeps at the same moment of each second. Receiver:
//! each flash is compared with the beep nearest to it. Times are nanoseconds on one time line (running
//! time); an offset is flash − beep, so **positive means the picture comes after the sound**.
//!
//! A flash can only begin with a picture: an offset is known no better than the distance of two
//! pictures, unless the pictures' times fall on whole seconds.

/// A flash and a beep further apart than this do not belong together.
pub const PAIR_WITHIN_NS: u64 = 500_000_000;

/// What was found about picture and sound. Offsets are flash − beep in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offsets {
    /// Pairs of a flash and a beep that were found.
    pub pairs: usize,
    /// The smallest offset.
    pub min_ns: i64,
    /// The offset in the middle (the lower one of two).
    pub median_ns: i64,
    /// The greatest offset.
    pub max_ns: i64,
}

/// The offset of each flash that has a beep within [`PAIR_WITHIN_NS`]. Each beep is used once, by the
/// flash nearest to it. The order of the times does not matter.
pub fn pairs(flash_onsets_ns: &[u64], beep_onsets_ns: &[u64]) -> Vec<i64> {
    let mut candidates: Vec<(u64, usize, usize)> = Vec::new();
    let mut beeps: Vec<(u64, usize)> = beep_onsets_ns.iter().copied().zip(0..).collect();
    beeps.sort_unstable();
    for (flash, onset) in flash_onsets_ns.iter().enumerate() {
        let first = beeps.partition_point(|(beep, _)| beep + PAIR_WITHIN_NS < *onset);
        let near = beeps[first..].iter().take_while(|(beep, _)| *beep <= onset + PAIR_WITHIN_NS);
        candidates.extend(near.map(|(beep, index)| (beep.abs_diff(*onset), flash, *index)));
    }
    candidates.sort_unstable();
    let mut flash_used = vec![false; flash_onsets_ns.len()];
    let mut beep_used = vec![false; beep_onsets_ns.len()];
    let mut found: Vec<(usize, i64)> = Vec::new();
    for (distance, flash, beep) in candidates {
        if flash_used[flash] || beep_used[beep] {
            continue;
        }
        (flash_used[flash], beep_used[beep]) = (true, true);
        let distance = i64::try_from(distance).unwrap_or(i64::MAX);
        let later = flash_onsets_ns[flash] >= beep_onsets_ns[beep];
        found.push((flash, if later { distance } else { -distance }));
    }
    found.sort_unstable();
    found.into_iter().map(|(_, offset)| offset).collect()
}

/// The offsets of all pairs in short; nothing when no flash has a beep.
pub fn offsets(flash_onsets_ns: &[u64], beep_onsets_ns: &[u64]) -> Option<Offsets> {
    let mut all = pairs(flash_onsets_ns, beep_onsets_ns);
    all.sort_unstable();
    Some(Offsets {
        pairs: all.len(),
        min_ns: *all.first()?,
        median_ns: all[(all.len() - 1) / 2],
        max_ns: *all.last()?,
    })
}

/// Turns the flash bit of each picture into onsets.
///
/// An unreadable picture (`None`) leaves open when a flash began: the flash that follows it is left
/// out rather than dated too late.
#[derive(Debug, Clone, Copy, Default)]
pub struct FlashOnsets {
    before: Option<bool>,
}

impl FlashOnsets {
    /// Takes the next picture; answers its time when a flash begins with it.
    pub fn picture(&mut self, pts_ns: u64, flash: Option<bool>) -> Option<u64> {
        let begins = self.before == Some(false) && flash == Some(true);
        self.before = flash;
        begins.then_some(pts_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const MS_SIGNED: i64 = 1_000_000;

    #[test]
    fn a_late_picture_is_positive_and_a_late_sound_negative() {
        assert_eq!(pairs(&[1040 * MS], &[1000 * MS]), [40 * MS_SIGNED]);
        assert_eq!(pairs(&[1000 * MS], &[1040 * MS]), [-40 * MS_SIGNED]);
    }

    #[test]
    fn min_median_and_max_are_of_the_nearest_pairs() {
        let flashes = [1010 * MS, 2020 * MS, 3005 * MS];
        let beeps = [1000 * MS, 2000 * MS, 3000 * MS];
        let expected =
            Offsets { pairs: 3, min_ns: 5 * MS_SIGNED, median_ns: 10 * MS_SIGNED, max_ns: 20 * MS_SIGNED };
        assert_eq!(offsets(&flashes, &beeps), Some(expected));
    }

    #[test]
    fn a_flash_without_a_beep_and_a_beep_without_a_flash_are_left_out() {
        let flashes = [1000 * MS, 2000 * MS, 5000 * MS];
        let beeps = [2003 * MS, 3004 * MS, 5001 * MS];
        assert_eq!(pairs(&flashes, &beeps), [-3 * MS_SIGNED, -MS_SIGNED]);
        assert_eq!(offsets(&[], &beeps), None);
        assert_eq!(offsets(&flashes, &[]), None);
    }

    #[test]
    fn a_beep_belongs_to_its_nearest_flash_only() {
        assert_eq!(pairs(&[900 * MS, 1010 * MS], &[1000 * MS]), [10 * MS_SIGNED]);
    }

    #[test]
    fn a_flash_begins_where_the_bit_rises_and_not_after_a_gap() {
        let mut onsets = FlashOnsets::default();
        let bits = [Some(true), Some(false), Some(true), Some(true), Some(false), None, Some(true)];
        let found: Vec<_> =
            bits.iter().zip(0..).filter_map(|(flash, pts)| onsets.picture(pts, *flash)).collect();
        assert_eq!(found, [2]);
    }
}
