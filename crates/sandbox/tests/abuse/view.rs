//! What a program can see of the machine.

use std::{fs, os::fd::AsFd};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

use crate::world::World;

#[tokio::test]
async fn row_32_lm_08_the_servers_files_are_not_in_view() {
    let world = World::new().await;
    let secret = world.folder.with_extension("key");
    fs::write(&secret, "secret").unwrap();
    let binary = std::env::current_exe().unwrap();
    let source = format!(
        "
import os
print(sorted(os.listdir('/')))
print(sorted(os.listdir('/etc')))
for path in ['{}', '{}', '/etc/shadow', '/root', '/home', '/var', '/run', '/sys', '/boot', '/opt', '/stoa']:
    if os.path.exists(path): print(path, 'is in view')
print(os.listdir('/work'), os.listdir('/dev/shm'), os.listdir('/tmp'))
",
        secret.display(),
        binary.display()
    );
    let said = world.said(&source).await;
    fs::remove_file(secret).unwrap();
    let mut lines = said.lines();
    let root = lines.next().unwrap().replace("'lib32', ", "");
    assert_eq!(root, "['bin', 'dev', 'etc', 'lib', 'lib64', 'proc', 'sbin', 'tmp', 'usr', 'work']");
    let etc = lines.next().unwrap().replace("'alternatives', ", "");
    assert_eq!(etc, "['group', 'hostname', 'hosts', 'ld.so.cache', 'nsswitch.conf', 'passwd']");
    assert_eq!(lines.collect::<Vec<_>>(), ["['main.py'] [] []"]);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_33_76_the_environment_is_a_fixed_set() {
    let world = World::new().await;
    let said = world.said("import os\nfor name in sorted(os.environ): print(name, os.environ[name])").await;
    let expected = "HOME /work\nLANG C.UTF-8\nPATH /usr/local/bin:/usr/bin:/bin\nPYTHONHASHSEED 0\nTMPDIR /tmp\nTZ UTC\n";
    assert_eq!(said, expected);
    assert_eq!(world.said("print(hash('x'))").await, world.said("print(hash('x'))").await);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_34_only_ones_own_processes_are_in_proc() {
    let world = World::new().await;
    let source = "
import os
print([name for name in sorted(os.listdir('/proc'))])
print(os.getpid(), os.getppid())
for what in ['environ', 'cmdline', 'root', 'cwd', 'fd', 'mem', 'maps']:
    for pid in [1, os.getppid(), 3, 1000]:
        try: open(f'/proc/{pid}/{what}').read(); print(pid, what)
        except OSError: pass
        try: os.readlink(f'/proc/{pid}/{what}'); print(pid, what)
        except OSError: pass
";
    assert_eq!(world.said(source).await, "['2', 'self', 'thread-self']\n2 1\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_35_kernel_settings_are_absent() {
    let world = World::new().await;
    let source = "
import os
for path in ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/1/oom_score_adj', '/proc/kcore',
             '/sys/kernel/uevent_helper', '/proc/sys/kernel/hostname', '/proc/self/uid_map', '/proc/kmsg']:
    try: open(path, 'w').write('x'); print('wrote', path)
    except OSError: pass
print(os.path.exists('/sys'), os.path.exists('/proc/sys'))
";
    assert_eq!(world.said(source).await, "False False\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_63_no_descriptor_of_the_server_is_inherited() {
    let world = World::new().await;
    let path = world.folder.with_extension("open");
    let file = fs::File::create(&path).unwrap();
    // As a careless library would open it.
    fcntl(file.as_fd(), FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
    let source = "
import os
for fd in range(256):
    try: print(fd, oct(os.fstat(fd).st_mode)[:-3])
    except OSError: pass
";
    let said = world.said(source).await;
    fs::remove_file(path).unwrap();
    assert_eq!(said, "0 0o10\n1 0o10\n2 0o10\n", "three pipes and nothing else");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_79_80_the_machine_is_masked() {
    let world = World::new().await;
    let source = "
import os, socket, uuid
print(socket.gethostname(), os.uname().nodename, os.getuid(), os.getcwd())
print(sorted(os.listdir('/dev')))
print([path for path in ['/etc/machine-id', '/proc/cmdline', '/proc/version', '/proc/cpuinfo'] if os.path.exists(path)])
print(open('/proc/self/cgroup').read().replace('\\n', ' ').count('stoa'))
";
    let said = world.said(source).await;
    let devices = "['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'urandom', 'zero']";
    assert_eq!(said, format!("cell cell 1000 /work\n{devices}\n[]\n0\n"));
    world.leaves_nothing().await;
}
