-- What was said of calendar periods once they had ended, in revisions: nothing here is ever changed or removed.

create table closed_period (
    slo              text    not null,
    from_unix        bigint  not null,
    to_unix          bigint  not null,
    -- Counts up from 1 for each (slo, from_unix).
    revision         integer not null check (revision > 0),
    frozen_unix      bigint  not null,
    -- Why there is this revision, for people.
    reason           text    not null,
    -- The events of the period as they were measured, before anybody judged them: later data are told by them.
    good             bigint  not null,
    total            bigint  not null,
    measured_seconds bigint  not null,
    -- What bore on the figures, and the figures, as JSON; the latter is kept byte by byte as it was answered.
    policy           text    not null,
    status           text    not null,
    primary key (slo, from_unix, revision)
);
