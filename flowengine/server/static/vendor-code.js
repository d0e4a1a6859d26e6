var e = 1024, t = 0, n = class {
	constructor(e, t) {
		this.from = e, this.to = t;
	}
}, r = class {
	constructor(e = {}) {
		this.id = t++, this.perNode = !!e.perNode, this.deserialize = e.deserialize || (() => {
			throw Error(`This node type doesn't define a deserialize function`);
		}), this.combine = e.combine || null;
	}
	add(e) {
		if (this.perNode) throw RangeError(`Can't add per-node props to node types`);
		return typeof e != `function` && (e = o.match(e)), (t) => {
			let n = e(t);
			return n === void 0 ? null : [this, n];
		};
	}
};
r.closedBy = new r({ deserialize: (e) => e.split(` `) }), r.openedBy = new r({ deserialize: (e) => e.split(` `) }), r.group = new r({ deserialize: (e) => e.split(` `) }), r.isolate = new r({ deserialize: (e) => {
	if (e && e != `rtl` && e != `ltr` && e != `auto`) throw RangeError(`Invalid value for isolate: ` + e);
	return e || `auto`;
} }), r.contextHash = new r({ perNode: !0 }), r.lookAhead = new r({ perNode: !0 }), r.mounted = new r({ perNode: !0 });
var i = class {
	constructor(e, t, n, r = !1) {
		this.tree = e, this.overlay = t, this.parser = n, this.bracketed = r;
	}
	static get(e) {
		return e && e.props && e.props[r.mounted.id];
	}
}, a = Object.create(null), o = class e {
	constructor(e, t, n, r = 0) {
		this.name = e, this.props = t, this.id = n, this.flags = r;
	}
	static define(t) {
		let n = t.props && t.props.length ? Object.create(null) : a, r = +!!t.top | (t.skipped ? 2 : 0) | (t.error ? 4 : 0) | (t.name == null ? 8 : 0), i = new e(t.name || ``, n, t.id, r);
		if (t.props) {
			for (let e of t.props) if (Array.isArray(e) || (e = e(i)), e) {
				if (e[0].perNode) throw RangeError(`Can't store a per-node prop on a node type`);
				n[e[0].id] = e[1];
			}
		}
		return i;
	}
	prop(e) {
		return this.props[e.id];
	}
	get isTop() {
		return (this.flags & 1) > 0;
	}
	get isSkipped() {
		return (this.flags & 2) > 0;
	}
	get isError() {
		return (this.flags & 4) > 0;
	}
	get isAnonymous() {
		return (this.flags & 8) > 0;
	}
	is(e) {
		if (typeof e == `string`) {
			if (this.name == e) return !0;
			let t = this.prop(r.group);
			return t ? t.indexOf(e) > -1 : !1;
		}
		return this.id == e;
	}
	static match(e) {
		let t = Object.create(null);
		for (let n in e) for (let r of n.split(` `)) t[r] = e[n];
		return (e) => {
			for (let n = e.prop(r.group), i = -1; i < (n ? n.length : 0); i++) {
				let r = t[i < 0 ? e.name : n[i]];
				if (r) return r;
			}
		};
	}
};
o.none = new o(``, Object.create(null), 0, 8);
var s = class e {
	constructor(e) {
		this.types = e;
		for (let t = 0; t < e.length; t++) if (e[t].id != t) throw RangeError(`Node type ids should correspond to array positions when creating a node set`);
	}
	extend(...t) {
		let n = [];
		for (let e of this.types) {
			let r = null;
			for (let n of t) {
				let t = n(e);
				if (t) {
					r ||= Object.assign({}, e.props);
					let n = t[1], i = t[0];
					i.combine && i.id in r && (n = i.combine(r[i.id], n)), r[i.id] = n;
				}
			}
			n.push(r ? new o(e.name, r, e.id, e.flags) : e);
		}
		return new e(n);
	}
}, c = /* @__PURE__ */ new WeakMap(), l = /* @__PURE__ */ new WeakMap(), u;
(function(e) {
	e[e.ExcludeBuffers = 1] = `ExcludeBuffers`, e[e.IncludeAnonymous = 2] = `IncludeAnonymous`, e[e.IgnoreMounts = 4] = `IgnoreMounts`, e[e.IgnoreOverlays = 8] = `IgnoreOverlays`, e[e.EnterBracketed = 16] = `EnterBracketed`;
})(u ||= {});
var d = class e {
	constructor(e, t, n, r, i) {
		if (this.type = e, this.children = t, this.positions = n, this.length = r, this.props = null, i && i.length) {
			this.props = Object.create(null);
			for (let [e, t] of i) this.props[typeof e == `number` ? e : e.id] = t;
		}
	}
	toString() {
		let e = i.get(this);
		if (e && !e.overlay) return e.tree.toString();
		let t = ``;
		for (let e of this.children) {
			let n = e.toString();
			n && (t && (t += `,`), t += n);
		}
		return this.type.name ? (/\W/.test(this.type.name) && !this.type.isError ? JSON.stringify(this.type.name) : this.type.name) + (t.length ? `(` + t + `)` : ``) : t;
	}
	cursor(e = 0) {
		return new re(this.topNode, e);
	}
	cursorAt(e, t = 0, n = 0) {
		let r = new re(c.get(this) || this.topNode);
		return r.moveTo(e, t), c.set(this, r._tree), r;
	}
	get topNode() {
		return new _(this, 0, 0, null);
	}
	resolve(e, t = 0) {
		let n = h(c.get(this) || this.topNode, e, t, !1);
		return c.set(this, n), n;
	}
	resolveInner(e, t = 0) {
		let n = h(l.get(this) || this.topNode, e, t, !0);
		return l.set(this, n), n;
	}
	resolveStack(e, t = 0) {
		return ne(this, e, t);
	}
	iterate(e) {
		let { enter: t, leave: n, from: r = 0, to: i = this.length } = e, a = e.mode || 0, o = (a & u.IncludeAnonymous) > 0;
		for (let e = this.cursor(a | u.IncludeAnonymous);;) {
			let a = !1;
			if (e.from <= i && e.to >= r && (!o && e.type.isAnonymous || t(e) !== !1)) {
				if (e.firstChild()) continue;
				a = !0;
			}
			for (; a && n && (o || !e.type.isAnonymous) && n(e), !e.nextSibling();) {
				if (!e.parent()) return;
				a = !0;
			}
		}
	}
	prop(e) {
		return e.perNode ? this.props ? this.props[e.id] : void 0 : this.type.prop(e);
	}
	get propValues() {
		let e = [];
		if (this.props) for (let t in this.props) e.push([+t, this.props[t]]);
		return e;
	}
	balance(t = {}) {
		return this.children.length <= 8 ? this : ce(o.none, this.children, this.positions, 0, this.children.length, 0, this.length, (t, n, r) => new e(this.type, t, n, r, this.propValues), t.makeTree || ((t, n, r) => new e(o.none, t, n, r)));
	}
	static build(e) {
		return ae(e);
	}
};
d.empty = new d(o.none, [], [], 0);
var f = class e {
	constructor(e, t) {
		this.buffer = e, this.index = t;
	}
	get id() {
		return this.buffer[this.index - 4];
	}
	get start() {
		return this.buffer[this.index - 3];
	}
	get end() {
		return this.buffer[this.index - 2];
	}
	get size() {
		return this.buffer[this.index - 1];
	}
	get pos() {
		return this.index;
	}
	next() {
		this.index -= 4;
	}
	fork() {
		return new e(this.buffer, this.index);
	}
}, p = class e {
	constructor(e, t, n) {
		this.buffer = e, this.length = t, this.set = n;
	}
	get type() {
		return o.none;
	}
	toString() {
		let e = [];
		for (let t = 0; t < this.buffer.length;) e.push(this.childString(t)), t = this.buffer[t + 3];
		return e.join(`,`);
	}
	childString(e) {
		let t = this.buffer[e], n = this.buffer[e + 3], r = this.set.types[t], i = r.name;
		if (/\W/.test(i) && !r.isError && (i = JSON.stringify(i)), e += 4, n == e) return i;
		let a = [];
		for (; e < n;) a.push(this.childString(e)), e = this.buffer[e + 3];
		return i + `(` + a.join(`,`) + `)`;
	}
	findChild(e, t, n, r, i) {
		let { buffer: a } = this, o = -1;
		for (let s = e; s != t && !(m(i, r, a[s + 1], a[s + 2]) && (o = s, n > 0)); s = a[s + 3]);
		return o;
	}
	slice(t, n, r) {
		let i = this.buffer, a = new Uint16Array(n - t), o = 0;
		for (let e = t, s = 0; e < n;) {
			a[s++] = i[e++], a[s++] = i[e++] - r;
			let n = a[s++] = i[e++] - r;
			a[s++] = i[e++] - t, o = Math.max(o, n);
		}
		return new e(a, o, this.set);
	}
};
function m(e, t, n, r) {
	switch (e) {
		case -2: return n < t;
		case -1: return r >= t && n < t;
		case 0: return n < t && r > t;
		case 1: return n <= t && r > t;
		case 2: return r > t;
		case 4: return !0;
	}
}
function h(e, t, n, r) {
	for (; e.from == e.to || (n < 1 ? e.from >= t : e.from > t) || (n > -1 ? e.to <= t : e.to < t);) {
		let t = !r && e instanceof _ && e.index < 0 ? null : e.parent;
		if (!t) return e;
		e = t;
	}
	let i = r ? 0 : u.IgnoreOverlays;
	if (r) for (let r = e, a = r.parent; a; r = a, a = r.parent) r instanceof _ && r.index < 0 && a.enter(t, n, i)?.from != r.from && (e = a);
	for (;;) {
		let r = e.enter(t, n, i);
		if (!r) return e;
		e = r;
	}
}
var g = class {
	cursor(e = 0) {
		return new re(this, e);
	}
	getChild(e, t = null, n = null) {
		let r = v(this, e, t, n);
		return r.length ? r[0] : null;
	}
	getChildren(e, t = null, n = null) {
		return v(this, e, t, n);
	}
	resolve(e, t = 0) {
		return h(this, e, t, !1);
	}
	resolveInner(e, t = 0) {
		return h(this, e, t, !0);
	}
	matchContext(e) {
		return y(this.parent, e);
	}
	enterUnfinishedNodesBefore(e) {
		let t = this.childBefore(e), n = this;
		for (; t;) {
			let e = t.lastChild;
			if (!e || e.to != t.to) break;
			e.type.isError && e.from == e.to ? (n = t, t = e.prevSibling) : t = e;
		}
		return n;
	}
	get node() {
		return this;
	}
	get next() {
		return this.parent;
	}
}, _ = class e extends g {
	constructor(e, t, n, r) {
		super(), this._tree = e, this.from = t, this.index = n, this._parent = r;
	}
	get type() {
		return this._tree.type;
	}
	get name() {
		return this._tree.type.name;
	}
	get to() {
		return this.from + this._tree.length;
	}
	nextChild(t, n, r, a, o = 0) {
		for (let s = this;;) {
			for (let { children: c, positions: l } = s._tree, f = n > 0 ? c.length : -1; t != f; t += n) {
				let f = c[t], h = l[t] + s.from, g;
				if (o & u.EnterBracketed && f instanceof d && (g = i.get(f)) && !g.overlay && g.bracketed && r >= h && r <= h + f.length || m(a, r, h, h + f.length)) {
					if (f instanceof p) {
						if (o & u.ExcludeBuffers) continue;
						let e = f.findChild(0, f.buffer.length, n, r - h, a);
						if (e > -1) return new te(new ee(s, f, t, h), null, e);
					} else if (o & u.IncludeAnonymous || !f.type.isAnonymous || ie(f)) {
						let c;
						if (!(o & u.IgnoreMounts) && (c = i.get(f)) && !c.overlay) return new e(c.tree, h, t, s);
						let l = new e(f, h, t, s);
						return o & u.IncludeAnonymous || !l.type.isAnonymous ? l : l.nextChild(n < 0 ? f.children.length - 1 : 0, n, r, a, o);
					}
				}
			}
			if (o & u.IncludeAnonymous || !s.type.isAnonymous || (t = s.index >= 0 ? s.index + n : n < 0 ? -1 : s._parent._tree.children.length, s = s._parent, !s)) return null;
		}
	}
	get firstChild() {
		return this.nextChild(0, 1, 0, 4);
	}
	get lastChild() {
		return this.nextChild(this._tree.children.length - 1, -1, 0, 4);
	}
	childAfter(e) {
		return this.nextChild(0, 1, e, 2);
	}
	childBefore(e) {
		return this.nextChild(this._tree.children.length - 1, -1, e, -2);
	}
	prop(e) {
		return this._tree.prop(e);
	}
	enter(t, n, r = 0) {
		let a;
		if (!(r & u.IgnoreOverlays) && (a = i.get(this._tree)) && a.overlay) {
			let i = t - this.from, o = r & u.EnterBracketed && a.bracketed;
			for (let { from: t, to: r } of a.overlay) if ((n > 0 || o ? t <= i : t < i) && (n < 0 || o ? r >= i : r > i)) return new e(a.tree, a.overlay[0].from + this.from, -1, this);
		}
		return this.nextChild(0, 1, t, n, r);
	}
	nextSignificantParent() {
		let e = this;
		for (; e.type.isAnonymous && e._parent;) e = e._parent;
		return e;
	}
	get parent() {
		return this._parent ? this._parent.nextSignificantParent() : null;
	}
	get nextSibling() {
		return this._parent && this.index >= 0 ? this._parent.nextChild(this.index + 1, 1, 0, 4) : null;
	}
	get prevSibling() {
		return this._parent && this.index >= 0 ? this._parent.nextChild(this.index - 1, -1, 0, 4) : null;
	}
	get tree() {
		return this._tree;
	}
	toTree() {
		return this._tree;
	}
	toString() {
		return this._tree.toString();
	}
};
function v(e, t, n, r) {
	let i = e.cursor(), a = [];
	if (!i.firstChild()) return a;
	if (n != null) {
		for (let e = !1; !e;) if (e = i.type.is(n), !i.nextSibling()) return a;
	}
	for (;;) {
		if (r != null && i.type.is(r)) return a;
		if (i.type.is(t) && a.push(i.node), !i.nextSibling()) return r == null ? a : [];
	}
}
function y(e, t, n = t.length - 1) {
	for (let r = e; n >= 0; r = r.parent) {
		if (!r) return !1;
		if (!r.type.isAnonymous) {
			if (t[n] && t[n] != r.name) return !1;
			n--;
		}
	}
	return !0;
}
var ee = class {
	constructor(e, t, n, r) {
		this.parent = e, this.buffer = t, this.index = n, this.start = r;
	}
}, te = class e extends g {
	get name() {
		return this.type.name;
	}
	get from() {
		return this.context.start + this.context.buffer.buffer[this.index + 1];
	}
	get to() {
		return this.context.start + this.context.buffer.buffer[this.index + 2];
	}
	constructor(e, t, n) {
		super(), this.context = e, this._parent = t, this.index = n, this.type = e.buffer.set.types[e.buffer.buffer[n]];
	}
	child(t, n, r) {
		let { buffer: i } = this.context, a = i.findChild(this.index + 4, i.buffer[this.index + 3], t, n - this.context.start, r);
		return a < 0 ? null : new e(this.context, this, a);
	}
	get firstChild() {
		return this.child(1, 0, 4);
	}
	get lastChild() {
		return this.child(-1, 0, 4);
	}
	childAfter(e) {
		return this.child(1, e, 2);
	}
	childBefore(e) {
		return this.child(-1, e, -2);
	}
	prop(e) {
		return this.type.prop(e);
	}
	enter(t, n, r = 0) {
		if (r & u.ExcludeBuffers) return null;
		let { buffer: i } = this.context, a = i.findChild(this.index + 4, i.buffer[this.index + 3], n > 0 ? 1 : -1, t - this.context.start, n);
		return a < 0 ? null : new e(this.context, this, a);
	}
	get parent() {
		return this._parent || this.context.parent.nextSignificantParent();
	}
	externalSibling(e) {
		return this._parent ? null : this.context.parent.nextChild(this.context.index + e, e, 0, 4);
	}
	get nextSibling() {
		let { buffer: t } = this.context, n = t.buffer[this.index + 3];
		return n < (this._parent ? t.buffer[this._parent.index + 3] : t.buffer.length) ? new e(this.context, this._parent, n) : this.externalSibling(1);
	}
	get prevSibling() {
		let { buffer: t } = this.context, n = this._parent ? this._parent.index + 4 : 0;
		return this.index == n ? this.externalSibling(-1) : new e(this.context, this._parent, t.findChild(n, this.index, -1, 0, 4));
	}
	get tree() {
		return null;
	}
	toTree() {
		let e = [], t = [], { buffer: n } = this.context, r = this.index + 4, i = n.buffer[this.index + 3];
		if (i > r) {
			let a = n.buffer[this.index + 1];
			e.push(n.slice(r, i, a)), t.push(0);
		}
		return new d(this.type, e, t, this.to - this.from);
	}
	toString() {
		return this.context.buffer.childString(this.index);
	}
};
function b(e) {
	if (!e.length) return null;
	let t = 0, n = e[0];
	for (let r = 1; r < e.length; r++) {
		let i = e[r];
		(i.from > n.from || i.to < n.to) && (n = i, t = r);
	}
	let r = n instanceof _ && n.index < 0 ? null : n.parent, i = e.slice();
	return r ? i[t] = r : i.splice(t, 1), new x(i, n);
}
var x = class {
	constructor(e, t) {
		this.heads = e, this.node = t;
	}
	get next() {
		return b(this.heads);
	}
};
function ne(e, t, n) {
	let r = e.resolveInner(t, n), a = null;
	for (let e = r instanceof _ ? r : r.context.parent; e; e = e.parent) if (e.index < 0) {
		let i = e.parent;
		(a ||= [r]).push(i.resolve(t, n)), e = i;
	} else {
		let o = i.get(e.tree);
		if (o && o.overlay && o.overlay[0].from <= t && o.overlay[o.overlay.length - 1].to >= t) {
			let i = new _(o.tree, o.overlay[0].from + e.from, -1, e);
			(a ||= [r]).push(h(i, t, n, !1));
		}
	}
	return a ? b(a) : r;
}
var re = class {
	get name() {
		return this.type.name;
	}
	constructor(e, t = 0) {
		if (this.buffer = null, this.stack = [], this.index = 0, this.bufferNode = null, this.mode = t & ~u.EnterBracketed, e instanceof _) this.yieldNode(e);
		else {
			this._tree = e.context.parent, this.buffer = e.context;
			for (let t = e._parent; t; t = t._parent) this.stack.unshift(t.index);
			this.bufferNode = e, this.yieldBuf(e.index);
		}
	}
	yieldNode(e) {
		return e ? (this._tree = e, this.type = e.type, this.from = e.from, this.to = e.to, !0) : !1;
	}
	yieldBuf(e, t) {
		this.index = e;
		let { start: n, buffer: r } = this.buffer;
		return this.type = t || r.set.types[r.buffer[e]], this.from = n + r.buffer[e + 1], this.to = n + r.buffer[e + 2], !0;
	}
	yield(e) {
		return e ? e instanceof _ ? (this.buffer = null, this.yieldNode(e)) : (this.buffer = e.context, this.yieldBuf(e.index, e.type)) : !1;
	}
	toString() {
		return this.buffer ? this.buffer.buffer.childString(this.index) : this._tree.toString();
	}
	enterChild(e, t, n) {
		if (!this.buffer) return this.yield(this._tree.nextChild(e < 0 ? this._tree._tree.children.length - 1 : 0, e, t, n, this.mode));
		let { buffer: r } = this.buffer, i = r.findChild(this.index + 4, r.buffer[this.index + 3], e, t - this.buffer.start, n);
		return i < 0 ? !1 : (this.stack.push(this.index), this.yieldBuf(i));
	}
	firstChild() {
		return this.enterChild(1, 0, 4);
	}
	lastChild() {
		return this.enterChild(-1, 0, 4);
	}
	childAfter(e) {
		return this.enterChild(1, e, 2);
	}
	childBefore(e) {
		return this.enterChild(-1, e, -2);
	}
	enter(e, t, n = this.mode) {
		return this.buffer ? n & u.ExcludeBuffers ? !1 : this.enterChild(1, e, t) : this.yield(this._tree.enter(e, t, n));
	}
	parent() {
		if (!this.buffer) return this.yieldNode(this.mode & u.IncludeAnonymous ? this._tree._parent : this._tree.parent);
		if (this.stack.length) return this.yieldBuf(this.stack.pop());
		let e = this.mode & u.IncludeAnonymous ? this.buffer.parent : this.buffer.parent.nextSignificantParent();
		return this.buffer = null, this.yieldNode(e);
	}
	sibling(e) {
		if (!this.buffer) return this._tree._parent ? this.yield(this._tree.index < 0 ? null : this._tree._parent.nextChild(this._tree.index + e, e, 0, 4, this.mode)) : !1;
		let { buffer: t } = this.buffer, n = this.stack.length - 1;
		if (e < 0) {
			let e = n < 0 ? 0 : this.stack[n] + 4;
			if (this.index != e) return this.yieldBuf(t.findChild(e, this.index, -1, 0, 4));
		} else {
			let e = t.buffer[this.index + 3];
			if (e < (n < 0 ? t.buffer.length : t.buffer[this.stack[n] + 3])) return this.yieldBuf(e);
		}
		return n < 0 && this.yield(this.buffer.parent.nextChild(this.buffer.index + e, e, 0, 4, this.mode));
	}
	nextSibling() {
		return this.sibling(1);
	}
	prevSibling() {
		return this.sibling(-1);
	}
	atLastNode(e) {
		let t, n, { buffer: r } = this;
		if (r) {
			if (e > 0) {
				if (this.index < r.buffer.buffer.length) return !1;
			} else for (let e = 0; e < this.index; e++) if (r.buffer.buffer[e + 3] < this.index) return !1;
			({index: t, parent: n} = r);
		} else ({index: t, _parent: n} = this._tree);
		for (; n; {index: t, _parent: n} = n) if (t > -1) for (let r = t + e, i = e < 0 ? -1 : n._tree.children.length; r != i; r += e) {
			let e = n._tree.children[r];
			if (this.mode & u.IncludeAnonymous || e instanceof p || !e.type.isAnonymous || ie(e)) return !1;
		}
		return !0;
	}
	move(e, t) {
		if (t && this.enterChild(e, 0, 4)) return !0;
		for (;;) {
			if (this.sibling(e)) return !0;
			if (this.atLastNode(e) || !this.parent()) return !1;
		}
	}
	next(e = !0) {
		return this.move(1, e);
	}
	prev(e = !0) {
		return this.move(-1, e);
	}
	moveTo(e, t = 0) {
		for (; (this.from == this.to || (t < 1 ? this.from >= e : this.from > e) || (t > -1 ? this.to <= e : this.to < e)) && this.parent(););
		for (; this.enterChild(1, e, t););
		return this;
	}
	get node() {
		if (!this.buffer) return this._tree;
		let e = this.bufferNode, t = null, n = 0;
		if (e && e.context == this.buffer) scan: for (let r = this.index, i = this.stack.length; i >= 0;) {
			for (let a = e; a; a = a._parent) if (a.index == r) {
				if (r == this.index) return a;
				t = a, n = i + 1;
				break scan;
			}
			r = this.stack[--i];
		}
		for (let e = n; e < this.stack.length; e++) t = new te(this.buffer, t, this.stack[e]);
		return this.bufferNode = new te(this.buffer, t, this.index);
	}
	get tree() {
		return this.buffer ? null : this._tree._tree;
	}
	iterate(e, t) {
		for (let n = 0;;) {
			let r = !1;
			if (this.type.isAnonymous || e(this) !== !1) {
				if (this.firstChild()) {
					n++;
					continue;
				}
				this.type.isAnonymous || (r = !0);
			}
			for (;;) {
				if (r && t && t(this), r = this.type.isAnonymous, !n) return;
				if (this.nextSibling()) break;
				this.parent(), n--, r = !0;
			}
		}
	}
	matchContext(e) {
		if (!this.buffer) return y(this.node.parent, e);
		let { buffer: t } = this.buffer, { types: n } = t.set;
		for (let r = e.length - 1, i = this.stack.length - 1; r >= 0; i--) {
			if (i < 0) return y(this._tree, e, r);
			let a = n[t.buffer[this.stack[i]]];
			if (!a.isAnonymous) {
				if (e[r] && e[r] != a.name) return !1;
				r--;
			}
		}
		return !0;
	}
};
function ie(e) {
	return e.children.some((e) => e instanceof p || !e.type.isAnonymous || ie(e));
}
function ae(t) {
	let { buffer: n, nodeSet: i, maxBufferLength: a = e, reused: o = [], minRepeatType: s = i.types.length } = t, c = Array.isArray(n) ? new f(n, n.length) : n, l = i.types, u = 0, m = 0;
	function h(e, t, n, r, d, f) {
		let { id: b, start: x, end: ne, size: re } = c, ie = m, ae = u;
		if (re < 0) {
			if (c.next(), re == -1) {
				let t = o[b];
				n.push(t), r.push(x - e);
				return;
			}
			if (re == -3) {
				u = b;
				return;
			}
			if (re == -4) {
				m = b;
				return;
			}
			throw RangeError(`Unrecognized record size: ${re}`);
		}
		let oe = l[b], se, le, ue = x - e;
		if (ne - x <= a && (le = ee(c.pos - t, d))) {
			let t = new Uint16Array(le.size - le.skip), n = c.pos - le.size, r = t.length;
			for (; c.pos > n;) r = te(le.start, t, r);
			se = new p(t, ne - le.start, i), ue = le.start - e;
		} else {
			let e = c.pos - re;
			c.next();
			let t = [], n = [], r = b >= s ? b : -1, l = 0, u = ne, d = ie;
			for (; c.pos > e;) r >= 0 && c.id == r && c.size >= 0 ? (c.end <= u - a && (v(t, n, x, l, c.end, u, r, d, ae), l = t.length, u = c.end, d = m), c.next()) : f > 2500 ? g(x, e, t, n) : (r >= 0 && c.size == -1 && o[c.id].type == i.types[r] && (l < t.length && v(t, n, x, l, c.end, u, r, d, ae), l = t.length + 1, u = c.start, d = m), h(x, e, t, n, r, f + 1));
			if (r >= 0 && l > 0 && l < t.length && v(t, n, x, l, x, u, r, d, ae), t.reverse(), n.reverse(), r > -1 && l > 0) {
				let e = _(oe, ae);
				se = ce(oe, t, n, 0, t.length, 0, ne - x, e, e);
			} else se = y(oe, t, n, ne - x, ie - ne, ae);
		}
		n.push(se), r.push(ue);
	}
	function g(e, t, n, r) {
		let o = [], s = 0, l = -1;
		for (; c.pos > t;) {
			let { id: e, start: t, end: n, size: r } = c;
			if (r > 4) c.next();
			else if (l > -1 && t < l) break;
			else l < 0 && (l = n - a), o.push(e, t, n), s++, c.next();
		}
		if (s) {
			let t = new Uint16Array(s * 4), a = o[o.length - 2];
			for (let e = o.length - 3, n = 0; e >= 0; e -= 3) t[n++] = o[e], t[n++] = o[e + 1] - a, t[n++] = o[e + 2] - a, t[n++] = n;
			n.push(new p(t, o[2] - a, i)), r.push(a - e);
		}
	}
	function _(e, t) {
		return (n, i, a) => {
			let o = 0, s = n.length - 1, c, l;
			if (s >= 0 && (c = n[s]) instanceof d) {
				if (!s && c.type == e && c.length == a) return c;
				(l = c.prop(r.lookAhead)) && (o = i[s] + c.length + l - a);
			}
			return y(e, n, i, a, o, t);
		};
	}
	function v(e, t, n, r, a, o, s, c, l) {
		let u = [], d = [];
		for (; e.length > r;) u.push(e.pop()), d.push(t.pop() + n - a);
		e.push(y(i.types[s], u, d, o - a, c - o, l)), t.push(a - n);
	}
	function y(e, t, n, i, a, o, s) {
		if (o) {
			let e = [r.contextHash, o];
			s = s ? [e].concat(s) : [e];
		}
		if (a > 25) {
			let e = [r.lookAhead, a];
			s = s ? [e].concat(s) : [e];
		}
		return new d(e, t, n, i, s);
	}
	function ee(e, t) {
		let n = c.fork(), r = 0, i = 0, o = 0, l = n.end - a, u = {
			size: 0,
			start: 0,
			skip: 0
		};
		scan: for (let a = n.pos - e; n.pos > a;) {
			let e = n.size;
			if (n.id == t && e >= 0) {
				u.size = r, u.start = i, u.skip = o, o += 4, r += 4, n.next();
				continue;
			}
			let c = n.pos - e;
			if (e < 0 || c < a || n.start < l) break;
			let d = n.id >= s ? 4 : 0, f = n.start;
			for (n.next(); n.pos > c;) {
				if (n.size < 0) {
					if (n.size == -3 || n.size == -4) d += 4;
					else break scan;
				} else n.id >= s && (d += 4);
				n.next();
			}
			i = f, r += e, o += d;
		}
		return (t < 0 || r == e) && (u.size = r, u.start = i, u.skip = o), u.size > 4 ? u : void 0;
	}
	function te(e, t, n) {
		let { id: r, start: i, end: a, size: o } = c;
		if (c.next(), o >= 0 && r < s) {
			let s = n;
			if (o > 4) {
				let r = c.pos - (o - 4);
				for (; c.pos > r;) n = te(e, t, n);
			}
			t[--n] = s, t[--n] = a - e, t[--n] = i - e, t[--n] = r;
		} else o == -3 ? u = r : o == -4 && (m = r);
		return n;
	}
	let b = [], x = [];
	for (; c.pos > 0;) h(t.start || 0, t.bufferStart || 0, b, x, -1, 0);
	let ne = t.length ?? (b.length ? x[0] + b[0].length : 0);
	return new d(l[t.topID], b.reverse(), x.reverse(), ne);
}
var oe = /* @__PURE__ */ new WeakMap();
function se(e, t) {
	if (!e.isAnonymous || t instanceof p || t.type != e) return 1;
	let n = oe.get(t);
	if (n == null) {
		n = 1;
		for (let r of t.children) {
			if (r.type != e || !(r instanceof d)) {
				n = 1;
				break;
			}
			n += se(e, r);
		}
		oe.set(t, n);
	}
	return n;
}
function ce(e, t, n, r, i, a, o, s, c) {
	let l = 0;
	for (let n = r; n < i; n++) l += se(e, t[n]);
	let u = Math.ceil(l * 1.5 / 8), d = [], f = [];
	function p(t, n, r, i, o) {
		for (let s = r; s < i;) {
			let r = s, l = n[s], m = se(e, t[s]);
			for (s++; s < i; s++) {
				let n = se(e, t[s]);
				if (m + n >= u) break;
				m += n;
			}
			if (s == r + 1) {
				if (m > u) {
					let e = t[r];
					p(e.children, e.positions, 0, e.children.length, n[r] + o);
					continue;
				}
				d.push(t[r]);
			} else {
				let i = n[s - 1] + t[s - 1].length - l;
				d.push(ce(e, t, n, r, s, l, i, null, c));
			}
			f.push(l + o - a);
		}
	}
	return p(t, n, r, i, 0), (s || c)(d, f, o);
}
var le = class {
	constructor() {
		this.map = /* @__PURE__ */ new WeakMap();
	}
	setBuffer(e, t, n) {
		let r = this.map.get(e);
		r || this.map.set(e, r = /* @__PURE__ */ new Map()), r.set(t, n);
	}
	getBuffer(e, t) {
		let n = this.map.get(e);
		return n && n.get(t);
	}
	set(e, t) {
		e instanceof te ? this.setBuffer(e.context.buffer, e.index, t) : e instanceof _ && this.map.set(e.tree, t);
	}
	get(e) {
		return e instanceof te ? this.getBuffer(e.context.buffer, e.index) : e instanceof _ ? this.map.get(e.tree) : void 0;
	}
	cursorSet(e, t) {
		e.buffer ? this.setBuffer(e.buffer.buffer, e.index, t) : this.map.set(e.tree, t);
	}
	cursorGet(e) {
		return e.buffer ? this.getBuffer(e.buffer.buffer, e.index) : this.map.get(e.tree);
	}
}, ue = class e {
	constructor(e, t, n, r, i = !1, a = !1) {
		this.from = e, this.to = t, this.tree = n, this.offset = r, this.open = !!i | (a ? 2 : 0);
	}
	get openStart() {
		return (this.open & 1) > 0;
	}
	get openEnd() {
		return (this.open & 2) > 0;
	}
	static addTree(t, n = [], r = !1) {
		let i = [new e(0, t.length, t, 0, !1, r)];
		for (let e of n) e.to > t.length && i.push(e);
		return i;
	}
	static applyChanges(t, n, r = 128) {
		if (!n.length) return t;
		let i = [], a = 1, o = t.length ? t[0] : null;
		for (let s = 0, c = 0, l = 0;; s++) {
			let u = s < n.length ? n[s] : null, d = u ? u.fromA : 1e9;
			if (d - c >= r) for (; o && o.from < d;) {
				let n = o;
				if (c >= n.from || d <= n.to || l) {
					let t = Math.max(n.from, c) - l, r = Math.min(n.to, d) - l;
					n = t >= r ? null : new e(t, r, n.tree, n.offset + l, s > 0, !!u);
				}
				if (n && i.push(n), o.to > d) break;
				o = a < t.length ? t[a++] : null;
			}
			if (!u) break;
			c = u.toA, l = u.toA - u.toB;
		}
		return i;
	}
}, de = class {
	startParse(e, t, r) {
		return typeof e == `string` && (e = new fe(e)), r = r ? r.length ? r.map((e) => new n(e.from, e.to)) : [new n(0, 0)] : [new n(0, e.length)], this.createParse(e, t || [], r);
	}
	parse(e, t, n) {
		let r = this.startParse(e, t, n);
		for (;;) {
			let e = r.advance();
			if (e) return e;
		}
	}
}, fe = class {
	constructor(e) {
		this.string = e;
	}
	get length() {
		return this.string.length;
	}
	chunk(e) {
		return this.string.slice(e);
	}
	get lineChunks() {
		return !1;
	}
	read(e, t) {
		return this.string.slice(e, t);
	}
};
new r({ perNode: !0 });
var pe = class e {
	constructor(e, t, n, r, i, a, o, s, c, l = 0, u) {
		this.p = e, this.stack = t, this.state = n, this.reducePos = r, this.pos = i, this.score = a, this.buffer = o, this.bufferBase = s, this.curContext = c, this.lookAhead = l, this.parent = u;
	}
	toString() {
		return `[${this.stack.filter((e, t) => t % 3 == 0).concat(this.state)}]@${this.pos}${this.score ? `!` + this.score : ``}`;
	}
	static start(t, n, r = 0) {
		let i = t.parser.context;
		return new e(t, [], n, r, r, 0, [], 0, i ? new me(i, i.start) : null, 0, null);
	}
	get context() {
		return this.curContext ? this.curContext.context : null;
	}
	pushState(e, t) {
		this.stack.push(this.state, t, this.bufferBase + this.buffer.length), this.state = e;
	}
	reduce(e) {
		let t = e >> 19, n = e & 65535, { parser: r } = this.p, i = this.reducePos < this.pos - 25 && this.setLookAhead(this.pos), a = r.dynamicPrecedence(n);
		if (a && (this.score += a), t == 0) {
			n < r.minRepeatTerm && this.reducePos < this.pos && (this.reducePos = this.pos), this.pushState(r.getGoto(this.state, n, !0), this.reducePos), n < r.minRepeatTerm && this.storeNode(n, this.reducePos, this.reducePos, i ? 8 : 4, !0), this.reduceContext(n, this.reducePos);
			return;
		}
		let o = this.stack.length - (t - 1) * 3 - (e & 262144 ? 6 : 0), s = o ? this.stack[o - 2] : this.p.ranges[0].from;
		n < r.minRepeatTerm && s == this.reducePos && this.reducePos < this.pos && (this.reducePos = this.pos);
		let c = this.reducePos - s;
		c >= 2e3 && !this.p.parser.nodeSet.types[n]?.isAnonymous && (s == this.p.lastBigReductionStart ? (this.p.bigReductionCount++, this.p.lastBigReductionSize = c) : this.p.lastBigReductionSize < c && (this.p.bigReductionCount = 1, this.p.lastBigReductionStart = s, this.p.lastBigReductionSize = c));
		let l = o ? this.stack[o - 1] : 0, u = this.bufferBase + this.buffer.length - l;
		if (n < r.minRepeatTerm || e & 131072) {
			let e = r.stateFlag(this.state, 1) ? this.pos : this.reducePos;
			this.storeNode(n, s, e, u + 4, !0);
		}
		if (e & 262144) this.state = this.stack[o];
		else {
			let e = this.stack[o - 3];
			this.state = r.getGoto(e, n, !0);
		}
		for (; this.stack.length > o;) this.stack.pop();
		this.reduceContext(n, s);
	}
	storeNode(e, t, n, r = 4, i = !1) {
		if (e == 0 && (!this.stack.length || this.stack[this.stack.length - 1] < this.buffer.length + this.bufferBase)) {
			let e = this.buffer.length;
			if (e > 0 && this.buffer[e - 4] == 0 && this.buffer[e - 1] > -1) {
				if (t == n) return;
				if (this.buffer[e - 2] >= t) {
					this.buffer[e - 2] = n;
					return;
				}
			}
		}
		if (!i || this.pos == n) this.buffer.push(e, t, n, r);
		else {
			let i = this.buffer.length;
			if (i > 0 && (this.buffer[i - 4] != 0 || this.buffer[i - 1] < 0)) {
				let e = !1;
				for (let t = i; t > 0 && this.buffer[t - 2] > n; t -= 4) if (this.buffer[t - 1] >= 0) {
					e = !0;
					break;
				}
				if (e) for (; i > 0 && this.buffer[i - 2] > n;) this.buffer[i] = this.buffer[i - 4], this.buffer[i + 1] = this.buffer[i - 3], this.buffer[i + 2] = this.buffer[i - 2], this.buffer[i + 3] = this.buffer[i - 1], i -= 4, r > 4 && (r -= 4);
			}
			this.buffer[i] = e, this.buffer[i + 1] = t, this.buffer[i + 2] = n, this.buffer[i + 3] = r;
		}
	}
	shift(e, t, n, r) {
		if (e & 131072) this.pushState(e & 65535, this.pos);
		else if (e & 262144) this.pos = r, this.shiftContext(t, n), t <= this.p.parser.maxNode && this.buffer.push(t, n, r, 4);
		else {
			let i = e, { parser: a } = this.p;
			this.pos = r;
			let o = a.stateFlag(i, 1);
			!o && (r > n || t <= a.maxNode) && (this.reducePos = r), this.pushState(i, o ? n : Math.min(n, this.reducePos)), this.shiftContext(t, n), t <= a.maxNode && this.buffer.push(t, n, r, 4);
		}
	}
	apply(e, t, n, r) {
		e & 65536 ? this.reduce(e) : this.shift(e, t, n, r);
	}
	useNode(e, t, n) {
		let r = this.p.reused.length - 1;
		(r < 0 || this.p.reused[r] != e) && (this.p.reused.push(e), r++);
		let i = this.reducePos = this.pos = n + e.length;
		this.pushState(t, n), this.buffer.push(r, n, i, -1), this.curContext && this.updateContext(this.curContext.tracker.reuse(this.curContext.context, e, this, this.p.stream.reset(this.pos - e.length)));
	}
	split() {
		let t = this, n = t.buffer.length;
		for (n && t.buffer[n - 4] == 0 && (n -= 4); n > 0 && t.buffer[n - 2] > t.reducePos;) n -= 4;
		let r = t.buffer.slice(n), i = t.bufferBase + n;
		for (; t && i == t.bufferBase;) t = t.parent;
		return new e(this.p, this.stack.slice(), this.state, this.reducePos, this.pos, this.score, r, i, this.curContext, this.lookAhead, t);
	}
	recoverByDelete(e, t) {
		let n = e <= this.p.parser.maxNode;
		n && this.storeNode(e, this.pos, t, 4), this.storeNode(0, this.pos, t, n ? 8 : 4), this.pos = this.reducePos = t, this.score -= 190;
	}
	canShift(e) {
		for (let t = new he(this);;) {
			let n = this.p.parser.stateSlot(t.state, 4) || this.p.parser.hasAction(t.state, e);
			if (n == 0) return !1;
			if (!(n & 65536)) return !0;
			t.reduce(n);
		}
	}
	recoverByInsert(e) {
		if (this.stack.length >= 300) return [];
		let t = this.p.parser.nextStates(this.state);
		if (t.length > 8 || this.stack.length >= 120) {
			let n = [];
			for (let r = 0, i; r < t.length; r += 2) (i = t[r + 1]) != this.state && this.p.parser.hasAction(i, e) && n.push(t[r], i);
			if (this.stack.length < 120) for (let e = 0; n.length < 8 && e < t.length; e += 2) {
				let r = t[e + 1];
				n.some((e, t) => t & 1 && e == r) || n.push(t[e], r);
			}
			t = n;
		}
		let n = [];
		for (let e = 0; e < t.length && n.length < 4; e += 2) {
			let r = t[e + 1];
			if (r == this.state) continue;
			let i = this.split();
			i.pushState(r, this.pos), i.storeNode(0, i.pos, i.pos, 4, !0), i.shiftContext(t[e], this.pos), i.reducePos = this.pos, i.score -= 200, n.push(i);
		}
		return n;
	}
	forceReduce() {
		let { parser: e } = this.p, t = e.stateSlot(this.state, 5);
		if (!(t & 65536)) return !1;
		if (!e.validAction(this.state, t)) {
			let n = t >> 19, r = t & 65535, i = this.stack.length - n * 3;
			if (i < 0 || e.getGoto(this.stack[i], r, !1) < 0) {
				let e = this.findForcedReduction();
				if (e == null) return !1;
				t = e;
			}
			this.storeNode(0, this.pos, this.pos, 4, !0), this.score -= 100;
		}
		return this.reducePos = this.pos, this.reduce(t), !0;
	}
	findForcedReduction() {
		let { parser: e } = this.p, t = [], n = (r, i) => {
			if (!t.includes(r)) return t.push(r), e.allActions(r, (t) => {
				if (!(t & 393216)) {
					if (t & 65536) {
						let n = (t >> 19) - i;
						if (n > 1) {
							let r = t & 65535, i = this.stack.length - n * 3;
							if (i >= 0 && e.getGoto(this.stack[i], r, !1) >= 0) return n << 19 | 65536 | r;
						}
					} else {
						let e = n(t, i + 1);
						if (e != null) return e;
					}
				}
			});
		};
		return n(this.state, 0);
	}
	forceAll() {
		for (; !this.p.parser.stateFlag(this.state, 2);) if (!this.forceReduce()) {
			this.storeNode(0, this.pos, this.pos, 4, !0);
			break;
		}
		return this;
	}
	get deadEnd() {
		if (this.stack.length != 3) return !1;
		let { parser: e } = this.p;
		return e.data[e.stateSlot(this.state, 1)] == 65535 && !e.stateSlot(this.state, 4);
	}
	restart() {
		this.storeNode(0, this.pos, this.pos, 4, !0), this.state = this.stack[0], this.stack.length = 0;
	}
	sameState(e) {
		if (this.state != e.state || this.stack.length != e.stack.length) return !1;
		for (let t = 0; t < this.stack.length; t += 3) if (this.stack[t] != e.stack[t]) return !1;
		return !0;
	}
	get parser() {
		return this.p.parser;
	}
	dialectEnabled(e) {
		return this.p.parser.dialect.flags[e];
	}
	shiftContext(e, t) {
		this.curContext && this.updateContext(this.curContext.tracker.shift(this.curContext.context, e, this, this.p.stream.reset(t)));
	}
	reduceContext(e, t) {
		this.curContext && this.updateContext(this.curContext.tracker.reduce(this.curContext.context, e, this, this.p.stream.reset(t)));
	}
	emitContext() {
		let e = this.buffer.length - 1;
		(e < 0 || this.buffer[e] != -3) && this.storeNode(this.curContext.hash, this.reducePos, this.reducePos, -3, !0);
	}
	emitLookAhead() {
		let e = this.buffer.length - 1;
		(e < 0 || this.buffer[e] != -4) && this.buffer.push(this.lookAhead, this.pos, this.pos, -4);
	}
	updateContext(e) {
		if (e != this.curContext.context) {
			let t = new me(this.curContext.tracker, e);
			t.hash != this.curContext.hash && this.emitContext(), this.curContext = t;
		}
	}
	setLookAhead(e) {
		return e <= this.lookAhead ? !1 : (this.emitLookAhead(), this.lookAhead = e, !0);
	}
	close() {
		this.curContext && this.curContext.tracker.strict && this.emitContext(), this.lookAhead > 0 && this.emitLookAhead();
	}
}, me = class {
	constructor(e, t) {
		this.tracker = e, this.context = t, this.hash = e.strict ? e.hash(t) : 0;
	}
}, he = class {
	constructor(e) {
		this.start = e, this.state = e.state, this.stack = e.stack, this.base = this.stack.length;
	}
	reduce(e) {
		let t = e & 65535, n = e >> 19;
		n == 0 ? (this.stack == this.start.stack && (this.stack = this.stack.slice()), this.stack.push(this.state, 0, 0), this.base += 3) : this.base -= (n - 1) * 3;
		let r = this.start.p.parser.getGoto(this.stack[this.base - 3], t, !0);
		this.state = r;
	}
}, ge = class e {
	constructor(e, t, n) {
		this.stack = e, this.pos = t, this.index = n, this.buffer = e.buffer, this.index == 0 && this.maybeNext();
	}
	static create(t, n = t.bufferBase + t.buffer.length) {
		return new e(t, n, n - t.bufferBase);
	}
	maybeNext() {
		let e = this.stack.parent;
		e != null && (this.index = this.stack.bufferBase - e.bufferBase, this.stack = e, this.buffer = e.buffer);
	}
	get id() {
		return this.buffer[this.index - 4];
	}
	get start() {
		return this.buffer[this.index - 3];
	}
	get end() {
		return this.buffer[this.index - 2];
	}
	get size() {
		return this.buffer[this.index - 1];
	}
	next() {
		this.index -= 4, this.pos -= 4, this.index == 0 && this.maybeNext();
	}
	fork() {
		return new e(this.stack, this.pos, this.index);
	}
};
function _e(e, t = Uint16Array) {
	if (typeof e != `string`) return e;
	let n = null;
	for (let r = 0, i = 0; r < e.length;) {
		let a = 0;
		for (;;) {
			let t = e.charCodeAt(r++), n = !1;
			if (t == 126) {
				a = 65535;
				break;
			}
			t >= 92 && t--, t >= 34 && t--;
			let i = t - 32;
			if (i >= 46 && (i -= 46, n = !0), a += i, n) break;
			a *= 46;
		}
		n ? n[i++] = a : n = new t(a);
	}
	return n;
}
var ve = class {
	constructor() {
		this.start = -1, this.value = -1, this.end = -1, this.extended = -1, this.lookAhead = 0, this.mask = 0, this.context = 0;
	}
}, ye = new ve(), be = class {
	constructor(e, t) {
		this.input = e, this.ranges = t, this.chunk = ``, this.chunkOff = 0, this.chunk2 = ``, this.chunk2Pos = 0, this.next = -1, this.token = ye, this.rangeIndex = 0, this.pos = this.chunkPos = t[0].from, this.range = t[0], this.end = t[t.length - 1].to, this.readNext();
	}
	resolveOffset(e, t) {
		let n = this.range, r = this.rangeIndex, i = this.pos + e;
		for (; i < n.from;) {
			if (!r) return null;
			let e = this.ranges[--r];
			i -= n.from - e.to, n = e;
		}
		for (; t < 0 ? i > n.to : i >= n.to;) {
			if (r == this.ranges.length - 1) return null;
			let e = this.ranges[++r];
			i += e.from - n.to, n = e;
		}
		return i;
	}
	clipPos(e) {
		if (e >= this.range.from && e < this.range.to) return e;
		for (let t of this.ranges) if (t.to > e) return Math.max(e, t.from);
		return this.end;
	}
	peek(e) {
		let t = this.chunkOff + e, n, r;
		if (t >= 0 && t < this.chunk.length) n = this.pos + e, r = this.chunk.charCodeAt(t);
		else {
			let t = this.resolveOffset(e, 1);
			if (t == null) return -1;
			if (n = t, n >= this.chunk2Pos && n < this.chunk2Pos + this.chunk2.length) r = this.chunk2.charCodeAt(n - this.chunk2Pos);
			else {
				let e = this.rangeIndex, t = this.range;
				for (; t.to <= n;) t = this.ranges[++e];
				this.chunk2 = this.input.chunk(this.chunk2Pos = n), n + this.chunk2.length > t.to && (this.chunk2 = this.chunk2.slice(0, t.to - n)), r = this.chunk2.charCodeAt(0);
			}
		}
		return n >= this.token.lookAhead && (this.token.lookAhead = n + 1), r;
	}
	acceptToken(e, t = 0) {
		let n = t ? this.resolveOffset(t, -1) : this.pos;
		if (n == null || n < this.token.start) throw RangeError(`Token end out of bounds`);
		this.token.value = e, this.token.end = n;
	}
	acceptTokenTo(e, t) {
		this.token.value = e, this.token.end = t;
	}
	getChunk() {
		if (this.pos >= this.chunk2Pos && this.pos < this.chunk2Pos + this.chunk2.length) {
			let { chunk: e, chunkPos: t } = this;
			this.chunk = this.chunk2, this.chunkPos = this.chunk2Pos, this.chunk2 = e, this.chunk2Pos = t, this.chunkOff = this.pos - this.chunkPos;
		} else {
			this.chunk2 = this.chunk, this.chunk2Pos = this.chunkPos;
			let e = this.input.chunk(this.pos), t = this.pos + e.length;
			this.chunk = t > this.range.to ? e.slice(0, this.range.to - this.pos) : e, this.chunkPos = this.pos, this.chunkOff = 0;
		}
	}
	readNext() {
		return this.next = this.chunkOff >= this.chunk.length && (this.getChunk(), this.chunkOff == this.chunk.length) ? -1 : this.chunk.charCodeAt(this.chunkOff);
	}
	advance(e = 1) {
		for (this.chunkOff += e; this.pos + e >= this.range.to;) {
			if (this.rangeIndex == this.ranges.length - 1) return this.setDone();
			e -= this.range.to - this.pos, this.range = this.ranges[++this.rangeIndex], this.pos = this.range.from;
		}
		return this.pos += e, this.pos >= this.token.lookAhead && (this.token.lookAhead = this.pos + 1), this.readNext();
	}
	setDone() {
		return this.pos = this.chunkPos = this.end, this.range = this.ranges[this.rangeIndex = this.ranges.length - 1], this.chunk = ``, this.next = -1;
	}
	reset(e, t) {
		if (t ? (this.token = t, t.start = e, t.lookAhead = e + 1, t.value = t.extended = -1) : this.token = ye, this.pos != e) {
			if (this.pos = e, e == this.end) return this.setDone(), this;
			for (; e < this.range.from;) this.range = this.ranges[--this.rangeIndex];
			for (; e >= this.range.to;) this.range = this.ranges[++this.rangeIndex];
			e >= this.chunkPos && e < this.chunkPos + this.chunk.length ? this.chunkOff = e - this.chunkPos : (this.chunk = ``, this.chunkOff = 0), this.readNext();
		}
		return this;
	}
	read(e, t) {
		if (e >= this.chunkPos && t <= this.chunkPos + this.chunk.length) return this.chunk.slice(e - this.chunkPos, t - this.chunkPos);
		if (e >= this.chunk2Pos && t <= this.chunk2Pos + this.chunk2.length) return this.chunk2.slice(e - this.chunk2Pos, t - this.chunk2Pos);
		if (e >= this.range.from && t <= this.range.to) return this.input.read(e, t);
		let n = ``;
		for (let r of this.ranges) {
			if (r.from >= t) break;
			r.to > e && (n += this.input.read(Math.max(r.from, e), Math.min(r.to, t)));
		}
		return n;
	}
}, xe = class {
	constructor(e, t) {
		this.data = e, this.id = t;
	}
	token(e, t) {
		let { parser: n } = t.p;
		we(this.data, e, t, this.id, n.data, n.tokenPrecTable);
	}
};
xe.prototype.contextual = xe.prototype.fallback = xe.prototype.extend = !1;
var Se = class {
	constructor(e, t, n) {
		this.precTable = t, this.elseToken = n, this.data = typeof e == `string` ? _e(e) : e;
	}
	token(e, t) {
		let n = e.pos, r = 0;
		for (;;) {
			let n = e.next < 0, i = e.resolveOffset(1, 1);
			if (we(this.data, e, t, 0, this.data, this.precTable), e.token.value > -1) break;
			if (this.elseToken == null) return;
			if (n || r++, i == null) break;
			e.reset(i, e.token);
		}
		r && (e.reset(n, e.token), e.acceptToken(this.elseToken, r));
	}
};
Se.prototype.contextual = xe.prototype.fallback = xe.prototype.extend = !1;
var Ce = class {
	constructor(e, t = {}) {
		this.token = e, this.contextual = !!t.contextual, this.fallback = !!t.fallback, this.extend = !!t.extend;
	}
};
function we(e, t, n, r, i, a) {
	let o = 0, s = 1 << r, { dialect: c } = n.p.parser;
	scan: for (; (s & e[o]) != 0;) {
		let n = e[o + 1];
		for (let r = o + 3; r < n; r += 2) if ((e[r + 1] & s) > 0) {
			let n = e[r];
			if (c.allows(n) && (t.token.value == -1 || t.token.value == n || Ee(n, t.token.value, i, a))) {
				t.acceptToken(n);
				break;
			}
		}
		let r = t.next, l = 0, u = e[o + 2];
		if (t.next < 0 && u > l && e[n + u * 3 - 3] == 65535) {
			o = e[n + u * 3 - 1];
			continue scan;
		}
		for (; l < u;) {
			let i = l + u >> 1, a = n + i + (i << 1), s = e[a], c = e[a + 1] || 65536;
			if (r < s) u = i;
			else if (r >= c) l = i + 1;
			else {
				o = e[a + 2], t.advance();
				continue scan;
			}
		}
		break;
	}
}
function Te(e, t, n) {
	for (let r = t, i; (i = e[r]) != 65535; r++) if (i == n) return r - t;
	return -1;
}
function Ee(e, t, n, r) {
	let i = Te(n, r, t);
	return i < 0 || Te(n, r, e) < i;
}
var De = typeof process < `u` && /\bparse\b/.test({}.LOG), Oe = null;
function ke(e, t, n) {
	let r = e.cursor(u.IncludeAnonymous);
	for (r.moveTo(t);;) if (!(n < 0 ? r.childBefore(t) : r.childAfter(t))) for (;;) {
		if ((n < 0 ? r.to < t : r.from > t) && !r.type.isError) return n < 0 ? Math.max(0, Math.min(r.to - 1, t - 25)) : Math.min(e.length, Math.max(r.from + 1, t + 25));
		if (n < 0 ? r.prevSibling() : r.nextSibling()) break;
		if (!r.parent()) return n < 0 ? 0 : e.length;
	}
}
var Ae = class {
	constructor(e, t) {
		this.fragments = e, this.minRepeat = t, this.i = 0, this.fragment = null, this.safeFrom = -1, this.safeTo = -1, this.trees = [], this.start = [], this.index = [], this.lastRepeat = null, this.lastRepeatPos = -1, this.nextFragment();
	}
	nextFragment() {
		let e = this.fragment = this.i == this.fragments.length ? null : this.fragments[this.i++];
		if (e) {
			for (this.safeFrom = e.openStart ? ke(e.tree, e.from + e.offset, 1) - e.offset : e.from, this.safeTo = e.openEnd ? ke(e.tree, e.to + e.offset, -1) - e.offset : e.to; this.trees.length;) this.trees.pop(), this.start.pop(), this.index.pop();
			this.trees.push(e.tree), this.start.push(-e.offset), this.index.push(0), this.nextStart = this.safeFrom;
		} else this.nextStart = 1e9;
	}
	nodeAt(e) {
		if (e < this.nextStart) return null;
		for (; this.fragment && this.safeTo <= e;) this.nextFragment();
		if (!this.fragment) return null;
		for (;;) {
			let t = this.trees.length - 1;
			if (t < 0) return this.nextFragment(), null;
			if (e < this.safeFrom) return null;
			let n = this.trees[t], i = this.index[t];
			if (i == n.children.length) {
				this.trees.pop(), this.start.pop(), this.index.pop();
				continue;
			}
			let a = n.children[i], o = this.start[t] + n.positions[i];
			if (o > e) return this.nextStart = o, null;
			if (a instanceof d) {
				let n = o > this.lastRepeatPos && a.type.id >= this.minRepeat;
				if (o == e || n) {
					let t = o + a.length, i;
					if (o >= this.safeFrom && t <= this.safeTo && (!(i = a.prop(r.lookAhead)) || t + i < this.fragment.to) && (n && (this.lastRepeat = a, this.lastRepeatPos = o), o == e)) return a;
				}
				this.index[t]++, o + a.length >= Math.max(this.safeFrom, e) && (this.trees.push(a), this.start.push(o), this.index.push(0));
			} else this.index[t]++, this.nextStart = o + a.length;
		}
	}
}, je = class {
	constructor(e, t) {
		this.stream = t, this.tokens = [], this.mainToken = null, this.actions = [], this.tokens = e.tokenizers.map((e) => new ve());
	}
	getActions(e) {
		let t = 0, n = null, { parser: r } = e.p, { tokenizers: i } = r, a = r.stateSlot(e.state, 3), o = e.curContext ? e.curContext.hash : 0, s = 0;
		for (let r = 0; r < i.length; r++) {
			if (!(1 << r & a)) continue;
			let c = i[r], l = this.tokens[r];
			if ((!n || c.fallback) && ((c.contextual || l.start != e.pos || l.mask != a || l.context != o) && (this.updateCachedToken(l, c, e), l.mask = a, l.context = o), l.lookAhead > l.end + 25 && (s = Math.max(l.lookAhead, s)), l.value != 0)) {
				let r = t;
				if (l.extended > -1 && (t = this.addActions(e, l.extended, l.end, t)), t = this.addActions(e, l.value, l.end, t), !c.extend && (n = l, t > r)) break;
			}
		}
		for (; this.actions.length > t;) this.actions.pop();
		return s && e.setLookAhead(s), !n && e.pos == this.stream.end && (n = new ve(), n.value = e.p.parser.eofTerm, n.start = n.end = e.pos, t = this.addActions(e, n.value, n.end, t)), this.mainToken = n, this.actions;
	}
	getMainToken(e) {
		if (this.mainToken) return this.mainToken;
		let t = new ve(), { pos: n, p: r } = e;
		return t.start = n, t.end = Math.min(n + 1, r.stream.end), t.value = n == r.stream.end ? r.parser.eofTerm : 0, t;
	}
	updateCachedToken(e, t, n) {
		let r = this.stream.clipPos(n.pos);
		if (t.token(this.stream.reset(r, e), n), e.value > -1) {
			let { parser: t } = n.p;
			for (let r = 0; r < t.specialized.length; r++) if (t.specialized[r] == e.value) {
				let i = t.specializers[r](this.stream.read(e.start, e.end), n);
				if (i >= 0 && n.p.parser.dialect.allows(i >> 1)) {
					i & 1 ? e.extended = i >> 1 : e.value = i >> 1;
					break;
				}
			}
		} else e.value = 0, e.end = this.stream.clipPos(r + 1);
	}
	putAction(e, t, n, r) {
		for (let t = 0; t < r; t += 3) if (this.actions[t] == e) return r;
		return this.actions[r++] = e, this.actions[r++] = t, this.actions[r++] = n, r;
	}
	addActions(e, t, n, r) {
		let { state: i } = e, { parser: a } = e.p, { data: o } = a;
		for (let e = 0; e < 2; e++) for (let s = a.stateSlot(i, e ? 2 : 1);; s += 3) {
			if (o[s] == 65535) {
				if (o[s + 1] == 1) s = Re(o, s + 2);
				else {
					r == 0 && o[s + 1] == 2 && (r = this.putAction(Re(o, s + 2), t, n, r));
					break;
				}
			}
			o[s] == t && (r = this.putAction(Re(o, s + 1), t, n, r));
		}
		return r;
	}
}, Me = class {
	constructor(e, t, n, r) {
		this.parser = e, this.input = t, this.ranges = r, this.recovering = 0, this.nextStackID = 9812, this.minStackPos = 0, this.reused = [], this.stoppedAt = null, this.lastBigReductionStart = -1, this.lastBigReductionSize = 0, this.bigReductionCount = 0, this.stream = new be(t, r), this.tokens = new je(e, this.stream), this.topTerm = e.top[1];
		let { from: i } = r[0];
		this.stacks = [pe.start(this, e.top[0], i)], this.fragments = n.length && this.stream.end - i > e.bufferLength * 4 ? new Ae(n, e.minRepeatTerm) : null;
	}
	get parsedPos() {
		return this.minStackPos;
	}
	advance() {
		let e = this.stacks, t = this.minStackPos, n = this.stacks = [], r, i;
		if (this.bigReductionCount > 300 && e.length == 1) {
			let [t] = e;
			for (; t.forceReduce() && t.stack.length && t.stack[t.stack.length - 2] >= this.lastBigReductionStart;);
			this.bigReductionCount = this.lastBigReductionSize = 0;
		}
		for (let a = 0; a < e.length; a++) {
			let o = e[a];
			for (;;) {
				if (this.tokens.mainToken = null, o.pos > t) n.push(o);
				else if (this.advanceStack(o, n, e)) continue;
				else {
					r || (r = [], i = []), r.push(o);
					let e = this.tokens.getMainToken(o);
					i.push(e.value, e.end);
				}
				break;
			}
		}
		if (!n.length) {
			let e = r && ze(r);
			if (e) return De && console.log(`Finish with ` + this.stackID(e)), this.stackToTree(e);
			if (this.parser.strict) throw De && r && console.log(`Stuck with token ` + (this.tokens.mainToken ? this.parser.getName(this.tokens.mainToken.value) : `none`)), SyntaxError(`No parse at ` + t);
			this.recovering ||= 5;
		}
		if (this.recovering && r) {
			let e = this.stoppedAt != null && r[0].pos > this.stoppedAt ? r[0] : this.runRecovery(r, i, n);
			if (e) return De && console.log(`Force-finish ` + this.stackID(e)), this.stackToTree(e.forceAll());
		}
		if (this.recovering) {
			let e = this.recovering == 1 ? 1 : this.recovering * 3;
			if (n.length > e) for (n.sort((e, t) => t.score - e.score); n.length > e;) n.pop();
			n.some((e) => e.reducePos > t) && this.recovering--;
		} else if (n.length > 1) {
			outer: for (let e = 0; e < n.length - 1; e++) {
				let t = n[e];
				for (let r = e + 1; r < n.length; r++) {
					let i = n[r];
					if (t.sameState(i) || t.buffer.length > 500 && i.buffer.length > 500) {
						if ((t.score - i.score || t.buffer.length - i.buffer.length) > 0) n.splice(r--, 1);
						else {
							n.splice(e--, 1);
							continue outer;
						}
					}
				}
			}
			n.length > 12 && (n.sort((e, t) => t.score - e.score), n.splice(12, n.length - 12));
		}
		this.minStackPos = n[0].pos;
		for (let e = 1; e < n.length; e++) n[e].pos < this.minStackPos && (this.minStackPos = n[e].pos);
		return null;
	}
	stopAt(e) {
		if (this.stoppedAt != null && this.stoppedAt < e) throw RangeError(`Can't move stoppedAt forward`);
		this.stoppedAt = e;
	}
	tryReuse(e, t, n, i) {
		if (!n) return null;
		let a = e.curContext && e.curContext.tracker.strict, o = a ? e.curContext.hash : 0;
		for (; n;) {
			let s = this.parser.nodeSet.types[n.type.id] == n.type ? this.parser.getGoto(e.state, n.type.id) : -1;
			if (s > -1 && n.length && (!a || (n.prop(r.contextHash) || 0) == o)) return e.useNode(n, s, t), n;
			if (n.children.length == 0 || n.positions[0] > 0) break;
			let c = n.children[0];
			if (c instanceof d && (!i || c.type.id >= this.parser.minRepeatTerm)) n = c;
			else break;
		}
		return null;
	}
	advanceStack(e, t, n) {
		let r = e.pos, { parser: i } = this, a = De ? this.stackID(e) + ` -> ` : ``;
		if (this.stoppedAt != null && r > this.stoppedAt) return e.forceReduce() ? e : null;
		if (this.fragments) {
			let t = e.reducePos < r && e.buffer.length && e.buffer[e.buffer.length - 2] <= e.reducePos && this.fragments.lastRepeatPos == e.reducePos && this.tryReuse(e, e.reducePos, this.fragments.lastRepeat, !0) || this.tryReuse(e, r, this.fragments.nodeAt(r), !1);
			if (t) return De && console.log(a + this.stackID(e) + ` (via reuse of ${i.getName(t.type.id)})`), !0;
		}
		let o = i.stateSlot(e.state, 4);
		if (o > 0) return e.reduce(o), De && console.log(a + this.stackID(e) + ` (via always-reduce ${i.getName(o & 65535)})`), !0;
		if (e.stack.length >= 8400) for (; e.stack.length > 6e3 && e.forceReduce(););
		let s = this.tokens.getActions(e);
		for (let o = 0; o < s.length;) {
			let c = s[o++], l = s[o++], u = s[o++], d = o == s.length || !n, f = d ? e : e.split(), p = this.tokens.mainToken;
			if (f.apply(c, l, p ? p.start : f.pos, u), De && console.log(a + this.stackID(f) + ` (via ${c & 65536 ? `reduce of ${i.getName(c & 65535)}` : `shift`} for ${i.getName(l)} @ ${r}${f == e ? `` : `, split`})`), d) return !0;
			f.pos > r ? t.push(f) : n.push(f);
		}
		return !1;
	}
	advanceFully(e, t) {
		let n = e.pos;
		for (;;) {
			if (!this.advanceStack(e, null, null)) return !1;
			if (e.pos > n) return Ne(e, t), !0;
		}
	}
	runRecovery(e, t, n) {
		let r = null, i = !1;
		for (let a = 0; a < e.length; a++) {
			let o = e[a], s = t[a << 1], c = t[(a << 1) + 1], l = De ? this.stackID(o) + ` -> ` : ``;
			if (o.deadEnd && (i || (i = !0, o.restart(), De && console.log(l + this.stackID(o) + ` (restarted)`), this.advanceFully(o, n)))) continue;
			let u = o.split(), d = l;
			for (let e = 0; e < 10 && u.forceReduce() && (De && console.log(d + this.stackID(u) + ` (via force-reduce)`), !this.advanceFully(u, n)); e++) De && (d = this.stackID(u) + ` -> `);
			for (let e of o.recoverByInsert(s)) De && console.log(l + this.stackID(e) + ` (via recover-insert)`), this.advanceFully(e, n);
			this.stream.end > o.pos ? (c == o.pos && (c++, s = 0), o.recoverByDelete(s, c), De && console.log(l + this.stackID(o) + ` (via recover-delete ${this.parser.getName(s)})`), Ne(o, n)) : (!r || r.score < u.score) && (r = u);
		}
		return r;
	}
	stackToTree(e) {
		return e.close(), d.build({
			buffer: ge.create(e),
			nodeSet: this.parser.nodeSet,
			topID: this.topTerm,
			maxBufferLength: this.parser.bufferLength,
			reused: this.reused,
			start: this.ranges[0].from,
			length: e.pos - this.ranges[0].from,
			minRepeatType: this.parser.minRepeatTerm
		});
	}
	stackID(e) {
		let t = (Oe ||= /* @__PURE__ */ new WeakMap()).get(e);
		return t || Oe.set(e, t = String.fromCodePoint(this.nextStackID++)), t + e;
	}
};
function Ne(e, t) {
	for (let n = 0; n < t.length; n++) {
		let r = t[n];
		if (r.pos == e.pos && r.sameState(e)) {
			t[n].score < e.score && (t[n] = e);
			return;
		}
	}
	t.push(e);
}
var Pe = class {
	constructor(e, t, n) {
		this.source = e, this.flags = t, this.disabled = n;
	}
	allows(e) {
		return !this.disabled || this.disabled[e] == 0;
	}
}, Fe = (e) => e, Ie = class {
	constructor(e) {
		this.start = e.start, this.shift = e.shift || Fe, this.reduce = e.reduce || Fe, this.reuse = e.reuse || Fe, this.hash = e.hash || (() => 0), this.strict = e.strict !== !1;
	}
}, Le = class t extends de {
	constructor(t) {
		if (super(), this.wrappers = [], t.version != 14) throw RangeError(`Parser version (${t.version}) doesn't match runtime version (14)`);
		let n = t.nodeNames.split(` `);
		this.minRepeatTerm = n.length;
		for (let e = 0; e < t.repeatNodeCount; e++) n.push(``);
		let i = Object.keys(t.topRules).map((e) => t.topRules[e][1]), a = [];
		for (let e = 0; e < n.length; e++) a.push([]);
		function c(e, t, n) {
			a[e].push([t, t.deserialize(String(n))]);
		}
		if (t.nodeProps) for (let e of t.nodeProps) {
			let t = e[0];
			typeof t == `string` && (t = r[t]);
			for (let n = 1; n < e.length;) {
				let r = e[n++];
				if (r >= 0) c(r, t, e[n++]);
				else {
					let i = e[n + -r];
					for (let a = -r; a > 0; a--) c(e[n++], t, i);
					n++;
				}
			}
		}
		this.nodeSet = new s(n.map((e, n) => o.define({
			name: n >= this.minRepeatTerm ? void 0 : e,
			id: n,
			props: a[n],
			top: i.indexOf(n) > -1,
			error: n == 0,
			skipped: t.skippedNodes && t.skippedNodes.indexOf(n) > -1
		}))), t.propSources && (this.nodeSet = this.nodeSet.extend(...t.propSources)), this.strict = !1, this.bufferLength = e;
		let l = _e(t.tokenData);
		this.context = t.context, this.specializerSpecs = t.specialized || [], this.specialized = new Uint16Array(this.specializerSpecs.length);
		for (let e = 0; e < this.specializerSpecs.length; e++) this.specialized[e] = this.specializerSpecs[e].term;
		this.specializers = this.specializerSpecs.map(Be), this.states = _e(t.states, Uint32Array), this.data = _e(t.stateData), this.goto = _e(t.goto), this.maxTerm = t.maxTerm, this.tokenizers = t.tokenizers.map((e) => typeof e == `number` ? new xe(l, e) : e), this.topRules = t.topRules, this.dialects = t.dialects || {}, this.dynamicPrecedences = t.dynamicPrecedences || null, this.tokenPrecTable = t.tokenPrec, this.termNames = t.termNames || null, this.maxNode = this.nodeSet.types.length - 1, this.dialect = this.parseDialect(), this.top = this.topRules[Object.keys(this.topRules)[0]];
	}
	createParse(e, t, n) {
		let r = new Me(this, e, t, n);
		for (let i of this.wrappers) r = i(r, e, t, n);
		return r;
	}
	getGoto(e, t, n = !1) {
		let r = this.goto;
		if (t >= r[0]) return -1;
		for (let i = r[t + 1];;) {
			let t = r[i++], a = t & 1, o = r[i++];
			if (a && n) return o;
			for (let n = i + (t >> 1); i < n; i++) if (r[i] == e) return o;
			if (a) return -1;
		}
	}
	hasAction(e, t) {
		let n = this.data;
		for (let r = 0; r < 2; r++) for (let i = this.stateSlot(e, r ? 2 : 1), a;; i += 3) {
			if ((a = n[i]) == 65535) {
				if (n[i + 1] == 1) a = n[i = Re(n, i + 2)];
				else if (n[i + 1] == 2) return Re(n, i + 2);
				else break;
			}
			if (a == t || a == 0) return Re(n, i + 1);
		}
		return 0;
	}
	stateSlot(e, t) {
		return this.states[e * 6 + t];
	}
	stateFlag(e, t) {
		return (this.stateSlot(e, 0) & t) > 0;
	}
	validAction(e, t) {
		return !!this.allActions(e, (e) => e == t || null);
	}
	allActions(e, t) {
		let n = this.stateSlot(e, 4), r = n ? t(n) : void 0;
		for (let n = this.stateSlot(e, 1); r == null; n += 3) {
			if (this.data[n] == 65535) {
				if (this.data[n + 1] == 1) n = Re(this.data, n + 2);
				else break;
			}
			r = t(Re(this.data, n + 1));
		}
		return r;
	}
	nextStates(e) {
		let t = [];
		for (let n = this.stateSlot(e, 1);; n += 3) {
			if (this.data[n] == 65535) {
				if (this.data[n + 1] == 1) n = Re(this.data, n + 2);
				else break;
			}
			if (!(this.data[n + 2] & 1)) {
				let e = this.data[n + 1];
				t.some((t, n) => n & 1 && t == e) || t.push(this.data[n], e);
			}
		}
		return t;
	}
	configure(e) {
		let n = Object.assign(Object.create(t.prototype), this);
		if (e.props && (n.nodeSet = this.nodeSet.extend(...e.props)), e.top) {
			let t = this.topRules[e.top];
			if (!t) throw RangeError(`Invalid top rule name ${e.top}`);
			n.top = t;
		}
		return e.tokenizers && (n.tokenizers = this.tokenizers.map((t) => {
			let n = e.tokenizers.find((e) => e.from == t);
			return n ? n.to : t;
		})), e.specializers && (n.specializers = this.specializers.slice(), n.specializerSpecs = this.specializerSpecs.map((t, r) => {
			let i = e.specializers.find((e) => e.from == t.external);
			if (!i) return t;
			let a = Object.assign(Object.assign({}, t), { external: i.to });
			return n.specializers[r] = Be(a), a;
		})), e.contextTracker && (n.context = e.contextTracker), e.dialect && (n.dialect = this.parseDialect(e.dialect)), e.strict != null && (n.strict = e.strict), e.wrap && (n.wrappers = n.wrappers.concat(e.wrap)), e.bufferLength != null && (n.bufferLength = e.bufferLength), n;
	}
	hasWrappers() {
		return this.wrappers.length > 0;
	}
	getName(e) {
		return this.termNames ? this.termNames[e] : String(e <= this.maxNode && this.nodeSet.types[e].name || e);
	}
	get eofTerm() {
		return this.maxNode + 1;
	}
	get topNode() {
		return this.nodeSet.types[this.top[1]];
	}
	dynamicPrecedence(e) {
		let t = this.dynamicPrecedences;
		return t == null ? 0 : t[e] || 0;
	}
	parseDialect(e) {
		let t = Object.keys(this.dialects), n = t.map(() => !1);
		if (e) for (let r of e.split(` `)) {
			let e = t.indexOf(r);
			e >= 0 && (n[e] = !0);
		}
		let r = null;
		for (let e = 0; e < t.length; e++) if (!n[e]) for (let n = this.dialects[t[e]], i; (i = this.data[n++]) != 65535;) (r ||= new Uint8Array(this.maxTerm + 1))[i] = 1;
		return new Pe(e, n, r);
	}
	static deserialize(e) {
		return new t(e);
	}
};
function Re(e, t) {
	return e[t] | e[t + 1] << 16;
}
function ze(e) {
	let t = null;
	for (let n of e) {
		let e = n.p.stoppedAt;
		(n.pos == n.p.stream.end || e != null && n.pos > e) && n.p.parser.stateFlag(n.state, 2) && (!t || t.score < n.score) && (t = n);
	}
	return t;
}
function Be(e) {
	if (e.external) {
		let t = +!!e.extend;
		return (n, r) => e.external(n, r) << 1 | t;
	}
	return e.get;
}
var Ve = 0, He = class e {
	constructor(e, t, n, r) {
		this.name = e, this.set = t, this.base = n, this.modified = r, this.id = Ve++;
	}
	toString() {
		let { name: e } = this;
		for (let t of this.modified) t.name && (e = `${t.name}(${e})`);
		return e;
	}
	static define(t, n) {
		let r = typeof t == `string` ? t : `?`;
		if (t instanceof e && (n = t), n?.base) throw Error(`Can not derive from a modified tag`);
		let i = new e(r, [], null, []);
		if (i.set.push(i), n) for (let e of n.set) i.set.push(e);
		return i;
	}
	static defineModifier(e) {
		let t = new We(e);
		return (e) => e.modified.indexOf(t) > -1 ? e : We.get(e.base || e, e.modified.concat(t).sort((e, t) => e.id - t.id));
	}
}, Ue = 0, We = class e {
	constructor(e) {
		this.name = e, this.instances = [], this.id = Ue++;
	}
	static get(t, n) {
		if (!n.length) return t;
		let r = n[0].instances.find((e) => e.base == t && Ge(n, e.modified));
		if (r) return r;
		let i = [], a = new He(t.name, i, t, n);
		for (let e of n) e.instances.push(a);
		let o = Ke(n);
		for (let n of t.set) if (!n.modified.length) for (let t of o) i.push(e.get(n, t));
		return a;
	}
};
function Ge(e, t) {
	return e.length == t.length && e.every((e, n) => e == t[n]);
}
function Ke(e) {
	let t = [[]];
	for (let n = 0; n < e.length; n++) for (let r = 0, i = t.length; r < i; r++) t.push(t[r].concat(e[n]));
	return t.sort((e, t) => t.length - e.length);
}
function qe(e) {
	let t = Object.create(null);
	for (let n in e) {
		let r = e[n];
		Array.isArray(r) || (r = [r]);
		for (let e of n.split(` `)) if (e) {
			let n = [], i = 2, a = e;
			for (let t = 0;;) {
				if (a == `...` && t > 0 && t + 3 == e.length) {
					i = 1;
					break;
				}
				let r = /^"(?:[^"\\]|\\.)*?"|[^\/!]+/.exec(a);
				if (!r) throw RangeError(`Invalid path: ` + e);
				if (n.push(r[0] == `*` ? `` : r[0][0] == `"` ? JSON.parse(r[0]) : r[0]), t += r[0].length, t == e.length) break;
				let o = e[t++];
				if (t == e.length && o == `!`) {
					i = 0;
					break;
				}
				if (o != `/`) throw RangeError(`Invalid path: ` + e);
				a = e.slice(t);
			}
			let o = n.length - 1, s = n[o];
			if (!s) throw RangeError(`Invalid path: ` + e);
			t[s] = new Ye(r, i, o > 0 ? n.slice(0, o) : null).sort(t[s]);
		}
	}
	return Je.add(t);
}
var Je = new r({ combine(e, t) {
	let n, r, i;
	for (; e || t;) {
		if (!e || t && e.depth <= t.depth ? (i = t, t = t.next) : (i = e, e = e.next), n && n.mode == i.mode && !i.context && !n.context) continue;
		let a = new Ye(i.tags, i.mode, i.context);
		n ? n.next = a : r = a, n = a;
	}
	return r;
} }), Ye = class {
	constructor(e, t, n, r) {
		this.tags = e, this.mode = t, this.context = n, this.next = r;
	}
	get opaque() {
		return this.mode == 0;
	}
	get inherit() {
		return this.mode == 1;
	}
	sort(e) {
		return !e || e.depth < this.depth ? (this.next = e, this) : (e.next = this.sort(e.next), e);
	}
	get depth() {
		return this.context ? this.context.length : 0;
	}
};
Ye.empty = new Ye([], 2, null);
function Xe(e, t) {
	let n = Object.create(null);
	for (let t of e) if (!Array.isArray(t.tag)) n[t.tag.id] = t.class;
	else for (let e of t.tag) n[e.id] = t.class;
	let { scope: r, all: i = null } = t || {};
	return {
		style: (e) => {
			let t = i;
			for (let r of e) for (let e of r.set) {
				let r = n[e.id];
				if (r) {
					t = t ? t + ` ` + r : r;
					break;
				}
			}
			return t;
		},
		scope: r
	};
}
function Ze(e, t) {
	let n = null;
	for (let r of e) {
		let e = r.style(t);
		e && (n = n ? n + ` ` + e : e);
	}
	return n;
}
function Qe(e, t, n, r = 0, i = e.length) {
	let a = new $e(r, Array.isArray(t) ? t : [t], n);
	a.highlightRange(e.cursor(), r, i, ``, a.highlighters), a.flush(i);
}
var $e = class {
	constructor(e, t, n) {
		this.at = e, this.highlighters = t, this.span = n, this.class = ``;
	}
	startSpan(e, t) {
		t != this.class && (this.flush(e), e > this.at && (this.at = e), this.class = t);
	}
	flush(e) {
		e > this.at && this.class && this.span(this.at, e, this.class);
	}
	highlightRange(e, t, n, i, a) {
		let { type: o, from: s, to: c } = e;
		if (s >= n || c <= t) return;
		o.isTop && (a = this.highlighters.filter((e) => !e.scope || e.scope(o)));
		let l = i, u = et(e) || Ye.empty, d = Ze(a, u.tags);
		if (d && (l && (l += ` `), l += d, u.mode == 1 && (i += (i ? ` ` : ``) + d)), this.startSpan(Math.max(t, s), l), u.opaque) return;
		let f = e.tree && e.tree.prop(r.mounted);
		if (f && f.overlay) {
			let r = e.node.enter(f.overlay[0].from + s, 1), o = this.highlighters.filter((e) => !e.scope || e.scope(f.tree.type)), u = e.firstChild();
			for (let d = 0, p = s;; d++) {
				let m = d < f.overlay.length ? f.overlay[d] : null, h = m ? m.from + s : c, g = Math.max(t, p), _ = Math.min(n, h);
				if (g < _ && u) for (; e.from < _ && (this.highlightRange(e, g, _, i, a), this.startSpan(Math.min(_, e.to), l), !(e.to >= h || !e.nextSibling())););
				if (!m || h > n) break;
				p = m.to + s, p > t && (this.highlightRange(r.cursor(), Math.max(t, m.from + s), Math.min(n, p), ``, o), this.startSpan(Math.min(n, p), l));
			}
			u && e.parent();
		} else if (e.firstChild()) {
			f && (i = ``);
			do
				if (!(e.to <= t)) {
					if (e.from >= n) break;
					this.highlightRange(e, t, n, i, a), this.startSpan(Math.min(n, e.to), l);
				}
			while (e.nextSibling());
			e.parent();
		}
	}
};
function et(e) {
	let t = e.type.prop(Je);
	for (; t && t.context && !e.matchContext(t.context);) t = t.next;
	return t || null;
}
var S = He.define, tt = S(), nt = S(), rt = S(nt), it = S(nt), at = S(), ot = S(at), st = S(at), ct = S(), lt = S(ct), ut = S(), dt = S(), ft = S(), pt = S(ft), mt = S(), C = {
	comment: tt,
	lineComment: S(tt),
	blockComment: S(tt),
	docComment: S(tt),
	name: nt,
	variableName: S(nt),
	typeName: rt,
	tagName: S(rt),
	propertyName: it,
	attributeName: S(it),
	className: S(nt),
	labelName: S(nt),
	namespace: S(nt),
	macroName: S(nt),
	literal: at,
	string: ot,
	docString: S(ot),
	character: S(ot),
	attributeValue: S(ot),
	number: st,
	integer: S(st),
	float: S(st),
	bool: S(at),
	regexp: S(at),
	escape: S(at),
	color: S(at),
	url: S(at),
	keyword: ut,
	self: S(ut),
	null: S(ut),
	atom: S(ut),
	unit: S(ut),
	modifier: S(ut),
	operatorKeyword: S(ut),
	controlKeyword: S(ut),
	definitionKeyword: S(ut),
	moduleKeyword: S(ut),
	operator: dt,
	derefOperator: S(dt),
	arithmeticOperator: S(dt),
	logicOperator: S(dt),
	bitwiseOperator: S(dt),
	compareOperator: S(dt),
	updateOperator: S(dt),
	definitionOperator: S(dt),
	typeOperator: S(dt),
	controlOperator: S(dt),
	punctuation: ft,
	separator: S(ft),
	bracket: pt,
	angleBracket: S(pt),
	squareBracket: S(pt),
	paren: S(pt),
	brace: S(pt),
	content: ct,
	heading: lt,
	heading1: S(lt),
	heading2: S(lt),
	heading3: S(lt),
	heading4: S(lt),
	heading5: S(lt),
	heading6: S(lt),
	contentSeparator: S(ct),
	list: S(ct),
	quote: S(ct),
	emphasis: S(ct),
	strong: S(ct),
	link: S(ct),
	monospace: S(ct),
	strikethrough: S(ct),
	inserted: S(),
	deleted: S(),
	changed: S(),
	invalid: S(),
	meta: mt,
	documentMeta: S(mt),
	annotation: S(mt),
	processingInstruction: S(mt),
	definition: He.defineModifier(`definition`),
	constant: He.defineModifier(`constant`),
	function: He.defineModifier(`function`),
	standard: He.defineModifier(`standard`),
	local: He.defineModifier(`local`),
	special: He.defineModifier(`special`)
};
for (let e in C) {
	let t = C[e];
	t instanceof He && (t.name = e);
}
Xe([
	{
		tag: C.link,
		class: `tok-link`
	},
	{
		tag: C.heading,
		class: `tok-heading`
	},
	{
		tag: C.emphasis,
		class: `tok-emphasis`
	},
	{
		tag: C.strong,
		class: `tok-strong`
	},
	{
		tag: C.keyword,
		class: `tok-keyword`
	},
	{
		tag: C.atom,
		class: `tok-atom`
	},
	{
		tag: C.bool,
		class: `tok-bool`
	},
	{
		tag: C.url,
		class: `tok-url`
	},
	{
		tag: C.labelName,
		class: `tok-labelName`
	},
	{
		tag: C.inserted,
		class: `tok-inserted`
	},
	{
		tag: C.deleted,
		class: `tok-deleted`
	},
	{
		tag: C.literal,
		class: `tok-literal`
	},
	{
		tag: C.string,
		class: `tok-string`
	},
	{
		tag: C.number,
		class: `tok-number`
	},
	{
		tag: [
			C.regexp,
			C.escape,
			C.special(C.string)
		],
		class: `tok-string2`
	},
	{
		tag: C.variableName,
		class: `tok-variableName`
	},
	{
		tag: C.local(C.variableName),
		class: `tok-variableName tok-local`
	},
	{
		tag: C.definition(C.variableName),
		class: `tok-variableName tok-definition`
	},
	{
		tag: C.special(C.variableName),
		class: `tok-variableName2`
	},
	{
		tag: C.definition(C.propertyName),
		class: `tok-propertyName tok-definition`
	},
	{
		tag: C.typeName,
		class: `tok-typeName`
	},
	{
		tag: C.namespace,
		class: `tok-namespace`
	},
	{
		tag: C.className,
		class: `tok-className`
	},
	{
		tag: C.macroName,
		class: `tok-macroName`
	},
	{
		tag: C.propertyName,
		class: `tok-propertyName`
	},
	{
		tag: C.operator,
		class: `tok-operator`
	},
	{
		tag: C.comment,
		class: `tok-comment`
	},
	{
		tag: C.meta,
		class: `tok-meta`
	},
	{
		tag: C.invalid,
		class: `tok-invalid`
	},
	{
		tag: C.punctuation,
		class: `tok-punctuation`
	}
]);
var ht = 1, gt = 194, _t = 195, vt = 196, yt = 197, bt = 198, xt = 199, St = 200, Ct = 2, wt = 3, Tt = 201, Et = 24, Dt = 25, Ot = 49, kt = 50, At = 55, jt = 56, Mt = 57, Nt = 59, Pt = 60, Ft = 61, It = 62, Lt = 63, Rt = 65, zt = 238, Bt = 71, Vt = 241, Ht = 242, Ut = 243, Wt = 244, Gt = 245, Kt = 246, qt = 247, Jt = 248, Yt = 72, Xt = 249, Zt = 250, Qt = 251, $t = 252, en = 253, tn = 254, nn = 255, rn = 256, an = 73, on = 77, sn = 263, cn = 112, ln = 130, un = 151, dn = 152, fn = 155, pn = 10, mn = 13, hn = 32, gn = 9, _n = 35, vn = 40, yn = 46, bn = 123, xn = 125, Sn = 39, Cn = 34, wn = 92, Tn = 111, En = 120, Dn = 78, On = 117, kn = 85, An = /* @__PURE__ */ new Set([
	Dt,
	Ot,
	kt,
	sn,
	Rt,
	ln,
	jt,
	Mt,
	zt,
	It,
	Lt,
	Yt,
	an,
	on,
	Pt,
	Ft,
	un,
	dn,
	fn,
	cn
]);
function jn(e) {
	return e == pn || e == mn;
}
function Mn(e) {
	return e >= 48 && e <= 57 || e >= 65 && e <= 70 || e >= 97 && e <= 102;
}
var Nn = new Ce((e, t) => {
	let n;
	if (e.next < 0) e.acceptToken(xt);
	else if (t.context.flags & Fn) jn(e.next) && e.acceptToken(bt, 1);
	else if (((n = e.peek(-1)) < 0 || jn(n)) && t.canShift(yt)) {
		let t = 0;
		for (; e.next == hn || e.next == gn;) e.advance(), t++;
		(e.next == pn || e.next == mn || e.next == _n) && e.acceptToken(yt, -t);
	} else jn(e.next) && e.acceptToken(vt, 1);
}, { contextual: !0 }), Pn = new Ce((e, t) => {
	let n = t.context;
	if (n.flags) return;
	let r = e.peek(-1);
	if (r == pn || r == mn) {
		let t = 0, r = 0;
		for (;;) {
			if (e.next == hn) t++;
			else if (e.next == gn) t += 8 - t % 8;
			else break;
			e.advance(), r++;
		}
		t != n.indent && e.next != pn && e.next != mn && e.next != _n && (t < n.indent ? e.acceptToken(_t, -r) : e.acceptToken(gt));
	}
}), Fn = 1, In = 2, Ln = 4, Rn = 8, zn = 16, Bn = 32;
function Vn(e, t, n) {
	this.parent = e, this.indent = t, this.flags = n, this.hash = (e ? e.hash + e.hash << 8 : 0) + t + (t << 4) + n + (n << 6);
}
var Hn = new Vn(null, 0, 0);
function Un(e) {
	let t = 0;
	for (let n = 0; n < e.length; n++) t += e.charCodeAt(n) == gn ? 8 - t % 8 : 1;
	return t;
}
var Wn = new Map([
	[Vt, 0],
	[Ht, Ln],
	[Ut, Rn],
	[Wt, 12],
	[Gt, zn],
	[Kt, 20],
	[qt, 24],
	[Jt, 28],
	[Xt, Bn],
	[Zt, 36],
	[Qt, 40],
	[$t, 44],
	[en, 48],
	[tn, 52],
	[nn, 56],
	[rn, 60]
].map(([e, t]) => [e, t | In])), Gn = new Ie({
	start: Hn,
	reduce(e, t, n, r) {
		return e.flags & Fn && An.has(t) || (t == Bt || t == Yt) && e.flags & In ? e.parent : e;
	},
	shift(e, t, n, r) {
		return t == gt ? new Vn(e, Un(r.read(r.pos, n.pos)), 0) : t == _t ? e.parent : t == Et || t == At || t == Nt || t == wt ? new Vn(e, 0, Fn) : Wn.has(t) ? new Vn(e, 0, Wn.get(t) | e.flags & Fn) : e;
	},
	hash(e) {
		return e.hash;
	}
}), Kn = new Ce((e) => {
	for (let t = 0; t < 5; t++) {
		if (e.next != `print`.charCodeAt(t)) return;
		e.advance();
	}
	if (!/\w/.test(String.fromCharCode(e.next))) for (let t = 0;; t++) {
		let n = e.peek(t);
		if (n != hn && n != gn) {
			n != vn && n != yn && n != pn && n != mn && n != _n && e.acceptToken(ht);
			return;
		}
	}
}), qn = new Ce((e, t) => {
	let { flags: n } = t.context, r = n & Ln ? Cn : Sn, i = (n & Rn) > 0, a = !(n & zn), o = (n & Bn) > 0, s = e.pos;
	for (; !(e.next < 0);) if (o && e.next == bn) {
		if (e.peek(1) == bn) e.advance(2);
		else {
			if (e.pos == s) {
				e.acceptToken(wt, 1);
				return;
			}
			break;
		}
	} else if (a && e.next == wn) {
		if (e.pos == s) {
			e.advance();
			let t = e.next;
			t >= 0 && (e.advance(), Jn(e, t)), e.acceptToken(Ct);
			return;
		}
		break;
	} else if (e.next == wn && !a && e.peek(1) > -1) e.advance(2);
	else if (e.next == r && (!i || e.peek(1) == r && e.peek(2) == r)) {
		if (e.pos == s) {
			e.acceptToken(Tt, i ? 3 : 1);
			return;
		}
		break;
	} else if (e.next == pn) {
		if (i) e.advance();
		else if (e.pos == s) {
			e.acceptToken(Tt);
			return;
		}
		break;
	} else e.advance();
	e.pos > s && e.acceptToken(St);
});
function Jn(e, t) {
	if (t == Tn) for (let t = 0; t < 2 && e.next >= 48 && e.next <= 55; t++) e.advance();
	else if (t == En) for (let t = 0; t < 2 && Mn(e.next); t++) e.advance();
	else if (t == On) for (let t = 0; t < 4 && Mn(e.next); t++) e.advance();
	else if (t == kn) for (let t = 0; t < 8 && Mn(e.next); t++) e.advance();
	else if (t == Dn && e.next == bn) {
		for (e.advance(); e.next >= 0 && e.next != xn && e.next != Sn && e.next != Cn && e.next != pn;) e.advance();
		e.next == xn && e.advance();
	}
}
var Yn = qe({
	"async \"*\" \"**\" FormatConversion FormatSpec": C.modifier,
	"for while if elif else try except finally return raise break continue with pass assert await yield match case": C.controlKeyword,
	"in not and or is del": C.operatorKeyword,
	"from def class global nonlocal lambda": C.definitionKeyword,
	import: C.moduleKeyword,
	"with as print": C.keyword,
	Boolean: C.bool,
	None: C.null,
	VariableName: C.variableName,
	"CallExpression/VariableName": C.function(C.variableName),
	"FunctionDefinition/VariableName": C.function(C.definition(C.variableName)),
	"ClassDefinition/VariableName": C.definition(C.className),
	PropertyName: C.propertyName,
	"CallExpression/MemberExpression/PropertyName": C.function(C.propertyName),
	Comment: C.lineComment,
	Number: C.number,
	String: C.string,
	FormatString: C.special(C.string),
	Escape: C.escape,
	UpdateOp: C.updateOperator,
	"ArithOp!": C.arithmeticOperator,
	BitOp: C.bitwiseOperator,
	CompareOp: C.compareOperator,
	AssignOp: C.definitionOperator,
	Ellipsis: C.punctuation,
	At: C.meta,
	"( )": C.paren,
	"[ ]": C.squareBracket,
	"{ }": C.brace,
	".": C.derefOperator,
	", ;": C.separator
}), Xn = {
	__proto__: null,
	await: 44,
	or: 54,
	and: 56,
	in: 60,
	not: 62,
	is: 64,
	if: 70,
	else: 72,
	lambda: 76,
	yield: 94,
	from: 96,
	async: 102,
	for: 104,
	None: 162,
	True: 164,
	False: 164,
	del: 178,
	pass: 182,
	break: 186,
	continue: 190,
	return: 194,
	raise: 202,
	import: 206,
	as: 208,
	global: 212,
	nonlocal: 214,
	assert: 218,
	type: 223,
	elif: 236,
	while: 240,
	try: 246,
	except: 248,
	finally: 250,
	with: 254,
	def: 258,
	class: 268,
	match: 279,
	case: 285
}, Zn = Le.deserialize({
	version: 14,
	states: "##jQ`QeOOP$}OSOOO&WQtO'#HUOOQS'#Co'#CoOOQS'#Cp'#CpO'vQdO'#CnO*UQtO'#HTOOQS'#HU'#HUOOQS'#DU'#DUOOQS'#HT'#HTO*rQdO'#D_O+VQdO'#DfO+gQdO'#DjO+zOWO'#DuO,VOWO'#DvO.[QtO'#GuOOQS'#Gu'#GuO'vQdO'#GtO0ZQtO'#GtOOQS'#Eb'#EbO0rQdO'#EcOOQS'#Gs'#GsO0|QdO'#GrOOQV'#Gr'#GrO1XQdO'#FYOOQS'#G^'#G^O1^QdO'#FXOOQV'#IS'#ISOOQV'#Gq'#GqOOQV'#Fq'#FqQ`QeOOO'vQdO'#CqO1lQdO'#C}O1sQdO'#DRO2RQdO'#HYO2cQtO'#EVO'vQdO'#EWOOQS'#EY'#EYOOQS'#E['#E[OOQS'#E^'#E^O2wQdO'#E`O3_QdO'#EdO3rQdO'#EfO3zQtO'#EfO1XQdO'#EiO0rQdO'#ElO1XQdO'#EnO0rQdO'#EtO0rQdO'#EwO4VQdO'#EyO4^QdO'#FOO4iQdO'#EzO0rQdO'#FOO1XQdO'#FQO1XQdO'#FVO4nQdO'#F[P4uOdO'#GpPOOO)CBd)CBdOOQS'#Ce'#CeOOQS'#Cf'#CfOOQS'#Cg'#CgOOQS'#Ch'#ChOOQS'#Ci'#CiOOQS'#Cj'#CjOOQS'#Cl'#ClO'vQdO,59OO'vQdO,59OO'vQdO,59OO'vQdO,59OO'vQdO,59OO'vQdO,59OO5TQdO'#DoOOQS,5:Y,5:YO5hQdO'#HdOOQS,5:],5:]O5uQ!fO,5:]O5zQtO,59YO1lQdO,59bO1lQdO,59bO1lQdO,59bO8jQdO,59bO8oQdO,59bO8vQdO,59jO8}QdO'#HTO:TQdO'#HSOOQS'#HS'#HSOOQS'#D['#D[O:lQdO,59aO'vQdO,59aO:zQdO,59aOOQS,59y,59yO;PQdO,5:RO'vQdO,5:ROOQS,5:Q,5:QO;_QdO,5:QO;dQdO,5:XO'vQdO,5:XO'vQdO,5:VOOQS,5:U,5:UO;uQdO,5:UO;zQdO,5:WOOOW'#Fy'#FyO<POWO,5:aOOQS,5:a,5:aO<[QdO'#HwOOOW'#Dw'#DwOOOW'#Fz'#FzO<lOWO,5:bOOQS,5:b,5:bOOQS'#F}'#F}O<zQtO,5:iO?lQtO,5=`O@VQ#xO,5=`O@vQtO,5=`OOQS,5:},5:}OA_QeO'#GWOBqQdO,5;^OOQV,5=^,5=^OB|QtO'#IPOCkQdO,5;tOOQS-E:[-E:[OOQV,5;s,5;sO4dQdO'#FQOOQV-E9o-E9oOCsQtO,59]OEzQtO,59iOFeQdO'#HVOFpQdO'#HVO1XQdO'#HVOF{QdO'#DTOGTQdO,59mOGYQdO'#HZO'vQdO'#HZO0rQdO,5=tOOQS,5=t,5=tO0rQdO'#EROOQS'#ES'#ESOGwQdO'#GPOHXQdO,58|OHXQdO,58|O*xQdO,5:oOHgQtO'#H]OOQS,5:r,5:rOOQS,5:z,5:zOHzQdO,5;OOI]QdO'#IOO1XQdO'#H}OOQS,5;Q,5;QOOQS'#GT'#GTOIqQtO,5;QOJPQdO,5;QOJUQdO'#IQOOQS,5;T,5;TOJdQdO'#H|OOQS,5;W,5;WOJuQdO,5;YO4iQdO,5;`O4iQdO,5;cOJ}QtO'#ITO'vQdO'#ITOKXQdO,5;eO4VQdO,5;eO0rQdO,5;jO1XQdO,5;lOK^QeO'#EuOLjQgO,5;fO!!kQdO'#IUO4iQdO,5;jO!!vQdO,5;lO!#OQdO,5;qO!#ZQtO,5;vO'vQdO,5;vPOOO,5=[,5=[P!#bOSO,5=[P!#jOdO,5=[O!&bQtO1G.jO!&iQtO1G.jO!)YQtO1G.jO!)dQtO1G.jO!+}QtO1G.jO!,bQtO1G.jO!,uQdO'#HcO!-TQtO'#GuO0rQdO'#HcO!-_QdO'#HbOOQS,5:Z,5:ZO!-gQdO,5:ZO!-lQdO'#HeO!-wQdO'#HeO!.[QdO,5>OOOQS'#Ds'#DsOOQS1G/w1G/wOOQS1G.|1G.|O!/[QtO1G.|O!/cQtO1G.|O1lQdO1G.|O!0OQdO1G/UOOQS'#DZ'#DZO0rQdO,59tOOQS1G.{1G.{O!0VQdO1G/eO!0gQdO1G/eO!0oQdO1G/fO'vQdO'#H[O!0tQdO'#H[O!0yQtO1G.{O!1ZQdO,59iO!2aQdO,5=zO!2qQdO,5=zO!2yQdO1G/mO!3OQtO1G/mOOQS1G/l1G/lO!3`QdO,5=uO!4VQdO,5=uO0rQdO1G/qO!4tQdO1G/sO!4yQtO1G/sO!5ZQtO1G/qOOQS1G/p1G/pOOQS1G/r1G/rOOOW-E9w-E9wOOQS1G/{1G/{O!5kQdO'#HxO0rQdO'#HxO!5|QdO,5>cOOOW-E9x-E9xOOQS1G/|1G/|OOQS-E9{-E9{O!6[Q#xO1G2zO!6{QtO1G2zO'vQdO,5<jOOQS,5<j,5<jOOQS-E9|-E9|OOQS,5<r,5<rOOQS-E:U-E:UOOQV1G0x1G0xO1XQdO'#GRO!7dQtO,5>kOOQS1G1`1G1`O!8RQdO1G1`OOQS'#DV'#DVO0rQdO,5=qOOQS,5=q,5=qO!8WQdO'#FrO!8cQdO,59oO!8kQdO1G/XO!8uQtO,5=uOOQS1G3`1G3`OOQS,5:m,5:mO!9fQdO'#GtOOQS,5<k,5<kOOQS-E9}-E9}O!9wQdO1G.hOOQS1G0Z1G0ZO!:VQdO,5=wO!:gQdO,5=wO0rQdO1G0jO0rQdO1G0jO!:xQdO,5>jO!;ZQdO,5>jO1XQdO,5>jO!;lQdO,5>iOOQS-E:R-E:RO!;qQdO1G0lO!;|QdO1G0lO!<RQdO,5>lO!<aQdO,5>lO!<oQdO,5>hO!=VQdO,5>hO!=hQdO'#EpO0rQdO1G0tO!=sQdO1G0tO!=xQgO1G0zO!AvQgO1G0}O!EqQdO,5>oO!E{QdO,5>oO!FTQtO,5>oO0rQdO1G1PO!F_QdO1G1PO4iQdO1G1UO!!vQdO1G1WOOQV,5;a,5;aO!FdQfO,5;aO!FiQgO1G1QO!JjQdO'#GZO4iQdO1G1QO4iQdO1G1QO!JzQdO,5>pO!KXQdO,5>pO1XQdO,5>pOOQV1G1U1G1UO!KaQdO'#FSO!KrQ!fO1G1WO!KzQdO1G1WOOQV1G1]1G1]O4iQdO1G1]O!LPQdO1G1]O!LXQdO'#F^OOQV1G1b1G1bO!#ZQtO1G1bPOOO1G2v1G2vP!L^OSO1G2vOOQS,5=},5=}OOQS'#Dp'#DpO0rQdO,5=}O!LfQdO,5=|O!LyQdO,5=|OOQS1G/u1G/uO!MRQdO,5>PO!McQdO,5>PO!MkQdO,5>PO!NOQdO,5>PO!N`QdO,5>POOQS1G3j1G3jOOQS7+$h7+$hO!8kQdO7+$pO#!RQdO1G.|O#!YQdO1G.|OOQS1G/`1G/`OOQS,5<`,5<`O'vQdO,5<`OOQS7+%P7+%PO#!aQdO7+%POOQS-E9r-E9rOOQS7+%Q7+%QO#!qQdO,5=vO'vQdO,5=vOOQS7+$g7+$gO#!vQdO7+%PO##OQdO7+%QO##TQdO1G3fOOQS7+%X7+%XO##eQdO1G3fO##mQdO7+%XOOQS,5<_,5<_O'vQdO,5<_O##rQdO1G3aOOQS-E9q-E9qO#$iQdO7+%]OOQS7+%_7+%_O#$wQdO1G3aO#%fQdO7+%_O#%kQdO1G3gO#%{QdO1G3gO#&TQdO7+%]O#&YQdO,5>dO#&sQdO,5>dO#&sQdO,5>dOOQS'#Dx'#DxO#'UO&jO'#DzO#'aO`O'#HyOOOW1G3}1G3}O#'fQdO1G3}O#'nQdO1G3}O#'yQ#xO7+(fO#(jQtO1G2UP#)TQdO'#GOOOQS,5<m,5<mOOQS-E:P-E:POOQS7+&z7+&zOOQS1G3]1G3]OOQS,5<^,5<^OOQS-E9p-E9pOOQS7+$s7+$sO#)bQdO,5=`O#){QdO,5=`O#*^QtO,5<aO#*qQdO1G3cOOQS-E9s-E9sOOQS7+&U7+&UO#+RQdO7+&UO#+aQdO,5<nO#+uQdO1G4UOOQS-E:Q-E:QO#,WQdO1G4UOOQS1G4T1G4TOOQS7+&W7+&WO#,iQdO7+&WOOQS,5<p,5<pO#,tQdO1G4WOOQS-E:S-E:SOOQS,5<l,5<lO#-SQdO1G4SOOQS-E:O-E:OO1XQdO'#EqO#-jQdO'#EqO#-uQdO'#IRO#-}QdO,5;[OOQS7+&`7+&`O0rQdO7+&`O#.SQgO7+&fO!JmQdO'#GXO4iQdO7+&fO4iQdO7+&iO#2QQtO,5<tO'vQdO,5<tO#2[QdO1G4ZOOQS-E:W-E:WO#2fQdO1G4ZO4iQdO7+&kO0rQdO7+&kOOQV7+&p7+&pO!KrQ!fO7+&rO!KzQdO7+&rO`QeO1G0{OOQV-E:X-E:XO4iQdO7+&lO4iQdO7+&lOOQV,5<u,5<uO#2nQdO,5<uO!JmQdO,5<uOOQV7+&l7+&lO#2yQgO7+&lO#6tQdO,5<vO#7PQdO1G4[OOQS-E:Y-E:YO#7^QdO1G4[O#7fQdO'#IWO#7tQdO'#IWO1XQdO'#IWOOQS'#IW'#IWO#8PQdO'#IVOOQS,5;n,5;nO#8XQdO,5;nO0rQdO'#FUOOQV7+&r7+&rO4iQdO7+&rOOQV7+&w7+&wO4iQdO7+&wO#8^QfO,5;xOOQV7+&|7+&|POOO7+(b7+(bO#8cQdO1G3iOOQS,5<c,5<cO#8qQdO1G3hOOQS-E9u-E9uO#9UQdO,5<dO#9aQdO,5<dO#9tQdO1G3kOOQS-E9v-E9vO#:UQdO1G3kO#:^QdO1G3kO#:nQdO1G3kO#:UQdO1G3kOOQS<<H[<<H[O#:yQtO1G1zOOQS<<Hk<<HkP#;WQdO'#FtO8vQdO1G3bO#;eQdO1G3bO#;jQdO<<HkOOQS<<Hl<<HlO#;zQdO7+)QOOQS<<Hs<<HsO#<[QtO1G1yP#<{QdO'#FsO#=YQdO7+)RO#=jQdO7+)RO#=rQdO<<HwO#=wQdO7+({OOQS<<Hy<<HyO#>nQdO,5<bO'vQdO,5<bOOQS-E9t-E9tOOQS<<Hw<<HwOOQS,5<g,5<gO0rQdO,5<gO#>sQdO1G4OOOQS-E9y-E9yO#?^QdO1G4OO<[QdO'#H{OOOO'#D{'#D{OOOO'#F|'#F|O#?oO&jO,5:fOOOW,5>e,5>eOOOW7+)i7+)iO#?zQdO7+)iO#@SQdO1G2zO#@mQdO1G2zP'vQdO'#FuO0rQdO<<IpO1XQdO1G2YP1XQdO'#GSO#AOQdO7+)pO#AaQdO7+)pOOQS<<Ir<<IrP1XQdO'#GUP0rQdO'#GQOOQS,5;],5;]O#ArQdO,5>mO#BQQdO,5>mOOQS1G0v1G0vOOQS<<Iz<<IzOOQV-E:V-E:VO4iQdO<<JQOOQV,5<s,5<sO4iQdO,5<sOOQV<<JQ<<JQOOQV<<JT<<JTO#BYQtO1G2`P#BdQdO'#GYO#BkQdO7+)uO#BuQgO<<JVO4iQdO<<JVOOQV<<J^<<J^O4iQdO<<J^O!KrQ!fO<<J^O#FpQgO7+&gOOQV<<JW<<JWO#FzQgO<<JWOOQV1G2a1G2aO1XQdO1G2aO#JuQdO1G2aO4iQdO<<JWO1XQdO1G2bP0rQdO'#G[O#KQQdO7+)vO#K_QdO7+)vOOQS'#FT'#FTO0rQdO,5>rO#KgQdO,5>rO#KrQdO,5>rO#K}QdO,5>qO#L`QdO,5>qOOQS1G1Y1G1YOOQS,5;p,5;pOOQV<<Jc<<JcO#LhQdO1G1dOOQS7+)T7+)TP#LmQdO'#FwO#L}QdO1G2OO#MbQdO1G2OO#MrQdO1G2OP#M}QdO'#FxO#N[QdO7+)VO#NlQdO7+)VO#NlQdO7+)VO#NtQdO7+)VO$ UQdO7+(|O8vQdO7+(|OOQSAN>VAN>VO$ oQdO<<LmOOQSAN>cAN>cO0rQdO1G1|O$!PQtO1G1|P$!ZQdO'#FvOOQS1G2R1G2RP$!hQdO'#F{O$!uQdO7+)jO$#`QdO,5>gOOOO-E9z-E9zOOOW<<MT<<MTO$#nQdO7+(fOOQSAN?[AN?[OOQS7+'t7+'tO$$XQdO<<M[OOQS,5<q,5<qO$$jQdO1G4XOOQS-E:T-E:TOOQVAN?lAN?lOOQV1G2_1G2_O4iQdOAN?qO$$xQgOAN?qOOQVAN?xAN?xO4iQdOAN?xOOQV<<JR<<JRO4iQdOAN?rO4iQdO7+'{OOQV7+'{7+'{O1XQdO7+'{OOQVAN?rAN?rOOQS7+'|7+'|O$(sQdO<<MbOOQS1G4^1G4^O0rQdO1G4^OOQS,5<w,5<wO$)QQdO1G4]OOQS-E:Z-E:ZOOQU'#G_'#G_O$)cQfO7+'OO$)nQdO'#F_O$*uQdO7+'jO$+VQdO7+'jOOQS7+'j7+'jO$+bQdO<<LqO$+rQdO<<LqO$+rQdO<<LqO$+zQdO'#H^OOQS<<Lh<<LhO$,UQdO<<LhOOQS7+'h7+'hOOQS'#D|'#D|OOOO1G4R1G4RO$,oQdO1G4RO$,wQdO1G4RP!=hQdO'#GVOOQVG25]G25]O4iQdOG25]OOQVG25dG25dOOQVG25^G25^OOQV<<Kg<<KgO4iQdO<<KgOOQS7+)x7+)xP$-SQdO'#G]OOQU-E:]-E:]OOQV<<Jj<<JjO$-vQtO'#FaOOQS'#Fc'#FcO$.WQdO'#FbO$.xQdO'#FbOOQS'#Fb'#FbO$.}QdO'#IYO$)nQdO'#FiO$)nQdO'#FiO$/fQdO'#FjO$)nQdO'#FkO$/mQdO'#IZOOQS'#IZ'#IZO$0[QdO,5;yOOQS<<KU<<KUO$0dQdO<<KUO$0tQdOANB]O$1UQdOANB]O$1^QdO'#H_OOQS'#H_'#H_O1sQdO'#DcO$1wQdO,5=xOOQSANBSANBSOOOO7+)m7+)mO$2`QdO7+)mOOQVLD*wLD*wOOQVANARANARO5uQ!fO'#GaO$2hQtO,5<SO$)nQdO'#FmOOQS,5<W,5<WOOQS'#Fd'#FdO$3YQdO,5;|O$3_QdO,5;|OOQS'#Fg'#FgO$)nQdO'#G`O$4PQdO,5<QO$4kQdO,5>tO$4{QdO,5>tO1XQdO,5<PO$5^QdO,5<TO$5cQdO,5<TO$)nQdO'#I[O$5hQdO'#I[O$5mQdO,5<UOOQS,5<V,5<VO0rQdO'#FpOOQU1G1e1G1eO4iQdO1G1eOOQSAN@pAN@pO$5rQdOG27wO$6SQdO,59}OOQS1G3d1G3dOOOO<<MX<<MXOOQS,5<{,5<{OOQS-E:_-E:_O$6XQtO'#FaO$6`QdO'#I]O$6nQdO'#I]O$6vQdO,5<XOOQS1G1h1G1hO$6{QdO1G1hO$7QQdO,5<zOOQS-E:^-E:^O$7lQdO,5=OO$8TQdO1G4`OOQS-E:b-E:bOOQS1G1k1G1kOOQS1G1o1G1oO$8eQdO,5>vO$)nQdO,5>vOOQS1G1p1G1pOOQS,5<[,5<[OOQU7+'P7+'PO$+zQdO1G/iO$)nQdO,5<YO$8sQdO,5>wO$8zQdO,5>wOOQS1G1s1G1sOOQS7+'S7+'SP$)nQdO'#GdO$9SQdO1G4bO$9^QdO1G4bO$9fQdO1G4bOOQS7+%T7+%TO$9tQdO1G1tO$:SQtO'#FaO$:ZQdO,5<}OOQS,5<},5<}O$:iQdO1G4cOOQS-E:a-E:aO$)nQdO,5<|O$:pQdO,5<|O$:uQdO7+)|OOQS-E:`-E:`O$;PQdO7+)|O$)nQdO,5<ZP$)nQdO'#GcO$;XQdO1G2hO$)nQdO1G2hP$;gQdO'#GbO$;nQdO<<MhO$;xQdO1G1uO$<WQdO7+(SO8vQdO'#C}O8vQdO,59bO8vQdO,59bO8vQdO,59bO$<fQtO,5=`O8vQdO1G.|O0rQdO1G/XO0rQdO7+$pP$<yQdO'#GOO'vQdO'#GtO$=WQdO,59bO$=]QdO,59bO$=dQdO,59mO$=iQdO1G/UO1sQdO'#DRO8vQdO,59j",
	stateData: "$>S~O%cOS%^OSSOS%]PQ~OPdOVaOfoOhYOopOs!POvqO!PrO!Q{O!T!SO!U!RO!XZO!][O!h`O!r`O!s`O!t`O!{tO!}uO#PvO#RwO#TxO#XyO#ZzO#^|O#_|O#a}O#c!OO#l!QO#o!TO#s!UO#u!VO#z!WO#}hO$P!XO%oRO%pRO%tSO%uWO&Z]O&[]O&]]O&^]O&_]O&`]O&a]O&b]O&c^O&d^O&e^O&f^O&g^O&h^O&i^O&j^O~O%]!YO~OV!aO_!aOa!bOh!iO!X!kO!f!mO%j![O%k!]O%l!^O%m!_O%n!_O%o!`O%p!`O%q!aO%r!aO%s!aO~Ok%xXl%xXm%xXn%xXo%xXp%xXs%xXz%xX{%xX!x%xX#g%xX%[%xX%_%xX%z%xXg%xX!T%xX!U%xX%{%xX!W%xX![%xX!Q%xX#[%xXt%xX!m%xX~P%SOfoOhYO!XZO!][O!h`O!r`O!s`O!t`O%oRO%pRO%tSO%uWO&Z]O&[]O&]]O&^]O&_]O&`]O&a]O&b]O&c^O&d^O&e^O&f^O&g^O&h^O&i^O&j^O~Oz%wX{%wX#g%wX%[%wX%_%wX%z%wX~Ok!pOl!qOm!oOn!oOo!rOp!sOs!tO!x%wX~P)pOV!zOg!|Oo0cOv0qO!PrO~P'vOV#OOo0cOv0qO!W#PO~P'vOV#SOa#TOo0cOv0qO![#UO~P'vOQ#XO%`#XO%a#ZO~OQ#^OR#[O%`#^O%a#`O~OV%iX_%iXa%iXh%iXk%iXl%iXm%iXn%iXo%iXp%iXs%iXz%iX!X%iX!f%iX%j%iX%k%iX%l%iX%m%iX%n%iX%o%iX%p%iX%q%iX%r%iX%s%iXg%iX!T%iX!U%iX~O&Z]O&[]O&]]O&^]O&_]O&`]O&a]O&b]O&c^O&d^O&e^O&f^O&g^O&h^O&i^O&j^O{%iX!x%iX#g%iX%[%iX%_%iX%z%iX%{%iX!W%iX![%iX!Q%iX#[%iXt%iX!m%iX~P,eOz#dO{%hX!x%hX#g%hX%[%hX%_%hX%z%hX~Oo0cOv0qO~P'vO#g#gO%[#iO%_#iO~O%uWO~O!T#nO#u!VO#z!WO#}hO~OopO~P'vOV#sOa#tO%uWO{wP~OV#xOo0cOv0qO!Q#yO~P'vO{#{O!x$QO%z#|O#g!yX%[!yX%_!yX~OV#xOo0cOv0qO#g#SX%[#SX%_#SX~P'vOo0cOv0qO#g#WX%[#WX%_#WX~P'vOh$WO%uWO~O!f$YO!r$YO%uWO~OV$eO~P'vO!U$gO#s$hO#u$iO~O{$jO~OV$qO~P'vOS$sO%[$rO%_$rO%c$tO~OV$}Oa$}Og%POo0cOv0qO~P'vOo0cOv0qO{%SO~P'vO&Y%UO~Oa!bOh!iO!X!kO!f!mOVba_bakbalbambanbaobapbasbazba{ba!xba#gba%[ba%_ba%jba%kba%lba%mba%nba%oba%pba%qba%rba%sba%zbagba!Tba!Uba%{ba!Wba![ba!Qba#[batba!mba~On%ZO~Oo%ZO~P'vOo0cO~P'vOk0eOl0fOm0dOn0dOo0mOp0nOs0rOg%wX!T%wX!U%wX%{%wX!W%wX![%wX!Q%wX#[%wX!m%wX~P)pO%{%]Og%vXz%vX!T%vX!U%vX!W%vX{%vX~Og%_Oz%`O!T%dO!U%cO~Og%_O~Oz%gO!T%dO!U%cO!W&SX~O!W%kO~Oz%lO{%nO!T%dO!U%cO![%}X~O![%rO~O![%sO~OQ#XO%`#XO%a%uO~OV%wOo0cOv0qO!PrO~P'vOQ#^OR#[O%`#^O%a%zO~OV!qa_!qaa!qah!qak!qal!qam!qan!qao!qap!qas!qaz!qa{!qa!X!qa!f!qa!x!qa#g!qa%[!qa%_!qa%j!qa%k!qa%l!qa%m!qa%n!qa%o!qa%p!qa%q!qa%r!qa%s!qa%z!qag!qa!T!qa!U!qa%{!qa!W!qa![!qa!Q!qa#[!qat!qa!m!qa~P#yOz%|O{%ha!x%ha#g%ha%[%ha%_%ha%z%ha~P%SOV&OOopOvqO{%ha!x%ha#g%ha%[%ha%_%ha%z%ha~P'vOz%|O{%ha!x%ha#g%ha%[%ha%_%ha%z%ha~OPdOVaOopOvqO!PrO!Q{O!{tO!}uO#PvO#RwO#TxO#XyO#ZzO#^|O#_|O#a}O#c!OO#g$zX%[$zX%_$zX~P'vO#g#gO%[&TO%_&TO~O!f&UOh&sX%[&sXz&sX#[&sX#g&sX%_&sX#Z&sXg&sX~Oh!iO%[&WO~Okealeameaneaoeapeaseazea{ea!xea#gea%[ea%_ea%zeagea!Tea!Uea%{ea!Wea![ea!Qea#[eatea!mea~P%SOsqazqa{qa#gqa%[qa%_qa%zqa~Ok!pOl!qOm!oOn!oOo!rOp!sO!xqa~PEcO%z&YOz%yX{%yX~O%uWOz%yX{%yX~Oz&]O{wX~O{&_O~Oz%lO#g%}X%[%}X%_%}Xg%}X{%}X![%}X!m%}X%z%}X~OV0lOo0cOv0qO!PrO~P'vO%z#|O#gUa%[Ua%_Ua~Oz&hO#g&PX%[&PX%_&PXn&PX~P%SOz&kO!Q&jO#g#Wa%[#Wa%_#Wa~Oz&lO#[&nO#g&rX%[&rX%_&rXg&rX~O!f$YO!r$YO#Z&qO%uWO~O#Z&qO~Oz&sO#g&tX%[&tX%_&tX~Oz&uO#g&pX%[&pX%_&pX{&pX~O!X&wO%z&xO~Oz&|On&wX~P%SOn'PO~OPdOVaOopOvqO!PrO!Q{O!{tO!}uO#PvO#RwO#TxO#XyO#ZzO#^|O#_|O#a}O#c!OO%['UO~P'vOt'YO#p'WO#q'XOP#naV#naf#nah#nao#nas#nav#na!P#na!Q#na!T#na!U#na!X#na!]#na!h#na!r#na!s#na!t#na!{#na!}#na#P#na#R#na#T#na#X#na#Z#na#^#na#_#na#a#na#c#na#l#na#o#na#s#na#u#na#z#na#}#na$P#na%X#na%o#na%p#na%t#na%u#na&Z#na&[#na&]#na&^#na&_#na&`#na&a#na&b#na&c#na&d#na&e#na&f#na&g#na&h#na&i#na&j#na%Z#na%_#na~Oz'ZO#[']O{&xX~Oh'_O!X&wO~Oh!iO{$jO!X&wO~O{'eO~P%SO%['hO%_'hO~OS'iO%['hO%_'hO~OV!aO_!aOa!bOh!iO!X!kO!f!mO%l!^O%m!_O%n!_O%o!`O%p!`O%q!aO%r!aO%s!aOkWilWimWinWioWipWisWizWi{Wi!xWi#gWi%[Wi%_Wi%jWi%zWigWi!TWi!UWi%{Wi!WWi![Wi!QWi#[WitWi!mWi~O%k!]O~P!#uO%kWi~P!#uOV!aO_!aOa!bOh!iO!X!kO!f!mO%o!`O%p!`O%q!aO%r!aO%s!aOkWilWimWinWioWipWisWizWi{Wi!xWi#gWi%[Wi%_Wi%jWi%kWi%lWi%zWigWi!TWi!UWi%{Wi!WWi![Wi!QWi#[WitWi!mWi~O%m!_O%n!_O~P!&pO%mWi%nWi~P!&pOa!bOh!iO!X!kO!f!mOkWilWimWinWioWipWisWizWi{Wi!xWi#gWi%[Wi%_Wi%jWi%kWi%lWi%mWi%nWi%oWi%pWi%zWigWi!TWi!UWi%{Wi!WWi![Wi!QWi#[WitWi!mWi~OV!aO_!aO%q!aO%r!aO%s!aO~P!)nOVWi_Wi%qWi%rWi%sWi~P!)nO!T%dO!U%cOg&VXz&VX~O%z'kO%{'kO~P,eOz'mOg&UX~Og'oO~Oz'pO{'rO!W&XX~Oo0cOv0qOz'pO{'sO!W&XX~P'vO!W'uO~Om!oOn!oOo!rOp!sOkjisjizji{ji!xji#gji%[ji%_ji%zji~Ol!qO~P!.aOlji~P!.aOk0eOl0fOm0dOn0dOo0mOp0nO~Ot'wO~P!/jOV'|Og'}Oo0cOv0qO~P'vOg'}Oz(OO~Og(QO~O!U(SO~Og(TOz(OO!T%dO!U%cO~P%SOk0eOl0fOm0dOn0dOo0mOp0nOgqa!Tqa!Uqa%{qa!Wqa![qa!Qqa#[qatqa!mqa~PEcOV'|Oo0cOv0qO!W&Sa~P'vOz(WO!W&Sa~O!W(XO~Oz(WO!T%dO!U%cO!W&Sa~P%SOV(]Oo0cOv0qO![%}a#g%}a%[%}a%_%}ag%}a{%}a!m%}a%z%}a~P'vOz(^O![%}a#g%}a%[%}a%_%}ag%}a{%}a!m%}a%z%}a~O![(aO~Oz(^O!T%dO!U%cO![%}a~P%SOz(dO!T%dO!U%cO![&Ta~P%SOz(gO{&lX![&lX!m&lX%z&lX~O{(kO![(mO!m(nO%z(jO~OV&OOopOvqO{%hi!x%hi#g%hi%[%hi%_%hi%z%hi~P'vOz(pO{%hi!x%hi#g%hi%[%hi%_%hi%z%hi~O!f&UOh&sa%[&saz&sa#[&sa#g&sa%_&sa#Z&sag&sa~O%[(uO~OV#sOa#tO%uWO~Oz&]O{wa~OopOvqO~P'vOz(^O#g%}a%[%}a%_%}ag%}a{%}a![%}a!m%}a%z%}a~P%SOz(zO#g%hX%[%hX%_%hX%z%hX~O%z#|O#gUi%[Ui%_Ui~O#g&Pa%[&Pa%_&Pan&Pa~P'vOz(}O#g&Pa%[&Pa%_&Pan&Pa~O%uWO#g&ra%[&ra%_&rag&ra~Oz)SO#g&ra%[&ra%_&rag&ra~Og)VO~OV)WOh$WO%uWO~O#Z)XO~O%uWO#g&ta%[&ta%_&ta~Oz)ZO#g&ta%[&ta%_&ta~Oo0cOv0qO#g&pa%[&pa%_&pa{&pa~P'vOz)^O#g&pa%[&pa%_&pa{&pa~OV)`Oa)`O%uWO~O%z)eO~Ot)hO#j)gOP#hiV#hif#hih#hio#his#hiv#hi!P#hi!Q#hi!T#hi!U#hi!X#hi!]#hi!h#hi!r#hi!s#hi!t#hi!{#hi!}#hi#P#hi#R#hi#T#hi#X#hi#Z#hi#^#hi#_#hi#a#hi#c#hi#l#hi#o#hi#s#hi#u#hi#z#hi#}#hi$P#hi%X#hi%o#hi%p#hi%t#hi%u#hi&Z#hi&[#hi&]#hi&^#hi&_#hi&`#hi&a#hi&b#hi&c#hi&d#hi&e#hi&f#hi&g#hi&h#hi&i#hi&j#hi%Z#hi%_#hi~Ot)iOP#kiV#kif#kih#kio#kis#kiv#ki!P#ki!Q#ki!T#ki!U#ki!X#ki!]#ki!h#ki!r#ki!s#ki!t#ki!{#ki!}#ki#P#ki#R#ki#T#ki#X#ki#Z#ki#^#ki#_#ki#a#ki#c#ki#l#ki#o#ki#s#ki#u#ki#z#ki#}#ki$P#ki%X#ki%o#ki%p#ki%t#ki%u#ki&Z#ki&[#ki&]#ki&^#ki&_#ki&`#ki&a#ki&b#ki&c#ki&d#ki&e#ki&f#ki&g#ki&h#ki&i#ki&j#ki%Z#ki%_#ki~OV)kOn&wa~P'vOz)lOn&wa~Oz)lOn&wa~P%SOn)pO~O%Y)tO~Ot)wO#p'WO#q)vOP#niV#nif#nih#nio#nis#niv#ni!P#ni!Q#ni!T#ni!U#ni!X#ni!]#ni!h#ni!r#ni!s#ni!t#ni!{#ni!}#ni#P#ni#R#ni#T#ni#X#ni#Z#ni#^#ni#_#ni#a#ni#c#ni#l#ni#o#ni#s#ni#u#ni#z#ni#}#ni$P#ni%X#ni%o#ni%p#ni%t#ni%u#ni&Z#ni&[#ni&]#ni&^#ni&_#ni&`#ni&a#ni&b#ni&c#ni&d#ni&e#ni&f#ni&g#ni&h#ni&i#ni&j#ni%Z#ni%_#ni~OV)zOo0cOv0qO{$jO~P'vOo0cOv0qO{&xa~P'vOz*OO{&xa~OV*SOa*TOg*WO%q*UO%uWO~O{$jO&{*YO~Oh'_O~Oh!iO{$jO~O%[*_O~O%[*aO%_*aO~OV$}Oa$}Oo0cOv0qOg&Ua~P'vOz*dOg&Ua~Oo0cOv0qO{*gO!W&Xa~P'vOz*hO!W&Xa~Oo0cOv0qOz*hO{*kO!W&Xa~P'vOo0cOv0qOz*hO!W&Xa~P'vOz*hO{*kO!W&Xa~Om0dOn0dOo0mOp0nOgjikjisjizji!Tji!Uji%{ji!Wji{ji![ji#gji%[ji%_ji!Qji#[jitji!mji%zji~Ol0fO~P!NkOlji~P!NkOV'|Og*pOo0cOv0qO~P'vOn*rO~Og*pOz*tO~Og*uO~OV'|Oo0cOv0qO!W&Si~P'vOz*vO!W&Si~O!W*wO~OV(]Oo0cOv0qO![%}i#g%}i%[%}i%_%}ig%}i{%}i!m%}i%z%}i~P'vOz*zO!T%dO!U%cO![&Ti~Oz*}O![%}i#g%}i%[%}i%_%}ig%}i{%}i!m%}i%z%}i~O![+OO~Oa+QOo0cOv0qO![&Ti~P'vOz*zO![&Ti~O![+SO~OV+UOo0cOv0qO{&la![&la!m&la%z&la~P'vOz+VO{&la![&la!m&la%z&la~O!]+YO&n+[O![!nX~O![+^O~O{(kO![+_O~O{(kO![+_O!m+`O~OV&OOopOvqO{%hq!x%hq#g%hq%[%hq%_%hq%z%hq~P'vOz$ri{$ri!x$ri#g$ri%[$ri%_$ri%z$ri~P%SOV&OOopOvqO~P'vOV&OOo0cOv0qO#g%ha%[%ha%_%ha%z%ha~P'vOz+aO#g%ha%[%ha%_%ha%z%ha~Oz$ia#g$ia%[$ia%_$ian$ia~P%SO#g&Pi%[&Pi%_&Pin&Pi~P'vOz+dO#g#Wq%[#Wq%_#Wq~O#[+eOz$va#g$va%[$va%_$vag$va~O%uWO#g&ri%[&ri%_&rig&ri~Oz+gO#g&ri%[&ri%_&rig&ri~OV+iOh$WO%uWO~O%uWO#g&ti%[&ti%_&ti~Oo0cOv0qO#g&pi%[&pi%_&pi{&pi~P'vO{#{Oz#eX!W#eX~Oz+mO!W&uX~O!W+oO~Ot+rO#j)gOP#hqV#hqf#hqh#hqo#hqs#hqv#hq!P#hq!Q#hq!T#hq!U#hq!X#hq!]#hq!h#hq!r#hq!s#hq!t#hq!{#hq!}#hq#P#hq#R#hq#T#hq#X#hq#Z#hq#^#hq#_#hq#a#hq#c#hq#l#hq#o#hq#s#hq#u#hq#z#hq#}#hq$P#hq%X#hq%o#hq%p#hq%t#hq%u#hq&Z#hq&[#hq&]#hq&^#hq&_#hq&`#hq&a#hq&b#hq&c#hq&d#hq&e#hq&f#hq&g#hq&h#hq&i#hq&j#hq%Z#hq%_#hq~On$|az$|a~P%SOV)kOn&wi~P'vOz+yOn&wi~Oz,TO{$jO#[,TO~O#q,VOP#nqV#nqf#nqh#nqo#nqs#nqv#nq!P#nq!Q#nq!T#nq!U#nq!X#nq!]#nq!h#nq!r#nq!s#nq!t#nq!{#nq!}#nq#P#nq#R#nq#T#nq#X#nq#Z#nq#^#nq#_#nq#a#nq#c#nq#l#nq#o#nq#s#nq#u#nq#z#nq#}#nq$P#nq%X#nq%o#nq%p#nq%t#nq%u#nq&Z#nq&[#nq&]#nq&^#nq&_#nq&`#nq&a#nq&b#nq&c#nq&d#nq&e#nq&f#nq&g#nq&h#nq&i#nq&j#nq%Z#nq%_#nq~O#[,WOz%Oa{%Oa~Oo0cOv0qO{&xi~P'vOz,YO{&xi~O{#{O%z,[Og&zXz&zX~O%uWOg&zXz&zX~Oz,`Og&yX~Og,bO~O%Y,eO~O!T%dO!U%cOg&Viz&Vi~OV$}Oa$}Oo0cOv0qOg&Ui~P'vO{,hOz$la!W$la~Oo0cOv0qO{,iOz$la!W$la~P'vOo0cOv0qO{*gO!W&Xi~P'vOz,lO!W&Xi~Oo0cOv0qOz,lO!W&Xi~P'vOz,lO{,oO!W&Xi~Og$hiz$hi!W$hi~P%SOV'|Oo0cOv0qO~P'vOn,qO~OV'|Og,rOo0cOv0qO~P'vOV'|Oo0cOv0qO!W&Sq~P'vOz$gi![$gi#g$gi%[$gi%_$gig$gi{$gi!m$gi%z$gi~P%SOV(]Oo0cOv0qO~P'vOa+QOo0cOv0qO![&Tq~P'vOz,sO![&Tq~O![,tO~OV(]Oo0cOv0qO![%}q#g%}q%[%}q%_%}qg%}q{%}q!m%}q%z%}q~P'vO{,uO~OV+UOo0cOv0qO{&li![&li!m&li%z&li~P'vOz,zO{&li![&li!m&li%z&li~O!]+YO&n+[O![!na~O{(kO![,}O~OV&OOo0cOv0qO#g%hi%[%hi%_%hi%z%hi~P'vOz-OO#g%hi%[%hi%_%hi%z%hi~O%uWO#g&rq%[&rq%_&rqg&rq~Oz-RO#g&rq%[&rq%_&rqg&rq~OV)`Oa)`O%uWO!W&ua~Oz-TO!W&ua~On$|iz$|i~P%SOV)kO~P'vOV)kOn&wq~P'vOt-XOP#myV#myf#myh#myo#mys#myv#my!P#my!Q#my!T#my!U#my!X#my!]#my!h#my!r#my!s#my!t#my!{#my!}#my#P#my#R#my#T#my#X#my#Z#my#^#my#_#my#a#my#c#my#l#my#o#my#s#my#u#my#z#my#}#my$P#my%X#my%o#my%p#my%t#my%u#my&Z#my&[#my&]#my&^#my&_#my&`#my&a#my&b#my&c#my&d#my&e#my&f#my&g#my&h#my&i#my&j#my%Z#my%_#my~O%Z-]O%_-]O~P`O#q-^OP#nyV#nyf#nyh#nyo#nys#nyv#ny!P#ny!Q#ny!T#ny!U#ny!X#ny!]#ny!h#ny!r#ny!s#ny!t#ny!{#ny!}#ny#P#ny#R#ny#T#ny#X#ny#Z#ny#^#ny#_#ny#a#ny#c#ny#l#ny#o#ny#s#ny#u#ny#z#ny#}#ny$P#ny%X#ny%o#ny%p#ny%t#ny%u#ny&Z#ny&[#ny&]#ny&^#ny&_#ny&`#ny&a#ny&b#ny&c#ny&d#ny&e#ny&f#ny&g#ny&h#ny&i#ny&j#ny%Z#ny%_#ny~Oz-aO{$jO#[-aO~Oo0cOv0qO{&xq~P'vOz-dO{&xq~O%z,[Og&zaz&za~O{#{Og&zaz&za~OV*SOa*TO%q*UO%uWOg&ya~Oz-hOg&ya~O$S-lO~OV$}Oa$}Oo0cOv0qO~P'vOo0cOv0qO{-mOz$li!W$li~P'vOo0cOv0qOz$li!W$li~P'vO{-mOz$li!W$li~Oo0cOv0qO{*gO~P'vOo0cOv0qO{*gO!W&Xq~P'vOz-pO!W&Xq~Oo0cOv0qOz-pO!W&Xq~P'vOs-sO!T%dO!U%cOg&Oq!W&Oq![&Oqz&Oq~P!/jOa+QOo0cOv0qO![&Ty~P'vOz$ji![$ji~P%SOa+QOo0cOv0qO~P'vOV+UOo0cOv0qO~P'vOV+UOo0cOv0qO{&lq![&lq!m&lq%z&lq~P'vO{(kO![-xO!m-yO%z-wO~OV&OOo0cOv0qO#g%hq%[%hq%_%hq%z%hq~P'vO%uWO#g&ry%[&ry%_&ryg&ry~OV)`Oa)`O%uWO!W&ui~Ot-}OP#m!RV#m!Rf#m!Rh#m!Ro#m!Rs#m!Rv#m!R!P#m!R!Q#m!R!T#m!R!U#m!R!X#m!R!]#m!R!h#m!R!r#m!R!s#m!R!t#m!R!{#m!R!}#m!R#P#m!R#R#m!R#T#m!R#X#m!R#Z#m!R#^#m!R#_#m!R#a#m!R#c#m!R#l#m!R#o#m!R#s#m!R#u#m!R#z#m!R#}#m!R$P#m!R%X#m!R%o#m!R%p#m!R%t#m!R%u#m!R&Z#m!R&[#m!R&]#m!R&^#m!R&_#m!R&`#m!R&a#m!R&b#m!R&c#m!R&d#m!R&e#m!R&f#m!R&g#m!R&h#m!R&i#m!R&j#m!R%Z#m!R%_#m!R~Oo0cOv0qO{&xy~P'vOV*SOa*TO%q*UO%uWOg&yi~O$S-lO%Z.VO%_.VO~OV.aOh._O!X.^O!].`O!h.YO!s.[O!t.[O%p.XO%uWO&Z]O&[]O&]]O&^]O&_]O&`]O&a]O&b]O~Oo0cOv0qOz$lq!W$lq~P'vO{.fOz$lq!W$lq~Oo0cOv0qO{*gO!W&Xy~P'vOz.gO!W&Xy~Oo0cOv.kO~P'vOs-sO!T%dO!U%cOg&Oy!W&Oy![&Oyz&Oy~P!/jO{(kO![.nO~O{(kO![.nO!m.oO~OV*SOa*TO%q*UO%uWO~Oh.tO!f.rOz$TX#[$TX%j$TXg$TX~Os$TX{$TX!W$TX![$TX~P$-bO%o.vO%p.vOs$UXz$UX{$UX#[$UX%j$UX!W$UXg$UX![$UX~O!h.xO~Oz.|O#[/OO%j.yOs&|X{&|X!W&|Xg&|X~Oa/RO~P$)zOh.tOs&}Xz&}X{&}X#[&}X%j&}X!W&}Xg&}X![&}X~Os/VO{$jO~Oo0cOv0qOz$ly!W$ly~P'vOo0cOv0qO{*gO!W&X!R~P'vOz/ZO!W&X!R~Og&RXs&RX!T&RX!U&RX!W&RX![&RXz&RX~P!/jOs-sO!T%dO!U%cOg&Qa!W&Qa![&Qaz&Qa~O{(kO![/^O~O!f.rOh$[as$[az$[a{$[a#[$[a%j$[a!W$[ag$[a![$[a~O!h/eO~O%o.vO%p.vOs$Uaz$Ua{$Ua#[$Ua%j$Ua!W$Uag$Ua![$Ua~O%j.yOs$Yaz$Ya{$Ya#[$Ya!W$Yag$Ya![$Ya~Os&|a{&|a!W&|ag&|a~P$)nOz/jOs&|a{&|a!W&|ag&|a~O!W/mO~Og/mO~O{/oO~O![/pO~Oo0cOv0qO{*gO!W&X!Z~P'vO{/sO~O%z/tO~P$-bOz/uO#[/OO%j.yOg'PX~Oz/uOg'PX~Og/wO~O!h/xO~O#[/OOs%Saz%Sa{%Sa%j%Sa!W%Sag%Sa![%Sa~O#[/OO%j.yOs%Waz%Wa{%Wa!W%Wag%Wa~Os&|i{&|i!W&|ig&|i~P$)nOz/zO#[/OO%j.yO!['Oa~Og'Pa~P$)nOz0SOg'Pa~Oa0UO!['Oi~P$)zOz0WO!['Oi~Oz0WO#[/OO%j.yO!['Oi~O#[/OO%j.yOg$biz$bi~O%z0ZO~P$-bO#[/OO%j.yOg%Vaz%Va~Og'Pi~P$)nO{0^O~Oa0UO!['Oq~P$)zOz0`O!['Oq~O#[/OO%j.yOz%Ui![%Ui~Oa0UO~P$)zOa0UO!['Oy~P$)zO#[/OO%j.yOg$ciz$ci~O#[/OO%j.yOz%Uq![%Uq~Oz+aO#g%ha%[%ha%_%ha%z%ha~P%SOV&OOo0cOv0qO~P'vOn0hO~Oo0hO~P'vO{0iO~Ot0jO~P!/jO&]&Z&j&h&i&g&f&d&e&c&b&`&a&_&^&[%u~",
	goto: "!=j'QPPPPPP'RP'Z*s+[+t,_,y-fP.SP'Z.r.r'ZPPP'Z2[PPPPPP2[5PPP5PP7b7k=sPP=v>h>kPP'Z'ZPP>zPP'Z'ZPP'Z'Z'Z'Z'Z?O?w'ZP?zP@QDXGuGyPG|HWH['ZPPPH_Hk'RP'R'RP'RP'RP'RP'RP'R'R'RP'RPP'RPP'RP'RPHqH}IVPI^IdPI^PI^I^PPPI^PKrPK{LVL]KrPI^LfPI^PLmLsPLwM]MzNeLwLwNkNxLwLwLwLw! ^! d! g! l! o! y!!P!!]!!o!!u!#P!#V!#s!#y!$P!$Z!$a!$g!$y!%T!%Z!%a!%k!%q!%w!%}!&T!&Z!&e!&k!&u!&{!'U!'[!'k!'s!'}!(UPPPPPPPPPPP!([!(_!(e!(n!(x!)TPPPPPPPPPPPP!-u!/Z!3^!6oPP!6w!7W!7a!8Y!8P!8c!8i!8l!8o!8r!8z!9jPPPPPPPPPPPPPPPPP!9m!9q!9wP!:]!:a!:m!:v!;S!;j!;m!;p!;v!;|!<S!<VP!<_!<h!=d!=g]eOn#g$j)t,P'}`OTYZ[adnoprtxy}!P!Q!R!U!X!c!d!e!f!g!h!i!k!o!p!q!s!t!z#O#S#T#[#d#g#x#y#{#}$Q$e$g$h$j$q$}%S%Z%^%`%c%g%l%n%w%|&O&Z&_&h&j&k&u&x&|'P'W'Z'l'm'p'r's'w'|(O(S(W(](^(d(g(p(r(z(})^)e)g)k)l)p)t)z*O*Y*d*g*h*k*q*r*t*v*y*z*}+Q+U+V+Y+a+c+d+k+x+y,P,X,Y,],g,h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0l0n0r{!cQ#c#p$R$d$p%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g}!dQ#c#p$R$d$p$u%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g!P!eQ#c#p$R$d$p$u$v%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g!R!fQ#c#p$R$d$p$u$v$w%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g!T!gQ#c#p$R$d$p$u$v$w$x%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g!V!hQ#c#p$R$d$p$u$v$w$x$y%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g!Z!hQ!n#c#p$R$d$p$u$v$w$x$y$z%e%j%p%q&`'O'g(q(|)j*o*x+w,v0g'}TOTYZ[adnoprtxy}!P!Q!R!U!X!c!d!e!f!g!h!i!k!o!p!q!s!t!z#O#S#T#[#d#g#x#y#{#}$Q$e$g$h$j$q$}%S%Z%^%`%c%g%l%n%w%|&O&Z&_&h&j&k&u&x&|'P'W'Z'l'm'p'r's'w'|(O(S(W(](^(d(g(p(r(z(})^)e)g)k)l)p)t)z*O*Y*d*g*h*k*q*r*t*v*y*z*}+Q+U+V+Y+a+c+d+k+x+y,P,X,Y,],g,h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0l0n0r&eVOYZ[dnprxy}!P!Q!U!i!k!o!p!q!s!t#[#d#g#y#{#}$Q$h$j$}%S%Z%^%`%g%l%n%w%|&Z&_&j&k&u&x'P'W'Z'l'm'p'r's'w(O(W(^(d(g(p(r(z)^)e)g)p)t)z*O*Y*d*g*h*k*q*r*t*v*y*z*}+U+V+Y+a+d+k,P,X,Y,],g,h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0n0r%oXOYZ[dnrxy}!P!Q!U!i!k#[#d#g#y#{#}$Q$h$j$}%S%^%`%g%l%n%w%|&Z&_&j&k&u&x'P'W'Z'l'm'p'r's'w(O(W(^(d(g(p(r(z)^)e)g)p)t)z*O*Y*d*g*h*k*q*t*v*y*z*}+U+V+Y+a+d+k,P,X,Y,],g,h,i,k,l,o,s,u,w,y,z-O-d-f-m-p.f.g/V/Z0i0j0kQ#vqQ/[.kR0o0q't`OTYZ[adnoprtxy}!P!Q!R!U!X!c!d!e!f!g!h!k!o!p!q!s!t!z#O#S#T#[#d#g#x#y#{#}$Q$e$g$h$j$q$}%S%Z%^%`%c%g%l%n%w%|&O&Z&_&h&j&k&u&x&|'P'W'Z'l'p'r's'w'|(O(S(W(](^(d(g(p(r(z(})^)e)g)k)l)p)t)z*O*Y*g*h*k*q*r*t*v*y*z*}+Q+U+V+Y+a+c+d+k+x+y,P,X,Y,],h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0l0n0rh#jhz{$W$Z&l&q)S)X+f+g-RW#rq&].k0qQ$]|Q$a!OQ$n!VQ$o!WW$|!i'm*d,gS&[#s#tQ'S$iQ(s&UQ)U&nU)Y&s)Z+jW)a&w+m-T-{Q*Q']W*R'_,`-h.TQ+l)`S,_*S*TQ-Q+eQ-_,TQ-c,WQ.R-al.W-l.^._.a.z.|/R/j/o/t/y0U0Z0^Q/S.`Q/a.tQ/l/OU0P/u0S0[X0V/z0W0_0`R&Z#r!_!wYZ!P!Q!k%S%`%g'p'r's(O(W)g*g*h*k*q*t*v,h,i,k,l,o-m-p.f.g/ZR%^!vQ!{YQ%x#[Q&d#}Q&g$QR,{+YT.j-s/s!Y!jQ!n#c#p$R$d$p$u$v$w$x$y$z%e%j%p%q&`'O'g(q(|)j*o*x+w,v0gQ&X#kQ'c$oR*^'dR'l$|Q%V!mR/_.r'|_OTYZ[adnoprtxy}!P!Q!R!U!X!c!d!e!f!g!h!i!k!o!p!q!s!t!z#O#S#T#[#d#g#x#y#{#}$Q$e$g$h$j$q$}%S%Z%^%`%c%g%l%n%w%|&O&Z&_&h&j&k&u&x&|'P'W'Z'l'm'p'r's'w'|(O(S(W(](^(d(g(p(r(z(})^)e)g)k)l)p)t)z*O*Y*d*g*h*k*q*r*t*v*y*z*}+Q+U+V+Y+a+c+d+k+x+y,P,X,Y,],g,h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0l0n0rS#a_#b!P.[-l.^._.`.a.t.z.|/R/j/o/t/u/y/z0S0U0W0Z0[0^0_0`'|_OTYZ[adnoprtxy}!P!Q!R!U!X!c!d!e!f!g!h!i!k!o!p!q!s!t!z#O#S#T#[#d#g#x#y#{#}$Q$e$g$h$j$q$}%S%Z%^%`%c%g%l%n%w%|&O&Z&_&h&j&k&u&x&|'P'W'Z'l'm'p'r's'w'|(O(S(W(](^(d(g(p(r(z(})^)e)g)k)l)p)t)z*O*Y*d*g*h*k*q*r*t*v*y*z*}+Q+U+V+Y+a+c+d+k+x+y,P,X,Y,],g,h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0l0n0rT#a_#bT#^^#_R(o%xa(l%x(n(o+`,{-y-z.oT+[(k+]R-z,{Q$PsQ+l)aQ,^*RR-e,_X#}s$O$P&fQ&y$aQ'a$nQ'd$oR)s'SQ)b&wV-S+m-T-{ZgOn$j)t,PXkOn)t,PQ$k!TQ&z$bQ&{$cQ'^$mQ'b$oQ)q'RQ)x'WQ){'XQ)|'YQ*Z'`S*]'c'dQ+s)gQ+u)hQ+v)iQ+z)oS+|)r*[Q,Q)vQ,R)wS,S)y)zQ,d*^Q-V+rQ-W+tQ-Y+{S-Z+},OQ-`,UQ-b,VQ-|-XQ.O-[Q.P-^Q.Q-_Q.p-}Q.q.RQ/W.dR/r/XWkOn)t,PR#mjQ'`$nS)r'S'aR,O)sQ,]*RR-f,^Q*['`Q+})rR-[,OZiOjn)t,PQ'f$pR*`'gT-j,e-ku.c-l.^._.a.t.z.|/R/j/o/t/u/y0S0U0Z0[0^t.c-l.^._.a.t.z.|/R/j/o/t/u/y0S0U0Z0[0^Q/S.`X0V/z0W0_0`!P.Z-l.^._.`.a.t.z.|/R/j/o/t/u/y/z0S0U0W0Z0[0^0_0`Q.w.YR/f.xg.z.].{/b/i/n/|0O0Q0]0a0bu.b-l.^._.a.t.z.|/R/j/o/t/u/y0S0U0Z0[0^X.u.W.b/a0PR/c.tV0R/u0S0[R/X.dQnOS#on,PR,P)tQ&^#uR(x&^S%m#R#wS(_%m(bT(b%p&`Q%a!yQ%h!}W(P%a%h(U(YQ(U%eR(Y%jQ&i$RR)O&iQ(e%qQ*{(`T+R(e*{Q'n%OR*e'nS'q%R%SY*i'q*j,m-q.hU*j'r's'tU,m*k*l*mS-q,n,oR.h-rQ#Y]R%t#YQ#_^R%y#_Q(h%vS+W(h+XR+X(iQ+](kR,|+]Q#b_R%{#bQ#ebQ%}#cW&Q#e%}({+bQ({&cR+b0gQ$OsS&e$O&fR&f$PQ&v$_R)_&vQ&V#jR(t&VQ&m$VS)T&m+hR+h)UQ$Z{R&p$ZQ&t$]R)[&tQ+n)bR-U+nQ#hfR&S#hQ)f&zR+q)fQ&}$dS)m&})nR)n'OQ'V$kR)u'VQ'[$lS*P'[,ZR,Z*QQ,a*VR-i,aWjOn)t,PR#ljQ-k,eR.U-kd.{.]/b/i/n/|0O0Q0]0a0bR/h.{U.s.W/a0PR/`.sQ/{/nS0X/{0YR0Y/|S/v/b/cR0T/vQ.}.]R/k.}R!ZPXmOn)t,PWlOn)t,PR'T$jYfOn$j)t,PR&R#g[sOn#g$j)t,PR&d#}&dQOYZ[dnprxy}!P!Q!U!i!k!o!p!q!s!t#[#d#g#y#{#}$Q$h$j$}%S%Z%^%`%g%l%n%w%|&Z&_&j&k&u&x'P'W'Z'l'm'p'r's'w(O(W(^(d(g(p(r(z)^)e)g)p)t)z*O*Y*d*g*h*k*q*r*t*v*y*z*}+U+V+Y+a+d+k,P,X,Y,],g,h,i,k,l,o,q,s,u,w,y,z-O-d-f-m-p-s.f.g/V/Z/s0c0d0e0f0h0i0j0k0n0rQ!nTQ#caQ#poU$Rt%c(SS$d!R$gQ$p!XQ$u!cQ$v!dQ$w!eQ$x!fQ$y!gQ$z!hQ%e!zQ%j#OQ%p#SQ%q#TQ&`#xQ'O$eQ'g$qQ(q&OU(|&h(}+cW)j&|)l+x+yQ*o'|Q*x(]Q+w)kQ,v+QR0g0lQ!yYQ!}ZQ$b!PQ$c!QQ%R!kQ't%S^'{%`%g(O(W*q*t*v^*f'p*h,k,l-p.g/ZQ*l'rQ*m'sQ+t)gQ,j*gQ,n*kQ-n,hQ-o,iQ-r,oQ.e-mR/Y.f[bOn#g$j)t,P!^!vYZ!P!Q!k%S%`%g'p'r's(O(W)g*g*h*k*q*t*v,h,i,k,l,o-m-p.f.g/ZQ#R[Q#fdS#wrxQ$UyW$_}$Q'P)pS$l!U$hW${!i'm*d,gS%v#[+Y`&P#d%|(p(r(z+a-O0kQ&a#yQ&b#{Q&c#}Q'j$}Q'z%^W([%l(^*y*}Q(`%nQ(i%wQ(v&ZS(y&_0iQ)P&jQ)Q&kU)]&u)^+kQ)d&xQ)y'WY)}'Z*O,X,Y-dQ*b'lS*n'w0jW+P(d*z,s,wW+T(g+V,y,zQ+p)eQ,U)zQ,c*YQ,x+UQ-P+dQ-e,]Q-v,uQ.S-fR/q/VhUOn#d#g$j%|&_'w(p(r)t,P%U!uYZ[drxy}!P!Q!U!i!k#[#y#{#}$Q$h$}%S%^%`%g%l%n%w&Z&j&k&u&x'P'W'Z'l'm'p'r's(O(W(^(d(g(z)^)e)g)p)z*O*Y*d*g*h*k*q*t*v*y*z*}+U+V+Y+a+d+k,X,Y,],g,h,i,k,l,o,s,u,w,y,z-O-d-f-m-p.f.g/V/Z0i0j0kQ#qpW%W!o!s0d0nQ%X!pQ%Y!qQ%[!tQ%f0cS'v%Z0hQ'x0eQ'y0fQ,p*rQ-u,qS.i-s/sR0p0rU#uq.k0qR(w&][cOn#g$j)t,PZ!xY#[#}$Q+YQ#W[Q#zrR$TxQ%b!yQ%i!}Q%o#RQ'j${Q(V%eQ(Z%jQ(c%pQ(f%qQ*|(`Q,f*bQ-t,pQ.m-uR/].lQ$StQ(R%cR*s(SQ.l-sR/}/sR#QZR#V[R%Q!iQ%O!iV*c'm*d,g!Z!lQ!n#c#p$R$d$p$u$v$w$x$y$z%e%j%p%q&`'O'g(q(|)j*o*x+w,v0gR%T!kT#]^#_Q%x#[R,{+YQ(m%xS+_(n(oQ,}+`Q-x,{S.n-y-zR/^.oT+Z(k+]Q$`}Q&g$QQ)o'PR+{)pQ$XzQ)W&qR+i)XQ$XzQ&o$WQ)W&qR+i)XQ#khW$Vz$W&q)XQ$[{Q&r$ZZ)R&l)S+f+g-RR$^|R)c&wXlOn)t,PQ$f!RR'Q$gQ$m!UR'R$hR*X'_Q*V'_V-g,`-h.TQ.d-lQ/P.^R/Q._U.]-l.^._Q/U.aQ/b.tQ/g.zU/i.|/j/yQ/n/RQ/|/oQ0O/tU0Q/u0S0[Q0]0UQ0a0ZR0b0^R/T.`R/d.t",
	nodeNames: `⚠ print Escape { Comment Script AssignStatement * BinaryExpression BitOp BitOp BitOp BitOp ArithOp ArithOp @ ArithOp ** UnaryExpression ArithOp BitOp AwaitExpression await ) ( ParenthesizedExpression BinaryExpression or and CompareOp in not is UnaryExpression ConditionalExpression if else LambdaExpression lambda ParamList VariableName AssignOp , : NamedExpression AssignOp YieldExpression yield from TupleExpression ComprehensionExpression async for LambdaExpression ] [ ArrayExpression ArrayComprehensionExpression } { DictionaryExpression DictionaryComprehensionExpression SetExpression SetComprehensionExpression CallExpression ArgList AssignOp MemberExpression . PropertyName Number String FormatString FormatReplacement FormatSelfDoc FormatConversion FormatSpec FormatReplacement FormatSelfDoc ContinuedString Ellipsis None Boolean TypeDef AssignOp UpdateStatement UpdateOp ExpressionStatement DeleteStatement del PassStatement pass BreakStatement break ContinueStatement continue ReturnStatement return YieldStatement PrintStatement RaiseStatement raise ImportStatement import as ScopeStatement global nonlocal AssertStatement assert TypeDefinition type TypeParamList TypeParam StatementGroup ; IfStatement Body elif WhileStatement while ForStatement TryStatement try except finally WithStatement with FunctionDefinition def ParamList AssignOp TypeDef ClassDefinition class DecoratedStatement Decorator At MatchStatement match MatchBody MatchClause case CapturePattern LiteralPattern ArithOp ArithOp AsPattern OrPattern LogicOp AttributePattern SequencePattern MappingPattern StarPattern ClassPattern PatternArgList KeywordPattern KeywordPattern Guard`,
	maxTerm: 277,
	context: Gn,
	nodeProps: [
		[
			`isolate`,
			-5,
			4,
			71,
			72,
			73,
			77,
			``
		],
		[
			`group`,
			-15,
			6,
			85,
			87,
			88,
			90,
			92,
			94,
			96,
			98,
			99,
			100,
			102,
			105,
			108,
			110,
			`Statement Statement`,
			-22,
			8,
			18,
			21,
			25,
			40,
			49,
			50,
			56,
			57,
			60,
			61,
			62,
			63,
			64,
			67,
			70,
			71,
			72,
			79,
			80,
			81,
			82,
			`Expression`,
			-10,
			114,
			116,
			119,
			121,
			122,
			126,
			128,
			133,
			135,
			138,
			`Statement`,
			-9,
			143,
			144,
			147,
			148,
			150,
			151,
			152,
			153,
			154,
			`Pattern`
		],
		[
			`openedBy`,
			23,
			`(`,
			54,
			`[`,
			58,
			`{`
		],
		[
			`closedBy`,
			24,
			`)`,
			55,
			`]`,
			59,
			`}`
		]
	],
	propSources: [Yn],
	skippedNodes: [0, 4],
	repeatNodeCount: 34,
	tokenData: "!2|~R!`OX%TXY%oY[%T[]%o]p%Tpq%oqr'ars)Yst*xtu%Tuv,dvw-hwx.Uxy/tyz0[z{0r{|2S|}2p}!O3W!O!P4_!P!Q:Z!Q!R;k!R![>_![!]Do!]!^Es!^!_FZ!_!`Gk!`!aHX!a!b%T!b!cIf!c!dJU!d!eK^!e!hJU!h!i!#f!i!tJU!t!u!,|!u!wJU!w!x!.t!x!}JU!}#O!0S#O#P&o#P#Q!0j#Q#R!1Q#R#SJU#S#T%T#T#UJU#U#VK^#V#YJU#Y#Z!#f#Z#fJU#f#g!,|#g#iJU#i#j!.t#j#oJU#o#p!1n#p#q!1s#q#r!2a#r#s!2f#s$g%T$g;'SJU;'S;=`KW<%lOJU`%YT&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%T`%lP;=`<%l%To%v]&n`%c_OX%TXY%oY[%T[]%o]p%Tpq%oq#O%T#O#P&o#P#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%To&tX&n`OY%TYZ%oZ]%T]^%o^#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tc'f[&n`O!_%T!_!`([!`#T%T#T#U(r#U#f%T#f#g(r#g#h(r#h#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tc(cTmR&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tc(yT!mR&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk)aV&n`&[ZOr%Trs)vs#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk){V&n`Or%Trs*bs#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk*iT&n`&^ZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%To+PZS_&n`OY*xYZ%TZ]*x]^%T^#o*x#o#p+r#p#q*x#q#r+r#r;'S*x;'S;=`,^<%lO*x_+wTS_OY+rZ]+r^;'S+r;'S;=`,W<%lO+r_,ZP;=`<%l+ro,aP;=`<%l*xj,kV%rQ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tj-XT!xY&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tj-oV%lQ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk.]V&n`&ZZOw%Twx.rx#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk.wV&n`Ow%Twx/^x#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk/eT&n`&]ZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk/{ThZ&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tc0cTgR&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk0yXVZ&n`Oz%Tz{1f{!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk1mVaR&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk2ZV%oZ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tc2wTzR&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%To3_W%pZ&n`O!_%T!_!`-Q!`!a3w!a#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Td4OT&{S&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk4fX!fQ&n`O!O%T!O!P5R!P!Q%T!Q![6T![#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk5WV&n`O!O%T!O!P5m!P#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk5tT!rZ&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti6[a!hX&n`O!Q%T!Q![6T![!g%T!g!h7a!h!l%T!l!m9s!m#R%T#R#S6T#S#X%T#X#Y7a#Y#^%T#^#_9s#_#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti7fZ&n`O{%T{|8X|}%T}!O8X!O!Q%T!Q![8s![#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti8^V&n`O!Q%T!Q![8s![#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti8z]!hX&n`O!Q%T!Q![8s![!l%T!l!m9s!m#R%T#R#S8s#S#^%T#^#_9s#_#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti9zT!hX&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk:bX%qR&n`O!P%T!P!Q:}!Q!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tj;UV%sQ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti;ro!hX&n`O!O%T!O!P=s!P!Q%T!Q![>_![!d%T!d!e?q!e!g%T!g!h7a!h!l%T!l!m9s!m!q%T!q!rA]!r!z%T!z!{Bq!{#R%T#R#S>_#S#U%T#U#V?q#V#X%T#X#Y7a#Y#^%T#^#_9s#_#c%T#c#dA]#d#l%T#l#mBq#m#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti=xV&n`O!Q%T!Q![6T![#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti>fc!hX&n`O!O%T!O!P=s!P!Q%T!Q![>_![!g%T!g!h7a!h!l%T!l!m9s!m#R%T#R#S>_#S#X%T#X#Y7a#Y#^%T#^#_9s#_#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti?vY&n`O!Q%T!Q!R@f!R!S@f!S#R%T#R#S@f#S#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Ti@mY!hX&n`O!Q%T!Q!R@f!R!S@f!S#R%T#R#S@f#S#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TiAbX&n`O!Q%T!Q!YA}!Y#R%T#R#SA}#S#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TiBUX!hX&n`O!Q%T!Q!YA}!Y#R%T#R#SA}#S#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TiBv]&n`O!Q%T!Q![Co![!c%T!c!iCo!i#R%T#R#SCo#S#T%T#T#ZCo#Z#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TiCv]!hX&n`O!Q%T!Q![Co![!c%T!c!iCo!i#R%T#R#SCo#S#T%T#T#ZCo#Z#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%ToDvV{_&n`O!_%T!_!`E]!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TcEdT%{R&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TkEzT#gZ&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TkFbXmR&n`O!^%T!^!_F}!_!`([!`!a([!a#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TjGUV%mQ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TkGrV%zZ&n`O!_%T!_!`([!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TkH`WmR&n`O!_%T!_!`([!`!aHx!a#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TjIPV%nQ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TkIoV_Q#}P&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%ToJ_]&n`&YS%uZO!Q%T!Q![JU![!c%T!c!}JU!}#R%T#R#SJU#S#T%T#T#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUoKZP;=`<%lJUoKge&n`&YS%uZOr%Trs)Ysw%Twx.Ux!Q%T!Q![JU![!c%T!c!tJU!t!uLx!u!}JU!}#R%T#R#SJU#S#T%T#T#fJU#f#gLx#g#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUoMRa&n`&YS%uZOr%TrsNWsw%Twx! vx!Q%T!Q![JU![!c%T!c!}JU!}#R%T#R#SJU#S#T%T#T#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUkN_V&n`&`ZOr%TrsNts#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%TkNyV&n`Or%Trs! `s#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk! gT&n`&bZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk! }V&n`&_ZOw%Twx!!dx#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!!iV&n`Ow%Twx!#Ox#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!#VT&n`&aZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%To!#oe&n`&YS%uZOr%Trs!%Qsw%Twx!&px!Q%T!Q![JU![!c%T!c!tJU!t!u!(`!u!}JU!}#R%T#R#SJU#S#T%T#T#fJU#f#g!(`#g#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUk!%XV&n`&dZOr%Trs!%ns#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!%sV&n`Or%Trs!&Ys#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!&aT&n`&fZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!&wV&n`&cZOw%Twx!'^x#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!'cV&n`Ow%Twx!'xx#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!(PT&n`&eZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%To!(ia&n`&YS%uZOr%Trs!)nsw%Twx!+^x!Q%T!Q![JU![!c%T!c!}JU!}#R%T#R#SJU#S#T%T#T#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUk!)uV&n`&hZOr%Trs!*[s#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!*aV&n`Or%Trs!*vs#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!*}T&n`&jZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!+eV&n`&gZOw%Twx!+zx#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!,PV&n`Ow%Twx!,fx#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tk!,mT&n`&iZO#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%To!-Vi&n`&YS%uZOr%TrsNWsw%Twx! vx!Q%T!Q![JU![!c%T!c!dJU!d!eLx!e!hJU!h!i!(`!i!}JU!}#R%T#R#SJU#S#T%T#T#UJU#U#VLx#V#YJU#Y#Z!(`#Z#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUo!.}a&n`&YS%uZOr%Trs)Ysw%Twx.Ux!Q%T!Q![JU![!c%T!c!}JU!}#R%T#R#SJU#S#T%T#T#oJU#p#q%T#r$g%T$g;'SJU;'S;=`KW<%lOJUk!0ZT!XZ&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tc!0qT!WR&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%Tj!1XV%kQ&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%T~!1sO!]~k!1zV%jR&n`O!_%T!_!`-Q!`#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%T~!2fO![~i!2mT%tX&n`O#o%T#p#q%T#r;'S%T;'S;=`%i<%lO%T",
	tokenizers: [
		Kn,
		Pn,
		Nn,
		qn,
		0,
		1,
		2,
		3,
		4
	],
	topRules: { Script: [0, 5] },
	specialized: [{
		term: 221,
		get: (e) => Xn[e] || -1
	}],
	tokenPrec: 7668
}), Qn = [], $n = [];
(() => {
	let e = `lc,34,7n,7,7b,19,,,,2,,2,,,20,b,1c,l,g,,2t,7,2,6,2,2,,4,z,,u,r,2j,b,1m,9,9,,o,4,,9,,3,,5,17,3,1n,9,16,o,,x,1i,3,,i,,7,a,2,t,3,1k,,,7,2,2,2,3,9,,a,2,q,,2,3,1k,,,5,4,2,2,3,3,,u,2,3,,b,3,1k,,,8,,3,,3,k,2,m,6,,3,1k,,,7,2,2,2,3,7,3,a,2,u,,1n,5,3,3,,4,9,,14,5,1j,,,7,,3,,4,7,2,b,2,t,3,1k,,,7,,3,,4,7,2,b,2,f,,c,4,1j,2,,7,,3,,4,9,,a,2,t,3,1y,,4,6,,,,8,i,2,1p,,,8,c,8,2q,,,a,b,7,21,2,r,,,,,,4,2,1d,k,,2,5,b,,10,9,,2u,b,,6,n,4,4,3,g,4,d,,,3,6,,f,,jj,3,qa,4,s,3,t,2,u,2,1s,w,9,,19,3,,,39,2,y,,3a,c,4,c,63,5,1l,a,,,,,2,o,2,,1c,1a,2,c,k,5,1b,h,12,9,c,3,u,d,1k,e,1c,k,48,3,,l,4,,6,,2,3,5i,1s,ek,,5f,x,2da,3,3x,,2o,w,fe,6,2x,2,n9w,4,,a,w,2,28,2,7k,,3,,4,,n,5,4,,2b,2,1e,i,q,i,d,,12,8,p,d,18,4,1b,e,10,,1v,e,c,,8,2,1a,,1f,,,3,2,2,5,2,,,15,5,5,2,6k,8,,2,fn4,,kh,g,g,g,a6,2,gt,,6a,,45,5,1ae,3,,2,5,4,14,3,4,,4l,2,fx,4,1t,5,8t,2,25,6,1y,b,1d,4,3e,3,1h,f,15,,2,2,a,4,19,b,7,,1p,3,10,e,g,2,18,,c,3,1c,e,8,4,,2,2k,c,6,,2,,4d,c,l,4,1j,2,,7,2,2,2,3,9,,a,2,2,7,3,5,1v,9,,,2,,,4,,5,,,e,2,2a,i,n,,29,k,6j,7,2,9,r,2,2a,h,2y,d,2t,3,2,a,74,f,6t,6,,2,2,4,,,,2,3x,7,2,7,3,,s,a,14,7,,4,8,,9,b,1a,g,5i,8,5j,8,,8,2a,m,,e,3e,6,3,,,2,,7,,,1u,5,,2,,5,9n,4,9,2,,,1c,7,3,5,n,,44l,,6,f,8ug,i,1xc,5,1n,7,t4,,,1j,7,4,29,,b,2,f57,2,3mp,1a,2,n,f2,5,3,6,8,8,2,7,u,4,44,3,1iz,1j,4,1e,8,,e,,m,5,,f,11s,7,,h,2,7,,2,,5,2s,,4g,7,af,,1p,4,e4,4,72,2,6r,,2,,7,2,5,,d6,7,31,7,240,5`.split(`,`).map((e) => e ? parseInt(e, 36) : 1);
	for (let t = 0, n = 0; t < e.length; t++) (t % 2 ? $n : Qn).push(n += e[t]);
})();
function er(e) {
	if (e < 768) return !1;
	for (let t = 0, n = Qn.length;;) {
		let r = t + n >> 1;
		if (e < Qn[r]) n = r;
		else if (e >= $n[r]) t = r + 1;
		else return !0;
		if (t == n) return !1;
	}
}
function tr(e) {
	return e >= 127462 && e <= 127487;
}
var nr = 8205;
function rr(e, t, n = !0, r = !0) {
	return (n ? ir : ar)(e, t, r);
}
function ir(e, t, n) {
	if (t == e.length) return t;
	t && sr(e.charCodeAt(t)) && cr(e.charCodeAt(t - 1)) && t--;
	let r = or(e, t);
	for (t += lr(r); t < e.length;) {
		let i = or(e, t);
		if (r == nr || i == nr || n && er(i)) t += lr(i), r = i;
		else if (tr(i)) {
			let n = 0, r = t - 2;
			for (; r >= 0 && tr(or(e, r));) n++, r -= 2;
			if (n % 2 == 0) break;
			t += 2;
		} else break;
	}
	return t;
}
function ar(e, t, n) {
	for (; t > 1;) {
		let r = ir(e, t - 2, n);
		if (r < t) return r;
		t--;
	}
	return 0;
}
function or(e, t) {
	let n = e.charCodeAt(t);
	if (!cr(n) || t + 1 == e.length) return n;
	let r = e.charCodeAt(t + 1);
	return sr(r) ? (n - 55296 << 10) + (r - 56320) + 65536 : n;
}
function sr(e) {
	return e >= 56320 && e < 57344;
}
function cr(e) {
	return e >= 55296 && e < 56320;
}
function lr(e) {
	return e < 65536 ? 1 : 2;
}
var w = class e {
	lineAt(e) {
		if (e < 0 || e > this.length) throw RangeError(`Invalid position ${e} in document of length ${this.length}`);
		return this.lineInner(e, !1, 1, 0);
	}
	line(e) {
		if (e < 1 || e > this.lines) throw RangeError(`Invalid line number ${e} in ${this.lines}-line document`);
		return this.lineInner(e, !0, 1, 0);
	}
	replace(e, t, n) {
		[e, t] = yr(this, e, t);
		let r = [];
		return this.decompose(0, e, r, 2), n.length && n.decompose(0, n.length, r, 3), this.decompose(t, this.length, r, 1), dr.from(r, this.length - (t - e) + n.length);
	}
	append(e) {
		return this.replace(this.length, this.length, e);
	}
	slice(e, t = this.length) {
		[e, t] = yr(this, e, t);
		let n = [];
		return this.decompose(e, t, n, 0), dr.from(n, t - e);
	}
	eq(e) {
		if (e == this) return !0;
		if (e.length != this.length || e.lines != this.lines) return !1;
		let t = this.scanIdentical(e, 1), n = this.length - this.scanIdentical(e, -1), r = new hr(this), i = new hr(e);
		for (let e = t, a = t;;) {
			if (r.next(e), i.next(e), e = 0, r.lineBreak != i.lineBreak || r.done != i.done || r.value != i.value) return !1;
			if (a += r.value.length, r.done || a >= n) return !0;
		}
	}
	iter(e = 1) {
		return new hr(this, e);
	}
	iterRange(e, t = this.length) {
		return new gr(this, e, t);
	}
	iterLines(e, t) {
		let n;
		if (e == null) n = this.iter();
		else {
			t ??= this.lines + 1;
			let r = this.line(e).from;
			n = this.iterRange(r, Math.max(r, t == this.lines + 1 ? this.length : t <= 1 ? 0 : this.line(t - 1).to));
		}
		return new _r(n);
	}
	toString() {
		return this.sliceString(0);
	}
	toJSON() {
		let e = [];
		return this.flatten(e), e;
	}
	constructor() {}
	static of(t) {
		if (t.length == 0) throw RangeError(`A document must have at least one line`);
		return t.length == 1 && !t[0] ? e.empty : t.length <= 32 ? new ur(t) : dr.from(ur.split(t, []));
	}
}, ur = class e extends w {
	constructor(e, t = fr(e)) {
		super(), this.text = e, this.length = t;
	}
	get lines() {
		return this.text.length;
	}
	get children() {
		return null;
	}
	lineInner(e, t, n, r) {
		for (let i = 0;; i++) {
			let a = this.text[i], o = r + a.length;
			if ((t ? n : o) >= e) return new vr(r, o, n, a);
			r = o + 1, n++;
		}
	}
	decompose(t, n, r, i) {
		let a = t <= 0 && n >= this.length ? this : new e(mr(this.text, t, n), Math.min(n, this.length) - Math.max(0, t));
		if (i & 1) {
			let t = r.pop(), n = pr(a.text, t.text.slice(), 0, a.length);
			if (n.length <= 32) r.push(new e(n, t.length + a.length));
			else {
				let t = n.length >> 1;
				r.push(new e(n.slice(0, t)), new e(n.slice(t)));
			}
		} else r.push(a);
	}
	replace(t, n, r) {
		if (!(r instanceof e)) return super.replace(t, n, r);
		[t, n] = yr(this, t, n);
		let i = pr(this.text, pr(r.text, mr(this.text, 0, t)), n), a = this.length + r.length - (n - t);
		return i.length <= 32 ? new e(i, a) : dr.from(e.split(i, []), a);
	}
	sliceString(e, t = this.length, n = `
`) {
		[e, t] = yr(this, e, t);
		let r = ``;
		for (let i = 0, a = 0; i <= t && a < this.text.length; a++) {
			let o = this.text[a], s = i + o.length;
			i > e && a && (r += n), e < s && t > i && (r += o.slice(Math.max(0, e - i), t - i)), i = s + 1;
		}
		return r;
	}
	flatten(e) {
		for (let t of this.text) e.push(t);
	}
	scanIdentical() {
		return 0;
	}
	static split(t, n) {
		let r = [], i = -1;
		for (let a of t) r.push(a), i += a.length + 1, r.length == 32 && (n.push(new e(r, i)), r = [], i = -1);
		return i > -1 && n.push(new e(r, i)), n;
	}
}, dr = class e extends w {
	constructor(e, t) {
		super(), this.children = e, this.length = t, this.lines = 0;
		for (let t of e) this.lines += t.lines;
	}
	lineInner(e, t, n, r) {
		for (let i = 0;; i++) {
			let a = this.children[i], o = r + a.length, s = n + a.lines - 1;
			if ((t ? s : o) >= e) return a.lineInner(e, t, n, r);
			r = o + 1, n = s + 1;
		}
	}
	decompose(e, t, n, r) {
		for (let i = 0, a = 0; a <= t && i < this.children.length; i++) {
			let o = this.children[i], s = a + o.length;
			if (e <= s && t >= a) {
				let i = r & (a <= e | (s >= t ? 2 : 0));
				a >= e && s <= t && !i ? n.push(o) : o.decompose(e - a, t - a, n, i);
			}
			a = s + 1;
		}
	}
	replace(t, n, r) {
		if ([t, n] = yr(this, t, n), r.lines < this.lines) for (let i = 0, a = 0; i < this.children.length; i++) {
			let o = this.children[i], s = a + o.length;
			if (t >= a && n <= s) {
				let c = o.replace(t - a, n - a, r), l = this.lines - o.lines + c.lines;
				if (c.lines < l >> 4 && c.lines > l >> 6) {
					let a = this.children.slice();
					return a[i] = c, new e(a, this.length - (n - t) + r.length);
				}
				return super.replace(a, s, c);
			}
			a = s + 1;
		}
		return super.replace(t, n, r);
	}
	sliceString(e, t = this.length, n = `
`) {
		[e, t] = yr(this, e, t);
		let r = ``;
		for (let i = 0, a = 0; i < this.children.length && a <= t; i++) {
			let o = this.children[i], s = a + o.length;
			a > e && i && (r += n), e < s && t > a && (r += o.sliceString(e - a, t - a, n)), a = s + 1;
		}
		return r;
	}
	flatten(e) {
		for (let t of this.children) t.flatten(e);
	}
	scanIdentical(t, n) {
		if (!(t instanceof e)) return 0;
		let r = 0, [i, a, o, s] = n > 0 ? [
			0,
			0,
			this.children.length,
			t.children.length
		] : [
			this.children.length - 1,
			t.children.length - 1,
			-1,
			-1
		];
		for (;; i += n, a += n) {
			if (i == o || a == s) return r;
			let e = this.children[i], c = t.children[a];
			if (e != c) return r + e.scanIdentical(c, n);
			r += e.length + 1;
		}
	}
	static from(t, n = t.reduce((e, t) => e + t.length + 1, -1)) {
		let r = 0;
		for (let e of t) r += e.lines;
		if (r < 32) {
			let e = [];
			for (let n of t) n.flatten(e);
			return new ur(e, n);
		}
		let i = Math.max(32, r >> 5), a = i << 1, o = i >> 1, s = [], c = 0, l = -1, u = [];
		function d(t) {
			let n;
			if (t.lines > a && t instanceof e) for (let e of t.children) d(e);
			else t.lines > o && (c > o || !c) ? (f(), s.push(t)) : t instanceof ur && c && (n = u[u.length - 1]) instanceof ur && t.lines + n.lines <= 32 ? (c += t.lines, l += t.length + 1, u[u.length - 1] = new ur(n.text.concat(t.text), n.length + 1 + t.length)) : (c + t.lines > i && f(), c += t.lines, l += t.length + 1, u.push(t));
		}
		function f() {
			c != 0 && (s.push(u.length == 1 ? u[0] : e.from(u, l)), l = -1, c = u.length = 0);
		}
		for (let e of t) d(e);
		return f(), s.length == 1 ? s[0] : new e(s, n);
	}
};
w.empty = new ur([``], 0);
function fr(e) {
	let t = -1;
	for (let n of e) t += n.length + 1;
	return t;
}
function pr(e, t, n = 0, r = 1e9) {
	for (let i = 0, a = 0, o = !0; a < e.length && i <= r; a++) {
		let s = e[a], c = i + s.length;
		c >= n && (c > r && (s = s.slice(0, r - i)), i < n && (s = s.slice(n - i)), o ? (t[t.length - 1] += s, o = !1) : t.push(s)), i = c + 1;
	}
	return t;
}
function mr(e, t, n) {
	return pr(e, [``], t, n);
}
var hr = class {
	constructor(e, t = 1) {
		this.dir = t, this.done = !1, this.lineBreak = !1, this.value = ``, this.nodes = [e], this.offsets = [t > 0 ? 1 : (e instanceof ur ? e.text.length : e.children.length) << 1];
	}
	nextInner(e, t) {
		for (this.done = this.lineBreak = !1;;) {
			let n = this.nodes.length - 1, r = this.nodes[n], i = this.offsets[n], a = i >> 1, o = r instanceof ur ? r.text.length : r.children.length;
			if (a == (t > 0 ? o : 0)) {
				if (n == 0) return this.done = !0, this.value = ``, this;
				t > 0 && this.offsets[n - 1]++, this.nodes.pop(), this.offsets.pop();
			} else if ((i & 1) == (t > 0 ? 0 : 1)) {
				if (this.offsets[n] += t, e == 0) return this.lineBreak = !0, this.value = `
`, this;
				e--;
			} else if (r instanceof ur) {
				let i = r.text[a + (t < 0 ? -1 : 0)];
				if (this.offsets[n] += t, i.length > Math.max(0, e)) return this.value = e == 0 ? i : t > 0 ? i.slice(e) : i.slice(0, i.length - e), this;
				e -= i.length;
			} else {
				let i = r.children[a + (t < 0 ? -1 : 0)];
				e > i.length ? (e -= i.length, this.offsets[n] += t) : (t < 0 && this.offsets[n]--, this.nodes.push(i), this.offsets.push(t > 0 ? 1 : (i instanceof ur ? i.text.length : i.children.length) << 1));
			}
		}
	}
	next(e = 0) {
		return e < 0 && (this.nextInner(-e, -this.dir), e = this.value.length), this.nextInner(e, this.dir);
	}
}, gr = class {
	constructor(e, t, n) {
		this.value = ``, this.done = !1, this.cursor = new hr(e, t > n ? -1 : 1), this.pos = t > n ? e.length : 0, this.from = Math.min(t, n), this.to = Math.max(t, n);
	}
	nextInner(e, t) {
		if (t < 0 ? this.pos <= this.from : this.pos >= this.to) return this.value = ``, this.done = !0, this;
		e += Math.max(0, t < 0 ? this.pos - this.to : this.from - this.pos);
		let n = t < 0 ? this.pos - this.from : this.to - this.pos;
		e > n && (e = n), n -= e;
		let { value: r } = this.cursor.next(e);
		return this.pos += (r.length + e) * t, this.value = r.length <= n ? r : t < 0 ? r.slice(r.length - n) : r.slice(0, n), this.done = !this.value, this;
	}
	next(e = 0) {
		return e < 0 ? e = Math.max(e, this.from - this.pos) : e > 0 && (e = Math.min(e, this.to - this.pos)), this.nextInner(e, this.cursor.dir);
	}
	get lineBreak() {
		return this.cursor.lineBreak && this.value != ``;
	}
}, _r = class {
	constructor(e) {
		this.inner = e, this.afterBreak = !0, this.value = ``, this.done = !1;
	}
	next(e = 0) {
		let { done: t, lineBreak: n, value: r } = this.inner.next(e);
		return t && this.afterBreak ? (this.value = ``, this.afterBreak = !1) : t ? (this.done = !0, this.value = ``) : n ? this.afterBreak ? this.value = `` : (this.afterBreak = !0, this.next()) : (this.value = r, this.afterBreak = !1), this;
	}
	get lineBreak() {
		return !1;
	}
};
typeof Symbol < `u` && (w.prototype[Symbol.iterator] = function() {
	return this.iter();
}, hr.prototype[Symbol.iterator] = gr.prototype[Symbol.iterator] = _r.prototype[Symbol.iterator] = function() {
	return this;
});
var vr = class {
	constructor(e, t, n, r) {
		this.from = e, this.to = t, this.number = n, this.text = r;
	}
	get length() {
		return this.to - this.from;
	}
};
function yr(e, t, n) {
	return t = Math.max(0, Math.min(e.length, t)), [t, Math.max(t, Math.min(e.length, n))];
}
function T(e, t, n = !0, r = !0) {
	return rr(e, t, n, r);
}
function br(e) {
	return e >= 56320 && e < 57344;
}
function xr(e) {
	return e >= 55296 && e < 56320;
}
function E(e, t) {
	let n = e.charCodeAt(t);
	if (!xr(n) || t + 1 == e.length) return n;
	let r = e.charCodeAt(t + 1);
	return br(r) ? (n - 55296 << 10) + (r - 56320) + 65536 : n;
}
function Sr(e) {
	return e <= 65535 ? String.fromCharCode(e) : (e -= 65536, String.fromCharCode((e >> 10) + 55296, (e & 1023) + 56320));
}
function Cr(e) {
	return e < 65536 ? 1 : 2;
}
var wr = /\r\n?|\n/, D = (function(e) {
	return e[e.Simple = 0] = `Simple`, e[e.TrackDel = 1] = `TrackDel`, e[e.TrackBefore = 2] = `TrackBefore`, e[e.TrackAfter = 3] = `TrackAfter`, e;
})(D ||= {}), Tr = class e {
	constructor(e) {
		this.sections = e;
	}
	get length() {
		let e = 0;
		for (let t = 0; t < this.sections.length; t += 2) e += this.sections[t];
		return e;
	}
	get newLength() {
		let e = 0;
		for (let t = 0; t < this.sections.length; t += 2) {
			let n = this.sections[t + 1];
			e += n < 0 ? this.sections[t] : n;
		}
		return e;
	}
	get empty() {
		return this.sections.length == 0 || this.sections.length == 2 && this.sections[1] < 0;
	}
	iterGaps(e) {
		for (let t = 0, n = 0, r = 0; t < this.sections.length;) {
			let i = this.sections[t++], a = this.sections[t++];
			a < 0 ? (e(n, r, i), r += i) : r += a, n += i;
		}
	}
	iterChangedRanges(e, t = !1) {
		Or(this, e, t);
	}
	get invertedDesc() {
		let t = [];
		for (let e = 0; e < this.sections.length;) {
			let n = this.sections[e++], r = this.sections[e++];
			r < 0 ? t.push(n, r) : t.push(r, n);
		}
		return new e(t);
	}
	composeDesc(e) {
		return this.empty ? e : e.empty ? this : Ar(this, e);
	}
	mapDesc(e, t = !1) {
		return e.empty ? this : kr(this, e, t);
	}
	mapPos(e, t = -1, n = D.Simple) {
		let r = 0, i = 0;
		for (let a = 0; a < this.sections.length;) {
			let o = this.sections[a++], s = this.sections[a++], c = r + o;
			if (s < 0) {
				if (c > e) return i + (e - r);
				i += o;
			} else {
				if (n != D.Simple && c >= e && (n == D.TrackDel && r < e && c > e || n == D.TrackBefore && r < e || n == D.TrackAfter && c > e)) return null;
				if (c > e || c == e && t < 0 && !o) return e == r || t < 0 ? i : i + s;
				i += s;
			}
			r = c;
		}
		if (e > r) throw RangeError(`Position ${e} is out of range for changeset of length ${r}`);
		return i;
	}
	touchesRange(e, t = e) {
		for (let n = 0, r = 0; n < this.sections.length && r <= t;) {
			let i = this.sections[n++], a = this.sections[n++], o = r + i;
			if (a >= 0 && r <= t && o >= e) return r < e && o > t ? `cover` : !0;
			r = o;
		}
		return !1;
	}
	toString() {
		let e = ``;
		for (let t = 0; t < this.sections.length;) {
			let n = this.sections[t++], r = this.sections[t++];
			e += (e ? ` ` : ``) + n + (r >= 0 ? `:` + r : ``);
		}
		return e;
	}
	toJSON() {
		return this.sections;
	}
	static fromJSON(t) {
		if (!Array.isArray(t) || t.length % 2 || t.some((e) => typeof e != `number`)) throw RangeError(`Invalid JSON representation of ChangeDesc`);
		return new e(t);
	}
	static create(t) {
		return new e(t);
	}
}, Er = class e extends Tr {
	constructor(e, t) {
		super(e), this.inserted = t;
	}
	apply(e) {
		if (this.length != e.length) throw RangeError(`Applying change set to a document with the wrong length`);
		return Or(this, (t, n, r, i, a) => e = e.replace(r, r + (n - t), a), !1), e;
	}
	mapDesc(e, t = !1) {
		return kr(this, e, t, !0);
	}
	invert(t) {
		let n = this.sections.slice(), r = [];
		for (let e = 0, i = 0; e < n.length; e += 2) {
			let a = n[e], o = n[e + 1];
			if (o >= 0) {
				n[e] = o, n[e + 1] = a;
				let s = e >> 1;
				for (; r.length < s;) r.push(w.empty);
				r.push(a ? t.slice(i, i + a) : w.empty);
			}
			i += a;
		}
		return new e(n, r);
	}
	compose(e) {
		return this.empty ? e : e.empty ? this : Ar(this, e, !0);
	}
	map(e, t = !1) {
		return e.empty ? this : kr(this, e, t, !0);
	}
	iterChanges(e, t = !1) {
		Or(this, e, t);
	}
	get desc() {
		return Tr.create(this.sections);
	}
	filter(t) {
		let n = [], r = [], i = [], a = new jr(this);
		done: for (let e = 0, o = 0;;) {
			let s = e == t.length ? 1e9 : t[e++];
			for (; o < s || o == s && a.len == 0;) {
				if (a.done) break done;
				let e = Math.min(a.len, s - o);
				O(i, e, -1);
				let t = a.ins == -1 ? -1 : a.off == 0 ? a.ins : 0;
				O(n, e, t), t > 0 && Dr(r, n, a.text), a.forward(e), o += e;
			}
			let c = t[e++];
			for (; o < c;) {
				if (a.done) break done;
				let e = Math.min(a.len, c - o);
				O(n, e, -1), O(i, e, a.ins == -1 ? -1 : a.off == 0 ? a.ins : 0), a.forward(e), o += e;
			}
		}
		return {
			changes: new e(n, r),
			filtered: Tr.create(i)
		};
	}
	toJSON() {
		let e = [];
		for (let t = 0; t < this.sections.length; t += 2) {
			let n = this.sections[t], r = this.sections[t + 1];
			r < 0 ? e.push(n) : r == 0 ? e.push([n]) : e.push([n].concat(this.inserted[t >> 1].toJSON()));
		}
		return e;
	}
	static of(t, n, r) {
		let i = [], a = [], o = 0, s = null;
		function c(t = !1) {
			if (!t && !i.length) return;
			o < n && O(i, n - o, -1);
			let r = new e(i, a);
			s = s ? s.compose(r.map(s)) : r, i = [], a = [], o = 0;
		}
		function l(t) {
			if (Array.isArray(t)) for (let e of t) l(e);
			else if (t instanceof e) {
				if (t.length != n) throw RangeError(`Mismatched change set length (got ${t.length}, expected ${n})`);
				c(), s = s ? s.compose(t.map(s)) : t;
			} else {
				let { from: e, to: s = e, insert: l } = t;
				if (e > s || e < 0 || s > n) throw RangeError(`Invalid change range ${e} to ${s} (in doc of length ${n})`);
				let u = l ? typeof l == `string` ? w.of(l.split(r || wr)) : l : w.empty, d = u.length;
				if (e == s && d == 0) return;
				e < o && c(), e > o && O(i, e - o, -1), O(i, s - e, d), Dr(a, i, u), o = s;
			}
		}
		return l(t), c(!s), s;
	}
	static empty(t) {
		return new e(t ? [t, -1] : [], []);
	}
	static fromJSON(t) {
		if (!Array.isArray(t)) throw RangeError(`Invalid JSON representation of ChangeSet`);
		let n = [], r = [];
		for (let e = 0; e < t.length; e++) {
			let i = t[e];
			if (typeof i == `number`) n.push(i, -1);
			else if (!Array.isArray(i) || typeof i[0] != `number` || i.some((e, t) => t && typeof e != `string`)) throw RangeError(`Invalid JSON representation of ChangeSet`);
			else if (i.length == 1) n.push(i[0], 0);
			else {
				for (; r.length < e;) r.push(w.empty);
				r[e] = w.of(i.slice(1)), n.push(i[0], r[e].length);
			}
		}
		return new e(n, r);
	}
	static createSet(t, n) {
		return new e(t, n);
	}
};
function O(e, t, n, r = !1) {
	if (t == 0 && n <= 0) return;
	let i = e.length - 2;
	i >= 0 && n <= 0 && n == e[i + 1] ? e[i] += t : i >= 0 && t == 0 && e[i] == 0 ? e[i + 1] += n : r ? (e[i] += t, e[i + 1] += n) : e.push(t, n);
}
function Dr(e, t, n) {
	if (n.length == 0) return;
	let r = t.length - 2 >> 1;
	if (r < e.length) e[e.length - 1] = e[e.length - 1].append(n);
	else {
		for (; e.length < r;) e.push(w.empty);
		e.push(n);
	}
}
function Or(e, t, n) {
	let r = e.inserted;
	for (let i = 0, a = 0, o = 0; o < e.sections.length;) {
		let s = e.sections[o++], c = e.sections[o++];
		if (c < 0) i += s, a += s;
		else {
			let l = i, u = a, d = w.empty;
			for (; l += s, u += c, c && r && (d = d.append(r[o - 2 >> 1])), !(n || o == e.sections.length || e.sections[o + 1] < 0);) s = e.sections[o++], c = e.sections[o++];
			t(i, l, a, u, d), i = l, a = u;
		}
	}
}
function kr(e, t, n, r = !1) {
	let i = [], a = r ? [] : null, o = new jr(e), s = new jr(t);
	for (let e = -1;;) if (o.done && s.len || s.done && o.len) throw Error(`Mismatched change set lengths`);
	else if (o.ins == -1 && s.ins == -1) {
		let e = Math.min(o.len, s.len);
		O(i, e, -1), o.forward(e), s.forward(e);
	} else if (s.ins >= 0 && (o.ins < 0 || e == o.i || o.off == 0 && (s.len < o.len || s.len == o.len && !n))) {
		let t = s.len;
		for (O(i, s.ins, -1); t;) {
			let n = Math.min(o.len, t);
			o.ins >= 0 && e < o.i && o.len <= n && (O(i, 0, o.ins), a && Dr(a, i, o.text), e = o.i), o.forward(n), t -= n;
		}
		s.next();
	} else if (o.ins >= 0) {
		let t = 0, n = o.len;
		for (; n;) if (s.ins == -1) {
			let e = Math.min(n, s.len);
			t += e, n -= e, s.forward(e);
		} else if (s.ins == 0 && s.len < n) n -= s.len, s.next();
		else break;
		O(i, t, e < o.i ? o.ins : 0), a && e < o.i && Dr(a, i, o.text), e = o.i, o.forward(o.len - n);
	} else if (o.done && s.done) return a ? Er.createSet(i, a) : Tr.create(i);
	else throw Error(`Mismatched change set lengths`);
}
function Ar(e, t, n = !1) {
	let r = [], i = n ? [] : null, a = new jr(e), o = new jr(t);
	for (let e = !1;;) if (a.done && o.done) return i ? Er.createSet(r, i) : Tr.create(r);
	else if (a.ins == 0) O(r, a.len, 0, e), a.next();
	else if (o.len == 0 && !o.done) O(r, 0, o.ins, e), i && Dr(i, r, o.text), o.next();
	else if (a.done || o.done) throw Error(`Mismatched change set lengths`);
	else {
		let t = Math.min(a.len2, o.len), n = r.length;
		if (a.ins == -1) {
			let n = o.ins == -1 ? -1 : o.off ? 0 : o.ins;
			O(r, t, n, e), i && n && Dr(i, r, o.text);
		} else o.ins == -1 ? (O(r, a.off ? 0 : a.len, t, e), i && Dr(i, r, a.textBit(t))) : (O(r, a.off ? 0 : a.len, o.off ? 0 : o.ins, e), i && !o.off && Dr(i, r, o.text));
		e = (a.ins > t || o.ins >= 0 && o.len > t) && (e || r.length > n), a.forward2(t), o.forward(t);
	}
}
var jr = class {
	constructor(e) {
		this.set = e, this.i = 0, this.next();
	}
	next() {
		let { sections: e } = this.set;
		this.i < e.length ? (this.len = e[this.i++], this.ins = e[this.i++]) : (this.len = 0, this.ins = -2), this.off = 0;
	}
	get done() {
		return this.ins == -2;
	}
	get len2() {
		return this.ins < 0 ? this.len : this.ins;
	}
	get text() {
		let { inserted: e } = this.set, t = this.i - 2 >> 1;
		return t >= e.length ? w.empty : e[t];
	}
	textBit(e) {
		let { inserted: t } = this.set, n = this.i - 2 >> 1;
		return n >= t.length && !e ? w.empty : t[n].slice(this.off, e == null ? void 0 : this.off + e);
	}
	forward(e) {
		e == this.len ? this.next() : (this.len -= e, this.off += e);
	}
	forward2(e) {
		this.ins == -1 ? this.forward(e) : e == this.ins ? this.next() : (this.ins -= e, this.off += e);
	}
}, Mr = class e {
	constructor(e, t, n, r) {
		this.from = e, this.to = t, this.flags = n, this.goalColumn = r;
	}
	get anchor() {
		return this.flags & 32 ? this.to : this.from;
	}
	get head() {
		return this.flags & 32 ? this.from : this.to;
	}
	get empty() {
		return this.from == this.to;
	}
	get assoc() {
		return this.flags & 8 ? -1 : this.flags & 16 ? 1 : 0;
	}
	get undirectional() {
		return (this.flags & 64) > 0;
	}
	get bidiLevel() {
		let e = this.flags & 7;
		return e == 7 ? null : e;
	}
	map(t, n = -1) {
		let r, i;
		return this.empty ? r = i = t.mapPos(this.from, n) : (r = t.mapPos(this.from, 1), i = t.mapPos(this.to, -1)), r == this.from && i == this.to ? this : new e(r, i, this.flags, this.goalColumn);
	}
	extend(e, t = e, n = 0) {
		if (e <= this.anchor && t >= this.anchor) return k.range(e, t, void 0, void 0, n);
		let r = Math.abs(e - this.anchor) > Math.abs(t - this.anchor) ? e : t;
		return k.range(this.anchor, r, void 0, void 0, n);
	}
	eq(e, t = !1) {
		return this.anchor == e.anchor && this.head == e.head && this.goalColumn == e.goalColumn && (!t || !this.empty || this.assoc == e.assoc);
	}
	toJSON() {
		return {
			anchor: this.anchor,
			head: this.head
		};
	}
	static fromJSON(e) {
		if (!e || typeof e.anchor != `number` || typeof e.head != `number`) throw RangeError(`Invalid JSON representation for SelectionRange`);
		return k.range(e.anchor, e.head);
	}
	static create(t, n, r, i) {
		return new e(t, n, r, i);
	}
}, k = class e {
	constructor(e, t) {
		this.ranges = e, this.mainIndex = t;
	}
	map(t, n = -1) {
		return t.empty ? this : e.create(this.ranges.map((e) => e.map(t, n)), this.mainIndex);
	}
	eq(e, t = !1) {
		if (this.ranges.length != e.ranges.length || this.mainIndex != e.mainIndex) return !1;
		for (let n = 0; n < this.ranges.length; n++) if (!this.ranges[n].eq(e.ranges[n], t)) return !1;
		return !0;
	}
	get main() {
		return this.ranges[this.mainIndex];
	}
	asSingle() {
		return this.ranges.length == 1 ? this : new e([this.main], 0);
	}
	addRange(t, n = !0) {
		return e.create([t].concat(this.ranges), n ? 0 : this.mainIndex + 1);
	}
	replaceRange(t, n = this.mainIndex) {
		let r = this.ranges.slice();
		return r[n] = t, e.create(r, this.mainIndex);
	}
	toJSON() {
		return {
			ranges: this.ranges.map((e) => e.toJSON()),
			main: this.mainIndex
		};
	}
	static fromJSON(t) {
		if (!t || !Array.isArray(t.ranges) || typeof t.main != `number` || t.main >= t.ranges.length) throw RangeError(`Invalid JSON representation for EditorSelection`);
		return new e(t.ranges.map((e) => Mr.fromJSON(e)), t.main);
	}
	static single(t, n = t) {
		return new e([e.range(t, n)], 0);
	}
	static create(t, n = 0) {
		if (t.length == 0) throw RangeError(`A selection needs at least one range`);
		for (let r = 0, i = 0; i < t.length; i++) {
			let a = t[i];
			if (a.empty ? a.from <= r : a.from < r) return e.normalized(t.slice(), n);
			r = a.to;
		}
		return new e(t, n);
	}
	static cursor(e, t = 0, n, r) {
		return Mr.create(e, e, (t == 0 ? 0 : t < 0 ? 8 : 16) | (n == null ? 7 : Math.min(6, n)), r);
	}
	static range(e, t, n, r, i) {
		let a = r == null ? 7 : Math.min(6, r);
		return !i && e != t && (i = t < e ? 1 : -1), i && (a |= i < 0 ? 8 : 16), t < e ? Mr.create(t, e, a | 32, n) : Mr.create(e, t, a, n);
	}
	static undirectionalRange(e, t) {
		return Mr.create(e, t, 64, void 0);
	}
	static normalized(t, n = 0) {
		let r = t[n];
		t.sort((e, t) => e.from - t.from), n = t.indexOf(r);
		for (let r = 1; r < t.length; r++) {
			let i = t[r], a = t[r - 1];
			if (i.empty ? i.from <= a.to : i.from < a.to) {
				let o = a.from, s = Math.max(i.to, a.to);
				r <= n && n--, t.splice(--r, 2, i.anchor > i.head ? e.range(s, o) : e.range(o, s));
			}
		}
		return new e(t, n);
	}
};
function Nr(e, t) {
	for (let n of e.ranges) if (n.to > t) throw RangeError(`Selection points outside of document`);
}
var Pr = 0, A = class e {
	constructor(e, t, n, r, i) {
		this.combine = e, this.compareInput = t, this.compare = n, this.isStatic = r, this.id = Pr++, this.default = e([]), this.extensions = typeof i == `function` ? i(this) : i;
	}
	get reader() {
		return this;
	}
	static define(t = {}) {
		return new e(t.combine || ((e) => e), t.compareInput || ((e, t) => e === t), t.compare || (t.combine ? (e, t) => e === t : Fr), !!t.static, t.enables);
	}
	of(e) {
		return new Ir([], this, 0, e);
	}
	compute(e, t) {
		if (this.isStatic) throw Error(`Can't compute a static facet`);
		return new Ir(e, this, 1, t);
	}
	computeN(e, t) {
		if (this.isStatic) throw Error(`Can't compute a static facet`);
		return new Ir(e, this, 2, t);
	}
	from(e, t) {
		return t ||= (e) => e, this.compute([e], (n) => t(n.field(e)));
	}
};
function Fr(e, t) {
	return e == t || e.length == t.length && e.every((e, n) => e === t[n]);
}
var Ir = class {
	constructor(e, t, n, r) {
		this.dependencies = e, this.facet = t, this.type = n, this.value = r, this.id = Pr++;
	}
	dynamicSlot(e) {
		let t = this.value, n = this.facet.compareInput, r = this.id, i = e[r] >> 1, a = this.type == 2, o = !1, s = !1, c = [];
		for (let t of this.dependencies) t == `doc` ? o = !0 : t == `selection` ? s = !0 : (e[t.id] ?? 1) & 1 || c.push(e[t.id]);
		return {
			create(e) {
				return e.values[i] = t(e), 1;
			},
			update(e, r) {
				if (o && r.docChanged || s && (r.docChanged || r.selection) || Rr(e, c)) {
					let r = t(e);
					if (a ? !Lr(r, e.values[i], n) : !n(r, e.values[i])) return e.values[i] = r, 1;
				}
				return 0;
			},
			reconfigure: (e, o) => {
				let s, c = o.config.address[r];
				if (c != null) {
					let r = Xr(o, c);
					if (this.dependencies.every((t) => t instanceof A ? o.facet(t) === e.facet(t) : t instanceof j ? o.field(t, !1) == e.field(t, !1) : !0) || (a ? Lr(s = t(e), r, n) : n(s = t(e), r))) return e.values[i] = r, 0;
				} else s = t(e);
				return e.values[i] = s, 1;
			}
		};
	}
	get extension() {
		return this;
	}
};
function Lr(e, t, n) {
	if (e.length != t.length) return !1;
	for (let r = 0; r < e.length; r++) if (!n(e[r], t[r])) return !1;
	return !0;
}
function Rr(e, t) {
	let n = !1;
	for (let r of t) Yr(e, r) & 1 && (n = !0);
	return n;
}
function zr(e, t, n) {
	let r = n.map((t) => e[t.id]), i = n.map((e) => e.type), a = r.filter((e) => !(e & 1)), o = e[t.id] >> 1;
	function s(e) {
		let n = [];
		for (let t = 0; t < r.length; t++) {
			let a = Xr(e, r[t]);
			if (i[t] == 2) for (let e of a) n.push(e);
			else n.push(a);
		}
		return t.combine(n);
	}
	return {
		create(e) {
			for (let t of r) Yr(e, t);
			return e.values[o] = s(e), 1;
		},
		update(e, n) {
			if (!Rr(e, a)) return 0;
			let r = s(e);
			return t.compare(r, e.values[o]) ? 0 : (e.values[o] = r, 1);
		},
		reconfigure(e, i) {
			let a = Rr(e, r), c = i.config.facets[t.id], l = i.facet(t);
			if (c && !a && Fr(n, c)) return e.values[o] = l, 0;
			let u = s(e);
			return t.compare(u, l) ? (e.values[o] = l, 0) : (e.values[o] = u, 1);
		}
	};
}
var Br = A.define({ static: !0 }), j = class e {
	constructor(e, t, n, r, i) {
		this.id = e, this.createF = t, this.updateF = n, this.compareF = r, this.spec = i, this.provides = void 0;
	}
	static define(t) {
		let n = new e(Pr++, t.create, t.update, t.compare || ((e, t) => e === t), t);
		return t.provide && (n.provides = t.provide(n)), n;
	}
	create(e) {
		return (e.facet(Br).find((e) => e.field == this)?.create || this.createF)(e);
	}
	slot(e) {
		let t = e[this.id] >> 1;
		return {
			create: (e) => (e.values[t] = this.create(e), 1),
			update: (e, n) => {
				let r = e.values[t], i = this.updateF(r, n);
				return this.compareF(r, i) ? 0 : (e.values[t] = i, 1);
			},
			reconfigure: (e, n) => {
				let r = e.facet(Br), i = n.facet(Br), a;
				return (a = r.find((e) => e.field == this)) && a != i.find((e) => e.field == this) ? (e.values[t] = a.create(e), 1) : n.config.address[this.id] == null ? (e.values[t] = this.create(e), 1) : (e.values[t] = n.field(this), 0);
			}
		};
	}
	init(e) {
		return [this, Br.of({
			field: this,
			create: e
		})];
	}
	get extension() {
		return this;
	}
}, Vr = {
	lowest: 4,
	low: 3,
	default: 2,
	high: 1,
	highest: 0
};
function Hr(e) {
	return (t) => new Wr(t, e);
}
var Ur = {
	highest: Hr(Vr.highest),
	high: Hr(Vr.high),
	default: Hr(Vr.default),
	low: Hr(Vr.low),
	lowest: Hr(Vr.lowest)
}, Wr = class {
	constructor(e, t) {
		this.inner = e, this.prec = t;
	}
	get extension() {
		return this;
	}
}, Gr = class e {
	of(e) {
		return new Kr(this, e);
	}
	reconfigure(t) {
		return e.reconfigure.of({
			compartment: this,
			extension: t
		});
	}
	get(e) {
		return e.config.compartments.get(this);
	}
}, Kr = class {
	constructor(e, t) {
		this.compartment = e, this.inner = t;
	}
	get extension() {
		return this;
	}
}, qr = class e {
	constructor(e, t, n, r, i, a) {
		for (this.base = e, this.compartments = t, this.dynamicSlots = n, this.address = r, this.staticValues = i, this.facets = a, this.statusTemplate = []; this.statusTemplate.length < n.length;) this.statusTemplate.push(0);
	}
	staticFacet(e) {
		let t = this.address[e.id];
		return t == null ? e.default : this.staticValues[t >> 1];
	}
	static resolve(t, n, r) {
		let i = [], a = Object.create(null), o = /* @__PURE__ */ new Map();
		for (let e of Jr(t, n, o)) e instanceof j ? i.push(e) : (a[e.facet.id] || (a[e.facet.id] = [])).push(e);
		let s = Object.create(null), c = [], l = [];
		for (let e of i) s[e.id] = l.length << 1, l.push((t) => e.slot(t));
		let u = r?.config.facets;
		for (let e in a) {
			let t = a[e], n = t[0].facet, i = u && u[e] || [];
			if (t.every((e) => e.type == 0)) {
				if (s[n.id] = c.length << 1 | 1, Fr(i, t)) c.push(r.facet(n));
				else {
					let e = n.combine(t.map((e) => e.value));
					c.push(r && n.compare(e, r.facet(n)) ? r.facet(n) : e);
				}
			} else {
				for (let e of t) e.type == 0 ? (s[e.id] = c.length << 1 | 1, c.push(e.value)) : (s[e.id] = l.length << 1, l.push((t) => e.dynamicSlot(t)));
				s[n.id] = l.length << 1, l.push((e) => zr(e, n, t));
			}
		}
		let d = l.map((e) => e(s));
		return new e(t, o, d, s, c, a);
	}
};
function Jr(e, t, n) {
	let r = [
		[],
		[],
		[],
		[],
		[]
	], i = /* @__PURE__ */ new Map();
	function a(e, o) {
		let s = i.get(e);
		if (s != null) {
			if (s <= o) return;
			let t = r[s].indexOf(e);
			t > -1 && r[s].splice(t, 1), e instanceof Kr && n.delete(e.compartment);
		}
		if (i.set(e, o), Array.isArray(e)) for (let t of e) a(t, o);
		else if (e instanceof Kr) {
			if (n.has(e.compartment)) throw RangeError(`Duplicate use of compartment in extensions`);
			let r = t.get(e.compartment) || e.inner;
			n.set(e.compartment, r), a(r, o);
		} else if (e instanceof Wr) a(e.inner, e.prec);
		else if (e instanceof j) r[o].push(e), e.provides && a(e.provides, o);
		else if (e instanceof Ir) r[o].push(e), e.facet.extensions && a(e.facet.extensions, Vr.default);
		else {
			let t = e.extension;
			if (!t) throw Error(`Unrecognized extension value in extension set (${e}).`);
			if (t == e) throw Error(`Unrecognized extension value in extension set (${e}). This sometimes happens because multiple instances of @codemirror/state are loaded, breaking instanceof checks.`);
			a(t, o);
		}
	}
	return a(e, Vr.default), r.reduce((e, t) => e.concat(t));
}
function Yr(e, t) {
	if (t & 1) return 2;
	let n = t >> 1, r = e.status[n];
	if (r == 4) throw Error(`Cyclic dependency between fields and/or facets`);
	if (r & 2) return r;
	e.status[n] = 4;
	let i = e.computeSlot(e, e.config.dynamicSlots[n]);
	return e.status[n] = 2 | i;
}
function Xr(e, t) {
	return t & 1 ? e.config.staticValues[t >> 1] : e.values[t >> 1];
}
var Zr = A.define(), Qr = A.define({
	combine: (e) => e.some((e) => e),
	static: !0
}), $r = A.define({
	combine: (e) => e.length ? e[0] : void 0,
	static: !0
}), ei = A.define(), ti = A.define(), ni = A.define(), ri = A.define({ combine: (e) => e.length ? e[0] : !1 }), ii = class {
	constructor(e, t) {
		this.type = e, this.value = t;
	}
	static define() {
		return new ai();
	}
}, ai = class {
	of(e) {
		return new ii(this, e);
	}
}, oi = class {
	constructor(e) {
		this.map = e;
	}
	of(e) {
		return new M(this, e);
	}
}, M = class e {
	constructor(e, t) {
		this.type = e, this.value = t;
	}
	map(t) {
		let n = this.type.map(this.value, t);
		return n === void 0 ? void 0 : n == this.value ? this : new e(this.type, n);
	}
	is(e) {
		return this.type == e;
	}
	static define(e = {}) {
		return new oi(e.map || ((e) => e));
	}
	static mapEffects(e, t) {
		if (!e.length) return e;
		let n = [];
		for (let r of e) {
			let e = r.map(t);
			e && n.push(e);
		}
		return n;
	}
};
M.reconfigure = M.define(), M.appendConfig = M.define();
var N = class e {
	constructor(t, n, r, i, a, o) {
		this.startState = t, this.changes = n, this.selection = r, this.effects = i, this.annotations = a, this.scrollIntoView = o, this._doc = null, this._state = null, r && Nr(r, n.newLength), a.some((t) => t.type == e.time) || (this.annotations = a.concat(e.time.of(Date.now())));
	}
	static create(t, n, r, i, a, o) {
		return new e(t, n, r, i, a, o);
	}
	get newDoc() {
		return this._doc ||= this.changes.apply(this.startState.doc);
	}
	get newSelection() {
		return this.selection || this.startState.selection.map(this.changes);
	}
	get state() {
		return this._state || this.startState.applyTransaction(this), this._state;
	}
	annotation(e) {
		for (let t of this.annotations) if (t.type == e) return t.value;
	}
	get docChanged() {
		return !this.changes.empty;
	}
	get reconfigured() {
		return this.startState.config != this.state.config;
	}
	isUserEvent(t) {
		let n = this.annotation(e.userEvent);
		return !!(n && (n == t || n.length > t.length && n.slice(0, t.length) == t && n[t.length] == `.`));
	}
};
N.time = ii.define(), N.userEvent = ii.define(), N.addToHistory = ii.define(), N.remote = ii.define();
function si(e, t) {
	let n = [];
	for (let r = 0, i = 0;;) {
		let a, o;
		if (r < e.length && (i == t.length || t[i] >= e[r])) a = e[r++], o = e[r++];
		else if (i < t.length) a = t[i++], o = t[i++];
		else return n;
		!n.length || n[n.length - 1] < a ? n.push(a, o) : n[n.length - 1] < o && (n[n.length - 1] = o);
	}
}
function ci(e, t, n) {
	let r, i, a;
	return n ? (r = t.changes, i = Er.empty(t.changes.length), a = e.changes.compose(t.changes)) : (r = t.changes.map(e.changes), i = e.changes.mapDesc(t.changes, !0), a = e.changes.compose(r)), {
		changes: a,
		selection: t.selection ? t.selection.map(i) : e.selection?.map(r),
		effects: M.mapEffects(e.effects, r).concat(M.mapEffects(t.effects, i)),
		annotations: e.annotations.length ? e.annotations.concat(t.annotations) : t.annotations,
		scrollIntoView: e.scrollIntoView || t.scrollIntoView
	};
}
function li(e, t, n) {
	let r = t.selection, i = mi(t.annotations);
	return t.userEvent && (i = i.concat(N.userEvent.of(t.userEvent))), {
		changes: t.changes instanceof Er ? t.changes : Er.of(t.changes || [], n, e.facet($r)),
		selection: r && (r instanceof k ? r : k.single(r.anchor, r.head)),
		effects: mi(t.effects),
		annotations: i,
		scrollIntoView: !!t.scrollIntoView
	};
}
function ui(e, t, n) {
	let r = li(e, t.length ? t[0] : {}, e.doc.length);
	t.length && t[0].filter === !1 && (n = !1);
	for (let i = 1; i < t.length; i++) {
		t[i].filter === !1 && (n = !1);
		let a = !!t[i].sequential;
		r = ci(r, li(e, t[i], a ? r.changes.newLength : e.doc.length), a);
	}
	let i = N.create(e, r.changes, r.selection, r.effects, r.annotations, r.scrollIntoView);
	return fi(n ? di(i) : i);
}
function di(e) {
	let t = e.startState, n = !0;
	for (let r of t.facet(ei)) {
		let t = r(e);
		if (t === !1) {
			n = !1;
			break;
		}
		Array.isArray(t) && (n = n === !0 ? t : si(n, t));
	}
	if (n !== !0) {
		let r, i;
		if (n === !1) i = e.changes.invertedDesc, r = Er.empty(t.doc.length);
		else {
			let t = e.changes.filter(n);
			r = t.changes, i = t.filtered.mapDesc(t.changes).invertedDesc;
		}
		e = N.create(t, r, e.selection && e.selection.map(i), M.mapEffects(e.effects, i), e.annotations, e.scrollIntoView);
	}
	let r = t.facet(ti);
	for (let n = r.length - 1; n >= 0; n--) {
		let i = r[n](e);
		e = i instanceof N ? i : Array.isArray(i) && i.length == 1 && i[0] instanceof N ? i[0] : ui(t, mi(i), !1);
	}
	return e;
}
function fi(e) {
	let t = e.startState, n = t.facet(ni), r = e;
	for (let i = n.length - 1; i >= 0; i--) {
		let a = n[i](e);
		a && Object.keys(a).length && (r = ci(r, li(t, a, e.changes.newLength), !0));
	}
	return r == e ? e : N.create(t, e.changes, e.selection, r.effects, r.annotations, r.scrollIntoView);
}
var pi = [];
function mi(e) {
	return e == null ? pi : Array.isArray(e) ? e : [e];
}
var P = (function(e) {
	return e[e.Word = 0] = `Word`, e[e.Space = 1] = `Space`, e[e.Other = 2] = `Other`, e;
})(P ||= {}), hi = /[\u00df\u0587\u0590-\u05f4\u0600-\u06ff\u3040-\u309f\u30a0-\u30ff\u3400-\u4db5\u4e00-\u9fcc\uac00-\ud7af]/, gi;
try {
	gi = RegExp(`[\\p{Alphabetic}\\p{Number}_]`, `u`);
} catch {}
function _i(e) {
	if (gi) return gi.test(e);
	for (let t = 0; t < e.length; t++) {
		let n = e[t];
		if (/\w/.test(n) || n > `` && (n.toUpperCase() != n.toLowerCase() || hi.test(n))) return !0;
	}
	return !1;
}
function vi(e) {
	return (t) => {
		if (!/\S/.test(t)) return P.Space;
		if (_i(t)) return P.Word;
		for (let n = 0; n < e.length; n++) if (t.indexOf(e[n]) > -1) return P.Word;
		return P.Other;
	};
}
var F = class e {
	constructor(e, t, n, r, i, a) {
		this.config = e, this.doc = t, this.selection = n, this.values = r, this.status = e.statusTemplate.slice(), this.computeSlot = i, a && (a._state = this);
		for (let e = 0; e < this.config.dynamicSlots.length; e++) Yr(this, e << 1);
		this.computeSlot = null;
	}
	field(e, t = !0) {
		let n = this.config.address[e.id];
		if (n == null) {
			if (t) throw RangeError(`Field is not present in this state`);
		} else return Yr(this, n), Xr(this, n);
	}
	update(...e) {
		return ui(this, e, !0);
	}
	applyTransaction(t) {
		let n = this.config, { base: r, compartments: i } = n;
		for (let e of t.effects) e.is(Gr.reconfigure) ? (n &&= (i = /* @__PURE__ */ new Map(), n.compartments.forEach((e, t) => i.set(t, e)), null), i.set(e.value.compartment, e.value.extension)) : e.is(M.reconfigure) ? (n = null, r = e.value) : e.is(M.appendConfig) && (n = null, r = mi(r).concat(e.value));
		let a;
		n ? a = t.startState.values.slice() : (n = qr.resolve(r, i, this), a = new e(n, this.doc, this.selection, n.dynamicSlots.map(() => null), (e, t) => t.reconfigure(e, this), null).values);
		let o = t.startState.facet(Qr) ? t.newSelection : t.newSelection.asSingle();
		new e(n, t.newDoc, o, a, (e, n) => n.update(e, t), t);
	}
	replaceSelection(e) {
		return typeof e == `string` && (e = this.toText(e)), this.changeByRange((t) => ({
			changes: {
				from: t.from,
				to: t.to,
				insert: e
			},
			range: k.cursor(t.from + e.length, -1)
		}));
	}
	changeByRange(e) {
		let t = this.selection, n = e(t.ranges[0]), r = this.changes(n.changes), i = [n.range], a = mi(n.effects);
		for (let n = 1; n < t.ranges.length; n++) {
			let o = e(t.ranges[n]), s = this.changes(o.changes), c = s.map(r);
			for (let e = 0; e < n; e++) i[e] = i[e].map(c);
			let l = r.mapDesc(s, !0);
			i.push(o.range.map(l)), r = r.compose(c), a = M.mapEffects(a, c).concat(M.mapEffects(mi(o.effects), l));
		}
		return {
			changes: r,
			selection: k.create(i, t.mainIndex),
			effects: a
		};
	}
	changes(t = []) {
		return t instanceof Er ? t : Er.of(t, this.doc.length, this.facet(e.lineSeparator));
	}
	toText(t) {
		return w.of(t.split(this.facet(e.lineSeparator) || wr));
	}
	sliceDoc(e = 0, t = this.doc.length) {
		return this.doc.sliceString(e, t, this.lineBreak);
	}
	facet(e) {
		let t = this.config.address[e.id];
		return t == null ? e.default : (Yr(this, t), Xr(this, t));
	}
	toJSON(e) {
		let t = {
			doc: this.sliceDoc(),
			selection: this.selection.toJSON()
		};
		if (e) for (let n in e) {
			let r = e[n];
			r instanceof j && this.config.address[r.id] != null && (t[n] = r.spec.toJSON(this.field(e[n]), this));
		}
		return t;
	}
	static fromJSON(t, n = {}, r) {
		if (!t || typeof t.doc != `string`) throw RangeError(`Invalid JSON representation for EditorState`);
		let i = [];
		if (r) {
			for (let e in r) if (Object.prototype.hasOwnProperty.call(t, e)) {
				let n = r[e], a = t[e];
				i.push(n.init((e) => n.spec.fromJSON(a, e)));
			}
		}
		return e.create({
			doc: t.doc,
			selection: k.fromJSON(t.selection),
			extensions: n.extensions ? i.concat([n.extensions]) : i
		});
	}
	static create(t = {}) {
		let n = qr.resolve(t.extensions || [], /* @__PURE__ */ new Map()), r = t.doc instanceof w ? t.doc : w.of((t.doc || ``).split(n.staticFacet(e.lineSeparator) || wr)), i = t.selection ? t.selection instanceof k ? t.selection : k.single(t.selection.anchor, t.selection.head) : k.single(0);
		return Nr(i, r.length), n.staticFacet(Qr) || (i = i.asSingle()), new e(n, r, i, n.dynamicSlots.map(() => null), (e, t) => t.create(e), null);
	}
	get tabSize() {
		return this.facet(e.tabSize);
	}
	get lineBreak() {
		return this.facet(e.lineSeparator) || `
`;
	}
	get readOnly() {
		return this.facet(ri);
	}
	phrase(t, ...n) {
		for (let n of this.facet(e.phrases)) if (Object.prototype.hasOwnProperty.call(n, t)) {
			t = n[t];
			break;
		}
		return n.length && (t = t.replace(/\$(\$|\d*)/g, (e, t) => {
			if (t == `$`) return `$`;
			let r = +(t || 1);
			return !r || r > n.length ? e : n[r - 1];
		})), t;
	}
	languageDataAt(e, t, n = -1) {
		let r = [];
		for (let i of this.facet(Zr)) for (let a of i(this, t, n)) Object.prototype.hasOwnProperty.call(a, e) && r.push(a[e]);
		return r;
	}
	charCategorizer(e) {
		let t = this.languageDataAt(`wordChars`, e);
		return vi(t.length ? t[0] : ``);
	}
	wordAt(e) {
		let { text: t, from: n, length: r } = this.doc.lineAt(e), i = this.charCategorizer(e), a = e - n, o = e - n;
		for (; a > 0;) {
			let e = T(t, a, !1);
			if (i(t.slice(e, a)) != P.Word) break;
			a = e;
		}
		for (; o < r;) {
			let e = T(t, o);
			if (i(t.slice(o, e)) != P.Word) break;
			o = e;
		}
		return a == o ? null : k.range(a + n, o + n);
	}
};
F.allowMultipleSelections = Qr, F.tabSize = A.define({ combine: (e) => e.length ? e[0] : 4 }), F.lineSeparator = $r, F.readOnly = ri, F.phrases = A.define({ compare(e, t) {
	let n = Object.keys(e), r = Object.keys(t);
	return n.length == r.length && n.every((n) => e[n] == t[n]);
} }), F.languageData = Zr, F.changeFilter = ei, F.transactionFilter = ti, F.transactionExtender = ni, Gr.reconfigure = M.define();
function yi(e, t, n = {}) {
	let r = {};
	for (let t of e) for (let e of Object.keys(t)) {
		let i = t[e], a = r[e];
		if (a === void 0) r[e] = i;
		else if (a !== i && i !== void 0) {
			if (Object.hasOwnProperty.call(n, e)) r[e] = n[e](a, i);
			else throw Error(`Config merge conflict for field ` + e);
		}
	}
	for (let e in t) r[e] === void 0 && (r[e] = t[e]);
	return r;
}
var bi = class {
	eq(e) {
		return this == e;
	}
	range(e, t = e) {
		return Si.create(e, t, this);
	}
};
bi.prototype.startSide = bi.prototype.endSide = 0, bi.prototype.point = !1, bi.prototype.mapMode = D.TrackDel;
function xi(e, t) {
	return e == t || e.constructor == t.constructor && e.eq(t);
}
var Si = class e {
	constructor(e, t, n) {
		this.from = e, this.to = t, this.value = n;
	}
	static create(t, n, r) {
		return new e(t, n, r);
	}
};
function Ci(e, t) {
	return e.from - t.from || e.value.startSide - t.value.startSide;
}
var wi = class e {
	constructor(e, t, n, r) {
		this.from = e, this.to = t, this.value = n, this.maxPoint = r;
	}
	get length() {
		return Ti(this.to);
	}
	findIndex(e, t, n, r = 0) {
		let i = n ? this.to : this.from;
		for (let a = r, o = i.length;;) {
			if (a == o) return a;
			let r = a + o >> 1, s = i[r] - e || (n ? this.value[r].endSide : this.value[r].startSide) - t;
			if (r == a) return s >= 0 ? a : o;
			s >= 0 ? o = r : a = r + 1;
		}
	}
	between(e, t, n, r) {
		for (let i = this.findIndex(t, -1e9, !0), a = this.findIndex(n, 1e9, !1, i); i < a; i++) if (r(this.from[i] + e, this.to[i] + e, this.value[i]) === !1) return !1;
	}
	map(t, n, r, i, a) {
		let o = [], s = [], c = [], l = -1, u = -1;
		iter: for (let e = 0; e < this.value.length; e++) {
			let d = this.value[e], f = this.from[e] + t, p = this.to[e] + t, m, h;
			if (f == p) {
				let e = n.mapPos(f, d.startSide, d.mapMode);
				if (e == null || (m = h = e, d.startSide != d.endSide && (h = n.mapPos(f, d.endSide), h < m))) continue;
			} else if (m = n.mapPos(f, d.startSide), h = n.mapPos(p, d.endSide), m > h || m == h && d.startSide > 0 && d.endSide <= 0) continue;
			if (!((h - m || d.endSide - d.startSide) < 0)) {
				if (l < 0 && (l = m), d.point && (u = Math.max(u, h - m)), (m - r || d.startSide - i) >= 0) o.push(d), s.push(m - l), c.push(h - l), r = h, i = d.endSide;
				else {
					if (m == h) for (let e = o.length; e > 0; e--) {
						if ((m - (c[e - 1] + l) || d.startSide - o[e - 1].endSide) >= 0) {
							o.splice(e, 0, d), s.splice(e, 0, m - l), c.splice(e, 0, h - l);
							continue iter;
						}
						if ((m - (s[e - 1] + l) || d.endSide - o[e - 1].startSide) > 0) break;
					}
					a(m, h, d);
				}
			}
		}
		return {
			mapped: o.length ? new e(s, c, o, u) : null,
			pos: l
		};
	}
}, I = class e {
	constructor(e, t, n, r) {
		this.chunkPos = e, this.chunk = t, this.nextLayer = n, this.maxPoint = r;
	}
	static create(t, n, r, i) {
		return new e(t, n, r, i);
	}
	get length() {
		let e = this.chunk.length - 1;
		return e < 0 ? 0 : Math.max(this.chunkEnd(e), this.nextLayer.length);
	}
	get size() {
		if (this.isEmpty) return 0;
		let e = this.nextLayer.size;
		for (let t of this.chunk) e += t.value.length;
		return e;
	}
	chunkEnd(e) {
		return this.chunkPos[e] + this.chunk[e].length;
	}
	update(t) {
		let { add: n = [], sort: r = !1, filterFrom: i = 0, filterTo: a = this.length } = t, o = t.filter;
		if (n.length == 0 && !o) return this;
		if (r && (n = n.slice().sort(Ci)), this.isEmpty) return n.length ? e.of(n) : this;
		let s = new ki(this, null, -1).goto(0), c = 0, l = [], u = new Di();
		for (; s.value || c < n.length;) if (c < n.length && (s.from - n[c].from || s.startSide - n[c].value.startSide) >= 0) {
			let e = n[c++];
			u.addInner(e.from, e.to, e.value, !1) || l.push(e);
		} else s.rangeIndex == 1 && s.chunkIndex < this.chunk.length && (c == n.length || this.chunkEnd(s.chunkIndex) < n[c].from) && (!o || i > this.chunkEnd(s.chunkIndex) || a < this.chunkPos[s.chunkIndex]) && u.addChunk(this.chunkPos[s.chunkIndex], this.chunk[s.chunkIndex]) ? s.nextChunk() : ((!o || i > s.to || a < s.from || o(s.from, s.to, s.value)) && (u.addInner(s.from, s.to, s.value, !1) || l.push(Si.create(s.from, s.to, s.value))), s.next());
		return u.finishInner(this.nextLayer.isEmpty && !l.length ? e.empty : this.nextLayer.update({
			add: l,
			filter: o,
			filterFrom: i,
			filterTo: a
		}));
	}
	map(t) {
		if (t.empty || this.isEmpty) return this;
		let n = [], r = [], i = -1, a, o = (e, t, n) => {
			a ||= new Di(), a.addRange(e, t, n, !1);
		};
		for (let e = 0; e < this.chunk.length; e++) {
			let a = this.chunkPos[e], s = this.chunk[e], c = t.touchesRange(a, a + s.length);
			if (c === !1) i = Math.max(i, s.maxPoint), n.push(s), r.push(t.mapPos(a));
			else if (c === !0) {
				let [e, c] = n.length ? [Ti(r) + Ti(n).length, Ti(Ti(n).value).endSide] : [-1, -1], { mapped: l, pos: u } = s.map(a, t, e, c, o);
				l && (i = Math.max(i, l.maxPoint), n.push(l), r.push(u));
			}
		}
		let s = this.nextLayer.map(t);
		return a && (s = a.finishInner(s)), n.length == 0 ? s : new e(r, n, s || e.empty, i);
	}
	between(e, t, n) {
		if (!this.isEmpty) {
			for (let r = 0; r < this.chunk.length; r++) {
				let i = this.chunkPos[r], a = this.chunk[r];
				if (t >= i && e <= i + a.length && a.between(i, e - i, t - i, n) === !1) return;
			}
			this.nextLayer.between(e, t, n);
		}
	}
	iter(e = 0) {
		return Ai.from([this]).goto(e);
	}
	get isEmpty() {
		return this.nextLayer == this;
	}
	static iter(e, t = 0) {
		return Ai.from(e).goto(t);
	}
	static compare(e, t, n, r, i = -1) {
		let a = e.filter((e) => e.maxPoint > 0 || !e.isEmpty && e.maxPoint >= i), o = t.filter((e) => e.maxPoint > 0 || !e.isEmpty && e.maxPoint >= i), s = Oi(a, o, n), c = new Mi(a, s, i), l = new Mi(o, s, i);
		n.iterGaps((e, t, n) => Ni(c, e, l, t, n, r)), n.empty && n.length == 0 && Ni(c, 0, l, 0, 0, r);
	}
	static eq(e, t, n = 0, r) {
		r ??= 1e9 - 1;
		let i = e.filter((e) => !e.isEmpty && t.indexOf(e) < 0), a = t.filter((t) => !t.isEmpty && e.indexOf(t) < 0);
		if (i.length != a.length) return !1;
		if (!i.length) return !0;
		let o = Oi(i, a), s = new Mi(i, o, 0).goto(n), c = new Mi(a, o, 0).goto(n);
		for (;;) {
			if (s.to != c.to || !Pi(s.active, c.active) || s.point && (!c.point || !xi(s.point, c.point))) return !1;
			if (s.to > r) return !0;
			s.next(), c.next();
		}
	}
	static spans(e, t, n, r, i = -1) {
		let a = new Mi(e, null, i).goto(t), o = t, s = a.openStart;
		for (;;) {
			let e = Math.min(a.to, n);
			if (a.point) {
				let n = a.activeForPoint(a.to), i = a.pointFrom < t ? n.length + 1 : a.point.startSide < 0 ? n.length : Math.min(n.length, s);
				r.point(o, e, a.point, n, i, a.pointRank), s = Math.min(a.openEnd(e), n.length);
			} else e > o && (r.span(o, e, a.active, s), s = a.openEnd(e));
			if (a.to > n) return s + (a.point && a.to > n ? 1 : 0);
			o = a.to, a.next();
		}
	}
	static of(e, t = !1) {
		let n = new Di();
		for (let r of e instanceof Si ? [e] : t ? Ei(e) : e) n.add(r.from, r.to, r.value);
		return n.finish();
	}
	static join(t) {
		if (!t.length) return e.empty;
		let n = Ti(t);
		for (let r = t.length - 2; r >= 0; r--) for (let i = t[r]; i != e.empty; i = i.nextLayer) n = new e(i.chunkPos, i.chunk, n, Math.max(i.maxPoint, n.maxPoint));
		return n;
	}
};
I.empty = new I([], [], null, -1);
function Ti(e) {
	return e[e.length - 1];
}
function Ei(e) {
	if (e.length > 1) for (let t = e[0], n = 1; n < e.length; n++) {
		let r = e[n];
		if (Ci(t, r) > 0) return e.slice().sort(Ci);
		t = r;
	}
	return e;
}
I.empty.nextLayer = I.empty;
var Di = class e {
	finishChunk(e) {
		this.chunks.push(new wi(this.from, this.to, this.value, this.maxPoint)), this.chunkPos.push(this.chunkStart), this.chunkStart = -1, this.setMaxPoint = Math.max(this.setMaxPoint, this.maxPoint), this.maxPoint = -1, e && (this.from = [], this.to = [], this.value = []);
	}
	constructor() {
		this.chunks = [], this.chunkPos = [], this.chunkStart = -1, this.last = null, this.lastFrom = -1e9, this.lastTo = -1e9, this.from = [], this.to = [], this.value = [], this.maxPoint = -1, this.setMaxPoint = -1, this.nextLayer = null;
	}
	add(e, t, n) {
		this.addRange(e, t, n, !0);
	}
	addRange(t, n, r, i) {
		this.addInner(t, n, r, i) || (this.nextLayer ||= new e()).addRange(t, n, r, i);
	}
	addInner(e, t, n, r) {
		let i = e - this.lastTo || n.startSide - this.last.endSide;
		if (r && i <= 0 && (e - this.lastFrom || n.startSide - this.last.startSide) < 0) throw Error("Ranges must be added sorted by `from` position and `startSide`");
		return i < 0 ? !1 : (this.from.length == 250 && this.finishChunk(!0), this.chunkStart < 0 && (this.chunkStart = e), this.from.push(e - this.chunkStart), this.to.push(t - this.chunkStart), this.last = n, this.lastFrom = e, this.lastTo = t, this.value.push(n), n.point && (this.maxPoint = Math.max(this.maxPoint, t - e)), !0);
	}
	addChunk(e, t) {
		if ((e - this.lastTo || t.value[0].startSide - this.last.endSide) < 0) return !1;
		this.from.length && this.finishChunk(!0), this.setMaxPoint = Math.max(this.setMaxPoint, t.maxPoint), this.chunks.push(t), this.chunkPos.push(e);
		let n = t.value.length - 1;
		return this.last = t.value[n], this.lastFrom = t.from[n] + e, this.lastTo = t.to[n] + e, !0;
	}
	finish() {
		return this.finishInner(I.empty);
	}
	finishInner(e) {
		if (this.from.length && this.finishChunk(!1), this.chunks.length == 0) return e;
		let t = I.create(this.chunkPos, this.chunks, this.nextLayer ? this.nextLayer.finishInner(e) : e, this.setMaxPoint);
		return this.from = null, t;
	}
};
function Oi(e, t, n) {
	let r = /* @__PURE__ */ new Map();
	for (let t of e) for (let e = 0; e < t.chunk.length; e++) t.chunk[e].maxPoint <= 0 && r.set(t.chunk[e], t.chunkPos[e]);
	let i = /* @__PURE__ */ new Set();
	for (let e of t) for (let t = 0; t < e.chunk.length; t++) {
		let a = r.get(e.chunk[t]);
		a != null && (n ? n.mapPos(a) : a) == e.chunkPos[t] && !n?.touchesRange(a, a + e.chunk[t].length) && i.add(e.chunk[t]);
	}
	return i;
}
var ki = class {
	constructor(e, t, n, r = 0) {
		this.layer = e, this.skip = t, this.minPoint = n, this.rank = r;
	}
	get startSide() {
		return this.value ? this.value.startSide : 0;
	}
	get endSide() {
		return this.value ? this.value.endSide : 0;
	}
	goto(e, t = -1e9) {
		return this.chunkIndex = this.rangeIndex = 0, this.gotoInner(e, t, !1), this;
	}
	gotoInner(e, t, n) {
		for (; this.chunkIndex < this.layer.chunk.length;) {
			let t = this.layer.chunk[this.chunkIndex];
			if (!(this.skip && this.skip.has(t) || this.layer.chunkEnd(this.chunkIndex) < e || t.maxPoint < this.minPoint)) break;
			this.chunkIndex++, n = !1;
		}
		if (this.chunkIndex < this.layer.chunk.length) {
			let r = this.layer.chunk[this.chunkIndex].findIndex(e - this.layer.chunkPos[this.chunkIndex], t, !0);
			(!n || this.rangeIndex < r) && this.setRangeIndex(r);
		}
		this.next();
	}
	forward(e, t) {
		(this.to - e || this.endSide - t) < 0 && this.gotoInner(e, t, !0);
	}
	next() {
		for (;;) if (this.chunkIndex == this.layer.chunk.length) {
			this.from = this.to = 1e9, this.value = null;
			break;
		} else {
			let e = this.layer.chunkPos[this.chunkIndex], t = this.layer.chunk[this.chunkIndex], n = e + t.from[this.rangeIndex];
			if (this.from = n, this.to = e + t.to[this.rangeIndex], this.value = t.value[this.rangeIndex], this.setRangeIndex(this.rangeIndex + 1), this.minPoint < 0 || this.value.point && this.to - this.from >= this.minPoint) break;
		}
	}
	setRangeIndex(e) {
		if (e == this.layer.chunk[this.chunkIndex].value.length) {
			if (this.chunkIndex++, this.skip) for (; this.chunkIndex < this.layer.chunk.length && this.skip.has(this.layer.chunk[this.chunkIndex]);) this.chunkIndex++;
			this.rangeIndex = 0;
		} else this.rangeIndex = e;
	}
	nextChunk() {
		this.chunkIndex++, this.rangeIndex = 0, this.next();
	}
	compare(e) {
		return this.from - e.from || this.startSide - e.startSide || this.rank - e.rank || this.to - e.to || this.endSide - e.endSide;
	}
}, Ai = class e {
	constructor(e) {
		this.heap = e;
	}
	static from(t, n = null, r = -1) {
		let i = [];
		for (let e = 0; e < t.length; e++) for (let a = t[e]; !a.isEmpty; a = a.nextLayer) a.maxPoint >= r && i.push(new ki(a, n, r, e));
		return i.length == 1 ? i[0] : new e(i);
	}
	get startSide() {
		return this.value ? this.value.startSide : 0;
	}
	goto(e, t = -1e9) {
		for (let n of this.heap) n.goto(e, t);
		for (let e = this.heap.length >> 1; e >= 0; e--) ji(this.heap, e);
		return this.next(), this;
	}
	forward(e, t) {
		for (let n of this.heap) n.forward(e, t);
		for (let e = this.heap.length >> 1; e >= 0; e--) ji(this.heap, e);
		(this.to - e || this.value.endSide - t) < 0 && this.next();
	}
	next() {
		if (this.heap.length == 0) this.from = this.to = 1e9, this.value = null, this.rank = -1;
		else {
			let e = this.heap[0];
			this.from = e.from, this.to = e.to, this.value = e.value, this.rank = e.rank, e.value && e.next(), ji(this.heap, 0);
		}
	}
};
function ji(e, t) {
	for (let n = e[t];;) {
		let r = (t << 1) + 1;
		if (r >= e.length) break;
		let i = e[r];
		if (r + 1 < e.length && i.compare(e[r + 1]) >= 0 && (i = e[r + 1], r++), n.compare(i) < 0) break;
		e[r] = n, e[t] = i, t = r;
	}
}
var Mi = class {
	constructor(e, t, n) {
		this.minPoint = n, this.active = [], this.activeTo = [], this.activeRank = [], this.minActive = -1, this.point = null, this.pointFrom = 0, this.pointRank = 0, this.to = -1e9, this.endSide = 0, this.openStart = -1, this.cursor = Ai.from(e, t, n);
	}
	goto(e, t = -1e9) {
		return this.cursor.goto(e, t), this.active.length = this.activeTo.length = this.activeRank.length = 0, this.minActive = -1, this.to = e, this.endSide = t, this.openStart = -1, this.next(), this;
	}
	forward(e, t) {
		for (; this.minActive > -1 && (this.activeTo[this.minActive] - e || this.active[this.minActive].endSide - t) < 0;) this.removeActive(this.minActive);
		this.cursor.forward(e, t);
	}
	removeActive(e) {
		Fi(this.active, e), Fi(this.activeTo, e), Fi(this.activeRank, e), this.minActive = Li(this.active, this.activeTo);
	}
	addActive(e) {
		let t = 0, { value: n, to: r, rank: i } = this.cursor;
		for (; t < this.activeRank.length && (i - this.activeRank[t] || r - this.activeTo[t]) > 0;) t++;
		Ii(this.active, t, n), Ii(this.activeTo, t, r), Ii(this.activeRank, t, i), e && Ii(e, t, this.cursor.from), this.minActive = Li(this.active, this.activeTo);
	}
	next() {
		let e = this.to, t = this.point;
		this.point = null;
		let n = this.openStart < 0 ? [] : null;
		for (;;) {
			let r = this.minActive;
			if (r > -1 && (this.activeTo[r] - this.cursor.from || this.active[r].endSide - this.cursor.startSide) < 0) {
				if (this.activeTo[r] > e) {
					this.to = this.activeTo[r], this.endSide = this.active[r].endSide;
					break;
				}
				this.removeActive(r), n && Fi(n, r);
			} else if (!this.cursor.value) {
				this.to = this.endSide = 1e9;
				break;
			} else if (this.cursor.from > e) {
				this.to = this.cursor.from, this.endSide = this.cursor.startSide;
				break;
			} else {
				let e = this.cursor.value;
				if (!e.point) this.addActive(n), this.cursor.next();
				else if (t && this.cursor.to == this.to && this.cursor.from < this.cursor.to) this.cursor.next();
				else {
					this.point = e, this.pointFrom = this.cursor.from, this.pointRank = this.cursor.rank, this.to = this.cursor.to, this.endSide = e.endSide, this.cursor.next(), this.forward(this.to, this.endSide);
					break;
				}
			}
		}
		if (n) {
			this.openStart = 0;
			for (let t = n.length - 1; t >= 0 && n[t] < e; t--) this.openStart++;
		}
	}
	activeForPoint(e) {
		if (!this.active.length) return this.active;
		let t = [];
		for (let n = this.active.length - 1; n >= 0 && !(this.activeRank[n] < this.pointRank); n--) (this.activeTo[n] > e || this.activeTo[n] == e && this.active[n].endSide >= this.point.endSide) && t.push(this.active[n]);
		return t.reverse();
	}
	openEnd(e) {
		let t = 0;
		for (let n = this.activeTo.length - 1; n >= 0 && this.activeTo[n] > e; n--) t++;
		return t;
	}
};
function Ni(e, t, n, r, i, a) {
	e.goto(t), n.goto(r);
	let o = r + i, s = r, c = r - t, l = !!a.boundChange;
	for (let t = !1;;) {
		let r = e.to + c - n.to, i = r || e.endSide - n.endSide, u = i < 0 ? e.to + c : n.to, d = Math.min(u, o);
		if (e.point || n.point ? (e.point && n.point && xi(e.point, n.point) && Pi(e.activeForPoint(e.to), n.activeForPoint(n.to)) || a.comparePoint(s, d, e.point, n.point), t = !1) : (t &&= (a.boundChange(s), !1), d > s && !Pi(e.active, n.active) && a.compareRange(s, d, e.active, n.active), l && d < o && (r || e.openEnd(u) != n.openEnd(u)) && (t = !0)), u > o) break;
		s = u, i <= 0 && e.next(), i >= 0 && n.next();
	}
}
function Pi(e, t) {
	if (e.length != t.length) return !1;
	for (let n = 0; n < e.length; n++) if (e[n] != t[n] && !xi(e[n], t[n])) return !1;
	return !0;
}
function Fi(e, t) {
	for (let n = t, r = e.length - 1; n < r; n++) e[n] = e[n + 1];
	e.pop();
}
function Ii(e, t, n) {
	for (let n = e.length - 1; n >= t; n--) e[n + 1] = e[n];
	e[t] = n;
}
function Li(e, t) {
	let n = -1, r = 1e9;
	for (let i = 0; i < t.length; i++) (t[i] - r || e[i].endSide - e[n].endSide) < 0 && (n = i, r = t[i]);
	return n;
}
function Ri(e, t, n = e.length) {
	let r = 0;
	for (let i = 0; i < n && i < e.length;) e.charCodeAt(i) == 9 ? (r += t - r % t, i++) : (r++, i = T(e, i));
	return r;
}
function zi(e, t, n, r) {
	for (let r = 0, i = 0;;) {
		if (i >= t) return r;
		if (r == e.length) break;
		i += e.charCodeAt(r) == 9 ? n - i % n : 1, r = T(e, r);
	}
	return r === !0 ? -1 : e.length;
}
var Bi = `ͼ`, Vi = typeof Symbol > `u` ? `__ͼ` : Symbol.for(Bi), Hi = typeof Symbol > `u` ? `__styleSet` + Math.floor(Math.random() * 1e8) : Symbol(`styleSet`), Ui = typeof globalThis < `u` ? globalThis : typeof window < `u` ? window : {}, Wi = class {
	constructor(e, t) {
		this.rules = [];
		let { finish: n } = t || {};
		function r(e, t, i, a) {
			let o = [], s = /^@(\w+)\b/.exec(e[0]), c = s && s[1] == `keyframes`;
			if (s && t == null) return i.push(e[0] + `;`);
			for (let n in t) {
				let a = t[n];
				if (/&/.test(n)) r(n.split(/,\s*/).map((t) => e.map((e) => t.replace(/&/, e))).reduce((e, t) => e.concat(t)), a, i);
				else if (a && typeof a == `object`) {
					if (!s) throw RangeError(`The value of a property (` + n + `) should be a primitive value.`);
					r(Gi(n), a, o, c);
				} else a != null && (/^--/.test(n) || (n = n.replace(/_.*/, ``).replace(/[A-Z]/g, (e) => `-` + e.toLowerCase())), o.push(n + `: ` + a + `;`));
			}
			(o.length || c) && i.push((n && !s && !a ? e.map(n) : e).join(`, `) + ` {` + o.join(` `) + `}`);
		}
		for (let t in e) r(Gi(t), e[t], this.rules);
	}
	getRules() {
		return this.rules.join(`
`);
	}
	static newName() {
		let e = Ui[Vi] || 1;
		return Ui[Vi] = e + 1, Bi + e.toString(36);
	}
	static mount(e, t, n) {
		let r = e[Hi], i = n && n.nonce;
		r ? i && r.setNonce(i) : r = new qi(e, i), r.mount(Array.isArray(t) ? t : [t], e);
	}
};
function Gi(e) {
	if (/^@/.test(e)) return [e];
	let t = [], n = 0, r = null, i = 0, a = 0;
	for (let o = 0; o < e.length; o++) {
		let s = e[o];
		s == `\\` ? o++ : s == `"` || s == `'` ? s == r ? r = !1 : r ||= s : (s == `[` || s == `(`) && !r ? n++ : (s == `]` || s == `)`) && !r ? n-- : s == `,` && !n && !r && (t.push(e.slice(a, i)), a = o + 1), /\S/.test(s) ? i = o + 1 : o == a && a++;
	}
	return t.push(e.slice(a, i)), t;
}
for (var Ki = /* @__PURE__ */ new Map(), qi = class {
	constructor(e, t) {
		let n = e.ownerDocument || e, r = n.defaultView;
		if (!e.head && e.adoptedStyleSheets && r.CSSStyleSheet) {
			let t = Ki.get(n);
			if (t) return e[Hi] = t;
			this.sheet = new r.CSSStyleSheet(), Ki.set(n, this);
		} else this.styleTag = n.createElement(`style`), t && this.styleTag.setAttribute(`nonce`, t);
		this.modules = [], e[Hi] = this;
	}
	mount(e, t) {
		let n = this.sheet, r = 0, i = 0, a = !1;
		for (let t = 0; t < e.length; t++) {
			let o = e[t], s = this.modules.indexOf(o);
			if (s < i && s > -1 && (this.modules.splice(s, 1), a = !0, i--, s = -1), s == -1) {
				if (this.modules.splice(i++, 0, o), a = !0, n) for (let e = 0; e < o.rules.length; e++) n.insertRule(o.rules[e], r++);
			} else {
				for (; i < s;) r += this.modules[i++].rules.length;
				r += o.rules.length, i++;
			}
		}
		if (n) t.adoptedStyleSheets.indexOf(this.sheet) < 0 && (t.adoptedStyleSheets = [this.sheet, ...t.adoptedStyleSheets]);
		else {
			if (a) {
				let e = ``;
				for (let t = 0; t < this.modules.length; t++) e += this.modules[t].getRules() + `
`;
				this.styleTag.textContent = e;
			}
			let e = t.head || t;
			this.styleTag.parentNode != e && e.insertBefore(this.styleTag, e.firstChild);
		}
	}
	setNonce(e) {
		this.styleTag && this.styleTag.getAttribute(`nonce`) != e && this.styleTag.setAttribute(`nonce`, e);
	}
}, Ji = {
	8: `Backspace`,
	9: `Tab`,
	10: `Enter`,
	12: `NumLock`,
	13: `Enter`,
	16: `Shift`,
	17: `Control`,
	18: `Alt`,
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
	44: `PrintScreen`,
	45: `Insert`,
	46: `Delete`,
	59: `;`,
	61: `=`,
	91: `Meta`,
	92: `Meta`,
	106: `*`,
	107: `+`,
	108: `,`,
	109: `-`,
	110: `.`,
	111: `/`,
	144: `NumLock`,
	145: `ScrollLock`,
	160: `Shift`,
	161: `Shift`,
	162: `Control`,
	163: `Control`,
	164: `Alt`,
	165: `Alt`,
	173: `-`,
	186: `;`,
	187: `=`,
	188: `,`,
	189: `-`,
	190: `.`,
	191: `/`,
	192: "`",
	219: `[`,
	220: `\\`,
	221: `]`,
	222: `'`
}, Yi = {
	48: `)`,
	49: `!`,
	50: `@`,
	51: `#`,
	52: `$`,
	53: `%`,
	54: `^`,
	55: `&`,
	56: `*`,
	57: `(`,
	59: `:`,
	61: `+`,
	173: `_`,
	186: `:`,
	187: `+`,
	188: `<`,
	189: `_`,
	190: `>`,
	191: `?`,
	192: `~`,
	219: `{`,
	220: `|`,
	221: `}`,
	222: `"`
}, Xi = typeof navigator < `u` && /Mac/.test(navigator.platform), Zi = typeof navigator < `u` && /MSIE \d|Trident\/(?:[7-9]|\d{2,})\..*rv:(\d+)/.exec(navigator.userAgent), L = 0; L < 10; L++) Ji[48 + L] = Ji[96 + L] = String(L);
for (var L = 1; L <= 24; L++) Ji[L + 111] = `F` + L;
for (var L = 65; L <= 90; L++) Ji[L] = String.fromCharCode(L + 32), Yi[L] = String.fromCharCode(L);
for (var Qi in Ji) Yi.hasOwnProperty(Qi) || (Yi[Qi] = Ji[Qi]);
function $i(e) {
	var t = !(Xi && e.metaKey && e.shiftKey && !e.ctrlKey && !e.altKey || Zi && e.shiftKey && e.key && e.key.length == 1 || e.key == `Unidentified`) && e.key || (e.shiftKey ? Yi : Ji)[e.keyCode] || e.key || `Unidentified`;
	return t == `Esc` && (t = `Escape`), t == `Del` && (t = `Delete`), t == `Left` && (t = `ArrowLeft`), t == `Up` && (t = `ArrowUp`), t == `Right` && (t = `ArrowRight`), t == `Down` && (t = `ArrowDown`), t;
}
function R() {
	var e = arguments[0];
	typeof e == `string` && (e = document.createElement(e));
	var t = 1, n = arguments[1];
	if (n && typeof n == `object` && n.nodeType == null && !Array.isArray(n)) {
		for (var r in n) if (Object.prototype.hasOwnProperty.call(n, r)) {
			var i = n[r];
			typeof i == `string` ? e.setAttribute(r, i) : i != null && (e[r] = i);
		}
		t++;
	}
	for (; t < arguments.length; t++) ea(e, arguments[t]);
	return e;
}
function ea(e, t) {
	if (typeof t == `string`) e.appendChild(document.createTextNode(t));
	else if (t != null) {
		if (t.nodeType != null) e.appendChild(t);
		else if (Array.isArray(t)) for (var n = 0; n < t.length; n++) ea(e, t[n]);
		else throw RangeError(`Unsupported child node: ` + t);
	}
}
var z = typeof navigator < `u` ? navigator : {
	userAgent: ``,
	vendor: ``,
	platform: ``
}, ta = typeof document < `u` ? document : { documentElement: { style: {} } }, na = /Edge\/(\d+)/.exec(z.userAgent), ra = /MSIE \d/.test(z.userAgent), ia = /Trident\/(?:[7-9]|\d{2,})\..*rv:(\d+)/.exec(z.userAgent), aa = !!(ra || ia || na), oa = !aa && /gecko\/(\d+)/i.test(z.userAgent), sa = !aa && /Chrome\/(\d+)/.exec(z.userAgent), ca = `webkitFontSmoothing` in ta.documentElement.style, la = !aa && /Apple Computer/.test(z.vendor), ua = la && (/Mobile\/\w+/.test(z.userAgent) || z.maxTouchPoints > 2), B = {
	mac: ua || /Mac/.test(z.platform),
	windows: /Win/.test(z.platform),
	linux: /Linux|X11/.test(z.platform),
	ie: aa,
	ie_version: ra ? ta.documentMode || 6 : ia ? +ia[1] : na ? +na[1] : 0,
	gecko: oa,
	gecko_version: oa ? +(/Firefox\/(\d+)/.exec(z.userAgent) || [0, 0])[1] : 0,
	chrome: !!sa,
	chrome_version: sa ? +sa[1] : 0,
	ios: ua,
	android: /Android\b/.test(z.userAgent),
	webkit: ca,
	webkit_version: ca ? +(/\bAppleWebKit\/(\d+)/.exec(z.userAgent) || [0, 0])[1] : 0,
	safari: la,
	safari_version: la ? +(/\bVersion\/(\d+(\.\d+)?)/.exec(z.userAgent) || [0, 0])[1] : 0,
	tabSize: ta.documentElement.style.tabSize == null ? `-moz-tab-size` : `tab-size`
};
function da(e, t) {
	for (let n in e) n == `class` && t.class ? t.class += ` ` + e.class : n == `style` && t.style ? t.style += `;` + e.style : t[n] = e[n];
	return t;
}
var fa = Object.create(null);
function pa(e, t, n) {
	if (e == t) return !0;
	e ||= fa, t ||= fa;
	let r = Object.keys(e), i = Object.keys(t);
	if (r.length - 0 != i.length - 0) return !1;
	for (let a of r) if (a != n && (i.indexOf(a) == -1 || e[a] !== t[a])) return !1;
	return !0;
}
function ma(e, t) {
	for (let n = e.attributes.length - 1; n >= 0; n--) {
		let r = e.attributes[n].name;
		t[r] ?? e.removeAttribute(r);
	}
	for (let n in t) {
		let r = t[n];
		n == `style` ? e.style.cssText = r : e.getAttribute(n) != r && e.setAttribute(n, r);
	}
}
function ha(e, t, n) {
	let r = !1;
	if (t) for (let i in t) n && i in n || (r = !0, i == `style` ? e.style.cssText = `` : e.removeAttribute(i));
	if (n) for (let i in n) t && t[i] == n[i] || (r = !0, i == `style` ? e.style.cssText = n[i] : e.setAttribute(i, n[i]));
	return r;
}
function ga(e) {
	let t = Object.create(null);
	for (let n = 0; n < e.attributes.length; n++) {
		let r = e.attributes[n];
		t[r.name] = r.value;
	}
	return t;
}
var _a = class {
	eq(e) {
		return !1;
	}
	updateDOM(e, t, n) {
		return !1;
	}
	compare(e) {
		return this == e || this.constructor == e.constructor && this.eq(e);
	}
	get estimatedHeight() {
		return -1;
	}
	get lineBreaks() {
		return 0;
	}
	ignoreEvent(e) {
		return !0;
	}
	coordsAt(e, t, n) {
		return null;
	}
	get isHidden() {
		return !1;
	}
	get editable() {
		return !1;
	}
	destroy(e) {}
}, V = (function(e) {
	return e[e.Text = 0] = `Text`, e[e.WidgetBefore = 1] = `WidgetBefore`, e[e.WidgetAfter = 2] = `WidgetAfter`, e[e.WidgetRange = 3] = `WidgetRange`, e;
})(V ||= {}), H = class extends bi {
	constructor(e, t, n, r) {
		super(), this.startSide = e, this.endSide = t, this.widget = n, this.spec = r;
	}
	get heightRelevant() {
		return !1;
	}
	static mark(e) {
		return new va(e);
	}
	static widget(e) {
		let t = Math.max(-1e4, Math.min(1e4, e.side || 0)), n = !!e.block;
		return t += n && !e.inlineOrder ? t > 0 ? 3e8 : -4e8 : t > 0 ? 1e8 : -1e8, new ba(e, t, t, n, e.widget || null, !1);
	}
	static replace(e) {
		let t = !!e.block, n, r;
		if (e.isBlockGap) n = -5e8, r = 4e8;
		else {
			let { start: i, end: a } = xa(e, t);
			n = (i ? t ? -3e8 : -1 : 5e8) - 1, r = (a ? t ? 2e8 : 1 : -6e8) + 1;
		}
		return new ba(e, n, r, t, e.widget || null, !0);
	}
	static line(e) {
		return new ya(e);
	}
	static set(e, t = !1) {
		return I.of(e, t);
	}
	hasHeight() {
		return this.widget ? this.widget.estimatedHeight > -1 : !1;
	}
};
H.none = I.empty;
var va = class e extends H {
	constructor(e) {
		let { start: t, end: n } = xa(e);
		super(t ? -1 : 5e8, n ? 1 : -6e8, null, e), this.tagName = e.tagName || `span`, this.attrs = e.class && e.attributes ? da(e.attributes, { class: e.class }) : e.class ? { class: e.class } : e.attributes || fa;
	}
	eq(t) {
		return this == t || t instanceof e && this.tagName == t.tagName && pa(this.attrs, t.attrs);
	}
	range(e, t = e) {
		if (e >= t) throw RangeError(`Mark decorations may not be empty`);
		return super.range(e, t);
	}
};
va.prototype.point = !1;
var ya = class e extends H {
	constructor(e) {
		super(-2e8, -2e8, null, e);
	}
	eq(t) {
		return t instanceof e && this.spec.class == t.spec.class && pa(this.spec.attributes, t.spec.attributes);
	}
	range(e, t = e) {
		if (t != e) throw RangeError(`Line decoration ranges must be zero-length`);
		return super.range(e, t);
	}
};
ya.prototype.mapMode = D.TrackBefore, ya.prototype.point = !0;
var ba = class e extends H {
	constructor(e, t, n, r, i, a) {
		super(t, n, i, e), this.block = r, this.isReplace = a, this.mapMode = r ? t <= 0 ? D.TrackBefore : D.TrackAfter : D.TrackDel;
	}
	get type() {
		return this.startSide == this.endSide ? this.startSide <= 0 ? V.WidgetBefore : V.WidgetAfter : V.WidgetRange;
	}
	get heightRelevant() {
		return this.block || !!this.widget && (this.widget.estimatedHeight >= 5 || this.widget.lineBreaks > 0);
	}
	eq(t) {
		return t instanceof e && Sa(this.widget, t.widget) && this.block == t.block && this.startSide == t.startSide && this.endSide == t.endSide;
	}
	range(e, t = e) {
		if (this.isReplace && (e > t || e == t && this.startSide > 0 && this.endSide <= 0)) throw RangeError(`Invalid range for replacement decoration`);
		if (!this.isReplace && t != e) throw RangeError(`Widget decorations can only have zero-length ranges`);
		return super.range(e, t);
	}
};
ba.prototype.point = !0;
function xa(e, t = !1) {
	let { inclusiveStart: n, inclusiveEnd: r } = e;
	return n ??= e.inclusive, r ??= e.inclusive, {
		start: n ?? t,
		end: r ?? t
	};
}
function Sa(e, t) {
	return e == t || !!(e && t && e.compare(t));
}
function Ca(e, t, n, r = 0) {
	let i = n.length - 1;
	i >= 0 && n[i] + r >= e ? n[i] = Math.max(n[i], t) : n.push(e, t);
}
var wa = class e extends bi {
	constructor(e, t, n) {
		super(), this.tagName = e, this.attributes = t, this.rank = n;
	}
	eq(t) {
		return t == this || t instanceof e && this.tagName == t.tagName && pa(this.attributes, t.attributes);
	}
	static create(t) {
		return new e(t.tagName, t.attributes || fa, t.rank == null ? 50 : Math.max(0, Math.min(t.rank, 100)));
	}
	static set(e, t = !1) {
		return I.of(e, t);
	}
};
wa.prototype.startSide = wa.prototype.endSide = -1;
var U = (e) => e.nodeType == 1, Ta = (e) => e.nodeType == 3;
function Ea(e) {
	let t;
	return t = e.nodeType == 11 ? e.getSelection ? e : e.ownerDocument : e, t.getSelection();
}
function Da(e, t) {
	return t ? e == t || e.contains(t.nodeType == 1 ? t : t.parentNode) : !1;
}
function Oa(e, t) {
	if (!t.anchorNode) return !1;
	try {
		return Da(e, t.anchorNode);
	} catch {
		return !1;
	}
}
function ka(e) {
	return Ta(e) ? Ka(e, 0, e.nodeValue.length).getClientRects() : U(e) ? e.getClientRects() : [];
}
function Aa(e, t, n, r) {
	return n ? Na(e, t, n, r, -1) || Na(e, t, n, r, 1) : !1;
}
function ja(e) {
	for (var t = 0;; t++) if (e = e.previousSibling, !e) return t;
}
function Ma(e) {
	return U(e) && /^(DIV|P|LI|UL|OL|BLOCKQUOTE|DD|DT|H\d|SECTION|PRE)$/.test(e.nodeName);
}
function Na(e, t, n, r, i) {
	for (;;) {
		if (e == n && t == r) return !0;
		if (t == (i < 0 ? 0 : Pa(e))) {
			if (e.nodeName == `DIV`) return !1;
			let n = e.parentNode;
			if (!n || !U(n)) return !1;
			t = ja(e) + (i < 0 ? 0 : 1), e = n;
		} else if (U(e)) {
			if (e = e.childNodes[t + (i < 0 ? -1 : 0)], U(e) && (e.nodeName == `IMG` || e.nodeName == `BR` || e.contentEditable == `false`)) return !1;
			t = i < 0 ? Pa(e) : 0;
		} else return !1;
	}
}
function Pa(e) {
	return Ta(e) ? e.nodeValue.length : e.childNodes.length;
}
function Fa(e, t) {
	let { left: n, right: r } = e;
	if (n == r) return e;
	let i = t ? n : r;
	return {
		left: i,
		right: i,
		top: e.top,
		bottom: e.bottom
	};
}
function Ia(e) {
	let t = e.visualViewport;
	return t ? {
		left: 0,
		right: t.width,
		top: 0,
		bottom: t.height
	} : {
		left: 0,
		right: e.innerWidth,
		top: 0,
		bottom: e.innerHeight
	};
}
function La(e, t) {
	let n = t.width / e.offsetWidth, r = t.height / e.offsetHeight;
	return (n > .995 && n < 1.005 || !isFinite(n) || Math.abs(t.width - e.offsetWidth) < 1) && (n = 1), (r > .995 && r < 1.005 || !isFinite(r) || Math.abs(t.height - e.offsetHeight) < 1) && (r = 1), {
		scaleX: n,
		scaleY: r
	};
}
function Ra(e, t, n, r, i, a, o, s) {
	let c = e.ownerDocument, l = c.defaultView || window;
	for (let u = e, d = !1; u && !d;) if (U(u)) {
		let e, f = u == c.body, p = 1, m = 1, h = !0, g = !0;
		if (f) e = Ia(l);
		else {
			let t = getComputedStyle(u);
			if (/^(fixed|sticky)$/.test(t.position) && (d = !0), (u.scrollHeight <= u.clientHeight || !/auto|scroll/.test(t.overflowY)) && (g = !1), (u.scrollWidth <= u.clientWidth || !/auto|scroll/.test(t.overflowX)) && (h = !1), !h && !g) {
				u = u.assignedSlot || u.parentNode;
				continue;
			}
			let n = u.getBoundingClientRect();
			({scaleX: p, scaleY: m} = La(u, n)), e = {
				left: n.left,
				right: n.left + u.clientWidth * p,
				top: n.top,
				bottom: n.top + u.clientHeight * m
			};
		}
		let _ = 0, v = 0;
		if (g) {
			if (i == `nearest`) t.top < e.top + o ? (v = t.top - (e.top + o), n > 0 && t.bottom > e.bottom + v && (v = t.bottom - e.bottom + o)) : t.bottom > e.bottom - o && (v = t.bottom - e.bottom + o, n < 0 && t.top - v < e.top && (v = t.top - (e.top + o)));
			else {
				let r = t.bottom - t.top, a = e.bottom - e.top;
				v = (i == `center` && r <= a ? t.top + r / 2 - a / 2 : i == `start` || i == `center` && n < 0 ? t.top - o : t.bottom - a + o) - e.top;
			}
		}
		if (h && (r == `nearest` ? t.left < e.left + a ? (_ = t.left - (e.left + a), n > 0 && t.right > e.right + _ && (_ = t.right - e.right + a)) : t.right > e.right - a && (_ = t.right - e.right + a, n < 0 && t.left < e.left + _ && (_ = t.left - (e.left + a))) : _ = (r == `center` ? t.left + (t.right - t.left) / 2 - (e.right - e.left) / 2 : r == `start` == s ? t.left - a : t.right - (e.right - e.left) + a) - e.left), _ || v) {
			if (f) l.scrollBy(_, v);
			else {
				let e = 0, n = 0;
				if (v) {
					let e = u.scrollTop;
					u.scrollTop += v / m, n = (u.scrollTop - e) * m;
				}
				if (_) {
					let t = u.scrollLeft;
					u.scrollLeft += _ / p, e = (u.scrollLeft - t) * p;
				}
				t = {
					left: t.left - e,
					top: t.top - n,
					right: t.right - e,
					bottom: t.bottom - n
				}, e && Math.abs(e - _) < 1 && (r = `nearest`), n && Math.abs(n - v) < 1 && (i = `nearest`);
			}
		}
		if (f) break;
		(t.top < e.top || t.bottom > e.bottom || t.left < e.left || t.right > e.right) && (t = {
			left: Math.max(t.left, e.left),
			right: Math.min(t.right, e.right),
			top: Math.max(t.top, e.top),
			bottom: Math.min(t.bottom, e.bottom)
		}), u = u.assignedSlot || u.parentNode;
	} else if (u.nodeType == 11) u = u.host;
	else break;
}
function za(e, t = !0) {
	let n = e.ownerDocument, r = null, i = null;
	for (let a = e.parentNode; a && !(a == n.body || (!t || r) && i);) if (U(a)) !i && a.scrollHeight > a.clientHeight && /scroll|auto/.test(getComputedStyle(a).overflowY) && (i = a), t && !r && a.scrollWidth > a.clientWidth && /scroll|auto/.test(getComputedStyle(a).overflowX) && (r = a), a = a.assignedSlot || a.parentNode;
	else if (a.nodeType == 11) a = a.host;
	else break;
	return {
		x: r,
		y: i
	};
}
var Ba = class {
	constructor() {
		this.anchorNode = null, this.anchorOffset = 0, this.focusNode = null, this.focusOffset = 0;
	}
	eq(e) {
		return this.anchorNode == e.anchorNode && this.anchorOffset == e.anchorOffset && this.focusNode == e.focusNode && this.focusOffset == e.focusOffset;
	}
	setRange(e) {
		let { anchorNode: t, focusNode: n } = e;
		this.set(t, Math.min(e.anchorOffset, t ? Pa(t) : 0), n, Math.min(e.focusOffset, n ? Pa(n) : 0));
	}
	set(e, t, n, r) {
		this.anchorNode = e, this.anchorOffset = t, this.focusNode = n, this.focusOffset = r;
	}
};
function Va(e) {
	let t = [];
	for (let n = e; n; n = n.nodeType == 11 ? n.host : n.parentNode) U(n) && t.push({
		node: n,
		left: n.scrollLeft,
		top: n.scrollTop
	});
	return t;
}
function Ha(e, t = !0) {
	for (let { node: n, left: r, top: i } of e) t && n.scrollTop != i && (n.scrollTop = i), n.scrollLeft != r && (n.scrollLeft = r);
}
var Ua = null;
B.safari && B.safari_version >= 26 && (Ua = !1);
function Wa(e) {
	if (e.setActive) return e.setActive();
	if (Ua) return e.focus(Ua);
	let t = Va(e);
	e.focus(Ua == null ? { get preventScroll() {
		return Ua = { preventScroll: !0 }, !0;
	} } : void 0), Ua || (Ua = !1, Ha(t));
}
var Ga;
function Ka(e, t, n = t) {
	let r = Ga ||= document.createRange();
	return r.setEnd(e, n), r.setStart(e, t), r;
}
function qa(e, t, n, r) {
	let i = {
		key: t,
		code: t,
		keyCode: n,
		which: n,
		cancelable: !0
	};
	r && ({altKey: i.altKey, ctrlKey: i.ctrlKey, shiftKey: i.shiftKey, metaKey: i.metaKey} = r);
	let a = new KeyboardEvent(`keydown`, i);
	a.synthetic = !0, e.dispatchEvent(a);
	let o = new KeyboardEvent(`keyup`, i);
	return o.synthetic = !0, e.dispatchEvent(o), a.defaultPrevented || o.defaultPrevented;
}
function Ja(e) {
	for (; e;) {
		if (e && (e.nodeType == 9 || e.nodeType == 11 && e.host)) return e;
		e = e.assignedSlot || e.parentNode;
	}
	return null;
}
function Ya(e, t) {
	let n = t.focusNode, r = t.focusOffset;
	if (!n || t.anchorNode != n || t.anchorOffset != r) return !1;
	for (r = Math.min(r, Pa(n));;) if (r) {
		if (!U(n)) return !1;
		let e = n.childNodes[r - 1];
		e.contentEditable == `false` ? r-- : (n = e, r = Pa(n));
	} else if (n == e) return !0;
	else r = ja(n), n = n.parentNode;
}
function Xa(e) {
	return e instanceof Window ? e.pageYOffset > Math.max(0, e.document.documentElement.scrollHeight - e.innerHeight - 4) : e.scrollTop > Math.max(1, e.scrollHeight - e.clientHeight - 4);
}
function Za(e, t) {
	for (let n = e, r = t;;) if (Ta(n) && r > 0) return {
		node: n,
		offset: r
	};
	else if (U(n) && r > 0) {
		if (n.contentEditable == `false`) return null;
		n = n.childNodes[r - 1], r = Pa(n);
	} else if (n.parentNode && !Ma(n)) r = ja(n), n = n.parentNode;
	else return null;
}
function Qa(e, t) {
	for (let n = e, r = t;;) if (Ta(n) && r < n.nodeValue.length) return {
		node: n,
		offset: r
	};
	else if (U(n) && r < n.childNodes.length) {
		if (n.contentEditable == `false`) return null;
		n = n.childNodes[r], r = 0;
	} else if (n.parentNode && !Ma(n)) r = ja(n) + 1, n = n.parentNode;
	else return null;
}
var $a = class e {
	constructor(e, t, n = !0) {
		this.node = e, this.offset = t, this.precise = n;
	}
	static before(t, n) {
		return new e(t.parentNode, ja(t), n);
	}
	static after(t, n) {
		return new e(t.parentNode, ja(t) + 1, n);
	}
}, W = (function(e) {
	return e[e.LTR = 0] = `LTR`, e[e.RTL = 1] = `RTL`, e;
})(W ||= {}), eo = W.LTR, to = W.RTL;
function no(e) {
	let t = [];
	for (let n = 0; n < e.length; n++) t.push(1 << e[n]);
	return t;
}
var ro = no(`88888888888888888888888888888888888666888888787833333333337888888000000000000000000000000008888880000000000000000000000000088888888888888888888888888888888888887866668888088888663380888308888800000000000000000000000800000000000000000000000000000008`), io = no(`4444448826627288999999999992222222222222222222222222222222222222222222222229999999999999999999994444444444644222822222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222999999949999999229989999223333333333`), ao = Object.create(null), oo = [];
for (let e of [
	`()`,
	`[]`,
	`{}`
]) {
	let t = e.charCodeAt(0), n = e.charCodeAt(1);
	ao[t] = n, ao[n] = -t;
}
function so(e) {
	return e <= 247 ? ro[e] : 1424 <= e && e <= 1524 ? 2 : 1536 <= e && e <= 1785 ? io[e - 1536] : 1774 <= e && e <= 2220 ? 4 : 8192 <= e && e <= 8204 ? 256 : 64336 <= e && e <= 65023 ? 4 : 1;
}
var co = /[\u0590-\u05f4\u0600-\u06ff\u0700-\u08ac\ufb50-\ufdff]/, lo = class {
	get dir() {
		return this.level % 2 ? to : eo;
	}
	constructor(e, t, n) {
		this.from = e, this.to = t, this.level = n;
	}
	side(e, t) {
		return this.dir == t == e ? this.to : this.from;
	}
	forward(e, t) {
		return e == (this.dir == t);
	}
	static find(e, t, n, r) {
		let i = -1;
		for (let a = 0; a < e.length; a++) {
			let o = e[a];
			if (o.from <= t && o.to >= t) {
				if (o.level == n) return a;
				(i < 0 || (r == 0 ? e[i].level > o.level : r < 0 ? o.from < t : o.to > t)) && (i = a);
			}
		}
		if (i < 0) throw RangeError(`Index out of range`);
		return i;
	}
};
function uo(e, t) {
	if (e.length != t.length) return !1;
	for (let n = 0; n < e.length; n++) {
		let r = e[n], i = t[n];
		if (r.from != i.from || r.to != i.to || r.direction != i.direction || !uo(r.inner, i.inner)) return !1;
	}
	return !0;
}
var G = [];
function fo(e, t, n, r, i) {
	for (let a = 0; a <= r.length; a++) {
		let o = a ? r[a - 1].to : t, s = a < r.length ? r[a].from : n, c = a ? 256 : i;
		for (let t = o, n = c, r = c; t < s; t++) {
			let i = so(e.charCodeAt(t));
			i == 512 ? i = n : i == 8 && r == 4 && (i = 16), G[t] = i == 4 ? 2 : i, i & 7 && (r = i), n = i;
		}
		for (let e = o, t = c, r = c; e < s; e++) {
			let i = G[e];
			if (i == 128) e < s - 1 && t == G[e + 1] && t & 24 ? i = G[e] = t : G[e] = 256;
			else if (i == 64) {
				let i = e + 1;
				for (; i < s && G[i] == 64;) i++;
				let a = e && t == 8 || i < n && G[i] == 8 ? r == 1 ? 1 : 8 : 256;
				for (let t = e; t < i; t++) G[t] = a;
				e = i - 1;
			} else i == 8 && r == 1 && (G[e] = 1);
			t = i, i & 7 && (r = i);
		}
	}
}
function po(e, t, n, r, i) {
	let a = i == 1 ? 2 : 1;
	for (let o = 0, s = 0, c = 0; o <= r.length; o++) {
		let l = o ? r[o - 1].to : t, u = o < r.length ? r[o].from : n;
		for (let t = l, n, r, o; t < u; t++) if (r = ao[n = e.charCodeAt(t)]) {
			if (r < 0) {
				for (let e = s - 3; e >= 0; e -= 3) if (oo[e + 1] == -r) {
					let n = oo[e + 2], r = n & 2 ? i : n & 4 ? n & 1 ? a : i : 0;
					r && (G[t] = G[oo[e]] = r), s = e;
					break;
				}
			} else if (oo.length == 189) break;
			else oo[s++] = t, oo[s++] = n, oo[s++] = c;
		} else if ((o = G[t]) == 2 || o == 1) {
			let e = o == i;
			c = +!e;
			for (let t = s - 3; t >= 0; t -= 3) {
				let n = oo[t + 2];
				if (n & 2) break;
				if (e) oo[t + 2] |= 2;
				else {
					if (n & 4) break;
					oo[t + 2] |= 4;
				}
			}
		}
	}
}
function mo(e, t, n, r) {
	for (let i = 0, a = r; i <= n.length; i++) {
		let o = i ? n[i - 1].to : e, s = i < n.length ? n[i].from : t;
		for (let c = o; c < s;) {
			let o = G[c];
			if (o == 256) {
				let o = c + 1;
				for (;;) if (o == s) {
					if (i == n.length) break;
					o = n[i++].to, s = i < n.length ? n[i].from : t;
				} else if (G[o] == 256) o++;
				else break;
				let l = a == 1, u = l == ((o < t ? G[o] : r) == 1) ? l ? 1 : 2 : r;
				for (let t = o, r = i, a = r ? n[r - 1].to : e; t > c;) t == a && (t = n[--r].from, a = r ? n[r - 1].to : e), G[--t] = u;
				c = o;
			} else a = o, c++;
		}
	}
}
function ho(e, t, n, r, i, a, o) {
	let s = r % 2 ? 2 : 1;
	if (r % 2 == i % 2) for (let c = t, l = 0; c < n;) {
		let t = !0, u = !1;
		if (l == a.length || c < a[l].from) {
			let e = G[c];
			e != s && (t = !1, u = e == 16);
		}
		let d = !t && s == 1 ? [] : null, f = t ? r : r + 1, p = c;
		run: for (;;) if (l < a.length && p == a[l].from) {
			if (u) break run;
			let m = a[l];
			if (!t) for (let e = m.to, t = l + 1;;) {
				if (e == n) break run;
				if (t < a.length && a[t].from == e) e = a[t++].to;
				else if (G[e] == s) break run;
				else break;
			}
			l++, d ? d.push(m) : (m.from > c && o.push(new lo(c, m.from, f)), go(e, m.direction == eo == !(f % 2) ? r : r + 1, i, m.inner, m.from, m.to, o), c = m.to), p = m.to;
		} else if (p == n || (t ? G[p] != s : G[p] == s)) break;
		else p++;
		d ? ho(e, c, p, r + 1, i, d, o) : c < p && o.push(new lo(c, p, f)), c = p;
	}
	else for (let c = n, l = a.length; c > t;) {
		let n = !0, u = !1;
		if (!l || c > a[l - 1].to) {
			let e = G[c - 1];
			e != s && (n = !1, u = e == 16);
		}
		let d = !n && s == 1 ? [] : null, f = n ? r : r + 1, p = c;
		run: for (;;) if (l && p == a[l - 1].to) {
			if (u) break run;
			let m = a[--l];
			if (!n) for (let e = m.from, n = l;;) {
				if (e == t) break run;
				if (n && a[n - 1].to == e) e = a[--n].from;
				else if (G[e - 1] == s) break run;
				else break;
			}
			d ? d.push(m) : (m.to < c && o.push(new lo(m.to, c, f)), go(e, m.direction == eo == !(f % 2) ? r : r + 1, i, m.inner, m.from, m.to, o), c = m.from), p = m.from;
		} else if (p == t || (n ? G[p - 1] != s : G[p - 1] == s)) break;
		else p--;
		d ? ho(e, p, c, r + 1, i, d, o) : p < c && o.push(new lo(p, c, f)), c = p;
	}
}
function go(e, t, n, r, i, a, o) {
	let s = t % 2 ? 2 : 1;
	fo(e, i, a, r, s), po(e, i, a, r, s), mo(i, a, r, s), ho(e, i, a, t, n, r, o);
}
function _o(e, t, n) {
	if (!e) return [new lo(0, 0, +(t == to))];
	if (t == eo && !n.length && !co.test(e)) return vo(e.length);
	if (n.length) for (; e.length > G.length;) G[G.length] = 256;
	let r = [], i = t == eo ? 0 : 1;
	return go(e, i, i, n, 0, e.length, r), r;
}
function vo(e) {
	return [new lo(0, e, 0)];
}
var yo = ``;
function bo(e, t, n, r, i) {
	if (!e.length) return null;
	let a = r.head - e.from, o;
	if (r.head == e.from && r.assoc < 0) {
		if (!i) return null;
		a = t[o = 0].side(!1, n);
	} else if (r.head == e.to && r.assoc > 0) {
		if (i) return null;
		a = t[o = t.length - 1].side(!0, n);
	} else o = lo.find(t, a, r.bidiLevel ?? -1, r.assoc);
	let s = t[o], c = s.side(i, n);
	if (a == c) {
		let e = o += i ? 1 : -1;
		if (e < 0 || e >= t.length) return null;
		s = t[o = e], a = s.side(!i, n), c = s.side(i, n);
	}
	let l = T(e.text, a, s.forward(i, n));
	(l < s.from || l > s.to) && (l = c), yo = e.text.slice(Math.min(a, l), Math.max(a, l));
	let u = o == (i ? t.length - 1 : 0) ? null : t[o + (i ? 1 : -1)];
	if (l == c) {
		if (!u) return i ? k.cursor(e.to, 1) : k.cursor(e.from, -1);
		if (u.level + +!i < s.level) return k.cursor(u.side(!i, n) + e.from, u.forward(i, n) ? 1 : -1, u.level);
	}
	return k.cursor(l + e.from, s.forward(i, n) ? -1 : 1, s.level);
}
function xo(e, t, n) {
	for (let r = t; r < n; r++) {
		let t = so(e.charCodeAt(r));
		if (t == 1) return eo;
		if (t == 2 || t == 4) return to;
	}
}
var So = A.define(), Co = A.define(), wo = A.define(), To = A.define(), Eo = A.define(), Do = A.define(), Oo = A.define(), ko = A.define(), Ao = A.define(), jo = A.define({ combine: (e) => e.some((e) => e) }), Mo = A.define({ combine: (e) => e.some((e) => e) }), No = A.define(), Po = class e {
	constructor(e, t, n, r, i, a = !1) {
		this.range = e, this.y = t, this.x = n, this.yMargin = r, this.xMargin = i, this.isSnapshot = a;
	}
	map(t) {
		return t.empty ? this : new e(this.range.map(t), this.y, this.x, this.yMargin, this.xMargin, this.isSnapshot);
	}
	clip(t) {
		return this.range.to <= t.doc.length ? this : new e(k.cursor(t.doc.length), this.y, this.x, this.yMargin, this.xMargin, this.isSnapshot);
	}
}, Fo = M.define({ map: (e, t) => e.map(t) }), Io = M.define();
function Lo(e, t, n) {
	let r = e.facet(To);
	r.length ? r[0](t) : window.onerror && window.onerror(String(t), n, void 0, void 0, t) || (n ? console.error(n + `:`, t) : console.error(t));
}
var Ro = A.define({ combine: (e) => !e.length || e[0] }), zo = 0, Bo = A.define({ combine(e) {
	return e.filter((t, n) => {
		for (let r = 0; r < n; r++) if (e[r].plugin == t.plugin) return !1;
		return !0;
	});
} }), K = class e {
	constructor(e, t, n, r, i) {
		this.id = e, this.create = t, this.domEventHandlers = n, this.domEventObservers = r, this.baseExtensions = i(this), this.extension = this.baseExtensions.concat(Bo.of({
			plugin: this,
			arg: void 0
		}));
	}
	of(e) {
		return this.baseExtensions.concat(Bo.of({
			plugin: this,
			arg: e
		}));
	}
	static define(t, n) {
		let { eventHandlers: r, eventObservers: i, provide: a, decorations: o } = n || {};
		return new e(zo++, t, r, i, (e) => {
			let t = [];
			return o && t.push(Wo.of((t) => {
				let n = t.plugin(e);
				return n ? o(n) : H.none;
			})), a && t.push(a(e)), t;
		});
	}
	static fromClass(t, n) {
		return e.define((e, n) => new t(e, n), n);
	}
}, Vo = class {
	constructor(e) {
		this.spec = e, this.mustUpdate = null, this.value = null;
	}
	get plugin() {
		return this.spec && this.spec.plugin;
	}
	update(e) {
		if (!this.value) {
			if (this.spec) try {
				this.value = this.spec.plugin.create(e, this.spec.arg);
			} catch (t) {
				Lo(e.state, t, `CodeMirror plugin crashed`), this.deactivate();
			}
		} else if (this.mustUpdate) {
			let e = this.mustUpdate;
			if (this.mustUpdate = null, this.value.update) try {
				this.value.update(e);
			} catch (t) {
				if (Lo(e.state, t, `CodeMirror plugin crashed`), this.value.destroy) try {
					this.value.destroy();
				} catch {}
				this.deactivate();
			}
		}
		return this;
	}
	destroy(e) {
		if (this.value?.destroy) try {
			this.value.destroy();
		} catch (t) {
			Lo(e.state, t, `CodeMirror plugin crashed`);
		}
	}
	deactivate() {
		this.spec = this.value = null;
	}
}, Ho = A.define(), Uo = A.define(), Wo = A.define(), Go = A.define(), Ko = A.define(), qo = A.define(), Jo = A.define();
function Yo(e, t) {
	let n = e.state.facet(Jo);
	if (!n.length) return n;
	let r = n.map((t) => t instanceof Function ? t(e) : t), i = [];
	return I.spans(r, t.from, t.to, {
		point() {},
		span(e, n, r, a) {
			let o = e - t.from, s = n - t.from, c = i;
			for (let e = r.length - 1; e >= 0; e--, a--) {
				let t = r[e].spec.bidiIsolate, n;
				if (a > 0 && c.length && (n = c[c.length - 1]).to == o && n.direction == t) n.to = s, c = n.inner;
				else {
					let e = {
						from: o,
						to: s,
						direction: t,
						inner: []
					};
					c.push(e), c = e.inner;
				}
			}
		}
	}), Xo(t.text, i);
}
function Xo(e, t) {
	for (let n of t) {
		if (n.direction == null) {
			for (let t = n.from, r = 0; t < n.to; r++) {
				let i = r < n.inner.length ? n.inner[r] : null, a = xo(e, t, i ? i.from : n.to);
				if (a) {
					n.direction = a;
					break;
				}
				if (!i) break;
				t = i.to;
			}
			n.direction ??= W.LTR;
		}
		Xo(e, n.inner);
	}
	return t;
}
var Zo = A.define();
function Qo(e) {
	let t = 0, n = 0, r = 0, i = 0;
	for (let a of e.state.facet(Zo)) {
		let o = a(e);
		o && (o.left != null && (t = Math.max(t, o.left)), o.right != null && (n = Math.max(n, o.right)), o.top != null && (r = Math.max(r, o.top)), o.bottom != null && (i = Math.max(i, o.bottom)));
	}
	return {
		left: t,
		right: n,
		top: r,
		bottom: i
	};
}
var $o = A.define(), es = class e {
	constructor(e, t, n, r) {
		this.fromA = e, this.toA = t, this.fromB = n, this.toB = r;
	}
	join(t) {
		return new e(Math.min(this.fromA, t.fromA), Math.max(this.toA, t.toA), Math.min(this.fromB, t.fromB), Math.max(this.toB, t.toB));
	}
	addToSet(e) {
		let t = e.length, n = this;
		for (; t > 0; t--) {
			let r = e[t - 1];
			if (!(r.fromA > n.toA)) {
				if (r.toA < n.fromA) break;
				n = n.join(r), e.splice(t - 1, 1);
			}
		}
		return e.splice(t, 0, n), e;
	}
	static extendWithRanges(t, n) {
		if (n.length == 0) return t;
		let r = [];
		for (let i = 0, a = 0, o = 0;;) {
			let s = i < t.length ? t[i].fromB : 1e9, c = a < n.length ? n[a] : 1e9, l = Math.min(s, c);
			if (l == 1e9) break;
			let u = l + o, d = l, f = u;
			for (;;) if (a < n.length && n[a] <= d) {
				let e = n[a + 1];
				a += 2, d = Math.max(d, e);
				for (let e = i; e < t.length && t[e].fromB <= d; e++) o = t[e].toA - t[e].toB;
				f = Math.max(f, e + o);
			} else if (i < t.length && t[i].fromB <= d) {
				let e = t[i++];
				d = Math.max(d, e.toB), f = Math.max(f, e.toA), o = e.toA - e.toB;
			} else break;
			r.push(new e(u, f, l, d));
		}
		return r;
	}
}, ts = class e {
	constructor(e, t, n) {
		this.view = e, this.state = t, this.transactions = n, this.flags = 0, this.startState = e.state, this.changes = Er.empty(this.startState.doc.length);
		for (let e of n) this.changes = this.changes.compose(e.changes);
		let r = [];
		this.changes.iterChangedRanges((e, t, n, i) => r.push(new es(e, t, n, i))), this.changedRanges = r;
	}
	static create(t, n, r) {
		return new e(t, n, r);
	}
	get viewportChanged() {
		return (this.flags & 4) > 0;
	}
	get viewportMoved() {
		return (this.flags & 8) > 0;
	}
	get heightChanged() {
		return (this.flags & 2) > 0;
	}
	get geometryChanged() {
		return this.docChanged || (this.flags & 18) > 0;
	}
	get focusChanged() {
		return (this.flags & 1) > 0;
	}
	get docChanged() {
		return !this.changes.empty;
	}
	get selectionSet() {
		return this.transactions.some((e) => e.selection);
	}
	get empty() {
		return this.flags == 0 && this.transactions.length == 0;
	}
}, ns = [], q = class {
	constructor(e, t, n = 0) {
		this.dom = e, this.length = t, this.flags = n, this.parent = null, e.cmTile = this;
	}
	get breakAfter() {
		return this.flags & 1;
	}
	get children() {
		return ns;
	}
	isWidget() {
		return !1;
	}
	get isHidden() {
		return !1;
	}
	isComposite() {
		return !1;
	}
	isLine() {
		return !1;
	}
	isText() {
		return !1;
	}
	isBlock() {
		return !1;
	}
	get domAttrs() {
		return null;
	}
	sync(e) {
		if (this.flags |= 2, this.flags & 4) {
			this.flags &= -5;
			let e = this.domAttrs;
			e && ma(this.dom, e);
		}
	}
	toString() {
		return this.constructor.name + (this.children.length ? `(${this.children})` : ``) + (this.breakAfter ? `#` : ``);
	}
	destroy() {
		this.parent = null;
	}
	setDOM(e) {
		this.dom = e, e.cmTile = this;
	}
	get posAtStart() {
		return this.parent ? this.parent.posBefore(this) : 0;
	}
	get posAtEnd() {
		return this.posAtStart + this.length;
	}
	posBefore(e, t = this.posAtStart) {
		let n = t;
		for (let t of this.children) {
			if (t == e) return n;
			n += t.length + t.breakAfter;
		}
		throw RangeError(`Invalid child in posBefore`);
	}
	posAfter(e) {
		return this.posBefore(e) + e.length;
	}
	covers(e) {
		return !0;
	}
	coordsIn(e, t, n) {
		return null;
	}
	domPosFor(e, t) {
		let n = ja(this.dom), r = this.length ? e > 0 : t > 0;
		return new $a(this.parent.dom, n + +!!r, e == 0 || e == this.length);
	}
	markDirty(e) {
		this.flags &= -3, e && (this.flags |= 4), this.parent && this.parent.flags & 2 && this.parent.markDirty(!1);
	}
	get overrideDOMText() {
		return null;
	}
	get root() {
		for (let e = this; e; e = e.parent) if (e instanceof as) return e;
		return null;
	}
	static get(e) {
		return e.cmTile;
	}
}, rs = class extends q {
	constructor(e) {
		super(e, 0), this._children = [];
	}
	isComposite() {
		return !0;
	}
	get children() {
		return this._children;
	}
	get lastChild() {
		return this.children.length ? this.children[this.children.length - 1] : null;
	}
	append(e) {
		this.children.push(e), e.parent = this;
	}
	sync(e) {
		if (this.flags & 2) return;
		super.sync(e);
		let t = this.dom, n = null, r, i = e?.node == t ? e : null, a = 0;
		for (let o of this.children) {
			if (o.sync(e), a += o.length + o.breakAfter, r = n ? n.nextSibling : t.firstChild, i && r != o.dom && (i.written = !0), o.dom.parentNode == t) for (; r && r != o.dom;) r = is(r);
			else t.insertBefore(o.dom, r);
			n = o.dom;
		}
		for (r = n ? n.nextSibling : t.firstChild, i && r && (i.written = !0); r;) r = is(r);
		this.length = a;
	}
};
function is(e) {
	let t = e.nextSibling;
	return e.parentNode.removeChild(e), t;
}
var as = class extends rs {
	constructor(e, t) {
		super(t), this.view = e;
	}
	owns(e) {
		for (; e; e = e.parent) if (e == this) return !0;
		return !1;
	}
	isBlock() {
		return !0;
	}
	nearest(e) {
		for (;;) {
			if (!e) return null;
			let t = q.get(e);
			if (t && this.owns(t)) return t;
			e = e.parentNode;
		}
	}
	blockTiles(e) {
		for (let t = [], n = this, r = 0, i = 0;;) if (r == n.children.length) {
			if (!t.length) return;
			n = n.parent, n.breakAfter && i++, r = t.pop();
		} else {
			let a = n.children[r++];
			if (a instanceof os) t.push(r), n = a, r = 0;
			else {
				let t = i + a.length, n = e(a, i);
				if (n !== void 0) return n;
				i = t + a.breakAfter;
			}
		}
	}
	resolveBlock(e, t) {
		let n, r = -1, i, a = -1;
		if (this.blockTiles((o, s) => {
			let c = s + o.length;
			if (e >= s && e <= c) {
				if (o.isWidget() && t >= -1 && t <= 1) {
					if (o.flags & 32) return !0;
					o.flags & 16 && (n = void 0);
				}
				(s < e || e == c && (t < -1 ? o.length : o.covers(1))) && (!n || !o.isWidget() && n.isWidget()) && (n = o, r = e - s), (c > e || e == s && (t > 1 ? o.length : o.covers(-1))) && (!i || !o.isWidget() && i.isWidget()) && (i = o, a = e - s);
			}
		}), !n && !i) throw Error(`No tile at position ` + e);
		return n && t < 0 || !i ? {
			tile: n,
			offset: r
		} : {
			tile: i,
			offset: a
		};
	}
}, os = class e extends rs {
	constructor(e, t) {
		super(e), this.wrapper = t;
	}
	isBlock() {
		return !0;
	}
	covers(e) {
		return this.children.length ? e < 0 ? this.children[0].covers(-1) : this.lastChild.covers(1) : !1;
	}
	get domAttrs() {
		return this.wrapper.attributes;
	}
	static of(t, n) {
		let r = new e(n || document.createElement(t.tagName), t);
		return n || (r.flags |= 4), r;
	}
}, ss = class e extends rs {
	constructor(e, t) {
		super(e), this.attrs = t;
	}
	isLine() {
		return !0;
	}
	static start(t, n, r) {
		let i = new e(n || document.createElement(`div`), t);
		return n && r || (i.flags |= 4), i;
	}
	get domAttrs() {
		return this.attrs;
	}
	resolveInline(e, t, n = !1) {
		let r = null, i = -1, a = null, o = -1;
		function s(e, c) {
			for (let l = 0, u = 0; l < e.children.length && u <= c; l++) {
				let d = e.children[l], f = u + d.length;
				f >= c && (d.isComposite() ? s(d, c - u) : (!a || n && a.isHidden && (t > 0 && !(a.flags & 32) || n && ls(a, d))) && (f > c || d.flags & 32 && t <= 1) ? (a = d, o = c - u) : (u < c || d.flags & 16 && !(n && d.isHidden) && t >= -1) && (r = d, i = c - u)), u = f;
			}
		}
		s(this, e);
		let c = (t < 0 ? r : a) || r || a;
		return c ? {
			tile: c,
			offset: c == r ? i : o
		} : null;
	}
	coordsIn(e, t, n) {
		let r = this.resolveInline(e, t, !0);
		return r ? r.tile.coordsIn(Math.max(0, r.offset), t, n) : cs(this);
	}
	domIn(e, t) {
		let n = this.resolveInline(e, t);
		if (n) {
			let { tile: e, offset: r } = n;
			if (this.dom.contains(e.dom)) return e.isText() ? new $a(e.dom, Math.min(e.dom.nodeValue.length, r)) : e.domPosFor(r, e.flags & 16 ? 1 : e.flags & 32 ? -1 : t);
			let i = n.tile.parent, a = !1;
			for (let e of i.children) {
				if (a) return new $a(e.dom, 0);
				e == n.tile && (a = !0);
			}
		}
		return new $a(this.dom, 0);
	}
};
function cs(e) {
	let t = e.dom.lastChild;
	if (!t) return e.dom.getBoundingClientRect();
	let n = ka(t);
	return n[n.length - 1] || null;
}
function ls(e, t) {
	let n = e.coordsIn(0, 1), r = t.coordsIn(0, 1);
	return n && r && r.top < n.bottom;
}
var us = class e extends rs {
	constructor(e, t) {
		super(e), this.mark = t;
	}
	get domAttrs() {
		return this.mark.attrs;
	}
	static of(t, n) {
		let r = new e(n || document.createElement(t.tagName), t);
		return n || (r.flags |= 4), r;
	}
}, ds = class e extends q {
	constructor(e, t) {
		super(e, t.length), this.text = t;
	}
	sync(e) {
		this.flags & 2 || (super.sync(e), this.dom.nodeValue != this.text && (e && e.node == this.dom && (e.written = !0), this.dom.nodeValue = this.text));
	}
	isText() {
		return !0;
	}
	toString() {
		return JSON.stringify(this.text);
	}
	coordsIn(e, t, n) {
		let r = this.dom.nodeValue.length;
		e > r && (e = r);
		let i = e, a = e, o = 0;
		e == 0 && t < 0 || e == r && t >= 0 ? B.chrome || B.gecko || (e ? (i--, o = 1) : a < r && (a++, o = -1)) : t < 0 ? i-- : a < r && a++;
		let s = Ka(this.dom, i, a).getClientRects();
		if (!s.length) return null;
		let c = s[(o ? o < 0 : t >= 0) ? 0 : s.length - 1];
		return B.safari && !o && c.width == 0 && (c = Array.prototype.find.call(s, (e) => e.width) || c), n == null ? c : Fa(c, (o ? o > 0 : t < 0) == n);
	}
	static of(t, n) {
		let r = new e(n || document.createTextNode(t), t);
		return n || (r.flags |= 2), r;
	}
}, fs = class e extends q {
	constructor(e, t, n, r) {
		super(e, t, r), this.widget = n;
	}
	isWidget() {
		return !0;
	}
	get isHidden() {
		return this.widget.isHidden;
	}
	covers(e) {
		return this.flags & 48 ? !1 : (this.flags & (e < 0 ? 64 : 128)) > 0;
	}
	coordsIn(e, t) {
		return this.coordsInWidget(e, t, !1);
	}
	coordsInWidget(e, t, n) {
		let r = this.widget.coordsAt(this.dom, e, t);
		if (r) return r;
		if (n) return Fa(this.dom.getBoundingClientRect(), this.length ? e == 0 : t <= 0);
		{
			let t = this.dom.getClientRects(), n = null;
			if (!t.length) return null;
			let r = this.flags & 16 ? !0 : this.flags & 32 ? !1 : e > 0;
			for (let i = r ? t.length - 1 : 0; n = t[i], !(e > 0 ? i == 0 : i == t.length - 1 || n.top < n.bottom); i += r ? -1 : 1);
			return Fa(n, !r);
		}
	}
	get overrideDOMText() {
		if (!this.length) return w.empty;
		let { root: e } = this;
		if (!e) return w.empty;
		let t = this.posAtStart;
		return e.view.state.doc.slice(t, t + this.length);
	}
	destroy() {
		super.destroy(), this.widget.destroy(this.dom);
	}
	static of(t, n, r, i, a) {
		return a || (a = t.toDOM(n), t.editable || (a.contentEditable = `false`)), new e(a, r, t, i);
	}
}, ps = class extends q {
	constructor(e) {
		let t = document.createElement(`img`);
		t.className = `cm-widgetBuffer`, t.setAttribute(`aria-hidden`, `true`), super(t, 0, e);
	}
	get isHidden() {
		return !0;
	}
	get overrideDOMText() {
		return w.empty;
	}
	coordsIn(e, t, n) {
		let r = this.dom.getBoundingClientRect();
		return n == null ? r : Fa(r, t > 0 == n);
	}
}, ms = class {
	constructor(e) {
		this.index = 0, this.beforeBreak = !1, this.parents = [], this.tile = e;
	}
	advance(e, t, n) {
		let { tile: r, index: i, beforeBreak: a, parents: o } = this;
		for (; e || t > 0;) if (!r.isComposite()) {
			let t = r.length;
			if (i < t && e) {
				let a = Math.min(e, t - i);
				n && n.skip(r, i, i + a), e -= a, i += a;
			}
			if (i == t) a = !!r.breakAfter, {tile: r, index: i} = o.pop(), i++;
			else if (!e) break;
		} else if (a) {
			if (!e) break;
			n && n.break(), e--, a = !1;
		} else if (i == r.children.length) {
			if (!e && !o.length) break;
			n && n.leave(r), a = !!r.breakAfter, {tile: r, index: i} = o.pop(), i++;
		} else {
			let s = r.children[i], c = s.breakAfter;
			(t > 0 ? s.length <= e : s.length < e) && (!n || n.skip(s, 0, s.length) !== !1 || !s.isComposite) ? (a = !!c, i++, e -= s.length) : (o.push({
				tile: r,
				index: i
			}), r = s, i = 0, n && s.isComposite() && n.enter(s));
		}
		return this.tile = r, this.index = i, this.beforeBreak = a, this;
	}
	get root() {
		return this.parents.length ? this.parents[0].tile : this.tile;
	}
}, hs = class {
	constructor(e, t, n, r) {
		this.from = e, this.to = t, this.wrapper = n, this.rank = r;
	}
}, gs = class {
	constructor(e, t, n) {
		this.cache = e, this.root = t, this.blockWrappers = n, this.curLine = null, this.lastBlock = null, this.afterWidget = null, this.pos = 0, this.wrappers = [], this.wrapperPos = 0;
	}
	addText(e, t, n, r) {
		this.flushBuffer();
		let i = this.ensureMarks(t, n), a = i.lastChild;
		if (a && a.isText() && !(a.flags & 8) && a.length + e.length < 512) {
			this.cache.reused.set(a, 2);
			let t = i.children[i.children.length - 1] = new ds(a.dom, a.text + e);
			t.parent = i;
		} else i.append(r || ds.of(e, this.cache.find(ds)?.dom));
		this.pos += e.length, this.afterWidget = null;
	}
	addComposition(e, t) {
		let n = this.curLine;
		n.dom != t.line.dom && (n.setDOM(this.cache.reused.has(t.line) ? Es(t.line.dom) : t.line.dom), this.cache.reused.set(t.line, 2));
		let r = n;
		for (let e = t.marks.length - 1; e >= 0; e--) {
			let n = t.marks[e], i = r.lastChild;
			if (i instanceof us && i.mark.eq(n.mark)) i.dom != n.dom && i.setDOM(Es(n.dom)), r = i;
			else {
				let { dom: e } = n;
				this.cache.reused.get(n) && q.get(n.dom) && (e = Es(n.dom));
				let t = us.of(n.mark, e);
				r.append(t), r = t;
			}
			this.cache.reused.set(n, 2);
		}
		let i = q.get(e.text);
		i && this.cache.reused.set(i, 2);
		let a = new ds(e.text, e.text.nodeValue);
		a.flags |= 8, this.pos = e.range.toB, r.append(a);
	}
	addInlineWidget(e, t, n) {
		let r = this.afterWidget && e.flags & 48 && (this.afterWidget.flags & 48) == (e.flags & 48);
		r || this.flushBuffer();
		let i = this.ensureMarks(t, n);
		!r && !(e.flags & 16) && i.append(this.getBuffer(1)), i.append(e), this.pos += e.length, this.afterWidget = e;
	}
	addMark(e, t, n) {
		this.flushBuffer(), this.ensureMarks(t, n).append(e), this.pos += e.length, this.afterWidget = null;
	}
	addBlockWidget(e) {
		this.getBlockPos().append(e), this.pos += e.length, this.lastBlock = e, this.endLine();
	}
	continueWidget(e) {
		let t = this.afterWidget || this.lastBlock;
		t.length += e, this.pos += e;
	}
	addLineStart(e, t) {
		e ||= Cs;
		let n = ss.start(e, t || this.cache.find(ss)?.dom, !!t);
		this.getBlockPos().append(this.lastBlock = this.curLine = n);
	}
	addLine(e) {
		this.getBlockPos().append(e), this.pos += e.length, this.lastBlock = e, this.endLine();
	}
	addBreak() {
		this.lastBlock.flags |= 1, this.endLine(), this.pos++;
	}
	addLineStartIfNotCovered(e) {
		this.blockPosCovered() || this.addLineStart(e);
	}
	ensureLine(e) {
		this.curLine || this.addLineStart(e);
	}
	ensureMarks(e, t) {
		let n = this.curLine;
		for (let r = e.length - 1; r >= 0; r--) {
			let i = e[r], a;
			if (t > 0 && (a = n.lastChild) && a instanceof us && a.mark.eq(i)) n = a, t--;
			else {
				let e = us.of(i, this.cache.find(us, (e) => e.mark.eq(i))?.dom);
				n.append(e), n = e, t = 0;
			}
		}
		return n;
	}
	endLine() {
		if (this.curLine) {
			this.flushBuffer();
			let e = this.curLine.lastChild;
			(!e || !xs(this.curLine, !1) || e.dom.nodeName != `BR` && e.isWidget() && !(B.ios && xs(this.curLine, !0))) && this.curLine.append(this.cache.findWidget(Os, 0, 32) || new fs(Os.toDOM(), 0, Os, 32)), this.curLine = this.afterWidget = null;
		}
	}
	updateBlockWrappers() {
		this.wrapperPos > this.pos + 1e4 && (this.blockWrappers.goto(this.pos), this.wrappers.length = 0);
		for (let e = this.wrappers.length - 1; e >= 0; e--) this.wrappers[e].to < this.pos && this.wrappers.splice(e, 1);
		for (let e = this.blockWrappers; e.value && e.from <= this.pos; e.next()) if (e.to >= this.pos) {
			let t = e.rank * 102 + e.value.rank, n = new hs(e.from, e.to, e.value, t), r = this.wrappers.length;
			for (; r > 0 && (this.wrappers[r - 1].rank - n.rank || this.wrappers[r - 1].to - n.to) < 0;) r--;
			this.wrappers.splice(r, 0, n);
		}
		this.wrapperPos = this.pos;
	}
	getBlockPos() {
		this.updateBlockWrappers();
		let e = this.root;
		for (let t of this.wrappers) {
			let n = e.lastChild;
			if (t.from < this.pos && n instanceof os && n.wrapper.eq(t.wrapper)) e = n;
			else {
				let n = os.of(t.wrapper, this.cache.find(os, (e) => e.wrapper.eq(t.wrapper))?.dom);
				e.append(n), e = n;
			}
		}
		return e;
	}
	blockPosCovered() {
		let e = this.lastBlock;
		return e != null && !e.breakAfter && (!e.isWidget() || (e.flags & 160) > 0);
	}
	getBuffer(e) {
		let t = 2 | (e < 0 ? 16 : 32), n = this.cache.find(ps, void 0, 1);
		return n && (n.flags = t), n || new ps(t);
	}
	flushBuffer() {
		this.afterWidget && !(this.afterWidget.flags & 32) && (this.afterWidget.parent.append(this.getBuffer(-1)), this.afterWidget = null);
	}
}, _s = class {
	constructor(e) {
		this.skipCount = 0, this.text = ``, this.textOff = 0, this.cursor = e.iter();
	}
	skip(e) {
		this.textOff + e <= this.text.length ? this.textOff += e : (this.skipCount += e - (this.text.length - this.textOff), this.text = ``, this.textOff = 0);
	}
	next(e) {
		if (this.textOff == this.text.length) {
			let { value: t, lineBreak: n, done: r } = this.cursor.next(this.skipCount);
			if (this.skipCount = 0, r) throw Error(`Ran out of text content when drawing inline views`);
			this.text = t;
			let i = this.textOff = Math.min(e, t.length);
			return n ? null : t.slice(0, i);
		}
		let t = Math.min(this.text.length, this.textOff + e), n = this.text.slice(this.textOff, t);
		return this.textOff = t, n;
	}
}, vs = [
	fs,
	ss,
	ds,
	us,
	ps,
	os,
	as
];
for (let e = 0; e < vs.length; e++) vs[e].bucket = e;
var ys = class {
	constructor(e) {
		this.view = e, this.buckets = vs.map(() => []), this.index = vs.map(() => 0), this.reused = /* @__PURE__ */ new Map();
	}
	add(e) {
		let t = e.constructor.bucket, n = this.buckets[t];
		n.length < 6 ? n.push(e) : n[this.index[t] = (this.index[t] + 1) % 6] = e;
	}
	find(e, t, n = 2) {
		let r = e.bucket, i = this.buckets[r], a = this.index[r];
		for (let e = 0; e < i.length; e++) {
			let o = (e + a) % i.length, s = i[o];
			if ((!t || t(s)) && !this.reused.has(s)) return i.splice(o, 1), o < a && this.index[r]--, this.reused.set(s, n), s;
		}
		return null;
	}
	findWidget(e, t, n) {
		let r = this.buckets[0];
		if (r.length) for (let i = 0, a = 0;; i++) {
			if (i == r.length) {
				if (a) return null;
				a = 1, i = 0;
			}
			let o = r[i];
			if (!this.reused.has(o) && (a == 0 ? o.widget.compare(e) : o.widget.constructor == e.constructor && e.updateDOM(o.dom, this.view, o.widget))) return r.splice(i, 1), i < this.index[0] && this.index[0]--, o.widget == e && o.length == t && (o.flags & 497) == n ? (this.reused.set(o, 1), o) : (this.reused.set(o, 2), new fs(o.dom, t, e, o.flags & -498 | n));
		}
	}
	reuse(e) {
		return this.reused.set(e, 1), e;
	}
	maybeReuse(e, t = 2) {
		if (!this.reused.has(e)) return this.reused.set(e, t), e.dom;
	}
	clear() {
		for (let e = 0; e < this.buckets.length; e++) this.buckets[e].length = this.index[e] = 0;
	}
}, bs = class {
	constructor(e, t, n, r, i) {
		this.view = e, this.decorations = r, this.disallowBlockEffectsFor = i, this.openWidget = !1, this.openMarks = 0, this.cache = new ys(e), this.text = new _s(e.state.doc), this.builder = new gs(this.cache, new as(e, e.contentDOM), I.iter(n)), this.cache.reused.set(t, 2), this.old = new ms(t), this.reuseWalker = {
			skip: (e, t, n) => {
				if (this.cache.add(e), e.isComposite()) return !1;
			},
			enter: (e) => this.cache.add(e),
			leave: () => {},
			break: () => {}
		};
	}
	run(e, t) {
		let n = t && this.getCompositionContext(t.text);
		for (let r = 0, i = 0, a = 0;;) {
			let o = a < e.length ? e[a++] : null, s = o ? o.fromA : this.old.root.length;
			if (s > r) {
				let e = s - r;
				this.preserve(e, !a, !o), r = s, i += e;
			}
			if (!o) break;
			t && o.fromA <= t.range.fromA && o.toA >= t.range.toA ? (this.forward(o.fromA, t.range.fromA, t.range.fromA < t.range.toA ? 1 : -1), this.emit(i, t.range.fromB), this.builder.flushBuffer(), this.cache.clear(), this.builder.addComposition(t, n), this.text.skip(t.range.toB - t.range.fromB), this.forward(t.range.fromA, o.toA), this.emit(t.range.toB, o.toB)) : (this.forward(o.fromA, o.toA), this.emit(i, o.toB)), i = o.toB, r = o.toA;
		}
		return this.builder.curLine && this.builder.endLine(), this.builder.root;
	}
	preserve(e, t, n) {
		let r = Ts(this.old), i = this.openMarks;
		this.old.advance(e, n ? 1 : -1, {
			skip: (e, t, n) => {
				if (e.isWidget()) {
					if (this.openWidget) this.builder.continueWidget(n - t);
					else {
						let a = n > 0 || t < e.length ? fs.of(e.widget, this.view, n - t, e.flags & 496, this.cache.maybeReuse(e)) : this.cache.reuse(e);
						a.flags & 256 ? (a.flags &= -2, this.builder.addBlockWidget(a)) : (this.builder.ensureLine(null), this.builder.addInlineWidget(a, r, i), i = r.length);
					}
				} else if (e.isText()) this.builder.ensureLine(null), !t && n == e.length && !this.cache.reused.has(e) ? this.builder.addText(e.text, r, i, this.cache.reuse(e)) : (this.cache.add(e), this.builder.addText(e.text.slice(t, n), r, i)), i = r.length;
				else if (e.isLine()) e.flags &= -2, this.cache.reused.set(e, 1), this.builder.addLine(e);
				else if (e instanceof ps) this.cache.add(e);
				else if (e instanceof us) this.builder.ensureLine(null), this.builder.addMark(e, r, i), this.cache.reused.set(e, 1), i = r.length;
				else return !1;
				this.openWidget = !1;
			},
			enter: (e) => {
				e.isLine() ? this.builder.addLineStart(e.attrs, this.cache.maybeReuse(e)) : (this.cache.add(e), e instanceof us && r.unshift(e.mark)), this.openWidget = !1;
			},
			leave: (e) => {
				e.isLine() ? r.length &&= i = 0 : e instanceof us && (r.shift(), i = Math.min(i, r.length));
			},
			break: () => {
				this.builder.addBreak(), this.openWidget = !1;
			}
		}), this.text.skip(e);
	}
	emit(e, t) {
		let n = null, r = this.builder, i = -1, a = I.spans(this.decorations, e, t, {
			point: (e, t, a, o, s, c) => {
				if (a instanceof ba) {
					if (this.disallowBlockEffectsFor[c]) {
						if (a.block) throw RangeError(`Block decorations may not be specified via plugins`);
						if (t > this.view.state.doc.lineAt(e).to) throw RangeError(`Decorations that replace line breaks may not be specified via plugins`);
					}
					if (i = o.length, s > o.length) r.continueWidget(t - e);
					else {
						let i = a.widget || (a.block ? Ds.block : Ds.inline), c = Ss(a), l = this.cache.findWidget(i, t - e, c) || fs.of(i, this.view, t - e, c);
						a.block ? (a.startSide > 0 && r.addLineStartIfNotCovered(n), r.addBlockWidget(l)) : (r.ensureLine(n), r.addInlineWidget(l, o, s));
					}
					n = null;
				} else n = ws(n, a);
				t > e && this.text.skip(t - e);
			},
			span: (e, t, a, o) => {
				for (let i = e; i < t;) {
					let s = this.text.next(Math.min(512, t - i));
					s == null ? (r.addLineStartIfNotCovered(n), r.addBreak(), i++) : (r.ensureLine(n), r.addText(s, a, i == e ? o : a.length), i += s.length), n = null;
				}
				i = a.length;
			}
		});
		i > -1 && (this.openWidget = a > i), this.openWidget || r.addLineStartIfNotCovered(n), this.openMarks = a;
	}
	forward(e, t, n = 1) {
		t - e <= 10 ? this.old.advance(t - e, n, this.reuseWalker) : (this.old.advance(5, -1, this.reuseWalker), this.old.advance(t - e - 10, -1), this.old.advance(5, n, this.reuseWalker));
	}
	getCompositionContext(e) {
		let t = [], n = null;
		for (let r = e.parentNode;; r = r.parentNode) {
			let e = q.get(r);
			if (r == this.view.contentDOM) break;
			e instanceof us ? t.push(e) : e?.isLine() ? n = e : e instanceof os || (r.nodeName == `DIV` && !n ? n = new ss(r, Cs) : n || t.push(us.of(new va({
				tagName: r.nodeName.toLowerCase(),
				attributes: ga(r)
			}), r)));
		}
		return n ? {
			line: n,
			marks: t
		} : null;
	}
};
function xs(e, t) {
	let n = (e) => {
		for (let r of e.children) if ((t ? r.isText() : r.length) || n(r)) return !0;
		return !1;
	};
	return n(e);
}
function Ss(e) {
	let t = e.isReplace ? (e.startSide < 0 ? 64 : 0) | (e.endSide > 0 ? 128 : 0) : e.startSide > 0 ? 32 : 16;
	return e.block && (t |= 256), t;
}
var Cs = { class: `cm-line` };
function ws(e, t) {
	let n = t.spec.attributes, r = t.spec.class;
	return !n && !r || (e ||= { class: `cm-line` }, n && da(n, e), r && (e.class += ` ` + r)), e;
}
function Ts(e) {
	let t = [];
	for (let n = e.parents.length; n > 1; n--) {
		let r = n == e.parents.length ? e.tile : e.parents[n].tile;
		r instanceof us && t.push(r.mark);
	}
	return t;
}
function Es(e) {
	let t = q.get(e);
	return t && t.setDOM(e.cloneNode()), e;
}
var Ds = class extends _a {
	constructor(e) {
		super(), this.tag = e;
	}
	eq(e) {
		return e.tag == this.tag;
	}
	toDOM() {
		return document.createElement(this.tag);
	}
	updateDOM(e) {
		return e.nodeName.toLowerCase() == this.tag;
	}
	get isHidden() {
		return !0;
	}
};
Ds.inline = new Ds(`span`), Ds.block = new Ds(`div`);
var Os = new class extends _a {
	toDOM() {
		return document.createElement(`br`);
	}
	get isHidden() {
		return !0;
	}
	get editable() {
		return !0;
	}
}(), ks = class {
	constructor(e) {
		this.view = e, this.decorations = [], this.blockWrappers = [], this.dynamicDecorationMap = [!1], this.domChanged = null, this.hasComposition = null, this.editContextFormatting = H.none, this.lastCompositionAfterCursor = !1, this.minWidth = 0, this.minWidthFrom = 0, this.minWidthTo = 0, this.impreciseAnchor = null, this.impreciseHead = null, this.forceSelection = !1, this.lastUpdate = Date.now(), this.updateDeco(), this.tile = new as(e, e.contentDOM), this.updateInner([new es(0, 0, 0, e.state.doc.length)], null);
	}
	update(e) {
		let t = e.changedRanges;
		this.minWidth > 0 && t.length && (t.every(({ fromA: e, toA: t }) => t < this.minWidthFrom || e > this.minWidthTo) ? (this.minWidthFrom = e.changes.mapPos(this.minWidthFrom, 1), this.minWidthTo = e.changes.mapPos(this.minWidthTo, 1)) : this.minWidth = this.minWidthFrom = this.minWidthTo = 0), this.updateEditContextFormatting(e);
		let n = -1;
		this.view.inputState.composing >= 0 && !this.view.observer.editContext && (this.domChanged?.newSel ? n = this.domChanged.newSel.head : !Bs(e.changes, this.hasComposition) && !e.selectionSet && (n = e.state.selection.main.head));
		let r = n > -1 ? Ns(this.view, e.changes, n) : null;
		if (this.domChanged = null, this.hasComposition) {
			let { from: n, to: r } = this.hasComposition;
			t = new es(n, r, e.changes.mapPos(n, -1), e.changes.mapPos(r, 1)).addToSet(t.slice());
		}
		this.hasComposition = r ? {
			from: r.range.fromB,
			to: r.range.toB
		} : null, (B.ie || B.chrome) && !r && e && e.state.doc.lines != e.startState.doc.lines && (this.forceSelection = !0);
		let i = this.decorations, a = this.blockWrappers;
		this.updateDeco();
		let o = Is(i, this.decorations, e.changes);
		o.length && (t = es.extendWithRanges(t, o));
		let s = Rs(a, this.blockWrappers, e.changes);
		return s.length && (t = es.extendWithRanges(t, s)), r && !t.some((e) => e.fromA <= r.range.fromA && e.toA >= r.range.toA) && (t = r.range.addToSet(t.slice())), this.tile.flags & 2 && t.length == 0 ? !1 : (this.updateInner(t, r), e.transactions.length && (this.lastUpdate = Date.now()), !0);
	}
	updateInner(e, t) {
		this.view.viewState.mustMeasureContent = !0;
		let { observer: n } = this.view;
		n.ignore(() => {
			if (t || e.length) {
				let n = this.tile, r = new bs(this.view, n, this.blockWrappers, this.decorations, this.dynamicDecorationMap);
				t && q.get(t.text) && r.cache.reused.set(q.get(t.text), 2), this.tile = r.run(e, t), As(n, r.cache.reused);
			}
			this.tile.dom.style.height = this.view.viewState.contentHeight / this.view.scaleY + `px`, this.tile.dom.style.flexBasis = this.minWidth ? this.minWidth + `px` : ``;
			let r = B.chrome || B.ios ? {
				node: n.selectionRange.focusNode,
				written: !1
			} : void 0;
			this.tile.sync(r), r && (r.written || n.selectionRange.focusNode != r.node || !this.tile.dom.contains(r.node)) && (this.forceSelection = !0), this.tile.dom.style.height = ``;
		});
		let r = [];
		if (this.view.viewport.from || this.view.viewport.to < this.view.state.doc.length) for (let e of this.tile.children) e.isWidget() && e.widget instanceof Vs && r.push(e.dom);
		n.updateGaps(r);
	}
	updateEditContextFormatting(e) {
		this.editContextFormatting = this.editContextFormatting.map(e.changes);
		for (let t of e.transactions) for (let e of t.effects) e.is(Io) && (this.editContextFormatting = e.value);
	}
	updateSelection(e = !1, t = !1) {
		(e || !this.view.observer.selectionRange.focusNode) && this.view.observer.readSelectionRange();
		let { dom: n } = this.tile, r = this.view.root.activeElement, i = r == n, a = !i && !(this.view.state.facet(Ro) || n.tabIndex > -1) && Oa(n, this.view.observer.selectionRange) && !(r && n.contains(r));
		if (!(i || t || a)) return;
		let o = this.forceSelection;
		this.forceSelection = !1;
		let s = this.view.state.selection.main, c, l;
		if (s.empty ? l = c = this.inlineDOMNearPos(s.anchor, s.assoc || 1) : (l = this.inlineDOMNearPos(s.head, s.head == s.from ? 1 : -1), c = this.inlineDOMNearPos(s.anchor, s.anchor == s.from ? 1 : -1)), B.gecko && s.empty && !this.hasComposition && js(c)) {
			let e = document.createTextNode(``);
			this.view.observer.ignore(() => c.node.insertBefore(e, c.node.childNodes[c.offset] || null)), c = l = new $a(e, 0), o = !0;
		}
		let u = this.view.observer.selectionRange;
		!o && u.focusNode && (Aa(c.node, c.offset, u.anchorNode, u.anchorOffset) && Aa(l.node, l.offset, u.focusNode, u.focusOffset) || this.suppressWidgetCursorChange(u, s)) || (this.view.observer.ignore(() => {
			B.android && B.chrome && n.contains(u.focusNode) && zs(u.focusNode, n) && (n.blur(), n.focus({ preventScroll: !0 }));
			let e = Ea(this.view.root);
			if (e) {
				if (s.empty) {
					if (B.gecko) {
						let e = Ps(c.node, c.offset);
						if (e && e != 3) {
							let t = (e == 1 ? Za : Qa)(c.node, c.offset);
							t && (c = new $a(t.node, t.offset));
						}
					}
					e.collapse(c.node, c.offset), s.bidiLevel != null && e.caretBidiLevel !== void 0 && (e.caretBidiLevel = s.bidiLevel);
				} else if (e.extend) {
					e.collapse(c.node, c.offset);
					try {
						e.extend(l.node, l.offset);
					} catch {}
				} else {
					let t = document.createRange();
					s.anchor > s.head && ([c, l] = [l, c]), t.setEnd(l.node, l.offset), t.setStart(c.node, c.offset), e.removeAllRanges(), e.addRange(t);
				}
			}
			a && this.view.root.activeElement == n && (n.blur(), r && r.focus());
		}), this.view.observer.setSelectionRange(c, l)), this.impreciseAnchor = c.precise ? null : new $a(u.anchorNode, u.anchorOffset), this.impreciseHead = l.precise ? null : new $a(u.focusNode, u.focusOffset);
	}
	suppressWidgetCursorChange(e, t) {
		return this.hasComposition && t.empty && Aa(e.focusNode, e.focusOffset, e.anchorNode, e.anchorOffset) && this.posFromDOM(e.focusNode, e.focusOffset) == t.head;
	}
	enforceCursorAssoc() {
		if (this.hasComposition) return;
		let { view: e } = this, t = e.state.selection.main, n = Ea(e.root), { anchorNode: r, anchorOffset: i } = e.observer.selectionRange;
		if (!n || !t.empty || !t.assoc || !n.modify) return;
		let a = this.lineAt(t.head, t.assoc);
		if (!a) return;
		let o = a.posAtStart;
		if (t.head == o || t.head == o + a.length) return;
		let s = this.coordsAt(t.head, -1), c = this.coordsAt(t.head, 1);
		if (!s || !c || s.bottom > c.top) return;
		let l = this.domAtPos(t.head + t.assoc, t.assoc);
		n.collapse(l.node, l.offset), n.modify(`move`, t.assoc < 0 ? `forward` : `backward`, `lineboundary`), e.observer.readSelectionRange();
		let u = e.observer.selectionRange;
		e.docView.posFromDOM(u.anchorNode, u.anchorOffset) != t.from && n.collapse(r, i);
	}
	posFromDOM(e, t) {
		let n = this.tile.nearest(e);
		if (!n) return this.tile.dom.compareDocumentPosition(e) & 2 ? 0 : this.view.state.doc.length;
		let r = n.posAtStart;
		if (n.isComposite()) {
			let i;
			if (e == n.dom) i = n.dom.childNodes[t];
			else {
				let r = Pa(e) == 0 ? 0 : t == 0 ? -1 : 1;
				for (;;) {
					let t = e.parentNode;
					if (t == n.dom) break;
					r == 0 && t.firstChild != t.lastChild && (r = e == t.firstChild ? -1 : 1), e = t;
				}
				i = r < 0 ? e : e.nextSibling;
			}
			if (i == n.dom.firstChild) return r;
			for (; i && !q.get(i);) i = i.nextSibling;
			if (!i) return r + n.length;
			for (let e = 0, t = r;; e++) {
				let r = n.children[e];
				if (r.dom == i) return t;
				t += r.length + r.breakAfter;
			}
		} else if (n.isText()) return e == n.dom ? r + t : r + (t ? n.length : 0);
		else return r;
	}
	domAtPos(e, t) {
		let { tile: n, offset: r } = this.tile.resolveBlock(e, t);
		return n.isWidget() ? n.domPosFor(r, t) : n.domIn(r, t);
	}
	inlineDOMNearPos(e, t) {
		let n, r = -1, i = !1, a, o = -1, s = !1;
		return this.tile.blockTiles((t, c) => {
			if (t.isWidget()) {
				if (t.flags & 32 && c >= e) return !0;
				t.flags & 16 && (i = !0);
			} else {
				let l = c + t.length;
				if (c <= e && (n = t, r = e - c, i = l < e), l >= e && !a && (a = t, o = e - c, s = c > e), c > e && a) return !0;
			}
		}), !n && !a ? this.domAtPos(e, t) : (i && a ? n = null : s && n && (a = null), n && t < 0 || !a ? n.domIn(r, t) : a.domIn(o, t));
	}
	coordsAt(e, t, n) {
		let { tile: r, offset: i } = this.tile.resolveBlock(e, t);
		return r.isWidget() ? r.widget instanceof Vs ? null : r.coordsInWidget(i, t, !0) : r.coordsIn(i, t, n);
	}
	lineAt(e, t) {
		let { tile: n } = this.tile.resolveBlock(e, t);
		return n.isLine() ? n : null;
	}
	coordsForChar(e) {
		let { tile: t, offset: n } = this.tile.resolveBlock(e, 1);
		if (!t.isLine()) return null;
		function r(e, t) {
			if (e.isComposite()) for (let n of e.children) {
				if (n.length >= t) {
					let e = r(n, t);
					if (e) return e;
				}
				if (t -= n.length, t < 0) break;
			}
			else if (e.isText() && t < e.length) {
				let n = T(e.text, t);
				if (n == t) return null;
				let r = Ka(e.dom, t, n).getClientRects();
				for (let e = 0; e < r.length; e++) {
					let t = r[e];
					if (e == r.length - 1 || t.top < t.bottom && t.left < t.right) return t;
				}
			}
			return null;
		}
		return r(t, n);
	}
	measureVisibleLineHeights(e) {
		let t = [], { from: n, to: r } = e, i = this.view.contentDOM.clientWidth, a = i > Math.max(this.view.scrollDOM.clientWidth, this.minWidth) + 1, o = -1, s = this.view.textDirection == W.LTR, c = 0, l = (e, u, d) => {
			for (let f = 0; f < e.children.length && !(u > r); f++) {
				let r = e.children[f], p = u + r.length, m = r.dom.getBoundingClientRect(), { height: h } = m;
				if (d && !f && (c += m.top - d.top), r instanceof os) p > n && l(r, u, m);
				else if (u >= n && (c > 0 && t.push(-c), t.push(h + c), c = 0, a)) {
					let e = r.dom.lastChild, t = e ? ka(e) : [];
					if (t.length) {
						let e = t[t.length - 1], n = s ? e.right - m.left : m.right - e.left;
						n > o && (o = n, this.minWidth = i, this.minWidthFrom = u, this.minWidthTo = p);
					}
				}
				d && f == e.children.length - 1 && (c += d.bottom - m.bottom), u = p + r.breakAfter;
			}
		};
		return l(this.tile, 0, null), t;
	}
	textDirectionAt(e) {
		let { tile: t } = this.tile.resolveBlock(e, 1);
		return getComputedStyle(t.dom).direction == `rtl` ? W.RTL : W.LTR;
	}
	measureTextSize() {
		let e = this.tile.blockTiles((e) => {
			if (e.isLine() && e.children.length && e.length <= 20) {
				let t = 0, n;
				for (let r of e.children) {
					if (!r.isText() || /[^ -~]/.test(r.text)) return;
					let e = ka(r.dom);
					if (e.length != 1) return;
					t += e[0].width, n = e[0].height;
				}
				if (t) return {
					lineHeight: e.dom.getBoundingClientRect().height,
					charWidth: t / e.length,
					textHeight: n
				};
			}
		});
		if (e) return e;
		let t = document.createElement(`div`), n, r, i;
		return t.className = `cm-line`, t.style.width = `99999px`, t.style.position = `absolute`, t.textContent = `abc def ghi jkl mno pqr stu`, this.view.observer.ignore(() => {
			this.tile.dom.appendChild(t);
			let e = ka(t.firstChild)[0];
			n = t.getBoundingClientRect().height, r = e && e.width ? e.width / 27 : 7, i = e && e.height ? e.height : n, t.remove();
		}), {
			lineHeight: n,
			charWidth: r,
			textHeight: i
		};
	}
	computeBlockGapDeco() {
		let e = [], t = this.view.viewState;
		for (let n = 0, r = 0;; r++) {
			let i = r == t.viewports.length ? null : t.viewports[r], a = i ? i.from - 1 : this.view.state.doc.length;
			if (a > n) {
				let r = (t.lineBlockAt(a).bottom - t.lineBlockAt(n).top) / this.view.scaleY;
				e.push(H.replace({
					widget: new Vs(r),
					block: !0,
					inclusive: !0,
					isBlockGap: !0
				}).range(n, a));
			}
			if (!i) break;
			n = i.to + 1;
		}
		return H.set(e);
	}
	updateDeco() {
		let e = 1, t = this.view.state.facet(Wo).map((t) => (this.dynamicDecorationMap[e++] = typeof t == `function`) ? t(this.view) : t), n = !1, r = this.view.state.facet(Ko).map((e, t) => {
			let r = typeof e == `function`;
			return r && (n = !0), r ? e(this.view) : e;
		});
		for (r.length && (this.dynamicDecorationMap[e++] = n, t.push(I.join(r))), this.decorations = [
			this.editContextFormatting,
			...t,
			this.computeBlockGapDeco(),
			this.view.viewState.lineGapDeco
		]; e < this.decorations.length;) this.dynamicDecorationMap[e++] = !1;
		this.blockWrappers = this.view.state.facet(Go).map((e) => typeof e == `function` ? e(this.view) : e);
	}
	scrollIntoView(e) {
		if (e.isSnapshot) {
			let t = this.view.viewState.lineBlockAt(e.range.head);
			this.view.scrollDOM.scrollTop = t.top - e.yMargin, this.view.scrollDOM.scrollLeft = e.xMargin;
			return;
		}
		for (let t of this.view.state.facet(No)) try {
			if (t(this.view, e.range, e)) return !0;
		} catch (e) {
			Lo(this.view.state, e, `scroll handler`);
		}
		let { range: t } = e, n = this.coordsAt(t.head, t.assoc || (t.head > t.anchor ? -1 : 1)), r;
		if (!n) return;
		!t.empty && (r = this.coordsAt(t.anchor, t.anchor > t.head ? -1 : 1)) && (n = {
			left: Math.min(n.left, r.left),
			top: Math.min(n.top, r.top),
			right: Math.max(n.right, r.right),
			bottom: Math.max(n.bottom, r.bottom)
		});
		let i = Qo(this.view), a = {
			left: n.left - i.left,
			top: n.top - i.top,
			right: n.right + i.right,
			bottom: n.bottom + i.bottom
		}, { offsetWidth: o, offsetHeight: s } = this.view.scrollDOM;
		if (Ra(this.view.scrollDOM, a, t.head < t.anchor ? -1 : 1, e.x, e.y, Math.max(Math.min(e.xMargin, o), -o), Math.max(Math.min(e.yMargin, s), -s), this.view.textDirection == W.LTR), window.visualViewport && window.innerHeight - window.visualViewport.height > 1 && (n.top > window.visualViewport.offsetTop + window.visualViewport.height || n.bottom < window.visualViewport.offsetTop)) {
			let e = this.view.docView.lineAt(t.head, 1);
			if (e) {
				let t = Va(e.dom);
				e.dom.scrollIntoView({ block: `nearest` }), Ha(t, !1);
			}
		}
	}
	lineHasWidget(e) {
		let t = (e) => e.isWidget() || e.children.some(t);
		return t(this.tile.resolveBlock(e, 1).tile);
	}
	destroy() {
		As(this.tile);
	}
};
function As(e, t) {
	let n = t?.get(e);
	if (n != 1) {
		n ?? e.destroy();
		for (let n of e.children) As(n, t);
	}
}
function js(e) {
	return U(e.node) && e.node.firstChild && (e.offset == 0 || e.node.childNodes[e.offset - 1].contentEditable == `false`) && (e.offset == e.node.childNodes.length || e.node.childNodes[e.offset].contentEditable == `false`);
}
function Ms(e, t) {
	let n = e.observer.selectionRange;
	if (!n.focusNode) return null;
	let r = Za(n.focusNode, n.focusOffset), i = Qa(n.focusNode, n.focusOffset), a = r || i;
	if (i && r && i.node != r.node) {
		let t = q.get(i.node);
		if (!t || t.isText() && t.text != i.node.nodeValue) a = i;
		else if (e.docView.lastCompositionAfterCursor) {
			let e = q.get(r.node);
			!e || e.isText() && e.text != r.node.nodeValue || (a = i);
		}
	}
	if (e.docView.lastCompositionAfterCursor = a != r, !a) return null;
	let o = t - a.offset;
	return {
		from: o,
		to: o + a.node.nodeValue.length,
		node: a.node
	};
}
function Ns(e, t, n) {
	let r = Ms(e, n);
	if (!r) return null;
	let { node: i, from: a, to: o } = r, s = i.nodeValue;
	if (/[\n\r]/.test(s) || e.state.doc.sliceString(r.from, r.to) != s) return null;
	let c = t.invertedDesc;
	return {
		range: new es(c.mapPos(a), c.mapPos(o), a, o),
		text: i
	};
}
function Ps(e, t) {
	return U(e) ? (t && e.childNodes[t - 1].contentEditable == `false` ? 1 : 0) | (t < e.childNodes.length && e.childNodes[t].contentEditable == `false` ? 2 : 0) : 0;
}
var Fs = class {
	constructor() {
		this.changes = [];
	}
	compareRange(e, t) {
		Ca(e, t, this.changes);
	}
	comparePoint(e, t) {
		Ca(e, t, this.changes);
	}
	boundChange(e) {
		Ca(e, e, this.changes);
	}
};
function Is(e, t, n) {
	let r = new Fs();
	return I.compare(e, t, n, r), r.changes;
}
var Ls = class {
	constructor() {
		this.changes = [];
	}
	compareRange(e, t) {
		Ca(e, t, this.changes);
	}
	comparePoint() {}
	boundChange(e) {
		Ca(e, e, this.changes);
	}
};
function Rs(e, t, n) {
	let r = new Ls();
	return I.compare(e, t, n, r), r.changes;
}
function zs(e, t) {
	for (let n = e; n && n != t; n = n.assignedSlot || n.parentNode) if (U(n) && n.contentEditable == `false`) return !0;
	return !1;
}
function Bs(e, t) {
	let n = !1;
	return t && e.iterChangedRanges((e, r) => {
		e < t.to && r > t.from && (n = !0);
	}), n;
}
var Vs = class extends _a {
	constructor(e) {
		super(), this.height = e;
	}
	toDOM() {
		let e = document.createElement(`div`);
		return e.className = `cm-gap`, this.updateDOM(e), e;
	}
	eq(e) {
		return e.height == this.height;
	}
	updateDOM(e) {
		return e.style.height = this.height + `px`, !0;
	}
	get editable() {
		return !0;
	}
	get estimatedHeight() {
		return this.height;
	}
	ignoreEvent() {
		return !1;
	}
};
function Hs(e, t, n = 1) {
	let r = e.charCategorizer(t), i = e.doc.lineAt(t), a = t - i.from;
	if (i.length == 0) return k.cursor(t);
	a == 0 ? n = 1 : a == i.length && (n = -1);
	let o = a, s = a;
	n < 0 ? o = T(i.text, a, !1) : s = T(i.text, a);
	let c = r(i.text.slice(o, s));
	for (; o > 0;) {
		let e = T(i.text, o, !1);
		if (r(i.text.slice(e, o)) != c) break;
		o = e;
	}
	for (; s < i.length;) {
		let e = T(i.text, s);
		if (r(i.text.slice(s, e)) != c) break;
		s = e;
	}
	return k.undirectionalRange(o + i.from, s + i.from);
}
function Us(e, t, n, r, i) {
	let a = Math.round((r - t.left) * e.defaultCharacterWidth);
	if (e.lineWrapping && n.height > e.defaultLineHeight * 1.5) {
		let t = e.viewState.heightOracle.textHeight, r = Math.floor((i - n.top - (e.defaultLineHeight - t) * .5) / t);
		a += r * e.viewState.heightOracle.lineLength;
	}
	let o = e.state.sliceDoc(n.from, n.to);
	return n.from + zi(o, a, e.state.tabSize);
}
function Ws(e, t, n) {
	let r = e.lineBlockAt(t);
	if (Array.isArray(r.type)) {
		let e;
		for (let i of r.type) {
			if (i.from > t) break;
			if (!(i.to < t)) {
				if (i.from < t && i.to > t) return i;
				(!e || i.type == V.Text && (e.type != i.type || (n < 0 ? i.from < t : i.to > t))) && (e = i);
			}
		}
		return e || r;
	}
	return r;
}
function Gs(e, t, n, r) {
	let i = Ws(e, t.head, t.assoc || -1), a = !r || i.type != V.Text || !(e.lineWrapping || i.widgetLineBreaks) ? null : e.coordsAtPos(t.assoc < 0 && t.head > i.from ? t.head - 1 : t.head);
	if (a) {
		let t = e.dom.getBoundingClientRect(), r = e.textDirectionAt(i.from), o = e.posAndSideAtCoords({
			x: n == (r == W.LTR) ? t.right - 1 : t.left + 1,
			y: (a.top + a.bottom) / 2
		});
		if (o) return k.cursor(o.pos, o.assoc);
	}
	return k.cursor(n ? i.to : i.from, n ? 1 : -1);
}
function Ks(e, t, n, r) {
	let i = e.state.doc.lineAt(t.head), a = e.bidiSpans(i), o = e.textDirectionAt(i.from);
	for (let s = t, c = null;;) {
		let t = bo(i, a, o, s, n), l = yo;
		if (!t) {
			if (i.number == (n ? e.state.doc.lines : 1)) return s;
			l = `
`, i = e.state.doc.line(i.number + (n ? 1 : -1)), a = e.bidiSpans(i), t = n ? k.cursor(i.from, -1) : k.cursor(i.to, 1);
		}
		if (!c) {
			if (!r) return t;
			c = r(l);
		} else if (!c(l)) return s;
		s = t;
	}
}
function qs(e, t, n) {
	let r = e.state.charCategorizer(t), i = r(n);
	return (e) => {
		let t = r(e);
		return i == P.Space && (i = t), i == t;
	};
}
function Js(e, t, n, r) {
	let i = t.head, a = n ? 1 : -1;
	if (i == (n ? e.state.doc.length : 0)) return k.cursor(i, t.assoc);
	let o = t.goalColumn, s, c = e.contentDOM.getBoundingClientRect(), l = e.coordsAtPos(i, t.assoc || ((t.empty ? n : t.head == t.from) ? 1 : -1)), u = e.documentTop;
	if (l) o ??= l.left - c.left, s = a < 0 ? l.top : l.bottom;
	else {
		let t = e.viewState.lineBlockAt(i);
		o ??= Math.min(c.right - c.left, e.defaultCharacterWidth * (i - t.from)), s = (a < 0 ? t.top : t.bottom) + u;
	}
	let d = c.left + o, f = e.viewState.heightOracle.textHeight >> 1, p = r ?? f;
	for (let t = 0;; t += f) {
		let r = s + (p + t) * a, i = $s(e, {
			x: d,
			y: r
		}, !1, a);
		if (n ? r > c.bottom : r < c.top) return k.cursor(i.pos, i.assoc);
		let l = e.coordsAtPos(i.pos, i.assoc), u = l ? (l.top + l.bottom) / 2 : 0;
		if (!l || (n ? u > s : u < s)) return k.cursor(i.pos, i.assoc, void 0, o);
	}
}
function Ys(e, t, n) {
	for (;;) {
		let r = 0;
		for (let i of e) i.between(t - 1, t + 1, (e, i, a) => {
			if (t > e && t < i) {
				let a = r || n || (t - e < i - t ? -1 : 1);
				t = a < 0 ? e : i, r = a;
			}
		});
		if (!r) return t;
	}
}
function Xs(e, t) {
	let n = null;
	for (let r = 0; r < t.ranges.length; r++) {
		let i = t.ranges[r], a = null;
		if (i.empty) {
			let t = Ys(e, i.from, 0);
			t != i.from && (a = k.cursor(t, -1));
		} else {
			let t = Ys(e, i.from, -1), n = Ys(e, i.to, 1);
			(t != i.from || n != i.to) && (a = i.undirectional ? k.undirectionalRange(i.from, i.to) : k.range(i.from == i.anchor ? t : n, i.from == i.head ? t : n));
		}
		a && (n ||= t.ranges.slice(), n[r] = a);
	}
	return n ? k.create(n, t.mainIndex) : t;
}
function Zs(e, t, n) {
	let r = Ys(e.state.facet(qo).map((t) => t(e)), n.from, t.head > n.from ? -1 : 1);
	return r == n.from ? n : k.cursor(r, r < n.from ? 1 : -1);
}
var Qs = class {
	constructor(e, t) {
		this.pos = e, this.assoc = t;
	}
};
function $s(e, t, n, r) {
	let i = e.contentDOM.getBoundingClientRect(), a = i.top + e.viewState.paddingTop, { x: o, y: s } = t, c = s - a, l;
	for (;;) {
		if (c < 0) return new Qs(0, 1);
		if (c > e.viewState.docHeight) return new Qs(e.state.doc.length, -1);
		if (l = e.elementAtHeight(c), r == null) break;
		if (l.type == V.Text) {
			if (r < 0 ? l.to < e.viewport.from : l.from > e.viewport.to) break;
			let t = e.docView.coordsAt(r < 0 ? l.from : l.to, r > 0 ? -1 : 1);
			if (t && (r < 0 ? t.top <= c + a : t.bottom >= c + a)) break;
		}
		let t = e.viewState.heightOracle.textHeight / 2;
		c = r > 0 ? l.bottom + t : l.top - t;
	}
	if (e.viewport.from >= l.to || e.viewport.to <= l.from) {
		if (n) return null;
		if (l.type == V.Text) {
			let t = Us(e, i, l, o, s);
			return new Qs(t, t == l.from ? 1 : -1);
		}
	}
	if (l.type != V.Text) return c < (l.top + l.bottom) / 2 ? new Qs(l.from, 1) : new Qs(l.to, -1);
	let u = e.docView.lineAt(l.from, 2);
	return u && u.length == l.length || (u = e.docView.lineAt(l.from, -2)), new ec(e, o, s, e.textDirectionAt(l.from)).scanTile(u, l.from);
}
var ec = class {
	constructor(e, t, n, r) {
		this.view = e, this.x = t, this.y = n, this.baseDir = r, this.line = null, this.spans = null;
	}
	bidiSpansAt(e) {
		return (!this.line || this.line.from > e || this.line.to < e) && (this.line = this.view.state.doc.lineAt(e), this.spans = this.view.bidiSpans(this.line)), this;
	}
	baseDirAt(e, t) {
		let { line: n, spans: r } = this.bidiSpansAt(e);
		return r[lo.find(r, e - n.from, -1, t)].level == this.baseDir;
	}
	dirAt(e, t) {
		let { line: n, spans: r } = this.bidiSpansAt(e);
		return r[lo.find(r, e - n.from, -1, t)].dir;
	}
	bidiIn(e, t) {
		let { spans: n, line: r } = this.bidiSpansAt(e);
		return n.length > 1 || n.length && (n[0].level != this.baseDir || n[0].to + r.from < t);
	}
	scan(e, t, n = !1) {
		let r = 0, i = e.length - 1, a = /* @__PURE__ */ new Set(), o = this.bidiIn(e[0], e[i]), s, c, l = -1, u = 1e9, d;
		search: for (; r < i;) {
			let n = i - r, f = r + i >> 1;
			adjust: if (a.has(f)) {
				for (let e = 1; e < n; e++) {
					let t = f + e;
					if (t >= i && (t -= n), !a.has(t)) {
						f = t;
						break adjust;
					}
				}
				break search;
			}
			a.add(f);
			let p = t(f), m = 0;
			if (p) for (let e = 0; e < p.length; e++) {
				let t = p[e];
				if (!(t.width == 0 && p.length > 1)) {
					if (t.bottom < this.y) (!s || s.bottom < t.bottom) && (s = t), m = 1;
					else if (t.top > this.y) (!c || c.top > t.top) && (c = t), m = -1;
					else {
						let e = t.left > this.x ? this.x - t.left : t.right < this.x ? this.x - t.right : 0, n = Math.abs(e);
						n < u && (l = f, u = n, d = t), e && (m = e < 0 == (this.baseDir == W.LTR) ? -1 : 1);
					}
				}
			}
			m == -1 && (!o || this.baseDirAt(e[f], 1)) ? i = f : m == 1 && (!o || this.baseDirAt(e[f + 1], -1)) && (r = f + 1);
		}
		if (!d) {
			if (!c && !s) return {
				i: 0,
				after: !1
			};
			let n = s && (!c || this.y - s.bottom < c.top - this.y) ? s : c;
			return this.y = (n.top + n.bottom) / 2, this.scan(e, t, !0);
		}
		if (u && !n) {
			let { top: n, bottom: r } = d;
			if (s && s.bottom > (n + n + r) / 3) return this.y = s.bottom - 1, this.scan(e, t, !0);
			if (c && c.top < (n + r + r) / 3) return this.y = c.top + 1, this.scan(e, t, !0);
		}
		let f = (o ? this.dirAt(e[l], 1) : this.baseDir) == W.LTR;
		return {
			i: l,
			after: this.x > (d.left + d.right) / 2 == f
		};
	}
	scanText(e, t) {
		let n = [];
		for (let r = 0; r < e.length; r = T(e.text, r)) n.push(t + r);
		n.push(t + e.length);
		let r = this.scan(n, (r) => {
			let i = n[r] - t, a = n[r + 1] - t;
			return Ka(e.dom, i, a).getClientRects();
		});
		return r.after ? new Qs(n[r.i + 1], -1) : new Qs(n[r.i], 1);
	}
	scanTile(e, t) {
		if (!e.length) return new Qs(t, 1);
		if (e.children.length == 1) {
			let n = e.children[0];
			if (n.isText()) return this.scanText(n, t);
			if (n.isComposite()) return this.scanTile(n, t);
		}
		let n = [t];
		for (let r = 0, i = t; r < e.children.length; r++) n.push(i += e.children[r].length);
		let r = this.scan(n, (t) => {
			let n = e.children[t];
			return n.flags & 48 ? null : (U(n.dom) ? n.dom : Ka(n.dom, 0, n.length)).getClientRects();
		}), i = e.children[r.i], a = n[r.i];
		return i.isText() ? this.scanText(i, a) : i.isComposite() ? this.scanTile(i, a) : r.after ? new Qs(n[r.i + 1], -1) : new Qs(a, 1);
	}
}, tc = `￿`, nc = class {
	constructor(e, t) {
		this.points = e, this.view = t, this.text = ``, this.lineSeparator = t.state.facet(F.lineSeparator);
	}
	append(e) {
		this.text += e;
	}
	lineBreak() {
		this.text += tc;
	}
	readRange(e, t) {
		if (!e) return this;
		let n = e.parentNode;
		for (let r = e;;) {
			this.findPointBefore(n, r);
			let e = this.text.length;
			this.readNode(r);
			let i = q.get(r), a = r.nextSibling;
			if (a == t) {
				i?.breakAfter && !a && n != this.view.contentDOM && this.lineBreak();
				break;
			}
			let o = q.get(a);
			(i && o ? i.breakAfter : (i ? i.breakAfter : Ma(r)) || Ma(a) && (r.nodeName != `BR` || i?.isWidget()) && this.text.length > e) && !ic(a, t) && this.lineBreak(), r = a;
		}
		return this.findPointBefore(n, t), this;
	}
	readTextNode(e) {
		let t = e.nodeValue;
		for (let n of this.points) n.node == e && (n.pos = this.text.length + Math.min(n.offset, t.length));
		for (let n = 0, r = this.lineSeparator ? null : /\r\n?|\n/g;;) {
			let i = -1, a = 1, o;
			if (this.lineSeparator ? (i = t.indexOf(this.lineSeparator, n), a = this.lineSeparator.length) : (o = r.exec(t)) && (i = o.index, a = o[0].length), this.append(t.slice(n, i < 0 ? t.length : i)), i < 0) break;
			if (this.lineBreak(), a > 1) for (let t of this.points) t.node == e && t.pos > this.text.length && (t.pos -= a - 1);
			n = i + a;
		}
	}
	readNode(e) {
		let t = q.get(e), n = t && t.overrideDOMText;
		if (n != null) {
			this.findPointInside(e, n.length);
			for (let e = n.iter(); !e.next().done;) e.lineBreak ? this.lineBreak() : this.append(e.value);
		} else Ta(e) ? this.readTextNode(e) : e.nodeName == `BR` ? e.nextSibling && this.lineBreak() : U(e) && this.readRange(e.firstChild, null);
	}
	findPointBefore(e, t) {
		for (let n of this.points) n.node == e && e.childNodes[n.offset] == t && (n.pos = this.text.length);
	}
	findPointInside(e, t) {
		for (let n of this.points) (Ta(e) ? n.node == e : e.contains(n.node)) && (n.pos = this.text.length + (rc(e, n.node, n.offset) ? t : 0));
	}
};
function rc(e, t, n) {
	for (;;) {
		if (!t || n < Pa(t)) return !1;
		if (t == e) return !0;
		n = ja(t) + 1, t = t.parentNode;
	}
}
function ic(e, t) {
	let n;
	for (; e != t && e; e = e.nextSibling) {
		let t = q.get(e);
		if (!t?.isWidget()) return !1;
		t && (n ||= []).push(t);
	}
	if (n) {
		for (let e of n) if (e.overrideDOMText?.length) return !1;
	}
	return !0;
}
var ac = class {
	constructor(e, t) {
		this.node = e, this.offset = t, this.pos = -1;
	}
}, oc = class {
	constructor(e, t, n, r) {
		this.typeOver = r, this.bounds = null, this.text = ``, this.domChanged = t > -1;
		let { impreciseHead: i, impreciseAnchor: a } = e.docView, o = e.state.selection;
		if (e.state.readOnly && t > -1) this.newSel = null;
		else if (t > -1 && (this.bounds = sc(e.docView.tile, t, n, 0))) {
			let t = i || a ? [] : fc(e), n = new nc(t, e);
			n.readRange(this.bounds.startDOM, this.bounds.endDOM), this.text = n.text, this.newSel = pc(t, this.bounds.from);
		} else {
			let t = e.observer.selectionRange, n = i && i.node == t.focusNode && i.offset == t.focusOffset || !Da(e.contentDOM, t.focusNode) ? o.main.head : e.docView.posFromDOM(t.focusNode, t.focusOffset), r = a && a.node == t.anchorNode && a.offset == t.anchorOffset || !Da(e.contentDOM, t.anchorNode) ? o.main.anchor : e.docView.posFromDOM(t.anchorNode, t.anchorOffset), s = e.viewport;
			if ((B.ios || B.chrome) && n != r && Math.min(n, r) <= o.main.from && Math.max(n, r) >= o.main.to && (s.from > 0 || s.to < e.state.doc.length)) {
				let t = Math.min(n, r), i = Math.max(n, r), a = s.from - t, o = s.to - i;
				a != 0 && a != 1 && t != 0 || o != 0 && o != -1 && i != e.state.doc.length || (n = 0, r = e.state.doc.length);
			}
			if (e.inputState.composing > -1 && o.ranges.length > 1) this.newSel = o.replaceRange(k.range(r, n));
			else if (e.lineWrapping && r == n && !(o.main.empty && o.main.head == n) && e.inputState.lastTouchTime > Date.now() - 100) {
				let t = e.coordsAtPos(n, -1), r = 0;
				t && (r = e.inputState.lastTouchY <= t.bottom ? -1 : 1), this.newSel = k.create([k.cursor(n, r)]);
			} else this.newSel = k.single(r, n);
		}
	}
};
function sc(e, t, n, r) {
	if (e.isComposite()) {
		let i = -1, a = -1, o = -1, s = -1;
		for (let c = 0, l = r, u = r; c < e.children.length; c++) {
			let r = e.children[c], d = l + r.length;
			if (l < t && d > n) return sc(r, t, n, l);
			if (d >= t && i == -1 && (i = c, a = l), l > n && r.dom.parentNode == e.dom) {
				o = c, s = u;
				break;
			}
			u = d, l = d + r.breakAfter;
		}
		return {
			from: a,
			to: s < 0 ? r + e.length : s,
			startDOM: (i ? e.children[i - 1].dom.nextSibling : null) || e.dom.firstChild,
			endDOM: o < e.children.length && o >= 0 ? e.children[o].dom : null
		};
	}
	return e.isText() ? {
		from: r,
		to: r + e.length,
		startDOM: e.dom,
		endDOM: e.dom.nextSibling
	} : null;
}
function cc(e, t) {
	let n, { newSel: r } = t, { state: i } = e, a = i.selection.main, o = e.inputState.lastKeyTime > Date.now() - 100 ? e.inputState.lastKeyCode : -1;
	if (t.bounds) {
		let { from: e, to: r } = t.bounds, s = a.from, c = null;
		(o === 8 || B.android && t.text.length < r - e) && (s = a.to, c = `end`);
		let l = i.doc.sliceString(e, r, tc), u, d;
		!a.empty && a.from >= e && a.to <= r && (t.typeOver || l != t.text) && l.slice(0, a.from - e) == t.text.slice(0, a.from - e) && l.slice(a.to - e) == t.text.slice(u = t.text.length - (l.length - (a.to - e))) ? n = {
			from: a.from,
			to: a.to,
			insert: w.of(t.text.slice(a.from - e, u).split(tc))
		} : (d = dc(l, t.text, s - e, c)) && (B.chrome && o == 13 && d.toB == d.from + 2 && t.text.slice(d.from, d.toB) == `￿￿` && d.toB--, n = {
			from: e + d.from,
			to: e + d.toA,
			insert: w.of(t.text.slice(d.from, d.toB).split(tc))
		});
	} else r && (!e.hasFocus && i.facet(Ro) || mc(r, a)) && (r = null);
	if (!n && !r) return !1;
	if ((B.mac || B.android) && n && n.from == n.to && n.from == a.head - 1 && /^\. ?$/.test(n.insert.toString()) && e.contentDOM.getAttribute(`autocorrect`) == `off` ? (r && n.insert.length == 2 && (r = k.single(r.main.anchor - 1, r.main.head - 1)), n = {
		from: n.from,
		to: n.to,
		insert: w.of([n.insert.toString().replace(`.`, ` `)])
	}) : i.doc.lineAt(a.from).to < a.to && e.docView.lineHasWidget(a.to) && e.inputState.insertingTextAt > Date.now() - 50 ? n = {
		from: a.from,
		to: a.to,
		insert: i.toText(e.inputState.insertingText)
	} : B.chrome && n && n.from == n.to && n.from == a.head && n.insert.toString() == `
 ` && e.lineWrapping && (r &&= k.single(r.main.anchor - 1, r.main.head - 1), n = {
		from: a.from,
		to: a.to,
		insert: w.of([` `])
	}), n) return lc(e, n, r, o);
	if (r && !mc(r, a)) {
		let t = !1, n = `select`;
		return e.inputState.lastSelectionTime > Date.now() - 50 && (e.inputState.lastSelectionOrigin == `select` && (t = !0), n = e.inputState.lastSelectionOrigin, n == `select.pointer` && (r = Xs(i.facet(qo).map((t) => t(e)), r))), e.dispatch({
			selection: r,
			scrollIntoView: t,
			userEvent: n
		}), !0;
	}
	return !1;
}
function lc(e, t, n, r = -1) {
	if (B.ios && e.inputState.flushIOSKey(t)) return !0;
	let i = e.state.selection.main;
	if (B.android && (t.to == i.to && (t.from == i.from || t.from == i.from - 1 && e.state.sliceDoc(t.from, i.from) == ` `) && t.insert.length == 1 && t.insert.lines == 2 && qa(e.contentDOM, `Enter`, 13) || (t.from == i.from - 1 && t.to == i.to && t.insert.length == 0 || r == 8 && t.insert.length < t.to - t.from && t.to > i.head) && qa(e.contentDOM, `Backspace`, 8) || t.from == i.from && t.to == i.to + 1 && t.insert.length == 0 && qa(e.contentDOM, `Delete`, 46))) return !0;
	let a = t.insert.toString();
	e.inputState.composing >= 0 && e.inputState.composing++;
	let o, s = () => o ||= uc(e, t, n);
	return e.state.facet(Do).some((n) => n(e, t.from, t.to, a, s)) || e.dispatch(s()), !0;
}
function uc(e, t, n) {
	let r, i = e.state, a = i.selection.main, o = -1;
	if (t.from == t.to && t.from < a.from || t.from > a.to) {
		let n = t.from < a.from ? -1 : 1, r = n < 0 ? a.from : a.to, s = Ys(i.facet(qo).map((t) => t(e)), r, n);
		t.from == s && (o = s);
	}
	if (o > -1) r = {
		changes: t,
		selection: k.cursor(t.from + t.insert.length, -1)
	};
	else if (t.from >= a.from && t.to <= a.to && t.to - t.from >= (a.to - a.from) / 3 && (!n || n.main.empty && n.main.from == t.from + t.insert.length) && e.inputState.composing < 0) {
		let n = a.from < t.from ? i.sliceDoc(a.from, t.from) : ``, o = a.to > t.to ? i.sliceDoc(t.to, a.to) : ``;
		r = i.replaceSelection(e.state.toText(n + t.insert.sliceString(0, void 0, e.state.lineBreak) + o));
	} else {
		let o = i.changes(t), s = n && n.main.to <= o.newLength ? n.main : void 0;
		if (i.selection.ranges.length > 1 && (e.inputState.composing >= 0 || e.inputState.compositionPendingChange) && t.to <= a.to + 10 && t.to >= a.to - 10) {
			let c = e.state.sliceDoc(t.from, t.to), l, u = n && Ms(e, n.main.head);
			if (u) {
				let e = t.insert.length - (t.to - t.from);
				l = {
					from: u.from,
					to: u.to - e
				};
			} else l = e.state.doc.lineAt(a.head);
			let d = a.to - t.to;
			r = i.changeByRange((n) => {
				if (n.from == a.from && n.to == a.to) return {
					changes: o,
					range: s || n.map(o)
				};
				let r = n.to - d, u = r - c.length;
				if (e.state.sliceDoc(u, r) != c || r >= l.from && u <= l.to) return { range: n };
				let f = i.changes({
					from: u,
					to: r,
					insert: t.insert
				}), p = n.to - a.to;
				return {
					changes: f,
					range: s ? k.range(Math.max(0, s.anchor + p), Math.max(0, s.head + p)) : n.map(f)
				};
			});
		} else r = {
			changes: o,
			selection: s && i.selection.replaceRange(s)
		};
	}
	let s = `input.type`;
	return (e.composing || e.inputState.compositionPendingChange && e.inputState.compositionEndedAt > Date.now() - 50) && (e.inputState.compositionPendingChange = !1, s += `.compose`, e.inputState.compositionFirstChange && (s += `.start`, e.inputState.compositionFirstChange = !1)), i.update(r, {
		userEvent: s,
		scrollIntoView: !0
	});
}
function dc(e, t, n, r) {
	let i = Math.min(e.length, t.length), a = 0;
	for (; a < i && e.charCodeAt(a) == t.charCodeAt(a);) a++;
	if (a == i && e.length == t.length) return null;
	let o = e.length, s = t.length;
	for (; o > 0 && s > 0 && e.charCodeAt(o - 1) == t.charCodeAt(s - 1);) o--, s--;
	if (r == `end`) {
		let e = Math.max(0, a - Math.min(o, s));
		n -= o + e - a;
	}
	if (o < a && e.length < t.length) {
		let e = n <= a && n >= o ? a - n : 0;
		a -= e, s = a + (s - o), o = a;
	} else if (s < a) {
		let e = n <= a && n >= s ? a - n : 0;
		a -= e, o = a + (o - s), s = a;
	}
	return {
		from: a,
		toA: o,
		toB: s
	};
}
function fc(e) {
	let t = [];
	if (e.root.activeElement != e.contentDOM) return t;
	let { anchorNode: n, anchorOffset: r, focusNode: i, focusOffset: a } = e.observer.selectionRange;
	return n && (t.push(new ac(n, r)), (i != n || a != r) && t.push(new ac(i, a))), t;
}
function pc(e, t) {
	if (e.length == 0) return null;
	let n = e[0].pos, r = e.length == 2 ? e[1].pos : n;
	return n < 0 || r < 0 ? null : n == r ? k.create([k.cursor(r + t, -1)]) : k.single(n + t, r + t);
}
function mc(e, t) {
	return t.head == e.main.head && t.anchor == e.main.anchor;
}
var hc = class {
	setSelectionOrigin(e) {
		this.lastSelectionOrigin = e, this.lastSelectionTime = Date.now();
	}
	constructor(e) {
		this.view = e, this.lastKeyCode = 0, this.lastKeyTime = 0, this.touchActive = !1, this.lastTouchTime = 0, this.lastTouchX = 0, this.lastTouchY = 0, this.lastFocusTime = 0, this.lastScrollTop = 0, this.lastScrollLeft = 0, this.lastWheelEvent = 0, this.pendingIOSKey = void 0, this.lastIOSMomentumScroll = 0, this.tabFocusMode = -1, this.lastSelectionOrigin = null, this.lastSelectionTime = 0, this.lastContextMenu = 0, this.scrollHandlers = [], this.handlers = Object.create(null), this.composing = -1, this.compositionFirstChange = null, this.compositionEndedAt = 0, this.compositionPendingKey = !1, this.compositionPendingChange = !1, this.insertingText = ``, this.insertingTextAt = 0, this.mouseSelection = null, this.draggedContent = null, this.handleEvent = this.handleEvent.bind(this), this.notifiedFocused = e.hasFocus, B.safari && e.contentDOM.addEventListener(`input`, () => null), B.gecko && Zc(e.contentDOM.ownerDocument);
	}
	handleEvent(e) {
		kc(this.view, e) && !this.ignoreDuringComposition(e) && (e.type == `keydown` && this.keydown(e) || (this.view.updateState == 0 ? this.runHandlers(e.type, e) : Promise.resolve().then(() => this.runHandlers(e.type, e))));
	}
	runHandlers(e, t) {
		let n = this.handlers[e];
		if (n) {
			for (let e of n.observers) e(this.view, t);
			for (let e of n.handlers) {
				if (t.defaultPrevented) break;
				if (e(this.view, t)) {
					t.preventDefault();
					break;
				}
			}
		}
	}
	ensureHandlers(e) {
		let t = vc(e), n = this.handlers, r = this.view.contentDOM;
		for (let e in t) if (e != `scroll`) {
			let i = !t[e].handlers.length, a = n[e];
			a && i != !a.handlers.length && (r.removeEventListener(e, this.handleEvent), a = null), a || r.addEventListener(e, this.handleEvent, { passive: i });
		}
		for (let e in n) e != `scroll` && !t[e] && r.removeEventListener(e, this.handleEvent);
		this.handlers = t;
	}
	keydown(e) {
		if (this.lastKeyCode = e.keyCode, this.lastKeyTime = Date.now(), e.keyCode == 9 && this.tabFocusMode > -1 && (!this.tabFocusMode || Date.now() <= this.tabFocusMode)) return !0;
		if (this.tabFocusMode > 0 && e.keyCode != 27 && xc.indexOf(e.keyCode) < 0 && (this.tabFocusMode = -1), B.android && B.chrome && !e.synthetic && (e.keyCode == 13 || e.keyCode == 8)) return this.view.observer.delayAndroidKey(e.key, e.keyCode), !0;
		if (B.ios && !e.synthetic && !e.altKey && !e.metaKey && (yc.some((t) => t.keyCode == e.keyCode) && !e.ctrlKey || bc.indexOf(e.key) > -1 && e.ctrlKey)) {
			let t = {
				ctrlKey: e.ctrlKey,
				altKey: e.altKey,
				metaKey: e.metaKey,
				shiftKey: e.shiftKey
			};
			t.shiftKey && B.ios && !/^(off|none)$/.test(this.view.contentDOM.autocapitalize) && gc(this.view.win) && (t.shiftKey = !1);
			let n = this.pendingIOSKey = {
				key: e.key,
				keyCode: e.keyCode,
				mods: t
			};
			return setTimeout(() => {
				this.pendingIOSKey == n && this.flushIOSKey();
			}, 50), !0;
		}
		return e.keyCode != 229 && this.view.observer.forceFlush(), !1;
	}
	flushIOSKey(e) {
		let t = this.pendingIOSKey;
		return !t || this.view.observer.pendingRecords().length || t.key == `Enter` && e && e.from < e.to && /^\S+$/.test(e.insert.toString()) ? !1 : (this.pendingIOSKey = void 0, qa(this.view.contentDOM, t.key, t.keyCode, t.mods));
	}
	ignoreDuringComposition(e) {
		return !/^key/.test(e.type) || e.synthetic ? !1 : this.composing > 0 ? !0 : B.safari && !B.ios && this.compositionPendingKey && Date.now() - this.compositionEndedAt < 100 ? (this.compositionPendingKey = !1, !0) : !1;
	}
	startMouseSelection(e) {
		this.mouseSelection && this.mouseSelection.destroy(), this.mouseSelection = e;
	}
	update(e) {
		this.view.observer.update(e), this.mouseSelection && this.mouseSelection.update(e), this.draggedContent && e.docChanged && (this.draggedContent = this.draggedContent.map(e.changes)), e.transactions.length && (this.lastKeyCode = this.lastSelectionTime = 0);
	}
	destroy() {
		this.mouseSelection && this.mouseSelection.destroy();
	}
};
function gc(e) {
	return e.visualViewport ? e.visualViewport.height * e.visualViewport.scale / e.document.documentElement.clientHeight < .85 : !1;
}
function _c(e, t) {
	return (n, r) => {
		try {
			return t.call(e, r, n);
		} catch (e) {
			Lo(n.state, e);
		}
	};
}
function vc(e) {
	let t = Object.create(null);
	function n(e) {
		return t[e] || (t[e] = {
			observers: [],
			handlers: []
		});
	}
	for (let t of e) {
		let e = t.spec, r = e && e.plugin.domEventHandlers, i = e && e.plugin.domEventObservers;
		if (r) for (let e in r) {
			let i = r[e];
			i && n(e).handlers.push(_c(t.value, i));
		}
		if (i) for (let e in i) {
			let r = i[e];
			r && n(e).observers.push(_c(t.value, r));
		}
	}
	for (let e in Ac) n(e).handlers.push(Ac[e]);
	for (let e in J) n(e).observers.push(J[e]);
	return t;
}
var yc = [
	{
		key: `Backspace`,
		keyCode: 8,
		inputType: `deleteContentBackward`
	},
	{
		key: `Enter`,
		keyCode: 13,
		inputType: `insertParagraph`
	},
	{
		key: `Enter`,
		keyCode: 13,
		inputType: `insertLineBreak`
	},
	{
		key: `Delete`,
		keyCode: 46,
		inputType: `deleteContentForward`
	}
], bc = `dthko`, xc = [
	16,
	17,
	18,
	20,
	91,
	92,
	224,
	225
], Sc = 6;
function Cc(e) {
	return Math.max(0, e) * .7 + 8;
}
function wc(e, t) {
	return Math.max(Math.abs(e.clientX - t.clientX), Math.abs(e.clientY - t.clientY));
}
var Tc = class {
	constructor(e, t, n, r) {
		this.view = e, this.startEvent = t, this.style = n, this.mustSelect = r, this.scrollSpeed = {
			x: 0,
			y: 0
		}, this.scrolling = -1, this.lastEvent = t, this.scrollParents = za(e.contentDOM), this.atoms = e.state.facet(qo).map((t) => t(e));
		let i = e.contentDOM.ownerDocument;
		i.addEventListener(`mousemove`, this.move = this.move.bind(this)), i.addEventListener(`mouseup`, this.up = this.up.bind(this)), this.extend = t.shiftKey, this.multiple = e.state.facet(F.allowMultipleSelections) && Ec(e, t), this.dragging = Oc(e, t) && Bc(t) == 1 ? null : !1;
	}
	start(e) {
		this.dragging === !1 && this.select(e);
	}
	move(e) {
		if (e.buttons == 0) return this.destroy();
		if (this.dragging || this.dragging == null && wc(this.startEvent, e) < 10) return;
		this.select(this.lastEvent = e);
		let t = 0, n = 0, r = 0, i = 0, a = this.view.win.innerWidth, o = this.view.win.innerHeight;
		this.scrollParents.x && ({left: r, right: a} = this.scrollParents.x.getBoundingClientRect()), this.scrollParents.y && ({top: i, bottom: o} = this.scrollParents.y.getBoundingClientRect());
		let s = Qo(this.view);
		e.clientX - s.left <= r + Sc ? t = -Cc(r - e.clientX) : e.clientX + s.right >= a - Sc && (t = Cc(e.clientX - a)), e.clientY - s.top <= i + Sc ? n = -Cc(i - e.clientY) : e.clientY + s.bottom >= o - Sc && (n = Cc(e.clientY - o)), this.setScrollSpeed(t, n);
	}
	up(e) {
		this.dragging ?? this.select(this.lastEvent), this.dragging || e.preventDefault(), this.destroy();
	}
	destroy() {
		this.setScrollSpeed(0, 0);
		let e = this.view.contentDOM.ownerDocument;
		e.removeEventListener(`mousemove`, this.move), e.removeEventListener(`mouseup`, this.up), this.view.inputState.mouseSelection = this.view.inputState.draggedContent = null;
	}
	setScrollSpeed(e, t) {
		this.scrollSpeed = {
			x: e,
			y: t
		}, e || t ? this.scrolling < 0 && (this.scrolling = setInterval(() => this.scroll(), 50)) : this.scrolling > -1 && (clearInterval(this.scrolling), this.scrolling = -1);
	}
	scroll() {
		let { x: e, y: t } = this.scrollSpeed;
		e && this.scrollParents.x && (this.scrollParents.x.scrollLeft += e, e = 0), t && this.scrollParents.y && (this.scrollParents.y.scrollTop += t, t = 0), (e || t) && this.view.win.scrollBy(e, t), this.dragging === !1 && this.select(this.lastEvent);
	}
	select(e) {
		let { view: t } = this, n = Xs(this.atoms, this.style.get(e, this.extend, this.multiple));
		(this.mustSelect || !n.eq(t.state.selection, this.dragging === !1)) && this.view.dispatch({
			selection: n,
			userEvent: `select.pointer`
		}), this.mustSelect = !1;
	}
	update(e) {
		e.transactions.some((e) => e.isUserEvent(`input.type`)) ? this.destroy() : this.style.update(e) && setTimeout(() => this.select(this.lastEvent), 20);
	}
};
function Ec(e, t) {
	let n = e.state.facet(So);
	return n.length ? n[0](t) : B.mac ? t.metaKey : t.ctrlKey;
}
function Dc(e, t) {
	let n = e.state.facet(Co);
	return n.length ? n[0](t) : B.mac ? !t.altKey : !t.ctrlKey;
}
function Oc(e, t) {
	let { main: n } = e.state.selection;
	if (n.empty) return !1;
	let r = Ea(e.root);
	if (!r || r.rangeCount == 0) return !0;
	let i = r.getRangeAt(0).getClientRects();
	for (let e = 0; e < i.length; e++) {
		let n = i[e];
		if (n.left <= t.clientX && n.right >= t.clientX && n.top <= t.clientY && n.bottom >= t.clientY) return !0;
	}
	return !1;
}
function kc(e, t) {
	if (!t.bubbles) return !0;
	if (t.defaultPrevented) return !1;
	for (let n = t.target, r; n != e.contentDOM; n = n.parentNode) if (!n || n.nodeType == 11 || (r = q.get(n)) && r.isWidget() && !r.isHidden && r.widget.ignoreEvent(t)) return !1;
	return !0;
}
var Ac = Object.create(null), J = Object.create(null), jc = B.ie && B.ie_version < 15 || B.ios && B.webkit_version < 604;
function Mc(e) {
	let t = e.dom.parentNode;
	if (!t) return;
	let n = t.appendChild(document.createElement(`textarea`));
	n.style.cssText = `position: fixed; left: -10000px; top: 10px`, n.focus(), setTimeout(() => {
		e.focus(), n.remove(), Pc(e, n.value);
	}, 50);
}
function Nc(e, t, n) {
	for (let r of e.facet(t)) n = r(n, e);
	return n;
}
function Pc(e, t) {
	t = Nc(e.state, ko, t);
	let { state: n } = e, r, i = 1, a = n.toText(t), o = a.lines == n.selection.ranges.length;
	if (Kc != null && n.selection.ranges.every((e) => e.empty) && Kc == a.toString()) {
		let e = -1;
		r = n.changeByRange((r) => {
			let s = n.doc.lineAt(r.from);
			if (s.from == e) return { range: r };
			e = s.from;
			let c = n.toText((o ? a.line(i++).text : t) + n.lineBreak);
			return {
				changes: {
					from: s.from,
					insert: c
				},
				range: k.cursor(r.from + c.length, -1)
			};
		});
	} else r = o ? n.changeByRange((e) => {
		let t = a.line(i++);
		return {
			changes: {
				from: e.from,
				to: e.to,
				insert: t.text
			},
			range: k.cursor(e.from + t.length, -1)
		};
	}) : n.replaceSelection(a);
	e.dispatch(r, {
		userEvent: `input.paste`,
		scrollIntoView: !0
	});
}
J.scroll = (e) => {
	let t = e.inputState;
	t.lastScrollTop = e.scrollDOM.scrollTop, t.lastScrollLeft = e.scrollDOM.scrollLeft, B.ios && !t.touchActive && (t.lastIOSMomentumScroll = Date.now());
}, J.wheel = J.mousewheel = (e) => {
	e.inputState.lastWheelEvent = Date.now();
}, Ac.keydown = (e, t) => (e.inputState.setSelectionOrigin(`select`), t.keyCode == 27 && e.inputState.tabFocusMode != 0 && (e.inputState.tabFocusMode = Date.now() + 2e3), !1), J.touchstart = (e, t) => {
	let n = e.inputState, r = t.targetTouches[0];
	n.touchActive = !0, n.lastTouchTime = Date.now(), r && (n.lastTouchX = r.clientX, n.lastTouchY = r.clientY), n.setSelectionOrigin(`select.pointer`);
}, J.touchmove = (e) => {
	e.inputState.setSelectionOrigin(`select.pointer`);
}, J.touchend = (e, t) => {
	e.inputState.touchActive = !1;
}, Ac.mousedown = (e, t) => {
	if (e.observer.flush(), e.inputState.lastTouchTime > Date.now() - 2e3) return !1;
	let n = null;
	for (let r of e.state.facet(wo)) if (n = r(e, t), n) break;
	if (!n && t.button == 0 && (n = Vc(e, t)), n) {
		let r = !e.hasFocus;
		e.inputState.startMouseSelection(new Tc(e, t, n, r)), r && e.observer.ignore(() => {
			Wa(e.contentDOM);
			let t = e.root.activeElement;
			t && !t.contains(e.contentDOM) && t.blur();
		});
		let i = e.inputState.mouseSelection;
		if (i) return i.start(t), i.dragging === !1;
	} else e.inputState.setSelectionOrigin(`select.pointer`);
	return !1;
};
function Fc(e, t, n, r) {
	if (r == 1) return k.cursor(t, n);
	if (r == 2) return Hs(e.state, t, n);
	{
		let r = e.docView.lineAt(t, n), i = e.state.doc.lineAt(r ? r.posAtEnd : t), a = r ? r.posAtStart : i.from, o = r ? r.posAtEnd : i.to;
		return o < e.state.doc.length && o == i.to && o++, k.undirectionalRange(a, o);
	}
}
var Ic = B.ie && B.ie_version <= 11, Lc = null, Rc = 0, zc = 0;
function Bc(e) {
	if (!Ic) return e.detail;
	let t = Lc, n = zc;
	return Lc = e, zc = Date.now(), Rc = !t || n > Date.now() - 400 && Math.abs(t.clientX - e.clientX) < 2 && Math.abs(t.clientY - e.clientY) < 2 ? (Rc + 1) % 3 : 1;
}
function Vc(e, t) {
	let n = e.posAndSideAtCoords({
		x: t.clientX,
		y: t.clientY
	}, !1), r = Bc(t), i = e.state.selection;
	return {
		update(e) {
			e.docChanged && (n.pos = e.changes.mapPos(n.pos), i = i.map(e.changes));
		},
		get(t, a, o) {
			let s = e.posAndSideAtCoords({
				x: t.clientX,
				y: t.clientY
			}, !1), c, l = Fc(e, s.pos, s.assoc, r);
			if (n.pos != s.pos && !a) {
				let t = Fc(e, n.pos, n.assoc, r), i = Math.min(t.from, l.from), a = Math.max(t.to, l.to);
				l = i < l.from ? k.range(i, a, l.assoc) : k.range(a, i, l.assoc);
			}
			return a ? i.replaceRange(i.main.extend(l.from, l.to, l.assoc)) : o && r == 1 && i.ranges.length > 1 && (c = Hc(i, s.pos)) ? c : o ? i.addRange(l) : k.create([l]);
		}
	};
}
function Hc(e, t) {
	for (let n = 0; n < e.ranges.length; n++) {
		let { from: r, to: i } = e.ranges[n];
		if (r <= t && i >= t) return k.create(e.ranges.slice(0, n).concat(e.ranges.slice(n + 1)), e.mainIndex == n ? 0 : e.mainIndex - +(e.mainIndex > n));
	}
	return null;
}
Ac.dragstart = (e, t) => {
	let { selection: { main: n } } = e.state;
	if (t.target.draggable) {
		let r = e.docView.tile.nearest(t.target);
		if (r && r.isWidget()) {
			let e = r.posAtStart, t = e + r.length;
			(e >= n.to || t <= n.from) && (n = k.undirectionalRange(e, t));
		}
	}
	let { inputState: r } = e;
	return r.mouseSelection && (r.mouseSelection.dragging = !0), r.draggedContent = n, t.dataTransfer && (t.dataTransfer.setData(`Text`, Nc(e.state, Ao, e.state.sliceDoc(n.from, n.to))), t.dataTransfer.effectAllowed = `copyMove`), !1;
}, Ac.dragend = (e) => (e.inputState.draggedContent = null, !1);
function Uc(e, t, n, r) {
	if (n = Nc(e.state, ko, n), !n) return;
	let i = e.posAtCoords({
		x: t.clientX,
		y: t.clientY
	}, !1), { draggedContent: a } = e.inputState, o = r && a && Dc(e, t) ? {
		from: a.from,
		to: a.to
	} : null, s = {
		from: i,
		insert: n
	}, c = e.state.changes(o ? [o, s] : s);
	e.focus(), e.dispatch({
		changes: c,
		selection: {
			anchor: c.mapPos(i, -1),
			head: c.mapPos(i, 1)
		},
		userEvent: o ? `move.drop` : `input.drop`
	}), e.inputState.draggedContent = null;
}
Ac.drop = (e, t) => {
	if (!t.dataTransfer) return !1;
	if (e.state.readOnly) return !0;
	let n = t.dataTransfer.files;
	if (n && n.length) {
		let r = Array(n.length), i = 0, a = () => {
			++i == n.length && Uc(e, t, r.filter((e) => e != null).join(e.state.lineBreak), !1);
		};
		for (let e = 0; e < n.length; e++) {
			let t = new FileReader();
			t.onerror = a, t.onload = () => {
				/[\x00-\x08\x0e-\x1f]{2}/.test(t.result) || (r[e] = t.result), a();
			}, t.readAsText(n[e]);
		}
		return !0;
	}
	{
		let n = t.dataTransfer.getData(`Text`);
		if (n) return Uc(e, t, n, !0), !0;
	}
	return !1;
}, Ac.paste = (e, t) => {
	if (e.state.readOnly) return !0;
	e.observer.flush();
	let n = jc ? null : t.clipboardData;
	return n ? (Pc(e, n.getData(`text/plain`) || n.getData(`text/uri-list`)), !0) : (Mc(e), !1);
};
function Wc(e, t) {
	let n = e.dom.parentNode;
	if (!n) return;
	let r = n.appendChild(document.createElement(`textarea`));
	r.style.cssText = `position: fixed; left: -10000px; top: 10px`, r.value = t, r.focus(), r.selectionEnd = t.length, r.selectionStart = 0, setTimeout(() => {
		r.remove(), e.focus();
	}, 50);
}
function Gc(e) {
	let t = [], n = [], r = !1;
	for (let r of e.selection.ranges) r.empty || (t.push(e.sliceDoc(r.from, r.to)), n.push(r));
	if (!t.length) {
		let i = -1;
		for (let { from: r } of e.selection.ranges) {
			let a = e.doc.lineAt(r);
			a.number > i && (t.push(a.text), n.push({
				from: a.from,
				to: Math.min(e.doc.length, a.to + 1)
			})), i = a.number;
		}
		r = !0;
	}
	return {
		text: Nc(e, Ao, t.join(e.lineBreak)),
		ranges: n,
		linewise: r
	};
}
var Kc = null;
Ac.copy = Ac.cut = (e, t) => {
	if (!Oa(e.contentDOM, e.observer.selectionRange)) return !1;
	let { text: n, ranges: r, linewise: i } = Gc(e.state);
	if (!n && !i) return !1;
	Kc = i ? n : null, t.type == `cut` && !e.state.readOnly && e.dispatch({
		changes: r,
		scrollIntoView: !0,
		userEvent: `delete.cut`
	});
	let a = jc ? null : t.clipboardData;
	return a ? (a.clearData(), a.setData(`text/plain`, n), !0) : (Wc(e, n), !1);
};
var qc = ii.define();
function Jc(e, t) {
	let n = [];
	for (let r of e.facet(Oo)) {
		let i = r(e, t);
		i && n.push(i);
	}
	return n.length ? e.update({
		effects: n,
		annotations: qc.of(!0)
	}) : null;
}
function Yc(e) {
	setTimeout(() => {
		let t = e.hasFocus;
		if (t != e.inputState.notifiedFocused) {
			let n = Jc(e.state, t);
			n ? e.dispatch(n) : e.update([]);
		}
	}, 10);
}
J.focus = (e) => {
	e.inputState.lastFocusTime = Date.now(), !e.scrollDOM.scrollTop && (e.inputState.lastScrollTop || e.inputState.lastScrollLeft) && (e.scrollDOM.scrollTop = e.inputState.lastScrollTop, e.scrollDOM.scrollLeft = e.inputState.lastScrollLeft), Yc(e);
}, J.blur = (e) => {
	e.observer.clearSelectionRange(), Yc(e);
}, J.compositionstart = J.compositionupdate = (e, t) => {
	if (!e.observer.editContext && (e.inputState.compositionFirstChange ?? (e.inputState.compositionFirstChange = !0), e.inputState.composing < 0)) {
		let { main: t } = e.state.selection;
		!t.empty && e.lineBlockAt(t.from).from != e.lineBlockAt(t.to).from && !e.state.readOnly && e.dispatch({
			changes: e.state.selection.ranges.filter((e) => !e.empty).map((e) => ({
				from: e.from,
				to: e.to
			})),
			userEvent: `input`
		}), e.inputState.composing = 0;
	}
}, J.compositionend = (e) => {
	e.observer.editContext || (e.inputState.composing = -1, e.inputState.compositionEndedAt = Date.now(), e.inputState.compositionPendingKey = !0, e.inputState.compositionPendingChange = e.observer.pendingRecords().length > 0, e.inputState.compositionFirstChange = null, B.chrome && B.android ? e.observer.flushSoon() : e.inputState.compositionPendingChange ? Promise.resolve().then(() => e.observer.flush()) : setTimeout(() => {
		e.inputState.composing < 0 && e.docView.hasComposition && e.update([]);
	}, 50));
}, J.contextmenu = (e) => {
	e.inputState.lastContextMenu = Date.now();
}, Ac.beforeinput = (e, t) => {
	if ((t.inputType == `insertText` || t.inputType == `insertCompositionText`) && (e.inputState.insertingText = t.data, e.inputState.insertingTextAt = Date.now()), t.inputType == `insertReplacementText` && e.observer.editContext) {
		let n = t.dataTransfer?.getData(`text/plain`), r = t.getTargetRanges();
		if (n && r.length) {
			let t = r[0];
			return lc(e, {
				from: e.posAtDOM(t.startContainer, t.startOffset),
				to: e.posAtDOM(t.endContainer, t.endOffset),
				insert: e.state.toText(n)
			}, null), !0;
		}
	}
	let n;
	if (B.chrome && B.android && (n = yc.find((e) => e.inputType == t.inputType)) && (e.observer.delayAndroidKey(n.key, n.keyCode), n.key == `Backspace` || n.key == `Delete`)) {
		let t = window.visualViewport?.height || 0;
		setTimeout(() => {
			(window.visualViewport?.height || 0) > t + 10 && e.hasFocus && (e.contentDOM.blur(), e.focus());
		}, 100);
	}
	return B.ios && t.inputType == `deleteContentForward` && e.observer.flushSoon(), B.safari && t.inputType == `insertText` && e.inputState.composing >= 0 && setTimeout(() => J.compositionend(e, t), 20), !1;
};
var Xc = /* @__PURE__ */ new Set();
function Zc(e) {
	Xc.has(e) || (Xc.add(e), e.addEventListener(`copy`, () => {}), e.addEventListener(`cut`, () => {}));
}
var Qc = [
	`pre-wrap`,
	`normal`,
	`pre-line`,
	`break-spaces`
], $c = !1;
function el() {
	$c = !1;
}
var tl = class {
	constructor(e) {
		this.lineWrapping = e, this.doc = w.empty, this.heightSamples = {}, this.lineHeight = 14, this.charWidth = 7, this.textHeight = 14, this.lineLength = 30;
	}
	heightForGap(e, t) {
		let n = this.doc.lineAt(t).number - this.doc.lineAt(e).number + 1;
		return this.lineWrapping && (n += Math.max(0, Math.ceil((t - e - n * this.lineLength * .5) / this.lineLength))), this.lineHeight * n;
	}
	heightForLine(e) {
		return this.lineWrapping ? (1 + Math.max(0, Math.ceil((e - this.lineLength) / Math.max(1, this.lineLength - 5)))) * this.lineHeight : this.lineHeight;
	}
	setDoc(e) {
		return this.doc = e, this;
	}
	mustRefreshForWrapping(e) {
		return Qc.indexOf(e) > -1 != this.lineWrapping;
	}
	mustRefreshForHeights(e) {
		let t = !1;
		for (let n = 0; n < e.length; n++) {
			let r = e[n];
			r < 0 ? n++ : this.heightSamples[Math.floor(r * 10)] || (t = !0, this.heightSamples[Math.floor(r * 10)] = !0);
		}
		return t;
	}
	refresh(e, t, n, r, i, a) {
		let o = Qc.indexOf(e) > -1, s = Math.abs(t - this.lineHeight) > .3 || this.lineWrapping != o;
		if (this.lineWrapping = o, this.lineHeight = t, this.charWidth = n, this.textHeight = r, this.lineLength = i, s) {
			this.heightSamples = {};
			for (let e = 0; e < a.length; e++) {
				let t = a[e];
				t < 0 ? e++ : this.heightSamples[Math.floor(t * 10)] = !0;
			}
		}
		return s;
	}
}, nl = class {
	constructor(e, t) {
		this.from = e, this.heights = t, this.index = 0;
	}
	get more() {
		return this.index < this.heights.length;
	}
}, rl = class e {
	constructor(e, t, n, r, i) {
		this.from = e, this.length = t, this.top = n, this.height = r, this._content = i;
	}
	get type() {
		return typeof this._content == `number` ? V.Text : Array.isArray(this._content) ? this._content : this._content.type;
	}
	get to() {
		return this.from + this.length;
	}
	get bottom() {
		return this.top + this.height;
	}
	get widget() {
		return this._content instanceof ba ? this._content.widget : null;
	}
	get widgetLineBreaks() {
		return typeof this._content == `number` ? this._content : 0;
	}
	join(t) {
		let n = (Array.isArray(this._content) ? this._content : [this]).concat(Array.isArray(t._content) ? t._content : [t]);
		return new e(this.from, this.length + t.length, this.top, this.height + t.height, n);
	}
}, Y = (function(e) {
	return e[e.ByPos = 0] = `ByPos`, e[e.ByHeight = 1] = `ByHeight`, e[e.ByPosNoHeight = 2] = `ByPosNoHeight`, e;
})(Y ||= {}), il = .001, al = class e {
	constructor(e, t, n = 2) {
		this.length = e, this.height = t, this.flags = n;
	}
	get outdated() {
		return (this.flags & 2) > 0;
	}
	set outdated(e) {
		this.flags = (e ? 2 : 0) | this.flags & -3;
	}
	setHeight(e) {
		this.height != e && (Math.abs(this.height - e) > il && ($c = !0), this.height = e);
	}
	replace(t, n, r) {
		return e.of(r);
	}
	decomposeLeft(e, t) {
		t.push(this);
	}
	decomposeRight(e, t) {
		t.push(this);
	}
	applyChanges(e, t, n, r) {
		let i = this, a = n.doc;
		for (let o = r.length - 1; o >= 0; o--) {
			let { fromA: s, toA: c, fromB: l, toB: u } = r[o], d = i.lineAt(s, Y.ByPosNoHeight, n.setDoc(t), 0, 0), f = d.to >= c ? d : i.lineAt(c, Y.ByPosNoHeight, n, 0, 0);
			for (u += f.to - c, c = f.to; o > 0 && d.from <= r[o - 1].toA;) s = r[o - 1].fromA, l = r[o - 1].fromB, o--, s < d.from && (d = i.lineAt(s, Y.ByPosNoHeight, n, 0, 0));
			l += d.from - s, s = d.from;
			let p = ml.build(n.setDoc(a), e, l, u);
			i = ol(i, i.replace(s, c, p));
		}
		return i.updateHeight(n, 0);
	}
	static empty() {
		return new ll(0, 0, 0);
	}
	static of(t) {
		if (t.length == 1) return t[0];
		let n = 0, r = t.length, i = 0, a = 0;
		for (;;) if (n == r) {
			if (i > a * 2) {
				let e = t[n - 1];
				e.break ? t.splice(--n, 1, e.left, null, e.right) : t.splice(--n, 1, e.left, e.right), r += 1 + e.break, i -= e.size;
			} else if (a > i * 2) {
				let e = t[r];
				e.break ? t.splice(r, 1, e.left, null, e.right) : t.splice(r, 1, e.left, e.right), r += 2 + e.break, a -= e.size;
			} else break;
		} else if (i < a) {
			let e = t[n++];
			e && (i += e.size);
		} else {
			let e = t[--r];
			e && (a += e.size);
		}
		let o = !1;
		return t[n - 1] == null ? (o = !0, n--) : t[n] ?? (o = !0, r++), new dl(e.of(t.slice(0, n)), o, e.of(t.slice(r)));
	}
};
function ol(e, t) {
	return e == t ? e : (e.constructor != t.constructor && ($c = !0), t);
}
al.prototype.size = 1;
var sl = H.replace({}), cl = class extends al {
	constructor(e, t, n) {
		super(e, t), this.deco = n, this.spaceAbove = 0;
	}
	mainBlock(e, t) {
		return new rl(t, this.length, e + this.spaceAbove, this.height - this.spaceAbove, this.deco || 0);
	}
	blockAt(e, t, n, r) {
		return this.spaceAbove && e < n + this.spaceAbove ? new rl(r, 0, n, this.spaceAbove, sl) : this.mainBlock(n, r);
	}
	lineAt(e, t, n, r, i) {
		let a = this.mainBlock(r, i);
		return this.spaceAbove ? this.blockAt(0, n, r, i).join(a) : a;
	}
	forEachLine(e, t, n, r, i, a) {
		e <= i + this.length && t >= i && a(this.lineAt(0, Y.ByPos, n, r, i));
	}
	setMeasuredHeight(e) {
		let t = e.heights[e.index++];
		t < 0 ? (this.spaceAbove = -t, t = e.heights[e.index++]) : this.spaceAbove = 0, this.setHeight(t);
	}
	updateHeight(e, t = 0, n = !1, r) {
		return r && r.from <= t && r.more && this.setMeasuredHeight(r), this.outdated = !1, this;
	}
	toString() {
		return `block(${this.length})`;
	}
}, ll = class e extends cl {
	constructor(e, t, n) {
		super(e, t, null), this.collapsed = 0, this.widgetHeight = 0, this.breaks = 0, this.spaceAbove = n;
	}
	mainBlock(e, t) {
		return new rl(t, this.length, e + this.spaceAbove, this.height - this.spaceAbove, this.breaks);
	}
	replace(t, n, r) {
		let i = r[0];
		return r.length == 1 && (i instanceof e || i instanceof ul && i.flags & 4) && Math.abs(this.length - i.length) < 10 ? (i instanceof ul ? i = new e(i.length, this.height, this.spaceAbove) : i.height = this.height, this.outdated || (i.outdated = !1), i) : al.of(r);
	}
	updateHeight(e, t = 0, n = !1, r) {
		return r && r.from <= t && r.more ? this.setMeasuredHeight(r) : (n || this.outdated) && (this.spaceAbove = 0, this.setHeight(Math.max(this.widgetHeight, e.heightForLine(this.length - this.collapsed)) + this.breaks * e.lineHeight)), this.outdated = !1, this;
	}
	toString() {
		return `line(${this.length}${this.collapsed ? -this.collapsed : ``}${this.widgetHeight ? `:` + this.widgetHeight : ``})`;
	}
}, ul = class e extends al {
	constructor(e) {
		super(e, 0);
	}
	heightMetrics(e, t) {
		let n = e.doc.lineAt(t).number, r = e.doc.lineAt(t + this.length).number, i = r - n + 1, a, o = 0;
		if (e.lineWrapping) {
			let t = Math.min(this.height, e.lineHeight * i);
			a = t / i, this.length > i + 1 && (o = (this.height - t) / (this.length - i - 1));
		} else a = this.height / i;
		return {
			firstLine: n,
			lastLine: r,
			perLine: a,
			perChar: o
		};
	}
	blockAt(e, t, n, r) {
		let { firstLine: i, lastLine: a, perLine: o, perChar: s } = this.heightMetrics(t, r);
		if (t.lineWrapping) {
			let i = r + (e < t.lineHeight ? 0 : Math.round(Math.max(0, Math.min(1, (e - n) / this.height)) * this.length)), a = t.doc.lineAt(i), c = o + a.length * s, l = Math.max(n, e - c / 2);
			return new rl(a.from, a.length, l, c, 0);
		}
		{
			let r = Math.max(0, Math.min(a - i, Math.floor((e - n) / o))), { from: s, length: c } = t.doc.line(i + r);
			return new rl(s, c, n + o * r, o, 0);
		}
	}
	lineAt(e, t, n, r, i) {
		if (t == Y.ByHeight) return this.blockAt(e, n, r, i);
		if (t == Y.ByPosNoHeight) {
			let { from: t, to: r } = n.doc.lineAt(e);
			return new rl(t, r - t, 0, 0, 0);
		}
		let { firstLine: a, perLine: o, perChar: s } = this.heightMetrics(n, i), c = n.doc.lineAt(e), l = o + c.length * s, u = c.number - a, d = r + o * u + s * (c.from - i - u);
		return new rl(c.from, c.length, Math.max(r, Math.min(d, r + this.height - l)), l, 0);
	}
	forEachLine(e, t, n, r, i, a) {
		e = Math.max(e, i), t = Math.min(t, i + this.length);
		let { firstLine: o, perLine: s, perChar: c } = this.heightMetrics(n, i);
		for (let l = e, u = r; l <= t;) {
			let t = n.doc.lineAt(l);
			if (l == e) {
				let n = t.number - o;
				u += s * n + c * (e - i - n);
			}
			let r = s + c * t.length;
			a(new rl(t.from, t.length, u, r, 0)), u += r, l = t.to + 1;
		}
	}
	replace(t, n, r) {
		let i = this.length - n;
		if (i > 0) {
			let t = r[r.length - 1];
			t instanceof e ? r[r.length - 1] = new e(t.length + i) : r.push(null, new e(i - 1));
		}
		if (t > 0) {
			let n = r[0];
			n instanceof e ? r[0] = new e(t + n.length) : r.unshift(new e(t - 1), null);
		}
		return al.of(r);
	}
	decomposeLeft(t, n) {
		n.push(new e(t - 1), null);
	}
	decomposeRight(t, n) {
		n.push(null, new e(this.length - t - 1));
	}
	updateHeight(t, n = 0, r = !1, i) {
		let a = n + this.length;
		if (i && i.from <= n + this.length && i.more) {
			let r = [], o = Math.max(n, i.from), s = -1;
			for (i.from > n && r.push(new e(i.from - n - 1).updateHeight(t, n)); o <= a && i.more;) {
				let e = t.doc.lineAt(o).length;
				r.length && r.push(null);
				let n = i.heights[i.index++], a = 0;
				n < 0 && (a = -n, n = i.heights[i.index++]), s == -1 ? s = n : Math.abs(n - s) >= il && (s = -2);
				let c = new ll(e, n, a);
				c.outdated = !1, r.push(c), o += e + 1;
			}
			o <= a && r.push(null, new e(a - o).updateHeight(t, o));
			let c = al.of(r);
			return (s < 0 || Math.abs(c.height - this.height) >= il || Math.abs(s - this.heightMetrics(t, n).perLine) >= il) && ($c = !0), ol(this, c);
		}
		return (r || this.outdated) && (this.setHeight(t.heightForGap(n, n + this.length)), this.outdated = !1), this;
	}
	toString() {
		return `gap(${this.length})`;
	}
}, dl = class extends al {
	constructor(e, t, n) {
		super(e.length + +!!t + n.length, e.height + n.height, +!!t | (e.outdated || n.outdated ? 2 : 0)), this.left = e, this.right = n, this.size = e.size + n.size;
	}
	get break() {
		return this.flags & 1;
	}
	blockAt(e, t, n, r) {
		let i = n + this.left.height;
		return e < i ? this.left.blockAt(e, t, n, r) : this.right.blockAt(e, t, i, r + this.left.length + this.break);
	}
	lineAt(e, t, n, r, i) {
		let a = r + this.left.height, o = i + this.left.length + this.break, s = t == Y.ByHeight ? e < a : e < o, c = s ? this.left.lineAt(e, t, n, r, i) : this.right.lineAt(e, t, n, a, o);
		if (this.break || (s ? c.to < o : c.from > o)) return c;
		let l = t == Y.ByPosNoHeight ? Y.ByPosNoHeight : Y.ByPos;
		return s ? c.join(this.right.lineAt(o, l, n, a, o)) : this.left.lineAt(o, l, n, r, i).join(c);
	}
	forEachLine(e, t, n, r, i, a) {
		let o = r + this.left.height, s = i + this.left.length + this.break;
		if (this.break) e < s && this.left.forEachLine(e, t, n, r, i, a), t >= s && this.right.forEachLine(e, t, n, o, s, a);
		else {
			let c = this.lineAt(s, Y.ByPos, n, r, i);
			e < c.from && this.left.forEachLine(e, Math.min(t, c.from - 1), n, r, i, a), c.to >= e && c.from <= t && a(c), t > c.to && this.right.forEachLine(Math.max(e, c.to + 1), t, n, o, s, a);
		}
	}
	replace(e, t, n) {
		let r = this.left.length + this.break;
		if (t < r) return this.balanced(this.left.replace(e, t, n), this.right);
		if (e > this.left.length) return this.balanced(this.left, this.right.replace(e - r, t - r, n));
		let i = [];
		e > 0 && this.decomposeLeft(e, i);
		let a = i.length;
		for (let e of n) i.push(e);
		if (e > 0 && fl(i, a - 1), t < this.length) {
			let e = i.length;
			this.decomposeRight(t, i), fl(i, e);
		}
		return al.of(i);
	}
	decomposeLeft(e, t) {
		let n = this.left.length;
		if (e <= n) return this.left.decomposeLeft(e, t);
		t.push(this.left), this.break && (n++, e >= n && t.push(null)), e > n && this.right.decomposeLeft(e - n, t);
	}
	decomposeRight(e, t) {
		let n = this.left.length, r = n + this.break;
		if (e >= r) return this.right.decomposeRight(e - r, t);
		e < n && this.left.decomposeRight(e, t), this.break && e < r && t.push(null), t.push(this.right);
	}
	balanced(e, t) {
		return e.size > 2 * t.size || t.size > 2 * e.size ? al.of(this.break ? [
			e,
			null,
			t
		] : [e, t]) : (this.left = ol(this.left, e), this.right = ol(this.right, t), this.setHeight(e.height + t.height), this.outdated = e.outdated || t.outdated, this.size = e.size + t.size, this.length = e.length + this.break + t.length, this);
	}
	updateHeight(e, t = 0, n = !1, r) {
		let { left: i, right: a } = this, o = t + i.length + this.break, s = null;
		return r && r.from <= t + i.length && r.more ? s = i = i.updateHeight(e, t, n, r) : i.updateHeight(e, t, n), r && r.from <= o + a.length && r.more ? s = a = a.updateHeight(e, o, n, r) : a.updateHeight(e, o, n), s ? this.balanced(i, a) : (this.height = this.left.height + this.right.height, this.outdated = !1, this);
	}
	toString() {
		return this.left + (this.break ? ` ` : `-`) + this.right;
	}
};
function fl(e, t) {
	let n, r;
	e[t] == null && (n = e[t - 1]) instanceof ul && (r = e[t + 1]) instanceof ul && e.splice(t - 1, 3, new ul(n.length + 1 + r.length));
}
var pl = 5, ml = class e {
	constructor(e, t) {
		this.pos = e, this.oracle = t, this.nodes = [], this.lineStart = -1, this.lineEnd = -1, this.covering = null, this.writtenTo = e;
	}
	get isCovered() {
		return this.covering && this.nodes[this.nodes.length - 1] == this.covering;
	}
	span(e, t) {
		if (this.lineStart > -1) {
			let e = Math.min(t, this.lineEnd), n = this.nodes[this.nodes.length - 1];
			n instanceof ll ? n.length += e - this.pos : (e > this.pos || !this.isCovered) && this.nodes.push(new ll(e - this.pos, -1, 0)), this.writtenTo = e, t > e && (this.nodes.push(null), this.writtenTo++, this.lineStart = -1);
		}
		this.pos = t;
	}
	point(e, t, n) {
		if (e < t || n.heightRelevant) {
			let r = n.widget ? n.widget.estimatedHeight : 0, i = n.widget ? n.widget.lineBreaks : 0;
			r < 0 && (r = this.oracle.lineHeight);
			let a = t - e;
			n.block ? this.addBlock(new cl(a, r, n)) : (a || i || r >= pl) && this.addLineDeco(r, i, a);
		} else t > e && this.span(e, t);
		this.lineEnd > -1 && this.lineEnd < this.pos && (this.lineEnd = this.oracle.doc.lineAt(this.pos).to);
	}
	enterLine() {
		if (this.lineStart > -1) return;
		let { from: e, to: t } = this.oracle.doc.lineAt(this.pos);
		this.lineStart = e, this.lineEnd = t, this.writtenTo < e && ((this.writtenTo < e - 1 || this.nodes[this.nodes.length - 1] == null) && this.nodes.push(this.blankContent(this.writtenTo, e - 1)), this.nodes.push(null)), this.pos > e && this.nodes.push(new ll(this.pos - e, -1, 0)), this.writtenTo = this.pos;
	}
	blankContent(e, t) {
		let n = new ul(t - e);
		return this.oracle.doc.lineAt(e).to == t && (n.flags |= 4), n;
	}
	ensureLine() {
		this.enterLine();
		let e = this.nodes.length ? this.nodes[this.nodes.length - 1] : null;
		if (e instanceof ll) return e;
		let t = new ll(0, -1, 0);
		return this.nodes.push(t), t;
	}
	addBlock(e) {
		this.enterLine();
		let t = e.deco;
		t && t.startSide > 0 && !this.isCovered && this.ensureLine(), this.nodes.push(e), this.writtenTo = this.pos += e.length, t && t.endSide > 0 && (this.covering = e);
	}
	addLineDeco(e, t, n) {
		let r = this.ensureLine();
		r.length += n, r.collapsed += n, r.widgetHeight = Math.max(r.widgetHeight, e), r.breaks += t, this.writtenTo = this.pos += n;
	}
	finish(e) {
		let t = this.nodes.length == 0 ? null : this.nodes[this.nodes.length - 1];
		this.lineStart > -1 && !(t instanceof ll) && !this.isCovered ? this.nodes.push(new ll(0, -1, 0)) : (this.writtenTo < this.pos || t == null) && this.nodes.push(this.blankContent(this.writtenTo, this.pos));
		let n = e;
		for (let e of this.nodes) e instanceof ll && e.updateHeight(this.oracle, n), n += e ? e.length : 1;
		return this.nodes;
	}
	static build(t, n, r, i) {
		let a = new e(r, t);
		return I.spans(n, r, i, a, 0), a.finish(r);
	}
};
function hl(e, t, n) {
	let r = new gl();
	return I.compare(e, t, n, r, 0), r.changes;
}
var gl = class {
	constructor() {
		this.changes = [];
	}
	compareRange() {}
	comparePoint(e, t, n, r) {
		(e < t || n && n.heightRelevant || r && r.heightRelevant) && Ca(e, t, this.changes, 5);
	}
};
function _l(e, t) {
	let n = e.getBoundingClientRect(), r = e.ownerDocument, i = r.defaultView || window, a = Math.max(0, n.left), o = Math.min(i.innerWidth, n.right), s = Math.max(0, n.top), c = Math.min(i.innerHeight, n.bottom);
	for (let t = e.parentNode; t && t != r.body;) if (U(t)) {
		let n = window.getComputedStyle(t);
		if ((t.scrollHeight > t.clientHeight || t.scrollWidth > t.clientWidth) && n.overflow != `visible`) {
			let n = t.getBoundingClientRect();
			a = Math.max(a, n.left), o = Math.min(o, n.right), s = Math.max(s, n.top), c = Math.min(t == e.parentNode ? i.innerHeight : c, n.bottom);
		}
		t = n.position == `absolute` || n.position == `fixed` ? t.offsetParent : t.parentNode;
	} else if (t.nodeType == 11) t = t.host;
	else break;
	return {
		left: a - n.left,
		right: Math.max(a, o) - n.left,
		top: s - (n.top + t),
		bottom: Math.max(s, c) - (n.top + t)
	};
}
function vl(e) {
	let t = e.getBoundingClientRect(), n = e.ownerDocument.defaultView || window;
	return t.left < n.innerWidth && t.right > 0 && t.top < n.innerHeight && t.bottom > 0;
}
function yl(e, t) {
	let n = e.getBoundingClientRect();
	return {
		left: 0,
		right: n.right - n.left,
		top: t,
		bottom: n.bottom - (n.top + t)
	};
}
var bl = class {
	constructor(e, t, n, r) {
		this.from = e, this.to = t, this.size = n, this.displaySize = r;
	}
	static same(e, t) {
		if (e.length != t.length) return !1;
		for (let n = 0; n < e.length; n++) {
			let r = e[n], i = t[n];
			if (r.from != i.from || r.to != i.to || r.size != i.size) return !1;
		}
		return !0;
	}
	draw(e, t) {
		return H.replace({ widget: new xl(this.displaySize * (t ? e.scaleY : e.scaleX), t) }).range(this.from, this.to);
	}
}, xl = class extends _a {
	constructor(e, t) {
		super(), this.size = e, this.vertical = t;
	}
	eq(e) {
		return e.size == this.size && e.vertical == this.vertical;
	}
	toDOM() {
		let e = document.createElement(`div`);
		return this.vertical ? e.style.height = this.size + `px` : (e.style.width = this.size + `px`, e.style.height = `2px`, e.style.display = `inline-block`), e;
	}
	get estimatedHeight() {
		return this.vertical ? this.size : -1;
	}
}, Sl = class {
	constructor(e, t) {
		this.view = e, this.state = t, this.pixelViewport = {
			left: 0,
			right: window.innerWidth,
			top: 0,
			bottom: 0
		}, this.inView = !0, this.paddingTop = 0, this.paddingBottom = 0, this.contentDOMWidth = 0, this.contentDOMHeight = 0, this.editorHeight = 0, this.editorWidth = 0, this.scaleX = 1, this.scaleY = 1, this.scrollOffset = 0, this.scrolledToBottom = !1, this.scrollAnchorPos = 0, this.scrollAnchorHeight = -1, this.scaler = Ol, this.scrollTarget = null, this.printing = !1, this.mustMeasureContent = !0, this.defaultTextDirection = W.LTR, this.visibleRanges = [], this.mustEnforceCursorAssoc = !1;
		let n = t.facet(Uo).some((e) => typeof e != `function` && e.class == `cm-lineWrapping`);
		this.heightOracle = new tl(n), this.stateDeco = kl(t), this.heightMap = al.empty().applyChanges(this.stateDeco, w.empty, this.heightOracle.setDoc(t.doc), [new es(0, 0, 0, t.doc.length)]);
		for (let e = 0; e < 2 && (this.viewport = this.getViewport(0, null), this.updateForViewport()); e++);
		this.updateViewportLines(), this.lineGaps = this.ensureLineGaps([]), this.lineGapDeco = H.set(this.lineGaps.map((e) => e.draw(this, !1))), this.scrollParent = e.scrollDOM, this.computeVisibleRanges();
	}
	updateForViewport() {
		let e = [this.viewport], { main: t } = this.state.selection;
		for (let n = 0; n <= 1; n++) {
			let r = n ? t.head : t.anchor;
			if (!e.some(({ from: e, to: t }) => r >= e && r <= t)) {
				let { from: t, to: n } = this.lineBlockAt(r);
				e.push(new Cl(t, n));
			}
		}
		return this.viewports = e.sort((e, t) => e.from - t.from), this.updateScaler();
	}
	updateScaler() {
		let e = this.scaler;
		return this.scaler = this.heightMap.height <= 7e6 ? Ol : Al.get(this.heightOracle, this.heightMap, this.viewports), e.eq(this.scaler) ? 0 : 2;
	}
	updateViewportLines() {
		this.viewportLines = [], this.heightMap.forEachLine(this.viewport.from, this.viewport.to, this.heightOracle.setDoc(this.state.doc), 0, 0, (e) => {
			this.viewportLines.push(jl(e, this.scaler));
		});
	}
	update(e, t = null) {
		this.state = e.state;
		let n = this.stateDeco;
		this.stateDeco = kl(this.state);
		let r = e.changedRanges, i = es.extendWithRanges(r, hl(n, this.stateDeco, e ? e.changes : Er.empty(this.state.doc.length))), a = this.heightMap.height, o = this.scrolledToBottom ? null : this.scrollAnchorAt(this.scrollOffset);
		el(), this.heightMap = this.heightMap.applyChanges(this.stateDeco, e.startState.doc, this.heightOracle.setDoc(this.state.doc), i), (this.heightMap.height != a || $c) && (e.flags |= 2), o ? (this.scrollAnchorPos = e.changes.mapPos(o.from, -1), this.scrollAnchorHeight = o.top) : (this.scrollAnchorPos = -1, this.scrollAnchorHeight = a);
		let s = i.length ? this.mapViewport(this.viewport, e.changes) : this.viewport;
		(t && (t.range.head < s.from || t.range.head > s.to) || !this.viewportIsAppropriate(s)) && (s = this.getViewport(0, t));
		let c = s.from != this.viewport.from || s.to != this.viewport.to;
		this.viewport = s, e.flags |= this.updateForViewport(), (c || !e.changes.empty || e.flags & 2) && this.updateViewportLines(), (this.lineGaps.length || this.viewport.to - this.viewport.from > 4e3) && this.updateLineGaps(this.ensureLineGaps(this.mapLineGaps(this.lineGaps, e.changes))), e.flags |= this.computeVisibleRanges(e.changes), t && (this.scrollTarget = t), !this.mustEnforceCursorAssoc && (e.selectionSet || e.focusChanged) && e.view.lineWrapping && e.state.selection.main.empty && e.state.selection.main.assoc && !e.state.facet(Mo) && (this.mustEnforceCursorAssoc = !0);
	}
	measure() {
		let { view: e } = this, t = e.contentDOM, n = window.getComputedStyle(t), r = this.heightOracle, i = n.whiteSpace;
		this.defaultTextDirection = n.direction == `rtl` ? W.RTL : W.LTR;
		let a = this.heightOracle.mustRefreshForWrapping(i) || this.mustMeasureContent === `refresh`, o = t.getBoundingClientRect(), s = a || this.mustMeasureContent || this.contentDOMHeight != o.height;
		this.contentDOMHeight = o.height, this.mustMeasureContent = !1;
		let c = 0, l = 0;
		if (o.width && o.height) {
			let { scaleX: e, scaleY: n } = La(t, o);
			(e > .005 && Math.abs(this.scaleX - e) > .005 || n > .005 && Math.abs(this.scaleY - n) > .005) && (this.scaleX = e, this.scaleY = n, c |= 16, a = s = !0);
		}
		let u = (parseInt(n.paddingTop) || 0) * this.scaleY, d = (parseInt(n.paddingBottom) || 0) * this.scaleY;
		(this.paddingTop != u || this.paddingBottom != d) && (this.paddingTop = u, this.paddingBottom = d, c |= 18), this.editorWidth != e.scrollDOM.clientWidth && (r.lineWrapping && (s = !0), this.editorWidth = e.scrollDOM.clientWidth, c |= 16);
		let f = za(this.view.contentDOM, !1).y;
		f != this.scrollParent && (this.scrollParent = f, this.scrollAnchorHeight = -1, this.scrollOffset = 0);
		let p = this.getScrollOffset();
		this.scrollOffset != p && (this.scrollAnchorHeight = -1, this.scrollOffset = p), this.scrolledToBottom = Xa(this.scrollParent || e.win);
		let m = (this.printing ? yl : _l)(t, this.paddingTop), h = m.top - this.pixelViewport.top, g = m.bottom - this.pixelViewport.bottom;
		this.pixelViewport = m;
		let _ = this.pixelViewport.bottom > this.pixelViewport.top && this.pixelViewport.right > this.pixelViewport.left;
		if (_ != this.inView && (this.inView = _, _ && (s = !0)), !this.inView && !this.scrollTarget && !vl(e.dom)) return 0;
		let v = o.width;
		if ((this.contentDOMWidth != v || this.editorHeight != e.scrollDOM.clientHeight) && (this.contentDOMWidth = o.width, this.editorHeight = e.scrollDOM.clientHeight, c |= 16), s) {
			let t = e.docView.measureVisibleLineHeights(this.viewport);
			if (r.mustRefreshForHeights(t) && (a = !0), a || r.lineWrapping && Math.abs(v - this.contentDOMWidth) > r.charWidth) {
				let { lineHeight: n, charWidth: o, textHeight: s } = e.docView.measureTextSize();
				a = n > 0 && r.refresh(i, n, o, s, Math.max(5, v / o), t), a && (e.docView.minWidth = 0, c |= 16);
			}
			h > 0 && g > 0 ? l = Math.max(h, g) : h < 0 && g < 0 && (l = Math.min(h, g)), el();
			for (let n of this.viewports) {
				let i = n.from == this.viewport.from ? t : e.docView.measureVisibleLineHeights(n);
				this.heightMap = (a ? al.empty().applyChanges(this.stateDeco, w.empty, this.heightOracle, [new es(0, 0, 0, e.state.doc.length)]) : this.heightMap).updateHeight(r, 0, a, new nl(n.from, i));
			}
			$c && (c |= 2);
		}
		let y = !this.viewportIsAppropriate(this.viewport, l) || this.scrollTarget && (this.scrollTarget.range.head < this.viewport.from || this.scrollTarget.range.head > this.viewport.to);
		return y && (c & 2 && (c |= this.updateScaler()), this.viewport = this.getViewport(l, this.scrollTarget), c |= this.updateForViewport()), (c & 2 || y) && this.updateViewportLines(), (this.lineGaps.length || this.viewport.to - this.viewport.from > 4e3) && this.updateLineGaps(this.ensureLineGaps(a ? [] : this.lineGaps, e)), c |= this.computeVisibleRanges(), this.mustEnforceCursorAssoc && (this.mustEnforceCursorAssoc = !1, e.docView.enforceCursorAssoc()), c;
	}
	get visibleTop() {
		return this.scaler.fromDOM(this.pixelViewport.top);
	}
	get visibleBottom() {
		return this.scaler.fromDOM(this.pixelViewport.bottom);
	}
	getViewport(e, t) {
		let n = .5 - Math.max(-.5, Math.min(.5, e / 1e3 / 2)), r = this.heightMap, i = this.heightOracle, { visibleTop: a, visibleBottom: o } = this, s = new Cl(r.lineAt(a - n * 1e3, Y.ByHeight, i, 0, 0).from, r.lineAt(o + (1 - n) * 1e3, Y.ByHeight, i, 0, 0).to);
		if (t) {
			let { head: e } = t.range;
			if (e < s.from || e > s.to) {
				let n = Math.min(this.editorHeight, this.pixelViewport.bottom - this.pixelViewport.top), a = r.lineAt(e, Y.ByPos, i, 0, 0), o;
				o = t.y == `center` ? (a.top + a.bottom) / 2 - n / 2 : t.y == `start` || t.y == `nearest` && e < s.from ? a.top : a.bottom - n, s = new Cl(r.lineAt(o - 500, Y.ByHeight, i, 0, 0).from, r.lineAt(o + n + 500, Y.ByHeight, i, 0, 0).to);
			}
		}
		return s;
	}
	mapViewport(e, t) {
		let n = t.mapPos(e.from, -1), r = t.mapPos(e.to, 1);
		return new Cl(this.heightMap.lineAt(n, Y.ByPos, this.heightOracle, 0, 0).from, this.heightMap.lineAt(r, Y.ByPos, this.heightOracle, 0, 0).to);
	}
	viewportIsAppropriate({ from: e, to: t }, n = 0) {
		if (!this.inView) return !0;
		let { top: r } = this.heightMap.lineAt(e, Y.ByPos, this.heightOracle, 0, 0), { bottom: i } = this.heightMap.lineAt(t, Y.ByPos, this.heightOracle, 0, 0), { visibleTop: a, visibleBottom: o } = this;
		return (e == 0 || r <= a - Math.max(10, Math.min(-n, 250))) && (t == this.state.doc.length || i >= o + Math.max(10, Math.min(n, 250))) && r > a - 2e3 && i < o + 2e3;
	}
	mapLineGaps(e, t) {
		if (!e.length || t.empty) return e;
		let n = [];
		for (let r of e) t.touchesRange(r.from, r.to) || n.push(new bl(t.mapPos(r.from), t.mapPos(r.to), r.size, r.displaySize));
		return n;
	}
	ensureLineGaps(e, t) {
		let n = this.heightOracle.lineWrapping, r = n ? 1e4 : 2e3, i = r >> 1, a = r << 1;
		if (this.defaultTextDirection != W.LTR && !n) return [];
		let o = [], s = (r, a, c, l) => {
			if (a - r < i) return;
			let u = this.state.selection.main, d = [u.from];
			u.empty || d.push(u.to);
			for (let e of d) if (e > r && e < a) {
				s(r, e - 10, c, l), s(e + 10, a, c, l);
				return;
			}
			let f = Dl(e, (e) => e.from >= c.from && e.to <= c.to && Math.abs(e.from - r) < i && Math.abs(e.to - a) < i && !d.some((t) => e.from < t && e.to > t));
			if (!f) {
				if (a < c.to && t && n && t.visibleRanges.some((e) => e.from <= a && e.to >= a)) {
					let e = t.moveToLineBoundary(k.cursor(a), !1, !0).head;
					e > r && (a = e);
				}
				let e = this.gapSize(c, r, a, l);
				f = new bl(r, a, e, n || e < 2e6 ? e : 2e6);
			}
			o.push(f);
		}, c = (t) => {
			if (t.length < a || t.type != V.Text) return;
			let i = wl(t.from, t.to, this.stateDeco);
			if (i.total < a) return;
			let o = this.scrollTarget ? this.scrollTarget.range.head : null, c, l;
			if (n) {
				let e = r / this.heightOracle.lineLength * this.heightOracle.lineHeight, n, a;
				if (o != null) {
					let r = El(i, o), s = ((this.visibleBottom - this.visibleTop) / 2 + e) / t.height;
					n = r - s, a = r + s;
				} else n = (this.visibleTop - t.top - e) / t.height, a = (this.visibleBottom - t.top + e) / t.height;
				c = Tl(i, n), l = Tl(i, a);
			} else {
				let n = i.total * this.heightOracle.charWidth, a = r * this.heightOracle.charWidth, s = 0;
				if (n > 2e6) for (let n of e) n.from >= t.from && n.from < t.to && n.size != n.displaySize && n.from * this.heightOracle.charWidth + s < this.pixelViewport.left && (s = n.size - n.displaySize);
				let u = this.pixelViewport.left + s, d = this.pixelViewport.right + s, f, p;
				if (o != null) {
					let e = El(i, o), t = ((d - u) / 2 + a) / n;
					f = e - t, p = e + t;
				} else f = (u - a) / n, p = (d + a) / n;
				c = Tl(i, f), l = Tl(i, p);
			}
			c > t.from && s(t.from, c, t, i), l < t.to && s(l, t.to, t, i);
		};
		for (let e of this.viewportLines) Array.isArray(e.type) ? e.type.forEach(c) : c(e);
		return o;
	}
	gapSize(e, t, n, r) {
		let i = El(r, n) - El(r, t);
		return this.heightOracle.lineWrapping ? e.height * i : r.total * this.heightOracle.charWidth * i;
	}
	updateLineGaps(e) {
		bl.same(e, this.lineGaps) || (this.lineGaps = e, this.lineGapDeco = H.set(e.map((e) => e.draw(this, this.heightOracle.lineWrapping))));
	}
	computeVisibleRanges(e) {
		let t = this.stateDeco;
		this.lineGaps.length && (t = t.concat(this.lineGapDeco));
		let n = [];
		I.spans(t, this.viewport.from, this.viewport.to, {
			span(e, t) {
				n.push({
					from: e,
					to: t
				});
			},
			point() {}
		}, 20);
		let r = 0;
		if (n.length != this.visibleRanges.length) r = 12;
		else for (let t = 0; t < n.length && !(r & 8); t++) {
			let i = this.visibleRanges[t], a = n[t];
			(i.from != a.from || i.to != a.to) && (r |= 4, e && e.mapPos(i.from, -1) == a.from && e.mapPos(i.to, 1) == a.to || (r |= 8));
		}
		return this.visibleRanges = n, r;
	}
	lineBlockAt(e) {
		return e >= this.viewport.from && e <= this.viewport.to && this.viewportLines.find((t) => t.from <= e && t.to >= e) || jl(this.heightMap.lineAt(e, Y.ByPos, this.heightOracle, 0, 0), this.scaler);
	}
	lineBlockAtHeight(e) {
		return e >= this.viewportLines[0].top && e <= this.viewportLines[this.viewportLines.length - 1].bottom && this.viewportLines.find((t) => t.top <= e && t.bottom >= e) || jl(this.heightMap.lineAt(this.scaler.fromDOM(e), Y.ByHeight, this.heightOracle, 0, 0), this.scaler);
	}
	getScrollOffset() {
		return this.scrollParent == this.view.scrollDOM ? this.scrollParent.scrollTop * this.scaleY : (this.scrollParent ? this.scrollParent.getBoundingClientRect().top : 0) - this.view.contentDOM.getBoundingClientRect().top;
	}
	scrollAnchorAt(e) {
		let t = this.lineBlockAtHeight(e + 12 - this.paddingTop);
		return t.from >= this.viewport.from || this.viewportLines[0].top - e > 200 ? t : this.viewportLines[0];
	}
	elementAtHeight(e) {
		return jl(this.heightMap.blockAt(this.scaler.fromDOM(e), this.heightOracle, 0, 0), this.scaler);
	}
	get docHeight() {
		return this.scaler.toDOM(this.heightMap.height);
	}
	get contentHeight() {
		return this.docHeight + this.paddingTop + this.paddingBottom;
	}
}, Cl = class {
	constructor(e, t) {
		this.from = e, this.to = t;
	}
};
function wl(e, t, n) {
	let r = [], i = e, a = 0;
	return I.spans(n, e, t, {
		span() {},
		point(e, t) {
			e > i && (r.push({
				from: i,
				to: e
			}), a += e - i), i = t;
		}
	}, 20), i < t && (r.push({
		from: i,
		to: t
	}), a += t - i), {
		total: a,
		ranges: r
	};
}
function Tl({ total: e, ranges: t }, n) {
	if (n <= 0) return t[0].from;
	if (n >= 1) return t[t.length - 1].to;
	let r = Math.floor(e * n);
	for (let e = 0;; e++) {
		let { from: n, to: i } = t[e], a = i - n;
		if (r <= a) return n + r;
		r -= a;
	}
}
function El(e, t) {
	let n = 0;
	for (let { from: r, to: i } of e.ranges) {
		if (t <= i) {
			n += t - r;
			break;
		}
		n += i - r;
	}
	return n / e.total;
}
function Dl(e, t) {
	for (let n of e) if (t(n)) return n;
}
var Ol = {
	toDOM(e) {
		return e;
	},
	fromDOM(e) {
		return e;
	},
	scale: 1,
	eq(e) {
		return e == this;
	}
};
function kl(e) {
	let t = e.facet(Wo).filter((e) => typeof e != `function`), n = e.facet(Ko).filter((e) => typeof e != `function`);
	return n.length && t.push(I.join(n)), t;
}
var Al = class e {
	constructor(e, t) {
		this.scale = e, this.viewports = t;
	}
	static get(t, n, r) {
		let i = 0, a = 0, o = 0, s = r.map(({ from: e, to: r }) => {
			let a = n.lineAt(e, Y.ByPos, t, 0, 0).top, o = n.lineAt(r, Y.ByPos, t, 0, 0).bottom;
			return i += o - a, {
				from: e,
				to: r,
				top: a,
				bottom: o,
				domTop: 0,
				domBottom: 0
			};
		});
		if (n.height - i < 10) return Ol;
		let c = (7e6 - i) / (n.height - i);
		for (let e of s) e.domTop = o + (e.top - a) * c, o = e.domBottom = e.domTop + (e.bottom - e.top), a = e.bottom;
		return new e(c, s);
	}
	toDOM(e) {
		for (let t = 0, n = 0, r = 0;; t++) {
			let i = t < this.viewports.length ? this.viewports[t] : null;
			if (!i || e < i.top) return r + (e - n) * this.scale;
			if (e <= i.bottom) return i.domTop + (e - i.top);
			n = i.bottom, r = i.domBottom;
		}
	}
	fromDOM(e) {
		for (let t = 0, n = 0, r = 0;; t++) {
			let i = t < this.viewports.length ? this.viewports[t] : null;
			if (!i || e < i.domTop) return n + (e - r) / this.scale;
			if (e <= i.domBottom) return i.top + (e - i.domTop);
			n = i.bottom, r = i.domBottom;
		}
	}
	eq(t) {
		return t instanceof e && this.scale == t.scale && this.viewports.length == t.viewports.length && this.viewports.every((e, n) => e.from == t.viewports[n].from && e.to == t.viewports[n].to);
	}
};
function jl(e, t) {
	if (t.scale == 1) return e;
	let n = t.toDOM(e.top), r = t.toDOM(e.bottom);
	return new rl(e.from, e.length, n, r - n, Array.isArray(e._content) ? e._content.map((e) => jl(e, t)) : e._content);
}
var Ml = A.define({ combine: (e) => e.join(` `) }), Nl = A.define({ combine: (e) => e.indexOf(!0) > -1 }), Pl = Wi.newName(), Fl = Wi.newName(), Il = Wi.newName(), Ll = {
	"&light": `.` + Fl,
	"&dark": `.` + Il
};
function Rl(e, t, n) {
	return new Wi(t, { finish(t) {
		return /&/.test(t) ? t.replace(/&\w*/, (t) => {
			if (t == `&`) return e;
			if (!n || !n[t]) throw RangeError(`Unsupported selector: ${t}`);
			return n[t];
		}) : e + ` ` + t;
	} });
}
var zl = Rl(`.` + Pl, {
	"&": {
		position: `relative !important`,
		boxSizing: `border-box`,
		"&.cm-focused": { outline: `1px dotted #212121` },
		display: `flex !important`,
		flexDirection: `column`
	},
	".cm-scroller": {
		display: `flex !important`,
		alignItems: `flex-start !important`,
		fontFamily: `monospace`,
		lineHeight: 1.4,
		height: `100%`,
		overflowX: `auto`,
		position: `relative`,
		zIndex: 0,
		overflowAnchor: `none`
	},
	".cm-content": {
		margin: 0,
		flexGrow: 2,
		flexShrink: 0,
		display: `block`,
		whiteSpace: `pre`,
		wordWrap: `normal`,
		boxSizing: `border-box`,
		minHeight: `100%`,
		padding: `4px 0`,
		outline: `none`,
		"&[contenteditable=true]": { WebkitUserModify: `read-write-plaintext-only` }
	},
	".cm-lineWrapping": {
		whiteSpace_fallback: `pre-wrap`,
		whiteSpace: `break-spaces`,
		wordBreak: `break-word`,
		overflowWrap: `anywhere`,
		flexShrink: 1
	},
	"&light .cm-content": { caretColor: `black` },
	"&dark .cm-content": { caretColor: `white` },
	".cm-line": {
		display: `block`,
		padding: `0 2px 0 6px`
	},
	".cm-layer": {
		userSelect: `none`,
		position: `absolute`,
		left: 0,
		top: 0,
		contain: `size style`,
		"& > *": { position: `absolute` }
	},
	"&light .cm-selectionBackground": { background: `#d9d9d9` },
	"&dark .cm-selectionBackground": { background: `#222` },
	"&light.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: `#d7d4f0` },
	"&dark.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: `#233` },
	".cm-cursorLayer": { pointerEvents: `none` },
	"&.cm-focused > .cm-scroller > .cm-cursorLayer": { animation: `steps(1) cm-blink 1.2s infinite` },
	"@keyframes cm-blink": {
		"0%": {},
		"50%": { opacity: 0 },
		"100%": {}
	},
	"@keyframes cm-blink2": {
		"0%": {},
		"50%": { opacity: 0 },
		"100%": {}
	},
	".cm-cursor, .cm-dropCursor": {
		borderLeft: `1.2px solid black`,
		marginLeft: `-0.6px`,
		pointerEvents: `none`
	},
	".cm-cursor": { display: `none` },
	"&dark .cm-cursor": { borderLeftColor: `#ddd` },
	".cm-selectionHandle": {
		backgroundColor: `currentColor`,
		width: `1.5px`
	},
	".cm-selectionHandle-start::before, .cm-selectionHandle-end::before": {
		content: `""`,
		backgroundColor: `inherit`,
		borderRadius: `50%`,
		width: `8px`,
		height: `8px`,
		position: `absolute`,
		left: `-3.25px`
	},
	".cm-selectionHandle-start::before": { top: `-8px` },
	".cm-selectionHandle-end::before": { bottom: `-8px` },
	".cm-dropCursor": { position: `absolute` },
	"&.cm-focused > .cm-scroller > .cm-cursorLayer .cm-cursor": { display: `block` },
	".cm-iso": { unicodeBidi: `isolate` },
	".cm-announced": {
		position: `fixed`,
		top: `-10000px`
	},
	"@media print": { ".cm-announced": { display: `none` } },
	"&light .cm-activeLine": { backgroundColor: `#cceeff44` },
	"&dark .cm-activeLine": { backgroundColor: `#99eeff33` },
	"&light .cm-specialChar": { color: `red` },
	"&dark .cm-specialChar": { color: `#f78` },
	".cm-gutters": {
		flexShrink: 0,
		display: `flex`,
		height: `100%`,
		boxSizing: `border-box`,
		zIndex: 200
	},
	".cm-gutters-before": { insetInlineStart: 0 },
	".cm-gutters-after": { insetInlineEnd: 0 },
	"&light .cm-gutters": {
		backgroundColor: `#f5f5f5`,
		color: `#6c6c6c`,
		border: `0px solid #ddd`,
		"&.cm-gutters-before": { borderRightWidth: `1px` },
		"&.cm-gutters-after": { borderLeftWidth: `1px` }
	},
	"&dark .cm-gutters": {
		backgroundColor: `#333338`,
		color: `#ccc`
	},
	".cm-gutter": {
		display: `flex !important`,
		flexDirection: `column`,
		flexShrink: 0,
		boxSizing: `border-box`,
		minHeight: `100%`,
		overflow: `hidden`
	},
	".cm-gutterElement": { boxSizing: `border-box` },
	".cm-lineNumbers .cm-gutterElement": {
		padding: `0 3px 0 5px`,
		minWidth: `20px`,
		textAlign: `right`,
		whiteSpace: `nowrap`
	},
	"&light .cm-activeLineGutter": { backgroundColor: `#e2f2ff` },
	"&dark .cm-activeLineGutter": { backgroundColor: `#222227` },
	".cm-panels": {
		boxSizing: `border-box`,
		position: `sticky`,
		left: 0,
		right: 0,
		zIndex: 300
	},
	"&light .cm-panels": {
		backgroundColor: `#f5f5f5`,
		color: `black`
	},
	".cm-panels-top": { top: `0` },
	".cm-panels-bottom": { bottom: `0` },
	"&light .cm-panels-top": { borderBottom: `1px solid #ddd` },
	"&light .cm-panels-bottom": { borderTop: `1px solid #ddd` },
	"&dark .cm-panels": {
		backgroundColor: `#333338`,
		color: `white`
	},
	".cm-dialog": {
		padding: `2px 19px 4px 6px`,
		position: `relative`,
		"& label": { fontSize: `80%` }
	},
	".cm-dialog-close": {
		position: `absolute`,
		top: `3px`,
		right: `4px`,
		backgroundColor: `inherit`,
		border: `none`,
		font: `inherit`,
		fontSize: `14px`,
		padding: `0`
	},
	".cm-tab": {
		display: `inline-block`,
		overflow: `hidden`,
		verticalAlign: `bottom`
	},
	".cm-widgetBuffer": {
		verticalAlign: `baseline`,
		height: `1em`,
		width: 0,
		display: `inline`
	},
	".cm-placeholder": {
		color: `#888`,
		display: `inline-block`,
		verticalAlign: `top`,
		userSelect: `none`
	},
	".cm-highlightSpace": {
		background: `radial-gradient(circle at 50% 55%, #aaa 20%, transparent 0) no-repeat`,
		backgroundSize: `.4em`,
		backgroundPosition: `calc(min(50%, 0px)) center`
	},
	".cm-highlightTab": {
		backgroundImage: `url('data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"><path stroke="%23888" stroke-width="1" fill="none" d="M1 10H196L190 5M190 15L196 10M197 4L197 16"/></svg>')`,
		backgroundSize: `auto 100%`,
		backgroundPosition: `right 90%`,
		backgroundRepeat: `no-repeat`
	},
	".cm-trailingSpace": { backgroundColor: `#ff332255` },
	".cm-button": {
		verticalAlign: `middle`,
		color: `inherit`,
		fontSize: `70%`,
		padding: `.2em 1em`,
		borderRadius: `1px`
	},
	"&light .cm-button": {
		backgroundImage: `linear-gradient(#eff1f5, #d9d9df)`,
		border: `1px solid #888`,
		"&:active": { backgroundImage: `linear-gradient(#b4b4b4, #d0d3d6)` }
	},
	"&dark .cm-button": {
		backgroundImage: `linear-gradient(#393939, #111)`,
		border: `1px solid #888`,
		"&:active": { backgroundImage: `linear-gradient(#111, #333)` }
	},
	".cm-textfield": {
		verticalAlign: `middle`,
		color: `inherit`,
		fontSize: `70%`,
		border: `1px solid silver`,
		padding: `.2em .5em`
	},
	"&light .cm-textfield": { backgroundColor: `white` },
	"&dark .cm-textfield": {
		border: `1px solid #555`,
		backgroundColor: `inherit`
	}
}, Ll), Bl = {
	childList: !0,
	characterData: !0,
	subtree: !0,
	attributes: !0,
	characterDataOldValue: !0
}, Vl = B.ie && B.ie_version <= 11, Hl = class {
	constructor(e) {
		this.view = e, this.active = !1, this.editContext = null, this.selectionRange = new Ba(), this.selectionChanged = !1, this.delayedFlush = -1, this.resizeTimeout = -1, this.queue = [], this.delayedAndroidKey = null, this.flushingAndroidKey = -1, this.lastChange = 0, this.scrollTargets = [], this.intersection = null, this.resizeScroll = null, this.intersecting = !1, this.gapIntersection = null, this.gaps = [], this.printQuery = null, this.parentCheck = -1, this.dom = e.contentDOM, this.observer = new MutationObserver((t) => {
			for (let e of t) this.queue.push(e);
			(B.ie && B.ie_version <= 11 || B.ios && e.composing) && t.some((e) => e.type == `childList` && e.removedNodes.length || e.type == `characterData` && e.oldValue.length > e.target.nodeValue.length) ? this.flushSoon() : this.flush();
		}), window.EditContext && B.android && e.constructor.EDIT_CONTEXT !== !1 && !(B.chrome && B.chrome_version < 126) && (this.editContext = new Kl(e), e.state.facet(Ro) && (e.contentDOM.editContext = this.editContext.editContext)), Vl && (this.onCharData = (e) => {
			this.queue.push({
				target: e.target,
				type: `characterData`,
				oldValue: e.prevValue
			}), this.flushSoon();
		}), this.onSelectionChange = this.onSelectionChange.bind(this), this.onResize = this.onResize.bind(this), this.onPrint = this.onPrint.bind(this), this.onScroll = this.onScroll.bind(this), window.matchMedia && (this.printQuery = window.matchMedia(`print`)), typeof ResizeObserver == `function` && (this.resizeScroll = new ResizeObserver(() => {
			this.view.docView?.lastUpdate < Date.now() - 75 && this.onResize();
		}), this.resizeScroll.observe(e.scrollDOM)), this.addWindowListeners(this.win = e.win), this.start(), typeof IntersectionObserver == `function` && (this.intersection = new IntersectionObserver((e) => {
			this.parentCheck < 0 && (this.parentCheck = setTimeout(this.listenForScroll.bind(this), 1e3)), e.length > 0 && e[e.length - 1].intersectionRatio > 0 != this.intersecting && (this.intersecting = !this.intersecting, this.intersecting != this.view.inView && this.onScrollChanged(document.createEvent(`Event`)));
		}, { threshold: [0, .001] }), this.intersection.observe(this.dom), this.gapIntersection = new IntersectionObserver((e) => {
			e.length > 0 && e[e.length - 1].intersectionRatio > 0 && this.onScrollChanged(document.createEvent(`Event`));
		}, {})), this.listenForScroll(), this.readSelectionRange();
	}
	onScrollChanged(e) {
		this.view.inputState.runHandlers(`scroll`, e), this.intersecting && this.view.measure();
	}
	onScroll(e) {
		this.intersecting && this.flush(this.pendingRecords().length > 0), this.editContext && this.view.requestMeasure(this.editContext.measureReq), this.onScrollChanged(e);
	}
	onResize() {
		this.resizeTimeout < 0 && (this.resizeTimeout = setTimeout(() => {
			this.resizeTimeout = -1, this.view.requestMeasure();
		}, 50));
	}
	onPrint(e) {
		(e.type != `change` && e.type || e.matches) && (this.view.viewState.printing = !0, this.view.measure(), setTimeout(() => {
			this.view.viewState.printing = !1, this.view.requestMeasure();
		}, 500));
	}
	updateGaps(e) {
		if (this.gapIntersection && (e.length != this.gaps.length || this.gaps.some((t, n) => t != e[n]))) {
			this.gapIntersection.disconnect();
			for (let t of e) this.gapIntersection.observe(t);
			this.gaps = e;
		}
	}
	onSelectionChange(e) {
		let t = this.selectionChanged;
		if (!this.readSelectionRange() || this.delayedAndroidKey) return;
		let { view: n } = this, r = this.selectionRange;
		if (n.state.facet(Ro) ? n.root.activeElement != this.dom : !Oa(this.dom, r)) return;
		let i = r.anchorNode && n.docView.tile.nearest(r.anchorNode);
		i && i.isWidget() && i.widget.ignoreEvent(e) ? t || (this.selectionChanged = !1) : (B.ie && B.ie_version <= 11 || B.android && B.chrome) && !n.state.selection.main.empty && r.focusNode && Aa(r.focusNode, r.focusOffset, r.anchorNode, r.anchorOffset) ? this.flushSoon() : this.flush(!1);
	}
	readSelectionRange() {
		let { view: e } = this, t = Ea(e.root);
		if (!t) return !1;
		let n = B.safari && e.root.nodeType == 11 && e.root.activeElement == this.dom && Gl(this.view, t) || t;
		if (!n || this.selectionRange.eq(n)) return !1;
		let r = Oa(this.dom, n);
		return r && !this.selectionChanged && e.inputState.lastFocusTime > Date.now() - 200 && e.inputState.lastTouchTime < Date.now() - 300 && Ya(this.dom, n) ? (this.view.inputState.lastFocusTime = 0, e.docView.updateSelection(), !1) : (this.selectionRange.setRange(n), r && (this.selectionChanged = !0), !0);
	}
	setSelectionRange(e, t) {
		this.selectionRange.set(e.node, e.offset, t.node, t.offset), this.selectionChanged = !1;
	}
	clearSelectionRange() {
		this.selectionRange.set(null, 0, null, 0);
	}
	listenForScroll() {
		this.parentCheck = -1;
		let e = 0, t = null;
		for (let n = this.dom; n;) if (U(n)) !t && e < this.scrollTargets.length && this.scrollTargets[e] == n ? e++ : t ||= this.scrollTargets.slice(0, e), t && t.push(n), n = n.assignedSlot || n.parentNode;
		else if (n.nodeType == 11) n = n.host;
		else break;
		if (e < this.scrollTargets.length && !t && (t = this.scrollTargets.slice(0, e)), t) {
			for (let e of this.scrollTargets) e.removeEventListener(`scroll`, this.onScroll);
			for (let e of this.scrollTargets = t) e.addEventListener(`scroll`, this.onScroll);
		}
	}
	ignore(e) {
		if (!this.active) return e();
		try {
			return this.stop(), e();
		} finally {
			this.start(), this.clear();
		}
	}
	start() {
		this.active ||= (this.observer.observe(this.dom, Bl), Vl && this.dom.addEventListener(`DOMCharacterDataModified`, this.onCharData), !0);
	}
	stop() {
		this.active && (this.active = !1, this.observer.disconnect(), Vl && this.dom.removeEventListener(`DOMCharacterDataModified`, this.onCharData));
	}
	clear() {
		this.processRecords(), this.queue.length = 0, this.selectionChanged = !1;
	}
	delayAndroidKey(e, t) {
		if (!this.delayedAndroidKey) {
			let e = () => {
				let e = this.delayedAndroidKey;
				e && (this.clearDelayedAndroidKey(), this.view.inputState.lastKeyCode = e.keyCode, this.view.inputState.lastKeyTime = Date.now(), !this.flush() && e.force && qa(this.dom, e.key, e.keyCode));
			};
			this.flushingAndroidKey = this.view.win.requestAnimationFrame(e);
		}
		this.delayedAndroidKey && e != `Enter` || (this.delayedAndroidKey = {
			key: e,
			keyCode: t,
			force: this.lastChange < Date.now() - 50 || !!this.delayedAndroidKey?.force
		});
	}
	clearDelayedAndroidKey() {
		this.win.cancelAnimationFrame(this.flushingAndroidKey), this.delayedAndroidKey = null, this.flushingAndroidKey = -1;
	}
	flushSoon() {
		this.delayedFlush < 0 && (this.delayedFlush = this.view.win.requestAnimationFrame(() => {
			this.delayedFlush = -1, this.flush();
		}));
	}
	forceFlush() {
		this.delayedFlush >= 0 && (this.view.win.cancelAnimationFrame(this.delayedFlush), this.delayedFlush = -1), this.flush();
	}
	pendingRecords() {
		for (let e of this.observer.takeRecords()) this.queue.push(e);
		return this.queue;
	}
	processRecords() {
		let e = this.pendingRecords();
		e.length && (this.queue = []);
		let t = -1, n = -1, r = !1;
		for (let i of e) {
			let e = this.readMutation(i);
			e && (e.typeOver && (r = !0), t == -1 ? {from: t, to: n} = e : (t = Math.min(e.from, t), n = Math.max(e.to, n)));
		}
		return {
			from: t,
			to: n,
			typeOver: r
		};
	}
	readChange() {
		let { from: e, to: t, typeOver: n } = this.processRecords(), r = this.selectionChanged && Oa(this.dom, this.selectionRange);
		if (e < 0 && !r) return null;
		e > -1 && (this.lastChange = Date.now()), this.view.inputState.lastFocusTime = 0, this.selectionChanged = !1;
		let i = new oc(this.view, e, t, n);
		return this.view.docView.domChanged = { newSel: i.newSel ? i.newSel.main : null }, i;
	}
	flush(e = !0) {
		if (this.delayedFlush >= 0 || this.delayedAndroidKey) return !1;
		e && this.readSelectionRange();
		let t = this.selectionChanged, n = this.readChange();
		if (!n) return this.view.requestMeasure(), !1;
		let r = this.view.state, i = cc(this.view, n);
		return this.view.state == r && (n.domChanged || t) && this.view.update([]), i;
	}
	readMutation(e) {
		let t = this.view.docView.tile.nearest(e.target);
		if (!t || t.isWidget()) return null;
		if (t.markDirty(e.type == `attributes`), e.type == `childList`) {
			let n = Ul(t, e.previousSibling || e.target.previousSibling, -1), r = Ul(t, e.nextSibling || e.target.nextSibling, 1);
			return {
				from: n ? t.posAfter(n) : t.posAtStart,
				to: r ? t.posBefore(r) : t.posAtEnd,
				typeOver: !1
			};
		}
		return e.type == `characterData` ? {
			from: t.posAtStart,
			to: t.posAtEnd,
			typeOver: e.target.nodeValue == e.oldValue
		} : null;
	}
	setWindow(e) {
		e != this.win && (this.removeWindowListeners(this.win), this.win = e, this.addWindowListeners(this.win));
	}
	addWindowListeners(e) {
		e.addEventListener(`resize`, this.onResize), this.printQuery ? this.printQuery.addEventListener ? this.printQuery.addEventListener(`change`, this.onPrint) : this.printQuery.addListener(this.onPrint) : e.addEventListener(`beforeprint`, this.onPrint), e.addEventListener(`scroll`, this.onScroll), e.document.addEventListener(`selectionchange`, this.onSelectionChange);
	}
	removeWindowListeners(e) {
		e.removeEventListener(`scroll`, this.onScroll), e.removeEventListener(`resize`, this.onResize), this.printQuery ? this.printQuery.removeEventListener ? this.printQuery.removeEventListener(`change`, this.onPrint) : this.printQuery.removeListener(this.onPrint) : e.removeEventListener(`beforeprint`, this.onPrint), e.document.removeEventListener(`selectionchange`, this.onSelectionChange);
	}
	update(e) {
		this.editContext && (this.editContext.update(e), e.startState.facet(Ro) != e.state.facet(Ro) && (e.view.contentDOM.editContext = e.state.facet(Ro) ? this.editContext.editContext : null));
	}
	destroy() {
		var e, t, n;
		this.stop(), (e = this.intersection) == null || e.disconnect(), (t = this.gapIntersection) == null || t.disconnect(), (n = this.resizeScroll) == null || n.disconnect();
		for (let e of this.scrollTargets) e.removeEventListener(`scroll`, this.onScroll);
		this.removeWindowListeners(this.win), clearTimeout(this.parentCheck), clearTimeout(this.resizeTimeout), this.win.cancelAnimationFrame(this.delayedFlush), this.win.cancelAnimationFrame(this.flushingAndroidKey), this.editContext && (this.view.contentDOM.editContext = null, this.editContext.destroy());
	}
};
function Ul(e, t, n) {
	for (; t;) {
		let r = q.get(t);
		if (r && r.parent == e) return r;
		let i = t.parentNode;
		t = i == e.dom ? n > 0 ? t.nextSibling : t.previousSibling : i;
	}
	return null;
}
function Wl(e, t) {
	let n = t.startContainer, r = t.startOffset, i = t.endContainer, a = t.endOffset, o = e.docView.domAtPos(e.state.selection.main.anchor, 1);
	return Aa(o.node, o.offset, i, a) && ([n, r, i, a] = [
		i,
		a,
		n,
		r
	]), {
		anchorNode: n,
		anchorOffset: r,
		focusNode: i,
		focusOffset: a
	};
}
function Gl(e, t) {
	if (t.getComposedRanges) {
		let n = t.getComposedRanges(e.root)[0];
		if (n) return Wl(e, n);
	}
	let n = null;
	function r(e) {
		e.preventDefault(), e.stopImmediatePropagation(), n = e.getTargetRanges()[0];
	}
	return e.contentDOM.addEventListener(`beforeinput`, r, !0), e.dom.ownerDocument.execCommand(`indent`), e.contentDOM.removeEventListener(`beforeinput`, r, !0), n ? Wl(e, n) : null;
}
var Kl = class {
	constructor(e) {
		this.from = 0, this.to = 0, this.pendingContextChange = null, this.handlers = Object.create(null), this.composing = null, this.resetRange(e.state);
		let t = this.editContext = new window.EditContext({
			text: e.state.doc.sliceString(this.from, this.to),
			selectionStart: this.toContextPos(Math.max(this.from, Math.min(this.to, e.state.selection.main.anchor))),
			selectionEnd: this.toContextPos(e.state.selection.main.head)
		});
		this.handlers.textupdate = (n) => {
			let r = e.state.selection.main, { anchor: i, head: a } = r, o = this.toEditorPos(n.updateRangeStart), s = this.toEditorPos(n.updateRangeEnd);
			e.inputState.composing >= 0 && !this.composing && (this.composing = {
				contextBase: n.updateRangeStart,
				editorBase: o,
				drifted: !1
			});
			let c = s - o > n.text.length;
			o == this.from && i < this.from ? o = i : s == this.to && i > this.to && (s = i);
			let l = dc(e.state.sliceDoc(o, s), n.text, (c ? r.from : r.to) - o, c ? `end` : null);
			if (!l) {
				let t = k.single(this.toEditorPos(n.selectionStart), this.toEditorPos(n.selectionEnd));
				mc(t, r) || e.dispatch({
					selection: t,
					userEvent: `select`
				});
				return;
			}
			let u = {
				from: l.from + o,
				to: l.toA + o,
				insert: w.of(n.text.slice(l.from, l.toB).split(`
`))
			};
			if ((B.mac || B.android) && u.from == a - 1 && /^\. ?$/.test(n.text) && e.contentDOM.getAttribute(`autocorrect`) == `off` && (u = {
				from: o,
				to: s,
				insert: w.of([n.text.replace(`.`, ` `)])
			}), this.pendingContextChange = u, !e.state.readOnly) {
				let t = this.to - this.from + (u.to - u.from + u.insert.length);
				lc(e, u, k.single(this.toEditorPos(n.selectionStart, t), this.toEditorPos(n.selectionEnd, t)));
			}
			this.pendingContextChange && (this.revertPending(e.state), this.setSelection(e.state)), u.from < u.to && !u.insert.length && e.inputState.composing >= 0 && !/[\\p{Alphabetic}\\p{Number}_]/.test(t.text.slice(Math.max(0, n.updateRangeStart - 1), Math.min(t.text.length, n.updateRangeStart + 1))) && this.handlers.compositionend(n);
		}, this.handlers.characterboundsupdate = (n) => {
			let r = [], i = null;
			for (let t = this.toEditorPos(n.rangeStart), a = this.toEditorPos(n.rangeEnd); t < a; t++) {
				let n = e.coordsForChar(t);
				i = n && new DOMRect(n.left, n.top, n.right - n.left, n.bottom - n.top) || i || new DOMRect(), r.push(i);
			}
			t.updateCharacterBounds(n.rangeStart, r);
		}, this.handlers.textformatupdate = (t) => {
			let n = [];
			for (let e of t.getTextFormats()) {
				let t = e.underlineStyle, r = e.underlineThickness;
				if (!/none/i.test(t) && !/none/i.test(r)) {
					let i = this.toEditorPos(e.rangeStart), a = this.toEditorPos(e.rangeEnd);
					if (i < a) {
						let e = `text-decoration: underline ${/^[a-z]/.test(t) ? t + ` ` : t == `Dashed` ? `dashed ` : t == `Squiggle` ? `wavy ` : ``}${/thin/i.test(r) ? 1 : 2}px`;
						n.push(H.mark({ attributes: { style: e } }).range(i, a));
					}
				}
			}
			e.dispatch({ effects: Io.of(H.set(n)) });
		}, this.handlers.compositionstart = () => {
			e.inputState.composing < 0 && (e.inputState.composing = 0, e.inputState.compositionFirstChange = !0);
		}, this.handlers.compositionend = () => {
			if (e.inputState.composing = -1, e.inputState.compositionFirstChange = null, this.composing) {
				let { drifted: t } = this.composing;
				this.composing = null, t && this.reset(e.state);
			}
		};
		for (let e in this.handlers) t.addEventListener(e, this.handlers[e]);
		this.measureReq = { read: (e) => {
			let t = Ea(e.root);
			t && t.rangeCount && this.editContext.updateSelectionBounds(t.getRangeAt(0).getBoundingClientRect());
		} };
	}
	applyEdits(e) {
		let t = 0, n = !1, r = this.pendingContextChange;
		return e.changes.iterChanges((i, a, o, s, c) => {
			if (n) return;
			let l = c.length - (a - i);
			if (r && a >= r.to) {
				if (r.from == i && r.to == a && r.insert.eq(c)) {
					r = this.pendingContextChange = null, t += l, this.to += l;
					return;
				}
				r = null, this.revertPending(e.state);
			}
			if (i += t, a += t, a <= this.from) this.from += l, this.to += l;
			else if (i < this.to) {
				if (i < this.from || a > this.to || this.to - this.from + c.length > 3e4) {
					n = !0;
					return;
				}
				this.editContext.updateText(this.toContextPos(i), this.toContextPos(a), c.toString()), this.to += l;
			}
			t += l;
		}), r && !n && this.revertPending(e.state), !n;
	}
	update(e) {
		let t = this.pendingContextChange, n = e.startState.selection.main;
		this.composing && (this.composing.drifted || !e.changes.touchesRange(n.from, n.to) && e.transactions.some((e) => !e.isUserEvent(`input.type`) && e.changes.touchesRange(this.from, this.to))) ? (this.composing.drifted = !0, this.composing.editorBase = e.changes.mapPos(this.composing.editorBase)) : !this.applyEdits(e) || !this.rangeIsValid(e.state) ? (this.pendingContextChange = null, this.reset(e.state)) : (e.docChanged || e.selectionSet || t) && this.setSelection(e.state), (e.geometryChanged || e.docChanged || e.selectionSet) && e.view.requestMeasure(this.measureReq);
	}
	resetRange(e) {
		let { head: t } = e.selection.main;
		this.from = Math.max(0, t - 1e4), this.to = Math.min(e.doc.length, t + 1e4);
	}
	reset(e) {
		this.resetRange(e), this.editContext.updateText(0, this.editContext.text.length, e.doc.sliceString(this.from, this.to)), this.setSelection(e);
	}
	revertPending(e) {
		let t = this.pendingContextChange;
		this.pendingContextChange = null, this.editContext.updateText(this.toContextPos(t.from), this.toContextPos(t.from + t.insert.length), e.doc.sliceString(t.from, t.to));
	}
	setSelection(e) {
		let { main: t } = e.selection, n = this.toContextPos(Math.max(this.from, Math.min(this.to, t.anchor))), r = this.toContextPos(t.head);
		(this.editContext.selectionStart != n || this.editContext.selectionEnd != r) && this.editContext.updateSelection(n, r);
	}
	rangeIsValid(e) {
		let { head: t } = e.selection.main;
		return !(this.from > 0 && t - this.from < 500 || this.to < e.doc.length && this.to - t < 500 || this.to - this.from > 3e4);
	}
	toEditorPos(e, t = this.to - this.from) {
		e = Math.min(e, t);
		let n = this.composing;
		return n && n.drifted ? n.editorBase + (e - n.contextBase) : e + this.from;
	}
	toContextPos(e) {
		let t = this.composing;
		return t && t.drifted ? t.contextBase + (e - t.editorBase) : e - this.from;
	}
	destroy() {
		for (let e in this.handlers) this.editContext.removeEventListener(e, this.handlers[e]);
	}
}, X = class e {
	get state() {
		return this.viewState.state;
	}
	get viewport() {
		return this.viewState.viewport;
	}
	get visibleRanges() {
		return this.viewState.visibleRanges;
	}
	get inView() {
		return this.viewState.inView;
	}
	get composing() {
		return !!this.inputState && this.inputState.composing > 0;
	}
	get compositionStarted() {
		return !!this.inputState && this.inputState.composing >= 0;
	}
	get root() {
		return this._root;
	}
	get win() {
		return this.dom.ownerDocument.defaultView || window;
	}
	constructor(e = {}) {
		this.plugins = [], this.pluginMap = /* @__PURE__ */ new Map(), this.editorAttrs = {}, this.contentAttrs = {}, this.bidiCache = [], this.destroyed = !1, this.updateState = 2, this.measureScheduled = -1, this.measureRequests = [], this.clearAnnouncement = -1, this.contentDOM = document.createElement(`div`), this.scrollDOM = document.createElement(`div`), this.scrollDOM.tabIndex = -1, this.scrollDOM.className = `cm-scroller`, this.scrollDOM.appendChild(this.contentDOM), this.announceDOM = document.createElement(`div`), this.announceDOM.className = `cm-announced`, this.announceDOM.setAttribute(`aria-live`, `polite`), this.dom = document.createElement(`div`), this.dom.appendChild(this.announceDOM), this.dom.appendChild(this.scrollDOM), e.parent && e.parent.appendChild(this.dom);
		let { dispatch: t } = e;
		this.dispatchTransactions = e.dispatchTransactions || t && ((e) => e.forEach((e) => t(e, this))) || ((e) => this.update(e)), this.dispatch = this.dispatch.bind(this), this._root = e.root || Ja(e.parent) || document, this.viewState = new Sl(this, e.state || F.create(e)), e.scrollTo && e.scrollTo.is(Fo) && (this.viewState.scrollTarget = e.scrollTo.value.clip(this.viewState.state)), this.plugins = this.state.facet(Bo).map((e) => new Vo(e));
		for (let e of this.plugins) e.update(this);
		this.observer = new Hl(this), this.inputState = new hc(this), this.inputState.ensureHandlers(this.plugins), this.docView = new ks(this), this.mountStyles(), this.updateAttrs(), this.updateState = 0, this.requestMeasure(), document.fonts?.ready && document.fonts.ready.then(() => {
			this.viewState.mustMeasureContent = `refresh`, this.requestMeasure();
		});
	}
	dispatch(...e) {
		let t = e.length == 1 && e[0] instanceof N ? e : e.length == 1 && Array.isArray(e[0]) ? e[0] : [this.state.update(...e)];
		this.dispatchTransactions(t, this);
	}
	update(t) {
		if (this.updateState != 0) throw Error(`Calls to EditorView.update are not allowed while an update is in progress`);
		let n = !1, r = !1, i, a = this.state;
		for (let e of t) {
			if (e.startState != a) throw RangeError(`Trying to update state with a transaction that doesn't start from the previous state.`);
			a = e.state;
		}
		if (this.destroyed) {
			this.viewState.state = a;
			return;
		}
		let o = this.hasFocus, s = 0, c = null;
		t.some((e) => e.annotation(qc)) ? (this.inputState.notifiedFocused = o, s = 1) : o != this.inputState.notifiedFocused && (this.inputState.notifiedFocused = o, c = Jc(a, o), c || (s = 1));
		let l = this.observer.delayedAndroidKey, u = null;
		if (l ? (this.observer.clearDelayedAndroidKey(), u = this.observer.readChange(), (u && !this.state.doc.eq(a.doc) || !this.state.selection.eq(a.selection)) && (u = null)) : this.observer.clear(), a.facet(F.phrases) != this.state.facet(F.phrases)) return this.setState(a);
		i = ts.create(this, a, t), i.flags |= s;
		let d = this.viewState.scrollTarget;
		try {
			this.updateState = 2;
			for (let n of t) {
				if (d &&= d.map(n.changes), n.scrollIntoView) {
					let { main: t } = n.state.selection, { x: r, y: i } = this.state.facet(e.cursorScrollMargin);
					d = new Po(t.empty ? t : k.cursor(t.head, t.head > t.anchor ? -1 : 1), `nearest`, `nearest`, i, r);
				}
				for (let e of n.effects) e.is(Fo) && (d = e.value.clip(this.state));
			}
			this.viewState.update(i, d), this.bidiCache = Yl.update(this.bidiCache, i.changes), i.empty || (this.updatePlugins(i), this.inputState.update(i)), n = this.docView.update(i), this.state.facet($o) != this.styleModules && this.mountStyles(), r = this.updateAttrs(), this.showAnnouncements(t), this.docView.updateSelection(n, t.some((e) => e.isUserEvent(`select.pointer`)));
		} finally {
			this.updateState = 0;
		}
		if (i.startState.facet(Ml) != i.state.facet(Ml) && (this.viewState.mustMeasureContent = !0), (n || r || d || this.viewState.mustEnforceCursorAssoc || this.viewState.mustMeasureContent) && this.requestMeasure(), n && this.docViewUpdate(), !i.empty) for (let e of this.state.facet(Eo)) try {
			e(i);
		} catch (e) {
			Lo(this.state, e, `update listener`);
		}
		(c || u) && Promise.resolve().then(() => {
			c && this.state == c.startState && this.dispatch(c), u && !cc(this, u) && l.force && qa(this.contentDOM, l.key, l.keyCode);
		});
	}
	setState(e) {
		if (this.updateState != 0) throw Error(`Calls to EditorView.setState are not allowed while an update is in progress`);
		if (this.destroyed) {
			this.viewState.state = e;
			return;
		}
		this.updateState = 2;
		let t = this.hasFocus;
		try {
			for (let e of this.plugins) e.destroy(this);
			this.viewState = new Sl(this, e), this.plugins = e.facet(Bo).map((e) => new Vo(e)), this.pluginMap.clear();
			for (let e of this.plugins) e.update(this);
			this.docView.destroy(), this.docView = new ks(this), this.inputState.ensureHandlers(this.plugins), this.mountStyles(), this.updateAttrs(), this.bidiCache = [];
		} finally {
			this.updateState = 0;
		}
		t && this.focus(), this.requestMeasure();
	}
	updatePlugins(e) {
		let t = e.startState.facet(Bo), n = e.state.facet(Bo);
		if (t != n) {
			let r = [];
			for (let i of n) {
				let n = t.indexOf(i);
				if (n < 0) r.push(new Vo(i));
				else {
					let t = this.plugins[n];
					t.mustUpdate = e, r.push(t);
				}
			}
			for (let t of this.plugins) t.mustUpdate != e && t.destroy(this);
			this.plugins = r, this.pluginMap.clear();
		} else for (let t of this.plugins) t.mustUpdate = e;
		for (let e = 0; e < this.plugins.length; e++) this.plugins[e].update(this);
		t != n && this.inputState.ensureHandlers(this.plugins);
	}
	docViewUpdate() {
		for (let e of this.plugins) {
			let t = e.value;
			if (t && t.docViewUpdate) try {
				t.docViewUpdate(this);
			} catch (e) {
				Lo(this.state, e, `doc view update listener`);
			}
		}
	}
	measure(e = !0) {
		if (this.destroyed) return;
		if (this.measureScheduled > -1 && this.win.cancelAnimationFrame(this.measureScheduled), this.observer.delayedAndroidKey) {
			this.measureScheduled = -1, this.requestMeasure();
			return;
		}
		this.measureScheduled = 0, e && this.observer.forceFlush();
		let t = null, n = this.viewState.scrollParent, r = this.viewState.getScrollOffset(), { scrollAnchorPos: i, scrollAnchorHeight: a, scaleY: o } = this.viewState;
		Math.abs(r - this.viewState.scrollOffset) > 1 && (a = -1), this.viewState.scrollAnchorHeight = -1;
		try {
			for (let e = 0;; e++) {
				if (a < 0) {
					if (Xa(n || this.win)) i = -1, a = this.viewState.heightMap.height / this.viewState.scaleY;
					else {
						let e = this.viewState.scrollAnchorAt(r);
						i = e.from, a = e.top;
					}
					o = this.viewState.scaleY;
				}
				this.updateState = 1;
				let s = this.viewState.measure();
				if (!s && !this.measureRequests.length && this.viewState.scrollTarget == null) break;
				if (e > 5) {
					console.warn(this.measureRequests.length ? `Measure loop restarted more than 5 times` : `Viewport failed to stabilize`);
					break;
				}
				let c = [];
				s & 4 || ([this.measureRequests, c] = [c, this.measureRequests]);
				let l = c.map((e) => {
					try {
						return e.read(this);
					} catch (e) {
						return Lo(this.state, e), Jl;
					}
				}), u = ts.create(this, this.state, []), d = !1;
				u.flags |= s, t ? t.flags |= s : t = u, this.updateState = 2, u.empty || (this.updatePlugins(u), this.inputState.update(u), this.updateAttrs(), d = this.docView.update(u), d && this.docViewUpdate());
				for (let e = 0; e < c.length; e++) if (l[e] != Jl) try {
					let t = c[e];
					t.write && t.write(l[e], this);
				} catch (e) {
					Lo(this.state, e);
				}
				if (d && this.docView.updateSelection(!0), !u.viewportChanged && this.measureRequests.length == 0) {
					if (this.viewState.editorHeight) {
						if (this.viewState.scrollTarget) {
							this.docView.scrollIntoView(this.viewState.scrollTarget), this.viewState.scrollTarget = null, a = -1;
							continue;
						}
						{
							let e = (i < 0 ? this.viewState.heightMap.height : this.viewState.lineBlockAt(i).top) / this.viewState.scaleY - a / o;
							if ((e > 1 || e < -1) && !(B.ios && this.inputState.lastIOSMomentumScroll > Date.now() - 100) && (n == this.scrollDOM || this.hasFocus || Math.max(this.inputState.lastWheelEvent, this.inputState.lastTouchTime) > Date.now() - 100)) {
								r += e, n ? i < 0 ? n.scrollTop = n.scrollHeight : n.scrollTop += e : this.win.scrollBy(0, e), a = -1;
								continue;
							}
						}
					}
					break;
				}
			}
		} finally {
			this.updateState = 0, this.measureScheduled = -1;
		}
		if (t && !t.empty) for (let e of this.state.facet(Eo)) e(t);
	}
	get themeClasses() {
		return Pl + ` ` + (this.state.facet(Nl) ? Il : Fl) + ` ` + this.state.facet(Ml);
	}
	updateAttrs() {
		let e = Xl(this, Ho, { class: `cm-editor` + (this.hasFocus ? ` cm-focused ` : ` `) + this.themeClasses }), t = {
			spellcheck: `false`,
			autocorrect: `off`,
			autocapitalize: `off`,
			writingsuggestions: `false`,
			translate: `no`,
			contenteditable: this.state.facet(Ro) ? `true` : `false`,
			class: `cm-content`,
			style: `${B.tabSize}: ${this.state.tabSize}`,
			role: `textbox`,
			"aria-multiline": `true`
		};
		this.state.readOnly && (t[`aria-readonly`] = `true`), Xl(this, Uo, t);
		let n = this.observer.ignore(() => {
			let n = ha(this.contentDOM, this.contentAttrs, t), r = ha(this.dom, this.editorAttrs, e);
			return n || r;
		});
		return this.editorAttrs = e, this.contentAttrs = t, n;
	}
	showAnnouncements(t) {
		let n = !0;
		for (let r of t) for (let t of r.effects) if (t.is(e.announce)) {
			n &&= (this.announceDOM.textContent = ``, this.win.clearTimeout(this.clearAnnouncement), this.clearAnnouncement = this.win.setTimeout(() => {
				this.announceDOM.textContent = `\xA0`;
			}, 200), !1);
			let e = this.announceDOM.appendChild(document.createElement(`div`));
			e.textContent = t.value;
		}
	}
	mountStyles() {
		this.styleModules = this.state.facet($o);
		let t = this.state.facet(e.cspNonce);
		Wi.mount(this.root, this.styleModules.concat(zl).reverse(), t ? { nonce: t } : void 0);
	}
	readMeasured() {
		if (this.updateState == 2) throw Error(`Reading the editor layout isn't allowed during an update`);
		this.updateState == 0 && this.measureScheduled > -1 && this.measure(!1);
	}
	requestMeasure(e) {
		if (this.measureScheduled < 0 && (this.measureScheduled = this.win.requestAnimationFrame(() => this.measure())), e) {
			if (this.measureRequests.indexOf(e) > -1) return;
			if (e.key != null) {
				for (let t = 0; t < this.measureRequests.length; t++) if (this.measureRequests[t].key === e.key) {
					this.measureRequests[t] = e;
					return;
				}
			}
			this.measureRequests.push(e);
		}
	}
	plugin(e) {
		let t = this.pluginMap.get(e);
		return (t === void 0 || t && t.plugin != e) && this.pluginMap.set(e, t = this.plugins.find((t) => t.plugin == e) || null), t && t.update(this).value;
	}
	get documentTop() {
		return this.contentDOM.getBoundingClientRect().top + this.viewState.paddingTop;
	}
	get documentPadding() {
		return {
			top: this.viewState.paddingTop,
			bottom: this.viewState.paddingBottom
		};
	}
	get scaleX() {
		return this.viewState.scaleX;
	}
	get scaleY() {
		return this.viewState.scaleY;
	}
	elementAtHeight(e) {
		return this.readMeasured(), this.viewState.elementAtHeight(e);
	}
	lineBlockAtHeight(e) {
		return this.readMeasured(), this.viewState.lineBlockAtHeight(e);
	}
	get viewportLineBlocks() {
		return this.viewState.viewportLines;
	}
	lineBlockAt(e) {
		return this.viewState.lineBlockAt(e);
	}
	get contentHeight() {
		return this.viewState.contentHeight;
	}
	moveByChar(e, t, n) {
		return Zs(this, e, Ks(this, e, t, n));
	}
	moveByGroup(e, t) {
		return Zs(this, e, Ks(this, e, t, (t) => qs(this, e.head, t)));
	}
	visualLineSide(e, t) {
		return t ? k.cursor(e.to, 1) : k.cursor(e.from, -1);
	}
	moveToLineBoundary(e, t, n = !0) {
		return Gs(this, e, t, n);
	}
	moveVertically(e, t, n) {
		return Zs(this, e, Js(this, e, t, n));
	}
	domAtPos(e, t = 1) {
		return this.docView.domAtPos(e, t);
	}
	posAtDOM(e, t = 0) {
		return this.docView.posFromDOM(e, t);
	}
	posAtCoords(e, t = !0) {
		this.readMeasured();
		let n = $s(this, e, t);
		return n && n.pos;
	}
	posAndSideAtCoords(e, t = !0) {
		return this.readMeasured(), $s(this, e, t);
	}
	coordsAtPos(e, t = 1) {
		this.readMeasured();
		let n = this.state.doc.lineAt(e), r = this.bidiSpans(n), i = r[lo.find(r, e - n.from, -1, t)];
		return n.length && (e == n.from && t < 0 || e == n.to && t > 0) && i.dir != this.textDirectionAt(n.from) && (e == n.to ? (e = n.from + i.from, t = 1) : (e = n.from + i.to, t = -1)), this.docView.coordsAt(e, t, i.dir == W.RTL);
	}
	coordsForChar(e) {
		return this.readMeasured(), this.docView.coordsForChar(e);
	}
	get defaultCharacterWidth() {
		return this.viewState.heightOracle.charWidth;
	}
	get defaultLineHeight() {
		return this.viewState.heightOracle.lineHeight;
	}
	get textDirection() {
		return this.viewState.defaultTextDirection;
	}
	textDirectionAt(e) {
		return !this.state.facet(jo) || e < this.viewport.from || e > this.viewport.to ? this.textDirection : (this.readMeasured(), this.docView.textDirectionAt(e));
	}
	get lineWrapping() {
		return this.viewState.heightOracle.lineWrapping;
	}
	bidiSpans(e) {
		if (e.length > ql) return vo(e.length);
		let t = this.textDirectionAt(e.from), n;
		for (let r of this.bidiCache) if (r.from == e.from && r.dir == t && (r.fresh || uo(r.isolates, n = Yo(this, e)))) return r.order;
		n ||= Yo(this, e);
		let r = _o(e.text, t, n);
		return this.bidiCache.push(new Yl(e.from, e.to, t, n, !0, r)), r;
	}
	get hasFocus() {
		return (this.dom.ownerDocument.hasFocus() || B.safari && this.inputState?.lastContextMenu > Date.now() - 3e4) && this.root.activeElement == this.contentDOM;
	}
	focus() {
		this.observer.ignore(() => {
			Wa(this.contentDOM), this.docView.updateSelection();
		});
	}
	setRoot(e) {
		this._root != e && (this._root = e, this.observer.setWindow((e.nodeType == 9 ? e : e.ownerDocument).defaultView || window), this.mountStyles());
	}
	destroy() {
		this.root.activeElement == this.contentDOM && this.contentDOM.blur();
		for (let e of this.plugins) e.destroy(this);
		this.plugins = [], this.inputState.destroy(), this.docView.destroy(), this.dom.remove(), this.observer.destroy(), this.win.clearTimeout(this.clearAnnouncement), this.measureScheduled > -1 && this.win.cancelAnimationFrame(this.measureScheduled), this.destroyed = !0;
	}
	static scrollIntoView(e, t = {}) {
		return Fo.of(new Po(typeof e == `number` ? k.cursor(e) : e, t.y ?? `nearest`, t.x ?? `nearest`, t.yMargin ?? 5, t.xMargin ?? 5));
	}
	scrollSnapshot() {
		let { scrollTop: e, scrollLeft: t } = this.scrollDOM, n = this.viewState.scrollAnchorAt(e);
		return Fo.of(new Po(k.cursor(n.from), `start`, `start`, n.top - e, t, !0));
	}
	setTabFocusMode(e) {
		e == null ? this.inputState.tabFocusMode = this.inputState.tabFocusMode < 0 ? 0 : -1 : typeof e == `boolean` ? this.inputState.tabFocusMode = e ? 0 : -1 : this.inputState.tabFocusMode != 0 && (this.inputState.tabFocusMode = Date.now() + e);
	}
	static domEventHandlers(e) {
		return K.define(() => ({}), { eventHandlers: e });
	}
	static domEventObservers(e) {
		return K.define(() => ({}), { eventObservers: e });
	}
	static theme(e, t) {
		let n = Wi.newName(), r = [Ml.of(n), $o.of(Rl(`.${n}`, e))];
		return t && t.dark && r.push(Nl.of(!0)), r;
	}
	static baseTheme(e) {
		return Ur.lowest($o.of(Rl(`.` + Pl, e, Ll)));
	}
	static findFromDOM(e) {
		let t = e.querySelector(`.cm-content`);
		return (t && q.get(t) || q.get(e))?.root?.view || null;
	}
};
X.styleModule = $o, X.inputHandler = Do, X.clipboardInputFilter = ko, X.clipboardOutputFilter = Ao, X.scrollHandler = No, X.focusChangeEffect = Oo, X.perLineTextDirection = jo, X.exceptionSink = To, X.updateListener = Eo, X.editable = Ro, X.mouseSelectionStyle = wo, X.dragMovesSelection = Co, X.clickAddsSelectionRange = So, X.decorations = Wo, X.blockWrappers = Go, X.outerDecorations = Ko, X.atomicRanges = qo, X.bidiIsolatedRanges = Jo, X.cursorScrollMargin = A.define({ combine: (e) => {
	let t = 5, n = 5;
	for (let r of e) typeof r == `number` ? t = n = r : {x: t, y: n} = r;
	return {
		x: t,
		y: n
	};
} }), X.scrollMargins = Zo, X.darkTheme = Nl, X.cspNonce = A.define({ combine: (e) => e.length ? e[0] : `` }), X.contentAttributes = Uo, X.editorAttributes = Ho, X.lineWrapping = X.contentAttributes.of({ class: `cm-lineWrapping` }), X.announce = M.define();
var ql = 4096, Jl = {}, Yl = class e {
	constructor(e, t, n, r, i, a) {
		this.from = e, this.to = t, this.dir = n, this.isolates = r, this.fresh = i, this.order = a;
	}
	static update(t, n) {
		if (n.empty && !t.some((e) => e.fresh)) return t;
		let r = [], i = t.length ? t[t.length - 1].dir : W.LTR;
		for (let a = Math.max(0, t.length - 10); a < t.length; a++) {
			let o = t[a];
			o.dir == i && !n.touchesRange(o.from, o.to) && r.push(new e(n.mapPos(o.from, 1), n.mapPos(o.to, -1), o.dir, o.isolates, !1, o.order));
		}
		return r;
	}
};
function Xl(e, t, n) {
	for (let r = e.state.facet(t), i = r.length - 1; i >= 0; i--) {
		let t = r[i], a = typeof t == `function` ? t(e) : t;
		a && da(a, n);
	}
	return n;
}
var Zl = B.mac ? `mac` : B.windows ? `win` : B.linux ? `linux` : `key`;
function Ql(e, t) {
	let n = e.split(/-(?!$)/), r = n[n.length - 1];
	r == `Space` && (r = ` `);
	let i, a, o, s;
	for (let e = 0; e < n.length - 1; ++e) {
		let r = n[e];
		if (/^(cmd|meta|m)$/i.test(r)) s = !0;
		else if (/^a(lt)?$/i.test(r)) i = !0;
		else if (/^(c|ctrl|control)$/i.test(r)) a = !0;
		else if (/^s(hift)?$/i.test(r)) o = !0;
		else if (/^mod$/i.test(r)) t == `mac` ? s = !0 : a = !0;
		else throw Error(`Unrecognized modifier name: ` + r);
	}
	return i && (r = `Alt-` + r), a && (r = `Ctrl-` + r), s && (r = `Meta-` + r), o && (r = `Shift-` + r), r;
}
function $l(e, t, n) {
	return t.altKey && (e = `Alt-` + e), t.ctrlKey && (e = `Ctrl-` + e), t.metaKey && (e = `Meta-` + e), n !== !1 && t.shiftKey && (e = `Shift-` + e), e;
}
var eu = Ur.default(X.domEventHandlers({ keydown(e, t) {
	return lu(ru(t.state), e, t, `editor`);
} })), tu = A.define({ enables: eu }), nu = /* @__PURE__ */ new WeakMap();
function ru(e) {
	let t = e.facet(tu), n = nu.get(t);
	return n || nu.set(t, n = su(t.reduce((e, t) => e.concat(t), []))), n;
}
function iu(e, t, n) {
	return lu(ru(e.state), t, e, n);
}
var au = null, ou = 4e3;
function su(e, t = Zl) {
	let n = Object.create(null), r = Object.create(null), i = (e, t) => {
		let n = r[e];
		if (n == null) r[e] = t;
		else if (n != t) throw Error(`Key binding ` + e + ` is used both as a regular binding and as a multi-stroke prefix`);
	}, a = (e, r, a, o, s) => {
		let c = n[e] || (n[e] = Object.create(null)), l = r.split(/ (?!$)/).map((e) => Ql(e, t));
		for (let t = 1; t < l.length; t++) {
			let n = l.slice(0, t).join(` `);
			i(n, !0), c[n] || (c[n] = {
				preventDefault: !0,
				stopPropagation: !1,
				run: [(t) => {
					let r = au = {
						view: t,
						prefix: n,
						scope: e
					};
					return setTimeout(() => {
						au == r && (au = null);
					}, ou), !0;
				}]
			});
		}
		let u = l.join(` `);
		i(u, !1);
		let d = c[u] || (c[u] = {
			preventDefault: !1,
			stopPropagation: !1,
			run: (c._any?.run)?.slice() || []
		});
		a && d.run.push(a), o && (d.preventDefault = !0), s && (d.stopPropagation = !0);
	};
	for (let r of e) {
		let e = r.scope ? r.scope.split(` `) : [`editor`];
		if (r.any) for (let t of e) {
			let e = n[t] || (n[t] = Object.create(null));
			e._any ||= {
				preventDefault: !1,
				stopPropagation: !1,
				run: []
			};
			let { any: i } = r;
			for (let t in e) e[t].run.push((e) => i(e, cu));
		}
		let i = r[t] || r.key;
		if (i) for (let t of e) a(t, i, r.run, r.preventDefault, r.stopPropagation), r.shift && a(t, `Shift-` + i, r.shift, r.preventDefault, r.stopPropagation);
	}
	return n;
}
var cu = null;
function lu(e, t, n, r) {
	cu = t;
	let i = $i(t), a = Cr(E(i, 0)) == i.length && i != ` `, o = ``, s = !1, c = !1, l = !1;
	au && au.view == n && au.scope == r && (o = au.prefix + ` `, xc.indexOf(t.keyCode) < 0 && (c = !0, au = null));
	let u = /* @__PURE__ */ new Set(), d = (e) => {
		if (e) {
			for (let t of e.run) if (!u.has(t) && (u.add(t), t(n))) return e.stopPropagation && (l = !0), !0;
			e.preventDefault && (e.stopPropagation && (l = !0), c = !0);
		}
		return !1;
	}, f = e[r], p, m;
	return f && (d(f[o + $l(i, t, !a)]) ? s = !0 : a && (t.altKey || t.metaKey || t.ctrlKey) && !(B.windows && t.ctrlKey && t.altKey) && !(B.mac && t.altKey && !(t.ctrlKey || t.metaKey)) && (p = Ji[t.keyCode]) && p != i ? (d(f[o + $l(p, t, !0)]) || t.shiftKey && (m = Yi[t.keyCode]) != i && m != p && d(f[o + $l(m, t, !1)])) && (s = !0) : a && t.shiftKey && d(f[o + $l(i, t, !0)]) && (s = !0), !s && d(f._any) && (s = !0)), c && (s = !0), s && l && t.stopPropagation(), cu = null, s;
}
var uu = class e {
	constructor(e, t, n, r, i) {
		this.className = e, this.left = t, this.top = n, this.width = r, this.height = i;
	}
	draw() {
		let e = document.createElement(`div`);
		return e.className = this.className, this.adjust(e), e;
	}
	update(e, t) {
		return t.className == this.className && (this.adjust(e), !0);
	}
	adjust(e) {
		e.style.left = this.left + `px`, e.style.top = this.top + `px`, this.width != null && (e.style.width = this.width + `px`), e.style.height = this.height + `px`;
	}
	eq(e) {
		return this.left == e.left && this.top == e.top && this.width == e.width && this.height == e.height && this.className == e.className;
	}
	static forRange(t, n, r) {
		if (r.empty) {
			let i = t.coordsAtPos(r.head, r.assoc || 1);
			if (!i) return [];
			let a = du(t);
			return [new e(n, i.left - a.left, i.top - a.top, null, i.bottom - i.top)];
		}
		return pu(t, n, r);
	}
};
function du(e) {
	let t = e.scrollDOM.getBoundingClientRect();
	return {
		left: (e.textDirection == W.LTR ? t.left : t.right - e.scrollDOM.clientWidth * e.scaleX) - e.scrollDOM.scrollLeft * e.scaleX,
		top: t.top - e.scrollDOM.scrollTop * e.scaleY
	};
}
function fu(e, t, n, r) {
	let i = e.coordsAtPos(t, n * 2);
	if (!i) return r;
	let a = e.dom.getBoundingClientRect(), o = (i.top + i.bottom) / 2, s = e.posAtCoords({
		x: a.left + 1,
		y: o
	}), c = e.posAtCoords({
		x: a.right - 1,
		y: o
	});
	return s == null || c == null ? r : {
		from: Math.max(r.from, Math.min(s, c)),
		to: Math.min(r.to, Math.max(s, c))
	};
}
function pu(e, t, n) {
	if (n.to <= e.viewport.from || n.from >= e.viewport.to) return [];
	let r = Math.max(n.from, e.viewport.from), i = Math.min(n.to, e.viewport.to), a = e.textDirection == W.LTR, o = e.contentDOM, s = o.getBoundingClientRect(), c = du(e), l = o.querySelector(`.cm-line`), u = l && window.getComputedStyle(l), d = s.left + (u ? parseInt(u.paddingLeft) + Math.min(0, parseInt(u.textIndent)) : 0), f = s.right - (u ? parseInt(u.paddingRight) : 0), p = Ws(e, r, 1), m = Ws(e, i, -1), h = p.type == V.Text ? p : null, g = m.type == V.Text ? m : null;
	if (h && (e.lineWrapping || p.widgetLineBreaks) && (h = fu(e, r, 1, h)), g && (e.lineWrapping || m.widgetLineBreaks) && (g = fu(e, i, -1, g)), h && g && h.from == g.from && h.to == g.to) return v(y(n.from, n.to, h));
	{
		let t = h ? y(n.from, null, h) : ee(p, !1), r = g ? y(null, n.to, g) : ee(m, !0), i = [];
		return (h || p).to < (g || m).from - (h && g ? 1 : 0) || p.widgetLineBreaks > 1 && t.bottom + e.defaultLineHeight / 2 < r.top ? i.push(_(d, t.bottom, f, r.top)) : t.bottom < r.top && e.elementAtHeight((t.bottom + r.top) / 2).type == V.Text && (t.bottom = r.top = (t.bottom + r.top) / 2), v(t).concat(i).concat(v(r));
	}
	function _(e, n, r, i) {
		return new uu(t, e - c.left, n - c.top, Math.max(0, r - e), i - n);
	}
	function v({ top: e, bottom: t, horizontal: n }) {
		let r = [];
		for (let i = 0; i < n.length; i += 2) r.push(_(n[i], e, n[i + 1], t));
		return r;
	}
	function y(t, n, r) {
		let i = 1e9, o = -1e9, s = [];
		function c(t, n, c, l, u) {
			let p = e.coordsAtPos(t, t == r.to ? -2 : 2), m = e.coordsAtPos(c, c == r.from ? 2 : -2);
			p && m && (i = Math.min(p.top, m.top, i), o = Math.max(p.bottom, m.bottom, o), u == W.LTR ? s.push(a && n ? d : p.left, a && l ? f : m.right) : s.push(!a && l ? d : m.left, !a && n ? f : p.right));
		}
		let l = t ?? r.from, u = n ?? r.to;
		for (let r of e.visibleRanges) if (r.to > l && r.from < u) for (let i = Math.max(r.from, l), a = Math.min(r.to, u);;) {
			let r = e.state.doc.lineAt(i);
			for (let o of e.bidiSpans(r)) {
				let e = o.from + r.from, s = o.to + r.from;
				if (e >= a) break;
				s > i && c(Math.max(e, i), t == null && e <= l, Math.min(s, a), n == null && s >= u, o.dir);
			}
			if (i = r.to + 1, i >= a) break;
		}
		return s.length == 0 && c(l, t == null, u, n == null, e.textDirection), {
			top: i,
			bottom: o,
			horizontal: s
		};
	}
	function ee(e, t) {
		let n = s.top + (t ? e.top : e.bottom);
		return {
			top: n,
			bottom: n,
			horizontal: []
		};
	}
}
function mu(e, t) {
	return e.constructor == t.constructor && e.eq(t);
}
var hu = class {
	constructor(e, t) {
		this.view = e, this.layer = t, this.drawn = [], this.scaleX = 1, this.scaleY = 1, this.measureReq = {
			read: this.measure.bind(this),
			write: this.draw.bind(this)
		}, this.dom = e.scrollDOM.appendChild(document.createElement(`div`)), this.dom.classList.add(`cm-layer`), t.above && this.dom.classList.add(`cm-layer-above`), t.class && this.dom.classList.add(t.class), this.scale(), this.dom.setAttribute(`aria-hidden`, `true`), this.setOrder(e.state), e.requestMeasure(this.measureReq), t.mount && t.mount(this.dom, e);
	}
	update(e) {
		e.startState.facet(gu) != e.state.facet(gu) && this.setOrder(e.state), (this.layer.update(e, this.dom) || e.geometryChanged) && (this.scale(), e.view.requestMeasure(this.measureReq));
	}
	docViewUpdate(e) {
		this.layer.updateOnDocViewUpdate !== !1 && e.requestMeasure(this.measureReq);
	}
	setOrder(e) {
		let t = 0, n = e.facet(gu);
		for (; t < n.length && n[t] != this.layer;) t++;
		this.dom.style.zIndex = String((this.layer.above ? 150 : -1) - t);
	}
	measure() {
		return this.layer.markers(this.view);
	}
	scale() {
		let { scaleX: e, scaleY: t } = this.view;
		(e != this.scaleX || t != this.scaleY) && (this.scaleX = e, this.scaleY = t, this.dom.style.transform = `scale(${1 / e}, ${1 / t})`);
	}
	draw(e) {
		if (e.length != this.drawn.length || e.some((e, t) => !mu(e, this.drawn[t]))) {
			let t = this.dom.firstChild, n = 0;
			for (let r of e) r.update && t && r.constructor && this.drawn[n].constructor && r.update(t, this.drawn[n]) ? (t = t.nextSibling, n++) : this.dom.insertBefore(r.draw(), t);
			for (; t;) {
				let e = t.nextSibling;
				t.remove(), t = e;
			}
			this.drawn = e, B.webkit && (this.dom.style.display = this.dom.firstChild ? `` : `none`);
		}
	}
	destroy() {
		this.layer.destroy && this.layer.destroy(this.dom, this.view), this.dom.remove();
	}
}, gu = A.define();
function _u(e) {
	return [K.define((t) => new hu(t, e)), gu.of(e)];
}
var vu = !B.ios, yu = A.define({ combine(e) {
	return yi(e, {
		cursorBlinkRate: 1200,
		drawRangeCursor: !0,
		iosSelectionHandles: !0
	}, {
		cursorBlinkRate: (e, t) => Math.min(e, t),
		drawRangeCursor: (e, t) => e || t
	});
} });
function bu(e = {}) {
	return [
		yu.of(e),
		Su,
		wu,
		Eu,
		Mo.of(!0)
	];
}
function xu(e) {
	return e.startState.facet(yu) != e.state.facet(yu);
}
var Su = _u({
	above: !0,
	markers(e) {
		let { state: t } = e, n = t.facet(yu), r = [];
		for (let i of t.selection.ranges) {
			let a = i == t.selection.main;
			if (i.empty || n.drawRangeCursor && !(a && B.ios && n.iosSelectionHandles)) {
				let t = a ? `cm-cursor cm-cursor-primary` : `cm-cursor cm-cursor-secondary`, n = i.empty ? i : k.cursor(i.head, i.assoc);
				for (let i of uu.forRange(e, t, n)) r.push(i);
			}
		}
		return r;
	},
	update(e, t) {
		e.transactions.some((e) => e.selection) && (t.style.animationName = t.style.animationName == `cm-blink` ? `cm-blink2` : `cm-blink`);
		let n = xu(e);
		return n && Cu(e.state, t), e.docChanged || e.selectionSet || n;
	},
	mount(e, t) {
		Cu(t.state, e);
	},
	class: `cm-cursorLayer`
});
function Cu(e, t) {
	t.style.animationDuration = e.facet(yu).cursorBlinkRate + `ms`;
}
var wu = _u({
	above: !1,
	markers(e) {
		let t = [], { main: n, ranges: r } = e.state.selection;
		for (let i of r) if (!i.empty && (vu || i != n)) for (let n of uu.forRange(e, `cm-selectionBackground`, i)) t.push(n);
		if (B.ios && !n.empty && e.state.facet(yu).iosSelectionHandles) {
			for (let r of uu.forRange(e, `cm-selectionHandle cm-selectionHandle-start`, k.cursor(n.from, 1))) t.push(r);
			for (let r of uu.forRange(e, `cm-selectionHandle cm-selectionHandle-end`, k.cursor(n.to, 1))) t.push(r);
		}
		return t;
	},
	update(e, t) {
		return e.docChanged || e.selectionSet || e.viewportChanged || xu(e);
	},
	class: `cm-selectionLayer`
}), Tu = B.gecko && B.gecko_version == 153 ? `#ffffff01` : `transparent`, Eu = Ur.highest(X.theme({
	".cm-line": {
		...vu ? { "& ::selection, &::selection": { backgroundColor: `${Tu} !important` } } : {},
		caretColor: `transparent !important`
	},
	".cm-content": {
		caretColor: `transparent !important`,
		"& :focus": {
			caretColor: `initial !important`,
			...vu ? { "&::selection, & ::selection": { backgroundColor: `Highlight !important` } } : {}
		}
	}
})), Du = M.define({ map(e, t) {
	return e == null ? null : t.mapPos(e);
} }), Ou = j.define({
	create() {
		return null;
	},
	update(e, t) {
		return e != null && (e = t.changes.mapPos(e)), t.effects.reduce((e, t) => t.is(Du) ? t.value : e, e);
	}
}), ku = K.fromClass(class {
	constructor(e) {
		this.view = e, this.cursor = null, this.measureReq = {
			read: this.readPos.bind(this),
			write: this.drawCursor.bind(this)
		};
	}
	update(e) {
		var t;
		let n = e.state.field(Ou);
		n == null ? this.cursor != null && ((t = this.cursor) == null || t.remove(), this.cursor = null) : (this.cursor || (this.cursor = this.view.scrollDOM.appendChild(document.createElement(`div`)), this.cursor.className = `cm-dropCursor`), (e.startState.field(Ou) != n || e.docChanged || e.geometryChanged) && this.view.requestMeasure(this.measureReq));
	}
	readPos() {
		let { view: e } = this, t = e.state.field(Ou), n = t != null && e.coordsAtPos(t);
		if (!n) return null;
		let r = e.scrollDOM.getBoundingClientRect();
		return {
			left: n.left - r.left + e.scrollDOM.scrollLeft * e.scaleX,
			top: n.top - r.top + e.scrollDOM.scrollTop * e.scaleY,
			height: n.bottom - n.top
		};
	}
	drawCursor(e) {
		if (this.cursor) {
			let { scaleX: t, scaleY: n } = this.view;
			e ? (this.cursor.style.left = e.left / t + `px`, this.cursor.style.top = e.top / n + `px`, this.cursor.style.height = e.height / n + `px`) : this.cursor.style.left = `-100000px`;
		}
	}
	destroy() {
		this.cursor && this.cursor.remove();
	}
	setDropPos(e) {
		this.view.state.field(Ou) != e && this.view.dispatch({ effects: Du.of(e) });
	}
}, { eventObservers: {
	dragover(e) {
		this.setDropPos(this.view.posAtCoords({
			x: e.clientX,
			y: e.clientY
		}));
	},
	dragleave(e) {
		e.target != this.view.contentDOM && this.view.contentDOM.contains(e.relatedTarget) || this.setDropPos(null);
	},
	dragend() {
		this.setDropPos(null);
	},
	drop() {
		this.setDropPos(null);
	}
} });
function Au() {
	return [Ou, ku];
}
function ju(e, t, n, r, i) {
	t.lastIndex = 0;
	for (let a = e.iterRange(n, r), o = n, s; !a.next().done; o += a.value.length) if (!a.lineBreak) for (; s = t.exec(a.value);) i(o + s.index, s);
}
function Mu(e, t) {
	let n = e.visibleRanges;
	if (n.length == 1 && n[0].from == e.viewport.from && n[0].to == e.viewport.to) return n;
	let r = [];
	for (let { from: i, to: a } of n) i = Math.max(e.state.doc.lineAt(i).from, i - t), a = Math.min(e.state.doc.lineAt(a).to, a + t), r.length && r[r.length - 1].to >= i ? r[r.length - 1].to = a : r.push({
		from: i,
		to: a
	});
	return r;
}
var Nu = class {
	constructor(e) {
		let { regexp: t, decoration: n, decorate: r, boundary: i, maxLength: a = 1e3 } = e;
		if (!t.global) throw RangeError(`The regular expression given to MatchDecorator should have its 'g' flag set`);
		if (this.regexp = t, r) this.addMatch = (e, t, n, i) => r(i, n, n + e[0].length, e, t);
		else if (typeof n == `function`) this.addMatch = (e, t, r, i) => {
			let a = n(e, t, r);
			a && i(r, r + e[0].length, a);
		};
		else if (n) this.addMatch = (e, t, r, i) => i(r, r + e[0].length, n);
		else throw RangeError(`Either 'decorate' or 'decoration' should be provided to MatchDecorator`);
		this.boundary = i, this.maxLength = a;
	}
	createDeco(e) {
		let t = new Di(), n = t.add.bind(t);
		for (let { from: t, to: r } of Mu(e, this.maxLength)) ju(e.state.doc, this.regexp, t, r, (t, r) => this.addMatch(r, e, t, n));
		return t.finish();
	}
	updateDeco(e, t) {
		let n = 1e9, r = -1;
		return e.docChanged && e.changes.iterChanges((t, i, a, o) => {
			o >= e.view.viewport.from && a <= e.view.viewport.to && (n = Math.min(a, n), r = Math.max(o, r));
		}), e.viewportMoved || r - n > 1e3 ? this.createDeco(e.view) : r > -1 ? this.updateRange(e.view, t.map(e.changes), n, r) : t;
	}
	updateRange(e, t, n, r) {
		for (let i of e.visibleRanges) {
			let a = Math.max(i.from, n), o = Math.min(i.to, r);
			if (o >= a) {
				let n = e.state.doc.lineAt(a), r = n.to < o ? e.state.doc.lineAt(o) : n, s = Math.max(i.from, n.from), c = Math.min(i.to, r.to);
				if (this.boundary) {
					for (; a > n.from; a--) if (this.boundary.test(n.text[a - 1 - n.from])) {
						s = a;
						break;
					}
					for (; o < r.to; o++) if (this.boundary.test(r.text[o - r.from])) {
						c = o;
						break;
					}
				}
				let l = [], u, d = (e, t, n) => l.push(n.range(e, t));
				if (n == r) for (this.regexp.lastIndex = s - n.from; (u = this.regexp.exec(n.text)) && u.index < c - n.from;) this.addMatch(u, e, u.index + n.from, d);
				else ju(e.state.doc, this.regexp, s, c, (t, n) => this.addMatch(n, e, t, d));
				t = t.update({
					filterFrom: s,
					filterTo: c,
					filter: (e, t) => e < s || t > c,
					add: l
				});
			}
		}
		return t;
	}
}, Pu = /x/.unicode == null ? `g` : `gu`, Fu = RegExp(`[\0-\b
--­؜​‎‏\u2028\u2029‭‮⁦⁧⁩﻿￹-￼]`, Pu), Iu = {
	0: `null`,
	7: `bell`,
	8: `backspace`,
	10: `newline`,
	11: `vertical tab`,
	13: `carriage return`,
	27: `escape`,
	8203: `zero width space`,
	8204: `zero width non-joiner`,
	8205: `zero width joiner`,
	8206: `left-to-right mark`,
	8207: `right-to-left mark`,
	8232: `line separator`,
	8237: `left-to-right override`,
	8238: `right-to-left override`,
	8294: `left-to-right isolate`,
	8295: `right-to-left isolate`,
	8297: `pop directional isolate`,
	8233: `paragraph separator`,
	65279: `zero width no-break space`,
	65532: `object replacement`
}, Lu = null;
function Ru() {
	if (Lu == null && typeof document < `u` && document.body) {
		let e = document.body.style;
		Lu = (e.tabSize ?? e.MozTabSize) != null;
	}
	return Lu || !1;
}
var zu = A.define({ combine(e) {
	let t = yi(e, {
		render: null,
		specialChars: Fu,
		addSpecialChars: null
	});
	return (t.replaceTabs = !Ru()) && (t.specialChars = RegExp(`	|` + t.specialChars.source, Pu)), t.addSpecialChars && (t.specialChars = RegExp(t.specialChars.source + `|` + t.addSpecialChars.source, Pu)), t;
} });
function Bu(e = {}) {
	return [zu.of(e), Hu()];
}
var Vu = null;
function Hu() {
	return Vu ||= K.fromClass(class {
		constructor(e) {
			this.view = e, this.decorations = H.none, this.decorationCache = Object.create(null), this.decorator = this.makeDecorator(e.state.facet(zu)), this.decorations = this.decorator.createDeco(e);
		}
		makeDecorator(e) {
			return new Nu({
				regexp: e.specialChars,
				decoration: (t, n, r) => {
					let { doc: i } = n.state, a = E(t[0], 0);
					if (a == 9) {
						let e = i.lineAt(r), t = n.state.tabSize, a = Ri(e.text, t, r - e.from);
						return H.replace({ widget: new Ku((t - a % t) * this.view.defaultCharacterWidth / this.view.scaleX) });
					}
					return this.decorationCache[a] || (this.decorationCache[a] = H.replace({ widget: new Gu(e, a) }));
				},
				boundary: e.replaceTabs ? void 0 : /[^]/
			});
		}
		update(e) {
			let t = e.state.facet(zu);
			e.startState.facet(zu) == t ? this.decorations = this.decorator.updateDeco(e, this.decorations) : (this.decorator = this.makeDecorator(t), this.decorations = this.decorator.createDeco(e.view));
		}
	}, { decorations: (e) => e.decorations });
}
var Uu = `•`;
function Wu(e) {
	return e >= 32 ? Uu : e == 10 ? `␤` : String.fromCharCode(9216 + e);
}
var Gu = class extends _a {
	constructor(e, t) {
		super(), this.options = e, this.code = t;
	}
	eq(e) {
		return e.code == this.code;
	}
	toDOM(e) {
		let t = Wu(this.code), n = e.state.phrase(`Control character`) + ` ` + (Iu[this.code] || `0x` + this.code.toString(16)), r = this.options.render && this.options.render(this.code, n, t);
		if (r) return r;
		let i = document.createElement(`span`);
		return i.textContent = t, i.title = n, i.setAttribute(`aria-label`, n), i.className = `cm-specialChar`, i;
	}
	ignoreEvent() {
		return !1;
	}
}, Ku = class extends _a {
	constructor(e) {
		super(), this.width = e;
	}
	eq(e) {
		return e.width == this.width;
	}
	toDOM() {
		let e = document.createElement(`span`);
		return e.textContent = `	`, e.className = `cm-tab`, e.style.width = this.width + `px`, e;
	}
	ignoreEvent() {
		return !1;
	}
};
function qu() {
	return Yu;
}
var Ju = H.line({ class: `cm-activeLine` }), Yu = K.fromClass(class {
	constructor(e) {
		this.decorations = this.getDeco(e);
	}
	update(e) {
		(e.docChanged || e.selectionSet) && (this.decorations = this.getDeco(e.view));
	}
	getDeco(e) {
		let t = -1, n = [];
		for (let r of e.state.selection.ranges) {
			let i = e.lineBlockAt(r.head);
			i.from > t && (n.push(Ju.range(i.from)), t = i.from);
		}
		return H.set(n);
	}
}, { decorations: (e) => e.decorations }), Xu = 2e3;
function Zu(e, t, n) {
	let r = Math.min(t.line, n.line), i = Math.max(t.line, n.line), a = [];
	if (t.off > Xu || n.off > Xu || t.col < 0 || n.col < 0) {
		let o = Math.min(t.off, n.off), s = Math.max(t.off, n.off);
		for (let t = r; t <= i; t++) {
			let n = e.doc.line(t);
			n.length <= s && a.push(k.range(n.from + o, n.to + s));
		}
	} else {
		let o = Math.min(t.col, n.col), s = Math.max(t.col, n.col);
		for (let t = r; t <= i; t++) {
			let n = e.doc.line(t), r = zi(n.text, o, e.tabSize, !0);
			if (r < 0) a.push(k.cursor(n.to));
			else {
				let t = zi(n.text, s, e.tabSize);
				a.push(k.range(n.from + r, n.from + t));
			}
		}
	}
	return a;
}
function Qu(e, t) {
	let n = e.coordsAtPos(e.viewport.from);
	return n ? Math.round(Math.abs((n.left - t) / e.defaultCharacterWidth)) : -1;
}
function $u(e, t) {
	let n = e.posAtCoords({
		x: t.clientX,
		y: t.clientY
	}, !1), r = e.state.doc.lineAt(n), i = n - r.from, a = i > Xu ? -1 : i == r.length ? Qu(e, t.clientX) : Ri(r.text, e.state.tabSize, n - r.from);
	return {
		line: r.number,
		col: a,
		off: i
	};
}
function ed(e, t) {
	let n = $u(e, t), r = e.state.selection;
	return n ? {
		update(e) {
			if (e.docChanged) {
				let t = e.changes.mapPos(e.startState.doc.line(n.line).from), i = e.state.doc.lineAt(t);
				n = {
					line: i.number,
					col: n.col,
					off: Math.min(n.off, i.length)
				}, r = r.map(e.changes);
			}
		},
		get(t, i, a) {
			let o = $u(e, t);
			if (!o) return r;
			let s = Zu(e.state, n, o);
			return s.length ? a ? k.create(s.concat(r.ranges)) : k.create(s) : r;
		}
	} : null;
}
function td(e) {
	let t = e?.eventFilter || ((e) => e.altKey && e.button == 0);
	return X.mouseSelectionStyle.of((e, n) => t(n) ? ed(e, n) : null);
}
var nd = {
	Alt: [18, (e) => !!e.altKey],
	Control: [17, (e) => !!e.ctrlKey],
	Shift: [16, (e) => !!e.shiftKey],
	Meta: [91, (e) => !!e.metaKey]
}, rd = { style: `cursor: crosshair` };
function id(e = {}) {
	let [t, n] = nd[e.key || `Alt`], r = K.fromClass(class {
		constructor(e) {
			this.view = e, this.isDown = !1;
		}
		set(e) {
			this.isDown != e && (this.isDown = e, this.view.update([]));
		}
	}, { eventObservers: {
		keydown(e) {
			this.set(e.keyCode == t || n(e));
		},
		keyup(e) {
			e.keyCode != t && n(e) || this.set(!1);
		},
		mousemove(e) {
			this.set(n(e));
		}
	} });
	return [r, X.contentAttributes.of((e) => e.plugin(r)?.isDown ? rd : null)];
}
var ad = `-10000px`, od = class {
	constructor(e, t, n, r) {
		this.facet = t, this.createTooltipView = n, this.removeTooltipView = r, this.input = e.state.facet(t), this.tooltips = this.input.filter((e) => e);
		let i = null;
		this.tooltipViews = this.tooltips.map((e) => i = n(e, i));
	}
	update(e, t) {
		var n;
		let r = e.state.facet(this.facet), i = r.filter((e) => e);
		if (r === this.input) {
			for (let t of this.tooltipViews) t.update && t.update(e);
			return !1;
		}
		let a = [], o = t ? [] : null;
		for (let n = 0; n < i.length; n++) {
			let r = i[n], s = -1;
			if (r) {
				for (let e = 0; e < this.tooltips.length; e++) {
					let t = this.tooltips[e];
					t && t.create == r.create && (s = e);
				}
				if (s < 0) a[n] = this.createTooltipView(r, n ? a[n - 1] : null), o && (o[n] = !!r.above);
				else {
					let r = a[n] = this.tooltipViews[s];
					o && (o[n] = t[s]), r.update && r.update(e);
				}
			}
		}
		for (let e of this.tooltipViews) a.indexOf(e) < 0 && (this.removeTooltipView(e), (n = e.destroy) == null || n.call(e));
		return t && (o.forEach((e, n) => t[n] = e), t.length = o.length), this.input = r, this.tooltips = i, this.tooltipViews = a, !0;
	}
};
function sd(e) {
	let t = e.dom.ownerDocument.documentElement, n = t.clientWidth, r = getComputedStyle(t);
	if (!/stable/.test(r.scrollbarGutter || ``)) return {
		left: 0,
		right: n
	};
	let i = t.getBoundingClientRect(), a = e.win.scrollX;
	return {
		left: Math.max(0, i.left + a - parseFloat(r.marginLeft)),
		right: Math.min(n, i.right + a + parseFloat(r.marginRight))
	};
}
function cd(e) {
	let { left: t, right: n } = sd(e);
	return {
		top: 0,
		left: t,
		right: n,
		bottom: e.dom.ownerDocument.documentElement.clientHeight
	};
}
var ld = A.define({ combine: (e) => ({
	position: B.ios ? `absolute` : e.find((e) => e.position)?.position || `fixed`,
	parent: e.find((e) => e.parent)?.parent || null,
	tooltipSpace: e.find((e) => e.tooltipSpace)?.tooltipSpace || cd
}) }), ud = /* @__PURE__ */ new WeakMap(), dd = K.fromClass(class {
	constructor(e) {
		this.view = e, this.above = [], this.inView = !0, this.madeAbsolute = !1, this.lastTransaction = 0, this.measureTimeout = -1;
		let t = e.state.facet(ld);
		this.position = t.position, this.parent = t.parent, this.classes = e.themeClasses, this.createContainer(), this.measureReq = {
			read: this.readMeasure.bind(this),
			write: this.writeMeasure.bind(this),
			key: this
		}, this.resizeObserver = typeof ResizeObserver == `function` ? new ResizeObserver(() => this.measureSoon()) : null, this.manager = new od(e, hd, (e, t) => this.createTooltip(e, t), (e) => {
			this.resizeObserver && this.resizeObserver.unobserve(e.dom), e.dom.remove();
		}), this.above = this.manager.tooltips.map((e) => !!e.above), this.intersectionObserver = typeof IntersectionObserver == `function` ? new IntersectionObserver((e) => {
			Date.now() > this.lastTransaction - 50 && e.length > 0 && e[e.length - 1].intersectionRatio < 1 && this.measureSoon();
		}, { threshold: [1] }) : null, this.observeIntersection(), e.win.addEventListener(`resize`, this.measureSoon = this.measureSoon.bind(this)), this.maybeMeasure();
	}
	createContainer() {
		this.parent ? (this.container = document.createElement(`div`), this.container.style.position = `relative`, this.container.className = this.view.themeClasses, this.parent.appendChild(this.container)) : this.container = this.view.dom;
	}
	observeIntersection() {
		if (this.intersectionObserver) {
			this.intersectionObserver.disconnect();
			for (let e of this.manager.tooltipViews) this.intersectionObserver.observe(e.dom);
		}
	}
	measureSoon() {
		this.measureTimeout < 0 && (this.measureTimeout = setTimeout(() => {
			this.measureTimeout = -1, this.maybeMeasure();
		}, 50));
	}
	update(e) {
		e.transactions.length && (this.lastTransaction = Date.now());
		let t = this.manager.update(e, this.above);
		t && this.observeIntersection();
		let n = t || e.geometryChanged, r = e.state.facet(ld);
		if (r.position != this.position && !this.madeAbsolute) {
			this.position = r.position;
			for (let e of this.manager.tooltipViews) e.dom.style.position = this.position;
			n = !0;
		}
		if (r.parent != this.parent) {
			this.parent && this.container.remove(), this.parent = r.parent, this.createContainer();
			for (let e of this.manager.tooltipViews) this.container.appendChild(e.dom);
			n = !0;
		} else this.parent && this.view.themeClasses != this.classes && (this.classes = this.container.className = this.view.themeClasses);
		n && this.maybeMeasure();
	}
	createTooltip(e, t) {
		let n = e.create(this.view), r = t ? t.dom : null;
		if (n.dom.classList.add(`cm-tooltip`), e.arrow && !n.dom.querySelector(`.cm-tooltip > .cm-tooltip-arrow`)) {
			let e = document.createElement(`div`);
			e.className = `cm-tooltip-arrow`, n.dom.appendChild(e);
		}
		return n.dom.style.position = this.position, n.dom.style.top = ad, n.dom.style.left = `0px`, this.container.insertBefore(n.dom, r), n.mount && n.mount(this.view), this.resizeObserver && this.resizeObserver.observe(n.dom), n;
	}
	destroy() {
		var e, t, n;
		this.view.win.removeEventListener(`resize`, this.measureSoon);
		for (let t of this.manager.tooltipViews) t.dom.remove(), (e = t.destroy) == null || e.call(t);
		this.parent && this.container.remove(), (t = this.resizeObserver) == null || t.disconnect(), (n = this.intersectionObserver) == null || n.disconnect(), clearTimeout(this.measureTimeout);
	}
	readMeasure() {
		let e = 1, t = 1, n = !1, r = 0;
		if (this.position == `fixed` && this.manager.tooltipViews.length) {
			let { dom: e } = this.manager.tooltipViews[0];
			if (B.safari) {
				let t = e.getBoundingClientRect();
				n = Math.abs(t.top + 1e4) > 1 || Math.abs(t.left) > 1;
			} else n = !!e.offsetParent && e.offsetParent != this.container.ownerDocument.body;
		}
		if (n || this.position == `absolute`) {
			if (this.parent) {
				let n = this.parent.getBoundingClientRect();
				n.width && n.height && (e = n.width / this.parent.offsetWidth, t = n.height / this.parent.offsetHeight);
			} else ({scaleX: e, scaleY: t} = this.view.viewState);
		} else r = sd(this.view).left;
		let i = this.view.scrollDOM.getBoundingClientRect(), a = Qo(this.view);
		return {
			visible: {
				left: i.left + a.left,
				top: i.top + a.top,
				right: i.right - a.right,
				bottom: i.bottom - a.bottom
			},
			parent: this.parent ? this.container.getBoundingClientRect() : this.view.dom.getBoundingClientRect(),
			pos: this.manager.tooltips.map((e, t) => {
				let n = this.manager.tooltipViews[t];
				return n.getCoords ? n.getCoords(e.pos) : this.view.coordsAtPos(e.pos);
			}),
			size: this.manager.tooltipViews.map(({ dom: e }) => e.getBoundingClientRect()),
			space: this.view.state.facet(ld).tooltipSpace(this.view),
			scaleX: e,
			scaleY: t,
			makeAbsolute: n,
			fixedLeft: r
		};
	}
	writeMeasure(e) {
		if (e.makeAbsolute) {
			this.madeAbsolute = !0, this.position = `absolute`;
			for (let e of this.manager.tooltipViews) e.dom.style.position = `absolute`;
		}
		let { visible: t, space: n, scaleX: r, scaleY: i } = e, a = [];
		for (let o = 0; o < this.manager.tooltips.length; o++) {
			let s = this.manager.tooltips[o], c = this.manager.tooltipViews[o], { dom: l } = c, u = e.pos[o], d = e.size[o];
			if (!u || s.clip !== !1 && (u.bottom <= Math.max(t.top, n.top) || u.top >= Math.min(t.bottom, n.bottom) || u.right < Math.max(t.left, n.left) - .1 || u.left > Math.min(t.right, n.right) + .1)) {
				l.style.top = ad;
				continue;
			}
			let f = s.arrow ? c.dom.querySelector(`.cm-tooltip-arrow`) : null, p = f ? 7 : 0, m = d.right - d.left, h = ud.get(c) ?? d.bottom - d.top, g = c.offset || md, _ = this.view.textDirection == W.LTR, v = d.width > n.right - n.left ? _ ? n.left : n.right - d.width : _ ? Math.max(n.left, Math.min(u.left - (f ? 14 : 0) + g.x, n.right - m)) : Math.min(Math.max(n.left, u.left - m + (f ? 14 : 0) - g.x), n.right - m), y = this.above[o];
			!s.strictSide && (y ? u.top - h - p - g.y < n.top : u.bottom + h + p + g.y > n.bottom) && y == n.bottom - u.bottom > u.top - n.top && (y = this.above[o] = !y);
			let ee = (y ? u.top - n.top : n.bottom - u.bottom) - p;
			if (ee < h && c.resize !== !1) {
				if (ee < this.view.defaultLineHeight) {
					l.style.top = ad;
					continue;
				}
				ud.set(c, h), l.style.height = (h = ee) / i + `px`;
			} else l.style.height && (l.style.height = ``);
			let te = y ? u.top - h - p - g.y : u.bottom + p + g.y, b = v + m;
			if (c.overlap !== !0) for (let e of a) e.left < b && e.right > v && e.top < te + h && e.bottom > te && (te = y ? e.top - h - 2 - p : e.bottom + p + 2);
			if (this.position == `absolute` ? (l.style.top = (te - e.parent.top) / i + `px`, fd(l, (v - e.parent.left) / r)) : (l.style.top = te / i + `px`, fd(l, (v - e.fixedLeft) / r)), f) {
				let e = u.left + (_ ? g.x : -g.x) - (v + 14 - 7);
				f.style.left = e / r + `px`;
			}
			c.overlap !== !0 && a.push({
				left: v,
				top: te,
				right: b,
				bottom: te + h
			}), l.classList.toggle(`cm-tooltip-above`, y), l.classList.toggle(`cm-tooltip-below`, !y), c.positioned && c.positioned(e.space);
		}
	}
	maybeMeasure() {
		if (this.manager.tooltips.length && (this.view.inView && this.view.requestMeasure(this.measureReq), this.inView != this.view.inView && (this.inView = this.view.inView, !this.inView))) for (let e of this.manager.tooltipViews) e.dom.style.top = ad;
	}
}, { eventObservers: { scroll() {
	this.maybeMeasure();
} } });
function fd(e, t) {
	let n = parseInt(e.style.left, 10);
	(isNaN(n) || Math.abs(t - n) > 1) && (e.style.left = t + `px`);
}
var pd = X.baseTheme({
	".cm-tooltip": {
		zIndex: 500,
		boxSizing: `border-box`
	},
	"&light .cm-tooltip": {
		border: `1px solid #bbb`,
		backgroundColor: `#f5f5f5`
	},
	"&light .cm-tooltip-section:not(:first-child)": { borderTop: `1px solid #bbb` },
	"&dark .cm-tooltip": {
		backgroundColor: `#333338`,
		color: `white`
	},
	".cm-tooltip-arrow": {
		height: `7px`,
		width: `14px`,
		position: `absolute`,
		zIndex: -1,
		overflow: `hidden`,
		"&:before, &:after": {
			content: `''`,
			position: `absolute`,
			width: 0,
			height: 0,
			borderLeft: `7px solid transparent`,
			borderRight: `7px solid transparent`
		},
		".cm-tooltip-above &": {
			bottom: `-7px`,
			"&:before": { borderTop: `7px solid #bbb` },
			"&:after": {
				borderTop: `7px solid #f5f5f5`,
				bottom: `1px`
			}
		},
		".cm-tooltip-below &": {
			top: `-7px`,
			"&:before": { borderBottom: `7px solid #bbb` },
			"&:after": {
				borderBottom: `7px solid #f5f5f5`,
				top: `1px`
			}
		}
	},
	"&dark .cm-tooltip .cm-tooltip-arrow": {
		"&:before": {
			borderTopColor: `#333338`,
			borderBottomColor: `#333338`
		},
		"&:after": {
			borderTopColor: `transparent`,
			borderBottomColor: `transparent`
		}
	}
}), md = {
	x: 0,
	y: 0
}, hd = A.define({ enables: [dd, pd] }), gd = A.define({ combine: (e) => e.reduce((e, t) => e.concat(t), []) }), _d = class e {
	static create(t) {
		return new e(t);
	}
	constructor(e) {
		this.view = e, this.mounted = !1, this.dom = document.createElement(`div`), this.dom.classList.add(`cm-tooltip-hover`), this.manager = new od(e, gd, (e, t) => this.createHostedView(e, t), (e) => e.dom.remove());
	}
	createHostedView(e, t) {
		let n = e.create(this.view);
		return n.dom.classList.add(`cm-tooltip-section`), this.dom.insertBefore(n.dom, t ? t.dom.nextSibling : this.dom.firstChild), this.mounted && n.mount && n.mount(this.view), n;
	}
	mount(e) {
		for (let t of this.manager.tooltipViews) t.mount && t.mount(e);
		this.mounted = !0;
	}
	positioned(e) {
		for (let t of this.manager.tooltipViews) t.positioned && t.positioned(e);
	}
	update(e) {
		this.manager.update(e);
	}
	destroy() {
		var e;
		for (let t of this.manager.tooltipViews) (e = t.destroy) == null || e.call(t);
	}
	passProp(e) {
		let t;
		for (let n of this.manager.tooltipViews) {
			let r = n[e];
			if (r !== void 0) {
				if (t === void 0) t = r;
				else if (t !== r) return;
			}
		}
		return t;
	}
	get offset() {
		return this.passProp(`offset`);
	}
	get getCoords() {
		return this.passProp(`getCoords`);
	}
	get overlap() {
		return this.passProp(`overlap`);
	}
	get resize() {
		return this.passProp(`resize`);
	}
}, vd = hd.compute([gd], (e) => {
	let t = e.facet(gd);
	return t.length === 0 ? null : {
		pos: Math.min(...t.map((e) => e.pos)),
		end: Math.max(...t.map((e) => e.end ?? e.pos)),
		create: _d.create,
		above: t[0].above,
		arrow: t.some((e) => e.arrow)
	};
}), yd = A.define(), bd = class {
	constructor(e, t, n, r, i, a) {
		this.view = e, this.source = t, this.field = n, this.locked = r, this.setHover = i, this.hoverTime = a, this.hoverTimeout = -1, this.restartTimeout = -1, this.pending = null, this.lastMove = {
			x: 0,
			y: 0,
			target: e.dom,
			time: 0
		}, this.checkHover = this.checkHover.bind(this), e.dom.addEventListener(`mouseleave`, this.mouseleave = this.mouseleave.bind(this)), e.dom.addEventListener(`mousemove`, this.mousemove = this.mousemove.bind(this));
	}
	update(e) {
		this.pending && (this.pending = null, clearTimeout(this.restartTimeout), this.restartTimeout = setTimeout(() => this.startHover(), 20));
	}
	get active() {
		return this.view.state.field(this.field);
	}
	checkHover() {
		if (this.hoverTimeout = -1, this.active.length) return;
		let e = Date.now() - this.lastMove.time;
		e < this.hoverTime ? this.hoverTimeout = setTimeout(this.checkHover, this.hoverTime - e) : this.startHover();
	}
	startHover() {
		clearTimeout(this.restartTimeout);
		let { view: e, lastMove: t } = this, n = e.docView.tile.nearest(t.target);
		if (!n) return;
		let r, i = 1;
		if (n.isWidget()) r = n.posAtStart;
		else {
			if (r = e.posAtCoords(t), r == null) return;
			let n = e.coordsAtPos(r);
			if (!n || t.y < n.top || t.y > n.bottom || t.x < n.left - e.defaultCharacterWidth || t.x > n.right + e.defaultCharacterWidth) return;
			let a = e.bidiSpans(e.state.doc.lineAt(r)).find((e) => e.from <= r && e.to >= r), o = a && a.dir == W.RTL ? -1 : 1;
			i = t.x < n.left ? -o : o;
		}
		this.activateHover(e, r, i);
	}
	activateHover(e, t, n, r) {
		let i = this.source(e, t, n), a = (t) => {
			if (t && (!Array.isArray(t) || t.length)) {
				let n = Array.isArray(t) ? t : [t];
				r && this.locked.set(n, r), e.dispatch({ effects: this.setHover.of(n) });
			}
		};
		if (i && `then` in i) {
			let n = this.pending = { pos: t };
			i.then((e) => {
				this.pending == n && (this.pending = null, a(e));
			}, (t) => Lo(e.state, t, `hover tooltip`));
		} else a(i);
	}
	get tooltip() {
		let e = this.view.plugin(dd), t = e ? e.manager.tooltips.findIndex((e) => e.create == _d.create) : -1;
		return t > -1 ? e.manager.tooltipViews[t] : null;
	}
	mousemove(e) {
		this.lastMove = {
			x: e.clientX,
			y: e.clientY,
			target: e.target,
			time: Date.now()
		}, this.hoverTimeout < 0 && (this.hoverTimeout = setTimeout(this.checkHover, this.hoverTime));
		let { active: t, tooltip: n } = this;
		if (t.length && !this.locked.has(t) && n && !Sd(n.dom, e) || this.pending) {
			let { pos: n } = t[0] || this.pending, r = t[0]?.end ?? n;
			(n == r ? this.view.posAtCoords(this.lastMove) != n : !Cd(this.view, n, r, e.clientX, e.clientY)) && (this.view.dispatch({ effects: this.setHover.of([]) }), this.pending = null);
		}
	}
	mouseleave(e) {
		clearTimeout(this.hoverTimeout), this.hoverTimeout = -1;
		let { active: t } = this;
		if (t.length && !this.locked.has(t)) {
			let { tooltip: t } = this;
			t && t.dom.contains(e.relatedTarget) ? this.watchTooltipLeave(t.dom) : this.view.dispatch({ effects: this.setHover.of([]) });
		}
	}
	watchTooltipLeave(e) {
		let t = (n) => {
			e.removeEventListener(`mouseleave`, t);
			let { active: r } = this;
			r.length && !this.locked.has(r) && !this.view.dom.contains(n.relatedTarget) && this.view.dispatch({ effects: this.setHover.of([]) });
		};
		e.addEventListener(`mouseleave`, t);
	}
	destroy() {
		clearTimeout(this.hoverTimeout), clearTimeout(this.restartTimeout), this.view.dom.removeEventListener(`mouseleave`, this.mouseleave), this.view.dom.removeEventListener(`mousemove`, this.mousemove);
	}
}, xd = 4;
function Sd(e, t) {
	let { left: n, right: r, top: i, bottom: a } = e.getBoundingClientRect(), o;
	if (o = e.querySelector(`.cm-tooltip-arrow`)) {
		let e = o.getBoundingClientRect();
		i = Math.min(e.top, i), a = Math.max(e.bottom, a);
	}
	return t.clientX >= n - xd && t.clientX <= r + xd && t.clientY >= i - xd && t.clientY <= a + xd;
}
function Cd(e, t, n, r, i, a) {
	let o = e.scrollDOM.getBoundingClientRect(), s = e.documentTop + e.documentPadding.top + e.contentHeight;
	if (o.left > r || o.right < r || o.top > i || Math.min(o.bottom, s) < i) return !1;
	let c = e.posAtCoords({
		x: r,
		y: i
	}, !1);
	return c >= t && c <= n;
}
function wd(e, t = {}) {
	let n = M.define(), r = /* @__PURE__ */ new WeakMap(), i = j.define({
		create() {
			return [];
		},
		update(e, a) {
			let o = r.get(e);
			if (e.length && (t.hideOnChange && (a.docChanged || a.selection) || o && o(a) ? e = [] : t.hideOn && (e = e.filter((e) => !t.hideOn(a, e)))), a.docChanged && e.length) {
				let t = [];
				for (let n of e) {
					let e = a.changes.mapPos(n.pos, -1, D.TrackDel);
					if (e != null) {
						let r = Object.assign(Object.create(null), n);
						r.pos = e, r.end != null && (r.end = a.changes.mapPos(r.end)), t.push(r);
					}
				}
				e = t;
			}
			for (let t of a.effects) t.is(n) && (e = t.value, o = void 0), (t.is(Dd) && !t.value || t.value == i) && (e = []);
			return e.length && o && r.set(e, o), e;
		},
		provide: (e) => gd.from(e)
	}), a = K.define((a) => new bd(a, e, i, r, n, t.hoverTime || 300));
	return {
		active: i,
		extension: [
			i,
			a,
			yd.of(a),
			vd
		]
	};
}
function Td(e, t, n, r = {}) {
	let i = e.state.facet(yd).map((t) => e.plugin(t)).filter((e) => !!e);
	if (r.tooltip && r.tooltip.active) {
		let e = i.find((e) => e.field == r.tooltip.active);
		e && (i = [e]);
	}
	for (let a of i) a.activateHover(e, t, n, r.until ?? (() => !1));
}
function Ed(e, t) {
	let n = e.plugin(dd);
	if (!n) return null;
	let r = n.manager.tooltips.indexOf(t);
	return r < 0 ? null : n.manager.tooltipViews[r];
}
var Dd = M.define(), Od = A.define({ combine(e) {
	let t, n;
	for (let r of e) t ||= r.topContainer, n ||= r.bottomContainer;
	return {
		topContainer: t,
		bottomContainer: n
	};
} });
function kd(e, t) {
	let n = e.plugin(Ad), r = n ? n.specs.indexOf(t) : -1;
	return r > -1 ? n.panels[r] : null;
}
var Ad = K.fromClass(class {
	constructor(e) {
		this.input = e.state.facet(Nd), this.specs = this.input.filter((e) => e), this.panels = this.specs.map((t) => t(e));
		let t = e.state.facet(Od);
		this.top = new jd(e, !0, t.topContainer), this.bottom = new jd(e, !1, t.bottomContainer), this.top.sync(this.panels.filter((e) => e.top)), this.bottom.sync(this.panels.filter((e) => !e.top));
		for (let e of this.panels) e.dom.classList.add(`cm-panel`), e.mount && e.mount();
	}
	update(e) {
		let t = e.state.facet(Od);
		this.top.container != t.topContainer && (this.top.sync([]), this.top = new jd(e.view, !0, t.topContainer)), this.bottom.container != t.bottomContainer && (this.bottom.sync([]), this.bottom = new jd(e.view, !1, t.bottomContainer)), this.top.syncClasses(), this.bottom.syncClasses();
		let n = e.state.facet(Nd);
		if (n != this.input) {
			let t = n.filter((e) => e), r = [], i = [], a = [], o = [];
			for (let n of t) {
				let t = this.specs.indexOf(n), s;
				t < 0 ? (s = n(e.view), o.push(s)) : (s = this.panels[t], s.update && s.update(e)), r.push(s), (s.top ? i : a).push(s);
			}
			this.specs = t, this.panels = r, this.top.sync(i), this.bottom.sync(a);
			for (let e of o) e.dom.classList.add(`cm-panel`), e.mount && e.mount();
		} else for (let t of this.panels) t.update && t.update(e);
	}
	destroy() {
		this.top.sync([]), this.bottom.sync([]);
	}
}, { provide: (e) => X.scrollMargins.of((t) => {
	let n = t.plugin(e);
	return n && {
		top: n.top.scrollMargin(),
		bottom: n.bottom.scrollMargin()
	};
}) }), jd = class {
	constructor(e, t, n) {
		this.view = e, this.top = t, this.container = n, this.dom = void 0, this.classes = ``, this.panels = [], this.syncClasses();
	}
	sync(e) {
		for (let t of this.panels) t.destroy && e.indexOf(t) < 0 && t.destroy();
		this.panels = e, this.syncDOM();
	}
	syncDOM() {
		if (this.panels.length == 0) {
			this.dom &&= (this.dom.remove(), void 0);
			return;
		}
		if (!this.dom) {
			this.dom = document.createElement(`div`), this.dom.className = this.top ? `cm-panels cm-panels-top` : `cm-panels cm-panels-bottom`;
			let e = this.container || this.view.dom;
			e.insertBefore(this.dom, this.top ? e.firstChild : null);
		}
		let e = this.dom.firstChild;
		for (let t of this.panels) if (t.dom.parentNode == this.dom) {
			for (; e != t.dom;) e = Md(e);
			e = e.nextSibling;
		} else this.dom.insertBefore(t.dom, e);
		for (; e;) e = Md(e);
	}
	scrollMargin() {
		return !this.dom || this.container ? 0 : Math.max(0, this.top ? this.dom.getBoundingClientRect().bottom - Math.max(0, this.view.scrollDOM.getBoundingClientRect().top) : Math.min(innerHeight, this.view.scrollDOM.getBoundingClientRect().bottom) - this.dom.getBoundingClientRect().top);
	}
	syncClasses() {
		if (this.container && this.classes != this.view.themeClasses) {
			for (let e of this.classes.split(` `)) e && this.container.classList.remove(e);
			for (let e of (this.classes = this.view.themeClasses).split(` `)) e && this.container.classList.add(e);
		}
	}
};
function Md(e) {
	let t = e.nextSibling;
	return e.remove(), t;
}
var Nd = A.define({ enables: Ad });
function Pd(e, t) {
	let n, r = new Promise((e) => n = e), i = (e) => zd(e, t, n);
	e.state.field(Id, !1) ? e.dispatch({ effects: Ld.of(i) }) : e.dispatch({ effects: M.appendConfig.of(Id.init(() => [i])) });
	let a = Rd.of(i);
	return {
		close: a,
		result: r.then((t) => ((e.win.queueMicrotask || ((t) => e.win.setTimeout(t, 10)))(() => {
			e.state.field(Id).indexOf(i) > -1 && e.dispatch({ effects: a });
		}), t))
	};
}
function Fd(e, t) {
	let n = e.state.field(Id, !1) || [];
	for (let r of n) {
		let n = kd(e, r);
		if (n && n.dom.classList.contains(t)) return n;
	}
	return null;
}
var Id = j.define({
	create() {
		return [];
	},
	update(e, t) {
		for (let n of t.effects) n.is(Ld) ? e = [n.value].concat(e) : n.is(Rd) && (e = e.filter((e) => e != n.value));
		return e;
	},
	provide: (e) => Nd.computeN([e], (t) => t.field(e))
}), Ld = M.define(), Rd = M.define();
function zd(e, t, n) {
	let r = t.content ? t.content(e, () => s(null)) : null;
	if (!r) {
		if (r = R(`form`), t.input) {
			let e = R(`input`, t.input);
			/^(text|password|number|email|tel|url)$/.test(e.type) && e.classList.add(`cm-textfield`), e.name ||= `input`, r.appendChild(R(`label`, (t.label || ``) + `: `, e));
		} else r.appendChild(document.createTextNode(t.label || ``));
		r.appendChild(document.createTextNode(` `)), r.appendChild(R(`button`, {
			class: `cm-button`,
			type: `submit`
		}, t.submitLabel || `OK`));
	}
	let i = r.nodeName == `FORM` ? [r] : r.querySelectorAll(`form`);
	for (let e = 0; e < i.length; e++) {
		let t = i[e];
		t.addEventListener(`keydown`, (e) => {
			e.keyCode == 27 ? (e.preventDefault(), s(null)) : e.keyCode == 13 && (e.preventDefault(), s(t));
		}), t.addEventListener(`submit`, (e) => {
			e.preventDefault(), s(t);
		});
	}
	let a = R(`div`, r, R(`button`, {
		onclick: () => s(null),
		"aria-label": e.state.phrase(`close`),
		class: `cm-dialog-close`,
		type: `button`
	}, [`×`]));
	t.class && (a.className = t.class), a.classList.add(`cm-dialog`);
	let o = typeof t.focus == `string` ? r.querySelector(t.focus) : t.focus ? r.querySelector(`input`) || r.querySelector(`button`) : null;
	function s(t) {
		a.contains(a.ownerDocument.activeElement) && e.focus(), n(t);
	}
	return {
		dom: a,
		top: t.top,
		mount: () => {
			o && (`select` in o ? o.select() : `focus` in o && o.focus());
		},
		destroy: () => n(null)
	};
}
var Bd = class extends bi {
	compare(e) {
		return this == e || this.constructor == e.constructor && this.eq(e);
	}
	eq(e) {
		return !1;
	}
	destroy(e) {}
};
Bd.prototype.elementClass = ``, Bd.prototype.toDOM = void 0, Bd.prototype.mapMode = D.TrackBefore, Bd.prototype.startSide = Bd.prototype.endSide = -1, Bd.prototype.point = !0;
var Vd = A.define(), Hd = A.define(), Ud = {
	class: ``,
	renderEmptyElements: !1,
	elementStyle: ``,
	markers: () => I.empty,
	lineMarker: () => null,
	widgetMarker: () => null,
	lineMarkerChange: null,
	initialSpacer: null,
	updateSpacer: null,
	domEventHandlers: {},
	side: `before`
}, Wd = A.define();
function Gd(e) {
	return [qd(), Wd.of({
		...Ud,
		...e
	})];
}
var Kd = A.define({ combine: (e) => e.some((e) => e) });
function qd(e) {
	let t = [Jd];
	return e && e.fixed === !1 && t.push(Kd.of(!0)), t;
}
var Jd = K.fromClass(class {
	constructor(e) {
		this.view = e, this.domAfter = null, this.prevViewport = e.viewport, this.dom = document.createElement(`div`), this.dom.className = `cm-gutters cm-gutters-before`, this.dom.setAttribute(`aria-hidden`, `true`), this.dom.style.minHeight = this.view.contentHeight / this.view.scaleY + `px`, this.gutters = e.state.facet(Wd).map((t) => new Qd(e, t)), this.fixed = !e.state.facet(Kd);
		for (let e of this.gutters) e.config.side == `after` ? this.getDOMAfter().appendChild(e.dom) : this.dom.appendChild(e.dom);
		this.fixed && (this.dom.style.position = `sticky`), this.syncGutters(!1), e.scrollDOM.insertBefore(this.dom, e.contentDOM);
	}
	getDOMAfter() {
		return this.domAfter || (this.domAfter = document.createElement(`div`), this.domAfter.className = `cm-gutters cm-gutters-after`, this.domAfter.setAttribute(`aria-hidden`, `true`), this.domAfter.style.minHeight = this.view.contentHeight / this.view.scaleY + `px`, this.domAfter.style.position = this.fixed ? `sticky` : ``, this.view.scrollDOM.appendChild(this.domAfter)), this.domAfter;
	}
	update(e) {
		if (this.updateGutters(e)) {
			let t = this.prevViewport, n = e.view.viewport, r = Math.min(t.to, n.to) - Math.max(t.from, n.from);
			this.syncGutters(r < (n.to - n.from) * .8);
		}
		if (e.geometryChanged) {
			let e = this.view.contentHeight / this.view.scaleY + `px`;
			this.dom.style.minHeight = e, this.domAfter && (this.domAfter.style.minHeight = e);
		}
		this.view.state.facet(Kd) != !this.fixed && (this.fixed = !this.fixed, this.dom.style.position = this.fixed ? `sticky` : ``, this.domAfter && (this.domAfter.style.position = this.fixed ? `sticky` : ``)), this.prevViewport = e.view.viewport;
	}
	syncGutters(e) {
		let t = this.dom.nextSibling;
		e && (this.dom.remove(), this.domAfter && this.domAfter.remove());
		let n = I.iter(this.view.state.facet(Vd), this.view.viewport.from), r = [], i = this.gutters.map((e) => new Zd(e, this.view.viewport, -this.view.documentPadding.top));
		for (let e of this.view.viewportLineBlocks) if (r.length && (r = []), Array.isArray(e.type)) {
			let t = !0;
			for (let a of e.type) if (a.type == V.Text && t) {
				Xd(n, r, a.from);
				for (let e of i) e.line(this.view, a, r);
				t = !1;
			} else if (a.widget) for (let e of i) e.widget(this.view, a);
		} else if (e.type == V.Text) {
			Xd(n, r, e.from);
			for (let t of i) t.line(this.view, e, r);
		} else if (e.widget) for (let t of i) t.widget(this.view, e);
		for (let e of i) e.finish();
		e && (this.view.scrollDOM.insertBefore(this.dom, t), this.domAfter && this.view.scrollDOM.appendChild(this.domAfter));
	}
	updateGutters(e) {
		let t = e.startState.facet(Wd), n = e.state.facet(Wd), r = e.docChanged || e.heightChanged || e.viewportChanged || !I.eq(e.startState.facet(Vd), e.state.facet(Vd), e.view.viewport.from, e.view.viewport.to);
		if (t == n) for (let t of this.gutters) t.update(e) && (r = !0);
		else {
			r = !0;
			let i = [];
			for (let r of n) {
				let n = t.indexOf(r);
				n < 0 ? i.push(new Qd(this.view, r)) : (this.gutters[n].update(e), i.push(this.gutters[n]));
			}
			for (let e of this.gutters) e.dom.remove(), i.indexOf(e) < 0 && e.destroy();
			for (let e of i) e.config.side == `after` ? this.getDOMAfter().appendChild(e.dom) : this.dom.appendChild(e.dom);
			this.gutters = i;
		}
		return r;
	}
	destroy() {
		for (let e of this.gutters) e.destroy();
		this.dom.remove(), this.domAfter && this.domAfter.remove();
	}
}, { provide: (e) => X.scrollMargins.of((t) => {
	let n = t.plugin(e);
	if (!n || n.gutters.length == 0 || !n.fixed) return null;
	let r = n.dom.offsetWidth * t.scaleX, i = n.domAfter ? n.domAfter.offsetWidth * t.scaleX : 0;
	return t.textDirection == W.LTR ? {
		left: r,
		right: i
	} : {
		right: r,
		left: i
	};
}) });
function Yd(e) {
	return Array.isArray(e) ? e : [e];
}
function Xd(e, t, n) {
	for (; e.value && e.from <= n;) e.from == n && t.push(e.value), e.next();
}
var Zd = class {
	constructor(e, t, n) {
		this.gutter = e, this.height = n, this.i = 0, this.cursor = I.iter(e.markers, t.from);
	}
	addElement(e, t, n) {
		let { gutter: r } = this, i = (t.top - this.height) / e.scaleY, a = t.height / e.scaleY;
		if (this.i == r.elements.length) {
			let t = new $d(e, a, i, n);
			r.elements.push(t), r.dom.appendChild(t.dom);
		} else r.elements[this.i].update(e, a, i, n);
		this.height = t.bottom, this.i++;
	}
	line(e, t, n) {
		let r = [];
		Xd(this.cursor, r, t.from), n.length && (r = r.concat(n));
		let i = this.gutter.config.lineMarker(e, t, r);
		i && r.unshift(i);
		let a = this.gutter;
		(r.length != 0 || a.config.renderEmptyElements) && this.addElement(e, t, r);
	}
	widget(e, t) {
		let n = this.gutter.config.widgetMarker(e, t.widget, t), r = n ? [n] : null;
		for (let n of e.state.facet(Hd)) {
			let i = n(e, t.widget, t);
			i && (r ||= []).push(i);
		}
		r && this.addElement(e, t, r);
	}
	finish() {
		let e = this.gutter;
		for (; e.elements.length > this.i;) {
			let t = e.elements.pop();
			e.dom.removeChild(t.dom), t.destroy();
		}
	}
}, Qd = class {
	constructor(e, t) {
		this.view = e, this.config = t, this.elements = [], this.spacer = null, this.dom = document.createElement(`div`), this.dom.className = `cm-gutter` + (this.config.class ? ` ` + this.config.class : ``);
		for (let n in t.domEventHandlers) this.dom.addEventListener(n, (r) => {
			let i = r.target, a;
			if (i != this.dom && this.dom.contains(i)) {
				for (; i.parentNode != this.dom;) i = i.parentNode;
				let e = i.getBoundingClientRect();
				a = (e.top + e.bottom) / 2;
			} else a = r.clientY;
			let o = e.lineBlockAtHeight(a - e.documentTop);
			t.domEventHandlers[n](e, o, r) && r.preventDefault();
		});
		this.markers = Yd(t.markers(e)), t.initialSpacer && (this.spacer = new $d(e, 0, 0, [t.initialSpacer(e)]), this.dom.appendChild(this.spacer.dom), this.spacer.dom.style.cssText += `visibility: hidden; pointer-events: none`);
	}
	update(e) {
		let t = this.markers;
		if (this.markers = Yd(this.config.markers(e.view)), this.spacer && this.config.updateSpacer) {
			let t = this.config.updateSpacer(this.spacer.markers[0], e);
			t != this.spacer.markers[0] && this.spacer.update(e.view, 0, 0, [t]);
		}
		let n = e.view.viewport;
		return !I.eq(this.markers, t, n.from, n.to) || (this.config.lineMarkerChange ? this.config.lineMarkerChange(e) : !1);
	}
	destroy() {
		for (let e of this.elements) e.destroy();
	}
}, $d = class {
	constructor(e, t, n, r) {
		this.height = -1, this.above = 0, this.markers = [], this.dom = document.createElement(`div`), this.dom.className = `cm-gutterElement`, this.update(e, t, n, r);
	}
	update(e, t, n, r) {
		this.height != t && (this.height = t, this.dom.style.height = t + `px`), this.above != n && (this.dom.style.marginTop = (this.above = n) ? n + `px` : ``), ef(this.markers, r) || this.setMarkers(e, r);
	}
	setMarkers(e, t) {
		let n = `cm-gutterElement`, r = this.dom.firstChild;
		for (let i = 0, a = 0;;) {
			let o = a, s = i < t.length ? t[i++] : null, c = !1;
			if (s) {
				let e = s.elementClass;
				e && (n += ` ` + e);
				for (let e = a; e < this.markers.length; e++) if (this.markers[e].compare(s)) {
					o = e, c = !0;
					break;
				}
			} else o = this.markers.length;
			for (; a < o;) {
				let e = this.markers[a++];
				if (e.toDOM) {
					e.destroy(r);
					let t = r.nextSibling;
					r.remove(), r = t;
				}
			}
			if (!s) break;
			s.toDOM && (c ? r = r.nextSibling : this.dom.insertBefore(s.toDOM(e), r)), c && a++;
		}
		this.dom.className = n, this.markers = t;
	}
	destroy() {
		this.setMarkers(null, []);
	}
};
function ef(e, t) {
	if (e.length != t.length) return !1;
	for (let n = 0; n < e.length; n++) if (!e[n].compare(t[n])) return !1;
	return !0;
}
var tf = A.define(), nf = A.define(), rf = A.define({ combine(e) {
	return yi(e, {
		formatNumber: String,
		domEventHandlers: {}
	}, { domEventHandlers(e, t) {
		let n = Object.assign({}, e);
		for (let e in t) {
			let r = n[e], i = t[e];
			n[e] = r ? (e, t, n) => r(e, t, n) || i(e, t, n) : i;
		}
		return n;
	} });
} }), af = class extends Bd {
	constructor(e) {
		super(), this.number = e;
	}
	eq(e) {
		return this.number == e.number;
	}
	toDOM() {
		return document.createTextNode(this.number);
	}
};
function of(e, t) {
	return e.state.facet(rf).formatNumber(t, e.state);
}
var sf = Wd.compute([rf], (e) => ({
	class: `cm-lineNumbers`,
	renderEmptyElements: !1,
	markers(e) {
		return e.state.facet(tf);
	},
	lineMarker(e, t, n) {
		return n.some((e) => e.toDOM) ? null : new af(of(e, e.state.doc.lineAt(t.from).number));
	},
	widgetMarker: (e, t, n) => {
		for (let r of e.state.facet(nf)) {
			let i = r(e, t, n);
			if (i) return i;
		}
		return null;
	},
	lineMarkerChange: (e) => e.startState.facet(rf) != e.state.facet(rf),
	initialSpacer(e) {
		return new af(of(e, lf(e.state.doc.lines)));
	},
	updateSpacer(e, t) {
		let n = of(t.view, lf(t.view.state.doc.lines));
		return n == e.number ? e : new af(n);
	},
	domEventHandlers: e.facet(rf).domEventHandlers,
	side: `before`
}));
function cf(e = {}) {
	return [
		rf.of(e),
		qd(),
		sf
	];
}
function lf(e) {
	let t = 9;
	for (; t < e;) t = t * 10 + 9;
	return t;
}
var uf = new class extends Bd {
	constructor() {
		super(...arguments), this.elementClass = `cm-activeLineGutter`;
	}
}(), df = Vd.compute([`selection`], (e) => {
	let t = [], n = -1;
	for (let r of e.selection.ranges) {
		let i = e.doc.lineAt(r.head).from;
		i > n && (n = i, t.push(uf.range(i)));
	}
	return I.of(t);
});
function ff() {
	return df;
}
var pf = new r();
function mf(e) {
	return A.define({ combine: e ? (t) => t.concat(e) : void 0 });
}
var hf = new r(), gf = class {
	constructor(e, t, n = [], r = ``) {
		this.data = e, this.name = r, F.prototype.hasOwnProperty(`tree`) || Object.defineProperty(F.prototype, "tree", { get() {
			return Z(this);
		} }), this.parser = t, this.extension = [Df.of(this), F.languageData.of((e, t, n) => {
			let r = _f(e, t, n), i = r.type.prop(pf);
			if (!i) return [];
			let a = e.facet(i), o = r.type.prop(hf);
			if (o) {
				let i = r.resolve(t - r.from, n);
				for (let t of o) if (t.test(i, e)) {
					let n = e.facet(t.facet);
					return t.type == `replace` ? n : n.concat(a);
				}
			}
			return a;
		})].concat(n);
	}
	isActiveAt(e, t, n = -1) {
		return _f(e, t, n).type.prop(pf) == this.data;
	}
	findRegions(e) {
		let t = e.facet(Df);
		if (t?.data == this.data) return [{
			from: 0,
			to: e.doc.length
		}];
		if (!t || !t.allowsNesting) return [];
		let n = [], i = (e, t) => {
			if (e.prop(pf) == this.data) {
				n.push({
					from: t,
					to: t + e.length
				});
				return;
			}
			let a = e.prop(r.mounted);
			if (a) {
				if (a.tree.prop(pf) == this.data) {
					if (a.overlay) for (let e of a.overlay) n.push({
						from: e.from + t,
						to: e.to + t
					});
					else n.push({
						from: t,
						to: t + e.length
					});
					return;
				}
				if (a.overlay) {
					let e = n.length;
					if (i(a.tree, a.overlay[0].from + t), n.length > e) return;
				}
			}
			for (let n = 0; n < e.children.length; n++) {
				let r = e.children[n];
				r instanceof d && i(r, e.positions[n] + t);
			}
		};
		return i(Z(e), 0), n;
	}
	get allowsNesting() {
		return !0;
	}
};
gf.setState = M.define();
function _f(e, t, n) {
	let r = e.facet(Df), i = Z(e).topNode;
	if (!r || r.allowsNesting) for (let e = i; e; e = e.enter(t, n, u.ExcludeBuffers | u.EnterBracketed)) e.type.isTop && (i = e);
	return i;
}
var vf = class e extends gf {
	constructor(e, t, n) {
		super(e, t, [], n), this.parser = t;
	}
	static define(t) {
		let n = mf(t.languageData);
		return new e(n, t.parser.configure({ props: [pf.add((e) => e.isTop ? n : void 0)] }), t.name);
	}
	configure(t, n) {
		return new e(this.data, this.parser.configure(t), n || this.name);
	}
	get allowsNesting() {
		return this.parser.hasWrappers();
	}
};
function Z(e) {
	let t = e.field(gf.state, !1);
	return t ? t.tree : d.empty;
}
var yf = class {
	constructor(e) {
		this.doc = e, this.cursorPos = 0, this.string = ``, this.cursor = e.iter();
	}
	get length() {
		return this.doc.length;
	}
	syncTo(e) {
		return this.string = this.cursor.next(e - this.cursorPos).value, this.cursorPos = e + this.string.length, this.cursorPos - this.string.length;
	}
	chunk(e) {
		return this.syncTo(e), this.string;
	}
	get lineChunks() {
		return !0;
	}
	read(e, t) {
		let n = this.cursorPos - this.string.length;
		return e < n || t >= this.cursorPos ? this.doc.sliceString(e, t) : this.string.slice(e - n, t - n);
	}
}, bf = null, xf = class e {
	constructor(e, t, n = [], r, i, a, o, s) {
		this.parser = e, this.state = t, this.fragments = n, this.tree = r, this.treeLen = i, this.viewport = a, this.skipped = o, this.scheduleOn = s, this.parse = null, this.tempSkipped = [];
	}
	static create(t, n, r) {
		return new e(t, n, [], d.empty, 0, r, [], null);
	}
	startParse() {
		return this.parser.startParse(new yf(this.state.doc), this.fragments);
	}
	work(e, t) {
		return t != null && t >= this.state.doc.length && (t = void 0), this.tree != d.empty && this.isDone(t ?? this.state.doc.length) ? (this.takeTree(), !0) : this.withContext(() => {
			if (typeof e == `number`) {
				let t = Date.now() + e;
				e = () => Date.now() > t;
			}
			for (this.parse ||= this.startParse(), t != null && (this.parse.stoppedAt == null || this.parse.stoppedAt > t) && t < this.state.doc.length && this.parse.stopAt(t);;) {
				let n = this.parse.advance();
				if (n) {
					if (this.fragments = this.withoutTempSkipped(ue.addTree(n, this.fragments, this.parse.stoppedAt != null)), this.treeLen = this.parse.stoppedAt ?? this.state.doc.length, this.tree = n, this.parse = null, this.treeLen < (t ?? this.state.doc.length)) this.parse = this.startParse();
					else return !0;
				}
				if (e()) return !1;
			}
		});
	}
	takeTree() {
		let e, t;
		this.parse && (e = this.parse.parsedPos) >= this.treeLen && ((this.parse.stoppedAt == null || this.parse.stoppedAt > e) && this.parse.stopAt(e), this.withContext(() => {
			for (; !(t = this.parse.advance()););
		}), this.treeLen = e, this.tree = t, this.fragments = this.withoutTempSkipped(ue.addTree(this.tree, this.fragments, !0)), this.parse = null);
	}
	withContext(e) {
		let t = bf;
		bf = this;
		try {
			return e();
		} finally {
			bf = t;
		}
	}
	withoutTempSkipped(e) {
		for (let t; t = this.tempSkipped.pop();) e = Sf(e, t.from, t.to);
		return e;
	}
	changes(t, n) {
		let { fragments: r, tree: i, treeLen: a, viewport: o, skipped: s } = this;
		if (this.takeTree(), !t.empty) {
			let e = [];
			if (t.iterChangedRanges((t, n, r, i) => e.push({
				fromA: t,
				toA: n,
				fromB: r,
				toB: i
			})), r = ue.applyChanges(r, e), i = d.empty, a = 0, o = {
				from: t.mapPos(o.from, -1),
				to: t.mapPos(o.to, 1)
			}, this.skipped.length) {
				s = [];
				for (let e of this.skipped) {
					let n = t.mapPos(e.from, 1), r = t.mapPos(e.to, -1);
					n < r && s.push({
						from: n,
						to: r
					});
				}
			}
		}
		return new e(this.parser, n, r, i, a, o, s, this.scheduleOn);
	}
	updateViewport(e) {
		if (this.viewport.from == e.from && this.viewport.to == e.to) return !1;
		this.viewport = e;
		let t = this.skipped.length;
		for (let t = 0; t < this.skipped.length; t++) {
			let { from: n, to: r } = this.skipped[t];
			n < e.to && r > e.from && (this.fragments = Sf(this.fragments, n, r), this.skipped.splice(t--, 1));
		}
		return this.skipped.length >= t ? !1 : (this.reset(), !0);
	}
	reset() {
		this.parse &&= (this.takeTree(), null);
	}
	skipUntilInView(e, t) {
		this.skipped.push({
			from: e,
			to: t
		});
	}
	static getSkippingParser(e) {
		return new class extends de {
			createParse(t, n, r) {
				let i = r[0].from, a = r[r.length - 1].to;
				return {
					parsedPos: i,
					advance() {
						let t = bf;
						if (t) {
							for (let e of r) t.tempSkipped.push(e);
							e && (t.scheduleOn = t.scheduleOn ? Promise.all([t.scheduleOn, e]) : e);
						}
						return this.parsedPos = a, new d(o.none, [], [], a - i);
					},
					stoppedAt: null,
					stopAt() {}
				};
			}
		}();
	}
	isDone(e) {
		e = Math.min(e, this.state.doc.length);
		let t = this.fragments;
		return this.treeLen >= e && t.length && t[0].from == 0 && t[0].to >= e;
	}
	static get() {
		return bf;
	}
};
function Sf(e, t, n) {
	return ue.applyChanges(e, [{
		fromA: t,
		toA: n,
		fromB: t,
		toB: n
	}]);
}
var Cf = class e {
	constructor(e) {
		this.context = e, this.tree = e.tree;
	}
	apply(t) {
		if (!t.docChanged && this.tree == this.context.tree) return this;
		let n = this.context.changes(t.changes, t.state), r = this.context.treeLen == t.startState.doc.length ? void 0 : Math.max(t.changes.mapPos(this.context.treeLen), n.viewport.to);
		return n.work(20, r) || n.takeTree(), new e(n);
	}
	static init(t) {
		let n = Math.min(3e3, t.doc.length), r = xf.create(t.facet(Df).parser, t, {
			from: 0,
			to: n
		});
		return r.work(20, n) || r.takeTree(), new e(r);
	}
};
gf.state = j.define({
	create: Cf.init,
	update(e, t) {
		for (let e of t.effects) if (e.is(gf.setState)) return e.value;
		return t.startState.facet(Df) == t.state.facet(Df) ? e.apply(t) : Cf.init(t.state);
	}
});
var wf = (e) => {
	let t = setTimeout(() => e(), 500);
	return () => clearTimeout(t);
};
typeof requestIdleCallback < `u` && (wf = (e) => {
	let t = -1, n = setTimeout(() => {
		t = requestIdleCallback(e, { timeout: 400 });
	}, 100);
	return () => t < 0 ? clearTimeout(n) : cancelIdleCallback(t);
});
var Tf = typeof navigator < `u` && navigator.scheduling?.isInputPending ? () => navigator.scheduling.isInputPending() : null, Ef = K.fromClass(class {
	constructor(e) {
		this.view = e, this.working = null, this.workScheduled = 0, this.chunkEnd = -1, this.chunkBudget = -1, this.work = this.work.bind(this), this.scheduleWork();
	}
	update(e) {
		let t = this.view.state.field(gf.state).context;
		(t.updateViewport(e.view.viewport) || this.view.viewport.to > t.treeLen) && this.scheduleWork(), (e.docChanged || e.selectionSet) && (this.view.hasFocus && (this.chunkBudget += 50), this.scheduleWork()), this.checkAsyncSchedule(t);
	}
	scheduleWork() {
		if (this.working) return;
		let { state: e } = this.view, t = e.field(gf.state);
		t.tree == t.context.tree && t.context.isDone(e.doc.length) || (this.working = wf(this.work));
	}
	work(e) {
		this.working = null;
		let t = Date.now();
		if (this.chunkEnd < t && (this.chunkEnd < 0 || this.view.hasFocus) && (this.chunkEnd = t + 3e4, this.chunkBudget = 3e3), this.chunkBudget <= 0) return;
		let { state: n, viewport: { to: r } } = this.view, i = n.field(gf.state);
		if (i.tree == i.context.tree && i.context.isDone(r + 1e5)) return;
		let a = Date.now() + Math.min(this.chunkBudget, 100, e && !Tf ? Math.max(25, e.timeRemaining() - 5) : 1e9), o = i.context.treeLen < r && n.doc.length > r + 1e3, s = i.context.work(() => Tf && Tf() || Date.now() > a, r + (o ? 0 : 1e5));
		this.chunkBudget -= Date.now() - t, (s || this.chunkBudget <= 0) && (i.context.takeTree(), this.view.dispatch({ effects: gf.setState.of(new Cf(i.context)) })), this.chunkBudget > 0 && (!s || o) && this.scheduleWork(), this.checkAsyncSchedule(i.context);
	}
	checkAsyncSchedule(e) {
		e.scheduleOn &&= (this.workScheduled++, e.scheduleOn.then(() => this.scheduleWork()).catch((e) => Lo(this.view.state, e)).then(() => this.workScheduled--), null);
	}
	destroy() {
		this.working && this.working();
	}
	isWorking() {
		return !!(this.working || this.workScheduled > 0);
	}
}, { eventHandlers: { focus() {
	this.scheduleWork();
} } }), Df = A.define({
	combine(e) {
		return e.length ? e[0] : null;
	},
	enables: (e) => [
		gf.state,
		Ef,
		X.contentAttributes.compute([e], (t) => {
			let n = t.facet(e);
			return n && n.name ? { "data-language": n.name } : {};
		})
	]
}), Of = class {
	constructor(e, t = []) {
		this.language = e, this.support = t, this.extension = [e, t];
	}
}, kf = A.define(), Af = A.define({ combine: (e) => {
	if (!e.length) return `  `;
	let t = e[0];
	if (!t || /\S/.test(t) || Array.from(t).some((e) => e != t[0])) throw Error(`Invalid indent unit: ` + JSON.stringify(e[0]));
	return t;
} });
function jf(e) {
	let t = e.facet(Af);
	return t.charCodeAt(0) == 9 ? e.tabSize * t.length : t.length;
}
function Mf(e, t) {
	let n = ``, r = e.tabSize, i = e.facet(Af)[0];
	if (i == `	`) {
		for (; t >= r;) n += `	`, t -= r;
		i = ` `;
	}
	for (let e = 0; e < t; e++) n += i;
	return n;
}
function Nf(e, t) {
	e instanceof F && (e = new Pf(e));
	for (let n of e.state.facet(kf)) {
		let r = n(e, t);
		if (r !== void 0) return r;
	}
	let n = Z(e.state);
	return n.length >= t ? If(e, n, t) : null;
}
var Pf = class {
	constructor(e, t = {}) {
		this.state = e, this.options = t, this.unit = jf(e);
	}
	lineAt(e, t = 1) {
		let n = this.state.doc.lineAt(e), { simulateBreak: r, simulateDoubleBreak: i } = this.options;
		return r != null && r >= n.from && r <= n.to ? i && r == e ? {
			text: ``,
			from: e
		} : (t < 0 ? r < e : r <= e) ? {
			text: n.text.slice(r - n.from),
			from: r
		} : {
			text: n.text.slice(0, r - n.from),
			from: n.from
		} : n;
	}
	textAfterPos(e, t = 1) {
		if (this.options.simulateDoubleBreak && e == this.options.simulateBreak) return ``;
		let { text: n, from: r } = this.lineAt(e, t);
		return n.slice(e - r, Math.min(n.length, e + 100 - r));
	}
	column(e, t = 1) {
		let { text: n, from: r } = this.lineAt(e, t), i = this.countColumn(n, e - r), a = this.options.overrideIndentation ? this.options.overrideIndentation(r) : -1;
		return a > -1 && (i += a - this.countColumn(n, n.search(/\S|$/))), i;
	}
	countColumn(e, t = e.length) {
		return Ri(e, this.state.tabSize, t);
	}
	lineIndent(e, t = 1) {
		let { text: n, from: r } = this.lineAt(e, t), i = this.options.overrideIndentation;
		if (i) {
			let e = i(r);
			if (e > -1) return e;
		}
		return this.countColumn(n, n.search(/\S|$/));
	}
	get simulatedBreak() {
		return this.options.simulateBreak || null;
	}
}, Ff = new r();
function If(e, t, n) {
	let r = t.resolveStack(n), i = t.resolveInner(n, -1).resolve(n, 0).enterUnfinishedNodesBefore(n);
	if (i != r.node) {
		let e = [];
		for (let t = i; t && !(t.from < r.node.from || t.to > r.node.to || t.from == r.node.from && t.type == r.node.type); t = t.parent) e.push(t);
		for (let t = e.length - 1; t >= 0; t--) r = {
			node: e[t],
			next: r
		};
	}
	return Lf(r, e, n);
}
function Lf(e, t, n) {
	for (let r = e; r; r = r.next) {
		let e = zf(r.node);
		if (e) return e(Vf.create(t, n, r));
	}
	return 0;
}
function Rf(e) {
	return e.pos == e.options.simulateBreak && e.options.simulateDoubleBreak;
}
function zf(e) {
	let t = e.type.prop(Ff);
	if (t) return t;
	let n = e.firstChild, i;
	if (n && (i = n.type.prop(r.closedBy))) {
		let t = e.lastChild, n = t && i.indexOf(t.name) > -1;
		return (e) => Gf(e, !0, 1, void 0, n && !Rf(e) ? t.from : void 0);
	}
	return e.parent == null ? Bf : null;
}
function Bf() {
	return 0;
}
var Vf = class e extends Pf {
	constructor(e, t, n) {
		super(e.state, e.options), this.base = e, this.pos = t, this.context = n;
	}
	get node() {
		return this.context.node;
	}
	static create(t, n, r) {
		return new e(t, n, r);
	}
	get textAfter() {
		return this.textAfterPos(this.pos);
	}
	get baseIndent() {
		return this.baseIndentFor(this.node);
	}
	baseIndentFor(e) {
		let t = this.state.doc.lineAt(e.from);
		for (;;) {
			let n = e.resolve(t.from);
			for (; n.parent && n.parent.from == n.from;) n = n.parent;
			if (Hf(n, e)) break;
			t = this.state.doc.lineAt(n.from);
		}
		return this.lineIndent(t.from);
	}
	continue() {
		return Lf(this.context.next, this.base, this.pos);
	}
};
function Hf(e, t) {
	for (let n = t; n; n = n.parent) if (e == n) return !0;
	return !1;
}
function Uf(e) {
	let t = e.node, n = t.childAfter(t.from), r = t.lastChild;
	if (!n) return null;
	let i = e.options.simulateBreak, a = e.state.doc.lineAt(n.from), o = i == null || i <= a.from ? a.to : Math.min(a.to, i);
	for (let e = n.to;;) {
		let i = t.childAfter(e);
		if (!i || i == r) return null;
		if (!i.type.isSkipped) {
			if (i.from >= o) return null;
			let e = /^ */.exec(a.text.slice(n.to - a.from))[0].length;
			return {
				from: n.from,
				to: n.to + e
			};
		}
		e = i.to;
	}
}
function Wf({ closing: e, align: t = !0, units: n = 1 }) {
	return (r) => Gf(r, t, n, e);
}
function Gf(e, t, n, r, i) {
	let a = e.textAfter, o = a.match(/^\s*/)[0].length, s = r && a.slice(o, o + r.length) == r || i == e.pos + o, c = t ? Uf(e) : null;
	return c ? s ? e.column(c.from) : e.column(c.to) : e.baseIndent + (s ? 0 : e.unit * n);
}
var Kf = 200;
function qf() {
	return F.transactionFilter.of((e) => {
		if (!e.docChanged || !e.isUserEvent(`input.type`) && !e.isUserEvent(`input.complete`)) return e;
		let t = e.startState.languageDataAt(`indentOnInput`, e.startState.selection.main.head);
		if (!t.length) return e;
		let n = e.newDoc, { head: r } = e.newSelection.main, i = n.lineAt(r);
		if (r > i.from + Kf) return e;
		let a = n.sliceString(i.from, r);
		if (!t.some((e) => e.test(a))) return e;
		let { state: o } = e, s = -1, c = [];
		for (let { head: e } of o.selection.ranges) {
			let t = o.doc.lineAt(e);
			if (t.from == s) continue;
			s = t.from;
			let n = Nf(o, t.from);
			if (n == null) continue;
			let r = /^\s*/.exec(t.text)[0], i = Mf(o, n);
			r != i && c.push({
				from: t.from,
				to: t.from + r.length,
				insert: i
			});
		}
		return c.length ? [e, {
			changes: c,
			sequential: !0
		}] : e;
	});
}
var Jf = A.define(), Yf = new r();
function Xf(e) {
	let t = e.firstChild, n = e.lastChild;
	return t && t.to < n.from ? {
		from: t.to,
		to: n.type.isError ? e.to : n.from
	} : null;
}
function Zf(e, t, n) {
	let r = Z(e);
	if (r.length < n) return null;
	let i = r.resolveStack(n, 1), a = null;
	for (let o = i; o; o = o.next) {
		let i = o.node;
		if (i.to <= n || i.from > n) continue;
		if (a && i.from < t) break;
		let s = i.type.prop(Yf);
		if (s && (i.to < r.length - 50 || r.length == e.doc.length || !Qf(i))) {
			let r = s(i, e);
			r && r.from <= n && r.from >= t && r.to > n && (a = r);
		}
	}
	return a;
}
function Qf(e) {
	let t = e.lastChild;
	return t && t.to == e.to && t.type.isError;
}
function $f(e, t, n) {
	for (let r of e.facet(Jf)) {
		let i = r(e, t, n);
		if (i) return i;
	}
	return Zf(e, t, n);
}
function ep(e, t) {
	let n = t.mapPos(e.from, 1), r = t.mapPos(e.to, -1);
	return n >= r ? void 0 : {
		from: n,
		to: r
	};
}
var tp = M.define({ map: ep }), np = M.define({ map: ep });
function rp(e) {
	let t = [];
	for (let { head: n } of e.state.selection.ranges) t.some((e) => e.from <= n && e.to >= n) || t.push(e.lineBlockAt(n));
	return t;
}
var ip = j.define({
	create() {
		return H.none;
	},
	update(e, t) {
		t.isUserEvent(`delete`) && t.changes.iterChangedRanges((t, n) => e = ap(e, t, n)), e = e.map(t.changes);
		let n = [];
		for (let r of t.effects) r.is(tp) && !sp(e, r.value.from, r.value.to) ? n.push(r.value) : r.is(np) && (e = e.update({
			filter: (e, t) => r.value.from != e || r.value.to != t,
			filterFrom: r.value.from,
			filterTo: r.value.to
		}));
		if (n.length) {
			let { preparePlaceholder: r } = t.state.facet(mp), i = n.map((e) => (r ? H.replace({ widget: new vp(r(t.state, e)) }) : _p).range(e.from, e.to));
			e = e.update({ add: i });
		}
		return t.selection && (e = ap(e, t.selection.main.head)), e;
	},
	provide: (e) => X.decorations.from(e),
	toJSON(e, t) {
		let n = [];
		return e.between(0, t.doc.length, (e, t) => {
			n.push(e, t);
		}), n;
	},
	fromJSON(e) {
		if (!Array.isArray(e) || e.length % 2) throw RangeError(`Invalid JSON for fold state`);
		let t = [];
		for (let n = 0; n < e.length;) {
			let r = e[n++], i = e[n++];
			if (typeof r != `number` || typeof i != `number`) throw RangeError(`Invalid JSON for fold state`);
			t.push(_p.range(r, i));
		}
		return H.set(t, !0);
	}
});
function ap(e, t, n = t) {
	let r = !1;
	return e.between(t, n, (e, i) => {
		e < n && i > t && (r = !0);
	}), r ? e.update({
		filterFrom: t,
		filterTo: n,
		filter: (e, r) => e >= n || r <= t
	}) : e;
}
function op(e, t, n) {
	var r;
	let i = null;
	return (r = e.field(ip, !1)) == null || r.between(t, n, (e, t) => {
		(!i || i.from > e) && (i = {
			from: e,
			to: t
		});
	}), i;
}
function sp(e, t, n) {
	let r = !1;
	return e.between(t, t, (e, i) => {
		e == t && i == n && (r = !0);
	}), r;
}
function cp(e, t) {
	return e.field(ip, !1) ? t : t.concat(M.appendConfig.of(hp()));
}
var lp = (e) => {
	for (let t of rp(e)) {
		let n = $f(e.state, t.from, t.to);
		if (n) return e.dispatch({ effects: cp(e.state, [tp.of(n), dp(e, n)]) }), !0;
	}
	return !1;
}, up = (e) => {
	if (!e.state.field(ip, !1)) return !1;
	let t = [];
	for (let n of rp(e)) {
		let r = op(e.state, n.from, n.to);
		r && t.push(np.of(r), dp(e, r, !1));
	}
	return t.length && e.dispatch({ effects: t }), t.length > 0;
};
function dp(e, t, n = !0) {
	let r = e.state.doc.lineAt(t.from).number, i = e.state.doc.lineAt(t.to).number;
	return X.announce.of(`${e.state.phrase(n ? `Folded lines` : `Unfolded lines`)} ${r} ${e.state.phrase(`to`)} ${i}.`);
}
var fp = [
	{
		key: `Ctrl-Shift-[`,
		mac: `Cmd-Alt-[`,
		run: lp
	},
	{
		key: `Ctrl-Shift-]`,
		mac: `Cmd-Alt-]`,
		run: up
	},
	{
		key: `Ctrl-Alt-[`,
		run: (e) => {
			let { state: t } = e, n = [];
			for (let r = 0; r < t.doc.length;) {
				let i = e.lineBlockAt(r), a = $f(t, i.from, i.to);
				a && n.push(tp.of(a)), r = (a ? e.lineBlockAt(a.to) : i).to + 1;
			}
			return n.length && e.dispatch({ effects: cp(e.state, n) }), !!n.length;
		}
	},
	{
		key: `Ctrl-Alt-]`,
		run: (e) => {
			let t = e.state.field(ip, !1);
			if (!t || !t.size) return !1;
			let n = [];
			return t.between(0, e.state.doc.length, (e, t) => {
				n.push(np.of({
					from: e,
					to: t
				}));
			}), e.dispatch({ effects: n }), !0;
		}
	}
], pp = {
	placeholderDOM: null,
	preparePlaceholder: null,
	placeholderText: `…`
}, mp = A.define({ combine(e) {
	return yi(e, pp);
} });
function hp(e) {
	let t = [ip, Sp];
	return e && t.push(mp.of(e)), t;
}
function gp(e, t) {
	let { state: n } = e, r = n.facet(mp), i = (t) => {
		let n = e.lineBlockAt(e.posAtDOM(t.target)), r = op(e.state, n.from, n.to);
		r && e.dispatch({ effects: np.of(r) }), t.preventDefault();
	};
	if (r.placeholderDOM) return r.placeholderDOM(e, i, t);
	let a = document.createElement(`span`);
	return a.textContent = r.placeholderText, a.setAttribute(`aria-label`, n.phrase(`folded code`)), a.title = n.phrase(`unfold`), a.className = `cm-foldPlaceholder`, a.onclick = i, a;
}
var _p = H.replace({ widget: new class extends _a {
	toDOM(e) {
		return gp(e, null);
	}
}() }), vp = class extends _a {
	constructor(e) {
		super(), this.value = e;
	}
	eq(e) {
		return this.value == e.value;
	}
	toDOM(e) {
		return gp(e, this.value);
	}
}, yp = {
	openText: `⌄`,
	closedText: `›`,
	markerDOM: null,
	domEventHandlers: {},
	foldingChanged: () => !1
}, bp = class extends Bd {
	constructor(e, t) {
		super(), this.config = e, this.open = t;
	}
	eq(e) {
		return this.config == e.config && this.open == e.open;
	}
	toDOM(e) {
		if (this.config.markerDOM) return this.config.markerDOM(this.open);
		let t = document.createElement(`span`);
		return t.textContent = this.open ? this.config.openText : this.config.closedText, t.title = e.state.phrase(this.open ? `Fold line` : `Unfold line`), t;
	}
};
function xp(e = {}) {
	let t = {
		...yp,
		...e
	}, n = new bp(t, !0), r = new bp(t, !1), i = K.fromClass(class {
		constructor(e) {
			this.from = e.viewport.from, this.markers = this.buildMarkers(e);
		}
		update(e) {
			(e.docChanged || e.viewportChanged || e.startState.facet(Df) != e.state.facet(Df) || e.startState.field(ip, !1) != e.state.field(ip, !1) || Z(e.startState) != Z(e.state) || t.foldingChanged(e)) && (this.markers = this.buildMarkers(e.view));
		}
		buildMarkers(e) {
			let t = new Di();
			for (let i of e.viewportLineBlocks) {
				let a = op(e.state, i.from, i.to) ? r : $f(e.state, i.from, i.to) ? n : null;
				a && t.add(i.from, i.from, a);
			}
			return t.finish();
		}
	}), { domEventHandlers: a } = t;
	return [
		i,
		Gd({
			class: `cm-foldGutter`,
			markers(e) {
				return e.plugin(i)?.markers || I.empty;
			},
			initialSpacer() {
				return new bp(t, !1);
			},
			domEventHandlers: {
				...a,
				click: (e, t, n) => {
					if (a.click && a.click(e, t, n)) return !0;
					let r = op(e.state, t.from, t.to);
					if (r) return e.dispatch({ effects: np.of(r) }), !0;
					let i = $f(e.state, t.from, t.to);
					return i ? (e.dispatch({ effects: tp.of(i) }), !0) : !1;
				}
			}
		}),
		hp()
	];
}
var Sp = X.baseTheme({
	".cm-foldPlaceholder": {
		backgroundColor: `#eee`,
		border: `1px solid #ddd`,
		color: `#888`,
		borderRadius: `.2em`,
		margin: `0 1px`,
		padding: `0 1px`,
		cursor: `pointer`
	},
	".cm-foldGutter span": {
		padding: `0 1px`,
		cursor: `pointer`
	}
}), Cp = class e {
	constructor(e, t) {
		this.specs = e;
		let n;
		function r(e) {
			let t = Wi.newName();
			return (n ||= Object.create(null))[`.` + t] = e, t;
		}
		let i = typeof t.all == `string` ? t.all : t.all ? r(t.all) : void 0, a = t.scope;
		this.scope = a instanceof gf ? (e) => e.prop(pf) == a.data : a ? (e) => e == a : void 0, this.style = Xe(e.map((e) => ({
			tag: e.tag,
			class: e.class || r(Object.assign({}, e, { tag: null }))
		})), { all: i }).style, this.module = n ? new Wi(n) : null, this.themeType = t.themeType;
	}
	static define(t, n) {
		return new e(t, n || {});
	}
}, wp = A.define(), Tp = A.define({ combine(e) {
	return e.length ? [e[0]] : null;
} });
function Ep(e) {
	let t = e.facet(wp);
	return t.length ? t : e.facet(Tp);
}
function Dp(e, t) {
	let n = [kp], r;
	return e instanceof Cp && (e.module && n.push(X.styleModule.of(e.module)), r = e.themeType), t?.fallback ? n.push(Tp.of(e)) : r ? n.push(wp.computeN([X.darkTheme], (t) => t.facet(X.darkTheme) == (r == `dark`) ? [e] : [])) : n.push(wp.of(e)), n;
}
var Op = class {
	constructor(e) {
		this.markCache = Object.create(null), this.tree = Z(e.state), this.decorations = this.buildDeco(e, Ep(e.state)), this.decoratedTo = e.viewport.to;
	}
	update(e) {
		let t = Z(e.state), n = Ep(e.state), r = n != Ep(e.startState), { viewport: i } = e.view, a = e.changes.mapPos(this.decoratedTo, 1);
		t.length < i.to && !r && t.type == this.tree.type && a >= i.to ? (this.decorations = this.decorations.map(e.changes), this.decoratedTo = a) : (t != this.tree || e.viewportChanged || r) && (this.tree = t, this.decorations = this.buildDeco(e.view, n), this.decoratedTo = i.to);
	}
	buildDeco(e, t) {
		if (!t || !this.tree.length) return H.none;
		let n = new Di();
		for (let { from: r, to: i } of e.visibleRanges) Qe(this.tree, t, (e, t, r) => {
			n.add(e, t, this.markCache[r] || (this.markCache[r] = H.mark({ class: r })));
		}, r, i);
		return n.finish();
	}
}, kp = Ur.high(K.fromClass(Op, { decorations: (e) => e.decorations })), Ap = Cp.define([
	{
		tag: C.meta,
		color: `#404740`
	},
	{
		tag: C.link,
		textDecoration: `underline`
	},
	{
		tag: C.heading,
		textDecoration: `underline`,
		fontWeight: `bold`
	},
	{
		tag: C.emphasis,
		fontStyle: `italic`
	},
	{
		tag: C.strong,
		fontWeight: `bold`
	},
	{
		tag: C.strikethrough,
		textDecoration: `line-through`
	},
	{
		tag: C.keyword,
		color: `#708`
	},
	{
		tag: [
			C.atom,
			C.bool,
			C.url,
			C.contentSeparator,
			C.labelName
		],
		color: `#219`
	},
	{
		tag: [C.literal, C.inserted],
		color: `#164`
	},
	{
		tag: [C.string, C.deleted],
		color: `#a11`
	},
	{
		tag: [
			C.regexp,
			C.escape,
			C.special(C.string)
		],
		color: `#e40`
	},
	{
		tag: C.definition(C.variableName),
		color: `#00f`
	},
	{
		tag: C.local(C.variableName),
		color: `#30a`
	},
	{
		tag: [C.typeName, C.namespace],
		color: `#085`
	},
	{
		tag: C.className,
		color: `#167`
	},
	{
		tag: [C.special(C.variableName), C.macroName],
		color: `#256`
	},
	{
		tag: C.definition(C.propertyName),
		color: `#00c`
	},
	{
		tag: C.comment,
		color: `#940`
	},
	{
		tag: C.invalid,
		color: `#f00`
	}
]), jp = X.baseTheme({
	"&.cm-focused .cm-matchingBracket": { backgroundColor: `#328c8252` },
	"&.cm-focused .cm-nonmatchingBracket": { backgroundColor: `#bb555544` }
}), Mp = 1e4, Np = `()[]{}`, Pp = A.define({ combine(e) {
	return yi(e, {
		afterCursor: !0,
		brackets: Np,
		maxScanDistance: Mp,
		renderMatch: Lp
	});
} }), Fp = H.mark({ class: `cm-matchingBracket` }), Ip = H.mark({ class: `cm-nonmatchingBracket` });
function Lp(e) {
	let t = [], n = e.matched ? Fp : Ip;
	return t.push(n.range(e.start.from, e.start.to)), e.end && t.push(n.range(e.end.from, e.end.to)), t;
}
function Rp(e) {
	let t = [], n = e.facet(Pp);
	for (let r of e.selection.ranges) {
		if (!r.empty) continue;
		let i = Wp(e, r.head, -1, n) || r.head > 0 && Wp(e, r.head - 1, 1, n) || n.afterCursor && (Wp(e, r.head, 1, n) || r.head < e.doc.length && Wp(e, r.head + 1, -1, n));
		i && (t = t.concat(n.renderMatch(i, e)));
	}
	return H.set(t, !0);
}
var zp = [K.fromClass(class {
	constructor(e) {
		this.paused = !1, this.decorations = Rp(e.state);
	}
	update(e) {
		(e.docChanged || e.selectionSet || this.paused) && (e.view.composing ? (this.decorations = this.decorations.map(e.changes), this.paused = !0) : (this.decorations = Rp(e.state), this.paused = !1));
	}
}, { decorations: (e) => e.decorations }), jp];
function Bp(e = {}) {
	return [Pp.of(e), zp];
}
var Vp = new r();
function Hp(e, t, n) {
	let i = e.prop(t < 0 ? r.openedBy : r.closedBy);
	if (i) return i;
	if (e.name.length == 1) {
		let r = n.indexOf(e.name);
		if (r > -1 && r % 2 == +(t < 0)) return [n[r + t]];
	}
	return null;
}
function Up(e) {
	let t = e.type.prop(Vp);
	return t ? t(e.node) : e;
}
function Wp(e, t, n, r = {}) {
	let i = r.maxScanDistance || Mp, a = r.brackets || Np, o = Z(e), s = o.resolveInner(t, n);
	for (let r = s; r; r = r.parent) {
		let i = Hp(r.type, n, a);
		if (i && r.from < r.to) {
			let o = Up(r);
			if (o && (n > 0 ? t >= o.from && t < o.to : t > o.from && t <= o.to)) return Gp(e, t, n, r, o, i, a);
		}
	}
	return Kp(e, t, n, o, s.type, i, a);
}
function Gp(e, t, n, r, i, a, o) {
	let s = r.parent, c = {
		from: i.from,
		to: i.to
	}, l = 0, u = s?.cursor();
	if (u && (n < 0 ? u.childBefore(r.from) : u.childAfter(r.to))) do
		if (n < 0 ? u.to <= r.from : u.from >= r.to) {
			if (l == 0 && a.indexOf(u.type.name) > -1 && u.from < u.to) {
				let e = Up(u);
				return {
					start: c,
					end: e ? {
						from: e.from,
						to: e.to
					} : void 0,
					matched: !0
				};
			}
			if (Hp(u.type, n, o)) l++;
			else if (Hp(u.type, -n, o)) {
				if (l == 0) {
					let e = Up(u);
					return {
						start: c,
						end: e && e.from < e.to ? {
							from: e.from,
							to: e.to
						} : void 0,
						matched: !1
					};
				}
				l--;
			}
		}
	while (n < 0 ? u.prevSibling() : u.nextSibling());
	return {
		start: c,
		matched: !1
	};
}
function Kp(e, t, n, r, i, a, o) {
	if (n < 0 ? !t : t == e.doc.length) return null;
	let s = n < 0 ? e.sliceDoc(t - 1, t) : e.sliceDoc(t, t + 1), c = o.indexOf(s);
	if (c < 0 || c % 2 == 0 != n > 0) return null;
	let l = {
		from: n < 0 ? t - 1 : t,
		to: n > 0 ? t + 1 : t
	}, u = e.doc.iterRange(t, n > 0 ? e.doc.length : 0), d = 0;
	for (let e = 0; !u.next().done && e <= a;) {
		let a = u.value;
		n < 0 && (e += a.length);
		let s = t + e * n;
		for (let e = n > 0 ? 0 : a.length - 1, t = n > 0 ? a.length : -1; e != t; e += n) {
			let t = o.indexOf(a[e]);
			if (!(t < 0 || r.resolveInner(s + e, 1).type != i)) {
				if (t % 2 == 0 == n > 0) d++;
				else if (d == 1) return {
					start: l,
					end: {
						from: s + e,
						to: s + e + 1
					},
					matched: t >> 1 == c >> 1
				};
				else d--;
			}
		}
		n > 0 && (e += a.length);
	}
	return u.done ? {
		start: l,
		matched: !1
	} : null;
}
var qp = Object.create(null), Jp = [o.none], Yp = [], Xp = Object.create(null), Zp = Object.create(null);
for (let [e, t] of [
	[`variable`, `variableName`],
	[`variable-2`, `variableName.special`],
	[`string-2`, `string.special`],
	[`def`, `variableName.definition`],
	[`tag`, `tagName`],
	[`attribute`, `attributeName`],
	[`type`, `typeName`],
	[`builtin`, `variableName.standard`],
	[`qualifier`, `modifier`],
	[`error`, `invalid`],
	[`header`, `heading`],
	[`property`, `propertyName`]
]) Zp[e] = $p(qp, t);
function Qp(e, t) {
	Yp.indexOf(e) > -1 || (Yp.push(e), console.warn(t));
}
function $p(e, t) {
	let n = [];
	for (let r of t.split(` `)) {
		let t = [];
		for (let n of r.split(`.`)) {
			let r = e[n] || C[n];
			r ? typeof r == `function` ? t.length ? t = t.map(r) : Qp(n, `Modifier ${n} used at start of tag`) : t.length ? Qp(n, `Tag ${n} used as modifier`) : t = Array.isArray(r) ? r : [r] : Qp(n, `Unknown highlighting tag ${n}`);
		}
		for (let e of t) n.push(e);
	}
	if (!n.length) return 0;
	let r = t.replace(/ /g, `_`), i = r + ` ` + n.map((e) => e.id), a = Xp[i];
	if (a) return a.id;
	let s = Xp[i] = o.define({
		id: Jp.length,
		name: r,
		props: [qe({ [r]: n })]
	});
	return Jp.push(s), s.id;
}
W.RTL, W.LTR;
var em = class {
	constructor(e, t, n, r) {
		this.state = e, this.pos = t, this.explicit = n, this.view = r, this.abortListeners = [], this.abortOnDocChange = !1;
	}
	tokenBefore(e) {
		let t = Z(this.state).resolveInner(this.pos, -1);
		for (; t && e.indexOf(t.name) < 0;) t = t.parent;
		return t ? {
			from: t.from,
			to: this.pos,
			text: this.state.sliceDoc(t.from, this.pos),
			type: t.type
		} : null;
	}
	matchBefore(e) {
		let t = this.state.doc.lineAt(this.pos), n = Math.max(t.from, this.pos - 250), r = t.text.slice(n - t.from, this.pos - t.from), i = r.search(sm(e, !1));
		return i < 0 ? null : {
			from: n + i,
			to: this.pos,
			text: r.slice(i)
		};
	}
	get aborted() {
		return this.abortListeners == null;
	}
	addEventListener(e, t, n) {
		e == `abort` && this.abortListeners && (this.abortListeners.push(t), n && n.onDocChange && (this.abortOnDocChange = !0));
	}
};
function tm(e) {
	let t = Object.keys(e).join(``), n = /\w/.test(t);
	return n && (t = t.replace(/\w/g, ``)), `[${n ? `\\w` : ``}${t.replace(/[^\w\s]/g, `\\$&`)}]`;
}
function nm(e) {
	let t = Object.create(null), n = Object.create(null);
	for (let { label: r } of e) {
		t[r[0]] = !0;
		for (let e = 1; e < r.length; e++) n[r[e]] = !0;
	}
	let r = tm(t) + tm(n) + `*$`;
	return [RegExp(`^` + r), new RegExp(r)];
}
function rm(e) {
	let t = e.map((e) => typeof e == `string` ? { label: e } : e), [n, r] = t.every((e) => /^\w+$/.test(e.label)) ? [/\w*$/, /\w+$/] : nm(t);
	return (e) => {
		let i = e.matchBefore(r);
		return i || e.explicit ? {
			from: i ? i.from : e.pos,
			options: t,
			validFor: n
		} : null;
	};
}
function im(e, t) {
	return (n) => {
		for (let t = Z(n.state).resolveInner(n.pos, -1); t; t = t.parent) {
			if (e.indexOf(t.name) > -1) return null;
			if (t.type.isTop) break;
		}
		return t(n);
	};
}
var am = class {
	constructor(e, t, n, r) {
		this.completion = e, this.source = t, this.match = n, this.score = r;
	}
};
function om(e) {
	return e.selection.main.from;
}
function sm(e, t) {
	let { source: n } = e, r = t && n[0] != `^`, i = n[n.length - 1] != `$`;
	return !r && !i ? e : RegExp(`${r ? `^` : ``}(?:${n})${i ? `$` : ``}`, e.flags ?? (e.ignoreCase ? `i` : ``));
}
var cm = ii.define();
function lm(e, t, n, r) {
	let { main: i } = e.selection, a = n - i.from, o = r - i.from;
	return {
		...e.changeByRange((s) => {
			if (s != i && n != r && e.sliceDoc(s.from + a, s.from + o) != e.sliceDoc(n, r)) return { range: s };
			let c = e.toText(t);
			return {
				changes: {
					from: s.from + a,
					to: r == i.from ? s.to : s.from + o,
					insert: c
				},
				range: k.cursor(s.from + a + c.length)
			};
		}),
		scrollIntoView: !0,
		userEvent: `input.complete`
	};
}
var um = /* @__PURE__ */ new WeakMap();
function dm(e) {
	if (!Array.isArray(e)) return e;
	let t = um.get(e);
	return t || um.set(e, t = rm(e)), t;
}
var fm = M.define(), pm = M.define(), mm = class {
	constructor(e) {
		this.pattern = e, this.chars = [], this.folded = [], this.any = [], this.precise = [], this.byWord = [], this.score = 0, this.matched = [];
		for (let t = 0; t < e.length;) {
			let n = E(e, t), r = Cr(n);
			this.chars.push(n);
			let i = e.slice(t, t + r), a = i.toUpperCase();
			this.folded.push(E(a == i ? i.toLowerCase() : a, 0)), t += r;
		}
		this.astral = e.length != this.chars.length;
	}
	ret(e, t) {
		return this.score = e, this.matched = t, this;
	}
	match(e) {
		if (this.pattern.length == 0) return this.ret(-100, []);
		if (e.length < this.pattern.length) return null;
		let { chars: t, folded: n, any: r, precise: i, byWord: a } = this;
		if (t.length == 1) {
			let r = E(e, 0), i = Cr(r), a = i == e.length ? 0 : -100;
			if (r != t[0]) {
				if (r == n[0]) a += -200;
				else return null;
			}
			return this.ret(a, [0, i]);
		}
		let o = e.indexOf(this.pattern);
		if (o == 0) return this.ret(e.length == this.pattern.length ? 0 : -100, [0, this.pattern.length]);
		let s = t.length, c = 0;
		if (o < 0) {
			for (let i = 0, a = Math.min(e.length, 200); i < a && c < s;) {
				let a = E(e, i);
				(a == t[c] || a == n[c]) && (r[c++] = i), i += Cr(a);
			}
			if (c < s) return null;
		}
		let l = 0, u = 0, d = !1, f = 0, p = -1, m = -1, h = /[a-z]/.test(e), g = !0;
		for (let r = 0, c = Math.min(e.length, 200), _ = 0; r < c && u < s;) {
			let c = E(e, r);
			o < 0 && (l < s && c == t[l] && (i[l++] = r), f < s && (c == t[f] || c == n[f] ? (f == 0 && (p = r), m = r + 1, f++) : f = 0));
			let v, y = c < 255 ? c >= 48 && c <= 57 || c >= 97 && c <= 122 ? 2 : +(c >= 65 && c <= 90) : (v = Sr(c)) == v.toLowerCase() ? v == v.toUpperCase() ? 0 : 2 : 1;
			(!r || y == 1 && h || _ == 0 && y != 0) && (t[u] == c || n[u] == c && (d = !0) ? a[u++] = r : a.length && (g = !1)), _ = y, r += Cr(c);
		}
		return u == s && a[0] == 0 && g ? this.result(-100 + (d ? -200 : 0), a, e) : f == s && p == 0 ? this.ret(-200 - e.length + (m == e.length ? 0 : -100), [0, m]) : o > -1 ? this.ret(-700 - e.length, [o, o + this.pattern.length]) : f == s ? this.ret(-900 - e.length, [p, m]) : u == s ? this.result(-100 + (d ? -200 : 0) + -700 + (g ? 0 : -1100), a, e) : t.length == 2 ? null : this.result((r[0] ? -700 : 0) + -200 + -1100, r, e);
	}
	result(e, t, n) {
		let r = [], i = 0;
		for (let e of t) {
			let t = e + (this.astral ? Cr(E(n, e)) : 1);
			i && r[i - 1] == e ? r[i - 1] = t : (r[i++] = e, r[i++] = t);
		}
		return this.ret(e - n.length, r);
	}
}, hm = class {
	constructor(e) {
		this.pattern = e, this.matched = [], this.score = 0, this.folded = e.toLowerCase();
	}
	match(e) {
		if (e.length < this.pattern.length) return null;
		let t = e.slice(0, this.pattern.length), n = t == this.pattern ? 0 : t.toLowerCase() == this.folded ? -200 : null;
		return n == null ? null : (this.matched = [0, t.length], this.score = n + (e.length == this.pattern.length ? 0 : -100), this);
	}
}, Q = A.define({ combine(e) {
	return yi(e, {
		activateOnTyping: !0,
		activateOnCompletion: () => !1,
		activateOnTypingDelay: 100,
		selectOnOpen: !0,
		override: null,
		closeOnBlur: !0,
		maxRenderedOptions: 100,
		defaultKeymap: !0,
		tooltipClass: () => ``,
		optionClass: () => ``,
		aboveCursor: !1,
		icons: !0,
		addToOptions: [],
		positionInfo: _m,
		filterStrict: !1,
		compareCompletions: (e, t) => (e.sortText || e.label).localeCompare(t.sortText || t.label),
		interactionDelay: 75,
		updateSyncTime: 100
	}, {
		defaultKeymap: (e, t) => e && t,
		closeOnBlur: (e, t) => e && t,
		icons: (e, t) => e && t,
		tooltipClass: (e, t) => (n) => gm(e(n), t(n)),
		optionClass: (e, t) => (n) => gm(e(n), t(n)),
		addToOptions: (e, t) => e.concat(t),
		filterStrict: (e, t) => e || t
	});
} });
function gm(e, t) {
	return e ? t ? e + ` ` + t : e : t;
}
function _m(e, t, n, r, i, a) {
	let o = e.textDirection == W.RTL, s = o, c = !1, l = `top`, u, d, f = t.left - i.left, p = i.right - t.right, m = r.right - r.left, h = r.bottom - r.top;
	if (s && f < Math.min(m, p) ? s = !1 : !s && p < Math.min(m, f) && (s = !0), m <= (s ? f : p)) u = Math.max(i.top, Math.min(n.top, i.bottom - h)) - t.top, d = Math.min(400, s ? f : p);
	else {
		c = !0, d = Math.min(400, (o ? t.right : i.right - t.left) - 30);
		let e = i.bottom - t.bottom;
		e >= h || e > t.top ? u = n.bottom - t.top : (l = `bottom`, u = t.bottom - n.top);
	}
	let g = (t.bottom - t.top) / a.offsetHeight, _ = (t.right - t.left) / a.offsetWidth;
	return {
		style: `${l}: ${u / g}px; max-width: ${d / _}px`,
		class: `cm-completionInfo-` + (c ? o ? `left-narrow` : `right-narrow` : s ? `left` : `right`)
	};
}
var vm = M.define();
function ym(e) {
	let t = e.addToOptions.slice();
	return e.icons && t.push({
		render(e) {
			let t = document.createElement(`div`);
			return t.classList.add(`cm-completionIcon`), e.type && t.classList.add(...e.type.split(/\s+/g).map((e) => `cm-completionIcon-` + e)), t.setAttribute(`aria-hidden`, `true`), t;
		},
		position: 20
	}), t.push({
		render(e, t, n, r) {
			let i = document.createElement(`span`);
			i.className = `cm-completionLabel`;
			let a = e.displayLabel || e.label, o = 0;
			for (let e = 0; e < r.length;) {
				let t = r[e++], n = r[e++];
				t > o && i.appendChild(document.createTextNode(a.slice(o, t)));
				let s = i.appendChild(document.createElement(`span`));
				s.appendChild(document.createTextNode(a.slice(t, n))), s.className = `cm-completionMatchedText`, o = n;
			}
			return o < a.length && i.appendChild(document.createTextNode(a.slice(o))), i;
		},
		position: 50
	}, {
		render(e) {
			if (!e.detail) return null;
			let t = document.createElement(`span`);
			return t.className = `cm-completionDetail`, t.textContent = e.detail, t;
		},
		position: 80
	}), t.sort((e, t) => e.position - t.position).map((e) => e.render);
}
function bm(e, t, n) {
	if (e <= n) return {
		from: 0,
		to: e
	};
	if (t < 0 && (t = 0), t <= e >> 1) {
		let e = Math.floor(t / n);
		return {
			from: e * n,
			to: (e + 1) * n
		};
	}
	let r = Math.ceil((e - t) / n);
	return {
		from: e - r * n,
		to: e - (r - 1) * n
	};
}
var xm = class {
	constructor(e, t, n) {
		this.view = e, this.stateField = t, this.applyCompletion = n, this.info = null, this.infoDestroy = null, this.placeInfoReq = {
			read: () => this.measureInfo(),
			write: (e) => this.placeInfo(e),
			key: this
		}, this.space = null, this.currentClass = ``;
		let r = e.state.field(t), { options: i, selected: a } = r.open, o = e.state.facet(Q);
		this.optionContent = ym(o), this.optionClass = o.optionClass, this.tooltipClass = o.tooltipClass, this.range = bm(i.length, a, o.maxRenderedOptions), this.dom = document.createElement(`div`), this.dom.className = `cm-tooltip-autocomplete`, this.updateTooltipClass(e.state), this.dom.addEventListener(`mousedown`, (n) => {
			let { options: r } = e.state.field(t).open;
			for (let t = n.target, i; t && t != this.dom; t = t.parentNode) if (t.nodeName == `LI` && (i = /-(\d+)$/.exec(t.id)) && +i[1] < r.length) {
				this.applyCompletion(e, r[+i[1]]), n.preventDefault();
				return;
			}
			if (n.target == this.list) {
				let t = this.list.classList.contains(`cm-completionListIncompleteTop`) && n.clientY < this.list.firstChild.getBoundingClientRect().top ? this.range.from - 1 : this.list.classList.contains(`cm-completionListIncompleteBottom`) && n.clientY > this.list.lastChild.getBoundingClientRect().bottom ? this.range.to : null;
				t != null && (e.dispatch({ effects: vm.of(t) }), n.preventDefault());
			}
		}), this.dom.addEventListener(`focusout`, (t) => {
			let n = e.state.field(this.stateField, !1);
			n && n.tooltip && e.state.facet(Q).closeOnBlur && t.relatedTarget != e.contentDOM && e.dispatch({ effects: pm.of(null) });
		}), this.showOptions(i, r.id);
	}
	mount() {
		this.updateSel();
	}
	showOptions(e, t) {
		this.list && this.list.remove(), this.list = this.dom.appendChild(this.createListBox(e, t, this.range)), this.list.addEventListener(`scroll`, () => {
			this.info && this.view.requestMeasure(this.placeInfoReq);
		});
	}
	update(e) {
		let t = e.state.field(this.stateField), n = e.startState.field(this.stateField);
		if (this.updateTooltipClass(e.state), t != n) {
			let { options: r, selected: i, disabled: a } = t.open;
			n.open && n.open.options == r || (this.range = bm(r.length, i, e.state.facet(Q).maxRenderedOptions), this.showOptions(r, t.id)), this.updateSel(), a != n.open?.disabled && this.dom.classList.toggle(`cm-tooltip-autocomplete-disabled`, !!a);
		}
	}
	updateTooltipClass(e) {
		let t = this.tooltipClass(e);
		if (t != this.currentClass) {
			for (let e of this.currentClass.split(` `)) e && this.dom.classList.remove(e);
			for (let e of t.split(` `)) e && this.dom.classList.add(e);
			this.currentClass = t;
		}
	}
	positioned(e) {
		this.space = e, this.info && this.view.requestMeasure(this.placeInfoReq);
	}
	updateSel() {
		let e = this.view.state.field(this.stateField), t = e.open;
		(t.selected > -1 && t.selected < this.range.from || t.selected >= this.range.to) && (this.range = bm(t.options.length, t.selected, this.view.state.facet(Q).maxRenderedOptions), this.showOptions(t.options, e.id));
		let n = this.updateSelectedOption(t.selected);
		if (n) {
			this.destroyInfo();
			let { completion: r } = t.options[t.selected], { info: i } = r;
			if (!i) return;
			let a = typeof i == `string` ? document.createTextNode(i) : i(r);
			if (!a) return;
			`then` in a ? a.then((t) => {
				t && this.view.state.field(this.stateField, !1) == e && this.addInfoPane(t, r);
			}).catch((e) => Lo(this.view.state, e, `completion info`)) : (this.addInfoPane(a, r), n.setAttribute(`aria-describedby`, this.info.id));
		}
	}
	addInfoPane(e, t) {
		this.destroyInfo();
		let n = this.info = document.createElement(`div`);
		if (n.className = `cm-tooltip cm-completionInfo`, n.id = `cm-completionInfo-` + Math.floor(Math.random() * 65535).toString(16), e.nodeType != null) n.appendChild(e), this.infoDestroy = null;
		else {
			let { dom: t, destroy: r } = e;
			n.appendChild(t), this.infoDestroy = r || null;
		}
		this.dom.appendChild(n), this.view.requestMeasure(this.placeInfoReq);
	}
	updateSelectedOption(e) {
		let t = null;
		for (let n = this.list.firstChild, r = this.range.from; n; n = n.nextSibling, r++) n.nodeName != `LI` || !n.id ? r-- : r == e ? n.hasAttribute(`aria-selected`) || (n.setAttribute(`aria-selected`, `true`), t = n) : n.hasAttribute(`aria-selected`) && (n.removeAttribute(`aria-selected`), n.removeAttribute(`aria-describedby`));
		return t && Cm(this.list, t), t;
	}
	measureInfo() {
		let e = this.dom.querySelector(`[aria-selected]`);
		if (!e || !this.info) return null;
		let t = this.dom.getBoundingClientRect(), n = this.info.getBoundingClientRect(), r = e.getBoundingClientRect(), i = this.space;
		if (!i) {
			let e = this.dom.ownerDocument.documentElement;
			i = {
				left: 0,
				top: 0,
				right: e.clientWidth,
				bottom: e.clientHeight
			};
		}
		return r.top > Math.min(i.bottom, t.bottom) - 10 || r.bottom < Math.max(i.top, t.top) + 10 ? null : this.view.state.facet(Q).positionInfo(this.view, t, r, n, i, this.dom);
	}
	placeInfo(e) {
		this.info && (e ? (e.style && (this.info.style.cssText = e.style), this.info.className = `cm-tooltip cm-completionInfo ` + (e.class || ``)) : this.info.style.cssText = `top: -1e6px`);
	}
	createListBox(e, t, n) {
		let r = document.createElement(`ul`);
		r.id = t, r.setAttribute(`role`, `listbox`), r.setAttribute(`aria-expanded`, `true`), r.setAttribute(`aria-label`, this.view.state.phrase(`Completions`)), r.addEventListener(`mousedown`, (e) => {
			e.target == r && e.preventDefault();
		});
		let i = null;
		for (let a = n.from; a < n.to; a++) {
			let { completion: o, match: s } = e[a], { section: c } = o;
			if (c) {
				let e = typeof c == `string` ? c : c.name;
				if (e != i && (a > n.from || n.from == 0)) {
					if (i = e, typeof c != `string` && c.header) r.appendChild(c.header(c));
					else {
						let t = r.appendChild(document.createElement(`completion-section`));
						t.textContent = e;
					}
				}
			}
			let l = r.appendChild(document.createElement(`li`));
			l.id = t + `-` + a, l.setAttribute(`role`, `option`);
			let u = this.optionClass(o);
			u && (l.className = u);
			for (let e of this.optionContent) {
				let t = e(o, this.view.state, this.view, s);
				t && l.appendChild(t);
			}
		}
		return n.from && r.classList.add(`cm-completionListIncompleteTop`), n.to < e.length && r.classList.add(`cm-completionListIncompleteBottom`), r;
	}
	destroyInfo() {
		this.info &&= (this.infoDestroy && this.infoDestroy(), this.info.remove(), null);
	}
	destroy() {
		this.destroyInfo();
	}
};
function Sm(e, t) {
	return (n) => new xm(n, e, t);
}
function Cm(e, t) {
	let n = e.getBoundingClientRect(), r = t.getBoundingClientRect(), i = n.height / e.offsetHeight;
	r.top < n.top ? e.scrollTop -= (n.top - r.top) / i : r.bottom > n.bottom && (e.scrollTop += (r.bottom - n.bottom) / i);
}
function wm(e) {
	return (e.boost || 0) * 100 + (e.apply ? 10 : 0) + (e.info ? 5 : 0) + +!!e.type;
}
function Tm(e, t) {
	let n = [], r = null, i = null, a = (e) => {
		n.push(e);
		let { section: t } = e.completion;
		if (t) {
			r ||= [];
			let e = typeof t == `string` ? t : t.name;
			r.some((t) => t.name == e) || r.push(typeof t == `string` ? { name: e } : t);
		}
	}, o = t.facet(Q);
	for (let r of e) if (r.hasResult()) {
		let e = r.result.getMatch;
		if (r.result.filter === !1) for (let t of r.result.options) a(new am(t, r.source, e ? e(t) : [], 1e9 - n.length));
		else {
			let n = t.sliceDoc(r.from, r.to), s, c = o.filterStrict ? new hm(n) : new mm(n);
			for (let t of r.result.options) if (s = c.match(t.label)) {
				let n = t.displayLabel ? e ? e(t, s.matched) : [] : s.matched, o = s.score + (t.boost || 0);
				if (a(new am(t, r.source, n, o)), typeof t.section == `object` && t.section.rank === `dynamic`) {
					let { name: e } = t.section;
					i ||= Object.create(null), i[e] = Math.max(o, i[e] || -1e9);
				}
			}
		}
	}
	if (r) {
		let e = Object.create(null), t = 0, a = (e, t) => (e.rank === `dynamic` && t.rank === `dynamic` ? i[t.name] - i[e.name] : 0) || (typeof e.rank == `number` ? e.rank : 1e9) - (typeof t.rank == `number` ? t.rank : 1e9) || (e.name < t.name ? -1 : 1);
		for (let n of r.sort(a)) t -= 1e5, e[n.name] = t;
		for (let t of n) {
			let { section: n } = t.completion;
			n && (t.score += e[typeof n == `string` ? n : n.name]);
		}
	}
	let s = [], c = null, l = o.compareCompletions;
	for (let e of n.sort((e, t) => t.score - e.score || l(e.completion, t.completion))) {
		let t = e.completion;
		!c || c.label != t.label || c.detail != t.detail || c.type != null && t.type != null && c.type != t.type || c.apply != t.apply || c.boost != t.boost ? s.push(e) : wm(e.completion) > wm(c) && (s[s.length - 1] = e), c = e.completion;
	}
	return s;
}
var Em = class e {
	constructor(e, t, n, r, i, a) {
		this.options = e, this.attrs = t, this.tooltip = n, this.timestamp = r, this.selected = i, this.disabled = a;
	}
	setSelected(t, n) {
		return t == this.selected || t >= this.options.length ? this : new e(this.options, jm(n, t), this.tooltip, this.timestamp, t, this.disabled);
	}
	static build(t, n, r, i, a, o) {
		if (i && !o && t.some((e) => e.isPending)) return i.setDisabled();
		let s = Tm(t, n);
		if (!s.length) return i && t.some((e) => e.isPending) ? i.setDisabled() : null;
		let c = n.facet(Q).selectOnOpen ? 0 : -1;
		if (i && i.selected != c && i.selected != -1) {
			let e = i.options[i.selected].completion;
			for (let t = 0; t < s.length; t++) if (s[t].completion == e) {
				c = t;
				break;
			}
		}
		return new e(s, jm(r, c), {
			pos: t.reduce((e, t) => t.hasResult() ? Math.min(e, t.from) : e, 1e8),
			create: Bm,
			above: a.aboveCursor
		}, i ? i.timestamp : Date.now(), c, !1);
	}
	map(t) {
		return new e(this.options, this.attrs, {
			...this.tooltip,
			pos: t.mapPos(this.tooltip.pos)
		}, this.timestamp, this.selected, this.disabled);
	}
	setDisabled() {
		return new e(this.options, this.attrs, this.tooltip, this.timestamp, this.selected, !0);
	}
}, Dm = class e {
	constructor(e, t, n) {
		this.active = e, this.id = t, this.open = n;
	}
	static start() {
		return new e(Mm, `cm-ac-` + Math.floor(Math.random() * 2e6).toString(36), null);
	}
	update(t) {
		let { state: n } = t, r = n.facet(Q), i = (r.override || n.languageDataAt(`autocomplete`, om(n)).map(dm)).map((e) => (this.active.find((t) => t.source == e) || new Pm(e, +!!this.active.some((e) => e.state != 0))).update(t, r));
		i.length == this.active.length && i.every((e, t) => e == this.active[t]) && (i = this.active);
		let a = this.open, o = t.effects.some((e) => e.is(Lm));
		a && t.docChanged && (a = a.map(t.changes)), t.selection || i.some((e) => e.hasResult() && t.changes.touchesRange(e.from, e.to)) || !Om(i, this.active) || o ? a = Em.build(i, n, this.id, a, r, o) : a && a.disabled && !i.some((e) => e.isPending) && (a = null), !a && i.every((e) => !e.isPending) && i.some((e) => e.hasResult()) && (i = i.map((e) => e.hasResult() ? new Pm(e.source, 0) : e));
		for (let e of t.effects) e.is(vm) && (a &&= a.setSelected(e.value, this.id));
		return i == this.active && a == this.open ? this : new e(i, this.id, a);
	}
	get tooltip() {
		return this.open ? this.open.tooltip : null;
	}
	get attrs() {
		return this.open ? this.open.attrs : this.active.length ? km : Am;
	}
};
function Om(e, t) {
	if (e == t) return !0;
	for (let n = 0, r = 0;;) {
		for (; n < e.length && !e[n].hasResult();) n++;
		for (; r < t.length && !t[r].hasResult();) r++;
		let i = n == e.length, a = r == t.length;
		if (i || a) return i == a;
		if (e[n++].result != t[r++].result) return !1;
	}
}
var km = { "aria-autocomplete": `list` }, Am = {};
function jm(e, t) {
	let n = {
		"aria-autocomplete": `list`,
		"aria-haspopup": `listbox`,
		"aria-controls": e
	};
	return t > -1 && (n[`aria-activedescendant`] = e + `-` + t), n;
}
var Mm = [];
function Nm(e, t) {
	if (e.isUserEvent(`input.complete`)) {
		let n = e.annotation(cm);
		if (n && t.activateOnCompletion(n)) return 12;
	}
	let n = e.isUserEvent(`input.type`);
	return n && t.activateOnTyping ? 5 : n ? 1 : e.isUserEvent(`delete.backward`) ? 2 : e.selection ? 8 : e.docChanged ? 16 : 0;
}
var Pm = class e {
	constructor(e, t, n = !1) {
		this.source = e, this.state = t, this.explicit = n;
	}
	hasResult() {
		return !1;
	}
	get isPending() {
		return this.state == 1;
	}
	update(t, n) {
		let r = Nm(t, n), i = this;
		(r & 8 || r & 16 && this.touches(t)) && (i = new e(i.source, 0)), r & 4 && i.state == 0 && (i = new e(this.source, 1)), i = i.updateFor(t, r);
		for (let n of t.effects) if (n.is(fm)) i = new e(i.source, 1, n.value);
		else if (n.is(pm)) i = new e(i.source, 0);
		else if (n.is(Lm)) for (let e of n.value) e.source == i.source && (i = e);
		return i;
	}
	updateFor(e, t) {
		return this.map(e.changes);
	}
	map(e) {
		return this;
	}
	touches(e) {
		return e.changes.touchesRange(om(e.state));
	}
}, Fm = class e extends Pm {
	constructor(e, t, n, r, i, a) {
		super(e, 3, t), this.limit = n, this.result = r, this.from = i, this.to = a;
	}
	hasResult() {
		return !0;
	}
	updateFor(t, n) {
		if (!(n & 3)) return this.map(t.changes);
		let r = this.result;
		r.map && !t.changes.empty && (r = r.map(r, t.changes));
		let i = t.changes.mapPos(this.from), a = t.changes.mapPos(this.to, 1), o = om(t.state);
		if (o > a || !r || n & 2 && (om(t.startState) == this.from || o < this.limit)) return new Pm(this.source, n & 4 ? 1 : 0);
		let s = t.changes.mapPos(this.limit);
		return Im(r.validFor, t.state, i, a) ? new e(this.source, this.explicit, s, r, i, a) : r.update && (r = r.update(r, i, a, new em(t.state, o, !1))) ? new e(this.source, this.explicit, s, r, r.from, r.to ?? om(t.state)) : new Pm(this.source, 1, this.explicit);
	}
	map(t) {
		if (t.empty) return this;
		let n = this.result.map ? this.result.map(this.result, t) : this.result;
		return n ? new e(this.source, this.explicit, t.mapPos(this.limit), n, t.mapPos(this.from), t.mapPos(this.to, 1)) : new Pm(this.source, 0);
	}
	touches(e) {
		return e.changes.touchesRange(this.from, this.to);
	}
};
function Im(e, t, n, r) {
	if (!e) return !1;
	let i = t.sliceDoc(n, r);
	return typeof e == `function` ? e(i, n, r, t) : sm(e, !0).test(i);
}
var Lm = M.define({ map(e, t) {
	return e.map((e) => e.map(t));
} }), Rm = j.define({
	create() {
		return Dm.start();
	},
	update(e, t) {
		return e.update(t);
	},
	provide: (e) => [hd.from(e, (e) => e.tooltip), X.contentAttributes.from(e, (e) => e.attrs)]
});
function zm(e, t) {
	let n = t.completion.apply || t.completion.label, r = e.state.field(Rm).active.find((e) => e.source == t.source);
	return r instanceof Fm && (typeof n == `string` ? e.dispatch({
		...lm(e.state, n, r.from, r.to),
		annotations: cm.of(t.completion)
	}) : n(e, t.completion, r.from, r.to), !0);
}
var Bm = Sm(Rm, zm);
function Vm(e, t = `option`) {
	return (n) => {
		let r = n.state.field(Rm, !1);
		if (!r || !r.open || r.open.disabled || Date.now() - r.open.timestamp < n.state.facet(Q).interactionDelay) return !1;
		let i = 1, a;
		t == `page` && (a = Ed(n, r.open.tooltip)) && (i = Math.max(2, Math.floor(a.dom.offsetHeight / a.dom.querySelector(`li`).offsetHeight) - 1));
		let { length: o } = r.open.options, s = r.open.selected > -1 ? r.open.selected + i * (e ? 1 : -1) : e ? 0 : o - 1;
		return s < 0 ? s = t == `page` ? 0 : o - 1 : s >= o && (s = t == `page` ? o - 1 : 0), n.dispatch({ effects: vm.of(s) }), !0;
	};
}
var Hm = (e) => {
	let t = e.state.field(Rm, !1);
	return e.state.readOnly || !t || !t.open || t.open.selected < 0 || t.open.disabled || Date.now() - t.open.timestamp < e.state.facet(Q).interactionDelay ? !1 : zm(e, t.open.options[t.open.selected]);
}, Um = (e) => e.state.field(Rm, !1) ? (e.dispatch({ effects: fm.of(!0) }), !0) : !1, Wm = (e) => {
	let t = e.state.field(Rm, !1);
	return !t || !t.active.some((e) => e.state != 0) ? !1 : (e.dispatch({ effects: pm.of(null) }), !0);
}, Gm = class {
	constructor(e, t) {
		this.active = e, this.context = t, this.time = Date.now(), this.updates = [], this.done = void 0;
	}
}, Km = 50, qm = 1e3, Jm = K.fromClass(class {
	constructor(e) {
		this.view = e, this.debounceUpdate = -1, this.running = [], this.debounceAccept = -1, this.pendingStart = !1, this.composing = 0;
		for (let t of e.state.field(Rm).active) t.isPending && this.startQuery(t);
	}
	update(e) {
		let t = e.state.field(Rm), n = e.state.facet(Q);
		if (!e.selectionSet && !e.docChanged && e.startState.field(Rm) == t) return;
		let r = e.transactions.some((e) => {
			let t = Nm(e, n);
			return t & 8 || (e.selection || e.docChanged) && !(t & 3);
		});
		for (let t = 0; t < this.running.length; t++) {
			let n = this.running[t];
			if (r || n.context.abortOnDocChange && e.docChanged || n.updates.length + e.transactions.length > Km && Date.now() - n.time > qm) {
				for (let e of n.context.abortListeners) try {
					e();
				} catch (e) {
					Lo(this.view.state, e);
				}
				n.context.abortListeners = null, this.running.splice(t--, 1);
			} else n.updates.push(...e.transactions);
		}
		this.debounceUpdate > -1 && clearTimeout(this.debounceUpdate), e.transactions.some((e) => e.effects.some((e) => e.is(fm))) && (this.pendingStart = !0);
		let i = this.pendingStart ? 50 : n.activateOnTypingDelay;
		if (this.debounceUpdate = t.active.some((e) => e.isPending && !this.running.some((t) => t.active.source == e.source)) ? setTimeout(() => this.startUpdate(), i) : -1, this.composing != 0) for (let t of e.transactions) t.isUserEvent(`input.type`) ? this.composing = 2 : this.composing == 2 && t.selection && (this.composing = 3);
	}
	startUpdate() {
		this.debounceUpdate = -1, this.pendingStart = !1;
		let { state: e } = this.view, t = e.field(Rm);
		for (let e of t.active) e.isPending && !this.running.some((t) => t.active.source == e.source) && this.startQuery(e);
		this.running.length && t.open && t.open.disabled && (this.debounceAccept = setTimeout(() => this.accept(), this.view.state.facet(Q).updateSyncTime));
	}
	startQuery(e) {
		let { state: t } = this.view, n = new em(t, om(t), e.explicit, this.view), r = new Gm(e, n);
		this.running.push(r), Promise.resolve(e.source(n)).then((e) => {
			r.context.aborted || (r.done = e || null, this.scheduleAccept());
		}, (e) => {
			this.view.dispatch({ effects: pm.of(null) }), Lo(this.view.state, e);
		});
	}
	scheduleAccept() {
		this.running.every((e) => e.done !== void 0) ? this.accept() : this.debounceAccept < 0 && (this.debounceAccept = setTimeout(() => this.accept(), this.view.state.facet(Q).updateSyncTime));
	}
	accept() {
		this.debounceAccept > -1 && clearTimeout(this.debounceAccept), this.debounceAccept = -1;
		let e = [], t = this.view.state.facet(Q), n = this.view.state.field(Rm);
		for (let r = 0; r < this.running.length; r++) {
			let i = this.running[r];
			if (i.done === void 0) continue;
			if (this.running.splice(r--, 1), i.done) {
				let n = om(i.updates.length ? i.updates[0].startState : this.view.state), r = Math.min(n, i.done.from + +!i.active.explicit), a = new Fm(i.active.source, i.active.explicit, r, i.done, i.done.from, i.done.to ?? n);
				for (let e of i.updates) a = a.update(e, t);
				if (a.hasResult()) {
					e.push(a);
					continue;
				}
			}
			let a = n.active.find((e) => e.source == i.active.source);
			if (a && a.isPending) {
				if (i.done == null) {
					let n = new Pm(i.active.source, 0);
					for (let e of i.updates) n = n.update(e, t);
					n.isPending || e.push(n);
				} else this.startQuery(a);
			}
		}
		(e.length || n.open && n.open.disabled) && this.view.dispatch({ effects: Lm.of(e) });
	}
}, { eventHandlers: {
	blur(e) {
		let t = this.view.state.field(Rm, !1);
		if (t && t.tooltip && this.view.state.facet(Q).closeOnBlur) {
			let n = t.open && Ed(this.view, t.open.tooltip);
			n && n.dom.contains(e.relatedTarget) || setTimeout(() => this.view.dispatch({ effects: pm.of(null) }), 10);
		}
	},
	compositionstart() {
		this.composing = 1;
	},
	compositionend() {
		this.composing == 3 && setTimeout(() => this.view.dispatch({ effects: fm.of(!1) }), 20), this.composing = 0;
	}
} }), Ym = typeof navigator == `object` && /Win/.test(navigator.platform), Xm = Ur.highest(X.domEventHandlers({ keydown(e, t) {
	let n = t.state.field(Rm, !1);
	if (!n || !n.open || n.open.disabled || n.open.selected < 0 || !e.key || e.key.length > 1 || e.ctrlKey && !(Ym && e.altKey) || e.metaKey) return !1;
	let r = n.open.options[n.open.selected], i = n.active.find((e) => e.source == r.source), a = r.completion.commitCharacters || i.result.commitCharacters;
	return a && a.indexOf(e.key) > -1 && zm(t, r), !1;
} })), Zm = X.baseTheme({
	".cm-tooltip.cm-tooltip-autocomplete": { "& > ul": {
		fontFamily: `monospace`,
		whiteSpace: `nowrap`,
		overflow: `hidden auto`,
		maxWidth_fallback: `700px`,
		maxWidth: `min(700px, 95vw)`,
		minWidth: `250px`,
		maxHeight: `10em`,
		height: `100%`,
		listStyle: `none`,
		margin: 0,
		padding: 0,
		"& > li, & > completion-section": {
			padding: `1px 3px`,
			lineHeight: 1.2
		},
		"& > li": {
			overflowX: `hidden`,
			textOverflow: `ellipsis`,
			cursor: `pointer`
		},
		"& > completion-section": {
			display: `list-item`,
			borderBottom: `1px solid silver`,
			paddingLeft: `0.5em`,
			opacity: .7
		}
	} },
	"&light .cm-tooltip-autocomplete ul li[aria-selected]": {
		background: `#17c`,
		color: `white`
	},
	"&light .cm-tooltip-autocomplete-disabled ul li[aria-selected]": { background: `#777` },
	"&dark .cm-tooltip-autocomplete ul li[aria-selected]": {
		background: `#347`,
		color: `white`
	},
	"&dark .cm-tooltip-autocomplete-disabled ul li[aria-selected]": { background: `#444` },
	".cm-completionListIncompleteTop:before, .cm-completionListIncompleteBottom:after": {
		content: `"···"`,
		opacity: .5,
		display: `block`,
		textAlign: `center`,
		cursor: `pointer`
	},
	".cm-tooltip.cm-completionInfo": {
		position: `absolute`,
		padding: `3px 9px`,
		width: `max-content`,
		maxWidth: `400px`,
		boxSizing: `border-box`,
		whiteSpace: `pre-line`
	},
	".cm-completionInfo.cm-completionInfo-left": { right: `100%` },
	".cm-completionInfo.cm-completionInfo-right": { left: `100%` },
	".cm-completionInfo.cm-completionInfo-left-narrow": { right: `30px` },
	".cm-completionInfo.cm-completionInfo-right-narrow": { left: `30px` },
	"&light .cm-snippetField": { backgroundColor: `#00000022` },
	"&dark .cm-snippetField": { backgroundColor: `#ffffff22` },
	".cm-snippetFieldPosition": {
		verticalAlign: `text-top`,
		width: 0,
		height: `1.15em`,
		display: `inline-block`,
		margin: `0 -0.7px -.7em`,
		borderLeft: `1.4px dotted #888`
	},
	".cm-completionMatchedText": { textDecoration: `underline` },
	".cm-completionDetail": {
		marginLeft: `0.5em`,
		fontStyle: `italic`
	},
	".cm-completionIcon": {
		fontSize: `90%`,
		width: `.8em`,
		display: `inline-block`,
		textAlign: `center`,
		paddingRight: `.6em`,
		opacity: `0.6`,
		boxSizing: `content-box`
	},
	".cm-completionIcon-function, .cm-completionIcon-method": { "&:after": { content: `'ƒ'` } },
	".cm-completionIcon-class": { "&:after": { content: `'○'` } },
	".cm-completionIcon-interface": { "&:after": { content: `'◌'` } },
	".cm-completionIcon-variable": { "&:after": { content: `'𝑥'` } },
	".cm-completionIcon-constant": { "&:after": { content: `'𝐶'` } },
	".cm-completionIcon-type": { "&:after": { content: `'𝑡'` } },
	".cm-completionIcon-enum": { "&:after": { content: `'∪'` } },
	".cm-completionIcon-property": { "&:after": { content: `'□'` } },
	".cm-completionIcon-keyword": { "&:after": { content: `'🔑︎'` } },
	".cm-completionIcon-namespace": { "&:after": { content: `'▢'` } },
	".cm-completionIcon-text": { "&:after": {
		content: `'abc'`,
		fontSize: `50%`,
		verticalAlign: `middle`
	} }
}), Qm = class {
	constructor(e, t, n, r) {
		this.field = e, this.line = t, this.from = n, this.to = r;
	}
}, $m = class e {
	constructor(e, t, n) {
		this.field = e, this.from = t, this.to = n;
	}
	map(t) {
		let n = t.mapPos(this.from, -1, D.TrackDel), r = t.mapPos(this.to, 1, D.TrackDel);
		return n == null || r == null ? null : new e(this.field, n, r);
	}
}, eh = class e {
	constructor(e, t) {
		this.lines = e, this.fieldPositions = t;
	}
	instantiate(e, t) {
		let n = [], r = [t], i = e.doc.lineAt(t), a = /^\s*/.exec(i.text)[0];
		for (let i of this.lines) {
			if (n.length) {
				let n = a, o = /^\t*/.exec(i)[0].length;
				for (let t = 0; t < o; t++) n += e.facet(Af);
				r.push(t + n.length - o), i = n + i.slice(o);
			}
			n.push(i), t += i.length + 1;
		}
		return {
			text: n,
			ranges: this.fieldPositions.map((e) => new $m(e.field, r[e.line] + e.from, r[e.line] + e.to))
		};
	}
	static parse(t) {
		let n = [], r = [], i = [], a;
		for (let e of t.split(/\r\n?|\n/)) {
			for (; a = /[#$]\{(?:(\d+)(?::([^{}]*))?|((?:\\[{}]|[^{}])*))\}/.exec(e);) {
				let t = a[1] ? +a[1] : null, o = a[2] || a[3] || ``, s = -1;
				t === 0 && (t = 1e9);
				let c = o.replace(/\\[{}]/g, (e) => e[1]);
				for (let e = 0; e < n.length; e++) (t == null ? c && n[e].name == c : n[e].seq == t) && (s = e);
				if (s < 0) {
					let e = 0;
					for (; e < n.length && (t == null || n[e].seq != null && n[e].seq < t);) e++;
					n.splice(e, 0, {
						seq: t,
						name: c
					}), s = e;
					for (let e of i) e.field >= s && e.field++;
				}
				for (let e of i) if (e.line == r.length && e.from > a.index) {
					let t = a[2] ? 3 + (a[1] || ``).length : 2;
					e.from -= t, e.to -= t;
				}
				i.push(new Qm(s, r.length, a.index, a.index + c.length)), e = e.slice(0, a.index) + o + e.slice(a.index + a[0].length);
			}
			e = e.replace(/\\([{}])/g, (e, t, n) => {
				for (let e of i) e.line == r.length && e.from > n && (e.from--, e.to--);
				return t;
			}), r.push(e);
		}
		return new e(r, i);
	}
}, th = H.widget({ widget: new class extends _a {
	toDOM() {
		let e = document.createElement(`span`);
		return e.className = `cm-snippetFieldPosition`, e;
	}
	ignoreEvent() {
		return !1;
	}
}() }), nh = H.mark({ class: `cm-snippetField` }), rh = class e {
	constructor(e, t) {
		this.ranges = e, this.active = t, this.deco = H.set(e.map((e) => (e.from == e.to ? th : nh).range(e.from, e.to)), !0);
	}
	map(t) {
		let n = [];
		for (let e of this.ranges) {
			let r = e.map(t);
			if (!r) return null;
			n.push(r);
		}
		return new e(n, this.active);
	}
	selectionInsideField(e) {
		return e.ranges.every((e) => this.ranges.some((t) => t.field == this.active && t.from <= e.from && t.to >= e.to));
	}
}, ih = M.define({ map(e, t) {
	return e && e.map(t);
} }), ah = M.define(), oh = j.define({
	create() {
		return null;
	},
	update(e, t) {
		for (let n of t.effects) {
			if (n.is(ih)) return n.value;
			if (n.is(ah) && e) return new rh(e.ranges, n.value);
		}
		return e && t.docChanged && (e = e.map(t.changes)), e && t.selection && !e.selectionInsideField(t.selection) && (e = null), e;
	},
	provide: (e) => X.decorations.from(e, (e) => e ? e.deco : H.none)
});
function sh(e, t) {
	return k.create(e.filter((e) => e.field == t).map((e) => k.range(e.from, e.to)));
}
function ch(e) {
	let t = eh.parse(e);
	return (e, n, r, i) => {
		let { text: a, ranges: o } = t.instantiate(e.state, r), { main: s } = e.state.selection, c = {
			changes: {
				from: r,
				to: i == s.from ? s.to : i,
				insert: w.of(a)
			},
			scrollIntoView: !0,
			annotations: n ? [cm.of(n), N.userEvent.of(`input.complete`)] : void 0
		};
		if (o.length && (c.selection = sh(o, 0)), o.some((e) => e.field > 0)) {
			let t = new rh(o, 0), n = c.effects = [ih.of(t)];
			e.state.field(oh, !1) === void 0 && n.push(M.appendConfig.of([
				oh,
				fh,
				mh,
				Zm
			]));
		}
		e.dispatch(e.state.update(c));
	};
}
function lh(e) {
	return ({ state: t, dispatch: n }) => {
		let r = t.field(oh, !1);
		if (!r || e < 0 && r.active == 0) return !1;
		let i = r.active + e, a = e > 0 && !r.ranges.some((t) => t.field == i + e);
		return n(t.update({
			selection: sh(r.ranges, i),
			effects: ih.of(a ? null : new rh(r.ranges, i)),
			scrollIntoView: !0
		})), !0;
	};
}
var uh = [{
	key: `Tab`,
	run: lh(1),
	shift: lh(-1)
}, {
	key: `Escape`,
	run: ({ state: e, dispatch: t }) => e.field(oh, !1) ? (t(e.update({ effects: ih.of(null) })), !0) : !1
}], dh = A.define({ combine(e) {
	return e.length ? e[0] : uh;
} }), fh = Ur.highest(tu.compute([dh], (e) => e.facet(dh)));
function ph(e, t) {
	return {
		...t,
		apply: ch(e)
	};
}
var mh = X.domEventHandlers({ mousedown(e, t) {
	let n = t.state.field(oh, !1), r;
	if (!n || (r = t.posAtCoords({
		x: e.clientX,
		y: e.clientY
	})) == null) return !1;
	let i = n.ranges.find((e) => e.from <= r && e.to >= r);
	return !i || i.field == n.active ? !1 : (t.dispatch({
		selection: sh(n.ranges, i.field),
		effects: ih.of(n.ranges.some((e) => e.field > i.field) ? new rh(n.ranges, i.field) : null),
		scrollIntoView: !0
	}), !0);
} }), hh = {
	brackets: [
		`(`,
		`[`,
		`{`,
		`'`,
		`"`
	],
	before: `)]}:;>`,
	stringPrefixes: []
}, gh = M.define({ map(e, t) {
	return t.mapPos(e, -1, D.TrackAfter) ?? void 0;
} }), _h = new class extends bi {}();
_h.startSide = 1, _h.endSide = -1;
var vh = j.define({
	create() {
		return I.empty;
	},
	update(e, t) {
		if (e = e.map(t.changes), t.selection) {
			let n = t.state.doc.lineAt(t.selection.main.head);
			e = e.update({ filter: (e) => e >= n.from && e <= n.to });
		}
		for (let n of t.effects) n.is(gh) && (e = e.update({ add: [_h.range(n.value, n.value + 1)] }));
		return e;
	}
});
function yh() {
	return [wh, vh];
}
var bh = `()[]{}<>«»»«［］｛｝`;
function xh(e) {
	for (let t = 0; t < 16; t += 2) if (bh.charCodeAt(t) == e) return bh.charAt(t + 1);
	return Sr(e < 128 ? e : e + 1);
}
function Sh(e, t) {
	return e.languageDataAt(`closeBrackets`, t)[0] || hh;
}
var Ch = typeof navigator == `object` && /Android\b/.test(navigator.userAgent), wh = X.inputHandler.of((e, t, n, r) => {
	if ((Ch ? e.composing : e.compositionStarted) || e.state.readOnly) return !1;
	let i = e.state.selection.main;
	if (r.length > 2 || r.length == 2 && Cr(E(r, 0)) == 1 || t != i.from || n != i.to) return !1;
	let a = Eh(e.state, r);
	return a ? (e.dispatch(a), !0) : !1;
}), Th = [{
	key: `Backspace`,
	run: ({ state: e, dispatch: t }) => {
		if (e.readOnly) return !1;
		let n = Sh(e, e.selection.main.head).brackets || hh.brackets, r = null, i = e.changeByRange((t) => {
			if (t.empty) {
				let r = kh(e.doc, t.head);
				for (let i of n) if (i == r && Oh(e.doc, t.head) == xh(E(i, 0))) return {
					changes: {
						from: t.head - i.length,
						to: t.head + i.length
					},
					range: k.cursor(t.head - i.length)
				};
			}
			return { range: r = t };
		});
		return r || t(e.update(i, {
			scrollIntoView: !0,
			userEvent: `delete.backward`
		})), !r;
	}
}];
function Eh(e, t) {
	let n = Sh(e, e.selection.main.head), r = n.brackets || hh.brackets;
	for (let i of r) {
		let a = xh(E(i, 0));
		if (t == i) return a == i ? Mh(e, i, r.indexOf(i + i + i) > -1, n) : Ah(e, i, a, n.before || hh.before);
		if (t == a && Dh(e, e.selection.main.from)) return jh(e, i, a);
	}
	return null;
}
function Dh(e, t) {
	let n = !1;
	return e.field(vh).between(0, e.doc.length, (e) => {
		e == t && (n = !0);
	}), n;
}
function Oh(e, t) {
	let n = e.sliceString(t, t + 2);
	return n.slice(0, Cr(E(n, 0)));
}
function kh(e, t) {
	let n = e.sliceString(t - 2, t);
	return Cr(E(n, 0)) == n.length ? n : n.slice(1);
}
function Ah(e, t, n, r) {
	let i = null, a = e.changeByRange((a) => {
		if (!a.empty) return {
			changes: [{
				insert: t,
				from: a.from
			}, {
				insert: n,
				from: a.to
			}],
			effects: gh.of(a.to + t.length),
			range: k.range(a.anchor + t.length, a.head + t.length)
		};
		let o = Oh(e.doc, a.head);
		return !o || /\s/.test(o) || r.indexOf(o) > -1 ? {
			changes: {
				insert: t + n,
				from: a.head
			},
			effects: gh.of(a.head + t.length),
			range: k.cursor(a.head + t.length)
		} : { range: i = a };
	});
	return i ? null : e.update(a, {
		scrollIntoView: !0,
		userEvent: `input.type`
	});
}
function jh(e, t, n) {
	let r = null, i = e.changeByRange((t) => t.empty && Oh(e.doc, t.head) == n ? {
		changes: {
			from: t.head,
			to: t.head + n.length,
			insert: n
		},
		range: k.cursor(t.head + n.length)
	} : r = { range: t });
	return r ? null : e.update(i, {
		scrollIntoView: !0,
		userEvent: `input.type`
	});
}
function Mh(e, t, n, r) {
	let i = r.stringPrefixes || hh.stringPrefixes, a = null, o = e.changeByRange((r) => {
		if (!r.empty) return {
			changes: [{
				insert: t,
				from: r.from
			}, {
				insert: t,
				from: r.to
			}],
			effects: gh.of(r.to + t.length),
			range: k.range(r.anchor + t.length, r.head + t.length)
		};
		let o = r.head, s = Oh(e.doc, o), c;
		if (s == t) {
			if (Nh(e, o)) return {
				changes: {
					insert: t + t,
					from: o
				},
				effects: gh.of(o + t.length),
				range: k.cursor(o + t.length)
			};
			if (Dh(e, o)) {
				let r = n && e.sliceDoc(o, o + t.length * 3) == t + t + t ? t + t + t : t;
				return {
					changes: {
						from: o,
						to: o + r.length,
						insert: r
					},
					range: k.cursor(o + r.length)
				};
			}
		} else if (n && e.sliceDoc(o - 2 * t.length, o) == t + t && (c = Fh(e, o - 2 * t.length, i)) > -1 && Nh(e, c)) return {
			changes: {
				insert: t + t + t + t,
				from: o
			},
			effects: gh.of(o + t.length),
			range: k.cursor(o + t.length)
		};
		else if (e.charCategorizer(o)(s) != P.Word && Fh(e, o, i) > -1 && !Ph(e, o, t, i)) return {
			changes: {
				insert: t + t,
				from: o
			},
			effects: gh.of(o + t.length),
			range: k.cursor(o + t.length)
		};
		return { range: a = r };
	});
	return a ? null : e.update(o, {
		scrollIntoView: !0,
		userEvent: `input.type`
	});
}
function Nh(e, t) {
	let n = Z(e).resolveInner(t + 1);
	return n.parent && n.from == t;
}
function Ph(e, t, n, r) {
	let i = Z(e).resolveInner(t, -1), a = r.reduce((e, t) => Math.max(e, t.length), 0);
	for (let o = 0; o < 5; o++) {
		let o = e.sliceDoc(i.from, Math.min(i.to, i.from + n.length + a)), s = o.indexOf(n);
		if (!s || s > -1 && r.indexOf(o.slice(0, s)) > -1) {
			let t = i.firstChild;
			for (; t && t.from == i.from && t.to - t.from > n.length + s;) {
				if (e.sliceDoc(t.to - n.length, t.to) == n) return !1;
				t = t.firstChild;
			}
			return !0;
		}
		let c = i.to == t && i.parent;
		if (!c) break;
		i = c;
	}
	return !1;
}
function Fh(e, t, n) {
	let r = e.charCategorizer(t);
	if (r(e.sliceDoc(t - 1, t)) != P.Word) return t;
	for (let i of n) {
		let n = t - i.length;
		if (e.sliceDoc(n, t) == i && r(e.sliceDoc(n - 1, n)) != P.Word) return n;
	}
	return -1;
}
function Ih(e = {}) {
	return [
		Xm,
		Rm,
		Q.of(e),
		Jm,
		Rh,
		Zm
	];
}
var Lh = [
	{
		key: `Ctrl-Space`,
		run: Um
	},
	{
		mac: "Alt-`",
		run: Um
	},
	{
		mac: `Alt-i`,
		run: Um
	},
	{
		key: `Escape`,
		run: Wm
	},
	{
		key: `ArrowDown`,
		run: Vm(!0)
	},
	{
		key: `ArrowUp`,
		run: Vm(!1)
	},
	{
		key: `PageDown`,
		run: Vm(!0, `page`)
	},
	{
		key: `PageUp`,
		run: Vm(!1, `page`)
	},
	{
		key: `Enter`,
		run: Hm
	}
], Rh = Ur.highest(tu.computeN([Q], (e) => e.facet(Q).defaultKeymap ? [Lh] : [])), zh = new le(), Bh = /* @__PURE__ */ new Set([
	`Script`,
	`Body`,
	`FunctionDefinition`,
	`ClassDefinition`,
	`LambdaExpression`,
	`ForStatement`,
	`MatchClause`
]);
function Vh(e) {
	return (t, n, r) => {
		if (r) return !1;
		let i = t.node.getChild(`VariableName`);
		return i && n(i, e), !0;
	};
}
var Hh = {
	FunctionDefinition: Vh(`function`),
	ClassDefinition: Vh(`class`),
	ForStatement(e, t, n) {
		if (n) {
			for (let n = e.node.firstChild; n; n = n.nextSibling) if (n.name == `VariableName`) t(n, `variable`);
			else if (n.name == `in`) break;
		}
	},
	ImportStatement(e, t) {
		let { node: n } = e, r = n.firstChild?.name == `from`;
		for (let e = n.getChild(`import`); e; e = e.nextSibling) e.name == `VariableName` && e.nextSibling?.name != `as` && t(e, r ? `variable` : `namespace`);
	},
	AssignStatement(e, t) {
		for (let n = e.node.firstChild; n; n = n.nextSibling) if (n.name == `VariableName`) t(n, `variable`);
		else if (n.name == `:` || n.name == `AssignOp`) break;
	},
	ParamList(e, t) {
		for (let n = null, r = e.node.firstChild; r; r = r.nextSibling) r.name != `VariableName` || n && /\*|AssignOp/.test(n.name) || t(r, `variable`), n = r;
	},
	CapturePattern: Vh(`variable`),
	AsPattern: Vh(`variable`),
	__proto__: null
};
function Uh(e, t) {
	let n = zh.get(t);
	if (n) return n;
	let r = [], i = !0;
	function a(t, n) {
		let i = e.sliceString(t.from, t.to);
		r.push({
			label: i,
			type: n
		});
	}
	return t.cursor(u.IncludeAnonymous).iterate((t) => {
		if (t.name) {
			let e = Hh[t.name];
			if (e && e(t, a, i) || !i && Bh.has(t.name)) return !1;
			i = !1;
		} else if (t.to - t.from > 8192) {
			for (let n of Uh(e, t.node)) r.push(n);
			return !1;
		}
	}), zh.set(t, r), r;
}
var Wh = /^[\w\xa1-\uffff][\w\d\xa1-\uffff]*$/, Gh = [
	`String`,
	`FormatString`,
	`Comment`,
	`PropertyName`
];
function Kh(e) {
	let t = Z(e.state).resolveInner(e.pos, -1);
	if (Gh.indexOf(t.name) > -1) return null;
	let n = t.name == `VariableName` || t.to - t.from < 20 && Wh.test(e.state.sliceDoc(t.from, t.to));
	if (!n && !e.explicit) return null;
	let r = [];
	for (let n = t; n; n = n.parent) Bh.has(n.name) && (r = r.concat(Uh(e.state.doc, n)));
	return {
		options: r,
		from: n ? t.from : e.pos,
		validFor: Wh
	};
}
var qh = [
	`__annotations__`,
	`__builtins__`,
	`__debug__`,
	`__doc__`,
	`__import__`,
	`__name__`,
	`__loader__`,
	`__package__`,
	`__spec__`,
	`False`,
	`None`,
	`True`
].map((e) => ({
	label: e,
	type: `constant`
})).concat(`ArithmeticError.AssertionError.AttributeError.BaseException.BlockingIOError.BrokenPipeError.BufferError.BytesWarning.ChildProcessError.ConnectionAbortedError.ConnectionError.ConnectionRefusedError.ConnectionResetError.DeprecationWarning.EOFError.Ellipsis.EncodingWarning.EnvironmentError.Exception.FileExistsError.FileNotFoundError.FloatingPointError.FutureWarning.GeneratorExit.IOError.ImportError.ImportWarning.IndentationError.IndexError.InterruptedError.IsADirectoryError.KeyError.KeyboardInterrupt.LookupError.MemoryError.ModuleNotFoundError.NameError.NotADirectoryError.NotImplemented.NotImplementedError.OSError.OverflowError.PendingDeprecationWarning.PermissionError.ProcessLookupError.RecursionError.ReferenceError.ResourceWarning.RuntimeError.RuntimeWarning.StopAsyncIteration.StopIteration.SyntaxError.SyntaxWarning.SystemError.SystemExit.TabError.TimeoutError.TypeError.UnboundLocalError.UnicodeDecodeError.UnicodeEncodeError.UnicodeError.UnicodeTranslateError.UnicodeWarning.UserWarning.ValueError.Warning.ZeroDivisionError`.split(`.`).map((e) => ({
	label: e,
	type: `type`
}))).concat([
	`bool`,
	`bytearray`,
	`bytes`,
	`classmethod`,
	`complex`,
	`float`,
	`frozenset`,
	`int`,
	`list`,
	`map`,
	`memoryview`,
	`object`,
	`range`,
	`set`,
	`staticmethod`,
	`str`,
	`super`,
	`tuple`,
	`type`
].map((e) => ({
	label: e,
	type: `class`
}))).concat(`abs.aiter.all.anext.any.ascii.bin.breakpoint.callable.chr.compile.delattr.dict.dir.divmod.enumerate.eval.exec.exit.filter.format.getattr.globals.hasattr.hash.help.hex.id.input.isinstance.issubclass.iter.len.license.locals.max.min.next.oct.open.ord.pow.print.property.quit.repr.reversed.round.setattr.slice.sorted.sum.vars.zip`.split(`.`).map((e) => ({
	label: e,
	type: `function`
}))), Jh = [
	ph("def ${name}(${params}):\n	${}", {
		label: `def`,
		detail: `function`,
		type: `keyword`
	}),
	ph("for ${name} in ${collection}:\n	${}", {
		label: `for`,
		detail: `loop`,
		type: `keyword`
	}),
	ph("while ${}:\n	${}", {
		label: `while`,
		detail: `loop`,
		type: `keyword`
	}),
	ph(`try:
	\${}
except \${error}:
	\${}`, {
		label: `try`,
		detail: `/ except block`,
		type: `keyword`
	}),
	ph(`if \${}:
	
`, {
		label: `if`,
		detail: `block`,
		type: `keyword`
	}),
	ph(`if \${}:
	\${}
else:
	\${}`, {
		label: `if`,
		detail: `/ else block`,
		type: `keyword`
	}),
	ph("class ${name}:\n	def __init__(self, ${params}):\n			${}", {
		label: `class`,
		detail: `definition`,
		type: `keyword`
	}),
	ph("import ${module}", {
		label: `import`,
		detail: `statement`,
		type: `keyword`
	}),
	ph("from ${module} import ${names}", {
		label: `from`,
		detail: `import`,
		type: `keyword`
	})
], Yh = im(Gh, rm(qh.concat(Jh)));
function Xh(e) {
	let { node: t, pos: n } = e, r = e.lineIndent(n, -1), i = null;
	for (;;) {
		let a = t.childBefore(n);
		if (!a) break;
		if (a.name == `Comment`) n = a.from;
		else if (a.name == `Body` || a.name == `MatchBody`) e.baseIndentFor(a) + e.unit <= r && (i = a), t = a;
		else if (a.name == `MatchClause`) t = a;
		else if (a.type.is(`Statement`)) t = a;
		else break;
	}
	return i;
}
function Zh(e, t) {
	let n = e.baseIndentFor(t), r = e.lineAt(e.pos, -1), i = r.from + r.text.length;
	return /^\s*($|#)/.test(r.text) && e.node.to < i + 100 && !/\S/.test(e.state.sliceDoc(i, e.node.to)) && e.lineIndent(e.pos, -1) <= n || /^\s*(else:|elif |except |finally:|case\s+[^=:]+:)/.test(e.textAfter) && e.lineIndent(e.pos, -1) > n ? null : n + e.unit;
}
var Qh = vf.define({
	name: `python`,
	parser: Zn.configure({ props: [Ff.add({
		Body: (e) => Zh(e, /^\s*(#|$)/.test(e.textAfter) && Xh(e) || e.node) ?? e.continue(),
		MatchBody: (e) => Zh(e, Xh(e) || e.node) ?? e.continue(),
		IfStatement: (e) => /^\s*(else:|elif )/.test(e.textAfter) ? e.baseIndent : e.continue(),
		"ForStatement WhileStatement": (e) => /^\s*else:/.test(e.textAfter) ? e.baseIndent : e.continue(),
		TryStatement: (e) => /^\s*(except[ :]|finally:|else:)/.test(e.textAfter) ? e.baseIndent : e.continue(),
		MatchStatement: (e) => /^\s*case /.test(e.textAfter) ? e.baseIndent + e.unit : e.continue(),
		"TupleExpression ComprehensionExpression ParamList ArgList ParenthesizedExpression": Wf({ closing: `)` }),
		"DictionaryExpression DictionaryComprehensionExpression SetExpression SetComprehensionExpression": Wf({ closing: `}` }),
		"ArrayExpression ArrayComprehensionExpression": Wf({ closing: `]` }),
		MemberExpression: (e) => e.baseIndent + e.unit,
		"String FormatString": () => null,
		Script: (e) => {
			let t = Xh(e);
			return (t && Zh(e, t)) ?? e.continue();
		}
	}), Yf.add({
		"ArrayExpression DictionaryExpression SetExpression TupleExpression": Xf,
		Body: (e, t) => ({
			from: e.from + 1,
			to: e.to - (e.to == t.doc.length ? 0 : 1)
		}),
		"String FormatString": (e, t) => ({
			from: t.doc.lineAt(e.from).to,
			to: e.to
		})
	})] }),
	languageData: {
		closeBrackets: {
			brackets: [
				`(`,
				`[`,
				`{`,
				`'`,
				`"`,
				`'''`,
				`"""`
			],
			stringPrefixes: [
				`f`,
				`fr`,
				`rf`,
				`r`,
				`u`,
				`b`,
				`br`,
				`rb`,
				`F`,
				`FR`,
				`RF`,
				`R`,
				`U`,
				`B`,
				`BR`,
				`RB`
			]
		},
		commentTokens: { line: `#` },
		indentOnInput: /^\s*([\}\]\)]|else:|elif |except |finally:|case\s+[^:]*:?)$/
	}
});
function $h() {
	return new Of(Qh, [Qh.data.of({ autocomplete: Kh }), Qh.data.of({ autocomplete: Yh })]);
}
var eg = (e) => {
	let { state: t } = e, n = t.doc.lineAt(t.selection.main.from), r = ag(e.state, n.from);
	return r.line ? ng(e) : r.block ? ig(e) : !1;
};
function tg(e, t) {
	return ({ state: n, dispatch: r }) => {
		if (n.readOnly) return !1;
		let i = e(t, n);
		return i ? (r(n.update(i)), !0) : !1;
	};
}
var ng = tg(ug, 0), rg = tg(lg, 0), ig = tg((e, t) => lg(e, t, cg(t)), 0);
function ag(e, t) {
	let n = e.languageDataAt(`commentTokens`, t, 1);
	return n.length ? n[0] : {};
}
var og = 50;
function sg(e, { open: t, close: n }, r, i) {
	let a = e.sliceDoc(r - og, r), o = e.sliceDoc(i, i + og), s = /\s*$/.exec(a)[0].length, c = /^\s*/.exec(o)[0].length, l = a.length - s;
	if (a.slice(l - t.length, l) == t && o.slice(c, c + n.length) == n) return {
		open: {
			pos: r - s,
			margin: s && 1
		},
		close: {
			pos: i + c,
			margin: c && 1
		}
	};
	let u, d;
	i - r <= 100 ? u = d = e.sliceDoc(r, i) : (u = e.sliceDoc(r, r + og), d = e.sliceDoc(i - og, i));
	let f = /^\s*/.exec(u)[0].length, p = /\s*$/.exec(d)[0].length, m = d.length - p - n.length;
	return u.slice(f, f + t.length) == t && d.slice(m, m + n.length) == n ? {
		open: {
			pos: r + f + t.length,
			margin: +!!/\s/.test(u.charAt(f + t.length))
		},
		close: {
			pos: i - p - n.length,
			margin: +!!/\s/.test(d.charAt(m - 1))
		}
	} : null;
}
function cg(e) {
	let t = [];
	for (let n of e.selection.ranges) {
		let r = e.doc.lineAt(n.from), i = n.to <= r.to ? r : e.doc.lineAt(n.to);
		i.from > r.from && i.from == n.to && (i = n.to == r.to + 1 ? r : e.doc.lineAt(n.to - 1));
		let a = t.length - 1;
		a >= 0 && t[a].to > r.from ? t[a].to = i.to : t.push({
			from: r.from + /^\s*/.exec(r.text)[0].length,
			to: i.to
		});
	}
	return t;
}
function lg(e, t, n = t.selection.ranges) {
	let r = n.map((e) => ag(t, e.from).block);
	if (!r.every((e) => e)) return null;
	let i = n.map((e, n) => sg(t, r[n], e.from, e.to));
	if (e != 2 && !i.every((e) => e)) return { changes: t.changes(n.map((e, t) => i[t] ? [] : [{
		from: e.from,
		insert: r[t].open + ` `
	}, {
		from: e.to,
		insert: ` ` + r[t].close
	}])) };
	if (e != 1 && i.some((e) => e)) {
		let e = [];
		for (let t = 0, n; t < i.length; t++) if (n = i[t]) {
			let i = r[t], { open: a, close: o } = n;
			e.push({
				from: a.pos - i.open.length,
				to: a.pos + a.margin
			}, {
				from: o.pos - o.margin,
				to: o.pos + i.close.length
			});
		}
		return { changes: e };
	}
	return null;
}
function ug(e, t, n = t.selection.ranges) {
	let r = [], i = -1;
	ranges: for (let { from: e, to: a } of n) {
		let n = r.length, o = 1e9, s;
		for (let n = e; n <= a;) {
			let c = t.doc.lineAt(n);
			if (s == null && (s = ag(t, c.from).line, !s)) continue ranges;
			if (c.from > i && (e == a || a > c.from)) {
				i = c.from;
				let e = /^\s*/.exec(c.text)[0].length, t = e == c.length, n = c.text.slice(e, e + s.length) == s ? e : -1;
				e < c.text.length && e < o && (o = e), r.push({
					line: c,
					comment: n,
					token: s,
					indent: e,
					empty: t,
					single: !1
				});
			}
			n = c.to + 1;
		}
		if (o < 1e9) for (let e = n; e < r.length; e++) r[e].indent < r[e].line.text.length && (r[e].indent = o);
		r.length == n + 1 && (r[n].single = !0);
	}
	if (e != 2 && r.some((e) => e.comment < 0 && (!e.empty || e.single))) {
		let e = [];
		for (let { line: t, token: n, indent: i, empty: a, single: o } of r) (o || !a) && e.push({
			from: t.from + i,
			insert: n + ` `
		});
		let n = t.changes(e);
		return {
			changes: n,
			selection: t.selection.map(n, 1)
		};
	}
	if (e != 1 && r.some((e) => e.comment >= 0)) {
		let e = [];
		for (let { line: t, comment: n, token: i } of r) if (n >= 0) {
			let r = t.from + n, a = r + i.length;
			t.text[a - t.from] == ` ` && a++, e.push({
				from: r,
				to: a
			});
		}
		return { changes: e };
	}
	return null;
}
var dg = ii.define(), fg = ii.define(), pg = A.define(), mg = A.define({ combine(e) {
	return yi(e, {
		minDepth: 100,
		newGroupDelay: 500,
		joinToEvent: (e, t) => t
	}, {
		minDepth: Math.max,
		newGroupDelay: Math.min,
		joinToEvent: (e, t) => (n, r) => e(n, r) || t(n, r)
	});
} }), hg = j.define({
	create() {
		return Pg.empty;
	},
	update(e, t) {
		let n = t.state.facet(mg), r = t.annotation(dg);
		if (r) {
			let i = Sg.fromTransaction(t, r.selection), a = r.side, o = a == 0 ? e.undone : e.done;
			return o = i ? Cg(o, o.length, n.minDepth, i) : kg(o, t.startState.selection), new Pg(a == 0 ? r.rest : o, a == 0 ? o : r.rest);
		}
		let i = t.annotation(fg);
		if ((i == `full` || i == `before`) && (e = e.isolate()), t.annotation(N.addToHistory) === !1) return t.changes.empty ? e : e.addMapping(t.changes.desc);
		let a = Sg.fromTransaction(t), o = t.annotation(N.time), s = t.annotation(N.userEvent);
		return a ? e = e.addChanges(a, o, s, n, t) : t.selection && (e = e.addSelection(t.startState.selection, o, s, n.newGroupDelay)), (i == `full` || i == `after`) && (e = e.isolate()), e;
	},
	toJSON(e) {
		return {
			done: e.done.map((e) => e.toJSON()),
			undone: e.undone.map((e) => e.toJSON())
		};
	},
	fromJSON(e) {
		return new Pg(e.done.map(Sg.fromJSON), e.undone.map(Sg.fromJSON));
	}
});
function gg(e = {}) {
	return [
		hg,
		mg.of(e),
		X.domEventHandlers({ beforeinput(e, t) {
			let n = e.inputType == `historyUndo` ? vg : e.inputType == `historyRedo` ? yg : null;
			return n ? (e.preventDefault(), n(t)) : !1;
		} })
	];
}
function _g(e, t) {
	return function({ state: n, dispatch: r }) {
		if (!t && n.readOnly) return !1;
		let i = n.field(hg, !1);
		if (!i) return !1;
		let a = i.pop(e, n, t);
		return a ? (r(a), !0) : !1;
	};
}
var vg = _g(0, !1), yg = _g(1, !1), bg = _g(0, !0), xg = _g(1, !0), Sg = class e {
	constructor(e, t, n, r, i) {
		this.changes = e, this.effects = t, this.mapped = n, this.startSelection = r, this.selectionsAfter = i;
	}
	setSelAfter(t) {
		return new e(this.changes, this.effects, this.mapped, this.startSelection, t);
	}
	toJSON() {
		return {
			changes: this.changes?.toJSON(),
			mapped: this.mapped?.toJSON(),
			startSelection: this.startSelection?.toJSON(),
			selectionsAfter: this.selectionsAfter.map((e) => e.toJSON())
		};
	}
	static fromJSON(t) {
		return new e(t.changes && Er.fromJSON(t.changes), [], t.mapped && Tr.fromJSON(t.mapped), t.startSelection && k.fromJSON(t.startSelection), t.selectionsAfter.map(k.fromJSON));
	}
	static fromTransaction(t, n) {
		let r = Dg;
		for (let e of t.startState.facet(pg)) {
			let n = e(t);
			n.length && (r = r.concat(n));
		}
		return !r.length && t.changes.empty ? null : new e(t.changes.invert(t.startState.doc), r, void 0, n || t.startState.selection, Dg);
	}
	static selection(t) {
		return new e(void 0, Dg, void 0, void 0, t);
	}
};
function Cg(e, t, n, r) {
	let i = t + 1 > n + 20 ? t - n - 1 : 0, a = e.slice(i, t);
	return a.push(r), a;
}
function wg(e, t) {
	let n = [], r = !1;
	return e.iterChangedRanges((e, t) => n.push(e, t)), t.iterChangedRanges((e, t, i, a) => {
		for (let e = 0; e < n.length;) {
			let t = n[e++], o = n[e++];
			a >= t && i <= o && (r = !0);
		}
	}), r;
}
function Tg(e, t) {
	return e.ranges.length == t.ranges.length && e.ranges.filter((e, n) => e.empty != t.ranges[n].empty).length === 0;
}
function Eg(e, t) {
	return e.length ? t.length ? e.concat(t) : e : t;
}
var Dg = [], Og = 200;
function kg(e, t) {
	if (e.length) {
		let n = e[e.length - 1], r = n.selectionsAfter.slice(Math.max(0, n.selectionsAfter.length - Og));
		return r.length && r[r.length - 1].eq(t) ? e : (r.push(t), Cg(e, e.length - 1, 1e9, n.setSelAfter(r)));
	}
	return [Sg.selection([t])];
}
function Ag(e) {
	let t = e[e.length - 1], n = e.slice();
	return n[e.length - 1] = t.setSelAfter(t.selectionsAfter.slice(0, t.selectionsAfter.length - 1)), n;
}
function jg(e, t) {
	if (!e.length) return e;
	let n = e.length, r = Dg;
	for (; n;) {
		let i = Mg(e[n - 1], t, r);
		if (i.changes && !i.changes.empty || i.effects.length) {
			let t = e.slice(0, n);
			return t[n - 1] = i, t;
		}
		t = i.mapped, n--, r = i.selectionsAfter;
	}
	return r.length ? [Sg.selection(r)] : Dg;
}
function Mg(e, t, n) {
	let r = Eg(e.selectionsAfter.length ? e.selectionsAfter.map((e) => e.map(t)) : Dg, n);
	if (!e.changes) return Sg.selection(r);
	let i = e.changes.map(t), a = t.mapDesc(e.changes, !0), o = e.mapped ? e.mapped.composeDesc(a) : a;
	return new Sg(i, M.mapEffects(e.effects, t), o, e.startSelection.map(a), r);
}
var Ng = /^(input\.type|delete)($|\.)/, Pg = class e {
	constructor(e, t, n = 0, r = void 0) {
		this.done = e, this.undone = t, this.prevTime = n, this.prevUserEvent = r;
	}
	isolate() {
		return this.prevTime ? new e(this.done, this.undone) : this;
	}
	addChanges(t, n, r, i, a) {
		let o = this.done, s = o[o.length - 1];
		return o = s && s.changes && !s.changes.empty && t.changes && (!r || Ng.test(r)) && (!s.selectionsAfter.length && n - this.prevTime < i.newGroupDelay && i.joinToEvent(a, wg(s.changes, t.changes)) || r == `input.type.compose`) ? Cg(o, o.length - 1, i.minDepth, new Sg(t.changes.compose(s.changes), Eg(M.mapEffects(t.effects, s.changes), s.effects), s.mapped, s.startSelection, Dg)) : Cg(o, o.length, i.minDepth, t), new e(o, Dg, n, r);
	}
	addSelection(t, n, r, i) {
		let a = this.done.length ? this.done[this.done.length - 1].selectionsAfter : Dg;
		return a.length > 0 && n - this.prevTime < i && r == this.prevUserEvent && r && /^select($|\.)/.test(r) && Tg(a[a.length - 1], t) ? this : new e(kg(this.done, t), this.undone, n, r);
	}
	addMapping(t) {
		return new e(jg(this.done, t), jg(this.undone, t), this.prevTime, this.prevUserEvent);
	}
	pop(e, t, n) {
		let r = e == 0 ? this.done : this.undone;
		if (r.length == 0) return null;
		let i = r[r.length - 1], a = i.selectionsAfter[0] || (i.startSelection ? i.startSelection.map(i.changes.invertedDesc, 1) : t.selection);
		if (n && i.selectionsAfter.length) return t.update({
			selection: i.selectionsAfter[i.selectionsAfter.length - 1],
			annotations: dg.of({
				side: e,
				rest: Ag(r),
				selection: a
			}),
			userEvent: e == 0 ? `select.undo` : `select.redo`,
			scrollIntoView: !0
		});
		if (i.changes) {
			let n = r.length == 1 ? Dg : r.slice(0, r.length - 1);
			return i.mapped && (n = jg(n, i.mapped)), t.update({
				changes: i.changes,
				selection: i.startSelection,
				effects: i.effects,
				annotations: dg.of({
					side: e,
					rest: n,
					selection: a
				}),
				filter: !1,
				userEvent: e == 0 ? `undo` : `redo`,
				scrollIntoView: !0
			});
		}
		return null;
	}
};
Pg.empty = new Pg(Dg, Dg);
var Fg = [
	{
		key: `Mod-z`,
		run: vg,
		preventDefault: !0
	},
	{
		key: `Mod-y`,
		mac: `Mod-Shift-z`,
		run: yg,
		preventDefault: !0
	},
	{
		linux: `Ctrl-Shift-z`,
		run: yg,
		preventDefault: !0
	},
	{
		key: `Mod-u`,
		run: bg,
		preventDefault: !0
	},
	{
		key: `Alt-u`,
		mac: `Mod-Shift-u`,
		run: xg,
		preventDefault: !0
	}
];
function Ig(e, t) {
	return k.create(e.ranges.map(t), e.mainIndex);
}
function Lg(e, t) {
	return e.update({
		selection: t,
		scrollIntoView: !0,
		userEvent: `select`
	});
}
function Rg({ state: e, dispatch: t }, n) {
	let r = Ig(e.selection, n);
	return !r.eq(e.selection, !0) && (t(Lg(e, r)), !0);
}
function zg(e, t) {
	return k.cursor(t ? e.to : e.from);
}
function Bg(e, t) {
	return Rg(e, (n) => n.empty ? e.moveByChar(n, t) : zg(n, t));
}
function $(e) {
	return e.textDirectionAt(e.state.selection.main.head) == W.LTR;
}
var Vg = (e) => Bg(e, !$(e)), Hg = (e) => Bg(e, $(e));
function Ug(e, t) {
	return Rg(e, (n) => n.empty ? e.moveByGroup(n, t) : zg(n, t));
}
var Wg = (e) => Ug(e, !$(e)), Gg = (e) => Ug(e, $(e));
typeof Intl < `u` && Intl.Segmenter;
function Kg(e, t, n) {
	if (t.type.prop(n)) return !0;
	let r = t.to - t.from;
	return r && (r > 2 || /[^\s,.;:]/.test(e.sliceDoc(t.from, t.to))) || t.firstChild;
}
function qg(e, t, n) {
	let i = Z(e).resolveInner(t.head), a = n ? r.closedBy : r.openedBy;
	for (let r = t.head;;) {
		let t = n ? i.childAfter(r) : i.childBefore(r);
		if (!t) break;
		Kg(e, t, a) ? i = t : r = n ? t.to : t.from;
	}
	let o = i.type.prop(a), s, c;
	return c = o && (s = n ? Wp(e, i.from, 1) : Wp(e, i.to, -1)) && s.matched ? n ? s.end.to : s.end.from : n ? i.to : i.from, k.cursor(c, n ? -1 : 1);
}
var Jg = (e) => Rg(e, (t) => qg(e.state, t, !$(e))), Yg = (e) => Rg(e, (t) => qg(e.state, t, $(e)));
function Xg(e, t) {
	return Rg(e, (n) => {
		if (!n.empty) return zg(n, t);
		let r = e.moveVertically(n, t);
		return r.head == n.head ? e.moveToLineBoundary(n, t) : r;
	});
}
var Zg = (e) => Xg(e, !1), Qg = (e) => Xg(e, !0);
function $g(e) {
	let t = e.scrollDOM.clientHeight < e.scrollDOM.scrollHeight - 2, n = 0, r = 0, i;
	if (t) {
		for (let t of e.state.facet(X.scrollMargins)) {
			let i = t(e);
			i?.top && (n = Math.max(i?.top, n)), i?.bottom && (r = Math.max(i?.bottom, r));
		}
		i = e.scrollDOM.clientHeight - n - r;
	} else i = (e.dom.ownerDocument.defaultView || window).innerHeight;
	return {
		marginTop: n,
		marginBottom: r,
		selfScroll: t,
		height: Math.max(e.defaultLineHeight, i - 5)
	};
}
function e_(e, t) {
	let n = $g(e), { state: r } = e, i = Ig(r.selection, (r) => r.empty ? e.moveVertically(r, t, n.height) : zg(r, t));
	if (i.eq(r.selection)) return !1;
	let a;
	if (n.selfScroll) {
		let t = e.coordsAtPos(r.selection.main.head), o = e.scrollDOM.getBoundingClientRect(), s = o.top + n.marginTop, c = o.bottom - n.marginBottom;
		t && t.top > s && t.bottom < c && (a = X.scrollIntoView(i.main.head, {
			y: `start`,
			yMargin: t.top - s
		}));
	}
	return e.dispatch(Lg(r, i), { effects: a }), !0;
}
var t_ = (e) => e_(e, !1), n_ = (e) => e_(e, !0);
function r_(e, t, n) {
	let r = e.lineBlockAt(t.head), i = e.moveToLineBoundary(t, n);
	if (i.head == t.head && i.head != (n ? r.to : r.from) && (i = e.moveToLineBoundary(t, n, !1)), !n && i.head == r.from && r.length) {
		let n = /^\s*/.exec(e.state.sliceDoc(r.from, Math.min(r.from + 100, r.to)))[0].length;
		n && t.head != r.from + n && (i = k.cursor(r.from + n));
	}
	return i;
}
var i_ = (e) => Rg(e, (t) => r_(e, t, !0)), a_ = (e) => Rg(e, (t) => r_(e, t, !1)), o_ = (e) => Rg(e, (t) => r_(e, t, !$(e))), s_ = (e) => Rg(e, (t) => r_(e, t, $(e))), c_ = (e) => Rg(e, (t) => e.moveToLineBoundary(t, !1, !1)), l_ = (e) => Rg(e, (t) => e.moveToLineBoundary(t, !0, !1));
function u_(e, t, n) {
	let r = !1, i = Ig(e.selection, (t) => {
		let i = Wp(e, t.head, -1) || Wp(e, t.head, 1) || t.head > 0 && Wp(e, t.head - 1, 1) || t.head < e.doc.length && Wp(e, t.head + 1, -1);
		if (!i || !i.end) return t;
		r = !0;
		let a = i.start.from == t.head ? i.end.to : i.end.from;
		return n ? k.range(t.anchor, a) : k.cursor(a);
	});
	return r ? (t(Lg(e, i)), !0) : !1;
}
var d_ = ({ state: e, dispatch: t }) => u_(e, t, !1);
function f_(e, t, n) {
	let r = Ig(e.state.selection, (e) => {
		e.undirectional && e.head >= e.anchor != t && (e = k.range(e.head, e.anchor));
		let r = n(e);
		return k.range(e.anchor, r.head, r.goalColumn, r.bidiLevel || void 0, r.assoc);
	});
	return !r.eq(e.state.selection) && (e.dispatch(Lg(e.state, r)), !0);
}
function p_(e, t) {
	return f_(e, t, (n) => e.moveByChar(n, t));
}
var m_ = (e) => p_(e, !$(e)), h_ = (e) => p_(e, $(e));
function g_(e, t) {
	return f_(e, t, (n) => e.moveByGroup(n, t));
}
var __ = (e) => g_(e, !$(e)), v_ = (e) => g_(e, $(e)), y_ = (e) => {
	let t = !$(e);
	return f_(e, t, (n) => qg(e.state, n, t));
}, b_ = (e) => {
	let t = $(e);
	return f_(e, t, (n) => qg(e.state, n, t));
};
function x_(e, t) {
	return f_(e, t, (n) => e.moveVertically(n, t));
}
var S_ = (e) => x_(e, !1), C_ = (e) => x_(e, !0);
function w_(e, t) {
	return f_(e, t, (n) => e.moveVertically(n, t, $g(e).height));
}
var T_ = (e) => w_(e, !1), E_ = (e) => w_(e, !0), D_ = (e) => f_(e, !0, (t) => r_(e, t, !0)), O_ = (e) => f_(e, !1, (t) => r_(e, t, !1)), k_ = (e) => {
	let t = !$(e);
	return f_(e, t, (n) => r_(e, n, t));
}, A_ = (e) => {
	let t = $(e);
	return f_(e, t, (n) => r_(e, n, t));
}, j_ = (e) => f_(e, !1, (t) => k.cursor(e.lineBlockAt(t.head).from)), M_ = (e) => f_(e, !0, (t) => k.cursor(e.lineBlockAt(t.head).to)), N_ = ({ state: e, dispatch: t }) => (t(Lg(e, { anchor: 0 })), !0), P_ = ({ state: e, dispatch: t }) => (t(Lg(e, { anchor: e.doc.length })), !0), F_ = ({ state: e, dispatch: t }) => (t(Lg(e, {
	anchor: e.selection.main.anchor,
	head: 0
})), !0), I_ = ({ state: e, dispatch: t }) => (t(Lg(e, {
	anchor: e.selection.main.anchor,
	head: e.doc.length
})), !0), L_ = ({ state: e, dispatch: t }) => (t(e.update({
	selection: {
		anchor: 0,
		head: e.doc.length
	},
	userEvent: `select`
})), !0), R_ = ({ state: e, dispatch: t }) => {
	let n = rv(e).map(({ from: t, to: n }) => k.undirectionalRange(t, Math.min(n + 1, e.doc.length)));
	return t(e.update({
		selection: k.create(n),
		userEvent: `select`
	})), !0;
}, z_ = ({ state: e, dispatch: t }) => {
	let n = Ig(e.selection, (t) => {
		let n = Z(e), r = n.resolveStack(t.from, 1);
		if (t.empty) {
			let e = n.resolveStack(t.from, -1);
			e.node.from >= r.node.from && e.node.to <= r.node.to && (r = e);
		}
		for (let e = r; e; e = e.next) {
			let { node: n } = e;
			if ((n.from < t.from && n.to >= t.to || n.to > t.to && n.from <= t.from) && e.next) return k.undirectionalRange(n.from, n.to);
		}
		return t;
	});
	return !n.eq(e.selection) && (t(Lg(e, n)), !0);
};
function B_(e, t) {
	let { state: n } = e, r = n.selection, i = n.selection.ranges.slice();
	for (let r of n.selection.ranges) {
		let a = n.doc.lineAt(r.head);
		if (t ? a.to < e.state.doc.length : a.from > 0) for (let n = r;;) {
			let r = e.moveVertically(n, t);
			if (r.head < a.from || r.head > a.to) {
				i.some((e) => e.head == r.head) || i.push(r);
				break;
			}
			if (r.head == n.head) break;
			n = r;
		}
	}
	return i.length != r.ranges.length && (e.dispatch(Lg(n, k.create(i, i.length - 1))), !0);
}
var V_ = (e) => B_(e, !1), H_ = (e) => B_(e, !0), U_ = ({ state: e, dispatch: t }) => {
	let n = e.selection, r = null;
	return n.ranges.length > 1 ? r = k.create([n.main]) : n.main.empty || (r = k.create([k.cursor(n.main.head)])), r ? (t(Lg(e, r)), !0) : !1;
};
function W_(e, t) {
	if (e.state.readOnly) return !1;
	let n = `delete.selection`, { state: r } = e, i = r.changeByRange((r) => {
		let { from: i, to: a } = r;
		if (i == a) {
			let o = t(r);
			o < i ? (n = `delete.backward`, o = G_(e, o, !1)) : o > i && (n = `delete.forward`, o = G_(e, o, !0)), i = Math.min(i, o), a = Math.max(a, o);
		} else i = G_(e, i, !1), a = G_(e, a, !0);
		return i == a ? { range: r } : {
			changes: {
				from: i,
				to: a
			},
			range: k.cursor(i, i < r.head ? -1 : 1)
		};
	});
	return !i.changes.empty && (e.dispatch(r.update(i, {
		scrollIntoView: !0,
		userEvent: n,
		effects: n == `delete.selection` ? X.announce.of(r.phrase(`Selection deleted`)) : void 0
	})), !0);
}
function G_(e, t, n) {
	if (e instanceof X) for (let r of e.state.facet(X.atomicRanges).map((t) => t(e))) r.between(t, t, (e, r) => {
		e < t && r > t && (t = n ? r : e);
	});
	return t;
}
var K_ = (e, t, n) => W_(e, (r) => {
	let i = r.from, { state: a } = e, o = a.doc.lineAt(i), s, c;
	if (n && !t && i > o.from && i < o.from + 200 && !/[^ \t]/.test(s = o.text.slice(0, i - o.from))) {
		if (s[s.length - 1] == `	`) return i - 1;
		let e = Ri(s, a.tabSize) % jf(a) || jf(a);
		for (let t = 0; t < e && s[s.length - 1 - t] == ` `; t++) i--;
		c = i;
	} else c = T(o.text, i - o.from, t, t) + o.from, c == i && o.number != (t ? a.doc.lines : 1) ? c += t ? 1 : -1 : !t && /[\ufe00-\ufe0f]/.test(o.text.slice(c - o.from, i - o.from)) && (c = T(o.text, c - o.from, !1, !1) + o.from);
	return c;
}), q_ = (e) => K_(e, !1, !0), J_ = (e) => K_(e, !0, !1), Y_ = (e, t) => W_(e, (n) => {
	let r = n.head, { state: i } = e, a = i.doc.lineAt(r), o = i.charCategorizer(r);
	for (let e = null;;) {
		if (r == (t ? a.to : a.from)) {
			r == n.head && a.number != (t ? i.doc.lines : 1) && (r += t ? 1 : -1);
			break;
		}
		let s = T(a.text, r - a.from, t) + a.from, c = a.text.slice(Math.min(r, s) - a.from, Math.max(r, s) - a.from), l = o(c);
		if (e != null && l != e) break;
		(c != ` ` || r != n.head) && (e = l), r = s;
	}
	return r;
}), X_ = (e) => Y_(e, !1), Z_ = (e) => Y_(e, !0), Q_ = (e) => W_(e, (t) => {
	let n = e.lineBlockAt(t.head).to;
	return t.head < n ? n : Math.min(e.state.doc.length, t.head + 1);
}), $_ = (e) => W_(e, (t) => {
	let n = e.moveToLineBoundary(t, !1).head;
	return t.head > n ? n : Math.max(0, t.head - 1);
}), ev = (e) => W_(e, (t) => {
	let n = e.moveToLineBoundary(t, !0).head;
	return t.head < n ? n : Math.min(e.state.doc.length, t.head + 1);
}), tv = ({ state: e, dispatch: t }) => {
	if (e.readOnly) return !1;
	let n = e.changeByRange((e) => ({
		changes: {
			from: e.from,
			to: e.to,
			insert: w.of([``, ``])
		},
		range: k.cursor(e.from)
	}));
	return t(e.update(n, {
		scrollIntoView: !0,
		userEvent: `input`
	})), !0;
}, nv = ({ state: e, dispatch: t }) => {
	if (e.readOnly) return !1;
	let n = e.changeByRange((t) => {
		if (!t.empty || t.from == 0 || t.from == e.doc.length) return { range: t };
		let n = t.from, r = e.doc.lineAt(n), i = n == r.from ? n - 1 : T(r.text, n - r.from, !1) + r.from, a = n == r.to ? n + 1 : T(r.text, n - r.from, !0) + r.from;
		return {
			changes: {
				from: i,
				to: a,
				insert: e.doc.slice(n, a).append(e.doc.slice(i, n))
			},
			range: k.cursor(a)
		};
	});
	return !n.changes.empty && (t(e.update(n, {
		scrollIntoView: !0,
		userEvent: `move.character`
	})), !0);
};
function rv(e) {
	let t = [], n = -1;
	for (let r of e.selection.ranges) {
		let i = e.doc.lineAt(r.from), a = e.doc.lineAt(r.to);
		if (!r.empty && r.to == a.from && (a = e.doc.lineAt(r.to - 1)), n >= i.number) {
			let e = t[t.length - 1];
			e.to = a.to, e.ranges.push(r);
		} else t.push({
			from: i.from,
			to: a.to,
			ranges: [r]
		});
		n = a.number + 1;
	}
	return t;
}
function iv(e, t, n) {
	if (e.readOnly) return !1;
	let r = [], i = [];
	for (let t of rv(e)) {
		if (n ? t.to == e.doc.length : t.from == 0) continue;
		let a = e.doc.lineAt(n ? t.to + 1 : t.from - 1), o = a.length + 1;
		if (n) {
			r.push({
				from: t.to,
				to: a.to
			}, {
				from: t.from,
				insert: a.text + e.lineBreak
			});
			for (let n of t.ranges) i.push(k.range(Math.min(e.doc.length, n.anchor + o), Math.min(e.doc.length, n.head + o)));
		} else {
			r.push({
				from: a.from,
				to: t.from
			}, {
				from: t.to,
				insert: e.lineBreak + a.text
			});
			for (let e of t.ranges) i.push(k.range(e.anchor - o, e.head - o));
		}
	}
	return r.length ? (t(e.update({
		changes: r,
		scrollIntoView: !0,
		selection: k.create(i, e.selection.mainIndex),
		userEvent: `move.line`
	})), !0) : !1;
}
var av = ({ state: e, dispatch: t }) => iv(e, t, !1), ov = ({ state: e, dispatch: t }) => iv(e, t, !0);
function sv(e, t, n) {
	if (e.readOnly) return !1;
	let r = [];
	for (let t of rv(e)) n ? r.push({
		from: t.from,
		insert: e.doc.slice(t.from, t.to) + e.lineBreak
	}) : r.push({
		from: t.to,
		insert: e.lineBreak + e.doc.slice(t.from, t.to)
	});
	let i = e.changes(r);
	return t(e.update({
		changes: i,
		selection: e.selection.map(i, n ? 1 : -1),
		scrollIntoView: !0,
		userEvent: `input.copyline`
	})), !0;
}
var cv = ({ state: e, dispatch: t }) => sv(e, t, !1), lv = ({ state: e, dispatch: t }) => sv(e, t, !0), uv = (e) => {
	if (e.state.readOnly) return !1;
	let { state: t } = e, n = t.changes(rv(t).map(({ from: e, to: n }) => (e > 0 ? e-- : n < t.doc.length && n++, {
		from: e,
		to: n
	}))), r = Ig(t.selection, (t) => {
		let n;
		if (e.lineWrapping) {
			let r = e.lineBlockAt(t.head), i = e.coordsAtPos(t.head, t.assoc || 1);
			i && (n = r.bottom + e.documentTop - i.bottom + e.defaultLineHeight / 2);
		}
		return e.moveVertically(t, !0, n);
	}).map(n);
	return e.dispatch({
		changes: n,
		selection: r,
		scrollIntoView: !0,
		userEvent: `delete.line`
	}), !0;
};
function dv(e, t) {
	if (/\(\)|\[\]|\{\}/.test(e.sliceDoc(t - 1, t + 1))) return {
		from: t,
		to: t
	};
	let n = Z(e).resolveInner(t), i = n.childBefore(t), a = n.childAfter(t), o;
	return i && a && i.to <= t && a.from >= t && (o = i.type.prop(r.closedBy)) && o.indexOf(a.name) > -1 && e.doc.lineAt(i.to).from == e.doc.lineAt(a.from).from && !/\S/.test(e.sliceDoc(i.to, a.from)) ? {
		from: i.to,
		to: a.from
	} : null;
}
var fv = mv(!1), pv = mv(!0);
function mv(e) {
	return ({ state: t, dispatch: n }) => {
		if (t.readOnly) return !1;
		let r = t.changeByRange((n) => {
			let { from: r, to: i } = n, a = t.doc.lineAt(r), o = !e && r == i && dv(t, r);
			e && (r = i = (i <= a.to ? a : t.doc.lineAt(i)).to);
			let s = new Pf(t, {
				simulateBreak: r,
				simulateDoubleBreak: !!o
			}), c = Nf(s, r);
			for (c ??= Ri(/^\s*/.exec(t.doc.lineAt(r).text)[0], t.tabSize); i < a.to && /\s/.test(a.text[i - a.from]);) i++;
			o ? {from: r, to: i} = o : r > a.from && r < a.from + 100 && !/\S/.test(a.text.slice(0, r)) && (r = a.from);
			let l = [``, Mf(t, c)];
			return o && l.push(Mf(t, s.lineIndent(a.from, -1))), {
				changes: {
					from: r,
					to: i,
					insert: w.of(l)
				},
				range: k.cursor(r + 1 + l[1].length)
			};
		});
		return n(t.update(r, {
			scrollIntoView: !0,
			userEvent: `input`
		})), !0;
	};
}
function hv(e, t) {
	let n = -1;
	return e.changeByRange((r) => {
		let i = [];
		for (let a = r.from; a <= r.to;) {
			let o = e.doc.lineAt(a);
			o.number > n && (r.empty || r.to > o.from) && (t(o, i, r), n = o.number), a = o.to + 1;
		}
		let a = e.changes(i);
		return {
			changes: i,
			range: k.range(a.mapPos(r.anchor, 1), a.mapPos(r.head, 1))
		};
	});
}
var gv = ({ state: e, dispatch: t }) => {
	if (e.readOnly) return !1;
	let n = Object.create(null), r = new Pf(e, { overrideIndentation: (e) => n[e] ?? -1 }), i = hv(e, (t, i, a) => {
		let o = Nf(r, t.from);
		if (o == null) return;
		/\S/.test(t.text) || (o = 0);
		let s = /^\s*/.exec(t.text)[0], c = Mf(e, o);
		(s != c || a.from < t.from + s.length) && (n[t.from] = o, i.push({
			from: t.from,
			to: t.from + s.length,
			insert: c
		}));
	});
	return i.changes.empty || t(e.update(i, { userEvent: `indent` })), !0;
}, _v = ({ state: e, dispatch: t }) => !e.readOnly && (t(e.update(hv(e, (t, n) => {
	n.push({
		from: t.from,
		insert: e.facet(Af)
	});
}), { userEvent: `input.indent` })), !0), vv = ({ state: e, dispatch: t }) => !e.readOnly && (t(e.update(hv(e, (t, n) => {
	let r = /^\s*/.exec(t.text)[0];
	if (!r) return;
	let i = Ri(r, e.tabSize), a = 0, o = Mf(e, Math.max(0, i - jf(e)));
	for (; a < r.length && a < o.length && r.charCodeAt(a) == o.charCodeAt(a);) a++;
	n.push({
		from: t.from + a,
		to: t.from + r.length,
		insert: o.slice(a)
	});
}), { userEvent: `delete.dedent` })), !0), yv = (e) => (e.setTabFocusMode(), !0), bv = [
	{
		key: `Ctrl-b`,
		run: Vg,
		shift: m_,
		preventDefault: !0
	},
	{
		key: `Ctrl-f`,
		run: Hg,
		shift: h_
	},
	{
		key: `Ctrl-p`,
		run: Zg,
		shift: S_
	},
	{
		key: `Ctrl-n`,
		run: Qg,
		shift: C_
	},
	{
		key: `Ctrl-a`,
		run: c_,
		shift: j_
	},
	{
		key: `Ctrl-e`,
		run: l_,
		shift: M_
	},
	{
		key: `Ctrl-d`,
		run: J_
	},
	{
		key: `Ctrl-h`,
		run: q_
	},
	{
		key: `Ctrl-k`,
		run: Q_
	},
	{
		key: `Ctrl-Alt-h`,
		run: X_
	},
	{
		key: `Ctrl-o`,
		run: tv
	},
	{
		key: `Ctrl-t`,
		run: nv
	},
	{
		key: `Ctrl-v`,
		run: n_
	}
], xv = [
	{
		key: `ArrowLeft`,
		run: Vg,
		shift: m_,
		preventDefault: !0
	},
	{
		key: `Mod-ArrowLeft`,
		mac: `Alt-ArrowLeft`,
		run: Wg,
		shift: __,
		preventDefault: !0
	},
	{
		mac: `Cmd-ArrowLeft`,
		run: o_,
		shift: k_,
		preventDefault: !0
	},
	{
		key: `ArrowRight`,
		run: Hg,
		shift: h_,
		preventDefault: !0
	},
	{
		key: `Mod-ArrowRight`,
		mac: `Alt-ArrowRight`,
		run: Gg,
		shift: v_,
		preventDefault: !0
	},
	{
		mac: `Cmd-ArrowRight`,
		run: s_,
		shift: A_,
		preventDefault: !0
	},
	{
		key: `ArrowUp`,
		run: Zg,
		shift: S_,
		preventDefault: !0
	},
	{
		mac: `Cmd-ArrowUp`,
		run: N_,
		shift: F_
	},
	{
		mac: `Ctrl-ArrowUp`,
		run: t_,
		shift: T_
	},
	{
		key: `ArrowDown`,
		run: Qg,
		shift: C_,
		preventDefault: !0
	},
	{
		mac: `Cmd-ArrowDown`,
		run: P_,
		shift: I_
	},
	{
		mac: `Ctrl-ArrowDown`,
		run: n_,
		shift: E_
	},
	{
		key: `PageUp`,
		run: t_,
		shift: T_
	},
	{
		key: `PageDown`,
		run: n_,
		shift: E_
	},
	{
		key: `Home`,
		run: a_,
		shift: O_,
		preventDefault: !0
	},
	{
		key: `Mod-Home`,
		run: N_,
		shift: F_
	},
	{
		key: `End`,
		run: i_,
		shift: D_,
		preventDefault: !0
	},
	{
		key: `Mod-End`,
		run: P_,
		shift: I_
	},
	{
		key: `Enter`,
		run: fv,
		shift: fv
	},
	{
		key: `Mod-a`,
		run: L_
	},
	{
		key: `Backspace`,
		run: q_,
		shift: q_,
		preventDefault: !0
	},
	{
		key: `Delete`,
		run: J_,
		preventDefault: !0
	},
	{
		key: `Mod-Backspace`,
		mac: `Alt-Backspace`,
		run: X_,
		preventDefault: !0
	},
	{
		key: `Mod-Delete`,
		mac: `Alt-Delete`,
		run: Z_,
		preventDefault: !0
	},
	{
		mac: `Mod-Backspace`,
		run: $_,
		preventDefault: !0
	},
	{
		mac: `Mod-Delete`,
		run: ev,
		preventDefault: !0
	}
].concat(bv.map((e) => ({
	mac: e.key,
	run: e.run,
	shift: e.shift
}))), Sv = [
	{
		key: `Alt-ArrowLeft`,
		mac: `Ctrl-ArrowLeft`,
		run: Jg,
		shift: y_
	},
	{
		key: `Alt-ArrowRight`,
		mac: `Ctrl-ArrowRight`,
		run: Yg,
		shift: b_
	},
	{
		key: `Alt-ArrowUp`,
		run: av
	},
	{
		key: `Shift-Alt-ArrowUp`,
		run: cv
	},
	{
		key: `Alt-ArrowDown`,
		run: ov
	},
	{
		key: `Shift-Alt-ArrowDown`,
		run: lv
	},
	{
		key: `Mod-Alt-ArrowUp`,
		run: V_
	},
	{
		key: `Mod-Alt-ArrowDown`,
		run: H_
	},
	{
		key: `Escape`,
		run: U_
	},
	{
		key: `Mod-Enter`,
		run: pv
	},
	{
		key: `Alt-l`,
		mac: `Ctrl-l`,
		run: R_
	},
	{
		key: `Mod-i`,
		run: z_,
		preventDefault: !0
	},
	{
		key: `Mod-[`,
		run: vv
	},
	{
		key: `Mod-]`,
		run: _v
	},
	{
		key: `Mod-Alt-\\`,
		run: gv
	},
	{
		key: `Shift-Mod-k`,
		run: uv
	},
	{
		key: `Shift-Mod-\\`,
		run: d_
	},
	{
		key: `Mod-/`,
		run: eg
	},
	{
		key: `Alt-A`,
		mac: `Ctrl-A`,
		run: rg
	},
	{
		key: `Ctrl-m`,
		mac: `Shift-Alt-m`,
		run: yv
	}
].concat(xv), Cv = typeof String.prototype.normalize == `function` ? (e) => e.normalize(`NFKD`) : (e) => e, wv = class {
	constructor(e, t, n = 0, r = e.length, i, a) {
		this.test = a, this.value = {
			from: 0,
			to: 0,
			precise: !1
		}, this.done = !1, this.matches = [], this.buffer = ``, this.bufferPos = 0, this.iter = e.iterRange(n, r), this.bufferStart = n, this.normalize = i ? (e) => i(Cv(e)) : Cv, this.query = this.normalize(t);
	}
	peek() {
		if (this.bufferPos == this.buffer.length) {
			if (this.bufferStart += this.buffer.length, this.iter.next(), this.iter.done) return -1;
			this.bufferPos = 0, this.buffer = this.iter.value;
		}
		return E(this.buffer, this.bufferPos);
	}
	next() {
		for (; this.matches.length;) this.matches.pop();
		return this.nextOverlapping();
	}
	nextOverlapping() {
		for (;;) {
			let e = this.peek();
			if (e < 0) return this.done = !0, this;
			let t = Sr(e), n = this.bufferStart + this.bufferPos;
			this.bufferPos += Cr(e);
			let r = this.normalize(t);
			if (r.length) for (let e = 0, i = n, a = !0;; e++) {
				let n = r.charCodeAt(e), o = this.match(n, i, a, this.bufferPos + this.bufferStart, e == r.length - 1);
				if (o) return this.value = o, this;
				if (e == r.length - 1) break;
				a && e < t.length && t.charCodeAt(e) == n ? i++ : a = !1;
			}
		}
	}
	match(e, t, n, r, i) {
		let a = null;
		for (let t = 0; t < this.matches.length;) {
			let n = this.matches[t], o = !1;
			this.query.charCodeAt(n.index) == e && (n.index == this.query.length - 1 ? a = {
				from: n.from,
				to: r,
				precise: i && n.precise
			} : (n.index++, o = !0)), o ? t++ : this.matches.splice(t, 1);
		}
		return this.query.charCodeAt(0) == e && (this.query.length == 1 ? a = {
			from: t,
			to: r,
			precise: n && i
		} : this.matches.push({
			from: t,
			index: 1,
			precise: n
		})), a && this.test && !this.test(a.from, a.to, this.buffer, this.bufferStart) && (a = null), a;
	}
};
typeof Symbol < `u` && (wv.prototype[Symbol.iterator] = function() {
	return this;
});
var Tv = {
	from: -1,
	to: -1,
	match: /.*/.exec(``),
	precise: !0
}, Ev = `gm` + (/x/.unicode == null ? `` : `u`), Dv = class {
	constructor(e, t, n, r = 0, i = e.length) {
		if (this.text = e, this.to = i, this.curLine = ``, this.done = !1, this.value = Tv, /\\[sWDnr]|\n|\r|\[\^/.test(t)) return new Av(e, t, n, r, i);
		this.re = new RegExp(t, Ev + (n?.ignoreCase ? `i` : ``)), this.test = n?.test, this.iter = e.iter();
		let a = e.lineAt(r);
		this.curLineStart = a.from, this.matchPos = Mv(e, r), this.getLine(this.curLineStart);
	}
	getLine(e) {
		this.iter.next(e), this.iter.lineBreak ? this.curLine = `` : (this.curLine = this.iter.value, this.curLineStart + this.curLine.length > this.to && (this.curLine = this.curLine.slice(0, this.to - this.curLineStart)), this.iter.next());
	}
	nextLine() {
		this.curLineStart = this.curLineStart + this.curLine.length + 1, this.curLineStart > this.to ? this.curLine = `` : this.getLine(0);
	}
	next() {
		for (let e = this.matchPos - this.curLineStart;;) {
			this.re.lastIndex = e;
			let t = this.matchPos <= this.to && this.re.exec(this.curLine);
			if (t) {
				let n = this.curLineStart + t.index, r = n + t[0].length;
				if (this.matchPos = Mv(this.text, r + +(n == r)), n == this.curLineStart + this.curLine.length && this.nextLine(), (n < r || n > this.value.to) && (!this.test || this.test(n, r, t))) return this.value = {
					from: n,
					to: r,
					precise: !0,
					match: t
				}, this;
				e = this.matchPos - this.curLineStart;
			} else if (this.curLineStart + this.curLine.length < this.to) this.nextLine(), e = 0;
			else return this.done = !0, this;
		}
	}
}, Ov = /* @__PURE__ */ new WeakMap(), kv = class e {
	constructor(e, t) {
		this.from = e, this.text = t;
	}
	get to() {
		return this.from + this.text.length;
	}
	static get(t, n, r) {
		let i = Ov.get(t);
		if (!i || i.from >= r || i.to <= n) {
			let i = new e(n, t.sliceString(n, r));
			return Ov.set(t, i), i;
		}
		if (i.from == n && i.to == r) return i;
		let { text: a, from: o } = i;
		return o > n && (a = t.sliceString(n, o) + a, o = n), i.to < r && (a += t.sliceString(i.to, r)), Ov.set(t, new e(o, a)), new e(n, a.slice(n - o, r - o));
	}
}, Av = class {
	constructor(e, t, n, r, i) {
		this.text = e, this.to = i, this.done = !1, this.value = Tv, this.matchPos = Mv(e, r), this.re = new RegExp(t, Ev + (n?.ignoreCase ? `i` : ``)), this.test = n?.test, this.flat = kv.get(e, r, this.chunkEnd(r + 5e3));
	}
	chunkEnd(e) {
		return e >= this.to ? this.to : this.text.lineAt(e).to;
	}
	next() {
		for (;;) {
			let e = this.re.lastIndex = this.matchPos - this.flat.from, t = this.re.exec(this.flat.text);
			if (t && !t[0] && t.index == e && (this.re.lastIndex = e + 1, t = this.re.exec(this.flat.text)), t) {
				let e = this.flat.from + t.index, n = e + t[0].length;
				if ((this.flat.to >= this.to || t.index + t[0].length <= this.flat.text.length - 10) && (!this.test || this.test(e, n, t))) return this.value = {
					from: e,
					to: n,
					precise: !0,
					match: t
				}, this.matchPos = Mv(this.text, n + +(e == n)), this;
			}
			if (this.flat.to == this.to) return this.done = !0, this;
			this.flat = kv.get(this.text, this.flat.from, this.chunkEnd(this.flat.from + this.flat.text.length * 2));
		}
	}
};
typeof Symbol < `u` && (Dv.prototype[Symbol.iterator] = Av.prototype[Symbol.iterator] = function() {
	return this;
});
function jv(e) {
	try {
		return new RegExp(e, Ev), !0;
	} catch {
		return !1;
	}
}
function Mv(e, t) {
	if (t >= e.length) return t;
	let n = e.lineAt(t), r;
	for (; t < n.to && (r = n.text.charCodeAt(t - n.from)) >= 56320 && r < 57344;) t++;
	return t;
}
var Nv = (e) => {
	let t = Fd(e, `cm-goto-line`);
	if (t) {
		let e = t.dom.querySelector(`input[type=text]`);
		return e && e.select(), !0;
	}
	let { state: n } = e, r = String(n.doc.lineAt(e.state.selection.main.head).number), { close: i, result: a } = Pd(e, {
		class: `cm-goto-line`,
		label: n.phrase(`Go to line`),
		input: {
			type: `text`,
			name: `line`,
			value: r
		},
		focus: !0,
		submitLabel: n.phrase(`go`)
	});
	return a.then((t) => {
		let r = t && /^([+-])?(\d+)?(:\d+)?(%)?$/.exec(t.elements.line.value);
		if (!r) {
			e.dispatch({ effects: i });
			return;
		}
		let a = n.doc.lineAt(n.selection.main.head), [, o, s, c, l] = r, u = c ? +c.slice(1) : 0, d = s ? +s : a.number;
		if (s && l) {
			let e = d / 100;
			o && (e = e * (o == `-` ? -1 : 1) + a.number / n.doc.lines), d = Math.round(n.doc.lines * e);
		} else s && o && (d = d * (o == `-` ? -1 : 1) + a.number);
		let f = n.doc.line(Math.max(1, Math.min(n.doc.lines, d))), p = k.cursor(f.from + Math.max(0, Math.min(u, f.length)));
		e.dispatch({
			effects: [i, X.scrollIntoView(p.from, { y: `center` })],
			selection: p
		});
	}), !0;
}, Pv = {
	highlightWordAroundCursor: !1,
	minSelectionLength: 1,
	maxMatches: 100,
	wholeWords: !1
}, Fv = A.define({ combine(e) {
	return yi(e, Pv, {
		highlightWordAroundCursor: (e, t) => e || t,
		minSelectionLength: Math.min,
		maxMatches: Math.min
	});
} });
function Iv(e) {
	let t = [Hv, Vv];
	return e && t.push(Fv.of(e)), t;
}
var Lv = H.mark({ class: `cm-selectionMatch` }), Rv = H.mark({ class: `cm-selectionMatch cm-selectionMatch-main` });
function zv(e, t, n, r) {
	return (n == 0 || e(t.sliceDoc(n - 1, n)) != P.Word) && (r == t.doc.length || e(t.sliceDoc(r, r + 1)) != P.Word);
}
function Bv(e, t, n, r) {
	return e(t.sliceDoc(n, n + 1)) == P.Word && e(t.sliceDoc(r - 1, r)) == P.Word;
}
var Vv = K.fromClass(class {
	constructor(e) {
		this.decorations = this.getDeco(e);
	}
	update(e) {
		(e.selectionSet || e.docChanged || e.viewportChanged) && (this.decorations = this.getDeco(e.view));
	}
	getDeco(e) {
		let t = e.state.facet(Fv), { state: n } = e, r = n.selection;
		if (r.ranges.length > 1) return H.none;
		let i = r.main, a, o = null;
		if (i.empty) {
			if (!t.highlightWordAroundCursor) return H.none;
			let e = n.wordAt(i.head);
			if (!e) return H.none;
			o = n.charCategorizer(i.head), a = n.sliceDoc(e.from, e.to);
		} else {
			let e = i.to - i.from;
			if (e < t.minSelectionLength || e > 200) return H.none;
			if (t.wholeWords) {
				if (a = n.sliceDoc(i.from, i.to), o = n.charCategorizer(i.head), !(zv(o, n, i.from, i.to) && Bv(o, n, i.from, i.to))) return H.none;
			} else if (a = n.sliceDoc(i.from, i.to), !a) return H.none;
		}
		let s = [];
		for (let r of e.visibleRanges) {
			let e = new wv(n.doc, a, r.from, r.to);
			for (; !e.next().done;) {
				let { from: r, to: a } = e.value;
				if ((!o || zv(o, n, r, a)) && (i.empty && r <= i.from && a >= i.to ? s.push(Rv.range(r, a)) : (r >= i.to || a <= i.from) && s.push(Lv.range(r, a)), s.length > t.maxMatches)) return H.none;
			}
		}
		return H.set(s);
	}
}, { decorations: (e) => e.decorations }), Hv = X.baseTheme({
	".cm-selectionMatch": { backgroundColor: `#99ff7780` },
	".cm-searchMatch .cm-selectionMatch": { backgroundColor: `transparent` }
}), Uv = ({ state: e, dispatch: t }) => {
	let { selection: n } = e, r = k.create(n.ranges.map((t) => e.wordAt(t.head) || k.cursor(t.head)), n.mainIndex);
	return !r.eq(n) && (t(e.update({ selection: r })), !0);
};
function Wv(e, t) {
	let { main: n, ranges: r } = e.selection, i = e.wordAt(n.head), a = i && i.from == n.from && i.to == n.to;
	for (let n = !1, i = new wv(e.doc, t, r[r.length - 1].to);;) if (i.next(), i.done) {
		if (n) return null;
		i = new wv(e.doc, t, 0, Math.max(0, r[r.length - 1].from - 1)), n = !0;
	} else {
		if (n && r.some((e) => e.from == i.value.from)) continue;
		if (a) {
			let t = e.wordAt(i.value.from);
			if (!t || t.from != i.value.from || t.to != i.value.to) continue;
		}
		return i.value;
	}
}
var Gv = ({ state: e, dispatch: t }) => {
	let { ranges: n } = e.selection;
	if (n.some((e) => e.from === e.to)) return Uv({
		state: e,
		dispatch: t
	});
	let r = e.sliceDoc(n[0].from, n[0].to);
	if (e.selection.ranges.some((t) => e.sliceDoc(t.from, t.to) != r)) return !1;
	let i = Wv(e, r);
	return i ? (t(e.update({
		selection: e.selection.addRange(k.range(i.from, i.to), !1),
		effects: X.scrollIntoView(i.to)
	})), !0) : !1;
}, Kv = A.define({ combine(e) {
	return yi(e, {
		top: !1,
		caseSensitive: !1,
		literal: !1,
		regexp: !1,
		wholeWord: !1,
		createPanel: (e) => new Ey(e),
		scrollToMatch: (e) => X.scrollIntoView(e)
	});
} }), qv = class {
	constructor(e) {
		this.search = e.search, this.caseSensitive = !!e.caseSensitive, this.literal = !!e.literal, this.regexp = !!e.regexp, this.replace = e.replace || ``, this.valid = !!this.search && (!this.regexp || jv(this.search)), this.unquoted = this.unquote(this.search), this.wholeWord = !!e.wholeWord, this.test = e.test;
	}
	unquote(e) {
		return this.literal ? e : e.replace(/\\([nrt\\])/g, (e, t) => t == `n` ? `
` : t == `r` ? `\r` : t == `t` ? `	` : `\\`);
	}
	eq(e) {
		return this.search == e.search && this.replace == e.replace && this.caseSensitive == e.caseSensitive && this.regexp == e.regexp && this.wholeWord == e.wholeWord && this.test == e.test;
	}
	create() {
		return this.regexp ? new iy(this) : new Qv(this);
	}
	getCursor(e, t = 0, n) {
		let r = e.doc ? e : F.create({ doc: e });
		return n ??= r.doc.length, this.regexp ? ey(this, r, t, n) : Xv(this, r, t, n);
	}
}, Jv = class {
	constructor(e) {
		this.spec = e;
	}
};
function Yv(e, t, n) {
	return (r, i, a, o) => n && !n(r, i, a, o) ? !1 : e(r >= o && i <= o + a.length ? a.slice(r - o, i - o) : t.doc.sliceString(r, i), t, r, i);
}
function Xv(e, t, n, r) {
	let i;
	return e.wholeWord && (i = Zv(t.doc, t.charCategorizer(t.selection.main.head))), e.test && (i = Yv(e.test, t, i)), new wv(t.doc, e.unquoted, n, r, e.caseSensitive ? void 0 : (e) => e.toLowerCase(), i);
}
function Zv(e, t) {
	return (n, r, i, a) => ((a > n || a + i.length < r) && (a = Math.max(0, n - 2), i = e.sliceString(a, Math.min(e.length, r + 2))), (t(ty(i, n - a)) != P.Word || t(ny(i, n - a)) != P.Word) && (t(ny(i, r - a)) != P.Word || t(ty(i, r - a)) != P.Word));
}
var Qv = class extends Jv {
	constructor(e) {
		super(e);
	}
	nextMatch(e, t, n) {
		let r = Xv(this.spec, e, n, e.doc.length).nextOverlapping();
		if (r.done) {
			let n = Math.min(e.doc.length, t + this.spec.unquoted.length);
			r = Xv(this.spec, e, 0, n).nextOverlapping();
		}
		return r.done || r.value.from == t && r.value.to == n ? null : r.value;
	}
	prevMatchInRange(e, t, n) {
		for (let r = n;;) {
			let n = Math.max(t, r - 1e4 - this.spec.unquoted.length), i = Xv(this.spec, e, n, r), a = null;
			for (; !i.nextOverlapping().done;) a = i.value;
			if (a) return a;
			if (n == t) return null;
			r -= 1e4;
		}
	}
	prevMatch(e, t, n) {
		let r = this.prevMatchInRange(e, 0, t);
		return r ||= this.prevMatchInRange(e, Math.max(0, n - this.spec.unquoted.length), e.doc.length), r && (r.from != t || r.to != n) ? r : null;
	}
	getReplacement(e) {
		return this.spec.unquote(this.spec.replace);
	}
	matchAll(e, t) {
		let n = Xv(this.spec, e, 0, e.doc.length), r = [];
		for (; !n.next().done;) {
			if (r.length >= t) return null;
			r.push(n.value);
		}
		return r;
	}
	highlight(e, t, n, r) {
		let i = Xv(this.spec, e, Math.max(0, t - this.spec.unquoted.length), Math.min(n + this.spec.unquoted.length, e.doc.length));
		for (; !i.next().done;) r(i.value.from, i.value.to);
	}
};
function $v(e, t, n) {
	return (r, i, a) => (!n || n(r, i, a)) && e(a[0], t, r, i);
}
function ey(e, t, n, r) {
	let i;
	return e.wholeWord && (i = ry(t.charCategorizer(t.selection.main.head))), e.test && (i = $v(e.test, t, i)), new Dv(t.doc, e.search, {
		ignoreCase: !e.caseSensitive,
		test: i
	}, n, r);
}
function ty(e, t) {
	return e.slice(T(e, t, !1), t);
}
function ny(e, t) {
	return e.slice(t, T(e, t));
}
function ry(e) {
	return (t, n, r) => !r[0].length || (e(ty(r.input, r.index)) != P.Word || e(ny(r.input, r.index)) != P.Word) && (e(ny(r.input, r.index + r[0].length)) != P.Word || e(ty(r.input, r.index + r[0].length)) != P.Word);
}
var iy = class extends Jv {
	nextMatch(e, t, n) {
		let r = ey(this.spec, e, n, e.doc.length).next();
		return r.done && (r = ey(this.spec, e, 0, t).next()), r.done ? null : r.value;
	}
	prevMatchInRange(e, t, n) {
		for (let r = 1;; r++) {
			let i = Math.max(t, n - r * 1e4), a = ey(this.spec, e, i, n), o = null;
			for (; !a.next().done;) o = a.value;
			if (o && (i == t || o.from > i + 10)) return o;
			if (i == t) return null;
		}
	}
	prevMatch(e, t, n) {
		return this.prevMatchInRange(e, 0, t) || this.prevMatchInRange(e, n, e.doc.length);
	}
	getReplacement(e) {
		return this.spec.unquote(this.spec.replace).replace(/\$([$&]|\d+)/g, (t, n) => {
			if (n == `&`) return e.match[0];
			if (n == `$`) return `$`;
			for (let t = n.length; t > 0; t--) {
				let r = +n.slice(0, t);
				if (r > 0 && r < e.match.length) return e.match[r] + n.slice(t);
			}
			return t;
		});
	}
	matchAll(e, t) {
		let n = ey(this.spec, e, 0, e.doc.length), r = [];
		for (; !n.next().done;) {
			if (r.length >= t) return null;
			r.push(n.value);
		}
		return r;
	}
	highlight(e, t, n, r) {
		let i = ey(this.spec, e, Math.max(0, t - 250), Math.min(n + 250, e.doc.length));
		for (; !i.next().done;) r(i.value.from, i.value.to);
	}
}, ay = M.define(), oy = M.define(), sy = j.define({
	create(e) {
		return new cy(by(e).create(), null);
	},
	update(e, t) {
		for (let n of t.effects) n.is(ay) ? e = new cy(n.value.create(), e.panel) : n.is(oy) && (e = new cy(e.query, n.value ? yy : null));
		return e;
	},
	provide: (e) => Nd.from(e, (e) => e.panel)
}), cy = class {
	constructor(e, t) {
		this.query = e, this.panel = t;
	}
}, ly = H.mark({ class: `cm-searchMatch` }), uy = H.mark({ class: `cm-searchMatch cm-searchMatch-selected` }), dy = K.fromClass(class {
	constructor(e) {
		this.view = e, this.decorations = this.highlight(e.state.field(sy));
	}
	update(e) {
		let t = e.state.field(sy);
		(t != e.startState.field(sy) || e.docChanged || e.selectionSet || e.viewportChanged) && (this.decorations = this.highlight(t));
	}
	highlight({ query: e, panel: t }) {
		if (!t || !e.spec.valid) return H.none;
		let { view: n } = this, r = new Di();
		for (let t = 0, i = n.visibleRanges, a = i.length; t < a; t++) {
			let { from: o, to: s } = i[t];
			for (; t < a - 1 && s > i[t + 1].from - 500;) s = i[++t].to;
			e.highlight(n.state, o, s, (e, t) => {
				let i = n.state.selection.ranges.some((n) => n.from == e && n.to == t);
				r.add(e, t, i ? uy : ly);
			});
		}
		return r.finish();
	}
}, { decorations: (e) => e.decorations });
function fy(e) {
	return (t) => {
		let n = t.state.field(sy, !1);
		return n && n.query.spec.valid ? e(t, n) : Cy(t);
	};
}
var py = fy((e, { query: t }) => {
	let { to: n } = e.state.selection.main, r = t.nextMatch(e.state, n, n);
	if (!r) return !1;
	let i = k.single(r.from, r.to), a = e.state.facet(Kv);
	return e.dispatch({
		selection: i,
		effects: [Ay(e, r), a.scrollToMatch(i.main, e)],
		userEvent: `select.search`
	}), Sy(e), !0;
}), my = fy((e, { query: t }) => {
	let { state: n } = e, { from: r } = n.selection.main, i = t.prevMatch(n, r, r);
	if (!i) return !1;
	let a = k.single(i.from, i.to), o = e.state.facet(Kv);
	return e.dispatch({
		selection: a,
		effects: [Ay(e, i), o.scrollToMatch(a.main, e)],
		userEvent: `select.search`
	}), Sy(e), !0;
}), hy = fy((e, { query: t }) => {
	let n = t.matchAll(e.state, 1e3);
	return !n || !n.length ? !1 : (e.dispatch({
		selection: k.create(n.map((e) => k.range(e.from, e.to))),
		userEvent: `select.search.matches`
	}), !0);
}), gy = ({ state: e, dispatch: t }) => {
	let n = e.selection;
	if (n.ranges.length > 1 || n.main.empty) return !1;
	let { from: r, to: i } = n.main, a = [], o = 0;
	for (let t = new wv(e.doc, e.sliceDoc(r, i)); !t.next().done;) {
		if (a.length > 1e3) return !1;
		t.value.from == r && (o = a.length), a.push(k.range(t.value.from, t.value.to));
	}
	return t(e.update({
		selection: k.create(a, o),
		userEvent: `select.search.matches`
	})), !0;
}, _y = fy((e, { query: t }) => {
	let { state: n } = e, { from: r, to: i } = n.selection.main;
	if (n.readOnly) return !1;
	let a = t.nextMatch(n, r, r);
	if (!a) return !1;
	let o = a, s = [], c, l, u = [];
	o.precise ? o.from == r && o.to == i && (l = n.toText(t.getReplacement(o)), s.push({
		from: o.from,
		to: o.to,
		insert: l
	}), o = t.nextMatch(n, o.from, o.to), u.push(X.announce.of(n.phrase(`replaced match on line $`, n.doc.lineAt(r).number) + `.`))) : o = t.nextMatch(n, o.from, o.to);
	let d = e.state.changes(s);
	return o && (c = k.single(o.from, o.to).map(d), u.push(Ay(e, o)), u.push(n.facet(Kv).scrollToMatch(c.main, e))), e.dispatch({
		changes: d,
		selection: c,
		effects: u,
		userEvent: `input.replace`
	}), !0;
}), vy = fy((e, { query: t }) => {
	if (e.state.readOnly) return !1;
	let n = [];
	for (let r of t.matchAll(e.state, 1e9)) {
		let { from: e, to: i, precise: a } = r;
		a && n.push({
			from: e,
			to: i,
			insert: t.getReplacement(r)
		});
	}
	if (!n.length) return !1;
	let r = e.state.phrase(`replaced $ matches`, n.length) + `.`;
	return e.dispatch({
		changes: n,
		effects: X.announce.of(r),
		userEvent: `input.replace.all`
	}), !0;
});
function yy(e) {
	return e.state.facet(Kv).createPanel(e);
}
function by(e, t) {
	let n = e.selection.main, r = n.empty || n.to > n.from + 100 ? `` : e.sliceDoc(n.from, n.to);
	if (t && !r) return t;
	let i = e.facet(Kv);
	return new qv({
		search: t?.literal ?? i.literal ? r : r.replace(/\n/g, `\\n`),
		caseSensitive: t?.caseSensitive ?? i.caseSensitive,
		literal: t?.literal ?? i.literal,
		regexp: t?.regexp ?? i.regexp,
		wholeWord: t?.wholeWord ?? i.wholeWord
	});
}
function xy(e) {
	let t = kd(e, yy);
	return t && t.dom.querySelector(`[main-field]`);
}
function Sy(e) {
	let t = xy(e);
	t && t == e.root.activeElement && t.select();
}
var Cy = (e) => {
	let t = e.state.field(sy, !1);
	if (t && t.panel) {
		let n = xy(e);
		if (n && n != e.root.activeElement) {
			let r = by(e.state, t.query.spec);
			r.valid && e.dispatch({ effects: ay.of(r) }), n.focus(), n.select();
		}
	} else e.dispatch({ effects: [oy.of(!0), t ? ay.of(by(e.state, t.query.spec)) : M.appendConfig.of(My)] });
	return !0;
}, wy = (e) => {
	let t = e.state.field(sy, !1);
	if (!t || !t.panel) return !1;
	let n = kd(e, yy);
	return n && n.dom.contains(e.root.activeElement) && e.focus(), e.dispatch({ effects: oy.of(!1) }), !0;
}, Ty = [
	{
		key: `Mod-f`,
		run: Cy,
		scope: `editor search-panel`
	},
	{
		key: `F3`,
		run: py,
		shift: my,
		scope: `editor search-panel`,
		preventDefault: !0
	},
	{
		key: `Mod-g`,
		run: py,
		shift: my,
		scope: `editor search-panel`,
		preventDefault: !0
	},
	{
		key: `Escape`,
		run: wy,
		scope: `editor search-panel`
	},
	{
		key: `Mod-Shift-l`,
		run: gy
	},
	{
		key: `Mod-Alt-g`,
		run: Nv
	},
	{
		key: `Mod-d`,
		run: Gv,
		preventDefault: !0
	}
], Ey = class {
	constructor(e) {
		this.view = e;
		let t = this.query = e.state.field(sy).query.spec;
		this.commit = this.commit.bind(this), this.searchField = R(`input`, {
			value: t.search,
			placeholder: Dy(e, `Find`),
			"aria-label": Dy(e, `Find`),
			class: `cm-textfield`,
			name: `search`,
			form: ``,
			"main-field": `true`,
			onchange: this.commit,
			onkeyup: this.commit
		}), this.replaceField = R(`input`, {
			value: t.replace,
			placeholder: Dy(e, `Replace`),
			"aria-label": Dy(e, `Replace`),
			class: `cm-textfield`,
			name: `replace`,
			form: ``,
			onchange: this.commit,
			onkeyup: this.commit
		}), this.caseField = R(`input`, {
			type: `checkbox`,
			name: `case`,
			form: ``,
			checked: t.caseSensitive,
			onchange: this.commit
		}), this.reField = R(`input`, {
			type: `checkbox`,
			name: `re`,
			form: ``,
			checked: t.regexp,
			onchange: this.commit
		}), this.wordField = R(`input`, {
			type: `checkbox`,
			name: `word`,
			form: ``,
			checked: t.wholeWord,
			onchange: this.commit
		});
		function n(e, t, n) {
			return R(`button`, {
				class: `cm-button`,
				name: e,
				onclick: t,
				type: `button`
			}, n);
		}
		this.dom = R(`div`, {
			onkeydown: (e) => this.keydown(e),
			class: `cm-search`
		}, [
			this.searchField,
			n(`next`, () => py(e), [Dy(e, `next`)]),
			n(`prev`, () => my(e), [Dy(e, `previous`)]),
			n(`select`, () => hy(e), [Dy(e, `all`)]),
			R(`label`, null, [this.caseField, Dy(e, `match case`)]),
			R(`label`, null, [this.reField, Dy(e, `regexp`)]),
			R(`label`, null, [this.wordField, Dy(e, `by word`)]),
			...e.state.readOnly ? [] : [
				R(`br`),
				this.replaceField,
				n(`replace`, () => _y(e), [Dy(e, `replace`)]),
				n(`replaceAll`, () => vy(e), [Dy(e, `replace all`)])
			],
			R(`button`, {
				name: `close`,
				onclick: () => wy(e),
				"aria-label": Dy(e, `close`),
				type: `button`
			}, [`×`])
		]);
	}
	commit() {
		let e = new qv({
			search: this.searchField.value,
			caseSensitive: this.caseField.checked,
			regexp: this.reField.checked,
			wholeWord: this.wordField.checked,
			replace: this.replaceField.value
		});
		e.eq(this.query) || (this.query = e, this.view.dispatch({ effects: ay.of(e) }));
	}
	keydown(e) {
		iu(this.view, e, `search-panel`) ? e.preventDefault() : e.keyCode == 13 && e.target == this.searchField ? (e.preventDefault(), (e.shiftKey ? my : py)(this.view)) : e.keyCode == 13 && e.target == this.replaceField && (e.preventDefault(), _y(this.view));
	}
	update(e) {
		for (let t of e.transactions) for (let e of t.effects) e.is(ay) && !e.value.eq(this.query) && this.setQuery(e.value);
	}
	setQuery(e) {
		this.query = e, this.searchField.value = e.search, this.replaceField.value = e.replace, this.caseField.checked = e.caseSensitive, this.reField.checked = e.regexp, this.wordField.checked = e.wholeWord;
	}
	mount() {
		this.searchField.select();
	}
	get pos() {
		return 80;
	}
	get top() {
		return this.view.state.facet(Kv).top;
	}
};
function Dy(e, t) {
	return e.state.phrase(t);
}
var Oy = 30, ky = /[\s\.,:;?!]/;
function Ay(e, { from: t, to: n }) {
	let r = e.state.doc.lineAt(t), i = e.state.doc.lineAt(n).to, a = Math.max(r.from, t - Oy), o = Math.min(i, n + Oy), s = e.state.sliceDoc(a, o);
	if (a != r.from) {
		for (let e = 0; e < Oy; e++) if (!ky.test(s[e + 1]) && ky.test(s[e])) {
			s = s.slice(e);
			break;
		}
	}
	if (o != i) {
		for (let e = s.length - 1; e > s.length - Oy; e--) if (!ky.test(s[e - 1]) && ky.test(s[e])) {
			s = s.slice(0, e);
			break;
		}
	}
	return X.announce.of(`${e.state.phrase(`current match`)}. ${s} ${e.state.phrase(`on line`)} ${r.number}.`);
}
var jy = X.baseTheme({
	".cm-panel.cm-search": {
		padding: `2px 6px 4px`,
		position: `relative`,
		"& [name=close]": {
			position: `absolute`,
			top: `0`,
			right: `4px`,
			backgroundColor: `inherit`,
			border: `none`,
			font: `inherit`,
			padding: 0,
			margin: 0
		},
		"& input, & button, & label": { margin: `.2em .6em .2em 0` },
		"& input[type=checkbox]": { marginRight: `.2em` },
		"& label": {
			fontSize: `80%`,
			whiteSpace: `pre`
		}
	},
	"&light .cm-searchMatch": { backgroundColor: `#ffff0054` },
	"&dark .cm-searchMatch": { backgroundColor: `#00ffff8a` },
	"&light .cm-searchMatch-selected": { backgroundColor: `#ff6a0054` },
	"&dark .cm-searchMatch-selected": { backgroundColor: `#ff00ff8a` }
}), My = [
	sy,
	Ur.low(dy),
	jy
], Ny = class {
	constructor(e, t, n) {
		this.from = e, this.to = t, this.diagnostic = n;
	}
}, Py = class e {
	constructor(e, t, n) {
		this.diagnostics = e, this.panel = t, this.selected = n;
	}
	static init(t, n, r) {
		let i = r.facet(Jy).markerFilter;
		i && (t = i(t, r));
		let a = t.slice().sort((e, t) => e.from - t.from || e.to - t.to), o = new Di(), s = [], c = 0, l = r.doc.iter(), u = 0, d = r.doc.length;
		for (let e = 0;;) {
			let t = e == a.length ? null : a[e];
			if (!t && !s.length) break;
			let n, r;
			if (s.length) n = c, r = s.reduce((e, t) => Math.min(e, t.to), t && t.from > n ? t.from : 1e8);
			else {
				if (n = t.from, n > d) break;
				r = t.to, s.push(t), e++;
			}
			for (; e < a.length;) {
				let t = a[e];
				if (t.from == n && (t.to > t.from || t.to == n)) s.push(t), e++, r = Math.min(t.to, r);
				else {
					r = Math.min(t.from, r);
					break;
				}
			}
			r = Math.min(r, d);
			let i = !1;
			if (s.some((e) => e.from == n && (e.to == r || r == d)) && (i = n == r, !i && r - n < 10)) {
				let e = n - (u + l.value.length);
				e > 0 && (l.next(e), u = n);
				for (let e = n;;) {
					if (e >= r) {
						i = !0;
						break;
					}
					if (!l.lineBreak && u + l.value.length > e) break;
					e = u + l.value.length, u += l.value.length, l.next();
				}
			}
			let f = ab(s);
			if (i) o.add(n, n, H.widget({
				widget: new Qy(f),
				diagnostics: s.slice()
			}));
			else {
				let e = s.reduce((e, t) => t.markClass ? e + ` ` + t.markClass : e, ``);
				o.add(n, r, H.mark({
					class: `cm-lintRange cm-lintRange-` + f + e,
					diagnostics: s.slice(),
					inclusiveEnd: s.some((e) => e.to > r)
				}));
			}
			if (c = r, c == d) break;
			for (let e = 0; e < s.length; e++) s[e].to <= c && s.splice(e--, 1);
		}
		let f = o.finish();
		return new e(f, n, Fy(f));
	}
};
function Fy(e, t = null, n = 0) {
	let r = null;
	return e.between(n, 1e9, (e, n, { spec: i }) => {
		if (!(t && i.diagnostics.indexOf(t) < 0)) {
			if (!r) r = new Ny(e, n, t || i.diagnostics[0]);
			else if (i.diagnostics.indexOf(r.diagnostic) < 0) return !1;
			else r = new Ny(r.from, n, r.diagnostic);
		}
	}), r;
}
function Iy(e, t) {
	let n = t.pos, r = t.end || n, i = e.state.facet(Jy).hideOn(e, n, r);
	if (i != null) return i;
	let a = e.startState.doc.lineAt(t.pos);
	return !!(e.effects.some((e) => e.is(Ry)) || e.changes.touchesRange(a.from, Math.max(a.to, r)));
}
function Ly(e, t) {
	return e.field(Vy, !1) ? t : t.concat(M.appendConfig.of(sb));
}
var Ry = M.define(), zy = M.define(), By = M.define(), Vy = j.define({
	create() {
		return new Py(H.none, null, null);
	},
	update(e, t) {
		if (t.docChanged && e.diagnostics.size) {
			let n = e.diagnostics.map(t.changes), r = null, i = e.panel;
			if (e.selected) {
				let i = t.changes.mapPos(e.selected.from, 1);
				r = Fy(n, e.selected.diagnostic, i) || Fy(n, null, i);
			}
			!n.size && i && t.state.facet(Jy).autoPanel && (i = null), e = new Py(n, i, r);
		}
		for (let n of t.effects) if (n.is(Ry)) {
			let r = t.state.facet(Jy).autoPanel ? n.value.length ? eb.open : null : e.panel;
			e = Py.init(n.value, r, t.state);
		} else n.is(zy) ? e = new Py(e.diagnostics, n.value ? eb.open : null, e.selected) : n.is(By) && (e = new Py(e.diagnostics, e.panel, n.value));
		return e;
	},
	provide: (e) => [Nd.from(e, (e) => e.panel), X.decorations.from(e, (e) => e.diagnostics)]
}), Hy = H.mark({ class: `cm-lintRange cm-lintRange-active` });
function Uy(e, t, n) {
	let { diagnostics: r } = e.state.field(Vy), i, a = -1, o = -1;
	r.between(t - +(n < 0), t + +(n > 0), (e, r, { spec: s }) => {
		if (t >= e && t <= r && (e == r || (t > e || n > 0) && (t < r || n < 0))) return i = s.diagnostics, a = e, o = r, !1;
	});
	let s = e.state.facet(Jy).tooltipFilter;
	return i && s && (i = s(i, e.state)), i ? {
		pos: a,
		end: o,
		above: !0,
		create() {
			return { dom: Wy(e, i) };
		}
	} : null;
}
function Wy(e, t) {
	return R(`ul`, { class: `cm-tooltip-lint` }, t.map((t) => Zy(e, t, !1)));
}
var Gy = (e) => {
	let t = e.state.field(Vy, !1);
	t && t.panel || e.dispatch({ effects: Ly(e.state, [zy.of(!0)]) });
	let n = kd(e, eb.open);
	return n && n.dom.querySelector(`.cm-panel-lint ul`).focus(), !0;
}, Ky = (e) => {
	let t = e.state.field(Vy, !1);
	return !t || !t.panel ? !1 : (e.dispatch({ effects: zy.of(!1) }), !0);
}, qy = [{
	key: `Mod-Shift-m`,
	run: Gy,
	preventDefault: !0
}, {
	key: `F8`,
	run: (e) => {
		let t = e.state.field(Vy, !1);
		if (!t) return !1;
		let n = e.state.selection.main, r = Fy(t.diagnostics, null, n.to + 1);
		return !r && (r = Fy(t.diagnostics, null, 0), !r || r.from == n.from && r.to == n.to) ? !1 : (e.dispatch({
			selection: {
				anchor: r.from,
				head: r.to
			},
			scrollIntoView: !0
		}), Td(e, r.from, 1, {
			tooltip: ob,
			until: (e) => e.docChanged || e.newSelection.main.head < r.from || e.newSelection.main.head > r.to
		}), !0);
	}
}], Jy = A.define({ combine(e) {
	return {
		sources: e.map((e) => e.source).filter((e) => e != null),
		...yi(e.map((e) => e.config), {
			delay: 750,
			markerFilter: null,
			tooltipFilter: null,
			needsRefresh: null,
			hideOn: () => null
		}, {
			delay: Math.max,
			markerFilter: Yy,
			tooltipFilter: Yy,
			needsRefresh: (e, t) => e ? t ? (n) => e(n) || t(n) : e : t,
			hideOn: (e, t) => e ? t ? (n, r, i) => e(n, r, i) || t(n, r, i) : e : t,
			autoPanel: (e, t) => e || t
		})
	};
} });
function Yy(e, t) {
	return e ? t ? (n, r) => t(e(n, r), r) : e : t;
}
function Xy(e) {
	let t = [];
	if (e) actions: for (let { name: n } of e) {
		for (let e = 0; e < n.length; e++) {
			let r = n[e];
			if (/[a-zA-Z]/.test(r) && !t.some((e) => e.toLowerCase() == r.toLowerCase())) {
				t.push(r);
				continue actions;
			}
		}
		t.push(``);
	}
	return t;
}
function Zy(e, t, n) {
	let r = n ? Xy(t.actions) : [];
	return R(`li`, { class: `cm-diagnostic cm-diagnostic-` + t.severity }, R(`span`, { class: `cm-diagnosticText` }, t.renderMessage ? t.renderMessage(e) : t.message), t.actions?.map((n, i) => {
		let a = 0, o = (r) => {
			if (r.preventDefault(), a > Date.now() - 100) return;
			let i = Fy(e.state.field(Vy).diagnostics, t);
			i && n.apply(e, i.from, i.to), a = Date.now();
		}, { name: s } = n, c = r[i] ? s.indexOf(r[i]) : -1, l = c < 0 ? s : [
			s.slice(0, c),
			R(`u`, s.slice(c, c + 1)),
			s.slice(c + 1)
		];
		return R(`button`, {
			type: `button`,
			class: `cm-diagnosticAction` + (n.markClass ? ` ` + n.markClass : ``),
			onclick: o,
			onmousedown: o,
			"aria-label": ` Action: ${s}${c < 0 ? `` : ` (access key "${r[i]})"`}.`
		}, l);
	}), t.source && R(`div`, { class: `cm-diagnosticSource` }, t.source));
}
var Qy = class extends _a {
	constructor(e) {
		super(), this.sev = e;
	}
	eq(e) {
		return e.sev == this.sev;
	}
	toDOM() {
		return R(`span`, { class: `cm-lintPoint cm-lintPoint-` + this.sev });
	}
}, $y = class {
	constructor(e, t) {
		this.diagnostic = t, this.id = `item_` + Math.floor(Math.random() * 4294967295).toString(16), this.dom = Zy(e, t, !0), this.dom.id = this.id, this.dom.setAttribute(`role`, `option`);
	}
}, eb = class e {
	constructor(e) {
		this.view = e, this.items = [];
		let t = (t) => {
			if (!(t.ctrlKey || t.altKey || t.metaKey)) {
				if (t.keyCode == 27) Ky(this.view), this.view.focus();
				else if (t.keyCode == 38 || t.keyCode == 33) this.moveSelection((this.selectedIndex - 1 + this.items.length) % this.items.length);
				else if (t.keyCode == 40 || t.keyCode == 34) this.moveSelection((this.selectedIndex + 1) % this.items.length);
				else if (t.keyCode == 36) this.moveSelection(0);
				else if (t.keyCode == 35) this.moveSelection(this.items.length - 1);
				else if (t.keyCode == 13) this.view.focus();
				else if (t.keyCode >= 65 && t.keyCode <= 90 && this.selectedIndex >= 0) {
					let { diagnostic: n } = this.items[this.selectedIndex], r = Xy(n.actions);
					for (let i = 0; i < r.length; i++) if (r[i].toUpperCase().charCodeAt(0) == t.keyCode) {
						let t = Fy(this.view.state.field(Vy).diagnostics, n);
						t && n.actions[i].apply(e, t.from, t.to);
					}
				} else return;
				t.preventDefault();
			}
		}, n = (e) => {
			for (let t = 0; t < this.items.length; t++) this.items[t].dom.contains(e.target) && this.moveSelection(t);
		};
		this.list = R(`ul`, {
			tabIndex: 0,
			role: `listbox`,
			"aria-label": this.view.state.phrase(`Diagnostics`),
			onkeydown: t,
			onclick: n
		}), this.dom = R(`div`, { class: `cm-panel-lint` }, this.list, R(`button`, {
			type: `button`,
			name: `close`,
			"aria-label": this.view.state.phrase(`close`),
			onclick: () => Ky(this.view)
		}, `×`)), this.update();
	}
	get selectedIndex() {
		let e = this.view.state.field(Vy).selected;
		if (!e) return -1;
		for (let t = 0; t < this.items.length; t++) if (this.items[t].diagnostic == e.diagnostic) return t;
		return -1;
	}
	update() {
		let { diagnostics: e, selected: t } = this.view.state.field(Vy), n = 0, r = !1, i = null, a = /* @__PURE__ */ new Set();
		for (e.between(0, this.view.state.doc.length, (e, o, { spec: s }) => {
			for (let e of s.diagnostics) {
				if (a.has(e)) continue;
				a.add(e);
				let o = -1, s;
				for (let t = n; t < this.items.length; t++) if (this.items[t].diagnostic == e) {
					o = t;
					break;
				}
				o < 0 ? (s = new $y(this.view, e), this.items.splice(n, 0, s), r = !0) : (s = this.items[o], o > n && (this.items.splice(n, o - n), r = !0)), t && s.diagnostic == t.diagnostic ? s.dom.hasAttribute(`aria-selected`) || (s.dom.setAttribute(`aria-selected`, `true`), i = s) : s.dom.hasAttribute(`aria-selected`) && s.dom.removeAttribute(`aria-selected`), n++;
			}
		}); n < this.items.length && !(this.items.length == 1 && this.items[0].diagnostic.from < 0);) r = !0, this.items.pop();
		this.items.length == 0 && (this.items.push(new $y(this.view, {
			from: -1,
			to: -1,
			severity: `info`,
			message: this.view.state.phrase(`No diagnostics`)
		})), r = !0), i ? (this.list.setAttribute(`aria-activedescendant`, i.id), this.view.requestMeasure({
			key: this,
			read: () => ({
				sel: i.dom.getBoundingClientRect(),
				panel: this.list.getBoundingClientRect()
			}),
			write: ({ sel: e, panel: t }) => {
				let n = t.height / this.list.offsetHeight;
				e.top < t.top ? this.list.scrollTop -= (t.top - e.top) / n : e.bottom > t.bottom && (this.list.scrollTop += (e.bottom - t.bottom) / n);
			}
		})) : this.selectedIndex < 0 && this.list.removeAttribute(`aria-activedescendant`), r && this.sync();
	}
	sync() {
		let e = this.list.firstChild;
		function t() {
			let t = e;
			e = t.nextSibling, t.remove();
		}
		for (let n of this.items) if (n.dom.parentNode == this.list) {
			for (; e != n.dom;) t();
			e = n.dom.nextSibling;
		} else this.list.insertBefore(n.dom, e);
		for (; e;) t();
	}
	moveSelection(e) {
		if (this.selectedIndex < 0) return;
		let t = Fy(this.view.state.field(Vy).diagnostics, this.items[e].diagnostic);
		t && this.view.dispatch({
			selection: {
				anchor: t.from,
				head: t.to
			},
			scrollIntoView: !0,
			effects: By.of(t)
		});
	}
	static open(t) {
		return new e(t);
	}
};
function tb(e, t = `viewBox="0 0 40 40"`) {
	return `url('data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" ${t}>${encodeURIComponent(e)}</svg>')`;
}
function nb(e) {
	return tb(`<path d="m0 2.5 l2 -1.5 l1 0 l2 1.5 l1 0" stroke="${e}" fill="none" stroke-width=".7"/>`, `width="6" height="3"`);
}
var rb = X.baseTheme({
	".cm-diagnostic": {
		padding: `3px 6px 3px 8px`,
		marginLeft: `-1px`,
		display: `block`,
		whiteSpace: `pre-wrap`
	},
	".cm-diagnostic-error": { borderLeft: `5px solid #d11` },
	".cm-diagnostic-warning": { borderLeft: `5px solid orange` },
	".cm-diagnostic-info": { borderLeft: `5px solid #999` },
	".cm-diagnostic-hint": { borderLeft: `5px solid #66d` },
	".cm-diagnosticAction": {
		font: `inherit`,
		border: `none`,
		padding: `2px 4px`,
		backgroundColor: `#444`,
		color: `white`,
		borderRadius: `3px`,
		marginLeft: `8px`,
		cursor: `pointer`
	},
	".cm-diagnosticSource": {
		fontSize: `70%`,
		opacity: .7
	},
	".cm-lintRange": {
		backgroundPosition: `left bottom`,
		backgroundRepeat: `repeat-x`,
		paddingBottom: `0.7px`
	},
	".cm-lintRange-error": { backgroundImage: nb(`#f11`) },
	".cm-lintRange-warning": { backgroundImage: nb(`orange`) },
	".cm-lintRange-info": { backgroundImage: nb(`#999`) },
	".cm-lintRange-hint": { backgroundImage: nb(`#66d`) },
	".cm-lintRange-active": { backgroundColor: `#ffdd9980` },
	".cm-tooltip-lint": {
		padding: 0,
		margin: 0
	},
	".cm-lintPoint": {
		position: `relative`,
		"&:after": {
			content: `""`,
			position: `absolute`,
			bottom: 0,
			left: `-2px`,
			borderLeft: `3px solid transparent`,
			borderRight: `3px solid transparent`,
			borderBottom: `4px solid #d11`
		}
	},
	".cm-lintPoint-warning": { "&:after": { borderBottomColor: `orange` } },
	".cm-lintPoint-info": { "&:after": { borderBottomColor: `#999` } },
	".cm-lintPoint-hint": { "&:after": { borderBottomColor: `#66d` } },
	".cm-panel.cm-panel-lint": {
		position: `relative`,
		"& ul": {
			maxHeight: `100px`,
			overflowY: `auto`,
			"& [aria-selected]": {
				backgroundColor: `#ddd`,
				"& u": { textDecoration: `underline` }
			},
			"&:focus [aria-selected]": {
				background_fallback: `#bdf`,
				backgroundColor: `Highlight`,
				color_fallback: `white`,
				color: `HighlightText`
			},
			"& u": { textDecoration: `none` },
			padding: 0,
			margin: 0
		},
		"& [name=close]": {
			position: `absolute`,
			top: `0`,
			right: `2px`,
			background: `inherit`,
			border: `none`,
			font: `inherit`,
			padding: 0,
			margin: 0
		}
	},
	"&dark .cm-lintRange-active": { backgroundColor: `#86714a80` },
	"&dark .cm-panel.cm-panel-lint ul": { "& [aria-selected]": { backgroundColor: `#2e343e` } }
});
function ib(e) {
	return e == `error` ? 4 : e == `warning` ? 3 : e == `info` ? 2 : 1;
}
function ab(e) {
	let t = `hint`, n = 1;
	for (let r of e) {
		let e = ib(r.severity);
		e > n && (n = e, t = r.severity);
	}
	return t;
}
var ob = wd(Uy, { hideOn: Iy }), sb = [
	Vy,
	X.decorations.compute([Vy], (e) => {
		let { selected: t, panel: n } = e.field(Vy);
		return !t || !n || t.from == t.to ? H.none : H.set([Hy.range(t.from, t.to)]);
	}),
	ob,
	rb
], cb = [
	cf(),
	ff(),
	Bu(),
	gg(),
	xp(),
	bu(),
	Au(),
	F.allowMultipleSelections.of(!0),
	qf(),
	Dp(Ap, { fallback: !0 }),
	Bp(),
	yh(),
	Ih(),
	td(),
	id(),
	qu(),
	Iv(),
	tu.of([
		...Th,
		...Sv,
		...Ty,
		...Fg,
		...fp,
		...Lh,
		...qy
	])
];
export { X as a, Dp as i, $h as n, F as o, Cp as r, C as s, cb as t };
