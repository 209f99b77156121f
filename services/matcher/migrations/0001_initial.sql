create table orders (
  digest text primary key,
  seq bigserial not null unique,
  kind text not null,
  account text not null,
  token text not null,
  document jsonb not null,
  signature text not null,
  status text not null,
  filled numeric not null,
  expiry bigint not null,
  created_at timestamptz not null
);
create index orders_account on orders (account);
create index orders_status on orders (status);

create table leases (
  id text primary key,
  ask text not null,
  bid text not null,
  seq numeric not null,
  tasker text not null,
  provider text not null,
  fuel numeric not null,
  terms jsonb not null,
  state text not null,
  paid numeric not null,
  claimed numeric not null,
  closed_at bigint not null,
  stopped_at bigint not null,
  disputes integer not null,
  demands integer not null,
  opened_block bigint not null,
  over boolean not null,
  voucher jsonb,
  close jsonb
);
create index leases_bid on leases (bid);
create index leases_ask on leases (ask);
create index leases_tasker on leases (tasker);
create index leases_provider on leases (provider);
create index leases_over on leases (over);

create table jobs (
  id text primary key,
  seq bigserial not null unique,
  lease text not null,
  index integer not null,
  "order" text,
  tasker text not null,
  provider text not null,
  ticket jsonb not null,
  signature text,
  state text not null,
  reason text,
  acceptance text,
  result jsonb,
  result_signature text,
  receipt text,
  moments jsonb not null,
  created_at timestamptz not null,
  unique (lease, index)
);
create index jobs_order on jobs ("order");
create index jobs_tasker on jobs (tasker, seq);
create index jobs_provider on jobs (provider, seq);

create table events (
  id bigserial primary key,
  at timestamptz not null,
  type text not null,
  accounts text[] not null,
  "order" text,
  lease text,
  job text,
  tx text,
  data jsonb
);
create index events_accounts on events using gin (accounts);
create index events_order on events ("order");
create index events_lease on events (lease);
create index events_job on events (job);

create table intents (
  id text primary key,
  kind text not null,
  payload jsonb not null,
  state text not null,
  reason text,
  tx integer,
  tries integer not null,
  created_at timestamptz not null
);
create index intents_state on intents (state);

create table transactions (
  id serial primary key,
  nonce integer not null unique,
  "to" text not null,
  data text not null,
  gas numeric not null,
  max_fee_per_gas numeric not null,
  max_priority_fee_per_gas numeric not null,
  raw text not null,
  hash text not null,
  replaced text[] not null,
  state text not null,
  block bigint,
  block_hash text,
  status text,
  gas_used numeric,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index transactions_state on transactions (state);

create table blocks (
  number bigint primary key,
  hash text not null,
  parent text not null,
  time bigint not null
);

create table chain_logs (
  block bigint not null,
  index integer not null,
  time bigint not null,
  tx text not null,
  gas_used numeric not null,
  contract text not null,
  name text not null,
  args jsonb not null,
  lease text,
  "case" text,
  account text,
  primary key (block, index)
);
create index chain_logs_lease on chain_logs (lease);
create index chain_logs_case on chain_logs ("case");
create index chain_logs_account on chain_logs (account);

create table blobs (
  root text primary key,
  kind text not null,
  size bigint not null,
  used_at timestamptz not null,
  bytes bytea
);

create table request_nonces (
  key text not null,
  nonce text not null,
  expires_at bigint not null,
  primary key (key, nonce)
);

create table evidence (
  "case" text primary key,
  papers jsonb not null
);
