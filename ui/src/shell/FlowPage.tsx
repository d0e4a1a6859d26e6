/** One flow: tabs above, canvas in the middle, settings at the right, what is wrong below. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { Canvas } from "../canvas/Canvas.tsx";
import { laidOut } from "../canvas/elk.ts";
import type { CanvasView } from "../canvas/view.ts";
import { useTexts } from "../i18n/texts.tsx";
import { nodesOf, wireId, withPlaces, type Place } from "../model/document.ts";
import { Draughtsman } from "../model/drawing.ts";
import type { OpenFlow } from "../model/open_flow.ts";
import { usesOf } from "../model/search.ts";
import { subflowId } from "../model/subflows.ts";
import { canConnect, connected, disconnected } from "../model/wiring.ts";
import { BottomPanel } from "../panels/BottomPanel.tsx";
import { NodePanel } from "../panels/NodePanel.tsx";
import { WirePanel } from "../panels/WirePanel.tsx";
import * as actions from "./actions.ts";
import { CanvasTools } from "./CanvasTools.tsx";
import { openNode } from "./commands/nodes.ts";
import type { Joint } from "./desk.ts";
import { DiskBar } from "./DiskBar.tsx";
import { DraftOffer } from "./DraftOffer.tsx";
import type { EditorState } from "./editor_state.ts";
import { FlowTabs } from "./FlowTabs.tsx";
import { QuickAdd } from "./QuickAdd.tsx";
import { go, HOME } from "./router.ts";
import { useLive } from "./use_live.ts";
import { useSignal } from "./use_signal.ts";

const WANTED = { after: "input", before: "output", into: "splice" } as const;

export function FlowPage({ state, flow }: { state: EditorState; flow: OpenFlow }) {
  const { t } = useTexts();
  const { project, desk } = state;
  useSignal(project.changed);
  useSignal(desk.changed);
  const [arranged, setArranged] = useState(0);
  const page = useRef<HTMLDivElement>(null);
  const [draughtsman] = useState(() => new Draughtsman());

  const { sheet, problems } = flow;
  const saved = flow.saved.flow;
  const { types, subflows } = project;
  const { portsKnown } = state;
  const drawing = useMemo(
    () => draughtsman.draw(sheet, { types, subflows, problems, saved, ports: (type, node) => state.ports(type, node) }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- portsKnown says when `state.ports` answers otherwise
    [draughtsman, sheet, types, subflows, problems, saved, state, portsKnown],
  );

  useEffect(() => {
    desk.show(drawing);
  }, [desk, drawing]);
  useEffect(
    () => () => {
      desk.show(null);
      desk.add(null);
    },
    [desk],
  );

  useEffect(() => {
    if (!flow.isLaidOut && drawing.nodes.length > 0) {
      void laidOut(drawing, flow.sheet.flow.groups).then((places) => {
        flow.place(places);
        // A canvas that begins anew shows all of what was laid out.
        setArranged((count) => count + 1);
      });
    }
    // Once for a flow that nobody has laid out.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- as said above
  }, [flow]);

  useLive(state, flow, page);

  useEffect(
    () =>
      flow.history.subscribe(() => {
        state.checkSoon(flow);
      }),
    [state, flow],
  );

  const onView = useCallback(
    (view: CanvasView | null) => {
      desk.viewThrough(view);
    },
    [desk],
  );

  const add = (name: string, place: Place, joint: Joint | null): void => {
    const type = project.types.get(name);
    desk.add(null);
    if (type !== undefined) {
      const id = actions.addNode(flow, type, place, t, joint);
      desk.canvas?.focus(id);
    }
  };

  const { adding } = desk;
  const [onlyWire] = flow.wireSelection;
  const wire =
    flow.selection.size === 0 && flow.wireSelection.size === 1
      ? drawing.wires.find((one) => one.id === onlyWire)?.wire
      : undefined;

  return (
    <main className="flow-page" aria-label={flow.sheet.flow.name ?? flow.id} ref={page} tabIndex={-1}>
      <FlowTabs state={state} />
      <div className="canvas">
        <DraftOffer flow={flow} />
        <DiskBar project={project} flow={flow} />
        <Canvas
          key={arranged}
          flow={flow}
          drawing={drawing}
          label={t("canvas.label", { name: flow.sheet.flow.name ?? flow.id })}
          isMapShown={desk.isMapShown}
          onView={onView}
          onMove={(places) => {
            flow.edit(t("edit.move"), (before) => withPlaces(before, places));
          }}
          onSplice={(node, into, places) => {
            const port = drawing.nodes.find((one) => one.id === node)?.outputs[0];
            if (port !== undefined) {
              actions.splice(flow, node, port, into, t, places);
            }
          }}
          onSlice={(wires) => {
            actions.cut(flow, wires, t);
          }}
          onConnect={(made) => {
            flow.edit(t("edit.connect"), (before) => connected(before, made));
          }}
          onReconnect={(before, after) => {
            flow.edit(t("edit.reconnect"), (now) => connected(disconnected(now, before), after));
          }}
          onOpen={(node) => {
            const subflow = subflowId(nodesOf(flow.sheet.flow)[node]?.type ?? "");
            if (subflow !== null && subflows.has(nodesOf(flow.sheet.flow)[node]?.type ?? "")) {
              go(HOME, [subflow]);
            } else {
              openNode(flow, node);
            }
          }}
          onOpenGroup={(group) => {
            if (!flow.isReadOnly) {
              desk.open({ kind: "group", group });
            }
          }}
          onDrop={(type, place, into) => {
            const fits = project.types.get(type)?.has_input === true && into !== null;
            add(type, place, fits ? { kind: "into", wire: into } : null);
          }}
          onQuickAdd={(place, screen, joint) => {
            if (!flow.isReadOnly) {
              desk.add({ place, screen, joint });
            }
          }}
          onMenu={(on, screen) => {
            desk.askMenu({ on, screen });
          }}
          canConnect={(made) => canConnect(flow.sheet, made)}
        />
        <CanvasTools desk={desk} />
        {drawing.nodes.length === 0 && <p className="canvas-empty">{t("canvas.empty")}</p>}
        {adding !== null && (
          <QuickAdd
            at={adding.screen}
            types={project.palette.types}
            wanting={adding.joint === null ? "any" : WANTED[adding.joint.kind]}
            onChoose={(type) => {
              add(type, adding.place, adding.joint);
            }}
            onClose={() => {
              desk.add(null);
            }}
          />
        )}
      </div>
      {wire !== undefined ? (
        <WirePanel state={state} flow={flow.id} wire={wire} key={wireId(wire)} />
      ) : (
        <NodePanel
          project={project}
          flow={flow}
          findUses={(name) => {
            desk.open({ kind: "search", text: usesOf(name) });
          }}
        />
      )}
      <BottomPanel state={state} flow={flow} />
    </main>
  );
}
