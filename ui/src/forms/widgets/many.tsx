/** Fields that hold other fields: lists, maps by name, groups. */

import { useState } from "react";

import type { Problem } from "../../api/schema.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { isObject, type Json, type JsonObject } from "../../model/json.ts";
import { Icon } from "../../theme/icons.tsx";
import { Fields, Told } from "../Fields.tsx";
import { withinItem } from "../problems.ts";
import {
  alternatives,
  blank,
  fieldOf,
  isOptional,
  textOf,
  variantOf,
  variantsOf,
  type FieldSchema,
} from "../schema.ts";
import { useReadOnly } from "../surroundings.ts";
import { Widget } from "../Widget.tsx";
import { shown, type WidgetProps } from "./widget.ts";

export function ListWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const schema = alternatives(props.field.schema, props.root).find((one) => isObject(one["items"])) ?? props.field.schema;
  const items: FieldSchema = isObject(schema["items"]) ? schema["items"] : {};
  const value = shown(props);
  const list = Array.isArray(value) ? value : [];
  const change = (wanted: Json[]): void => {
    props.onChange(wanted.length === 0 && !props.field.isRequired ? undefined : wanted);
  };
  const first = variantsOf(items, props.root)[0]?.schema ?? items;
  return (
    <div className="list-field" id={props.id} role="group" aria-describedby={props.describedBy}>
      {isReadOnly && list.length === 0 && <None />}
      <ol>
        {list.map((item, index) => (
          // Items have no names of their own: they are known by their places.
          <li key={index} className="list-item">
            <div className="list-item-body">
              <Item
                id={`${props.id}-${index}`}
                name={`${index + 1}`}
                schema={items}
                root={props.root}
                value={item}
                problems={withinItem(props.problems ?? [], index)}
                onChange={(wanted) => {
                  change(list.map((one, place) => (place === index ? (wanted ?? null) : one)));
                }}
              />
            </div>
            {!isReadOnly && <div className="list-item-tools">
              <button
                type="button"
                className="icon-button"
                aria-label={t("form.moveUp", { number: index + 1 })}
                title={t("form.moveUp", { number: index + 1 })}
                disabled={index === 0}
                onClick={() => {
                  change(swapped(list, index - 1));
                }}
              >
                <Icon name="up" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={t("form.remove", { name: index + 1 })}
                title={t("form.remove", { name: index + 1 })}
                onClick={() => {
                  change(list.filter((_, place) => place !== index));
                }}
              >
                <Icon name="trash" />
              </button>
            </div>}
          </li>
        ))}
      </ol>
      {!isReadOnly && (
        <button
          type="button"
          onClick={() => {
            change([...list, blank(first, props.root)]);
          }}
        >
          <Icon name="add" /> {t("form.addItem")}
        </button>
      )}
    </div>
  );
}

export function MapWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const [name, setName] = useState("");
  const schema = alternatives(props.field.schema, props.root).find((one) => isObject(one["additionalProperties"]));
  const items: FieldSchema = isObject(schema?.["additionalProperties"]) ? schema["additionalProperties"] : {};
  const value = shown(props);
  const map: JsonObject = isObject(value) ? value : {};
  const change = (wanted: JsonObject): void => {
    props.onChange(Object.keys(wanted).length === 0 && !props.field.isRequired ? undefined : wanted);
  };
  const add = (): void => {
    if (name.trim() !== "" && !(name.trim() in map)) {
      change({ ...map, [name.trim()]: blank(items, props.root) });
      setName("");
    }
  };
  return (
    <div className="list-field" id={props.id} role="group" aria-describedby={props.describedBy}>
      {isReadOnly && Object.keys(map).length === 0 && <None />}
      {Object.entries(map).map(([key, item]) => (
        <div className="list-item" key={key}>
          <div className="list-item-body">
            <span className="map-key">{key}</span>
            <Item
              id={`${props.id}-${key}`}
              name={key}
              schema={items}
              root={props.root}
              value={item}
              onChange={(wanted) => {
                change({ ...map, [key]: wanted ?? "" });
              }}
            />
          </div>
          {!isReadOnly && <div className="list-item-tools">
            <button
              type="button"
              className="icon-button"
              aria-label={t("form.remove", { name: key })}
              title={t("form.remove", { name: key })}
              onClick={() => {
                change(Object.fromEntries(Object.entries(map).filter(([one]) => one !== key)));
              }}
            >
              <Icon name="trash" />
            </button>
          </div>}
        </div>
      ))}
      {!isReadOnly && <div className="field-row">
        <input
          type="text"
          value={name}
          placeholder={t("form.newName")}
          aria-label={t("form.newName")}
          onChange={(event) => {
            setName(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              add();
            }
          }}
        />
        <button type="button" onClick={add}>
          <Icon name="add" /> {t("form.addItem")}
        </button>
      </div>}
    </div>
  );
}

export function GroupWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const value = shown(props);
  if (isOptional(props.field.schema) && !isObject(value)) {
    const kind = alternatives(props.field.schema, props.root)[0] ?? {};
    return isReadOnly ? (
      <None />
    ) : (
      <button
        type="button"
        id={props.id}
        onClick={() => {
          props.onChange(blank(kind, props.root));
        }}
      >
        <Icon name="add" /> {t("form.set", { name: props.field.title })}
      </button>
    );
  }
  return (
    <div className="group-field" id={props.id} role="group" aria-describedby={props.describedBy}>
      <Variants
        id={props.id}
        schema={props.field.schema}
        root={props.root}
        value={value}
        problems={props.problems ?? []}
        isTold
        onChange={props.onChange}
      />
      {isOptional(props.field.schema) && !isReadOnly && (
        <button
          type="button"
          onClick={() => {
            props.onChange(undefined);
          }}
        >
          <Icon name="trash" /> {t("form.unset")}
        </button>
      )}
    </div>
  );
}

/** What a form that is only read says where nothing is set. */
function None() {
  const { t } = useTexts();
  return <span className="quiet">{t("form.leftOut")}</span>;
}

interface ItemProps {
  readonly id: string;
  readonly name: string;
  readonly schema: FieldSchema;
  readonly root: JsonObject;
  readonly value: Json | undefined;
  readonly problems?: readonly Problem[];
  readonly onChange: (value: Json | undefined) => void;
}

/** One item of a list or a map: an object with fields of its own, or one value. */
function Item(props: ItemProps) {
  if (variantsOf(props.schema, props.root).length > 0) {
    return <Variants {...props} />;
  }
  const problems = props.problems ?? [];
  return (
    <>
      <Widget
        id={props.id}
        field={fieldOf(props.name, props.schema, props.root, true)}
        root={props.root}
        value={props.value}
        describedBy=""
        isInvalid={problems.some((problem) => problem.severity !== "warning")}
        onChange={props.onChange}
      />
      <Told problems={problems} />
    </>
  );
}

interface VariantsProps extends Omit<ItemProps, "name"> {
  /** Whether it is said what the chosen kind is for. */
  readonly isTold?: boolean;
}

export function Variants({ id, schema, root, value, problems = [], isTold = false, onChange }: VariantsProps) {
  const isReadOnly = useReadOnly();
  const { t } = useTexts();
  const variants = variantsOf(schema, root);
  const chosen = variantOf(value, variants);
  const variant = variants[chosen];
  return (
    <>
      {variants.length > 1 && (
        <select
          disabled={isReadOnly}
          aria-label={t("form.kind")}
          value={chosen}
          onChange={(event) => {
            const wanted = variants[Number(event.target.value)];
            if (wanted !== undefined) {
              onChange(carried(value, blank(wanted.schema, root), wanted.schema));
            }
          }}
        >
          {chosen < 0 && <option value={-1} />}
          {variants.map((one, index) => (
            <option key={index} value={index}>
              {one.label}
            </option>
          ))}
        </select>
      )}
      {variants.length > 1 && variant !== undefined && isTold && (
        <p className="field-about">{textOf(variant.schema["description"])}</p>
      )}
      {variant === undefined && <Told problems={problems} />}
      {variant !== undefined && (
        <Fields
          prefix={id}
          schema={variant.schema}
          root={root}
          value={isObject(value) ? value : {}}
          problems={problems}
          isNested
          onChange={onChange}
        />
      )}
    </>
  );
}

/** A new kind of object that keeps what both kinds have. */
function carried(before: Json | undefined, after: Json, schema: FieldSchema): Json {
  if (!isObject(before) || !isObject(after) || !isObject(schema["properties"])) {
    return after;
  }
  const known = schema["properties"];
  const kept = Object.entries(before).filter(([name]) => {
    const field = known[name];
    return isObject(field) && field["const"] === undefined;
  });
  return { ...after, ...Object.fromEntries(kept) };
}

function swapped(list: readonly Json[], index: number): Json[] {
  const moved = [...list];
  const [one, other] = [moved[index], moved[index + 1]];
  if (one !== undefined && other !== undefined) {
    moved[index] = other;
    moved[index + 1] = one;
  }
  return moved;
}
