//! Bytes of a text file, in whatever encoding the school's computer wrote.

use encoding_rs::{Encoding, GB18030};
use lectern_api::messages::import as words;

use crate::mistake::{Mistake, Mistakes, Place};

/// UTF-8, UTF-16 with a byte order mark, or GBK (GB 18030, which contains it).
pub(super) fn decode(bytes: &[u8]) -> Result<String, Mistakes> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return if damaged { Err(undecodable(&text)) } else { Ok(text.into_owned()) };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, damaged) = GB18030.decode_without_bom_handling(bytes);
    if damaged { Err(undecodable(&text)) } else { Ok(text.into_owned()) }
}

fn undecodable(text: &str) -> Mistakes {
    let at = text.find('\u{fffd}').unwrap_or(0);
    let wrong = (words::undecodable(), words::undecodable_remedy());
    Mistakes(vec![Mistake::new(Place::at(text, at), "", wrong)])
}
