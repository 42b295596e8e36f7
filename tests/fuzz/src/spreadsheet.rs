//! A spreadsheet around parts that anybody may have written. Bytes of a packed
//! one are hardly ever changed into another that unpacks.

use std::io::{Cursor, Write as _};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="三(2)班" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

/// Packs a sheet, shared strings and a book, which are parted by a line of
/// `----`; what is left out is as a spreadsheet program writes it.
///
/// # Panics
/// Never: writing to memory does not fail.
#[must_use]
pub fn packed(parts: &[u8]) -> Vec<u8> {
    let separator = b"\n----\n";
    let mut rest = parts;
    let mut next = || {
        let end = rest.windows(separator.len()).position(|window| window == separator);
        let (part, behind) =
            end.map_or((rest, &rest[..0]), |end| (&rest[..end], &rest[end + separator.len()..]));
        rest = behind;
        part
    };
    let (sheet, strings, book) = (next(), next(), next());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let book = if book.is_empty() { BOOK.as_bytes() } else { book };
    for (name, part) in [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ] {
        zip.start_file(name, stored).expect("a part in memory");
        zip.write_all(part).expect("a part in memory");
    }
    zip.finish().expect("a file in memory").into_inner()
}
