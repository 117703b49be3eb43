//! Files in, files out, and what is left of them.

use std::fs;

use stoa_core::Kind;
use stoa_sandbox::{Artefact, Language, Limits, Program, Reason, Run, Skipped};

use crate::world::{World, roomy, text};

fn names(run: &Run) -> Vec<&str> {
    run.files.iter().map(|file| file.name.as_str()).collect()
}

fn skipped(run: &Run) -> Vec<(&str, &str)> {
    let mut all: Vec<_> =
        run.skipped.iter().map(|Skipped { name, why }| (name.as_str(), why.as_str())).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn files_go_in_and_what_was_made_comes_out() {
    let world = World::new().await;
    let source = "
import os, helper
print(open('data/in.txt').read(), helper.answer)
open('data/in.txt', 'a').write('!')
os.mkdir('out')
open('out/result.bin', 'wb').write(bytes(range(256)) * 1000)
";
    let files = vec![
        ("data/in.txt".to_owned(), b"hello".to_vec()),
        ("helper.py".to_owned(), b"answer = 42".to_vec()),
    ];
    let program = Program { files, ..world.program(source) };
    let run = world.run_program(&roomy(), &program).await.unwrap();
    assert_eq!(text(&run.stdout), "hello 42\n", "{}", text(&run.stderr));
    let result: Vec<u8> = (0..=255).collect::<Vec<u8>>().repeat(1000);
    let changed = Artefact { name: "data/in.txt".to_owned(), bytes: b"hello!".to_vec() };
    assert_eq!(run.files, [changed, Artefact { name: "out/result.bin".to_owned(), bytes: result }]);
    assert_eq!(run.skipped, []);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_26_one_big_file_meets_the_file_limit() {
    let world = World::new().await;
    let limits = Limits { file_bytes: 1 << 20, disk_bytes: 4 << 20, ..roomy() };
    let source = "
import os
fd = os.open('big', os.O_CREAT | os.O_WRONLY)
for way in [lambda: os.posix_fallocate(fd, 0, 2**30), lambda: os.truncate(fd, 2**40)]:
    try: way(); print('room')
    except OSError as why: print(os.strerror(why.errno))
";
    let run = world.run(&limits, source).await;
    assert_eq!(text(&run.stdout), "File too large\nFile too large\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_27_many_small_files_meet_the_count() {
    let world = World::new().await;
    let limits = Limits { files: 100, artefacts: 5, ..roomy() };
    let source = "
made = 0
try:
    while True: open(f'{made:05}', 'w').close(); made += 1
except OSError as why: print(why.strerror, made <= 102)
";
    let run = world.run(&limits, source).await;
    assert_eq!(text(&run.stdout), "No space left on device True\n");
    assert_eq!(names(&run), ["00000", "00001", "00002", "00003", "00004"]);
    assert_eq!(skipped(&run)[0], ("00005", "too_many"));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_28_a_sparse_file_is_not_copied_out() {
    let world = World::new().await;
    let limits = Limits { file_bytes: 8 << 30, artefact_bytes: 1 << 20, ..roomy() };
    let run = world.run(&limits, "open('sparse', 'wb').truncate(7 * 2**30)").await;
    assert_eq!((run.exit.reason, run.files.len()), (Reason::Exited, 0), "{}", text(&run.stderr));
    assert_eq!(skipped(&run), [("sparse", "too_large")]);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_29_deep_and_odd_names() {
    let world = World::new().await;
    let source = r"
import os
open('with\nnewline', 'w').close()
open(b'\xff\xfe', 'w').close()
open('n' * 255, 'w').close()
open('good', 'w').close()
for _ in range(600):
    os.mkdir('deep'); os.chdir('deep')
open('bottom', 'w').close()
";
    let run = world.run(&roomy(), source).await;
    assert_eq!((run.exit.code, names(&run)), (Some(0), vec!["good"]), "{}", text(&run.stderr));
    assert_eq!(skipped(&run).iter().filter(|(_, why)| *why == "name").count(), 3);
    assert_eq!(skipped(&run).iter().filter(|(_, why)| *why == "too_deep").count(), 1);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_30_nothing_waits_for_the_next_job() {
    let world = World::new().await;
    let leave = "for place in ['/work', '/tmp', '/dev/shm']: open(place + '/trap', 'w').write('x')";
    assert_eq!(world.said(leave).await, "");
    let look = "import os\nfor place in ['/work', '/tmp', '/dev/shm']: print(os.listdir(place))";
    assert_eq!(world.said(look).await, "['main.py']\n[]\n[]\n");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_31_a_folder_that_does_not_want_to_go() {
    let world = World::new().await;
    let source = "
import os
os.mkdir('shut'); open('shut/in', 'w').write('x'); os.chmod('shut/in', 0); os.chmod('shut', 0); os.chmod('.', 0)
";
    let run = world.run(&roomy(), source).await;
    assert_eq!((run.exit.code, names(&run)), (Some(0), vec!["shut/in"]), "{}", text(&run.stderr));
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_56_58_60_links_and_pipes_are_never_followed_or_opened() {
    let world = World::new().await;
    let secret = world.folder.with_extension("secret");
    fs::write(&secret, "the server's").unwrap();
    let source = format!(
        "
import os
os.symlink('{}', 'link'); os.symlink('/etc/passwd', 'passwd'); os.symlink('/usr', 'usr')
os.mkfifo('pipe'); os.unlink('main.py'); os.symlink('/etc/passwd', 'main.py')
import socket; socket.socket(socket.AF_UNIX).bind('socket')
",
        secret.display()
    );
    let run = world.run(&roomy(), &source).await;
    fs::remove_file(secret).unwrap();
    assert_eq!((run.exit.code, run.files.len()), (Some(0), 0), "{}", text(&run.stderr));
    let expected = [
        ("link", "link"),
        ("main.py", "link"),
        ("passwd", "link"),
        ("pipe", "special"),
        ("socket", "special"),
        ("usr", "link"),
    ];
    assert_eq!(skipped(&run), expected);
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_59_66_names_that_climb_are_refused() {
    let world = World::new().await;
    let long = "x".repeat(256);
    for name in ["../x", "/etc/x", "a/../../x", "/w/../w2", "", ".", "main.py", "a\nb", "a\0b", &long] {
        let program = Program { files: vec![(name.to_owned(), vec![])], ..world.program("print(1)") };
        let error = world.run_program(&roomy(), &program).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.fields()[0].pointer.as_ref()),
            (Kind::Invalid, "/files/0/name"),
            "{name:?}"
        );
    }
    world.leaves_nothing().await;
}

#[tokio::test]
async fn row_62_too_much_is_not_handed_back() {
    let world = World::new().await;
    let limits = Limits { artefact_bytes: 2500, ..roomy() };
    let run = world.run(&limits, "for n in range(4): open(str(n), 'w').write('x' * 1000)").await;
    assert_eq!(names(&run), ["0", "1"]);
    assert_eq!(skipped(&run), [("2", "too_large"), ("3", "too_large")]);
    world.leaves_nothing().await;
}

#[test]
fn row_65_a_language_is_a_name_of_the_table() {
    assert_eq!(Language::by_id("python"), Some(Language::Python));
    for id in ["", "Python", "python3", "/usr/bin/python3", "python; sh", "../python", "python\0"] {
        assert_eq!(Language::by_id(id), None, "{id:?}");
        assert!(serde_json::from_value::<Language>(id.into()).is_err(), "{id:?}");
    }
}

#[tokio::test]
async fn row_64_arguments_are_a_list() {
    let world = World::new().await;
    let odd = ["-x", "; touch /work/x", "a\nb", "$(id)", "", "ü"].map(str::to_owned).to_vec();
    let program = Program { args: odd, ..world.program("import sys; print(sys.argv[1:])") };
    let run = world.run_program(&roomy(), &program).await.unwrap();
    assert_eq!(text(&run.stdout), "['-x', '; touch /work/x', 'a\\nb', '$(id)', '', 'ü']\n");
    assert_eq!(run.files, []);
    let program = Program { args: vec!["a\0b".to_owned()], ..world.program("print(1)") };
    assert_eq!(world.run_program(&roomy(), &program).await.unwrap_err().fields()[0].pointer, "/args");
    world.leaves_nothing().await;
}

#[tokio::test]
async fn the_table_finds_what_is_installed() {
    let world = World::new().await;
    let version = world.sandbox.available(Language::Python).await;
    assert!(version.as_deref().is_some_and(|version| version.starts_with("Python 3.")), "{version:?}");
    world.leaves_nothing().await;
}
