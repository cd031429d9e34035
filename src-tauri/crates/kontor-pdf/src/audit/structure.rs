//! Is it a whole PDF? Stricter than any viewer: nothing is repaired, every object of the table must be there, every
//! stream must decode to its end.
//!
//! Left out: whether fonts and metadata make sense inside; the hash covers that.

use std::collections::HashSet;
use std::io::Read;

use flate2::read::ZlibDecoder;
use lopdf::content::Content;
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream};

/// More than any invoice holds, and little enough to decode.
pub(super) const MAX_STREAM: usize = 64 * 1024 * 1024;
const MAX_DEPTH: usize = 32;

/// Number of pages, or what is broken.
pub(super) fn check(bytes: &[u8], document: &Result<Document, String>) -> Result<u32, String> {
    frame(bytes)?;
    let document = document.as_ref().map_err(Clone::clone)?;
    objects(document)?;
    streams(document)?;
    let pages = page_tree(document)?;
    for page in &pages {
        content(document, *page)?;
    }
    u32::try_from(pages.len()).map_err(|_| "The file has too many pages.".to_owned())
}

/// Header at the first byte, end marker at the last.
fn frame(bytes: &[u8]) -> Result<(), String> {
    if !bytes.starts_with(b"%PDF-1.") && !bytes.starts_with(b"%PDF-2.") {
        return Err("The file does not begin with a PDF header.".to_owned());
    }
    if !bytes.trim_ascii_end().ends_with(b"%%EOF") {
        return Err("The file does not end with the PDF end marker; it may be cut off.".to_owned());
    }
    Ok(())
}

/// Reads the file as written, without any repair.
pub(super) fn load(bytes: &[u8]) -> Result<Document, String> {
    let options = LoadOptions { strict: true, max_decompressed_size: Some(MAX_STREAM), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options)
        .map_err(|error| format!("The file cannot be parsed: {error}."))?;
    if document.trailer.has(b"Encrypt") {
        return Err("The file is encrypted.".to_owned());
    }
    Ok(document)
}

/// Every object of the table is in the file, and every reference leads to one.
fn objects(document: &Document) -> Result<(), String> {
    for (number, entry) in &document.reference_table.entries {
        let there = match entry {
            XrefEntry::Normal { generation, .. } => document.has_object((*number, *generation)),
            XrefEntry::Compressed { .. } => document.has_object((*number, 0)),
            XrefEntry::Free | XrefEntry::UnusableFree => true,
        };
        if !there {
            return Err(format!("Object {number} of the table of objects is not in the file."));
        }
    }
    let roots = document.trailer.iter().map(|(_, value)| value);
    roots.chain(document.objects.values()).try_for_each(|object| references(document, object, 0))
}

fn references(document: &Document, object: &Object, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err("The objects of the file are nested too deeply.".to_owned());
    }
    let dictionary =
        |dictionary: &Dictionary| dictionary.iter().try_for_each(|(_, value)| references(document, value, depth + 1));
    match object {
        Object::Reference(id) if !document.has_object(*id) => {
            Err(format!("Object {} is referred to but missing.", id.0))
        }
        Object::Array(values) => values.iter().try_for_each(|value| references(document, value, depth + 1)),
        Object::Dictionary(values) => dictionary(values),
        Object::Stream(stream) => dictionary(&stream.dict),
        _ => Ok(()),
    }
}

fn streams(document: &Document) -> Result<(), String> {
    for ((number, _), object) in &document.objects {
        if let Object::Stream(stream) = object {
            decode(stream).map_err(|fault| format!("Stream {number} does not decode: {fault}."))?;
        }
    }
    Ok(())
}

fn decode(stream: &Stream) -> Result<(), String> {
    if !stream.dict.has(b"Filter") {
        return Ok(());
    }
    let filters = stream.filters().map_err(|error| error.to_string())?;
    if filters != [b"FlateDecode".as_slice()] {
        return stream.decompressed_content_with_limit(MAX_STREAM).map(|_| ()).map_err(|error| error.to_string());
    }
    inflate(&stream.content)
}

/// Inflates to the end, checksum included; the PDF reader itself would be content with a part.
fn inflate(packed: &[u8]) -> Result<(), String> {
    let mut decoder = ZlibDecoder::new(packed).take(MAX_STREAM as u64 + 1);
    let size = std::io::copy(&mut decoder, &mut std::io::sink()).map_err(|error| error.to_string())?;
    if size > MAX_STREAM as u64 {
        return Err("it is too large".to_owned());
    }
    let left = packed.len() as u64 - decoder.get_ref().total_in();
    if left > 2 {
        return Err(format!("{left} bytes are left over"));
    }
    Ok(())
}

/// The pages, with the whole tree walked: counts, types and parents must agree.
fn page_tree(document: &Document) -> Result<Vec<ObjectId>, String> {
    let catalog = document.catalog().map_err(|error| format!("The file has no catalog: {error}."))?;
    let root = catalog
        .get(b"Pages")
        .and_then(Object::as_reference)
        .map_err(|_| "The catalog names no page tree.".to_owned())?;
    let mut pages = Vec::new();
    branch(document, root, None, &mut HashSet::new(), &mut pages)?;
    if pages.is_empty() {
        return Err("The file has no pages.".to_owned());
    }
    Ok(pages)
}

fn branch(
    document: &Document,
    id: ObjectId,
    parent: Option<ObjectId>,
    seen: &mut HashSet<ObjectId>,
    pages: &mut Vec<ObjectId>,
) -> Result<(), String> {
    let fault = |what: &str| format!("The page tree is broken at object {}: {what}.", id.0);
    if !seen.insert(id) || seen.len() > 100_000 {
        return Err(fault("it runs in a circle"));
    }
    let node = document.get_dictionary(id).map_err(|_| fault("this is no dictionary"))?;
    let stated = node.get(b"Parent").and_then(Object::as_reference).ok();
    if stated != parent {
        return Err(fault("it names another parent"));
    }
    if node.has_type(b"Page") {
        pages.push(id);
        return Ok(());
    }
    if !node.has_type(b"Pages") {
        return Err(fault("it is neither a page nor a branch"));
    }
    let before = pages.len();
    let kids = node.get(b"Kids").and_then(Object::as_array).map_err(|_| fault("it has no children"))?;
    for kid in kids {
        let kid = kid.as_reference().map_err(|_| fault("a child is no reference"))?;
        branch(document, kid, Some(id), seen, pages)?;
    }
    let count = node.get(b"Count").and_then(Object::as_i64).map_err(|_| fault("it has no count"))?;
    if usize::try_from(count) == Ok(pages.len() - before) { Ok(()) } else { Err(fault("its count is wrong")) }
}

/// The drawing operations of a page can be read to their end.
fn content(document: &Document, page: ObjectId) -> Result<(), String> {
    let fault = |error: lopdf::Error| format!("The content of page object {} cannot be read: {error}.", page.0);
    let bytes = document.get_page_content_with_limit(page, MAX_STREAM).map_err(fault)?;
    Content::decode_strict(&bytes).map(|_| ()).map_err(fault)
}
