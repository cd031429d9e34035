//! Invoices on paper: a frozen invoice in, PDF bytes out; PDF bytes in, an audit out.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no files, no database. The same
//! content and the same [`RENDERER`] give the same bytes on every machine, which is what makes a damaged document
//! provably restorable. Left out: numbers, storage, delivery, and the embedded e-invoice.

pub mod audit;
mod body;
mod check;
pub mod content;
mod draw;
mod font;
pub mod format;
mod golden;
#[cfg(test)]
mod law;
pub mod legacy;
mod letter;
#[cfg(test)]
mod oracles;
mod paper;
mod qr;
mod reference;
pub mod report;
#[cfg(test)]
mod tests;
mod words;
mod wrap;

pub use check::check;
pub use content::Content;
pub use font::uncovered;
pub use golden::{Reference, SelfCheckError, references, self_check};

/// Version of everything that decides the bytes: program, library, fonts, template, compressor. It is stored with each
/// document; whoever changes what [`render`] draws raises the template number and the golden hashes with it.
pub const RENDERER: &str = "kontor-pdf 1 (krilla 0.8.2, Inter 4.001, template 2, miniz_oxide)";

/// Why an invoice cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The fonts lack a character, or it would be invisible on paper.
    #[error("the character {ch:?} (U+{:04X}) in {field} cannot be drawn", u32::from(*ch))]
    UncoveredCharacter {
        /// The first such character.
        ch: char,
        /// The whole text it stands in.
        text: String,
        /// The field it stands in, such as `recipient.name`.
        field: &'static str,
    },
    /// A text is longer than its place on the paper allows.
    #[error("{field} has {length} characters, more than the {limit} that fit")]
    TooLong {
        /// The field, such as `line.description`.
        field: &'static str,
        /// Its length in characters (of the payment code: in bytes).
        length: usize,
        /// The most that fits.
        limit: usize,
    },
    /// Sums on the paper would contradict each other.
    #[error("the sums do not agree: {0}")]
    Inconsistent(String),
    /// The content asks for something that no paper of this kind has.
    #[error("this content cannot be drawn: {0}")]
    Unsupported(String),
    /// The PDF library refused; this is a defect of the program.
    #[error("drawing failed: {0}")]
    Drawing(String),
}

/// Draws an invoice as PDF/A-3b.
///
/// Deterministic: the same content gives the same bytes, in every thread and every process of this [`RENDERER`].
pub fn render(content: &Content) -> Result<Vec<u8>, RenderError> {
    check(content)?;
    let pages = body::set(content)?;
    draw::draw(content, &body::title(content), &pages)
}
