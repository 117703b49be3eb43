import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { draftOf, forgetDrafts, keepDraft, PAUSE_MS, saveDrafts, saveStatus } from "./drafts";

const problem = (status: number) => new Problem({ status, code: "x", title: "", detail: "no" });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  forgetDrafts();
  vi.useRealTimers();
});

it("is saved once, when the typing pauses", async () => {
  const save = vi.fn(() => Promise.resolve());
  keepDraft("t:code", "a", save);
  await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
  keepDraft("t:code", "ab", save);
  await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
  expect(save).not.toHaveBeenCalled();
  expect(saveStatus()).toBe("saving");
  await vi.advanceTimersByTimeAsync(1);
  expect(save.mock.calls).toEqual([["ab"]]);
  expect(saveStatus()).toBe("saved");
});

it("typed while a save is under way is saved after it, in order", async () => {
  const done: string[] = [];
  const waiting: (() => void)[] = [];
  const save = (value: string) =>
    new Promise<void>((resolve) => {
      waiting.push(() => {
        done.push(value);
        resolve();
      });
    });
  keepDraft("t:code", "one", save);
  const first = saveDrafts();
  await vi.advanceTimersByTimeAsync(0);
  keepDraft("t:code", "two", save);
  const second = saveDrafts();
  await vi.advanceTimersByTimeAsync(0);
  expect(waiting).toHaveLength(1);
  waiting[0]?.();
  await first;
  await vi.advanceTimersByTimeAsync(0);
  waiting[1]?.();
  expect(await second).toBe(true);
  expect(done).toEqual(["one", "two"]);
});

it("stays when saving fails, and is saved by trying again", async () => {
  const save = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(problem(503));
  keepDraft("t:code", "kept", save);
  expect(await saveDrafts()).toBe(false);
  expect(draftOf("t:code")).toMatchObject({ value: "kept", problem: { status: 503 } });
  expect(saveStatus()).toBe("failed");
  expect(await saveDrafts()).toBe(true);
});

it("goes with the task it belongs to", async () => {
  keepDraft("t:code", "x", () => Promise.reject(problem(404)));
  expect(await saveDrafts()).toBe(true);
  keepDraft("t:code", "x", () => Promise.resolve());
  keepDraft("u:code", "y", () => Promise.resolve());
  forgetDrafts("t:");
  expect([draftOf("t:code"), draftOf("u:code")?.value]).toEqual([undefined, "y"]);
});
