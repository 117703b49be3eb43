-- Who somebody is elsewhere. Only issuer and subject say so; account is what they recognise it by. No token is kept.
CREATE TABLE identity_upstream (
  id {uuid} PRIMARY KEY,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account TEXT,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX identity_upstream_subject ON identity_upstream (issuer, subject);
CREATE INDEX identity_upstream_user ON identity_upstream (user_id, id);

-- Browsers that are away at a provider. Found by the digests of the state in their URL and of the value in their cookie;
-- what must be read back is sealed. With a user it is one who links, else somebody who signs in.
CREATE TABLE identity_upstream_attempt (
  state {bytes} PRIMARY KEY,
  browser {bytes} NOT NULL,
  upstream TEXT NOT NULL,
  issuer TEXT NOT NULL,
  user_id {uuid} REFERENCES identity_user (id) ON DELETE CASCADE,
  session_id {uuid},
  return_to TEXT,
  sealed {bytes} NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_upstream_attempt_user ON identity_upstream_attempt (user_id);
CREATE INDEX identity_upstream_attempt_expires ON identity_upstream_attempt (expires_at);
