//! DNS: one question to one name server, over UDP, and over TCP where the answer does not fit.
//!
//! Invariants: an answer is taken from the address that was asked, and only for the question that was asked; a name
//! server that a probe names passes [`super::Egress`] like any target. The one that the operator gave this machine does
//! not have to: in clouds it is a link-local address.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{self, Name, RData};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::{fs, time};

use super::progress::Progress;
use super::{Answer, FailureReason, Interruption, Network, Phase, connect, resolve};
use crate::source::{DnsRequest, RecordType};

/// The largest answer over UDP that is read; what does not fit is truncated and asked for over TCP.
const UDP_BYTES_MAX: usize = 4_096;
/// Datagrams may be lost, so the question is asked again after this.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Datagrams that are no answer to our question and are passed over, for each time that it is asked.
const STRANGERS_MAX: usize = 64;
/// Records of one answer that are kept.
const RECORDS_MAX: usize = 1_024;
/// Where this machine says which name servers it uses, and how much of it is read.
const RESOLV_CONF: &str = "/etc/resolv.conf";
const DNS_PORT: u16 = 53;

/// Asks for the records.
pub(super) async fn ask(
    request: &DnsRequest,
    network: &Network,
    progress: &mut Progress,
) -> Result<Answer, Interruption> {
    let own =
        |error: &dyn std::fmt::Display| Interruption::Own(format!("the question cannot be asked: {error}"));
    let name = Name::from_utf8(&request.name).map_err(|error| own(&error))?;
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(name, record_type(request.record)));
    let bytes = question.to_vec().map_err(|error| own(&error))?;
    let server = match &request.server {
        Some(server) => {
            let found = resolve::addresses(server, network.egress).await?;
            found.first().copied().ok_or_else(|| own(&"the name server has no address"))?
        }
        None => own_server().await?,
    };
    progress.enter(Phase::Answer);
    let mut answer = over_udp(server, &bytes, &question).await?;
    if answer.metadata.truncation {
        answer = over_tcp(server, &bytes, &question).await?;
    }
    records(request, &answer)
}

/// The first name server that this machine uses.
async fn own_server() -> Result<SocketAddr, Interruption> {
    let text = fs::read_to_string(RESOLV_CONF).await.unwrap_or_default();
    let mut servers = text.lines().filter_map(|line| line.strip_prefix("nameserver"));
    let first = servers.find_map(|rest| rest.trim().parse::<IpAddr>().ok());
    let none = || Interruption::Own("this machine names no name server".to_owned());
    first.map(|ip| SocketAddr::new(ip, DNS_PORT)).ok_or_else(none)
}

async fn over_udp(server: SocketAddr, bytes: &[u8], question: &Message) -> Result<Message, Interruption> {
    let own = |error: std::io::Error| Interruption::Own(format!("could not ask over UDP: {error}"));
    let any: IpAddr = if server.is_ipv4() { [0_u8; 4].into() } else { [0_u16; 8].into() };
    // A port of its own for each question, chosen by the system.
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await.map_err(own)?;
    // Connected, so that only this server's datagrams arrive, and its "port unreachable" does.
    socket.connect(server).await.map_err(own)?;
    let mut buffer = vec![0; UDP_BYTES_MAX];
    loop {
        if let Err(error) = socket.send(bytes).await {
            return Err(refused_or(&error, own(std::io::Error::from(error.kind()))));
        }
        let heard = async {
            for _ in 0..STRANGERS_MAX {
                let length = socket.recv(&mut buffer).await?;
                let answer = buffer.get(..length).and_then(|bytes| Message::from_vec(bytes).ok());
                if let Some(answer) = answer.filter(|answer| answers(answer, question)) {
                    return Ok(answer);
                }
            }
            Err(std::io::Error::other("too many datagrams that are no answer"))
        };
        match time::timeout(ASK_AGAIN, heard).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => {
                let other = Interruption::Target(FailureReason::Dns("no valid answer".to_owned()));
                return Err(refused_or(&error, other));
            }
            // The deadline of the attempt ends this.
            Err(_) => {}
        }
    }
}

fn refused_or(error: &std::io::Error, other: Interruption) -> Interruption {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => Interruption::Target(FailureReason::Refused),
        _ => other,
    }
}

async fn over_tcp(server: SocketAddr, bytes: &[u8], question: &Message) -> Result<Message, Interruption> {
    let closed = |_| Interruption::Target(FailureReason::Closed);
    let mut stream: TcpStream = connect::connect(&[server]).await?;
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes()[..], bytes].concat()).await.map_err(closed)?;
    let length = stream.read_u16().await.map_err(closed)?;
    let mut buffer = vec![0; usize::from(length)];
    stream.read_exact(&mut buffer).await.map_err(closed)?;
    let answer = Message::from_vec(&buffer).ok().filter(|answer| answers(answer, question));
    answer.ok_or_else(|| Interruption::Target(FailureReason::Dns("no valid answer".to_owned())))
}

/// Whether it is an answer to this question and no other.
fn answers(answer: &Message, question: &Message) -> bool {
    let same = |(one, other): (&Query, &Query)| {
        one.name().eq_ignore_root(other.name()) && one.query_type() == other.query_type()
    };
    answer.metadata.id == question.metadata.id
        && answer.metadata.message_type == hickory_proto::op::MessageType::Response
        && answer.queries.first().zip(question.queries.first()).is_some_and(same)
}

fn records(request: &DnsRequest, answer: &Message) -> Result<Answer, Interruption> {
    let target = |reason| Err(Interruption::Target(reason));
    match answer.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return target(FailureReason::NameNotFound(request.name.clone())),
        code => return target(FailureReason::Dns(code.to_string())),
    }
    let wanted = record_type(request.record);
    let found = answer.answers.iter().filter(|record| record.record_type() == wanted);
    let found: Vec<String> = found.take(RECORDS_MAX).map(|record| text(&record.data)).collect();
    if found.is_empty() {
        return target(FailureReason::Dns(format!("no {} record", request.record.name())));
    }
    Ok(Answer::Records(found))
}

/// A record as people write it: names without the dot at their end.
fn text(data: &RData) -> String {
    match data {
        RData::TXT(txt) => txt.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect(),
        data => data.to_string().trim_end_matches('.').to_owned(),
    }
}

fn record_type(record: RecordType) -> rr::RecordType {
    match record {
        RecordType::A => rr::RecordType::A,
        RecordType::AAAA => rr::RecordType::AAAA,
        RecordType::CNAME => rr::RecordType::CNAME,
        RecordType::MX => rr::RecordType::MX,
        RecordType::NS => rr::RecordType::NS,
        RecordType::SOA => rr::RecordType::SOA,
        RecordType::SRV => rr::RecordType::SRV,
        RecordType::TXT => rr::RecordType::TXT,
        RecordType::CAA => rr::RecordType::CAA,
        RecordType::PTR => rr::RecordType::PTR,
    }
}
