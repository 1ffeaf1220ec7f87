-- Deliveries of webhooks, without their bodies: that each acts once whichever daemon gets it, and why it did nothing.
create table plimsoll.deliveries (
  id bigint generated always as identity primary key,
  receiver text collate "C" not null,
  delivery text collate "C" not null,
  event text not null,
  -- Null while it is under way.
  result text check (result in ('acted', 'ignored', 'refused', 'failed')),
  reason text not null default '',
  hint text not null default '',
  sender text not null,
  received_at bigint not null,
  duration_ms integer,
  repeats integer not null default 0,
  unique (receiver, delivery)
);

create index deliveries_by_time on plimsoll.deliveries (received_at, id);
