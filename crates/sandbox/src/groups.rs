//! Control groups, version 1 or 2: the sums that no limit of one process can keep.
//!
//! A server owns one group (`stoa/<owner>`), each cell one below it. They are removed when the cell is over; what a
//! killed server left is removed by the next one (`owners`).

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use stoa_core::Result;

use crate::{layers::Layer, owners::Owner};

/// What the helper and the first process need themselves, beside the program.
const OVERHEAD_BYTES: u64 = 8 << 20;
const OVERHEAD_PROCESSES: u64 = 2;

/// The server's own place in the control groups. Removed with the last cell that has a group in it.
#[derive(Clone, Debug)]
pub(crate) struct Groups(Arc<Place>);

#[derive(Debug)]
struct Place {
    version: Layer,
    /// Version 1: memory, pids, cpuacct (the last may be missing). Version 2: one.
    bases: Vec<PathBuf>,
    /// The note about this place, for the next server; goes after it.
    owner: Owner,
}

impl Groups {
    /// Makes a place for `owner`, or says that there is none to be had.
    pub(crate) fn claim(owner: Owner) -> Result<Option<Self>> {
        let mounts = fs::read_to_string("/proc/self/mounts")?;
        let place = claim_v1(&mounts, owner.name())
            .map(|bases| (Layer::CgroupV1, bases))
            .or_else(|| claim_v2(&mounts, owner.name()).map(|base| (Layer::CgroupV2, vec![base])));
        let Some((version, bases)) = place else {
            owner.sign_out();
            return Ok(None);
        };
        let mut place = Place { version, bases, owner };
        place.owner.has(&place.bases)?;
        Ok(Some(Self(Arc::new(place))))
    }

    pub(crate) fn version(&self) -> Layer {
        self.0.version
    }

    /// A group for one cell, without limits yet.
    pub(crate) fn cell(&self, name: &str) -> io::Result<Group> {
        let mut group = Group { place: self.clone(), folders: Vec::new(), oom: PathBuf::new(), cpu: None };
        for base in &self.0.bases {
            let folder = base.join(name);
            fs::create_dir(&folder)?;
            group.folders.push(folder);
        }
        Ok(group)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for base in &self.bases {
            removed(base);
            if let Some(shared) = base.parent() {
                let _others_use_it = fs::remove_dir(shared);
            }
        }
        self.owner.sign_out();
    }
}

fn claim_v1(mounts: &str, owner: &str) -> Option<Vec<PathBuf>> {
    let memory = v1_mount(mounts, "memory")?;
    let pids = v1_mount(mounts, "pids")?;
    let mut bases = Vec::new();
    for tree in [Some(memory), Some(pids), v1_mount(mounts, "cpuacct")].into_iter().flatten() {
        let base = tree.join("stoa").join(owner);
        if bases.contains(&base) {
            continue;
        }
        if fs::create_dir_all(&base).is_err() {
            bases.iter().for_each(|base| {
                removed(base);
            });
            return None;
        }
        bases.push(base);
    }
    Some(bases)
}

fn claim_v2(mounts: &str, owner: &str) -> Option<PathBuf> {
    let root = mount_points(mounts, "cgroup2").map(|(point, _)| point).next()?;
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?.to_owned();
    // Our own place first: what was delegated to us. Then the top, which only root may use.
    [root.join(own), root].into_iter().find_map(|place| {
        let base = place.join("stoa").join(owner);
        share_out(&place).ok()?;
        fs::create_dir_all(&base).ok()?;
        share_out(&place.join("stoa")).ok()?;
        share_out(&base).ok()?;
        Some(base)
    })
}

/// The group of one cell. Dropping it ends whatever is in it.
#[derive(Debug)]
pub(crate) struct Group {
    place: Groups,
    folders: Vec<PathBuf>,
    oom: PathBuf,
    cpu: Option<PathBuf>,
}

impl Group {
    /// Sets the limits of the program. Before it starts.
    pub(crate) fn bound(&mut self, memory_bytes: u64, processes: u64) -> io::Result<()> {
        let memory_bytes = memory_bytes.saturating_add(OVERHEAD_BYTES);
        let processes = processes + OVERHEAD_PROCESSES;
        let memory = self.folders[0].clone();
        if self.place.version() == Layer::CgroupV2 {
            fs::write(memory.join("memory.max"), memory_bytes.to_string())?;
            optional(&memory.join("memory.swap.max"), "0");
            optional(&memory.join("memory.oom.group"), "1");
            fs::write(memory.join("pids.max"), processes.to_string())?;
            self.oom = memory.join("memory.events");
            self.cpu = Some(memory.join("cpu.stat"));
        } else {
            fs::write(memory.join("memory.limit_in_bytes"), memory_bytes.to_string())?;
            optional(&memory.join("memory.memsw.limit_in_bytes"), &memory_bytes.to_string());
            fs::write(self.folders[1].join("pids.max"), processes.to_string())?;
            self.oom = memory.join("memory.oom_control");
            self.cpu = self.folders.get(2).map(|folder| folder.join("cpuacct.usage"));
        }
        Ok(())
    }

    /// The files through which the helper joins.
    pub(crate) fn join(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.join("cgroup.procs")).collect()
    }

    /// How many processes the kernel has ended here for memory.
    pub(crate) fn oom_kills(&self) -> u64 {
        field(&self.oom, "oom_kill ")
    }

    /// Processor time of all processes, living and dead.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let path = self.cpu.as_ref()?;
        Some(match self.place.version() {
            Layer::CgroupV2 => Duration::from_micros(field(path, "usage_usec ")),
            _ => Duration::from_nanos(number(path)),
        })
    }

    /// The most memory that was held.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        let name =
            if self.place.version() == Layer::CgroupV2 { "memory.peak" } else { "memory.max_usage_in_bytes" };
        number(&self.folders[0].join(name))
    }

    /// Processes and threads of the program now.
    pub(crate) fn processes(&self) -> u64 {
        let folder = self.folders.get(1).unwrap_or(&self.folders[0]);
        number(&folder.join("pids.current")).saturating_sub(OVERHEAD_PROCESSES)
    }

    /// Ends everything in the group at once.
    pub(crate) fn end_all(&self) {
        end_all(&self.folders);
    }

    /// Ends everything and waits until the group is gone. Only where waiting is allowed.
    pub(crate) fn end(mut self) {
        let folders = std::mem::take(&mut self.folders);
        remove_patiently(&folders);
    }

    /// Removes the group; true when it is gone.
    pub(crate) fn remove(&mut self) -> bool {
        self.folders.retain(|folder| !removed(folder));
        self.folders.is_empty()
    }
}

impl Drop for Group {
    /// For a run that nobody waits for any more: its processes may need a moment to die.
    fn drop(&mut self) {
        if self.remove() {
            return;
        }
        let (folders, place) = (std::mem::take(&mut self.folders), self.place.clone());
        thread::spawn(move || {
            remove_patiently(&folders);
            drop(place);
        });
    }
}

/// Ends what is inside, and removes; waits up to ten seconds for the dying.
pub(crate) fn remove_patiently(folders: &[PathBuf]) -> bool {
    let mut left: Vec<&PathBuf> = folders.iter().collect();
    for _ in 0..2000 {
        left.retain(|folder| !removed(folder));
        if left.is_empty() {
            return true;
        }
        end_all(folders);
        thread::sleep(Duration::from_millis(5));
    }
    false
}

fn removed(folder: &Path) -> bool {
    match fs::remove_dir(folder) {
        Ok(()) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn end_all(folders: &[PathBuf]) {
    for folder in folders {
        if fs::write(folder.join("cgroup.kill"), "1").is_ok() {
            continue;
        }
        // Version 1, or an old kernel: no new ones first, then each.
        optional(&folder.join("pids.max"), "0");
        let Ok(processes) = fs::read_to_string(folder.join("cgroup.procs")) else { continue };
        for process in processes.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid > 1) {
            let _already_gone = kill(Pid::from_raw(process), Signal::SIGKILL);
        }
    }
}

/// Lets the groups below `place` have limits of their own.
fn share_out(place: &Path) -> io::Result<()> {
    let has = fs::read_to_string(place.join("cgroup.controllers"))?;
    let has: Vec<&str> = has.split_ascii_whitespace().collect();
    if !has.contains(&"memory") || !has.contains(&"pids") {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let control = place.join("cgroup.subtree_control");
    let already = fs::read_to_string(&control)?;
    if ["memory", "pids"].iter().all(|one| already.split_ascii_whitespace().any(|has| has == *one)) {
        return Ok(());
    }
    let wanted = if has.contains(&"cpu") { "+memory +pids +cpu" } else { "+memory +pids" };
    fs::write(&control, wanted).or_else(|_| {
        // A group that shares out may hold no process itself. If this server is alone here, it moves below.
        let inside = fs::read_to_string(place.join("cgroup.procs"))?;
        if inside.trim() != std::process::id().to_string() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let below = place.join("stoa-server");
        fs::create_dir_all(&below)?;
        fs::write(below.join("cgroup.procs"), "0")?;
        fs::write(&control, wanted)
    })
}

fn mount_points<'a>(mounts: &'a str, kind: &'a str) -> impl Iterator<Item = (PathBuf, &'a str)> + 'a {
    mounts.lines().filter_map(move |line| {
        let mut words = line.split(' ');
        let (_, point, is, options) = (words.next()?, words.next()?, words.next()?, words.next()?);
        (is == kind).then(|| (PathBuf::from(point), options))
    })
}

fn v1_mount(mounts: &str, controller: &str) -> Option<PathBuf> {
    mount_points(mounts, "cgroup")
        .find(|(_, options)| options.split(',').any(|option| option == controller))
        .map(|(point, _)| point)
}

fn optional(path: &Path, value: &str) {
    let _not_on_this_kernel = fs::write(path, value);
}

fn number(path: &Path) -> u64 {
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn field(path: &Path, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
proc /proc proc rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
";

    #[test]
    fn mounts_are_found_by_their_controller() {
        assert_eq!(v1_mount(MOUNTS, "cpuacct"), Some(PathBuf::from("/sys/fs/cgroup/cpu")));
        assert_eq!(v1_mount(MOUNTS, "memory"), Some(PathBuf::from("/sys/fs/cgroup/memory")));
        assert_eq!(v1_mount(MOUNTS, "pids"), None);
        let second: Vec<_> = mount_points(MOUNTS, "cgroup2").map(|(point, _)| point).collect();
        assert_eq!(second, [PathBuf::from("/sys/fs/cgroup/unified")]);
    }

    /// A plain folder in place of a control group: what is written and read, by name.
    #[test]
    fn version_2_is_written_and_read_by_its_own_names() {
        let folder = std::env::temp_dir().join(format!("stoa-groups-{}", std::process::id()));
        let owner = Owner::sign_in(&folder).unwrap();
        let (version, bases) = (Layer::CgroupV2, vec![folder.join("base")]);
        fs::create_dir(&bases[0]).unwrap();
        let groups = Groups(Arc::new(Place { version, bases, owner }));
        let mut group = groups.cell("7").unwrap();
        group.bound(100 << 20, 10).unwrap();
        let cell = folder.join("base/7");
        let is = |name: &str| fs::read_to_string(cell.join(name)).unwrap();
        assert_eq!(is("memory.max"), ((100 << 20) + OVERHEAD_BYTES).to_string());
        assert_eq!(
            (is("memory.swap.max"), is("memory.oom.group"), is("pids.max")),
            ("0".into(), "1".into(), "12".into())
        );
        fs::write(cell.join("memory.events"), "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 1\n")
            .unwrap();
        fs::write(cell.join("cpu.stat"), "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n")
            .unwrap();
        fs::write(cell.join("memory.peak"), "12345\n").unwrap();
        fs::write(cell.join("pids.current"), "5\n").unwrap();
        assert_eq!((group.oom_kills(), group.cpu()), (2, Some(Duration::from_millis(1500))));
        assert_eq!((group.peak_memory_bytes(), group.processes()), (12_345, 3));
        assert_eq!(group.join(), [cell.join("cgroup.procs")]);
        group.end_all();
        assert_eq!(is("cgroup.kill"), "1");
        fs::remove_dir_all(folder).unwrap();
    }
}
