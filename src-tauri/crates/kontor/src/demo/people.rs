//! People, made up: nobody of this name is meant, and no address here can receive mail (RFC 2606).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::company::Company;
use super::dice::Dice;
use super::fault::Reason;
use super::mailbox::typed;
use super::names::{FIRST, FIRST_ENGLISH, FIRST_FOREIGN, LAST, LAST_ENGLISH, LAST_FOREIGN, LAST_NOBLE, ODD};
use super::places::{STREETS, TOWNS};
use crate::number::Number;
use crate::store::entities::registrations;

/// Mail domains that people already have an address in.
const DOMAINS: [(u64, &str); 8] = [
    (30, "web.example.com"),
    (20, "post.example.org"),
    (14, "example.com"),
    (12, "online.example.net"),
    (9, "example.org"),
    (7, "mail.example.net"),
    (5, "example.net"),
    (3, "uni.example.org"),
];

/// Per mille of all people.
const COMPANIES: u64 = 60;
const ENGLISH: u64 = 40;
const WITHOUT_ADDRESS: u64 = 300;

/// A street with its number, the postal code, the town.
type Address = (String, String, String);

/// A customer before the office knows them.
#[derive(Clone, Debug)]
pub(super) struct Person {
    company: Option<Company>,
    first_name: String,
    last_name: String,
    is_english: bool,
    address: Option<Address>,
    /// The address that reaches them.
    pub email: String,
    /// The address that they typed, which differs for those who mistyped it.
    pub typed_email: String,
    /// The name that they wish their mailbox to have.
    pub wish: String,
}

impl Person {
    /// Makes one up; the trouble that they will have decides about name or address.
    pub fn draw(trouble: Option<Reason>, dice: &mut Dice) -> Self {
        let is_english = dice.per_mille(ENGLISH);
        let company = (!is_english && dice.per_mille(COMPANIES)).then(|| Company::draw(dice));
        let (first_name, last_name) = if is_english { english_name(dice) } else { name(dice) };
        let mut person = Self {
            is_english,
            address: address(company.is_some(), dice),
            email: String::new(),
            typed_email: String::new(),
            wish: wish(&first_name, &last_name, company.as_ref(), dice),
            company,
            first_name,
            last_name,
        };
        if trouble == Some(Reason::CharacterNotCovered) {
            person.take_odd_name(dice);
        }
        person.email = person.own_email(dice);
        person.typed_email = match trouble {
            Some(Reason::MistypedAddress) => mistyped(&person.email, dice),
            Some(Reason::AddressInvalid) => invalid(&person.email, dice),
            _ => person.email.clone(),
        };
        person
    }

    /// Nobody slipped.
    pub fn type_rightly(&mut self) {
        self.typed_email.clone_from(&self.email);
    }

    fn take_odd_name(&mut self, dice: &mut Dice) {
        let (first_name, last_name, wish) = dice.pick(&ODD);
        self.company = None;
        first_name.clone_into(&mut self.first_name);
        last_name.clone_into(&mut self.last_name);
        wish.clone_into(&mut self.wish);
    }

    fn own_email(&self, dice: &mut Dice) -> String {
        if let Some(company) = &self.company {
            let host = typed(&company.name).replace('.', "-");
            let office = dice.pick(&["info", "buchhaltung", "kontakt", "rechnungen"]);
            return format!("{office}@{host}.example.com");
        }
        let number = if dice.per_mille(450) { dice.between(1, 99).to_string() } else { String::new() };
        format!("{}{number}@{}", self.wish, dice.weighted(&DOMAINS))
    }

    /// The row that the sign-up site wrote; such rows have no seal.
    pub fn row(&self, id: Uuid, serial: i64, mailbox: &str, at: DateTime<Utc>) -> registrations::Model {
        let named = self.company.as_ref().is_none_or(|company| company.has_contact);
        let (street, postal_code, city) =
            self.address.clone().map_or((None, None, None), |(a, b, c)| (Some(a), Some(b), Some(c)));
        let mut row = registrations::Model {
            id,
            customer_serial: serial,
            customer_number: Number::customer(serial).to_string(),
            kind: if self.company.is_some() { "company" } else { "person" }.to_owned(),
            company: self.company.as_ref().map(|company| company.name.clone()),
            first_name: if named { self.first_name.clone() } else { String::new() },
            last_name: if named { self.last_name.clone() } else { String::new() },
            email: self.typed_email.clone(),
            language: if self.is_english { "en" } else { "de" }.to_owned(),
            country: street.is_some().then(|| "DE".to_owned()),
            street,
            postal_code,
            city,
            vat_id: self.company.as_ref().and_then(|company| company.vat_id.clone()),
            state: "active".to_owned(),
            source: "signup".to_owned(),
            registered_at: at,
            search_text: String::new(),
            created_at: at,
            updated_at: at,
            version: 1,
            seal: None,
            sort_name: String::new(),
        };
        row.search_text = crate::registration::search_text(&row, mailbox);
        row.sort_name = crate::registration::sort_name(&row);
        row
    }
}

fn name(dice: &mut Dice) -> (String, String) {
    let is_foreign = dice.per_mille(90);
    let first = if is_foreign { dice.pick(&FIRST_FOREIGN) } else { dice.pick(&FIRST) };
    let title = dice.weighted(&[(985, ""), (12, "Dr. "), (3, "Prof. Dr. ")]);
    let last = match dice.below(1_000) {
        0..8 => dice.pick(&LAST_NOBLE).to_owned(),
        8..45 => format!("{}-{}", dice.pick(&LAST), dice.pick(&LAST)),
        _ if is_foreign => dice.pick(&LAST_FOREIGN).to_owned(),
        45..70 => dice.pick(&LAST_FOREIGN).to_owned(),
        _ => dice.pick(&LAST).to_owned(),
    };
    (format!("{title}{first}"), last)
}

fn english_name(dice: &mut Dice) -> (String, String) {
    (dice.pick(&FIRST_ENGLISH).to_owned(), dice.pick(&LAST_ENGLISH).to_owned())
}

fn address(is_company: bool, dice: &mut Dice) -> Option<Address> {
    if dice.per_mille(if is_company { WITHOUT_ADDRESS / 6 } else { WITHOUT_ADDRESS }) {
        return None;
    }
    let (town, from, to) = dice.weighted(&TOWNS);
    let suffix = dice.weighted(&[(88, ""), (6, "a"), (3, "b"), (2, "c"), (1, " 1/2")]);
    let number = match dice.below(10) {
        0..6 => dice.between(1, 40),
        6..9 => dice.between(1, 120),
        _ => dice.between(1, 380),
    };
    let street = format!("{} {number}{suffix}", dice.pick(&STREETS));
    Some((street, format!("{:05}", dice.between(from, to)), town.to_owned()))
}

/// What people call their mailbox; never with digits, which are for those who come second.
fn wish(first_name: &str, last_name: &str, company: Option<&Company>, dice: &mut Dice) -> String {
    if let Some(company) = company {
        return typed(&company.name);
    }
    let first = typed(first_name.rsplit(". ").next().unwrap_or(first_name));
    let last = typed(last_name);
    let initial = first.chars().next().map(String::from).unwrap_or_default();
    match dice.below(20) {
        0..11 => format!("{first}.{last}"),
        11..14 => format!("{initial}.{last}"),
        14..16 => format!("{first}{last}"),
        16..18 => format!("{last}.{first}"),
        18 => format!("{first}_{last}"),
        _ => format!("{initial}{last}"),
    }
}

/// A slip of the hand in front of the `@`: the address stays valid, but nobody has it.
fn mistyped(email: &str, dice: &mut Dice) -> String {
    let Some((local, domain)) = email.split_once('@') else { return email.to_owned() };
    let letters: Vec<char> = local.chars().collect();
    let places: Vec<usize> = (1..letters.len()).filter(|at| can_slip(&letters, *at)).collect();
    let Some(at) = (!places.is_empty()).then(|| dice.pick(&places)) else { return format!("{local}x@{domain}") };
    let mut slipped = letters;
    match dice.below(3) {
        0 => slipped.swap(at - 1, at),
        1 => slipped.insert(at, slipped[at]),
        _ => {
            slipped.remove(at);
        }
    }
    format!("{}@{domain}", slipped.into_iter().collect::<String>())
}

/// Two different letters side by side: swapping, doubling and leaving out all change the address.
fn can_slip(letters: &[char], at: usize) -> bool {
    letters[at - 1].is_ascii_lowercase() && letters[at].is_ascii_lowercase() && letters[at - 1] != letters[at]
}

/// What cannot be an address, though the form of 2013 took it.
fn invalid(email: &str, dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => email.replace('@', "@@"),
        1 => email.replace('@', "."),
        2 => email.replace('@', " @"),
        _ => email.replace(".example.", ",example.").replace("@example.", "@example,"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::address;
    use crate::demo::dice::Purpose;

    fn people(trouble: Option<Reason>) -> Vec<Person> {
        (0..3_000).map(|number| Person::draw(trouble, &mut Dice::new(1, Purpose::Person, number))).collect()
    }

    fn is_reserved(email: &str) -> bool {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        ["example.com", "example.org", "example.net"]
            .iter()
            .any(|reserved| domain == *reserved || domain.ends_with(&format!(".{reserved}")))
    }

    #[test]
    fn mail_addresses_are_valid_and_in_reserved_domains() {
        for person in people(None).iter().chain(&people(Some(Reason::MistypedAddress))) {
            for email in [&person.email, &person.typed_email] {
                assert!(address::check(email).is_ok() && is_reserved(email), "{email}");
            }
            assert!(!person.wish.contains(|c: char| c.is_ascii_digit()), "{}", person.wish);
            assert!(address::check(&format!("{}9999@{}", person.wish, super::super::mailbox::DOMAIN)).is_ok());
        }
    }

    #[test]
    fn slips_change_the_address() {
        for person in people(Some(Reason::MistypedAddress)) {
            assert_ne!(person.email, person.typed_email);
        }
        for person in people(Some(Reason::AddressInvalid)) {
            assert!(address::check(&person.typed_email).is_err(), "{}", person.typed_email);
        }
    }

    #[test]
    fn only_odd_names_lack_a_glyph() {
        let text = |person: &Person| format!("{person:?}");
        assert!(people(None).iter().all(|person| kontor_pdf::uncovered(&text(person)).is_none()));
        let odd = people(Some(Reason::CharacterNotCovered));
        assert!(odd.iter().all(|person| kontor_pdf::uncovered(&text(person)).is_some()));
    }

    #[test]
    fn people_are_as_many_sided_as_customers() {
        let people = people(None);
        let count = |is: &dyn Fn(&Person) -> bool| people.iter().filter(|person| is(person)).count();
        assert!((120..240).contains(&count(&|person| person.company.is_some())));
        assert!((750..1_000).contains(&count(&|person| person.address.is_none())));
        assert!((80..170).contains(&count(&|person| person.is_english)));
        assert!(count(&|person| person.last_name.contains('-')) > 60);
        assert!(count(&|person| person.last_name.contains(['ä', 'ö', 'ü'])) > 300);
        assert!(count(&|person| person.last_name.contains('ß')) > 20);
    }
}
