//! Gauges judged against a threshold: every sample is one event, good if `value op threshold`.
//!
//! Invariants: values are compared as `f64`, exactly (`-0` equals `0`); NaN, and stale markers among it, is neither
//! good nor bad and leaves its time unknown. A sample measures the time up to the next one, or one cadence if none
//! comes within two.

use super::counts::{Counts, Flags, Judged};
use super::cumulative::Slicing;
use super::spans::Timestamp;
use super::track::{Reading, Track};

/// How a value is compared with the threshold, in the spelling of `OpenSLO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `lt`: less than.
    Less,
    /// `lte`: at most.
    AtMost,
    /// `gt`: greater than.
    Greater,
    /// `gte`: at least.
    AtLeast,
}

/// A text that is no operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of lt, lte, gt, gte")]
pub struct OperatorError(pub String);

impl Operator {
    /// Reads `lt`, `lte`, `gt` or `gte`.
    pub fn parse(text: &str) -> Result<Self, OperatorError> {
        match text {
            "lt" => Ok(Self::Less),
            "lte" => Ok(Self::AtMost),
            "gt" => Ok(Self::Greater),
            "gte" => Ok(Self::AtLeast),
            _ => Err(OperatorError(text.to_owned())),
        }
    }

    /// The spelling of `OpenSLO`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "lt",
            Self::AtMost => "lte",
            Self::Greater => "gt",
            Self::AtLeast => "gte",
        }
    }
}

/// What a good value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// How to compare.
    pub operator: Operator,
    /// What to compare with.
    pub value: f64,
}

impl Threshold {
    /// Whether `value op threshold`; none if either is NaN.
    pub fn is_good(&self, value: f64) -> Option<bool> {
        value.partial_cmp(&self.value).map(|order| match self.operator {
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::AtLeast => order.is_ge(),
        })
    }
}

/// The samples of one gauge series.
pub type Gauge = Track<f64>;

impl Reading<f64> {
    /// A gauge's value: NaN says nothing; infinities are values.
    pub fn gauge(value: f64) -> Self {
        if value.is_nan() { Self::End } else { Self::Value(value) }
    }
}

impl Gauge {
    /// The samples judged, by slice; nothing at or after `until` is measured.
    pub fn judged(&self, threshold: &Threshold, slicing: &Slicing, until: Timestamp) -> Counts<Judged> {
        let mut counts = Counts::new(slicing.slice_seconds());
        let mut samples = self.samples.iter().peekable();
        while let Some((at, kept)) = samples.next() {
            let at = *at;
            counts.add_flags(at, &Flags { conflicts: u32::from(kept.conflict), ..Flags::default() });
            let Reading::Value(value) = &kept.reading else { continue };
            let Some(good) = threshold.is_good(*value) else { continue };
            counts.add_events(at, &Judged::one(good));
            let next = samples.peek().map(|next| *next.0);
            let near = next.filter(|next| next.millis_since(at) <= slicing.gap_millis());
            let to = near.unwrap_or_else(|| at.plus_millis(slicing.cadence_millis()));
            counts.add_measured(at, to.min(until));
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::track::Sample;
    use crate::time::Instant;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn gauge(samples: &[(i64, f64)]) -> Gauge {
        let sample =
            |(t, value): &(i64, f64)| Sample { at: at(*t), created: None, reading: Reading::gauge(*value) };
        samples.iter().map(sample).collect()
    }

    #[test]
    fn operators_are_openslos_and_nothing_else() {
        for operator in [Operator::Less, Operator::AtMost, Operator::Greater, Operator::AtLeast] {
            assert_eq!(Operator::parse(operator.as_str()), Ok(operator));
        }
        for bad in ["", "<", "LT", "le", "lte "] {
            assert!(Operator::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn equality_infinities_and_nan() {
        let judge = |text: &str, value: f64| {
            Threshold { operator: Operator::parse(text).unwrap(), value: 0.3 }.is_good(value)
        };
        assert_eq!((judge("lt", 0.3), judge("lte", 0.3)), (Some(false), Some(true)));
        assert_eq!((judge("gt", 0.3), judge("gte", 0.3)), (Some(false), Some(true)));
        assert_eq!(judge("lte", 0.1 + 0.2), Some(false), "0.1 + 0.2 is above 0.3 as f64");
        assert_eq!((judge("lt", f64::NEG_INFINITY), judge("gte", f64::INFINITY)), (Some(true), Some(true)));
        assert_eq!(judge("lt", f64::NAN), None);
        assert_eq!(Threshold { operator: Operator::Less, value: f64::NAN }.is_good(1.0), None);
        assert_eq!(Threshold { operator: Operator::Less, value: 0.0 }.is_good(-0.0), Some(false));
    }

    #[test]
    fn nan_is_neither_and_leaves_its_time_unknown() {
        let slicing = Slicing::new(60, 15).unwrap();
        let threshold = Threshold { operator: Operator::Less, value: 5.0 };
        let samples = gauge(&[(45, 9.0), (0, 1.0), (30, f64::NAN), (15, 1.0)]);
        let counts = samples.judged(&threshold, &slicing, at(3_600));
        let slice = counts.get(Instant::from_unix(0)).unwrap();
        assert_eq!(slice.events, Judged { good: 2, total: 3 });
        assert_eq!(slice.measured_seconds(), 45);
        assert_eq!(counts.slices().count(), 1);
    }

    #[test]
    fn jitter_leaves_no_holes_and_silence_is_not_measured() {
        let slicing = Slicing::new(60, 15).unwrap();
        let threshold = Threshold { operator: Operator::AtLeast, value: 0.0 };
        let samples = gauge(&[(0, 1.0), (16, 1.0), (46, 1.0), (120, 1.0)]);
        let measured = |until| {
            let counts = samples.judged(&threshold, &slicing, at(until));
            counts.slices().map(|(_, slice)| slice.measured_seconds()).collect::<Vec<_>>()
        };
        assert_eq!(measured(3_600), [60, 1, 15]);
        assert_eq!(measured(125), [60, 1, 5]);
        assert_eq!(measured(-5), [0, 0], "the events stay, no time is claimed");
    }
}
