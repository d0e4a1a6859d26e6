/** A flow on the canvas: drawn by the canvas library, edited in the document. */

import "@xyflow/react/dist/base.css";
import "./canvas.css";
import {
  applyNodeChanges,
  ConnectionMode,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStore,
  useStoreApi,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
} from "@xyflow/react";
import { useEffect, useMemo, useRef, useState, type DragEvent, type MouseEvent as MouseEventOf } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { wireUnder } from "../model/crossing.ts";
import type { Place, Wire } from "../model/document.ts";
import type { Drawing, DrawnNode, DrawnWire } from "../model/drawing.ts";
import { GRID, sizeOf } from "../model/geometry.ts";
import type { Frame } from "../model/groups.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { inputPort, NodeMaker, wireFor, wireOf } from "./canvas_nodes.ts";
import { Dots } from "./Dots.tsx";
import { FarContext } from "./far.ts";
import { firstView } from "./first_view.ts";
import { Frames } from "./Frames.tsx";
import { MiniMap } from "./MiniMap.tsx";
import { NodeView, type CanvasNode } from "./NodeView.tsx";
import { Slicer } from "./Slicer.tsx";
import { useMenuPress } from "./use_menu_press.ts";
import { useStable } from "./use_stable.ts";
import { useTouch } from "./use_touch.ts";
import { useView } from "./use_view.ts";
import type { CanvasView } from "./view.ts";
import { WireView, type CanvasWire } from "./WireView.tsx";

export const DRAGGED_TYPE = "application/x-flowengine-node-type";

/** An end of a wire that was dropped on nothing. */
export type OpenEnd =
  | { readonly kind: "after"; readonly node: string; readonly port: string }
  | { readonly kind: "before"; readonly node: string; readonly port: string | null };

export interface CanvasProps {
  readonly flow: OpenFlow;
  readonly drawing: Drawing;
  readonly label: string;
  readonly isMapShown: boolean;
  readonly onView: (view: CanvasView | null) => void;
  readonly onMove: (places: Record<string, Place>) => void;
  readonly onSplice: (node: string, wire: Wire, places: Record<string, Place>) => void;
  readonly onSlice: (wires: readonly Wire[]) => void;
  readonly onConnect: (wire: Wire) => void;
  readonly onReconnect: (before: Wire, after: Wire) => void;
  readonly onOpen: (node: string) => void;
  readonly onOpenGroup: (group: string) => void;
  /** A node type was dropped, perhaps on a wire. */
  readonly onDrop: (type: string, place: Place, wire: Wire | null) => void;
  /** A wire was dropped on nothing, or the canvas was asked for a new node, perhaps in a wire. */
  readonly onQuickAdd: (place: Place, screen: Place, from: OpenEnd | { kind: "into"; wire: Wire } | null) => void;
  /** The menu was asked for, on what is chosen or on the canvas. */
  readonly onMenu: (on: "node" | "wire" | "canvas", screen: Place) => void;
  readonly canConnect: (wire: Wire) => boolean;
}

const NODE_TYPES = { flow: NodeView };
const WIRE_TYPES = { wire: WireView };
const SNAP: [number, number] = [GRID, GRID];
const PAN_BUTTONS = [1, 2];
const MORE_KEYS = ["Meta", "Control", "Shift"];
/** Below this zoom no text can be read: nodes are plain boxes. */
const FAR = 0.35;
const PRO_OPTIONS = { hideAttribution: true };

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider key={props.flow.id}>
      <Surface {...props} />
    </ReactFlowProvider>
  );
}

function Surface(props: CanvasProps) {
  const { flow, drawing, onMove, onConnect, onReconnect, onOpen, onDrop, onQuickAdd, onSplice, onView, canConnect } = props;
  const { t } = useTexts();
  const { selection, wireSelection, sheet } = flow;
  const library = useReactFlow<CanvasNode, CanvasWire>();
  const store = useStoreApi<CanvasNode, CanvasWire>();
  const [surface, setSurface] = useState<HTMLDivElement | null>(null);
  const [maker] = useState(() => new NodeMaker());
  const [focused, setFocused] = useState<string | null>(null);
  const isFar = useStore((state) => state.transform[2] < FAR);
  const marked = useRef<DrawnWire | null>(null);

  // eslint-disable-next-line react-hooks/exhaustive-deps -- what is shown first does not follow the drawing
  const first = useMemo(() => (surface === null ? null : firstView(drawing, surface)), [surface]);

  const isThere = useMemo(() => new Set(drawing.nodes.map((node) => node.id)), [drawing]);
  const stop = focused !== null && isThere.has(focused) ? focused : (drawing.nodes[0]?.id ?? null);
  const made = useMemo(() => {
    const label = (drawn: DrawnNode): string =>
      [
        t("node.label", { title: drawn.title, type: drawn.type?.label ?? drawn.node.type }),
        drawn.node.disabled === true ? t("node.disabled") : "",
        drawn.errors > 0 ? t("node.errors", { count: drawn.errors }) : "",
        drawn.warnings > 0 ? t("node.warnings", { count: drawn.warnings }) : "",
      ]
        .filter(Boolean)
        .join(", ");
    return drawing.nodes.map((drawn) => maker.node(drawn, selection.has(drawn.id), drawn.id === stop, label(drawn)));
  }, [drawing, selection, maker, stop, t]);
  const wires = useMemo(
    () => drawing.wires.map((drawn) => wireFor(drawn, wireSelection.has(drawn.id), t)),
    [drawing, wireSelection, t],
  );
  const view = useView(drawing, surface, stop, setFocused);
  useEffect(() => {
    onView(view);
    return () => {
      onView(null);
    };
  }, [onView, view]);

  /** Nodes that are being moved are drawn elsewhere; the document hears of it when they are dropped. */
  const redraw = (change: (nodes: CanvasNode[]) => CanvasNode[]): void => {
    const { nodes, setNodes } = store.getState();
    setNodes(change(nodes));
  };

  /** Show into which wire a node would go, straight on the page: it changes with every step of a drag. */
  const mark = (wire: DrawnWire | null): void => {
    if (marked.current !== wire) {
      marked.current = wire;
      surface?.querySelector("[data-splice]")?.removeAttribute("data-splice");
      if (wire !== null) {
        surface?.querySelector(`.react-flow__edge[data-id="${CSS.escape(wire.id)}"]`)?.setAttribute("data-splice", "");
      }
    }
  };

  const wireBelow = (node: CanvasNode): DrawnWire | null => {
    const { drawn } = node.data;
    const isWhole = drawn.inputs.length > 0 && drawn.outputs.length > 0;
    const isAlone = isWhole && drawn.node.wires === undefined && !drawing.wires.some(({ wire }) => wire.to.node === drawn.id);
    return isAlone ? wireUnder(drawing, { ...node.position, ...drawn.size }, drawn.id) : null;
  };

  const wireAt = (place: Place): DrawnWire | null => {
    const size = sizeOf("", 1);
    return wireUnder(drawing, { x: place.x, y: place.y - size.height / 2, ...size }, null);
  };

  const put = (moved: readonly CanvasNode[]): void => {
    const places = Object.fromEntries(moved.map((node) => [node.id, { x: node.position.x, y: node.position.y }]));
    const [only] = moved;
    const wire = moved.length === 1 && only !== undefined ? wireBelow(only) : null;
    mark(null);
    if (wire !== null && only !== undefined) {
      onSplice(only.id, wire.wire, places);
    } else {
      onMove(places);
    }
  };

  const dragFrame = (frame: Frame, by: Place, isOver: boolean): void => {
    const inside = new Set(frame.nodes);
    const moved = made.flatMap((node) =>
      inside.has(node.id) ? [{ ...node, position: { x: node.position.x + by.x, y: node.position.y + by.y } }] : [],
    );
    if (isOver) {
      onMove(Object.fromEntries(moved.map((node) => [node.id, node.position])));
    } else {
      const now = new Map(moved.map((node) => [node.id, node]));
      redraw((nodes) => nodes.map((node) => now.get(node.id) ?? node));
    }
  };

  const ended = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (state.toNode !== null || state.fromNode === null || point === undefined) {
      return;
    }
    const screen = { x: point.clientX, y: point.clientY };
    const { fromNode, fromHandle } = state;
    const end: OpenEnd =
      fromHandle.type === "source"
        ? { kind: "after", node: fromNode.id, port: fromHandle.id ?? "" }
        : { kind: "before", node: fromNode.id, port: inputPort(fromHandle.id) };
    onQuickAdd(library.screenToFlowPosition(screen), screen, end);
  };

  /** What the menu is asked for on becomes what is chosen. */
  const askMenu = (on: Element, screen: Place): void => {
    const pressed = on.closest<HTMLElement>(".react-flow__node, .react-flow__nodesselection");
    const node = pressed?.getAttribute("data-id");
    pressed?.focus({ preventScroll: true });
    const wire = on.closest(".react-flow__edge")?.getAttribute("data-id");
    if (node != null && !flow.selection.has(node)) {
      flow.select(new Set([node]));
    } else if (wire != null && !flow.wireSelection.has(wire)) {
      flow.select(new Set(), new Set([wire]));
    }
    props.onMenu(node !== undefined ? "node" : wire !== undefined ? "wire" : "canvas", screen);
  };

  const does = useStable({
    onNodesChange: (changes: NodeChange<CanvasNode>[]): void => {
      redraw((nodes) => applyNodeChanges(changes, nodes));
      const chosen = changed(flow.selection, changes);
      if (chosen !== null) {
        flow.select(chosen, flow.wireSelection);
      }
    },
    onEdgesChange: (changes: EdgeChange<CanvasWire>[]): void => {
      const chosen = changed(flow.wireSelection, changes);
      if (chosen !== null) {
        flow.select(flow.selection, chosen);
      }
    },
    onNodeDrag: (_event: unknown, node: CanvasNode, moved: CanvasNode[]): void => {
      mark(moved.length === 1 ? wireBelow(node) : null);
    },
    onNodeDragStop: (_event: unknown, _node: CanvasNode, moved: CanvasNode[]): void => {
      put(moved);
    },
    onSelectionDragStop: (_event: unknown, moved: CanvasNode[]): void => {
      put(moved);
    },
    onConnect: (connection: Connection): void => {
      onConnect(wireOf(connection));
    },
    onReconnect: (before: CanvasWire, connection: Connection): void => {
      if (before.data !== undefined) {
        onReconnect(before.data.drawn.wire, wireOf(connection));
      }
    },
    onConnectEnd: ended,
    isValidConnection: (connection: Connection | CanvasWire): boolean => canConnect(wireOf(connection)),
    onNodeDoubleClick: (_event: unknown, node: CanvasNode): void => {
      onOpen(node.id);
    },
    onEdgeDoubleClick: (event: MouseEventOf, wire: CanvasWire): void => {
      const screen = { x: event.clientX, y: event.clientY };
      onQuickAdd(library.screenToFlowPosition(screen), screen, { kind: "into", wire: wireOf(wire) });
    },
    onDoubleClick: (event: MouseEventOf): void => {
      if (event.target instanceof Element && event.target.classList.contains("react-flow__pane")) {
        const screen = { x: event.clientX, y: event.clientY };
        onQuickAdd(library.screenToFlowPosition(screen), screen, null);
      }
    },
    onDragOver: (event: DragEvent): void => {
      if (event.dataTransfer.types.includes(DRAGGED_TYPE)) {
        event.preventDefault();
        mark(wireAt(library.screenToFlowPosition({ x: event.clientX, y: event.clientY })));
      }
    },
    onDragLeave: (): void => {
      mark(null);
    },
    onDrop: (event: DragEvent): void => {
      const type = event.dataTransfer.getData(DRAGGED_TYPE);
      mark(null);
      if (type !== "") {
        event.preventDefault();
        const place = library.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        onDrop(type, place, wireAt(place)?.wire ?? null);
      }
    },
  });

  const { askMenu: ask } = useStable({ askMenu });
  useMenuPress(surface, ask);
  const isTouch = useTouch();

  return (
    <div
      className={isFar ? "canvas-surface is-far" : "canvas-surface"}
      ref={setSurface}
      onFocus={(event) => {
        const node = event.target.closest(".react-flow__node")?.getAttribute("data-id");
        if (node != null) {
          setFocused(node);
        }
      }}
      onPointerMove={(event) => {
        view.pointerAt({ x: event.clientX, y: event.clientY });
      }}
      onPointerLeave={() => {
        view.pointerAt(null);
      }}
    >
      <FarContext value={isFar}>
        {!isFar && <Dots />}
        {first !== null && (
          <ReactFlow<CanvasNode, CanvasWire>
            {...does}
            defaultViewport={first}
            nodes={made}
            edges={wires}
            nodeTypes={NODE_TYPES}
            edgeTypes={WIRE_TYPES}
            nodesDraggable={!flow.isReadOnly}
            nodesConnectable={!flow.isReadOnly}
            edgesReconnectable={!flow.isReadOnly}
            aria-label={props.label}
            connectionMode={ConnectionMode.Strict}
            connectionRadius={24}
            selectionMode={SelectionMode.Partial}
            selectionOnDrag={!isTouch}
            selectionKeyCode={null}
            multiSelectionKeyCode={MORE_KEYS}
            panOnDrag={isTouch ? true : PAN_BUTTONS}
            panOnScroll
            zoomOnDoubleClick={false}
            snapToGrid
            snapGrid={SNAP}
            minZoom={0.05}
            maxZoom={2}
            onlyRenderVisibleElements
            nodesFocusable={false}
            edgesFocusable={false}
            disableKeyboardA11y
            deleteKeyCode={null}
            proOptions={PRO_OPTIONS}
          >
            {sheet.flow.groups !== undefined && (
              <Frames
                sheet={sheet}
                onSelect={(frame, isMore) => {
                  flow.select(new Set([...(isMore ? flow.selection : []), ...frame.nodes]));
                }}
                onDrag={dragFrame}
                onOpen={props.onOpenGroup}
              />
            )}
          </ReactFlow>
        )}
        <Slicer surface={surface} drawing={drawing} onSlice={props.onSlice} />
        {props.isMapShown && drawing.nodes.length > 0 && <MiniMap drawing={drawing} selection={selection} />}
      </FarContext>
    </div>
  );
}

/** What is chosen after changes; `null` if they choose nothing else. */
function changed(before: ReadonlySet<string>, changes: readonly { type: string }[]): Set<string> | null {
  const chosen = new Set(before);
  let isOther = false;
  for (const change of changes) {
    if (isChoice(change)) {
      isOther = true;
      if (change.selected) {
        chosen.add(change.id);
      } else {
        chosen.delete(change.id);
      }
    }
  }
  return isOther ? chosen : null;
}

function isChoice(change: { type: string }): change is { type: "select"; id: string; selected: boolean } {
  return change.type === "select";
}
