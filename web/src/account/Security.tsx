// How one signs in: an app for codes, backup codes, passkeys, the password.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ListChecks, Smartphone } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { factorsQuery, meQuery, passkeysQuery, queryClient } from "../api/queries";
import type { Factors, TotpSetup } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { toast } from "../ui/toasts";
import { BackupCodesDialog } from "./BackupCodes";
import { Cancelled, confirmed } from "./confirm";
import { LinkedAccounts } from "./LinkedAccounts";
import { Passkeys } from "./Passkeys";
import { PasswordForm } from "./PasswordForm";
import { SettingsTabs } from "./SettingsTabs";
import { TotpDialog } from "./TotpDialog";

export function refreshFactors(): Promise<unknown> {
  return Promise.all([queryClient.invalidateQueries({ queryKey: factorsQuery.queryKey }), queryClient.invalidateQueries({ queryKey: passkeysQuery.queryKey })]);
}

/** Tells of a failure, unless the person changed their mind. */
export function tell(what: string, thrown: unknown): void {
  if (!(thrown instanceof Cancelled)) toast("bad", `${what}: ${asProblem(thrown).message}`);
}

export function Security() {
  const factors = useQuery(factorsQuery);
  const { data: user } = useQuery(meQuery);
  const [codes, setCodes] = useState<readonly string[] | undefined>();
  return (
    <Page title="Security" narrow>
      <SettingsTabs />
      <div className="stack">
        {factors.error && <ProblemNote error={factors.error} retry={() => void factors.refetch()} />}
        {factors.data && <Status factors={factors.data} />}
        <section className="card" aria-labelledby="two-steps">
          <div className="panel-head">
            <h2 id="two-steps">Second step</h2>
          </div>
          {factors.isPending && <SkeletonRows rows={2} label="Your second step is loading" />}
          {factors.data && (
            <ul className="rows">
              <App factors={factors.data} onCodes={setCodes} />
              <Backup factors={factors.data} onCodes={setCodes} />
            </ul>
          )}
        </section>
        <Passkeys onCodes={setCodes} />
        <LinkedAccounts />
        {user && factors.data && (factors.data.password ? <PasswordForm email={user.email} /> : <NoPassword />)}
      </div>
      {codes && <BackupCodesDialog codes={codes} onClose={() => { setCodes(undefined); }} />}
    </Page>
  );
}

function NoPassword() {
  return (
    <section className="card panel" aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p className="small muted">
        You have none: a provider or a passkey signs you in. To choose one, sign out and use “Forgot the password?” on the sign-in page; a letter to your address has the link.
      </p>
    </section>
  );
}

function Status({ factors }: { factors: Factors }) {
  if (!factors.password && factors.totp_since == null && factors.passkeys === 0) {
    return (
      <p className="note" data-tone="warn">
        <span>Whoever can sign in as you at your provider can sign in here. Add a passkey or an authenticator app, and that alone is not enough.</span>
      </p>
    );
  }
  if (factors.totp_since == null && factors.passkeys === 0) {
    return (
      <p className="note" data-tone="warn">
        <span>Your password alone opens your account. Add a passkey or an authenticator app, and a stolen password is not enough.</span>
      </p>
    );
  }
  return (
    <p className="note" data-tone="good">
      <span>A password alone does not open your account: whoever signs in with it is asked for {factors.passkeys > 0 ? (factors.totp_since == null ? "a passkey" : "a passkey or a code") : "a code"} too.</span>
    </p>
  );
}

interface RowProps {
  factors: Factors;
  onCodes: (codes: readonly string[] | undefined) => void;
}

function App({ factors, onCodes }: RowProps) {
  const [setup, setSetup] = useState<TotpSetup | null>(null);
  const [asking, setAsking] = useState(false);
  const begin = useMutation({
    mutationFn: () => confirmed(() => answer(api.POST("/api/v1/me/totp"))),
    onSuccess: setSetup,
    onError: (thrown) => {
      tell("Not begun", thrown);
    },
  });
  const remove = useMutation({
    mutationFn: () => {
      setAsking(false);
      return confirmed(() => answer(api.DELETE("/api/v1/me/totp")));
    },
    onSuccess: refreshFactors,
    onError: (thrown) => {
      tell("Not removed", thrown);
    },
  });
  return (
    <li className="row">
      <Smartphone size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>Authenticator app</strong>
        </p>
        <p className="tiny muted">{factors.totp_since == null ? "A code from your phone, new every 30 seconds." : `On since ${date(factors.totp_since)}`}</p>
      </div>
      {factors.totp_since == null ? (
        <Button busy={begin.isPending} onClick={() => { begin.mutate(); }}>
          Set up
        </Button>
      ) : (
        <Button busy={remove.isPending} onClick={() => { setAsking(true); }}>
          Remove<span className="visually-hidden"> the authenticator app</span>
        </Button>
      )}
      {setup && (
        <TotpDialog
          setup={setup}
          onClose={() => { setSetup(null); }}
          onDone={(codes) => {
            setSetup(null);
            onCodes(codes);
            void refreshFactors();
            toast("good", "Codes from your app are asked for from now on.");
          }}
        />
      )}
      {asking && (
        <Confirm title="Remove the authenticator app?" action="Remove the app" busy={remove.isPending} onConfirm={() => { remove.mutate(); }} onClose={() => { setAsking(false); }}>
          {factors.passkeys > 0 ? "Your passkeys stay." : "Your password alone opens your account then, and your backup codes are void."}
        </Confirm>
      )}
    </li>
  );
}

function Backup({ factors, onCodes }: RowProps) {
  const [asking, setAsking] = useState(false);
  const renew = useMutation({
    mutationFn: () => {
      setAsking(false);
      return confirmed(() => answer(api.POST("/api/v1/me/backup-codes")));
    },
    onSuccess: ({ codes }) => {
      onCodes(codes);
      return refreshFactors();
    },
    onError: (thrown) => {
      tell("No new codes", thrown);
    },
  });
  const possible = factors.totp_since != null || factors.passkeys > 0;
  const left = factors.backup_codes;
  return (
    <li className="row">
      <ListChecks size={18} data-tone={possible && left < 3 ? "warn" : "none"} aria-hidden />
      <div className="grow">
        <p>
          <strong>Backup codes</strong>
        </p>
        <p className="tiny muted">
          {possible ? `${String(left)} of 10 left${left < 3 ? ". Make new ones before you need them." : ""}` : "You get ten with your first app or passkey, for when it is not at hand."}
        </p>
      </div>
      {possible && (
        <Button busy={renew.isPending} onClick={() => { setAsking(true); }}>
          Make new ones
        </Button>
      )}
      {asking && (
        <Confirm title="Make new backup codes?" action="Make new codes" busy={renew.isPending} onConfirm={() => { renew.mutate(); }} onClose={() => { setAsking(false); }}>
          The ones you have now are void then.
        </Confirm>
      )}
    </li>
  );
}
