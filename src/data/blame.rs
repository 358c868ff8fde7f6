//! A mistake between settings.

/// A mistake between settings, and where to blame it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// The table; empty where it is the one that is checked.
    pub table: &'static str,
    /// The key in it; empty for the table as a whole.
    pub key: &'static str,
    /// Which element of a list.
    pub index: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<&'static str>,
}

impl Blame {
    /// A mistake at a key of the table that is checked.
    pub fn at(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            table: "",
            key,
            index: None,
            message: message.into(),
            help: None,
        }
    }
}

impl std::fmt::Display for Blame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Blame {}
