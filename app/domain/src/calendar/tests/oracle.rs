//! Cases of an independent oracle, in `tests/calendar`: `CPython`'s zoneinfo and dateutil. `make.py` there says how.

use super::*;

const PERIODS: &str = include_str!("../../../tests/calendar/periods.txt");
const RULES: &str = include_str!("../../../tests/calendar/rules.txt");

fn cases(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('|').collect())
}

fn unit(word: &str) -> CalendarUnit {
    use CalendarUnit::{Day, Month, Quarter, Week, Year};
    [Day, Week, Month, Quarter, Year].into_iter().find(|unit| unit.word() == word).unwrap()
}

#[test]
fn periods_are_those_of_the_oracle() {
    let mut seen = 0;
    for case in cases(PERIODS) {
        let window = window(case[1].parse().unwrap(), unit(case[2]), case[3], case[0]);
        let moment = at(case[4]);
        let starts: Vec<Instant> = case[5..].iter().map(|text| at(text)).collect();
        assert_eq!(check_window(&window), Ok(()));
        for (index, pair) in (0_i64..).zip(starts.windows(2)) {
            let expected = Bounds { from: pair[0], to: pair[1] };
            assert_eq!(neighbour(&window, moment, index - 3), expected, "{} of {case:?}", index - 3);
            assert_eq!(period(&window, expected.from), expected, "{case:?}");
            assert_eq!(period(&window, expected.to - 1), expected, "{case:?}");
            assert_eq!(closed_period(&window, expected.to), expected, "{case:?}");
        }
        seen += 1;
    }
    assert!(seen >= 600, "{seen} cases");
}

#[test]
fn rules_are_those_of_the_oracle() {
    let mut seen = 0;
    for case in cases(RULES) {
        let seconds: u32 = case[2].parse().unwrap();
        let when = When::Recurring {
            start: wall(case[1]),
            zone: case[0].to_owned(),
            seconds,
            rule: case[3].to_owned(),
        };
        let found = occurrences(&when, Bounds { from: at(case[4]), to: at(case[5]) });
        let begins: Vec<Instant> = found.iter().map(|stretch| stretch.from).collect();
        let expected: Vec<Instant> = case[6].split_whitespace().map(at).collect();
        assert_eq!(begins, expected, "{case:?}");
        assert!(found.iter().all(|stretch| stretch.to == stretch.from + i64::from(seconds)));
        if !expected.is_empty() {
            assert_eq!(check_when(&when), Ok(()), "{case:?}");
        }
        seen += 1;
    }
    assert!(seen >= 400, "{seen} cases");
}
