//! An object of which version, kind and metadata are read, and what its readers have in common.

use super::declared::Declared;
use super::finding::Report;
use super::metadata::Metadata;
use super::read::Fields;

/// An object whose `spec` is yet to be read.
pub(super) struct Object<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) meta: Metadata,
    /// Whether version and metadata can be used.
    pub(super) sound: bool,
}

impl<'a> Object<'a> {
    /// Reads the `spec`, of which `example` says what it may hold; none if anything of the object cannot be used, or its
    /// name is not new.
    pub(super) fn read<T>(
        self,
        is_new: bool,
        example: &str,
        declared: &mut Declared,
        report: &mut Report,
        read_spec: impl FnOnce(Fields<'a>, Metadata, &mut Declared, &mut Report) -> Option<T>,
    ) -> Option<T> {
        let Self { mut fields, meta, sound } = self;
        let spec = fields.spec(example, report);
        let found = spec.and_then(|spec| read_spec(spec, meta, declared, report));
        fields.finish(report);
        found.filter(|_| is_new && sound)
    }
}
