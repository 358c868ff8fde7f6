//! `by`: many series in one file.

use super::*;

/// Two shops in weeks; the rows of one are among those of the other, and it begins later.
const SHOPS: &str = "\
date,shop,OT
2024-01-01,north,10
2024-01-08,north,11
2024-01-08,east,5
2024-01-15,east,6
2024-01-15,north,12
2024-01-22,north,13
2024-01-22,east,7
";

const BY_SHOP: &str = "by = \"shop\"\nfrequency = \"1w\"";

fn many(series: &Series) -> Vec<(&str, std::ops::Range<usize>)> {
    series.many.iter().map(|one| (&*one.name, one.rows.clone())).collect()
}

#[test]
fn series_come_apart_in_the_order_of_their_names() {
    let series = read(BY_SHOP, SHOPS);
    assert_eq!(many(&series), [("east", 0..3), ("north", 3..7)]);
    assert_eq!(series.columns[0].values, [5.0, 6.0, 7.0, 10.0, 11.0, 12.0, 13.0]);
    assert_eq!(told(&series)[..4], ["2024-01-08", "2024-01-15", "2024-01-22", "2024-01-01"]);
    assert_eq!(
        (series.features, series.columns.len()),
        (1, 1),
        "the name of a series is no feature"
    );
    assert_eq!(series.notes, ["2 series of 3 to 4 rows: `east`, `north`"]);
    assert_eq!(series.preview.header, ["date", "shop", "OT"]);
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_rows_and_tells_series_apart() {
    let sorted: Vec<&str> = {
        let mut rows: Vec<&str> = SHOPS.lines().skip(1).collect();
        rows.sort_by_key(|row| row.split(',').nth(1).unwrap());
        rows
    };
    let sorted = format!("date,shop,OT\n{}\n", sorted.join("\n"));
    let digest = read(BY_SHOP, SHOPS).digest();
    assert_eq!(read(BY_SHOP, &sorted).digest(), digest);
    assert_ne!(read(BY_SHOP, &SHOPS.replace("east", "west")).digest(), digest);
    // Each may have its newest row first.
    let newest_first: Vec<&str> = SHOPS.lines().skip(1).collect();
    let newest_first: Vec<&str> = newest_first.into_iter().rev().collect();
    let newest_first = format!("date,shop,OT\n{}\n", newest_first.join("\n"));
    assert_eq!(read(BY_SHOP, &newest_first).digest(), digest);
}

#[test]
fn each_series_has_its_own_calendar_and_a_time_may_be_there_once_in_each() {
    let gap = refusal(BY_SHOP, &SHOPS.replace("2024-01-15,east,6\n", ""));
    assert!(
        gap.contains("s.csv:7: column `date`: 2024-01-15 is missing before 2024-01-22"),
        "{gap}"
    );
    let twice = refusal(BY_SHOP, &SHOPS.replace("2024-01-15,east", "2024-01-08,east"));
    assert!(
        twice.contains("s.csv:5: column `date`: 2024-01-08 is there already, on line 4"),
        "{twice}"
    );
    let unsorted = refusal(BY_SHOP, &format!("{SHOPS}2023-12-25,north,9\n"));
    assert!(
        unsorted.contains("s.csv:9: column `date`: 2023-12-25 comes after 2024-01-22"),
        "{unsorted}"
    );
    let nameless = refusal(BY_SHOP, &SHOPS.replace("2024-01-15,east", "2024-01-15,"));
    assert!(nameless.contains("s.csv:5: column `shop`: the cell is empty"), "{nameless}");
    let wrong = refusal(BY_SHOP, &SHOPS.replace("east,6", "east,six"));
    assert!(wrong.contains("s.csv:5: column `OT`: `six` is not a number"), "{wrong}");
}

#[test]
fn what_is_missing_is_filled_within_a_series() {
    let filled = read(
        &format!("{BY_SHOP}\nmissing = \"previous\""),
        &SHOPS.replace("2024-01-15,east,6\n", ""),
    );
    assert_eq!(filled.columns[0].values[..4], [5.0, 5.0, 7.0, 10.0]);
    assert!(
        filled.notes[1].starts_with("series `east`: s.csv: 1 row was missing"),
        "{:?}",
        filled.notes
    );
    let first = refusal(
        &format!("{BY_SHOP}\nmissing = \"previous\""),
        &SHOPS.replace("east,5", "east,"),
    );
    assert!(
        first.contains("s.csv:4: column `OT`: the value is missing, and there is none before it"),
        "{first}"
    );
}

#[test]
fn a_series_outside_of_from_and_until_is_left_out_with_a_note_and_its_values_are_not_looked_at() {
    let until = format!("{BY_SHOP}\nuntil = \"2024-01-01\"");
    let series = read(&until, &SHOPS.replace("east,6", "east,six"));
    assert_eq!(many(&series), [("north", 0..1)]);
    assert_eq!(series.columns[0].values, [10.0]);
    assert!(
        series.notes[1].contains("no row between `from` and `until` of `east`, left out"),
        "{:?}",
        series.notes
    );
    let none = refusal(&format!("{BY_SHOP}\nfrom = \"2030-01-01\""), SHOPS);
    assert!(
        none.contains("no row of any series lies between `from` and `until`"),
        "{none}"
    );
}

#[test]
fn the_column_of_names_is_nothing_else() {
    for (more, key) in [
        ("by = \"date\"", "by"),
        ("by = \"shop\"\nfeatures = [\"shop\"]", "features"),
        ("by = \"shop\"\ntarget = \"shop\"", "target"),
    ] {
        assert_eq!(spec(more).check().unwrap_err().key, key);
    }
    let told = refusal("by = \"store\"\nfrequency = \"1w\"", SHOPS);
    assert!(told.contains("no column `store`"), "{told}");
}

#[test]
fn calendar_columns_stand_behind_the_features_and_before_other_targets() {
    let series = read("calendar = [\"hour\"]\nfeatures = [\"HUFL\"]", ETT);
    let names: Vec<&str> = series.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["HUFL", "hour (sine)", "hour (cosine)", "OT"]);
    assert_eq!((series.features, series.calendar, &series.targets[..]), (3, 2, &[3][..]));
    let spec = spec("calendar = [\"hour\", \"weekday\"]\nfeatures = [\"HUFL\"]");
    assert_eq!(spec.feature_count(), Some(5));
    assert_eq!(series.columns[1].values[0], 0.0);
    assert!(toml::from_str::<SeriesSpec>("file = \"a\"\ncalendar = [\"hours\"]").is_err());
}
