/** What the pages of devices, commands and firmware are put together from. */

import "../../forms/forms.css";
import "./iiot.css";

import { useId, type ReactNode } from "react";

import type { TextKey } from "../../i18n/en.ts";
import { useTexts } from "../../i18n/texts.tsx";

export interface Column<Row> {
  readonly title: TextKey;
  readonly cell: (row: Row) => ReactNode;
}

export interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly idOf: (row: Row) => string;
  /** What is said where there are none. */
  readonly none: string;
}

export function Table<Row>({ label, columns, rows, idOf, none }: TableProps<Row>) {
  const { t } = useTexts();
  if (rows?.length === 0) {
    return <p className="quiet table-none">{none}</p>;
  }
  return (
    <div className="table-frame">
      <table className="table" aria-label={label} aria-busy={rows === undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col">
                {t(column.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows?.map((row) => (
            <tr key={idOf(row)} data-id={idOf(row)}>
              {columns.map((column) => (
                <td key={column.title}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The state of a command, an update or a rollout, by the colour of what it means. */
export function State({ name, of: kind }: { name: string; of: "command" | "update" | "rollout" | "lifecycle" }) {
  const { t } = useTexts();
  return <span className={`chip is-${toneOf(name)}`}>{t(`${kind}.${name}` as TextKey)}</span>;
}

const GOOD = new Set(["succeeded", "finished", "active"]);
const BAD = new Set(["failed", "timed_out", "rolled_back", "expired", "unknown", "retired"]);
const RESTING = new Set(["cancelled", "superseded", "draft"]);
const WARNING = new Set(["paused", "suspended"]);

function toneOf(name: string): string {
  return GOOD.has(name) ? "good" : BAD.has(name) ? "bad" : RESTING.has(name) ? "resting" : WARNING.has(name) ? "warning" : "busy";
}

const SHORTEST_PASSWORD = 10;

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly about?: string;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  /** Whether it takes the keyboard as soon as it is there. */
  readonly isFirst?: boolean;
  /** Whether it is a password: the one that somebody has, or one that is made up. */
  readonly password?: "current" | "new";
  readonly suggestions?: readonly string[];
  readonly onChange: (value: string) => void;
}

export function TextField({ label, value, about, isRequired = false, isDisabled = false, isFirst = false, password, suggestions, onChange }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {isRequired && <span aria-hidden="true"> *</span>}
      </label>
      <input
        id={id}
        type={password === undefined ? "text" : "password"}
        autoComplete={password === undefined ? undefined : `${password}-password`}
        minLength={password === "new" ? SHORTEST_PASSWORD : undefined}
        value={value}
        required={isRequired}
        disabled={isDisabled}
        autoFocus={isFirst}
        list={suggestions === undefined ? undefined : `${id}-list`}
        aria-describedby={about === undefined ? undefined : `${id}-about`}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
      {suggestions !== undefined && (
        <datalist id={`${id}-list`}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {about !== undefined && (
        <p className="field-about" id={`${id}-about`}>
          {about}
        </p>
      )}
    </div>
  );
}

export interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly isRequired?: boolean;
  readonly isInline?: boolean;
  /** Whether it takes the keyboard as soon as it is there. */
  readonly isFirst?: boolean;
  readonly onChange: (value: string) => void;
}

export function Choice({ label, value, options, isRequired = false, isInline = false, isFirst = false, onChange }: ChoiceProps) {
  const id = useId();
  const select = (
    <select
      id={id}
      aria-label={isInline ? label : undefined}
      value={value}
      required={isRequired}
      autoFocus={isFirst}
      onChange={(event) => {
        onChange(event.target.value);
      }}
    >
      {options.map((one) => (
        <option key={one.value} value={one.value}>
          {one.text}
        </option>
      ))}
    </select>
  );
  return isInline ? (
    select
  ) : (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {isRequired && <span aria-hidden="true"> *</span>}
      </label>
      {select}
    </div>
  );
}

export interface PagerProps {
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly about?: string;
  readonly onPrevious: () => void;
  readonly onNext: () => void;
}

export function Pager({ hasPrevious, hasNext, about = "", onPrevious, onNext }: PagerProps) {
  const { t } = useTexts();
  return (
    <nav className="pager" aria-label={t("devices.pages")}>
      <span className="quiet" role="status">
        {about}
      </span>
      <span className="spread" />
      <button type="button" disabled={!hasPrevious} onClick={onPrevious}>
        {t("devices.previous")}
      </button>
      <button type="button" disabled={!hasNext} onClick={onNext}>
        {t("devices.next")}
      </button>
    </nav>
  );
}
