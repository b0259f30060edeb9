//! SLIs and the probes that serve them: each source is asked once for all SLIs that judge it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::estate::SLICE_SECONDS;

use super::dangling;
use crate::config::declared::{Declared, DeclaredSli, Kind, Metric};
use crate::config::duration::people;
use crate::config::finding::{Report, quote};
use crate::config::metrics::Series;
use crate::config::probe::{self, Judgement, Request};
use crate::source::{MetricSource, ProbeRequest, ProbeSli, ProbeSource};

/// The meaning of every SLI whose counts are sent to us: what they count is their sender's to say.
const PUSH: &str = "push";

/// The longest cadence of series: a sample that comes at twice of it still meets the one before it among those kept.
const SERIES_CADENCE_MAX_SECONDS: u32 = 1_800;
/// How long a sample may be under way: senders collect for some seconds before they send.
const DELIVERY_SECONDS: u32 = 10;

/// The probes so far, by the `DataSource` they come from.
#[derive(Default)]
pub(super) struct Probes {
    pub(super) sources: Vec<ProbeSource>,
    /// The SLIs that series feed, which are not probed at all.
    pub(super) metrics: Vec<MetricSource>,
    /// Names of the `DataSource`s that SLIs refer to.
    pub(super) used: BTreeSet<String>,
    shared: BTreeMap<String, usize>,
}

/// Fills in what the source says about an SLI; none, with a finding, if they do not go together.
pub(super) fn link(
    declared_sli: DeclaredSli,
    declared: &Declared,
    probes: &mut Probes,
    report: &mut Report,
) -> Option<domain::Sli> {
    let DeclaredSli { mut sli, place, cadence, metric } = declared_sli;
    let is_probed = matches!(metric, Metric::Inline(..) | Metric::Shared(..));
    match metric {
        Metric::Series(series) => {
            let (seconds, declared_at) = cadence.map_or((SLICE_SECONDS, place), |cadence| cadence);
            if seconds > SERIES_CADENCE_MAX_SECONDS {
                let most = people(Duration::from_secs(SERIES_CADENCE_MAX_SECONDS.into()));
                let message = format!(
                    "the cadence of series is at most {most}: send them more often, and write how often"
                );
                report.error(declared_at, message);
                return None;
            }
            sli.interval_seconds = seconds;
            sli.timeout_seconds = DELIVERY_SECONDS;
            sli.source = series.sentence(&people(Duration::from_secs(seconds.into())));
            sli.meaning = series.meaning();
            let Series { ratio, first, second } = series;
            let (sli, cadence_seconds) = (sli.name.clone(), seconds);
            probes.metrics.push(MetricSource { sli, cadence_seconds, ratio, first, second });
        }
        Metric::Push => {
            sli.interval_seconds = cadence.map_or(SLICE_SECONDS, |(seconds, _)| seconds);
            let every = people(Duration::from_secs(sli.interval_seconds.into()));
            PUSH.clone_into(&mut sli.meaning);
            sli.source = format!("counts that are sent to us every {every}");
        }
        Metric::Inline(request, judgement) => {
            if let Some(other) = declared.place_of(Kind::DataSource, &sli.name) {
                let other = report.file_and_line(other);
                let message = format!(
                    "the inline probe of the SLI {} bears the name of the DataSource at {other}: rename one",
                    quote(&sli.name)
                );
                report.error(place, message);
                return None;
            }
            judge(&mut sli, &request, &judgement, report)?;
            let name = sli.name.clone();
            probes.sources.push(source(name, &request, judge_of(&sli.name, &judgement)));
        }
        Metric::Shared(name, judgement) => {
            probes.used.insert(name.name.clone());
            let Some(found) = declared.data_sources.get(&name.name) else {
                dangling(Kind::DataSource, &name, "declare it with `kind: DataSource`", declared, report);
                return None;
            };
            judge(&mut sli, &found.request, &judgement, report)?;
            let judge = judge_of(&sli.name, &judgement);
            let known = probes.shared.get(&name.name).and_then(|index| probes.sources.get_mut(*index));
            if let Some(source) = known {
                add(source, judge);
            } else {
                probes.shared.insert(name.name.clone(), probes.sources.len());
                probes.sources.push(source(name.name, &found.request, judge));
            }
        }
    }
    if let Some((_, place)) = cadence.filter(|_| is_probed) {
        let message = "the cadence is ignored: a probe has its `interval`; remove it";
        report.warning(place, message);
    }
    Some(sli)
}

/// Fills in what the probe says about the SLI; none if they do not go together.
fn judge(sli: &mut domain::Sli, request: &Request, judgement: &Judgement, report: &mut Report) -> Option<()> {
    sli.source = probe::sentence(request, judgement);
    sli.meaning = probe::meaning(request, judgement);
    sli.interval_seconds = u32::try_from(request.interval.as_secs()).unwrap_or(u32::MAX);
    let timeout_seconds = request.timeout.as_millis().div_ceil(1_000);
    sli.timeout_seconds = u32::try_from(timeout_seconds).unwrap_or(u32::MAX);
    judgement.fits(request, report).then_some(())
}

fn judge_of(sli: &str, judgement: &Judgement) -> ProbeSli {
    ProbeSli {
        sli: sli.to_owned(),
        status: judgement.status(),
        within: judgement.within(),
        expect: judgement.expect(),
    }
}

fn source(name: String, request: &Request, judge: ProbeSli) -> ProbeSource {
    let Request { asked, interval, timeout } = request.clone();
    let mut source = ProbeSource { name, request: asked, interval, timeout, slis: Vec::new() };
    add(&mut source, judge);
    source
}

/// Adds an SLI, and keeps bodies for it if it looks at them.
fn add(source: &mut ProbeSource, judge: ProbeSli) {
    if let ProbeRequest::Http(http) = &mut source.request {
        http.keep_body |= judge.expect.needs_body();
    }
    source.slis.push(judge);
}
