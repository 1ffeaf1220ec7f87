-- Where a stack is, now that there can be several engines. What is recorded was all on the only one.
update plimsoll.inventories
   set items = (select coalesce(jsonb_agg(jsonb_build_object('engine', 'default') || item), '[]')
                  from jsonb_array_elements(items) as item);

update plimsoll.statuses set status = jsonb_build_object('engine', 'default') || status;

update plimsoll.syncs set plan = jsonb_build_object('engine', 'default') || plan where plan is not null;
