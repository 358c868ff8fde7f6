#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;
use crate::data::card::LeakKind;
use crate::store::check;

/// What a sweep of version 1 wrote, shortened.
const SERIES: &str = include_str!("series.json");
const CLIPS: &str = include_str!("clips.json");

fn newest(text: &str) -> super::super::Card {
    serde_json::from_str::<Card>(text).unwrap().into_newest()
}

/// Every leaf of a JSON document as text.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Object(table) => table.values().flat_map(leaves).collect(),
        Value::Array(list) => list.iter().flat_map(leaves).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

#[test]
fn nothing_that_an_old_card_said_is_lost() {
    for (text, name) in [(SERIES, "price_backtest"), (CLIPS, "violence_search")] {
        let mut old: Value = serde_json::from_str(text).unwrap();
        let card = newest(text);
        check::card(&card, name).unwrap();
        let new = json!(card);
        assert_eq!(serde_json::from_value::<super::super::Card>(new.clone()).unwrap(), card);
        // What a cut was of stands in the configurations of its cells, and a clip's class has its place.
        for cut in ["cuts", "clip_cuts"]
            .iter()
            .filter_map(|name| old[*name].as_array())
            .flatten()
        {
            assert!(new["cells"].to_string().contains(&cut["settings"]["split"].to_string()));
        }
        old.as_object_mut().unwrap().retain(|name, _| name != "version");
        let said = leaves(&new);
        for leaf in leaves(&old) {
            let is_said = said
                .iter()
                .any(|known| known.split([' ', ';', ':', ',', '.']).any(|word| word == leaf));
            assert!(is_said || said.contains(&leaf), "{name}: {leaf}");
        }
    }
}

#[test]
fn a_cell_points_to_what_its_data_became_and_to_its_network() {
    let card = newest(SERIES);
    let tested = |id: &str| card.cut(&card.cells[id]).map(|cut| cut.targets.clone());
    assert_eq!(tested("litecoin,lstm,horizon=1,seed=0"), Some(vec![1]));
    assert_eq!(tested("litecoin,lstm,horizon=7,seed=0"), Some(vec![7]));
    let outputs = |id: &str| Some(card.model(&card.cells[id])?.layers.last()?.output.clone());
    assert_eq!(outputs("litecoin,lstm,horizon=7,seed=0"), Some(vec![7]));
    assert_eq!(outputs("litecoin,naive,horizon=1"), None);
    // Of its own settings, without numbers: an old card had none for a baseline beside networks.
    let cut = card.cut(&card.cells["litecoin,naive,horizon=1"]).unwrap();
    assert_eq!((cut.shape.clone(), cut.parts.len()), (vec![30, 1], 0));
    assert!(card.contents("litecoin").is_some());
    assert_eq!(card.datasets["monero"].task, "regression");
    assert_eq!(card.contents("monero"), None);
}

#[test]
fn networks_that_differ_in_what_they_are_fed_are_told_apart() {
    let card = newest(CLIPS);
    for (id, side) in [("pool=2", 4), ("pool=4", 2)] {
        let cell = card.cells.iter().find(|(name, _)| name.contains(id)).unwrap().1;
        let model = card.model(cell).unwrap();
        assert_eq!(model.layers[0].output, [10, side, side, 2048]);
        let stages = &card.cut(cell).unwrap().stages;
        assert_eq!(stages.last().unwrap().shape, [side, side, 2048]);
        assert_eq!(
            card.backbones[cell.backbone.unwrap()].settings,
            cell.configuration["backbone"]
        );
    }
}

#[test]
fn leaks_and_pictures_of_clips_stay() {
    let card = newest(CLIPS);
    let leaks = card.cuts.iter().flat_map(|cut| &cut.leaks);
    assert!(leaks.clone().any(|leak| leak.kind == LeakKind::IdenticalItems));
    assert!(leaks.clone().any(|leak| leak.kind == LeakKind::NeighbouringItems));
    assert_eq!(card.pictures().len(), 5);
}
