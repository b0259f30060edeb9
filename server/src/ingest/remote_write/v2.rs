//! `io.prometheus.write.v2.Request`: strings stand once in a table and are referred to by number.
//!
//! | field | of | is |
//! |---|---|---|
//! | 4 `symbols` | request | strings; the first is empty |
//! | 5 `timeseries` | request | a series |
//! | 1 `labels_refs` | series | name and value by turns, as numbers of symbols |
//! | 2 `samples` | series | 1 `value`, 2 `timestamp`, 3 `start_timestamp`, both in milliseconds |
//! | 3 `histograms`, 4 `exemplars` | series | counted |
//! | 6 `created_timestamp` | series | of earlier senders: the start of all its samples |
//!
//! A start of 0 is none. Fields may stand in any order: symbols are read first, and a series is gone through twice.

use super::{Extras, Refusal, Sink};
use crate::ingest::protobuf::{Fault, Reader};
use crate::samples::{Label, Sample};

pub(super) fn decode(message: &[u8], sink: &mut impl Sink) -> Result<Extras, Refusal> {
    let symbols = symbols(message)?;
    if symbols.first().is_some_and(|first| !first.is_empty()) {
        return Err(Refusal::Symbols);
    }
    let mut request = Reader::new(message, "request");
    let mut extras = Extras::default();
    let (mut references, mut labels) = (Vec::new(), Vec::new());
    while let Some((number, wire)) = request.key()? {
        if number != 5 {
            request.skip(wire)?;
            continue;
        }
        if symbols.is_empty() {
            return Err(Refusal::Symbols);
        }
        let series = request.message(wire, "timeseries")?;
        references.clear();
        let created_millis = of_series(series, &mut references)?;
        match resolve(&symbols, &references, &mut labels) {
            Ok(()) => sink.series(&labels),
            Err(reason) => sink.nameless(reason),
        }
        of_samples(series, created_millis, sink, &mut extras)?;
    }
    Ok(extras)
}

fn symbols(message: &[u8]) -> Result<Vec<&str>, Fault> {
    let mut request = Reader::new(message, "request");
    let mut symbols = Vec::new();
    while let Some((number, wire)) = request.key()? {
        match number {
            4 => symbols.push(request.string(wire, "symbols")?),
            5 => request.message(wire, "timeseries").map(|_| ())?,
            _ => request.skip(wire)?,
        }
    }
    Ok(symbols)
}

/// The references of a series, and since when it counts if it says so for all of its samples.
fn of_series(mut series: Reader<'_>, references: &mut Vec<u64>) -> Result<Option<i64>, Fault> {
    let mut created_millis = None;
    while let Some((number, wire)) = series.key()? {
        match number {
            1 => series.packed(wire, "timeseries.labels_refs", |reference| references.push(reference))?,
            6 => created_millis = known(series.int64(wire, "timeseries.created_timestamp")?),
            _ => series.skip(wire)?,
        }
    }
    Ok(created_millis)
}

fn resolve<'a>(
    symbols: &[&'a str],
    references: &[u64],
    labels: &mut Vec<Label<'a>>,
) -> Result<(), &'static str> {
    labels.clear();
    let symbol =
        |reference: u64| usize::try_from(reference).ok().and_then(|place| symbols.get(place)).copied();
    let (pairs, rest) = references.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("`labels_refs` has an odd number of references");
    }
    for [name, value] in pairs {
        let (Some(name), Some(value)) = (symbol(*name), symbol(*value)) else {
            return Err("`labels_refs` refers to a symbol that is not there");
        };
        labels.push((name, value));
    }
    Ok(())
}

fn of_samples(
    mut series: Reader<'_>,
    created_millis: Option<i64>,
    sink: &mut impl Sink,
    extras: &mut Extras,
) -> Result<(), Fault> {
    while let Some((number, wire)) = series.key()? {
        match number {
            2 => {
                let mut sample = series.message(wire, "timeseries.samples")?;
                let (mut value, mut millis, mut start) = (0.0, 0, created_millis);
                while let Some((number, wire)) = sample.key()? {
                    match number {
                        1 => value = sample.double(wire, "timeseries.samples.value")?,
                        2 => millis = sample.int64(wire, "timeseries.samples.timestamp")?,
                        3 => {
                            let own = sample.int64(wire, "timeseries.samples.start_timestamp")?;
                            start = known(own).or(start);
                        }
                        _ => sample.skip(wire)?,
                    }
                }
                sink.sample(Sample { millis, value, created_millis: start });
            }
            3 => {
                series.message(wire, "timeseries.histograms")?;
                extras.histograms += 1;
            }
            4 => {
                series.message(wire, "timeseries.exemplars")?;
                extras.exemplars += 1;
            }
            _ => series.skip(wire)?,
        }
    }
    Ok(())
}

/// 0 says that it is not known.
const fn known(millis: i64) -> Option<i64> {
    if millis == 0 { None } else { Some(millis) }
}
