//! Values of settings → which of many others are alike them, without a look at all of them for each.

use std::collections::HashMap;

use serde_json::Value;

use super::select::compare;

/// Lists of values at the same dotted paths. Two lists are alike where their values are, or one of both has none: a cell that does
/// not read a setting is the same for all its values.
pub(crate) struct Alike {
    lists: Vec<Vec<Value>>,
    /// Places of lists by what they hold, of those that lack nothing.
    whole: HashMap<String, Vec<usize>>,
    /// Places of the others.
    lacking: Vec<usize>,
}

impl Alike {
    /// To look among these lists.
    pub(crate) fn new(lists: Vec<Vec<Value>>) -> Self {
        let mut whole: HashMap<String, Vec<usize>> = HashMap::new();
        let mut lacking = Vec::new();
        for (place, list) in lists.iter().enumerate() {
            match lacks(list) {
                true => lacking.push(place),
                false => whole.entry(text(list)).or_default().push(place),
            }
        }
        Self { lists, whole, lacking }
    }

    /// The places of the lists that are alike this one, in their order.
    pub(crate) fn of(&self, list: &[Value]) -> Vec<usize> {
        let alike = |place: &usize| {
            let mut pairs = list.iter().zip(&self.lists[*place]);
            pairs.all(|(a, b)| a.is_null() || b.is_null() || compare(a, b).is_eq())
        };
        if lacks(list) {
            return (0..self.lists.len()).filter(alike).collect();
        }
        let same = self.whole.get(&text(list)).into_iter().flatten();
        let mut found: Vec<usize> = same.chain(&self.lacking).copied().filter(alike).collect();
        found.sort_unstable();
        found
    }
}

fn lacks(list: &[Value]) -> bool {
    list.iter().any(Value::is_null)
}

/// The same for lists that [`compare`] calls equal; what it does not may share one.
fn text(list: &[Value]) -> String {
    fn add(value: &Value, text: &mut String) {
        match value {
            Value::Number(number) => *text += &format!("{:?}", number.as_f64()),
            Value::Array(items) => items.iter().for_each(|item| add(item, text)),
            other => *text += &other.to_string(),
        }
        text.push('\n');
    }
    let mut text = String::new();
    list.iter().for_each(|value| add(value, &mut text));
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_lacks_a_value_is_alike_all_that_have_one() {
        let list = |a: Value, b: Value| vec![a, b];
        let lists = vec![
            list(json!("calm"), json!(1)),
            list(json!("calm"), json!(3)),
            list(json!("calm"), json!(null)),
            list(json!("wild"), json!(1.0)),
            list(json!("calm"), json!(1.0)),
        ];
        let alike = Alike::new(lists);
        assert_eq!(alike.of(&list(json!("calm"), json!(1))), [0, 2, 4]);
        assert_eq!(alike.of(&list(json!("calm"), json!(null))), [0, 1, 2, 4]);
        assert_eq!(alike.of(&list(json!(null), json!(1))), [0, 2, 3, 4]);
        assert_eq!(alike.of(&list(json!("wild"), json!(3))), [0_usize; 0]);
        let nested = Alike::new(vec![vec![json!([1, 2])], vec![json!([1.0, 2.0])], vec![json!([12])]]);
        assert_eq!(nested.of(&[json!([1, 2])]), [0, 1]);
    }
}
