//! What is wrong in a file, told all at once, and each thing once.

use std::fmt::Display;

/// The first five things that are wrong, each with the lines that it is wrong on, then how many more places there are.
#[derive(Default)]
pub(in crate::data::series) struct Problems {
    told: Vec<Problem>,
    more: usize,
}

struct Problem {
    line: usize,
    column: Option<String>,
    text: String,
    /// Further lines of which the very same is to be said.
    also: Vec<usize>,
    /// How many lines there are beyond those.
    also_more: usize,
}

impl Problems {
    const SHOWN: usize = 5;
    const SHOWN_LINES: usize = 3;

    /// Notes a problem. Lines should only grow.
    pub(in crate::data::series) fn add(&mut self, line: usize, column: Option<&str>, problem: impl Display) {
        let text = problem.to_string();
        let same = |told: &&mut Problem| told.column.as_deref() == column && told.text == text;
        if let Some(told) = self.told.iter_mut().find(same) {
            if told.also.len() < Self::SHOWN_LINES {
                told.also.push(line);
            } else {
                told.also_more += 1;
            }
        } else if self.told.len() < Self::SHOWN {
            self.told.push(Problem {
                line,
                column: column.map(str::to_owned),
                text,
                also: Vec::new(),
                also_more: 0,
            });
        } else {
            self.more += 1;
        }
    }

    /// Notes so many more problems, of which nothing is told.
    pub(in crate::data::series) fn add_more(&mut self, more: usize) {
        self.more += more;
    }

    /// An error if there was a problem. `help` says what to do.
    pub(in crate::data::series) fn into_result(self, path: impl Display, help: &str) -> anyhow::Result<()> {
        if self.told.is_empty() {
            Ok(())
        } else {
            Err(self.into_error(path, help))
        }
    }

    /// The same where there is known to be a problem.
    pub(in crate::data::series) fn into_error(self, path: impl Display, help: &str) -> anyhow::Error {
        let mut lines: Vec<String> = Vec::new();
        for problem in &self.told {
            lines.push(format!("{path}:{problem}"));
        }
        if self.more > 0 {
            lines.push(format!("and {} more", self.more));
        }
        anyhow::anyhow!("{}\n  help: {help}", lines.join("\n"))
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.line)?;
        if let Some(column) = &self.column {
            write!(f, "column `{}`: ", crate::console::quoted(column))?;
        }
        f.write_str(&self.text)?;
        let lines: Vec<String> = self.also.iter().map(usize::to_string).collect();
        match (&lines[..], self.also_more) {
            ([], _) => Ok(()),
            ([line], 0) => write!(f, " (also on line {line})"),
            (_, 0) => write!(f, " (also on lines {})", lines.join(", ")),
            (_, more) => write!(f, " (also on lines {} and {more} more)", lines.join(", ")),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn five_problems_are_shown_and_the_rest_counted() {
        let mut problems = Problems::default();
        for line in 2..9 {
            problems.add(line, Some("Price"), format!("wrong in its way {line}"));
        }
        let error = problems.into_result("p.csv", "correct it").unwrap_err();
        insta::assert_snapshot!(error, @r"
        p.csv:2: column `Price`: wrong in its way 2
        p.csv:3: column `Price`: wrong in its way 3
        p.csv:4: column `Price`: wrong in its way 4
        p.csv:5: column `Price`: wrong in its way 5
        p.csv:6: column `Price`: wrong in its way 6
        and 2 more
          help: correct it
        ");
    }

    #[test]
    fn the_same_thing_is_told_once_with_its_lines() {
        let mut problems = Problems::default();
        for line in 2..9 {
            problems.add(line, Some("Price"), "wrong");
        }
        problems.add(2, Some("Open"), "wrong");
        problems.add(4, None, "wrong");
        problems.add(5, None, "wrong");
        let error = problems.into_result("p.csv", "correct it").unwrap_err();
        insta::assert_snapshot!(error, @r"
        p.csv:2: column `Price`: wrong (also on lines 3, 4, 5 and 3 more)
        p.csv:2: column `Open`: wrong
        p.csv:4: wrong (also on line 5)
          help: correct it
        ");
    }
}
