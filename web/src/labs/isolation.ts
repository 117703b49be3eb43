// What each layer of the sandbox keeps from a program, in a few words.

const LAYERS: Record<string, { name: string; text: string }> = {
  user: { name: "Own users", text: "being root inside means nothing outside" },
  mount: { name: "Own files", text: "sees its folder and read-only system files" },
  pid: { name: "Own processes", text: "sees and signals no other process" },
  network: { name: "No network", text: "reaches nothing, not even this machine" },
  ipc: { name: "Own shared memory", text: "shares none with other programs" },
  uts: { name: "Own host name", text: "does not learn this machine's" },
  cgroup_namespace: { name: "Own control groups", text: "does not see where it is counted" },
  unprivileged: { name: "No user of this machine", text: "starts under an id that owns nothing" },
  no_new_privs: { name: "No new privileges", text: "setuid programs give nothing" },
  capabilities: { name: "No capabilities", text: "none of root's powers" },
  rlimits: { name: "Limits per process", text: "memory, files and CPU are bounded" },
  seccomp: { name: "System call filter", text: "only calls that programs need" },
  landlock: { name: "Landlock", text: "a second, independent lock on files" },
  cgroup_v1: { name: "Control groups", text: "memory, processes and CPU of the whole tree" },
  cgroup_v2: { name: "Control groups", text: "memory, processes and CPU of the whole tree" },
  watchdog: { name: "Watchdog", text: "adds up memory and CPU many times a second" },
};

export function isolationLayer(id: string): { name: string; text: string } {
  return LAYERS[id] ?? { name: id.replace(/_/g, " "), text: "" };
}
