import { tallyText, type Tally } from "./status";

/** A lab at a glance: one segment per kind of outcome, as wide as its share. */
export function TallyBar({ tally }: { tally: Tally }) {
  const parts = [
    ["good", tally.good],
    ["bad", tally.bad],
    ["live", tally.live],
    ["open", tally.open],
  ] as const;
  return (
    <span className="tally" role="img" aria-label={tallyText(tally)} title={tallyText(tally)}>
      {parts.map(([kind, many]) => many > 0 && <span key={kind} data-kind={kind} style={{ flexGrow: many }} />)}
    </span>
  );
}
