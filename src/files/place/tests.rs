//! Names, writing and links of a place.

use super::*;

#[test]
fn a_name_stays_in_its_folder() {
    let root = Place::root(Path::new("results"));
    for name in ["", ".", "..", "../a", "a/b", "/etc", "a\\b", "a\0", "a\nb"] {
        assert!(root.join(name).is_err(), "{name:?}");
    }
    let place = root.join("a.b").unwrap().join("-c").unwrap();
    assert_eq!(place.path(), Path::new("results/a.b/-c"));
    assert_eq!(place.name(), "-c");
}

#[test]
fn a_written_file_replaces_the_old_one_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::root(folder.path()).join("a").unwrap();
    let place = place.join("b.json").unwrap();
    place.write(b"one").unwrap();
    place.write(b"two").unwrap();
    assert_eq!(place.read(9).unwrap().unwrap(), b"two");
    assert_eq!(place.folder().listed().unwrap(), std::slice::from_ref(&place));
    place.folder().remove_if_empty().unwrap();
    place.remove().unwrap();
    place.remove().unwrap();
    assert!(place.read(9).unwrap().is_none() && !place.is_there().unwrap());
    place.folder().remove_if_empty().unwrap();
    place.folder().remove_if_empty().unwrap();
    assert!(!place.folder().is_there().unwrap() && place.folder().folder().is_root());
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("a.png"), "mine").unwrap();
    let results = folder.path().join("results");
    fs::create_dir(&results).unwrap();
    symlink("../outside", results.join("media")).unwrap();
    symlink("../outside/a.png", results.join("a.png")).unwrap();
    let root = Place::root(&results);
    let through = root.join("media").unwrap().join("a.png").unwrap();
    let link = root.join("a.png").unwrap();
    let refused = |result: Result<()>| {
        let error = format!("{:#}", result.unwrap_err());
        assert!(error.contains("is a symbolic link to ../outside"), "{error}");
    };
    for place in [&through, &link] {
        refused(place.read(9).map(drop));
        refused(place.write(b"other"));
    }
    refused(through.remove());
    refused(through.create().map(drop));
    refused(through.folder().listed().map(drop));
    refused(through.folder().remove_folder());
    refused(through.folder().remove_if_empty());
    refused(through.folder().try_writing());
    let below_a_file = root.join("file").unwrap();
    below_a_file.write(b"no folder").unwrap();
    let error = below_a_file.join("a").unwrap().read(9).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("file is no folder; remove it, for this program keeps files in a folder of that name"),
        "{error}"
    );
    // A link is replaced or removed itself where it is the file that is meant to go.
    link.create().unwrap();
    symlink("../outside/a.png", results.join("b.png")).unwrap();
    root.join("b.png").unwrap().remove().unwrap();
    assert_eq!(fs::read_to_string(outside.join("a.png")).unwrap(), "mine");
    // The root itself is named by a person: it may be a link to read from, not to write to.
    let linked = folder.path().join("linked");
    symlink("outside", &linked).unwrap();
    let place = Place::root(&linked).join("a.png").unwrap();
    assert_eq!(place.read(9).unwrap().unwrap(), b"mine");
    assert!(place.write(b"other").is_err() && place.remove().is_err());
}
