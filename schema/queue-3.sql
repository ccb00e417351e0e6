-- From version 2 to 3: manifests that are dropped again with other jobs, requests and terms.
-- Priority: 0 high, 1 normal, 2 low.

ALTER TABLE manifests ADD COLUMN owner INTEGER NOT NULL DEFAULT -1;  -- a user id; -1: nobody knows
ALTER TABLE manifests ADD COLUMN partial INTEGER NOT NULL DEFAULT 0 CHECK (partial IN (0, 1));
ALTER TABLE manifests ADD COLUMN priority INTEGER NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 2);
ALTER TABLE manifests ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE manifests ADD COLUMN budget_pictures INTEGER NOT NULL DEFAULT -1;  -- -1: no cap, as the next two
ALTER TABLE manifests ADD COLUMN budget_cost INTEGER NOT NULL DEFAULT -1;
ALTER TABLE manifests ADD COLUMN max_failures INTEGER NOT NULL DEFAULT -1;
ALTER TABLE manifests ADD COLUMN max_failures_percent INTEGER NOT NULL DEFAULT 0
  CHECK (max_failures_percent IN (0, 1));
ALTER TABLE manifests ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE manifests ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE manifests ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;  -- that it newly buys, at most
ALTER TABLE manifests ADD COLUMN price INTEGER NOT NULL DEFAULT 0;     -- of all of them

CREATE INDEX manifests_name ON manifests (name, live);

-- The table of purchases anew, for SQLite cannot take a UNIQUE away: an index over a million random fingerprints
-- writes a page for each row that comes in. `fingerprints` stands in its place.
CREATE TABLE tasks_3 (
  id            INTEGER PRIMARY KEY,
  fingerprint   TEXT NOT NULL,
  taken         INTEGER NOT NULL REFERENCES manifests,  -- the drop that brought it
  model         TEXT NOT NULL,
  state         INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 8),
  due           INTEGER NOT NULL,
  answered      INTEGER NOT NULL DEFAULT 0,
  wanted        INTEGER NOT NULL,
  price         INTEGER NOT NULL,
  reserved      INTEGER NOT NULL DEFAULT 0,
  spent         INTEGER NOT NULL DEFAULT 0,
  uncertain     INTEGER NOT NULL DEFAULT 0,
  task_id       TEXT NOT NULL DEFAULT '',
  request_id    TEXT NOT NULL DEFAULT '',
  creates       INTEGER NOT NULL DEFAULT 0,
  failures      INTEGER NOT NULL DEFAULT 0,
  polls         INTEGER NOT NULL DEFAULT 0,
  misses        INTEGER NOT NULL DEFAULT 0,
  ask_again     INTEGER NOT NULL DEFAULT 0 CHECK (ask_again IN (0, 1)),
  unknown_since INTEGER NOT NULL DEFAULT 0,
  queued        INTEGER NOT NULL,
  sent          INTEGER NOT NULL DEFAULT 0,
  accepted      INTEGER NOT NULL DEFAULT 0,
  running       INTEGER NOT NULL DEFAULT 0,
  finished      INTEGER NOT NULL DEFAULT 0,
  done          INTEGER NOT NULL DEFAULT 0,
  submit_time   TEXT NOT NULL DEFAULT '',
  scheduled_time TEXT NOT NULL DEFAULT '',
  end_time      TEXT NOT NULL DEFAULT '',
  image_count   INTEGER NOT NULL DEFAULT 0,
  error_kind    INTEGER NOT NULL DEFAULT 2 CHECK (error_kind BETWEEN 0 AND 4),
  error_code    TEXT NOT NULL DEFAULT '',
  error_message TEXT NOT NULL DEFAULT '',
  error_retry_after INTEGER NOT NULL DEFAULT 0,
  error_every_lane  INTEGER NOT NULL DEFAULT 0 CHECK (error_every_lane IN (0, 1)),
  usage         TEXT NOT NULL DEFAULT '',
  document      TEXT NOT NULL DEFAULT '',
  possible_until INTEGER NOT NULL DEFAULT 0,
  size          TEXT NOT NULL DEFAULT '',
  take          INTEGER NOT NULL DEFAULT 1,
  base          TEXT NOT NULL DEFAULT '',      -- the fingerprint of its first take
  owner         INTEGER NOT NULL DEFAULT 0,    -- the job in whose name it is bought; 0: nobody's
  on_doubt      INTEGER NOT NULL DEFAULT 0 CHECK (on_doubt BETWEEN 0 AND 2),
  adopted       INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1)),
  orphan        INTEGER NOT NULL DEFAULT 0 CHECK (orphan IN (0, 1)),
  refill        INTEGER NOT NULL DEFAULT 0 CHECK (refill IN (0, 1)),
  refills       INTEGER NOT NULL DEFAULT 0,
  parent        INTEGER NOT NULL DEFAULT 0,    -- of a refill, the task; else 0
  first         INTEGER NOT NULL DEFAULT 1,
  rank          INTEGER NOT NULL DEFAULT 1 CHECK (rank BETWEEN 0 AND 2),  -- a priority
  deadline      INTEGER NOT NULL DEFAULT 0,
  -- The older purchase of its job, which has to be over or held first; 0: there is none.
  after         INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO tasks_3 SELECT *, 1, 0, 0 FROM tasks;
DROP TABLE tasks;
ALTER TABLE tasks_3 RENAME TO tasks;

CREATE INDEX tasks_queue ON tasks (model, rank, due, id, taken) WHERE state = 0;
CREATE INDEX tasks_active ON tasks (id) WHERE state BETWEEN 1 AND 4;
CREATE INDEX tasks_created ON tasks (model, max(sent, answered)) WHERE max(sent, answered) > 0;
CREATE INDEX tasks_taken ON tasks (taken, model);
CREATE UNIQUE INDEX tasks_id ON tasks (task_id) WHERE task_id <> '';
CREATE INDEX tasks_held ON tasks (id) WHERE state = 8;
CREATE INDEX tasks_known ON tasks (max(sent, accepted)) WHERE task_id <> '';
CREATE INDEX tasks_takes ON tasks (base, take) WHERE take > 1 AND parent = 0;
CREATE INDEX tasks_parent ON tasks (parent) WHERE parent <> 0;
CREATE INDEX tasks_orphans ON tasks (id) WHERE orphan = 1;
-- What never left costs nothing and was never replaced.
CREATE INDEX tasks_owner ON tasks (owner) WHERE state <> 0 OR creates > 0;

-- Which purchase has a fingerprint, by its first 16 digits. What an arriving drop brings is entered before it
-- becomes live, in this order: one after the other on the same page.
CREATE TABLE fingerprints (
  prefix TEXT NOT NULL,
  task   INTEGER NOT NULL,
  PRIMARY KEY (prefix, task)
) STRICT, WITHOUT ROWID;

INSERT INTO fingerprints SELECT substr(fingerprint, 1, 16), id FROM tasks ORDER BY 1, 2;
CREATE TRIGGER tasks_gone AFTER DELETE ON tasks BEGIN
  DELETE FROM fingerprints WHERE prefix = substr(old.fingerprint, 1, 16) AND task = old.id;
END;

-- The fingerprint that the manifest asks for; its task may be another take of it.
ALTER TABLE jobs ADD COLUMN asked TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN vars TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1));
-- What the arriving drop makes of it; NULL: it stays as it is.
ALTER TABLE jobs ADD COLUMN arriving_task INTEGER;
ALTER TABLE jobs ADD COLUMN arriving_asked TEXT;
ALTER TABLE jobs ADD COLUMN arriving_place TEXT;
ALTER TABLE jobs ADD COLUMN arriving_vars TEXT;

UPDATE jobs SET asked = (SELECT base FROM tasks WHERE id = jobs.task);

CREATE INDEX jobs_arriving_task ON jobs (arriving_task) WHERE arriving_task IS NOT NULL;
