//! The cells of one column → numbers, and what only a whole column can tell.

use anyhow::bail;

use super::source::Source;
use crate::console::quoted;
use crate::data::series::file::number::{self, Marks, Number};
use crate::data::series::file::problems::Problems;
use crate::data::series::window::Transform;

/// Cells of which it is noted what is wrong; the others are counted.
const MOST_NOTED: usize = 1000;

/// One column while it is read.
pub(super) struct ColumnCells {
    pub name: String,
    /// Where it stands in a row.
    pub index: usize,
    pub values: Vec<f64>,
    transform: Transform,
    wrong: Noted<Wrong>,
    /// Whether percent signs follow its numbers, and the row and the text that show it.
    percent: Option<(bool, usize, String)>,
    percent_otherwise: Noted<String>,
    /// The first cells that can be read in two ways, by how.
    doubtful: [Option<(usize, String)>; 3],
    is_decisive: bool,
}

/// Why a cell is no number, and what to do.
struct Wrong {
    reason: String,
    help: &'static str,
}

/// Some rows with what is to be said of them, and how many more there are.
struct Noted<T> {
    told: Vec<(usize, T)>,
    more: usize,
}

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self {
            told: Vec::new(),
            more: 0,
        }
    }
}

impl<T> Noted<T> {
    fn add(&mut self, row: usize, said: T) {
        if self.told.len() < MOST_NOTED {
            self.told.push((row, said));
        } else {
            self.more += 1;
        }
    }

    fn count(&self) -> usize {
        self.told.len() + self.more
    }
}

const CORRECT: &str = "correct the file, cut the rows off with `from` or `until`, or use other columns";

impl ColumnCells {
    /// The column of that name and place; `transform` is what the window will apply to it.
    pub(super) fn new(name: &str, index: usize, transform: Transform) -> Self {
        Self {
            name: name.to_owned(),
            index,
            values: Vec::new(),
            transform,
            wrong: Noted::default(),
            percent: None,
            percent_otherwise: Noted::default(),
            doubtful: [const { None }; 3],
            is_decisive: false,
        }
    }

    /// Reads the cell of a row.
    pub(super) fn read(&mut self, row: usize, cell: &str) {
        let cell = cell.trim_ascii();
        let number = match plain(cell) {
            Some(number) => Ok(number),
            None => number::parse(cell).map_err(|mistake| Wrong::of(cell, mistake.reason)),
        };
        let number = number.and_then(|number| match self.transform {
            Transform::Log if number.value <= 0.0 => Err(Wrong {
                reason: format!(
                    "{} has no logarithm, which `window.transform = \"log\"` asks for",
                    number.value
                ),
                help: CORRECT,
            }),
            _ => Ok(number),
        });
        match number {
            Ok(number) => {
                self.note(row, cell, number);
                self.values.push(number.value);
            }
            Err(wrong) => {
                self.wrong.add(row, wrong);
                self.values.push(f64::NAN);
            }
        }
    }

    /// Notes what a number tells of its column.
    fn note(&mut self, row: usize, cell: &str, number: Number) {
        match &self.percent {
            None => self.percent = Some((number.percent, row, cell.to_owned())),
            Some((percent, ..)) if *percent != number.percent => self.percent_otherwise.add(row, cell.to_owned()),
            Some(_) => {}
        }
        let place = match number.marks {
            Marks::Decisive => {
                self.is_decisive = true;
                return;
            }
            Marks::Comma => 0,
            Marks::Point => 1,
            Marks::Short => 2,
        };
        self.doubtful[place].get_or_insert_with(|| (row, cell.to_owned()));
    }

    /// Whether something is wrong with a cell.
    pub(super) fn is_wrong(&self) -> bool {
        self.wrong.count() > 0 || self.percent_otherwise.count() > 0
    }

    /// Adds the cells that are no numbers to what is told; of a column of none, the first speaks for all.
    pub(super) fn add_wrong(&self, mistakes: &mut Mistakes) {
        let rows = self.values.len();
        let all = self.wrong.count();
        if all == rows && rows > 1 {
            if let Some((row, wrong)) = self.wrong.told.first() {
                let reason = format!("{} (none of the {rows} rows can be read)", wrong.reason);
                mistakes.add(*row, &self.name, reason, wrong.help);
            }
            return;
        }
        for (row, wrong) in &self.wrong.told {
            mistakes.add(*row, &self.name, wrong.reason.clone(), wrong.help);
        }
        mistakes.more += self.wrong.more;
    }

    /// What only the whole column can tell: percent signs in all cells or none, and whether a mark separates thousands.
    pub(super) fn written_alike(&self, source: &Source) -> anyhow::Result<()> {
        let mut problems = Problems::default();
        if let Some((_, first, text)) = &self.percent {
            for (row, cell) in &self.percent_otherwise.told {
                let told = format!(
                    "`{}` here, `{}` on line {}",
                    quoted(cell),
                    quoted(text),
                    source.line_of(*first)
                );
                problems.add(source.line_of(*row), Some(&self.name), told);
            }
            problems.add_more(self.percent_otherwise.more);
        }
        problems.into_result(
            source.path().display(),
            "a column must hold percentages throughout or not at all",
        )?;
        if self.is_decisive {
            return Ok(());
        }
        let place = |row: usize| {
            let (path, name) = (source.path().display(), quoted(&self.name));
            format!("{path}:{}: column `{name}`", source.line_of(row))
        };
        match &self.doubtful {
            [Some((row, cell)), None, None] => bail!(
                "{}: in `{cell}` the comma may separate thousands or decimals, and no cell of the column tells which\n  help: \
                 write decimals with a point, thousands without a separator",
                place(*row)
            ),
            [Some((row, comma)), Some((other, point)), _] => bail!(
                "{}: in `{comma}`, and in `{point}` on line {}, either mark may separate thousands or decimals, and no cell \
                 of the column tells which\n  help: write decimals with a point, thousands without a separator",
                place(*row),
                source.line_of(*other)
            ),
            [None, Some((row, cell)), Some((other, short))] => bail!(
                "{}: `{cell}` may be {} (the point separates thousands: `{short}`, on line {}, has no decimals) or {} (the \
                 point separates decimals), and no cell of the column tells which\n  help: write thousands without a separator \
                 (`{}`); if they are decimals, write whole numbers like the others (`{short}.000`)",
                place(*row),
                cell.replace('.', ""),
                source.line_of(*other),
                cell.trim_end_matches('%'),
                cell.replace('.', ""),
            ),
            _ => Ok(()),
        }
    }
}

impl Wrong {
    fn of(cell: &str, reason: String) -> Self {
        let help = if number::is_missing(cell) {
            "take rows without a value out of the file, cut them off with `from` or `until`, or use other columns"
        } else if number::has_decimal_comma(cell) {
            "export the file again with a point before the decimals"
        } else {
            CORRECT
        };
        Self { reason, help }
    }
}

/// A number of digits, perhaps with a sign and a point, which most are.
fn plain(cell: &str) -> Option<Number> {
    let bytes = cell.as_bytes();
    let digits = match bytes {
        [b'-' | b'+', digits @ ..] => digits,
        digits => digits,
    };
    // Longer ones may be too large.
    if digits.len() > 90 {
        return None;
    }
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let whole = digits.iter().take_while(is_digit).count();
    let decimals = match &digits[whole..] {
        [] => None,
        [b'.', decimals @ ..] if decimals.iter().all(|byte| byte.is_ascii_digit()) => Some(decimals.len()),
        _ => return None,
    };
    let value: f64 = cell.parse().ok()?;
    let marks = match decimals {
        None if whole <= 3 => Marks::Short,
        Some(3) if (1..=3).contains(&whole) && digits[0] != b'0' => Marks::Point,
        _ => Marks::Decisive,
    };
    Some(Number {
        value: value + 0.0, // -0 becomes 0
        percent: false,
        marks,
    })
}

/// What is wrong with cells of several columns, told in the order of rows.
#[derive(Default)]
pub(super) struct Mistakes {
    told: Vec<(usize, String, String)>,
    helps: Vec<&'static str>,
    more: usize,
}

impl Mistakes {
    /// Notes one.
    pub(super) fn add(&mut self, row: usize, column: &str, reason: String, help: &'static str) {
        self.told.push((row, column.to_owned(), reason));
        if !self.helps.contains(&help) {
            self.helps.push(help);
        }
    }

    /// An error if there was one.
    pub(super) fn into_result(mut self, source: &Source) -> anyhow::Result<()> {
        self.told.sort_by_key(|(row, ..)| *row);
        let mut problems = Problems::default();
        for (row, column, reason) in self.told {
            problems.add(source.line_of(row), Some(&column), reason);
        }
        problems.add_more(self.more);
        problems.into_result(source.path().display(), &self.helps.join("\n  help: "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_plain_number_is_what_the_slow_way_says(cell in "[-+]?[0-9]{0,6}[.]?[0-9]{0,6}|[-+.,0-9e]{0,8}") {
            if let Some(number) = plain(&cell) {
                assert_eq!(Ok(number), number::parse(&cell), "{cell}");
            }
        }
    }
}
