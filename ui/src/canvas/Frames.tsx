/** Groups: frames behind their nodes, dragged by their names. */

import { useReactFlow, useStore, ViewportPortal } from "@xyflow/react";
import { useMemo, type PointerEvent } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { snapped } from "../model/arrange.ts";
import type { Sheet } from "../model/document.ts";
import { framesOf, type Frame } from "../model/groups.ts";
import type { CanvasNode } from "./NodeView.tsx";

export interface FramesProps {
  readonly sheet: Sheet;
  readonly onSelect: (frame: Frame, isMore: boolean) => void;
  /** The nodes of a frame are being moved by a distance; the last call says that it is over. */
  readonly onDrag: (frame: Frame, by: { x: number; y: number }, isOver: boolean) => void;
  readonly onOpen: (group: string) => void;
}

export function Frames({ sheet, onSelect, onDrag, onOpen }: FramesProps) {
  const { t } = useTexts();
  const library = useReactFlow();
  // Where they are drawn now, which while they are dragged is not where the document has them.
  const nodes = useStore((state) => state.nodes as CanvasNode[]);
  const frames = useMemo(() => {
    const boxes = nodes.map((node) => [node.id, { ...node.position, ...node.data.drawn.size }] as const);
    return framesOf(sheet, new Map(boxes));
  }, [sheet, nodes]);

  const grab = (event: PointerEvent<HTMLElement>, frame: Frame): void => {
    if (event.button !== 0) {
      return;
    }
    event.stopPropagation();
    onSelect(frame, event.shiftKey || event.ctrlKey || event.metaKey);
    const handle = event.currentTarget;
    const start = { x: event.clientX, y: event.clientY };
    const zoom = library.getZoom();
    let by = { x: 0, y: 0 };
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) => {
      by = { x: snapped((moved.clientX - start.x) / zoom), y: snapped((moved.clientY - start.y) / zoom) };
      onDrag(frame, by, false);
    };
    handle.onpointerup = handle.onpointercancel = () => {
      handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
      onDrag(frame, by, true);
    };
  };

  return (
    <ViewportPortal>
      <div className="frames">
        {frames.map((frame) => (
          <div
            key={frame.id}
            className="frame"
            data-group={frame.id}
            style={{
              left: frame.x,
              top: frame.y,
              width: frame.width,
              height: frame.height,
              ...(frame.colour === null ? {} : { "--tone": frame.colour }),
            }}
          >
            <button
              type="button"
              tabIndex={-1}
              className="frame-name nopan nodrag"
              onPointerDown={(event) => {
                grab(event, frame);
              }}
              onDoubleClick={(event) => {
                event.stopPropagation();
                onOpen(frame.id);
              }}
            >
              {frame.name === "" ? t("group.unnamed") : frame.name}
            </button>
          </div>
        ))}
      </div>
    </ViewportPortal>
  );
}
