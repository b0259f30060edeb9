//! Bodies that cannot be taken, one by one: the status, and the words that name what was wrong.

use super::super::support::{Answer, Server, now, request};
use super::encode::{Series, bytes, double, label, number, series, snappy, v1, v2, varint};
use super::{METRICS, V1, V2, post};

const METRIC: (&str, &str) = ("__name__", "http_requests_total");

/// A name, labels, and what the answer must say.
type LabelCase<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'static str);

/// What is sent, the status, and what the answer must say.
struct Case {
    name: String,
    body: Vec<u8>,
    version: &'static str,
    status: u16,
    says: &'static str,
}

fn case(
    name: impl Into<String>,
    version: &'static str,
    body: Vec<u8>,
    status: u16,
    says: &'static str,
) -> Case {
    Case { name: name.into(), body, version, status, says }
}

#[test]
fn every_bad_body_is_told_what_is_wrong_with_it() {
    let server = Server::start(METRICS);
    let cases: Vec<Case> =
        [blocks(), messages_v1(), messages_v2(), labels(), instants()].into_iter().flatten().collect();
    let headers = headers();
    assert!(cases.len() + headers.len() >= 100, "{} + {}", cases.len(), headers.len());
    for Case { name, body, version, status, says } in &cases {
        let answer = post(&server, version, body);
        assert_says(name, &answer, *status, says);
        assert_eq!(
            answer.head.to_ascii_lowercase().contains("samples-written"),
            *version == V2,
            "{name}: {answer:?}"
        );
    }
    let good = snappy(&v1(&[]));
    for (given, says) in &headers {
        let answer = request(server.address, "POST", "/api/v1/write", given, &good);
        assert_says(&format!("{given:?}"), &answer, 415, says);
    }
    // It still takes what is good, and none of the above left anything behind.
    let millis = now() * 1_000;
    assert_eq!(post(&server, V1, &snappy(&v1(&[series(&[METRIC], &[(millis, 1.0)])]))).status, 204);
    for empty in [&good, &snappy(&v2(&[]))] {
        assert_eq!((post(&server, V1, &good).status, post(&server, V2, empty).status), (204, 204));
    }
}

#[test]
fn what_is_good_is_stored_beside_what_is_not() {
    let server = Server::start(METRICS);
    let from = now() / 60 * 60 - 600;
    let sample = |seconds: i64, value: f64| ((from + seconds) * 1_000, value);
    let good = series(&[METRIC, ("code", "200")], &[sample(0, 5.0), sample(15, 9.0), (i64::MAX, 3.0)]);
    let faulty = series(&[METRIC, ("code", "")], &[sample(0, 5.0)]);
    let unneeded = series(&[("__name__", "up")], &[sample(0, 1.0), (0, 1.0)]);
    let mut body = v2(&[good, faulty, unneeded]);
    // A native histogram and an exemplar count as written, though nobody needs them: symbols 1 and 2 are the metric.
    let histogram =
        [bytes(1, &[1, 2]), bytes(3, &number(15, sample(0, 0.0).0)), bytes(4, &double(2, 1.0))].concat();
    body.extend(bytes(5, &histogram));
    let answer = post(&server, V2, &snappy(&body));
    assert_says("partly good", &answer, 400, "3 samples were refused, 3 are stored");
    for part in ["series 1 (`http_requests_total`)", "in the future", "the label `code` is empty", "2 h old"]
    {
        assert!(answer.body.contains(part), "{part}: {answer:?}");
    }
    let head = answer.head.to_ascii_lowercase();
    for (name, count) in [("samples", 3), ("histograms", 1), ("exemplars", 1)] {
        assert!(head.contains(&format!("{name}-written: {count}")), "{head}");
    }
    super::shows(&server, "requests", from, &[(4.0, 4.0)]);
}

fn assert_says(name: &str, answer: &Answer, status: u16, says: &str) {
    assert_eq!(answer.status, status, "{name}: {answer:?}");
    assert!(answer.body.contains(says), "{name}: `{says}` is not in {answer:?}");
    assert!(answer.head.contains("application/problem+json"), "{name}: {answer:?}");
}

/// Headers that announce something else.
fn headers() -> Vec<(Vec<(&'static str, &'static str)>, &'static str)> {
    let (kind, encoding) = ("Content-Type", "Content-Encoding");
    let mut cases = vec![
        (vec![], "Content-Encoding"),
        (vec![(kind, V1)], "Content-Encoding"),
        (vec![(encoding, "snappy")], "Content-Type"),
        (vec![(kind, V1), (kind, V1), (encoding, "snappy")], "given once"),
        (vec![(kind, V1), (encoding, "snappy"), (encoding, "snappy")], "Content-Encoding"),
    ];
    for other in ["gzip", "zstd", "identity", "snappy, gzip", "x-snappy-framed", ""] {
        cases.push((vec![(kind, V1), (encoding, other)], "must be `snappy`"));
    }
    for other in ["application/json", "text/plain", "application/x-protobuf2", "", "application/protobuf"] {
        cases.push((vec![(kind, other), (encoding, "snappy")], "Content-Type"));
    }
    for other in [
        "application/x-protobuf;proto=io.prometheus.write.v3.Request",
        "application/x-protobuf;proto=",
        "application/x-protobuf; proto=prometheus.writerequest",
        "application/x-protobuf;proto",
    ] {
        cases.push((vec![(kind, other), (encoding, "snappy")], "`proto` must be"));
    }
    cases
}

/// Snappy blocks, or what is none.
fn blocks() -> Vec<Case> {
    let message = v1(&[series(&[METRIC], &[(now() * 1_000, 1.0)])]);
    let whole = snappy(&message);
    let declared = |length: u64| [varint(length), vec![0]].concat();
    let snappy_block = "the body is no snappy block";
    let mut cases = vec![
        case("nothing", V1, vec![], 400, snappy_block),
        case("nothing, 2.0", V2, vec![], 400, snappy_block),
        case("plain protobuf", V1, message.clone(), 400, ""),
        case("json", V1, b"{\"timeseries\": []}".to_vec(), 400, snappy_block),
        case("gzip", V1, b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(), 400, snappy_block),
        case("a framed stream", V1, b"\xff\x06\x00\x00sNaPpY".to_vec(), 400, snappy_block),
        case("no end of the length", V1, vec![0x80, 0x80, 0x80], 400, snappy_block),
        case("a length of 70 bits", V1, vec![0xff; 11], 400, snappy_block),
        case("a bomb of 4 GiB in five bytes", V1, varint(u64::from(u32::MAX)), 413, "4294967295 bytes"),
        case("a bomb of 8 GiB", V1, declared(1 << 33), 413, ""),
        case("one byte more than is taken", V1, declared(64 * 1_024 * 1_024 + 1), 413, "67108865 bytes"),
        case("64 MiB in five bytes", V1, declared(64 * 1_024 * 1_024), 400, "cannot hold the 67108864"),
        case("a megabyte in four bytes", V2, declared(1 << 20), 400, "cannot hold the 1048576"),
        case("one byte too short", V1, whole[..whole.len() - 1].to_vec(), 400, snappy_block),
        case("bytes after the end", V1, [whole.clone(), vec![0, 1]].concat(), 400, snappy_block),
        case("a copy from before the begin", V1, vec![4, 0x05, 0x01], 400, snappy_block),
    ];
    cases.push(case("16 MiB and more", V1, vec![0; 16 * 1_024 * 1_024 + 1], 413, "16777216 bytes"));
    cases
}

fn messages_v1() -> Vec<Case> {
    let one = |field: Vec<u8>| snappy(&bytes(1, &[label(METRIC.0, METRIC.1), field].concat()));
    let v1 = |name: &str, body: Vec<u8>, says: &'static str| case(name, V1, body, 400, says);
    let ends = "the message ends in the middle of it";
    let mut cases = vec![
        v1("a cut key", snappy(&[0x80]), "`request`: the message ends in the middle of it (at byte 0)"),
        v1("field 0", snappy(&[0x02, 0x00]), "`request`: a field number is out of range"),
        v1("field 2^29", snappy(&varint(1 << 32)), "a field number is out of range"),
        v1("a group", snappy(&[0x0b]), "`request`: its wire type does not exist (at byte 0)"),
        v1("an end of a group", snappy(&[0x0c]), "its wire type does not exist"),
        v1("wire type 6", snappy(&[0x0e]), "its wire type does not exist"),
        v1("wire type 7", snappy(&[0x0f]), "its wire type does not exist"),
        v1("a key of eleven bytes", snappy(&[0xff; 11]), "a number is longer than 64 bits"),
        v1(
            "timeseries as a number",
            snappy(&number(1, 1)),
            "`timeseries`: it is encoded as another type (at byte 1)",
        ),
        v1("timeseries as a double", snappy(&double(1, 1.0)), "`timeseries`: it is encoded as another type"),
        v1("timeseries without its length", snappy(&[0x0a]), "`timeseries`: the message ends"),
        v1("timeseries longer than the body", snappy(&[0x0a, 0x05, 0x00]), "`timeseries`: the message ends"),
        v1(
            "a length of 2^64 - 1",
            snappy(&[vec![0x0a], varint(u64::MAX)].concat()),
            "`timeseries`: the message ends",
        ),
        v1("labels as a number", one(number(1, 1)), "`timeseries.labels`: it is encoded as another type"),
        v1("labels cut", one(vec![0x0a, 0x40]), "`timeseries.labels`: the message ends"),
        v1(
            "a label's name as a number",
            one(bytes(1, &number(1, 1))),
            "`timeseries.labels.name`: it is encoded",
        ),
        v1(
            "a label's value as a number",
            one(bytes(1, &number(2, 1))),
            "`timeseries.labels.value`: it is encoded",
        ),
        v1(
            "a label's name that is no UTF-8",
            one(bytes(1, &bytes(1, b"a\xff"))),
            "`timeseries.labels.name`: it is not UTF-8",
        ),
        v1(
            "a label's value that is no UTF-8",
            one(bytes(1, &bytes(2, b"\xc3"))),
            "`timeseries.labels.value`: it is not UTF-8",
        ),
        v1("an overlong slash", one(bytes(1, &bytes(2, b"\xc0\xaf"))), "it is not UTF-8"),
        v1("a surrogate", one(bytes(1, &bytes(2, b"\xed\xa0\x80"))), "it is not UTF-8"),
        v1("samples as a number", one(number(2, 1)), "`timeseries.samples`: it is encoded as another type"),
        v1("a value as a number", one(bytes(2, &number(1, 1))), "`timeseries.samples.value`: it is encoded"),
        v1(
            "a value of four bytes",
            one(bytes(2, &[0x0d, 0, 0, 0, 0])),
            "`timeseries.samples.value`: it is encoded",
        ),
        v1(
            "a value of seven bytes",
            one(bytes(2, &[0x09, 0, 0, 0, 0, 0, 0, 0])),
            "`timeseries.samples.value`: the message ends",
        ),
        v1(
            "an instant as a double",
            one(bytes(2, &double(2, 1.0))),
            "`timeseries.samples.timestamp`: it is encoded",
        ),
        v1(
            "an instant without an end",
            one(bytes(2, &[0x10, 0x80])),
            "`timeseries.samples.timestamp`: the message ends",
        ),
        v1(
            "an instant of 70 bits",
            one(bytes(2, &[vec![0x10], vec![0xff; 10]].concat())),
            "longer than 64 bits",
        ),
        v1(
            "exemplars as a number",
            one(number(3, 1)),
            "`timeseries.exemplars`: it is encoded as another type",
        ),
        v1(
            "histograms as a number",
            one(number(4, 1)),
            "`timeseries.histograms`: it is encoded as another type",
        ),
        v1("an unknown field that is cut", one(vec![0x7a, 0x05, 0x00]), ends),
        v1("an unknown fixed field that is cut", one(vec![0x79, 0x05]), ends),
        v1("an unknown field of four bytes that is cut", snappy(&[0x7d, 0x05]), ends),
    ];
    // What follows a good series does not save it.
    let good = super::encode::v1(&[series(&[METRIC], &[(now() * 1_000, 1.0)])]);
    cases.push(v1("a good series, then a cut one", snappy(&[good, vec![0x0a, 0x7f]].concat()), ends));
    cases
}

fn messages_v2() -> Vec<Case> {
    let symbols = || {
        ["", "__name__", "http_requests_total"]
            .iter()
            .flat_map(|text| bytes(4, text.as_bytes()))
            .collect::<Vec<u8>>()
    };
    let one = |fields: Vec<u8>| snappy(&[symbols(), bytes(5, &fields)].concat());
    let sample = bytes(2, &[double(1, 1.0), number(2, now() * 1_000)].concat());
    let references = |numbers: &[u8]| [bytes(1, numbers), sample.clone()].concat();
    let v2 = |name: &str, body: Vec<u8>, says: &'static str| case(name, V2, body, 400, says);
    let absent = "`labels_refs` refers to a symbol that is not there";
    vec![
        v2("no symbols", snappy(&bytes(5, &references(&[]))), "`symbols[0]` must be the empty string"),
        v2("a first symbol", snappy(&[bytes(4, b"a"), bytes(5, &references(&[]))].concat()), "`symbols[0]`"),
        v2("only a first symbol", snappy(&bytes(4, b"a")), "`symbols[0]` must be the empty string"),
        v2(
            "a symbol that is no UTF-8",
            snappy(&[bytes(4, b""), bytes(4, b"\xff")].concat()),
            "`symbols`: it is not UTF-8 (at byte 4)",
        ),
        v2("a symbol as a number", snappy(&number(4, 1)), "`symbols`: it is encoded as another type"),
        v2("a symbol that is cut", snappy(&[0x22, 0x05]), "`symbols`: the message ends"),
        v2(
            "timeseries as a number",
            snappy(&[symbols(), number(5, 1)].concat()),
            "`timeseries`: it is encoded",
        ),
        v2(
            "timeseries that is cut",
            snappy(&[symbols(), vec![0x2a, 0x05]].concat()),
            "`timeseries`: the message ends",
        ),
        v2(
            "an odd number of references",
            one(references(&[1])),
            "`labels_refs` has an odd number of references",
        ),
        v2("a reference beyond the symbols", one(references(&[1, 3])), absent),
        v2("a name beyond the symbols", one(references(&[9, 2])), absent),
        v2("a reference of 2^63", one(references(&[vec![1], varint(1 << 63)].concat())), absent),
        v2("no labels", one(references(&[])), "there is no metric name"),
        v2("a name that is the empty symbol", one(references(&[0, 2])), "a label has no name"),
        v2("a value that is the empty symbol", one(references(&[1, 0])), "the label `__name__` is empty"),
        v2("the same reference twice", one(references(&[1, 2, 1, 2])), "the label `__name__` is there twice"),
        v2("references as a double", one(double(1, 1.0)), "`timeseries.labels_refs`: it is encoded"),
        v2("references that are cut", one(bytes(1, &[0x80])), "`timeseries.labels_refs`: the message ends"),
        v2(
            "a reference of 70 bits",
            one(bytes(1, &[0xff; 11])),
            "`timeseries.labels_refs`: a number is longer",
        ),
        v2("samples as a number", one(number(2, 1)), "`timeseries.samples`: it is encoded"),
        v2("a value as a number", one(bytes(2, &number(1, 1))), "`timeseries.samples.value`: it is encoded"),
        v2(
            "an instant as bytes",
            one(bytes(2, &bytes(2, b"1"))),
            "`timeseries.samples.timestamp`: it is encoded",
        ),
        v2(
            "a start as a double",
            one(bytes(2, &double(3, 1.0))),
            "`timeseries.samples.start_timestamp`: it is encoded",
        ),
        v2(
            "a created instant as a double",
            one(double(6, 1.0)),
            "`timeseries.created_timestamp`: it is encoded",
        ),
        v2("histograms as a number", one(number(3, 1)), "`timeseries.histograms`: it is encoded"),
        v2("exemplars as a number", one(number(4, 1)), "`timeseries.exemplars`: it is encoded"),
        v2(
            "a message of 1.0",
            snappy(&super::encode::v1(&[series(&[METRIC], &[(now() * 1_000, 1.0)])])[..3]),
            "`request`",
        ),
    ]
}

/// Labels that the specifications refuse, in both versions.
fn labels() -> Vec<Case> {
    let many: Vec<String> = (0..30).map(|number| format!("label_{number:02}")).collect();
    let long = "x".repeat(5_000);
    let sets: Vec<LabelCase<'_>> = vec![
        ("none", vec![], "there is no metric name (label `__name__`)"),
        ("no metric", vec![("job", "shop")], "there is no metric name"),
        ("an empty metric", vec![("__name__", "")], "the label `__name__` is empty"),
        ("an empty name", vec![("", "x"), METRIC], "a label has no name"),
        ("an empty value", vec![METRIC, ("job", "")], "the label `job` is empty"),
        ("twice the same", vec![METRIC, ("job", "a"), ("job", "a")], "the label `job` is there twice"),
        (
            "twice with other values",
            vec![METRIC, ("job", "a"), ("job", "b")],
            "the label `job` is there twice",
        ),
        ("twice, apart", vec![METRIC, ("a", "1"), ("b", "1"), ("a", "1")], "the label `a` is there twice"),
        ("not sorted", vec![METRIC, ("job", "a"), ("code", "2")], "the labels are not sorted: `code`"),
        ("the metric last", vec![("code", "2"), METRIC], "the labels are not sorted: `__name__`"),
        ("not sorted by bytes", vec![METRIC, ("a", "1"), ("B", "1")], "the labels are not sorted: `B`"),
        ("a metric that is too long", vec![("__name__", &long)], "`__name__` has 5000 bytes, more than 2048"),
        ("a value that is too long", vec![METRIC, ("job", &long)], "`job` has 5000 bytes, more than 2048"),
        ("a name that is too long", vec![METRIC, (&long, "x")], "has 5000 bytes, more than 1024"),
        (
            "too many",
            std::iter::once(METRIC).chain(many.iter().map(|name| (name.as_str(), "x"))).collect(),
            "31 labels, more than 30",
        ),
    ];
    let mut cases = Vec::new();
    for (name, labels, says) in sets {
        let one: Series = series(&labels, &[(now() * 1_000, 1.0)]);
        cases.push(case(format!("{name}, 1.0"), V1, snappy(&v1(std::slice::from_ref(&one))), 400, says));
        cases.push(case(format!("{name}, 2.0"), V2, snappy(&v2(&[one])), 400, says));
    }
    cases
}

/// Instants outside of what is taken, of a series that is needed and of one that is not.
fn instants() -> Vec<Case> {
    let millis = now() * 1_000;
    let hour = 3_600_000;
    let (ahead, late) = ("samples are more than 10 min in the future", "samples are more than 2 h old");
    let out = [
        ("in 11 minutes", millis + 660_000, ahead),
        ("in a year", millis + 365 * 24 * hour, ahead),
        ("the last", i64::MAX, ahead),
        ("in microseconds", millis * 1_000, ahead),
        ("in nanoseconds", millis.saturating_mul(1_000_000), ahead),
        ("2 h 1 min ago", millis - 2 * hour - 60_000, late),
        ("a year ago", millis - 365 * 24 * hour, late),
        ("in seconds", millis / 1_000, late),
        ("the epoch", 0, late),
        ("before it", -1, late),
        ("the first", i64::MIN, late),
    ];
    let mut cases = Vec::new();
    for (name, at, says) in out {
        for metric in [METRIC, ("__name__", "up")] {
            let one = series(&[metric], &[(at, 1.0)]);
            cases.push(case(
                format!("{name} of {}", metric.1),
                V1,
                snappy(&v1(std::slice::from_ref(&one))),
                400,
                says,
            ));
            cases.push(case(format!("{name} of {}, 2.0", metric.1), V2, snappy(&v2(&[one])), 400, says));
        }
    }
    cases
}
