//! What a page leaves out when there is no room for all of it.

use super::*;
use crate::language::report::ReportSpec;
use crate::report::sample::{self, Sample};
use crate::report::{FigureView, html, results::ExperimentResults, view};
use crate::store::card::PlannedCell;

fn table(rows: usize) -> DataTable {
    DataTable {
        columns: vec!["day".to_owned()],
        rows: (0..rows).map(|row| vec![format!("{row:06}")]).collect(),
    }
}

#[test]
fn rows_are_left_out_evenly() {
    let (mut long, mut short) = (table(1012), table(10));
    let said = thin(&mut long, 12, 0.088);
    assert_eq!(said.as_deref(), Some("100 of 1,012 rows, evenly"));
    assert_eq!([&long.rows[0][0], &long.rows[99][0]], ["000000", "001011"]);
    assert_eq!(thin(&mut short, 12, 0.0), None, "few rows stay");
    assert_eq!(short.rows.len(), 10);
}

#[test]
fn pictures_do_not_count() {
    assert_eq!(size("<img src=\"data:image/png;base64,AAAA\">"), 23);
}

#[test]
fn a_higher_level_never_shows_less() {
    let counts = [2, 40, 0, 7];
    let mut before = vec![0; counts.len()];
    for step in 0..=100 {
        let now = shown(&counts, f64::from(step) / 100.0, 1);
        assert!(now.iter().zip(&before).all(|(now, before)| now >= before));
        before = now;
    }
    assert_eq!(shown(&counts, 0.0, 1), [1, 1, 0, 1]);
    assert_eq!(shown(&counts, 0.0, 8), [2, 8, 0, 7]);
    assert_eq!(before, counts);
}

#[test]
fn answers_go_first_then_numbers_then_figures_of_the_longest_declaration() {
    let experiment = sample::experiment(&sample::study(&[1], 100), ReportSpec::default());
    let mut page = view::page(&[experiment]);
    let figure = |rows: usize| FigureView {
        title: "Curve".to_owned(),
        description: "It falls.".to_owned(),
        svg: "x".repeat(5000),
        table: table(rows),
    };
    let one = |count: usize| Figures {
        views: (0..count).map(|_| figure(100)).collect(),
        left_out: String::new(),
        not_drawn: 0,
    };
    page.experiments[0].figures = vec![one(2), one(40)];
    let at = |excess: usize| {
        let mut page = page.clone();
        let level = Weights::of(&page).level(excess);
        shorten(&mut page, level);
        page.experiments.remove(0)
    };
    let little = at(1000);
    let note = &little.cells[0].groups[0].note;
    let expected = "rows, evenly; all of them are in the record";
    assert!(note.contains(expected), "{note}");
    assert_eq!(little.figures[1].views[0].table.rows.len(), 100);

    let much = at(250_000);
    let [few, many] = &much.figures[..] else {
        panic!("two declarations");
    };
    assert_eq!((few.views.len(), &*few.left_out), (2, ""));
    assert!((3..40).contains(&many.views.len()), "{}", many.views.len());
    assert!(many.left_out.contains("of 40 figures"), "{}", many.left_out);
    let description = &many.views[0].description;
    assert!(description.ends_with("holds 12 of 100 rows, evenly."), "{description}");
    assert!(room(500) == ROOM && room(1000) == 2 * ROOM && room(3) == ROOM);
}

/// So many settings of one network, each its own cell with its own figures.
fn settings(count: usize) -> ExperimentResults {
    let cell = Sample {
        origins: 60,
        ..sample::study(&[3], 60)[0]
    };
    let mut experiment = sample::experiment(&[cell], ReportSpec::default());
    let first = experiment.records.remove(0);
    experiment.card.cells.clear();
    for place in 0..count {
        let mut stored = first.clone();
        stored.id = format!("litecoin,lstm,learning_rate={place:05}");
        let rate = serde_json::json!(f64::from(place as u32 + 1) * 1e-5);
        stored.record.configuration["train"]["learning_rate"] = rate;
        let losses = (0..80).map(|epoch| 1.0 / f64::from(epoch + 1)).collect();
        stored.record.history.insert("loss".to_owned(), losses);
        let configuration = stored.record.configuration.clone();
        experiment
            .card
            .cells
            .insert(stored.id.clone(), PlannedCell::of(configuration));
        experiment.records.push(stored);
    }
    experiment
}

#[test]
fn the_room_of_a_page_is_used_and_more_cells_never_show_far_less() {
    let mut before = usize::MAX;
    let templates = html::templates(None).unwrap();
    for count in [110, 160, 200] {
        let page = view::page(&[settings(count)]);
        let html = fitted(page, 1_400_000, |page| html::fill_in(page, &templates)).unwrap().html;
        let figures = html.matches("<figure>").count();
        assert!(size(&html) <= 1_400_000, "{count}: {}", size(&html));
        assert!(size(&html) > 1_330_000, "{count}: {}", size(&html));
        assert!(
            figures <= before && figures > before.min(150) / 2,
            "{count}: {figures} {before}"
        );
        before = figures;
    }
}
