//! VAT identification numbers: the German check digit (ISO 7064 MOD 11,10), the shape of the others (Annex of
//! Directive 2006/112/EC, article 215: two letters of the country, then its own form).

/// Says what is wrong with a VAT id; `None` when nothing is.
pub fn fault(text: &str) -> Option<&'static str> {
    let (country, rest) = match text.get(..2) {
        Some(country) => (country, &text[2..]),
        None => return Some("is too short for a VAT id"),
    };
    if !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some("does not begin with the two letters of a country");
    }
    if country == "DE" {
        return german(rest);
    }
    let plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'*');
    if plain && (2..=12).contains(&rest.len()) { None } else { Some("does not have the form of a VAT id") }
}

fn german(digits: &str) -> Option<&'static str> {
    let read: Option<Vec<u32>> = digits.chars().map(|character| character.to_digit(10)).collect();
    let Some(digits) = read else { return Some("has other characters than digits after DE") };
    let [first @ .., last] = &digits[..] else { return Some("has no digits after DE") };
    if first.len() != 8 {
        return Some("does not have nine digits after DE");
    }
    (check_digit(first) != *last).then_some("has a wrong check digit")
}

/// Check digit after ISO 7064 MOD 11,10.
pub fn check_digit(digits: &[u32]) -> u32 {
    let product = digits.iter().fold(10, |product, digit| {
        let sum = match (digit + product) % 10 {
            0 => 10,
            sum => sum,
        };
        2 * sum % 11
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn vat_ids_are_told_from_others() {
        // 136695976 is the example number in the published description of the procedure.
        assert_eq!(fault("DE136695976"), None);
        assert_eq!(fault("ATU12345678"), None);
        for wrong in ["DE136695975", "DE13669597", "136695976", "D", "", "FR", "DEabcdefghi", "DEX1366-95976", "ä1"] {
            assert!(fault(wrong).is_some(), "{wrong}");
        }
    }
}
