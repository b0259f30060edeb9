//! What slices cost in PostgreSQL: bytes for each minute of an SLI, time to judge 1,000 objectives, time to seal a day.
//!
//! A private PostgreSQL in a temporary directory; slices from a generator whose counts are compared with every answer.
//! 200 SLIs of 30 days are written minute by minute and sealed; 800 further SLIs get copies of the sealed rows, which
//! take the same space, because writing 43 million rows one by one would take the day.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement ends with its first failure"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "rates and figures for people"
)]

use std::f64::consts::TAU;
use std::time::{Duration, Instant as Moment};

use domain::{Bounds, Instant, Sum};
use server::postgres::PrivatePostgres;
use server::store::{Database, SliId, Store};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

const WRITTEN_SLIS: usize = 200;
const SLIS: usize = 1_000;
const DAYS: usize = 30;
const MINUTES: usize = 1_440;
const FIRST_DAY: i64 = 20_640;
const DAY_SECONDS: i64 = 86_400;
const REPEATS: usize = 60;

/// Numbers that look random: xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed, mean 0, deviation 1.
    fn normal(&mut self) -> f64 {
        (-2.0 * self.next().max(1e-12).ln()).sqrt() * (TAU * self.next()).cos()
    }

    /// A count with this mean, as independent events give it.
    fn count(&mut self, mean: f64) -> u32 {
        if mean < 30.0 {
            let (limit, mut product, mut count) = ((-mean).exp(), self.next(), 0);
            while product > limit {
                product *= self.next();
                count += 1;
            }
            return count;
        }
        (mean + mean.sqrt() * self.normal()).round().max(0.0) as u32
    }
}

/// (total, bad) of each minute of an SLI: a lognormal rate around 90 a minute with a daily swing, one failure in two
/// thousand, and a few incidents a month.
fn minutes(sli: usize, days: usize) -> Vec<(u32, u32)> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (sli as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95));
    let rate = 90.0 * random.normal().exp();
    let mut left = 0;
    let mut share = 0.0;
    (0..days * MINUTES)
        .map(|minute| {
            let swing = 1.0 + 0.5 * (TAU * (minute % MINUTES) as f64 / MINUTES as f64).sin();
            if left == 0 && random.next() < 4.0 / (30.0 * MINUTES as f64) {
                left = 5 + (random.next() * 55.0) as u32;
                share = 0.02 + 0.48 * random.next();
            }
            let bad_share = if left > 0 { share } else { 0.000_5 };
            left = left.saturating_sub(1);
            let total = random.count(rate * swing);
            (total, random.count(f64::from(total) * bad_share).min(total))
        })
        .collect()
}

/// Writes a day's minutes of some SLIs as rows, with the sums of their hours.
async fn write_day(connection: &mut PgConnection, ids: &[i32], slis: &[Vec<(u32, u32)>], day: usize) {
    for (id, minutes) in ids.iter().zip(slis.iter().cycle()) {
        let day_minutes = &minutes[day * MINUTES..(day + 1) * MINUTES];
        let start = (FIRST_DAY + day as i64) * DAY_SECONDS;
        let starts: Vec<i64> = (0..MINUTES as i64).map(|minute| start + minute * 60).collect();
        let good: Vec<i64> = day_minutes.iter().map(|(total, bad)| i64::from(total - bad)).collect();
        let total: Vec<i64> = day_minutes.iter().map(|(total, _)| i64::from(*total)).collect();
        sqlx::query(
            "insert into slice (sli_id, start_unix, seconds, good, total, measured_seconds, measured_from, measured_to)
             select $1, start, 60, good, total, 60, 0, 60 from unnest($2::bigint[], $3::bigint[], $4::bigint[])
             as new (start, good, total)",
        )
        .bind(id)
        .bind(&starts)
        .bind(&good)
        .bind(&total)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    sqlx::query(
        "insert into slice_hour
         select sli_id, start_unix / 3600 * 3600, sum(good), sum(total), sum(measured_seconds), 0, min(start_unix),
                max(start_unix) + 60 from slice group by 1, 2 on conflict do nothing",
    )
    .execute(connection)
    .await
    .unwrap();
}

async fn seal(store: &Store) -> Duration {
    let begin = Moment::now();
    while store.seal(Instant::from_unix((FIRST_DAY + 10_000) * DAY_SECONDS)).await.unwrap().days > 0 {}
    begin.elapsed()
}

/// Bytes of tables, indexes and TOAST whose name begins so.
async fn bytes(connection: &mut PgConnection, table: &str) -> i64 {
    let text = "select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class
                where relkind = 'r' and relname like $1 || '%'";
    sqlx::query_scalar(text).bind(table).fetch_one(connection).await.unwrap()
}

/// Thirty days to some minute of the last day, a different one for each objective.
fn windows(ids: &[SliId]) -> Vec<(SliId, Bounds)> {
    let end = (FIRST_DAY + DAYS as i64) * DAY_SECONDS;
    let window = |(place, id): (usize, &SliId)| {
        let to = Instant::from_unix(end + (13 * 60 + (place * 7 % 60) as i64) * 60);
        (*id, Bounds { from: to - 30 * DAY_SECONDS, to })
    };
    ids.iter().enumerate().map(window).collect()
}

fn expected(slis: &[Vec<(u32, u32)>], place: usize, bounds: Bounds) -> (u64, u64) {
    let minute = |at: Instant| ((at.unix() - FIRST_DAY * DAY_SECONDS) / 60) as usize;
    let inside = &slis[place % WRITTEN_SLIS][minute(bounds.from)..minute(bounds.to)];
    inside
        .iter()
        .fold((0, 0), |(good, total), (all, bad)| (good + u64::from(all - bad), total + u64::from(*all)))
}

/// Checks the sums against the generator, then times them: median and 95th percentile in milliseconds.
async fn judge(store: &Store, windows: &[(SliId, Bounds)], slis: &[Vec<(u32, u32)>]) -> (f64, f64) {
    let check = |sums: &[Sum]| {
        for (place, ((_, bounds), sum)) in windows.iter().zip(sums).enumerate() {
            assert_eq!((sum.good, sum.total), expected(slis, place, *bounds), "SLI {place}");
            assert_eq!(sum.measured_seconds, 30 * 86_400);
        }
    };
    check(&store.sums_of(windows).await.unwrap());
    let mut took = Vec::new();
    for _ in 0..REPEATS {
        let begin = Moment::now();
        let sums = store.sums_of(windows).await.unwrap();
        took.push(begin.elapsed().as_secs_f64() * 1_000.0);
        check(&sums);
    }
    took.sort_by(f64::total_cmp);
    (took[REPEATS / 2], took[REPEATS * 95 / 100])
}

async fn measure(directory: &std::path::Path) {
    let postgres = PrivatePostgres::start(&directory.join("data"), |_| {}).await.unwrap();
    let (socket, user, name) = (postgres.socket_dir().to_owned(), postgres.user(), postgres.database());
    let database =
        Database::Socket { directory: socket.clone(), user: user.to_owned(), name: name.to_owned() };
    let store = Store::open(&database).unwrap();
    store.migrate().await.unwrap();
    let options = PgConnectOptions::new_without_pgpass().socket(&socket).username(user).database(name);
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    let names: Vec<String> = (0..SLIS).map(|sli| format!("sli-{sli}")).collect();
    let ids = store.declare(&names).await.unwrap();
    let numbers: Vec<i32> =
        sqlx::query_scalar("select id from sli order by id").fetch_all(&mut connection).await.unwrap();
    let slis: Vec<Vec<(u32, u32)>> = (0..WRITTEN_SLIS).map(|sli| minutes(sli, DAYS + 1)).collect();

    for day in 0..DAYS {
        write_day(&mut connection, &numbers[..WRITTEN_SLIS], &slis, day).await;
        seal(&store).await;
    }
    let minutes = (WRITTEN_SLIS * DAYS * MINUTES) as f64;
    let (sums, blocks) =
        (bytes(&mut connection, "slice_day").await, bytes(&mut connection, "slice_block").await);
    println!(
        "sealed: {:.3} bytes for a minute of an SLI, tables, indexes and TOAST ({WRITTEN_SLIS} SLIs x {DAYS} days; sums of \
         hours and days {:.3}, slices {:.3}); 1,000 SLIs x 400 days: {:.2} GB",
        (sums + blocks) as f64 / minutes,
        sums as f64 / minutes,
        blocks as f64 / minutes,
        (sums + blocks) as f64 / minutes * 1_000.0 * 400.0 * 1_440.0 / 1e9
    );

    let (from, to): (Vec<i32>, Vec<i32>) =
        (WRITTEN_SLIS..SLIS).map(|sli| (numbers[sli % WRITTEN_SLIS], numbers[sli])).unzip();
    for text in [
        "insert into slice_day select copy.target, day, slices, good, total, measured_seconds, good_over_total,
         first_measured, last_measured, first_start, last_start, last_seconds, reach, hours
         from slice_day join unnest($1::int[], $2::int[]) as copy (source, target) on copy.source = slice_day.sli_id",
        "insert into slice_block select copy.target, day, payload
         from slice_block join unnest($1::int[], $2::int[]) as copy (source, target) on copy.source = slice_block.sli_id",
    ] {
        sqlx::query(text).bind(&from).bind(&to).execute(&mut connection).await.unwrap();
    }
    write_day(&mut connection, &numbers, &slis, DAYS).await;
    sqlx::query("vacuum analyze").execute(&mut connection).await.unwrap();
    let rows = bytes(&mut connection, "slice").await
        - bytes(&mut connection, "slice_day").await
        - bytes(&mut connection, "slice_block").await;
    println!(
        "not yet sealed: {:.0} bytes for a minute of an SLI, of one day",
        rows as f64 / (SLIS * MINUTES) as f64
    );
    let windows = windows(&ids);
    let (median, p95) = judge(&store, &windows, &slis).await;
    println!(
        "30 days of 1,000 SLOs to the minute, the last day in rows: median {median:.1} ms, p95 {p95:.1} ms"
    );
    let took = seal(&store).await;
    println!("sealing a day of 1,000 SLIs, 1.44 million slices: {:.1} s", took.as_secs_f64());
    let (median, p95) = judge(&store, &windows, &slis).await;
    println!("30 days of 1,000 SLOs to the minute, all sealed: median {median:.1} ms, p95 {p95:.1} ms");
    drop(connection);
    store.close().await;
    postgres.stop().await;
}

fn main() {
    let directory = tempfile::Builder::new().prefix("nines-bench").tempdir().unwrap();
    // PostgreSQL's user has to pass through.
    std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(measure(directory.path()));
}
