// Doing something with a task: sent, then looked at anew; what went wrong is told in a toast.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, taskSettingsQuery } from "../api/queries";
import type { Todo } from "../api/types";
import { toast } from "../ui/toasts";

async function lookAgain(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["tasks"] });
}

async function act(what: string, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (thrown) {
    toast("bad", `Not ${what}: ${asProblem(thrown).message}`);
  }
  await lookAgain();
}

const path = (task: Todo) => ({ params: { path: { id: task.id } } });

export async function quickAdd(text: string): Promise<Todo> {
  const task = await answer(api.POST("/api/v1/tasks/quick", { body: { text } }));
  await lookAgain();
  return task;
}

export const complete = (task: Todo): Promise<void> => act("completed", () => answer(api.POST("/api/v1/tasks/{id}/complete", path(task))));

export const reopen = (task: Todo): Promise<void> => act("reopened", () => answer(api.POST("/api/v1/tasks/{id}/reopen", path(task))));

export const snooze = (task: Todo, hours: number): Promise<void> =>
  act("snoozed", () => answer(api.POST("/api/v1/tasks/{id}/snooze", { ...path(task), body: { hours } })));

export const remove = (task: Todo): Promise<void> => act("deleted", () => answer(api.DELETE("/api/v1/tasks/{id}", path(task))));

/** The zone in which the server understands days and times, this browser's, and how to make them one. */
export function useTimeZone(): { server: string | undefined; here: string; use: () => Promise<void> } {
  const settings = useQuery(taskSettingsQuery);
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const use = () => act("changed", () => answer(api.PATCH("/api/v1/tasks/settings", { body: { time_zone: here } })));
  return { server: settings.data?.time_zone, here, use };
}
