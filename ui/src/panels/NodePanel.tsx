/** The chosen node: its name, its settings, its help. */

import { Form } from "../forms/Form.tsx";
import { useTexts } from "../i18n/texts.tsx";
import { nodesOf } from "../model/document.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import type { Project } from "../model/project.ts";
import * as actions from "../shell/actions.ts";

export function NodePanel({ project, flow }: { project: Project; flow: OpenFlow }) {
  const { t } = useTexts();
  const [id] = flow.selection;
  const node = id === undefined ? undefined : nodesOf(flow.sheet.flow)[id];
  if (id === undefined || node === undefined || flow.selection.size !== 1) {
    return (
      <aside className="node-panel" aria-label={t("form.title")}>
        <p className="quiet">{t("form.none")}</p>
      </aside>
    );
  }
  const type = project.types.get(node.type);
  return (
    <aside className="node-panel" aria-label={t("form.title")} key={id}>
      <h2>{type?.label ?? node.type}</h2>
      <p className="quiet">{type?.summary}</p>
      <div className="field">
        <label htmlFor="node-name">{t("form.name")}</label>
        <input
          id="node-name"
          type="text"
          value={node.name ?? ""}
          placeholder={id}
          onChange={(event) => {
            actions.rename(flow, id, event.target.value, t);
          }}
        />
      </div>
      {type !== undefined && (
        <Form
          schema={type.config as JsonObject}
          value={isObject(node.config) ? (node.config) : {}}
          problems={flow.problems.filter((problem) => problem.node === id)}
          onChange={(config) => {
            actions.configure(flow, id, config, t);
          }}
        />
      )}
    </aside>
  );
}
