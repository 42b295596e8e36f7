//! What a day of one box costs: TLS, TCP, keep-alive, everything that a provider
//! counts. Nothing is sped up: 96 boxes live a quarter of an hour each, all at
//! once, which together are one day.

use std::time::Duration;

use lectern_fleet::FleetError;
use lectern_fleet::day::Day;
use lectern_fleet::line::{progress, result};
use lectern_fleet::member::HEARTBEAT;
use lectern_fleet::squad::Order;
use serde_json::json;

use super::scene::Scene;

const SLICES: usize = 96;
const IDLE_MOST: u64 = 1_500_000;
const LESSONS_MOST: u64 = 5_000_000;

/// Measures a day.
pub(crate) fn money(day: Day) -> Result<(), FleetError> {
    let mut scene = Scene::set(SLICES, true)?;
    let before = scene.network.traffic()?;
    scene.squads.order(&Order::Dial)?;
    scene.all_up()?;
    scene.all_true()?;
    let connected = scene.network.traffic()?;
    let connection = (connected - before).bytes() / SLICES as u64;
    progress(format_args!("a connection costs {connection} bytes; {SLICES} slices of {HEARTBEAT:?} begin"));
    let messages = scene.platform.ledger().messages;
    scene.squads.order(&Order::Day(day))?;
    // A heartbeat of each falls into it, and every alarm and measurement.
    std::thread::sleep(HEARTBEAT + Duration::from_secs(1));
    scene.all_true()?;
    let lived = scene.network.traffic()? - connected;
    let messages = scene.platform.ledger().messages - messages;
    let verdict = scene.verdict()?;
    let most = if day == Day::Idle { IDLE_MOST } else { LESSONS_MOST };
    // A day has a connection too.
    let bytes = lived.bytes() + connection;
    let details = json!({
        "day": day,
        "bytes": bytes,
        "most_bytes": most,
        "met": bytes <= most,
        "up_bytes": lived.up_bytes,
        "down_bytes": lived.down_bytes,
        "packets": lived.packets,
        "messages": messages,
        "connection_bytes": connection,
        "script": day.script()?.len(),
        "lost": verdict["events_lost"],
    });
    result("day", 1, details);
    Ok(())
}
