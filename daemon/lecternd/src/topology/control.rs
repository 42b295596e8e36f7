//! The control socket, and what answers there.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::StartError;
use crate::ops::api::{self, Api};
use crate::ops::peer::Peer;
use crate::ops::socket;
use crate::supervisor::Supervisor;

/// Binds it, so that it answers when this returns.
pub(super) fn start(supervisor: &mut Supervisor, path: PathBuf, api: Arc<Api>) -> Result<(), StartError> {
    let named = path.display().to_string();
    let failed = move |cause| StartError::Socket { path: named.clone(), cause };
    let listener = Arc::new(Mutex::new(Some(socket::bind(&path).map_err(&failed)?)));
    supervisor.unit("control", move || {
        let (api, listener, failed) = (Arc::clone(&api), Arc::clone(&listener), failed.clone());
        let path = path.clone();
        async move {
            // After a failure the socket is made anew.
            let first = listener.lock().await.take();
            let listener = match first {
                Some(listener) => listener,
                None => socket::bind(&path).map_err(&failed)?,
            };
            let service = api::router(api).into_make_service_with_connect_info::<Peer>();
            axum::serve(listener, service).await.map_err(failed)
        }
    });
    Ok(())
}
