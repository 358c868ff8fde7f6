//! What can be said of a table that has a mistake: its data as far as they are understood.

use crate::data::Source;

use super::keys::fields_of_kind;
use super::kinds::dataset;
use super::read::Missing;
use super::source::Span;
use super::suggest::closest;
use super::tree::{Entry, Node, Table, Value};

/// A `[dataset.NAME]` where nothing is wrong but settings that decide nothing about which data these are, so that the data can be
/// looked at in the same round.
pub(super) fn dataset_as_far_as_understood(node: &Node) -> Option<Source> {
    let table = node.as_table()?;
    let mut problems = Vec::new();
    dataset(node, Missing::Reported, &mut problems);
    let places: Vec<Span> = problems.iter().filter_map(|problem| problem.span).collect();
    let holds = |outer: Span, inner: &Span| outer.start <= inner.start && inner.end <= outer.end;
    let is_wrong = |entry: &&Entry| {
        let mut places = places.iter();
        matches!(entry.node.value, Value::Wrong)
            || places.any(|place| holds(entry.key_span, place) || holds(entry.node.span, place))
    };
    let (wrong, understood): (Vec<&Entry>, Vec<&Entry>) = table.entries.iter().partition(is_wrong);
    let entries = understood.into_iter().cloned().collect();
    let rest = Node {
        span: node.span,
        value: Value::Table(Table { entries }),
    };
    let mut source = dataset(&rest, Missing::Reported, &mut Vec::new())?;
    // A key that is not known may be one that is, misspelt.
    let known = fields_of_kind::<Source>(table.get("kind")?.as_str()?);
    let meant = |entry: &Entry| {
        let mut same = known.iter().copied().filter(|key| *key == entry.key);
        same.next().or_else(|| closest(&entry.key, known.iter().copied()))
    };
    let lost: Vec<&str> = wrong.into_iter().map(meant).collect::<Option<_>>()?;
    source.without(&lost).then_some(source)
}
