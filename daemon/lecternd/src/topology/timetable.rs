//! The timetable and where it comes from.

use std::sync::Arc;

use lectern_api::Clock;
use tokio::sync::{Mutex, mpsc, watch};

use super::{REQUEST_DEPTH, endless};
use crate::config::{Config, TimetableUrl};
use crate::facts::Facts;
use crate::supervisor::Supervisor;
use crate::timetable::source::{Delivery, Ends, file, stick, web};
use crate::timetable::{self, Desk, InForce, Keeper};

/// What was in force before is again, before anybody is asked. Sources are read
/// again when `again` changes.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    facts: &Arc<Facts>,
    clock: &Arc<dyn Clock>,
    again: watch::Receiver<()>,
) -> (Desk, watch::Receiver<Arc<InForce>>) {
    let (asked_tx, asked_rx) = mpsc::channel::<timetable::Request>(REQUEST_DEPTH);
    // One at a time: a timetable may have 8 MiB.
    let (delivery_tx, delivery_rx) = mpsc::channel::<Delivery>(1);
    let (in_force_tx, in_force_rx) = watch::channel(Arc::new(InForce::default()));
    let settings = timetable::Settings {
        configured: config.timetable.url.is_some(),
        room: config.timetable.room.clone(),
        place: config.device.place.clone(),
        time_zone: config.device.time_zone.clone(),
        margins: config.timetable.margins,
    };
    let keeper =
        Keeper::open(settings, Arc::clone(facts), Arc::clone(clock), asked_rx, delivery_rx, in_force_tx);
    let keeper = Arc::new(Mutex::new(keeper));
    supervisor.unit("timetable", move || {
        let keeper = Arc::clone(&keeper);
        endless(async move { keeper.lock().await.run().await })
    });
    let ends = Ends { deliveries: delivery_tx, again };
    match config.timetable.url.clone() {
        Some(TimetableUrl::File(path)) => {
            let ends = ends.clone();
            supervisor.unit("timetable:file", move || endless(file::run(path.clone(), ends.clone())));
        }
        Some(TimetableUrl::Web(url)) => {
            let address = web::Address {
                url,
                credentials: config.timetable.credentials.clone(),
                ca: config.timetable.ca.clone(),
                proxy: config.timetable.proxy.clone(),
                refresh: config.timetable.refresh,
            };
            let ends = ends.clone();
            supervisor.unit("timetable:web", move || endless(web::run(address.clone(), ends.clone())));
        }
        None => {}
    }
    let sticks = config.timetable.sticks.clone();
    supervisor.unit("timetable:stick", move || endless(stick::run(sticks.clone(), ends.clone())));
    (Desk(asked_tx), in_force_rx)
}
