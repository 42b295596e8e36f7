//! The real command line, asked about a box.

use crate::ClassroomBox;
use crate::classroom_box::built;
use crate::process::owned;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// What was said on either of the two outputs, the answer first.
    pub text: String,
}

/// Asks `lecternctl`, in English.
///
/// # Panics
/// When it does not run to its end.
#[must_use]
#[track_caller]
pub fn lecternctl(lectern: &ClassroomBox, arguments: &[&str]) -> Said {
    lecternctl_in(lectern, "C", arguments)
}

/// Asks `lecternctl` in the language of a locale (`zh_CN.UTF-8`).
///
/// # Panics
/// When it does not run to its end.
#[must_use]
#[track_caller]
pub fn lecternctl_in(lectern: &ClassroomBox, locale: &str, arguments: &[&str]) -> Said {
    let mut command = owned(&built("lecternctl"));
    command.arg("--socket").arg(lectern.path("control.sock")).args(arguments).env("LC_ALL", locale);
    let output = command.output().expect("lecternctl runs");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("lecternctl {arguments:?} was killed: {text}"));
    Said { code, text }
}

/// Asks `lecternctl` for something that is carried out; answers what it said.
///
/// # Panics
/// When it is refused.
#[track_caller]
pub fn carried_out(lectern: &ClassroomBox, arguments: &[&str]) -> String {
    let Said { code, text } = lecternctl(lectern, arguments);
    assert_eq!(code, 0, "lecternctl {arguments:?}: {text}");
    text
}
