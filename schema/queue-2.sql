-- From version 1 to 2: doubts that are settled, purchases that several jobs share, takes and refills, pictures
-- that are nobody's, and the ledger. OnDoubt: 0 adopt, 1 hold, 2 resubmit.

ALTER TABLE manifests ADD COLUMN on_doubt INTEGER NOT NULL DEFAULT 0 CHECK (on_doubt BETWEEN 0 AND 2);
ALTER TABLE manifests ADD COLUMN refill INTEGER NOT NULL DEFAULT 0 CHECK (refill IN (0, 1));

-- The drop that no file brought: orphans were taken by it.
INSERT INTO manifests (id, name, claim, source, sha256, taken_at, live) VALUES (0, 'orphans', '', '', '', 0, 1);

ALTER TABLE tasks ADD COLUMN possible_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN size TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN take INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tasks ADD COLUMN base TEXT NOT NULL DEFAULT '';      -- the fingerprint of its first take
ALTER TABLE tasks ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;   -- the job in whose name it is bought; 0: nobody's
ALTER TABLE tasks ADD COLUMN on_doubt INTEGER NOT NULL DEFAULT 0 CHECK (on_doubt BETWEEN 0 AND 2);
ALTER TABLE tasks ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1));
ALTER TABLE tasks ADD COLUMN orphan INTEGER NOT NULL DEFAULT 0 CHECK (orphan IN (0, 1));
ALTER TABLE tasks ADD COLUMN refill INTEGER NOT NULL DEFAULT 0 CHECK (refill IN (0, 1));
ALTER TABLE tasks ADD COLUMN refills INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;  -- of a refill, the task; else 0
ALTER TABLE tasks ADD COLUMN first INTEGER NOT NULL DEFAULT 1;

UPDATE tasks SET base = fingerprint, owner = ifnull((SELECT min(id) FROM jobs WHERE task = tasks.id), 0);

-- A database belongs to one account, and a task of the account to one row. (Emulators have given an id twice.)
UPDATE tasks SET task_id = '' WHERE task_id <> ''
  AND id NOT IN (SELECT max(id) FROM tasks WHERE task_id <> '' GROUP BY task_id);
CREATE UNIQUE INDEX tasks_id ON tasks (task_id) WHERE task_id <> '';
CREATE INDEX tasks_held ON tasks (id) WHERE state = 8;
CREATE INDEX tasks_known ON tasks (max(sent, accepted)) WHERE task_id <> '';
CREATE INDEX tasks_takes ON tasks (base, take) WHERE take > 1 AND parent = 0;
CREATE INDEX tasks_parent ON tasks (parent) WHERE parent <> 0;
CREATE INDEX tasks_orphans ON tasks (id) WHERE orphan = 1;

-- 0: not yet, 1: its own folder has the pictures, 2: they are there, but under another job's name. A job that
-- asks for what another drop brought is `arriving` like one that is known.
ALTER TABLE jobs ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0 CHECK (delivered BETWEEN 0 AND 2);
UPDATE jobs SET delivered = 1 WHERE (SELECT state FROM tasks WHERE id = jobs.task) = 5;
CREATE INDEX jobs_undelivered ON jobs (id) WHERE delivered = 2;

-- What each commit changed in the money of a task; nothing is ever taken out.
CREATE TABLE ledger (
  id        INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  task      INTEGER NOT NULL REFERENCES tasks,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_task ON ledger (task);

INSERT INTO ledger (at, task, reserved, spent, uncertain)
  SELECT max(queued, sent, accepted, finished, done), id, reserved, spent, uncertain FROM tasks
  WHERE reserved <> 0 OR spent <> 0 OR uncertain <> 0 ORDER BY 1, id;

-- Ids that tasks had before they were sent again: the account's list still shows them, and they are ours.
CREATE TABLE former_ids (
  task_id  TEXT PRIMARY KEY,
  task     INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  sent     INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  adopted  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX former_ids_task ON former_ids (task);
CREATE INDEX former_ids_known ON former_ids (max(sent, accepted));

-- Which orphans a held task may have bought.
CREATE TABLE candidates (
  task   INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  orphan INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  PRIMARY KEY (task, orphan)
) STRICT, WITHOUT ROWID;

CREATE INDEX candidates_orphan ON candidates (orphan);

-- What people asked for and what has had its effect.
CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
