//! Compares the oracle with the engine over any number of random cases; exit code 1 on the first mismatches.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use oracle::compare::{Difference, differences};
use oracle::compute;
use oracle::random::Random;
use oracle::raw::Case;
use oracle::raw::generate;
use oracle::raw::shrink::shrink;

const USAGE: &str =
    "usage: oracle [--cases N] [--seed N] [--jobs N] [--seconds N] [--all | --list] | oracle --case FILE
  --cases    how many cases to compare, by default 100,000
  --seed     the same seed gives the same cases, by default 1
  --jobs     threads, by default 2
  --seconds  stop after this time
  --all      go on after mismatches, and show one case for every field
  --list     go on after mismatches, and only name each case with its first field
  --case     compare the case in a file, as printed for a mismatch";
/// Cases that a thread takes at a time.
const BATCH: u64 = 256;
/// Seconds between two lines of progress.
const PROGRESS_SECONDS: u64 = 10;

struct Options {
    cases: u64,
    seed: u64,
    jobs: u64,
    seconds: u64,
    all: bool,
    list: bool,
    file: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options =
        Options { cases: 100_000, seed: 1, jobs: 2, seconds: u64::MAX, all: false, list: false, file: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let value = words.next().ok_or_else(|| format!("{word} wants a number"))?;
            value.replace('_', "").parse::<u64>().map_err(|_| format!("`{value}` is no number"))
        };
        match word.as_str() {
            "--cases" => options.cases = number()?,
            "--seed" => options.seed = number()?,
            "--jobs" => options.jobs = number()?.max(1),
            "--seconds" => options.seconds = number()?,
            "--all" => options.all = true,
            "--list" => (options.all, options.list) = (true, true),
            "--case" => options.file = Some(words.next().ok_or("--case wants a file")?),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            println!("{message}");
            return ExitCode::from(2);
        }
    };
    match &options.file {
        Some(file) => one(file),
        None => many(&options),
    }
}

fn one(file: &str) -> ExitCode {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
    match text.and_then(|text| text.parse::<Case>().map_err(|error| error.to_string())) {
        Err(message) => {
            println!("{file}: {message}");
            ExitCode::from(2)
        }
        Ok(case) => {
            let found = differences(&case);
            report(&case, &found);
            if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}

fn report(case: &Case, found: &[Difference]) {
    println!("{case}{} difference(s)", found.len());
    for difference in found {
        println!("  {}", difference.text);
    }
}

/// What the threads share.
#[derive(Default)]
struct Progress {
    next: AtomicU64,
    done: AtomicU64,
    /// How many had counters, and how many of these one that began again at zero.
    counters: AtomicU64,
    resets: AtomicU64,
    /// By the first field that differs: how many cases, and the number of the first.
    found: Mutex<BTreeMap<String, (u64, u64)>>,
}

fn many(options: &Options) -> ExitCode {
    // A panic of the engine is a finding; its message would drown the report.
    std::panic::set_hook(Box::new(|_| {}));
    println!("seed {}: {} cases on {} threads", options.seed, options.cases, options.jobs);
    let (progress, begin) = (Progress::default(), Instant::now());
    std::thread::scope(|scope| {
        for job in 0..options.jobs {
            let progress = &progress;
            scope.spawn(move || work(options, progress, begin, job == 0));
        }
    });
    let found = progress.found.into_inner().unwrap_or_default();
    for (field, (count, case)) in found.iter().filter(|_| !options.list) {
        println!("\n== {field} differs in {count} case(s), first in case {case} of seed {}", options.seed);
        let case = generate::case(&mut Random::of_case(options.seed, *case));
        let fails = |case: &Case| differences(case).iter().any(|difference| difference.field == *field);
        let small = shrink(&case, fails);
        report(&small, &differences(&small));
    }
    let (done, seconds) = (progress.done.into_inner(), begin.elapsed().as_secs_f64());
    let [counters, resets] = [progress.counters, progress.resets].map(AtomicU64::into_inner);
    println!("{done} cases in {seconds:.1} s, {} field(s) with mismatches", found.len());
    println!("{counters} of them had counters, {resets} of these with a reset");
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn work(options: &Options, progress: &Progress, begin: Instant, speaks: bool) {
    let mut spoken = begin;
    loop {
        let first = progress.next.fetch_add(BATCH, Ordering::Relaxed);
        let stop = progress.found.lock().is_ok_and(|found| !options.all && !found.is_empty());
        if first >= options.cases || stop || begin.elapsed().as_secs() >= options.seconds {
            return;
        }
        for number in first..(first + BATCH).min(options.cases) {
            let case = generate::case(&mut Random::of_case(options.seed, number));
            let found = differences(&case);
            if let Some(difference) = found.first()
                && let Ok(mut all) = progress.found.lock()
            {
                if options.list {
                    println!("case {number} {}", difference.field);
                }
                let entry = all.entry(difference.field.clone()).or_insert((0, number));
                *entry = (entry.0 + 1, entry.1.min(number));
            }
            progress.done.fetch_add(1, Ordering::Relaxed);
            if let Some((_, flags)) = compute::counted(&case) {
                progress.counters.fetch_add(1, Ordering::Relaxed);
                progress.resets.fetch_add(u64::from(flags.resets > 0), Ordering::Relaxed);
            }
        }
        if speaks && spoken.elapsed() >= Duration::from_secs(PROGRESS_SECONDS) {
            spoken = Instant::now();
            println!("  {} cases, {} s", progress.done.load(Ordering::Relaxed), begin.elapsed().as_secs());
        }
    }
}
