//! Every figure of an objective can be recomputed from the printed terms of "how computed", and from nothing else.
//!
//! The reader below knows arithmetic and the words of the terms; it never sees the status.

use std::collections::HashMap;

use domain::estate::{GapPolicy, Method, SliceRule};
use domain::window::{CalendarUnit, CalendarWindow, LocalTime};
use domain::{
    Block, Bounds, Effect, Exclusions, Instant, Lens, Measured, Objective, Question, Series, Sli, Slo, Sum,
    Target, Term, Window, evaluate, explain, format, plan,
};
use proptest::prelude::*;

/// Numbers are read as integers of so many parts.
const PARTS: i128 = 1_000_000_000;
const MINUTE: i64 = 60;
/// 2026-10-01T00:00:00Z.
const BEGIN: i64 = 1_790_812_800;

/// The numbers of a text, in order, in parts per 10^9; separators are dropped.
fn numbers(text: &str) -> Vec<i128> {
    let cleaned = text.replace(',', "");
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    cleaned
        .split(|c| !is_number(c))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(|word| {
            let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
            let fraction = format!("{fraction:0<9}");
            whole.parse::<i128>().unwrap() * PARTS + fraction[..9].parse::<i128>().unwrap()
        })
        .collect()
}

/// What stands behind the last `=` of an expression, and before the remark on rounding.
fn figures(expression: &str) -> Vec<i128> {
    numbers(expression.rsplit_once("= ").map_or(expression, |(_, right)| right))
}

/// `numerator / denominator` in percent with so many decimals, rounded down or up, as pages write it.
fn percent(numerator: i128, denominator: i128, decimals: usize, up: bool) -> String {
    if denominator == 0 {
        return "—".to_owned();
    }
    let scaled = numerator * 100 * 10_i128.pow(u32::try_from(decimals).unwrap());
    let floor = scaled.div_euclid(denominator);
    let value = if up && scaled.rem_euclid(denominator) != 0 { floor + 1 } else { floor };
    let one = 10_i128.pow(u32::try_from(decimals).unwrap());
    let (sign, size) = (if value < 0 { "−" } else { "" }, value.abs());
    let whole = separated(size / one);
    if size % (one * 100) == 0 {
        format!("{sign}{whole} %")
    } else {
        format!("{sign}{whole}.{:0decimals$} %", size % one)
    }
}

fn separated(whole: i128) -> String {
    format::count(u64::try_from(whole).unwrap())
}

/// Terms by their labels.
struct Page(HashMap<String, Term>);

impl Page {
    fn of(terms: Vec<Term>) -> Self {
        Self(terms.into_iter().map(|term| (term.label.clone(), term)).collect())
    }

    fn term(&self, label: &str) -> &Term {
        self.0.get(label).unwrap_or_else(|| panic!("no term {label}"))
    }

    fn value(&self, label: &str) -> &str {
        &self.term(label).value
    }

    /// Recomputes everything; a panic names the term.
    fn check(&self) {
        let known = |label: &str| self.value(label) != "—";
        let target = numbers(self.value("Target"))[0];
        let decimals =
            self.value("Target").split_once('.').map_or(0, |(_, rest)| rest.trim_end_matches(" %").len()) + 1;
        if !known("Good") {
            for label in ["Good", "Total", "Bad", "SLI"] {
                assert_eq!(self.value(label), "—", "{label}");
            }
            return;
        }
        let [good, total, bad] = ["Good", "Total", "Bad"].map(|label| numbers(self.value(label))[0]);
        assert_eq!(figures(&self.term("Bad").expression), [total, good]);
        assert_eq!(bad, total - good, "Bad");
        assert_eq!(figures(&self.term("SLI").expression), [good, total]);
        assert_eq!(self.value("SLI"), percent(good, total, decimals, false), "SLI");
        if known("Coverage") {
            let seconds = figures(&self.term("Coverage").expression);
            assert_eq!(self.value("Coverage"), percent(seconds[0], seconds[1], 1, false), "Coverage");
        }
        if target == 100 * PARTS {
            return;
        }
        // What may be bad, in parts of a percent.
        let tolerated = 100 * PARTS - target;
        assert_eq!(figures(&self.term("Error budget").expression), [total, tolerated]);
        let allowed = total * tolerated / (100 * PARTS);
        assert_eq!(numbers(self.value("Error budget"))[0], allowed / 1_000_000 * 1_000_000, "Error budget");
        let spent = bad * 100 * PARTS;
        let whole = total * tolerated;
        assert_eq!(self.value("Consumed"), percent(spent, whole, 1, true), "Consumed");
        assert_eq!(self.value("Remaining"), percent(whole - spent, whole, 1, false), "Remaining");
        let (governing, stretch) = self.projection(bad, total, tolerated);
        self.time(spent, whole, stretch, tolerated);
        self.burn(tolerated);
        self.exhaustion(spent, governing);
    }

    /// The budget that governs, and the whole of the period over what has passed.
    fn projection(&self, bad: i128, total: i128, tolerated: i128) -> (i128, (i128, i128)) {
        let Some(term) = self.0.get("Projected budget") else { return (total * tolerated, (1, 1)) };
        let parts = figures(&term.expression);
        let (period, passed, allowed) = if term.expression.starts_with("projected, as the week before") {
            let expected = self.expected_total();
            assert_eq!(parts[..3], [total, expected, tolerated]);
            let divisor = gcd(total + expected, total);
            let (period, passed) = ((total + expected) / divisor, total / divisor);
            (period, passed, (total + expected) * tolerated / (100 * PARTS))
        } else {
            assert!(term.expression.starts_with("projected, linearly"), "{}", term.expression);
            assert!(!self.0.contains_key("Expected total"));
            let (period, passed) = (parts[2] / PARTS, parts[3] / PARTS);
            assert_eq!(parts[..2], [total, tolerated]);
            (period, passed, total * tolerated / (100 * PARTS) * period / passed)
        };
        let shown = numbers(&term.value)[0];
        assert!((allowed - shown).abs() <= 2_000_000, "Projected budget: {allowed} {shown}");
        let consumed = percent(bad * 100 * PARTS * passed, total * tolerated * period, 1, true);
        assert_eq!(self.value("Consumed of the projected budget"), consumed);
        let whole = total * tolerated * period;
        let left = percent(whole - bad * 100 * PARTS * passed, whole, 1, false);
        assert_eq!(self.value("Left of the projected budget"), left);
        (total * tolerated, (period, passed))
    }

    /// What the rest of the period is expected to bring: whole weeks like the one before, and the begin of one.
    fn expected_total(&self) -> i128 {
        let rest = figures(self.term("Rest of the period").expression.split_once(": ").unwrap().1)[0] / PARTS;
        let week = 7 * 86_400;
        let end = format!("{} × {week} s + {} s = {rest} s", rest / week, rest % week);
        assert!(self.term("Rest of the period").expression.ends_with(&end), "{end}");
        let rest_seconds = i64::try_from(rest).unwrap();
        assert_eq!(self.value("Rest of the period"), format::duration(rest_seconds));
        let horizon = self.term("Rest of the period").expression.strip_prefix("after ").unwrap();
        let horizon = Instant::parse(horizon.split_once(": ").unwrap().0).unwrap();
        let (_, to) = self.value("Window").split_once(" to ").unwrap();
        let removed = Instant::parse(to).unwrap().seconds_since(horizon) - rest_seconds;
        assert_eq!(removed, 0, "nothing of a week or a rest that follows it is taken out");
        let from = horizon - 7 * 86_400;
        let of_week = &self.term("Total of the week before").expression;
        assert!(of_week.ends_with(&format!("from {from} to {horizon}")), "{of_week}");
        let of_part = &self.term("Total of its begin").expression;
        assert!(of_part.contains(&format!("from {from} on, of {} s", rest % week)), "{of_part}");
        let [whole, begin] =
            ["Total of the week before", "Total of its begin"].map(|label| numbers(self.value(label))[0]);
        let expected = rest / week * whole + begin;
        let term = self.term("Expected total");
        assert_eq!(figures(&term.expression), [rest / week * PARTS, whole, begin]);
        assert_eq!(numbers(&term.value)[0], expected, "Expected total");
        expected
    }

    fn time(&self, spent: i128, whole: i128, (period, passed): (i128, i128), tolerated: i128) {
        let parts = numbers(self.term("Budget as time").expression.rsplit_once("= ").unwrap().1);
        assert_eq!(parts[0], tolerated);
        let window = parts[1] / PARTS;
        let budget = window * tolerated / (100 * PARTS);
        assert_eq!(self.value("Budget as time"), format::duration(i64::try_from(budget).unwrap()));
        if whole == 0 {
            return assert_eq!(self.value("Remaining as time"), "—");
        }
        // remaining x tolerated x window; `whole` is total x tolerated, so remaining is 1 - spent x passed / (whole x period).
        let left = BigRatio::new(whole, spent, period, passed).times(tolerated * window, 100 * PARTS);
        assert_eq!(self.value("Remaining as time"), format::duration(left), "Remaining as time");
    }

    fn burn(&self, tolerated: i128) {
        for (label, term) in self.0.iter().filter(|(label, _)| label.starts_with("Burn rate over")) {
            let parts = figures(term.expression.split_once(", rounded").unwrap().0);
            if parts.len() < 3 || parts[1] == 0 {
                assert_eq!(term.value, "—", "{label}");
                continue;
            }
            let (numerator, denominator) = (parts[0] * 100 * PARTS * 10, parts[1] * tolerated);
            let tenths = numerator.div_euclid(denominator) + i128::from(numerator % denominator != 0);
            assert_eq!(term.value, format!("{}.{}×", separated(tenths / 10), tenths % 10), "{label}");
        }
    }

    fn exhaustion(&self, spent: i128, whole: i128) {
        let value = self.value("Exhausted by");
        let Some(recent) = self.0.get("Burn rate over 6 h").filter(|_| value.contains(':')) else { return };
        let parts = figures(recent.expression.split_once(", rounded").unwrap().0);
        #[expect(clippy::cast_precision_loss, reason = "to the second only")]
        let [spent, whole, bad, total, tolerated] =
            [spent, whole, parts[0], parts[1], parts[2]].map(|value| value as f64);
        let burn = bad / total * (100.0 * 1e9) / tolerated;
        let (expression, from) = self.term("Exhausted by").expression.rsplit_once(", after ").unwrap();
        let lengths = numbers(&expression.replace("6 h", ""));
        #[expect(clippy::cast_precision_loss, reason = "to the second only")]
        let seconds = |index: usize| lengths[index] as f64 / 1e9;
        let after = if self.0.contains_key("Expected total") {
            // (remaining x all that is expected / expected total) x rest / burn rate.
            let of_rest = figures(expression.trim_end_matches(" ÷ burn rate over 6 h"));
            let numbers = [of_rest[0], of_rest[1], of_rest[2], of_rest[3]];
            #[expect(clippy::cast_precision_loss, reason = "to the second only")]
            let [total, expected, again, rest] = numbers.map(|value| value as f64);
            assert!((expected - again).abs() < 0.5);
            let consumed = spent / whole * total / (total + expected);
            (1.0 - consumed) * (total + expected) / expected * (rest / 1e9) / burn
        } else if let Some(projected) = self.0.get("Projected budget") {
            let parts = figures(&projected.expression);
            #[expect(clippy::cast_precision_loss, reason = "to the second only")]
            let consumed = spent / whole * parts[3] as f64 / parts[2] as f64;
            (1.0 - consumed) * seconds(0) / burn
        } else {
            let (consumed, effective, window) = (spent / whole, seconds(0), seconds(1));
            let (left, filling) = ((1.0 - consumed) * effective, window - effective);
            let quick = left / (burn - 1.0);
            let slow = filling + (left - (burn - 1.0) * filling) * window / ((burn - consumed) * effective);
            if burn > 1.0 && quick <= filling { quick } else { slow }
        };
        let end = Instant::parse(from).unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "within a hundred years")]
        let near = [-1_i64, 0, 1].map(|off| format::clock(end + (after.round() as i64 + off)));
        assert!(near.iter().any(|clock| clock == value), "Exhausted by: {value}, found {near:?}");
    }
}

/// 1 - spent x passed / (whole x period), without overflow.
struct BigRatio {
    whole: i128,
    spent: i128,
    period: i128,
    passed: i128,
}

impl BigRatio {
    fn new(whole: i128, spent: i128, period: i128, passed: i128) -> Self {
        let divisor = gcd(whole, spent).max(1);
        Self { whole: whole / divisor, spent: spent / divisor, period, passed }
    }

    /// The floor of itself times `a` / `b`.
    fn times(&self, a: i128, b: i128) -> i64 {
        let (above, below) = (self.whole * self.period - self.spent * self.passed, self.whole * self.period);
        let divisor = gcd(above.abs(), below).max(1);
        let (a_part, b_part) = (a / gcd(a, b), b / gcd(a, b));
        i64::try_from((above / divisor * a_part).div_euclid(below / divisor * b_part)).unwrap()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Whatever an objective can be.
#[derive(Debug, Clone)]
struct Case {
    method: Method,
    gap: GapPolicy,
    window: Window,
    target: u32,
    /// Length of a slice in minutes.
    step: i64,
    slices: Vec<Option<(u64, u64)>>,
    exclusions: Vec<(i64, i64, Effect)>,
    later: i64,
}

fn case() -> impl Strategy<Value = Case> {
    let period = |unit| {
        Window::Calendar(CalendarWindow {
            count: 1,
            unit,
            start: LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 },
            zone: "Europe/Paris".into(),
        })
    };
    let window = prop_oneof![
        Just(Window::Rolling { seconds: 3_600 }),
        Just(Window::Rolling { seconds: 86_400 }),
        Just(Window::Rolling { seconds: 30 * 86_400 }),
        Just(period(CalendarUnit::Day)),
        Just(period(CalendarUnit::Month)),
    ];
    let method =
        prop_oneof![Just(Method::Occurrences), Just(Method::Timeslices), Just(Method::RatioTimeslices)];
    let gap =
        prop_oneof![Just(GapPolicy::Gap), Just(GapPolicy::Good), Just(GapPolicy::Bad), Just(GapPolicy::Hold)];
    let target = prop_oneof![
        Just(999_000_000_u32),
        Just(950_000_000),
        Just(1_000_000_000),
        Just(500_000_000),
        1_u32..=999_999_999
    ];
    let minute = prop_oneof![
        1 => Just(None),
        6 => (0_u64..2_000).prop_map(|total| Some((total, total))),
        2 => (0_u64..60, 0_u64..2_000).prop_map(|(bad, total)| Some((total.saturating_sub(bad), total))),
    ];
    let effect = prop_oneof![Just(Effect::RemoveTime), Just(Effect::DropEvents), Just(Effect::CountAsGood)];
    let exclusions = proptest::collection::vec((0_i64..600, 1_i64..90, effect), 0..3);
    let slices = (prop_oneof![Just(1_i64), Just(60)], proptest::collection::vec(minute, 1..600));
    (method, gap, window, target, slices, exclusions, 0_i64..200).prop_map(
        |(method, gap, window, target, (step, slices), exclusions, later)| Case {
            method,
            gap,
            window,
            target,
            step,
            slices,
            exclusions,
            later,
        },
    )
}

/// Twelve days of hours, so that the month is projected by the last seven.
#[test]
fn the_terms_of_a_projection_by_the_week_before_are_checked() {
    let case = Case {
        method: Method::Occurrences,
        gap: GapPolicy::Gap,
        window: Window::Calendar(CalendarWindow {
            count: 1,
            unit: CalendarUnit::Month,
            start: LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 },
            zone: "UTC".into(),
        }),
        target: 999_000_000,
        step: 60,
        slices: (0..12 * 24).map(|hour| Some((hour * 100 - hour % 2, hour * 100))).collect(),
        exclusions: Vec::new(),
        later: 0,
    };
    let page = Page::of(case.terms());
    page.check();
    // Hours 120 to 287 of the month are the week, 100 times 34,188 events.
    assert_eq!(page.value("Total of the week before"), "3,418,800");
    assert!(page.value("Exhausted by").contains(':') && page.0.contains_key("Expected total"));
}

impl Case {
    fn terms(&self) -> Vec<Term> {
        let target = Target::from_parts(self.target).unwrap();
        let slices = (self.method != Method::Occurrences)
            .then(|| SliceRule { seconds: 300, target: Target::from_parts(970_000_000) });
        let objective = Objective { slices, ..Objective::new("one", target) };
        let slo = Slo {
            method: self.method,
            gap: self.gap,
            ..Slo::new("slo", "service", "sli", self.window.clone(), vec![objective])
        };
        let sli = Sli { name: "sli".into(), interval_seconds: 60, ..Sli::default() };
        let blocks: Vec<Block> = (0_i64..)
            .zip(&self.slices)
            .filter_map(|(index, counts)| {
                let (length, seconds) = (self.step * MINUTE, u32::try_from(self.step * MINUTE).unwrap());
                let start = Instant::from_unix(BEGIN + index * length);
                let (good, total) = (*counts)?;
                let measured =
                    Measured { good, total, measured_seconds: seconds, from: start, to: start + length };
                Some(Block { start, seconds, sum: Sum::from(&measured) })
            })
            .collect();
        let stretch = |(from, length, effect): &(i64, i64, Effect)| {
            let from = Instant::from_unix(BEGIN + from * self.step * MINUTE);
            (Bounds { from, to: from + length * self.step * MINUTE }, *effect)
        };
        let exclusions = Exclusions::resolve(
            self.exclusions.iter().map(stretch).collect(),
            slices.map_or(60, |rule| rule.seconds),
        );
        let end = BEGIN + i64::try_from(self.slices.len()).unwrap() * self.step * MINUTE;
        let at = Instant::from_unix(end + self.later);
        let question = Question { slo: &slo, sli: &sli, at, closed: false, exclusions: &exclusions };
        let until = question.data_until(&Series::new(blocks.clone()));
        let plan = plan(&question, until);
        let shown =
            Series::new(Lens::of(&slo, &slo.objectives[0]).derive(&blocks, None, at, &sli.generations));
        let status = evaluate(&question, until, &plan, |_, bounds| shown.sum(bounds));
        explain(&status, 0, &slo, &sli)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn every_figure_can_be_recomputed_from_the_printed_terms_alone(case in case()) {
        let terms = case.terms();
        Page::of(terms).check();
    }
}
