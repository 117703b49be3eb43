//! The helper of this crate's own tests and benchmark: the two hidden commands, as the server has them.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next().as_deref()) {
        (Some("sandbox-cell"), None) => stoa_sandbox::cell_main(),
        (Some("sandbox-tool"), Some(name)) => tool(name),
        _ => ExitCode::from(64),
    }
}

/// Small tools that the tests ask for.
fn tool(name: &str) -> ExitCode {
    match name {
        "echo" => echo().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        "spin" => loop {
            std::hint::spin_loop();
        },
        "look" => {
            let seen =
                ["/usr/bin/python3", "/etc/shadow", "/stoa"].map(|path| std::path::Path::new(path).exists());
            let said = writeln!(io::stdout(), "{seen:?}");
            said.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
        }
        _ => ExitCode::from(3),
    }
}

fn echo() -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    io::stdout().write_all(&bytes)
}
