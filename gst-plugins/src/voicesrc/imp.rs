use std::sync::{LazyLock, Mutex, MutexGuard};

use gst::glib;
use gst::subclass::prelude::*;
use gst_audio::prelude::*;
use gst_base::subclass::base_src::CreateSuccess;
use gst_base::subclass::prelude::*;

use super::voice::Voice;
use crate::beep::imp::encoding;
use crate::beep::samples::Encoding;
use crate::pace::{Grid, Pace};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("lecternvoicesrc", gst::DebugColorFlags::empty(), Some("Classroom sound"))
});

const RATE_HZ: u32 = 48_000;
/// Samples of a buffer: 20 ms.
const SAMPLES: u64 = 960;
/// A source that is further behind than this many buffers leaves time out.
const BEHIND: u64 = 10;
/// The times of the buffers, counted from running time zero.
const GRID: Grid = Grid { moments: RATE_HZ as u64, per_ns: SAMPLES * 1_000_000_000 };

struct Settings {
    seed: u64,
    is_live: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, is_live: true }
    }
}

#[derive(Default)]
struct State {
    encoding: Option<Encoding>,
    voice: Option<Voice>,
    /// Number of the buffer to come.
    next: Option<u64>,
}

/// Lock order: `settings`, then `state`; neither is held while waiting for the clock. `pace` has a lock
/// of its own and is never used under another one.
#[derive(Default)]
pub struct VoiceSrc {
    settings: Mutex<Settings>,
    state: Mutex<State>,
    pace: Pace,
}

impl VoiceSrc {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Chooses the next buffer and waits for its end. The flag says that time was left out.
    fn await_buffer(&self) -> Result<(u64, bool), gst::FlowError> {
        let clock =
            if self.settings().is_live { self.obj().clock().zip(self.obj().base_time()) } else { None };
        let now = clock.as_ref().map(|(clock, base)| clock.time().saturating_sub(*base));
        let (index, skipped) = {
            let mut state = self.state();
            let (index, skipped) = match (state.next, now) {
                (None, None) => (0, false),
                (None, Some(now)) => (GRID.first_from(now), false),
                (Some(next), Some(now)) if GRID.time(next + BEHIND) < now => (GRID.first_from(now), true),
                (Some(next), _) => (next, false),
            };
            if skipped {
                gst::warning!(CAT, imp = self, "too slow: buffer {index} follows {:?}", state.next);
            }
            state.next = Some(index + 1);
            (index, skipped)
        };
        if let Some((clock, base)) = clock {
            self.pace.wait(&clock, base + GRID.time(index + 1))?;
        }
        Ok((index, skipped))
    }
}

#[glib::object_subclass]
impl ObjectSubclass for VoiceSrc {
    const NAME: &'static str = "GstLecternVoiceSrc";
    type Type = super::VoiceSrc;
    type ParentType = gst_base::BaseSrc;
}

impl ObjectImpl for VoiceSrc {
    fn constructed(&self) {
        self.parent_constructed();
        let element = self.obj();
        element.set_live(true);
        element.set_format(gst::Format::Time);
    }

    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            vec![
                glib::ParamSpecUInt64::builder("seed")
                    .blurb("What is spoken")
                    .default_value(1)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("is-live")
                    .blurb("Wait for the clock; otherwise make sound as fast as it is taken")
                    .default_value(true)
                    .mutable_ready()
                    .build(),
            ]
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        match spec.name() {
            "seed" => self.settings().seed = value.get().unwrap_or_default(),
            "is-live" => {
                let is_live = value.get().unwrap_or(true);
                self.settings().is_live = is_live;
                self.obj().set_live(is_live);
            }
            _ => {}
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        match spec.name() {
            "seed" => self.settings().seed.to_value(),
            "is-live" => self.settings().is_live.to_value(),
            _ => spec.default_value().clone(),
        }
    }
}

impl GstObjectImpl for VoiceSrc {}

impl ElementImpl for VoiceSrc {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern classroom sound",
                "Source/Audio",
                "Makes a sound like speech",
                "The Lectern authors",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let caps = gst_audio::AudioCapsBuilder::new_interleaved()
                .format_list([gst_audio::AudioFormat::S16le, gst_audio::AudioFormat::F32le])
                .rate(RATE_HZ as i32)
                .channels(1)
                .build();
            let template =
                gst::PadTemplate::new("src", gst::PadDirection::Src, gst::PadPresence::Always, &caps);
            template.into_iter().collect()
        });
        &TEMPLATES
    }
}

impl BaseSrcImpl for VoiceSrc {
    fn start(&self) -> Result<(), gst::ErrorMessage> {
        let seed = self.settings().seed;
        *self.state() = State { voice: Some(Voice::new(RATE_HZ, seed)), ..State::default() };
        Ok(())
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
        Ok(())
    }

    fn is_seekable(&self) -> bool {
        false
    }

    fn unlock(&self) -> Result<(), gst::ErrorMessage> {
        self.pace.unlock();
        Ok(())
    }

    fn unlock_stop(&self) -> Result<(), gst::ErrorMessage> {
        self.pace.unlock_stop();
        Ok(())
    }

    fn set_caps(&self, caps: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = gst_audio::AudioInfo::from_caps(caps)
            .map_err(|_| gst::loggable_error!(CAT, "no audio format in {caps}"))?;
        self.state().encoding = encoding(&info);
        self.parent_set_caps(caps)
    }

    fn query(&self, query: &mut gst::QueryRef) -> bool {
        if let gst::QueryViewMut::Latency(latency) = query.view_mut() {
            let is_live = self.settings().is_live;
            let min = if is_live { GRID.time(1) } else { gst::ClockTime::ZERO };
            latency.set(is_live, min, gst::ClockTime::NONE);
            return true;
        }
        BaseSrcImplExt::parent_query(self, query)
    }

    fn create(
        &self,
        _offset: u64,
        _buffer: Option<&mut gst::BufferRef>,
        _length: u32,
    ) -> Result<CreateSuccess, gst::FlowError> {
        let (index, skipped) = self.await_buffer()?;
        let mut state = self.state();
        let State { encoding: Some(encoding), voice: Some(voice), .. } = &mut *state else {
            return Err(gst::FlowError::NotNegotiated);
        };
        let mut bytes = vec![0; encoding.bytes() * SAMPLES as usize];
        for sample in bytes.chunks_exact_mut(encoding.bytes()) {
            encoding.write(sample, voice.speak());
        }
        drop(state);

        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(GRID.time(index));
            buffer.set_duration(GRID.time(index + 1) - GRID.time(index));
            buffer.set_offset(index * SAMPLES);
            buffer.set_offset_end((index + 1) * SAMPLES);
            if skipped {
                buffer.set_flags(gst::BufferFlags::DISCONT);
            }
        }
        Ok(CreateSuccess::NewBuffer(buffer))
    }
}
