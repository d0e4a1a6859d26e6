import { r as __toESM } from "./rolldown-runtime.js";
import { n as called, r as useTexts } from "./texts.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { D as difference, F as nodesOf, I as parseEndpoint, L as useSaid, O as useSignal, _ as rootOf, a as ValueTree, b as drawnNode, g as pinName, h as newestAt, m as useSlowSignal, n as ASKING, o as clockTime, r as Chart, s as duration, v as pathText, x as filtered, y as preview } from "./index.js";
import { t as Icon } from "./icons.js";
import { i as withValue, t as isObject } from "./json.js";
import { t as sentence } from "./refusal.js";
// src/panels/Pinned.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** The newest values at pinned places, above the messages. */
var import_jsx_runtime = require_jsx_runtime();
function Pinned({ pins, entries }) {
	const { t } = useTexts();
	useSignal(pins.changed);
	return pins.all.length === 0 ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
		className: "pinned",
		"aria-label": t("debug.pinned"),
		children: pins.all.map((pin) => {
			const newest = newestAt(pin, entries);
			const path = pathText(pin.path, pin.root);
			return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
				title: newest === void 0 ? void 0 : clockTime(newest.at),
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "pinned-node",
						children: pin.node
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: path }),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: newest === void 0 ? "–" : preview(newest.value, 80) }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "icon-button",
						"aria-label": `${t("debug.unpin")} ${pin.node} ${path}`,
						title: t("debug.unpin"),
						onClick: () => {
							pins.turn(pin);
						},
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Icon, { name: "close" })
					})
				]
			}, pinName(pin));
		})
	});
}
// src/panels/WindowedList.tsx
/** A list of any length, of which only the rows on the screen are drawn; arrow keys choose. */
var ROW = 26;
var BEYOND = 6;
function WindowedList(props) {
	const { items, keyOf, chosen, onChoose, follows = false } = props;
	const box = (0, import_react.useRef)(null);
	const atEnd = (0, import_react.useRef)(true);
	const id = (0, import_react.useId)();
	const [view, setView] = (0, import_react.useState)({
		top: 0,
		height: 400
	});
	(0, import_react.useEffect)(() => {
		const element = box.current;
		if (element === null) return;
		const measure = new ResizeObserver(() => {
			setView({
				top: element.scrollTop,
				height: element.clientHeight
			});
		});
		measure.observe(element);
		return () => {
			measure.disconnect();
		};
	}, []);
	(0, import_react.useEffect)(() => {
		const element = box.current;
		if (follows && atEnd.current && element !== null) element.scrollTop = element.scrollHeight;
	}, [items, follows]);
	const first = Math.max(0, Math.floor(view.top / ROW) - BEYOND);
	const last = Math.min(items.length, Math.ceil((view.top + view.height) / ROW) + BEYOND);
	const at = chosen === null ? -1 : items.findIndex((item) => keyOf(item) === chosen);
	const onKeyDown = (event) => {
		const step = {
			ArrowDown: 1,
			ArrowUp: -1,
			PageDown: 10,
			PageUp: -10,
			Home: -items.length,
			End: items.length
		}[event.key];
		if (step === void 0 || items.length === 0) return;
		event.preventDefault();
		event.stopPropagation();
		const next = Math.min(Math.max(at < 0 ? step > 0 ? 0 : items.length - 1 : at + step, 0), items.length - 1);
		const item = items[next];
		const element = box.current;
		if (item !== void 0 && element !== null) {
			if (next * ROW < element.scrollTop) element.scrollTop = next * ROW;
			else if ((next + 1) * ROW > element.scrollTop + element.clientHeight) element.scrollTop = (next + 1) * ROW - element.clientHeight;
			onChoose(item);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "windowed",
		ref: box,
		role: "listbox",
		tabIndex: 0,
		"aria-label": props.label,
		"aria-activedescendant": at >= first && at < last ? `${id}-${keyOf(items[at])}` : void 0,
		onKeyDown,
		onScroll: (event) => {
			const element = event.currentTarget;
			atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW;
			setView({
				top: element.scrollTop,
				height: element.clientHeight
			});
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			role: "presentation",
			style: {
				height: items.length * ROW,
				position: "relative"
			},
			children: items.slice(first, last).map((item, index) => {
				const key = keyOf(item);
				return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					id: `${id}-${key}`,
					role: "option",
					"aria-selected": key === chosen,
					className: `windowed-row ${props.rowClass?.(item) ?? ""}`,
					style: {
						top: (first + index) * ROW,
						height: ROW
					},
					onClick: () => {
						onChoose(item);
					},
					children: props.row(item)
				}, key);
			})
		})
	});
}
// src/panels/DebugPanel.tsx
/** What debug nodes show, and errors: filtered, paused, looked into. The log is the same list of everything else. */
function DebugPanel({ flow, show, log, none, pins }) {
	const { t } = useTexts();
	const said = useSaid();
	const version = useSlowSignal(log.changed);
	const [ofFlow, setOfFlow] = (0, import_react.useState)(false);
	const [isChosen, setChosen] = (0, import_react.useState)(false);
	const [level, setLevel] = (0, import_react.useState)(null);
	const [text, setText] = (0, import_react.useState)("");
	const [picked, setPicked] = (0, import_react.useState)(null);
	const nodes = isChosen && flow.selection.size > 0 ? flow.selection : null;
	const entries = (0, import_react.useMemo)(() => filtered(log.entries, {
		flow: ofFlow || nodes !== null ? flow.id : null,
		nodes,
		level,
		text
	}), [
		log,
		version,
		ofFlow,
		nodes,
		level,
		text,
		flow.id
	]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "search",
						"aria-label": t("debug.search"),
						placeholder: t("debug.search"),
						value: text,
						onChange: (event) => {
							setText(event.target.value);
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
						"aria-label": t("debug.flow"),
						value: ofFlow ? "this" : "",
						onChange: (event) => {
							setOfFlow(event.target.value === "this");
						},
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
							value: "",
							children: t("debug.flowAll")
						}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
							value: "this",
							children: t("debug.flowThis")
						})]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
						"aria-label": t("debug.level"),
						value: level ?? "",
						onChange: (event) => {
							setLevel(event.target.value === "" ? null : event.target.value);
						},
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: "",
								children: t("level.all")
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: "info",
								children: t("level.info")
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: "warning",
								children: t("level.warning")
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: "error",
								children: t("level.error")
							})
						]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
						className: "panel-check",
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
							type: "checkbox",
							checked: isChosen,
							onChange: (event) => {
								setChosen(event.target.checked);
							}
						}), t("debug.chosen")]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					log.missed > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "quiet",
						children: t("debug.left", { count: log.missed })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						"aria-pressed": log.isPaused,
						onClick: () => {
							if (log.isPaused) log.resume();
							else log.pause();
						},
						children: log.isPaused ? log.behind > 0 ? t("debug.behind", { count: log.behind }) : t("debug.resume") : t("debug.pause")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => {
							setPicked(null);
							log.clear();
						},
						children: t("debug.clear")
					})
				]
			}),
			pins !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pinned, {
				pins,
				entries: log.entries
			}),
			entries.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet panel-none",
				children: log.entries.length === 0 ? none : t("debug.noneFits")
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "split",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WindowedList, {
					items: entries,
					label: t("debug.entries"),
					keyOf: numberOf,
					chosen: picked?.number ?? null,
					onChoose: (entry) => {
						setPicked(entry);
						if (entry.flow === flow.id && entry.node !== "") show(entry.flow, entry.node);
					},
					rowClass: (entry) => `is-${entry.level}`,
					row: (entry) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", { children: clockTime(entry.at) }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-node",
							children: entry.flow === flow.id || entry.flow === "" ? entry.node : `${entry.flow} › ${entry.node}`
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-text",
							children: lineOf(entry, t, said)
						})
					] }),
					follows: true
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(EntryDetail, {
					entry: picked,
					show,
					pins
				})]
			})
		]
	});
}
function EntryDetail({ entry, show, pins }) {
	const { t } = useTexts();
	const said = useSaid();
	if (entry === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet split-detail",
		children: t("debug.pick")
	});
	const { data } = entry;
	const skipped = Number(data["skipped"] ?? 0);
	const message = data["message_id"];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "split-detail",
		"aria-label": lineOf(entry, t, said),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "detail-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: entry.node || called(t, "event", entry.kind) }),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "quiet",
						children: clockTime(entry.at)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					entry.node !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => {
							show(entry.flow, entry.node);
						},
						children: t("debug.goto")
					}),
					typeof message === "string" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => {
							show(entry.flow, entry.node, message);
						},
						children: t("debug.trace")
					})
				]
			}),
			skipped > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("debug.skipped", { count: skipped })
			}),
			entry.kind === "debug" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, {
				value: data["value"] ?? null,
				root: rootOf(entry),
				onPin: pins === void 0 ? void 0 : (path) => {
					pins.turn({
						flow: entry.flow,
						node: entry.node,
						root: rootOf(entry),
						path
					});
				}
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [entry.level === "error" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "detail-error",
				children: lineOf(entry, t, said)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: data })] })
		]
	}, entry.number);
}
function numberOf(entry) {
	return entry.number;
}
function lineOf(entry, t, said) {
	const { data } = entry;
	switch (entry.kind) {
		case "debug": {
			const value = data["missing"] === true ? t("debug.missing") : preview(data["value"]);
			return data["topic"] == null || data["topic"] === "" ? value : `${preview(data["topic"], 60)}: ${value}`;
		}
		case "error":
		case "broken": return said.say(preview(data["message"], 300));
		case "status": return said.status({
			text: preview(data["text"]),
			is_value: data["is_value"] === true
		});
		case "deploy": return t("log.deploy", { revision: preview(data["revision"]).slice(0, 12) });
		case "files": return t("log.files", { names: [
			data["flows"],
			data["layouts"],
			data["tests"]
		].flat().join(", ") });
		default: return `${called(t, "event", entry.kind)} ${preview(data)}`;
	}
}
// src/panels/FiguresPanel.tsx
/** Small charts of the last minutes: of the flow, and of the chosen nodes. */
var MOST_NODES = 12;
function FiguresPanel({ state, flow }) {
	const { t } = useTexts();
	const { history } = state.watch;
	const nodes = [...flow.selection].slice(0, MOST_NODES);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body figures",
		children: [["", ...nodes].map((node) => {
			const shown = {
				history,
				flow: flow.id,
				line: node
			};
			const title = node === "" ? t("figures.whole") : node;
			return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "figures-row",
				role: "group",
				"aria-label": title,
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", {
						className: "figures-name",
						children: title
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chart, {
						name: t("figures.rate"),
						...shown,
						value: (one) => one.received,
						kind: "rate"
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chart, {
						name: t("figures.errors"),
						...shown,
						value: (one) => one.errors,
						kind: "error"
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chart, {
						name: t(node === "" ? "figures.inFlight" : "figures.waiting"),
						...shown,
						value: (one) => one.waiting,
						kind: "waiting"
					})
				]
			}, node);
		}), nodes.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "quiet panel-none",
			children: t("figures.pick")
		})]
	});
}
// src/panels/JsonEditor.tsx
/** A JSON value as text that can be changed; what is no JSON is said, and not taken. */
function JsonEditor(props) {
	const { t } = useTexts();
	const id = (0, import_react.useId)();
	const [text, setText] = (0, import_react.useState)(() => JSON.stringify(props.value, null, 2));
	const [wrong, setWrong] = (0, import_react.useState)("");
	const take = () => {
		try {
			props.onSave(parsed(text, props.isObject === true));
		} catch (error) {
			setWrong(t(props.isObject === true ? "letters.notJson" : "state.notJson", { reason: String(error) }));
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "json-editor",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
				"aria-label": props.label,
				"aria-invalid": wrong !== "",
				"aria-describedby": wrong === "" ? void 0 : id,
				className: "code",
				rows: 10,
				spellCheck: false,
				value: text,
				onChange: (event) => {
					setText(event.target.value);
					setWrong("");
				}
			}),
			wrong !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				id,
				className: "detail-error",
				children: wrong
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "detail-tools",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "primary",
					onClick: take,
					children: props.save
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: props.onCancel,
					children: t("letters.cancel")
				})]
			})
		]
	});
}
/** Read a text as JSON; throws what is wrong with it. */
function parsed(text, wantsObject) {
	const value = JSON.parse(text);
	if (wantsObject && !isObject(value)) throw new TypeError(text.slice(0, 40));
	return value;
}
// src/panels/Notice.tsx
/** What came of what somebody did here. */
function Notice({ text, isError = false }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: isError ? "panel-notice is-error" : "panel-notice",
		role: "status",
		hidden: text === "",
		children: text
	});
}
// src/panels/use_read.ts
/** Read something from the engine for a panel, and again when asked. */
function useRead(state, path) {
	const [found, setFound] = (0, import_react.useState)(null);
	const [turn, setTurn] = (0, import_react.useState)(0);
	(0, import_react.useEffect)(() => {
		if (path === null) return;
		let isGone = false;
		state.client.get(path).then((value) => {
			if (!isGone) setFound({
				path,
				value,
				failure: ""
			});
		}, (error) => {
			if (!isGone) setFound({
				path,
				value: null,
				failure: sentence(error)
			});
		});
		return () => {
			isGone = true;
		};
	}, [
		state,
		path,
		turn
	]);
	const again = (0, import_react.useCallback)(() => {
		setTurn((before) => before + 1);
	}, []);
	const isThis = found?.path === path;
	return {
		value: isThis ? found.value : null,
		failure: isThis ? found.failure : "",
		again
	};
}
/** Do something that may be refused, and tell what came of it. */
function useTask() {
	const [told, setTold] = (0, import_react.useState)({
		notice: "",
		isError: false
	});
	const run = (work) => {
		work().then((notice) => {
			setTold({
				notice,
				isError: false
			});
		}, (error) => {
			setTold({
				notice: sentence(error),
				isError: true
			});
		});
	};
	return {
		...told,
		run
	};
}
// src/panels/LettersPanel.tsx
/** Dead letters of the flow: looked at, mended, replayed, dropped. */
var PAGE = 100;
var MOST_REPLAYED = 1e3;
function LettersPanel({ state, flow, show }) {
	const { t } = useTexts();
	const said = useSaid();
	const [older, setOlder] = (0, import_react.useState)([]);
	const [next, setNext] = (0, import_react.useState)(null);
	const [picked, setPicked] = (0, import_react.useState)(null);
	const [turn, setTurn] = (0, import_react.useState)(0);
	const task = useTask();
	const { client } = state;
	const path = (before) => {
		const query = new URLSearchParams({
			flow: flow.id,
			limit: String(PAGE),
			size: "200"
		});
		if (before !== void 0) query.set("before", String(before));
		return `/dead-letters?${query.toString()}`;
	};
	const { value, failure, again } = useRead(state, path());
	const letters = [...value?.letters ?? [], ...older];
	const last = older.length > 0 ? next : value?.next ?? null;
	const renew = () => {
		setOlder([]);
		setTurn(turn + 1);
		again();
	};
	const replay = (which) => {
		task.run(async () => {
			const done = await client.post("/dead-letters/replay", which);
			setPicked(null);
			renew();
			return t("letters.replayed", {
				...done,
				refused: done.refused.length
			});
		});
	};
	const drop = (which) => {
		task.run(async () => {
			const done = await client.post("/dead-letters/drop", which);
			setPicked(null);
			renew();
			return t("letters.dropped", { count: done.count });
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "quiet",
						children: value !== null && t("letters.count", { count: value.total })
					}),
					last !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => {
							task.run(async () => {
								const found = await client.get(path(last));
								setOlder([...older, ...found.letters]);
								setNext(found.next);
								return "";
							});
						},
						children: t("letters.more")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					letters.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: () => {
							ASKING.whenSure(t("letters.sureReplayAll"), t("letters.replayAll"), () => {
								replay({
									flow: flow.id,
									limit: MOST_REPLAYED
								});
							});
						},
						children: t("letters.replayAll")
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: () => {
							ASKING.whenSure(t("letters.sureDropAll", { count: value?.total ?? letters.length }), t("letters.dropAll"), () => {
								drop({ flow: flow.id });
							});
						},
						children: t("letters.dropAll")
					})] }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: renew,
						children: t("panel.refresh")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice || failure,
				isError: task.isError || failure !== ""
			}),
			letters.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet panel-none",
				children: t("letters.none")
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "split",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WindowedList, {
					items: letters,
					label: t("letters.list"),
					keyOf: (one) => one.id,
					chosen: picked?.id ?? null,
					onChoose: setPicked,
					row: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", { children: clockTime(one.failed_at) }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-node",
							children: one.node
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-text",
							children: preview(said.say(one.error))
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-quiet",
							children: t("letters.tries", { count: one.attempts })
						})
					] }),
					rowClass: () => "is-error"
				}), picked === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet split-detail",
					children: t("letters.pick")
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Letter, {
					state,
					id: picked.id,
					onShow: () => {
						show(picked.flow, picked.node);
					},
					onReplay: () => {
						replay({ ids: [picked.id] });
					},
					onDrop: () => {
						ASKING.whenSure(t("letters.sureDrop"), t("letters.drop"), () => {
							drop({ ids: [picked.id] });
						});
					}
				}, `${picked.id} ${turn}`)]
			})
		]
	});
}
function Letter({ state, id, onShow, onReplay, onDrop }) {
	const { t } = useTexts();
	const said = useSaid();
	const { value: letter, failure, again } = useRead(state, `/dead-letters/${id}`);
	const [isEdited, setEdited] = (0, import_react.useState)(false);
	const task = useTask();
	if (letter === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet split-detail",
		children: failure || t("panel.loading")
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "split-detail",
		"aria-label": said.say(letter.error),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
				className: "detail-error",
				children: [
					said.say(letter.error),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: letter.code })
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "detail-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: onReplay,
						children: t("letters.replay")
					}),
					letter.message !== null && !isEdited && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: () => {
							setEdited(true);
						},
						children: t("letters.edit")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: onDrop,
						children: t("letters.drop")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: onShow,
						children: t("debug.goto")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice,
				isError: task.isError
			}),
			isEdited && letter.message !== null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(JsonEditor, {
				value: letter.message,
				label: t("letters.edit"),
				save: t("letters.save"),
				isObject: true,
				onSave: (message) => {
					task.run(async () => {
						await state.client.put(`/dead-letters/${id}`, { message });
						setEdited(false);
						again();
						return t("letters.saved");
					});
				},
				onCancel: () => {
					setEdited(false);
				}
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: letter.message ?? letter.excerpt }, JSON.stringify(letter.message))
		]
	});
}
// src/panels/OutboxPanel.tsx
/** What waits in the outboxes of the flow's sinks. */
function OutboxPanel({ state, flow }) {
	const { t } = useTexts();
	const [picked, setPicked] = (0, import_react.useState)(null);
	const [turn, setTurn] = (0, import_react.useState)(0);
	const task = useTask();
	const { value, failure, again } = useRead(state, "/outbox");
	const queues = (value?.queues ?? []).filter((one) => one.flow === flow.id);
	const chosen = queues.find((one) => one.node === picked);
	const renew = () => {
		setTurn(turn + 1);
		again();
	};
	const sinkPath = (one) => `/outbox/${encodeURIComponent(one.flow)}/${one.node.split("/").map(encodeURIComponent).join("/")}`;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tools",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: renew,
					children: t("panel.refresh")
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice || failure,
				isError: task.isError || failure !== ""
			}),
			queues.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet panel-none",
				children: t("outbox.none")
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "split",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WindowedList, {
					items: queues,
					label: t("outbox.list"),
					keyOf: (one) => one.node,
					chosen: picked,
					onChoose: (one) => {
						setPicked(one.node);
					},
					row: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-node",
							children: one.node
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-text",
							children: t("outbox.pending", { count: one.pending })
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "row-quiet",
							children: [
								t("outbox.due", { count: one.due }),
								" · ",
								t("outbox.oldest", { seconds: Math.round(one.oldest) })
							]
						})
					] })
				}), chosen === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet split-detail",
					children: t("outbox.pick")
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
					className: "split-detail",
					"aria-label": t("outbox.messages"),
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
						className: "detail-tools",
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: chosen.node }),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								"data-needs": "operator",
								type: "button",
								onClick: () => {
									task.run(async () => {
										const { count } = await state.client.post(sinkPath(chosen), void 0);
										renew();
										return t("outbox.hastened", { count });
									});
								},
								children: t("outbox.hasten")
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								"data-needs": "admin",
								type: "button",
								onClick: () => {
									ASKING.whenSure(t("outbox.sureDrop", {
										count: chosen.pending,
										node: chosen.node
									}), t("outbox.drop"), () => {
										task.run(async () => {
											const { count } = await state.client.delete(sinkPath(chosen));
											renew();
											return t("outbox.dropped", { count });
										});
									});
								},
								children: t("outbox.drop")
							})
						]
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Waiting, {
						state,
						path: `${sinkPath(chosen)}?limit=100`
					}, `${chosen.node} ${turn}`)]
				})]
			})
		]
	});
}
function Waiting({ state, path }) {
	const { t } = useTexts();
	const said = useSaid();
	const { value } = useRead(state, path);
	const [open, setOpen] = (0, import_react.useState)(null);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
		className: "way",
		children: (value?.messages ?? []).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
			className: one.last_error === "" ? "" : "is-error",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "way-stop",
				"aria-expanded": open === one.id,
				onClick: () => {
					setOpen(open === one.id ? null : one.id);
				},
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", { children: clockTime(one.created_at) }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "row-text",
						children: said.say(one.last_error) || preview(one.message, 100)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "row-quiet",
						children: one.claimed ? t("outbox.claimed") : t("letters.tries", { count: one.attempts })
					})
				]
			}), open === one.id && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "way-inner",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: one.message })
			})]
		}, one.id))
	});
}
// src/panels/StatePanel.tsx
/** What nodes and flows remember: looked at, changed, deleted. */
var ALL = " all";
function StatePanel({ state, flow }) {
	const { t } = useTexts();
	const [scope, setScope] = (0, import_react.useState)("");
	const [picked, setPicked] = (0, import_react.useState)(null);
	const [turn, setTurn] = (0, import_react.useState)(0);
	const task = useTask();
	const whose = scope === ALL ? {} : scope === "" ? { flow: flow.id } : {
		flow: flow.id,
		node: scope
	};
	const ofFlow = useRead(state, `/state?${new URLSearchParams({
		flow: flow.id,
		size: "200"
	}).toString()}`);
	const list = useRead(state, `/state?${new URLSearchParams({
		...whose,
		size: "200"
	}).toString()}`);
	const values = list.value?.values ?? [];
	const renew = () => {
		setTurn(turn + 1);
		ofFlow.again();
		list.again();
	};
	const path = (key) => `/state/value?${new URLSearchParams({
		...whose,
		key
	}).toString()}`;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
						"aria-label": t("state.scope"),
						value: scope,
						onChange: (event) => {
							setScope(event.target.value);
							setPicked(null);
						},
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: "",
								children: t("state.flow")
							}),
							(ofFlow.value?.nodes ?? []).map((node) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: node,
								children: node
							}, node)),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: ALL,
								children: t("state.all")
							})
						]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: renew,
						children: t("panel.refresh")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice || list.failure,
				isError: task.isError || list.failure !== ""
			}),
			values.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet panel-none",
				children: t("state.none")
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "split",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WindowedList, {
					items: values,
					label: t("state.list"),
					keyOf: (one) => one.key,
					chosen: picked,
					onChoose: (one) => {
						setPicked(one.key);
					},
					row: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-node",
							children: one.key
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-text",
							children: preview(one.value)
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-quiet",
							children: t("state.size", { count: one.size })
						})
					] })
				}), picked === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet split-detail",
					children: t("state.pick")
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
					state,
					path: path(picked),
					name: picked,
					onSave: (value) => {
						task.run(async () => {
							await state.client.put(path(picked), { value });
							renew();
							return "";
						});
					},
					onDelete: () => {
						ASKING.whenSure(t("state.sureDelete", { key: picked }), t("state.delete"), () => {
							task.run(async () => {
								await state.client.delete(path(picked));
								setPicked(null);
								renew();
								return "";
							});
						});
					}
				}, `${scope} ${picked} ${turn}`)]
			})
		]
	});
}
function Value({ state, path, name, onSave, onDelete }) {
	const { t } = useTexts();
	const [isEdited, setEdited] = (0, import_react.useState)(false);
	const { value, failure } = useRead(state, path);
	if (value === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet split-detail",
		children: failure || t("panel.loading")
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "split-detail",
		"aria-label": name,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "detail-tools",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: name }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "operator",
					type: "button",
					onClick: () => {
						setEdited(true);
					},
					children: t("state.edit")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "operator",
					type: "button",
					onClick: onDelete,
					children: t("state.delete")
				})
			]
		}), isEdited ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(JsonEditor, {
			value: value.value,
			label: t("state.edit"),
			save: t("state.save"),
			onSave,
			onCancel: () => {
				setEdited(false);
			}
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, {
			value: value.value,
			root: name
		})]
	});
}
// src/model/test_case.ts
/** The cases of a document, as far as they are any. */
function casesOf(document) {
	const cases = isObject(document) ? document["cases"] : void 0;
	return Array.isArray(cases) ? cases.filter((one) => isObject(one) && typeof one["name"] === "string") : [];
}
/** The document with a case added, or put in the place of another of the same name; without cases there is none. */
function withCase(document, name, made) {
	const others = casesOf(document);
	const at = others.findIndex((one) => one.name === name);
	const cases = made === null ? others.filter((one) => one.name !== name) : at < 0 ? [...others, made] : others.map((one, index) => index === at ? made : one);
	if (cases.length === 0) return null;
	return {
		...isObject(document) ? document : {},
		flowengine: 1,
		cases
	};
}
/**
* A case that gives what a traced message was, and expects what came of it.
*
* @param isOutside Whether a node talks to the world: what a test sees there is what the world would have got, which a
* trace does not know; so only that the message came there is expected.
*/
function recordedCase(name, trace, stops, flow, isOutside) {
	const arrivals = stops.filter((stop) => stop.code === "");
	const given = [];
	const ends = {};
	let expect = {};
	for (const stop of arrivals) if (stop.from === null) {
		const as = given.length === 0 ? "message" : `message ${given.length + 1}`;
		given.push({
			into: stop.node,
			message: storable(stop.message),
			as
		});
	} else {
		const type = nodesOf(flow)[stop.node]?.type ?? "";
		const count = arrivals.filter((one) => one.node === stop.node && one.from !== null).length;
		const messages = arrivals.filter((one) => one.node === stop.node && one.from !== null).map((one) => storable(one.message));
		expect = isOutside(type) ? withValue(expect, ["counts", stop.node], count) : withValue(expect, ["messages", stop.node], messages);
	}
	const end = trace.outcome === "settled" || trace.outcome === "" ? "acknowledged" : trace.outcome;
	const failures = stops.filter((stop) => stop.code !== "");
	if (given.length === 1) ends["message"] = failures.length > 0 && trace.outcome === "failed" ? `failed: ${trace.reason}` : end;
	if (Object.keys(ends).length > 0) expect = withValue(expect, ["ends"], ends);
	if (trace.outcome === "failed") {
		const letters = failures.slice(-1).map((stop) => ({
			node: stop.node,
			code: stop.code
		}));
		expect = withValue(expect, ["dead_letters"], letters);
	}
	return {
		name,
		given,
		expect
	};
}
/** A message as a case writes it: bytes that are shown as hexadecimal digits become Base64. */
function storable(value) {
	if (Array.isArray(value)) return value.map(storable);
	if (!isObject(value)) return value;
	const { bytes, hex } = value;
	if (typeof bytes === "number" && typeof hex === "string" && Object.keys(value).length === 2) {
		const pairs = hex.match(/[0-9a-f]{2}/g) ?? [];
		return { $bytes: btoa(pairs.map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join("")) };
	}
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, storable(inner)]));
}
// src/panels/MessageByHand.tsx
/** A message written by hand: sent into a node, or tried without anything happening outside. */
var NAME = "by hand";
function MessageByHand({ state, flow }) {
	const { t } = useTexts();
	const said = useSaid();
	const id = (0, import_react.useId)();
	const { client, project } = state;
	const nodes = Object.entries(nodesOf(flow.sheet.flow)).filter(([, node]) => project.types.get(node.type)?.has_input === true).map(([name]) => name);
	const [chosen] = flow.selection;
	const [wanted, setWanted] = (0, import_react.useState)(null);
	const node = wanted ?? nodes.find((one) => one === chosen) ?? nodes[0] ?? "";
	const [text, setText] = (0, import_react.useState)("{\n  \"payload\": 1\n}");
	const [tried, setTried] = (0, import_react.useState)(null);
	const task = useTask();
	const path = `/flows/${encodeURIComponent(flow.id)}`;
	const message = () => {
		try {
			return parsed(text, true);
		} catch (error) {
			throw new Error(t("inject.notJson", { reason: String(error) }), { cause: error });
		}
	};
	const send = () => {
		task.run(async () => {
			const fields = message();
			if (!await ASKING.sure(t("inject.sure", { node }), t("inject.send"))) return "";
			setTried(null);
			await client.post(`${path}/inject`, {
				node,
				message: fields
			});
			return t("inject.sent");
		});
	};
	const tryOut = () => {
		task.run(async () => {
			const tests = {
				flowengine: 1,
				cases: [{
					name: NAME,
					given: [{
						into: node,
						message: message()
					}],
					expect: { counts: { [node]: 1 } }
				}]
			};
			const told = await client.post(`${path}/tests`, {
				tests,
				flow: flow.sheet.flow
			});
			const [result] = told.cases;
			const problems = [...told.problems, ...result?.problems ?? []].map((problem) => said.problem(problem));
			setTried(result?.arrivals ?? null);
			const others = (result?.differences ?? []).map((one) => `${one.path}: ${said.say(one.message)}`);
			return [
				...problems,
				...problems.length === 0 ? [t("inject.tried")] : [],
				...others
			].join(" ");
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		"data-needs": "operator",
		className: "split-detail",
		"aria-label": t("inject.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "detail-tools",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
					htmlFor: `${id}-node`,
					children: t("inject.node")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
					id: `${id}-node`,
					value: node,
					onChange: (event) => {
						setWanted(event.target.value);
					},
					children: nodes.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { children: one }, one))
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
				"aria-label": t("inject.message"),
				className: "code",
				rows: 5,
				spellCheck: false,
				value: text,
				onChange: (event) => {
					setText(event.target.value);
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "detail-tools",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "editor",
					type: "button",
					className: "primary",
					onClick: tryOut,
					children: t("inject.try")
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "operator",
					type: "button",
					onClick: send,
					children: t("inject.send")
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice,
				isError: task.isError
			}),
			tried !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("inject.came") }), Object.entries(tried).map(([one, messages]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, {
				root: one,
				value: messages
			}, `${one} ${JSON.stringify(messages)}`))] })
		]
	});
}
// src/panels/TestsPanel.tsx
/** The tests of the flow: run on what is drawn, and looked into where something is other than expected. */
var BY_HAND = " by hand";
function TestsPanel({ state, flow }) {
	const { t } = useTexts();
	const said = useSaid();
	const path = `/flows/${encodeURIComponent(flow.id)}/tests`;
	const { value: tests, failure, again } = useRead(state, path);
	const [report, setReport] = (0, import_react.useState)(null);
	const [isRunning, setRunning] = (0, import_react.useState)(false);
	const [picked, setPicked] = (0, import_react.useState)(null);
	const task = useTask();
	const { client, watch } = state;
	const cases = casesOf(tests?.document);
	const results = (0, import_react.useMemo)(() => new Map((report?.cases ?? []).map((one) => [one.name, one])), [report]);
	const shown = picked === null ? void 0 : results.get(picked);
	(0, import_react.useEffect)(() => {
		watch.showWay(fatesOf$1(shown));
		return () => {
			watch.showWay(/* @__PURE__ */ new Map());
		};
	}, [watch, shown]);
	const run = (names) => {
		setRunning(true);
		task.run(async () => {
			try {
				const told = await client.post(path, {
					cases: names,
					flow: flow.sheet.flow
				});
				const others = names === null ? [] : (report?.cases ?? []).filter((one) => !names.includes(one.name));
				setReport({
					...told,
					cases: [...others, ...told.cases]
				});
				return told.problems.map((problem) => said.problem(problem)).join(" ");
			} finally {
				setRunning(false);
			}
		});
	};
	const save = (name, made) => {
		task.run(async () => {
			await client.put(path, {
				base: tests?.revision ?? null,
				document: withCase(tests?.document, name, made)
			});
			setPicked(made?.name ?? null);
			again();
			return "";
		});
	};
	const one = cases.find((found) => found.name === picked);
	const rows = [...cases.map((found) => found.name), BY_HAND];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "editor",
						type: "button",
						className: "primary",
						disabled: isRunning || cases.length === 0,
						onClick: () => {
							run(null);
						},
						children: isRunning ? t("tests.running") : t("tests.run")
					}),
					report !== null && report.nodes > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
						className: "quiet",
						children: [t("tests.reached", {
							reached: report.reached,
							nodes: report.nodes
						}), report.missed.length > 0 && ` · ${t("tests.missed", { nodes: report.missed.join(", ") })}`]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: again,
						children: t("panel.refresh")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice || failure || (tests?.problems ?? []).map((problem) => said.problem(problem)).join(" "),
				isError: task.isError || failure !== "" || (tests?.problems.length ?? 0) > 0
			}),
			tests !== null && cases.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet panel-none",
				children: t("tests.none")
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "split",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WindowedList, {
					items: rows,
					label: t("tests.list"),
					keyOf: (name) => name,
					chosen: picked,
					onChoose: setPicked,
					rowClass: (name) => {
						const outcome = results.get(name)?.outcome;
						return outcome === void 0 ? "is-new" : outcome === "passed" ? "" : "is-error";
					},
					row: (name) => {
						const result = results.get(name);
						return name === BY_HAND ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-node",
							children: t("inject.title")
						}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "row-mark",
								children: t(result === void 0 ? "tests.new" : `tests.${result.outcome}`)
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "row-text",
								children: name
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "row-quiet",
								children: result !== void 0 && duration(result.seconds)
							})
						] });
					}
				}), picked === BY_HAND ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(MessageByHand, {
					state,
					flow
				}) : one === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet split-detail",
					children: t("tests.pick")
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Case, {
					test: one,
					result: shown,
					isRunning,
					onRun: () => {
						run([one.name]);
					},
					onSave: (made) => {
						save(one.name, made);
					}
				}, one.name)]
			})
		]
	});
}
function Case({ test, result, isRunning, onRun, onSave }) {
	const { t } = useTexts();
	const [isEdited, setEdited] = (0, import_react.useState)(false);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "split-detail",
		"aria-label": test.name,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "detail-tools",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "editor",
					type: "button",
					disabled: isRunning,
					onClick: onRun,
					children: t("tests.runOne")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "editor",
					type: "button",
					onClick: () => {
						setEdited(true);
					},
					children: t("tests.edit")
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					"data-needs": "editor",
					type: "button",
					onClick: () => {
						ASKING.whenSure(t("tests.sureDelete", { name: test.name }), t("tests.delete"), () => {
							onSave(null);
						});
					},
					children: t("tests.delete")
				})
			]
		}), isEdited ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(JsonEditor, {
			value: test,
			label: t("tests.edit"),
			save: t("tests.save"),
			isObject: true,
			onSave: (made) => {
				setEdited(false);
				onSave(made);
			},
			onCancel: () => {
				setEdited(false);
			}
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [result !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Differences, { result }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: test })] })]
	});
}
function Differences({ result }) {
	const { t } = useTexts();
	const said = useSaid();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		result.differences.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "difference",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: one.path }), one.has_values ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				t("tests.expected"),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ins", { children: JSON.stringify(one.expected) })
			] }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				t("tests.got"),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("del", { children: JSON.stringify(one.got) })
			] })] }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "detail-error",
				children: said.say(one.message)
			})]
		}, `${one.path} ${one.message}`)),
		result.problems.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("tests.problems") }), result.problems.map((problem) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			className: "detail-error",
			children: [
				said.problem(problem),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: problem.code })
			]
		}, problem.message))] }),
		result.log.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t("tests.log") }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
			className: "test-log",
			children: result.log.join("\n")
		})] })
	] });
}
/** Where messages came while a case ran, and where something was other than expected. */
function fatesOf$1(result) {
	const fates = new Map(Object.keys(result?.arrivals ?? {}).map((node) => [node, "came"]));
	for (const one of result?.differences ?? []) {
		const node = /^expect\.(?:messages|counts|outbox|statuses|tries)\.([\w/-]+)/.exec(one.path)?.[1];
		if (node !== void 0) fates.set(node, "differed");
	}
	return fates;
}
// src/model/trace_way.ts
function stopsOf(trace, flow) {
	const arrivals = [];
	return trace.way.map((hop, number) => {
		const message = hop.message;
		const before = hop.code === "" ? cameFrom(hop, arrivals, flow) : void 0;
		if (hop.code === "") arrivals.push({
			node: hop.node,
			message
		});
		const next = trace.way[number + 1]?.at ?? (trace.outcome === "" ? null : trace.took);
		return {
			number,
			node: hop.node,
			at: hop.at,
			took: next === null ? null : Math.max(0, next - hop.at),
			message,
			from: before?.node ?? null,
			changes: before === void 0 ? [] : difference(before.message, message),
			error: hop.error,
			code: hop.code
		};
	});
}
/** Places in a message that are other than before. */
function changedPaths(changes) {
	return new Set(changes.map((patch) => pathText(patch.path)));
}
function fatesOf(stops) {
	const fates = /* @__PURE__ */ new Map();
	for (const stop of stops) {
		const node = drawnNode(stop.node);
		if (stop.code !== "" || !fates.has(node)) fates.set(node, stop.code === "" ? "came" : "failed");
	}
	return fates;
}
/** The last arrival at a node from which a wire leads here. */
function cameFrom(hop, arrivals, flow) {
	const leads = (from) => {
		const [one, other] = [drawnNode(from), drawnNode(hop.node)];
		if (one === other) return from !== hop.node;
		return Object.values(nodesOf(flow)[one]?.wires ?? {}).flat().some((target) => parseEndpoint(target).node === other);
	};
	return arrivals.findLast((arrival) => leads(arrival.node));
}
// src/panels/TracePanel.tsx
/** The way of single messages: which node got what, what changed, how long it took and where it failed. */
var REFRESH = 1500;
var WHOLE = 1e5;
var OUTCOMES = {
	"": "trace.open",
	settled: "trace.settled",
	dropped: "trace.dropped",
	failed: "trace.failed"
};
function TracePanel({ state, flow, show, message, onMessage }) {
	const { t } = useTexts();
	const [count, setCount] = (0, import_react.useState)(5);
	const task = useTask();
	const list = useRead(state, `/traces?${new URLSearchParams({
		flow: flow.id,
		limit: "200"
	}).toString()}`);
	const { again } = list;
	(0, import_react.useEffect)(() => {
		const timer = setInterval(again, REFRESH);
		return () => {
			clearInterval(timer);
		};
	}, [again]);
	const traces = list.value?.traces ?? [];
	const follow = () => {
		task.run(async () => {
			await state.client.post("/traces/follow", {
				flow: flow.id,
				count
			});
			return t("trace.following", { count });
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel-body",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "panel-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "operator",
						type: "button",
						onClick: follow,
						children: t("trace.follow")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						"data-needs": "operator",
						type: "number",
						min: 1,
						max: 100,
						"aria-label": t("trace.followCount"),
						value: count,
						onChange: (event) => {
							setCount(Math.min(Math.max(Number(event.target.value), 1), 100));
						}
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: again,
						children: t("panel.refresh")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice || list.failure,
				isError: task.isError || list.failure !== ""
			}),
			traces.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet panel-none",
				children: t("trace.none")
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "split",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WindowedList, {
					items: traces,
					label: t("trace.list"),
					keyOf: (one) => one.id,
					chosen: message,
					onChoose: (one) => {
						onMessage(one.id);
					},
					rowClass: (one) => one.outcome === "failed" || one.errors > 0 ? "is-error" : one.outcome === "dropped" ? "is-warning" : "",
					row: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", { children: clockTime(one.began) }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "row-text",
							children: one.id
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "row-quiet",
							children: [
								t(OUTCOMES[one.outcome]),
								one.reason !== "" && ` (${one.reason})`,
								" · ",
								t("trace.hops", { count: one.hops }),
								one.outcome !== "" && ` · ${duration(one.took)}`
							]
						})
					] })
				}), message === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "quiet split-detail",
					children: t("trace.pick")
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Way, {
					state,
					flow,
					show,
					id: message
				}, message)]
			})
		]
	});
}
function Way({ state, flow, show, id }) {
	const { t } = useTexts();
	const said = useSaid();
	const { value: trace, failure } = useRead(state, `/traces/${encodeURIComponent(id)}?size=${WHOLE}`);
	const document = flow.sheet.flow;
	const stops = (0, import_react.useMemo)(() => trace === null ? [] : stopsOf(trace, document), [trace, document]);
	const [open, setOpen] = (0, import_react.useState)(0);
	const task = useTask();
	const { watch, client, project } = state;
	(0, import_react.useEffect)(() => {
		watch.showWay(fatesOf(stops));
		return () => {
			watch.showWay(/* @__PURE__ */ new Map());
		};
	}, [watch, stops]);
	if (trace === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet split-detail",
		children: failure || t("panel.loading")
	});
	const replay = (stop) => {
		ASKING.whenSure(t("trace.sureReplay", { node: stop.node }), t("trace.replay"), () => {
			task.run(async () => {
				await client.post(`/flows/${encodeURIComponent(flow.id)}/inject`, {
					node: stop.node,
					message: isObject(stop.message) ? stop.message : { payload: stop.message }
				});
				return t("trace.replayed", { node: stop.node });
			});
		});
	};
	const record = () => {
		task.run(async () => {
			const name = await ASKING.text(t("tests.recordName"), t("trace.record"));
			if (name === null) return "";
			const path = `/flows/${encodeURIComponent(flow.id)}/tests`;
			const tests = await client.get(path);
			const made = recordedCase(name, trace, stops, document, (type) => project.types.get(type)?.outside === true);
			await client.put(path, {
				base: tests.revision,
				document: withCase(tests.document, name, made)
			});
			return t("tests.recorded", { name });
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "split-detail",
		"aria-label": t("trace.way"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "detail-tools",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: t(OUTCOMES[trace.outcome]) }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "quiet",
						children: trace.reason
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						"data-needs": "editor",
						type: "button",
						onClick: record,
						children: t("trace.record")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notice, {
				text: task.notice,
				isError: task.isError
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
				className: "way",
				children: stops.map((stop) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
					className: stop.code === "" ? "" : "is-error",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "way-stop",
						"aria-expanded": open === stop.number,
						onClick: () => {
							setOpen(open === stop.number ? -1 : stop.number);
							show(flow.id, stop.node);
						},
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: stop.node }),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "row-text",
								children: stop.code === "" ? preview(stop.message, 80) : said.say(stop.error)
							}),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "row-quiet",
								children: stop.took === null ? "" : duration(stop.took)
							})
						]
					}), open === stop.number && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
						className: "way-inner",
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Changes, { stop }),
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, {
								value: stop.message,
								changed: changedPaths(stop.changes)
							}),
							stop.code === "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								"data-needs": "operator",
								type: "button",
								onClick: () => {
									replay(stop);
								},
								children: t("trace.replay")
							})
						]
					})]
				}, stop.number))
			}),
			trace.cut > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "quiet",
				children: t("trace.cut", { count: trace.cut })
			})
		]
	});
}
function Changes({ stop }) {
	const { t } = useTexts();
	const said = useSaid();
	if (stop.code !== "") return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
		className: "detail-error",
		children: [
			said.say(stop.error),
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: stop.code })
		]
	});
	if (stop.from === null) return null;
	if (stop.changes.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "quiet",
		children: t("trace.same")
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
		className: "changes",
		children: stop.changes.map((patch) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: patch.path.join(".") }),
			" ",
			patch.before !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("del", {
				"aria-label": t("trace.before"),
				children: shown(patch.before)
			}),
			" ",
			patch.after !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ins", { children: shown(patch.after) })
		] }, patch.path.join(".")))
	});
}
function shown(value) {
	return preview(JSON.stringify(value), 120);
}
// src/panels/seeing.tsx
/** The panels about what runs, loaded when the first of them is opened. */
function Seeing({ tab, ...rest }) {
	const { t } = useTexts();
	const { watch } = rest.state;
	switch (tab) {
		case "debug": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DebugPanel, {
			flow: rest.flow,
			show: rest.show,
			log: watch.messages,
			none: t("debug.none"),
			pins: watch.pins
		}, "debug");
		case "log": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DebugPanel, {
			flow: rest.flow,
			show: rest.show,
			log: watch.log,
			none: t("log.none")
		}, "log");
		case "trace": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TracePanel, { ...rest });
		case "letters": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(LettersPanel, { ...rest });
		case "outbox": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(OutboxPanel, { ...rest });
		case "state": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(StatePanel, { ...rest });
		case "figures": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FiguresPanel, { ...rest });
		case "tests": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TestsPanel, { ...rest });
	}
}
export { Seeing as default };
