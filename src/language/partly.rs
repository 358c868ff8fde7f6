//! What can be said of a table that has a mistake: its data as far as they are understood.

use crate::data::Source;
use crate::data::series::prices::PricesSpec;

use super::keys::fields;
use super::kinds::dataset;
use super::read::Missing;
use super::suggest::closest;
use super::tree::{Entry, Node, Value};

/// A `[dataset.NAME]` of daily prices where nothing but `calendar` or `unit` is wrong, so that its file can be looked at in the
/// same round: neither decides which rows are used, and any days are allowed then.
pub fn dataset_as_far_as_understood(node: &Node) -> Option<Source> {
    let mut table = node.as_table()?.clone();
    if table.get("kind")?.as_str()? != "prices" {
        return None;
    }
    // A key that is not known may be one of the two, misspelt; any other may be one that matters.
    let known = fields::<PricesSpec>();
    let may_go = |entry: &Entry| {
        let key = entry.key.as_str();
        let meant = if known.contains(&key) {
            Some(key)
        } else {
            closest(key, known.iter().copied())
        };
        matches!(meant, Some("calendar" | "unit"))
    };
    table.entries.retain(|entry| !may_go(entry));
    table.insert(Entry {
        key: "calendar".to_owned(),
        key_span: node.span,
        node: Node {
            span: node.span,
            value: Value::String("any".to_owned()),
        },
    });
    let node = Node {
        span: node.span,
        value: Value::Table(table),
    };
    dataset(&node, Missing::Reported, &mut Vec::new())
}
