import { r as e, t } from "./rolldown-runtime.js";
var n = t(((e) => {
	function t(e, t) {
		var n = e.length;
		e.push(t);
		a: for (; 0 < n;) {
			var r = n - 1 >>> 1, a = e[r];
			if (0 < i(a, t)) e[r] = t, e[n] = a, n = r;
			else break a;
		}
	}
	function n(e) {
		return e.length === 0 ? null : e[0];
	}
	function r(e) {
		if (e.length === 0) return null;
		var t = e[0], n = e.pop();
		if (n !== t) {
			e[0] = n;
			a: for (var r = 0, a = e.length, o = a >>> 1; r < o;) {
				var s = 2 * (r + 1) - 1, c = e[s], l = s + 1, u = e[l];
				if (0 > i(c, n)) l < a && 0 > i(u, c) ? (e[r] = u, e[l] = n, r = l) : (e[r] = c, e[s] = n, r = s);
				else if (l < a && 0 > i(u, n)) e[r] = u, e[l] = n, r = l;
				else break a;
			}
		}
		return t;
	}
	function i(e, t) {
		var n = e.sortIndex - t.sortIndex;
		return n === 0 ? e.id - t.id : n;
	}
	if (e.unstable_now = void 0, typeof performance == `object` && typeof performance.now == `function`) {
		var a = performance;
		e.unstable_now = function() {
			return a.now();
		};
	} else {
		var o = Date, s = o.now();
		e.unstable_now = function() {
			return o.now() - s;
		};
	}
	var c = [], l = [], u = 1, d = null, f = 3, p = !1, m = !1, h = !1, g = !1, _ = typeof setTimeout == `function` ? setTimeout : null, v = typeof clearTimeout == `function` ? clearTimeout : null, y = typeof setImmediate < `u` ? setImmediate : null;
	function b(e) {
		for (var i = n(l); i !== null;) {
			if (i.callback === null) r(l);
			else if (i.startTime <= e) r(l), i.sortIndex = i.expirationTime, t(c, i);
			else break;
			i = n(l);
		}
	}
	function x(e) {
		if (h = !1, b(e), !m) {
			if (n(c) !== null) m = !0, S || (S = !0, O());
			else {
				var t = n(l);
				t !== null && j(x, t.startTime - e);
			}
		}
	}
	var S = !1, C = -1, w = 5, T = -1;
	function E() {
		return g ? !0 : !(e.unstable_now() - T < w);
	}
	function D() {
		if (g = !1, S) {
			var t = e.unstable_now();
			T = t;
			var i = !0;
			try {
				a: {
					m = !1, h && (h = !1, v(C), C = -1), p = !0;
					var a = f;
					try {
						b: {
							for (b(t), d = n(c); d !== null && !(d.expirationTime > t && E());) {
								var o = d.callback;
								if (typeof o == `function`) {
									d.callback = null, f = d.priorityLevel;
									var s = o(d.expirationTime <= t);
									if (t = e.unstable_now(), typeof s == `function`) {
										d.callback = s, b(t), i = !0;
										break b;
									}
									d === n(c) && r(c), b(t);
								} else r(c);
								d = n(c);
							}
							if (d !== null) i = !0;
							else {
								var u = n(l);
								u !== null && j(x, u.startTime - t), i = !1;
							}
						}
						break a;
					} finally {
						d = null, f = a, p = !1;
					}
					i = void 0;
				}
			} finally {
				i ? O() : S = !1;
			}
		}
	}
	var O;
	if (typeof y == `function`) O = function() {
		y(D);
	};
	else if (typeof MessageChannel < `u`) {
		var k = new MessageChannel(), A = k.port2;
		k.port1.onmessage = D, O = function() {
			A.postMessage(null);
		};
	} else O = function() {
		_(D, 0);
	};
	function j(t, n) {
		C = _(function() {
			t(e.unstable_now());
		}, n);
	}
	e.unstable_IdlePriority = 5, e.unstable_ImmediatePriority = 1, e.unstable_LowPriority = 4, e.unstable_NormalPriority = 3, e.unstable_Profiling = null, e.unstable_UserBlockingPriority = 2, e.unstable_cancelCallback = function(e) {
		e.callback = null;
	}, e.unstable_forceFrameRate = function(e) {
		0 > e || 125 < e ? console.error(`forceFrameRate takes a positive int between 0 and 125, forcing frame rates higher than 125 fps is not supported`) : w = 0 < e ? Math.floor(1e3 / e) : 5;
	}, e.unstable_getCurrentPriorityLevel = function() {
		return f;
	}, e.unstable_next = function(e) {
		switch (f) {
			case 1:
			case 2:
			case 3:
				var t = 3;
				break;
			default: t = f;
		}
		var n = f;
		f = t;
		try {
			return e();
		} finally {
			f = n;
		}
	}, e.unstable_requestPaint = function() {
		g = !0;
	}, e.unstable_runWithPriority = function(e, t) {
		switch (e) {
			case 1:
			case 2:
			case 3:
			case 4:
			case 5: break;
			default: e = 3;
		}
		var n = f;
		f = e;
		try {
			return t();
		} finally {
			f = n;
		}
	}, e.unstable_scheduleCallback = function(r, i, a) {
		var o = e.unstable_now();
		switch (typeof a == `object` && a ? (a = a.delay, a = typeof a == `number` && 0 < a ? o + a : o) : a = o, r) {
			case 1:
				var s = -1;
				break;
			case 2:
				s = 250;
				break;
			case 5:
				s = 1073741823;
				break;
			case 4:
				s = 1e4;
				break;
			default: s = 5e3;
		}
		return s = a + s, r = {
			id: u++,
			callback: i,
			priorityLevel: r,
			startTime: a,
			expirationTime: s,
			sortIndex: -1
		}, a > o ? (r.sortIndex = a, t(l, r), n(c) === null && r === n(l) && (h ? (v(C), C = -1) : h = !0, j(x, a - o))) : (r.sortIndex = s, t(c, r), m || p || (m = !0, S || (S = !0, O()))), r;
	}, e.unstable_shouldYield = E, e.unstable_wrapCallback = function(e) {
		var t = f;
		return function() {
			var n = f;
			f = t;
			try {
				return e.apply(this, arguments);
			} finally {
				f = n;
			}
		};
	};
})), r = t(((e, t) => {
	t.exports = n();
})), i = t(((e) => {
	var t = Symbol.for(`react.transitional.element`), n = Symbol.for(`react.portal`), r = Symbol.for(`react.fragment`), i = Symbol.for(`react.strict_mode`), a = Symbol.for(`react.profiler`), o = Symbol.for(`react.consumer`), s = Symbol.for(`react.context`), c = Symbol.for(`react.forward_ref`), l = Symbol.for(`react.suspense`), u = Symbol.for(`react.memo`), d = Symbol.for(`react.lazy`), f = Symbol.for(`react.activity`), p = Symbol.for(`react.view_transition`), m = Symbol.iterator;
	function h(e) {
		return typeof e != `object` || !e ? null : (e = m && e[m] || e[`@@iterator`], typeof e == `function` ? e : null);
	}
	var g = {
		isMounted: function() {
			return !1;
		},
		enqueueForceUpdate: function() {},
		enqueueReplaceState: function() {},
		enqueueSetState: function() {}
	}, _ = Object.assign, v = {};
	function y(e, t, n) {
		this.props = e, this.context = t, this.refs = v, this.updater = n || g;
	}
	y.prototype.isReactComponent = {}, y.prototype.setState = function(e, t) {
		if (typeof e != `object` && typeof e != `function` && e != null) throw Error(`takes an object of state variables to update or a function which returns an object of state variables.`);
		this.updater.enqueueSetState(this, e, t, `setState`);
	}, y.prototype.forceUpdate = function(e) {
		this.updater.enqueueForceUpdate(this, e, `forceUpdate`);
	};
	function b() {}
	b.prototype = y.prototype;
	function x(e, t, n) {
		this.props = e, this.context = t, this.refs = v, this.updater = n || g;
	}
	var S = x.prototype = new b();
	S.constructor = x, _(S, y.prototype), S.isPureReactComponent = !0;
	var C = Array.isArray;
	function w() {}
	var T = {
		H: null,
		A: null,
		T: null,
		S: null
	}, E = Object.prototype.hasOwnProperty;
	function D(e, n, r) {
		var i = r.ref;
		return {
			$$typeof: t,
			type: e,
			key: n,
			ref: i === void 0 ? null : i,
			props: r
		};
	}
	function O(e, t) {
		return D(e.type, t, e.props);
	}
	function k(e) {
		return typeof e == `object` && !!e && e.$$typeof === t;
	}
	function A(e) {
		var t = {
			"=": `=0`,
			":": `=2`
		};
		return `$` + e.replace(/[=:]/g, function(e) {
			return t[e];
		});
	}
	var j = /\/+/g;
	function M(e, t) {
		return typeof e == `object` && e && e.key != null ? A(`` + e.key) : t.toString(36);
	}
	function ee(e) {
		switch (e.status) {
			case `fulfilled`: return e.value;
			case `rejected`: throw e.reason;
			default: switch (typeof e.status == `string` ? e.then(w, w) : (e.status = `pending`, e.then(function(t) {
				e.status === `pending` && (e.status = `fulfilled`, e.value = t);
			}, function(t) {
				e.status === `pending` && (e.status = `rejected`, e.reason = t);
			})), e.status) {
				case `fulfilled`: return e.value;
				case `rejected`: throw e.reason;
			}
		}
		throw e;
	}
	function N(e, r, i, a, o) {
		var s = typeof e;
		(s === `undefined` || s === `boolean`) && (e = null);
		var c = !1;
		if (e === null) c = !0;
		else switch (s) {
			case `bigint`:
			case `string`:
			case `number`:
				c = !0;
				break;
			case `object`: switch (e.$$typeof) {
				case t:
				case n:
					c = !0;
					break;
				case d: return c = e._init, N(c(e._payload), r, i, a, o);
			}
		}
		if (c) return o = o(e), c = a === `` ? `.` + M(e, 0) : a, C(o) ? (i = ``, c != null && (i = c.replace(j, `$&/`) + `/`), N(o, r, i, ``, function(e) {
			return e;
		})) : o != null && (k(o) && (o = O(o, i + (o.key == null || e && e.key === o.key ? `` : (`` + o.key).replace(j, `$&/`) + `/`) + c)), r.push(o)), 1;
		c = 0;
		var l = a === `` ? `.` : a + `:`;
		if (C(e)) for (var u = 0; u < e.length; u++) a = e[u], s = l + M(a, u), c += N(a, r, i, s, o);
		else if (u = h(e), typeof u == `function`) for (e = u.call(e), u = 0; !(a = e.next()).done;) a = a.value, s = l + M(a, u++), c += N(a, r, i, s, o);
		else if (s === `object`) {
			if (typeof e.then == `function`) return N(ee(e), r, i, a, o);
			throw r = String(e), Error(`Objects are not valid as a React child (found: ` + (r === `[object Object]` ? `object with keys {` + Object.keys(e).join(`, `) + `}` : r) + `). If you meant to render a collection of children, use an array instead.`);
		}
		return c;
	}
	function P(e, t, n) {
		if (e == null) return e;
		var r = [], i = 0;
		return N(e, r, ``, ``, function(e) {
			return t.call(n, e, i++);
		}), r;
	}
	function te(e) {
		if (e._status === -1) {
			var t = e._result, n = t();
			n.then(function(t) {
				(e._status === 0 || e._status === -1) && (e._status = 1, e._result = t, n.status === void 0 && (n.status = `fulfilled`, n.value = t));
			}, function(t) {
				(e._status === 0 || e._status === -1) && (e._status = 2, e._result = t, n.status === void 0 && (n.status = `rejected`, n.reason = t));
			}), e._status === -1 && (e._status = 0, e._result = n);
		}
		if (e._status === 1) return e._result.default;
		throw e._result;
	}
	var ne = typeof reportError == `function` ? reportError : function(e) {
		if (typeof window == `object` && typeof window.ErrorEvent == `function`) {
			var t = new window.ErrorEvent(`error`, {
				bubbles: !0,
				cancelable: !0,
				message: typeof e == `object` && e && typeof e.message == `string` ? String(e.message) : String(e),
				error: e
			});
			if (!window.dispatchEvent(t)) return;
		} else if (typeof process == `object` && typeof process.emit == `function`) {
			process.emit(`uncaughtException`, e);
			return;
		}
		console.error(e);
	};
	function re(e) {
		var t = T.T, n = {};
		n.types = t === null ? null : t.types, T.T = n;
		try {
			var r = e(), i = T.S;
			i !== null && i(n, r), typeof r == `object` && r && typeof r.then == `function` && r.then(w, ne);
		} catch (e) {
			ne(e);
		} finally {
			t !== null && n.types !== null && (t.types = n.types), T.T = t;
		}
	}
	function ie(e) {
		var t = T.T;
		if (t !== null) {
			var n = t.types;
			n === null ? t.types = [e] : n.indexOf(e) === -1 && n.push(e);
		} else re(ie.bind(null, e));
	}
	var F = {
		map: P,
		forEach: function(e, t, n) {
			P(e, function() {
				t.apply(this, arguments);
			}, n);
		},
		count: function(e) {
			var t = 0;
			return P(e, function() {
				t++;
			}), t;
		},
		toArray: function(e) {
			return P(e, function(e) {
				return e;
			}) || [];
		},
		only: function(e) {
			if (!k(e)) throw Error(`React.Children.only expected to receive a single React element child.`);
			return e;
		}
	};
	e.Activity = f, e.Children = F, e.Component = y, e.Fragment = r, e.Profiler = a, e.PureComponent = x, e.StrictMode = i, e.Suspense = l, e.ViewTransition = p, e.__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE = T, e.__COMPILER_RUNTIME = {
		__proto__: null,
		c: function(e) {
			return T.H.useMemoCache(e);
		}
	}, e.addTransitionType = ie, e.cache = function(e) {
		return function() {
			return e.apply(null, arguments);
		};
	}, e.cacheSignal = function() {
		return null;
	}, e.cloneElement = function(e, t, n) {
		if (e == null) throw Error(`The argument must be a React element, but you passed ` + e + `.`);
		var r = _({}, e.props), i = e.key;
		if (t != null) for (a in t.key !== void 0 && (i = `` + t.key), t) !E.call(t, a) || a === `key` || a === `__self` || a === `__source` || a === `ref` && t.ref === void 0 || (r[a] = t[a]);
		var a = arguments.length - 2;
		if (a === 1) r.children = n;
		else if (1 < a) {
			for (var o = Array(a), s = 0; s < a; s++) o[s] = arguments[s + 2];
			r.children = o;
		}
		return D(e.type, i, r);
	}, e.createContext = function(e) {
		return e = {
			$$typeof: s,
			_currentValue: e,
			_currentValue2: e,
			_threadCount: 0,
			Provider: null,
			Consumer: null
		}, e.Provider = e, e.Consumer = {
			$$typeof: o,
			_context: e
		}, e;
	}, e.createElement = function(e, t, n) {
		var r, i = {}, a = null;
		if (t != null) for (r in t.key !== void 0 && (a = `` + t.key), t) E.call(t, r) && r !== `key` && r !== `__self` && r !== `__source` && (i[r] = t[r]);
		var o = arguments.length - 2;
		if (o === 1) i.children = n;
		else if (1 < o) {
			for (var s = Array(o), c = 0; c < o; c++) s[c] = arguments[c + 2];
			i.children = s;
		}
		if (e && e.defaultProps) for (r in o = e.defaultProps, o) i[r] === void 0 && (i[r] = o[r]);
		return D(e, a, i);
	}, e.createRef = function() {
		return { current: null };
	}, e.forwardRef = function(e) {
		return {
			$$typeof: c,
			render: e
		};
	}, e.isValidElement = k, e.lazy = function(e) {
		return {
			$$typeof: d,
			_payload: {
				_status: -1,
				_result: e
			},
			_init: te
		};
	}, e.memo = function(e, t) {
		return {
			$$typeof: u,
			type: e,
			compare: t === void 0 ? null : t
		};
	}, e.startTransition = re, e.unstable_useCacheRefresh = function() {
		return T.H.useCacheRefresh();
	}, e.use = function(e) {
		return T.H.use(e);
	}, e.useActionState = function(e, t, n) {
		return T.H.useActionState(e, t, n);
	}, e.useCallback = function(e, t) {
		return T.H.useCallback(e, t);
	}, e.useContext = function(e) {
		return T.H.useContext(e);
	}, e.useDebugValue = function() {}, e.useDeferredValue = function(e, t) {
		return T.H.useDeferredValue(e, t);
	}, e.useEffect = function(e, t) {
		return T.H.useEffect(e, t);
	}, e.useEffectEvent = function(e) {
		return T.H.useEffectEvent(e);
	}, e.useId = function() {
		return T.H.useId();
	}, e.useImperativeHandle = function(e, t, n) {
		return T.H.useImperativeHandle(e, t, n);
	}, e.useInsertionEffect = function(e, t) {
		return T.H.useInsertionEffect(e, t);
	}, e.useLayoutEffect = function(e, t) {
		return T.H.useLayoutEffect(e, t);
	}, e.useMemo = function(e, t) {
		return T.H.useMemo(e, t);
	}, e.useOptimistic = function(e, t) {
		return T.H.useOptimistic(e, t);
	}, e.useReducer = function(e, t, n) {
		return T.H.useReducer(e, t, n);
	}, e.useRef = function(e) {
		return T.H.useRef(e);
	}, e.useState = function(e) {
		return T.H.useState(e);
	}, e.useSyncExternalStore = function(e, t, n) {
		return T.H.useSyncExternalStore(e, t, n);
	}, e.useTransition = function() {
		return T.H.useTransition();
	}, e.version = `19.3.1`;
})), a = t(((e, t) => {
	t.exports = i();
})), o = t(((e) => {
	var t = a();
	function n(e) {
		var t = `https://react.dev/errors/` + e;
		if (1 < arguments.length) {
			t += `?args[]=` + encodeURIComponent(arguments[1]);
			for (var n = 2; n < arguments.length; n++) t += `&args[]=` + encodeURIComponent(arguments[n]);
		}
		return `Minified React error #` + e + `; visit ` + t + ` for the full message or use the non-minified dev environment for full errors and additional helpful warnings.`;
	}
	function r() {}
	var i = {
		d: {
			f: r,
			r: function() {
				throw Error(n(522));
			},
			D: r,
			C: r,
			L: r,
			m: r,
			X: r,
			S: r,
			M: r
		},
		p: 0,
		findDOMNode: null
	}, o = Symbol.for(`react.portal`), s = Symbol.for(`react.recoverable`), c = Symbol.for(`react.optimistic_key`);
	function l(e, t, n) {
		var r = 3 < arguments.length && arguments[3] !== void 0 ? arguments[3] : null;
		return {
			$$typeof: o,
			key: r == null ? null : r === c ? c : `` + r,
			children: e,
			containerInfo: t,
			implementation: n
		};
	}
	var u = t.__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE;
	function d(e, t) {
		if (e === `font`) return ``;
		if (typeof t == `string`) return t === `use-credentials` ? t : ``;
	}
	e.__DOM_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE = i, e.browser = function(e) {
		return {
			$$typeof: s,
			_reason: e
		};
	}, e.createPortal = function(e, t) {
		var r = 2 < arguments.length && arguments[2] !== void 0 ? arguments[2] : null;
		if (!t || t.nodeType !== 1 && t.nodeType !== 9 && t.nodeType !== 11) throw Error(n(299));
		return l(e, t, null, r);
	}, e.flushSync = function(e) {
		var t = u.T, n = i.p;
		try {
			if (u.T = null, i.p = 2, e) return e();
		} finally {
			u.T = t, i.p = n, i.d.f();
		}
	}, e.preconnect = function(e, t) {
		typeof e == `string` && (t ? (t = t.crossOrigin, t = typeof t == `string` ? t === `use-credentials` ? t : `` : void 0) : t = null, i.d.C(e, t));
	}, e.prefetchDNS = function(e) {
		typeof e == `string` && i.d.D(e);
	}, e.preinit = function(e, t) {
		if (typeof e == `string` && t && typeof t.as == `string`) {
			var n = t.as, r = d(n, t.crossOrigin), a = typeof t.integrity == `string` ? t.integrity : void 0, o = typeof t.fetchPriority == `string` ? t.fetchPriority : void 0;
			n === `style` ? i.d.S(e, typeof t.precedence == `string` ? t.precedence : void 0, {
				crossOrigin: r,
				integrity: a,
				fetchPriority: o
			}) : n === `script` && i.d.X(e, {
				crossOrigin: r,
				integrity: a,
				fetchPriority: o,
				nonce: typeof t.nonce == `string` ? t.nonce : void 0
			});
		}
	}, e.preinitModule = function(e, t) {
		if (typeof e == `string`) {
			if (typeof t == `object` && t) {
				if (t.as == null || t.as === `script`) {
					var n = d(t.as, t.crossOrigin);
					i.d.M(e, {
						crossOrigin: n,
						integrity: typeof t.integrity == `string` ? t.integrity : void 0,
						nonce: typeof t.nonce == `string` ? t.nonce : void 0,
						fetchPriority: typeof t.fetchPriority == `string` ? t.fetchPriority : void 0
					});
				}
			} else t ?? i.d.M(e);
		}
	}, e.preload = function(e, t) {
		if (typeof e == `string` && typeof t == `object` && t && typeof t.as == `string`) {
			var n = t.as, r = d(n, t.crossOrigin);
			i.d.L(e, n, {
				crossOrigin: r,
				integrity: typeof t.integrity == `string` ? t.integrity : void 0,
				nonce: typeof t.nonce == `string` ? t.nonce : void 0,
				type: typeof t.type == `string` ? t.type : void 0,
				fetchPriority: typeof t.fetchPriority == `string` ? t.fetchPriority : void 0,
				referrerPolicy: typeof t.referrerPolicy == `string` ? t.referrerPolicy : void 0,
				imageSrcSet: typeof t.imageSrcSet == `string` ? t.imageSrcSet : void 0,
				imageSizes: typeof t.imageSizes == `string` ? t.imageSizes : void 0,
				media: typeof t.media == `string` ? t.media : void 0
			});
		}
	}, e.preloadModule = function(e, t) {
		if (typeof e == `string`) {
			if (t) {
				var n = d(t.as, t.crossOrigin);
				i.d.m(e, {
					as: typeof t.as == `string` && t.as !== `script` ? t.as : void 0,
					crossOrigin: n,
					integrity: typeof t.integrity == `string` ? t.integrity : void 0,
					nonce: typeof t.nonce == `string` ? t.nonce : void 0,
					fetchPriority: typeof t.fetchPriority == `string` ? t.fetchPriority : void 0
				});
			} else i.d.m(e);
		}
	}, e.requestFormReset = function(e) {
		i.d.r(e);
	}, e.unstable_batchedUpdates = function(e, t) {
		return e(t);
	}, e.useFormState = function(e, t, n) {
		return u.H.useFormState(e, t, n);
	}, e.useFormStatus = function() {
		return u.H.useHostTransitionStatus();
	}, e.version = `19.3.1`;
})), s = t(((e, t) => {
	function n() {
		if (typeof __REACT_DEVTOOLS_GLOBAL_HOOK__ < `u` && typeof __REACT_DEVTOOLS_GLOBAL_HOOK__.checkDCE == `function`) try {
			__REACT_DEVTOOLS_GLOBAL_HOOK__.checkDCE(n);
		} catch (e) {
			console.error(e);
		}
	}
	n(), t.exports = o();
})), c = t(((e) => {
	var t = r(), n = a(), i = s();
	function o(e) {
		var t = `https://react.dev/errors/` + e;
		if (1 < arguments.length) {
			t += `?args[]=` + encodeURIComponent(arguments[1]);
			for (var n = 2; n < arguments.length; n++) t += `&args[]=` + encodeURIComponent(arguments[n]);
		}
		return `Minified React error #` + e + `; visit ` + t + ` for the full message or use the non-minified dev environment for full errors and additional helpful warnings.`;
	}
	function c(e) {
		return !(!e || e.nodeType !== 1 && e.nodeType !== 9 && e.nodeType !== 11);
	}
	function l(e) {
		for (var t = e, n = t; n && !n.alternate;) t = n, t.flags & 4098 && (e = t.return), n = t.return;
		for (; t.return;) t = t.return;
		return t.tag === 3 ? e : null;
	}
	function u(e) {
		if (e.tag === 13) {
			var t = e.memoizedState;
			if (t === null && (e = e.alternate, e !== null && (t = e.memoizedState)), t !== null) return t.dehydrated;
		}
		return null;
	}
	function d(e) {
		if (e.tag === 31) {
			var t = e.memoizedState;
			if (t === null && (e = e.alternate, e !== null && (t = e.memoizedState)), t !== null) return t.dehydrated;
		}
		return null;
	}
	function f(e) {
		if (l(e) !== e) throw Error(o(188));
	}
	function p(e) {
		var t = e.alternate;
		if (!t) {
			if (t = l(e), t === null) throw Error(o(188));
			return t === e ? e : null;
		}
		for (var n = e, r = t;;) {
			var i = n.return;
			if (i === null) break;
			var a = i.alternate;
			if (a === null) {
				if (r = i.return, r !== null) {
					n = r;
					continue;
				}
				break;
			}
			if (i.child === a.child) {
				for (a = i.child; a;) {
					if (a === n) return f(i), e;
					if (a === r) return f(i), t;
					a = a.sibling;
				}
				throw Error(o(188));
			}
			if (n.return !== r.return) n = i, r = a;
			else {
				for (var s = !1, c = i.child; c;) {
					if (c === n) {
						s = !0, n = i, r = a;
						break;
					}
					if (c === r) {
						s = !0, r = i, n = a;
						break;
					}
					c = c.sibling;
				}
				if (!s) {
					for (c = a.child; c;) {
						if (c === n) {
							s = !0, n = a, r = i;
							break;
						}
						if (c === r) {
							s = !0, r = a, n = i;
							break;
						}
						c = c.sibling;
					}
					if (!s) throw Error(o(189));
				}
			}
			if (n.alternate !== r) throw Error(o(190));
		}
		if (n.tag !== 3) throw Error(o(188));
		return n.stateNode.current === n ? e : t;
	}
	function m(e) {
		var t = e.tag;
		if (t === 5 || t === 26 || t === 27 || t === 6) return e;
		for (e = e.child; e !== null;) {
			if (t = m(e), t !== null) return t;
			e = e.sibling;
		}
		return null;
	}
	function h(e, t, n, r, i, a) {
		for (; e !== null;) {
			if ((e.tag === 5 || e.tag === 27 || e.tag === 6) && n(e, r, i, a) || (e.tag !== 22 || e.memoizedState === null) && (t || e.tag !== 5 && e.tag !== 27) && h(e.child, t, n, r, i, a)) return !0;
			e = e.sibling;
		}
		return !1;
	}
	function g(e) {
		for (e = e.return; e !== null;) {
			if (e.tag === 3 || e.tag === 5 || e.tag === 27) return e;
			e = e.return;
		}
		return null;
	}
	function _(e) {
		var t = !1;
		for (e = e.return; e !== null && (e.tag === 4 && (t = !0), e.tag !== 3 && e.tag !== 5 && e.tag !== 27);) e = e.return;
		return t;
	}
	function v(e) {
		var t = [null, null], n = g(e);
		return n === null || y(t, e, n.child, { foundSelf: !1 }), t;
	}
	function y(e, t, n, r) {
		for (; n !== null;) {
			if (n === t) r.foundSelf = !0;
			else if (n.tag === 5 || n.tag === 27 || n.tag === 6) {
				if (r.foundSelf) return e[1] = n, !0;
				e[0] = n;
			} else if ((n.tag !== 22 || n.memoizedState === null) && y(e, t, n.child, r)) return !0;
			n = n.sibling;
		}
		return !1;
	}
	function b(e) {
		switch (e.tag) {
			case 5:
			case 27:
			case 6: return e.stateNode;
			case 3: return e.stateNode.containerInfo;
			default: throw Error(o(559));
		}
	}
	var x = null, S = null;
	function C(e, t, n) {
		return e === n || e === t && (x = e, !0);
	}
	function w(e, t, n) {
		return e === n ? (S = e, !1) : e === t && (S !== null && (x = e), !0);
	}
	function T(e) {
		if (e === null) return null;
		do
			e = e === null ? null : e.return;
		while (e && e.tag !== 5 && e.tag !== 27 && e.tag !== 3);
		return e || null;
	}
	function E(e, t, n) {
		for (var r = 0, i = e; i; i = n(i)) r++;
		i = 0;
		for (var a = t; a; a = n(a)) i++;
		for (; 0 < r - i;) e = n(e), r--;
		for (; 0 < i - r;) t = n(t), i--;
		for (; r--;) {
			if (e === t || t !== null && e === t.alternate) return e;
			e = n(e), t = n(t);
		}
		return null;
	}
	var D = Object.assign, O = Symbol.for(`react.element`), k = Symbol.for(`react.transitional.element`), A = Symbol.for(`react.portal`), j = Symbol.for(`react.fragment`), M = Symbol.for(`react.strict_mode`), ee = Symbol.for(`react.profiler`), N = Symbol.for(`react.consumer`), P = Symbol.for(`react.context`), te = Symbol.for(`react.forward_ref`), ne = Symbol.for(`react.suspense`), re = Symbol.for(`react.suspense_list`), ie = Symbol.for(`react.memo`), F = Symbol.for(`react.lazy`), ae = Symbol.for(`react.activity`), oe = Symbol.for(`react.legacy_hidden`), se = Symbol.for(`react.memo_cache_sentinel`), ce = Symbol.for(`react.view_transition`), le = Symbol.for(`react.recoverable`), ue = Symbol.iterator;
	function de(e) {
		return typeof e != `object` || !e ? null : (e = ue && e[ue] || e[`@@iterator`], typeof e == `function` ? e : null);
	}
	var fe = Symbol.for(`react.client.reference`);
	function pe(e) {
		if (e == null) return null;
		if (typeof e == `function`) return e.$$typeof === fe ? null : e.displayName || e.name || null;
		if (typeof e == `string`) return e;
		switch (e) {
			case j: return `Fragment`;
			case ee: return `Profiler`;
			case M: return `StrictMode`;
			case ne: return `Suspense`;
			case re: return `SuspenseList`;
			case ae: return `Activity`;
			case ce: return `ViewTransition`;
		}
		if (typeof e == `object`) switch (e.$$typeof) {
			case A: return `Portal`;
			case P: return e.displayName || `Context`;
			case N: return (e._context.displayName || `Context`) + `.Consumer`;
			case te:
				var t = e.render;
				return e = e.displayName, e ||= (e = t.displayName || t.name || ``, e === `` ? `ForwardRef` : `ForwardRef(` + e + `)`), e;
			case ie: return t = e.displayName || null, t === null ? pe(e.type) || `Memo` : t;
			case F:
				t = e._payload, e = e._init;
				try {
					return pe(e(t));
				} catch {}
		}
		return null;
	}
	var me = Array.isArray, I = n.__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE, L = i.__DOM_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE, he = {
		pending: !1,
		data: null,
		method: null,
		action: null
	}, ge = [], _e = -1;
	function ve(e) {
		return { current: e };
	}
	function ye(e) {
		0 > _e || (e.current = ge[_e], ge[_e] = null, _e--);
	}
	function R(e, t) {
		_e++, ge[_e] = e.current, e.current = t;
	}
	var be = ve(null), xe = ve(null), Se = ve(null), Ce = ve(null);
	function we(e, t) {
		switch (R(Se, t), R(xe, e), R(be, null), t.nodeType) {
			case 9:
			case 11:
				e = (e = t.documentElement) && (e = e.namespaceURI) ? up(e) : 0;
				break;
			default: if (e = t.tagName, t = t.namespaceURI) t = up(t), e = dp(t, e);
			else switch (e) {
				case `svg`:
					e = 1;
					break;
				case `math`:
					e = 2;
					break;
				default: e = 0;
			}
		}
		ye(be), R(be, e);
	}
	function Te() {
		ye(be), ye(xe), ye(Se);
	}
	function Ee(e) {
		var t = e.memoizedState;
		t !== null && (sh._currentValue = t.memoizedState, R(Ce, e)), t = be.current;
		var n = dp(t, e.type);
		t !== n && (R(xe, e), R(be, n));
	}
	function De(e) {
		xe.current === e && (ye(be), ye(xe)), Ce.current === e && (ye(Ce), sh._currentValue = he);
	}
	var Oe, ke;
	function Ae(e) {
		if (Oe === void 0) try {
			throw Error();
		} catch (e) {
			var t = e.stack.trim().match(/\n( *(at )?)/);
			Oe = t && t[1] || ``, ke = -1 < e.stack.indexOf(`
    at`) ? ` (<anonymous>)` : -1 < e.stack.indexOf(`@`) ? `@unknown:0:0` : ``;
		}
		return `
` + Oe + e + ke;
	}
	var je = !1;
	function Me(e, t) {
		if (!e || je) return ``;
		je = !0;
		var n = Error.prepareStackTrace;
		Error.prepareStackTrace = void 0;
		try {
			var r = { DetermineComponentFrameRoot: function() {
				try {
					if (t) {
						var n = function() {
							throw Error();
						};
						if (Object.defineProperty(n.prototype, "props", { set: function() {
							throw Error();
						} }), typeof Reflect == `object` && Reflect.construct) {
							try {
								Reflect.construct(n, []);
							} catch (e) {
								var r = e;
							}
							Reflect.construct(e, [], n);
						} else {
							try {
								n.call();
							} catch (e) {
								r = e;
							}
							n = !1;
							try {
								var i = Object.getOwnPropertyDescriptor(e.prototype, `props`);
								Object.defineProperty(e.prototype, "props", {
									configurable: !0,
									set: function() {
										throw Error();
									}
								}), n = !0, new e();
							} finally {
								n && (i === void 0 ? delete e.prototype.props : Object.defineProperty(e.prototype, "props", i));
							}
						}
					} else {
						try {
							throw Error();
						} catch (e) {
							r = e;
						}
						(n = e()) && typeof n.catch == `function` && n.catch(function() {});
					}
				} catch (e) {
					if (e && r && typeof e.stack == `string`) return [e.stack, r.stack];
				}
				return [null, null];
			} };
			r.DetermineComponentFrameRoot.displayName = `DetermineComponentFrameRoot`;
			var i = Object.getOwnPropertyDescriptor(r.DetermineComponentFrameRoot, `name`);
			i && i.configurable && Object.defineProperty(r.DetermineComponentFrameRoot, "name", { value: `DetermineComponentFrameRoot` });
			var a = r.DetermineComponentFrameRoot(), o = a[0], s = a[1];
			if (o && s) {
				var c = o.split(`
`), l = s.split(`
`);
				for (i = r = 0; r < c.length && !c[r].includes(`DetermineComponentFrameRoot`);) r++;
				for (; i < l.length && !l[i].includes(`DetermineComponentFrameRoot`);) i++;
				if (r === c.length || i === l.length) for (r = c.length - 1, i = l.length - 1; 1 <= r && 0 <= i && c[r] !== l[i];) i--;
				for (; 1 <= r && 0 <= i; r--, i--) if (c[r] !== l[i]) {
					if (r !== 1 || i !== 1) do
						if (r--, i--, 0 > i || c[r] !== l[i]) {
							var u = `
` + c[r].replace(` at new `, ` at `);
							return e.displayName && u.includes(`<anonymous>`) && (u = u.replace(`<anonymous>`, e.displayName)), u;
						}
					while (1 <= r && 0 <= i);
					break;
				}
			}
		} finally {
			je = !1, Error.prepareStackTrace = n;
		}
		return (n = e ? e.displayName || e.name : ``) ? Ae(n) : ``;
	}
	function Ne(e, t) {
		switch (e.tag) {
			case 26:
			case 27:
			case 5: return Ae(e.type);
			case 16: return Ae(`Lazy`);
			case 13: return e.child !== t && t !== null ? Ae(`Suspense Fallback`) : Ae(`Suspense`);
			case 19: return Ae(`SuspenseList`);
			case 0:
			case 15: return Me(e.type, !1);
			case 11: return Me(e.type.render, !1);
			case 1: return Me(e.type, !0);
			case 31: return Ae(`Activity`);
			case 30: return Ae(`ViewTransition`);
			default: return ``;
		}
	}
	function Pe(e) {
		try {
			var t = ``, n = null;
			do
				t += Ne(e, n), n = e, e = e.return;
			while (e);
			return t;
		} catch (e) {
			return `
Error generating stack: ` + e.message + `
` + e.stack;
		}
	}
	var Fe = Object.prototype.hasOwnProperty, Ie = t.unstable_scheduleCallback, Le = t.unstable_cancelCallback, Re = t.unstable_shouldYield, ze = t.unstable_requestPaint, Be = t.unstable_now, Ve = t.unstable_getCurrentPriorityLevel, He = t.unstable_ImmediatePriority, Ue = t.unstable_UserBlockingPriority, We = t.unstable_NormalPriority, Ge = t.unstable_LowPriority, Ke = t.unstable_IdlePriority, qe = t.log, Je = t.unstable_setDisableYieldValue, Ye = null, Xe = null;
	function Ze(e) {
		if (typeof qe == `function` && Je(e), Xe && typeof Xe.setStrictMode == `function`) try {
			Xe.setStrictMode(Ye, e);
		} catch {}
	}
	var Qe = Math.clz32 ? Math.clz32 : tt, $e = Math.log, et = Math.LN2;
	function tt(e) {
		return e >>>= 0, e === 0 ? 32 : 31 - ($e(e) / et | 0) | 0;
	}
	var nt = 256, rt = 262144, it = 4194304;
	function at(e) {
		var t = e & 42;
		if (t !== 0) return t;
		switch (e & -e) {
			case 1: return 1;
			case 2: return 2;
			case 4: return 4;
			case 8: return 8;
			case 16: return 16;
			case 32: return 32;
			case 64: return 64;
			case 128: return 128;
			case 256:
			case 512:
			case 1024:
			case 2048:
			case 4096:
			case 8192:
			case 16384:
			case 32768:
			case 65536:
			case 131072: return e & -e;
			case 262144:
			case 524288:
			case 1048576:
			case 2097152: return e & 3932160;
			case 4194304:
			case 8388608:
			case 16777216:
			case 33554432: return e & 62914560;
			case 67108864: return 67108864;
			case 134217728: return 134217728;
			case 268435456: return 268435456;
			case 536870912: return 536870912;
			case 1073741824: return 0;
			default: return e;
		}
	}
	function ot(e, t, n) {
		var r = e.pendingLanes;
		if (r === 0) return 0;
		var i = 0, a = e.suspendedLanes, o = e.pingedLanes;
		e = e.warmLanes;
		var s = r & 134217727;
		return s === 0 ? (s = r & ~a, s === 0 ? o === 0 ? n || (n = r & ~e, n !== 0 && (i = at(n))) : i = at(o) : i = at(s)) : (r = s & ~a, r === 0 ? (o &= s, o === 0 ? n || (n = s & ~e, n !== 0 && (i = at(n))) : i = at(o)) : i = at(r)), i === 0 ? 0 : t !== 0 && t !== i && (t & a) === 0 && (a = i & -i, n = t & -t, a >= n || a === 32 && n & 4194048) ? t : i;
	}
	function st(e, t) {
		return (e.pendingLanes & ~(e.suspendedLanes & ~e.pingedLanes) & t) === 0;
	}
	function ct(e, t) {
		t & 8 && (t |= t & 32);
		var n = e.entangledLanes;
		if (n !== 0) for (e = e.entanglements, n &= t; 0 < n;) {
			var r = 31 - Qe(n), i = 1 << r;
			t |= e[r], n &= ~i;
		}
		return t;
	}
	function lt(e, t) {
		switch (e) {
			case 1:
			case 2:
			case 4:
			case 8:
			case 64: return t + 250;
			case 16:
			case 32:
			case 128:
			case 256:
			case 512:
			case 1024:
			case 2048:
			case 4096:
			case 8192:
			case 16384:
			case 32768:
			case 65536:
			case 131072:
			case 262144:
			case 524288:
			case 1048576:
			case 2097152: return t + 5e3;
			case 4194304:
			case 8388608:
			case 16777216:
			case 33554432: return -1;
			case 67108864:
			case 134217728:
			case 268435456:
			case 536870912:
			case 1073741824: return -1;
			default: return -1;
		}
	}
	function ut() {
		var e = it;
		return it <<= 1, !(it & 62914560) && (it = 4194304), e;
	}
	function dt(e) {
		for (var t = [], n = 0; 31 > n; n++) t.push(e);
		return t;
	}
	function ft(e, t) {
		e.pendingLanes |= t, t !== 268435456 && (e.suspendedLanes = 0, e.pingedLanes = 0, e.warmLanes = 0);
	}
	function pt(e, t, n, r, i, a) {
		var o = e.pendingLanes;
		e.pendingLanes = n, e.suspendedLanes = 0, e.pingedLanes = 0, e.warmLanes = 0, e.expiredLanes &= n, e.entangledLanes &= n, e.errorRecoveryDisabledLanes &= n, e.shellSuspendCounter = 0;
		var s = e.entanglements, c = e.expirationTimes, l = e.hiddenUpdates;
		for (n = o & ~n; 0 < n;) {
			var u = 31 - Qe(n), d = 1 << u;
			s[u] = 0, c[u] = -1;
			var f = l[u];
			if (f !== null) for (l[u] = null, u = 0; u < f.length; u++) {
				var p = f[u];
				p !== null && (p.lane &= -536870913);
			}
			n &= ~d;
		}
		r !== 0 && mt(e, r, 0), a !== 0 && i === 0 && e.tag !== 0 && (e.suspendedLanes |= a & ~(o & ~t));
	}
	function mt(e, t, n) {
		e.pendingLanes |= t, e.suspendedLanes &= ~t;
		var r = 31 - Qe(t);
		e.entangledLanes |= t, e.entanglements[r] = e.entanglements[r] | 1073741824 | n & 261930;
	}
	function ht(e, t) {
		var n = e.entangledLanes |= t;
		for (e = e.entanglements; n;) {
			var r = 31 - Qe(n), i = 1 << r;
			i & t | e[r] & t && (e[r] |= t), n &= ~i;
		}
	}
	function gt(e, t) {
		var n = t & -t;
		return n = n & 42 ? 1 : _t(n), (n & (e.suspendedLanes | t)) === 0 ? n : 0;
	}
	function _t(e) {
		switch (e) {
			case 2:
				e = 1;
				break;
			case 8:
				e = 4;
				break;
			case 32:
				e = 16;
				break;
			case 256:
			case 512:
			case 1024:
			case 2048:
			case 4096:
			case 8192:
			case 16384:
			case 32768:
			case 65536:
			case 131072:
			case 262144:
			case 524288:
			case 1048576:
			case 2097152:
			case 4194304:
			case 8388608:
			case 16777216:
			case 33554432:
				e = 128;
				break;
			case 268435456:
				e = 134217728;
				break;
			default: e = 0;
		}
		return e;
	}
	function vt(e) {
		return e &= -e, 2 < e ? 8 < e ? e & 134217727 ? 32 : 268435456 : 8 : 2;
	}
	function yt() {
		var e = L.p;
		return e === 0 ? (e = window.event, e === void 0 ? 32 : Ch(e.type)) : e;
	}
	function bt(e, t) {
		var n = L.p;
		try {
			return L.p = e, t();
		} finally {
			L.p = n;
		}
	}
	var xt = Math.random().toString(36).slice(2), St = `__reactFiber$` + xt, Ct = `__reactProps$` + xt, wt = `__reactContainer$` + xt, Tt = `__reactEvents$` + xt, Et = `__reactListeners$` + xt, Dt = `__reactHandles$` + xt, Ot = `__reactResources$` + xt, kt = `__reactMarker$` + xt, At = `__reactLoad$` + xt;
	function jt(e) {
		delete e[St], delete e[Ct], delete e[Et], delete e[Dt];
	}
	function Mt(e) {
		var t;
		if (t = e[St]) return t;
		for (var n = e.parentNode; n;) {
			if (t = n[wt] || n[St]) {
				if (n = t.alternate, t.child !== null || n !== null && n.child !== null) for (e = fm(e); e !== null;) {
					if (n = e[St]) return n;
					e = fm(e);
				}
				return t;
			}
			e = n, n = e.parentNode;
		}
		return null;
	}
	function Nt(e) {
		if (e = e[St] || e[wt]) {
			var t = e.tag;
			if (t === 5 || t === 6 || t === 13 || t === 31 || t === 26 || t === 27 || t === 3) return e;
		}
		return null;
	}
	function Pt(e) {
		var t = e.tag;
		if (t === 5 || t === 26 || t === 27 || t === 6) return e.stateNode;
		throw Error(o(33));
	}
	function Ft(e) {
		var t = e[Ot];
		return t ||= e[Ot] = {
			hoistableStyles: /* @__PURE__ */ new Map(),
			hoistableScripts: /* @__PURE__ */ new Map()
		}, t;
	}
	function It(e) {
		e[kt] = !0;
	}
	function Lt(e) {
		e[At] = void 0;
	}
	var Rt = /* @__PURE__ */ new Set(), zt = {};
	function Bt(e, t) {
		Vt(e, t), Vt(e + `Capture`, t);
	}
	function Vt(e, t) {
		for (zt[e] = t, e = 0; e < t.length; e++) Rt.add(t[e]);
	}
	var Ht = RegExp(`^[:A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD][:A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040]*$`), Ut = {}, Wt = {};
	function Gt(e) {
		return Fe.call(Wt, e) ? !0 : Fe.call(Ut, e) ? !1 : Ht.test(e) ? Wt[e] = !0 : (Ut[e] = !0, !1);
	}
	var z = !1;
	function Kt() {
		var e = z;
		return z = !1, e;
	}
	function qt(e, t, n) {
		if (Gt(t)) {
			if (n === null) e.removeAttribute(t);
			else {
				switch (typeof n) {
					case `undefined`:
					case `function`:
					case `symbol`:
						e.removeAttribute(t);
						return;
					case `boolean`:
						var r = t.toLowerCase().slice(0, 5);
						if (r !== `data-` && r !== `aria-`) {
							e.removeAttribute(t);
							return;
						}
				}
				e.setAttribute(t, n);
			}
		}
	}
	function Jt(e, t, n) {
		if (n === null) e.removeAttribute(t);
		else {
			switch (typeof n) {
				case `undefined`:
				case `function`:
				case `symbol`:
				case `boolean`:
					e.removeAttribute(t);
					return;
			}
			e.setAttribute(t, n);
		}
	}
	function Yt(e, t, n, r) {
		if (r === null) e.removeAttribute(n);
		else {
			switch (typeof r) {
				case `undefined`:
				case `function`:
				case `symbol`:
				case `boolean`:
					e.removeAttribute(n);
					return;
			}
			e.setAttributeNS(t, n, r);
		}
	}
	function Xt(e) {
		switch (typeof e) {
			case `bigint`:
			case `boolean`:
			case `number`:
			case `string`:
			case `undefined`: return e;
			case `object`: return e;
			default: return ``;
		}
	}
	function Zt(e) {
		var t = e.type;
		return (e = e.nodeName) && e.toLowerCase() === `input` && (t === `checkbox` || t === `radio`);
	}
	function Qt(e, t, n) {
		var r = Object.getOwnPropertyDescriptor(e.constructor.prototype, t);
		if (!e.hasOwnProperty(t) && r !== void 0 && typeof r.get == `function` && typeof r.set == `function`) {
			var i = r.get, a = r.set;
			return Object.defineProperty(e, t, {
				configurable: !0,
				get: function() {
					return i.call(this);
				},
				set: function(e) {
					n = `` + e, a.call(this, e);
				}
			}), Object.defineProperty(e, t, { enumerable: r.enumerable }), {
				getValue: function() {
					return n;
				},
				setValue: function(e) {
					n = `` + e;
				},
				stopTracking: function() {
					e._valueTracker = null, delete e[t];
				}
			};
		}
	}
	function $t(e) {
		if (!e._valueTracker) {
			var t = Zt(e) ? `checked` : `value`;
			e._valueTracker = Qt(e, t, `` + e[t]);
		}
	}
	function en(e) {
		if (!e) return !1;
		var t = e._valueTracker;
		if (!t) return !0;
		var n = t.getValue(), r = ``;
		return e && (r = Zt(e) ? e.checked ? `true` : `false` : e.value), e = r, e !== n && (t.setValue(e), !0);
	}
	var tn = /[\n"\\]/g;
	function nn(e) {
		return e.replace(tn, function(e) {
			return `\\` + e.charCodeAt(0).toString(16) + ` `;
		});
	}
	function rn(e, t, n, r, i, a, o, s) {
		e.name = ``, o != null && typeof o != `function` && typeof o != `symbol` && typeof o != `boolean` ? e.type = o : e.removeAttribute(`type`), t == null ? o !== `submit` && o !== `reset` || e.removeAttribute(`value`) : o === `number` ? (t === 0 && e.value === `` || e.value != t) && (e.value = `` + Xt(t)) : e.value !== `` + Xt(t) && (e.value = `` + Xt(t)), t == null ? n == null ? r != null && e.removeAttribute(`value`) : on(e, Xt(n)) : o === `number` && e.value == t ? on(e, Xt(e.value)) : on(e, Xt(t)), i == null && a != null && (e.defaultChecked = !!a), i != null && (e.checked = i && typeof i != `function` && typeof i != `symbol`), s != null && typeof s != `function` && typeof s != `symbol` && typeof s != `boolean` ? e.name = `` + Xt(s) : e.removeAttribute(`name`);
	}
	function an(e, t, n, r, i, a, o, s) {
		if (a != null && typeof a != `function` && typeof a != `symbol` && typeof a != `boolean` && (e.type = a), t != null || n != null) {
			if (!(a !== `submit` && a !== `reset` || t != null)) {
				$t(e);
				return;
			}
			n = n == null ? `` : `` + Xt(n), t = t == null ? n : `` + Xt(t), s || t === e.value || (e.value = t), e.defaultValue = t;
		}
		r ??= i, r = typeof r != `function` && typeof r != `symbol` && !!r, e.checked = s ? e.checked : !!r, e.defaultChecked = !!r, o != null && typeof o != `function` && typeof o != `symbol` && typeof o != `boolean` && (e.name = o), $t(e);
	}
	function on(e, t) {
		e.defaultValue !== `` + t && (e.defaultValue = `` + t);
	}
	function sn(e, t, n, r) {
		if (e = e.options, t) {
			t = {};
			for (var i = 0; i < n.length; i++) t[`$` + n[i]] = !0;
			for (n = 0; n < e.length; n++) i = t.hasOwnProperty(`$` + e[n].value), e[n].selected !== i && (e[n].selected = i), i && r && (e[n].defaultSelected = !0);
		} else {
			for (n = `` + Xt(n), t = null, i = 0; i < e.length; i++) {
				if (e[i].value === n) {
					e[i].selected = !0, r && (e[i].defaultSelected = !0);
					return;
				}
				t !== null || e[i].disabled || (t = e[i]);
			}
			t !== null && (t.selected = !0);
		}
	}
	function cn(e, t, n) {
		t != null && (t = `` + Xt(t), t !== e.value && (e.value = t), n == null) ? e.defaultValue !== t && (e.defaultValue = t) : e.defaultValue = n == null ? `` : `` + Xt(n);
	}
	function ln(e, t, n, r) {
		if (t == null) {
			if (r != null) {
				if (n != null) throw Error(o(92));
				if (me(r)) {
					if (1 < r.length) throw Error(o(93));
					r = r[0];
				}
				n = r;
			}
			n ??= ``, t = n;
		}
		n = Xt(t), e.defaultValue = n, r = e.textContent, r === n && r !== `` && r !== null && (e.value = r), $t(e);
	}
	function un(e, t) {
		if (t) {
			var n = e.firstChild;
			if (n && n === e.lastChild && n.nodeType === 3) {
				n.nodeValue = t;
				return;
			}
		}
		e.textContent = t;
	}
	var dn = new Set(`animationIterationCount aspectRatio borderImageOutset borderImageSlice borderImageWidth boxFlex boxFlexGroup boxOrdinalGroup columnCount columns flex flexGrow flexPositive flexShrink flexNegative flexOrder gridArea gridRow gridRowEnd gridRowSpan gridRowStart gridColumn gridColumnEnd gridColumnSpan gridColumnStart fontWeight lineClamp lineHeight opacity order orphans scale tabSize widows zIndex zoom fillOpacity floodOpacity stopOpacity strokeDasharray strokeDashoffset strokeMiterlimit strokeOpacity strokeWidth MozAnimationIterationCount MozBoxFlex MozBoxFlexGroup MozLineClamp msAnimationIterationCount msFlex msZoom msFlexGrow msFlexNegative msFlexOrder msFlexPositive msFlexShrink msGridColumn msGridColumnSpan msGridRow msGridRowSpan WebkitAnimationIterationCount WebkitBoxFlex WebKitBoxFlexGroup WebkitBoxOrdinalGroup WebkitColumnCount WebkitColumns WebkitFlex WebkitFlexGrow WebkitFlexPositive WebkitFlexShrink WebkitLineClamp`.split(` `));
	function fn(e, t, n) {
		var r = t.indexOf(`--`) === 0;
		n == null || typeof n == `boolean` || n === `` ? r ? e.setProperty(t, ``) : t === `float` ? e.cssFloat = `` : e[t] = `` : r ? e.setProperty(t, n) : typeof n != `number` || n === 0 || dn.has(t) ? t === `float` ? e.cssFloat = n : e[t] = (`` + n).trim() : e[t] = n + `px`;
	}
	function pn(e, t, n) {
		if (t != null && typeof t != `object`) throw Error(o(62));
		if (e = e.style, n != null) {
			for (var r in n) !n.hasOwnProperty(r) || t != null && t.hasOwnProperty(r) || (r.indexOf(`--`) === 0 ? e.setProperty(r, ``) : r === `float` ? e.cssFloat = `` : e[r] = ``, z = !0);
			for (var i in t) r = t[i], t.hasOwnProperty(i) && n[i] !== r && (fn(e, i, r), z = !0);
		} else for (var a in t) t.hasOwnProperty(a) && fn(e, a, t[a]);
	}
	function mn(e) {
		if (e.indexOf(`-`) === -1) return !1;
		switch (e) {
			case `annotation-xml`:
			case `color-profile`:
			case `font-face`:
			case `font-face-src`:
			case `font-face-uri`:
			case `font-face-format`:
			case `font-face-name`:
			case `missing-glyph`: return !1;
			default: return !0;
		}
	}
	var hn = /* @__PURE__ */ new Map([
		[`acceptCharset`, `accept-charset`],
		[`htmlFor`, `for`],
		[`httpEquiv`, `http-equiv`],
		[`crossOrigin`, `crossorigin`],
		[`accentHeight`, `accent-height`],
		[`alignmentBaseline`, `alignment-baseline`],
		[`arabicForm`, `arabic-form`],
		[`baselineShift`, `baseline-shift`],
		[`capHeight`, `cap-height`],
		[`clipPath`, `clip-path`],
		[`clipRule`, `clip-rule`],
		[`colorInterpolation`, `color-interpolation`],
		[`colorInterpolationFilters`, `color-interpolation-filters`],
		[`colorProfile`, `color-profile`],
		[`colorRendering`, `color-rendering`],
		[`dominantBaseline`, `dominant-baseline`],
		[`enableBackground`, `enable-background`],
		[`fillOpacity`, `fill-opacity`],
		[`fillRule`, `fill-rule`],
		[`floodColor`, `flood-color`],
		[`floodOpacity`, `flood-opacity`],
		[`fontFamily`, `font-family`],
		[`fontSize`, `font-size`],
		[`fontSizeAdjust`, `font-size-adjust`],
		[`fontStretch`, `font-stretch`],
		[`fontStyle`, `font-style`],
		[`fontVariant`, `font-variant`],
		[`fontWeight`, `font-weight`],
		[`glyphName`, `glyph-name`],
		[`glyphOrientationHorizontal`, `glyph-orientation-horizontal`],
		[`glyphOrientationVertical`, `glyph-orientation-vertical`],
		[`horizAdvX`, `horiz-adv-x`],
		[`horizOriginX`, `horiz-origin-x`],
		[`imageRendering`, `image-rendering`],
		[`letterSpacing`, `letter-spacing`],
		[`lightingColor`, `lighting-color`],
		[`markerEnd`, `marker-end`],
		[`markerMid`, `marker-mid`],
		[`markerStart`, `marker-start`],
		[`maskType`, `mask-type`],
		[`overlinePosition`, `overline-position`],
		[`overlineThickness`, `overline-thickness`],
		[`paintOrder`, `paint-order`],
		[`panose-1`, `panose-1`],
		[`pointerEvents`, `pointer-events`],
		[`renderingIntent`, `rendering-intent`],
		[`shapeRendering`, `shape-rendering`],
		[`stopColor`, `stop-color`],
		[`stopOpacity`, `stop-opacity`],
		[`strikethroughPosition`, `strikethrough-position`],
		[`strikethroughThickness`, `strikethrough-thickness`],
		[`strokeDasharray`, `stroke-dasharray`],
		[`strokeDashoffset`, `stroke-dashoffset`],
		[`strokeLinecap`, `stroke-linecap`],
		[`strokeLinejoin`, `stroke-linejoin`],
		[`strokeMiterlimit`, `stroke-miterlimit`],
		[`strokeOpacity`, `stroke-opacity`],
		[`strokeWidth`, `stroke-width`],
		[`textAnchor`, `text-anchor`],
		[`textDecoration`, `text-decoration`],
		[`textRendering`, `text-rendering`],
		[`transformOrigin`, `transform-origin`],
		[`underlinePosition`, `underline-position`],
		[`underlineThickness`, `underline-thickness`],
		[`unicodeBidi`, `unicode-bidi`],
		[`unicodeRange`, `unicode-range`],
		[`unitsPerEm`, `units-per-em`],
		[`vAlphabetic`, `v-alphabetic`],
		[`vHanging`, `v-hanging`],
		[`vIdeographic`, `v-ideographic`],
		[`vMathematical`, `v-mathematical`],
		[`vectorEffect`, `vector-effect`],
		[`vertAdvY`, `vert-adv-y`],
		[`vertOriginX`, `vert-origin-x`],
		[`vertOriginY`, `vert-origin-y`],
		[`wordSpacing`, `word-spacing`],
		[`writingMode`, `writing-mode`],
		[`xmlnsXlink`, `xmlns:xlink`],
		[`xHeight`, `x-height`]
	]), gn = /^[\u0000-\u001F ]*j[\r\n\t]*a[\r\n\t]*v[\r\n\t]*a[\r\n\t]*s[\r\n\t]*c[\r\n\t]*r[\r\n\t]*i[\r\n\t]*p[\r\n\t]*t[\r\n\t]*:/i;
	function _n(e) {
		return gn.test(`` + e) ? `javascript:throw new Error('React has blocked a javascript: URL as a security precaution.')` : e;
	}
	function vn() {}
	var yn = null;
	function bn(e) {
		return e = e.target || e.srcElement || window, e.correspondingUseElement && (e = e.correspondingUseElement), e.nodeType === 3 ? e.parentNode : e;
	}
	var xn = null, Sn = null;
	function Cn(e) {
		var t = Nt(e);
		if (t && (e = t.stateNode)) {
			var n = e[Ct] || null;
			a: switch (e = t.stateNode, t.type) {
				case `input`:
					if (rn(e, n.value, n.defaultValue, n.defaultValue, n.checked, n.defaultChecked, n.type, n.name), t = n.name, n.type === `radio` && t != null) {
						for (n = e; n.parentNode;) n = n.parentNode;
						for (n = n.querySelectorAll(`input[name="` + nn(`` + t) + `"][type="radio"]`), t = 0; t < n.length; t++) {
							var r = n[t];
							if (r !== e && r.form === e.form) {
								var i = r[Ct] || null;
								if (!i) throw Error(o(90));
								rn(r, i.value, i.defaultValue, i.defaultValue, i.checked, i.defaultChecked, i.type, i.name);
							}
						}
						for (t = 0; t < n.length; t++) r = n[t], r.form === e.form && en(r);
					}
					break a;
				case `textarea`:
					cn(e, n.value, n.defaultValue);
					break a;
				case `select`: t = n.value, t != null && sn(e, !!n.multiple, t, !1);
			}
		}
	}
	var wn = !1;
	function Tn(e, t, n) {
		if (wn) return e(t, n);
		wn = !0;
		try {
			return e(t);
		} finally {
			if (wn = !1, (xn !== null || Sn !== null) && (zd(), xn && (t = xn, e = Sn, Sn = xn = null, Cn(t), e))) for (t = 0; t < e.length; t++) Cn(e[t]);
		}
	}
	function En(e, t) {
		var n = e.stateNode;
		if (n === null) return null;
		var r = n[Ct] || null;
		if (r === null) return null;
		n = r[t];
		a: switch (t) {
			case `onClick`:
			case `onClickCapture`:
			case `onDoubleClick`:
			case `onDoubleClickCapture`:
			case `onMouseDown`:
			case `onMouseDownCapture`:
			case `onMouseMove`:
			case `onMouseMoveCapture`:
			case `onMouseUp`:
			case `onMouseUpCapture`:
			case `onMouseEnter`:
				(r = !r.disabled) || (e = e.type, r = e !== `button` && e !== `input` && e !== `select` && e !== `textarea`), e = !r;
				break a;
			default: e = !1;
		}
		if (e) return null;
		if (n && typeof n != `function`) throw Error(o(231, t, typeof n));
		return n;
	}
	var Dn = typeof window < `u` && window.document !== void 0 && window.document.createElement !== void 0, On = !1;
	if (Dn) try {
		var kn = {};
		Object.defineProperty(kn, "passive", { get: function() {
			On = !0;
		} }), window.addEventListener(`test`, kn, kn), window.removeEventListener(`test`, kn, kn);
	} catch {
		On = !1;
	}
	var An = null, jn = null, Mn = null;
	function Nn() {
		if (Mn) return Mn;
		var e, t = jn, n = t.length, r, i = `value` in An ? An.value : An.textContent, a = i.length;
		for (e = 0; e < n && t[e] === i[e]; e++);
		var o = n - e;
		for (r = 1; r <= o && t[n - r] === i[a - r]; r++);
		return Mn = i.slice(e, 1 < r ? 1 - r : void 0);
	}
	function Pn(e) {
		var t = e.keyCode;
		return `charCode` in e ? (e = e.charCode, e === 0 && t === 13 && (e = 13)) : e = t, e === 10 && (e = 13), 32 <= e || e === 13 ? e : 0;
	}
	function Fn() {
		return !0;
	}
	function In() {
		return !1;
	}
	function Ln(e) {
		function t(t, n, r, i, a) {
			for (var o in this._reactName = t, this._targetInst = r, this.type = n, this.nativeEvent = i, this.target = a, this.currentTarget = null, e) e.hasOwnProperty(o) && (t = e[o], this[o] = t ? t(i) : i[o]);
			return this.isDefaultPrevented = (i.defaultPrevented == null ? !1 === i.returnValue : i.defaultPrevented) ? Fn : In, this.isPropagationStopped = In, this;
		}
		return D(t.prototype, {
			preventDefault: function() {
				this.defaultPrevented = !0;
				var e = this.nativeEvent;
				e && (e.preventDefault ? e.preventDefault() : typeof e.returnValue != `unknown` && (e.returnValue = !1), this.isDefaultPrevented = Fn);
			},
			stopPropagation: function() {
				var e = this.nativeEvent;
				e && (e.stopPropagation ? e.stopPropagation() : typeof e.cancelBubble != `unknown` && (e.cancelBubble = !0), this.isPropagationStopped = Fn);
			},
			persist: function() {},
			isPersistent: Fn
		}), t;
	}
	var Rn = {
		eventPhase: 0,
		bubbles: 0,
		cancelable: 0,
		timeStamp: function(e) {
			return e.timeStamp || Date.now();
		},
		defaultPrevented: 0,
		isTrusted: 0
	}, zn = Ln(Rn), Bn = D({}, Rn, {
		view: 0,
		detail: 0
	}), Vn = Ln(Bn), Hn, Un, Wn, Gn = D({}, Bn, {
		screenX: 0,
		screenY: 0,
		clientX: 0,
		clientY: 0,
		pageX: 0,
		pageY: 0,
		ctrlKey: 0,
		shiftKey: 0,
		altKey: 0,
		metaKey: 0,
		getModifierState: nr,
		button: 0,
		buttons: 0,
		relatedTarget: function(e) {
			return e.relatedTarget === void 0 ? e.fromElement === e.srcElement ? e.toElement : e.fromElement : e.relatedTarget;
		},
		movementX: function(e) {
			return `movementX` in e ? e.movementX : (e !== Wn && (Wn && e.type === `mousemove` ? (Hn = e.screenX - Wn.screenX, Un = e.screenY - Wn.screenY) : Un = Hn = 0, Wn = e), Hn);
		},
		movementY: function(e) {
			return `movementY` in e ? e.movementY : Un;
		}
	}), Kn = Ln(Gn), qn = Ln(D({}, Gn, { dataTransfer: 0 })), Jn = Ln(D({}, Bn, { relatedTarget: 0 })), Yn = Ln(D({}, Rn, {
		animationName: 0,
		elapsedTime: 0,
		pseudoElement: 0
	})), Xn = Ln(D({}, Rn, { clipboardData: function(e) {
		return `clipboardData` in e ? e.clipboardData : window.clipboardData;
	} })), Zn = Ln(D({}, Rn, { data: 0 })), Qn = {
		Esc: `Escape`,
		Spacebar: ` `,
		Left: `ArrowLeft`,
		Up: `ArrowUp`,
		Right: `ArrowRight`,
		Down: `ArrowDown`,
		Del: `Delete`,
		Win: `OS`,
		Menu: `ContextMenu`,
		Apps: `ContextMenu`,
		Scroll: `ScrollLock`,
		MozPrintableKey: `Unidentified`
	}, $n = {
		8: `Backspace`,
		9: `Tab`,
		12: `Clear`,
		13: `Enter`,
		16: `Shift`,
		17: `Control`,
		18: `Alt`,
		19: `Pause`,
		20: `CapsLock`,
		27: `Escape`,
		32: ` `,
		33: `PageUp`,
		34: `PageDown`,
		35: `End`,
		36: `Home`,
		37: `ArrowLeft`,
		38: `ArrowUp`,
		39: `ArrowRight`,
		40: `ArrowDown`,
		45: `Insert`,
		46: `Delete`,
		112: `F1`,
		113: `F2`,
		114: `F3`,
		115: `F4`,
		116: `F5`,
		117: `F6`,
		118: `F7`,
		119: `F8`,
		120: `F9`,
		121: `F10`,
		122: `F11`,
		123: `F12`,
		144: `NumLock`,
		145: `ScrollLock`,
		224: `Meta`
	}, er = {
		Alt: `altKey`,
		Control: `ctrlKey`,
		Meta: `metaKey`,
		Shift: `shiftKey`
	};
	function tr(e) {
		var t = this.nativeEvent;
		return t.getModifierState ? t.getModifierState(e) : (e = er[e]) ? !!t[e] : !1;
	}
	function nr() {
		return tr;
	}
	var rr = Ln(D({}, Bn, {
		key: function(e) {
			if (e.key) {
				var t = Qn[e.key] || e.key;
				if (t !== `Unidentified`) return t;
			}
			return e.type === `keypress` ? (e = Pn(e), e === 13 ? `Enter` : String.fromCharCode(e)) : e.type === `keydown` || e.type === `keyup` ? $n[e.keyCode] || `Unidentified` : ``;
		},
		code: 0,
		location: 0,
		ctrlKey: 0,
		shiftKey: 0,
		altKey: 0,
		metaKey: 0,
		repeat: 0,
		locale: 0,
		getModifierState: nr,
		charCode: function(e) {
			return e.type === `keypress` ? Pn(e) : 0;
		},
		keyCode: function(e) {
			return e.type === `keydown` || e.type === `keyup` ? e.keyCode : 0;
		},
		which: function(e) {
			return e.type === `keypress` ? Pn(e) : e.type === `keydown` || e.type === `keyup` ? e.keyCode : 0;
		}
	})), ir = Ln(D({}, Gn, {
		pointerId: 0,
		width: 0,
		height: 0,
		pressure: 0,
		tangentialPressure: 0,
		tiltX: 0,
		tiltY: 0,
		twist: 0,
		pointerType: 0,
		isPrimary: 0
	})), ar = Ln(D({}, Rn, { submitter: 0 })), or = Ln(D({}, Bn, {
		touches: 0,
		targetTouches: 0,
		changedTouches: 0,
		altKey: 0,
		metaKey: 0,
		ctrlKey: 0,
		shiftKey: 0,
		getModifierState: nr
	})), sr = Ln(D({}, Rn, {
		propertyName: 0,
		elapsedTime: 0,
		pseudoElement: 0
	})), cr = Ln(D({}, Gn, {
		deltaX: function(e) {
			return `deltaX` in e ? e.deltaX : `wheelDeltaX` in e ? -e.wheelDeltaX : 0;
		},
		deltaY: function(e) {
			return `deltaY` in e ? e.deltaY : `wheelDeltaY` in e ? -e.wheelDeltaY : `wheelDelta` in e ? -e.wheelDelta : 0;
		},
		deltaZ: 0,
		deltaMode: 0
	})), lr = Ln(D({}, Rn, {
		newState: 0,
		oldState: 0,
		source: 0
	})), ur = [
		9,
		13,
		27,
		32
	], dr = Dn && `CompositionEvent` in window, fr = null;
	Dn && `documentMode` in document && (fr = document.documentMode);
	var pr = Dn && `TextEvent` in window && !fr, mr = Dn && (!dr || fr && 8 < fr && 11 >= fr), hr = ` `, gr = !1;
	function _r(e, t) {
		switch (e) {
			case `keyup`: return ur.indexOf(t.keyCode) !== -1;
			case `keydown`: return t.keyCode !== 229;
			case `keypress`:
			case `mousedown`:
			case `focusout`: return !0;
			default: return !1;
		}
	}
	function vr(e) {
		return e = e.detail, typeof e == `object` && `data` in e ? e.data : null;
	}
	var yr = !1;
	function br(e, t) {
		switch (e) {
			case `compositionend`: return vr(t);
			case `keypress`: return t.which === 32 ? (gr = !0, hr) : null;
			case `textInput`: return e = t.data, e === hr && gr ? null : e;
			default: return null;
		}
	}
	function xr(e, t) {
		if (yr) return e === `compositionend` || !dr && _r(e, t) ? (e = Nn(), Mn = jn = An = null, yr = !1, e) : null;
		switch (e) {
			case `paste`: return null;
			case `keypress`:
				if (!(t.ctrlKey || t.altKey || t.metaKey) || t.ctrlKey && t.altKey) {
					if (t.char && 1 < t.char.length) return t.char;
					if (t.which) return String.fromCharCode(t.which);
				}
				return null;
			case `compositionend`: return mr && t.locale !== `ko` ? null : t.data;
			default: return null;
		}
	}
	var Sr = {
		color: !0,
		date: !0,
		datetime: !0,
		"datetime-local": !0,
		email: !0,
		month: !0,
		number: !0,
		password: !0,
		range: !0,
		search: !0,
		tel: !0,
		text: !0,
		time: !0,
		url: !0,
		week: !0
	};
	function Cr(e) {
		var t = e && e.nodeName && e.nodeName.toLowerCase();
		return t === `input` ? !!Sr[e.type] : t === `textarea`;
	}
	function wr(e, t, n, r) {
		xn ? Sn ? Sn.push(r) : Sn = [r] : xn = r, t = Jf(t, `onChange`), 0 < t.length && (n = new zn(`onChange`, `change`, null, n, r), e.push({
			event: n,
			listeners: t
		}));
	}
	var Tr = null, Er = null;
	function Dr(e) {
		Vf(e, 0);
	}
	function Or(e) {
		if (en(Pt(e))) return e;
	}
	function kr(e, t) {
		if (e === `change`) return t;
	}
	var Ar = !1;
	if (Dn) {
		var jr;
		if (Dn) {
			var Mr = `oninput` in document;
			if (!Mr) {
				var Nr = document.createElement(`div`);
				Nr.setAttribute(`oninput`, `return;`), Mr = typeof Nr.oninput == `function`;
			}
			jr = Mr;
		} else jr = !1;
		Ar = jr && (!document.documentMode || 9 < document.documentMode);
	}
	function Pr() {
		Tr && (Tr.detachEvent(`onpropertychange`, Fr), Er = Tr = null);
	}
	function Fr(e) {
		if (e.propertyName === `value` && Or(Er)) {
			var t = [];
			wr(t, Er, e, bn(e)), Tn(Dr, t);
		}
	}
	function Ir(e, t, n) {
		e === `focusin` ? (Pr(), Tr = t, Er = n, Tr.attachEvent(`onpropertychange`, Fr)) : e === `focusout` && Pr();
	}
	function Lr(e) {
		if (e === `selectionchange` || e === `keyup` || e === `keydown`) return Or(Er);
	}
	function Rr(e, t) {
		if (e === `click`) return Or(t);
	}
	function zr(e, t) {
		if (e === `input` || e === `change`) return Or(t);
	}
	function Br(e, t) {
		return e === t && (e !== 0 || 1 / e == 1 / t) || e !== e && t !== t;
	}
	var Vr = typeof Object.is == `function` ? Object.is : Br;
	function Hr(e, t) {
		if (Vr(e, t)) return !0;
		if (typeof e != `object` || !e || typeof t != `object` || !t) return !1;
		var n = Object.keys(e), r = Object.keys(t);
		if (n.length !== r.length) return !1;
		for (r = 0; r < n.length; r++) {
			var i = n[r];
			if (!Fe.call(t, i) || !Vr(e[i], t[i])) return !1;
		}
		return !0;
	}
	function Ur(e) {
		if (e ||= typeof document < `u` ? document : void 0, e === void 0) return null;
		try {
			return e.activeElement || e.body;
		} catch {
			return e.body;
		}
	}
	function Wr(e) {
		for (; e && e.firstChild;) e = e.firstChild;
		return e;
	}
	function Gr(e, t) {
		var n = Wr(e);
		e = 0;
		for (var r; n;) {
			if (n.nodeType === 3) {
				if (r = e + n.textContent.length, e <= t && r >= t) return {
					node: n,
					offset: t - e
				};
				e = r;
			}
			a: {
				for (; n;) {
					if (n.nextSibling) {
						n = n.nextSibling;
						break a;
					}
					n = n.parentNode;
				}
				n = void 0;
			}
			n = Wr(n);
		}
	}
	function Kr(e, t) {
		return e && t ? e === t ? !0 : e && e.nodeType === 3 ? !1 : t && t.nodeType === 3 ? Kr(e, t.parentNode) : `contains` in e ? e.contains(t) : e.compareDocumentPosition ? !!(e.compareDocumentPosition(t) & 16) : !1 : !1;
	}
	function qr(e) {
		e = e != null && e.ownerDocument != null && e.ownerDocument.defaultView != null ? e.ownerDocument.defaultView : window;
		for (var t = Ur(e.document); t instanceof e.HTMLIFrameElement;) {
			try {
				var n = typeof t.contentWindow.location.href == `string`;
			} catch {
				n = !1;
			}
			if (n) e = t.contentWindow;
			else break;
			t = Ur(e.document);
		}
		return t;
	}
	function Jr(e) {
		var t = e && e.nodeName && e.nodeName.toLowerCase();
		return t && (t === `input` && (e.type === `text` || e.type === `search` || e.type === `tel` || e.type === `url` || e.type === `password`) || t === `textarea` || e.contentEditable === `true`);
	}
	var Yr = Dn && `documentMode` in document && 11 >= document.documentMode, Xr = null, Zr = null, Qr = null, $r = !1;
	function ei(e, t, n) {
		var r = n.window === n ? n.document : n.nodeType === 9 ? n : n.ownerDocument;
		$r || Xr == null || Xr !== Ur(r) || (r = Xr, `selectionStart` in r && Jr(r) ? r = {
			start: r.selectionStart,
			end: r.selectionEnd
		} : (r = (r.ownerDocument && r.ownerDocument.defaultView || window).getSelection(), r = {
			anchorNode: r.anchorNode,
			anchorOffset: r.anchorOffset,
			focusNode: r.focusNode,
			focusOffset: r.focusOffset
		}), Qr && Hr(Qr, r) || (Qr = r, r = Jf(Zr, `onSelect`), 0 < r.length && (t = new zn(`onSelect`, `select`, null, t, n), e.push({
			event: t,
			listeners: r
		}), t.target = Xr)));
	}
	function ti(e, t) {
		var n = {};
		return n[e.toLowerCase()] = t.toLowerCase(), n[`Webkit` + e] = `webkit` + t, n[`Moz` + e] = `moz` + t, n;
	}
	var ni = {
		animationend: ti(`Animation`, `AnimationEnd`),
		animationiteration: ti(`Animation`, `AnimationIteration`),
		animationstart: ti(`Animation`, `AnimationStart`),
		transitionrun: ti(`Transition`, `TransitionRun`),
		transitionstart: ti(`Transition`, `TransitionStart`),
		transitioncancel: ti(`Transition`, `TransitionCancel`),
		transitionend: ti(`Transition`, `TransitionEnd`)
	}, ri = {}, ii = {};
	Dn && (ii = document.createElement(`div`).style, `AnimationEvent` in window || (delete ni.animationend.animation, delete ni.animationiteration.animation, delete ni.animationstart.animation), `TransitionEvent` in window || delete ni.transitionend.transition);
	function ai(e) {
		if (ri[e]) return ri[e];
		if (!ni[e]) return e;
		var t = ni[e], n;
		for (n in t) if (t.hasOwnProperty(n) && n in ii) return ri[e] = t[n];
		return e;
	}
	var oi = ai(`animationend`), si = ai(`animationiteration`), ci = ai(`animationstart`), li = ai(`transitionrun`), ui = ai(`transitionstart`), di = ai(`transitioncancel`), fi = ai(`transitionend`), pi = /* @__PURE__ */ new Map(), mi = `abort auxClick beforeToggle cancel canPlay canPlayThrough click close contextMenu copy cut drag dragEnd dragEnter dragExit dragLeave dragOver dragStart drop durationChange emptied encrypted ended error fullscreenChange fullscreenError gotPointerCapture input invalid keyDown keyPress keyUp load loadedData loadedMetadata loadStart lostPointerCapture mouseDown mouseMove mouseOut mouseOver mouseUp paste pause play playing pointerCancel pointerDown pointerMove pointerOut pointerOver pointerUp progress rateChange reset resize seeked seeking stalled submit suspend timeUpdate touchCancel touchEnd touchStart volumeChange scroll toggle touchMove waiting wheel`.split(` `);
	mi.push(`scrollEnd`);
	function hi(e, t) {
		pi.set(e, t), Bt(t, [e]);
	}
	var gi = 0;
	function _i(e, t) {
		if (e.name != null && e.name !== `auto`) return e.name;
		if (t.autoName !== null) return t.autoName;
		e = bd.identifierPrefix;
		var n = gi++;
		return e = `_` + e + `t_` + n.toString(32) + `_`, t.autoName = e;
	}
	function vi(e) {
		if (e == null || typeof e == `string`) return e;
		var t = null, n = Od;
		if (n !== null) for (var r = 0; r < n.length; r++) {
			var i = e[n[r]];
			if (i != null) {
				if (i === `none`) return `none`;
				t = t == null ? i : t + (` ` + i);
			}
		}
		return t ?? e.default;
	}
	function yi(e, t) {
		return e = vi(e), t = vi(t), t == null ? e === `auto` ? null : e : t === `auto` ? null : t;
	}
	var bi = typeof reportError == `function` ? reportError : function(e) {
		if (typeof window == `object` && typeof window.ErrorEvent == `function`) {
			var t = new window.ErrorEvent(`error`, {
				bubbles: !0,
				cancelable: !0,
				message: typeof e == `object` && e && typeof e.message == `string` ? String(e.message) : String(e),
				error: e
			});
			if (!window.dispatchEvent(t)) return;
		} else if (typeof process == `object` && typeof process.emit == `function`) {
			process.emit(`uncaughtException`, e);
			return;
		}
		console.error(e);
	}, xi = [], Si = 0, Ci = 0;
	function wi() {
		for (var e = Si, t = Ci = Si = 0; t < e;) {
			var n = xi[t];
			xi[t++] = null;
			var r = xi[t];
			xi[t++] = null;
			var i = xi[t];
			xi[t++] = null;
			var a = xi[t];
			if (xi[t++] = null, r !== null && i !== null) {
				var o = r.pending;
				o === null ? i.next = i : (i.next = o.next, o.next = i), r.pending = i;
			}
			a !== 0 && Oi(n, i, a);
		}
	}
	function Ti(e, t, n, r) {
		xi[Si++] = e, xi[Si++] = t, xi[Si++] = n, xi[Si++] = r, Ci |= r, e.lanes |= r, e = e.alternate, e !== null && (e.lanes |= r);
	}
	function Ei(e, t, n, r) {
		return Ti(e, t, n, r), ki(e);
	}
	function Di(e, t) {
		return Ti(e, null, null, t), ki(e);
	}
	function Oi(e, t, n) {
		e.lanes |= n;
		var r = e.alternate;
		r !== null && (r.lanes |= n);
		for (var i = !1, a = e.return; a !== null;) a.childLanes |= n, r = a.alternate, r !== null && (r.childLanes |= n), a.tag === 22 && (e = a.stateNode, e === null || e._visibility & 1 || (i = !0)), e = a, a = a.return;
		return e.tag === 3 ? (a = e.stateNode, i && t !== null && (i = 31 - Qe(n), e = a.hiddenUpdates, r = e[i], r === null ? e[i] = [t] : r.push(t), t.lane = n | 536870912), a) : null;
	}
	function ki(e) {
		if (50 < kd) throw kd = 0, Ad = null, Error(o(185));
		for (var t = e.return; t !== null;) e = t, t = e.return;
		return e.tag === 3 ? e.stateNode : null;
	}
	var Ai = {};
	function ji(e, t, n, r) {
		this.tag = e, this.key = n, this.sibling = this.child = this.return = this.stateNode = this.type = this.elementType = null, this.index = 0, this.refCleanup = this.ref = null, this.pendingProps = t, this.dependencies = this.memoizedState = this.updateQueue = this.memoizedProps = null, this.mode = r, this.subtreeFlags = this.flags = 0, this.deletions = null, this.childLanes = this.lanes = 0, this.alternate = null;
	}
	function Mi(e, t, n, r) {
		return new ji(e, t, n, r);
	}
	function Ni(e) {
		return e = e.prototype, !(!e || !e.isReactComponent);
	}
	function Pi(e, t) {
		var n = e.alternate;
		return n === null ? (n = Mi(e.tag, t, e.key, e.mode), n.elementType = e.elementType, n.type = e.type, n.stateNode = e.stateNode, n.alternate = e, e.alternate = n) : (n.pendingProps = t, n.type = e.type, n.flags = 0, n.subtreeFlags = 0, n.deletions = null), n.flags = e.flags & 1206910976, n.childLanes = e.childLanes, n.lanes = e.lanes, n.child = e.child, n.memoizedProps = e.memoizedProps, n.memoizedState = e.memoizedState, n.updateQueue = e.updateQueue, t = e.dependencies, n.dependencies = t === null ? null : {
			lanes: t.lanes,
			firstContext: t.firstContext
		}, n.sibling = e.sibling, n.index = e.index, n.ref = e.ref, n.refCleanup = e.refCleanup, n;
	}
	function Fi(e, t) {
		e.flags &= 1206910978;
		var n = e.alternate;
		return n === null ? (e.childLanes = 0, e.lanes = t, e.child = null, e.subtreeFlags = 0, e.memoizedProps = null, e.memoizedState = null, e.updateQueue = null, e.dependencies = null, e.stateNode = null) : (e.childLanes = n.childLanes, e.lanes = n.lanes, e.child = n.child, e.subtreeFlags = 0, e.deletions = null, e.memoizedProps = n.memoizedProps, e.memoizedState = n.memoizedState, e.updateQueue = n.updateQueue, e.type = n.type, t = n.dependencies, e.dependencies = t === null ? null : {
			lanes: t.lanes,
			firstContext: t.firstContext
		}), e;
	}
	function Ii(e, t, n, r, i, a) {
		var s = 0;
		if (r = e, typeof r == `function`) Ni(r) && (s = 1);
		else if (typeof r == `string`) s = qm(e, n, be.current) ? 26 : e === `html` || e === `head` || e === `body` ? 27 : 5;
		else a: switch (r) {
			case ae: return e = Mi(31, n, t, i), e.elementType = ae, e.lanes = a, e;
			case j: return Li(n.children, i, a, t);
			case M:
				s = 8, i |= 24;
				break;
			case ee: return e = Mi(12, n, t, i | 2), e.elementType = ee, e.lanes = a, e;
			case ne: return e = Mi(13, n, t, i), e.elementType = ne, e.lanes = a, e;
			case re: return e = Mi(19, n, t, i), e.elementType = re, e.lanes = a, e;
			case oe:
			case ce: return e = i | 32, e = Mi(30, n, t, e), e.elementType = ce, e.lanes = a, e.stateNode = {
				autoName: null,
				paired: null,
				clones: null,
				ref: null
			}, e;
			default:
				if (typeof r == `object` && r) switch (r.$$typeof) {
					case P:
						s = 10;
						break a;
					case N:
						s = 9;
						break a;
					case te:
						s = 11;
						break a;
					case ie:
						s = 14;
						break a;
					case F:
						s = 16, r = null;
						break a;
				}
				s = 29, n = Error(o(130, e === null ? `null` : typeof e, ``)), r = null;
		}
		return t = Mi(s, n, t, i), t.elementType = e, t.type = r, t.lanes = a, t;
	}
	function Li(e, t, n, r) {
		return e = Mi(7, e, r, t), e.lanes = n, e;
	}
	function Ri(e, t, n) {
		return e = Mi(6, e, null, t), e.lanes = n, e;
	}
	function zi(e) {
		var t = Mi(18, null, null, 0);
		return t.stateNode = e, t;
	}
	function Bi(e, t, n) {
		return t = Mi(4, e.children === null ? [] : e.children, e.key, t), t.lanes = n, t.stateNode = {
			containerInfo: e.containerInfo,
			pendingChildren: null,
			implementation: e.implementation
		}, t;
	}
	var Vi = /* @__PURE__ */ new WeakMap();
	function Hi(e, t) {
		if (typeof e == `object` && e) {
			var n = Vi.get(e);
			return n === void 0 ? (t = {
				value: e,
				source: t,
				stack: Pe(t)
			}, Vi.set(e, t), t) : n;
		}
		return {
			value: e,
			source: t,
			stack: Pe(t)
		};
	}
	var Ui = [], Wi = 0, Gi = null, Ki = 0, qi = [], Ji = 0, Yi = null, Xi = 1, Zi = ``;
	function Qi(e, t) {
		Ui[Wi++] = Ki, Ui[Wi++] = Gi, Gi = e, Ki = t;
	}
	function $i(e, t, n) {
		qi[Ji++] = Xi, qi[Ji++] = Zi, qi[Ji++] = Yi, Yi = e;
		var r = Xi;
		e = Zi;
		var i = 32 - Qe(r) - 1;
		r &= ~(1 << i), n += 1;
		var a = 32 - Qe(t) + i;
		if (30 < a) {
			var o = i - i % 5;
			a = (r & (1 << o) - 1).toString(32), r >>= o, i -= o, Xi = 1 << 32 - Qe(t) + i | n << i | r, Zi = a + e;
		} else Xi = 1 << a | n << i | r, Zi = e;
	}
	function ea(e) {
		e.return !== null && (Qi(e, 1), $i(e, 1, 0));
	}
	function ta(e) {
		for (; e === Gi;) Gi = Ui[--Wi], Ui[Wi] = null, Ki = Ui[--Wi], Ui[Wi] = null;
		for (; e === Yi;) Yi = qi[--Ji], qi[Ji] = null, Zi = qi[--Ji], qi[Ji] = null, Xi = qi[--Ji], qi[Ji] = null;
	}
	function na(e, t) {
		qi[Ji++] = Xi, qi[Ji++] = Zi, qi[Ji++] = Yi, Xi = t.id, Zi = t.overflow, Yi = e;
	}
	var ra = null, ia = null, B = !1, aa = null, oa = !1, sa = Error(o(519));
	function ca(e) {
		throw ma(Hi(Error(o(418, 1 < arguments.length && arguments[1] !== void 0 && arguments[1] ? `text` : `HTML`, ``)), e)), sa;
	}
	function la(e) {
		var t = e.stateNode, n = e.type, r = e.memoizedProps;
		switch (t[St] = e, t[Ct] = r, n) {
			case `dialog`:
				Q(`cancel`, t), Q(`close`, t);
				break;
			case `iframe`:
			case `object`:
			case `embed`:
				Q(`load`, t);
				break;
			case `video`:
			case `audio`:
				for (n = 0; n < zf.length; n++) Q(zf[n], t);
				break;
			case `source`:
				Q(`error`, t);
				break;
			case `img`:
			case `image`:
			case `link`:
				Q(`error`, t), Q(`load`, t);
				break;
			case `details`:
				Q(`toggle`, t);
				break;
			case `input`:
				Q(`invalid`, t), an(t, r.value, r.defaultValue, r.checked, r.defaultChecked, r.type, r.name, !0);
				break;
			case `select`:
				Q(`invalid`, t);
				break;
			case `textarea`: Q(`invalid`, t), ln(t, r.value, r.defaultValue, r.children);
		}
		n = r.children, typeof n != `string` && typeof n != `number` && typeof n != `bigint` || t.textContent === `` + n || !0 === r.suppressHydrationWarning || ep(t.textContent, n) ? (r.popover != null && (Q(`beforetoggle`, t), Q(`toggle`, t)), r.onScroll != null && Q(`scroll`, t), r.onScrollEnd != null && Q(`scrollend`, t), r.onClick != null && (t.onclick = vn), t = !0) : t = !1, t || ca(e, !0);
	}
	function ua(e) {
		for (ra = e.return; ra;) switch (ra.tag) {
			case 5:
			case 31:
			case 13:
				oa = !1;
				return;
			case 27:
			case 3:
				oa = !0;
				return;
			default: ra = ra.return;
		}
	}
	function da(e) {
		if (e !== ra) return !1;
		if (!B) return ua(e), B = !0, !1;
		var t = e.tag, n;
		if ((n = t !== 3 && t !== 27) && ((n = t === 5) && (n = e.type, n = n === `form` || n === `button` || pp(e.type, e.memoizedProps)), n = !n), n && ia && ca(e), ua(e), t === 13) {
			if (e = e.memoizedState, e = e === null ? null : e.dehydrated, !e) throw Error(o(317));
			ia = dm(e);
		} else if (t === 31) {
			if (e = e.memoizedState, e = e === null ? null : e.dehydrated, !e) throw Error(o(317));
			ia = dm(e);
		} else t === 27 ? (t = ia, Sp(e.type) ? (e = um, um = null, ia = e) : ia = t) : ia = ra ? lm(e.stateNode.nextSibling) : null;
		return !0;
	}
	function fa() {
		ia = ra = null, B = !1;
	}
	function pa() {
		var e = aa;
		return e !== null && (fd === null ? fd = e : fd.push.apply(fd, e), aa = null), e;
	}
	function ma(e) {
		aa === null ? aa = [e] : aa.push(e);
	}
	var ha = ve(null), ga = null, _a = null;
	function va(e, t, n) {
		R(ha, t._currentValue), t._currentValue = n;
	}
	function ya(e) {
		e._currentValue = ha.current, ye(ha);
	}
	function ba(e, t, n) {
		for (; e !== null;) {
			var r = e.alternate;
			if ((e.childLanes & t) === t ? r !== null && (r.childLanes & t) !== t && (r.childLanes |= t) : (e.childLanes |= t, r !== null && (r.childLanes |= t)), e === n) break;
			e = e.return;
		}
	}
	function xa(e, t, n, r) {
		var i = e.child;
		for (i !== null && (i.return = e); i !== null;) {
			var a = i.dependencies;
			if (a !== null) {
				var s = i.child;
				a = a.firstContext;
				a: for (; a !== null;) {
					var c = a;
					a = i;
					for (var l = 0; l < t.length; l++) if (c.context === t[l]) {
						a.lanes |= n, c = a.alternate, c !== null && (c.lanes |= n), ba(a.return, n, e), r || (s = null);
						break a;
					}
					a = c.next;
				}
			} else if (i.tag === 18) {
				if (s = i.return, s === null) throw Error(o(341));
				s.lanes |= n, a = s.alternate, a !== null && (a.lanes |= n), ba(s, n, e), s = null;
			} else i.tag === 13 && i.memoizedState !== null && i.memoizedState.dehydrated === null ? (i.lanes |= n, s = i.alternate, s !== null && (s.lanes |= n), ba(i.return, n, e), s = i.child, s = s === null ? null : s.sibling) : s = i.child;
			if (s !== null) s.return = i;
			else for (s = i; s !== null;) {
				if (s === e) {
					s = null;
					break;
				}
				if (i = s.sibling, i !== null) {
					i.return = s.return, s = i;
					break;
				}
				s = s.return;
			}
			i = s;
		}
	}
	function Sa(e, t, n, r) {
		e = null;
		for (var i = t, a = !1; i !== null;) {
			if (!a) {
				if (i.flags & 524288) a = !0;
				else if (i.flags & 262144) break;
			}
			if (i.tag === 10) {
				var s = i.alternate;
				if (s === null) throw Error(o(387));
				if (s = s.memoizedProps, s !== null) {
					var c = i.type;
					Vr(i.pendingProps.value, s.value) || (e === null ? e = [c] : e.push(c));
				}
			} else if (i === Ce.current) {
				if (s = i.alternate, s === null) throw Error(o(387));
				s.memoizedState.memoizedState !== i.memoizedState.memoizedState && (e === null ? e = [sh] : e.push(sh));
			}
			i = i.return;
		}
		return e !== null && xa(t, e, n, r), t.flags |= 262144, e !== null;
	}
	function Ca(e) {
		for (e = e.firstContext; e !== null;) {
			if (!Vr(e.context._currentValue, e.memoizedValue)) return !0;
			e = e.next;
		}
		return !1;
	}
	function wa(e) {
		ga = e, _a = null, e = e.dependencies, e !== null && (e.firstContext = null);
	}
	function Ta(e) {
		return Da(ga, e);
	}
	function Ea(e, t) {
		return ga === null && wa(e), Da(e, t);
	}
	function Da(e, t) {
		var n = t._currentValue;
		if (t = {
			context: t,
			memoizedValue: n,
			next: null
		}, _a === null) {
			if (e === null) throw Error(o(308));
			_a = t, e.dependencies = {
				lanes: 0,
				firstContext: t
			}, e.flags |= 524288;
		} else _a = _a.next = t;
		return n;
	}
	var Oa = typeof AbortController < `u` ? AbortController : function() {
		var e = [], t = this.signal = {
			aborted: !1,
			addEventListener: function(t, n) {
				e.push(n);
			}
		};
		this.abort = function() {
			t.aborted = !0, e.forEach(function(e) {
				return e();
			});
		};
	}, ka = t.unstable_scheduleCallback, Aa = t.unstable_NormalPriority, ja = {
		$$typeof: P,
		Consumer: null,
		Provider: null,
		_currentValue: null,
		_currentValue2: null,
		_threadCount: 0
	};
	function Ma() {
		return {
			controller: new Oa(),
			data: /* @__PURE__ */ new Map(),
			refCount: 0
		};
	}
	function Na(e) {
		e.refCount--, e.refCount === 0 && ka(Aa, function() {
			e.controller.abort();
		});
	}
	function Pa(e, t) {
		if (e.pendingLanes & 4194048) {
			var n = e.transitionTypes;
			for (n === null && (n = e.transitionTypes = []), e = 0; e < t.length; e++) {
				var r = t[e];
				n.indexOf(r) === -1 && n.push(r);
			}
		}
	}
	var Fa = null;
	function Ia(e) {
		var t = e.transitionTypes;
		return e.transitionTypes = null, t;
	}
	var La = null, Ra = 0, za = 0, Ba = null;
	function Va(e, t) {
		if (La === null) {
			var n = La = [];
			Ra = 0, za = Pf(), Ba = {
				status: `pending`,
				value: void 0,
				then: function(e) {
					n.push(e);
				}
			};
		}
		return Ra++, t.then(Ha, Ha), t;
	}
	function Ha() {
		if (--Ra === 0 && (Fa = null, La !== null)) {
			Ba !== null && (Ba.status = `fulfilled`);
			var e = La;
			La = null, za = 0, Ba = null;
			for (var t = 0; t < e.length; t++) (0, e[t])();
		}
	}
	function Ua(e, t) {
		var n = [], r = {
			status: `pending`,
			value: null,
			reason: null,
			then: function(e) {
				n.push(e);
			}
		};
		return e.then(function() {
			r.status = `fulfilled`, r.value = t;
			for (var e = 0; e < n.length; e++) (0, n[e])(t);
		}, function(e) {
			for (r.status = `rejected`, r.reason = e, e = 0; e < n.length; e++) (0, n[e])(void 0);
		}), r;
	}
	var Wa = I.S;
	I.S = function(e, t) {
		if (hd = Be(), typeof t == `object` && t && typeof t.then == `function` && Va(e, t), Fa !== null) for (var n = bf; n !== null;) Pa(n, Fa), n = n.next;
		if (n = e.types, n !== null) {
			for (var r = bf; r !== null;) Pa(r, n), r = r.next;
			if (za !== 0) {
				r = Fa, r === null && (r = Fa = []);
				for (var i = 0; i < n.length; i++) {
					var a = n[i];
					r.indexOf(a) === -1 && r.push(a);
				}
			}
		}
		Wa !== null && Wa(e, t);
	};
	var Ga = ve(null);
	function Ka() {
		var e = Ga.current;
		return e === null ? $u.pooledCache : e;
	}
	function qa(e, t) {
		t === null ? R(Ga, Ga.current) : R(Ga, t.pool);
	}
	function Ja() {
		var e = Ka();
		return e === null ? null : {
			parent: ja._currentValue,
			pool: e
		};
	}
	var Ya = Error(o(460)), Xa = Error(o(474)), Za = Error(o(542)), Qa = { then: function() {} };
	function $a(e) {
		return e = e.status, e === `fulfilled` || e === `rejected`;
	}
	function eo(e, t, n) {
		switch (n = e[n], n === void 0 ? e.push(t) : n !== t && (t.then(vn, vn), t = n), t.status) {
			case `fulfilled`: return t.value;
			case `rejected`: throw e = t.reason, io(e), e === void 0 && !(`reason` in t) ? Error(o(600)) : e;
			default:
				if (typeof t.status == `string`) t.then(vn, vn);
				else {
					if (e = $u, e !== null && 100 < e.shellSuspendCounter) throw Error(o(482));
					e = t, e.status = `pending`, e.then(function(e) {
						if (t.status === `pending`) {
							var n = t;
							n.status = `fulfilled`, n.value = e;
						}
					}, function(e) {
						if (t.status === `pending`) {
							var n = t;
							n.status = `rejected`, n.reason = e;
						}
					});
				}
				switch (t.status) {
					case `fulfilled`: return t.value;
					case `rejected`: throw e = t.reason, io(e), e;
				}
				throw no = t, Ya;
		}
	}
	function to(e) {
		try {
			var t = e._init;
			return t(e._payload);
		} catch (e) {
			throw typeof e == `object` && e && typeof e.then == `function` ? (no = e, Ya) : e;
		}
	}
	var no = null;
	function ro() {
		if (no === null) throw Error(o(459));
		var e = no;
		return no = null, e;
	}
	function io(e) {
		if (e === Ya || e === Za) throw Error(o(483));
	}
	var ao = null, oo = 0;
	function so(e) {
		var t = oo;
		return oo += 1, ao === null && (ao = []), eo(ao, e, t);
	}
	function co(e, t) {
		t = t.props.ref, e.ref = t === void 0 ? null : t;
	}
	function lo(e, t) {
		throw t.$$typeof === O ? Error(o(525)) : (e = Object.prototype.toString.call(t), Error(o(31, e === `[object Object]` ? `object with keys {` + Object.keys(t).join(`, `) + `}` : e)));
	}
	function uo(e) {
		function t(t, n) {
			if (e) {
				var r = t.deletions;
				r === null ? (t.deletions = [n], t.flags |= 16) : r.push(n);
			}
		}
		function n(n, r) {
			if (!e) return null;
			for (; r !== null;) t(n, r), r = r.sibling;
			return null;
		}
		function r(e) {
			for (var t = /* @__PURE__ */ new Map(); e !== null;) e.key === null ? t.set(e.index, e) : t.set(e.key, e), e = e.sibling;
			return t;
		}
		function i(e, t) {
			return e = Pi(e, t), e.index = 0, e.sibling = null, e;
		}
		function a(t, n, r) {
			return t.index = r, e ? (r = t.alternate, r === null ? (t.flags |= 134217730, n) : (r = r.index, r < n ? (t.flags |= 2, n) : r)) : (t.flags |= 1048576, n);
		}
		function s(t) {
			return e && t.alternate === null && (t.flags |= 134217730), t;
		}
		function c(e, t, n, r) {
			return t === null || t.tag !== 6 ? (t = Ri(n, e.mode, r), t.return = e, t) : (t = i(t, n), t.return = e, t);
		}
		function l(e, t, n, r) {
			var a = n.type;
			return a === j ? (e = d(e, t, n.props.children, r, n.key), co(e, n), e) : t !== null && (t.elementType === a || typeof a == `object` && a && a.$$typeof === F && to(a) === t.type) ? (t = i(t, n.props), co(t, n), t.return = e, t) : (t = Ii(n.type, n.key, n.props, null, e.mode, r), co(t, n), t.return = e, t);
		}
		function u(e, t, n, r) {
			return t === null || t.tag !== 4 || t.stateNode.containerInfo !== n.containerInfo || t.stateNode.implementation !== n.implementation ? (t = Bi(n, e.mode, r), t.return = e, t) : (t = i(t, n.children || []), t.return = e, t);
		}
		function d(e, t, n, r, a) {
			return t === null || t.tag !== 7 ? (t = Li(n, e.mode, r, a), t.return = e, t) : (t = i(t, n), t.return = e, t);
		}
		function f(e, t, n) {
			if (typeof t == `string` && t !== `` || typeof t == `number` || typeof t == `bigint`) return t = Ri(`` + t, e.mode, n), t.return = e, t;
			if (typeof t == `object` && t) {
				switch (t.$$typeof) {
					case k: return n = Ii(t.type, t.key, t.props, null, e.mode, n), co(n, t), n.return = e, n;
					case A: return t = Bi(t, e.mode, n), t.return = e, t;
					case F: return t = to(t), f(e, t, n);
				}
				if (me(t) || de(t)) return t = Li(t, e.mode, n, null), t.return = e, t;
				if (typeof t.then == `function`) return f(e, so(t), n);
				if (t.$$typeof === P) return f(e, Ea(e, t), n);
				lo(e, t);
			}
			return null;
		}
		function p(e, t, n, r) {
			var i = t === null ? null : t.key;
			if (typeof n == `string` && n !== `` || typeof n == `number` || typeof n == `bigint`) return i === null ? c(e, t, `` + n, r) : null;
			if (typeof n == `object` && n) {
				switch (n.$$typeof) {
					case k: return n.key === i ? l(e, t, n, r) : null;
					case A: return n.key === i ? u(e, t, n, r) : null;
					case F: return n = to(n), p(e, t, n, r);
				}
				if (me(n) || de(n)) return i === null ? d(e, t, n, r, null) : null;
				if (typeof n.then == `function`) return p(e, t, so(n), r);
				if (n.$$typeof === P) return p(e, t, Ea(e, n), r);
				lo(e, n);
			}
			return null;
		}
		function m(e, t, n, r, i) {
			if (typeof r == `string` && r !== `` || typeof r == `number` || typeof r == `bigint`) return e = e.get(n) || null, c(t, e, `` + r, i);
			if (typeof r == `object` && r) {
				switch (r.$$typeof) {
					case k: return e = e.get(r.key === null ? n : r.key) || null, l(t, e, r, i);
					case A: return e = e.get(r.key === null ? n : r.key) || null, u(t, e, r, i);
					case F: return r = to(r), m(e, t, n, r, i);
				}
				if (me(r) || de(r)) return e = e.get(n) || null, d(t, e, r, i, null);
				if (typeof r.then == `function`) return m(e, t, n, so(r), i);
				if (r.$$typeof === P) return m(e, t, n, Ea(t, r), i);
				lo(t, r);
			}
			return null;
		}
		function h(i, o, s, c) {
			for (var l = null, u = null, d = o, h = o = 0, g = null; d !== null && h < s.length; h++) {
				d.index > h ? (g = d, d = null) : g = d.sibling;
				var _ = p(i, d, s[h], c);
				if (_ === null) {
					d === null && (d = g);
					break;
				}
				e && d && _.alternate === null && t(i, d), o = a(_, o, h), u === null ? l = _ : u.sibling = _, u = _, d = g;
			}
			if (h === s.length) return n(i, d), B && Qi(i, h), l;
			if (d === null) {
				for (; h < s.length; h++) d = f(i, s[h], c), d !== null && (o = a(d, o, h), u === null ? l = d : u.sibling = d, u = d);
				return B && Qi(i, h), l;
			}
			for (d = r(d); h < s.length; h++) g = m(d, i, h, s[h], c), g !== null && (e && (_ = g.alternate, _ !== null && d.delete(_.key === null ? h : _.key)), o = a(g, o, h), u === null ? l = g : u.sibling = g, u = g);
			return e && d.forEach(function(e) {
				return t(i, e);
			}), B && Qi(i, h), l;
		}
		function g(i, s, c, l) {
			if (c == null) throw Error(o(151));
			for (var u = null, d = null, h = s, g = s = 0, _ = null, v = c.next(); h !== null && !v.done; g++, v = c.next()) {
				h.index > g ? (_ = h, h = null) : _ = h.sibling;
				var y = p(i, h, v.value, l);
				if (y === null) {
					h === null && (h = _);
					break;
				}
				e && h && y.alternate === null && t(i, h), s = a(y, s, g), d === null ? u = y : d.sibling = y, d = y, h = _;
			}
			if (v.done) return n(i, h), B && Qi(i, g), u;
			if (h === null) {
				for (; !v.done; g++, v = c.next()) v = f(i, v.value, l), v !== null && (s = a(v, s, g), d === null ? u = v : d.sibling = v, d = v);
				return B && Qi(i, g), u;
			}
			for (h = r(h); !v.done; g++, v = c.next()) v = m(h, i, g, v.value, l), v !== null && (e && (_ = v.alternate, _ !== null && h.delete(_.key === null ? g : _.key)), s = a(v, s, g), d === null ? u = v : d.sibling = v, d = v);
			return e && h.forEach(function(e) {
				return t(i, e);
			}), B && Qi(i, g), u;
		}
		function _(e, r, a, c) {
			if (typeof a == `object` && a && a.type === j && a.key === null && a.props.ref === void 0 && (a = a.props.children), typeof a == `object` && a) {
				switch (a.$$typeof) {
					case k:
						a: {
							for (var l = a.key; r !== null;) {
								if (r.key === l) {
									if (l = a.type, l === j) {
										if (r.tag === 7) {
											n(e, r.sibling), c = i(r, a.props.children), co(c, a), c.return = e, e = c;
											break a;
										}
									} else if (r.elementType === l || typeof l == `object` && l && l.$$typeof === F && to(l) === r.type) {
										n(e, r.sibling), c = i(r, a.props), co(c, a), c.return = e, e = c;
										break a;
									}
									n(e, r);
									break;
								}
								t(e, r), r = r.sibling;
							}
							a.type === j ? (c = Li(a.props.children, e.mode, c, a.key), co(c, a), c.return = e, e = c) : (c = Ii(a.type, a.key, a.props, null, e.mode, c), co(c, a), c.return = e, e = c);
						}
						return s(e);
					case A:
						a: {
							for (l = a.key; r !== null;) {
								if (r.key === l) {
									if (r.tag === 4 && r.stateNode.containerInfo === a.containerInfo && r.stateNode.implementation === a.implementation) {
										n(e, r.sibling), c = i(r, a.children || []), c.return = e, e = c;
										break a;
									}
									n(e, r);
									break;
								}
								t(e, r), r = r.sibling;
							}
							c = Bi(a, e.mode, c), c.return = e, e = c;
						}
						return s(e);
					case F: return a = to(a), _(e, r, a, c);
				}
				if (me(a)) return h(e, r, a, c);
				if (de(a)) {
					if (l = de(a), typeof l != `function`) throw Error(o(150));
					return a = l.call(a), g(e, r, a, c);
				}
				if (typeof a.then == `function`) return _(e, r, so(a), c);
				if (a.$$typeof === P) return _(e, r, Ea(e, a), c);
				lo(e, a);
			}
			return typeof a == `string` && a !== `` || typeof a == `number` || typeof a == `bigint` ? (a = `` + a, r !== null && r.tag === 6 ? (n(e, r.sibling), c = i(r, a), c.return = e, e = c) : (n(e, r), c = Ri(a, e.mode, c), c.return = e, e = c), s(e)) : n(e, r);
		}
		return function(e, t, n, r) {
			try {
				oo = 0;
				var i = _(e, t, n, r);
				return ao = null, i;
			} catch (t) {
				if (t === Ya || t === Za) throw t;
				var a = Mi(29, t, null, e.mode);
				return a.lanes = r, a.return = e, a;
			}
		};
	}
	var fo = uo(!0), po = uo(!1), mo = !1;
	function ho(e) {
		e.updateQueue = {
			baseState: e.memoizedState,
			firstBaseUpdate: null,
			lastBaseUpdate: null,
			shared: {
				pending: null,
				lanes: 0,
				hiddenCallbacks: null
			},
			callbacks: null
		};
	}
	function go(e, t) {
		e = e.updateQueue, t.updateQueue === e && (t.updateQueue = {
			baseState: e.baseState,
			firstBaseUpdate: e.firstBaseUpdate,
			lastBaseUpdate: e.lastBaseUpdate,
			shared: e.shared,
			callbacks: null
		});
	}
	function _o(e) {
		return {
			lane: e,
			tag: 0,
			payload: null,
			callback: null,
			next: null
		};
	}
	function vo(e, t, n) {
		var r = e.updateQueue;
		if (r === null) return null;
		if (r = r.shared, q & 2) {
			var i = r.pending;
			return i === null ? t.next = t : (t.next = i.next, i.next = t), r.pending = t, t = ki(e), Oi(e, null, n), t;
		}
		return Ti(e, r, t, n), ki(e);
	}
	function yo(e, t, n) {
		if (t = t.updateQueue, t !== null && (t = t.shared, n & 4194048)) {
			var r = t.lanes;
			r &= e.pendingLanes, n |= r, t.lanes = n, ht(e, n);
		}
	}
	function V(e, t) {
		var n = e.updateQueue, r = e.alternate;
		if (r !== null && (r = r.updateQueue, n === r)) {
			var i = null, a = null;
			if (n = n.firstBaseUpdate, n !== null) {
				do {
					var o = {
						lane: n.lane,
						tag: n.tag,
						payload: n.payload,
						callback: null,
						next: null
					};
					a === null ? i = a = o : a = a.next = o, n = n.next;
				} while (n !== null);
				a === null ? i = a = t : a = a.next = t;
			} else i = a = t;
			n = {
				baseState: r.baseState,
				firstBaseUpdate: i,
				lastBaseUpdate: a,
				shared: r.shared,
				callbacks: r.callbacks
			}, e.updateQueue = n;
		} else e = n.lastBaseUpdate, e === null ? n.firstBaseUpdate = t : e.next = t, n.lastBaseUpdate = t;
	}
	var bo = !1;
	function xo() {
		if (bo) {
			var e = Ba;
			if (e !== null) throw e;
		}
	}
	function So(e, t, n, r) {
		bo = !1;
		var i = e.updateQueue;
		mo = !1;
		var a = i.firstBaseUpdate, o = i.lastBaseUpdate, s = i.shared.pending;
		if (s !== null) {
			i.shared.pending = null;
			var c = s, l = c.next;
			c.next = null, o === null ? a = l : o.next = l, o = c;
			var u = e.alternate;
			u !== null && (u = u.updateQueue, s = u.lastBaseUpdate, s !== o && (s === null ? u.firstBaseUpdate = l : s.next = l, u.lastBaseUpdate = c));
		}
		if (a !== null) {
			var d = i.baseState;
			o = 0, u = l = c = null, s = a;
			do {
				var f = s.lane & -536870913, p = f !== s.lane;
				if (p ? (Y & f) === f : (r & f) === f) {
					f !== 0 && f === za && (bo = !0), u !== null && (u = u.next = {
						lane: 0,
						tag: s.tag,
						payload: s.payload,
						callback: null,
						next: null
					});
					a: {
						var m = e, h = s;
						f = t;
						var g = n;
						switch (h.tag) {
							case 1:
								if (m = h.payload, typeof m == `function`) {
									d = m.call(g, d, f);
									break a;
								}
								d = m;
								break a;
							case 3: m.flags = m.flags & -65537 | 128;
							case 0:
								if (m = h.payload, f = typeof m == `function` ? m.call(g, d, f) : m, f == null) break a;
								d = D({}, d, f);
								break a;
							case 2: mo = !0;
						}
					}
					f = s.callback, f !== null && (e.flags |= 64, p && (e.flags |= 8192), p = i.callbacks, p === null ? i.callbacks = [f] : p.push(f));
				} else p = {
					lane: f,
					tag: s.tag,
					payload: s.payload,
					callback: s.callback,
					next: null
				}, u === null ? (l = u = p, c = d) : u = u.next = p, o |= f;
				if (s = s.next, s === null) {
					if (s = i.shared.pending, s === null) break;
					p = s, s = p.next, p.next = null, i.lastBaseUpdate = p, i.shared.pending = null;
				}
			} while (1);
			u === null && (c = d), i.baseState = c, i.firstBaseUpdate = l, i.lastBaseUpdate = u, a === null && (i.shared.lanes = 0), od |= o, e.lanes = o, e.memoizedState = d;
		}
	}
	function Co(e, t) {
		if (typeof e != `function`) throw Error(o(191, e));
		e.call(t);
	}
	function wo(e, t) {
		var n = e.callbacks;
		if (n !== null) for (e.callbacks = null, e = 0; e < n.length; e++) Co(n[e], t);
	}
	var To = ve(null), Eo = ve(0);
	function Do(e, t) {
		e = id, R(Eo, e), R(To, t), id = e | t.baseLanes;
	}
	function Oo() {
		R(Eo, id), R(To, To.current);
	}
	function ko() {
		id = Eo.current, ye(To), ye(Eo);
	}
	var Ao = ve(null), jo = null;
	function Mo(e) {
		var t = e.alternate;
		R(Lo, Lo.current & 1), R(Ao, e), jo === null && (t === null || To.current !== null || t.memoizedState !== null) && (jo = e);
	}
	function No(e) {
		R(Lo, Lo.current), R(Ao, e), jo === null && (jo = e);
	}
	function Po(e) {
		e.tag === 22 ? (R(Lo, Lo.current), R(Ao, e), jo === null && (jo = e)) : Fo();
	}
	function Fo() {
		R(Lo, Lo.current), R(Ao, Ao.current);
	}
	function Io(e) {
		ye(Ao), jo === e && (jo = null), ye(Lo);
	}
	var Lo = ve(0);
	function Ro(e, t) {
		R(Ao, Ao.current), R(Lo, t);
	}
	function zo(e) {
		ye(Lo), ye(Ao), jo === e && (jo = null);
	}
	function Bo(e) {
		for (var t = e; t !== null;) {
			if (t.tag === 13) {
				var n = t.memoizedState;
				if (n !== null && (n = n.dehydrated, n === null || om(n) || sm(n))) return t;
			} else if (t.tag === 19 && t.memoizedProps.revealOrder !== `independent`) {
				if (t.flags & 128) return t;
			} else if (t.child !== null) {
				t.child.return = t, t = t.child;
				continue;
			}
			if (t === e) break;
			for (; t.sibling === null;) {
				if (t.return === null || t.return === e) return null;
				t = t.return;
			}
			t.sibling.return = t.return, t = t.sibling;
		}
		return null;
	}
	var Vo = 0, H = null, U = null, Ho = null, Uo = !1, Wo = !1, Go = !1, Ko = 0, qo = 0, Jo = null, Yo = 0;
	function Xo() {
		throw Error(o(321));
	}
	function Zo(e, t) {
		if (t === null) return !1;
		for (var n = 0; n < t.length && n < e.length; n++) if (!Vr(e[n], t[n])) return !1;
		return !0;
	}
	function Qo(e, t, n, r, i, a) {
		return Vo = a, H = t, t.memoizedState = null, t.updateQueue = null, t.lanes = 0, I.H = e === null || e.memoizedState === null ? hc : gc, Go = !1, a = n(r, i), Go = !1, Wo && (a = es(t, n, r, i)), $o(e), a;
	}
	function $o(e) {
		I.H = mc;
		var t = U !== null && U.next !== null;
		if (Vo = 0, Ho = U = H = null, Uo = !1, qo = 0, Jo = null, t) throw Error(o(300));
		e === null || Nc || (e = e.dependencies, e !== null && Ca(e) && (Nc = !0));
	}
	function es(e, t, n, r) {
		H = e;
		var i = 0;
		do {
			if (Wo && (Jo = null), qo = 0, Wo = !1, 25 <= i) throw Error(o(301));
			if (i += 1, Ho = U = null, e.updateQueue != null) {
				var a = e.updateQueue;
				a.lastEffect = null, a.events = null, a.stores = null, a.memoCache != null && (a.memoCache.index = 0);
			}
			I.H = _c, a = t(n, r);
		} while (Wo);
		return a;
	}
	function ts() {
		var e = I.H, t = e.useState()[0];
		return t = typeof t.then == `function` ? cs(t) : t, e = e.useState()[0], (U === null ? null : U.memoizedState) !== e && (H.flags |= 1024), t;
	}
	function ns() {
		var e = Ko !== 0;
		return Ko = 0, e;
	}
	function rs(e, t, n) {
		t.updateQueue = e.updateQueue, t.flags &= -2053, e.lanes &= ~n;
	}
	function is(e) {
		if (Uo) {
			for (e = e.memoizedState; e !== null;) {
				var t = e.queue;
				t !== null && (t.pending = null), e = e.next;
			}
			Uo = !1;
		}
		Vo = 0, Ho = U = H = null, Wo = !1, qo = Ko = 0, Jo = null;
	}
	function as() {
		var e = {
			memoizedState: null,
			baseState: null,
			baseQueue: null,
			queue: null,
			next: null
		};
		return Ho === null ? H.memoizedState = Ho = e : Ho = Ho.next = e, Ho;
	}
	function os() {
		if (U === null) {
			var e = H.alternate;
			e = e === null ? null : e.memoizedState;
		} else e = U.next;
		var t = Ho === null ? H.memoizedState : Ho.next;
		if (t !== null) Ho = t, U = e;
		else {
			if (e === null) throw H.alternate === null ? Error(o(467)) : Error(o(310));
			U = e, e = {
				memoizedState: U.memoizedState,
				baseState: U.baseState,
				baseQueue: U.baseQueue,
				queue: U.queue,
				next: null
			}, Ho === null ? H.memoizedState = Ho = e : Ho = Ho.next = e;
		}
		return Ho;
	}
	function ss() {
		return {
			lastEffect: null,
			events: null,
			stores: null,
			memoCache: null
		};
	}
	function cs(e) {
		var t = qo;
		return qo += 1, Jo === null && (Jo = []), e = eo(Jo, e, t), t = H, (Ho === null ? t.memoizedState : Ho.next) === null && (t = t.alternate, I.H = t === null || t.memoizedState === null ? hc : gc), e;
	}
	function ls(e) {
		if (typeof e == `object` && e) {
			if (typeof e.then == `function`) return cs(e);
			if (e.$$typeof === le) return;
			if (e.$$typeof === P) return Ta(e);
		}
		throw Error(o(438, String(e)));
	}
	function us(e) {
		var t = null, n = H.updateQueue;
		if (n !== null && (t = n.memoCache), t == null) {
			var r = H.alternate;
			r !== null && (r = r.updateQueue, r !== null && (r = r.memoCache, r != null && (t = {
				data: r.data.map(function(e) {
					return e.slice();
				}),
				index: 0
			})));
		}
		if (t ??= {
			data: [],
			index: 0
		}, n === null && (n = ss(), H.updateQueue = n), n.memoCache = t, n = t.data[t.index], n === void 0) for (n = t.data[t.index] = Array(e), r = 0; r < e; r++) n[r] = se;
		return t.index++, n;
	}
	function ds(e, t) {
		return typeof t == `function` ? t(e) : t;
	}
	function fs(e) {
		return ps(os(), U, e);
	}
	function ps(e, t, n) {
		var r = e.queue;
		if (r === null) throw Error(o(311));
		r.lastRenderedReducer = n;
		var i = e.baseQueue, a = r.pending;
		if (a !== null) {
			if (i !== null) {
				var s = i.next;
				i.next = a.next, a.next = s;
			}
			t.baseQueue = i = a, r.pending = null;
		}
		if (a = e.baseState, i === null) e.memoizedState = a;
		else {
			t = i.next;
			var c = s = null, l = null, u = t, d = !1;
			do {
				var f = u.lane & -536870913;
				if (f === u.lane ? (Vo & f) === f : (Y & f) === f) {
					var p = u.revertLane;
					if (p === 0) l !== null && (l = l.next = {
						lane: 0,
						revertLane: 0,
						gesture: null,
						action: u.action,
						hasEagerState: u.hasEagerState,
						eagerState: u.eagerState,
						next: null
					}), f === za && (d = !0);
					else if ((Vo & p) === p) {
						u = u.next, p === za && (d = !0);
						continue;
					} else f = {
						lane: 0,
						revertLane: u.revertLane,
						gesture: null,
						action: u.action,
						hasEagerState: u.hasEagerState,
						eagerState: u.eagerState,
						next: null
					}, l === null ? (c = l = f, s = a) : l = l.next = f, H.lanes |= p, od |= p;
					f = u.action, Go && n(a, f), a = u.hasEagerState ? u.eagerState : n(a, f);
				} else p = {
					lane: f,
					revertLane: u.revertLane,
					gesture: u.gesture,
					action: u.action,
					hasEagerState: u.hasEagerState,
					eagerState: u.eagerState,
					next: null
				}, l === null ? (c = l = p, s = a) : l = l.next = p, H.lanes |= f, od |= f;
				u = u.next;
			} while (u !== null && u !== t);
			if (l === null ? s = a : l.next = c, !Vr(a, e.memoizedState) && (Nc = !0, d && (n = Ba, n !== null))) throw n;
			e.memoizedState = a, e.baseState = s, e.baseQueue = l, r.lastRenderedState = a;
		}
		return i === null && (r.lanes = 0), [e.memoizedState, r.dispatch];
	}
	function ms(e) {
		var t = os(), n = t.queue;
		if (n === null) throw Error(o(311));
		n.lastRenderedReducer = e;
		var r = n.dispatch, i = n.pending, a = t.memoizedState;
		if (i !== null) {
			n.pending = null;
			var s = i = i.next;
			do
				a = e(a, s.action), s = s.next;
			while (s !== i);
			Vr(a, t.memoizedState) || (Nc = !0), t.memoizedState = a, t.baseQueue === null && (t.baseState = a), n.lastRenderedState = a;
		}
		return [a, r];
	}
	function hs(e, t, n) {
		var r = H, i = os(), a = B;
		if (a) {
			if (n === void 0) throw Error(o(407));
			n = n();
		} else n = t();
		var s = !Vr((U || i).memoizedState, n);
		if (s && (i.memoizedState = n, Nc = !0), i = i.queue, Bs(vs.bind(null, r, i, e), [e]), e = i.getSnapshot !== t || s || Ho !== null && !!(Ho.memoizedState.tag & 1), Fs(e ? 9 : 8, { destroy: void 0 }, _s.bind(null, r, i, n, t), null), e) {
			if (r.flags |= 2048, $u === null) throw Error(o(349));
			a || Vo & 127 || gs(r, t, n);
		}
		return n;
	}
	function gs(e, t, n) {
		e.flags |= 16384, e = {
			getSnapshot: t,
			value: n
		}, t = H.updateQueue, t === null ? (t = ss(), H.updateQueue = t, t.stores = [e]) : (n = t.stores, n === null ? t.stores = [e] : n.push(e));
	}
	function _s(e, t, n, r) {
		t.value = n, t.getSnapshot = r, ys(t) && bs(e);
	}
	function vs(e, t, n) {
		return n(function() {
			ys(t) && bs(e);
		});
	}
	function ys(e) {
		var t = e.getSnapshot;
		e = e.value;
		try {
			var n = t();
			return !Vr(e, n);
		} catch {
			return !0;
		}
	}
	function bs(e) {
		var t = Di(e, 2);
		t !== null && Pd(t, e, 2);
	}
	function xs(e) {
		var t = as();
		if (typeof e == `function`) {
			var n = e;
			if (e = n(), Go) {
				Ze(!0);
				try {
					n();
				} finally {
					Ze(!1);
				}
			}
		}
		return t.memoizedState = t.baseState = e, t.queue = {
			pending: null,
			lanes: 0,
			dispatch: null,
			lastRenderedReducer: ds,
			lastRenderedState: e
		}, t;
	}
	function Ss(e, t, n, r) {
		return e.baseState = n, ps(e, U, typeof r == `function` ? r : ds);
	}
	function Cs(e, t, n, r, i) {
		if (dc(e)) throw Error(o(485));
		if (e = t.action, e !== null) {
			var a = {
				payload: i,
				action: e,
				next: null,
				isTransition: !0,
				status: `pending`,
				value: null,
				reason: null,
				listeners: [],
				then: function(e) {
					a.listeners.push(e);
				}
			};
			I.T === null ? a.isTransition = !1 : n(!0), r(a), n = t.pending, n === null ? (a.next = t.pending = a, ws(t, a)) : (a.next = n.next, t.pending = n.next = a);
		}
	}
	function ws(e, t) {
		var n = t.action, r = t.payload, i = e.state;
		if (t.isTransition) {
			var a = I.T, o = {};
			o.types = a === null ? null : a.types, I.T = o;
			try {
				var s = n(i, r), c = I.S;
				c !== null && c(o, s), Ts(e, t, s);
			} catch (n) {
				Ds(e, t, n);
			} finally {
				a !== null && o.types !== null && (a.types = o.types), I.T = a;
			}
		} else try {
			a = n(i, r), Ts(e, t, a);
		} catch (n) {
			Ds(e, t, n);
		}
	}
	function Ts(e, t, n) {
		typeof n == `object` && n && typeof n.then == `function` ? n.then(function(n) {
			Es(e, t, n);
		}, function(n) {
			return Ds(e, t, n);
		}) : Es(e, t, n);
	}
	function Es(e, t, n) {
		t.status = `fulfilled`, t.value = n, Os(t), e.state = n, t = e.pending, t !== null && (n = t.next, n === t ? e.pending = null : (n = n.next, t.next = n, ws(e, n)));
	}
	function Ds(e, t, n) {
		var r = e.pending;
		if (e.pending = null, r !== null) {
			r = r.next;
			do
				t.status = `rejected`, t.reason = n, Os(t), t = t.next;
			while (t !== r);
		}
		e.action = null;
	}
	function Os(e) {
		e = e.listeners;
		for (var t = 0; t < e.length; t++) (0, e[t])();
	}
	function ks(e, t) {
		return t;
	}
	function As(e, t) {
		if (B) {
			var n = $u.formState;
			if (n !== null) {
				a: {
					var r = H;
					if (B) {
						if (ia) {
							b: {
								for (var i = ia, a = oa; i.nodeType !== 8;) if (!a || (i = lm(i.nextSibling), i === null)) {
									i = null;
									break b;
								}
								a = i.data, i = a === `F!` || a === `F` ? i : null;
							}
							if (i) {
								ia = lm(i.nextSibling), r = i.data === `F!`;
								break a;
							}
						}
						ca(r);
					}
					r = !1;
				}
				r && (t = n[0]);
			}
		}
		return n = as(), n.memoizedState = n.baseState = t, r = {
			pending: null,
			lanes: 0,
			dispatch: null,
			lastRenderedReducer: ks,
			lastRenderedState: t
		}, n.queue = r, n = cc.bind(null, H, r), r.dispatch = n, r = xs(!1), a = uc.bind(null, H, !1, r.queue), r = as(), i = {
			state: t,
			dispatch: null,
			action: e,
			pending: null
		}, r.queue = i, n = Cs.bind(null, H, i, a, n), i.dispatch = n, r.memoizedState = e, [
			t,
			n,
			!1
		];
	}
	function js(e) {
		return Ms(os(), U, e);
	}
	function Ms(e, t, n) {
		if (t = ps(e, t, ks)[0], e = fs(ds)[0], typeof t == `object` && t && typeof t.then == `function`) try {
			var r = cs(t);
		} catch (e) {
			throw e === Ya ? Za : e;
		}
		else r = t;
		t = os();
		var i = t.queue, a = i.dispatch;
		return n !== t.memoizedState && (H.flags |= 2048, Fs(9, { destroy: void 0 }, Ns.bind(null, i, n), null)), [
			r,
			a,
			e
		];
	}
	function Ns(e, t) {
		e.action = t;
	}
	function Ps(e) {
		var t = os(), n = U;
		if (n !== null) return Ms(t, n, e);
		os(), t = t.memoizedState, n = os();
		var r = n.queue.dispatch;
		return n.memoizedState = e, [
			t,
			r,
			!1
		];
	}
	function Fs(e, t, n, r) {
		return e = {
			tag: e,
			create: n,
			deps: r,
			inst: t,
			next: null
		}, t = H.updateQueue, t === null && (t = ss(), H.updateQueue = t), n = t.lastEffect, n === null ? t.lastEffect = e.next = e : (r = n.next, n.next = e, e.next = r, t.lastEffect = e), e;
	}
	function Is() {
		return os().memoizedState;
	}
	function Ls(e, t, n, r) {
		var i = as();
		H.flags |= e, i.memoizedState = Fs(1 | t, { destroy: void 0 }, n, r === void 0 ? null : r);
	}
	function Rs(e, t, n, r) {
		var i = os();
		r = r === void 0 ? null : r;
		var a = i.memoizedState.inst;
		U !== null && r !== null && Zo(r, U.memoizedState.deps) ? i.memoizedState = Fs(t, a, n, r) : (H.flags |= e, i.memoizedState = Fs(1 | t, a, n, r));
	}
	function zs(e, t) {
		Ls(8390656, 8, e, t);
	}
	function Bs(e, t) {
		Rs(2048, 8, e, t);
	}
	function Vs(e) {
		H.flags |= 4;
		var t = H.updateQueue;
		if (t === null) t = ss(), H.updateQueue = t, t.events = [e];
		else {
			var n = t.events;
			n === null ? t.events = [e] : n.push(e);
		}
	}
	function Hs(e) {
		var t = os().memoizedState;
		return Vs({
			ref: t,
			nextImpl: e
		}), function() {
			if (q & 2) throw Error(o(440));
			return t.impl.apply(void 0, arguments);
		};
	}
	function Us(e, t) {
		return Rs(4, 2, e, t);
	}
	function Ws(e, t) {
		return Rs(4, 4, e, t);
	}
	function Gs(e, t) {
		if (typeof t == `function`) {
			e = e();
			var n = t(e);
			return function() {
				typeof n == `function` ? n() : t(null);
			};
		}
		if (t != null) return e = e(), t.current = e, function() {
			t.current = null;
		};
	}
	function Ks(e, t, n) {
		n = n == null ? null : n.concat([e]), Rs(4, 4, Gs.bind(null, t, e), n);
	}
	function qs() {}
	function Js(e, t) {
		var n = os();
		t = t === void 0 ? null : t;
		var r = n.memoizedState;
		return t !== null && Zo(t, r[1]) ? r[0] : (n.memoizedState = [e, t], e);
	}
	function Ys(e, t) {
		var n = os();
		t = t === void 0 ? null : t;
		var r = n.memoizedState;
		if (t !== null && Zo(t, r[1])) return r[0];
		if (r = e(), Go) {
			Ze(!0);
			try {
				e();
			} finally {
				Ze(!1);
			}
		}
		return n.memoizedState = [r, t], r;
	}
	function Xs(e, t, n) {
		return n === void 0 || Vo & 1073741824 && !(Y & 261930) ? e.memoizedState = t : (e.memoizedState = n, e = Md(), H.lanes |= e, od |= e, n);
	}
	function Zs(e, t, n, r) {
		return Vr(n, t) ? n : To.current === null ? !(Vo & 106) || Vo & 1073741824 && !(Y & 261930) ? (Nc = !0, e.memoizedState = n) : (e = Md(), H.lanes |= e, od |= e, t) : (e = Xs(e, n, r), Vr(e, t) || (Nc = !0), e);
	}
	function Qs(e, t, n, r, i) {
		var a = L.p;
		L.p = a !== 0 && 8 > a ? a : 8;
		var o = I.T, s = {};
		s.types = o === null ? null : o.types, I.T = s, uc(e, !1, t, n);
		try {
			var c = i(), l = I.S;
			l !== null && l(s, c), typeof c == `object` && c && typeof c.then == `function` ? lc(e, t, Ua(c, r), jd(e)) : lc(e, t, r, jd(e));
		} catch (n) {
			lc(e, t, {
				then: function() {},
				status: `rejected`,
				reason: n
			}, jd());
		} finally {
			L.p = a, o !== null && s.types !== null && (o.types = s.types), I.T = o;
		}
	}
	function $s() {}
	function ec(e, t, n, r) {
		if (e.tag !== 5) throw Error(o(476));
		var i = tc(e).queue;
		Qs(e, i, t, he, n === null ? $s : function() {
			return nc(e), n(r);
		});
	}
	function tc(e) {
		var t = e.memoizedState;
		if (t !== null) return t;
		t = {
			memoizedState: he,
			baseState: he,
			baseQueue: null,
			queue: {
				pending: null,
				lanes: 0,
				dispatch: null,
				lastRenderedReducer: ds,
				lastRenderedState: he
			},
			next: null
		};
		var n = {};
		return t.next = {
			memoizedState: n,
			baseState: n,
			baseQueue: null,
			queue: {
				pending: null,
				lanes: 0,
				dispatch: null,
				lastRenderedReducer: ds,
				lastRenderedState: n
			},
			next: null
		}, e.memoizedState = t, e = e.alternate, e !== null && (e.memoizedState = t), t;
	}
	function nc(e) {
		var t = tc(e);
		t.next === null && (t = e.alternate.memoizedState), lc(e, t.next.queue, {}, jd());
	}
	function rc() {
		return Ta(sh);
	}
	function ic() {
		return os().memoizedState;
	}
	function ac() {
		return os().memoizedState;
	}
	function oc(e) {
		for (var t = e.return; t !== null;) {
			switch (t.tag) {
				case 24:
				case 3:
					var n = jd();
					e = _o(n);
					var r = vo(t, e, n);
					r !== null && (Pd(r, t, n), yo(r, t, n)), t = { cache: Ma() }, e.payload = t;
					return;
			}
			t = t.return;
		}
	}
	function sc(e, t, n) {
		var r = jd();
		n = {
			lane: r,
			revertLane: 0,
			gesture: null,
			action: n,
			hasEagerState: !1,
			eagerState: null,
			next: null
		}, dc(e) ? fc(t, n) : (n = Ei(e, t, n, r), n !== null && (Pd(n, e, r), pc(n, t, r)));
	}
	function cc(e, t, n) {
		lc(e, t, n, jd());
	}
	function lc(e, t, n, r) {
		var i = {
			lane: r,
			revertLane: 0,
			gesture: null,
			action: n,
			hasEagerState: !1,
			eagerState: null,
			next: null
		};
		if (dc(e)) fc(t, i);
		else {
			var a = e.alternate;
			if (e.lanes === 0 && (a === null || a.lanes === 0) && (a = t.lastRenderedReducer, a !== null)) try {
				var o = t.lastRenderedState, s = a(o, n);
				if (i.hasEagerState = !0, i.eagerState = s, Vr(s, o)) return Ti(e, t, i, 0), $u === null && wi(), !1;
			} catch {}
			if (n = Ei(e, t, i, r), n !== null) return Pd(n, e, r), pc(n, t, r), !0;
		}
		return !1;
	}
	function uc(e, t, n, r) {
		if (r = {
			lane: 2,
			revertLane: Pf(),
			gesture: null,
			action: r,
			hasEagerState: !1,
			eagerState: null,
			next: null
		}, dc(e)) {
			if (t) throw Error(o(479));
		} else t = Ei(e, n, r, 2), t !== null && Pd(t, e, 2);
	}
	function dc(e) {
		var t = e.alternate;
		return e === H || t !== null && t === H;
	}
	function fc(e, t) {
		Wo = Uo = !0;
		var n = e.pending;
		n === null ? t.next = t : (t.next = n.next, n.next = t), e.pending = t;
	}
	function pc(e, t, n) {
		if (n & 4194048) {
			var r = t.lanes;
			r &= e.pendingLanes, n |= r, t.lanes = n, ht(e, n);
		}
	}
	var mc = {
		readContext: Ta,
		use: ls,
		useCallback: Xo,
		useContext: Xo,
		useEffect: Xo,
		useImperativeHandle: Xo,
		useLayoutEffect: Xo,
		useInsertionEffect: Xo,
		useMemo: Xo,
		useReducer: Xo,
		useRef: Xo,
		useState: Xo,
		useDebugValue: Xo,
		useDeferredValue: Xo,
		useTransition: Xo,
		useSyncExternalStore: Xo,
		useId: Xo,
		useHostTransitionStatus: Xo,
		useFormState: Xo,
		useActionState: Xo,
		useOptimistic: Xo,
		useMemoCache: Xo,
		useCacheRefresh: Xo,
		useEffectEvent: Xo
	}, hc = {
		readContext: Ta,
		use: ls,
		useCallback: function(e, t) {
			return as().memoizedState = [e, t === void 0 ? null : t], e;
		},
		useContext: Ta,
		useEffect: zs,
		useImperativeHandle: function(e, t, n) {
			n = n == null ? null : n.concat([e]), Ls(4194308, 4, Gs.bind(null, t, e), n);
		},
		useLayoutEffect: function(e, t) {
			return Ls(4194308, 4, e, t);
		},
		useInsertionEffect: function(e, t) {
			Ls(4, 2, e, t);
		},
		useMemo: function(e, t) {
			var n = as();
			t = t === void 0 ? null : t;
			var r = e();
			if (Go) {
				Ze(!0);
				try {
					e();
				} finally {
					Ze(!1);
				}
			}
			return n.memoizedState = [r, t], r;
		},
		useReducer: function(e, t, n) {
			var r = as();
			if (n !== void 0) {
				var i = n(t);
				if (Go) {
					Ze(!0);
					try {
						n(t);
					} finally {
						Ze(!1);
					}
				}
			} else i = t;
			return r.memoizedState = r.baseState = i, e = {
				pending: null,
				lanes: 0,
				dispatch: null,
				lastRenderedReducer: e,
				lastRenderedState: i
			}, r.queue = e, e = e.dispatch = sc.bind(null, H, e), [r.memoizedState, e];
		},
		useRef: function(e) {
			var t = as();
			return e = { current: e }, t.memoizedState = e;
		},
		useState: function(e) {
			e = xs(e);
			var t = e.queue, n = cc.bind(null, H, t);
			return t.dispatch = n, [e.memoizedState, n];
		},
		useDebugValue: qs,
		useDeferredValue: function(e, t) {
			return Xs(as(), e, t);
		},
		useTransition: function() {
			var e = xs(!1);
			return e = Qs.bind(null, H, e.queue, !0, !1), as().memoizedState = e, [!1, e];
		},
		useSyncExternalStore: function(e, t, n) {
			var r = H, i = as();
			if (B) {
				if (n === void 0) throw Error(o(407));
				n = n();
			} else {
				if (n = t(), $u === null) throw Error(o(349));
				Y & 127 || gs(r, t, n);
			}
			i.memoizedState = n;
			var a = {
				value: n,
				getSnapshot: t
			};
			return i.queue = a, zs(vs.bind(null, r, a, e), [e]), r.flags |= 2048, Fs(9, { destroy: void 0 }, _s.bind(null, r, a, n, t), null), n;
		},
		useId: function() {
			var e = as(), t = $u.identifierPrefix;
			if (B) {
				var n = Zi, r = Xi;
				n = (r & ~(1 << 32 - Qe(r) - 1)).toString(32) + n, t = `_` + t + `R_` + n, n = Ko++, 0 < n && (t += `H` + n.toString(32)), t += `_`;
			} else n = Yo++, t = `_` + t + `r_` + n.toString(32) + `_`;
			return e.memoizedState = t;
		},
		useHostTransitionStatus: rc,
		useFormState: As,
		useActionState: As,
		useOptimistic: function(e) {
			var t = as();
			t.memoizedState = t.baseState = e;
			var n = {
				pending: null,
				lanes: 0,
				dispatch: null,
				lastRenderedReducer: null,
				lastRenderedState: null
			};
			return t.queue = n, t = uc.bind(null, H, !0, n), n.dispatch = t, [e, t];
		},
		useMemoCache: us,
		useCacheRefresh: function() {
			return as().memoizedState = oc.bind(null, H);
		},
		useEffectEvent: function(e) {
			var t = as(), n = { impl: e };
			return t.memoizedState = n, function() {
				if (q & 2) throw Error(o(440));
				return n.impl.apply(void 0, arguments);
			};
		}
	}, gc = {
		readContext: Ta,
		use: ls,
		useCallback: Js,
		useContext: Ta,
		useEffect: Bs,
		useImperativeHandle: Ks,
		useInsertionEffect: Us,
		useLayoutEffect: Ws,
		useMemo: Ys,
		useReducer: fs,
		useRef: Is,
		useState: function() {
			return fs(ds);
		},
		useDebugValue: qs,
		useDeferredValue: function(e, t) {
			return Zs(os(), U.memoizedState, e, t);
		},
		useTransition: function() {
			var e = fs(ds)[0], t = os().memoizedState;
			return [typeof e == `boolean` ? e : cs(e), t];
		},
		useSyncExternalStore: hs,
		useId: ic,
		useHostTransitionStatus: rc,
		useFormState: js,
		useActionState: js,
		useOptimistic: function(e, t) {
			return Ss(os(), U, e, t);
		},
		useMemoCache: us,
		useCacheRefresh: ac,
		useEffectEvent: Hs
	}, _c = {
		readContext: Ta,
		use: ls,
		useCallback: Js,
		useContext: Ta,
		useEffect: Bs,
		useImperativeHandle: Ks,
		useInsertionEffect: Us,
		useLayoutEffect: Ws,
		useMemo: Ys,
		useReducer: ms,
		useRef: Is,
		useState: function() {
			return ms(ds);
		},
		useDebugValue: qs,
		useDeferredValue: function(e, t) {
			var n = os();
			return U === null ? Xs(n, e, t) : Zs(n, U.memoizedState, e, t);
		},
		useTransition: function() {
			var e = ms(ds)[0], t = os().memoizedState;
			return [typeof e == `boolean` ? e : cs(e), t];
		},
		useSyncExternalStore: hs,
		useId: ic,
		useHostTransitionStatus: rc,
		useFormState: Ps,
		useActionState: Ps,
		useOptimistic: function(e, t) {
			var n = os();
			return U === null ? (n.baseState = e, [e, n.queue.dispatch]) : Ss(n, U, e, t);
		},
		useMemoCache: us,
		useCacheRefresh: ac,
		useEffectEvent: Hs
	};
	function vc(e, t, n, r) {
		t = e.memoizedState, n = n(r, t), n = n == null ? t : D({}, t, n), e.memoizedState = n, e.lanes === 0 && (e.updateQueue.baseState = n);
	}
	var yc = {
		enqueueSetState: function(e, t, n) {
			e = e._reactInternals;
			var r = jd(), i = _o(r);
			i.payload = t, n != null && (i.callback = n), t = vo(e, i, r), t !== null && (Pd(t, e, r), yo(t, e, r));
		},
		enqueueReplaceState: function(e, t, n) {
			e = e._reactInternals;
			var r = jd(), i = _o(r);
			i.tag = 1, i.payload = t, n != null && (i.callback = n), t = vo(e, i, r), t !== null && (Pd(t, e, r), yo(t, e, r));
		},
		enqueueForceUpdate: function(e, t) {
			e = e._reactInternals;
			var n = jd(), r = _o(n);
			r.tag = 2, t != null && (r.callback = t), t = vo(e, r, n), t !== null && (Pd(t, e, n), yo(t, e, n));
		}
	};
	function bc(e, t, n, r, i, a, o) {
		return e = e.stateNode, typeof e.shouldComponentUpdate == `function` ? e.shouldComponentUpdate(r, a, o) : t.prototype && t.prototype.isPureReactComponent ? !Hr(n, r) || !Hr(i, a) : !0;
	}
	function xc(e, t, n, r) {
		e = t.state, typeof t.componentWillReceiveProps == `function` && t.componentWillReceiveProps(n, r), typeof t.UNSAFE_componentWillReceiveProps == `function` && t.UNSAFE_componentWillReceiveProps(n, r), t.state !== e && yc.enqueueReplaceState(t, t.state, null);
	}
	function Sc(e, t) {
		var n = t;
		if (`ref` in t) for (var r in n = {}, t) r !== `ref` && (n[r] = t[r]);
		if (e = e.defaultProps) for (var i in n === t && (n = D({}, n)), e) n[i] === void 0 && (n[i] = e[i]);
		return n;
	}
	function Cc(e) {
		bi(e);
	}
	function wc(e) {
		console.error(e);
	}
	function Tc(e) {
		bi(e);
	}
	function Ec(e, t) {
		try {
			var n = e.onUncaughtError;
			n(t.value, { componentStack: t.stack });
		} catch (e) {
			setTimeout(function() {
				throw e;
			});
		}
	}
	function Dc(e, t, n) {
		try {
			var r = e.onCaughtError;
			r(n.value, {
				componentStack: n.stack,
				errorBoundary: t.tag === 1 ? t.stateNode : null
			});
		} catch (e) {
			setTimeout(function() {
				throw e;
			});
		}
	}
	function Oc(e, t, n) {
		return n = _o(n), n.tag = 3, n.payload = { element: null }, n.callback = function() {
			Ec(e, t);
		}, n;
	}
	function kc(e) {
		return e = _o(e), e.tag = 3, e;
	}
	function Ac(e, t, n, r) {
		var i = n.type.getDerivedStateFromError;
		if (typeof i == `function`) {
			var a = r.value;
			e.payload = function() {
				return i(a);
			}, e.callback = function() {
				Dc(t, n, r);
			};
		}
		var o = n.stateNode;
		o !== null && typeof o.componentDidCatch == `function` && (e.callback = function() {
			Dc(t, n, r), typeof i != `function` && (vd === null ? vd = /* @__PURE__ */ new Set([this]) : vd.add(this));
			var e = r.stack;
			this.componentDidCatch(r.value, { componentStack: e === null ? `` : e });
		});
	}
	function jc(e, t, n, r, i) {
		if (n.flags |= 32768, typeof r == `object` && r && typeof r.then == `function`) {
			if (t = n.alternate, t !== null && Sa(t, n, i, !0), n = Ao.current, n !== null) {
				switch (n.tag) {
					case 31:
					case 13:
					case 19: return jo === null ? Kd() : n.alternate === null && ad === 0 && (ad = 3), n.flags &= -257, n.flags |= 65536, n.lanes = i, r === Qa ? n.flags |= 16384 : (t = n.updateQueue, t === null ? n.updateQueue = /* @__PURE__ */ new Set([r]) : t.add(r), mf(e, r, i)), !1;
					case 22: return n.flags |= 65536, r === Qa ? n.flags |= 16384 : (t = n.updateQueue, t === null ? (t = {
						transitions: null,
						markerInstances: null,
						retryQueue: /* @__PURE__ */ new Set([r])
					}, n.updateQueue = t) : (n = t.retryQueue, n === null ? t.retryQueue = /* @__PURE__ */ new Set([r]) : n.add(r)), mf(e, r, i)), !1;
				}
				throw Error(o(435, n.tag));
			}
			return mf(e, r, i), Kd(), !1;
		}
		if (B) return t = Ao.current, t === null ? (r !== sa && (t = Error(o(423), { cause: r }), ma(Hi(t, n))), e = e.current.alternate, e.flags |= 65536, i &= -i, e.lanes |= i, r = Hi(r, n), i = Oc(e.stateNode, r, i), V(e, i), ad !== 4 && (ad = 2)) : (!(t.flags & 65536) && (t.flags |= 256), t.flags |= 65536, t.lanes = i, r !== sa && (e = Error(o(422), { cause: r }), ma(Hi(e, n)))), !1;
		var a = Error(o(520), { cause: r });
		if (a = Hi(a, n), dd === null ? dd = [a] : dd.push(a), ad !== 4 && (ad = 2), t === null) return !0;
		r = Hi(r, n), n = t;
		do {
			switch (n.tag) {
				case 3: return n.flags |= 65536, e = i & -i, n.lanes |= e, e = Oc(n.stateNode, r, e), V(n, e), !1;
				case 1:
					if (t = n.type, a = n.stateNode, !(n.flags & 128) && (typeof t.getDerivedStateFromError == `function` || a !== null && typeof a.componentDidCatch == `function` && (vd === null || !vd.has(a)))) return n.flags |= 65536, i &= -i, n.lanes |= i, i = kc(i), Ac(i, e, n, r), V(n, i), !1;
					break;
				case 22: if (n.memoizedState !== null) return n.flags |= 65536, !1;
			}
			n = n.return;
		} while (n !== null);
		return !1;
	}
	var Mc = Error(o(461)), Nc = !1;
	function Pc(e, t, n, r) {
		t.child = e === null ? po(t, null, n, r) : fo(t, e.child, n, r);
	}
	function Fc(e, t, n, r, i) {
		n = n.render;
		var a = t.ref;
		if (`ref` in r) {
			var o = {};
			for (var s in r) s !== `ref` && (o[s] = r[s]);
		} else o = r;
		return wa(t), r = Qo(e, t, n, o, a, i), s = ns(), e !== null && !Nc ? (rs(e, t, i), ll(e, t, i)) : (B && s && ea(t), t.flags |= 1, Pc(e, t, r, i), t.child);
	}
	function Ic(e, t, n, r, i) {
		if (e === null) {
			var a = n.type;
			return typeof a == `function` && !Ni(a) && a.defaultProps === void 0 && n.compare === null ? (t.tag = 15, t.type = a, Lc(e, t, a, r, i)) : (e = Ii(n.type, null, r, t, t.mode, i), e.ref = t.ref, e.return = t, t.child = e);
		}
		if (a = e.child, !ul(e, i)) {
			var o = a.memoizedProps;
			if (n = n.compare, n = n === null ? Hr : n, n(o, r) && e.ref === t.ref) return ll(e, t, i);
		}
		return t.flags |= 1, e = Pi(a, r), e.ref = t.ref, e.return = t, t.child = e;
	}
	function Lc(e, t, n, r, i) {
		if (e !== null) {
			var a = e.memoizedProps;
			if (Hr(a, r) && e.ref === t.ref) {
				if (Nc = !1, t.pendingProps = r = a, ul(e, i)) e.flags & 131072 && (Nc = !0);
				else return t.lanes = e.lanes, ll(e, t, i);
			}
		}
		return Gc(e, t, n, r, i);
	}
	function Rc(e, t, n, r) {
		var i = r.children, a = e === null ? null : e.memoizedState;
		if (e === null && t.stateNode === null && (t.stateNode = {
			_visibility: 1,
			_pendingMarkers: null,
			_retryCache: null,
			_transitions: null
		}), r.mode === `hidden`) {
			if (t.flags & 128) {
				if (a = a === null ? n : a.baseLanes | n, e !== null) {
					for (r = t.child = e.child, i = 0; r !== null;) i = i | r.lanes | r.childLanes, r = r.sibling;
					r = i & ~a;
				} else r = 0, t.child = null;
				return Bc(e, t, a, n, r);
			}
			if (n & 536870912) t.memoizedState = {
				baseLanes: 0,
				cachePool: null
			}, e !== null && qa(t, a === null ? null : a.cachePool), a === null ? Oo() : Do(t, a), Po(t);
			else return r = t.lanes = 536870912, Bc(e, t, a === null ? n : a.baseLanes | n, n, r);
		} else a === null ? (e !== null && qa(t, null), Oo(), Fo()) : (qa(t, a.cachePool), Do(t, a), Fo(), t.memoizedState = null);
		return Pc(e, t, i, n), t.child;
	}
	function zc(e, t) {
		return e !== null && e.tag === 22 || t.stateNode !== null || (t.stateNode = {
			_visibility: 1,
			_pendingMarkers: null,
			_retryCache: null,
			_transitions: null
		}), t.sibling;
	}
	function Bc(e, t, n, r, i) {
		var a = Ka();
		return a = a === null ? null : {
			parent: ja._currentValue,
			pool: a
		}, t.memoizedState = {
			baseLanes: n,
			cachePool: a
		}, e !== null && qa(t, null), Oo(), Po(t), e !== null && Sa(e, t, r, !0), t.childLanes = i, null;
	}
	function Vc(e, t) {
		return t = el({
			mode: t.mode,
			children: t.children
		}, e.mode), t.ref = e.ref, e.child = t, t.return = e, t;
	}
	function Hc(e, t, n) {
		return fo(t, e.child, null, n), e = Vc(t, t.pendingProps), e.flags |= 2, Io(t), t.memoizedState = null, e;
	}
	function Uc(e, t, n) {
		var r = t.pendingProps, i = !!(t.flags & 128);
		if (t.flags &= -129, e === null) {
			if (B) {
				if (r.mode === `hidden`) return e = Vc(t, r), t.lanes = 536870912, e.memoizedState = {
					baseLanes: 0,
					cachePool: null
				}, zc(null, e);
				if (No(t), (e = ia) ? (e = am(e, oa), e = e !== null && e.data === `&` ? e : null, e !== null && (t.memoizedState = {
					dehydrated: e,
					treeContext: Yi === null ? null : {
						id: Xi,
						overflow: Zi
					},
					retryLane: 536870912,
					hydrationErrors: null
				}, n = zi(e), n.return = t, t.child = n, ra = t, ia = null)) : e = null, e === null) throw ca(t);
				return t.lanes = 536870912, null;
			}
			return Vc(t, r);
		}
		var a = e.memoizedState;
		if (a !== null) {
			var s = a.dehydrated;
			if (No(t), i) {
				if (t.flags & 256) t.flags &= -257, t = Hc(e, t, n);
				else if (t.memoizedState !== null) t.child = e.child, t.flags |= 128, t = null;
				else throw Error(o(558));
			} else if (Nc || Sa(e, t, n, !1), i = (n & e.childLanes) !== 0, Nc || i) {
				if (To.current === null) {
					if (r = $u, r !== null && (s = gt(r, n), s !== 0 && s !== a.retryLane)) throw a.retryLane = s, Di(e, s), Pd(r, e, s), Mc;
					Kd();
				}
				t = Hc(e, t, n);
			} else e = a.treeContext, ia = lm(s.nextSibling), ra = t, B = !0, aa = null, oa = !1, e !== null && na(t, e), t = Vc(t, r), t.flags |= 134221824;
			return t;
		}
		return e = Pi(e.child, {
			mode: r.mode,
			children: r.children
		}), e.ref = t.ref, t.child = e, e.return = t, e;
	}
	function Wc(e, t) {
		var n = t.ref;
		if (n === null) e !== null && e.ref !== null && (t.flags |= 4194816);
		else {
			if (typeof n != `function` && typeof n != `object`) throw Error(o(284));
			(e === null || e.ref !== n) && (t.flags |= 4194816);
		}
	}
	function Gc(e, t, n, r, i) {
		return wa(t), n = Qo(e, t, n, r, void 0, i), r = ns(), e !== null && !Nc ? (rs(e, t, i), ll(e, t, i)) : (B && r && ea(t), t.flags |= 1, Pc(e, t, n, i), t.child);
	}
	function Kc(e, t, n, r, i, a) {
		return wa(t), t.updateQueue = null, n = es(t, r, n, i), $o(e), r = ns(), e !== null && !Nc ? (rs(e, t, a), ll(e, t, a)) : (B && r && ea(t), t.flags |= 1, Pc(e, t, n, a), t.child);
	}
	function qc(e, t, n, r, i) {
		if (wa(t), t.stateNode === null) {
			var a = Ai, o = n.contextType;
			typeof o == `object` && o && (a = Ta(o)), a = new n(r, a), t.memoizedState = a.state !== null && a.state !== void 0 ? a.state : null, a.updater = yc, t.stateNode = a, a._reactInternals = t, a = t.stateNode, a.props = r, a.state = t.memoizedState, a.refs = {}, ho(t), o = n.contextType, a.context = typeof o == `object` && o ? Ta(o) : Ai, a.state = t.memoizedState, o = n.getDerivedStateFromProps, typeof o == `function` && (vc(t, n, o, r), a.state = t.memoizedState), typeof n.getDerivedStateFromProps == `function` || typeof a.getSnapshotBeforeUpdate == `function` || typeof a.UNSAFE_componentWillMount != `function` && typeof a.componentWillMount != `function` || (o = a.state, typeof a.componentWillMount == `function` && a.componentWillMount(), typeof a.UNSAFE_componentWillMount == `function` && a.UNSAFE_componentWillMount(), o !== a.state && yc.enqueueReplaceState(a, a.state, null), So(t, r, a, i), xo(), a.state = t.memoizedState), typeof a.componentDidMount == `function` && (t.flags |= 4194308), r = !0;
		} else if (e === null) {
			a = t.stateNode;
			var s = t.memoizedProps, c = Sc(n, s);
			a.props = c;
			var l = a.context, u = n.contextType;
			o = Ai, typeof u == `object` && u && (o = Ta(u));
			var d = n.getDerivedStateFromProps;
			u = typeof d == `function` || typeof a.getSnapshotBeforeUpdate == `function`, s = t.pendingProps !== s, u || typeof a.UNSAFE_componentWillReceiveProps != `function` && typeof a.componentWillReceiveProps != `function` || (s || l !== o) && xc(t, a, r, o), mo = !1;
			var f = t.memoizedState;
			a.state = f, So(t, r, a, i), xo(), l = t.memoizedState, s || f !== l || mo ? (typeof d == `function` && (vc(t, n, d, r), l = t.memoizedState), (c = mo || bc(t, n, c, r, f, l, o)) ? (u || typeof a.UNSAFE_componentWillMount != `function` && typeof a.componentWillMount != `function` || (typeof a.componentWillMount == `function` && a.componentWillMount(), typeof a.UNSAFE_componentWillMount == `function` && a.UNSAFE_componentWillMount()), typeof a.componentDidMount == `function` && (t.flags |= 4194308)) : (typeof a.componentDidMount == `function` && (t.flags |= 4194308), t.memoizedProps = r, t.memoizedState = l), a.props = r, a.state = l, a.context = o, r = c) : (typeof a.componentDidMount == `function` && (t.flags |= 4194308), r = !1);
		} else {
			a = t.stateNode, go(e, t), o = t.memoizedProps, u = Sc(n, o), a.props = u, d = t.pendingProps, f = a.context, l = n.contextType, c = Ai, typeof l == `object` && l && (c = Ta(l)), s = n.getDerivedStateFromProps, (l = typeof s == `function` || typeof a.getSnapshotBeforeUpdate == `function`) || typeof a.UNSAFE_componentWillReceiveProps != `function` && typeof a.componentWillReceiveProps != `function` || (o !== d || f !== c) && xc(t, a, r, c), mo = !1, f = t.memoizedState, a.state = f, So(t, r, a, i), xo();
			var p = t.memoizedState;
			o !== d || f !== p || mo || e !== null && e.dependencies !== null && Ca(e.dependencies) ? (typeof s == `function` && (vc(t, n, s, r), p = t.memoizedState), (u = mo || bc(t, n, u, r, f, p, c) || e !== null && e.dependencies !== null && Ca(e.dependencies)) ? (l || typeof a.UNSAFE_componentWillUpdate != `function` && typeof a.componentWillUpdate != `function` || (typeof a.componentWillUpdate == `function` && a.componentWillUpdate(r, p, c), typeof a.UNSAFE_componentWillUpdate == `function` && a.UNSAFE_componentWillUpdate(r, p, c)), typeof a.componentDidUpdate == `function` && (t.flags |= 4), typeof a.getSnapshotBeforeUpdate == `function` && (t.flags |= 1024)) : (typeof a.componentDidUpdate != `function` || o === e.memoizedProps && f === e.memoizedState || (t.flags |= 4), typeof a.getSnapshotBeforeUpdate != `function` || o === e.memoizedProps && f === e.memoizedState || (t.flags |= 1024), t.memoizedProps = r, t.memoizedState = p), a.props = r, a.state = p, a.context = c, r = u) : (typeof a.componentDidUpdate != `function` || o === e.memoizedProps && f === e.memoizedState || (t.flags |= 4), typeof a.getSnapshotBeforeUpdate != `function` || o === e.memoizedProps && f === e.memoizedState || (t.flags |= 1024), r = !1);
		}
		return a = r, Wc(e, t), r = !!(t.flags & 128), a || r ? (a = t.stateNode, n = r && typeof n.getDerivedStateFromError != `function` ? null : a.render(), t.flags |= 1, e !== null && r ? (t.child = fo(t, e.child, null, i), t.child = fo(t, null, n, i)) : Pc(e, t, n, i), t.memoizedState = a.state, e = t.child) : e = ll(e, t, i), e;
	}
	function Jc(e, t, n, r) {
		return fa(), t.flags |= 256, Pc(e, t, n, r), t.child;
	}
	var Yc = {
		dehydrated: null,
		treeContext: null,
		retryLane: 0,
		hydrationErrors: null
	};
	function Xc(e) {
		return {
			baseLanes: e,
			cachePool: Ja()
		};
	}
	function Zc(e, t, n) {
		return e = e === null ? 0 : e.childLanes & ~n, t && (e |= ld), e;
	}
	function Qc(e, t, n) {
		var r = t.pendingProps, i = !1, a = !!(t.flags & 128), o;
		if ((o = a) || (o = e !== null && e.memoizedState === null ? !1 : !!(Lo.current & 2)), o && (i = !0, t.flags &= -129), o = !!(t.flags & 32), t.flags &= -33, e === null) {
			if (B) {
				if (i ? Mo(t) : Fo(), (e = ia) ? (e = am(e, oa), e = e !== null && e.data !== `&` ? e : null, e !== null && (t.memoizedState = {
					dehydrated: e,
					treeContext: Yi === null ? null : {
						id: Xi,
						overflow: Zi
					},
					retryLane: 536870912,
					hydrationErrors: null
				}, n = zi(e), n.return = t, t.child = n, ra = t, ia = null)) : e = null, e === null) throw ca(t);
				return t.lanes = sm(e) ? 32 : 536870912, null;
			}
			return a = r.children, r = r.fallback, i ? (Fo(), i = t.mode, a = el({
				mode: `hidden`,
				children: a
			}, i), r = Li(r, i, n, null), a.return = t, r.return = t, a.sibling = r, t.child = a, r = t.child, r.memoizedState = Xc(n), r.childLanes = Zc(e, o, n), t.memoizedState = Yc, zc(null, r)) : (Mo(t), $c(t, a));
		}
		var s = e.memoizedState;
		if (s !== null) {
			var c = s.dehydrated;
			if (c !== null) return nl(e, t, a, o, r, c, s, n);
		}
		return i ? (Fo(), i = r.fallback, a = t.mode, s = e.child, c = s.sibling, r = Pi(s, {
			mode: `hidden`,
			children: r.children
		}), r.subtreeFlags = s.subtreeFlags & 1206910976, c === null ? (i = Li(i, a, n, null), i.flags |= 2) : i = Pi(c, i), i.return = t, r.return = t, r.sibling = i, t.child = r, zc(null, r), r = t.child, i = e.child.memoizedState, i === null ? i = Xc(n) : (a = i.cachePool, a === null ? a = Ja() : (s = ja._currentValue, a = a.parent === s ? a : {
			parent: s,
			pool: s
		}), i = {
			baseLanes: i.baseLanes | n,
			cachePool: a
		}), r.memoizedState = i, r.childLanes = Zc(e, o, n), t.memoizedState = Yc, zc(e.child, r)) : (Mo(t), n = e.child, e = n.sibling, n = Pi(n, {
			mode: `visible`,
			children: r.children
		}), n.return = t, n.sibling = null, e !== null && (o = t.deletions, o === null ? (t.deletions = [e], t.flags |= 16) : o.push(e)), t.child = n, t.memoizedState = null, n);
	}
	function $c(e, t) {
		return t = el({
			mode: `visible`,
			children: t
		}, e.mode), t.return = e, e.child = t;
	}
	function el(e, t) {
		return e = Mi(22, e, null, t), e.lanes = 0, e;
	}
	function tl(e, t, n) {
		return fo(t, e.child, null, n), e = $c(t, t.pendingProps.children), e.flags |= 2, t.memoizedState = null, e;
	}
	function nl(e, t, n, r, i, a, s, c) {
		if (n) return t.flags & 256 ? (Mo(t), t.flags &= -257, tl(e, t, c)) : t.memoizedState === null ? (Fo(), a = i.fallback, s = t.mode, i = el({
			mode: `visible`,
			children: i.children
		}, s), a = Li(a, s, c, null), a.flags |= 2, i.return = t, a.return = t, i.sibling = a, t.child = i, fo(t, e.child, null, c), i = t.child, i.memoizedState = Xc(c), i.childLanes = Zc(e, r, c), t.memoizedState = Yc, zc(null, i)) : (Fo(), t.child = e.child, t.flags |= 128, null);
		if (Mo(t), sm(a)) {
			if (r = a.nextSibling && a.nextSibling.dataset, r) var l = r.dgst;
			return r = l, r !== `` && (i = Error(o(419)), i.stack = ``, i.digest = r, ma({
				value: i,
				source: null,
				stack: null
			})), tl(e, t, c);
		}
		if (Nc || Sa(e, t, c, !1), r = (c & e.childLanes) !== 0, Nc || r) {
			if (To.current !== null) return tl(e, t, c);
			if (r = $u, r !== null && (i = gt(r, c), i !== 0 && i !== s.retryLane)) throw s.retryLane = i, Di(e, i), Pd(r, e, i), Mc;
			return om(a) || Kd(), tl(e, t, c);
		}
		return om(a) ? (t.flags |= 192, t.child = e.child, null) : (e = s.treeContext, ia = lm(a.nextSibling), ra = t, B = !0, aa = null, oa = !1, e !== null && na(t, e), t = $c(t, i.children), t.flags |= 134221824, t);
	}
	function rl(e, t, n) {
		e.lanes |= t;
		var r = e.alternate;
		r !== null && (r.lanes |= t), ba(e.return, t, n);
	}
	function il(e) {
		for (var t = null; e !== null;) {
			var n = e.alternate;
			n !== null && Bo(n) === null && (t = e), e = e.sibling;
		}
		return t;
	}
	function al(e, t, n, r, i, a) {
		var o = e.memoizedState;
		o === null ? e.memoizedState = {
			isBackwards: t,
			rendering: null,
			renderingStartTime: 0,
			last: r,
			tail: n,
			tailMode: i,
			treeForkCount: a
		} : (o.isBackwards = t, o.rendering = null, o.renderingStartTime = 0, o.last = r, o.tail = n, o.tailMode = i, o.treeForkCount = a);
	}
	function ol(e) {
		var t = e.child;
		for (e.child = null; t !== null;) {
			var n = t.sibling;
			t.sibling = e.child, e.child = t, t = n;
		}
	}
	function sl(e, t, n) {
		var r = t.pendingProps, i = r.revealOrder, a = r.tail;
		r = r.children;
		var o = Lo.current;
		if (t.flags & 128) return Ro(t, o), null;
		var s = !!(o & 2);
		if (s ? (o = o & 1 | 2, t.flags |= 128) : o &= 1, Ro(t, o), i === `backwards` && e !== null ? (ol(e), Pc(e, t, r, n), ol(e)) : Pc(e, t, r, n), r = B ? Ki : 0, !s && e !== null && e.flags & 128) a: for (e = t.child; e !== null;) {
			if (e.tag === 13) e.memoizedState !== null && rl(e, n, t);
			else if (e.tag === 19) rl(e, n, t);
			else if (e.child !== null) {
				e.child.return = e, e = e.child;
				continue;
			}
			if (e === t) break a;
			for (; e.sibling === null;) {
				if (e.return === null || e.return === t) break a;
				e = e.return;
			}
			e.sibling.return = e.return, e = e.sibling;
		}
		switch (i) {
			case `backwards`:
				n = il(t.child), n === null ? (i = t.child, t.child = null) : (i = n.sibling, n.sibling = null, ol(t)), al(t, !0, i, null, a, r);
				break;
			case `unstable_legacy-backwards`:
				for (n = null, i = t.child, t.child = null; i !== null;) {
					if (e = i.alternate, e !== null && Bo(e) === null) {
						t.child = i;
						break;
					}
					e = i.sibling, i.sibling = n, n = i, i = e;
				}
				al(t, !0, n, null, a, r);
				break;
			case `together`:
				al(t, !1, null, null, void 0, r);
				break;
			case `independent`:
				t.memoizedState = null;
				break;
			default: n = il(t.child), n === null ? (i = t.child, t.child = null) : (i = n.sibling, n.sibling = null), al(t, !1, i, n, a, r);
		}
		return t.child;
	}
	function cl(e, t, n) {
		var r = t.pendingProps;
		return va(t, t.type, r.value), Pc(e, t, r.children, n), t.child;
	}
	function ll(e, t, n) {
		if (e !== null && (t.dependencies = e.dependencies), od |= t.lanes, (n & t.childLanes) === 0) {
			if (e !== null) {
				if (Sa(e, t, n, !1), (n & t.childLanes) === 0) return null;
			} else return null;
		}
		if (e !== null && t.child !== e.child) throw Error(o(153));
		if (t.child !== null) {
			for (e = t.child, n = Pi(e, e.pendingProps), t.child = n, n.return = t; e.sibling !== null;) e = e.sibling, n = n.sibling = Pi(e, e.pendingProps), n.return = t;
			n.sibling = null;
		}
		return t.child;
	}
	function ul(e, t) {
		return (e.lanes & t) !== 0 || (e = e.dependencies, !!(e !== null && Ca(e)));
	}
	function dl(e, t, n) {
		switch (t.tag) {
			case 3:
				we(t, t.stateNode.containerInfo), va(t, ja, e.memoizedState.cache), fa();
				break;
			case 27:
			case 5:
				Ee(t);
				break;
			case 4:
				we(t, t.stateNode.containerInfo);
				break;
			case 10:
				va(t, t.type, t.memoizedProps.value);
				break;
			case 31:
				if (t.memoizedState !== null) return t.flags |= 128, No(t), null;
				break;
			case 13:
				var r = t.memoizedState;
				if (r !== null) {
					if (r.dehydrated !== null) return Mo(t), t.flags |= 128, null;
					r = Sa(e, t, n, !1);
					var i = t.child.childLanes;
					return r || (n & i) !== 0 ? Qc(e, t, n) : (Mo(t), e = ll(e, t, n), e === null ? null : e.sibling);
				}
				Mo(t);
				break;
			case 19:
				if (t.flags & 128) return sl(e, t, n);
				if (i = !!(e.flags & 128), r = (n & t.childLanes) !== 0, r ||= (Sa(e, t, n, !1), (n & t.childLanes) !== 0), i) {
					if (r) return sl(e, t, n);
					t.flags |= 128;
				}
				if (i = t.memoizedState, i !== null && (i.rendering = null, i.tail = null, i.lastEffect = null), Ro(t, Lo.current), r) break;
				return null;
			case 22: return t.lanes = 0, Rc(e, t, n, t.pendingProps);
			case 24: va(t, ja, e.memoizedState.cache);
		}
		return ll(e, t, n);
	}
	function W(e, t, n) {
		if (e !== null) {
			if (e.memoizedProps !== t.pendingProps) Nc = !0;
			else {
				if (!ul(e, n) && !(t.flags & 128)) return Nc = !1, dl(e, t, n);
				Nc = !!(e.flags & 131072);
			}
		} else Nc = !1, B && t.flags & 1048576 && $i(t, Ki, t.index);
		switch (t.lanes = 0, t.tag) {
			case 16:
				a: {
					var r = t.pendingProps;
					if (e = to(t.elementType), t.type = e, typeof e == `function`) Ni(e) ? (r = Sc(e, r), t.tag = 1, t = qc(null, t, e, r, n)) : (t.tag = 0, t = Gc(null, t, e, r, n));
					else {
						if (e != null) {
							var i = e.$$typeof;
							if (i === te) {
								t.tag = 11, t = Fc(null, t, e, r, n);
								break a;
							}
							if (i === ie) {
								t.tag = 14, t = Ic(null, t, e, r, n);
								break a;
							}
							if (i === P) {
								t.tag = 10, t.type = e, t = cl(null, t, n);
								break a;
							}
						}
						throw t = pe(e) || e, Error(o(306, t, ``));
					}
				}
				return t;
			case 0: return Gc(e, t, t.type, t.pendingProps, n);
			case 1: return r = t.type, i = Sc(r, t.pendingProps), qc(e, t, r, i, n);
			case 3:
				a: {
					if (we(t, t.stateNode.containerInfo), e === null) throw Error(o(387));
					r = t.pendingProps;
					var a = t.memoizedState;
					i = a.element, go(e, t), So(t, r, null, n);
					var s = t.memoizedState;
					if (r = s.cache, va(t, ja, r), r !== a.cache && xa(t, [ja], n, !0), xo(), r = s.element, a.isDehydrated) {
						if (a = {
							element: r,
							isDehydrated: !1,
							cache: s.cache
						}, t.updateQueue.baseState = a, t.memoizedState = a, t.flags & 256) {
							t = Jc(e, t, r, n);
							break a;
						}
						if (r !== i) {
							i = Hi(Error(o(424)), t), ma(i), t = Jc(e, t, r, n);
							break a;
						}
						switch (e = t.stateNode.containerInfo, e.nodeType) {
							case 9:
								e = e.body;
								break;
							default: e = e.nodeName === `HTML` ? e.ownerDocument.body : e;
						}
						for (ia = lm(e.firstChild), ra = t, B = !0, aa = null, oa = !0, n = po(t, null, r, n), t.child = n; n;) n.flags = n.flags & -3 | 134221824, n = n.sibling;
					} else {
						if (fa(), r === i) {
							t = ll(e, t, n);
							break a;
						}
						Pc(e, t, r, n);
					}
					t = t.child;
				}
				return t;
			case 26: return Wc(e, t), e === null ? (n = Nm(t.type, null, t.pendingProps, null)) ? t.memoizedState = n : B || (t.stateNode = fp(t.type, t.pendingProps, Se.current, t)) : t.memoizedState = Nm(t.type, e.memoizedProps, t.pendingProps, e.memoizedState), null;
			case 27: return Ee(t), e === null && B && (r = t.stateNode = hm(t.type, t.pendingProps, Se.current), ra = t, oa = !0, i = ia, Sp(t.type) ? (um = i, ia = lm(r.firstChild)) : ia = i), Pc(e, t, t.pendingProps.children, n), Wc(e, t), e === null && (t.flags |= 4194304), t.child;
			case 5: return e === null && B && ((i = r = ia) && (r = rm(r, t.type, t.pendingProps, oa), r === null ? i = !1 : (t.stateNode = r, ra = t, ia = lm(r.firstChild), oa = !1, i = !0)), i || ca(t)), Ee(t), i = t.type, a = t.pendingProps, s = e === null ? null : e.memoizedProps, r = a.children, pp(i, a) ? r = null : s !== null && pp(i, s) && (t.flags |= 32), t.memoizedState !== null && (i = Qo(e, t, ts, null, null, n), sh._currentValue = i), Wc(e, t), Pc(e, t, r, n), t.child;
			case 6: return e === null && B && ((e = n = ia) && (n = im(n, t.pendingProps, oa), n === null ? e = !1 : (t.stateNode = n, ra = t, ia = null, e = !0)), e || ca(t)), null;
			case 13: return Qc(e, t, n);
			case 4: return we(t, t.stateNode.containerInfo), r = t.pendingProps, e === null ? t.child = fo(t, null, r, n) : Pc(e, t, r, n), t.child;
			case 11: return Fc(e, t, t.type, t.pendingProps, n);
			case 7: return r = t.pendingProps, Wc(e, t), Pc(e, t, r, n), t.child;
			case 8: return Pc(e, t, t.pendingProps.children, n), t.child;
			case 12: return Pc(e, t, t.pendingProps.children, n), t.child;
			case 10: return cl(e, t, n);
			case 9: return i = t.type._context, r = t.pendingProps.children, wa(t), i = Ta(i), r = r(i), t.flags |= 1, Pc(e, t, r, n), t.child;
			case 14: return Ic(e, t, t.type, t.pendingProps, n);
			case 15: return Lc(e, t, t.type, t.pendingProps, n);
			case 19: return sl(e, t, n);
			case 31: return Uc(e, t, n);
			case 22: return Rc(e, t, n, t.pendingProps);
			case 24: return wa(t), r = Ta(ja), e === null ? (i = Ka(), i === null && (i = $u, a = Ma(), i.pooledCache = a, a.refCount++, a !== null && (i.pooledCacheLanes |= n), i = a), t.memoizedState = {
				parent: r,
				cache: i
			}, ho(t), va(t, ja, i)) : ((e.lanes & n) !== 0 && (go(e, t), So(t, null, null, n), xo()), i = e.memoizedState, a = t.memoizedState, i.parent === r ? (r = a.cache, va(t, ja, r), r !== i.cache && xa(t, [ja], n, !0)) : (i = {
				parent: r,
				cache: r
			}, t.memoizedState = i, t.lanes === 0 && (t.memoizedState = t.updateQueue.baseState = i), va(t, ja, r))), Pc(e, t, t.pendingProps.children, n), t.child;
			case 30: return t.stateNode === null && (t.stateNode = {
				autoName: null,
				paired: null,
				clones: null,
				ref: null
			}), r = t.pendingProps, r.name != null && r.name !== `auto` ? t.flags |= e === null ? 18882560 : 18874368 : B && ea(t), e !== null && e.memoizedProps.name !== r.name ? t.flags |= 4194816 : Wc(e, t), Pc(e, t, r.children, n), t.child;
			case 29: throw t.pendingProps;
		}
		throw Error(o(156, t.tag));
	}
	function G(e) {
		e.flags |= 4;
	}
	function fl(e, t, n, r, i) {
		var a;
		if ((a = !!(e.mode & 32)) && (a = n === null ? Jm(t, r) : Jm(t, r) && (r.src !== n.src || r.srcSet !== n.srcSet)), a) {
			if (e.flags |= 16777216, (i & 335544128) === i) {
				if (e.stateNode.complete) e.flags |= 8192;
				else if (Ud()) e.flags |= 8192;
				else throw no = Qa, Xa;
			}
		} else e.flags &= -16777217;
	}
	function pl(e, t) {
		if (t.type !== `stylesheet` || t.state.loading & 4) e.flags &= -16777217;
		else if (e.flags |= 16777216, !Ym(t)) {
			if (Ud()) e.flags |= 8192;
			else throw no = Qa, Xa;
		}
	}
	function ml(e, t) {
		t !== null && (e.flags |= 4), e.flags & 16384 && (t = e.tag === 22 ? 536870912 : ut(), e.lanes |= t, ud |= t);
	}
	function hl(e, t) {
		if (!B) switch (e.tailMode) {
			case `visible`: break;
			case `collapsed`:
				for (var n = e.tail, r = null; n !== null;) n.alternate !== null && (r = n), n = n.sibling;
				r === null ? t || e.tail === null ? e.tail = null : e.tail.sibling = null : r.sibling = null;
				break;
			default:
				for (t = e.tail, n = null; t !== null;) t.alternate !== null && (n = t), t = t.sibling;
				n === null ? e.tail = null : n.sibling = null;
		}
	}
	function gl(e) {
		var t = e.alternate !== null && e.alternate.child === e.child, n = 0, r = 0;
		if (t) for (var i = e.child; i !== null;) n |= i.lanes | i.childLanes, r |= i.subtreeFlags & 1206910976, r |= i.flags & 1206910976, i.return = e, i = i.sibling;
		else for (i = e.child; i !== null;) n |= i.lanes | i.childLanes, r |= i.subtreeFlags, r |= i.flags, i.return = e, i = i.sibling;
		return e.subtreeFlags |= r, e.childLanes = n, t;
	}
	function _l(e, t, n) {
		var r = t.pendingProps;
		switch (ta(t), t.tag) {
			case 16:
			case 15:
			case 0:
			case 11:
			case 7:
			case 8:
			case 12:
			case 9:
			case 14: return gl(t), null;
			case 1: return gl(t), null;
			case 3: return n = t.stateNode, r = null, e !== null && (r = e.memoizedState.cache), t.memoizedState.cache !== r && (t.flags |= 2048), ya(ja), Te(), n.pendingContext && (n.context = n.pendingContext, n.pendingContext = null), (e === null || e.child === null) && (da(t) ? G(t) : e === null || e.memoizedState.isDehydrated && !(t.flags & 256) || (t.flags |= 1024, pa())), gl(t), null;
			case 26:
				var i = t.type, a = t.memoizedState;
				return e === null ? (G(t), a === null ? (gl(t), fl(t, i, null, r, n)) : (gl(t), pl(t, a))) : a ? a === e.memoizedState ? (gl(t), t.flags &= -16777217) : (G(t), gl(t), pl(t, a)) : (e = e.memoizedProps, e !== r && G(t), gl(t), fl(t, i, e, r, n)), null;
			case 27:
				if (De(t), n = Se.current, i = t.type, e !== null && t.stateNode != null) e.memoizedProps !== r && G(t);
				else {
					if (!r) {
						if (t.stateNode === null) throw Error(o(166));
						return gl(t), t.subtreeFlags &= -33554433, null;
					}
					e = be.current, da(t) ? la(t, e) : (e = hm(i, r, n), t.stateNode = e, G(t));
				}
				return gl(t), t.subtreeFlags &= -33554433, null;
			case 5:
				if (De(t), i = t.type, e !== null && t.stateNode != null) e.memoizedProps !== r && G(t);
				else {
					if (!r) {
						if (t.stateNode === null) throw Error(o(166));
						return gl(t), t.subtreeFlags &= -33554433, null;
					}
					if (a = be.current, da(t)) la(t, a);
					else {
						var s = lp(Se.current);
						switch (a) {
							case 1:
								a = s.createElementNS(`http://www.w3.org/2000/svg`, i);
								break;
							case 2:
								a = s.createElementNS(`http://www.w3.org/1998/Math/MathML`, i);
								break;
							default: switch (i) {
								case `svg`:
									a = s.createElementNS(`http://www.w3.org/2000/svg`, i);
									break;
								case `math`:
									a = s.createElementNS(`http://www.w3.org/1998/Math/MathML`, i);
									break;
								case `script`:
									a = s.createElement(`div`), a.innerHTML = `<script><\/script>`, a = a.removeChild(a.firstChild);
									break;
								case `select`:
									a = typeof r.is == `string` ? s.createElement(`select`, { is: r.is }) : s.createElement(`select`), r.multiple ? a.multiple = !0 : r.size && (a.size = r.size);
									break;
								default: a = typeof r.is == `string` ? s.createElement(i, { is: r.is }) : s.createElement(i);
							}
						}
						a[St] = t, a[Ct] = r;
						a: for (s = t.child; s !== null;) {
							if (s.tag === 5 || s.tag === 6) a.appendChild(s.stateNode);
							else if (s.tag !== 4 && s.tag !== 27 && s.child !== null) {
								s.child.return = s, s = s.child;
								continue;
							}
							if (s === t) break a;
							for (; s.sibling === null;) {
								if (s.return === null || s.return === t) break a;
								s = s.return;
							}
							s.sibling.return = s.return, s = s.sibling;
						}
						t.stateNode = a;
						a: switch (np(a, i, r), i) {
							case `button`:
							case `input`:
							case `select`:
							case `textarea`:
								r = !!r.autoFocus;
								break a;
							case `img`:
								r = !0;
								break a;
							default: r = !1;
						}
						r && G(t);
					}
				}
				return gl(t), t.subtreeFlags &= -33554433, fl(t, t.type, e === null ? null : e.memoizedProps, t.pendingProps, n), null;
			case 6:
				if (e && t.stateNode != null) e.memoizedProps !== r && G(t);
				else {
					if (typeof r != `string` && t.stateNode === null) throw Error(o(166));
					if (e = Se.current, da(t)) {
						if (e = t.stateNode, n = t.memoizedProps, r = null, i = ra, i !== null) switch (i.tag) {
							case 27:
							case 5: r = i.memoizedProps;
						}
						e[St] = t, e = !!(e.nodeValue === n || r !== null && !0 === r.suppressHydrationWarning || ep(e.nodeValue, n)), e || ca(t, !0);
					} else e = lp(e).createTextNode(r), e[St] = t, t.stateNode = e;
				}
				return gl(t), null;
			case 31:
				if (n = t.memoizedState, e === null || e.memoizedState !== null) {
					if (r = da(t), n !== null) {
						if (e === null) {
							if (!r) throw Error(o(318));
							if (e = t.memoizedState, e = e === null ? null : e.dehydrated, !e) throw Error(o(557));
							e[St] = t;
						} else fa(), !(t.flags & 128) && (t.memoizedState = null), t.flags |= 4;
						gl(t), e = !1;
					} else n = pa(), e !== null && e.memoizedState !== null && (e.memoizedState.hydrationErrors = n), e = !0;
					if (!e) return t.flags & 256 ? (Io(t), t) : (Io(t), null);
					if (t.flags & 128) throw Error(o(558));
				}
				return gl(t), null;
			case 13:
				if (r = t.memoizedState, e === null || e.memoizedState !== null && e.memoizedState.dehydrated !== null) {
					if (i = da(t), r !== null && r.dehydrated !== null) {
						if (e === null) {
							if (!i) throw Error(o(318));
							if (i = t.memoizedState, i = i === null ? null : i.dehydrated, !i) throw Error(o(317));
							i[St] = t;
						} else fa(), !(t.flags & 128) && (t.memoizedState = null), t.flags |= 4;
						gl(t), i = !1;
					} else i = pa(), e !== null && e.memoizedState !== null && (e.memoizedState.hydrationErrors = i), i = !0;
					if (!i) return t.flags & 256 ? (Io(t), t) : (Io(t), null);
				}
				return Io(t), t.flags & 128 ? (t.lanes = n, t) : (n = r !== null, e = e !== null && e.memoizedState !== null, n && (r = t.child, i = null, r.alternate !== null && r.alternate.memoizedState !== null && r.alternate.memoizedState.cachePool !== null && (i = r.alternate.memoizedState.cachePool.pool), a = null, r.memoizedState !== null && r.memoizedState.cachePool !== null && (a = r.memoizedState.cachePool.pool), a !== i && (r.flags |= 2048)), n !== e && n && (t.child.flags |= 8192), ml(t, t.updateQueue), gl(t), null);
			case 4: return Te(), e === null && Wf(t.stateNode.containerInfo), t.flags |= 67108864, gl(t), null;
			case 10: return ya(t.type), gl(t), null;
			case 19:
				if (zo(t), r = t.memoizedState, r === null) return gl(t), null;
				if (i = !!(t.flags & 128), a = r.rendering, a === null) {
					if (i) hl(r, !1);
					else {
						if (ad !== 0 || e !== null && e.flags & 128) for (e = t.child; e !== null;) {
							if (a = Bo(e), a !== null) {
								for (t.flags |= 128, hl(r, !1), e = a.updateQueue, t.updateQueue = e, ml(t, e), t.subtreeFlags = 0, e = n, n = t.child; n !== null;) Fi(n, e), n = n.sibling;
								return Ro(t, Lo.current & 1 | 2), B && Qi(t, r.treeForkCount), t.child;
							}
							e = e.sibling;
						}
						r.tail !== null && Be() > gd && (t.flags |= 128, i = !0, hl(r, !1), t.lanes = 4194304);
					}
				} else {
					if (!i) {
						if (e = Bo(a), e !== null) {
							if (t.flags |= 128, i = !0, e = e.updateQueue, t.updateQueue = e, ml(t, e), hl(r, !0), r.tail === null && r.tailMode !== `collapsed` && r.tailMode !== `visible` && !a.alternate && !B) return gl(t), null;
						} else 2 * Be() - r.renderingStartTime > gd && n !== 536870912 && (t.flags |= 128, i = !0, hl(r, !1), t.lanes = 4194304);
					}
					r.isBackwards ? (a.sibling = t.child, t.child = a) : (e = r.last, e === null ? t.child = a : e.sibling = a, r.last = a);
				}
				if (r.tail !== null) {
					e = r.tail;
					a: {
						for (n = e; n !== null;) {
							if (n.alternate !== null) {
								n = !1;
								break a;
							}
							n = n.sibling;
						}
						n = !0;
					}
					return r.rendering = e, r.tail = e.sibling, r.renderingStartTime = Be(), e.sibling = null, a = Lo.current, a = i ? a & 1 | 2 : a & 1, r.tailMode === `visible` || r.tailMode === `collapsed` || !n || B ? Ro(t, a) : (n = a, R(Ao, t), R(Lo, n), jo === null && (jo = t)), B && Qi(t, r.treeForkCount), e;
				}
				return gl(t), null;
			case 22:
			case 23: return Io(t), ko(), r = t.memoizedState !== null, e === null ? r && (t.flags |= 8192) : e.memoizedState !== null !== r && (t.flags |= 8192), r ? n & 536870912 && !(t.flags & 128) && (gl(t), t.subtreeFlags & 6 && (t.flags |= 8192)) : gl(t), n = t.updateQueue, n !== null && ml(t, n.retryQueue), n = null, e !== null && e.memoizedState !== null && e.memoizedState.cachePool !== null && (n = e.memoizedState.cachePool.pool), r = null, t.memoizedState !== null && t.memoizedState.cachePool !== null && (r = t.memoizedState.cachePool.pool), r !== n && (t.flags |= 2048), e !== null && ye(Ga), null;
			case 24: return n = null, e !== null && (n = e.memoizedState.cache), t.memoizedState.cache !== n && (t.flags |= 2048), ya(ja), gl(t), null;
			case 25: return null;
			case 30: return t.flags |= 33554432, gl(t), null;
		}
		throw Error(o(156, t.tag));
	}
	function vl(e, t) {
		switch (ta(t), t.tag) {
			case 1: return e = t.flags, e & 65536 ? (t.flags = e & -65537 | 128, t) : null;
			case 3: return ya(ja), Te(), e = t.flags, e & 65536 && !(e & 128) ? (t.flags = e & -65537 | 128, t) : null;
			case 26:
			case 27:
			case 5: return De(t), null;
			case 31:
				if (t.memoizedState !== null) {
					if (Io(t), t.alternate === null) throw Error(o(340));
					fa();
				}
				return e = t.flags, e & 65536 ? (t.flags = e & -65537 | 128, t) : null;
			case 13:
				if (Io(t), e = t.memoizedState, e !== null && e.dehydrated !== null) {
					if (t.alternate === null) throw Error(o(340));
					fa();
				}
				return e = t.flags, e & 65536 ? (t.flags = e & -65537 | 128, t) : null;
			case 19: return zo(t), e = t.flags, e & 65536 ? (t.flags = e & -65537 | 128, e = t.memoizedState, e !== null && (e.rendering = null, e.tail = null), t.flags |= 4, t) : null;
			case 4: return Te(), null;
			case 10: return ya(t.type), null;
			case 22:
			case 23: return Io(t), ko(), e !== null && ye(Ga), e = t.flags, e & 65536 ? (t.flags = e & -65537 | 128, t) : null;
			case 24: return ya(ja), null;
			case 25: return null;
			default: return null;
		}
	}
	function yl(e, t) {
		switch (ta(t), t.tag) {
			case 3:
				ya(ja), Te();
				break;
			case 26:
			case 27:
			case 5:
				De(t);
				break;
			case 4:
				Te();
				break;
			case 31:
				t.memoizedState !== null && Io(t);
				break;
			case 13:
				Io(t);
				break;
			case 19:
				zo(t);
				break;
			case 10:
				ya(t.type);
				break;
			case 22:
			case 23:
				Io(t), ko(), e !== null && ye(Ga);
				break;
			case 24: ya(ja);
		}
	}
	function bl(e, t) {
		try {
			var n = t.updateQueue, r = n === null ? null : n.lastEffect;
			if (r !== null) {
				var i = r.next;
				n = i;
				do {
					if ((n.tag & e) === e) {
						r = void 0;
						var a = n.create, o = n.inst;
						r = a(), o.destroy = r;
					}
					n = n.next;
				} while (n !== i);
			}
		} catch (e) {
			Z(t, t.return, e);
		}
	}
	function xl(e, t, n) {
		try {
			var r = t.updateQueue, i = r === null ? null : r.lastEffect;
			if (i !== null) {
				var a = i.next;
				r = a;
				do {
					if ((r.tag & e) === e) {
						var o = r.inst, s = o.destroy;
						if (s !== void 0) {
							o.destroy = void 0, i = t;
							var c = n, l = s;
							try {
								l();
							} catch (e) {
								Z(i, c, e);
							}
						}
					}
					r = r.next;
				} while (r !== a);
			}
		} catch (e) {
			Z(t, t.return, e);
		}
	}
	function Sl(e) {
		var t = e.updateQueue;
		if (t !== null) {
			var n = e.stateNode;
			try {
				wo(t, n);
			} catch (t) {
				Z(e, e.return, t);
			}
		}
	}
	function Cl(e, t, n) {
		n.props = Sc(e.type, e.memoizedProps), n.state = e.memoizedState;
		try {
			n.componentWillUnmount();
		} catch (n) {
			Z(e, t, n);
		}
	}
	function wl(e, t) {
		try {
			var n = e.ref;
			if (n !== null) {
				switch (e.tag) {
					case 26:
					case 27:
					case 5:
						var r = e.stateNode;
						break;
					case 30:
						var i = e.stateNode, a = _i(e.memoizedProps, i);
						(i.ref === null || i.ref.name !== a) && (i.ref = Pp(a)), r = i.ref;
						break;
					case 7:
						if (e.stateNode === null) {
							var o = new Fp(e);
							h(e.child, !1, Qp, o, void 0, void 0), e.stateNode = o;
						}
						r = e.stateNode;
						break;
					default: r = e.stateNode;
				}
				typeof n == `function` ? e.refCleanup = n(r) : n.current = r;
			}
		} catch (n) {
			Z(e, t, n);
		}
	}
	function Tl(e, t) {
		var n = e.ref, r = e.refCleanup;
		if (n !== null) {
			if (typeof r == `function`) try {
				r();
			} catch (n) {
				Z(e, t, n);
			} finally {
				e.refCleanup = null, e = e.alternate, e != null && (e.refCleanup = null);
			}
			else if (typeof n == `function`) try {
				n(null);
			} catch (n) {
				Z(e, t, n);
			}
			else n.current = null;
		}
	}
	function El(e, t) {
		if ((e.tag === 5 || e.tag === 27 || e.tag === 6) && e.alternate === null && t !== null) for (var n = 0; n < t.length; n++) em(e.stateNode, t[n]);
	}
	function Dl(e) {
		for (var t = e.return; t !== null && (Al(t) && em(e.stateNode, t.stateNode), !kl(t));) t = t.return;
	}
	function Ol(e) {
		for (var t = e.return; t !== null && (Al(t) && tm(e.stateNode, t.stateNode), !kl(t));) t = t.return;
	}
	function kl(e) {
		return e.tag === 5 || e.tag === 3 || e.tag === 27;
	}
	function Al(e) {
		return e && e.tag === 7 && e.stateNode !== null;
	}
	function jl(e) {
		var t = e.type, n = e.memoizedProps, r = e.stateNode;
		try {
			a: switch (t) {
				case `button`:
				case `input`:
				case `select`:
				case `textarea`:
					n.autoFocus && r.focus();
					break a;
				case `img`: n.src ? r.src = n.src : n.srcSet && (r.srcset = n.srcSet);
			}
		} catch (t) {
			Z(e, e.return, t);
		}
	}
	function Ml(e, t, n) {
		try {
			var r = e.stateNode;
			ip(r, e.type, n, t), r[Ct] = t;
		} catch (t) {
			Z(e, e.return, t);
		}
	}
	function Nl(e) {
		return e.tag === 5 || e.tag === 3 || e.tag === 26 || e.tag === 27 && Sp(e.type) || e.tag === 4;
	}
	function Pl(e) {
		a: for (;;) {
			for (; e.sibling === null;) {
				if (e.return === null || Nl(e.return)) return null;
				e = e.return;
			}
			for (e.sibling.return = e.return, e = e.sibling; e.tag !== 5 && e.tag !== 6 && e.tag !== 18;) {
				if (e.tag === 27 && Sp(e.type) || e.flags & 2 || e.child === null || e.tag === 4) continue a;
				e.child.return = e, e = e.child;
			}
			if (!(e.flags & 2)) return e.stateNode;
		}
	}
	function Fl(e, t, n, r) {
		var i = e.tag;
		if (i === 5 || i === 6) i = e.stateNode, t ? (n.nodeType === 9 ? n.body : n.nodeName === `HTML` ? n.ownerDocument.body : n).insertBefore(i, t) : (t = n.nodeType === 9 ? n.body : n.nodeName === `HTML` ? n.ownerDocument.body : n, t.appendChild(i), n = n._reactRootContainer, n != null || t.onclick !== null || (t.onclick = vn)), El(e, r), z = !0;
		else if (i !== 4 && (i === 27 && (El(e, r), r = null, Sp(e.type) && (n = e.stateNode, t = null)), e = e.child, e !== null)) for (Fl(e, t, n, r), e = e.sibling; e !== null;) Fl(e, t, n, r), e = e.sibling;
	}
	function Il(e, t, n, r) {
		var i = e.tag;
		if (i === 5 || i === 6) i = e.stateNode, t ? n.insertBefore(i, t) : n.appendChild(i), El(e, r), z = !0;
		else if (i !== 4 && (i === 27 && (El(e, r), r = null, Sp(e.type) && (n = e.stateNode)), e = e.child, e !== null)) for (Il(e, t, n, r), e = e.sibling; e !== null;) Il(e, t, n, r), e = e.sibling;
	}
	function Ll(e) {
		var t = e.stateNode, n = e.memoizedProps;
		try {
			for (var r = e.type, i = t.attributes; i.length;) t.removeAttributeNode(i[0]);
			np(t, r, n), t[St] = e, t[Ct] = n;
		} catch (t) {
			Z(e, e.return, t);
		}
	}
	var Rl = !1, zl = null;
	function Bl(e) {
		(e.tag === 30 || e.subtreeFlags & 33554432) && (Rl = !0);
	}
	var Vl = null;
	function Hl() {
		var e = Vl;
		return Vl = null, e;
	}
	var Ul = 0;
	function Wl(e, t, n, r, i) {
		return Ul = 0, Gl(e.child, t, n, r, i);
	}
	function Gl(e, t, n, r, i) {
		for (var a = !1; e !== null;) {
			if (e.tag === 5) {
				var o = e.stateNode;
				if (r !== null) {
					var s = Op(o);
					r.push(s), s.view && (a = !0);
				} else a || Op(o).view && (a = !0);
				Rl = !0, Tp(o, Ul === 0 ? t : t + `_` + Ul, n), Ul++;
			} else e.tag === 22 && e.memoizedState !== null || e.tag === 30 && i || Gl(e.child, t, n, r, i) && (a = !0);
			e = e.sibling;
		}
		return a;
	}
	function Kl(e, t) {
		for (; e !== null;) e.tag === 5 ? Ep(e.stateNode, e.memoizedProps) : e.tag === 22 && e.memoizedState !== null || e.tag === 30 && t || Kl(e.child, t), e = e.sibling;
	}
	function ql(e) {
		if (e.subtreeFlags & 18874368) for (e = e.child; e !== null;) {
			if ((e.tag !== 22 || e.memoizedState === null) && (ql(e), e.tag === 30 && e.flags & 18874368 && e.stateNode.paired)) {
				var t = e.memoizedProps;
				if (t.name == null || t.name === `auto`) throw Error(o(544));
				var n = t.name;
				t = yi(t.default, t.share), t !== `none` && (Wl(e, n, t, null, !1) || Kl(e.child, !1));
			}
			e = e.sibling;
		}
	}
	function Jl(e, t) {
		if (e.tag === 30) {
			var n = e.stateNode, r = e.memoizedProps, i = _i(r, n), a = yi(r.default, n.paired ? r.share : r.enter);
			a === `none` ? ql(e) : Wl(e, i, a, null, !1) ? (ql(e), n.paired || t || Nd(e, r.onEnter)) : Kl(e.child, !1);
		} else if (e.subtreeFlags & 33554432) for (e = e.child; e !== null;) Jl(e, t), e = e.sibling;
		else ql(e);
	}
	function Yl(e) {
		if (zl !== null && zl.size !== 0) {
			var t = zl;
			if (e.subtreeFlags & 18874368) for (e = e.child; e !== null;) {
				if (e.tag !== 22 || e.memoizedState === null) {
					if (e.tag === 30 && e.flags & 18874368) {
						var n = e.memoizedProps, r = n.name;
						if (r != null && r !== `auto`) {
							var i = t.get(r);
							if (i !== void 0) {
								var a = yi(n.default, n.share);
								if (a !== `none` && (Wl(e, r, a, null, !1) ? (a = e.stateNode, i.paired = a, a.paired = i, Nd(e, n.onShare)) : Kl(e.child, !1)), t.delete(r), t.size === 0) break;
							}
						}
					}
					Yl(e);
				}
				e = e.sibling;
			}
		}
	}
	function Xl(e) {
		if (e.tag === 30) {
			var t = e.memoizedProps, n = _i(t, e.stateNode), r = zl === null ? void 0 : zl.get(n), i = yi(t.default, r === void 0 ? t.exit : t.share);
			i !== `none` && (Wl(e, n, i, null, !1) ? r === void 0 ? Nd(e, t.onExit) : (i = e.stateNode, r.paired = i, i.paired = r, zl.delete(n), Nd(e, t.onShare)) : Kl(e.child, !1)), zl !== null && Yl(e);
		} else if (e.subtreeFlags & 33554432) for (e = e.child; e !== null;) Xl(e), e = e.sibling;
		else zl !== null && Yl(e);
	}
	function Zl(e) {
		for (e = e.child; e !== null;) {
			if (e.tag === 30) {
				var t = e.memoizedProps, n = _i(t, e.stateNode);
				t = yi(t.default, t.update), e.flags &= -5, t !== `none` && Wl(e, n, t, e.memoizedState = [], !1);
			} else e.subtreeFlags & 33554432 && Zl(e);
			e = e.sibling;
		}
	}
	function Ql(e) {
		if (e.subtreeFlags & 18874368) for (e = e.child; e !== null;) {
			if (e.tag !== 22 || e.memoizedState === null) {
				if (e.tag === 30 && e.flags & 18874368) {
					var t = e.stateNode;
					t.paired !== null && (t.paired = null, Kl(e.child, !1));
				}
				Ql(e);
			}
			e = e.sibling;
		}
	}
	function $l(e) {
		if (e.tag === 30) e.stateNode.paired = null, Kl(e.child, !1), Ql(e);
		else if (e.subtreeFlags & 33554432) for (e = e.child; e !== null;) $l(e), e = e.sibling;
		else Ql(e);
	}
	function eu(e) {
		for (e = e.child; e !== null;) e.tag === 30 ? Kl(e.child, !1) : e.subtreeFlags & 33554432 && eu(e), e = e.sibling;
	}
	function tu(e, t, n, r, i, a, o) {
		for (var s = !1; t !== null;) {
			if (t.tag === 5) {
				var c = t.stateNode;
				if (a !== null && Ul < a.length) {
					var l = a[Ul], u = Op(c);
					(l.view || u.view) && (s = !0);
					var d;
					if (d = !(e.flags & 4)) {
						if (u.clip) d = !0;
						else {
							d = l.rect;
							var f = u.rect;
							d = d.y !== f.y || d.x !== f.x || d.height !== f.height || d.width !== f.width;
						}
					}
					d && (e.flags |= 4), u.abs ? u = !l.abs : (l = l.rect, u = u.rect, u = l.height !== u.height || l.width !== u.width), u && (e.flags |= 32);
				} else e.flags |= 32;
				e.flags & 4 && Tp(c, Ul === 0 ? n : n + `_` + Ul, i), s && e.flags & 4 || (Vl === null && (Vl = []), Vl.push(c, Ul === 0 ? r : r + `_` + Ul, t.memoizedProps)), Ul++;
			} else (t.tag !== 22 || t.memoizedState === null) && (t.tag === 30 && o ? e.flags |= t.flags & 32 : tu(e, t.child, n, r, i, a, o) && (s = !0));
			t = t.sibling;
		}
		return s;
	}
	function nu(e, t) {
		for (e = e.child; e !== null;) {
			if (e.tag === 30) {
				var n = e.memoizedProps, r = e.stateNode, i = _i(n, r), a = yi(n.default, n.update);
				if (t) {
					r = r.clones;
					var o = r === null ? null : r.map(kp);
				} else o = e.memoizedState, e.memoizedState = null;
				r = e;
				var s = e.child;
				Ul = 0, i = tu(r, s, i, i, a, o, !1), e.flags & 4 && i && (t || Nd(e, n.onUpdate));
			} else e.subtreeFlags & 33554432 && nu(e, t);
			e = e.sibling;
		}
	}
	var ru = !1, K = !1, iu = !1, au = !1, ou = typeof WeakSet == `function` ? WeakSet : Set, su = null, cu = !1, lu = !1, uu = !1, du = !1;
	function fu(e, t, n) {
		if (e = e.containerInfo, sp = gh, e = qr(e), Jr(e)) {
			if (`selectionStart` in e) var r = {
				start: e.selectionStart,
				end: e.selectionEnd
			};
			else a: {
				r = (r = e.ownerDocument) && r.defaultView || window;
				var i = r.getSelection && r.getSelection();
				if (i && i.rangeCount !== 0) {
					r = i.anchorNode;
					var a = i.anchorOffset, o = i.focusNode;
					i = i.focusOffset;
					try {
						r.nodeType, o.nodeType;
					} catch {
						r = null;
						break a;
					}
					var s = 0, c = -1, l = -1, u = 0, d = 0, f = e, p = null;
					b: for (;;) {
						for (var m; f !== r || a !== 0 && f.nodeType !== 3 || (c = s + a), f !== o || i !== 0 && f.nodeType !== 3 || (l = s + i), f.nodeType === 3 && (s += f.nodeValue.length), (m = f.firstChild) !== null;) p = f, f = m;
						for (;;) {
							if (f === e) break b;
							if (p === r && ++u === a && (c = s), p === o && ++d === i && (l = s), (m = f.nextSibling) !== null) break;
							f = p, p = f.parentNode;
						}
						f = m;
					}
					r = c === -1 || l === -1 ? null : {
						start: c,
						end: l
					};
				} else r = null;
			}
			r ||= {
				start: 0,
				end: 0
			};
		} else r = null;
		for (cp = {
			focusedElem: e,
			selectionRange: r
		}, gh = !1, n = (n & 335544064) === n, su = t, t = n ? 9270 : 1024; su !== null;) {
			if (e = su, n && (r = e.deletions, r !== null)) for (a = 0; a < r.length; a++) n && Xl(r[a]);
			if (e.alternate === null && e.flags & 2) n && Bl(e), pu(n);
			else {
				if (e.tag === 22) {
					if (r = e.alternate, e.memoizedState !== null) {
						r !== null && r.memoizedState === null && n && Xl(r), pu(n);
						continue;
					}
					if (r !== null && r.memoizedState !== null) {
						n && Bl(e), pu(n);
						continue;
					}
				}
				r = e.child, (e.subtreeFlags & t) !== 0 && r !== null ? (r.return = e, su = r) : (n && Zl(e), pu(n));
			}
		}
		zl = null;
	}
	function pu(e) {
		for (; su !== null;) {
			var t = su, n = e, r = t.alternate, i = t.flags;
			switch (t.tag) {
				case 0:
				case 11:
				case 15: break;
				case 1:
					if (i & 1024 && r !== null) {
						n = void 0, i = r.memoizedProps, r = r.memoizedState;
						var a = t.stateNode;
						try {
							var s = Sc(t.type, i);
							n = a.getSnapshotBeforeUpdate(s, r), a.__reactInternalSnapshotBeforeUpdate = n;
						} catch (e) {
							Z(t, t.return, e);
						}
					}
					break;
				case 3:
					if (i & 1024) {
						if (r = t.stateNode.containerInfo, n = r.nodeType, n === 9) nm(r);
						else if (n === 1) switch (r.nodeName) {
							case `HEAD`:
							case `HTML`:
							case `BODY`:
								nm(r);
								break;
							default: r.textContent = ``;
						}
					}
					break;
				case 5:
				case 26:
				case 27:
				case 6:
				case 4:
				case 17: break;
				case 30:
					n && r !== null && (n = _i(r.memoizedProps, r.stateNode), i = t.memoizedProps, i = yi(i.default, i.update), i !== `none` && Wl(r, n, i, r.memoizedState = [], !0));
					break;
				default: if (i & 1024) throw Error(o(163));
			}
			if (r = t.sibling, r !== null) {
				r.return = t.return, su = r;
				break;
			}
			su = t.return;
		}
	}
	function mu(e, t, n) {
		var r = n.flags;
		switch (n.tag) {
			case 0:
			case 11:
			case 15:
				Pu(e, n), r & 4 && bl(5, n);
				break;
			case 1:
				if (Pu(e, n), r & 4) {
					if (e = n.stateNode, t === null) try {
						e.componentDidMount();
					} catch (e) {
						Z(n, n.return, e);
					}
					else {
						var i = Sc(n.type, t.memoizedProps);
						t = t.memoizedState;
						try {
							e.componentDidUpdate(i, t, e.__reactInternalSnapshotBeforeUpdate);
						} catch (e) {
							Z(n, n.return, e);
						}
					}
				}
				r & 64 && Sl(n), r & 512 && wl(n, n.return);
				break;
			case 3:
				if (Pu(e, n), r & 64 && (e = n.updateQueue, e !== null)) {
					if (t = null, n.child !== null) switch (n.child.tag) {
						case 27:
						case 5:
							t = n.child.stateNode;
							break;
						case 1: t = n.child.stateNode;
					}
					try {
						wo(e, t);
					} catch (e) {
						Z(n, n.return, e);
					}
				}
				break;
			case 27: t === null && r & 4 && Ll(n);
			case 26:
			case 5:
				Pu(e, n), t === null && r & 4 && jl(n), r & 512 && wl(n, n.return);
				break;
			case 12:
				Pu(e, n);
				break;
			case 31:
				Pu(e, n), r & 4 && Cu(e, n);
				break;
			case 13:
				Pu(e, n), r & 4 && wu(e, n), r & 64 && (e = n.memoizedState, e !== null && (e = e.dehydrated, e !== null && (n = _f.bind(null, n), cm(e, n))));
				break;
			case 22:
				if (r = n.memoizedState !== null || ru, !r) {
					var a = t !== null && t.memoizedState !== null || K;
					t = ru, i = K, ru = r, (K = a) && !i ? (r = 2, n.subtreeFlags & 8772 && (r |= 1), Iu(e, n, r)) : Pu(e, n), ru = t, K = i;
				}
				break;
			case 30:
				Pu(e, n), r & 512 && wl(n, n.return);
				break;
			case 7: r & 512 && wl(n, n.return);
			default: Pu(e, n);
		}
	}
	function hu(e, t) {
		for (e = e.child; e !== null;) gu(e, t), e = e.sibling;
	}
	function gu(e, t) {
		switch (e.tag) {
			case 5:
			case 26:
				try {
					var n = e.stateNode;
					if (t) {
						var r = n.style;
						typeof r.setProperty == `function` ? r.setProperty(`display`, `none`, `important`) : r.display = `none`;
					} else {
						var i = e.stateNode, a = e.memoizedProps.style, o = a != null && a.hasOwnProperty(`display`) ? a.display : null;
						i.style.display = o == null || typeof o == `boolean` ? `` : (`` + o).trim();
					}
				} catch (t) {
					Z(e, e.return, t);
				}
				_u(e, t);
				break;
			case 6:
				try {
					e.stateNode.nodeValue = t ? `` : e.memoizedProps, z = !0;
				} catch (t) {
					Z(e, e.return, t);
				}
				break;
			case 18:
				try {
					var s = e.stateNode;
					t ? wp(s, !0) : wp(e.stateNode, !1);
				} catch (t) {
					Z(e, e.return, t);
				}
				break;
			case 22:
			case 23:
				e.memoizedState === null && hu(e, t);
				break;
			default: hu(e, t);
		}
	}
	function _u(e, t) {
		if (e.subtreeFlags & 67108864) for (e = e.child; e !== null;) {
			a: {
				var n = e, r = t;
				switch (n.tag) {
					case 4:
						gu(n, r);
						break a;
					case 22:
						n.memoizedState === null && _u(n, r);
						break a;
					default: _u(n, r);
				}
			}
			e = e.sibling;
		}
	}
	function vu(e) {
		var t = e.alternate;
		t !== null && (e.alternate = null, vu(t)), e.child = null, e.deletions = null, e.sibling = null, e.tag === 5 && (t = e.stateNode, t !== null && jt(t)), e.stateNode = null, e.return = null, e.dependencies = null, e.memoizedProps = null, e.memoizedState = null, e.pendingProps = null, e.stateNode = null, e.updateQueue = null;
	}
	var yu = null, bu = !1;
	function xu(e, t, n) {
		for (n = n.child; n !== null;) Su(e, t, n), n = n.sibling;
	}
	function Su(e, t, n) {
		if (Xe && typeof Xe.onCommitFiberUnmount == `function`) try {
			Xe.onCommitFiberUnmount(Ye, n);
		} catch {}
		switch (n.tag) {
			case 26:
				K || Tl(n, t), xu(e, t, n), n.memoizedState ? n.memoizedState.count-- : n.stateNode && !K && (n = n.stateNode, n.parentNode.removeChild(n));
				break;
			case 27:
				K || Tl(n, t), Ol(n);
				var r = yu, i = bu;
				Sp(n.type) && (yu = n.stateNode, bu = !1), xu(e, t, n), gm(n.stateNode, n.type, n.memoizedProps), yu = r, bu = i;
				break;
			case 5: K || Tl(n, t), Ol(n);
			case 6:
				if (n.tag === 6 && Ol(n), r = yu, i = bu, yu = null, xu(e, t, n), yu = r, bu = i, yu !== null) {
					if (bu) try {
						(yu.nodeType === 9 ? yu.body : yu.nodeName === `HTML` ? yu.ownerDocument.body : yu).removeChild(n.stateNode), z = !0;
					} catch (e) {
						Z(n, t, e);
					}
					else try {
						yu.removeChild(n.stateNode), z = !0;
					} catch (e) {
						Z(n, t, e);
					}
				}
				break;
			case 18:
				yu !== null && (bu ? (e = yu, Cp(e.nodeType === 9 ? e.body : e.nodeName === `HTML` ? e.ownerDocument.body : e, n.stateNode), Hh(e)) : Cp(yu, n.stateNode));
				break;
			case 4:
				r = yu, i = bu, yu = n.stateNode.containerInfo, bu = !0, xu(e, t, n), yu = r, bu = i;
				break;
			case 0:
			case 11:
			case 14:
			case 15:
				xl(2, n, t), K || xl(4, n, t), xu(e, t, n);
				break;
			case 1:
				K || (Tl(n, t), r = n.stateNode, typeof r.componentWillUnmount == `function` && Cl(n, t, r)), xu(e, t, n);
				break;
			case 21:
				xu(e, t, n);
				break;
			case 22:
				K = (r = K) || n.memoizedState !== null, xu(e, t, n), K = r;
				break;
			case 30:
				Tl(n, t), xu(e, t, n);
				break;
			case 7:
				K || Tl(n, t), xu(e, t, n);
				break;
			default: xu(e, t, n);
		}
	}
	function Cu(e, t) {
		if (t.memoizedState === null && (e = t.alternate, e !== null && (e = e.memoizedState, e !== null))) {
			e = e.dehydrated;
			try {
				Hh(e);
			} catch (e) {
				Z(t, t.return, e);
			}
		}
	}
	function wu(e, t) {
		if (t.memoizedState === null && (e = t.alternate, e !== null && (e = e.memoizedState, e !== null && (e = e.dehydrated, e !== null)))) try {
			Hh(e);
		} catch (e) {
			Z(t, t.return, e);
		}
	}
	function Tu(e) {
		switch (e.tag) {
			case 31:
			case 13:
			case 19:
				var t = e.stateNode;
				return t === null && (t = e.stateNode = new ou()), t;
			case 22: return e = e.stateNode, t = e._retryCache, t === null && (t = e._retryCache = new ou()), t;
			default: throw Error(o(435, e.tag));
		}
	}
	function Eu(e, t) {
		var n = Tu(e);
		t.forEach(function(t) {
			if (!n.has(t)) {
				n.add(t);
				var r = vf.bind(null, e, t);
				t.then(r, r);
			}
		});
	}
	function Du(e, t, n) {
		var r = t.deletions;
		if (r !== null) for (var i = 0; i < r.length; i++) {
			var a = r[i], s = e, c = t, l = c;
			a: for (; l !== null;) {
				switch (l.tag) {
					case 27:
						if (Sp(l.type)) {
							yu = l.stateNode, bu = !1;
							break a;
						}
						break;
					case 5:
						yu = l.stateNode, bu = !1;
						break a;
					case 3:
					case 4:
						yu = l.stateNode.containerInfo, bu = !0;
						break a;
				}
				l = l.return;
			}
			if (yu === null) throw Error(o(160));
			Su(s, c, a), yu = null, bu = !1, s = a.alternate, s !== null && (s.return = null), a.return = null;
		}
		if (t.subtreeFlags & 13886) for (t = t.child; t !== null;) ku(t, e, n), t = t.sibling;
	}
	var Ou = null;
	function ku(e, t, n) {
		var r = e.alternate, i = e.flags;
		switch (e.tag) {
			case 0:
			case 11:
			case 14:
			case 15:
				if (i & 4 && (r = e.updateQueue, r = r === null ? null : r.events, r !== null)) for (var a = 0; a < r.length; a++) {
					var s = r[a];
					s.ref.impl = s.nextImpl;
				}
				Du(t, e, n), Au(e), i & 4 && (xl(3, e, e.return), bl(3, e), xl(5, e, e.return));
				break;
			case 1:
				Du(t, e, n), Au(e), i & 512 && (K || r === null || Tl(r, r.return)), i & 64 && ru && (e = e.updateQueue, e !== null && (t = e.callbacks, t !== null && (n = e.shared.hiddenCallbacks, e.shared.hiddenCallbacks = n === null ? t : n.concat(t))));
				break;
			case 26:
				if (a = Ou, Du(t, e, n), Au(e), i & 512 && (K || r === null || Tl(r, r.return)), i & 4) {
					if (i = r === null ? null : r.memoizedState, n = e.memoizedState, r === null) {
						if (n === null) {
							if (e.stateNode === null) {
								if (ru) e.stateNode = fp(e.type, e.memoizedProps, t.containerInfo, e);
								else {
									a: {
										t = e.type, n = e.memoizedProps, i = a.ownerDocument || a;
										b: switch (t) {
											case `title`:
												r = i.getElementsByTagName(`title`)[0], (!r || r[kt] || r[St] || r.namespaceURI === `http://www.w3.org/2000/svg` || r.hasAttribute(`itemprop`)) && (r = i.createElement(t), i.head.insertBefore(r, i.querySelector(`head > title`))), np(r, t, n), r[St] = e, It(r), t = r;
												break a;
											case `link`:
												if (a = Gm(`link`, `href`, i).get(t + (n.href || ``))) {
													for (s = 0; s < a.length; s++) if (r = a[s], r.getAttribute(`href`) === (n.href == null || n.href === `` ? null : n.href) && r.getAttribute(`rel`) === (n.rel == null ? null : n.rel) && r.getAttribute(`title`) === (n.title == null ? null : n.title) && r.getAttribute(`crossorigin`) === (n.crossOrigin == null ? null : n.crossOrigin)) {
														a.splice(s, 1);
														break b;
													}
												}
												r = i.createElement(t), np(r, t, n), i.head.appendChild(r);
												break;
											case `meta`:
												if (a = Gm(`meta`, `content`, i).get(t + (n.content || ``))) {
													for (s = 0; s < a.length; s++) if (r = a[s], r.getAttribute(`content`) === (n.content == null ? null : `` + n.content) && r.getAttribute(`name`) === (n.name == null ? null : n.name) && r.getAttribute(`property`) === (n.property == null ? null : n.property) && r.getAttribute(`http-equiv`) === (n.httpEquiv == null ? null : n.httpEquiv) && r.getAttribute(`charset`) === (n.charSet == null ? null : n.charSet)) {
														a.splice(s, 1);
														break b;
													}
												}
												r = i.createElement(t), np(r, t, n), i.head.appendChild(r);
												break;
											default: throw Error(o(468, t));
										}
										r[St] = e, It(r), t = r;
									}
									e.stateNode = t;
								}
							} else ru || Km(a, e.type, e.stateNode);
						} else e.stateNode = Bm(a, n, e.memoizedProps);
					} else i === n ? n === null && e.stateNode !== null && Ml(e, e.memoizedProps, r.memoizedProps) : (i === null ? (t = r.stateNode, t === null || K || t.parentNode.removeChild(t)) : i.count--, n === null ? ru || Km(a, e.type, e.stateNode) : Bm(a, n, e.memoizedProps));
				}
				break;
			case 27:
				Du(t, e, n), Au(e), i & 512 && (K || r === null || Tl(r, r.return)), r !== null && i & 4 && Ml(e, e.memoizedProps, r.memoizedProps);
				break;
			case 5:
				if (a = iu, iu = !1, Du(t, e, n), iu = a, Au(e), i & 512 && (K || r === null || Tl(r, r.return)), e.flags & 32) {
					t = e.stateNode;
					try {
						un(t, ``), z = !0;
					} catch (t) {
						Z(e, e.return, t);
					}
				}
				i & 4 && e.stateNode != null && (t = e.memoizedProps, Ml(e, t, r === null ? t : r.memoizedProps)), i & 1024 && (au = !0);
				break;
			case 6:
				if (Du(t, e, n), Au(e), i & 4) {
					if (e.stateNode === null) throw Error(o(162));
					t = e.memoizedProps, n = e.stateNode;
					try {
						n.nodeValue = t, z = !0;
					} catch (t) {
						Z(e, e.return, t);
					}
				}
				break;
			case 3:
				if (z = !1, Wm = null, a = Ou, Ou = bm(t.containerInfo), Du(t, e, n), Ou = a, Au(e), i & 4 && r !== null && r.memoizedState.isDehydrated) try {
					Hh(t.containerInfo);
				} catch (t) {
					Z(e, e.return, t);
				}
				au && (au = !1, ju(e)), z = !1;
				break;
			case 4:
				i = iu, iu = ru, r = Kt(), a = Ou, Ou = bm(e.stateNode.containerInfo), Du(t, e, n), Au(e), Ou = a, z && lu && (uu = !0), z = r, iu = i;
				break;
			case 12:
				Du(t, e, n), Au(e);
				break;
			case 31:
				Du(t, e, n), Au(e), i & 4 && (t = e.updateQueue, t !== null && (e.updateQueue = null, Eu(e, t)));
				break;
			case 13:
				Du(t, e, n), Au(e), e.child.flags & 8192 && e.memoizedState !== null != (r !== null && r.memoizedState !== null) && (md = Be()), i & 4 && (t = e.updateQueue, t !== null && (e.updateQueue = null, Eu(e, t)));
				break;
			case 22:
				a = e.memoizedState !== null, s = r !== null && r.memoizedState !== null;
				var c = ru, l = K, u = iu;
				ru = c || a, iu = u || a, K = l || s, Du(t, e, n), K = l, iu = u, ru = c, Au(e), i & 8192 && (t = e.stateNode, t._visibility = a ? t._visibility & -2 : t._visibility | 1, !a || r === null || s || ru || K || (t = s || K, n = ru, r = K, ru = a || ru, K = t, Fu(e, 2), ru = n, K = r), !a && iu || hu(e, a)), i & 4 && (t = e.updateQueue, t !== null && (n = t.retryQueue, n !== null && (t.retryQueue = null, Eu(e, n))));
				break;
			case 19:
				Du(t, e, n), Au(e), i & 4 && (t = e.updateQueue, t !== null && (e.updateQueue = null, Eu(e, t)));
				break;
			case 30:
				i & 512 && (K || r === null || Tl(r, r.return)), i = Kt(), a = lu, s = (n & 335544064) === n, c = e.memoizedProps, lu = s && yi(c.default, c.update) !== `none`, Du(t, e, n), Au(e), s && r !== null && z && (e.flags |= 4), lu = a, z = i;
				break;
			case 21: break;
			case 7: i & 512 && (K || r === null || Tl(r, r.return)), r && r.stateNode !== null && (r.stateNode._fragmentFiber = e);
			default: Du(t, e, n), Au(e);
		}
	}
	function Au(e) {
		var t = e.flags;
		if (t & 2) {
			try {
				for (var n, r = e.return; r !== null;) {
					if (Nl(r)) {
						n = r;
						break;
					}
					r = r.return;
				}
				r = null;
				for (var i = e.return; i !== null;) {
					if (Al(i)) {
						var a = i.stateNode;
						r === null ? r = [a] : r.push(a);
					}
					if (kl(i)) break;
					i = i.return;
				}
				var s = r;
				if (n == null) throw Error(o(160));
				switch (n.tag) {
					case 27:
						var c = n.stateNode;
						Il(e, Pl(e), c, s);
						break;
					case 5:
						var l = n.stateNode;
						n.flags & 32 && (un(l, ``), n.flags &= -33), Il(e, Pl(e), l, s);
						break;
					case 3:
					case 4:
						var u = n.stateNode.containerInfo;
						Fl(e, Pl(e), u, s);
						break;
					default: throw Error(o(161));
				}
			} catch (t) {
				Z(e, e.return, t);
			}
			e.flags &= -3;
		}
		t & 4096 && (e.flags &= -4097);
	}
	function ju(e) {
		if (e.subtreeFlags & 1024) for (e = e.child; e !== null;) {
			var t = e;
			ju(t), t.tag === 5 && t.flags & 1024 && (t = t.stateNode, gh = !0, t.reset(), gh = !1), e = e.sibling;
		}
	}
	function Mu(e, t) {
		if (t.subtreeFlags & 9270) for (t = t.child; t !== null;) Nu(t, e), t = t.sibling;
		else nu(t, !1);
	}
	function Nu(e, t) {
		var n = e.alternate;
		if (n === null) Jl(e, !1);
		else switch (e.tag) {
			case 3:
				if (du = cu = !1, Hl(), Mu(t, e), !cu && !uu) {
					if (e = Vl, e !== null) for (var r = 0; r < e.length; r += 3) {
						n = e[r];
						var i = e[r + 1];
						Ep(n, e[r + 2]), n = n.ownerDocument.documentElement, n !== null && n.animate({
							opacity: [0, 0],
							pointerEvents: [`none`, `none`]
						}, {
							duration: 0,
							fill: `forwards`,
							pseudoElement: `::view-transition-group(` + i + `)`
						});
					}
					e = t.containerInfo, e = e.nodeType === 9 ? e.documentElement : e.ownerDocument.documentElement, e !== null && e.style.viewTransitionName === `` && (e.style.viewTransitionName = `none`, e.animate({
						opacity: [0, 0],
						pointerEvents: [`none`, `none`]
					}, {
						duration: 0,
						fill: `forwards`,
						pseudoElement: `::view-transition-group(root)`
					}), e.animate({
						width: [0, 0],
						height: [0, 0]
					}, {
						duration: 0,
						fill: `forwards`,
						pseudoElement: `::view-transition`
					})), du = !0;
				}
				Vl = null;
				break;
			case 5:
				Mu(t, e);
				break;
			case 4:
				r = cu, cu = !1, Mu(t, e), cu && (uu = !0), cu = r;
				break;
			case 22:
				e.memoizedState === null && (n.memoizedState === null ? Mu(t, e) : Jl(e, !1));
				break;
			case 30:
				r = cu, i = Hl(), cu = !1, Mu(t, e), cu && (e.flags |= 4);
				var a = e.memoizedProps, o = e.stateNode;
				t = _i(a, o), o = _i(n.memoizedProps, o);
				var s = yi(a.default, a.update);
				s === `none` ? t = !1 : (a = n.memoizedState, n.memoizedState = null, n = e.child, Ul = 0, t = tu(e, n, t, o, s, a, !0), Ul !== (a === null ? 0 : a.length) && (e.flags |= 32)), e.flags & 4 && t ? (Nd(e, e.memoizedProps.onUpdate), Vl = i) : i !== null && (i.push.apply(i, Vl), Vl = i), cu = e.flags & 32 ? !0 : r;
				break;
			default: Mu(t, e);
		}
	}
	function Pu(e, t) {
		if (t.subtreeFlags & 8772) for (t = t.child; t !== null;) mu(e, t.alternate, t), t = t.sibling;
	}
	function Fu(e, t) {
		for (e = e.child; e !== null;) {
			var n = e, r = t;
			switch (n.tag) {
				case 0:
				case 11:
				case 14:
				case 15:
					xl(4, n, n.return), Fu(n, r);
					break;
				case 1:
					Tl(n, n.return);
					var i = n.stateNode;
					typeof i.componentWillUnmount == `function` && Cl(n, n.return, i), Fu(n, r);
					break;
				case 27: r & 2 && gm(n.stateNode, n.type, n.memoizedProps);
				case 5:
					Tl(n, n.return), n.tag !== 5 && n.tag !== 27 || Ol(n), Fu(n, r);
					break;
				case 6:
					Ol(n);
					break;
				case 26:
					Tl(n, n.return), i = n.stateNode, n.memoizedState !== null || i === null || K || i.parentNode.removeChild(i), Fu(n, r);
					break;
				case 22:
					n.memoizedState === null && Fu(n, r);
					break;
				case 30:
					Tl(n, n.return), Fu(n, r);
					break;
				case 7: Tl(n, n.return);
				default: Fu(n, r);
			}
			e = e.sibling;
		}
	}
	function Iu(e, t, n) {
		for (n = t.subtreeFlags & 8772 ? n : n & -2, t = t.child; t !== null;) {
			var r = t.alternate, i = e, a = t, o = a.flags, s = !!(n & 1);
			switch (a.tag) {
				case 0:
				case 11:
				case 15:
					Iu(i, a, n), bl(4, a);
					break;
				case 1:
					if (Iu(i, a, n), r = a, i = r.stateNode, typeof i.componentDidMount == `function`) try {
						i.componentDidMount();
					} catch (e) {
						Z(r, r.return, e);
					}
					if (r = a, i = r.updateQueue, i !== null) {
						var c = r.stateNode;
						try {
							var l = i.shared.hiddenCallbacks;
							if (l !== null) for (i.shared.hiddenCallbacks = null, i = 0; i < l.length; i++) Co(l[i], c);
						} catch (e) {
							Z(r, r.return, e);
						}
					}
					s && o & 64 && Sl(a), wl(a, a.return);
					break;
				case 27: n & 2 && Ll(a);
				case 5:
					a.tag !== 5 && a.tag !== 27 || Dl(a), Iu(i, a, n), s && r === null && o & 4 && jl(a), wl(a, a.return);
					break;
				case 6:
					Dl(a);
					break;
				case 26:
					c = a.stateNode, a.memoizedState !== null || c === null || ru || Km(bm(c.ownerDocument), a.type, c), Iu(i, a, n), s && r === null && o & 4 && jl(a), wl(a, a.return);
					break;
				case 12:
					Iu(i, a, n);
					break;
				case 31:
					Iu(i, a, n), s && o & 4 && Cu(i, a);
					break;
				case 13:
					Iu(i, a, n), s && o & 4 && wu(i, a);
					break;
				case 22:
					a.memoizedState === null && Iu(i, a, n), wl(a, a.return);
					break;
				case 30:
					Iu(i, a, n), wl(a, a.return);
					break;
				case 7: wl(a, a.return);
				default: Iu(i, a, n);
			}
			t = t.sibling;
		}
	}
	function Lu(e, t) {
		var n = null;
		e !== null && e.memoizedState !== null && e.memoizedState.cachePool !== null && (n = e.memoizedState.cachePool.pool), e = null, t.memoizedState !== null && t.memoizedState.cachePool !== null && (e = t.memoizedState.cachePool.pool), e !== n && (e != null && e.refCount++, n != null && Na(n));
	}
	function Ru(e, t) {
		e = null, t.alternate !== null && (e = t.alternate.memoizedState.cache), t = t.memoizedState.cache, t !== e && (t.refCount++, e != null && Na(e));
	}
	function zu(e, t, n, r) {
		var i = (n & 335544064) === n;
		if (t.subtreeFlags & (i ? 10262 : 10256)) for (t = t.child; t !== null;) Bu(e, t, n, r), t = t.sibling;
		else i && eu(t);
	}
	function Bu(e, t, n, r) {
		var i = (n & 335544064) === n;
		i && t.alternate === null && t.return !== null && t.return.alternate !== null && $l(t);
		var a = t.flags;
		switch (t.tag) {
			case 0:
			case 11:
			case 15:
				zu(e, t, n, r), a & 2048 && bl(9, t);
				break;
			case 1:
				zu(e, t, n, r);
				break;
			case 3:
				zu(e, t, n, r), i && du && (e = e.containerInfo, e = e.nodeType === 9 ? e.body : e.nodeName === `HTML` ? e.ownerDocument.body : e, e.style.viewTransitionName === `root` && (e.style.viewTransitionName = ``), e = e.ownerDocument.documentElement, e !== null && e.style.viewTransitionName === `none` && (e.style.viewTransitionName = ``)), a & 2048 && (a = null, t.alternate !== null && (a = t.alternate.memoizedState.cache), t = t.memoizedState.cache, t !== a && (t.refCount++, a != null && Na(a)));
				break;
			case 12:
				if (a & 2048) {
					zu(e, t, n, r), a = t.stateNode;
					try {
						var o = t.memoizedProps, s = o.id, c = o.onPostCommit;
						typeof c == `function` && c(s, t.alternate === null ? `mount` : `update`, a.passiveEffectDuration, -0);
					} catch (e) {
						Z(t, t.return, e);
					}
				} else zu(e, t, n, r);
				break;
			case 31:
				zu(e, t, n, r);
				break;
			case 13:
				zu(e, t, n, r);
				break;
			case 23: break;
			case 22:
				o = t.stateNode, s = t.alternate, t.memoizedState === null ? (i && s !== null && s.memoizedState !== null && $l(t), o._visibility & 2 ? zu(e, t, n, r) : (o._visibility |= 2, Vu(e, t, n, r, !!(t.subtreeFlags & 10256) || !1))) : (i && s !== null && s.memoizedState === null && $l(s), o._visibility & 2 ? zu(e, t, n, r) : Hu(e, t)), a & 2048 && Lu(s, t);
				break;
			case 24:
				zu(e, t, n, r), a & 2048 && Ru(t.alternate, t);
				break;
			case 30:
				i && (a = t.alternate, a !== null && (Kl(a.child, !0), Kl(t.child, !0))), zu(e, t, n, r);
				break;
			default: zu(e, t, n, r);
		}
	}
	function Vu(e, t, n, r, i) {
		for (i &&= !!(t.subtreeFlags & 10256) || !1, t = t.child; t !== null;) {
			var a = e, o = t, s = n, c = r, l = o.flags;
			switch (o.tag) {
				case 0:
				case 11:
				case 15:
					Vu(a, o, s, c, i), bl(8, o);
					break;
				case 23: break;
				case 22:
					var u = o.stateNode;
					o.memoizedState === null ? (u._visibility |= 2, Vu(a, o, s, c, i)) : u._visibility & 2 ? Vu(a, o, s, c, i) : Hu(a, o), i && l & 2048 && Lu(o.alternate, o);
					break;
				case 24:
					Vu(a, o, s, c, i), i && l & 2048 && Ru(o.alternate, o);
					break;
				default: Vu(a, o, s, c, i);
			}
			t = t.sibling;
		}
	}
	function Hu(e, t) {
		if (t.subtreeFlags & 10256) for (t = t.child; t !== null;) {
			var n = e, r = t, i = r.flags;
			switch (r.tag) {
				case 22:
					Hu(n, r), i & 2048 && Lu(r.alternate, r);
					break;
				case 24:
					Hu(n, r), i & 2048 && Ru(r.alternate, r);
					break;
				default: Hu(n, r);
			}
			t = t.sibling;
		}
	}
	var Uu = 8192;
	function Wu(e, t, n) {
		if (e.subtreeFlags & Uu) for (e = e.child; e !== null;) Gu(e, t, n), e = e.sibling;
	}
	function Gu(e, t, n) {
		switch (e.tag) {
			case 26:
				Wu(e, t, n), e.flags & Uu && (e.memoizedState === null ? (e = e.stateNode, (t & 335544128) === t && Zm(n, e)) : Qm(n, Ou, e.memoizedState, e.memoizedProps));
				break;
			case 5:
				Wu(e, t, n), e.flags & Uu && (e = e.stateNode, (t & 335544128) === t && Zm(n, e));
				break;
			case 3:
			case 4:
				var r = Ou;
				Ou = bm(e.stateNode.containerInfo), Wu(e, t, n), Ou = r;
				break;
			case 22:
				e.memoizedState === null && (r = e.alternate, r !== null && r.memoizedState !== null ? (r = Uu, Uu = 16777216, Wu(e, t, n), Uu = r) : Wu(e, t, n));
				break;
			case 30:
				if ((e.flags & Uu) !== 0 && (r = e.memoizedProps.name, r != null && r !== `auto`)) {
					var i = e.stateNode;
					i.paired = null, zl === null && (zl = /* @__PURE__ */ new Map()), zl.set(r, i);
				}
				Wu(e, t, n);
				break;
			default: Wu(e, t, n);
		}
	}
	function Ku(e) {
		var t = e.alternate;
		if (t !== null && (e = t.child, e !== null)) {
			t.child = null;
			do
				t = e.sibling, e.sibling = null, e = t;
			while (e !== null);
		}
	}
	function qu(e) {
		var t = e.deletions;
		if (e.flags & 16) {
			if (t !== null) for (var n = 0; n < t.length; n++) {
				var r = t[n];
				su = r, Xu(r, e);
			}
			Ku(e);
		}
		if (e.subtreeFlags & 10256) for (e = e.child; e !== null;) Ju(e), e = e.sibling;
	}
	function Ju(e) {
		switch (e.tag) {
			case 0:
			case 11:
			case 15:
				qu(e), e.flags & 2048 && xl(9, e, e.return);
				break;
			case 3:
				qu(e);
				break;
			case 12:
				qu(e);
				break;
			case 22:
				var t = e.stateNode;
				e.memoizedState !== null && t._visibility & 2 && (e.return === null || e.return.tag !== 13) ? (t._visibility &= -3, Yu(e)) : qu(e);
				break;
			default: qu(e);
		}
	}
	function Yu(e) {
		var t = e.deletions;
		if (e.flags & 16) {
			if (t !== null) for (var n = 0; n < t.length; n++) {
				var r = t[n];
				su = r, Xu(r, e);
			}
			Ku(e);
		}
		for (e = e.child; e !== null;) {
			switch (t = e, t.tag) {
				case 0:
				case 11:
				case 15:
					xl(8, t, t.return), Yu(t);
					break;
				case 22:
					n = t.stateNode, n._visibility & 2 && (n._visibility &= -3, Yu(t));
					break;
				default: Yu(t);
			}
			e = e.sibling;
		}
	}
	function Xu(e, t) {
		for (; su !== null;) {
			var n = su;
			switch (n.tag) {
				case 0:
				case 11:
				case 15:
					xl(8, n, t);
					break;
				case 23:
				case 22:
					if (n.memoizedState !== null && n.memoizedState.cachePool !== null) {
						var r = n.memoizedState.cachePool.pool;
						r != null && r.refCount++;
					}
					break;
				case 24: Na(n.memoizedState.cache);
			}
			if (r = n.child, r !== null) r.return = n, su = r;
			else a: for (n = e; su !== null;) {
				r = su;
				var i = r.sibling, a = r.return;
				if (vu(r), r === n) {
					su = null;
					break a;
				}
				if (i !== null) {
					i.return = a, su = i;
					break a;
				}
				su = a;
			}
		}
	}
	var Zu = {
		getCacheForType: function(e) {
			var t = Ta(ja), n = t.data.get(e);
			return n === void 0 && (n = e(), t.data.set(e, n)), n;
		},
		cacheSignal: function() {
			return Ta(ja).controller.signal;
		}
	}, Qu = typeof WeakMap == `function` ? WeakMap : Map, q = 0, $u = null, J = null, Y = 0, X = 0, ed = null, td = !1, nd = !1, rd = !1, id = 0, ad = 0, od = 0, sd = 0, cd = 0, ld = 0, ud = 0, dd = null, fd = null, pd = !1, md = 0, hd = 0, gd = 1 / 0, _d = null, vd = null, yd = 0, bd = null, xd = null, Sd = 0, Cd = 0, wd = null, Td = null, Ed = null, Dd = null, Od = null, kd = 0, Ad = null;
	function jd() {
		return q & 2 && Y !== 0 ? Y & -Y : I.T === null ? yt() : Pf();
	}
	function Md() {
		if (ld === 0) {
			if (!(Y & 536870912) || B) {
				var e = rt;
				rt <<= 1, !(rt & 3932160) && (rt = 262144), ld = e;
			} else ld = 536870912;
		}
		return e = Ao.current, e !== null && (e.flags |= 32), ld;
	}
	function Nd(e, t) {
		if (t != null) {
			var n = e.stateNode, r = n.ref;
			r === null && (r = n.ref = Pp(_i(e.memoizedProps, n))), Dd === null && (Dd = []), Dd.push(t.bind(null, r));
		}
	}
	function Pd(e, t, n) {
		(e === $u && (X === 2 || X === 9) || e.cancelPendingCommit !== null) && (Vd(e, 0), Rd(e, Y, ld, !1)), ft(e, n), q & 2 && e === $u || (e === $u && (!(q & 2) && (sd |= n), ad === 4 && Rd(e, Y, ld, !1)), Ef(e));
	}
	function Fd(e, t, n) {
		if (q & 6) throw Error(o(327));
		var r = !n && !(t & 127) && (t & e.expiredLanes) === 0 || st(e, t), i = r ? Yd(e, t) : qd(e, t, !0), a = r;
		do {
			if (i === 0) {
				nd && !r && Rd(e, t, 0, !1);
				break;
			}
			if (n = e.current.alternate, a && !Ld(n)) i = qd(e, t, !1), a = !1;
			else {
				if (i === 2) {
					if (a = t, e.errorRecoveryDisabledLanes & a) var s = 0;
					else s = e.pendingLanes & -536870913, s = s === 0 ? s & 536870912 ? 536870912 : 0 : s;
					if (s !== 0) {
						t = s;
						a: {
							var c = e;
							i = dd;
							var l = c.current.memoizedState.isDehydrated;
							if (l && (Vd(c, s).flags |= 256), s = qd(c, s, !1), s !== 2 && s !== 6) {
								if (rd && !l) {
									c.errorRecoveryDisabledLanes |= a, sd |= a, i = 4;
									break a;
								}
								a = fd, fd = i, a !== null && (fd === null ? fd = a : fd.push.apply(fd, a));
							}
							i = s;
						}
						if (a = !1, i !== 2) continue;
					}
				}
				if (i === 1) {
					Vd(e, 0), Rd(e, t, 0, !0);
					break;
				}
				a: {
					switch (r = e, a = i, a) {
						case 0:
						case 1: throw Error(o(345));
						case 4: if ((t & 4194048) !== t && (t & 62914560) !== t) break;
						case 6:
							Rd(r, t, ld, !td);
							break a;
						case 2:
							fd = null;
							break;
						case 3:
						case 5: break;
						default: throw Error(o(329));
					}
					if ((t & 62914560) === t && (i = md + 300 - Be(), 10 < i)) {
						if (Rd(r, t, ld, !td), ot(r, 0, !0) !== 0) break a;
						Sd = t, r.timeoutHandle = gp(Id.bind(null, r, n, fd, _d, pd, t, ld, sd, ud, td, a, `Throttled`, -0, 0), i);
						break a;
					}
					Id(r, n, fd, _d, pd, t, ld, sd, ud, td, a, null, -0, 0);
				}
				break;
			}
		} while (1);
		Ef(e);
	}
	function Id(e, t, n, r, i, a, o, s, c, l, u, d, f, p) {
		e.timeoutHandle = -1;
		var m = t.subtreeFlags, h = (a & 335544064) === a;
		d = null, (h || m & 8192 || (m & 16785408) == 16785408) && (d = {
			stylesheets: null,
			count: 0,
			imgCount: 0,
			imgBytes: 0,
			suspenseyImages: [],
			waitingForImages: !0,
			waitingForViewTransition: !1,
			unsuspend: vn
		}, zl = null, Gu(t, a, d), h && (m = d, h = e.containerInfo, h = (h.nodeType === 9 ? h : h.ownerDocument).__reactViewTransition, h != null && (m.count++, m.waitingForViewTransition = !0, m = nh.bind(m), h.finished.then(m, m))), m = (a & 62914560) === a ? md - Be() : (a & 4194048) === a ? hd - Be() : 0, m = eh(d, m), m !== null) ? (Sd = a, e.cancelPendingCommit = m(nf.bind(null, e, t, a, n, r, i, o, s, c, l, u, d, null, f, p)), Rd(e, a, o, !l)) : nf(e, t, a, n, r, i, o, s, c, l, u, d);
	}
	function Ld(e) {
		for (var t = e;;) {
			var n = t.tag;
			if ((n === 0 || n === 11 || n === 15) && t.flags & 16384 && (n = t.updateQueue, n !== null && (n = n.stores, n !== null))) for (var r = 0; r < n.length; r++) {
				var i = n[r], a = i.getSnapshot;
				i = i.value;
				try {
					if (!Vr(a(), i)) return !1;
				} catch {
					return !1;
				}
			}
			if (n = t.child, t.subtreeFlags & 16384 && n !== null) n.return = t, t = n;
			else {
				if (t === e) break;
				for (; t.sibling === null;) {
					if (t.return === null || t.return === e) return !0;
					t = t.return;
				}
				t.sibling.return = t.return, t = t.sibling;
			}
		}
		return !0;
	}
	function Rd(e, t, n, r) {
		t = ct(e, t), t &= ~cd, t &= ~sd, e.suspendedLanes |= t, e.pingedLanes &= ~t, r && (e.warmLanes |= t), r = e.expirationTimes;
		for (var i = t; 0 < i;) {
			var a = 31 - Qe(i), o = 1 << a;
			r[a] = -1, i &= ~o;
		}
		n !== 0 && mt(e, n, t);
	}
	function zd() {
		return q & 6 ? !0 : (Df(0, !1), !1);
	}
	function Bd() {
		if (J !== null) {
			if (X === 0) var e = J.return;
			else e = J, _a = ga = null, is(e), ao = null, oo = 0, e = J;
			for (; e !== null;) yl(e.alternate, e), e = e.return;
			J = null;
		}
	}
	function Vd(e, t) {
		var n = e.timeoutHandle;
		return n !== -1 && (e.timeoutHandle = -1, _p(n)), n = e.cancelPendingCommit, n !== null && (e.cancelPendingCommit = null, n()), Sd = 0, Bd(), $u = e, J = n = Pi(e.current, null), Y = t, X = 0, ed = null, td = !1, nd = st(e, t), rd = !1, ud = ld = cd = sd = od = ad = 0, fd = dd = null, pd = !1, id = ct(e, t), wi(), n;
	}
	function Hd(e, t) {
		H = null, I.H = mc, t === Ya || t === Za ? (t = ro(), X = 3) : t === Xa ? (t = ro(), X = 4) : X = t === Mc ? 8 : typeof t == `object` && t && typeof t.then == `function` ? 6 : 1, ed = t, J === null && (ad = 1, Ec(e, Hi(t, e.current)));
	}
	function Ud() {
		var e = Ao.current;
		return e === null ? !0 : (Y & 4194048) === Y ? jo === null : (Y & 62914560) === Y || Y & 536870912 ? e === jo : !1;
	}
	function Wd() {
		var e = I.H;
		return I.H = mc, e === null ? mc : e;
	}
	function Gd() {
		var e = I.A;
		return I.A = Zu, e;
	}
	function Kd() {
		ad = 4, td || (Y & 4194048) !== Y && Ao.current !== null || (nd = !0), !(od & 134217727) && !(sd & 134217727) || $u === null || Rd($u, Y, ld, !1);
	}
	function qd(e, t, n) {
		var r = q;
		q |= 2;
		var i = Wd(), a = Gd();
		($u !== e || Y !== t) && (_d = null, Vd(e, t)), t = !1;
		var o = ad;
		a: do
			try {
				if (X !== 0 && J !== null) {
					var s = J, c = ed;
					switch (X) {
						case 8:
							Bd(), o = 6;
							break a;
						case 3:
						case 2:
						case 9:
						case 6:
							Ao.current === null && (t = !0);
							var l = X;
							if (X = 0, ed = null, $d(e, s, c, l), n && nd) {
								o = 0;
								break a;
							}
							break;
						default: l = X, X = 0, ed = null, $d(e, s, c, l);
					}
				}
				Jd(), o = ad;
				break;
			} catch (t) {
				Hd(e, t);
			}
		while (1);
		return t && e.shellSuspendCounter++, _a = ga = null, q = r, I.H = i, I.A = a, J === null && ($u = null, Y = 0, wi()), o;
	}
	function Jd() {
		for (; J !== null;) Zd(J);
	}
	function Yd(e, t) {
		var n = q;
		q |= 2;
		var r = Wd(), i = Gd();
		$u !== e || Y !== t ? (_d = null, gd = Be() + 500, Vd(e, t)) : nd = st(e, t);
		a: do
			try {
				if (X !== 0 && J !== null) {
					t = J;
					var a = ed;
					b: switch (X) {
						case 1:
							X = 0, ed = null, $d(e, t, a, 1);
							break;
						case 2:
						case 9:
							if ($a(a)) {
								X = 0, ed = null, Qd(t);
								break;
							}
							t = function() {
								X !== 2 && X !== 9 || $u !== e || (X = 7), Ef(e);
							}, a.then(t, t);
							break a;
						case 3:
							X = 7;
							break a;
						case 4:
							X = 5;
							break a;
						case 7:
							$a(a) ? (X = 0, ed = null, Qd(t)) : (X = 0, ed = null, $d(e, t, a, 7));
							break;
						case 5:
							var s = null;
							switch (J.tag) {
								case 26: s = J.memoizedState;
								case 5:
								case 27:
									var c = J;
									if (s ? Ym(s) : c.stateNode.complete) {
										X = 0, ed = null;
										var l = c.sibling;
										if (l !== null) J = l;
										else {
											var u = c.return;
											u === null ? J = null : (J = u, ef(u));
										}
										break b;
									}
							}
							X = 0, ed = null, $d(e, t, a, 5);
							break;
						case 6:
							X = 0, ed = null, $d(e, t, a, 6);
							break;
						case 8:
							Bd(), ad = 6;
							break a;
						default: throw Error(o(462));
					}
				}
				Xd();
				break;
			} catch (t) {
				Hd(e, t);
			}
		while (1);
		return _a = ga = null, I.H = r, I.A = i, q = n, J === null ? ($u = null, Y = 0, wi(), ad) : 0;
	}
	function Xd() {
		for (; J !== null && !Re();) Zd(J);
	}
	function Zd(e) {
		var t = W(e.alternate, e, id);
		e.memoizedProps = e.pendingProps, t === null ? ef(e) : J = t;
	}
	function Qd(e) {
		var t = e, n = t.alternate;
		switch (t.tag) {
			case 15:
			case 0:
				t = Kc(n, t, t.pendingProps, t.type, void 0, Y);
				break;
			case 11:
				t = Kc(n, t, t.pendingProps, t.type.render, t.ref, Y);
				break;
			case 5:
				is(t);
				var r = t;
				r === ra && (B ? (ua(r), r.tag === 5 && r.stateNode != null && (ia = r.stateNode)) : (ua(r), B = !0));
			default: yl(n, t), t = J = Fi(t, id), t = W(n, t, id);
		}
		e.memoizedProps = e.pendingProps, t === null ? ef(e) : J = t;
	}
	function $d(e, t, n, r) {
		_a = ga = null, is(t), ao = null, oo = 0;
		var i = t.return;
		try {
			if (jc(e, i, t, n, Y)) {
				ad = 1, Ec(e, Hi(n, e.current)), J = null;
				return;
			}
		} catch (t) {
			if (i !== null) throw J = i, t;
			ad = 1, Ec(e, Hi(n, e.current)), J = null;
			return;
		}
		t.flags & 32768 ? (B || r === 1 ? e = !0 : nd || Y & 536870912 ? e = !1 : (td = e = !0, (r === 2 || r === 9 || r === 3 || r === 6) && (r = Ao.current, r !== null && r.tag === 13 && (r.flags |= 16384))), tf(t, e)) : ef(t);
	}
	function ef(e) {
		var t = e;
		do {
			if (t.flags & 32768) {
				tf(t, td);
				return;
			}
			e = t.return;
			var n = _l(t.alternate, t, id);
			if (n !== null) {
				J = n;
				return;
			}
			if (t = t.sibling, t !== null) {
				J = t;
				return;
			}
			J = t = e;
		} while (t !== null);
		ad === 0 && (ad = 5);
	}
	function tf(e, t) {
		do {
			var n = vl(e.alternate, e);
			if (n !== null) {
				n.flags &= 32767, J = n;
				return;
			}
			if (n = e.return, n !== null && (n.flags |= 32768, n.subtreeFlags = 0, n.deletions = null), !t && (e = e.sibling, e !== null)) {
				J = e;
				return;
			}
			J = e = n;
		} while (e !== null);
		ad = 6, J = null;
	}
	function nf(e, t, n, r, i, a, s, c, l, u, d, f) {
		e.cancelPendingCommit = null;
		do
			df();
		while (yd !== 0);
		if (q & 6) throw Error(o(327));
		if (t !== null) {
			if (t === e.current) throw Error(o(177));
			e === $u && (J = $u = null, Y = 0), xd = t, bd = e, Sd = n, wd = i, Td = r, rf(e, t, n, s, c, l, f);
		}
	}
	function rf(e, t, n, r, i, a, o) {
		var s = t.lanes | t.childLanes;
		if (Cd = s, s |= Ci, pt(e, n, s, r, i, a), Dd = null, (n & 335544064) === n ? (Od = Ia(e), r = 10262) : (Od = null, r = 10256), (t.subtreeFlags & r) !== 0 || (t.flags & r) !== 0 ? (e.callbackNode = null, e.callbackPriority = 0, yf(We, function() {
			return ff(), null;
		})) : (e.callbackNode = null, e.callbackPriority = 0), Rl = !1, r = !!(t.flags & 13878), t.subtreeFlags & 13878 || r) {
			r = I.T, I.T = null, i = L.p, L.p = 2, a = q, q |= 4;
			try {
				fu(e, t, n);
			} finally {
				q = a, L.p = i, I.T = r;
			}
		}
		yd = 1, Rl ? Ed = Mp(o, e.containerInfo, Od, sf, cf, of, lf, ff, af, null, null) : (sf(), cf(), lf());
	}
	function af(e) {
		if (yd !== 0) {
			var t = bd.onRecoverableError;
			t(e, { componentStack: null });
		}
	}
	function of() {
		yd === 3 && (yd = 0, Nu(xd, bd), yd = 4);
	}
	function sf() {
		if (yd === 1) {
			yd = 0;
			var e = bd, t = xd, n = Sd, r = !!(t.flags & 13878);
			if (t.subtreeFlags & 13878 || r) {
				r = I.T, I.T = null;
				var i = L.p;
				L.p = 2;
				var a = q;
				q |= 4;
				try {
					lu = uu = !1, ku(t, e, n), n = cp;
					var o = qr(e.containerInfo), s = n.focusedElem, c = n.selectionRange;
					if (o !== s && s && s.ownerDocument && Kr(s.ownerDocument.documentElement, s)) {
						if (c !== null && Jr(s)) {
							var l = c.start, u = c.end;
							if (u === void 0 && (u = l), `selectionStart` in s) s.selectionStart = l, s.selectionEnd = Math.min(u, s.value.length);
							else {
								var d = s.ownerDocument || document, f = d && d.defaultView || window;
								if (f.getSelection) {
									var p = f.getSelection(), m = s.textContent.length, h = Math.min(c.start, m), g = c.end === void 0 ? h : Math.min(c.end, m);
									!p.extend && h > g && (o = g, g = h, h = o);
									var _ = Gr(s, h), v = Gr(s, g);
									if (_ && v && (p.rangeCount !== 1 || p.anchorNode !== _.node || p.anchorOffset !== _.offset || p.focusNode !== v.node || p.focusOffset !== v.offset)) {
										var y = d.createRange();
										y.setStart(_.node, _.offset), p.removeAllRanges(), h > g ? (p.addRange(y), p.extend(v.node, v.offset)) : (y.setEnd(v.node, v.offset), p.addRange(y));
									}
								}
							}
						}
						for (d = [], p = s; p = p.parentNode;) p.nodeType === 1 && d.push({
							element: p,
							left: p.scrollLeft,
							top: p.scrollTop
						});
						for (typeof s.focus == `function` && s.focus(), s = 0; s < d.length; s++) {
							var b = d[s];
							b.element.scrollLeft = b.left, b.element.scrollTop = b.top;
						}
					}
					gh = !!sp, cp = sp = null;
				} finally {
					q = a, L.p = i, I.T = r;
				}
			}
			e.current = t, yd = 2;
		}
	}
	function cf() {
		if (yd === 2) {
			yd = 0;
			var e = bd, t = xd, n = !!(t.flags & 8772);
			if (t.subtreeFlags & 8772 || n) {
				n = I.T, I.T = null;
				var r = L.p;
				L.p = 2;
				var i = q;
				q |= 4;
				try {
					mu(e, t.alternate, t);
				} finally {
					q = i, L.p = r, I.T = n;
				}
			}
			yd = 3;
		}
	}
	function lf() {
		if (yd === 4 || yd === 3) {
			yd = 0;
			var e = Ed;
			Ed = null, ze();
			var t = bd, n = xd, r = Sd, i = Td, a = (r & 335544064) === r ? 10262 : 10256;
			if ((n.subtreeFlags & a) !== 0 || (n.flags & a) !== 0 ? yd = 5 : (yd = 0, xd = bd = null, uf(t, t.pendingLanes)), a = t.pendingLanes, a === 0 && (vd = null), vt(r), n = n.stateNode, Xe && typeof Xe.onCommitFiberRoot == `function`) try {
				Xe.onCommitFiberRoot(Ye, n, void 0, (n.current.flags & 128) == 128);
			} catch {}
			if (i !== null) {
				n = I.T, a = L.p, L.p = 2, I.T = null;
				try {
					for (var o = t.onRecoverableError, s = 0; s < i.length; s++) {
						var c = i[s];
						o(c.value, { componentStack: c.stack });
					}
				} finally {
					I.T = n, L.p = a;
				}
			}
			if (i = Dd, o = Od, Od = null, i !== null && (Dd = null, o === null && (o = []), e !== null)) for (c = 0; c < i.length; c++) n = (0, i[c])(o), n !== void 0 && e.finished.finally(n);
			Sd & 3 && df(), Ef(t), a = t.pendingLanes, r & 261930 && a & 42 ? t === Ad ? kd++ : (kd = 0, Ad = t) : (kd = 0, Ad = null), Df(0, !1);
		}
	}
	function uf(e, t) {
		(e.pooledCacheLanes &= t) === 0 && (t = e.pooledCache, t != null && (e.pooledCache = null, Na(t)));
	}
	function df() {
		return Ed !== null && (Ed.skipTransition(), Ed = null), sf(), cf(), lf(), ff();
	}
	function ff() {
		if (yd !== 5) return !1;
		var e = bd, t = Cd;
		Cd = 0;
		var n = vt(Sd), r = I.T, i = L.p;
		try {
			L.p = 32 > n ? 32 : n, I.T = null, n = wd, wd = null;
			var a = bd, s = Sd;
			if (yd = 0, xd = bd = null, Sd = 0, q & 6) throw Error(o(331));
			var c = q;
			if (q |= 4, Ju(a.current), Bu(a, a.current, s, n), q = c, Df(0, !1), Xe && typeof Xe.onPostCommitFiberRoot == `function`) try {
				Xe.onPostCommitFiberRoot(Ye, a);
			} catch {}
			return !0;
		} finally {
			L.p = i, I.T = r, uf(e, t);
		}
	}
	function pf(e, t, n) {
		t = Hi(n, t), t = Oc(e.stateNode, t, 2), e = vo(e, t, 2), e !== null && (ft(e, 2), Ef(e));
	}
	function Z(e, t, n) {
		if (e.tag === 3) pf(e, e, n);
		else for (; t !== null;) {
			if (t.tag === 3) {
				pf(t, e, n);
				break;
			}
			if (t.tag === 1) {
				var r = t.stateNode;
				if (typeof t.type.getDerivedStateFromError == `function` || typeof r.componentDidCatch == `function` && (vd === null || !vd.has(r))) {
					e = Hi(n, e), n = kc(2), r = vo(t, n, 2), r !== null && (Ac(n, r, t, e), ft(r, 2), Ef(r));
					break;
				}
			}
			t = t.return;
		}
	}
	function mf(e, t, n) {
		var r = e.pingCache;
		if (r === null) {
			r = e.pingCache = new Qu();
			var i = /* @__PURE__ */ new Set();
			r.set(t, i);
		} else i = r.get(t), i === void 0 && (i = /* @__PURE__ */ new Set(), r.set(t, i));
		i.has(n) || (rd = !0, i.add(n), e = hf.bind(null, e, t, n), t.then(e, e));
	}
	function hf(e, t, n) {
		var r = e.pingCache;
		r !== null && r.delete(t), e.pingedLanes |= e.suspendedLanes & n, e.warmLanes &= ~n, $u === e && (Y & n) === n && (ad === 4 || ad === 3 && (Y & 62914560) === Y && 300 > Be() - md ? q & 2 ? cd |= n : Vd(e, 0) : cd |= n, ud === Y && (ud = 0)), Ef(e);
	}
	function gf(e, t) {
		t === 0 && (t = ut()), e = Di(e, t), e !== null && (ft(e, t), Ef(e));
	}
	function _f(e) {
		var t = e.memoizedState, n = 0;
		t !== null && (n = t.retryLane), gf(e, n);
	}
	function vf(e, t) {
		var n = 0;
		switch (e.tag) {
			case 31:
			case 13:
				var r = e.stateNode, i = e.memoizedState;
				i !== null && (n = i.retryLane);
				break;
			case 19:
				r = e.stateNode;
				break;
			case 22:
				r = e.stateNode._retryCache;
				break;
			default: throw Error(o(314));
		}
		r !== null && r.delete(t), gf(e, n);
	}
	function yf(e, t) {
		return Ie(e, t);
	}
	var bf = null, xf = null, Sf = !1, Cf = !1, wf = !1, Tf = 0;
	function Ef(e) {
		e !== xf && e.next === null && (xf === null ? bf = xf = e : xf = xf.next = e), Cf = !0, Sf || (Sf = !0, Nf());
	}
	function Df(e, t) {
		if (!wf && Cf) {
			wf = !0;
			do
				for (var n = !1, r = bf; r !== null;) {
					if (!t) {
						if (e !== 0) {
							var i = r.pendingLanes;
							if (i === 0) var a = 0;
							else {
								var o = r.suspendedLanes, s = r.pingedLanes;
								a = (1 << 31 - Qe(42 | e) + 1) - 1, a &= i & ~(o & ~s), a = a & 201326741 ? a & 201326741 | 1 : a ? a | 2 : 0;
							}
							a !== 0 && (n = !0, Mf(r, a));
						} else a = Y, a = ot(r, r === $u ? a : 0, r.cancelPendingCommit !== null || r.timeoutHandle !== -1), !(a & 3) || st(r, a) || (n = !0, Mf(r, a));
					}
					r = r.next;
				}
			while (n);
			wf = !1;
		}
	}
	function Of() {
		kf();
	}
	function kf() {
		Cf = Sf = !1;
		var e = 0;
		Tf !== 0 && hp() && (e = Tf);
		for (var t = Be(), n = null, r = bf; r !== null;) {
			var i = r.next, a = Af(r, t);
			a === 0 ? (r.next = null, n === null ? bf = i : n.next = i, i === null && (xf = n)) : (n = r, (e !== 0 || a & 3) && (Cf = !0)), r = i;
		}
		yd !== 0 && yd !== 5 || Df(e, !1), Tf !== 0 && (Tf = 0);
	}
	function Af(e, t) {
		for (var n = e.suspendedLanes, r = e.pingedLanes, i = e.expirationTimes, a = e.pendingLanes & -62914561; 0 < a;) {
			var o = 31 - Qe(a), s = 1 << o, c = i[o];
			c === -1 ? ((s & n) === 0 || (s & r) !== 0) && (i[o] = lt(s, t)) : c <= t && (e.expiredLanes |= s), a &= ~s;
		}
		if (t = $u, n = Y, n = ot(e, e === t ? n : 0, e.cancelPendingCommit !== null || e.timeoutHandle !== -1), r = e.callbackNode, n === 0 || e === t && (X === 2 || X === 9) || e.cancelPendingCommit !== null) return r !== null && r !== null && Le(r), e.callbackNode = null, e.callbackPriority = 0;
		if (!(n & 3) || st(e, n)) {
			if (t = n & -n, t === e.callbackPriority) return t;
			switch (r !== null && Le(r), vt(n)) {
				case 2:
				case 8:
					n = Ue;
					break;
				case 32:
					n = We;
					break;
				case 268435456:
					n = Ke;
					break;
				default: n = We;
			}
			return r = jf.bind(null, e), n = Ie(n, r), e.callbackPriority = t, e.callbackNode = n, t;
		}
		return r !== null && r !== null && Le(r), e.callbackPriority = 2, e.callbackNode = null, 2;
	}
	function jf(e, t) {
		if (yd !== 0 && yd !== 5) return e.callbackNode = null, e.callbackPriority = 0, null;
		var n = e.callbackNode;
		if (df() && e.callbackNode !== n) return null;
		var r = Y;
		return r = ot(e, e === $u ? r : 0, e.cancelPendingCommit !== null || e.timeoutHandle !== -1), r === 0 ? null : (Fd(e, r, t), Af(e, Be()), e.callbackNode != null && e.callbackNode === n ? jf.bind(null, e) : null);
	}
	function Mf(e, t) {
		if (df()) return null;
		Fd(e, t, !0);
	}
	function Nf() {
		bp(function() {
			q & 6 ? Ie(He, Of) : kf();
		});
	}
	function Pf() {
		if (Tf === 0) {
			var e = za;
			e === 0 && (e = nt, nt <<= 1, !(nt & 261888) && (nt = 256)), Tf = e;
		}
		return Tf;
	}
	function Ff(e) {
		return e == null || typeof e == `symbol` || typeof e == `boolean` ? null : typeof e == `function` ? e : _n(e);
	}
	function If(e, t, n, r, i) {
		if (t === `submit` && n && n.stateNode === i) {
			var a = Ff((i[Ct] || null).action), o = r.submitter;
			o && (t = (t = o[Ct] || null) ? Ff(t.formAction) : o.getAttribute(`formAction`), t !== null && (a = t, o = null));
			var s = new zn(`action`, `action`, null, r, i);
			e.push({
				event: s,
				listeners: [{
					instance: null,
					listener: function() {
						if (r.defaultPrevented) {
							if (Tf !== 0) {
								var e = new FormData(i, o);
								ec(n, {
									pending: !0,
									data: e,
									method: i.method,
									action: a
								}, null, e);
							}
						} else typeof a == `function` && (s.preventDefault(), e = new FormData(i, o), ec(n, {
							pending: !0,
							data: e,
							method: i.method,
							action: a
						}, a, e));
					},
					currentTarget: i
				}]
			});
		}
	}
	for (var Lf = 0; Lf < mi.length; Lf++) {
		var Rf = mi[Lf];
		hi(Rf.toLowerCase(), `on` + (Rf[0].toUpperCase() + Rf.slice(1)));
	}
	hi(oi, `onAnimationEnd`), hi(si, `onAnimationIteration`), hi(ci, `onAnimationStart`), hi(`dblclick`, `onDoubleClick`), hi(`focusin`, `onFocus`), hi(`focusout`, `onBlur`), hi(li, `onTransitionRun`), hi(ui, `onTransitionStart`), hi(di, `onTransitionCancel`), hi(fi, `onTransitionEnd`), Vt(`onMouseEnter`, [`mouseout`, `mouseover`]), Vt(`onMouseLeave`, [`mouseout`, `mouseover`]), Vt(`onPointerEnter`, [`pointerout`, `pointerover`]), Vt(`onPointerLeave`, [`pointerout`, `pointerover`]), Bt(`onChange`, `change click focusin focusout input keydown keyup selectionchange`.split(` `)), Bt(`onSelect`, `focusout contextmenu dragend focusin keydown keyup mousedown mouseup selectionchange`.split(` `)), Bt(`onBeforeInput`, [
		`compositionend`,
		`keypress`,
		`textInput`,
		`paste`
	]), Bt(`onCompositionEnd`, `compositionend focusout keydown keypress keyup mousedown`.split(` `)), Bt(`onCompositionStart`, `compositionstart focusout keydown keypress keyup mousedown`.split(` `)), Bt(`onCompositionUpdate`, `compositionupdate focusout keydown keypress keyup mousedown`.split(` `));
	var zf = `abort canplay canplaythrough durationchange emptied encrypted ended error loadeddata loadedmetadata loadstart pause play playing progress ratechange resize seeked seeking stalled suspend timeupdate volumechange waiting`.split(` `), Bf = new Set(`beforetoggle cancel close invalid load scroll scrollend toggle`.split(` `).concat(zf));
	function Vf(e, t) {
		t = !!(t & 4);
		for (var n = 0; n < e.length; n++) {
			var r = e[n], i = r.event;
			r = r.listeners;
			a: {
				var a = void 0;
				if (t) for (var o = r.length - 1; 0 <= o; o--) {
					var s = r[o], c = s.instance, l = s.currentTarget;
					if (s = s.listener, c !== a && i.isPropagationStopped()) break a;
					a = s, i.currentTarget = l;
					try {
						a(i);
					} catch (e) {
						bi(e);
					}
					i.currentTarget = null, a = c;
				}
				else for (o = 0; o < r.length; o++) {
					if (s = r[o], c = s.instance, l = s.currentTarget, s = s.listener, c !== a && i.isPropagationStopped()) break a;
					a = s, i.currentTarget = l;
					try {
						a(i);
					} catch (e) {
						bi(e);
					}
					i.currentTarget = null, a = c;
				}
			}
		}
	}
	function Q(e, t) {
		var n = t[Tt];
		n === void 0 && (n = t[Tt] = /* @__PURE__ */ new Set());
		var r = e + `__bubble`;
		n.has(r) || (Gf(t, e, 2, !1), n.add(r));
	}
	function Hf(e, t, n) {
		var r = 0;
		t && (r |= 4), Gf(n, e, r, t);
	}
	var Uf = `_reactListening` + Math.random().toString(36).slice(2);
	function Wf(e) {
		if (!e[Uf]) {
			e[Uf] = !0, Rt.forEach(function(t) {
				t !== `selectionchange` && (Bf.has(t) || Hf(t, !1, e), Hf(t, !0, e));
			});
			var t = e.nodeType === 9 ? e : e.ownerDocument;
			t === null || t[Uf] || (t[Uf] = !0, Hf(`selectionchange`, !1, t));
		}
	}
	function Gf(e, t, n, r) {
		switch (Ch(t)) {
			case 2:
				var i = _h;
				break;
			case 8:
				i = vh;
				break;
			default: i = yh;
		}
		n = i.bind(null, t, n, e), i = void 0, !On || t !== `touchstart` && t !== `touchmove` && t !== `wheel` || (i = !0), r ? i === void 0 ? e.addEventListener(t, n, !0) : e.addEventListener(t, n, {
			capture: !0,
			passive: i
		}) : i === void 0 ? e.addEventListener(t, n, !1) : e.addEventListener(t, n, { passive: i });
	}
	function Kf(e, t, n, r, i) {
		var a = r;
		if (!(t & 1) && !(t & 2) && r !== null) a: for (;;) {
			if (r === null) return;
			var o = r.tag;
			if (o === 3 || o === 4) {
				var s = r.stateNode.containerInfo;
				if (s === i) break;
				if (o === 4) for (o = r.return; o !== null;) {
					var c = o.tag;
					if ((c === 3 || c === 4) && o.stateNode.containerInfo === i) return;
					o = o.return;
				}
				for (; s !== null;) {
					if (o = Mt(s), o === null) return;
					if (c = o.tag, c === 5 || c === 6 || c === 26 || c === 27) {
						r = a = o;
						continue a;
					}
					s = s.parentNode;
				}
			}
			r = r.return;
		}
		Tn(function() {
			var r = a, i = bn(n), o = [];
			a: {
				var s = pi.get(e);
				if (s !== void 0) {
					var c = zn, u = e;
					switch (e) {
						case `keypress`: if (Pn(n) === 0) break a;
						case `keydown`:
						case `keyup`:
							c = rr;
							break;
						case `focusin`:
							u = `focus`, c = Jn;
							break;
						case `focusout`:
							u = `blur`, c = Jn;
							break;
						case `beforeblur`:
						case `afterblur`:
							c = Jn;
							break;
						case `click`: if (n.button === 2) break a;
						case `auxclick`:
						case `dblclick`:
						case `mousedown`:
						case `mousemove`:
						case `mouseup`:
						case `mouseout`:
						case `mouseover`:
						case `contextmenu`:
							c = Kn;
							break;
						case `drag`:
						case `dragend`:
						case `dragenter`:
						case `dragexit`:
						case `dragleave`:
						case `dragover`:
						case `dragstart`:
						case `drop`:
							c = qn;
							break;
						case `touchcancel`:
						case `touchend`:
						case `touchmove`:
						case `touchstart`:
							c = or;
							break;
						case oi:
						case si:
						case ci:
							c = Yn;
							break;
						case fi:
							c = sr;
							break;
						case `scroll`:
						case `scrollend`:
							c = Vn;
							break;
						case `wheel`:
							c = cr;
							break;
						case `copy`:
						case `cut`:
						case `paste`:
							c = Xn;
							break;
						case `gotpointercapture`:
						case `lostpointercapture`:
						case `pointercancel`:
						case `pointerdown`:
						case `pointermove`:
						case `pointerout`:
						case `pointerover`:
						case `pointerup`:
							c = ir;
							break;
						case `submit`:
							c = ar;
							break;
						case `toggle`:
						case `beforetoggle`: c = lr;
					}
					var d = !!(t & 4), f = !d && (e === `scroll` || e === `scrollend`), p = d ? s === null ? null : s + `Capture` : s;
					d = [];
					for (var m = r, h; m !== null;) {
						var g = m;
						if (h = g.stateNode, g = g.tag, g !== 5 && g !== 26 && g !== 27 || h === null || p === null || (g = En(m, p), g != null && d.push(qf(m, g, h))), f) break;
						m = m.return;
					}
					0 < d.length && (s = new c(s, u, null, n, i), o.push({
						event: s,
						listeners: d
					}));
				}
			}
			if (!(t & 7)) {
				a: {
					if (c = e === `mouseover` || e === `pointerover`, s = e === `mouseout` || e === `pointerout`, c && n !== yn && (u = n.relatedTarget || n.fromElement) && (Mt(u) || u[wt])) break a;
					(s || c) && (u = i.window === i ? i : (c = i.ownerDocument) ? c.defaultView || c.parentWindow : window, s ? (c = n.relatedTarget || n.toElement, s = r, c = c ? Mt(c) : null, c !== null && (f = l(c), d = c.tag, c !== f || d !== 5 && d !== 27 && d !== 6) && (c = null)) : (s = null, c = r), s !== c && (d = Kn, g = `onMouseLeave`, p = `onMouseEnter`, m = `mouse`, (e === `pointerout` || e === `pointerover`) && (d = ir, g = `onPointerLeave`, p = `onPointerEnter`, m = `pointer`), f = s == null ? u : Pt(s), h = c == null ? u : Pt(c), u = new d(g, m + `leave`, s, n, i), u.target = f, u.relatedTarget = h, g = null, Mt(i) === r && (d = new d(p, m + `enter`, c, n, i), d.target = h, d.relatedTarget = f, g = d), f = g, d = s && c ? E(s, c, Yf) : null, s !== null && Xf(o, u, s, d, !1), c !== null && f !== null && Xf(o, f, c, d, !0)));
				}
				a: {
					if (s = r ? Pt(r) : window, c = s.nodeName && s.nodeName.toLowerCase(), c === `select` || c === `input` && s.type === `file`) var _ = kr;
					else if (Cr(s)) {
						if (Ar) _ = zr;
						else {
							_ = Lr;
							var v = Ir;
						}
					} else c = s.nodeName, !c || c.toLowerCase() !== `input` || s.type !== `checkbox` && s.type !== `radio` ? r && mn(r.elementType) && (_ = kr) : _ = Rr;
					if (_ &&= _(e, r)) {
						wr(o, _, n, i);
						break a;
					}
					v && v(e, s, r);
				}
				switch (v = r ? Pt(r) : window, e) {
					case `focusin`:
						(Cr(v) || v.contentEditable === `true`) && (Xr = v, Zr = r, Qr = null);
						break;
					case `focusout`:
						Qr = Zr = Xr = null;
						break;
					case `mousedown`:
						$r = !0;
						break;
					case `contextmenu`:
					case `mouseup`:
					case `dragend`:
						$r = !1, ei(o, n, i);
						break;
					case `selectionchange`: if (Yr) break;
					case `keydown`:
					case `keyup`: ei(o, n, i);
				}
				var y;
				if (dr) b: {
					switch (e) {
						case `compositionstart`:
							var b = `onCompositionStart`;
							break b;
						case `compositionend`:
							b = `onCompositionEnd`;
							break b;
						case `compositionupdate`:
							b = `onCompositionUpdate`;
							break b;
					}
					b = void 0;
				}
				else yr ? _r(e, n) && (b = `onCompositionEnd`) : e === `keydown` && n.keyCode === 229 && (b = `onCompositionStart`);
				b && (mr && n.locale !== `ko` && (yr || b !== `onCompositionStart` ? b === `onCompositionEnd` && yr && (y = Nn()) : (An = i, jn = `value` in An ? An.value : An.textContent, yr = !0)), v = Jf(r, b), 0 < v.length && (b = new Zn(b, e, null, n, i), o.push({
					event: b,
					listeners: v
				}), y ? b.data = y : (y = vr(n), y !== null && (b.data = y)))), (y = pr ? br(e, n) : xr(e, n)) && (b = Jf(r, `onBeforeInput`), 0 < b.length && (v = new Zn(`onBeforeInput`, `beforeinput`, null, n, i), o.push({
					event: v,
					listeners: b
				}), v.data = y)), If(o, e, r, n, i);
			}
			Vf(o, t);
		});
	}
	function qf(e, t, n) {
		return {
			instance: e,
			listener: t,
			currentTarget: n
		};
	}
	function Jf(e, t) {
		for (var n = t + `Capture`, r = []; e !== null;) {
			var i = e, a = i.stateNode;
			if (i = i.tag, i !== 5 && i !== 26 && i !== 27 || a === null || (i = En(e, n), i != null && r.unshift(qf(e, i, a)), i = En(e, t), i != null && r.push(qf(e, i, a))), e.tag === 3) return r;
			e = e.return;
		}
		return [];
	}
	function Yf(e) {
		if (e === null) return null;
		do
			e = e.return;
		while (e && e.tag !== 5 && e.tag !== 27);
		return e || null;
	}
	function Xf(e, t, n, r, i) {
		for (var a = t._reactName, o = []; n !== null && n !== r;) {
			var s = n, c = s.alternate, l = s.stateNode;
			if (s = s.tag, c !== null && c === r) break;
			s !== 5 && s !== 26 && s !== 27 || l === null || (c = l, i ? (l = En(n, a), l != null && o.unshift(qf(n, l, c))) : i || (l = En(n, a), l != null && o.push(qf(n, l, c)))), n = n.return;
		}
		o.length !== 0 && e.push({
			event: t,
			listeners: o
		});
	}
	var Zf = /\r\n?/g, Qf = /\u0000|\uFFFD/g;
	function $f(e) {
		return (typeof e == `string` ? e : `` + e).replace(Zf, `
`).replace(Qf, ``);
	}
	function ep(e, t) {
		return t = $f(t), $f(e) === t;
	}
	function $(e, t, n, r, i, a) {
		switch (n) {
			case `children`:
				if (typeof r == `string`) t === `body` || t === `textarea` && r === `` || un(e, r);
				else if (typeof r == `number` || typeof r == `bigint`) t !== `body` && un(e, `` + r);
				else return;
				break;
			case `className`:
				Jt(e, `class`, r);
				break;
			case `tabIndex`:
				Jt(e, `tabindex`, r);
				break;
			case `dir`:
			case `role`:
			case `viewBox`:
			case `width`:
			case `height`:
				Jt(e, n, r);
				break;
			case `style`:
				pn(e, r, a);
				return;
			case `data`: if (t !== `object`) {
				Jt(e, `data`, r);
				break;
			}
			case `src`:
			case `href`:
				if (r === `` && (t !== `a` || n !== `href`) || r == null || typeof r == `function` || typeof r == `symbol` || typeof r == `boolean`) {
					e.removeAttribute(n);
					break;
				}
				r = _n(r), e.setAttribute(n, r);
				break;
			case `action`:
			case `formAction`:
				if (typeof r == `function`) {
					e.setAttribute(n, `javascript:throw new Error('A React form was unexpectedly submitted. If you called form.submit() manually, consider using form.requestSubmit() instead. If you\\'re trying to use event.stopPropagation() in a submit event handler, consider also calling event.preventDefault().')`);
					break;
				}
				if (typeof a == `function` && (n === `formAction` ? (t !== `input` && $(e, t, `name`, i.name, i, null), $(e, t, `formEncType`, i.formEncType, i, null), $(e, t, `formMethod`, i.formMethod, i, null), $(e, t, `formTarget`, i.formTarget, i, null)) : ($(e, t, `encType`, i.encType, i, null), $(e, t, `method`, i.method, i, null), $(e, t, `target`, i.target, i, null))), r == null || typeof r == `symbol` || typeof r == `boolean`) {
					e.removeAttribute(n);
					break;
				}
				r = _n(r), e.setAttribute(n, r);
				break;
			case `onClick`:
				r != null && (e.onclick = vn);
				return;
			case `onScroll`:
				r != null && Q(`scroll`, e);
				return;
			case `onScrollEnd`:
				r != null && Q(`scrollend`, e);
				return;
			case `dangerouslySetInnerHTML`:
				if (r != null) {
					if (typeof r != `object` || !(`__html` in r)) throw Error(o(61));
					if (n = r.__html, n != null) {
						if (i.children != null) throw Error(o(60));
						a?.__html !== n && (e.innerHTML = n);
					}
				}
				break;
			case `multiple`:
				e.multiple = r && typeof r != `function` && typeof r != `symbol`;
				break;
			case `muted`:
				e.muted = r && typeof r != `function` && typeof r != `symbol`;
				break;
			case `suppressContentEditableWarning`:
			case `suppressHydrationWarning`:
			case `defaultValue`:
			case `defaultChecked`:
			case `innerHTML`:
			case `ref`: break;
			case `autoFocus`: break;
			case `xlinkHref`:
				if (r == null || typeof r == `function` || typeof r == `boolean` || typeof r == `symbol`) {
					e.removeAttribute(`xlink:href`);
					break;
				}
				n = _n(r), e.setAttributeNS(`http://www.w3.org/1999/xlink`, `xlink:href`, n);
				break;
			case `contentEditable`:
			case `spellCheck`:
			case `draggable`:
			case `value`:
			case `autoReverse`:
			case `externalResourcesRequired`:
			case `focusable`:
			case `preserveAlpha`:
				r != null && typeof r != `function` && typeof r != `symbol` ? e.setAttribute(n, r) : e.removeAttribute(n);
				break;
			case `inert`:
			case `allowFullScreen`:
			case `async`:
			case `autoPlay`:
			case `controls`:
			case `credentialless`:
			case `default`:
			case `defer`:
			case `disabled`:
			case `disablePictureInPicture`:
			case `disableRemotePlayback`:
			case `formNoValidate`:
			case `hidden`:
			case `loop`:
			case `noModule`:
			case `noValidate`:
			case `open`:
			case `playsInline`:
			case `readOnly`:
			case `required`:
			case `reversed`:
			case `scoped`:
			case `seamless`:
			case `itemScope`:
				r && typeof r != `function` && typeof r != `symbol` ? e.setAttribute(n, ``) : e.removeAttribute(n);
				break;
			case `capture`:
			case `download`:
				!0 === r ? e.setAttribute(n, ``) : !1 !== r && r != null && typeof r != `function` && typeof r != `symbol` ? e.setAttribute(n, r) : e.removeAttribute(n);
				break;
			case `cols`:
			case `rows`:
			case `size`:
			case `span`:
				r != null && typeof r != `function` && typeof r != `symbol` && !isNaN(r) && 1 <= r ? e.setAttribute(n, r) : e.removeAttribute(n);
				break;
			case `rowSpan`:
			case `start`:
				r == null || typeof r == `function` || typeof r == `symbol` || isNaN(r) ? e.removeAttribute(n) : e.setAttribute(n, r);
				break;
			case `popover`:
				Q(`beforetoggle`, e), Q(`toggle`, e), qt(e, `popover`, r);
				break;
			case `xlinkActuate`:
				Yt(e, `http://www.w3.org/1999/xlink`, `xlink:actuate`, r);
				break;
			case `xlinkArcrole`:
				Yt(e, `http://www.w3.org/1999/xlink`, `xlink:arcrole`, r);
				break;
			case `xlinkRole`:
				Yt(e, `http://www.w3.org/1999/xlink`, `xlink:role`, r);
				break;
			case `xlinkShow`:
				Yt(e, `http://www.w3.org/1999/xlink`, `xlink:show`, r);
				break;
			case `xlinkTitle`:
				Yt(e, `http://www.w3.org/1999/xlink`, `xlink:title`, r);
				break;
			case `xlinkType`:
				Yt(e, `http://www.w3.org/1999/xlink`, `xlink:type`, r);
				break;
			case `xmlBase`:
				Yt(e, `http://www.w3.org/XML/1998/namespace`, `xml:base`, r);
				break;
			case `xmlLang`:
				Yt(e, `http://www.w3.org/XML/1998/namespace`, `xml:lang`, r);
				break;
			case `xmlSpace`:
				Yt(e, `http://www.w3.org/XML/1998/namespace`, `xml:space`, r);
				break;
			case `is`:
				qt(e, `is`, r);
				break;
			case `innerText`:
			case `textContent`: return;
			default: if (!(2 < n.length) || n[0] !== `o` && n[0] !== `O` || n[1] !== `n` && n[1] !== `N`) n = hn.get(n) || n, qt(e, n, r);
			else return;
		}
		z = !0;
	}
	function tp(e, t, n, r, i, a) {
		switch (n) {
			case `style`:
				pn(e, r, a);
				return;
			case `dangerouslySetInnerHTML`:
				if (r != null) {
					if (typeof r != `object` || !(`__html` in r)) throw Error(o(61));
					if (n = r.__html, n != null) {
						if (i.children != null) throw Error(o(60));
						a?.__html !== n && (e.innerHTML = n);
					}
				}
				break;
			case `children`:
				if (typeof r == `string`) un(e, r);
				else if (typeof r == `number` || typeof r == `bigint`) un(e, `` + r);
				else return;
				break;
			case `onScroll`:
				r != null && Q(`scroll`, e);
				return;
			case `onScrollEnd`:
				r != null && Q(`scrollend`, e);
				return;
			case `onClick`:
				r != null && (e.onclick = vn);
				return;
			case `suppressContentEditableWarning`:
			case `suppressHydrationWarning`:
			case `innerHTML`:
			case `ref`: return;
			case `innerText`:
			case `textContent`: return;
			default:
				if (!zt.hasOwnProperty(n)) a: {
					if (n[0] === `o` && n[1] === `n` && (i = n.endsWith(`Capture`), a = n.slice(2, i ? n.length - 7 : void 0), t = e[Ct] || null, t = t == null ? null : t[n], typeof t == `function` && e.removeEventListener(a, t, i), typeof r == `function`)) {
						typeof t != `function` && t !== null && (n in e ? e[n] = null : e.hasAttribute(n) && e.removeAttribute(n)), e.addEventListener(a, r, i);
						break a;
					}
					z = !0, n in e ? e[n] = r : !0 === r ? e.setAttribute(n, ``) : qt(e, n, r);
				}
				return;
		}
		z = !0;
	}
	function np(e, t, n) {
		switch (t) {
			case `div`:
			case `span`:
			case `svg`:
			case `path`:
			case `a`:
			case `g`:
			case `p`:
			case `li`: break;
			case `img`:
				Q(`error`, e), Q(`load`, e);
				var r = !1, i = !1, a;
				for (a in n) if (n.hasOwnProperty(a)) {
					var s = n[a];
					if (s != null) switch (a) {
						case `src`:
							r = !0;
							break;
						case `srcSet`:
							i = !0;
							break;
						case `children`:
						case `dangerouslySetInnerHTML`: throw Error(o(137, t));
						default: $(e, t, a, s, n, null);
					}
				}
				i && $(e, t, `srcSet`, n.srcSet, n, null), r && $(e, t, `src`, n.src, n, null);
				return;
			case `input`:
				Q(`invalid`, e);
				var c = a = s = i = null, l = null, u = null;
				for (r in n) if (n.hasOwnProperty(r)) {
					var d = n[r];
					if (d != null) switch (r) {
						case `name`:
							i = d;
							break;
						case `type`:
							s = d;
							break;
						case `checked`:
							l = d;
							break;
						case `defaultChecked`:
							u = d;
							break;
						case `value`:
							a = d;
							break;
						case `defaultValue`:
							c = d;
							break;
						case `children`:
						case `dangerouslySetInnerHTML`:
							if (d != null) throw Error(o(137, t));
							break;
						default: $(e, t, r, d, n, null);
					}
				}
				an(e, a, c, l, u, s, i, !1);
				return;
			case `select`:
				for (i in Q(`invalid`, e), r = s = a = null, n) if (n.hasOwnProperty(i) && (c = n[i], c != null)) switch (i) {
					case `value`:
						a = c;
						break;
					case `defaultValue`:
						s = c;
						break;
					case `multiple`: r = c;
					default: $(e, t, i, c, n, null);
				}
				t = a, n = s, e.multiple = !!r, t == null ? n != null && sn(e, !!r, n, !0) : sn(e, !!r, t, !1);
				return;
			case `textarea`:
				for (s in Q(`invalid`, e), a = i = r = null, n) if (n.hasOwnProperty(s) && (c = n[s], c != null)) switch (s) {
					case `value`:
						r = c;
						break;
					case `defaultValue`:
						i = c;
						break;
					case `children`:
						a = c;
						break;
					case `dangerouslySetInnerHTML`:
						if (c != null) throw Error(o(91));
						break;
					default: $(e, t, s, c, n, null);
				}
				ln(e, r, i, a);
				return;
			case `option`:
				for (l in n) if (n.hasOwnProperty(l) && (r = n[l], r != null)) switch (l) {
					case `selected`:
						e.selected = r && typeof r != `function` && typeof r != `symbol`;
						break;
					default: $(e, t, l, r, n, null);
				}
				return;
			case `dialog`:
				Q(`beforetoggle`, e), Q(`toggle`, e), Q(`cancel`, e), Q(`close`, e);
				break;
			case `iframe`:
			case `object`:
				Q(`load`, e);
				break;
			case `video`:
			case `audio`:
				for (r = 0; r < zf.length; r++) Q(zf[r], e);
				break;
			case `image`:
				Q(`error`, e), Q(`load`, e);
				break;
			case `details`:
				Q(`toggle`, e);
				break;
			case `embed`:
			case `source`:
			case `link`: Q(`error`, e), Q(`load`, e);
			case `area`:
			case `base`:
			case `br`:
			case `col`:
			case `hr`:
			case `keygen`:
			case `meta`:
			case `param`:
			case `track`:
			case `wbr`:
			case `menuitem`:
				for (u in n) if (n.hasOwnProperty(u) && (r = n[u], r != null)) switch (u) {
					case `children`:
					case `dangerouslySetInnerHTML`: throw Error(o(137, t));
					default: $(e, t, u, r, n, null);
				}
				return;
			default: if (mn(t)) {
				for (d in n) n.hasOwnProperty(d) && (r = n[d], r !== void 0 && tp(e, t, d, r, n, void 0));
				return;
			}
		}
		for (c in n) n.hasOwnProperty(c) && (r = n[c], r != null && $(e, t, c, r, n, null));
	}
	var rp = {};
	function ip(e, t, n, r) {
		switch (t) {
			case `div`:
			case `span`:
			case `svg`:
			case `path`:
			case `a`:
			case `g`:
			case `p`:
			case `li`: break;
			case `input`:
				var i = null, a = null, s = null, c = null, l = null, u = null, d = null;
				for (m in n) {
					var f = n[m];
					if (n.hasOwnProperty(m) && f != null) switch (m) {
						case `checked`: break;
						case `value`: break;
						case `defaultValue`: l = f;
						default: r.hasOwnProperty(m) || $(e, t, m, null, r, f);
					}
				}
				for (var p in r) {
					var m = r[p];
					if (f = n[p], r.hasOwnProperty(p) && (m != null || f != null)) switch (p) {
						case `type`:
							m !== f && (z = !0), a = m;
							break;
						case `name`:
							m !== f && (z = !0), i = m;
							break;
						case `checked`:
							m !== f && (z = !0), u = m;
							break;
						case `defaultChecked`:
							m !== f && (z = !0), d = m;
							break;
						case `value`:
							m !== f && (z = !0), s = m;
							break;
						case `defaultValue`:
							m !== f && (z = !0), c = m;
							break;
						case `children`:
						case `dangerouslySetInnerHTML`:
							if (m != null) throw Error(o(137, t));
							break;
						default: m !== f && $(e, t, p, m, r, f);
					}
				}
				rn(e, s, c, l, u, d, a, i);
				return;
			case `select`:
				for (a in m = s = c = p = null, n) if (l = n[a], n.hasOwnProperty(a) && l != null) switch (a) {
					case `value`: break;
					case `multiple`: m = l;
					default: r.hasOwnProperty(a) || $(e, t, a, null, r, l);
				}
				for (i in r) if (a = r[i], l = n[i], r.hasOwnProperty(i) && (a != null || l != null)) switch (i) {
					case `value`:
						a !== l && (z = !0), p = a;
						break;
					case `defaultValue`:
						a !== l && (z = !0), c = a;
						break;
					case `multiple`: a !== l && (z = !0), s = a;
					default: a !== l && $(e, t, i, a, r, l);
				}
				t = c, n = s, r = m, p == null ? !!r != !!n && (t == null ? sn(e, !!n, n ? [] : ``, !1) : sn(e, !!n, t, !0)) : sn(e, !!n, p, !1);
				return;
			case `textarea`:
				for (c in m = p = null, n) if (i = n[c], n.hasOwnProperty(c) && i != null && !r.hasOwnProperty(c)) switch (c) {
					case `value`: break;
					case `children`: break;
					default: $(e, t, c, null, r, i);
				}
				for (s in r) if (i = r[s], a = n[s], r.hasOwnProperty(s) && (i != null || a != null)) switch (s) {
					case `value`:
						i !== a && (z = !0), p = i;
						break;
					case `defaultValue`:
						i !== a && (z = !0), m = i;
						break;
					case `children`: break;
					case `dangerouslySetInnerHTML`:
						if (i != null) throw Error(o(91));
						break;
					default: i !== a && $(e, t, s, i, r, a);
				}
				cn(e, p, m);
				return;
			case `option`:
				for (var h in n) if (p = n[h], n.hasOwnProperty(h) && p != null && !r.hasOwnProperty(h)) switch (h) {
					case `selected`:
						e.selected = !1;
						break;
					default: $(e, t, h, null, r, p);
				}
				for (l in r) if (p = r[l], m = n[l], r.hasOwnProperty(l) && p !== m && (p != null || m != null)) switch (l) {
					case `selected`:
						p !== m && (z = !0), e.selected = p && typeof p != `function` && typeof p != `symbol`;
						break;
					default: $(e, t, l, p, r, m);
				}
				return;
			case `img`:
			case `link`:
			case `area`:
			case `base`:
			case `br`:
			case `col`:
			case `embed`:
			case `hr`:
			case `keygen`:
			case `meta`:
			case `param`:
			case `source`:
			case `track`:
			case `wbr`:
			case `menuitem`:
				for (var g in n) p = n[g], n.hasOwnProperty(g) && p != null && !r.hasOwnProperty(g) && $(e, t, g, null, r, p);
				for (u in r) if (p = r[u], m = n[u], r.hasOwnProperty(u) && p !== m && (p != null || m != null)) switch (u) {
					case `children`:
					case `dangerouslySetInnerHTML`:
						if (p != null) throw Error(o(137, t));
						break;
					default: $(e, t, u, p, r, m);
				}
				return;
			default: if (mn(t)) {
				for (var _ in n) p = n[_], n.hasOwnProperty(_) && p !== void 0 && !r.hasOwnProperty(_) && tp(e, t, _, void 0, r, p);
				for (d in r) p = r[d], m = n[d], !r.hasOwnProperty(d) || p === m || p === void 0 && m === void 0 || tp(e, t, d, p, r, m);
				return;
			}
		}
		for (var v in n) p = n[v], n.hasOwnProperty(v) && p != null && !r.hasOwnProperty(v) && $(e, t, v, null, r, p);
		for (f in r) p = r[f], m = n[f], !r.hasOwnProperty(f) || p === m || p == null && m == null || $(e, t, f, p, r, m);
	}
	function ap(e) {
		switch (e) {
			case `css`:
			case `script`:
			case `font`:
			case `img`:
			case `image`:
			case `input`:
			case `link`: return !0;
			default: return !1;
		}
	}
	function op() {
		if (typeof performance.getEntriesByType == `function`) {
			for (var e = 0, t = 0, n = performance.getEntriesByType(`resource`), r = 0; r < n.length; r++) {
				var i = n[r], a = i.transferSize, o = i.initiatorType, s = i.duration;
				if (a && s && ap(o)) {
					for (o = 0, s = i.responseEnd, r += 1; r < n.length; r++) {
						var c = n[r], l = c.startTime;
						if (l > s) break;
						var u = c.transferSize, d = c.initiatorType;
						u && ap(d) && (c = c.responseEnd, o += u * (c < s ? 1 : (s - l) / (c - l)));
					}
					if (--r, t += 8 * (a + o) / (i.duration / 1e3), e++, 10 < e) break;
				}
			}
			if (0 < e) return t / e / 1e6;
		}
		return navigator.connection && (e = navigator.connection.downlink, typeof e == `number`) ? e : 5;
	}
	var sp = null, cp = null;
	function lp(e) {
		return e.nodeType === 9 ? e : e.ownerDocument;
	}
	function up(e) {
		switch (e) {
			case `http://www.w3.org/2000/svg`: return 1;
			case `http://www.w3.org/1998/Math/MathML`: return 2;
			default: return 0;
		}
	}
	function dp(e, t) {
		if (e === 0) switch (t) {
			case `svg`: return 1;
			case `math`: return 2;
			default: return 0;
		}
		return e === 1 && t === `foreignObject` ? 0 : e;
	}
	function fp(e, t, n, r) {
		return n = lp(n).createElement(e), n[St] = r, n[Ct] = t, np(n, e, t), It(n), n;
	}
	function pp(e, t) {
		return e === `textarea` || e === `noscript` || typeof t.children == `string` || typeof t.children == `number` || typeof t.children == `bigint` || typeof t.dangerouslySetInnerHTML == `object` && t.dangerouslySetInnerHTML !== null && t.dangerouslySetInnerHTML.__html != null;
	}
	var mp = null;
	function hp() {
		var e = window.event;
		return e && e.type === `popstate` ? e !== mp && (mp = e, !0) : (mp = null, !1);
	}
	var gp = typeof setTimeout == `function` ? setTimeout : void 0, _p = typeof clearTimeout == `function` ? clearTimeout : void 0, vp = typeof Promise == `function` ? Promise : void 0, yp = typeof requestAnimationFrame == `function` ? requestAnimationFrame : gp, bp = typeof queueMicrotask == `function` ? queueMicrotask : vp === void 0 ? gp : function(e) {
		return vp.resolve(null).then(e).catch(xp);
	};
	function xp(e) {
		setTimeout(function() {
			throw e;
		});
	}
	function Sp(e) {
		return e === `head`;
	}
	function Cp(e, t) {
		var n = t, r = 0;
		do {
			var i = n.nextSibling;
			if (e.removeChild(n), i && i.nodeType === 8) {
				if (n = i.data, n === `/$` || n === `/&`) {
					if (r === 0) {
						e.removeChild(i), Hh(t);
						return;
					}
					r--;
				} else if (n === `$` || n === `$?` || n === `$~` || n === `$!` || n === `&`) r++;
				else if (n === `html`) _m(e.ownerDocument.documentElement);
				else if (n === `head`) {
					n = e.ownerDocument.head, _m(n);
					for (var a = n.firstChild; a;) {
						var o = a.nextSibling, s = a.nodeName;
						a[kt] || s === `SCRIPT` || s === `STYLE` || s === `LINK` && a.rel.toLowerCase() === `stylesheet` || n.removeChild(a), a = o;
					}
				} else n === `body` && _m(e.ownerDocument.body);
			}
			n = i;
		} while (n);
		Hh(t);
	}
	function wp(e, t) {
		var n = e;
		e = 0;
		do {
			var r = n.nextSibling;
			if (n.nodeType === 1 ? t ? (n._stashedDisplay = n.style.display, n.style.display = `none`) : (n.style.display = n._stashedDisplay || ``, n.getAttribute(`style`) === `` && n.removeAttribute(`style`)) : n.nodeType === 3 && (t ? (n._stashedText = n.nodeValue, n.nodeValue = ``) : n.nodeValue = n._stashedText || ``), r && r.nodeType === 8) {
				if (n = r.data, n === `/$`) {
					if (e === 0) break;
					e--;
				} else n !== `$` && n !== `$?` && n !== `$~` && n !== `$!` || e++;
			}
			n = r;
		} while (n);
	}
	function Tp(e, t, n) {
		if (t = CSS.escape(t) === t ? t : `r-` + btoa(t).replace(/=/g, ``), e.style.viewTransitionName = t, n != null && (e.style.viewTransitionClass = n), n = getComputedStyle(e), n.display === `inline`) {
			if (t = e.getClientRects(), t.length === 1) var r = 1;
			else for (var i = r = 0; i < t.length; i++) {
				var a = t[i];
				0 < a.width && 0 < a.height && r++;
			}
			r === 1 && (e = e.style, e.display = t.length === 1 ? `inline-block` : `block`, e.marginTop = `-` + n.paddingTop, e.marginBottom = `-` + n.paddingBottom);
		}
	}
	function Ep(e, t) {
		e = e.style, t = t.style;
		var n = t == null ? null : t.hasOwnProperty(`viewTransitionName`) ? t.viewTransitionName : t.hasOwnProperty(`view-transition-name`) ? t[`view-transition-name`] : null;
		e.viewTransitionName = n == null || typeof n == `boolean` ? `` : (`` + n).trim(), n = t == null ? null : t.hasOwnProperty(`viewTransitionClass`) ? t.viewTransitionClass : t.hasOwnProperty(`view-transition-class`) ? t[`view-transition-class`] : null, e.viewTransitionClass = n == null || typeof n == `boolean` ? `` : (`` + n).trim(), e.display === `inline-block` && (t == null ? e.display = e.margin = `` : (n = t.display, e.display = n == null || typeof n == `boolean` ? `` : n, n = t.margin, n == null ? (n = t.hasOwnProperty(`marginTop`) ? t.marginTop : t[`margin-top`], e.marginTop = n == null || typeof n == `boolean` ? `` : n, t = t.hasOwnProperty(`marginBottom`) ? t.marginBottom : t[`margin-bottom`], e.marginBottom = t == null || typeof t == `boolean` ? `` : t) : e.margin = n));
	}
	function Dp(e, t, n) {
		return n = n.ownerDocument.defaultView, {
			rect: e,
			abs: t.position === `absolute` || t.position === `fixed`,
			clip: t.clipPath !== `none` || t.overflow !== `visible` || t.filter !== `none` || t.mask !== `none` || t.mask !== `none` || t.borderRadius !== `0px`,
			view: 0 <= e.bottom && 0 <= e.right && e.top <= n.innerHeight && e.left <= n.innerWidth
		};
	}
	function Op(e) {
		return Dp(e.getBoundingClientRect(), getComputedStyle(e), e);
	}
	function kp(e) {
		var t = e.getBoundingClientRect();
		t = new DOMRect(t.x + 2e4, t.y + 2e4, t.width, t.height);
		var n = getComputedStyle(e);
		return Dp(t, n, e);
	}
	function Ap(e) {
		return e.documentElement.clientHeight;
	}
	function jp(e) {
		this.addEventListener(`load`, e), this.addEventListener(`error`, e);
	}
	function Mp(e, t, n, r, i, a, o, s, c) {
		var l = t.nodeType === 9 ? t : t.ownerDocument;
		try {
			var u = l.startViewTransition({
				update: function() {
					var t = l.defaultView, n = t.navigation && t.navigation.transition, o = l.fonts.status;
					r();
					var s = [];
					if (o === `loaded` && (Ap(l), l.fonts.status === `loading` && s.push(l.fonts.ready)), o = s.length, e !== null) for (var c = e.suspenseyImages, u = 0, d = 0; d < c.length; d++) {
						var f = c[d];
						if (!f.complete) {
							var p = f.getBoundingClientRect();
							if (0 < p.bottom && 0 < p.right && p.top < t.innerHeight && p.left < t.innerWidth) {
								if (u += Xm(f), u > $m) {
									s.length = o;
									break;
								}
								f = new Promise(jp.bind(f)), s.push(f);
							}
						}
					}
					if (0 < s.length) return t = Promise.race([Promise.all(s), new Promise(function(e) {
						return setTimeout(e, 500);
					})]).then(i, i), (n ? Promise.allSettled([n.finished, t]) : t).then(a, a);
					if (i(), n) return n.finished.then(a, a);
					a();
				},
				types: n
			});
			l.__reactViewTransition = u;
			var d = [];
			return u.ready.then(function() {
				for (var e = l.documentElement.getAnimations({ subtree: !0 }), t = 0; t < e.length; t++) {
					var n = e[t], r = n.effect, i = r.pseudoElement;
					if (i != null && i.startsWith(`::view-transition`)) {
						d.push(n), n = r.getKeyframes();
						for (var a = i = void 0, s = !0, c = 0; c < n.length; c++) {
							var u = n[c], f = u.width;
							if (i === void 0) i = f;
							else if (i !== f) {
								s = !1;
								break;
							}
							if (f = u.height, a === void 0) a = f;
							else if (a !== f) {
								s = !1;
								break;
							}
							delete u.width, delete u.height, u.transform === `none` && delete u.transform;
						}
						s && i !== void 0 && a !== void 0 && (r.setKeyframes(n), s = getComputedStyle(r.target, r.pseudoElement), s.width !== i || s.height !== a) && (s = n[0], s.width = i, s.height = a, s = n[n.length - 1], s.width = i, s.height = a, r.setKeyframes(n));
					}
				}
				o();
			}, function(e) {
				l.__reactViewTransition === u && (l.__reactViewTransition = null);
				try {
					if (typeof e == `object` && e) switch (e.name) {
						case `InvalidStateError`: (e.message === `View transition was skipped because document visibility state is hidden.` || e.message === `Skipping view transition because document visibility state has become hidden.` || e.message === `Skipping view transition because viewport size changed.` || e.message === `Transition was aborted because of invalid state`) && (e = null);
					}
					e !== null && c(e);
				} finally {
					r(), i(), o();
				}
			}), u.finished.finally(function() {
				for (var e = 0; e < d.length; e++) d[e].cancel();
				l.__reactViewTransition === u && (l.__reactViewTransition = null), s();
			}), u;
		} catch {
			return r(), i(), o(), null;
		}
	}
	function Np(e, t) {
		this._scope = document.documentElement, this._selector = `::view-transition-` + e + `(` + t + `)`;
	}
	Np.prototype.animate = function(e, t) {
		return t = typeof t == `number` ? { duration: t } : D({}, t), t.pseudoElement = this._selector, this._scope.animate(e, t);
	}, Np.prototype.getAnimations = function() {
		for (var e = this._scope, t = this._selector, n = e.getAnimations({ subtree: !0 }), r = [], i = 0; i < n.length; i++) {
			var a = n[i].effect;
			a !== null && a.target === e && a.pseudoElement === t && r.push(n[i]);
		}
		return r;
	}, Np.prototype.getComputedStyle = function() {
		return getComputedStyle(this._scope, this._selector);
	};
	function Pp(e) {
		return {
			name: e,
			group: new Np(`group`, e),
			imagePair: new Np(`image-pair`, e),
			old: new Np(`old`, e),
			new: new Np(`new`, e)
		};
	}
	function Fp(e) {
		this._fragmentFiber = e, this._observers = this._eventListeners = null;
	}
	Fp.prototype.addEventListener = function(e, t, n) {
		var r = null, i = null;
		if (!(n != null && typeof n != `boolean` && (r = n.signal || null, r !== null && r.aborted))) {
			this._eventListeners === null && (this._eventListeners = []);
			var a = this._eventListeners;
			if (Bp(a, e, t, n) === -1) {
				var o = this, s = t;
				n != null && typeof n != `boolean` && !0 === n.once && (s = function(r) {
					o.removeEventListener(e, t, n), typeof t == `function` ? t.call(this, r) : t.handleEvent(r);
				}), r !== null && (i = o.removeEventListener.bind(o, e, t, n), r.addEventListener(`abort`, i, { once: !0 }), i = r.removeEventListener.bind(r, `abort`, i)), r = Rp(n), a.push({
					type: e,
					listener: t,
					optionsOrUseCapture: n,
					attachedListener: s,
					cleanup: i
				}), h(this._fragmentFiber.child, !1, Ip, e, s, r);
			}
			this._eventListeners = a;
		}
	};
	function Ip(e, t, n, r) {
		return b(e).addEventListener(t, n, r), !1;
	}
	Fp.prototype.removeEventListener = function(e, t, n) {
		var r = this._eventListeners;
		if (r !== null && (t = Bp(r, e, t, n), t !== -1)) {
			var i = r[t];
			n = i.attachedListener;
			var a = i.cleanup;
			i = Rp(i.optionsOrUseCapture), h(this._fragmentFiber.child, !1, Lp, e, n, i), r.splice(t, 1), a !== null && a();
		}
	};
	function Lp(e, t, n, r) {
		return b(e).removeEventListener(t, n, r), !1;
	}
	function Rp(e) {
		return e != null && typeof e != `boolean` && (!0 === e.once || e.signal instanceof AbortSignal) ? {
			capture: e.capture,
			passive: e.passive
		} : e;
	}
	function zp(e) {
		return e == null ? `c=0` : typeof e == `boolean` ? `c=` + (e ? `1` : `0`) : `c=` + (e.capture ? `1` : `0`);
	}
	function Bp(e, t, n, r) {
		if (e.length === 0) return -1;
		r = zp(r);
		for (var i = 0; i < e.length; i++) {
			var a = e[i];
			if (a.type === t && a.listener === n && zp(a.optionsOrUseCapture) === r) return i;
		}
		return -1;
	}
	Fp.prototype.dispatchEvent = function(e) {
		var t = g(this._fragmentFiber);
		if (t === null) return !0;
		t = b(t);
		var n = this._eventListeners;
		if (n !== null && 0 < n.length || !e.bubbles) {
			var r = t.nodeType === 9 ? t.createComment(``) : document.createTextNode(``);
			if (n) for (var i = 0; i < n.length; i++) {
				var a = n[i];
				r.addEventListener(a.type, a.attachedListener, Rp(a.optionsOrUseCapture));
			}
			if (t.appendChild(r), e = r.dispatchEvent(e), n) for (i = 0; i < n.length; i++) a = n[i], r.removeEventListener(a.type, a.attachedListener, Rp(a.optionsOrUseCapture));
			return t.removeChild(r), e;
		}
		return t.dispatchEvent(e);
	}, Fp.prototype.focus = function(e) {
		h(this._fragmentFiber.child, !0, Vp, e, void 0, void 0);
	};
	function Vp(e, t) {
		return e.tag !== 6 && (e = b(e), pm(e, t));
	}
	Fp.prototype.focusLast = function(e) {
		var t = [];
		h(this._fragmentFiber.child, !0, Hp, t, void 0, void 0);
		for (var n = t.length - 1; 0 <= n && !Vp(t[n], e); n--);
	};
	function Hp(e, t) {
		return t.push(e), !1;
	}
	Fp.prototype.blur = function() {
		var e = g(this._fragmentFiber);
		e !== null && (e = b(e), e = lp(e).activeElement, e !== null && h(this._fragmentFiber.child, !1, Up, e, void 0, void 0));
	};
	function Up(e, t) {
		return e.tag !== 6 && (e = b(e), e === t || e.contains(t) ? (t.blur(), !0) : !1);
	}
	Fp.prototype.observeUsing = function(e) {
		this._observers === null && (this._observers = /* @__PURE__ */ new Set()), this._observers.add(e), h(this._fragmentFiber.child, !1, Wp, e, void 0, void 0);
	};
	function Wp(e, t) {
		return e.tag === 6 || (e = b(e), t.observe(e)), !1;
	}
	Fp.prototype.unobserveUsing = function(e) {
		var t = this._observers;
		if (t !== null && t.has(e)) {
			t.delete(e), h(this._fragmentFiber.child, !1, Gp, e, void 0, void 0);
			for (var n = t = 0; n < Kp.length; n++) {
				var r = Kp[n];
				r.fragmentInstance === this && r.observer === e ? e.unobserve(r.instance) : Kp[t++] = r;
			}
			Kp.length = t;
		}
	};
	function Gp(e, t) {
		return e.tag === 6 || (e = b(e), t.unobserve(e)), !1;
	}
	var Kp = [], qp = !1;
	function Jp(e, t, n) {
		Kp.push({
			fragmentInstance: e,
			observer: t,
			instance: n
		}), qp || (qp = !0, mm(function() {
			qp = !1;
			var e = Kp;
			Kp = [];
			for (var t = 0; t < e.length; t++) {
				var n = e[t];
				n.observer.unobserve(n.instance);
			}
		}));
	}
	Fp.prototype.getClientRects = function() {
		var e = [];
		return h(this._fragmentFiber.child, !1, Yp, e, void 0, void 0), e;
	};
	function Yp(e, t) {
		if (e.tag === 6) {
			e = e.stateNode;
			var n = e.ownerDocument.createRange();
			n.selectNodeContents(e), t.push.apply(t, n.getClientRects());
		} else e = b(e), t.push.apply(t, e.getClientRects());
		return !1;
	}
	Fp.prototype.getRootNode = function(e) {
		var t = g(this._fragmentFiber);
		return t === null ? this : b(t).getRootNode(e);
	}, Fp.prototype.compareDocumentPosition = function(e) {
		var t = g(this._fragmentFiber);
		if (t === null) return Node.DOCUMENT_POSITION_DISCONNECTED;
		var n = [];
		h(this._fragmentFiber.child, !1, Hp, n, void 0, void 0);
		var r = b(t);
		if (n.length === 0) {
			if (n = r, _(this._fragmentFiber)) {
				a: {
					for (t = this._fragmentFiber.return; t !== null;) {
						if (t.tag === 4) {
							t = t.stateNode.containerInfo;
							break a;
						}
						if (t.tag === 3 || t.tag === 5 || t.tag === 27) break;
						t = t.return;
					}
					t = null;
				}
				t != null && (n = t);
			}
			t = this._fragmentFiber;
			var i = r = n.compareDocumentPosition(e);
			return n === e ? i = Node.DOCUMENT_POSITION_CONTAINS : r & Node.DOCUMENT_POSITION_CONTAINED_BY && (n = v(t)[1], n === null ? i = Node.DOCUMENT_POSITION_PRECEDING : (e = b(n).compareDocumentPosition(e), i = e === 0 || e & Node.DOCUMENT_POSITION_FOLLOWING ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING)), i |= Node.DOCUMENT_POSITION_IMPLEMENTATION_SPECIFIC;
		}
		t = b(n[0]), i = b(n[n.length - 1]);
		var a = _(this._fragmentFiber) ? t.parentElement : r;
		if (a == null) return Node.DOCUMENT_POSITION_DISCONNECTED;
		r = a.compareDocumentPosition(t) & Node.DOCUMENT_POSITION_CONTAINED_BY, a = a.compareDocumentPosition(i) & Node.DOCUMENT_POSITION_CONTAINED_BY;
		var o = t.compareDocumentPosition(e), s = i.compareDocumentPosition(e), c = o & Node.DOCUMENT_POSITION_CONTAINED_BY || s & Node.DOCUMENT_POSITION_CONTAINED_BY;
		return s = r && a && o & Node.DOCUMENT_POSITION_FOLLOWING && s & Node.DOCUMENT_POSITION_PRECEDING, t = r && t === e || a && i === e || c || s ? Node.DOCUMENT_POSITION_CONTAINED_BY : !r && t === e || !a && i === e ? Node.DOCUMENT_POSITION_IMPLEMENTATION_SPECIFIC : o, t & Node.DOCUMENT_POSITION_DISCONNECTED || t & Node.DOCUMENT_POSITION_IMPLEMENTATION_SPECIFIC || Xp(t, this._fragmentFiber, n[0], n[n.length - 1], e) ? t : Node.DOCUMENT_POSITION_IMPLEMENTATION_SPECIFIC;
	};
	function Xp(e, t, n, r, i) {
		var a = Mt(i);
		if (e & Node.DOCUMENT_POSITION_CONTAINED_BY) {
			if (n = !!a) a: {
				for (; a !== null;) {
					if (a.tag === 7 && (a === t || a.alternate === t)) {
						n = !0;
						break a;
					}
					a = a.return;
				}
				n = !1;
			}
			return n;
		}
		if (e & Node.DOCUMENT_POSITION_CONTAINS) {
			if (a === null) return a = i.ownerDocument, i === a || i === a.documentElement || i === a.body;
			a: {
				for (a = t, t = g(t); a !== null;) {
					if (!(a.tag !== 5 && a.tag !== 3 && a.tag !== 27 || a !== t && a.alternate !== t)) {
						a = !0;
						break a;
					}
					a = a.return;
				}
				a = !1;
			}
			return a;
		}
		return e & Node.DOCUMENT_POSITION_PRECEDING ? ((t = !!a) && !(t = a === n) && (t = E(n, a, T), t === null ? t = !1 : (h(t, !0, C, a, n), a = x, x = null, t = a !== null)), t) : e & Node.DOCUMENT_POSITION_FOLLOWING ? ((t = !!a) && !(t = a === r) && (t = E(r, a, T), t === null ? t = !1 : (h(t, !0, w, a, r), a = x, S = x = null, t = a !== null)), t) : !1;
	}
	function Zp(e, t) {
		var n = e.ownerDocument.createRange();
		n.selectNodeContents(e), e = n.getBoundingClientRect(), window.scrollTo(window.scrollX + e.left, t ? window.scrollY + e.top : window.scrollY + e.bottom - window.innerHeight);
	}
	Fp.prototype.scrollIntoView = function(e) {
		if (typeof e == `object`) throw Error(o(566));
		var t = [];
		h(this._fragmentFiber.child, !1, Hp, t, void 0, void 0);
		var n = !1 !== e;
		if (t.length === 0) {
			var r = v(this._fragmentFiber);
			if (r = n ? r[1] || r[0] || g(this._fragmentFiber) : r[0] || r[1], r === null) return;
			if (r.tag === 6) {
				e = b(r), Zp(e, n);
				return;
			}
			if (r = b(r), r.nodeType !== 9) {
				if (r.nodeType === 11) {
					n = `host` in r ? r.host : null, n !== null && n.scrollIntoView(e);
					return;
				}
				r.scrollIntoView(e);
			}
		}
		for (r = n ? t.length - 1 : 0; r !== (n ? -1 : t.length);) {
			var i = t[r];
			i.tag === 6 ? (i = b(i), Zp(i, n)) : b(i).scrollIntoView(e), r += n ? -1 : 1;
		}
	};
	function Qp(e, t) {
		return e = b(e), $p(e, t), !1;
	}
	function $p(e, t) {
		e.reactFragments ??= /* @__PURE__ */ new Set(), e.reactFragments.add(t);
	}
	function em(e, t) {
		var n = t._eventListeners;
		if (n !== null) for (var r = 0; r < n.length; r++) {
			var i = n[r];
			e.addEventListener(i.type, i.attachedListener, Rp(i.optionsOrUseCapture));
		}
		e.nodeType !== 3 && (n = t._observers, n !== null && n.forEach(function(n) {
			for (var r = 0, i = 0; i < Kp.length; i++) {
				var a = Kp[i];
				(a.fragmentInstance !== t || a.observer !== n || a.instance !== e) && (Kp[r++] = a);
			}
			Kp.length = r, n.observe(e);
		}), $p(e, t));
	}
	function tm(e, t) {
		var n = t._eventListeners;
		if (n !== null) for (var r = 0; r < n.length; r++) {
			var i = n[r];
			e.removeEventListener(i.type, i.attachedListener, Rp(i.optionsOrUseCapture));
		}
		e.nodeType !== 3 && (n = t._observers, n !== null && n.forEach(function(n) {
			typeof n.rootMargin == `string` ? Jp(t, n, e) : n.unobserve(e);
		}), e.reactFragments != null && e.reactFragments.delete(t));
	}
	function nm(e) {
		var t = e.firstChild;
		for (t && t.nodeType === 10 && (t = t.nextSibling); t;) {
			var n = t;
			switch (t = t.nextSibling, n.nodeName) {
				case `HTML`:
				case `HEAD`:
				case `BODY`:
					nm(n), jt(n);
					continue;
				case `SCRIPT`:
				case `STYLE`: continue;
				case `LINK`: if (n.rel.toLowerCase() === `stylesheet`) continue;
			}
			e.removeChild(n);
		}
	}
	function rm(e, t, n, r) {
		for (; e.nodeType === 1;) {
			var i = n;
			if (e.nodeName.toLowerCase() !== t.toLowerCase()) {
				if (!r && (e.nodeName !== `INPUT` || e.type !== `hidden`)) break;
			} else if (!r) {
				if (t === `input` && e.type === `hidden`) {
					var a = i.name == null ? null : `` + i.name;
					if (i.type === `hidden` && e.getAttribute(`name`) === a) return e;
				} else return e;
			} else if (!e[kt]) switch (t) {
				case `meta`:
					if (!e.hasAttribute(`itemprop`)) break;
					return e;
				case `link`:
					if (a = e.getAttribute(`rel`), a === `stylesheet` && e.hasAttribute(`data-precedence`) || a !== i.rel || e.getAttribute(`href`) !== (i.href == null || i.href === `` ? null : i.href) || e.getAttribute(`crossorigin`) !== (i.crossOrigin == null ? null : i.crossOrigin) || e.getAttribute(`title`) !== (i.title == null ? null : i.title)) break;
					return e;
				case `style`:
					if (e.hasAttribute(`data-precedence`)) break;
					return e;
				case `script`:
					if (a = e.getAttribute(`src`), (a !== (i.src == null ? null : i.src) || e.getAttribute(`type`) !== (i.type == null ? null : i.type) || e.getAttribute(`crossorigin`) !== (i.crossOrigin == null ? null : i.crossOrigin)) && a && e.hasAttribute(`async`) && !e.hasAttribute(`itemprop`)) break;
					return e;
				default: return e;
			}
			if (e = lm(e.nextSibling), e === null) break;
		}
		return null;
	}
	function im(e, t, n) {
		if (t === ``) return null;
		for (; e.nodeType !== 3;) if ((e.nodeType !== 1 || e.nodeName !== `INPUT` || e.type !== `hidden`) && !n || (e = lm(e.nextSibling), e === null)) return null;
		return e;
	}
	function am(e, t) {
		for (; e.nodeType !== 8;) if ((e.nodeType !== 1 || e.nodeName !== `INPUT` || e.type !== `hidden`) && !t || (e = lm(e.nextSibling), e === null)) return null;
		return e;
	}
	function om(e) {
		return e.data === `$?` || e.data === `$~`;
	}
	function sm(e) {
		return e.data === `$!` || e.data === `$?` && e.ownerDocument.readyState !== `loading`;
	}
	function cm(e, t) {
		var n = e.ownerDocument;
		if (e.data === `$~`) e._reactRetry = t;
		else if (e.data !== `$?` || n.readyState !== `loading`) t();
		else {
			var r = function() {
				t(), n.removeEventListener(`DOMContentLoaded`, r);
			};
			n.addEventListener(`DOMContentLoaded`, r), e._reactRetry = r;
		}
	}
	function lm(e) {
		for (; e != null; e = e.nextSibling) {
			var t = e.nodeType;
			if (t === 1 || t === 3) break;
			if (t === 8) {
				if (t = e.data, t === `$` || t === `$!` || t === `$?` || t === `$~` || t === `&` || t === `F!` || t === `F`) break;
				if (t === `/$` || t === `/&`) return null;
			}
		}
		return e;
	}
	var um = null;
	function dm(e) {
		e = e.nextSibling;
		for (var t = 0; e;) {
			if (e.nodeType === 8) {
				var n = e.data;
				if (n === `/$` || n === `/&`) {
					if (t === 0) return lm(e.nextSibling);
					t--;
				} else n !== `$` && n !== `$!` && n !== `$?` && n !== `$~` && n !== `&` || t++;
			}
			e = e.nextSibling;
		}
		return null;
	}
	function fm(e) {
		e = e.previousSibling;
		for (var t = 0; e;) {
			if (e.nodeType === 8) {
				var n = e.data;
				if (n === `$` || n === `$!` || n === `$?` || n === `$~` || n === `&`) {
					if (t === 0) return e;
					t--;
				} else n !== `/$` && n !== `/&` || t++;
			}
			e = e.previousSibling;
		}
		return null;
	}
	function pm(e, t) {
		function n() {
			r = !0;
		}
		if (e.ownerDocument.activeElement === e) return !0;
		var r = !1;
		try {
			e.ownerDocument.addEventListener(`focus`, n, !0), (e.focus || HTMLElement.prototype.focus).call(e, t);
		} finally {
			e.ownerDocument.removeEventListener(`focus`, n, !0);
		}
		return r;
	}
	function mm(e) {
		yp(function() {
			yp(function(t) {
				return e(t);
			});
		});
	}
	function hm(e, t, n) {
		switch (t = lp(n), e) {
			case `html`:
				if (e = t.documentElement, !e) throw Error(o(452));
				return e;
			case `head`:
				if (e = t.head, !e) throw Error(o(453));
				return e;
			case `body`:
				if (e = t.body, !e) throw Error(o(454));
				return e;
			default: throw Error(o(451));
		}
	}
	function gm(e, t, n) {
		for (var r in n) {
			var i = n[r];
			n.hasOwnProperty(r) && i != null && $(e, t, r, null, rp, i);
		}
		n.dangerouslySetInnerHTML != null && (e.textContent = ``), e.onclick === vn && (e.onclick = null), jt(e);
	}
	function _m(e) {
		for (var t = e.attributes; t.length;) e.removeAttributeNode(t[0]);
		jt(e);
	}
	var vm = /* @__PURE__ */ new Map(), ym = /* @__PURE__ */ new Set();
	function bm(e) {
		if (typeof e.getRootNode == `function`) {
			var t = e.getRootNode();
			if (t.nodeType === 9 || t.nodeType === 11) return t;
		}
		return e.nodeType === 9 ? e : e.ownerDocument;
	}
	var xm = L.d;
	L.d = {
		f: Sm,
		r: Cm,
		D: Em,
		C: Dm,
		L: Om,
		m: km,
		X: jm,
		S: Am,
		M: Mm
	};
	function Sm() {
		var e = xm.f(), t = zd();
		return e || t;
	}
	function Cm(e) {
		var t = Nt(e);
		t !== null && t.tag === 5 && t.type === `form` ? nc(t) : xm.r(e);
	}
	var wm = typeof document > `u` ? null : document;
	function Tm(e, t, n) {
		var r = wm;
		if (r && typeof t == `string` && t) {
			var i = nn(t);
			i = `link[rel="` + e + `"][href="` + i + `"]`, typeof n == `string` && (i += `[crossorigin="` + n + `"]`), ym.has(i) || (ym.add(i), e = {
				rel: e,
				crossOrigin: n,
				href: t
			}, r.querySelector(i) === null && (t = r.createElement(`link`), np(t, `link`, e), It(t), r.head.appendChild(t)));
		}
	}
	function Em(e) {
		xm.D(e), Tm(`dns-prefetch`, e, null);
	}
	function Dm(e, t) {
		xm.C(e, t), Tm(`preconnect`, e, t);
	}
	function Om(e, t, n) {
		xm.L(e, t, n);
		var r = wm;
		if (r && e && t) {
			var i = `link[rel="preload"][as="` + nn(t) + `"]`;
			t === `image` && n && n.imageSrcSet ? (i += `[imagesrcset="` + nn(n.imageSrcSet) + `"]`, typeof n.imageSizes == `string` && (i += `[imagesizes="` + nn(n.imageSizes) + `"]`)) : i += `[href="` + nn(e) + `"]`;
			var a = i;
			switch (t) {
				case `style`:
					a = Pm(e);
					break;
				case `script`: a = Rm(e);
			}
			if (!(vm.has(a) || (e = D({
				rel: `preload`,
				href: t === `image` && n && n.imageSrcSet ? void 0 : e,
				as: t
			}, n), vm.set(a, e), r.querySelector(i) !== null || t === `style` && r.querySelector(Fm(a)) || t === `script` && r.querySelector(zm(a))))) {
				var o = r.createElement(`link`);
				np(o, `link`, e), t === `style` && (o[At] = !0, o.onload = o.onerror = function() {
					Lt(o);
				}), It(o), r.head.appendChild(o);
			}
		}
	}
	function km(e, t) {
		xm.m(e, t);
		var n = wm;
		if (n && e) {
			var r = t && typeof t.as == `string` ? t.as : `script`, i = `link[rel="modulepreload"][as="` + nn(r) + `"][href="` + nn(e) + `"]`, a = i;
			switch (r) {
				case `audioworklet`:
				case `paintworklet`:
				case `serviceworker`:
				case `sharedworker`:
				case `worker`:
				case `script`: a = Rm(e);
			}
			if (!vm.has(a) && (e = D({
				rel: `modulepreload`,
				href: e
			}, t), vm.set(a, e), n.querySelector(i) === null)) {
				switch (r) {
					case `audioworklet`:
					case `paintworklet`:
					case `serviceworker`:
					case `sharedworker`:
					case `worker`:
					case `script`: if (n.querySelector(zm(a))) return;
				}
				r = n.createElement(`link`), np(r, `link`, e), It(r), n.head.appendChild(r);
			}
		}
	}
	function Am(e, t, n) {
		xm.S(e, t, n);
		var r = wm;
		if (r && e) {
			var i = Ft(r).hoistableStyles, a = Pm(e);
			t ||= `default`;
			var o = i.get(a);
			if (!o) {
				var s = {
					loading: 0,
					preload: null
				};
				if (o = r.querySelector(Fm(a))) s.loading = 5;
				else {
					e = D({
						rel: `stylesheet`,
						href: e,
						"data-precedence": t
					}, n), (n = vm.get(a)) && Hm(e, n);
					var c = o = r.createElement(`link`);
					It(c), np(c, `link`, e), c._p = new Promise(function(e, t) {
						c.onload = e, c.onerror = t;
					}), c.addEventListener(`load`, function() {
						s.loading |= 1;
					}), c.addEventListener(`error`, function() {
						s.loading |= 2;
					}), s.loading |= 4, Vm(o, t, r);
				}
				o = {
					type: `stylesheet`,
					instance: o,
					count: 1,
					state: s
				}, i.set(a, o);
			}
		}
	}
	function jm(e, t) {
		xm.X(e, t);
		var n = wm;
		if (n && e) {
			var r = Ft(n).hoistableScripts, i = Rm(e), a = r.get(i);
			a || (a = n.querySelector(zm(i)), a || (e = D({
				src: e,
				async: !0
			}, t), (t = vm.get(i)) && Um(e, t), a = n.createElement(`script`), It(a), np(a, `link`, e), n.head.appendChild(a)), a = {
				type: `script`,
				instance: a,
				count: 1,
				state: null
			}, r.set(i, a));
		}
	}
	function Mm(e, t) {
		xm.M(e, t);
		var n = wm;
		if (n && e) {
			var r = Ft(n).hoistableScripts, i = Rm(e), a = r.get(i);
			a || (a = n.querySelector(zm(i)), a || (e = D({
				src: e,
				async: !0,
				type: `module`
			}, t), (t = vm.get(i)) && Um(e, t), a = n.createElement(`script`), It(a), np(a, `link`, e), n.head.appendChild(a)), a = {
				type: `script`,
				instance: a,
				count: 1,
				state: null
			}, r.set(i, a));
		}
	}
	function Nm(e, t, n, r) {
		var i = (i = Se.current) ? bm(i) : null;
		if (!i) throw Error(o(446));
		switch (e) {
			case `meta`:
			case `title`: return null;
			case `style`: return typeof n.precedence == `string` && typeof n.href == `string` ? (n = Pm(n.href), t = Ft(i).hoistableStyles, r = t.get(n), r || (r = {
				type: `style`,
				instance: null,
				count: 0,
				state: null
			}, t.set(n, r)), r) : {
				type: `void`,
				instance: null,
				count: 0,
				state: null
			};
			case `link`:
				if (n.rel === `stylesheet` && typeof n.href == `string` && typeof n.precedence == `string`) {
					e = Pm(n.href);
					var a = Ft(i).hoistableStyles, s = a.get(e);
					if (s || (i = i.ownerDocument || i, s = {
						type: `stylesheet`,
						instance: null,
						count: 0,
						state: {
							loading: 0,
							preload: null
						}
					}, a.set(e, s), (a = i.querySelector(Fm(e))) ? a._p || (s.instance = a, s.state.loading = 5) : (a = vm.get(e), a || (a = {
						rel: `preload`,
						as: `style`,
						href: n.href,
						crossOrigin: n.crossOrigin,
						integrity: n.integrity,
						media: n.media,
						hrefLang: n.hrefLang,
						referrerPolicy: n.referrerPolicy
					}, vm.set(e, a)), Lm(i, e, a, s.state))), t && r === null) throw Error(o(528, ``));
					return s;
				}
				if (t && r !== null) throw Error(o(529, ``));
				return null;
			case `script`: return t = n.async, n = n.src, typeof n == `string` && t && typeof t != `function` && typeof t != `symbol` ? (n = Rm(n), t = Ft(i).hoistableScripts, r = t.get(n), r || (r = {
				type: `script`,
				instance: null,
				count: 0,
				state: null
			}, t.set(n, r)), r) : {
				type: `void`,
				instance: null,
				count: 0,
				state: null
			};
			default: throw Error(o(444, e));
		}
	}
	function Pm(e) {
		return `href="` + nn(e) + `"`;
	}
	function Fm(e) {
		return `link[rel="stylesheet"][` + e + `]`;
	}
	function Im(e) {
		return D({}, e, {
			"data-precedence": e.precedence,
			precedence: null
		});
	}
	function Lm(e, t, n, r) {
		if (t = e.querySelector(`link[rel="preload"][as="style"][` + t + `]`)) {
			if (!0 !== t[At]) {
				r.loading = 1;
				return;
			}
		} else t = e.createElement(`link`), t[At] = !0, t.onload = t.onerror = Lt.bind(null, t), np(t, `link`, n), It(t), e.head.appendChild(t);
		r.preload = t, t.addEventListener(`load`, function() {
			return r.loading |= 1;
		}), t.addEventListener(`error`, function() {
			return r.loading |= 2;
		});
	}
	function Rm(e) {
		return `[src="` + nn(e) + `"]`;
	}
	function zm(e) {
		return `script[async]` + e;
	}
	function Bm(e, t, n) {
		if (t.count++, t.instance === null) switch (t.type) {
			case `style`:
				var r = e.querySelector(`style[data-href~="` + nn(n.href) + `"]`);
				if (r) return t.instance = r, It(r), r;
				var i = D({}, n, {
					"data-href": n.href,
					"data-precedence": n.precedence,
					href: null,
					precedence: null
				});
				return r = (e.ownerDocument || e).createElement(`style`), It(r), np(r, `style`, i), Vm(r, n.precedence, e), t.instance = r;
			case `stylesheet`:
				i = Pm(n.href);
				var a = e.querySelector(Fm(i));
				if (a) return t.state.loading |= 4, t.instance = a, It(a), a;
				r = Im(n), (i = vm.get(i)) && Hm(r, i), a = (e.ownerDocument || e).createElement(`link`), It(a);
				var s = a;
				return s._p = new Promise(function(e, t) {
					s.onload = e, s.onerror = t;
				}), np(a, `link`, r), t.state.loading |= 4, Vm(a, n.precedence, e), t.instance = a;
			case `script`: return a = Rm(n.src), (i = e.querySelector(zm(a))) ? (t.instance = i, It(i), i) : (r = n, (i = vm.get(a)) && (r = D({}, n), Um(r, i)), e = e.ownerDocument || e, i = e.createElement(`script`), It(i), np(i, `link`, r), e.head.appendChild(i), t.instance = i);
			case `void`: return null;
			default: throw Error(o(443, t.type));
		}
		else t.type === `stylesheet` && !(t.state.loading & 4) && (r = t.instance, t.state.loading |= 4, Vm(r, n.precedence, e));
		return t.instance;
	}
	function Vm(e, t, n) {
		for (var r = n.querySelectorAll(`link[rel="stylesheet"][data-precedence],style[data-precedence]`), i = r.length ? r[r.length - 1] : null, a = i, o = 0; o < r.length; o++) {
			var s = r[o];
			if (s.dataset.precedence === t) a = s;
			else if (a !== i) break;
		}
		a ? a.parentNode.insertBefore(e, a.nextSibling) : (t = n.nodeType === 9 ? n.head : n, t.insertBefore(e, t.firstChild));
	}
	function Hm(e, t) {
		e.crossOrigin ??= t.crossOrigin, e.referrerPolicy ??= t.referrerPolicy, e.title ??= t.title;
	}
	function Um(e, t) {
		e.crossOrigin ??= t.crossOrigin, e.referrerPolicy ??= t.referrerPolicy, e.integrity ??= t.integrity;
	}
	var Wm = null;
	function Gm(e, t, n) {
		if (Wm === null) {
			var r = /* @__PURE__ */ new Map(), i = Wm = /* @__PURE__ */ new Map();
			i.set(n, r);
		} else i = Wm, r = i.get(n), r || (r = /* @__PURE__ */ new Map(), i.set(n, r));
		if (r.has(e)) return r;
		for (r.set(e, null), n = n.getElementsByTagName(e), i = 0; i < n.length; i++) {
			var a = n[i];
			if (!(a[kt] || a[St] || e === `link` && a.getAttribute(`rel`) === `stylesheet`) && a.namespaceURI !== `http://www.w3.org/2000/svg`) {
				var o = a.getAttribute(t) || ``;
				o = e + o;
				var s = r.get(o);
				s ? s.push(a) : r.set(o, [a]);
			}
		}
		return r;
	}
	function Km(e, t, n) {
		e = e.ownerDocument || e, e.head.insertBefore(n, t === `title` ? e.querySelector(`head > title`) : null);
	}
	function qm(e, t, n) {
		if (n === 1 || t.itemProp != null) return !1;
		switch (e) {
			case `meta`:
			case `title`: return !0;
			case `style`:
				if (typeof t.precedence != `string` || typeof t.href != `string` || t.href === ``) break;
				return !0;
			case `link`:
				if (typeof t.rel != `string` || typeof t.href != `string` || t.href === `` || t.onLoad || t.onError) break;
				switch (t.rel) {
					case `stylesheet`: return e = t.disabled, typeof t.precedence == `string` && e == null;
					default: return !0;
				}
			case `script`: if (t.async && typeof t.async != `function` && typeof t.async != `symbol` && !t.onLoad && !t.onError && t.src && typeof t.src == `string`) return !0;
		}
		return !1;
	}
	function Jm(e, t) {
		return e === `img` && t.src != null && t.src !== `` && t.onLoad == null && t.loading !== `lazy`;
	}
	function Ym(e) {
		return !(e.type === `stylesheet` && !(e.state.loading & 3));
	}
	function Xm(e) {
		return (e.width || 100) * (e.height || 100) * (typeof devicePixelRatio == `number` ? devicePixelRatio : 1) * .25;
	}
	function Zm(e, t) {
		typeof t.decode == `function` && (e.imgCount++, t.complete || (e.imgBytes += Xm(t), e.suspenseyImages.push(t)), e = rh.bind(e), t.decode().then(e, e));
	}
	function Qm(e, t, n, r) {
		if (n.type === `stylesheet` && (typeof r.media != `string` || !1 !== matchMedia(r.media).matches) && !(n.state.loading & 4)) {
			if (n.instance === null) {
				var i = Pm(r.href), a = t.querySelector(Fm(i));
				if (a) {
					t = a._p, typeof t == `object` && t && typeof t.then == `function` && (e.count++, e = nh.bind(e), t.then(e, e)), n.state.loading |= 4, n.instance = a, It(a);
					return;
				}
				a = t.ownerDocument || t, r = Im(r), (i = vm.get(i)) && Hm(r, i), a = a.createElement(`link`), It(a);
				var o = a;
				o._p = new Promise(function(e, t) {
					o.onload = e, o.onerror = t;
				}), np(a, `link`, r), n.instance = a;
			}
			e.stylesheets === null && (e.stylesheets = /* @__PURE__ */ new Map()), e.stylesheets.set(n, t), (t = n.state.preload) && !(n.state.loading & 3) && (e.count++, n = nh.bind(e), t.addEventListener(`load`, n), t.addEventListener(`error`, n));
		}
	}
	var $m = 0;
	function eh(e, t) {
		return e.stylesheets && e.count === 0 && ah(e, e.stylesheets), 0 < e.count || 0 < e.imgCount ? function(n) {
			var r = setTimeout(function() {
				if (e.stylesheets && ah(e, e.stylesheets), e.unsuspend) {
					var t = e.unsuspend;
					e.unsuspend = null, t();
				}
			}, 6e4 + t);
			0 < e.imgBytes && $m === 0 && ($m = 62500 * op());
			var i = setTimeout(function() {
				if (e.waitingForImages = !1, e.count === 0 && (e.stylesheets && ah(e, e.stylesheets), e.unsuspend)) {
					var t = e.unsuspend;
					e.unsuspend = null, t();
				}
			}, (e.imgBytes > $m ? 50 : 800) + t);
			return e.unsuspend = n, function() {
				e.unsuspend = null, clearTimeout(r), clearTimeout(i);
			};
		} : null;
	}
	function th(e) {
		if (e.count === 0 && (e.imgCount === 0 || !e.waitingForImages)) {
			if (e.stylesheets) ah(e, e.stylesheets);
			else if (e.unsuspend) {
				var t = e.unsuspend;
				e.unsuspend = null, t();
			}
		}
	}
	function nh() {
		this.count--, th(this);
	}
	function rh() {
		this.imgCount--, th(this);
	}
	var ih = null;
	function ah(e, t) {
		e.stylesheets = null, e.unsuspend !== null && (e.count++, ih = /* @__PURE__ */ new Map(), t.forEach(oh, e), ih = null, nh.call(e));
	}
	function oh(e, t) {
		if (!(t.state.loading & 4)) {
			var n = ih.get(e);
			if (n) var r = n.get(null);
			else {
				n = /* @__PURE__ */ new Map(), ih.set(e, n);
				for (var i = e.querySelectorAll(`link[data-precedence],style[data-precedence]`), a = 0; a < i.length; a++) {
					var o = i[a];
					(o.nodeName === `LINK` || o.getAttribute(`media`) !== `not all`) && (n.set(o.dataset.precedence, o), r = o);
				}
				r && n.set(null, r);
			}
			i = t.instance, o = i.getAttribute(`data-precedence`), a = n.get(o) || r, a === r && n.set(null, i), n.set(o, i), this.count++, r = nh.bind(this), i.addEventListener(`load`, r), i.addEventListener(`error`, r), a ? a.parentNode.insertBefore(i, a.nextSibling) : (e = e.nodeType === 9 ? e.head : e, e.insertBefore(i, e.firstChild)), t.state.loading |= 4;
		}
	}
	var sh = {
		$$typeof: P,
		Provider: null,
		Consumer: null,
		_currentValue: he,
		_currentValue2: he,
		_threadCount: 0
	};
	function ch(e, t, n, r, i, a, o, s, c) {
		this.tag = 1, this.containerInfo = e, this.pingCache = this.current = this.pendingChildren = null, this.timeoutHandle = -1, this.callbackNode = this.next = this.pendingContext = this.context = this.cancelPendingCommit = null, this.callbackPriority = 0, this.expirationTimes = dt(-1), this.entangledLanes = this.shellSuspendCounter = this.errorRecoveryDisabledLanes = this.expiredLanes = this.warmLanes = this.pingedLanes = this.suspendedLanes = this.pendingLanes = 0, this.entanglements = dt(0), this.hiddenUpdates = dt(null), this.identifierPrefix = r, this.onUncaughtError = i, this.onCaughtError = a, this.onRecoverableError = o, this.pooledCache = null, this.pooledCacheLanes = 0, this.formState = c, this.transitionTypes = null, this.incompleteTransitions = /* @__PURE__ */ new Map();
	}
	function lh(e, t, n, r, i, a, o, s, c, l, u, d) {
		return e = new ch(e, t, n, o, c, l, u, d, s), t = 1, !0 === a && (t |= 24), a = Mi(3, null, null, t), e.current = a, a.stateNode = e, t = Ma(), t.refCount++, e.pooledCache = t, t.refCount++, a.memoizedState = {
			element: r,
			isDehydrated: n,
			cache: t
		}, ho(a), e;
	}
	function uh(e) {
		return e ? (e = Ai, e) : Ai;
	}
	function dh(e, t, n, r, i, a) {
		i = uh(i), r.context === null ? r.context = i : r.pendingContext = i, r = _o(t), r.payload = { element: n }, a = a === void 0 ? null : a, a !== null && (r.callback = a), n = vo(e, r, t), n !== null && (Pd(n, e, t), yo(n, e, t));
	}
	function fh(e, t) {
		if (e = e.memoizedState, e !== null && e.dehydrated !== null) {
			var n = e.retryLane;
			e.retryLane = n !== 0 && n < t ? n : t;
		}
	}
	function ph(e, t) {
		fh(e, t), (e = e.alternate) && fh(e, t);
	}
	function mh(e) {
		if (e.tag === 13 || e.tag === 31) {
			var t = Di(e, 67108864);
			t !== null && Pd(t, e, 67108864), ph(e, 67108864);
		}
	}
	function hh(e) {
		if (e.tag === 13 || e.tag === 31) {
			var t = jd();
			t = _t(t);
			var n = Di(e, t);
			n !== null && Pd(n, e, t), ph(e, t);
		}
	}
	var gh = !0;
	function _h(e, t, n, r) {
		var i = I.T;
		I.T = null;
		var a = L.p;
		try {
			L.p = 2, yh(e, t, n, r);
		} finally {
			L.p = a, I.T = i;
		}
	}
	function vh(e, t, n, r) {
		var i = I.T;
		I.T = null;
		var a = L.p;
		try {
			L.p = 8, yh(e, t, n, r);
		} finally {
			L.p = a, I.T = i;
		}
	}
	function yh(e, t, n, r) {
		if (gh) {
			var i = bh(r);
			if (i === null) Kf(e, t, r, xh, n), Mh(e, r);
			else if (Ph(i, e, t, n, r)) r.stopPropagation();
			else if (Mh(e, r), t & 4 && -1 < jh.indexOf(e)) {
				for (; i !== null;) {
					var a = Nt(i);
					if (a !== null) switch (a.tag) {
						case 3:
							if (a = a.stateNode, a.current.memoizedState.isDehydrated) {
								var o = at(a.pendingLanes);
								if (o !== 0) {
									var s = a;
									for (s.pendingLanes |= 2, s.entangledLanes |= 2; o;) {
										var c = 1 << 31 - Qe(o);
										s.entanglements[1] |= c, o &= ~c;
									}
									Ef(a), !(q & 6) && (gd = Be() + 500, Df(0, !1));
								}
							}
							break;
						case 31:
						case 13: s = Di(a, 2), s !== null && Pd(s, a, 2), zd(), ph(a, 2);
					}
					if (a = bh(r), a === null && Kf(e, t, r, xh, n), a === i) break;
					i = a;
				}
				i !== null && r.stopPropagation();
			} else Kf(e, t, r, null, n);
		}
	}
	function bh(e) {
		return e = bn(e), Sh(e);
	}
	var xh = null;
	function Sh(e) {
		if (xh = null, e = Mt(e), e !== null) {
			var t = l(e);
			if (t === null) e = null;
			else {
				var n = t.tag;
				if (n === 13) {
					if (e = u(t), e !== null) return e;
					e = null;
				} else if (n === 31) {
					if (e = d(t), e !== null) return e;
					e = null;
				} else if (n === 3) {
					if (t.stateNode.current.memoizedState.isDehydrated) return t.tag === 3 ? t.stateNode.containerInfo : null;
					e = null;
				} else t !== e && (e = null);
			}
		}
		return xh = e, null;
	}
	function Ch(e) {
		switch (e) {
			case `beforetoggle`:
			case `cancel`:
			case `click`:
			case `close`:
			case `contextmenu`:
			case `copy`:
			case `cut`:
			case `auxclick`:
			case `dblclick`:
			case `dragend`:
			case `dragstart`:
			case `drop`:
			case `focusin`:
			case `focusout`:
			case `input`:
			case `invalid`:
			case `keydown`:
			case `keypress`:
			case `keyup`:
			case `mousedown`:
			case `mouseup`:
			case `paste`:
			case `pause`:
			case `play`:
			case `pointercancel`:
			case `pointerdown`:
			case `pointerup`:
			case `ratechange`:
			case `reset`:
			case `seeked`:
			case `submit`:
			case `toggle`:
			case `touchcancel`:
			case `touchend`:
			case `touchstart`:
			case `volumechange`:
			case `change`:
			case `selectionchange`:
			case `textInput`:
			case `compositionstart`:
			case `compositionend`:
			case `compositionupdate`:
			case `beforeblur`:
			case `afterblur`:
			case `beforeinput`:
			case `blur`:
			case `fullscreenchange`:
			case `fullscreenerror`:
			case `focus`:
			case `hashchange`:
			case `popstate`:
			case `select`:
			case `selectstart`: return 2;
			case `drag`:
			case `dragenter`:
			case `dragexit`:
			case `dragleave`:
			case `dragover`:
			case `mousemove`:
			case `mouseout`:
			case `mouseover`:
			case `pointermove`:
			case `pointerout`:
			case `pointerover`:
			case `resize`:
			case `scroll`:
			case `touchmove`:
			case `wheel`:
			case `mouseenter`:
			case `mouseleave`:
			case `pointerenter`:
			case `pointerleave`: return 8;
			case `message`: switch (Ve()) {
				case He: return 2;
				case Ue: return 8;
				case We:
				case Ge: return 32;
				case Ke: return 268435456;
				default: return 32;
			}
			default: return 32;
		}
	}
	var wh = !1, Th = null, Eh = null, Dh = null, Oh = /* @__PURE__ */ new Map(), kh = /* @__PURE__ */ new Map(), Ah = [], jh = `mousedown mouseup touchcancel touchend touchstart auxclick dblclick pointercancel pointerdown pointerup dragend dragstart drop compositionend compositionstart keydown keypress keyup input textInput copy cut paste click change contextmenu reset`.split(` `);
	function Mh(e, t) {
		switch (e) {
			case `focusin`:
			case `focusout`:
				Th = null;
				break;
			case `dragenter`:
			case `dragleave`:
				Eh = null;
				break;
			case `mouseover`:
			case `mouseout`:
				Dh = null;
				break;
			case `pointerover`:
			case `pointerout`:
				Oh.delete(t.pointerId);
				break;
			case `gotpointercapture`:
			case `lostpointercapture`: kh.delete(t.pointerId);
		}
	}
	function Nh(e, t, n, r, i, a) {
		return e === null || e.nativeEvent !== a ? (e = {
			blockedOn: t,
			domEventName: n,
			eventSystemFlags: r,
			nativeEvent: a,
			targetContainers: [i]
		}, t !== null && (t = Nt(t), t !== null && mh(t)), e) : (e.eventSystemFlags |= r, t = e.targetContainers, i !== null && t.indexOf(i) === -1 && t.push(i), e);
	}
	function Ph(e, t, n, r, i) {
		switch (t) {
			case `focusin`: return Th = Nh(Th, e, t, n, r, i), !0;
			case `dragenter`: return Eh = Nh(Eh, e, t, n, r, i), !0;
			case `mouseover`: return Dh = Nh(Dh, e, t, n, r, i), !0;
			case `pointerover`:
				var a = i.pointerId;
				return Oh.set(a, Nh(Oh.get(a) || null, e, t, n, r, i)), !0;
			case `gotpointercapture`: return a = i.pointerId, kh.set(a, Nh(kh.get(a) || null, e, t, n, r, i)), !0;
		}
		return !1;
	}
	function Fh(e) {
		var t = Mt(e.target);
		if (t !== null) {
			var n = l(t);
			if (n !== null) {
				if (t = n.tag, t === 13) {
					if (t = u(n), t !== null) {
						e.blockedOn = t, bt(e.priority, function() {
							hh(n);
						});
						return;
					}
				} else if (t === 31) {
					if (t = d(n), t !== null) {
						e.blockedOn = t, bt(e.priority, function() {
							hh(n);
						});
						return;
					}
				} else if (t === 3 && n.stateNode.current.memoizedState.isDehydrated) {
					e.blockedOn = n.tag === 3 ? n.stateNode.containerInfo : null;
					return;
				}
			}
		}
		e.blockedOn = null;
	}
	function Ih(e) {
		if (e.blockedOn !== null) return !1;
		for (var t = e.targetContainers; 0 < t.length;) {
			var n = bh(e.nativeEvent);
			if (n === null) {
				n = e.nativeEvent;
				var r = new n.constructor(n.type, n);
				yn = r, n.target.dispatchEvent(r), yn = null;
			} else return t = Nt(n), t !== null && mh(t), e.blockedOn = n, !1;
			t.shift();
		}
		return !0;
	}
	function Lh(e, t, n) {
		Ih(e) && n.delete(t);
	}
	function Rh() {
		wh = !1, Th !== null && Ih(Th) && (Th = null), Eh !== null && Ih(Eh) && (Eh = null), Dh !== null && Ih(Dh) && (Dh = null), Oh.forEach(Lh), kh.forEach(Lh);
	}
	function zh(e, n) {
		e.blockedOn === n && (e.blockedOn = null, wh || (wh = !0, t.unstable_scheduleCallback(t.unstable_NormalPriority, Rh)));
	}
	var Bh = null;
	function Vh(e) {
		Bh !== e && (Bh = e, t.unstable_scheduleCallback(t.unstable_NormalPriority, function() {
			Bh === e && (Bh = null);
			for (var t = 0; t < e.length; t += 3) {
				var n = e[t], r = e[t + 1], i = e[t + 2];
				if (typeof r != `function`) {
					if (Sh(r || n) === null) continue;
					break;
				}
				var a = Nt(n);
				a !== null && (e.splice(t, 3), t -= 3, ec(a, {
					pending: !0,
					data: i,
					method: n.method,
					action: r
				}, r, i));
			}
		}));
	}
	function Hh(e) {
		function t(t) {
			return zh(t, e);
		}
		Th !== null && zh(Th, e), Eh !== null && zh(Eh, e), Dh !== null && zh(Dh, e), Oh.forEach(t), kh.forEach(t);
		for (var n = 0; n < Ah.length; n++) {
			var r = Ah[n];
			r.blockedOn === e && (r.blockedOn = null);
		}
		for (; 0 < Ah.length && (n = Ah[0], n.blockedOn === null);) Fh(n), n.blockedOn === null && Ah.shift();
		if (n = (e.ownerDocument || e).$$reactFormReplay, n != null) for (r = 0; r < n.length; r += 3) {
			var i = n[r], a = n[r + 1], o = i[Ct] || null;
			if (typeof a == `function`) o || Vh(n);
			else if (o) {
				var s = null;
				if (a && a.hasAttribute(`formAction`)) {
					if (i = a, o = a[Ct] || null) s = o.formAction;
					else if (Sh(i) !== null) continue;
				} else s = o.action;
				typeof s == `function` ? n[r + 1] = s : (n.splice(r, 3), r -= 3), Vh(n);
			}
		}
	}
	function Uh() {
		function e(e) {
			e.canIntercept && e.info === `react-transition` && e.intercept({
				handler: function() {
					return new Promise(function(e) {
						return i = e;
					});
				},
				focusReset: `manual`,
				scroll: `manual`
			});
		}
		function t() {
			i !== null && (i(), i = null), r || setTimeout(n, 20);
		}
		function n() {
			if (!r && !navigation.transition) {
				var e = navigation.currentEntry;
				e && e.url != null && navigation.navigate(e.url, {
					state: e.getState(),
					info: `react-transition`,
					history: `replace`
				});
			}
		}
		if (typeof navigation == `object`) {
			var r = !1, i = null;
			return navigation.addEventListener(`navigate`, e), navigation.addEventListener(`navigatesuccess`, t), navigation.addEventListener(`navigateerror`, t), setTimeout(n, 100), function() {
				r = !0, navigation.removeEventListener(`navigate`, e), navigation.removeEventListener(`navigatesuccess`, t), navigation.removeEventListener(`navigateerror`, t), i !== null && (i(), i = null);
			};
		}
	}
	function Wh(e) {
		this._internalRoot = e;
	}
	Gh.prototype.render = Wh.prototype.render = function(e) {
		var t = this._internalRoot;
		if (t === null) throw Error(o(409));
		var n = t.current;
		dh(n, jd(), e, t, null, null);
	}, Gh.prototype.unmount = Wh.prototype.unmount = function() {
		var e = this._internalRoot;
		if (e !== null) {
			this._internalRoot = null;
			var t = e.containerInfo;
			dh(e.current, 2, null, e, null, null), zd(), t[wt] = null;
		}
	};
	function Gh(e) {
		this._internalRoot = e;
	}
	Gh.prototype.unstable_scheduleHydration = function(e) {
		if (e) {
			var t = yt();
			e = {
				blockedOn: null,
				target: e,
				priority: t
			};
			for (var n = 0; n < Ah.length && t !== 0 && t < Ah[n].priority; n++);
			Ah.splice(n, 0, e), n === 0 && Fh(e);
		}
	};
	var Kh = n.version;
	if (Kh !== `19.3.1`) throw Error(o(527, Kh, `19.3.1`));
	L.findDOMNode = function(e) {
		var t = e._reactInternals;
		if (t === void 0) throw typeof e.render == `function` ? Error(o(188)) : (e = Object.keys(e).join(`,`), Error(o(268, e)));
		return e = p(t), e = e === null ? null : m(e), e = e === null ? null : e.stateNode, e;
	};
	var qh = {
		bundleType: 0,
		version: `19.3.1`,
		rendererPackageName: `react-dom`,
		currentDispatcherRef: I,
		reconcilerVersion: `19.3.1`
	};
	if (typeof __REACT_DEVTOOLS_GLOBAL_HOOK__ < `u`) {
		var Jh = __REACT_DEVTOOLS_GLOBAL_HOOK__;
		if (!Jh.isDisabled && Jh.supportsFiber) try {
			Ye = Jh.inject(qh), Xe = Jh;
		} catch {}
	}
	e.createRoot = function(e, t) {
		if (!c(e)) throw Error(o(299));
		var n = !1, r = ``, i = Cc, a = wc, s = Tc;
		return t != null && (!0 === t.unstable_strictMode && (n = !0), t.identifierPrefix !== void 0 && (r = t.identifierPrefix), t.onUncaughtError !== void 0 && (i = t.onUncaughtError), t.onCaughtError !== void 0 && (a = t.onCaughtError), t.onRecoverableError !== void 0 && (s = t.onRecoverableError)), t = lh(e, 1, !1, null, null, n, r, null, i, a, s, Uh), e[wt] = t.current, Wf(e), new Wh(t);
	};
})), l = t(((e, t) => {
	function n() {
		if (typeof __REACT_DEVTOOLS_GLOBAL_HOOK__ < `u` && typeof __REACT_DEVTOOLS_GLOBAL_HOOK__.checkDCE == `function`) try {
			__REACT_DEVTOOLS_GLOBAL_HOOK__.checkDCE(n);
		} catch (e) {
			console.error(e);
		}
	}
	n(), t.exports = c();
})), u = t(((e) => {
	var t = Symbol.for(`react.transitional.element`), n = Symbol.for(`react.fragment`);
	function r(e, n, r) {
		var i = null;
		if (r !== void 0 && (i = `` + r), n.key !== void 0 && (i = `` + n.key), `key` in n) for (var a in r = {}, n) a !== `key` && (r[a] = n[a]);
		else r = n;
		return n = r.ref, {
			$$typeof: t,
			type: e,
			key: i,
			ref: n === void 0 ? null : n,
			props: r
		};
	}
	e.Fragment = n, e.jsx = r, e.jsxs = r;
})), d = t(((e, t) => {
	t.exports = u();
})), f = e(a(), 1), p = d();
function m(e) {
	if (typeof e == `string` || typeof e == `number`) return `` + e;
	let t = ``;
	if (Array.isArray(e)) for (let n = 0, r; n < e.length; n++) (r = m(e[n])) !== `` && (t += (t && ` `) + r);
	else for (let n in e) e[n] && (t += (t && ` `) + n);
	return t;
}
var h = { value: () => {} };
function g() {
	for (var e = 0, t = arguments.length, n = {}, r; e < t; ++e) {
		if (!(r = arguments[e] + ``) || r in n || /[\s.]/.test(r)) throw Error(`illegal type: ` + r);
		n[r] = [];
	}
	return new _(n);
}
function _(e) {
	this._ = e;
}
function v(e, t) {
	return e.trim().split(/^|\s+/).map(function(e) {
		var n = ``, r = e.indexOf(`.`);
		if (r >= 0 && (n = e.slice(r + 1), e = e.slice(0, r)), e && !t.hasOwnProperty(e)) throw Error(`unknown type: ` + e);
		return {
			type: e,
			name: n
		};
	});
}
_.prototype = g.prototype = {
	constructor: _,
	on: function(e, t) {
		var n = this._, r = v(e + ``, n), i, a = -1, o = r.length;
		if (arguments.length < 2) {
			for (; ++a < o;) if ((i = (e = r[a]).type) && (i = y(n[i], e.name))) return i;
		} else {
			if (t != null && typeof t != `function`) throw Error(`invalid callback: ` + t);
			for (; ++a < o;) if (i = (e = r[a]).type) n[i] = b(n[i], e.name, t);
			else if (t == null) for (i in n) n[i] = b(n[i], e.name, null);
			return this;
		}
	},
	copy: function() {
		var e = {}, t = this._;
		for (var n in t) e[n] = t[n].slice();
		return new _(e);
	},
	call: function(e, t) {
		if ((i = arguments.length - 2) > 0) for (var n = Array(i), r = 0, i, a; r < i; ++r) n[r] = arguments[r + 2];
		if (!this._.hasOwnProperty(e)) throw Error(`unknown type: ` + e);
		for (a = this._[e], r = 0, i = a.length; r < i; ++r) a[r].value.apply(t, n);
	},
	apply: function(e, t, n) {
		if (!this._.hasOwnProperty(e)) throw Error(`unknown type: ` + e);
		for (var r = this._[e], i = 0, a = r.length; i < a; ++i) r[i].value.apply(t, n);
	}
};
function y(e, t) {
	for (var n = 0, r = e.length, i; n < r; ++n) if ((i = e[n]).name === t) return i.value;
}
function b(e, t, n) {
	for (var r = 0, i = e.length; r < i; ++r) if (e[r].name === t) {
		e[r] = h, e = e.slice(0, r).concat(e.slice(r + 1));
		break;
	}
	return n != null && e.push({
		name: t,
		value: n
	}), e;
}
var x = `http://www.w3.org/1999/xhtml`, S = {
	svg: `http://www.w3.org/2000/svg`,
	xhtml: x,
	xlink: `http://www.w3.org/1999/xlink`,
	xml: `http://www.w3.org/XML/1998/namespace`,
	xmlns: `http://www.w3.org/2000/xmlns/`
};
function C(e) {
	var t = e += ``, n = t.indexOf(`:`);
	return n >= 0 && (t = e.slice(0, n)) !== `xmlns` && (e = e.slice(n + 1)), S.hasOwnProperty(t) ? {
		space: S[t],
		local: e
	} : e;
}
function w(e) {
	return function() {
		var t = this.ownerDocument, n = this.namespaceURI;
		return n === x && t.documentElement.namespaceURI === x ? t.createElement(e) : t.createElementNS(n, e);
	};
}
function T(e) {
	return function() {
		return this.ownerDocument.createElementNS(e.space, e.local);
	};
}
function E(e) {
	var t = C(e);
	return (t.local ? T : w)(t);
}
function D() {}
function O(e) {
	return e == null ? D : function() {
		return this.querySelector(e);
	};
}
function k(e) {
	typeof e != `function` && (e = O(e));
	for (var t = this._groups, n = t.length, r = Array(n), i = 0; i < n; ++i) for (var a = t[i], o = a.length, s = r[i] = Array(o), c, l, u = 0; u < o; ++u) (c = a[u]) && (l = e.call(c, c.__data__, u, a)) && (`__data__` in c && (l.__data__ = c.__data__), s[u] = l);
	return new Mt(r, this._parents);
}
function A(e) {
	return e == null ? [] : Array.isArray(e) ? e : Array.from(e);
}
function j() {
	return [];
}
function M(e) {
	return e == null ? j : function() {
		return this.querySelectorAll(e);
	};
}
function ee(e) {
	return function() {
		return A(e.apply(this, arguments));
	};
}
function N(e) {
	e = typeof e == `function` ? ee(e) : M(e);
	for (var t = this._groups, n = t.length, r = [], i = [], a = 0; a < n; ++a) for (var o = t[a], s = o.length, c, l = 0; l < s; ++l) (c = o[l]) && (r.push(e.call(c, c.__data__, l, o)), i.push(c));
	return new Mt(r, i);
}
function P(e) {
	return function() {
		return this.matches(e);
	};
}
function te(e) {
	return function(t) {
		return t.matches(e);
	};
}
var ne = Array.prototype.find;
function re(e) {
	return function() {
		return ne.call(this.children, e);
	};
}
function ie() {
	return this.firstElementChild;
}
function F(e) {
	return this.select(e == null ? ie : re(typeof e == `function` ? e : te(e)));
}
var ae = Array.prototype.filter;
function oe() {
	return Array.from(this.children);
}
function se(e) {
	return function() {
		return ae.call(this.children, e);
	};
}
function ce(e) {
	return this.selectAll(e == null ? oe : se(typeof e == `function` ? e : te(e)));
}
function le(e) {
	typeof e != `function` && (e = P(e));
	for (var t = this._groups, n = t.length, r = Array(n), i = 0; i < n; ++i) for (var a = t[i], o = a.length, s = r[i] = [], c, l = 0; l < o; ++l) (c = a[l]) && e.call(c, c.__data__, l, a) && s.push(c);
	return new Mt(r, this._parents);
}
function ue(e) {
	return Array(e.length);
}
function de() {
	return new Mt(this._enter || this._groups.map(ue), this._parents);
}
function fe(e, t) {
	this.ownerDocument = e.ownerDocument, this.namespaceURI = e.namespaceURI, this._next = null, this._parent = e, this.__data__ = t;
}
fe.prototype = {
	constructor: fe,
	appendChild: function(e) {
		return this._parent.insertBefore(e, this._next);
	},
	insertBefore: function(e, t) {
		return this._parent.insertBefore(e, t);
	},
	querySelector: function(e) {
		return this._parent.querySelector(e);
	},
	querySelectorAll: function(e) {
		return this._parent.querySelectorAll(e);
	}
};
function pe(e) {
	return function() {
		return e;
	};
}
function me(e, t, n, r, i, a) {
	for (var o = 0, s, c = t.length, l = a.length; o < l; ++o) (s = t[o]) ? (s.__data__ = a[o], r[o] = s) : n[o] = new fe(e, a[o]);
	for (; o < c; ++o) (s = t[o]) && (i[o] = s);
}
function I(e, t, n, r, i, a, o) {
	var s, c, l = /* @__PURE__ */ new Map(), u = t.length, d = a.length, f = Array(u), p;
	for (s = 0; s < u; ++s) (c = t[s]) && (f[s] = p = o.call(c, c.__data__, s, t) + ``, l.has(p) ? i[s] = c : l.set(p, c));
	for (s = 0; s < d; ++s) p = o.call(e, a[s], s, a) + ``, (c = l.get(p)) ? (r[s] = c, c.__data__ = a[s], l.delete(p)) : n[s] = new fe(e, a[s]);
	for (s = 0; s < u; ++s) (c = t[s]) && l.get(f[s]) === c && (i[s] = c);
}
function L(e) {
	return e.__data__;
}
function he(e, t) {
	if (!arguments.length) return Array.from(this, L);
	var n = t ? I : me, r = this._parents, i = this._groups;
	typeof e != `function` && (e = pe(e));
	for (var a = i.length, o = Array(a), s = Array(a), c = Array(a), l = 0; l < a; ++l) {
		var u = r[l], d = i[l], f = d.length, p = ge(e.call(u, u && u.__data__, l, r)), m = p.length, h = s[l] = Array(m), g = o[l] = Array(m);
		n(u, d, h, g, c[l] = Array(f), p, t);
		for (var _ = 0, v = 0, y, b; _ < m; ++_) if (y = h[_]) {
			for (_ >= v && (v = _ + 1); !(b = g[v]) && ++v < m;);
			y._next = b || null;
		}
	}
	return o = new Mt(o, r), o._enter = s, o._exit = c, o;
}
function ge(e) {
	return typeof e == `object` && `length` in e ? e : Array.from(e);
}
function _e() {
	return new Mt(this._exit || this._groups.map(ue), this._parents);
}
function ve(e, t, n) {
	var r = this.enter(), i = this, a = this.exit();
	return typeof e == `function` ? (r = e(r), r &&= r.selection()) : r = r.append(e + ``), t != null && (i = t(i), i &&= i.selection()), n == null ? a.remove() : n(a), r && i ? r.merge(i).order() : i;
}
function ye(e) {
	for (var t = e.selection ? e.selection() : e, n = this._groups, r = t._groups, i = n.length, a = r.length, o = Math.min(i, a), s = Array(i), c = 0; c < o; ++c) for (var l = n[c], u = r[c], d = l.length, f = s[c] = Array(d), p, m = 0; m < d; ++m) (p = l[m] || u[m]) && (f[m] = p);
	for (; c < i; ++c) s[c] = n[c];
	return new Mt(s, this._parents);
}
function R() {
	for (var e = this._groups, t = -1, n = e.length; ++t < n;) for (var r = e[t], i = r.length - 1, a = r[i], o; --i >= 0;) (o = r[i]) && (a && o.compareDocumentPosition(a) ^ 4 && a.parentNode.insertBefore(o, a), a = o);
	return this;
}
function be(e) {
	e ||= xe;
	function t(t, n) {
		return t && n ? e(t.__data__, n.__data__) : !t - !n;
	}
	for (var n = this._groups, r = n.length, i = Array(r), a = 0; a < r; ++a) {
		for (var o = n[a], s = o.length, c = i[a] = Array(s), l, u = 0; u < s; ++u) (l = o[u]) && (c[u] = l);
		c.sort(t);
	}
	return new Mt(i, this._parents).order();
}
function xe(e, t) {
	return e < t ? -1 : e > t ? 1 : e >= t ? 0 : NaN;
}
function Se() {
	var e = arguments[0];
	return arguments[0] = this, e.apply(null, arguments), this;
}
function Ce() {
	return Array.from(this);
}
function we() {
	for (var e = this._groups, t = 0, n = e.length; t < n; ++t) for (var r = e[t], i = 0, a = r.length; i < a; ++i) {
		var o = r[i];
		if (o) return o;
	}
	return null;
}
function Te() {
	let e = 0;
	for (let t of this) ++e;
	return e;
}
function Ee() {
	return !this.node();
}
function De(e) {
	for (var t = this._groups, n = 0, r = t.length; n < r; ++n) for (var i = t[n], a = 0, o = i.length, s; a < o; ++a) (s = i[a]) && e.call(s, s.__data__, a, i);
	return this;
}
function Oe(e) {
	return function() {
		this.removeAttribute(e);
	};
}
function ke(e) {
	return function() {
		this.removeAttributeNS(e.space, e.local);
	};
}
function Ae(e, t) {
	return function() {
		this.setAttribute(e, t);
	};
}
function je(e, t) {
	return function() {
		this.setAttributeNS(e.space, e.local, t);
	};
}
function Me(e, t) {
	return function() {
		var n = t.apply(this, arguments);
		n == null ? this.removeAttribute(e) : this.setAttribute(e, n);
	};
}
function Ne(e, t) {
	return function() {
		var n = t.apply(this, arguments);
		n == null ? this.removeAttributeNS(e.space, e.local) : this.setAttributeNS(e.space, e.local, n);
	};
}
function Pe(e, t) {
	var n = C(e);
	if (arguments.length < 2) {
		var r = this.node();
		return n.local ? r.getAttributeNS(n.space, n.local) : r.getAttribute(n);
	}
	return this.each((t == null ? n.local ? ke : Oe : typeof t == `function` ? n.local ? Ne : Me : n.local ? je : Ae)(n, t));
}
function Fe(e) {
	return e.ownerDocument && e.ownerDocument.defaultView || e.document && e || e.defaultView;
}
function Ie(e) {
	return function() {
		this.style.removeProperty(e);
	};
}
function Le(e, t, n) {
	return function() {
		this.style.setProperty(e, t, n);
	};
}
function Re(e, t, n) {
	return function() {
		var r = t.apply(this, arguments);
		r == null ? this.style.removeProperty(e) : this.style.setProperty(e, r, n);
	};
}
function ze(e, t, n) {
	return arguments.length > 1 ? this.each((t == null ? Ie : typeof t == `function` ? Re : Le)(e, t, n ?? ``)) : Be(this.node(), e);
}
function Be(e, t) {
	return e.style.getPropertyValue(t) || Fe(e).getComputedStyle(e, null).getPropertyValue(t);
}
function Ve(e) {
	return function() {
		delete this[e];
	};
}
function He(e, t) {
	return function() {
		this[e] = t;
	};
}
function Ue(e, t) {
	return function() {
		var n = t.apply(this, arguments);
		n == null ? delete this[e] : this[e] = n;
	};
}
function We(e, t) {
	return arguments.length > 1 ? this.each((t == null ? Ve : typeof t == `function` ? Ue : He)(e, t)) : this.node()[e];
}
function Ge(e) {
	return e.trim().split(/^|\s+/);
}
function Ke(e) {
	return e.classList || new qe(e);
}
function qe(e) {
	this._node = e, this._names = Ge(e.getAttribute(`class`) || ``);
}
qe.prototype = {
	add: function(e) {
		this._names.indexOf(e) < 0 && (this._names.push(e), this._node.setAttribute(`class`, this._names.join(` `)));
	},
	remove: function(e) {
		var t = this._names.indexOf(e);
		t >= 0 && (this._names.splice(t, 1), this._node.setAttribute(`class`, this._names.join(` `)));
	},
	contains: function(e) {
		return this._names.indexOf(e) >= 0;
	}
};
function Je(e, t) {
	for (var n = Ke(e), r = -1, i = t.length; ++r < i;) n.add(t[r]);
}
function Ye(e, t) {
	for (var n = Ke(e), r = -1, i = t.length; ++r < i;) n.remove(t[r]);
}
function Xe(e) {
	return function() {
		Je(this, e);
	};
}
function Ze(e) {
	return function() {
		Ye(this, e);
	};
}
function Qe(e, t) {
	return function() {
		(t.apply(this, arguments) ? Je : Ye)(this, e);
	};
}
function $e(e, t) {
	var n = Ge(e + ``);
	if (arguments.length < 2) {
		for (var r = Ke(this.node()), i = -1, a = n.length; ++i < a;) if (!r.contains(n[i])) return !1;
		return !0;
	}
	return this.each((typeof t == `function` ? Qe : t ? Xe : Ze)(n, t));
}
function et() {
	this.textContent = ``;
}
function tt(e) {
	return function() {
		this.textContent = e;
	};
}
function nt(e) {
	return function() {
		var t = e.apply(this, arguments);
		this.textContent = t ?? ``;
	};
}
function rt(e) {
	return arguments.length ? this.each(e == null ? et : (typeof e == `function` ? nt : tt)(e)) : this.node().textContent;
}
function it() {
	this.innerHTML = ``;
}
function at(e) {
	return function() {
		this.innerHTML = e;
	};
}
function ot(e) {
	return function() {
		var t = e.apply(this, arguments);
		this.innerHTML = t ?? ``;
	};
}
function st(e) {
	return arguments.length ? this.each(e == null ? it : (typeof e == `function` ? ot : at)(e)) : this.node().innerHTML;
}
function ct() {
	this.nextSibling && this.parentNode.appendChild(this);
}
function lt() {
	return this.each(ct);
}
function ut() {
	this.previousSibling && this.parentNode.insertBefore(this, this.parentNode.firstChild);
}
function dt() {
	return this.each(ut);
}
function ft(e) {
	var t = typeof e == `function` ? e : E(e);
	return this.select(function() {
		return this.appendChild(t.apply(this, arguments));
	});
}
function pt() {
	return null;
}
function mt(e, t) {
	var n = typeof e == `function` ? e : E(e), r = t == null ? pt : typeof t == `function` ? t : O(t);
	return this.select(function() {
		return this.insertBefore(n.apply(this, arguments), r.apply(this, arguments) || null);
	});
}
function ht() {
	var e = this.parentNode;
	e && e.removeChild(this);
}
function gt() {
	return this.each(ht);
}
function _t() {
	var e = this.cloneNode(!1), t = this.parentNode;
	return t ? t.insertBefore(e, this.nextSibling) : e;
}
function vt() {
	var e = this.cloneNode(!0), t = this.parentNode;
	return t ? t.insertBefore(e, this.nextSibling) : e;
}
function yt(e) {
	return this.select(e ? vt : _t);
}
function bt(e) {
	return arguments.length ? this.property(`__data__`, e) : this.node().__data__;
}
function xt(e) {
	return function(t) {
		e.call(this, t, this.__data__);
	};
}
function St(e) {
	return e.trim().split(/^|\s+/).map(function(e) {
		var t = ``, n = e.indexOf(`.`);
		return n >= 0 && (t = e.slice(n + 1), e = e.slice(0, n)), {
			type: e,
			name: t
		};
	});
}
function Ct(e) {
	return function() {
		var t = this.__on;
		if (t) {
			for (var n = 0, r = -1, i = t.length, a; n < i; ++n) a = t[n], (!e.type || a.type === e.type) && a.name === e.name ? this.removeEventListener(a.type, a.listener, a.options) : t[++r] = a;
			++r ? t.length = r : delete this.__on;
		}
	};
}
function wt(e, t, n) {
	return function() {
		var r = this.__on, i, a = xt(t);
		if (r) {
			for (var o = 0, s = r.length; o < s; ++o) if ((i = r[o]).type === e.type && i.name === e.name) {
				this.removeEventListener(i.type, i.listener, i.options), this.addEventListener(i.type, i.listener = a, i.options = n), i.value = t;
				return;
			}
		}
		this.addEventListener(e.type, a, n), i = {
			type: e.type,
			name: e.name,
			value: t,
			listener: a,
			options: n
		}, r ? r.push(i) : this.__on = [i];
	};
}
function Tt(e, t, n) {
	var r = St(e + ``), i, a = r.length, o;
	if (arguments.length < 2) {
		var s = this.node().__on;
		if (s) {
			for (var c = 0, l = s.length, u; c < l; ++c) for (i = 0, u = s[c]; i < a; ++i) if ((o = r[i]).type === u.type && o.name === u.name) return u.value;
		}
	} else {
		for (s = t ? wt : Ct, i = 0; i < a; ++i) this.each(s(r[i], t, n));
		return this;
	}
}
function Et(e, t, n) {
	var r = Fe(e), i = r.CustomEvent;
	typeof i == `function` ? i = new i(t, n) : (i = r.document.createEvent(`Event`), n ? (i.initEvent(t, n.bubbles, n.cancelable), i.detail = n.detail) : i.initEvent(t, !1, !1)), e.dispatchEvent(i);
}
function Dt(e, t) {
	return function() {
		return Et(this, e, t);
	};
}
function Ot(e, t) {
	return function() {
		return Et(this, e, t.apply(this, arguments));
	};
}
function kt(e, t) {
	return this.each((typeof t == `function` ? Ot : Dt)(e, t));
}
function* At() {
	for (var e = this._groups, t = 0, n = e.length; t < n; ++t) for (var r = e[t], i = 0, a = r.length, o; i < a; ++i) (o = r[i]) && (yield o);
}
var jt = [null];
function Mt(e, t) {
	this._groups = e, this._parents = t;
}
function Nt() {
	return new Mt([[document.documentElement]], jt);
}
function Pt() {
	return this;
}
Mt.prototype = Nt.prototype = {
	constructor: Mt,
	select: k,
	selectAll: N,
	selectChild: F,
	selectChildren: ce,
	filter: le,
	data: he,
	enter: de,
	exit: _e,
	join: ve,
	merge: ye,
	selection: Pt,
	order: R,
	sort: be,
	call: Se,
	nodes: Ce,
	node: we,
	size: Te,
	empty: Ee,
	each: De,
	attr: Pe,
	style: ze,
	property: We,
	classed: $e,
	text: rt,
	html: st,
	raise: lt,
	lower: dt,
	append: ft,
	insert: mt,
	remove: gt,
	clone: yt,
	datum: bt,
	on: Tt,
	dispatch: kt,
	[Symbol.iterator]: At
};
function Ft(e) {
	return typeof e == `string` ? new Mt([[document.querySelector(e)]], [document.documentElement]) : new Mt([[e]], jt);
}
var It = 0;
function Lt() {
	return new Rt();
}
function Rt() {
	this._ = `@` + (++It).toString(36);
}
Rt.prototype = Lt.prototype = {
	constructor: Rt,
	get: function(e) {
		for (var t = this._; !(t in e);) if (!(e = e.parentNode)) return;
		return e[t];
	},
	set: function(e, t) {
		return e[this._] = t;
	},
	remove: function(e) {
		return this._ in e && delete e[this._];
	},
	toString: function() {
		return this._;
	}
};
function zt(e) {
	let t;
	for (; t = e.sourceEvent;) e = t;
	return e;
}
function Bt(e, t) {
	if (e = zt(e), t === void 0 && (t = e.currentTarget), t) {
		var n = t.ownerSVGElement || t;
		if (n.createSVGPoint) {
			var r = n.createSVGPoint();
			return r.x = e.clientX, r.y = e.clientY, r = r.matrixTransform(t.getScreenCTM().inverse()), [r.x, r.y];
		}
		if (t.getBoundingClientRect) {
			var i = t.getBoundingClientRect();
			return [e.clientX - i.left - t.clientLeft, e.clientY - i.top - t.clientTop];
		}
	}
	return [e.pageX, e.pageY];
}
var Vt = { passive: !1 }, Ht = {
	capture: !0,
	passive: !1
};
function Ut(e) {
	e.stopImmediatePropagation();
}
function Wt(e) {
	e.preventDefault(), e.stopImmediatePropagation();
}
function Gt(e) {
	var t = e.document.documentElement, n = Ft(e).on(`dragstart.drag`, Wt, Ht);
	`onselectstart` in t ? n.on(`selectstart.drag`, Wt, Ht) : (t.__noselect = t.style.MozUserSelect, t.style.MozUserSelect = `none`);
}
function z(e, t) {
	var n = e.document.documentElement, r = Ft(e).on(`dragstart.drag`, null);
	t && (r.on(`click.drag`, Wt, Ht), setTimeout(function() {
		r.on(`click.drag`, null);
	}, 0)), `onselectstart` in n ? r.on(`selectstart.drag`, null) : (n.style.MozUserSelect = n.__noselect, delete n.__noselect);
}
var Kt = (e) => () => e;
function qt(e, { sourceEvent: t, subject: n, target: r, identifier: i, active: a, x: o, y: s, dx: c, dy: l, dispatch: u }) {
	Object.defineProperties(this, {
		type: {
			value: e,
			enumerable: !0,
			configurable: !0
		},
		sourceEvent: {
			value: t,
			enumerable: !0,
			configurable: !0
		},
		subject: {
			value: n,
			enumerable: !0,
			configurable: !0
		},
		target: {
			value: r,
			enumerable: !0,
			configurable: !0
		},
		identifier: {
			value: i,
			enumerable: !0,
			configurable: !0
		},
		active: {
			value: a,
			enumerable: !0,
			configurable: !0
		},
		x: {
			value: o,
			enumerable: !0,
			configurable: !0
		},
		y: {
			value: s,
			enumerable: !0,
			configurable: !0
		},
		dx: {
			value: c,
			enumerable: !0,
			configurable: !0
		},
		dy: {
			value: l,
			enumerable: !0,
			configurable: !0
		},
		_: { value: u }
	});
}
qt.prototype.on = function() {
	var e = this._.on.apply(this._, arguments);
	return e === this._ ? this : e;
};
function Jt(e) {
	return !e.ctrlKey && !e.button;
}
function Yt() {
	return this.parentNode;
}
function Xt(e, t) {
	return t ?? {
		x: e.x,
		y: e.y
	};
}
function Zt() {
	return navigator.maxTouchPoints || `ontouchstart` in this;
}
function Qt() {
	var e = Jt, t = Yt, n = Xt, r = Zt, i = {}, a = g(`start`, `drag`, `end`), o = 0, s, c, l, u, d = 0;
	function f(e) {
		e.on(`mousedown.drag`, p).filter(r).on(`touchstart.drag`, _).on(`touchmove.drag`, v, Vt).on(`touchend.drag touchcancel.drag`, y).style(`touch-action`, `none`).style(`-webkit-tap-highlight-color`, `rgba(0,0,0,0)`);
	}
	function p(n, r) {
		if (!u && e.call(this, n, r)) {
			var i = b(this, t.call(this, n, r), n, r, `mouse`);
			i && (Ft(n.view).on(`mousemove.drag`, m, Ht).on(`mouseup.drag`, h, Ht), Gt(n.view), Ut(n), l = !1, s = n.clientX, c = n.clientY, i(`start`, n));
		}
	}
	function m(e) {
		if (Wt(e), !l) {
			var t = e.clientX - s, n = e.clientY - c;
			l = t * t + n * n > d;
		}
		i.mouse(`drag`, e);
	}
	function h(e) {
		Ft(e.view).on(`mousemove.drag mouseup.drag`, null), z(e.view, l), Wt(e), i.mouse(`end`, e);
	}
	function _(n, r) {
		if (e.call(this, n, r)) for (var i = n.changedTouches, a = t.call(this, n, r), o = i.length, s = 0, c; s < o; ++s) (c = b(this, a, n, r, i[s].identifier, i[s])) && (Ut(n), c(`start`, n, i[s]));
	}
	function v(e) {
		for (var t = e.changedTouches, n = t.length, r = 0, a; r < n; ++r) (a = i[t[r].identifier]) && (Wt(e), a(`drag`, e, t[r]));
	}
	function y(e) {
		var t = e.changedTouches, n = t.length, r, a;
		for (u && clearTimeout(u), u = setTimeout(function() {
			u = null;
		}, 500), r = 0; r < n; ++r) (a = i[t[r].identifier]) && (Ut(e), a(`end`, e, t[r]));
	}
	function b(e, t, r, s, c, l) {
		var u = a.copy(), d = Bt(l || r, t), p, m, h;
		if ((h = n.call(e, new qt(`beforestart`, {
			sourceEvent: r,
			target: f,
			identifier: c,
			active: o,
			x: d[0],
			y: d[1],
			dx: 0,
			dy: 0,
			dispatch: u
		}), s)) != null) return p = h.x - d[0] || 0, m = h.y - d[1] || 0, function n(r, a, l) {
			var g = d, _;
			switch (r) {
				case `start`:
					i[c] = n, _ = o++;
					break;
				case `end`: delete i[c], --o;
				case `drag`: d = Bt(l || a, t), _ = o;
			}
			u.call(r, e, new qt(r, {
				sourceEvent: a,
				subject: h,
				target: f,
				identifier: c,
				active: _,
				x: d[0] + p,
				y: d[1] + m,
				dx: d[0] - g[0],
				dy: d[1] - g[1],
				dispatch: u
			}), s);
		};
	}
	return f.filter = function(t) {
		return arguments.length ? (e = typeof t == `function` ? t : Kt(!!t), f) : e;
	}, f.container = function(e) {
		return arguments.length ? (t = typeof e == `function` ? e : Kt(e), f) : t;
	}, f.subject = function(e) {
		return arguments.length ? (n = typeof e == `function` ? e : Kt(e), f) : n;
	}, f.touchable = function(e) {
		return arguments.length ? (r = typeof e == `function` ? e : Kt(!!e), f) : r;
	}, f.on = function() {
		var e = a.on.apply(a, arguments);
		return e === a ? f : e;
	}, f.clickDistance = function(e) {
		return arguments.length ? (d = (e = +e) * e, f) : Math.sqrt(d);
	}, f;
}
function $t(e, t, n) {
	e.prototype = t.prototype = n, n.constructor = e;
}
function en(e, t) {
	var n = Object.create(e.prototype);
	for (var r in t) n[r] = t[r];
	return n;
}
function tn() {}
var nn = .7, rn = 1 / nn, an = `\\s*([+-]?\\d+)\\s*`, on = `\\s*([+-]?(?:\\d*\\.)?\\d+(?:[eE][+-]?\\d+)?)\\s*`, sn = `\\s*([+-]?(?:\\d*\\.)?\\d+(?:[eE][+-]?\\d+)?)%\\s*`, cn = /^#([0-9a-f]{3,8})$/, ln = RegExp(`^rgb\\(${an},${an},${an}\\)$`), un = RegExp(`^rgb\\(${sn},${sn},${sn}\\)$`), dn = RegExp(`^rgba\\(${an},${an},${an},${on}\\)$`), fn = RegExp(`^rgba\\(${sn},${sn},${sn},${on}\\)$`), pn = RegExp(`^hsl\\(${on},${sn},${sn}\\)$`), mn = RegExp(`^hsla\\(${on},${sn},${sn},${on}\\)$`), hn = {
	aliceblue: 15792383,
	antiquewhite: 16444375,
	aqua: 65535,
	aquamarine: 8388564,
	azure: 15794175,
	beige: 16119260,
	bisque: 16770244,
	black: 0,
	blanchedalmond: 16772045,
	blue: 255,
	blueviolet: 9055202,
	brown: 10824234,
	burlywood: 14596231,
	cadetblue: 6266528,
	chartreuse: 8388352,
	chocolate: 13789470,
	coral: 16744272,
	cornflowerblue: 6591981,
	cornsilk: 16775388,
	crimson: 14423100,
	cyan: 65535,
	darkblue: 139,
	darkcyan: 35723,
	darkgoldenrod: 12092939,
	darkgray: 11119017,
	darkgreen: 25600,
	darkgrey: 11119017,
	darkkhaki: 12433259,
	darkmagenta: 9109643,
	darkolivegreen: 5597999,
	darkorange: 16747520,
	darkorchid: 10040012,
	darkred: 9109504,
	darksalmon: 15308410,
	darkseagreen: 9419919,
	darkslateblue: 4734347,
	darkslategray: 3100495,
	darkslategrey: 3100495,
	darkturquoise: 52945,
	darkviolet: 9699539,
	deeppink: 16716947,
	deepskyblue: 49151,
	dimgray: 6908265,
	dimgrey: 6908265,
	dodgerblue: 2003199,
	firebrick: 11674146,
	floralwhite: 16775920,
	forestgreen: 2263842,
	fuchsia: 16711935,
	gainsboro: 14474460,
	ghostwhite: 16316671,
	gold: 16766720,
	goldenrod: 14329120,
	gray: 8421504,
	green: 32768,
	greenyellow: 11403055,
	grey: 8421504,
	honeydew: 15794160,
	hotpink: 16738740,
	indianred: 13458524,
	indigo: 4915330,
	ivory: 16777200,
	khaki: 15787660,
	lavender: 15132410,
	lavenderblush: 16773365,
	lawngreen: 8190976,
	lemonchiffon: 16775885,
	lightblue: 11393254,
	lightcoral: 15761536,
	lightcyan: 14745599,
	lightgoldenrodyellow: 16448210,
	lightgray: 13882323,
	lightgreen: 9498256,
	lightgrey: 13882323,
	lightpink: 16758465,
	lightsalmon: 16752762,
	lightseagreen: 2142890,
	lightskyblue: 8900346,
	lightslategray: 7833753,
	lightslategrey: 7833753,
	lightsteelblue: 11584734,
	lightyellow: 16777184,
	lime: 65280,
	limegreen: 3329330,
	linen: 16445670,
	magenta: 16711935,
	maroon: 8388608,
	mediumaquamarine: 6737322,
	mediumblue: 205,
	mediumorchid: 12211667,
	mediumpurple: 9662683,
	mediumseagreen: 3978097,
	mediumslateblue: 8087790,
	mediumspringgreen: 64154,
	mediumturquoise: 4772300,
	mediumvioletred: 13047173,
	midnightblue: 1644912,
	mintcream: 16121850,
	mistyrose: 16770273,
	moccasin: 16770229,
	navajowhite: 16768685,
	navy: 128,
	oldlace: 16643558,
	olive: 8421376,
	olivedrab: 7048739,
	orange: 16753920,
	orangered: 16729344,
	orchid: 14315734,
	palegoldenrod: 15657130,
	palegreen: 10025880,
	paleturquoise: 11529966,
	palevioletred: 14381203,
	papayawhip: 16773077,
	peachpuff: 16767673,
	peru: 13468991,
	pink: 16761035,
	plum: 14524637,
	powderblue: 11591910,
	purple: 8388736,
	rebeccapurple: 6697881,
	red: 16711680,
	rosybrown: 12357519,
	royalblue: 4286945,
	saddlebrown: 9127187,
	salmon: 16416882,
	sandybrown: 16032864,
	seagreen: 3050327,
	seashell: 16774638,
	sienna: 10506797,
	silver: 12632256,
	skyblue: 8900331,
	slateblue: 6970061,
	slategray: 7372944,
	slategrey: 7372944,
	snow: 16775930,
	springgreen: 65407,
	steelblue: 4620980,
	tan: 13808780,
	teal: 32896,
	thistle: 14204888,
	tomato: 16737095,
	turquoise: 4251856,
	violet: 15631086,
	wheat: 16113331,
	white: 16777215,
	whitesmoke: 16119285,
	yellow: 16776960,
	yellowgreen: 10145074
};
$t(tn, bn, {
	copy(e) {
		return Object.assign(new this.constructor(), this, e);
	},
	displayable() {
		return this.rgb().displayable();
	},
	hex: gn,
	formatHex: gn,
	formatHex8: _n,
	formatHsl: vn,
	formatRgb: yn,
	toString: yn
});
function gn() {
	return this.rgb().formatHex();
}
function _n() {
	return this.rgb().formatHex8();
}
function vn() {
	return Nn(this).formatHsl();
}
function yn() {
	return this.rgb().formatRgb();
}
function bn(e) {
	var t, n;
	return e = (e + ``).trim().toLowerCase(), (t = cn.exec(e)) ? (n = t[1].length, t = parseInt(t[1], 16), n === 6 ? xn(t) : n === 3 ? new Tn(t >> 8 & 15 | t >> 4 & 240, t >> 4 & 15 | t & 240, (t & 15) << 4 | t & 15, 1) : n === 8 ? Sn(t >> 24 & 255, t >> 16 & 255, t >> 8 & 255, (t & 255) / 255) : n === 4 ? Sn(t >> 12 & 15 | t >> 8 & 240, t >> 8 & 15 | t >> 4 & 240, t >> 4 & 15 | t & 240, ((t & 15) << 4 | t & 15) / 255) : null) : (t = ln.exec(e)) ? new Tn(t[1], t[2], t[3], 1) : (t = un.exec(e)) ? new Tn(t[1] * 255 / 100, t[2] * 255 / 100, t[3] * 255 / 100, 1) : (t = dn.exec(e)) ? Sn(t[1], t[2], t[3], t[4]) : (t = fn.exec(e)) ? Sn(t[1] * 255 / 100, t[2] * 255 / 100, t[3] * 255 / 100, t[4]) : (t = pn.exec(e)) ? Mn(t[1], t[2] / 100, t[3] / 100, 1) : (t = mn.exec(e)) ? Mn(t[1], t[2] / 100, t[3] / 100, t[4]) : hn.hasOwnProperty(e) ? xn(hn[e]) : e === `transparent` ? new Tn(NaN, NaN, NaN, 0) : null;
}
function xn(e) {
	return new Tn(e >> 16 & 255, e >> 8 & 255, e & 255, 1);
}
function Sn(e, t, n, r) {
	return r <= 0 && (e = t = n = NaN), new Tn(e, t, n, r);
}
function Cn(e) {
	return e instanceof tn || (e = bn(e)), e ? (e = e.rgb(), new Tn(e.r, e.g, e.b, e.opacity)) : new Tn();
}
function wn(e, t, n, r) {
	return arguments.length === 1 ? Cn(e) : new Tn(e, t, n, r ?? 1);
}
function Tn(e, t, n, r) {
	this.r = +e, this.g = +t, this.b = +n, this.opacity = +r;
}
$t(Tn, wn, en(tn, {
	brighter(e) {
		return e = e == null ? rn : rn ** +e, new Tn(this.r * e, this.g * e, this.b * e, this.opacity);
	},
	darker(e) {
		return e = e == null ? nn : nn ** +e, new Tn(this.r * e, this.g * e, this.b * e, this.opacity);
	},
	rgb() {
		return this;
	},
	clamp() {
		return new Tn(An(this.r), An(this.g), An(this.b), kn(this.opacity));
	},
	displayable() {
		return -.5 <= this.r && this.r < 255.5 && -.5 <= this.g && this.g < 255.5 && -.5 <= this.b && this.b < 255.5 && 0 <= this.opacity && this.opacity <= 1;
	},
	hex: En,
	formatHex: En,
	formatHex8: Dn,
	formatRgb: On,
	toString: On
}));
function En() {
	return `#${jn(this.r)}${jn(this.g)}${jn(this.b)}`;
}
function Dn() {
	return `#${jn(this.r)}${jn(this.g)}${jn(this.b)}${jn((isNaN(this.opacity) ? 1 : this.opacity) * 255)}`;
}
function On() {
	let e = kn(this.opacity);
	return `${e === 1 ? `rgb(` : `rgba(`}${An(this.r)}, ${An(this.g)}, ${An(this.b)}${e === 1 ? `)` : `, ${e})`}`;
}
function kn(e) {
	return isNaN(e) ? 1 : Math.max(0, Math.min(1, e));
}
function An(e) {
	return Math.max(0, Math.min(255, Math.round(e) || 0));
}
function jn(e) {
	return e = An(e), (e < 16 ? `0` : ``) + e.toString(16);
}
function Mn(e, t, n, r) {
	return r <= 0 ? e = t = n = NaN : n <= 0 || n >= 1 ? e = t = NaN : t <= 0 && (e = NaN), new Fn(e, t, n, r);
}
function Nn(e) {
	if (e instanceof Fn) return new Fn(e.h, e.s, e.l, e.opacity);
	if (e instanceof tn || (e = bn(e)), !e) return new Fn();
	if (e instanceof Fn) return e;
	e = e.rgb();
	var t = e.r / 255, n = e.g / 255, r = e.b / 255, i = Math.min(t, n, r), a = Math.max(t, n, r), o = NaN, s = a - i, c = (a + i) / 2;
	return s ? (o = t === a ? (n - r) / s + (n < r) * 6 : n === a ? (r - t) / s + 2 : (t - n) / s + 4, s /= c < .5 ? a + i : 2 - a - i, o *= 60) : s = c > 0 && c < 1 ? 0 : o, new Fn(o, s, c, e.opacity);
}
function Pn(e, t, n, r) {
	return arguments.length === 1 ? Nn(e) : new Fn(e, t, n, r ?? 1);
}
function Fn(e, t, n, r) {
	this.h = +e, this.s = +t, this.l = +n, this.opacity = +r;
}
$t(Fn, Pn, en(tn, {
	brighter(e) {
		return e = e == null ? rn : rn ** +e, new Fn(this.h, this.s, this.l * e, this.opacity);
	},
	darker(e) {
		return e = e == null ? nn : nn ** +e, new Fn(this.h, this.s, this.l * e, this.opacity);
	},
	rgb() {
		var e = this.h % 360 + (this.h < 0) * 360, t = isNaN(e) || isNaN(this.s) ? 0 : this.s, n = this.l, r = n + (n < .5 ? n : 1 - n) * t, i = 2 * n - r;
		return new Tn(Rn(e >= 240 ? e - 240 : e + 120, i, r), Rn(e, i, r), Rn(e < 120 ? e + 240 : e - 120, i, r), this.opacity);
	},
	clamp() {
		return new Fn(In(this.h), Ln(this.s), Ln(this.l), kn(this.opacity));
	},
	displayable() {
		return (0 <= this.s && this.s <= 1 || isNaN(this.s)) && 0 <= this.l && this.l <= 1 && 0 <= this.opacity && this.opacity <= 1;
	},
	formatHsl() {
		let e = kn(this.opacity);
		return `${e === 1 ? `hsl(` : `hsla(`}${In(this.h)}, ${Ln(this.s) * 100}%, ${Ln(this.l) * 100}%${e === 1 ? `)` : `, ${e})`}`;
	}
}));
function In(e) {
	return e = (e || 0) % 360, e < 0 ? e + 360 : e;
}
function Ln(e) {
	return Math.max(0, Math.min(1, e || 0));
}
function Rn(e, t, n) {
	return (e < 60 ? t + (n - t) * e / 60 : e < 180 ? n : e < 240 ? t + (n - t) * (240 - e) / 60 : t) * 255;
}
var zn = Math.PI / 180, Bn = 180 / Math.PI, Vn = 18, Hn = .96422, Un = 1, Wn = .82521, Gn = 4 / 29, Kn = 6 / 29, qn = 3 * Kn * Kn, Jn = Kn * Kn * Kn;
function Yn(e) {
	if (e instanceof Zn) return new Zn(e.l, e.a, e.b, e.opacity);
	if (e instanceof ir) return ar(e);
	e instanceof Tn || (e = Cn(e));
	var t = tr(e.r), n = tr(e.g), r = tr(e.b), i = Qn((.2225045 * t + .7168786 * n + .0606169 * r) / Un), a, o;
	return t === n && n === r ? a = o = i : (a = Qn((.4360747 * t + .3850649 * n + .1430804 * r) / Hn), o = Qn((.0139322 * t + .0971045 * n + .7141733 * r) / Wn)), new Zn(116 * i - 16, 500 * (a - i), 200 * (i - o), e.opacity);
}
function Xn(e, t, n, r) {
	return arguments.length === 1 ? Yn(e) : new Zn(e, t, n, r ?? 1);
}
function Zn(e, t, n, r) {
	this.l = +e, this.a = +t, this.b = +n, this.opacity = +r;
}
$t(Zn, Xn, en(tn, {
	brighter(e) {
		return new Zn(this.l + Vn * (e ?? 1), this.a, this.b, this.opacity);
	},
	darker(e) {
		return new Zn(this.l - Vn * (e ?? 1), this.a, this.b, this.opacity);
	},
	rgb() {
		var e = (this.l + 16) / 116, t = isNaN(this.a) ? e : e + this.a / 500, n = isNaN(this.b) ? e : e - this.b / 200;
		return t = Hn * $n(t), e = Un * $n(e), n = Wn * $n(n), new Tn(er(3.1338561 * t - 1.6168667 * e - .4906146 * n), er(-.9787684 * t + 1.9161415 * e + .033454 * n), er(.0719453 * t - .2289914 * e + 1.4052427 * n), this.opacity);
	}
}));
function Qn(e) {
	return e > Jn ? e ** (1 / 3) : e / qn + Gn;
}
function $n(e) {
	return e > Kn ? e * e * e : qn * (e - Gn);
}
function er(e) {
	return 255 * (e <= .0031308 ? 12.92 * e : 1.055 * e ** (1 / 2.4) - .055);
}
function tr(e) {
	return (e /= 255) <= .04045 ? e / 12.92 : ((e + .055) / 1.055) ** 2.4;
}
function nr(e) {
	if (e instanceof ir) return new ir(e.h, e.c, e.l, e.opacity);
	if (e instanceof Zn || (e = Yn(e)), e.a === 0 && e.b === 0) return new ir(NaN, 0 < e.l && e.l < 100 ? 0 : NaN, e.l, e.opacity);
	var t = Math.atan2(e.b, e.a) * Bn;
	return new ir(t < 0 ? t + 360 : t, Math.sqrt(e.a * e.a + e.b * e.b), e.l, e.opacity);
}
function rr(e, t, n, r) {
	return arguments.length === 1 ? nr(e) : new ir(e, t, n, r ?? 1);
}
function ir(e, t, n, r) {
	this.h = +e, this.c = +t, this.l = +n, this.opacity = +r;
}
function ar(e) {
	if (isNaN(e.h)) return new Zn(e.l, 0, 0, e.opacity);
	var t = e.h * zn;
	return new Zn(e.l, Math.cos(t) * e.c, Math.sin(t) * e.c, e.opacity);
}
$t(ir, rr, en(tn, {
	brighter(e) {
		return new ir(this.h, this.c, this.l + Vn * (e ?? 1), this.opacity);
	},
	darker(e) {
		return new ir(this.h, this.c, this.l - Vn * (e ?? 1), this.opacity);
	},
	rgb() {
		return ar(this).rgb();
	}
}));
var or = -.14861, sr = 1.78277, cr = -.29227, lr = -.90649, ur = 1.97294, dr = ur * lr, fr = ur * sr, pr = sr * cr - lr * or;
function mr(e) {
	if (e instanceof gr) return new gr(e.h, e.s, e.l, e.opacity);
	e instanceof Tn || (e = Cn(e));
	var t = e.r / 255, n = e.g / 255, r = e.b / 255, i = (pr * r + dr * t - fr * n) / (pr + dr - fr), a = r - i, o = (ur * (n - i) - cr * a) / lr, s = Math.sqrt(o * o + a * a) / (ur * i * (1 - i)), c = s ? Math.atan2(o, a) * Bn - 120 : NaN;
	return new gr(c < 0 ? c + 360 : c, s, i, e.opacity);
}
function hr(e, t, n, r) {
	return arguments.length === 1 ? mr(e) : new gr(e, t, n, r ?? 1);
}
function gr(e, t, n, r) {
	this.h = +e, this.s = +t, this.l = +n, this.opacity = +r;
}
$t(gr, hr, en(tn, {
	brighter(e) {
		return e = e == null ? rn : rn ** +e, new gr(this.h, this.s, this.l * e, this.opacity);
	},
	darker(e) {
		return e = e == null ? nn : nn ** +e, new gr(this.h, this.s, this.l * e, this.opacity);
	},
	rgb() {
		var e = isNaN(this.h) ? 0 : (this.h + 120) * zn, t = +this.l, n = isNaN(this.s) ? 0 : this.s * t * (1 - t), r = Math.cos(e), i = Math.sin(e);
		return new Tn(255 * (t + n * (or * r + sr * i)), 255 * (t + n * (cr * r + lr * i)), 255 * (t + ur * r * n), this.opacity);
	}
}));
var _r = (e) => () => e;
function vr(e, t) {
	return function(n) {
		return e + n * t;
	};
}
function yr(e, t, n) {
	return e **= +n, t = t ** +n - e, n = 1 / n, function(r) {
		return (e + r * t) ** +n;
	};
}
function br(e, t) {
	var n = t - e;
	return n ? vr(e, n > 180 || n < -180 ? n - 360 * Math.round(n / 360) : n) : _r(isNaN(e) ? t : e);
}
function xr(e) {
	return (e = +e) == 1 ? Sr : function(t, n) {
		return n - t ? yr(t, n, e) : _r(isNaN(t) ? n : t);
	};
}
function Sr(e, t) {
	var n = t - e;
	return n ? vr(e, n) : _r(isNaN(e) ? t : e);
}
var Cr = (function e(t) {
	var n = xr(t);
	function r(e, t) {
		var r = n((e = wn(e)).r, (t = wn(t)).r), i = n(e.g, t.g), a = n(e.b, t.b), o = Sr(e.opacity, t.opacity);
		return function(t) {
			return e.r = r(t), e.g = i(t), e.b = a(t), e.opacity = o(t), e + ``;
		};
	}
	return r.gamma = e, r;
})(1);
function wr(e, t) {
	t ||= [];
	var n = e ? Math.min(t.length, e.length) : 0, r = t.slice(), i;
	return function(a) {
		for (i = 0; i < n; ++i) r[i] = e[i] * (1 - a) + t[i] * a;
		return r;
	};
}
function Tr(e) {
	return ArrayBuffer.isView(e) && !(e instanceof DataView);
}
function Er(e, t) {
	for (var n = t ? t.length : 0, r = e ? Math.min(n, e.length) : 0, i = Array(r), a = Array(n), o = 0; o < r; ++o) i[o] = Fr(e[o], t[o]);
	for (; o < n; ++o) a[o] = t[o];
	return function(e) {
		for (o = 0; o < r; ++o) a[o] = i[o](e);
		return a;
	};
}
function Dr(e, t) {
	var n = /* @__PURE__ */ new Date();
	return e = +e, t = +t, function(r) {
		return n.setTime(e * (1 - r) + t * r), n;
	};
}
function Or(e, t) {
	return e = +e, t = +t, function(n) {
		return e * (1 - n) + t * n;
	};
}
function kr(e, t) {
	var n = {}, r = {}, i;
	for (i in typeof e == `object` && e || (e = {}), typeof t == `object` && t || (t = {}), t) i in e ? n[i] = Fr(e[i], t[i]) : r[i] = t[i];
	return function(e) {
		for (i in n) r[i] = n[i](e);
		return r;
	};
}
var Ar = /[-+]?(?:\d+\.?\d*|\.?\d+)(?:[eE][-+]?\d+)?/g, jr = new RegExp(Ar.source, `g`);
function Mr(e) {
	return function() {
		return e;
	};
}
function Nr(e) {
	return function(t) {
		return e(t) + ``;
	};
}
function Pr(e, t) {
	var n = Ar.lastIndex = jr.lastIndex = 0, r, i, a, o = -1, s = [], c = [];
	for (e += ``, t += ``; (r = Ar.exec(e)) && (i = jr.exec(t));) (a = i.index) > n && (a = t.slice(n, a), s[o] ? s[o] += a : s[++o] = a), (r = r[0]) === (i = i[0]) ? s[o] ? s[o] += i : s[++o] = i : (s[++o] = null, c.push({
		i: o,
		x: Or(r, i)
	})), n = jr.lastIndex;
	return n < t.length && (a = t.slice(n), s[o] ? s[o] += a : s[++o] = a), s.length < 2 ? c[0] ? Nr(c[0].x) : Mr(t) : (t = c.length, function(e) {
		for (var n = 0, r; n < t; ++n) s[(r = c[n]).i] = r.x(e);
		return s.join(``);
	});
}
function Fr(e, t) {
	var n = typeof t, r;
	return t == null || n === `boolean` ? _r(t) : (n === `number` ? Or : n === `string` ? (r = bn(t)) ? (t = r, Cr) : Pr : t instanceof bn ? Cr : t instanceof Date ? Dr : Tr(t) ? wr : Array.isArray(t) ? Er : typeof t.valueOf != `function` && typeof t.toString != `function` || isNaN(t) ? kr : Or)(e, t);
}
var Ir = 180 / Math.PI, Lr = {
	translateX: 0,
	translateY: 0,
	rotate: 0,
	skewX: 0,
	scaleX: 1,
	scaleY: 1
};
function Rr(e, t, n, r, i, a) {
	var o, s, c;
	return (o = Math.sqrt(e * e + t * t)) && (e /= o, t /= o), (c = e * n + t * r) && (n -= e * c, r -= t * c), (s = Math.sqrt(n * n + r * r)) && (n /= s, r /= s, c /= s), e * r < t * n && (e = -e, t = -t, c = -c, o = -o), {
		translateX: i,
		translateY: a,
		rotate: Math.atan2(t, e) * Ir,
		skewX: Math.atan(c) * Ir,
		scaleX: o,
		scaleY: s
	};
}
var zr;
function Br(e) {
	let t = new (typeof DOMMatrix == `function` ? DOMMatrix : WebKitCSSMatrix)(e + ``);
	return t.isIdentity ? Lr : Rr(t.a, t.b, t.c, t.d, t.e, t.f);
}
function Vr(e) {
	return e == null || (zr ||= document.createElementNS(`http://www.w3.org/2000/svg`, `g`), zr.setAttribute(`transform`, e), !(e = zr.transform.baseVal.consolidate())) ? Lr : (e = e.matrix, Rr(e.a, e.b, e.c, e.d, e.e, e.f));
}
function Hr(e, t, n, r) {
	function i(e) {
		return e.length ? e.pop() + ` ` : ``;
	}
	function a(e, r, i, a, o, s) {
		if (e !== i || r !== a) {
			var c = o.push(`translate(`, null, t, null, n);
			s.push({
				i: c - 4,
				x: Or(e, i)
			}, {
				i: c - 2,
				x: Or(r, a)
			});
		} else (i || a) && o.push(`translate(` + i + t + a + n);
	}
	function o(e, t, n, a) {
		e === t ? t && n.push(i(n) + `rotate(` + t + r) : (e - t > 180 ? t += 360 : t - e > 180 && (e += 360), a.push({
			i: n.push(i(n) + `rotate(`, null, r) - 2,
			x: Or(e, t)
		}));
	}
	function s(e, t, n, a) {
		e === t ? t && n.push(i(n) + `skewX(` + t + r) : a.push({
			i: n.push(i(n) + `skewX(`, null, r) - 2,
			x: Or(e, t)
		});
	}
	function c(e, t, n, r, a, o) {
		if (e !== n || t !== r) {
			var s = a.push(i(a) + `scale(`, null, `,`, null, `)`);
			o.push({
				i: s - 4,
				x: Or(e, n)
			}, {
				i: s - 2,
				x: Or(t, r)
			});
		} else (n !== 1 || r !== 1) && a.push(i(a) + `scale(` + n + `,` + r + `)`);
	}
	return function(t, n) {
		var r = [], i = [];
		return t = e(t), n = e(n), a(t.translateX, t.translateY, n.translateX, n.translateY, r, i), o(t.rotate, n.rotate, r, i), s(t.skewX, n.skewX, r, i), c(t.scaleX, t.scaleY, n.scaleX, n.scaleY, r, i), t = n = null, function(e) {
			for (var t = -1, n = i.length, a; ++t < n;) r[(a = i[t]).i] = a.x(e);
			return r.join(``);
		};
	};
}
var Ur = Hr(Br, `px, `, `px)`, `deg)`), Wr = Hr(Vr, `, `, `)`, `)`), Gr = 1e-12;
function Kr(e) {
	return ((e = Math.exp(e)) + 1 / e) / 2;
}
function qr(e) {
	return ((e = Math.exp(e)) - 1 / e) / 2;
}
function Jr(e) {
	return ((e = Math.exp(2 * e)) - 1) / (e + 1);
}
var Yr = (function e(t, n, r) {
	function i(e, i) {
		var a = e[0], o = e[1], s = e[2], c = i[0], l = i[1], u = i[2], d = c - a, f = l - o, p = d * d + f * f, m, h;
		if (p < Gr) h = Math.log(u / s) / t, m = function(e) {
			return [
				a + e * d,
				o + e * f,
				s * Math.exp(t * e * h)
			];
		};
		else {
			var g = Math.sqrt(p), _ = (u * u - s * s + r * p) / (2 * s * n * g), v = (u * u - s * s - r * p) / (2 * u * n * g), y = Math.log(Math.sqrt(_ * _ + 1) - _);
			h = (Math.log(Math.sqrt(v * v + 1) - v) - y) / t, m = function(e) {
				var r = e * h, i = Kr(y), c = s / (n * g) * (i * Jr(t * r + y) - qr(y));
				return [
					a + c * d,
					o + c * f,
					s * i / Kr(t * r + y)
				];
			};
		}
		return m.duration = Math.abs(h) * 1e3 * t / Math.SQRT2, m;
	}
	return i.rho = function(t) {
		var n = Math.max(.001, +t), r = n * n;
		return e(n, r, r * r);
	}, i;
})(Math.SQRT2, 2, 4);
function Xr(e) {
	return (function t(n) {
		n = +n;
		function r(t, r) {
			var i = e((t = hr(t)).h, (r = hr(r)).h), a = Sr(t.s, r.s), o = Sr(t.l, r.l), s = Sr(t.opacity, r.opacity);
			return function(e) {
				return t.h = i(e), t.s = a(e), t.l = o(e ** +n), t.opacity = s(e), t + ``;
			};
		}
		return r.gamma = t, r;
	})(1);
}
Xr(br), Xr(Sr);
var Zr = 0, Qr = 0, $r = 0, ei = 1e3, ti, ni, ri = 0, ii = 0, ai = 0, oi = typeof performance == `object` && performance.now ? performance : Date, si = typeof window == `object` && window.requestAnimationFrame ? window.requestAnimationFrame.bind(window) : function(e) {
	setTimeout(e, 17);
};
function ci() {
	return ii ||= (si(li), oi.now() + ai);
}
function li() {
	ii = 0;
}
function ui() {
	this._call = this._time = this._next = null;
}
ui.prototype = di.prototype = {
	constructor: ui,
	restart: function(e, t, n) {
		if (typeof e != `function`) throw TypeError(`callback is not a function`);
		n = (n == null ? ci() : +n) + (t == null ? 0 : +t), !this._next && ni !== this && (ni ? ni._next = this : ti = this, ni = this), this._call = e, this._time = n, gi();
	},
	stop: function() {
		this._call && (this._call = null, this._time = 1 / 0, gi());
	}
};
function di(e, t, n) {
	var r = new ui();
	return r.restart(e, t, n), r;
}
function fi() {
	ci(), ++Zr;
	for (var e = ti, t; e;) (t = ii - e._time) >= 0 && e._call.call(void 0, t), e = e._next;
	--Zr;
}
function pi() {
	ii = (ri = oi.now()) + ai, Zr = Qr = 0;
	try {
		fi();
	} finally {
		Zr = 0, hi(), ii = 0;
	}
}
function mi() {
	var e = oi.now(), t = e - ri;
	t > ei && (ai -= t, ri = e);
}
function hi() {
	for (var e, t = ti, n, r = 1 / 0; t;) t._call ? (r > t._time && (r = t._time), e = t, t = t._next) : (n = t._next, t._next = null, t = e ? e._next = n : ti = n);
	ni = e, gi(r);
}
function gi(e) {
	Zr || (Qr &&= clearTimeout(Qr), e - ii > 24 ? (e < 1 / 0 && (Qr = setTimeout(pi, Math.ceil(e - oi.now() - ai) + 1)), $r &&= clearInterval($r)) : ($r ||= (ri = oi.now(), setInterval(mi, ei)), Zr = 1, si(pi)));
}
function _i(e, t, n) {
	var r = new ui();
	return t = t == null ? 0 : +t, r.restart((n) => {
		r.stop(), e(n + t);
	}, t, n), r;
}
function vi(e) {
	return ((e *= 2) <= 1 ? e * e * e : (e -= 2) * e * e + 2) / 2;
}
var yi = 3;
(function e(t) {
	t = +t;
	function n(e) {
		return e ** +t;
	}
	return n.exponent = e, n;
})(yi), (function e(t) {
	t = +t;
	function n(e) {
		return 1 - (1 - e) ** t;
	}
	return n.exponent = e, n;
})(yi), (function e(t) {
	t = +t;
	function n(e) {
		return ((e *= 2) <= 1 ? e ** +t : 2 - (2 - e) ** t) / 2;
	}
	return n.exponent = e, n;
})(yi);
function bi(e) {
	return (2 ** (-10 * e) - .0009765625) * 1.0009775171065494;
}
var xi = 4 / 11;
1 / xi / xi;
var Si = 1.70158;
(function e(t) {
	t = +t;
	function n(e) {
		return (e = +e) * e * (t * (e - 1) + e);
	}
	return n.overshoot = e, n;
})(Si), (function e(t) {
	t = +t;
	function n(e) {
		return --e * e * ((e + 1) * t + e) + 1;
	}
	return n.overshoot = e, n;
})(Si), (function e(t) {
	t = +t;
	function n(e) {
		return ((e *= 2) < 1 ? e * e * ((t + 1) * e - t) : (e -= 2) * e * ((t + 1) * e + t) + 2) / 2;
	}
	return n.overshoot = e, n;
})(Si);
var Ci = 2 * Math.PI, wi = 1, Ti = .3;
(function e(t, n) {
	var r = Math.asin(1 / (t = Math.max(1, t))) * (n /= Ci);
	function i(e) {
		return t * bi(- --e) * Math.sin((r - e) / n);
	}
	return i.amplitude = function(t) {
		return e(t, n * Ci);
	}, i.period = function(n) {
		return e(t, n);
	}, i;
})(wi, Ti), (function e(t, n) {
	var r = Math.asin(1 / (t = Math.max(1, t))) * (n /= Ci);
	function i(e) {
		return 1 - t * bi(e = +e) * Math.sin((e + r) / n);
	}
	return i.amplitude = function(t) {
		return e(t, n * Ci);
	}, i.period = function(n) {
		return e(t, n);
	}, i;
})(wi, Ti), (function e(t, n) {
	var r = Math.asin(1 / (t = Math.max(1, t))) * (n /= Ci);
	function i(e) {
		return ((e = e * 2 - 1) < 0 ? t * bi(-e) * Math.sin((r - e) / n) : 2 - t * bi(e) * Math.sin((r + e) / n)) / 2;
	}
	return i.amplitude = function(t) {
		return e(t, n * Ci);
	}, i.period = function(n) {
		return e(t, n);
	}, i;
})(wi, Ti);
var Ei = g(`start`, `end`, `cancel`, `interrupt`), Di = [], Oi = 0, ki = 1, Ai = 2, ji = 3, Mi = 4, Ni = 5, Pi = 6;
function Fi(e, t, n, r, i, a) {
	var o = e.__transition;
	if (!o) e.__transition = {};
	else if (n in o) return;
	zi(e, n, {
		name: t,
		index: r,
		group: i,
		on: Ei,
		tween: Di,
		time: a.time,
		delay: a.delay,
		duration: a.duration,
		ease: a.ease,
		timer: null,
		state: Oi
	});
}
function Ii(e, t) {
	var n = Ri(e, t);
	if (n.state > Oi) throw Error(`too late; already scheduled`);
	return n;
}
function Li(e, t) {
	var n = Ri(e, t);
	if (n.state > ji) throw Error(`too late; already running`);
	return n;
}
function Ri(e, t) {
	var n = e.__transition;
	if (!n || !(n = n[t])) throw Error(`transition not found`);
	return n;
}
function zi(e, t, n) {
	var r = e.__transition, i;
	r[t] = n, n.timer = di(a, 0, n.time);
	function a(e) {
		n.state = ki, n.timer.restart(o, n.delay, n.time), n.delay <= e && o(e - n.delay);
	}
	function o(a) {
		var l, u, d, f;
		if (n.state !== ki) return c();
		for (l in r) if (f = r[l], f.name === n.name) {
			if (f.state === ji) return _i(o);
			f.state === Mi ? (f.state = Pi, f.timer.stop(), f.on.call(`interrupt`, e, e.__data__, f.index, f.group), delete r[l]) : +l < t && (f.state = Pi, f.timer.stop(), f.on.call(`cancel`, e, e.__data__, f.index, f.group), delete r[l]);
		}
		if (_i(function() {
			n.state === ji && (n.state = Mi, n.timer.restart(s, n.delay, n.time), s(a));
		}), n.state = Ai, n.on.call(`start`, e, e.__data__, n.index, n.group), n.state === Ai) {
			for (n.state = ji, i = Array(d = n.tween.length), l = 0, u = -1; l < d; ++l) (f = n.tween[l].value.call(e, e.__data__, n.index, n.group)) && (i[++u] = f);
			i.length = u + 1;
		}
	}
	function s(t) {
		for (var r = t < n.duration ? n.ease.call(null, t / n.duration) : (n.timer.restart(c), n.state = Ni, 1), a = -1, o = i.length; ++a < o;) i[a].call(e, r);
		n.state === Ni && (n.on.call(`end`, e, e.__data__, n.index, n.group), c());
	}
	function c() {
		for (var i in n.state = Pi, n.timer.stop(), delete r[t], r) return;
		delete e.__transition;
	}
}
function Bi(e, t) {
	var n = e.__transition, r, i, a = !0, o;
	if (n) {
		for (o in t = t == null ? null : t + ``, n) (r = n[o]).name === t ? (i = r.state > Ai && r.state < Ni, r.state = Pi, r.timer.stop(), r.on.call(i ? `interrupt` : `cancel`, e, e.__data__, r.index, r.group), delete n[o]) : a = !1;
		a && delete e.__transition;
	}
}
function Vi(e) {
	return this.each(function() {
		Bi(this, e);
	});
}
function Hi(e, t) {
	var n, r;
	return function() {
		var i = Li(this, e), a = i.tween;
		if (a !== n) {
			r = n = a;
			for (var o = 0, s = r.length; o < s; ++o) if (r[o].name === t) {
				r = r.slice(), r.splice(o, 1);
				break;
			}
		}
		i.tween = r;
	};
}
function Ui(e, t, n) {
	var r, i;
	if (typeof n != `function`) throw Error();
	return function() {
		var a = Li(this, e), o = a.tween;
		if (o !== r) {
			i = (r = o).slice();
			for (var s = {
				name: t,
				value: n
			}, c = 0, l = i.length; c < l; ++c) if (i[c].name === t) {
				i[c] = s;
				break;
			}
			c === l && i.push(s);
		}
		a.tween = i;
	};
}
function Wi(e, t) {
	var n = this._id;
	if (e += ``, arguments.length < 2) {
		for (var r = Ri(this.node(), n).tween, i = 0, a = r.length, o; i < a; ++i) if ((o = r[i]).name === e) return o.value;
		return null;
	}
	return this.each((t == null ? Hi : Ui)(n, e, t));
}
function Gi(e, t, n) {
	var r = e._id;
	return e.each(function() {
		var e = Li(this, r);
		(e.value ||= {})[t] = n.apply(this, arguments);
	}), function(e) {
		return Ri(e, r).value[t];
	};
}
function Ki(e, t) {
	var n;
	return (typeof t == `number` ? Or : t instanceof bn ? Cr : (n = bn(t)) ? (t = n, Cr) : Pr)(e, t);
}
function qi(e) {
	return function() {
		this.removeAttribute(e);
	};
}
function Ji(e) {
	return function() {
		this.removeAttributeNS(e.space, e.local);
	};
}
function Yi(e, t, n) {
	var r, i = n + ``, a;
	return function() {
		var o = this.getAttribute(e);
		return o === i ? null : o === r ? a : a = t(r = o, n);
	};
}
function Xi(e, t, n) {
	var r, i = n + ``, a;
	return function() {
		var o = this.getAttributeNS(e.space, e.local);
		return o === i ? null : o === r ? a : a = t(r = o, n);
	};
}
function Zi(e, t, n) {
	var r, i, a;
	return function() {
		var o, s = n(this), c;
		return s == null ? void this.removeAttribute(e) : (o = this.getAttribute(e), c = s + ``, o === c ? null : o === r && c === i ? a : (i = c, a = t(r = o, s)));
	};
}
function Qi(e, t, n) {
	var r, i, a;
	return function() {
		var o, s = n(this), c;
		return s == null ? void this.removeAttributeNS(e.space, e.local) : (o = this.getAttributeNS(e.space, e.local), c = s + ``, o === c ? null : o === r && c === i ? a : (i = c, a = t(r = o, s)));
	};
}
function $i(e, t) {
	var n = C(e), r = n === `transform` ? Wr : Ki;
	return this.attrTween(e, typeof t == `function` ? (n.local ? Qi : Zi)(n, r, Gi(this, `attr.` + e, t)) : t == null ? (n.local ? Ji : qi)(n) : (n.local ? Xi : Yi)(n, r, t));
}
function ea(e, t) {
	return function(n) {
		this.setAttribute(e, t.call(this, n));
	};
}
function ta(e, t) {
	return function(n) {
		this.setAttributeNS(e.space, e.local, t.call(this, n));
	};
}
function na(e, t) {
	var n, r;
	function i() {
		var i = t.apply(this, arguments);
		return i !== r && (n = (r = i) && ta(e, i)), n;
	}
	return i._value = t, i;
}
function ra(e, t) {
	var n, r;
	function i() {
		var i = t.apply(this, arguments);
		return i !== r && (n = (r = i) && ea(e, i)), n;
	}
	return i._value = t, i;
}
function ia(e, t) {
	var n = `attr.` + e;
	if (arguments.length < 2) return (n = this.tween(n)) && n._value;
	if (t == null) return this.tween(n, null);
	if (typeof t != `function`) throw Error();
	var r = C(e);
	return this.tween(n, (r.local ? na : ra)(r, t));
}
function B(e, t) {
	return function() {
		Ii(this, e).delay = +t.apply(this, arguments);
	};
}
function aa(e, t) {
	return t = +t, function() {
		Ii(this, e).delay = t;
	};
}
function oa(e) {
	var t = this._id;
	return arguments.length ? this.each((typeof e == `function` ? B : aa)(t, e)) : Ri(this.node(), t).delay;
}
function sa(e, t) {
	return function() {
		Li(this, e).duration = +t.apply(this, arguments);
	};
}
function ca(e, t) {
	return t = +t, function() {
		Li(this, e).duration = t;
	};
}
function la(e) {
	var t = this._id;
	return arguments.length ? this.each((typeof e == `function` ? sa : ca)(t, e)) : Ri(this.node(), t).duration;
}
function ua(e, t) {
	if (typeof t != `function`) throw Error();
	return function() {
		Li(this, e).ease = t;
	};
}
function da(e) {
	var t = this._id;
	return arguments.length ? this.each(ua(t, e)) : Ri(this.node(), t).ease;
}
function fa(e, t) {
	return function() {
		var n = t.apply(this, arguments);
		if (typeof n != `function`) throw Error();
		Li(this, e).ease = n;
	};
}
function pa(e) {
	if (typeof e != `function`) throw Error();
	return this.each(fa(this._id, e));
}
function ma(e) {
	typeof e != `function` && (e = P(e));
	for (var t = this._groups, n = t.length, r = Array(n), i = 0; i < n; ++i) for (var a = t[i], o = a.length, s = r[i] = [], c, l = 0; l < o; ++l) (c = a[l]) && e.call(c, c.__data__, l, a) && s.push(c);
	return new Ua(r, this._parents, this._name, this._id);
}
function ha(e) {
	if (e._id !== this._id) throw Error();
	for (var t = this._groups, n = e._groups, r = t.length, i = n.length, a = Math.min(r, i), o = Array(r), s = 0; s < a; ++s) for (var c = t[s], l = n[s], u = c.length, d = o[s] = Array(u), f, p = 0; p < u; ++p) (f = c[p] || l[p]) && (d[p] = f);
	for (; s < r; ++s) o[s] = t[s];
	return new Ua(o, this._parents, this._name, this._id);
}
function ga(e) {
	return (e + ``).trim().split(/^|\s+/).every(function(e) {
		var t = e.indexOf(`.`);
		return t >= 0 && (e = e.slice(0, t)), !e || e === `start`;
	});
}
function _a(e, t, n) {
	var r, i, a = ga(t) ? Ii : Li;
	return function() {
		var o = a(this, e), s = o.on;
		s !== r && (i = (r = s).copy()).on(t, n), o.on = i;
	};
}
function va(e, t) {
	var n = this._id;
	return arguments.length < 2 ? Ri(this.node(), n).on.on(e) : this.each(_a(n, e, t));
}
function ya(e) {
	return function() {
		var t = this.parentNode;
		for (var n in this.__transition) if (+n !== e) return;
		t && t.removeChild(this);
	};
}
function ba() {
	return this.on(`end.remove`, ya(this._id));
}
function xa(e) {
	var t = this._name, n = this._id;
	typeof e != `function` && (e = O(e));
	for (var r = this._groups, i = r.length, a = Array(i), o = 0; o < i; ++o) for (var s = r[o], c = s.length, l = a[o] = Array(c), u, d, f = 0; f < c; ++f) (u = s[f]) && (d = e.call(u, u.__data__, f, s)) && (`__data__` in u && (d.__data__ = u.__data__), l[f] = d, Fi(l[f], t, n, f, l, Ri(u, n)));
	return new Ua(a, this._parents, t, n);
}
function Sa(e) {
	var t = this._name, n = this._id;
	typeof e != `function` && (e = M(e));
	for (var r = this._groups, i = r.length, a = [], o = [], s = 0; s < i; ++s) for (var c = r[s], l = c.length, u, d = 0; d < l; ++d) if (u = c[d]) {
		for (var f = e.call(u, u.__data__, d, c), p, m = Ri(u, n), h = 0, g = f.length; h < g; ++h) (p = f[h]) && Fi(p, t, n, h, f, m);
		a.push(f), o.push(u);
	}
	return new Ua(a, o, t, n);
}
var Ca = Nt.prototype.constructor;
function wa() {
	return new Ca(this._groups, this._parents);
}
function Ta(e, t) {
	var n, r, i;
	return function() {
		var a = Be(this, e), o = (this.style.removeProperty(e), Be(this, e));
		return a === o ? null : a === n && o === r ? i : i = t(n = a, r = o);
	};
}
function Ea(e) {
	return function() {
		this.style.removeProperty(e);
	};
}
function Da(e, t, n) {
	var r, i = n + ``, a;
	return function() {
		var o = Be(this, e);
		return o === i ? null : o === r ? a : a = t(r = o, n);
	};
}
function Oa(e, t, n) {
	var r, i, a;
	return function() {
		var o = Be(this, e), s = n(this), c = s + ``;
		return s ?? (c = s = (this.style.removeProperty(e), Be(this, e))), o === c ? null : o === r && c === i ? a : (i = c, a = t(r = o, s));
	};
}
function ka(e, t) {
	var n, r, i, a = `style.` + t, o = `end.` + a, s;
	return function() {
		var c = Li(this, e), l = c.on, u = c.value[a] == null ? s ||= Ea(t) : void 0;
		(l !== n || i !== u) && (r = (n = l).copy()).on(o, i = u), c.on = r;
	};
}
function Aa(e, t, n) {
	var r = (e += ``) == `transform` ? Ur : Ki;
	return t == null ? this.styleTween(e, Ta(e, r)).on(`end.style.` + e, Ea(e)) : typeof t == `function` ? this.styleTween(e, Oa(e, r, Gi(this, `style.` + e, t))).each(ka(this._id, e)) : this.styleTween(e, Da(e, r, t), n).on(`end.style.` + e, null);
}
function ja(e, t, n) {
	return function(r) {
		this.style.setProperty(e, t.call(this, r), n);
	};
}
function Ma(e, t, n) {
	var r, i;
	function a() {
		var a = t.apply(this, arguments);
		return a !== i && (r = (i = a) && ja(e, a, n)), r;
	}
	return a._value = t, a;
}
function Na(e, t, n) {
	var r = `style.` + (e += ``);
	if (arguments.length < 2) return (r = this.tween(r)) && r._value;
	if (t == null) return this.tween(r, null);
	if (typeof t != `function`) throw Error();
	return this.tween(r, Ma(e, t, n ?? ``));
}
function Pa(e) {
	return function() {
		this.textContent = e;
	};
}
function Fa(e) {
	return function() {
		var t = e(this);
		this.textContent = t ?? ``;
	};
}
function Ia(e) {
	return this.tween(`text`, typeof e == `function` ? Fa(Gi(this, `text`, e)) : Pa(e == null ? `` : e + ``));
}
function La(e) {
	return function(t) {
		this.textContent = e.call(this, t);
	};
}
function Ra(e) {
	var t, n;
	function r() {
		var r = e.apply(this, arguments);
		return r !== n && (t = (n = r) && La(r)), t;
	}
	return r._value = e, r;
}
function za(e) {
	var t = `text`;
	if (arguments.length < 1) return (t = this.tween(t)) && t._value;
	if (e == null) return this.tween(t, null);
	if (typeof e != `function`) throw Error();
	return this.tween(t, Ra(e));
}
function Ba() {
	for (var e = this._name, t = this._id, n = Wa(), r = this._groups, i = r.length, a = 0; a < i; ++a) for (var o = r[a], s = o.length, c, l = 0; l < s; ++l) if (c = o[l]) {
		var u = Ri(c, t);
		Fi(c, e, n, l, o, {
			time: u.time + u.delay + u.duration,
			delay: 0,
			duration: u.duration,
			ease: u.ease
		});
	}
	return new Ua(r, this._parents, e, n);
}
function Va() {
	var e, t, n = this, r = n._id, i = n.size();
	return new Promise(function(a, o) {
		var s = { value: o }, c = { value: function() {
			--i === 0 && a();
		} };
		n.each(function() {
			var n = Li(this, r), i = n.on;
			i !== e && (t = (e = i).copy(), t._.cancel.push(s), t._.interrupt.push(s), t._.end.push(c)), n.on = t;
		}), i === 0 && a();
	});
}
var Ha = 0;
function Ua(e, t, n, r) {
	this._groups = e, this._parents = t, this._name = n, this._id = r;
}
function Wa() {
	return ++Ha;
}
var Ga = Nt.prototype;
Ua.prototype = {
	constructor: Ua,
	select: xa,
	selectAll: Sa,
	selectChild: Ga.selectChild,
	selectChildren: Ga.selectChildren,
	filter: ma,
	merge: ha,
	selection: wa,
	transition: Ba,
	call: Ga.call,
	nodes: Ga.nodes,
	node: Ga.node,
	size: Ga.size,
	empty: Ga.empty,
	each: Ga.each,
	on: va,
	attr: $i,
	attrTween: ia,
	style: Aa,
	styleTween: Na,
	text: Ia,
	textTween: za,
	remove: ba,
	tween: Wi,
	delay: oa,
	duration: la,
	ease: da,
	easeVarying: pa,
	end: Va,
	[Symbol.iterator]: Ga[Symbol.iterator]
};
var Ka = {
	time: null,
	delay: 0,
	duration: 250,
	ease: vi
};
function qa(e, t) {
	for (var n; !(n = e.__transition) || !(n = n[t]);) if (!(e = e.parentNode)) throw Error(`transition ${t} not found`);
	return n;
}
function Ja(e) {
	var t, n;
	e instanceof Ua ? (t = e._id, e = e._name) : (t = Wa(), (n = Ka).time = ci(), e = e == null ? null : e + ``);
	for (var r = this._groups, i = r.length, a = 0; a < i; ++a) for (var o = r[a], s = o.length, c, l = 0; l < s; ++l) (c = o[l]) && Fi(c, e, t, l, o, n || qa(c, t));
	return new Ua(r, this._parents, e, t);
}
Nt.prototype.interrupt = Vi, Nt.prototype.transition = Ja;
var Ya = (e) => () => e;
function Xa(e, { sourceEvent: t, target: n, transform: r, dispatch: i }) {
	Object.defineProperties(this, {
		type: {
			value: e,
			enumerable: !0,
			configurable: !0
		},
		sourceEvent: {
			value: t,
			enumerable: !0,
			configurable: !0
		},
		target: {
			value: n,
			enumerable: !0,
			configurable: !0
		},
		transform: {
			value: r,
			enumerable: !0,
			configurable: !0
		},
		_: { value: i }
	});
}
function Za(e, t, n) {
	this.k = e, this.x = t, this.y = n;
}
Za.prototype = {
	constructor: Za,
	scale: function(e) {
		return e === 1 ? this : new Za(this.k * e, this.x, this.y);
	},
	translate: function(e, t) {
		return e === 0 & t === 0 ? this : new Za(this.k, this.x + this.k * e, this.y + this.k * t);
	},
	apply: function(e) {
		return [e[0] * this.k + this.x, e[1] * this.k + this.y];
	},
	applyX: function(e) {
		return e * this.k + this.x;
	},
	applyY: function(e) {
		return e * this.k + this.y;
	},
	invert: function(e) {
		return [(e[0] - this.x) / this.k, (e[1] - this.y) / this.k];
	},
	invertX: function(e) {
		return (e - this.x) / this.k;
	},
	invertY: function(e) {
		return (e - this.y) / this.k;
	},
	rescaleX: function(e) {
		return e.copy().domain(e.range().map(this.invertX, this).map(e.invert, e));
	},
	rescaleY: function(e) {
		return e.copy().domain(e.range().map(this.invertY, this).map(e.invert, e));
	},
	toString: function() {
		return `translate(` + this.x + `,` + this.y + `) scale(` + this.k + `)`;
	}
};
var Qa = new Za(1, 0, 0);
$a.prototype = Za.prototype;
function $a(e) {
	for (; !e.__zoom;) if (!(e = e.parentNode)) return Qa;
	return e.__zoom;
}
function eo(e) {
	e.stopImmediatePropagation();
}
function to(e) {
	e.preventDefault(), e.stopImmediatePropagation();
}
function no(e) {
	return (!e.ctrlKey || e.type === `wheel`) && !e.button;
}
function ro() {
	var e = this;
	return e instanceof SVGElement ? (e = e.ownerSVGElement || e, e.hasAttribute(`viewBox`) ? (e = e.viewBox.baseVal, [[e.x, e.y], [e.x + e.width, e.y + e.height]]) : [[0, 0], [e.width.baseVal.value, e.height.baseVal.value]]) : [[0, 0], [e.clientWidth, e.clientHeight]];
}
function io() {
	return this.__zoom || Qa;
}
function ao(e) {
	return -e.deltaY * (e.deltaMode === 1 ? .05 : e.deltaMode ? 1 : .002) * (e.ctrlKey ? 10 : 1);
}
function oo() {
	return navigator.maxTouchPoints || `ontouchstart` in this;
}
function so(e, t, n) {
	var r = e.invertX(t[0][0]) - n[0][0], i = e.invertX(t[1][0]) - n[1][0], a = e.invertY(t[0][1]) - n[0][1], o = e.invertY(t[1][1]) - n[1][1];
	return e.translate(i > r ? (r + i) / 2 : Math.min(0, r) || Math.max(0, i), o > a ? (a + o) / 2 : Math.min(0, a) || Math.max(0, o));
}
function co() {
	var e = no, t = ro, n = so, r = ao, i = oo, a = [0, 1 / 0], o = [[-1 / 0, -1 / 0], [1 / 0, 1 / 0]], s = 250, c = Yr, l = g(`start`, `zoom`, `end`), u, d, f, p = 500, m = 150, h = 0, _ = 10;
	function v(e) {
		e.property(`__zoom`, io).on(`wheel.zoom`, T, { passive: !1 }).on(`mousedown.zoom`, E).on(`dblclick.zoom`, D).filter(i).on(`touchstart.zoom`, O).on(`touchmove.zoom`, k).on(`touchend.zoom touchcancel.zoom`, A).style(`-webkit-tap-highlight-color`, `rgba(0,0,0,0)`);
	}
	v.transform = function(e, t, n, r) {
		var i = e.selection ? e.selection() : e;
		i.property(`__zoom`, io), e === i ? i.interrupt().each(function() {
			C(this, arguments).event(r).start().zoom(null, typeof t == `function` ? t.apply(this, arguments) : t).end();
		}) : S(e, t, n, r);
	}, v.scaleBy = function(e, t, n, r) {
		v.scaleTo(e, function() {
			return this.__zoom.k * (typeof t == `function` ? t.apply(this, arguments) : t);
		}, n, r);
	}, v.scaleTo = function(e, r, i, a) {
		v.transform(e, function() {
			var e = t.apply(this, arguments), a = this.__zoom, s = i == null ? x(e) : typeof i == `function` ? i.apply(this, arguments) : i, c = a.invert(s), l = typeof r == `function` ? r.apply(this, arguments) : r;
			return n(b(y(a, l), s, c), e, o);
		}, i, a);
	}, v.translateBy = function(e, r, i, a) {
		v.transform(e, function() {
			return n(this.__zoom.translate(typeof r == `function` ? r.apply(this, arguments) : r, typeof i == `function` ? i.apply(this, arguments) : i), t.apply(this, arguments), o);
		}, null, a);
	}, v.translateTo = function(e, r, i, a, s) {
		v.transform(e, function() {
			var e = t.apply(this, arguments), s = this.__zoom, c = a == null ? x(e) : typeof a == `function` ? a.apply(this, arguments) : a;
			return n(Qa.translate(c[0], c[1]).scale(s.k).translate(typeof r == `function` ? -r.apply(this, arguments) : -r, typeof i == `function` ? -i.apply(this, arguments) : -i), e, o);
		}, a, s);
	};
	function y(e, t) {
		return t = Math.max(a[0], Math.min(a[1], t)), t === e.k ? e : new Za(t, e.x, e.y);
	}
	function b(e, t, n) {
		var r = t[0] - n[0] * e.k, i = t[1] - n[1] * e.k;
		return r === e.x && i === e.y ? e : new Za(e.k, r, i);
	}
	function x(e) {
		return [(+e[0][0] + +e[1][0]) / 2, (+e[0][1] + +e[1][1]) / 2];
	}
	function S(e, n, r, i) {
		e.on(`start.zoom`, function() {
			C(this, arguments).event(i).start();
		}).on(`interrupt.zoom end.zoom`, function() {
			C(this, arguments).event(i).end();
		}).tween(`zoom`, function() {
			var e = this, a = arguments, o = C(e, a).event(i), s = t.apply(e, a), l = r == null ? x(s) : typeof r == `function` ? r.apply(e, a) : r, u = Math.max(s[1][0] - s[0][0], s[1][1] - s[0][1]), d = e.__zoom, f = typeof n == `function` ? n.apply(e, a) : n, p = c(d.invert(l).concat(u / d.k), f.invert(l).concat(u / f.k));
			return function(e) {
				if (e === 1) e = f;
				else {
					var t = p(e), n = u / t[2];
					e = new Za(n, l[0] - t[0] * n, l[1] - t[1] * n);
				}
				o.zoom(null, e);
			};
		});
	}
	function C(e, t, n) {
		return !n && e.__zooming || new w(e, t);
	}
	function w(e, n) {
		this.that = e, this.args = n, this.active = 0, this.sourceEvent = null, this.extent = t.apply(e, n), this.taps = 0;
	}
	w.prototype = {
		event: function(e) {
			return e && (this.sourceEvent = e), this;
		},
		start: function() {
			return ++this.active === 1 && (this.that.__zooming = this, this.emit(`start`)), this;
		},
		zoom: function(e, t) {
			return this.mouse && e !== `mouse` && (this.mouse[1] = t.invert(this.mouse[0])), this.touch0 && e !== `touch` && (this.touch0[1] = t.invert(this.touch0[0])), this.touch1 && e !== `touch` && (this.touch1[1] = t.invert(this.touch1[0])), this.that.__zoom = t, this.emit(`zoom`), this;
		},
		end: function() {
			return --this.active === 0 && (delete this.that.__zooming, this.emit(`end`)), this;
		},
		emit: function(e) {
			var t = Ft(this.that).datum();
			l.call(e, this.that, new Xa(e, {
				sourceEvent: this.sourceEvent,
				target: v,
				transform: this.that.__zoom,
				dispatch: l
			}), t);
		}
	};
	function T(t, ...i) {
		if (!e.apply(this, arguments)) return;
		var s = C(this, i).event(t), c = this.__zoom, l = Math.max(a[0], Math.min(a[1], c.k * 2 ** r.apply(this, arguments))), u = Bt(t);
		if (s.wheel) (s.mouse[0][0] !== u[0] || s.mouse[0][1] !== u[1]) && (s.mouse[1] = c.invert(s.mouse[0] = u)), clearTimeout(s.wheel);
		else if (c.k === l) return;
		else s.mouse = [u, c.invert(u)], Bi(this), s.start();
		to(t), s.wheel = setTimeout(d, m), s.zoom(`mouse`, n(b(y(c, l), s.mouse[0], s.mouse[1]), s.extent, o));
		function d() {
			s.wheel = null, s.end();
		}
	}
	function E(t, ...r) {
		if (f || !e.apply(this, arguments)) return;
		var i = t.currentTarget, a = C(this, r, !0).event(t), s = Ft(t.view).on(`mousemove.zoom`, d, !0).on(`mouseup.zoom`, p, !0), c = Bt(t, i), l = t.clientX, u = t.clientY;
		Gt(t.view), eo(t), a.mouse = [c, this.__zoom.invert(c)], Bi(this), a.start();
		function d(e) {
			if (to(e), !a.moved) {
				var t = e.clientX - l, r = e.clientY - u;
				a.moved = t * t + r * r > h;
			}
			a.event(e).zoom(`mouse`, n(b(a.that.__zoom, a.mouse[0] = Bt(e, i), a.mouse[1]), a.extent, o));
		}
		function p(e) {
			s.on(`mousemove.zoom mouseup.zoom`, null), z(e.view, a.moved), to(e), a.event(e).end();
		}
	}
	function D(r, ...i) {
		if (e.apply(this, arguments)) {
			var a = this.__zoom, c = Bt(r.changedTouches ? r.changedTouches[0] : r, this), l = a.invert(c), u = a.k * (r.shiftKey ? .5 : 2), d = n(b(y(a, u), c, l), t.apply(this, i), o);
			to(r), s > 0 ? Ft(this).transition().duration(s).call(S, d, c, r) : Ft(this).call(v.transform, d, c, r);
		}
	}
	function O(t, ...n) {
		if (e.apply(this, arguments)) {
			var r = t.touches, i = r.length, a = C(this, n, t.changedTouches.length === i).event(t), o, s, c, l;
			for (eo(t), s = 0; s < i; ++s) c = r[s], l = Bt(c, this), l = [
				l,
				this.__zoom.invert(l),
				c.identifier
			], a.touch0 ? !a.touch1 && a.touch0[2] !== l[2] && (a.touch1 = l, a.taps = 0) : (a.touch0 = l, o = !0, a.taps = 1 + !!u);
			u &&= clearTimeout(u), o && (a.taps < 2 && (d = l[0], u = setTimeout(function() {
				u = null;
			}, p)), Bi(this), a.start());
		}
	}
	function k(e, ...t) {
		if (this.__zooming) {
			var r = C(this, t).event(e), i = e.changedTouches, a = i.length, s, c, l, u;
			for (to(e), s = 0; s < a; ++s) c = i[s], l = Bt(c, this), r.touch0 && r.touch0[2] === c.identifier ? r.touch0[0] = l : r.touch1 && r.touch1[2] === c.identifier && (r.touch1[0] = l);
			if (c = r.that.__zoom, r.touch1) {
				var d = r.touch0[0], f = r.touch0[1], p = r.touch1[0], m = r.touch1[1], h = (h = p[0] - d[0]) * h + (h = p[1] - d[1]) * h, g = (g = m[0] - f[0]) * g + (g = m[1] - f[1]) * g;
				c = y(c, Math.sqrt(h / g)), l = [(d[0] + p[0]) / 2, (d[1] + p[1]) / 2], u = [(f[0] + m[0]) / 2, (f[1] + m[1]) / 2];
			} else if (r.touch0) l = r.touch0[0], u = r.touch0[1];
			else return;
			r.zoom(`touch`, n(b(c, l, u), r.extent, o));
		}
	}
	function A(e, ...t) {
		if (this.__zooming) {
			var n = C(this, t).event(e), r = e.changedTouches, i = r.length, a, o;
			for (eo(e), f && clearTimeout(f), f = setTimeout(function() {
				f = null;
			}, p), a = 0; a < i; ++a) o = r[a], n.touch0 && n.touch0[2] === o.identifier ? delete n.touch0 : n.touch1 && n.touch1[2] === o.identifier && delete n.touch1;
			if (n.touch1 && !n.touch0 && (n.touch0 = n.touch1, delete n.touch1), n.touch0) n.touch0[1] = this.__zoom.invert(n.touch0[0]);
			else if (n.end(), n.taps === 2 && (o = Bt(o, this), Math.hypot(d[0] - o[0], d[1] - o[1]) < _)) {
				var s = Ft(this).on(`dblclick.zoom`);
				s && s.apply(this, arguments);
			}
		}
	}
	return v.wheelDelta = function(e) {
		return arguments.length ? (r = typeof e == `function` ? e : Ya(+e), v) : r;
	}, v.filter = function(t) {
		return arguments.length ? (e = typeof t == `function` ? t : Ya(!!t), v) : e;
	}, v.touchable = function(e) {
		return arguments.length ? (i = typeof e == `function` ? e : Ya(!!e), v) : i;
	}, v.extent = function(e) {
		return arguments.length ? (t = typeof e == `function` ? e : Ya([[+e[0][0], +e[0][1]], [+e[1][0], +e[1][1]]]), v) : t;
	}, v.scaleExtent = function(e) {
		return arguments.length ? (a[0] = +e[0], a[1] = +e[1], v) : [a[0], a[1]];
	}, v.translateExtent = function(e) {
		return arguments.length ? (o[0][0] = +e[0][0], o[1][0] = +e[1][0], o[0][1] = +e[0][1], o[1][1] = +e[1][1], v) : [[o[0][0], o[0][1]], [o[1][0], o[1][1]]];
	}, v.constrain = function(e) {
		return arguments.length ? (n = e, v) : n;
	}, v.duration = function(e) {
		return arguments.length ? (s = +e, v) : s;
	}, v.interpolate = function(e) {
		return arguments.length ? (c = e, v) : c;
	}, v.on = function() {
		var e = l.on.apply(l, arguments);
		return e === l ? v : e;
	}, v.clickDistance = function(e) {
		return arguments.length ? (h = (e = +e) * e, v) : Math.sqrt(h);
	}, v.tapDistance = function(e) {
		return arguments.length ? (_ = +e, v) : _;
	}, v;
}
var lo = {
	error001: (e = `react`) => `Seems like you have not used ${e === `svelte` ? `SvelteFlowProvider` : `ReactFlowProvider`} as an ancestor. Help: https://${e}flow.dev/error#001`,
	error002: () => `It looks like you've created a new nodeTypes or edgeTypes object. If this wasn't on purpose please define the nodeTypes/edgeTypes outside of the component or memoize them.`,
	error003: (e) => `Node type "${e}" not found. Using fallback type "default".`,
	error004: () => `The parent container needs a width and a height to render the graph.`,
	error005: () => `Only child nodes can use a parent extent.`,
	error006: () => `Can't create edge. An edge needs a source and a target.`,
	error007: (e) => `The old edge with id=${e} does not exist.`,
	error009: (e) => `Marker type "${e}" doesn't exist.`,
	error008: (e, { id: t, sourceHandle: n, targetHandle: r }) => `Couldn't create edge for ${e} handle id: "${e === `source` ? n : r}", edge id: ${t}.`,
	error010: () => `Handle: No node id found. Make sure to only use a Handle inside a custom Node.`,
	error011: (e) => `Edge type "${e}" not found. Using fallback type "default".`,
	error012: (e) => `Node with id "${e}" does not exist, it may have been removed. This can happen when a node is deleted before the "onNodeClick" handler is called.`,
	error013: (e = `react`) => `It seems that you haven't loaded the styles. Please import '@xyflow/${e}/dist/style.css' or base.css to make sure everything is working properly.`,
	error014: () => `useNodeConnections: No node ID found. Call useNodeConnections inside a custom Node or provide a node ID.`,
	error015: () => `It seems that you are trying to drag a node that is not initialized. Please use onNodesChange as explained in the docs.`,
	error016: (e) => `Edge with id "${e}" does not exist, it may have been removed. This can happen when an edge is deleted before the "onEdgeClick" handler is called.`
}, uo = [[-1 / 0, -1 / 0], [1 / 0, 1 / 0]], fo = [
	`Enter`,
	` `,
	`Escape`
], po = {
	"node.a11yDescription.default": `Press enter or space to select a node. Press delete to remove it and escape to cancel.`,
	"node.a11yDescription.keyboardDisabled": `Press enter or space to select a node. You can then use the arrow keys to move the node around. Press delete to remove it and escape to cancel.`,
	"node.a11yDescription.ariaLiveMessage": ({ direction: e, x: t, y: n }) => `Moved selected node ${e}. New position, x: ${t}, y: ${n}`,
	"edge.a11yDescription.default": `Press enter or space to select an edge. You can then press delete to remove it or escape to cancel.`,
	"controls.ariaLabel": `Control Panel`,
	"controls.zoomIn.ariaLabel": `Zoom In`,
	"controls.zoomOut.ariaLabel": `Zoom Out`,
	"controls.fitView.ariaLabel": `Fit View`,
	"controls.interactive.ariaLabel": `Toggle Interactivity`,
	"minimap.ariaLabel": `Mini Map`,
	"handle.ariaLabel": `Handle`
}, mo;
(function(e) {
	e.Strict = `strict`, e.Loose = `loose`;
})(mo ||= {});
var ho;
(function(e) {
	e.Free = `free`, e.Vertical = `vertical`, e.Horizontal = `horizontal`;
})(ho ||= {});
var go;
(function(e) {
	e.Partial = `partial`, e.Full = `full`;
})(go ||= {});
var _o = {
	inProgress: !1,
	isValid: null,
	from: null,
	fromHandle: null,
	fromPosition: null,
	fromNode: null,
	to: null,
	toHandle: null,
	toPosition: null,
	toNode: null,
	pointer: null
}, vo;
(function(e) {
	e.Bezier = `default`, e.Straight = `straight`, e.Step = `step`, e.SmoothStep = `smoothstep`, e.SimpleBezier = `simplebezier`;
})(vo ||= {});
var yo;
(function(e) {
	e.Arrow = `arrow`, e.ArrowClosed = `arrowclosed`;
})(yo ||= {});
var V;
(function(e) {
	e.Left = `left`, e.Top = `top`, e.Right = `right`, e.Bottom = `bottom`;
})(V ||= {});
var bo = {
	[V.Left]: V.Right,
	[V.Right]: V.Left,
	[V.Top]: V.Bottom,
	[V.Bottom]: V.Top
}, xo = (e) => !!e && typeof e == `object` && `id` in e && `source` in e && `target` in e, So = (e) => !!e && typeof e == `object` && `id` in e && `position` in e && !(`source` in e) && !(`target` in e), Co = (e) => !!e && typeof e == `object` && `id` in e && `internals` in e && !(`source` in e) && !(`target` in e), wo = (e, t = [0, 0]) => {
	let { width: n, height: r } = ns(e), i = e.origin ?? t, a = n * i[0], o = r * i[1];
	return {
		x: e.position.x - a,
		y: e.position.y - o
	};
}, To = (e, t = { nodeOrigin: [0, 0] }) => {
	if (e.length === 0) return {
		x: 0,
		y: 0,
		width: 0,
		height: 0
	};
	let n = !1, r = e.reduce((e, r) => {
		let i = typeof r == `string`, a = !t.nodeLookup && !i ? r : void 0;
		return t.nodeLookup && (a = i ? t.nodeLookup.get(r) : Co(r) ? r : t.nodeLookup.get(r.id)), a ? (n = !0, Ro(e, H(a, t.nodeOrigin))) : e;
	}, {
		x: 1 / 0,
		y: 1 / 0,
		x2: -1 / 0,
		y2: -1 / 0
	});
	return n ? Bo(r) : {
		x: 0,
		y: 0,
		width: 0,
		height: 0
	};
}, Eo = (e, t = {}) => {
	let n = {
		x: 1 / 0,
		y: 1 / 0,
		x2: -1 / 0,
		y2: -1 / 0
	}, r = !1;
	return e.forEach((e) => {
		(t.filter === void 0 || t.filter(e)) && (n = Ro(n, H(e)), r = !0);
	}), r ? Bo(n) : {
		x: 0,
		y: 0,
		width: 0,
		height: 0
	};
}, Do = (e, t, [n, r, i] = [
	0,
	0,
	1
], a = !1, o = !1) => {
	let s = (t.x - n) / i, c = (t.y - r) / i, l = t.width / i, u = t.height / i, d = [];
	for (let t of e.values()) {
		let { measured: e, selectable: n = !0, hidden: r = !1 } = t;
		if (o && !n || r) continue;
		let i = e.width ?? t.width ?? t.initialWidth ?? 0, f = e.height ?? t.height ?? t.initialHeight ?? 0, { x: p, y: m } = t.internals.positionAbsolute, h = Ho(s, c, l, u, p, m, i, f), g = i * f, _ = a && h > 0;
		(!t.internals.handleBounds || _ || h >= g || t.dragging) && d.push(t);
	}
	return d;
}, Oo = (e, t) => {
	let n = /* @__PURE__ */ new Set();
	return e.forEach((e) => {
		n.add(e.id);
	}), t.filter((e) => n.has(e.source) || n.has(e.target));
};
function ko(e, t) {
	let n = /* @__PURE__ */ new Map(), r = t?.nodes ? new Set(t.nodes.map((e) => e.id)) : null;
	return e.forEach((e) => {
		let i;
		if (t?.includeHiddenNodes) {
			let { width: t, height: n } = ns(e);
			i = t > 0 && n > 0;
		} else i = !!(e.measured.width && e.measured.height && !e.hidden);
		i && (!r || r.has(e.id)) && n.set(e.id, e);
	}), n;
}
async function Ao({ nodes: e, width: t, height: n, panZoom: r, minZoom: i, maxZoom: a }, o) {
	if (e.size === 0) return !0;
	let s = $o(Eo(ko(e, o)), t, n, o?.minZoom ?? i, o?.maxZoom ?? a, o?.padding ?? .1);
	return await r.setViewport(s, {
		duration: o?.duration,
		ease: o?.ease,
		interpolate: o?.interpolate
	}), !0;
}
function jo({ nodeId: e, nextPosition: t, nodeLookup: n, nodeOrigin: r = [0, 0], nodeExtent: i, onError: a }) {
	let o = n.get(e), s = o.parentId ? n.get(o.parentId) : void 0, { x: c, y: l } = s ? s.internals.positionAbsolute : {
		x: 0,
		y: 0
	}, u = o.origin ?? r, d = o.extent || i;
	if (o.extent === `parent` && !o.expandParent) {
		if (!s) a?.(`005`, lo.error005());
		else {
			let { width: e, height: t } = ns(s);
			e && t && (d = [[c, l], [c + e, l + t]]);
		}
	} else s && ts(o.extent) && (d = [[o.extent[0][0] + c, o.extent[0][1] + l], [o.extent[1][0] + c, o.extent[1][1] + l]]);
	let f = ts(d) ? Po(t, d, o.measured) : t;
	return (o.measured.width === void 0 || o.measured.height === void 0) && a?.(`015`, lo.error015()), {
		position: {
			x: f.x - c + (o.measured.width ?? 0) * u[0],
			y: f.y - l + (o.measured.height ?? 0) * u[1]
		},
		positionAbsolute: f
	};
}
async function Mo({ nodesToRemove: e = [], edgesToRemove: t = [], nodes: n, edges: r, onBeforeDelete: i }) {
	let a = new Set(e.map((e) => e.id)), o = [];
	for (let e of n) {
		if (e.deletable === !1) continue;
		let t = a.has(e.id), n = !t && e.parentId && o.find((t) => t.id === e.parentId);
		(t || n) && o.push(e);
	}
	let s = new Set(t.map((e) => e.id)), c = r.filter((e) => e.deletable !== !1), l = Oo(o, c);
	for (let e of c) s.has(e.id) && !l.find((t) => t.id === e.id) && l.push(e);
	if (!i) return {
		edges: l,
		nodes: o
	};
	let u = await i({
		nodes: o,
		edges: l
	});
	return typeof u == `boolean` ? u ? {
		edges: l,
		nodes: o
	} : {
		edges: [],
		nodes: []
	} : u;
}
var No = (e, t = 0, n = 1) => Math.min(Math.max(e, t), n), Po = (e = {
	x: 0,
	y: 0
}, t, n) => ({
	x: No(e.x, t[0][0], t[1][0] - (n?.width ?? 0)),
	y: No(e.y, t[0][1], t[1][1] - (n?.height ?? 0))
});
function Fo(e, t, n) {
	let { width: r, height: i } = ns(n), { x: a, y: o } = n.internals.positionAbsolute;
	return Po(e, [[a, o], [a + r, o + i]], t);
}
var Io = (e, t, n) => e < t ? No(Math.abs(e - t), 1, t) / t : e > n ? -No(Math.abs(e - n), 1, t) / t : 0, Lo = (e, t, n = 15, r = 40) => [Io(e.x, r, t.width - r) * n, Io(e.y, r, t.height - r) * n], Ro = (e, t) => ({
	x: Math.min(e.x, t.x),
	y: Math.min(e.y, t.y),
	x2: Math.max(e.x2, t.x2),
	y2: Math.max(e.y2, t.y2)
}), zo = ({ x: e, y: t, width: n, height: r }) => ({
	x: e,
	y: t,
	x2: e + n,
	y2: t + r
}), Bo = ({ x: e, y: t, x2: n, y2: r }) => ({
	x: e,
	y: t,
	width: n - e,
	height: r - t
}), Vo = (e, t = [0, 0]) => {
	let { x: n, y: r } = Co(e) ? e.internals.positionAbsolute : wo(e, t);
	return {
		x: n,
		y: r,
		width: e.measured?.width ?? e.width ?? e.initialWidth ?? 0,
		height: e.measured?.height ?? e.height ?? e.initialHeight ?? 0
	};
}, H = (e, t = [0, 0]) => {
	let { x: n, y: r } = Co(e) ? e.internals.positionAbsolute : wo(e, t);
	return {
		x: n,
		y: r,
		x2: n + (e.measured?.width ?? e.width ?? e.initialWidth ?? 0),
		y2: r + (e.measured?.height ?? e.height ?? e.initialHeight ?? 0)
	};
}, U = (e, t) => Bo(Ro(zo(e), zo(t))), Ho = (e, t, n, r, i, a, o, s) => {
	let c = Math.max(0, Math.min(e + n, i + o) - Math.max(e, i)), l = Math.max(0, Math.min(t + r, a + s) - Math.max(t, a));
	return Math.ceil(c * l);
}, Uo = (e, t) => Ho(e.x, e.y, e.width, e.height, t.x, t.y, t.width, t.height), Wo = (e) => Go(e.width) && Go(e.height) && Go(e.x) && Go(e.y), Go = (e) => !isNaN(e) && isFinite(e), Ko = (e, t) => (e, t) => {}, qo = (e, t = [1, 1]) => ({
	x: t[0] * Math.round(e.x / t[0]),
	y: t[1] * Math.round(e.y / t[1])
}), Jo = ({ x: e, y: t }, [n, r, i], a = !1, o = [1, 1]) => {
	let s = {
		x: (e - n) / i,
		y: (t - r) / i
	};
	return a ? qo(s, o) : s;
}, Yo = ({ x: e, y: t }, [n, r, i]) => ({
	x: e * i + n,
	y: t * i + r
});
function Xo(e, t) {
	if (typeof e == `number`) return Math.floor((t - t / (1 + e)) * .5);
	if (typeof e == `string` && e.endsWith(`px`)) {
		let t = parseFloat(e);
		if (!Number.isNaN(t)) return Math.floor(t);
	}
	if (typeof e == `string` && e.endsWith(`%`)) {
		let n = parseFloat(e);
		if (!Number.isNaN(n)) return Math.floor(t * n * .01);
	}
	return console.error(`The padding value "${e}" is invalid. Please provide a number or a string with a valid unit (px or %).`), 0;
}
function Zo(e, t, n) {
	if (typeof e == `string` || typeof e == `number`) {
		let r = Xo(e, n), i = Xo(e, t);
		return {
			top: r,
			right: i,
			bottom: r,
			left: i,
			x: i * 2,
			y: r * 2
		};
	}
	if (typeof e == `object`) {
		let r = Xo(e.top ?? e.y ?? 0, n), i = Xo(e.bottom ?? e.y ?? 0, n), a = Xo(e.left ?? e.x ?? 0, t), o = Xo(e.right ?? e.x ?? 0, t);
		return {
			top: r,
			right: o,
			bottom: i,
			left: a,
			x: a + o,
			y: r + i
		};
	}
	return {
		top: 0,
		right: 0,
		bottom: 0,
		left: 0,
		x: 0,
		y: 0
	};
}
function Qo(e, t, n, r, i, a) {
	let { x: o, y: s } = Yo(e, [
		t,
		n,
		r
	]), { x: c, y: l } = Yo({
		x: e.x + e.width,
		y: e.y + e.height
	}, [
		t,
		n,
		r
	]), u = i - c, d = a - l;
	return {
		left: Math.floor(o),
		top: Math.floor(s),
		right: Math.floor(u),
		bottom: Math.floor(d)
	};
}
var $o = (e, t, n, r, i, a) => {
	let o = Zo(a, t, n), s = (t - o.x) / e.width, c = (n - o.y) / e.height, l = No(Math.min(s, c), r, i), u = e.x + e.width / 2, d = e.y + e.height / 2, f = t / 2 - u * l, p = n / 2 - d * l, m = Qo(e, f, p, l, t, n), h = {
		left: Math.min(m.left - o.left, 0),
		top: Math.min(m.top - o.top, 0),
		right: Math.min(m.right - o.right, 0),
		bottom: Math.min(m.bottom - o.bottom, 0)
	};
	return {
		x: f - h.left + h.right,
		y: p - h.top + h.bottom,
		zoom: l
	};
}, es = () => typeof navigator < `u` && navigator?.userAgent?.indexOf(`Mac`) >= 0;
function ts(e) {
	return e != null && e !== `parent`;
}
function ns(e) {
	return {
		width: e.measured?.width ?? e.width ?? e.initialWidth ?? 0,
		height: e.measured?.height ?? e.height ?? e.initialHeight ?? 0
	};
}
function rs(e) {
	return (e.measured?.width ?? e.width ?? e.initialWidth) !== void 0 && (e.measured?.height ?? e.height ?? e.initialHeight) !== void 0;
}
function is(e, t = {
	width: 0,
	height: 0
}, n, r, i) {
	let a = { ...e }, o = r.get(n);
	if (o) {
		let e = o.origin || i;
		a.x += o.internals.positionAbsolute.x - (t.width ?? 0) * e[0], a.y += o.internals.positionAbsolute.y - (t.height ?? 0) * e[1];
	}
	return a;
}
function as(e, t) {
	if (e.size !== t.size) return !1;
	for (let n of e) if (!t.has(n)) return !1;
	return !0;
}
function os() {
	let e, t;
	return {
		promise: new Promise((n, r) => {
			e = n, t = r;
		}),
		resolve: e,
		reject: t
	};
}
function ss(e) {
	return {
		...po,
		...e || {}
	};
}
function cs(e) {
	return e === null ? null : e ? `valid` : `invalid`;
}
function ls(e, { snapGrid: t = [0, 0], snapToGrid: n = !1, transform: r, containerBounds: i }) {
	let { x: a, y: o } = hs(e), s = Jo({
		x: a - (i?.left ?? 0),
		y: o - (i?.top ?? 0)
	}, r), { x: c, y: l } = n ? qo(s, t) : s;
	return {
		xSnapped: c,
		ySnapped: l,
		...s
	};
}
var us = (e) => ({
	width: e.offsetWidth,
	height: e.offsetHeight
}), ds = (e) => e?.getRootNode?.() || window?.document, fs = [
	`INPUT`,
	`SELECT`,
	`TEXTAREA`
];
function ps(e) {
	let t = e.composedPath?.()?.[0] || e.target;
	return t?.nodeType === 1 ? fs.includes(t.nodeName) || t.hasAttribute(`contenteditable`) || !!t.closest(`.nokey`) : !1;
}
var ms = (e) => `clientX` in e, hs = (e, t) => {
	let n = ms(e), r = n ? e.clientX : e.touches?.[0].clientX, i = n ? e.clientY : e.touches?.[0].clientY;
	return {
		x: r - (t?.left ?? 0),
		y: i - (t?.top ?? 0)
	};
}, gs = (e, t, n, r, i) => {
	let a = t.querySelectorAll(`.${e}`);
	return !a || !a.length ? null : Array.from(a).map((t) => {
		let a = t.getBoundingClientRect();
		return {
			id: t.getAttribute(`data-handleid`),
			type: e,
			nodeId: i,
			position: t.getAttribute(`data-handlepos`),
			x: (a.left - n.left) / r,
			y: (a.top - n.top) / r,
			...us(t)
		};
	});
};
function _s({ sourceX: e, sourceY: t, targetX: n, targetY: r, sourceControlX: i, sourceControlY: a, targetControlX: o, targetControlY: s }) {
	let c = e * .125 + i * .375 + o * .375 + n * .125, l = t * .125 + a * .375 + s * .375 + r * .125;
	return [
		c,
		l,
		Math.abs(c - e),
		Math.abs(l - t)
	];
}
function vs(e, t) {
	return e >= 0 ? .5 * e : t * 25 * Math.sqrt(-e);
}
function ys({ pos: e, x1: t, y1: n, x2: r, y2: i, c: a }) {
	switch (e) {
		case V.Left: return [t - vs(t - r, a), n];
		case V.Right: return [t + vs(r - t, a), n];
		case V.Top: return [t, n - vs(n - i, a)];
		case V.Bottom: return [t, n + vs(i - n, a)];
	}
}
function bs({ sourceX: e, sourceY: t, sourcePosition: n = V.Bottom, targetX: r, targetY: i, targetPosition: a = V.Top, curvature: o = .25 }) {
	let [s, c] = ys({
		pos: n,
		x1: e,
		y1: t,
		x2: r,
		y2: i,
		c: o
	}), [l, u] = ys({
		pos: a,
		x1: r,
		y1: i,
		x2: e,
		y2: t,
		c: o
	}), [d, f, p, m] = _s({
		sourceX: e,
		sourceY: t,
		targetX: r,
		targetY: i,
		sourceControlX: s,
		sourceControlY: c,
		targetControlX: l,
		targetControlY: u
	});
	return [
		`M${e},${t} C${s},${c} ${l},${u} ${r},${i}`,
		d,
		f,
		p,
		m
	];
}
function xs({ sourceX: e, sourceY: t, targetX: n, targetY: r }) {
	let i = Math.abs(n - e) / 2, a = n < e ? n + i : n - i, o = Math.abs(r - t) / 2;
	return [
		a,
		r < t ? r + o : r - o,
		i,
		o
	];
}
function Ss({ sourceNode: e, targetNode: t, selected: n = !1, zIndex: r = 0, elevateOnSelect: i = !1, zIndexMode: a = `basic` }) {
	return a === `manual` ? r : (i && n ? r + 1e3 : r) + Math.max(e.parentId || i && e.selected ? e.internals.z : 0, t.parentId || i && t.selected ? t.internals.z : 0);
}
function Cs({ sourceNode: e, targetNode: t, width: n, height: r, transform: i }) {
	let a = Ro(H(e), H(t));
	return a.x === a.x2 && (a.x2 += 1), a.y === a.y2 && (a.y2 += 1), Uo({
		x: -i[0] / i[2],
		y: -i[1] / i[2],
		width: n / i[2],
		height: r / i[2]
	}, Bo(a)) > 0;
}
var ws = ({ source: e, sourceHandle: t, target: n, targetHandle: r }) => `xy-edge__${e}${t || ``}-${n}${r || ``}`, Ts = (e, t) => t.some((t) => t.source === e.source && t.target === e.target && (t.sourceHandle === e.sourceHandle || !t.sourceHandle && !e.sourceHandle) && (t.targetHandle === e.targetHandle || !t.targetHandle && !e.targetHandle)), Es = (e, t, n = {}) => {
	if (!e.source || !e.target) return n.onError?.(`006`, lo.error006()), t;
	let r = n.getEdgeId || ws, i;
	return i = xo(e) ? { ...e } : {
		...e,
		id: r(e)
	}, Ts(i, t) ? t : (i.sourceHandle === null && delete i.sourceHandle, i.targetHandle === null && delete i.targetHandle, t.concat(i));
};
function Ds({ sourceX: e, sourceY: t, targetX: n, targetY: r }) {
	let [i, a, o, s] = xs({
		sourceX: e,
		sourceY: t,
		targetX: n,
		targetY: r
	});
	return [
		`M ${e},${t}L ${n},${r}`,
		i,
		a,
		o,
		s
	];
}
var Os = {
	[V.Left]: {
		x: -1,
		y: 0
	},
	[V.Right]: {
		x: 1,
		y: 0
	},
	[V.Top]: {
		x: 0,
		y: -1
	},
	[V.Bottom]: {
		x: 0,
		y: 1
	}
}, ks = ({ source: e, sourcePosition: t = V.Bottom, target: n }) => t === V.Left || t === V.Right ? e.x < n.x ? {
	x: 1,
	y: 0
} : {
	x: -1,
	y: 0
} : e.y < n.y ? {
	x: 0,
	y: 1
} : {
	x: 0,
	y: -1
}, As = (e, t) => Math.sqrt((t.x - e.x) ** 2 + (t.y - e.y) ** 2), js = (e, t, n) => e.x === t.x && t.x === n.x && (t.y - e.y) * (n.y - t.y) >= 0 || e.y === t.y && t.y === n.y && (t.x - e.x) * (n.x - t.x) >= 0;
function Ms({ source: e, sourcePosition: t = V.Bottom, target: n, targetPosition: r = V.Top, center: i, offset: a, stepPosition: o }) {
	let s = Os[t], c = Os[r], l = {
		x: e.x + s.x * a,
		y: e.y + s.y * a
	}, u = {
		x: n.x + c.x * a,
		y: n.y + c.y * a
	}, d = ks({
		source: l,
		sourcePosition: t,
		target: u
	}), f = d.x === 0 ? `y` : `x`, p = d[f], m = [], h, g, _ = {
		x: 0,
		y: 0
	}, v = {
		x: 0,
		y: 0
	}, [, , y, b] = xs({
		sourceX: e.x,
		sourceY: e.y,
		targetX: n.x,
		targetY: n.y
	});
	if (s[f] * c[f] === -1) {
		f === `x` ? (h = i.x ?? l.x + (u.x - l.x) * o, g = i.y ?? (l.y + u.y) / 2) : (h = i.x ?? (l.x + u.x) / 2, g = i.y ?? l.y + (u.y - l.y) * o);
		let e = [{
			x: h,
			y: l.y
		}, {
			x: h,
			y: u.y
		}], t = [{
			x: l.x,
			y: g
		}, {
			x: u.x,
			y: g
		}];
		m = s[f] === p ? f === `x` ? e : t : f === `x` ? t : e;
	} else {
		let i = [{
			x: l.x,
			y: u.y
		}], o = [{
			x: u.x,
			y: l.y
		}];
		if (m = f === `x` ? s.x === p ? o : i : s.y === p ? i : o, t === r) {
			let t = Math.abs(e[f] - n[f]);
			if (t <= a) {
				let r = Math.min(a - 1, a - t);
				s[f] === p ? _[f] = (l[f] > e[f] ? -1 : 1) * r : v[f] = (u[f] > n[f] ? -1 : 1) * r;
			}
		}
		if (t !== r) {
			let e = f === `x` ? `y` : `x`, t = s[f] === c[e], n = l[e] > u[e], r = l[e] < u[e];
			(s[f] === 1 && (!t && n || t && r) || s[f] !== 1 && (!t && r || t && n)) && (m = f === `x` ? i : o);
		}
		let d = {
			x: l.x + _.x,
			y: l.y + _.y
		}, y = {
			x: u.x + v.x,
			y: u.y + v.y
		};
		Math.max(Math.abs(d.x - m[0].x), Math.abs(y.x - m[0].x)) >= Math.max(Math.abs(d.y - m[0].y), Math.abs(y.y - m[0].y)) ? (h = (d.x + y.x) / 2, g = m[0].y) : (h = m[0].x, g = (d.y + y.y) / 2);
	}
	let x = {
		x: l.x + _.x,
		y: l.y + _.y
	}, S = {
		x: u.x + v.x,
		y: u.y + v.y
	}, C = [];
	for (let t of [
		e,
		x,
		...m,
		S,
		n
	]) {
		let [e, n] = C.slice(-2);
		n && js(e, n, t) && C.pop(), C.push(t);
	}
	return [
		C,
		h,
		g,
		y,
		b
	];
}
function Ns(e, t, n, r) {
	let i = Math.min(As(e, t) / 2, As(t, n) / 2, r), { x: a, y: o } = t;
	if (e.x === a && a === n.x || e.y === o && o === n.y) return `L${a} ${o}`;
	if (e.y === o) {
		let t = e.x < n.x ? -1 : 1, r = e.y < n.y ? 1 : -1;
		return `L ${a + i * t},${o}Q ${a},${o} ${a},${o + i * r}`;
	}
	let s = e.x < n.x ? 1 : -1;
	return `L ${a},${o + i * (e.y < n.y ? -1 : 1)}Q ${a},${o} ${a + i * s},${o}`;
}
function Ps({ sourceX: e, sourceY: t, sourcePosition: n = V.Bottom, targetX: r, targetY: i, targetPosition: a = V.Top, borderRadius: o = 5, centerX: s, centerY: c, offset: l = 20, stepPosition: u = .5 }) {
	let [d, f, p, m, h] = Ms({
		source: {
			x: e,
			y: t
		},
		sourcePosition: n,
		target: {
			x: r,
			y: i
		},
		targetPosition: a,
		center: {
			x: s,
			y: c
		},
		offset: l,
		stepPosition: u
	}), g = `M${d[0].x} ${d[0].y}`;
	for (let e = 1; e < d.length - 1; e++) g += Ns(d[e - 1], d[e], d[e + 1], o);
	return g += `L${d[d.length - 1].x} ${d[d.length - 1].y}`, [
		g,
		f,
		p,
		m,
		h
	];
}
function Fs(e) {
	return e && !!(e.internals.handleBounds || e.handles?.length) && !!(e.measured.width || e.width || e.initialWidth);
}
function Is(e) {
	let { sourceNode: t, targetNode: n } = e;
	if (!Fs(t) || !Fs(n)) return null;
	let r = t.internals.handleBounds || Ls(t.handles), i = n.internals.handleBounds || Ls(n.handles), a = zs(r?.source ?? [], e.sourceHandle), o = zs(e.connectionMode === mo.Strict ? i?.target ?? [] : (i?.target ?? []).concat(i?.source ?? []), e.targetHandle);
	if (!a || !o) return e.onError?.(`008`, lo.error008(a ? `target` : `source`, {
		id: e.id,
		sourceHandle: e.sourceHandle,
		targetHandle: e.targetHandle
	})), null;
	let s = a?.position || V.Bottom, c = o?.position || V.Top, l = Rs(t, a, s), u = Rs(n, o, c);
	return {
		sourceX: l.x,
		sourceY: l.y,
		targetX: u.x,
		targetY: u.y,
		sourcePosition: s,
		targetPosition: c
	};
}
function Ls(e) {
	if (!e) return null;
	let t = [], n = [];
	for (let r of e) r.width = r.width ?? 1, r.height = r.height ?? 1, r.type === `source` ? t.push(r) : r.type === `target` && n.push(r);
	return {
		source: t,
		target: n
	};
}
function Rs(e, t, n = V.Left, r = !1) {
	let i = (t?.x ?? 0) + e.internals.positionAbsolute.x, a = (t?.y ?? 0) + e.internals.positionAbsolute.y, { width: o, height: s } = t ?? ns(e);
	if (r) return {
		x: i + o / 2,
		y: a + s / 2
	};
	switch (t?.position ?? n) {
		case V.Top: return {
			x: i + o / 2,
			y: a
		};
		case V.Right: return {
			x: i + o,
			y: a + s / 2
		};
		case V.Bottom: return {
			x: i + o / 2,
			y: a + s
		};
		case V.Left: return {
			x: i,
			y: a + s / 2
		};
	}
}
function zs(e, t) {
	return e && (t ? e.find((e) => e.id === t) : e[0]) || null;
}
function Bs(e, t) {
	return e ? typeof e == `string` ? e : `${t ? `${t}__` : ``}${Object.keys(e).sort().map((t) => `${t}=${e[t]}`).join(`&`)}` : ``;
}
function Vs(e, { id: t, defaultColor: n, defaultMarkerStart: r, defaultMarkerEnd: i }) {
	let a = /* @__PURE__ */ new Set();
	return e.reduce((e, o) => ([o.markerStart || r, o.markerEnd || i].forEach((r) => {
		if (r && typeof r == `object`) {
			let i = Bs(r, t);
			a.has(i) || (e.push({
				id: i,
				color: r.color || n,
				...r
			}), a.add(i));
		}
	}), e), []).sort((e, t) => e.id.localeCompare(t.id));
}
var Hs = 1e3, Us = 10, Ws = {
	nodeOrigin: [0, 0],
	nodeExtent: uo,
	elevateNodesOnSelect: !0,
	zIndexMode: `basic`,
	defaults: {}
}, Gs = {
	...Ws,
	checkEquality: !0
};
function Ks(e, t) {
	let n = { ...e };
	for (let e in t) t[e] !== void 0 && (n[e] = t[e]);
	return n;
}
function qs(e, t, n) {
	let r = Ks(Ws, n);
	for (let n of e.values()) if (n.parentId) Qs(n, e, t, r);
	else {
		let e = Po(wo(n, r.nodeOrigin), ts(n.extent) ? n.extent : r.nodeExtent, ns(n));
		n.internals.positionAbsolute = e;
	}
}
function Js(e, t) {
	if (!e.handles) return e.measured ? t?.internals.handleBounds : void 0;
	let n = [], r = [];
	for (let t of e.handles) {
		let i = {
			id: t.id,
			width: t.width ?? 1,
			height: t.height ?? 1,
			nodeId: e.id,
			x: t.x,
			y: t.y,
			position: t.position,
			type: t.type
		};
		t.type === `source` ? n.push(i) : t.type === `target` && r.push(i);
	}
	return {
		source: n,
		target: r
	};
}
function Ys(e) {
	return e === `manual`;
}
function Xs(e, t, n, r = {}) {
	let i = Ks(Gs, r), a = { i: 0 }, o = new Map(t), s = i?.elevateNodesOnSelect && !Ys(i.zIndexMode) ? Hs : 0, c = e.length > 0, l = !1;
	t.clear(), n.clear();
	for (let u of e) {
		let e = o.get(u.id);
		if (i.checkEquality && u === e?.internals.userNode) t.set(u.id, e);
		else {
			let n = Po(wo(u, i.nodeOrigin), ts(u.extent) ? u.extent : i.nodeExtent, ns(u));
			e = {
				...i.defaults,
				...u,
				measured: {
					width: u.measured?.width,
					height: u.measured?.height
				},
				internals: {
					positionAbsolute: n,
					handleBounds: Js(u, e),
					z: $s(u, s, i.zIndexMode),
					userNode: u
				}
			}, t.set(u.id, e);
		}
		e.measured !== void 0 && e.measured.width !== void 0 && e.measured.height !== void 0 || e.hidden || (c = !1), u.parentId && Qs(e, t, n, r, a), l ||= u.selected ?? !1;
	}
	return {
		nodesInitialized: c,
		hasSelectedNodes: l
	};
}
function Zs(e, t) {
	if (!e.parentId) return;
	let n = t.get(e.parentId);
	n ? n.set(e.id, e) : t.set(e.parentId, /* @__PURE__ */ new Map([[e.id, e]]));
}
function Qs(e, t, n, r, i) {
	let { elevateNodesOnSelect: a, nodeOrigin: o, nodeExtent: s, zIndexMode: c } = Ks(Ws, r), l = e.parentId, u = t.get(l);
	if (!u) {
		console.warn(`Parent node ${l} not found. Please make sure that parent nodes are in front of their child nodes in the nodes array.`);
		return;
	}
	Zs(e, n), i && !u.parentId && u.internals.rootParentIndex === void 0 && c === `auto` && (u.internals.rootParentIndex = ++i.i, u.internals.z = u.internals.z + i.i * Us), i && u.internals.rootParentIndex !== void 0 && (i.i = u.internals.rootParentIndex);
	let { x: d, y: f, z: p } = ec(e, u, o, s, a && !Ys(c) ? Hs : 0, c), { positionAbsolute: m } = e.internals, h = d !== m.x || f !== m.y;
	(h || p !== e.internals.z) && t.set(e.id, {
		...e,
		internals: {
			...e.internals,
			positionAbsolute: h ? {
				x: d,
				y: f
			} : m,
			z: p
		}
	});
}
function $s(e, t, n) {
	let r = Go(e.zIndex) ? e.zIndex : 0;
	return Ys(n) ? r : r + (e.selected ? t : 0);
}
function ec(e, t, n, r, i, a) {
	let { x: o, y: s } = t.internals.positionAbsolute, c = ns(e), l = wo(e, n), u = ts(e.extent) ? Po(l, e.extent, c) : l, d = Po({
		x: o + u.x,
		y: s + u.y
	}, r, c);
	e.extent === `parent` && (d = Fo(d, c, t));
	let f = $s(e, i, a), p = t.internals.z ?? 0;
	return {
		x: d.x,
		y: d.y,
		z: p >= f ? p + 1 : f
	};
}
function tc(e, t, n, r = [0, 0]) {
	let i = [], a = /* @__PURE__ */ new Map();
	for (let n of e) {
		let e = t.get(n.parentId);
		if (!e) continue;
		let r = U(a.get(n.parentId)?.expandedRect ?? Vo(e), n.rect);
		a.set(n.parentId, {
			expandedRect: r,
			parent: e
		});
	}
	return a.size > 0 && a.forEach(({ expandedRect: t, parent: a }, o) => {
		let s = a.internals.positionAbsolute, c = ns(a), l = a.origin ?? r, u = t.x < s.x ? Math.round(Math.abs(s.x - t.x)) : 0, d = t.y < s.y ? Math.round(Math.abs(s.y - t.y)) : 0, f = Math.max(c.width, Math.round(t.width)), p = Math.max(c.height, Math.round(t.height)), m = (f - c.width) * l[0], h = (p - c.height) * l[1];
		(u > 0 || d > 0 || m || h) && (i.push({
			id: o,
			type: `position`,
			position: {
				x: a.position.x - u + m,
				y: a.position.y - d + h
			}
		}), n.get(o)?.forEach((t) => {
			e.some((e) => e.id === t.id) || i.push({
				id: t.id,
				type: `position`,
				position: {
					x: t.position.x + u,
					y: t.position.y + d
				}
			});
		})), (c.width < t.width || c.height < t.height || u || d) && i.push({
			id: o,
			type: `dimensions`,
			setAttributes: !0,
			dimensions: {
				width: f + (u ? l[0] * u - m : 0),
				height: p + (d ? l[1] * d - h : 0)
			}
		});
	}), i;
}
function nc(e, t, n, r, i, a, o) {
	let s = r?.querySelector(`.xyflow__viewport`), c = !1;
	if (!s) return {
		changes: [],
		updatedInternals: c
	};
	let l = [], u = window.getComputedStyle(s), { m22: d } = new window.DOMMatrixReadOnly(u.transform), f = [];
	for (let r of e.values()) {
		let e = t.get(r.id);
		if (!e) continue;
		if (e.hidden) {
			t.set(e.id, {
				...e,
				internals: {
					...e.internals,
					handleBounds: void 0
				}
			}), c = !0;
			continue;
		}
		let s = us(r.nodeElement), u = e.measured.width !== s.width || e.measured.height !== s.height;
		if (s.width && s.height && (u || !e.internals.handleBounds || r.force)) {
			let p = r.nodeElement.getBoundingClientRect(), m = ts(e.extent) ? e.extent : a, { positionAbsolute: h } = e.internals;
			if (e.parentId && e.extent === `parent`) {
				let n = t.get(e.parentId);
				n && (h = Fo(h, s, n));
			} else m && (h = Po(h, m, s));
			let g = {
				...e,
				measured: s,
				internals: {
					...e.internals,
					positionAbsolute: h,
					handleBounds: {
						source: gs(`source`, r.nodeElement, p, d, e.id),
						target: gs(`target`, r.nodeElement, p, d, e.id)
					}
				}
			};
			t.set(e.id, g), e.parentId && Qs(g, t, n, {
				nodeOrigin: i,
				zIndexMode: o
			}), c = !0, u && (l.push({
				id: e.id,
				type: `dimensions`,
				dimensions: s
			}), e.expandParent && e.parentId && f.push({
				id: e.id,
				parentId: e.parentId,
				rect: Vo(g, i)
			}));
		}
	}
	if (f.length > 0) {
		let e = tc(f, t, n, i);
		l.push(...e);
	}
	return {
		changes: l,
		updatedInternals: c
	};
}
async function rc({ delta: e, panZoom: t, transform: n, translateExtent: r, width: i, height: a }) {
	if (!t || !e.x && !e.y) return !1;
	let o = await t.setViewportConstrained({
		x: n[0] + e.x,
		y: n[1] + e.y,
		zoom: n[2]
	}, [[0, 0], [i, a]], r);
	return !!o && (o.x !== n[0] || o.y !== n[1] || o.k !== n[2]);
}
function ic(e, t, n, r, i, a) {
	let o = i, s = r.get(o) || /* @__PURE__ */ new Map();
	r.set(o, s.set(n, t)), o = `${i}-${e}`;
	let c = r.get(o) || /* @__PURE__ */ new Map();
	if (r.set(o, c.set(n, t)), a) {
		o = `${i}-${e}-${a}`;
		let s = r.get(o) || /* @__PURE__ */ new Map();
		r.set(o, s.set(n, t));
	}
}
function ac(e, t, n) {
	e.clear(), t.clear();
	for (let r of n) {
		let { source: n, target: i, sourceHandle: a = null, targetHandle: o = null } = r, s = {
			edgeId: r.id,
			source: n,
			target: i,
			sourceHandle: a,
			targetHandle: o
		}, c = `${n}-${a}--${i}-${o}`;
		ic(`source`, s, `${i}-${o}--${n}-${a}`, e, n, a), ic(`target`, s, c, e, i, o), t.set(r.id, r);
	}
}
function oc(e, t) {
	if (!e.parentId) return !1;
	let n = t.get(e.parentId);
	return n ? n.selected ? !0 : oc(n, t) : !1;
}
function sc(e, t, n) {
	let r = e;
	do {
		if (r?.matches?.(t)) return !0;
		if (r === n) return !1;
		r = r?.parentElement;
	} while (r);
	return !1;
}
function cc(e, t, n, r, i) {
	let a = /* @__PURE__ */ new Map();
	for (let [o, s] of e) if ((i ? s.id === r : s.selected || s.id === r) && (i || !s.parentId || !oc(s, e)) && (s.draggable || t && s.draggable === void 0)) {
		let t = e.get(o);
		t && a.set(o, {
			id: o,
			position: t.position || {
				x: 0,
				y: 0
			},
			distance: {
				x: n.x - t.internals.positionAbsolute.x,
				y: n.y - t.internals.positionAbsolute.y
			},
			extent: t.extent,
			parentId: t.parentId,
			origin: t.origin,
			expandParent: t.expandParent,
			internals: { positionAbsolute: t.internals.positionAbsolute || {
				x: 0,
				y: 0
			} },
			measured: {
				width: t.measured.width ?? 0,
				height: t.measured.height ?? 0
			}
		});
	}
	return a;
}
function lc({ nodeId: e, dragItems: t, nodeLookup: n, dragging: r = !0 }) {
	let i = [];
	for (let [e, a] of t) {
		let t = n.get(e)?.internals.userNode;
		t && i.push({
			...t,
			position: a.position,
			dragging: r
		});
	}
	if (!e) return [i[0], i];
	let a = n.get(e)?.internals.userNode;
	return [a ? {
		...a,
		position: t.get(e)?.position || a.position,
		dragging: r
	} : i[0], i];
}
function uc({ dragItems: e, snapGrid: t, x: n, y: r }) {
	let i = e.values().next().value;
	if (!i) return null;
	let a = {
		x: n - i.distance.x,
		y: r - i.distance.y
	}, o = qo(a, t);
	return {
		x: o.x - a.x,
		y: o.y - a.y
	};
}
function dc({ onNodeMouseDown: e, getStoreItems: t, onDragStart: n, onDrag: r, onDragStop: i }) {
	let a = {
		x: null,
		y: null
	}, o = 0, s = /* @__PURE__ */ new Map(), c = !1, l = {
		x: 0,
		y: 0
	}, u = null, d = !1, f = null, p = !1, m = !1, h = null;
	function g({ noDragClassName: g, handleSelector: _, domNode: v, isSelectable: y, nodeId: b, nodeClickDistance: x = 0 }) {
		f = Ft(v);
		function S({ x: e, y: n }) {
			let { nodeLookup: i, nodeExtent: o, snapGrid: c, snapToGrid: l, nodeOrigin: u, onNodeDrag: d, onSelectionDrag: f, onError: p, updateNodePositions: g } = t();
			a = {
				x: e,
				y: n
			};
			let _ = !1, v = s.size > 1, y = v && o ? zo(Eo(s)) : null, x = v && l ? uc({
				dragItems: s,
				snapGrid: c,
				x: e,
				y: n
			}) : null;
			for (let [t, r] of s) {
				if (!i.has(t)) continue;
				let a = {
					x: e - r.distance.x,
					y: n - r.distance.y
				};
				l && (a = x ? {
					x: Math.round(a.x + x.x),
					y: Math.round(a.y + x.y)
				} : qo(a, c));
				let s = null;
				if (v && o && !r.extent && y) {
					let { positionAbsolute: e } = r.internals, t = e.x - y.x + o[0][0], n = e.x + r.measured.width - y.x2 + o[1][0], i = e.y - y.y + o[0][1], a = e.y + r.measured.height - y.y2 + o[1][1];
					s = [[t, i], [n, a]];
				}
				let { position: d, positionAbsolute: f } = jo({
					nodeId: t,
					nextPosition: a,
					nodeLookup: i,
					nodeExtent: s || o,
					nodeOrigin: u,
					onError: p
				});
				_ = _ || r.position.x !== d.x || r.position.y !== d.y, r.position = d, r.internals.positionAbsolute = f;
			}
			if (m ||= _, _ && (g(s, !0), h && (r || d || !b && f))) {
				let [e, t] = lc({
					nodeId: b,
					dragItems: s,
					nodeLookup: i
				});
				r?.(h, s, e, t), d?.(h, e, t), b || f?.(h, t);
			}
		}
		async function C() {
			if (!u) return;
			let { transform: e, panBy: n, autoPanSpeed: r, autoPanOnNodeDrag: i } = t();
			if (!i) {
				c = !1, cancelAnimationFrame(o);
				return;
			}
			let [s, d] = Lo(l, u, r);
			(s !== 0 || d !== 0) && (a.x = (a.x ?? 0) - s / e[2], a.y = (a.y ?? 0) - d / e[2], await n({
				x: s,
				y: d
			}) && S(a)), o = requestAnimationFrame(C);
		}
		function w(r) {
			let { nodeLookup: i, multiSelectionActive: o, nodesDraggable: c, transform: l, snapGrid: f, snapToGrid: p, selectNodesOnDrag: m, onNodeDragStart: h, onSelectionDragStart: g, unselectNodesAndEdges: _ } = t();
			d = !0;
			let v = !!b && !o && !i.get(b)?.selected;
			m && y || o || !b || i.get(b)?.selected || _(), y && m && b && e?.(b);
			let x = ls(r.sourceEvent, {
				transform: l,
				snapGrid: f,
				snapToGrid: p,
				containerBounds: u
			});
			if (a = x, s = cc(i, c, x, b, v), s.size > 0 && (n || h || !b && g)) {
				let [e, t] = lc({
					nodeId: b,
					dragItems: s,
					nodeLookup: i
				});
				n?.(r.sourceEvent, s, e, t), h?.(r.sourceEvent, e, t), b || g?.(r.sourceEvent, t);
			}
		}
		let T = Qt().clickDistance(x).on(`start`, (e) => {
			let { domNode: n, nodeDragThreshold: r, transform: i, snapGrid: o, snapToGrid: s } = t();
			u = n?.getBoundingClientRect() || null, p = !1, m = !1, h = e.sourceEvent, r === 0 && w(e), a = ls(e.sourceEvent, {
				transform: i,
				snapGrid: o,
				snapToGrid: s,
				containerBounds: u
			}), l = hs(e.sourceEvent, u);
		}).on(`drag`, (e) => {
			let { autoPanOnNodeDrag: n, transform: r, snapGrid: i, snapToGrid: o, nodeDragThreshold: f, nodeLookup: m } = t(), g = ls(e.sourceEvent, {
				transform: r,
				snapGrid: i,
				snapToGrid: o,
				containerBounds: u
			});
			if (h = e.sourceEvent, (e.sourceEvent.type === `touchmove` && e.sourceEvent.touches.length > 1 || b && !m.has(b)) && (p = !0), !p) {
				if (!c && n && d && (c = !0, C()), !d) {
					let t = hs(e.sourceEvent, u), n = t.x - l.x, r = t.y - l.y;
					Math.sqrt(n * n + r * r) > f && w(e);
				}
				(a.x !== g.xSnapped || a.y !== g.ySnapped) && s && d && (l = hs(e.sourceEvent, u), S(g));
			}
		}).on(`end`, (e) => {
			if (!d || p) p && s.size > 0 && t().updateNodePositions(s, !1);
			else if (c = !1, d = !1, cancelAnimationFrame(o), s.size > 0) {
				let { nodeLookup: n, updateNodePositions: r, onNodeDragStop: a, onSelectionDragStop: o } = t();
				if (m &&= (r(s, !1), !1), i || a || !b && o) {
					let [t, r] = lc({
						nodeId: b,
						dragItems: s,
						nodeLookup: n,
						dragging: !1
					});
					i?.(e.sourceEvent, s, t, r), a?.(e.sourceEvent, t, r), b || o?.(e.sourceEvent, r);
				}
			}
		}).filter((e) => {
			let t = e.target;
			return !e.button && (!g || !sc(t, `.${g}`, v)) && (!_ || sc(t, _, v));
		});
		f.call(T);
	}
	function _() {
		f?.on(`.drag`, null);
	}
	return {
		update: g,
		destroy: _
	};
}
function fc(e, t, n) {
	let r = [], i = {
		x: e.x - n,
		y: e.y - n,
		width: n * 2,
		height: n * 2
	};
	for (let e of t.values()) Uo(i, Vo(e)) > 0 && r.push(e);
	return r;
}
var pc = 250;
function mc(e, t, n, r) {
	let i = [], a = 1 / 0, o = fc(e, n, t + pc);
	for (let n of o) {
		let o = [...n.internals.handleBounds?.source ?? [], ...n.internals.handleBounds?.target ?? []];
		for (let s of o) {
			if (r.nodeId === s.nodeId && r.type === s.type && r.id === s.id) continue;
			let { x: o, y: c } = Rs(n, s, s.position, !0), l = Math.sqrt((o - e.x) ** 2 + (c - e.y) ** 2);
			l > t || (l < a ? (i = [{
				...s,
				x: o,
				y: c
			}], a = l) : l === a && i.push({
				...s,
				x: o,
				y: c
			}));
		}
	}
	if (!i.length) return null;
	if (i.length > 1) {
		let e = r.type === `source` ? `target` : `source`;
		return i.find((t) => t.type === e) ?? i[0];
	}
	return i[0];
}
function hc(e, t, n, r, i, a = !1) {
	let o = r.get(e);
	if (!o) return null;
	let s = i === `strict` ? o.internals.handleBounds?.[t] : [...o.internals.handleBounds?.source ?? [], ...o.internals.handleBounds?.target ?? []], c = (n ? s?.find((e) => e.id === n) : s?.[0]) ?? null;
	return c && a ? {
		...c,
		...Rs(o, c, c.position, !0)
	} : c;
}
function gc(e, t) {
	return e || (t?.classList.contains(`target`) ? `target` : t?.classList.contains(`source`) ? `source` : null);
}
function _c(e, t) {
	let n = null;
	return t ? n = !0 : e && !t && (n = !1), n;
}
var vc = () => !0;
function yc(e, { connectionMode: t, connectionRadius: n, handleId: r, nodeId: i, edgeUpdaterType: a, isTarget: o, domNode: s, nodeLookup: c, lib: l, autoPanOnConnect: u, flowId: d, panBy: f, cancelConnection: p, onConnectStart: m, onConnect: h, onConnectEnd: g, isValidConnection: _ = vc, onReconnectEnd: v, updateConnection: y, getTransform: b, getFromHandle: x, autoPanSpeed: S, dragThreshold: C = 1, handleDomNode: w }) {
	let T = ds(e.target), E = 0, D, { x: O, y: k } = hs(e), A = gc(a, w), j = s?.getBoundingClientRect(), M = !1;
	if (!j || !A) return;
	let ee = hc(i, A, r, c, t);
	if (!ee) return;
	let N = hs(e, j), P = !1, te = null, ne = !1, re = null;
	function ie() {
		if (!u || !j) return;
		let [e, t] = Lo(N, j, S);
		f({
			x: e,
			y: t
		}), E = requestAnimationFrame(ie);
	}
	let F = {
		...ee,
		nodeId: i,
		type: A,
		position: ee.position
	}, ae = c.get(i), oe = {
		inProgress: !0,
		isValid: null,
		from: Rs(ae, F, V.Left, !0),
		fromHandle: F,
		fromPosition: F.position,
		fromNode: ae,
		to: N,
		toHandle: null,
		toPosition: bo[F.position],
		toNode: null,
		pointer: N
	};
	function se() {
		M = !0, y(oe), m?.(e, {
			nodeId: i,
			handleId: r,
			handleType: A
		});
	}
	C === 0 && se();
	function ce(e) {
		if (!M) {
			let { x: t, y: n } = hs(e), r = t - O, i = n - k;
			if (!(r * r + i * i > C * C)) return;
			se();
		}
		if (!x() || !F) {
			le(e);
			return;
		}
		let a = b();
		N = hs(e, j), D = mc(Jo(N, a, !1, [1, 1]), n, c, F), P ||= (ie(), !0);
		let s = bc(e, {
			handle: D,
			connectionMode: t,
			fromNodeId: i,
			fromHandleId: r,
			fromType: o ? `target` : `source`,
			isValidConnection: _,
			doc: T,
			lib: l,
			flowId: d,
			nodeLookup: c
		});
		re = s.handleDomNode, te = s.connection, ne = _c(!!D, s.isValid);
		let u = c.get(i), f = u ? Rs(u, F, V.Left, !0) : oe.from, p = {
			...oe,
			from: f,
			isValid: ne,
			to: s.toHandle && ne ? Yo({
				x: s.toHandle.x,
				y: s.toHandle.y
			}, a) : N,
			toHandle: s.toHandle,
			toPosition: ne && s.toHandle ? s.toHandle.position : bo[F.position],
			toNode: s.toHandle ? c.get(s.toHandle.nodeId) : null,
			pointer: N
		};
		y(p), oe = p;
	}
	function le(e) {
		if (!(`touches` in e && e.touches.length > 0)) {
			if (M) {
				(D || re) && te && ne && h?.(te);
				let { inProgress: t, ...n } = oe, r = {
					...n,
					toPosition: oe.toHandle ? oe.toPosition : null
				};
				g?.(e, r), a && v?.(e, r);
			}
			p(), cancelAnimationFrame(E), P = !1, ne = !1, te = null, re = null, T.removeEventListener(`mousemove`, ce), T.removeEventListener(`mouseup`, le), T.removeEventListener(`touchmove`, ce), T.removeEventListener(`touchend`, le);
		}
	}
	T.addEventListener(`mousemove`, ce), T.addEventListener(`mouseup`, le), T.addEventListener(`touchmove`, ce), T.addEventListener(`touchend`, le);
}
function bc(e, { handle: t, connectionMode: n, fromNodeId: r, fromHandleId: i, fromType: a, doc: o, lib: s, flowId: c, isValidConnection: l = vc, nodeLookup: u }) {
	let d = a === `target`, f = t ? o.querySelector(`.${s}-flow__handle[data-id="${c}-${t?.nodeId}-${t?.id}-${t?.type}"]`) : null, { x: p, y: m } = hs(e), h = o.elementFromPoint(p, m), g = h?.classList.contains(`${s}-flow__handle`) ? h : f, _ = {
		handleDomNode: g,
		isValid: !1,
		connection: null,
		toHandle: null
	};
	if (g) {
		let e = gc(void 0, g), t = g.getAttribute(`data-nodeid`), a = g.getAttribute(`data-handleid`), o = g.classList.contains(`connectable`), s = g.classList.contains(`connectableend`);
		if (!t || !e) return _;
		let c = {
			source: d ? t : r,
			sourceHandle: d ? a : i,
			target: d ? r : t,
			targetHandle: d ? i : a
		};
		_.connection = c, _.isValid = o && s && (n === mo.Strict ? d && e === `source` || !d && e === `target` : t !== r || a !== i) && l(c), _.toHandle = hc(t, e, a, u, n, !0);
	}
	return _;
}
var xc = {
	onPointerDown: yc,
	isValid: bc
};
function Sc({ domNode: e, panZoom: t, getTransform: n, getViewScale: r }) {
	let i = Ft(e);
	function a({ translateExtent: e, width: a, height: o, zoomStep: s = 1, pannable: c = !0, zoomable: l = !0, inversePan: u = !1 }) {
		let d = (e) => {
			if (e.sourceEvent.type !== `wheel` || !t) return;
			let r = n(), i = e.sourceEvent.ctrlKey && es() ? 10 : 1, a = -e.sourceEvent.deltaY * (e.sourceEvent.deltaMode === 1 ? .05 : e.sourceEvent.deltaMode ? 1 : .002) * s, o = r[2] * 2 ** (a * i);
			t.scaleTo(o);
		}, f = [0, 0], p = co().on(`start`, (e) => {
			(e.sourceEvent.type === `mousedown` || e.sourceEvent.type === `touchstart`) && (f = [e.sourceEvent.clientX ?? e.sourceEvent.touches[0].clientX, e.sourceEvent.clientY ?? e.sourceEvent.touches[0].clientY]);
		}).on(`zoom`, c ? (i) => {
			let s = n();
			if (i.sourceEvent.type !== `mousemove` && i.sourceEvent.type !== `touchmove` || !t) return;
			let c = [i.sourceEvent.clientX ?? i.sourceEvent.touches[0].clientX, i.sourceEvent.clientY ?? i.sourceEvent.touches[0].clientY], l = [c[0] - f[0], c[1] - f[1]];
			f = c;
			let d = r() * Math.max(s[2], Math.log(s[2])) * (u ? -1 : 1), p = {
				x: s[0] - l[0] * d,
				y: s[1] - l[1] * d
			}, m = [[0, 0], [a, o]];
			t.setViewportConstrained({
				x: p.x,
				y: p.y,
				zoom: s[2]
			}, m, e);
		} : null).on(`zoom.wheel`, l ? d : null);
		i.call(p, {});
	}
	function o() {
		i.on(`zoom`, null);
	}
	return {
		update: a,
		destroy: o,
		pointer: Bt
	};
}
var Cc = (e) => ({
	x: e.x,
	y: e.y,
	zoom: e.k
}), wc = ({ x: e, y: t, zoom: n }) => Qa.translate(e, t).scale(n), Tc = (e, t) => e.target.closest(`.${t}`), Ec = (e, t) => t === 2 && Array.isArray(e) && e.includes(2), Dc = (e) => ((e *= 2) <= 1 ? e * e * e : (e -= 2) * e * e + 2) / 2, Oc = (e, t = 0, n = Dc, r = () => {}) => {
	let i = typeof t == `number` && t > 0;
	return i || r(), i ? e.transition().duration(t).ease(n).on(`end`, r) : e;
}, kc = (e) => {
	let t = e.ctrlKey && es() ? 10 : 1;
	return -e.deltaY * (e.deltaMode === 1 ? .05 : e.deltaMode ? 1 : .002) * t;
};
function Ac({ zoomPanValues: e, noWheelClassName: t, d3Selection: n, d3Zoom: r, panOnScrollMode: i, panOnScrollSpeed: a, zoomOnPinch: o, onPanZoomStart: s, onPanZoom: c, onPanZoomEnd: l }) {
	return (u) => {
		if (Tc(u, t)) return u.ctrlKey && u.preventDefault(), !1;
		u.preventDefault(), u.stopImmediatePropagation();
		let d = n.property(`__zoom`).k || 1;
		if (u.ctrlKey && o) {
			let e = Bt(u), t = d * 2 ** kc(u);
			r.scaleTo(n, t, e, u);
			return;
		}
		let f = u.deltaMode === 1 ? 20 : 1, p = i === ho.Vertical ? 0 : u.deltaX * f, m = i === ho.Horizontal ? 0 : u.deltaY * f;
		!es() && u.shiftKey && i !== ho.Vertical && (p = u.deltaY * f, m = 0), r.translateBy(n, -(p / d) * a, -(m / d) * a, { internal: !0 });
		let h = Cc(n.property(`__zoom`));
		clearTimeout(e.panScrollTimeout), e.isPanScrolling ? c?.(u, h) : (e.isPanScrolling = !0, s?.(u, h)), e.panScrollTimeout = setTimeout(() => {
			l?.(u, h), e.isPanScrolling = !1;
		}, 150);
	};
}
function jc({ noWheelClassName: e, preventScrolling: t, d3ZoomHandler: n }) {
	return function(r, i) {
		let a = r.type === `wheel`, o = !t && a && !r.ctrlKey, s = Tc(r, e);
		if (r.ctrlKey && a && s && r.preventDefault(), o || s) return null;
		r.preventDefault(), n.call(this, r, i);
	};
}
function Mc({ zoomPanValues: e, onDraggingChange: t, onPanZoomStart: n }) {
	return (r) => {
		if (r.sourceEvent?.internal) return;
		let i = Cc(r.transform);
		e.mouseButton = r.sourceEvent?.button || 0, e.isZoomingOrPanning = !0, e.prevViewport = i, r.sourceEvent?.type === `mousedown` && t(!0), n && n?.(r.sourceEvent, i);
	};
}
function Nc({ zoomPanValues: e, panOnDrag: t, onPaneContextMenu: n, onTransformChange: r, onPanZoom: i }) {
	return (a) => {
		e.usedRightMouseButton = !!(n && Ec(t, e.mouseButton ?? 0)), a.sourceEvent?.sync || r([
			a.transform.x,
			a.transform.y,
			a.transform.k
		]), i && !a.sourceEvent?.internal && i?.(a.sourceEvent, Cc(a.transform));
	};
}
function Pc({ zoomPanValues: e, panOnDrag: t, panOnScroll: n, onDraggingChange: r, onPanZoomEnd: i, onPaneContextMenu: a }) {
	return (o) => {
		if (!o.sourceEvent?.internal && (e.isZoomingOrPanning = !1, a && Ec(t, e.mouseButton ?? 0) && !e.usedRightMouseButton && o.sourceEvent && a(o.sourceEvent), e.usedRightMouseButton = !1, r(!1), i)) {
			let t = Cc(o.transform);
			e.prevViewport = t, clearTimeout(e.timerId), e.timerId = setTimeout(() => {
				i?.(o.sourceEvent, t);
			}, n ? 150 : 0);
		}
	};
}
function Fc({ panActivationKeyPressed: e, zoomActivationKeyPressed: t, zoomOnScroll: n, zoomOnPinch: r, panOnDrag: i, panOnScroll: a, zoomOnDoubleClick: o, userSelectionActive: s, noWheelClassName: c, noPanClassName: l, lib: u, connectionInProgress: d }) {
	return (f) => {
		let p = t || n, m = r && f.ctrlKey, h = f.type === `wheel`;
		if (f.button === 1 && f.type === `mousedown` && (Tc(f, `${u}-flow__node`) || Tc(f, `${u}-flow__edge`) || Tc(f, `${u}-flow__selection`) || Tc(f, `${u}-flow__nodesselection`))) return !0;
		if (!i && !p && !a && !o && !r || s || d && !h || Tc(f, c) && h || Tc(f, l) && (!h || a && h && !t) || !r && f.ctrlKey && h) return !1;
		if (!r && f.type === `touchstart` && f.touches?.length > 1) return f.preventDefault(), !1;
		if (!p && !a && !m && h || !i && (f.type === `mousedown` || f.type === `touchstart`) || Array.isArray(i) && !i.includes(f.button) && f.type === `mousedown`) return !1;
		let g = Array.isArray(i) && i.includes(f.button) || !f.button || f.button <= 1;
		return (!f.ctrlKey || h || e) && g;
	};
}
function Ic({ domNode: e, minZoom: t, maxZoom: n, translateExtent: r, viewport: i, onPanZoom: a, onPanZoomStart: o, onPanZoomEnd: s, onDraggingChange: c }) {
	let l = {
		isZoomingOrPanning: !1,
		usedRightMouseButton: !1,
		prevViewport: {},
		mouseButton: 0,
		timerId: void 0,
		panScrollTimeout: void 0,
		isPanScrolling: !1
	}, u = e.getBoundingClientRect(), d = [[0, 0], [u.width, u.height]], f = typeof ResizeObserver < `u` ? new ResizeObserver((e) => {
		let t = e[0];
		t?.contentRect && (d = [[0, 0], [t.contentRect.width, t.contentRect.height]]);
	}) : null;
	f?.observe(e);
	let p = co().extent(() => d).scaleExtent([t, n]).translateExtent(r), m = Ft(e).call(p);
	b({
		x: i.x,
		y: i.y,
		zoom: No(i.zoom, t, n)
	}, [[0, 0], [u.width, u.height]], r);
	let h = m.on(`wheel.zoom`), g = m.on(`dblclick.zoom`);
	p.wheelDelta(kc);
	async function _(e, t) {
		return m ? new Promise((n) => {
			p?.interpolate(t?.interpolate === `linear` ? Fr : Yr).transform(Oc(m, t?.duration, t?.ease, () => n(!0)), e);
		}) : !1;
	}
	function v({ noWheelClassName: e, noPanClassName: t, onPaneContextMenu: n, userSelectionActive: r, panOnScroll: i, panOnDrag: u, panOnScrollMode: d, panOnScrollSpeed: f, preventScrolling: _, zoomOnPinch: v, zoomOnScroll: y, zoomOnDoubleClick: b, panActivationKeyPressed: x = !1, zoomActivationKeyPressed: S, lib: C, onTransformChange: w, connectionInProgress: T, paneClickDistance: E, selectionOnDrag: D }) {
		r && !l.isZoomingOrPanning && p.on(`zoom`, null);
		let O = i && !S && !r;
		p.clickDistance(D ? 1 / 0 : !Go(E) || E < 0 ? 0 : E);
		let k = O ? Ac({
			zoomPanValues: l,
			noWheelClassName: e,
			d3Selection: m,
			d3Zoom: p,
			panOnScrollMode: d,
			panOnScrollSpeed: f,
			zoomOnPinch: v,
			onPanZoomStart: o,
			onPanZoom: a,
			onPanZoomEnd: s
		}) : jc({
			noWheelClassName: e,
			preventScrolling: _,
			d3ZoomHandler: h
		});
		m.on(`wheel.zoom`, k, { passive: !1 });
		let A = Mc({
			zoomPanValues: l,
			onDraggingChange: c,
			onPanZoomStart: o
		});
		p.on(`start`, A);
		let j = Nc({
			zoomPanValues: l,
			panOnDrag: u,
			onPaneContextMenu: !!n,
			onPanZoom: a,
			onTransformChange: w
		});
		p.on(`zoom`, j);
		let M = Pc({
			zoomPanValues: l,
			panOnDrag: u,
			panOnScroll: i,
			onPaneContextMenu: n,
			onPanZoomEnd: s,
			onDraggingChange: c
		});
		p.on(`end`, M);
		let ee = Fc({
			panActivationKeyPressed: x,
			zoomActivationKeyPressed: S,
			panOnDrag: u,
			zoomOnScroll: y,
			panOnScroll: i,
			zoomOnDoubleClick: b,
			zoomOnPinch: v,
			userSelectionActive: r,
			noPanClassName: t,
			noWheelClassName: e,
			lib: C,
			connectionInProgress: T
		});
		p.filter(ee), b ? m.on(`dblclick.zoom`, g) : m.on(`dblclick.zoom`, null);
	}
	function y() {
		p.on(`zoom`, null), f?.disconnect();
	}
	async function b(e, t, n) {
		let r = wc(e), i = p?.constrain()(r, t, n);
		return i && await _(i), i;
	}
	async function x(e, t) {
		let n = wc(e);
		return await _(n, t), n;
	}
	function S(e) {
		if (m) {
			let t = wc(e), n = m.property(`__zoom`);
			(n.k !== e.zoom || n.x !== e.x || n.y !== e.y) && p?.transform(m, t, null, { sync: !0 });
		}
	}
	function C() {
		let e = m ? $a(m.node()) : {
			x: 0,
			y: 0,
			k: 1
		};
		return {
			x: e.x,
			y: e.y,
			zoom: e.k
		};
	}
	async function w(e, t) {
		return m ? new Promise((n) => {
			p?.interpolate(t?.interpolate === `linear` ? Fr : Yr).scaleTo(Oc(m, t?.duration, t?.ease, () => n(!0)), e);
		}) : !1;
	}
	async function T(e, t) {
		return m ? new Promise((n) => {
			p?.interpolate(t?.interpolate === `linear` ? Fr : Yr).scaleBy(Oc(m, t?.duration, t?.ease, () => n(!0)), e);
		}) : !1;
	}
	function E(e) {
		p?.scaleExtent(e);
	}
	function D(e) {
		p?.translateExtent(e);
	}
	function O(e) {
		let t = !Go(e) || e < 0 ? 0 : e;
		p?.clickDistance(t);
	}
	return {
		update: v,
		destroy: y,
		setViewport: x,
		setViewportConstrained: b,
		getViewport: C,
		scaleTo: w,
		scaleBy: T,
		setScaleExtent: E,
		setTranslateExtent: D,
		syncViewport: S,
		setClickDistance: O
	};
}
var Lc;
(function(e) {
	e.Line = `line`, e.Handle = `handle`;
})(Lc ||= {});
function Rc({ width: e, prevWidth: t, height: n, prevHeight: r, affectsX: i, affectsY: a }) {
	let o = e - t, s = n - r, c = [o > 0 ? 1 : o < 0 ? -1 : 0, s > 0 ? 1 : s < 0 ? -1 : 0];
	return o && i && (c[0] *= -1), s && a && (c[1] *= -1), c;
}
function zc(e) {
	return {
		isHorizontal: e.includes(`right`) || e.includes(`left`),
		isVertical: e.includes(`bottom`) || e.includes(`top`),
		affectsX: e.includes(`left`),
		affectsY: e.includes(`top`)
	};
}
function Bc(e, t) {
	return Math.max(0, t - e);
}
function Vc(e, t) {
	return Math.max(0, e - t);
}
function Hc(e, t, n) {
	return Math.max(0, t - e, e - n);
}
function Uc(e, t) {
	return e ? !t : t;
}
function Wc(e, t, n, r, i, a, o, s) {
	let { affectsX: c, affectsY: l } = t, { isHorizontal: u, isVertical: d } = t, f = u && d, { xSnapped: p, ySnapped: m } = n, { minWidth: h, maxWidth: g, minHeight: _, maxHeight: v } = r, { x: y, y: b, width: x, height: S, aspectRatio: C } = e, w = Math.floor(u ? p - e.pointerX : 0), T = Math.floor(d ? m - e.pointerY : 0), E = x + (c ? -w : w), D = S + (l ? -T : T), O = -a[0] * x, k = -a[1] * S, A = Hc(E, h, g), j = Hc(D, _, v);
	if (o) {
		let e = 0, t = 0;
		c && w < 0 ? e = Bc(y + w + O, o[0][0]) : !c && w > 0 && (e = Vc(y + E + O, o[1][0])), l && T < 0 ? t = Bc(b + T + k, o[0][1]) : !l && T > 0 && (t = Vc(b + D + k, o[1][1])), A = Math.max(A, e), j = Math.max(j, t);
	}
	if (s) {
		let e = 0, t = 0;
		c && w > 0 ? e = Vc(y + w, s[0][0]) : !c && w < 0 && (e = Bc(y + E, s[1][0])), l && T > 0 ? t = Vc(b + T, s[0][1]) : !l && T < 0 && (t = Bc(b + D, s[1][1])), A = Math.max(A, e), j = Math.max(j, t);
	}
	if (i) {
		if (u) {
			let e = Hc(E / C, _, v) * C;
			if (A = Math.max(A, e), o) {
				let e = 0;
				e = !c && !l || c && !l && f ? Vc(b + k + E / C, o[1][1]) * C : Bc(b + k + (c ? w : -w) / C, o[0][1]) * C, A = Math.max(A, e);
			}
			if (s) {
				let e = 0;
				e = !c && !l || c && !l && f ? Bc(b + E / C, s[1][1]) * C : Vc(b + (c ? w : -w) / C, s[0][1]) * C, A = Math.max(A, e);
			}
		}
		if (d) {
			let e = Hc(D * C, h, g) / C;
			if (j = Math.max(j, e), o) {
				let e = 0;
				e = !c && !l || l && !c && f ? Vc(y + D * C + O, o[1][0]) / C : Bc(y + (l ? T : -T) * C + O, o[0][0]) / C, j = Math.max(j, e);
			}
			if (s) {
				let e = 0;
				e = !c && !l || l && !c && f ? Bc(y + D * C, s[1][0]) / C : Vc(y + (l ? T : -T) * C, s[0][0]) / C, j = Math.max(j, e);
			}
		}
	}
	T += T < 0 ? j : -j, w += w < 0 ? A : -A, i && (f ? E > D * C ? T = (Uc(c, l) ? -w : w) / C : w = (Uc(c, l) ? -T : T) * C : u ? (T = w / C, l = c) : (w = T * C, c = l));
	let M = c ? y + w : y, ee = l ? b + T : b;
	return {
		width: x + (c ? -w : w),
		height: S + (l ? -T : T),
		x: a[0] * w * (c ? -1 : 1) + M,
		y: a[1] * T * (l ? -1 : 1) + ee
	};
}
var Gc = {
	width: 0,
	height: 0,
	x: 0,
	y: 0
}, Kc = {
	...Gc,
	pointerX: 0,
	pointerY: 0,
	aspectRatio: 1
};
function qc(e, t, n) {
	let r = t.position.x + e.position.x, i = t.position.y + e.position.y, a = e.measured.width ?? 0, o = e.measured.height ?? 0, s = n[0] * a, c = n[1] * o;
	return [[r - s, i - c], [r + a - s, i + o - c]];
}
function Jc({ domNode: e, nodeId: t, getStoreItems: n, onChange: r, onEnd: i }) {
	let a = Ft(e), o = {
		controlDirection: zc(`bottom-right`),
		boundaries: {
			minWidth: 0,
			minHeight: 0,
			maxWidth: Number.MAX_VALUE,
			maxHeight: Number.MAX_VALUE
		},
		resizeDirection: void 0,
		keepAspectRatio: !1
	};
	function s({ controlPosition: e, boundaries: s, keepAspectRatio: c, resizeDirection: l, onResizeStart: u, onResize: d, onResizeEnd: f, shouldResize: p }) {
		let m = { ...Gc }, h = { ...Kc };
		o = {
			boundaries: s,
			resizeDirection: l,
			keepAspectRatio: c,
			controlDirection: zc(e)
		};
		let g, _ = null, v = [], y, b, x, S = Qt().on(`start`, (e) => {
			let { nodeLookup: r, transform: i, snapGrid: a, snapToGrid: o, nodeOrigin: s, paneDomNode: c } = n();
			if (g = r.get(t), !g) return;
			_ = c?.getBoundingClientRect() ?? null;
			let { xSnapped: l, ySnapped: d } = ls(e.sourceEvent, {
				transform: i,
				snapGrid: a,
				snapToGrid: o,
				containerBounds: _
			});
			m = {
				width: g.measured.width ?? 0,
				height: g.measured.height ?? 0,
				x: g.position.x ?? 0,
				y: g.position.y ?? 0
			}, h = {
				...m,
				pointerX: l,
				pointerY: d,
				aspectRatio: m.width / m.height
			}, y = void 0, b = ts(g.extent) ? g.extent : void 0, g.parentId && (g.extent === `parent` || g.expandParent) && (y = r.get(g.parentId)), y && g.extent === `parent` && (b = [[0, 0], [y.measured.width, y.measured.height]]), v = [], x = void 0;
			for (let [e, n] of r) if (n.parentId === t && (v.push({
				id: e,
				position: { ...n.position },
				extent: n.extent
			}), n.extent === `parent` || n.expandParent)) {
				let e = qc(n, g, n.origin ?? s);
				x = x ? [[Math.min(e[0][0], x[0][0]), Math.min(e[0][1], x[0][1])], [Math.max(e[1][0], x[1][0]), Math.max(e[1][1], x[1][1])]] : e;
			}
			u?.(e, { ...m });
		}).on(`drag`, (e) => {
			let { transform: t, snapGrid: i, snapToGrid: a, nodeOrigin: s } = n(), c = ls(e.sourceEvent, {
				transform: t,
				snapGrid: i,
				snapToGrid: a,
				containerBounds: _
			}), l = [];
			if (!g) return;
			let { x: u, y: f, width: S, height: C } = m, w = {}, T = g.origin ?? s, { width: E, height: D, x: O, y: k } = Wc(h, o.controlDirection, c, o.boundaries, o.keepAspectRatio, T, b, x), A = E !== S, j = D !== C, M = O !== u && A, ee = k !== f && j;
			if (!M && !ee && !A && !j) return;
			let N = {
				prevValues: { ...m },
				startX: h.x,
				startY: h.y,
				childNodes: v.map((e) => ({
					...e,
					position: { ...e.position }
				}))
			};
			if ((M || ee || T[0] === 1 || T[1] === 1) && (w.x = M ? O : m.x, w.y = ee ? k : m.y, m.x = w.x, m.y = w.y, v.length > 0)) {
				let e = O - u, t = k - f;
				for (let n of v) n.position = {
					x: n.position.x - e + T[0] * (E - S),
					y: n.position.y - t + T[1] * (D - C)
				}, l.push(n);
			}
			if ((A || j) && (w.width = A && (!o.resizeDirection || o.resizeDirection === `horizontal`) ? E : m.width, w.height = j && (!o.resizeDirection || o.resizeDirection === `vertical`) ? D : m.height, m.width = w.width, m.height = w.height), y && g.expandParent) {
				let e = T[0] * (w.width ?? 0);
				w.x && w.x < e && (m.x = e, h.x -= w.x - e);
				let t = T[1] * (w.height ?? 0);
				w.y && w.y < t && (m.y = t, h.y -= w.y - t);
			}
			let P = Rc({
				width: m.width,
				prevWidth: S,
				height: m.height,
				prevHeight: C,
				affectsX: o.controlDirection.affectsX,
				affectsY: o.controlDirection.affectsY
			}), te = {
				...m,
				direction: P
			};
			p?.(e, te) === !1 ? (m = N.prevValues, h.x = N.startX, h.y = N.startY, v.forEach((e, t) => {
				e.position = N.childNodes[t].position;
			})) : (d?.(e, te), r(w, l));
		}).on(`end`, (e) => {
			f?.(e, { ...m }), i?.({ ...m });
		});
		a.call(S);
	}
	function c() {
		a.on(`.drag`, null);
	}
	return {
		update: s,
		destroy: c
	};
}
var Yc = t(((e) => {
	var t = a();
	function n(e, t) {
		return e === t && (e !== 0 || 1 / e == 1 / t) || e !== e && t !== t;
	}
	var r = typeof Object.is == `function` ? Object.is : n, i = t.useState, o = t.useEffect, s = t.useLayoutEffect, c = t.useDebugValue;
	function l(e, t) {
		var n = t(), r = i({ inst: {
			value: n,
			getSnapshot: t
		} }), a = r[0].inst, l = r[1];
		return s(function() {
			a.value = n, a.getSnapshot = t, u(a) && l({ inst: a });
		}, [
			e,
			n,
			t
		]), o(function() {
			return u(a) && l({ inst: a }), e(function() {
				u(a) && l({ inst: a });
			});
		}, [e]), c(n), n;
	}
	function u(e) {
		var t = e.getSnapshot;
		e = e.value;
		try {
			var n = t();
			return !r(e, n);
		} catch {
			return !0;
		}
	}
	function d(e, t) {
		return t();
	}
	var f = typeof window > `u` || window.document === void 0 || window.document.createElement === void 0 ? d : l;
	e.useSyncExternalStore = t.useSyncExternalStore === void 0 ? f : t.useSyncExternalStore;
})), Xc = t(((e, t) => {
	t.exports = Yc();
})), Zc = t(((e) => {
	var t = a(), n = Xc();
	function r(e, t) {
		return e === t && (e !== 0 || 1 / e == 1 / t) || e !== e && t !== t;
	}
	var i = typeof Object.is == `function` ? Object.is : r, o = n.useSyncExternalStore, s = t.useRef, c = t.useEffect, l = t.useMemo, u = t.useDebugValue;
	e.useSyncExternalStoreWithSelector = function(e, t, n, r, a) {
		var d = s(null);
		if (d.current === null) {
			var f = {
				hasValue: !1,
				value: null
			};
			d.current = f;
		} else f = d.current;
		d = l(function() {
			function e(e) {
				if (!o) {
					if (o = !0, s = e, e = r(e), a !== void 0 && f.hasValue) {
						var t = f.value;
						if (a(t, e)) return c = t;
					}
					return c = e;
				}
				if (t = c, i(s, e)) return t;
				var n = r(e);
				return a !== void 0 && a(t, n) ? (s = e, t) : (s = e, c = n);
			}
			var o = !1, s, c, l = n === void 0 ? null : n;
			return [function() {
				return e(t());
			}, l === null ? void 0 : function() {
				return e(l());
			}];
		}, [
			t,
			n,
			r,
			a
		]);
		var p = o(e, d[0], d[1]);
		return c(function() {
			f.hasValue = !0, f.value = p;
		}, [p]), u(p), p;
	};
})), Qc = e(t(((e, t) => {
	t.exports = Zc();
}))(), 1), $c = (e) => {
	let t, n = /* @__PURE__ */ new Set(), r = (e, r) => {
		let i = typeof e == `function` ? e(t) : e;
		if (!Object.is(i, t)) {
			let e = t;
			t = r ?? (typeof i != `object` || !i) ? i : Object.assign({}, t, i), n.forEach((n) => n(t, e));
		}
	}, i = () => t, a = {
		setState: r,
		getState: i,
		getInitialState: () => o,
		subscribe: (e) => (n.add(e), () => n.delete(e)),
		destroy: () => {
			n.clear();
		}
	}, o = t = e(r, i, a);
	return a;
}, el = (e) => e ? $c(e) : $c, { useDebugValue: tl } = f.default, { useSyncExternalStoreWithSelector: nl } = Qc.default, rl = (e) => e;
function il(e, t = rl, n) {
	let r = nl(e.subscribe, e.getState, e.getServerState || e.getInitialState, t, n);
	return tl(r), r;
}
var al = (e, t) => {
	let n = el(e), r = (e, r = t) => il(n, e, r);
	return Object.assign(r, n), r;
}, ol = (e, t) => e ? al(e, t) : al;
function sl(e, t) {
	if (Object.is(e, t)) return !0;
	if (typeof e != `object` || !e || typeof t != `object` || !t) return !1;
	if (e instanceof Map && t instanceof Map) {
		if (e.size !== t.size) return !1;
		for (let [n, r] of e) if (!Object.is(r, t.get(n))) return !1;
		return !0;
	}
	if (e instanceof Set && t instanceof Set) {
		if (e.size !== t.size) return !1;
		for (let n of e) if (!t.has(n)) return !1;
		return !0;
	}
	let n = Object.keys(e);
	if (n.length !== Object.keys(t).length) return !1;
	for (let r of n) if (!Object.prototype.hasOwnProperty.call(t, r) || !Object.is(e[r], t[r])) return !1;
	return !0;
}
var cl = s(), ll = (0, f.createContext)(null), ul = ll.Provider, dl = lo.error001(`react`);
function W(e, t) {
	let n = (0, f.useContext)(ll);
	if (n === null) throw Error(dl);
	return il(n, e, t);
}
function G() {
	let e = (0, f.useContext)(ll);
	if (e === null) throw Error(dl);
	return (0, f.useMemo)(() => ({
		getState: e.getState,
		setState: e.setState,
		subscribe: e.subscribe
	}), [e]);
}
var fl = { display: `none` }, pl = {
	position: `absolute`,
	width: 1,
	height: 1,
	margin: -1,
	border: 0,
	padding: 0,
	overflow: `hidden`,
	clip: `rect(0px, 0px, 0px, 0px)`,
	clipPath: `inset(100%)`
}, ml = `react-flow__node-desc`, hl = `react-flow__edge-desc`, gl = `react-flow__aria-live`, _l = (e) => e.ariaLiveMessage, vl = (e) => e.ariaLabelConfig;
function yl({ rfId: e }) {
	let t = W(_l);
	return (0, p.jsx)(`div`, {
		id: `${gl}-${e}`,
		"aria-live": `assertive`,
		"aria-atomic": `true`,
		style: pl,
		children: t
	});
}
function bl({ rfId: e, disableKeyboardA11y: t }) {
	let n = W(vl);
	return (0, p.jsxs)(p.Fragment, { children: [
		(0, p.jsx)(`div`, {
			id: `${ml}-${e}`,
			style: fl,
			children: t ? n[`node.a11yDescription.default`] : n[`node.a11yDescription.keyboardDisabled`]
		}),
		(0, p.jsx)(`div`, {
			id: `${hl}-${e}`,
			style: fl,
			children: n[`edge.a11yDescription.default`]
		}),
		!t && (0, p.jsx)(yl, { rfId: e })
	] });
}
var xl = (0, f.forwardRef)(({ position: e = `top-left`, children: t, className: n, style: r, ...i }, a) => {
	let o = `${e}`.split(`-`);
	return (0, p.jsx)(`div`, {
		className: m([
			`react-flow__panel`,
			n,
			...o
		]),
		style: r,
		ref: a,
		...i,
		children: t
	});
});
xl.displayName = `Panel`;
var Sl = `https://reactflow.dev?utm_source=attribution`;
function Cl({ proOptions: e, position: t = `bottom-right` }) {
	return (0, f.useEffect)(() => {}, []), e?.hideAttribution ? null : (0, p.jsx)(xl, {
		position: t,
		className: `react-flow__attribution`,
		"data-message": `Please only hide this attribution when you are subscribed to React Flow Pro: ${Sl}`,
		children: (0, p.jsx)(`a`, {
			href: Sl,
			target: `_blank`,
			rel: `noopener noreferrer`,
			"aria-label": `React Flow attribution`,
			children: `React Flow`
		})
	});
}
var wl = (e) => {
	let t = [], n = [];
	for (let [, n] of e.nodeLookup) n.selected && t.push(n.internals.userNode);
	for (let [, t] of e.edgeLookup) t.selected && n.push(t);
	return {
		selectedNodes: t,
		selectedEdges: n
	};
}, Tl = (e) => e.id;
function El(e, t) {
	return sl(e.selectedNodes.map(Tl), t.selectedNodes.map(Tl)) && sl(e.selectedEdges.map(Tl), t.selectedEdges.map(Tl));
}
function Dl({ onSelectionChange: e }) {
	let t = G(), { selectedNodes: n, selectedEdges: r } = W(wl, El);
	return (0, f.useEffect)(() => {
		let i = {
			nodes: n,
			edges: r
		};
		e?.(i), t.getState().onSelectionChangeHandlers.forEach((e) => e(i));
	}, [
		n,
		r,
		e
	]), null;
}
var Ol = (e) => !!e.onSelectionChangeHandlers;
function kl({ onSelectionChange: e }) {
	let t = W(Ol);
	return e || t ? (0, p.jsx)(Dl, { onSelectionChange: e }) : null;
}
var Al = [0, 0], jl = {
	x: 0,
	y: 0,
	zoom: 1
}, Ml = [...`nodes.edges.defaultNodes.defaultEdges.onConnect.onConnectStart.onConnectEnd.onClickConnectStart.onClickConnectEnd.nodesDraggable.autoPanOnNodeFocus.nodesConnectable.nodesFocusable.edgesFocusable.edgesReconnectable.elevateNodesOnSelect.elevateEdgesOnSelect.minZoom.maxZoom.nodeExtent.onNodesChange.onEdgesChange.elementsSelectable.connectionMode.snapGrid.snapToGrid.translateExtent.connectOnClick.defaultEdgeOptions.fitView.fitViewOptions.onNodesDelete.onEdgesDelete.onDelete.onNodeDrag.onNodeDragStart.onNodeDragStop.onSelectionDrag.onSelectionDragStart.onSelectionDragStop.onMoveStart.onMove.onMoveEnd.noPanClassName.nodeOrigin.autoPanOnConnect.autoPanOnNodeDrag.onError.connectionRadius.isValidConnection.selectNodesOnDrag.nodeDragThreshold.connectionDragThreshold.onBeforeDelete.debug.autoPanSpeed.ariaLabelConfig.zIndexMode`.split(`.`), `rfId`], Nl = (e) => ({
	setNodes: e.setNodes,
	setEdges: e.setEdges,
	setMinZoom: e.setMinZoom,
	setMaxZoom: e.setMaxZoom,
	setTranslateExtent: e.setTranslateExtent,
	setNodeExtent: e.setNodeExtent,
	reset: e.reset,
	setDefaultNodesAndEdges: e.setDefaultNodesAndEdges
}), Pl = {
	translateExtent: uo,
	nodeOrigin: Al,
	minZoom: .5,
	maxZoom: 2,
	elementsSelectable: !0,
	noPanClassName: `nopan`,
	rfId: `1`
};
function Fl(e) {
	let { setNodes: t, setEdges: n, setMinZoom: r, setMaxZoom: i, setTranslateExtent: a, setNodeExtent: o, reset: s, setDefaultNodesAndEdges: c } = W(Nl, sl), l = G();
	(0, f.useEffect)(() => (c(e.defaultNodes, e.defaultEdges), () => {
		u.current = Pl, s();
	}), []);
	let u = (0, f.useRef)(Pl);
	return (0, f.useEffect)(() => {
		for (let s of Ml) {
			let c = e[s];
			c !== u.current[s] && e[s] !== void 0 && (s === `nodes` ? t(c) : s === `edges` ? n(c) : s === `minZoom` ? r(c) : s === `maxZoom` ? i(c) : s === `translateExtent` ? a(c) : s === `nodeExtent` ? o(c) : s === `ariaLabelConfig` ? l.setState({ ariaLabelConfig: ss(c) }) : s === `fitView` ? l.setState({ fitViewQueued: c }) : s === `fitViewOptions` ? l.setState({ fitViewOptions: c }) : l.setState({ [s]: c }));
		}
		u.current = e;
	}, Ml.map((t) => e[t])), null;
}
function Il() {
	return typeof window > `u` || !window.matchMedia ? null : window.matchMedia(`(prefers-color-scheme: dark)`);
}
function Ll(e) {
	let [t, n] = (0, f.useState)(e === `system` ? null : e);
	return (0, f.useEffect)(() => {
		if (e !== `system`) {
			n(e);
			return;
		}
		let t = Il(), r = () => n(t?.matches ? `dark` : `light`);
		return r(), t?.addEventListener(`change`, r), () => {
			t?.removeEventListener(`change`, r);
		};
	}, [e]), t === null ? Il()?.matches ? `dark` : `light` : t;
}
var Rl = typeof document < `u` ? document : null;
function zl(e = null, t = {
	target: Rl,
	actInsideInputWithModifier: !0
}) {
	let [n, r] = (0, f.useState)(!1), i = (0, f.useRef)(!1), a = (0, f.useRef)(/* @__PURE__ */ new Set([])), [o, s] = (0, f.useMemo)(() => {
		if (e !== null) {
			let t = (Array.isArray(e) ? e : [e]).filter((e) => typeof e == `string`).map((e) => e.replace(/\+/g, `
`).replace(`

`, `
+`).split(`
`));
			return [t, t.reduce((e, t) => e.concat(...t), [])];
		}
		return [[], []];
	}, [e]);
	return (0, f.useEffect)(() => {
		let n = t?.target ?? Rl, c = t?.actInsideInputWithModifier ?? !0;
		if (e !== null) {
			let e = (e) => {
				if (i.current = e.ctrlKey || e.metaKey || e.shiftKey || e.altKey, (!i.current || i.current && !c) && ps(e)) return !1;
				let n = Vl(e.code, s);
				if (a.current.add(e[n]), Bl(o, a.current, !1)) {
					let n = e.composedPath?.()?.[0] || e.target, a = n?.nodeName === `BUTTON` || n?.nodeName === `A`;
					t.preventDefault !== !1 && (i.current || !a) && e.preventDefault(), r(!0);
				}
			}, l = (e) => {
				let t = Vl(e.code, s);
				Bl(o, a.current, !0) ? (r(!1), a.current.clear()) : a.current.delete(e[t]), e.key === `Meta` && a.current.clear(), i.current = !1;
			}, u = () => {
				a.current.clear(), r(!1);
			};
			return n?.addEventListener(`keydown`, e), n?.addEventListener(`keyup`, l), window.addEventListener(`blur`, u), window.addEventListener(`contextmenu`, u), () => {
				n?.removeEventListener(`keydown`, e), n?.removeEventListener(`keyup`, l), window.removeEventListener(`blur`, u), window.removeEventListener(`contextmenu`, u);
			};
		}
	}, [e, r]), n;
}
function Bl(e, t, n) {
	return e.filter((e) => n || e.length === t.size).some((e) => e.every((e) => t.has(e)));
}
function Vl(e, t) {
	return t.includes(e) ? `code` : `key`;
}
var Hl = () => {
	let e = G();
	return (0, f.useMemo)(() => ({
		zoomIn: async (t) => {
			let { panZoom: n } = e.getState();
			return n ? n.scaleBy(1.2, t) : !1;
		},
		zoomOut: async (t) => {
			let { panZoom: n } = e.getState();
			return n ? n.scaleBy(1 / 1.2, t) : !1;
		},
		zoomTo: async (t, n) => {
			let { panZoom: r } = e.getState();
			return r ? r.scaleTo(t, n) : !1;
		},
		getZoom: () => e.getState().transform[2],
		setViewport: async (t, n) => {
			let { transform: [r, i, a], panZoom: o } = e.getState();
			return o ? (await o.setViewport({
				x: t.x ?? r,
				y: t.y ?? i,
				zoom: t.zoom ?? a
			}, n), !0) : !1;
		},
		getViewport: () => {
			let [t, n, r] = e.getState().transform;
			return {
				x: t,
				y: n,
				zoom: r
			};
		},
		setCenter: async (t, n, r) => e.getState().setCenter(t, n, r),
		fitBounds: async (t, n) => {
			let { width: r, height: i, minZoom: a, maxZoom: o, panZoom: s } = e.getState(), c = $o(t, r, i, a, o, n?.padding ?? .1);
			return s ? (await s.setViewport(c, {
				duration: n?.duration,
				ease: n?.ease,
				interpolate: n?.interpolate
			}), !0) : !1;
		},
		screenToFlowPosition: (t, n = {}) => {
			let { transform: r, snapGrid: i, snapToGrid: a, domNode: o } = e.getState();
			if (!o) return t;
			let { x: s, y: c } = o.getBoundingClientRect(), l = {
				x: t.x - s,
				y: t.y - c
			}, u = n.snapGrid ?? i;
			return Jo(l, r, n.snapToGrid ?? a, u);
		},
		flowToScreenPosition: (t) => {
			let { transform: n, domNode: r } = e.getState();
			if (!r) return t;
			let { x: i, y: a } = r.getBoundingClientRect(), o = Yo(t, n);
			return {
				x: o.x + i,
				y: o.y + a
			};
		}
	}), []);
};
function Ul(e, t) {
	let n = [], r = /* @__PURE__ */ new Map(), i = [];
	for (let t of e) if (t.type === `add`) {
		i.push(t);
		continue;
	} else if (t.type === `remove` || t.type === `replace`) r.set(t.id, [t]);
	else {
		let e = r.get(t.id);
		e ? e.push(t) : r.set(t.id, [t]);
	}
	for (let e of t) {
		let t = r.get(e.id);
		if (!t) {
			n.push(e);
			continue;
		}
		if (t[0].type === `remove`) continue;
		if (t[0].type === `replace`) {
			n.push({ ...t[0].item });
			continue;
		}
		let i = { ...e };
		for (let e of t) Wl(e, i);
		n.push(i);
	}
	return i.length && i.forEach((e) => {
		e.index === void 0 ? n.push({ ...e.item }) : n.splice(e.index, 0, { ...e.item });
	}), n;
}
function Wl(e, t) {
	switch (e.type) {
		case `select`:
			t.selected = e.selected;
			break;
		case `position`:
			e.position !== void 0 && (t.position = e.position), e.dragging !== void 0 && (t.dragging = e.dragging);
			break;
		case `dimensions`: e.dimensions !== void 0 && (t.measured = { ...e.dimensions }, e.setAttributes && ((e.setAttributes === !0 || e.setAttributes === `width`) && (t.width = e.dimensions.width), (e.setAttributes === !0 || e.setAttributes === `height`) && (t.height = e.dimensions.height))), typeof e.resizing == `boolean` && (t.resizing = e.resizing);
	}
}
function Gl(e, t) {
	return Ul(e, t);
}
function Kl(e, t) {
	return Ul(e, t);
}
function ql(e, t) {
	return {
		id: e,
		type: `select`,
		selected: t
	};
}
function Jl(e, t = /* @__PURE__ */ new Set()) {
	let n = [];
	for (let [r, i] of e) {
		let e = t.has(r);
		(i.selected !== void 0 || e) && i.selected !== e && n.push(ql(i.id, e));
	}
	return n;
}
function Yl({ items: e = [], lookup: t }) {
	let n = [], r = new Map(e.map((e) => [e.id, e]));
	for (let [r, i] of e.entries()) {
		let e = t.get(i.id), a = e?.internals?.userNode ?? e;
		a !== void 0 && a !== i && n.push({
			id: i.id,
			item: i,
			type: `replace`
		}), a === void 0 && n.push({
			item: i,
			type: `add`,
			index: r
		});
	}
	for (let [e] of t) r.get(e) === void 0 && n.push({
		id: e,
		type: `remove`
	});
	return n;
}
function Xl(e) {
	return {
		id: e.id,
		type: `remove`
	};
}
var Zl = Ko(`React Flow`, `https://reactflow.dev/`);
function Ql(e, t, n = {}) {
	return Es(e, t, {
		...n,
		onError: n.onError ?? Zl
	});
}
var $l = (e) => So(e), eu = (e) => xo(e);
function tu(e) {
	return (0, f.forwardRef)(e);
}
var nu = typeof window < `u` ? f.useLayoutEffect : f.useEffect;
function ru(e) {
	let [t, n] = (0, f.useState)(BigInt(0)), [r] = (0, f.useState)(() => K(() => n((e) => e + BigInt(1))));
	return nu(() => {
		let t = r.get();
		t.length && (e(t), r.reset());
	}, [t]), r;
}
function K(e) {
	let t = [];
	return {
		get: () => t,
		reset: () => {
			t = [];
		},
		push: (n) => {
			t.push(n), e();
		}
	};
}
var iu = (0, f.createContext)(null);
function au({ children: e }) {
	let t = G(), n = ru((0, f.useCallback)((e) => {
		let { nodes: n = [], setNodes: r, hasDefaultNodes: i, onNodesChange: a, nodeLookup: o, fitViewQueued: s, onNodesChangeMiddlewareMap: c } = t.getState(), l = n;
		for (let t of e) l = typeof t == `function` ? t(l) : t;
		let u = Yl({
			items: l,
			lookup: o
		});
		for (let e of c.values()) u = e(u);
		i && r(l), u.length > 0 ? a?.(u) : s && window.requestAnimationFrame(() => {
			let { fitViewQueued: e, nodes: n, setNodes: r } = t.getState();
			e && r(n);
		});
	}, [])), r = ru((0, f.useCallback)((e) => {
		let { edges: n = [], setEdges: r, hasDefaultEdges: i, onEdgesChange: a, edgeLookup: o } = t.getState(), s = n;
		for (let t of e) s = typeof t == `function` ? t(s) : t;
		i ? r(s) : a && a(Yl({
			items: s,
			lookup: o
		}));
	}, [])), i = (0, f.useMemo)(() => ({
		nodeQueue: n,
		edgeQueue: r
	}), []);
	return (0, p.jsx)(iu.Provider, {
		value: i,
		children: e
	});
}
function ou() {
	let e = (0, f.useContext)(iu);
	if (!e) throw Error(`useBatchContext must be used within a BatchProvider`);
	return e;
}
var su = (e) => !!e.panZoom;
function cu() {
	let e = Hl(), t = G(), n = ou(), r = W(su), i = (0, f.useMemo)(() => {
		let e = (e) => t.getState().nodeLookup.get(e), r = (e) => {
			n.nodeQueue.push(e);
		}, i = (e) => {
			n.edgeQueue.push(e);
		}, a = (e) => {
			let { nodeLookup: n, nodeOrigin: r } = t.getState(), i = $l(e) ? e : n.get(e.id), a = i.parentId ? is(i.position, i.measured, i.parentId, n, r) : i.position;
			return Vo({
				...i,
				position: a,
				width: i.measured?.width ?? i.width,
				height: i.measured?.height ?? i.height
			}, i.parentId ? void 0 : r);
		}, o = (e, t, n = { replace: !1 }) => {
			r((r) => r.map((r) => {
				if (r.id === e) {
					let e = typeof t == `function` ? t(r) : t;
					return n.replace && $l(e) ? e : {
						...r,
						...e
					};
				}
				return r;
			}));
		}, s = (e, t, n = { replace: !1 }) => {
			i((r) => r.map((r) => {
				if (r.id === e) {
					let e = typeof t == `function` ? t(r) : t;
					return n.replace && eu(e) ? e : {
						...r,
						...e
					};
				}
				return r;
			}));
		};
		return {
			getNodes: () => t.getState().nodes.map((e) => ({ ...e })),
			getNode: (t) => e(t)?.internals.userNode,
			getInternalNode: e,
			getEdges: () => {
				let { edges: e = [] } = t.getState();
				return e.map((e) => ({ ...e }));
			},
			getEdge: (e) => t.getState().edgeLookup.get(e),
			setNodes: r,
			setEdges: i,
			addNodes: (e) => {
				let t = Array.isArray(e) ? e : [e];
				n.nodeQueue.push((e) => [...e, ...t]);
			},
			addEdges: (e) => {
				let t = Array.isArray(e) ? e : [e];
				n.edgeQueue.push((e) => [...e, ...t]);
			},
			toObject: () => {
				let { nodes: e = [], edges: n = [], transform: r } = t.getState(), [i, a, o] = r;
				return {
					nodes: e.map((e) => ({ ...e })),
					edges: n.map((e) => ({ ...e })),
					viewport: {
						x: i,
						y: a,
						zoom: o
					}
				};
			},
			deleteElements: async ({ nodes: e = [], edges: n = [] }) => {
				let { nodes: r, edges: i, onNodesDelete: a, onEdgesDelete: o, triggerNodeChanges: s, triggerEdgeChanges: c, onDelete: l, onBeforeDelete: u } = t.getState(), { nodes: d, edges: f } = await Mo({
					nodesToRemove: e,
					edgesToRemove: n,
					nodes: r,
					edges: i,
					onBeforeDelete: u
				}), p = f.length > 0, m = d.length > 0;
				if (p) {
					let e = f.map(Xl);
					o?.(f), c(e);
				}
				if (m) {
					let e = d.map(Xl);
					a?.(d), s(e);
				}
				return (m || p) && l?.({
					nodes: d,
					edges: f
				}), {
					deletedNodes: d,
					deletedEdges: f
				};
			},
			getIntersectingNodes: (e, n = !0, r) => {
				let i = Wo(e), o = i ? e : a(e), s = r !== void 0;
				if (!o) return [];
				let { nodeOrigin: c } = t.getState();
				return (r || t.getState().nodes).filter((r) => {
					let a = t.getState().nodeLookup.get(r.id);
					if (a && !i && (r.id === e.id || !a.internals.positionAbsolute)) return !1;
					let l = Vo(s ? r : a, c), u = Uo(l, o);
					return n && u > 0 || u >= l.width * l.height || u >= o.width * o.height;
				});
			},
			isNodeIntersecting: (e, t, n = !0) => {
				let r = Wo(e) ? e : a(e);
				if (!r) return !1;
				let i = Uo(r, t);
				return n && i > 0 || i >= t.width * t.height || i >= r.width * r.height;
			},
			updateNode: o,
			updateNodeData: (e, t, n = { replace: !1 }) => {
				o(e, (e) => {
					let r = typeof t == `function` ? t(e) : t;
					return n.replace ? {
						...e,
						data: r
					} : {
						...e,
						data: {
							...e.data,
							...r
						}
					};
				}, n);
			},
			updateEdge: s,
			updateEdgeData: (e, t, n = { replace: !1 }) => {
				s(e, (e) => {
					let r = typeof t == `function` ? t(e) : t;
					return n.replace ? {
						...e,
						data: r
					} : {
						...e,
						data: {
							...e.data,
							...r
						}
					};
				}, n);
			},
			getNodesBounds: (e) => {
				let { nodeLookup: n, nodeOrigin: r } = t.getState();
				return To(e, {
					nodeLookup: n,
					nodeOrigin: r
				});
			},
			getHandleConnections: ({ type: e, id: n, nodeId: r }) => Array.from(t.getState().connectionLookup.get(`${r}-${e}${n ? `-${n}` : ``}`)?.values() ?? []),
			getNodeConnections: ({ type: e, handleId: n, nodeId: r }) => Array.from(t.getState().connectionLookup.get(`${r}${e ? n ? `-${e}-${n}` : `-${e}` : ``}`)?.values() ?? []),
			fitView: async (e) => {
				let r = t.getState().fitViewResolver ?? os();
				return t.setState({
					fitViewQueued: !0,
					fitViewOptions: e,
					fitViewResolver: r
				}), n.nodeQueue.push((e) => [...e]), r.promise;
			}
		};
	}, []);
	return (0, f.useMemo)(() => ({
		...i,
		...e,
		viewportInitialized: r
	}), [r]);
}
var lu = (e) => e.selected, uu = typeof window < `u` ? window : void 0;
function du({ deleteKeyCode: e, multiSelectionKeyCode: t }) {
	let n = G(), { deleteElements: r } = cu(), i = zl(e, { actInsideInputWithModifier: !1 }), a = zl(t, { target: uu });
	(0, f.useEffect)(() => {
		if (i) {
			let { edges: e, nodes: t } = n.getState();
			r({
				nodes: t.filter(lu),
				edges: e.filter(lu)
			}), n.setState({ nodesSelectionActive: !1 });
		}
	}, [i]), (0, f.useEffect)(() => {
		n.setState({ multiSelectionActive: a });
	}, [a]);
}
function fu(e) {
	let t = G();
	(0, f.useEffect)(() => {
		let n = () => {
			if (!e.current || !(e.current.checkVisibility?.() ?? !0)) return !1;
			let n = us(e.current);
			(n.height === 0 || n.width === 0) && t.getState().onError?.(`004`, lo.error004()), t.setState({
				width: n.width || 500,
				height: n.height || 500
			});
		};
		if (e.current) {
			n(), window.addEventListener(`resize`, n);
			let t = new ResizeObserver(() => n());
			return t.observe(e.current), () => {
				window.removeEventListener(`resize`, n), t.disconnect();
			};
		}
	}, []);
}
var pu = {
	position: `absolute`,
	width: `100%`,
	height: `100%`,
	top: 0,
	left: 0
}, mu = (e) => ({
	userSelectionActive: e.userSelectionActive,
	lib: e.lib,
	connectionInProgress: e.connection.inProgress
});
function hu({ onPaneContextMenu: e, zoomOnScroll: t = !0, zoomOnPinch: n = !0, panOnScroll: r = !1, panActivationKeyPressed: i, panOnScrollSpeed: a = .5, panOnScrollMode: o = ho.Free, zoomOnDoubleClick: s = !0, panOnDrag: c = !0, defaultViewport: l, translateExtent: u, minZoom: d, maxZoom: m, zoomActivationKeyCode: h, preventScrolling: g = !0, children: _, noWheelClassName: v, noPanClassName: y, onViewportChange: b, isControlledViewport: x, paneClickDistance: S, selectionOnDrag: C }) {
	let w = G(), T = (0, f.useRef)(null), { userSelectionActive: E, lib: D, connectionInProgress: O } = W(mu, sl), k = zl(h), A = (0, f.useRef)();
	fu(T);
	let j = (0, f.useCallback)((e) => {
		b?.({
			x: e[0],
			y: e[1],
			zoom: e[2]
		}), x || w.setState({ transform: e });
	}, [b, x]);
	return (0, f.useEffect)(() => {
		if (T.current) {
			A.current = Ic({
				domNode: T.current,
				minZoom: d,
				maxZoom: m,
				translateExtent: u,
				viewport: l,
				onDraggingChange: (e) => w.setState((t) => t.paneDragging === e ? t : { paneDragging: e }),
				onPanZoomStart: (e, t) => {
					let { onViewportChangeStart: n, onMoveStart: r } = w.getState();
					r?.(e, t), n?.(t);
				},
				onPanZoom: (e, t) => {
					let { onViewportChange: n, onMove: r } = w.getState();
					r?.(e, t), n?.(t);
				},
				onPanZoomEnd: (e, t) => {
					let { onViewportChangeEnd: n, onMoveEnd: r } = w.getState();
					r?.(e, t), n?.(t);
				}
			});
			let { x: e, y: t, zoom: n } = A.current.getViewport();
			return w.setState({
				panZoom: A.current,
				transform: [
					e,
					t,
					n
				],
				domNode: T.current.closest(`.react-flow`)
			}), () => {
				A.current?.destroy();
			};
		}
	}, []), (0, f.useEffect)(() => {
		A.current?.update({
			onPaneContextMenu: e,
			zoomOnScroll: t,
			zoomOnPinch: n,
			panOnScroll: r,
			panActivationKeyPressed: i,
			panOnScrollSpeed: a,
			panOnScrollMode: o,
			zoomOnDoubleClick: s,
			panOnDrag: c,
			zoomActivationKeyPressed: k,
			preventScrolling: g,
			noPanClassName: y,
			userSelectionActive: E,
			noWheelClassName: v,
			lib: D,
			onTransformChange: j,
			connectionInProgress: O,
			selectionOnDrag: C,
			paneClickDistance: S
		});
	}, [
		e,
		t,
		n,
		r,
		i,
		a,
		o,
		s,
		c,
		k,
		g,
		y,
		E,
		v,
		D,
		j,
		O,
		C,
		S
	]), (0, p.jsx)(`div`, {
		className: `react-flow__renderer`,
		ref: T,
		style: pu,
		children: _
	});
}
var gu = (e) => ({
	userSelectionActive: e.userSelectionActive,
	userSelectionRect: e.userSelectionRect
});
function _u() {
	let { userSelectionActive: e, userSelectionRect: t } = W(gu, sl);
	return e && t ? (0, p.jsx)(`div`, {
		className: `react-flow__selection react-flow__container`,
		style: {
			width: t.width,
			height: t.height,
			transform: `translate(${t.x}px, ${t.y}px)`
		}
	}) : null;
}
var vu = (e, t) => (n) => {
	n.target === t.current && e?.(n);
}, yu = (e) => ({
	userSelectionActive: e.userSelectionActive,
	elementsSelectable: e.elementsSelectable,
	dragging: e.paneDragging,
	panBy: e.panBy,
	autoPanSpeed: e.autoPanSpeed
});
function bu({ isSelecting: e, selectionKeyPressed: t, selectionMode: n = go.Full, panOnDrag: r, autoPanOnSelection: i, paneClickDistance: a, selectionOnDrag: o, onSelectionStart: s, onSelectionEnd: c, onPaneClick: l, onPaneContextMenu: u, onPaneScroll: d, onPaneMouseEnter: h, onPaneMouseMove: g, onPaneMouseLeave: _, children: v }) {
	let y = (0, f.useRef)(0), b = G(), { userSelectionActive: x, elementsSelectable: S, dragging: C, panBy: w, autoPanSpeed: T } = W(yu, sl), E = S && (e || x), D = (0, f.useRef)(null), O = (0, f.useRef)(), k = (0, f.useRef)(/* @__PURE__ */ new Set()), A = (0, f.useRef)(/* @__PURE__ */ new Set()), j = (0, f.useRef)(!1), M = (0, f.useRef)(!1), ee = (0, f.useRef)({
		x: 0,
		y: 0
	}), N = (0, f.useRef)(!1), P = (e) => {
		if (M.current || j.current || b.getState().connection.inProgress) {
			M.current = !1, j.current = !1;
			return;
		}
		let { connectionClickStartHandle: t, connection: n, onClickConnectEnd: r, resetSelectedElements: i } = b.getState();
		if (t) {
			let t = structuredClone(n);
			delete t.inProgress, t.toPosition = t.toHandle ? t.toHandle.position : null, r?.(e.nativeEvent, t), b.setState({ connectionClickStartHandle: null });
		}
		l?.(e), i(), b.setState({ nodesSelectionActive: !1 });
	}, te = (e) => {
		Array.isArray(r) && r?.includes(2) ? e.preventDefault() : u?.(e);
	}, ne = d ? (e) => d(e) : void 0, re = (e) => {
		M.current &&= (e.stopPropagation(), !1);
	}, ie = (n) => {
		if (n.pointerType === `touch` && r !== !1 && !t) return;
		let { domNode: i, transform: a } = b.getState();
		if (O.current = i?.getBoundingClientRect(), !O.current) return;
		let s = n.target === D.current;
		if (!s && n.target.closest(`.nokey`) || !e || !(o && s || t) || n.button !== 0 || !n.isPrimary) return;
		n.target?.setPointerCapture?.(n.pointerId), M.current = !1;
		let { x: c, y: l } = hs(n.nativeEvent, O.current), u = Jo({
			x: c,
			y: l
		}, a);
		b.setState({ userSelectionRect: {
			width: 0,
			height: 0,
			startX: u.x,
			startY: u.y,
			x: c,
			y: l
		} }), s || (n.stopPropagation(), n.preventDefault());
	};
	function F(e, t) {
		let { userSelectionRect: r } = b.getState();
		if (!r) return;
		let { transform: i, nodeLookup: a, edgeLookup: o, connectionLookup: s, triggerNodeChanges: c, triggerEdgeChanges: l, defaultEdgeOptions: u } = b.getState(), d = {
			x: r.startX,
			y: r.startY
		}, { x: f, y: p } = Yo(d, i), m = {
			startX: d.x,
			startY: d.y,
			x: e < f ? e : f,
			y: t < p ? t : p,
			width: Math.abs(e - f),
			height: Math.abs(t - p)
		}, h = k.current, g = A.current;
		k.current = new Set(Do(a, m, i, n === go.Partial, !0).map((e) => e.id)), A.current = /* @__PURE__ */ new Set();
		let _ = u?.selectable ?? !0;
		for (let e of k.current) {
			let t = s.get(e);
			if (t) for (let { edgeId: e } of t.values()) {
				let t = o.get(e);
				t && (t.selectable ?? _) && A.current.add(e);
			}
		}
		as(h, k.current) || c(Jl(a, k.current)), as(g, A.current) || l(Jl(o, A.current)), b.setState({
			userSelectionRect: m,
			userSelectionActive: !0,
			nodesSelectionActive: !1
		});
	}
	function ae() {
		if (!i || !O.current) return;
		let [e, t] = Lo(ee.current, O.current, T);
		w({
			x: e,
			y: t
		}).then((e) => {
			if (!M.current || !e) {
				y.current = requestAnimationFrame(ae);
				return;
			}
			let { x: t, y: n } = ee.current;
			F(t, n), y.current = requestAnimationFrame(ae);
		});
	}
	let oe = () => {
		cancelAnimationFrame(y.current), y.current = 0, N.current = !1;
	};
	(0, f.useEffect)(() => () => oe(), []);
	let se = (e) => {
		let { userSelectionRect: n, transform: r, resetSelectedElements: i } = b.getState();
		if (!O.current || !n) return;
		let { x: o, y: c } = hs(e.nativeEvent, O.current);
		ee.current = {
			x: o,
			y: c
		};
		let l = Yo({
			x: n.startX,
			y: n.startY
		}, r);
		if (!M.current) {
			let n = t ? 0 : a;
			if (Math.hypot(o - l.x, c - l.y) <= n) return;
			i(), s?.(e);
		}
		M.current = !0, N.current ||= (ae(), !0), F(o, c);
	}, ce = (e) => {
		E ? e.button === 0 && (e.target?.releasePointerCapture?.(e.pointerId), !x && e.target === D.current && b.getState().userSelectionRect && P?.(e), b.setState({
			userSelectionActive: !1,
			userSelectionRect: null
		}), M.current && (c?.(e), b.setState({ nodesSelectionActive: k.current.size > 0 })), oe()) : e.target === D.current && b.getState().connection.inProgress && (j.current = !0);
	}, le = (e) => {
		e.target?.releasePointerCapture?.(e.pointerId), oe();
	}, ue = r === !0 || Array.isArray(r) && r.includes(0);
	return (0, p.jsxs)(`div`, {
		className: m([`react-flow__pane`, {
			draggable: ue,
			dragging: C,
			selection: e
		}]),
		onClick: E ? void 0 : vu(P, D),
		onContextMenu: vu(te, D),
		onWheel: vu(ne, D),
		onPointerEnter: E ? void 0 : h,
		onPointerMove: E ? se : g,
		onPointerUp: ce,
		onPointerCancel: E ? le : void 0,
		onPointerDownCapture: E ? ie : void 0,
		onClickCapture: E ? re : void 0,
		onPointerLeave: _,
		ref: D,
		style: pu,
		children: [v, (0, p.jsx)(_u, {})]
	});
}
function xu({ id: e, store: t, unselect: n = !1, nodeRef: r }) {
	let { addSelectedNodes: i, unselectNodesAndEdges: a, multiSelectionActive: o, nodeLookup: s, onError: c } = t.getState(), l = s.get(e);
	l ? (t.setState({ nodesSelectionActive: !1 }), l.selected ? (n || l.selected && o) && (a({
		nodes: [l],
		edges: []
	}), requestAnimationFrame(() => r?.current?.blur())) : i([e])) : c?.(`012`, lo.error012(e));
}
function Su({ nodeRef: e, disabled: t = !1, noDragClassName: n, handleSelector: r, nodeId: i, isSelectable: a, nodeClickDistance: o }) {
	let s = G(), [c, l] = (0, f.useState)(!1), u = (0, f.useRef)();
	return (0, f.useEffect)(() => {
		if (!t) return u.current = dc({
			getStoreItems: () => s.getState(),
			onNodeMouseDown: (t) => {
				xu({
					id: t,
					store: s,
					nodeRef: e
				});
			},
			onDragStart: () => {
				l(!0);
			},
			onDragStop: () => {
				l(!1);
			}
		}), () => {
			u.current?.destroy(), u.current = void 0;
		};
	}, [
		t,
		s,
		e
	]), (0, f.useEffect)(() => {
		!t && e.current && u.current && u.current.update({
			noDragClassName: n,
			handleSelector: r,
			domNode: e.current,
			isSelectable: a,
			nodeId: i,
			nodeClickDistance: o
		});
	}, [
		n,
		r,
		t,
		a,
		e,
		i,
		o
	]), c;
}
var Cu = (e) => (t) => t.selected && (t.draggable || e && t.draggable === void 0);
function wu() {
	let e = G();
	return (0, f.useCallback)((t) => {
		let { nodeExtent: n, snapToGrid: r, snapGrid: i, nodesDraggable: a, onError: o, updateNodePositions: s, nodeLookup: c, nodeOrigin: l } = e.getState(), u = /* @__PURE__ */ new Map(), d = Cu(a), f = r ? i[0] : 5, p = r ? i[1] : 5, m = t.direction.x * f * t.factor, h = t.direction.y * p * t.factor;
		for (let [, e] of c) {
			if (!d(e)) continue;
			let t = {
				x: e.internals.positionAbsolute.x + m,
				y: e.internals.positionAbsolute.y + h
			};
			r && (t = qo(t, i));
			let { position: a, positionAbsolute: s } = jo({
				nodeId: e.id,
				nextPosition: t,
				nodeLookup: c,
				nodeExtent: n,
				nodeOrigin: l,
				onError: o
			});
			e.position = a, e.internals.positionAbsolute = s, u.set(e.id, e);
		}
		s(u);
	}, []);
}
var Tu = (0, f.createContext)(null), Eu = Tu.Provider;
Tu.Consumer;
var Du = () => (0, f.useContext)(Tu), Ou = (e) => ({
	connectOnClick: e.connectOnClick,
	noPanClassName: e.noPanClassName,
	rfId: e.rfId
}), ku = (0, f.createContext)(null);
function Au({ children: e }) {
	let t = W(Ou, sl);
	return (0, p.jsx)(ku.Provider, {
		value: t,
		children: e
	});
}
function ju() {
	let e = (0, f.useContext)(ku);
	if (!e) throw Error(`useHandleConfig must be used within a HandleConfigProvider`);
	return e;
}
var Mu = {
	connectingFrom: !1,
	connectingTo: !1,
	clickConnecting: !1,
	isPossibleEndHandle: !0,
	connectionInProcess: !1,
	clickConnectionInProcess: !1,
	valid: !1
}, Nu = (e, t, n) => (r) => {
	let { connectionClickStartHandle: i, connectionMode: a, connection: o } = r, { fromHandle: s, toHandle: c, isValid: l } = o;
	if (!s && !i) return Mu;
	let u = c?.nodeId === e && c?.id === t && c?.type === n;
	return {
		connectingFrom: s?.nodeId === e && s?.id === t && s?.type === n,
		connectingTo: u,
		clickConnecting: i?.nodeId === e && i?.id === t && i?.type === n,
		isPossibleEndHandle: a === mo.Strict ? s?.type !== n : e !== s?.nodeId || t !== s?.id,
		connectionInProcess: !!s,
		clickConnectionInProcess: !!i,
		valid: u && l
	};
};
function Pu({ type: e = `source`, position: t = V.Top, isValidConnection: n, isConnectable: r = !0, isConnectableStart: i = !0, isConnectableEnd: a = !0, id: o, onConnect: s, children: c, className: l, onMouseDown: u, onTouchStart: d, ...f }, h) {
	let g = o || null, _ = e === `target`, v = G(), y = Du(), { connectOnClick: b, noPanClassName: x, rfId: S } = ju(), { connectingFrom: C, connectingTo: w, clickConnecting: T, isPossibleEndHandle: E, connectionInProcess: D, clickConnectionInProcess: O, valid: k } = W(Nu(y, g, e), sl);
	y || v.getState().onError?.(`010`, lo.error010());
	let A = (e) => {
		let { defaultEdgeOptions: t, onConnect: n, hasDefaultEdges: r } = v.getState(), i = {
			...t,
			...e
		};
		if (r) {
			let { edges: e, setEdges: t, onError: n } = v.getState();
			t(Ql(i, e, { onError: n }));
		}
		n?.(i), s?.(i);
	}, j = (e) => {
		if (!y) return;
		let t = ms(e.nativeEvent);
		if (i && (t && e.button === 0 || !t)) {
			let t = v.getState();
			xc.onPointerDown(e.nativeEvent, {
				handleDomNode: e.currentTarget,
				autoPanOnConnect: t.autoPanOnConnect,
				connectionMode: t.connectionMode,
				connectionRadius: t.connectionRadius,
				domNode: t.domNode,
				nodeLookup: t.nodeLookup,
				lib: t.lib,
				isTarget: _,
				handleId: g,
				nodeId: y,
				flowId: t.rfId,
				panBy: t.panBy,
				cancelConnection: t.cancelConnection,
				onConnectStart: t.onConnectStart,
				onConnectEnd: (...e) => v.getState().onConnectEnd?.(...e),
				updateConnection: t.updateConnection,
				onConnect: A,
				isValidConnection: n || ((...e) => v.getState().isValidConnection?.(...e) ?? !0),
				getTransform: () => v.getState().transform,
				getFromHandle: () => v.getState().connection.fromHandle,
				autoPanSpeed: t.autoPanSpeed,
				dragThreshold: t.connectionDragThreshold
			});
		}
		t ? u?.(e) : d?.(e);
	};
	return (0, p.jsx)(`div`, {
		"data-handleid": g,
		"data-nodeid": y,
		"data-handlepos": t,
		"data-id": `${S}-${y}-${g}-${e}`,
		className: m([
			`react-flow__handle`,
			`react-flow__handle-${t}`,
			`nodrag`,
			x,
			l,
			{
				source: !_,
				target: _,
				connectable: r,
				connectablestart: i,
				connectableend: a,
				clickconnecting: T,
				connectingfrom: C,
				connectingto: w,
				valid: k,
				connectionindicator: r && (!D || E) && (D || O ? a : i)
			}
		]),
		onMouseDown: j,
		onTouchStart: j,
		onClick: b ? (t) => {
			let { onClickConnectStart: r, onClickConnectEnd: a, connectionClickStartHandle: o, connectionMode: s, isValidConnection: c, lib: l, rfId: u, nodeLookup: d, connection: f } = v.getState();
			if (!y || !o && !i) return;
			if (!o) {
				r?.(t.nativeEvent, {
					nodeId: y,
					handleId: g,
					handleType: e
				}), v.setState({ connectionClickStartHandle: {
					nodeId: y,
					type: e,
					id: g
				} });
				return;
			}
			let p = ds(t.target), m = n || c, { connection: h, isValid: _ } = xc.isValid(t.nativeEvent, {
				handle: {
					nodeId: y,
					id: g,
					type: e
				},
				connectionMode: s,
				fromNodeId: o.nodeId,
				fromHandleId: o.id || null,
				fromType: o.type,
				isValidConnection: m,
				flowId: u,
				doc: p,
				lib: l,
				nodeLookup: d
			});
			_ && h && A(h);
			let b = structuredClone(f);
			delete b.inProgress, b.toPosition = b.toHandle ? b.toHandle.position : null, a?.(t, b), v.setState({ connectionClickStartHandle: null });
		} : void 0,
		ref: h,
		...f,
		children: c
	});
}
var Fu = (0, f.memo)(tu(Pu));
function Iu({ data: e, isConnectable: t, sourcePosition: n = V.Bottom }) {
	return (0, p.jsxs)(p.Fragment, { children: [e?.label, (0, p.jsx)(Fu, {
		type: `source`,
		position: n,
		isConnectable: t
	})] });
}
function Lu({ data: e, isConnectable: t, targetPosition: n = V.Top, sourcePosition: r = V.Bottom }) {
	return (0, p.jsxs)(p.Fragment, { children: [
		(0, p.jsx)(Fu, {
			type: `target`,
			position: n,
			isConnectable: t
		}),
		e?.label,
		(0, p.jsx)(Fu, {
			type: `source`,
			position: r,
			isConnectable: t
		})
	] });
}
function Ru() {
	return null;
}
function zu({ data: e, isConnectable: t, targetPosition: n = V.Top }) {
	return (0, p.jsxs)(p.Fragment, { children: [(0, p.jsx)(Fu, {
		type: `target`,
		position: n,
		isConnectable: t
	}), e?.label] });
}
var Bu = {
	ArrowUp: {
		x: 0,
		y: -1
	},
	ArrowDown: {
		x: 0,
		y: 1
	},
	ArrowLeft: {
		x: -1,
		y: 0
	},
	ArrowRight: {
		x: 1,
		y: 0
	}
}, Vu = {
	input: Iu,
	default: Lu,
	output: zu,
	group: Ru
};
function Hu(e) {
	return e.internals.handleBounds === void 0 ? {
		width: e.width ?? e.initialWidth ?? e.style?.width,
		height: e.height ?? e.initialHeight ?? e.style?.height
	} : {
		width: e.width ?? e.style?.width,
		height: e.height ?? e.style?.height
	};
}
var Uu = (e) => {
	let { width: t, height: n, x: r, y: i } = Eo(e.nodeLookup, { filter: (e) => !!e.selected });
	return {
		width: Go(t) ? t : null,
		height: Go(n) ? n : null,
		userSelectionActive: e.userSelectionActive,
		transformString: `translate(${e.transform[0]}px,${e.transform[1]}px) scale(${e.transform[2]}) translate(${r}px,${i}px)`
	};
};
function Wu({ onSelectionContextMenu: e, noPanClassName: t, disableKeyboardA11y: n }) {
	let r = G(), { width: i, height: a, transformString: o, userSelectionActive: s } = W(Uu, sl), c = wu(), l = (0, f.useRef)(null);
	(0, f.useEffect)(() => {
		n || l.current?.focus({ preventScroll: !0 });
	}, [n]);
	let u = !s && i !== null && a !== null;
	if (Su({
		nodeRef: l,
		disabled: !u
	}), !u) return null;
	let d = e ? (t) => {
		e(t, r.getState().nodes.filter((e) => e.selected));
	} : void 0;
	return (0, p.jsx)(`div`, {
		className: m([
			`react-flow__nodesselection`,
			`react-flow__container`,
			t
		]),
		style: { transform: o },
		children: (0, p.jsx)(`div`, {
			ref: l,
			className: `react-flow__nodesselection-rect`,
			onContextMenu: d,
			tabIndex: n ? void 0 : -1,
			onKeyDown: n ? void 0 : (e) => {
				Object.prototype.hasOwnProperty.call(Bu, e.key) && (e.preventDefault(), c({
					direction: Bu[e.key],
					factor: e.shiftKey ? 4 : 1
				}));
			},
			style: {
				width: i,
				height: a
			}
		})
	});
}
var Gu = typeof window < `u` ? window : void 0, Ku = (e) => ({
	nodesSelectionActive: e.nodesSelectionActive,
	userSelectionActive: e.userSelectionActive
});
function qu({ children: e, onPaneClick: t, onPaneMouseEnter: n, onPaneMouseMove: r, onPaneMouseLeave: i, onPaneContextMenu: a, onPaneScroll: o, paneClickDistance: s, deleteKeyCode: c, selectionKeyCode: l, selectionOnDrag: u, selectionMode: d, onSelectionStart: f, onSelectionEnd: m, multiSelectionKeyCode: h, panActivationKeyCode: g, zoomActivationKeyCode: _, elementsSelectable: v, zoomOnScroll: y, zoomOnPinch: b, panOnScroll: x, panOnScrollSpeed: S, panOnScrollMode: C, zoomOnDoubleClick: w, panOnDrag: T, autoPanOnSelection: E, defaultViewport: D, translateExtent: O, minZoom: k, maxZoom: A, preventScrolling: j, onSelectionContextMenu: M, noWheelClassName: ee, noPanClassName: N, disableKeyboardA11y: P, onViewportChange: te, isControlledViewport: ne }) {
	let { nodesSelectionActive: re, userSelectionActive: ie } = W(Ku, sl), F = zl(l, { target: Gu }), ae = zl(g, { target: Gu }), oe = ae || T, se = ae || x, ce = u && oe !== !0, le = F || ie || ce;
	return du({
		deleteKeyCode: c,
		multiSelectionKeyCode: h
	}), (0, p.jsx)(hu, {
		onPaneContextMenu: a,
		elementsSelectable: v,
		zoomOnScroll: y,
		zoomOnPinch: b,
		panOnScroll: se,
		panActivationKeyPressed: ae,
		panOnScrollSpeed: S,
		panOnScrollMode: C,
		zoomOnDoubleClick: w,
		panOnDrag: !F && oe,
		defaultViewport: D,
		translateExtent: O,
		minZoom: k,
		maxZoom: A,
		zoomActivationKeyCode: _,
		preventScrolling: j,
		noWheelClassName: ee,
		noPanClassName: N,
		onViewportChange: te,
		isControlledViewport: ne,
		paneClickDistance: s,
		selectionOnDrag: ce,
		children: (0, p.jsxs)(bu, {
			onSelectionStart: f,
			onSelectionEnd: m,
			onPaneClick: t,
			onPaneMouseEnter: n,
			onPaneMouseMove: r,
			onPaneMouseLeave: i,
			onPaneContextMenu: a,
			onPaneScroll: o,
			panOnDrag: oe,
			autoPanOnSelection: E,
			isSelecting: !!le,
			selectionMode: d,
			selectionKeyPressed: F,
			paneClickDistance: s,
			selectionOnDrag: ce,
			children: [e, re && (0, p.jsx)(Wu, {
				onSelectionContextMenu: M,
				noPanClassName: N,
				disableKeyboardA11y: P
			})]
		})
	});
}
qu.displayName = `FlowRenderer`;
var Ju = (0, f.memo)(qu), Yu = (e) => (t) => e ? Do(t.nodeLookup, {
	x: 0,
	y: 0,
	width: t.width,
	height: t.height
}, t.transform, !0).map((e) => e.id) : Array.from(t.nodeLookup.keys());
function Xu(e) {
	return W((0, f.useCallback)(Yu(e), [e]), sl);
}
var Zu = (e) => e.updateNodeInternals;
function Qu() {
	let e = W(Zu), [t] = (0, f.useState)(() => typeof ResizeObserver > `u` ? null : new ResizeObserver((t) => {
		let n = /* @__PURE__ */ new Map();
		t.forEach((e) => {
			let t = e.target.getAttribute(`data-id`);
			n.set(t, {
				id: t,
				nodeElement: e.target,
				force: !0
			});
		}), e(n);
	}));
	return (0, f.useEffect)(() => () => {
		t?.disconnect();
	}, [t]), t;
}
function q({ node: e, nodeType: t, hasDimensions: n, resizeObserver: r }) {
	let i = G(), a = (0, f.useRef)(null), o = (0, f.useRef)(null), s = (0, f.useRef)(e.sourcePosition), c = (0, f.useRef)(e.targetPosition), l = (0, f.useRef)(t), u = n && !!e.internals.handleBounds;
	return (0, f.useEffect)(() => {
		!a.current || e.hidden || u && o.current === a.current || (o.current && r?.unobserve(o.current), r?.observe(a.current), o.current = a.current);
	}, [u, e.hidden]), (0, f.useEffect)(() => () => {
		o.current &&= (r?.unobserve(o.current), null);
	}, []), (0, f.useEffect)(() => {
		if (a.current) {
			let n = l.current !== t, r = s.current !== e.sourcePosition, o = c.current !== e.targetPosition;
			(n || r || o) && (l.current = t, s.current = e.sourcePosition, c.current = e.targetPosition, i.getState().updateNodeInternals(/* @__PURE__ */ new Map([[e.id, {
				id: e.id,
				nodeElement: a.current,
				force: !0
			}]])));
		}
	}, [
		e.id,
		t,
		e.sourcePosition,
		e.targetPosition
	]), a;
}
function $u({ id: e, onClick: t, onMouseEnter: n, onMouseMove: r, onMouseLeave: i, onContextMenu: a, onDoubleClick: o, nodesDraggable: s, elementsSelectable: c, nodesConnectable: l, nodesFocusable: u, resizeObserver: d, noDragClassName: f, noPanClassName: h, disableKeyboardA11y: g, rfId: _, nodeTypes: v, nodeClickDistance: y, onError: b }) {
	let { node: x, internals: S, isParent: C } = W((t) => {
		let n = t.nodeLookup.get(e), r = t.parentLookup.has(e);
		return {
			node: n,
			internals: n.internals,
			isParent: r
		};
	}, sl), w = x.type || `default`, T = v?.[w] || Vu[w];
	T === void 0 && (b?.(`003`, lo.error003(w)), w = `default`, T = v?.default || Vu.default);
	let E = !!(x.draggable || s && x.draggable === void 0), D = !!(x.selectable || c && x.selectable === void 0), O = !!(x.connectable || l && x.connectable === void 0), k = !!(x.focusable || u && x.focusable === void 0), A = G(), j = rs(x), M = q({
		node: x,
		nodeType: w,
		hasDimensions: j,
		resizeObserver: d
	}), ee = Su({
		nodeRef: M,
		disabled: x.hidden || !E,
		noDragClassName: f,
		handleSelector: x.dragHandle,
		nodeId: e,
		isSelectable: D,
		nodeClickDistance: y
	}), N = wu();
	if (x.hidden) return null;
	let P = ns(x), te = Hu(x), ne = D || E || t || n || r || i, re = n ? (e) => n(e, { ...S.userNode }) : void 0, ie = r ? (e) => r(e, { ...S.userNode }) : void 0, F = i ? (e) => i(e, { ...S.userNode }) : void 0, ae = a ? (e) => a(e, { ...S.userNode }) : void 0, oe = o ? (e) => o(e, { ...S.userNode }) : void 0, se = (n) => {
		let { selectNodesOnDrag: r, nodeDragThreshold: i } = A.getState();
		D && (!r || !E || i > 0) && xu({
			id: e,
			store: A,
			nodeRef: M
		}), t && t(n, { ...S.userNode });
	}, ce = (t) => {
		if (!(ps(t.nativeEvent) || g)) {
			if (fo.includes(t.key) && D) {
				let n = t.key === `Escape`;
				xu({
					id: e,
					store: A,
					unselect: n,
					nodeRef: M
				});
			} else if (E && x.selected && Object.prototype.hasOwnProperty.call(Bu, t.key)) {
				t.preventDefault();
				let { ariaLabelConfig: e } = A.getState();
				A.setState({ ariaLiveMessage: e[`node.a11yDescription.ariaLiveMessage`]({
					direction: t.key.replace(`Arrow`, ``).toLowerCase(),
					x: ~~S.positionAbsolute.x,
					y: ~~S.positionAbsolute.y
				}) }), N({
					direction: Bu[t.key],
					factor: t.shiftKey ? 4 : 1
				});
			}
		}
	}, le = () => {
		if (g || !M.current?.matches(`:focus-visible`)) return;
		let { transform: t, width: n, height: r, autoPanOnNodeFocus: i, setCenter: a } = A.getState();
		i && (Do(/* @__PURE__ */ new Map([[e, x]]), {
			x: 0,
			y: 0,
			width: n,
			height: r
		}, t, !0).length > 0 || a(x.position.x + P.width / 2, x.position.y + P.height / 2, { zoom: t[2] }));
	};
	return (0, p.jsx)(`div`, {
		className: m([
			`react-flow__node`,
			`react-flow__node-${w}`,
			{ [h]: E },
			x.className,
			{
				selected: x.selected,
				selectable: D,
				parent: C,
				draggable: E,
				dragging: ee
			}
		]),
		ref: M,
		style: {
			zIndex: S.z,
			transform: `translate(${S.positionAbsolute.x}px,${S.positionAbsolute.y}px)`,
			pointerEvents: ne ? `all` : `none`,
			visibility: j ? `visible` : `hidden`,
			...x.style,
			...te
		},
		"data-id": e,
		"data-testid": `rf__node-${e}`,
		onMouseEnter: re,
		onMouseMove: ie,
		onMouseLeave: F,
		onContextMenu: ae,
		onClick: se,
		onDoubleClick: oe,
		onKeyDown: k ? ce : void 0,
		tabIndex: k ? 0 : void 0,
		onFocus: k ? le : void 0,
		role: x.ariaRole ?? (k ? `group` : void 0),
		"aria-roledescription": `node`,
		"aria-describedby": g ? void 0 : `${ml}-${_}`,
		"aria-label": x.ariaLabel,
		...x.domAttributes,
		children: (0, p.jsx)(Eu, {
			value: e,
			children: (0, p.jsx)(T, {
				id: e,
				data: x.data,
				type: w,
				positionAbsoluteX: S.positionAbsolute.x,
				positionAbsoluteY: S.positionAbsolute.y,
				selected: x.selected ?? !1,
				selectable: D,
				draggable: E,
				deletable: x.deletable ?? !0,
				isConnectable: O,
				sourcePosition: x.sourcePosition,
				targetPosition: x.targetPosition,
				dragging: ee,
				dragHandle: x.dragHandle,
				zIndex: S.z,
				parentId: x.parentId,
				...P
			})
		})
	});
}
var J = (0, f.memo)($u), Y = (e) => ({
	nodesConnectable: e.nodesConnectable,
	nodesFocusable: e.nodesFocusable,
	elementsSelectable: e.elementsSelectable,
	onError: e.onError
});
function X(e) {
	let { nodesConnectable: t, nodesFocusable: n, elementsSelectable: r, onError: i } = W(Y, sl), a = Xu(e.onlyRenderVisibleElements), o = Qu();
	return (0, p.jsx)(`div`, {
		className: `react-flow__nodes`,
		style: pu,
		children: a.map((a) => (0, p.jsx)(J, {
			id: a,
			nodeTypes: e.nodeTypes,
			nodeExtent: e.nodeExtent,
			onClick: e.onNodeClick,
			onMouseEnter: e.onNodeMouseEnter,
			onMouseMove: e.onNodeMouseMove,
			onMouseLeave: e.onNodeMouseLeave,
			onContextMenu: e.onNodeContextMenu,
			onDoubleClick: e.onNodeDoubleClick,
			noDragClassName: e.noDragClassName,
			noPanClassName: e.noPanClassName,
			rfId: e.rfId,
			disableKeyboardA11y: e.disableKeyboardA11y,
			resizeObserver: o,
			nodesDraggable: e.nodesDraggable ?? !0,
			nodesConnectable: t,
			nodesFocusable: n,
			elementsSelectable: r,
			nodeClickDistance: e.nodeClickDistance,
			onError: i
		}, a))
	});
}
X.displayName = `NodeRenderer`;
var ed = (0, f.memo)(X);
function td(e) {
	return W((0, f.useCallback)((t) => {
		if (!e) return t.edges.map((e) => e.id);
		let n = [];
		if (t.width && t.height) for (let e of t.edges) {
			let r = t.nodeLookup.get(e.source), i = t.nodeLookup.get(e.target);
			r && i && Cs({
				sourceNode: r,
				targetNode: i,
				width: t.width,
				height: t.height,
				transform: t.transform
			}) && n.push(e.id);
		}
		return n;
	}, [e]), sl);
}
var nd = ({ color: e = `none`, strokeWidth: t = 1 }) => {
	let n = {
		strokeWidth: t,
		...e && { stroke: e }
	};
	return (0, p.jsx)(`polyline`, {
		className: `arrow`,
		style: n,
		strokeLinecap: `round`,
		fill: `none`,
		strokeLinejoin: `round`,
		points: `-5,-4 0,0 -5,4`
	});
}, rd = ({ color: e = `none`, strokeWidth: t = 1 }) => {
	let n = {
		strokeWidth: t,
		...e && {
			stroke: e,
			fill: e
		}
	};
	return (0, p.jsx)(`polyline`, {
		className: `arrowclosed`,
		style: n,
		strokeLinecap: `round`,
		strokeLinejoin: `round`,
		points: `-5,-4 0,0 -5,4 -5,-4`
	});
}, id = {
	[yo.Arrow]: nd,
	[yo.ArrowClosed]: rd
};
function ad(e) {
	let t = G();
	return (0, f.useMemo)(() => Object.prototype.hasOwnProperty.call(id, e) ? id[e] : (t.getState().onError?.(`009`, lo.error009(e)), null), [e]);
}
var od = ({ id: e, type: t, color: n, width: r = 12.5, height: i = 12.5, markerUnits: a = `strokeWidth`, strokeWidth: o, orient: s = `auto-start-reverse` }) => {
	let c = ad(t);
	return c ? (0, p.jsx)(`marker`, {
		className: `react-flow__arrowhead`,
		id: e,
		markerWidth: `${r}`,
		markerHeight: `${i}`,
		viewBox: `-10 -10 20 20`,
		markerUnits: a,
		orient: s,
		refX: `0`,
		refY: `0`,
		children: (0, p.jsx)(c, {
			color: n,
			strokeWidth: o
		})
	}) : null;
}, sd = ({ defaultColor: e, rfId: t }) => {
	let n = W((e) => e.edges), r = W((e) => e.defaultEdgeOptions), i = (0, f.useMemo)(() => Vs(n, {
		id: t,
		defaultColor: e,
		defaultMarkerStart: r?.markerStart,
		defaultMarkerEnd: r?.markerEnd
	}), [
		n,
		r,
		t,
		e
	]);
	return i.length ? (0, p.jsx)(`svg`, {
		className: `react-flow__marker`,
		"aria-hidden": `true`,
		children: (0, p.jsx)(`defs`, { children: i.map((e) => (0, p.jsx)(od, {
			id: e.id,
			type: e.type,
			color: e.color,
			width: e.width,
			height: e.height,
			markerUnits: e.markerUnits,
			strokeWidth: e.strokeWidth,
			orient: e.orient
		}, e.id)) })
	}) : null;
};
sd.displayName = `MarkerDefinitions`;
var cd = (0, f.memo)(sd);
function ld({ x: e, y: t, label: n, labelStyle: r, labelShowBg: i = !0, labelBgStyle: a, labelBgPadding: o = [2, 4], labelBgBorderRadius: s = 2, children: c, className: l, ...u }) {
	let [d, h] = (0, f.useState)({
		x: 1,
		y: 0,
		width: 0,
		height: 0
	}), g = m([`react-flow__edge-textwrapper`, l]), _ = (0, f.useRef)(null);
	return (0, f.useEffect)(() => {
		if (_.current) {
			let e = _.current.getBBox();
			h({
				x: e.x,
				y: e.y,
				width: e.width,
				height: e.height
			});
		}
	}, [n]), n ? (0, p.jsxs)(`g`, {
		transform: `translate(${e - d.width / 2} ${t - d.height / 2})`,
		className: g,
		visibility: d.width ? `visible` : `hidden`,
		...u,
		children: [
			i && (0, p.jsx)(`rect`, {
				width: d.width + 2 * o[0],
				x: -o[0],
				y: -o[1],
				height: d.height + 2 * o[1],
				className: `react-flow__edge-textbg`,
				style: a,
				rx: s,
				ry: s
			}),
			(0, p.jsx)(`text`, {
				className: `react-flow__edge-text`,
				y: d.height / 2,
				dy: `0.3em`,
				ref: _,
				style: r,
				children: n
			}),
			c
		]
	}) : null;
}
ld.displayName = `EdgeText`;
var ud = (0, f.memo)(ld);
function dd({ path: e, labelX: t, labelY: n, label: r, labelStyle: i, labelShowBg: a, labelBgStyle: o, labelBgPadding: s, labelBgBorderRadius: c, interactionWidth: l = 20, ...u }) {
	return (0, p.jsxs)(p.Fragment, { children: [
		(0, p.jsx)(`path`, {
			...u,
			d: e,
			fill: `none`,
			className: m([`react-flow__edge-path`, u.className])
		}),
		l ? (0, p.jsx)(`path`, {
			d: e,
			fill: `none`,
			strokeOpacity: 0,
			strokeWidth: l,
			className: `react-flow__edge-interaction`
		}) : null,
		r && Go(t) && Go(n) ? (0, p.jsx)(ud, {
			x: t,
			y: n,
			label: r,
			labelStyle: i,
			labelShowBg: a,
			labelBgStyle: o,
			labelBgPadding: s,
			labelBgBorderRadius: c
		}) : null
	] });
}
function fd({ pos: e, x1: t, y1: n, x2: r, y2: i }) {
	return e === V.Left || e === V.Right ? [.5 * (t + r), n] : [t, .5 * (n + i)];
}
function pd({ sourceX: e, sourceY: t, sourcePosition: n = V.Bottom, targetX: r, targetY: i, targetPosition: a = V.Top }) {
	let [o, s] = fd({
		pos: n,
		x1: e,
		y1: t,
		x2: r,
		y2: i
	}), [c, l] = fd({
		pos: a,
		x1: r,
		y1: i,
		x2: e,
		y2: t
	}), [u, d, f, p] = _s({
		sourceX: e,
		sourceY: t,
		targetX: r,
		targetY: i,
		sourceControlX: o,
		sourceControlY: s,
		targetControlX: c,
		targetControlY: l
	});
	return [
		`M${e},${t} C${o},${s} ${c},${l} ${r},${i}`,
		u,
		d,
		f,
		p
	];
}
function md(e) {
	return (0, f.memo)(({ id: t, sourceX: n, sourceY: r, targetX: i, targetY: a, sourcePosition: o, targetPosition: s, label: c, labelStyle: l, labelShowBg: u, labelBgStyle: d, labelBgPadding: f, labelBgBorderRadius: m, style: h, markerEnd: g, markerStart: _, interactionWidth: v }) => {
		let [y, b, x] = pd({
			sourceX: n,
			sourceY: r,
			sourcePosition: o,
			targetX: i,
			targetY: a,
			targetPosition: s
		}), S = e.isInternal ? void 0 : t;
		return (0, p.jsx)(dd, {
			id: S,
			path: y,
			labelX: b,
			labelY: x,
			label: c,
			labelStyle: l,
			labelShowBg: u,
			labelBgStyle: d,
			labelBgPadding: f,
			labelBgBorderRadius: m,
			style: h,
			markerEnd: g,
			markerStart: _,
			interactionWidth: v
		});
	});
}
var hd = md({ isInternal: !1 }), gd = md({ isInternal: !0 });
hd.displayName = `SimpleBezierEdge`, gd.displayName = `SimpleBezierEdgeInternal`;
function _d(e) {
	return (0, f.memo)(({ id: t, sourceX: n, sourceY: r, targetX: i, targetY: a, label: o, labelStyle: s, labelShowBg: c, labelBgStyle: l, labelBgPadding: u, labelBgBorderRadius: d, style: f, sourcePosition: m = V.Bottom, targetPosition: h = V.Top, markerEnd: g, markerStart: _, pathOptions: v, interactionWidth: y }) => {
		let [b, x, S] = Ps({
			sourceX: n,
			sourceY: r,
			sourcePosition: m,
			targetX: i,
			targetY: a,
			targetPosition: h,
			borderRadius: v?.borderRadius,
			offset: v?.offset,
			stepPosition: v?.stepPosition
		}), C = e.isInternal ? void 0 : t;
		return (0, p.jsx)(dd, {
			id: C,
			path: b,
			labelX: x,
			labelY: S,
			label: o,
			labelStyle: s,
			labelShowBg: c,
			labelBgStyle: l,
			labelBgPadding: u,
			labelBgBorderRadius: d,
			style: f,
			markerEnd: g,
			markerStart: _,
			interactionWidth: y
		});
	});
}
var vd = _d({ isInternal: !1 }), yd = _d({ isInternal: !0 });
vd.displayName = `SmoothStepEdge`, yd.displayName = `SmoothStepEdgeInternal`;
function bd(e) {
	return (0, f.memo)(({ id: t, ...n }) => {
		let r = e.isInternal ? void 0 : t;
		return (0, p.jsx)(vd, {
			...n,
			id: r,
			pathOptions: (0, f.useMemo)(() => ({
				borderRadius: 0,
				offset: n.pathOptions?.offset
			}), [n.pathOptions?.offset])
		});
	});
}
var xd = bd({ isInternal: !1 }), Sd = bd({ isInternal: !0 });
xd.displayName = `StepEdge`, Sd.displayName = `StepEdgeInternal`;
function Cd(e) {
	return (0, f.memo)(({ id: t, sourceX: n, sourceY: r, targetX: i, targetY: a, label: o, labelStyle: s, labelShowBg: c, labelBgStyle: l, labelBgPadding: u, labelBgBorderRadius: d, style: f, markerEnd: m, markerStart: h, interactionWidth: g }) => {
		let [_, v, y] = Ds({
			sourceX: n,
			sourceY: r,
			targetX: i,
			targetY: a
		}), b = e.isInternal ? void 0 : t;
		return (0, p.jsx)(dd, {
			id: b,
			path: _,
			labelX: v,
			labelY: y,
			label: o,
			labelStyle: s,
			labelShowBg: c,
			labelBgStyle: l,
			labelBgPadding: u,
			labelBgBorderRadius: d,
			style: f,
			markerEnd: m,
			markerStart: h,
			interactionWidth: g
		});
	});
}
var wd = Cd({ isInternal: !1 }), Td = Cd({ isInternal: !0 });
wd.displayName = `StraightEdge`, Td.displayName = `StraightEdgeInternal`;
function Ed(e) {
	return (0, f.memo)(({ id: t, sourceX: n, sourceY: r, targetX: i, targetY: a, sourcePosition: o = V.Bottom, targetPosition: s = V.Top, label: c, labelStyle: l, labelShowBg: u, labelBgStyle: d, labelBgPadding: f, labelBgBorderRadius: m, style: h, markerEnd: g, markerStart: _, pathOptions: v, interactionWidth: y }) => {
		let [b, x, S] = bs({
			sourceX: n,
			sourceY: r,
			sourcePosition: o,
			targetX: i,
			targetY: a,
			targetPosition: s,
			curvature: v?.curvature
		}), C = e.isInternal ? void 0 : t;
		return (0, p.jsx)(dd, {
			id: C,
			path: b,
			labelX: x,
			labelY: S,
			label: c,
			labelStyle: l,
			labelShowBg: u,
			labelBgStyle: d,
			labelBgPadding: f,
			labelBgBorderRadius: m,
			style: h,
			markerEnd: g,
			markerStart: _,
			interactionWidth: y
		});
	});
}
var Dd = Ed({ isInternal: !1 }), Od = Ed({ isInternal: !0 });
Dd.displayName = `BezierEdge`, Od.displayName = `BezierEdgeInternal`;
var kd = {
	default: Od,
	straight: Td,
	step: Sd,
	smoothstep: yd,
	simplebezier: gd
}, Ad = {
	sourceX: null,
	sourceY: null,
	targetX: null,
	targetY: null,
	sourcePosition: null,
	targetPosition: null,
	zIndex: void 0
}, jd = (e, t, n) => n === V.Left ? e - t : n === V.Right ? e + t : e, Md = (e, t, n) => n === V.Top ? e - t : n === V.Bottom ? e + t : e, Nd = `react-flow__edgeupdater`;
function Pd({ position: e, centerX: t, centerY: n, radius: r = 10, onMouseDown: i, onMouseEnter: a, onMouseOut: o, type: s }) {
	return (0, p.jsx)(`circle`, {
		onMouseDown: i,
		onMouseEnter: a,
		onMouseOut: o,
		className: m([Nd, `${Nd}-${s}`]),
		cx: jd(t, r, e),
		cy: Md(n, r, e),
		r,
		stroke: `transparent`,
		fill: `transparent`
	});
}
function Fd({ isReconnectable: e, reconnectRadius: t, edge: n, sourceX: r, sourceY: i, targetX: a, targetY: o, sourcePosition: s, targetPosition: c, onReconnect: l, onReconnectStart: u, onReconnectEnd: d, setReconnecting: f, setUpdateHover: m }) {
	let h = G(), g = (e, t) => {
		if (e.button !== 0) return;
		let { autoPanOnConnect: r, domNode: i, connectionMode: a, connectionRadius: o, lib: s, onConnectStart: c, cancelConnection: p, nodeLookup: m, rfId: g, panBy: _, updateConnection: v } = h.getState(), y = t.type === `target`;
		xc.onPointerDown(e.nativeEvent, {
			autoPanOnConnect: r,
			connectionMode: a,
			connectionRadius: o,
			domNode: i,
			handleId: t.id,
			nodeId: t.nodeId,
			nodeLookup: m,
			isTarget: y,
			edgeUpdaterType: t.type,
			lib: s,
			flowId: g,
			cancelConnection: p,
			panBy: _,
			isValidConnection: (...e) => h.getState().isValidConnection?.(...e) ?? !0,
			onConnect: (e) => l?.(n, e),
			onConnectStart: (r, i) => {
				f(!0), u?.(e, n, t.type), c?.(r, i);
			},
			onConnectEnd: (...e) => h.getState().onConnectEnd?.(...e),
			onReconnectEnd: (e, r) => {
				f(!1), d?.(e, n, t.type, r);
			},
			updateConnection: v,
			getTransform: () => h.getState().transform,
			getFromHandle: () => h.getState().connection.fromHandle,
			dragThreshold: h.getState().connectionDragThreshold,
			handleDomNode: e.currentTarget
		});
	}, _ = (e) => g(e, {
		nodeId: n.target,
		id: n.targetHandle ?? null,
		type: `target`
	}), v = (e) => g(e, {
		nodeId: n.source,
		id: n.sourceHandle ?? null,
		type: `source`
	}), y = () => m(!0), b = () => m(!1);
	return (0, p.jsxs)(p.Fragment, { children: [(e === !0 || e === `source`) && (0, p.jsx)(Pd, {
		position: s,
		centerX: r,
		centerY: i,
		radius: t,
		onMouseDown: _,
		onMouseEnter: y,
		onMouseOut: b,
		type: `source`
	}), (e === !0 || e === `target`) && (0, p.jsx)(Pd, {
		position: c,
		centerX: a,
		centerY: o,
		radius: t,
		onMouseDown: v,
		onMouseEnter: y,
		onMouseOut: b,
		type: `target`
	})] });
}
function Id({ id: e, edgesFocusable: t, edgesReconnectable: n, elementsSelectable: r, onClick: i, onDoubleClick: a, onContextMenu: o, onMouseEnter: s, onMouseMove: c, onMouseLeave: l, reconnectRadius: u, onReconnect: d, onReconnectStart: h, onReconnectEnd: g, rfId: _, edgeTypes: v, noPanClassName: y, onError: b, disableKeyboardA11y: x }) {
	let S = W((t) => t.edgeLookup.get(e)), C = W((e) => e.defaultEdgeOptions);
	S = C ? {
		...C,
		...S
	} : S;
	let w = S.type || `default`, T = v?.[w] || kd[w];
	T === void 0 && (b?.(`011`, lo.error011(w)), w = `default`, T = v?.default || kd.default);
	let E = !!(S.focusable || t && S.focusable === void 0), D = d !== void 0 && (S.reconnectable || n && S.reconnectable === void 0), O = !!(S.selectable || r && S.selectable === void 0), k = (0, f.useRef)(null), [A, j] = (0, f.useState)(!1), [M, ee] = (0, f.useState)(!1), N = G(), { zIndex: P = S.zIndex, sourceX: te, sourceY: ne, targetX: re, targetY: ie, sourcePosition: F, targetPosition: ae } = W((0, f.useCallback)((t) => {
		let n = t.nodeLookup.get(S.source), r = t.nodeLookup.get(S.target);
		if (!n || !r) return Ad;
		let i = Is({
			id: e,
			sourceNode: n,
			targetNode: r,
			sourceHandle: S.sourceHandle || null,
			targetHandle: S.targetHandle || null,
			connectionMode: t.connectionMode,
			onError: b
		}), a = Ss({
			selected: S.selected,
			zIndex: S.zIndex,
			sourceNode: n,
			targetNode: r,
			elevateOnSelect: t.elevateEdgesOnSelect,
			zIndexMode: t.zIndexMode
		});
		return {
			...i || Ad,
			zIndex: a
		};
	}, [
		S.source,
		S.target,
		S.sourceHandle,
		S.targetHandle,
		S.selected,
		S.zIndex,
		b
	]), sl), oe = (0, f.useMemo)(() => S.markerStart ? `url('#${Bs(S.markerStart, _)}')` : void 0, [S.markerStart, _]), se = (0, f.useMemo)(() => S.markerEnd ? `url('#${Bs(S.markerEnd, _)}')` : void 0, [S.markerEnd, _]);
	if (S.hidden || te === null || ne === null || re === null || ie === null) return null;
	let ce = (t) => {
		let { addSelectedEdges: n, unselectNodesAndEdges: r, multiSelectionActive: a } = N.getState();
		O && (N.setState({ nodesSelectionActive: !1 }), S.selected && a ? (r({
			nodes: [],
			edges: [S]
		}), k.current?.blur()) : n([e])), i && i(t, S);
	}, le = a ? (e) => {
		a(e, { ...S });
	} : void 0, ue = o ? (e) => {
		o(e, { ...S });
	} : void 0, de = s ? (e) => {
		s(e, { ...S });
	} : void 0, fe = c ? (e) => {
		c(e, { ...S });
	} : void 0, pe = l ? (e) => {
		l(e, { ...S });
	} : void 0;
	return (0, p.jsx)(`svg`, {
		style: { zIndex: P },
		children: (0, p.jsxs)(`g`, {
			className: m([
				`react-flow__edge`,
				`react-flow__edge-${w}`,
				S.className,
				y,
				{
					selected: S.selected,
					animated: S.animated,
					inactive: !O && !i,
					updating: A,
					selectable: O
				}
			]),
			onClick: ce,
			onDoubleClick: le,
			onContextMenu: ue,
			onMouseEnter: de,
			onMouseMove: fe,
			onMouseLeave: pe,
			onKeyDown: E ? (t) => {
				if (!x && fo.includes(t.key) && O) {
					let { unselectNodesAndEdges: n, addSelectedEdges: r } = N.getState();
					t.key === `Escape` ? (k.current?.blur(), n({ edges: [S] })) : r([e]);
				}
			} : void 0,
			tabIndex: E ? 0 : void 0,
			role: S.ariaRole ?? (E ? `group` : `img`),
			"aria-roledescription": `edge`,
			"data-id": e,
			"data-testid": `rf__edge-${e}`,
			"aria-label": S.ariaLabel === null ? void 0 : S.ariaLabel || `Edge from ${S.source} to ${S.target}`,
			"aria-describedby": E ? `${hl}-${_}` : void 0,
			ref: k,
			...S.domAttributes,
			children: [!M && (0, p.jsx)(T, {
				id: e,
				source: S.source,
				target: S.target,
				type: S.type,
				selected: S.selected,
				animated: S.animated,
				selectable: O,
				deletable: S.deletable ?? !0,
				label: S.label,
				labelStyle: S.labelStyle,
				labelShowBg: S.labelShowBg,
				labelBgStyle: S.labelBgStyle,
				labelBgPadding: S.labelBgPadding,
				labelBgBorderRadius: S.labelBgBorderRadius,
				sourceX: te,
				sourceY: ne,
				targetX: re,
				targetY: ie,
				sourcePosition: F,
				targetPosition: ae,
				data: S.data,
				style: S.style,
				sourceHandleId: S.sourceHandle,
				targetHandleId: S.targetHandle,
				markerStart: oe,
				markerEnd: se,
				pathOptions: `pathOptions` in S ? S.pathOptions : void 0,
				interactionWidth: S.interactionWidth
			}), D && (0, p.jsx)(Fd, {
				edge: S,
				isReconnectable: D,
				reconnectRadius: u,
				onReconnect: d,
				onReconnectStart: h,
				onReconnectEnd: g,
				sourceX: te,
				sourceY: ne,
				targetX: re,
				targetY: ie,
				sourcePosition: F,
				targetPosition: ae,
				setUpdateHover: j,
				setReconnecting: ee
			})]
		})
	});
}
var Ld = (0, f.memo)(Id), Rd = (e) => ({
	edgesFocusable: e.edgesFocusable,
	edgesReconnectable: e.edgesReconnectable,
	elementsSelectable: e.elementsSelectable,
	connectionMode: e.connectionMode,
	onError: e.onError
});
function zd({ defaultMarkerColor: e, onlyRenderVisibleElements: t, rfId: n, edgeTypes: r, noPanClassName: i, onReconnect: a, onEdgeContextMenu: o, onEdgeMouseEnter: s, onEdgeMouseMove: c, onEdgeMouseLeave: l, onEdgeClick: u, reconnectRadius: d, onEdgeDoubleClick: f, onReconnectStart: m, onReconnectEnd: h, disableKeyboardA11y: g }) {
	let { edgesFocusable: _, edgesReconnectable: v, elementsSelectable: y, onError: b } = W(Rd, sl), x = td(t);
	return (0, p.jsxs)(`div`, {
		className: `react-flow__edges`,
		children: [(0, p.jsx)(cd, {
			defaultColor: e,
			rfId: n
		}), x.map((e) => (0, p.jsx)(Ld, {
			id: e,
			edgesFocusable: _,
			edgesReconnectable: v,
			elementsSelectable: y,
			noPanClassName: i,
			onReconnect: a,
			onContextMenu: o,
			onMouseEnter: s,
			onMouseMove: c,
			onMouseLeave: l,
			onClick: u,
			reconnectRadius: d,
			onDoubleClick: f,
			onReconnectStart: m,
			onReconnectEnd: h,
			rfId: n,
			onError: b,
			edgeTypes: r,
			disableKeyboardA11y: g
		}, e))]
	});
}
zd.displayName = `EdgeRenderer`;
var Bd = (0, f.memo)(zd), Vd = (e) => `translate(${e[0]}px,${e[1]}px) scale(${e[2]})`;
function Hd({ children: e }) {
	let t = G(), n = (0, f.useRef)(null), [r] = (0, f.useState)(() => t.getState().transform);
	return nu(() => {
		let e = null, r = () => {
			let r = t.getState().transform;
			e && r[0] === e[0] && r[1] === e[1] && r[2] === e[2] || (e = r, n.current && (n.current.style.transform = Vd(r)));
		};
		return r(), t.subscribe(r);
	}, [t]), (0, p.jsx)(`div`, {
		ref: n,
		className: `react-flow__viewport xyflow__viewport react-flow__container`,
		style: { transform: Vd(r) },
		children: e
	});
}
function Ud(e) {
	let t = cu(), n = (0, f.useRef)(!1);
	(0, f.useEffect)(() => {
		!n.current && t.viewportInitialized && e && (setTimeout(() => e(t), 1), n.current = !0);
	}, [e, t.viewportInitialized]);
}
var Wd = (e) => e.panZoom?.syncViewport;
function Gd(e) {
	let t = W(Wd), n = G();
	return (0, f.useEffect)(() => {
		e && (t?.(e), n.setState({ transform: [
			e.x,
			e.y,
			e.zoom
		] }));
	}, [e, t]), null;
}
function Kd(e) {
	return e.connection.inProgress ? {
		...e.connection,
		to: Jo(e.connection.to, e.transform)
	} : { ...e.connection };
}
function qd(e) {
	return e ? (t) => e(Kd(t)) : Kd;
}
function Jd(e) {
	return W(qd(e), sl);
}
var Yd = (e) => ({
	nodesConnectable: e.nodesConnectable,
	isValid: e.connection.isValid,
	inProgress: e.connection.inProgress,
	width: e.width,
	height: e.height
});
function Xd({ containerStyle: e, style: t, type: n, component: r }) {
	let { nodesConnectable: i, width: a, height: o, isValid: s, inProgress: c } = W(Yd, sl);
	return a && i && c ? (0, p.jsx)(`svg`, {
		style: e,
		width: a,
		height: o,
		className: `react-flow__connectionline react-flow__container`,
		children: (0, p.jsx)(`g`, {
			className: m([`react-flow__connection`, cs(s)]),
			children: (0, p.jsx)(Zd, {
				style: t,
				type: n,
				CustomComponent: r,
				isValid: s
			})
		})
	}) : null;
}
var Zd = ({ style: e, type: t = vo.Bezier, CustomComponent: n, isValid: r }) => {
	let { inProgress: i, from: a, fromNode: o, fromHandle: s, fromPosition: c, to: l, toNode: u, toHandle: d, toPosition: f, pointer: m } = Jd();
	if (!i) return;
	if (n) return (0, p.jsx)(n, {
		connectionLineType: t,
		connectionLineStyle: e,
		fromNode: o,
		fromHandle: s,
		fromX: a.x,
		fromY: a.y,
		toX: l.x,
		toY: l.y,
		fromPosition: c,
		toPosition: f,
		connectionStatus: cs(r),
		toNode: u,
		toHandle: d,
		pointer: m
	});
	let h = ``, g = {
		sourceX: a.x,
		sourceY: a.y,
		sourcePosition: c,
		targetX: l.x,
		targetY: l.y,
		targetPosition: f
	};
	switch (t) {
		case vo.Bezier:
			[h] = bs(g);
			break;
		case vo.SimpleBezier:
			[h] = pd(g);
			break;
		case vo.Step:
			[h] = Ps({
				...g,
				borderRadius: 0
			});
			break;
		case vo.SmoothStep:
			[h] = Ps(g);
			break;
		default: [h] = Ds(g);
	}
	return (0, p.jsx)(`path`, {
		d: h,
		fill: `none`,
		className: `react-flow__connection-path`,
		style: e
	});
};
Zd.displayName = `ConnectionLine`;
var Qd = {};
function $d(e = Qd) {
	(0, f.useRef)(e), G(), (0, f.useEffect)(() => {}, [e]);
}
function ef() {
	G(), (0, f.useRef)(!1), (0, f.useEffect)(() => {}, []);
}
function tf({ nodeTypes: e, edgeTypes: t, onInit: n, onNodeClick: r, onEdgeClick: i, onNodeDoubleClick: a, onEdgeDoubleClick: o, onNodeMouseEnter: s, onNodeMouseMove: c, onNodeMouseLeave: l, onNodeContextMenu: u, onSelectionContextMenu: d, onSelectionStart: f, onSelectionEnd: m, connectionLineType: h, connectionLineStyle: g, connectionLineComponent: _, connectionLineContainerStyle: v, selectionKeyCode: y, selectionOnDrag: b, selectionMode: x, multiSelectionKeyCode: S, panActivationKeyCode: C, zoomActivationKeyCode: w, deleteKeyCode: T, onlyRenderVisibleElements: E, elementsSelectable: D, defaultViewport: O, translateExtent: k, minZoom: A, maxZoom: j, preventScrolling: M, defaultMarkerColor: ee, zoomOnScroll: N, zoomOnPinch: P, panOnScroll: te, panOnScrollSpeed: ne, panOnScrollMode: re, zoomOnDoubleClick: ie, panOnDrag: F, autoPanOnSelection: ae, onPaneClick: oe, onPaneMouseEnter: se, onPaneMouseMove: ce, onPaneMouseLeave: le, onPaneScroll: ue, onPaneContextMenu: de, paneClickDistance: fe, nodeClickDistance: pe, onEdgeContextMenu: me, onEdgeMouseEnter: I, onEdgeMouseMove: L, onEdgeMouseLeave: he, reconnectRadius: ge, onReconnect: _e, onReconnectStart: ve, onReconnectEnd: ye, noDragClassName: R, noWheelClassName: be, noPanClassName: xe, disableKeyboardA11y: Se, nodeExtent: Ce, rfId: we, viewport: Te, onViewportChange: Ee, nodesDraggable: De }) {
	return $d(e), $d(t), ef(), Ud(n), Gd(Te), (0, p.jsx)(Ju, {
		onPaneClick: oe,
		onPaneMouseEnter: se,
		onPaneMouseMove: ce,
		onPaneMouseLeave: le,
		onPaneContextMenu: de,
		onPaneScroll: ue,
		paneClickDistance: fe,
		deleteKeyCode: T,
		selectionKeyCode: y,
		selectionOnDrag: b,
		selectionMode: x,
		onSelectionStart: f,
		onSelectionEnd: m,
		multiSelectionKeyCode: S,
		panActivationKeyCode: C,
		zoomActivationKeyCode: w,
		elementsSelectable: D,
		zoomOnScroll: N,
		zoomOnPinch: P,
		zoomOnDoubleClick: ie,
		panOnScroll: te,
		panOnScrollSpeed: ne,
		panOnScrollMode: re,
		panOnDrag: F,
		autoPanOnSelection: ae,
		defaultViewport: O,
		translateExtent: k,
		minZoom: A,
		maxZoom: j,
		onSelectionContextMenu: d,
		preventScrolling: M,
		noDragClassName: R,
		noWheelClassName: be,
		noPanClassName: xe,
		disableKeyboardA11y: Se,
		onViewportChange: Ee,
		isControlledViewport: !!Te,
		children: (0, p.jsxs)(Hd, { children: [
			(0, p.jsx)(Bd, {
				edgeTypes: t,
				onEdgeClick: i,
				onEdgeDoubleClick: o,
				onReconnect: _e,
				onReconnectStart: ve,
				onReconnectEnd: ye,
				onlyRenderVisibleElements: E,
				onEdgeContextMenu: me,
				onEdgeMouseEnter: I,
				onEdgeMouseMove: L,
				onEdgeMouseLeave: he,
				reconnectRadius: ge,
				defaultMarkerColor: ee,
				noPanClassName: xe,
				disableKeyboardA11y: Se,
				rfId: we
			}),
			(0, p.jsx)(Xd, {
				style: g,
				type: h,
				component: _,
				containerStyle: v
			}),
			(0, p.jsx)(`div`, { className: `react-flow__edgelabel-renderer` }),
			(0, p.jsx)(ed, {
				nodeTypes: e,
				onNodeClick: r,
				onNodeDoubleClick: a,
				onNodeMouseEnter: s,
				onNodeMouseMove: c,
				onNodeMouseLeave: l,
				onNodeContextMenu: u,
				nodeClickDistance: pe,
				onlyRenderVisibleElements: E,
				noPanClassName: xe,
				noDragClassName: R,
				disableKeyboardA11y: Se,
				nodeExtent: Ce,
				rfId: we,
				nodesDraggable: De
			}),
			(0, p.jsx)(`div`, { className: `react-flow__viewport-portal` })
		] })
	});
}
tf.displayName = `GraphView`;
var nf = (0, f.memo)(tf), rf = Ko(`React Flow`, `https://reactflow.dev/`), af = ({ nodes: e, edges: t, defaultNodes: n, defaultEdges: r, width: i, height: a, fitView: o, fitViewOptions: s, minZoom: c = .5, maxZoom: l = 2, nodeOrigin: u, nodeExtent: d, zIndexMode: f = `basic` } = {}) => {
	let p = /* @__PURE__ */ new Map(), m = /* @__PURE__ */ new Map(), h = /* @__PURE__ */ new Map(), g = /* @__PURE__ */ new Map(), _ = r ?? t ?? [], v = n ?? e ?? [], y = u ?? [0, 0], b = d ?? uo;
	ac(h, g, _);
	let { nodesInitialized: x } = Xs(v, p, m, {
		nodeOrigin: y,
		nodeExtent: b,
		zIndexMode: f
	}), S = [
		0,
		0,
		1
	];
	if (o && i && a) {
		let { x: e, y: t, zoom: n } = $o(Eo(p, { filter: (e) => !(!e.width && !e.initialWidth || !e.height && !e.initialHeight) }), i, a, c, l, s?.padding ?? .1);
		S = [
			e,
			t,
			n
		];
	}
	return {
		rfId: `1`,
		width: i ?? 0,
		height: a ?? 0,
		transform: S,
		nodes: v,
		nodesInitialized: x,
		nodeLookup: p,
		parentLookup: m,
		edges: _,
		edgeLookup: g,
		connectionLookup: h,
		onNodesChange: null,
		onEdgesChange: null,
		hasDefaultNodes: n !== void 0,
		hasDefaultEdges: r !== void 0,
		panZoom: null,
		minZoom: c,
		maxZoom: l,
		translateExtent: uo,
		nodeExtent: b,
		nodesSelectionActive: !1,
		userSelectionActive: !1,
		userSelectionRect: null,
		connectionMode: mo.Strict,
		domNode: null,
		paneDragging: !1,
		noPanClassName: `nopan`,
		nodeOrigin: y,
		nodeDragThreshold: 1,
		connectionDragThreshold: 1,
		snapGrid: [15, 15],
		snapToGrid: !1,
		nodesDraggable: !0,
		nodesConnectable: !0,
		nodesFocusable: !0,
		edgesFocusable: !0,
		edgesReconnectable: !0,
		elementsSelectable: !0,
		elevateNodesOnSelect: !0,
		elevateEdgesOnSelect: !0,
		selectNodesOnDrag: !0,
		multiSelectionActive: !1,
		fitViewQueued: o ?? !1,
		fitViewOptions: s,
		fitViewResolver: null,
		connection: { ..._o },
		connectionClickStartHandle: null,
		connectOnClick: !0,
		ariaLiveMessage: ``,
		autoPanOnConnect: !0,
		autoPanOnNodeDrag: !0,
		autoPanOnNodeFocus: !0,
		autoPanSpeed: 15,
		connectionRadius: 20,
		onError: rf,
		isValidConnection: void 0,
		onSelectionChangeHandlers: [],
		lib: `react`,
		debug: !1,
		ariaLabelConfig: po,
		zIndexMode: f,
		defaultEdgeOptions: void 0,
		onNodesChangeMiddlewareMap: /* @__PURE__ */ new Map(),
		onEdgesChangeMiddlewareMap: /* @__PURE__ */ new Map(),
		onNodesDelete: void 0,
		onEdgesDelete: void 0,
		onDelete: void 0,
		onBeforeDelete: void 0,
		onViewportChangeStart: void 0,
		onViewportChange: void 0,
		onViewportChangeEnd: void 0,
		onNodeDragStart: void 0,
		onNodeDrag: void 0,
		onNodeDragStop: void 0,
		onSelectionDragStart: void 0,
		onSelectionDrag: void 0,
		onSelectionDragStop: void 0,
		onMoveStart: void 0,
		onMove: void 0,
		onMoveEnd: void 0,
		onConnect: void 0,
		onConnectStart: void 0,
		onConnectEnd: void 0,
		onClickConnectStart: void 0,
		onClickConnectEnd: void 0
	};
}, of = ({ nodes: e, edges: t, defaultNodes: n, defaultEdges: r, width: i, height: a, fitView: o, fitViewOptions: s, minZoom: c, maxZoom: l, nodeOrigin: u, nodeExtent: d, zIndexMode: f }) => ol((p, m) => {
	async function h() {
		let { nodeLookup: e, panZoom: t, fitViewOptions: n, fitViewResolver: r, width: i, height: a, minZoom: o, maxZoom: s } = m();
		t && (await Ao({
			nodes: e,
			width: i,
			height: a,
			panZoom: t,
			minZoom: o,
			maxZoom: s
		}, n), r?.resolve(!0), p({ fitViewResolver: null }));
	}
	return {
		...af({
			nodes: e,
			edges: t,
			width: i,
			height: a,
			fitView: o,
			fitViewOptions: s,
			minZoom: c,
			maxZoom: l,
			nodeOrigin: u,
			nodeExtent: d,
			defaultNodes: n,
			defaultEdges: r,
			zIndexMode: f
		}),
		setNodes: (e) => {
			let { nodeLookup: t, parentLookup: n, nodeOrigin: r, nodeExtent: i, elevateNodesOnSelect: a, fitViewQueued: o, zIndexMode: s, nodesSelectionActive: c } = m(), { nodesInitialized: l, hasSelectedNodes: u } = Xs(e, t, n, {
				nodeOrigin: r,
				nodeExtent: i,
				elevateNodesOnSelect: a,
				checkEquality: !0,
				zIndexMode: s
			}), d = c && u;
			o && l ? (h(), p({
				nodes: e,
				nodesInitialized: l,
				fitViewQueued: !1,
				fitViewOptions: void 0,
				nodesSelectionActive: d
			})) : p({
				nodes: e,
				nodesInitialized: l,
				nodesSelectionActive: d
			});
		},
		setEdges: (e) => {
			let { connectionLookup: t, edgeLookup: n } = m();
			ac(t, n, e), p({ edges: e });
		},
		setDefaultNodesAndEdges: (e, t) => {
			if (e) {
				let { setNodes: t } = m();
				t(e), p({ hasDefaultNodes: !0 });
			}
			if (t) {
				let { setEdges: e } = m();
				e(t), p({ hasDefaultEdges: !0 });
			}
		},
		updateNodeInternals: (e) => {
			let { triggerNodeChanges: t, nodeLookup: n, parentLookup: r, domNode: i, nodeOrigin: a, nodeExtent: o, debug: s, fitViewQueued: c, zIndexMode: l } = m(), { changes: u, updatedInternals: d } = nc(e, n, r, i, a, o, l);
			d && (qs(n, r, {
				nodeOrigin: a,
				nodeExtent: o,
				zIndexMode: l
			}), c ? (h(), p({
				fitViewQueued: !1,
				fitViewOptions: void 0
			})) : p({}), u?.length > 0 && (s && console.log(`React Flow: trigger node changes`, u), t?.(u)));
		},
		updateNodePositions: (e, t = !1) => {
			let n = [], r = [], { nodeLookup: i, triggerNodeChanges: a, connection: o, updateConnection: s, onNodesChangeMiddlewareMap: c } = m();
			for (let [a, c] of e) {
				let e = i.get(a), l = !!(e?.expandParent && e?.parentId && c?.position), u = {
					id: a,
					type: `position`,
					position: l ? {
						x: Math.max(0, c.position.x),
						y: Math.max(0, c.position.y)
					} : c.position,
					dragging: t
				};
				if (e && o.inProgress && o.fromNode.id === e.id) {
					let t = Rs(e, o.fromHandle, V.Left, !0);
					s({
						...o,
						from: t
					});
				}
				l && e.parentId && n.push({
					id: a,
					parentId: e.parentId,
					rect: {
						...c.internals.positionAbsolute,
						width: c.measured.width ?? 0,
						height: c.measured.height ?? 0
					}
				}), r.push(u);
			}
			if (n.length > 0) {
				let { parentLookup: e, nodeOrigin: t } = m(), a = tc(n, i, e, t);
				r.push(...a);
			}
			for (let e of c.values()) r = e(r);
			a(r);
		},
		triggerNodeChanges: (e) => {
			let { onNodesChange: t, setNodes: n, nodes: r, hasDefaultNodes: i, debug: a } = m();
			e?.length && (i && n(Gl(e, r)), a && console.log(`React Flow: trigger node changes`, e), t?.(e));
		},
		triggerEdgeChanges: (e) => {
			let { onEdgesChange: t, setEdges: n, edges: r, hasDefaultEdges: i, debug: a } = m();
			e?.length && (i && n(Kl(e, r)), a && console.log(`React Flow: trigger edge changes`, e), t?.(e));
		},
		addSelectedNodes: (e) => {
			let { multiSelectionActive: t, edgeLookup: n, nodeLookup: r, triggerNodeChanges: i, triggerEdgeChanges: a } = m();
			t ? i(e.map((e) => ql(e, !0))) : (i(Jl(r, /* @__PURE__ */ new Set([...e]))), a(Jl(n)));
		},
		addSelectedEdges: (e) => {
			let { multiSelectionActive: t, edgeLookup: n, nodeLookup: r, triggerNodeChanges: i, triggerEdgeChanges: a } = m();
			t ? a(e.map((e) => ql(e, !0))) : (a(Jl(n, /* @__PURE__ */ new Set([...e]))), i(Jl(r, /* @__PURE__ */ new Set())));
		},
		unselectNodesAndEdges: ({ nodes: e, edges: t } = {}) => {
			let { edges: n, nodes: r, nodeLookup: i, triggerNodeChanges: a, triggerEdgeChanges: o } = m(), s = e || r, c = t || n, l = [];
			for (let e of s) e.selected && l.push(ql(e.id, !1));
			let u = [];
			for (let e of c) e.selected && u.push(ql(e.id, !1));
			a(l), o(u);
		},
		setMinZoom: (e) => {
			let { panZoom: t, maxZoom: n } = m();
			t?.setScaleExtent([e, n]), p({ minZoom: e });
		},
		setMaxZoom: (e) => {
			let { panZoom: t, minZoom: n } = m();
			t?.setScaleExtent([n, e]), p({ maxZoom: e });
		},
		setTranslateExtent: (e) => {
			m().panZoom?.setTranslateExtent(e), p({ translateExtent: e });
		},
		resetSelectedElements: () => {
			let { edges: e, nodes: t, triggerNodeChanges: n, triggerEdgeChanges: r, elementsSelectable: i } = m();
			if (!i) return;
			let a = t.reduce((e, t) => t.selected ? [...e, ql(t.id, !1)] : e, []), o = e.reduce((e, t) => t.selected ? [...e, ql(t.id, !1)] : e, []);
			n(a), r(o);
		},
		setNodeExtent: (e) => {
			let { nodes: t, nodeLookup: n, parentLookup: r, nodeOrigin: i, elevateNodesOnSelect: a, nodeExtent: o, zIndexMode: s } = m();
			(e[0][0] !== o[0][0] || e[0][1] !== o[0][1] || e[1][0] !== o[1][0] || e[1][1] !== o[1][1]) && (Xs(t, n, r, {
				nodeOrigin: i,
				nodeExtent: e,
				elevateNodesOnSelect: a,
				checkEquality: !1,
				zIndexMode: s
			}), p({ nodeExtent: e }));
		},
		panBy: (e) => {
			let { transform: t, width: n, height: r, panZoom: i, translateExtent: a } = m();
			return rc({
				delta: e,
				panZoom: i,
				transform: t,
				translateExtent: a,
				width: n,
				height: r
			});
		},
		setCenter: async (e, t, n) => {
			let { width: r, height: i, maxZoom: a, panZoom: o } = m();
			if (!o) return !1;
			let s = n?.zoom === void 0 ? a : n.zoom;
			return await o.setViewport({
				x: r / 2 - e * s,
				y: i / 2 - t * s,
				zoom: s
			}, {
				duration: n?.duration,
				ease: n?.ease,
				interpolate: n?.interpolate
			}), !0;
		},
		cancelConnection: () => {
			p({ connection: { ..._o } });
		},
		updateConnection: (e) => {
			p({ connection: e });
		},
		reset: () => p({ ...af() })
	};
}, Object.is);
function sf({ initialNodes: e, initialEdges: t, defaultNodes: n, defaultEdges: r, initialWidth: i, initialHeight: a, initialMinZoom: o, initialMaxZoom: s, initialFitViewOptions: c, fitView: l, nodeOrigin: u, nodeExtent: d, zIndexMode: m, children: h }) {
	let [g] = (0, f.useState)(() => of({
		nodes: e,
		edges: t,
		defaultNodes: n,
		defaultEdges: r,
		width: i,
		height: a,
		fitView: l,
		minZoom: o,
		maxZoom: s,
		fitViewOptions: c,
		nodeOrigin: u,
		nodeExtent: d,
		zIndexMode: m
	}));
	return (0, p.jsx)(ul, {
		value: g,
		children: (0, p.jsx)(au, { children: (0, p.jsx)(Au, { children: h }) })
	});
}
function cf({ children: e, nodes: t, edges: n, defaultNodes: r, defaultEdges: i, width: a, height: o, fitView: s, fitViewOptions: c, minZoom: l, maxZoom: u, nodeOrigin: d, nodeExtent: m, zIndexMode: h }) {
	return (0, f.useContext)(ll) ? (0, p.jsx)(p.Fragment, { children: e }) : (0, p.jsx)(sf, {
		initialNodes: t,
		initialEdges: n,
		defaultNodes: r,
		defaultEdges: i,
		initialWidth: a,
		initialHeight: o,
		fitView: s,
		initialFitViewOptions: c,
		initialMinZoom: l,
		initialMaxZoom: u,
		nodeOrigin: d,
		nodeExtent: m,
		zIndexMode: h,
		children: e
	});
}
var lf = {
	width: `100%`,
	height: `100%`,
	overflow: `hidden`,
	position: `relative`,
	zIndex: 0
};
function uf({ nodes: e, edges: t, defaultNodes: n, defaultEdges: r, className: i, nodeTypes: a, edgeTypes: o, onNodeClick: s, onEdgeClick: c, onInit: l, onMove: u, onMoveStart: d, onMoveEnd: h, onConnect: g, onConnectStart: _, onConnectEnd: v, onClickConnectStart: y, onClickConnectEnd: b, onNodeMouseEnter: x, onNodeMouseMove: S, onNodeMouseLeave: C, onNodeContextMenu: w, onNodeDoubleClick: T, onNodeDragStart: E, onNodeDrag: D, onNodeDragStop: O, onNodesDelete: k, onEdgesDelete: A, onDelete: j, onSelectionChange: M, onSelectionDragStart: ee, onSelectionDrag: N, onSelectionDragStop: P, onSelectionContextMenu: te, onSelectionStart: ne, onSelectionEnd: re, onBeforeDelete: ie, connectionMode: F, connectionLineType: ae = vo.Bezier, connectionLineStyle: oe, connectionLineComponent: se, connectionLineContainerStyle: ce, deleteKeyCode: le = `Backspace`, selectionKeyCode: ue = `Shift`, selectionOnDrag: de = !1, selectionMode: fe = go.Full, panActivationKeyCode: pe = `Space`, multiSelectionKeyCode: me = es() ? `Meta` : `Control`, zoomActivationKeyCode: I = es() ? `Meta` : `Control`, snapToGrid: L, snapGrid: he, onlyRenderVisibleElements: ge = !1, selectNodesOnDrag: _e, nodesDraggable: ve, autoPanOnNodeFocus: ye, nodesConnectable: R, nodesFocusable: be, nodeOrigin: xe = Al, edgesFocusable: Se, edgesReconnectable: Ce, elementsSelectable: we = !0, defaultViewport: Te = jl, minZoom: Ee = .5, maxZoom: De = 2, translateExtent: Oe = uo, preventScrolling: ke = !0, nodeExtent: Ae, defaultMarkerColor: je = `#b1b1b7`, zoomOnScroll: Me = !0, zoomOnPinch: Ne = !0, panOnScroll: Pe = !1, panOnScrollSpeed: Fe = .5, panOnScrollMode: Ie = ho.Free, zoomOnDoubleClick: Le = !0, panOnDrag: Re = !0, onPaneClick: ze, onPaneMouseEnter: Be, onPaneMouseMove: Ve, onPaneMouseLeave: He, onPaneScroll: Ue, onPaneContextMenu: We, paneClickDistance: Ge = 1, nodeClickDistance: Ke = 0, children: qe, onReconnect: Je, onReconnectStart: Ye, onReconnectEnd: Xe, onEdgeContextMenu: Ze, onEdgeDoubleClick: Qe, onEdgeMouseEnter: $e, onEdgeMouseMove: et, onEdgeMouseLeave: tt, reconnectRadius: nt = 10, onNodesChange: rt, onEdgesChange: it, noDragClassName: at = `nodrag`, noWheelClassName: ot = `nowheel`, noPanClassName: st = `nopan`, fitView: ct, fitViewOptions: lt, connectOnClick: ut, attributionPosition: dt, proOptions: ft, defaultEdgeOptions: pt, elevateNodesOnSelect: mt = !0, elevateEdgesOnSelect: ht = !1, disableKeyboardA11y: gt = !1, autoPanOnConnect: _t, autoPanOnNodeDrag: vt, autoPanOnSelection: yt = !0, autoPanSpeed: bt, connectionRadius: xt, isValidConnection: St, onError: Ct, style: wt, id: Tt, nodeDragThreshold: Et, connectionDragThreshold: Dt, viewport: Ot, onViewportChange: kt, width: At, height: jt, colorMode: Mt = `light`, debug: Nt, onScroll: Pt, ariaLabelConfig: Ft, zIndexMode: It = `basic`, ...Lt }, Rt) {
	let zt = Tt || `1`, Bt = Ll(Mt), Vt = (0, f.useCallback)((e) => {
		e.currentTarget.scrollTo({
			top: 0,
			left: 0,
			behavior: `instant`
		}), Pt?.(e);
	}, [Pt]);
	return (0, p.jsx)(`div`, {
		"data-testid": `rf__wrapper`,
		...Lt,
		onScroll: Vt,
		style: {
			...wt,
			...lf
		},
		ref: Rt,
		className: m([
			`react-flow`,
			i,
			Bt
		]),
		id: Tt,
		role: `application`,
		children: (0, p.jsxs)(cf, {
			nodes: e,
			edges: t,
			width: At,
			height: jt,
			fitView: ct,
			fitViewOptions: lt,
			minZoom: Ee,
			maxZoom: De,
			nodeOrigin: xe,
			nodeExtent: Ae,
			zIndexMode: It,
			children: [
				(0, p.jsx)(Fl, {
					nodes: e,
					edges: t,
					defaultNodes: n,
					defaultEdges: r,
					onConnect: g,
					onConnectStart: _,
					onConnectEnd: v,
					onClickConnectStart: y,
					onClickConnectEnd: b,
					nodesDraggable: ve,
					autoPanOnNodeFocus: ye,
					nodesConnectable: R,
					nodesFocusable: be,
					edgesFocusable: Se,
					edgesReconnectable: Ce,
					elementsSelectable: we,
					elevateNodesOnSelect: mt,
					elevateEdgesOnSelect: ht,
					minZoom: Ee,
					maxZoom: De,
					nodeExtent: Ae,
					onNodesChange: rt,
					onEdgesChange: it,
					snapToGrid: L,
					snapGrid: he,
					connectionMode: F,
					translateExtent: Oe,
					connectOnClick: ut,
					defaultEdgeOptions: pt,
					fitView: ct,
					fitViewOptions: lt,
					onNodesDelete: k,
					onEdgesDelete: A,
					onDelete: j,
					onNodeDragStart: E,
					onNodeDrag: D,
					onNodeDragStop: O,
					onSelectionDrag: N,
					onSelectionDragStart: ee,
					onSelectionDragStop: P,
					onMove: u,
					onMoveStart: d,
					onMoveEnd: h,
					noPanClassName: st,
					nodeOrigin: xe,
					rfId: zt,
					autoPanOnConnect: _t,
					autoPanOnNodeDrag: vt,
					autoPanSpeed: bt,
					onError: Ct,
					connectionRadius: xt,
					isValidConnection: St,
					selectNodesOnDrag: _e,
					nodeDragThreshold: Et,
					connectionDragThreshold: Dt,
					onBeforeDelete: ie,
					debug: Nt,
					ariaLabelConfig: Ft,
					zIndexMode: It
				}),
				(0, p.jsx)(nf, {
					onInit: l,
					onNodeClick: s,
					onEdgeClick: c,
					onNodeMouseEnter: x,
					onNodeMouseMove: S,
					onNodeMouseLeave: C,
					onNodeContextMenu: w,
					onNodeDoubleClick: T,
					nodeTypes: a,
					edgeTypes: o,
					connectionLineType: ae,
					connectionLineStyle: oe,
					connectionLineComponent: se,
					connectionLineContainerStyle: ce,
					selectionKeyCode: ue,
					selectionOnDrag: de,
					selectionMode: fe,
					deleteKeyCode: le,
					multiSelectionKeyCode: me,
					panActivationKeyCode: pe,
					zoomActivationKeyCode: I,
					onlyRenderVisibleElements: ge,
					defaultViewport: Te,
					translateExtent: Oe,
					minZoom: Ee,
					maxZoom: De,
					preventScrolling: ke,
					zoomOnScroll: Me,
					zoomOnPinch: Ne,
					zoomOnDoubleClick: Le,
					panOnScroll: Pe,
					panOnScrollSpeed: Fe,
					panOnScrollMode: Ie,
					panOnDrag: Re,
					autoPanOnSelection: yt,
					onPaneClick: ze,
					onPaneMouseEnter: Be,
					onPaneMouseMove: Ve,
					onPaneMouseLeave: He,
					onPaneScroll: Ue,
					onPaneContextMenu: We,
					paneClickDistance: Ge,
					nodeClickDistance: Ke,
					onSelectionContextMenu: te,
					onSelectionStart: ne,
					onSelectionEnd: re,
					onReconnect: Je,
					onReconnectStart: Ye,
					onReconnectEnd: Xe,
					onEdgeContextMenu: Ze,
					onEdgeDoubleClick: Qe,
					onEdgeMouseEnter: $e,
					onEdgeMouseMove: et,
					onEdgeMouseLeave: tt,
					reconnectRadius: nt,
					defaultMarkerColor: je,
					noDragClassName: at,
					noWheelClassName: ot,
					noPanClassName: st,
					rfId: zt,
					disableKeyboardA11y: gt,
					nodeExtent: Ae,
					viewport: Ot,
					onViewportChange: kt,
					nodesDraggable: ve
				}),
				(0, p.jsx)(kl, { onSelectionChange: M }),
				qe,
				(0, p.jsx)(Cl, {
					proOptions: ft,
					position: dt
				}),
				(0, p.jsx)(bl, {
					rfId: zt,
					disableKeyboardA11y: gt
				})
			]
		})
	});
}
var df = tu(uf), ff = (e) => e.domNode?.querySelector(`.react-flow__viewport-portal`);
function pf({ children: e }) {
	let t = W(ff);
	return t ? (0, cl.createPortal)(e, t) : null;
}
lo.error014();
function Z({ dimensions: e, lineWidth: t, variant: n, className: r }) {
	return (0, p.jsx)(`path`, {
		strokeWidth: t,
		d: `M${e[0] / 2} 0 V${e[1]} M0 ${e[1] / 2} H${e[0]}`,
		className: m([
			`react-flow__background-pattern`,
			n,
			r
		])
	});
}
function mf({ radius: e, className: t }) {
	return (0, p.jsx)(`circle`, {
		cx: e,
		cy: e,
		r: e,
		className: m([
			`react-flow__background-pattern`,
			`dots`,
			t
		])
	});
}
var hf;
(function(e) {
	e.Lines = `lines`, e.Dots = `dots`, e.Cross = `cross`;
})(hf ||= {});
var gf = {
	[hf.Dots]: 1,
	[hf.Lines]: 1,
	[hf.Cross]: 6
}, _f = (e) => ({
	transform: e.transform,
	patternId: `pattern-${e.rfId}`
});
function vf({ id: e, variant: t = hf.Dots, gap: n = 20, size: r, lineWidth: i = 1, offset: a = 0, color: o, bgColor: s, style: c, className: l, patternClassName: u }) {
	let d = (0, f.useRef)(null), { transform: h, patternId: g } = W(_f, sl), _ = r || gf[t], v = t === hf.Dots, y = t === hf.Cross, b = Array.isArray(n) ? n : [n, n], x = [b[0] * h[2] || 1, b[1] * h[2] || 1], S = _ * h[2], C = Array.isArray(a) ? a : [a, a], w = y ? [S, S] : x, T = [C[0] * h[2] + w[0] / 2, C[1] * h[2] + w[1] / 2], E = `${g}${e || ``}`;
	return (0, p.jsxs)(`svg`, {
		className: m([`react-flow__background`, l]),
		style: {
			...c,
			...pu,
			"--xy-background-color-props": s,
			"--xy-background-pattern-color-props": o
		},
		ref: d,
		"data-testid": `rf__background`,
		children: [(0, p.jsx)(`pattern`, {
			id: E,
			x: h[0] % x[0],
			y: h[1] % x[1],
			width: x[0],
			height: x[1],
			patternUnits: `userSpaceOnUse`,
			patternTransform: `translate(-${T[0]},-${T[1]})`,
			children: v ? (0, p.jsx)(mf, {
				radius: S / 2,
				className: u
			}) : (0, p.jsx)(Z, {
				dimensions: w,
				lineWidth: i,
				variant: t,
				className: u
			})
		}), (0, p.jsx)(`rect`, {
			x: `0`,
			y: `0`,
			width: `100%`,
			height: `100%`,
			fill: `url(#${E})`
		})]
	});
}
vf.displayName = `Background`, (0, f.memo)(vf);
function yf() {
	return (0, p.jsx)(`svg`, {
		xmlns: `http://www.w3.org/2000/svg`,
		viewBox: `0 0 32 32`,
		children: (0, p.jsx)(`path`, { d: `M32 18.133H18.133V32h-4.266V18.133H0v-4.266h13.867V0h4.266v13.867H32z` })
	});
}
function bf() {
	return (0, p.jsx)(`svg`, {
		xmlns: `http://www.w3.org/2000/svg`,
		viewBox: `0 0 32 5`,
		children: (0, p.jsx)(`path`, { d: `M0 0h32v4.2H0z` })
	});
}
function xf() {
	return (0, p.jsx)(`svg`, {
		xmlns: `http://www.w3.org/2000/svg`,
		viewBox: `0 0 32 30`,
		children: (0, p.jsx)(`path`, { d: `M3.692 4.63c0-.53.4-.938.939-.938h5.215V0H4.708C2.13 0 0 2.054 0 4.63v5.216h3.692V4.631zM27.354 0h-5.2v3.692h5.17c.53 0 .984.4.984.939v5.215H32V4.631A4.624 4.624 0 0027.354 0zm.954 24.83c0 .532-.4.94-.939.94h-5.215v3.768h5.215c2.577 0 4.631-2.13 4.631-4.707v-5.139h-3.692v5.139zm-23.677.94c-.531 0-.939-.4-.939-.94v-5.138H0v5.139c0 2.577 2.13 4.707 4.708 4.707h5.138V25.77H4.631z` })
	});
}
function Sf() {
	return (0, p.jsx)(`svg`, {
		xmlns: `http://www.w3.org/2000/svg`,
		viewBox: `0 0 25 32`,
		children: (0, p.jsx)(`path`, { d: `M21.333 10.667H19.81V7.619C19.81 3.429 16.38 0 12.19 0 8 0 4.571 3.429 4.571 7.619v3.048H3.048A3.056 3.056 0 000 13.714v15.238A3.056 3.056 0 003.048 32h18.285a3.056 3.056 0 003.048-3.048V13.714a3.056 3.056 0 00-3.048-3.047zM12.19 24.533a3.056 3.056 0 01-3.047-3.047 3.056 3.056 0 013.047-3.048 3.056 3.056 0 013.048 3.048 3.056 3.056 0 01-3.048 3.047zm4.724-13.866H7.467V7.619c0-2.59 2.133-4.724 4.723-4.724 2.591 0 4.724 2.133 4.724 4.724v3.048z` })
	});
}
function Cf() {
	return (0, p.jsx)(`svg`, {
		xmlns: `http://www.w3.org/2000/svg`,
		viewBox: `0 0 25 32`,
		children: (0, p.jsx)(`path`, { d: `M21.333 10.667H19.81V7.619C19.81 3.429 16.38 0 12.19 0c-4.114 1.828-1.37 2.133.305 2.438 1.676.305 4.42 2.59 4.42 5.181v3.048H3.047A3.056 3.056 0 000 13.714v15.238A3.056 3.056 0 003.048 32h18.285a3.056 3.056 0 003.048-3.048V13.714a3.056 3.056 0 00-3.048-3.047zM12.19 24.533a3.056 3.056 0 01-3.047-3.047 3.056 3.056 0 013.047-3.048 3.056 3.056 0 013.048 3.048 3.056 3.056 0 01-3.048 3.047z` })
	});
}
function wf({ children: e, className: t, ...n }) {
	return (0, p.jsx)(`button`, {
		type: `button`,
		className: m([`react-flow__controls-button`, t]),
		...n,
		children: e
	});
}
var Tf = (e) => ({
	isInteractive: e.nodesDraggable || e.nodesConnectable || e.elementsSelectable,
	minZoomReached: e.transform[2] <= e.minZoom,
	maxZoomReached: e.transform[2] >= e.maxZoom,
	ariaLabelConfig: e.ariaLabelConfig
});
function Ef({ style: e, showZoom: t = !0, showFitView: n = !0, showInteractive: r = !0, fitViewOptions: i, onZoomIn: a, onZoomOut: o, onFitView: s, onInteractiveChange: c, className: l, children: u, position: d = `bottom-left`, orientation: f = `vertical`, "aria-label": h }) {
	let g = G(), { isInteractive: _, minZoomReached: v, maxZoomReached: y, ariaLabelConfig: b } = W(Tf, sl), { zoomIn: x, zoomOut: S, fitView: C } = cu();
	return (0, p.jsxs)(xl, {
		className: m([
			`react-flow__controls`,
			f === `horizontal` ? `horizontal` : `vertical`,
			l
		]),
		position: d,
		style: e,
		"data-testid": `rf__controls`,
		"aria-label": h ?? b[`controls.ariaLabel`],
		children: [
			t && (0, p.jsxs)(p.Fragment, { children: [(0, p.jsx)(wf, {
				onClick: () => {
					x(), a?.();
				},
				className: `react-flow__controls-zoomin`,
				title: b[`controls.zoomIn.ariaLabel`],
				"aria-label": b[`controls.zoomIn.ariaLabel`],
				disabled: y,
				children: (0, p.jsx)(yf, {})
			}), (0, p.jsx)(wf, {
				onClick: () => {
					S(), o?.();
				},
				className: `react-flow__controls-zoomout`,
				title: b[`controls.zoomOut.ariaLabel`],
				"aria-label": b[`controls.zoomOut.ariaLabel`],
				disabled: v,
				children: (0, p.jsx)(bf, {})
			})] }),
			n && (0, p.jsx)(wf, {
				className: `react-flow__controls-fitview`,
				onClick: () => {
					C(i), s?.();
				},
				title: b[`controls.fitView.ariaLabel`],
				"aria-label": b[`controls.fitView.ariaLabel`],
				children: (0, p.jsx)(xf, {})
			}),
			r && (0, p.jsx)(wf, {
				className: `react-flow__controls-interactive`,
				onClick: () => {
					g.setState({
						nodesDraggable: !_,
						nodesConnectable: !_,
						elementsSelectable: !_
					}), c?.(!_);
				},
				title: b[`controls.interactive.ariaLabel`],
				"aria-label": b[`controls.interactive.ariaLabel`],
				children: _ ? (0, p.jsx)(Cf, {}) : (0, p.jsx)(Sf, {})
			}),
			u
		]
	});
}
Ef.displayName = `Controls`, (0, f.memo)(Ef);
function Df({ id: e, x: t, y: n, width: r, height: i, style: a, color: o, strokeColor: s, strokeWidth: c, className: l, borderRadius: u, shapeRendering: d, selected: f, onClick: h }) {
	let { background: g, backgroundColor: _ } = a || {}, v = o || g || _;
	return (0, p.jsx)(`rect`, {
		className: m([
			`react-flow__minimap-node`,
			{ selected: f },
			l
		]),
		x: t,
		y: n,
		rx: u,
		ry: u,
		width: r,
		height: i,
		style: {
			fill: v,
			stroke: s,
			strokeWidth: c
		},
		shapeRendering: d,
		onClick: h ? (t) => h(t, e) : void 0
	});
}
var Of = (0, f.memo)(Df), kf = (e) => e.nodes.map((e) => e.id), Af = (e) => e instanceof Function ? e : () => e;
function jf({ nodeStrokeColor: e, nodeColor: t, nodeClassName: n = ``, nodeBorderRadius: r = 5, nodeStrokeWidth: i, nodeComponent: a = Of, onClick: o }) {
	let s = W(kf, sl), c = Af(t), l = Af(e), u = Af(n), d = typeof window > `u` || window.chrome ? `crispEdges` : `geometricPrecision`;
	return (0, p.jsx)(p.Fragment, { children: s.map((e) => (0, p.jsx)(Nf, {
		id: e,
		nodeColorFunc: c,
		nodeStrokeColorFunc: l,
		nodeClassNameFunc: u,
		nodeBorderRadius: r,
		nodeStrokeWidth: i,
		NodeComponent: a,
		onClick: o,
		shapeRendering: d
	}, e)) });
}
function Mf({ id: e, nodeColorFunc: t, nodeStrokeColorFunc: n, nodeClassNameFunc: r, nodeBorderRadius: i, nodeStrokeWidth: a, shapeRendering: o, NodeComponent: s, onClick: c }) {
	let { node: l, x: u, y: d, width: f, height: m } = W((t) => {
		let n = t.nodeLookup.get(e);
		if (!n) return {
			node: void 0,
			x: 0,
			y: 0,
			width: 0,
			height: 0
		};
		let r = n.internals.userNode, { x: i, y: a } = n.internals.positionAbsolute, { width: o, height: s } = ns(r);
		return {
			node: r,
			x: i,
			y: a,
			width: o,
			height: s
		};
	}, sl);
	return !l || l.hidden || !rs(l) ? null : (0, p.jsx)(s, {
		x: u,
		y: d,
		width: f,
		height: m,
		style: l.style,
		selected: !!l.selected,
		className: r(l),
		color: t(l),
		borderRadius: i,
		strokeColor: n(l),
		strokeWidth: a,
		shapeRendering: o,
		onClick: c,
		id: l.id
	});
}
var Nf = (0, f.memo)(Mf), Pf = (0, f.memo)(jf), Ff = 200, If = 150, Lf = (e) => !e.hidden, Rf = (e) => {
	let t = {
		x: -e.transform[0] / e.transform[2],
		y: -e.transform[1] / e.transform[2],
		width: e.width / e.transform[2],
		height: e.height / e.transform[2]
	}, n = !1;
	for (let t of e.nodeLookup.values()) if (!t.hidden) {
		n = !0;
		break;
	}
	return {
		viewBB: t,
		boundingRect: n ? U(Eo(e.nodeLookup, { filter: Lf }), t) : t,
		rfId: e.rfId,
		panZoom: e.panZoom,
		translateExtent: e.translateExtent,
		flowWidth: e.width,
		flowHeight: e.height,
		ariaLabelConfig: e.ariaLabelConfig
	};
}, zf = (e, t) => e.x === t.x && e.y === t.y && e.width === t.width && e.height === t.height, Bf = (e, t) => zf(e.viewBB, t.viewBB) && zf(e.boundingRect, t.boundingRect) && e.rfId === t.rfId && e.panZoom === t.panZoom && e.translateExtent === t.translateExtent && e.flowWidth === t.flowWidth && e.flowHeight === t.flowHeight && e.ariaLabelConfig === t.ariaLabelConfig, Vf = `react-flow__minimap-desc`;
function Q({ style: e, className: t, nodeStrokeColor: n, nodeColor: r, nodeClassName: i = ``, nodeBorderRadius: a = 5, nodeStrokeWidth: o, nodeComponent: s, bgColor: c, maskColor: l, maskStrokeColor: u, maskStrokeWidth: d, position: h = `bottom-right`, onClick: g, onNodeClick: _, pannable: v = !1, zoomable: y = !1, ariaLabel: b, inversePan: x, zoomStep: S = 1, offsetScale: C = 5 }) {
	let w = G(), T = (0, f.useRef)(null), { boundingRect: E, panZoom: D, viewBB: O, rfId: k, translateExtent: A, flowWidth: j, flowHeight: M, ariaLabelConfig: ee } = W(Rf, Bf), N = e?.width ?? Ff, P = e?.height ?? If, te = E.width / N, ne = E.height / P, re = Math.max(te, ne), ie = re * N, F = re * P, ae = C * re, oe = E.x - (ie - E.width) / 2 - ae, se = E.y - (F - E.height) / 2 - ae, ce = ie + ae * 2, le = F + ae * 2, ue = `${Vf}-${k}`, de = (0, f.useRef)(0), fe = (0, f.useRef)();
	de.current = re, (0, f.useEffect)(() => {
		let e = w.getState().panZoom;
		if (T.current && e) return fe.current = Sc({
			domNode: T.current,
			panZoom: e,
			getTransform: () => w.getState().transform,
			getViewScale: () => de.current
		}), () => {
			fe.current?.destroy();
		};
	}, [D]), (0, f.useEffect)(() => {
		fe.current?.update({
			translateExtent: A,
			width: j,
			height: M,
			inversePan: x,
			pannable: v,
			zoomStep: S,
			zoomable: y
		});
	}, [
		v,
		y,
		x,
		S,
		A,
		j,
		M
	]);
	let pe = g ? (e) => {
		let [t, n] = fe.current?.pointer(e) || [0, 0];
		g(e, {
			x: t,
			y: n
		});
	} : void 0, me = (0, f.useCallback)((e, t) => {
		let n = w.getState().nodeLookup.get(t).internals.userNode;
		_?.(e, n);
	}, [_]), I = _ ? me : void 0, L = b ?? ee[`minimap.ariaLabel`];
	return (0, p.jsx)(xl, {
		position: h,
		style: {
			...e,
			"--xy-minimap-background-color-props": typeof c == `string` ? c : void 0,
			"--xy-minimap-mask-background-color-props": typeof l == `string` ? l : void 0,
			"--xy-minimap-mask-stroke-color-props": typeof u == `string` ? u : void 0,
			"--xy-minimap-mask-stroke-width-props": typeof d == `number` ? d * re : void 0,
			"--xy-minimap-node-background-color-props": typeof r == `string` ? r : void 0,
			"--xy-minimap-node-stroke-color-props": typeof n == `string` ? n : void 0,
			"--xy-minimap-node-stroke-width-props": typeof o == `number` ? o : void 0
		},
		className: m([`react-flow__minimap`, t]),
		"data-testid": `rf__minimap`,
		children: (0, p.jsxs)(`svg`, {
			width: N,
			height: P,
			viewBox: `${oe} ${se} ${ce} ${le}`,
			className: `react-flow__minimap-svg`,
			role: `img`,
			"aria-labelledby": ue,
			ref: T,
			onClick: pe,
			children: [
				L && (0, p.jsx)(`title`, {
					id: ue,
					children: L
				}),
				(0, p.jsx)(Pf, {
					onClick: I,
					nodeColor: r,
					nodeStrokeColor: n,
					nodeBorderRadius: a,
					nodeClassName: i,
					nodeStrokeWidth: o,
					nodeComponent: s
				}),
				(0, p.jsx)(`path`, {
					className: `react-flow__minimap-mask`,
					d: `M${oe - ae},${se - ae}h${ce + ae * 2}v${le + ae * 2}h${-ce - ae * 2}z
        M${O.x},${O.y}h${O.width}v${O.height}h${-O.width}z`,
					fillRule: `evenodd`,
					pointerEvents: `none`
				})
			]
		})
	});
}
Q.displayName = `MiniMap`, (0, f.memo)(Q);
var Hf = (e) => (t) => e ? `${Math.max(1 / t.transform[2], 1)}` : void 0, Uf = {
	[Lc.Line]: `right`,
	[Lc.Handle]: `bottom-right`
};
function Wf({ nodeId: e, position: t, variant: n = Lc.Handle, className: r, style: i = void 0, children: a, color: o, minWidth: s = 10, minHeight: c = 10, maxWidth: l = Number.MAX_VALUE, maxHeight: u = Number.MAX_VALUE, keepAspectRatio: d = !1, resizeDirection: h, autoScale: g = !0, shouldResize: _, onResizeStart: v, onResize: y, onResizeEnd: b }) {
	let x = Du(), S = typeof e == `string` ? e : x, C = G(), w = (0, f.useRef)(null), T = n === Lc.Handle, E = W((0, f.useCallback)(Hf(T && g), [T, g]), sl), D = (0, f.useRef)(null), O = t ?? Uf[n];
	(0, f.useEffect)(() => {
		if (w.current && S) return D.current ||= Jc({
			domNode: w.current,
			nodeId: S,
			getStoreItems: () => {
				let { nodeLookup: e, transform: t, snapGrid: n, snapToGrid: r, nodeOrigin: i, domNode: a } = C.getState();
				return {
					nodeLookup: e,
					transform: t,
					snapGrid: n,
					snapToGrid: r,
					nodeOrigin: i,
					paneDomNode: a
				};
			},
			onChange: (e, t) => {
				let { triggerNodeChanges: n, nodeLookup: r, parentLookup: i, nodeOrigin: a } = C.getState(), o = [], s = {
					x: e.x,
					y: e.y
				}, c = r.get(S);
				if (c && c.expandParent && c.parentId) {
					let t = c.origin ?? a, n = e.width ?? c.measured.width ?? 0, l = e.height ?? c.measured.height ?? 0, u = tc([{
						id: c.id,
						parentId: c.parentId,
						rect: {
							width: n,
							height: l,
							...is({
								x: e.x ?? c.position.x,
								y: e.y ?? c.position.y
							}, {
								width: n,
								height: l
							}, c.parentId, r, t)
						}
					}], r, i, a);
					o.push(...u), s.x = e.x ? Math.max(t[0] * n, e.x) : void 0, s.y = e.y ? Math.max(t[1] * l, e.y) : void 0;
				}
				if (s.x !== void 0 && s.y !== void 0) {
					let e = {
						id: S,
						type: `position`,
						position: { ...s }
					};
					o.push(e);
				}
				if (e.width !== void 0 && e.height !== void 0) {
					let t = {
						id: S,
						type: `dimensions`,
						resizing: !0,
						setAttributes: h ? h === `horizontal` ? `width` : `height` : !0,
						dimensions: {
							width: e.width,
							height: e.height
						}
					};
					o.push(t);
				}
				for (let e of t) {
					let t = {
						...e,
						type: `position`
					};
					o.push(t);
				}
				n(o);
			},
			onEnd: ({ width: e, height: t }) => {
				let n = {
					id: S,
					type: `dimensions`,
					resizing: !1,
					dimensions: {
						width: e,
						height: t
					}
				};
				C.getState().triggerNodeChanges([n]);
			}
		}), D.current.update({
			controlPosition: O,
			boundaries: {
				minWidth: s,
				minHeight: c,
				maxWidth: l,
				maxHeight: u
			},
			keepAspectRatio: d,
			resizeDirection: h,
			onResizeStart: v,
			onResize: y,
			onResizeEnd: b,
			shouldResize: _
		}), () => {
			D.current?.destroy();
		};
	}, [
		O,
		s,
		c,
		l,
		u,
		d,
		v,
		y,
		b,
		_
	]);
	let k = O.split(`-`);
	return (0, p.jsx)(`div`, {
		className: m([
			`react-flow__resize-control`,
			`nodrag`,
			...k,
			n,
			r
		]),
		ref: w,
		style: {
			...i,
			scale: E,
			...o && { [T ? `backgroundColor` : `borderColor`]: o }
		},
		children: a
	});
}
(0, f.memo)(Wf);
export { s as _, Gl as a, W as c, V as d, go as f, l as g, d as h, pf as i, G as l, $o as m, Fu as n, df as o, bs as p, sf as r, cu as s, dd as t, mo as u, a as v };
