//! The address of an SLO's page, for links that ask for something else and keep the rest.
//!
//! Invariant: a link carries what still applies where it leads. The range applies to every period; what to declare
//! differently applies to now, and to no period that is over.

use domain::Instant;

use crate::text;
use crate::view::{Proposal, Range, SloView};

/// What the page is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SloAddress<'a> {
    slo: &'a str,
    range: Range,
    closed: Option<Instant>,
    proposal: Option<&'a Proposal>,
}

impl<'a> SloAddress<'a> {
    /// The address of the page that shows `view`.
    pub(crate) fn of(view: &'a SloView) -> Self {
        Self {
            slo: &view.slo.name,
            range: view.range,
            closed: view.closed(),
            proposal: view.proposal.as_ref(),
        }
    }

    /// The same over another range.
    pub(crate) fn over(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// The same about the period that ended at `end`; about now without one.
    pub(crate) fn about(self, end: Option<Instant>) -> Self {
        Self { closed: end, ..self }
    }

    /// The same about the declaration as it is.
    pub(crate) fn as_declared(self) -> Self {
        Self { proposal: None, ..self }
    }

    /// The same about what `proposal` would declare.
    pub(crate) fn asking(self, proposal: &'a Proposal) -> Self {
        Self { proposal: Some(proposal), ..self }
    }

    /// Path and query.
    pub(crate) fn href(self) -> String {
        let path = text::slo_path(self.slo);
        let proposal = self.proposal.filter(|_| self.closed.is_none());
        let objective = proposal.map(|proposal| proposal.objective.as_str()).filter(|name| !name.is_empty());
        let parts = [
            (self.range != Range::default()).then(|| format!("range={}", self.range.key())),
            self.closed.map(|end| format!("closed={end}")),
            objective.map(|name| format!("objective={}", text::escape(name))),
            proposal.map(|proposal| proposal.change.clone()),
        ];
        match text::join("&", parts) {
            query if query.is_empty() => path,
            query => format!("{path}?{query}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_what_still_applies_where_it_leads() {
        let proposal = Proposal { objective: "99 %".to_owned(), change: "target=99.5&window=7d".to_owned() };
        let here = SloAddress { slo: "a", range: Range::Week, closed: None, proposal: Some(&proposal) };
        let asked = "objective=99%20%25&target=99.5&window=7d";
        assert_eq!(here.href(), format!("/slos/a?range=7d&{asked}"));
        assert_eq!(here.over(Range::Hour).href(), format!("/slos/a?range=1h&{asked}"));
        assert_eq!(here.over(Range::Window).href(), format!("/slos/a?{asked}"));
        assert_eq!(here.as_declared().href(), "/slos/a?range=7d");
        assert_eq!(here.as_declared().over(Range::Window).href(), "/slos/a");
        let month = here.about(Instant::parse("2026-11-01T00:00:00Z").ok());
        assert_eq!(month.href(), "/slos/a?range=7d&closed=2026-11-01T00:00:00Z");
        assert_eq!(month.about(None).as_declared().asking(&proposal).href(), here.href());
    }
}
