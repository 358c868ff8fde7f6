//! What files become, and what is said of wrong ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use jiff::civil::date;

/// Settings that use `Price` as feature and target.
pub(super) fn spec() -> PricesSpec {
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

pub(super) fn series(text: &str) -> Series {
    read(&spec(), text, Transform::None).unwrap()
}

/// What is said of that file under these settings.
pub(super) fn refusal(spec: &PricesSpec, text: &str, transform: Transform) -> String {
    read(spec, text, transform).unwrap_err().to_string()
}

pub(super) const CLEAN: &str = "\
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
    assert_eq!(clean.times, export.times);
    assert_eq!(clean.columns, export.columns);
    assert_eq!(clean.digest(), export.digest());
    assert_eq!(clean.times.get(0).to_string(), "2020-06-08");
    assert_eq!(clean.target().values, [46.4, 1245.873, 46.14]);
    assert_eq!(clean.columns[1].values, [8410.0, 8_410_000.0, 8_210_000.0]);
    assert_eq!(clean.columns[2].values, [-1.14, 0.5, 0.58]);
}

#[test]
fn the_preview_shows_every_column_as_written_oldest_first() {
    let preview = series(EXPORT).preview;
    assert_eq!(preview.header, ["Date", "Price", "Vol.", "Change %"]);
    assert_eq!(preview.first, preview.last);
    assert_eq!(preview.first[0], ["Jun 08, 2020", "46.40", "8.41K", "-1.14%"]);
    assert_eq!(preview.first.len(), 3);
}

#[test]
fn the_digest_ignores_columns_that_are_not_used() {
    assert_eq!(series(CLEAN).digest(), series(&CLEAN.replace("8410,", "-,")).digest());
    assert_ne!(series(CLEAN).digest(), series(&CLEAN.replace("46.4,", "46.5,")).digest());
}

#[test]
fn from_and_until_cut_the_series() {
    let mut cut = spec();
    cut.from = Some(date(2020, 6, 9));
    cut.until = Some(date(2020, 6, 9));
    let one = read(&cut, CLEAN, Transform::None).unwrap();
    assert_eq!((one.rows(), one.times.get(0).to_string()), (1, "2020-06-09".to_owned()));
    assert_eq!(one.preview.first[0][0], "2020-06-09");
    // What lies outside is not looked at, except for the order of the days.
    let hole = CLEAN.replace("46.14", "-").replace("2020-06-10", "2020-06-20");
    assert_eq!(read(&cut, &hole, Transform::None).unwrap().digest(), one.digest());
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
        ("Date;Price\n2020-01-01;1\n", "columns must be separated by commas"),
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
        ("Date,Price\n2020-01-01,\n", "p.csv:2: column `Price`: the cell is empty"),
        (
            "Date,Price\n2020-01-01,NaN\n",
            "p.csv:2: column `Price`: `NaN` is not a finite number",
        ),
        ("Date,Price\n2020-01-01,inf\n", "`inf` is not a finite number"),
        (
            "Date,Price\n2020-01-01,5%\n2020-01-02,5\n",
            "p.csv:3: column `Price`: `5` here, `5%` on line 2",
        ),
        (
            "Date,Price\n2020-01-01,\"46,140\"\n2020-01-02,\"45,880\"\n",
            "the comma may separate thousands or decimals",
        ),
        // dates
        ("Date,Price\n,1\n", "p.csv:2: column `Date`: the cell is empty"),
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
            "p.csv:3: column `Date`: there is no day `2020-02-30`",
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
        (with(|spec| spec.target = "Date".to_owned()), "column `Date` holds the dates"),
        (
            with(|spec| {
                spec.from = Some(date(2020, 6, 10));
                spec.until = Some(date(2020, 6, 9));
            }),
            "`from` (2020-06-10) lies after `until` (2020-06-09)",
        ),
        (
            with(|spec| spec.from = Some(date(2021, 1, 1))),
            "no day lies on or after 2021-01-01; the file holds 2020-06-08 to 2020-06-10",
        ),
    ] {
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn settings_survive_the_way_through_a_plan() {
    let toml = "file = \"p.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\nfrom = 2020-01-31\nuntil = \"2020-02-01\"";
    let spec: PricesSpec = toml::from_str(toml).unwrap();
    let source = crate::data::SeriesSource::Prices(spec);
    let json = serde_json::to_string(&source).unwrap();
    assert!(json.contains(r#""from":"2020-01-31","until":"2020-02-01""#), "{json}");
    assert_eq!(serde_json::from_str::<crate::data::SeriesSource>(&json).unwrap(), source);
}
