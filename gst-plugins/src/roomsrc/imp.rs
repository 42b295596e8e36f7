use std::sync::{LazyLock, Mutex, MutexGuard};

use gst::glib;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::prelude::*;

use super::board::Board;
use super::camera::Camera;
use crate::pace::{Grid, Pace};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("lecternroomsrc", gst::DebugColorFlags::empty(), Some("Classroom pictures"))
});

/// A source that is further behind than this many pictures leaves pictures out.
const BEHIND: u64 = 3;

/// What the source shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLecternRoomScene")]
pub enum Scene {
    /// Handwriting on a board.
    #[default]
    #[enum_value(name = "Handwriting that appears on a board", nick = "board")]
    Board,
    /// A teacher before a blackboard.
    #[enum_value(name = "A teacher before a blackboard", nick = "camera")]
    Camera,
}

struct Settings {
    scene: Scene,
    is_live: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { scene: Scene::default(), is_live: true }
    }
}

enum Painter {
    Board(Box<Board>),
    Camera(Box<Camera>),
}

impl Painter {
    fn new(scene: Scene, width: usize, height: usize) -> Self {
        match scene {
            Scene::Board => Self::Board(Box::new(Board::new(width, height))),
            Scene::Camera => Self::Camera(Box::new(Camera::new(width, height))),
        }
    }

    fn paint_at(&mut self, time: gst::ClockTime, planes: [&mut [u8]; 3], strides: [usize; 3]) {
        match self {
            Self::Board(board) => board.at(time.nseconds()).copy_to(planes, strides),
            Self::Camera(camera) => camera.paint_at(time.nseconds(), planes, strides),
        }
    }
}

struct Negotiated {
    info: gst_video::VideoInfo,
    grid: Grid,
    painter: Painter,
}

#[derive(Default)]
struct State {
    negotiated: Option<Negotiated>,
    /// Number of the picture to come, in pictures since running time zero.
    next: Option<u64>,
}

/// Lock order: `settings`, then `state`. Neither is held while waiting for the clock; `state` is held
/// while a picture is painted, which only the streaming thread does. `pace` has a lock of its own and
/// is never used under another one.
#[derive(Default)]
pub struct RoomSrc {
    settings: Mutex<Settings>,
    state: Mutex<State>,
    pace: Pace,
}

impl RoomSrc {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Chooses the next picture and waits for its time. The flag says that pictures were left out.
    fn await_picture(&self) -> Result<(u64, bool), gst::FlowError> {
        let clock =
            if self.settings().is_live { self.obj().clock().zip(self.obj().base_time()) } else { None };
        let now = clock.as_ref().map(|(clock, base)| clock.time().saturating_sub(*base));
        let (index, due, skipped) = {
            let mut state = self.state();
            let grid = state.negotiated.as_ref().ok_or(gst::FlowError::NotNegotiated)?.grid;
            let (index, skipped) = match (state.next, now) {
                (None, None) => (0, false),
                (None, Some(now)) => (grid.first_from(now), false),
                (Some(next), Some(now)) if grid.time(next + BEHIND) < now => (grid.first_from(now), true),
                (Some(next), _) => (next, false),
            };
            if skipped {
                gst::warning!(CAT, imp = self, "too slow: picture {index} follows {:?}", state.next);
            }
            state.next = Some(index + 1);
            (index, grid.time(index), skipped)
        };
        if let Some((clock, base)) = clock {
            self.pace.wait(&clock, base + due)?;
        }
        Ok((index, skipped))
    }
}

#[glib::object_subclass]
impl ObjectSubclass for RoomSrc {
    const NAME: &'static str = "GstLecternRoomSrc";
    type Type = super::RoomSrc;
    type ParentType = gst_base::BaseSrc;
}

impl ObjectImpl for RoomSrc {
    fn constructed(&self) {
        self.parent_constructed();
        let element = self.obj();
        element.set_live(true);
        element.set_format(gst::Format::Time);
    }

    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            vec![
                glib::ParamSpecEnum::builder_with_default("scene", Scene::default())
                    .blurb("What to show")
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("is-live")
                    .blurb("Wait for the clock; otherwise make pictures as fast as they are taken")
                    .default_value(true)
                    .mutable_ready()
                    .build(),
            ]
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        match spec.name() {
            "scene" => self.settings().scene = value.get().unwrap_or_default(),
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
            "scene" => self.settings().scene.to_value(),
            "is-live" => self.settings().is_live.to_value(),
            _ => spec.default_value().clone(),
        }
    }
}

impl GstObjectImpl for RoomSrc {}

impl ElementImpl for RoomSrc {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lectern classroom pictures",
                "Source/Video",
                "Shows handwriting on a board, or a teacher before one",
                "The Lectern authors",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let caps = gst_video::VideoCapsBuilder::new()
                .format(gst_video::VideoFormat::I420)
                .width_range(16..=8192)
                .height_range(16..=8192)
                .framerate_range(gst::Fraction::new(1, 10)..=gst::Fraction::new(240, 1))
                .build();
            let template =
                gst::PadTemplate::new("src", gst::PadDirection::Src, gst::PadPresence::Always, &caps);
            template.into_iter().collect()
        });
        &TEMPLATES
    }
}

impl BaseSrcImpl for RoomSrc {
    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.state() = State::default();
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

    fn fixate(&self, mut caps: gst::Caps) -> gst::Caps {
        caps.truncate();
        if let Some(structure) = caps.make_mut().structure_mut(0) {
            structure.fixate_field_nearest_int("width", 1280);
            structure.fixate_field_nearest_int("height", 720);
            structure.fixate_field_nearest_fraction("framerate", gst::Fraction::new(25, 1));
        }
        self.parent_fixate(caps)
    }

    fn set_caps(&self, caps: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = gst_video::VideoInfo::from_caps(caps)
            .map_err(|_| gst::loggable_error!(CAT, "no video format in {caps}"))?;
        let grid = match (u64::try_from(info.fps().numer()), u64::try_from(info.fps().denom())) {
            (Ok(moments), Ok(denom)) if moments > 0 => {
                Grid { moments, per_ns: denom * gst::ClockTime::SECOND.nseconds() }
            }
            _ => return Err(gst::loggable_error!(CAT, "no frame rate in {caps}")),
        };
        let scene = self.settings().scene;
        let painter = Painter::new(scene, info.width() as usize, info.height() as usize);
        let mut state = self.state();
        if state.negotiated.as_ref().is_some_and(|before| before.grid != grid) {
            state.next = None;
        }
        state.negotiated = Some(Negotiated { info, grid, painter });
        drop(state);
        self.parent_set_caps(caps)
    }

    fn decide_allocation(&self, query: &mut gst::query::Allocation) -> Result<(), gst::LoggableError> {
        let (caps, _) = query.get_owned();
        let Some(caps) = caps else { return self.parent_decide_allocation(query) };
        let info = gst_video::VideoInfo::from_caps(&caps)
            .map_err(|_| gst::loggable_error!(CAT, "no video format in {caps}"))?;
        let size = u32::try_from(info.size())
            .map_err(|_| gst::loggable_error!(CAT, "pictures of {caps} are too large"))?;
        let offered = query.allocation_pools().next();
        let has_offer = offered.is_some();
        let (pool, size, min, max) = match offered {
            Some((Some(pool), offered, min, max)) => (pool, offered.max(size), min, max),
            Some((None, offered, min, max)) => {
                (gst_video::VideoBufferPool::new().upcast(), offered.max(size), min, max)
            }
            None => (gst_video::VideoBufferPool::new().upcast(), size, 0, 0),
        };
        let mut config = pool.config();
        config.set_params(Some(&caps), size, min, max);
        if query.find_allocation_meta::<gst_video::VideoMeta>().is_some() {
            config.add_option(gst_video::BUFFER_POOL_OPTION_VIDEO_META);
        }
        pool.set_config(config).map_err(|error| gst::loggable_error!(CAT, "buffer pool refused: {error}"))?;
        if has_offer {
            query.set_nth_allocation_pool(0, Some(&pool), size, min, max);
        } else {
            query.add_allocation_pool(Some(&pool), size, min, max);
        }
        self.parent_decide_allocation(query)
    }

    fn query(&self, query: &mut gst::QueryRef) -> bool {
        if let gst::QueryViewMut::Latency(latency) = query.view_mut() {
            let is_live = self.settings().is_live;
            let Some(one) = self.state().negotiated.as_ref().map(|negotiated| negotiated.grid.time(1)) else {
                return false;
            };
            latency.set(is_live, if is_live { one } else { gst::ClockTime::ZERO }, gst::ClockTime::NONE);
            return true;
        }
        BaseSrcImplExt::parent_query(self, query)
    }

    fn fill(
        &self,
        _offset: u64,
        _length: u32,
        buffer: &mut gst::BufferRef,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        let (index, skipped) = self.await_picture()?;
        let mut state = self.state();
        let Negotiated { info, grid, painter } =
            state.negotiated.as_mut().ok_or(gst::FlowError::NotNegotiated)?;
        let time = grid.time(index);
        {
            let mut frame =
                gst_video::VideoFrameRef::from_buffer_ref_writable(buffer, info).map_err(|error| {
                    gst::error!(CAT, imp = self, "cannot map a picture: {error}");
                    gst::FlowError::Error
                })?;
            let stride = |plane: usize| usize::try_from(frame.plane_stride()[plane]).unwrap_or_default();
            let strides = [stride(0), stride(1), stride(2)];
            let [y, u, v, _] = frame.planes_data_mut();
            painter.paint_at(time, [y, u, v], strides);
        }
        buffer.set_pts(time);
        buffer.set_duration(grid.time(index + 1) - time);
        buffer.set_offset(index);
        buffer.set_offset_end(index + 1);
        if skipped {
            buffer.set_flags(gst::BufferFlags::DISCONT);
        }
        Ok(gst::FlowSuccess::Ok)
    }
}
