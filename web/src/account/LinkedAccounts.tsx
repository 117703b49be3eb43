// Accounts elsewhere that sign one in here.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client";
import { myUpstreamsQuery, queryClient, upstreamsQuery } from "../api/queries";
import type { Upstream, UpstreamLink } from "../api/types";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { confirmed } from "./confirm";
import { tell } from "./Security";
import { leaveToLink, upstreamProblem } from "./upstreams";

/** The section; nothing where no provider is configured and none was ever linked. */
export function LinkedAccounts() {
  const offers = useQuery(upstreamsQuery);
  const links = useQuery(myUpstreamsQuery);
  const problem = useReturn(offers.data?.items);
  if (offers.data?.items.length === 0 && links.data?.items.length === 0 && problem === undefined) return null;
  const linked = new Set(links.data?.items.map((link) => link.name));
  const free = offers.data?.items.filter((offer) => !linked.has(offer.name)) ?? [];
  return (
    <section className="card" aria-labelledby="providers">
      <div className="panel-head">
        <h2 id="providers">Sign-in providers</h2>
      </div>
      {problem !== undefined && (
        <p className="note" role="alert">
          <span>{problem}</span>
        </p>
      )}
      {links.error && <ProblemNote error={links.error} retry={() => void links.refetch()} />}
      {(links.isPending || offers.isPending) && <SkeletonRows rows={1} label="Your sign-in providers are loading" />}
      {links.data?.items.length === 0 && (
        <p className="panel-text small muted">Link an account that you have elsewhere, and sign in with it. Your second step is still asked for.</p>
      )}
      <ul className="rows">
        {links.data?.items.map((link) => (
          <Linked key={link.id} link={link} />
        ))}
        {links.data && free.map((offer) => <Free key={offer.name} offer={offer} />)}
      </ul>
    </section>
  );
}

/** What the way back brought: told once, and taken out of the address. */
function useReturn(offers: readonly Upstream[] | undefined): string | undefined {
  const [search, setSearch] = useSearchParams();
  const [problem] = useState(() => upstreamProblem(search.get("problem")));
  const linked = search.get("linked");
  const came = linked !== null || search.get("problem") !== null;
  useEffect(() => {
    if (!came || (linked !== null && offers === undefined)) return;
    const label = offers?.find((offer) => offer.name === linked)?.label;
    if (label !== undefined) toast("good", `${label} is linked. You can sign in with it from now on.`);
    setSearch({}, { replace: true });
  }, [came, linked, offers, setSearch]);
  return problem;
}

function Linked({ link }: { link: UpstreamLink }) {
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => {
      setAsking(false);
      return confirmed(() => answer(api.DELETE("/api/v1/me/upstreams/{id}", { params: { path: { id: link.id } } })));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: myUpstreamsQuery.queryKey }),
    onError: (thrown) => {
      tell("Not removed", thrown);
    },
  });
  return (
    <li className="row">
      <Link2 size={18} data-tone="good" aria-hidden />
      <div className="grow">
        <p>
          <strong>{link.label}</strong> {link.account != null && <span className="muted">{link.account}</span>}
        </p>
        <p className="tiny muted dots">
          <span>linked {date(link.created_at)}</span>
          <span>{link.last_used_at == null ? "not used yet" : <>used <Ago at={link.last_used_at} /></>}</span>
          {link.name == null && <span>not offered here any more</span>}
        </p>
      </div>
      <Button busy={remove.isPending} onClick={() => { setAsking(true); }}>
        Remove<span className="visually-hidden"> {link.label}</span>
      </Button>
      {asking && (
        <Confirm title={`Remove the link with ${link.label}?`} action="Remove the link" busy={remove.isPending} onConfirm={() => { remove.mutate(); }} onClose={() => { setAsking(false); }}>
          It does not sign you in here any more. Your account there stays as it is.
        </Confirm>
      )}
    </li>
  );
}

function Free({ offer }: { offer: Upstream }) {
  const link = useMutation({
    mutationFn: () => confirmed(() => leaveToLink(offer.name)),
    onError: (thrown) => {
      tell("Not linked", thrown);
    },
  });
  return (
    <li className="row">
      <Link2 size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>{offer.label}</strong>
        </p>
        <p className="tiny muted">Not linked</p>
      </div>
      <Button busy={link.isPending || link.isSuccess} onClick={() => { link.mutate(); }}>
        Link<span className="visually-hidden"> {offer.label}</span>
      </Button>
    </li>
  );
}
