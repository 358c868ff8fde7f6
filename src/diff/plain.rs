//! What records, file names and references of git say → text that nothing acts on: they may hold anything.

use crate::console;
use crate::metric;

/// The most characters of one name or one reason.
const MOST_TEXT: usize = 400;

/// What people call a metric; a record may name any.
pub(super) fn label(metric: &str) -> String {
    plain(metric::label(metric))
}

/// A name, an id, a setting or a reason as it is shown: on one line, cut, without what a terminal or a browser would act on.
pub(super) fn plain(text: &str) -> String {
    one_line(&console::cut(text, MOST_TEXT))
}

/// On one line, without what a terminal or a browser would act on.
pub(super) fn one_line(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t', '\u{2028}', '\u{2029}'], " ");
    console::clean(&text).into_owned()
}
