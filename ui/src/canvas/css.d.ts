import "react";

declare module "react" {
  /** Tokens of the theme may be given to an element. */
  interface CSSProperties {
    "--tone"?: string;
  }
}
