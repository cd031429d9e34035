//! Mail addresses, checked before anything is connected.

pub use lettre::Address;

use uuid::Uuid;

use crate::run::code::{self, Refusal};

/// Longest address that a mail server must take (RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets).
const LONGEST: usize = 254;

/// Reads an address; the refusal names no address, because codes and messages are kept.
pub fn check(text: &str) -> Result<Address, Refusal> {
    let refused = |why: &str| Refusal::new(code::ADDRESS_INVALID, why);
    if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(refused("it contains a blank or a control character"));
    }
    if text.len() > LONGEST {
        return Err(refused("it is longer than 254 characters"));
    }
    let address: Address = text.parse().map_err(|_| refused("it does not have the form name@domain"))?;
    if !address.domain().contains('.') && !address.domain().starts_with('[') {
        return Err(refused("its domain has no dot"));
    }
    Ok(address)
}

/// Envelope sender of a delivery: the office's address with the delivery's id in it (RFC 5233), so that whatever comes
/// back tells which mail it is about. The id fits where the office's own name leaves room (RFC 5321, 4.5.3.1.1).
pub fn return_path(delivery: Uuid, sender: &str) -> String {
    const ROOM: usize = 64 - 33;
    let (local, domain) = sender.rsplit_once('@').unwrap_or((sender, "localhost"));
    let local = if local.len() <= ROOM && !local.contains(['+', '"']) { local } else { "bounces" };
    format!("{local}+{}@{domain}", delivery.simple())
}

/// The mail that an address is the return path of, by its shape alone; the mail's row has the last word.
pub fn delivery_of(address: &str) -> Option<Uuid> {
    let (local, _) = address.rsplit_once('@')?;
    let (_, id) = local.rsplit_once('+')?;
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { Uuid::try_parse(id).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{check, delivery_of, return_path};

    #[test]
    fn a_return_path_leads_back_to_its_mail() {
        let id = Uuid::now_v7();
        let path = return_path(id, "rechnung@dienst.example.com");
        assert_eq!(delivery_of(&path), Some(id));
        assert_eq!(delivery_of(&path.to_uppercase()), Some(id));
        assert!(check(&path).is_ok());
        let long = format!("{}@example.com", "a".repeat(60));
        for sender in [long.as_str(), "a+b@example.com"] {
            let path = return_path(id, sender);
            assert!(check(&path).is_ok() && delivery_of(&path) == Some(id), "{path}");
        }
        for other in ["rechnung@example.com", "a+b@example.com", "+@", "", "a+0123456789abcdef0123456789abcdeg@b.de"] {
            assert_eq!(delivery_of(other), None, "{other}");
        }
    }

    #[test]
    fn addresses_are_told_from_others() {
        for good in ["a@example.com", "max.muster+x@mail.example.org", "o'neill@example.net"] {
            assert!(check(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "",
            "a",
            "a@",
            "@b.de",
            "a b@example.com",
            "a@example",
            "a@b@c.de",
            "a@ex..com",
            "x@example.com\r\nBcc: y",
            &long,
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
