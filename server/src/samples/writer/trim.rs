//! Forgetting what no slice needs any more, in memory and in the log.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time;

use super::{Outside, Writer};
use crate::clock;
use crate::samples::registry::SeriesNumber;
use crate::samples::{LATE_MAX_MILLIS, Sample, log};

/// Pause between two trims.
const TRIM_EVERY: Duration = Duration::from_mins(10);
/// What is kept beyond what may still change: a sample that was just in time when it came may wait for its turn.
const SLACK_MILLIS: i64 = 10 * 60 * 1_000;
/// A series that is silent for so long is forgotten; if it comes back it begins anew.
const SILENT_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// Series in one row of the baseline.
const ROW_SERIES: usize = 10_000;
/// The grid of slices.
const MINUTE_MILLIS: i64 = 60_000;

impl Writer {
    /// Trims if it is time to.
    pub(super) async fn trim_if_due(&mut self, outside: &Outside) {
        if self.trimmed.elapsed() >= TRIM_EVERY && !self.in_doubt {
            self.trimmed = time::Instant::now();
            let now_millis = i64::try_from(clock::since_epoch().as_millis()).unwrap_or(i64::MAX);
            self.trim(outside, now_millis).await;
        }
    }

    pub(super) async fn trim(&mut self, outside: &Outside, now_millis: i64) {
        let cut = (now_millis - LATE_MAX_MILLIS - SLACK_MILLIS).div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS;
        let (payloads, gone) = {
            let (mut registry, mut head) = (self.shared.registry_mut(), self.shared.head());
            head.forget(cut);
            let silent: HashSet<SeriesNumber> = head
                .silent_since(now_millis - SILENT_MILLIS)
                .filter(|series| registry.entry(*series).is_some())
                .collect();
            head.drop_series(&silent);
            let gone = registry.forget(&silent);
            let mut baselines: Vec<(i64, Vec<Sample>)> = Vec::new();
            for (id, number) in registry.by_id() {
                let samples: Vec<Sample> = head.baseline(number).iter().map(|point| point.sample).collect();
                if !samples.is_empty() {
                    baselines.push((id, samples));
                }
            }
            let row = |part: &[(i64, Vec<Sample>)]| {
                log::encode(part.iter().map(|(id, samples)| (*id, samples.as_slice())))
            };
            (baselines.chunks(ROW_SERIES).map(row).collect::<Vec<_>>(), gone)
        };
        let gone: Vec<i64> = gone.into_iter().chain(std::mem::take(&mut self.strangers)).collect();
        if let Err(error) = outside.store.trim_log(cut, &payloads, &gone).await {
            // The log has more than it needs until the next trim.
            tracing::warn!(error = ?error, "the sample log could not be trimmed");
        }
    }
}
