//! Several SLOs of one script, and the composites over them.
//!
//! Each member's judged slices are made twice, from all that was loaded and from the hours of its window alone, and
//! composites are put together in the order of declaration and in the opposite one: neither may matter.

use std::collections::BTreeMap;

use domain::blend::{Leaf, MemberSlices, blend, member_bounds, member_lens};
use domain::composite::{
    Composite, CompositeRule, CompositeSlices, CompositeStatus, Member, MemberNoData, MemberStatus,
};
use domain::estate::Origin;
use domain::{Block, Bounds, Instant, Question, SloStatus, Target};

use super::figures::{json, text};
use super::script::Script;
use super::text::{expected, scaled};

const HOUR_SECONDS: i64 = 3_600;
/// Weights are in parts per 10^9.
const WEIGHT_PLACES: usize = 9;

/// The SLOs by their names, one of which the script's lines are about, and what is put together of them.
pub(crate) struct Estate {
    current: String,
    members: BTreeMap<String, Script>,
    composites: Vec<Composite>,
}

impl Default for Estate {
    fn default() -> Self {
        let current = String::new();
        let members = BTreeMap::from([(current.clone(), Script::default())]);
        Self { current, members, composites: Vec::new() }
    }
}

/// What is known of a member: its status, and the slices of each of its objectives.
struct Known {
    status: SloStatus,
    slices: Vec<Option<MemberSlices>>,
}

impl Estate {
    /// The SLO that lines are about: without any `member` the only one.
    pub(crate) fn script(&mut self) -> &mut Script {
        self.members.entry(self.current.clone()).or_default()
    }

    /// Lines are about this SLO from here on; the settings are those of `slo`.
    pub(crate) fn member(&mut self, name: &str, settings: &[&str]) {
        name.clone_into(&mut self.current);
        self.script().declare(settings);
    }

    /// Declares a composite, or changes what is named of one: `rule=`, `target=`, `no-data=`, and after `of` its members.
    pub(crate) fn composite(&mut self, name: &str, words: &[&str]) {
        let (settings, members) =
            words.iter().position(|word| *word == "of").map_or((words, &[][..]), |of| words.split_at(of));
        let index = self.composites.iter().position(|composite| composite.name == name);
        let index = index.unwrap_or_else(|| {
            self.composites.push(undeclared(name));
            self.composites.len() - 1
        });
        let composite = &mut self.composites[index];
        for setting in settings {
            let (key, value) = setting.split_once('=').unwrap();
            match key {
                "rule" => composite.rule = named(value),
                "target" => composite.target = Target::parse_percent(value).unwrap(),
                "no-data" => composite.no_data = named(value),
                _ => panic!("no setting {key}"),
            }
        }
        if let [_, members @ ..] = members {
            composite.members = members.iter().map(|text| member(text)).collect();
        }
    }

    /// `blend T of NAME`, with the figures of the composite.
    pub(crate) fn check(&self, at: Instant, name: &str, body: &[(usize, &str)]) -> Vec<String> {
        let known: BTreeMap<&str, Known> = self
            .members
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, script)| (name.as_str(), of(script, at)))
            .collect();
        let leaf = |slo: &str, objective: Option<&str>| {
            let known = known.get(slo)?;
            let is_asked = |name: &str| objective.is_none_or(|objective| objective == name);
            let index = known.status.objectives.iter().position(|objective| is_asked(&objective.name))?;
            Some(Leaf { status: &known.status.objectives[index], slices: known.slices[index].as_ref() })
        };
        let status = named_of(blend(&self.composites, &leaf), name);
        let reversed: Vec<Composite> = self.composites.iter().rev().cloned().collect();
        let figures = |status: &CompositeStatus| (status.state, figures(status));
        assert_eq!(
            figures(&named_of(blend(&reversed, &leaf), name)),
            figures(&status),
            "the order of composites"
        );
        let check = |(number, line): &(usize, &str)| {
            let (key, said) = line.split_once(' ').unwrap_or((line, ""));
            let wanted = if key == "reason" { said.trim().to_owned() } else { expected(said.trim()) };
            let found = figure(&status, key, said.trim());
            (found != wanted).then(|| format!("{number}: {key}: expected {wanted}, found {found}"))
        };
        body.iter().filter_map(check).collect()
    }
}

fn undeclared(name: &str) -> Composite {
    Composite {
        name: name.into(),
        display_name: name.into(),
        description: None,
        service: "service".into(),
        target: Target::parse_percent("99").unwrap(),
        rule: CompositeRule::WeightedMean,
        no_data: MemberNoData::NoData,
        members: Vec::new(),
        origin: Origin::default(),
    }
}

/// `name`, `name*weight`, `name:objective*weight`.
fn member(text: &str) -> Member {
    let (name, weight) = text.split_once('*').unwrap_or((text, "1"));
    let (slo, objective) = name.split_once(':').map_or((name, None), |(slo, of)| (slo, Some(of.to_owned())));
    Member { slo: slo.into(), objective, weight_parts: scaled(weight, WEIGHT_PLACES) }
}

fn named<T: serde::de::DeserializeOwned>(word: &str) -> T {
    serde_json::from_value(word.into()).unwrap_or_else(|_| panic!("no such word as {word}"))
}

fn named_of(statuses: Vec<CompositeStatus>, name: &str) -> CompositeStatus {
    let mut statuses = statuses.into_iter();
    statuses.find(|status| status.composite == name).unwrap_or_else(|| panic!("no composite {name}"))
}

fn of(script: &Script, at: Instant) -> Known {
    let slices = (0..script.slo.objectives.len()).map(|index| slices(script, index, at)).collect();
    Known { status: script.status(at, false), slices }
}

/// The judged slices of an objective.
fn slices(script: &Script, index: usize, at: Instant) -> Option<MemberSlices> {
    let Script { slo, sli, .. } = script;
    let exclusions = script.exclusions();
    let question = Question { slo, sli, at, closed: false, exclusions: &exclusions };
    let data_until = question.data_until(&script.arrived);
    let lens = member_lens(slo, &slo.objectives[index]);
    let all: Vec<Block> = script.slices.values().copied().collect();
    let whole =
        MemberSlices::new(&question, index, data_until, &lens.derive(&all, None, at, &sli.generations));
    let Bounds { from, to } = member_bounds(&question, data_until);
    let first = from.floor_to(HOUR_SECONDS);
    let is_asked = |block: &&Block| (first..to.ceil_to(HOUR_SECONDS)).contains(&block.start);
    let near: Vec<Block> = all.iter().filter(is_asked).copied().collect();
    let is_before = |block: &&Block| block.start < first && block.sum.first.is_some();
    let mut shown = lens.derive(&near, all.iter().rfind(is_before), at, &sli.generations);
    shown.retain(|block| block.start >= first);
    let hours = MemberSlices::new(&question, index, data_until, &shown);
    assert_eq!(hours, whole, "from the hours of the window");
    whole
}

/// All that a composite says in numbers.
fn figures(status: &CompositeStatus) -> (Vec<Option<f64>>, Option<CompositeSlices>, Vec<Option<f64>>) {
    let CompositeStatus { sli, consumed_ratio, remaining_ratio, projected_consumed_ratio, .. } = *status;
    let adds = status.members.iter().map(|member| member.adds_ratio);
    (vec![sli, consumed_ratio, remaining_ratio, projected_consumed_ratio], status.slices, adds.collect())
}

/// A figure as text; of a member the one that `expected` names.
fn figure(status: &CompositeStatus, key: &str, expected: &str) -> String {
    let slices = status.slices.as_ref();
    let of_member = |figure: &dyn Fn(&MemberStatus) -> String| {
        let name = expected.split(' ').next().unwrap();
        let member = status.members.iter().find(|member| member.slo == name);
        format!("{name} {}", member.map_or("no such member".into(), figure))
    };
    match key {
        "state" => json(&status.state),
        "reason" => status.state_reason.clone(),
        "sli" => text(status.sli),
        "consumed" => text(status.consumed_ratio),
        "remaining" => text(status.remaining_ratio),
        "projected" => text(status.projected_consumed_ratio),
        // Good, bad, unknown, left out.
        "slices" => slices.map_or("none".into(), |slices| {
            format!("{} {} {} {}", slices.good, slices.bad, slices.unknown, slices.left_out)
        }),
        "slice_seconds" => text(slices.map(|slices| slices.seconds)),
        "coverage" => text(slices.and_then(|slices| slices.coverage)),
        "window" => {
            slices.map_or("none".into(), |slices| format!("{} {}", slices.window.from, slices.window.to))
        }
        // What it consumed of the composite's budget; its share of what the composite consumed; how it was taken.
        "adds" => of_member(&|member| text(member.adds_ratio)),
        "share" => of_member(&|member| text(member.share)),
        "taken" => of_member(&|member| json(&member.taken)),
        _ => format!("no figure {key}"),
    }
}
