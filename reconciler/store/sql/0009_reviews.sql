-- What is said at forges: work by key with the same generations and leases as stacks have.
create table plimsoll.forge_work (
  key text collate "C" primary key,
  requested_generation bigint not null,
  observed_generation bigint not null default 0,
  due_at bigint not null,
  failures integer not null default 0,
  lease_number bigint not null default 0,
  lease_owner text,
  lease_expires_at bigint,
  leased_generation bigint,
  check (observed_generation <= requested_generation),
  check (num_nulls(lease_owner, lease_expires_at, leased_generation) in (0, 3))
);

create index forge_work_due on plimsoll.forge_work (due_at) where requested_generation > observed_generation;

-- One row a pull request: what was published, and what the next look goes on from.
create table plimsoll.reviews (
  source text collate "C" not null,
  number bigint not null,
  review jsonb not null,
  primary key (source, number)
);

-- Approvals of merged pull requests, each for one finding of one stack.
create table plimsoll.merged_approvals (
  id bigint generated always as identity primary key,
  source text collate "C" not null,
  number bigint not null,
  stack text collate "C" not null,
  code text not null,
  resource text not null,
  approval jsonb not null,
  recorded_at bigint not null,
  used_at bigint,
  unique (source, number, stack, code, resource)
);

create index merged_approvals_in_force on plimsoll.merged_approvals (stack) where used_at is null;

-- What was last said about the syncs of a stack.
create table plimsoll.reports (
  stack text collate "C" primary key,
  report jsonb not null
);

-- Who accepted which finding of an attempt.
alter table plimsoll.syncs add column approvals jsonb not null default '[]';
