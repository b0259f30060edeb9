//! Decimal numbers, read from their digits into integers, and shares of a budget.

use super::finding::Report;
use super::read::Field;

/// Parts of the whole that a share is counted in.
const WHOLE: u64 = 1_000_000_000;
/// Largest share of a budget: ten of them. A larger number is a percentage without its sign.
const MAX_SHARE: u64 = 10 * WHOLE;

/// A decimal text such as `14.4` times 10^`places`, exactly; none if it is none, is negative, has more decimals or is
/// too large for any use.
pub(super) fn scaled(text: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// A share of a budget above zero, `80%` or `0.8`, in parts per 10^9.
pub(super) fn read_share(field: &Field<'_>, report: &mut Report) -> Option<u64> {
    let text = field.text("80%", report)?;
    let parts = match text.strip_suffix('%') {
        Some(percent) => scaled(percent.trim_end(), 7),
        None => scaled(text, 9),
    };
    let problem = match parts {
        None | Some(0) => "is no share above 0: write e.g. `80%` or `0.8`".to_owned(),
        Some(parts) if parts > MAX_SHARE => {
            format!("is more than ten budgets: write e.g. `{}%`", text.trim_end_matches('%').trim_end())
        }
        Some(parts) => return Some(parts),
    };
    field.wrong(text, &problem, report);
    None
}

/// A share in percent without trailing zeros: `80`.
pub(super) fn percent(parts: u64) -> String {
    let (whole, fraction) = (parts / 10_000_000, parts % 10_000_000);
    format!("{whole}.{fraction:07}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number up to `max`.
pub(super) fn read_whole(field: &Field<'_>, example: &str, max: u64, report: &mut Report) -> Option<u64> {
    let text = field.text(example, report)?;
    let number =
        text.parse().ok().filter(|number| *number <= max && text.bytes().all(|b| b.is_ascii_digit()));
    if number.is_none() {
        field.wrong(text, &format!("is no whole number up to {max}: write e.g. `{example}`"), report);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(
            (scaled("14.4", 3), scaled("2", 3), scaled("0.0010", 3)),
            (Some(14_400), Some(2_000), Some(1))
        );
        for bad in ["", ".", ".5", "-1", "1e3", "0.0001", "1,5", "99999999999999999999", "１"] {
            assert_eq!(scaled(bad, 3), None, "{bad}");
        }
    }

    #[test]
    fn shares_are_shown_without_trailing_zeros() {
        assert_eq!(
            (percent(800_000_000), percent(25_000_000), percent(1_200_000_000)),
            ("80".into(), "2.5".into(), "120".into())
        );
    }
}
