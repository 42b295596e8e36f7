//! Runs small pipelines and collects what the readers say.

#![allow(dead_code, reason = "each test program uses a part")]
#![allow(clippy::unwrap_used, reason = "only tests call this")]

use std::sync::Once;

use gst::prelude::*;

/// What one run of a pipeline left behind.
pub(crate) struct Run {
    pub(crate) pipeline: gst::Pipeline,
    pub(crate) messages: Vec<gst::Structure>,
}

pub(crate) fn init() {
    static INIT: Once = Once::new();
    INIT.call_once(|| {
        gst::init().unwrap();
        gstlectern::plugin_register_static().unwrap();
    });
}

pub(crate) fn parse(line: &str) -> gst::Pipeline {
    init();
    gst::parse::launch(line).unwrap().downcast().unwrap()
}

/// Plays `line` to its end.
pub(crate) fn run(line: &str) -> Run {
    let pipeline = parse(line);
    let messages = play(&pipeline);
    Run { pipeline, messages }
}

/// Plays the pipeline to its end; answers all element messages of this crate.
pub(crate) fn play(pipeline: &gst::Pipeline) -> Vec<gst::Structure> {
    let bus = pipeline.bus().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let mut messages = Vec::new();
    loop {
        let message = bus.timed_pop(gst::ClockTime::from_seconds(30)).expect("the pipeline hangs");
        match message.view() {
            gst::MessageView::Eos(_) => break,
            gst::MessageView::Error(error) => panic!("{error:?}"),
            gst::MessageView::Element(element) => {
                let structure = element.structure().unwrap();
                if structure.name().starts_with("lectern-") {
                    messages.push(structure.to_owned());
                }
            }
            _ => {}
        }
    }
    messages
}

impl Run {
    pub(crate) fn named(&self, name: &str) -> Vec<&gst::Structure> {
        self.messages.iter().filter(|message| message.name() == name).collect()
    }

    /// The numbers of all readable stamps in order.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.named("lectern-stamp").iter().filter_map(|message| message.get("number").ok()).collect()
    }

    /// The onsets of all beeps in ns.
    pub(crate) fn beeps(&self) -> Vec<u64> {
        self.named("lectern-beep").iter().map(|message| message.get("pts").unwrap()).collect()
    }

    /// The onsets of all flashes in ns.
    pub(crate) fn flashes(&self) -> Vec<u64> {
        let mut onsets = gstlectern::lipsync::FlashOnsets::default();
        let pictures = self.named("lectern-stamp");
        pictures
            .iter()
            .filter_map(|message| onsets.picture(message.get("pts").unwrap(), message.get("flash").ok()))
            .collect()
    }

    pub(crate) fn stats(&self, element: &str) -> gst::Structure {
        self.pipeline.by_name(element).unwrap().property("stats")
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// A count in a statistics structure.
pub(crate) fn count(stats: &gst::Structure, field: &str) -> u64 {
    stats.get(field).unwrap()
}
