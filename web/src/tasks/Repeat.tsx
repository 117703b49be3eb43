// Whether and how a task comes again.
import { useState } from "react";
import { Field, TextField } from "../ui/Field";
import { choices, isUsual } from "./rules";

type From = "due" | "completion";

interface RepeatProps {
  due: string | null;
  rule: string;
  from: From;
  wrong: string | undefined;
  onRule: (rule: string) => void;
  onFrom: (from: From) => void;
}

const OTHER = "other";

export function Repeat({ due, rule, from, wrong, onRule, onFrom }: RepeatProps) {
  const at = due === null ? new Date() : new Date(due);
  const [other, setOther] = useState(!isUsual(rule, at));
  return (
    <>
      <div className="pair">
        <Field label="Repeats" hint={due === null ? "Needs a due time." : undefined} wrong={other ? undefined : wrong}>
          {(ids) => (
            <select
              className="input"
              value={other ? OTHER : isUsual(rule, at) ? rule : OTHER}
              disabled={due === null}
              onChange={(event) => {
                const { value } = event.target;
                setOther(value === OTHER);
                if (value !== OTHER) onRule(value);
              }}
              {...ids}
            >
              {choices(at).map((choice) => (
                <option key={choice.value} value={choice.value}>
                  {choice.text}
                </option>
              ))}
              <option value={OTHER}>Another rule…</option>
            </select>
          )}
        </Field>
        {rule !== "" && (
          <Field label="The next is counted from">
            {(ids) => (
              <select className="input" value={from} onChange={(event) => { onFrom(event.target.value as From); }} {...ids}>
                <option value="due">When it was due</option>
                <option value="completion">When it was completed</option>
              </select>
            )}
          </Field>
        )}
      </div>
      {(other || !isUsual(rule, at)) && due !== null && (
        <TextField
          label="Rule"
          hint="As calendars write it (RFC 5545): FREQ=MONTHLY;BYDAY=-1FR is the last Friday of every month."
          placeholder="FREQ=MONTHLY;BYDAY=-1FR"
          maxLength={200}
          value={rule}
          onValue={onRule}
          wrong={wrong}
        />
      )}
    </>
  );
}
