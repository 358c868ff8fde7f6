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
    let id = "hockey,conv_lstm";
    assert_eq!(experiment.cells[0].id, id);
}

#[test]
fn an_unknown_step() {
    insta::assert_snapshot!(mistakes(&with("\"pair_difference\"", "\"pair_diference\"")), @r#"
    error: clips.toml:8:5: unknown value `pair_diference`
      |
    8 |     "pair_diference",
      |     ^^^^^^^^^^^^^^^^
      help: did you mean `pair_difference`? `steps` is one of augment, crop_border, every, frames, neighbour_difference, normalise, pad_front, pair_difference, resize, rgb
    "#);
}

#[test]
fn an_unknown_step_with_a_value() {
    insta::assert_snapshot!(mistakes(&with("{ resize = 256 }", "{ rezise = 256 }")), @r#"
    error: clips.toml:7:5: unknown value `rezise`
      |
    7 |     { rezise = 256 },
      |     ^^^^^^^^^^^^^^^^
      help: did you mean `resize`? `steps` is one of augment, crop_border, every, frames, neighbour_difference, normalise, pad_front, pair_difference, resize, rgb
    "#);
}

#[test]
fn a_wrong_value_of_a_step() {
    insta::assert_snapshot!(mistakes(&with("{ resize = 256 }", "{ resize = -1 }")), @r#"
    error: clips.toml:7:16: `resize` must be a whole number of at least 1, found -1
      |
    7 |     { resize = -1 },
      |                ^^
    "#);
}

#[test]
fn a_value_for_a_step_that_takes_none() {
    insta::assert_snapshot!(mistakes(&with("\"pair_difference\"", "{ pair_difference = 2 }")), @r#"
    error: clips.toml:8:25: `pair_difference` holds nothing: write "pair_difference"
      |
    8 |     { pair_difference = 2 },
      |                         ^
    "#);
}

#[test]
fn a_step_of_two_keys() {
    insta::assert_snapshot!(mistakes(&with("{ frames = 20 }", "{ frames = 20, resize = 256 }")), @r#"
    error: clips.toml:6:5: expected a table of one key, found 2 keys; the key is one of augment, crop_border, every, frames, neighbour_difference, normalise, pad_front, pair_difference, resize, rgb
      |
    6 |     { frames = 20, resize = 256 },
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn an_unknown_setting_of_the_augmentation() {
    insta::assert_snapshot!(mistakes(&with("crop = 0.7", "corp = 0.7")), @r#"
    error: clips.toml:10:38: unknown field `corp`
       |
    10 |     { augment = { probability = 0.5, corp = 0.7, transpose = "always" } },
       |                                      ^^^^
      help: did you mean `crop`? `augment` takes crop, probability, seed, transpose, variants
    "#);
}

#[test]
fn a_step_before_its_time() {
    let text = with(
        "{ resize = 256 },\n    \"pair_difference\"",
        "\"pair_difference\",\n    { resize = 256 }",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: clips.toml:7:5: `pair_difference` comes after `resize`
      |
    7 |     "pair_difference",
      |     ^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_class_too_many() {
    insta::assert_snapshot!(mistakes(&with("no = \"no fight\"", "no = \"no fight\", ma = \"maybe\"")), @r#"
    error: clips.toml:4:11: expected a table of two classes, the beginning of file names → the name of the class, as { fi = "fight", no = "no fight" }, found 3 of them
      |
    4 | classes = { fi = "fight", no = "no fight", ma = "maybe" }
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn an_unknown_backbone() {
    insta::assert_snapshot!(mistakes(&with("resnet50\"\nweights", "resnet51\"\nweights")), @r#"
    error: clips.toml:14:8: unknown kind `resnet51`
       |
    14 | kind = "resnet51"
       |        ^^^^^^^^^^
      help: did you mean `resnet50`? the kind of a backbone is one of KINDS
    "#);
}

#[test]
fn weights_that_are_neither_known_nor_a_file() {
    insta::assert_snapshot!(mistakes(&with("\"resnet50-keras\"", "\"resnet50-kears\"")), @r#"
    error: clips.toml:15:11: `weights` are resnet50-keras, "random", or a file that ends in .safetensors
       |
    15 | weights = "resnet50-kears"
       |           ^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_width_that_learned_weights_do_not_have() {
    insta::assert_snapshot!(mistakes(&with("pool = 2", "width = 8")), @r#"
    error: clips.toml:16:9: `width` is 64 for weights that were learned; weights = "random" takes another
       |
    16 | width = 8
       |         ^
    "#);
}

#[test]
fn a_pool_that_does_not_divide_the_maps() {
    insta::assert_snapshot!(mistakes(&with("pool = 2", "pool = 3")), @r#"
    error: clips.toml:16:8: `pool` = 3 does not divide the maps of 8x8
       |
    16 | pool = 3
       |        ^
      help: their side is that of the images (`resize`) divided by 32
    "#);
}

#[test]
fn no_backbone() {
    let text = with(
        "[backbone]\nkind = \"resnet50\"\nweights = \"resnet50-keras\"\npool = 2\n",
        "",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: clips.toml:1:1: the dataset `hockey` holds clips and needs [backbone]
      |
    1 | [dataset.hockey]
      | ^^^^^^^^^^^^^^^^
      help: add [backbone] with kind = "resnet50" and weights
    "#);
}

#[test]
fn a_split_of_a_series() {
    insta::assert_snapshot!(mistakes(&with("\"stratified\"\ntest = 0.2", "\"holdout\"")), @r#"
    error: clips.toml:19:8: the split `holdout` does not fit the dataset `hockey`, which holds clips
       |
    19 | kind = "holdout"
       |        ^^^^^^^^^
      help: clips are split by stratified or group
    "#);
}

#[test]
fn a_group_without_its_size() {
    insta::assert_snapshot!(mistakes(&with("\"stratified\"", "\"group\"")), @r#"
    error: clips.toml:18:1: missing `size`
       |
    18 | [split]
       | ^^^^^^^
      help: a split of kind `group` needs `size`
    "#);
}

#[test]
fn a_model_of_series() {
    insta::assert_snapshot!(mistakes(&with("\"conv_lstm\"\nfilters = 32", "\"lstm\"\nhidden = [32]")), @r#"
    error: clips.toml:23:1: the model `conv_lstm` of kind `lstm` does not fit the dataset `hockey`, which holds clips
       |
    23 | [model.conv_lstm]
       | ^^^^^^^^^^^^^^^^^
      help: for clips there are conv_lstm, linear_probe, majority
    "#);
}

#[test]
fn a_loss_of_series() {
    insta::assert_snapshot!(mistakes(&with("binary_cross_entropy", "mse")), @r#"
    error: clips.toml:33:8: the loss `mse` does not fit a binary classification
       |
    33 | loss = "mse"
       |        ^^^^^
      help: a binary classification takes binary_cross_entropy
    "#);
}

#[test]
fn an_even_kernel() {
    insta::assert_snapshot!(mistakes(&with("filters = 32", "filters = 32\nkernel = 4")), @r#"
    error: clips.toml:26:10: `kernel` must be odd, found 4
       |
    26 | kernel = 4
       |          ^
    "#);
}

#[test]
fn an_axis_of_the_backbone() {
    let text = format!("{SOUND}backbone.pool = [1, 5]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: clips.toml:39:21: `pool` = 5 does not divide the maps of 8x8
       |
    39 | backbone.pool = [1, 5]
       |                     ^
      help: their side is that of the images (`resize`) divided by 32
    "#);
}
