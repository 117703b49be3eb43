-- What was asked under an Idempotency-Key, and what was answered. The id is a digest of person, door and key;
-- the answer is sealed under the credential that asked, so that the rows alone tell nothing.
CREATE TABLE edge_idempotency (
  id {bytes} PRIMARY KEY,
  fingerprint {bytes} NOT NULL,
  answer {bytes},
  running_until BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX edge_idempotency_expires ON edge_idempotency (expires_at);
