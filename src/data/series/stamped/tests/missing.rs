//! What becomes of missing rows and values.

use super::*;

/// Hours with a value each; the third row and its two neighbours in time lack something.
const HOLES: &str = "\
date,HUFL,OT
2016-07-01 00:00,1,10
2016-07-01 01:00,2,
2016-07-01 02:00,null,NaN
2016-07-01 05:00,5,40
2016-07-01 06:00,8,43
";

#[test]
fn missing_values_are_refused_unless_the_settings_say_what_becomes_of_them() {
    let told = refusal("", HOLES);
    assert!(
        told.contains(
            "s.csv:5: column `date`: 2016-07-01 03:00 to 2016-07-01 04:00 (2 rows) are missing before 2016-07-01 05:00"
        ),
        "{told}"
    );
    assert!(
        told.contains("s.csv:3: column `OT`: the cell is empty\ns.csv:4: column `HUFL`: `null` is not a number"),
        "{told}"
    );
    assert!(
        told.contains("help: say what becomes of missing values: missing = \"previous\""),
        "{told}"
    );
}

#[test]
fn they_take_the_value_before() {
    let series = read("missing = \"previous\"", HOLES);
    assert_eq!(series.rows(), 7);
    assert_eq!(series.columns[0].values, [1.0, 2.0, 2.0, 2.0, 2.0, 5.0, 8.0]);
    assert_eq!(series.columns[1].values, [10.0, 10.0, 10.0, 10.0, 10.0, 40.0, 43.0]);
    assert_eq!(
        series.notes,
        [
            "s.csv: 2 rows were missing; values that were missing are the value before (`HUFL`: 3 values, at most 3 rows at once, \
             2016-07-01 02:00 to 2016-07-01 04:00; `OT`: 4 values, at most 4 rows at once, 2016-07-01 01:00 to 2016-07-01 04:00)"
        ]
    );
    // The rows of the file are shown as they are.
    assert_eq!(series.preview.first[1], ["2016-07-01 01:00", "2", ""]);
}

#[test]
fn they_lie_on_a_line_over_time() {
    let series = read("missing = \"interpolate\"", HOLES);
    assert_eq!(series.columns[0].values, [1.0, 2.0, 2.75, 3.5, 4.25, 5.0, 8.0]);
    assert_eq!(series.columns[1].values, [10.0, 16.0, 22.0, 28.0, 34.0, 40.0, 43.0]);
    assert!(series.notes[0].contains("which they so know"), "{:?}", series.notes);
    let any = read("missing = \"interpolate\"\nfrequency = \"any\"", HOLES);
    assert_eq!(any.columns[1].values, [10.0, 16.0, 22.0, 40.0, 43.0]);
}

#[test]
fn their_rows_are_left_out() {
    let series = read("missing = \"drop\"", HOLES);
    assert_eq!(told(&series), ["2016-07-01 00:00", "2016-07-01 05:00", "2016-07-01 06:00"]);
    assert_eq!(series.columns[1].values, [10.0, 40.0, 43.0]);
    assert_eq!(
        series.notes,
        [
            "s.csv: 2 rows without a value were left out, the first at 2016-07-01 01:00",
            "s.csv: 2 rows were missing in 1 place, at most at once 2016-07-01 03:00 to 2016-07-01 04:00 (2 rows) are missing before \
             2016-07-01 05:00",
            "windows run across what is missing as if it were not"
        ]
    );
    let told = refusal("missing = \"drop\"\nlongest_gap = \"4h\"", HOLES);
    assert!(
        told.contains("s.csv:5: column `date`: no value between 2016-07-01 00:00 and 2016-07-01 05:00 (5 hours)"),
        "{told}"
    );
}

#[test]
fn what_nothing_can_stand_in_for_is_refused() {
    let first = HOLES.replace("00:00,1,10", "00:00,1,-");
    let told = refusal("missing = \"previous\"", &first);
    assert!(
        told.contains("s.csv:2: column `OT`: the value is missing, and there is none before it"),
        "{told}"
    );
    let last = HOLES.replace("8,43", "8,");
    assert_eq!(read("missing = \"previous\"", &last).columns[1].values[6], 40.0);
    let told = refusal("missing = \"interpolate\"", &last);
    assert!(
        told.contains("s.csv:6: column `OT`: the value is missing, and there is none after it"),
        "{told}"
    );
    let told = refusal("missing = \"previous\"\nlongest_gap = \"4h\"", HOLES);
    assert!(
        told.contains("s.csv:5: column `OT`: no value between 2016-07-01 00:00 and 2016-07-01 05:00 (5 hours), which is longer than `longest_gap`, 4h"),
        "{told}"
    );
    assert!(!told.contains("HUFL"), "{told}");
    let none = "date,OT\n2016-07-01,\n2016-07-02,\n";
    assert!(refusal("missing = \"drop\"\nfrequency = \"1d\"", none).contains("every row lacks a value"));
    // A word is no missing value.
    assert!(
        refusal("missing = \"drop\"", &HOLES.replace("null", "x")).contains("s.csv:4: column `HUFL`: `x` is not a number")
    );
}
