-- The last lines that the container of a failed step wrote: a rollback removes it, and its log with it.
alter table plimsoll.steps add column output text not null default '';
