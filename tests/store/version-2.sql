-- A queue as the second version of its tables kept it: a row for each state, another take, a shared purchase,
-- an orphan that may be a held task's, and a manifest that was arriving again.
PRAGMA application_id = 0x77616e73;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE candidates (
  task   INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  orphan INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  PRIMARY KEY (task, orphan)
) STRICT, WITHOUT ROWID;
INSERT INTO "candidates" VALUES(10,15);
CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "commands" VALUES('redo-1',1700000009000);
CREATE TABLE facts (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('origin','emulator');
INSERT INTO "facts" VALUES('region','loopback');
CREATE TABLE former_ids (
  task_id  TEXT PRIMARY KEY,
  task     INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  sent     INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  adopted  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "former_ids" VALUES('former',4,1700000000500,1700000000600,0);
CREATE TABLE jobs (
  id            INTEGER PRIMARY KEY,
  manifest      TEXT NOT NULL,
  name          TEXT NOT NULL,
  task          INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  taken         INTEGER NOT NULL REFERENCES manifests,  -- the drop that named it last
  line          INTEGER NOT NULL,
  arriving      INTEGER REFERENCES manifests ON DELETE SET NULL,  -- the one that is about to name it again
  arriving_line INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0 CHECK (delivered BETWEEN 0 AND 2),
  UNIQUE (manifest, name)
) STRICT;
INSERT INTO "jobs" VALUES(1,'cats','1',1,1,1,4,3,0);
INSERT INTO "jobs" VALUES(2,'cats','2',2,1,2,NULL,0,0);
INSERT INTO "jobs" VALUES(3,'cats','3',3,1,3,NULL,0,0);
INSERT INTO "jobs" VALUES(4,'cats','4',4,1,4,NULL,0,0);
INSERT INTO "jobs" VALUES(5,'cats','5',5,1,5,NULL,0,0);
INSERT INTO "jobs" VALUES(6,'cats','6',6,1,6,NULL,0,1);
INSERT INTO "jobs" VALUES(7,'cats','7',7,1,7,NULL,0,1);
INSERT INTO "jobs" VALUES(8,'cats','8',13,1,8,NULL,0,0);
INSERT INTO "jobs" VALUES(9,'cats','9',9,1,9,NULL,0,0);
INSERT INTO "jobs" VALUES(10,'cats','10',10,1,10,NULL,0,0);
INSERT INTO "jobs" VALUES(11,'dogs','11',11,2,11,NULL,0,0);
INSERT INTO "jobs" VALUES(12,'cats','12',12,1,12,NULL,0,0);
INSERT INTO "jobs" VALUES(14,'ants','14',14,3,1,NULL,0,0);
INSERT INTO "jobs" VALUES(15,'ants','6',6,3,2,NULL,0,2);
CREATE TABLE lanes (
  model  TEXT PRIMARY KEY,
  kind   INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
  until  INTEGER NOT NULL,
  since  INTEGER NOT NULL,
  misses INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "lanes" VALUES('wan2.6-image',1,1700000009000,1700000008000,2,'Throttling.RateQuota');
CREATE TABLE ledger (
  id        INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  task      INTEGER NOT NULL REFERENCES tasks,
  reserved  INTEGER NOT NULL,
  spent     INTEGER NOT NULL,
  uncertain INTEGER NOT NULL
) STRICT;
INSERT INTO "ledger" VALUES(1,1700000001000,2,400000,0,0);
INSERT INTO "ledger" VALUES(2,1700000001000,10,400000,0,0);
INSERT INTO "ledger" VALUES(3,1700000001500,3,400000,0,0);
INSERT INTO "ledger" VALUES(4,1700000001500,4,400000,0,0);
INSERT INTO "ledger" VALUES(5,1700000060000,5,0,400000,0);
INSERT INTO "ledger" VALUES(6,1700000061000,6,0,400000,0);
INSERT INTO "ledger" VALUES(7,1700086400000,7,0,200000,0);
INSERT INTO "ledger" VALUES(8,1700090000000,12,0,0,400000);
INSERT INTO "ledger" VALUES(9,1700000009000,15,400000,0,0);
INSERT INTO "ledger" VALUES(10,1700000009000,10,-400000,0,0);
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
, on_doubt INTEGER NOT NULL DEFAULT 0 CHECK (on_doubt BETWEEN 0 AND 2), refill INTEGER NOT NULL DEFAULT 0 CHECK (refill IN (0, 1))) STRICT;
INSERT INTO "manifests" VALUES(0,'orphans','','','',0,1,0,0,0,0,0);
INSERT INTO "manifests" VALUES(1,'cats','0001-cats.yaml','cats.yaml','sha-1',1700000000000,1,10,10,0,0,0);
INSERT INTO "manifests" VALUES(2,'dogs','0002-dogs.yaml','dogs.yaml','sha-2',1700000005000,0,1,1,0,0,0);
INSERT INTO "manifests" VALUES(3,'ants','0003-ants.yaml','ants.yaml','sha-3',1700000006000,1,2,1,0,2,1);
INSERT INTO "manifests" VALUES(4,'cats','0004-cats.yaml','cats.yaml','sha-4',1700000007000,0,1,0,0,0,0);
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
INSERT INTO "pictures" VALUES(5,1,'',1700086400000,'image-1.png','sha-of-5-1',1000,8,9,0,'');
INSERT INTO "pictures" VALUES(5,2,'https://example.com/2.png',1700086400000,'','',0,0,0,0,'');
INSERT INTO "pictures" VALUES(6,1,'',1700086400000,'image-1.png','sha-of-6-1',1000,8,9,0,'');
INSERT INTO "pictures" VALUES(6,2,'',1700086400000,'image-2.png','sha-of-6-2',1000,8,9,0,'');
INSERT INTO "pictures" VALUES(7,1,'',1700086400000,'image-1.png','sha-of-7-1',1000,8,9,0,'');
CREATE TABLE requests (
  task INTEGER PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
  body TEXT NOT NULL
) STRICT;
INSERT INTO "requests" VALUES(1,'{"prompt":"1"}');
INSERT INTO "requests" VALUES(2,'{"prompt":"2"}');
INSERT INTO "requests" VALUES(3,'{"prompt":"3"}');
INSERT INTO "requests" VALUES(4,'{"prompt":"4"}');
INSERT INTO "requests" VALUES(5,'{"prompt":"5"}');
INSERT INTO "requests" VALUES(6,'{"prompt":"6"}');
INSERT INTO "requests" VALUES(7,'{"prompt":"7"}');
INSERT INTO "requests" VALUES(8,'{"prompt":"8"}');
INSERT INTO "requests" VALUES(9,'{"prompt":"9"}');
INSERT INTO "requests" VALUES(10,'{"prompt":"10"}');
INSERT INTO "requests" VALUES(11,'{"prompt":"11"}');
INSERT INTO "requests" VALUES(12,'{"prompt":"12"}');
INSERT INTO "requests" VALUES(13,'{"take":2}');
INSERT INTO "requests" VALUES(14,'{}');
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
INSERT INTO "tallies" VALUES('wan2.6-image',3,1,2,1,1,2,1,1,1,4,1600000,1000000,0);
INSERT INTO "tallies" VALUES('wan2.6-t2i',0,0,0,0,0,0,1,0,0,0,0,0,400000);
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
, possible_until INTEGER NOT NULL DEFAULT 0, size TEXT NOT NULL DEFAULT '', take INTEGER NOT NULL DEFAULT 1, base TEXT NOT NULL DEFAULT '', owner INTEGER NOT NULL DEFAULT 0, on_doubt INTEGER NOT NULL DEFAULT 0 CHECK (on_doubt BETWEEN 0 AND 2), adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1)), orphan INTEGER NOT NULL DEFAULT 0 CHECK (orphan IN (0, 1)), refill INTEGER NOT NULL DEFAULT 0 CHECK (refill IN (0, 1)), refills INTEGER NOT NULL DEFAULT 0, parent INTEGER NOT NULL DEFAULT 0, first INTEGER NOT NULL DEFAULT 1) STRICT;
INSERT INTO "tasks" VALUES(1,'fingerprint-1',1,'wan2.6-image',0,1700000000001,0,2,200000,0,0,0,'','',0,0,0,0,0,0,1700000000000,0,0,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'fingerprint-1',1,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(2,'fingerprint-2',1,'wan2.6-image',1,1700000000002,0,2,200000,400000,0,0,'','',1,0,0,0,0,0,1700000000000,1700000001000,0,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'fingerprint-2',2,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(3,'fingerprint-3',1,'wan2.6-image',2,1700000000003,1700000001500,2,200000,400000,0,0,'id-3','r-3',1,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'fingerprint-3',3,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(4,'fingerprint-4',1,'wan2.6-image',3,1700000000004,1700000001500,2,200000,400000,0,0,'id-4','r-4',1,0,2,0,0,0,1700000000000,1700000001000,1700000001500,1700000003000,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'fingerprint-4',4,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(5,'fingerprint-5',1,'wan2.6-image',4,1700000000005,1700000001500,2,200000,0,400000,0,'id-5','r-5',1,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,1700000060000,0,'2023-11-15 06:13:21.500','','',2,2,'','',0,0,'{"image_count":2}','',0,'',1,'fingerprint-5',5,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(6,'fingerprint-6',1,'wan2.6-image',5,1700000000006,1700000001500,2,200000,0,400000,0,'','r-6',1,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,1700000060000,1700000061000,'2023-11-15 06:13:21.500','','2023-11-15 06:14:20.000',2,2,'','',0,0,'{"image_count":2}','',0,'',1,'fingerprint-6',6,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(7,'fingerprint-7',1,'wan2.6-image',5,1700000000007,1700000001500,2,200000,0,200000,0,'id-6','r-7',1,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,1700000060000,1700086400000,'2023-11-15 06:13:21.500','','',1,2,'','',0,0,'{"image_count":2}','A recipe

![image 1](image-1.png)

',0,'',1,'fingerprint-7',7,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(8,'fingerprint-8',1,'wan2.6-image',6,1700000000008,1700000001200,2,200000,0,0,0,'','',1,0,0,0,0,0,1700000000000,1700000001000,0,0,0,1700000001200,'','','',0,2,'InvalidParameter','it''s wrong',0,0,'','',0,'',1,'fingerprint-8',8,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(9,'fingerprint-9',1,'wan2.6-image',7,1700000000009,0,2,200000,0,0,0,'id-9','',0,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,0,1700000002000,'','','',0,2,'Canceled','',0,0,'','',0,'',1,'fingerprint-9',9,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(10,'fingerprint-10',1,'wan2.6-image',8,1700000000010,1700000031000,2,200000,0,0,0,'','r-10',1,0,0,0,0,0,1700000000000,1700000001000,0,0,0,0,'','','',0,3,'Unanswered','no answer',0,0,'','',1700000031000,'',1,'fingerprint-10',10,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(11,'fingerprint-11',2,'wan2.6-image',0,1700000000011,0,2,200000,0,0,0,'','',0,0,0,0,0,0,1700000000000,0,0,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'fingerprint-11',11,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(12,'fingerprint-12',1,'wan2.6-t2i',6,1700000000012,1700000001500,2,200000,0,0,400000,'id-12','',1,0,0,0,0,0,1700000000000,1700000001000,1700000001500,0,0,1700090000000,'','','',0,2,'TaskUnknown','',0,0,'','',0,'',1,'fingerprint-12',12,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(13,'fingerprint-8-2',1,'wan2.6-image',0,1700000009000,0,2,200000,0,0,0,'','',0,0,0,0,0,0,1700000009000,0,0,0,0,0,'','','',0,2,'','',0,0,'','',0,'8*9',2,'fingerprint-8',8,0,0,0,0,0,0,1);
INSERT INTO "tasks" VALUES(14,'fingerprint-14',3,'wan2.6-image',0,1700000006000,0,2,200000,0,0,0,'','',0,0,0,0,0,0,1700000006000,0,0,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'fingerprint-14',14,2,0,0,1,0,0,1);
INSERT INTO "tasks" VALUES(15,'orphan:O',0,'wan2.6-image',2,1700000009000,0,2,200000,400000,0,0,'O','',0,0,0,0,0,0,1700000009000,0,1700000009000,0,0,0,'','','',0,2,'','',0,0,'','',0,'',1,'orphan:O',0,0,0,1,0,0,0,1);
CREATE INDEX manifests_arriving ON manifests (id) WHERE live = 0;
CREATE INDEX tasks_queue ON tasks (model, due, id, taken) WHERE state = 0;
CREATE INDEX tasks_active ON tasks (id) WHERE state BETWEEN 1 AND 4;
CREATE INDEX tasks_created ON tasks (model, max(sent, answered)) WHERE max(sent, answered) > 0;
CREATE INDEX tasks_taken ON tasks (taken, model);
CREATE INDEX jobs_order ON jobs (manifest, id);
CREATE INDEX jobs_task ON jobs (task);
CREATE INDEX jobs_taken ON jobs (taken);
CREATE INDEX jobs_arriving ON jobs (arriving) WHERE arriving IS NOT NULL;
CREATE UNIQUE INDEX tasks_id ON tasks (task_id) WHERE task_id <> '';
CREATE INDEX tasks_held ON tasks (id) WHERE state = 8;
CREATE INDEX tasks_known ON tasks (max(sent, accepted)) WHERE task_id <> '';
CREATE INDEX tasks_takes ON tasks (base, take) WHERE take > 1 AND parent = 0;
CREATE INDEX tasks_parent ON tasks (parent) WHERE parent <> 0;
CREATE INDEX tasks_orphans ON tasks (id) WHERE orphan = 1;
CREATE INDEX jobs_undelivered ON jobs (id) WHERE delivered = 2;
CREATE INDEX ledger_task ON ledger (task);
CREATE INDEX former_ids_task ON former_ids (task);
CREATE INDEX former_ids_known ON former_ids (max(sent, accepted));
CREATE INDEX candidates_orphan ON candidates (orphan);
COMMIT;
