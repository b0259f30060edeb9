//! The same slices through HTTP and through the pure functions give the same figures, to the last bit: every method,
//! kind of window, gap policy and effect of an exclusion, at instants on and off the minute, now and in the past.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::exclusion::When;
use domain::{Block, Exclusions, Instant, Lens, Question, Series, Slo, calendar};

use super::support::{ORDERS, Server, at, declared, line, minute, now};

const DAYS: i64 = 3;

/// One pushed SLI, judged in all ways.
fn estate(m: i64) -> String {
    let mut text = ORDERS.to_owned();
    let rolling = "{duration: 1d, isRolling: true}";
    let month = "{duration: 1M, calendar: {startTime: \"2026-01-31 09:30:00\", timeZone: America/New_York}}";
    let day = "{duration: 1d, calendar: {startTime: \"2026-01-01 00:00:00\", timeZone: Europe/Paris}}";
    let judged = "timeSliceTarget: 0.97, timeSliceWindow: 5m";
    let ratios = "timeSliceWindow: 1m";
    for (name, window, method, slices, gap) in [
        ("events", rolling, "Occurrences", "", "gap"),
        ("events-day", day, "Occurrences", "", "gap"),
        ("events-month", month, "Occurrences", "", "gap"),
        ("events-good", rolling, "Occurrences", "", "good"),
        ("events-bad", rolling, "Occurrences", "", "bad"),
        ("events-hold", rolling, "Occurrences", "", "hold"),
        ("slices", rolling, "Timeslices", judged, "gap"),
        ("slices-day", day, "Timeslices", judged, "bad"),
        ("slices-hold", rolling, "Timeslices", judged, "hold"),
        ("ratios", rolling, "RatioTimeslices", ratios, "gap"),
        ("ratios-month", month, "RatioTimeslices", ratios, "good"),
    ] {
        let comma = if slices.is_empty() { "" } else { ", " };
        write!(
            text,
            "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: {name}, annotations: {{nines/gap: {gap}, \
             nines/coverage-floor: \"0.5\"}}}}\nspec:\n  service: shop\n  indicatorRef: orders\n  timeWindow: [{window}]\n  \
             budgetingMethod: {method}\n  objectives: [{{target: 0.98{comma}{slices}}}, {{target: 0.5{comma}{slices}}}]\n"
        )
        .unwrap();
    }
    for (name, effect, from, to) in [
        ("moved", "remove-time", m - 30 * 3_600, m - 29 * 3_600),
        ("tested", "drop-events", m - 5 * 3_600 - 600, m - 5 * 3_600),
        ("wrong", "count-as-good", m - 2 * 3_600, m - 2 * 3_600 + 1_800),
    ] {
        write!(
            text,
            "---\napiVersion: nines/v1\nkind: Exclusion\nmetadata: {{name: {name}}}\nspec: {{category: other, author: me, \
             reason: because, effect: {effect}, once: {{from: \"{}\", to: \"{}\"}}}}\n",
            at(from),
            at(to)
        )
        .unwrap();
    }
    text + "---\napiVersion: nines/v1\nkind: Exclusion\nmetadata: {name: nightly}\nspec: {category: maintenance, author: me, \
            reason: because, effect: drop-events, slos: [events-day, slices-day], recurring: {start: \"2026-01-01 03:00:00\", \
            timeZone: Europe/Paris, duration: 20m, rule: FREQ=DAILY}}\n"
}

/// Slices of a minute with holes, bad runs and partly measured ones, by a fixed sequence.
fn slices(m: i64) -> BTreeMap<i64, (u64, u64)> {
    let mut state = 12_345_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut slices = BTreeMap::new();
    for minute in 0..DAYS * 1_440 {
        let start = m - DAYS * 86_400 + minute * 60;
        let (total, bad, hole) = (next(50), next(40), next(30));
        // Now and then nothing for an hour; a slice in thirty is missing anyway.
        if hole == 0 || (minute / 60) % 23 == 7 {
            continue;
        }
        let bad = if bad == 0 { total / 2 } else { 0 };
        slices.insert(start, (total - bad, total));
    }
    slices
}

fn exclusions(estate: &domain::Estate, slo: &Slo, at: Instant) -> Exclusions {
    let year = domain::Bounds { from: at - 400 * 86_400, to: at + 400 * 86_400 };
    let stretches = |one: &domain::Exclusion| -> Vec<_> {
        let bounds = match &one.when {
            When::Once { from, to } => vec![domain::Bounds { from: *from, to: *to }],
            when @ When::Recurring { .. } => calendar::occurrences(when, year),
        };
        bounds.into_iter().map(|bounds| (bounds, one.effect)).collect()
    };
    let touching = estate.exclusions.iter().filter(|one| one.slos.is_empty() || one.slos.contains(&slo.name));
    let grid = slo.objectives[0].slices.map_or(60, |rule| rule.seconds);
    Exclusions::resolve(touching.flat_map(stretches).collect(), grid)
}

/// What is said of all SLOs, at some instants, is what the pure functions say of the slices.
fn compare(server: &Server, estate: &domain::Estate, m: i64, slices: &BTreeMap<i64, (u64, u64)>) {
    let blocks: Vec<Block> =
        slices.iter().map(|(start, (good, total))| minute(*start, *good, *total)).collect();
    let raw = Series::new(blocks.clone());
    let mut compared = 0;
    for slo in &estate.slos {
        let sli = estate.slis.iter().find(|sli| sli.name == slo.sli).unwrap();
        for (back, closed) in
            [(0, false), (37, false), (7_200 + 59, false), (86_400, false), (3_600 * 30, false), (0, true)]
        {
            let instant = Instant::from_unix(m - back);
            let exclusions = exclusions(estate, slo, instant);
            let question = Question { slo, sli, at: instant, closed, exclusions: &exclusions };
            let until = question.data_until(&raw);
            let plan = domain::plan(&question, until);
            let series: Vec<Series> = slo
                .objectives
                .iter()
                .map(|objective| {
                    Series::new(Lens::of(slo, objective).derive(&blocks, None, instant, &sli.generations))
                })
                .collect();
            let mut expected =
                domain::evaluate(&question, until, &plan, |index, bounds| series[index].sum(bounds));
            let window = if closed { "&window=closed" } else { "" };
            let path = format!("/api/v1/slos/{}/status?at={}{window}", slo.name, at(m - back));
            let answer = server.get(&path);
            let mut found: domain::SloStatus = serde_json::from_value(answer.json()).unwrap();
            // Since when a rule fires is the server's to find out.
            for status in [&mut expected, &mut found] {
                status
                    .objectives
                    .iter_mut()
                    .flat_map(|one| &mut one.alerts)
                    .for_each(|alert| alert.since = None);
            }
            assert_eq!(found, expected, "{path}");
            compared += found.objectives.len();
        }
    }
    assert_eq!(compared, 11 * 6 * 2);
}

#[test]
fn what_is_imported_gives_the_figures_of_the_pure_functions() {
    let m = now() / 60 * 60;
    let config = estate(m);
    let estate = declared(&config);
    let server = Server::start(&config);
    let mut slices = slices(m);
    let import = |slices: &BTreeMap<i64, (u64, u64)>| {
        let lines = slices.iter().map(|(start, (good, total))| line("orders", *start, 60, *good, *total));
        assert_eq!(server.import(&lines.collect::<String>()).status, 200);
    };
    import(&slices);
    compare(&server, &estate, m, &slices);
    // Late ones, in the middle of gaps that were held until now.
    let first = m - DAYS * 86_400;
    let late: BTreeMap<i64, (u64, u64)> = (0..DAYS * 1_440)
        .filter(|minute| minute % 17 == 3)
        .map(|minute| (first + minute * 60, (1, 9)))
        .filter(|(start, _)| !slices.contains_key(start))
        .collect();
    assert!(late.len() > 10);
    import(&late);
    slices.extend(late);
    compare(&server, &estate, m, &slices);

    let events = server.get(&format!("/api/v1/slos/events/status?at={}", at(m))).json();
    let objective = &events["objectives"][0];
    assert!(
        objective["raw"]["bad"].as_u64() > objective["bad"].as_u64(),
        "exclusions had an effect: {objective}"
    );

    // The dry run of one exclusion more changes nothing, and says what it would change.
    let path = format!(
        "/api/v1/slos/events/exclusion-preview?at={}&from={}&to={}&effect=count-as-good",
        at(m),
        at(m - 12 * 3_600),
        at(m)
    );
    let preview = server.get(&path).json();
    assert_eq!(preview["now"], events);
    assert!(preview["then"]["objectives"][0]["bad"].as_u64() < objective["bad"].as_u64(), "{preview}");
    assert_eq!(server.get(&format!("/api/v1/slos/events/status?at={}", at(m))).json(), events);
    for wrong in ["from=x&to=y", "", "rule=FREQ%3DHOURLY&start=2026-01-01T00:00:00&duration=1h", "effect=no"]
    {
        let answer = server.get(&format!("/api/v1/slos/events/exclusion-preview?{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
    }
}
