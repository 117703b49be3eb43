// The last net: a page that failed while drawing says so instead of turning white.
import { Component, type ReactNode } from "react";
import { asProblem } from "../api/problem";
import { ProblemNote } from "../ui/ProblemNote";

interface CrashProps {
  /** Where we are: another place is another try. */
  path: string;
  children: ReactNode;
}

interface CrashState {
  error: unknown;
  path: string;
}

export class Crash extends Component<CrashProps, CrashState> {
  override state: CrashState = { error: null, path: this.props.path };

  static getDerivedStateFromError(error: unknown): Partial<CrashState> {
    return { error };
  }

  static getDerivedStateFromProps(props: CrashProps, state: CrashState): Partial<CrashState> | null {
    return props.path === state.path ? null : { error: null, path: props.path };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="page" data-narrow="">
        <h1>This page failed</h1>
        <ProblemNote
          error={asProblem(this.state.error)}
          retry={() => {
            window.location.reload();
          }}
        />
      </div>
    );
  }
}
