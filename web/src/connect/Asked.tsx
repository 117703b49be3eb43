// What an application asks for, in plain words: who it is as far as that can be known, what it could do, and for how long.
import { Check, TriangleAlert } from "lucide-react";
import type { Consent, User } from "../api/types";
import { powersIn } from "../account/scopes";
import { date } from "../ui/format";

export function Asked({ request, user, from }: { request: Consent; user: User; from?: string }) {
  const { client } = request;
  return (
    <div className="stack asked">
      {client.local_only && (
        <p className="note">
          <TriangleAlert size={16} data-tone="warn" aria-hidden />
          <span>This application runs on your own computer, and any program there could claim to be it. Allow it only if you started it just now.</span>
        </p>
      )}
      <div>
        <p className="label">It will be able to</p>
        <ul className="powers">
          {powersIn(request.scopes).map((power) => (
            <li key={power.text}>
              <Check size={15} data-tone="good" aria-hidden />
              <span>
                {power.text}
                <span className="hint">{power.detail}</span>
              </span>
            </li>
          ))}
        </ul>
      </div>
      <dl className="terms">
        <dt>As</dt>
        <dd>{user.email}</dd>
        <dt>Application</dt>
        <dd>
          {client.host ?? (client.trusted ? "set up by an admin of this server" : "registered itself: its name is only a claim")}
        </dd>
        {request.redirect_host != null && (
          <>
            <dt>Goes back to</dt>
            <dd>{request.redirect_host}</dd>
          </>
        )}
        {from !== undefined && (
          <>
            <dt>Asks from</dt>
            <dd className="number">{from}</dd>
          </>
        )}
        <dt>Works at</dt>
        <dd>{request.resources.join(", ")}</dd>
        <dt>Lasts</dt>
        <dd>
          {request.lasting_days == null
            ? "a few minutes, then it asks again"
            : `until you disconnect it, or ${String(request.lasting_days)} days unused`}
        </dd>
        <dt>First seen</dt>
        <dd>{date(client.first_seen_at)}</dd>
      </dl>
    </div>
  );
}
