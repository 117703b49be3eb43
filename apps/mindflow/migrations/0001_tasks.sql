-- A task's state is the times at which it changed: what is snoozed wakes without anybody writing to it.
-- `tags` are words with a blank before and after each; `search` is title and description in small letters.
CREATE TABLE mindflow_task (
  id {uuid} PRIMARY KEY,
  owner {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  search TEXT NOT NULL,
  priority INTEGER NOT NULL,
  due_at BIGINT,
  effort_minutes INTEGER,
  preferred_time TEXT,
  tags TEXT NOT NULL,
  project TEXT,
  started_at BIGINT,
  snoozed_until BIGINT,
  completed_at BIGINT,
  deleted_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX mindflow_task_owner ON mindflow_task (owner, id);
CREATE INDEX mindflow_task_open ON mindflow_task (owner, id) WHERE completed_at IS NULL AND deleted_at IS NULL;

-- What must be done before a task. Both belong to one person.
CREATE TABLE mindflow_dependency (
  task_id {uuid} NOT NULL REFERENCES mindflow_task (id) ON DELETE CASCADE,
  needs_id {uuid} NOT NULL REFERENCES mindflow_task (id) ON DELETE CASCADE,
  owner {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  PRIMARY KEY (task_id, needs_id)
);
CREATE INDEX mindflow_dependency_needs ON mindflow_dependency (needs_id);
CREATE INDEX mindflow_dependency_owner ON mindflow_dependency (owner, task_id, needs_id);

-- What a person has set. Without a row all is as usual.
CREATE TABLE mindflow_settings (
  user_id {uuid} PRIMARY KEY REFERENCES identity_user (id) ON DELETE CASCADE,
  time_zone TEXT NOT NULL,
  urgency_weight INTEGER NOT NULL,
  priority_weight INTEGER NOT NULL,
  effort_weight INTEGER NOT NULL,
  updated_at BIGINT NOT NULL
);
