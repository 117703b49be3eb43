-- The hours at which the parts of a person's day begin, and how many letters of reminders they want in one day.
ALTER TABLE mindflow_settings ADD COLUMN morning_hour INTEGER NOT NULL DEFAULT 6;
ALTER TABLE mindflow_settings ADD COLUMN afternoon_hour INTEGER NOT NULL DEFAULT 12;
ALTER TABLE mindflow_settings ADD COLUMN evening_hour INTEGER NOT NULL DEFAULT 18;
ALTER TABLE mindflow_settings ADD COLUMN night_hour INTEGER NOT NULL DEFAULT 22;
ALTER TABLE mindflow_settings ADD COLUMN letters_per_day INTEGER NOT NULL DEFAULT 20;

-- The letter that a reminder became, and why one became none.
ALTER TABLE mindflow_reminder ADD COLUMN letter {uuid};
ALTER TABLE mindflow_reminder ADD COLUMN skipped_why TEXT;

-- How many letters somebody got on their last day with any: the days of their clock, since 1970.
CREATE TABLE mindflow_letters (
  owner {uuid} PRIMARY KEY REFERENCES identity_user (id) ON DELETE CASCADE,
  day INTEGER NOT NULL,
  posted INTEGER NOT NULL
);
