-- From version 3 to 4: pictures that go in: files of ours, of the web, and of other jobs.
-- FetchInputs: 0 on failure, 1 never, 2 always.

ALTER TABLE manifests ADD COLUMN fetch INTEGER NOT NULL DEFAULT 0 CHECK (fetch BETWEEN 0 AND 2);

-- The sum of 1 (a file of ours), 2 (an address of the web) and 4 (another job's picture). Of what was queued
-- before nobody knows: it is sent as it was then.
ALTER TABLE tasks ADD COLUMN inputs INTEGER NOT NULL DEFAULT 0 CHECK (inputs BETWEEN 0 AND 7);
ALTER TABLE tasks ADD COLUMN fetch INTEGER NOT NULL DEFAULT 0 CHECK (fetch BETWEEN 0 AND 2);
ALTER TABLE tasks ADD COLUMN fetch_now INTEGER NOT NULL DEFAULT 0 CHECK (fetch_now IN (0, 1));

-- Why an answer brought fewer pictures than were asked for.
ALTER TABLE tasks ADD COLUMN shortfall TEXT NOT NULL DEFAULT '';

-- What a task is made from: purchases by their fingerprints, for which it waits.
CREATE TABLE sources (
  task   INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  source TEXT NOT NULL,
  PRIMARY KEY (task, source)
) STRICT, WITHOUT ROWID;

-- Where a picture lies at the provider, by its bytes; it is good for requests of the model and the account.
CREATE TABLE uploads (
  model   TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (model, sha256, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_at ON uploads (at);

-- Which file an address of the web was fetched into.
CREATE TABLE fetched (
  address TEXT PRIMARY KEY,
  file    TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
