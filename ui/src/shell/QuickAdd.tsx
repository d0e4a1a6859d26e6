/** A list of node types at the pointer: type, choose, and the node is there. */

import { useEffect, useRef, useState } from "react";

import type { NodeTypeDetail } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { Place } from "../model/document.ts";
import { fitting } from "./Palette.tsx";

export interface QuickAddProps {
  readonly at: Place;
  readonly types: readonly NodeTypeDetail[];
  readonly onChoose: (type: string) => void;
  readonly onClose: () => void;
}

export function QuickAdd({ at, types, onChoose, onClose }: QuickAddProps) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const found = fitting(types, text).slice(0, 12);
  useEffect(() => {
    input.current?.focus();
  }, []);
  return (
    <div
      className="quick-add"
      role="dialog"
      aria-label={t("palette.search")}
      style={{ left: Math.min(at.x, innerWidth - 300), top: Math.min(at.y, innerHeight - 380) }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          onClose();
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          event.preventDefault();
          const by = event.key === "ArrowDown" ? 1 : -1;
          setChosen((chosen + by + found.length) % Math.max(found.length, 1));
        } else if (event.key === "Enter") {
          const type = found[chosen];
          if (type !== undefined) {
            onChoose(type.name);
          }
        }
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          onClose();
        }
      }}
    >
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={t("palette.search")}
        aria-label={t("palette.search")}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
      />
      {found.length === 0 && <p className="quiet">{t("palette.none", { text })}</p>}
      <ul role="listbox">
        {found.map((type, index) => (
          <li key={type.name} role="option" aria-selected={index === chosen}>
            <button
              type="button"
              tabIndex={-1}
              onMouseDown={(event) => {
                event.preventDefault();
              }}
              onClick={() => {
                onChoose(type.name);
              }}
            >
              <strong>{type.label}</strong>
              <span className="quiet">{type.summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
