import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, tokensQuery } from "../api/queries";
import type { Token } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Empty } from "../ui/Empty";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { NewTokenDialog } from "./NewTokenDialog";
import { powersOf } from "./scopes";
import { SettingsTabs } from "./SettingsTabs";

export function Tokens() {
  const tokens = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  const make = () => {
    setMaking(true);
  };
  return (
    <Page
      title="Access tokens"
      intro={
        <>
          For programs that act for you over the <a href="/docs">API</a>. Each can do only what you allow it.
        </>
      }
      narrow
      actions={
        <Button look="primary" icon={<Plus size={15} />} onClick={make}>
          New token
        </Button>
      }
    >
      <SettingsTabs />
      {tokens.error && <ProblemNote error={tokens.error} retry={() => void tokens.refetch()} />}
      <section className="card" aria-label="Access tokens">
        {tokens.isPending && <SkeletonRows rows={2} label="Tokens are loading" />}
        {tokens.data?.items.length === 0 && (
          <Empty icon={<KeyRound size={28} aria-hidden />} title="No tokens yet" actions={<Button onClick={make}>Make a token</Button>}>
            A script signs in with a token instead of your password. You can revoke it at any time.
          </Empty>
        )}
        <ul className="rows">
          {tokens.data?.items.map((token) => (
            <TokenRow key={token.id} token={token} end={() => endOwn(token.id)} />
          ))}
        </ul>
      </section>
      {making && (
        <NewTokenDialog
          onClose={() => {
            setMaking(false);
          }}
        />
      )}
    </Page>
  );
}

const endOwn = (id: string) =>
  answer(api.DELETE("/api/v1/me/tokens/{id}", { params: { path: { id } } })).then(() => queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey }));

/** A token, without its text, and the way to revoke it. */
export function TokenRow({ token, end }: { token: Token; end: () => Promise<unknown> }) {
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: end,
    onError: (thrown) => {
      setAsking(false);
      toast("bad", `Not revoked: ${asProblem(thrown).message}`);
    },
  });
  return (
    <li className="row">
      <KeyRound size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>{token.name}</strong>
        </p>
        <p className="tiny muted dots">
          <span>{powersOf(token.scopes).join(", ")}</span>
          <span>{token.last_used_at == null ? "never used" : <>used <Ago at={token.last_used_at} /></>}</span>
          <span>{token.expires_at == null ? "does not expire" : `expires ${date(token.expires_at)}`}</span>
        </p>
      </div>
      <Button onClick={() => { setAsking(true); }}>
        Revoke<span className="visually-hidden"> {token.name}</span>
      </Button>
      {asking && (
        <Confirm title={`Revoke “${token.name}”?`} action="Revoke token" busy={revoke.isPending} onConfirm={() => { revoke.mutate(); }} onClose={() => { setAsking(false); }}>
          Programs that use it are refused from now on. This cannot be undone.
        </Confirm>
      )}
    </li>
  );
}
