//! Slice import: whole or not at all, errors by line, replacement by place, overlaps.

use super::support::{PUSHED, Server, at, line, now, request};

fn minute() -> i64 {
    now() / 60 * 60
}

#[test]
fn imported_slices_give_exact_figures() {
    let server = Server::start(PUSHED);
    let m = minute();
    let body: String = (1..=10).map(|k| line("orders", m - k * 60, 60, 999, 1_000)).collect();
    let answer = server.import(&body);
    assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (200, Some(10)), "{answer:?}");

    let status = server.get(&format!("/api/v1/slos/orders/status?at={}", at(m))).json();
    let objective = &status["objectives"][0];
    assert_eq!(status["data_until"], at(m));
    assert_eq!(
        (&objective["good"], &objective["bad"], &objective["total"]),
        (&9_990.into(), &10.into(), &10_000.into())
    );
    assert_eq!(objective["sli"], 0.999);
    assert_eq!(objective["coverage"], 1.0);
    assert_eq!(objective["effective_from"], at(m - 600));
    assert_eq!(objective["error_budget"]["total"], 10.0);
    assert_eq!(objective["error_budget"]["remaining_ratio"], 0.0);

    // The same again, and one place replaced: nothing is counted twice.
    assert_eq!(server.import(&body).status, 200);
    assert_eq!(server.import(&line("orders", m - 60, 60, 1_000, 1_000)).status, 200);
    let objective =
        server.get(&format!("/api/v1/slos/orders/status?at={}", at(m))).json()["objectives"][0].clone();
    assert_eq!((&objective["bad"], &objective["total"]), (&9.into(), &10_000.into()));

    // Unknown replaces a measurement at the same place; coverage falls, the ratio does not count it.
    let unknown =
        format!(r#"{{"sli":"orders","start":"{}","seconds":60,"unknown":"pipeline stopped"}}"#, at(m - 300));
    assert_eq!(server.import(&unknown).status, 200);
    let objective =
        server.get(&format!("/api/v1/slos/orders/status?at={}", at(m))).json()["objectives"][0].clone();
    assert_eq!(
        (&objective["bad"], &objective["total"], &objective["coverage"]),
        (&8.into(), &9_000.into(), &0.9.into())
    );

    // Each hour's sum, as history, equals its slices.
    let from = (m - 7_200) / 3_600 * 3_600;
    let history = server
        .get(&format!("/api/v1/slos/orders/history?from={}&to={}&step=1h", at(from), at(from + 3 * 3_600)))
        .json();
    let totals: u64 =
        history["points"].as_array().unwrap().iter().filter_map(|point| point["total"].as_u64()).sum();
    assert_eq!(totals, 9_000);
    let gap = history["points"].as_array().unwrap().iter().find(|point| point["total"].is_null());
    assert!(
        gap.is_some_and(|point| point["good"].is_null() && point["coverage"].as_f64().unwrap_or(0.0) == 0.0),
        "{history}"
    );
}

#[test]
fn a_faulty_body_is_refused_whole_and_every_line_is_named() {
    let server = Server::start(PUSHED);
    let m = minute();
    let ok = line("orders", m - 600, 60, 1, 1);
    let start = at(m - 120);
    let faulty = [
        (format!(r#"{{"sli":"nobody","start":"{start}","seconds":60,"good":1,"total":1}}"#), "not declared"),
        (format!(r#"{{"sli":"orders","start":"{start}","seconds":60,"good":-1,"total":1}}"#), "not negative"),
        (
            format!(r#"{{"sli":"orders","start":"{start}","seconds":60,"good":0.5,"total":1}}"#),
            "not fractional",
        ),
        (
            format!(r#"{{"sli":"orders","start":"{start}","seconds":60,"good":1,"total":1000000000001}}"#),
            "at most",
        ),
        (
            format!(
                r#"{{"sli":"orders","start":"{start}","seconds":60,"good":1,"total":1,"measured_seconds":61}}"#
            ),
            "measured_seconds",
        ),
        (
            format!(r#"{{"sli":"orders","start":"{start}","seconds":60,"good":1,"total":1,"unknown":"x"}}"#),
            "beside counts",
        ),
        (line("orders", m + 3_600, 60, 1, 1), "future"),
        (line("orders", m - 401 * 86_400, 60, 1, 1), "retention"),
        (line("orders", m - 119, 60, 1, 1), "bad bounds"),
        (line("orders", m - 120, 60, 1, 1).replace(":00Z", ":00.000000001Z"), "bad bounds"),
        (line("orders", m - 120, 60, 1, 1).replace(":00Z", ":00.5+00:00"), "bad bounds"),
        (line("orders", m - 120, 61, 1, 1), "bad bounds"),
        (line("orders", m - 120, 0, 1, 1), "bad bounds"),
        (format!(r#"{{"sli":"orders","start":"{start}","seconds":60}}"#), "missing"),
        (r#"{"sli":"orders","start":"yesterday","seconds":60,"good":1,"total":1}"#.to_owned(), "RFC 3339"),
        ("{".to_owned(), "column"),
        ("\u{0}".to_owned(), "column"),
    ];
    for (fault, says) in &faulty {
        let answer = server.import(&format!("{ok}{fault}\n"));
        assert_eq!(answer.status, 400, "{fault}: {answer:?}");
        assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
        let error = &answer.json()["errors"][0];
        assert_eq!(error["line"], 2, "{fault}: {answer:?}");
        assert!(error["message"].as_str().unwrap().contains(says), "{fault}: {error}");
    }
    let objective = server.get("/api/v1/slos/orders/status").json()["objectives"][0].clone();
    assert_eq!(
        (&objective["total"], &objective["state"]),
        (&serde_json::Value::Null, &"no_data".into()),
        "nothing was stored"
    );
    let zeros = line("mails", m - 120, 60, 1, 1).replace(":00Z", ":00.000Z");
    assert_eq!(server.import(&zeros).status, 200, "a fraction of nothing is none");
    let too_long = vec![b' '; 17 * 1_024 * 1_024];
    assert_eq!(request(server.address, "POST", "/api/v1/sli/import", &[], &too_long).status, 413);
    let many = "\n".repeat(5) + &ok.repeat(100_001);
    assert_eq!(server.import(&many).status, 400);
}

#[test]
fn overlaps_are_refused_between_measured_slices_only() {
    let server = Server::start(PUSHED);
    let m = (minute() - 7_200) / 3_600 * 3_600;
    assert_eq!(server.import(&line("orders", m, 300, 5, 5)).status, 200);
    let inside = server.import(&line("orders", m + 60, 60, 1, 1));
    assert_eq!(inside.status, 400);
    assert!(inside.body.contains("overlaps"), "{inside:?}");
    assert_eq!(server.import(&line("orders", m, 60, 1, 1)).status, 400, "same start, other length");
    assert_eq!(server.import(&line("orders", m - 60, 120, 1, 1)).status, 400, "reaches into it");
    let twice = line("orders", m + 600, 120, 1, 1) + &line("orders", m + 660, 60, 1, 1);
    let answer = server.import(&twice);
    assert_eq!((answer.status, answer.json()["errors"][0]["line"].as_u64()), (400, Some(2)), "{answer:?}");

    // Unknown ones give way, in either order.
    let unknown = |start: i64, seconds: i64| {
        format!(r#"{{"sli":"orders","start":"{}","seconds":{seconds},"unknown":"away"}}"#, at(start)) + "\n"
    };
    assert_eq!(server.import(&unknown(m, 60)).status, 200, "gives way to what is measured");
    assert_eq!(server.import(&unknown(m + 1_200, 600)).status, 200);
    assert_eq!(server.import(&line("orders", m + 1_260, 60, 2, 2)).status, 200);
    let objective =
        server.get(&format!("/api/v1/slos/orders/status?at={}", at(m + 3_600))).json()["objectives"][0]
            .clone();
    assert_eq!((&objective["good"], &objective["total"]), (&7.into(), &7.into()));
    assert_eq!(server.import(&(line("mails", m, 60, 9, 9) + &line("mails", m, 60, 3, 4))).status, 200);
    let mails =
        server.get(&format!("/api/v1/slos/mails/status?at={}", at(m + 60))).json()["objectives"][0].clone();
    assert_eq!((&mails["good"], &mails["total"]), (&3.into(), &4.into()), "the later line stands");
}

#[test]
fn more_good_than_total_is_stored_and_flagged() {
    let server = Server::start(PUSHED);
    let m = minute();
    assert_eq!(server.import(&line("orders", m - 60, 60, 12, 10)).status, 200);
    let objective =
        server.get(&format!("/api/v1/slos/orders/status?at={}", at(m))).json()["objectives"][0].clone();
    assert_eq!(
        (&objective["good"], &objective["total"], &objective["bad"]),
        (&10.into(), &10.into(), &0.into())
    );
    assert_eq!(objective["flags"][0], "good_over_total");
}
