//! Where objects lie, and how a large one gets there in parts.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use object_store::{
    ClientOptions, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    local::LocalFileSystem,
    multipart::{MultipartStore, PartId},
};
use sea_orm::Value;
use stoa_core::{Error, Result};

use super::{BlobId, S3Config, key, run, shelf, unavailable};
use crate::Ctx;

/// A folder or a bucket.
#[derive(Clone)]
pub(super) enum Place {
    Folder { objects: Arc<LocalFileSystem>, path: PathBuf },
    S3(Arc<AmazonS3>),
}

impl Place {
    pub(super) fn folder(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(&path)
            .map_err(|cause| Error::unavailable("the folder for files cannot be made").because(cause))?;
        let objects = LocalFileSystem::new_with_prefix(&path)?.with_fsync(true);
        Ok(Self::Folder { objects: Arc::new(objects), path })
    }

    pub(super) fn s3(s3: &S3Config) -> Result<Self> {
        let local = s3.endpoint.host().is_some_and(|host| match host {
            url::Host::Ipv4(ip) => ip.is_loopback(),
            url::Host::Ipv6(ip) => ip.is_loopback(),
            url::Host::Domain(name) => name == "localhost",
        });
        if s3.endpoint.scheme() != "https" && !local {
            return Err(Error::invalid(
                "`blobs.s3.endpoint` must be https for a server that is not on this machine",
            ));
        }
        // One part of 8 MiB in this time, tried again for a moment: a person waits behind it.
        let http = ClientOptions::new()
            .with_allow_http(local)
            .with_connect_timeout(Duration::from_secs(5))
            .with_timeout(Duration::from_secs(60));
        let retry =
            RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
        let objects = AmazonS3Builder::new()
            .with_client_options(http)
            .with_retry(retry)
            .with_endpoint(s3.endpoint.as_str().trim_end_matches('/'))
            .with_bucket_name(&s3.bucket)
            .with_region(&s3.region)
            .with_access_key_id(&s3.access_key_id)
            .with_secret_access_key(s3.secret_access_key.expose())
            .build()?;
        Ok(Self::S3(Arc::new(objects)))
    }

    pub(super) fn objects(&self) -> &dyn ObjectStore {
        match self {
            Self::Folder { objects, .. } => &**objects,
            Self::S3(objects) => &**objects,
        }
    }

    /// Removes whatever there is of a file: the object, or what a killed process left of one half-written.
    pub(super) async fn remove(&self, id: BlobId, upload: Option<String>) -> Result<()> {
        match self.objects().head(&key(id)).await {
            Ok(_) => return absent_is_fine(self.objects().delete(&key(id)).await),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(cause) => return Err(unavailable(cause)),
        }
        match (self, upload) {
            (Self::S3(s3), Some(upload)) => {
                absent_is_fine(MultipartStore::abort_multipart(&**s3, &key(id), &upload).await)
            }
            (Self::S3(_), None) => Ok(()),
            // It lies as `NAME#N` beside where the file would have been.
            (Self::Folder { path, .. }, _) => {
                let (shelf, half) = (path.join(shelf(id)), format!("{id}#"));
                let Ok(entries) = fs::read_dir(shelf) else { return Ok(()) };
                for entry in entries {
                    let entry = entry?;
                    if entry.file_name().to_string_lossy().starts_with(&half) {
                        fs::remove_file(entry.path())?;
                    }
                }
                Ok(())
            }
        }
    }
}

fn absent_is_fine(done: object_store::Result<()>) -> Result<()> {
    match done {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(cause) => Err(unavailable(cause)),
    }
}

/// A large file on its way, in parts. Nothing is visible before it is complete.
pub(super) enum Parts {
    Folder(Box<dyn MultipartUpload>),
    S3 { s3: Arc<AmazonS3>, id: BlobId, upload: String, parts: Vec<PartId> },
}

impl Parts {
    /// Begins. S3's name for the parts is written down before the first is sent: a listing does not show them, and
    /// they would be paid for until somebody removes them by that name.
    pub(super) async fn begin(place: &Place, ctx: &Ctx, id: BlobId) -> Result<Self> {
        let s3 = match place {
            Place::Folder { objects, .. } => {
                return Ok(Self::Folder(objects.put_multipart(&key(id)).await.map_err(unavailable)?));
            }
            Place::S3(s3) => s3.clone(),
        };
        let upload = MultipartStore::create_multipart(&*s3, &key(id)).await.map_err(unavailable)?;
        ctx.db
            .write(async |tx| {
                let values: [Value; 2] = [id.into(), upload.as_str().into()];
                run(tx, "UPDATE store_blob SET upload = $2 WHERE id = $1", values).await
            })
            .await?;
        Ok(Self::S3 { s3, id, upload, parts: Vec::new() })
    }

    pub(super) async fn put(&mut self, part: Bytes) -> Result<()> {
        match self {
            Self::Folder(begun) => begun.put_part(PutPayload::from(part)).await.map_err(unavailable),
            Self::S3 { s3, id, upload, parts } => {
                let place = parts.len();
                let put = s3.put_part(&key(*id), upload, place, PutPayload::from(part)).await;
                parts.push(put.map_err(unavailable)?);
                Ok(())
            }
        }
    }

    pub(super) async fn complete(self) -> Result<()> {
        match self {
            Self::Folder(mut begun) => begun.complete().await.map(drop).map_err(unavailable),
            Self::S3 { s3, id, upload, parts } => {
                s3.complete_multipart(&key(id), &upload, parts).await.map(drop).map_err(unavailable)
            }
        }
    }
}
