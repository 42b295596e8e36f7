use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::voicesrc::voice::Voice;

const RATE: u32 = 48_000;
/// Seeds by which no limit was set.
const JUDGED_ON: [u64; 4] = [9001, 9002, 9003, 9004];

/// A judge at work on one channel, and what it said.
struct Watch {
    judge: Judge,
    limits: Limits,
    said: Vec<Verdict>,
}

impl Watch {
    fn new() -> Self {
        let judge = Judge::new(Form { rate_hz: RATE, channels: 1 });
        Self { judge, limits: Limits::default(), said: Vec::new() }
    }

    /// Plays so many seconds in buffers of a size that fits nothing else.
    fn play(&mut self, seconds: u32, mut sound: impl FnMut(u32) -> f64) {
        let samples: Vec<f32> = (0..seconds * RATE).map(|n| sound(n) as f32).collect();
        for buffer in samples.chunks(1031) {
            self.said.extend(self.judge.hear(buffer.iter().copied(), &self.limits));
        }
    }

    fn said_once(&self) -> Verdict {
        let [verdict] = self.said[..] else { panic!("{:?}", self.said) };
        verdict
    }
}

fn hum(amplitude: f64) -> impl Fn(u32) -> f64 {
    move |n| {
        let turn = TAU * 50.1 * f64::from(n) / f64::from(RATE);
        amplitude * (0.4 * turn.sin() + (2.0 * turn).sin() + 0.3 * (4.0 * turn).sin())
    }
}

/// Noise with more bass than treble, and the tone of the blades.
fn fan(seed: u64, amplitude: f64) -> impl FnMut(u32) -> f64 {
    let (mut random, mut low) = (seed, 0.0);
    move |n| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let white = (random >> 40) as f64 / f64::from(1 << 23) - 1.0;
        low += 0.05 * (white - low);
        let blades = (TAU * 133.0 * f64::from(n) / f64::from(RATE)).sin();
        amplitude * (4.0 * low + 0.3 * white + 0.1 * blades)
    }
}

#[test]
fn speech_over_a_fan_raises_nothing() {
    for seed in JUDGED_ON {
        let (mut watch, mut voice, mut fan) = (Watch::new(), Voice::new(RATE, seed), fan(seed, 0.01));
        watch.play(120, |n| f64::from(voice.speak()) + fan(n));
        assert_eq!(watch.said, [], "seed {seed}");
    }
}

#[test]
fn a_fan_alone_loud_or_soft_raises_nothing() {
    for (seed, amplitude) in JUDGED_ON.into_iter().zip([0.002, 0.02, 0.2, 0.4]) {
        let mut watch = Watch::new();
        watch.play(300, fan(seed, amplitude));
        assert_eq!(watch.said, [], "{amplitude}");
    }
}

#[test]
fn a_microphone_that_is_switched_off_is_silent_after_its_time_and_an_open_one_is_not() {
    let mut watch = Watch::new();
    watch.play(12, fan(9001, 0.001));
    assert_eq!(watch.said, []);
    watch.play(20, |_| 0.0);
    let verdict = watch.said_once();
    assert!(verdict.silent);
    assert_eq!(verdict.level_db, Some(SILENCE_DB));
    assert_eq!(verdict.heard.unwrap().as_secs(), 27);
    assert_eq!(verdict.since.unwrap().as_secs(), 12);
    watch.said.clear();
    watch.play(5, fan(9001, 0.001));
    assert!(!watch.said_once().silent);
}

#[test]
fn a_microphone_that_was_open_all_along_is_muted_at_once() {
    let mut watch = Watch::new();
    watch.play(25, fan(9001, 0.001));
    watch.play(5, |_| 0.0);
    let verdict = watch.said_once();
    assert!(verdict.silent);
    assert!((26.5..26.9).contains(&verdict.heard.unwrap().as_secs_f64()), "{verdict:?}");
}

#[test]
fn a_microphone_with_a_gate_may_be_silent_in_a_pause() {
    let (mut watch, mut fan) = (Watch::new(), fan(9001, 0.01));
    // Sentences of 18 s, a tenth or more of silence, and then nothing for longer than it takes to mute.
    for pause_ms in [250, 600, 2_000, 5_000, 12_000] {
        watch.play(18, &mut fan);
        watch.play(pause_ms / 1000 + 1, |n| if n < pause_ms * RATE / 1000 { 0.0 } else { fan(n) });
        assert_eq!(watch.said, [], "{pause_ms}");
    }
}

#[test]
fn a_gate_that_was_seen_is_remembered_for_ten_minutes_and_then_a_mute_is_said_at_once() {
    for (open_s, said_s) in [(60, 15), (660, 1)] {
        let mut watch = Watch::new();
        // Not what is silent at the start: a device that warms up.
        watch.play(1, |_| 0.0);
        watch.play(5, fan(9001, 0.01));
        watch.play(1, |_| 0.0);
        watch.play(open_s, fan(9001, 0.01));
        watch.play(20, |_| 0.0);
        let verdict = watch.said_once();
        let after = verdict.heard.unwrap() - verdict.since.unwrap();
        assert!(verdict.silent && after.as_secs() == said_s, "{open_s}: {verdict:?}");
    }
}

/// What a microphone with a gate brings, in tenths of a second: sentences and the silence after each.
fn sentences() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((1_u32..500, 1_u32..149), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A radio microphone that closes in pauses is called silent once at most, after a first sentence that
    /// was too long to know it by, and never again; when it is switched off, that is said in time.
    #[test]
    fn a_radio_microphone_is_called_silent_once_at_most(sentences in sentences()) {
        let (rate, limits) = (800, Limits { check_clipping: false, check_hum: false, ..Limits::default() });
        let mut judge = Judge::new(Form { rate_hz: rate, channels: 1 });
        let mut play = |tenths: u32, level: f32| {
            let samples = (0..tenths * rate / 10).map(|n| if n % 2 == 0 { level } else { -level });
            let said = judge.hear(samples, &limits);
            said.into_iter().filter(|verdict| verdict.silent).collect::<Vec<_>>()
        };
        let mut accused = Vec::new();
        for (n, (speaks, pauses)) in sentences.iter().enumerate() {
            prop_assert_eq!(play(*speaks, 0.05), []);
            accused.extend(play(*pauses, 0.0).iter().map(|_| n));
        }
        let is_too_long = sentences[0].0 >= 200;
        prop_assert!(accused.is_empty() || is_too_long && accused == [0], "{:?}", accused);
        play(30, 0.05);
        let said = play(160, 0.0);
        prop_assert_eq!(said.len(), 1, "{:?}", said);
        prop_assert_eq!((said[0].heard.unwrap() - said[0].since.unwrap()).as_secs(), 15);
    }
}

#[test]
fn clipping_is_over_when_nothing_is_clipped_for_its_time_and_then_counts_anew() {
    let (mut watch, mut voice) = (Watch::new(), Voice::new(RATE, 9001));
    let mut speech = |gain: f64| (gain * f64::from(voice.speak())).clamp(-1.0, 1.0);
    watch.play(10, |_| speech(8.0));
    assert!(watch.said_once().clipping);
    watch.play(8, |_| speech(1.0));
    let [_, over] = watch.said[..] else { panic!("{:?}", watch.said) };
    assert!(!over.clipping);
    assert!((11.9..12.6).contains(&over.heard.unwrap().as_secs_f64()), "{over:?}");
}

#[test]
fn speech_that_is_cut_off_clips_and_loud_speech_does_not() {
    for seed in JUDGED_ON {
        let (mut watch, mut voice) = (Watch::new(), Voice::new(RATE, seed));
        watch.play(30, |_| f64::from(voice.speak()));
        assert_eq!(watch.said, []);
        watch.play(10, |_| (8.0 * f64::from(voice.speak())).clamp(-1.0, 1.0));
        assert!(watch.said_once().clipping);
        watch.said.clear();
        watch.play(15, |_| f64::from(voice.speak()));
        assert!(!watch.said_once().clipping);
    }
}

#[test]
fn one_knock_on_the_microphone_is_not_clipping() {
    let (mut watch, mut fan) = (Watch::new(), fan(9002, 0.01));
    watch.play(20, |n| if (480_000..486_000).contains(&n) { 1.0 } else { fan(n) });
    assert_eq!(watch.said, []);
}

#[test]
fn hum_is_found_alone_under_a_fan_and_under_speech_with_pauses() {
    for seed in JUDGED_ON {
        let (mut voice, mut fan) = (Voice::new(RATE, seed), fan(seed, 0.005));
        let hum = hum(0.01);
        for with_voice in [false, true] {
            let mut watch = Watch::new();
            watch.play(60, |n| {
                let speech = if with_voice { f64::from(voice.speak()) } else { 0.0 };
                speech + fan(n) + hum(n)
            });
            let verdict = watch.said_once();
            assert!(verdict.hum, "voice {with_voice}: {verdict:?}");
            assert!((-45.0..-35.0).contains(&verdict.hum_db.unwrap()), "{verdict:?}");
            let limit = if with_voice { 30 } else { 8 };
            assert!(verdict.heard.unwrap().as_secs() <= limit, "voice {with_voice}: {verdict:?}");
            watch.said.clear();
            watch.play(60, &mut fan);
            assert!(!watch.said_once().hum);
        }
    }
}

#[test]
fn hum_that_nobody_hears_is_not_said() {
    let (mut watch, hum, mut fan) = (Watch::new(), hum(0.001), fan(9003, 0.002));
    watch.play(60, |n| hum(n) + fan(n));
    assert_eq!(watch.said, []);
}

#[test]
fn samples_that_are_no_numbers_and_forms_that_make_no_sense_do_not_panic() {
    for form in [Form { rate_hz: 0, channels: 0 }, Form { rate_hz: 11, channels: 3 }] {
        let mut judge = Judge::new(form);
        let samples = [f32::NAN, f32::INFINITY, 0.5, -2.0].into_iter().cycle().take(500);
        judge.hear(samples, &Limits::default());
        assert!(judge.verdict().level_db.is_some_and(f64::is_finite));
        judge.begin_anew(Duration::from_secs(1));
    }
}
