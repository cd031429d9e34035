//! What brings a damaged document back, and why nothing does.
//!
//! Only bytes with the stored hash are called proven: drawn again from the frozen content by the renderer that drew them
//! first, with one bit turned back, or a hash that was hit itself. Otherwise the proposal says of each way why it was closed.
//! A hash that a withdrawn host made in its bad time proves nothing by itself; where drawing again gives it, two machines agree.

use kontor_pdf::content::{Content, sha256};

use super::documents::Paper;
use crate::check::candidates::differ_by_a_bit;
use crate::check::facts::Searches;
use crate::check::hashes;
use crate::check::proposal::{Action, Change, Evidence, Proposal, Reason};
use crate::seal::hex;

/// How a PDF ends.
const END: &[u8] = b"%%EOF";

/// What brings the bytes or the hash back, or what is to be done instead, and why.
pub(super) fn proposal(paper: &Paper, searches: &Searches) -> Proposal {
    let hash = &paper.document.sha256[..];
    let not_drawn = match drawn(paper) {
        Ok(()) => return restored(hash, Reason::new("drawn_again")),
        Err(reason) => reason,
    };
    let found = sha256(&paper.document.bytes);
    if differ_by_a_bit(&found, hash) {
        let mut proposal = restored(&found, Reason::new("hash_itself_hit"));
        proposal.changes = vec![Change { field: "sha256".to_owned(), value: Some(hex(&found)) }];
        return doubted(paper, proposal);
    }
    match flipped(paper, searches) {
        Ok(flip) => {
            let fits = Reason::new("hash_fits").with("byte", flip.byte).with("bit", flip.bit);
            doubted(paper, restored(hash, fits))
        }
        Err(not_flipped) => anew(paper).because(not_drawn).because(not_flipped),
    }
}

fn doubted(paper: &Paper, proposal: Proposal) -> Proposal {
    match &paper.suspect {
        Some(host) => proposal.doubted(host, Evidence::Single),
        None => proposal,
    }
}

fn restored(hash: &[u8], reason: Reason) -> Proposal {
    let mut proposal = Proposal::act(Action::RestoreDocument, Evidence::Proven).because(reason);
    proposal.value = Some(hex(hash));
    proposal
}

/// Nothing gives the stored hash: what the old programs never let out of the house is issued for the first time. A mail
/// that Kontor stored fits its own document only, so nothing is put in its place.
pub(super) fn anew(paper: &Paper) -> Proposal {
    if paper.has_left {
        Proposal::act(Action::Decide, Evidence::None).because(Reason::new("substitute"))
    } else if paper.document.origin == "legacy" {
        Proposal::act(Action::Rerun, Evidence::Single)
            .because(Reason::new("never_left"))
            .on("invoices", paper.invoice.id)
    } else {
        Proposal::act(Action::Decide, Evidence::None).because(Reason::new("restore_backup"))
    }
}

/// Whether it has its hash when it is drawn again; if not, why.
fn drawn(paper: &Paper) -> Result<(), Reason> {
    let (Some(text), Some(hash)) = (&paper.invoice.snapshot, &paper.invoice.snapshot_sha256) else {
        return Err(Reason::against("no_content"));
    };
    let renderer = paper.document.renderer.as_deref().unwrap_or_default();
    if renderer != kontor_pdf::RENDERER {
        return Err(Reason::against("other_renderer").with("renderer", renderer));
    }
    let content = Some(text).filter(|text| sha256(text)[..] == hash[..]);
    let Some(content) = content.and_then(|text| Content::from_bytes(text).ok()) else {
        return Err(Reason::against("content_broken"));
    };
    let drawn = kontor_pdf::render(&content).ok();
    let has_hash = drawn.is_some_and(|bytes| sha256(&bytes)[..] == paper.document.sha256[..]);
    if has_hash { Ok(()) } else { Err(Reason::against("drawn_otherwise")) }
}

/// The bit with which the bytes have their hash; if there is none, why.
fn flipped(paper: &Paper, searches: &Searches) -> Result<hashes::Flip, Reason> {
    let bytes = &paper.document.bytes;
    if !ends_whole(bytes) {
        return Err(Reason::against("cut_off"));
    }
    if !hashes::is_affordable(bytes.len(), std::slice::from_ref(&(0..bytes.len()))) {
        return Err(Reason::against("too_long"));
    }
    if !searches.take() {
        return Err(Reason::against("searched_enough"));
    }
    hashes::flipped_back(bytes, &paper.document.sha256).ok_or_else(|| Reason::against("no_single_bit"))
}

/// Whether the end is there, one bit of it perhaps flipped.
fn ends_whole(bytes: &[u8]) -> bool {
    let end = bytes.trim_ascii_end();
    let tails = [end, bytes, bytes.get(..bytes.len().saturating_sub(1)).unwrap_or_default()];
    tails.iter().any(|tail| {
        let last = tail.len().checked_sub(END.len()).and_then(|start| tail.get(start..));
        last.is_some_and(|last| last == END || differ_by_a_bit(last, END))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_end_is_told_from_one_that_was_hit() {
        for whole in [&b"x%%EOF"[..], b"x%%EOF\n", b"x%%EOF\r\n", b"x%%EOG\n", b"x%%EOF\x0b", b"x%%EOF*"] {
            assert!(ends_whole(whole), "{whole:?}");
        }
        for cut in [&b""[..], b"%%E", b"x%%EO", b"x endobj"] {
            assert!(!ends_whole(cut), "{cut:?}");
        }
    }
}
