-- One-time codes from an app. The secret is sealed; last_step is the newest time step that was used.
CREATE TABLE identity_totp (
  user_id {uuid} PRIMARY KEY REFERENCES identity_user (id) ON DELETE CASCADE,
  secret {bytes} NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT
);

-- Backup codes that are left. Only digests are kept.
CREATE TABLE identity_backup_code (
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  digest {bytes} NOT NULL,
  PRIMARY KEY (user_id, digest)
);

-- Tries at the codes of an account since a moment.
CREATE TABLE identity_factor_try (
  user_id {uuid} PRIMARY KEY REFERENCES identity_user (id) ON DELETE CASCADE,
  since BIGINT NOT NULL,
  tries BIGINT NOT NULL
);

-- Passkeys: public keys and what a server knows of them. Nothing here is secret.
CREATE TABLE identity_passkey (
  id {uuid} PRIMARY KEY,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  credential_id {bytes} NOT NULL UNIQUE,
  credential {json} NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE INDEX identity_passkey_user ON identity_passkey (user_id, id);
