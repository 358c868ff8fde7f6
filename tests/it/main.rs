//! Runs `runner` in temporary projects, as a user would.

mod clips;
mod corpus;
mod diff;
mod fetch;
mod harm;
mod module_order;
mod project;
mod reading;
mod states;
mod sweep;
mod wrong;
