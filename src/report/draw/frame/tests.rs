//! One frame of each look.

use super::*;

fn frame(places: Places, series: Vec<Series>) -> Frame {
    Frame {
        x: Along {
            label: String::new(),
            heading: "x".to_owned(),
            places,
        },
        graphs: vec![Graph {
            log: true,
            series,
            ..Graph::new("y".to_owned())
        }],
    }
}

fn line(name: &str, values: &[f64]) -> Series {
    let points = values.iter().enumerate();
    let points = points.map(|(index, &value)| Point::at(index as f64 + 1.0, value));
    Series::line(name, Style::Series(0), points.collect())
}

fn spread(number: usize) -> Series {
    let points = [1.0, 2.0].map(|x| Point::over(x, [1.0, 3.0].into_iter()));
    Series::line(&number.to_string(), Style::Series(number), points.to_vec())
}

fn rows(table: &DataTable) -> Vec<String> {
    table.rows.iter().map(|row| row.join(" ")).collect()
}

#[test]
fn a_long_curve_is_thinned_alike_in_drawing_and_table_and_a_short_one_ends_where_it_ends() {
    let mut long: Vec<f64> = (1..=5000).map(f64::from).collect();
    long[3210] = 9000.0;
    let shown = frame(Places::Counts, vec![line("long", &long), line("short", &[7.0; 90])]);
    let ((drawing, _), table) = shown.draw(0.0);
    let found = rows(&table);
    assert!((200..=thin::LIMIT).contains(&found.len()), "{}", found.len());
    assert!(found.contains(&"3211 9,000 –".to_owned()));
    assert_eq!((&*found[0], &*found[found.len() - 1]), ("1 1 7", "5000 5,000 –"));
    // One vertex for each row of the long curve.
    let path = drawing.split("<path").nth(1).unwrap_or_default();
    let vertices = path.split("<title>").next().unwrap_or_default().matches(['M', 'L']);
    assert_eq!(vertices.count(), found.len());
}

#[test]
fn between_numbers_a_line_is_straight_and_the_last_point_of_a_place_counts() {
    let steps = [(0.0, 0.0), (0.0, 0.5), (1.0, 1.0)].map(|(x, y)| Point::at(x, y));
    let steps = Series::line("steps", Style::Series(0), steps.to_vec());
    let other = [0.0, 0.25].map(|x| Point::at(x, 0.0));
    let other = Series::line("other", Style::Series(1), other.to_vec());
    let numbers = Places::Numbers(|x| format!("{x:.2}"));
    let (_, table) = frame(numbers, vec![steps, other]).draw(0.0);
    assert_eq!(rows(&table), ["0.00 0.5 0", "0.25 0.625 0", "1.00 1 –"]);
}

#[test]
fn bands_are_drawn_while_they_can_be_told_apart_and_the_table_has_the_range_of_each() {
    for count in [4, 5] {
        let shown = frame(Places::Counts, (0..count).map(spread).collect());
        let clause = shown.spread();
        let ((drawing, _), table) = shown.draw(0.0);
        let bands = if count == 4 { 4 } else { 0 };
        assert_eq!(drawing.matches("fill-opacity=\"0.18\"").count(), bands);
        assert_eq!(clause == Some(", whose range is in the table"), count == 5);
        assert_eq!(table.columns.len(), 1 + 2 * count);
        assert_eq!(table.rows[0][1..3], ["2", "1 to 3"]);
    }
    assert_eq!(frame(Places::Counts, vec![line("one", &[1.0])]).spread(), None);
}

#[test]
fn what_stands_in_the_table_alone_is_neither_drawn_nor_in_the_legend_and_a_name_is_there_once() {
    let hidden = Series {
        look: Look::Hidden,
        ..line("hidden", &[5.0, 6.0])
    };
    let twice = [line("twice", &[1.0, 2.0]), line("twice", &[2.0, 3.0]), hidden];
    let ((drawing, _), table) = frame(Places::Counts, twice.to_vec()).draw(0.0);
    assert_eq!(drawing.matches(">twice</text>").count(), 1);
    assert!(!drawing.contains("hidden"), "{drawing}");
    assert_eq!(rows(&table), ["1 1 2 5", "2 2 3 6"]);
}

#[test]
fn markers_stand_side_by_side_where_two_series_share_a_place() {
    let markers = |places: [f64; 2]| Series {
        look: Look::Markers { joined: false },
        points: places.map(|x| Point::at(x, 1.0)).to_vec(),
        ..line("one", &[])
    };
    let names = || Places::Names(["a", "b", "c", "d"].map(str::to_owned).to_vec());
    let apart = frame(names(), vec![markers([0.0, 1.0]), markers([2.0, 3.0])]);
    let crowded = frame(names(), vec![markers([0.0, 1.0]), markers([1.0, 2.0])]);
    assert_eq!((apart.step(), crowded.step()), (0.0, 0.16));
}

#[test]
fn values_without_a_place_on_a_logarithmic_axis_are_counted() {
    let left_out = |values: &[f64]| frame(Places::Counts, vec![line("one", values)]).left_out();
    assert_eq!(left_out(&[1.0, 2.0]), "");
    assert_eq!(left_out(&[-1.0, 0.0]), ""); // the axis is linear then
    assert!(left_out(&[1.0, 0.0]).starts_with(" 1 value at or below 0 has no place"));
    assert!(left_out(&[1.0, 0.0, -1.0]).starts_with(" 2 values at or below 0 have"));
}
