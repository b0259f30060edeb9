//! Revisions as a file's edits make them, and the targets that follow from them.

use domain::estate::{DEFAULT_COVERAGE_FLOOR, Origin};
use domain::{Condition, Severity};

use super::*;

const DAY: i64 = 86_400;

fn target(text: &str) -> Target {
    Target::parse(text).unwrap()
}

fn objective(name: &str, aim: &str) -> Objective {
    Objective::new(name, target(aim))
}

fn past(aim: &str, day: i64) -> PastTarget {
    PastTarget { until: Instant::from_unix(day * DAY), target: target(aim) }
}

fn slo(objectives: Vec<Objective>) -> Slo {
    Slo {
        name: "orders".to_owned(),
        display_name: "Orders".to_owned(),
        description: None,
        service: "shop".to_owned(),
        sli: "orders".to_owned(),
        window: Window::Rolling { seconds: 2_592_000 },
        method: Method::Occurrences,
        gap: GapPolicy::Gap,
        objectives,
        coverage_floor: DEFAULT_COVERAGE_FLOOR,
        rules: None,
        revision: 1,
        origin: Origin::default(),
    }
}

/// What is stored after these declarations, one a day.
fn stored(declared: &[Slo]) -> Vec<Revision> {
    let mut stored = Vec::new();
    for (day, slo) in (0..).zip(declared) {
        stored.extend(next(slo, &stored, Instant::from_unix(day * DAY)));
    }
    stored
}

/// The last of these declarations, one a day, with its past.
fn lived(declared: &[Slo]) -> Slo {
    let mut slo = declared.last().unwrap().clone();
    apply(&mut slo, &stored(declared));
    slo
}

fn pasts(declared: &[Vec<Objective>]) -> Vec<Vec<PastTarget>> {
    let declared: Vec<Slo> = declared.iter().cloned().map(slo).collect();
    lived(&declared).objectives.into_iter().map(|objective| objective.past_targets).collect()
}

fn changes(before: &Slo, after: &Slo) -> Vec<String> {
    history(&stored(&[before.clone(), after.clone()])).remove(0).changes
}

#[test]
fn only_what_figures_depend_on_makes_a_revision() {
    let first = slo(vec![objective("99.9", "0.999")]);
    let words = Slo {
        display_name: "Other".to_owned(),
        description: Some("Other.".to_owned()),
        origin: Origin { file: "moved.yaml".to_owned(), line: 7 },
        revision: 9,
        ..first.clone()
    };
    let longer = Slo { window: Window::Rolling { seconds: 86_400 }, ..first.clone() };
    let stored = stored(&[first.clone(), words.clone(), longer.clone(), first.clone()]);
    let numbers: Vec<_> = stored.iter().map(|one| (one.revision, one.valid_from)).collect();
    let day = |day: i64| Some(Instant::from_unix(day * DAY));
    assert_eq!(numbers, [(1, None), (2, day(2)), (3, day(3))], "what returns is a revision again");
    assert_eq!(lived(&[first.clone(), words, longer, first]).revision, 3);
}

#[test]
fn a_clock_that_was_set_back_does_not_reorder_the_past() {
    let [a, b, c] = ["0.9", "0.99", "0.999"].map(|aim| slo(vec![objective("x", aim)]));
    let mut stored = stored(&[a, b]);
    stored.extend(next(&c, &stored, Instant::from_unix(5)));
    assert_eq!(stored.last().unwrap().valid_from, Some(Instant::from_unix(DAY)));
    let mut lived = c;
    apply(&mut lived, &stored);
    assert_eq!(lived.objectives[0].past_targets, [past("0.9", 1)]);
}

#[test]
fn what_is_stored_is_read_back_as_it_was() {
    let rule = AlertRule {
        name: "fast".to_owned(),
        severity: Severity::Page,
        condition: Condition::BudgetConsumed { share_parts: 500_000_000 },
        min_events: 3,
    };
    let slo = Slo {
        rules: Some(vec![rule]),
        ..slo(vec![Objective { past_targets: vec![past("0.9", 3)], ..objective("x", "0.999999999") }])
    };
    let terms = Terms::of(&slo);
    assert_eq!(Terms::read(&terms.json()), Some(terms));
    assert_eq!(Terms::read("{}"), None);
}

#[test]
fn a_target_is_valid_from_the_revision_that_brought_it() {
    let edited = [vec![objective("x", "0.9")], vec![objective("x", "0.99")], vec![objective("x", "0.999")]];
    assert_eq!(pasts(&edited), [[past("0.9", 1), past("0.99", 2)]]);
    // A revision that changed something else ends no target.
    let first = slo(vec![objective("x", "0.9")]);
    let other = Slo { gap: GapPolicy::Bad, ..first.clone() };
    let after = Slo { objectives: vec![objective("x", "0.99")], ..other.clone() };
    assert_eq!(lived(&[first, other, after]).objectives[0].past_targets, [past("0.9", 2)]);
    let back = [vec![objective("x", "0.9")], vec![objective("x", "0.99")], vec![objective("x", "0.9")]];
    assert_eq!(pasts(&back), [[past("0.9", 1), past("0.99", 2)]]);
}

#[test]
fn objectives_are_matched_by_name_and_those_left_over_in_their_order() {
    let renamed = [vec![objective("99.9", "0.999")], vec![objective("99.5", "0.995")]];
    assert_eq!(pasts(&renamed), [[past("0.999", 1)]]);
    let swapped = [
        vec![objective("a", "0.9"), objective("b", "0.99")],
        vec![objective("b", "0.995"), objective("a", "0.95")],
    ];
    assert_eq!(pasts(&swapped), [[past("0.99", 1)], [past("0.9", 1)]]);
    let one_kept = [
        vec![objective("99", "0.99"), objective("99.9", "0.999")],
        vec![objective("99.9", "0.999"), objective("98", "0.98")],
    ];
    assert_eq!(pasts(&one_kept), [vec![], vec![past("0.99", 1)]]);
    let not_as_many = [vec![objective("a", "0.9")], vec![objective("b", "0.99"), objective("c", "0.999")]];
    assert_eq!(pasts(&not_as_many), [vec![], vec![]], "nothing says whose the old target was");
    let twice_renamed =
        [vec![objective("a", "0.9")], vec![objective("b", "0.99")], vec![objective("c", "0.999")]];
    assert_eq!(pasts(&twice_renamed), [[past("0.9", 1), past("0.99", 2)]]);
}

#[test]
fn an_objective_that_was_away_has_its_own_past_only() {
    let a = || objective("a", "0.9");
    let back = [vec![a(), objective("b", "0.99")], vec![a()], vec![a(), objective("b", "0.999")]];
    assert_eq!(pasts(&back), [vec![], vec![past("0.99", 2)]]);
    let other = [vec![a(), objective("c", "0.99")], vec![a()], vec![a(), objective("b", "0.999")]];
    assert_eq!(pasts(&other), [vec![], vec![]], "what was removed before is another objective");
}

#[test]
fn past_targets_of_a_file_are_right_alone() {
    let first = vec![objective("x", "0.9")];
    let said =
        vec![Objective { past_targets: vec![past("0.5", -9), past("0.6", -3)], ..objective("x", "0.95") }];
    assert_eq!(pasts(&[first.clone(), said.clone()]), [[past("0.5", -9), past("0.6", -3)]]);
    // When the file no longer says it, it was said; the first revision is overruled.
    let after = vec![objective("x", "0.99")];
    let lived = pasts(&[first, said, after.clone()]);
    assert_eq!(lived, [[past("0.5", -9), past("0.6", -3), past("0.95", 2)]]);
    // An end that was announced and never came.
    let announced = vec![Objective { past_targets: vec![past("0.9", 100)], ..objective("x", "0.95") }];
    assert_eq!(pasts(&[announced, after]), [[past("0.9", 1)]]);
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let [a, b] = ["0.9", "0.99"].map(|aim| slo(vec![objective("x", aim)]));
    let mut stored = stored(std::slice::from_ref(&a));
    stored.push(Revision { revision: 2, declared: "from another version".to_owned(), ..stored[0].clone() });
    stored.extend(next(&b, &stored, Instant::from_unix(3 * DAY)));
    let mut lived = b;
    apply(&mut lived, &stored);
    assert_eq!((lived.revision, &lived.objectives[0].past_targets), (3, &vec![past("0.9", 3)]));
    let said: Vec<_> = history(&stored).into_iter().map(|row| (row.revision, row.changes.len())).collect();
    assert_eq!(said, [(3, 1), (2, 0), (1, 0)]);
}

#[test]
fn changes_say_what_is_different() {
    let before = slo(vec![objective("99.9", "0.999"), objective("low", "0.9")]);
    let after = |objectives| Slo { objectives, ..before.clone() };
    assert_eq!(
        changes(&before, &after(vec![objective("99.5", "0.995"), objective("low", "0.9")])),
        ["objective 99.9: target 0.999 -> 0.995"]
    );
    assert_eq!(
        changes(&before, &after(vec![objective("99.9", "0.999"), objective("lower", "0.9")])),
        ["objective low: name low -> lower"]
    );
    assert_eq!(changes(&before, &after(vec![objective("low", "0.9")])), ["objective 99.9: removed"]);
    let more = vec![objective("99.9", "0.999"), objective("low", "0.9"), objective("50", "0.5")];
    assert_eq!(changes(&before, &after(more)), ["objective 50: added, target 0.5"]);
    let order = vec![objective("low", "0.9"), objective("99.9", "0.999")];
    assert_eq!(changes(&before, &after(order)), ["order of the objectives or of the alert rules"]);
    let rule = |name: &str| AlertRule {
        name: name.to_owned(),
        severity: Severity::Page,
        condition: Condition::BudgetConsumed { share_parts: 500_000_000 },
        min_events: 0,
    };
    let ruled = Slo { rules: Some(vec![rule("fast"), rule("slow")]), ..before.clone() };
    let fewer = Slo {
        rules: Some(vec![AlertRule { min_events: 9, ..rule("slow") }, rule("new")]),
        window: Window::Rolling { seconds: 5_400 },
        gap: GapPolicy::Bad,
        ..before.clone()
    };
    assert_eq!(changes(&before, &ruled), ["alert rules: the default tiers -> fast, slow"]);
    assert_eq!(
        changes(&ruled, &fewer),
        [
            "window: 30 d -> 90 min",
            "gap policy: gap -> bad",
            "alert rule fast: removed",
            "alert rule slow: changed",
            "alert rule new: added",
        ]
    );
}
