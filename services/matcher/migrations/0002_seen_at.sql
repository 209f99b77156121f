-- When this matcher read a log: a job's timeline is by one clock, the matcher's.
alter table chain_logs add column seen_at timestamptz;
update chain_logs set seen_at = to_timestamp(time);
alter table chain_logs alter column seen_at set not null;
