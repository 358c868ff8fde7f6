//! `runner diff` in clones that lack what is asked for: what it says to do brings it.

use std::process::Command;

use crate::diff::study;
use crate::project::Project;

/// Two commits on `main`, a tag on the first, and a branch with one commit more.
fn upstream() -> Project {
    let project = study();
    project.git(&["tag", "v1"]);
    project.commit("second");
    project.git(&["checkout", "--quiet", "-b", "work"]);
    project.edit("experiments/study.toml", "title = \"Study\"", "title = \"Work\"");
    project.commit("third");
    project
}

/// A clone of the branch `work`, with further options.
fn cloned(project: &Project, name: &str, options: &[&str]) {
    let address = format!("file://{}", project.path(".").display());
    let mut arguments = vec!["clone", "--quiet", "--branch", "work"];
    arguments.extend(options);
    project.git(&[&arguments[..], &[address.as_str(), name]].concat());
}

/// What stands between backticks behind `help:` and begins with `git fetch`.
fn advice(said: &str) -> Vec<String> {
    let (_, help) = said.split_once("help:").expect("a help");
    let quoted = help.split('`').skip(1).step_by(2);
    quoted
        .filter(|text| text.starts_with("git fetch"))
        .map(str::to_owned)
        .collect()
}

/// Does what a message says in a clone.
fn follow(project: &Project, clone: &str, advice: &str) {
    let ran = Command::new("sh")
        .args(["-c", advice])
        .current_dir(project.path(clone))
        .output();
    let ran = ran.expect("a shell");
    assert!(ran.status.success(), "{advice}: {}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn what_it_says_brings_a_branch_that_is_not_here() {
    let project = upstream();
    for (clone, options) in [
        ("shallow", &["--depth", "1"][..]),
        ("single", &["--single-branch"]),
        ("both", &["--depth", "2", "--no-single-branch"]),
    ] {
        cloned(&project, clone, options);
        if clone == "both" {
            project.diff_in(clone, &["origin/main"]).exits(0).says("nothing changed");
            continue;
        }
        let said = project.diff_in(clone, &["origin/main"]).exits(2).stderr;
        assert_eq!(said.contains("this clone is shallow"), clone == "shallow", "{said}");
        let advice = advice(&said);
        assert!(advice[0].contains("main:refs/remotes/origin/main"), "{said}");
        follow(&project, clone, &advice[0]);
        project.diff_in(clone, &["origin/main"]).exits(0).says("nothing changed");
    }
    // Then further back, on the branch that was fetched.
    let said = project.diff_in("shallow", &["origin/main~1"]).exits(2).stderr;
    assert!(said.contains("more of the history of origin/main"), "{said}");
    follow(&project, "shallow", &advice(&said)[0]);
    project.diff_in("shallow", &["origin/main~1"]).exits(0).says("3 changed");
}

#[test]
fn what_it_says_brings_history_tags_and_commits() {
    let project = upstream();
    let first = project.git(&["rev-parse", "main~1"]);
    let first = first.trim();
    for (number, (revision, which)) in [("HEAD~2", 0), ("HEAD~2", 1), (first, 0), ("v1", 1)].into_iter().enumerate() {
        let clone = format!("clone{number}");
        cloned(&project, &clone, &["--depth", "1"]);
        let said = project.diff_in(&clone, &[revision]).exits(2).stderr;
        let advice = advice(&said);
        follow(&project, &clone, &advice[which]);
        project.diff_in(&clone, &[revision]).exits(0).says("3 changed");
    }
    // A branch without its remote: asked for under the name that it gets here, which is told once it is.
    cloned(&project, "plain", &["--depth", "1"]);
    let said = project.diff_in("plain", &["main"]).exits(2).stderr;
    follow(&project, "plain", &advice(&said)[0]);
    let said = project.diff_in("plain", &["main"]).exits(2);
    said.says("git knows `origin/main`: runner diff origin/main");
    project.diff_in("plain", &["origin/main"]).exits(0).says("nothing changed");
    // What is nowhere stays unknown, and nothing odd is offered to a shell.
    let said = project.diff_in("plain", &["$(x) `y`"]).exits(2).stderr;
    assert!(advice(&said).is_empty(), "{said}");
    let said = project.diff(&["nosuch"]).exits(2).stderr;
    assert!(advice(&said).is_empty() && said.contains("git log --oneline"), "{said}");
}

/// git waits for what it reads on its way: nobody would ever hear why.
#[test]
fn a_pipe_where_git_reads_is_told_and_hangs_nothing() {
    let project = study();
    for place in [".gitattributes", "results/.gitignore"] {
        let pipe = project.path(place);
        drop(std::fs::remove_file(&pipe));
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo starts").success());
        let said = project.run(&["diff", "HEAD"]).exits(2).stderr;
        assert!(said.contains("is no regular file, and git would wait"), "{said}");
        std::fs::remove_file(&pipe).expect("the pipe is still there");
    }
    project.run(&["diff", "HEAD"]).exits(0);
}
