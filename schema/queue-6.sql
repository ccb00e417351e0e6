-- From version 5 to 6: several accounts. One is known by its name in the configuration; '' is the main one, to which
-- all belongs that was there before, and the account of what nobody has sent yet.

ALTER TABLE tasks ADD COLUMN account TEXT NOT NULL DEFAULT '';

-- Each account gives its own ids.
DROP INDEX tasks_id;
CREATE UNIQUE INDEX tasks_id ON tasks (account, task_id) WHERE task_id <> '';
DROP INDEX tasks_created;
CREATE INDEX tasks_created ON tasks (account, model, max(sent, answered)) WHERE max(sent, answered) > 0;

CREATE TABLE former_ids_6 (
  account  TEXT NOT NULL,
  task_id  TEXT NOT NULL,
  task     INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  sent     INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  adopted  INTEGER NOT NULL,
  PRIMARY KEY (account, task_id)
) STRICT, WITHOUT ROWID;

INSERT INTO former_ids_6 SELECT '', task_id, task, sent, accepted, adopted FROM former_ids;
DROP TABLE former_ids;
ALTER TABLE former_ids_6 RENAME TO former_ids;
CREATE INDEX former_ids_task ON former_ids (task);
CREATE INDEX former_ids_known ON former_ids (max(sent, accepted));

-- An entry counts under the account that its task had then, as on its day.
ALTER TABLE ledger ADD COLUMN account TEXT NOT NULL DEFAULT '';

CREATE TABLE tallies_6 (
  model       TEXT NOT NULL,
  account     TEXT NOT NULL,
  queued      INTEGER NOT NULL,
  submitting  INTEGER NOT NULL,
  submitted   INTEGER NOT NULL,
  running     INTEGER NOT NULL,
  downloading INTEGER NOT NULL,
  done        INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  canceled    INTEGER NOT NULL,
  held        INTEGER NOT NULL,
  pictures    INTEGER NOT NULL,
  reserved    INTEGER NOT NULL,
  spent       INTEGER NOT NULL,
  uncertain   INTEGER NOT NULL,
  PRIMARY KEY (model, account)
) STRICT, WITHOUT ROWID;

INSERT INTO tallies_6 SELECT model, '', queued, submitting, submitted, running, downloading, done, failed, canceled,
  held, pictures, reserved, spent, uncertain FROM tallies;
DROP TABLE tallies;
ALTER TABLE tallies_6 RENAME TO tallies;

CREATE TABLE lanes_6 (
  account  TEXT NOT NULL,
  model    TEXT NOT NULL,
  kind     INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
  until    INTEGER NOT NULL,
  since    INTEGER NOT NULL,
  misses   INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  slots    INTEGER NOT NULL DEFAULT 0,
  surplus  INTEGER NOT NULL DEFAULT 0,
  most     INTEGER NOT NULL DEFAULT 0,
  refusals INTEGER NOT NULL DEFAULT 0,
  below    INTEGER NOT NULL DEFAULT 0,
  again    INTEGER NOT NULL DEFAULT 0,
  creates  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, model)
) STRICT, WITHOUT ROWID;

INSERT INTO lanes_6 SELECT '', model, kind, until, since, misses, reason, slots, surplus, most, refusals, below,
  again, creates FROM lanes;
DROP TABLE lanes;
ALTER TABLE lanes_6 RENAME TO lanes;

CREATE TABLE services_6 (
  account TEXT NOT NULL,
  model   TEXT NOT NULL,
  mode    TEXT NOT NULL,
  lately  TEXT NOT NULL,
  PRIMARY KEY (account, model, mode)
) STRICT, WITHOUT ROWID;

INSERT INTO services_6 SELECT '', model, mode, lately FROM services;
DROP TABLE services;
ALTER TABLE services_6 RENAME TO services;

-- For manifests both account and model are ''.
CREATE TABLE spending_6 (
  scope     INTEGER NOT NULL CHECK (scope IN (0, 1)),  -- 0 a manifest, 1 a day
  key       TEXT NOT NULL,                             -- its name; "2026-11-23"
  account   TEXT NOT NULL,
  model     TEXT NOT NULL,
  pictures  INTEGER NOT NULL,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL,
  PRIMARY KEY (scope, key, account, model)
) STRICT, WITHOUT ROWID;

INSERT INTO spending_6 SELECT scope, key, '', model, pictures, reserved, spent, uncertain FROM spending;
DROP TABLE spending;
ALTER TABLE spending_6 RENAME TO spending;

CREATE TABLE stops_6 (
  scope        INTEGER NOT NULL CHECK (scope BETWEEN 0 AND 3),
  manifest     TEXT NOT NULL,
  account      TEXT NOT NULL,  -- '*': all of them together
  model        TEXT NOT NULL,
  cap_pictures INTEGER NOT NULL,
  cap_cost     INTEGER NOT NULL,
  pictures     INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  finished     INTEGER NOT NULL,
  most         INTEGER NOT NULL,
  percent      INTEGER NOT NULL CHECK (percent IN (0, 1)),
  until        INTEGER NOT NULL,
  PRIMARY KEY (scope, manifest, account, model)
) STRICT, WITHOUT ROWID;

INSERT INTO stops_6 SELECT scope, manifest, '*', model, cap_pictures, cap_cost, pictures, cost, failed, finished,
  most, percent, until FROM stops;
DROP TABLE stops;
ALTER TABLE stops_6 RENAME TO stops;

-- What lies at the provider by the provider's own name of the account lies there under the main one.
DELETE FROM uploads WHERE EXISTS (SELECT 1 FROM uploads o WHERE o.model = uploads.model AND o.sha256 = uploads.sha256
  AND (o.at, o.account) > (uploads.at, uploads.account));
UPDATE uploads SET account = '';
