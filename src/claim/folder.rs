//! The claims of a folder: made, seen, cleared.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use super::hold::{Claim, MOST_CLAIM};
use super::owner::{Owner, Seen};
use super::watch::Watch;
use crate::files::Place;
use crate::store::paths::{Cache, Results};

/// What the names of claims end with.
const ENDING: &str = ".claim";

/// What those of claims end with that are being cleared.
const CLEARED: &str = ".ending";

/// How long to wait before looking again at a claim that is another's.
const EVERY: Duration = Duration::from_millis(100);

/// So often a claim that comes and goes is tried again.
const TRIES: usize = 1000;

/// So often a folder of claims is made again that others remove meanwhile.
const FOLDER_TRIES: usize = 20;

/// The claims of all runners of a folder.
#[derive(Debug, Clone)]
pub(crate) struct Claims(Place);

/// What became of trying to make a claim.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// It is this process's.
    Mine(Claim),
    /// Somebody else has it.
    Held(Box<Seen>),
}

impl Claims {
    /// Those on the cells of a results folder: whatever cache a runner has, its records go there.
    ///
    /// # Errors
    /// When the folder's path is none.
    pub(crate) fn of_results(results: &Results) -> Result<Self> {
        Ok(Self(results.claims()?))
    }

    /// Those on what is computed into a cache.
    ///
    /// # Errors
    /// When the folder's path is none.
    pub(crate) fn of_cache(cache: &Cache) -> Result<Self> {
        Ok(Self(cache.claims()?))
    }

    /// Tries to make a claim on `what`. That of a process of this machine which runs no more is cleared.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn try_take(&self, what: &str, plan: Option<&str>) -> Result<Attempt> {
        let owner = Owner::this(what, plan)?;
        let place = self.place(what)?;
        for _ in 0..TRIES {
            if self.create(&place, &owner.content())? {
                return Ok(Attempt::Mine(Claim::new(place, owner)));
            }
            let Some(seen) = seen(&place)? else { continue };
            if seen.owner.as_ref().is_some_and(|found| found.token == owner.token) {
                // It was made, and the answer to that was lost on its way through a network.
                return Ok(Attempt::Mine(Claim::new(place, owner)));
            }
            if !seen.is_gone() {
                return Ok(Attempt::Held(Box::new(seen)));
            }
            if !self.clear(&seen, &mut Watch::default())? {
                thread::sleep(Duration::from_millis(1)); // somebody else clears it
            }
        }
        bail!("the claim {place} on {what} comes and goes; sweep again")
    }

    /// Makes a claim on `what`, and waits for those who have it; `waits` is told of them now and then.
    ///
    /// # Errors
    /// When the file system refuses, or `waits` fails.
    pub(crate) fn take(&self, what: &str, plan: Option<&str>, waits: &mut dyn FnMut(&Seen) -> Result<()>) -> Result<Claim> {
        let mut watch = Watch::default();
        loop {
            match self.try_take(what, plan)? {
                Attempt::Mine(claim) => return Ok(claim),
                Attempt::Held(seen) if watch.is_dead(&seen) => drop(self.clear(&seen, &mut watch)?),
                Attempt::Held(seen) => {
                    waits(&seen)?;
                    thread::sleep(EVERY);
                }
            }
        }
    }

    /// The claim on `what`, where somebody has it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn look(&self, what: &str) -> Result<Option<Seen>> {
        seen(&self.place(what)?)
    }

    /// Removes a claim that was seen to be dead, unless it has changed since; whether nobody else was at that. Exactly one of
    /// several makes the file of its token, and nobody else removes the claim then.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn clear(&self, dead: &Seen, watch: &mut Watch) -> Result<bool> {
        let ending = ending_of(&dead.place, &dead.token())?;
        if !self.create(&ending, &Owner::this("a claim that is cleared", None)?.content())? {
            // One that died at this moment stands in nobody's way.
            if let Some(other) = seen(&ending)?
                && watch.is_dead(&other)
            {
                ending.remove()?;
            }
            return Ok(false);
        }
        let is_same = seen(&dead.place)?.is_some_and(|now| now.content == dead.content);
        if is_same {
            dead.place.remove()?;
        }
        ending.remove()?;
        Ok(true)
    }

    /// All claims, by what is claimed; those of processes of this machine that run no more are none.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub(crate) fn all(&self) -> Result<BTreeMap<String, Owner>> {
        let mut all = BTreeMap::new();
        for place in self.0.listed()? {
            let is_claim = place.name().ends_with(ENDING);
            if let Some(seen) = is_claim.then(|| seen(&place)).transpose()?.flatten()
                && !seen.is_gone()
                && let Some(owner) = seen.owner
            {
                all.insert(owner.what.clone(), owner);
            }
        }
        Ok(all)
    }

    /// Clears what `watch` has seen to be dead, and removes the folder where nobody has a claim any more.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn tidy(&self, watch: &mut Watch) -> Result<()> {
        let mut others = 0;
        for place in self.0.listed()? {
            match seen(&place)? {
                Some(found) if place.name().ends_with(ENDING) && watch.is_dead(&found) => drop(self.clear(&found, watch)?),
                Some(found) if place.name().ends_with(CLEARED) && watch.is_dead(&found) => place.remove()?,
                Some(_) if place.name() == IGNORE => {}
                Some(_) => others += 1,
                None => {}
            }
        }
        if others == 0 {
            self.0.join(IGNORE)?.remove()?;
            self.0.remove_if_empty()?;
        }
        Ok(())
    }

    /// Makes a file as a whole; whether there was none of its name. Whoever saw nobody's claim may remove the folder at any moment: then it
    /// is made again.
    fn create(&self, place: &Place, content: &[u8]) -> Result<bool> {
        for _ in 0..FOLDER_TRIES {
            match self.try_create(place, content) {
                Err(_) if !self.0.is_there()? => {}
                made => return made,
            }
        }
        self.try_create(place, content)
    }

    fn try_create(&self, place: &Place, content: &[u8]) -> Result<bool> {
        if !self.0.is_there()? {
            self.0.make_folder()?;
            // Git passes over it. Whoever was faster has written the same.
            self.0.join(IGNORE)?.write_new(b"*\n")?;
        }
        place.write_new(content)
    }

    /// What a cell or an experiment is called may be longer than a file's name.
    fn place(&self, what: &str) -> Result<Place> {
        let digest = blake3::hash(what.as_bytes()).to_hex();
        self.0.join(&format!("{}{ENDING}", &digest[..32]))
    }
}

const IGNORE: &str = ".gitignore";

/// A claim, or one that is being cleared, as it is now.
fn seen(place: &Place) -> Result<Option<Seen>> {
    let content = place.read(MOST_CLAIM)?;
    Ok(content.map(|content| Seen {
        place: place.clone(),
        owner: Owner::of(&content),
        content,
    }))
}

/// The file that one makes who clears the claim of that token.
pub(super) fn ending_of(place: &Place, token: &str) -> Result<Place> {
    place.folder().join(&format!("{token}{CLEARED}"))
}
