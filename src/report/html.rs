//! The page's strings → HTML, by the templates in `templates/`, which are part of the program.

use std::path::Path;

use anyhow::{Context as _, bail};
use tera::{Context, Tera};

use super::view::Page;
use crate::files;

/// Name and text of each template. Everything that a template places is escaped, but for the drawings.
const TEMPLATES: [(&str, &str); 13] = [
    ("report.html", include_str!("../../templates/report.html")),
    ("components.html", include_str!("../../templates/components.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("overview.html", include_str!("../../templates/overview.html")),
    ("tables.html", include_str!("../../templates/tables.html")),
    ("figures.html", include_str!("../../templates/figures.html")),
    ("audit.html", include_str!("../../templates/audit.html")),
    ("cells.html", include_str!("../../templates/cells.html")),
    ("style.css", include_str!("../../templates/style.css")),
    ("script.js", include_str!("../../templates/script.js")),
    ("tables.js", include_str!("../../templates/tables.js")),
    ("figures.js", include_str!("../../templates/figures.js")),
    ("start.js", include_str!("../../templates/start.js")),
];

/// Fills the templates in; [`templates`] says which.
///
/// # Errors
/// When a template asks for what the view does not have; the message names the file and the line.
pub(crate) fn fill_in(page: &Page, templates: &Tera) -> anyhow::Result<String> {
    let context = Context::from_serialize(page).context("the report's view has no JSON form")?;
    templates
        .render("report.html", &context)
        .context("cannot fill the report's template in")
}

/// The built-in templates. Those of `folder` take the place of the ones of their names; others are there for them to include.
///
/// # Errors
/// When the folder cannot be listed or replaces none, or a template cannot be read; the message names the file and the line.
pub(crate) fn templates(folder: Option<&Path>) -> anyhow::Result<Tera> {
    let mut tera = Tera::new();
    tera.add_raw_templates(TEMPLATES)
        .context("the built-in templates do not fit together")?;
    let Some(folder) = folder else {
        return Ok(tera);
    };
    let mut replaced = false;
    let mut files = Vec::new();
    for path in files::listed(folder)? {
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name
            && [".html", ".css", ".js"].iter().any(|ending| name.ends_with(ending))
        {
            replaced |= TEMPLATES.iter().any(|(known, _)| *known == name);
            files.push((path.clone(), Some(name.to_owned())));
        }
    }
    if !replaced {
        bail!(
            "{} replaces no template\n  help: a file in it takes the place of the template of its name: {}",
            folder.display(),
            TEMPLATES.map(|(name, _)| name).join(", ")
        );
    }
    tera.add_template_files(files).context("a template is wrong")?;
    Ok(tera)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::results::ExperimentResults;
    use crate::report::{sample, view};
    use crate::sweep::told::Told;

    fn render(page: &Page, folder: Option<&Path>) -> anyhow::Result<String> {
        fill_in(page, &templates(folder)?)
    }

    fn study() -> ExperimentResults {
        sample::experiment(&sample::study(&[1, 3], 1), ReportSpec::default())
    }

    fn two_studies() -> [ExperimentResults; 2] {
        let mut other = study();
        other.card.name = "other".to_owned(); // no two experiments share a name
        [study(), other]
    }

    #[test]
    fn no_text_becomes_markup() {
        let mut experiment = study();
        let text = "<script>alert('x')</script>\"'&";
        experiment.card.title = text.to_owned();
        experiment.card.name = text.to_owned();
        let id = experiment.records.remove(0).id;
        experiment.told.insert(
            id,
            Told::Failed {
                error: text.to_owned(),
                log: text.to_owned(),
            },
        );
        let known = experiment.card.datasets.remove("monero").unwrap();
        experiment.card.datasets.insert(text.to_owned(), known);
        let records = experiment.records.iter_mut().map(|stored| &mut stored.record.configuration);
        let planned = experiment.card.cells.values_mut().map(|cell| &mut cell.configuration);
        for configuration in records.chain(planned) {
            configuration["dataset"]["name"] = text.into();
            configuration["train"]["note"] = text.into();
        }
        let html = render(&view::page(&[experiment]), None).unwrap();
        assert!(!html.contains("alert('x')"));
        assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn odd_but_valid_results_make_a_page() {
        use crate::metric::{self, Predictions};
        use crate::store::record::Stored;
        type Change = fn(&mut Stored);
        let changes: [Change; 10] = [
            |stored| stored.record.history.clear(),
            |stored| {
                for values in stored.record.history.values_mut() {
                    values.truncate(1);
                }
            },
            |stored| {
                for values in stored.record.history.values_mut() {
                    values.clear();
                }
            },
            // Nothing varies: neither the truth nor the forecasts.
            |stored| {
                if let Predictions::Regression(forecasts) = &mut stored.record.predictions {
                    for sample in forecasts.samples_mut() {
                        sample.last = 5.0.into();
                        sample.truth.fill(5.0);
                        sample.forecast.fill(5.0);
                    }
                }
            },
            |stored| {
                if let Predictions::Regression(forecasts) = &mut stored.record.predictions {
                    forecasts.samples_mut().truncate(1);
                }
            },
            |stored| {
                if let Predictions::Regression(forecasts) = &mut stored.record.predictions {
                    forecasts.unit = "<b>\"'&%_^".to_owned();
                    let samples = forecasts.samples_mut();
                    samples.iter_mut().for_each(|sample| sample.origin = "no date".to_owned());
                }
            },
            |stored| stored.record.predictions = stored.record.predictions.clone().kept(metric::Keep::Summary),
            // A test set of one class, of one clip, and predictions that are all alike.
            |stored| {
                if let Predictions::Binary { samples, .. } = &mut stored.record.predictions {
                    samples.retain(|item| item.label == 1);
                }
            },
            |stored| {
                if let Predictions::Binary { samples, .. } = &mut stored.record.predictions {
                    samples.truncate(1);
                }
            },
            |stored| {
                if let Predictions::Binary { samples, .. } = &mut stored.record.predictions {
                    for item in samples.iter_mut() {
                        item.score = 0.5;
                        item.name += "/<i>,;\n\u{202e}";
                    }
                }
            },
        ];
        let series = sample::experiment(&sample::study(&[1, 3], 1), ReportSpec::default());
        let rolled = sample::experiment(&sample::study(&[1], 40), ReportSpec::default());
        let clips = sample::clips::experiment(&sample::clips::study(), ReportSpec::default());
        for (index, change) in changes.into_iter().enumerate() {
            for experiment in [&series, &rolled, &clips] {
                for rescored in [true, false] {
                    let mut experiment = experiment.clone();
                    for stored in &mut experiment.records {
                        change(stored);
                        if rescored {
                            stored.record.metrics = metric::score(&stored.record.predictions);
                        }
                    }
                    let html = render(&view::page(&[experiment]), None).unwrap();
                    for drawing in html.split("<svg").skip(1) {
                        let drawing = drawing.split("</svg>").next().unwrap_or_default();
                        assert!(!drawing.contains("NaN") && !drawing.contains("inf "), "{index}: {drawing}");
                    }
                    assert!(!html.contains("<b>\"'") && !html.contains("<i>,"), "{index}");
                }
            }
        }
        // One seed, one model, nothing planned.
        let mut few = rolled.clone();
        few.records.truncate(1);
        render(&view::page(&[few.clone()]), None).unwrap();
        few.card.cells.clear();
        few.records.clear();
        render(&view::page(&[few]), None).unwrap();
    }

    #[test]
    fn the_page_needs_nothing_else_and_is_the_same_every_time() {
        let page = render(&view::page(&two_studies()), None).unwrap();
        let html = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", ""); // a name, not an address
        for outside in ["http:", "https:", "src=", "@import", "url("] {
            let from = html.find(outside).map(|at| &html[at.saturating_sub(60)..at + 40]);
            assert_eq!(from, None, "{outside}");
        }
        assert_eq!(page, render(&view::page(&two_studies()), None).unwrap());
    }

    #[test]
    fn every_link_inside_the_page_leads_somewhere_and_every_id_is_its_own() {
        let html = render(&view::page(&two_studies()), None).unwrap();
        let after = |start: &str| -> Vec<String> {
            html.split(start)
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
                .collect()
        };
        let mut ids = after(" id=\"");
        for link in after("href=\"#") {
            assert!(ids.contains(&link), "{link}");
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn clips_and_prices_share_a_page_and_an_experiment() {
        let images = serde_json::json!({"figure": [{"kind": "clip_images"}]});
        let report = serde_json::from_value(images).unwrap();
        let clips = sample::clips::experiment(&sample::clips::study(), report);
        let mut mixed = sample::joined(study(), clips.clone());
        mixed.card.name = "mixed".to_owned();
        let page = view::page(&[mixed, clips]);
        let columns: Vec<usize> = page.experiments[0].tables.iter().map(|table| table.rows.len()).collect();
        assert_eq!(columns, [12, 3], "a table for each task");
        let html = render(&page, None).unwrap();
        assert!(html.contains("data:image/png;base64,"));
        assert!(html.contains("conv_lstm is better, beyond chance"));
        assert!(!html.contains("Does conv_lstm beat the naive forecast"));
        let outside = html.find("src=\"").or(html.find("url("));
        assert_eq!(outside, None);
    }

    #[test]
    fn a_page_without_results_says_how_to_make_some() {
        let html = render(&view::page(&[]), None).unwrap();
        assert!(html.contains("runner sweep"));
    }
}
