//! Which tables a cell reads besides its dataset, its model and its split, and what is told where one is missing.

use crate::data::{Form, Sees, Slot};
use crate::language::diagnostic::Diagnostic;
use crate::language::points::Owner;
use crate::language::source::Span;

use super::Expansion;

/// A slot that a cell reads, and the settings that its point gives it.
pub(super) type OfSlot = Option<(&'static Slot, Vec<usize>)>;

impl Expansion<'_> {
    /// What a point gives each slot, where a dataset of that form has it read by a model that sees so much.
    pub(super) fn of_slots(&self, point: &[usize], form: Option<&Form>, sees: Sees, dataset: &str) -> Vec<OfSlot> {
        let of_slot = |table: &'static str| {
            let slot = form?.slots().iter().find(|slot| slot.table == table)?;
            let chosen = self.points.chosen_near(point, &Owner::Slot(table), [dataset, table]);
            slot.is_read_by(sees).then_some((slot, chosen))
        };
        self.slots.iter().map(|(table, _)| of_slot(table)).collect()
    }

    /// Whether one of these slots that a file says something of gives baselines validation examples.
    pub(super) fn validates(&self, of_slots: &[OfSlot], dataset: &str) -> bool {
        let mut slots = self.slots.iter().zip(of_slots);
        slots.any(|((_, makers), of_slot)| match of_slot {
            Some((slot, chosen)) => slot.baselines_validate && !makers.is_absent(dataset, chosen),
            None => false,
        })
    }
}

/// A table that a dataset cannot do without.
pub(super) fn needed(table: &str, dataset: &str, form: &Form, header: Span) -> Diagnostic {
    let is = form.is;
    let message = format!("the dataset `{dataset}` {is} and needs [{table}]");
    Diagnostic::at(header, message)
}

/// The same of a model.
pub(super) fn needs_training(model: &str, header: Span) -> Diagnostic {
    Diagnostic::at(header, format!("the model `{model}` is trained and needs [train]"))
        .help("add [train] with epochs, batch_size, loss, optimizer and learning_rate")
}
