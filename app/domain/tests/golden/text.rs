//! Words of the script language and the values they stand for.

use domain::estate::{CalendarUnit, CalendarWindow, LocalTime, Window};
use domain::{Block, Instant, Measured, Sum, calendar};

/// An instant: RFC 3339, or UTC without seconds (`2026-10-01T14:00`), or a midnight in UTC (`2026-10-01`).
pub(crate) fn at(text: &str) -> Instant {
    instant(text).unwrap_or_else(|| panic!("`{text}` is no instant"))
}

fn instant(text: &str) -> Option<Instant> {
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ => text.to_owned(),
    };
    Instant::parse(&full).ok()
}

/// A duration such as `90s`, `5m`, `29d23h`, in seconds.
pub(crate) fn seconds(text: &str) -> i64 {
    let mut total = 0;
    let mut number = String::new();
    for letter in text.chars() {
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => {
                number.push(letter);
                continue;
            }
        };
        total += number.parse::<i64>().unwrap_or_else(|_| panic!("`{text}` is no duration")) * unit;
        number.clear();
    }
    assert!(number.is_empty(), "`{text}` is no duration");
    total
}

/// `28d` rolls, `month` and `2week` are periods; their zone and start come with settings of their own.
pub(crate) fn window(text: &str) -> Window {
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (count, unit) = text.split_at(digits);
    let unit = match unit {
        "day" => CalendarUnit::Day,
        "week" => CalendarUnit::Week,
        "month" => CalendarUnit::Month,
        "quarter" => CalendarUnit::Quarter,
        "year" => CalendarUnit::Year,
        _ => return Window::Rolling { seconds: u32::try_from(seconds(text)).unwrap() },
    };
    let count = if count.is_empty() { 1 } else { count.parse().unwrap() };
    Window::Calendar(CalendarWindow { count, unit, start: local("2026-01-01T00:00:00"), zone: "UTC".into() })
}

/// A local time: `2026-01-01T00:00:00`.
pub(crate) fn local(text: &str) -> LocalTime {
    calendar::local("UTC", at(&format!("{text}Z"))).unwrap().time
}

/// A decimal times 10^`places`, exactly: `14.4` in thousandths, percent in parts per 10^9.
pub(crate) fn scaled(text: &str, places: usize) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert!(fraction.len() <= places, "`{text}` is too fine");
    format!("{whole}{fraction:0<places$}").parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// `good/total`, `good/total:measured+offset`, `?` for an unknown slice, or `_` for none.
pub(crate) fn block(text: &str, start: Instant, length: i64) -> Option<Block> {
    let seconds = u32::try_from(length).unwrap();
    if text == "_" || text == "?" {
        return (text == "?").then(|| Block { start, seconds, sum: Sum::default() });
    }
    let (counts, part) = text.split_once(':').unwrap_or((text, ""));
    let (good, total) = counts.split_once('/').unwrap_or_else(|| panic!("`{text}` is no slice"));
    let (measured, offset) = match part.split_once('+') {
        Some((measured, offset)) => (measured.parse().unwrap(), offset.parse().unwrap()),
        None => (length, 0),
    };
    let sum = Sum::from(&Measured {
        good: good.parse().unwrap(),
        total: total.parse().unwrap(),
        measured_seconds: u32::try_from(measured).unwrap(),
        from: start + offset,
        to: start + offset + measured,
    });
    Some(Block { start, seconds, sum })
}

/// What a figure is compared with: fractions become the nearest double, instants are written out.
pub(crate) fn expected(text: &str) -> String {
    text.split(' ').map(expected_word).collect::<Vec<_>>().join(" ")
}

fn expected_word(word: &str) -> String {
    let fraction = word.split_once('/').and_then(|(over, under)| {
        let (over, under): (i64, i64) = (over.parse().ok()?, under.parse().ok()?);
        assert!(over.abs() < 1 << 53 && under < 1 << 53, "`{word}` is not exact");
        #[expect(clippy::cast_precision_loss, reason = "both are exact, so that the division rounds once")]
        let nearest = over as f64 / under as f64;
        Some(nearest.to_string())
    });
    fraction.or_else(|| instant(word).map(|instant| instant.to_string())).unwrap_or_else(|| word.to_owned())
}
