/** The journal's tables. A change of them is a new entry at the end: entries that were released never change. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE leases (
    id TEXT PRIMARY KEY,
    terms TEXT NOT NULL,
    owed TEXT NOT NULL DEFAULT '0', -- of the best voucher
    voucher TEXT,                   -- its signature
    offer TEXT,                     -- the close that the tasker signed last, as JSON
    closing INTEGER NOT NULL DEFAULT 0, -- a close was signed here: no ticket is taken any more
    claim TEXT,                     -- the tickets' indexes of the claim that was sent, as JSON
    over INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX leases_live ON leases (over) WHERE over = 0;

  CREATE TABLE jobs (
    ticket TEXT PRIMARY KEY,
    lease TEXT NOT NULL REFERENCES leases,
    at INTEGER NOT NULL,            -- the ticket's index in its lease
    body TEXT NOT NULL,             -- the ticket
    signature TEXT,
    state TEXT NOT NULL CHECK (state IN ('taken', 'ran', 'declined')),
    reason TEXT,
    detail TEXT,
    told INTEGER NOT NULL DEFAULT 0 -- the matcher knows the state
  ) STRICT;
  CREATE UNIQUE INDEX jobs_place ON jobs (lease, at);
  CREATE INDEX jobs_pending ON jobs (told) WHERE told = 0;

  -- One row a ticket, written before anything about it is signed, and never changed.
  CREATE TABLE results (
    ticket TEXT PRIMARY KEY REFERENCES jobs,
    status INTEGER NOT NULL,
    fuel TEXT NOT NULL,
    output TEXT NOT NULL,
    amount TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER results_stay BEFORE UPDATE ON results BEGIN SELECT RAISE(ABORT, 'a result never changes'); END;

  -- The store's word that it has the output.
  CREATE TABLE receipts (ticket TEXT PRIMARY KEY REFERENCES jobs, signature TEXT NOT NULL) STRICT;

  CREATE TABLE outputs (root TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  `,
  `
  -- Programs and inputs by their roots, one copy each: what a challenged result is defended with.
  CREATE TABLE blobs (root TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE blob_uses (
    root TEXT NOT NULL REFERENCES blobs,
    lease TEXT NOT NULL REFERENCES leases,
    PRIMARY KEY (root, lease)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blob_uses_lease ON blob_uses (lease);

  -- Where a run was altered, as JSON: of the dishonest provider of a development stack.
  ALTER TABLE results ADD COLUMN tamper TEXT;
  `,
  `
  -- Most memory of the program, in pages of 64 KiB: what a proof may have to hash.
  ALTER TABLE results ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- over = 2: ended, and not forgotten yet.
  CREATE INDEX leases_resting ON leases (over) WHERE over = 2;
  `,
]
