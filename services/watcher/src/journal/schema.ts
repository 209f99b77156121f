/** The journal's tables. A change of them is a new entry at the end: entries that were released never change. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  -- One row a result that was heard of.
  CREATE TABLE results (
    ticket TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('skipped', 'drawn', 'right', 'unknown', 'wrong', 'challenging', 'playing', 'over')),
    why TEXT,                       -- it was skipped, or not to be checked, or how the case ended
    papers TEXT,                    -- what a challenge needs, as JSON, from 'wrong' on
    "case" TEXT                     -- its number, from 'playing' on
  ) STRICT;
  CREATE INDEX results_open ON results (state) WHERE state IN ('drawn', 'wrong', 'challenging', 'playing');

  -- Programs and inputs of wrong results: the matcher may be gone when a game needs them.
  CREATE TABLE blobs (
    ticket TEXT PRIMARY KEY REFERENCES results,
    program BLOB NOT NULL,
    input BLOB NOT NULL
  ) STRICT;
  `,
]
