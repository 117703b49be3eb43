CREATE TABLE labmate_lab (
  id {uuid} PRIMARY KEY,
  owner {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  source_name TEXT NOT NULL,
  source_format TEXT NOT NULL,
  source_size BIGINT NOT NULL,
  source_sha256 {bytes} NOT NULL,
  source_blob {uuid},
  job_id {uuid} NOT NULL,
  problem TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX labmate_lab_owner ON labmate_lab (owner, id);

CREATE TABLE labmate_task (
  id {uuid} PRIMARY KEY,
  lab_id {uuid} NOT NULL REFERENCES labmate_lab (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  number TEXT,
  question TEXT NOT NULL,
  code TEXT NOT NULL,
  language TEXT NOT NULL,
  stdin TEXT NOT NULL,
  included BOOLEAN NOT NULL,
  origin TEXT NOT NULL,
  after_block INTEGER,
  updated_at BIGINT NOT NULL
);
CREATE INDEX labmate_task_lab ON labmate_task (lab_id, position);

-- A run keeps the code it ran: the task may be edited afterwards, the run may not.
CREATE TABLE labmate_run (
  id {uuid} PRIMARY KEY,
  lab_id {uuid} NOT NULL REFERENCES labmate_lab (id) ON DELETE CASCADE,
  task_id {uuid} NOT NULL REFERENCES labmate_task (id) ON DELETE CASCADE,
  job_id {uuid} NOT NULL,
  state TEXT NOT NULL,
  language TEXT NOT NULL,
  code TEXT NOT NULL,
  stdin TEXT NOT NULL,
  limits {json} NOT NULL,
  outcome {json},
  stdout {bytes} NOT NULL,
  stderr {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT
);
CREATE INDEX labmate_run_lab ON labmate_run (lab_id, id);
CREATE INDEX labmate_run_task ON labmate_run (task_id, id);

CREATE TABLE labmate_file (
  run_id {uuid} NOT NULL REFERENCES labmate_run (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  size BIGINT NOT NULL,
  blob {uuid} NOT NULL,
  PRIMARY KEY (run_id, name)
);

CREATE TABLE labmate_report (
  id {uuid} PRIMARY KEY,
  lab_id {uuid} NOT NULL REFERENCES labmate_lab (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  filename TEXT NOT NULL,
  job_id {uuid} NOT NULL,
  blob {uuid},
  size BIGINT,
  sha256 {bytes},
  evidence {json},
  created_at BIGINT NOT NULL
);
CREATE INDEX labmate_report_lab ON labmate_report (lab_id, id);
