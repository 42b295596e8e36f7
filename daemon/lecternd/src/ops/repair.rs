//! `/api/v1/faults/{id}/repair`: somebody says that a fault is repaired, and the
//! box looks for itself before it believes it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;
use lectern_api::command::{Refusal, Role};
use lectern_api::fault::Fault;
use lectern_api::messages::{self, doctor as words};
use lectern_api::mqtt::{Channel, RepairEvent, Topic};
use lectern_api::receipt::{Receipt, Repaired};
use lectern_api::{Name, Text};
use lectern_mqtt::client::News;
use tokio::sync::{Mutex, mpsc, watch};

use super::api::{Api, Refused, Shared};
use super::faults::{on_disk, unreadable};
use super::peer::Peer;
use crate::receipts::Receipts;

/// A camera on the network opens within ten seconds, and a fault counts as over
/// after ten at most; the command line waits thirty.
const LOOKING: Duration = Duration::from_secs(12);

/// What a repair is noted with.
#[derive(Debug)]
pub(crate) struct Repairs {
    pub(crate) receipts: Receipts,
    /// Opens the sources, without recording, to look at them; for one at a time.
    pub(crate) look: Mutex<watch::Sender<bool>>,
    /// To the broker, where there is one.
    pub(crate) news: mpsc::Sender<News>,
}

/// Sources are open while this lives.
pub(super) struct Looking<'l>(&'l watch::Sender<bool>);

impl<'l> Looking<'l> {
    pub(super) fn begin(look: &'l watch::Sender<bool>) -> Self {
        look.send_replace(true);
        Self(look)
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.send_replace(false);
    }
}

fn refused(status: StatusCode, code: &str, text: Text) -> Refused {
    Refused(status, Refusal::new(code, text))
}

/// Every receipt, the oldest fault first.
pub(super) async fn list(State(api): Shared) -> Result<Json<Vec<Receipt>>, Refused> {
    let receipts = api.repairs.receipts.clone();
    on_disk(move || receipts.all()).await.map(Json).map_err(unreadable)
}

/// Looks again, and notes the repair when the fault is over.
pub(super) async fn note(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<u64>,
    body: Result<Json<Repaired>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Receipt>, Refused> {
    peer.at_least(Role::Technician)?;
    let bad = |text| refused(StatusCode::BAD_REQUEST, "bad_request", text);
    let Json(repaired) = body.map_err(|error| bad(messages::bad_request(error.body_text())))?;
    if !repaired.is_legible() {
        return Err(bad(words::bad_receipt()));
    }
    let (fault, until) = over(&api, id).await?;
    let took = until.duration_since(fault.since).as_secs();
    let receipt = Receipt {
        fault: id,
        code: fault.code,
        unit: fault.unit,
        since: fault.since,
        until,
        took_s: u64::try_from(took).unwrap_or_default(),
        noted: api.status.clock.utc(),
        repaired,
    };
    let (receipts, kept) = (api.repairs.receipts.clone(), receipt.clone());
    on_disk(move || receipts.keep(&kept)).await.map_err(|cause| {
        let text = words::receipt_not_written(cause);
        refused(StatusCode::INTERNAL_SERVER_ERROR, "receipt_not_written", text)
    })?;
    tracing::info!(id, code = receipt.code, by = receipt.repaired.by, who = peer.who(), "repaired");
    tell(&api, &receipt);
    Ok(Json(receipt))
}

/// The fault and since when it is over; refused while it is not.
async fn over(api: &Arc<Api>, id: u64) -> Result<(Fault, jiff::Timestamp), Refused> {
    let mut open = api.status.faults.clone();
    let find = |faults: &[Fault]| faults.iter().find(|fault| fault.id == id).cloned();
    let Some(fault) = find(&open.borrow_and_update()) else {
        let memory = api.faults.clone();
        let remembered = on_disk(move || memory.all()).await.map_err(unreadable)?;
        let past = find(&remembered).and_then(|fault| Some((fault.until?, fault)));
        let unknown = || refused(StatusCode::NOT_FOUND, "no_such_fault", words::no_such_fault(id));
        return past.map(|(until, fault)| (fault, until)).ok_or_else(unknown);
    };
    let look = api.repairs.look.lock().await;
    let looking = Looking::begin(&look);
    let gone = open.wait_for(|faults| faults.iter().all(|fault| fault.id != id));
    let is_gone = matches!(tokio::time::timeout(LOOKING, gone).await, Ok(Ok(_)));
    let now = api.status.clock.utc();
    drop(looking);
    if is_gone {
        return Ok((fault.clone(), now.max(fault.since)));
    }
    let unseen = is_unseen(api, &fault);
    let latest = find(&open.borrow()).unwrap_or(fault).text;
    let sentence = |text: &str| if unseen { words::not_seen(text) } else { words::still_wrong(text) };
    let text = Text { en: sentence(&latest.en).en, zh: sentence(&latest.zh).zh };
    Err(refused(StatusCode::CONFLICT, if unseen { "not_seen" } else { "still_wrong" }, text))
}

/// Whether the fault is of something that is looked at during a lesson only: a
/// live target that nobody broadcasts to.
fn is_unseen(api: &Api, fault: &Fault) -> bool {
    let is_live = matches!(fault.code.as_str(), "live.refused" | "live.stalled" | "uplink.down");
    is_live && api.status.lesson.borrow().on_air.is_none()
}

fn tell(api: &Api, receipt: &Receipt) {
    let Some(event) = RepairEvent::of(receipt) else { return };
    let (Ok(kind), Ok(body)) = (Name::new("repair"), serde_json::to_value(&event)) else { return };
    let topic = Topic::device(Channel::Event(kind));
    let news = News::Event { topic, time: receipt.noted, body };
    match api.repairs.news.try_send(news) {
        // Nobody listens where no broker is configured.
        Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
        Err(mpsc::error::TrySendError::Full(_)) => {
            tracing::error!(fault = receipt.fault, "the broker does not hear of a repair: too much waits");
        }
    }
}
