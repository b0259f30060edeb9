//! How far an import is, on one line of a terminal; nothing where there is none.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Pause between two tellings.
const EVERY: Duration = Duration::from_millis(200);

pub(super) struct Progress {
    is_terminal: bool,
    total: Option<u64>,
    began: Instant,
    told: Option<Instant>,
}

impl Progress {
    /// `total` is the length of the file in bytes, if it has one.
    pub(super) fn new(total: Option<u64>) -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), total, began: Instant::now(), told: None }
    }

    /// Everything up to `line` is taken, and `bytes` of the file are read.
    pub(super) fn tell(&mut self, line: u64, bytes: u64) {
        if !self.is_terminal || self.told.is_some_and(|told| told.elapsed() < EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let share = self
            .total
            .filter(|total| *total > 0)
            .map(|total| format!(", {} %", bytes.min(total) * 100 / total));
        let seconds = self.began.elapsed().as_secs();
        // Back to the begin of the line, and what was there is erased.
        write(&format!("\r\x1b[Kline {line}{}, {seconds} s", share.unwrap_or_default()));
    }

    /// Makes room for other words.
    pub(super) fn clear(&mut self) {
        if self.told.take().is_some() {
            write("\r\x1b[K");
        }
    }
}

fn write(text: &str) {
    let mut terminal = std::io::stderr();
    // A terminal that is gone is no reason to stop.
    drop(terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()));
}
