/** The inputs and outputs of a subflow: what they are called, and which nodes they are joined to. */

import { useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import type { Drawing } from "../../model/drawing.ts";
import { freeId } from "../../model/naming.ts";
import type { OpenFlow } from "../../model/open_flow.ts";
import { portsOf, sourcesIn, withPorts, type SubflowPort } from "../../model/subflows.ts";
import { Icon } from "../../theme/icons.tsx";
import { Dialog } from "../Dialog.tsx";

export function SubflowPorts({ flow, drawing, onClose }: { flow: OpenFlow; drawing: Drawing; onClose: () => void }) {
  const { t } = useTexts();
  const [ports, setPorts] = useState<{ inputs: readonly SubflowPort[]; outputs: readonly SubflowPort[] }>(() => portsOf(flow.sheet.flow));
  const targets = drawing.nodes.filter((node) => node.inputs.length > 0).flatMap((node) =>
    node.inputs.map((port) => (port === null ? node.id : `${node.id}.${port}`)),
  );
  const sources = sourcesIn(new Map(drawing.nodes.map((node) => [node.id, node.outputs])));
  const all = [...ports.inputs, ...ports.outputs];
  const isWhole = all.every((port) => /^[a-z][a-z0-9_-]*$/.test(port.name)) && isDistinct(ports.inputs) && isDistinct(ports.outputs);
  return (
    <Dialog title={t("subflow.title")} className="is-wide" onClose={onClose}>
      <p className="quiet">{t("subflow.about")}</p>
      <PortRows
        title={t("subflow.inputs")}
        fresh="in"
        ports={ports.inputs}
        ends={targets}
        onChange={(inputs) => {
          setPorts({ ...ports, inputs });
        }}
      />
      <PortRows
        title={t("subflow.outputs")}
        fresh="out"
        ports={ports.outputs}
        ends={sources}
        onChange={(outputs) => {
          setPorts({ ...ports, outputs });
        }}
      />
      <footer>
        {!isWhole && <span className="field-problem is-error">{t("subflow.names")}</span>}
        <span className="spread" />
        <button type="button" onClick={onClose}>
          {t("dialog.cancel")}
        </button>
        <button
          type="button"
          className="primary"
          disabled={!isWhole}
          onClick={() => {
            onClose();
            flow.edit(t("command.subflowPorts"), (sheet) => ({
              ...sheet,
              flow: withPorts(sheet.flow, ports.inputs, ports.outputs),
            }));
          }}
        >
          {t("dialog.done")}
        </button>
      </footer>
    </Dialog>
  );
}

function isDistinct(ports: readonly SubflowPort[]): boolean {
  return new Set(ports.map((port) => port.name)).size === ports.length;
}

function PortRows({ title, fresh, ports, ends, onChange }: {
  title: string;
  fresh: string;
  ports: readonly SubflowPort[];
  ends: readonly string[];
  onChange: (ports: readonly SubflowPort[]) => void;
}) {
  const { t } = useTexts();
  const change = (index: number, by: Partial<SubflowPort>): void => {
    onChange(ports.map((port, at) => (at === index ? { ...port, ...by } : port)));
  };
  return (
    <section className="port-rows">
      <h3>{title}</h3>
      {ports.map((port, index) => (
        <div className="port-row" key={index}>
          <input
            aria-label={t("form.name")}
            value={port.name}
            onChange={(event) => {
              change(index, { name: event.target.value });
            }}
          />
          <input
            aria-label={t("flows.description")}
            placeholder={t("flows.description")}
            value={port.description}
            onChange={(event) => {
              change(index, { description: event.target.value });
            }}
          />
          <select
            multiple
            size={3}
            aria-label={t("subflow.joined", { port: port.name })}
            value={[...port.ends]}
            onChange={(event) => {
              change(index, { ends: [...event.target.selectedOptions].map((option) => option.value) });
            }}
          >
            {[...new Set([...ends, ...port.ends])].map((end) => (
              <option key={end}>{end}</option>
            ))}
          </select>
          <button
            type="button"
            className="icon-button"
            aria-label={t("form.remove", { name: port.name })}
            onClick={() => {
              onChange(ports.filter((_, at) => at !== index));
            }}
          >
            <Icon name="trash" />
          </button>
        </div>
      ))}
      <button
        type="button"
        onClick={() => {
          const name = freeId(fresh, new Set(ports.map((port) => port.name)));
          onChange([...ports, { name, description: "", ends: [] }]);
        }}
      >
        <Icon name="add" /> {t("form.addItem")}
      </button>
    </section>
  );
}
