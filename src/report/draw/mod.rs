//! Shapes, texts and places → SVG. Knows numbers and names, but no record, model or figure.

pub(crate) mod chart; // panels with axes and marks
pub(crate) mod date; // days along an axis
pub(crate) mod frame; // what a chart shows → drawing, legend, hover texts, table
mod labels; // around a plot area, never on top of one another
pub(crate) mod legend; // samples with names
pub(crate) mod marks; // lines, bands, points, intervals
pub(crate) mod palette; // colour, dash pattern, marker
pub(crate) mod scale; // values → places and ticks
pub(crate) mod sheet; // tables as pictures
pub(crate) mod svg; // text, escaping, the outer element
pub(crate) mod thin; // long curves → what can be seen of them
