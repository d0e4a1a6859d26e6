/** The audit trail: who did what to what, newest first, in pages. */

import { useCallback, useState } from "react";

import type { AuditTrail, ShownRecord } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import { Refusal } from "../shell/Refusal.tsx";
import { replace } from "../shell/router.ts";
import { Pager, Table } from "./iiot/parts.tsx";
import { queryOf, useLoad } from "./iiot/load.ts";
import { Moment } from "./iiot/moment.tsx";
import { useLeafing } from "./iiot/pages_of.ts";
import { Page } from "./Page.tsx";
import type { PageProps } from "./pages.ts";

const FILTERS = ["who", "what", "subject"] as const;

export default function AuditPage({ state, route }: PageProps) {
  const { t } = useTexts();
  const { client } = state;
  const leafing = useLeafing();
  const { who = "", what = "", subject = "" } = route.query;
  const read = useCallback(
    () => client.get<AuditTrail>(`/audit${queryOf({ who, what, subject, before: leafing.from, limit: 50 })}`),
    [client, who, what, subject, leafing.from],
  );
  const { value, failure } = useLoad(read);
  const [typed, setTyped] = useState<Record<(typeof FILTERS)[number], string>>({ who, what, subject });

  const show = (filters: Record<string, string>): void => {
    leafing.restart();
    replace("audit", [], filters);
  };

  return (
    <Page title={t("pages.audit")}>
      <form
        className="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          show(typed);
        }}
      >
        {FILTERS.map((name) => (
          <input
            key={name}
            type="search"
            aria-label={t(`audit.${name}`)}
            placeholder={t(`audit.${name}`)}
            value={typed[name]}
            onChange={(event) => {
              setTyped({ ...typed, [name]: event.target.value });
            }}
          />
        ))}
        <button type="submit" className="filter-button">
          {t("audit.search")}
        </button>
        {(who || what || subject) !== "" && (
          <button
            type="button"
            className="filter-button"
            onClick={() => {
              setTyped({ who: "", what: "", subject: "" });
              show({});
            }}
          >
            {t("audit.all")}
          </button>
        )}
      </form>
      <Refusal text={failure} />
      <Table<ShownRecord>
        label={t("pages.audit")}
        rows={value?.records}
        none={t("audit.none")}
        idOf={(record) => String(record.id)}
        columns={[
          { title: "audit.at", cell: (record) => <Moment at={record.at} isExact /> },
          { title: "audit.who", cell: (record) => <strong>{record.who}</strong> },
          { title: "audit.what", cell: (record) => record.what },
          { title: "audit.subject", cell: (record) => <span className="long-word">{record.subject}</span> },
          { title: "audit.detail", cell: (record) => <code className="long-word">{detailText(record.detail)}</code> },
        ]}
      />
      <Pager
        hasPrevious={leafing.hasPrevious}
        hasNext={value?.next != null}
        onPrevious={leafing.previous}
        onNext={() => {
          leafing.next(String(value?.next ?? ""));
        }}
      />
    </Page>
  );
}

function detailText(detail: unknown): string {
  const text = detail === null ? "" : JSON.stringify(detail);
  return text === "{}" ? "" : text;
}
