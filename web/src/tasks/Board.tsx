// Open tasks in columns by when they are due. A card is moved by its grip: dragged, or with the arrow keys.
import { GripVertical, Repeat } from "lucide-react";
import { useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Todo } from "../api/types";
import { move } from "./act";
import { dueIn, dueText, GROUPS, groupOf, neighbour, type Group } from "./due";
import { PriorityBadge, Tick } from "./Row";

interface BoardProps {
  tasks: readonly Todo[];
  now: Date;
  onOpen: (task: Todo) => void;
}

/** The column at a point of the screen; nothing falls into the past. */
function columnAt(x: number, y: number): Group | null {
  const name = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-column]")?.dataset["column"];
  return GROUPS.find((group) => group === name && group !== "Overdue") ?? null;
}

/** What moves a card: pointer or keys on its grip. */
function useMoves(now: Date) {
  const [drag, setDrag] = useState<{ id: string; over: Group | null } | null>(null);
  const put = (task: Todo, group: Group | null) => {
    if (group !== null && groupOf(task.due_at, now) !== group) void move(task, dueIn(group, task.due_at, now));
  };
  const grip = (task: Todo) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ id: task.id, over: null });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (drag?.id !== task.id) return;
      const over = columnAt(event.clientX, event.clientY);
      if (over !== drag.over) setDrag({ id: task.id, over });
    },
    onPointerUp: () => {
      if (drag?.id !== task.id) return;
      setDrag(null);
      put(task, drag.over);
    },
    onPointerCancel: () => {
      setDrag(null);
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.key === "Escape") setDrag(null);
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step === 0) return;
      event.preventDefault();
      put(task, neighbour(groupOf(task.due_at, now), step));
    },
  });
  return { drag, grip };
}

export function Board({ tasks, now, onOpen }: BoardProps) {
  const { drag, grip } = useMoves(now);
  return (
    <div className="board">
      {GROUPS.map((group) => {
        const here = tasks.filter((task) => groupOf(task.due_at, now) === group);
        return (
          <section key={group} aria-label={group} data-column={group} data-over={drag?.over === group ? "" : undefined}>
            <h2 className="group-title">
              {group} <span className="tiny muted number">{here.length}</span>
            </h2>
            <ul>
              {here.map((task) => (
                <li key={task.id} className="task-card" data-dragging={drag?.id === task.id ? "" : undefined}>
                  <div className="card-head">
                    <Tick task={task} />
                    <button type="button" className="task-title" onClick={() => { onOpen(task); }}>
                      {task.title}
                    </button>
                    <button type="button" className="grip" aria-label={`Move ${task.title} to another day: use the arrow keys or drag`} {...grip(task)}>
                      <GripVertical size={14} aria-hidden />
                    </button>
                  </div>
                  <Details task={task} now={now} late={group === "Overdue"} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Details({ task, now, late }: { task: Todo; now: Date; late: boolean }) {
  return (
    <>
      <p className="tiny muted dots">
        {task.due_at != null && <span className={late ? "late" : undefined}>{dueText(task.due_at, now)}</span>}
        {task.recurrence_text != null && (
          <span>
            <Repeat size={11} aria-hidden /> {task.recurrence_text}
          </span>
        )}
        {task.project != null && <span>{task.project}</span>}
        {task.tags.map((tag) => (
          <span key={tag}>#{tag}</span>
        ))}
      </p>
      {(task.blocked || task.priority >= 4) && (
        <p className="inline">
          {task.blocked && <span className="badge">Waits for another</span>}
          <PriorityBadge task={task} />
        </p>
      )}
    </>
  );
}
