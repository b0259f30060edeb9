-- Days whose slices are sealed: one compressed row for each SLI and UTC day, and its sums beside it.
--
-- Days are counted since 1970, offsets are seconds since the beginning of the day. Tables are only added here: days
-- that are over are sealed in the background, after a release that knows only `slice` had time to end.

create table slice_day (
    sli_id          integer not null,
    day             integer not null,
    -- Slices, unknown ones too.
    slices          integer not null,
    -- The measured slices that start in the day, good capped at total slice by slice.
    good            bigint  not null,
    total           bigint  not null,
    measured_seconds bigint not null,
    good_over_total integer not null,
    -- Of what was measured: the first second, one past the last, the first and the last slice's start, the last's length.
    first_measured  integer,
    last_measured   integer,
    first_start     integer,
    last_start      integer,
    last_seconds    integer,
    -- The end of the last slice, unknown ones too.
    reach           integer not null,
    -- Packed sums of the hours; null once the slices are past their retention, when only the sums above remain.
    hours           bytea,
    primary key (sli_id, day)
);

-- The slices themselves, in partitions of 32 days, made when they are needed and dropped whole.
create table slice_block (
    sli_id  integer not null,
    day     integer not null,
    payload bytea   not null,
    primary key (sli_id, day)
) partition by range (day);

-- Who does some work at present, so that servers on the same database do not do it twice. By the database's clock.
-- Whoever migrates holds one, so that the server makes this table beforehand.
create table if not exists lease (
    name         text   primary key,
    owner        text   not null,
    expires_unix bigint not null
);
