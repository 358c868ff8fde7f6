//! Takes the pictures of the README, and what it shows of a commit: `cargo run --release --package browser --example pictures`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use browser::{Browser, root, runner, the_studies};
use serde_json::json;

/// A commit of this repository that tried another learning rate.
const TRIED: [&str; 2] = ["6379ace~1", "6379ace"];

fn main() {
    let browser = Browser::new();
    let save = |name: &str| {
        std::thread::sleep(Duration::from_millis(500));
        let file = root().join(".github").join(name).with_extension("png");
        fs::write(file, browser.picture()).expect("the picture can be written");
    };
    let take = |name: &str, (width, height): (u32, u32), colours: &str, anchor: &str, at: &str| {
        browser.resize(width, height, width < 500);
        browser.prefer("screen", colours);
        browser.open(&the_studies().page(), anchor);
        browser.wait_until_equipped();
        browser.run(&format!("document.querySelector({}).scrollIntoView();", json!(at)));
        if name == "report-dark" {
            browser.point_at("#e1-figures [data-plot]", 0.55, 0.5);
        }
        save(name);
    };
    take("report", (1280, 900), "light", "", "body");
    take("report-phone", (390, 844), "light", "#e1", "#e1-tables");
    take("report-dark", (1280, 900), "dark", "#e1", "#e1-figures");

    let page = root().join("target/browser/a_commit.html");
    let markdown = diff(&["--markdown", "--html"], &page);
    fs::write(root().join(".github/learning_rate_diff.md"), markdown).expect("the text can be written");
    browser.resize(1000, 900, false);
    browser.prefer("screen", "light");
    browser.open(&page.canonicalize().expect("there is a page"), "");
    save("diff");
}

/// What `runner diff` prints of that commit.
fn diff(options: &[&str], page: &Path) -> Vec<u8> {
    let mut command = Command::new(runner());
    command.arg("diff").args(TRIED).args(options).arg(page).current_dir(root());
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
