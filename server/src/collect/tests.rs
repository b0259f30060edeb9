//! The collector against a real listener and a sink in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::Measurement;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::probe::Outcome;
use super::*;
use crate::source::{DEFAULT_STATUS, Expect, HttpRequest, ProbeRequest, ProbeSli};

struct MachineClock;

impl Clock for MachineClock {
    fn now_millis(&self) -> i64 {
        i64::try_from(crate::clock::since_epoch().as_millis()).unwrap()
    }
}

/// A store in memory that can be told to refuse.
#[derive(Default)]
struct Memory {
    refuses: AtomicBool,
    passes: AtomicU64,
    slices: Mutex<BTreeMap<(String, Instant), Measured>>,
    observed: Mutex<Vec<(String, Observation)>>,
}

impl Memory {
    fn answer(&self) -> Result<(), SinkError> {
        if self.refuses.load(Ordering::SeqCst) { Err(SinkError("told to refuse".into())) } else { Ok(()) }
    }

    /// Good, total and measured seconds of an SLI over all its slices.
    fn sum(&self, sli: &str) -> (u64, u64, u32) {
        let slices = self.slices.lock().unwrap();
        slices.iter().filter(|((name, _), _)| name == sli).fold((0, 0, 0), |sum, (_, slice)| {
            (sum.0 + slice.good, sum.1 + slice.total, sum.2 + slice.measured_seconds)
        })
    }

    /// The instants of an SLI's results.
    fn instants(&self, sli: &str) -> Vec<Instant> {
        self.observed
            .lock()
            .unwrap()
            .iter()
            .filter(|(name, _)| name == sli)
            .map(|(_, seen)| seen.at)
            .collect()
    }
}

#[async_trait]
impl Sink for Memory {
    async fn running(&self, sli: &str, start: Instant) -> Result<Option<Measured>, SinkError> {
        self.answer()?;
        Ok(self.slices.lock().unwrap().get(&(sli.to_owned(), start)).copied())
    }

    async fn commit(&self, slices: Vec<(String, Slice)>) -> Result<(), SinkError> {
        self.answer()?;
        for (sli, slice) in slices {
            let Measurement::Measured(measured) = slice.measurement else { panic!("{slice:?}") };
            assert!(
                measured.measured_seconds <= 60 && measured.from >= slice.start && measured.to <= slice.end()
            );
            self.slices.lock().unwrap().insert((sli, slice.start), measured);
        }
        Ok(())
    }

    fn observe(&self, sli: &str, observation: Observation) {
        self.observed.lock().unwrap().push((sli.to_owned(), observation));
    }

    fn attempted(&self, sli: &str, latest: &Latest) {
        assert!(latest.result != "unknown" || latest.reason.is_some(), "{sli} {latest:?}");
    }

    fn progress(&self) {
        self.passes.fetch_add(1, Ordering::SeqCst);
    }
}

/// A server that answers 500 at instants divisible by 3 and else 200; what it was asked for, in order.
async fn server() -> (u16, Arc<Mutex<Vec<Instant>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4_096];
            let length = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let scheduled = head.lines().find_map(|line| line.strip_prefix("Nines-Scheduled: ")).unwrap();
            let scheduled = Instant::parse(scheduled).unwrap();
            seen.lock().unwrap().push(scheduled);
            let status = if fails(scheduled) { "500 Broken" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (port, asked)
}

fn fails(at: Instant) -> bool {
    at.unix().rem_euclid(3) == 0
}

fn source(port: u16) -> ProbeSource {
    let sli = |name: &str, within| ProbeSli {
        sli: name.to_owned(),
        status: vec![DEFAULT_STATUS],
        within,
        expect: Expect::default(),
    };
    ProbeSource {
        name: "front".to_owned(),
        request: ProbeRequest::Http(HttpRequest::get(format!("http://127.0.0.1:{port}/").parse().unwrap())),
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        slis: vec![sli("available", None), sli("impossibly-fast", Some(Duration::ZERO))],
    }
}

/// Collects for a while, and stops.
async fn collect(memory: &Arc<Memory>, port: u16, seconds: u64) {
    collect_with(memory, port, seconds, Setup::default()).await;
}

async fn collect_with(memory: &Arc<Memory>, port: u16, seconds: u64, setup: Setup) {
    let cancel = CancellationToken::new();
    let sink: Arc<dyn Sink> = Arc::<Memory>::clone(memory);
    let ended = Collector::start(vec![source(port)], setup, sink, Arc::new(MachineClock), cancel.clone());
    time::sleep(Duration::from_secs(seconds)).await;
    cancel.cancel();
    ended.await.unwrap();
}

/// What the target was asked is what was stored, but for at most one attempt that a busy machine spoiled.
fn assert_all_is_stored(memory: &Memory, asked: &[Instant], at_least: usize) {
    let instants = memory.instants("available");
    let distinct: BTreeSet<&Instant> = asked.iter().collect();
    assert_eq!(distinct.len(), asked.len(), "an instant was used twice: {asked:?}");
    assert!(
        instants.iter().all(|at| asked.contains(at)) && asked.len() - instants.len() <= 1,
        "{asked:?} {instants:?}"
    );
    assert!(instants.len() >= at_least, "{instants:?}");
    let total = u64::try_from(instants.len()).unwrap();
    let good = u64::try_from(instants.iter().filter(|at| !fails(**at)).count()).unwrap();
    assert_eq!(memory.sum("available"), (good, total, u32::try_from(total).unwrap()));
    assert_eq!(memory.sum("impossibly-fast"), (0, total, u32::try_from(total).unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn totals_are_what_the_target_was_asked() {
    let (port, asked) = server().await;
    let memory = Arc::new(Memory::default());
    collect(&memory, port, 10).await;
    assert_all_is_stored(&memory, &asked.lock().unwrap(), 8);
    assert!(memory.passes.load(Ordering::SeqCst) >= 5);
    let observed = memory.observed.lock().unwrap();
    for (sli, seen) in observed.iter() {
        let reason = seen.reason.as_deref().unwrap_or("none");
        let expected = match (fails(seen.at), sli.as_str()) {
            (true, _) => "HTTP 500",
            (false, "available") => "none",
            (false, _) => "took ",
        };
        assert!(reason.starts_with(expected) && seen.total == 1, "{sli} {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_refuses_for_a_while_costs_nothing() {
    let (port, asked) = server().await;
    let memory = Arc::new(Memory::default());
    memory.refuses.store(true, Ordering::SeqCst);
    let heals = Arc::clone(&memory);
    tokio::spawn(async move {
        time::sleep(Duration::from_secs(3)).await;
        assert_eq!(heals.sum("available"), (0, 0, 0));
        heals.refuses.store(false, Ordering::SeqCst);
    });
    collect(&memory, port, 6).await;
    assert_all_is_stored(&memory, &asked.lock().unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_goes_on_with_the_running_slice() {
    let (port, asked) = server().await;
    let memory = Arc::new(Memory::default());
    collect(&memory, port, 3).await;
    let before = memory.sum("available");
    assert!(before.1 >= 1, "{before:?}");
    collect(&memory, port, 3).await;
    assert_all_is_stored(&memory, &asked.lock().unwrap(), 4);
}

/// The store is away; the collector is killed twice, in the end the store comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_survive_a_kill_while_the_store_is_away() {
    let (port, asked) = server().await;
    let memory = Arc::new(Memory::default());
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup { spool_dir: Some(dir.path().join("spool")), ..Setup::default() };
    // The store goes away in the middle of a minute of which it has a part.
    collect_with(&memory, port, 3, setup.clone()).await;
    memory.refuses.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let sink: Arc<dyn Sink> = Arc::<Memory>::clone(&memory);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (clock, cancel) = (Arc::new(MachineClock), CancellationToken::new());
        runtime.spawn(run(vec![source(port)], setup.clone(), sink, clock, cancel));
        time::sleep(Duration::from_secs(3)).await;
        // Everything stops where it stands, but not in the moment in which a result comes: what is not on the disk yet
        // is lost, and nobody could tell whether it had been.
        let seen = || memory.observed.lock().unwrap().len();
        let before = seen();
        while seen() == before {
            time::sleep(Duration::from_millis(10)).await;
        }
        time::sleep(Duration::from_millis(500)).await;
        runtime.shutdown_background();
        time::sleep(Duration::from_millis(300)).await;
    }
    memory.refuses.store(false, Ordering::SeqCst);
    collect_with(&memory, port, 3, setup).await;
    assert_all_is_stored(&memory, &asked.lock().unwrap(), 9);
}

/// More hanging targets than there are places for, and some that answer: those are asked at each of their instants. One
/// that is more than a second late is not asked, so that it suffices to count. What is counted lies between standstills
/// of this process, in which nobody is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_targets_delay_nobody_else() {
    const ROUNDS_MAX: usize = 4;
    for _ in 1..ROUNDS_MAX {
        let (memory, stalled) = probe::watch::watched(collected_beside_hanging_targets()).await;
        if !stalled {
            assert_nobody_was_delayed(&memory);
            return;
        }
    }
    assert_nobody_was_delayed(collected_beside_hanging_targets().await.as_ref());
}

const HANGING: usize = 700;
const HEALTHY: usize = 200;
const EVERY_SECONDS: i64 = 5;

async fn collected_beside_hanging_targets() -> Arc<Memory> {
    let (port, _) = server().await;
    // Nobody takes what arrives here, so connections wait for an answer or even to be made.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let probe = |name: String, port: u16| {
        let sli = ProbeSli {
            sli: name.clone(),
            status: vec![DEFAULT_STATUS],
            within: None,
            expect: Expect::default(),
        };
        let interval = Duration::from_secs(EVERY_SECONDS.unsigned_abs());
        ProbeSource { name, interval, timeout: Duration::from_millis(4_500), slis: vec![sli], ..source(port) }
    };
    let hanging = (0..HANGING).map(|n| probe(format!("hanging-{n}"), silent_port));
    let healthy = (0..HEALTHY).map(|n| probe(format!("healthy-{n}"), port));
    let memory = Arc::new(Memory::default());
    let (sink, cancel): (Arc<dyn Sink>, _) = (Arc::<Memory>::clone(&memory), CancellationToken::new());
    let sources = hanging.chain(healthy).collect();
    let ended = Collector::start(sources, Setup::default(), sink, Arc::new(MachineClock), cancel.clone());
    time::sleep(Duration::from_secs(27)).await;
    cancel.cancel();
    ended.await.unwrap();
    memory
}

/// Counted from the third round on. In the first nobody knows who hangs, and all places may be taken; those that had
/// none are asked in the second for the first time and may hold theirs to its end.
fn assert_nobody_was_delayed(memory: &Memory) {
    let healthy: Vec<Vec<Instant>> = (0..HEALTHY).map(|n| memory.instants(&format!("healthy-{n}"))).collect();
    let begin = *healthy.iter().flatten().min().unwrap();
    let (from, to) =
        (begin + 2 * EVERY_SECONDS, *healthy.iter().flatten().max().unwrap() - EVERY_SECONDS - 1);
    let whole = usize::try_from(to.seconds_since(from) / EVERY_SECONDS).unwrap();
    assert!(whole >= 1, "{from} {to}");
    for (n, instants) in healthy.iter().enumerate() {
        let within: Vec<&Instant> = instants.iter().filter(|at| (from..to).contains(*at)).collect();
        assert!(within.len() >= whole, "healthy-{n}: {within:?}, not {whole}");
        assert!(
            within.windows(2).all(|pair| *pair[0] + EVERY_SECONDS == *pair[1]),
            "healthy-{n}: {instants:?}"
        );
    }
    let (good, total, _) = memory.sum("hanging-0");
    assert_eq!(good, 0, "of {total}");
}

#[tokio::test]
async fn without_room_an_attempt_is_not_made() {
    let source = Arc::new(source(1));
    let shared = Shared {
        sink: Arc::new(Memory::default()),
        clock: Arc::new(MachineClock),
        cancel: CancellationToken::new(),
        network: Network { tls: Tls::from_machine(), egress: Egress::Any },
        ledger: Ledger::new(&[]),
        spool: Spool::open(None).await.0,
        lanes: Lanes::with_room_for(0, 0),
        self_check: SelfCheck::new(Vec::new(), &[]),
    };
    let attempt = runner::made(
        &shared,
        &source,
        &lanes::Pace::default(),
        MachineClock.now(),
        MachineClock.now_millis() + 300,
    )
    .await;
    assert_eq!(attempt.outcome, Outcome::NotMade(lanes::OVERLOAD.to_owned()));
}

#[tokio::test]
async fn a_loop_that_panics_starts_again() {
    let runs = AtomicU64::new(0);
    restarted("test", || async {
        assert!(runs.fetch_add(1, Ordering::SeqCst) > 0, "the first run panics");
    })
    .await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}
