//! SVG as text: escaping, coordinates, the outer element with its title and description. Knows nothing of data.

use std::fmt::Write;

/// Width of every drawing in its own units. Small, so that text of [`FONT`] units stays readable when the drawing is
/// scaled down to a telephone.
pub(crate) const WIDTH: f64 = 480.0;

/// Height of text.
pub(crate) const FONT: f64 = 12.5;

/// Height of the text of notes and tick labels.
pub(crate) const SMALL: f64 = 11.5;

/// The colour of lines that guide the eye.
pub(crate) const GRID: &str = "var(--grid,#d8dde3)";

/// The colour of axes and of secondary text.
pub(crate) const AXIS: &str = "var(--axis,currentColor)";

/// The colour behind the drawing.
pub(crate) const SURFACE: &str = "var(--surface,#ffffff)";

/// Elements, and the height that they take.
pub(crate) type Drawing = (String, f64);

/// Where a text stands relative to its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// Text for an element or an attribute in double quotes. Control characters, which XML forbids, are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A coordinate with one decimal, the finest that can be seen.
pub(crate) fn coordinate(value: f64) -> String {
    let tenths = (value * 10.0).round();
    if tenths % 10.0 == 0.0 {
        format!("{}", tenths as i64 / 10)
    } else {
        format!("{:.1}", tenths / 10.0)
    }
}

/// Width that a text takes at a font size. Fonts differ, so this is on the wide side.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' | '(' | ')' | ' ' => 0.35,
            'm' | 'w' | 'M' | 'W' | '–' | '→' | '%' => 0.95,
            'A'..='Z' => 0.7,
            _ => 0.6,
        })
        .sum();
    ems * size
}

/// The text's words in lines of at most `width`; a longer word has a line of its own.
pub(crate) fn wrap(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text element; `extra` are further attributes, ready-made.
pub(crate) fn text(x: f64, y: f64, anchor: Anchor, size: f64, extra: &str, content: &str) -> String {
    let anchor = match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let space = if extra.is_empty() { "" } else { " " };
    format!(
        "<text x=\"{}\" y=\"{}\"{anchor} font-size=\"{size}\"{space}{extra}>{}</text>\n",
        coordinate(x),
        coordinate(y),
        escape(content)
    )
}

/// Text as large as most.
pub(crate) fn normal(x: f64, y: f64, anchor: Anchor, content: &str) -> String {
    text(x, y, anchor, FONT, "", content)
}

/// Text of notes and tick labels.
pub(crate) fn small(x: f64, y: f64, anchor: Anchor, content: &str) -> String {
    text(x, y, anchor, SMALL, "", content)
}

/// Text of headings.
pub(crate) fn bold(x: f64, y: f64, anchor: Anchor, content: &str) -> String {
    text(x, y, anchor, FONT, BOLD, content)
}

/// The attribute of heavy text.
pub(crate) const BOLD: &str = "font-weight=\"600\"";

/// A `<title>` that browsers show while the pointer rests on the element around it.
pub(crate) fn hover(content: &str) -> String {
    if content.is_empty() {
        String::new()
    } else {
        format!("<title>{}</title>", escape(content))
    }
}

/// A straight line; `extra` are further attributes, ready-made.
pub(crate) fn line(from: (f64, f64), to: (f64, f64), extra: &str) -> String {
    format!(
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {extra}/>\n",
        coordinate(from.0),
        coordinate(from.1),
        coordinate(to.0),
        coordinate(to.1)
    )
}

/// A rectangle from its upper left corner; `extra` are further attributes, `content` is ready-made.
pub(crate) fn rectangle(corner: (f64, f64), width: f64, height: f64, extra: &str, hover: &str) -> String {
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {extra}>{}</rect>\n",
        coordinate(corner.0),
        coordinate(corner.1),
        coordinate(width.max(0.0)),
        coordinate(height.max(0.0)),
        self::hover(hover)
    )
}

/// A picture from its data URI in the square that has this upper left corner; where there is none, a dashed square that says so.
pub(crate) fn picture(corner: (f64, f64), side: f64, uri: Option<&String>, hover: &str) -> String {
    let Some(uri) = uri else {
        let paint = format!("fill=\"none\" stroke=\"{GRID}\" stroke-dasharray=\"4 4\"");
        return rectangle(corner, side, side, &paint, &format!("{hover}: no picture"));
    };
    let (x, y, side) = (coordinate(corner.0), coordinate(corner.1), coordinate(side));
    format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" href=\"{}\">{}</image>\n",
        escape(uri),
        self::hover(hover)
    )
}

/// The `d` of a path through points, broken where `None` stands.
pub(crate) fn path(points: &[Option<(f64, f64)>]) -> String {
    let mut d = String::new();
    let mut pen_down = false;
    for point in points {
        match point {
            Some((x, y)) => {
                let command = if pen_down { 'L' } else { 'M' };
                // Writing into a string cannot fail.
                let _ = write!(d, "{command}{} {}", coordinate(*x), coordinate(*y));
                pen_down = true;
            }
            None => pen_down = false,
        }
    }
    d
}

/// The whole drawing, as an element of an HTML page: scales with its container, is one image to a screen reader, and tells it title and description.
/// `id` must be unique in the page.
pub(crate) fn document(id: &str, title: &str, description: &str, (body, height): &Drawing) -> String {
    let (width, height) = (coordinate(WIDTH), coordinate(*height));
    let (id, title, description) = (escape(id), escape(title), escape(description));
    format!(
        "<svg class=\"figure\" viewBox=\"0 0 {width} {height}\" width=\"100%\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-description\" fill=\"currentColor\" font-family=\"system-ui,sans-serif\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-description\">{description}</desc>\n{body}</svg>\n"
    )
}

/// A drawing that holds only sentences: what is missing and how to get it.
pub(crate) fn notice(sentences: &[String]) -> Drawing {
    let margin = 16.0;
    let mut body = String::new();
    let mut y = margin + 4.0;
    for sentence in sentences {
        for line in wrap(sentence, WIDTH - 2.0 * margin, FONT) {
            y += 18.0;
            body.push_str(&normal(margin, y, Anchor::Start, &line));
        }
    }
    let height = y + margin + 4.0;
    let frame = format!("fill=\"none\" stroke=\"{GRID}\" stroke-dasharray=\"4 4\" rx=\"6\"");
    let frame = rectangle((1.0, 1.0), WIDTH - 2.0, height - 2.0, &frame, "");
    (frame + &body, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_is_escaped() {
        assert_eq!(
            escape("<script>\"a\" & 'b'\u{0}</script>"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"
        );
        let drawing = document("f", "<b>", "\"d\"", &(hover("</title><script>"), 10.0));
        assert!(!drawing.contains("<b>") && !drawing.contains("<script>"));
    }

    #[test]
    fn coordinates_have_one_decimal_and_no_negative_zero() {
        let written: Vec<String> = [12.0, 12.04, 12.05, -0.01, -3.25].into_iter().map(coordinate).collect();
        assert_eq!(written, ["12", "12", "12.1", "0", "-3.3"]);
    }

    #[test]
    fn a_gap_breaks_the_path() {
        let points = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.5))];
        assert_eq!(path(&points), "M0 1L1 2M3 4.5");
    }

    #[test]
    fn wrapping_keeps_every_word() {
        let lines = wrap("no record yet: run the sweep", 80.0, FONT);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), "no record yet: run the sweep");
    }
}
