/** One flow: canvas in the middle, settings at the right, what is wrong below. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { Canvas } from "../canvas/Canvas.tsx";
import { laidOut } from "../canvas/elk.ts";
import { useTexts } from "../i18n/texts.tsx";
import { nodesOf, wireId, withPlaces, type Flow, type Place, type Wire } from "../model/document.ts";
import { Draughtsman } from "../model/drawing.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { canConnect, connected, disconnected } from "../model/wiring.ts";
import { BottomPanel } from "../panels/BottomPanel.tsx";
import { NodePanel } from "../panels/NodePanel.tsx";
import { WirePanel } from "../panels/WirePanel.tsx";
import * as actions from "./actions.ts";
import type { EditorState } from "./editor_state.ts";
import { QuickAdd } from "./QuickAdd.tsx";
import { useLive } from "./use_live.ts";
import { useSignal } from "./use_signal.ts";

interface Adding {
  readonly place: Place;
  readonly screen: Place;
  readonly from: { node: string; port: string } | null;
}

export function FlowPage({ state, flow }: { state: EditorState; flow: OpenFlow }) {
  const { t } = useTexts();
  const { project } = state;
  useSignal(project.changed);
  const [adding, setAdding] = useState<Adding | null>(null);
  const [wires, setWires] = useState<readonly Wire[]>([]);
  const [arranged, setArranged] = useState(0);
  const surface = useRef<HTMLDivElement>(null);
  const draughtsman = useMemo(() => ({ of: flow, it: new Draughtsman() }), [flow]).it;

  const subflows = new Map<string, Flow>(
    project.opened().flatMap((one) => (one.sheet.flow.inputs ?? one.sheet.flow.outputs ? [[one.id, one.sheet.flow]] : [])),
  );
  const drawing = draughtsman.draw(flow.sheet, {
    types: project.types,
    subflows,
    problems: flow.problems,
    saved: flow.saved.flow,
    ports: (type, node) => state.ports(type, node),
  });

  useEffect(() => {
    if (!flow.isLaidOut && drawing.nodes.length > 0) {
      void laidOut(drawing).then((places) => {
        flow.place(withPlaces(flow.sheet, places).layout);
        // A canvas that begins anew shows all of what was laid out.
        setArranged((count) => count + 1);
      });
    }
    // Once for a flow that nobody has laid out.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- as said above
  }, [flow]);

  useLive(state, flow, surface);

  useEffect(
    () =>
      flow.history.subscribe(() => {
        state.checkSoon(flow);
      }),
    [state, flow],
  );

  const onSelect = useCallback(
    (chosen: ReadonlySet<string>, chosenWires: readonly Wire[]) => {
      setWires(chosenWires);
      flow.select(chosen);
    },
    [flow],
  );

  const add = (type: string, place: Place, from: Adding["from"]): void => {
    actions.addNode(flow, type, place, t, from);
    setAdding(null);
    surface.current?.focus();
  };

  const [onlyWire] = wires;

  return (
    <div
      className="flow-page"
      ref={surface}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]")) {
          return;
        }
        const command = event.ctrlKey || event.metaKey;
        if (event.key === "Delete" || event.key === "Backspace") {
          actions.removeChosen(flow, wires, t, event.shiftKey);
          // What had the focus is gone; the keyboard stays with the flow.
          surface.current?.focus();
        } else if (command && event.key.toLowerCase() === "z") {
          event.preventDefault();
          if (event.shiftKey) {
            flow.history.redo();
          } else {
            flow.history.undo();
          }
        } else if (command && event.key.toLowerCase() === "y") {
          flow.history.redo();
        } else if (command && event.key.toLowerCase() === "c") {
          void actions.copyChosen(flow);
        } else if (command && event.key.toLowerCase() === "x") {
          void actions.copyChosen(flow).then(() => {
            actions.removeChosen(flow, wires, t);
          });
        } else if (command && event.key.toLowerCase() === "a") {
          event.preventDefault();
          flow.select(new Set(Object.keys(nodesOf(flow.sheet.flow))));
        }
      }}
      onPaste={(event) => {
        if (actions.pasteText(flow, event.clipboardData.getData("text"), t)) {
          event.preventDefault();
        }
      }}
    >
      <div className="canvas">
        <Canvas
          flow={`${flow.id} ${arranged}`}
          drawing={drawing}
          selection={flow.selection}
          label={t("canvas.label", { name: flow.sheet.flow.name ?? flow.id })}
          onSelect={onSelect}
          onMove={(places) => {
            flow.edit(t("edit.move"), (sheet) => withPlaces(sheet, places));
          }}
          onConnect={(wire) => {
            flow.edit(t("edit.connect"), (sheet) => connected(sheet, wire));
          }}
          onReconnect={(before, after) => {
            flow.edit(t("edit.reconnect"), (sheet) => connected(disconnected(sheet, before), after));
          }}
          onOpen={(node) => {
            flow.select(new Set([node]));
          }}
          onDrop={(type, place) => {
            add(type, place, null);
          }}
          onQuickAdd={(place, screen, from) => {
            setAdding({ place, screen, from });
          }}
          canConnect={(wire) => canConnect(flow.sheet, wire)}
        />
        {drawing.nodes.length === 0 && <p className="canvas-empty">{t("canvas.empty")}</p>}
        {adding !== null && (
          <QuickAdd
            at={adding.screen}
            types={project.palette.types}
            onChoose={(type) => {
              add(type, adding.place, adding.from);
            }}
            onClose={() => {
              setAdding(null);
            }}
          />
        )}
      </div>
      {onlyWire !== undefined && wires.length === 1 && flow.selection.size === 0 ? (
        <WirePanel state={state} flow={flow.id} wire={onlyWire} key={wireId(onlyWire)} />
      ) : (
        <NodePanel project={project} flow={flow} />
      )}
      <BottomPanel state={state} flow={flow} />
    </div>
  );
}
