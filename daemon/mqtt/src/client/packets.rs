//! Packets from and to a broker. A message that is longer than anything the box
//! takes is passed over, piece by piece: were it the end of the connection, a
//! broker that keeps one would end every connection of the box.

use bytes::{Buf as _, BytesMut};
use rumqttc::mqttbytes::Error;
use rumqttc::{Codec, Packet};
use tokio_util::codec::{Decoder, Encoder};

/// A command may carry a timetable.
const MAX_PACKET_BYTES: usize = 1 << 20;
/// PUBLISH, in the upper half of a packet's first byte.
const PUBLISH: u8 = 3;

/// Bytes to packets, and back.
#[derive(Debug)]
pub(super) struct Packets {
    codec: Codec,
    /// So much is to be passed over still.
    rest: usize,
}

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    /// One packet.
    Packet(Packet),
    /// A piece of a message that is too long.
    Piece,
}

impl Default for Packets {
    fn default() -> Self {
        let codec = Codec { max_incoming_size: MAX_PACKET_BYTES, max_outgoing_size: MAX_PACKET_BYTES };
        Self { codec, rest: 0 }
    }
}

impl Decoder for Packets {
    type Item = Came;
    type Error = Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Came>, Error> {
        if self.rest == 0
            && let Some((PUBLISH, head, body)) = announced(bytes)
            && body > MAX_PACKET_BYTES
        {
            tracing::warn!(bytes = body, "a message of the broker is too long, and passed over");
            self.rest = head + body;
        }
        if self.rest == 0 {
            return Ok(self.codec.decode(bytes)?.map(Came::Packet));
        }
        let piece = self.rest.min(bytes.len());
        bytes.advance(piece);
        self.rest -= piece;
        Ok((piece > 0).then_some(Came::Piece))
    }
}

impl Encoder<Packet> for Packets {
    type Error = Error;

    fn encode(&mut self, packet: Packet, bytes: &mut BytesMut) -> Result<(), Error> {
        self.codec.encode(packet, bytes)
    }
}

/// The kind of the packet that begins here, the length of its fixed header and
/// what stands behind that; nothing while too little is here, or it is none.
fn announced(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (kind, lengths) = bytes.split_first()?;
    let mut body = 0;
    for (place, byte) in (0..4).zip(lengths) {
        body |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((kind >> 4, 2 + place, body));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rumqttc::{Publish, QoS};

    fn message(topic: &str, bytes: usize) -> BytesMut {
        let mut written = BytesMut::new();
        let mut codec = Codec { max_incoming_size: 0, max_outgoing_size: usize::MAX };
        let publish = Publish::new(topic, QoS::AtMostOnce, vec![b'x'; bytes]);
        codec.encode(Packet::Publish(publish), &mut written).unwrap();
        written
    }

    /// The topics of what comes through, when bytes arrive in pieces of a length.
    fn heard(bytes: &[u8], piece: usize) -> Vec<String> {
        let (mut packets, mut buffer, mut topics) = (Packets::default(), BytesMut::new(), Vec::new());
        for piece in bytes.chunks(piece) {
            buffer.extend_from_slice(piece);
            while let Some(came) = packets.decode(&mut buffer).unwrap() {
                if let Came::Packet(Packet::Publish(publish)) = came {
                    topics.push(publish.topic);
                }
            }
            assert!(buffer.len() <= MAX_PACKET_BYTES + 5, "{} bytes are kept", buffer.len());
        }
        topics
    }

    #[test]
    fn a_message_that_is_too_long_is_passed_over_and_the_next_one_is_heard() {
        let long = message("long", 3 << 20);
        let whole = [message("a", 9), long.clone(), message("b", 300), long, message("c", 0)].concat();
        for piece in [1 << 12, 65_537, usize::MAX] {
            let topics = if piece == usize::MAX {
                let (mut packets, mut buffer, mut topics) =
                    (Packets::default(), BytesMut::from(&whole[..]), Vec::new());
                while let Some(came) = packets.decode(&mut buffer).unwrap() {
                    if let Came::Packet(Packet::Publish(publish)) = came {
                        topics.push(publish.topic);
                    }
                }
                topics
            } else {
                heard(&whole, piece)
            };
            assert_eq!(topics, ["a", "b", "c"], "in pieces of {piece}");
        }
    }

    #[test]
    fn the_longest_that_a_box_takes_comes_through_whole_or_in_single_bytes() {
        let most = message("most", MAX_PACKET_BYTES - 2 - "most".len());
        assert_eq!(heard(&most, 1 << 16), ["most"]);
        let more = message("more", MAX_PACKET_BYTES - 2 - "more".len() + 1);
        assert_eq!(heard(&more, 1 << 16), [""; 0]);
        assert_eq!(heard(&message("a", 200), 1), ["a"]);
    }

    #[test]
    fn no_head_of_any_kind_is_taken_for_another() {
        assert_eq!(announced(&[]), None);
        assert_eq!(announced(&[0x30]), None);
        assert_eq!(announced(&[0x30, 0x80]), None);
        assert_eq!(announced(&[0x30, 0xff, 0xff, 0xff, 0x7f]), Some((PUBLISH, 5, 268_435_455)));
        assert_eq!(announced(&[0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]), None, "five bytes are no length");
        assert_eq!(announced(&[0xd0, 0]), Some((13, 2, 0)));
    }
}
