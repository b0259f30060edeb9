//! `nines/v1` `Canary`: a host that tells whether our own network works.
//!
//! ```yaml
//! spec: {address: "192.0.2.1:443"}   # accepts TCP connections, and has nothing to do with what is measured
//! ```

use super::declared::{Declared, Kind};
use super::finding::Report;
use super::metadata::Metadata;
use super::object::Object;
use super::probe;
use super::read::Fields;
use crate::source::Address;

/// Canaries of one configuration: all are asked at once.
const MAX_CANARIES: usize = 16;
const SPEC: &str = "{address: \"192.0.2.1:443\"}";

/// Reads a canary into `declared`.
pub(super) fn read(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let is_new = declared.register(Kind::Canary, &object.meta.name, report);
    let place = object.meta.name.place;
    let Some(address) = object.read(is_new, SPEC, declared, report, read_spec) else { return };
    if declared.canaries.len() >= MAX_CANARIES {
        report.error(place, format!("more than {MAX_CANARIES} canaries are declared: remove this one"));
        return;
    }
    declared.canaries.push(address);
}

fn read_spec(
    mut spec: Fields<'_>,
    _meta: Metadata,
    _declared: &mut Declared,
    report: &mut Report,
) -> Option<Address> {
    spec.text("description", "text", report);
    let address = probe::address(&mut spec, "192.0.2.1:443", None, report);
    spec.finish(report);
    address
}
