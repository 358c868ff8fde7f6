//! What files become, and what is said of wrong ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use jiff::civil::date;

/// Settings that use `Price` as feature and target.
fn spec() -> PricesSpec {
    PricesSpec {
        file: "p.csv".to_owned(),
        features: vec!["Price".to_owned()],
        target: "Price".to_owned(),
        date: date_column(),
        from: None,
        until: None,
        calendar: Calendar::Daily,
        unit: String::new(),
    }
}

fn read(spec: &PricesSpec, text: &str, transform: Transform) -> anyhow::Result<Series> {
    spec.check()?;
    let path = Path::new("p.csv");
    spec.series(table::parse(path, text.as_bytes())?, path, transform)
}

fn series(text: &str) -> Series {
    read(&spec(), text, Transform::None).unwrap()
}

/// What is said of that file under these settings.
fn refusal(spec: &PricesSpec, text: &str, transform: Transform) -> String {
    read(spec, text, transform).unwrap_err().to_string()
}

const CLEAN: &str = "\
Date,Price,Vol.,Change %
2020-06-08,46.4,8410,-1.14
2020-06-09,1245.873,8410000,0.5
2020-06-10,46.14,8210000,0.58
";

/// The same days as an exchange site exports them.
const EXPORT: &str = "\u{feff}\"Date\",\"Price\",\"Vol.\",\"Change %\"\r
\"Jun 10, 2020\",\"46.140\",\"8.21M\",\"0.58%\"\r
\"Jun 09, 2020\",\"1,245.873\",\"8.41M\",\"0.50%\"\r
\"Jun 08, 2020\",\"46.40\",\"8.41K\",\"-1.14%\"\r
";

#[test]
fn an_export_gives_the_same_series_as_the_cleaned_file() {
    let mut all = spec();
    all.features = ["Price", "Vol.", "Change %"].map(str::to_owned).to_vec();
    let clean = read(&all, CLEAN, Transform::None).unwrap();
    let export = read(&all, EXPORT, Transform::None).unwrap();
    assert_eq!(clean.dates, export.dates);
    assert_eq!(clean.columns, export.columns);
    assert_eq!(clean.digest(), export.digest());
    assert_eq!(clean.dates[0], date(2020, 6, 8));
    assert_eq!(clean.target().values, [46.4, 1245.873, 46.14]);
    assert_eq!(clean.columns[1].values, [8410.0, 8_410_000.0, 8_210_000.0]);
    assert_eq!(clean.columns[2].values, [-1.14, 0.5, 0.58]);
}

#[test]
fn the_preview_shows_every_column_as_written_oldest_first() {
    let preview = series(EXPORT).preview;
    assert_eq!(preview.header, ["Date", "Price", "Vol.", "Change %"]);
    assert_eq!(preview.first, preview.last);
    assert_eq!(
        preview.first[0],
        ["Jun 08, 2020", "46.40", "8.41K", "-1.14%"]
    );
    assert_eq!(preview.first.len(), 3);
}

#[test]
fn the_digest_ignores_columns_that_are_not_used() {
    assert_eq!(
        series(CLEAN).digest(),
        series(&CLEAN.replace("8410,", "-,")).digest()
    );
    assert_ne!(
        series(CLEAN).digest(),
        series(&CLEAN.replace("46.4,", "46.5,")).digest()
    );
}

#[test]
fn from_and_until_cut_the_series() {
    let mut cut = spec();
    cut.from = Some(date(2020, 6, 9));
    cut.until = Some(date(2020, 6, 9));
    let one = read(&cut, CLEAN, Transform::None).unwrap();
    assert_eq!((one.rows(), one.dates[0]), (1, date(2020, 6, 9)));
    assert_eq!(one.preview.first[0][0], "2020-06-09");
    // What lies outside is not looked at, except for the order of the days.
    let hole = CLEAN
        .replace("46.14", "-")
        .replace("2020-06-10", "2020-06-20");
    assert_eq!(
        read(&cut, &hole, Transform::None).unwrap().digest(),
        one.digest()
    );
}

#[test]
fn missing_days_are_allowed_where_the_settings_say_so() {
    let gap = CLEAN.replace("2020-06-10", "2020-06-12");
    let mut any = spec();
    any.calendar = Calendar::Any;
    assert_eq!(read(&any, &gap, Transform::None).unwrap().rows(), 3);
}

#[test]
fn wrong_files_are_refused_with_their_place() {
    let cases: &[(&str, &str)] = &[
        // columns
        (
            "Date,Close\n2020-01-01,1\n",
            "p.csv:1: there is no column `Price`\n  help: the columns are `Date`, `Close`",
        ),
        (
            "Date,price\n2020-01-01,1\n",
            "did you mean `price`? the columns are `Date`, `price`",
        ),
        ("Day,Price\n2020-01-01,1\n", "there is no column `Date`"),
        (
            "Date;Price\n2020-01-01;1\n",
            "columns must be separated by commas",
        ),
        (
            "Date,Price,Price\n2020-01-01,1,2\n",
            "p.csv:1: column `Price` is there 2 times",
        ),
        // cells
        (
            "Date,Price\n2020-01-01,1\n2020-01-02,x\n",
            "p.csv:3: column `Price`: `x` is not a number",
        ),
        (
            "Date,Price\n2020-01-01,1\n2020-01-02,-\n",
            "p.csv:3: column `Price`: `-` is not a number",
        ),
        (
            "Date,Price\n2020-01-01,\n",
            "p.csv:2: column `Price`: the cell is empty",
        ),
        (
            "Date,Price\n2020-01-01,NaN\n",
            "p.csv:2: column `Price`: `NaN` is not a finite number",
        ),
        (
            "Date,Price\n2020-01-01,inf\n",
            "`inf` is not a finite number",
        ),
        (
            "Date,Price\n2020-01-01,5%\n2020-01-02,5\n",
            "p.csv:3: column `Price`: `5` here, `5%` on line 2",
        ),
        (
            "Date,Price\n2020-01-01,\"46,140\"\n2020-01-02,\"45,880\"\n",
            "the comma may separate thousands or decimals",
        ),
        // dates
        (
            "Date,Price\n,1\n",
            "p.csv:2: column `Date`: the cell is empty",
        ),
        (
            "Date,Price\n03/04/2020,1\n",
            "in `03/04/2020` the day and the month cannot be told apart",
        ),
        (
            "Date,Price\nyesterday,1\n",
            "p.csv:2: column `Date`: `yesterday` is not a date",
        ),
        (
            "Date,Price\n2020-01-31,1\n2020-02-30,1\n",
            "p.csv:3: column `Date`: `2020-02-30` is not a date such as `2020-01-31`",
        ),
        (
            "Date,Price\n2020-01-31,1\n\"Feb 1, 2020\",1\n",
            "`Feb 1, 2020` is not a date such as `2020-01-31`",
        ),
        (
            "Date,Price\n2020-01-01,1\n2020-01-02,2\n2020-01-01,3\n",
            "p.csv:4: column `Date`: 2020-01-01 is there already, on line 2",
        ),
        (
            "Date,Price\n2020-01-01,1\n2020-01-03,2\n2020-01-02,3\n2020-01-04,3\n",
            "p.csv:4: column `Date`: 2020-01-02 comes after 2020-01-03",
        ),
        (
            "Date,Price\n2020-01-04,1\n2020-01-02,2\n2020-01-03,3\n2020-01-01,3\n",
            "p.csv:4: column `Date`: 2020-01-03 comes after 2020-01-02",
        ),
        (
            "Date,Price\n2020-01-01,1\n2020-01-03,3\n",
            "p.csv:3: column `Date`: 2020-01-02 is missing before 2020-01-03\n  help: add the days, or allow any with `calendar = \"any\"`",
        ),
        (
            "Date,Price\n2020-03-05,1\n2020-02-27,3\n",
            "p.csv:2: column `Date`: 2020-02-28 to 2020-03-04 (6 days) are missing",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refusal(&spec(), text, Transform::None);
        assert!(refusal.contains(expected), "{text:?}: {refusal}");
    }
}

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
            format!(
                "Date,Price\n{}",
                days(|day| format!("2020-01-0{day},$205{day}.20\n"))
            ),
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
            format!(
                "Date,Price\n{}",
                days(|day| format!("2{day}.01.2020,\"2.23{day},48\"\n"))
            ),
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
            format!(
                "Source,example\nDate,Price\n{}",
                days(|day| format!("2020-01-0{day},1\n"))
            ),
            "there is no column `Date`, `Price`; the header seems to be line 2: `Date,Price`\n  help: take the lines before line 2 out",
        ),
        (
            format!("Date,Price\n2020-01-01,{}\n", "x\u{1b}[2J".repeat(1 << 18)),
            "p.csv:2: column `Price`: `x\\u{1b}[2J",
        ),
    ] {
        let refusal = refusal(&spec(), &text, Transform::None);
        assert!(refusal.contains(expected), "{text:.200}: {refusal}");
        assert!(
            refusal.len() < 1200 && refusal.lines().count() <= 4,
            "{refusal}"
        );
    }
}

#[test]
fn values_whose_squares_overflow_are_named() {
    let refusal = refusal(&spec(), &prices(&["1", "1e300"]), Transform::None);
    assert!(
        refusal.contains("p.csv:3: column `Price`: `1e300` is too large"),
        "{refusal}"
    );
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

#[test]
fn the_logarithm_asks_for_values_above_zero() {
    for zero in ["0", "-2"] {
        let text = format!("Date,Price\n2020-01-01,1\n2020-01-02,{zero}\n");
        assert_eq!(series(&text).rows(), 2);
        let refusal = refusal(&spec(), &text, Transform::Log);
        assert!(
            refusal.contains("p.csv:3: column `Price`: ") && refusal.contains("has no logarithm"),
            "{refusal}"
        );
    }
}

#[test]
fn several_wrong_cells_are_told_at_once_in_the_order_of_lines() {
    let mut text = "Date,Price,Open\n".to_owned();
    for day in 1..=7 {
        text += &format!("2020-01-0{day},x{day},y{day}\n");
    }
    text += "2020-01-08,1,1\n";
    let mut both = spec();
    both.features = vec!["Open".to_owned()];
    insta::assert_snapshot!(refusal(&both, &text, Transform::None), @r"
    p.csv:2: column `Open`: `y1` is not a number
    p.csv:2: column `Price`: `x1` is not a number
    p.csv:3: column `Open`: `y2` is not a number
    p.csv:3: column `Price`: `x2` is not a number
    p.csv:4: column `Open`: `y3` is not a number
    and 9 more
      help: correct the file, cut the rows off with `from` or `until`, or use other columns
    ");
}

#[test]
fn settings_that_no_file_can_meet_are_refused() {
    let with = |change: fn(&mut PricesSpec)| {
        let mut spec = spec();
        change(&mut spec);
        refusal(&spec, CLEAN, Transform::None)
    };
    for (refusal, expected) in [
        (with(|spec| spec.features.clear()), "`features` is empty"),
        (
            with(|spec| spec.features.push("Price".to_owned())),
            "`features` lists column `Price` twice",
        ),
        (
            with(|spec| spec.features.push("Date".to_owned())),
            "column `Date` holds the dates",
        ),
        (
            with(|spec| spec.target = "Date".to_owned()),
            "column `Date` holds the dates",
        ),
        (
            with(|spec| {
                spec.from = Some(date(2020, 6, 10));
                spec.until = Some(date(2020, 6, 9));
            }),
            "`from` (2020-06-10) lies after `until` (2020-06-09)",
        ),
        (
            with(|spec| spec.from = Some(date(2021, 1, 1))),
            "no day lies between 2021-01-01 and 2020-06-10; the file holds 2020-06-08 to 2020-06-10",
        ),
    ] {
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn settings_survive_the_way_through_a_plan() {
    let toml = "file = \"p.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\nfrom = 2020-01-31\nuntil = \"2020-02-01\"";
    let spec: PricesSpec = toml::from_str(toml).unwrap();
    let source = crate::dataset::SeriesSource::Prices(spec);
    let json = serde_json::to_string(&source).unwrap();
    assert!(
        json.contains(r#""from":"2020-01-31","until":"2020-02-01""#),
        "{json}"
    );
    assert_eq!(
        serde_json::from_str::<crate::dataset::SeriesSource>(&json).unwrap(),
        source
    );
}
