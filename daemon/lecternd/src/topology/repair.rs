//! What the box does about its faults: the steps and who takes them.

use std::sync::Arc;

use lectern_helper::Client;
use tokio::sync::{Mutex, mpsc};

use super::endless;
use crate::config::Config;
use crate::health::{MenderPorts, Order, Report, Tools, take_orders};
use crate::repair::{Ends, Toolbox, Uplinks, UsbSource, keep_uplinks};
use crate::supervisor::Supervisor;

/// Beside the control socket.
const HELPER: &str = "helper.sock";

/// The ways out of this machine.
pub(super) fn uplinks(config: &Config) -> Arc<Uplinks> {
    Arc::new(Uplinks::new("/".into(), config))
}

/// Starts the unit that takes the steps, and the one that undoes what is not
/// wanted for long; gives the planner's ends of the first. A trial leaves the
/// machine alone.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    trial: bool,
    ends: Ends,
    is_idle: Arc<dyn Fn() -> bool + Send + Sync>,
) -> MenderPorts {
    // One step at a time.
    let (orders, orders_rx) = mpsc::channel::<Order>(1);
    let (reports_tx, reports) = mpsc::channel::<Report>(1);
    let sources = config.sources.iter().map(|source| {
        let plugged = UsbSource::new("/".into(), source.role, source.uri.clone());
        (source.name.to_string(), plugged)
    });
    let helper = (!trial).then(|| helper(config));
    if let Some(helper) = helper.clone() {
        let uplinks = Arc::clone(&ends.uplinks);
        supervisor.unit("uplink", move || {
            endless(keep_uplinks(Arc::clone(&uplinks), helper.clone(), Arc::clone(&is_idle)))
        });
    }
    let tools: Arc<dyn Tools> = Arc::new(Toolbox::new(sources.collect(), helper, ends));
    let (taking, orders_rx) = (Arc::clone(&tools), Arc::new(Mutex::new(orders_rx)));
    supervisor.unit("repair", move || {
        let (tools, orders, reports) = (Arc::clone(&taking), Arc::clone(&orders_rx), reports_tx.clone());
        endless(async move { take_orders(tools, &mut *orders.lock().await, reports).await })
    });
    MenderPorts { tools, orders, reports }
}

/// Whoever does what needs root.
pub(super) fn helper(config: &Config) -> Client {
    Client::new(&config.control.socket.with_file_name(HELPER))
}
