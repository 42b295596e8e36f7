//! `/api/v1/pictures`: one still picture of each source, for an administrator
//! who asks. Never behind a closed shutter, nor while the timetable forbids to
//! look into the room.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use data_encoding::BASE64;
use futures_util::future::join_all;
use lectern_api::command::Role;
use lectern_api::messages::doctor as words;
use lectern_api::picture::Picture;
use lectern_api::{Name, Text};

use super::api::{Api, Refused, Shared};
use super::peer::Peer;
use super::repair::Looking;
use crate::capture::input::MixerInput;
use crate::capture::layout::Rect;
use crate::off_thread::off_thread;

/// A camera on the network opens within ten seconds.
const LOOKING: Duration = Duration::from_secs(11);

/// Where pictures of a source pass.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) source: Name,
    pub(crate) rect: Rect,
    pub(crate) input: Arc<MixerInput>,
}

/// One of each, all at once.
pub(super) async fn take(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<Vec<Picture>>, Refused> {
    peer.at_least(Role::Administrator)?;
    let look = api.repairs.look.lock().await;
    // Nobody opens a camera that may not look.
    let looking = forbidden(&api).is_none().then(|| Looking::begin(&look));
    let taken = join_all(api.windows.iter().map(|window| picture(&api, window))).await;
    drop(looking);
    let count = taken.iter().filter(|picture| picture.jpeg.is_some()).count();
    tracing::warn!(who = peer.who(), count, "still pictures of the room were handed out");
    Ok(Json(taken))
}

async fn picture(api: &Arc<Api>, window: &Window) -> Picture {
    let source = window.source.clone();
    match jpeg(api, window).await {
        Ok(jpeg) => Picture { source, jpeg: Some(BASE64.encode(&jpeg)), missing: None },
        Err(missing) => Picture { source, jpeg: None, missing: Some(missing) },
    }
}

async fn jpeg(api: &Arc<Api>, window: &Window) -> Result<Vec<u8>, Text> {
    if let Some(why) = forbidden(api) {
        return Err(why);
    }
    let taken = tokio::time::timeout(LOOKING, window.input.stills().next()).await;
    let Ok(Ok(still)) = taken else { return Err(forbidden(api).unwrap_or_else(words::picture_none)) };
    let (rect, at) = (window.rect, still.at);
    let jpeg = off_thread(move || still.jpeg(rect)).await.map_err(words::picture_failed)?;
    // The shutter may have closed meanwhile: whoever closes it means now.
    match forbidden(api) {
        None if !window.input.hides(at) => Ok(jpeg),
        why => Err(why.unwrap_or_else(words::picture_shutter)),
    }
}

/// Why nobody may look into the room now.
fn forbidden(api: &Api) -> Option<Text> {
    if api.status.shutter.borrow().is_closed() {
        return Some(words::picture_shutter());
    }
    let now = api.status.clock.utc();
    api.status.timetable.borrow().suspended_at(now).map(|reason| reason.text())
}
