//! Composites over imported slices: four rules, four numbers; members without data; composites in composites; the same
//! on the page and in the API.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use super::support::{Server, eventually, line, now};

/// Slices of a minute in the window of every member.
const SLICES: i64 = 60;

/// Members `left` and `right`, 95 % each, and `silent`, of which nothing is known.
fn estate() -> String {
    let mut text =
        "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\nspec: {description: Sells.}\n"
            .to_owned();
    for slo in ["left", "right", "silent"] {
        let _ = write!(
            text,
            "---\napiVersion: nines/v1\nkind: Objective\nmetadata: {{name: {slo}}}\n\
             spec: {{service: shop, target: 90%, window: 1h, push: {{cadence: 1h}}}}\n"
        );
    }
    for (name, rule, no_data, members) in [
        ("burns", "sum-of-burns", "no-data", "{slo: left}, {slo: right}"),
        ("slices", "any-bad-slice", "no-data", "{slo: left}, {slo: right}"),
        ("missing", "sum-of-missing", "no-data", "{slo: left}, {slo: right}"),
        ("mean", "weighted-mean", "no-data", "{slo: left, weight: 3}, {slo: right}"),
        ("mean-unknown", "weighted-mean", "no-data", "{slo: left}, {slo: silent}"),
        ("mean-without", "weighted-mean", "leave-out", "{slo: left}, {slo: silent}"),
        ("mean-bad", "weighted-mean", "bad", "{slo: left}, {slo: silent}"),
        ("slices-unknown", "any-bad-slice", "no-data", "{slo: left}, {slo: silent}"),
        ("slices-without", "any-bad-slice", "leave-out", "{slo: left}, {slo: silent}"),
        ("slices-bad", "any-bad-slice", "bad", "{slo: left}, {slo: silent}"),
        ("nested-missing", "sum-of-missing", "no-data", "{slo: missing}, {slo: left}"),
        ("nested-slices", "any-bad-slice", "no-data", "{slo: slices}, {slo: left}"),
        ("mean-of-slices", "weighted-mean", "no-data", "{slo: slices}, {slo: left}"),
    ] {
        let _ = write!(
            text,
            "---\napiVersion: nines/v1\nkind: Composite\nmetadata: {{name: {name}}}\n\
             spec: {{service: shop, target: 90%, rule: {rule}, noData: {no_data}, members: [{members}]}}\n"
        );
    }
    text
}

fn composite(server: &Server, name: &str) -> Value {
    let answer = server.get(&format!("/api/v1/composites/{name}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn close(found: &Value, expected: f64) -> bool {
    found.as_f64().is_some_and(|found| (found - expected).abs() < 1e-12)
}

#[test]
fn four_rules_give_four_numbers_over_the_same_members() {
    let server = Server::start(&estate());
    // Before anything is imported nothing is known, and nothing is said to be good.
    let states = || -> Vec<String> {
        let all = server.get("/api/v1/composites").json();
        all["composites"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["state"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(states().len(), 13);
    // Only what counts silence as bad may say so once it has listened.
    assert!(states().iter().all(|state| ["no_data", "breached"].contains(&state.as_str())), "{:?}", states());

    let end = now() / 60 * 60;
    let mut body = String::new();
    for slice in 0..SLICES {
        let start = end - (SLICES - slice) * 60;
        for (sli, bad) in [("left", [10, 20, 30]), ("right", [30, 40, 50])] {
            body += &line(sli, start, 60, if bad.contains(&slice) { 0 } else { 10 }, 10);
        }
    }
    assert_eq!(server.import(&body).status, 200);
    // After a start each is read in its turn, a second each; a running server takes up to a minute.
    let server = server.restart();
    let judged = ["slices", "slices-without", "slices-bad", "nested-slices", "mean-of-slices"];
    eventually("slices are read", Duration::from_mins(1), || {
        judged.iter().all(|name| !composite(&server, name)["sli"].is_null())
    });

    let sli = |name: &str| composite(&server, name)["sli"].clone();
    let burns = composite(&server, "burns");
    assert!(close(&burns["consumed_ratio"], 1.0) && close(&burns["sli"], 0.9), "{burns}");
    assert!(close(&burns["members"][0]["adds_ratio"], 0.5), "{burns}");
    let slices = composite(&server, "slices");
    // Two bad slices each of their own, one that is bad for both: 5 of 60.
    assert!(close(&slices["sli"], 55.0 / 60.0), "{slices}");
    assert_eq!([&slices["slices"]["good"], &slices["slices"]["bad"]], [55, 5], "{slices}");
    assert!(close(&slices["members"][1]["share"], 0.5), "{slices}");
    assert!(close(&sli("missing"), 0.9));
    let mean = composite(&server, "mean");
    assert!(close(&mean["sli"], 0.95) && close(&mean["members"][0]["share"], 0.75), "{mean}");
    assert_eq!(mean["state"], "met");

    for name in ["mean-unknown", "slices-unknown"] {
        let unknown = composite(&server, name);
        assert!(unknown["state"] == "no_data" && unknown["sli"].is_null(), "{unknown}");
        assert_eq!(unknown["members"][1]["taken"], "no_figure");
    }
    assert!(close(&sli("mean-without"), 0.95));
    assert_eq!(composite(&server, "mean-without")["members"][1]["taken"], "left_out");
    assert!(close(&sli("mean-bad"), 0.475));
    // The window of what was never measured goes to now, so that the first slices may be out of it.
    let without = sli("slices-without").as_f64().unwrap();
    assert!((0.94..=0.95).contains(&without), "{without}");
    assert!(close(&sli("slices-bad"), 0.0));

    assert!(close(&sli("nested-missing"), 0.85));
    assert!(close(&sli("nested-slices"), 55.0 / 60.0));
    assert!(close(&sli("mean-of-slices"), f64::midpoint(55.0 / 60.0, 0.95)));

    let unknown = server.get("/api/v1/composites/left");
    assert_eq!(unknown.status, 404);
    assert!(
        unknown.head.contains("application/problem+json")
            && unknown.body.contains("no composite named `left`")
    );
    let page = server.get("/services/shop").body;
    for text in [
        "Composites",
        "Weighted mean: 1 − SLI = ",
        ">91.6 %<",
        "href=\"#composite-slices\"",
        "href=\"/slos/left\"",
    ] {
        assert!(page.contains(text), "`{text}` is missing in {page}");
    }
}
