//! The key ring over a real database: made once, and never done without.

use std::{fs, os::unix::fs::MetadataExt};

use stoa_core::{Clock, Kind, Rng};
use stoa_store::Store;

use crate::{
    told_on,
    world::{World, migrations},
};

told_on! { [sqlite, postgres]
async fn fw_s1_keys_are_made_at_the_first_start_and_never_done_without(world: &World) {
    let first = world.node().await;
    let sealed = first.ring.seal("identity_totp/1/secret", b"seed").unwrap();
    let file = world.config.folder.join("keys");
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600, "others may read the keys");
    let second = world.node().await;
    assert_eq!(&**second.ring.open("identity_totp/1/secret", &sealed).unwrap(), b"seed");

    // A node without the file, and one with a file of its own: neither may go on.
    let kept = fs::read_to_string(&file).unwrap();
    let open = async || Store::open(&world.config, &migrations(), Clock::system(), Rng::system()).await;
    fs::remove_file(&file).unwrap();
    let error = open().await.err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.said().contains("put the file back"), "{}", error.said());
    assert!(!file.exists(), "a key was made over what is lost");
    fs::write(&file, format!("{}\n", Rng::system().token::<32>())).unwrap();
    assert!(open().await.err().unwrap().said().contains("put the file back"));
    fs::write(&file, "secret\n").unwrap();
    assert!(open().await.err().unwrap().said().starts_with("line 1 of the key file"));

    // A new key above the old one: everything opens, and the new one is needed from now on.
    let new = Rng::system().token::<32>();
    fs::write(&file, format!("{new}\n{kept}")).unwrap();
    let third = open().await.unwrap();
    assert_eq!(&**third.ring.open("identity_totp/1/secret", &sealed).unwrap(), b"seed");
    fs::write(&file, &kept).unwrap();
    assert!(open().await.is_err(), "a node went on without the key that seals");
}
}
