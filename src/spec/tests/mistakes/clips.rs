//! A mistake in what a study of clips says: its steps, its backbone, its split, and what does not fit together.

use super::Folder;

const SOUND: &str = r#"[dataset.hockey]
kind = "clips"
folder = "hockey_fights"
classes = { fi = "fight", no = "no fight" }
steps = [
    { frames = 20 },
    { resize = 256 },
    "pair_difference",
    { normalise = "imagenet" },
    { augment = { probability = 0.5, crop = 0.7, transpose = "always" } },
]

[backbone]
kind = "resnet50"
weights = "resnet50-keras"
pool = 2

[split]
kind = "stratified"
test = 0.2
validation = 0.1

[model.conv_lstm]
kind = "conv_lstm"
filters = 32

[model.probe]
kind = "linear_probe"

[train]
epochs = 20
batch_size = 8
loss = "binary_cross_entropy"
optimizer = "rmsprop"
learning_rate = 0.001

[grid]
model = ["conv_lstm", "probe"]
"#;

/// The sound file with one piece of its text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(SOUND.contains(old), "{old:?} is not in the file");
    SOUND.replacen(old, new, 1)
}

fn mistakes(text: &str) -> String {
    Folder::new(&[("clips.toml", text)]).mistakes(&["clips.toml"], &[])
}

#[test]
fn the_sound_file_has_no_mistake() {
    let experiment = super::super::experiment(SOUND);
    assert_eq!(experiment.cells.len(), 2);
    let id = "dataset=hockey,model=conv_lstm";
    assert_eq!(experiment.cells[0].id, id);
}

#[test]
fn an_unknown_step() {
    insta::assert_snapshot!(mistakes(&with("\"pair_difference\"", "\"pair_diference\"")), @"");
}

#[test]
fn an_unknown_step_with_a_value() {
    insta::assert_snapshot!(mistakes(&with("{ resize = 256 }", "{ rezise = 256 }")), @"");
}

#[test]
fn a_wrong_value_of_a_step() {
    insta::assert_snapshot!(mistakes(&with("{ resize = 256 }", "{ resize = -1 }")), @"");
}

#[test]
fn a_value_for_a_step_that_takes_none() {
    insta::assert_snapshot!(mistakes(&with("\"pair_difference\"", "{ pair_difference = 2 }")), @"");
}

#[test]
fn a_step_of_two_keys() {
    insta::assert_snapshot!(mistakes(&with("{ frames = 20 }", "{ frames = 20, resize = 256 }")), @"");
}

#[test]
fn an_unknown_setting_of_the_augmentation() {
    insta::assert_snapshot!(mistakes(&with("crop = 0.7", "corp = 0.7")), @"");
}

#[test]
fn a_step_before_its_time() {
    let text = with(
        "{ resize = 256 },\n    \"pair_difference\"",
        "\"pair_difference\",\n    { resize = 256 }",
    );
    insta::assert_snapshot!(mistakes(&text), @"");
}

#[test]
fn a_class_too_many() {
    insta::assert_snapshot!(mistakes(&with("no = \"no fight\"", "no = \"no fight\", ma = \"maybe\"")), @"");
}

#[test]
fn an_unknown_backbone() {
    insta::assert_snapshot!(mistakes(&with("resnet50\"\nweights", "resnet51\"\nweights")), @"");
}

#[test]
fn weights_that_are_neither_known_nor_a_file() {
    insta::assert_snapshot!(mistakes(&with("\"resnet50-keras\"", "\"resnet50-kears\"")), @"");
}

#[test]
fn a_width_that_learned_weights_do_not_have() {
    insta::assert_snapshot!(mistakes(&with("pool = 2", "width = 8")), @"");
}

#[test]
fn a_pool_that_does_not_divide_the_maps() {
    insta::assert_snapshot!(mistakes(&with("pool = 2", "pool = 3")), @"");
}

#[test]
fn no_backbone() {
    let text = with(
        "[backbone]\nkind = \"resnet50\"\nweights = \"resnet50-keras\"\npool = 2\n",
        "",
    );
    insta::assert_snapshot!(mistakes(&text), @"");
}

#[test]
fn a_split_of_a_series() {
    insta::assert_snapshot!(mistakes(&with("\"stratified\"\ntest = 0.2", "\"holdout\"")), @"");
}

#[test]
fn a_group_without_its_size() {
    insta::assert_snapshot!(mistakes(&with("\"stratified\"", "\"group\"")), @"");
}

#[test]
fn a_model_of_series() {
    insta::assert_snapshot!(mistakes(&with("\"conv_lstm\"\nfilters", "\"lstm\"\nhidden")), @"");
}

#[test]
fn a_loss_of_series() {
    insta::assert_snapshot!(mistakes(&with("binary_cross_entropy", "mse")), @"");
}

#[test]
fn an_even_kernel() {
    insta::assert_snapshot!(mistakes(&with("filters = 32", "filters = 32\nkernel = 4")), @"");
}

#[test]
fn an_axis_of_the_backbone() {
    let text = format!("{SOUND}backbone.pool = [1, 5]\n");
    insta::assert_snapshot!(mistakes(&text), @"");
}
