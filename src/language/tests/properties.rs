//! What holds for every grid and every text, tried on generated ones.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::{Folder, SMALL, experiment, ids};
use crate::language::configuration::of_group;
use crate::language::name::without_seed;
use crate::language::source::{Origin, SourceMap};
use crate::language::{SpecError, tree};

/// A grid of one model, with every axis, pair and addition written as a line of its own.
#[derive(Debug, Clone)]
struct Generated {
    horizons: Vec<u32>,
    seeds: Vec<u32>,
    epochs: Vec<u32>,
    /// Batch sizes, each with a learning rate.
    zipped: Vec<u32>,
    excludes: bool,
    includes: bool,
}

fn generated() -> impl Strategy<Value = Generated> {
    let some = |from: u32, to: u32| {
        let values: Vec<u32> = (from..to).collect();
        subsequence(values, 1..=3).prop_shuffle()
    };
    let axes = (some(1, 5), some(0, 5), some(3, 8), some(8, 12));
    (axes, any::<bool>(), any::<bool>()).prop_map(|((horizons, seeds, epochs, zipped), excludes, includes)| Generated {
        horizons,
        seeds,
        epochs,
        zipped,
        excludes,
        includes,
    })
}

impl Generated {
    fn cells(&self) -> usize {
        let product = self.horizons.len() * self.seeds.len() * self.epochs.len() * self.zipped.len();
        let excluded = self.epochs.len() * self.zipped.len();
        product - if self.excludes { excluded } else { 0 } + usize::from(self.includes)
    }

    /// The file; the axes stand in the order of the names, or against it.
    fn text(&self, reversed: bool) -> String {
        let mut axes = [
            format!("window.horizon = {:?}", self.horizons),
            format!("seed = {:?}", self.seeds),
            format!("train.epochs = {:?}", self.epochs),
            "model = [\"lstm\"]".to_owned(),
        ];
        let rates: Vec<f64> = self.zipped.iter().map(|size| f64::from(*size) / 100.0).collect();
        let mut zip = [
            format!("train.batch_size = {:?}", self.zipped),
            format!("train.learning_rate = {rates:?}"),
        ];
        if reversed {
            axes.reverse();
            zip.reverse();
        }
        let mut text = format!("{SMALL}{}\n[[grid.zip]]\n{}\n", axes.join("\n"), zip.join("\n"));
        // The values of a set, whatever their order.
        let (horizon, seed) = (self.horizons.iter().max(), self.seeds.iter().max());
        if let (true, Some(horizon), Some(seed)) = (self.excludes, horizon, seed) {
            text.push_str(&format!("[[grid.exclude]]\nwindow.horizon = {horizon}\nseed = {seed}\n"));
        }
        if self.includes {
            text.push_str("[[grid.include]]\nmodel = \"lstm\"\nwindow.horizon = 9\n");
        }
        text
    }
}

/// A sound file with a piece cut out and another put in: what a slip of the hand makes.
fn slipped() -> impl Strategy<Value = String> {
    let text = format!("{SMALL}model = [\"lstm\", \"naive\"]\nseed = {{ from = 0, to = 2 }}\n");
    let length = text.len();
    (0..length, 0..12_usize, "[\\[\\]{}=\"'#.,a-z0-9 \n]{0,8}").prop_map(move |(at, cut, put)| {
        let end = (at + cut).min(length);
        format!("{}{put}{}", &text[..at], &text[end..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_grid_is_the_product_of_its_axes_in_any_order(grid in generated()) {
        // All cells could be excluded, which is a mistake.
        prop_assume!(grid.cells() > 0);
        let forwards = ids(&grid.text(false));
        let unique: BTreeSet<&String> = forwards.iter().collect();
        prop_assert_eq!(forwards.len(), grid.cells());
        prop_assert_eq!(unique.len(), forwards.len());
        let mut sorted = grid.clone();
        for values in [&mut sorted.horizons, &mut sorted.seeds, &mut sorted.epochs, &mut sorted.zipped] {
            values.sort_unstable();
        }
        let backwards = ids(&sorted.text(true));
        prop_assert_eq!(unique, backwards.iter().collect::<BTreeSet<_>>());
    }

    #[test]
    fn cells_that_differ_only_in_their_seed_share_their_name_but_for_it(grid in generated()) {
        prop_assume!(grid.cells() > 0);
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for cell in experiment(&grid.text(false)).cells {
            let group = of_group(&cell.configuration()).to_string();
            prop_assert!(cell.id.ends_with(&format!(",seed={}", cell.seed.unwrap())), "{}", cell.id);
            groups.entry(group).or_default().insert(without_seed(&cell.id).into_owned());
        }
        let stems: BTreeSet<&String> = groups.values().flatten().collect();
        prop_assert!(groups.values().all(|stems| stems.len() == 1), "{groups:#?}");
        prop_assert_eq!(stems.len(), groups.len());
    }

    #[test]
    fn a_slip_is_told_or_harmless(text in slipped()) {
        let folder = Folder::new(&[("slip.toml", text.as_str())]);
        if let Err(error) = folder.load(&["slip.toml"], &[]) {
            prop_assert!(error.count() > 0);
            prop_assert!(!error.render(false).is_empty());
        }
    }

    #[test]
    fn any_text_is_a_tree_or_a_mistake(text in "\\PC*|([a-z.\\[\\]{}=\"'\\\\#,0-9\n ]{0,60})") {
        let mut sources = SourceMap::default();
        let base = sources.add(Origin::Option("text".to_owned()), text.clone());
        let mut problems = Vec::new();
        let tree = tree::parse(&text, base, &mut problems);
        prop_assert!(tree.is_some() || !problems.is_empty());
        // Every mistake has a place that can be shown.
        let _ = SpecError::new(problems, &sources).render(true);
    }
}
