//! What is beyond chance: one definition for the report, which holds models against each other, and for `diff`, which holds a
//! commit against another.
//!
//! Two groups of records → a [`Contrast`]: what is paired decides what chance means. All contrasts by one metric → p values by
//! Holm's correction and a [`Verdict`] each ([`together`]). A verdict → [`words`]. The arithmetic is that of [`crate::statistics`]; how a
//! metric is paired stands in its entry.

mod change; // a verdict on before and after → better, worse, or no saying
mod items; // two groups of classifications, item by item
mod pair; // two groups of records → the difference of one metric, and its chance
#[expect(clippy::disallowed_methods, reason = "how many digits are printed is in no record")]
pub(crate) mod round; // numbers → text
mod verdict; // contrasts → corrected p values and verdicts
pub(crate) mod words; // verdicts, methods and what limits them, in words

pub(crate) use change::{Change, worsening};
pub(crate) use pair::{Contrast, Method, Reach, contrast, summary, summary_of};
pub(crate) use verdict::{Judged, Verdict, together};
