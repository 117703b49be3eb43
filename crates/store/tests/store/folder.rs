//! One server per data folder.

use stoa_core::Kind;
use stoa_store::FolderLock;

use crate::world::{Folder, World};

#[test]
fn a_folder_that_is_served_is_refused_with_the_other_process_and_free_again_after_it() {
    let folder = Folder::create();
    let folder = folder.0.join("data");
    let lock = FolderLock::take(&folder).unwrap();
    let refused = FolderLock::take(&folder).unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict);
    let expected = format!(
        "process {} already serves from {}; stop it, or choose another data folder",
        std::process::id(),
        folder.display()
    );
    assert_eq!(refused.said(), expected);
    drop(lock);
    assert!(FolderLock::take(&folder).is_ok());
}

#[tokio::test]
async fn a_command_works_beside_a_server() {
    let world = World::sqlite().await;
    let _serving = FolderLock::take(&world.config.folder).unwrap();
    let (server, command) = (world.node().await, world.node().await);
    crate::world::add_uncertain(&command.db, "by the command").await;
    assert_eq!(crate::world::notes::all(&server.db).await, ["by the command"]);
}
