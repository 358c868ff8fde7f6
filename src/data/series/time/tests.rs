#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;

fn iso(text: &str) -> i64 {
    Shape::iso().parse(text.as_bytes()).unwrap().count()
}

fn times(texts: &[&str]) -> Times {
    Times::of(texts.iter().map(|text| iso(text)).collect(), Clock::new(None))
}

fn told(times: &Times) -> Vec<String> {
    (0..times.len()).map(|row| times.get(row).to_string()).collect()
}

#[test]
fn times_are_told_as_precisely_as_they_need() {
    let one = |texts: &[&str]| told(&times(texts))[0].clone();
    assert_eq!(one(&["2016-07-01 00:00:00", "2016-07-02 00:00:00"]), "2016-07-01");
    assert_eq!(one(&["2016-07-01 00:00:00", "2016-07-01 01:00:00"]), "2016-07-01 00:00");
    assert_eq!(one(&["2016-07-01", "2016-07-01 00:00:05"]), "2016-07-01 00:00:00");
    assert_eq!(one(&["2016-07-01", "2016-07-01T00:00:05.25"]), "2016-07-01 00:00:00.000000");
    assert_eq!(one(&["1969-12-31 23:00", "1970-01-01 00:00"]), "1969-12-31 23:00");
}

#[test]
fn the_digest_of_days_is_that_of_their_dates() {
    let digest = |times: &Times| {
        let mut digest = blake3::Hasher::new();
        times.digest(&mut digest);
        digest.finalize()
    };
    let days = Times::days(&[date(2016, 7, 1), date(2016, 7, 2)]);
    let stamped = times(&["2016-07-01 00:00:00", "2016-07-02 00:00:00"]);
    assert_eq!(digest(&days), digest(&stamped));
    let mut by_hand = blake3::Hasher::new();
    for day in 1..=2u8 {
        by_hand.update(&2016i16.to_le_bytes());
        by_hand.update(&[7, day]);
    }
    assert_eq!(digest(&days), by_hand.finalize());
    assert_ne!(digest(&days), digest(&times(&["2016-07-01 00:00", "2016-07-02 01:00"])));
}

#[test]
fn the_hour_that_comes_twice_has_two_names_in_the_order_of_time() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    // 2016-10-30: clocks went from 03:00 back to 02:00, at 01:00 in UTC.
    let first = iso("2016-10-29 23:30");
    let at: Vec<i64> = (0..8).map(|step| first + step * DAY / 48).collect();
    let times = Times::of(at, Clock::new(Some(zone)));
    let told = told(&times);
    let expected = ["01:30", "02A:00", "02A:30", "02B:00", "02B:30", "03:00", "03:30", "04:00"];
    assert_eq!(told, expected.map(|time| format!("2016-10-30 {time}")));
    assert!(told.is_sorted());
}

#[test]
fn a_hole_is_told_with_its_length() {
    let hours: Vec<String> = (0..24).map(|hour| format!("2020-01-01 {hour:02}:00")).collect();
    let mut texts: Vec<&str> = hours.iter().map(String::as_str).collect();
    assert_eq!(times(&texts).hole(), None);
    texts.push("2020-01-03 10:00");
    let hole = times(&texts).hole().unwrap();
    assert_eq!(
        hole,
        "no row between 2020-01-01 23:00 and 2020-01-03 10:00 (1 day and 11 hours); windows run across the hole as if there were none"
    );
}

#[test]
fn each_way_of_writing_times_reads_its_own() {
    let civil = |text: &str| Some(Stamp::Civil(iso(text)));
    for (cell, expected) in [
        ("2016-07-01 05:00:00", civil("2016-07-01 05:00")),
        ("2016-07-01T05:00", civil("2016-07-01 05:00")),
        ("2016/7/1 5:00", civil("2016-07-01 05:00")),
        ("2016.07.01", civil("2016-07-01")),
        ("31.12.2016 23:59:59", civil("2016-12-31 23:59:59")),
        ("12/31/2016 1:05 PM", civil("2016-12-31 13:05")),
        ("12/31/2016, 12:05:00 AM", civil("2016-12-31 00:05")),
        ("20160701", civil("2016-07-01")),
        ("20160701T0530", civil("2016-07-01 05:30")),
        ("20160701053000", civil("2016-07-01 05:30")),
        ("Jul 1, 2016", civil("2016-07-01")),
        ("1 July 2016 05:00", civil("2016-07-01 05:00")),
        ("05-Jan-2020", civil("2020-01-05")),
        ("Fri, 01 Jul 2016 05:00:00", civil("2016-07-01 05:00")),
        ("2016-07", civil("2016-07-01")),
        ("2016-07-01T05:00:00Z", Some(Stamp::Instant(iso("2016-07-01 05:00"), 0))),
        (
            "2016-07-01 05:00:00+02:00",
            Some(Stamp::Instant(iso("2016-07-01 03:00"), 7200)),
        ),
        (
            "2016-07-01 05:00:00.5 -0330",
            Some(Stamp::Instant(iso("2016-07-01 08:30:00.5"), -12_600)),
        ),
        ("1467331200", Some(Stamp::Instant(iso("2016-07-01"), 0))),
        ("1467331200000", Some(Stamp::Instant(iso("2016-07-01"), 0))),
        ("1467331200000000", Some(Stamp::Instant(iso("2016-07-01"), 0))),
    ] {
        let shapes = Shape::all_of(cell.as_bytes());
        assert_eq!(shapes.len(), 1, "{cell}: {shapes:?}");
        assert_eq!(shapes[0].parse(cell.as_bytes()), expected, "{cell}");
    }
    for (cell, ways) in [
        ("03/04/2020", 2),
        ("2016070100", 2),
        ("May 5, 2020", 1),
        ("1.2.2020 10:00", 2),
    ] {
        assert_eq!(Shape::all_of(cell.as_bytes()).len(), ways, "{cell}");
    }
    for cell in [
        "",
        "-",
        "Price",
        "2016-02-30",
        "2016-07-01 24:00",
        "2016-07-01 10:60",
        "2016-07-01 1",
        "16-07-01",
        "2016-07-01 05:00 CEST",
        "2016-07-01 05:00:00.0000001",
        "2016-07-01 05:00x",
        "13/13/2020",
        "123456",
        "2052.20",
    ] {
        assert_eq!(Shape::all_of(cell.as_bytes()), [], "{cell}");
    }
}

#[test]
fn patterns_and_fractions_of_seconds() {
    let pattern = |pattern: &str, text: &str| Shape::Pattern(pattern.to_owned()).parse(text.as_bytes());
    assert_eq!(
        pattern("%d/%m/%y %H:%M", "31/12/16 05:00"),
        Some(Stamp::Civil(iso("2016-12-31 05:00")))
    );
    assert_eq!(pattern("%Y", "2016"), Some(Stamp::Civil(iso("2016-01-01"))));
    assert_eq!(pattern("%B %Y", "July 2016"), Some(Stamp::Civil(iso("2016-07-01"))));
    assert_eq!(
        pattern("%F %T %z", "2016-07-01 05:00:00 +0200"),
        Some(Stamp::Instant(iso("2016-07-01 03:00"), 7200))
    );
    assert_eq!(pattern("%F", "2016-02-30"), None);
    let seconds = |text: &str| Shape::Since1970(SECOND).parse(text.as_bytes());
    assert_eq!(
        seconds("1467331200.25"),
        Some(Stamp::Instant(iso("2016-07-01 00:00:00.25"), 0))
    );
    assert_eq!(seconds("-1.5"), Some(Stamp::Instant(-1_500_000, 0)));
    assert_eq!(seconds("1.0000001"), None);
    assert_eq!(seconds("99999999999999999999"), None);
}

proptest::proptest! {
    #[test]
    fn days_are_counted_as_jiff_counts_them(days in -4_371_586i64..2_932_896) {
        let day = date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        assert_eq!(civil_of(day), days * DAY);
    }

    #[test]
    fn any_text_is_a_time_or_none(text in "\\PC{0,20}|[-+/. :TZ0-9]{0,28}|[0-9]{1,4}[-/.][0-9]{1,4}[-/.][0-9]{1,4} [0-9:.]{0,12}") {
        for shape in Shape::all_of(text.as_bytes()) {
            assert!(shape.parse(text.as_bytes()).is_some());
            assert!(!shape.example().is_empty());
        }
    }

    #[test]
    fn what_is_told_is_read_again(at in -30_000_000_000_000_000i64..200_000_000_000_000_000) {
        let times = Times::of(vec![at], Clock::new(None));
        let told = times.get(0).to_string();
        assert_eq!(Shape::iso().parse(told.as_bytes()), Some(Stamp::Civil(at)), "{told}");
    }
}
