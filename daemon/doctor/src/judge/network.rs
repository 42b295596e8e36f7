//! Cable, address, way out, names, whoever the box speaks to: each told only
//! where the one before it does not explain it.

use lectern_api::doctor::{Check, Outcome};
use lectern_api::messages::doctor as words;
use lectern_hal::sensors::network::{Interface, Kind as Link};

use super::{Turn as _, check, late, plan};
use crate::facts::{Facts, Kind, Peer, Reached};

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let away: Vec<&Peer> = facts.peers.iter().filter(|peer| is_away(peer)).collect();
    let mut checks = Vec::new();
    let carrier = carrier(facts);
    let mut cause = broken(&carrier);
    checks.push(carrier);
    for next in [address, way_out] {
        let found = match cause {
            Some(code) => {
                let code_of = if checks.len() == 1 { "net.address" } else { "net.route" };
                check(code_of, "", words::because_of(code)).skip()
            }
            None => next(facts, &away),
        };
        cause = cause.or(broken(&found));
        checks.push(found);
    }
    if plan(facts).is_none() {
        checks.push(check("net.reach", "", words::needs_configuration()).skip());
    }
    for (name, found) in &facts.names {
        let say = |text| check("net.dns", name.as_str(), text);
        checks.push(match (found, cause) {
            (Some(Ok(address)), _) => say(words::name_fine(address)),
            (_, Some(code)) => say(words::because_of(code)).skip(),
            (Some(Err(why)), None) => say(words::name_unknown(why)).fail(words::name_hint()),
            (None, None) => say(words::name_unknown("…")).fail(words::name_hint()),
        });
    }
    checks.extend(facts.peers.iter().map(|peer| reach(peer, cause)));
    checks
}

/// Whether a peer is asked beyond this machine.
fn is_away(peer: &Peer) -> bool {
    !peer.is_here && peer.reached != Some(Reached::Listener)
}

/// The code of something that explains all that comes behind it.
fn broken(found: &Check) -> Option<&'static str> {
    let codes = ["net.carrier", "net.address", "net.route"];
    codes.into_iter().find(|code| found.outcome == Outcome::Fail && found.code == *code)
}

fn carrier(facts: &Facts) -> Check {
    const CODE: &str = "net.carrier";
    let Some(sample) = &facts.sample else { return late(CODE, "") };
    let all: Vec<&Interface> = sample.network.interfaces.iter().filter(|i| i.name != "lo").collect();
    let real: Vec<&Interface> = all.iter().filter(|i| i.kind != Link::Virtual).copied().collect();
    let counted = if real.is_empty() { &all } else { &real };
    let names = |of: &[&Interface]| of.iter().map(|i| i.name.as_str()).collect::<Vec<_>>().join(", ");
    if counted.is_empty() {
        return check(CODE, "", words::no_interface()).fail(words::no_interface_hint());
    }
    let linked: Vec<&Interface> = counted.iter().filter(|i| i.carrier == Some(true)).copied().collect();
    if linked.is_empty() {
        check(CODE, "", words::carrier_none(names(counted))).fail(words::carrier_hint())
    } else {
        check(CODE, "", words::carrier_fine(names(&linked)))
    }
}

fn address(facts: &Facts, _: &[&Peer]) -> Check {
    let addresses: Vec<String> = facts.network.addresses.iter().map(ToString::to_string).collect();
    if addresses.is_empty() {
        check("net.address", "", words::address_none()).fail(words::address_hint())
    } else {
        check("net.address", "", words::address_fine(addresses.join(", ")))
    }
}

/// A school's own network may have no way out, and everything the box needs.
fn way_out(facts: &Facts, away: &[&Peer]) -> Check {
    let say = |text| check("net.route", "", text);
    let gateways = &facts.network.gateways;
    if !gateways.is_empty() {
        return say(words::route_fine(gateways.join(", ")));
    }
    let answers = |peer: &&Peer| matches!(peer.reached, Some(Reached::Answers(..) | Reached::Refuses));
    if away.iter().all(answers) {
        say(words::route_unneeded())
    } else {
        say(words::route_none()).fail(words::route_hint())
    }
}

fn reach(peer: &Peer, cause: Option<&str>) -> Check {
    let say = |text| check("net.reach", peer.unit.as_str(), text);
    let place = peer.place.as_str();
    let text = match (&peer.reached, cause) {
        (Some(Reached::Listener), _) => return say(words::reach_listener()).skip(),
        (Some(Reached::Answers(address, after)), _) => {
            return say(words::reach_fine(address, after.as_millis()));
        }
        (Some(Reached::Nameless), None) => return say(words::because_of("net.dns")).skip(),
        (_, Some(code)) if is_away(peer) => return say(words::because_of(code)).skip(),
        (Some(Reached::Refuses), _) => words::reach_refused(place),
        _ => words::reach_silent(place),
    };
    let hint = if peer.kind == Kind::Source { words::reach_camera_hint() } else { words::reach_hint() };
    say(text).fail(hint)
}
