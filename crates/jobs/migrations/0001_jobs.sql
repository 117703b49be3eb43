CREATE TABLE jobs_job (
  id {uuid} PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  owner {uuid},
  request TEXT NOT NULL,
  input {json} NOT NULL,
  due_at BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  fence BIGINT NOT NULL,
  node {uuid},
  lease_until BIGINT,
  cancel_requested BOOLEAN NOT NULL,
  events BIGINT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  note TEXT NOT NULL,
  result {json},
  problem {json},
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT
);
-- The queue: what is due, oldest first. Running and finished jobs are not in it, so it stays small.
CREATE INDEX jobs_job_due ON jobs_job (due_at) WHERE state = 'queued';
CREATE INDEX jobs_job_lease ON jobs_job (lease_until) WHERE state = 'running';
CREATE INDEX jobs_job_node ON jobs_job (node) WHERE state = 'running';
CREATE INDEX jobs_job_finished ON jobs_job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_job_failed ON jobs_job (id) WHERE state = 'failed';

CREATE TABLE jobs_event (
  job_id {uuid} NOT NULL REFERENCES jobs_job (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,
  data {json} NOT NULL,
  PRIMARY KEY (job_id, number)
);

CREATE TABLE jobs_schedule (
  name TEXT PRIMARY KEY,
  next_at BIGINT NOT NULL
);
