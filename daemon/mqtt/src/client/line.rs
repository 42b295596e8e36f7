//! One connection to a broker: packets in, packets out, and a sign of life when
//! nothing else is said. It waits for nobody but the broker: whoever is slow to
//! take what came holds up reading, never writing.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rumqttc::{ConnAck, Connect, ConnectReturnCode, Packet, PubAck, Publish, QoS};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::codec::Framed;

use super::packets::{Came, Packets};
use crate::link::Stream;

/// What must be answered is answered within this, or the connection is dead.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// The broker does not let the box in.
    #[error("the broker refuses this box: {0}; check `credentials` and the broker's rules")]
    Refused(&'static str),
    /// Something else than MQTT 3.1.1 came.
    #[error("the broker says what MQTT 3.1.1 does not know: {0}; check that it is a broker")]
    Nonsense(String),
    /// The broker closed the connection.
    #[error("the broker closed the connection")]
    Closed,
    /// No answer came.
    #[error("the broker does not answer for {} s", ANSWER_LIMIT.as_secs())]
    Silent,
    /// Nobody is left who would send.
    #[error("the box ends")]
    Over,
}

impl From<rumqttc::mqttbytes::Error> for LineError {
    fn from(error: rumqttc::mqttbytes::Error) -> Self {
        match error {
            // The kernel's words for a connection that is gone.
            rumqttc::mqttbytes::Error::Io(_) => Self::Closed,
            other => Self::Nonsense(other.to_string()),
        }
    }
}

/// What came from the broker.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heard {
    /// It has the message of this packet identifier.
    Acknowledged(u16),
    /// It has a message for the box.
    Message(Publish),
}

/// An open connection.
pub(super) struct Line {
    packets: Framed<Box<dyn Stream>, Packets>,
    keepalive: Duration,
    last_sent: Instant,
    /// Since when an answer is owed.
    asked: Option<Instant>,
}

impl Line {
    /// Says who the box is. The caller bounds the time.
    pub(super) async fn open(stream: Box<dyn Stream>, connect: Connect) -> Result<Self, LineError> {
        let keepalive = Duration::from_secs(connect.keep_alive.into());
        let packets = Framed::new(stream, Packets::default());
        let mut line = Self { packets, keepalive, last_sent: Instant::now(), asked: None };
        line.send(Packet::Connect(connect)).await?;
        match line.packets.next().await.ok_or(LineError::Closed)?? {
            Came::Packet(Packet::ConnAck(ConnAck { code: ConnectReturnCode::Success, .. })) => {
                line.asked = None;
                Ok(line)
            }
            Came::Packet(Packet::ConnAck(ConnAck { code, .. })) => Err(LineError::Refused(words(code))),
            other => Err(LineError::Nonsense(format!("{other:?} before CONNACK"))),
        }
    }

    /// Carries packets until the connection ends.
    pub(super) async fn run(
        &mut self,
        outgoing: &mut mpsc::Receiver<Packet>,
        heard: &mpsc::Sender<Heard>,
    ) -> LineError {
        match self.carry(outgoing, heard).await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    async fn carry(
        &mut self,
        outgoing: &mut mpsc::Receiver<Packet>,
        heard: &mpsc::Sender<Heard>,
    ) -> Result<std::convert::Infallible, LineError> {
        let mut undelivered: Option<Heard> = None;
        loop {
            let ping_at = self.last_sent + self.keepalive;
            let lost_at = self.asked.map(|asked| asked + ANSWER_LIMIT);
            tokio::select! {
                permit = heard.reserve(), if undelivered.is_some() => {
                    let permit = permit.map_err(|_| LineError::Over)?;
                    if let Some(what) = undelivered.take() {
                        let ack = match &what {
                            Heard::Message(message) if message.qos == QoS::AtLeastOnce => Some(message.pkid),
                            _ => None,
                        };
                        permit.send(what);
                        if let Some(pkid) = ack {
                            self.send(Packet::PubAck(PubAck::new(pkid))).await?;
                        }
                    }
                }
                packet = self.packets.next(), if undelivered.is_none() => {
                    self.asked = None;
                    undelivered = match packet.ok_or(LineError::Closed)?? {
                        Came::Packet(packet) => understand(packet)?,
                        Came::Piece => None,
                    };
                }
                packet = outgoing.recv() => {
                    self.send(packet.ok_or(LineError::Over)?).await?;
                }
                () = sleep_until(ping_at) => self.send(Packet::PingReq).await?,
                () = sleep_until(lost_at.unwrap_or(ping_at)), if lost_at.is_some() && undelivered.is_none() => {
                    return Err(LineError::Silent);
                }
            }
        }
    }

    async fn send(&mut self, packet: Packet) -> Result<(), LineError> {
        let is_question = match &packet {
            Packet::Publish(publish) => publish.qos != QoS::AtMostOnce,
            Packet::PubAck(_) | Packet::Disconnect => false,
            _ => true,
        };
        timeout(ANSWER_LIMIT, self.packets.send(packet)).await.map_err(|_| LineError::Silent)??;
        self.last_sent = Instant::now();
        if is_question {
            self.asked = self.asked.or(Some(self.last_sent));
        }
        Ok(())
    }
}

/// What a packet of the broker means here.
fn understand(packet: Packet) -> Result<Option<Heard>, LineError> {
    match packet {
        Packet::PubAck(ack) => Ok(Some(Heard::Acknowledged(ack.pkid))),
        Packet::Publish(publish) if publish.qos != QoS::ExactlyOnce => Ok(Some(Heard::Message(publish))),
        Packet::PingResp => Ok(None),
        Packet::SubAck(ack) => {
            let refused =
                |code: &rumqttc::SubscribeReasonCode| matches!(code, rumqttc::SubscribeReasonCode::Failure);
            if ack.return_codes.iter().any(refused) {
                tracing::warn!("the broker lets this box listen to nobody: no commands will come");
            }
            Ok(None)
        }
        other => Err(LineError::Nonsense(format!("{other:?}"))),
    }
}

fn words(code: ConnectReturnCode) -> &'static str {
    match code {
        ConnectReturnCode::Success => "accepted",
        ConnectReturnCode::RefusedProtocolVersion => "it does not speak MQTT 3.1.1",
        ConnectReturnCode::BadClientId => "it does not take this box's name",
        ConnectReturnCode::ServiceUnavailable => "it is not ready",
        ConnectReturnCode::BadUserNamePassword => "wrong user or password",
        ConnectReturnCode::NotAuthorized => "not authorised",
    }
}
