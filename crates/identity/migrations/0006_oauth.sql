-- Keys that sign tokens. The private half is sealed by the key ring; id is the RFC 7638 thumbprint of the public half.
CREATE TABLE identity_signing_key (
  id TEXT PRIMARY KEY,
  algorithm TEXT NOT NULL,
  public TEXT NOT NULL,
  sealed {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  signs_from BIGINT NOT NULL,
  signs_until BIGINT NOT NULL,
  published_until BIGINT NOT NULL
);

-- OAuth clients: made by an admin (static), registered by themselves (dynamic), or described by the document that their
-- id is the address of (document). metadata is RFC 7591's. Secrets are kept as digests.
CREATE TABLE identity_client (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  metadata {json} NOT NULL,
  secret {bytes},
  registration {bytes},
  service_user_id {uuid} REFERENCES identity_user (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  fresh_until BIGINT
);
CREATE INDEX identity_client_service ON identity_client (service_user_id);
CREATE INDEX identity_client_kind ON identity_client (kind, created_at);

-- Authorization requests that wait for a person, or were pushed and wait for their browser. Found by a random handle.
CREATE TABLE identity_authorization (
  digest {bytes} PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES identity_client (id) ON DELETE CASCADE,
  pushed INTEGER NOT NULL,
  asked {json} NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_authorization_client ON identity_authorization (client_id);
CREATE INDEX identity_authorization_expires ON identity_authorization (expires_at);

-- What a person allowed a client: remembered, shown, revoked as one.
CREATE TABLE identity_connection (
  id {uuid} PRIMARY KEY,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES identity_client (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  audience TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX identity_connection_user ON identity_connection (user_id, client_id);
CREATE INDEX identity_connection_client ON identity_connection (client_id);

-- One authorization and all tokens that come of it: access tokens name it, the refresh token is replaced in it. Without a
-- connection it is a client's own.
CREATE TABLE identity_grant (
  id {uuid} PRIMARY KEY,
  connection_id {uuid} REFERENCES identity_connection (id) ON DELETE CASCADE,
  user_id {uuid} NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES identity_client (id) ON DELETE CASCADE,
  session_id {uuid},
  scopes TEXT NOT NULL,
  audience TEXT NOT NULL,
  bound_to TEXT,
  authenticated_at BIGINT NOT NULL,
  methods TEXT NOT NULL,
  refresh {bytes},
  previous {bytes},
  rotated_at BIGINT,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_grant_connection ON identity_grant (connection_id);
CREATE INDEX identity_grant_user ON identity_grant (user_id);
CREATE INDEX identity_grant_client ON identity_grant (client_id);
CREATE INDEX identity_grant_session ON identity_grant (session_id);
CREATE INDEX identity_grant_expires ON identity_grant (expires_at);

-- Authorization codes. A used one stays a while, so that its second use is known for what it is.
CREATE TABLE identity_code (
  digest {bytes} PRIMARY KEY,
  connection_id {uuid} NOT NULL REFERENCES identity_connection (id) ON DELETE CASCADE,
  session_id {uuid},
  asked {json} NOT NULL,
  authenticated_at BIGINT NOT NULL,
  methods TEXT NOT NULL,
  grant_id {uuid},
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_code_connection ON identity_code (connection_id);
CREATE INDEX identity_code_expires ON identity_code (expires_at);

-- Devices without a browser that wait for a person (RFC 8628).
CREATE TABLE identity_device (
  digest {bytes} PRIMARY KEY,
  user_code {bytes} NOT NULL UNIQUE,
  client_id TEXT NOT NULL REFERENCES identity_client (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  asked {json} NOT NULL,
  ip TEXT NOT NULL,
  connection_id {uuid} REFERENCES identity_connection (id) ON DELETE CASCADE,
  session_id {uuid},
  authenticated_at BIGINT,
  methods TEXT,
  interval_seconds BIGINT NOT NULL,
  polled_at BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_device_client ON identity_device (client_id);
CREATE INDEX identity_device_connection ON identity_device (connection_id);
CREATE INDEX identity_device_expires ON identity_device (expires_at);

-- Proofs and assertions that were shown: none is taken twice, on whichever node (RFC 9449 section 11.1, RFC 7523).
CREATE TABLE identity_proof (
  digest {bytes} PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX identity_proof_expires ON identity_proof (expires_at);
