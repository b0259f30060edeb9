//! Notices when this process did not run for a while: stopped, swapped out, starved, or its machine paused.

use std::pin::pin;
use std::time::Duration;

use tokio::time;

/// How often an attempt looks at the clock.
const TICK: Duration = Duration::from_millis(100);
/// A tick that comes later than this was not measuring the target but us; timings and deadlines of that attempt lie.
const LATE_MAX: Duration = Duration::from_millis(500);

/// Runs `work`; true if the process stood still for longer than [`LATE_MAX`] meanwhile.
pub(in crate::collect) async fn watched<F: Future>(work: F) -> (F::Output, bool) {
    let mut work = pin!(work);
    let mut stalled = false;
    loop {
        let next = time::Instant::now() + TICK;
        let ended = time::timeout_at(next, &mut work).await;
        stalled |= next.elapsed() > LATE_MAX;
        if let Ok(output) = ended {
            return (output, stalled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_standstill_is_noticed() {
        let ((), stalled) = watched(async { std::thread::sleep(LATE_MAX + TICK + TICK) }).await;
        assert!(stalled);
    }
}
