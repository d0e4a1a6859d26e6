/** A JSON value that unfolds; values and the paths to them can be copied. */

import { useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { isObject, type Json, type Path } from "../model/json.ts";
import { pathText, preview } from "../model/json_path.ts";
import { Icon } from "../theme/icons.tsx";

const MOST = 100;
const OPEN_DEPTH = 2;

export interface ValueTreeProps {
  readonly value: Json;
  /** Path of the value itself, as settings write it. */
  readonly root?: string;
  /** Paths, as texts, that are shown as changed. */
  readonly changed?: ReadonlySet<string>;
  /** Pins a place in the value. */
  readonly onPin?: ((path: Path) => void) | undefined;
}

export function ValueTree({ value, root = "$", changed, onPin }: ValueTreeProps) {
  return (
    <div className="value-tree">
      <Branch name={root} value={value} path={[]} root={root} changed={changed ?? NONE} onPin={onPin} />
    </div>
  );
}

const NONE: ReadonlySet<string> = new Set();

interface BranchProps {
  readonly name: string;
  readonly value: Json;
  readonly path: Path;
  readonly root: string;
  readonly changed: ReadonlySet<string>;
  readonly onPin: ((path: Path) => void) | undefined;
}

function Branch({ name, value, path, root, changed, onPin }: BranchProps) {
  const { t } = useTexts();
  const entries = entriesOf(value);
  const [isOpen, setOpen] = useState(path.length < OPEN_DEPTH);
  const [most, setMost] = useState(MOST);
  const text = pathText(path, root);
  return (
    <div className="value-branch">
      <div className={changed.has(text) ? "value-line is-changed" : "value-line"}>
        {entries.length > 0 ? (
          <button
            type="button"
            className="value-fold"
            aria-expanded={isOpen}
            aria-label={t("tree.open", { name })}
            onClick={() => {
              setOpen(!isOpen);
            }}
          >
            {isOpen ? "▾" : "▸"}
          </button>
        ) : (
          <span className="value-fold" />
        )}
        <span className="value-name">{name}</span>
        <span className={`value-text is-${kindOf(value)}`}>{textOf(value, isOpen && entries.length > 0)}</span>
        <CopyButton label={t("tree.copyValue")} icon="copy" text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} />
        <CopyButton label={t("tree.copyPath", { path: text })} icon="path" text={text} />
        {onPin !== undefined && (
          <button
            type="button"
            className="value-copy"
            aria-label={t("debug.pin", { path: text })}
            title={t("debug.pin", { path: text })}
            onClick={() => {
              onPin(path);
            }}
          >
            <Icon name="pin" />
          </button>
        )}
      </div>
      {isOpen && entries.length > 0 && (
        <div className="value-inner">
          {entries.slice(0, most).map(([key, inner]) => (
            <Branch key={key} name={String(key)} value={inner} path={[...path, key]} root={root} changed={changed} onPin={onPin} />
          ))}
          {entries.length > most && (
            <button
              type="button"
              className="value-more"
              onClick={() => {
                setMost(most + 10 * MOST);
              }}
            >
              {t("tree.more", { count: entries.length - most })}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

export function CopyButton({ label, icon, text }: { label: string; icon: string; text: string }) {
  const { t } = useTexts();
  const [isDone, setDone] = useState(false);
  return (
    <button
      type="button"
      className="value-copy"
      aria-label={label}
      title={isDone ? t("tree.copied") : label}
      onBlur={() => {
        setDone(false);
      }}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setDone(true);
        });
      }}
    >
      {isDone ? <span aria-hidden="true">✓</span> : <Icon name={icon} />}
    </button>
  );
}

function entriesOf(value: Json): [string | number, Json][] {
  if (Array.isArray(value)) {
    return value.map((item, index) => [index, item]);
  }
  return isObject(value) ? Object.entries(value) : [];
}

function kindOf(value: Json): string {
  return value === null ? "null" : typeof value;
}

function textOf(value: Json, isOpen: boolean): string {
  if (Array.isArray(value)) {
    return isOpen ? `[${value.length}]` : preview(value);
  }
  if (isObject(value)) {
    return isOpen ? "" : preview(value);
  }
  return typeof value === "string" ? `"${value}"` : String(value);
}
