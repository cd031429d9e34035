//! Which single bit makes bytes fit their hash again.
//!
//! A bit in the middle leaves what stands before it alone, so that part is hashed once for all; what follows is hashed anew
//! for each bit. The work therefore grows with the square of the length, and is bounded. It keeps all cores busy: call
//! it where that hinders nobody.

use std::ops::Range;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Most bytes that are hashed for one search: enough for bytes of 80 kB, a few seconds on two cores.
const MOST_WORK: u64 = 25_600_000_000;
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

/// Turns back the one bit with which the bytes have this hash.
pub(super) fn flipped_back(bytes: &[u8], hash: &[u8]) -> Option<Flip> {
    flipped_back_within(bytes, std::slice::from_ref(&(0..bytes.len())), hash)
}

/// The same, where the bit can only lie in these places.
pub(super) fn flipped_back_within(bytes: &[u8], places: &[Range<usize>], hash: &[u8]) -> Option<Flip> {
    if !is_affordable(bytes.len(), places) {
        return None;
    }
    let is_wanted = |at: usize| places.iter().any(|place| place.contains(&at));
    let mut state = Sha256::new();
    let mut before = Vec::new();
    for (index, block) in bytes.chunks(BLOCK).enumerate() {
        let start = index * BLOCK;
        if places.iter().any(|place| place.start < start + BLOCK && start < place.end) {
            before.push((start, state.clone()));
        }
        state.update(block);
    }
    let (byte, bit) = before.into_par_iter().find_map_any(|(start, state)| {
        let mut rest = bytes[start..].to_vec();
        for at in 0..BLOCK.min(rest.len()) {
            if !is_wanted(start + at) {
                continue;
            }
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

/// Whether a search in these places of so many bytes is within bounds.
pub(super) fn is_affordable(length: usize, places: &[Range<usize>]) -> bool {
    let work = |place: &Range<usize>| 8 * (place.len() as u64) * (length - place.start.min(length)) as u64;
    // On average half of what follows the first place is hashed for each bit.
    places.iter().map(work).sum::<u64>() / 2 <= MOST_WORK
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
                let found = flipped_back_within(&wrong, &[0..64, 149..150], &hash).map(|flip| (flip.byte, flip.bit));
                assert_eq!(found, [0, 1, 63, 149].contains(&byte).then_some((byte, bit)));
            }
        }
        assert_eq!(flipped_back(&[1, 2, 3], &hash), None);
    }

    #[test]
    fn what_takes_too_long_is_not_tried() {
        let whole = |length: usize| is_affordable(length, std::slice::from_ref(&(0..length)));
        assert!(whole(40_000) && whole(80_000) && !whole(81_000));
        // Head and tail of a long message, without the document between them.
        assert!(is_affordable(2_000_000, &[0..1_500, 1_999_900..2_000_000]));
    }
}
