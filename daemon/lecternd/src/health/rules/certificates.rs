//! `certificate.expiring`: a month ahead, and worse in the last week.

use jiff::{SignedDuration, Timestamp};
use lectern_api::fault::Severity;
use lectern_api::messages::hardware as words;
use lectern_api::status::Status;
use lectern_api::{Text, Verdict};

use super::super::book::{Finding, Look};

const CODE: &str = "certificate.expiring";
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn look(status: &Status, now: Timestamp, look: &mut Look) {
    if status.clock.verdict == Some(Verdict::Unknown) {
        return;
    }
    for certificate in &status.certificates {
        let left = certificate.until.duration_since(now);
        if left > MONTH {
            look.fine.insert((CODE, certificate.name.clone()));
            continue;
        }
        let severity = if left > WEEK { Severity::Minor } else { Severity::Major };
        let (text, hint) = (told(left, certificate.until, status), words::certificate_hint());
        look.wrong.push(Finding { code: CODE, severity, unit: certificate.name.clone(), text, hint });
    }
}

fn told(left: SignedDuration, until: Timestamp, status: &Status) -> Text {
    let zone = status.device.time_zone.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok());
    let date = until.to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC)).date();
    if left.is_positive() {
        words::certificate_expiring(left.as_hours() / 24, date)
    } else {
        words::certificate_expired(date)
    }
}
