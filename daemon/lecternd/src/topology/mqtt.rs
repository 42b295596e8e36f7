//! The broker: what the box has to say there, and what is asked of it.

use std::sync::{Arc, Mutex};

use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_api::mqtt::{Answer, Inventory, Topic};
use lectern_api::status::DeviceStatus;
use lectern_mqtt::client::{self, LinkState, News, Ports, Wanted};
use lectern_mqtt::commands;
use lectern_mqtt::outbox::{Limits, Outbox};
use tokio::sync::{mpsc, watch};

use super::{StartError, endless};
use crate::config::Config;
use crate::mqtt::{self, Errands, Memory, Settings, Teller, Told};
use crate::supervisor::Supervisor;

/// Commands and answers under way: a broker that sends more waits.
const COMMAND_DEPTH: usize = 16;

/// What the units hear from the rest, and tell it.
pub(super) struct Ends {
    pub(super) heard: Heard,
    pub(super) news: (mpsc::Sender<News>, mpsc::Receiver<News>),
    pub(super) state: watch::Sender<LinkState>,
}

/// Who tells and changes settings for it.
pub(super) fn settings(config: &Config) -> Arc<Settings> {
    let allowed = config.mqtt.as_ref().map(|mqtt| mqtt.settings.clone()).unwrap_or_default();
    Arc::new(Settings::new(config, allowed))
}

/// What the broker hears of.
pub(super) struct Heard {
    pub(super) faults: watch::Receiver<Option<Vec<Fault>>>,
    pub(super) status: Told,
    pub(super) inventory: watch::Receiver<Option<Inventory>>,
}

/// Nothing where no broker is configured. An outbox that cannot be opened keeps
/// nobody from recording: the broker hears nothing of this box then.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    device: &DeviceStatus,
    Ends { heard, news: (news, told), state }: Ends,
    errands: Errands,
    clock: &Arc<dyn Clock>,
) -> Result<(), StartError> {
    let Some(broker) = &config.mqtt else { return Ok(()) };
    let folder = config.facts.path.with_file_name("outbox");
    let outbox = match Outbox::open(&folder, Limits::default()) {
        Ok((outbox, opened)) => {
            if opened.lost_something() {
                tracing::error!(?opened, "what waited for the broker was lost");
            }
            Arc::new(Mutex::new(outbox))
        }
        Err(error) => {
            tracing::error!(folder = %folder.display(), %error, "the broker hears nothing of this box");
            return Ok(());
        }
    };
    let (answer_tx, answers) = mpsc::channel::<(Topic, Answer)>(COMMAND_DEPTH);
    let (command_tx, wanted) = mpsc::channel::<Wanted>(COMMAND_DEPTH);
    let always = mqtt::standing(device)?;
    let (standing_tx, standing) = watch::channel(always.clone());
    let Heard { faults, status, inventory } = heard;
    let teller = Teller {
        told: status,
        inventory,
        always,
        standing: standing_tx,
        news,
        clock: Arc::clone(clock),
        measurements: Memory::default(),
    };
    supervisor.unit("mqtt:teller", move || teller.clone().run());
    let settings = mqtt::settings(broker, device.id.clone(), device.boot_id.clone())?;
    let ports = Ports { faults, standing, news: told, answers, commands: command_tx, state };
    let (caller, post) = client::units(settings, ports, Arc::clone(&outbox), Arc::clone(clock));
    let desk = commands::Desk {
        wanted,
        answers: answer_tx,
        allowed: broker.commands.clone(),
        outbox,
        executor: Arc::new(errands),
        clock: Arc::clone(clock),
    };
    let caller = Arc::new(tokio::sync::Mutex::new(caller));
    supervisor.unit("mqtt:link", move || {
        let caller = Arc::clone(&caller);
        endless(async move { caller.lock().await.run().await })
    });
    let post = Arc::new(tokio::sync::Mutex::new(post));
    supervisor.unit("mqtt:post", move || {
        let post = Arc::clone(&post);
        endless(async move { post.lock().await.run().await })
    });
    let desk = Arc::new(tokio::sync::Mutex::new(desk));
    supervisor.unit("mqtt:commands", move || {
        let desk = Arc::clone(&desk);
        endless(async move { desk.lock().await.run().await })
    });
    Ok(())
}
