// Changing a lab and its tasks: shown at once, sent in order, taken back with a word when the server refuses.
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { labQuery, queryClient } from "../api/queries";
import type { Lab, Task, TaskPatch } from "../api/types";
import { toast } from "../ui/toasts";
import { forgetDrafts } from "./drafts";
import { byPosition, moveTask } from "./order";

// One change of a lab after the other: moves depend on the order they were made in.
const lines = new Map<string, Promise<unknown>>();
const waiting = new Map<string, number>();

function inLine<T>(labId: string, act: () => Promise<T>): Promise<T> {
  waiting.set(labId, (waiting.get(labId) ?? 0) + 1);
  const before = lines.get(labId) ?? Promise.resolve();
  const now = before.catch(() => undefined).then(act);
  lines.set(
    labId,
    now.finally(() => waiting.set(labId, (waiting.get(labId) ?? 1) - 1)).catch(() => undefined),
  );
  return now;
}

function changeLab(labId: string, change: (lab: Lab) => Lab): void {
  queryClient.setQueryData(labQuery(labId).queryKey, (lab) => lab && change(lab));
}

function withPatch(lab: Lab, taskId: string, patch: TaskPatch): Lab {
  const { position, ...fields } = patch;
  const moved = typeof position === "number" ? moveTask(lab.tasks, taskId, position) : lab.tasks;
  return { ...lab, tasks: moved.map((task) => (task.id === taskId ? ({ ...task, ...fields } as Task) : task)) };
}

export async function patchTask(labId: string, taskId: string, patch: TaskPatch): Promise<void> {
  const key = labQuery(labId).queryKey;
  // Shown in this very moment, and again after a look that was under way is called off: it would undo the change.
  changeLab(labId, (lab) => withPatch(lab, taskId, patch));
  await queryClient.cancelQueries({ queryKey: key, exact: true });
  changeLab(labId, (lab) => withPatch(lab, taskId, patch));
  try {
    await inLine(labId, () =>
      answer(api.PATCH("/api/v1/labs/{id}/tasks/{task_id}", { params: { path: { id: labId, task_id: taskId } }, body: patch })),
    );
  } catch (thrown) {
    await queryClient.invalidateQueries({ queryKey: key, exact: true });
    throw asProblem(thrown);
  }
}

/** A change made with one gesture; what went wrong is told in a toast, the page shows what the server has. */
export function changeTask(labId: string, taskId: string, patch: TaskPatch): void {
  patchTask(labId, taskId, patch).catch((thrown: unknown) => {
    toast("bad", `Not changed: ${asProblem(thrown).message}`);
  });
}

export async function addTask(labId: string, language: string): Promise<Task> {
  const body = { question: "New task", language };
  const task = await inLine(labId, () => answer(api.POST("/api/v1/labs/{id}/tasks", { params: { path: { id: labId } }, body })));
  changeLab(labId, (lab) => ({ ...lab, task_count: lab.task_count + 1, tasks: byPosition([...lab.tasks, task]) }));
  return task;
}

export async function removeTask(labId: string, taskId: string): Promise<void> {
  forgetDrafts(`${taskId}:`);
  await inLine(labId, () =>
    answer(api.DELETE("/api/v1/labs/{id}/tasks/{task_id}", { params: { path: { id: labId, task_id: taskId } } })),
  );
  await queryClient.invalidateQueries({ queryKey: labQuery(labId).queryKey, exact: true });
}

export async function renameLab(lab: Lab, title: string): Promise<void> {
  changeLab(lab.id, (now) => ({ ...now, title }));
  try {
    await inLine(lab.id, () => answer(api.PATCH("/api/v1/labs/{id}", { params: { path: { id: lab.id } }, body: { title } })));
    await queryClient.invalidateQueries({ queryKey: ["labs"] });
  } catch (thrown) {
    changeLab(lab.id, (now) => ({ ...now, title: lab.title }));
    toast("bad", `Not renamed: ${asProblem(thrown).message}`);
  }
}

export async function deleteLab(labId: string): Promise<void> {
  await answer(api.DELETE("/api/v1/labs/{id}", { params: { path: { id: labId } } }));
  await queryClient.invalidateQueries({ queryKey: ["labs"] });
}
