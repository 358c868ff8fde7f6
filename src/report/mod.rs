//! Records → audit, tables, figures → one HTML file. Reads `results/` only and never trains.
