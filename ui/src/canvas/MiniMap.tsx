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
  const seen = useRef<HTMLDivElement>(null);
  const extent = useRef<Extent>({ x: 0, y: 0, scale: 1 });

  /** Put the frame around what is seen; the nodes under it stay as they are. */
  const frame = useCallback(() => {
    const { transform, width, height } = store.getState();
    const [left, top, zoom] = transform;
    const { x, y, scale } = extent.current;
    const style = seen.current?.style;
    if (style !== undefined) {
      const [across, down] = [(width / zoom) * scale, (height / zoom) * scale];
      style.width = `${across}px`;
      style.height = `${down}px`;
      style.transform = `translate(${(-left / zoom - x) * scale}px, ${(-top / zoom - y) * scale}px)`;
    }
  }, [store]);

  useEffect(() => {
    const paint = (): void => {
      if (shown.current !== null) {
        extent.current = painted(shown.current, drawing, selection) ?? extent.current;
        frame();
      }
    };
    paint();
    // Colours are those of the theme.
    const themes = new MutationObserver(paint);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      themes.disconnect();
    };
  }, [drawing, selection, frame]);

  useEffect(() => {
    let waiting = 0;
    let known = store.getState().transform;
    const end = store.subscribe((state) => {
      if (state.transform !== known && waiting === 0) {
        known = state.transform;
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

  const go = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const { x, y, scale } = extent.current;
    void library.setCenter(x + (event.clientX - box.left) / scale, y + (event.clientY - box.top) / scale, {
      zoom: library.getZoom(),
    });
  };

  return (
    <div
      className="mini-map"
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
    >
      <canvas ref={shown} role="img" aria-label={t("map.label")} width={WIDTH * devicePixelRatio} height={HEIGHT * devicePixelRatio} />
      <div className="mini-map-seen" ref={seen} />
    </div>
  );
}

/** Draw all nodes; says where on the map they are. */
function painted(canvas: HTMLCanvasElement, drawing: Drawing, selection: ReadonlySet<string>): Extent | null {
  const context = canvas.getContext("2d");
  if (context === null || drawing.nodes.length === 0) {
    return null;
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
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
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
  return extent;
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
