/** One wire on the canvas, with the place where its rate is written. */

import { BaseEdge, getBezierPath, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";

import type { DrawnWire } from "../model/drawing.ts";

export type CanvasWire = Edge<{ drawn: DrawnWire }, "wire">;

function WireViewOf(props: EdgeProps<CanvasWire>) {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, id } = props;
  const [path, labelX, labelY] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const wire = data?.drawn.wire;
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={16} className={props.selected === true ? "is-selected" : ""} />
      {wire !== undefined && (
        <text className="wire-rate" x={labelX} y={labelY - 6} data-rate-of-port={`${wire.from}.${wire.port}`} />
      )}
    </>
  );
}

export const WireView = memo(WireViewOf);
