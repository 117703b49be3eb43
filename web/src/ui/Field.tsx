// A labelled control with its hint and what is wrong with it, tied together for screen readers.
import { sentence } from "../api/problem";
import { useId, type ComponentProps, type ReactNode } from "react";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  children: (ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
}

export function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, wrong === undefined ? "" : `${id}-wrong`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": wrong === undefined ? undefined : true })}
      {wrong !== undefined && (
        <p className="wrong" id={`${id}-wrong`}>
          {sentence(wrong)}
        </p>
      )}
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<ComponentProps<"input">, "onChange" | "value" | "className" | "id"> {
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  value: string;
  onValue: (value: string) => void;
}

export function TextField({ label, hint, wrong, value, onValue, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <input
          className="input"
          value={value}
          onChange={(event) => {
            onValue(event.target.value);
          }}
          {...rest}
          {...ids}
        />
      )}
    </Field>
  );
}
