//! "Did you mean …?"

/// The known name that `wrong` was probably meant to be.
pub fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .filter_map(|name| {
            let distance = strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
            let allowed = (wrong.chars().count().max(name.chars().count()) / 3).max(1);
            (distance <= allowed).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// "did you mean `hidden`? " where a known name is near, else nothing; to stand before what is allowed.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(wrong, known).map_or_else(String::new, |name| format!("did you mean `{name}`? "))
}

/// Names as a sentence holds them: "dense, dropout, hidden".
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["hidden", "dropout", "dense"];
        assert_eq!(closest("hiden", known), Some("hidden"));
        assert_eq!(closest("Hidden", known), Some("hidden"));
        assert_eq!(closest("trian", ["train", "grid"]), Some("train"));
        assert_eq!(closest("epochs", known), None);
    }
}
