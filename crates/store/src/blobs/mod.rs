//! Files: in a folder or in an S3 bucket, each named by its own id, never by a person.
//!
//! A row stands behind every object, before it exists and until it is gone:
//! `writing` → (whole) → `kept` by the owner's own transaction → `doomed` by the owner → object gone → row gone.
//! A crash anywhere leaves a row that the sweep finds. An object becomes visible only when it is whole.

mod place;
mod sweep;

use std::path::Path;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, pin_mut, stream::BoxStream};
use object_store::{ObjectStoreExt, PutPayload, path::Path as Key};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use stoa_core::{Digest, Error, Id, Result, Secret, Timestamp};

use self::place::{Parts, Place};

use crate::{Ctx, Db, Tx};

/// Tag of [`BlobId`].
#[derive(Debug)]
pub enum BlobTag {}
/// The id of a stored file.
pub type BlobId = Id<BlobTag>;

/// Where files are kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlobConfig {
    /// An S3-compatible bucket; without it, `blobs` in the data folder.
    pub s3: Option<S3Config>,
}

/// An S3-compatible bucket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// The service's address; https unless it is on this machine.
    pub endpoint: url::Url,
    /// The bucket, which must exist.
    pub bucket: String,
    /// The region's name.
    #[serde(default = "S3Config::region")]
    pub region: String,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: Secret,
}

impl S3Config {
    fn region() -> String {
        "us-east-1".into()
    }
}

/// The files. Cheap to clone.
#[derive(Clone)]
pub struct Blobs(Place);

/// A whole file that nobody stands behind yet. Keep it with [`Blobs::keep`], or the sweep takes it.
#[derive(Clone, Debug)]
#[must_use = "an upload that is not kept is swept"]
pub struct Upload {
    /// Its id.
    pub id: BlobId,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: Digest,
}

/// A stored file.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Its id.
    pub id: BlobId,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: Digest,
    /// What it was declared to be.
    pub media_type: String,
}

/// Below this a file goes in one request; above, in parts of exactly this size (S3 wants at least 5 MiB, and some
/// of its kin want all alike).
const PART: usize = 8 << 20;

impl Blobs {
    pub(crate) fn open(config: &BlobConfig, data: &Path) -> Result<Self> {
        match &config.s3 {
            None => Ok(Self(Place::folder(data.join("blobs"))?)),
            Some(s3) => Ok(Self(Place::s3(s3)?)),
        }
    }

    /// Takes a file in as it comes, at most `limit` bytes. Memory stays at one part, whatever its size.
    ///
    /// # Errors
    /// `too_large` beyond the limit; the stream's own; `unavailable` when it cannot be stored. In each case
    /// nothing stays behind but a row that the sweep takes.
    pub async fn receive(
        &self,
        ctx: &Ctx,
        media_type: &str,
        limit: u64,
        bytes: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<Upload> {
        let id: BlobId = ctx.id();
        ctx.db
            .write(async |tx| {
                let values: [Value; 3] = [id.into(), media_type.into(), ctx.now().into()];
                run(
                    tx,
                    "INSERT INTO store_blob (id, state, size, media_type, changed_at) VALUES ($1, 'writing', 0, $2, $3)",
                    values,
                )
                .await
            })
            .await?;
        let mut leftover = Leftover { ctx, id, armed: true };
        let stored = self.store(ctx, id, limit, bytes).await;
        leftover.armed = false;
        if stored.is_err() {
            doom_in_own_write(ctx, id).await;
        }
        stored
    }

    /// As [`Blobs::receive`] for bytes that are there already.
    ///
    /// # Errors
    /// As [`Blobs::receive`].
    pub async fn receive_bytes(&self, ctx: &Ctx, media_type: &str, bytes: Bytes) -> Result<Upload> {
        let limit = bytes.len() as u64;
        self.receive(ctx, media_type, limit, futures::stream::once(async { Ok(bytes) })).await
    }

    async fn store(
        &self,
        ctx: &Ctx,
        id: BlobId,
        limit: u64,
        bytes: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<Upload> {
        pin_mut!(bytes);
        let (mut sha256, mut size) = (Sha256::new(), 0_u64);
        let (mut waiting, mut parts) = (BytesMut::new(), None);
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk?;
            size += chunk.len() as u64;
            if size > limit {
                return Err(too_large(limit));
            }
            sha256.update(&chunk);
            waiting.extend_from_slice(&chunk);
            while waiting.len() > PART {
                let parts = match &mut parts {
                    Some(parts) => parts,
                    None => parts.insert(Parts::begin(&self.0, ctx, id).await?),
                };
                parts.put(waiting.split_to(PART).freeze()).await?;
            }
        }
        let rest = waiting.freeze();
        match parts {
            None => {
                self.0.objects().put(&key(id), PutPayload::from(rest)).await.map_err(unavailable)?;
            }
            Some(mut parts) => {
                parts.put(rest).await?;
                parts.complete().await?;
            }
        }
        let sha256: [u8; 32] = sha256.finalize().into();
        let sha256 = Digest::from_slice(&sha256).ok_or_else(|| Error::internal("a digest has 32 bytes"))?;
        Ok(Upload { id, size, sha256 })
    }

    /// Puts an upload into somebody's keeping, in the transaction that writes down whose it is.
    ///
    /// # Errors
    /// `not_found` when the sweep took it (it was left for a day).
    pub async fn keep(&self, tx: &Tx, upload: &Upload, now: Timestamp) -> Result<()> {
        let kept = tx
            .query_one_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "UPDATE store_blob SET state = 'kept', upload = NULL, size = $2, sha256 = $3, changed_at = $4 \
                 WHERE id = $1 AND state = 'writing' RETURNING id",
                [
                    upload.id.into(),
                    i64::try_from(upload.size)?.into(),
                    upload.sha256.as_bytes().to_vec().into(),
                    now.into(),
                ],
            ))
            .await?;
        kept.map(drop).ok_or_else(|| Error::not_found("that upload is gone; send it again"))
    }

    /// Lets a file go, in the transaction that removes whose it was. The sweep takes the object.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn discard(&self, tx: &Tx, id: BlobId, now: Timestamp) -> Result<()> {
        let values: [Value; 2] = [id.into(), now.into()];
        run(tx, "UPDATE store_blob SET state = 'doomed', changed_at = $2 WHERE id = $1", values).await
    }

    /// What is known of a kept file.
    ///
    /// # Errors
    /// `not_found` where there is none.
    pub async fn find(&self, db: &Db, id: BlobId) -> Result<Blob> {
        let row = db
            .reads()
            .query_one_raw(Statement::from_sql_and_values(
                db.reads().get_database_backend(),
                "SELECT size, sha256, media_type FROM store_blob WHERE id = $1 AND state = 'kept'",
                [id.into()],
            ))
            .await?
            .ok_or_else(|| Error::not_found("no such file"))?;
        let sha256: Vec<u8> = row.try_get("", "sha256")?;
        Ok(Blob {
            id,
            size: u64::try_from(row.try_get::<i64>("", "size")?)?,
            sha256: Digest::from_slice(&sha256).ok_or_else(|| Error::internal("a digest has 32 bytes"))?,
            media_type: row.try_get("", "media_type")?,
        })
    }

    /// The bytes of a file as they come.
    ///
    /// # Errors
    /// `not_found` where there is none; `unavailable` when it cannot be read.
    pub async fn read(&self, id: BlobId) -> Result<BlobStream> {
        let found = self.0.objects().get(&key(id)).await.map_err(|cause| match cause {
            object_store::Error::NotFound { .. } => Error::not_found("no such file").because(cause),
            other => unavailable(other),
        })?;
        Ok(found.into_stream().map(|chunk| chunk.map_err(unavailable)).boxed())
    }

    /// All bytes of a file that is known to be small enough.
    ///
    /// # Errors
    /// As [`Blobs::read`]; `too_large` beyond `limit` bytes.
    pub async fn read_whole(&self, id: BlobId, limit: u64) -> Result<Bytes> {
        let mut stream = self.read(id).await?;
        let mut whole = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            whole.extend_from_slice(&chunk?);
            if whole.len() as u64 > limit {
                return Err(Error::too_large("the file is larger than it may be here"));
            }
        }
        Ok(whole.freeze())
    }

    /// Answers if the place for files does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        match self.0.objects().head(&Key::from("ping")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(unavailable(cause)),
        }
    }
}

/// The bytes of a file as they come.
pub type BlobStream = BoxStream<'static, Result<Bytes>>;

/// The last two digits are random in a UUIDv7: they spread files evenly over 256 folders.
fn shelf(id: BlobId) -> String {
    id.to_string().split_off(34)
}

fn key(id: BlobId) -> Key {
    Key::from(format!("{}/{id}", shelf(id)))
}

fn too_large(limit: u64) -> Error {
    if limit < 1 << 20 {
        Error::too_large(format!("the file is larger than {limit} bytes"))
    } else {
        Error::too_large(format!("the file is larger than {} MB", limit >> 20))
    }
}

fn unavailable(cause: object_store::Error) -> Error {
    Error::unavailable("files cannot be reached now; try again in a moment").because(cause)
}

async fn run(tx: &Tx, sql: &'static str, values: impl IntoIterator<Item = Value>) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Stands by while bytes come in: whoever sends them may go away, and the request with them.
struct Leftover<'a> {
    ctx: &'a Ctx,
    id: BlobId,
    armed: bool,
}

impl Drop for Leftover<'_> {
    fn drop(&mut self) {
        if self.armed && tokio::runtime::Handle::try_current().is_ok() {
            let (ctx, id) = (self.ctx.clone(), self.id);
            self.ctx.store.tasks.spawn("blobs.doom", async move { doom_in_own_write(&ctx, id).await });
        }
    }
}

async fn doom_in_own_write(ctx: &Ctx, id: BlobId) {
    let doomed = ctx
        .db
        .write(async |tx| {
            let values: [Value; 2] = [id.into(), ctx.now().into()];
            run(
                tx,
                "UPDATE store_blob SET state = 'doomed', changed_at = $2 WHERE id = $1 AND state = 'writing'",
                values,
            )
            .await
        })
        .await;
    if let Err(error) = doomed {
        tracing::warn!(?error, %id, "a failed upload waits for the sweep");
    }
}
