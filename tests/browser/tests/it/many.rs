//! Hundreds of records: small enough to be sent, and there at once.

use browser::{Browser, the_500, the_500_settings};

#[test]
fn five_hundred_records_fit_a_page_that_can_be_sent() {
    for (report, is_whole) in [(the_500(), true), (the_500_settings(), false)] {
        let size = report.size();
        assert!(size < 3_000_000, "{size} bytes");
        let browser = Browser::opened(report);
        let cells = browser.ask("document.querySelectorAll('.cell[id]').length");
        assert_eq!(cells, 510);
        let left_out = browser.texts(".left-out");
        assert_eq!(left_out.is_empty(), is_whole, "what is left out is said: {left_out:?}");
        assert_eq!(browser.complaints(), [""; 0]);
    }
}
