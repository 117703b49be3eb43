//! The calls that neither std nor nix offer, each wrapped so that the rest of the cell is safe code.
//!
//! The helper has one thread from start to end, so what is forbidden between fork and exec in a server
//! (locks, memory) is allowed here.
#![expect(unsafe_code, reason = "system calls without a safe wrapper; each block says why it is sound")]

use std::{
    ffi::CStr,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
    ptr,
};

use nix::{errno::Errno, unistd::Pid};

type Result<T> = std::result::Result<T, Errno>;

/// All namespaces of a cell.
const NAMESPACES: i32 = libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

fn check(result: libc::c_long) -> Result<libc::c_long> {
    if result == -1 { Err(Errno::last()) } else { Ok(result) }
}

/// Closes every descriptor from `first` on: whatever the server left open stays with the server.
pub(super) fn close_from(first: RawFd) -> Result<()> {
    // SAFETY: plain numbers; nothing in this process uses descriptors that it did not take after this call.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) }).map(drop)
}

/// A copy of an inherited descriptor, out of the way of 0, 1, 2, and closed on exec.
pub(super) fn take(fd: RawFd) -> Result<OwnedFd> {
    // SAFETY: plain numbers; the result is a fresh descriptor that nobody else owns.
    unsafe {
        let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3);
        check(copy.into())?;
        Ok(OwnedFd::from_raw_fd(copy))
    }
}

/// Makes `fd` the descriptor `number`, kept over exec.
pub(super) fn place(fd: BorrowedFd<'_>, number: RawFd) -> Result<()> {
    // SAFETY: plain numbers; 0, 1, 2 are not owned by any value in the cell.
    check(unsafe { libc::dup2(fd.as_raw_fd(), number) }.into()).map(drop)
}

/// Forks into all namespaces of a cell. The parent gets the child and a descriptor that becomes readable at
/// its end; the child, which is the first process inside, gets nothing.
pub(super) fn fork_inside() -> Result<Option<(Pid, OwnedFd)>> {
    let mut pidfd: RawFd = -1;
    // SAFETY: without CLONE_VM and without a stack this is fork: the child continues on its own copy. The
    // process has one thread, so no lock is held by somebody who is missing in the child. The kernel writes
    // one descriptor to `pidfd`, which outlives the call.
    unsafe {
        let flags = libc::c_long::from(NAMESPACES | libc::CLONE_PIDFD | libc::SIGCHLD);
        let pid = check(clone(flags, &raw mut pidfd))?;
        if pid == 0 {
            return Ok(None);
        }
        Ok(Some((Pid::from_raw(pid as libc::pid_t), OwnedFd::from_raw_fd(pidfd))))
    }
}

/// The raw call. The first three arguments stand in the same order on x86-64 and aarch64.
unsafe fn clone(flags: libc::c_long, pidfd: *mut RawFd) -> libc::c_long {
    // SAFETY: the caller's promise, see `fork_inside`.
    unsafe { libc::syscall(libc::SYS_clone, flags, ptr::null::<u8>(), pidfd, 0, 0) }
}

/// Ends this process at once, running nothing that was registered for the end.
pub(super) fn end(code: i32) -> ! {
    // SAFETY: never returns, touches nothing.
    unsafe { libc::_exit(code) }
}

/// A detached copy of the mount tree at `path`.
pub(super) fn open_tree(path: &CStr) -> Result<OwnedFd> {
    let flags = libc::OPEN_TREE_CLONE as i32 | libc::O_CLOEXEC | AT_RECURSIVE;
    // SAFETY: `path` ends with NUL and outlives the call; the result is a fresh descriptor.
    unsafe {
        let fd = check(libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags))?;
        Ok(OwnedFd::from_raw_fd(fd as RawFd))
    }
}

const AT_RECURSIVE: i32 = 0x8000;

/// Puts a detached tree at `path`, below the working directory.
pub(super) fn move_mount(tree: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    // SAFETY: both paths end with NUL and outlive the call.
    check(unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            tree.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::MOVE_MOUNT_F_EMPTY_PATH,
        )
    })
    .map(drop)
}

/// Adds attributes (`MOUNT_ATTR_*`) to a whole tree, or to the mount at `path` alone.
pub(super) fn restrict(tree: Option<BorrowedFd<'_>>, path: &CStr, attributes: u64) -> Result<()> {
    let (at, recursive) = tree.map_or((libc::AT_FDCWD, 0), |fd| (fd.as_raw_fd(), AT_RECURSIVE));
    let attr = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: `path` and `attr` outlive the call, and the size given is that of `attr`.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            at,
            path.as_ptr(),
            libc::AT_EMPTY_PATH | recursive,
            &raw const attr,
            size_of::<libc::mount_attr>(),
        )
    })
    .map(drop)
}

/// `prctl` with numbers only.
pub(super) fn prctl(option: i32, one: libc::c_ulong, two: libc::c_ulong) -> Result<()> {
    // SAFETY: every option used here takes numbers, no pointers.
    check(unsafe { libc::prctl(option, one, two, 0, 0) }.into()).map(drop)
}

#[repr(C)]
struct CapHeader {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CapData {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Keeps these capabilities and no others.
pub(super) fn keep_capabilities(keep: &[u32]) -> Result<()> {
    let header = CapHeader { version: 0x2008_0522, pid: 0 };
    let mut data = [CapData { effective: 0, permitted: 0, inheritable: 0 }; 2];
    for cap in keep {
        let word = &mut data[(cap / 32) as usize];
        word.effective |= 1 << (cap % 32);
        word.permitted |= 1 << (cap % 32);
    }
    // SAFETY: version 3 takes one header and two data words, laid out as the kernel has them.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw const header, data.as_ptr()) }).map(drop)
}

/// Switches the cell's own loopback on.
pub(super) fn loopback_up() -> Result<()> {
    // SAFETY: the request is zeroed, its name is shorter than the field and ends with NUL; the socket is
    // ours and closed at the end.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        check(socket.into())?;
        let socket = OwnedFd::from_raw_fd(socket);
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        check(libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request).into()).map(drop)
    }
}

/// Installs a system call filter for this process and all it starts.
pub(super) fn install(filter: &[libc::sock_filter]) -> Result<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    // SAFETY: `program` points at `len` instructions that outlive the call; the kernel copies and checks them.
    check(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) })
        .map(drop)
}

/// Every signal back to its default: the Rust runtime ignores SIGPIPE, and that would be inherited.
pub(super) fn default_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL runs no code of ours; the kernel refuses the two that cannot be changed.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// A limit, soft and hard alike, so that it cannot be raised. One that is lower already stays.
pub(super) fn limit(resource: libc::__rlimit_resource_t, most: u64) -> Result<()> {
    let mut value = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `value` outlives both calls.
    unsafe {
        check(libc::getrlimit(resource, &raw mut value).into())?;
        let most = most.min(value.rlim_max);
        value = libc::rlimit { rlim_cur: most, rlim_max: most };
        check(libc::setrlimit(resource, &raw const value).into()).map(drop)
    }
}

/// Plain fork. `None` in the child.
pub(super) fn fork() -> Result<Option<Pid>> {
    // SAFETY: this process has one thread, so the child's copy of every lock is free.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Child => Ok(None),
        nix::unistd::ForkResult::Parent { child } => Ok(Some(child)),
    }
}
