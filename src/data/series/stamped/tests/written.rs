//! How a file is written: marks, headers, currencies.

use super::*;

/// The same numbers in every way of writing them.
const VALUES: [f64; 3] = [1234.5, -998.0, 1_000_000.25];

fn values(more: &str, text: &str) -> Vec<f64> {
    read(&format!("features = [\"OT\"]\nfrequency = \"1d\"\n{more}"), text).columns[0]
        .values
        .clone()
}

/// Three days with those cells, between columns that mark.
fn days(mark: char, cells: [&str; 3]) -> String {
    let rows: Vec<String> = (1..)
        .zip(cells)
        .map(|(day, cell)| format!("2020-01-0{day}{mark}{cell}\n"))
        .collect();
    format!("date{mark}OT\n{}", rows.concat())
}

#[test]
fn marks_of_columns_decimals_and_thousands_are_as_the_settings_say() {
    for (more, text) in [
        ("", days(';', ["1234.5", "-998", "1000000.25"])),
        ("", days('\t', ["1,234.5", "-998", "1,000,000.25"])),
        ("decimal = \",\"", days(';', ["1234,5", "-998", "1000000,25"])),
        (
            "decimal = \",\"\nthousands = \".\"",
            days('|', ["1.234,5", "-998", "1.000.000,25"]),
        ),
        ("thousands = \"'\"", days(';', ["1'234.5", "-998", "1'000'000.25"])),
        (
            "decimal = \",\"\nthousands = \"\u{a0}\"",
            days(';', ["1\u{a0}234,5", "-998,0", "1\u{a0}000\u{a0}000,25"]),
        ),
        ("decimal = \",\"", days(',', ["\"1234,5\"", "\"-998\"", "\"1000000,25\""])),
    ] {
        let mark = text.chars().nth(4).unwrap_or(',');
        let separator = if mark == ',' {
            String::new()
        } else {
            format!("separator = {:?}\n", mark.to_string())
        };
        assert_eq!(values(&format!("{separator}{more}"), &text), VALUES, "{text}");
    }
    // What is told leaves no doubt.
    let doubtful = days(';', ["1,234", "2,345", "3,456"]);
    assert_eq!(
        values("separator = \";\"\nthousands = \",\"", &doubtful),
        [1234.0, 2345.0, 3456.0]
    );
    assert_eq!(values("separator = \";\"\ndecimal = \",\"", &doubtful), [1.234, 2.345, 3.456]);
    for (more, cells, expected) in [
        (
            "decimal = \",\"",
            ["1.5", "2", "3"],
            "s.csv:2: column `OT`: `1.5` is not a number: `,` stands before decimals and nothing between thousands",
        ),
        (
            "decimal = \",\"\nthousands = \".\"",
            ["1,5", "12.34,5", "3"],
            "s.csv:3: column `OT`: `12.34,5` is not a number: `,` stands before decimals and `.` between",
        ),
        ("", ["1,23", "2", "3"], "needs decimal = \",\" in [dataset.NAME]"),
    ] {
        let told = refusal(&format!("separator = \";\"\nfrequency = \"1d\"\n{more}"), &days(';', cells));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn currency_signs_and_percent_are_read_where_a_column_has_one_of_them() {
    assert_eq!(
        values("", &days(',', ["\"$1,234.50\"", "-$998", "\"$1,000,000.25\""])),
        VALUES
    );
    assert_eq!(values("", &days(',', ["1234.5 EUR", "-998 EUR", "1000000.25 EUR"])), VALUES);
    assert_eq!(
        values(
            "separator = \";\"\ndecimal = \",\"",
            &days(';', ["1234,5\u{a0}€", "-998 €", "1000000,25 €"])
        ),
        VALUES
    );
    assert_eq!(values("", &days(',', ["1.5%", "-2%", "8.21%"])), [1.5, -2.0, 8.21]);
    let told = refusal("frequency = \"1d\"", &days(',', ["$5", "€5", "$6"]));
    assert!(
        told.contains("s.csv:3: column `OT`: `€5` here, `$5` on line 2\n  help: a column must be in one currency"),
        "{told}"
    );
}

#[test]
fn lines_before_the_header_are_skipped_and_a_header_can_be_told() {
    let text = format!("https://data.example\nsecond,line\r\n{}", days(',', ["1", "x", "3"]));
    assert!(
        refusal("frequency = \"1d\"", &text)
            .contains("s.csv:1: the header seems to be line 3: `date,OT`\n  help: say skip_lines = 2")
    );
    let told = refusal("frequency = \"1d\"\nskip_lines = 2", &text);
    assert!(told.contains("s.csv:5: column `OT`: `x` is not a number"), "{told}");
    assert_eq!(values("skip_lines = 2", &text.replace('x', "2")), [1.0, 2.0, 3.0]);
    assert!(refusal("frequency = \"1d\"\nskip_lines = 9", &text).contains("`skip_lines` is 9"));
    let bare = days(',', ["1", "2", "3"]).replace("date,OT\n", "");
    let told = refusal("frequency = \"1d\"", &bare);
    assert!(
        told.contains("s.csv:1: the file seems to have no header") && told.contains("name its 2 columns with `columns`"),
        "{told}"
    );
    let columns = "columns = [\"date\", \"OT\"]";
    assert_eq!(values(columns, &bare), [1.0, 2.0, 3.0]);
    assert_eq!(
        read(&format!("frequency = \"1d\"\n{columns}"), &bare).preview.header,
        ["date", "OT"]
    );
    let told = refusal(&format!("frequency = \"1d\"\n{columns}"), &bare.replace(",2", ",x"));
    assert!(told.contains("s.csv:2: column `OT`: `x` is not a number"), "{told}");
    let told = refusal("frequency = \"1d\"\ncolumns = [\"date\", \"OT\", \"HUFL\"]", &bare);
    assert!(told.contains("s.csv:1: 2 cells here, 3 in `columns`"), "{told}");
}

#[test]
fn another_separator_is_told_as_the_setting_that_it_needs() {
    let told = refusal("frequency = \"1d\"", &days(';', ["1,5", "2,5", "3,5"]));
    assert!(
        told.contains("s.csv:1: the columns of `date;OT` are separated by \";\", and decimals by a comma, as in `1,5`\n  help: say separator = \";\" and decimal = \",\""),
        "{told}"
    );
    let told = refusal("frequency = \"1d\"\nseparator = \";\"", &days('\t', ["1", "2", "3"]));
    assert!(
        told.contains("are separated by \"\\t\"\n  help: say separator = \"\\t\" in"),
        "{told}"
    );
}

#[test]
fn what_is_no_table_is_refused() {
    for (bytes, expected) in [
        (
            &b"date,OT\n2020-01-31,1\n2020-02-01,\xe9\n"[..],
            "s.csv:3: the text is not UTF-8",
        ),
        (
            b"date,OT\r\n2020-01-31,1\r\n\r\n2020-02-01,\xe9\r\n",
            "s.csv:4: the text is not UTF-8",
        ),
        (
            b"PK\x03\x04...xl/workbook.xml",
            "s.csv is an Excel workbook (.xlsx), no CSV file",
        ),
        (b"\xff\xfed\0a\0", "s.csv is text in UTF-16"),
    ] {
        let told = read_with(&spec(""), bytes, Transform::None).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
    }
    let long = format!("date,OT\n2020-01-31,{}\n", "0".repeat(17 << 20));
    let told = read_with(&spec(""), long.as_bytes(), Transform::None)
        .unwrap_err()
        .to_string();
    assert!(told.contains("a line is longer than 16777216 bytes"), "{told}");
}

#[test]
fn settings_of_marks_that_no_file_can_have_are_refused() {
    for (more, expected) in [
        ("separator = \"1\"", "`separator` must be a mark that is in no number"),
        ("decimal = \";\"", "`decimal` must be \".\" or \",\""),
        ("thousands = \".\"", "`thousands` and `decimal` are both '.'"),
        ("thousands = \"0\"", "`thousands` must be a mark"),
        (
            "columns = [\"time\", \"OT\"]",
            "`columns` holds no `date`, which `time` says is the column of times",
        ),
        (
            "columns = [\"date\", \"HUFL\"]",
            "there is no column `OT`: `columns` lists `date`, `HUFL`",
        ),
        ("columns = [\"date\", \"OT\", \"OT\"]", "`columns` lists column `OT` twice"),
    ] {
        let told = refusal(more, ETT);
        assert!(told.contains(expected), "{told}");
    }
}
