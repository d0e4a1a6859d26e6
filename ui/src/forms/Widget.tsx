/** The part of a form for one field, by its kind. */

import { createElement, lazy, Suspense, type ComponentType } from "react";

import { expressionKind, Result } from "./Result.tsx";
import { GroupWidget, ListWidget, MapWidget } from "./widgets/many.tsx";
import { KindsWidget } from "./widgets/kinds.tsx";
import { LinkWidget, NodeWidget, ResourceWidget } from "./widgets/reference.tsx";
import { CheckboxWidget, JsonWidget, NumberWidget, SelectWidget, TextWidget } from "./widgets/simple.tsx";
import { ValueWidget } from "./widgets/value.tsx";
import { shown, type WidgetProps } from "./widgets/widget.ts";

// The code editor is large, and few forms have one.
const CodeWidget = lazy(async () => ({ default: (await import("./widgets/code.tsx")).CodeWidget }));

const WIDGETS: Record<string, ComponentType<WidgetProps>> = {
  text: TextWidget,
  number: NumberWidget,
  checkbox: CheckboxWidget,
  select: SelectWidget,
  json: JsonWidget,
  value: ValueWidget,
  list: ListWidget,
  map: MapWidget,
  group: GroupWidget,
  kinds: KindsWidget,
  resource: ResourceWidget,
  node: NodeWidget,
  link: LinkWidget,
  python: CodeWidget,
  jinja2: CodeWidget,
  jsonata: CodeWidget,
  markdown: CodeWidget,
};

const PLAIN = new Set([
  "duration",
  "json-path",
  "topic",
  "topic-filter",
  "secret",
  "cron",
  "time-zone",
  "route",
  "url",
  "regex",
]);

/** Whether a widget shows what is wrong at the parts that it is made of. */
export function showsOwnProblems(widget: string): boolean {
  return widget === "group" || widget === "list" || widget === "kinds";
}

export function Widget(props: WidgetProps) {
  const name = props.field.widget;
  const chosen = WIDGETS[name] ?? (PLAIN.has(name) ? TextWidget : JsonWidget);
  const content = shown(props);
  const kind = expressionKind(name, content);
  return (
    <>
      <Suspense fallback={<div className="code-field is-loading" aria-busy="true" />}>{createElement(chosen, props)}</Suspense>
      {kind !== undefined && content !== undefined && <Result id={props.id} kind={kind} content={content} />}
    </>
  );
}
