//! Not drawn yet.

use super::scene::Scene;
use crate::report::FigureView;

/// One view.
pub fn draw(scene: &Scene) -> Vec<FigureView> {
    vec![scene.empty("Figure", "This kind is not drawn yet.")]
}
