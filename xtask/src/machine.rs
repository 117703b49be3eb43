//! What a machine must have, and how it gets it: from Debian's packages when we are root, else by a sentence.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::trouble::Result;
use crate::{paths, process, say};

/// A program that must be there.
pub(crate) struct Need {
    program: &'static str,
    purpose: &'static str,
    packages: &'static [&'static str],
    found: fn() -> bool,
}

const COMPILER: Need = Need {
    program: "cc",
    purpose: "compiles SQLite and the cryptography",
    packages: &["gcc", "libc6-dev"],
    found: || paths::on_path("cc").is_some(),
};
const PYTHON: Need = Need {
    program: "/usr/bin/python3",
    purpose: "the sandbox runs Python with it; a Python elsewhere is not visible inside",
    packages: &["python3"],
    found: || Path::new("/usr/bin/python3").exists(),
};
const VENV: Need = Need {
    program: "python3 -m venv",
    purpose: "the stories run clients that are written in Python",
    packages: &["python3-venv"],
    found: || process::read(process::command("/usr/bin/python3").args(["-c", "import ensurepip"])).is_ok(),
};
const POSTGRES: Need = Need {
    program: "postgres",
    purpose: "the second database of the tests",
    packages: &["postgresql"],
    found: || postgres_programs().is_some(),
};
const REDIS: Need = Need {
    program: "redis-server",
    purpose: "wake-ups and limits across nodes",
    packages: &["redis-server"],
    found: || paths::on_path("redis-server").is_some(),
};
const CHROMIUM: Need = Need {
    program: "chromium",
    purpose: "the browser test",
    packages: &["chromium", "fonts-dejavu-core"],
    found: || paths::on_path("chromium").is_some(),
};

pub(crate) const TO_BUILD: &[Need] = &[COMPILER];
pub(crate) const TO_SERVE: &[Need] = &[COMPILER, PYTHON];
pub(crate) const SERVICES: &[Need] = &[POSTGRES, REDIS];
pub(crate) const FOR_STORIES: &[Need] = &[PYTHON, VENV, POSTGRES, REDIS];
pub(crate) const TO_TEST: &[Need] = &[COMPILER, PYTHON, VENV, POSTGRES, REDIS, CHROMIUM];

/// The oldest Node.js that the web app's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Installs what is missing, or says what to install.
pub(crate) fn ensure(needs: &[Need]) -> Result {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.found)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if !is_root() || paths::on_path("apt-get").is_none() {
        return Err(please_install(&missing, &packages).into());
    }
    say::heading(&format!("installing {}", packages.join(" ")));
    let apt = || {
        let mut command = process::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
        command
    };
    process::read(apt().arg("update"))?;
    process::read(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    match needs.iter().find(|need| !(need.found)()) {
        None => Ok(()),
        Some(need) => {
            Err(format!("{} is still missing after its package was installed", need.program).into())
        }
    }
}

fn please_install(missing: &[&Need], packages: &[&str]) -> String {
    let lines: String =
        missing.iter().map(|need| format!("  {} — {}\n", need.program, need.purpose)).collect();
    let packages = packages.join(" ");
    format!(
        "this machine lacks\n{lines}On Debian or Ubuntu: sudo apt-get install --no-install-recommends {packages}"
    )
}

/// Node.js is not installed by us: distributions carry too many old ones.
pub(crate) fn node() -> Result {
    let wanted = format!("Node.js {}.{} or newer, with npm (https://nodejs.org)", NODE.0, NODE.1);
    if paths::on_path("node").is_none() || paths::on_path("npm").is_none() {
        return Err(format!("this machine lacks {wanted}").into());
    }
    let version = process::read(process::command("node").arg("--version"))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= NODE => Ok(()),
        _ => Err(format!("this machine has Node.js {}; it needs {wanted}", version.trim()).into()),
    }
}

/// Whether we may do anything here.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|us| us.uid() == 0)
}

/// The folder of PostgreSQL's server programs. Debian keeps them off `PATH`, one folder per version.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").is_file())
        .max_by_key(|bin| {
            bin.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok())
        });
    debian.or_else(|| Some(paths::on_path("initdb")?.parent()?.to_owned()))
}
