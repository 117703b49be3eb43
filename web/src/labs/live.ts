// The jobs this page follows. They live outside the components, so that going to another page loses nothing.
import { useMemo, useSyncExternalStore } from "react";
import { followJob, isOver, type JobEvent, type RunNews } from "../api/jobEvents";
import { isUnderWay, labQuery, queryClient, reportsQuery, runQuery } from "../api/queries";
import type { Run, RunRow } from "../api/types";
import { isLive, liveJob, reduce, type Followed, type LiveJob, type LiveTask } from "./liveState";

let jobs: readonly LiveJob[] = [];
const followed = new Map<string, AbortController>();
const watchers = new Set<() => void>();

function set(next: readonly LiveJob[]): void {
  jobs = next;
  for (const watcher of watchers) watcher();
}

function useJobs(): readonly LiveJob[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => jobs,
  );
}

export function useLabJobs(labId: string): readonly LiveJob[] {
  const all = useJobs();
  return useMemo(() => all.filter((job) => job.labId === labId), [all, labId]);
}

export function useJob(jobId: string | null | undefined): LiveJob | undefined {
  return useJobs().find((job) => job.jobId === jobId);
}

/** What is known live about one task: the newest job that has it and is not over. */
export function liveTask(jobs: readonly LiveJob[], taskId: string): { job: LiveJob; task: LiveTask } | undefined {
  const job = jobs.findLast((one) => taskId in one.tasks && isLive(one));
  const task = job?.tasks[taskId];
  return job && task ? { job, task } : undefined;
}

/** Text that streamed for a run, also after its job is over. */
export function livePieces(jobs: readonly LiveJob[], taskId: string, runId: string): LiveTask | undefined {
  return jobs.map((job) => job.tasks[taskId]).findLast((task) => task?.runId === runId);
}

export function forgetLiveJobs(): void {
  for (const controller of followed.values()) controller.abort();
  followed.clear();
  set([]);
}

/** Follows a job until it is over. Asking twice for the same job follows it once. */
export function follow(labId: string, job: Followed, taskIds: readonly string[] = []): void {
  if (followed.has(job.id) || isOver(job.state)) return;
  const controller = new AbortController();
  followed.set(job.id, controller);
  set([...jobs.filter((one) => one.labId !== labId || isLive(one) || taskIds.length === 0), liveJob(labId, job, taskIds)]);
  const queue = frameQueue((events) => {
    set(jobs.map((one) => (one.jobId === job.id ? events.reduce(reduce, one) : one)));
  });
  followJob(
    job.id,
    (event) => {
      if (event.event === "run") keepRun(labId, event.data);
      queue(event);
      if (event.event === "state" && isOver(event.data.state)) finish(labId, job.id);
    },
    controller.signal,
  ).catch(() => {
    // Refused: the job is gone or not ours. The lab itself says how things stand.
    set(jobs.filter((one) => one.jobId !== job.id));
    finish(labId, job.id);
  });
}

function finish(labId: string, jobId: string): void {
  followed.delete(jobId);
  void queryClient.invalidateQueries({ queryKey: labQuery(labId).queryKey });
  void queryClient.invalidateQueries({ queryKey: reportsQuery(labId).queryKey });
  void queryClient.invalidateQueries({ queryKey: ["labs"] });
  // A run that was cancelled ends without a word of its own.
  void queryClient.invalidateQueries({ queryKey: ["run"], predicate: ({ state }) => isUnderWay((state.data as Run | undefined)?.state) });
}

function isWhole(run: RunNews): run is Run {
  return run.stdout !== undefined;
}

function keepRun(labId: string, run: RunNews): void {
  if (!isWhole(run)) return;
  queryClient.setQueryData(runQuery(run.id).queryKey, run);
  const { id, state, exit, started_at, finished_at, code_sha256 } = run;
  const row: RunRow = { id, state, exit, started_at, finished_at, code_sha256 };
  queryClient.setQueryData(labQuery(labId).queryKey, (lab) =>
    lab && { ...lab, tasks: lab.tasks.map((task) => (task.id === run.task_id ? { ...task, last_run: row } : task)) },
  );
}

/** Gathers events and hands them over once per frame, so that a flood of output stays smooth. */
function frameQueue(take: (events: JobEvent[]) => void): (event: JobEvent) => void {
  let waiting: JobEvent[] = [];
  return (event) => {
    waiting.push(event);
    if (waiting.length > 1) return;
    // A hidden tab draws no frames; a timer does the same there.
    const later = document.hidden ? (run: () => void) => setTimeout(run, 100) : requestAnimationFrame;
    later(() => {
      const events = waiting;
      waiting = [];
      take(events);
    });
  };
}
