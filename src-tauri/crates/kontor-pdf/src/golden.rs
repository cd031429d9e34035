//! The hashes that the reference invoices must have, so that changed bytes never go out under an old version.
//!
//! When a change of the drawing is meant: raise the template (or library) number in [`crate::RENDERER`], run
//! `cargo test -p kontor-pdf golden -- --nocapture`, look at the pages, and copy the printed hashes and the
//! new version here. Documents that were stored under the old version stay as they are.

use crate::content::{Content, sha256};
use crate::draw::hex;
use crate::{RENDERER, RenderError, reference, render};

/// The version that the hashes below belong to.
const GOLDEN_RENDERER: &str = "kontor-pdf 1 (krilla 0.8.2, Inter 4.001, template 2, miniz_oxide)";

/// A reference invoice: its name, its content, the SHA-256 of its PDF.
type Golden = (&'static str, fn() -> Content, &'static str);

const GOLDEN: [Golden; 5] = [
    ("one line", reference::one_line, "3d0744d0140af5537f10236a8b5e7c87d724e4b9ffa3f52898b288728867dd20"),
    ("English company", reference::english_company, "fb99177b6ebeb9cdb671f2e7bd769ceda2dc192a298fd4a9953c3cc079e142e2"),
    ("cancellation", reference::cancellation, "7523fbbd2334d673c1a76011293fdc156c693bf7226b35e3dfceef2aec3a1781"),
    ("120 lines", reference::many_lines, "8cb0deb75a555be0a2e06fa67f78ff64549d0459974db0bfe77e3ced7d7f9164"),
    ("long name", reference::long_name, "719c5134da503db8073caf4ad28866a485a456b2b54fc3de17de45da9a6cd995"),
];

/// Why this program must not draw invoices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelfCheckError {
    /// A reference invoice could not be drawn at all.
    #[error("the reference invoice \"{name}\" cannot be drawn: {source}")]
    Render {
        /// Name of the reference invoice.
        name: &'static str,
        /// What went wrong.
        source: RenderError,
    },
    /// A reference invoice came out with other bytes.
    #[error("the reference invoice \"{name}\" has SHA-256 {found}, but {renderer} is known to give {expected}")]
    Differs {
        /// Name of the reference invoice.
        name: &'static str,
        /// The golden hash.
        expected: &'static str,
        /// The hash of what this program drew.
        found: String,
        /// [`RENDERER`].
        renderer: &'static str,
    },
    /// The version was raised without new golden hashes.
    #[error("the golden hashes belong to {golden}, this program calls itself {renderer}")]
    Version {
        /// The version that the golden hashes belong to.
        golden: &'static str,
        /// [`RENDERER`].
        renderer: &'static str,
    },
}

/// A reference invoice, and what its PDF must hash to.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub content: Content,
    /// The golden hash, in hexadecimal digits.
    pub sha256: &'static str,
}

/// The reference invoices, for whoever draws them again while it works: what came out right at the start and comes out
/// otherwise later was hit in memory.
pub fn references() -> Vec<Reference> {
    GOLDEN.iter().map(|(name, content, sha256)| Reference { name, content: content(), sha256 }).collect()
}

/// Draws the reference invoices and compares their hashes; shipped programs call it before they draw for real.
///
/// It takes some 10 ms. A failure means that this build would put other bytes under the same version, so that damaged
/// documents could no longer be proven right.
pub fn self_check() -> Result<(), SelfCheckError> {
    if GOLDEN_RENDERER != RENDERER {
        return Err(SelfCheckError::Version { golden: GOLDEN_RENDERER, renderer: RENDERER });
    }
    GOLDEN.iter().try_for_each(|(name, content, expected)| {
        let pdf = render(&content()).map_err(|source| SelfCheckError::Render { name, source })?;
        let found = hex(&sha256(&pdf));
        if found == *expected {
            return Ok(());
        }
        Err(SelfCheckError::Differs { name, expected, found, renderer: RENDERER })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_hashes_hold() {
        for (name, content, _) in &GOLDEN {
            println!("{name}: {}", hex(&sha256(&render(&content()).unwrap())));
        }
        assert_eq!(self_check(), Ok(()));
    }

    #[test]
    fn same_bytes_twice_and_from_several_threads() {
        let draw = || GOLDEN.iter().map(|(_, content, _)| render(&content()).unwrap()).collect::<Vec<_>>();
        let first = draw();
        assert_eq!(first, draw());
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), first);
        }
    }
}
