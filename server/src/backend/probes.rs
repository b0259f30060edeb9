//! The latest attempts of a service's probes, as its page shows them.

use app::view::ProbeRow;
use domain::Instant;

use crate::collect::{Latest, Millis};

/// A row for each SLI; ages are as of `now`.
pub(super) fn rows(latest: &[(String, Latest)], now: Instant) -> Vec<ProbeRow> {
    latest.iter().map(|(sli, latest)| row(sli, latest, now)).collect()
}

fn row(sli: &str, latest: &Latest, now: Instant) -> ProbeRow {
    let Millis { dns, connect, tls, first_byte, body, total } = latest.timings_ms;
    let result = match (&latest.reason, latest.certificate_expires) {
        (Some(reason), _) => format!("{}: {reason}", latest.result),
        (None, Some(expires)) => {
            let days = expires.seconds_since(now).div_euclid(86_400);
            format!("{}, certificate expires in {days} d", latest.result)
        }
        (None, None) => latest.result.to_owned(),
    };
    ProbeRow {
        sli: sli.to_owned(),
        request: latest.request.clone(),
        at: latest.at,
        result,
        timings: [dns, connect, tls, first_byte, body, total].map(text),
    }
}

/// Milliseconds with one decimal; a dash for a phase that there was not.
fn text(millis: Option<f64>) -> String {
    millis.map_or_else(|| "–".to_owned(), |millis| format!("{millis:.1}"))
}
