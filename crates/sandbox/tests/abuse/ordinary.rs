//! The whole list once more, as an ordinary user.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
};

use crate::world::helper;

/// An id that owns nothing on this machine.
const SOMEBODY: u32 = 1_999_999_999;

#[test]
fn the_whole_list_holds_for_an_ordinary_user_too() {
    if !nix::unistd::geteuid().is_root() {
        return; // then it just did
    }
    let folder = std::env::temp_dir().join(format!("stoa-ordinary-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(helper(), folder.join("stoa-cell")).unwrap();
    fs::copy(std::env::current_exe().unwrap(), folder.join("abuse")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "these tests again, under another id")]
    let done = std::process::Command::new(folder.join("abuse"))
        .args(["--skip", "ordinary", "--test-threads", "2"])
        .current_dir("/")
        .uid(SOMEBODY)
        .gid(SOMEBODY)
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}
