//! Companies: what they call themselves, who writes for them, and their VAT ids.

use super::dice::Dice;
use super::names::{FIRST, LAST};
use crate::registration::vat_id::check_digit;

/// Words that such names begin with.
const MARKS: [&str; 40] = [
    "Abendrot",
    "Alpenblick",
    "Alster",
    "Anker",
    "Bergfried",
    "Blaue Stunde",
    "Dreieck",
    "Eiche",
    "Elbtal",
    "Falke",
    "Fichtelberg",
    "Förde",
    "Goldregen",
    "Grünspan",
    "Hanse",
    "Heckenrose",
    "Isarwinkel",
    "Kompass",
    "Kornblume",
    "Kranich",
    "Küstenlicht",
    "Leuchtturm",
    "Lindenhof",
    "Mainbogen",
    "Mühlrad",
    "Neckartor",
    "Nordlicht",
    "Ostwind",
    "Pegnitz",
    "Quelle",
    "Rheinbrücke",
    "Rübezahl",
    "Schwalbe",
    "Spreebogen",
    "Steinbock",
    "Südstern",
    "Taunus",
    "Wattläufer",
    "Weißdorn",
    "Zugspitz",
];

/// What they do.
const TRADES: [&str; 36] = [
    "Architektur",
    "Autohaus",
    "Bäckerei",
    "Bau",
    "Baustoffe",
    "Büroservice",
    "Buchhandlung",
    "Catering",
    "Computer",
    "Dachdeckerei",
    "Druck",
    "Elektrotechnik",
    "Feinkost",
    "Fliesen",
    "Gartenbau",
    "Gebäudereinigung",
    "Getränke",
    "Haustechnik",
    "Heizungsbau",
    "Hörgeräte",
    "Immobilien",
    "Kfz-Technik",
    "Küchen",
    "Logistik",
    "Malerbetrieb",
    "Maschinenbau",
    "Medien",
    "Möbel",
    "Optik",
    "Reisen",
    "Schlosserei",
    "Software",
    "Spedition",
    "Steuerberatung",
    "Tischlerei",
    "Werbung",
];

/// A company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Company {
    /// Its name with its legal form.
    pub name: String,
    /// VAT id with a valid check digit, where it gave one.
    pub vat_id: Option<String>,
    /// Whether somebody is named as its contact.
    pub has_contact: bool,
}

impl Company {
    /// Makes one up.
    pub fn draw(dice: &mut Dice) -> Self {
        let name = name(dice);
        let vat_id = dice.per_mille(600).then(|| vat_id(dice));
        Self { name, vat_id, has_contact: dice.per_mille(800) }
    }
}

fn name(dice: &mut Dice) -> String {
    let (mark, trade, owner) = (dice.pick(&MARKS), dice.pick(&TRADES), dice.pick(&LAST));
    match dice.below(7) {
        0 => format!("{mark} {trade} GmbH"),
        1 => format!("{owner} {trade} GmbH"),
        2 => format!("{trade} {owner} e.K."),
        3 => format!("{owner} & {} GbR", dice.pick(&LAST)),
        4 => format!("{owner} & Söhne {trade} GmbH & Co. KG"),
        5 => format!("{mark} {trade} UG (haftungsbeschränkt)"),
        _ => format!("{} {owner} {trade} e.K.", dice.pick(&FIRST)),
    }
}

/// Eight digits, of which the first is not zero, and their check digit (ISO 7064 MOD 11,10).
fn vat_id(dice: &mut Dice) -> String {
    let mut digits: Vec<u32> = Vec::with_capacity(9);
    for position in 0..8 {
        digits.push(u32::try_from(dice.between(u64::from(position == 0), 9)).unwrap_or(1));
    }
    digits.push(check_digit(&digits));
    digits.iter().fold("DE".to_owned(), |text, digit| format!("{text}{digit}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::dice::Purpose;
    use crate::registration::vat_id::fault;

    #[test]
    fn vat_ids_have_their_check_digit() {
        let mut dice = Dice::new(1, Purpose::Person, 0);
        for _ in 0..500 {
            let id = vat_id(&mut dice);
            assert_eq!((id.len(), fault(&id)), (11, None), "{id}");
        }
    }
}
