-- A client's public keys as they were read at its address. tried_at: when it was last called.
CREATE TABLE identity_key_set (
  client_id TEXT PRIMARY KEY REFERENCES identity_client (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  keys {json} NOT NULL,
  tried_at BIGINT NOT NULL,
  fresh_until BIGINT NOT NULL
);

-- A client that somebody signed in to with a session of theirs: it got an ID token, in which id is the sid.
CREATE TABLE identity_sign_on (
  id {uuid} PRIMARY KEY,
  session_id {uuid} NOT NULL REFERENCES identity_session (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES identity_client (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_sign_on_session ON identity_sign_on (session_id, client_id);
CREATE INDEX identity_sign_on_client ON identity_sign_on (client_id);
