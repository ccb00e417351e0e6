-- The queue. Instants are milliseconds since 1970 (0: never), money is millionths of its currency, enums are
-- the positions in src/core (State: 0 queued, 1 submitting, 2 submitted, 3 running, 4 downloading, 5 done,
-- 6 failed, 7 canceled, 8 held).

-- One row for each drop of a manifest; what an arriving one (live = 0) brings is invisible.
CREATE TABLE manifests (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  claim    TEXT NOT NULL UNIQUE,
  source   TEXT NOT NULL,
  sha256   TEXT NOT NULL,
  taken_at INTEGER NOT NULL,
  live     INTEGER NOT NULL DEFAULT 0 CHECK (live IN (0, 1)),
  jobs     INTEGER NOT NULL DEFAULT 0,
  fresh    INTEGER NOT NULL DEFAULT 0,
  again    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX manifests_arriving ON manifests (id) WHERE live = 0;

-- What is bought: one row for each fingerprint, whatever name it is wanted under.
CREATE TABLE tasks (
  id            INTEGER PRIMARY KEY,
  fingerprint   TEXT NOT NULL UNIQUE,
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
  document      TEXT NOT NULL DEFAULT ''
) STRICT;

-- `taken` is in it so that what is arriving is passed over without reading its rows.
CREATE INDEX tasks_queue ON tasks (model, due, id, taken) WHERE state = 0;
CREATE INDEX tasks_active ON tasks (id) WHERE state BETWEEN 1 AND 4;
CREATE INDEX tasks_created ON tasks (model, max(sent, answered)) WHERE max(sent, answered) > 0;
CREATE INDEX tasks_taken ON tasks (taken, model);

-- The bodies of creates, apart so that the rows of every turn stay small.
CREATE TABLE requests (
  task INTEGER PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE pictures (
  task    INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  number  INTEGER NOT NULL,
  url     TEXT NOT NULL,
  expires INTEGER NOT NULL,
  file    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  bytes   INTEGER NOT NULL,
  width   INTEGER NOT NULL,
  height  INTEGER NOT NULL,
  tries   INTEGER NOT NULL,
  lost    TEXT NOT NULL,
  PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;

-- Who wants it, under which name.
CREATE TABLE jobs (
  id            INTEGER PRIMARY KEY,
  manifest      TEXT NOT NULL,
  name          TEXT NOT NULL,
  task          INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  taken         INTEGER NOT NULL REFERENCES manifests,  -- the drop that named it last
  line          INTEGER NOT NULL,
  arriving      INTEGER REFERENCES manifests ON DELETE SET NULL,  -- the one that is about to name it again
  arriving_line INTEGER NOT NULL DEFAULT 0,
  UNIQUE (manifest, name)
) STRICT;

CREATE INDEX jobs_order ON jobs (manifest, id);
CREATE INDEX jobs_task ON jobs (task);
CREATE INDEX jobs_taken ON jobs (taken);
CREATE INDEX jobs_arriving ON jobs (arriving) WHERE arriving IS NOT NULL;

-- Sums over the tasks of live manifests, kept in the transaction that changes a task: nobody counts the queue.
CREATE TABLE tallies (
  model       TEXT PRIMARY KEY,
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
  uncertain   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lanes (
  model  TEXT PRIMARY KEY,
  kind   INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
  until  INTEGER NOT NULL,
  since  INTEGER NOT NULL,
  misses INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
