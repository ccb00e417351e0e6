-- From version 7 to 8: what counts for which person.

-- Whose name it was that a task was bought in, as on its day: the user id of the owner of the manifest's name;
-- -1: nobody knows. An orphan's counts for no person.
ALTER TABLE tasks ADD COLUMN submitter INTEGER NOT NULL DEFAULT -1;
ALTER TABLE ledger ADD COLUMN submitter INTEGER NOT NULL DEFAULT -1;

UPDATE tasks SET submitter = ifnull((SELECT m.owner FROM jobs j JOIN manifests m ON m.name = j.manifest AND m.live = 1
    AND m.owner >= 0 WHERE j.id = tasks.owner ORDER BY m.id LIMIT 1), -1)
  WHERE day <> '' AND orphan = 0;
UPDATE ledger SET submitter = ifnull((SELECT submitter FROM tasks WHERE id = ledger.task), -1);

-- Sums that each person's cap is held against, kept like those of days.
CREATE TABLE submitters (
  day       TEXT NOT NULL,  -- "2026-11-23"
  submitter INTEGER NOT NULL,
  pictures  INTEGER NOT NULL,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL,
  PRIMARY KEY (day, submitter)
) STRICT, WITHOUT ROWID;

INSERT INTO submitters SELECT l.day, l.submitter, sum(l.pictures), sum(l.reserved), sum(l.spent), sum(l.uncertain)
  FROM ledger l JOIN tasks t ON t.id = l.task WHERE t.orphan = 0 GROUP BY l.day, l.submitter;

CREATE TABLE stops_8 (
  scope        INTEGER NOT NULL CHECK (scope BETWEEN 0 AND 3),
  manifest     TEXT NOT NULL,
  account      TEXT NOT NULL,
  model        TEXT NOT NULL,
  submitter    INTEGER NOT NULL,  -- -2: it is no person's cap
  cap_pictures INTEGER NOT NULL,
  cap_cost     INTEGER NOT NULL,
  pictures     INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  finished     INTEGER NOT NULL,
  most         INTEGER NOT NULL,
  percent      INTEGER NOT NULL CHECK (percent IN (0, 1)),
  until        INTEGER NOT NULL,
  PRIMARY KEY (scope, manifest, account, model, submitter)
) STRICT, WITHOUT ROWID;

INSERT INTO stops_8 SELECT scope, manifest, account, model, -2, cap_pictures, cap_cost, pictures, cost, failed,
  finished, most, percent, until FROM stops;
DROP TABLE stops;
ALTER TABLE stops_8 RENAME TO stops;
