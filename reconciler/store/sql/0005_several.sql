-- What several daemons on one database must know of each other.

-- The revision that anybody last found at a source. `number` counts the changes: whoever looked before another change
-- was recorded finds a higher one than it knew, and looks again.
create table plimsoll.heads (
  source text collate "C" primary key,
  revision text not null,
  number bigint not null
);

-- Finding codes that were accepted for the next attempt; they go with the lease, as the trigger does.
alter table plimsoll.stacks
  add column requested_approvals jsonb not null default '[]',
  add column leased_approvals jsonb not null default '[]',
  -- What the holder of the lease was told: come to a safe point and stop.
  add column stop_reason text check (stop_reason in ('superseded', 'cancelled')),
  add check (stop_reason is null or lease_owner is not null);

-- News for whoever listens on the channel `plimsoll`. They carry names only, and may be lost: what they tell of is
-- in the tables.
create function plimsoll.tell_stack() returns trigger language plpgsql as $$
begin
  if new.requested_generation is distinct from old.requested_generation then
    perform pg_notify('plimsoll', 'due');
  end if;
  if new.stop_reason is not null and new.stop_reason is distinct from old.stop_reason then
    perform pg_notify('plimsoll', 'stop ' || new.name || ' ' || new.stop_reason);
  end if;
  return null;
end $$;

create function plimsoll.tell_status() returns trigger language plpgsql as $$
begin
  perform pg_notify('plimsoll', 'status ' || new.stack);
  return null;
end $$;

create function plimsoll.tell_sync() returns trigger language plpgsql as $$
begin
  perform pg_notify('plimsoll', 'sync ' || new.stack);
  return null;
end $$;

create function plimsoll.tell_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('plimsoll', 'sync ' || stack) from plimsoll.syncs where id = new.sync_id;
  return null;
end $$;

create trigger tell_stack after update of requested_generation, stop_reason on plimsoll.stacks
  for each row execute function plimsoll.tell_stack();
create trigger tell_status after insert or update on plimsoll.statuses
  for each row execute function plimsoll.tell_status();
create trigger tell_sync after insert or update of outcome on plimsoll.syncs
  for each row execute function plimsoll.tell_sync();
create trigger tell_event after insert on plimsoll.events
  for each row execute function plimsoll.tell_event();
