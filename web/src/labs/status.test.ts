import { describe, expect, it } from "vitest";
import type { Exit, Lab, RunRow, Task } from "../api/types";
import { nextStep, tally, verdict } from "./status";

const exit = (reason: Exit["reason"], more: Partial<Exit> = {}) => verdict({ state: "failed", exit: { reason, ...more } as Exit });

const row = (state: RunRow["state"], ended?: Exit) => ({ id: "r", state, exit: ended ?? null }) as RunRow;
const good = row("succeeded", { reason: "exited", code: 0 } as Exit);
const bad = row("failed", { reason: "exited", code: 1 } as Exit);

function lab(tasks: Partial<Task>[], state: Lab["state"] = "ready"): Lab {
  return {
    id: "l",
    state,
    tasks: tasks.map((task, position) => ({ id: `t${String(position)}`, position, code: "print(1)", included: true, last_run: null, ...task })),
  } as Lab;
}

describe("verdicts", () => {
  it("say in plain words what ended a program", () => {
    expect(verdict({ state: "succeeded", exit: { reason: "exited", code: 0 } as Exit })).toMatchObject({ tone: "good", short: "Succeeded" });
    expect(exit("exited", { code: 3 })).toMatchObject({ tone: "bad", short: "Exit code 3" });
    expect(exit("timeout").short).toBe("Out of time");
    expect(exit("memory").short).toBe("Out of memory");
    expect(exit("output").short).toBe("Too much output");
    expect(exit("signal", { signal: 11 }).long).toContain("signal 11 (invalid memory access)");
    expect(exit("refused").short).toBe("Forbidden");
    expect(exit("a new reason").long).toBe("The program ended: a new reason.");
    expect(verdict({ state: "cancelled" }).tone).toBe("none");
  });
});

describe("a lab at a glance", () => {
  it("counts only what is included", () => {
    expect(tally(lab([{ last_run: good }, { last_run: bad }, {}, { included: false }, { last_run: row("running") }]))).toEqual({
      good: 1,
      bad: 1,
      live: 1,
      open: 1,
      total: 4,
    });
  });

  it("names the one thing to do next", () => {
    expect(nextStep(lab([], "parsing"))).toBeNull();
    expect(nextStep(lab([], "failed"))?.text).toBe("See why");
    expect(nextStep(lab([]))?.text).toBe("Add its first task");
    expect(nextStep(lab([{ included: false }]))?.text).toBe("Choose the tasks to include");
    expect(nextStep(lab([{ code: " " }, {}]))).toEqual({ text: "Write the missing code", path: "/labs/l?task=t0" });
    expect(nextStep(lab([{}, {}]))?.text).toBe("Run 2 tasks");
    expect(nextStep(lab([{ language: "java" }]), [{ id: "python", name: "Python", extension: "py", available: true }])?.text).toBe("Make the report");
    expect(nextStep(lab([{ last_run: good }, { last_run: bad }]))).toEqual({ text: "Look at the failure", path: "/labs/l?task=t1" });
    expect(nextStep(lab([{ last_run: good }]))).toEqual({ text: "Make the report", path: "/labs/l/report" });
  });
});
