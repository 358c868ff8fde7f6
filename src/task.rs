//! What is asked of a model: where data, models, losses and metrics meet.

/// A task: what is predicted, whatever it is predicted from.
#[derive(Debug)]
pub struct Task {
    /// Its word in a record.
    pub word: &'static str,
    /// What people read: "a regression".
    pub name: &'static str,
    /// What a loss of it is the mean of, as an axis says it.
    pub of_loss: &'static str,
}

/// Numbers are predicted, as the target on each of the next steps.
pub static REGRESSION: Task = Task {
    word: "regression",
    name: "regression",
    of_loss: "of scaled values",
};

/// One of two classes is predicted; the output is one logit, positive for class 1.
pub static BINARY: Task = Task {
    word: "binary",
    name: "binary classification",
    of_loss: "cross-entropy, nats",
};

/// Every task, in the order in which a report shows them.
pub static TASKS: [&Task; 2] = [&REGRESSION, &BINARY];

/// Tasks are told apart by their words.
impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Task {}

impl std::fmt::Display for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
