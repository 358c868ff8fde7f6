//! The metrics' words in experiment files and records, for rules that are about a certain metric.
#![expect(missing_docs, reason = "what each is stands in its entry")]

pub const MSE: &str = "mse";
pub const RMSE: &str = "rmse";
pub const MAE: &str = "mae";
pub const SCALED_MSE: &str = "scaled_mse";
pub const SCALED_MAE: &str = "scaled_mae";
pub const MAPE: &str = "mape";
pub const MASE: &str = "mase";
pub const RMSSE: &str = "rmsse";
pub const R2: &str = "r2";
pub const RELATIVE_MAE: &str = "relative_mae";
pub const PINBALL: &str = "pinball";
pub const COVERAGE: &str = "coverage";
pub const MEAN_WIDTH: &str = "mean_width";
pub const MSIS: &str = "msis";
pub const ACCURACY: &str = "accuracy";
pub const BALANCED_ACCURACY: &str = "balanced_accuracy";
pub const PRECISION: &str = "precision";
pub const RECALL: &str = "recall";
pub const F1: &str = "f1";
pub const MACRO_F1: &str = "macro_f1";
pub const AUC: &str = "auc";
pub const AVERAGE_PRECISION: &str = "average_precision";
pub const LOG_LOSS: &str = "log_loss";
