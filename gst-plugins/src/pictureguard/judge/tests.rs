use super::super::scenes::{Film, Painting};
use super::*;

/// The limits were set by looking at the films of these seeds …
const TUNED_ON: [u64; 3] = [1, 2, 3];
/// … and these films they had never seen.
const JUDGED_ON: [u64; 5] = [7001, 7002, 7003, 7004, 7005];
/// Noise of a good camera by day, and of a poor one by evening.
const SIGMAS: [f64; 4] = [0.4, 1.0, 2.5, 6.0];

fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// A judge at work, and what it said and when.
struct Watch {
    judge: Judge,
    limits: Limits,
    now: Duration,
    said: Vec<(Duration, Verdict)>,
}

impl Watch {
    fn new() -> Self {
        Self { judge: Judge::default(), limits: Limits::default(), now: Duration::ZERO, said: Vec::new() }
    }

    /// Shows `seconds` of pictures, so many in a second; `make` is given the seconds since it began, and
    /// makes only those that are looked at.
    fn show(
        &mut self,
        seconds: f64,
        fps: u32,
        film: &mut Film,
        mut make: impl FnMut(&mut Film, f64) -> Vec<u8>,
    ) {
        for n in 0..(seconds * f64::from(fps)) as u32 {
            if self.judge.is_due(self.now, &self.limits) {
                let picture = make(film, f64::from(n) / f64::from(fps));
                let verdict = self.judge.look(&film.picture(&picture), self.now, &self.limits);
                self.said.extend(verdict.map(|verdict| (self.now, verdict)));
            }
            self.now += Duration::from_secs(1) / fps;
        }
    }

    fn show_room(&mut self, seconds: f64, film: &mut Film) {
        let room = film.room();
        self.show(seconds, 25, film, |film, _| film.noisy(&room));
    }

    fn show_still(&mut self, seconds: f64, fps: u32, film: &mut Film, picture: &[u8]) {
        self.show(seconds, fps, film, |_, _| picture.to_vec());
    }

    fn show_painting(&mut self, seconds: f64, painting: &Painting) {
        for _ in 0..(seconds * 25.0) as u32 {
            let verdict = self.judge.look(&painting.picture(), self.now, &self.limits);
            self.said.extend(verdict.map(|verdict| (self.now, verdict)));
            self.now += Duration::from_millis(40);
        }
    }

    /// What was said from `begun` on, once: when, and what.
    fn said_once(&self, begun: Duration) -> (Duration, Verdict) {
        let [(at, verdict)] = self.said[..] else { panic!("{:?}", self.said) };
        (at.saturating_sub(begun), verdict)
    }
}

/// Shows so much of a room in which nobody moves, in each noise.
fn assert_no_alarm_in_still_rooms(seeds: &[u64], seconds: f64) {
    for (seed, sigma) in seeds.iter().zip(SIGMAS.iter().cycle()) {
        let (mut watch, mut film) = (Watch::new(), Film::new(*seed, *sigma));
        watch.show_room(seconds, &mut film);
        assert_eq!(watch.said, [], "seed {seed}, noise {sigma}");
        assert!(watch.judge.verdict().looked.is_some());
    }
}

#[test]
fn a_still_room_with_noise_raises_nothing_in_a_minute() {
    assert_no_alarm_in_still_rooms(&TUNED_ON, 60.0);
    assert_no_alarm_in_still_rooms(&JUDGED_ON, 60.0);
}

#[test]
#[ignore = "four hours of pictures take minutes"]
fn a_still_room_with_noise_raises_nothing_in_an_hour() {
    assert_no_alarm_in_still_rooms(&JUDGED_ON[..4], 3600.0);
}

#[test]
fn a_teacher_who_stands_still_before_the_camera_is_not_frozen() {
    for (seed, sigma) in JUDGED_ON.iter().zip(SIGMAS) {
        let (mut watch, mut film) = (Watch::new(), Film::new(*seed, sigma));
        watch.show(90.0, 25, &mut film, |film, second| {
            let mut room = film.room();
            film.teacher(&mut room, if second < 30.0 { 60.0 + second * 4.0 } else { 180.0 });
            film.noisy(&room)
        });
        assert_eq!(watch.said, []);
    }
}

#[test]
fn a_picture_that_freezes_is_said_within_two_seconds_and_its_thaw_too() {
    for (seed, sigma) in JUDGED_ON.iter().zip(SIGMAS) {
        for fps in [12, 25, 30, 60] {
            let (mut watch, mut film) = (Watch::new(), Film::new(*seed, sigma));
            let room = film.room();
            watch.show(15.0, fps, &mut film, |film, _| film.noisy(&room));
            let (frozen_at, last) = (watch.now, film.noisy(&room));
            watch.show_still(8.0, fps, &mut film, &last);
            let (after, verdict) = watch.said_once(frozen_at);
            assert!(verdict.frozen && after <= secs(2.0), "{fps}: {after:?}");
            assert!(verdict.since.unwrap().abs_diff(frozen_at) <= secs(0.1), "{verdict:?}");
            watch.said.clear();
            let thawed_at = watch.now;
            watch.show(30.0, fps, &mut film, |film, _| film.noisy(&room));
            let (after, verdict) = watch.said_once(thawed_at);
            assert!(!verdict.frozen && after <= secs(1.2), "{fps}: {after:?}");
        }
    }
}

#[test]
fn a_picture_that_freezes_again_and_again_is_said_each_time() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7001, 2.0));
    watch.show_room(12.0, &mut film);
    for _ in 0..5 {
        let last = film.noisy(&film.room());
        watch.show_still(3.0, 25, &mut film, &last);
        watch.show_room(3.0, &mut film);
    }
    assert_eq!(watch.said.iter().filter(|(_, verdict)| verdict.frozen).count(), 5);
}

#[test]
fn a_picture_frozen_from_the_start_is_said_when_no_keyframe_can_be_waited_for() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7001, 2.0));
    let only = film.noisy(&film.room());
    watch.show_still(20.0, 25, &mut film, &only);
    let (after, verdict) = watch.said_once(Duration::ZERO);
    assert!(verdict.frozen && (secs(12.0)..secs(12.2)).contains(&after), "{after:?}");
}

#[test]
fn a_strong_encoder_that_repeats_a_room_until_the_next_keyframe_is_not_frozen() {
    for keyframes_s in [1.0, 2.0, 4.0, 10.0] {
        let (mut watch, mut film) = (Watch::new(), Film::new(7002, 2.0));
        let room = film.room();
        let mut shown: Vec<u8> = Vec::new();
        let mut number = -1.0;
        watch.show(120.0, 25, &mut film, |film, second| {
            let keyframe = (second / keyframes_s).floor();
            if keyframe > number {
                (number, shown) = (keyframe, film.noisy(&room));
            }
            // For half a minute a teacher walks, and the picture changes where he does.
            let mut picture = shown.clone();
            if second < 30.0 {
                film.teacher(&mut picture, 60.0 + second * 4.0);
            }
            picture
        });
        assert_eq!(watch.said, [], "{keyframes_s} s");
    }
}

#[test]
fn a_source_of_few_pictures_is_not_frozen_whether_they_are_repeated_or_not() {
    for fps in [1, 2, 5] {
        let (mut watch, mut film) = (Watch::new(), Film::new(7003, 2.0));
        let room = film.room();
        watch.show(60.0, fps, &mut film, |film, _| film.noisy(&room));
        let (mut number, mut shown) = (-1.0, Vec::new());
        watch.show(60.0, 25, &mut film, |film, second| {
            let picture = (second * f64::from(fps)).floor();
            if picture > number {
                (number, shown) = (picture, film.noisy(&room));
            }
            shown.clone()
        });
        assert_eq!(watch.said, [], "{fps} in a second");
    }
}

#[test]
fn a_slow_pan_is_no_freeze_with_noise_or_without() {
    for sigma in [0.0, 2.0] {
        let (mut watch, mut film) = (Watch::new(), Film::new(7004, sigma));
        watch.show(60.0, 25, &mut film, |film, second| {
            let room = film.room_from(second * 0.4);
            film.noisy(&room)
        });
        assert_eq!(watch.said, [], "noise {sigma}");
    }
}

#[test]
fn a_fade_over_black_between_two_pictures_raises_nothing() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7005, 1.0));
    let room = film.room();
    watch.show(60.0, 25, &mut film, |film, second| {
        // Every six seconds: a second down, a second black, a second up.
        let phase = second % 6.0;
        let light = if phase < 3.0 { (phase - 1.5).abs().clamp(0.5, 1.5) - 0.5 } else { 1.0 };
        let faded: Vec<u8> = room.iter().map(|p| (16.0 + (f64::from(*p) - 16.0) * light) as u8).collect();
        film.noisy(&faded)
    });
    assert_eq!(watch.said, []);
}

#[test]
fn a_lens_cap_is_black_within_two_seconds_and_hides_dark_and_frozen() {
    for sigma in [0.4, 1.0, 2.5] {
        let (mut watch, mut film) = (Watch::new(), Film::new(7001, sigma));
        watch.show_room(15.0, &mut film);
        let covered_at = watch.now;
        watch.said.clear();
        watch.show(20.0, 25, &mut film, |film, _| film.noisy(&vec![18; 320 * 180]));
        let (after, verdict) = watch.said_once(covered_at);
        assert!(verdict.black && after <= secs(2.0), "noise {sigma}: {after:?}");
        assert_eq!((verdict.frozen, verdict.exposure), (false, Exposure::Normal));
        watch.said.clear();
        let uncovered_at = watch.now;
        watch.show_room(5.0, &mut film);
        let (after, verdict) = watch.said_once(uncovered_at);
        assert!(!verdict.black && after <= secs(1.2), "{after:?}");
    }
}

#[test]
fn a_room_without_light_is_too_dark_and_not_black_and_one_in_the_sun_too_bright() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7002, 2.0));
    let dim: Vec<u8> = film.room().iter().map(|p| 16 + (p - 16) / 4).collect();
    watch.show(10.0, 25, &mut film, |film, _| film.noisy(&dim));
    let (after, verdict) = watch.said_once(Duration::ZERO);
    assert_eq!((verdict.exposure, verdict.black), (Exposure::Under, false));
    assert!(after <= secs(5.2), "{after:?}");
    watch.said.clear();
    let glare: Vec<u8> = film.room().iter().map(|p| p.saturating_add(110)).collect();
    let begun = watch.now;
    watch.show(10.0, 25, &mut film, |film, _| film.noisy(&glare));
    let exposures: Vec<Exposure> = watch.said.iter().map(|(_, verdict)| verdict.exposure).collect();
    assert_eq!(exposures, [Exposure::Normal, Exposure::Over]);
    assert!(watch.said[1].0 - begun <= secs(5.2));
}

#[test]
fn a_brightness_at_the_limit_raises_and_clears_at_most_once() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7003, 3.0));
    let room = film.room();
    // A lamp that swells and fades over twenty seconds, about where "too dark" begins.
    watch.show(200.0, 25, &mut film, |film, second| {
        let light = 0.29 + 0.004 * (second * 0.314).sin();
        let dim: Vec<u8> = room.iter().map(|p| (16.0 + (f64::from(*p) - 16.0) * light) as u8).collect();
        film.noisy(&dim)
    });
    assert!(watch.said.len() <= 2, "{:?}", watch.said);
}

#[test]
fn slides_raise_nothing_where_frozen_is_not_looked_for_and_bars_and_blue_are_no_signal() {
    let mut watch = Watch::new();
    watch.limits.check_frozen = false;
    watch.limits.check_exposure = false;
    let mut slide = Painting::columns(1280, 720, Painting::BT709, &[[1.0; 3]]);
    slide.rectangle((200, 100), (900, 160), [0.1; 3]);
    watch.show_painting(60.0, &slide);
    let mut dark = Painting::columns(1280, 720, Painting::BT709, &[[0.0; 3]]);
    dark.rectangle((300, 330), (900, 380), [0.9; 3]);
    watch.show_painting(60.0, &dark);
    assert_eq!(watch.said, []);
    let begun = watch.now;
    watch.show_painting(10.0, &Painting::columns(1280, 720, Painting::BT709, &[[0.0, 0.0, 1.0]]));
    let (after, verdict) = watch.said_once(begun);
    assert_eq!((verdict.no_signal, verdict.black), (Some(Pattern::Blue), false));
    assert!(after <= secs(2.0), "{after:?}");
    watch.said.clear();
    watch.show_painting(10.0, &slide);
    assert_eq!(watch.said_once(begun).1.no_signal, None);
}

#[test]
fn a_check_that_is_switched_off_clears_what_it_raised_with_the_next_picture() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7004, 1.0));
    let black = vec![16; 320 * 180];
    watch.show_still(3.0, 25, &mut film, &black);
    assert!(watch.judge.verdict().black);
    watch.limits.check_black = false;
    watch.limits.check_frozen = false;
    watch.limits.check_exposure = false;
    watch.show_still(0.2, 25, &mut film, &black);
    assert!(!watch.judge.verdict().black);
    assert_eq!(watch.said.len(), 2);
}

#[test]
fn evidence_from_before_a_pause_or_a_seek_does_not_count_and_what_stands_stays() {
    let (mut watch, mut film) = (Watch::new(), Film::new(7005, 1.0));
    let black = vec![16; 320 * 180];
    watch.show_still(1.2, 25, &mut film, &black);
    watch.now += secs(60.0);
    watch.show_still(1.2, 25, &mut film, &black);
    watch.judge.begin_anew();
    watch.show_still(1.2, 25, &mut film, &black);
    watch.now = Duration::ZERO;
    watch.show_still(1.2, 25, &mut film, &black);
    assert_eq!(watch.said, [], "it was never black for long enough without a break");
    watch.show_still(1.0, 25, &mut film, &black);
    assert!(watch.said_once(Duration::ZERO).1.black);
    // A freeze that stands is not cleared by a seek: nothing has moved.
    let (mut watch, mut film) = (Watch::new(), Film::new(7005, 1.0));
    let only = film.room();
    watch.show_still(14.0, 25, &mut film, &only);
    assert!(watch.said_once(Duration::ZERO).1.frozen);
    watch.judge.begin_anew();
    watch.show_still(30.0, 25, &mut film, &only);
    assert_eq!(watch.said.len(), 1, "{:?}", watch.said);
}
