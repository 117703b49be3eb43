import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import type { Half, User } from "../api/types";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { askPasskey, passkeyProblem, passkeysWork } from "./passkeys";
import { asProblem } from "../api/problem";

interface SecondStepProps {
  half: Half;
  onDone: (user: User) => void;
  onBack: () => void;
}

type Method = Half["methods"][number];

/** Whether a text names a way to take the second step. */
export function isMethod(text: string): text is Method {
  return Object.hasOwn(OTHER, text);
}

/** After the first factor: a code, a passkey, or a backup code. */
export function SecondStep({ half, onDone, onBack }: SecondStepProps) {
  const methods = half.methods.filter((method) => method !== "passkey" || passkeysWork());
  const [method, setMethod] = useState<Method>(methods[0] ?? "backup_code");
  const [code, setCode] = useState("");
  const { ticket } = half;
  const show = useMutation({
    mutationFn: async () => {
      const body =
        method === "passkey" ? { ticket, method, assertion: (await askPasskey({ ticket })).assertion } : { ticket, method, code: code.trim() };
      return answer(api.POST("/api/v1/auth/mfa", { body }), true);
    },
    onSuccess: ({ user }) => {
      onDone(user);
    },
  });
  const error = show.error && passkeyProblem(show.error);
  const problem = error ? asProblem(error) : null;
  const wrong = problem?.code === "invalid_code" ? "is not right, or was used already" : undefined;
  const turn = (to: Method) => {
    setMethod(to);
    setCode("");
    show.reset();
  };
  const others = methods.filter((other) => other !== method);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        show.mutate();
      }}
    >
      {problem && wrong === undefined && <ProblemNote error={problem} />}
      {method === "totp" && (
        <TextField
          key="totp"
          // eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose
          autoFocus
          label="Code from your app"
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
      )}
      {method === "backup_code" && (
        <TextField
          key="backup_code"
          // eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose
          autoFocus
          label="Backup code"
          hint="One of those you kept, like 7k3d-m0xw-92hq-tz5a. It works once."
          autoComplete="off"
          spellCheck={false}
          maxLength={40}
          required
          value={code}
          onValue={setCode}
          wrong={wrong}
        />
      )}
      <Button type="submit" look="primary" icon={method === "passkey" ? <KeyRound size={15} /> : undefined} busy={show.isPending} disabled={method !== "passkey" && code.trim() === ""}>
        {method === "passkey" ? "Use your passkey" : "Sign in"}
      </Button>
      {others.map((other) => (
        <Button key={other} look="quiet" onClick={() => { turn(other); }}>
          {OTHER[other]}
        </Button>
      ))}
      <Button look="quiet" onClick={onBack}>
        Begin again
      </Button>
    </form>
  );
}

const OTHER: Record<Method, string> = {
  totp: "Use a code from your app",
  passkey: "Use a passkey",
  backup_code: "Use a backup code",
};
