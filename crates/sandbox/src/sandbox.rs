//! The sandbox: opened once, probed once, then as many runs as there are slots.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use stoa_core::{Error, Result};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{
    Exit, Floor, Language, Layer, Layers, Limits, Program, Reason, Run, Space, Stream, Usage, advice,
    groups::{Group, Groups},
    ids,
    languages::{ENVIRONMENT, languages},
    owners::{self, Owner},
    spare::{Cell, Spares},
    supervise::{Launch, Seen, attend},
    wire::{Bounds, Input, Outset, Policy, Report, Watch, Work},
};

const MIB: u64 = 1 << 20;

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// A private folder for lock files; made if missing.
    pub folder: PathBuf,
    /// The layers without which nothing runs.
    pub floor: Floor,
    /// How many cells at the same time, up to 256; more wait.
    pub at_once: usize,
    /// How many cells are made ahead and wait. Each saves a run some 15 ms, and holds some 2 MB.
    pub spare: usize,
    /// A server that is root starts each cell under an id of its own: this one and the 511 after it, in turn.
    /// They must belong to nobody. In a container that lacks them, 60,578 and on are taken.
    pub uid: u32,
    /// The binary that answers to `sandbox-cell` and `sandbox-tool`. Usually the running one.
    pub program: PathBuf,
}

impl Config {
    /// The usual: this binary, two cells at once and one made ahead, the default floor.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            floor: Floor::default(),
            at_once: 2,
            spare: 1,
            uid: 2_100_000_000,
            // Not its path: the file there may be another one after an upgrade.
            program: PathBuf::from("/proc/self/exe"),
        }
    }
}

/// Runs programs that nobody trusts. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox(Arc<Inside>);

struct Inside {
    config: Config,
    /// If the server is root: the first id that its cells take on.
    first_id: Option<u32>,
    layers: Layers,
    spares: Spares,
    groups: Option<Groups>,
    room: Semaphore,
    count: AtomicU32,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("layers", &self.0.layers).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Opens it: cleans up after dead servers, builds one empty cell to see which layers stand here, and refuses if
    /// the floor does not hold. The error says what is missing and what to do about it.
    pub async fn open(config: Config) -> Result<Self> {
        let first_id = nix::unistd::geteuid().is_root().then(|| ids::first(config.uid)).transpose()?;
        let owner = Owner::sign_in(&config.folder)?;
        owners::sweep(&config.folder)?;
        let groups = Groups::claim(owner)?;
        let mut inside = Inside {
            first_id,
            layers: Layers::default(),
            spares: Spares::new(config.spare),
            groups,
            room: Semaphore::new(config.at_once.clamp(1, ids::COUNT as usize / 2)),
            count: AtomicU32::new(0),
            config,
        };
        inside.layers = match inside.probe().await {
            // A group may be made and yet not be joined, as in some containers. The floor says if that is enough.
            Err(_) if inside.groups.take().is_some() => inside.probe().await?,
            probed => probed?,
        };
        inside.config.floor.holds(&inside.layers)?;
        Ok(Self(Arc::new(inside)))
    }

    /// The layers that stand around every cell here.
    pub fn layers(&self) -> &Layers {
        &self.0.layers
    }

    /// Runs a program to its end. `output` gets what it writes while it runs, up to the limit. Ends it when
    /// `cancel` is cancelled, or when the future is dropped.
    ///
    /// An error means that it did not run: bad input, or no cell could be made. How a program ended is no error.
    pub async fn run(
        &self,
        limits: &Limits,
        program: &Program,
        cancel: CancellationToken,
        output: impl FnMut(Stream, &[u8]) + Send,
    ) -> Result<Run> {
        program.check()?;
        let limits = limits.clone().checked()?;
        let entry = program.language.entry();
        let interpreter = entry.find().ok_or_else(|| missing(program.language))?;
        let env = ENVIRONMENT.iter().chain(entry.environment);
        let order = Order {
            work: Work::Command {
                argv: entry.command(&interpreter, &program.args),
                env: env.map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            },
            space: entry.space,
            limits: &limits,
            stdin: &program.stdin,
            inputs: std::iter::once((entry.source, program.source.as_bytes()))
                .chain(program.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
                .collect(),
        };
        self.0.carry_out(order, &cancel, output).await
    }

    /// Runs our own binary as `sandbox-tool NAME` in a cell: to read strangers' documents with libraries that may
    /// have faults. What it wrote to stdout; an error if it failed or a limit was hit.
    pub async fn tool(
        &self,
        limits: &Limits,
        name: &str,
        stdin: Vec<u8>,
        cancel: CancellationToken,
    ) -> Result<Vec<u8>> {
        let limits = limits.clone().checked()?;
        let order = Order {
            work: Work::Tool { name: name.to_owned() },
            space: Space::Data,
            limits: &limits,
            stdin: &stdin,
            inputs: Vec::new(),
        };
        let run = self.0.carry_out(order, &cancel, |_, _| {}).await?;
        tool_result(run)
    }

    /// The version that a language's interpreter says it has; nothing if it is not installed or does not start.
    pub async fn available(&self, language: Language) -> Option<String> {
        let entry = language.entry();
        let interpreter = entry.find()?.display().to_string();
        let limits = Limits::default();
        let order = Order {
            work: Work::Command { argv: vec![interpreter, entry.version.to_owned()], env: Vec::new() },
            space: entry.space,
            limits: &limits,
            stdin: &[],
            inputs: Vec::new(),
        };
        let run = self.0.carry_out(order, &CancellationToken::new(), |_, _| {}).await.ok()?;
        let said = if run.stdout.is_empty() { run.stderr } else { run.stdout };
        let said = String::from_utf8_lossy(&said).lines().next().unwrap_or_default().trim().to_owned();
        (run.exit.code == Some(0)).then_some(said)
    }
}

/// What one cell is to do.
struct Order<'a> {
    work: Work,
    space: Space,
    limits: &'a Limits,
    stdin: &'a [u8],
    inputs: Vec<(&'a str, &'a [u8])>,
}

impl Inside {
    async fn probe(&self) -> Result<Layers> {
        let order = Order {
            work: Work::Probe,
            space: Space::Data,
            limits: &Limits::default(),
            stdin: &[],
            inputs: Vec::new(),
        };
        Ok(self.carry_out(order, &CancellationToken::new(), |_, _| {}).await?.layers)
    }

    async fn carry_out(
        &self,
        order: Order<'_>,
        cancel: &CancellationToken,
        output: impl FnMut(Stream, &[u8]) + Send,
    ) -> Result<Run> {
        let _room = tokio::select! {
            room = self.room.acquire() => room?,
            () = cancel.cancelled() => return Err(Error::conflict("the run was cancelled before it began")),
        };
        let mut cell = self.cell_for(&order.work)?;
        let limits = order.limits;
        let bounds = bounds(&order, cell.group.is_some());
        if let Some(group) = &mut cell.group {
            // The inputs lie in the work folder, and the first process keeps them to tell what was changed.
            let memory_bytes = limits.memory_bytes.saturating_add(2 * inputs_bytes(&order));
            group.bound(memory_bytes, limits.processes).map_err(no_group)?;
        }
        let policy = Policy {
            bounds,
            inputs: (order.inputs.iter())
                .map(|(name, bytes)| Input { name: (*name).to_owned(), bytes: bytes.len() })
                .collect(),
            work: order.work,
        };
        let launch = Launch {
            cell,
            policy: &policy,
            inputs: order.inputs.iter().map(|(_, bytes)| *bytes).collect(),
            stdin: order.stdin,
            limits,
        };
        let restock = async { self.spares.restock(|| self.make_program_cell()) };
        // The next cell is made while this one works.
        let (seen, ()) = tokio::join!(attend(launch, cancel, output), restock);
        self.verdict(seen?, limits)
    }

    /// A cell for programs may have been made ahead; one for a tool shows other folders and is made now.
    fn cell_for(&self, work: &Work) -> Result<Cell> {
        if matches!(work, Work::Tool { .. }) {
            // Only what our own binary is linked with.
            return self.make_cell(existing(["/usr/lib", "/usr/lib64"]));
        }
        self.spares.take().map_or_else(|| self.make_program_cell(), Ok)
    }

    fn make_program_cell(&self) -> Result<Cell> {
        let etc = languages().iter().flat_map(|entry| entry.etc.iter().copied());
        self.make_cell(existing(std::iter::once("/usr").chain(etc)))
    }

    fn make_cell(&self, folders: Vec<PathBuf>) -> Result<Cell> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let group = self.groups.as_ref().map(|groups| groups.cell(&number.to_string()));
        let group = group.transpose().map_err(no_group)?;
        let outset = Outset {
            host_id: self.first_id.map(|first| first + number % ids::COUNT),
            join: group.as_ref().map(Group::join).unwrap_or_default(),
            folders,
        };
        Cell::start(&self.config.program, &outset, group)
    }

    fn layers_of(&self, report: &Report) -> Layers {
        let mut layers = report.layers.clone();
        layers.push(self.groups.as_ref().map_or(Layer::Watchdog, Groups::version));
        if self.first_id.is_some() {
            layers.push(Layer::Unprivileged);
        }
        Layers::new(layers)
    }

    /// From what was seen to what is said.
    fn verdict(&self, seen: Seen, limits: &Limits) -> Result<Run> {
        let report = match (seen.report, seen.limit) {
            (Some(report), _) => report,
            // The whole group was ended, the first process with it.
            (None, Some(_)) => Report { layers: self.layers.0.clone(), ..Report::default() },
            (None, None) => {
                return Err(Error::internal(
                    "the cell ended without a word; does the configured helper answer to `sandbox-cell`?",
                ));
            }
        };
        if let Some(failure) = &report.failed
            && seen.limit.is_none()
        {
            return Err(advice::unavailable(failure, self.first_id.is_some()));
        }
        let cpu = seen.cpu.unwrap_or(Duration::from_millis(report.cpu_ms));
        let peak = if seen.peak_memory_bytes > 0 { seen.peak_memory_bytes } else { report.peak_memory_bytes };
        let counted = self.groups.is_some();
        let reason = match report.signal {
            _ if let Some(limit) = seen.limit => limit,
            _ if report.over_memory || (!counted && peak > limits.memory_bytes) => Reason::Memory,
            _ if report.over_cpu || cpu > limits.cpu => Reason::Timeout,
            Some(signal) if signal == libc::SIGXCPU => Reason::Timeout,
            Some(signal) if signal == libc::SIGSYS => Reason::Refused,
            Some(_) => Reason::Signal,
            None => Reason::Exited,
        };
        Ok(Run {
            exit: Exit { code: report.code, signal: report.signal, reason },
            stdout: seen.stdout,
            stderr: seen.stderr,
            truncated: seen.truncated,
            files: seen.files,
            usage: Usage {
                wall_ms: seen.wall.as_millis() as u64,
                cpu_ms: cpu.as_millis() as u64,
                peak_memory_bytes: peak,
                processes: seen.processes.max(report.processes),
            },
            layers: self.layers_of(&report),
            skipped: report.skipped,
        })
    }
}

fn bounds(order: &Order<'_>, counted: bool) -> Bounds {
    let limits = order.limits;
    // Only a backstop: the watchdog decides, and needs to see the limit crossed.
    let backstop = (!counted).then_some(limits.memory_bytes.saturating_mul(2).saturating_add(256 * MIB));
    let inputs = inputs_bytes(order);
    Bounds {
        cpu_seconds: limits.cpu.as_secs() + 1,
        processes: limits.processes,
        open_files: limits.open_files,
        file_bytes: limits.file_bytes,
        disk_bytes: limits.disk_bytes.saturating_add(inputs),
        files: limits.files + 2 * order.inputs.len() as u64,
        artefacts: limits.artefacts,
        artefact_bytes: limits.artefact_bytes,
        address_bytes: backstop.filter(|_| order.space == Space::Address),
        data_bytes: backstop.filter(|_| order.space == Space::Data),
        watch: (!counted)
            .then_some(Watch { memory_bytes: limits.memory_bytes, cpu_ms: limits.cpu.as_millis() as u64 }),
    }
}

fn inputs_bytes(order: &Order<'_>) -> u64 {
    order.inputs.iter().map(|(_, bytes)| bytes.len() as u64).sum()
}

fn no_group(error: io::Error) -> Error {
    Error::unavailable("no control group could be made for the program; see the log").because(error)
}

fn existing<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<PathBuf> {
    paths.into_iter().map(PathBuf::from).filter(|path| path.exists()).collect()
}

fn missing(language: Language) -> Error {
    let entry = language.entry();
    let places: Vec<_> =
        entry.interpreters.iter().map(|path| Path::new(path).display().to_string()).collect();
    Error::unavailable(format!("{} is not installed here; expected {}", entry.name, places.join(" or ")))
        .code("language_missing")
}

fn tool_result(run: Run) -> Result<Vec<u8>> {
    match run.exit {
        Exit { reason: Reason::Exited, code: Some(0), .. } => Ok(run.stdout),
        Exit { reason: reason @ (Reason::Timeout | Reason::Memory | Reason::Output), .. } => {
            Err(Error::invalid("reading the file needs more time, memory or room than is allowed")
                .code("too_costly")
                .because(format!("{reason:?} after {:?}", run.usage)))
        }
        Exit { reason: Reason::Cancelled, .. } => Err(Error::conflict("it was cancelled")),
        exit => Err(Error::invalid("the file could not be read")
            .code("unreadable")
            .because(format!("{exit:?}: {}", String::from_utf8_lossy(&run.stderr)))),
    }
}
