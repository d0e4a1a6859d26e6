/** Code and templates, in an editor that is loaded on first use. */

import { python } from "@codemirror/lang-python";
import { EditorState } from "@codemirror/state";
import { basicSetup, EditorView } from "codemirror";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

import { codeZh } from "../../i18n/code_zh.ts";
import { useTexts } from "../../i18n/texts.tsx";
import { useReadOnly } from "../surroundings.ts";
import { written, type WidgetProps } from "./widget.ts";

// The page's own colours, so that code follows the theme.
const LOOK = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-gutters": { color: "var(--quiet)", backgroundColor: "var(--ground)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)",
  },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent) !important",
  },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
});
const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: "var(--sequence)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--ok)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--function)" },
    { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
    { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: "var(--network)" },
  ]),
);

export function CodeWidget(props: WidgetProps) {
  const isReadOnly = useReadOnly();
  const { language: spoken } = useTexts();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(props.onChange);
  const text = written(props.value);
  const language = props.field.widget;
  const label = props.field.title;

  useEffect(() => {
    change.current = props.onChange;
  });

  useEffect(() => {
    const parent = place.current;
    if (parent === null) {
      return undefined;
    }
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          LOOK,
          COLOURS,
          basicSetup,
          language === "python" ? python() : [],
          EditorView.lineWrapping,
          EditorState.phrases.of(spoken === "zh" ? codeZh : {}),
          // Read-only text can still be reached with the keyboard, chosen and copied.
          EditorState.readOnly.of(isReadOnly),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": String(isReadOnly) }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              const typed = update.state.doc.toString();
              change.current(typed === "" ? undefined : typed);
            }
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
    // The editor keeps its text itself; what comes from elsewhere is taken over below.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- as said above
  }, [language, label, isReadOnly, spoken]);

  useEffect(() => {
    const made = view.current;
    if (made !== null && made.state.doc.toString() !== text) {
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } });
    }
  }, [text]);

  return <div className="code-field" id={props.id} ref={place} />;
}
