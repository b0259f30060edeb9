//! Closed calendar periods: frozen once they have ended, revised with a reason, and never changed.

use std::time::Duration;

use domain::window::{CalendarUnit, CalendarWindow, LocalTime};
use domain::{Bounds, Instant, calendar};
use serde_json::Value;
use server::store::{Database, Store};

use super::support::{Answer, Server, eventually, line, now};

/// A pass, the quiet after an import, and room for a busy machine.
const SOON: Duration = Duration::from_mins(1);
/// Long enough for whatever was to be frozen to be frozen.
const A_WHILE: Duration = Duration::from_secs(10);

/// Months in UTC: the last `count` that have ended, newest first.
fn months(count: i64) -> Vec<Bounds> {
    let start = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let month = CalendarWindow { count: 1, unit: CalendarUnit::Month, start, zone: "UTC".to_owned() };
    let now = Instant::from_unix(now());
    (1..=count).map(|back| calendar::neighbour(&month, now, -back)).collect()
}

fn slo(target: &str) -> String {
    format!(
        "apiVersion: openslo/v1\nkind: Service\nmetadata: {{name: shop}}\n---\n\
         apiVersion: openslo/v1\nkind: SLI\nmetadata: {{name: orders}}\nspec:\n  ratioMetric:\n    counter: false\n    \
         good: {{metricSource: {{type: Push, spec: {{}}}}}}\n    total: {{metricSource: {{type: Push, spec: {{}}}}}}\n---\n\
         apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: month, annotations: {{nines/coverage-floor: \"0.00001\"}}}}\n\
         spec:\n  service: shop\n  indicatorRef: orders\n  \
         timeWindow: [{{duration: 1M, calendar: {{startTime: \"2026-01-01 00:00:00\", timeZone: UTC}}}}]\n  \
         budgetingMethod: Occurrences\n  objectives: [{{target: {target}}}]\n"
    )
}

fn exclusion(from: Instant, to: Instant) -> String {
    format!(
        "---\napiVersion: nines/v1\nkind: Exclusion\nmetadata: {{name: deploy}}\nspec: {{category: deployment, author: me, \
         reason: a release, effect: drop-events, once: {{from: \"{from}\", to: \"{to}\"}}}}\n"
    )
}

/// A minute for each pair of counts, from an instant on.
fn minutes(from: Instant, counts: &[(u64, u64)]) -> String {
    let starts = (0..).map(|minute| from.unix() + minute * 60);
    starts.zip(counts).map(|(start, (good, total))| line("orders", start, 60, *good, *total)).collect()
}

fn periods(server: &Server) -> Vec<Value> {
    let answer = server.get("/api/v1/slos/month/periods");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["periods"].as_array().unwrap().clone()
}

fn revisions(server: &Server, period: Bounds) -> Vec<(u64, String)> {
    let found = periods(server).into_iter().find(|one| one["from"] == period.from.to_string());
    let revisions = found.map(|one| one["revisions"].as_array().unwrap().clone()).unwrap_or_default();
    let said = |one: &Value| (one["revision"].as_u64().unwrap(), one["reason"].as_str().unwrap().to_owned());
    revisions.iter().map(said).collect()
}

fn frozen(server: &Server, period: Bounds, query: &str) -> Answer {
    server.get(&format!("/api/v1/slos/month/periods/{}{query}", period.from))
}

fn await_revision(server: &Server, period: Bounds, number: usize) -> String {
    eventually(&format!("revision {number} of {period:?}"), SOON, || {
        revisions(server, period).len() >= number
    });
    let revisions = revisions(server, period);
    assert_eq!(revisions.len(), number, "{revisions:?}");
    revisions[number - 1].1.clone()
}

#[test]
fn a_month_is_frozen_and_late_data_are_a_revision_of_their_own() {
    let server = Server::start(&slo("0.99"));
    let [last, before_last, empty] = months(3)[..] else { panic!("three months") };
    assert_eq!(periods(&server), Vec::<Value>::new());
    let page = server.get("/slos/month").body;
    assert!(page.contains("No period has ended since the first data."), "{page}");

    // Two months, the earlier one with an outage; nothing before.
    let first = minutes(before_last.from + 86_400, &[(100, 100), (0, 100)]);
    let second = minutes(last.from + 86_400, &[(100, 100), (100, 100), (99, 100)]);
    assert_eq!(server.import(&(first + &second)).status, 200);
    assert_eq!(await_revision(&server, last, 1), "closed");
    assert_eq!(await_revision(&server, before_last, 1), "closed");
    let listed = periods(&server);
    assert_eq!(listed.len(), 2, "nothing was measured before: {listed:?}");
    assert_eq!(listed[0]["to"], last.to.to_string(), "the newest is first");
    let objective = &listed[0]["revisions"][0]["objectives"][0];
    assert_eq!(objective["state"], "met", "{objective}");
    assert_eq!((&objective["name"], &objective["target"]), (&"99".into(), &0.99.into()));
    assert_eq!(objective.as_object().unwrap().len(), 6, "{objective}");
    assert_eq!(listed[1]["revisions"][0]["objectives"][0]["state"], "breached");

    // What is frozen is the status as it was answered, to the byte.
    let one = frozen(&server, last, "");
    assert!(one.head.contains("nines-revision: 1\r\n"), "{}", one.head);
    assert!(one.head.contains("content-type: application/json"), "{}", one.head);
    let status = server.get(&format!("/api/v1/slos/month/status?window=closed&at={}", last.to));
    assert_eq!(one.body, status.body);
    assert_eq!(frozen(&server, last, "?revision=2").status, 404);
    assert_eq!(frozen(&server, last, "?revision=x").status, 400);
    assert_eq!(frozen(&server, empty, "").status, 404);
    assert!(frozen(&server, empty, "").head.contains("application/problem+json"));
    assert_eq!(server.get("/api/v1/slos/none/periods").status, 404);
    assert_eq!(server.get("/api/v1/slos/month/periods/yesterday").status, 400);
    let older = format!("/api/v1/slos/month/periods?before={}", last.from);
    assert_eq!(server.get(&older).json()["periods"].as_array().unwrap().len(), 1);

    // The pages say so, without any script.
    let page = server.get("/slos/month").body;
    assert!(page.contains("1 of 2 periods met."), "{page}");
    let path = format!("/slos/month?closed={}", last.to);
    assert!(page.contains(&path), "a link to the period");
    let page = server.get(&path).body;
    assert!(page.contains("as revision 1: closed."), "{page}");

    // Late data are a revision, told in events; the first one stays.
    let late = minutes(last.from + 2 * 86_400, &[(57, 60), (60, 60)]);
    assert_eq!(server.import(&late).status, 200);
    assert_eq!(await_revision(&server, last, 2), "late data: 120 events, 3 of them bad");
    assert_eq!(frozen(&server, last, "?revision=1").body, one.body);
    let newest = frozen(&server, last, "");
    assert!(newest.head.contains("nines-revision: 2\r\n"), "{}", newest.head);
    assert_eq!(newest.json()["objectives"][0]["total"], 420);
    let status = server.get(&format!("/api/v1/slos/month/status?window=closed&at={}", last.to));
    assert_eq!(newest.body, status.body, "what is known now, and what is frozen last");
    assert_eq!(revisions(&server, before_last).len(), 1, "the other month has nothing to do with it");
    let page = server.get(&path).body;
    assert!(page.contains("as revision 2: late data: 120 events, 3 of them bad."), "{page}");
    assert!(page.contains("revision=1") && page.contains("revision=2"), "both are linked");

    // The same once more, and data of the running period, are no news.
    assert_eq!(server.import(&late).status, 200);
    assert_eq!(server.import(&line("orders", now() / 60 * 60 - 60, 60, 1, 1)).status, 200);
    std::thread::sleep(A_WHILE);
    assert_eq!(revisions(&server, last).len(), 2);
    assert_eq!(periods(&server).len(), 2);
}

#[test]
fn what_is_declared_otherwise_at_a_restart_is_a_revision_and_nothing_is_none() {
    let [last, before_last] = months(2)[..] else { panic!("two months") };
    let outage = last.from + 86_400;
    let server = Server::start(&slo("0.99"));
    let earlier = minutes(before_last.from + 86_400, &[(100, 100)]);
    assert_eq!(server.import(&(earlier + &minutes(outage, &[(100, 100), (0, 100)]))).status, 200);
    assert_eq!(await_revision(&server, last, 1), "closed");
    assert_eq!(await_revision(&server, before_last, 1), "closed");
    let first = frozen(&server, last, "?revision=1");

    let server = server.restart();
    std::thread::sleep(A_WHILE);
    assert_eq!((revisions(&server, last).len(), revisions(&server, before_last).len()), (1, 1), "no change");
    assert_eq!(frozen(&server, last, "").body, first.body);

    server.declare(&(slo("0.99") + &exclusion(outage + 60, outage + 120)));
    let mut server = server.restart();
    assert_eq!(await_revision(&server, last, 2), "exclusion `deploy` added");
    assert_eq!(frozen(&server, last, "?revision=1").body, first.body);
    assert_eq!(frozen(&server, last, "").json()["objectives"][0]["bad"], 0);

    // Killed right after the acknowledgement: the next start freezes what this one had no time for.
    let late = minutes(before_last.from + 2 * 86_400, &[(80, 80)]);
    assert_eq!(server.import(&late).status, 200);
    server.kill();
    let server = server.restart();
    assert_eq!(await_revision(&server, before_last, 2), "late data: 80 events, none of them bad");
    assert_eq!(revisions(&server, last).len(), 2, "an exclusion that was there is no news");
    assert_eq!(frozen(&server, last, "?revision=1").body, first.body);
    let log = server.log();
    assert!(!log.contains(" WARN ") && !log.contains(" ERROR "), "{log}");
}

#[tokio::test]
async fn two_servers_on_one_database_add_to_one_row_of_revisions() {
    let [last] = months(1)[..] else { panic!("a month") };
    let server = Server::start(&slo("0.99"));
    assert_eq!(server.import(&minutes(last.from + 86_400, &[(100, 100)])).status, 200);
    assert_eq!(await_revision(&server, last, 1), "closed");
    let other = server.beside(&slo("0.99"));
    // Each is told of a correction that the other does not hear of.
    assert_eq!(server.import(&minutes(last.from + 2 * 86_400, &[(9, 10)])).status, 200);
    assert_eq!(await_revision(&other, last, 2), "late data: 10 events, 1 of them bad");
    assert_eq!(other.import(&minutes(last.from + 3 * 86_400, &[(20, 20)])).status, 200);
    assert_eq!(await_revision(&server, last, 3), "late data: 20 events, none of them bad");
    std::thread::sleep(A_WHILE);
    assert_eq!(revisions(&server, last).len(), 3);
    assert_eq!(revisions(&server, last), revisions(&other, last));

    // Who comes second with a number has written nothing.
    let socket = Database::Socket {
        directory: server.directory.path().join("data/run"),
        user: "nines".to_owned(),
        name: "nines".to_owned(),
    };
    let store = Store::open(&socket).unwrap();
    let mut second = store.closed_period("month", last.from, Some(2)).await.unwrap().unwrap();
    let first = second.clone();
    second.reason = "something else".to_owned();
    assert!(!store.freeze(&second).await.unwrap());
    assert_eq!(store.closed_period("month", last.from, Some(2)).await.unwrap(), Some(first));
    store.close().await;
}
