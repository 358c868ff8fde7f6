//! Arguments → typed commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::device::DeviceChoice;
use crate::shard::Shard;

/// Declarative experiments: TOML in, records and one audited HTML report out.
#[derive(Debug, Parser)]
#[command(name = "runner", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run what has no valid record yet, then render the report
    Sweep(SweepArguments),
    /// Run one cell of a frozen plan in this process
    Run(RunArguments),
    /// Compute the feature maps that the cells of a frozen plan need
    Features(FeaturesArguments),
    /// Show every cell, its state and the reason
    List(ListArguments),
    /// Say why one cell would run or not, part by part of its key, and what is reused
    Explain(ExplainArguments),
    /// Parse and validate; every problem of every file and of the data at once
    Check(CheckArguments),
    /// Render the HTML report from the results again
    Report(ReportArguments),
    /// Say what changed in the records since a git revision, and whether it is beyond chance
    Diff(DiffArguments),
    /// Bring pretrained weights into the cache, checked by SHA-256; without a name, show what can be fetched
    Fetch(FetchArguments),
    /// List what nothing needs any more in the results and the cache; with --yes, remove it
    Prune(PruneArguments),
}

/// Where things are, and on what to compute.
#[derive(Debug, Args)]
pub struct Places {
    /// Folder of records and the report
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Folder that data files are relative to
    #[arg(long, value_name = "DIR", env = "RUNNER_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Folder of what can be rebuilt: weights, logs, plans
    #[arg(long, value_name = "DIR", env = "RUNNER_CACHE", default_value = ".cache")]
    pub cache: PathBuf,
    /// Where to compute: auto, cpu, cuda or cuda:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
}

/// Which cells.
#[derive(Debug, Args)]
pub struct Selection {
    /// Experiment files, and folders of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Only cells with that value, as `model=lstm` or `window.horizon=7`; repeatable, all must match
    #[arg(long = "filter", value_name = "KEY=VALUE", value_parser = pair)]
    pub filters: Vec<(String, String)>,
    /// Another value for a setting, as `train.epochs=1`; repeatable; only into results other than the default
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = pair)]
    pub overrides: Vec<(String, String)>,
}

/// `runner sweep`
#[derive(Debug, Args)]
pub struct SweepArguments {
    /// Which cells.
    #[command(flatten)]
    pub selection: Selection,
    /// Where things are.
    #[command(flatten)]
    pub places: Places,
    /// Cells at a time, each in a worker process [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// One part of N of the cells, as `2/3`: the parts have no cell in common, and all of them every cell
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Say what would run, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Start no further cell after the first failure
    #[arg(long)]
    pub fail_fast: bool,
    /// End a worker that has told of no epoch for that long, as `90s`, `30m` or `2h` [default: never]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub cell_timeout: Option<Duration>,
    /// Try cells again that failed with these very settings
    #[arg(long)]
    pub retry_failed: bool,
    /// Run cells again that have a valid record
    #[arg(long)]
    pub force: bool,
    /// Keep the cache below that size, as `500MB` or `20GiB`: what was used least recently goes, but nothing that runs, waits
    /// for its record or was fetched [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub cache_limit: Option<u64>,
    /// Folder of templates that take the place of the built-in ones of the same names, as report.html or style.css
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
    /// Show failures alone
    #[arg(long, short)]
    pub quiet: bool,
}

/// `runner run`
#[derive(Debug, Args)]
pub struct RunArguments {
    /// A plan that a sweep has written
    pub plan: PathBuf,
    /// The cell's id, or EXPERIMENT/ID
    #[arg(required_unless_present = "events")]
    pub cell: Option<String>,
    /// Compute there instead of where the plan says
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// Take cells from the sweep that started this worker, and report to it
    #[arg(long, hide = true, conflicts_with = "cell")]
    pub events: bool,
    /// Show nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `runner features`
#[derive(Debug, Args)]
pub struct FeaturesArguments {
    /// A plan that a sweep has written
    pub plan: PathBuf,
    /// Compute there instead of where the plan says
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// Report to the sweep that started this worker
    #[arg(long, hide = true)]
    pub events: bool,
    /// Show nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `runner list`
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Which cells.
    #[command(flatten)]
    pub selection: Selection,
    /// Where things are.
    #[command(flatten)]
    pub places: Places,
    /// Answer in JSON, with the metrics
    #[arg(long)]
    pub json: bool,
}

/// `runner explain`
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The cell's id, or EXPERIMENT/ID
    pub cell: String,
    /// Experiment files, and folders of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Another value for a setting, as `train.epochs=1`; repeatable; only into results other than the default
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = pair)]
    pub overrides: Vec<(String, String)>,
    /// Where things are.
    #[command(flatten)]
    pub places: Places,
    /// Answer in JSON, with every part of the key
    #[arg(long)]
    pub json: bool,
}

/// `runner check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Experiment files, and folders of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Folder that data files are relative to
    #[arg(long, value_name = "DIR", env = "RUNNER_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Folder of what can be rebuilt: weights, logs, plans
    #[arg(long, value_name = "DIR", env = "RUNNER_CACHE", default_value = ".cache")]
    pub cache: PathBuf,
    /// Look at the files of experiments alone, not at the data
    #[arg(long)]
    pub no_data: bool,
    /// Read the data, but do not open every clip
    #[arg(long, conflicts_with = "no_data")]
    pub quick: bool,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
    /// Show problems alone
    #[arg(long, short)]
    pub quiet: bool,
}

/// `runner report`
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Folder of records and the report
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Folder of templates that take the place of the built-in ones of the same names, as report.html or style.css
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// Do not name the file that was written
    #[arg(long, short)]
    pub quiet: bool,
}

/// `runner diff`
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The earlier side: a git revision, or a folder of records [default: HEAD]
    #[arg(value_name = "A")]
    pub before: Option<String>,
    /// The later side [default: the working tree; `--results` where A is a folder]
    #[arg(value_name = "B")]
    pub after: Option<String>,
    /// Exit with code 1 if a metric got worse beyond chance; where chance cannot be told, by more than 1 %. TOLERANCE is a
    /// relative worsening that passes, as `rmse=2%`. Without METRIC: rmse, or accuracy; repeatable
    #[arg(long, value_name = "METRIC[=TOLERANCE]", num_args = 0..=1, default_missing_value = "")]
    pub fail_on_regress: Vec<String>,
    /// Let cells be gone, which --fail-on-regress does not pass otherwise: NAME is an experiment or EXPERIMENT/ID, in which
    /// `*` stands for any text and `?` for any letter; repeatable
    #[arg(long, value_name = "NAME", requires = "fail_on_regress")]
    pub allow_removed: Vec<String>,
    /// Answer in JSON
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Answer in Markdown, for a pull request
    #[arg(long)]
    pub markdown: bool,
    /// Write a page with the learning curves of both sides as well
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Folder of records
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
}

/// `runner fetch`
#[derive(Debug, Args)]
pub struct FetchArguments {
    /// What to fetch, as an experiment file names it: `resnet50-keras`
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Take this package, downloaded before, instead of the registry's; for one name
    #[arg(long, value_name = "FILE.tgz", requires = "names")]
    pub from: Option<PathBuf>,
    /// Folder of what can be rebuilt: weights, logs, plans
    #[arg(long, value_name = "DIR", env = "RUNNER_CACHE", default_value = ".cache")]
    pub cache: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
    /// Show nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// A length of time, as `90s`, `30m` or `1h 30m`.
fn time(text: &str) -> Result<Duration, String> {
    let time: jiff::SignedDuration = text
        .parse()
        .map_err(|_| "expected a length of time, as `90s`, `30m` or `2h`".to_owned())?;
    let time = Duration::try_from(time).unwrap_or_default();
    if time.is_zero() {
        return Err("expected a length of time above 0".to_owned());
    }
    Ok(time)
}

/// A number of bytes, as `500MB` or `20GiB`.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "expected a size, as `500MB`, `1.5GB` or `20GiB`".to_owned();
    let text = text.trim();
    let end = text.find(|letter: char| letter != '.' && !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.ok_or_else(wrong)?);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return Err(wrong()),
    };
    Ok((number * unit) as u64)
}

/// `runner prune`
#[derive(Debug, Args)]
pub struct PruneArguments {
    /// The files and folders of all experiments: what belongs to another is taken for gone
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Remove it; without, it is only listed
    #[arg(long)]
    pub yes: bool,
    /// Also what the cache holds above that size, as `500MB` or `20GiB`: what was used least recently, but nothing that runs,
    /// waits for its record or was fetched
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub cache_limit: Option<u64>,
    /// Folder of records and the report
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Folder that data files are relative to
    #[arg(long, value_name = "DIR", env = "RUNNER_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Folder of what can be rebuilt: weights, logs, plans; what only records in other folders than --results need goes, too
    #[arg(long, value_name = "DIR", env = "RUNNER_CACHE", default_value = ".cache")]
    pub cache: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
    /// Show nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `KEY=VALUE`, cut at the first `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE, as `train.epochs=1`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_length_of_time_has_a_unit() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("1h 30m"), Ok(Duration::from_secs(5400)));
        for wrong in ["", "90", "0s", "-1m", "soon"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_has_a_unit() {
        assert_eq!(size("500MB"), Ok(500_000_000));
        assert_eq!(size("1.5 GiB"), Ok(1_610_612_736));
        assert_eq!(size("0B"), Ok(0));
        for wrong in ["", "90", "MB", "-1MB", "1.2.3GB", "1 XB", "1e3MB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pair_is_cut_at_the_first_equals_sign() {
        assert_eq!(pair("a.b = c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert!(pair("a").is_err() && pair("=a").is_err());
    }
}
