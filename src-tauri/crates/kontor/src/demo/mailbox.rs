//! Names of mailboxes: letters of the ASCII alphabet, and a number for whoever came later with the same name.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// Domain of the service; it lies in a reserved one (RFC 2606) and receives no mail.
pub(super) const DOMAIN: &str = "euro-mail.example.com";

/// Which names are taken. It keeps a number per name, not the names: with a million people it stays small.
#[derive(Debug, Default)]
pub(super) struct Register(HashMap<u64, u32>);

impl Register {
    /// The address for whoever wishes this name next; the name must have no digits. Should two names share a hash, one
    /// of them skips a number, which leaves both unique.
    pub fn take(&mut self, name: &str) -> String {
        let count = self.0.entry(hash(name)).or_insert(0);
        *count += 1;
        if *count == 1 { format!("{name}@{DOMAIN}") } else { format!("{name}{count}@{DOMAIN}") }
    }
}

/// FNV-1a: the standard library's hash may differ between its versions.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A text as people type it into an address: small letters without accents, hyphens kept, dots for blanks.
pub(super) fn typed(text: &str) -> String {
    let mut typed = String::with_capacity(text.len());
    for character in text.nfc().flat_map(char::to_lowercase) {
        match character {
            'ä' => typed.push_str("ae"),
            'ö' | 'ø' => typed.push_str("oe"),
            'ü' => typed.push_str("ue"),
            'ß' => typed.push_str("ss"),
            ' ' | '.' => separate(&mut typed, '.'),
            '-' => separate(&mut typed, '-'),
            other => typed.extend(other.nfkd().filter(char::is_ascii_lowercase)),
        }
    }
    typed.trim_matches(['.', '-']).to_owned()
}

/// Two separators never stand side by side.
fn separate(typed: &mut String, separator: char) {
    if typed.ends_with(|last: char| last.is_ascii_lowercase()) {
        typed.push(separator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_typed_without_umlauts() {
        for (text, expected) in [
            ("Müller-Lüdenscheidt", "mueller-luedenscheidt"),
            ("Dr. Zoë", "dr.zoe"),
            ("von und zu Weißenstein", "von.und.zu.weissenstein"),
            ("O'Connor", "oconnor"),
            ("Groß & Söhne Bau GmbH & Co. KG", "gross.soehne.bau.gmbh.co.kg"),
            ("Štěpán", "stepan"),
        ] {
            assert_eq!(typed(text), expected);
        }
    }

    #[test]
    fn the_second_of_a_name_gets_a_number() {
        let mut register = Register::default();
        let taken = ["a.b", "a.b", "c", "a.b"].map(|name| register.take(name));
        let expected = ["a.b", "a.b2", "c", "a.b3"].map(|name| format!("{name}@{DOMAIN}"));
        assert_eq!(taken, expected);
    }
}
