//! The pages of a report → its file and those beside it: a file that opens at once has its bounds.

use super::fit::{self, Fitted};
use super::{Experiment, Page};
use crate::store::beside;

/// So many bytes, pictures included, may the file have in which several experiments stand: it is there in a second.
const MOST: usize = 12_000_000;

/// The files of a report.
pub(crate) struct Divided {
    /// The file with the first page.
    pub html: String,
    /// The files of single experiments, by name.
    pub beside: Vec<(String, String)>,
}

/// Divides a page into files: each experiment is shortened to what it may have, and the largest have files of their own until the
/// others fit into one. `made` makes the HTML of a page.
///
/// # Errors
/// When a page cannot be made.
pub(crate) fn divided(page: Page, made: impl Fn(&Page) -> anyhow::Result<String>) -> anyhow::Result<Divided> {
    if page.experiments.len() < 2 {
        let room = fit::room_of(&page);
        let Fitted { html, .. } = fit::fitted(page, room, &made)?;
        return Ok(Divided {
            html,
            beside: Vec::new(),
        });
    }
    let mut index = page.index.clone();
    let mut sized: Vec<(usize, Experiment)> = Vec::new();
    for experiment in page.experiments {
        let alone = Page::of(vec![experiment]);
        let room = fit::room_of(&alone);
        let fitted = fit::fitted(alone, room, &made)?;
        let bytes = fitted.html.len();
        sized.extend(fitted.page.experiments.into_iter().map(|one| (bytes, one)));
    }
    let mut alone = Vec::new();
    while sized.iter().map(|(bytes, _)| bytes).sum::<usize>() > MOST {
        let possible = (0..sized.len()).filter(|&place| beside::is_possible(&sized[place].1.name));
        let largest = possible.rev().max_by_key(|&place| sized[place].0);
        let Some(largest) = largest else { break };
        let (_, experiment) = sized.remove(largest);
        let name = experiment.name.clone();
        for card in index.iter_mut().filter(|card| card.name == name) {
            card.link = beside::address(&name);
        }
        let own = Page {
            home: beside::HOME.to_owned(),
            ..Page::of(vec![experiment])
        };
        alone.push((name, made(&own)?));
    }
    let page = Page {
        unreadable: page.unreadable,
        index,
        ..Page::of(sized.into_iter().map(|(_, experiment)| experiment).collect())
    };
    let html = made(&page)?;
    Ok(Divided { html, beside: alone })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::{FigureView, sample, view};

    /// Experiments of these names, each with pictures of so many bytes.
    fn page(sizes: &[(&str, usize)]) -> Page {
        let one = |(name, bytes): &(&str, usize)| {
            let mut experiment = sample::experiment(&sample::study(&[1], 1)[..2], ReportSpec::default());
            experiment.card.name = (*name).to_owned();
            (experiment, *bytes)
        };
        let (experiments, sizes): (Vec<_>, Vec<usize>) = sizes.iter().map(one).unzip();
        let mut page = view::page(&experiments);
        for (experiment, bytes) in page.experiments.iter_mut().zip(sizes) {
            let views = vec![FigureView {
                title: "A picture".to_owned(),
                description: String::new(),
                svg: format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(bytes)),
                table: crate::report::DataTable::default(),
            }];
            experiment.figures = vec![view::Figures {
                views,
                left_out: String::new(),
                not_drawn: 0,
            }];
        }
        page
    }

    fn made(page: &Page) -> anyhow::Result<String> {
        Ok(serde_json::to_string(page)?)
    }

    #[test]
    fn the_largest_go_beside_until_the_others_fit() {
        let divided = divided(page(&[("a", 5_000_000), ("b c", 7_000_000), ("d", 100)]), made).unwrap();
        let names: Vec<&String> = divided.beside.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b c"]);
        assert!(divided.html.contains("\"link\":\"report/b%20c.html\""));
        assert!(divided.html.contains("\"link\":\"#e1\"") && divided.html.contains("\"link\":\"#e3\""));
        assert!(divided.html.len() < MOST);
        let own = &divided.beside[0].1;
        assert!(own.contains("\"home\":\"../report.html\"") && own.contains("\"index\":[]"));
    }

    #[test]
    fn what_fits_stands_in_one_file_and_one_experiment_in_any_case() {
        for sizes in [&[("a", 2_000_000), ("b", 2_000_000)][..], &[("a", 20_000_000)]] {
            let divided = divided(page(sizes), made).unwrap();
            assert_eq!(divided.beside.len(), 0);
        }
    }
}
