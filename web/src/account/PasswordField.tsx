import { useState } from "react";
import { TextField } from "../ui/Field";

interface PasswordFieldProps {
  label?: string;
  value: string;
  onValue: (value: string) => void;
  wrong?: string | undefined;
  /** Fewest characters. The server has the last word; 15 is what it asks of a password alone unless told otherwise. */
  least?: number;
}

export function PasswordField({ label = "Password", value, onValue, wrong, least = 15 }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <div className="stack" style={{ gap: 8 }}>
      <TextField
        label={label}
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        required
        maxLength={128}
        value={value}
        onValue={onValue}
        wrong={wrong}
        hint={`${String(least)} characters or more. A few words in a row are easy to remember and hard to guess.`}
      />
      <label className="check small">
        <input
          type="checkbox"
          checked={shown}
          onChange={(event) => {
            setShown(event.target.checked);
          }}
        />
        Show the password
      </label>
    </div>
  );
}
