-- A queue as the eighth version of its tables kept it: what version 7 had, and a person who has reached his cap.
PRAGMA application_id = 0x77616e73;
PRAGMA user_version = 8;
BEGIN TRANSACTION;
CREATE TABLE candidates (
  task   INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  orphan INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  PRIMARY KEY (task, orphan)
) STRICT, WITHOUT ROWID;
CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE facts (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO facts VALUES('origin','emulator');
INSERT INTO facts VALUES('region','loopback');
CREATE TABLE fetched (
  address TEXT PRIMARY KEY,
  file    TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fingerprints (
  prefix TEXT NOT NULL,
  task   INTEGER NOT NULL,
  PRIMARY KEY (prefix, task)
) STRICT, WITHOUT ROWID;
INSERT INTO fingerprints VALUES('f1',1);
INSERT INTO fingerprints VALUES('f2',2);
INSERT INTO fingerprints VALUES('f3',3);
INSERT INTO fingerprints VALUES('f4',4);
INSERT INTO fingerprints VALUES('f5',5);
INSERT INTO fingerprints VALUES('f7',7);
INSERT INTO fingerprints VALUES('f8',8);
INSERT INTO fingerprints VALUES('f9',9);
INSERT INTO fingerprints VALUES('orphan:O',6);
CREATE TABLE IF NOT EXISTS "former_ids" (
  account  TEXT NOT NULL,
  task_id  TEXT NOT NULL,
  task     INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  sent     INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  adopted  INTEGER NOT NULL,
  PRIMARY KEY (account, task_id)
) STRICT, WITHOUT ROWID;
INSERT INTO former_ids VALUES('','former',4,1700000000500,1700000000600,0);
CREATE TABLE jobs (
  id            INTEGER PRIMARY KEY,
  manifest      TEXT NOT NULL,
  name          TEXT NOT NULL,
  task          INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  taken         INTEGER NOT NULL REFERENCES manifests,  -- the drop that named it last
  line          INTEGER NOT NULL,
  arriving      INTEGER REFERENCES manifests ON DELETE SET NULL,  -- the one that is about to name it again
  arriving_line INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0 CHECK (delivered BETWEEN 0 AND 2), asked TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '', vars TEXT NOT NULL DEFAULT '', retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)), arriving_task INTEGER, arriving_asked TEXT, arriving_place TEXT, arriving_vars TEXT, wish INTEGER NOT NULL DEFAULT 0 CHECK (wish BETWEEN 0 AND 2),
  UNIQUE (manifest, name)
) STRICT;
INSERT INTO jobs VALUES(1,'cats','1',1,1,3,NULL,0,1,'f1','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(2,'cats','2',2,1,4,NULL,0,0,'f2','','{"a":1}',0,NULL,NULL,NULL,NULL,1);
INSERT INTO jobs VALUES(3,'cats','3',3,1,5,NULL,0,0,'f3','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(4,'dogs','1',4,2,4,NULL,0,0,'f4','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(5,'dogs','2',5,2,5,NULL,0,0,'f5','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(6,'dogs','3',7,2,6,NULL,0,1,'f7','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(7,'cats','4',8,1,6,NULL,0,0,'f8','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(8,'dogs','4',9,2,7,NULL,0,0,'f9','','',0,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(9,'birds','1',2,3,1,NULL,0,0,'f2','','',0,NULL,NULL,NULL,NULL,1);
CREATE TABLE IF NOT EXISTS "lanes" (
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
INSERT INTO lanes VALUES('','wan2.6-image',1,1700086409000,1700086408000,2,'Throttling.RateQuota',5,2,7,1,0,1700086500000,4);
CREATE TABLE ledger (
  id        INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  task      INTEGER NOT NULL REFERENCES tasks,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL
, day TEXT NOT NULL DEFAULT '', pictures INTEGER NOT NULL DEFAULT 0, account TEXT NOT NULL DEFAULT '', submitter INTEGER NOT NULL DEFAULT -1) STRICT;
INSERT INTO ledger VALUES(1,1700000061000,1,0,200000,0,'2023-11-14',1,'',1000);
INSERT INTO ledger VALUES(2,1700000005000,5,400000,0,0,'2023-11-14',0,'',1001);
INSERT INTO ledger VALUES(3,1700086400000,5,-400000,0,400000,'2023-11-14',2,'',1001);
INSERT INTO ledger VALUES(4,1700086400000,4,400000,0,0,'2023-11-15',2,'',1001);
INSERT INTO ledger VALUES(5,1700086400000,6,0,200000,0,'2023-11-15',1,'',-1);
INSERT INTO ledger VALUES(6,1700086400000,7,0,0,0,'2023-11-15',2,'',1001);
INSERT INTO ledger VALUES(7,1700086405000,9,200000,0,0,'2023-11-15',1,'studio',1001);
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
, on_doubt INTEGER NOT NULL DEFAULT 0 CHECK (on_doubt BETWEEN 0 AND 2), refill INTEGER NOT NULL DEFAULT 0 CHECK (refill IN (0, 1)), owner INTEGER NOT NULL DEFAULT -1, partial INTEGER NOT NULL DEFAULT 0 CHECK (partial IN (0, 1)), priority INTEGER NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 2), deadline INTEGER NOT NULL DEFAULT 0, budget_pictures INTEGER NOT NULL DEFAULT -1, budget_cost INTEGER NOT NULL DEFAULT -1, max_failures INTEGER NOT NULL DEFAULT -1, max_failures_percent INTEGER NOT NULL DEFAULT 0
  CHECK (max_failures_percent IN (0, 1)), changed INTEGER NOT NULL DEFAULT 0, retired INTEGER NOT NULL DEFAULT 0, pictures INTEGER NOT NULL DEFAULT 0, price INTEGER NOT NULL DEFAULT 0, fetch INTEGER NOT NULL DEFAULT 0 CHECK (fetch BETWEEN 0 AND 2)) STRICT;
INSERT INTO manifests VALUES(0,'orphans','','','',0,1,0,0,0,0,0,-1,0,1,0,-1,-1,-1,0,0,0,0,0,0);
INSERT INTO manifests VALUES(1,'cats','0001-cats.yaml','cats.yaml','s',1700000000000,1,3,3,0,0,1,1000,0,0,0,-1,-1,-1,0,0,0,3,600000,0);
INSERT INTO manifests VALUES(2,'dogs','0002-dogs.yaml','dogs.yaml','t',1700000000000,1,2,2,0,0,1,1001,0,0,0,20,4000000,5,1,0,0,4,600000,0);
INSERT INTO manifests VALUES(3,'birds','0003-birds.yaml','birds.yaml','u',1700000000000,1,1,1,0,0,0,-1,0,1,0,-1,-1,-1,0,0,0,0,0,0);
CREATE TABLE outcomes (
  manifest TEXT PRIMARY KEY,
  done     INTEGER NOT NULL,
  failed   INTEGER NOT NULL,
  forgiven INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO outcomes VALUES('cats',1,1,0);
INSERT INTO outcomes VALUES('dogs',1,1,0);
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
INSERT INTO pictures VALUES(1,1,'',0,'image-1.png','sha',5,6,7,0,'');
INSERT INTO pictures VALUES(6,1,'',0,'image-1.png','sha',5,6,7,0,'');
INSERT INTO pictures VALUES(7,1,'',0,'image-1.png','sha',5,6,7,0,'');
INSERT INTO pictures VALUES(7,2,'',0,'image-2.png','sha',5,6,7,0,'');
CREATE TABLE requests (
  task INTEGER PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
  body TEXT NOT NULL
) STRICT;
INSERT INTO requests VALUES(1,'{}');
INSERT INTO requests VALUES(2,'{"prompt":"2"}');
INSERT INTO requests VALUES(3,'{}');
INSERT INTO requests VALUES(4,'{}');
INSERT INTO requests VALUES(5,'{}');
INSERT INTO requests VALUES(7,'{}');
INSERT INTO requests VALUES(8,'{}');
INSERT INTO requests VALUES(9,'{}');
CREATE TABLE IF NOT EXISTS "services" (
  account TEXT NOT NULL,
  model   TEXT NOT NULL,
  mode    TEXT NOT NULL,
  lately  TEXT NOT NULL,
  PRIMARY KEY (account, model, mode)
) STRICT, WITHOUT ROWID;
INSERT INTO services VALUES('','wan2.6-image','edit','61000 62000 63000');
CREATE TABLE sources (
  task   INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  source TEXT NOT NULL,
  PRIMARY KEY (task, source)
) STRICT, WITHOUT ROWID;
INSERT INTO sources VALUES(2,'f1');
CREATE TABLE IF NOT EXISTS "spending" (
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
INSERT INTO spending VALUES(0,'cats','','',1,0,200000,0);
INSERT INTO spending VALUES(0,'dogs','','',7,600000,0,400000);
INSERT INTO spending VALUES(1,'2023-11-14','','wan2.6-image',3,0,200000,400000);
INSERT INTO spending VALUES(1,'2023-11-15','','free',2,0,0,0);
INSERT INTO spending VALUES(1,'2023-11-15','','wan2.6-image',3,400000,200000,0);
INSERT INTO spending VALUES(1,'2023-11-15','studio','wan2.6-image',1,200000,0,0);
CREATE TABLE IF NOT EXISTS "stops" (
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
INSERT INTO stops VALUES(0,'dogs','*','',-2,6,-1,6,800000,0,0,0,0,0);
INSERT INTO stops VALUES(1,'','','',1001,5,0,5,600000,0,0,0,0,1700092800000);
INSERT INTO stops VALUES(1,'','*','',-2,3,-1,3,600000,0,0,0,0,1700092800000);
INSERT INTO stops VALUES(2,'','*','wan2.6-image',-2,-1,1000000,6,1200000,0,0,0,0,0);
CREATE TABLE submitters (
  day       TEXT NOT NULL,  -- "2026-11-23"
  submitter INTEGER NOT NULL,
  pictures  INTEGER NOT NULL,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL,
  PRIMARY KEY (day, submitter)
) STRICT, WITHOUT ROWID;
INSERT INTO submitters VALUES('2023-11-14',1000,1,0,200000,0);
INSERT INTO submitters VALUES('2023-11-14',1001,2,0,0,400000);
INSERT INTO submitters VALUES('2023-11-15',1001,5,600000,0,0);
CREATE TABLE IF NOT EXISTS "tallies" (
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
INSERT INTO tallies VALUES('free','',0,0,0,0,0,1,0,0,0,2,0,0,0);
INSERT INTO tallies VALUES('wan2.6-image','',1,0,0,1,0,2,2,1,0,2,400000,400000,400000);
INSERT INTO tallies VALUES('wan2.6-image','studio',0,0,1,0,0,0,0,0,0,0,200000,0,0);
CREATE TABLE IF NOT EXISTS "tasks" (
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
, inputs INTEGER NOT NULL DEFAULT 0 CHECK (inputs BETWEEN 0 AND 7), fetch INTEGER NOT NULL DEFAULT 0 CHECK (fetch BETWEEN 0 AND 2), fetch_now INTEGER NOT NULL DEFAULT 0 CHECK (fetch_now IN (0, 1)), shortfall TEXT NOT NULL DEFAULT '', mode TEXT NOT NULL DEFAULT '', day TEXT NOT NULL DEFAULT '', account TEXT NOT NULL DEFAULT '', paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)), cancel INTEGER NOT NULL DEFAULT 0 CHECK (cancel BETWEEN 0 AND 5), submitter INTEGER NOT NULL DEFAULT -1) STRICT;
INSERT INTO tasks VALUES(1,'f1',1,'wan2.6-image',5,1700000000000,0,1,200000,0,200000,0,'id-1','',1,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,1700000060000,1700000061000,'','','',1,2,'','',0,0,'','',0,'',1,'f1',1,0,0,0,0,0,0,1,0,0,0,0,0,0,'','','2023-11-14','',0,0,1000);
INSERT INTO tasks VALUES(2,'f2',1,'wan2.6-image',0,1700000000000,0,1,200000,0,0,0,'','',0,0,0,0,0,0,1700000000000,0,0,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'f2',2,0,0,0,1,0,0,1,0,0,0,0,0,0,'','','','',1,0,-1);
INSERT INTO tasks VALUES(3,'f3',1,'wan2.6-image',6,1700000000000,0,1,200000,0,0,0,'','',0,0,0,0,0,0,1700000000000,0,0,0,0,1700000002000,'','','',0,2,'InvalidParameter','no',0,0,'','',0,'',1,'f3',3,0,0,0,0,0,0,1,0,0,0,0,0,0,'','','','',0,0,-1);
INSERT INTO tasks VALUES(4,'f4',2,'wan2.6-image',3,1700000000000,0,2,200000,400000,0,0,'id-4','',1,0,0,0,0,0,1700000000000,1700086400000,1700086401000,1700086402000,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'f4',4,0,0,0,1,0,0,1,0,0,0,0,0,0,'','edit','2023-11-15','',0,0,1001);
INSERT INTO tasks VALUES(5,'f5',2,'wan2.6-image',6,1700000000000,0,2,200000,0,0,400000,'id-5','',1,0,0,0,0,0,1700000000000,1700000005000,1700000006000,0,0,1700086400000,'','','',0,2,'TaskUnknown','',0,0,'','',0,'',1,'f5',5,0,0,0,1,0,0,1,0,0,0,0,0,0,'','','2023-11-14','',0,0,1001);
INSERT INTO tasks VALUES(6,'orphan:O',0,'wan2.6-image',5,1700000000000,0,1,200000,0,200000,0,'O','',0,0,0,0,0,0,1700086400000,0,1700086400000,0,1700086400000,1700086400000,'','','',0,2,'','',0,0,'','',0,'',1,'orphan:O',0,0,0,1,1,0,0,1,0,0,0,0,0,0,'','','2023-11-15','',0,0,-1);
INSERT INTO tasks VALUES(7,'f7',2,'free',5,1700000000000,0,2,0,0,0,0,'id-7','',1,0,0,0,0,0,1700000000000,1700086400000,1700086400000,0,0,1700086400000,'','','',2,2,'','',0,0,'','',0,'',1,'f7',6,0,0,0,1,0,0,1,0,0,0,0,0,0,'','','2023-11-15','',0,0,1001);
INSERT INTO tasks VALUES(8,'f8',1,'wan2.6-image',7,1700000000000,0,1,200000,0,0,0,'','',0,0,0,0,0,0,1700000000000,0,0,0,0,1700000003000,'','','',0,2,'Canceled','its job was changed or is gone from the manifest',0,0,'','',0,'',1,'f8',7,0,0,0,0,0,0,1,1,0,0,0,0,0,'','','','',0,0,-1);
INSERT INTO tasks VALUES(9,'f9',2,'wan2.6-image',2,1700086409000,0,1,200000,200000,0,0,'id-4','',1,0,0,0,0,0,1700000000000,1700086405000,1700086406000,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'f9',8,0,0,0,0,0,0,1,1,0,0,0,0,0,'','','2023-11-15','studio',0,0,1001);
CREATE TABLE uploads (
  model   TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (model, sha256, account)
) STRICT, WITHOUT ROWID;
INSERT INTO uploads VALUES('wan2.6-image','sha','','oss://y',1700000001000);
INSERT INTO uploads VALUES('wan2.6-image','shb','','oss://z',1700000000000);
CREATE INDEX manifests_arriving ON manifests (id) WHERE live = 0;
CREATE INDEX jobs_order ON jobs (manifest, id);
CREATE INDEX jobs_task ON jobs (task);
CREATE INDEX jobs_taken ON jobs (taken);
CREATE INDEX jobs_arriving ON jobs (arriving) WHERE arriving IS NOT NULL;
CREATE INDEX ledger_task ON ledger (task);
CREATE INDEX candidates_orphan ON candidates (orphan);
CREATE INDEX manifests_name ON manifests (name, live);
CREATE INDEX tasks_active ON tasks (id) WHERE state BETWEEN 1 AND 4;
CREATE INDEX tasks_taken ON tasks (taken, model);
CREATE INDEX tasks_held ON tasks (id) WHERE state = 8;
CREATE INDEX tasks_known ON tasks (max(sent, accepted)) WHERE task_id <> '';
CREATE INDEX tasks_takes ON tasks (base, take) WHERE take > 1 AND parent = 0;
CREATE INDEX tasks_parent ON tasks (parent) WHERE parent <> 0;
CREATE INDEX tasks_orphans ON tasks (id) WHERE orphan = 1;
CREATE INDEX tasks_owner ON tasks (owner) WHERE state <> 0 OR creates > 0;
CREATE TRIGGER tasks_gone AFTER DELETE ON tasks BEGIN
  DELETE FROM fingerprints WHERE prefix = substr(old.fingerprint, 1, 16) AND task = old.id;
END;
CREATE INDEX jobs_arriving_task ON jobs (arriving_task) WHERE arriving_task IS NOT NULL;
CREATE INDEX uploads_at ON uploads (at);
CREATE INDEX manifests_deadline ON manifests (deadline) WHERE deadline > 0;
CREATE UNIQUE INDEX tasks_id ON tasks (account, task_id) WHERE task_id <> '';
CREATE INDEX tasks_created ON tasks (account, model, max(sent, answered)) WHERE max(sent, answered) > 0;
CREATE INDEX former_ids_task ON former_ids (task);
CREATE INDEX former_ids_known ON former_ids (max(sent, accepted));
CREATE INDEX tasks_queue ON tasks (model, rank, due, id, taken) WHERE state = 0 AND paused = 0;
CREATE INDEX tasks_lines ON tasks (model, rank, taken, due, id) WHERE state = 0 AND paused = 0;
CREATE INDEX tasks_paused ON tasks (id) WHERE state = 0 AND paused = 1;
CREATE INDEX tasks_failed ON tasks (id) WHERE state = 6;
CREATE INDEX jobs_paused ON jobs (manifest, id) WHERE wish = 1;
CREATE INDEX jobs_undelivered ON jobs (id) WHERE delivered = 2 AND wish <> 2;
COMMIT;
