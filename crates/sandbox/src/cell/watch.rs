//! The watchdog, for machines without control groups: adds up what the cell's processes hold and used.

use std::fs;

use nix::{
    sys::resource::{UsageWho, getrusage},
    unistd::{SysconfVar, sysconf},
};

use crate::wire::{Report, Watch};

#[derive(Default)]
struct Sum {
    memory_bytes: u64,
    ticks: u64,
    threads: u64,
}

/// Whether the cell is over a limit now. Keeps the highest values seen in the report.
pub(super) fn over(bounds: Watch, report: &mut Report) -> bool {
    let sum = look();
    report.peak_memory_bytes = report.peak_memory_bytes.max(sum.memory_bytes);
    report.processes = report.processes.max(sum.threads);
    report.over_memory |= sum.memory_bytes > bounds.memory_bytes;
    report.over_cpu |= living_ms(sum.ticks) + reaped_ms() > bounds.cpu_ms;
    report.over_memory || report.over_cpu
}

fn look() -> Sum {
    let mut sum = Sum::default();
    let Ok(processes) = fs::read_dir("/proc") else { return sum };
    for process in processes.flatten() {
        let name = process.file_name();
        let Some(id) = name.to_str().filter(|id| *id != "1" && id.bytes().all(|b| b.is_ascii_digit())) else {
            continue;
        };
        sum.memory_bytes += memory(id);
        let (ticks, threads) = times(id);
        sum.ticks += ticks;
        sum.threads += threads;
    }
    sum
}

/// Shared pages are divided among those who share them; where the kernel does not tell, they count in full.
fn memory(id: &str) -> u64 {
    let shares = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    if let Some(kib) = shares {
        return kib * 1024;
    }
    let pages = fs::read_to_string(format!("/proc/{id}/statm"))
        .ok()
        .and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

/// Processor ticks of a process and of its own reaped children; its threads.
fn times(id: &str) -> (u64, u64) {
    let Ok(text) = fs::read_to_string(format!("/proc/{id}/stat")) else { return (0, 0) };
    // The second field is the program's name, which may hold anything, also `)` and blanks.
    let Some((_, rest)) = text.rsplit_once(')') else { return (0, 0) };
    let number =
        |at: usize| rest.split_ascii_whitespace().nth(at).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    ((11..15).map(number).sum(), number(17))
}

fn living_ms(ticks: u64) -> u64 {
    let a_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100);
    ticks * 1000 / a_second.max(1) as u64
}

fn reaped_ms() -> u64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| {
        let (user, system) = (usage.user_time(), usage.system_time());
        ((user.tv_sec() + system.tv_sec()) * 1000 + (user.tv_usec() + system.tv_usec()) / 1000) as u64
    })
}
