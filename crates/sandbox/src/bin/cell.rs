//! The helper of this crate's own tests and benchmark: the two hidden commands, as the server has them, and a small
//! server that a test may kill.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use stoa_sandbox::{Config, Language, Limits, Program, Sandbox};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sandbox-cell"] => stoa_sandbox::cell_main(),
        ["sandbox-tool", name] => done(tool(name)),
        ["test-serve", folder, program, token] => serve(folder, program, token),
        _ => ExitCode::from(64),
    }
}

/// Small tools that the tests ask for.
fn tool(name: &str) -> io::Result<()> {
    let mut out = io::stdout();
    match name {
        "echo" => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes)?;
            out.write_all(&bytes)
        }
        "spin" => loop {
            std::hint::spin_loop();
        },
        "grow" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; 1 << 20]);
                std::hint::black_box(&held);
            }
        }
        "look" => {
            let paths = ["/usr/bin/python3", "/etc/shadow", "/root", "/usr/lib"];
            writeln!(out, "{:?}", paths.map(|path| std::path::Path::new(path).exists()))
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Runs a program that never ends, and says so once it is up.
fn serve(folder: &str, program: &str, token: &str) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let config = Config { program: program.into(), ..Config::new(folder) };
    let source = "import time; print('up'); time.sleep(10**6)";
    let program = Program { args: vec![token.to_owned()], ..Program::new(Language::Python, source) };
    let limits = Limits { wall: std::time::Duration::from_secs(600), ..Limits::default() };
    let ran = runtime.block_on(async {
        let sandbox = Sandbox::open(config).await?;
        let say = |_, bytes: &[u8]| {
            let _nobody_listens = io::stdout().write_all(bytes).and_then(|()| io::stdout().flush());
        };
        sandbox.run(&limits, &program, CancellationToken::new(), say).await
    });
    done(ran.map_err(|_| io::ErrorKind::Other.into()))
}

fn done<T>(result: io::Result<T>) -> ExitCode {
    result.map_or(ExitCode::FAILURE, |_| ExitCode::SUCCESS)
}
