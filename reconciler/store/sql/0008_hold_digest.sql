-- A version that was healthy with one image may fail with the next one behind the same tag: then that image is rejected,
-- and the version stays good with any other.
alter table plimsoll.holds
  add column digest text,
  add check (digest is null or kind = 'rejected');
