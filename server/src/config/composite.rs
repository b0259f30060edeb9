//! `nines/v1` `Composite`: one objective over several others.
//!
//! ```yaml
//! spec:
//!   service: shop
//!   target: 99.5%
//!   rule: sum-of-burns       # or any-bad-slice, sum-of-missing, weighted-mean: four rules, four numbers
//!   noData: no-data          # or leave-out, bad: what a member without a figure stands for
//!   members:
//!     - {slo: checkout-availability, objective: "99.9", weight: 2}   # objective: the first; weight: 1
//!     - {slo: search-availability}
//! ```

use domain::composite::{Composite, CompositeRule, MemberNoData};

use super::declared::{COMPOSITE, Declared, DeclaredComposite, DeclaredMember, Kind};
use super::finding::{Report, quote};
use super::metadata::{self, Metadata, Named};
use super::number::scaled;
use super::object::Object;
use super::objective;
use super::read::{Field, Fields};
use super::slo::Subject;

/// Members of one composite.
const MAX_MEMBERS: usize = 64;
/// A weight of one, in parts.
const ONE: u64 = 1_000_000_000;
/// Largest weight: a million, so that sums of them stay far from any bound.
const MAX_WEIGHT: u64 = 1_000_000 * ONE;
const SPEC: &str = "{service: my-service, target: 99.5%, rule: sum-of-burns, members: [{slo: my-slo}]}";
const MEMBERS: &str = "[{slo: my-slo}, {slo: my-other-slo}]";
const RULES: [(&str, CompositeRule); 4] = [
    ("sum-of-burns", CompositeRule::SumOfBurns),
    ("any-bad-slice", CompositeRule::AnyBadSlice),
    ("sum-of-missing", CompositeRule::SumOfMissing),
    ("weighted-mean", CompositeRule::WeightedMean),
];
const NO_DATA: [(&str, MemberNoData); 3] =
    [("no-data", MemberNoData::NoData), ("leave-out", MemberNoData::LeaveOut), ("bad", MemberNoData::Bad)];

/// Reads a composite into `declared`.
pub(super) fn read(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let is_new = declared.register_as(Kind::Slo, COMPOSITE, &object.meta.name, report);
    let read = |spec: Fields<'_>, meta, _: &mut Declared, report: &mut Report| read_spec(spec, meta, report);
    let composite = object.read(is_new, SPEC, declared, report, read);
    declared.composites.extend(composite);
}

fn read_spec(mut spec: Fields<'_>, meta: Metadata, report: &mut Report) -> Option<DeclaredComposite> {
    let subject = Subject::read(&mut spec, report);
    let target = spec.need("target", "99.5%", report);
    let target = target.and_then(|field| objective::read_either(&field, report));
    let rule = spec.need("rule", "sum-of-burns", report).and_then(|field| field.one_of(&RULES, report));
    let no_data = match spec.get("noData") {
        Some(field) => field.one_of(&NO_DATA, report),
        None => Some(MemberNoData::NoData),
    };
    let members = spec.need("members", MEMBERS, report);
    let members = members.and_then(|field| members_of(&field, rule, report));
    spec.finish(report);
    let service = subject.service?;
    Some(DeclaredComposite {
        composite: Composite {
            name: meta.name.name.clone(),
            display_name: meta.display_name(),
            description: subject.description,
            service: service.name.clone(),
            target: target?,
            rule: rule?,
            no_data: no_data?,
            members: Vec::new(),
            origin: report.origin(meta.name.place),
        },
        name: meta.name,
        service,
        members: members?,
    })
}

fn members_of(
    field: &Field<'_>,
    rule: Option<CompositeRule>,
    report: &mut Report,
) -> Option<Vec<DeclaredMember>> {
    let items = field.items(MEMBERS, report)?;
    if items.is_empty() || items.len() > MAX_MEMBERS {
        report.error(
            field.place(),
            format!("`{}` must hold 1 to {MAX_MEMBERS}: write e.g. `{MEMBERS}`", field.path),
        );
        return None;
    }
    let count = items.len();
    let mut members: Vec<DeclaredMember> = Vec::new();
    for item in items {
        let Some(member) =
            item.fields("{slo: my-slo}", report).and_then(|fields| member(fields, rule, report))
        else {
            continue;
        };
        let same = |other: &DeclaredMember| {
            let objective =
                |member: &DeclaredMember| member.objective.as_ref().map(|named| named.name.clone());
            other.slo.name == member.slo.name && objective(other) == objective(&member)
        };
        if members.iter().any(same) {
            let message =
                format!("{} is a member twice: name it once, with a `weight`", quote(&member.slo.name));
            report.error(member.slo.place, message);
            continue;
        }
        members.push(member);
    }
    (members.len() == count).then_some(members)
}

fn member(
    mut fields: Fields<'_>,
    rule: Option<CompositeRule>,
    report: &mut Report,
) -> Option<DeclaredMember> {
    let slo = fields.need("slo", "my-slo", report).and_then(|field| metadata::reference(&field, report));
    let objective = fields.get("objective").map(|field| metadata::reference(&field, report));
    let weight = match fields.get("weight") {
        Some(field) if rule == Some(CompositeRule::AnyBadSlice) => {
            let why = "is ignored: with any-bad-slice one bad slice of any member is enough; remove it";
            report.warning(field.key, format!("`{}` {why}", field.path));
            Some(ONE)
        }
        Some(field) => weight(&field, report),
        None => Some(ONE),
    };
    fields.finish(report);
    let objective: Option<Named> = match objective {
        Some(objective) => Some(objective?),
        None => None,
    };
    Some(DeclaredMember { slo: slo?, objective, weight_parts: weight? })
}

/// A weight above zero in parts per 10^9.
fn weight(field: &Field<'_>, report: &mut Report) -> Option<u64> {
    let text = field.text("1", report)?;
    let problem = match scaled(text, 9) {
        Some(0) => "counts for nothing: remove the member, or give it a weight above 0",
        Some(parts) if parts <= MAX_WEIGHT => return Some(parts),
        _ => "is no number above 0 and up to 1000000 with at most 9 decimal places: write e.g. 2",
    };
    field.wrong(text, problem, report);
    None
}
