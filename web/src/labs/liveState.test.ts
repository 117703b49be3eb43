import { describe, expect, it } from "vitest";
import type { JobEvent } from "../api/jobEvents";
import type { Job, Run } from "../api/types";
import { isLive, liveJob, MOST_LIVE_TEXT, reduce } from "./liveState";

const job: Job = { id: "j", kind: "labmate.run", state: "queued", progress: { done: 0, total: 2, note: "" }, created_at: "2026-01-01T00:00:00Z" } as Job;
const output = (text: string, stream: "stdout" | "stderr" = "stdout", run_id = "r1"): JobEvent => ({
  event: "output",
  data: { task_id: "t1", run_id, stream, text },
});
const run = (state: Run["state"], id = "r1"): JobEvent => ({ event: "run", data: { id, task_id: "t1", state } as Run });
const after = (...events: JobEvent[]) => events.reduce(reduce, liveJob("lab", job, ["t1", "t2"]));

describe("a live job", () => {
  it("starts with its tasks waiting", () => {
    expect(after().tasks["t2"]).toMatchObject({ state: "queued", runId: null, pieces: [] });
    expect(isLive(after())).toBe(true);
  });

  it("keeps the two streams in the order they came and joins neighbours", () => {
    const state = after(run("running"), output("a"), output("b"), output("!", "stderr"), output("c"));
    expect(state.tasks["t1"]).toMatchObject({
      state: "running",
      pieces: [
        { stream: "stdout", text: "ab" },
        { stream: "stderr", text: "!" },
        { stream: "stdout", text: "c" },
      ],
      length: 4,
    });
  });

  it("forgets the text of the run before", () => {
    expect(after(output("old"), run("running", "r2"), output("new", "stdout", "r2")).tasks["t1"]?.pieces).toEqual([{ stream: "stdout", text: "new" }]);
  });

  it("drops the beginning of a flood and says so", () => {
    const flood = Array.from({ length: 60 }, () => output("x".repeat(5_000)));
    const task = after(...flood).tasks["t1"];
    expect(task?.cut).toBe(true);
    expect(task?.length).toBeLessThanOrEqual(MOST_LIVE_TEXT);
    expect(task?.length).toBe(task?.pieces.reduce((sum, piece) => sum + piece.text.length, 0));
  });

  it("is over with the terminal state", () => {
    expect(isLive(after({ event: "state", data: { ...job, state: "failed" } }))).toBe(false);
  });
});
