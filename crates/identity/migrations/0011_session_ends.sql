-- Sessions that are over are swept, also those of people who do not come again.
CREATE INDEX identity_session_expires ON identity_session (expires_at);
