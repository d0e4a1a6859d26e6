/** Icons of buttons and of node types: strokes on a grid of 24, drawn by us. */

import type { ReactNode } from "react";

import { NODE_PATHS } from "./node_icons.ts";

const PATHS: Record<string, string> = {
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  path: "M4 6h7v12h9M17 15l3 3-3 3",
  add: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  deploy: "M12 16V4M7 9l5-5 5 5M4 20h16",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  search: "M11 4a7 7 0 1 0 .01 0M16 16l5 5",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  map: "M9 4L4 6v14l5-2 6 2 5-2V4l-5 2zM9 4v14M15 6v14",
  menu: "M4 7h16M4 12h16M4 17h16",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  arrange: "M4 4h6v6H4zM14 14h6v6h-6zM10 7h7v7",
  play: "M7 5l12 7-12 7z",
  up: "M12 19V6M6 11l6-6 6 6",
  devices: "M4 5h16v10H4zM9 20h6M12 15v5M8 10h.01M12 10h4",
  profiles: "M5 4h14v16H5zM9 8h6M9 12h6M9 16h3",
  commands: "M5 8l4 4-4 4M12 17h7",
  firmware: "M8 8h8v8H8zM10 4v4M14 4v4M10 16v4M14 16v4M4 10h4M4 14h4M16 10h4M16 14h4",
  rollouts: "M4 19h4v-5H4zM10 19h4V9h-4zM16 19h4V4h-4z",
  automation: "M13 3L5 14h6l-1 7 8-11h-6z",
  health: "M3 12h4l3-7 4 14 3-7h4",
  down: "M6 10l6 6 6-6",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  audit: "M6 4h12v16H6zM9 9h6M9 13h6M9 17h3",
  users: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6M18 14a6 6 0 0 1 3 6",
  pin: "M9 4h6l-1 6 4 3H6l4-3zM12 13v7",
};

export function Icon({ name }: { name: string }): ReactNode {
  return drawn(PATHS[name] ?? NODE_PATHS[name] ?? NODE_PATHS["common"]);
}

/** The icon that a node type names; where it names none that there is, that of its category. */
export function NodeIcon({ name, category }: { name: string; category: string }): ReactNode {
  return drawn(NODE_PATHS[name] ?? NODE_PATHS[category] ?? NODE_PATHS["common"]);
}

function drawn(path: string | undefined): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
