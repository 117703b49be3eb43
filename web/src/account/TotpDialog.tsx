import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import type { TotpSetup } from "../api/types";
import { Button } from "../ui/Button";
import { CopyLink } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Cancelled, confirmed } from "./confirm";

interface TotpDialogProps {
  setup: TotpSetup;
  onClose: () => void;
  /** With the backup codes, if there are new ones. */
  onDone: (codes: readonly string[] | undefined) => void;
}

/** A secret for an app, and its first code. */
export function TotpDialog({ setup, onClose, onDone }: TotpDialogProps) {
  const [code, setCode] = useState("");
  const picture = useMemo(() => URL.createObjectURL(new Blob([setup.qr], { type: "image/svg+xml" })), [setup.qr]);
  useEffect(
    () => () => {
      URL.revokeObjectURL(picture);
    },
    [picture],
  );
  const confirm = useMutation({
    mutationFn: () => confirmed(() => answer(api.POST("/api/v1/me/totp/confirm", { body: { code: code.trim() } }))),
    onSuccess: ({ backup_codes }) => {
      onDone(backup_codes ?? undefined);
    },
  });
  const problem = confirm.error && !(confirm.error instanceof Cancelled) ? asProblem(confirm.error) : null;
  const wrong = problem?.field("code");
  return (
    <Dialog title="Set up an authenticator app" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate();
        }}
      >
        <p className="muted">Scan this with an app for one-time codes, such as the one your password manager has. It then shows a new code every 30 seconds.</p>
        <img className="qr" src={picture} alt="QR code for your app" width={200} height={200} />
        <p className="small muted">
          Cannot scan? Type this secret: <code className="typed">{setup.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code> <CopyLink text={setup.secret}>Copy the secret</CopyLink>
        </p>
        {problem && wrong === undefined && <ProblemNote error={problem} />}
        <TextField
          label="Code that the app shows"
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]{6}"
          title="Six digits"
          maxLength={6}
          required
          value={code}
          onValue={setCode}
          wrong={wrong}
        />
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={confirm.isPending} disabled={code.trim().length !== 6}>
            Turn on
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
