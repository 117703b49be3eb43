// All labs: filter as one types, j and k to walk, Enter to open.
import { useInfiniteQuery } from "@tanstack/react-query";
import { FileUp, ListFilter, Upload } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { labsQuery } from "../api/queries";
import type { LabRow } from "../api/types";
import { Page } from "../shell/Page";
import { useShortcut } from "../shell/shortcuts";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { bytes, count } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { FormatIcon } from "./FormatIcon";
import { LabLink } from "./LabLink";
import { chooseFiles } from "./uploads";

export function LabList() {
  const [, navigate] = useLocation();
  const [filter, setFilter] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const labs = useInfiniteQuery(labsQuery);
  const all = labs.data?.pages.flatMap((page) => page.items) ?? [];
  const wanted = filter.trim().toLowerCase();
  const shown = all.filter((lab) => `${lab.title} ${lab.source.name}`.toLowerCase().includes(wanted));

  // A filter speaks of all labs, so the rest is fetched while one is set.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = labs;
  useEffect(() => {
    if (wanted !== "" && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [wanted, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const step = (by: 1 | -1) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a.row-title") ?? [])];
    const at = links.findIndex((one) => one === document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  };
  useShortcut("j", "Next lab", () => { step(1); });
  useShortcut("k", "Previous lab", () => { step(-1); });
  useShortcut("/", "Filter", () => { input.current?.focus(); });

  return (
    <Page
      title="Labs"
      actions={
        <Button look="primary" icon={<Upload size={15} />} onClick={() => { chooseFiles(navigate); }}>
          Upload a lab
        </Button>
      }
    >
      {labs.error && <ProblemNote error={labs.error} retry={() => void labs.refetch()} />}
      {all.length > 0 && (
        <div className="filter">
          <ListFilter size={15} aria-hidden />
          <input
            ref={input}
            className="input"
            type="search"
            aria-label="Filter labs by title or file name"
            placeholder="Filter by title or file name"
            value={filter}
            onChange={(event) => { setFilter(event.target.value); }}
          />
          <span className="tiny muted number" role="status">
            {wanted === "" ? "" : `${String(shown.length)} of ${String(all.length)}${labs.hasNextPage ? "+" : ""}`}
          </span>
        </div>
      )}
      <section className="card" aria-label="Labs">
        {labs.isPending && <SkeletonRows rows={6} label="Labs are loading" />}
        {labs.data && all.length === 0 && (
          <Empty
            icon={<FileUp size={32} aria-hidden />}
            title="No labs yet"
            actions={
              <Button look="primary" icon={<Upload size={15} />} onClick={() => { chooseFiles(navigate); }}>
                Choose a file
              </Button>
            }
          >
            Drop a DOCX, Markdown or text file anywhere on this page, or press <kbd>U</kbd>.
          </Empty>
        )}
        {all.length > 0 && shown.length === 0 && (
          <Empty icon={<ListFilter size={28} aria-hidden />} title="No lab fits" actions={<Button onClick={() => { setFilter(""); }}>Clear the filter</Button>}>
            No title or file name contains “{filter}”.
          </Empty>
        )}
        {shown.length > 0 && (
          <ul className="rows" ref={list}>
            {shown.map((lab) => (
              <Row key={lab.id} lab={lab} />
            ))}
          </ul>
        )}
      </section>
      {labs.hasNextPage && wanted === "" && (
        <div className="more">
          <Button busy={labs.isFetchingNextPage} onClick={() => void labs.fetchNextPage()}>
            Show older labs
          </Button>
        </div>
      )}
    </Page>
  );
}

function Row({ lab }: { lab: LabRow }) {
  return (
    <li className="row lab-row">
      <FormatIcon format={lab.source.format} />
      <div className="grow">
        <LabLink id={lab.id}>{lab.title}</LabLink>
        <p className="tiny muted dots truncate">
          <span>{lab.source.name}</span>
          <span className="number">{bytes(lab.source.size)}</span>
        </p>
      </div>
      <span className="lab-state">
        {lab.state === "ready" && <span className="small muted number">{count(lab.task_count, "task")}</span>}
        {lab.state === "parsing" && (
          <span className="badge" data-tone="live">
            Finding tasks
          </span>
        )}
        {lab.state === "failed" && (
          <span className="badge" data-tone="bad">
            Could not be read
          </span>
        )}
      </span>
      <span className="small muted when">
        <Ago at={lab.updated_at} />
      </span>
    </li>
  );
}
