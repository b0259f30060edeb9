//! An estate in which everything happens that a page must be able to show.

use app::backend::{Backend, BackendError};
use app::view::{
    Asked, DeclaredPast, Demo, Excluded, Generation, OverviewView, Revision, ServiceRow, ServiceView, Site,
    SloRow, SloView,
};
use async_trait::async_trait;
use domain::composite::{CompositeRule, CompositeStatus, MemberStatus, Taken};
use domain::estate::{DEFAULT_COVERAGE_FLOOR, Method, Origin, Window};
use domain::proposal::{CostOfNines, CostOfTarget, Outlook, RuleActivity, TierCost, WhatIf};
use domain::status::{Alert, AlertState, BurnRate, ErrorBudget, WindowBounds};
use domain::{
    Bounds, Count, Health, HistoryPoint, Instant, Objective, ObjectiveStatus, ServiceStatus, Sli, Slo,
    SloStatus, State, Target,
};

const WINDOW: i64 = 30 * 86_400;

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-23T14:05:18Z").unwrap()
}

/// What the fake answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fake {
    Estate,
    Empty,
    Unreachable,
}

/// Name, target, state, bad events per million, burn rate, age of the data in seconds.
type SloCase = (&'static str, &'static str, State, Option<u64>, f64, Option<i64>);

struct Case {
    name: &'static str,
    group: &'static str,
    health: Health,
    reason: &'static str,
    since_seconds: Option<i64>,
    slos: &'static [SloCase],
}

const CASES: &[Case] = &[
    Case {
        name: "payments",
        group: "Money",
        health: Health::Down,
        reason: "All 3 of 3 last checks of payments-availability failed: connection refused.",
        since_seconds: Some(252),
        slos: &[
            ("payments-availability", "0.9995", State::Breached, Some(1_290), 6.2, Some(8)),
            ("payments-latency", "0.99", State::Met, Some(1_900), 0.3, Some(8)),
        ],
    },
    Case {
        name: "search",
        group: "Discovery",
        health: Health::Up,
        reason: "All checks pass.",
        since_seconds: Some(90_000),
        slos: &[("search-availability", "0.99", State::Breached, Some(12_800), 1.4, Some(8))],
    },
    Case {
        name: "checkout",
        group: "Money",
        health: Health::Degraded,
        reason: "checkout-latency is below 99.9 %: 97.1 % in the last check.",
        since_seconds: Some(2_700),
        slos: &[("checkout-availability", "0.999", State::AtRisk, Some(859), 3.1, Some(8))],
    },
    Case {
        name: "catalogue",
        group: "Discovery",
        health: Health::Up,
        reason: "All checks pass.",
        since_seconds: Some(700_000),
        slos: &[("catalogue-availability", "0.999", State::AtRisk, Some(680), 1.9, Some(8))],
    },
    Case {
        name: "email-out",
        group: "Platform",
        health: Health::Unknown,
        reason: "No result for 2 h 23 min.",
        since_seconds: Some(8_580),
        slos: &[("email-out-delivery", "0.995", State::NoData, None, 0.0, Some(8_580))],
    },
    Case {
        name: "inventory",
        group: "Supply",
        health: Health::Maintenance,
        reason: "Planned: stock count.",
        since_seconds: Some(600),
        slos: &[("inventory-availability", "0.999", State::Met, Some(270), 0.0, Some(8))],
    },
    Case {
        name: "ledger",
        group: "Money",
        health: Health::Up,
        reason: "All checks pass.",
        since_seconds: None,
        slos: &[("ledger-correctness", "1", State::Met, Some(0), 0.0, Some(8))],
    },
    Case {
        name: "archive",
        group: "Platform",
        health: Health::Up,
        reason: "Nothing was asked of it.",
        since_seconds: None,
        slos: &[("archive-restore", "0.99", State::NoTraffic, None, 0.0, Some(20))],
    },
    Case {
        name: "login",
        group: "Identity",
        health: Health::Up,
        reason: "All checks pass.",
        since_seconds: Some(1_900_000),
        slos: &[("login-availability", "0.9995", State::Met, Some(90), 0.2, Some(8))],
    },
    Case {
        name: "gateway <&>",
        group: "Platform",
        health: Health::Up,
        reason: "All checks pass.",
        since_seconds: Some(1_900_000),
        slos: &[("gateway-availability", "0.9995", State::Met, Some(29), 0.1, Some(8))],
    },
    Case {
        name: "new",
        group: "Platform",
        health: Health::Unknown,
        reason: "No check has run yet.",
        since_seconds: None,
        slos: &[],
    },
];

fn site() -> Site {
    let demo = Demo {
        break_line: "curl -X POST 'http://127.0.0.1:3000/demo/checkout?mode=down'".to_owned(),
        mend_line: "curl -X POST 'http://127.0.0.1:3000/demo/checkout?mode=up'".to_owned(),
        history_filled: 0.42,
    };
    Site {
        now: now(),
        build: "test".to_owned(),
        data_until: Some(now() - 8),
        blind_since: None,
        demo: Some(demo),
    }
}

fn point(from: Instant, seconds: i64, total: u64, bad: Option<u64>, remaining: Option<f64>) -> HistoryPoint {
    let state = bad.map_or(State::NoData, |bad| if bad * 400 > total { State::Breached } else { State::Met });
    HistoryPoint {
        from,
        to: from + seconds,
        good: bad.map(|bad| Count::whole(total - bad)),
        total: bad.map(|_| Count::whole(total)),
        coverage: Some(if bad.is_some() { 1.0 } else { 0.0 }),
        remaining_ratio: remaining,
        state: Some(state),
    }
}

/// Bad events of step `index` of `steps`: two incidents, a gap, and a little noise.
fn bad_at(index: i64, steps: i64, all_bad: u64) -> Option<u64> {
    let at = index * 100 / steps;
    match at {
        62..=64 => None,
        30..=31 | 97..=99 => Some(all_bad / 8),
        _ => Some(if index % 3 == 0 { all_bad / 300 } else { 0 }),
    }
}

fn objective(target: &str, state: State, bad: Option<u64>, burn: f64, age: Option<i64>) -> ObjectiveStatus {
    let target = Target::parse(target).unwrap();
    let to = now() - age.unwrap_or(0);
    let total = bad.map_or(0, |_| 1_000_000);
    let bad = bad.unwrap_or(0);
    let budget = f64::from(target.budget_parts()) / 1e9 * total as f64;
    let consumed = (budget > 0.0).then(|| bad as f64 / budget);
    let measured = total > 0 || state == State::NoTraffic;
    let rules = domain::burn::default_rules(target);
    ObjectiveStatus {
        name: target.percent(),
        target,
        state,
        state_reason: match state {
            State::Breached => "SLI < target",
            State::AtRisk => "remaining budget is below 25 %",
            State::NoData => "no data for 2 h 23 min",
            State::NoTraffic => "no events in the window",
            State::Met => "SLI >= target",
        }
        .to_owned(),
        window: WindowBounds { from: to - WINDOW, to, kind: "rolling".to_owned(), time_zone: None },
        effective_from: measured.then_some(to - WINDOW),
        good: measured.then(|| Count::whole(total - bad)),
        bad: measured.then(|| Count::whole(bad)),
        total: measured.then(|| Count::whole(total)),
        unit: "events".to_owned(),
        sli: (total > 0).then(|| (total - bad) as f64 / total as f64),
        coverage: measured.then_some(0.967),
        measured_seconds: None,
        covered_seconds: None,
        gap: None,
        flags: vec![],
        raw: None,
        excluded: None,
        error_budget: ErrorBudget {
            total: budget,
            consumed_ratio: consumed,
            remaining_ratio: consumed.map(|consumed| 1.0 - consumed),
            seconds: None,
            remaining_seconds: None,
            exhausts_at: (state == State::AtRisk).then(|| now() + 32_400),
            projected: None,
        },
        burn_rates: [300, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200]
            .into_iter()
            .map(|seconds| BurnRate {
                window_seconds: seconds,
                burn_rate: measured.then_some(burn * 3_600.0 / f64::from(seconds).max(3_600.0)),
                coverage: measured.then_some(1.0),
                bad: None,
                total: None,
            })
            .collect(),
        alerts: rules
            .into_iter()
            .enumerate()
            .map(|(place, rule)| Alert {
                policy: rule.name,
                severity: rule.severity,
                condition: rule.condition,
                burn_rate: None,
                suppressed_by: None,
                state: if place == 2 && burn > 3.0 { AlertState::Firing } else { AlertState::Ok },
                since: (place == 2 && burn > 3.0).then(|| now() - 42_600),
            })
            .collect(),
    }
}

/// What is excluded from an SLO: work once, and a night of each week, also the one that comes.
fn excluded(slo: &str) -> Vec<Excluded> {
    if slo != "inventory-availability" {
        return vec![];
    }
    let stretch = |ago: i64, seconds: i64| Bounds { from: now() - ago, to: now() - ago + seconds };
    let night = |week: i64| stretch(week * 7 * 86_400 - 3_600, 7_200);
    vec![
        Excluded {
            name: "Stock <count> (events dropped)".to_owned(),
            stretches: (0..5).rev().map(night).collect(),
        },
        Excluded { name: "Move (time removed)".to_owned(), stretches: vec![stretch(900_000, 150_000)] },
    ]
}

fn slo_row(case: &Case, place: usize) -> SloRow {
    let (name, target, state, bad, burn, age) = case.slos[place];
    let objective = objective(target, state, bad, burn, age);
    let day = now().floor_to(86_400);
    let strip = (0..30)
        .map(|index| {
            let bad = if bad.is_none() && index > 26 {
                None
            } else {
                bad_at(index + place as i64, 30, bad.unwrap_or(0))
            };
            point(day - (29 - index) * 86_400, 86_400, 33_333, bad, None)
        })
        .collect();
    SloRow {
        slo: Slo {
            name: name.to_owned(),
            display_name: name.to_owned(),
            description: Some("Requests that are answered with success.".to_owned()),
            service: case.name.to_owned(),
            sli: name.to_owned(),
            window: Window::Rolling { seconds: WINDOW as u32 },
            method: Method::Occurrences,
            gap: domain::GapPolicy::Gap,
            rules: None,
            objectives: vec![Objective::new(objective.name.clone(), objective.target)],
            coverage_floor: DEFAULT_COVERAGE_FLOOR,
            revision: 3,
            origin: Origin { file: "slo/checkout.yaml".to_owned(), line: 12 },
        },
        status: SloStatus {
            slo: name.to_owned(),
            service: case.name.to_owned(),
            method: "Occurrences".to_owned(),
            revision: 3,
            at: now(),
            data_until: age.map(|age| now() - age),
            objectives: vec![objective],
        },
        strip,
    }
}

fn row(case: &Case) -> ServiceRow {
    ServiceRow {
        service: ServiceStatus {
            name: case.name.to_owned(),
            display_name: case.name.to_owned(),
            group: Some(case.group.to_owned()),
            owner: Some(format!("{}-core", case.group.to_lowercase())),
            tags: vec!["region=eu".to_owned()],
            health: case.health,
            since: case.since_seconds.map(|seconds| now() - seconds),
            reason: case.reason.to_owned(),
            data_age_seconds: Some(8),
            objectives: None,
        },
        description: Some("Takes the money.".to_owned()),
        slos: (0..case.slos.len()).map(|place| slo_row(case, place)).collect(),
    }
}

/// Of any change the same, but for a target that is none.
fn what_if(slo: &Slo, before: &ObjectiveStatus, change: &str) -> Result<WhatIf, String> {
    if domain::proposal::Change::from_query(change).is_err() {
        return Err("This cannot be answered: `target` is no percentage.".to_owned());
    }
    let after = objective("0.995", State::Met, Some(859), 3.1, Some(8));
    let side = |status: &ObjectiveStatus, window: &str, firings: u32, unreachable: bool| Outlook {
        window: window.to_owned(),
        method: slo.method,
        slice_seconds: None,
        slice_target: None,
        status: status.clone(),
        rules: status.alerts[usize::from(unreachable)..]
            .iter()
            .map(|alert| RuleActivity {
                policy: alert.policy.clone(),
                severity: alert.severity,
                condition: alert.condition,
                firings,
                was_firing: false,
                firing_seconds: i64::from(firings) * 840,
                suppressed_seconds: 0,
                frozen_seconds: 0,
            })
            .collect(),
        unreachable: status.alerts[..usize::from(unreachable)]
            .iter()
            .map(|alert| alert.policy.clone())
            .collect(),
        states: vec![],
        steps: 8_064,
        judged_steps: 8_000,
        breached_steps: 80 * firings,
        breached_share: Some(f64::from(firings) / 100.0),
    };
    Ok(WhatIf {
        range: domain::Bounds { from: now() - 28 * 86_400, to: now() },
        step_seconds: 300,
        before: side(before, "the last 30 d", 1, false),
        after: side(&after, "the last 7 d", 3, true),
    })
}

fn cost() -> CostOfNines {
    let line = |percent: &str, allowed: &str| CostOfTarget {
        target: Target::parse_percent(percent).unwrap(),
        target_label: format!("{percent} %"),
        allowed_seconds: 0,
        allowed: allowed.to_owned(),
        survived_seconds: Some(363),
        survived: "6 min 3 s".to_owned(),
        tiers: vec![TierCost {
            policy: "14.4x over 1 h".to_owned(),
            severity: domain::Severity::Page,
            fires_after_seconds: 52,
            fires_after: "52 s".to_owned(),
            consumed_ratio: Some(0.0201),
            consumed: "2.1 %".to_owned(),
        }],
        events_for_one_failure: Some(1_000),
        events: "1,000".to_owned(),
    };
    CostOfNines {
        window_seconds: WINDOW,
        window: "30 d".to_owned(),
        rows: vec![line("99", "7 h 12 min"), line("99.9", "43 min 12 s")],
    }
}

/// Of checkout: one whose members count, one that has another in it and no data.
fn composites(service: &str) -> Vec<CompositeStatus> {
    if service != "checkout" {
        return vec![];
    }
    let member = |slo: &str, objective: Option<&str>, taken, share| MemberStatus {
        slo: slo.to_owned(),
        objective: objective.map(str::to_owned),
        weight_parts: 1_000_000_000,
        state: Some(State::Met),
        sli: None,
        consumed_ratio: None,
        taken,
        adds_ratio: share,
        share,
    };
    let buying = CompositeStatus {
        composite: "buying".to_owned(),
        display_name: "Buying works".to_owned(),
        service: service.to_owned(),
        rule: CompositeRule::SumOfMissing,
        target: Target::parse("0.995").unwrap(),
        state: State::AtRisk,
        state_reason: "remaining budget is below 25 %".to_owned(),
        sli: Some(0.995_914),
        consumed_ratio: Some(0.817_2),
        remaining_ratio: Some(0.182_8),
        projected_consumed_ratio: None,
        slices: None,
        members: vec![
            member("payments-availability", Some("99.95"), Taken::Counted, Some(0.6)),
            member("checkout-availability", Some("99.9"), Taken::Counted, Some(0.4)),
            member("archive-restore", Some("99"), Taken::Idle, None),
        ],
        terms: vec![domain::Term {
            label: "Rule".to_owned(),
            expression: "1 − SLI = sum of weight × (bad ÷ total)".to_owned(),
            value: "sum of missing".to_owned(),
        }],
    };
    let telling = CompositeStatus {
        composite: "telling".to_owned(),
        display_name: "Telling works".to_owned(),
        rule: CompositeRule::WeightedMean,
        state: State::NoData,
        state_reason: "member email-out-delivery: no data for 2 h 23 min".to_owned(),
        sli: None,
        consumed_ratio: None,
        remaining_ratio: None,
        members: vec![
            member("buying", None, Taken::Counted, None),
            member("email-out-delivery", Some("99.5"), Taken::NoFigure, None),
        ],
        ..buying.clone()
    };
    vec![buying, telling]
}

/// Checkout was edited, everything else was declared once.
fn past(slo: &str) -> DeclaredPast {
    let was_edited = slo == "checkout-availability";
    let first = Revision { revision: 1, valid_from: None, changes: vec![] };
    let edit = Revision {
        revision: 2,
        valid_from: Some(now() - 3_600),
        changes: vec!["window: 7 d -> 30 d".to_owned(), "objective 99: target 0.99 -> 0.999".to_owned()],
    };
    let generation = |generation: u32, began: Option<Instant>| Generation {
        generation,
        began,
        meaning: format!("GET http://127.0.0.1:9/{generation} timeout 1000 ms, good: status 200-399"),
    };
    let edited = |past: DeclaredPast| DeclaredPast {
        revisions: [vec![edit], past.revisions].concat(),
        generations: [vec![generation(2, Some(now() - 7_200))], past.generations].concat(),
    };
    let once = DeclaredPast { revisions: vec![first], generations: vec![generation(1, None)] };
    if was_edited { edited(once) } else { once }
}

#[async_trait]
impl Backend for Fake {
    async fn overview(&self) -> Result<OverviewView, BackendError> {
        match self {
            Self::Estate => Ok(OverviewView { site: site(), services: CASES.iter().map(row).collect() }),
            Self::Empty => {
                Ok(OverviewView { site: Site { data_until: None, demo: None, ..site() }, services: vec![] })
            }
            Self::Unreachable => Err(BackendError::Unavailable),
        }
    }

    async fn service(&self, name: &str) -> Result<Option<ServiceView>, BackendError> {
        let case = CASES.iter().find(|case| case.name == name);
        Ok(case.map(|case| ServiceView {
            site: site(),
            row: row(case),
            composites: composites(case.name),
            probes: Vec::new(),
            panel: app::view::Markup::default(),
        }))
    }

    async fn slo(&self, name: &str, asked: Asked) -> Result<Option<SloView>, BackendError> {
        let found = CASES.iter().find_map(|case| {
            case.slos.iter().position(|slo| slo.0 == name).map(|place| (row(case), slo_row(case, place)))
        });
        Ok(found.map(|(service, SloRow { slo, status, .. })| {
            let range = asked.range;
            let (seconds, step_seconds) = range.seconds_and_step(WINDOW);
            let to = status.objectives[0].window.to;
            let steps = seconds / step_seconds;
            let first = (to - seconds).floor_to(step_seconds);
            let bad = status.objectives[0].bad.map_or(0, Count::floor);
            let history = (0..=steps)
                .map(|index| {
                    let total = 1_000_000 / steps as u64;
                    let bad = bad_at(index, steps, bad / 2).map(|bad| bad.min(total));
                    point(first + index * step_seconds, step_seconds, total, bad, None)
                })
                .collect::<Vec<_>>();
            let sli = Sli {
                name: name.to_owned(),
                display_name: name.to_owned(),
                source: "GET http://127.0.0.1:9/health every 5 s, good: status 200-399 within 100 ms"
                    .to_owned(),
                interval_seconds: 5,
                timeout_seconds: 1,
                ..Sli::default()
            };
            let derivations = vec![domain::explain(&status, 0, &slo, &sli)];
            let what_if = asked
                .proposal
                .as_ref()
                .map(|proposal| what_if(&slo, &status.objectives[0], &proposal.change));
            let (period, closed_periods) = crate::periods::of(name, asked.closed);
            SloView {
                site: site(),
                service: service.service,
                slo,
                sli,
                status,
                range,
                step_seconds,
                histories: vec![history],
                derivations,
                excluded: excluded(name),
                exclusions: vec![],
                siblings: vec![],
                period,
                closed_periods,
                past: past(name),
                costs: vec![cost()],
                proposal: None,
                what_if,
                panels: app::view::SloPanels::default(),
            }
        }))
    }
}
