//! A part of the cells, for runners that do not talk with each other.

use std::str::FromStr;

/// Part `number` of `count`, as `2/3`. Which part a cell is of follows from its name alone: what else is planned, what is done and who
/// asks makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `count`.
    number: u64,
    count: u64,
}

impl Shard {
    /// Whether the cell `EXPERIMENT/ID` is of this part.
    pub fn has(self, name: &str) -> bool {
        let digest = blake3::hash(name.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        u64::from_le_bytes(first) % self.count == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| text.parse().ok())
                .flatten()
        };
        let parts = text
            .split_once('/')
            .and_then(|(number, count)| Some((whole(number)?, whole(count)?)));
        match parts {
            Some((number, count)) if 1 <= number && number <= count => Ok(Self { number, count }),
            _ => Err("expected K/N with K from 1 to N, as `2/3`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_is_of_one_part() {
        for count in 1..7 {
            let parts: Vec<Shard> = (1..=count).map(|number| Shard { number, count }).collect();
            let mut sizes = vec![0; parts.len()];
            for cell in 0..600 {
                let name = format!("study/lstm,seed={cell}");
                let of: Vec<usize> = (0..parts.len()).filter(|part| parts[*part].has(&name)).collect();
                assert_eq!(of.len(), 1, "{name}");
                sizes[of[0]] += 1;
            }
            assert!(sizes.iter().all(|size| *size > 300 / count), "{sizes:?}");
        }
    }

    #[test]
    fn a_part_is_one_of_all() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, count: 3 }));
        for wrong in [
            "",
            "1",
            "/",
            "0/3",
            "4/3",
            "1/0",
            "-1/3",
            "+1/3",
            "1/3/5",
            "a/b",
            "1 / 3",
            "1/99999999999999999999",
        ] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
