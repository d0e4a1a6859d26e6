import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "src/api/schema.ts"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  hooks.configs.flat.recommended,
  {
    rules: {
      // Names from outside are written as such; the compiler asks for it too (noPropertyAccessFromIndexSignature).
      "@typescript-eslint/dot-notation": "off",
      // What is taken out of an object so that the rest is left.
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      // Numbers in sentences and class names are meant.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An event handler may start work that it does not wait for.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    // The model knows nothing of the page that shows it.
    files: ["src/model/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "^(react|@xyflow|\\.\\./(?!api/schema\\.ts))" }] }],
      "no-restricted-globals": ["error", "window", "document", "localStorage", "fetch"],
    },
  },
  {
    // Only the canvas knows the canvas library.
    files: ["src/**"],
    ignores: ["src/canvas/**", "src/model/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@xyflow/*"] }] },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
