/** A flow on the canvas: drawn by the canvas library, edited in the document. */

import "@xyflow/react/dist/base.css";
import {
  applyNodeChanges,
  Background,
  ConnectionMode,
  Position,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  type Connection,
  type NodeChange,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useState, type DragEvent } from "react";

import type { Drawing, DrawnNode } from "../model/drawing.ts";
import { GRID, portTop } from "../model/geometry.ts";
import type { Place, Wire } from "../model/document.ts";
import { INPUT, NodeView, type CanvasNode } from "./NodeView.tsx";
import { WireView, type CanvasWire } from "./WireView.tsx";

export const DRAGGED_TYPE = "application/x-flowengine-node-type";

export interface CanvasProps {
  readonly flow: string;
  readonly drawing: Drawing;
  readonly selection: ReadonlySet<string>;
  readonly label: string;
  readonly onSelect: (nodes: ReadonlySet<string>, wires: readonly Wire[]) => void;
  readonly onMove: (places: Record<string, Place>) => void;
  readonly onConnect: (wire: Wire) => void;
  readonly onReconnect: (before: Wire, after: Wire) => void;
  readonly onOpen: (node: string) => void;
  readonly onDrop: (type: string, place: Place) => void;
  /** A wire was dropped on nothing, or the canvas was asked for a new node. */
  readonly onQuickAdd: (place: Place, screen: Place, from: { node: string; port: string } | null) => void;
  readonly canConnect: (wire: Wire) => boolean;
}

const NODE_TYPES = { flow: NodeView };
const WIRE_TYPES = { wire: WireView };
const SNAP: [number, number] = [GRID, GRID];
const PORT = 10;

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider key={props.flow}>
      <Surface {...props} />
    </ReactFlowProvider>
  );
}

function Surface(props: CanvasProps) {
  const { drawing, selection, onSelect, onMove, onConnect, onReconnect, onOpen, onDrop, onQuickAdd } = props;
  const library = useReactFlow<CanvasNode, CanvasWire>();
  const [kept] = useState(() => new Map<string, CanvasNode>());
  const [chosenWires, setChosenWires] = useState<ReadonlySet<string>>(new Set());

  const made = useMemo(() => drawing.nodes.map((drawn) => nodeOf(drawn, selection.has(drawn.id), kept)), [drawing, selection, kept]);
  const [nodes, setNodes] = useState(made);
  const [shown, setShown] = useState(made);
  if (shown !== made) {
    // The document has changed: what is drawn follows it at once, without a frame in between.
    setShown(made);
    setNodes(made);
  }
  const wires = useMemo(
    () =>
      drawing.wires.map(
        (drawn): CanvasWire => ({
          id: drawn.id,
          type: "wire",
          source: drawn.wire.from,
          sourceHandle: drawn.wire.port,
          target: drawn.wire.to.node,
          targetHandle: `${INPUT}${drawn.wire.to.port ?? ""}`,
          data: { drawn },
          selected: chosenWires.has(drawn.id),
        }),
      ),
    [drawing, chosenWires],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      setNodes((before) => applyNodeChanges(changes, before));
      const chosen = new Set(selection);
      let isOther = false;
      for (const change of changes) {
        if (change.type === "select") {
          isOther = true;
          if (change.selected) {
            chosen.add(change.id);
          } else {
            chosen.delete(change.id);
          }
        }
      }
      if (isOther) {
        onSelect(chosen, []);
      }
    },
    [selection, onSelect],
  );

  const place = useCallback(
    (moved: CanvasNode[]) => {
      onMove(Object.fromEntries(moved.map((node) => [node.id, { x: node.position.x, y: node.position.y }])));
    },
    [onMove],
  );

  const isFree = useCallback((connection: Connection | CanvasWire) => props.canConnect(wireOf(connection)), [props]);

  useEffect(() => {
    void library.fitView({ padding: 0.2, maxZoom: 1 });
  }, [library]);

  return (
    <ReactFlow<CanvasNode, CanvasWire>
      nodes={nodes}
      edges={wires}
      nodeTypes={NODE_TYPES}
      edgeTypes={WIRE_TYPES}
      onNodesChange={onNodesChange}
      onEdgesChange={(changes) => {
        const chosen = new Set(chosenWires);
        for (const change of changes) {
          if (change.type === "select") {
            if (change.selected) {
              chosen.add(change.id);
            } else {
              chosen.delete(change.id);
            }
          }
        }
        setChosenWires(chosen);
        onSelect(
          selection,
          drawing.wires.filter((one) => chosen.has(one.id)).map((one) => one.wire),
        );
      }}
      onNodeDragStop={(_event, _node, moved) => {
        place(moved);
      }}
      onSelectionDragStop={(_event, moved) => {
        place(moved);
      }}
      onConnect={(connection) => {
        onConnect(wireOf(connection));
      }}
      onReconnect={(before, connection) => {
        if (before.data !== undefined) {
          onReconnect(before.data.drawn.wire, wireOf(connection));
        }
      }}
      onConnectEnd={(event, state) => {
        if (state.toNode === null && state.fromNode !== null && state.fromHandle.type === "source") {
          const point = "changedTouches" in event ? event.changedTouches[0] : event;
          if (point !== undefined) {
            const screen = { x: point.clientX, y: point.clientY };
            onQuickAdd(library.screenToFlowPosition(screen), screen, {
              node: state.fromNode.id,
              port: state.fromHandle.id ?? "",
            });
          }
        }
      }}
      isValidConnection={isFree}
      onNodeDoubleClick={(_event, node) => {
        onOpen(node.id);
      }}
      onDoubleClick={(event) => {
        if (event.target instanceof Element && event.target.classList.contains("react-flow__pane")) {
          const screen = { x: event.clientX, y: event.clientY };
          onQuickAdd(library.screenToFlowPosition(screen), screen, null);
        }
      }}
      onDragOver={(event: DragEvent) => {
        if (event.dataTransfer.types.includes(DRAGGED_TYPE)) {
          event.preventDefault();
        }
      }}
      onDrop={(event: DragEvent) => {
        const type = event.dataTransfer.getData(DRAGGED_TYPE);
        if (type !== "") {
          event.preventDefault();
          onDrop(type, library.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
        }
      }}
      aria-label={props.label}
      connectionMode={ConnectionMode.Strict}
      selectionMode={SelectionMode.Partial}
      selectionOnDrag
      panOnDrag={[1, 2]}
      panOnScroll
      zoomOnDoubleClick={false}
      snapToGrid
      snapGrid={SNAP}
      minZoom={0.05}
      maxZoom={2}
      onlyRenderVisibleElements
      edgesFocusable={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      proOptions={{ hideAttribution: true }}
    >
      <Background gap={GRID * 2} size={1} />
    </ReactFlow>
  );
}

function nodeOf(drawn: DrawnNode, selected: boolean, kept: Map<string, CanvasNode>): CanvasNode {
  const old = kept.get(drawn.id);
  if (old?.data.drawn === drawn && old.selected === selected) {
    return old;
  }
  const { size, inputs, outputs } = drawn;
  const made: CanvasNode = {
    id: drawn.id,
    type: "flow",
    position: { x: drawn.x, y: drawn.y },
    data: { drawn },
    selected,
    ariaLabel: `${drawn.title}, ${drawn.type?.label ?? drawn.node.type}`,
    width: size.width,
    height: size.height,
    measured: { width: size.width, height: size.height },
    // Said, so that wires can be drawn before anything is measured, and for nodes that are not on the screen.
    handles: [
      ...inputs.map((port, number) => ({
        id: `${INPUT}${port ?? ""}`,
        type: "target" as const,
        position: Position.Left,
        x: -PORT / 2,
        y: portTop(number, inputs.length, size.height) - PORT / 2,
        width: PORT,
        height: PORT,
      })),
      ...outputs.map((port, number) => ({
        id: port,
        type: "source" as const,
        position: Position.Right,
        x: size.width - PORT / 2,
        y: portTop(number, outputs.length, size.height) - PORT / 2,
        width: PORT,
        height: PORT,
      })),
    ],
  };
  kept.set(drawn.id, made);
  return made;
}

function wireOf(connection: Connection | CanvasWire): Wire {
  const port = connection.targetHandle?.slice(INPUT.length) ?? "";
  return {
    from: connection.source,
    port: connection.sourceHandle ?? "",
    to: { node: connection.target, port: port === "" ? null : port },
  };
}
