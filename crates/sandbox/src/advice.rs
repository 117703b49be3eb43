//! When no cell can be made: what is missing on this machine, and what its owner can do.

use std::fs;

use nix::errno::Errno;
use stoa_core::Error;

use crate::wire::Failure;

/// The error for a step that the kernel refused.
pub(crate) fn unavailable(failure: &Failure, root: bool) -> Error {
    let errno = Errno::from_raw(failure.errno);
    let advice = advice(failure, errno, root);
    Error::unavailable(format!(
        "programs cannot be run here: the sandbox could not {} ({}); {advice}",
        failure.step,
        errno.desc()
    ))
    .code("sandbox_unavailable")
}

fn advice(failure: &Failure, errno: Errno, root: bool) -> &'static str {
    let refused = matches!(errno, Errno::EPERM | Errno::EACCES | Errno::ENOSPC);
    let setting = |path| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    if !refused {
        return match errno {
            Errno::ENOSYS | Errno::EINVAL => "a Linux kernel of 5.14 or later is needed",
            Errno::ENOENT => "a system file is missing; see the log",
            _ => "see the log, and try again when the machine has room",
        };
    }
    if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        return "AppArmor restricts user namespaces: install an AppArmor profile with `userns,` for this binary, or \
                set the sysctl kernel.apparmor_restrict_unprivileged_userns=0";
    }
    if setting("/proc/sys/user/max_user_namespaces").as_deref() == Some("0") {
        return "user namespaces are switched off: set the sysctl user.max_user_namespaces to 10000";
    }
    if setting("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        return "user namespaces are for root alone: set the sysctl kernel.unprivileged_userns_clone=1";
    }
    if fs::exists("/.dockerenv").unwrap_or(false) || fs::exists("/run/.containerenv").unwrap_or(false) {
        return if failure.step == "mount /proc" {
            "the container hides parts of /proc: start it with --security-opt systempaths=unconfined"
        } else {
            "the container seems to forbid namespaces: start it with --security-opt seccomp=unconfined \
             --security-opt apparmor=unconfined"
        };
    }
    if root {
        "see the log; a container or a security module forbids it"
    } else {
        "a security module forbids it"
    }
}
