-- From version 8 to 9: commands that are run when something has happened.

-- What has happened and is still to be told; written with what it tells of, and only where a command is set for it.
CREATE TABLE hooks (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: a row may go while its command runs
  id        TEXT NOT NULL,     -- what the command knows it by, however often it is run
  event     INTEGER NOT NULL CHECK (event BETWEEN 0 AND 3),  -- 0 job, 1 manifest, 2 failure, 3 stopped
  at        INTEGER NOT NULL,
  due       INTEGER NOT NULL,
  tries     INTEGER NOT NULL DEFAULT 0,
  manifest  TEXT NOT NULL DEFAULT '',
  job       TEXT NOT NULL DEFAULT '',
  task      INTEGER NOT NULL DEFAULT 0,
  account   TEXT NOT NULL DEFAULT '',
  models    TEXT NOT NULL DEFAULT '',  -- parted by line breaks
  held      INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
  code      TEXT NOT NULL DEFAULT '',
  message   TEXT NOT NULL DEFAULT '',
  done      INTEGER NOT NULL DEFAULT 0,
  failed    INTEGER NOT NULL DEFAULT 0,
  canceled  INTEGER NOT NULL DEFAULT 0,
  on_hold   INTEGER NOT NULL DEFAULT 0,
  pictures  INTEGER NOT NULL DEFAULT 0,
  spent     INTEGER NOT NULL DEFAULT 0,
  reserved  INTEGER NOT NULL DEFAULT 0,
  uncertain INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX hooks_due ON hooks (due, number);
