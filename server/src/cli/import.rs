//! `nines import`: sends a file of slices in batches, and says how far it came.
//!
//! Invariants: the file is never in memory as a whole; a line counts as stored only when the server said so; what is
//! not known to be stored is sent again, which is harmless.

mod batches;
mod progress;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::StatusCode;
use serde::Deserialize;

use crate::client::{Answer, Client, ClientError};
use batches::{Batch, Batches};
use progress::Progress;

const EXIT_NONE: u8 = 1;
const EXIT_SOME: u8 = 4;
/// Tries of one batch, while the server is busy or away: with the pauses about two minutes.
const TRIES_MAX: u32 = 10;
/// The first pause between two tries; each is twice the one before, up to the longest.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Faulty lines that are printed.
const FINDINGS_SHOWN: usize = 100;
const PATH: &str = "/api/v1/sli/import";

#[derive(Debug, Args)]
pub(super) struct ImportFlags {
    /// Slices as NDJSON, plain or compressed with gzip; `-` is standard input
    file: PathBuf,
    /// The first line to send, to go on after an earlier run
    #[arg(long, value_name = "LINE", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// Have the server check everything, and store nothing
    #[arg(long)]
    dry_run: bool,
    /// The server to send to
    #[arg(long, env = "NINES_SERVER", value_name = "URL", default_value = "http://127.0.0.1:3000")]
    server: String,
    /// A token with the scope `ingest`, where the server asks for one
    #[arg(long, env = "NINES_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// How an import ended.
struct End {
    /// The last line that is known to be stored; none if there is none.
    stored: Option<u64>,
    /// Why it ended early.
    failure: Option<String>,
}

/// What the server's refusal says.
#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    line: u64,
    message: String,
}

/// What came of a batch.
enum Sent {
    Taken,
    /// The server found faults; lines count in the batch, from 1.
    Faulty(Refusal),
    Failed(String),
}

/// Does it; the exit code.
pub(super) async fn run(flags: ImportFlags) -> u8 {
    let end = tokio::select! {
        end = import(&flags) => end,
        // The batch that is under way is sent again by the next run.
        _ = tokio::signal::ctrl_c() => Err("interrupted; lines before the last one shown are stored".to_owned()),
    };
    let end = match end {
        Ok(end) => end,
        Err(message) => {
            say(&format!("nines: {message}"));
            return EXIT_NONE;
        }
    };
    let did = if flags.dry_run { "sound" } else { "stored" };
    match (end.stored, end.failure) {
        (None, None) => {
            say("nothing to send");
            0
        }
        (Some(line), None) => {
            say(&format!("all {did}, up to line {line}"));
            0
        }
        (None, Some(failure)) => {
            say(&format!("nines: {failure}\nno line is {did}"));
            EXIT_NONE
        }
        (Some(line), Some(failure)) => {
            say(&format!("nines: {failure}\n{did} up to line {line}; go on with --from {}", line + 1));
            EXIT_SOME
        }
    }
}

async fn import(flags: &ImportFlags) -> Result<End, String> {
    let client = Client::new(&flags.server, flags.token.clone()).map_err(|error| error.to_string())?;
    let mut batches = Batches::open(&flags.file, flags.from)
        .map_err(|error| format!("{}: {error}", flags.file.display()))?;
    let path = if flags.dry_run { format!("{PATH}?dry_run=true") } else { PATH.to_owned() };
    let mut progress = Progress::new(batches.bytes_total());
    let mut end = End { stored: None, failure: None };
    let mut faults = 0;
    loop {
        // Reading blocks; other tasks of the runtime go on.
        let batch = match tokio::task::block_in_place(|| batches.next_batch()) {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) => {
                end.failure = Some(error.to_string());
                break;
            }
        };
        match send(&client, &path, &batch).await {
            Sent::Taken => end.stored = Some(batch.last_line()),
            Sent::Faulty(refusal) => {
                progress.clear();
                faults = shown(&refusal, &batch, faults);
                if flags.dry_run {
                    continue;
                }
                let stored = before_first_fault(&client, &path, &batch, &refusal).await;
                end.stored = stored.or(end.stored);
                end.failure = Some(refusal.title);
                break;
            }
            Sent::Failed(message) => {
                end.failure = Some(message);
                break;
            }
        }
        progress.tell(batch.last_line(), batches.bytes_read());
    }
    progress.clear();
    if flags.dry_run && faults > 0 && end.failure.is_none() {
        return Ok(End { stored: None, failure: Some(format!("{faults} faulty lines")) });
    }
    Ok(end)
}

/// Sends what stands before the first faulty line; the last line that was stored.
async fn before_first_fault(client: &Client, path: &str, batch: &Batch, refusal: &Refusal) -> Option<u64> {
    let first = refusal.errors.iter().map(|fault| fault.line).min()?;
    let sound = batch.before(first)?;
    matches!(send(client, path, &sound).await, Sent::Taken).then(|| sound.last_line())
}

/// Prints faults by their lines in the file; how many there were so far.
fn shown(refusal: &Refusal, batch: &Batch, before: usize) -> usize {
    for fault in refusal.errors.iter().take(FINDINGS_SHOWN.saturating_sub(before)) {
        say(&format!("line {}: {}", batch.line(fault.line), fault.message));
    }
    before + refusal.errors.len().max(1)
}

/// Sends a batch until the server has taken or refused it.
async fn send(client: &Client, path: &str, batch: &Batch) -> Sent {
    let mut pause = PAUSE;
    let mut last = String::new();
    for _ in 0..TRIES_MAX {
        let asked = match client.post(path, batch.body()).await {
            Ok(answer) if answer.status.is_success() => return Sent::Taken,
            Ok(answer) if is_passing(answer.status) => {
                last = in_words(&answer);
                answer.retry_after_seconds.map(Duration::from_secs)
            }
            Ok(answer) => {
                let refusal = refusal(&answer);
                return if answer.status == StatusCode::BAD_REQUEST && !refusal.errors.is_empty() {
                    Sent::Faulty(refusal)
                } else {
                    Sent::Failed(in_words(&answer))
                };
            }
            Err(error @ (ClientError::Address(_) | ClientError::Tls(_))) => {
                return Sent::Failed(error.to_string());
            }
            Err(error) => {
                last = error.to_string();
                None
            }
        };
        tokio::time::sleep(asked.unwrap_or(pause).min(PAUSE_MAX)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Sent::Failed(last)
}

/// Whether the same may be taken a little later.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn refusal(answer: &Answer) -> Refusal {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn in_words(answer: &Answer) -> String {
    let Refusal { title, detail, .. } = refusal(answer);
    let status = answer.status.as_u16();
    if title.is_empty() {
        return format!("the server answered {status}");
    }
    format!("the server answered {status}: {title} {}", detail.unwrap_or_default()).trim_end().to_owned()
}

/// To the terminal, where progress is, and not among what a command may print for others to read.
fn say(text: &str) {
    drop(std::io::stderr().write_all(format!("{text}\n").as_bytes()));
}
