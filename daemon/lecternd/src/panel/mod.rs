//! The front panel: lights that say from the door of the room what the box does,
//! and buttons for who stands before it. What lights show and what presses mean
//! is decided purely ([`lights`], [`press`]); names come from `[panel]`.

mod button;
mod lamps;
mod lights;
mod press;
mod unit;

use lectern_hal::indicator::Light;

pub(crate) use button::Presser;
pub(crate) use lamps::Lamps;
pub(crate) use press::Button;
pub(crate) use unit::Panel;

/// What a light is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The lesson is recorded.
    Recording,
    /// It is broadcast.
    Live,
    /// Somebody has to do something.
    Fault,
    /// The shutter is closed.
    Shutter,
}

impl Purpose {
    pub(crate) const ALL: [Self; 4] = [Self::Recording, Self::Live, Self::Fault, Self::Shutter];

    /// The key of `[panel]` that names its light.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Recording => "recording_light",
            Self::Live => "live_light",
            Self::Fault => "fault_light",
            Self::Shutter => "shutter_light",
        }
    }
}

/// The names of the lights that there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names(pub(crate) Vec<(Purpose, String)>);

/// What all lights show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lit {
    pub(crate) recording: Light,
    pub(crate) live: Light,
    pub(crate) fault: Light,
    pub(crate) shutter: Light,
}

impl Lit {
    const DARK: Self =
        Self { recording: Light::Off, live: Light::Off, fault: Light::Off, shutter: Light::Off };

    fn of(&self, purpose: Purpose) -> Light {
        match purpose {
            Purpose::Recording => self.recording,
            Purpose::Live => self.live,
            Purpose::Fault => self.fault,
            Purpose::Shutter => self.shutter,
        }
    }
}
