//! Sealed days against rows: two stores get the same slices, one of them is sealed, and both are asked the same.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which the lint's exception does not know as such")]

use domain::{Block, Bounds, Instant, Measured, Measurement, Slice};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use server::postgres::PrivatePostgres;
use server::store::{Database, SliId, SliSlice, Store, StoreError};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// The first day that slices lie in, and how many.
const FIRST: i64 = 20_639 * 86_400;
const DAYS: i64 = 4;
/// Everything is sealed until here: of the last day only rows.
const SEALED: i64 = FIRST + (DAYS - 1) * 86_400;

/// A private PostgreSQL with databases for tests.
pub(crate) struct Databases {
    postgres: PrivatePostgres,
    _directory: TempDir,
}

impl Databases {
    pub(crate) async fn start() -> Self {
        let directory = super::support::open_directory();
        let postgres = PrivatePostgres::start(&directory.path().join("data"), |_| {}).await.unwrap();
        Self { postgres, _directory: directory }
    }

    /// A new database with our schema.
    pub(crate) async fn store(&self, name: &str) -> Store {
        let store = self.empty(name).await;
        store.migrate().await.unwrap();
        store
    }

    /// A new database without anything.
    pub(crate) async fn empty(&self, name: &str) -> Store {
        let mut connection = self.connect("nines").await;
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}")))
            .execute(&mut connection)
            .await
            .unwrap();
        Store::open(&self.database(name)).unwrap()
    }

    pub(crate) fn database(&self, name: &str) -> Database {
        let (directory, user) = (self.postgres.socket_dir().to_owned(), self.postgres.user().to_owned());
        Database::Socket { directory, user, name: name.to_owned() }
    }

    pub(crate) async fn connect(&self, name: &str) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass();
        let options = options.socket(self.postgres.socket_dir()).username("nines").database(name);
        PgConnection::connect_with(&options).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.postgres.stop().await;
    }
}

/// A slice somewhere in the days, mostly minutes on the grid, so that batches meet.
fn any_slice() -> impl Strategy<Value = Slice> {
    let minute = prop_oneof![0..DAYS * 1_440, (0..DAYS).prop_map(|day| day * 1_440 + 1_438), 0..20_i64];
    let length = prop_oneof![12 => Just(60_u32), 2 => Just(300), 1 => Just(3_600), 1 => Just(86_400 * 2)];
    let count = prop_oneof![0..100_u64, Just(1_000_000_000_000)];
    (minute, length, count.clone(), count, 0..6_u8, any::<(u32, u32)>(), "[a-z]{0,6}").prop_map(
        |(minute, seconds, good, total, kind, cuts, reason)| {
            let start = Instant::from_unix(FIRST + minute * 60);
            let from = cuts.0 % (seconds + 1);
            let part = Measured {
                good,
                total,
                measured_seconds: (seconds - from) / 2,
                from: start + i64::from(from),
                to: start + i64::from(from + cuts.1 % (seconds - from + 1)),
            };
            let whole =
                Measured { measured_seconds: seconds, from: start, to: start + i64::from(seconds), ..part };
            let measurement = match kind {
                0 => Measurement::Unknown(reason),
                1 => Measurement::Measured(part),
                2 => Measurement::Measured(whole),
                _ => Measurement::Measured(Measured { good: good.min(total), ..whole }),
            };
            Slice { start, seconds, measurement }
        },
    )
}

/// A run of minutes, as a collector sends them.
fn any_run() -> impl Strategy<Value = Vec<Slice>> {
    (0..DAYS * 1_440, 1..200_i64, 0..50_u64).prop_map(|(first, count, bad)| {
        let minute = |minute: i64| {
            let start = Instant::from_unix(FIRST + minute * 60);
            let good = 90 + minute.unsigned_abs() * 7 % 31;
            let measured =
                Measured { good, total: good + bad, measured_seconds: 60, from: start, to: start + 60 };
            Slice { start, seconds: 60, measurement: Measurement::Measured(measured) }
        };
        (first..first + count).map(minute).collect()
    })
}

fn any_instant() -> impl Strategy<Value = Instant> {
    prop_oneof![
        (-7_200..(DAYS + 3) * 86_400).prop_map(|seconds| Instant::from_unix(FIRST + seconds)),
        (-2..DAYS * 24 + 2).prop_map(|hour| Instant::from_unix(FIRST + hour * 3_600)),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<Slice>),
    Replace(Vec<Slice>),
    Seal,
    Ask(Vec<Instant>),
}

fn any_step() -> impl Strategy<Value = Step> {
    let slices = || prop_oneof![prop::collection::vec(any_slice(), 1..6), any_run()];
    prop_oneof![
        3 => slices().prop_map(Step::Append),
        3 => slices().prop_map(Step::Replace),
        2 => Just(Step::Seal),
        4 => prop::collection::vec(any_instant(), 2..6).prop_map(Step::Ask),
    ]
}

/// All that the store can be asked about an SLI, around some instants; in words, so that all kinds compare.
async fn answers(store: &Store, sli: SliId, instants: &[Instant]) -> Vec<String> {
    let bounds: Vec<Bounds> = instants
        .windows(2)
        .map(|pair| Bounds { from: pair[0].min(pair[1]), to: pair[0].max(pair[1]) })
        .collect();
    let fine: Vec<Instant> = instants.iter().map(|at| at.floor_to(3_600)).collect();
    let sorted = |mut blocks: Vec<Block>| {
        blocks.sort_by_key(|block| (block.start, block.seconds));
        format!("{blocks:?}")
    };
    let sums = store.sums(sli, &bounds).await.unwrap();
    let series = store.series(sli, &bounds).await.unwrap();
    assert_eq!(sums, bounds.iter().map(|bounds| series.sum(*bounds)).collect::<Vec<_>>());
    let mut said = vec![format!("{sums:?}")];
    for bounds in &bounds {
        said.push(sorted(store.read(sli, *bounds, &fine).await.unwrap()));
        said.push(sorted(store.read(sli, *bounds, &[]).await.unwrap()));
    }
    let nothing = Bounds { from: Instant::from_unix(0), to: Instant::from_unix(0) };
    said.push(sorted(store.read(sli, nothing, &fine).await.unwrap()));
    for at in instants {
        said.push(format!("{:?}", store.latest(sli, *at).await.unwrap()));
        said.push(format!("{:?}", store.first_measured(sli, *at).await.unwrap()));
        said.push(format!("{:?}", store.measured_at(sli, at.floor_to(60)).await.unwrap()));
    }
    said.push(format!("{:?}", store.latest_before(sli, instants).await.unwrap()));
    said
}

pub(crate) async fn seal_all(store: &Store, until: i64) -> usize {
    let mut days = 0;
    loop {
        let sealed = store.seal(Instant::from_unix(until)).await.unwrap();
        if sealed.days == 0 {
            return days;
        }
        days += sealed.days;
    }
}

/// One step on a store; what it said.
async fn act(store: &Store, sli: SliId, step: &Step, seals: bool) -> Vec<String> {
    let of_sli =
        |slices: &[Slice]| slices.iter().map(|slice| SliSlice { sli, slice: slice.clone() }).collect();
    match step {
        Step::Append(slices) => match store.append(of_sli(slices), false).await {
            Ok(()) => vec!["stored".to_owned()],
            Err(StoreError::Overlap(conflicts)) => vec![format!("{conflicts:?}")],
            Err(error) => panic!("{error:?}"),
        },
        Step::Replace(slices) => vec![format!("{:?}", store.replace(of_sli(slices)).await.unwrap())],
        Step::Seal => {
            if seals {
                seal_all(store, SEALED).await;
            }
            Vec::new()
        }
        Step::Ask(instants) => answers(store, sli, instants).await,
    }
}

/// Everything stored, slice by slice, whichever way.
async fn everything(store: &Store, sli: SliId) -> String {
    let hours: Vec<Instant> =
        (0..(DAYS + 1) * 4).map(|part| Instant::from_unix(FIRST + part * 21_600)).collect();
    answers(store, sli, &hours).await.concat()
}

#[test]
fn a_sealed_day_answers_every_question_as_its_rows_did() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let databases = Databases::start().await;
        let (rows, sealing) = (databases.store("rows").await, databases.store("sealing").await);
        let mut runner =
            TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let mut case = 0;
        let case = std::cell::RefCell::new(&mut case);
        let handle = tokio::runtime::Handle::current();
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&prop::collection::vec(any_step(), 1..20), |steps| {
                **case.borrow_mut() += 1;
                let name = [format!("sli-{}", **case.borrow())];
                handle.block_on(async {
                    let of_rows = rows.declare(&name).await.unwrap()[0];
                    let of_sealing = sealing.declare(&name).await.unwrap()[0];
                    for step in steps.iter().chain([&Step::Seal]) {
                        let expected = act(&rows, of_rows, step, false).await;
                        prop_assert_eq!(act(&sealing, of_sealing, step, true).await, expected, "{:?}", step);
                    }
                    let expected = everything(&rows, of_rows).await;
                    prop_assert_eq!(everything(&sealing, of_sealing).await, expected);
                    Ok(())
                })
            })
        });
        rows.close().await;
        sealing.close().await;
        databases.stop().await;
        outcome.unwrap();
    });
}

#[tokio::test]
async fn sealing_leaves_no_rows_behind_and_a_late_slice_rewrites_its_day_only() {
    let databases = Databases::start().await;
    let store = databases.store("late").await;
    let sli = store.declare(&["orders".to_owned()]).await.unwrap()[0];
    let minute = |minute: i64, good: u64| {
        let start = Instant::from_unix(FIRST + minute * 60);
        let measured = Measured { good, total: 10, measured_seconds: 60, from: start, to: start + 60 };
        SliSlice { sli, slice: Slice { start, seconds: 60, measurement: Measurement::Measured(measured) } }
    };
    store.append((0..3 * 1_440).map(|at| minute(at, 10)).collect(), false).await.unwrap();
    assert_eq!(seal_all(&store, FIRST + 2 * 86_400).await, 2);
    let mut connection = databases.connect("late").await;
    let counts = async |connection: &mut PgConnection| {
        let text = "select (select count(*) from slice), (select count(*) from slice_hour), (select count(*) from slice_day)";
        sqlx::query_as::<_, (i64, i64, i64)>(text).fetch_one(connection).await.unwrap()
    };
    assert_eq!(counts(&mut connection).await, (1_440, 24, 2));
    let versions = "select array_agg(xmin::text order by day) from slice_block";
    let before: Vec<String> = sqlx::query_scalar(versions).fetch_one(&mut connection).await.unwrap();
    // Twice: overwritten, not added to. What is the same already is not written again.
    for _ in 0..2 {
        store.append(vec![minute(1_440 + 7, 3)], false).await.unwrap();
    }
    let after: Vec<String> = sqlx::query_scalar(versions).fetch_one(&mut connection).await.unwrap();
    assert_eq!((&after[0], after[1] == before[1]), (&before[0], false));
    assert_eq!(counts(&mut connection).await, (1_440, 24, 2));
    let whole = Bounds { from: Instant::from_unix(FIRST), to: Instant::from_unix(FIRST + 3 * 86_400) };
    let sum = store.sums(sli, &[whole]).await.unwrap()[0];
    assert_eq!((sum.good, sum.total, sum.measured_seconds), (43_193, 43_200, 3 * 86_400));
    let of_days = "select sum(good)::bigint from slice_day";
    assert_eq!(sqlx::query_scalar::<_, i64>(of_days).fetch_one(&mut connection).await.unwrap(), 28_793);
    drop(connection);
    store.close().await;
    databases.stop().await;
}

#[tokio::test]
async fn slices_go_by_whole_tables_and_leave_sums_of_days_that_go_later() {
    let databases = Databases::start().await;
    let store = databases.store("old").await;
    let sli = store.declare(&["orders".to_owned()]).await.unwrap()[0];
    // The partitions begin with days 20,608, 20,640 and 20,672.
    let day = |day: i64| Instant::from_unix(day * 86_400);
    let slice = |of: i64| {
        let measured = Measured { good: 9, total: 10, measured_seconds: 60, from: day(of), to: day(of) + 60 };
        SliSlice {
            sli,
            slice: Slice { start: day(of), seconds: 60, measurement: Measurement::Measured(measured) },
        }
    };
    store.append((20_630..20_680).map(slice).collect(), false).await.unwrap();
    assert_eq!(seal_all(&store, day(20_680).unix()).await, 50);
    let mut connection = databases.connect("old").await;
    let tables = async |connection: &mut PgConnection| {
        let text =
            "select count(*) from pg_class where relkind = 'r' and relname like 'slice!_block!_%' escape '!'";
        sqlx::query_scalar::<_, i64>(text).fetch_one(connection).await.unwrap()
    };
    let sum = async |from: i64| {
        store.sums(sli, &[Bounds { from: day(from), to: day(20_680) }]).await.unwrap()[0].total
    };
    assert_eq!((tables(&mut connection).await, sum(20_600).await), (3, 500));

    let expired = store.expire(day(20_650), day(20_000)).await.unwrap();
    assert_eq!((expired.days, expired.sums, expired.tables), (20, 0, 1));
    assert_eq!((tables(&mut connection).await, sum(20_600).await), (2, 300));
    assert_eq!(store.first_measured(sli, day(20_000)).await.unwrap(), Some(day(20_650)));
    assert_eq!(store.latest(sli, day(20_649)).await.unwrap(), None);
    assert_eq!(store.latest_before(sli, &[day(20_649), day(20_651)]).await.unwrap().len(), 1);
    assert_eq!(store.expire(day(20_650), day(20_000)).await.unwrap(), server::store::Expired::default());
    let kept: i64 = sqlx::query_scalar("select sum(total)::bigint from slice_day")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(kept, 500, "sums of days are kept");

    // A late slice of a day whose slices are gone makes the day anew; then it is past its retention again.
    store.append(vec![slice(20_635)], false).await.unwrap();
    assert_eq!(sum(20_600).await, 310);
    assert_eq!(seal_all(&store, day(20_680).unix()).await, 1);
    assert_eq!(sum(20_600).await, 310);

    // A table that somebody reads is emptied instead; the next round drops it.
    let mut reader = databases.connect("old").await;
    let mut reading = reader.begin().await.unwrap();
    sqlx::query("select count(*) from slice_block").execute(&mut *reading).await.unwrap();
    let expired = store.expire(day(20_672), day(20_640)).await.unwrap();
    assert_eq!((expired.days, expired.sums), (23, 10));
    let left: i64 =
        sqlx::query_scalar("select count(*) from slice_block").fetch_one(&mut connection).await.unwrap();
    assert_eq!((tables(&mut connection).await, left), (3, 8));
    drop(reading);
    drop(reader);
    store.expire(day(20_672), day(20_640)).await.unwrap();
    assert_eq!((tables(&mut connection).await, sum(20_600).await), (1, 80));
    drop(connection);
    store.close().await;
    databases.stop().await;
}

#[tokio::test]
async fn one_server_at_a_time_holds_the_lease() {
    let databases = Databases::start().await;
    let store = databases.store("leased").await;
    let lease = |owner: &str, seconds| server::store::Lease {
        name: "upkeep",
        owner: owner.to_owned(),
        lasts: std::time::Duration::from_secs(seconds),
    };
    assert!(store.hold(&lease("a", 60)).await.unwrap());
    assert!(store.hold(&lease("a", 60)).await.unwrap(), "renewed");
    assert!(!store.hold(&lease("b", 60)).await.unwrap());
    store.release(&lease("b", 60)).await.unwrap();
    assert!(!store.hold(&lease("b", 60)).await.unwrap(), "only its holder gives it back");
    store.release(&lease("a", 60)).await.unwrap();
    assert!(store.hold(&lease("b", 0)).await.unwrap());
    assert!(store.hold(&lease("a", 60)).await.unwrap(), "expired by the database's clock");
    store.close().await;
    databases.stop().await;
}

#[tokio::test]
async fn rows_that_an_earlier_release_wrote_beside_a_sealed_day_replace_what_they_overlap() {
    let databases = Databases::start().await;
    let store = databases.store("beside").await;
    let sli = store.declare(&["orders".to_owned()]).await.unwrap()[0];
    let minute = |minute: i64, good: u64| {
        let start = Instant::from_unix(FIRST + minute * 60);
        let measured = Measured { good, total: 10, measured_seconds: 60, from: start, to: start + 60 };
        SliSlice { sli, slice: Slice { start, seconds: 60, measurement: Measurement::Measured(measured) } }
    };
    store.append((0..100).map(|at| minute(at, 10)).collect(), false).await.unwrap();
    seal_all(&store, FIRST + 86_400).await;
    let mut connection = databases.connect("beside").await;
    let text = "insert into slice (sli_id, start_unix, seconds, good, total, measured_seconds, measured_from, measured_to)
                select id, $1, 120, 1, 10, 120, 0, 120 from sli";
    sqlx::query(text).bind(FIRST + 10 * 60).execute(&mut connection).await.unwrap();
    seal_all(&store, FIRST + 86_400).await;
    let sum = store
        .sums(sli, &[Bounds { from: Instant::from_unix(FIRST), to: Instant::from_unix(FIRST + 86_400) }])
        .await;
    let sum = sum.unwrap()[0];
    assert_eq!((sum.good, sum.total, sum.measured_seconds), (981, 990, 6_000));
    drop(connection);
    store.close().await;
    databases.stop().await;
}

#[tokio::test]
async fn servers_migrate_in_turns_and_an_earlier_one_starts_on_a_later_schema() {
    let databases = Databases::start().await;
    let first = databases.empty("shared").await;
    let stores: Vec<Store> = (0..4).map(|_| Store::open(&databases.database("shared")).unwrap()).collect();
    for done in futures::future::join_all(stores.iter().map(Store::migrate)).await {
        done.unwrap();
    }
    let mut connection = databases.connect("shared").await;
    let leases: i64 =
        sqlx::query_scalar("select count(*) from lease").fetch_one(&mut connection).await.unwrap();
    assert_eq!(leases, 0, "given back");
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'of a later release', true, '', 0)";
    sqlx::query(later).execute(&mut connection).await.unwrap();
    sqlx::query("delete from _sqlx_migrations where version = 7").execute(&mut connection).await.unwrap();
    sqlx::query("drop table slice_day, slice_block").execute(&mut connection).await.unwrap();
    first.migrate().await.unwrap();
    first.declare(&["orders".to_owned()]).await.unwrap();
    drop(connection);
    for store in stores.iter().chain([&first]) {
        store.close().await;
    }
    databases.stop().await;
}
