//! Many processes, and processes that do not want to end.

use std::time::Duration;

use stoa_sandbox::{Limits, Reason};

use crate::world::{World, brief, roomy};

#[tokio::test]
async fn row_05_fork_bomb() {
    let world = World::new().await;
    let source = "
import os
while True:
    try: os.fork()
    except OSError: pass
";
    let run = world.run(&Limits { cpu: Duration::from_secs(2), ..roomy() }, source).await;
    assert_eq!(run.exit.reason, Reason::Timeout);
    assert!((2..=64).contains(&run.usage.processes), "{:?}", run.usage);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_06_the_other_ways_to_fork_are_limited_too() {
    let world = World::new().await;
    let source = "
import ctypes, errno, os, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(435, 0, 0) == -1 and ctypes.get_errno() == errno.ENOSYS, 'clone3'
started = 0
try:
    while True:
        os.posix_spawn('/bin/sleep', ['sleep', '1000', sys.argv[1]], {})
        started += 1
except OSError as why: print(errno.errorcode[why.errno], started < 20)
try:
    while True: threading.Thread(target=threading.Event().wait, daemon=True).start()
except RuntimeError as why: print(why)
sys.stdout.flush()
os._exit(0)
";
    let run = world.run(&Limits { processes: 20, ..roomy() }, source).await;
    assert_eq!(crate::world::text(&run.stdout), "EAGAIN True\ncan't start new thread\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_07_a_daemon_dies_with_the_job() {
    let world = World::new().await;
    let source = "
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3): os.close(fd)
        time.sleep(10**6)
    os._exit(0)
os.wait()
print('gone')
";
    assert_eq!(world.said(source).await, "gone\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_08_nobody_can_ignore_the_end() {
    let world = World::new().await;
    let source = "
import os, signal, time
for one in range(1, 65):
    try: signal.signal(one, signal.SIG_IGN)
    except (OSError, ValueError): pass
for _ in range(5): os.fork()
while True: time.sleep(1000)
";
    let run = world.run(&brief(), source).await;
    assert_eq!(run.exit.reason, Reason::Timeout);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_09_zombies_are_limited_and_orphans_reaped() {
    let world = World::new().await;
    let source = "
import os
for _ in range(500):  # orphans: init takes them
    if os.fork() == 0:
        while True:
            try:
                if os.fork() == 0: os._exit(0)
                break
            except OSError: pass
        os._exit(0)
    os.wait()
zombies = 0
try:
    while True:
        if os.fork() == 0: os._exit(0)
        zombies += 1
except OSError: print(zombies <= 64)
";
    assert_eq!(world.said(source).await, "True\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_10_a_stopped_process_is_ended_all_the_same() {
    let world = World::new().await;
    let run = world.run(&brief(), "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)").await;
    assert_eq!(run.exit.reason, Reason::Timeout);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_39_signals_reach_only_ones_own() {
    let world = World::new().await;
    let source = "
import os, signal
if os.fork() == 0: signal.pause()
for one in [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM]:
    try: os.kill(1, one)
    except PermissionError: pass
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.kill(-1, signal.SIGTERM)
print('still here, and so is the first process')
";
    assert_eq!(world.said(source).await, "still here, and so is the first process\n");
    world.leaves_nothing().await;
}
