-- Sign-ups whose address nobody has shown to be theirs yet. There is no account before that, so none can be signed in
-- to, and nobody can take an address by asking for it first. Several may wait for one address.
CREATE TABLE identity_signup (
  id {uuid} PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_signup_email ON identity_signup (email_key, id);
CREATE INDEX identity_signup_expires ON identity_signup (expires_at);

-- What was asked about an address at a public door, until a job has looked whether it has an account.
CREATE TABLE identity_knock (
  id {uuid} PRIMARY KEY,
  kind TEXT NOT NULL,
  email_key TEXT NOT NULL,
  subject {uuid} NOT NULL,
  ip TEXT,
  at BIGINT NOT NULL
);
CREATE INDEX identity_knock_at ON identity_knock (at);

-- Wrong passwords in a row, by the digest of the address, with or without an account, and the lock they led to.
CREATE TABLE identity_attempt (
  digest {bytes} PRIMARY KEY,
  tries BIGINT NOT NULL,
  since BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  lock_id {uuid} NOT NULL
);
CREATE INDEX identity_attempt_since ON identity_attempt (since);

-- Invitations. digest is of the token that was shown to whoever invited; the one that goes by mail is made later.
CREATE TABLE identity_invite (
  id {uuid} PRIMARY KEY,
  digest {bytes} NOT NULL UNIQUE,
  email TEXT,
  email_key TEXT,
  role TEXT NOT NULL,
  invited_by {uuid} REFERENCES identity_user (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_invite_by ON identity_invite (invited_by);
CREATE INDEX identity_invite_email ON identity_invite (email_key);
CREATE INDEX identity_invite_expires ON identity_invite (expires_at);

-- Kinds of browsers that somebody signed in with, and the session that brought one in. notable: the account had others.
CREATE TABLE identity_browser (
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  family TEXT NOT NULL,
  session_id {uuid} NOT NULL,
  notable BOOLEAN NOT NULL,
  first_seen_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, family)
);
