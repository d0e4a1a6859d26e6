/** The chosen node: its name, its settings, its help. */

import { useMemo, useState } from "react";

import type { Evaluation } from "../api/schema.ts";
import { Form } from "../forms/Form.tsx";
import { fieldsOf } from "../forms/schema.ts";
import { EvaluatorContext, SurroundingsContext, type Surroundings } from "../forms/surroundings.ts";
import { useTexts, type Translate } from "../i18n/texts.tsx";
import { nodesOf } from "../model/document.ts";
import { Evaluator, sentTheSame } from "../model/evaluator.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import type { Project } from "../model/project.ts";
import * as actions from "../shell/actions.ts";
import { LastMessage } from "./LastMessage.tsx";
import { Markdown } from "./Markdown.tsx";
import { ResourceDialog } from "./ResourceDialog.tsx";

export interface NodePanelProps {
  readonly project: Project;
  readonly flow: OpenFlow;
  /** Show all nodes that refer to something by its name. */
  readonly findUses: (name: string) => void;
}

export function NodePanel({ project, flow, findUses }: NodePanelProps) {
  const { t } = useTexts();
  const [editing, setEditing] = useState<{ id: string | null; types: readonly string[] } | null>(null);
  const [id] = flow.selection;
  const node = id === undefined ? undefined : nodesOf(flow.sheet.flow)[id];
  const evaluator = useEvaluator(project, flow, id, node?.type ?? "");
  if (id === undefined || node === undefined || flow.selection.size !== 1) {
    return (
      <aside className="node-panel is-empty" aria-label={t("form.title")}>
        <p className="quiet">{t("form.none")}</p>
      </aside>
    );
  }
  const type = project.types.get(node.type);
  const surroundings: Surroundings = {
    resources: Object.entries(project.resources.all).map(([one, resource]) => ({
      id: one,
      type: resource.type,
      name: resource.name ?? "",
    })),
    nodes: Object.keys(nodesOf(flow.sheet.flow)),
    links: linksOf(project),
    editResource: (resource, types) => {
      setEditing({ id: resource, types });
    },
    findUses,
  };
  return (
    <aside className="node-panel" aria-label={t("form.title")} key={id}>
      <h2>{type?.label ?? node.type}</h2>
      <p className="quiet">{type?.summary}</p>
      {evaluator !== null && <LastMessage evaluator={evaluator} node={id} />}
      <div className="field">
        <label htmlFor="node-name">{t("form.name")}</label>
        <input
          id="node-name"
          type="text"
          readOnly={flow.isReadOnly}
          value={node.name ?? ""}
          placeholder={id}
          onChange={(event) => {
            actions.rename(flow, id, event.target.value, t);
          }}
        />
      </div>
      {type !== undefined && (
        <SurroundingsContext value={surroundings}>
          <EvaluatorContext value={evaluator}>
            <Form
              schema={type.config as JsonObject}
              value={isObject(node.config) ? node.config : {}}
              problems={flow.problems.filter((problem) => problem.node === id)}
              isReadOnly={flow.isReadOnly}
              onChange={(config) => {
                actions.configure(flow, id, config, t);
              }}
            />
          </EvaluatorContext>
        </SurroundingsContext>
      )}
      {type !== undefined && (
        <details className="node-help">
          <summary>{t("form.help")}</summary>
          <Markdown text={type.help} />
        </details>
      )}
      {editing !== null && (
        <ResourceDialog
          project={project}
          id={editing.id}
          types={editing.types}
          onSaved={(saved) => {
            if (editing.id === null) {
              fillIn(project, flow, id, editing.types, saved, t);
            }
          }}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
    </aside>
  );
}

/** Evaluates on what comes to a node of a flow that runs, for those who may change it. */
function useEvaluator(project: Project, flow: OpenFlow, node: string | undefined, type: string): Evaluator | null {
  const runs = project.flows.some((one) => one.id === flow.id && one.state === "running");
  const wanted = runs && !flow.isReadOnly && project.types.get(type)?.has_input === true;
  const nodes = node === undefined || !wanted ? "" : sentTheSame(flow.sheet.flow, node).join(" ");
  return useMemo(
    () =>
      nodes === ""
        ? null
        : new Evaluator(flow.id, nodes.split(" "), (question) => project.server.post<Evaluation>("/evaluate", question)),
    [project, flow.id, nodes],
  );
}

/** Let the field that asked for a new config node refer to it. */
function fillIn(project: Project, flow: OpenFlow, id: string, types: readonly string[], saved: string, t: Translate): void {
  const node = nodesOf(flow.sheet.flow)[id];
  const schema = node === undefined ? undefined : project.types.get(node.type)?.config;
  if (node === undefined || !isObject(schema)) {
    return;
  }
  const field = fieldsOf(schema, schema).find((one) => {
    const wanted = one.schema["x-resource-types"];
    return one.widget === "resource" && Array.isArray(wanted) && wanted.some((type) => typeof type === "string" && types.includes(type));
  });
  if (field !== undefined) {
    actions.configure(flow, id, { ...(isObject(node.config) ? node.config : {}), [field.name]: saved }, t);
  }
}

function linksOf(project: Project): string[] {
  return project.opened().flatMap((flow) =>
    Object.values(nodesOf(flow.sheet.flow)).flatMap((node) => {
      const name = node.type === "link-in" && isObject(node.config) ? node.config["name"] : undefined;
      return typeof name === "string" ? [name] : [];
    }),
  );
}
