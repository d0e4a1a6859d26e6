/** A list of node types at the pointer: type, choose, and the node is there. */

import { useEffect, useRef, useState } from "react";

import type { NodeTypeDetail } from "../api/schema.ts";
import { useTexts } from "../i18n/texts.tsx";
import type { Place } from "../model/document.ts";
import { fitting, type Wanting } from "../model/fitting.ts";
import { NodeIcon } from "../theme/icons.tsx";

export interface QuickAddProps {
  readonly at: Place;
  readonly types: readonly NodeTypeDetail[];
  readonly wanting: Wanting;
  readonly onChoose: (type: string) => void;
  readonly onClose: () => void;
}

const MOST = 12;

export function QuickAdd({ at, types, wanting, onChoose, onClose }: QuickAddProps) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const found = fitting(types, text, wanting).slice(0, MOST);
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
        role="combobox"
        aria-expanded
        aria-controls="quick-add-list"
        aria-activedescendant={found.length === 0 ? undefined : `quick-add-${chosen}`}
        value={text}
        placeholder={t(wanting === "any" ? "palette.search" : "palette.searchFitting")}
        aria-label={t("palette.search")}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
      />
      {found.length === 0 && <p className="quiet">{t("palette.none", { text })}</p>}
      <ul role="listbox" id="quick-add-list" aria-label={t("palette.title")}>
        {found.map((type, index) => (
          <li key={type.name} id={`quick-add-${index}`} role="option" aria-selected={index === chosen}>
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
              <span className="node-icon" data-category={type.category}>
                <NodeIcon name={type.icon} category={type.category} />
              </span>
              <strong>{type.label}</strong>
              <span className="quiet">{type.summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
