//! Events: single results of an SLI, as NDJSON or as a JSON list, summed into minutes. All of a body is valid, or none
//! is counted.
//!
//! Invariant: every event stands under a key that tells a retry: its own id, or the body that it came in.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use domain::Instant;
use domain::estate::SLICE_SECONDS;
use serde::Deserialize;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::Number;
use sha2::{Digest, Sha256};

use super::slices::LineError;
use crate::engine::Catalog;
use crate::store::{Conflict, EventKey, EventSum, SliId};

/// Events that happened longer ago are refused, because what tells a retry is not kept for ever; older results are
/// imported as slices.
pub const AGE_SECONDS_MAX: i64 = 7 * 86_400;
/// A sender's clock may be ahead by this much; its events then count in the minute that runs here.
const AHEAD_SECONDS_MAX: i64 = 60;
/// A count above this is a mistake of the sender.
const COUNT_MAX: u64 = 1_000_000_000_000;
/// Letters of an event's id.
const ID_CHARACTERS_MAX: usize = 200;
/// Letters of an undeclared name, or of another kind, that an answer repeats.
const NAME_CHARACTERS_ECHOED: usize = 63;
/// Letters of serde's message that an answer repeats: it may quote the input.
const MESSAGE_CHARACTERS_ECHOED: usize = 200;
/// The one kind that there is.
const KIND: &str = "sli";

/// A decoded body.
#[derive(Debug, Default)]
pub struct Events {
    /// What to add up.
    pub sums: Vec<EventSum>,
    /// Names of the SLIs.
    pub names: HashMap<SliId, String>,
    /// Events under each key.
    counted: HashMap<EventKey, usize>,
    /// The line of the first event of each sum.
    lines: Vec<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    kind: String,
    sli: String,
    at: String,
    good: bool,
    count: Option<Number>,
    id: Option<String>,
}

/// What a body of another kind has in common with ours.
#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Who sent a body, and when.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The public id of the token, or a word for callers without one.
    pub source: &'a str,
    /// The time here.
    pub now: Instant,
    /// Events that a body may hold.
    pub events_max: usize,
}

impl Events {
    /// Decodes a body; every faulty line, or place in the list from 1, is named.
    pub fn parse(body: &[u8], catalog: &Catalog, sent: Sent<'_>) -> Result<Self, Vec<LineError>> {
        let (events, mut errors) = decode(body, sent.events_max);
        let body_key = body_key(sent.source, body);
        let mut parsed = Self::default();
        let mut places: BTreeMap<(EventKey, SliId, Instant), usize> = BTreeMap::new();
        let mut ids = HashSet::new();
        for (line, event) in events {
            let (sli, minute, count) = match check(&event, catalog, sent.now) {
                Ok(checked) => checked,
                Err(message) => {
                    errors.push(LineError { line, message });
                    continue;
                }
            };
            let key = event.id.as_ref().map_or(body_key, |id| id_key(&event.sli, id));
            *parsed.counted.entry(key).or_default() += 1;
            // The same id twice in a body is one event.
            if event.id.is_some() && !ids.insert(key) {
                continue;
            }
            let index = *places.entry((key, sli, minute)).or_insert_with(|| {
                parsed.sums.push(EventSum { key, sli, minute, good: 0, total: 0 });
                parsed.lines.push(line);
                parsed.sums.len() - 1
            });
            if let Some(sum) = parsed.sums.get_mut(index) {
                sum.total = sum.total.saturating_add(count);
                sum.good = sum.good.saturating_add(if event.good { count } else { 0 });
            }
            parsed.names.entry(sli).or_insert(event.sli);
        }
        errors.sort_by_key(|error| error.line);
        if errors.is_empty() { Ok(parsed) } else { Err(errors) }
    }

    /// Events taken, repeated ones included.
    pub fn accepted(&self) -> usize {
        self.counted.values().sum()
    }

    /// Events under keys that were here before.
    pub fn repeated(&self, known: &HashSet<EventKey>) -> usize {
        self.counted.iter().filter(|(key, _)| known.contains(*key)).map(|(_, events)| events).sum()
    }

    /// Minutes that a slice of other bounds covers, in words.
    pub fn conflicts(&self, conflicts: &[Conflict]) -> Vec<LineError> {
        let of_line = |conflict: &Conflict| LineError {
            line: self.lines.get(conflict.index).copied().unwrap_or(0),
            message: format!(
                "its minute lies in the measured slice at {} of {} seconds, which takes no single events",
                conflict.start, conflict.seconds
            ),
        };
        conflicts.iter().map(of_line).collect()
    }
}

fn check(event: &Event, catalog: &Catalog, now: Instant) -> Result<(SliId, Instant, u64), String> {
    if event.kind != KIND {
        return Err(other_kind(&event.kind));
    }
    let Some(sli) = catalog.id(&event.sli) else {
        let name: String = event.sli.chars().take(NAME_CHARACTERS_ECHOED).collect();
        return Err(format!("the SLI `{name}` is not declared; add it to the configuration"));
    };
    let at = Instant::parse(&event.at).map_err(|error| format!("`at`: {error}"))?;
    if at > now + AHEAD_SECONDS_MAX {
        return Err(format!("`at` lies in the future; it is {now} here"));
    }
    if at < now - AGE_SECONDS_MAX {
        return Err("`at` lies more than 7 days back; import older results as slices".to_owned());
    }
    let count = match &event.count {
        None => 1,
        Some(count) => count
            .as_u64()
            .filter(|count| (1..=COUNT_MAX).contains(count))
            .ok_or_else(|| format!("`count` is {count}; it must be a whole number from 1 to {COUNT_MAX}"))?,
    };
    if event.id.as_ref().is_some_and(|id| id.is_empty() || id.chars().count() > ID_CHARACTERS_MAX) {
        return Err(format!("`id` has 1 to {ID_CHARACTERS_MAX} characters"));
    }
    Ok((sli, at.min(now).floor_to(i64::from(SLICE_SECONDS)), count))
}

fn other_kind(kind: &str) -> String {
    let kind: String = kind.chars().take(NAME_CHARACTERS_ECHOED).collect();
    format!("events of the kind `{kind}` are not taken; the kind is `{KIND}`")
}

/// The events with their lines, or of a list with their places, and what could not be read.
fn decode(body: &[u8], events_max: usize) -> (Vec<(usize, Event)>, Vec<LineError>) {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        return decode_list(body, events_max);
    }
    let (mut events, mut errors, mut seen) = (Vec::new(), Vec::new(), 0);
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        seen += 1;
        if seen > events_max {
            errors.push(too_many(index + 1, events_max));
            break;
        }
        match serde_json::from_slice::<Event>(line) {
            Ok(event) => events.push((index + 1, event)),
            Err(error) => errors.push(LineError { line: index + 1, message: faulty(line, &error) }),
        }
    }
    (events, errors)
}

fn too_many(line: usize, events_max: usize) -> LineError {
    LineError { line, message: format!("more than {events_max} events (limit-events); send them in parts") }
}

fn faulty(line: &[u8], error: &serde_json::Error) -> String {
    let kind = serde_json::from_slice::<Kind>(line).ok().and_then(|event| event.kind);
    if let Some(kind) = kind.filter(|kind| kind != KIND) {
        return other_kind(&kind);
    }
    message(error)
}

/// serde's message without its "line 1" of our one-line text.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what: String =
        text.split(" at line ").next().unwrap_or_default().chars().take(MESSAGE_CHARACTERS_ECHOED).collect();
    format!("no valid event at column {}: {what}", error.column())
}

/// A list is read element by element, so that a long one costs no more than its bound.
fn decode_list(body: &[u8], events_max: usize) -> (Vec<(usize, Event)>, Vec<LineError>) {
    let mut list = List { events: Vec::new(), events_max };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = reader.deserialize_seq(&mut list).and_then(|()| reader.end());
    let errors = read.err().map(|error| {
        let next = list.events.len() + 1;
        if next > events_max {
            too_many(next, events_max)
        } else {
            LineError { line: next, message: message(&error) }
        }
    });
    (list.events, errors.into_iter().collect())
}

struct List {
    events: Vec<(usize, Event)>,
    events_max: usize,
}

impl<'de> Visitor<'de> for &mut List {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(event) = elements.next_element::<Event>()? {
            if self.events.len() >= self.events_max {
                return Err(serde::de::Error::custom("too many events"));
            }
            self.events.push((self.events.len() + 1, event));
        }
        Ok(())
    }
}

/// Lengths stand before the parts, so that no two different parts make one key.
fn key(parts: [&[u8]; 3]) -> EventKey {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn id_key(sli: &str, id: &str) -> EventKey {
    key([b"event", sli.as_bytes(), id.as_bytes()])
}

fn body_key(source: &str, body: &[u8]) -> EventKey {
    key([b"body", source.as_bytes(), &Sha256::digest(body)])
}
