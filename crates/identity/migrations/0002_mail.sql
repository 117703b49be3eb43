-- Letters: those that wait to be sent and, where no mail server is set, those that wait to be handed over. No row
-- holds a link: it is made when the letter leaves, and of its token only the digest is kept.
CREATE TABLE identity_mail (
  id {uuid} PRIMARY KEY,
  user_id {uuid} REFERENCES identity_user (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  private BOOLEAN NOT NULL,
  link TEXT,
  link_value TEXT NOT NULL,
  link_until BIGINT NOT NULL,
  state TEXT NOT NULL,
  problem TEXT,
  created_at BIGINT NOT NULL,
  sent_at BIGINT
);
CREATE INDEX identity_mail_user ON identity_mail (user_id);
CREATE INDEX identity_mail_address ON identity_mail (address_key);
CREATE INDEX identity_mail_created ON identity_mail (created_at);
