//! Contact data of a registration, field by field: reading, setting, and what cannot be taken.
//!
//! What this module leaves out: saving it (`change`).

use crate::delivery::address;
use crate::store::entities::registrations;

use super::vat_id;

/// Longest name that is taken, in characters.
const LONGEST_NAME: usize = 300;
/// Longest other text that is taken, in characters.
const LONGEST_TEXT: usize = 254;

/// A field that people change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `person` or `company`.
    Kind,
    /// Company.
    Company,
    /// First name; may be empty.
    FirstName,
    /// Last name; may be empty when there is a company.
    LastName,
    /// Mail address for invoices.
    Email,
    /// `de` or `en`.
    Language,
    /// Street and number.
    Street,
    /// Postal code.
    PostalCode,
    /// Town.
    City,
    /// Country, two letters.
    Country,
    /// VAT id.
    VatId,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is empty and must not be.
    Required,
    /// It is longer than so many characters.
    TooLong(usize),
    /// It contains a line break or a control character.
    ControlCharacter,
    /// The fonts of the invoice do not have these characters.
    NotPrintable(String),
    /// It is no mail address.
    NotAnAddress,
    /// It is no VAT id.
    NotAVatId,
    /// It is no country of two letters.
    NotACountry,
    /// It is none of the words, or does not have the form, that it must.
    Malformed,
}

impl Field {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 11] = [
        Self::Kind,
        Self::Company,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Language,
        Self::Street,
        Self::PostalCode,
        Self::City,
        Self::Country,
        Self::VatId,
    ];

    /// Name of the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Company => "company",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Language => "language",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Country => "country",
            Self::VatId => "vat_id",
        }
    }

    /// The field with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// What stands in a row.
    pub fn of(self, row: &registrations::Model) -> Option<String> {
        match self {
            Self::Kind => Some(row.kind.clone()),
            Self::Company => row.company.clone(),
            Self::FirstName => Some(row.first_name.clone()),
            Self::LastName => Some(row.last_name.clone()),
            Self::Email => Some(row.email.clone()),
            Self::Language => Some(row.language.clone()),
            Self::Street => row.street.clone(),
            Self::PostalCode => row.postal_code.clone(),
            Self::City => row.city.clone(),
            Self::Country => row.country.clone(),
            Self::VatId => row.vat_id.clone(),
        }
    }

    /// Sets it, without blanks around it; nothing and an empty text are the same.
    pub fn set(self, row: &mut registrations::Model, value: Option<&str>) {
        let given = value.map(str::trim).filter(|value| !value.is_empty());
        let text = given.unwrap_or_default().to_owned();
        let maybe = given.map(str::to_owned);
        match self {
            Self::Kind => row.kind = text,
            Self::Company => row.company = maybe,
            Self::FirstName => row.first_name = text,
            Self::LastName => row.last_name = text,
            Self::Email => row.email = text,
            Self::Language => row.language = text,
            Self::Street => row.street = maybe,
            Self::PostalCode => row.postal_code = maybe,
            Self::City => row.city = maybe,
            Self::Country => row.country = maybe.map(|country| country.to_uppercase()),
            Self::VatId => row.vat_id = maybe.map(|id| id.replace(' ', "").to_uppercase()),
        }
    }

    fn longest(self) -> usize {
        if matches!(self, Self::Company | Self::FirstName | Self::LastName) { LONGEST_NAME } else { LONGEST_TEXT }
    }

    /// Whether it stands on the paper.
    fn is_printed(self) -> bool {
        !matches!(self, Self::Kind | Self::Email | Self::Language)
    }
}

/// What of the contact data after a change cannot be taken. A fault that was there before, in a field that nobody
/// touched, keeps nobody from putting another right.
pub fn faults(before: &registrations::Model, after: &registrations::Model) -> Vec<(Field, Fault)> {
    let standing = all_faults(before);
    let mut faults = all_faults(after);
    faults.retain(|fault| fault.0.of(before) != fault.0.of(after) || !standing.contains(fault));
    faults
}

/// The first field with a character that no invoice can show.
pub fn unprintable(row: &registrations::Model) -> Option<Field> {
    let is_bad = |field: &Field| field.is_printed() && !bad_characters(&field.of(row).unwrap_or_default()).is_empty();
    Field::ALL.into_iter().find(is_bad)
}

fn all_faults(row: &registrations::Model) -> Vec<(Field, Fault)> {
    let mut faults: Vec<(Field, Fault)> =
        Field::ALL.into_iter().filter_map(|field| Some((field, text_fault(field, row)?))).collect();
    let mut add = |field: Field, fault: Fault| {
        // One fault a field is enough to go by.
        if !faults.iter().any(|(known, _)| *known == field) {
            faults.push((field, fault));
        }
    };
    if !matches!(row.kind.as_str(), "person" | "company") {
        add(Field::Kind, Fault::Malformed);
    }
    if !matches!(row.language.as_str(), "de" | "en") {
        add(Field::Language, Fault::Malformed);
    }
    if row.kind == "company" && row.company.is_none() {
        add(Field::Company, Fault::Required);
    }
    if row.last_name.is_empty() && row.company.is_none() {
        add(Field::LastName, Fault::Required);
    }
    if row.email.is_empty() {
        add(Field::Email, Fault::Required);
    } else if address::check(&row.email).is_err() {
        add(Field::Email, Fault::NotAnAddress);
    }
    if row.vat_id.as_deref().is_some_and(|id| vat_id::fault(id).is_some()) {
        add(Field::VatId, Fault::NotAVatId);
    }
    postal(row, &mut add);
    faults
}

/// Street, postal code and town go together; a postal address is no must.
fn postal(row: &registrations::Model, add: &mut impl FnMut(Field, Fault)) {
    let parts = [Field::Street, Field::PostalCode, Field::City];
    if parts.iter().any(|part| part.of(row).is_some()) {
        for part in parts.into_iter().filter(|part| part.of(row).is_none()) {
            add(part, Fault::Required);
        }
    }
    let country = row.country.as_deref().unwrap_or("DE");
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        add(Field::Country, Fault::NotACountry);
    }
    let is_german = |code: &str| code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
    if country == "DE" && row.postal_code.as_deref().is_some_and(|code| !is_german(code)) {
        add(Field::PostalCode, Fault::Malformed);
    }
}

fn text_fault(field: Field, row: &registrations::Model) -> Option<Fault> {
    let text = field.of(row)?;
    if text.chars().count() > field.longest() {
        return Some(Fault::TooLong(field.longest()));
    }
    if text.chars().any(char::is_control) {
        return Some(Fault::ControlCharacter);
    }
    let bad = if field.is_printed() { bad_characters(&text) } else { String::new() };
    (!bad.is_empty()).then_some(Fault::NotPrintable(bad))
}

/// Characters that the fonts of the invoice do not have, each once.
fn bad_characters(text: &str) -> String {
    let mut bad = String::new();
    let mut rest = text;
    while let Some(character) = kontor_pdf::uncovered(rest) {
        if !bad.contains(character) {
            bad.push(character);
        }
        let Some(at) = rest.find(character) else { break };
        rest = &rest[at + character.len_utf8()..];
    }
    bad
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn row() -> registrations::Model {
        registrations::Model {
            id: Uuid::nil(),
            customer_serial: 1,
            customer_number: "K-000001-3".to_owned(),
            kind: "person".to_owned(),
            company: None,
            first_name: "Jörg".to_owned(),
            last_name: "Weiß".to_owned(),
            email: "joerg@example.com".to_owned(),
            language: "de".to_owned(),
            street: None,
            postal_code: None,
            city: None,
            country: None,
            vat_id: None,
            state: "active".to_owned(),
            source: "signup".to_owned(),
            registered_at: DateTime::UNIX_EPOCH,
            search_text: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 1,
            seal: None,
            sort_name: String::new(),
        }
    }

    fn after(changes: &[(Field, &str)]) -> Vec<(Field, Fault)> {
        let mut row_after = row();
        for (field, value) in changes {
            field.set(&mut row_after, Some(value));
        }
        faults(&row(), &row_after)
    }

    #[test]
    fn every_fault_has_its_field() {
        let long = "x".repeat(301);
        for (changes, expected) in [
            (vec![(Field::Email, "joerg example.com")], (Field::Email, Fault::NotAnAddress)),
            (vec![(Field::Email, " ")], (Field::Email, Fault::Required)),
            (vec![(Field::LastName, "")], (Field::LastName, Fault::Required)),
            (vec![(Field::LastName, &long)], (Field::LastName, Fault::TooLong(300))),
            (vec![(Field::LastName, "王小明王")], (Field::LastName, Fault::NotPrintable("王小明".to_owned()))),
            (vec![(Field::FirstName, "J\u{7}")], (Field::FirstName, Fault::ControlCharacter)),
            (vec![(Field::Kind, "company")], (Field::Company, Fault::Required)),
            (vec![(Field::Kind, "robot")], (Field::Kind, Fault::Malformed)),
            (vec![(Field::VatId, "DE136695975")], (Field::VatId, Fault::NotAVatId)),
            (vec![(Field::Country, "Deutschland")], (Field::Country, Fault::NotACountry)),
        ] {
            assert_eq!(after(&changes), [expected], "{changes:?}");
        }
        let missing = [(Field::PostalCode, Fault::Required), (Field::City, Fault::Required)];
        assert_eq!(after(&[(Field::Street, "Weg 1")]), missing);
        let whole = [(Field::Street, "Weg 1"), (Field::PostalCode, "2410"), (Field::City, "Kiel")];
        assert_eq!(after(&whole), [(Field::PostalCode, Fault::Malformed)]);
        assert_eq!(after(&[&whole[..], &[(Field::Country, "at")]].concat()), []);
        assert_eq!(after(&[(Field::VatId, "de 136 695 976"), (Field::Email, " new@example.com ")]), []);
    }

    #[test]
    fn an_old_fault_does_not_keep_from_mending_another() {
        let mut before = row();
        before.email = "no address".to_owned();
        let mut after = before.clone();
        Field::LastName.set(&mut after, Some("Weiss"));
        assert_eq!(faults(&before, &after), []);
        Field::Email.set(&mut after, Some("still none"));
        assert_eq!(faults(&before, &after), [(Field::Email, Fault::NotAnAddress)]);
    }
}
