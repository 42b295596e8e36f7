//! The configuration and the daemon: whether it answers, and if not, why.

use lectern_api::Text;
use lectern_api::doctor::{Check, DAEMON};
use lectern_api::messages::doctor as words;

use super::{Turn as _, around, check};
use crate::facts::{Facts, Service, Silence};

const CONFIG: &str = "config.file";
/// Mistakes that are told one by one.
const MOST_MISTAKES: usize = 3;
/// What `lecternd` ends with when its configuration has mistakes.
const WRONG_CONFIGURATION: i32 = 2;
/// systemd's word for a process that ended by itself.
const EXITED: u32 = 1;

pub(super) fn config(facts: &Facts) -> Vec<Check> {
    let config = &facts.config;
    let path = config.path.display();
    if let Err(cause) = &config.plan {
        return vec![check(CONFIG, "", words::config_unread(path, cause)).fail(words::config_unread_hint())];
    }
    match &config.checked {
        None => vec![check(CONFIG, "", words::no_answer_in_time()).skip()],
        Some(Err(cause)) => {
            vec![check(CONFIG, "", words::config_unchecked(cause)).warn(words::config_unchecked_hint())]
        }
        Some(Ok(mistakes)) if mistakes.is_empty() => vec![check(CONFIG, "", words::config_fine(path))],
        Some(Ok(mistakes)) => {
            let told = mistakes.iter().take(MOST_MISTAKES).map(|mistake| {
                let text = around(&mistake.cause, |cause| {
                    words::config_mistake(config.path.display(), mistake.line, cause)
                });
                check(CONFIG, format!("line-{}", mistake.line), text).fail(mistake.remedy.clone())
            });
            let more = mistakes.len().saturating_sub(MOST_MISTAKES);
            let rest = (more > 0).then(|| {
                check(CONFIG, "more", words::config_more(more))
                    .fail(words::config_more_hint(config.path.display()))
            });
            told.chain(rest).collect()
        }
    }
}

fn is_mistaken(facts: &Facts) -> bool {
    facts.config.plan.is_err() || matches!(&facts.config.checked, Some(Ok(mistakes)) if !mistakes.is_empty())
}

/// Whether it answers; if not, why, as far as anybody knows.
pub(super) fn daemon(facts: &Facts) -> Check {
    let daemon = &facts.daemon;
    let socket = daemon.socket.display();
    let say = |text| check(DAEMON, "", text);
    let down = match (&daemon.answer, daemon.pid) {
        (Some(Ok(status)), _) => return say(words::daemon_answers(&status.device.version, socket)),
        (Some(Err(Silence::Denied)), _) => {
            return say(words::daemon_denied(socket)).warn(words::daemon_denied_hint());
        }
        (Some(Err(Silence::Nobody)), Some(pid)) if !is_coming(facts) => {
            say(words::daemon_elsewhere(pid, socket)).fail(words::daemon_elsewhere_hint())
        }
        (None | Some(Err(Silence::Other(_))), Some(pid)) => {
            say(words::daemon_stuck(pid)).fail(words::daemon_stuck_hint())
        }
        _ => {
            let (text, hint) = why_down(facts);
            say(text).fail(hint)
        }
    };
    Check { detail: daemon.log.clone(), ..down }
}

/// Whether systemd is starting it just now.
fn is_coming(facts: &Facts) -> bool {
    facts.daemon.service.as_ref().is_some_and(|service| service.active == "activating")
}

fn why_down(facts: &Facts) -> (Text, Text) {
    let mend_first = is_mistaken(facts);
    let start = || if mend_first { words::daemon_config_hint() } else { words::daemon_down_hint() };
    let Some(service) = &facts.daemon.service else {
        let by_hand = words::daemon_down_by_hand_hint(facts.config.path.display());
        return (words::daemon_down(), if mend_first { words::daemon_config_hint() } else { by_hand });
    };
    match service.active.as_str() {
        _ if service.load == "not-found" => (words::daemon_no_unit(), words::config_unchecked_hint()),
        "activating" if service.result == "success" => {
            (words::daemon_starting(), words::daemon_starting_hint())
        }
        "inactive" if service.result == "success" => (words::daemon_stopped(), start()),
        "failed" | "activating" => {
            let text = around(&how_it_ended(service), |how| words::daemon_ended(how));
            let is_configuration = service.code == EXITED && service.status == WRONG_CONFIGURATION;
            let hint = if mend_first || is_configuration {
                words::daemon_config_hint()
            } else {
                words::daemon_ended_hint()
            };
            (text, hint)
        }
        _ => (words::daemon_down(), start()),
    }
}

fn how_it_ended(service: &Service) -> Text {
    match service.result.as_str() {
        "exit-code" => words::ended_with(service.status),
        "signal" | "core-dump" => words::ended_by(service.status),
        other => words::ended_so(other),
    }
}
