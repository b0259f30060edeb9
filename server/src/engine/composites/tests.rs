//! Turns, and what is said while the store cannot be read.

use domain::Estate;
use domain::composite::Taken;

use super::*;
use crate::config;

const ESTATE: &str = "\
apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
---
apiVersion: nines/v1
kind: Objective
metadata: {name: orders}
spec: {service: shop, target: 99%, window: 1d, push: {}}
---
apiVersion: nines/v1
kind: Composite
metadata: {name: outer}
spec: {service: shop, target: 99%, rule: weighted-mean, noData: bad, members: [{slo: inner}]}
---
apiVersion: nines/v1
kind: Composite
metadata: {name: inner}
spec: {service: shop, target: 99%, rule: any-bad-slice, noData: bad, members: [{slo: orders}]}
---
apiVersion: nines/v1
kind: Composite
metadata: {name: without}
spec: {service: shop, target: 99%, rule: weighted-mean, noData: leave-out, members: [{slo: orders}]}
";

/// An estate and a snapshot in which no SLO has data.
fn silent() -> (Estate, Snapshot) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("estate.yaml"), ESTATE).unwrap();
    let loaded = config::load(directory.path());
    assert!(!loaded.has_errors(), "{:#?}", loaded.findings);
    let snapshot = Snapshot::before_first_round(&loaded.estate, Instant::from_unix(1_000_000));
    (loaded.estate, snapshot)
}

#[test]
fn nothing_that_was_not_read_is_bad() {
    let (estate, snapshot) = silent();
    let statuses = unread(&estate.composites, &snapshot);
    assert_eq!(statuses.len(), 3);
    for status in statuses {
        assert_eq!((status.state, status.sli), (State::NoData, None), "{status:?}");
    }
}

#[test]
fn figures_that_stand_still_are_no_verdict_once_a_member_is_stale() {
    let (estate, snapshot) = silent();
    let mut before = unread(&estate.composites, &snapshot);
    for status in &mut before {
        status.state = State::Met;
        status.sli = Some(0.995);
        // What had no data already is no news.
        let is_known = status.composite != "without";
        for member in status.members.iter_mut().filter(|_| is_known) {
            member.state = Some(State::Met);
            member.taken = Taken::Counted;
        }
    }
    let after = stand_still(&before, &snapshot);
    let said: Vec<(&str, State, Option<f64>)> =
        after.iter().map(|status| (status.composite.as_str(), status.state, status.sli)).collect();
    let stale = |name| (name, State::NoData, Some(0.995));
    assert_eq!(said, [stale("outer"), stale("inner"), ("without", State::Met, Some(0.995))]);
    assert_eq!(after[0].state_reason, "the database cannot be reached");
    assert_eq!(stand_still(&after, &snapshot), after);
}

#[test]
fn slices_are_read_in_turns() {
    let (estate, _) = silent();
    let composites = Composites::new(&estate.composites);
    let names = |composites: &[Composite]| composites.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&composites.plain), ["without"]);
    assert_eq!(names(&composites.judged[0].group), ["outer", "inner"]);
    assert_eq!(names(&composites.judged[1].group), ["inner"]);

    let mut turns = Turns::default();
    let at = Instant::from_unix(1_000_000);
    assert_eq!(turns.waited("inner", at), Some(i64::MAX));
    turns.evaluated.insert("inner".to_owned(), at);
    assert_eq!(turns.waited("inner", at + 59), None);
    assert_eq!(turns.waited("inner", at + 60), Some(60));
    assert_eq!(turns.waited("inner", at - 5), Some(-5), "the clock was set back");
    turns.forget();
    assert_eq!(turns.waited("inner", at), Some(i64::MAX));
}
