//! The report as its readers use it, in Chromium.

mod accessibility;
mod figures;
mod many;
mod page;
mod pages;
mod tables;
