//! What is said of files of another dialect: each thing once, and what to do.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::tests::{CLEAN, refusal, series, spec};
use crate::data::series::window::Transform;

/// A file of that column, a row for each of its numbers.
fn prices(numbers: &[&str]) -> String {
    let mut text = "Date,Price\n".to_owned();
    for (index, number) in numbers.iter().enumerate() {
        text += &format!("2020-01-{:02},\"{number}\"\n", index + 1);
    }
    text
}

#[test]
fn points_that_may_separate_thousands_are_refused() {
    for numbers in [
        &["980", "998", "1.001", "1.004"][..],
        &["1.001", "998"],
        &["12.345", "0", "-3.400"],
        &["1.001%", "998%"],
        &["1.001", "1,001"],
    ] {
        let refusal = refusal(&spec(), &prices(numbers), Transform::None);
        assert!(
            refusal.contains("no cell of the column tells which"),
            "{numbers:?}: {refusal}"
        );
    }
    insta::assert_snapshot!(refusal(&spec(), &prices(&["980", "998", "1.001", "1.004"]), Transform::None), @r"
    p.csv:4: column `Price`: `1.001` may be 1001 (the point separates thousands: `980`, on line 2, has no decimals) or 1.001 (the point separates decimals), and no cell of the column tells which
      help: write thousands without a separator (`1001`); if they are decimals, write whole numbers like the others (`980.000`)
    ");
}

#[test]
fn one_cell_tells_how_points_and_commas_are_meant() {
    for (numbers, last) in [
        (&["998", "1.5", "1.001"][..], 1.001),
        (&["998", "0.123", "1.001"], 1.001),
        (&["998", "1234.567", "1.001"], 1.001),
        (&["998", "1234", "1.001"], 1.001),
        (&["998", "1,234.5", "1.001"], 1.001),
        (&["12.345", "998.000", "1.001"], 1.001),
        (&["998", "1,001", "1,004"], 1004.0),
        (&["998", "999", "1000"], 1000.0),
    ] {
        let series = series(&prices(numbers));
        assert_eq!(series.target().values.last(), Some(&last), "{numbers:?}");
    }
}

#[test]
fn a_file_of_another_dialect_is_told_once_what_it_is() {
    let days = |line: fn(usize) -> String| -> String { (1..=9).map(line).collect() };
    for (text, expected) in [
        (
            format!("Date,Price\n{}", days(|day| format!("2020-01-0{day},10{day},50\n"))),
            "p.csv:2: `2020-01-01,101,50` has 3 cells, the header 2: its decimals seem to be written with a comma",
        ),
        (
            format!("Date,Price\n{}", days(|day| format!("\"2020-01-0{day},10{day}\"\n"))),
            "p.csv:2: the whole line stands in quotes",
        ),
        (
            format!("Date,Price\n{},\n", days(|day| format!("2020-01-0{day},1\n"))) + "Source: Example,\n",
            "p.csv:11: the line holds neither a date nor a number (also on line 12)\n  help: take",
        ),
        (
            format!("Date,Price\n{}2020-02-30,1\n", days(|day| format!("2020-01-0{day},1\n"))),
            "p.csv:11: column `Date`: there is no day `2020-02-30`",
        ),
        (
            "Date,Price\n01/28/2024,1\n01/29/2024,2\n".to_owned(),
            "p.csv:2: column `Date`: in `01/28/2024` the month comes before the day, which is not read\n  help: write \
             `01/28/2024` as `2024-01-28`, and the others alike; dates must be",
        ),
        (
            "Date,Price\n01.02.2024,1\n29.01.2024,2\n".to_owned(),
            "in `01.02.2024` the day comes before the month, which is not read\n  help: write `01.02.2024` as `2024-02-01`",
        ),
        (
            "Date,Price\n2023-12-01 00:00:00+00:00,1\n".to_owned(),
            "`2023-12-01 00:00:00+00:00` is a day with a time; a row is a day\n  help: write `2023-12-01 00:00:00+00:00` as \
             `2023-12-01`",
        ),
        (
            "Date,Price\n01. Jan 2020,1\n".to_owned(),
            "`01. Jan 2020` is a date in a form that is not read\n  help: write `01. Jan 2020` as `2020-01-01`",
        ),
        (
            format!("Date,Price\n{}", days(|day| format!("2020-01-0{day},$205{day}.20\n"))),
            "p.csv:2: column `Price`: `$2051.20` is not a number: it holds the sign `$` (none of the 9 rows can be read)\n  \
             help: take currency signs out",
        ),
        (
            format!(
                "Date,Price\n{}",
                days(|day| match day {
                    2 | 4 | 7 => format!("2020-01-0{day},null\n"),
                    _ => format!("2020-01-0{day},1\n"),
                })
            ),
            "p.csv:3: column `Price`: `null` is not a number; exports write it where a value is missing (also on lines 5, 8)\n  \
             help: take rows without a value out of the file",
        ),
        (
            format!("Date,Price\n{}", days(|day| format!("2{day}.01.2020,\"2.23{day},48\"\n"))),
            "p.csv:2: column `Price`: `2.231,48` is not a number: commas separate thousands, a point the decimals, as in \
             `1,234.5` (none of the 9 rows can be read)\n  help: export the file again with a point before the decimals",
        ),
        (
            days(|day| format!("170{day}388800000,2052.1{day},27.0\n")),
            "p.csv:1: the file seems to have no header: its first line is a row already, `1701388800000,2052.11,27.0`\n  help: \
             add a first line with a name for each of the 3 columns, `Date`, `Price` among them; write days as `2020-01-31`: \
             `1701388800000` is 2023-12-01",
        ),
        (
            format!("Source,example\nDate,Price\n{}", days(|day| format!("2020-01-0{day},1\n"))),
            "there is no column `Date`, `Price`; the header seems to be line 2: `Date,Price`\n  help: take the lines before line 2 out",
        ),
        (
            format!("Date,Price\n2020-01-01,{}\n", "x\u{1b}[2J".repeat(1 << 18)),
            "p.csv:2: column `Price`: `x\\u{1b}[2J",
        ),
    ] {
        let refusal = refusal(&spec(), &text, Transform::None);
        assert!(refusal.contains(expected), "{text:.200}: {refusal}");
        assert!(refusal.len() < 1200 && refusal.lines().count() <= 5, "{refusal}");
    }
}

#[test]
fn values_whose_squares_overflow_are_named() {
    let refusal = refusal(&spec(), &prices(&["1", "1e300"]), Transform::None);
    assert!(refusal.contains("p.csv:3: column `Price`: `1e300` is too large"), "{refusal}");
}

#[test]
fn what_gzip_compressed_is_the_same_series() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    encoder.write_all(CLEAN.as_bytes()).unwrap();
    std::fs::write(folder.path().join("p.csv"), encoder.finish().unwrap()).unwrap();
    let read = spec().read(folder.path(), Transform::None).unwrap();
    assert_eq!(read.digest(), series(CLEAN).digest());
}
