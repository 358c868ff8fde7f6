//! Runs `runner` in temporary projects, as a user would.

mod check;
mod clips;
mod committed;
mod corpus;
mod diff;
mod diff_clones;
mod diff_gone;
mod fetch;
mod harm;
mod kinds;
mod machines;
mod module_order;
mod project;
mod prune;
mod reading;
mod states;
mod sweep;
mod takeover;
mod wrong;
