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

ALTER TABLE tasks ADD COLUMN rank INTEGER NOT NULL DEFAULT 1 CHECK (rank BETWEEN 0 AND 2);  -- a priority
ALTER TABLE tasks ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0;
-- The older purchase of its job, which has to be over or held first; 0: there is none.
ALTER TABLE tasks ADD COLUMN after INTEGER NOT NULL DEFAULT 0;

DROP INDEX tasks_queue;
CREATE INDEX tasks_queue ON tasks (model, rank, due, id, taken) WHERE state = 0;
-- What never left costs nothing and was never replaced.
CREATE INDEX tasks_owner ON tasks (owner) WHERE state <> 0 OR creates > 0;

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
