//! Which sides of which SLIs a series feeds.
//!
//! Invariant: a series of a metric that nobody names is told by one look at its name.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::measure::histogram::parse_bound;

use super::Label;
use super::labels::value;
use crate::source::{MetricSource, Selector};

/// The label that holds a bucket's upper bound.
const BOUND: &str = "le";

/// The number of an SLI among those that samples feed.
pub(super) type SliNumber = usize;

/// A side of an SLI's ratio: the first or the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Feed {
    pub(super) sli: SliNumber,
    pub(super) second: bool,
}

/// All selectors, by the metric that they name.
#[derive(Debug)]
pub(super) struct Selectors {
    sources: Vec<MetricSource>,
    by_metric: HashMap<String, Vec<Feed>>,
    /// For each SLI and side: buckets were seen that would be the one asked for, were it not for their bound.
    other_bounds: Vec<[AtomicBool; 2]>,
}

impl Selectors {
    pub(super) fn new(sources: Vec<MetricSource>) -> Self {
        let mut by_metric: HashMap<String, Vec<Feed>> = HashMap::new();
        for (sli, source) in sources.iter().enumerate() {
            for (second, selector) in [(false, &source.first), (true, &source.second)] {
                by_metric.entry(selector.metric.clone()).or_default().push(Feed { sli, second });
            }
        }
        let other_bounds = sources.iter().map(|_| Default::default()).collect();
        Self { sources, by_metric, other_bounds }
    }

    /// The SLIs, by number.
    pub(super) fn sources(&self) -> &[MetricSource] {
        &self.sources
    }

    /// Whether any side names this metric.
    #[inline]
    pub(super) fn names(&self, metric: &str) -> bool {
        self.by_metric.contains_key(metric)
    }

    /// What a series feeds: nothing, a side, or several.
    pub(super) fn feeds(&self, metric: &str, labels: &[Label<'_>]) -> Vec<Feed> {
        let named = self.by_metric.get(metric).map(Vec::as_slice).unwrap_or_default();
        named.iter().copied().filter(|feed| self.takes(*feed, labels)).collect()
    }

    /// Whether a side asks for a bucket, and only buckets with other bounds came: then it is unknown, not zero.
    pub(super) fn lacks_bucket(&self, feed: Feed) -> bool {
        self.seen_otherwise(feed).is_some_and(|seen| seen.load(Ordering::Relaxed))
    }

    fn takes(&self, feed: Feed, labels: &[Label<'_>]) -> bool {
        let Some(selector) = self.selector(feed) else { return false };
        if !selector.matchers.iter().all(|(name, pattern)| pattern.matches(value(labels, name))) {
            return false;
        }
        let Some(asked) = selector.le else { return true };
        #[expect(clippy::float_cmp, reason = "bounds are the same if they read as the same number")]
        let is_it = parse_bound(value(labels, BOUND)).is_some_and(|bound| bound == asked);
        if !is_it
            && let Some(seen) = self.seen_otherwise(feed)
            && !seen.swap(true, Ordering::Relaxed)
        {
            let sli = self.sources.get(feed.sli).map_or("", |source| source.sli.as_str());
            tracing::info!(
                sli,
                metric = selector.metric,
                le = asked,
                "a histogram has buckets besides the one asked for"
            );
        }
        is_it
    }

    fn selector(&self, feed: Feed) -> Option<&Selector> {
        let source = self.sources.get(feed.sli)?;
        Some(if feed.second { &source.second } else { &source.first })
    }

    fn seen_otherwise(&self, feed: Feed) -> Option<&AtomicBool> {
        self.other_bounds.get(feed.sli)?.get(usize::from(feed.second))
    }
}
