/** Leafing through a list of which only one page at a time is known. */

import { useState } from "react";

export interface Leafing {
  /** Where the page begins: what the server said of the page before; empty for the first. */
  readonly from: string;
  readonly hasPrevious: boolean;
  readonly next: (from: string) => void;
  readonly previous: () => void;
  readonly restart: () => void;
}

export function useLeafing(): Leafing {
  const [trail, setTrail] = useState<readonly string[]>([]);
  return {
    from: trail.at(-1) ?? "",
    hasPrevious: trail.length > 0,
    next: (from) => {
      setTrail([...trail, from]);
    },
    previous: () => {
      setTrail(trail.slice(0, -1));
    },
    restart: () => {
      setTrail([]);
    },
  };
}
