-- From version 4 to 5: what is learned of an account outlives a stop, what counts against caps, and what stops.

-- Of a lane's controller: the slots that the rest was learned for, tasks kept beyond them, after how many one
-- was refused (0: never), such refusals in a row beyond the slots and below them, when one more is tried, and creates in a window where a
-- refusal has brought them down (0: as many as the limits say).
ALTER TABLE lanes ADD COLUMN slots INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN surplus INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN most INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN below INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN creates INTEGER NOT NULL DEFAULT 0;

-- The mode of a model's row; tasks of one mode take about as long. Of older ones nobody knows it.
ALTER TABLE tasks ADD COLUMN mode TEXT NOT NULL DEFAULT '';

-- How long tasks have lately been worked on: milliseconds with spaces between them, oldest first.
CREATE TABLE services (
  model  TEXT NOT NULL,
  mode   TEXT NOT NULL,
  lately TEXT NOT NULL,
  PRIMARY KEY (model, mode)
) STRICT, WITHOUT ROWID;

-- What waits, drop by drop.
CREATE INDEX tasks_lines ON tasks (model, rank, taken, due, id) WHERE state = 0;

-- The day on which its money is counted, "2026-11-23" where days turn as the configuration says: that of its
-- last reservation. A task that was reserved before this version counts on its day by UTC.
ALTER TABLE tasks ADD COLUMN day TEXT NOT NULL DEFAULT '';

UPDATE tasks SET day = date(CASE WHEN sent > 0 THEN sent ELSE max(accepted, queued) END / 1000, 'unixepoch')
  WHERE creates > 0 OR orphan = 1 OR reserved <> 0 OR spent <> 0 OR uncertain <> 0;

-- An entry counts on the day that its task had then. Pictures: how many more count against caps.
ALTER TABLE ledger ADD COLUMN day TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;

-- What costs nothing has moved no money, and its pictures count.
INSERT INTO ledger (at, task, reserved, spent, uncertain)
  SELECT max(queued, sent, accepted, finished, done), id, 0, 0, 0 FROM tasks
  WHERE price <= 0 AND state NOT IN (0, 7) AND NOT EXISTS (SELECT 1 FROM ledger WHERE task = tasks.id)
  ORDER BY 1, id;
UPDATE ledger SET day = (SELECT day FROM tasks WHERE id = ledger.task);
UPDATE ledger SET pictures = (
    SELECT CASE WHEN price > 0 THEN (reserved + spent + uncertain + price - 1) / price
      WHEN state IN (1, 2, 3, 8) THEN wanted WHEN state IN (4, 5, 6) THEN image_count ELSE 0 END
    FROM tasks WHERE id = ledger.task)
  WHERE id IN (SELECT max(id) FROM ledger GROUP BY task);

-- Sums that caps are held against, kept in the transaction that changes a task. A task's money counts for the
-- manifest in whose name it is bought and, on the day it was reserved, for its model; an orphan's for no
-- manifest.
CREATE TABLE spending (
  scope     INTEGER NOT NULL CHECK (scope IN (0, 1)),  -- 0 a manifest, 1 a day
  key       TEXT NOT NULL,                             -- its name; "2026-11-23"
  model     TEXT NOT NULL,                             -- '' for a manifest
  pictures  INTEGER NOT NULL,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL,
  PRIMARY KEY (scope, key, model)
) STRICT, WITHOUT ROWID;

INSERT INTO spending SELECT 0, j.manifest, '', sum(l.pictures), sum(l.reserved), sum(l.spent), sum(l.uncertain)
  FROM ledger l JOIN tasks t ON t.id = l.task JOIN jobs j ON j.id = t.owner GROUP BY j.manifest;
INSERT INTO spending SELECT 1, l.day, t.model, sum(l.pictures), sum(l.reserved), sum(l.spent), sum(l.uncertain)
  FROM ledger l JOIN tasks t ON t.id = l.task GROUP BY l.day, t.model;

-- Jobs that are over, by manifest, and how many failed ones a person has forgiven. Refills are no jobs.
CREATE TABLE outcomes (
  manifest TEXT PRIMARY KEY,
  done     INTEGER NOT NULL,
  failed   INTEGER NOT NULL,
  forgiven INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO outcomes (manifest, done, failed)
  SELECT j.manifest, sum(t.state = 5), sum(t.state = 6) FROM tasks t JOIN jobs j ON j.id = t.owner
  WHERE t.state IN (5, 6) AND t.parent = 0 GROUP BY j.manifest;

-- Which cap keeps jobs from being bought, as the program saw it last.
-- Scope: 0 a manifest's budget, 1 a day, 2 a month, 3 a manifest's failures.
CREATE TABLE stops (
  scope        INTEGER NOT NULL CHECK (scope BETWEEN 0 AND 3),
  manifest     TEXT NOT NULL,
  model        TEXT NOT NULL,
  cap_pictures INTEGER NOT NULL,  -- -1: it is not this that is too little, as the next one
  cap_cost     INTEGER NOT NULL,
  pictures     INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  finished     INTEGER NOT NULL,
  most         INTEGER NOT NULL,
  percent      INTEGER NOT NULL CHECK (percent IN (0, 1)),
  until        INTEGER NOT NULL,  -- 0: until a person helps
  PRIMARY KEY (scope, manifest, model)
) STRICT, WITHOUT ROWID;

-- When the next manifest's jobs are not wanted any more.
CREATE INDEX manifests_deadline ON manifests (deadline) WHERE deadline > 0;
