/** The flows that are open, each in a tab: middle click closes, a drag changes the order. */

import "./tabs.css";

import { useState } from "react";

import { useTexts } from "../i18n/texts.tsx";
import { Icon } from "../theme/icons.tsx";
import type { EditorState } from "./editor_state.ts";
import { go, HOME } from "./router.ts";

const DRAGGED_TAB = "application/x-flowengine-tab";

export function FlowTabs({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { project, desk } = state;
  const [over, setOver] = useState("");
  const tabs = project.opened();
  const close = (id: string): void => {
    project.close(id);
    go(HOME, project.current === null ? [] : [project.current.id]);
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label={t("tabs.title")} style={{ display: "contents" }}>
        {tabs.map((one) => {
          const name = one.sheet.flow.name ?? one.id;
          const isCurrent = one === project.current;
          return (
            <div
              key={one.id}
              role="presentation"
              className={[
                "tab",
                isCurrent ? "is-current" : "",
                one.sheet.flow.disabled === true ? "is-disabled" : "",
                over === one.id ? "is-over" : "",
              ].join(" ")}
              draggable
              onDragStart={(event) => {
                event.dataTransfer.setData(DRAGGED_TAB, one.id);
              }}
              onDragOver={(event) => {
                if (event.dataTransfer.types.includes(DRAGGED_TAB)) {
                  event.preventDefault();
                  setOver(one.id);
                }
              }}
              onDragLeave={() => {
                setOver("");
              }}
              onDrop={(event) => {
                setOver("");
                project.moveTab(event.dataTransfer.getData(DRAGGED_TAB), one.id);
              }}
              onAuxClick={(event) => {
                if (event.button === 1) {
                  close(one.id);
                }
              }}
            >
              <button
                type="button"
                role="tab"
                aria-selected={isCurrent}
                tabIndex={isCurrent ? 0 : -1}
                title={name}
                onClick={() => {
                  go(HOME, [one.id]);
                }}
                onDoubleClick={() => {
                  desk.open({ kind: "rename-flow" });
                }}
                onKeyDown={(event) => {
                  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                  const next = by === 0 ? undefined : tabs.at((tabs.indexOf(one) + by) % tabs.length);
                  if (next !== undefined) {
                    event.preventDefault();
                    event.stopPropagation();
                    go(HOME, [next.id]);
                    const list = event.currentTarget.closest(".tabs");
                    list?.querySelectorAll<HTMLElement>("[role=tab]")[tabs.indexOf(next)]?.focus();
                  } else if (event.key === "Delete") {
                    event.stopPropagation();
                    close(one.id);
                  }
                }}
              >
                {(one.isFlowChanged || one.isLayoutChanged) && (
                  <span className="tab-mark" role="img" aria-label={t("flows.changed")} title={t("flows.changed")} />
                )}
                {name}
              </button>
              <button
                type="button"
                className="icon-button"
                // For the pointer: keys close a tab with Delete, and a list of tabs holds nothing but tabs.
                tabIndex={-1}
                aria-hidden
                title={t("tabs.close", { name })}
                onClick={() => {
                  close(one.id);
                }}
              >
                <Icon name="close" />
              </button>
            </div>
          );
        })}
      </div>
      {!project.isReadOnly && <button
        type="button"
        className="icon-button"
        aria-label={t("flows.new")}
        title={t("flows.new")}
        onClick={() => {
          desk.open({ kind: "new-flow" });
        }}
      >
        <Icon name="add" />
      </button>}
    </div>
  );
}
