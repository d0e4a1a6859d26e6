/** The node types, by category, to drag onto the canvas or to add with Enter. */

import { useState } from "react";

import { DRAGGED_TYPE } from "../canvas/Canvas.tsx";
import type { Palette as PaletteOfTypes } from "../api/schema.ts";
import { called, useTexts } from "../i18n/texts.tsx";
import { fitting } from "../model/fitting.ts";
import { NodeIcon } from "../theme/icons.tsx";

export interface PaletteProps {
  readonly palette: PaletteOfTypes;
  readonly onAdd: (type: string) => void;
}

export function Palette({ palette, onAdd }: PaletteProps) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const found = fitting(palette.types, text);
  return (
    <nav className="palette" aria-label={t("palette.title")}>
      <input
        type="search"
        value={text}
        placeholder={t("palette.search")}
        aria-label={t("palette.search")}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      {found.length === 0 && <p className="quiet">{t("palette.none", { text })}</p>}
      {palette.categories.map((category) => {
        const types = found.filter((type) => type.category === category.name);
        return (
          types.length > 0 && (
            <section key={category.name}>
              <h3>{called(t, "category", category.name)}</h3>
              <ul>
                {types.map((type) => (
                  <li key={type.name}>
                    <button
                      type="button"
                      className="palette-type"
                      data-category={type.category}
                      title={type.summary}
                      draggable
                      onDragStart={(event) => {
                        event.dataTransfer.setData(DRAGGED_TYPE, type.name);
                        event.dataTransfer.effectAllowed = "copy";
                      }}
                      onClick={() => {
                        onAdd(type.name);
                      }}
                    >
                      <span className="node-icon">
                        <NodeIcon name={type.icon} category={type.category} />
                      </span>
                      {type.label}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )
        );
      })}
    </nav>
  );
}
