// A task in a list.
import { AlarmClock, Repeat, Trash2 } from "lucide-react";
import type { Todo } from "../api/types";
import { Button } from "../ui/Button";
import { complete, remove, reopen, snooze } from "./act";
import { dueText, groupOf } from "./due";

const DAY = 24;

export function PriorityBadge({ task }: { task: Todo }) {
  if (task.priority < 4 || task.status === "completed") return null;
  return (
    <span className="badge" data-tone={task.priority === 5 ? "bad" : "warn"}>
      {task.priority === 5 ? "Urgent" : "High"}
    </span>
  );
}

export function Tick({ task }: { task: Todo }) {
  const done = task.status === "completed";
  return (
    <input
      type="checkbox"
      aria-label={done ? `Reopen ${task.title}` : `Complete ${task.title}`}
      checked={done}
      onChange={() => void (done ? reopen(task) : complete(task))}
    />
  );
}

export function Row({ task, now, onOpen }: { task: Todo; now: Date; onOpen: (task: Todo) => void }) {
  const done = task.status === "completed";
  const late = !done && groupOf(task.due_at, now) === "Overdue";
  return (
    <li className="row">
      <Tick task={task} />
      <div className="grow">
        <button type="button" className="task-title truncate" data-done={done ? "" : undefined} onClick={() => { onOpen(task); }}>
          {task.title}
        </button>
        <p className="tiny muted dots">
          {task.due_at != null && <span className={late ? "late" : undefined}>{late ? "was due" : "due"} {dueText(task.due_at, now)}</span>}
          {task.recurrence_text != null && (
            <span>
              <Repeat size={11} aria-hidden /> {task.recurrence_text}
            </span>
          )}
          {task.snoozed_until != null && <span>snoozed until {dueText(task.snoozed_until, now)}</span>}
          {task.effort_minutes != null && <span>{task.effort_minutes} min</span>}
          {task.project != null && <span>{task.project}</span>}
          {task.tags.map((tag) => (
            <span key={tag}>#{tag}</span>
          ))}
        </p>
      </div>
      {task.blocked && <span className="badge">Waits for another</span>}
      <PriorityBadge task={task} />
      {!done && task.status !== "snoozed" && (
        <Button look="quiet" icon={<AlarmClock size={15} />} label={`Snooze ${task.title} for a day`} onClick={() => void snooze(task, DAY)} />
      )}
      <Button look="quiet" icon={<Trash2 size={15} />} label={`Delete ${task.title}`} onClick={() => void remove(task)} />
    </li>
  );
}
