//! What the page of an SLO shows of calendar periods that have ended.

use app::view::ClosedPeriods;
use domain::{Bounds, Instant, Slo, SloStatus, Window, calendar};

use super::Server;
use crate::engine::periods;
use crate::store::StoreError;

/// Periods that the page of a running one lists.
const PERIODS_SHOWN: u32 = 12;
/// Revisions of a period that its page lists.
const REVISIONS_SHOWN: u32 = 20;

impl Server {
    /// Of a closed period, which is `window` and whose figures are `status`, its revisions; of a running one the last
    /// periods before it. None of a rolling window.
    pub(super) async fn closed_periods(
        &self,
        slo: &Slo,
        window: Bounds,
        closed: Option<Instant>,
        status: &SloStatus,
    ) -> Result<Option<ClosedPeriods>, StoreError> {
        let Window::Calendar(calendar) = &slo.window else { return Ok(None) };
        let sources = self.engine.sources();
        if closed.is_some() {
            let found = sources.frozen(&slo.name, Some(window.from + 1), 1, REVISIONS_SHOWN).await?;
            let shown = found.into_iter().find(|period| (period.from, period.to) == (window.from, window.to));
            let latest = shown.as_ref().and_then(|period| period.revisions.last());
            let differs = latest.is_some_and(|latest| periods::differs(status, latest));
            return Ok(Some(ClosedPeriods { shown, differs, latest: Vec::new() }));
        }
        let mut latest = sources.frozen(&slo.name, Some(window.from), PERIODS_SHOWN, 1).await?;
        // Those of a window that was declared before have no page.
        latest.retain(|period| {
            let own = calendar::period(calendar, period.from);
            (period.from, period.to) == (own.from, own.to)
        });
        Ok(Some(ClosedPeriods { shown: None, differs: false, latest }))
    }
}
