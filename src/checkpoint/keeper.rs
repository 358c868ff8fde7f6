//! Goes along with a training, saves it beside its going on, and takes it up again where it was cut off.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::stop::{self, Running, Stopped};
use super::trail::{Read, Trail};
use super::walked::{Saved, Walked};
use super::{News, Tell};
use crate::metric::Calibrated;
use crate::store::record::Refit;
use crate::train::{Along, Checkpoint, EpochEnd, History, Reached, State, Training};

/// The share of a training's time that its checkpoints take at most.
const SHARE: f64 = 0.03;

/// The share that copies for the way out take at most.
const SHARE_OF_COPIES: f64 = 0.01;

/// The share that its end takes at most: of a training of a moment none is kept.
const SHARE_OF_END: f64 = 0.01;

/// What a checkpoint is thought to take before one was written, besides its bytes.
const FIRST: Duration = Duration::from_millis(10);

/// Bytes of a checkpoint that a slow disk takes in a second.
const BYTES_PER_SECOND: f64 = 2e8;

/// Steps that take longer are not waited for on the way out: a copy of the last one is held.
const LONG_STEP: Duration = Duration::from_millis(200);

/// Trainings that move more bytes are not saved on the way out: their last checkpoint stays.
const MOST_ON_THE_WAY_OUT: usize = 64 << 20;

/// Says whether a training goes on from a state after what those before it have left, or why not.
pub(crate) type Fits<'a> = dyn FnMut(&Walked, &State) -> Result<Result<()>> + 'a;

/// Keeps the checkpoints of one cell.
pub(crate) struct Keeper {
    every: Checkpoint,
    running: Arc<Running>,
    /// For how long earlier processes trained, in seconds.
    before: f64,
    started: Instant,
    /// The trainings before the one that runs.
    walked: Arc<Walked>,
    /// Epochs that ended in this process.
    ended: usize,
    /// When, and after how many of them, it was saved last.
    saved: (Instant, usize),
    checkpoints: Budget,
    copies: Budget,
    writing: Option<JoinHandle<Result<Duration>>>,
    last_step: Instant,
    /// The end of the training, where it is written.
    end: Option<Reached>,
    /// Whether it was told that one could not be written: as a rule none can from then on.
    has_warned: bool,
    /// Whether there is or was a file.
    has_files: bool,
    /// Whether it moves little enough to be saved on the way out.
    is_small: bool,
    /// Whether some of its steps take too long to be waited for on the way out.
    has_long_steps: bool,
}

/// Time that may be spent beside something longer.
struct Budget {
    share: f64,
    spent: Duration,
    /// What the next is thought to take: as the last did.
    next: Duration,
}

impl Budget {
    fn of(share: f64, first: Duration) -> Self {
        Self {
            share,
            spent: Duration::ZERO,
            next: first,
        }
    }

    fn allows(&self, elapsed: Duration) -> bool {
        self.spent + self.next <= elapsed.mul_f64(self.share)
    }

    fn spend(&mut self, took: Duration) {
        self.spent += took;
        self.next = took;
    }
}

impl Keeper {
    /// Begins to keep the checkpoints of the cell of that trail.
    pub(crate) fn new(trail: Trail, every: Checkpoint, tell: Tell) -> Self {
        let now = Instant::now();
        Self {
            every,
            running: Running::new(trail, tell),
            before: 0.0,
            started: now,
            walked: Arc::default(),
            ended: 0,
            saved: (now, 0),
            checkpoints: Budget::of(SHARE, FIRST),
            copies: Budget::of(SHARE_OF_COPIES, FIRST),
            writing: None,
            last_step: now,
            end: None,
            has_files: false,
            is_small: false,
            has_long_steps: false,
            has_warned: false,
        }
    }

    /// Takes up what an earlier process left: the trainings that were finished, and gives the state of the one that ran. What is no
    /// checkpoint of it, or does not fit, is told, removed and passed over.
    ///
    /// # Errors
    /// When the checkpoints cannot be listed, or `fits` cannot tell.
    pub(crate) fn take_up(&mut self, fits: &mut Fits) -> Result<Option<State>> {
        let trail = self.running.trail.clone();
        for place in trail.places()? {
            self.has_files = true;
            let reason = match trail.read(&place) {
                Read::Whole(found) => {
                    let (header, state, walked) = *found;
                    match fits(&walked, &state)? {
                        Ok(()) => {
                            self.before = header.seconds;
                            let reached = trail.reached_with(&header.progress, walked.refits.len());
                            self.end = (header.epochs == trail.epochs && reached.is_all()).then_some(reached);
                            self.walked = Arc::new(walked);
                            self.tell(News::GoesOn(reached));
                            return Ok(Some(state));
                        }
                        Err(error) => format!("it is not of this cell: {error:#}"),
                    }
                }
                Read::Unusable(reason) => reason.to_string(),
                Read::Refused(None) => continue, // gone meanwhile
                Read::Refused(Some(error)) => {
                    self.tell(News::Warning(format!("a checkpoint was passed over: {error:#}")));
                    continue;
                }
            };
            self.tell(News::Warning(format!("the checkpoint {place} was passed over: {reason}")));
            if let Err(error) = place.remove() {
                self.tell(News::Warning(format!("{error:#}")));
            }
        }
        Ok(None)
    }

    /// The trainings that are finished, of a model that is trained several times.
    pub(crate) fn walked(&self) -> &Walked {
        &self.walked
    }

    /// Another training is finished, and all that it leaves is known.
    pub(crate) fn finish(&mut self, refit: Refit, first: (History, Option<Calibrated>), predictions: Vec<Vec<f64>>) {
        let seconds = self.seconds();
        Arc::make_mut(&mut self.walked).add(refit, first, predictions, seconds);
    }

    /// Trains to the end.
    ///
    /// # Errors
    /// As [`Training::run`]; a [`Stopped`] where the process is to end.
    pub(crate) fn train(&mut self, training: Training) -> Result<State> {
        let bytes = training.state()?.bytes() + self.walked.bytes();
        self.is_small = bytes <= MOST_ON_THE_WAY_OUT;
        if self.checkpoints.spent.is_zero() {
            self.checkpoints.next = FIRST + Duration::from_secs_f64(bytes as f64 / BYTES_PER_SECOND);
        }
        stop::wait_for(Some(self.running.clone()));
        self.last_step = Instant::now();
        let trained = training.run(self);
        self.finish_writing(true);
        let end = trained?;
        if self.walked.refits.len() + 1 < self.running.trail.trainings {
            // Until the next is on its way, what is asked to end is saved here.
            if self.is_small && self.every != Checkpoint::Never {
                self.running.hold(Some(self.whole(end.clone())));
            }
            return Ok(end);
        }
        self.running.is_trained.store(true, Ordering::SeqCst);
        // The end is the last checkpoint, until the record is there.
        let is_worth_it = self.checkpoints.next.as_secs_f64() <= SHARE_OF_END * self.seconds();
        if self.end.is_none() && is_worth_it && self.every != Checkpoint::Never {
            let end = self.whole(end.clone());
            self.end = Some(self.running.reached(&end));
            self.begin_writing(end);
        }
        Ok(end)
    }

    /// For how long this cell was trained by earlier processes, in seconds.
    pub(crate) fn seconds_before(&self) -> f64 {
        self.before
    }

    /// The cell has its record, or never gets one: its checkpoints go, and the end of its training stays for cells of more epochs.
    pub(crate) fn settle(mut self) {
        self.finish_writing(true);
        stop::wait_for(None);
        let trail = &self.running.trail;
        let end = self.end.filter(|_| trail.may_be_prolonged);
        if self.has_files
            && let Err(error) = trail.settle(end)
        {
            self.tell(News::Warning(format!("checkpoints could not be removed: {error:#}")));
        }
    }

    fn tell(&self, news: News) {
        (self.running.tell)(news);
    }

    fn seconds(&self) -> f64 {
        self.before + self.started.elapsed().as_secs_f64()
    }

    /// All that the cell goes on from where the training that runs is there.
    fn whole(&self, state: State) -> Saved {
        Saved {
            state,
            walked: self.walked.clone(),
            seconds: self.seconds(),
        }
    }

    fn is_due(&self, batch: usize) -> bool {
        let (when, saved) = self.saved;
        let is_due = match self.every {
            Checkpoint::Never => false,
            Checkpoint::Epochs(epochs) => batch == 0 && self.ended >= saved + epochs,
            Checkpoint::Minutes(minutes) => when.elapsed().as_secs_f64() >= 60.0 * minutes,
        };
        is_due && self.writing.is_none() && self.checkpoints.allows(self.started.elapsed())
    }

    /// Writes in a thread of its own.
    fn begin_writing(&mut self, saved: Saved) {
        self.has_files = true;
        self.saved = (Instant::now(), self.ended);
        self.running.is_writing.store(true, Ordering::SeqCst);
        self.running.hold(None); // not as far as this
        let running = self.running.clone();
        self.writing = Some(std::thread::spawn(move || {
            let began = Instant::now();
            let written = running.write(&saved);
            running.is_writing.store(false, Ordering::SeqCst);
            written.map(|()| began.elapsed())
        }));
    }

    /// Takes note of a checkpoint that is written by now, or waits for it.
    fn finish_writing(&mut self, waits: bool) {
        let Some(writing) = self.writing.take_if(|writing| waits || writing.is_finished()) else {
            return;
        };
        match writing.join() {
            Ok(Ok(took)) => self.checkpoints.spend(took),
            Ok(Err(error)) => {
                self.end = None;
                self.checkpoints.spend(FIRST);
                if !std::mem::replace(&mut self.has_warned, true) {
                    self.tell(News::Warning(format!("{error:#}")));
                }
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// A copy of the state, with the time that it took.
    fn copy(training: &Training) -> Result<(State, Duration)> {
        let began = Instant::now();
        let state = training.state()?;
        Ok((state, began.elapsed()))
    }

    /// Saves the step that was just done, if the training is small, and ends it.
    fn stop(&mut self, training: &Training) -> Result<()> {
        if !self.running.claim() {
            // It is being saved from the copy that was held; the process ends any moment.
            loop {
                std::thread::park();
            }
        }
        self.finish_writing(true);
        let saved = self.whole(training.state()?);
        if self.every != Checkpoint::Never && self.is_small {
            stop::save(&self.running, &saved);
        }
        Err(Stopped(self.running.reached(&saved)).into())
    }
}

impl Along for Keeper {
    fn epoch(&mut self, end: EpochEnd) -> Result<()> {
        self.ended += 1;
        let turn = self.running.trail.turn(self.walked.refits.len());
        self.tell(News::Epoch(EpochEnd { turn, ..end }));
        Ok(())
    }

    fn step(&mut self, training: &Training) -> Result<()> {
        if stop::is_requested() {
            return self.stop(training);
        }
        if let Some(hold) = self.running.trail.hold.as_ref().filter(|hold| hold.is_lost()) {
            return Err(hold.lost().into());
        }
        self.finish_writing(false);
        self.has_long_steps |= self.last_step.elapsed() >= LONG_STEP;
        if self.is_due(training.progress().batch) {
            let (state, copied) = Self::copy(training)?;
            self.checkpoints.spent += copied;
            self.begin_writing(self.whole(state));
        }
        let is_held = self.has_long_steps && self.is_small && self.every != Checkpoint::Never;
        if is_held && self.copies.allows(self.started.elapsed()) {
            let (state, copied) = Self::copy(training)?;
            self.copies.spend(copied);
            self.running.hold(Some(self.whole(state)));
        }
        self.last_step = Instant::now();
        Ok(())
    }
}
