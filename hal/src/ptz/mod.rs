//! Cameras that turn and zoom: what they are told and asked.
//!
//! [`visca`] makes and reads messages, [`link`] carries them over a serial line, TCP
//! or UDP, [`camera`] holds the conversation.

pub mod camera;
pub mod link;
pub mod visca;

use std::io;
use std::time::Duration;

pub use camera::Camera;

/// What a camera is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Wake up or go to stand-by. Waking takes some cameras half a minute.
    Power(bool),
    /// Turn to the middle.
    Home,
    /// Go to a remembered view, 0 to 127.
    Recall(u8),
    /// Remember this view.
    Store(u8),
    /// Turn until told otherwise: right and up are positive, up to ±100; 0 and 0
    /// stops.
    Turn {
        /// Share of the greatest speed.
        pan_percent: i8,
        /// Share of the greatest speed.
        tilt_percent: i8,
    },
    /// Zoom until told otherwise: closer is positive, up to ±100; 0 stops.
    Zoom {
        /// Share of the greatest speed.
        percent: i8,
    },
    /// Zoom to a position, as [`Answer::Zoom`] tells it.
    ZoomTo(u16),
}

/// What a camera is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inquiry {
    /// Is it awake?
    Power,
    /// How close is it?
    Zoom,
}

/// What it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whether it is awake.
    Power(bool),
    /// From 0, wide; 0x4000 is the end of the lens with most makers.
    Zoom(u16),
}

/// A camera that can be turned.
pub trait Ptz: Send {
    /// Tells it something and waits until it has accepted, not until it is there.
    /// Blocks its thread.
    ///
    /// # Errors
    /// When it refuses, is silent or cannot be reached.
    fn tell(&mut self, command: Command) -> Result<(), PtzError>;

    /// Asks it something. Blocks its thread.
    ///
    /// # Errors
    /// When it refuses, is silent, answers nonsense or cannot be reached.
    fn ask(&mut self, inquiry: Inquiry) -> Result<Answer, PtzError>;

    /// Stops turning and zooming.
    ///
    /// # Errors
    /// As [`Ptz::tell`]; zooming is stopped even if turning could not be.
    fn stop(&mut self) -> Result<(), PtzError> {
        let turning = self.tell(Command::Turn { pan_percent: 0, tilt_percent: 0 });
        let zooming = self.tell(Command::Zoom { percent: 0 });
        turning.and(zooming)
    }
}

/// Why a camera did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum PtzError {
    /// No answer came.
    #[error(
        "the camera has not answered VISCA for {limit:?}. Check its cable, address and speed, and that VISCA is on in its menu."
    )]
    Silent {
        /// For how long was waited.
        limit: Duration,
    },
    /// It said no.
    #[error("the camera refuses {what}: {refusal}")]
    Refused {
        /// What it was told or asked.
        what: String,
        /// What it said.
        refusal: Refusal,
    },
    /// It said something that is no answer to the question.
    #[error("the camera answers {what} with {bytes:02x?}, which means nothing. Check that it speaks VISCA.")]
    Nonsense {
        /// What it was asked.
        what: String,
        /// What it said.
        bytes: Vec<u8>,
    },
    /// The line broke.
    #[error("the line to the camera broke: {0}. Check its cable and power; connect again.")]
    Link(#[from] io::Error),
}

/// How a camera says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The message was too long or too short.
    #[error("it says that the message has a wrong length; it speaks another dialect")]
    Length,
    /// It does not know the message.
    #[error("it does not know the command; it speaks another dialect")]
    Syntax,
    /// It has too much to do.
    #[error("it still has two commands to carry out; try again")]
    Busy,
    /// Somebody took the command back.
    #[error("somebody took the command back")]
    Cancelled,
    /// There is nothing to take back.
    #[error("there was nothing to take back")]
    NoSocket,
    /// It cannot now.
    #[error("it cannot do that now; it may be in stand-by")]
    NotNow,
    /// Something else.
    #[error("it gives the reason {0:#04x}, which is in no manual")]
    Other(u8),
}
