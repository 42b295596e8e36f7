//! A tap: one encoder's share of the program, with the keyframes that it is
//! told to make.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gst::prelude::*;

use super::feed::Epoch;
use super::time::ClockPoint;
use super::window::{Fate, Window};

/// `avenc_aac` puts 1024 samples of silence before the first sound and does not
/// say so in its time stamps: what it gets is stamped earlier by as much, so
/// that sound and picture meet again behind it. Measured with flash and beep.
const SOUND_ENCODER_DELAY: gst::ClockTime = gst::ClockTime::from_nseconds(21_333_333);

/// Frames an encoder may be behind before pictures are dropped: a second.
const MOST_WAITING_SECONDS: u32 = 1;

/// The length of a group of pictures, and so of a fragment.
pub(crate) const GOP: gst::ClockTime = gst::ClockTime::from_seconds(2);

/// One encoder's share of the program.
#[derive(Debug)]
pub(crate) struct Tap {
    picture: gst_app::AppSrc,
    sound: gst_app::AppSrc,
    most_waiting: u64,
    /// Time stamps count from here.
    zero: ClockPoint,
    window: Mutex<Window>,
    ended: [AtomicBool; 2],
    /// Pictures that went through.
    passed: AtomicU64,
    keys: Mutex<KeySchedule>,
    dropped: AtomicU64,
    losses: Mutex<Vec<(ClockPoint, ClockPoint)>>,
    frame: gst::ClockTime,
}

/// When the next keyframe is due. By time, not by frame count: a camera that
/// slows down to 12 fps would otherwise stretch a fragment to 4 s.
#[derive(Debug)]
struct KeySchedule {
    encoder: gst::Pad,
    next: Option<ClockPoint>,
    /// Whether the newest picture was hidden by the shutter.
    hidden: bool,
}

/// The entrances of a pipeline that encodes.
#[derive(Debug)]
pub(crate) struct Entrances {
    pub(crate) picture: gst_app::AppSrc,
    pub(crate) sound: gst_app::AppSrc,
    /// The source pad of the video encoder, which is told when to make keyframes.
    pub(crate) encoder: gst::Pad,
}

impl Tap {
    /// What of the program is in `window` goes in, with time stamps that count
    /// from `zero`.
    pub(crate) fn new(entrances: Entrances, epoch: &Epoch, window: Window, zero: ClockPoint) -> Self {
        let Entrances { picture, sound, encoder } = entrances;
        Self {
            picture,
            sound,
            most_waiting: u64::from(epoch.fps() * MOST_WAITING_SECONDS),
            zero,
            window: Mutex::new(window),
            ended: [AtomicBool::new(false), AtomicBool::new(false)],
            passed: AtomicU64::new(0),
            keys: Mutex::new(KeySchedule { encoder, next: None, hidden: false }),
            dropped: AtomicU64::new(0),
            losses: Mutex::default(),
            frame: epoch.frame(),
        }
    }

    /// Moves ends that have not come, and adds what follows.
    pub(crate) fn set_window(&self, window: Window) {
        *self.window() = window;
    }

    /// Ends the streams before the first frame captured at `at` or later.
    pub(crate) fn end_at(&self, at: ClockPoint) {
        let mut window = self.window();
        *window = window.clone().ending_at(at);
    }

    /// Ends the streams at once, for when the mixer brings nothing any more.
    pub(crate) fn end_now(&self) {
        for (source, ended) in [&self.picture, &self.sound].into_iter().zip(&self.ended) {
            end(source, ended);
        }
    }

    /// Pictures that went through, ever.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Pictures that were dropped because the encoder was behind, ever.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Stretches that were dropped since the last call.
    pub(crate) fn take_losses(&self) -> Vec<(ClockPoint, ClockPoint)> {
        std::mem::take(&mut self.losses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A picture of the program; `hidden` when it stands for one that the
    /// shutter hides.
    pub(super) fn picture(&self, buffer: &gst::Buffer, at: ClockPoint, hidden: bool) {
        if self.ended[0].load(Ordering::Relaxed) {
            return;
        }
        // A copy: whoever moves the window waits for no encoder.
        let window = self.window().clone();
        match window.picture(at) {
            Fate::Outside => return,
            Fate::Over => return end(&self.picture, &self.ended[0]),
            Fate::Inside => {}
        }
        self.schedule_key(&window, at, hidden);
        self.passed.fetch_add(1, Ordering::Relaxed);
        if self.picture.current_level_buffers() >= self.most_waiting {
            self.lose(at);
            return;
        }
        let mut copy = buffer.copy();
        let meta = copy.make_mut();
        meta.set_pts(at.since(self.zero));
        meta.set_dts(gst::ClockTime::NONE);
        let _ = self.picture.push_buffer(copy);
    }

    /// A piece of the program's sound.
    pub(super) fn sound(&self, buffer: &gst::Buffer, at: ClockPoint) {
        if self.ended[1].load(Ordering::Relaxed) {
            return;
        }
        let length = buffer.duration().unwrap_or(gst::ClockTime::ZERO);
        let stamped = ClockPoint(at.0.saturating_sub(SOUND_ENCODER_DELAY));
        let span = match self.window().sound(stamped, length) {
            (_, Some(span)) => span,
            (Fate::Over, None) => return end(&self.sound, &self.ended[1]),
            (_, None) => return,
        };
        let mut copy = buffer.copy();
        copy.make_mut().set_pts(stamped.0);
        let mut segment = gst::FormattedSegment::<gst::ClockTime>::new();
        segment.set_start(span.begin.0);
        if let Some(end) = span.end {
            segment.set_stop(end.0);
        }
        let bytes_per_frame = 2 * 4; // two channels of F32
        let Some(mut cut) = gst_audio::audio_buffer_clip(copy, segment.upcast_ref(), 48_000, bytes_per_frame)
        else {
            return;
        };
        let Some(pts) = cut.pts() else { return };
        cut.make_mut().set_pts(ClockPoint(pts).since(self.zero));
        let _ = self.sound.push_buffer(cut);
    }

    /// Orders the next keyframe one second ahead, so that the order is there
    /// before the frame is, whatever waits in between. Where the shutter opens
    /// or closes there is one at once: no group of pictures has both.
    fn schedule_key(&self, window: &Window, at: ClockPoint, hidden: bool) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let (changes, next) = (std::mem::replace(&mut keys.hidden, hidden) != hidden, keys.next);
        if changes || next.is_none_or(|next| next < at) {
            // Behind a break, or where a slate begins or ends. The very first
            // picture needs no order, and x264enc obeys none behind such a one.
            if next.is_some() {
                keys.order(at.since(self.zero));
            }
            keys.next = Some(window.key_after(at, GOP));
        }
        while let Some(next) = keys.next
            && at.0 + gst::ClockTime::SECOND >= next.0
        {
            keys.order(next.since(self.zero));
            keys.next = Some(window.key_after(next, GOP));
        }
    }

    fn lose(&self, at: ClockPoint) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        let until = ClockPoint(at.0 + self.frame);
        match losses.last_mut() {
            // Frame times are rounded, so neighbours may be 1 ns apart.
            Some((_, end)) if at.since(*end) < self.frame / 2 => *end = until,
            _ => losses.push((at, until)),
        }
    }

    fn window(&self) -> std::sync::MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeySchedule {
    fn order(&self, running_time: gst::ClockTime) {
        let order =
            gst_video::UpstreamForceKeyUnitEvent::builder().running_time(running_time).all_headers(true);
        let _ = self.encoder.send_event(order.build());
    }
}

fn end(source: &gst_app::AppSrc, ended: &AtomicBool) {
    if !ended.swap(true, Ordering::Relaxed) {
        let _ = source.end_of_stream();
    }
}
