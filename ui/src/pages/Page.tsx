/** What all pages beside the flows share: a title, what can be done, and the content below. */

import "./pages.css";

import { useEffect, type ReactNode } from "react";

export interface PageFrameProps {
  readonly title: string;
  /** Buttons and filters beside the title. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, tools, children }: PageFrameProps) {
  useEffect(() => {
    document.title = `${title} · flowengine`;
  }, [title]);
  return (
    <main className="page" aria-label={title}>
      <header className="page-head">
        <h1>{title}</h1>
        <span className="spread" />
        {tools}
      </header>
      {children}
    </main>
  );
}
