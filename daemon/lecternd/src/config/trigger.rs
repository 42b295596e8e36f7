//! `[trigger]`: what may begin a lesson beside the bell and people.

use std::ops::Range;

use lectern_api::{Name, messages};
use toml::Spanned;

use super::reader::{Reader, Wrong, text};
use super::{Mistake, Source};

/// The sources that are watched between lessons; none unless configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trigger {
    /// A picture that comes up there begins a lesson.
    pub(crate) signal: Option<Name>,
    /// Sound that is heard there begins a lesson.
    pub(crate) sound: Option<Name>,
}

/// The table as it is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    signal: Option<Spanned<String>>,
    sound: Option<Spanned<String>>,
}

pub(super) fn read(table: &mut Reader<'_, '_>) -> Written {
    Written { signal: table.spanned("signal", text), sound: table.spanned("sound", text) }
}

impl Written {
    /// Finds the sources that are meant. Where some could not be read, one that
    /// is not found is no mistake of its own.
    pub(super) fn resolve(
        self,
        sources: &[(Range<usize>, Source)],
        is_whole: bool,
        mistakes: &mut Vec<Mistake>,
    ) -> Trigger {
        let mut find = |written: Option<Spanned<String>>, is_video: bool| {
            let written = written?;
            let is_there = sources.iter().any(|(_, source)| source.name.as_str() == written.get_ref());
            if !is_there && !is_whole {
                return None;
            }
            match named(written.get_ref(), is_video, sources) {
                Ok(name) => Some(name),
                Err((cause, remedy)) => {
                    mistakes.push(Mistake { span: written.span(), cause, remedy });
                    None
                }
            }
        };
        Trigger { signal: find(self.signal, true), sound: find(self.sound, false) }
    }
}

fn named(name: &str, is_video: bool, sources: &[(Range<usize>, Source)]) -> Result<Name, Wrong> {
    let fits = |source: &&Source| source.role.is_video() == is_video;
    let all = sources.iter().map(|(_, source)| source);
    match all.clone().find(|source| source.name.as_str() == name) {
        Some(source) if fits(&source) => Ok(source.name.clone()),
        Some(_) if is_video => {
            Err((messages::config_trigger_no_picture(name), messages::config_trigger_no_picture_remedy()))
        }
        Some(_) => Err((messages::config_trigger_no_sound(name), messages::config_trigger_no_sound_remedy())),
        None => {
            let known: Vec<&str> = all.filter(fits).map(|source| source.name.as_str()).collect();
            let remedy = messages::config_trigger_unknown_remedy(known.join(", "));
            Err((messages::config_trigger_unknown(name), remedy))
        }
    }
}
