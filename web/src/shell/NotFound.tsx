import { Compass } from "lucide-react";
import { Link } from "wouter";
import { Empty } from "../ui/Empty";
import { Page } from "./Page";

export function NotFound({ what = "page" }: { what?: string }) {
  return (
    <Page title={`No such ${what}`} narrow>
      <div className="card">
        <Empty
          icon={<Compass size={28} aria-hidden />}
          title="There is nothing at this address"
          actions={
            <>
              <Link href="/" className="button" data-look="primary">
                Go home
              </Link>
              <Link href="/labs" className="button">
                See your labs
              </Link>
            </>
          }
        >
          The {what} was deleted, belongs to someone else, or the address has a typing error.
        </Empty>
      </div>
    </Page>
  );
}
