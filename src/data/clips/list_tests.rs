#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use std::fs;

fn spec(classes: &str) -> ClipsSpec {
    let json = format!(
        r#"{{ "folder": "clips", "classes": {classes}, "steps": [
            {{ "frames": 2 }}, {{ "resize": 8 }}, {{ "normalise": "unit" }} ] }}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn fights() -> ClipsSpec {
    spec(r#"{ "fi": "fight", "no": "no fight" }"#)
}

/// A data folder whose folder `clips` holds those files, each with its path as content.
fn folder(files: &[&str]) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    for file in files {
        write(&data, file, file.as_bytes());
    }
    data
}

fn write(data: &tempfile::TempDir, file: &str, content: &[u8]) {
    let path = data.path().join("clips").join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn names(list: &ClipList) -> Vec<(&str, u8)> {
    list.clips.iter().map(|clip| (clip.name.as_str(), clip.label)).collect()
}

fn error(spec: &ClipsSpec, data: &tempfile::TempDir) -> String {
    let error = spec.read(data.path()).unwrap_err();
    format!("{error:#}").replace(&data.path().display().to_string(), "DATA")
}

#[test]
fn files_are_sorted_by_class_and_number() {
    let data = folder(&[
        "no2.avi",
        "no10.avi",
        "fi10.AVI",
        "fi2.mp4",
        "fi1.avi",
        ".fi3.avi",
        "README.md",
        "no.txt",
        "notes.txt",
        "other.avi",
        ".cache/fi9.avi",
    ]);
    let list = fights().read(data.path()).unwrap();
    assert_eq!(names(&list), [("fi1", 0), ("fi2", 0), ("fi10", 0), ("no2", 1), ("no10", 1)]);
    assert_eq!(list.clips[0].digest, blake3::hash(b"fi1.avi").to_hex().as_str());
    assert_eq!(list.classes, ["fight", "no fight"]);
    // The first class of the file is class 0, whatever the alphabet says.
    let list = spec(r#"{ "no": "no fight", "fi": "fight" }"#).read(data.path()).unwrap();
    assert_eq!(names(&list)[0], ("no2", 0));
}

#[test]
fn sub_folders_are_classes_or_clips_of_frames() {
    let data = folder(&[
        "fight/b.avi",
        "fight/a/2.png",
        "fight/a/10.PNG",
        "fight/a/notes.txt",
        "calm/b.avi",
        "fight/.hidden/1.png",
        "fight_7/1.jpg",
        "other/c.avi",
    ]);
    let list = spec(r#"{ "fight": "fight", "calm": "calm" }"#).read(data.path()).unwrap();
    assert_eq!(names(&list), [("fight/a", 0), ("fight/b", 0), ("fight_7", 0), ("calm/b", 1)]);
    let frames = match &list.clips[0].source {
        ClipSource::Frames(path) => frames::files(path).unwrap(),
        other => panic!("{other:?}"),
    };
    let frames: Vec<_> = frames.iter().map(|file| file.file_name().unwrap()).collect();
    assert_eq!(frames, ["2.png", "10.PNG"]);
}

#[test]
fn the_digest_of_a_list_hangs_on_names_classes_and_contents() {
    let data = folder(&["fi1.avi", "no1.avi", "fi2/1.png", "fi2/2.png"]);
    let digest = |data: &tempfile::TempDir| fights().read(data.path()).unwrap().digest();
    let first = digest(&data);
    assert_eq!(first, digest(&data));
    write(&data, "README.md", b"unrelated");
    assert_eq!(first, digest(&data));
    write(&data, "fi2/2.png", b"changed");
    let changed = digest(&data);
    assert_ne!(first, changed);
    fs::rename(data.path().join("clips/fi1.avi"), data.path().join("clips/fi3.avi")).unwrap();
    assert_ne!(changed, digest(&data));
}

#[test]
fn copies_have_one_digest() {
    let data = folder(&["fi1.avi", "no1.avi"]);
    write(&data, "no2.avi", b"no1.avi");
    let list = fights().read(data.path()).unwrap();
    assert_eq!(list.clips[1].digest, list.clips[2].digest);
    assert_ne!(list.clips[0].digest, list.clips[1].digest);
}

#[test]
fn a_missing_folder_is_missing_data() {
    let data = tempfile::tempdir().unwrap();
    let error = fights().read(data.path()).unwrap_err();
    let missing = error.downcast_ref::<DataMissing>().unwrap();
    assert_eq!(missing.path, data.path().join("clips"));
    fs::write(data.path().join("clips"), b"a file").unwrap();
    let error = fights().read(data.path()).unwrap_err();
    assert!(error.downcast_ref::<DataMissing>().is_none());
}

#[test]
fn folders_that_are_not_as_they_should_be() {
    let none = error(&fights(), &folder(&["fi1.avi", "no.txt"]));
    let both = error(&spec(r#"{ "f": "a", "fi": "b" }"#), &folder(&["fi1.avi", "f2.avi"]));
    let twice = error(&fights(), &folder(&["fi1.avi", "fi1.mp4", "no1.avi"]));
    let empty = error(&fights(), &folder(&["fi1.avi", "no1/notes.txt"]));
    insta::assert_snapshot!([none, both, twice, empty].join("\n"), @r"
    DATA/clips holds no clip of class `no fight`: neither a video nor a folder of frames whose name begins with `no`, nor a sub-folder `no` of such
      help: the names in it are `fi1.avi`: choose the prefixes in `classes` after them
    DATA/clips/fi1.avi begins with both `f` and `fi`
      help: choose prefixes of which none begins with the other, or put the clips of a class into a sub-folder that is named as its prefix
    two clips have the name `fi1`: DATA/clips/fi1.avi and DATA/clips/fi1.mp4
      help: rename one of them
    DATA/clips/no1: has no frames, a clip's folder holds PNG or JPEG files
      help: take the folder out, or give it a name that belongs to no class
    ");
}

#[cfg(unix)]
#[test]
fn links_and_pipes_do_not_hang() {
    use std::os::unix::fs::symlink;
    let data = folder(&["fi1.avi", "no/a.avi"]);
    let clips = data.path().join("clips");
    symlink(&clips, clips.join("round")).unwrap();
    symlink(clips.join("fi1.avi"), clips.join("fi2.avi")).unwrap();
    let list = fights().read(data.path()).unwrap();
    assert_eq!(names(&list), [("fi1", 0), ("fi2", 0), ("no/a", 1)]);
    // A link to a folder above, named like a clip and holding no frame of its own.
    symlink(&clips, clips.join("no/again")).unwrap();
    assert!(error(&fights(), &data).contains("no/again: has no frames"));
    fs::remove_file(clips.join("no/again")).unwrap();
    symlink(clips.join("gone.avi"), clips.join("fi3.avi")).unwrap();
    assert!(error(&fights(), &data).contains("cannot read DATA/clips/fi3.avi"));
    fs::remove_file(clips.join("fi3.avi")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(clips.join("fi3.avi"))
        .status()
        .unwrap();
    assert!(made.success());
    assert!(error(&fights(), &data).contains("fi3.avi: it is a named pipe"));
}
