/** A list of any length, of which only the rows on the screen are drawn; arrow keys choose. */

import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

const ROW = 26;
const BEYOND = 6;

export interface WindowedListProps<T> {
  readonly items: readonly T[];
  readonly label: string;
  readonly keyOf: (item: T) => string | number;
  readonly chosen: string | number | null;
  readonly onChoose: (item: T) => void;
  readonly row: (item: T) => ReactNode;
  readonly rowClass?: (item: T) => string;
  /** The newest is at the end, and stays in view until somebody scrolls up. */
  readonly follows?: boolean;
}

export function WindowedList<T>(props: WindowedListProps<T>) {
  const { items, keyOf, chosen, onChoose, follows = false } = props;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const id = useId();
  const [view, setView] = useState({ top: 0, height: 400 });

  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    const measure = new ResizeObserver(() => {
      setView({ top: element.scrollTop, height: element.clientHeight });
    });
    measure.observe(element);
    return () => {
      measure.disconnect();
    };
  }, []);

  useEffect(() => {
    const element = box.current;
    if (follows && atEnd.current && element !== null) {
      element.scrollTop = element.scrollHeight;
    }
  }, [items, follows]);

  const first = Math.max(0, Math.floor(view.top / ROW) - BEYOND);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / ROW) + BEYOND);
  const at = chosen === null ? -1 : items.findIndex((item) => keyOf(item) === chosen);

  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -items.length, End: items.length };
    const step = steps[event.key];
    if (step === undefined || items.length === 0) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(Math.max(at < 0 ? (step > 0 ? 0 : items.length - 1) : at + step, 0), items.length - 1);
    const item = items[next];
    const element = box.current;
    if (item !== undefined && element !== null) {
      if (next * ROW < element.scrollTop) {
        element.scrollTop = next * ROW;
      } else if ((next + 1) * ROW > element.scrollTop + element.clientHeight) {
        element.scrollTop = (next + 1) * ROW - element.clientHeight;
      }
      onChoose(item);
    }
  };

  return (
    <div
      className="windowed"
      ref={box}
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant={at >= first && at < last ? `${id}-${keyOf(items[at] as T)}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        const element = event.currentTarget;
        atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW;
        setView({ top: element.scrollTop, height: element.clientHeight });
      }}
    >
      <div role="presentation" style={{ height: items.length * ROW, position: "relative" }}>
        {items.slice(first, last).map((item, index) => {
          const key = keyOf(item);
          return (
            <div
              key={key}
              id={`${id}-${key}`}
              role="option"
              aria-selected={key === chosen}
              className={`windowed-row ${props.rowClass?.(item) ?? ""}`}
              style={{ top: (first + index) * ROW, height: ROW }}
              onClick={() => {
                onChoose(item);
              }}
            >
              {props.row(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
