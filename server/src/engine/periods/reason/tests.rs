//! Reasons of revisions: what is told, and what is not.

use domain::estate::{CalendarUnit, CalendarWindow, LocalTime, Method};
use domain::exclusion::{Category, Effect};
use domain::{Bounds, GapPolicy, Instant};

use super::super::record::Taken;
use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn october() -> Bounds {
    Bounds { from: at("2026-10-01T00:00:00Z"), to: at("2026-11-01T00:00:00Z") }
}

fn calendar(unit: CalendarUnit) -> Window {
    let start = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    Window::Calendar(CalendarWindow { count: 1, unit, start, zone: "UTC".to_owned() })
}

fn promise(name: &str, target: &str) -> Promise {
    Promise { name: name.to_owned(), target: Target::parse(target).unwrap(), slices: None }
}

fn taken(name: &str, reason: &str) -> Taken {
    let from = at("2026-10-05T02:00:00Z");
    Taken {
        name: name.to_owned(),
        category: Category::Deployment,
        author: "me".to_owned(),
        reason: reason.to_owned(),
        effect: Effect::RemoveTime,
        stretches: vec![Bounds { from, to: from + 3_600 }],
    }
}

/// An objective's part of a frozen status.
fn figures(name: &str, target: &str, good: u64, total: u64) -> String {
    format!(
        r#"{{"name":"{name}","target":{target},"state":"met","state_reason":"within budget","effective_from":null,
        "good":{good},"bad":0,"total":{total},"sli":0.5,"coverage":1.0,"measured_seconds":60,"covered_seconds":60,
        "flags":[],"raw":null,"excluded":null,"error_budget":{{"total":1.0,"consumed_ratio":0.5}},"burn_rates":[]}}"#
    )
}

fn record(good: u64, total: u64, objectives: &[(&str, &str)]) -> Record {
    let each: Vec<String> =
        objectives.iter().map(|(name, target)| figures(name, target, good, total)).collect();
    Record {
        bounds: october(),
        measured: MeasuredInPeriod { good, total, seconds: 86_400 },
        policy: Policy {
            sli: "orders".to_owned(),
            window: calendar(CalendarUnit::Month),
            method: Method::Occurrences,
            gap: GapPolicy::Gap,
            coverage_floor: Target::parse("0.9").unwrap(),
            objectives: objectives.iter().map(|(name, target)| promise(name, target)).collect(),
            exclusions: Vec::new(),
        },
        objectives: Figures::read(&format!(r#"{{"objectives":[{}]}}"#, each.join(","))).unwrap(),
    }
}

fn one() -> Record {
    record(990, 1_000, &[("99.9", "0.999")])
}

fn told(before: &Record, now: &Record) -> String {
    reason(before, now).expect("a reason")
}

#[test]
fn nothing_changed_is_no_reason() {
    assert_eq!(reason(&one(), &one()), None);
    // Data that change no figure of any objective are no news either: a judged slice is as good as before.
    let mut now = one();
    now.measured.total += 5;
    assert_eq!(reason(&one(), &now), None);
}

#[test]
fn late_data_are_told_in_events() {
    for (good, total, words) in [
        (1_107, 1_120, "late data: 120 events, 3 of them bad"),
        (991, 1_001, "late data: 1 event, none of them bad"),
        (1_000_990, 1_001_000, "late data: 1,000,000 events, none of them bad"),
        (987, 1_000, "corrected data: 3 events bad instead of good"),
        (991, 1_000, "corrected data: 1 event good instead of bad"),
        (900, 905, "corrected data: 95 events fewer, 5 bad fewer"),
        (1_010, 1_015, "corrected data: 15 events more, 5 bad fewer"),
        (980, 1_005, "corrected data: 5 events more, 15 bad more"),
    ] {
        assert_eq!(told(&one(), &record(good, total, &[("99.9", "0.999")])), words);
    }
}

#[test]
fn time_without_events_is_told_as_time() {
    let with = |seconds: u64| {
        let mut now = one();
        now.measured.seconds = seconds;
        now.objectives = Figures::read(&format!(
            r#"{{"objectives":[{}]}}"#,
            figures("99.9", "0.999", 990, 1_000).replace("1.0,\"measured", "0.5,\"measured")
        ))
        .unwrap();
        now
    };
    assert_eq!(told(&one(), &with(90_000)), "late data: 1 h without events");
    assert_eq!(told(&one(), &with(82_800)), "corrected data: 1 h unknown");
    assert!(told(&one(), &with(86_400)).starts_with("the same counts, judged anew"));
}

#[test]
fn a_new_target_is_told_though_it_renames_its_objective() {
    let now = record(990, 1_000, &[("99.5", "0.995")]);
    assert_eq!(told(&one(), &now), "target 0.999 -> 0.995");
    let two = record(990, 1_000, &[("99.9", "0.999"), ("lax", "0.9")]);
    let now = record(990, 1_000, &[("99.9", "0.999"), ("lax", "0.95")]);
    assert_eq!(told(&two, &now), "target of `lax` 0.9 -> 0.95");
    assert_eq!(told(&one(), &two), "objective `lax` added");
    assert_eq!(told(&two, &one()), "objective `lax` removed");
    // The other order, or another name alone, is no other promise.
    assert_eq!(reason(&two, &record(990, 1_000, &[("lax", "0.9"), ("99.9", "0.999")])), None);
    assert_eq!(reason(&one(), &record(990, 1_000, &[("gold", "0.999")])), None);
}

#[test]
fn exclusions_are_told_by_what_they_take() {
    let with = |taken: Vec<Taken>| {
        let mut record = one();
        record.policy.exclusions = taken;
        record
    };
    let deploy = || vec![taken("deploy", "a release")];
    assert_eq!(told(&one(), &with(deploy())), "exclusion `deploy` added");
    assert_eq!(told(&with(deploy()), &one()), "exclusion `deploy` removed");
    assert_eq!(reason(&with(deploy()), &with(vec![taken("deploy", "the release of October")])), None);
    let mut longer = deploy();
    longer[0].stretches[0].to = longer[0].stretches[0].to + 60;
    assert_eq!(told(&with(deploy()), &with(longer)), "exclusion `deploy` changed");
    let many = (0..20).map(|k| taken(&format!("e{k}"), "")).collect();
    let told = told(&one(), &with(many));
    assert!(told.starts_with("exclusion `e0` added; ") && told.ends_with("; and 8 more changes"), "{told}");
}

#[test]
fn the_rest_of_the_declaration_is_told() {
    let mut now = one();
    now.policy.method = Method::Timeslices;
    now.policy.gap = GapPolicy::Bad;
    now.policy.coverage_floor = Target::parse("0.5").unwrap();
    now.policy.objectives[0].slices = Some(SliceRule { seconds: 300, target: Target::parse("0.95").ok() });
    assert_eq!(
        told(&one(), &now),
        "method Occurrences -> Timeslices; gap policy gap -> bad; coverage floor 0.9 -> 0.5; slices none -> 5 min \
         from 0.95 on good"
    );
}

#[test]
fn several_changes_at_once_are_told_apart() {
    let mut now = record(1_107, 1_120, &[("99.5", "0.995")]);
    now.policy.exclusions = vec![taken("deploy", "a release")];
    assert_eq!(
        told(&one(), &now),
        "late data: 120 events, 3 of them bad; target 0.999 -> 0.995; exclusion `deploy` added"
    );
}

#[test]
fn another_window_or_indicator_is_no_late_data() {
    let mut now = record(5_000, 6_000, &[("99.9", "0.999")]);
    now.policy.sli = "mails".to_owned();
    assert_eq!(told(&one(), &now), "indicator `orders` -> `mails`");
    let mut now = record(5_000, 6_000, &[("99.9", "0.999")]);
    now.bounds.to = at("2027-01-01T00:00:00Z");
    now.policy.window = calendar(CalendarUnit::Quarter);
    assert_eq!(told(&one(), &now), "window 1 month in UTC -> 1 quarter in UTC");
    // Declared by another start it is the same month.
    let mut now = one();
    now.policy.window = calendar(CalendarUnit::Month);
    assert_eq!(reason(&one(), &now), None);
}
