-- What another program called a task: importing it again adds nothing.
ALTER TABLE mindflow_task ADD COLUMN source TEXT;
CREATE UNIQUE INDEX mindflow_task_source ON mindflow_task (owner, source) WHERE source IS NOT NULL;
