import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { meQuery, myUpstreamsQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { useAsking, type Asking } from "./confirm";
import { askPasskey, passkeyProblem, passkeysWork } from "./passkeys";
import { UpstreamButtons } from "./UpstreamButtons";

type Proof = { password: string } | { code: string } | "passkey";

/** The dialog that asks for a proof, when something waits for one. */
export function ConfirmIdentity() {
  const asking = useAsking();
  return asking && <Ask asking={asking} />;
}

function Ask({ asking: { factors, done } }: { asking: Asking }) {
  const { data: user } = useQuery(meQuery);
  const hasApp = factors.totp_since != null;
  const [byCode, setByCode] = useState(hasApp && !factors.password);
  const typed = byCode || factors.password;
  const [text, setText] = useState("");
  const prove = useMutation({
    mutationFn: async (proof: Proof) => {
      const body = proof === "passkey" ? await askPasskey() : proof;
      await answer(api.POST("/api/v1/auth/reauthenticate", { body }));
    },
    onSuccess: () => {
      done(true);
    },
  });
  const error = prove.error && passkeyProblem(prove.error);
  const problem = error ? asProblem(error) : null;
  const wrong = problem?.field(byCode ? "code" : "password");
  return (
    <Dialog title="Confirm it is you" onClose={() => { done(false); }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          prove.mutate(byCode ? { code: text.trim() } : { password: text });
        }}
      >
        <p className="muted">This takes a proof from the last few minutes that it is you.</p>
        {problem && wrong === undefined && <ProblemNote error={problem} />}
        <input type="text" name="username" autoComplete="username" value={user?.email ?? ""} readOnly hidden />
        {byCode ? (
          <TextField key="code" label="Code from your app" inputMode="numeric" autoComplete="one-time-code" required maxLength={6} value={text} onValue={setText} wrong={wrong} />
        ) : (
          typed && <TextField key="password" label="Password" type="password" autoComplete="current-password" required value={text} onValue={setText} wrong={wrong} />
        )}
        <div className="actions">
          {hasApp && factors.password && (
            <Button
              look="quiet"
              onClick={() => {
                setByCode(!byCode);
                setText("");
                prove.reset();
              }}
            >
              {byCode ? "Use the password" : "Use a code"}
            </Button>
          )}
          {factors.passkeys > 0 && passkeysWork() && (
            <Button icon={<KeyRound size={15} />} busy={prove.isPending} onClick={() => { prove.mutate("passkey"); }}>
              Use a passkey
            </Button>
          )}
          {typed && (
            <Button type="submit" look="primary" busy={prove.isPending} disabled={text === ""}>
              Confirm
            </Button>
          )}
        </div>
      </form>
      {!factors.password && <Again />}
    </Dialog>
  );
}

/** Whoever has no password shows it by signing in once more, and begins again on this page. */
function Again() {
  const links = useQuery(myUpstreamsQuery);
  if (!links.data) return links.error ? <ProblemNote error={links.error} /> : null;
  const linked = new Set(links.data.items.flatMap(({ name }) => name ?? []));
  if (linked.size === 0) return null;
  return (
    <>
      <p className="small muted">You have no password. Sign in with your provider once more; you come back to this page and begin again.</p>
      <UpstreamButtons returnTo={window.location.pathname} only={linked} />
    </>
  );
}
