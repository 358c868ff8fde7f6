//! What a person sees while a sweep runs: one bar for the sweep and one line for each running cell where standard error is
//! a terminal, plain lines where it is not.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::{self, counted};
use crate::train::Reached;

/// The least time between two plain lines about one running cell.
const PLAIN_LINE_EVERY: Duration = Duration::from_secs(30);

/// Steps of the sweep's bar for one cell, so that it moves with the epochs of running cells.
const CELL: u64 = 1000;

/// Shows the progress of a sweep on standard error.
pub(super) struct Progress {
    style: Style,
    total: usize,
    finished: usize,
    running: BTreeMap<String, Running>,
    /// The bar of the pass that computes feature maps.
    features: Option<ProgressBar>,
    features_since: Option<Instant>,
    /// When a plain line last told of that pass.
    features_said: Option<Instant>,
}

enum Style {
    Bars { all: MultiProgress, sweep: ProgressBar },
    Lines,
    Quiet,
}

struct Running {
    started: Instant,
    /// Epochs that earlier sweeps have trained.
    before: usize,
    /// Steps of the bar that its epochs have made, of `CELL`.
    steps: u64,
    last_line: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins to show a sweep of `total` cells.
    pub(super) fn new(total: usize, quiet: bool) -> Self {
        let style = if quiet {
            Style::Quiet
        } else if std::io::stderr().is_terminal() {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(8));
            let sweep = all.add(ProgressBar::new(total as u64 * CELL));
            sweep.set_style(bar_style("{bar:30.cyan/dim} {msg} cells  {elapsed} elapsed, {eta} left"));
            sweep.set_message(format!("0/{total}"));
            sweep.enable_steady_tick(Duration::from_millis(500));
            Style::Bars { all, sweep }
        } else {
            Style::Lines
        };
        Self {
            style,
            total,
            finished: 0,
            running: BTreeMap::new(),
            features: None,
            features_since: None,
            features_said: None,
        }
    }

    /// A cell starts.
    pub(super) fn started(&mut self, cell: &str) {
        let now = Instant::now();
        let bar = match &self.style {
            Style::Bars { all, .. } => {
                let bar = all.add(ProgressBar::new(0));
                bar.set_style(bar_style("  {prefix}  {wide_msg}"));
                bar.set_prefix(cell.to_owned());
                bar.set_message("starting");
                Some(bar)
            }
            Style::Lines => {
                console::say(&format!("start   {cell}"));
                None
            }
            Style::Quiet => None,
        };
        self.running.insert(
            cell.to_owned(),
            Running {
                started: now,
                before: 0,
                steps: 0,
                last_line: now,
                bar,
            },
        );
    }

    /// That many clips of all have been tried for their feature maps, and so many of them cannot be used.
    pub(super) fn features(&mut self, done: usize, total: usize, failed: usize) {
        let started = *self.features_since.get_or_insert_with(Instant::now);
        match &self.style {
            Style::Bars { all, .. } => {
                let bar = self.features.get_or_insert_with(|| {
                    let bar = all.insert(0, ProgressBar::new(total as u64));
                    bar.set_style(bar_style(
                        "{bar:30.magenta/dim} {pos}/{len} clips through the backbone  {elapsed} elapsed, {eta} left",
                    ));
                    bar
                });
                bar.set_position(done as u64);
                if done == total {
                    bar.finish_and_clear();
                }
            }
            Style::Lines if done == 1 => {
                console::say(&format!("start   feature maps of {}", counted(total, "clip")));
                self.features_said = Some(started);
            }
            Style::Lines => {
                let said = self.features_said.unwrap_or(started);
                if done == total {
                    let seconds = started.elapsed().as_secs_f64();
                    let computed = total - failed;
                    let not_computed = match failed {
                        0 => String::new(),
                        _ => format!(", {failed} cannot be used"),
                    };
                    console::say(&format!(
                        "done    feature maps of {}{not_computed}  {seconds:.1} s",
                        counted(computed, "clip")
                    ));
                } else if said.elapsed() >= PLAIN_LINE_EVERY {
                    console::say(&format!("        feature maps of {done} of {}", counted(total, "clip")));
                    self.features_said = Some(Instant::now());
                }
            }
            Style::Quiet => {}
        }
    }

    /// A running cell goes on where an earlier sweep was cut off.
    pub(super) fn goes_on(&mut self, cell: &str, reached: Reached) {
        let Some(running) = self.running.get_mut(cell) else {
            return;
        };
        running.before = epochs_of_all(reached).0;
        let line = format!("goes on {reached}");
        if let Some(bar) = &running.bar {
            bar.set_message(line);
        } else if matches!(self.style, Style::Lines) {
            console::say(&format!("        {cell}  {line}"));
        }
    }

    /// An epoch of a running cell ended.
    pub(super) fn epoch(&mut self, cell: &str, reached: Reached, loss: f64, validation_loss: Option<f64>) {
        let Some(running) = self.running.get_mut(cell) else {
            return;
        };
        let (done, all) = epochs_of_all(reached);
        running.steps = CELL * done.min(all) as u64 / all.max(1) as u64;
        let elapsed = running.started.elapsed();
        let trained = done.saturating_sub(running.before).max(1);
        let left = elapsed.mul_f64((all - done.min(all)) as f64 / trained as f64);
        let validation = validation_loss.map_or(String::new(), |loss| format!("  validation {loss:.3e}"));
        let Reached { epoch, epochs, turn, .. } = reached;
        let refit = turn.map_or(String::new(), |turn| format!("refit {}/{}  ", turn.place + 1, turn.of));
        let line = format!(
            "{refit}epoch {epoch}/{epochs}  loss {loss:.3e}{validation}  {} left",
            HumanDuration(left)
        );
        if let Some(bar) = &running.bar {
            bar.set_message(line);
        } else if matches!(self.style, Style::Lines) && running.last_line.elapsed() >= PLAIN_LINE_EVERY {
            console::say(&format!("        {cell}  {line}"));
            running.last_line = Instant::now();
        }
        self.move_bar();
    }

    /// A cell has its record.
    pub(super) fn done(&mut self, cell: &str) {
        let took = self.finish(cell);
        let line = format!(
            "done    [{}/{}] {cell}  {:.1} s",
            self.finished,
            self.total,
            took.as_secs_f64()
        );
        match &self.style {
            Style::Bars { .. } | Style::Quiet => {}
            Style::Lines => console::say(&line),
        }
    }

    /// Another runner has made the record of a cell.
    pub(super) fn elsewhere(&mut self, cell: &str) {
        self.finish(cell);
        self.note(&format!(
            "done    [{}/{}] {cell}  by another runner",
            self.finished, self.total
        ));
    }

    /// Another runner has taken a cell over.
    pub(super) fn lost(&mut self, cell: &str) {
        if let Some(Running { bar: Some(bar), .. }) = self.running.remove(cell) {
            bar.finish_and_clear();
        }
        self.say(&format!(
            "lost    {cell}: this runner was silent for long, and another has taken it over"
        ));
    }

    /// A message for those who follow what happens.
    pub(super) fn note(&self, text: &str) {
        if matches!(self.style, Style::Lines) {
            console::say(text);
        }
    }

    /// A cell failed; shown even when quiet.
    pub(super) fn failed(&mut self, cell: &str, error: &str) {
        self.finish(cell);
        self.say(&format!(
            "failed  [{}/{}] {cell}\n        {}",
            self.finished,
            self.total,
            error.replace('\n', "\n        ")
        ));
    }

    /// A message that must be seen.
    pub(super) fn say(&self, text: &str) {
        match &self.style {
            // Above the bars; an error here is an error of the terminal itself.
            Style::Bars { all, .. } => all.suspend(|| console::say(text)),
            Style::Lines | Style::Quiet => console::say(text),
        }
    }

    /// Takes the bars away.
    pub(super) fn end(&mut self) {
        if let Style::Bars { all, sweep } = &self.style {
            sweep.finish_and_clear();
            for running in self.running.values() {
                if let Some(bar) = &running.bar {
                    bar.finish_and_clear();
                }
            }
            all.set_draw_target(ProgressDrawTarget::hidden());
            self.style = Style::Lines;
        }
    }

    fn finish(&mut self, cell: &str) -> Duration {
        self.finished += 1;
        let finished = self.running.remove(cell);
        self.move_bar();
        finished.map_or(Duration::ZERO, |running| {
            if let Some(bar) = &running.bar {
                bar.finish_and_clear();
            }
            running.started.elapsed()
        })
    }

    /// Sets the sweep's bar to the cells that have finished and the epochs of those that run.
    fn move_bar(&self) {
        if let Style::Bars { sweep, .. } = &self.style {
            let running: u64 = self.running.values().map(|running| running.steps).sum();
            sweep.set_position(self.finished as u64 * CELL + running);
            sweep.set_message(format!("{}/{}", self.finished, self.total));
        }
    }
}

/// Epochs that are done and all that there may be, over all trainings of a cell. One that stopped early counts as if it had not.
fn epochs_of_all(reached: Reached) -> (usize, usize) {
    let (place, of) = reached.turn.map_or((0, 1), |turn| (turn.place, turn.of));
    (place * reached.epochs + reached.epoch, of * reached.epochs)
}

fn bar_style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is fixed and well formed")
}
