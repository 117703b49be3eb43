import { describe, expect, it } from "vitest";
import { followJob, type JobEvent } from "./jobEvents";
import { Problem } from "./problem";

const job = { id: "j", kind: "labmate.run", progress: { done: 0, total: 1, note: "" }, created_at: "2026-01-01T00:00:00Z" };
const event = (id: number, name: string, data: unknown) => `id: ${String(id)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const output = (id: number) => event(id, "output", { task_id: "t", run_id: "r", stream: "stdout", text: String(id) });
const over = (id: number) => event(id, "state", { ...job, state: "succeeded" });

function stream(text: string, broken = false): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text));
      if (broken) controller.error(new TypeError("network"));
      else controller.close();
    },
  });
}

async function follow(parts: (() => ReadableStream<Uint8Array>)[]) {
  const resumedAt: string[] = [];
  const seen: JobEvent[] = [];
  const waits: number[] = [];
  let at = 0;
  await followJob(
    "j",
    (one) => seen.push(one),
    new AbortController().signal,
    (lastEventId) => {
      resumedAt.push(lastEventId);
      const part = parts[at];
      at += 1;
      if (!part) throw new Problem({ status: 404, code: "not_found", title: "", detail: "no such job" });
      return Promise.resolve(part());
    },
    (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  );
  return { resumedAt, waits, texts: seen.map((one) => (one.event === "output" ? one.data.text : one.event)) };
}

describe("following a job", () => {
  it("resumes a broken connection after the last event seen", async () => {
    const { resumedAt, texts } = await follow([
      () => stream(output(1) + output(2) + "id: 3\nevent: out"),
      () => stream(output(3) + over(4)),
    ]);
    expect(resumedAt).toEqual(["", "2"]);
    expect(texts).toEqual(["1", "2", "3", "state"]);
  });

  it("ends with the terminal event, though the connection stays open", async () => {
    const { texts } = await follow([
      () => new ReadableStream({ start: (controller) => { controller.enqueue(new TextEncoder().encode(over(1))); } }),
    ]);
    expect(texts).toEqual(["state"]);
  });

  it("waits longer each time nothing came, and starts over once something did", async () => {
    const { waits } = await follow([() => stream(""), () => stream(""), () => stream(output(1)), () => stream(over(2))]);
    expect(waits).toEqual([500, 1000, 500]);
  });

  it("gives up when the job is refused", async () => {
    await expect(follow([() => stream(output(1))])).rejects.toMatchObject({ status: 404 });
  });
});
