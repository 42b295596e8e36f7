//! The group that is told of what a person must act on.

use std::sync::Arc;

use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_api::status::RobotStatus;
use tokio::sync::watch;

use crate::config::Config;
use crate::facts::Facts;
use crate::robot::Robot;
use crate::supervisor::Supervisor;

/// Nothing where no robot is configured.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    faults: watch::Receiver<Option<Vec<Fault>>>,
    facts: &Arc<Facts>,
    clock: &Arc<dyn Clock>,
) -> Option<watch::Receiver<RobotStatus>> {
    let (Some(address), device) = (config.robot.clone(), &config.device) else { return None };
    let kind = address.kind.word().to_owned();
    let (state, told) = watch::channel(RobotStatus { kind, ..RobotStatus::default() });
    let named = [device.place.as_str(), device.id.as_str()];
    let robot = Robot {
        address,
        faults,
        state,
        facts: Arc::clone(facts),
        named: named.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        language: device.language,
        time_zone: device.time_zone.clone(),
        clock: Arc::clone(clock),
    };
    supervisor.unit("robot", move || robot.clone().run());
    Some(told)
}
