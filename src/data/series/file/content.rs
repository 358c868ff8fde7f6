//! The bytes of a file → its text, or what the file is instead of a CSV file, known by its first bytes.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;

/// Bytes of a compressed file once it is unpacked, at most.
pub(in crate::data::series) const MOST_UNPACKED: u64 = 1 << 30;

/// Bytes of one line, at most: a row of many takes several times its own size in memory.
pub(in crate::data::series) const MOST_OF_A_LINE: usize = 16 << 20;

/// The text of a CSV file, without a byte-order mark; what is compressed by gzip is unpacked.
///
/// # Errors
/// When it is no text, and what it is then.
pub(in crate::data::series) fn text<'a>(path: &Path, bytes: &'a [u8], most: u64) -> anyhow::Result<Cow<'a, str>> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(plain(path, bytes)?));
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(most + 1)
        .read_to_end(&mut unpacked)
        .with_context(|| format!("{}: what gzip compressed is damaged", path.display()))?;
    if unpacked.len() as u64 > most {
        bail!(
            "{}: unpacks to more than {most} bytes, which is more than is read",
            path.display()
        );
    }
    let behind_mark = unpacked.len() - plain(path, &unpacked)?.len();
    unpacked.drain(..behind_mark);
    Ok(Cow::Owned(String::from_utf8(unpacked)?))
}

/// Whether bytes are the first of what gzip compressed.
pub(in crate::data::series) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// An error for a file whose first bytes show that it is no text of rows.
pub(in crate::data::series) fn refuse_other_kinds(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    match other_kind(bytes) {
        Some((kind, advice)) => bail!("{} is {kind}, no CSV file\n  help: {advice}", path.display()),
        None => Ok(()),
    }
}

/// The text that is not compressed.
fn plain<'a>(path: &Path, bytes: &'a [u8]) -> anyhow::Result<&'a str> {
    let shown = path.display();
    refuse_other_kinds(path, bytes)?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + line_breaks(&bytes[..error.valid_up_to()]);
        anyhow::anyhow!("{shown}:{line}: the text is not UTF-8\n  help: save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(zero) = text.find('\0') {
        let line = 1 + line_breaks(&text.as_bytes()[..zero]);
        bail!(
            "{shown}:{line}: the file holds zero bytes, it is no text\n  help: see what the file is; export the data as CSV"
        );
    }
    let mut lines = text.split(['\n', '\r']);
    if let Some(long) = lines.position(|line| line.len() > MOST_OF_A_LINE) {
        let ends = text.split_inclusive(['\n', '\r']).take(long);
        let line = 1 + line_breaks(&text.as_bytes()[..ends.map(str::len).sum()]);
        bail!(
            "{shown}:{line}: the line is longer than {MOST_OF_A_LINE} bytes, which no row of a table is\n  help: see what the file is; \
             export the data as CSV"
        );
    }
    if text.trim().is_empty() {
        bail!("{shown} is empty\n  help: it must hold a header and a row for each day");
    }
    Ok(text)
}

/// How many `\n`, `\r\n` or lone `\r` there are.
pub(in crate::data::series) fn line_breaks(bytes: &[u8]) -> usize {
    let breaks = bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n'));
    let pairs = bytes.windows(2).filter(|pair| *pair == b"\r\n");
    breaks.count() - pairs.count()
}

const EXPORT: &str = "open it in a spreadsheet and save the sheet as CSV (UTF-8)";
const UNPACK: &str = "unpack it; of compressed files, those of gzip alone are read as they are";

/// What such bytes begin, and what to do with it; nothing where they may be a text.
fn other_kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(if holds(b"xl/workbook") || holds(b"xl/worksheets") {
            ("an Excel workbook (.xlsx)", EXPORT)
        } else if holds(b"opendocument.spreadsheet") {
            ("an OpenDocument spreadsheet (.ods)", EXPORT)
        } else {
            ("a ZIP archive", UNPACK)
        });
    }
    let table = "export the table as CSV";
    let known: [(&[u8], &str, &str); 13] = [
        (b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls)", EXPORT),
        (b"PAR1", "a Parquet file", "write it as CSV, as pandas does with `to_csv`"),
        (b"ARROW1", "an Arrow file", "write it as CSV, as pandas does with `to_csv`"),
        (b"%PDF-", "a PDF document", "look for the same data as CSV where it came from"),
        (b"SQLite format 3\0", "an SQLite database", table),
        (b"\x89HDF\r\n", "an HDF5 file", table),
        (b"\x89PNG", "a PNG image", "`file` must name a CSV file: is it another one?"),
        (
            b"\xff\xd8\xff",
            "a JPEG image",
            "`file` must name a CSV file: is it another one?",
        ),
        (b"BZh", "compressed with bzip2", UNPACK),
        (b"\xfd7zXZ\0", "compressed with xz", UNPACK),
        (b"\x28\xb5\x2f\xfd", "compressed with Zstandard", UNPACK),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
        (
            b"version https://git-lfs.github.com/",
            "a pointer of Git LFS",
            "`git lfs pull` brings the file itself",
        ),
    ];
    if let Some((_, kind, advice)) = known.iter().find(|(start, ..)| bytes.starts_with(start)) {
        return Some((kind, advice));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Some(("text in UTF-16", "save it as UTF-8 (`CSV UTF-8` in Excel)"));
    }
    let start: Vec<u8> = bytes
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte))
        .take(15)
        .map(u8::to_ascii_lowercase)
        .collect();
    let begins = |words: &[&[u8]]| words.iter().any(|word| start.starts_with(word));
    if begins(&[b"<!doctype html", b"<html"]) {
        return Some((
            "a web page",
            "download the data themselves; a page that asks to log in, or says that there is nothing, is saved like this",
        ));
    }
    if begins(&[b"<?xml"]) {
        return Some(("an XML document", EXPORT));
    }
    begins(&[b"{", b"["]).then_some(("JSON", "write it as CSV: a header, then a row for each day"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn refusal(bytes: &[u8]) -> String {
        format!("{:#}", text(Path::new("p.csv"), bytes, MOST_UNPACKED).unwrap_err())
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_gzip_compressed_is_read_whole_and_no_more_than_allowed() {
        // Two members, as `cat a.gz b.gz` makes them.
        let both = [gzip("\u{feff}Date,Price\n"), gzip("2020-01-01,1\n")].concat();
        let read = |most| text(Path::new("p.csv"), &both, most);
        assert_eq!(read(1000).unwrap(), "Date,Price\n2020-01-01,1\n");
        assert_eq!(read(27).unwrap().len(), 24);
        let error = read(26).unwrap_err().to_string();
        assert!(error.contains("more than 26 bytes"), "{error}");
        let error = refusal(&both[..both.len() - 9]);
        assert!(error.contains("damaged"), "{error}");
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_is_taken_apart() {
        let long = format!("Date,Price\r\n2020-01-01,{}\n", "0".repeat(MOST_OF_A_LINE));
        for bytes in [long.clone().into_bytes(), gzip(&long)] {
            let error = refusal(&bytes);
            assert!(error.contains("p.csv:2: the line is longer than 16777216 bytes"), "{error}");
        }
        let wide = format!("Date{}\n", ",".repeat(MOST_OF_A_LINE - 4));
        assert!(text(Path::new("p.csv"), wide.as_bytes(), MOST_UNPACKED).is_ok());
    }

    #[test]
    fn what_is_no_csv_file_is_told_by_its_first_bytes() {
        for (bytes, kind) in [
            (&b"PK\x03\x04...xl/workbook.xml"[..], "an Excel workbook (.xlsx)"),
            (b"PK\x03\x04...prices.csv", "a ZIP archive"),
            (b"\xd0\xcf\x11\xe0\xa1", "an Excel workbook (.xls)"),
            (b"PAR1\x15", "a Parquet file"),
            (b"%PDF-1.7", "a PDF document"),
            (b"SQLite format 3\0", "an SQLite database"),
            (b"\x89PNG\r\n", "a PNG image"),
            (b"\xff\xfeD\0a\0", "text in UTF-16"),
            (b"\n <!DOCTYPE HTML><html>", "a web page"),
            (b"{\"error\": 404}", "JSON"),
        ] {
            let error = refusal(bytes);
            assert!(
                error.starts_with(&format!("p.csv is {kind}, no CSV file\n  help: ")),
                "{error}"
            );
        }
        assert!(refusal(b"Date\0,1").contains("p.csv:1: the file holds zero bytes"));
        // A workbook that was compressed once more.
        let error = refusal(&gzip("%PDF-1.7"));
        assert!(error.contains("a PDF document"), "{error}");
    }
}
