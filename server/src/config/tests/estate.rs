//! The estate that `tests/config/full` declares, field by field.

use domain::composite::{Composite, CompositeRule, Member, MemberNoData};
use domain::estate::{CalendarUnit, CalendarWindow, LocalTime, Origin, PastTarget, SliceRule};
use domain::exclusion::{Category, When};
use domain::{AlertRule, Condition, Effect, Exclusion, GapPolicy, Instant, Method, Objective, Severity, Slo};

use super::*;

fn estate() -> domain::Estate {
    let dir = Path::new(SAMPLES).join("full");
    assert_eq!(check(&dir, true).report, "");
    load(&dir).estate
}

fn target(text: &str) -> Target {
    Target::parse(text).unwrap()
}

fn origin(file: &str, line: u32) -> Origin {
    Origin { file: file.to_owned(), line }
}

fn slo(name: &str, line: u32, window: Window, objectives: Vec<Objective>) -> Slo {
    Slo {
        name: name.to_owned(),
        display_name: name.to_owned(),
        description: None,
        service: "checkout".to_owned(),
        sli: "orders".to_owned(),
        window,
        method: Method::Occurrences,
        gap: GapPolicy::Gap,
        objectives,
        coverage_floor: target("0.9"),
        rules: None,
        revision: 1,
        origin: origin("windows.yaml", line),
    }
}

fn sliced(name: &str, aim: &str, seconds: u32, judged: Option<&str>) -> Objective {
    let slices = Some(SliceRule { seconds, target: judged.map(target) });
    Objective { slices, ..Objective::new(name, target(aim)) }
}

fn calendar(count: u32, unit: CalendarUnit, hour: u8, minute: u8, zone: &str) -> Window {
    let start = LocalTime { year: 2026, month: 1, day: 1, hour, minute, second: 0 };
    Window::Calendar(CalendarWindow { count, unit, start, zone: zone.to_owned() })
}

#[test]
fn methods_windows_and_annotations() {
    let estate = estate();
    let of = |name: &str| estate.slos.iter().find(|slo| slo.name == name).unwrap().clone();
    let committed = sliced("committed", "0.99", 300, Some("0.95"));
    let stretch = sliced("stretch", "0.995", 60, Some("0.99"));
    let window = calendar(1, CalendarUnit::Month, 9, 30, "Europe/Paris");
    let slices = Slo {
        display_name: "Orders by slices".to_owned(),
        description: Some("Five minutes are good if 95 % of their orders are.".to_owned()),
        method: Method::Timeslices,
        gap: GapPolicy::Bad,
        coverage_floor: target("0.5"),
        ..slo("slices", 18, window, vec![committed, stretch])
    };
    assert_eq!(of("slices"), slices);

    let past =
        |aim: &str, until: &str| PastTarget { until: Instant::parse(until).unwrap(), target: target(aim) };
    let objective = Objective {
        past_targets: vec![past("0.98", "2026-04-01T00:00:00Z"), past("0.985", "2026-07-01T00:00:00Z")],
        ..sliced("99", "0.99", 900, None)
    };
    let window = calendar(2, CalendarUnit::Quarter, 0, 0, "America/New_York");
    let ratios = Slo { method: Method::RatioTimeslices, ..slo("ratios", 34, window, vec![objective]) };
    assert_eq!(of("ratios"), ratios);

    let objectives = vec![Objective::new("100", target("1"))];
    assert_eq!(of("events"), slo("events", 45, Window::Rolling { seconds: 324_000 }, objectives));
}

fn rule(name: &str, severity: Severity, condition: Condition, min_events: u64) -> AlertRule {
    AlertRule { name: name.to_owned(), severity, condition, min_events }
}

#[test]
fn alert_rules_stand_in_the_order_of_urgency() {
    use Severity::{Page, Ticket};
    let estate = estate();
    let of = |name: &str| estate.slos.iter().find(|slo| slo.name == name).unwrap().rules.clone();
    let burn = |threshold_thousandths, long_seconds, short_seconds| Condition::Burn {
        threshold_thousandths,
        long_seconds,
        short_seconds,
    };
    let careful = vec![
        rule("fast", Page, burn(9_500, 3_600, 600), 100),
        rule(
            "budget fell by 2.5 % over 6 h",
            Page,
            Condition::BudgetDrop { share_parts: 25_000_000, seconds: 21_600 },
            0,
        ),
        rule("low traffic", Page, Condition::AbsoluteBudget { share_parts: 20_000_000, seconds: 3_600 }, 10),
        rule("3x over 24 h", Ticket, burn(3_000, 86_400, 7_200), 0),
        rule("80 % of the budget spent", Ticket, Condition::BudgetConsumed { share_parts: 800_000_000 }, 0),
        rule("exhausted within 3 d", Ticket, Condition::Exhaustion { within_seconds: 259_200 }, 0),
    ];
    assert_eq!(of("by-name"), Some(careful));
    let in_place = vec![
        rule("here-too", Page, burn(10_000, 300, 60), 0),
        rule("slow-burn", Ticket, burn(1_500, 259_200, 21_600), 0),
    ];
    assert_eq!(of("in-place"), Some(in_place));
    assert_eq!(of("aspiration"), Some(Vec::new()));
    assert_eq!(of("events"), None);
}

#[test]
fn exclusions_and_composites() {
    let estate = estate();
    let at = |text: &str| Instant::parse(text).unwrap();
    let disks = Exclusion {
        name: "new-disks".to_owned(),
        display_name: "New disks".to_owned(),
        category: Category::Maintenance,
        author: "platform-team".to_owned(),
        reason: "The database moves to new disks.".to_owned(),
        effect: Effect::RemoveTime,
        services: Vec::new(),
        slos: Vec::new(),
        when: When::Once { from: at("2026-10-01T22:00:00Z"), to: at("2026-10-02T00:00:00Z") },
        origin: origin("rest.yaml", 4),
    };
    let sundays = Exclusion {
        name: "sundays".to_owned(),
        display_name: "sundays".to_owned(),
        category: Category::OutsideHours,
        author: "shop-team".to_owned(),
        reason: "The shop is closed.".to_owned(),
        effect: Effect::CountAsGood,
        services: vec!["checkout".to_owned()],
        slos: vec!["slices".to_owned(), "events".to_owned()],
        when: When::Recurring {
            start: LocalTime { year: 2026, month: 1, day: 4, hour: 2, minute: 0, second: 0 },
            zone: "Europe/Paris".to_owned(),
            seconds: 7_200,
            rule: "FREQ=WEEKLY;BYDAY=SU".to_owned(),
        },
        origin: origin("rest.yaml", 14),
    };
    assert_eq!(estate.exclusions, [disks, sundays]);

    let member = |slo: &str, objective: Option<&str>, weight_parts| Member {
        slo: slo.to_owned(),
        objective: objective.map(str::to_owned),
        weight_parts,
    };
    let everything = Composite {
        name: "everything".to_owned(),
        display_name: "everything".to_owned(),
        description: None,
        service: "checkout".to_owned(),
        target: target("0.99"),
        rule: CompositeRule::WeightedMean,
        no_data: MemberNoData::NoData,
        members: vec![member("shop", None, 1_000_000_000), member("by-name", None, 500_000_000)],
        origin: origin("rest.yaml", 26),
    };
    let shop = Composite {
        name: "shop".to_owned(),
        display_name: "The shop".to_owned(),
        description: Some("Both at once.".to_owned()),
        target: target("0.995"),
        rule: CompositeRule::SumOfMissing,
        no_data: MemberNoData::LeaveOut,
        members: vec![member("by-name", None, 2_000_000_000), member("in-place", Some("99"), 1_000_000_000)],
        origin: origin("rest.yaml", 35),
        ..everything.clone()
    };
    assert_eq!(estate.composites, [everything, shop]);
}
