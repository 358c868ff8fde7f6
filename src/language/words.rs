//! The field's words for what has another name here, and for what is not here. Those of kinds, metrics and figures stand in the
//! entry of each. Words are in lower case, with `_` for spaces and hyphens.

use crate::data::{Source, Split, slots};
use crate::kind::Kinds;
use crate::metric::METRICS;
use crate::model::ModelSpec;
use crate::nn::loss::Loss;
use crate::nn::optimizer::OptimizerSpec;
use crate::train::Schedule;

use super::figure::FigureKind;

/// Every word of ours with those that lead to it, if any, parted by spaces. Of several of ours the first that fits the place is meant.
pub(super) fn synonyms() -> Vec<(String, String)> {
    let figures = FigureKind::ALL.iter();
    let metrics = METRICS.iter();
    let kinds = [
        ModelSpec::synonyms(),
        Source::synonyms(),
        Split::synonyms(),
        slots().iter().flat_map(|slot| (slot.kinds)()).collect(),
        slots().iter().map(|slot| (slot.table, slot.synonyms)).collect(),
        OptimizerSpec::synonyms(),
        Loss::synonyms(),
        Schedule::synonyms(),
        metrics.map(|one| (one.name, one.synonyms)).collect(),
        figures.map(|one| (one.word(), one.synonyms())).collect(),
    ];
    let others = [SYNONYMS.to_vec(), kinds.concat()].concat();
    let owned = |(ours, words): (&str, &str)| (ours.to_owned(), words.to_owned());
    others.into_iter().map(owned).chain(followed()).collect()
}

/// The names in a history of what is computed on the validation set: other programs cut the word short.
fn followed() -> impl Iterator<Item = (String, String)> {
    let followed = METRICS.iter().filter(|metric| metric.followed.is_some());
    let values = followed.map(|metric| (metric.name, metric.synonyms));
    values.chain([("loss", "")]).map(|(name, words)| {
        let all = words.split_whitespace().chain([name]);
        let short = all.map(|word| format!("val_{word} valid_{word}"));
        let short: Vec<String> = short.collect();
        (format!("validation_{name}"), short.join(" "))
    })
}

/// Of keys and tables, and of values that are no kind.
#[rustfmt::skip]
pub(super) const SYNONYMS: &[(&str, &str)] = &[
    // The file.
    ("title", "name experiment heading caption"),
    ("seed", "random_state random_seed seeds rng"),
    ("extends", "inherits inherit base include defaults"),
    ("requires", "device gpu accelerator"),
    ("predictions", "keep_predictions save_predictions forecasts"),
    ("dataset", "data datasets source"),
    ("model", "models network net architecture"),
    ("train", "training trainer fit"),
    ("split", "splits splitting"),
    ("grid", "search sweep param_grid parameters params hyperparameters axes"),
    ("report", "reports output outputs plots"),
    // Training.
    ("epochs", "epoch n_epochs num_epochs max_epochs nb_epoch n_epoch num_train_epochs"),
    ("batch_size", "batch batchsize bs mini_batch minibatch minibatch_size train_batch_size"),
    ("learning_rate", "lr eta step_size learning_rate_init init_lr"),
    ("loss", "criterion objective loss_function loss_fn loss_func"),
    ("optimizer", "optim optimiser opt solver"),
    ("early_stopping", "early_stop earlystopping stop_early earlystop"),
    ("reduce_learning_rate", "reduce_lr reduce_lr_on_plateau reducelronplateau"),
    ("schedule", "lr_scheduler scheduler lr_schedule lr_decay learning_rate_schedule learning_rate_scheduler lradj"),
    ("clip_norm", "clipnorm grad_clip gradient_clipping clip_grad_norm max_grad_norm gradient_clip_val grad_clip_norm"),
    ("drop_last", "drop_remainder drop_last_batch"),
    ("rising", "pct_start"),
    ("initial_divisor", "div_factor"),
    ("final_divisor", "final_div_factor"),
    ("checkpoint", "checkpoints checkpointing save_every checkpoint_every modelcheckpoint model_checkpoint save_freq"),
    ("min_learning_rate", "min_lr lr_min eta_min"),
    ("factor", "gamma decay_factor"),
    ("epsilon", "eps"),
    ("beta1", "beta_1"),
    ("beta2", "beta_2"),
    // Models.
    ("hidden lstm width",
     "units hidden_size hidden_sizes hidden_dim hidden_dims hidden_units hidden_layers hidden_layer_sizes layer_sizes num_units n_units \
      n_hidden"),
    ("dense", "fc linear fully_connected dense_units fc_units head"),
    ("dropout", "drop dropout_rate drop_rate p_dropout"),
    ("filters", "channels num_filters n_filters out_channels"),
    ("kernel", "kernel_size ksize filter_size"),
    ("penalty", "l2_penalty regularization regularisation"),
    ("weights", "pretrained"),
    // Windows and splits.
    ("lookback",
     "look_back window_size seq_len sequence_length input_len input_length input_chunk_length \
      context_length timesteps time_steps n_steps n_steps_in lags n_lags sequence_len"),
    ("horizon",
     "pred_len prediction_length forecast_horizon forecast_length output_len output_chunk_length \
      steps_ahead n_steps_out n_out"),
    ("scale", "scaler scaling normalization normalisation"),
    ("min-max", "min_max minmax min_max_scaler minmaxscaler"),
    ("standard", "standardize standardise zscore z_score standard_scaler standardscaler"),
    ("fit_scale_on", "fit_scaler_on scale_on fit_on"),
    ("validation", "val_split validation_split val_size validation_size val valid val_ratio valid_size dev"),
    ("test", "test_size test_split test_ratio test_share"),
    ("origins", "n_splits n_origins num_origins n_windows"),
    ("stride", "step step_length"),
    ("refit_every", "refit retrain retrain_every refit_frequency retrain_frequency"),
    ("train_rows", "train_size train_length max_train_size train_window training_rows"),
    // Datasets.
    ("file folder", "path filename file_name filepath file_path csv"),
    ("folder", "directory dir root data_dir root_dir"),
    ("features", "columns inputs feature_columns cols feature_cols feature"),
    ("target targets", "label target_column target_col y_col"),
    ("targets", "labels target_columns target_cols"),
    ("date time", "date_column timestamp datetime date_col time_col ds"),
    ("frequency", "freq interval sampling_rate"),
    ("separator", "sep delimiter"),
    ("skip_lines", "skiprows skip_rows"),
    ("thousands", "thousands_separator"),
    ("decimal", "decimal_separator"),
    ("time_format", "date_format datetime_format strptime"),
    ("time_zone", "tz timezone zone"),
    ("missing", "fillna fill_missing na missing_values"),
    ("previous", "ffill pad forward_fill locf last"),
    ("interpolate", "linear"),
    ("drop", "dropna"),
    ("time", "date"),
    ("from", "start_date from_date since"),
    ("until", "end_date until_date to_date"),
    ("unit", "currency units_of_target"),
    ("classes", "labels class_names categories"),
    ("steps", "preprocessing transforms pipeline_steps"),
    ("frames", "n_frames num_frames frame_count"),
    ("resize", "image_size img_size"),
    ("normalise", "normalize"),
    ("augment", "augmentation augmentations"),
    // The report.
    ("rows", "group_by groupby"),
    ("columns", "metrics scores"),
    ("metrics", "metric scores columns"),
    ("metric", "metrics score"),
    ("where", "filter only"),
    ("each", "by per facet facets"),
    ("lines", "hue series colour color"),
    ("log", "log_scale logy logarithmic"),
    ("reference", "baseline_file printed"),
];

/// Well-known things that are not here, parted by spaces. None is a misspelling of something that is.
#[rustfmt::skip]
pub(super) const ABSENT: &[&str] = &[
    // Optimizers and training.
    "nadam radam adagrad adadelta adamax lion lbfgs lamb lars rprop nesterov asgd sparseadam muon",
    "weight_decay clipvalue clip_value shuffle num_workers amp steps_per_epoch step_decay polynomial cyclic",
    "max_steps",
    // Losses.
    "smooth_l1 focal hinge poisson kl_div logcosh log_cosh dice triplet nll",
    "categorical_crossentropy msle",
    // Metrics.
    "wape mdape rmsle rmspe nrmse crps mcc kappa cohen_kappa iou dtw specificity fpr explained_variance",
    "mad owa aic bic sharpe brier ece top5 mpe sse rse npv g_mean",
    // Models.
    "cnn cnn1d rnn mlp tcn transformer informer autoformer patchtst dlinear nlinear nbeats nhits tft deepar arima",
    "sarima prophet var xgboost lightgbm catboost random_forest svm svr knn bilstm attention vit resnet18",
    "resnet34 resnet101 resnet152 vgg16 vgg19 mobilenet efficientnet inception densenet c3d i3d slowfast",
    "moving_average gru_only cnn_lstm stratified_baseline bidirectional num_layers",
    "n_layers activation padding",
    // Windows, splits and datasets.
    "robust max_abs maxabs differencing kfold k_fold cross_validation random leave_one_out images table",
    "mnist cifar10 crop flip rotate mean_std hourly weekly monthly",
    // Figures.
    "scatter histogram heatmap boxplot box_plot violin bar pr_curve precision_recall_curve tsne shap pca",
    "calibration feature_importance",
];
