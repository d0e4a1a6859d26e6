/** One node on the canvas. */

import { Handle, Position, type NodeProps, type Node } from "@xyflow/react";
import { memo, use } from "react";

import { portTop } from "../model/geometry.ts";
import type { DrawnNode } from "../model/drawing.ts";
import "./live.css";
import { paintLive } from "./live.ts";
import { COMMENT } from "../model/geometry.ts";
import { NodeIcon } from "../theme/icons.tsx";
import { FarContext } from "./far.ts";

export type CanvasNode = Node<{ drawn: DrawnNode }, "flow">;

export const INPUT = "in:";

function NodeViewOf({ data, selected }: NodeProps<CanvasNode>) {
  const { drawn } = data;
  const { id, node, type, title, size, inputs, outputs, errors, warnings } = drawn;
  const classes = [
    "node",
    selected ? "is-selected" : "",
    node.disabled === true ? "is-disabled" : "",
    type === undefined ? "is-unknown" : "",
    errors > 0 ? "has-errors" : "",
  ];
  if (use(FarContext)) {
    // Nothing on it could be read, and there may be thousands.
    return (
      <div
        className={joined([...classes, "is-far"])}
        style={{ width: size.width, height: size.height }}
        data-category={type?.category ?? "unknown"}
        data-node={id}
      />
    );
  }
  if (node.type === COMMENT) {
    const written = node.config?.["text"];
    const text = typeof written === "string" ? written : "";
    return (
      <div className={joined([...classes, "is-comment"])} style={{ width: size.width, height: size.height }} data-node={id}>
        <div className="comment-text">
          {(node.name !== undefined || text === "") && <strong>{title}</strong>}
          {text}
        </div>
        {drawn.isChanged && <span className="node-changed" />}
      </div>
    );
  }
  return (
    <div
      className={joined(classes)}
      style={{ width: size.width, height: size.height }}
      data-category={type?.category ?? "unknown"}
      data-node={id}
      ref={paintLive}
    >
      {inputs.map((port, number) => (
        <Handle
          key={port ?? ""}
          id={`${INPUT}${port ?? ""}`}
          type="target"
          position={Position.Left}
          className="port port-in"
          style={{ top: portTop(number, inputs.length, size.height) }}
          title={port ?? undefined}
        />
      ))}
      <span className="node-icon" style={type?.colour ? { background: type.colour } : undefined}>
        <NodeIcon name={type?.icon ?? ""} category={type?.category ?? ""} />
      </span>
      <span className="node-title">{title}</span>
      <span className="node-errors" data-errors-of={id} />
      {drawn.isChanged && <span className="node-changed" />}
      {errors + warnings > 0 && <span className={errors > 0 ? "node-mark is-error" : "node-mark is-warning"}>!</span>}
      <span className="node-status" data-status-of={id} />
      <span className="node-rate" data-rate-of={id} />
      {outputs.map((port, number) => (
        <Handle
          key={port}
          id={port}
          type="source"
          position={Position.Right}
          className="port port-out"
          style={{ top: portTop(number, outputs.length, size.height) }}
          title={port}
        >
          {outputs.length > 1 && <span className="port-name">{port}</span>}
        </Handle>
      ))}
    </div>
  );
}

function joined(classes: readonly string[]): string {
  return classes.filter(Boolean).join(" ");
}

export const NodeView = memo(
  NodeViewOf,
  (one, other) => one.data.drawn === other.data.drawn && one.selected === other.selected,
);
