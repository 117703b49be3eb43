// Following a job: its events in order, without gap or double, over connections that may break.
import { answer, api } from "./client";
import { Problem } from "./problem";
import { SseParser } from "./sse";
import type { Job, JobState, Progress, Run } from "./types";

export interface Output {
  task_id: string;
  run_id: string;
  stream: "stdout" | "stderr";
  text: string;
}

/** That a run began says only which; that it ended says all. */
export type RunNews = Pick<Run, "id" | "task_id" | "state"> & Partial<Run>;

export type JobEvent =
  | { event: "progress"; data: Progress }
  | { event: "output"; data: Output }
  | { event: "run"; data: RunNews }
  | { event: "state"; data: Job };

const LONGEST_WAIT_MS = 10_000;

export function isOver(state: JobState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

function isKnown(name: string): name is JobEvent["event"] {
  return name === "progress" || name === "output" || name === "run" || name === "state";
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export type OpenStream = (lastEventId: string, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

function openJobStream(id: string): OpenStream {
  return async (lastEventId, signal) => {
    const stream = await answer(
      api.GET("/api/v1/jobs/{id}/events", {
        params: { path: { id } },
        headers: lastEventId === "" ? {} : { "Last-Event-ID": lastEventId },
        parseAs: "stream",
        signal,
      }),
    );
    if (!stream) throw new TypeError("the answer has no body");
    return stream;
  };
}

/**
 * Calls `take` for each event until the job is over or `signal` aborts. A broken connection is opened again after
 * the last event seen, waiting a little longer each time nothing came; a refusal (401, 403, 404) is thrown.
 */
export async function followJob(
  id: string,
  take: (event: JobEvent) => void,
  signal: AbortSignal,
  open: OpenStream = openJobStream(id),
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<void> {
  let lastEventId = "";
  let failures = 0;
  while (!signal.aborted) {
    try {
      const parser = new SseParser();
      const reader = (await open(lastEventId, signal)).getReader();
      const decoder = new TextDecoder();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        for (const { id: eventId, event, data } of parser.push(decoder.decode(part.value, { stream: true }))) {
          if (signal.aborted) return;
          if (eventId !== "") lastEventId = eventId;
          failures = 0;
          if (!isKnown(event)) continue;
          const known = { event, data: JSON.parse(data) as unknown } as JobEvent;
          take(known);
          if (known.event === "state" && isOver(known.data.state)) {
            void reader.cancel();
            return;
          }
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      if (thrown instanceof Problem && thrown.status >= 400 && thrown.status < 500 && thrown.status !== 429) throw thrown;
    }
    failures += 1;
    await wait(Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures), signal);
  }
}
