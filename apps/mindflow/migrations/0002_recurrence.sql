-- A rule of RFC 5545, from when the next is counted, and the second of the day at which it is due.
ALTER TABLE mindflow_task ADD COLUMN recurrence TEXT;
ALTER TABLE mindflow_task ADD COLUMN recurrence_from TEXT;
ALTER TABLE mindflow_task ADD COLUMN recurrence_clock INTEGER;

-- The occurrence that was made when this one was completed: completing twice makes one.
ALTER TABLE mindflow_task ADD COLUMN next_id {uuid};

-- What may be forgotten for good is found by when it was deleted.
CREATE INDEX mindflow_task_deleted ON mindflow_task (deleted_at) WHERE deleted_at IS NOT NULL;
