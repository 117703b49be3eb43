//! A real S3-compatible server in this process, over a folder.

use std::path::PathBuf;

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use stoa_core::{Rng, Secret};
use stoa_store::{S3Config, Tasks};
use tokio::net::TcpListener;

use crate::world::{Folder, files_below};

const BUCKET: &str = "stoa-test";

pub(crate) struct S3 {
    pub(crate) config: S3Config,
    folder: Folder,
    _tasks: Tasks,
}

impl S3 {
    pub(crate) async fn start() -> Self {
        let folder = Folder::create();
        std::fs::create_dir(folder.0.join(BUCKET)).unwrap();
        let secret = Rng::system().token::<15>();
        let service = {
            let mut builder = S3ServiceBuilder::new(FileSystem::new(&folder.0).unwrap());
            builder.set_auth(SimpleAuth::from_single("test", secret.as_str()));
            builder.build()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let tasks = Tasks::default();
        let each = tasks.clone();
        tasks.spawn("s3", async move {
            loop {
                let (line, _) = listener.accept().await.unwrap();
                let service = service.clone();
                each.spawn("s3.connection", async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    let _gone = http.serve_connection(TokioIo::new(line), service).await;
                });
            }
        });
        let config = S3Config {
            endpoint,
            bucket: BUCKET.into(),
            region: "us-east-1".into(),
            access_key_id: "test".into(),
            secret_access_key: Secret::new(secret),
        };
        Self { config, folder, _tasks: tasks }
    }

    /// Everything that was given to the server: objects, and parts of what is not whole yet. What it notes about an
    /// object, it forgets to remove with it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = files_below(&self.folder.0);
        files.retain(|path| {
            let name = path.to_string_lossy();
            !(name.contains(".object-") && name.ends_with(".json"))
        });
        files
    }
}
