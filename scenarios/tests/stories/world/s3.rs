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

use super::place::{Folder, files_below};

const BUCKET: &str = "stoa-test";

pub(crate) struct S3 {
    endpoint: String,
    secret: String,
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
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
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
        Self { endpoint, secret, folder, _tasks: tasks }
    }

    /// How the program is told of it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("STOA_BLOBS__S3__ENDPOINT", self.endpoint.clone()),
            ("STOA_BLOBS__S3__BUCKET", BUCKET.into()),
            ("STOA_BLOBS__S3__ACCESS_KEY_ID", "test".into()),
            ("STOA_BLOBS__S3__SECRET_ACCESS_KEY", self.secret.clone()),
        ]
    }

    /// How a store of ours is told of it.
    pub(crate) fn config(&self) -> S3Config {
        S3Config {
            endpoint: self.endpoint.parse().unwrap(),
            bucket: BUCKET.into(),
            region: "us-east-1".into(),
            access_key_id: "test".into(),
            secret_access_key: Secret::new(self.secret.clone()),
        }
    }

    /// Objects, and parts of what is not whole yet; the server's own notes aside.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let own_notes = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".bucket"))
                || path.extension().is_some_and(|ending| ending == "json")
        };
        files_below(&self.folder.0).into_iter().filter(|path| !own_notes(path)).collect()
    }
}
