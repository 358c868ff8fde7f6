//! Tables: sorted, filtered, shown in three ways, copied.

use browser::{Browser, the_quickstart, the_studies};
use serde_json::json;

/// The first table of metrics.
const TABLE: &str = "table.metrics";

fn column(browser: &Browser, number: usize) -> Vec<String> {
    browser.texts(&format!("{TABLE}:not(table.metrics ~ *) tbody tr > :nth-child({number})"))
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
    let state = format!("document.querySelector('{TABLE} thead th:nth-child({})').ariaSort", rmse + 1);
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
    browser.reveal("#printed");
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
    let browser = Browser::opened_at(the_studies(), "#e2");
    let field = "#e2 .tools input[type=search]";
    browser.type_into(field, "lstm mon");
    let rows = browser.ask(
        "[...document.querySelector('#e2 .tools:has(input) + .scroll tbody').rows].map(row => [row.hidden, row.textContent])",
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
    assert!(mean.contains(|c: char| c.is_ascii_digit()) && half.starts_with(|c: char| c.is_ascii_digit()));
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

    for (format, sign) in [("CSV", ","), ("Markdown", "| --- |"), ("LaTeX", "\\begin{tabular}")] {
        browser.click(&format!(
            ".tools:has(+ .scroll > {TABLE}) button[aria-label^='Copy as {format}']"
        ));
        browser.wait(
            "it is said",
            &format!("document.querySelector('[role=status]').textContent === 'Copied as {format}'"),
        );
        let copied = browser.run_later("navigator.clipboard.readText().then(done, error => done(String(error)));");
        let copied = copied.as_str().expect("a text");
        assert!(copied.contains(sign), "{copied}");
        if format == "CSV" {
            // All digits of each seed, in columns of their own, and no comma but those between columns.
            let (heads, rows) = parsed(copied);
            let names: Vec<&String> = heads.iter().filter(|head| head.ends_with(", seed 1")).collect();
            assert!(!names.is_empty(), "{heads:?}");
            let column = heads.iter().position(|head| head == names[0]).expect("it is there");
            let full = rows.iter().filter_map(|row| row[column].parse::<f64>().ok());
            let distance = full.map(|value| (value - seeds[1]).abs()).fold(f64::INFINITY, f64::min);
            assert!(distance < 1e-3 * seeds[1] && distance > 0.0, "{copied}");
        } else {
            let first = number(&seeds[0].to_string());
            assert!(copied.contains(&first.to_string()), "{copied}");
        }
        assert!(!copied.contains('★') && !copied.contains("beyond chance"), "{copied}");
    }
    assert!(column(&browser, 1).len() > 2);
}

/// The headings and the rows of a CSV.
fn parsed(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let fields = |line: &str| {
        let mut fields = vec![String::new()];
        let mut is_quoted = false;
        for character in line.chars() {
            match character {
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => fields.push(String::new()),
                other => fields.last_mut().expect("one at least").push(other),
            }
        }
        fields
    };
    let mut rows: Vec<Vec<String>> = text.split("\r\n").map(fields).collect();
    let heads = rows.remove(0);
    (heads, rows)
}

#[test]
fn a_csv_has_plain_numbers_in_columns_of_their_own_and_no_formula() {
    let browser = Browser::opened(the_quickstart());
    browser.devtools(
        "Browser.grantPermissions",
        json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}),
    );
    // A table as the page has it, with values of every kind.
    browser.run(
        "const table = document.querySelector('table.metrics.sortable'); table.id = 'kinds';\
         const heads = [...table.tHead.rows[0].cells], names = ['model', 'mean', 'bounds', 'range', 'pair', 'text'];\
         names.forEach((name, i) => { heads[i].textContent = name; });\
         heads.slice(names.length).forEach(head => head.remove());\
         const rows = [['=cmd()', '467,128', '−0.030 (−0.061 to 0.004)', '1,000 to 2,000', '4.1 vs 5.2', '12 % of it'],\
           ['@sum', '41 ± 11 USD', '0.5 (0.1 to 0.9)', '–', '–', '-dash'], ['−3 days', '−1.5e−7', '–', '3 to 4', '1 vs 2', 'a, \"b\"']];\
         table.tBodies[0].replaceChildren(...rows.map(row => { const line = document.createElement('tr');\
           line.append(...row.map(text => { const cell = document.createElement('td'); cell.textContent = text; return cell; })); return line; }));",
    );
    browser.click(".tools:has(+ .scroll > #kinds) button[aria-label^='Copy as CSV']");
    browser.wait(
        "it is said",
        "document.querySelector('[role=status]').textContent === 'Copied as CSV'",
    );
    let copied = browser.run_later("navigator.clipboard.readText().then(done, error => done(String(error)));");
    let (heads, rows) = parsed(copied.as_str().expect("a text"));
    assert_eq!(
        heads,
        [
            "model",
            "mean",
            "mean, half width",
            "mean, unit",
            "bounds",
            "bounds, low",
            "bounds, high",
            "range, lowest",
            "range, highest",
            "pair, first",
            "pair, second",
            "text"
        ]
    );
    assert_eq!(
        rows,
        [
            [
                "'=cmd()",
                "467128",
                "",
                "",
                "-0.030",
                "-0.061",
                "0.004",
                "1000",
                "2000",
                "4.1",
                "5.2",
                "12 % of it"
            ],
            ["'@sum", "41", "11", "USD", "0.5", "0.1", "0.9", "", "", "", "", "'-dash"],
            ["'−3 days", "-1.5e-7", "", "", "", "", "", "3", "4", "1", "2", "a, b"],
        ]
    );
}

#[test]
fn probabilities_are_sorted_by_their_size_and_dashes_stay_last() {
    let browser = Browser::opened_at(the_studies(), "#e2");
    let p = "#e2-comparisons table";
    browser.reveal(p);
    browser.click(&format!("{p} thead th:nth-last-child(2) button"));
    let texts = browser.texts(&format!("{p} tbody tr > :nth-last-child(2)"));
    let low = texts.iter().position(|text| text.starts_with('0'));
    let (low, high) = (low.expect("p values"), texts.iter().position(|text| text.starts_with('>')));
    assert!(texts[..low].iter().all(|text| text == "< 0.001"), "{texts:?}");
    assert!(
        texts[high.expect("no difference")..].iter().all(|text| text == "> 0.999"),
        "{texts:?}"
    );

    let seeds = "#e2-tables table";
    browser.reveal(seeds);
    for _ in 0..2 {
        browser.click(&format!("{seeds} thead th:nth-last-child(2) button"));
        let texts = browser.texts(&format!("{seeds} tbody tr > .seeds"));
        let first = texts.iter().position(|text| text == "–").expect("baselines have no seed");
        assert!(first > 0 && texts[first..].iter().all(|text| text == "–"), "{texts:?}");
    }
}
