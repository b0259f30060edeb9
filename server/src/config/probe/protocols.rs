//! Which protocol a probe speaks, and the targets of those other than HTTP.

use url::Host;

use super::HTTP;
use super::http::http;
use crate::config::finding::{Report, quote};
use crate::config::read::{Field, Fields};
use crate::source::{Address, DnsRequest, GrpcRequest, ProbeRequest, RecordType, TcpRequest, TlsRequest};

const TCP: &str = "{address: \"db.example:5432\"}";
const DNS: &str = "{name: shop.example, type: A}";
const TLS: &str = "{address: \"shop.example:443\"}";
const GRPC: &str = "{address: \"shop.example:50051\"}";
/// What the DNS allows of a name, and more than any service's name of gRPC.
const MAX_NAME: usize = 253;

type Reader = fn(&mut Fields<'_>, &mut Report) -> Option<ProbeRequest>;

/// Protocols besides HTTP, each with an example and its reader.
const OTHERS: [(&str, &str, Reader); 4] =
    [("tcp", TCP, tcp), ("dns", DNS, dns), ("tls", TLS, tls), ("grpc", GRPC, grpc)];

/// Reads the one protocol of `connectionDetails` or of an inline probe.
pub(super) fn read(fields: &mut Fields<'_>, report: &mut Report) -> Option<ProbeRequest> {
    let refused = not_yet(fields, report);
    let other = other(fields, report);
    let http_field = match (&other, refused) {
        (Other::None, false) => fields.need("http", HTTP, report),
        _ => fields.get("http"),
    };
    if let (Some(http), Other::One(name, _)) = (&http_field, &other) {
        report.error(http.key, format!("both `{}` and `{name}` are given: keep one", http.path));
        return None;
    }
    let http = http_field.and_then(|field| {
        let mut fields = field.fields(HTTP, report)?;
        let request = http(&mut fields, report);
        fields.finish(report);
        request.map(ProbeRequest::Http)
    });
    match other {
        Other::None => http,
        Other::One(_, request) => request,
        Other::Several => None,
    }
    .filter(|_| !refused)
}

/// Reads the protocol of a short form, where HTTP needs no word.
pub(super) fn short(fields: &mut Fields<'_>, report: &mut Report) -> Option<ProbeRequest> {
    let refused = not_yet(fields, report);
    let other = other(fields, report);
    match other {
        Other::None if refused => None,
        Other::None => http(fields, report).map(ProbeRequest::Http),
        Other::One(name, request) => {
            let why = format!("is of HTTP, and `{name}` is given: keep one");
            let misplaced = fields.refuse(&["url", "method", "headers", "body", "redirects"], &why, report);
            request.filter(|_| !misplaced && !refused)
        }
        Other::Several => None,
    }
}

fn not_yet(fields: &mut Fields<'_>, report: &mut Report) -> bool {
    let why = "is not supported yet in this version: probe with `http`, or push results";
    fields.refuse(&["heartbeat"], why, report)
}

/// A protocol besides HTTP.
enum Other {
    None,
    /// Its name, and none if what it says is wrong.
    One(&'static str, Option<ProbeRequest>),
    Several,
}

fn other(fields: &mut Fields<'_>, report: &mut Report) -> Other {
    let mut found = Other::None;
    for (name, example, read) in OTHERS {
        let Some(field) = fields.present(name) else { continue };
        if let Other::One(first, _) = found {
            report.error(field.key, format!("both `{first}` and `{}` are given: keep one", field.path));
            return Other::Several;
        }
        let request = field.fields(example, report).and_then(|mut fields| {
            let request = read(&mut fields, report);
            fields.finish(report);
            request
        });
        found = Other::One(name, request);
    }
    found
}

fn tcp(fields: &mut Fields<'_>, report: &mut Report) -> Option<ProbeRequest> {
    let address = address(fields, "db.example:5432", None, report)?;
    Some(ProbeRequest::Tcp(TcpRequest { address }))
}

fn dns(fields: &mut Fields<'_>, report: &mut Report) -> Option<ProbeRequest> {
    let name = fields.need("name", "shop.example", report).and_then(|field| name(&field, report));
    let record = match fields.get("type") {
        None => Some(RecordType::A),
        Some(field) => field.one_of(&RecordType::ALL, report),
    };
    let server = match fields.get("server") {
        None => Some(None),
        Some(field) => read_address(&field, "192.0.2.53:53", Some(53), report).map(Some),
    };
    Some(ProbeRequest::Dns(DnsRequest { name: name?, record: record?, server: server? }))
}

fn tls(fields: &mut Fields<'_>, report: &mut Report) -> Option<ProbeRequest> {
    let address = address(fields, "shop.example:443", Some(443), report);
    let name = match fields.get("name") {
        None => Some(None),
        Some(field) => name(&field, report).map(Some),
    };
    let verify = match fields.get("verify") {
        None => Some(true),
        Some(field) => field.boolean(report),
    };
    Some(ProbeRequest::Tls(TlsRequest { address: address?, name: name?, verify: verify? }))
}

fn grpc(fields: &mut Fields<'_>, report: &mut Report) -> Option<ProbeRequest> {
    let address = address(fields, "shop.example:50051", None, report);
    let service = match fields.get("service") {
        None => Some(String::new()),
        Some(field) => name(&field, report),
    };
    let tls = match fields.get("tls") {
        None => Some(false),
        Some(field) => field.boolean(report),
    };
    Some(ProbeRequest::Grpc(GrpcRequest { address: address?, service: service?, tls: tls? }))
}

/// A name of the DNS, or of a service.
fn name(field: &Field<'_>, report: &mut Report) -> Option<String> {
    let text = field.text("shop.example", report)?;
    if text.len() > MAX_NAME || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        field.wrong(text, "is no name: write e.g. `shop.example`", report);
        return None;
    }
    Some(text.to_owned())
}

/// The field `address`.
pub(in crate::config) fn address(
    fields: &mut Fields<'_>,
    example: &str,
    port: Option<u16>,
    report: &mut Report,
) -> Option<Address> {
    let field = fields.need("address", &quote(example).replace('`', "\""), report)?;
    read_address(&field, example, port, report)
}

/// `host:port`; the port may be missing where one is usual.
fn read_address(
    field: &Field<'_>,
    example: &str,
    usual_port: Option<u16>,
    report: &mut Report,
) -> Option<Address> {
    let text = field.text(example, report)?;
    let found = parse(text, usual_port);
    if found.is_none() {
        field.wrong(text, &format!("is no host and port: write e.g. `{example}`"), report);
    }
    found
}

fn parse(text: &str, usual_port: Option<u16>) -> Option<Address> {
    let is_bare_v6 = text.matches(':').count() > 1 && !text.starts_with('[');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !is_bare_v6 && !port.ends_with(']') => (host, port.parse().ok()),
        _ => (text, usual_port),
    };
    let host = if is_bare_v6 { format!("[{host}]") } else { host.to_owned() };
    let port = port.filter(|port| *port > 0)?;
    Some(Address { host: Host::parse(&host).ok()?, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_with_ports() {
        let shown = |text, port| parse(text, port).map(|address| address.to_string());
        for (text, port, address) in [
            ("db.example:5432", None, Some("db.example:5432")),
            ("10.0.0.1:53", None, Some("10.0.0.1:53")),
            ("[2001:db8::1]:443", None, Some("[2001:db8::1]:443")),
            ("2001:db8::1", Some(53), Some("[2001:db8::1]:53")),
            ("shop.example", Some(443), Some("shop.example:443")),
            ("shop.example", None, None),
            ("shop.example:0", Some(443), None),
            ("shop.example:99999", Some(443), None),
            ("https://shop.example", Some(443), None),
            ("", Some(443), None),
        ] {
            assert_eq!(shown(text, port).as_deref(), address, "{text}");
        }
    }
}
