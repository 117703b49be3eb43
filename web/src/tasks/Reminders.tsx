// When a letter reminds of a task.
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/Button";
import { Field, TextField } from "../ui/Field";
import { beforeText, MOST, reminderText, USUAL, withOne, type Reminder } from "./reminders";
import { fromInput } from "./rules";

interface RemindersProps {
  due: string | null;
  reminders: readonly Reminder[];
  wrong: string | undefined;
  onReminders: (reminders: Reminder[]) => void;
}

const AT = "at";

export function Reminders({ due, reminders, wrong, onReminders }: RemindersProps) {
  const [choosing, setChoosing] = useState(false);
  const [at, setAt] = useState("");
  const add = (one: Reminder) => {
    setChoosing(false);
    setAt("");
    onReminders(withOne(reminders, one));
  };
  const time = fromInput(at);
  return (
    <fieldset className="needs">
      <legend className="label">Reminders by mail</legend>
      {reminders.length === 0 && <p className="hint">No letter reminds you of it.</p>}
      <ul>
        {reminders.map((one, place) => (
          <li key={reminderText(one)} className="inline">
            <span className="grow truncate">
              {reminderText(one)}
              {one.minutes_before != null && due === null && <span className="hint"> waits until the task has a due time</span>}
            </span>
            <Button look="quiet" icon={<X size={14} />} label={`Do not remind: ${reminderText(one)}`} onClick={() => { onReminders(reminders.filter((_, other) => other !== place)); }} />
          </li>
        ))}
      </ul>
      {wrong !== undefined && <p className="wrong">{wrong}</p>}
      {reminders.length < MOST && (
        <div className="pair">
          <Field label="Add a reminder">
            {(ids) => (
              <select
                className="input"
                value={choosing ? AT : ""}
                onChange={(event) => {
                  const { value } = event.target;
                  setChoosing(value === AT);
                  if (value !== "" && value !== AT) add({ minutes_before: Number(value) });
                }}
                {...ids}
              >
                <option value="">Choose…</option>
                {due !== null &&
                  USUAL.map((minutes) => (
                    <option key={minutes} value={minutes}>
                      {beforeText(minutes)}
                    </option>
                  ))}
                <option value={AT}>At a time…</option>
              </select>
            )}
          </Field>
          {choosing && (
            <div className="stack">
              <TextField label="Remind at" type="datetime-local" value={at} onValue={setAt} />
              <div className="inline">
                <Button icon={<Plus size={14} />} disabled={time === null} onClick={() => { if (time !== null) add({ at: time }); }}>
                  Add this time
                </Button>
              </div>
            </div>
          )}
        </div>
      )}
    </fieldset>
  );
}
