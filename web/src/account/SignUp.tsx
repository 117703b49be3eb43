// Asking for an account. Whether the address has one already, only a letter to it tells.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { signupQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { useFragment } from "./fragment";
import { Gate } from "./Gate";
import { PasswordField } from "./PasswordField";
import { UpstreamButtons } from "./UpstreamButtons";

const toLogin = (
  <Link href="/login" className="button">
    Sign in
  </Link>
);

export function SignUp() {
  const signup = useQuery(signupQuery);
  const invite = useFragment("invite");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const ask = useMutation({
    mutationFn: () => {
      const body = { email, password, display_name: name, ...(invite === "" ? {} : { invite }) };
      return answer(api.POST("/api/v1/auth/signup", { body }), true);
    },
  });
  const problem = ask.error ? asProblem(ask.error) : null;

  if (ask.data) return <Taken email={email} next={ask.data.next} />;
  if (signup.data?.mode === "closed" || (signup.data?.mode === "invite" && invite === "")) {
    return (
      <Gate title="Sign up by invitation" intro={signup.data.mode === "closed" ? "Accounts are made by whoever looks after this server. Ask them for one." : "Ask whoever looks after this server for an invitation, and open the whole link."}>
        {toLogin}
      </Gate>
    );
  }
  return (
    <Gate title="Make your account" intro={invite === "" ? "A letter to your address says what comes next." : "You were invited. Welcome."}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
        }}
      >
        {problem &&
          (problem.code === "invalid_invite" ? (
            <p className="note" role="alert">
              <span>This invitation was used, taken back, or is too old. Ask for another one.</span>
            </p>
          ) : (
            <ProblemNote error={problem} />
          ))}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose */}
        <TextField autoFocus label="Your name" autoComplete="name" required maxLength={100} value={name} onValue={setName} wrong={problem?.field("display_name")} />
        <TextField label="Email" type="email" autoComplete="username" required value={email} onValue={setEmail} wrong={problem?.field("email")} />
        <PasswordField value={password} onValue={setPassword} wrong={problem?.field("password")} />
        <Button type="submit" look="primary" busy={ask.isPending}>
          {ask.isPending ? "Asking…" : "Make my account"}
        </Button>
      </form>
      <UpstreamButtons returnTo="/" invite={invite} />
      <p className="small muted">
        You have one already? <Link href="/login">Sign in</Link>
      </p>
    </Gate>
  );
}

function Taken({ email, next }: { email: string; next: "verify" | "sign_in" }) {
  const again = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/auth/email/resend", { body: { email } }), true),
  });
  if (next === "sign_in") {
    return (
      <Gate title="You are in" intro="The invitation came to this address, so there is nothing more to confirm.">
        <Link href="/login" className="button" data-look="primary">
          Sign in
        </Link>
      </Gate>
    );
  }
  return (
    <Gate title="Look into your mail" intro={<>A letter to <strong>{email}</strong> has a link that makes your account. It is good for a day.</>}>
      {again.error && <ProblemNote error={again.error} />}
      <p className="small muted" role="status">
        {again.isSuccess ? "It was sent again." : "Nothing there? Look among unwanted mail, or ask whoever looks after this server."}
      </p>
      <div className="inline">
        <Button busy={again.isPending} onClick={() => { again.mutate(); }}>
          Send it again
        </Button>
        {toLogin}
      </div>
    </Gate>
  );
}
