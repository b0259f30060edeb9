//! `prometheus.WriteRequest`.
//!
//! | field | of | is |
//! |---|---|---|
//! | 1 `timeseries` | request | a series |
//! | 3 `metadata` | request | passed over |
//! | 1 `labels` | series | 1 `name`, 2 `value` |
//! | 2 `samples` | series | 1 `value`, 2 `timestamp` in milliseconds |
//! | 3 `exemplars`, 4 `histograms` | series | counted |
//!
//! Fields may stand in any order, so a series is gone through twice: for its labels, then for its samples.

use super::{Extras, Sink};
use crate::ingest::protobuf::{Fault, Reader};
use crate::samples::{Label, Sample};

pub(super) fn decode(message: &[u8], sink: &mut impl Sink) -> Result<Extras, Fault> {
    let mut request = Reader::new(message, "request");
    let mut extras = Extras::default();
    let mut labels: Vec<Label<'_>> = Vec::new();
    while let Some((number, wire)) = request.key()? {
        if number != 1 {
            request.skip(wire)?;
            continue;
        }
        let series = request.message(wire, "timeseries")?;
        labels.clear();
        of_labels(series, &mut labels)?;
        sink.series(&labels);
        of_samples(series, sink, &mut extras)?;
    }
    Ok(extras)
}

fn of_labels<'a>(mut series: Reader<'a>, labels: &mut Vec<Label<'a>>) -> Result<(), Fault> {
    while let Some((number, wire)) = series.key()? {
        if number != 1 {
            series.skip(wire)?;
            continue;
        }
        let mut label = series.message(wire, "timeseries.labels")?;
        let (mut name, mut value) = ("", "");
        while let Some((number, wire)) = label.key()? {
            match number {
                1 => name = label.string(wire, "timeseries.labels.name")?,
                2 => value = label.string(wire, "timeseries.labels.value")?,
                _ => label.skip(wire)?,
            }
        }
        labels.push((name, value));
    }
    Ok(())
}

fn of_samples(mut series: Reader<'_>, sink: &mut impl Sink, extras: &mut Extras) -> Result<(), Fault> {
    while let Some((number, wire)) = series.key()? {
        match number {
            2 => {
                let mut sample = series.message(wire, "timeseries.samples")?;
                let (mut value, mut millis) = (0.0, 0);
                while let Some((number, wire)) = sample.key()? {
                    match number {
                        1 => value = sample.double(wire, "timeseries.samples.value")?,
                        2 => millis = sample.int64(wire, "timeseries.samples.timestamp")?,
                        _ => sample.skip(wire)?,
                    }
                }
                sink.sample(Sample { millis, value, created_millis: None });
            }
            3 => {
                series.message(wire, "timeseries.exemplars")?;
                extras.exemplars += 1;
            }
            4 => {
                series.message(wire, "timeseries.histograms")?;
                extras.histograms += 1;
            }
            _ => series.skip(wire)?,
        }
    }
    Ok(())
}
