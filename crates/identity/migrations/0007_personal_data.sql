-- An account is erased at this time, unless its holder says otherwise before.
ALTER TABLE identity_user ADD COLUMN erase_at BIGINT;
CREATE INDEX identity_user_erase ON identity_user (erase_at) WHERE erase_at IS NOT NULL;

-- Files with all that is kept of a person, for them to download. Without a blob, one that is still being written.
CREATE TABLE identity_export (
  id {uuid} PRIMARY KEY,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  job_id {uuid} NOT NULL,
  blob {uuid},
  size BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_export_user ON identity_export (user_id, id);
CREATE INDEX identity_export_expires ON identity_export (expires_at);

-- What names a person without referring to their account is found by what it names them with.
CREATE INDEX identity_knock_email ON identity_knock (email_key);
CREATE INDEX identity_audit_actor ON identity_audit (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX identity_audit_invite ON identity_audit (subject) WHERE action IN ('user.invited', 'invite.withdrawn');
