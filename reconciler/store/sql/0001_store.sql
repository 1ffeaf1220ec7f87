-- The durable truth of one installation. All times are milliseconds since the epoch and given by the program.
-- Names and keys are collated "C": ordered by code unit on every server, whatever its locale.

-- A stack, the generations that were asked for and looked at, and the lease of the worker that looks at it now.
-- The generation is due when requested_generation > observed_generation and due_at has passed.
create table plimsoll.stacks (
  name text collate "C" primary key,
  source text collate "C" not null,
  -- False once the source is no longer followed: another source may then claim the name.
  claimed boolean not null default true,
  -- retired: left its source and owns nothing any more, known to history only.
  membership text not null default 'present' check (membership in ('present', 'absent', 'retired')),
  requested_generation bigint not null default 0,
  observed_generation bigint not null default 0,
  due_at bigint,
  -- The strongest trigger since the last lease was taken, by the numbers of store/triggers.ts.
  requested_trigger smallint,
  -- Counts the leases ever taken: the fencing number of the present one.
  lease_number bigint not null default 0,
  lease_owner text,
  lease_expires_at bigint,
  leased_generation bigint,
  leased_trigger smallint,
  check (observed_generation <= requested_generation),
  check (requested_generation = observed_generation or due_at is not null),
  check (num_nulls(lease_owner, lease_expires_at, leased_generation, leased_trigger) in (0, 4))
);

create index stacks_due on plimsoll.stacks (due_at) where requested_generation > observed_generation;
create index stacks_of_source on plimsoll.stacks (source);

create table plimsoll.statuses (
  stack text collate "C" primary key,
  status jsonb not null
);

-- Every attempt to sync a stack, whatever came of it. The plan holds changes, findings, decisions and steps.
create table plimsoll.syncs (
  id bigint generated always as identity primary key,
  stack text collate "C" not null,
  trigger text not null,
  from_revision text,
  to_revision text,
  to_author text,
  to_message text,
  to_committed_at bigint,
  outcome text,
  summary text not null default '',
  error_code text,
  error_message text,
  problems jsonb not null default '[]',
  plan jsonb,
  started_at bigint not null,
  finished_at bigint,
  check ((outcome is null) = (finished_at is null)),
  check (num_nulls(to_revision, to_author, to_message, to_committed_at) in (0, 4)),
  check ((error_code is null) = (error_message is null))
);

-- One unfinished attempt a stack, and pages of history by key, newest first, for every combination of filters.
create unique index syncs_unfinished on plimsoll.syncs (stack) where outcome is null;
create index syncs_by_stack on plimsoll.syncs (stack, id);
create index syncs_by_outcome on plimsoll.syncs (outcome, id);
create index syncs_by_stack_and_outcome on plimsoll.syncs (stack, outcome, id);

-- The services that an attempt did or refused something to. Stack and outcome are repeated here so that a page of
-- one service's rare failures is one index range.
create table plimsoll.sync_services (
  service text collate "C" not null,
  sync_id bigint not null references plimsoll.syncs (id) on delete cascade,
  stack text collate "C" not null,
  outcome text,
  primary key (sync_id, service)
);

create index sync_services_by_service on plimsoll.sync_services (service, sync_id);
create index sync_services_by_outcome on plimsoll.sync_services (service, outcome, sync_id);
create index sync_services_by_stack on plimsoll.sync_services (stack, service, sync_id);
create index sync_services_by_stack_and_outcome on plimsoll.sync_services (stack, service, outcome, sync_id);

-- The fold of an attempt's events, step by step, in the order of the plan.
create table plimsoll.steps (
  sync_id bigint not null references plimsoll.syncs (id) on delete cascade,
  position integer not null,
  step text not null,
  status text not null default 'pending',
  started_at bigint,
  finished_at bigint,
  result jsonb,
  error_code text,
  error_message text,
  reason text not null default '',
  primary key (sync_id, position),
  check ((error_code is null) = (error_message is null))
);

create table plimsoll.events (
  sync_id bigint not null references plimsoll.syncs (id) on delete cascade,
  id bigint generated always as identity,
  event jsonb not null,
  primary key (sync_id, id)
);

-- What is ours in a stack, so that prune is inventory minus manifests. Always written as a whole.
create table plimsoll.inventories (
  stack text collate "C" primary key,
  items jsonb not null,
  recorded_at bigint not null
);

-- Decisions not to apply. A lifted one stays as history.
create table plimsoll.holds (
  id bigint generated always as identity primary key,
  stack text collate "C" not null,
  kind text not null check (kind in ('rejected', 'freeze')),
  service text collate "C",
  hash text,
  revision text,
  why text not null,
  since bigint not null,
  until bigint,
  lifted_at bigint,
  check ((kind = 'rejected') = (service is not null and hash is not null)),
  check ((kind = 'freeze') = (until is not null))
);

create unique index holds_in_force on plimsoll.holds (stack, kind, coalesce(service, '')) where lifted_at is null;

-- The last version of each service that was healthy for its time.
create table plimsoll.stable_services (
  stack text collate "C" not null,
  service text collate "C" not null,
  hash text not null,
  revision text,
  definition jsonb not null,
  digest text,
  recorded_at bigint not null,
  primary key (stack, service)
);

-- Config files by `sha256:…` digest.
create table plimsoll.contents (
  digest text collate "C" primary key,
  content bytea not null
);
