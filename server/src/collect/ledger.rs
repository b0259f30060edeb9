//! What the collector knows and the store may not yet: one builder per SLI.
//!
//! Invariants: a lock is held for arithmetic only, never across an await; nothing of an SLI is handed out for a commit
//! before its running slice was asked back from the store, or a restart would replace the minute it happened in.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Instant, Measured, Slice};

use super::slices::SliceBuilder;
use crate::source::ProbeSource;

/// The builders of all SLIs, by number.
#[derive(Debug)]
pub(crate) struct Ledger {
    accounts: Vec<Account>,
    numbers: HashMap<String, usize>,
}

#[derive(Debug)]
struct Account {
    sli: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    builder: SliceBuilder,
    resumed: bool,
}

impl Ledger {
    /// An empty ledger for the SLIs of these sources. An SLI belongs to one source, which the
    /// configuration sees to.
    pub(crate) fn new(sources: &[ProbeSource]) -> Self {
        let mut ledger = Self { accounts: Vec::new(), numbers: HashMap::new() };
        for (source, judge) in
            sources.iter().flat_map(|source| source.slis.iter().map(move |sli| (source, sli)))
        {
            if ledger.numbers.contains_key(&judge.sli) {
                continue;
            }
            let interval_seconds = i64::try_from(source.interval.as_secs()).unwrap_or(i64::MAX);
            let state = State { builder: SliceBuilder::new(interval_seconds), resumed: false };
            ledger.numbers.insert(judge.sli.clone(), ledger.accounts.len());
            ledger.accounts.push(Account { sli: judge.sli.clone(), state: Mutex::new(state) });
        }
        ledger
    }

    /// Adds a known result.
    pub(crate) fn result(&self, sli: &str, scheduled: Instant, good: bool) {
        let Some(account) = self.numbers.get(sli).and_then(|number| self.accounts.get(*number)) else {
            return;
        };
        if !account.lock().builder.result(scheduled, good) {
            tracing::warn!(sli, scheduled = %scheduled, "a result came too late for its slice and is lost");
        }
    }

    /// The SLIs whose running slice was not yet asked back.
    pub(crate) fn to_resume(&self) -> Vec<(usize, String)> {
        let waiting = self.accounts.iter().enumerate().filter(|(_, account)| !account.lock().resumed);
        waiting.map(|(number, account)| (number, account.sli.clone())).collect()
    }

    /// Takes up what the store holds of the slice at `start`, if anything.
    pub(crate) fn resume(&self, number: usize, start: Instant, stored: Option<Measured>) {
        let Some(account) = self.accounts.get(number) else { return };
        let mut state = account.lock();
        if let Some(stored) = stored {
            state.builder.resume(start, stored);
        }
        state.resumed = true;
    }

    /// Everything that the store does not hold as it is, of all SLIs that were resumed.
    pub(crate) fn changed(&self, now: Instant) -> Vec<(usize, String, Slice)> {
        let mut changed = Vec::new();
        for (number, account) in self.accounts.iter().enumerate() {
            let mut state = account.lock();
            let lost = state.builder.trim(now);
            if lost > 0 {
                tracing::error!(
                    sli = account.sli,
                    slices.lost = lost,
                    "uncommitted slices were dropped for want of room"
                );
            }
            if state.resumed {
                let slices = state.builder.changed(now);
                changed.extend(slices.into_iter().map(|slice| (number, account.sli.clone(), slice)));
            }
        }
        changed
    }

    /// Notes what the store holds now.
    pub(crate) fn committed(&self, slices: &[(usize, String, Slice)]) {
        for group in slices.chunk_by(|a, b| a.0 == b.0) {
            let Some(account) = group.first().and_then(|(number, ..)| self.accounts.get(*number)) else {
                continue;
            };
            let slices: Vec<Slice> = group.iter().map(|(_, _, slice)| slice.clone()).collect();
            account.lock().builder.committed(&slices);
        }
    }
}

impl Account {
    /// A panic while the lock was held left counters that are whole: each is written by one assignment.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
