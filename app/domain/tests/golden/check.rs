//! Evaluates a script's question from slices and from sums of hours, and compares with what it expects.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::estate::GapPolicy;
use domain::status::{AlertState, ObjectiveStatus};
use domain::{
    Block, Bounds, Exclusions, History, Instant, Lens, Question, Series, SloStatus, Sum, evaluate, explain,
    fine_hours, plan,
};

use super::figures::{figure, json, named, text};
use super::script::{ONSET_MINUTES, Script};
use super::text::expected;

/// The SLI's slices, and what the lens of each objective shows of them.
pub(crate) struct Shown {
    plain: Series,
    lenses: Vec<Series>,
}

impl Script {
    /// Single slices, or sums of hours with slices only where `bounds` need them; gaps are held up to `until`.
    fn shown(&self, until: Instant, bounds: Option<&[Bounds]>) -> Shown {
        let slices: Vec<Block> = self.slices.values().copied().collect();
        let lens =
            |objective| Lens::of(&self.slo, objective).derive(&slices, None, until, &self.sli.generations);
        let series =
            |blocks: Vec<Block>| Series::new(bounds.map_or(blocks.clone(), |bounds| coarse(&blocks, bounds)));
        let lenses = self.slo.objectives.iter().map(|objective| series(lens(objective))).collect();
        Shown { plain: series(slices.clone()), lenses }
    }

    /// Single slices; kept until something changes, as they are the same at any instant unless gaps are held.
    fn single(&self, until: Instant) -> Rc<Shown> {
        if self.slo.gap == GapPolicy::Hold {
            return Rc::new(self.shown(until, None));
        }
        let mut kept = self.kept.borrow_mut();
        let single = kept.get_or_insert_with(|| {
            let single = self.shown(until, None);
            assert_eq!(single.plain, self.arrived, "the order of arrival");
            Rc::new(single)
        });
        Rc::clone(single)
    }

    fn answer(
        &self,
        at: Instant,
        closed: bool,
        exclusions: &Exclusions,
        shown: &Shown,
    ) -> (Vec<Bounds>, SloStatus) {
        let question = Question { slo: &self.slo, sli: &self.sli, at, closed, exclusions };
        let data_until = question.data_until(&shown.plain);
        let plan = plan(&question, data_until);
        let sums = |index: usize, bounds| shown.lenses[index].sum(bounds);
        let status = evaluate(&question, data_until, &plan, sums);
        let mut bounds = plan.bounds();
        bounds.push(Bounds { from: at, to: at });
        // Where the data of a generation end can be known only with its begin in slices.
        bounds.extend(self.sli.generations.iter().map(|began| Bounds { from: *began, to: *began }));
        (bounds, status)
    }

    pub(crate) fn status(&self, at: Instant, closed: bool) -> SloStatus {
        let single = self.single(at);
        let exclusions = self.exclusions();
        let (bounds, status) = self.answer(at, closed, &exclusions, &single);
        let hours = self.shown(at, Some(&bounds));
        assert_eq!(self.answer(at, closed, &exclusions, &hours).1, status, "from sums of hours");
        status
    }

    pub(crate) fn check(&self, at: Instant, of: &[&str], body: &[(usize, &str)]) -> Vec<String> {
        let (closed, index) = match of {
            [] => (false, 0),
            ["closed"] => (true, 0),
            ["of", name] => {
                (false, self.slo.objectives.iter().position(|objective| objective.name == *name).unwrap())
            }
            _ => panic!("eval T, eval T of NAME, or eval T closed"),
        };
        let status = self.status(at, closed);
        assert!(!explain(&status, index, &self.slo, &self.sli).is_empty());
        let objective = &status.objectives[index];
        let check = |(number, line): &(usize, &str)| {
            let (key, said) = line.split_once(' ').unwrap_or((line, ""));
            let said = said.trim();
            let wanted = if key == "reason" { said.to_owned() } else { expected(said) };
            let found = figure(&status, objective, key, said);
            (found != wanted).then(|| format!("{number}: {key}: expected {wanted}, found {found}"))
        };
        body.iter().filter_map(check).collect()
    }

    pub(crate) fn check_history(
        &self,
        number: usize,
        bounds: Bounds,
        step_seconds: i64,
        body: &[(usize, &str)],
    ) -> Vec<String> {
        let exclusions = self.exclusions();
        let history =
            History { slo: &self.slo, sli: &self.sli, exclusions: &exclusions, bounds, step_seconds };
        let points = |shown: &Shown| history.points(0, &shown.lenses[0], &shown.plain);
        let found = points(&self.single(bounds.to));
        let mut stretches = history.plan();
        let first = self.shown(bounds.to, Some(&stretches));
        stretches.extend(history.replan(&first.plain));
        assert_eq!(points(&self.shown(bounds.to, Some(&stretches))), found, "history from sums of hours");
        let mut failures = Vec::new();
        if found.len() != body.len() {
            failures.push(format!("{number}: expected {} points, found {}", body.len(), found.len()));
        }
        for (index, point) in found.iter().enumerate() {
            let now = &self.status(point.to, history.question(point.to).closed).objectives[0];
            assert_eq!(point.state, Some(now.state), "the state at {}", point.to);
            assert_eq!(point.remaining_ratio, now.error_budget.remaining_ratio, "at {}", point.to);
            let [good, total] = [point.good, point.total].map(text);
            let [coverage, remaining] = [point.coverage, point.remaining_ratio].map(text);
            let found = format!("{good} {total} {coverage} {remaining} {}", json(&point.state));
            if let Some((number, said)) = body.get(index) {
                let wanted = expected(said);
                if found != wanted {
                    failures.push(format!("{number}: expected {wanted}, found {found}"));
                }
            }
        }
        failures
    }

    /// The first minute since the onset at which a rule fires, and the objective then.
    fn first_fire(&self, rule: &str) -> Option<(i64, ObjectiveStatus)> {
        let end = self.onset + ONSET_MINUTES * 60;
        let (shown, exclusions) = (self.single(end), self.exclusions());
        let objective = |minute: i64| {
            let (_, mut status) = self.answer(self.onset + minute * 60, false, &exclusions, &shown);
            status.objectives.swap_remove(0)
        };
        let is_firing = |objective: &ObjectiveStatus| {
            let alert = named(objective, rule).unwrap_or_else(|| panic!("no rule `{rule}`"));
            alert.state == AlertState::Firing
        };
        (0..=ONSET_MINUTES)
            .map(|minute| (minute, objective(minute)))
            .find(|(_, objective)| is_firing(objective))
    }

    /// `fires NAME at minute M consumed SHARE`.
    pub(crate) fn check_fires(&self, number: usize, line: &str) -> Option<String> {
        let (rule, rest) = line.strip_prefix("fires ").unwrap().split_once(" at minute ").unwrap();
        let (minute, consumed) = rest.split_once(" consumed ").unwrap();
        let Some((first, objective)) = self.first_fire(rule) else {
            return Some(format!("{number}: {rule} never fires"));
        };
        let hours = self.status(self.onset + first * 60, false).objectives.swap_remove(0);
        assert_eq!(hours.alerts, objective.alerts, "from sums of hours");
        let found = format!("{first} {}", text(objective.error_budget.consumed_ratio));
        let wanted = format!("{minute} {}", expected(consumed));
        (found != wanted).then(|| format!("{number}: {rule}: expected {wanted}, found {found}"))
    }

    /// `never fires NAME`.
    pub(crate) fn check_never(&self, number: usize, line: &str) -> Option<String> {
        let rule = line.strip_prefix("never fires ").unwrap();
        self.first_fire(rule).map(|(minute, _)| format!("{number}: {rule} fires at minute {minute}"))
    }
}

/// Sums of hours, but single blocks in the hours in which one of `bounds` begins or ends.
fn coarse(blocks: &[Block], bounds: &[Bounds]) -> Vec<Block> {
    let fine = fine_hours(bounds);
    let mut hours: BTreeMap<Instant, Sum> = BTreeMap::new();
    let mut coarse = Vec::new();
    for block in blocks {
        let hour = block.start.floor_to(3_600);
        if fine.contains(&hour) {
            coarse.push(*block);
        } else {
            hours.entry(hour).or_default().add(&block.sum);
        }
    }
    coarse.extend(hours.into_iter().map(|(start, sum)| Block { start, seconds: 3_600, sum }));
    coarse
}
