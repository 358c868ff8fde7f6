//! What people read on the terminal, as snapshots.

use crate::project::Project;

#[test]
fn help_lists_the_commands() {
    let project = Project::new();
    let help = project.run(&["--help"]).exits(0).stdout;
    insta::assert_snapshot!(help, @r"
    Declarative experiments: TOML in, records and one audited HTML report out

    Usage: runner <COMMAND>

    Commands:
      sweep     Run what has no valid record yet, then render the report
      run       Run one cell of a frozen plan in this process
      features  Compute the feature maps that the cells of a frozen plan need
      list      Show every cell, its state and the reason
      explain   Say why one cell would run or not, part by part of its key, and what is reused
      check     Parse and validate; every problem of every file and of the data at once
      report    Render the HTML report from the results again
      diff      Say what changed in the records since a git revision, and whether it is beyond chance
      fetch     Bring pretrained weights into the cache, checked by SHA-256; without a name, show what
                can be fetched
      prune     List what nothing needs any more in the results and the cache; with --yes, remove it
      help      Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    ");
}

#[test]
fn a_list_says_what_each_cell_is() {
    let project = Project::small();
    project.run(&["sweep", "experiments", "--filter", "model=naive"]).exits(0);
    let list = project.run(&["list", "experiments"]).exits(0).stdout;
    insta::assert_snapshot!(list, @r"
    small: 4 missing, 1 done
      simulated,lstm,seed=0    missing: never run
      simulated,lstm,seed=1    missing: never run
      simulated,hybrid,seed=0  missing: never run
      simulated,hybrid,seed=1  missing: never run
      simulated,naive          done
    ");
}

#[test]
fn a_mistake_is_shown_where_it_is() {
    let project = Project::small();
    project.edit("experiments/small.toml", "hidden = [5]", "hiden = [5]");
    project.edit(
        "experiments/small.toml",
        "seed = [0, 1]",
        "seed = [0, 1]\ntrain.learning_rate = [0.1, -1.0]",
    );
    let said = project.run(&["check", "experiments"]).exits(2).stderr;
    insta::assert_snapshot!(said, @r"
    error: experiments/small.toml:19:1: unknown field `hiden`
       |
    19 | hiden = [5]
       | ^^^^^
      help: did you mean `hidden`? a model of kind `lstm` takes dense, dropout, hidden

    error: experiments/small.toml:42:29: `learning_rate` must be above 0 and at most 1000000, found -1
       |
    42 | train.learning_rate = [0.1, -1.0]
       |                             ^^^^
    ");
}

#[test]
fn templates_can_be_replaced_and_their_mistakes_have_a_place() {
    let project = Project::small();
    project.run(&["sweep", "experiments", "--filter", "model=naive"]).exits(0);
    let report = ["report", "--templates", "own"];
    project.run(&report).exits(1).says("cannot list own");
    project.write("own/notes.txt", "no template");
    project.run(&report).exits(1).says("own replaces no template");
    project.write("own/style.css", "body { color: rebeccapurple }");
    project.run(&report).exits(0);
    let page = project.read("results/report.html");
    assert!(page.contains("rebeccapurple") && !page.contains("--series-1:"));

    project.write("own/audit.html", "one\n{{ e.nothing }}\n");
    project
        .run(&report)
        .exits(1)
        .says("`nothing` is not defined")
        .says("audit.html:2:");
    project.write("own/audit.html", "one\ntwo {% if %}\n");
    project.run(&report).exits(1).says("audit.html:2:");
    // A sweep says so before it trains.
    std::fs::remove_dir_all(project.path("results")).expect("results can be removed");
    project
        .run(&["sweep", "experiments", "--filter", "model=naive", "--templates", "own"])
        .exits(1)
        .says("audit.html:2:");
    assert!(!project.path("results").exists());
}
