//! Every fixed word of the paper in German and English, in one table.
//!
//! Left out: the window's texts and the mail's; those live with the window and with the assets.

use crate::content::Language;

/// The fixed words of one language. Sentences with values hold `{}` once per value, in order.
pub(crate) struct Words {
    pub invoice: &'static str,
    pub cancellation: &'static str,
    pub number: &'static str,
    pub date: &'static str,
    pub customer_number: &'static str,
    pub period: &'static str,
    pub email: &'static str,
    pub customer_vat_id: &'static str,
    pub original: &'static str,
    /// With a blank that lines are not broken at.
    pub original_date: &'static str,
    pub greeting: &'static str,
    pub greeting_by_name: &'static str,
    pub intro: &'static str,
    pub cancellation_intro: &'static str,
    pub gross_note: &'static str,
    pub head: [&'static [&'static str]; 7],
    pub tax_head: [&'static str; 4],
    pub sum: &'static str,
    pub total: &'static str,
    pub pay: &'static str,
    pub account_rows: [&'static str; 5],
    pub code_caption: &'static str,
    pub nothing_to_pay: &'static str,
    pub cancellation_nothing_to_pay: &'static str,
    pub phone: &'static str,
    pub directors: &'static str,
    pub vat_id: &'static str,
    pub page: &'static str,
}

/// The words of a language.
pub(crate) const fn words(language: Language) -> &'static Words {
    match language {
        Language::De => &DE,
        Language::En => &EN,
    }
}

/// Fills the gaps of a sentence in order.
pub(crate) fn fill(sentence: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = sentence.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(values.next().copied().unwrap_or_default());
        text.push_str(part);
    }
    text
}

pub(crate) const DE: Words = Words {
    invoice: "Rechnung",
    cancellation: "Stornorechnung",
    number: "Rechnungsnummer",
    date: "Rechnungsdatum",
    customer_number: "Kundennummer",
    period: "Leistungszeitraum",
    email: "Ihre E-Mail",
    customer_vat_id: "Ihre USt-IdNr.",
    original: "Storno zu",
    original_date: "vom\u{a0}{}",
    greeting: "Guten Tag,",
    greeting_by_name: "Guten Tag {},",
    intro: "für den Leistungszeitraum {} berechnen wir Ihnen:",
    cancellation_intro: "hiermit stornieren wir die Rechnung {} vom {} vollständig:",
    gross_note: "Alle Preise sind brutto; Netto und Umsatzsteuer (USt) sind je Position daraus errechnet.",
    head: [
        &["Pos."],
        &["Beschreibung"],
        &["Menge"],
        &["Einzelpreis", "brutto"],
        &["USt"],
        &["Netto"],
        &["Gesamt", "brutto"],
    ],
    tax_head: ["Steuersatz", "Netto", "USt", "Brutto"],
    sum: "Summe",
    total: "Gesamtbetrag",
    pay: "Bitte überweisen Sie {} bis zum {} auf das folgende Konto. Geben Sie als Verwendungszweck nur {} an, damit wir Ihre Zahlung zuordnen können.",
    account_rows: ["Empfänger", "Bank", "IBAN", "BIC", "Verwendungszweck"],
    code_caption: "Bezahlen per App",
    nothing_to_pay: "Es ist nichts zu zahlen.",
    cancellation_nothing_to_pay: "Die Rechnung {} ist damit aufgehoben; für sie ist nichts zu zahlen. Falls Sie bereits gezahlt haben, erstatten wir Ihnen den Betrag.",
    phone: "Telefon",
    directors: "Geschäftsführung",
    vat_id: "USt-IdNr.",
    page: "Seite {} von {}",
};

pub(crate) const EN: Words = Words {
    invoice: "Invoice",
    cancellation: "Cancellation invoice",
    number: "Invoice number",
    date: "Invoice date",
    customer_number: "Customer number",
    period: "Service period",
    email: "Your e-mail",
    customer_vat_id: "Your VAT ID",
    original: "Cancels",
    original_date: "of\u{a0}{}",
    greeting: "Hello,",
    greeting_by_name: "Dear {},",
    intro: "We charge you for the service period {}:",
    cancellation_intro: "We hereby cancel invoice {} of {} in full:",
    gross_note: "All prices are gross; net amounts and value added tax (VAT) are computed from them line by line.",
    head: [
        &["No."],
        &["Description"],
        &["Quantity"],
        &["Unit price", "gross"],
        &["VAT"],
        &["Net"],
        &["Total", "gross"],
    ],
    tax_head: ["VAT rate", "Net", "VAT", "Gross"],
    sum: "Sum",
    total: "Total amount",
    pay: "Please transfer {} by {} to the following account. Quote only {} as the reference so that we can match your payment.",
    account_rows: ["Payee", "Bank", "IBAN", "BIC", "Reference"],
    code_caption: "Pay by app",
    nothing_to_pay: "Nothing is to be paid.",
    cancellation_nothing_to_pay: "Invoice {} is thereby void; nothing is to be paid for it. If you have already paid, we will refund the amount.",
    phone: "Phone",
    directors: "Management",
    vat_id: "VAT ID",
    page: "Page {} of {}",
};
