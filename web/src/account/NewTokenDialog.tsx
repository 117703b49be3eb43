import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, tokensQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Cancelled, confirmed } from "./confirm";
import { expiry, LIFETIMES, POWERS, type Power } from "./scopes";

export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [powers, setPowers] = useState(POWERS.slice(0, 1));
  const [days, setDays] = useState<number>(90);
  const make = useMutation({
    mutationFn: () => {
      const expires_at = expiry(days, Date.now());
      const body = { name: name.trim(), scopes: powers.flatMap((power) => power.scopes), ...(expires_at === undefined ? {} : { expires_at }) };
      return confirmed(() => answer(api.POST("/api/v1/me/tokens", { body })));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });

  if (make.data) {
    return (
      <Dialog title="Copy your token now" onClose={onClose}>
        <p className="muted">It is shown this once. Stoa keeps only a fingerprint of it, so it cannot be shown again.</p>
        <p className="secret">
          <code>{make.data.token}</code>
        </p>
        <div className="actions">
          <CopyButton text={make.data.token} label="Copy token" />
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  const toggle = (power: Power) => {
    setPowers(powers.includes(power) ? powers.filter((one) => one !== power) : [...powers, power]);
  };
  return (
    <Dialog title="New access token" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        {make.error && !(make.error instanceof Cancelled) && <ProblemNote error={make.error} />}
        <TextField
          label="Name"
          hint="What will use it, so that you know it later."
          required
          maxLength={100}
          value={name}
          onValue={setName}
          wrong={make.error ? asProblem(make.error).field("name") : undefined}
        />
        <fieldset className="stack" style={{ gap: 8 }}>
          <legend className="label">It may</legend>
          {POWERS.map((power) => (
            <label className="check" key={power.text}>
              <input
                type="checkbox"
                checked={powers.includes(power)}
                onChange={() => {
                  toggle(power);
                }}
              />
              <span>
                {power.text}
                <span className="hint">{power.detail}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="Expires">
          {(ids) => (
            <select
              className="input"
              value={days}
              onChange={(event) => {
                setDays(Number(event.target.value));
              }}
              {...ids}
            >
              {LIFETIMES.map((one) => (
                <option key={one.days} value={one.days}>
                  {one.text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={make.isPending} disabled={name.trim() === "" || powers.length === 0}>
            Make token
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
