-- Samples of series that feed SLIs: the labels of each series, and a short log of what was accepted, from which the
-- latest hours of figures are made again.
--
-- Instants are milliseconds since 1970 in UTC. A payload is an encoding of ours (series, instants, values); there is
-- never a row for each sample.

create table series (
    id     bigint generated always as identity primary key,
    -- Names and values in the order of the names, each with its length. Two rows of the same labels are one series.
    labels bytea  not null
);

create table sample_log (
    id            bigint  generated always as identity primary key,
    -- The newest sample in it: a row goes once that is older than what is kept.
    newest_millis bigint  not null,
    -- When this row was written, slices had been made of all rows up to that one.
    folded_id     bigint  not null,
    payload       bytea   not null
);

-- What a series counted last before the log begins, so that the log has something to go on from.
create table sample_baseline (
    id         bigint generated always as identity primary key,
    -- The log has everything from this instant on.
    cut_millis bigint not null,
    payload    bytea  not null
);
