-- From version 6 to 7: what people ask of single jobs.

-- What a person has said of a job last. 0: nothing, it is wanted; 1: it is paused; 2: it is canceled, and its purchase
-- is left to the others that want it.
ALTER TABLE jobs ADD COLUMN wish INTEGER NOT NULL DEFAULT 0 CHECK (wish BETWEEN 0 AND 2);

-- Of a purchase: all jobs that want it are paused. It stays out of the line however many go before it.
ALTER TABLE tasks ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
-- How a cancel of what was sent stands. 0 none, 1 to be asked for, 2 asked in vain, 3 taken, 4 too late, 5 taken back.
ALTER TABLE tasks ADD COLUMN cancel INTEGER NOT NULL DEFAULT 0 CHECK (cancel BETWEEN 0 AND 5);

DROP INDEX tasks_queue;
CREATE INDEX tasks_queue ON tasks (model, rank, due, id, taken) WHERE state = 0 AND paused = 0;
DROP INDEX tasks_lines;
CREATE INDEX tasks_lines ON tasks (model, rank, taken, due, id) WHERE state = 0 AND paused = 0;
CREATE INDEX tasks_paused ON tasks (id) WHERE state = 0 AND paused = 1;
CREATE INDEX tasks_failed ON tasks (id) WHERE state = 6;

CREATE INDEX jobs_paused ON jobs (manifest, id) WHERE wish = 1;
DROP INDEX jobs_undelivered;
CREATE INDEX jobs_undelivered ON jobs (id) WHERE delivered = 2 AND wish <> 2;
