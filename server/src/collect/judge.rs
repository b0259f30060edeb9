//! How an SLI judges one attempt: good or not, and why not, for people.

use std::time::Duration;

use crate::source::ProbeSli;

use super::http_probe::{Attempt, Outcome};

/// What an SLI makes of a known result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Counts as good.
    pub(crate) good: bool,
    /// Why it does not.
    pub(crate) reason: Option<String>,
}

/// The verdict of `sli` on `attempt`; none if the result is unknown.
pub(crate) fn judge(sli: &ProbeSli, attempt: &Attempt) -> Option<Verdict> {
    let reason = match &attempt.outcome {
        Outcome::NotMade(_) => return None,
        Outcome::Failed(reason) => Some(reason.to_string()),
        Outcome::Answered { status } if !in_ranges(&sli.status, *status) => Some(format!("HTTP {status}")),
        Outcome::Answered { .. } => {
            let slow = sli.within.and_then(|limit| too_slow(attempt.finished_after, limit));
            if slow.is_some() && attempt.stalled {
                return None;
            }
            slow
        }
    };
    Some(Verdict { good: reason.is_none(), reason })
}

fn in_ranges(ranges: &[(u16, u16)], status: u16) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&status))
}

fn too_slow(took: Duration, limit: Duration) -> Option<String> {
    // Rounded up, or 100.4 ms would read "took 100 ms, limit 100 ms".
    let took_millis = took.as_micros().div_ceil(1_000);
    (took > limit).then(|| format!("took {took_millis} ms, limit {} ms", limit.as_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::http_probe::FailureReason;
    use crate::source::DEFAULT_STATUS;

    fn reason(within: Option<u64>, took_micros: u64, outcome: Outcome) -> Result<(), String> {
        let within = within.map(Duration::from_millis);
        let sli = ProbeSli { sli: "checkout".to_owned(), status: vec![DEFAULT_STATUS, (418, 418)], within };
        let attempt = Attempt { finished_after: Duration::from_micros(took_micros), outcome, stalled: false };
        let Some(verdict) = judge(&sli, &attempt) else { return Err("unknown".to_owned()) };
        assert_eq!(verdict.good, verdict.reason.is_none());
        verdict.reason.map_or(Ok(()), Err)
    }

    #[test]
    fn status_then_time_and_unknown_stays_unknown() {
        let answered = |status| Outcome::Answered { status };
        for status in [200, 302, 399, 418] {
            assert_eq!(reason(None, 9_000_000, answered(status)), Ok(()));
        }
        assert_eq!(reason(Some(100), 1, answered(400)), Err("HTTP 400".to_owned()));
        assert_eq!(reason(Some(100), 100_000, answered(200)), Ok(()));
        assert_eq!(reason(Some(100), 100_400, answered(200)), Err("took 101 ms, limit 100 ms".to_owned()));
        let sli = ProbeSli {
            sli: "fast".to_owned(),
            status: vec![DEFAULT_STATUS],
            within: Some(Duration::from_secs(1)),
        };
        let stalled = |seconds, status| {
            let finished_after = Duration::from_secs(seconds);
            judge(&sli, &Attempt { finished_after, outcome: answered(status), stalled: true })
        };
        assert_eq!(stalled(9, 200), None, "slow, but perhaps because of us");
        assert!(stalled(1, 200).is_some_and(|verdict| verdict.good));
        assert!(stalled(9, 500).is_some_and(|verdict| !verdict.good));
        let refused = Outcome::Failed(FailureReason::Refused);
        assert_eq!(reason(Some(100), 1, refused), Err("connection refused".to_owned()));
        assert_eq!(reason(None, 1, Outcome::NotMade("collector".to_owned())), Err("unknown".to_owned()));
    }
}
