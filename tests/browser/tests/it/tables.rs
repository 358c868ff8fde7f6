//! Tables: sorted, filtered, shown in three ways, copied.

use browser::{Browser, the_quickstart, the_studies};
use serde_json::json;

/// The first table of metrics.
const TABLE: &str = "table.metrics";

fn column(browser: &Browser, number: usize) -> Vec<String> {
    browser.texts(&format!(
        "{TABLE}:not(table.metrics ~ *) tbody tr > :nth-child({number})"
    ))
}

/// The first table's cells: `data-sort` of a column, in the order of the rows.
fn keys(browser: &Browser, column: usize) -> Vec<f64> {
    let found = browser.ask(&format!(
        "[...document.querySelector('{TABLE}').tBodies[0].rows].map(row => parseFloat(row.cells[{column}].dataset.sort))"
    ));
    serde_json::from_value(found).expect("every value has a key")
}

#[test]
fn a_heading_sorts_its_column_up_and_down() {
    let browser = Browser::opened(the_quickstart());
    let heads = browser.texts(&format!("{TABLE} thead th"));
    let rmse = heads.iter().position(|head| head.starts_with("RMSE"));
    let rmse = rmse.expect("a column of RMSE");
    let button = format!("{TABLE} thead th:nth-child({}) button", rmse + 1);
    let sorted = |values: &[f64]| values.is_sorted();

    browser.click(&button);
    let up = keys(&browser, rmse);
    assert!(up.len() > 2 && sorted(&up), "{up:?}");
    let state = format!(
        "document.querySelector('{TABLE} thead th:nth-child({})').ariaSort",
        rmse + 1
    );
    assert_eq!(browser.ask(&state), "ascending");

    // By keyboard.
    browser.type_into(&button, "\u{e007}");
    let mut down = keys(&browser, rmse);
    assert_eq!(browser.ask(&state), "descending");
    down.reverse();
    assert_eq!(down, up);
}

#[test]
fn a_table_of_two_rows_of_headings_sorts_the_column_below_the_heading() {
    let browser = Browser::opened(the_studies());
    // Each metric has a pair of headings below its own: the third is the second metric's `ours`.
    browser.run(
        "const table = [...document.querySelectorAll('table.metrics')].find(one => one.tHead.rows.length === 2);\
         table.id = 'printed';",
    );
    browser.click("#printed thead tr:nth-child(2) th:nth-child(3) button");
    let rows = browser.ask(
        "(() => { const table = document.getElementById('printed');\
          const labels = [...table.tHead.rows[0].cells].filter(one => one.rowSpan === 2 && !one.classList.contains('number') && !one.classList.contains('plain')).length;\
          return [...table.tBodies[0].rows].map(row => row.cells[labels + 2].dataset.sort).filter(Boolean).map(Number); })()",
    );
    let rows: Vec<f64> = serde_json::from_value(rows).expect("numbers");
    assert!(rows.len() > 2 && rows.is_sorted(), "{rows:?}");
}

#[test]
fn a_filter_leaves_the_rows_with_all_its_words() {
    let browser = Browser::opened(the_studies());
    let field = ".tools input[type=search]";
    browser.type_into(field, "lstm mon");
    let rows = browser.ask(
        "[...document.querySelector('.tools:has(input) + .scroll tbody').rows].map(row => [row.hidden, row.textContent])",
    );
    let rows: Vec<(bool, String)> = serde_json::from_value(rows).expect("rows");
    let fits = |text: &str| text.contains("lstm") && text.contains("mon");
    assert!(rows.iter().any(|(hidden, _)| *hidden) && rows.iter().any(|(hidden, _)| !hidden));
    for (hidden, text) in rows {
        assert_eq!(hidden, !fits(&text), "{text}");
    }
    let said = browser.texts("[role=status]");
    assert!(said[0].ends_with(" rows"), "{said:?}");
}

#[test]
fn a_table_shows_mean_interval_or_each_seed_and_copies_what_it_shows() {
    let browser = Browser::opened(the_quickstart());
    browser.devtools(
        "Browser.grantPermissions",
        json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}),
    );
    let cell = format!("{TABLE} td:has(.each)");
    let choose = |name: &str| {
        browser.run(&format!(
            "const choice = document.querySelector('.tools:has(+ .scroll > {TABLE}) select'); choice.value = '{name}';\
             choice.dispatchEvent(new Event('change'));"
        ));
        browser.texts(&cell).remove(0)
    };
    let interval = browser.texts(&cell).remove(0);
    let (mean, half) = interval.split_once(" ± ").expect("a mean and its interval");
    assert!(
        mean.contains(|c: char| c.is_ascii_digit())
            && half.starts_with(|c: char| c.is_ascii_digit())
    );
    assert_eq!(choose("mean"), mean);
    let each = choose("each");
    let seeds: Vec<f64> = each
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split(", ")
        .map(|value| value.parse().expect("a number"))
        .collect();
    assert_eq!(seeds.len(), 3, "{each}");
    let number = |text: &str| -> f64 {
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.parse().expect("a number")
    };
    let distance = (seeds.iter().sum::<f64>() / 3.0 - number(mean)).abs();
    assert!(distance < 0.01 * number(mean), "{each}: {mean}");

    for (format, sign) in [
        ("CSV", ","),
        ("Markdown", "| --- |"),
        ("LaTeX", "\\begin{tabular}"),
    ] {
        browser.click(&format!(
            ".tools:has(+ .scroll > {TABLE}) button[aria-label^='Copy as {format}']"
        ));
        browser.wait(
            "it is said",
            &format!(
                "document.querySelector('[role=status]').textContent === 'Copied as {format}'"
            ),
        );
        let copied = browser
            .run_later("navigator.clipboard.readText().then(done, error => done(String(error)));");
        let copied = copied.as_str().expect("a text");
        assert!(copied.contains(sign), "{copied}");
        let first = seeds
            .iter()
            .map(|seed| number(&seed.to_string()))
            .next()
            .expect("a seed");
        assert!(copied.contains(&first.to_string()), "{copied}");
        assert!(
            !copied.contains('★') && !copied.contains("beyond chance"),
            "{copied}"
        );
    }
    assert!(column(&browser, 1).len() > 2);
}

#[test]
fn probabilities_are_sorted_by_their_size_and_dashes_stay_last() {
    let browser = Browser::opened(the_studies());
    let p = "#e1-comparisons table";
    browser.click(&format!("{p} thead th:nth-last-child(2) button"));
    let texts = browser.texts(&format!("{p} tbody tr > :nth-last-child(2)"));
    let low = texts.iter().position(|text| text.starts_with('0'));
    let (low, high) = (
        low.expect("p values"),
        texts.iter().position(|text| text.starts_with('>')),
    );
    assert!(
        texts[..low].iter().all(|text| text == "< 0.001"),
        "{texts:?}"
    );
    assert!(
        texts[high.expect("no difference")..]
            .iter()
            .all(|text| text == "> 0.999"),
        "{texts:?}"
    );

    let seeds = "#e1-tables table";
    for _ in 0..2 {
        browser.click(&format!("{seeds} thead th:nth-last-child(2) button"));
        let texts = browser.texts(&format!("{seeds} tbody tr > .seeds"));
        let first = texts
            .iter()
            .position(|text| text == "–")
            .expect("baselines have no seed");
        assert!(
            first > 0 && texts[first..].iter().all(|text| text == "–"),
            "{texts:?}"
        );
    }
}
