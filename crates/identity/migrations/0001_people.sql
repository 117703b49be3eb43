-- People with an account. email_key is the address as it is compared: without it two spellings were two people.
CREATE TABLE identity_user (
  id {uuid} PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  disabled_at BIGINT,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT
);
CREATE INDEX identity_user_role ON identity_user (role);

-- Signed-in browsers. Only the digest of the cookie's value is kept.
CREATE TABLE identity_session (
  id {uuid} PRIMARY KEY,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  digest {bytes} NOT NULL UNIQUE,
  user_agent TEXT NOT NULL,
  ip TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_session_user ON identity_session (user_id, id);

-- Personal access tokens. Only the digest is kept.
CREATE TABLE identity_token (
  id {uuid} PRIMARY KEY,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  digest {bytes} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  expires_at BIGINT
);
CREATE INDEX identity_token_user ON identity_token (user_id, id);

-- What was done. Rows are only added; they outlive the account they speak of, so nothing refers to it.
CREATE TABLE identity_audit (
  id {uuid} PRIMARY KEY,
  at BIGINT NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  actor_id {uuid},
  account_id {uuid},
  subject TEXT,
  ip TEXT,
  request_id TEXT NOT NULL
);
CREATE INDEX identity_audit_account ON identity_audit (account_id, id);
