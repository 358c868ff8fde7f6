//! Figures: series switched off, values under the pointer, saved.

use std::fs;
use std::time::{Duration, Instant};

use browser::{Browser, the_quickstart, the_studies};
use serde_json::{Value, json};

#[test]
fn a_series_can_be_switched_off_and_the_pointer_reads_values() {
    let browser = Browser::opened(the_quickstart());
    browser.run(
        "const figure = [...document.querySelectorAll('figure')].find(one => one.querySelector('h3').textContent.startsWith('Learning curves'));\
         figure.id = 'curves'; figure.querySelector('details').open = true;",
    );
    browser.reveal("#curves .drawing");
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
    assert_eq!(browser.ask("document.querySelector('#curves .series').ariaPressed"), "false");
    // The pointer reads the lines that are left.
    browser.point_at("#curves [data-plot]", 0.5, 0.5);
    browser.wait("values are shown", "!document.querySelector('.tip').hidden");
    assert_eq!(browser.ask("document.querySelectorAll('.tip [style]').length"), 1);
    // By the legend, as a mouse does.
    browser
        .run("document.querySelector('#curves svg > [data-s]').dispatchEvent(new MouseEvent('click', { bubbles: true }));");
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
    // What was lent to the pointer is back.
    let titles = "[...document.querySelectorAll('figure title')].filter(one => !one.textContent).length";
    assert_eq!(browser.ask(titles), 0);
}

#[test]
fn a_figure_is_saved_as_svg_and_as_png() {
    let browser = Browser::opened(the_quickstart());
    for ending in ["SVG", "PNG"] {
        browser.click(&format!("figure .tools button[aria-label^='Save as {ending}']"));
        let start = Instant::now();
        let bytes = loop {
            let saved = fs::read_dir(browser.downloads()).into_iter().flatten().flatten();
            let wanted = format!(".{}", ending.to_lowercase());
            let mut saved = saved.filter(|entry| entry.file_name().to_string_lossy().ends_with(&wanted));
            if let Some(entry) = saved.next() {
                break fs::read(entry.path()).expect("the file can be read");
            }
            assert!(start.elapsed() < Duration::from_secs(20), "nothing was saved");
            std::thread::sleep(Duration::from_millis(50));
        };
        match ending {
            "SVG" => {
                let text = String::from_utf8(bytes).expect("text");
                assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{text:.80}");
                assert!(text.contains("#0072b2") && !text.contains("var("), "colours of its own");
            }
            _ => assert_eq!(bytes[..4], [0x89, b'P', b'N', b'G']),
        }
    }
}

#[test]
fn values_are_those_of_means_not_of_the_ends_of_bars_and_a_touch_shows_them() {
    let browser = Browser::opened_at(the_studies(), "#e3");
    browser.run(
        "const figure = [...document.querySelectorAll('#e3-figures figure')].find(one => one.querySelector('h3').textContent.includes('litecoin, horizon 7')\
           && one.querySelector('[data-bar]') && one.querySelector('[data-x^=day]'));\
         figure.id = 'days'; figure.querySelector('details').open = true;",
    );
    browser.reveal("#days .drawing");
    browser.point_at("#days [data-plot]", 0.95, 0.3);
    browser.wait("values are shown", "!document.querySelector('.tip').hidden");
    let names = browser.texts(".tip [style]");
    let mut sorted: Vec<&str> = names
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, name)| name)
        .collect();
    sorted.sort_unstable();
    let count = sorted.len();
    sorted.dedup();
    assert_eq!(sorted.len(), count, "each model once: {names:?}");
    browser.point_at("h1", 0.5, 0.5);

    browser.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true}));
    let place = browser.run(
        "const plot = document.querySelector('#days [data-plot]'); plot.scrollIntoView({ block: 'center' });\
         const at = plot.getBoundingClientRect(); return [at.left + at.width * 0.4, at.top + at.height * 0.3];",
    );
    let point = json!([{"x": place[0], "y": place[1]}]);
    browser.devtools(
        "Input.dispatchTouchEvent",
        json!({"type": "touchStart", "touchPoints": point}),
    );
    browser.devtools("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []}));
    browser.wait("values stay after the touch", "!document.querySelector('.tip').hidden");
}
