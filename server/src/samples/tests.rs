//! Samples through the head into slices, without a store: what is made does not depend on how they came.

use domain::{Instant, Measured, Measurement, Slice};
use proptest::prelude::*;

use super::head::{Head, Verdict};
use super::registry::Registry;
use super::selectors::Selectors;
use super::{AHEAD_MAX_MILLIS, Intake, LATE_MAX_MILLIS, Label, Sample, fold, labels};
use crate::source::{LabelPattern, MetricSource, Ratio, Selector};

/// A minute, far from the epoch.
const T: i64 = 1_800_000_000;

fn selector(code: &str) -> Selector {
    let matchers = vec![("code".to_owned(), LabelPattern::new(code).unwrap())];
    Selector { metric: "m".to_owned(), matchers, le: None }
}

/// Good and bad of one metric, asked every quarter of a minute.
fn sources() -> Vec<MetricSource> {
    let (first, second) = (selector("2.."), selector("5.."));
    vec![MetricSource { sli: "s".to_owned(), cadence_seconds: 15, ratio: Ratio::GoodBad, first, second }]
}

struct Bench {
    selectors: Selectors,
    registry: Registry,
    head: Head,
}

impl Bench {
    fn new() -> Self {
        let selectors = Selectors::new(sources());
        let head = Head::new(selectors.sources());
        Self { selectors, registry: Registry::default(), head }
    }

    fn add(&mut self, code: &str, sample: Sample) -> Verdict {
        let mut key = Vec::new();
        labels::key_of(&[("__name__", "m"), ("code", code)], &mut key).unwrap();
        let (number, is_new) = self.registry.keep(code.parse().unwrap(), &key, &self.selectors).unwrap();
        let feeds = self.registry.entry(number).unwrap().feeds.clone();
        if is_new {
            self.head.begin(number, &feeds);
        }
        self.head.add(number, &feeds, sample)
    }

    /// What is due, made.
    fn fold(&mut self) -> Vec<Slice> {
        let touched = self.head.take_touched(0);
        touched.map_or_else(Vec::new, |touched| fold::make(&mut self.head, &self.selectors, 0, touched))
    }
}

fn at(seconds: i64, value: f64) -> Sample {
    Sample { millis: (T + seconds) * 1_000, value, created_millis: None }
}

fn measured(slice: &Slice) -> (i64, u64, u64, u32) {
    let Measurement::Measured(Measured { good, total, measured_seconds, .. }) = slice.measurement else {
        return (slice.start.unix() - T, 0, 0, 0);
    };
    (slice.start.unix() - T, good, total, measured_seconds)
}

#[test]
fn only_what_a_sample_touches_is_made_anew() {
    let mut bench = Bench::new();
    for k in 0..12 {
        bench.add("200", at(k * 15, f64::from(i32::try_from(k).unwrap())));
    }
    let all: Vec<_> = bench.fold().iter().map(measured).collect();
    // What lies before the first sample is touched, too, had it said since when it counts; nothing is known of it.
    assert_eq!(all, [(0, 3, 3, 60), (60, 4, 4, 60), (120, 4, 4, 45)]);
    assert_eq!(bench.fold(), []);
    assert_eq!(bench.add("200", at(60, 4.0)), Verdict::Same);
    assert_eq!(bench.add("200", at(60, 5.0)), Verdict::Conflict);
    assert_eq!(bench.add("200", at(60, 6.0)), Verdict::AnotherConflict);
    bench.fold();
    bench.add("200", at(180, 12.0));
    assert_eq!(bench.fold().iter().map(measured).collect::<Vec<_>>(), [(120, 4, 4, 60), (180, 1, 1, 0)]);
}

#[test]
fn what_is_forgotten_changes_no_later_slice() {
    let mut bench = Bench::new();
    let mut whole = Bench::new();
    for k in 0..40 {
        let sample = at(k * 15, f64::from(i32::try_from(k * 3).unwrap()));
        bench.add("200", sample);
        whole.add("200", sample);
    }
    bench.head.forget((T + 300) * 1_000);
    assert_eq!(bench.head.baseline(0).len(), 1);
    assert_eq!(bench.add("200", at(299, 1.0)), Verdict::Late);
    let (found, all) = (bench.fold(), whole.fold());
    assert_eq!(found, all.into_iter().filter(|slice| slice.start.unix() >= T + 300).collect::<Vec<_>>());
    assert_eq!(found.len(), 5);
}

#[test]
fn an_interruption_ends_what_births_are_believed() {
    let mut bench = Bench::new();
    let born =
        |seconds, value, born: i64| Sample { created_millis: Some((T + born) * 1_000), ..at(seconds, value) };
    for k in 0..4 {
        bench.add("200", at(k * 15, 0.0));
    }
    // Collected up to 45 s, then not until 300 s: of a series born in between nobody knows what it counted when.
    bench.add("500", born(300, 7.0, 200));
    bench.add("500", born(315, 9.0, 200));
    // Born while it is collected.
    bench.add("501", born(330, 5.0, 320));
    let made: Vec<_> = bench.fold().iter().map(measured).collect();
    assert_eq!(made.last(), Some(&(300, 0, 7, 25)), "{made:?}");
}

#[test]
fn an_earlier_meaning_is_not_made_anew() {
    let mut bench = Bench::new();
    bench.head.slis_mut()[0].began = Some(Instant::from_unix(T + 60));
    for k in 0..12 {
        bench.add("200", at(k * 15, f64::from(i32::try_from(k).unwrap())));
    }
    assert_eq!(bench.fold().iter().map(measured).collect::<Vec<_>>(), [(60, 4, 4, 60), (120, 4, 4, 45)]);
}

#[tokio::test]
async fn a_request_is_told_of_each_refusal_and_what_nobody_needs_is_counted() {
    let (intake, _writer) = Intake::new(sources());
    let now = T * 1_000;
    let mut gather = intake.gather(now);
    let sample = |millis| Sample { millis, value: 1.0, created_millis: None };
    gather.series(&[("__name__", "up"), ("job", "a")]);
    gather.sample(sample(now));
    gather.sample(sample(now + AHEAD_MAX_MILLIS));
    gather.sample(sample(now + AHEAD_MAX_MILLIS + 1));
    gather.series(&[("__name__", "m"), ("code", "404")]);
    gather.sample(sample(now - LATE_MAX_MILLIS));
    gather.sample(sample(now - LATE_MAX_MILLIS - 1));
    gather.series(&[("b", "1")]);
    gather.sample(sample(now));
    gather.nameless("nobody knows");
    gather.sample(sample(now));
    // Nothing is to be kept, so nobody has to write.
    let told = intake.offer(gather).await.unwrap();
    assert_eq!((told.taken, told.refused, told.refused_series), (3, 4, 2));
    assert_eq!(
        told.faults,
        [
            format!(
                "series 1 (`up`): 1 samples are more than 10 min in the future, such as the one at {} ms",
                now + 600_001
            ),
            format!(
                "series 2 (`m`): 1 samples are more than 2 h old, such as the one at {} ms",
                now - 7_200_001
            ),
            "series 3: there is no metric name (label `__name__`)".to_owned(),
            "series 4: nobody knows".to_owned(),
        ]
    );
    let unneeded = intake.unneeded();
    let found: Vec<_> =
        unneeded.metrics.iter().map(|one| (one.metric.as_str(), one.series, one.samples)).collect();
    assert_eq!(found, [("m", 1, 1), ("up", 1, 2)]);
    assert_eq!((intake.totals().taken, intake.totals().refused), (3, 4));
}

/// Without a writer the queue fills up, and what does not fit is to be sent again.
#[tokio::test]
async fn a_full_queue_is_busy() {
    let (intake, _writer) = Intake::new(sources());
    let gathered = || {
        let mut gather = intake.gather(T * 1_000);
        let labels: [Label<'_>; 2] = [("__name__", "m"), ("code", "200")];
        gather.series(&labels);
        gather.sample(at(0, 1.0));
        gather
    };
    let mut waiting: Vec<_> = Vec::new();
    for _ in 0..300 {
        let mut offer = Box::pin(intake.offer(gathered()));
        match futures::poll!(&mut offer) {
            std::task::Poll::Pending => waiting.push(offer),
            std::task::Poll::Ready(answer) => {
                assert_eq!(answer, Err(super::Refusal::Busy));
                assert_eq!(waiting.len(), 256);
                return;
            }
        }
    }
    panic!("everything was taken");
}

/// A number of samples in some order, in some batches.
fn shuffled() -> impl Strategy<Value = (Vec<(&'static str, Sample)>, Vec<bool>)> {
    let value = prop_oneof![8 => (0..50_u32).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(-1.0)];
    let created =
        prop_oneof![3 => Just(None), 1 => (0..400_i64).prop_map(|second| Some((T + second) * 1_000))];
    let one = (prop::sample::select(vec!["200", "201", "500"]), 0..40_i64, value, created);
    prop::collection::btree_map((0..3_usize, 0..40_i64), one, 0..60).prop_flat_map(|samples| {
        let codes = ["200", "201", "500"];
        let all: Vec<_> = samples
            .into_iter()
            .map(|((code, k), (_, _, value, created_millis))| {
                (codes[code], Sample { created_millis, ..at(k * 10, value) })
            })
            .collect();
        let length = all.len();
        (Just(all).prop_shuffle(), prop::collection::vec(any::<bool>(), length))
    })
}

proptest! {
    /// Folded in any order and as often as may be, the slices are those that are made at the end of all.
    #[test]
    fn neither_order_nor_batches_change_a_slice((samples, folds) in shuffled()) {
        let (mut in_parts, mut at_once) = (Bench::new(), Bench::new());
        let mut stored = std::collections::BTreeMap::new();
        for ((code, sample), fold) in samples.iter().zip(folds) {
            in_parts.add(code, *sample);
            if fold {
                stored.extend(in_parts.fold().into_iter().map(|slice| (slice.start, slice)));
            }
        }
        stored.extend(in_parts.fold().into_iter().map(|slice| (slice.start, slice)));
        let mut sorted = samples.clone();
        sorted.sort_by_key(|(code, sample)| (sample.millis, *code));
        for (code, sample) in &sorted {
            at_once.add(code, *sample);
        }
        // A slice that is not there is unknown, too.
        let is_measured = |slice: &Slice| matches!(slice.measurement, Measurement::Measured(_));
        let made: Vec<Slice> = at_once.fold().into_iter().filter(is_measured).collect();
        prop_assert_eq!(stored.into_values().filter(is_measured).collect::<Vec<_>>(), made);
    }
}
