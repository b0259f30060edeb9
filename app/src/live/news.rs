//! Changes told to screen readers: batched, at most one message per 30 s, so that nobody is talked over.

#[cfg(feature = "hydrate")]
use std::fmt::Write as _;

use leptos::prelude::*;

/// Changes that one message names; the rest is counted.
#[cfg(feature = "hydrate")]
const NAMED: usize = 3;
/// Changes that wait for the next message at most; older ones have been overtaken anyway.
#[cfg(feature = "hydrate")]
const WAITING: usize = 100;
/// Seconds between two messages.
#[cfg(feature = "hydrate")]
const PAUSE_SECONDS: i64 = 30;

/// The queue and the message shown last.
#[derive(Clone, Copy)]
pub(crate) struct News {
    message: RwSignal<String>,
    #[cfg(feature = "hydrate")]
    waiting: StoredValue<Vec<String>>,
    #[cfg(feature = "hydrate")]
    told_at: StoredValue<i64>,
}

impl News {
    pub(crate) fn new() -> Self {
        Self {
            message: RwSignal::new(String::new()),
            #[cfg(feature = "hydrate")]
            waiting: StoredValue::new(Vec::new()),
            #[cfg(feature = "hydrate")]
            told_at: StoredValue::new(i64::MIN),
        }
    }

    pub(crate) fn text(self) -> String {
        self.message.get()
    }

    /// Takes in a change, to be told with the next message.
    #[cfg(feature = "hydrate")]
    pub(crate) fn add(self, change: String) {
        self.waiting.update_value(|waiting| {
            if waiting.len() < WAITING {
                waiting.push(change);
            }
        });
    }

    /// Tells what waits, if the pause is over; `now_seconds` is any clock that does not run backwards far.
    #[cfg(feature = "hydrate")]
    pub(crate) fn tell(self, now_seconds: i64) {
        let silent = now_seconds.saturating_sub(self.told_at.get_value()) < PAUSE_SECONDS;
        if silent || self.waiting.with_value(Vec::is_empty) {
            return;
        }
        let changes = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        let more = changes.len().saturating_sub(NAMED);
        let mut text = changes.into_iter().take(NAMED).collect::<Vec<_>>().join(" ");
        if more > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, " And {more} more changes.");
        }
        self.told_at.set_value(now_seconds);
        self.message.set(text);
    }
}
