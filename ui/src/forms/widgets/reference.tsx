/** Fields that refer to something: a config node, a node of the flow, an entrance of a link. */

import { useId } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import { isObject, type Json } from "../../model/json.ts";
import { Icon } from "../../theme/icons.tsx";
import { alternatives } from "../schema.ts";
import { useReadOnly, useSurroundings } from "../surroundings.ts";
import { shown, written, type WidgetProps } from "./widget.ts";

export function ResourceWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const { resources, editResource } = useSurroundings();
  const types = typesOf(props);
  const fitting = resources.filter((one) => types.length === 0 || types.includes(one.type));
  const value = written(shown(props));
  const isKnown = value === "" || fitting.some((one) => one.id === value);
  const isNew = value === "" || !isKnown;
  return (
    <div className="field-row">
      <select
        disabled={isReadOnly}
        id={props.id}
        value={value}
        aria-describedby={props.describedBy}
        aria-invalid={props.isInvalid || !isKnown}
        onChange={(event) => {
          props.onChange(event.target.value === "" ? undefined : event.target.value);
        }}
      >
        <option value="">{t("form.choose")}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {fitting.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name === "" ? one.id : `${one.name} (${one.id})`}
          </option>
        ))}
      </select>
      {!(isReadOnly && isNew) && (
        <button
          type="button"
          onClick={() => {
            editResource(isNew ? null : value, types);
          }}
        >
          {t(isReadOnly ? "form.showResource" : isNew ? "form.newResource" : "form.editResource")}
        </button>
      )}
      <Uses name={value} />
    </div>
  );
}

export function NodeWidget(props: WidgetProps) {
  return <Suggesting {...props} options={useSurroundings().nodes} />;
}

export function LinkWidget(props: WidgetProps) {
  return (
    <div className="field-row">
      <Suggesting {...props} options={useSurroundings().links} />
      <Uses name={written(shown(props))} />
    </div>
  );
}

/** Leads to all nodes that refer to the same. */
function Uses({ name }: { name: string }) {
  const { t } = useTexts();
  const { findUses } = useSurroundings();
  if (findUses === null || name === "") {
    return null;
  }
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={t("form.uses", { name })}
      title={t("form.uses", { name })}
      onClick={() => {
        findUses(name);
      }}
    >
      <Icon name="search" />
    </button>
  );
}

function Suggesting({ options, ...props }: WidgetProps & { options: readonly string[] }) {
  const isReadOnly = useReadOnly();
  const list = useId();
  return (
    <>
      <input
        id={props.id}
        type="text"
        readOnly={isReadOnly}
        list={list}
        value={written(props.value)}
        aria-describedby={props.describedBy}
        aria-invalid={props.isInvalid}
        spellCheck={false}
        onChange={(event) => {
          props.onChange(event.target.value === "" ? undefined : event.target.value);
        }}
      />
      <datalist id={list}>
        {options.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

function typesOf({ field, root }: WidgetProps): string[] {
  const found = [field.schema, ...alternatives(field.schema, root)]
    .map((one): Json | undefined => (isObject(one) ? one["x-resource-types"] : undefined))
    .find(Array.isArray);
  return Array.isArray(found) ? found.map(String) : [];
}
