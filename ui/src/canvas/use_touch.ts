/** Whether the canvas is touched: one finger then moves the flow, which with a mouse chooses nodes. */

import { useEffect, useState } from "react";
import { flushSync } from "react-dom";

export function useTouch(): boolean {
  const [isTouch, setTouch] = useState(() => matchMedia("(pointer: coarse)").matches);
  useEffect(() => {
    const press = (event: PointerEvent): void => {
      const isNow = event.pointerType === "touch";
      if (isNow !== isTouch) {
        // Before the canvas library hears of the same press.
        flushSync(() => {
          setTouch(isNow);
        });
      }
    };
    addEventListener("pointerdown", press, { capture: true });
    return () => {
      removeEventListener("pointerdown", press, { capture: true });
    };
  }, [isTouch]);
  return isTouch;
}
