//! Programs in the sandbox, and what the machine can do.

use std::{fs, io::Read};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::house::House;

fn with(program: &str) -> House {
    let house = House::new();
    fs::write(house.folder.join("program.py"), program).unwrap();
    house
}

#[test]
fn a_programs_output_and_code_are_the_commands_own() {
    let house =
        with("import sys\nprint(sys.stdin.read(), sys.argv[1:])\nprint('oh', file=sys.stderr)\nsys.exit(7)");
    fs::write(house.folder.join("in.txt"), "in").unwrap();
    let said = house.run(&["sandbox", "run", "program.py", "--stdin", "in.txt", "--", "-a", "b c"]);
    assert_eq!((said.code, &*said.out, &*said.err), (Some(7), "in ['-a', 'b c']\n", "oh\n"));
    assert!(!house.folder.join("data").exists());
}

#[test]
fn a_run_as_json_tells_all() {
    let said = with("print(6 * 7)").run(&["sandbox", "run", "program.py", "--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let run: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&run["stdout"], &run["exit"]["reason"]), (&"42\n".into(), &"exited".into()));
    assert_eq!((&run["state"], &run["exit"]["code"]), (&"succeeded".into(), &0.into()));
    assert!(run["isolation"]["layers"].as_array().unwrap().iter().any(|layer| layer == "seccomp"));
}

#[test]
fn a_program_that_does_not_end_is_ended_by_the_limit() {
    let house = with("while True: pass");
    fs::write(house.folder.join("stoa.toml"), "[sandbox.limits]\nwall_seconds = 1\ncpu_seconds = 1\n")
        .unwrap();
    let said = house.run(&["sandbox", "run", "program.py"]);
    assert_eq!(said.code, Some(124), "{said:?}");
    assert!(said.err.contains("took too long"), "{said:?}");
}

#[test]
fn ctrl_c_ends_a_program_and_the_command() {
    let house = with("print('up')\nimport time\ntime.sleep(1000)");
    let mut child = house.command(&["sandbox", "run", "program.py"]).spawn().unwrap();
    let mut up = [0; 3];
    child.stdout.as_mut().unwrap().read_exact(&mut up).unwrap();
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "stopped\n");
}

#[test]
fn what_cannot_be_run_is_asked_wrongly() {
    let house = with("print(1)");
    fs::write(house.folder.join("program.cob"), "").unwrap();
    for wrong in [&["program.cob"][..], &["nothing.py"], &["program.py", "--language", "cobol"]] {
        let said = house.run(&[&["sandbox", "run"], wrong].concat());
        assert_eq!((said.code, &*said.out), (Some(2), ""), "{said:?}");
    }
}

const LAB: &str = "# Lab\n\nTask 1. Say hello.\n\n```python\nprint('hello')\n```\n\nTask 2. Add.\n\n```python\n\
                   print(6 * 7)\n```\n";

#[test]
fn a_lab_is_done_from_file_to_report_without_a_server() {
    let house = House::new();
    fs::write(house.folder.join("lab.md"), LAB).unwrap();
    let args = ["lab", "lab.md", "--out", "report.docx", "--evidence", "evidence.json"];
    let said = house.run(&args);
    assert_eq!((said.code, &*said.err), (Some(0), ""), "{said:?}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with("1/2 ok") && lines[1].starts_with("2/2 ok"), "{said:?}");
    assert_eq!(lines[2..], ["report.docx: all 2 tasks ran"]);
    assert!(fs::read(house.folder.join("report.docx")).unwrap().starts_with(b"PK"));
    let evidence: Value =
        serde_json::from_slice(&fs::read(house.folder.join("evidence.json")).unwrap()).unwrap();
    assert_eq!(evidence["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(evidence["report"]["filename"], "report.docx");
    assert_eq!(fs::read_dir(&house.folder).unwrap().count(), 3, "no data folder, nothing left over");
}

#[test]
fn a_lab_of_which_a_task_fails_is_reported_and_not_a_success() {
    let house = House::new();
    fs::write(house.folder.join("lab.md"), LAB.replace("print(6 * 7)", "raise SystemExit(3)")).unwrap();
    let said = house.run(&["lab", "lab.md", "--out", "report.docx"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("\n2/2 NO") && said.out.ends_with("report.docx: 1 of 2 tasks ran\n"),
        "{said:?}"
    );
    assert!(house.folder.join("report.docx").exists());
}

#[test]
fn what_is_no_document_makes_no_report() {
    let house = House::new();
    fs::write(house.folder.join("lab.docx"), [0x7f, b'E', b'L', b'F', 0, 1, 2, 3]).unwrap();
    let said = house.run(&["lab", "lab.docx", "--out", "report.docx"]);
    assert_eq!((said.code, &*said.out), (Some(1), ""), "{said:?}");
    assert!(said.err.starts_with("stoa: ") && said.err.contains("DOCX"), "{said:?}");
    assert!(!house.folder.join("report.docx").exists());
}

#[test]
fn the_doctor_sees_the_sandbox_and_says_what_is_wrong() {
    let house = House::new();
    let well: Value = serde_json::from_str(&house.run(&["doctor", "--json"]).out).unwrap();
    let found = |name: &str| {
        well["findings"].as_array().unwrap().iter().find(|finding| finding["name"] == name).cloned().unwrap()
    };
    assert_eq!(found("sandbox")["health"], "ok", "{well:#}");
    assert!(found("language")["detail"].as_str().unwrap().starts_with("Python 3"), "{well:#}");
    assert_eq!((&found("database")["health"], &found("clock")["health"]), (&"ok".into(), &"ok".into()));
    let ill =
        House::with("[database]\nurl = \"postgres://stoa:hush@127.0.0.1:1/stoa\"\nacquire_seconds = 1\n");
    let said = ill.run(&["doctor"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("PROBLEM  database     the database does not answer"), "{said:?}");
    assert!(!said.out.contains("hush"));
}
