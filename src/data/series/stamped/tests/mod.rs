//! What files become, and what is said of wrong ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

/// Settings from lines of TOML, beside those that most tests share.
fn spec(more: &str) -> SeriesSpec {
    let mut lines = "file = \"s.csv\"\n".to_owned();
    for (key, line) in [
        ("time", "time = \"date\""),
        ("frequency", "frequency = \"1h\""),
        ("features", "features = \"all\""),
        ("target", "target = \"OT\""),
    ] {
        let says = |own: &str| {
            own.split(' ')
                .next()
                .is_some_and(|own| own == key || (key, own) == ("target", "targets"))
        };
        if !more.lines().any(says) {
            lines += &format!("{line}\n");
        }
    }
    toml::from_str(&(lines + more)).unwrap()
}

fn read_with(spec: &SeriesSpec, bytes: &[u8], transform: Transform) -> anyhow::Result<Series> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("s.csv"), bytes)?;
    let read = spec.read(folder.path(), transform);
    let place = format!("{}/", folder.path().display());
    read.map_err(|error| anyhow::anyhow!("{}", error.to_string().replace(&place, "")))
}

fn read(more: &str, text: &str) -> Series {
    read_with(&spec(more), text.as_bytes(), Transform::None).unwrap()
}

/// What is said of that file under these settings.
fn refusal(more: &str, text: &str) -> String {
    read_with(&spec(more), text.as_bytes(), Transform::None)
        .unwrap_err()
        .to_string()
}

fn told(series: &Series) -> Vec<String> {
    (0..series.rows()).map(|row| series.times.get(row).to_string()).collect()
}

const ETT: &str = "\
date,HUFL,OT
2016-07-01 00:00:00,5.827000141143799,30.5310001373291
2016-07-01 01:00:00,5.692999839782715,27.78700065612793
2016-07-01 02:00:00,5.1570000648498535,27.78700065612793
";

#[test]
fn hourly_rows_become_a_series() {
    let series = read("unit = \"°C\"", ETT);
    assert_eq!(told(&series), ["2016-07-01 00:00", "2016-07-01 01:00", "2016-07-01 02:00"]);
    assert_eq!(
        (series.features, &series.targets[..], series.unit.as_str()),
        (2, &[1][..], "°C")
    );
    assert_eq!(
        series.columns[0].values,
        [5.827000141143799, 5.692999839782715, 5.1570000648498535]
    );
    assert_eq!(series.target().name, "OT");
    assert_eq!(series.preview.header, ["date", "HUFL", "OT"]);
    assert_eq!(
        series.preview.last[2],
        ["2016-07-01 02:00:00", "5.1570000648498535", "27.78700065612793"]
    );
}

#[test]
fn the_order_of_rows_line_ends_marks_and_gzip_change_nothing() {
    let series = read("", ETT);
    let mut lines: Vec<&str> = ETT.lines().collect();
    lines[1..].reverse();
    let newest_first = lines.join("\r\n");
    assert_eq!(read("", &newest_first).digest(), series.digest());
    assert_eq!(read("", &newest_first).preview.first, series.preview.first);
    assert_eq!(
        read("", &format!("\u{feff}{}", ETT.replace(',', " , "))).digest(),
        series.digest()
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, ETT.as_bytes()).unwrap();
    let packed = read_with(&spec(""), &encoder.finish().unwrap(), Transform::None).unwrap();
    assert_eq!((packed.digest(), packed.preview), (series.digest(), series.preview));
}

#[test]
fn features_and_targets_are_named_or_all() {
    let series = read("features = [\"OT\"]\ntarget = \"HUFL\"", ETT);
    let names: Vec<&str> = series.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, series.features, series.targets), (vec!["OT", "HUFL"], 1, vec![1]));
    let settings = spec("targets = \"all\"");
    let json = serde_json::to_string(&crate::data::SeriesSource::Series(settings.clone())).unwrap();
    assert_eq!(
        json,
        r#"{"kind":"series","file":"s.csv","time":"date","frequency":"1h","features":"all","targets":"all"}"#
    );
    assert_eq!(
        serde_json::from_str::<crate::data::SeriesSource>(&json).unwrap(),
        crate::data::SeriesSource::Series(settings)
    );
}

#[test]
fn from_and_until_cut_the_series_and_what_lies_outside_is_not_looked_at() {
    let wrong = ETT.replace("5.827000141143799", "x");
    let cut = read("from = \"2016-07-01 01:00\"\nuntil = 2016-07-01T01:00:00", &wrong);
    assert_eq!(told(&cut), ["2016-07-01 01:00"]);
    assert_eq!(
        cut.preview.first,
        [["2016-07-01 01:00:00", "5.692999839782715", "27.78700065612793"]]
    );
    let mut lines: Vec<&str> = wrong.lines().collect();
    lines[1..].reverse();
    let newest_first = read("from = \"2016-07-01 01:00\"", &lines.join("\n"));
    assert_eq!(newest_first.columns[0].values, [5.692999839782715, 5.1570000648498535]);
    assert_eq!(read("until = 2016-07-01", ETT).rows(), 3);
    let rows: Vec<String> = (0..24).map(|hour| format!("2016-07-01 {hour:02}:00:00,{hour},1")).collect();
    let day = format!("date,HUFL,OT\n{}\n", rows.join("\n"));
    let inner = read("from = \"2016-07-01 08:00\"\nuntil = \"2016-07-01 15:00\"", &day);
    assert_eq!(inner.columns[0].values, [8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0]);
    assert_eq!(
        (inner.preview.first[0][1].as_str(), inner.preview.last[4][1].as_str()),
        ("8", "15")
    );
    let refusal = refusal("from = 2017-01-01", ETT);
    assert!(
        refusal.contains("no row lies at or after 2017-01-01; the file holds 2016-07-01 00:00 to 2016-07-01 02:00"),
        "{refusal}"
    );
}

#[test]
fn wrong_files_are_refused_with_their_place() {
    let cases: &[(&str, &str)] = &[
        (
            "date,OT\n2016-07-01,1\n2016-07-02,x\n",
            "s.csv:3: column `OT`: `x` is not a number",
        ),
        (
            "date,OT\r\n2016-07-01,1\r\n\r\n2016-07-02,x\r\n",
            "s.csv:4: column `OT`: `x` is not a number",
        ),
        (
            "date,OT\n2016-07-01,\n2016-07-02,2\n",
            "s.csv:2: column `OT`: the cell is empty",
        ),
        (
            "date,OT\n2016-07-01,5%\n2016-07-02,5\n",
            "s.csv:3: column `OT`: `5` here, `5%` on line 2",
        ),
        (
            "date,OT\n2016-07-01,\"1,234\"\n2016-07-02,\"2,345\"\n",
            "the comma may separate thousands or decimals",
        ),
        (
            "date,OT\n2016-07-01,1.234\n2016-07-02,998\n",
            "s.csv:2: column `OT`: `1.234` may be 1234 (the point",
        ),
        (
            "date,ot\n2016-07-01,1\n",
            "s.csv:1: there is no column `OT`\n  help: did you mean `ot`?",
        ),
        (
            "time,OT\n2016-07-01,1\n",
            "`time` in [dataset.NAME] names the column that holds the times",
        ),
        (
            "date,OT\n2016-07-01,1,2\n2016-07-02,1\n",
            "s.csv:2: 3 cells here, 2 in the header",
        ),
        ("date,OT\n", "s.csv has a header but no rows"),
        ("", "s.csv is empty"),
        ("date,OT\n2016-07-01,1\n2016-07-02,\u{1}\n", "s.csv:3: column `OT`"),
        ("date,OT\n,1\n", "s.csv:2: column `date`: the cell is empty"),
        ("date,OT\nyesterday,1\n", "s.csv:2: column `date`: `yesterday` is not a time"),
        (
            "date,OT\n03/04/2020,1\n04/04/2020,1\n",
            "s.csv:2: column `date`: `03/04/2020` can be read in 2 ways, as `31/01/2020` or `01/31/2020` are written, and no cell of the \
             column tells which",
        ),
        (
            "date,OT\n2016-07-01,1\n\"Jul 2, 2016\",1\n",
            "s.csv:3: column `date`: `Jul 2, 2016` is not a time that begins as `2020-01-31`",
        ),
        (
            "date,OT\n2016-07-01,1\n2016-07-02,1\n2016-07-01,1\n",
            "s.csv:4: column `date`: 2016-07-01 is there already, on line 2",
        ),
        (
            "date,OT\n2016-07-01,1\n2016-07-03,1\n2016-07-02,1\n2016-07-04,1\n",
            "s.csv:4: column `date`: 2016-07-02 comes after 2016-07-03",
        ),
        (
            "date,OT\n2016-07-01,1\n2016-07-03,1\n",
            "s.csv:3: column `date`: 2016-07-02 is missing before 2016-07-03\n  help: add the rows",
        ),
        (
            "date,OT\n2016-07-05,1\n2016-07-01,1\n",
            "s.csv:2: column `date`: 2016-07-02 to 2016-07-04 (3 rows) are missing before 2016-07-05",
        ),
        (
            "date,OT\n2016-07-01 00:00,1\n2016-07-02 00:00,1\n2016-07-03 12:00,1\n",
            "s.csv:4: column `date`: 2016-07-03 12:00 is no multiple of 1d after 2016-07-02 00:00",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refusal("frequency = \"1d\"\nfeatures = [\"OT\"]", text);
        assert!(refusal.contains(expected), "{text:?}: {refusal}");
    }
    let quarters = "date,OT\n2016-07-01 00:00,1\n2016-07-01 00:15,1\n2016-07-01 00:30,1\n";
    let refusal = refusal("", quarters);
    assert!(
        refusal.contains("help: most rows are 15 minutes apart; `frequency` in [dataset.NAME] is \"1h\": say another"),
        "{refusal}"
    );
}

#[test]
fn several_wrong_things_are_told_at_once_in_the_order_of_lines() {
    let mut text = "date,HUFL,OT\n".to_owned();
    for hour in 0..8 {
        text += &format!("2016-07-01 0{hour}:00,{},y\n", if hour == 6 { "x" } else { "1" });
    }
    let text = text.replace("2016-07-01 03:00", "2016-07-01");
    insta::assert_snapshot!(refusal("", &text.replace("02:00,1,y", "02:00,1,2")), @r#"
    s.csv:5: column `date`: 2016-07-01 00:00 is there already, on line 2
      help: a time may have one row only; an hour that comes twice because clocks are put back needs `time_zone`, as "Europe/Helsinki"

    s.csv:2: column `OT`: `y` is not a number (also on lines 3, 5, 6 and 3 more)
    s.csv:8: column `HUFL`: `x` is not a number
      help: correct the file, cut the rows off with `from` or `until`, or use other columns
    "#);
}

#[test]
fn the_logarithm_asks_for_values_above_zero() {
    let text = ETT.replace("5.692999839782715", "0");
    assert_eq!(read("", &text).rows(), 3);
    let refusal = read_with(&spec(""), text.as_bytes(), Transform::Log).unwrap_err().to_string();
    assert!(refusal.contains("s.csv:3: column `HUFL`: 0 has no logarithm"), "{refusal}");
}

#[test]
fn a_column_without_a_name_is_not_among_all() {
    let numbered = ",date,OT\n0,2016-07-01 00:00,1\n1,2016-07-01 01:00,2\n";
    let told = refusal("", numbered);
    assert!(
        told.contains("s.csv:1: a column has no name, as that of row numbers\n  help: list the columns"),
        "{told}"
    );
    assert_eq!(read("features = [\"OT\"]", numbered).rows(), 2);
}

#[test]
fn settings_that_no_file_can_meet_are_refused() {
    for (more, expected) in [
        ("features = []", "`features` is empty"),
        ("features = [\"OT\", \"OT\"]", "`features` lists column `OT` twice"),
        ("features = [\"date\"]", "column `date` holds the times"),
        ("target = \"date\"", "column `date` holds the times"),
        ("targets = [\"date\"]", "column `date` holds the times"),
        ("target = \"OT\"\ntargets = \"all\"", "say the same twice"),
        (
            "from = 2020-06-10\nuntil = 2020-06-09",
            "`from` (2020-06-10) lies after `until` (2020-06-09)",
        ),
    ] {
        let refusal = refusal(more, ETT);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

mod golden;
mod many;
mod missing;
mod times;
mod written;
