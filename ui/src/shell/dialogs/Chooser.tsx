/** A box to type in and a list under it: arrows choose, Enter takes. */

import { useEffect, useRef, useState, type ReactNode } from "react";

export interface Choice {
  readonly id: string;
  readonly content: ReactNode;
  readonly isPossible: boolean;
}

export interface ChooserProps {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly choices: readonly Choice[];
  readonly none: string;
  readonly onChoose: (id: string) => void;
}

export function Chooser({ label, text, onText, choices, none, onChoose }: ChooserProps) {
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const chosen = choices[Math.min(at, choices.length - 1)];
  useEffect(() => {
    input.current?.focus();
  }, []);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen?.id]);
  return (
    <div className="chooser">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-expanded
        aria-controls="chooser-list"
        aria-activedescendant={chosen === undefined ? undefined : `chooser-${chosen.id}`}
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => {
          setAt(0);
          onText(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const by = event.key === "ArrowDown" ? 1 : -1;
            setAt((Math.min(at, choices.length - 1) + by + choices.length) % Math.max(choices.length, 1));
          } else if (event.key === "Enter" && chosen?.isPossible === true) {
            event.preventDefault();
            onChoose(chosen.id);
          }
        }}
      />
      {choices.length === 0 && none !== "" && <p className="quiet">{none}</p>}
      <ul role="listbox" id="chooser-list" ref={list} aria-label={label}>
        {choices.map((choice) => (
          <li
            key={choice.id}
            id={`chooser-${choice.id}`}
            role="option"
            aria-selected={choice === chosen}
            aria-disabled={!choice.isPossible}
            onClick={() => {
              if (choice.isPossible) {
                onChoose(choice.id);
              }
            }}
          >
            {choice.content}
          </li>
        ))}
      </ul>
    </div>
  );
}
