//! A list as an Excel file (ECMA-376): typed cells under a heading that stays in sight. Text is written as text, so nothing
//! of it is ever a formula. Rows go straight into the file, so that a list may be of any length; what does not fit into a
//! sheet goes on in the next.
//!
//! It is written here rather than by a library of spreadsheets, because those bring a compressor along that would change
//! the bytes of every PDF.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Error, Result, Write};
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::cell::Cell;
use crate::contact::Language;

/// Rows of a sheet, the heading among them.
const ROWS: u32 = 1_048_576;
/// Characters of a cell.
const LONGEST: usize = 32_767;
/// Cell formats, by their place in the styles.
const TITLE: u32 = 1;
const MONEY: u32 = 2;
const DAY: u32 = 3;
const TIME: u32 = 4;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// A file being written.
pub(super) struct Xlsx {
    zip: ZipWriter<BufWriter<File>>,
    titles: Vec<String>,
    language: Language,
    sheets: u32,
    /// Rows of the sheet that is written.
    rows: u32,
}

impl Xlsx {
    /// Begins a file with its heading.
    pub fn begin(path: &Path, titles: &[String], language: Language) -> Result<Self> {
        let zip = ZipWriter::new(BufWriter::new(File::create(path)?));
        let mut file = Self { zip, titles: titles.to_vec(), language, sheets: 0, rows: 0 };
        file.next_sheet()?;
        Ok(file)
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &[Cell]) -> Result<()> {
        if self.rows == ROWS {
            self.zip.write_all(b"</sheetData></worksheet>")?;
            self.next_sheet()?;
        }
        self.write_row(cells, None)
    }

    /// Ends the file.
    pub fn end(mut self) -> Result<()> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        for (name, text) in parts(self.sheets, self.language) {
            self.part(name)?;
            self.zip.write_all(text.as_bytes())?;
        }
        self.zip.finish().map_err(Error::from)?.flush()
    }

    fn part(&mut self, name: &str) -> Result<()> {
        self.zip.start_file(name, SimpleFileOptions::default()).map_err(Error::from)
    }

    fn next_sheet(&mut self) -> Result<()> {
        (self.sheets, self.rows) = (self.sheets + 1, 0);
        self.part(&format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        let columns = self.titles.len().max(1);
        write!(
            self.zip,
            "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" \
             topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols><col min=\"1\" \
             max=\"{columns}\" width=\"20\" customWidth=\"1\"/></cols><sheetData>"
        )?;
        let titles: Vec<Cell> = self.titles.iter().cloned().map(Cell::Text).collect();
        self.write_row(&titles, Some(TITLE))
    }

    fn write_row(&mut self, cells: &[Cell], format: Option<u32>) -> Result<()> {
        self.rows += 1;
        let mut row = format!("<row r=\"{}\">", self.rows);
        for (column, cell) in cells.iter().enumerate() {
            put(&mut row, &format!("{}{}", letters(column), self.rows), cell, format);
        }
        row.push_str("</row>");
        self.zip.write_all(row.as_bytes())
    }
}

/// Writes a cell. Numbers are written in digits, so that an amount is exactly itself.
fn put(row: &mut String, place: &str, cell: &Cell, format: Option<u32>) {
    let (style, value) = match cell {
        Cell::Empty => return,
        Cell::Text(text) => {
            let style = format.map(|format| format!(" s=\"{format}\"")).unwrap_or_default();
            row.push_str(&format!("<c r=\"{place}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">"));
            escape(row, text);
            row.push_str("</t></is></c>");
            return;
        }
        Cell::Whole(number) => (0, number.to_string()),
        Cell::Number(number) => (0, number.to_string()),
        Cell::Money(cents) => {
            let (sign, cents) = (if *cents < 0 { "-" } else { "" }, cents.unsigned_abs());
            (MONEY, format!("{sign}{}.{:02}", cents / 100, cents % 100))
        }
        Cell::Day(day) => (DAY, days(*day).to_string()),
        Cell::Time(time) => (TIME, moment(*time)),
    };
    // A string takes any text.
    let _ = write!(row, "<c r=\"{place}\" s=\"{style}\"><v>{value}</v></c>");
}

/// Text within XML. Characters that XML does not have are replaced.
fn escape(into: &mut String, text: &str) {
    for character in text.chars().take(LONGEST) {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '\t' | '\n' => into.push(character),
            '\r' => into.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => into.push('\u{fffd}'),
            character if character < ' ' => into.push('\u{fffd}'),
            character => into.push(character),
        }
    }
}

/// `A`, `B`, … `Z`, `AA`, … for a column counted from 0.
fn letters(column: usize) -> String {
    let mut name = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        name.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    name
}

/// A day as spreadsheets count it: since 30 December 1899.
fn days(day: NaiveDate) -> i64 {
    const FIRST: i64 = 25_569;
    day.signed_duration_since(NaiveDate::default()).num_days() + FIRST
}

/// A time as days with a fraction, in millionths of a day: less than a tenth of a second.
fn moment(time: NaiveDateTime) -> String {
    let seconds = time.signed_duration_since(time.date().and_time(chrono::NaiveTime::MIN)).num_seconds();
    format!("{}.{:06}", days(time.date()), (seconds * 1_000_000 + 43_200) / 86_400)
}

/// What else belongs to the file.
fn parts(sheets: u32, language: Language) -> [(&'static str, String); 5] {
    let mut types = String::new();
    let mut relations = String::new();
    let mut names = String::new();
    for sheet in 1..=sheets {
        types.push_str(&format!(
            "<Override PartName=\"/xl/worksheets/sheet{sheet}.xml\" ContentType=\"{TYPE}.worksheet+xml\"/>"
        ));
        relations.push_str(&format!(
            "<Relationship Id=\"rId{sheet}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{sheet}.xml\"/>"
        ));
        names.push_str(&format!("<sheet name=\"{sheet}\" sheetId=\"{sheet}\" r:id=\"rId{sheet}\"/>"));
    }
    let types = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override \
         PartName=\"/xl/workbook.xml\" ContentType=\"{TYPE}.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" \
         ContentType=\"{TYPE}.styles+xml\"/>{types}</Types>"
    );
    let root = format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!("{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{names}</sheets></workbook>");
    let relations = format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">{relations}<Relationship Id=\"rId{}\" \
         Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>",
        sheets + 1
    );
    [
        ("[Content_Types].xml", types),
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/styles.xml", styles(language)),
    ]
}

/// The cell formats in the order of their numbers. Format 4 is an amount, 14 a day in the reader's own spelling.
fn styles(language: Language) -> String {
    let time = if language == Language::De { "dd\\.mm\\.yyyy hh:mm:ss" } else { "yyyy\\-mm\\-dd hh:mm:ss" };
    let format = |number: u32, font: u32| {
        format!(
            "<xf numFmtId=\"{number}\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
             applyNumberFormat=\"1\" applyFont=\"1\"/>"
        )
    };
    let formats: String =
        [(0, 0), (0, 1), (4, 0), (14, 0), (164, 0)].into_iter().map(|(number, font)| format(number, font)).collect();
    let font = "<sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/>";
    format!(
        "{HEAD}<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"{time}\"/></numFmts>\
         <fonts count=\"2\"><font>{font}</font><font><b/>{font}</font></fonts><fills count=\"2\"><fill><patternFill \
         patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\">\
         <border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" \
         fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"5\">{formats}</cellXfs><cellStyles \
         count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>"
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn columns_days_and_times_are_counted_as_spreadsheets_do() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
        assert_eq!((days(day("1900-03-01")), days(day("2013-01-31"))), (61, 41_305));
        assert_eq!(moment(day("2013-01-31").and_hms_opt(12, 0, 0).expect("noon")), "41305.500000");
        assert_eq!(moment(day("2013-01-31").and_hms_opt(23, 59, 59).expect("a time")), "41305.999988");
    }

    #[test]
    fn a_file_has_typed_cells_and_no_formula() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.xlsx");
        let mut file = Xlsx::begin(&path, &["Betrag".to_owned(), "=x".to_owned()], Language::De).expect("a file");
        let cells = [Cell::Money(-105), Cell::Text("=1+1 & <\u{1}>".to_owned()), Cell::Empty, Cell::Whole(7)];
        file.add(&cells).expect("a row");
        file.end().expect("the end");
        let mut zip = zip::ZipArchive::new(File::open(&path).expect("the file")).expect("an archive");
        let mut sheet = String::new();
        zip.by_name("xl/worksheets/sheet1.xml").expect("a sheet").read_to_string(&mut sheet).expect("text");
        assert!(sheet.contains("<c r=\"A2\" s=\"2\"><v>-1.05</v></c>"), "{sheet}");
        assert!(sheet.contains("<t xml:space=\"preserve\">=1+1 &amp; &lt;\u{fffd}&gt;</t>"), "{sheet}");
        assert!(sheet.contains("<c r=\"D2\" s=\"0\"><v>7</v></c>") && !sheet.contains("<f>"), "{sheet}");
        assert!(sheet.contains("state=\"frozen\"") && sheet.ends_with("</sheetData></worksheet>"));
        for name in ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml"] {
            assert!(zip.by_name(name).is_ok(), "{name}");
        }
    }
}
