//! Runs `runner` in temporary projects, as a user would.

mod clips;
mod diff;
mod fetch;
mod module_order;
mod project;
mod reading;
mod sweep;
mod wrong;
