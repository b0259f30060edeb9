-- Who may do what, and which events were counted already.
--
-- Instants are whole seconds since 1970 in UTC.

create table token (
    -- The public half, which logs and lists may show.
    id           text   primary key,
    -- For people.
    name         text   not null,
    -- Words separated by commas: ingest, read, admin.
    scopes       text   not null,
    -- SHA-256 of the whole token. The token itself is nowhere.
    hash         bytea  not null,
    created_unix bigint not null,
    -- None: never.
    expires_unix bigint,
    -- None: it holds.
    revoked_unix bigint
);

-- Keys of events, and of bodies of events without an id, that were added up: a retry finds its key here.
create table event_seen (
    -- SHA-256 of what makes it the same.
    key       bytea  primary key,
    seen_unix bigint not null
);

create index event_seen_by_age on event_seen (seen_unix);
