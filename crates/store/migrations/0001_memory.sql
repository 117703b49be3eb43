-- Processes that share these rows, and how far each has seen the epoch (see epoch.rs).
CREATE TABLE store_node (
  id {uuid} PRIMARY KEY,
  seen BIGINT NOT NULL,
  lease_until BIGINT NOT NULL
);

-- One row: counts the changes that caches in every process must not outlive.
CREATE TABLE store_epoch (
  id INTEGER PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO store_epoch (id, value) VALUES (1, 1);

-- Files. The object is named by the id; state says whether a row of somebody's stands behind it. While a large one
-- goes to S3 in parts, upload is S3's name for them: until it is whole, only that name finds them.
CREATE TABLE store_blob (
  id {uuid} PRIMARY KEY,
  state TEXT NOT NULL,
  upload TEXT,
  size BIGINT NOT NULL,
  sha256 {bytes},
  media_type TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX store_blob_state ON store_blob (state, changed_at);

-- Rate limits that outlive a restart: GCRA's theoretical arrival time, in microseconds, and how many were taken last.
CREATE TABLE store_counter (
  id TEXT PRIMARY KEY,
  arrival BIGINT NOT NULL,
  taken BIGINT NOT NULL
);
CREATE INDEX store_counter_arrival ON store_counter (arrival);

-- Values that may be taken once: claims, tickets, states.
CREATE TABLE store_once (
  kind TEXT NOT NULL,
  digest {bytes} NOT NULL,
  value TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (kind, digest)
);
CREATE INDEX store_once_expires ON store_once (expires_at);
