//! Shapes, texts and places → SVG. Knows numbers and names, but no record, model or figure.

pub mod chart; // panels with axes and marks
pub mod date; // days along an axis
pub mod frame; // what a chart shows → drawing, legend, hover texts, table
mod labels; // around a plot area, never on top of one another
pub mod legend; // samples with names
pub mod marks; // lines, bands, points, intervals
pub mod palette; // colour, dash pattern, marker
pub mod scale; // values → places and ticks
pub mod sheet; // tables as pictures
pub mod svg; // text, escaping, the outer element
pub mod thin; // long curves → what can be seen of them
