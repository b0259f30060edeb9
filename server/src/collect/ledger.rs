//! What the collector knows and the store may not yet: one builder per SLI.
//!
//! Invariants: a lock is held for arithmetic only, never across an await; nothing of an SLI is handed out for a commit
//! before its running slice was asked back from the store, or a restart would replace the minute it happened in.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Instant, Measured, Slice};

use super::slices::{SliceBuilder, Waiting};
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

    /// Notes why there is no result of an attempt.
    pub(crate) fn unmeasured(&self, sli: &str, scheduled: Instant, reason: &str) {
        if let Some(account) = self.numbers.get(sli).and_then(|number| self.accounts.get(*number)) {
            account.lock().builder.unmeasured(scheduled, reason);
        }
    }

    /// Takes up a slice that an earlier process could not store; false if nobody measures that SLI any more.
    pub(crate) fn carry(&self, sli: &str, waiting: Waiting) -> bool {
        let account = self.numbers.get(sli).and_then(|number| self.accounts.get(*number));
        account.map(|account| account.lock().builder.carry(waiting)).is_some()
    }

    /// The SLIs of which the store was not asked yet what it holds, with the slices to ask for: the one at `start`, and
    /// those that were carried over.
    pub(crate) fn to_resume(&self, start: Instant) -> Vec<(usize, String, Vec<Instant>)> {
        let ask = |(number, account): (usize, &Account)| {
            let state = account.lock();
            let mut starts: Vec<Instant> =
                state.builder.carried().filter(|carried| *carried != start).collect();
            starts.push(start);
            (!state.resumed).then(|| (number, account.sli.clone(), starts))
        };
        self.accounts.iter().enumerate().filter_map(ask).collect()
    }

    /// Takes up what the store holds of an SLI's slices, if anything.
    pub(crate) fn resume(&self, number: usize, stored: &[(Instant, Option<Measured>)]) {
        let Some(account) = self.accounts.get(number) else { return };
        let mut state = account.lock();
        for (start, stored) in stored {
            state.builder.resume(*start, *stored);
        }
        state.resumed = true;
    }

    /// What is to be written to the spool: what changed since the last time, or all that waits. `started` is the slice
    /// in which this process began.
    pub(crate) fn waiting(&self, started: Instant, all: bool) -> Vec<(String, Waiting)> {
        let mut waiting = Vec::new();
        for account in &self.accounts {
            let mut state = account.lock();
            let unasked = (!state.resumed).then_some(started);
            let slices = state.builder.waiting(unasked, all);
            waiting.extend(slices.into_iter().map(|slice| (account.sli.clone(), slice)));
        }
        waiting
    }

    /// Everything that waits is to be written to the spool once more.
    pub(crate) fn spool_again(&self) {
        self.accounts.iter().for_each(|account| account.lock().builder.spool_again());
    }

    /// Drops all slices that start before `bound`; how many of them were not stored.
    pub(crate) fn shed(&self, bound: Instant, now: Instant) -> usize {
        self.accounts.iter().map(|account| account.lock().builder.shed(bound, now)).sum()
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
