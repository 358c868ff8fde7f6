//! What a worker tells its supervisor: a JSON line each, on the worker's standard output.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::checkpoint::News;
use crate::train::{Reached, Turn};

/// One line from a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The cell that it was given runs from now on, and its log is its own.
    Began,
    /// An epoch ended.
    Epoch {
        /// Epochs done, from 1.
        epoch: usize,
        /// Epochs at most.
        epochs: usize,
        /// Training loss of the epoch.
        loss: f64,
        /// Validation loss after the epoch.
        validation_loss: Option<f64>,
        /// Which training it is of, where a model is trained several times.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<Turn>,
    },
    /// A training that was cut off goes on from there.
    GoesOn {
        /// How far it is.
        reached: Reached,
    },
    /// A training is saved there.
    Saved {
        /// How far it is.
        reached: Reached,
    },
    /// A person should know, and the cell goes on.
    Warning {
        /// What.
        text: String,
    },
    /// One more clip was tried.
    Features {
        /// Clips tried.
        done: usize,
        /// Clips in all.
        total: usize,
        /// Those of the tried that cannot be used.
        failed: usize,
    },
    /// The cell has a record.
    Done,
    /// Another runner has the claim on the cell.
    Held {
        /// Who, in words.
        by: String,
    },
    /// Another runner has brought the cell to its end since the sweep began.
    Elsewhere {
        /// Its failure, and the path of its log; none where there is a record.
        failure: Option<(String, String)>,
    },
    /// It was silent for so long that another runner has taken the cell over.
    Lost,
    /// It waits for another runner, which computes the same feature maps.
    Waits {
        /// Who, in words.
        by: String,
    },
    /// It takes the next cell.
    Ready,
    /// The cell has none.
    Failed {
        /// Why, in one line or a few.
        error: String,
        /// Whether the same cell would fail the same way again.
        lasting: bool,
        /// Whether it failed because a file could not be written: other cells will fail like that.
        #[serde(default)]
        unwritable: bool,
        /// The path of the log, where the failure is kept already.
        #[serde(default)]
        kept: Option<String>,
    },
}

impl From<News> for Event {
    fn from(news: News) -> Self {
        match news {
            News::Epoch(end) => Self::Epoch {
                epoch: end.epoch,
                epochs: end.epochs,
                loss: end.loss,
                validation_loss: end.validation_loss,
                turn: end.turn,
            },
            News::GoesOn(reached) => Self::GoesOn { reached },
            News::Saved(reached) => Self::Saved { reached },
            News::Warning(text) => Self::Warning { text },
        }
    }
}

impl Event {
    /// Writes the event as a line of standard output.
    ///
    /// # Errors
    /// When nobody listens any more: the supervisor is gone, and the worker should stop too.
    pub(crate) fn send(&self) -> Result<()> {
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        let mut out = std::io::stdout().lock();
        out.write_all(line.as_bytes())
            .and_then(|()| out.flush())
            .context("the sweep that started this worker is gone")
    }

    /// Reads events to the end of the stream; a line that is none is passed to `other`.
    pub(crate) fn read_all(stream: impl BufRead, mut event: impl FnMut(Self), mut other: impl FnMut(&str)) {
        // By bytes: a library may print what is not UTF-8.
        for line in stream.split(b'\n').map_while(std::io::Result::ok) {
            match serde_json::from_slice(&line) {
                Ok(read) => event(read),
                Err(_) => other(&String::from_utf8_lossy(&line)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_and_other_lines_are_kept() -> Result<()> {
        let sent = [
            Event::Epoch {
                epoch: 1,
                epochs: 2,
                loss: 0.5,
                validation_loss: None,
                turn: None,
            },
            Event::Epoch {
                epoch: 1,
                epochs: 2,
                loss: 0.5,
                validation_loss: Some(0.25),
                turn: Some(Turn { place: 6, of: 50 }),
            },
            Event::Failed {
                error: "no\nluck".to_owned(),
                lasting: true,
                unwritable: false,
                kept: None,
            },
            Event::Done,
        ];
        let mut text = String::from("a library's line\n");
        for event in &sent {
            text.push_str(&serde_json::to_string(event)?);
            text.push('\n');
        }
        let (mut events, mut others) = (Vec::new(), Vec::new());
        let text = [b"\xff\n", text.as_bytes()].concat();
        Event::read_all(&text[..], |event| events.push(event), |line| others.push(line.to_owned()));
        assert_eq!(events, sent);
        assert_eq!(others, ["\u{fffd}", "a library's line"]);
        Ok(())
    }
}
