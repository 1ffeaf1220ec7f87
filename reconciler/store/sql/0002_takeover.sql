-- The source that brought a stack to its line last. While it is another than the stack's source, what goes is asked for.
alter table plimsoll.stacks add column settled_source text collate "C";
update plimsoll.stacks set settled_source = source;
alter table plimsoll.stacks alter column settled_source set not null;
