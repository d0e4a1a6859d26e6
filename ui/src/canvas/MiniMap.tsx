/** The whole flow in small, on one canvas: a click or a drag shows what is there. */

import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useCallback, useEffect, useRef, type PointerEvent } from "react";

import { useTexts } from "../i18n/texts.tsx";
import type { Drawing } from "../model/drawing.ts";

const WIDTH = 200;
const HEIGHT = 130;
const MARGIN = 40;

interface Extent {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export function MiniMap({ drawing, selection }: { drawing: Drawing; selection: ReadonlySet<string> }) {
  const { t } = useTexts();
  const store = useStoreApi();
  const library = useReactFlow();
  const shown = useRef<HTMLCanvasElement>(null);
  const nodes = useRef<HTMLCanvasElement | null>(null);
  const extent = useRef<Extent>({ x: 0, y: 0, scale: 1 });

  /** Draw the part that is seen over the nodes, which are drawn once. */
  const frame = useCallback(() => {
    const context = shown.current?.getContext("2d");
    if (context === null || context === undefined || nodes.current === null) {
      return;
    }
    const { transform, width, height } = store.getState();
    const [left, top, zoom] = transform;
    const { x, y, scale } = extent.current;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.drawImage(nodes.current, 0, 0);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.strokeStyle = colourOf("--accent");
    context.lineWidth = 1.5;
    context.strokeRect((-left / zoom - x) * scale, (-top / zoom - y) * scale, (width / zoom) * scale, (height / zoom) * scale);
  }, [store]);

  useEffect(() => {
    nodes.current = painted(drawing, selection, (found) => {
      extent.current = found;
    });
    frame();
  }, [drawing, selection, frame]);

  useEffect(() => {
    let waiting = 0;
    let seen = store.getState().transform;
    const end = store.subscribe((state) => {
      if (state.transform !== seen && waiting === 0) {
        seen = state.transform;
        waiting = requestAnimationFrame(() => {
          waiting = 0;
          frame();
        });
      }
    });
    return () => {
      end();
      cancelAnimationFrame(waiting);
    };
  }, [store, frame]);

  const go = (event: PointerEvent<HTMLCanvasElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const { x, y, scale } = extent.current;
    void library.setCenter(x + (event.clientX - box.left) / scale, y + (event.clientY - box.top) / scale, {
      zoom: library.getZoom(),
    });
  };

  return (
    <canvas
      ref={shown}
      className="mini-map"
      role="img"
      aria-label={t("map.label")}
      width={WIDTH * devicePixelRatio}
      height={HEIGHT * devicePixelRatio}
      style={{ width: WIDTH, height: HEIGHT }}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) {
          go(event);
        }
      }}
    />
  );
}

function painted(drawing: Drawing, selection: ReadonlySet<string>, tell: (extent: Extent) => void): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * devicePixelRatio;
  canvas.height = HEIGHT * devicePixelRatio;
  const context = canvas.getContext("2d");
  if (context === null || drawing.nodes.length === 0) {
    return canvas;
  }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, size } of drawing.nodes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + size.width);
    bottom = Math.max(bottom, y + size.height);
  }
  const [across, down] = [right - left + 2 * MARGIN, bottom - top + 2 * MARGIN];
  const scale = Math.min(WIDTH / across, HEIGHT / down);
  const extent = { scale, x: left - MARGIN - (WIDTH / scale - across) / 2, y: top - MARGIN - (HEIGHT / scale - down) / 2 };
  tell(extent);
  context.scale(devicePixelRatio, devicePixelRatio);
  const tones = new Map<string, string>();
  for (const { id, x, y, size, type, errors } of drawing.nodes) {
    const tone = errors > 0 ? "error" : selection.has(id) ? "accent" : (type?.category ?? "error");
    let colour = tones.get(tone);
    if (colour === undefined) {
      colour = colourOf(`--${tone}`);
      tones.set(tone, colour);
    }
    context.fillStyle = colour;
    const [width, height] = [Math.max(size.width * scale, 1.5), Math.max(size.height * scale, 1)];
    context.fillRect((x - extent.x) * scale, (y - extent.y) * scale, width, height);
  }
  return canvas;
}

/** What a token of the theme comes to now: a canvas does not understand tokens. */
function colourOf(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token}, var(--common))`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
