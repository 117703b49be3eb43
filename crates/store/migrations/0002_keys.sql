-- The names of the keys under which something was ever sealed (see ring.rs). Never the keys.
CREATE TABLE store_key (
  name TEXT PRIMARY KEY,
  since BIGINT NOT NULL
);
