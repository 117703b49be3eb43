import { GripVertical } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Lab, Task } from "../api/types";
import { changeTask } from "./edit";
import { useLabJobs } from "./live";
import { taskVerdict } from "./status";
import { StatusIcon } from "./StatusIcon";
import { useReorder } from "./useReorder";

interface TaskListProps {
  lab: Lab;
  tasks: readonly Task[];
  chosen: string;
  onChoose: (id: string) => void;
}

export function TaskList({ lab, tasks, chosen, onChoose }: TaskListProps) {
  const jobs = useLabJobs(lab.id);
  const [said, setSaid] = useState("");
  const { list, handle, row } = useReorder((from, to) => {
    const task = tasks[from];
    if (!task) return;
    changeTask(lab.id, task.id, { position: to });
    setSaid(`Task moved to place ${String(to + 1)} of ${String(tasks.length)}`);
  });
  useKeepInView(list, chosen);
  return (
    <>
      <ul className="rows task-list" ref={list}>
        {tasks.map((task, index) => {
          const { tone, short } = taskVerdict(task, jobs);
          const number = String(index + 1);
          return (
            <li key={task.id} data-id={task.id} data-chosen={task.id === chosen ? "" : undefined} data-left-out={task.included ? undefined : ""} {...row(index, tasks.length)}>
              <button type="button" className="grip" aria-label={`Move task ${number}: use the arrow keys or drag`} {...handle(index, tasks.length)}>
                <GripVertical size={14} aria-hidden />
              </button>
              <input
                type="checkbox"
                aria-label={`Include task ${number}`}
                title={task.included ? "In the run and the report" : "Left out of the run and the report"}
                checked={task.included}
                onChange={(event) => {
                  changeTask(lab.id, task.id, { included: event.target.checked });
                }}
              />
              <button
                type="button"
                className="task-open"
                aria-current={task.id === chosen ? "true" : undefined}
                onClick={() => {
                  onChoose(task.id);
                }}
              >
                <span className="task-line">
                  <span className="number muted">{number}</span>
                  <span className="task-text">{firstLine(task.question)}</span>
                </span>
                <StatusIcon tone={tone} label={short} />
              </button>
            </li>
          );
        })}
      </ul>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

function firstLine(question: string): string {
  return question.trim().split("\n", 1)[0] ?? "";
}

function useKeepInView(list: { current: HTMLUListElement | null }, chosen: string): void {
  const before = useRef(chosen);
  useEffect(() => {
    if (before.current === chosen) return;
    before.current = chosen;
    list.current?.querySelector(`[data-id="${CSS.escape(chosen)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [list, chosen]);
}
