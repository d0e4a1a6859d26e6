import { Questions } from "../model/questions.ts";

/** Questions to whoever sits before this page. */
export const ASKING = new Questions();
