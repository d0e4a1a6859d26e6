import "./theme/theme.css";

import { createRoot } from "react-dom/client";

import { TextsProvider } from "./i18n/texts.tsx";
import { App } from "./shell/App.tsx";
import { applyTheme } from "./theme/theme.ts";

applyTheme();
const root = document.getElementById("app");
if (root !== null) {
  createRoot(root).render(
    <TextsProvider>
      <App />
    </TextsProvider>,
  );
}
