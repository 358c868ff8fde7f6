//! Who has a claim: what its file says.

use std::fmt;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files::{self, Place};

/// Digits of the counter of beats: the content never grows, for it is written over in its place.
const DIGITS: usize = 12;

/// The name of this machine, and when this process began.
static THIS: OnceLock<(String, Option<u64>)> = OnceLock::new();

/// The content of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// Counts up for as long as the owner lives.
    beat: String,
    /// The name of its machine, for people.
    pub host: String,
    /// Tells its machine from others.
    machine: String,
    /// Its process there.
    pub process: u32,
    /// When that process began, as its machine counts: another one of that number began at another time.
    began: Option<u64>,
    /// What tells this claim from all others that ever were.
    pub token: String,
    /// What is claimed, as `EXPERIMENT/ID`.
    pub what: String,
    /// The plan that is run, where it is a cell.
    pub plan: Option<String>,
    /// When it was claimed by the clock of its machine, for people alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// What people are told of an owner: who runs something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Running {
    host: String,
    process: u32,
    /// As `2026-11-27T10:00:00Z`; null where the claim does not say it.
    since: Option<String>,
}

impl Owner {
    /// This process.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn this(what: &str, plan: Option<&str>) -> Result<Self> {
        let mut token = [0; 16];
        getrandom::fill(&mut token).context("the system gives no random bytes")?;
        let process = std::process::id();
        let (host, began) = THIS.get_or_init(|| (files::host(), files::start_of(process)));
        Ok(Self {
            beat: "0".repeat(DIGITS),
            host: host.clone(),
            machine: files::machine().to_owned(),
            process,
            began: *began,
            token: token.iter().map(|byte| format!("{byte:02x}")).collect(),
            what: what.to_owned(),
            plan: plan.map(str::to_owned),
            since: Some(now()),
        })
    }

    /// For people.
    pub(crate) fn running(&self) -> Running {
        Running {
            host: self.host.clone(),
            process: self.process,
            since: self.since.clone(),
        }
    }

    /// What a file says; none where it says no owner.
    pub(super) fn of(content: &[u8]) -> Option<Self> {
        serde_json::from_slice(content).ok()
    }

    /// What the file of this owner says.
    pub(super) fn content(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("plain text is JSON");
        line.push(b'\n');
        line
    }

    /// The next beat.
    pub(super) fn beats(&mut self) {
        let next = self.beat.parse::<u64>().map_or(0, |beat| beat + 1);
        self.beat = format!("{next:0DIGITS$}");
    }

    /// Whether it was a process of this machine that surely runs no more.
    pub(super) fn is_gone(&self) -> bool {
        self.machine == files::machine() && files::is_gone(self.process, self.began.unwrap_or_default())
    }
}

/// This moment, as people read it.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.running().fmt(f)
    }
}

impl fmt::Display for Running {
    /// `by HOST, process 1234, since 2026-11-27T10:00:00Z`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by {}, process {}", self.host, self.process)?;
        match &self.since {
            Some(since) => write!(f, ", since {since}"),
            None => Ok(()),
        }
    }
}

/// A claim of somebody, as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(super) place: Place,
    pub(super) content: Vec<u8>,
    /// Who has it; none where its file says nothing that can be understood.
    pub owner: Option<Owner>,
}

impl Seen {
    /// What tells it from all other claims.
    pub(super) fn token(&self) -> String {
        match &self.owner {
            Some(owner) => owner.token.clone(),
            None => blake3::hash(&self.content).to_hex()[..32].to_owned(),
        }
    }

    /// Whether its owner surely lives no more, as far as this machine can tell.
    pub(crate) fn is_gone(&self) -> bool {
        self.owner.as_ref().is_some_and(Owner::is_gone)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => owner.fmt(f),
            None => f.write_str("by somebody unknown"),
        }
    }
}
