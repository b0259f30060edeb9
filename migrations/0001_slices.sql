-- Slices, and what they add up to by the hour.
--
-- Instants are whole seconds since 1970 in UTC. A slice is measured (counts) or unknown (a reason); good and bad are
-- an objective's judgement and have no column.

create table sli (
    id   integer generated always as identity primary key,
    name text    not null unique
);

create table slice (
    sli_id           integer not null,
    start_unix       bigint  not null,
    seconds          integer not null check (seconds > 0),
    good             bigint  check (good >= 0),
    total            bigint  check (total >= 0),
    measured_seconds integer check (measured_seconds between 0 and seconds),
    -- First and one past the last measured second, as offsets from the start.
    measured_from    integer check (measured_from between 0 and seconds),
    measured_to      integer check (measured_to between measured_from and seconds),
    unknown_reason   text    check (length(unknown_reason) <= 100),
    primary key (sli_id, start_unix),
    constraint measured_or_unknown check (
        (unknown_reason is null) = (good is not null)
        and (unknown_reason is null) = (total is not null)
        and (unknown_reason is null) = (measured_seconds is not null)
        and (unknown_reason is null) = (measured_from is not null)
        and (unknown_reason is null) = (measured_to is not null)
    )
);

-- The measured slices that start within an hour, good capped at total slice by slice. Recomputed from the slices and
-- overwritten in the transaction that changes them, never added to.
create table slice_hour (
    sli_id           integer not null,
    hour_unix        bigint  not null,
    good             bigint  not null,
    total            bigint  not null,
    measured_seconds bigint  not null,
    good_over_total  bigint  not null,
    first_unix       bigint  not null,
    last_unix        bigint  not null,
    primary key (sli_id, hour_unix)
);
