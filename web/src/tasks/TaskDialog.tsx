// All of one task, to look at and to change.
import { useMutation, useQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useState } from "react";
import { asProblem } from "../api/problem";
import type { Versioned } from "../api/client";
import { editedTodoQuery, projectsQuery, queryClient } from "../api/queries";
import type { Todo, TodoPatch } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field, TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { change, remove } from "./act";
import { Needs } from "./Needs";
import { Reminders } from "./Reminders";
import { ReminderStates } from "./ReminderStates";
import { Repeat } from "./Repeat";
import { fromInput, toInput } from "./rules";

const PRIORITIES = ["Very low", "Low", "Medium", "High", "Urgent"] as const;
const PARTS = [
  ["", "Any time"],
  ["morning", "Morning"],
  ["afternoon", "Afternoon"],
  ["evening", "Evening"],
] as const;

export function TaskDialog({ id, onClose }: { id: string; onClose: () => void }) {
  // Looked at once: what somebody else changes meanwhile must not change under the fingers of whoever types.
  const task = useQuery({ ...editedTodoQuery(id), staleTime: "static", gcTime: 0 });
  return (
    <Dialog title="Task" onClose={onClose} className="wide">
      {task.error && <ProblemNote error={task.error} />}
      {task.data ? (
        <Form key={task.data.version} edited={task.data} onReload={() => task.refetch()} onClose={onClose} />
      ) : (
        !task.error && <SkeletonRows rows={3} label="The task is loading" />
      )}
    </Dialog>
  );
}

/** What is typed, as the fields have it. */
function typed(task: Todo) {
  return {
    title: task.title,
    description: task.description,
    priority: task.priority,
    due: toInput(task.due_at),
    effort: task.effort_minutes == null ? "" : String(task.effort_minutes),
    part: task.preferred_time ?? ("" as const),
    tags: task.tags.join(" "),
    project: task.project ?? "",
    recurrence: task.recurrence ?? "",
    from: task.recurrence_from ?? ("due" as const),
    reminders: task.reminders,
    needs: task.depends_on,
  };
}

type Typed = ReturnType<typeof typed>;

/** What has changed, and nothing else: what somebody else changes meanwhile stays. */
function difference(before: Typed, now: Typed): TodoPatch {
  const body: TodoPatch = {};
  if (now.title !== before.title) body.title = now.title;
  if (now.description !== before.description) body.description = now.description;
  if (now.priority !== before.priority) body.priority = now.priority;
  if (now.due !== before.due) body.due_at = fromInput(now.due);
  if (now.effort !== before.effort) body.effort_minutes = now.effort === "" ? null : Number(now.effort);
  if (now.part !== before.part) body.preferred_time = now.part === "" ? null : now.part;
  if (now.tags !== before.tags) body.tags = now.tags.split(/[\s,]+/).map((tag) => tag.replace(/^#/, "")).filter((tag) => tag !== "");
  if (now.project !== before.project) body.project = now.project.trim() === "" ? null : now.project;
  if (now.recurrence !== before.recurrence) body.recurrence = now.recurrence === "" ? null : now.recurrence;
  if (now.recurrence !== "" && now.from !== before.from) body.recurrence_from = now.from;
  if (JSON.stringify(now.reminders) !== JSON.stringify(before.reminders)) body.reminders = now.reminders;
  if (now.needs.join() !== before.needs.join()) body.depends_on = now.needs;
  return body;
}

interface FormProps {
  edited: Versioned<Todo>;
  onReload: () => Promise<unknown>;
  onClose: () => void;
}

function Form({ edited, onReload, onClose }: FormProps) {
  const task = edited.data;
  const [before] = useState(() => typed(task));
  const [now, setNow] = useState(before);
  const projects = useQuery(projectsQuery);
  const set = (fields: Partial<Typed>) => { setNow({ ...now, ...fields }); };
  const save = useMutation({
    mutationFn: async (over: "what I saw" | "what is there now") => {
      const options = { ...editedTodoQuery(task.id), staleTime: 0, queryKey: ["tasks", "newest", task.id] };
      const { version } = over === "what I saw" ? edited : await queryClient.fetchQuery(options);
      await change(task, difference(before, now), version);
    },
    onSuccess: onClose,
  });
  const problem = save.error ? asProblem(save.error) : null;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate("what I saw");
      }}
    >
      {problem && problem.status !== 412 && <ProblemNote error={problem} />}
      {problem?.status === 412 && <Conflict busy={save.isPending} onReload={() => void onReload()} onKeep={() => { save.mutate("what is there now"); }} />}
      <TextField label="Title" required maxLength={200} value={now.title} onValue={(title) => { set({ title }); }} wrong={problem?.field("title")} />
      <Field label="Description" wrong={problem?.field("description")}>
        {(ids) => <textarea className="input" rows={3} maxLength={10_000} value={now.description} onChange={(event) => { set({ description: event.target.value }); }} {...ids} />}
      </Field>
      <div className="pair">
        <TextField label="Due" type="datetime-local" value={now.due} onValue={(due) => { set({ due, ...(due === "" && { recurrence: "" }) }); }} wrong={problem?.field("due_at")} />
        <TextField label="Effort in minutes" type="number" min={1} max={1440} value={now.effort} onValue={(effort) => { set({ effort }); }} wrong={problem?.field("effort_minutes")} />
      </div>
      <Repeat due={fromInput(now.due)} rule={now.recurrence} from={now.from} wrong={problem?.field("recurrence")} onRule={(recurrence) => { set({ recurrence }); }} onFrom={(from) => { set({ from }); }} />
      <Reminders due={fromInput(now.due)} reminders={now.reminders} wrong={problem?.errors.find((one) => one.pointer.startsWith("/reminders"))?.detail} onReminders={(reminders) => { set({ reminders }); }} />
      <ReminderStates id={task.id} />
      <div className="pair">
        <Field label="Priority">
          {(ids) => (
            <select className="input" value={now.priority} onChange={(event) => { set({ priority: Number(event.target.value) }); }} {...ids}>
              {PRIORITIES.map((text, place) => (
                <option key={text} value={place + 1}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Best done in the">
          {(ids) => (
            <select className="input" value={now.part} onChange={(event) => { set({ part: event.target.value as Typed["part"] }); }} {...ids}>
              {PARTS.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <div className="pair">
        <TextField label="Project" maxLength={100} list="projects" value={now.project} onValue={(project) => { set({ project }); }} wrong={problem?.field("project")} />
        <TextField label="Tags" placeholder="phone home" value={now.tags} onValue={(tags) => { set({ tags }); }} wrong={problem?.errors.find((one) => one.pointer.startsWith("/tags"))?.detail} />
        <datalist id="projects">
          {projects.data?.items.map((one) => <option key={one.name} value={one.name} />)}
        </datalist>
      </div>
      <Needs task={task} needs={now.needs} wrong={problem?.field("depends_on")} onNeeds={(needs) => { set({ needs }); }} />
      <div className="actions">
        <Button
          look="quiet"
          onClick={() => {
            onClose();
            void remove(task);
          }}
        >
          Delete
        </Button>
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={save.isPending} disabled={now.title.trim() === ""}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** Somebody else was faster, or the same person elsewhere: what was typed is still there. */
function Conflict({ busy, onReload, onKeep }: { busy: boolean; onReload: () => void; onKeep: () => void }) {
  return (
    <div className="note" role="alert">
      <GitCompareArrows size={16} data-tone="bad" aria-hidden />
      <div className="stack">
        <p>
          <strong>This task was changed elsewhere since you opened it.</strong> Load it again to see how it is now; what you typed here is
          then gone. Or keep yours: the fields that you changed are saved over it, the others stay as they are now.
        </p>
        <div className="inline">
          <Button onClick={onReload}>Load it again</Button>
          <Button busy={busy} onClick={onKeep}>
            Keep mine
          </Button>
        </div>
      </div>
    </div>
  );
}
