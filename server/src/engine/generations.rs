//! Generations of SLIs: when what is measured becomes something else. Pure.
//!
//! Invariants: how often it is measured makes no generation; a generation begins on a whole minute, so that no slice of
//! our own collectors belongs to two; what a file says about the number beats the comparison of texts.

use domain::{Instant, Sli};

use crate::store::Generation;

/// The grid that generations begin on.
const MINUTE_SECONDS: i64 = 60;

/// What an SLI, as its file declares it, adds to the generations that are stored (oldest first), or puts in place of
/// the latest one's meaning; none if that is it already.
pub(super) fn next(sli: &Sli, stored: &[Generation], now: Instant) -> Option<Generation> {
    let generation = |generation: u32, began: Option<Instant>| Generation {
        sli: sli.name.clone(),
        generation,
        began,
        meaning: sli.meaning.clone(),
    };
    let Some(latest) = stored.last() else {
        return Some(generation(sli.declared_generation.unwrap_or(1), None));
    };
    let is_same = latest.meaning == sli.meaning;
    // A clock that was set back must not reorder the past.
    let begin = now.ceil_to(MINUTE_SECONDS);
    let begin = Some(latest.began.map_or(begin, |began| began.max(begin)));
    match sli.declared_generation {
        Some(declared) if declared > latest.generation => Some(generation(declared, begin)),
        // The same thing under another address.
        Some(_) => (!is_same).then(|| generation(latest.generation, latest.began)),
        None => (!is_same).then(|| generation(latest.generation.saturating_add(1), begin)),
    }
}

/// The stored generation that an SLI's file is behind; none if it is not.
pub(super) fn ahead_of(sli: &Sli, stored: &[Generation]) -> Option<u32> {
    let latest = stored.last()?.generation;
    sli.declared_generation.filter(|declared| *declared < latest).map(|_| latest)
}

/// Fills in when the second and later generations of an SLI began (oldest first).
pub(super) fn apply(sli: &mut Sli, stored: &[Generation]) {
    sli.generations = stored.iter().filter_map(|one| one.began).collect();
    // Two edits within a minute: nothing was measured of the one between them.
    sli.generations.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sli(meaning: &str, generation: Option<u32>) -> Sli {
        Sli {
            name: "orders".to_owned(),
            meaning: meaning.to_owned(),
            declared_generation: generation,
            ..Sli::default()
        }
    }

    fn stored(generation: u32, began: Option<i64>, meaning: &str) -> Generation {
        let began = began.map(Instant::from_unix);
        Generation { sli: "orders".to_owned(), generation, began, meaning: meaning.to_owned() }
    }

    const NOW: Instant = Instant::from_unix(1_000_030);
    const BEGIN: Option<i64> = Some(1_000_080);

    #[test]
    fn another_meaning_begins_a_generation_on_a_whole_minute() {
        assert_eq!(next(&sli("a", None), &[], NOW), Some(stored(1, None, "a")));
        let first = [stored(1, None, "a")];
        assert_eq!(next(&sli("a", None), &first, NOW), None);
        assert_eq!(next(&sli("b", None), &first, NOW), Some(stored(2, BEGIN, "b")));
        let two = [stored(1, None, "a"), stored(2, Some(60), "b")];
        assert_eq!(
            next(&sli("a", None), &two, NOW),
            Some(stored(3, BEGIN, "a")),
            "what returns is new again"
        );
        let ahead = [stored(1, None, "a"), stored(2, Some(2_000_040), "b")];
        assert_eq!(next(&sli("a", None), &ahead, NOW), Some(stored(3, Some(2_000_040), "a")));
    }

    #[test]
    fn what_the_file_says_beats_the_text() {
        assert_eq!(next(&sli("a", Some(4)), &[], NOW), Some(stored(4, None, "a")));
        let two = [stored(1, None, "a"), stored(2, Some(60), "b")];
        assert_eq!(next(&sli("c", Some(2)), &two, NOW), Some(stored(2, Some(60), "c")), "another address");
        assert_eq!(next(&sli("b", Some(2)), &two, NOW), None);
        assert_eq!(next(&sli("b", Some(5)), &two, NOW), Some(stored(5, BEGIN, "b")), "the same text is new");
        assert_eq!(next(&sli("c", Some(1)), &two, NOW), Some(stored(2, Some(60), "c")), "as if it said 2");
        assert_eq!(ahead_of(&sli("c", Some(1)), &two), Some(2));
        assert_eq!((ahead_of(&sli("c", Some(2)), &two), ahead_of(&sli("c", None), &two)), (None, None));
    }

    #[test]
    fn the_first_generation_has_no_begin() {
        let mut sli = sli("b", None);
        apply(&mut sli, &[stored(1, None, "a"), stored(2, Some(60), "b")]);
        assert_eq!(sli.generations, [Instant::from_unix(60)]);
        apply(&mut sli, &[stored(1, None, "a"), stored(2, Some(60), "b"), stored(3, Some(60), "c")]);
        assert_eq!(sli.generations, [Instant::from_unix(60)], "two edits within a minute");
    }
}
