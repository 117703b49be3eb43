//! Landlock: a second rule for files and signals, kept by another part of the kernel than the mounts are.

use std::os::fd::BorrowedFd;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, RestrictionStatus, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// What of Landlock was tried when this was written; less is used where the kernel has less.
const KNOWN: ABI = ABI::V7;

/// True if this process, and all it starts, now stand under the rule. `binary` may be started too, from outside.
pub(super) fn restrict(binary: Option<BorrowedFd<'_>>) -> bool {
    apply(binary).is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

fn apply(binary: Option<BorrowedFd<'_>>) -> Result<RestrictionStatus, RulesetError> {
    let read = AccessFs::from_read(KNOWN);
    let all = AccessFs::from_all(KNOWN);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(KNOWN))?
        .create()?;
    let places = [
        ("/", read),
        ("/work", all),
        ("/tmp", all),
        ("/dev/shm", all),
        ("/dev", read | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev),
    ];
    for (path, access) in places {
        if let Ok(folder) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(folder, access))?;
        }
    }
    if let Some(binary) = binary {
        rules = rules.add_rule(PathBeneath::new(binary, AccessFs::Execute | AccessFs::ReadFile))?;
    }
    rules.restrict_self()
}
