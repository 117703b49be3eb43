//! A world of its own for each story: a folder, a database, a bucket, the processes over them, and people.

mod ending;
mod events;
mod http;
mod people;
mod place;
mod plans;
mod s3;
mod server;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use stoa_core::{Clock, Rng, Secret, TestClock};
use stoa_store::{BlobConfig, DbConfig, KeyConfig, Migration, Store, StoreConfig};

pub(crate) use self::{
    events::Told,
    http::{Asked, Seen, form, request},
    people::{Person, id, in_order_of_tasks},
    place::{files_below, needed},
    server::{Log, Node},
};
use self::{
    place::{Database, Folder},
    s3::S3,
};

/// Everything a story happens in. [`World::ends`] must be called; the macro `told!` does it.
pub(crate) struct World {
    pub(crate) folder: Folder,
    pub(crate) database: Option<Database>,
    bucket: Option<S3>,
    settings: Vec<(String, String)>,
    nodes: Vec<Arc<Node>>,
    pub(crate) book: Arc<Book>,
}

/// What is remembered to the end of the world.
#[derive(Default)]
pub(crate) struct Book {
    secrets: Mutex<Vec<(&'static str, String)>>,
    expected: Mutex<Vec<&'static str>>,
}

impl Book {
    /// Something that must not stand in any log.
    pub(crate) fn secret(&self, what: &'static str, text: &str) {
        assert!(text.len() >= 8, "{what} is too short to be looked for");
        self.secrets.lock().unwrap().push((what, text.to_owned()));
    }
}

impl World {
    /// One process alone: SQLite and a folder.
    pub(crate) fn sqlite() -> Self {
        Self::new(None, None)
    }

    /// As many processes as one likes: PostgreSQL, Redis, S3.
    pub(crate) async fn postgres() -> Self {
        let redis = place::redis().await;
        let mut world = Self::new(Some(Database::create().await), Some(S3::start().await));
        let address = world.database.as_ref().map(|database| database.url.clone()).unwrap_or_default();
        world.set("STOA_DATABASE__URL", &address);
        world.set("STOA_SIGNALS__REDIS_URL", &redis);
        let settings = world.bucket.as_ref().map(S3::settings).unwrap_or_default();
        for (name, value) in settings {
            world.set(name, &value);
        }
        for address in [&address, &redis] {
            let address: url::Url = address.parse().unwrap();
            world.book.secret("the password of a service", address.password().unwrap());
        }
        world
    }

    fn new(database: Option<Database>, bucket: Option<S3>) -> Self {
        let (folder, book) = (Folder::create(), Arc::default());
        let mut world = Self { folder, database, bucket, settings: Vec::new(), nodes: Vec::new(), book };
        // Stories knock more often than people do; those about the limits set them back.
        let classes = [
            "GENERAL",
            "AUTH",
            "SIGNUP",
            "RESET",
            "MFA",
            "CHALLENGE",
            "UPLOAD",
            "TOKEN",
            "REGISTER",
            "AUTHORIZE",
            "TOOLS",
            "UPSTREAM",
        ];
        for class in classes {
            world.limit(class, 100_000);
        }
        world.set("STOA_IDENTITY__LOGIN__ATTEMPTS", "100000");
        // As little work as is allowed: many people come and go here.
        world.set("STOA_IDENTITY__PASSWORDS__MEMORY_KIB", "7168");
        world.set("STOA_IDENTITY__PASSWORDS__PASSES", "1");
        world.set("STOA_JOBS__AT_ONCE", "4");
        // Every node has the keys.
        let keys = world.folder.0.join("keys");
        world.set("STOA_KEYS__FILE", &keys.to_string_lossy());
        // What was asked of the database is looked through at the end.
        world.set("STOA_LOG__LEVEL", "info,stoa_store::sql=trace");
        world
    }

    /// Whether several processes can share it.
    pub(crate) fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// Changes a setting of the processes that start from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Takes a setting back.
    pub(crate) fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    /// So many a minute of a class of doors.
    pub(crate) fn limit(&mut self, class: &str, limit: u32) {
        self.set(&format!("STOA_EDGE__RATES__{class}__LIMIT"), &limit.to_string());
        self.set(&format!("STOA_EDGE__RATES__{class}__SECONDS"), "60");
    }

    /// Leaves the limits as they come.
    pub(crate) fn usual_limits(&mut self) {
        self.settings.retain(|(name, _)| !name.starts_with("STOA_EDGE__RATES__"));
    }

    /// A log line of this story may have the level ERROR, if it contains this.
    pub(crate) fn expects_error(&self, text: &'static str) {
        self.book.expected.lock().unwrap().push(text);
    }

    /// Starts a process and waits until it serves.
    pub(crate) async fn starts(&mut self) -> Arc<Node> {
        self.starts_with(&[]).await
    }

    /// Starts a process with further words.
    pub(crate) async fn starts_with(&mut self, words: &[&str]) -> Arc<Node> {
        let number = self.nodes.len();
        // On SQLite a second process follows the first one in its folder; elsewhere each has its own.
        let data =
            self.folder.0.join(if self.is_shared() { format!("data-{number}") } else { "data".into() });
        let node = Arc::new(Node::start(&data, &self.settings, words, &self.book).await);
        self.nodes.push(node.clone());
        node
    }

    /// A command of the program, to its end: exit code, stdout and stderr.
    pub(crate) async fn command(&self, words: &[&str], stdin: &str) -> (Option<i32>, String, String) {
        server::command(&self.folder.0.join("data"), &self.settings, words, stdin).await
    }

    /// Changes the database behind the house's back.
    pub(crate) async fn alters(&self, sql: &str) {
        place::alter(self.database.as_ref(), &self.folder.0.join("data"), sql).await;
    }

    /// How many files are kept in the folder or bucket, parts of unfinished ones too.
    pub(crate) fn files(&self) -> usize {
        match &self.bucket {
            Some(bucket) => bucket.files().len(),
            None => files_below(&self.folder.0.join("data").join("blobs")).len(),
        }
    }

    /// One round of the house's own tidying, which a running house does every few minutes.
    pub(crate) async fn sweeps(&self) {
        let config = StoreConfig {
            folder: self.folder.0.join(if self.is_shared() { "data-0" } else { "data" }),
            database: DbConfig {
                url: self.database.as_ref().map(|database| Secret::new(database.url.clone())),
                ..DbConfig::default()
            },
            blobs: BlobConfig { s3: self.bucket.as_ref().map(S3::config) },
            keys: KeyConfig { file: Some(self.folder.0.join("keys")) },
            ..StoreConfig::default()
        };
        // Two days from now: nobody can still be reading.
        let (clock, _time) = TestClock::at(Clock::system().now() + Duration::from_secs(2 * 24 * 3600));
        let store = Store::open(&config, &migrations(), clock, Rng::system()).await.unwrap();
        store.sweep().await.unwrap();
        assert!(store.tasks.stop(Duration::from_secs(10)).await);
        store.db.close().await.unwrap();
    }

    /// Every value that is kept, as text, with its table and column.
    pub(crate) async fn values(&self) -> Vec<(String, String)> {
        place::values(self.database.as_ref(), &self.folder.0.join("data")).await
    }

    /// The one number that a statement answers with.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        place::count(self.database.as_ref(), &self.folder.0.join("data"), sql).await
    }
}

/// The schema of the whole house.
pub(crate) fn migrations() -> Vec<Migration> {
    [
        stoa_store::MIGRATIONS,
        stoa_jobs::MIGRATIONS,
        stoa_edge::MIGRATIONS,
        stoa_identity::MIGRATIONS,
        stoa_labmate::MIGRATIONS,
        stoa_mindflow::MIGRATIONS,
    ]
    .concat()
}
