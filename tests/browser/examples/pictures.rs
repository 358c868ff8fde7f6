//! Takes the pictures of the README: `cargo run --release --package browser --example pictures`.

use std::fs;
use std::time::Duration;

use browser::{Browser, root, the_studies};
use serde_json::json;

fn main() {
    let browser = Browser::new();
    let take = |name: &str, (width, height): (u32, u32), colours: &str, at: &str| {
        browser.resize(width, height, width < 500);
        browser.prefer("screen", colours);
        browser.open(&the_studies().page(), "");
        browser.wait_until_equipped();
        browser.run(&format!("document.querySelector({}).scrollIntoView();", json!(at)));
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
