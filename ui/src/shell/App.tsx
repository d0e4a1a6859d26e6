/** The editor: sign-in if the engine asks for it, then flows, canvas and panels. */

import { Suspense, useCallback, useEffect, useRef, useState } from "react";

import { ApiError, Client } from "../api/client.ts";
import { SaidContext } from "../i18n/said.ts";
import { called, useTexts } from "../i18n/texts.tsx";
import { freePlace } from "../model/arrange.ts";
import { isObject } from "../model/json.ts";
import { sentence } from "../model/refusal.ts";
import { PAGES } from "../pages/pages.ts";
import { Icon } from "../theme/icons.tsx";
import * as actions from "./actions.ts";
import { Appearance } from "./Appearance.tsx";
import { Commands } from "./Commands.tsx";
import { DeployControl } from "./DeployControl.tsx";
import { EditorState } from "./editor_state.ts";
import { FlowPage } from "./FlowPage.tsx";
import { Palette } from "./Palette.tsx";
import { AskedNow } from "./QuestionDialog.tsx";
import { Rail } from "./Rail.tsx";
import { go, HOME, replace, routeOf, useRoute } from "./router.ts";
import { SignIn } from "./SignIn.tsx";
import { useMenu } from "./use_menu.ts";
import { UserMenu } from "./UserMenu.tsx";
import { useSignal } from "./use_signal.ts";

export function App() {
  const { language } = useTexts();
  const [state] = useState(() => new EditorState(new Client()));
  const [isReady, setReady] = useState(false);
  const [asks, setAsks] = useState<{ hasUsers: boolean } | null>(null);
  const [failure, setFailure] = useState("");

  const begin = useCallback((): void => {
    state
      .start()
      .then(async () => {
        const { page, rest } = routeOf(location.hash);
        const first = state.project.flows.find((flow) => flow.id === rest[0]) ?? state.project.flows[0];
        if (first !== undefined) {
          await state.show(first.id);
          if (page === HOME) {
            replace(HOME, [first.id]);
          }
        }
        setReady(true);
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 401) {
          setAsks({ hasUsers: hasUsers(error) });
        } else {
          setFailure(sentence(error));
        }
      });
  }, [state]);

  useEffect(() => {
    state.speak(language);
  }, [state, language]);
  useEffect(begin, [begin]);

  if (isReady) {
    return <Editor state={state} />;
  }
  if (asks !== null) {
    return <SignIn client={state.client} hasUsers={asks.hasUsers} onSignedIn={begin} />;
  }
  return <p className="quiet starting">{failure}</p>;
}

function hasUsers(error: ApiError): boolean {
  return isObject(error.detail) && error.detail["users"] === true;
}

function Editor({ state }: { state: EditorState }) {
  const { t } = useTexts();
  const { project } = state;
  useSignal(project.changed);
  useSignal(state.connection);
  useSignal(state.session);
  useSignal(state.spoken);
  useSignal(state.desk.noticed);
  const mayEdit = state.may("editor");
  const flow = project.current;

  const route = useRoute();
  const page = PAGES.find((one) => one.name === route.page);
  const menu = useMenu();
  const wanted = page === undefined ? route.rest[0] : undefined;

  useEffect(() => {
    if (wanted !== undefined && project.current?.id !== wanted && [...project.flows, ...project.opened()].some((one) => one.id === wanted)) {
      void state.show(wanted);
    }
  }, [state, project, wanted]);

  useEffect(() => {
    if (flow !== null && page === undefined) {
      document.title = `${flow.sheet.flow.name ?? flow.id} · flowengine`;
    }
  }, [flow, page]);

  const deploying = useRef<{ deploy: () => void }>(null);
  const say = useCallback((notice: string): void => {
    state.desk.say(notice);
  }, [state]);
  const deploy = useCallback((): void => {
    deploying.current?.deploy();
  }, []);

  return (
    <SaidContext value={state.texts}>
    <div className={menu.isOpen ? "editor is-menu-open" : "editor"} data-role={state.who.role}>
      <header className="bar">
        <button
          type="button"
          className="icon-button menu-button"
          aria-label={t("menu.open")}
          title={t("menu.open")}
          aria-expanded={menu.isOpen}
          onClick={menu.toggle}
        >
          <Icon name="menu" />
        </button>
        <strong className="brand">flowengine</strong>
        <span className={state.isConnected ? "connection is-up" : "connection is-down"} role="status">
          {state.isConnected ? t("app.connected") : t("app.disconnected")}
        </span>
        <span className="notice" role="status">
          {state.desk.notice}
        </span>
        <span className="spread" />
        {page === undefined && (
          <>
            <button
              data-needs="editor"
              type="button"
              className="icon-button"
              title={t("edit.undo")}
              aria-label={t("edit.undo")}
              disabled={flow?.history.canUndo !== true}
              onClick={() => flow?.history.undo()}
            >
              <Icon name="undo" />
            </button>
            <button
              data-needs="editor"
              type="button"
              className="icon-button"
              title={t("edit.redo")}
              aria-label={t("edit.redo")}
              disabled={flow?.history.canRedo !== true}
              onClick={() => flow?.history.redo()}
            >
              <Icon name="redo" />
            </button>
          </>
        )}
        <Appearance />
        <UserMenu state={state} />
        <DeployControl state={state} onNotice={say} handle={deploying} />
      </header>
      {state.isSignedOut && (
        <div className="sign-in-again">
          <SignIn
            client={state.client}
            hasUsers
            reason={t("signin.ended")}
            onSignedIn={() => {
              void state.meet();
            }}
          />
        </div>
      )}
      <Rail state={state} page={page?.name ?? HOME} flow={flow?.id} />
      {page !== undefined && (
        <Suspense fallback={<main className="page" aria-busy />}>
          <page.view state={state} route={route} />
        </Suspense>
      )}
      {page === undefined && <div className="sidebar">
        <nav className="flows" aria-label={t("flows.title")}>
          <h2>
            {t("flows.title")}
            {mayEdit && <button
              type="button"
              className="icon-button"
              aria-label={t("flows.new")}
              title={t("flows.new")}
              onClick={() => {
                state.desk.open({ kind: "new-flow" });
              }}
            >
              <Icon name="add" />
            </button>}
          </h2>
          <ul>
            {project.flows.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  aria-current={one.id === flow?.id}
                  onClick={() => {
                    go(HOME, [one.id]);
                  }}
                >
                  <span
                    className={`state is-${one.state}`}
                    role="img"
                    aria-label={called(t, "flowState", one.state)}
                    title={called(t, "flowState", one.state)}
                  />
                  {one.name || one.id}
                  {one.changed && <span className="quiet"> {t("flows.changed")}</span>}
                </button>
              </li>
            ))}
          </ul>
          {project.flows.length === 0 && <p className="quiet">{t("flows.none")}</p>}
        </nav>
        {mayEdit && <Palette
          palette={project.palette}
          onAdd={(type) => {
            menu.close();
            const found = project.types.get(type);
            if (flow !== null && found !== undefined) {
              const place = state.desk.canvas?.middle().place ?? { x: 40, y: 40 };
              actions.addNode(flow, found, freePlace(Object.values(flow.sheet.layout.nodes ?? {}), place), t);
            }
          }}
        />}
      </div>}
      <Commands state={state} deploy={deploy} />
      <AskedNow />
      {flow !== null && page === undefined && <FlowPage state={state} flow={flow} key={flow.id} />}
      {flow === null && page === undefined && (
        <main className="page no-flow" aria-label={t("flows.title")}>
          <p className="quiet">{t("flows.begin")}</p>
          {mayEdit && <button
            type="button"
            className="primary"
            onClick={() => {
              state.desk.open({ kind: "new-flow" });
            }}
          >
            <Icon name="add" /> {t("flows.new")}
          </button>}
        </main>
      )}
    </div>
    </SaidContext>
  );
}
