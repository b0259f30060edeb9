//! What an answer says: two sides of a comparison in words.

use domain::proposal::{Outlook, RuleActivity};
use domain::{State, format};

use crate::components::mark::of_state;

/// What would be different, most important first.
pub(super) fn sentences(before: &Outlook, after: &Outlook, length: &str) -> Vec<String> {
    let stands = |side: &Outlook| {
        let left = side.status.error_budget.remaining_ratio.filter(|_| side.status.state != State::NoData);
        let left = left.map(|left| format!(" with {} of the budget left", format::remaining(Some(left))));
        format!("{}{}", of_state(side.status.state).0.to_lowercase(), left.unwrap_or_default())
    };
    let breached = |side: &Outlook| format::percent_up(side.breached_share, 1);
    let mut all = vec![
        format!(
            "At {} the state would now be {}, instead of {}.",
            declaration(after),
            stands(after),
            stands(before)
        ),
        match (breached(before), breached(after)) {
            (was, would) if was == would => {
                format!("It would have been breached for {would} of the last {length}, as it was.")
            }
            (was, would) => {
                format!("It would have been breached for {would} of the last {length}, instead of {was}.")
            }
        },
    ];
    for name in names(before, after) {
        let [was, would] = [before, after].map(|side| rule_of(side, name));
        match (was, would) {
            (Some(was), Some(would)) if was.firings != would.firings => all.push(format!(
                "{name} would have fired {} instead of {}.",
                times(would.firings),
                times(was.firings)
            )),
            (None, Some(would)) if would.firings > 0 => {
                all.push(format!("{name} would have fired {}.", times(would.firings)));
            }
            (Some(_), None) => all.push(format!("{name} could never fire.")),
            _ => {}
        }
    }
    if all.len() == 2 {
        let none = [before, after].iter().all(|side| side.rules.iter().all(|rule| rule.firings == 0));
        let same = if none {
            "No rule would have fired, as none did."
        } else {
            "Rules would have fired as often as they did."
        };
        all.push(same.to_owned());
    }
    all
}

/// `99.5 % over the last 7 d`, and how slices are judged.
pub(super) fn declaration(side: &Outlook) -> String {
    let slices = side.slice_seconds.map(|seconds| {
        let good = side.slice_target.map(|target| format!(", good from {} % on", target.percent()));
        format!(" in slices of {}{}", format::duration(seconds.into()), good.unwrap_or_default())
    });
    format!("{} % over {}{}", side.status.target.percent(), side.window, slices.unwrap_or_default())
}

/// The rules of both sides, each once.
pub(super) fn names<'a>(before: &'a Outlook, after: &'a Outlook) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for side in [before, after] {
        let all = side.rules.iter().map(|rule| &rule.policy).chain(&side.unreachable);
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names
}

/// What a rule would have done; none if the side does not have it.
pub(super) fn rule_of<'a>(side: &'a Outlook, name: &str) -> Option<&'a RuleActivity> {
    // A declared rule out of reach is among the rules, too, where it says that it never fired.
    side.rules.iter().find(|rule| rule.policy == name)
}

/// Why a side does not have a rule.
pub(super) fn absent(side: &Outlook, name: &str) -> String {
    let out_of_reach = side.unreachable.iter().any(|one| one == name);
    if out_of_reach { "out of reach".to_owned() } else { format::UNKNOWN.to_owned() }
}

/// `3 times, 2 h 5 min in all`.
pub(super) fn fired(rule: &RuleActivity) -> String {
    if rule.firings == 0 && rule.firing_seconds == 0 {
        return "never".to_owned();
    }
    let began = if rule.was_firing { ", firing before" } else { "" };
    format!("{}, {} in all{began}", times(rule.firings), format::duration(rule.firing_seconds))
}

fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{} times", format::count(count.into())),
    }
}
