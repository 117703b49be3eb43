-- When a credential was last proven in a session, and how (RFC 8176). What went before began with a password.
ALTER TABLE identity_session ADD COLUMN authenticated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity_session ADD COLUMN methods TEXT NOT NULL DEFAULT 'pwd';
UPDATE identity_session SET authenticated_at = created_at;
