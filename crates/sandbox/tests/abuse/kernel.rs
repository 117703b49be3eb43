//! System calls that were a way out somewhere, once.
#![cfg(target_arch = "x86_64")]

use stoa_sandbox::Reason;

use crate::world::{World, roomy, text};

const CALL: &str = "
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(*numbers):
    numbers = [ctypes.c_long(n) if isinstance(n, int) else n for n in numbers]
    return errno.errorcode[ctypes.get_errno()] if libc.syscall(*numbers) == -1 else 'allowed'
";

async fn all_answer(calls: &[(&str, &str)], expected: &str) {
    let world = World::new().await;
    let mut source = CALL.to_owned();
    for (name, call) in calls {
        source.push_str(&format!("print('{name}', call({call}))\n"));
    }
    let expected: String = calls.iter().map(|(name, _)| format!("{name} {expected}\n")).collect();
    assert_eq!(world.said(&source).await, expected);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_36_37_other_processes_are_closed() {
    let calls = [
        ("ptrace attach", "101, 16, 1, 0, 0"),
        ("ptrace traceme", "101, 0, 0, 0, 0"),
        ("process_vm_readv", "310, 1, 0, 0, 0, 0, 0"),
        ("process_vm_writev", "311, 1, 0, 0, 0, 0, 0"),
        ("kcmp", "312, 1, 1, 0, 0, 0"),
        ("pidfd_getfd", "438, 0, 0, 0"),
    ];
    all_answer(&calls, "EPERM").await;
}

#[tokio::test]
async fn row_40_nothing_gives_privileges() {
    let world = World::new().await;
    let source = "
import os
for what in [lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chown('/work', 0, 0)]:
    try: what(); print('became somebody')
    except OSError: pass
status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)
for name in ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp']: print(name, status[name].strip())
";
    let none = "0000000000000000";
    let expected = format!(
        "CapInh {none}\nCapPrm {none}\nCapEff {none}\nCapBnd {none}\nCapAmb {none}\nNoNewPrivs 1\nSeccomp 2\n"
    );
    assert_eq!(world.said(source).await, expected);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_41_42_43_44_namespaces_mounts_and_devices_are_refused() {
    let calls = [
        ("unshare user", "272, 0x10000000"),
        ("unshare mount", "272, 0x20000"),
        ("setns", "308, 0, 0"),
        ("clone newuser", "56, 0x10000011, 0, 0, 0, 0"),
        ("mount", "165, 0, 0, 0, 0, 0"),
        ("umount2", "166, b'/work', 2"),
        ("pivot_root", "155, b'.', b'.'"),
        ("chroot", "161, b'/work'"),
        ("open_tree", "428, -100, b'/', 1"),
        ("move_mount", "429, -1, 0, -1, 0, 0"),
        ("fsopen", "430, b'tmpfs', 0"),
        ("mount_setattr", "442, -100, b'/', 0, 0, 0"),
        ("mknod", "133, b'/work/disk', 0o60600, 0x801"),
    ];
    all_answer(&calls, "EPERM").await;
}

#[tokio::test]
async fn row_45_other_sockets_are_refused() {
    let calls = [
        ("netlink", "41, 16, 3, 0"),
        ("packet", "41, 17, 3, 0"),
        ("alg", "41, 38, 5, 0"),
        ("vsock", "41, 40, 1, 0"),
        ("bluetooth", "41, 31, 3, 0"),
        ("xdp", "41, 44, 3, 0"),
    ];
    all_answer(&calls, "EAFNOSUPPORT").await;
    all_answer(&[("raw", "41, 2, 3, 1"), ("raw 6", "41, 10, 3, 58")], "EPERM").await;
}

#[tokio::test]
async fn row_51_io_uring_is_unknown() {
    let calls = [
        ("setup", "425, 8, 0"),
        ("enter", "426, 0, 0, 0, 0"),
        ("secret memory", "447, 0"),
        ("the future", "500"),
    ];
    all_answer(&calls, "ENOSYS").await;
}

#[tokio::test]
async fn row_52_the_kernels_insides_are_refused() {
    let calls = [
        ("bpf", "321, 0, 0, 0"),
        ("perf_event_open", "298, 0, 0, 0, 0, 0"),
        ("userfaultfd", "323, 0"),
        ("keyctl", "250, 0, -3, 0"),
        ("add_key", "248, 0, 0, 0, 0, 0"),
        ("request_key", "249, 0, 0, 0, 0"),
        ("kexec_load", "246, 0, 0, 0, 0"),
        ("init_module", "175, 0, 0, 0"),
        ("finit_module", "313, 0, 0, 0"),
        ("swapon", "167, 0, 0"),
        ("reboot", "169, 0, 0, 0, 0"),
        ("acct", "163, 0"),
        ("quotactl", "179, 0, 0, 0, 0"),
        ("settimeofday", "164, 0, 0"),
        ("clock_settime", "227, 0, 0"),
        ("sethostname", "170, b'x', 1"),
        ("open_by_handle_at", "304, 0, 0, 0"),
        ("iopl", "172, 3"),
        ("personality", "135, 0x40000"),
    ];
    all_answer(&calls, "EPERM").await;
}

#[tokio::test]
async fn row_53_no_keys_can_be_typed_for_others() {
    let calls = [("TIOCSTI", "16, 0, 0x5412, b'x'"), ("with high bits", "16, 0, 0x5412 | 1 << 32, b'x'")];
    all_answer(&calls, "EPERM").await;
}

#[tokio::test]
async fn row_54_other_call_tables_end_the_program() {
    let world = World::new().await;
    let x32 = format!("{CALL}\ncall(0x40000000 | 39)\nprint('survived')");
    let i386 = "
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))  # getpid through int 0x80
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
print('survived')
";
    for source in [x32.as_str(), i386] {
        let run = world.run(&roomy(), source).await;
        let seen = (run.exit.reason, run.exit.signal, text(&run.stdout));
        assert_eq!(seen, (Reason::Refused, Some(31), String::new()));
    }
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_75_a_crash_leaves_no_core() {
    let world = World::new().await;
    let run = world.run(&roomy(), "import os; os.abort()").await;
    assert_eq!((run.exit.reason, run.exit.signal, run.files), (Reason::Signal, Some(6), vec![]));
    world.leaves_nothing().await;
}
