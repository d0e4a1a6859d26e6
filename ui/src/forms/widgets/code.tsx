/** Code and templates, in an editor that is loaded on first use. */

import { python } from "@codemirror/lang-python";
import { EditorState } from "@codemirror/state";
import { basicSetup, EditorView } from "codemirror";
import { useEffect, useRef } from "react";

import { written, type WidgetProps } from "./widget.ts";

export function CodeWidget(props: WidgetProps) {
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
          basicSetup,
          language === "python" ? python() : [],
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
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
  }, [language, label]);

  useEffect(() => {
    const made = view.current;
    if (made !== null && made.state.doc.toString() !== text) {
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } });
    }
  }, [text]);

  return <div className="code-field" id={props.id} ref={place} />;
}
