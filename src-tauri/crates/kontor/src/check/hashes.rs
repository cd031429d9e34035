//! Which single bit makes bytes fit their hash again.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Longer bytes take too long: the work grows with the square of the length.
const LONGEST: usize = 24 * 1024;
/// Bytes that SHA-256 takes at once.
const BLOCK: usize = 64;

/// Bytes with one bit turned back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flip {
    /// The bytes as they were.
    pub bytes: Vec<u8>,
    /// Which byte was hit, from the first.
    pub byte: usize,
    /// Which bit of it; 0 is the lowest.
    pub bit: u8,
}

/// Turns back the one bit with which the bytes have this hash. What stands before the bit is hashed once for all.
pub(super) fn flipped_back(bytes: &[u8], hash: &[u8]) -> Option<Flip> {
    if bytes.len() > LONGEST {
        return None;
    }
    let mut state = Sha256::new();
    let mut before = Vec::with_capacity(bytes.len() / BLOCK + 1);
    for block in bytes.chunks(BLOCK) {
        before.push(state.clone());
        state.update(block);
    }
    let (byte, bit) = before.into_par_iter().enumerate().find_map_any(|(block, state)| {
        let start = block * BLOCK;
        let mut rest = bytes[start..].to_vec();
        for at in 0..BLOCK.min(rest.len()) {
            for bit in 0..8_u8 {
                rest[at] ^= 1 << bit;
                if state.clone().chain_update(&rest).finalize()[..] == *hash {
                    return Some((start + at, bit));
                }
                rest[at] ^= 1 << bit;
            }
        }
        None
    })?;
    let mut right = bytes.to_vec();
    right[byte] ^= 1 << bit;
    Some(Flip { bytes: right, byte, bit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_turned_back() {
        let right: Vec<u8> = (0..150_u8).collect();
        let hash = Sha256::digest(&right);
        for byte in [0, 1, 63, 64, 127, 128, 149] {
            for bit in 0..8 {
                let mut wrong = right.clone();
                wrong[byte] ^= 1 << bit;
                assert_eq!(flipped_back(&wrong, &hash), Some(Flip { bytes: right.clone(), byte, bit }));
            }
        }
        assert_eq!(flipped_back(&[1, 2, 3], &hash), None);
    }
}
