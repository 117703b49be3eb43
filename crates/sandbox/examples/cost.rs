//! What a cell costs: plain fork+exec of Python beside the same in a cell, in turns, for `print(1)`.
//!
//! `cargo run --release -p stoa-sandbox --example cost [ROUNDS [SPARE]]`; build the helper first
//! (`cargo build --release -p stoa-sandbox`).
#![expect(clippy::print_stdout, reason = "a benchmark says what it measured")]

use std::{
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use stoa_core::{Error, Result};
use stoa_sandbox::{Config, Language, Limits, Program, Sandbox};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<()> {
    let number = |at| std::env::args().nth(at).and_then(|n| n.parse().ok());
    let (rounds, spare) = (number(1).unwrap_or(200), number(2).unwrap_or(1));
    let helper = helper()?;
    let folder = std::env::temp_dir().join(format!("stoa-cost-{}", std::process::id()));
    let sandbox = Sandbox::open(Config { program: helper, spare, ..Config::new(&folder) }).await?;
    println!("made ahead: {spare}; layers: {}", serde_json::to_string(sandbox.layers())?);
    let (mut plain, mut cell) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        plain.push(plainly().await?);
        cell.push(in_cell(&sandbox).await?);
    }
    let mut over: Vec<f64> = plain.iter().zip(&cell).map(|(plain, cell)| ms(*cell) - ms(*plain)).collect();
    over.sort_by(f64::total_cmp);
    println!("plain {}", spread(plain));
    println!("cell  {}", spread(cell));
    println!("over, paired: median {:.2} ms", over[over.len() / 2]);
    drop(sandbox);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn helper() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(|examples| examples.parent());
    let helper = folder.map(|folder| folder.join("stoa-cell")).filter(|path| path.exists());
    helper.ok_or_else(|| Error::unavailable("build the helper first: cargo build --release -p stoa-sandbox"))
}

async fn plainly() -> Result<Duration> {
    let begun = Instant::now();
    #[expect(clippy::disallowed_methods, reason = "the plain program is what the cell is compared with")]
    let mut command = tokio::process::Command::new("/usr/bin/python3");
    let done = command.args(["-B", "-u", "-c", "print(1)"]).env_clear().stdin(Stdio::null()).output().await?;
    assert_eq!(done.stdout, b"1\n");
    Ok(begun.elapsed())
}

async fn in_cell(sandbox: &Sandbox) -> Result<Duration> {
    let program = Program::new(Language::Python, "print(1)");
    let begun = Instant::now();
    let run = sandbox.run(&Limits::default(), &program, CancellationToken::new(), |_, _| {}).await?;
    let took = begun.elapsed();
    assert_eq!(run.stdout, b"1\n", "{}", String::from_utf8_lossy(&run.stderr));
    Ok(took)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |part: usize| ms(times[(times.len() - 1) * part / 100]);
    format!("median {:.2} ms, p10 {:.2}, p90 {:.2}, p99 {:.2}", at(50), at(10), at(90), at(99))
}
