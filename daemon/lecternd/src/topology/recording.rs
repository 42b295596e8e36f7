//! The record: which encoder, two lanes, and the spool behind them.

use std::sync::Arc;

use lectern_api::Clock;
use lectern_api::hardware::EncoderStatus;
use lectern_spool::{Retention, Spool};
use tokio::sync::{Mutex, mpsc, watch};

use super::StartError;
use crate::capture::encoder::{self, EncoderKind};
use crate::capture::feed::ProgramFeed;
use crate::capture::record::{self, RecordPorts};
use crate::capture::schedule::{Lane, Schedule};
use crate::capture::session::EncodePlan;
use crate::capture::shutter::Shutter;
use crate::capture::writer::Recorded;
use crate::config::Program;
use crate::lesson::actor::Request;
use crate::spooler::{Progress, Spooler, keep_house};
use crate::supervisor::Supervisor;

/// What the record is told.
pub(super) struct Wishes {
    pub(super) schedule: watch::Receiver<Schedule>,
    pub(super) shutter: watch::Receiver<Shutter>,
}

/// What goes to the disk: by the way in, out at the spool.
pub(super) struct Line {
    pub(super) recorded: (mpsc::Sender<Recorded>, mpsc::Receiver<Recorded>),
    pub(super) drained: mpsc::Sender<Request>,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) retention: Retention,
}

/// What is known of encoders.
pub(super) struct Encoder {
    /// The one that was found, when one was.
    pub(super) found: watch::Receiver<Option<&'static EncoderKind>>,
    /// The same for people, with those that failed.
    pub(super) told: watch::Receiver<EncoderStatus>,
    /// Where to tell that the record failed with it.
    pub(super) failed: mpsc::Sender<&'static EncoderKind>,
}

/// Starts it.
pub(super) fn start(
    supervisor: &mut Supervisor,
    program: &Program,
    wishes: Wishes,
    feed: &Arc<ProgramFeed>,
    spool: &Arc<Spool>,
    line: Line,
    clock: &Arc<dyn Clock>,
) -> Result<Encoder, StartError> {
    // Which encoder: found while everything else starts, and again when the
    // record fails with the one that was found.
    let (encoder_tx, encoder_rx) = watch::channel::<Option<&'static EncoderKind>>(None);
    let (told_tx, told_rx) = watch::channel(EncoderStatus::default());
    let (failed_tx, failed_rx) = mpsc::channel(1);
    let failed_rx = Arc::new(Mutex::new(failed_rx));
    let (width, height, fps) = (program.width, program.height, program.fps);
    supervisor.unit("encoder", move || {
        let (found, failed) = (encoder_tx.clone(), Arc::clone(&failed_rx));
        let told = told_tx.clone();
        async move { encoder::choose(width, height, fps, &found, &told, &mut *failed.lock().await).await }
    });

    let plan = EncodePlan { width, height, fps, rate: program.record_rate };
    let (recorded_tx, recorded_rx) = line.recorded;
    let ports = RecordPorts {
        feed: Arc::clone(feed),
        schedule: wishes.schedule,
        shutter: wishes.shutter,
        encoder: encoder_rx.clone(),
        failed: failed_tx.clone(),
        seats: Arc::default(),
        spool: recorded_tx,
        clock: Arc::clone(clock),
    };
    for lane in Lane::BOTH {
        let (plan, ports) = (plan.clone(), ports.clone());
        supervisor
            .unit(format!("record:{}", lane.name()), move || record::run(lane, plan.clone(), ports.clone()));
    }
    let retention = line.retention.clone();
    let mut spooler =
        Spooler::new(Arc::clone(spool), recorded_rx, line.drained, line.progress, line.retention)?;
    supervisor.thread("spool", move || spooler.run()).map_err(StartError::Thread)?;
    let kept = Arc::clone(spool);
    supervisor.unit("house", move || keep_house(Arc::clone(&kept), retention.clone()));
    Ok(Encoder { found: encoder_rx, told: told_rx, failed: failed_tx })
}
