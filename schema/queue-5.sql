-- From version 4 to 5: what is learned of an account and its tasks outlives a stop.

-- Of a lane's controller: the slots that the rest was learned for, tasks kept beyond them, after how many one
-- was refused (0: never), such refusals in a row, when one more is tried, and creates in a window where a
-- refusal has brought them down (0: as many as the limits say).
ALTER TABLE lanes ADD COLUMN slots INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN surplus INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN most INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
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
