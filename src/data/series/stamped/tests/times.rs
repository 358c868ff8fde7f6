//! How times are written, told and held to their calendar.

use super::*;

/// A column of times with a number each.
fn file(times: &[&str]) -> String {
    let rows: Vec<String> = times
        .iter()
        .enumerate()
        .map(|(row, time)| format!("\"{time}\",{row}.5\n"))
        .collect();
    format!("date,OT\n{}", rows.concat())
}

fn times(more: &str, cells: &[&str]) -> Vec<String> {
    told(&read(more, &file(cells)))
}

#[test]
fn one_row_tells_the_order_of_all_dates() {
    let daily = "frequency = \"1d\"";
    assert_eq!(times(daily, &["11/12/2020", "12/12/2020", "13/12/2020"])[0], "2020-12-11");
    assert_eq!(times(daily, &["12/11/2020", "12/12/2020", "12/13/2020"])[0], "2020-12-11");
    assert_eq!(times(daily, &["13/12/2020", "12/12/2020"])[0], "2020-12-12");
    assert_eq!(
        times("frequency = \"any\"", &["31-Jan-2020", "1-Feb-2020"]),
        ["2020-01-31", "2020-02-01"]
    );
    let doubt = file(&["03/04/2020 10:00", "03/04/2020 11:00"]);
    let told = refusal("", &doubt);
    assert!(
        told.contains("as `31/01/2020` or `01/31/2020` are written, and no cell of the column tells which\n  help: say which, as time_format = \"day_first\" or time_format = \"month_first\""),
        "{told}"
    );
    assert_eq!(told_first("time_format = \"day_first\"", &doubt), "2020-04-03 10:00");
    assert_eq!(told_first("time_format = \"%m/%d/%Y %H:%M\"", &doubt), "2020-03-04 10:00");
    let told = refusal("time_format = \"%m/%d/%Y\"", &doubt);
    assert!(
        told.contains("s.csv:2: column `date`: `03/04/2020 10:00` is not a time that begins as `01/31/2020`")
            && told.contains("correct `time_format`"),
        "{told}"
    );
}

fn told_first(more: &str, text: &str) -> String {
    told(&read(more, text))[0].clone()
}

#[test]
fn the_time_since_1970_is_told_in_utc_or_in_the_zone_asked_for() {
    for (cells, more) in [
        (["1477785600", "1477789200"], ""),
        (["1477785600000", "1477789200000"], ""),
        (["1477785600000000", "1477789200000000"], ""),
        (["1477785600", "1477789200"], "time_format = \"unix\""),
    ] {
        assert_eq!(times(more, &cells), ["2016-10-30 00:00", "2016-10-30 01:00"]);
        let zone = format!("{more}\ntime_zone = \"Europe/Berlin\"");
        assert_eq!(times(&zone, &cells), ["2016-10-30 02A:00", "2016-10-30 02B:00"]);
    }
    // A number of that length is no time of days that anybody has.
    let told = refusal("time_format = \"unix_ms\"", &file(&["2016-10-30 00:00"]));
    assert!(told.contains("is not a time that begins as `1580428800000`"), "{told}");
    let told = refusal("", &file(&["2016103000", "2016103001"]));
    assert!(
        told.contains("time_format = \"unix\" or time_format = \"%Y%m%d%H\""),
        "{told}"
    );
}

#[test]
fn offsets_are_instants_and_differ_only_where_a_zone_tells_them() {
    assert_eq!(
        times("", &["2016-10-30T00:00:00Z", "2016-10-30T01:00:00Z"])[1],
        "2016-10-30 01:00"
    );
    assert_eq!(
        times("", &["2016-10-30 00:00:00+05:30", "2016-10-30 01:00:00+05:30"])[1],
        "2016-10-30 01:00"
    );
    let change = ["2016-10-30 02:00:00+02:00", "2016-10-30 02:00:00+01:00"];
    let told = refusal("", &file(&change));
    assert!(
        told.contains(
            "s.csv:3: column `date`: the time has another offset from UTC than the first\n  help: say in which zone"
        ),
        "{told}"
    );
    assert_eq!(
        times("time_zone = \"Europe/Berlin\"", &change),
        ["2016-10-30 02A:00", "2016-10-30 02B:00"]
    );
    assert_eq!(
        times("time_zone = \"America/New_York\"", &change),
        ["2016-10-29 20:00", "2016-10-29 21:00"]
    );
    let told = refusal("", &file(&["2016-10-30 00:00", "2016-10-30 01:00Z"]));
    assert!(told.contains("one has an offset from UTC, the other has none"), "{told}");
}

#[test]
fn an_hour_that_comes_twice_is_first_and_then_second_and_one_that_is_skipped_is_no_gap() {
    let zone = "time_zone = \"Europe/Berlin\"";
    let autumn = ["2016-10-30 01:00", "2016-10-30 02:00", "2016-10-30 02:00", "2016-10-30 03:00"];
    let expected = [
        "2016-10-30 01:00",
        "2016-10-30 02A:00",
        "2016-10-30 02B:00",
        "2016-10-30 03:00",
    ];
    assert_eq!(times(zone, &autumn), expected);
    let mut newest_first = autumn;
    newest_first.reverse();
    assert_eq!(times(zone, &newest_first), expected);
    assert_eq!(read(zone, &file(&newest_first)).columns[0].values, [3.5, 2.5, 1.5, 0.5]);
    let half = [
        "2016-10-30 02:00",
        "2016-10-30 02:30",
        "2016-10-30 02:00",
        "2016-10-30 02:30",
        "2016-10-30 03:00",
    ];
    assert_eq!(
        times(&format!("{zone}\nfrequency = \"30min\""), &half)[2..4],
        ["2016-10-30 02B:00", "2016-10-30 02B:30"]
    );
    assert_eq!(
        times(zone, &["2016-03-27 01:00", "2016-03-27 03:00"]),
        ["2016-03-27 01:00", "2016-03-27 03:00"]
    );
    // Days keep to the clock on the wall, and so may hours.
    assert_eq!(
        times(
            &format!("{zone}\nfrequency = \"1d\""),
            &["2016-03-26 12:00", "2016-03-27 12:00", "2016-03-28 12:00"]
        )
        .len(),
        3
    );
    assert_eq!(
        times(
            &format!("{zone}\nfrequency = \"6h\""),
            &["2016-03-27 00:00", "2016-03-27 06:00", "2016-03-27 12:00"]
        )
        .len(),
        3
    );
    let told = refusal(zone, &file(&["2016-03-27 01:00", "2016-03-27 02:00", "2016-03-27 03:00"]));
    assert!(
        told.contains("s.csv:3: column `date`: there is no 2016-03-27 02:00 in this time zone: clocks were put forward"),
        "{told}"
    );
    let told = refusal("", &file(&autumn));
    assert!(
        told.contains("s.csv:4: column `date`: 2016-10-30 02:00 is there already, on line 3")
            && told.contains("needs `time_zone`"),
        "{told}"
    );
    // One hour of two is a gap.
    let told = refusal(zone, &file(&["2016-10-30 01:00", "2016-10-30 02:00", "2016-10-30 03:00"]));
    assert!(
        told.contains("s.csv:4: column `date`: 2016-10-30 02B:00 is missing before 2016-10-30 03:00"),
        "{told}"
    );
}

#[test]
fn calendars_of_weeks_months_and_business_days() {
    for (frequency, cells) in [
        ("1w", ["2021-01-03", "2021-01-10", "2021-01-17"]),
        ("1mo", ["2021-01-31", "2021-02-28", "2021-03-31"]),
        ("1mo", ["2021-01-01", "2021-02-01", "2021-03-01"]),
        ("3mo", ["2021-01-15", "2021-04-15", "2021-07-15"]),
        ("12mo", ["2020-02-29", "2021-02-28", "2022-02-28"]),
        ("1mo", ["2021-01", "2021-02", "2021-03"]),
        ("business_day", ["2021-01-01", "2021-01-04", "2021-01-05"]),
        ("15min", ["2021-01-01 23:45", "2021-01-02 00:00", "2021-01-02 00:15"]),
        ("5s", ["2021-01-01 23:45:00", "2021-01-01 23:45:05", "2021-01-01 23:45:10"]),
    ] {
        assert_eq!(times(&format!("frequency = \"{frequency}\""), &cells).len(), 3, "{frequency}");
    }
    for (frequency, cells, expected) in [
        (
            "1w",
            ["2021-01-03", "2021-01-10", "2021-01-31"],
            "2021-01-17 to 2021-01-24 (2 rows) are missing before 2021-01-31",
        ),
        (
            "1w",
            ["2021-01-03", "2021-01-10", "2021-01-18"],
            "2021-01-18 is no multiple of 1w after 2021-01-10",
        ),
        (
            "1mo",
            ["2021-01-31", "2021-02-28", "2021-04-30"],
            "2021-03-31 is missing before 2021-04-30",
        ),
        (
            "1mo",
            ["2021-01-01", "2021-02-01", "2021-03-02"],
            "2021-03-02 is no multiple of 1mo after 2021-02-01",
        ),
        (
            "business_day",
            ["2021-01-01", "2021-01-02", "2021-01-04"],
            "2021-01-02 is no business day",
        ),
        (
            "business_day",
            ["2021-01-01", "2021-01-04", "2021-01-06"],
            "2021-01-05 is missing before 2021-01-06",
        ),
    ] {
        let told = refusal(&format!("frequency = \"{frequency}\""), &file(&cells));
        assert!(told.contains(expected), "{frequency}: {told}");
    }
}

#[test]
fn any_times_may_be_as_far_apart_as_is_allowed() {
    let cells = ["2021-01-01 09:30:00", "2021-01-01 09:30:07.25", "2021-01-04 09:30:00"];
    assert_eq!(times("frequency = \"any\"", &cells)[1], "2021-01-01 09:30:07.250000");
    assert_eq!(times("frequency = \"any\"\nlongest_gap = \"3d\"", &cells).len(), 3);
    let told = refusal("frequency = \"any\"\nlongest_gap = \"48h\"", &file(&cells));
    assert!(
        told.contains(
            "s.csv:4: column `date`: no value between 2021-01-01 09:30:07.250000 and 2021-01-04 09:30:00.000000 (2 days and 23 \
 hours), which is longer than `longest_gap`, 48h"
        ),
        "{told}"
    );
    let told = refusal("longest_gap = \"5d\"", ETT);
    assert!(told.contains("`longest_gap` allows gaps"), "{told}");
}
