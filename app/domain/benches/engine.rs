//! Time and memory of the engine: `cargo bench -p domain --features engine`, and part of `make bench`.
//!
//! A thousand objectives, each on an SLI of its own, as the store delivers them: thirty days in sums of hours, and
//! minutes in the hours that a bound cuts. Building, appending and evaluating are timed apart; medians are printed.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and needs no more than 53 bits"
)]

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use domain::estate::{CalendarUnit, CalendarWindow, LocalTime, Window};
use domain::{
    Block, Bounds, Exclusions, History, Instant, Objective, Question, Series, Sli, Slo, Sum, Target,
    fine_hours, plan,
};

const OBJECTIVES: u64 = 1_000;
const RUNS: usize = 21;
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// 2026-11-01T00:17:23Z: no bound falls on a full hour.
const NOW: i64 = 1_793_492_243;

fn main() {
    let (slo, sli, none) =
        (slo(), Sli { name: "sli".into(), interval_seconds: 60, ..Sli::default() }, Exclusions::default());
    let now = Instant::from_unix(NOW);
    let question = Question { slo: &slo, sli: &sli, at: now, closed: false, exclusions: &none };
    let stretches = plan(&question, Some(now)).bounds();
    let blocks: Vec<Vec<Block>> = (0..OBJECTIVES).map(|seed| delivered(now, 30, &stretches, seed)).collect();
    println!("blocks for each objective: {}", blocks.first().map_or(0, Vec::len));

    let before = resident_bytes();
    let mut series: Vec<Series> = blocks.iter().map(|blocks| Series::new(blocks.clone())).collect();
    let megabytes = (resident_bytes().saturating_sub(before)) as f64 / 1e6;
    println!("resident for {OBJECTIVES} series: {megabytes:.1} MB (limit 64)");

    let building = median(|| drop(black_box(Series::new(blocks.first().cloned().unwrap_or_default()))));
    println!("building one series: {building:.1?}");
    let minute = |index: i64| block(now.floor_to(60) + index * 60, 60, 3);
    let mut index = 0;
    let appending = median(|| {
        index += 1;
        for series in &mut series {
            series.append(&minute(index));
        }
    });
    println!("appending a minute to {OBJECTIVES} series: {appending:.1?}");

    let evaluating = median(|| {
        for series in &series {
            let until = series.data_until(now);
            let plan = plan(&question, until);
            black_box(domain::evaluate(&question, until, &plan, |_, bounds| series.sum(bounds)));
        }
    });
    let look_backs = plan(&question, Some(now)).look_backs.len();
    println!(
        "evaluating {OBJECTIVES} objectives with {look_backs} burn windows each: {evaluating:.1?} (limit 10 ms)"
    );

    for (words, slo) in [("rolling windows", &slo), ("calendar quarters", &quarterly(&slo))] {
        let bounds = Bounds { from: now - 90 * DAY, to: now };
        let history = History { slo, sli: &sli, exclusions: &none, bounds, step_seconds: 90 * DAY / 300 };
        let stretches = history.plan();
        let past = Series::new(delivered(now, 221, &stretches, 7));
        let points = history.points(0, &past, &past).len();
        let drawing = median(|| drop(black_box(history.points(0, &past, &past))));
        let hours = fine_hours(&stretches).len();
        println!(
            "history of 90 days in {points} points, {words}, {hours} hours in minutes: {drawing:.1?} (limit 5 ms)"
        );
    }

    let calendar = quarterly(&slo);
    let question = Question { slo: &calendar, ..question };
    let stretches = plan(&question, Some(now)).bounds();
    let series: Vec<Series> =
        (0..OBJECTIVES).map(|seed| Series::new(delivered(now, 60, &stretches, seed))).collect();
    let evaluating = median(|| {
        for series in &series {
            let until = series.data_until(now);
            let plan = plan(&question, until);
            black_box(domain::evaluate(&question, until, &plan, |_, bounds| series.sum(bounds)));
        }
    });
    println!("evaluating {OBJECTIVES} objectives of a running quarter: {evaluating:.1?} (limit 10 ms)");
}

/// The same of calendar quarters.
fn quarterly(slo: &Slo) -> Slo {
    let start = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let window = CalendarWindow { count: 1, unit: CalendarUnit::Quarter, start, zone: "Europe/Paris".into() };
    Slo { window: Window::Calendar(window), ..slo.clone() }
}

fn slo() -> Slo {
    let Some(target) = Target::from_parts(999_000_000) else { unreachable!("0.999 is a target") };
    let window = Window::Rolling { seconds: 30 * 86_400 };
    Slo::new("slo", "service", "sli", window, vec![Objective::new("99.9", target)])
}

/// Sums of hours, and minutes in the hours that a bound cuts, with a bad event now and then.
fn delivered(now: Instant, days: i64, stretches: &[Bounds], seed: u64) -> Vec<Block> {
    let fine = fine_hours(stretches);
    let mut blocks = Vec::new();
    let mut hour = (now - days * DAY).floor_to(HOUR);
    while hour < now {
        if fine.binary_search(&hour).is_ok() {
            let minutes = (0..60).map(|minute| hour + minute * 60).filter(|start| *start + 60 <= now);
            blocks.extend(minutes.map(|start| block(start, 60, seed)));
        } else {
            blocks.push(block(hour, 3_600, seed));
        }
        hour = hour + HOUR;
    }
    blocks
}

fn block(start: Instant, seconds: u32, seed: u64) -> Block {
    let total = u64::from(seconds) * 10;
    let bad = u64::from((start.unix() / 60).unsigned_abs() % 997 == seed % 997);
    let sum = Sum {
        good: total - bad,
        total,
        measured_seconds: seconds.into(),
        good_over_total: 0,
        first: Some(start),
        last: Some(start + i64::from(seconds)),
    };
    Block { start, seconds, sum }
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Clock::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(RUNS / 2).copied().unwrap_or_default()
}

/// From the kernel; 0 where there is no /proc.
fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}
