-- A password that is long enough only beside a second factor: the last factor does not go before it is changed.
ALTER TABLE identity_user ADD COLUMN password_short BOOLEAN NOT NULL DEFAULT FALSE;
