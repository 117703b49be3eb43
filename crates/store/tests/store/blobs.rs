//! Files over a folder and over S3: whole or not there, and nothing left behind.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use stoa_core::{Clock, Error, Kind, Result, Rng, TestClock, digest};
use stoa_store::{BlobId, Ctx, Store, Upload};

use crate::{
    child::Process,
    s3::S3,
    world::{World, count, files_below, until},
};

const MB: usize = 1 << 20;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Where files lie in a test, and a way to look at what is really there.
struct Place {
    world: World,
    s3: Option<S3>,
}

impl Place {
    async fn folder() -> Self {
        Self { world: World::sqlite().await, s3: None }
    }

    async fn bucket() -> Self {
        let (mut world, s3) = (World::sqlite().await, S3::start().await);
        world.config.blobs.s3 = Some(s3.config.clone());
        Self { world, s3: Some(s3) }
    }

    async fn store(&self) -> (Arc<Store>, TestClock) {
        let (clock, hand) = TestClock::new();
        (self.world.node_at(clock).await, hand)
    }

    fn files(&self) -> Vec<PathBuf> {
        match &self.s3 {
            None => files_below(&self.world.config.folder.join("blobs")),
            Some(s3) => s3.files(),
        }
    }
}

async fn rows(store: &Store) -> i64 {
    count(&store.db, "SELECT count(*) FROM store_blob").await
}

fn chunks(sizes: Vec<usize>) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::iter(sizes).enumerate().map(|(n, size)| Ok(Bytes::from(vec![n as u8; size])))
}

async fn keep(store: &Store, upload: &Upload) -> Result<()> {
    let now = store.clock.now();
    store.db.write(async |tx| store.blobs.keep(tx, upload, now).await).await
}

macro_rules! in_both_places {
    ($(async fn $name:ident($place:ident: &Place) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn story($place: &Place) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn folder() {
                story(&Place::folder().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn bucket() {
                story(&Place::bucket().await).await;
            }
        }
    )+};
}

in_both_places! {
async fn a_file_comes_back_as_it_was_sent_whatever_its_size(place: &Place) {
    let (store, hand) = place.store().await;
    let ctx = Ctx::house(&store);
    let sizes = [
        vec![], vec![0], vec![1], vec![8 * MB], vec![8 * MB, 1], vec![8 * MB - 1, 1, 1], vec![MB; 20], vec![20 * MB],
    ];
    for sizes in sizes {
        let whole: Vec<u8> =
            sizes.iter().enumerate().flat_map(|(n, size)| std::iter::repeat_n(n as u8, *size)).collect();
        let upload =
            store.blobs.receive(&ctx, "text/plain", 20 * MB as u64, chunks(sizes.clone())).await.unwrap();
        assert_eq!((upload.size, upload.sha256), (whole.len() as u64, digest(&whole)), "{sizes:?}");
        assert_eq!(store.blobs.find(&store.db, upload.id).await.unwrap_err().kind(), Kind::NotFound);
        keep(&store, &upload).await.unwrap();
        let found = store.blobs.find(&store.db, upload.id).await.unwrap();
        assert_eq!(
            (found.id, found.size, found.sha256, found.media_type.as_str()),
            (upload.id, upload.size, upload.sha256, "text/plain")
        );
        let read = store.blobs.read_whole(upload.id, 20 * MB as u64).await.unwrap();
        assert!(read == whole, "{sizes:?}");
    }
    let before = place.files();
    // What is kept is nobody's leftover, however old.
    hand.advance(DAY * 400);
    store.sweep().await.unwrap();
    assert_eq!(place.files(), before);
    assert_eq!(rows(&store).await, 8);
}

async fn a_file_larger_than_its_limit_is_refused_and_gone(place: &Place) {
    let (store, hand) = place.store().await;
    let ctx = Ctx::house(&store);
    for sizes in [vec![6], vec![5, 1], vec![MB; 12]] {
        let limit = if sizes.len() > 2 { 11 * MB as u64 } else { 5 };
        let refused = store.blobs.receive(&ctx, "text/plain", limit, chunks(sizes)).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::TooLarge);
        let said = if limit == 5 { "the file is larger than 5 bytes" } else { "the file is larger than 11 MB" };
        assert_eq!(refused.said(), said);
    }
    hand.advance(Duration::from_secs(61));
    store.sweep().await.unwrap();
    assert_eq!((place.files(), rows(&store).await), (vec![], 0));
}

async fn lm_24_a_sender_that_fails_leaves_nothing(place: &Place) {
    let (store, hand) = place.store().await;
    let ctx = Ctx::house(&store);
    for parts in [0, 1, 20] {
        let sent = chunks(vec![MB; parts]).chain(stream::once(async { Err(Error::malformed("cut off")) }));
        let failed = store.blobs.receive(&ctx, "text/plain", u64::MAX, sent).await.unwrap_err();
        assert_eq!(failed.said(), "cut off");
    }
    hand.advance(Duration::from_secs(61));
    store.sweep().await.unwrap();
    assert_eq!((place.files(), rows(&store).await), (vec![], 0));
}

async fn lm_24_a_sender_that_goes_away_leaves_nothing(place: &Place) {
    let (store, hand) = place.store().await;
    let ctx = Ctx::house(&store);
    for parts in [0, 1, 20] {
        let sent = chunks(vec![MB; parts]).chain(stream::pending());
        let receiving = store.blobs.receive(&ctx, "text/plain", u64::MAX, sent);
        let gone = tokio::time::timeout(Duration::from_millis(1500), receiving).await;
        assert!(gone.is_err());
    }
    let doomed = "SELECT count(*) FROM store_blob WHERE state = 'doomed'";
    until("all are doomed", async || count(&store.db, doomed).await == 3).await;
    hand.advance(Duration::from_secs(61));
    store.sweep().await.unwrap();
    assert_eq!((place.files(), rows(&store).await), (vec![], 0));
}

async fn lm_24_an_upload_that_nobody_keeps_is_swept_after_a_day_and_can_then_not_be_kept(place: &Place) {
    let (store, hand) = place.store().await;
    let ctx = Ctx::house(&store);
    let upload = store.blobs.receive(&ctx, "text/plain", u64::MAX, chunks(vec![MB; 9])).await.unwrap();
    hand.advance(DAY - Duration::from_secs(1));
    store.sweep().await.unwrap();
    assert_eq!(rows(&store).await, 1);
    hand.advance(Duration::from_secs(2));
    store.sweep().await.unwrap();
    assert_eq!((place.files(), rows(&store).await), (vec![], 0));
    let refused = keep(&store, &upload).await.unwrap_err();
    assert_eq!((refused.kind(), refused.said()), (Kind::NotFound, "that upload is gone; send it again"));
}

async fn a_file_that_is_let_go_stays_for_its_readers_and_is_then_gone(place: &Place) {
    let (store, hand) = place.store().await;
    let ctx = Ctx::house(&store);
    let upload = store.blobs.receive_bytes(&ctx, "text/plain", Bytes::from("text")).await.unwrap();
    keep(&store, &upload).await.unwrap();
    assert_eq!(keep(&store, &upload).await.unwrap_err().kind(), Kind::NotFound);
    let now = store.clock.now();
    store.db.write(async |tx| store.blobs.discard(tx, upload.id, now).await).await.unwrap();
    assert_eq!(store.blobs.find(&store.db, upload.id).await.unwrap_err().kind(), Kind::NotFound);
    store.sweep().await.unwrap();
    assert_eq!(store.blobs.read_whole(upload.id, 4).await.unwrap(), "text");
    hand.advance(Duration::from_secs(61));
    store.sweep().await.unwrap();
    assert_eq!(store.blobs.read_whole(upload.id, 4).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!((place.files(), rows(&store).await), (vec![], 0));
}

async fn what_is_not_there_is_not_found_and_what_is_too_large_not_read(place: &Place) {
    let (store, _) = place.store().await;
    let ctx = Ctx::house(&store);
    let unknown: BlobId = ctx.id();
    assert_eq!(store.blobs.find(&store.db, unknown).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(store.blobs.read(unknown).await.err().unwrap().kind(), Kind::NotFound);
    let upload = store.blobs.receive_bytes(&ctx, "text/plain", Bytes::from("text")).await.unwrap();
    assert_eq!(store.blobs.read_whole(upload.id, 3).await.unwrap_err().kind(), Kind::TooLarge);
    store.blobs.ping().await.unwrap();
}

async fn a_large_file_streams_through_little_memory(place: &Place) {
    let (store, _) = place.store().await;
    let ctx = Ctx::house(&store);
    // Chunks count themselves while they live.
    let (alive, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let sent = stream::iter(0..64).map(|_| {
        let now = alive.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        Ok(Bytes::from_owner(Counted { bytes: vec![1; MB], alive: alive.clone() }))
    });
    let upload = store.blobs.receive(&ctx, "text/plain", u64::MAX, sent).await.unwrap();
    assert_eq!(upload.size, 64 * MB as u64);
    assert!(most.load(Ordering::SeqCst) <= 2, "{} chunks at once", most.load(Ordering::SeqCst));
    let mut read = store.blobs.read(upload.id).await.unwrap();
    let (mut size, mut largest) = (0, 0);
    while let Some(chunk) = read.next().await {
        let chunk = chunk.unwrap();
        size += chunk.len();
        largest = largest.max(chunk.len());
    }
    assert_eq!(size, 64 * MB);
    assert!(largest <= 8 * MB, "a chunk of {largest} bytes");
}
}

struct Counted {
    bytes: Vec<u8>,
    alive: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

/// SIGKILL at each step; the next process over the folder sweeps.
async fn killed(place: &Place, step: &str) {
    let world = &place.world;
    let mut process = Process::start(world, step);
    assert_eq!(process.hears(), "there");
    let before = world.node().await;
    assert_eq!(rows(&before).await, 1);
    process.kill();
    // A day later.
    let (clock, _hand) = TestClock::at(Clock::system().now() + DAY + Duration::from_secs(60));
    let after = world.node_at(clock).await;
    after.sweep().await.unwrap();
    assert_eq!((place.files(), rows(&after).await), (vec![], 0), "{step}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lm_24_killed_at_any_step_leaves_a_row_that_the_sweep_takes_with_the_file() {
    let place = Place::folder().await;
    for step in ["before the first byte", "with a little", "between parts", "before it is kept"] {
        killed(&place, step).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lm_24_killed_at_any_step_leaves_no_parts_in_a_bucket_either() {
    let place = Place::bucket().await;
    for step in ["before the first byte", "with a little", "between parts", "before it is kept"] {
        killed(&place, step).await;
    }
}

#[tokio::test]
async fn mv_h5_a_remote_bucket_must_be_encrypted() {
    let mut world = World::sqlite().await;
    let s3 = S3::start().await;
    let mut config = s3.config.clone();
    config.endpoint = "http://files.example".parse().unwrap();
    world.config.blobs.s3 = Some(config);
    let opened =
        Store::open(&world.config, &crate::world::migrations(), Clock::system(), Rng::system()).await;
    let refused = opened.err().unwrap();
    assert_eq!(refused.kind(), Kind::Invalid);
    assert!(refused.said().contains("must be https"), "{}", refused.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_not_there_is_unavailable_soon() {
    let mut world = World::sqlite().await;
    let s3 = S3::start().await;
    let mut config = s3.config.clone();
    config.endpoint = "http://127.0.0.1:1".parse().unwrap();
    world.config.blobs.s3 = Some(config);
    let store = world.node().await;
    let ctx = Ctx::house(&store);
    let sent = store.blobs.receive_bytes(&ctx, "text/plain", Bytes::from("text"));
    let refused = tokio::time::timeout(Duration::from_secs(25), sent).await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
}
