//! The PDFs in the eyes of other programs: qpdf and poppler. A missing program fails the test instead of skipping it.
//!
//! `KONTOR_PDF_OUT=DIR cargo test -p kontor-pdf oracles` keeps the pages for people to look at.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::content::Content;
use crate::{legacy, reference, render};

/// The reference invoices under names that can be files.
pub(crate) fn references() -> [(&'static str, Content); 8] {
    [
        ("one-line", reference::one_line()),
        ("english-company", reference::english_company()),
        ("cancellation", reference::cancellation()),
        ("many-lines", reference::many_lines()),
        ("long-name", reference::long_name()),
        ("english-cancellation", reference::english_cancellation()),
        ("no-address", reference::no_address()),
        ("amounts", reference::amounts()),
    ]
}

fn files() -> (tempfile::TempDir, Vec<(Content, PathBuf)>) {
    let scratch = tempfile::tempdir().unwrap();
    let place = std::env::var_os("KONTOR_PDF_OUT").map_or(scratch.path().to_owned(), PathBuf::from);
    let write = |name: String, bytes: Vec<u8>| {
        let path = place.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut files = Vec::new();
    for (name, content) in references() {
        write(format!("{name}-legacy.pdf"), legacy::render(&content));
        let path = write(format!("{name}.pdf"), render(&content).unwrap());
        files.push((content, path));
    }
    (scratch, files)
}

fn run(program: &str, package: &str, before: &[&str], file: &Path, after: &[&str]) -> String {
    let output = Command::new(program).args(before).arg(file).args(after).output();
    let output = output.unwrap_or_else(|_| panic!("{program} is missing: install the Debian package {package}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn oracles_qpdf_finds_nothing_wrong() {
    let (_scratch, files) = files();
    for (_, file) in files {
        for file in [
            file.clone(),
            file.with_file_name(file.file_name().unwrap().to_str().unwrap().replace(".pdf", "-legacy.pdf")),
        ] {
            let report = run("qpdf", "qpdf", &["--check"], &file, &[]);
            assert!(report.contains("No syntax or stream encoding errors found"), "{report}");
        }
    }
}

#[test]
fn oracles_every_font_is_embedded() {
    let (_scratch, files) = files();
    for (_, file) in files {
        let table = run("pdffonts", "poppler-utils", &[], &file, &[]);
        let fonts: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(fonts.len(), 2, "{table}");
        for font in fonts {
            let columns: Vec<&str> = font.split_whitespace().rev().skip(2).take(3).collect();
            assert_eq!(columns, ["yes", "yes", "yes"], "unicode map, subset, embedded: {table}");
        }
    }
}

#[test]
fn oracles_the_text_can_be_searched_and_copied() {
    let (_scratch, files) = files();
    for (content, file) in files {
        let text = run("pdftotext", "poppler-utils", &["-layout"], &file, &["-"]);
        let english = content.language == crate::content::Language::En;
        let gross = crate::format::money(content.gross_cents, content.language).replace('\u{a0}', " ");
        let date = crate::format::date(content.issued_on, content.language).replace('\u{a0}', " ");
        let title = if english { "Invoice " } else { "echnung " };
        for part in [content.number.as_str(), &gross, &date, title, &content.recipient.customer_number] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }
}

#[test]
fn oracles_metadata_says_what_and_whose() {
    let (_scratch, files) = files();
    let (_, file) = &files[0];
    let info = run("pdfinfo", "poppler-utils", &["-meta", "-isodates"], file, &[]);
    for part in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
        "2013-01-31T00:00:00",
        "Rechnung RE-2013-000123-7",
        "Euro Mail GmbH",
    ] {
        assert!(info.contains(part), "{part} in {info}");
    }
}
