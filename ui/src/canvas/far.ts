import { createContext } from "react";

/** Whether the flow is drawn so small that nodes are plain boxes. */
export const FarContext = createContext(false);
