/** How the engine is doing: itself, its flows, its config nodes, and what waits. */

import { useCallback } from "react";

import type { Health, RunningResources, Summary } from "../api/schema.ts";
import { useSaid } from "../i18n/said.ts";
import { called, useTexts } from "../i18n/texts.tsx";
import { Refusal } from "../shell/Refusal.tsx";
import { hrefOf } from "../shell/router.ts";
import { Table } from "./iiot/parts.tsx";
import { useLoad } from "./iiot/load.ts";
import { Moment } from "./iiot/moment.tsx";
import { Page } from "./Page.tsx";
import type { PageProps } from "./pages.ts";

const EVERY = 2;

interface Everything {
  readonly summary: Summary;
  readonly resources: RunningResources;
  readonly health: Health;
}

export default function HealthPage({ state }: PageProps) {
  const { t, language } = useTexts();
  const said = useSaid();
  const { client } = state;
  const read = useCallback(async (): Promise<Everything> => {
    const [summary, resources, health] = await Promise.all([
      client.get<Summary>("/summary"),
      client.get<RunningResources>("/resources/running"),
      fetch("/health").then((answer) => answer.json() as Promise<Health>),
    ]);
    return { summary, resources, health };
  }, [client]);
  const { value, failure } = useLoad(read, EVERY);
  const format = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 1 });
  const summary = value?.summary;
  const broken = Object.entries(summary?.broken ?? {});
  return (
    <Page title={t("pages.health")}>
      <Refusal text={failure} />
      <dl className="engine-figures">
        <Figure name={t("health.version")}>{value?.health.version}</Figure>
        <Figure name={t("health.uptime")}>{summary && <Moment at={summary.at - summary.uptime} />}</Figure>
        <Figure name={t("health.revision")}>{summary && <code>{summary.revision.slice(0, 12)}</code>}</Figure>
        <Figure name={t("health.lag")}>{summary && `${format.format(summary.loop_lag * 1000)} ms`}</Figure>
        <Figure name={t("health.waiting")}>{summary && format.format(summary.store_waiting)}</Figure>
        <Figure name={t("health.deadLetters")}>{summary && format.format(summary.dead_letters)}</Figure>
        <Figure name={t("health.watchers")}>{summary && format.format(summary.watchers)}</Figure>
      </dl>
      {broken.length > 0 && (
        <section className="page-section">
          <h2>{t("health.brokenFlows")}</h2>
          <ul>
            {broken.map(([id, reason]) => (
              <li key={id} className="refusal">
                <a href={hrefOf("flows", [id])}>{id}</a> {said.say(reason)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="page-section">
        <h2>{t("health.flows")}</h2>
        <Table
          label={t("health.flows")}
          rows={summary?.flows}
          none={t("health.noFlows")}
          idOf={(flow) => flow.id}
          columns={[
            { title: "health.flow", cell: (flow) => <a href={hrefOf("flows", [flow.id])}>{flow.id}</a> },
            { title: "health.state", cell: (flow) => <span className={`chip ${flow.state === "running" ? "is-good" : "is-warning"}`}>{called(t, "flowState", flow.state)}</span> },
            { title: "health.rate", cell: (flow) => format.format(flow.rate.received) },
            { title: "health.received", cell: (flow) => format.format(flow.account.received) },
            { title: "health.settled", cell: (flow) => format.format(flow.account.settled) },
            { title: "health.failed", cell: (flow) => format.format(flow.account.failed) },
            { title: "health.inFlight", cell: (flow) => format.format(flow.account.in_flight) },
            { title: "health.errors", cell: (flow) => format.format(flow.errors) },
          ]}
        />
      </section>
      <section className="page-section">
        <h2>{t("health.resources")}</h2>
        <Table
          label={t("health.resources")}
          rows={value?.resources.resources}
          none={t("health.noResources")}
          idOf={(resource) => resource.id}
          columns={[
            { title: "health.resource", cell: (resource) => <strong>{resource.id}</strong> },
            { title: "health.kind", cell: (resource) => resource.type },
            {
              title: "health.status",
              cell: ({ status, problem }) =>
                problem !== "" ? <span className="chip is-bad">{said.say(problem)}</span>
                : status === null ? "" : <span className={`chip is-${TONES[status.level] ?? "resting"}`}>{said.status(status)}</span>,
            },
          ]}
        />
      </section>
      <section className="page-section">
        <h2>{t("health.outbox")}</h2>
        <Table
          label={t("health.outbox")}
          rows={summary?.outbox}
          none={t("health.noOutbox")}
          idOf={(queue) => `${queue.flow}/${queue.node}`}
          columns={[
            { title: "health.sink", cell: (queue) => `${queue.flow} / ${queue.node}` },
            { title: "health.pending", cell: (queue) => format.format(queue.pending) },
            { title: "health.due", cell: (queue) => format.format(queue.due) },
          ]}
        />
      </section>
    </Page>
  );
}

const TONES: Readonly<Record<string, string>> = { ok: "good", busy: "busy", warning: "warning", error: "bad" };

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children ?? "…"}</dd>
    </div>
  );
}
