//! How far an attempt has come, and how long each phase took; read when it is cut short, too.

use std::time::Duration;

use tokio::time::Instant;

use super::Phase;

/// How long the phases of an attempt took; none that it did not come to. Of an attempt with redirects their sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Looking names up.
    pub dns: Option<Duration>,
    /// TCP.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the request to the first byte that says something: the headers, or the whole of a short answer.
    pub first_byte: Option<Duration>,
    /// The rest of the answer.
    pub body: Option<Duration>,
}

impl Timings {
    fn slot(&mut self, phase: Phase) -> &mut Option<Duration> {
        match phase {
            Phase::Resolving => &mut self.dns,
            Phase::Connecting => &mut self.connect,
            Phase::Handshaking => &mut self.tls,
            Phase::Headers | Phase::Answer => &mut self.first_byte,
            Phase::Body => &mut self.body,
        }
    }
}

/// The phases so far.
#[derive(Debug)]
pub(super) struct Progress {
    started: Instant,
    connecting_since: Option<Instant>,
    phase: Phase,
    phase_since: Instant,
    timings: Timings,
}

impl Progress {
    /// Begins to resolve.
    pub(super) fn start() -> Self {
        let started = Instant::now();
        let (phase, timings) = (Phase::Resolving, Timings::default());
        Self { started, connecting_since: None, phase, phase_since: started, timings }
    }

    /// When it began.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// The next phase begins.
    pub(super) fn enter(&mut self, phase: Phase) {
        let now = Instant::now();
        let slot = self.timings.slot(self.phase);
        *slot = Some(slot.unwrap_or_default() + (now - self.phase_since));
        (self.phase, self.phase_since) = (phase, now);
        if phase == Phase::Connecting {
            self.connecting_since.get_or_insert(now);
        }
    }

    /// The time since it first connected, or else since it began, and the phase that it ended in.
    pub(super) fn end(mut self) -> (Duration, Timings, Phase) {
        let phase = self.phase;
        self.enter(phase);
        (self.connecting_since.unwrap_or(self.started).elapsed(), self.timings, phase)
    }
}
