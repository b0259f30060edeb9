//! Keeps the postmaster running: one task that waits for its end, starts it again, and stops it when told. It
//! never gives up, for a full disk may have room again, but it does not hurry either.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::State;
use super::data_dir::DataDir;
use super::postmaster::{Launcher, Postmaster};

/// The pause before the first attempt to restart; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause: a PostgreSQL that cannot run is tried about twice a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// One that ran this long was well: the next pause is the first one again.
const WELL: Duration = Duration::from_mins(1);
/// How often the size of PostgreSQL's log is looked at.
const LOG_CHECK: Duration = Duration::from_mins(1);

/// What the task works with. It holds the data directory's lock until it ends.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) launcher: Launcher,
    pub(crate) state: watch::Sender<State>,
    /// A message stops PostgreSQL; a closed channel ends supervision and leaves it running.
    pub(crate) stop: oneshot::Receiver<()>,
    pub(crate) data_dir: DataDir,
}

impl Supervisor {
    /// Supervises a ready postmaster until told to stop.
    pub(crate) async fn run(mut self, postmaster: Postmaster) {
        let mut log_check = interval(LOG_CHECK);
        log_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut postmaster = postmaster;
        let mut pause = FIRST_PAUSE;
        loop {
            self.state.send_replace(State::Running { pid: postmaster.pid().as_raw_nonzero().get() });
            let since = Instant::now();
            let ending = loop {
                tokio::select! {
                    ending = postmaster.exited() => break ending,
                    told = &mut self.stop => return self.end(told.is_ok(), Some(postmaster)).await,
                    _ = log_check.tick() => self.bound_log().await,
                }
            };
            if since.elapsed() >= WELL {
                pause = FIRST_PAUSE;
            }
            tracing::error!(postgres.ending = ending, "PostgreSQL has ended; it will be started again");
            match self.restart(&mut pause).await {
                Some(next) => postmaster = next,
                None => return,
            }
        }
    }

    /// Tries until a postmaster is ready; none if told to stop first.
    async fn restart(&mut self, pause: &mut Duration) -> Option<Postmaster> {
        for attempt in 1_u64.. {
            self.state.send_replace(State::Restarting { attempt });
            tokio::select! {
                () = sleep(*pause) => {}
                told = &mut self.stop => {
                    self.end(told.is_ok(), None).await;
                    return None;
                }
            }
            *pause = (*pause * 2).min(LONGEST_PAUSE);
            let mut next = match self.launcher.launch().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(postgres.attempt = attempt, %error, "cannot start PostgreSQL again");
                    continue;
                }
            };
            tokio::select! {
                ready = self.launcher.ready(&mut next) => match ready {
                    Ok(()) => {
                        tracing::info!(postgres.attempt = attempt, postgres.pid = %next.pid(), "PostgreSQL runs again");
                        return Some(next);
                    }
                    Err(error) => tracing::error!(postgres.attempt = attempt, %error, "PostgreSQL ended again"),
                },
                told = &mut self.stop => {
                    self.end(told.is_ok(), Some(next)).await;
                    return None;
                }
            }
        }
        None
    }

    /// Ends supervision, in order or because our owner has gone away.
    async fn end(&self, in_order: bool, postmaster: Option<Postmaster>) {
        if let (true, Some(postmaster)) = (in_order, postmaster) {
            postmaster.shut_down().await;
        }
        self.state.send_replace(State::Stopped);
        tracing::debug!(data_dir = %self.data_dir.path().display(), "PostgreSQL is no longer supervised");
    }

    async fn bound_log(&self) {
        let log = self.launcher.log.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || log.bound()).await {
            tracing::warn!(path = %self.launcher.log.path().display(), %error, "cannot set PostgreSQL's log aside");
        }
    }
}
