//! The document of the machine API against the server: every path, every route, every answer, every scope.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use server::http::routes::listed;

use super::support::{Answer, PUSHED, Server, at, eventually, line, now, request};

const MORE: &str = "\
---
apiVersion: nines/v1
kind: Objective
metadata: {name: monthly}
spec: {service: shop, target: 99%, window: day, gap: bad, push: {cadence: 60s}}
---
apiVersion: nines/v1
kind: Composite
metadata: {name: both}
spec: {service: shop, target: 90%, rule: weighted-mean, noData: no-data, members: [{slo: orders, weight: 3}, {slo: mails}]}
";

/// What is wrong with a value by a schema: as much of JSON Schema as the document uses, and nothing besides.
fn faults(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    };
    let known = [
        "type",
        "description",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "oneOf",
        "format",
        "minimum",
        "multipleOf",
        "maxLength",
        "minLength",
        "default",
        "$ref",
    ];
    for word in schema.as_object().unwrap().keys() {
        assert!(known.contains(&word.as_str()), "{word} at {place} is not checked by this test");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &&Value| {
            let mut found = Vec::new();
            faults(document, choice, value, place, &mut found);
            found.is_empty()
        };
        if choices.iter().filter(fits).count() != 1 {
            // The last one is null, and says nothing about what is there.
            faults(document, &choices[0], value, place, found);
        }
        return;
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Null => Vec::new(),
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
        kind => vec![kind.as_str().unwrap()],
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        return found.push(format!("{place}: {value} is no {kinds:?}"));
    }
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        found.push(format!("{place}: {value} is none of {choices:?}"));
    }
    if schema["format"] == "date-time" && domain::Instant::parse(value.as_str().unwrap_or_default()).is_err()
    {
        found.push(format!("{place}: {value} is no instant"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        found.push(format!("{place}: {value} is below {least}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if !schema["items"].is_null() {
            faults(document, &schema["items"], item, &format!("{place}[{index}]"), found);
        }
    }
    let Some(members) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            found.push(format!("{place}: {name} is missing"));
        }
    }
    for (name, member) in members {
        match schema["properties"].get(name) {
            Some(schema) => faults(document, schema, member, &format!("{place}.{name}"), found),
            None if schema["additionalProperties"] == false => {
                found.push(format!("{place}: {name} is not documented"));
            }
            None => {}
        }
    }
}

/// The answer is one that the operation documents, in its shape.
fn check(document: &Value, operation: &Value, what: &str, answer: &Answer) {
    let response = &operation["responses"][answer.status.to_string()];
    assert!(response.is_object(), "{what}: {} is not documented: {}", answer.status, answer.body);
    let head = answer.head.to_ascii_lowercase();
    let Some(content) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{what}: {}", answer.body);
        return;
    };
    let (kind, schema) = content
        .iter()
        .find(|(kind, _)| head.contains(&format!("content-type: {kind}")))
        .unwrap_or_else(|| panic!("{what}: none of {:?} in {head}", content.keys()));
    if kind.ends_with("json") {
        let mut found = Vec::new();
        faults(document, &schema["schema"], &answer.json(), "", &mut found);
        assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
    }
}

/// A path with its examples, or with a name that nobody has.
fn asked(path: &str, operation: &Value, period: &str, unknown: bool) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let Some(example) = parameter["example"].as_str() else { continue };
        let example = example.replace("{period}", period);
        match parameter["in"].as_str().unwrap() {
            "path" if unknown && name == "name" => path = path.replace("{name}", "nobody"),
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            _ => query.push(format!("{name}={example}")),
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

#[test]
fn the_document_says_what_the_server_does() {
    let server = Server::start(&format!("{PUSHED}{MORE}"));
    let m = now() / 60 * 60;
    let lines: String = ["orders", "mails", "monthly"]
        .iter()
        .flat_map(|sli| (1..=2_900).map(move |k| line(sli, m - 60 * k, 60, 99, 100)))
        .collect();
    assert_eq!(server.import(&lines).status, 200);
    let mut period = None;
    eventually("a period is frozen", Duration::from_mins(1), || {
        let periods = server.get("/api/v1/slos/monthly/periods").json();
        period = periods["periods"][0]["from"].as_str().map(str::to_owned);
        period.is_some()
    });
    let period = period.unwrap();

    let document = server.get("/api/v1/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let scope = operation["security"][0]["token"][0].to_string();
            documented.insert((method.to_uppercase(), path.clone(), scope));
            if path == "/api/v1/stream" {
                continue;
            }
            if path == "/api/v1/write" {
                writes(&server, &document, operation);
                continue;
            }
            if method == "post" {
                posts(&server, &document, path, operation);
                continue;
            }
            let whole = asked(path, operation, &period, false);
            let answer = server.get(&whole);
            assert_eq!(answer.status, 200, "{whole}: {answer:?}");
            check(&document, operation, &whole, &answer);
            if path.contains("{name}") {
                let unknown = asked(path, operation, &period, true);
                let answer = server.get(&unknown);
                assert_eq!(answer.status, 404, "{unknown}");
                check(&document, operation, &unknown, &answer);
            }
            if operation["responses"]["400"].is_object() {
                let parameters = operation["parameters"].as_array().unwrap();
                let time = parameters.iter().map(|one| one["name"].as_str().unwrap());
                let time =
                    time.into_iter().find(|name| ["at", "before", "revision"].contains(name)).unwrap_or("to");
                let wrong = format!("{whole}{}{time}=x", if whole.contains('?') { "&" } else { "?" });
                let answer = server.get(&wrong);
                assert_eq!(answer.status, 400, "{wrong}");
                check(&document, operation, &wrong, &answer);
            }
        }
    }
    stream(&server);

    // No route of the machine API that the document does not name, none that is not there, no other scope.
    let routes: BTreeSet<_> = listed()
        .into_iter()
        .filter(|route| route.method != "*" && !route.path.contains("{*"))
        .map(|route| {
            let scope = route.need.scope().map_or(Value::Null, |scope| scope.word().into());
            (route.method.to_owned(), route.path.to_owned(), scope.to_string())
        })
        .collect();
    assert_eq!(routes, documented);
}

fn posts(server: &Server, document: &Value, path: &str, operation: &Value) {
    let sound = match path {
        "/api/v1/sli/import" => line("orders", now() / 60 * 60 - 60, 60, 1, 1),
        "/api/v1/events" => {
            json!({"kind": "sli", "sli": "orders", "at": at(now() - 120), "good": true}).to_string() + "\n"
        }
        other => panic!("give {other} a body in this test"),
    };
    let bodies = operation["requestBody"]["content"].as_object().unwrap();
    let mut found = Vec::new();
    let value = serde_json::from_str(&sound).unwrap();
    faults(document, &bodies["application/x-ndjson"]["schema"], &value, "", &mut found);
    assert!(found.is_empty(), "{path}: {found:?}");
    let encoded = [("Content-Encoding", "x")];
    // A little over its limit: a sender that goes on for long after that is cut off.
    let limits = server::limits::Limits::default();
    let most = if path == "/api/v1/events" { limits.event_bytes } else { limits.import_bytes };
    let large = " ".repeat(most + 1_024);
    let cases = [(sound.as_str(), &[][..], 200), ("x", &[], 400), ("x", &encoded, 415), (&large, &[], 413)];
    for (body, headers, status) in cases {
        let answer = request(server.address, "POST", path, headers, body.as_bytes());
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        check(document, operation, path, &answer);
    }
    if path == "/api/v1/sli/import" {
        let rehearsed =
            request(server.address, "POST", &format!("{path}?dry_run=true"), &[], sound.as_bytes());
        check(document, operation, path, &rehearsed);
        assert_eq!(rehearsed.json()["dry_run"], true);
    }
}

fn writes(server: &Server, document: &Value, operation: &Value) {
    // A snappy block of nothing, one that declares more than it holds, and one that declares too much.
    let (nothing, short, bomb) = (&[0_u8][..], &[9_u8, 0][..], &[0xff_u8, 0xff, 0xff, 0xff, 0x0f][..]);
    let encoded = |encoding| [("Content-Type", "application/x-protobuf"), ("Content-Encoding", encoding)];
    let cases =
        [(nothing, "snappy", 204), (short, "snappy", 400), (bomb, "snappy", 413), (nothing, "x", 415)];
    for (body, encoding, status) in cases {
        let answer = request(server.address, "POST", "/api/v1/write", &encoded(encoding), body);
        assert_eq!(answer.status, status, "{answer:?}");
        check(document, operation, "/api/v1/write", &answer);
    }
}

fn stream(server: &Server) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let head: Vec<String> =
        BufReader::new(stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    assert!(head.iter().any(|line| line.eq_ignore_ascii_case("content-type: text/event-stream")), "{head:?}");
}
