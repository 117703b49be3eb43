//! Output and input.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use stoa_sandbox::{Limits, Program, Reason, Stream};
use tokio_util::sync::CancellationToken;

use crate::world::{World, roomy, text};

fn short() -> Limits {
    Limits { output_bytes: 10_000, ..roomy() }
}

#[tokio::test]
async fn row_17_a_flood_on_stdout_is_cut_and_ends_the_job() {
    let world = World::new().await;
    let run = world.run(&short(), "while True: print('flood')").await;
    assert_eq!((run.exit.reason, run.truncated), (Reason::Output, true));
    assert_eq!((run.stdout.len(), run.stderr.len()), (10_000, 0));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_18_floods_on_both_streams_stay_apart() {
    let world = World::new().await;
    let run = world.run(&short(), "import os\nwhile True: os.write(2, b'e' * 999)").await;
    assert_eq!((run.exit.reason, run.stdout.len(), run.stderr.len()), (Reason::Output, 0, 10_000));
    let run =
        world.run(&short(), "import os\nwhile True: os.write(1, b'o' * 9); os.write(2, b'e' * 9)").await;
    assert_eq!((run.exit.reason, run.truncated), (Reason::Output, true));
    assert!(run.stdout.iter().all(|byte| *byte == b'o') && run.stdout.len() <= 10_000);
    assert!(run.stderr.iter().all(|byte| *byte == b'e') && run.stderr.len() <= 10_000);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_19_any_bytes_are_carried_as_they_are() {
    let world = World::new().await;
    let run = world
        .run(&roomy(), r"import os; os.write(1, b'\0\xff\xfe\x1b[2J\x1b]0;x\x07\xc3'); os.write(2, b'\xf0')")
        .await;
    assert_eq!(run.stdout, b"\0\xff\xfe\x1b[2J\x1b]0;x\x07\xc3");
    assert_eq!(run.stderr, b"\xf0");
    assert!(!run.truncated);
    let run = world.run(&short(), "import os\nwhile True: os.write(1, b'x' * 4096)").await;
    assert_eq!((run.exit.reason, run.stdout.len()), (Reason::Output, 10_000));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_20_a_flood_of_diagnostics_is_cut() {
    let world = World::new().await;
    let run = world.run(&short(), &"1 is 1\n".repeat(5_000)).await;
    assert_eq!((run.exit.reason, run.stderr.len()), (Reason::Output, 10_000));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_67_stdin_in_every_way() {
    let world = World::new().await;
    let with = |stdin: Vec<u8>, source: &str| Program { stdin, ..world.program(source) };
    let cases = [
        (vec![], "import sys; print(len(sys.stdin.read()))", "0\n"),
        (b"a name\n".to_vec(), "print('hello', input())", "hello a name\n"),
        (vec![b'x'; 100 << 20], "import sys; print(len(sys.stdin.buffer.read(7)))", "7\n"),
        (vec![b'x'; 100 << 20], "import os; os.close(0); print('closed')", "closed\n"),
        (vec![b'x'; 100 << 20], "print('never read')", "never read\n"),
    ];
    for (stdin, source, expected) in cases {
        let run = world.run_program(&roomy(), &with(stdin, source)).await.unwrap();
        assert_eq!((run.exit.code, text(&run.stdout)), (Some(0), expected.to_owned()), "{source}");
    }
    let all = "
import sys
n = 0
while some := sys.stdin.buffer.read(2**16): n += len(some)
print(n)
";
    let run = world.run_program(&roomy(), &with(vec![b'x'; 100 << 20], all)).await.unwrap();
    assert_eq!(text(&run.stdout), format!("{}\n", 100 << 20));
    let error = world.run_program(&roomy(), &with(vec![0; 129 << 20], "print(1)")).await.unwrap_err();
    assert_eq!(error.kind(), stoa_core::Kind::TooLarge);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_68_writing_while_it_floods_does_not_lock_up() {
    let world = World::new().await;
    let source = "import os\nwhile True: os.write(1, b'o' * 65536); os.write(2, b'e' * 65536)";
    let program = Program { stdin: vec![b'x'; 50 << 20], ..world.program(source) };
    let run = world.run_program(&roomy(), &program).await.unwrap();
    assert_eq!(run.exit.reason, Reason::Output);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_73_nothing_printed_can_pass_for_a_result() {
    let world = World::new().await;
    let run = world
        .run(&roomy(), r#"print('R\x10\0\0\0{"code":0,"over_memory":true}'); raise SystemExit(3)"#)
        .await;
    assert_eq!((run.exit.reason, run.exit.code), (Reason::Exited, Some(3)));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn output_arrives_while_the_program_runs() {
    let world = World::new().await;
    let cancel = CancellationToken::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (noted, stop) = (heard.clone(), cancel.clone());
    let program = world.program("import os, time; os.write(1, b'first\\n'); time.sleep(10**6)");
    let limits = Limits { wall: Duration::from_secs(600), ..roomy() };
    let run = world.sandbox.run(&limits, &program, cancel, move |stream, bytes| {
        noted.lock().unwrap().push((stream, text(bytes)));
        stop.cancel(); // only what was heard live can end this run
    });
    let run = run.await.unwrap();
    assert_eq!((run.exit.reason, text(&run.stdout)), (Reason::Cancelled, "first\n".to_owned()));
    assert_eq!(*heard.lock().unwrap(), [(Stream::Stdout, "first\n".to_owned())]);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn what_was_said_before_a_limit_is_kept() {
    let world = World::new().await;
    let limits = Limits { cpu: Duration::from_secs(1), ..roomy() };
    let run = world.run(&limits, "print('before')\nopen('note', 'w').write('x')\nwhile True: pass").await;
    assert_eq!((run.exit.reason, text(&run.stdout)), (Reason::Timeout, "before\n".to_owned()));
    assert_eq!(run.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["note"]);
    world.leaves_nothing().await;
}
