//! How budget is counted: the budgeting method, and the slices of the two methods that count slices.

use domain::Method;
use domain::Target;
use domain::estate::SliceRule;

use super::duration;
use super::finding::{Report, quote};
use super::read::{Field, Fields};

const METHODS: [Method; 3] = [Method::Occurrences, Method::Timeslices, Method::RatioTimeslices];
/// Where none is declared.
const DEFAULT_SLICE_SECONDS: u32 = 60;
const MIN_SLICE_SECONDS: u32 = 60;
const MAX_SLICE_SECONDS: u32 = 3_600;

/// `budgetingMethod` of an SLO; a missing one is a warning.
pub(super) fn read(spec: &mut Fields<'_>, report: &mut Report) -> Option<Method> {
    let Some(field) = spec.get("budgetingMethod") else {
        let message =
            "`spec.budgetingMethod` is missing and taken for Occurrences: add `budgetingMethod: Occurrences`";
        report.warning(spec.place, message);
        return Some(Method::Occurrences);
    };
    named(&field, report)
}

/// A method by OpenSLO's name.
pub(super) fn named(field: &Field<'_>, report: &mut Report) -> Option<Method> {
    let text = field.text("Occurrences", report)?;
    if let Some(method) = METHODS.into_iter().find(|method| method.name().eq_ignore_ascii_case(text)) {
        if method.name() != text {
            report.warning(
                field.place(),
                format!("{} is taken for {}: write it so", quote(text), method.name()),
            );
        }
        return Some(method);
    }
    let hint = report.did_you_mean(text, METHODS.map(Method::name));
    let message = format!(
        "the budgeting method {} is unknown: use `Occurrences`, `Timeslices` or `RatioTimeslices`{hint}",
        quote(text)
    );
    report.error(field.place(), message);
    None
}

/// Something is wrong, and the report says what.
pub(super) struct Wrong;

/// `timeSliceTarget` and `timeSliceWindow`, as far as the method asks for them; none for Occurrences.
pub(super) fn slices(
    fields: &mut Fields<'_>,
    method: Method,
    report: &mut Report,
) -> Result<Option<SliceRule>, Wrong> {
    if method == Method::Occurrences {
        let why = "is ignored with the budgeting method Occurrences: remove it, or use `Timeslices`";
        fields.ignore(&["timeSliceTarget", "timeSliceWindow"], why, report);
        return Ok(None);
    }
    let target = if method == Method::Timeslices {
        let field = fields.need("timeSliceTarget", "0.95", report);
        Some(field.and_then(|field| slice_target(&field, report)))
    } else {
        let why = "is ignored with the budgeting method RatioTimeslices, which judges no slice: remove it, or use \
                       `Timeslices`";
        fields.ignore(&["timeSliceTarget"], why, report);
        None
    };
    let seconds = if let Some(field) = fields.get("timeSliceWindow") {
        slice_seconds(&field, report)
    } else {
        let path = fields.below("timeSliceWindow");
        let message = format!("`{path}` is missing and taken for 1m: add `timeSliceWindow: 1m`");
        report.warning(fields.place, message);
        Some(DEFAULT_SLICE_SECONDS)
    };
    match (seconds, target) {
        (Some(seconds), None) => Ok(Some(SliceRule { seconds, target: None })),
        (Some(seconds), Some(Some(target))) => Ok(Some(SliceRule { seconds, target: Some(target) })),
        _ => Err(Wrong),
    }
}

/// `0.95` or `95%`: OpenSLO has the fraction.
fn slice_target(field: &Field<'_>, report: &mut Report) -> Option<Target> {
    let text = field.text("0.95", report)?;
    let read = match text.strip_suffix('%') {
        Some(percent) => Target::parse_percent(percent.trim_end()),
        None => Target::parse(text),
    };
    match read {
        Ok(target) => Some(target),
        Err(error) => {
            report.error(field.place(), format!("`{}`: {error}: write e.g. 0.95", field.path));
            None
        }
    }
}

/// The length of a slice; a bare number is minutes.
fn slice_seconds(field: &Field<'_>, report: &mut Report) -> Option<u32> {
    let text = field.text("5m", report)?;
    let seconds = if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse::<u64>().ok().and_then(|minutes| minutes.checked_mul(60))
    } else {
        let length = duration::parse(text).ok();
        length.filter(|length| length.subsec_nanos() == 0).map(|length| length.as_secs())
    };
    let found = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    let length = found.filter(|seconds| {
        (MIN_SLICE_SECONDS..=MAX_SLICE_SECONDS).contains(seconds)
            && MAX_SLICE_SECONDS.is_multiple_of(*seconds)
    });
    let near = match nearest(seconds.unwrap_or(u64::from(DEFAULT_SLICE_SECONDS))) {
        60 => "1h".to_owned(),
        minutes => format!("{minutes}m"),
    };
    if length.is_none() {
        let message = format!(
            "`{}`: {} is no slice: slices are 1 min to 1 h long and divide an hour, so write e.g. `{near}`",
            field.path,
            quote(text)
        );
        report.error(field.place(), message);
    } else if length.is_some_and(|seconds| seconds % 60 != 0) {
        let message = format!(
            "`{}` is not whole minutes, but measurements are, so they fall unevenly into slices: write e.g. `{near}`",
            field.path
        );
        report.warning(field.place(), message);
    }
    length
}

/// The minutes from 1 to 60 that divide an hour and are nearest to a length.
fn nearest(seconds: u64) -> u64 {
    let minutes = (1..=60_u64).filter(|minutes| 60_u64.is_multiple_of(*minutes));
    minutes.min_by_key(|minutes| (minutes * 60).abs_diff(seconds)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fix_is_the_nearest_slice() {
        assert_eq!((nearest(10), nearest(420), nearest(2_700), nearest(u64::MAX)), (1, 6, 30, 60));
    }
}
