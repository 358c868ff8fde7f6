//! Series that seem to lack days.

use super::{Rule, Severity};

/// Days seem to be missing in the series.
pub(super) static HOLE_IN_SERIES: Rule = Rule {
    mark: "hole in the series",
    severity: Severity::Doubtful,
    is_about_networks: false,
    meaning: "Where days are missing, a window holds days that did not follow one another, and a forecast for the next day is held \
              against a later one.",
    check: |evidence| {
        evidence.broken_cells(|stored| {
            let contents = evidence.experiment.card.contents(stored.record.dataset())?;
            let hole = contents.hole.as_ref()?;
            // Cells may see parts of a series, and the card knows one of them.
            (stored.record.key.data == contents.digest).then(|| format!("{hole}."))
        })
    },
};
