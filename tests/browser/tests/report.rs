//! The report as its readers use it: tables, figures, colours, screens, paper, no script at all.

use std::fs;
use std::time::{Duration, Instant};

use browser::{Browser, Report, root, the_500, the_quickstart, the_studies};
use serde_json::{Value, json};

/// The page of a report in a new browser, ready to be used.
fn opened(report: &Report) -> Browser {
    let browser = Browser::new();
    browser.open(&report.page(), "");
    browser.wait_until_equipped();
    browser
}

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
    let browser = opened(the_quickstart());
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
    let browser = opened(the_studies());
    // The last column of metrics has a pair of headings; its own is that of ours.
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
    let browser = opened(the_studies());
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
    let browser = opened(the_quickstart());
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
fn a_series_can_be_switched_off_and_the_pointer_reads_values() {
    let browser = opened(the_quickstart());
    browser.run(
        "const figure = [...document.querySelectorAll('figure')].find(one => one.querySelector('h4').textContent.startsWith('Learning curves'));\
         figure.id = 'curves'; figure.querySelector('details').open = true;",
    );
    let shown = |code: &str| {
        browser.ask(&format!(
            "[...document.querySelectorAll('#curves [data-plot] [data-s=\"{code}\"]')].map(one => getComputedStyle(one).display)"
        ))
    };
    let is = |value: &Value, display: &str| {
        let values = value.as_array().expect("a list");
        !values.is_empty() && values.iter().all(|one| one == display)
    };
    assert!(is(&shown("0"), "inline"));
    browser.click("#curves .tools .series");
    assert!(is(&shown("0"), "none") && is(&shown("1"), "inline"));
    assert_eq!(
        browser.ask("document.querySelector('#curves .series').ariaPressed"),
        "false"
    );
    // The pointer reads the lines that are left.
    browser.point_at("#curves [data-plot]", 0.5, 0.5);
    browser.wait("values are shown", "!document.querySelector('.tip').hidden");
    assert_eq!(
        browser.ask("document.querySelectorAll('.tip [style]').length"),
        1
    );
    // By the legend, as a mouse does.
    browser.run("document.querySelector('#curves svg > [data-s]').dispatchEvent(new MouseEvent('click', { bubbles: true }));");
    assert!(is(&shown("0"), "inline"));

    browser.point_at("#curves [data-plot]", 0.52, 0.5);
    browser.wait(
        "two values are shown",
        "document.querySelectorAll('.tip [style]').length === 2",
    );
    let epoch = browser.texts(".tip .where").remove(0);
    let epoch = epoch.strip_prefix("epoch ").expect("the axis is named");
    let read = browser.texts(".tip b");
    let row = browser.ask(&format!(
        "[...document.querySelectorAll('#curves tbody tr')].map(row => [...row.cells].map(cell => cell.innerText.trim())).find(row => row[0] === '{epoch}')"
    ));
    for value in &read {
        let value: f64 = value.parse().expect("a number");
        let near = row.as_array().expect("a row").iter().skip(1).any(|cell| {
            let known: Option<f64> = cell.as_str().and_then(|text| text.parse().ok());
            known.is_some_and(|known| (known - value).abs() <= 0.03 * known)
        });
        assert!(near, "{value} at {epoch}: {row}");
    }
    browser.point_at("h1", 0.5, 0.5);
    browser.wait("nothing is shown", "document.querySelector('.tip').hidden");
    // A marker tells its own value, and keeps it for the next time.
    let titles =
        "[...document.querySelectorAll('figure title')].filter(one => !one.textContent).length";
    assert_eq!(browser.ask(titles), 0);
}

#[test]
fn a_figure_is_saved_as_svg_and_as_png() {
    let browser = opened(the_quickstart());
    for ending in ["SVG", "PNG"] {
        browser.click(&format!(
            "figure .tools button[aria-label^='Save as {ending}']"
        ));
        let start = Instant::now();
        let bytes = loop {
            let saved = fs::read_dir(browser.downloads())
                .into_iter()
                .flatten()
                .flatten();
            let wanted = format!(".{}", ending.to_lowercase());
            let mut saved =
                saved.filter(|entry| entry.file_name().to_string_lossy().ends_with(&wanted));
            if let Some(entry) = saved.next() {
                break fs::read(entry.path()).expect("the file can be read");
            }
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "nothing was saved"
            );
            std::thread::sleep(Duration::from_millis(50));
        };
        match ending {
            "SVG" => {
                let text = String::from_utf8(bytes).expect("text");
                assert!(
                    text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""),
                    "{text:.80}"
                );
                assert!(
                    text.contains("var(--series-1,#0072b2)"),
                    "colours of its own"
                );
            }
            _ => assert_eq!(bytes[..4], [0x89, b'P', b'N', b'G']),
        }
    }
}

const PAPER: &str = "getComputedStyle(document.body).backgroundColor";

#[test]
fn colours_follow_the_system_and_then_the_button() {
    let browser = Browser::new();
    browser.prefer("screen", "light");
    browser.open(&the_quickstart().page(), "");
    let light = browser.ask(PAPER);
    browser.prefer("screen", "dark");
    let dark = browser.ask(PAPER);
    assert_ne!(light, dark);
    browser.click("#theme");
    assert_eq!(browser.ask(PAPER), light, "light where the system is dark");
    browser.click("#theme");
    browser.prefer("screen", "light");
    assert_eq!(browser.ask(PAPER), dark, "dark where the system is light");
    browser.open(&the_quickstart().page(), "");
    assert_eq!(browser.ask(PAPER), dark, "the choice is remembered");
}

#[test]
fn nothing_is_wider_than_a_phone() {
    let browser = Browser::new();
    for report in [the_quickstart(), the_studies()] {
        browser.resize(375, 812, true);
        browser.open(&report.page(), "");
        browser.wait_until_equipped();
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true;");
        let wide = browser.ask(
            "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1\
              && !one.closest('.scroll, pre, svg, .hidden, .skip')).map(one => one.outerHTML.slice(0, 120)).slice(0, 5)",
        );
        assert_eq!(wide, json!([]));
        assert_eq!(
            browser.ask("document.documentElement.scrollWidth <= innerWidth"),
            true
        );
    }
}

#[test]
fn paper_has_the_content_and_none_of_the_tools() {
    let browser = opened(the_quickstart());
    browser.prefer("print", "dark");
    for tool in [".contents", "#theme", ".tools", ".skip"] {
        let display = browser.ask(&format!(
            "getComputedStyle(document.querySelector('{tool}')).display"
        ));
        assert_eq!(display, "none", "{tool}");
    }
    assert_eq!(
        browser.ask(PAPER),
        "rgb(255, 255, 255)",
        "white, also where the screen is dark"
    );
    browser.prefer("", "light");
    let pdf = browser.print();
    assert!(pdf.starts_with(b"%PDF"));
    let pages = pdf
        .windows(11)
        .filter(|bytes| bytes.starts_with(b"/Type /Page") && bytes.get(11) != Some(&b's'));
    let pages = pages.count();
    assert!((3..60).contains(&pages), "{pages} pages");
}

#[test]
fn without_javascript_everything_can_be_read() {
    let browser = Browser::without_javascript();
    browser.open(&the_quickstart().page(), "");
    assert_eq!(
        browser.ask("document.documentElement.dataset.ready ?? null"),
        Value::Null,
        "no script ran"
    );
    let seen = |selector: &str| -> Vec<bool> {
        let found = browser.ask(&format!(
            "[...document.querySelectorAll({})].map(one => one.checkVisibility())",
            json!(selector)
        ));
        serde_json::from_value(found).expect("truths")
    };
    for part in [
        "h1",
        "table.metrics",
        "figure .drawing svg",
        ".verdict",
        ".warnings li",
        ".contents a",
    ] {
        let seen = seen(part);
        assert!(
            !seen.is_empty() && seen.iter().all(|seen| *seen),
            "{part}: {seen:?}"
        );
    }
    for tool in ["#theme", ".tools"] {
        assert!(
            seen(tool).iter().all(|seen| !seen),
            "{tool} would do nothing"
        );
    }
    // Cells unfold by themselves.
    browser.click(".list > .cell > summary");
    assert!(seen(".list > .cell > .cell-body")[0]);
}

#[test]
fn nothing_fails_and_nothing_leaves_the_page() {
    let browser = Browser::new();
    for report in [the_quickstart(), the_studies()] {
        browser.open(&report.page(), "");
        browser.wait_until_equipped();
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true;");
        browser.wait(
            "all is equipped",
            "[...document.querySelectorAll('.tools')].every(one => one.firstChild)",
        );
        browser.click("figure .tools button");
        browser.point_at("figure svg", 0.5, 0.5);
    }
    assert_eq!(browser.complaints(), [""; 0]);
    assert_eq!(browser.requests(), [""; 0]);
}

#[test]
fn a_link_to_a_cell_unfolds_it_and_the_first_stop_of_the_keyboard_skips_to_the_results() {
    let browser = Browser::new();
    browser.open(&the_quickstart().page(), "#e1-cell-1");
    browser.wait_until_equipped();
    let cell = "document.getElementById('e1-cell-1')";
    assert_eq!(
        browser.ask(&format!("{cell}.open && {cell}.checkVisibility()")),
        true
    );
    assert_eq!(
        browser.ask(&format!("{cell}.getBoundingClientRect().top < innerHeight")),
        true
    );
    browser.open(&the_quickstart().page(), "");
    browser.wait_until_equipped();
    browser.type_into("body", "\u{e004}");
    assert_eq!(browser.ask("document.activeElement.className"), "skip");
}

/// The page's size without its pictures.
fn size(report: &Report) -> usize {
    let html = fs::read_to_string(report.page()).expect("there is a page");
    let mut pictures = html.split("data:image/").skip(1);
    let pictures: usize = pictures
        .by_ref()
        .map(|rest| rest.find('"').unwrap_or_default())
        .sum();
    html.len() - pictures
}

#[test]
fn five_hundred_records_fit_a_page_that_can_be_sent() {
    let size = size(the_500());
    assert!(size < 3_000_000, "{size} bytes");
    let browser = opened(the_500());
    let cells = browser.ask("document.querySelectorAll('.cell[id]').length");
    assert!(cells.as_u64() >= Some(486), "{cells}");
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Takes the pictures of the README: `cargo test --release --package browser -- --ignored pictures`.
#[test]
#[ignore = "writes files of the repository"]
fn pictures_of_the_readme() {
    let browser = Browser::new();
    let take = |name: &str, (width, height): (u32, u32), colours: &str, at: &str| {
        browser.resize(width, height, width < 500);
        browser.prefer("screen", colours);
        browser.open(&the_studies().page(), "");
        browser.wait_until_equipped();
        browser.run(&format!(
            "document.querySelector({}).scrollIntoView();",
            json!(at)
        ));
        if name == "report-dark" {
            browser.point_at("#e1-figures [data-plot]", 0.55, 0.5);
        }
        std::thread::sleep(Duration::from_millis(500));
        let file = root().join(".github").join(name).with_extension("png");
        fs::write(file, browser.picture()).expect("the picture can be written");
    };
    take("report", (1280, 900), "light", "body");
    take("report-phone", (390, 844), "light", "#e1-tables");
    take("report-dark", (1280, 900), "dark", "#e1-figures");
}

/// Prints what a reader waits for: `cargo test --release --package browser -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a test"]
fn how_long_the_page_takes() {
    for (name, report) in [("500 records", the_500()), ("the studies", the_studies())] {
        for _ in 0..3 {
            let browser = Browser::new();
            browser.open(&report.page(), "");
            browser.wait_until_equipped();
            let measured = browser.run_later(
                "new PerformanceObserver(list => done({ long: list.getEntries().map(one => Math.round(one.duration)), ...times() })).observe({ type: 'longtask', buffered: true });\
                 const times = () => { const one = performance.getEntriesByType('navigation')[0];\
                 const paint = performance.getEntriesByName('first-contentful-paint')[0];\
                 return { interactive: Math.round(one.domInteractive), loaded: Math.round(one.loadEventEnd), painted: Math.round(paint?.startTime ?? -1) }; };\
                 setTimeout(() => done({ long: [], ...times() }), 1500);",
            );
            println!(
                "{name}, {} bytes without pictures, milliseconds: {measured}",
                size(report)
            );
        }
    }
}
