//! Probes of every kind, as their SLIs say what they measure.

use super::*;
use crate::source::ProbeRequest;

/// A short form with this probe.
fn objective(name: &str, probe: &str) -> String {
    format!(
        "---\napiVersion: nines/v1\nkind: Objective\nmetadata: {{name: {name}}}\n\
         spec: {{service: shop, target: 99%, window: 7d, probe: {{{probe}, interval: 1m, timeout: 3s}}}}\n"
    )
}

#[test]
fn every_kind_is_read_and_said_without_secrets() {
    let kinds = [
        (
            "http",
            "url: 'https://shop.example/login', headers: {Authorization: Bearer s3cret, Accept: text/html}, \
             body: 'user=me&password=s3cret', redirects: 3, status: 200, expect: {headers: {content-type: {contains: json}}, \
             body: {contains: ok, lacks: error, matches: '^\\{'}, json: {'checks[0].up': true, note: null}}",
            "POST https://shop.example/login with headers authorization, accept with a body of 23 bytes following up to 3 \
             redirects every 1 min, good: status 200, header content-type contains \"json\", body contains \"ok\", body lacks \
             \"error\", body matches /^\\{/, JSON checks[0].up is \"true\", JSON note is \"null\"",
        ),
        (
            "tcp",
            "tcp: {address: 'db.example:5432'}, within: 50ms",
            "TCP connection to db.example:5432 every 1 min, good: accepted within 50 ms",
        ),
        (
            "dns",
            "dns: {name: shop.example, type: MX, server: 192.0.2.53}, expect: {records: 10 mail.shop.example}",
            "DNS MX of shop.example at 192.0.2.53:53 every 1 min, good: answered, record \"10 mail.shop.example\"",
        ),
        (
            "tls",
            "tls: {address: '192.0.2.1', name: shop.example}, expect: {expiry: 14d}",
            "TLS certificate of 192.0.2.1:443 for shop.example every 1 min, good: valid, valid for 14 more days",
        ),
        (
            "grpc",
            "grpc: {address: '[2001:db8::1]:50051', service: shop.Cart, tls: true}",
            "gRPC health of [2001:db8::1]:50051 over TLS, service shop.Cart every 1 min, good: serving",
        ),
    ];
    let text: String = kinds.iter().map(|(name, probe, _)| objective(name, probe)).collect();
    let loaded = load_text(&text);
    assert_eq!(lines(&loaded), "");
    for ((name, _, sentence), sli) in kinds.iter().zip(&loaded.estate.slis) {
        assert_eq!(sli.source, *sentence, "{name}");
        assert!(!sli.meaning.contains("s3cret"), "{}", sli.meaning);
    }
    let asked: Vec<&str> = loaded.probes.iter().map(|probe| probe.request.kind()).collect();
    assert_eq!(asked, ["http", "tcp", "dns", "tls", "grpc"]);
    let ProbeRequest::Http(http) = &loaded.probes[0].request else { panic!("{:?}", loaded.probes[0]) };
    assert!(http.keep_body && http.headers[0] == ("authorization".to_owned(), "Bearer s3cret".to_owned()));

    // Another body is another question, another token is not.
    let meaning = |text: &str| load_text(text).estate.slis[0].meaning.clone();
    assert_ne!(meaning(&text.replace("user=me", "user=you")), meaning(&text));
    assert_eq!(meaning(&text.replace("Bearer s3cret", "Bearer other")), meaning(&text));
}

#[test]
fn a_source_that_several_judge_keeps_bodies_if_one_looks_at_them() {
    let sli = |name: &str, spec: &str| {
        format!(
            "---\napiVersion: openslo/v1\nkind: SLI\nmetadata: {{name: {name}}}\nspec: {{ratioMetric: {{good: {{metricSource: \
             {{metricSourceRef: front, spec: {{{spec}}}}}}}, total: {{metricSource: {{metricSourceRef: front}}}}}}}}\n"
        )
    };
    let source = "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: front}\n\
                  spec: {type: Probe, connectionDetails: {http: {url: 'http://a.example/'}}}\n";
    for (spec, keeps) in [("within: 300ms", false), ("expect: {body: ok}", true)] {
        let loaded = load_text(&format!("{source}{}{}", sli("up", ""), sli("well", spec)));
        assert_eq!(lines(&loaded), "");
        let ProbeRequest::Http(http) = &loaded.probes[0].request else { panic!("{:?}", loaded.probes[0]) };
        assert_eq!((http.keep_body, loaded.probes[0].slis.len()), (keeps, 2));
    }
}
