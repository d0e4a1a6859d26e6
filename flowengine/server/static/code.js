import { r as __toESM } from "./rolldown-runtime.js";
import { a as EditorView, i as syntaxHighlighting, n as python, o as EditorState, r as HighlightStyle, s as tags, t as basicSetup } from "./vendor-code.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { r as useTexts } from "./texts.js";
import { l as written, u as useReadOnly } from "./index.js";
// src/i18n/code_zh.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** 代码编辑器自身的文本，以其英文为键。 */
var codeZh = {
	"Fold line": "折叠",
	"Unfold line": "展开",
	"Folded lines": "已折叠的行",
	"Unfolded lines": "已展开的行",
	"folded code": "已折叠的代码",
	to: "至",
	unfold: "展开",
	Completions: "补全",
	"Selection deleted": "已删除所选内容",
	Diagnostics: "问题",
	"No diagnostics": "没有问题",
	close: "关闭",
	"Go to line": "转到行",
	go: "转到",
	"current match": "当前匹配",
	"on line": "位于行",
	"replaced $ matches": "已替换 $ 处",
	"replaced match on line $": "已替换第 $ 行的匹配",
	Find: "查找",
	Replace: "替换为",
	all: "全部",
	"by word": "整词",
	"match case": "区分大小写",
	next: "下一个",
	previous: "上一个",
	regexp: "正则表达式",
	replace: "替换",
	"replace all": "全部替换",
	"Control character": "控制字符"
};
// src/forms/widgets/code.tsx
/** Code and templates, in an editor that is loaded on first use. */
var import_jsx_runtime = require_jsx_runtime();
var LOOK = EditorView.theme({
	"&": {
		color: "var(--text)",
		backgroundColor: "var(--surface)"
	},
	".cm-content": { caretColor: "var(--text)" },
	".cm-gutters": {
		color: "var(--quiet)",
		backgroundColor: "var(--ground)",
		borderRight: "1px solid var(--line)"
	},
	".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
	"&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent) !important" },
	".cm-cursor": { borderLeftColor: "var(--text)" }
});
var COLOURS = syntaxHighlighting(HighlightStyle.define([
	{
		tag: tags.keyword,
		color: "var(--sequence)"
	},
	{
		tag: [tags.string, tags.special(tags.string)],
		color: "var(--ok)"
	},
	{
		tag: [
			tags.number,
			tags.bool,
			tags.null
		],
		color: "var(--function)"
	},
	{
		tag: tags.comment,
		color: "var(--quiet)",
		fontStyle: "italic"
	},
	{
		tag: [tags.function(tags.variableName), tags.definition(tags.variableName)],
		color: "var(--network)"
	}
]));
function CodeWidget(props) {
	const isReadOnly = useReadOnly();
	const { language: spoken } = useTexts();
	const place = (0, import_react.useRef)(null);
	const view = (0, import_react.useRef)(null);
	const change = (0, import_react.useRef)(props.onChange);
	const text = written(props.value);
	const language = props.field.widget;
	const label = props.field.title;
	(0, import_react.useEffect)(() => {
		change.current = props.onChange;
	});
	(0, import_react.useEffect)(() => {
		const parent = place.current;
		if (parent === null) return;
		const made = new EditorView({
			parent,
			state: EditorState.create({
				doc: text,
				extensions: [
					LOOK,
					COLOURS,
					basicSetup,
					language === "python" ? python() : [],
					EditorView.lineWrapping,
					EditorState.phrases.of(spoken === "zh" ? codeZh : {}),
					EditorState.readOnly.of(isReadOnly),
					EditorView.contentAttributes.of({
						"aria-label": label,
						"aria-readonly": String(isReadOnly)
					}),
					EditorView.updateListener.of((update) => {
						if (update.docChanged) {
							const typed = update.state.doc.toString();
							change.current(typed === "" ? void 0 : typed);
						}
					})
				]
			})
		});
		view.current = made;
		return () => {
			made.destroy();
			view.current = null;
		};
	}, [
		language,
		label,
		isReadOnly,
		spoken
	]);
	(0, import_react.useEffect)(() => {
		const made = view.current;
		if (made !== null && made.state.doc.toString() !== text) made.dispatch({ changes: {
			from: 0,
			to: made.state.doc.length,
			insert: text
		} });
	}, [text]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "code-field",
		id: props.id,
		ref: place
	});
}
export { CodeWidget };
