import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { answer, api } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { setupQuery, signupQuery } from "../api/queries";
import type { Half, User } from "../api/types";
import { begin, expectedEmail, safeReturn } from "../shell/session";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { forgetFragment, useFragment } from "./fragment";
import { Gate } from "./Gate";
import { passkeysWork } from "./passkeys";
import { isMethod, SecondStep } from "./SecondStep";
import { UpstreamButtons } from "./UpstreamButtons";
import { upstreamProblem } from "./upstreams";
import { usePasskey } from "./usePasskey";

export function Login() {
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const setup = useQuery(setupQuery);
  const signup = useQuery(signupQuery);
  const next = safeReturn(search.get("next"));
  const [email, setEmail] = useState(() => expectedEmail(next));
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [half, setHalf] = useState<Half | null>(null);
  const refused = upstreamProblem(search.get("problem"));
  // Who comes back from another provider and has a second factor brings the ticket along.
  const [ticket, methods] = [useFragment("ticket"), useFragment("methods")];
  const [left, setLeft] = useState(false);
  const open = half ?? (ticket === "" || left ? null : { next: "mfa" as const, ticket, methods: methods.split(",").filter(isMethod) });

  const enter = (user: User) => {
    forgetFragment();
    begin(user);
    navigate(next, { replace: true });
  };
  const passkey = usePasskey(enter, setProblem, open === null);
  const signIn = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const done = await answer(api.POST("/api/v1/auth/login", { body: { email, password } }), true);
      if (done.next === "mfa") {
        setPassword("");
        setHalf(done);
      } else {
        enter(done.user);
      }
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
    setBusy(false);
  };

  if (setup.data?.needed) {
    return (
      <Gate title="This server has no owner yet" intro="Whoever started it finds a set-up link in its output. Open that link to become the owner.">
        <p className="hint">
          It looks like <code>{window.location.origin}/setup#claim=…</code>
        </p>
      </Gate>
    );
  }
  if (open) {
    return (
      <Gate title="One more step" intro={`${half ? "Your password is right." : "The provider knows you."} Show that it is you with something you have.`}>
        <SecondStep
          half={open}
          onDone={enter}
          onBack={() => {
            forgetFragment();
            setLeft(true);
            setHalf(null);
          }}
        />
      </Gate>
    );
  }
  return (
    <Gate title="Sign in to Stoa" intro={next === "/" ? "With the address and password of your account." : "Then you come back to where you were."}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        {refused !== undefined && !problem && (
          <p className="note" role="alert">
            <span>{refused}</span>
          </p>
        )}
        {problem &&
          (problem.code === "invalid_credentials" ? (
            <p className="note" role="alert">
              <span>Address and password do not fit together. Check both; capitals count.</span>
            </p>
          ) : (
            <ProblemNote error={problem} />
          ))}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose */}
        <TextField autoFocus label="Email" type="email" autoComplete="username webauthn" required value={email} onValue={setEmail} wrong={problem?.field("email")} />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
          wrong={problem?.field("password")}
        />
        <Button type="submit" look="primary" busy={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </Button>
        {passkeysWork() && (
          <Button icon={<KeyRound size={15} />} busy={passkey.busy} onClick={() => void passkey.ask()}>
            Sign in with a passkey
          </Button>
        )}
      </form>
      <UpstreamButtons returnTo={next} />
      <p className="inline small" style={{ justifyContent: "space-between" }}>
        <Link href="/forgot">Forgot the password?</Link>
        {signup.data?.mode === "open" && <Link href="/signup">Make an account</Link>}
      </p>
    </Gate>
  );
}
