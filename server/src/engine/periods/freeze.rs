//! Freezing one period: judged anew, compared with what is frozen of it, and written if that is something else.
//!
//! Invariants: nothing is written that was judged while its data changed; of two servers that freeze the same, the second
//! compares with what the first has written.

use domain::{Bounds, Instant, Slo};

use super::reason;
use super::record::{Figures, Policy, Record};
use crate::engine::Sources;
use crate::ingest::slices::RETENTION_SECONDS;
use crate::store::{ClosedPeriod, MeasuredInPeriod, StoreError};

/// Revisions of a period follow each other at least 2 s apart, then 4 s, 8 s and so on up to this: corrections that
/// do not end are gathered.
const REVISION_PAUSE_SECONDS_MAX: i64 = 3_600;
/// A period that changed while it was looked at is looked at again after so long.
const AGAIN_SECONDS: i64 = 2;

/// Why a period could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum PeriodError {
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is frozen was written by a version that this one does not know.
    #[error("what is frozen cannot be read")]
    Unreadable(#[from] serde_json::Error),
}

/// What came of looking at a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is frozen as it is known now.
    Settled,
    /// Nothing was measured before its end.
    BeforeData,
    /// It is to be looked at again, but not before.
    Later(Instant),
}

impl Sources<'_> {
    /// Freezes a period that has ended, unless it is frozen as it is known now.
    pub(super) async fn freeze(
        &self,
        slo: &Slo,
        period: Bounds,
        now: Instant,
    ) -> Result<Outcome, PeriodError> {
        let id = self.catalog.id(&slo.sli).ok_or(StoreError::NotReady)?;
        let first = self.store.first_measured(id, now - RETENTION_SECONDS).await?;
        if first.is_none_or(|first| first >= period.to) {
            return Ok(Outcome::BeforeData);
        }
        let latest = self.store.closed_period(&slo.name, period.from, None).await?;
        let measured = self.measured(slo, period).await?;
        let status = self.status(slo, period.to, true).await?;
        if self.measured(slo, period).await? != measured {
            return Ok(Outcome::Later(now + AGAIN_SECONDS));
        }
        let policy = Policy::of(slo, &self.estate, period);
        let text = serde_json::to_string(&policy)?;
        let found = Record { bounds: period, measured, policy, objectives: Figures::of(&status)? };
        let (revision, reason) = match &latest {
            None => (1, reason::CLOSED.to_owned()),
            Some(latest) => {
                let Some(reason) = reason::reason(&Record::read(latest)?, &found) else {
                    return Ok(Outcome::Settled);
                };
                let earliest = latest.frozen_at + pause_seconds(latest.revision);
                if now < earliest {
                    return Ok(Outcome::Later(earliest));
                }
                (latest.revision.saturating_add(1), reason)
            }
        };
        let frozen = ClosedPeriod {
            slo: slo.name.clone(),
            bounds: period,
            revision,
            frozen_at: now,
            reason,
            measured,
            policy: text,
            status: serde_json::to_string(&status)?,
        };
        if !self.store.freeze(&frozen).await? {
            // Another server was first: what it froze is to be compared with.
            return Ok(Outcome::Later(now + AGAIN_SECONDS));
        }
        tracing::info!(slo = slo.name, from = %period.from, revision, reason = frozen.reason, "a period is frozen");
        Ok(Outcome::Settled)
    }

    async fn measured(&self, slo: &Slo, period: Bounds) -> Result<MeasuredInPeriod, StoreError> {
        let id = self.catalog.id(&slo.sli).ok_or(StoreError::NotReady)?;
        let sum = self.store.sums(id, &[period]).await?.into_iter().next().unwrap_or_default();
        Ok(MeasuredInPeriod { good: sum.good, total: sum.total, seconds: sum.measured_seconds })
    }
}

/// How long a revision stands at least.
fn pause_seconds(revision: u32) -> i64 {
    // 2^12 s are more than the most.
    (1_i64 << revision.min(12)).min(REVISION_PAUSE_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::pause_seconds;

    #[test]
    fn revisions_follow_each_other_ever_more_slowly() {
        let pauses: Vec<i64> = [1, 2, 11, 12, 63, 64, u32::MAX].map(pause_seconds).into();
        assert_eq!(pauses, [2, 4, 2_048, 3_600, 3_600, 3_600, 3_600]);
    }
}
