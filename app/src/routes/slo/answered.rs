//! The answer to "what if" that the page has got: another range of the same question does not have it judged again.
//!
//! Invariant: an answer is shown only under the question that it answers. Data that are fetched anew for the same
//! address bring a new answer; if they cannot, the old one stays, which says as of when it is.

use leptos::prelude::*;

use crate::view::{Markup, Proposal, Range, SloView};

/// A question, and what the server has drawn of its answer.
#[derive(Debug)]
struct Answer {
    slo: String,
    proposal: Proposal,
    /// The range that the page showed with it last.
    range: Range,
    markup: Markup,
}

/// The latest answer, for as long as the page stays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered(StoredValue<Option<Answer>>);

impl Answered {
    pub(super) fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// Whether the answer is there already, and only the range is another one.
    pub(super) fn stands(
        self,
        slo: &str,
        range: Range,
        objective: Option<&str>,
        change: Option<&str>,
    ) -> bool {
        self.0.with_value(|answer| {
            answer.as_ref().is_some_and(|Answer { slo: its, proposal, range: shown, .. }| {
                its == slo
                    && proposal.objective == objective.unwrap_or_default()
                    && Some(proposal.change.as_str()) == change
                    && *shown != range
            })
        })
    }

    /// Keeps the answer that came with a page, or gives the page the one that is kept.
    pub(super) fn fill_in(self, mut view: SloView) -> SloView {
        let Some(proposal) = &view.proposal else { return view };
        self.0.update_value(|kept| match kept {
            Some(answer) if view.panels.answer.0.is_empty() => {
                if answer.slo == view.slo.name && answer.proposal == *proposal {
                    answer.range = view.range;
                    view.panels.answer = answer.markup.clone();
                }
            }
            _ if view.panels.answer.0.is_empty() => {}
            _ => {
                *kept = Some(Answer {
                    slo: view.slo.name.clone(),
                    proposal: proposal.clone(),
                    range: view.range,
                    markup: view.panels.answer.clone(),
                });
            }
        });
        view
    }
}
