/** Nodes of all flows by their words; Enter goes there. */

import { useEffect, useMemo, useState } from "react";

import { useTexts } from "../../i18n/texts.tsx";
import type { Flow } from "../../model/document.ts";
import { found } from "../../model/search.ts";
import { NodeIcon } from "../../theme/icons.tsx";
import { Dialog } from "../Dialog.tsx";
import type { Desk } from "../desk.ts";
import type { EditorState } from "../editor_state.ts";
import { go, HOME } from "../router.ts";
import { Chooser } from "./Chooser.tsx";

/** Show a node of any flow: open the flow, choose the node, bring it into view. */
export async function jump(state: EditorState, flow: string, node: string): Promise<void> {
  const opened = await state.show(flow);
  go(HOME, [flow]);
  opened.select(new Set([node]));
  // The canvas of another flow is drawn first.
  await new Promise((done) => setTimeout(done, 60));
  state.desk.canvas?.reveal(node);
}

export function SearchDialog({ state, desk, first }: { state: EditorState; desk: Desk; first: string }) {
  const { t } = useTexts();
  const [text, setText] = useState(first);
  const [flows, setFlows] = useState<readonly Flow[]>([]);
  const { project } = state;
  useEffect(() => {
    void project.documents().then(setFlows);
  }, [project]);
  const hits = useMemo(() => found(flows, text), [flows, text]);
  const names = new Map(flows.map((flow) => [flow.id, flow.name ?? flow.id]));
  return (
    <Dialog
      title={t("search.title")}
      className="is-top is-wide"
      isBare
      onClose={() => {
        desk.close();
      }}
    >
      <Chooser
        label={t("search.placeholder")}
        text={text}
        onText={setText}
        none={text.trim() === "" ? "" : t("search.none")}
        choices={hits.map((hit) => {
          const type = project.types.get(hit.type);
          return {
            id: `${hit.flow}/${hit.node}`,
            isPossible: true,
            content: (
              <>
                <span className="node-icon" data-category={type?.category ?? "unknown"} style={{ background: "var(--tone)" }}>
                  <NodeIcon name={type?.icon ?? ""} category={type?.category ?? ""} />
                </span>
                <span className="chooser-text">
                  {hit.title} {hit.excerpt !== "" && <code>{hit.excerpt}</code>}
                </span>
                <span className="chooser-beside">
                  {type?.label ?? hit.type} · {names.get(hit.flow) ?? hit.flow}
                </span>
              </>
            ),
          };
        })}
        onChoose={(id) => {
          const slash = id.indexOf("/");
          desk.close();
          void jump(state, id.slice(0, slash), id.slice(slash + 1));
        }}
      />
      <p className="quiet">{t("search.filters")}</p>
    </Dialog>
  );
}
