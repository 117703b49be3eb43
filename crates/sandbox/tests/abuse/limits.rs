//! Time, and the limits themselves.

use std::time::Duration;

use stoa_core::Kind;
use stoa_sandbox::{Asked, Exit, Limits, Reason};

use crate::world::{World, brief, roomy};

const ENDED: Option<i32> = Some(9);

#[tokio::test]
async fn row_01_an_endless_loop_ends_at_the_processor_limit() {
    let world = World::new().await;
    let limits = Limits { cpu: Duration::from_secs(1), ..roomy() };
    let run = world.run(&limits, "while True: pass").await;
    assert_eq!(run.exit, Exit { code: None, signal: ENDED, reason: Reason::Timeout });
    assert!((900..10_000).contains(&run.usage.cpu_ms), "{:?}", run.usage);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_02_sleeping_for_ever_ends_at_the_wall_limit() {
    let world = World::new().await;
    let run = world.run(&brief(), "import time; time.sleep(10**6)").await;
    assert_eq!(run.exit, Exit { code: None, signal: ENDED, reason: Reason::Timeout });
    assert!(run.usage.wall_ms >= 2000, "{:?}", run.usage);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_03_no_number_means_unlimited() {
    let site = Limits::default();
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 0.0, -0.0, 1e300, 11.0] {
        for asked in [
            Asked { wall_s: Some(wrong), ..Asked::default() },
            Asked { cpu_s: Some(wrong), ..Asked::default() },
        ] {
            let error = site.narrowed(&asked).unwrap_err();
            assert_eq!((error.kind(), error.fields().len()), (Kind::Invalid, 1), "{asked:?}");
        }
    }
    for wrong in [0, -1, i64::MIN, i64::MAX] {
        for asked in [
            Asked { memory_bytes: Some(wrong), ..Asked::default() },
            Asked { processes: Some(wrong), ..Asked::default() },
            Asked { output_bytes: Some(wrong), ..Asked::default() },
        ] {
            let error = site.narrowed(&asked).unwrap_err();
            assert_eq!((error.kind(), error.fields().len()), (Kind::Invalid, 1), "{asked:?}");
        }
    }
    assert_eq!(site.narrowed(&Asked::default()).unwrap(), site, "missing means the site's own");
    assert!(serde_json::from_str::<Asked>(r#"{"wall_s": "for ever"}"#).is_err());
    assert!(serde_json::from_str::<Asked>(r#"{"wall": 1}"#).is_err(), "a misspelt limit is no limit");
    let world = World::new().await;
    for wrong in [
        Limits { wall: Duration::ZERO, ..Limits::default() },
        Limits { cpu: Duration::MAX, ..Limits::default() },
        Limits { memory_bytes: 0, ..Limits::default() },
        Limits { memory_bytes: u64::MAX, ..Limits::default() },
        Limits { processes: 0, ..Limits::default() },
        Limits { output_bytes: u64::MAX, ..Limits::default() },
        Limits { disk_bytes: 0, ..Limits::default() },
        Limits { files: u64::MAX, ..Limits::default() },
    ] {
        let error = world.run_program(&wrong, &world.program("print(1)")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{wrong:?}");
    }
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_04_processor_time_is_summed_over_the_job() {
    let world = World::new().await;
    let limits = Limits { cpu: Duration::from_secs(2), ..roomy() };
    // Each of the eight stays below the limit; together they do not.
    let source = "
import os, time
for _ in range(8):
    if os.fork() == 0:
        while time.process_time() < 1.2: pass
        os._exit(0)
for _ in range(8): os.wait()
print('done')
";
    let run = world.run(&limits, source).await;
    assert_eq!((run.exit.reason, run.stdout), (Reason::Timeout, vec![]));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_74_limits_cannot_be_raised() {
    let world = World::new().await;
    let source = "
import os, resource
for name in ['CPU', 'FSIZE', 'NOFILE', 'NPROC', 'CORE', 'STACK', 'MEMLOCK']:
    which = getattr(resource, 'RLIMIT_' + name)
    soft, hard = resource.getrlimit(which)
    assert soft == hard != resource.RLIM_INFINITY, name
    try: resource.setrlimit(which, (hard, hard + 1))
    except (ValueError, PermissionError): continue
    print(name, 'was raised')
try: os.nice(-5)
except PermissionError: pass
else: print('nicer')
try: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
except PermissionError: pass
else: print('real time')
";
    assert_eq!(world.said(source).await, "");
    world.leaves_nothing().await;
}
