// What a running job has said so far, as a value. Pure: events in, next state out.
import type { JobEvent } from "../api/jobEvents";
import { isOver } from "../api/jobEvents";
import type { Job, Progress, RunState } from "../api/types";

export interface Piece {
  stream: "stdout" | "stderr";
  text: string;
}

export interface LiveTask {
  runId: string | null;
  state: RunState;
  pieces: readonly Piece[];
  /** Characters held in `pieces`. */
  length: number;
  /** Whether the beginning was dropped to keep the page light. */
  cut: boolean;
}

export interface LiveJob {
  jobId: string;
  labId: string;
  state: Job["state"];
  progress: Progress | null;
  tasks: Readonly<Record<string, LiveTask>>;
  problem: unknown;
}

/** More text than this is not kept while it streams; the finished run has what the server kept. */
export const MOST_LIVE_TEXT = 200_000;

const WAITING: LiveTask = { runId: null, state: "queued", pieces: [], length: 0, cut: false };

/** What must be known of a job to follow it. */
export type Followed = Pick<Job, "id" | "state"> & Partial<Job>;

export function liveJob(labId: string, job: Followed, taskIds: readonly string[]): LiveJob {
  return {
    jobId: job.id,
    labId,
    state: job.state,
    progress: job.progress ?? null,
    tasks: Object.fromEntries(taskIds.map((id) => [id, WAITING])),
    problem: job.problem ?? null,
  };
}

export function isLive(job: LiveJob): boolean {
  return !isOver(job.state);
}

export function reduce(job: LiveJob, event: JobEvent): LiveJob {
  switch (event.event) {
    case "progress":
      return { ...job, state: job.state === "queued" ? "running" : job.state, progress: event.data };
    case "output": {
      const { task_id, run_id, stream, text } = event.data;
      return withTask(job, task_id, (task) => addText(task.runId === run_id ? task : { ...WAITING, state: "running", runId: run_id }, stream, text));
    }
    case "run": {
      const { task_id, id, state } = event.data;
      return withTask(job, task_id, (task) => (task.runId === id ? { ...task, state } : { ...WAITING, runId: id, state }));
    }
    case "state":
      return { ...job, state: event.data.state, progress: event.data.progress, problem: event.data.problem ?? null };
  }
}

function withTask(job: LiveJob, id: string, change: (task: LiveTask) => LiveTask): LiveJob {
  return { ...job, tasks: { ...job.tasks, [id]: change(job.tasks[id] ?? WAITING) } };
}

function addText(task: LiveTask, stream: Piece["stream"], text: string): LiveTask {
  const last = task.pieces.at(-1);
  const joined = last?.stream === stream && last.text.length < 4_096;
  let pieces = joined ? [...task.pieces.slice(0, -1), { stream, text: last.text + text }] : [...task.pieces, { stream, text }];
  let length = task.length + text.length;
  let cut = task.cut;
  while (length > MOST_LIVE_TEXT && pieces.length > 1) {
    length -= pieces[0]?.text.length ?? 0;
    pieces = pieces.slice(1);
    cut = true;
  }
  return { ...task, state: task.state === "queued" ? "running" : task.state, pieces, length, cut };
}
