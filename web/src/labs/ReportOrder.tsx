import { GripVertical } from "lucide-react";
import { useState } from "react";
import type { Task } from "../api/types";
import { count } from "../ui/format";
import { taskVerdict } from "./status";
import { StatusIcon } from "./StatusIcon";
import { useReorder } from "./useReorder";

/** The tasks in the order in which the report will have them. */
export function ReportOrder({ tasks, onMove }: { tasks: readonly Task[]; onMove: (from: number, to: number) => void }) {
  const [said, setSaid] = useState("");
  const { list, handle, row } = useReorder((from, to) => {
    onMove(from, to);
    setSaid(`Moved to place ${String(to + 1)} of ${String(tasks.length)}`);
  });
  const missing = tasks.filter((task) => !task.last_run).length;
  return (
    <div className="field">
      <span className="label">Order</span>
      <ul className="rows task-list report-order" ref={list}>
        {tasks.map((task, index) => {
          const { tone, short } = taskVerdict(task, []);
          return (
            <li key={task.id} {...row(index, tasks.length)}>
              <button type="button" className="grip" aria-label={`Move task ${String(task.position + 1)} in the report: use the arrow keys or drag`} {...handle(index, tasks.length)}>
                <GripVertical size={14} aria-hidden />
              </button>
              <span className="number muted">{task.position + 1}</span>
              <span className="truncate grow">{task.question.trim().split("\n", 1)[0]}</span>
              <StatusIcon tone={tone} label={short} />
            </li>
          );
        })}
      </ul>
      {tasks.length === 0 && <p className="wrong">No task is included. Tick those you want on the Tasks tab.</p>}
      {missing > 0 && tasks.length > 0 && (
        <p className="hint">{missing === tasks.length ? "None of these has run" : `${count(missing, "task")} here ${missing === 1 ? "has" : "have"} not run`}: the report will have the code without output.</p>
      )}
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </div>
  );
}
