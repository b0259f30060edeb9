-- What was declared, and since when: a declaration that figures depend on is never overwritten, a new one is added.
--
-- Instants are whole seconds since 1970 in UTC.

create table slo_revision (
    slo             text    not null,
    revision        integer not null check (revision > 0),
    -- None: since ever.
    valid_from_unix bigint,
    -- JSON of what figures depend on, and of nothing else.
    declared        text    not null,
    primary key (slo, revision)
);

create table sli_generation (
    sli        text    not null,
    generation integer not null check (generation > 0),
    -- None: since ever. Slices before the latest begin measured something else.
    began_unix bigint,
    -- What is measured, without how often.
    meaning    text    not null,
    primary key (sli, generation)
);
