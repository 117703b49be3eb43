//! Files and programs that mean no good, or are simply broken.

use std::time::{Duration, Instant};

use serde_json::json;
use stoa_documents::testing::{Sheet, with_document, zip};

use crate::{
    told,
    world::{Person, World, id, in_order_of_tasks},
};

/// Each with what its refusal must say.
fn bad_files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let encrypted = [ole, vec![0; 504], utf16("EncryptedPackage"), vec![0; 4096]].concat();
    let mut broken = Sheet::new().p("Lab").docx();
    broken.truncate(broken.len() / 2);
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a><body><p><r><t>&x;</t></r></p></body></a>";
    let bomb = with_document(&format!("<w:document><w:body>{}</w:body></w:document>", " ".repeat(100 << 20)));
    vec![
        ("empty.docx", Vec::new(), "empty"),
        ("broken.docx", broken, "damaged"),
        ("encrypted.docx", encrypted, "password"),
        ("bomb.docx", bomb, "its size"),
        ("entities.docx", with_document(external), "XML entities"),
        ("pdf.docx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n".to_vec(), "PDF"),
        ("archive.docx", zip(&[("a.txt", b"a")]), "ZIP archive"),
        ("noise.md", (0..4096_u32).map(|at| (at * 7_919 % 251) as u8).collect(), "text"),
    ]
}

/// The sentence that a person gets to read, at once or when the job has failed.
async fn refusal(anna: &Person, name: &str, file: &[u8]) -> String {
    let seen = anna.sends(name, file).await;
    if seen.status != 202 {
        assert!([413, 415, 422].contains(&seen.refusal().0), "{name}: {}", seen.text());
        return seen.text();
    }
    let accepted = seen.json();
    let job = anna.waits_for(&accepted["job"]).await;
    assert_eq!(job["state"], "failed", "{name}: {job}");
    assert_ne!(job["problem"]["code"], "internal", "{name}: {job}");
    let at = format!("/labs/{}", id(&accepted["lab"]));
    let lab = anna.get(&at).await.done(200);
    assert_eq!((&lab["state"], &lab["tasks"]), (&json!("failed"), &json!([])), "{name}");
    assert_eq!(lab["problem"], job["problem"]["detail"]);
    assert_eq!(anna.delete(&at).await.status, 204);
    job["problem"]["detail"].as_str().unwrap().to_owned()
}

told! {
/// Each is refused in time with a sentence that helps; the house stays small, and keeps nothing of it.
async fn bad_files_are_refused_in_time_and_nothing_stays(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    for (name, file, sentence) in bad_files() {
        let began = Instant::now();
        let said = refusal(&anna, name, &file).await;
        assert!(began.elapsed() < Duration::from_secs(10), "{name} took {:?}", began.elapsed());
        assert!(said.contains(sentence), "{name}: {said}");
        for inside in [".rs", "sqlx", "panicked", "/proc", "Error {", "root:"] {
            assert!(!said.contains(inside), "mv_m5 lm_11: {name}: {said}");
        }
    }
    let began = Instant::now();
    let large = anna.sends("large.docx", &vec![b'x'; 51 << 20]).await;
    assert_eq!(large.refusal().0, 413);
    assert!(began.elapsed() < Duration::from_secs(10), "51 MB took {:?}", began.elapsed());
    assert!(house.most_memory() < 512 << 20, "{} bytes", house.most_memory());
    house.stops().await;
    assert_eq!(world.count("SELECT count(*) FROM labmate_lab").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM store_blob WHERE state = 'kept'").await, 0);
    world.sweeps().await;
    assert_eq!(world.count("SELECT count(*) FROM store_blob").await, 0);
    assert_eq!(world.files(), 0);
}
}

/// A program, and how its run must end.
const PROGRAMS: [(&str, &str, &[&str]); 6] = [
    ("good before", "print('good')", &["exited"]),
    (
        "fork bomb",
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        &["timeout"],
    ),
    ("memory hog", "held = []\nwhile True:\n    held.append(bytearray(1 << 20))", &["memory"]),
    ("output flood", "while True:\n    print('x' * 1000)", &["output"]),
    ("endless loop", "while True:\n    pass", &["timeout"]),
    ("good after", "print('good')", &["exited"]),
];

told! {
/// Each ends as it must, says why, and harms none of the others.
async fn programs_that_run_wild_are_stopped_one_by_one(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let lab = olga.uploads("wild.md", b"# Wild\n\n1. Write a program to behave.\n").await;
    for task in lab["tasks"].as_array().unwrap() {
        olga.delete(&format!("/labs/{}/tasks/{}", id(&lab), id(task))).await.done(204);
    }
    for (question, code, _) in PROGRAMS {
        let task = json!({ "question": question, "code": code });
        olga.post(&format!("/labs/{}/tasks", id(&lab)), &task).await.done(201);
    }
    let limits = json!({ "limits": { "wall_seconds": 5, "cpu_seconds": 2, "memory_mib": 128 } });
    let job = olga.post(&format!("/labs/{}/runs", id(&lab)), &limits).await.done(202);
    assert_eq!(olga.waits_for(&job["job"]).await["state"], "succeeded");
    let lab = olga.get(&format!("/labs/{}", id(&lab))).await.done(200);
    let runs = in_order_of_tasks(&olga, &lab).await;
    let found: Vec<_> = runs.iter().map(|run| run["exit"]["reason"].as_str().unwrap()).collect();
    for ((question, _, expected), run) in PROGRAMS.iter().zip(&runs) {
        let reason = run["exit"]["reason"].as_str().unwrap();
        assert!(expected.contains(&reason), "{question}: {found:?}\n{run}");
    }
    for at in [0, PROGRAMS.len() - 1] {
        assert_eq!((&runs[at]["state"], &runs[at]["stdout"]), (&json!("succeeded"), &json!("good\n")));
    }
}
}
