//! The system call filter: what a stranger's program has no use for, and what was an escape before.
//!
//! A list of refusals, not of permissions: languages come and go, and each needs its own few calls. What the
//! kernel learns after this was written is refused as unknown. Written as BPF by hand, because one filter must
//! answer in three ways (kill, "not permitted", "no such call") and look at the low half of arguments only.

use libc::sock_filter;

#[cfg(target_arch = "x86_64")]
const ARCH: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCH: u32 = 0xC000_00B7;

/// Calls with a higher number were not known when this was written (Linux 6.18).
const NEWEST: u32 = 469;
/// x32 calls carry this bit and would pass a filter that compares plain numbers.
const X32: u32 = 0x4000_0000;

const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
/// The low half of an argument, on a little-endian machine. The high half is ignored on purpose: the kernel
/// ignores it too where an argument is an int, and TIOCSTI with high bits set was a hole (CVE-2019-10063).
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const fn errno(code: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | code as u32
}

/// "Not permitted".
const REFUSED: &[libc::c_long] = &[
    // other namespaces, other roots, mounts old and new
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    STATMOUNT,
    LISTMOUNT,
    OPEN_TREE_ATTR,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    // the kernel's own insides
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    libc::SYS_fanotify_init,
    libc::SYS_syslog,
    // the machine
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_uselib,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ustat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS__sysctl,
];
// Newer than the libc crate.
const STATMOUNT: libc::c_long = 457;
/// An old name for packet sockets.
const SOCK_PACKET: u32 = 10;
const LISTMOUNT: libc::c_long = 458;
const OPEN_TREE_ATTR: libc::c_long = 467;

/// "No such call": libraries then take the older way, which the filter can look into.
const UNKNOWN: &[libc::c_long] = &[
    libc::SYS_clone3, // its flags lie in memory, where a filter cannot see them
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_memfd_secret,
];

/// Memory that no process shows as its own: refused where only the watchdog counts.
const UNCOUNTED: &[libc::c_long] = &[libc::SYS_memfd_create, libc::SYS_shmget, libc::SYS_msgget];

const NEW_NAMESPACES: u32 = (libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP) as u32;

/// The filter. `counted`: a control group counts memory.
pub(super) fn filter(counted: bool) -> Vec<sock_filter> {
    let mut code = vec![
        load(ARCHITECTURE),
        jump(libc::BPF_JEQ, ARCH, 1, 0),
        answer(KILL),
        load(NUMBER),
        // x32 on x86-64; nothing lies there on other machines.
        jump(libc::BPF_JGE, X32, 0, 1),
        answer(KILL),
        jump(libc::BPF_JGT, NEWEST, 0, 1),
        answer(errno(libc::ENOSYS)),
    ];
    for &call in REFUSED {
        code.extend([jump(libc::BPF_JEQ, call as u32, 0, 1), answer(errno(libc::EPERM))]);
    }
    let uncounted = if counted { &[][..] } else { UNCOUNTED };
    for &call in UNKNOWN.iter().chain(uncounted) {
        code.extend([jump(libc::BPF_JEQ, call as u32, 0, 1), answer(errno(libc::ENOSYS))]);
    }
    code.extend(when(
        libc::SYS_clone,
        &[
            load(argument(0)),
            jump(libc::BPF_JSET, NEW_NAMESPACES, 0, 1),
            answer(errno(libc::EPERM)),
            answer(ALLOW),
        ],
    ));
    code.extend(when(
        libc::SYS_ioctl,
        &[
            load(argument(1)),
            jump(libc::BPF_JEQ, libc::TIOCSTI as u32, 1, 0),
            jump(libc::BPF_JEQ, libc::TIOCLINUX as u32, 0, 1),
            answer(errno(libc::EPERM)),
            answer(ALLOW),
        ],
    ));
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        code.extend(when(call, &only_plain_sockets()));
    }
    code.extend(when(
        libc::SYS_personality,
        &[
            load(argument(0)),
            jump(libc::BPF_JEQ, 0, 1, 0),
            jump(libc::BPF_JEQ, u32::MAX, 0, 1), // only asks
            answer(ALLOW),
            answer(errno(libc::EPERM)),
        ],
    ));
    code.push(answer(ALLOW));
    code
}

/// Unix and internet sockets, neither raw nor packet.
fn only_plain_sockets() -> Vec<sock_filter> {
    vec![
        load(argument(0)),
        jump(libc::BPF_JEQ, libc::AF_UNIX as u32, 3, 0),
        jump(libc::BPF_JEQ, libc::AF_INET as u32, 2, 0),
        jump(libc::BPF_JEQ, libc::AF_INET6 as u32, 1, 0),
        answer(errno(libc::EAFNOSUPPORT)),
        load(argument(1)),
        sock_filter { code: (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16, jt: 0, jf: 0, k: 0xf },
        jump(libc::BPF_JEQ, libc::SOCK_RAW as u32, 1, 0),
        jump(libc::BPF_JEQ, SOCK_PACKET, 0, 1),
        answer(errno(libc::EPERM)),
        answer(ALLOW),
    ]
}

/// `body`, which must answer on every path, for one call only.
fn when(call: libc::c_long, body: &[sock_filter]) -> Vec<sock_filter> {
    let mut code = vec![jump(libc::BPF_JEQ, call as u32, 0, body.len() as u8)];
    code.extend_from_slice(body);
    code
}

const fn load(offset: u32) -> sock_filter {
    sock_filter { code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, jt: 0, jf: 0, k: offset }
}

const fn jump(test: u32, value: u32, yes: u8, no: u8) -> sock_filter {
    sock_filter { code: (libc::BPF_JMP | test | libc::BPF_K) as u16, jt: yes, jf: no, k: value }
}

const fn answer(action: u32) -> sock_filter {
    sock_filter { code: (libc::BPF_RET | libc::BPF_K) as u16, jt: 0, jf: 0, k: action }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter as the kernel would, for the few instructions it uses.
    fn verdict(arch: u32, number: u32, arguments: [u64; 2]) -> u32 {
        let mut data = [0u8; 64];
        data[0..4].copy_from_slice(&number.to_le_bytes());
        data[4..8].copy_from_slice(&arch.to_le_bytes());
        data[16..24].copy_from_slice(&arguments[0].to_le_bytes());
        data[24..32].copy_from_slice(&arguments[1].to_le_bytes());
        let (code, mut at, mut held) = (filter(true), 0, 0u32);
        loop {
            let step = code[at];
            at += 1;
            let taken = match u32::from(step.code) {
                0x20 => {
                    held = u32::from_le_bytes(data[step.k as usize..][..4].try_into().unwrap());
                    continue;
                }
                0x54 => {
                    held &= step.k;
                    continue;
                }
                0x06 => return step.k,
                0x15 => held == step.k,
                0x25 => held > step.k,
                0x35 => held >= step.k,
                0x45 => held & step.k != 0,
                other => panic!("an instruction nobody wrote: {other:#x}"),
            };
            at += usize::from(if taken { step.jt } else { step.jf });
        }
    }

    fn call(number: libc::c_long, arguments: [u64; 2]) -> u32 {
        verdict(ARCH, number as u32, arguments)
    }

    #[test]
    fn everyday_calls_pass() {
        for number in [libc::SYS_read, libc::SYS_openat, libc::SYS_execve, libc::SYS_mmap, libc::SYS_futex] {
            assert_eq!(call(number, [0, 0]), ALLOW);
        }
        assert_eq!(call(libc::SYS_clone, [(libc::CLONE_VM | libc::CLONE_THREAD) as u64, 0]), ALLOW);
        assert_eq!(call(libc::SYS_socket, [libc::AF_INET as u64, libc::SOCK_STREAM as u64]), ALLOW);
        assert_eq!(call(libc::SYS_ioctl, [1, libc::TCGETS]), ALLOW);
    }

    #[test]
    fn namespaces_are_refused_one_by_one() {
        for bit in 0..32 {
            let flag = 1u32 << bit;
            let expected = if flag & NEW_NAMESPACES == 0 { ALLOW } else { errno(libc::EPERM) };
            assert_eq!(call(libc::SYS_clone, [flag.into(), 0]), expected, "{flag:#x}");
        }
        assert_eq!(call(libc::SYS_clone3, [0, 0]), errno(libc::ENOSYS));
        assert_eq!(call(libc::SYS_unshare, [0, 0]), errno(libc::EPERM));
    }

    #[test]
    fn high_bits_do_not_hide_a_request() {
        assert_eq!(call(libc::SYS_ioctl, [0, libc::TIOCSTI]), errno(libc::EPERM));
        assert_eq!(call(libc::SYS_ioctl, [0, libc::TIOCSTI | 1 << 32]), errno(libc::EPERM));
    }

    #[test]
    fn only_unix_and_internet_sockets_pass_and_none_raw() {
        for family in 0..64u64 {
            let plain = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6].contains(&(family as i32));
            let expected = if plain { ALLOW } else { errno(libc::EAFNOSUPPORT) };
            let stream = (libc::SOCK_STREAM | libc::SOCK_CLOEXEC) as u64;
            assert_eq!(call(libc::SYS_socket, [family, stream]), expected, "{family}");
        }
        let raw = (libc::SOCK_RAW | libc::SOCK_NONBLOCK) as u64;
        assert_eq!(call(libc::SYS_socket, [libc::AF_INET as u64, raw]), errno(libc::EPERM));
    }

    #[test]
    fn other_architectures_and_the_future_do_not_pass() {
        assert_eq!(verdict(0x4000_0003, 1, [0, 0]), KILL);
        assert_eq!(verdict(ARCH, X32 | 1, [0, 0]), KILL);
        assert_eq!(verdict(ARCH, NEWEST + 1, [0, 0]), errno(libc::ENOSYS));
    }
}
