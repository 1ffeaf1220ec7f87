-- What moved without a commit, from when it was seen until it was over. Times as everywhere: milliseconds, given by the
-- program. `resource` is the model's Resource; `resource_key` tells two of them apart.
create table plimsoll.drift (
  id bigint generated always as identity primary key,
  stack text collate "C" not null,
  service text collate "C",
  resource jsonb not null,
  resource_key text collate "C" not null,
  field text collate "C" not null,
  kind text not null,
  because text not null,
  -- Null: nothing.
  found jsonb,
  wanted jsonb,
  revision text,
  opened_at bigint not null,
  seen_at bigint not null,
  closed_at bigint,
  how text,
  check ((closed_at is null) = (how is null))
);

-- One open interval of one field of one thing.
create unique index drift_open on plimsoll.drift (stack, resource_key, field) where closed_at is null;
create index drift_by_time on plimsoll.drift (opened_at desc, id desc);
create index drift_by_stack on plimsoll.drift (stack, opened_at desc, id desc);
create index drift_healed on plimsoll.drift (closed_at) where how = 'healed';
