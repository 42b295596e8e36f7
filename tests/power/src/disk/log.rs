//! What a disk was asked to do, in order.

/// One request that the disk completed, or one word of the process above it.
#[derive(Debug, Clone)]
pub enum Event {
    /// Bytes were handed over. Until the next flush the disk may forget them.
    Write {
        /// Where, from the begin of the disk.
        offset: usize,
        /// What.
        bytes: Box<[u8]>,
    },
    /// Everything written before is durable.
    Flush,
    /// A line that the process wrote after the system calls before it had
    /// returned.
    Mark(String),
}

/// The events since a state of the disk that is known byte for byte.
#[derive(Debug, Default)]
pub struct Log {
    /// The disk before the first event.
    pub base: Vec<u8>,
    /// In the order in which the disk completed them.
    pub events: Vec<Event>,
}

impl Log {
    /// The lines written before an event, in order.
    pub fn marks(&self, before: usize) -> impl Iterator<Item = &str> {
        self.events[..before].iter().filter_map(|event| match event {
            Event::Mark(line) => Some(line.as_str()),
            _ => None,
        })
    }

    /// Where the first line that `is_it` says yes to lies.
    pub fn position(&self, is_it: impl Fn(&str) -> bool) -> Option<usize> {
        self.events.iter().position(|event| matches!(event, Event::Mark(line) if is_it(line)))
    }

    /// The writes that a power cut before an event may take: those since the
    /// last flush.
    #[must_use]
    pub fn unflushed(&self, before: usize) -> Vec<usize> {
        let flushed = self.events[..before].iter().rposition(|event| matches!(event, Event::Flush));
        (flushed.unwrap_or(0)..before).filter(|at| matches!(self.events[*at], Event::Write { .. })).collect()
    }
}
