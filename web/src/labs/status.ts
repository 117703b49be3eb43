// How things stand, in plain words. Pure.
import type { Exit, Lab, Language, Run, RunState, Task } from "../api/types";
import { count } from "../ui/format";
import type { LiveJob } from "./liveState";
import { liveTask } from "./live";

export type Tone = "good" | "bad" | "warn" | "live" | "none";

export interface Verdict {
  tone: Tone;
  /** Two or three words. */
  short: string;
  /** A sentence: what happened, and what it means. */
  long: string;
}

const SIGNALS: Record<number, string> = {
  4: "illegal instruction",
  6: "abort",
  7: "bus error",
  8: "arithmetic error",
  9: "killed",
  11: "invalid memory access",
  13: "broken pipe",
  15: "asked to stop",
  24: "CPU time used up",
  25: "file too large",
  31: "forbidden system call",
};

export function verdict(run: { state: RunState; exit?: Exit | null | undefined }): Verdict {
  switch (run.state) {
    case "queued":
      return { tone: "live", short: "Waiting", long: "Waiting for its turn." };
    case "running":
      return { tone: "live", short: "Running", long: "Running in the sandbox." };
    case "cancelled":
      return { tone: "none", short: "Cancelled", long: "Stopped because you cancelled it." };
    default:
      return run.exit ? exitVerdict(run.exit) : { tone: "bad", short: "Failed", long: "It could not be run." };
  }
}

function exitVerdict(exit: Exit): Verdict {
  switch (exit.reason) {
    case "exited":
      return exit.code === 0
        ? { tone: "good", short: "Succeeded", long: "The program ended normally." }
        : { tone: "bad", short: `Exit code ${String(exit.code ?? "?")}`, long: "The program ended with an error; its error output says why." };
    case "timeout":
      return { tone: "warn", short: "Out of time", long: "Stopped: it ran longer than the time limit. Look for an endless loop, or for input it waits for." };
    case "memory":
      return { tone: "warn", short: "Out of memory", long: "Stopped: it wanted more memory than the limit allows." };
    case "output":
      return { tone: "warn", short: "Too much output", long: "Stopped: it wrote more output than the limit allows. What came until then is shown." };
    case "signal": {
      const name = exit.signal === undefined || exit.signal === null ? undefined : SIGNALS[exit.signal];
      return { tone: "bad", short: "Killed", long: `The program was ended by signal ${String(exit.signal ?? "?")}${name === undefined ? "" : ` (${name})`}.` };
    }
    case "refused":
      return { tone: "bad", short: "Forbidden", long: "Stopped: it asked the system for something that the sandbox forbids." };
    case "cancelled":
      return verdict({ state: "cancelled" });
    default:
      return { tone: "bad", short: "Failed", long: `The program ended: ${exit.reason}.` };
  }
}

export function taskVerdict(task: Task, jobs: readonly LiveJob[]): Verdict {
  const live = liveTask(jobs, task.id);
  if (live && (live.task.state === "queued" || live.task.state === "running")) return verdict({ state: live.task.state });
  if (task.last_run) return verdict(task.last_run);
  if (task.code.trim() === "") return { tone: "none", short: "No code yet", long: "Write code for it, then run it." };
  return { tone: "none", short: "Not run yet", long: "Not run yet." };
}

export interface Tally {
  good: number;
  bad: number;
  live: number;
  open: number;
  total: number;
}

/** The included tasks of a lab by how they stand. */
export function tally(lab: Lab, jobs: readonly LiveJob[] = []): Tally {
  const sum: Tally = { good: 0, bad: 0, live: 0, open: 0, total: 0 };
  for (const task of lab.tasks) {
    if (!task.included) continue;
    sum.total += 1;
    const { tone } = taskVerdict(task, jobs);
    if (tone === "good") sum.good += 1;
    else if (tone === "live") sum.live += 1;
    else if (tone === "none") sum.open += 1;
    else sum.bad += 1;
  }
  return sum;
}

export function tallyText({ good, bad, live, open, total }: Tally): string {
  if (total === 0) return "No tasks chosen";
  const parts = [
    good > 0 ? `${String(good)} succeeded` : "",
    bad > 0 ? `${String(bad)} failed` : "",
    live > 0 ? `${String(live)} running` : "",
    open > 0 ? `${String(open)} not run` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

export interface NextStep {
  text: string;
  path: string;
}

/** The one thing to do next with a lab. */
export function nextStep(lab: Lab, languages?: readonly Language[]): NextStep | null {
  const path = `/labs/${lab.id}`;
  if (lab.state === "parsing") return null;
  if (lab.state === "failed") return { text: "See why", path };
  const sum = tally(lab);
  if (sum.live > 0) return { text: "Watch it run", path };
  if (lab.tasks.length === 0) return { text: "Add its first task", path };
  if (sum.total === 0) return { text: "Choose the tasks to include", path };
  const empty = lab.tasks.find((task) => task.included && task.code.trim() === "");
  if (empty) return { text: "Write the missing code", path: `${path}?task=${empty.id}` };
  const waiting = lab.tasks.filter((task) => task.included && taskVerdict(task, []).tone === "none" && canRun(task, languages));
  if (waiting.length > 0) return { text: `Run ${count(waiting.length, "task")}`, path };
  const failed = lab.tasks.find((task) => task.included && ["bad", "warn"].includes(taskVerdict(task, []).tone));
  if (failed) return { text: `Look at ${sum.bad === 1 ? "the failure" : `${String(sum.bad)} failures`}`, path: `${path}?task=${failed.id}` };
  return { text: "Make the report", path: `${path}/report` };
}

/** Whether a task can be run here: it has code, in a language that this server has. Unknown counts as yes. */
export function canRun(task: Task, languages: readonly Language[] | undefined): boolean {
  return task.code.trim() !== "" && (languages?.some((one) => one.id === task.language && one.available) ?? true);
}

export function runTitle(run: Run, tasks: readonly Task[]): string {
  const task = tasks.find((one) => one.id === run.task_id);
  return task ? `Task ${String(task.position + 1)}` : "Deleted task";
}
