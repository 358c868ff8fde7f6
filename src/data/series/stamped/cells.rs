//! The cells of one column → numbers, and what only a whole column can tell.

use std::borrow::Cow;

use anyhow::bail;

use super::source::Source;
use super::written::{CORRECT, Written, Wrong, plain};
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
    written: Written,
    wrong: Noted<Wrong>,
    /// The first currency sign, with its row and cell.
    sign: Option<(String, usize, String)>,
    sign_otherwise: Noted<String>,
    numbers: usize,
    /// Whether percent signs follow its numbers, and the row and the text that show it.
    percent: Option<(bool, usize, String)>,
    percent_otherwise: Noted<String>,
    /// The first cells that can be read in two ways, by how.
    doubtful: [Option<(usize, String)>; 3],
    is_decisive: bool,
    /// Whether a plain number tells nothing new of it.
    is_settled: bool,
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

impl ColumnCells {
    /// The column of that name and place; `transform` is what the window will apply to it.
    pub(super) fn new(name: &str, index: usize, transform: Transform, written: Written) -> Self {
        Self {
            name: name.to_owned(),
            index,
            values: Vec::new(),
            transform,
            written,
            wrong: Noted::default(),
            sign: None,
            sign_otherwise: Noted::default(),
            numbers: 0,
            percent: None,
            percent_otherwise: Noted::default(),
            doubtful: [const { None }; 3],
            is_decisive: false,
            is_settled: false,
        }
    }

    /// Reads the cell of a row.
    pub(super) fn read(&mut self, row: usize, cell: &str) {
        let cell = cell.trim_ascii();
        let plain = plain(cell).filter(|_| self.written.is_plain);
        if let Some(number) = plain
            && self.is_settled
        {
            self.numbers += 1;
            self.values.push(number.value);
            return;
        }
        let number = match plain {
            Some(number) => Ok(number),
            None if self.written.may_be_missing && number::is_missing(cell) => {
                self.values.push(f64::NAN);
                return;
            }
            None => self.written_otherwise(row, cell),
        };
        let number = number.and_then(|number| match self.transform {
            transform if transform.is_logarithmic() && number.value <= 0.0 => Err(Wrong {
                reason: format!(
                    "{} has no logarithm, which `window.transform = \"{transform}\"` asks for",
                    number.value
                ),
                help: CORRECT,
            }),
            _ => Ok(number),
        });
        match number {
            Ok(number) => {
                self.numbers += 1;
                self.note(row, cell, number);
                self.values.push(number.value);
            }
            Err(wrong) => {
                self.wrong.add(row, wrong);
                self.values.push(f64::NAN);
            }
        }
    }

    /// A number with a currency sign, or with other marks than a point.
    fn written_otherwise(&mut self, row: usize, cell: &str) -> Result<Number, Wrong> {
        let sign = number::sign_of_currency(cell);
        let bare = match sign {
            Some(sign) => {
                let known = self.sign.get_or_insert_with(|| (sign.to_owned(), row, cell.to_owned()));
                if known.0 != sign {
                    self.sign_otherwise.add(row, cell.to_owned());
                }
                let bare = cell.replacen(sign, "", 1).replace('\u{a0}', " ");
                let negative = bare.trim().strip_prefix('-').map(|rest| format!("-{}", rest.trim()));
                Cow::Owned(negative.unwrap_or_else(|| bare.trim().to_owned()))
            }
            None => Cow::Borrowed(cell),
        };
        let plainly = self.written.plainly(&bare).ok_or_else(|| self.written.refusal(cell))?;
        number::parse(&plainly).map_err(|mistake| Wrong::of(cell, mistake.reason))
    }

    /// Notes what a number tells of its column.
    fn note(&mut self, row: usize, cell: &str, number: Number) {
        let is_percent = self.percent.as_ref().is_some_and(|(percent, ..)| *percent);
        self.is_settled = !is_percent && (self.is_decisive || self.written.is_told) && !self.transform.is_logarithmic();
        match &self.percent {
            None => self.percent = Some((number.percent, row, cell.to_owned())),
            Some((percent, ..)) if *percent != number.percent => self.percent_otherwise.add(row, cell.to_owned()),
            Some(_) => {}
        }
        let place = match number.marks {
            _ if self.written.is_told => return,
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

    /// Adds the cells that are no numbers to what is told; of a column of none, the first speaks for all.
    pub(super) fn add_wrong(&self, mistakes: &mut Mistakes) {
        let all = self.wrong.count();
        let rows = all + self.numbers;
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
        let mut problems = Problems::default();
        if let Some((_, first, text)) = &self.sign {
            for (row, cell) in &self.sign_otherwise.told {
                let told = format!(
                    "`{}` here, `{}` on line {}",
                    quoted(cell),
                    quoted(text),
                    source.line_of(*first)
                );
                problems.add(source.line_of(*row), Some(&self.name), told);
            }
            problems.add_more(self.sign_otherwise.more);
        }
        problems.into_result(source.path().display(), "a column must be in one currency")?;
        if self.is_decisive || self.written.is_told {
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
