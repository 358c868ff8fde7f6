//! Every path under `results/` and the cache.
//!
//! ```text
//! results/EXPERIMENT/experiment.json      the card
//! results/EXPERIMENT/cells/ID.json        a record
//! results/EXPERIMENT/failed/ID.json       why a cell has none
//! results/report.html
//! CACHE/logs/EXPERIMENT/ID.log            what a worker said
//! CACHE/plans/DIGEST.json                 a frozen plan
//! CACHE/weights/KEY/{last,best}.safetensors
//! ```

use std::path::{Path, PathBuf};

use super::key::digest_of;
use super::record::Key;

/// The longest stem of a file's name; most file systems allow 255 bytes.
const LONGEST_STEM: usize = 200;

/// The results folder.
#[derive(Debug, Clone)]
pub struct Results(pub PathBuf);

/// The cache folder.
#[derive(Debug, Clone)]
pub struct Cache(pub PathBuf);

impl Results {
    /// The folder of one experiment.
    pub fn experiment(&self, experiment: &str) -> PathBuf {
        self.0.join(experiment)
    }

    /// The card of one experiment.
    pub fn card(&self, experiment: &str) -> PathBuf {
        self.experiment(experiment).join("experiment.json")
    }

    /// The folder of an experiment's records.
    pub fn records(&self, experiment: &str) -> PathBuf {
        self.experiment(experiment).join("cells")
    }

    /// The record of one cell.
    pub fn record(&self, experiment: &str, id: &str) -> PathBuf {
        self.records(experiment)
            .join(format!("{}.json", file_stem(id)))
    }

    /// The folder of an experiment's failures.
    pub fn failures(&self, experiment: &str) -> PathBuf {
        self.experiment(experiment).join("failed")
    }

    /// Why one cell has no record.
    pub fn failure(&self, experiment: &str, id: &str) -> PathBuf {
        self.failures(experiment)
            .join(format!("{}.json", file_stem(id)))
    }

    /// The report over all experiments.
    pub fn report(&self) -> PathBuf {
        self.0.join("report.html")
    }
}

impl Cache {
    /// What the worker of one cell said.
    pub fn log(&self, experiment: &str, id: &str) -> PathBuf {
        self.0
            .join("logs")
            .join(experiment)
            .join(format!("{}.log", file_stem(id)))
    }

    /// The frozen plans.
    pub fn plan(&self, digest: &str) -> PathBuf {
        self.0.join("plans").join(format!("{digest}.json"))
    }

    /// The weights of the cell of that key.
    pub fn weights(&self, key: &Key) -> PathBuf {
        self.0.join("weights").join(digest_of(key))
    }
}

/// An id as a file's name: what file systems or shells could misread is written as `%XX`; a name that is too long ends in
/// a hash of the whole.
pub fn file_stem(id: &str) -> String {
    let mut stem = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'='
            | b','
            | b'.'
            | b'_'
            | b'-'
            | b'+'
            | b'['
            | b']' => stem.push(byte as char),
            _ => stem.push_str(&format!("%{byte:02X}")),
        }
    }
    if stem.len() > LONGEST_STEM {
        let hash = blake3::hash(id.as_bytes()).to_hex();
        stem.truncate(LONGEST_STEM - 17);
        stem.push('~');
        stem.push_str(&hash[..16]);
    }
    stem
}

/// The id that a record's file was named after; absent where the name was cut.
pub fn id_of(path: &Path) -> Option<String> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".json")?;
    if stem.contains('~') {
        return None;
    }
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let code = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_own_file_name_and_comes_back() {
        let plain = "dataset=litecoin,model=lstm,seed=3,window.horizon=7";
        assert_eq!(file_stem(plain), plain);
        for id in [plain, "a/b=../x y%é", "model.lstm.hidden=[30,50]"] {
            let path = PathBuf::from(format!("cells/{}.json", file_stem(id)));
            assert_eq!(id_of(&path).as_deref(), Some(id));
            assert_eq!(path.components().count(), 2);
        }
    }

    #[test]
    fn long_ids_stay_apart() {
        let long = |end: &str| file_stem(&format!("{}{end}", "x".repeat(400)));
        assert!(long("a").len() <= LONGEST_STEM);
        assert_ne!(long("a"), long("b"));
        assert_eq!(id_of(Path::new(&format!("{}.json", long("a")))), None);
    }
}
