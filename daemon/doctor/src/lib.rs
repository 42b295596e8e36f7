//! What is wrong with a box, found on site without a network: facts are gathered
//! ([`gather()`]), judged ([`judge()`], pure) and told. The command line, the
//! daemon's answer at the broker and a bundle share it.
//!
//! What the daemon knows by itself is not found out again: where it answers, its
//! faults are told as they are, and only what it cannot know of itself is looked
//! at here: why it is down, what the cable, the disk and the clock say.

pub mod bundle;
pub mod facts;
mod gather;
mod judge;
pub mod plan;
pub mod redact;
pub mod socket;
pub mod srt;

use std::time::Duration;

use jiff::Timestamp;
use lectern_api::doctor::Examination;

pub use bundle::{Bundle, BundleError, Pictures};
pub use gather::{Places, gather};
pub use judge::judge;
pub use redact::Redactor;

/// Looks at everything and says what it finds, in less than ten seconds. `now`
/// is asked when it begins.
pub async fn examine(places: &Places, now: impl Fn() -> Timestamp) -> Examination {
    let begun = tokio::time::Instant::now();
    let facts = gather(places, now()).await;
    let plan = facts.config.plan.as_ref().ok();
    let took = begun.elapsed().min(Duration::from_secs(60));
    Examination {
        device: plan.and_then(|plan| plan.device.clone()),
        place: plan.map(|plan| plan.place.clone()).unwrap_or_default(),
        at: facts.at,
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        checks: judge(&facts),
    }
}
