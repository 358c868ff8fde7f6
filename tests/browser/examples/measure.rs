//! Prints what a reader of the report waits for: `cargo run --release --package browser --example measure`, or of the reports in
//! other folders: `… --example measure -- FOLDER…`.

use std::path::Path;

use browser::{Browser, Report, the_500, the_500_settings, the_studies};

/// The browser's own times, in milliseconds since the page was asked for, and its tasks of more than 50 ms.
const TIMES: &str = "\
    const times = () => {\
      const page = performance.getEntriesByType('navigation')[0];\
      const paint = performance.getEntriesByName('first-contentful-paint')[0];\
      const [interactive, loaded, painted] = [page.domInteractive, page.loadEventEnd, paint?.startTime ?? -1].map(Math.round);\
      return { interactive, loaded, painted };\
    };\
    new PerformanceObserver((list) => done({ long: list.getEntries().map((task) => Math.round(task.duration)), ...times() }))\
      .observe({ type: 'longtask', buffered: true });\
    setTimeout(() => done({ long: [], ...times() }), 1500);";

fn main() {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    for folder in &folders {
        measure(folder, &Report::at(Path::new(folder)));
    }
    if folders.is_empty() {
        measure("500 records", the_500());
        measure("500 settings", the_500_settings());
        measure("the studies", the_studies());
    }
}

fn measure(name: &str, report: &Report) {
    for _ in 0..3 {
        let browser = Browser::opened(report);
        let measured = browser.run_later(TIMES);
        println!("{name}, {} bytes without pictures, milliseconds: {measured}", report.size());
    }
}
