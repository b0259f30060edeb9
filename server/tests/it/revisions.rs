//! Declarations have a memory: edits between two starts are told apart, and the past is judged by what was declared.

use std::time::Duration;

use serde_json::{Value, json};
use server::postgres::PrivatePostgres;

use super::support::{Server, at, line, now};

fn orders(target: &str, words: &str) -> String {
    format!(
        "apiVersion: nines/v1\nkind: Objective\nmetadata: {{name: orders, displayName: {words}}}\n\
         spec: {{description: {words}, service: shop, target: {target}, window: 30d, push: {{cadence: 60s}}}}\n"
    )
}

fn revisions(server: &Server) -> Value {
    let answer = server.get("/api/v1/slos/orders/revisions");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The numbers of revisions and of generations, the latest first.
fn numbers(server: &Server) -> (Vec<u64>, Vec<u64>) {
    let all = revisions(server);
    let of = |list: &Value, key: &str| -> Vec<u64> {
        list.as_array().unwrap().iter().map(|one| one[key].as_u64().unwrap()).collect()
    };
    (of(&all["revisions"], "revision"), of(&all["sli"]["generations"], "generation"))
}

#[test]
fn an_edited_target_is_valid_from_its_edit_on() {
    let server = Server::start(&orders("99%", "Orders"));
    let began = now();
    let m = began / 60 * 60;
    let slices: String = (1..=10).map(|minute| line("orders", m - minute * 60, 60, 98, 100)).collect();
    assert_eq!(server.import(&slices).status, 200);
    let once = revisions(&server);
    assert_eq!(once["revisions"].as_array().unwrap().len(), 1, "{once}");
    assert_eq!(once["revisions"][0]["valid_from"], Value::Null);
    assert_eq!(once["revisions"][0]["changes"], json!([]));
    assert_eq!(once["revisions"][0]["declared"]["objectives"][0]["target"], 0.99);
    assert_eq!(once["sli"]["name"], "orders");
    assert_eq!(once["sli"]["generations"], json!([{"generation": 1, "began": null, "meaning": "push"}]));
    assert!(server.get("/slos/orders").body.contains("Declared once, unchanged since."));

    let server = server.restart_with(&orders("97%", "Orders"));
    let edited = revisions(&server);
    assert_eq!(edited["revisions"].as_array().unwrap().len(), 2, "{edited}");
    assert_eq!(edited["revisions"][0]["changes"], json!(["objective 99: target 0.99 -> 0.97"]));
    let valid_from = edited["revisions"][0]["valid_from"].as_str().unwrap().to_owned();
    let valid_from = domain::Instant::parse(&valid_from).unwrap().unix();
    assert!((began..=now()).contains(&valid_from), "{valid_from}");
    // Something is measured after the edit: a window that ends with the data ends after it.
    while now() <= valid_from {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.import(&line("orders", valid_from / 60 * 60, 60, 98, 100)).status, 200);
    let status = |when: i64| {
        let answer = server.get(&format!("/api/v1/slos/orders/status?at={}", at(when))).json();
        (answer["objectives"][0]["target"].clone(), answer["objectives"][0]["state"].clone())
    };
    assert_eq!(status(valid_from - 1), (json!(0.99), json!("breached")), "judged by what was declared then");
    assert_eq!(status(valid_from + 1).0, json!(0.97));
    let slo = server.get("/api/v1/slos/orders").json();
    let past = json!([{"until": at(valid_from), "target": 0.99}]);
    assert_eq!((&slo["revision"], &slo["objectives"][0]["past_targets"]), (&json!(2), &past));
    let page = server.get("/slos/orders").body;
    assert!(page.contains("objective 99: target 0.99 -&gt; 0.97"), "{page}");

    let server = server.restart_with(&orders("97%", "Words"));
    assert_eq!(
        numbers(&server),
        (vec![2, 1], vec![1]),
        "words make no revision, an unchanged file makes none"
    );
    let slo = server.get("/api/v1/slos/orders").json();
    assert_eq!((&slo["revision"], &slo["objectives"][0]["past_targets"]), (&json!(2), &past));
    assert_eq!(slo["display_name"], "Words");
    assert_eq!(server.get("/api/v1/slos/nobody/revisions").status, 404);
}

fn probed(annotation: &str, interval: &str, timeout: &str) -> String {
    format!(
        "apiVersion: nines/v1\nkind: Objective\nmetadata: {{name: orders{annotation}}}\nspec:\n  service: shop\n  \
         target: 99%\n  window: 30d\n  probe: {{url: \"http://127.0.0.1:1/\", interval: {interval}, timeout: {timeout}}}\n"
    )
}

#[test]
fn an_sli_that_measures_something_else_is_of_another_generation() {
    let declared = |number: u32| format!(", annotations: {{nines/generation: \"{number}\"}}");
    let server = Server::start(&probed("", "20s", "2s"));
    assert_eq!(numbers(&server).1, [1]);

    let server = server.restart_with(&probed("", "10s", "2s"));
    assert_eq!(numbers(&server).1, [1], "how often is no matter");

    let before = now();
    let server = server.restart_with(&probed("", "10s", "1s"));
    let generations = revisions(&server)["sli"]["generations"].clone();
    let began = domain::Instant::parse(generations[0]["began"].as_str().unwrap()).unwrap().unix();
    assert!(began % 60 == 0 && (before..=now() + 60).contains(&began), "{generations}");
    let meaning =
        |timeout: u32| format!("GET http://127.0.0.1:1/ timeout {timeout} ms, good: status 200-399");
    let first = json!({"generation": 1, "began": null, "meaning": meaning(2_000)});
    assert_eq!(generations, json!([{"generation": 2, "began": at(began), "meaning": meaning(1_000)}, first]));
    assert!(server.get("/slos/orders").body.contains("Generations of the indicator"));

    let server = server.restart_with(&probed(&declared(2), "10s", "3s"));
    let generations = revisions(&server)["sli"]["generations"].clone();
    let kept = json!({"generation": 2, "began": at(began), "meaning": meaning(3_000)});
    assert_eq!(generations, json!([kept, first]), "the file says that it is the same thing");

    let server = server.restart_with(&probed(&declared(1), "10s", "3s"));
    assert_eq!(revisions(&server)["sli"]["generations"], generations);
    let log = server.log();
    assert!(log.contains("estate.yaml:3: `nines/generation` is less than 2"), "{log}");

    let server = server.restart_with(&probed(&declared(5), "10s", "3s"));
    assert_eq!(
        numbers(&server),
        (vec![1], vec![5, 2, 1]),
        "a generation on purpose, and no revision of the SLO"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_together_make_one_revision() {
    let directory = tempfile::Builder::new().prefix("nines-it").tempdir().unwrap();
    std::process::Command::new("chmod").arg("755").arg(directory.path()).status().unwrap();
    let postgres = PrivatePostgres::start(&directory.path().join("data"), |_| {}).await.unwrap();
    let socket = postgres.socket_dir().to_str().unwrap().to_owned();
    let url = format!("postgres://nines@localhost/nines?host={socket}");
    let both = |target: &'static str| {
        let url = url.clone();
        tokio::task::spawn_blocking(move || {
            let servers = [0, 1].map(|_| Server::on(&url, &orders(target, "Orders")));
            servers.each_ref().map(|server| {
                server.wait_until_ready();
                (numbers(server), server.get("/api/v1/slos/orders").json())
            })
        })
    };
    let [one, other] = both("99%").await.unwrap();
    assert_eq!(one, other);
    assert_eq!(one.0, (vec![1], vec![1]));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let [one, other] = both("97%").await.unwrap();
    assert_eq!(one, other);
    assert_eq!(one.0, (vec![2, 1], vec![1]));
    assert_eq!(one.1["objectives"][0]["past_targets"].as_array().unwrap().len(), 1);
    postgres.stop().await;
}
