//! Which id on the machine a cell of a server that is root stands for.
//!
//! Inside a container "root" may have only a few ids; those that are not there cannot be taken on.

use std::fs;

use stoa_core::{Error, Result};

/// So many ids are used in turn: two cells that live at the same time never share one.
pub(crate) const COUNT: u32 = 512;
/// Where a container has few ids: a range that distributions and systemd leave free.
const IN_CONTAINERS: u32 = 60_578;

/// The first of the ids to use, for a server that is root.
pub(crate) fn first(wanted: u32) -> Result<u32> {
    let maps = [fs::read_to_string("/proc/self/uid_map")?, fs::read_to_string("/proc/self/gid_map")?];
    let here = |first: &u32| maps.iter().all(|map| covers(map, *first));
    [wanted, IN_CONTAINERS].into_iter().find(here).ok_or_else(|| {
        Error::unavailable(format!(
            "programs cannot be run here: the server is root of a container without the ids {wanted} to {}; \
             run it as an ordinary user, or set `sandbox.uid` to {COUNT} ids that the container has",
            wanted.saturating_add(COUNT - 1)
        ))
        .code("sandbox_unavailable")
    })
}

/// Whether one line of an id map holds them all.
fn covers(map: &str, first: u32) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_ascii_whitespace().map(|word| word.parse::<u64>().unwrap_or(0));
        let (inside, _, count) = (numbers.next(), numbers.next(), numbers.next());
        let (Some(inside), Some(count)) = (inside, count) else { return false };
        inside <= u64::from(first) && u64::from(first) + u64::from(COUNT) <= inside + count
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_must_lie_in_one_line_of_the_map() {
        let machine = "         0          0 4294967295\n";
        let container = "0 1000 1\n1 100000 65536\n";
        let alone = "0 1000 1\n";
        assert!(covers(machine, 2_100_000_000) && covers(machine, IN_CONTAINERS));
        assert!(!covers(container, 2_100_000_000) && covers(container, IN_CONTAINERS));
        assert!(!covers(alone, IN_CONTAINERS) && !covers(container, 65_500) && !covers("", 0));
    }
}
