//! Runs `runner` in temporary projects, as a user would.

mod fetch;
mod module_order;
mod project;
mod reading;
mod sweep;
