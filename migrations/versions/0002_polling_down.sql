-- Back to gaps that grow with the age alone.
drop view if exists recall.sync_durations, recall.sync_budget;
drop table syncd.sweeps, syncd.durations;
alter table syncd.budgets drop column patience_s, drop column trim, drop column steered_at;
drop index syncd.queue_due, syncd.queue_load, syncd.queue_left, syncd.queue_created;
create index queue_due on syncd.queue (workspace, due_at);
alter table syncd.queue
    drop column created_at,
    drop column provider,
    drop column recording_length,
    drop column patience_s,
    drop column passed_at,
    drop column shown_at,
    drop column left_at;
