//! One line of an import file: reading and checking it, without a database.

use chrono::NaiveDate;
use csv::StringRecord;

use crate::delivery::address;

/// The columns a file may have; those marked must be there.
const COLUMNS: [(&str, bool); 12] = [
    ("company", false),
    ("first_name", false),
    ("last_name", true),
    ("street", false),
    ("postal_code", false),
    ("city", false),
    ("country", false),
    ("email", true),
    ("mailbox", true),
    ("start_date", true),
    ("vat_id", false),
    ("language", false),
];

/// Longest name that is taken, in characters.
const LONGEST_NAME: usize = 300;
/// Longest other text that is taken, in characters.
const LONGEST_TEXT: usize = 254;

/// Where each column stands in this file.
#[derive(Clone, Debug)]
pub struct Heading(Vec<Option<usize>>);

/// A customer as the file names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Company, where the customer is one.
    pub company: Option<String>,
    /// First name; may be empty.
    pub first_name: String,
    /// Last name; may be empty when there is a company.
    pub last_name: String,
    /// Street, postal code, town and country: all of them or none.
    pub address: Option<[String; 4]>,
    /// Mail address for invoices.
    pub email: String,
    /// Address of the mailbox.
    pub mailbox: String,
    /// First day of the subscription.
    pub start_date: NaiveDate,
    /// VAT id of a company.
    pub vat_id: Option<String>,
    /// `de` or `en`.
    pub language: String,
}

impl Heading {
    /// Reads the heading, or says what is wrong with it.
    pub fn read(record: &StringRecord) -> Result<Self, String> {
        let names: Vec<String> =
            record.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase()).collect();
        for (index, name) in names.iter().enumerate() {
            if !COLUMNS.iter().any(|(known, _)| known == name) {
                return Err(format!("the column “{name}” is unknown; the columns are {}", all_columns()));
            }
            if names[..index].contains(name) {
                return Err(format!("the column “{name}” stands there twice"));
            }
        }
        let places: Vec<Option<usize>> =
            COLUMNS.iter().map(|(known, _)| names.iter().position(|name| name == known)).collect();
        let missing = COLUMNS.iter().zip(&places).find(|((_, needed), place)| *needed && place.is_none());
        match missing {
            Some(((name, _), _)) => Err(format!("the column “{name}” is missing; the columns are {}", all_columns())),
            None => Ok(Self(places)),
        }
    }

    fn field<'a>(&self, record: &'a StringRecord, name: &str) -> &'a str {
        let column = COLUMNS.iter().position(|(known, _)| *known == name);
        column.and_then(|column| self.0[column]).and_then(|place| record.get(place)).unwrap_or_default().trim()
    }

    /// Reads a line, or says everything that is wrong with it.
    pub fn customer(&self, record: &StringRecord) -> Result<Customer, String> {
        let mut faults = Vec::new();
        let text = |name: &str| self.field(record, name).to_owned();
        let maybe = |name: &str| Some(text(name)).filter(|value| !value.is_empty());
        for (name, _) in COLUMNS {
            let value = self.field(record, name);
            let longest = if name.ends_with("name") || name == "company" { LONGEST_NAME } else { LONGEST_TEXT };
            if value.chars().count() > longest {
                faults.push(format!("{name} is longer than {longest} characters"));
            }
            if value.chars().any(char::is_control) {
                faults.push(format!("{name} contains a line break or a control character"));
            }
        }
        let customer = Customer {
            company: maybe("company"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            address: self.address(record, &mut faults),
            email: text("email"),
            mailbox: text("mailbox").to_lowercase(),
            start_date: date(&text("start_date")).unwrap_or_default(),
            vat_id: maybe("vat_id").map(|id| id.replace(' ', "").to_uppercase()),
            language: maybe("language").map_or_else(|| "de".to_owned(), |language| language.to_lowercase()),
        };
        check(&customer, &text("start_date"), &mut faults);
        if faults.is_empty() { Ok(customer) } else { Err(faults.join("; ")) }
    }

    fn address(&self, record: &StringRecord, faults: &mut Vec<String>) -> Option<[String; 4]> {
        let [street, postal_code, city] = ["street", "postal_code", "city"].map(|name| self.field(record, name));
        let given = [street, postal_code, city].iter().filter(|part| !part.is_empty()).count();
        if given == 0 {
            return None;
        }
        if given < 3 {
            faults.push("street, postal_code and city must be given together or not at all".to_owned());
        }
        let country = match self.field(record, "country") {
            "" => "DE".to_owned(),
            country => country.to_uppercase(),
        };
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            faults.push("country is no code of two letters such as DE".to_owned());
        } else if country == "DE" && !(postal_code.len() == 5 && postal_code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            faults.push("postal_code does not have five digits".to_owned());
        }
        Some([street.to_owned(), postal_code.to_owned(), city.to_owned(), country])
    }
}

fn check(customer: &Customer, start_date: &str, faults: &mut Vec<String>) {
    if customer.last_name.is_empty() && customer.company.is_none() {
        faults.push("last_name and company are both empty".to_owned());
    }
    for (name, value) in [("email", &customer.email), ("mailbox", &customer.mailbox)] {
        if let Err(refusal) = address::check(value) {
            faults.push(format!("{name} is no mail address: {}", refusal.detail));
        }
    }
    match date(start_date) {
        None => faults.push("start_date is no date; write 2013-01-31 or 31.01.2013".to_owned()),
        Some(day) if !(2000..2200).contains(&chrono::Datelike::year(&day)) => {
            faults.push("start_date lies outside the years 2000 to 2199".to_owned());
        }
        Some(_) => {}
    }
    if let Some(fault) = customer.vat_id.as_deref().and_then(super::vat_id::fault) {
        faults.push(format!("vat_id {fault}"));
    }
    if !matches!(customer.language.as_str(), "de" | "en") {
        faults.push("language is neither de nor en".to_owned());
    }
}

/// A day as `2013-01-31` or `31.01.2013`.
fn date(text: &str) -> Option<NaiveDate> {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%d.%m.%Y"));
    parsed.ok()
}

fn all_columns() -> String {
    COLUMNS.map(|(name, needed)| if needed { format!("{name} (needed)") } else { name.to_owned() }).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Customer, String> {
        let heading = StringRecord::from(
            "company,first_name,last_name,street,postal_code,city,country,email,mailbox,start_date,vat_id,language"
                .split(',')
                .collect::<Vec<_>>(),
        );
        Heading::read(&heading).expect("a heading").customer(&StringRecord::from(line.split(',').collect::<Vec<_>>()))
    }

    #[test]
    fn a_person_without_address_is_enough() {
        let customer =
            read(",Jörg,Weiß,,,,,joerg@example.com,joerg@mail.example.com,31.01.2013,,").expect("a customer");
        assert_eq!((customer.address, customer.language.as_str()), (None, "de"));
    }

    #[test]
    fn every_fault_is_named() {
        let faults = read(",,,Weg 1,123,,,a b@example.com,x,31.02.2013,DE1,fr").expect_err("faults");
        for part in ["together", "five digits", "both empty", "email", "mailbox", "start_date", "vat_id", "language"] {
            assert!(faults.contains(part), "{part} in {faults}");
        }
    }
}
