// Doing something with a task: sent, then looked at anew; what went wrong is told in a toast, and what can be taken back
// is offered there.
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient } from "../api/queries";
import type { Todo, TodoPatch } from "../api/types";
import { toast } from "../ui/toasts";

export async function lookAgain(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["tasks"] });
}

/** Whether it went well. */
export async function act(what: string, send: () => Promise<unknown>): Promise<boolean> {
  let well = true;
  try {
    await send();
  } catch (thrown) {
    well = false;
    toast("bad", `Not ${what}: ${asProblem(thrown).message}`);
  }
  await lookAgain();
  return well;
}

const path = (task: Todo) => ({ params: { path: { id: task.id } } });

export async function quickAdd(text: string): Promise<Todo> {
  const task = await answer(api.POST("/api/v1/tasks/quick", { body: { text } }));
  await lookAgain();
  return task;
}

export async function reopen(task: Todo): Promise<void> {
  await act("reopened", () => answer(api.POST("/api/v1/tasks/{id}/reopen", path(task))));
}

async function restore(task: Todo): Promise<void> {
  await act("restored", () => answer(api.POST("/api/v1/tasks/{id}/restore", path(task))));
}

export async function complete(task: Todo): Promise<void> {
  let again = false;
  const send = async () => {
    const done = await answer(api.POST("/api/v1/tasks/{id}/complete", path(task)));
    again = done.next_id != null;
  };
  if (await act("completed", send)) {
    const next = again ? ` It comes again, ${task.recurrence_text ?? ""}.` : "";
    toast("good", `Completed: ${task.title}.${next}`, { text: "Undo", run: () => void reopen(task) });
  }
}

export async function snooze(task: Todo, hours: number): Promise<void> {
  await act("snoozed", () => answer(api.POST("/api/v1/tasks/{id}/snooze", { ...path(task), body: { hours } })));
}

export async function remove(task: Todo): Promise<void> {
  const well = await act("deleted", () => answer(api.DELETE("/api/v1/tasks/{id}", path(task))));
  if (well) toast("good", `Deleted: ${task.title}.`, { text: "Undo", run: () => void restore(task) });
}

/** Changes a task as it was in one version; throws what is wrong with the change, for the form to show. */
export async function change(task: Todo, body: TodoPatch, version: string): Promise<void> {
  await answer(api.PATCH("/api/v1/tasks/{id}", { params: { path: { id: task.id }, header: { "If-Match": version } }, body }));
  await lookAgain();
}

/** Moves when a task is due. */
export async function move(task: Todo, due_at: string | null): Promise<void> {
  await act("moved", () => answer(api.PATCH("/api/v1/tasks/{id}", { ...path(task), body: { due_at } })));
}
