//! MQTT within the binary messages of a WebSocket (OASIS MQTT 3.1.1, chapter 6).

use std::io;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _, TryStreamExt as _, future};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::io::{CopyToBytes, SinkWriter, StreamReader};

use super::Stream;

/// Shakes hands, and hands out what goes through as bytes.
pub(super) async fn open(url: &str, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, String> {
    let mut request = url.into_client_request().map_err(|error| error.to_string())?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("mqtt"));
    let (socket, _) =
        tokio_tungstenite::client_async(request, stream).await.map_err(|error| match error {
            // Its own words would repeat the whole answer.
            Error::Http(answer) => format!("it answers {}", answer.status()),
            other => other.to_string(),
        })?;
    let (sink, stream) = socket.split();
    let sink = sink.with(|bytes: Bytes| future::ready(Ok::<_, Error>(Message::Binary(bytes))));
    let writer = SinkWriter::new(CopyToBytes::new(sink.sink_map_err(io_error)));
    let binary = stream.map_err(io_error).try_filter_map(|message| {
        future::ready(match message {
            Message::Binary(bytes) => Ok(Some(bytes)),
            Message::Text(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "text where MQTT should be")),
            _ => Ok(None),
        })
    });
    Ok(Box::new(tokio::io::join(StreamReader::new(binary), writer)))
}

fn io_error(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::ConnectionAborted.into(),
        other => io::Error::other(other),
    }
}
