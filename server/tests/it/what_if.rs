//! Proposals: what an objective would be is what it is once it is declared so, to the last bit, and is judged in the
//! past as the pure functions judge it.

use domain::nines::{cost_of, default_targets};
use domain::proposal::{Change, CostOfTarget, Remaining, WhatIf};
use domain::whatif::{Comparison, Evidence, LookBack, Side};
use domain::{Block, Exclusions, Instant, Lens, Series, SloStatus};

use super::support::{ORDERS, Server, at, declared, line, minute, now};

const DAYS: i64 = 3;
const COVERAGE: &str = "annotations: {nines/coverage-floor: \"0.01\"}";

/// One pushed SLI; as it is, and as the changes below would have it.
fn estate(m: i64) -> String {
    let mut text = ORDERS.to_owned();
    let month = "{duration: 1M, calendar: {startTime: \"2024-01-01 00:00:00\", timeZone: Europe/Paris}}";
    for (name, window, method, objective) in [
        ("declared", "{duration: 2d, isRolling: true}", "Occurrences", "target: 0.98"),
        ("laxer", "{duration: 2d, isRolling: true}", "Occurrences", "target: 0.5"),
        ("shorter", "{duration: 1d, isRolling: true}", "Occurrences", "target: 0.98"),
        ("month", month, "Occurrences", "target: 0.98"),
        (
            "slices",
            "{duration: 2d, isRolling: true}",
            "Timeslices",
            "target: 0.99, timeSliceTarget: 0.97, timeSliceWindow: 5m",
        ),
    ] {
        let slo = format!(
            "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: {name}, {COVERAGE}}}\nspec:\n  service: shop\n  \
             indicatorRef: orders\n  timeWindow: [{window}]\n  budgetingMethod: {method}\n  objectives: [{{{objective}}}]\n"
        );
        text.push_str(&slo);
    }
    text + &format!(
        "---\napiVersion: nines/v1\nkind: Exclusion\nmetadata: {{name: moved}}\nspec: {{category: other, author: me, \
         reason: because, effect: remove-time, once: {{from: \"{}\", to: \"{}\"}}}}\n",
        at(m - 30 * 3_600),
        at(m - 29 * 3_600)
    )
}

/// Minutes with a hole of half a day, an outage of twenty minutes, and a little noise; the seconds ago and the counts.
fn slices(m: i64) -> Vec<(i64, u64, u64)> {
    let minutes = (0..DAYS * 1_440).filter(|minute| !(1_000..1_720).contains(minute));
    let counts = |minute: i64| {
        let bad = if (3_000..3_020).contains(&minute) { 40 } else { u64::from(minute % 17 == 0) * 3 };
        (m - DAYS * 86_400 + minute * 60, 40 - bad, 40)
    };
    minutes.map(counts).collect()
}

/// Since when a rule fires is the server's to find out.
fn without_since(mut status: SloStatus) -> domain::ObjectiveStatus {
    let mut objective = status.objectives.remove(0);
    objective.alerts.iter_mut().for_each(|alert| alert.since = None);
    objective
}

#[test]
fn a_proposal_says_what_its_declaration_would() {
    let m = now() / 300 * 300;
    let config = estate(m);
    let estate = declared(&config);
    let server = Server::start(&config);
    let slices = slices(m);
    let body: String =
        slices.iter().map(|(start, good, total)| line("orders", *start, 60, *good, *total)).collect();
    assert_eq!(server.import(&body).status, 200);
    let status = |slo: &str| -> domain::ObjectiveStatus {
        let answer = server.get(&format!("/api/v1/slos/{slo}/status?at={}", at(m)));
        without_since(serde_json::from_value(answer.json()).unwrap())
    };

    let blocks: Vec<Block> =
        slices.iter().map(|(start, good, total)| minute(*start, *good, *total)).collect();
    let raw = Series::new(blocks.clone());
    let declared = estate.slos.iter().find(|slo| slo.name == "declared").unwrap();
    let sli = estate.slis.iter().find(|sli| sli.name == "orders").unwrap();
    let look_back = LookBack::four_weeks(Instant::from_unix(m));
    let moved = |side: &Side| {
        let bounds = domain::Bounds {
            from: Instant::from_unix(m - 30 * 3_600),
            to: Instant::from_unix(m - 29 * 3_600),
        };
        let grid = side.slo().objectives[0].slices.map_or(60, |rule| rule.seconds);
        Exclusions::resolve(vec![(bounds, domain::Effect::RemoveTime)], grid)
    };
    for (name, query) in [
        ("laxer", "target=50"),
        ("shorter", "window=1d"),
        ("month", "window=month&zone=Europe/Paris"),
        ("slices", "method=Timeslices&target=99&slice=5m&slice-target=97"),
    ] {
        let path = format!("/api/v1/slos/declared/what-if?at={}&{query}", at(m));
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut found: WhatIf = serde_json::from_value(answer.json()).unwrap();
        let comparison =
            Comparison::new(declared, 0, &Change::from_query(query).unwrap(), look_back).unwrap();
        let sides = [&comparison.before, &comparison.after];
        let excluded = sides.map(moved);
        let series = sides.map(|side| {
            let lens: Lens = side.lens().unwrap();
            Series::new(lens.derive(&blocks, None, Instant::from_unix(m), &sli.generations))
        });
        let evidence = |index: usize| Evidence {
            sli,
            exclusions: &excluded[index],
            series: &series[index],
            slices: &raw,
        };
        let expected = comparison.judge(&evidence(0), &evidence(1)).unwrap();
        for side in [&mut found.before, &mut found.after] {
            side.status.alerts.iter_mut().for_each(|alert| alert.since = None);
        }
        assert_eq!(found, expected, "{path}");
        // The engine says the same of what is declared, and of what is declared as the change says.
        assert_eq!(found.before.status, status("declared"));
        let mut changed = found.after.status.clone();
        let other = status(name);
        changed.name.clone_from(&other.name);
        assert_eq!(changed, other, "{path}");
        assert!(found.before.rules.iter().any(|rule| rule.firings > 0), "the outage fired something");
    }

    for (query, said) in [
        ("", "nothing is changed"),
        ("target=101", "no percentage"),
        ("window=9999d", "longer than slices are kept"),
        ("window=month&zone=Nowhere", "the window"),
        ("slice-target=97", "choose Timeslices"),
        ("target=99&target=98", "given twice"),
    ] {
        let answer = server.get(&format!("/api/v1/slos/declared/what-if?{query}"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        assert!(answer.json()["title"].as_str().unwrap().contains(said), "{query}: {answer:?}");
    }
    assert_eq!(server.get("/api/v1/slos/none/what-if?target=99").status, 404);
    assert_eq!(server.get("/api/v1/slos/declared/what-if?target=99&objective=none").status, 404);

    // Two days less the hour that is removed, and what is left of the budget.
    let table = server.get(&format!("/api/v1/slos/declared/cost-of-nines?at={}", at(m))).json();
    let seconds = 2 * 86_400 - 3_600;
    assert_eq!((&table["window_seconds"], &table["slo"]), (&seconds.into(), &"declared".into()));
    let found: Vec<CostOfTarget> = serde_json::from_value(table["rows"].clone()).unwrap();
    let mut targets = default_targets();
    targets.push(declared.objectives[0].target);
    targets.sort();
    let remaining = Remaining::of(&status("declared"));
    assert!(remaining.is_some());
    let expected: Vec<CostOfTarget> = targets
        .into_iter()
        .map(|target| cost_of(seconds, target, &domain::burn::default_rules(target), remaining))
        .collect();
    assert_eq!(found, expected);
    let own = found.iter().find(|row| row.target == declared.objectives[0].target).unwrap();
    assert_eq!(own.survived_seconds, status("declared").error_budget.remaining_seconds);

    // The page shows the same, and why something cannot be asked.
    let page = server.get("/slos/declared?target=50&window=1d").body;
    assert!(page.contains("At 50 % over the last 1 d the state would now be "), "{page}");
    assert!(page.contains("Cost of nines") && page.contains("As changed"));
    let page = server.get("/slos/declared?target=x").body;
    assert!(page.contains("what-if-refused") && page.contains("`x`, which is no percentage"), "{page}");
}
