//! The sentence over the overview: what is wrong, worst first, in words; and the line under it.
//!
//! Pure. A service is named in the first clause that applies to it, so that every number adds up to all services.

use domain::{Health, State, format};

/// What the sentence needs to know of a service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    /// Its name for people.
    pub(crate) name: String,
    /// Its health.
    pub(crate) health: Health,
    /// The worst state of its objectives; none without objectives.
    pub(crate) state: Option<State>,
}

/// Names of services that a clause spells out at most.
const NAMED: usize = 2;

/// How bad a service stands, worst first; the order of the overview and of the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Down now.
    Down,
    /// An objective is missed.
    Breached,
    /// Impaired now.
    Degraded,
    /// An objective will be missed.
    AtRisk,
    /// Nobody knows.
    Unknown,
    /// Planned work.
    Maintenance,
    /// All is well.
    Well,
}

impl Standing {
    /// The worse of health and state decides.
    pub(crate) fn severity(&self) -> Severity {
        let now = match self.health {
            Health::Down => Severity::Down,
            Health::Degraded => Severity::Degraded,
            Health::Unknown => Severity::Unknown,
            Health::Maintenance => Severity::Maintenance,
            Health::Up => Severity::Well,
        };
        let window = match self.state {
            Some(State::Breached) => Severity::Breached,
            Some(State::AtRisk) => Severity::AtRisk,
            Some(State::NoData) => Severity::Unknown,
            Some(State::NoTraffic | State::Met) | None => Severity::Well,
        };
        now.min(window)
    }
}

/// The sentence, e.g. `Payments is down, two services are at risk, one is not reporting.`
pub(crate) fn verdict(services: &[Standing]) -> String {
    if services.is_empty() {
        return "Nothing is measured yet.".to_owned();
    }
    let with = |severity: Severity| -> Vec<&str> {
        services.iter().filter(|s| s.severity() == severity).map(|s| s.name.as_str()).collect()
    };
    let mut clauses: Vec<String> = Vec::new();
    for (severity, one, many) in [
        (Severity::Down, "is down", "are down"),
        (Severity::Breached, "is out of budget", "are out of budget"),
        (Severity::Degraded, "is degraded", "are degraded"),
        (Severity::AtRisk, "is at risk", "are at risk"),
        (Severity::Unknown, "is not reporting", "are not reporting"),
    ] {
        let names = with(severity);
        if !names.is_empty() {
            let verb = if names.len() == 1 { one } else { many };
            clauses.push(format!("{} {verb}", subject(&names, clauses.len())));
        }
    }
    if clauses.is_empty() {
        clauses.push(all_well(services.len()));
        let resting = with(Severity::Maintenance);
        if !resting.is_empty() {
            clauses.push(format!("{} in maintenance", number(resting.len())));
        }
    }
    capital(&format!("{}.", clauses.join(", ")))
}

/// The line under it: objectives met, and the lowest coverage of all.
pub(crate) fn summary(states: &[State], coverages: &[Option<f64>]) -> String {
    if states.is_empty() {
        return "No objective is declared.".to_owned();
    }
    let met = states.iter().filter(|state| **state == State::Met).count();
    let of = states.len();
    let noun = if of == 1 { "objective is" } else { "objectives are" };
    let lowest = coverages
        .iter()
        .flatten()
        .copied()
        .fold(None, |low: Option<f64>, share| Some(low.map_or(share, |low| low.min(share))));
    let coverage = lowest.map(|share| format!(" Lowest coverage {}.", format::percent_down(Some(share), 1)));
    format!("{met} of {of} {noun} met over the whole window.{}", coverage.unwrap_or_default())
}

fn all_well(services: usize) -> String {
    match services {
        1 => "the one service is up and within budget".to_owned(),
        2 => "both services are up and within budget".to_owned(),
        _ => format!("all {services} services are up and within budget"),
    }
}

/// Few are named while they are the news; later clauses count, and leave the noun out once it was said.
fn subject(names: &[&str], clauses_before: usize) -> String {
    match names {
        [one] if clauses_before < NAMED => (*one).to_owned(),
        [one, two] if clauses_before == 0 => format!("{one} and {two}"),
        _ => {
            let noun = if names.len() == 1 { "service" } else { "services" };
            format!("{} {noun}", number(names.len()))
        }
    }
}

fn number(count: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(name: &str, health: Health, state: State) -> Standing {
        Standing { name: name.to_owned(), health, state: Some(state) }
    }

    #[test]
    fn the_worst_comes_first_and_by_name() {
        let services = [
            standing("login", Health::Up, State::Met),
            standing("search", Health::Up, State::Breached),
            standing("payments", Health::Degraded, State::Breached),
            standing("checkout", Health::Degraded, State::AtRisk),
            standing("mail", Health::Unknown, State::NoData),
        ];
        assert_eq!(
            verdict(&services),
            "Search and payments are out of budget, checkout is degraded, one service is not reporting."
        );
    }

    #[test]
    fn when_all_is_well_it_says_so() {
        assert_eq!(verdict(&[]), "Nothing is measured yet.");
        assert_eq!(
            verdict(&[standing("a", Health::Up, State::Met)]),
            "The one service is up and within budget."
        );
        let mut three = vec![standing("a", Health::Up, State::Met); 2];
        three.push(standing("b", Health::Maintenance, State::Met));
        assert_eq!(verdict(&three), "All 3 services are up and within budget, one in maintenance.");
    }

    #[test]
    fn the_summary_counts_objectives_and_names_the_lowest_coverage() {
        assert_eq!(
            summary(&[State::Met, State::AtRisk], &[Some(0.9999), None, Some(0.967)]),
            "1 of 2 objectives are met over the whole window. Lowest coverage 96.7 %."
        );
    }
}
