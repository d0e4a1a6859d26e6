/** What the next deploy would do, asked anew when the flows that it would deploy have changed for a while. */

import { useEffect, useState } from "react";

import type { Preview } from "../api/schema.ts";
import { preview, type Mode } from "../model/deploying.ts";
import type { Project } from "../model/project.ts";

const AFTER = 700;

/** The last preview that was asked for; `null` while nothing would be deployed. */
export function useComing(project: Project, mode: Mode, isChanged: boolean): Preview | null {
  const [coming, setComing] = useState<Preview | null>(null);
  const edited = project.opened().filter((flow) => flow.isFlowChanged);
  // The views are drawn anew for much that changes nothing of a deploy, such as what is chosen.
  const [asked, setAsked] = useState<readonly unknown[]>([]);
  const now = [mode, project.deployed, isChanged, project.resources.all, project.flows, ...edited.map((flow) => flow.sheet.flow)];
  if (now.length !== asked.length || now.some((one, index) => one !== asked[index])) {
    setAsked(now);
  }

  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      if (isChanged) {
        preview(project, mode).then(
          (found) => {
            if (isWanted) {
              setComing(found);
            }
          },
          () => undefined,
        );
      }
    }, AFTER);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [project, mode, isChanged, asked]);
  return isChanged ? coming : null;
}
