//! Memory in all its forms.

use stoa_sandbox::{Limits, Reason};

use crate::world::{World, roomy, text};

const MIB: u64 = 1 << 20;

fn small() -> Limits {
    Limits { memory_bytes: 96 * MIB, disk_bytes: 32 * MIB, file_bytes: 1024 * MIB, ..roomy() }
}

#[tokio::test]
async fn row_11_taking_memory_without_end() {
    let world = World::new().await;
    let run = world.run(&small(), "x = []\nwhile True: x.append(b'x' * 2**20)").await;
    assert_eq!(run.exit.reason, Reason::Memory);
    assert!(run.usage.peak_memory_bytes > 64 * MIB, "{:?}", run.usage);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_12_reserving_much_and_touching_little_is_fine() {
    let world = World::new().await;
    let gigabytes = if world.counted() { 64 } else { 0 };
    let source = format!(
        "
import mmap
some = mmap.mmap(-1, {gigabytes} * 2**30 + 300 * 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
print(some[len(some) - 1])
"
    );
    let run = world.run(&small(), &source).await;
    assert_eq!((run.exit.reason, text(&run.stdout)), (Reason::Exited, "0\n".to_owned()));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_13_files_in_memory_are_limited() {
    let world = World::new().await;
    let source = "
import os
total = 0
for folder in ['/dev/shm', '/tmp', '/work']:
    try:
        with open(folder + '/big', 'wb', buffering=0) as big:
            while True: total += big.write(b'x' * 2**16)
    except OSError as why: print(folder, os.strerror(why.errno))
print(total <= 32 * 2**20)
for folder in ['/', '/dev', '/etc', '/usr', '/proc']:
    try: open(folder + '/big', 'wb'); print('a file in', folder)
    except OSError: pass
";
    let run = world.run(&small(), source).await;
    let full = "No space left on device";
    assert_eq!(text(&run.stdout), format!("/dev/shm {full}\n/tmp {full}\n/work {full}\nTrue\n"));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_14_shared_and_nameless_memory_counts() {
    let world = World::new().await;
    let shared = "
import mmap, os
some = mmap.mmap(-1, 400 * 2**20)
for at in range(0, len(some), 4096): some[at] = 1
";
    assert_eq!(world.run(&small(), shared).await.exit.reason, Reason::Memory);
    let nameless = "
import os
try: fd = os.memfd_create('x')
except OSError as why: print(os.strerror(why.errno)); raise SystemExit
while True: os.write(fd, b'x' * 2**20)
";
    let run = world.run(&small(), nameless).await;
    let refused = (Reason::Exited, "Function not implemented\n".to_owned());
    let expected = if world.counted() { (Reason::Memory, String::new()) } else { refused };
    assert_eq!((run.exit.reason, text(&run.stdout)), expected);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_15_many_children_are_counted_and_ended_as_one() {
    let world = World::new().await;
    let source = "
import os, time
for _ in range(8):
    if os.fork() == 0:
        some = b'x' * (40 * 2**20)
        time.sleep(1000)
time.sleep(1000)
";
    let run = world.run(&small(), source).await;
    assert_eq!(run.exit.reason, Reason::Memory);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_16_a_stack_overflow_is_no_memory_limit() {
    let world = World::new().await;
    let run = world.run(&roomy(), "def f(): f()\nf()").await;
    assert_eq!((run.exit.reason, run.exit.code), (Reason::Exited, Some(1)));
    assert!(text(&run.stderr).contains("RecursionError"));
    let source = "
import sys
sys.setrecursionlimit(10**8)
x = []
for _ in range(10**6): x = [x]
repr(x)
";
    let run = world.run(&roomy(), source).await;
    assert_eq!((run.exit.reason, run.exit.signal), (Reason::Signal, Some(11)));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_72_the_verdict_is_the_supervisors() {
    let world = World::new().await;
    let source = "
import os
if os.fork() == 0:
    x = []
    while True: x.append(b'x' * 2**20)
os.wait()
print('all went well')
";
    assert_eq!(world.run(&small(), source).await.exit.reason, Reason::Memory);
    for code in [124, 137] {
        let run = world.run(&roomy(), &format!("raise SystemExit({code})")).await;
        assert_eq!((run.exit.reason, run.exit.code), (Reason::Exited, Some(code)));
    }
    world.leaves_nothing().await;
}
