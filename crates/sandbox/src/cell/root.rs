//! The cell's own file tree, on a small tmpfs: system folders to read, three folders to write, four devices.

use std::{
    ffi::{CStr, CString},
    fs,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            ffi::OsStrExt,
            fs::{DirBuilderExt, symlink},
        },
    },
    path::{Path, PathBuf},
};

use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    unistd::{chdir, pivot_root},
};

use super::{Named, Outfit, Step, sys};
use crate::wire::Bounds;

/// Any folder that always exists; the mount is visible to the cell alone.
const STAGE: &CStr = c"/tmp";
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
/// What the folders at the root are on systems that moved all into `/usr`: links.
const LINKS: [&str; 5] = ["bin", "sbin", "lib", "lib32", "lib64"];
/// Files and folders of `/etc` that say nothing about the machine and without which programs do not start.
const ETC: [&str; 2] = ["ld.so.cache", "alternatives"];
/// The rest of `/etc`, the same everywhere.
const WRITTEN: [(&str, &str); 5] = [
    ("passwd", "student:x:1000:1000::/work:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"),
    ("group", "student:x:1000:\nnogroup:x:65534:\n"),
    ("hosts", "127.0.0.1 localhost cell\n::1 localhost\n"),
    ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ("hostname", "cell\n"),
];

const READ_ONLY: u64 = 0x1;
const NO_SUID: u64 = 0x2;
const NO_DEV: u64 = 0x4;
const NO_EXEC: u64 = 0x8;

/// A detached piece of the machine's tree, and where it goes.
struct Piece {
    tree: OwnedFd,
    at: PathBuf,
    folder: bool,
}

/// A link's name and what it points at.
type Link = (PathBuf, PathBuf);

/// Builds the tree, moves in, lets the machine's tree go.
pub(super) fn build(outfit: &Outfit) -> Step<()> {
    // First cut the ties: nothing mounted here may show up on the machine.
    mount(None::<&CStr>, c"/", None::<&CStr>, MsFlags::MS_SLAVE | MsFlags::MS_REC, None::<&CStr>)
        .step("cut the mounts off")?;
    let (pieces, links) = gather(outfit)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some(c"tmpfs"), STAGE, Some(c"tmpfs"), flags, Some(c"size=256k,nr_inodes=256,mode=0755"))
        .step("mount the root")?;
    chdir(STAGE).step("enter the root")?;
    for piece in &pieces {
        place(piece).step("prepare a place")?;
        sys::move_mount(piece.tree.as_fd(), &c_path(&piece.at)).step("show a system folder")?;
    }
    for (link, target) in links {
        symlink(target, link).step("link a system folder")?;
    }
    write_small_files().step("write /etc")?;
    scratch()?;
    processes()?;
    move_in()
}

/// Takes hold of all that will be shown, while the machine's tree is still in sight.
fn gather(outfit: &Outfit) -> Step<(Vec<Piece>, Vec<Link>)> {
    let mut pieces = Vec::new();
    let mut links = Vec::new();
    let system = READ_ONLY | NO_SUID | NO_DEV;
    for folder in &outfit.outset.folders {
        pieces.push(piece(folder, system)?);
    }
    for name in LINKS {
        let path = Path::new("/").join(name);
        if let Ok(target) = fs::read_link(&path) {
            links.push((PathBuf::from(name), target));
        } else if path.is_dir() {
            pieces.push(piece(&path, system)?);
        }
    }
    for name in ETC {
        let path = Path::new("/etc").join(name);
        if path.exists() {
            pieces.push(piece(&path, system)?);
        }
    }
    for name in DEVICES {
        pieces.push(piece(&Path::new("/dev").join(name), READ_ONLY | NO_SUID | NO_EXEC)?);
    }
    Ok((pieces, links))
}

fn piece(path: &Path, attributes: u64) -> Step<Piece> {
    let name = || format!("show {}", path.display());
    let tree = sys::open_tree(&c_path(path)).step(&name())?;
    sys::restrict(Some(tree.as_fd()), c"", attributes).step(&name())?;
    let at = path.strip_prefix("/").unwrap_or(path).to_owned();
    Ok(Piece { tree, at, folder: path.is_dir() })
}

fn place(piece: &Piece) -> std::io::Result<()> {
    if piece.folder {
        return fs::create_dir_all(&piece.at);
    }
    if let Some(parent) = piece.at.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&piece.at, "")
}

fn write_small_files() -> std::io::Result<()> {
    fs::create_dir_all("etc")?;
    for (name, text) in WRITTEN {
        fs::write(Path::new("etc").join(name), text)?;
    }
    for (name, target) in [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")] {
        symlink(format!("/proc/self/fd{target}"), Path::new("dev").join(name))?;
    }
    Ok(())
}

/// One tmpfs behind `/work`, `/tmp` and `/dev/shm`, so that one limit covers them together.
fn scratch() -> Step<()> {
    fs::create_dir("scratch").step("mount the work folder")?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some(c"tmpfs"), c"scratch", Some(c"tmpfs"), flags, Some(c"size=64k,nr_inodes=16,mode=0755"))
        .step("mount the work folder")?;
    for (name, at, mode, attributes) in
        [("work", "work", 0o755, 0), ("tmp", "tmp", 0o1777, NO_EXEC), ("shm", "dev/shm", 0o1777, NO_EXEC)]
    {
        let inside = Path::new("scratch").join(name);
        fs::DirBuilder::new().mode(mode).create(&inside).step("make the work folder")?;
        fs::create_dir_all(at).step("make the work folder")?;
        let tree = sys::open_tree(&c_path(&inside)).step("show the work folder")?;
        sys::restrict(Some(tree.as_fd()), c"", attributes).step("show the work folder")?;
        sys::move_mount(tree.as_fd(), &c_path(Path::new(at))).step("show the work folder")?;
    }
    umount2(c"scratch", MntFlags::MNT_DETACH).step("hide the scratch folder")?;
    fs::remove_dir("scratch").step("hide the scratch folder")
}

/// Gives the tmpfs behind the work folder its size.
pub(super) fn size(bounds: &Bounds) -> Step<()> {
    let step = "size the work folder";
    let options = format!("size={},nr_inodes={}", bounds.disk_bytes, bounds.files + 4);
    let options = CString::new(options).map_err(std::io::Error::from).step(step)?;
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(None::<&CStr>, c"/work", None::<&CStr>, flags, Some(options.as_c_str())).step(step)
}

/// `/proc` with the cell's processes and nothing else: no kernel settings, no machine, no first process.
fn processes() -> Step<()> {
    fs::create_dir("proc").step("mount /proc")?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some(c"proc"), c"proc", Some(c"proc"), flags, Some(c"hidepid=4,subset=pid")).step("mount /proc")
}

fn move_in() -> Step<()> {
    pivot_root(c".", c".").step("change the root")?;
    // The old root lies on top of the new one now; this takes it away.
    umount2(c".", MntFlags::MNT_DETACH).step("let the old root go")?;
    chdir(c"/").step("enter the new root")?;
    sys::restrict(None, c"/", READ_ONLY | NO_SUID | NO_DEV).step("make the root read-only")
}

fn c_path(path: &Path) -> CString {
    // Paths here come from the policy and from constants; one with a NUL would be refused as empty.
    CString::new(path.as_os_str().as_bytes()).unwrap_or_default()
}
