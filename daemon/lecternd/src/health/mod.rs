//! What is wrong: found by pure rules in the status, remembered with its begin.

mod rules;
mod timetable;

use std::collections::HashMap;

use lectern_api::fault::Fault;
use lectern_api::status::Status;

/// A microphone below so many dB of full scale is switched off or muted: what
/// 16 bits hold ends at -96, an open one lies above -80 in the quietest room.
pub(crate) const MUTE_DB: f64 = -90.0;

/// Remembers since when each fault has been there.
#[derive(Debug, Default)]
pub(crate) struct FaultBook(HashMap<(String, String), jiff::Timestamp>);

impl FaultBook {
    /// The open faults of a status.
    pub(crate) fn open_faults(&mut self, status: &Status, now: jiff::Timestamp) -> Vec<Fault> {
        let findings = rules::findings(status, now);
        self.0.retain(|(code, unit), _| findings.iter().any(|f| f.code == code && f.unit == *unit));
        let fault = |finding: rules::Finding| {
            let key = (finding.code.to_owned(), finding.unit.clone());
            let since = *self.0.entry(key).or_insert(now);
            Fault {
                code: finding.code.to_owned(),
                severity: finding.severity,
                unit: finding.unit,
                since,
                text: finding.text,
                hint: finding.hint,
            }
        };
        findings.into_iter().map(fault).collect()
    }
}
