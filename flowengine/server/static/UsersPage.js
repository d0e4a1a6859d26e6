import { r as __toESM } from "./rolldown-runtime.js";
import { h as require_jsx_runtime, v as require_react } from "./vendor.js";
import { a as TextField, i as Table, o as Refusal, s as ApiError, t as Choice } from "./parts.js";
import { r as useTexts } from "./texts.js";
import { A as Dialog, C as isRole, S as ROLES, k as DialogForm, n as ASKING, t as PasswordDialog } from "./index.js";
import { i as useLoad, r as useDoing, t as Page } from "./Page.js";
import { t as Moment } from "./moment.js";
// src/pages/RoleChoice.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** One of the roles, each with what it is for. */
var import_jsx_runtime = require_jsx_runtime();
function RoleChoice({ value, roles = ROLES, onChange }) {
	const { t } = useTexts();
	const options = roles.map((role) => ({
		value: role,
		text: `${t(`role.${role}`)} – ${t(`role.${role}.about`)}`
	}));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
		label: t("role.title"),
		value,
		options,
		onChange
	});
}
// src/pages/Tokens.tsx
/** API tokens: what programs come in with. */
function Tokens({ state }) {
	const { t } = useTexts();
	const { client } = state;
	const { value, failure, reload } = useLoad((0, import_react.useCallback)(() => client.get("/tokens"), [client]));
	const [isAdding, setAdding] = (0, import_react.useState)(false);
	const doing = useDoing(reload);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "page-section",
		"aria-label": t("tokens.title"),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
				className: "page-head",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t("tokens.title") }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "quiet",
						children: t("tokens.about")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { className: "spread" }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => {
							setAdding(true);
						},
						children: t("tokens.add")
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
				label: t("tokens.title"),
				rows: value?.tokens,
				none: t("tokens.none"),
				idOf: (token) => token.id,
				columns: [
					{
						title: "tokens.purpose",
						cell: (token) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: token.name })
					},
					{
						title: "role.title",
						cell: (token) => isRole(token.role) ? t(`role.${token.role}`) : token.role
					},
					{
						title: "tokens.owner",
						cell: (token) => token.owner
					},
					{
						title: "tokens.ends",
						cell: (token) => token.expires_at === null ? t("users.never") : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, {
							at: token.expires_at,
							isExact: true
						})
					},
					{
						title: "users.seen",
						cell: (token) => token.seen_at === null ? t("users.never") : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: token.seen_at })
					},
					{
						title: "users.remove",
						cell: (token) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "tools",
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								type: "button",
								onClick: () => {
									ASKING.whenSure(t("tokens.removeSure", { name: token.name }), t("users.remove"), () => {
										doing.run(client.delete(`/tokens/${token.id}`));
									});
								},
								children: t("users.remove")
							})
						})
					}
				]
			}),
			isAdding && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewToken, {
				onSave: (token) => client.post("/tokens", token),
				onClose: () => {
					setAdding(false);
					reload();
				}
			})
		]
	});
}
function NewToken({ onSave, onClose }) {
	const { t } = useTexts();
	const [name, setName] = (0, import_react.useState)("");
	const [role, setRole] = (0, import_react.useState)("operator");
	const [days, setDays] = (0, import_react.useState)("365");
	const [made, setMade] = (0, import_react.useState)(null);
	const [isCopied, setCopied] = (0, import_react.useState)(false);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("tokens.add"),
		onClose,
		children: made !== null ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t("tokens.made") }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "text",
				className: "code",
				readOnly: true,
				"aria-label": t("signin.token"),
				value: made.token,
				onFocus: (event) => {
					event.target.select();
				}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("footer", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					navigator.clipboard?.writeText(made.token).then(() => {
						setCopied(true);
					});
				},
				children: t(isCopied ? "tokens.copied" : "tokens.copy")
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				onClick: onClose,
				children: t("dialog.close")
			})] })
		] }) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			action: t("tokens.add"),
			onSave: () => onSave({
				name: name.trim(),
				role,
				days: days === "" ? null : Number(days)
			}).then(setMade),
			onClose,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("tokens.purpose"),
					isRequired: true,
					value: name,
					onChange: setName
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(RoleChoice, {
					value: role,
					onChange: setRole
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
					label: t("tokens.days"),
					value: days,
					options: [
						{
							value: "30",
							text: t("tokens.days30")
						},
						{
							value: "365",
							text: t("tokens.days365")
						},
						{
							value: "",
							text: t("tokens.daysNone")
						}
					],
					onChange: setDays
				})
			]
		})
	});
}
// src/pages/UsersPage.tsx
/** Who may come in: users with passwords, programs with tokens. */
function UsersPage({ state }) {
	const { t } = useTexts();
	const { client } = state;
	const { value, failure, reload } = useLoad((0, import_react.useCallback)(() => client.get("/users"), [client]));
	const doing = useDoing(reload);
	const [isAdding, setAdding] = (0, import_react.useState)(false);
	const [changing, setChanging] = (0, import_react.useState)("");
	const run = (work) => {
		doing.run(work.then(() => state.meet()));
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Page, {
		title: t("pages.users"),
		tools: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			className: "primary",
			disabled: value === void 0,
			onClick: () => {
				setAdding(true);
			},
			children: t("users.add")
		}),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refusal, { text: doing.refusal || failure }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Table, {
				label: t("pages.users"),
				rows: value?.users,
				none: t("users.none"),
				idOf: (user) => user.name,
				columns: [
					{
						title: "users.name",
						cell: (user) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: user.name })
					},
					{
						title: "role.title",
						cell: (user) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Choice, {
							isInline: true,
							label: `${t("role.title")}: ${user.name}`,
							value: user.role,
							options: ROLES.map((role) => ({
								value: role,
								text: t(`role.${role}`)
							})),
							onChange: (role) => {
								run(client.put(`/users/${encodeURIComponent(user.name)}`, { role }));
							}
						})
					},
					{
						title: "users.seen",
						cell: (user) => user.seen_at === null ? t("users.never") : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: user.seen_at })
					},
					{
						title: "users.created",
						cell: (user) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Moment, { at: user.created_at })
					},
					{
						title: "users.remove",
						cell: (user) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "tools",
							children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								type: "button",
								onClick: () => {
									setChanging(user.name);
								},
								children: t("users.newPassword")
							}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
								type: "button",
								onClick: () => {
									ASKING.whenSure(t("users.removeSure", { name: user.name }), t("users.remove"), () => {
										run(client.delete(`/users/${encodeURIComponent(user.name)}`));
									});
								},
								children: t("users.remove")
							})]
						})
					}
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Tokens, { state }),
			isAdding && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewUser, {
				isFirst: value?.users.length === 0,
				onSave: (user) => client.post("/users", user).then(() => state.meet()),
				onClose: () => {
					setAdding(false);
					reload();
				}
			}),
			changing !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(PasswordDialog, {
				title: t("users.newPasswordFor", { name: changing }),
				onSave: (password) => client.put(`/users/${encodeURIComponent(changing)}`, { password }),
				onClose: () => {
					setChanging("");
				}
			})
		]
	});
}
function NewUser({ isFirst, onSave, onClose }) {
	const { t } = useTexts();
	const [name, setName] = (0, import_react.useState)("");
	const [role, setRole] = (0, import_react.useState)(isFirst ? "admin" : "viewer");
	const [password, setPassword] = (0, import_react.useState)("");
	const save = async () => {
		try {
			await onSave({
				name: name.trim(),
				role,
				password
			});
		} catch (error) {
			if (!(isFirst && error instanceof ApiError && error.code === "unauthorized")) throw error;
		}
		onClose();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t("users.add"),
		onClose,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(DialogForm, {
			onSave: save,
			onClose,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("users.name"),
					about: t("users.nameAbout"),
					isRequired: true,
					value: name,
					onChange: setName
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(RoleChoice, {
					value: role,
					roles: isFirst ? ["admin"] : ROLES,
					onChange: setRole
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
					label: t("users.password"),
					about: t("users.passwordAbout"),
					password: "new",
					isRequired: true,
					value: password,
					onChange: setPassword
				})
			]
		})
	});
}
export { UsersPage as default };
