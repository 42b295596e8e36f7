//! A frame's header: what is read is written again as it was.

#![no_main]

use lectern_spool::frame::{HEADER_BYTES, Header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: [u8; HEADER_BYTES]| {
    let epoch = u64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes"));
    // Once as it is, once with the checksum that it should have.
    let mut right = bytes;
    right[..4].copy_from_slice(b"LFRM");
    right[4..8].copy_from_slice(&[1 + bytes[4] % 2, 0, bytes[6], bytes[7]]);
    let crc = crc32c::crc32c(&right[..HEADER_BYTES - 4]);
    right[HEADER_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
    for bytes in [bytes, right] {
        if let Some(header) = Header::decode(&bytes, epoch) {
            assert_eq!(Header::decode(&header.encode(), epoch), Some(header));
        }
    }
});
