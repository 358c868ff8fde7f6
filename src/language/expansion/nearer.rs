//! What nearer tables say, held against what is read and what the axes of the whole file move.

use std::collections::HashSet;

use crate::console::joined;
use crate::data::{FORMS, Form, slots};
use crate::language::diagnostic::Diagnostic;
use crate::language::near;
use crate::language::part::Maker;
use crate::language::points::Owner;

use super::Expansion;

impl Expansion<'_> {
    /// Tables that may be left out and that no dataset reads, and nearer ones that what holds them does not read.
    pub(super) fn note_unread(&self, problems: &mut Vec<Diagnostic>) {
        for (table, makers) in &self.slots {
            let is_optional = slots().iter().any(|slot| slot.table == *table && slot.is_optional);
            let Some(node) = makers.base().filter(|_| is_optional) else {
                continue;
            };
            let forms = self.datasets.values().map(|maker| Some(maker.specs().next()?.form()));
            let forms: Option<Vec<&Form>> = forms.collect();
            let reads = |form: &&Form| form.slots().iter().any(|slot| slot.table == *table);
            // Of a dataset with a mistake nobody knows.
            if let Some(forms) = forms.filter(|forms| !forms.is_empty() && !forms.iter().any(reads)) {
                let holds = forms[0].holds;
                let own: Vec<&str> = FORMS.iter().filter(|form| reads(form)).map(|form| form.holds).collect();
                let told = format!(
                    "no dataset here reads [{table}]: it is for {}, and they hold {holds}",
                    joined(&own, "or")
                );
                problems.push(Diagnostic::at(node.span, told).help("take the table out"));
            }
        }
        for (holder, table, span) in &self.nearer {
            if table == "split" || near::may_hold("model", table) {
                continue;
            }
            let mut specs = self.datasets.get(holder).into_iter().flat_map(Maker::specs);
            let form = specs.next().map(|source| source.form());
            let reads = |form: &&Form| form.slots().iter().any(|slot| slot.table == table);
            if let Some(form) = form.filter(|form| !reads(form)) {
                let is = form.is;
                let told = format!("the dataset `{holder}` {is}: it reads no [{table}]");
                problems.push(Diagnostic::at(*span, told).help("take the table out"));
            }
        }
    }

    /// An axis of the whole file over what a nearer table says would move nothing there.
    pub(super) fn note_said_nearer(&self, problems: &mut Vec<Diagnostic>) {
        if self.nearer.is_empty() {
            return;
        }
        let mut told = HashSet::new();
        for point in &self.points.points {
            let (dataset, model) = (
                self.name(point, &Owner::DatasetName, &mut Vec::new()),
                self.name(point, &Owner::ModelName, &mut Vec::new()),
            );
            let (Some(dataset), Some(model)) = (dataset, model) else {
                continue;
            };
            for index in point {
                let setting = &self.points.settings[*index];
                let [_, inner @ ..] = setting.path.as_slice() else {
                    continue;
                };
                let (root, holder, said) = match self.points.owner(*index) {
                    Owner::Slot(table) => {
                        let makers = self.slots.iter().find(|(own, _)| own == table);
                        let said = makers.is_some_and(|(_, makers)| makers.is_said_nearer(&dataset, inner));
                        ("dataset", &dataset, said)
                    }
                    Owner::Split => ("dataset", &dataset, self.splits.is_said_nearer(&dataset, inner)),
                    Owner::Train => ("model", &model, self.train.is_said_nearer(&model, inner)),
                    _ => continue,
                };
                if said && told.insert((setting.key_span, holder.clone())) {
                    let path = setting.path.join(".");
                    let table = &setting.path[0];
                    problems.push(
                        Diagnostic::at(
                            setting.key_span,
                            format!("the axis `{path}` would move nothing for the {root} `{holder}`: [{root}.{holder}.{table}] says it"),
                        )
                        .help(format!("take it out of that table, or name the axis {root}.{holder}.{path}")),
                    );
                }
            }
        }
    }
}
