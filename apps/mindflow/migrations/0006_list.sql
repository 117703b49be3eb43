-- How often somebody's list has changed: tasks, what they need, and the settings that rank them. Whoever remembers the
-- list asks for this alone. No row: never since there is such a count.
CREATE TABLE mindflow_list (
  owner {uuid} PRIMARY KEY REFERENCES identity_user (id) ON DELETE CASCADE,
  revision BIGINT NOT NULL
);
