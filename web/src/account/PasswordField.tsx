import { useState } from "react";
import { TextField } from "../ui/Field";

/** As the server asks: the password is the only factor, so it is long (NIST SP 800-63B-4). */
export const MIN_PASSWORD = 15;

interface PasswordFieldProps {
  value: string;
  onValue: (value: string) => void;
  wrong?: string | undefined;
}

export function PasswordField({ value, onValue, wrong }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const missing = MIN_PASSWORD - value.length;
  return (
    <div className="stack" style={{ gap: 8 }}>
      <TextField
        label="Password"
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        required
        minLength={MIN_PASSWORD}
        maxLength={128}
        value={value}
        onValue={onValue}
        wrong={wrong}
        hint={
          value !== "" && missing > 0
            ? `${String(missing)} more characters`
            : `At least ${String(MIN_PASSWORD)} characters. A few words in a row are easy to remember and hard to guess.`
        }
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
