//! The bytes of interleaved sound as samples between -1 and 1.

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Signed 16 bit, little endian.
    S16,
    /// Float 32 bit, little endian.
    F32,
}

impl Encoding {
    /// Bytes of one sample of one channel.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::S16 => 2,
            Self::F32 => 4,
        }
    }

    /// Reads the sample in `bytes`; what is too short is silence.
    pub(crate) fn read(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Self::S16, [a, b, ..]) => f32::from(i16::from_le_bytes([*a, *b])) / 32_768.0,
            (Self::F32, [a, b, c, d, ..]) => f32::from_le_bytes([*a, *b, *c, *d]),
            _ => 0.0,
        }
    }

    /// Writes `value` into `bytes`, clipped to full scale.
    pub(crate) fn write(self, bytes: &mut [u8], value: f32) {
        match (self, bytes) {
            (Self::S16, [a, b, ..]) => {
                [*a, *b] = ((value * 32_768.0).round() as i16).to_le_bytes();
            }
            (Self::F32, [a, b, c, d, ..]) => [*a, *b, *c, *d] = value.clamp(-1.0, 1.0).to_le_bytes(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_and_are_clipped_at_full_scale() {
        for (encoding, loudest) in [(Encoding::S16, 32_767.0 / 32_768.0), (Encoding::F32, 1.0)] {
            let mut bytes = [0; 4];
            for value in [-1.0, -0.25, 0.0, 0.5] {
                encoding.write(&mut bytes[..encoding.bytes()], value);
                assert_eq!(encoding.read(&bytes[..encoding.bytes()]), value);
            }
            encoding.write(&mut bytes, 3.0);
            assert_eq!(encoding.read(&bytes), loudest);
        }
    }
}
