// What each layer of the sandbox keeps from a program, in a few words.

const LAYERS: [RegExp, string][] = [
  [/user/, "no rights of a user of this machine"],
  [/mount|fs|root/, "sees only its own folder and read-only system files"],
  [/pid/, "sees no other process"],
  [/net/, "no network"],
  [/ipc/, "shares no memory with other programs"],
  [/uts/, "does not learn the machine's name"],
  [/seccomp/, "only harmless system calls"],
  [/landlock/, "files outside its folder are locked a second time"],
  [/cgroup/, "memory, processes and CPU are bounded for the whole tree"],
  [/rlimit/, "memory, files and CPU are bounded for each process"],
  [/cap/, "no privileges of root"],
  [/no_new_priv|privs/, "cannot gain privileges"],
];

export function isolationLayer(name: string): string {
  return LAYERS.find(([pattern]) => pattern.test(name))?.[1] ?? "";
}
