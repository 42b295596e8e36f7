//! Boxes connect all at once, live, hear the bell together, and lose their
//! broker: one that remembers and was ended in order, and one that was killed and
//! forgot everything.

use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use lectern_fleet::FleetError;
use lectern_fleet::line::{progress, result, round};
use lectern_fleet::squad::Order;
use serde_json::{Value, json};

use super::histogram::coming_back;
use super::scene::Scene;

const DAY_S: f64 = 86_400.0;

/// How it is measured.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Plan {
    /// How many boxes; each number is a run of its own.
    #[arg(long, default_values_t = [1000, 3000, 10_000])]
    boxes: Vec<usize>,
    /// How long the boxes live undisturbed.
    #[arg(long, default_value_t = 60)]
    steady_s: u64,
    /// How long the broker is away.
    #[arg(long, default_value_t = 20)]
    outage_s: u64,
    /// Over TLS.
    #[arg(long)]
    tls: bool,
    /// Let boxes in before the platform listens again, to a broker that forgot
    /// it: shows what is lost then.
    #[arg(long)]
    ungated: bool,
    /// Only as far as the bell.
    #[arg(long)]
    no_outage: bool,
}

/// Between two events of one box, and two measurements, while it lives: some ten
/// times what a day of eight lessons has.
const EVENT_S: u64 = 300;
const MEASUREMENT_S: u64 = 60;

/// Measures every number of boxes.
pub(crate) fn storm(plan: &Plan) -> Result<(), FleetError> {
    for boxes in &plan.boxes {
        let mut scene = Scene::set(*boxes, plan.tls)?;
        connect(&mut scene, plan)?;
        live(&mut scene, plan)?;
        bell(&mut scene)?;
        if !plan.no_outage {
            outage(&mut scene, plan, true)?;
            outage(&mut scene, plan, false)?;
        }
    }
    Ok(())
}

fn print(name: &str, scene: &Scene, parts: Vec<Value>) {
    let mut all = serde_json::Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    result(name, scene.boxes, Value::Object(all));
}

/// Every box dials in the same moment, as after a power cut in a whole county.
fn connect(scene: &mut Scene, plan: &Plan) -> Result<(), FleetError> {
    let before = scene.moment()?;
    let begun = SystemClock::new().utc().as_millisecond();
    scene.squads.order(&Order::Dial)?;
    let up = scene.all_up()?;
    progress(format_args!("{} boxes are connected after {up:?}", scene.boxes));
    let settled = up + scene.all_true()?;
    let figures = scene.since(&before, true)?;
    let times = coming_back(&scene.squads.tries()?, begun, scene.boxes);
    let own = json!({
        "tls": plan.tls,
        "all_up_s": round(up.as_secs_f64()),
        "all_true_s": round(settled.as_secs_f64()),
        "connections_per_s": round(scene.boxes as f64 / up.as_secs_f64()),
    });
    let verdict = scene.verdict()?;
    print("connect_at_once", scene, vec![own, times, figures, verdict]);
    Ok(())
}

/// Nothing goes wrong.
fn live(scene: &mut Scene, plan: &Plan) -> Result<(), FleetError> {
    let seconds = plan.steady_s;
    let before = scene.moment()?;
    scene.squads.order(&Order::Live { event_s: EVENT_S, measurement_s: MEASUREMENT_S, seconds })?;
    std::thread::sleep(Duration::from_secs(seconds));
    let figures = scene.since(&before, true)?;
    scene.all_true()?;
    let bytes =
        figures["up_bytes"].as_f64().unwrap_or_default() + figures["down_bytes"].as_f64().unwrap_or_default();
    let day = bytes / figures["seconds"].as_f64().unwrap_or(1.0) / scene.boxes as f64 * DAY_S;
    let own = json!({
        "event_every_s": EVENT_S,
        "measurement_every_s": MEASUREMENT_S,
        "bytes_per_box_and_day": day.round(),
    });
    let verdict = scene.verdict()?;
    print("steady", scene, vec![own, figures, verdict]);
    Ok(())
}

/// A lesson begins everywhere in the same second.
fn bell(scene: &mut Scene) -> Result<(), FleetError> {
    let before = scene.moment()?;
    let wanted = scene.platform.ledger().events() + scene.boxes as u64;
    scene.squads.order(&Order::Tell)?;
    let heard = scene.until("an event of every box", |scene| {
        Ok((scene.platform.ledger().events() >= wanted).then_some(()))
    })?;
    let figures = scene.since(&before, true)?;
    scene.all_true()?;
    let own = json!({
        "all_heard_s": round(heard.as_secs_f64()),
        "events_per_s": round(scene.boxes as f64 / heard.as_secs_f64()),
    });
    let verdict = scene.verdict()?;
    print("bell", scene, vec![own, figures, verdict]);
    Ok(())
}

/// The broker is away, and meanwhile a camera of each box is lost, or found.
fn outage(scene: &mut Scene, plan: &Plan, remembers: bool) -> Result<(), FleetError> {
    let clock = SystemClock::new();
    // Those of before are not of this outage.
    scene.squads.tries()?;
    if remembers {
        scene.broker.stop();
        scene.broker.wait();
    } else {
        scene.broker.kill();
    }
    let kept = scene.broker.kept_bytes();
    scene.squads.order(&Order::Tell)?;
    scene.squads.order(&Order::Lose(usize::from(remembers)))?;
    std::thread::sleep(Duration::from_secs(plan.outage_s));
    // A broker that forgot the platform throws away what nobody listens to: the
    // boxes' door opens when the platform is there.
    let is_gated = !remembers && !plan.ungated;
    if is_gated {
        scene.network.open(false)?;
    }
    let before = scene.moment()?;
    let back = clock.utc().as_millisecond();
    scene.broker.launch(remembers)?;
    let ready = clock.utc().as_millisecond();
    if is_gated {
        scene.platform.wait_until_listening();
        scene.network.open(true)?;
    }
    let up = scene.all_up()?;
    let settled = up + scene.all_true()?;
    let figures = scene.since(&before, false)?;
    let times = coming_back(&scene.squads.tries()?, back, scene.boxes);
    let own = json!({
        "outage_s": plan.outage_s,
        "persistence": remembers,
        "gated": is_gated,
        "broker_ready_s": round((ready - back) as f64 / 1000.0),
        "broker_kept_bytes": kept,
        "all_true_s": round(settled.as_secs_f64()),
    });
    let verdict = scene.verdict()?;
    let name = if remembers { "outage_ended_in_order" } else { "outage_killed_forgets" };
    print(name, scene, vec![own, times, figures, verdict]);
    Ok(())
}
