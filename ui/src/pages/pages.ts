/** The pages beside the flows: each is loaded when it is first shown. A new page is one line here. */

import { lazy, type ComponentType } from "react";

import type { TextKey } from "../i18n/en.ts";
import type { Role } from "../model/roles.ts";
import type { EditorState } from "../shell/editor_state.ts";
import type { Route } from "../shell/router.ts";

export interface PageProps {
  readonly state: EditorState;
  readonly route: Route;
}

export interface PageOfEditor {
  /** The first word of its address: `#/health`. */
  readonly name: string;
  readonly title: TextKey;
  readonly icon: string;
  /** What it takes to see it; it is not offered to others. */
  readonly role?: Role;
  readonly view: ComponentType<PageProps>;
}

export const PAGES: readonly PageOfEditor[] = [
  { name: "devices", title: "pages.devices", icon: "devices", view: lazy(() => import("./iiot/DevicesPage.tsx")) },
  { name: "profiles", title: "pages.profiles", icon: "profiles", view: lazy(() => import("./iiot/ProfilesPage.tsx")) },
  { name: "commands", title: "pages.commands", icon: "commands", view: lazy(() => import("./iiot/CommandsPage.tsx")) },
  { name: "firmware", title: "pages.firmware", icon: "firmware", view: lazy(() => import("./iiot/FirmwarePage.tsx")) },
  { name: "rollouts", title: "pages.rollouts", icon: "rollouts", view: lazy(() => import("./iiot/RolloutsPage.tsx")) },
  { name: "automation", title: "pages.automation", icon: "automation", view: lazy(() => import("./iiot/AutomationPage.tsx")) },
  { name: "audit", title: "pages.audit", icon: "audit", view: lazy(() => import("./AuditPage.tsx")) },
  { name: "users", title: "pages.users", icon: "users", role: "admin", view: lazy(() => import("./UsersPage.tsx")) },
  { name: "health", title: "pages.health", icon: "health", view: lazy(() => import("./HealthPage.tsx")) },
];
