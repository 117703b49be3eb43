// One of a few, all visible: radio buttons that look like one control.
import { useId } from "react";

interface SegmentsProps<T extends string> {
  legend: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onValue: (value: T) => void;
}

export function Segments<T extends string>({ legend, options, value, onValue }: SegmentsProps<T>) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{legend}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => {
              onValue(option.value);
            }}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
