//! The whole job: a house gets its owner, an assignment its answers.

mod sheets;

use serde_json::{Value, json};
use stoa_core::digest;
use stoa_documents::{Content, Document, Format};

pub(crate) use self::sheets::loops;
use crate::{
    told,
    world::{Person, Told, World, id},
};

told! {
/// From the link of the first start to a report that says what ran.
async fn lm_04_a_lab_travels_from_upload_to_report(world: &mut World) {
    let house = world.starts().await;
    assert_eq!(house.nobody().get("/setup").await.done(200), json!({ "needed": true }));
    let mut olga = house.nobody().takes_the_house(&house, "olga").await;
    assert_eq!(house.nobody().get("/setup").await.done(200), json!({ "needed": false }));
    let again = house.nobody().post("/setup", &json!({
        "claim": house.claim, "email": "eve@example.org", "password": "somebody else's words", "display_name": "Eve",
    }));
    assert_eq!(again.await.refusal().0, 404);
    olga.signs_in().await;
    assert_eq!(olga.get("/me").await.done(200)["email"], "olga@example.org");

    let lab = olga.uploads("Lab 3.docx", &loops()).await;
    let lab = edits(&olga, &lab).await;
    let heard = runs_and_listens(&olga, &lab).await;
    verdicts(&olga, &lab, &heard).await;
    pictures(&olga, &lab).await;
    reports(&olga, &lab).await;
    assert_eq!(olga.delete(&format!("/labs/{}", id(&lab))).await.status, 204);
    assert_eq!(olga.get(&format!("/labs/{}", id(&lab))).await.refusal().0, 404);
}
}

/// What the tasks are, whether in a lab or in a report.
fn tasks(lab: &Value) -> &[Value] {
    lab["tasks"].as_array().unwrap()
}

/// The tasks were found as the sheet has them; then the person says what the second reads.
async fn edits(olga: &Person, lab: &Value) -> Value {
    assert_eq!(lab["title"], "Lab 3");
    assert_eq!(lab["state"], "ready");
    assert_eq!(lab["source"]["sha256"], digest(loops()).hex());
    let questions: Vec<&str> = tasks(lab).iter().map(|task| task["question"].as_str().unwrap()).collect();
    assert_eq!(questions, sheets::QUESTIONS);
    let codes: Vec<&str> = tasks(lab).iter().map(|task| task["code"].as_str().unwrap()).collect();
    assert_eq!(codes, sheets::CODES);

    let second = format!("/labs/{}/tasks/{}", id(lab), id(&tasks(lab)[1]));
    let changed = olga.patch(&second, &json!({ "stdin": "Ada\n" })).await;
    assert_eq!(changed.done(200)["stdin"], "Ada\n");
    let stale = olga.asks("PATCH", &format!("/api/v1{second}")).header("if-match", "\"1\"");
    assert_eq!(stale.json(&json!({ "stdin": "Eve\n" })).send().await.refusal().0, 412);

    let added = json!({ "question": "Not today", "code": "print('never')" });
    let extra = olga.post(&format!("/labs/{}/tasks", id(lab)), &added).await.done(201);
    let out = olga.patch(&format!("/labs/{}/tasks/{}", id(lab), id(&extra)), &json!({ "included": false }));
    assert_eq!(out.await.done(200)["included"], false);
    olga.get(&format!("/labs/{}", id(lab))).await.done(200)
}

/// Runs everything; listens, goes away in the middle, comes back, and has heard each event once.
async fn runs_and_listens(olga: &Person, lab: &Value) -> Vec<Told> {
    let limits = json!({ "limits": { "wall_seconds": 2 } });
    let job = olga.post(&format!("/labs/{}/runs", id(lab)), &limits).await.done(202)["job"].clone();
    let mut heard = Vec::new();
    let mut telling = olga.follows(&job, None).await;
    while heard.last().is_none_or(|told: &Told| told.name != "output") {
        heard.push(telling.next().await.expect("a running job goes on telling"));
    }
    // Live: the program's first words are here, and it runs on.
    assert_eq!(olga.get(&format!("/jobs/{}", id(&job))).await.done(200)["state"], "running");
    drop(telling);
    let mut telling = olga.follows(&job, heard.last().map(|told| told.id)).await;
    while let Some(told) = telling.next().await {
        heard.push(told);
    }
    assert!(heard.last().is_some_and(Told::is_the_end), "{heard:?}");
    let numbers: Vec<i64> = heard.iter().filter(|told| told.name != "state").map(|told| told.id).collect();
    let last = i64::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "no gap, nothing twice");
    let end = heard.last().map(|told| told.id);
    assert_eq!(end, Some(last + 1));
    assert_eq!(olga.follows(&job, end).await.status, 204, "everything was heard");
    heard
}

/// Each task ended as it had to, and what was heard live is what is kept.
async fn verdicts(olga: &Person, lab: &Value, heard: &[Told]) {
    let runs = olga.get(&format!("/labs/{}/runs", id(lab))).await.done(200);
    let runs = runs["items"].as_array().unwrap();
    assert_eq!(runs.len(), 3, "the task that is left out did not run");
    let of = |at: usize| runs.iter().find(|run| run["task_id"] == tasks(lab)[at]["id"]).unwrap();
    let outcome = |at: usize| (of(at)["state"].as_str().unwrap(), of(at)["exit"]["reason"].as_str().unwrap());
    assert_eq!(outcome(0), ("succeeded", "exited"));
    assert_eq!(outcome(1), ("succeeded", "exited"));
    assert_eq!(outcome(2), ("failed", "timeout"));
    assert_eq!(of(0)["stdout"], sheets::SQUARES);
    assert_eq!(of(1)["stdout"], "What is your name? Hello Ada\n");
    for at in 0..3 {
        let live: String = heard
            .iter()
            .filter(|told| told.name == "output" && told.data["run_id"] == of(at)["id"])
            .map(|told| told.data["text"].as_str().unwrap())
            .collect();
        assert_eq!(live, of(at)["stdout"].as_str().unwrap(), "task {at}");
        assert_eq!(of(at)["code_sha256"], digest(sheets::CODES[at]).hex());
    }
    let layers = of(0)["isolation"]["layers"].as_array().unwrap();
    assert!(layers.contains(&json!("network")) && layers.contains(&json!("seccomp")), "{layers:?}");
    let one = olga.get(&format!("/runs/{}", id(of(0)))).await.done(200);
    assert_eq!(&one, of(0));
}

async fn pictures(olga: &Person, lab: &Value) {
    let task = &olga.get(&format!("/labs/{}", id(lab))).await.done(200)["tasks"][0];
    let run = id(&task["last_run"]);
    let mut seen = Vec::new();
    for theme in ["editor_dark", "editor_light", "terminal_dark", "terminal_light"] {
        let picture = olga.get(&format!("/runs/{run}/screenshot.png?theme={theme}")).await;
        assert_eq!(picture.header("content-type"), "image/png");
        assert!(picture.file().starts_with(b"\x89PNG\r\n\x1a\n") && picture.body.len() > 2_000, "{theme}");
        seen.push(picture.body);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 4, "the themes differ");
    assert_eq!(olga.get(&format!("/runs/{run}/screenshot.png?theme=pink")).await.status, 422);
}

/// In the order that the person chose, at both places, with evidence for each.
async fn reports(olga: &Person, lab: &Value) {
    let order: Vec<&str> = [1, 0, 2].iter().map(|at| id(&tasks(lab)[*at])).collect();
    let at_end = report(olga, lab, json!({ "format": "docx", "tasks": order, "placement": "end" })).await;
    let text = words(&at_end);
    let expected =
        ["def greet", "Hello Ada", "print(i, i * i, flush=True)", "4 16", "while True", "over its limit"];
    in_order(&text, &expected);
    let below = json!({ "format": "docx", "placement": "below_question", "filename": "answers" });
    let text = words(&report(olga, lab, below).await);
    let expected = [
        sheets::QUESTIONS[0],
        "4 16",
        sheets::QUESTIONS[1],
        "Hello Ada",
        sheets::QUESTIONS[2],
        "over its limit",
    ];
    in_order(&text, &expected);
    let list = olga.get(&format!("/labs/{}/reports", id(lab))).await.done(200);
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|report| report["filename"].as_str().unwrap()).collect();
    assert_eq!(names, ["answers.docx", "Lab_3_report.docx"]);
}

/// Builds a report, downloads it, and checks it against its evidence.
async fn report(olga: &Person, lab: &Value, asked: Value) -> Document {
    let asked = olga.post(&format!("/labs/{}/reports", id(lab)), &asked).await.done(202);
    let job = olga.waits_for(&asked["job"]).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let at = format!("/reports/{}", id(&asked["report"]));
    let row = olga.get(&at).await.done(200);
    assert_eq!(row["state"], "ready");
    let file = olga.get(&format!("{at}/file")).await;
    assert!(file.header("content-disposition").starts_with("attachment; filename="));
    assert_eq!(row["sha256"], digest(file.file()).hex());
    assert_eq!(row["size"], file.body.len());
    let evidence = olga.get(&format!("{at}/evidence")).await.done(200);
    assert_eq!(evidence["report"]["sha256"], row["sha256"]);
    assert_eq!(evidence["source"]["sha256"], digest(loops()).hex());
    for task in evidence["tasks"].as_array().unwrap() {
        let run = olga.get(&format!("/runs/{}", id(&task["run"]))).await.done(200);
        for (name, text) in [("code", "code"), ("stdin", "stdin"), ("stdout", "stdout"), ("stderr", "stderr")]
        {
            let hash = &task["run"][format!("{name}_sha256")];
            assert_eq!(hash, &digest(run[text].as_str().unwrap()).hex(), "{name}");
        }
        assert_eq!(task["run"]["limits"], run["limits"]);
        assert_eq!(task["run"]["exit"], run["exit"]);
    }
    stoa_documents::read(Format::Docx, file.file()).unwrap()
}

/// Everything a reader of a document sees, in order.
fn words(document: &Document) -> String {
    let block = |block: &stoa_documents::Block| match &block.content {
        Content::Paragraph(_) | Content::Code(_) | Content::Table(_) => block.text() + "\n",
    };
    document.blocks.iter().map(block).collect()
}

#[track_caller]
fn in_order(text: &str, expected: &[&str]) {
    let mut from = 0;
    for piece in expected {
        let at = text[from..].find(piece);
        from += at.unwrap_or_else(|| panic!("`{piece}` is not where it belongs in:\n{text}")) + piece.len();
    }
}
