//! The writer on a real PostgreSQL: what is acknowledged is read back, trimmed or not, in doubt or not.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::estate::Sli;
use domain::{Estate, Instant, Measured};

use super::*;
use crate::collect::Latest;
use crate::postgres::PrivatePostgres;
use crate::samples::{Intake, LATE_MAX_MILLIS, Sample};
use crate::source::{MetricSource, Ratio, Selector};
use crate::store::Database;

/// Remembers the slices that it was given, the latest of each place.
#[derive(Default)]
struct Slices(Mutex<std::collections::BTreeMap<Instant, Slice>>);

#[async_trait]
impl Sink for Slices {
    async fn running(&self, _: &str, _: Instant) -> Result<Option<Measured>, SinkError> {
        Ok(None)
    }

    async fn commit(&self, slices: Vec<(String, Slice)>) -> Result<(), SinkError> {
        self.0.lock().unwrap().extend(slices.into_iter().map(|(_, slice)| (slice.start, slice)));
        Ok(())
    }

    fn observe(&self, _: &str, _: Observation) {}

    fn attempted(&self, _: &str, _: &Latest) {}

    fn progress(&self) {}
}

/// A database, and what writes into it.
struct Place {
    directory: tempfile::TempDir,
    postgres: PrivatePostgres,
    store: Store,
    catalog: Arc<Catalog>,
}

fn sources() -> Vec<MetricSource> {
    let selector = |metric: &str| Selector { metric: metric.to_owned(), matchers: Vec::new(), le: None };
    let (first, second) = (selector("bad"), selector("all"));
    vec![MetricSource { sli: "s".to_owned(), cadence_seconds: 15, ratio: Ratio::BadTotal, first, second }]
}

impl Place {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        let postgres = PrivatePostgres::start(&directory.path().join("data"), |_| {}).await.unwrap();
        let (socket, user, name) =
            (postgres.socket_dir().to_owned(), postgres.user().to_owned(), postgres.database().to_owned());
        let store = Store::open(&Database::Socket { directory: socket, user, name }).unwrap();
        store.migrate().await.unwrap();
        let sli = Sli { name: "s".to_owned(), ..Sli::default() };
        let catalog = Arc::new(Catalog::new(Estate { slis: vec![sli], ..Estate::default() }));
        catalog.declare(&store).await.unwrap();
        Self { directory, postgres, store, catalog }
    }

    /// A server that starts on it: the log is read.
    async fn start(&self) -> (Intake, Writer, Outside, Arc<Slices>) {
        let (intake, mut writer) = Intake::new(sources());
        let slices = Arc::new(Slices::default());
        let sink: Arc<dyn Sink> = slices.clone();
        let outside = Outside { store: self.store.clone(), catalog: Arc::clone(&self.catalog), sink };
        writer.begin(&outside).await.unwrap();
        (intake, writer, outside, slices)
    }
}

/// Offers samples of one series (seconds before `now_millis`, value), and has the writer take its turn.
async fn offer(
    (intake, writer, outside): (&Intake, &mut Writer, &Outside),
    metric: &str,
    now_millis: i64,
    samples: &[(i64, f64)],
) -> Result<Told, Refusal> {
    let mut gather = intake.gather(now_millis);
    gather.series(&[("__name__", metric), ("job", "a")]);
    for (before, value) in samples {
        let millis = now_millis - before * 1_000;
        gather.sample(Sample { millis, value: *value, created_millis: None });
    }
    let cancel = CancellationToken::new();
    let (told, ()) = tokio::join!(intake.offer(gather), writer.turn(outside, &cancel));
    told
}

fn measured(slices: &Slices) -> Vec<(i64, u64, u64)> {
    let slices = slices.0.lock().unwrap();
    let of = |slice: &Slice| match slice.measurement {
        Measurement::Measured(measured) => Some((slice.start.unix(), measured.good, measured.total)),
        Measurement::Unknown(_) => None,
    };
    slices.values().filter_map(of).collect()
}

const NOW: i64 = 1_800_000_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_trimmed_is_gone_on_from_and_what_is_folded_is_not_made_again() {
    let place = Place::new().await;
    let (intake, mut writer, outside, slices) = place.start().await;
    let all = [(60, 100.0), (45, 110.0), (30, 120.0), (15, 130.0), (0, 140.0)];
    offer((&intake, &mut writer, &outside), "all", NOW, &all).await.unwrap();
    let bad = [(60, 5.0), (45, 5.0), (30, 5.0), (15, 5.0), (0, 6.0)];
    offer((&intake, &mut writer, &outside), "bad", NOW, &bad).await.unwrap();
    fold_once(&writer.shared, &outside).await.unwrap();
    let minute = NOW / 1_000;
    assert_eq!(measured(&slices), [(minute - 60, 30, 30), (minute, 9, 10)]);
    // The next row says that slices were made of the two before.
    offer((&intake, &mut writer, &outside), "all", NOW, &[(-15, 150.0)]).await.unwrap();

    // Started again, only the last row is made slices of.
    let (_, mut writer, outside, slices) = place.start().await;
    fold_once(&writer.shared, &outside).await.unwrap();
    assert_eq!(measured(&slices), [(minute, 19, 20)]);

    // Hours later nothing of it may change any more; the last value stays to go on from, through a start.
    let later = NOW + 60_000 + LATE_MAX_MILLIS + 15 * 60 * 1_000;
    writer.trim(&outside, later).await;
    assert_eq!(place.store.log_after(0).await.unwrap().len(), 0);
    let kept = |writer: &Writer| {
        let (registry, head) = (writer.shared.registry(), writer.shared.head());
        let values: Vec<f64> = head.points(0).iter().map(|point| point.sample.value).collect();
        (registry.len(), values)
    };
    assert_eq!(kept(&writer), (2, vec![150.0]));
    assert_eq!(kept(&place.start().await.1), (2, vec![150.0]));
    let (intake, mut writer, outside, slices) = place.start().await;
    offer((&intake, &mut writer, &outside), "all", later, &[(0, 190.0)]).await.unwrap();
    fold_once(&writer.shared, &outside).await.unwrap();
    assert_eq!(measured(&slices), [], "hours apart: nobody knows when the forty happened");

    // A day of silence: forgotten, labels and all.
    writer.trim(&outside, later + 25 * 60 * 60 * 1_000).await;
    assert_eq!(writer.shared.registry().len(), 0);
    assert_eq!(place.store.series_after(0).await.unwrap(), []);
    place.postgres.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_in_doubt_is_read_back_and_an_outage_loses_nothing_acknowledged() {
    let place = Place::new().await;
    let (intake, mut writer, outside, _) = place.start().await;
    offer((&intake, &mut writer, &outside), "all", NOW, &[(30, 1.0)]).await.unwrap();

    // Something was committed of which this writer does not know: as if the answer to COMMIT had been lost.
    let (other_intake, mut other, other_outside, _) = place.start().await;
    offer((&other_intake, &mut other, &other_outside), "all", NOW, &[(15, 2.0)]).await.unwrap();
    offer((&other_intake, &mut other, &other_outside), "bad", NOW, &[(15, 0.0)]).await.unwrap();
    writer.in_doubt = true;
    // The sender tries again, with another value by now: the first that was committed stays.
    offer((&intake, &mut writer, &outside), "all", NOW, &[(15, 3.0), (0, 4.0)]).await.unwrap();
    let values = |writer: &Writer| {
        let head = writer.shared.head();
        head.points(0).iter().map(|point| point.sample.value).collect::<Vec<_>>()
    };
    assert_eq!(values(&writer), [1.0, 2.0, 4.0]);
    assert_eq!((writer.shared.registry().len(), intake.totals().conflicts), (2, 1));
    let (_, again, _, _) = place.start().await;
    assert_eq!(values(&again), [1.0, 2.0, 4.0]);

    // The database is away, and back.
    let Place { directory, postgres, store, catalog } = place;
    postgres.stop().await;
    let refused = offer((&intake, &mut writer, &outside), "all", NOW, &[(-15, 5.0)]).await;
    assert_eq!(refused, Err(Refusal::Unavailable));
    let postgres = PrivatePostgres::start(&directory.path().join("data"), |_| {}).await.unwrap();
    let place = Place { directory, postgres, store, catalog };
    offer((&intake, &mut writer, &outside), "all", NOW, &[(-15, 5.0)]).await.unwrap();
    offer((&intake, &mut writer, &outside), "all", NOW, &[(-15, 5.0)]).await.unwrap();
    assert_eq!(values(&writer), [1.0, 2.0, 4.0, 5.0]);
    assert_eq!(values(&place.start().await.1), [1.0, 2.0, 4.0, 5.0]);
    place.postgres.stop().await;
}
