-- When somebody wants to hear of a task, as JSON: minutes before it is due, or points in time.
ALTER TABLE mindflow_task ADD COLUMN reminders TEXT;

-- The letters that follow from it. One waits until it is sent, or skipped since it is too late for it.
CREATE TABLE mindflow_reminder (
  task_id {uuid} NOT NULL REFERENCES mindflow_task (id) ON DELETE CASCADE,
  due_at BIGINT NOT NULL,
  owner {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  sent_at BIGINT,
  skipped_at BIGINT,
  PRIMARY KEY (task_id, due_at)
);
CREATE INDEX mindflow_reminder_owner ON mindflow_reminder (owner);
CREATE INDEX mindflow_reminder_waiting ON mindflow_reminder (due_at) WHERE sent_at IS NULL AND skipped_at IS NULL;
