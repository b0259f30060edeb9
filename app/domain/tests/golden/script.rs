//! What a script has declared and loaded up to some line.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::estate::{Method, PastTarget, SliceRule, Window};
use domain::{
    AlertRule, Block, Bounds, Condition, Effect, Exclusions, Instant, Objective, Series, Severity, Sli, Slo,
    Target,
};

use super::check::Shown;
use super::counters;
use super::text::{at, block, local, scaled, seconds, window};

/// Minutes that `onset` loads, and that `fires` looks at: an hour more than the longest look-back, three days.
pub(crate) const ONSET_MINUTES: i64 = 3 * 1_440 + 60;

pub(crate) struct Script {
    pub(crate) slo: Slo,
    pub(crate) sli: Sli,
    /// Single slices by their place.
    pub(crate) slices: BTreeMap<Instant, Block>,
    /// The same, put together as they arrived.
    pub(crate) arrived: Series,
    pub(crate) onset: Instant,
    /// What `single` keeps.
    pub(crate) kept: RefCell<Option<Rc<Shown>>>,
    excluded: Vec<(Bounds, Effect)>,
    again: Vec<Again>,
}

/// A recurring exclusion.
struct Again {
    effect: Effect,
    when: domain::exclusion::When,
}

impl Default for Script {
    fn default() -> Self {
        let window = Window::Rolling { seconds: 30 * 86_400 };
        let slo = Slo::new("slo", "service", "sli", window, Vec::new());
        Self {
            slo,
            sli: Sli { name: "sli".into(), interval_seconds: 60, ..Sli::default() },
            slices: BTreeMap::new(),
            arrived: Series::default(),
            onset: Instant::default(),
            kept: RefCell::default(),
            excluded: Vec::new(),
            again: Vec::new(),
        }
    }
}

impl Script {
    pub(crate) fn declare(&mut self, settings: &[&str]) {
        self.kept.take();
        let length = |text| u32::try_from(seconds(text)).unwrap();
        for setting in settings {
            let (key, value) = setting.split_once('=').unwrap();
            match key {
                "window" => self.slo.window = window(value),
                "zone" => self.calendar().zone = value.into(),
                "start" => self.calendar().start = local(value),
                "floor" => self.slo.coverage_floor = Target::parse(value).unwrap(),
                "interval" => self.sli.interval_seconds = length(value),
                "timeout" => self.sli.timeout_seconds = length(value),
                "targets" => {
                    let objective = |text: &str| Objective::new(text, Target::parse_percent(text).unwrap());
                    let slices = self.slo.objectives.first().and_then(|first| first.slices);
                    self.slo.objectives = value.split(',').map(objective).collect();
                    self.slo.objectives.iter_mut().for_each(|objective| objective.slices = slices);
                }
                "method" => self.slo.method = method(value),
                "slice" => self.judge_slices(|rule| rule.seconds = length(value)),
                "slice-target" => {
                    self.judge_slices(|rule| rule.target = Some(Target::parse_percent(value).unwrap()));
                }
                "gap" => self.slo.gap = serde_json::from_value(value.into()).unwrap(),
                _ => panic!("no setting {key}"),
            }
        }
    }

    fn calendar(&mut self) -> &mut domain::estate::CalendarWindow {
        match &mut self.slo.window {
            Window::Calendar(calendar) => calendar,
            Window::Rolling { .. } => panic!("zone and start are of calendar windows, and follow them"),
        }
    }

    fn judge_slices(&mut self, change: impl Fn(&mut SliceRule)) {
        for objective in &mut self.slo.objectives {
            change(objective.slices.get_or_insert(SliceRule { seconds: 60, target: None }));
        }
    }

    pub(crate) fn past_target(&mut self, percent: &str, until: Instant) {
        let target = Target::parse_percent(percent).unwrap();
        self.slo.objectives[0].past_targets.push(PastTarget { until, target });
    }

    pub(crate) fn generation(&mut self, began: Instant) {
        self.kept.take();
        self.sli.generations.push(began);
    }

    pub(crate) fn rule(&mut self, words: &[&str]) {
        let min_events = words.iter().find_map(|word| word.strip_prefix("min="));
        let severity = if words.contains(&"page") { Severity::Page } else { Severity::Ticket };
        let is_said = |word: &&&str| !word.starts_with("min=") && !["page", "ticket"].contains(*word);
        let said: Vec<&str> = words.iter().filter(is_said).copied().collect();
        let length = |text| u32::try_from(seconds(text)).unwrap();
        let condition = match said[..] {
            ["burn", threshold, long, short] => Condition::Burn {
                threshold_thousandths: u32::try_from(scaled(threshold, 3)).unwrap(),
                long_seconds: length(long),
                short_seconds: length(short),
            },
            ["consumed", share] => Condition::BudgetConsumed { share_parts: scaled(share, 7) },
            ["drop", share, over] => {
                Condition::BudgetDrop { share_parts: scaled(share, 7), seconds: length(over) }
            }
            ["exhaustion", within] => Condition::Exhaustion { within_seconds: length(within) },
            ["absolute", share, over] => {
                Condition::AbsoluteBudget { share_parts: scaled(share, 7), seconds: length(over) }
            }
            _ => panic!("no rule {words:?}"),
        };
        let min_events = min_events.map_or(0, |count| count.parse().unwrap());
        let rule = AlertRule { name: said.join(" "), severity, condition, min_events };
        self.slo.rules.get_or_insert_default().push(rule);
    }

    pub(crate) fn exclude(&mut self, effect: &str, bounds: Bounds) {
        self.excluded.push((bounds, effect_named(effect)));
    }

    pub(crate) fn exclude_again(&mut self, effect: &str, settings: [&str; 3], length: i64) {
        let [rule, zone, start] = settings.map(|setting| setting.split_once('=').unwrap());
        assert_eq!([rule.0, zone.0, start.0], ["rule", "zone", "start"]);
        let when = domain::exclusion::When::Recurring {
            start: local(start.1),
            zone: zone.1.into(),
            seconds: u32::try_from(length).unwrap(),
            rule: rule.1.into(),
        };
        self.again.push(Again { effect: effect_named(effect), when });
    }

    /// The exclusions as they touch these years, on the grid of the judged slices.
    pub(crate) fn exclusions(&self) -> Exclusions {
        let all = Bounds { from: at("2020-01-01"), to: at("2032-01-01") };
        let mut stretches = self.excluded.clone();
        for again in &self.again {
            let occurrences = domain::calendar::occurrences(&again.when, all);
            stretches.extend(occurrences.into_iter().map(|bounds| (bounds, again.effect)));
        }
        let rules = self.slo.objectives.iter().filter_map(|objective| objective.slices);
        let grid =
            if self.slo.method == Method::Occurrences { None } else { rules.map(|rule| rule.seconds).max() };
        Exclusions::resolve(stretches, grid.unwrap_or(60))
    }

    pub(crate) fn forget(&mut self, what: &str) {
        match what {
            "slices" => {
                self.kept.take();
                self.slices.clear();
                self.arrived = Series::default();
            }
            "exclusions" => {
                self.excluded.clear();
                self.again.clear();
            }
            "rules" => self.slo.rules = None,
            _ => panic!("cannot forget {what}"),
        }
    }

    pub(crate) fn load(&mut self, step: i64, mut start: Instant, body: &[(usize, &str)]) {
        for (_, line) in body {
            let (slice, count) = match line.split_whitespace().collect::<Vec<_>>()[..] {
                [slice] => (slice, 1),
                [slice, "until", end] => (slice, at(end).seconds_since(start) / step),
                [slice, times] => (slice, count(times, step)),
                _ => panic!("no slices `{line}`"),
            };
            assert!(count > 0, "no slices `{line}`");
            for _ in 0..count {
                if let Some(block) = block(slice, start, step) {
                    self.put(block);
                }
                start = start + step;
            }
        }
    }

    /// As a store does: one slice a place, the latest delivery counts.
    fn put(&mut self, block: Block) {
        self.kept.take();
        if self.slices.insert(block.start, block).is_none() {
            self.arrived.append(&block);
        } else {
            self.arrived = Series::new(self.slices.values().copied().collect());
        }
    }

    pub(crate) fn counters(&mut self, step: i64, start: Instant, sides: [&str; 2], body: &[(usize, &str)]) {
        for block in counters::blocks(step, start, sides, body) {
            self.put(block);
        }
    }

    /// Only good events for so many seconds, then so many bad ones. What look-backs and the window's begin cut through
    /// is in minutes, the rest of the calm in hours.
    pub(crate) fn onset(&mut self, start: Instant, bad: &str, total: &str, calm: i64) {
        let (bad, total): (u64, u64) = (bad.parse().unwrap(), total.parse().unwrap());
        let cut = (ONSET_MINUTES * 60).min(calm / 2);
        self.forget("slices");
        self.onset = start;
        let slices =
            |good: u64, total: u64, seconds: i64, step: i64| format!("{good}/{total} x{}", seconds / step);
        let minutes = slices(total, total, cut, 60);
        let hours = slices(total * 60, total * 60, calm - 2 * cut, 3_600);
        self.load(60, start - calm, &[(0, &minutes)]);
        self.load(3_600, start - calm + cut, &[(0, &hours)]);
        self.load(60, start - cut, &[(0, &minutes)]);
        self.load(60, start, &[(0, &slices(total - bad, total, ONSET_MINUTES * 60, 60))]);
    }
}

/// `x5` is five, `x2d` as many as two days hold.
fn count(text: &str, step: i64) -> i64 {
    let text = text.strip_prefix('x').unwrap_or_else(|| panic!("`{text}` is no repetition"));
    text.parse().unwrap_or_else(|_| {
        assert_eq!(seconds(text) % step, 0, "`{text}` is not whole slices");
        seconds(text) / step
    })
}

fn method(name: &str) -> Method {
    [Method::Occurrences, Method::Timeslices, Method::RatioTimeslices]
        .into_iter()
        .find(|method| method.name() == name)
        .unwrap_or_else(|| panic!("no method {name}"))
}

fn effect_named(name: &str) -> Effect {
    match name {
        "remove" => Effect::RemoveTime,
        "drop" => Effect::DropEvents,
        "good" => Effect::CountAsGood,
        _ => panic!("no effect {name}"),
    }
}
