#![expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::*;
use crate::store::paths::Results;

fn claims(folder: &Path) -> Claims {
    Claims::of_results(&Results(folder.to_owned())).unwrap()
}

fn mine(attempt: Attempt) -> Claim {
    match attempt {
        Attempt::Mine(claim) => claim,
        Attempt::Held(seen) => panic!("it is held {seen}"),
    }
}

fn held(attempt: Attempt) -> Seen {
    match attempt {
        Attempt::Mine(_) => panic!("it is mine"),
        Attempt::Held(seen) => *seen,
    }
}

/// The one claim in the folder.
fn file(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder.join(".claims")).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let is_claim = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "claim");
    paths.find(is_claim).unwrap()
}

/// Makes the claim that of another machine, or of another process here.
fn change(file: &Path, key: &str, value: Value) {
    let mut owner: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    owner[key] = value;
    fs::write(file, format!("{owner}\n")).unwrap();
}

#[test]
fn one_of_many_has_a_claim_and_nothing_is_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let claims = claims(folder.path());
    for _ in 0..20 {
        let tries = thread::scope(|scope| {
            let tries: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| claims.try_take("a/b", None).unwrap()))
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        let mine = tries.iter().filter(|one| matches!(one, Attempt::Mine(_)));
        assert_eq!(mine.count(), 1);
        assert_eq!(claims.all().unwrap().keys().collect::<Vec<_>>(), ["a/b"]);
        drop(tries);
        assert!(claims.look("a/b").unwrap().is_none());
    }
    let other = mine(claims.try_take("a/c", Some("plan")).unwrap());
    claims.tidy(&mut Watch::default()).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join(".claims/.gitignore")).unwrap(), "*\n");
    assert_eq!(claims.all().unwrap()["a/c"].plan.as_deref(), Some("plan"));
    drop(other);
    claims.tidy(&mut Watch::default()).unwrap();
    assert!(!folder.path().join(".claims").exists());
}

#[test]
fn a_process_of_this_machine_that_is_gone_has_no_claim() {
    if !Path::new("/proc/self").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let claims = claims(folder.path());
    // No process of that number; and one of that number that began at another time.
    for (key, value) in [("process", Value::from(u32::MAX)), ("began", Value::from(1))] {
        let before = mine(claims.try_take("a/b", None).unwrap());
        held(claims.try_take("a/b", None).unwrap());
        change(&file(folder.path()), "token", Value::from("another"));
        change(&file(folder.path()), key, value);
        assert!(claims.all().unwrap().is_empty());
        let after = mine(claims.try_take("a/b", None).unwrap());
        assert!(before.hold().check().unwrap_err().is::<Lost>());
        drop(before); // takes nothing of the other's
        after.hold().check().unwrap();
    }
}

#[test]
fn a_claim_of_another_machine_is_dead_when_it_was_still_for_a_lease_by_ones_own_clock() {
    let folder = tempfile::tempdir().unwrap();
    let claims = claims(folder.path());
    let claim = mine(claims.try_take("a/b", None).unwrap());
    let path = file(folder.path());
    change(&path, "machine", Value::from("elsewhere"));
    change(&path, "process", Value::from(u32::MAX));
    let mut watch = Watch::default();
    let now = Instant::now();
    let at = |leases: f64| now + lease().mul_f64(leases);
    // What the file system says of when it was written follows some clock, and changes nothing.
    for years in [0, 100] {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(years * 365 * 24 * 3600);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(time)
            .unwrap();
        let seen = held(claims.try_take("a/b", None).unwrap());
        assert!(!watch.is_dead(&seen) && !watch.is_old(&seen.place, &seen.content, at(0.9)));
    }
    let seen = held(claims.try_take("a/b", None).unwrap());
    assert!(watch.is_old(&seen.place, &seen.content, at(1.1)));
    // It beats again: whoever took it for dead clears nothing, and begins to wait anew.
    change(&path, "beat", Value::from("000000000007"));
    assert!(claims.clear(&seen, &mut watch).unwrap());
    let again = held(claims.try_take("a/b", None).unwrap());
    assert!(!watch.is_old(&again.place, &again.content, at(1.2)) && watch.is_old(&again.place, &again.content, at(2.3)));
    claim.hold().check().unwrap();
    // Now it is.
    assert!(claims.clear(&again, &mut watch).unwrap());
    assert!(claim.hold().check().unwrap_err().is::<Lost>() && claim.hold().is_lost());
    mine(claims.try_take("a/b", None).unwrap()).hold().check().unwrap();
}

#[test]
fn one_who_died_while_clearing_stands_in_nobodys_way() {
    if !Path::new("/proc/self").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let claims = claims(folder.path());
    let claim = mine(claims.try_take("a/b", None).unwrap());
    let path = file(folder.path());
    change(&path, "process", Value::from(u32::MAX));
    let token = claims.look("a/b").unwrap().unwrap().owner.unwrap().token;
    fs::copy(&path, folder.path().join(".claims").join(format!("{token}.ending"))).unwrap();
    let after = mine(claims.try_take("a/b", None).unwrap());
    assert!(claim.hold().check().unwrap_err().is::<Lost>());
    drop((claim, after));
    claims.tidy(&mut Watch::default()).unwrap();
    assert!(!folder.path().join(".claims").exists());
}

#[test]
fn what_is_no_claim_is_waited_for_like_one() {
    let folder = tempfile::tempdir().unwrap();
    let claims = claims(folder.path());
    let claim = mine(claims.try_take("a/b", None).unwrap());
    fs::write(file(folder.path()), "").unwrap();
    let seen = held(claims.try_take("a/b", None).unwrap());
    assert!(seen.owner.is_none() && !seen.is_gone());
    assert!(claims.clear(&seen, &mut Watch::default()).unwrap());
    assert!(claim.hold().check().unwrap_err().is::<Lost>());
    mine(claims.try_take("a/b", None).unwrap());
}

#[test]
fn who_waits_is_told_and_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let claims = claims(folder.path());
    let mut before = Some(mine(claims.try_take("a/b", None).unwrap()));
    let mut told = 0;
    let claim = claims.take("a/b", None, &mut |seen| {
        assert!(seen.to_string().contains(&format!("process {}", std::process::id())));
        told += 1;
        drop(before.take());
        Ok(())
    });
    claim.unwrap().hold().check().unwrap();
    assert_eq!(told, 1);
}
