//! The options of `--set`, laid over the tree of a file.

use super::keys::UNNAMED;
use super::source::Span;
use super::tree::{Entry, Node, Table, Value, path_of};
use super::{axes, misplaced, near};

/// One `--set PATH=VALUE`.
pub(super) struct Override {
    /// The setting.
    pub path: String,
    /// Where the option names it.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// What became of an override in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    /// The file's value is another now.
    Yes,
    /// The file has no table of that name.
    NotHere,
}

/// Gives a setting another value wherever a file says it. The grid keeps an axis of it with that one value, so that cells have the
/// names that the whole grid gives them.
///
/// # Errors
/// When the grid moves something around it or in it, or it would lie in what is no table.
pub(super) fn overridden(tree: &mut Table, over: &Override) -> Result<Applied, String> {
    let path = path_of(&over.path);
    if let [what @ ("dataset" | "model"), name, ..] = path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        let declared = tree.at(&[what, name]).is_some();
        if !declared {
            return Ok(Applied::NotHere);
        }
    }
    if let Some(message) = refused(tree, over, &path) {
        return Err(message);
    }
    let axis = Node {
        span: over.value.span,
        value: Value::List(vec![over.value.clone()]),
    };
    if let Some(Value::Table(grid)) = tree.get_mut("grid").map(|node| &mut node.value) {
        settle(grid, over, &path, &axis)?;
    }
    if matches!(over.path.as_str(), "dataset" | "model") {
        tree.set(&["grid".to_owned(), over.path.clone()], over.key_span, axis)?;
        return Ok(Applied::Yes);
    }
    tree.set(&path, over.key_span, over.value.clone())?;
    near::give_way(tree, &path, over.key_span, &over.value)?;
    near::unfold(tree);
    Ok(Applied::Yes)
}

/// Why nothing can be set there: it is a whole table, or one that this dataset or model has not.
fn refused(tree: &Table, over: &Override, path: &[String]) -> Option<String> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let is_table = match names[..] {
        [table] => table == "grid" || UNNAMED.contains(&table),
        ["dataset" | "model", _] => true,
        [root, _, table] => near::may_hold(root, table),
        _ => false,
    };
    if is_table && !matches!(over.value.value, Value::Table(_) | Value::String(_)) {
        let example = if names.last() == Some(&"train") {
            "epochs=3"
        } else {
            "SETTING=VALUE"
        };
        return Some(format!(
            "`{0}` is a table; set something in it: --set {0}.{example}",
            over.path
        ));
    }
    let [root @ ("dataset" | "model"), name, table, ref rest @ ..] = names[..] else {
        return None;
    };
    let kind = tree.at(&[root, name])?.node.as_table()?.get("kind").and_then(Node::as_str);
    let label = format!("{root}.{name}");
    if !UNNAMED.contains(&table) || misplaced::may_be_nearer(&label, table, kind) {
        return None;
    }
    let setting = [&[table], rest].concat().join(".");
    Some(format!(
        "[{label}] has no [{table}] of its own; for all that has one, write --set {setting}=…"
    ))
}

/// Gives axes and inclusions of a setting its one value, those of one dataset or model too: an option is nearer than all.
fn settle(grid: &mut Table, over: &Override, path: &[String], axis: &Node) -> Result<(), String> {
    *grid = axes::flattened(grid);
    for axis in out_of_zips(grid, |key| says(key, path)) {
        grid.insert(axis);
    }
    let settle = |entry: &mut Entry, value: &Node| {
        if says(&entry.key, path) {
            entry.key_span = over.key_span;
            entry.node = value.clone();
        } else if of_all(&path_of(&entry.key)).any(|own| axes::overlap(own, path)) {
            return Err(format!("the grid moves `{}` itself", entry.key));
        }
        Ok(())
    };
    for entry in &mut grid.entries {
        match entry.key.as_str() {
            "exclude" => {}
            "zip" | "include" => {
                let mut pairs = tables(&mut entry.node).flat_map(|table| &mut table.entries);
                pairs.try_for_each(|pair| settle(pair, &over.value))?;
            }
            _ => settle(entry, axis)?,
        }
    }
    Ok(())
}

/// Whether a key of the grid is that setting, of the whole file or of one dataset or model.
fn says(key: &str, path: &[String]) -> bool {
    of_all(&path_of(key)).any(|own| own == path)
}

/// A path, and where it is that of one dataset or model, the path of the setting for all.
fn of_all(path: &[String]) -> impl Iterator<Item = &[String]> {
    let wide = near::apart(path).map(|(_, inner)| inner);
    std::iter::once(path).chain(wide)
}

/// The tables of `[[grid.zip]]` and its like, with whole dotted paths for keys. One without double brackets is made a list of one.
fn tables(node: &mut Node) -> impl Iterator<Item = &mut Table> {
    if let Value::Table(_) = node.value {
        node.value = Value::List(vec![node.clone()]);
    }
    let elements = match &mut node.value {
        Value::List(elements) => &mut elements[..],
        _ => &mut [],
    };
    elements.iter_mut().filter_map(|element| match &mut element.value {
        Value::Table(table) => {
            *table = axes::flattened(table);
            Some(table)
        }
        _ => None,
    })
}

/// Takes axes out of the zips that move them. A zip that is left with one axis becomes that axis.
fn out_of_zips(grid: &mut Table, is_taken: impl Fn(&str) -> bool) -> Vec<Entry> {
    let Some(zips) = grid.get_mut("zip") else {
        return Vec::new();
    };
    let mut taken = Vec::new();
    for axes in tables(zips) {
        let (own, others): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut axes.entries)
            .into_iter()
            .partition(|axis| is_taken(&axis.key));
        let is_left_alone = !own.is_empty() && others.len() == 1;
        taken.extend(own);
        match is_left_alone {
            true => taken.extend(others),
            false => axes.entries = others,
        }
    }
    if let Value::List(zips) = &mut zips.value {
        zips.retain(|zip| zip.as_table().is_none_or(|axes| !axes.entries.is_empty()));
        if zips.is_empty() {
            grid.remove("zip");
        }
    }
    taken
}
